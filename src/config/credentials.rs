//! Where the key pair comes from.
//!
//! Id, key and token are one unit: a token of one family with a key of another is refused by
//! the service (credentials reference), so families are never mixed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::text_file;
use crate::sign::{Credentials, Secret};

/// Bytes of a credentials file.
const FILE_LIMIT: u64 = 1_000_000;

/// Names of one family of variables.
struct Family {
    id: &'static str,
    key: &'static str,
    tokens: &'static [&'static str],
}

const FAMILIES: [Family; 3] = [
    Family { id: "TENCENT_SECRET_ID", key: "TENCENT_SECRET_KEY", tokens: &["TENCENT_TOKEN"] },
    Family {
        id: "TENCENTCLOUD_SECRET_ID",
        key: "TENCENTCLOUD_SECRET_KEY",
        tokens: &[
            "TENCENTCLOUD_TOKEN",
            "TENCENTCLOUD_SESSION_TOKEN",
            "TENCENTCLOUD_SECURITY_TOKEN",
        ],
    },
    // Inside a function of the service itself.
    Family {
        id: "TENCENTCLOUD_SECRETID",
        key: "TENCENTCLOUD_SECRETKEY",
        tokens: &["TENCENTCLOUD_SESSIONTOKEN"],
    },
];

/// Values that must not be shown, used or not: those of every variable that can hold a part of
/// a key pair.
pub fn values(variables: &BTreeMap<String, String>) -> impl Iterator<Item = &str> {
    FAMILIES
        .iter()
        .flat_map(|family| [family.id, family.key].into_iter().chain(family.tokens.iter().copied()))
        .filter_map(|name| variables.get(name).map(String::as_str))
}

/// Where a key pair was found; never its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The place: `environment`, a `.env` file, a credentials file with its profile.
    pub source: String,
    /// The variable that holds the SecretId.
    #[serde(rename = "secretId")]
    pub id: String,
    /// The variable that holds the SecretKey.
    #[serde(rename = "secretKey")]
    pub key: String,
    /// The variable that holds the session token, for temporary credentials.
    pub token: Option<String>,
}

/// A key pair and where it is from.
#[derive(Debug, Clone)]
pub struct Found {
    /// The key pair.
    pub credentials: Credentials,
    /// Its place.
    pub source: Source,
}

/// Why there are no usable credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Nothing anywhere.
    #[error("no credentials found")]
    Missing,
    /// Half a pair.
    #[error("{source_name} has {present} but not {missing}")]
    Incomplete {
        /// The place.
        source_name: String,
        /// The variable that is there.
        present: String,
        /// The one that is not.
        missing: String,
    },
    /// A value that no header can carry, most often a blank or line break at its end.
    #[error("the value of {name} in {source_name} has blanks or control characters in it")]
    Malformed {
        /// The place.
        source_name: String,
        /// The variable.
        name: String,
    },
    /// `--profile` names a section that is not there.
    #[error("no profile `{profile}` in {}", file.display())]
    NoProfile {
        /// The profile.
        profile: String,
        /// The file.
        file: PathBuf,
    },
    /// The credentials file cannot be read.
    #[error("cannot read {}: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
}

/// A named list of variables.
struct Place<'a> {
    name: String,
    values: &'a BTreeMap<String, String>,
}

impl Place<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn token(&self, family: &Family) -> Option<(&'static str, &str)> {
        family.tokens.iter().find_map(|name| self.get(name).map(|value| (*name, value)))
    }
}

