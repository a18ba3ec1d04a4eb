//! Where keys come from: one order of places, and what each place can hold.
//!
//! Id, key and token are one unit: a token of one family with a key of another is refused by
//! the service (credentials reference), so families are never mixed. Nothing here calls
//! anything: what has to be asked for (a role, a token) is described, and asked for by the
//! client when the first call needs it.

mod files;
mod variables;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::text_file::ReadError;
use crate::sign::{Credentials, Secret};
pub use variables::values;

/// The variable that names the machine metadata service of tests, or turns asking it off.
pub const METADATA_VARIABLE: &str = "SCFCTL_METADATA_ENDPOINT";
/// Its value that turns asking off.
const METADATA_OFF: &str = "off";

/// Names of the places inside a source; never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The place, or the places of both halves of a pair.
    pub source: SourceName,
    /// The variable or key that holds the SecretId.
    pub id: Option<String>,
    /// The variable or key that holds the SecretKey.
    pub key: Option<String>,
    /// The variable or key that holds the session token, for temporary credentials.
    pub token: Option<String>,
    /// The variable or key that names the role to take, or what gives a role.
    pub role: Option<String>,
    /// The variable that names the file of an identity token.
    pub web_identity: Option<String>,
}

impl Source {
    /// A place, and nothing in it yet.
    fn of(source: SourceName) -> Self {
        Self { source, id: None, key: None, token: None, role: None, web_identity: None }
    }
}

/// The place of a key pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceName {
    /// One place.
    One(Place),
    /// That of the SecretId and that of the SecretKey.
    Two(Place, Place),
}

impl fmt::Display for SourceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(place) => place.fmt(formatter),
            Self::Two(of_id, of_key) => write!(formatter, "{of_id} and {of_key}"),
        }
    }
}

/// Why there are no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoKeys {
    /// No place has any.
    #[error("none found")]
    Missing,
    /// Only the last resort is left, which is asked when a call is made.
    #[error("none found; a call asks for the {0}")]
    LastResort(SourceName),
}

/// A key pair and, where its place tells, until when it is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The key pair.
    pub credentials: Credentials,
    /// When it ends.
    pub expires: Option<DateTime<Utc>>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialKind {
    /// Keys to sign with.
    Keys(Keys),
    /// Keys that may take a role (`sts:AssumeRole`), whose keys sign.
    Role {
        /// Who takes the role.
        base: Credentials,
        /// The role: `qcs::cam::uin/…:roleName/…`.
        arn: String,
        /// Names the session in the account's records.
        session: String,
    },
    /// A token of a cluster, to be changed into keys (`sts:AssumeRoleWithWebIdentity`).
    WebIdentity {
        /// Region of that call.
        region: String,
        /// The identity provider's name.
        provider: String,
        /// The role.
        arn: String,
        /// The file of the token; its issuer writes it anew from time to time.
        token_file: PathBuf,
    },
    /// The role of the machine that this runs on.
    Machine,
}

/// Keys, or how to get them, and where they are from.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is.
    pub kind: CredentialKind,
    /// Names of the places.
    pub source: Source,
    place: Place,
}

/// Why there are no usable credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Nothing anywhere.
    #[error("no credentials found; looked in {}", joined(places))]
    Missing {
        /// Where they could have been, in order.
        places: Vec<Searched>,
    },
    /// Half a pair.
    #[error("{place} has {present} but not {missing}")]
    Incomplete {
        /// The place.
        place: Place,
        /// The variable that is there.
        present: String,
        /// The one that is not.
        missing: String,
    },
    /// A value that no header can carry, most often a blank or line break at its end.
    #[error("the value of {name} in {place} has blanks or control characters in it")]
    Malformed {
        /// The place.
        place: Place,
        /// What holds it.
        name: ValueName,
    },
    /// A value with characters that no id or key has.
    #[error(
        "the value of {name} in {place} has a character in it that is not one of {kind}, as a placeholder has"
    )]
    Placeholder {
        /// The place.
        place: Place,
        /// What holds it.
        name: ValueName,
        /// What it should be.
        kind: Part,
    },
    /// A value that breaks the rule of its kind.
    #[error("the value of {name} in {place} is not {rule}")]
    Rule {
        /// The place.
        place: Place,
        /// The variable.
        name: String,
        /// What it has to be.
        rule: Rule,
    },
    /// A profile that is named and not there.
    #[error("no profile `{profile}` in {}", joined(places))]
    NoProfile {
        /// The profile.
        profile: String,
        /// Where it could have been, in order.
        places: Vec<Place>,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: Unreadable,
    },
    /// A file of `tccli` that is not what `tccli` writes.
    #[error("{}:{line}: {problem}", file.display())]
    Text {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        problem: TccliProblem,
    },
}

/// Places, one after the other.
fn joined<T: fmt::Display>(places: &[T]) -> String {
    places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A place that was looked in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    /// The place.
    pub place: Place,
    /// What came of asking there, where that takes a call.
    pub answer: Option<Answer>,
}

/// What came of asking the metadata service for keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its address.
    pub endpoint: String,
    /// Why it gave none, in English and in Chinese.
    pub reason: [String; 2],
}

