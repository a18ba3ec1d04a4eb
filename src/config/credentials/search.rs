//! Where keys are looked for, and in which order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{
    CredentialKind, CredentialsError, Found, Keys, METADATA_VARIABLE, Place, Searched, Source,
    SourceName, files, variables,
};
use crate::sign::Secret;

/// Its value that turns asking off.
pub(super) const METADATA_OFF: &str = "off";

/// What a search goes by.
pub(super) struct Search<'a> {
    environment: &'a BTreeMap<String, String>,
    dotenv: Option<(&'a Path, &'a BTreeMap<String, String>)>,
    profile: Option<&'a str>,
}

impl<'a> Search<'a> {
    /// A variable of the process or of `.env`; empty counts as missing.
    fn variable(&self, name: &str) -> Option<&'a str> {
        let from_file = || self.dotenv.and_then(|(_, values)| values.get(name));
        let value = self.environment.get(name).or_else(from_file)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// The profile that is named for every tool.
    fn named(&self) -> Option<&'a str> {
        self.profile.or_else(|| self.variable("TENCENT_CREDENTIALS_PROFILE"))
    }

    /// Everywhere that is looked, in order. A named profile (`--profile`) is the user's word
    /// and wins over variables that happen to be set, as in `tccli`; `sls` does the opposite.
    fn places(&self) -> Vec<Place> {
        let profile = self.named().unwrap_or("default");
        let tccli_profile = self.named().or_else(|| self.variable("TCCLI_PROFILE"));
        let tccli_profile = tccli_profile.unwrap_or("default");
        let mut places = Vec::new();
        if self.profile.is_none() {
            places.push(Place::Environment);
            places.extend(self.dotenv.map(|(file, _)| Place::DotEnv(file.to_owned())));
        }
        let home = self.environment.get("HOME").or_else(|| self.environment.get("USERPROFILE"));
        let home = home.filter(|home| !home.is_empty()).map(Path::new);
        let sdk = |file: PathBuf| Place::Sdk { file, profile: profile.to_owned() };
        if let Some(home) = home {
            places.push(Place::Sls {
                file: home.join(".serverless-tencent").join("credentials"),
                profile: profile.to_owned(),
            });
            // A profile is a file's name there, so it has no separators.
            if !tccli_profile.contains(['/', '\\']) {
                places.push(Place::Tccli {
                    file: home.join(".tccli").join(format!("{tccli_profile}.credential")),
                    profile: tccli_profile.to_owned(),
                });
            }
        }
        if let Some(file) = self.variable("TENCENTCLOUD_CREDENTIALS_FILE") {
            places.push(sdk(file.into()));
        } else {
            places.extend(home.map(|home| sdk(home.join(".tencentcloud").join("credentials"))));
            places.push(sdk("/etc/tencentcloud/credentials".into()));
        }
        if self.profile.is_none() {
            places.push(Place::Cluster);
            if self.environment.get(METADATA_VARIABLE).is_none_or(|value| value != METADATA_OFF) {
                places.push(Place::Machine);
            }
        }
        places
    }

    /// What a place holds.
    fn look(&self, place: &Place) -> Result<Option<Found>, CredentialsError> {
        match place {
            Place::Environment => variables::in_environment(self.environment, self.dotenv),
            Place::DotEnv(_) => match self.dotenv {
                Some((file, values)) => variables::in_dotenv(file, values),
                None => Ok(None),
            },
            Place::Tccli { file, .. } => {
                let found = files::tccli(file, place)?;
                // `tccli` reads these over what its file says, unless the profile is named.
                match (found, self.profile) {
                    (Some(found), None) => variables::with_role(found, self.environment).map(Some),
                    (found, _) => Ok(found),
                }
            }
            Place::Sls { file, profile } => files::sls(file, profile, place),
            Place::Sdk { file, profile } => files::sdk(file, profile, place),
            Place::Cluster => Ok(variables::cluster(self.environment)),
            // Named by the cluster, and read when the first call needs it.
            Place::TokenFile(_) => Ok(None),
            Place::Machine => Ok(Some(Found {
                kind: CredentialKind::Machine,
                source: Source {
                    role: Some("instance metadata".to_owned()),
                    ..Source::of(SourceName::One(place.clone()))
                },
                place: Place::Machine,
            })),
        }
    }

    /// Says that a profile is not there when the user named one and this was the last place
    /// where it could have been.
    fn missed(&self, places: &[Place], number: usize) -> Result<(), CredentialsError> {
        let is_profile = |place: &Place| {
            matches!(place, Place::Sls { .. } | Place::Tccli { .. } | Place::Sdk { .. })
        };
        let error = |profile: &str, places: Vec<Place>| {
            Err(CredentialsError::NoProfile { profile: profile.to_owned(), places })
        };
        if let Some(profile) = self.named() {
            if is_profile(&places[number]) && !places[number + 1..].iter().any(is_profile) {
                let places = places.iter().filter(|place| is_profile(place));
                return error(profile, places.cloned().collect());
            }
        } else if let (Place::Tccli { profile, .. }, Some(_)) =
            (&places[number], self.variable("TCCLI_PROFILE"))
        {
            return error(profile, vec![places[number].clone()]);
        }
        Ok(())
    }
}