/// Finds the key pair.
///
/// An explicit `--profile` is the user's word and wins over variables that happen to be set
/// (as in `tccli`; `sls` does the opposite). Else the process environment, then the `.env`
/// file, then the `default` profile of `~/.serverless-tencent/credentials`.
///
/// # Errors
/// See [`CredentialsError`].
pub fn find(
    environment: &BTreeMap<String, String>,
    dotenv: Option<(&Path, &BTreeMap<String, String>)>,
    profile: Option<&str>,
) -> Result<Found, CredentialsError> {
    let home = environment.get("HOME").or_else(|| environment.get("USERPROFILE"));
    let file = home.map(|home| Path::new(home).join(".serverless-tencent").join("credentials"));
    if let Some(profile) = profile {
        let file = file.ok_or(CredentialsError::Missing)?;
        return from_profile(&file, profile)?
            .ok_or(CredentialsError::NoProfile { profile: profile.to_owned(), file });
    }
    let mut places = vec![Place { name: "environment".to_owned(), values: environment }];
    if let Some((path, values)) = dotenv {
        places.push(Place { name: path.display().to_string(), values });
    }
    for family in &FAMILIES {
        if let Some(found) = from_places(family, &places)? {
            return Ok(found);
        }
    }
    let named = environment.get("TENCENT_CREDENTIALS_PROFILE").filter(|name| !name.is_empty());
    if let Some(file) = file {
        let profile = named.map_or("default", String::as_str);
        match from_profile(&file, profile)? {
            Some(found) => return Ok(found),
            None if named.is_some() => {
                return Err(CredentialsError::NoProfile { profile: profile.to_owned(), file });
            }
            None => {}
        }
    }
    Err(CredentialsError::Missing)
}

