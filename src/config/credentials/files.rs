//! Keys in files: those of `sls`, `tccli` and the official SDKs, `.env`, tokens.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::DateTime;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::{dotenv as dotenv_file, text_file};
use super::{
    CredentialKind, CredentialsError, FoundCredentials, KeyPair, KeyPart, KeyPlace, SourceName,
    SourceNames, TccliProblem, Unreadable, ValueName, checked, role, variables,
};
use crate::order::Ordered as _;
use crate::sign::{Credentials, Secret};

/// Bytes of a credentials file.
const FILE_LIMIT: u64 = 1_000_000;

/// The text of a file; `None` when there is none.
fn read(file: &Path) -> Result<Option<String>, CredentialsError> {
    let text = text_file::read(file, FILE_LIMIT).map_err(|error| CredentialsError::Unreadable {
        file: file.to_owned(),
        reason: error.into(),
    })?;
    Ok(text.map(|text| match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }))
}

/// A `.env` file once more.
pub(super) fn dotenv(file: &Path) -> Result<Option<FoundCredentials>, CredentialsError> {
    match read(file)? {
        Some(text) => variables::in_dotenv(file, &dotenv_file::parse(&text).values),
        None => Ok(None),
    }
}

/// A section of `~/.serverless-tencent/credentials`.
pub(super) fn sls(
    file: &Path,
    profile: &str,
    place: &KeyPlace,
) -> Result<Option<FoundCredentials>, CredentialsError> {
    let Some(values) = read(file)?.and_then(|text| section(&text, profile)) else {
        return Ok(None);
    };
    variables::in_section(&values, place)
}

/// A section of `~/.tencentcloud/credentials`. Names in any case, as Python's reader has it.
pub(super) fn sdk(
    file: &Path,
    profile: &str,
    place: &KeyPlace,
) -> Result<Option<FoundCredentials>, CredentialsError> {
    let Some(values) = read(file)?.and_then(|text| section(&text, profile)) else {
        return Ok(None);
    };
    let values: BTreeMap<String, String> =
        values.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).into_map();
    let get = |name: &str| values.get(name).map(String::as_str).filter(|value| !value.is_empty());
    pair(place, ("secret_id", get("secret_id")), ("secret_key", get("secret_key")), get("token"))
}

/// The values of one section, split at the first `=` and trimmed, without quotes around them;
/// that reads every file that `sls` can write, and keys with `=` in them, which `sls` cuts.
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
            let value = unquoted(value.trim()).to_owned();
            found.get_or_insert_default().insert(key.trim().to_owned(), value);
        }
    }
    found
}

/// No key begins and ends with a quote, so quotes around one are someone's habit.
fn unquoted(value: &str) -> &str {
    let without = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    without('"').or_else(|| without('\'')).unwrap_or(value)
}

/// A pair of a file; `None` when it has neither half.
fn pair(
    place: &KeyPlace,
    (id_name, id): (&str, Option<&str>),
    (key_name, key): (&str, Option<&str>),
    token: Option<&str>,
) -> Result<Option<FoundCredentials>, CredentialsError> {
    let incomplete = |present: &str, missing: &str| CredentialsError::Incomplete {
        place: place.clone(),
        present: present.to_owned(),
        missing: missing.to_owned(),
    };
    let (id, key) = match (id, key) {
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(incomplete(id_name, key_name)),
        (None, Some(_)) => return Err(incomplete(key_name, id_name)),
        (Some(id), Some(key)) => (id, key),
    };
    let named = |name: &str| ValueName::Named(name.to_owned());
    let credentials = Credentials {
        id: checked(place, named(id_name), id, KeyPart::Id)?,
        key: checked(place, named(key_name), key, KeyPart::Key)?,
        token: token
            .map(|token| checked(place, named("token"), token, KeyPart::Token))
            .transpose()?,
    };
    Ok(Some(FoundCredentials {
        kind: CredentialKind::Keys(KeyPair { credentials, expires: None }),
        source: SourceNames {
            id: Some(id_name.to_owned()),
            key: Some(key_name.to_owned()),
            token: token.map(|_| "token".to_owned()),
            ..SourceNames::of(SourceName::One(place.clone()))
        },
        place: place.clone(),
    }))
}

/// `<profile>.credential`. What `tccli` needs to renew a login is in there too; only it knows
/// how.
#[derive(Deserialize)]
struct TccliCredential {
    #[serde(rename = "secretId")]
    id: Option<String>,
    #[serde(rename = "secretKey")]
    key: Option<String>,
    token: Option<String>,
    #[serde(rename = "role-arn")]
    role_arn: Option<String>,
    #[serde(rename = "role-session-name")]
    role_session_name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Unix seconds.
    #[serde(rename = "expiresAt")]
    expires_at: Option<f64>,
}