/// Finds keys, or how to get them: the first place that holds something.
///
/// The order is that of the credentials reference ("A sensible order for a new tool"):
/// process environment (`TENCENT_*`, then `TENCENTCLOUD_*`), `.env`, the chosen profile in the
/// files of `sls`, `tccli` and the SDKs, TKE variables, the role of the machine. With
/// `--profile` only the files count.
///
/// # Errors
/// See [`CredentialsError`].
pub fn find(
    environment: &BTreeMap<String, String>,
    dotenv: Option<(&Path, &BTreeMap<String, String>)>,
    profile: Option<&str>,
) -> Result<Found, CredentialsError> {
    let search = Search { environment, dotenv, profile };
    let places = search.places();
    for (number, place) in places.iter().enumerate() {
        if let Some(found) = search.look(place)? {
            return Ok(found);
        }
        search.missed(&places, number)?;
    }
    Err(CredentialsError::Missing { places: places.into_iter().map(Searched::from).collect() })
}

/// The places that [`find`] goes through, in order.
#[must_use]
pub fn places(
    environment: &BTreeMap<String, String>,
    dotenv: Option<(&Path, &BTreeMap<String, String>)>,
    profile: Option<&str>,
) -> Vec<Place> {
    Search { environment, dotenv, profile }.places()
}

impl Found {
    /// The secrets in it, to be masked.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let credentials = match &self.kind {
            CredentialKind::Keys(keys) => Some(&keys.credentials),
            CredentialKind::Role { base, .. } => Some(base),
            CredentialKind::WebIdentity { .. } | CredentialKind::Machine => None,
        };
        credentials
            .into_iter()
            .flat_map(|found| [Some(&found.id), Some(&found.key), found.token.as_ref()])
            .flatten()
    }

    /// Whether nothing was found and the machine's role is all that is left to try.
    #[must_use]
    pub fn is_last_resort(&self) -> bool {
        self.place == Place::Machine
    }

    /// Reads keys once more from the file they are from, where another program may have
    /// renewed them; `None` where they are not from a file.
    ///
    /// # Errors
    /// See [`CredentialsError`].
    #[must_use]
    pub fn again(&self) -> Option<Result<Keys, CredentialsError>> {
        let place = &self.place;
        let found = match place {
            Place::Environment | Place::Cluster | Place::TokenFile(_) | Place::Machine => {
                return None;
            }
            Place::DotEnv(file) => files::dotenv(file),
            Place::Sls { file, profile } => files::sls(file, profile, place),
            Place::Tccli { file, .. } => files::tccli(file, place),
            Place::Sdk { file, profile } => files::sdk(file, profile, place),
        };
        Some(match found {
            Ok(Some(Found { kind: CredentialKind::Keys(keys), .. })) => Ok(keys),
            Ok(_) => Err(CredentialsError::Missing { places: vec![place.clone().into()] }),
            Err(error) => Err(error),
        })
    }

    /// The region that the profile of `tccli` names, where the keys are from one.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub fn region(&self) -> Result<Option<String>, CredentialsError> {
        match &self.place {
            Place::Tccli { file, .. } => files::tccli_region(&file.with_extension("configure")),
            _ => Ok(None),
        }
    }
}

/// The token in the file of a web identity, as it is now.
///
/// # Errors
/// The file is not there, empty, or not readable.
pub fn web_identity_token(file: &Path) -> Result<Secret, CredentialsError> {
    files::token(file)
}