/// The pair of one family: whole from one place, else each half from where it is, as `.env`
/// fills what the environment lacks.
fn from_places(family: &Family, places: &[Place<'_>]) -> Result<Option<Found>, CredentialsError> {
    for place in places {
        if let (Some(id), Some(key)) = (place.get(family.id), place.get(family.key)) {
            let token = place.token(family);
            return found(family, (place, id), (place, key), token.map(|token| (place, token)))
                .map(Some);
        }
    }
    let first = |name| places.iter().find_map(|place| place.get(name).map(|value| (place, value)));
    match (first(family.id), first(family.key)) {
        (None, None) => Ok(None),
        (Some(id), Some(key)) => {
            // The token belongs to the key that it was issued with.
            let token = key.0.token(family).map(|token| (key.0, token));
            found(family, id, key, token).map(Some)
        }
        (Some((place, _)), None) => Err(incomplete(place, family.id, family.key)),
        (None, Some((place, _))) => Err(incomplete(place, family.key, family.id)),
    }
}

fn incomplete(place: &Place<'_>, present: &str, missing: &str) -> CredentialsError {
    CredentialsError::Incomplete {
        source_name: place.name.clone(),
        present: present.to_owned(),
        missing: missing.to_owned(),
    }
}

fn found(
    family: &Family,
    id: (&Place<'_>, &str),
    key: (&Place<'_>, &str),
    token: Option<(&Place<'_>, (&'static str, &str))>,
) -> Result<Found, CredentialsError> {
    let checked = |(place, value): (&Place<'_>, &str), name: &str| {
        if value.chars().all(|character| character.is_ascii_graphic()) {
            Ok(Secret::new(value))
        } else {
            Err(CredentialsError::Malformed {
                source_name: place.name.clone(),
                name: name.to_owned(),
            })
        }
    };
    let source = if std::ptr::eq(id.0, key.0) {
        id.0.name.clone()
    } else {
        format!("{} and {}", id.0.name, key.0.name)
    };
    Ok(Found {
        credentials: Credentials {
            id: checked(id, family.id)?,
            key: checked(key, family.key)?,
            token: token.map(|(place, (name, value))| checked((place, value), name)).transpose()?,
        },
        source: Source {
            source,
            id: family.id.to_owned(),
            key: family.key.to_owned(),
            token: token.map(|(_, (name, _))| name.to_owned()),
        },
    })
}

/// Reads one profile; `None` when the file or the section is not there.
fn from_profile(file: &Path, profile: &str) -> Result<Option<Found>, CredentialsError> {
    let text = match text_file::read(file, FILE_LIMIT) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(None),
        Err(error) => {
            return Err(CredentialsError::Unreadable {
                file: file.to_owned(),
                reason: error.to_string(),
            });
        }
    };
    let Some(values) = section(&text, profile) else { return Ok(None) };
    let place = Place { name: format!("{} [{profile}]", file.display()), values: &values };
    match from_places(&FAMILIES[0], std::slice::from_ref(&place))? {
        Some(found) => Ok(Some(found)),
        None => Err(incomplete(&place, "the section", "TENCENT_SECRET_ID")),
    }
}

/// The values of one section, split at the first `=` and trimmed; that reads every file that
/// `sls` can write, and keys with `=` in them, which `sls` cuts.
fn section(text: &str, wanted: &str) -> Option<BTreeMap<String, String>> {
    let mut current = None;
    let mut found: Option<BTreeMap<String, String>> = None;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            current = Some(name.trim());
            if current == Some(wanted) {
                found.get_or_insert_default();
            }
        } else if current == Some(wanted)
            && let Some((key, value)) = line.split_once('=')
        {
            found.get_or_insert_default().insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_order_of_places() {
        let path = Path::new(".env");
        let env = map(&[("TENCENT_SECRET_ID", "i1"), ("TENCENT_SECRET_KEY", "k1")]);
        let dotenv = map(&[
            ("TENCENT_SECRET_ID", "i2"),
            ("TENCENT_SECRET_KEY", "k2"),
            ("TENCENT_TOKEN", "t2"),
        ]);
        let cloud = map(&[
            ("TENCENTCLOUD_SECRET_ID", "i3"),
            ("TENCENTCLOUD_SECRET_KEY", "k3"),
            ("TENCENTCLOUD_SESSION_TOKEN", "t3"),
            ("TENCENT_TOKEN", "not of this family"),
        ]);
        let empty = map(&[]);
        for (environment, file, id, token, place) in [
            (&env, Some(&dotenv), "i1", None, "environment"),
            (&empty, Some(&dotenv), "i2", Some("t2"), ".env"),
            (&cloud, None, "i3", Some("t3"), "environment"),
            // `TENCENT_*` is what the document names, so it comes first.
            (&cloud, Some(&dotenv), "i2", Some("t2"), ".env"),
        ] {
            let found = find(environment, file.map(|values| (path, values)), None).unwrap();
            assert_eq!(found.credentials.id.expose(), id);
            assert_eq!(found.credentials.token.as_ref().map(Secret::expose), token);
            assert_eq!(found.source.source, place);
        }
        assert_eq!(find(&empty, None, None).unwrap_err(), CredentialsError::Missing);
    }

    #[test]
    fn half_a_pair_and_blanks_are_named() {
        let half = map(&[("TENCENT_SECRET_ID", "i")]);
        assert!(matches!(find(&half, None, None), Err(CredentialsError::Incomplete { .. })));
        let dotenv = map(&[("TENCENT_SECRET_KEY", "k")]);
        let both = find(&half, Some((Path::new(".env"), &dotenv)), None).unwrap();
        assert_eq!(both.source.source, "environment and .env");
        let blank = map(&[("TENCENT_SECRET_ID", "i"), ("TENCENT_SECRET_KEY", "marker-secret\n")]);
        let error = find(&blank, None, None).unwrap_err();
        assert!(matches!(error, CredentialsError::Malformed { .. }));
        assert!(!error.to_string().contains("marker"));
    }

    #[test]
    fn profiles() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".serverless-tencent");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(
            folder.join("credentials"),
            "[default]\r\nTENCENT_SECRET_ID=d\r\nTENCENT_SECRET_KEY = a=b=\r\n[prod]\nTENCENT_SECRET_ID=p\nTENCENT_SECRET_KEY=[x\n",
        )
        .unwrap();
        let mut environment = map(&[("HOME", home.path().to_str().unwrap())]);
        let default = find(&environment, None, None).unwrap();
        assert_eq!(
            (default.credentials.id.expose(), default.credentials.key.expose()),
            ("d", "a=b=")
        );
        environment.extend(map(&[("TENCENT_SECRET_ID", "i"), ("TENCENT_SECRET_KEY", "k")]));
        assert_eq!(find(&environment, None, None).unwrap().credentials.id.expose(), "i");
        let prod = find(&environment, None, Some("prod")).unwrap();
        assert_eq!((prod.credentials.id.expose(), prod.credentials.key.expose()), ("p", "[x"));
        assert!(matches!(
            find(&environment, None, Some("none")),
            Err(CredentialsError::NoProfile { .. })
        ));
    }
}