/// A profile of `tccli`.
pub(super) fn tccli(
    file: &Path,
    place: &KeyPlace,
) -> Result<Option<FoundCredentials>, CredentialsError> {
    let Some(text) = read(file)? else { return Ok(None) };
    let content: TccliCredential = json(file, &text)?;
    let given = |value: &'_ Option<String>| value.clone().filter(|value| !value.is_empty());
    if given(&content.kind).as_deref() == Some("cvm-role") {
        return Ok(Some(FoundCredentials {
            kind: CredentialKind::Machine,
            source: SourceNames {
                role: Some("type".to_owned()),
                ..SourceNames::of(SourceName::One(place.clone()))
            },
            place: place.clone(),
        }));
    }
    let (id, key, token) = (given(&content.id), given(&content.key), given(&content.token));
    let found =
        pair(place, ("secretId", id.as_deref()), ("secretKey", key.as_deref()), token.as_deref())?;
    let Some(mut found) = found else {
        let Some(present) = given(&content.role_arn)
            .map(|_| "role-arn")
            .or_else(|| matches!(content.kind.as_deref(), Some("oauth" | "sso")).then_some("type"))
        else {
            return Ok(None);
        };
        return Err(CredentialsError::Incomplete {
            place: place.clone(),
            present: present.to_owned(),
            missing: "secretId".to_owned(),
        });
    };
    let CredentialKind::Keys(keys) = &mut found.kind else { return Ok(Some(found)) };
    // A number that is no moment says nothing; the service will say when they have ended.
    #[allow(clippy::cast_possible_truncation)]
    let moment = content.expires_at.and_then(|at| DateTime::from_timestamp(at as i64, 0));
    keys.expires = moment;
    match (given(&content.role_arn), given(&content.role_session_name)) {
        (None, _) => {}
        (Some(_), None) => {
            return Err(CredentialsError::Incomplete {
                place: place.clone(),
                present: "role-arn".to_owned(),
                missing: "role-session-name".to_owned(),
            });
        }
        (Some(arn), Some(session)) => {
            let names = (("role-arn", arn.as_str()), ("role-session-name", session.as_str()));
            let base = keys.credentials.clone();
            found.kind = role(place, base, names.0, names.1)?;
            found.source.role = Some("role-arn".to_owned());
        }
    }
    Ok(Some(found))
}

/// `<profile>.configure`, as far as it matters here.
#[derive(Deserialize)]
struct TccliConfigure {
    #[serde(rename = "_sys_param")]
    common: Option<TccliCommon>,
}

#[derive(Deserialize)]
struct TccliCommon {
    region: Option<String>,
}

/// The region of a profile of `tccli`.
pub(super) fn tccli_region(file: &Path) -> Result<Option<String>, CredentialsError> {
    let Some(text) = read(file)? else { return Ok(None) };
    let content: TccliConfigure = json(file, &text)?;
    Ok(content.common.and_then(|common| common.region).filter(|region| !region.is_empty()))
}

/// Reads JSON; an error names the line, and the key where it is about one, and no value.
fn json<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, CredentialsError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let result = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| {
            let key = error.path().to_string();
            let error = error.into_inner();
            let problem = match error.classify() {
                serde_json::error::Category::Data if key != "." => TccliProblem::Value { key },
                serde_json::error::Category::Data => TccliProblem::NotAnObject,
                _ => TccliProblem::NotJson { column: error.column() },
            };
            (error.line(), problem)
        })
        .and_then(|content| match reader.end() {
            Ok(()) => Ok(content),
            Err(error) => Err((error.line(), TccliProblem::NotJson { column: error.column() })),
        });
    result.map_err(|(line, problem)| CredentialsError::Text {
        file: file.to_owned(),
        line: line.max(1),
        problem,
    })
}

/// A token that stands in a file by itself.
pub(super) fn token(file: &Path) -> Result<Secret, CredentialsError> {
    let unreadable = |reason| CredentialsError::Unreadable { file: file.to_owned(), reason };
    let text = read(file)?.ok_or_else(|| unreadable(Unreadable::Absent))?;
    let place = KeyPlace::TokenFile(file.to_owned());
    match text.trim() {
        "" => Err(unreadable(Unreadable::Empty)),
        token => checked(&place, ValueName::Token, token, KeyPart::Token),
    }
}
