//! Where keys come from: one order of places, and what each place can hold.
//!
//! Id, key and token are one unit: a token of one family with a key of another is refused by
//! the service (credentials reference), so families are never mixed. Nothing here calls
//! anything: what has to be asked for (a role, a token) is described, and asked for by the
//! client when the first call needs it.

mod files;
mod search;
mod variables;

use std::fmt;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::text_file::ReadError;
use crate::sign::{Credentials, Secret};
pub use search::{find, places, web_identity_token};
pub use variables::values;

/// The variable that names the machine metadata service of tests, or turns asking it off.
pub const METADATA_VARIABLE: &str = "SCFCTL_METADATA_ENDPOINT";

/// Names of the places inside a source; never values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceNames {
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

impl SourceNames {
    /// A place, and nothing in it yet.
    fn of(source: SourceName) -> Self {
        Self { source, id: None, key: None, token: None, role: None, web_identity: None }
    }
}

/// The place of a key pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceName {
    /// One place.
    One(KeyPlace),
    /// That of the SecretId and that of the SecretKey.
    Two(KeyPlace, KeyPlace),
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
pub struct KeyPair {
    /// The key pair.
    pub credentials: Credentials,
    /// When it ends.
    pub expires: Option<DateTime<Utc>>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialKind {
    /// Keys to sign with.
    Keys(KeyPair),
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
pub struct FoundCredentials {
    /// What it is.
    pub kind: CredentialKind,
    /// Names of the places.
    pub source: SourceNames,
    place: KeyPlace,
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
        place: KeyPlace,
        /// The variable that is there.
        present: String,
        /// The one that is not.
        missing: String,
    },
    /// A value that no header can carry, most often a blank or line break at its end.
    #[error("the value of {name} in {place} has blanks or control characters in it")]
    Malformed {
        /// The place.
        place: KeyPlace,
        /// What holds it.
        name: ValueName,
    },
    /// A value with characters that no id or key has.
    #[error(
        "the value of {name} in {place} has a character in it that is not one of {kind}, as a placeholder has"
    )]
    Placeholder {
        /// The place.
        place: KeyPlace,
        /// What holds it.
        name: ValueName,
        /// What it should be.
        kind: KeyPart,
    },
    /// A value that breaks the rule of its kind.
    #[error("the value of {name} in {place} is not {rule}")]
    Rule {
        /// The place.
        place: KeyPlace,
        /// The variable.
        name: String,
        /// What it has to be.
        rule: RoleRule,
    },
    /// A profile that is named and not there.
    #[error("no profile `{profile}` in {}", joined(places))]
    NoProfile {
        /// The profile.
        profile: String,
        /// Where it could have been, in order.
        places: Vec<KeyPlace>,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {reason}", file.display())]
    Unreadable {
        /// Path of the file.
        file: PathBuf,
        /// Why.
        reason: Unreadable,
    },
    /// A file of `tccli` that is not what `tccli` writes.
    #[error("{}:{line}: {problem}", file.display())]
    Text {
        /// Path of the file.
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
    pub place: KeyPlace,
    /// What came of asking there, where that takes a call.
    pub answer: Option<MetadataAnswer>,
}

/// What came of asking the metadata service for keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataAnswer {
    /// Its address.
    pub endpoint: String,
    /// Why it gave none, in English and in Chinese.
    pub reason: [String; 2],
}

impl From<KeyPlace> for Searched {
    fn from(place: KeyPlace) -> Self {
        Self { place, answer: None }
    }
}

impl fmt::Display for Searched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(formatter)?;
        let Some(MetadataAnswer { endpoint, reason: [reason, _] }) = &self.answer else {
            return Ok(());
        };
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
pub enum RoleRule {
    /// A role.
    Role,
    /// The name of a session.
    Session,
}

impl fmt::Display for RoleRule {
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
pub enum KeyPart {
    /// The SecretId.
    Id,
    /// The SecretKey.
    Key,
    /// The token of temporary keys.
    Token,
}

impl KeyPart {
    /// Whether a value of this kind can have the character. Ids of temporary keys have `-` and
    /// `_`; of keys and tokens it is only sure that they are ASCII.
    fn has(self, character: char) -> bool {
        match self {
            Self::Id => character.is_ascii_alphanumeric() || matches!(character, '-' | '_'),
            Self::Key | Self::Token => character.is_ascii_graphic(),
        }
    }
}

impl fmt::Display for KeyPart {
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
pub enum KeyPlace {
    /// Variables of the process.
    Environment,
    /// Variables of the `.env` file that is read.
    DotEnv(PathBuf),
    /// A section of the file of `sls`.
    Sls {
        /// Path of the file.
        file: PathBuf,
        /// The section.
        profile: String,
    },
    /// A file of `tccli`, one per profile.
    Tccli {
        /// Path of the file.
        file: PathBuf,
        /// The profile.
        profile: String,
    },
    /// A section of the file of the official SDKs.
    Sdk {
        /// Path of the file.
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

impl fmt::Display for KeyPlace {
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

/// Takes a value that a header can carry and that can be what it should be.
fn checked(
    place: &KeyPlace,
    name: ValueName,
    value: &str,
    kind: KeyPart,
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
    place: &KeyPlace,
    base: Credentials,
    arn: (&str, &str),
    session: (&str, &str),
) -> Result<CredentialKind, CredentialsError> {
    let rule = |name: &str, rule| {
        Err(CredentialsError::Rule { place: place.clone(), name: name.to_owned(), rule })
    };
    if !arn.1.starts_with("qcs::cam::") || !arn.1.bytes().all(|byte| byte.is_ascii_graphic()) {
        return rule(arn.0, RoleRule::Role);
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"=,.@_-".contains(&byte);
    if !(2..=128).contains(&session.1.len()) || !session.1.bytes().all(allowed) {
        return rule(session.0, RoleRule::Session);
    }
    Ok(CredentialKind::Role { base, arn: arn.1.to_owned(), session: session.1.to_owned() })
}

#[cfg(test)]
mod tests;