impl From<Place> for Searched {
    fn from(place: Place) -> Self {
        Self { place, answer: None }
    }
}

impl fmt::Display for Searched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(formatter)?;
        let Some(Answer { endpoint, reason: [reason, _] }) = &self.answer else { return Ok(()) };
        write!(formatter, " ({endpoint}: {reason})")
    }
}

/// What holds a part of a key pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueName {
    /// A variable, or a key of a file.
    Named(String),
    /// A file that holds a token and nothing else.
    Token,
}

impl fmt::Display for ValueName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Named(name) => name,
            Self::Token => "the token",
        })
    }
}

/// What a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A role.
    Role,
    /// The name of a session.
    Session,
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Role => "a role: qcs::cam::uin/…:roleName/…",
            Self::Session => "a session's name: 2 to 128 letters, digits and =,.@_-",
        })
    }
}

/// Why a file of keys cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no text, or the system refuses it.
    #[error("{0}")]
    Read(#[from] ReadError),
    /// It is not there.
    #[error("there is no such file")]
    Absent,
    /// It has no content.
    #[error("it is empty")]
    Empty,
}

/// How a file differs from what `tccli` writes. Never a part of the file, which holds secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TccliProblem {
    /// A value of another type.
    #[error("`{key}` is not what tccli writes there")]
    Value {
        /// Its key.
        key: String,
    },
    /// JSON, and no object.
    #[error("the file is not a JSON object")]
    NotAnObject,
    /// No JSON.
    #[error("not JSON (column {column})")]
    NotJson {
        /// The column, from 1.
        column: usize,
    },
}

/// A part of a key pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The SecretId.
    Id,
    /// The SecretKey.
    Key,
    /// The token of temporary keys.
    Token,
}

impl Part {
    /// Whether a value of this kind can have the character. Ids of temporary keys have `-` and
    /// `_`; of keys and tokens it is only sure that they are ASCII.
    fn has(self, character: char) -> bool {
        match self {
            Self::Id => character.is_ascii_alphanumeric() || matches!(character, '-' | '_'),
            Self::Key | Self::Token => character.is_ascii_graphic(),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Id => "an id (letters and digits)",
            Self::Key => "a key (letters and digits)",
            Self::Token => "a token",
        })
    }
}

/// A place where keys can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Variables of the process.
    Environment,
    /// Variables of the `.env` file that is read.
    DotEnv(PathBuf),
    /// A section of the file of `sls`.
    Sls {
        /// The file.
        file: PathBuf,
        /// The section.
        profile: String,
    },
    /// A file of `tccli`, one per profile.
    Tccli {
        /// The file.
        file: PathBuf,
        /// The profile.
        profile: String,
    },
    /// A section of the file of the official SDKs.
    Sdk {
        /// The file.
        file: PathBuf,
        /// The section.
        profile: String,
    },
    /// Variables that a TKE cluster sets for its pods.
    Cluster,
    /// The file that these variables name.
    TokenFile(PathBuf),
    /// The metadata service of a machine in the cloud.
    Machine,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => formatter.write_str("environment"),
            Self::DotEnv(file) | Self::Tccli { file, .. } | Self::TokenFile(file) => {
                file.display().fmt(formatter)
            }
            Self::Sls { file, profile } | Self::Sdk { file, profile } => {
                write!(formatter, "{} [{profile}]", file.display())
            }
            Self::Cluster => formatter.write_str("TKE_* of the environment"),
            Self::Machine => formatter.write_str("role of this machine"),
        }
    }
}

/// What a search goes by.
struct Search<'a> {
    environment: &'a BTreeMap<String, String>,
    dotenv: Option<(&'a Path, &'a BTreeMap<String, String>)>,
    /// `--profile`.
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

/// Takes a value that a header can carry and that can be what it should be.
fn checked(
    place: &Place,
    name: ValueName,
    value: &str,
    kind: Part,
) -> Result<Secret, CredentialsError> {
    let place = place.clone();
    if value.contains(|character: char| character.is_whitespace() || character.is_control()) {
        return Err(CredentialsError::Malformed { place, name });
    }
    if !value.chars().all(|character| kind.has(character)) {
        return Err(CredentialsError::Placeholder { place, name, kind });
    }
    Ok(Secret::new(value))
}

/// Takes a role and the name of its session (credentials reference, "STS `AssumeRole`").
fn role(
    place: &Place,
    base: Credentials,
    arn: (&str, &str),
    session: (&str, &str),
) -> Result<CredentialKind, CredentialsError> {
    let rule = |name: &str, rule| {
        Err(CredentialsError::Rule { place: place.clone(), name: name.to_owned(), rule })
    };
    if !arn.1.starts_with("qcs::cam::") || !arn.1.bytes().all(|byte| byte.is_ascii_graphic()) {
        return rule(arn.0, Rule::Role);
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"=,.@_-".contains(&byte);
    if !(2..=128).contains(&session.1.len()) || !session.1.bytes().all(allowed) {
        return rule(session.0, Rule::Session);
    }
    Ok(CredentialKind::Role { base, arn: arn.1.to_owned(), session: session.1.to_owned() })
}

#[cfg(test)]
mod tests;
