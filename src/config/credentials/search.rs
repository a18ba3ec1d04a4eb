//! Where keys are looked for, and in which order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{
    CredentialKind, CredentialsError, FoundCredentials, KeyPair, KeyPlace, METADATA_VARIABLE,
    Searched, SourceName, SourceNames, files, variables,
};
use crate::sign::Secret;

/// Its value that turns asking off.
pub(super) const METADATA_OFF: &str = "off";

/// What a search goes by.
pub(super) struct KeySearch<'a> {
    environment: &'a BTreeMap<String, String>,
    dotenv: Option<(&'a Path, &'a BTreeMap<String, String>)>,
    profile: Option<&'a str>,
}

impl<'a> KeySearch<'a> {
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
    fn places(&self) -> Vec<KeyPlace> {
        let profile = self.named().unwrap_or("default");
        let tccli_profile = self.named().or_else(|| self.variable("TCCLI_PROFILE"));
        let tccli_profile = tccli_profile.unwrap_or("default");
        let mut places = Vec::new();
        if self.profile.is_none() {
            places.push(KeyPlace::Environment);
            places.extend(self.dotenv.map(|(file, _)| KeyPlace::DotEnv(file.to_owned())));
        }
        let home = self.environment.get("HOME").or_else(|| self.environment.get("USERPROFILE"));
        let home = home.filter(|home| !home.is_empty()).map(Path::new);
        let sdk = |file: PathBuf| KeyPlace::Sdk { file, profile: profile.to_owned() };
        if let Some(home) = home {
            places.push(KeyPlace::Sls {
                file: home.join(".serverless-tencent").join("credentials"),
                profile: profile.to_owned(),
            });
            // A profile is a file's name there, so it has no separators.
            if !tccli_profile.contains(['/', '\\']) {
                places.push(KeyPlace::Tccli {
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
            places.push(KeyPlace::Cluster);
            if self.environment.get(METADATA_VARIABLE).is_none_or(|value| value != METADATA_OFF) {
                places.push(KeyPlace::Machine);
            }
        }
        places
    }

    /// What a place holds.
    fn look(&self, place: &KeyPlace) -> Result<Option<FoundCredentials>, CredentialsError> {
        match place {
            KeyPlace::Environment => variables::in_environment(self.environment, self.dotenv),
            KeyPlace::DotEnv(_) => match self.dotenv {
                Some((file, values)) => variables::in_dotenv(file, values),
                None => Ok(None),
            },
            KeyPlace::Tccli { file, .. } => {
                let found = files::tccli(file, place)?;
                // `tccli` reads these over what its file says, unless the profile is named.
                match (found, self.profile) {
                    (Some(found), None) => variables::with_role(found, self.environment).map(Some),
                    (found, _) => Ok(found),
                }
            }
            KeyPlace::Sls { file, profile } => files::sls(file, profile, place),
            KeyPlace::Sdk { file, profile } => files::sdk(file, profile, place),
            KeyPlace::Cluster => Ok(variables::cluster(self.environment)),
            // Named by the cluster, and read when the first call needs it.
            KeyPlace::TokenFile(_) => Ok(None),
            KeyPlace::Machine => Ok(Some(FoundCredentials {
                kind: CredentialKind::Machine,
                source: SourceNames {
                    role: Some("instance metadata".to_owned()),
                    ..SourceNames::of(SourceName::One(place.clone()))
                },
                place: KeyPlace::Machine,
            })),
        }
    }

    /// Says that a profile is not there when the user named one and this was the last place
    /// where it could have been.
    fn missed(&self, places: &[KeyPlace], number: usize) -> Result<(), CredentialsError> {
        let is_profile = |place: &KeyPlace| {
            matches!(place, KeyPlace::Sls { .. } | KeyPlace::Tccli { .. } | KeyPlace::Sdk { .. })
        };
        let error = |profile: &str, places: Vec<KeyPlace>| {
            Err(CredentialsError::NoProfile { profile: profile.to_owned(), places })
        };
        if let Some(profile) = self.named() {
            if is_profile(&places[number]) && !places[number + 1..].iter().any(is_profile) {
                let places = places.iter().filter(|place| is_profile(place));
                return error(profile, places.cloned().collect());
            }
        } else if let (KeyPlace::Tccli { profile, .. }, Some(_)) =
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
) -> Result<FoundCredentials, CredentialsError> {
    let search = KeySearch { environment, dotenv, profile };
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
) -> Vec<KeyPlace> {
    KeySearch { environment, dotenv, profile }.places()
}

impl FoundCredentials {
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
        self.place == KeyPlace::Machine
    }

    /// Reads keys once more from the file they are from, where another program may have
    /// renewed them; `None` where they are not from a file.
    ///
    /// # Errors
    /// See [`CredentialsError`].
    #[must_use]
    pub fn again(&self) -> Option<Result<KeyPair, CredentialsError>> {
        let place = &self.place;
        let found = match place {
            KeyPlace::Environment
            | KeyPlace::Cluster
            | KeyPlace::TokenFile(_)
            | KeyPlace::Machine => {
                return None;
            }
            KeyPlace::DotEnv(file) => files::dotenv(file),
            KeyPlace::Sls { file, profile } => files::sls(file, profile, place),
            KeyPlace::Tccli { file, .. } => files::tccli(file, place),
            KeyPlace::Sdk { file, profile } => files::sdk(file, profile, place),
        };
        Some(match found {
            Ok(Some(FoundCredentials { kind: CredentialKind::Keys(keys), .. })) => Ok(keys),
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
            KeyPlace::Tccli { file, .. } => files::tccli_region(&file.with_extension("configure")),
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
