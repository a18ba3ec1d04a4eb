//! Keys in variables: of the process, of `.env`, of a cluster.

use std::collections::BTreeMap;
use std::path::Path;

use super::{
    CredentialKind, CredentialsError, FoundCredentials, KeyPair, KeyPart, KeyPlace, SourceName,
    SourceNames, ValueName, checked, role,
};
use crate::sign::Credentials;

type Variables = BTreeMap<String, String>;

/// Names of one family of variables.
struct Family {
    id: &'static str,
    key: &'static str,
    tokens: &'static [&'static str],
    /// The role to take with the keys, and the session's name.
    role: Option<(&'static str, &'static str)>,
}

const ROLE: (&str, &str) = ("TENCENTCLOUD_ROLE_ARN", "TENCENTCLOUD_ROLE_SESSION_NAME");

const FAMILIES: [Family; 3] = [
    // What the document names, so it comes first.
    Family {
        id: "TENCENT_SECRET_ID",
        key: "TENCENT_SECRET_KEY",
        tokens: &["TENCENT_TOKEN"],
        role: None,
    },
    Family {
        id: "TENCENTCLOUD_SECRET_ID",
        key: "TENCENTCLOUD_SECRET_KEY",
        tokens: &[
            "TENCENTCLOUD_TOKEN",
            "TENCENTCLOUD_SESSION_TOKEN",
            "TENCENTCLOUD_SECURITY_TOKEN",
        ],
        role: Some(ROLE),
    },
    // Inside a function of the service itself.
    Family {
        id: "TENCENTCLOUD_SECRETID",
        key: "TENCENTCLOUD_SECRETKEY",
        tokens: &["TENCENTCLOUD_SESSIONTOKEN"],
        role: None,
    },
];

/// Values that must not be shown, used or not: those of every variable that can hold a part of
/// a key pair.
pub fn values(variables: &Variables) -> impl Iterator<Item = &str> {
    FAMILIES
        .iter()
        .flat_map(|family| [family.id, family.key].into_iter().chain(family.tokens.iter().copied()))
        .filter_map(|name| variables.get(name).map(String::as_str))
}

/// A named list of variables.
#[derive(Clone, Copy)]
struct List<'a> {
    place: &'a KeyPlace,
    values: &'a Variables,
}

impl<'a> List<'a> {
    fn get(self, name: &str) -> Option<&'a str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn has(self, family: &Family) -> bool {
        self.get(family.id).is_some() || self.get(family.key).is_some()
    }

    fn incomplete(self, present: &str, missing: &str) -> CredentialsError {
        CredentialsError::Incomplete {
            place: self.place.clone(),
            present: present.to_owned(),
            missing: missing.to_owned(),
        }
    }
}

/// The keys of the process. A half that is missing there may be in `.env`, as that file fills
/// what the environment lacks.
pub(super) fn in_environment(
    environment: &Variables,
    dotenv: Option<(&Path, &Variables)>,
) -> Result<Option<FoundCredentials>, CredentialsError> {
    let environment = List { place: &KeyPlace::Environment, values: environment };
    let Some(family) = FAMILIES.iter().find(|family| environment.has(family)) else {
        return Ok(None);
    };
    let Some((path, values)) = dotenv else {
        return of_family(family, &[environment], KeyPlace::Environment).map(Some);
    };
    let place = KeyPlace::DotEnv(path.to_owned());
    let lists = [environment, List { place: &place, values }];
    of_family(family, &lists, KeyPlace::Environment).map(Some)
}

/// The keys of a `.env` file.
pub(super) fn in_dotenv(
    path: &Path,
    values: &Variables,
) -> Result<Option<FoundCredentials>, CredentialsError> {
    let place = KeyPlace::DotEnv(path.to_owned());
    let list = List { place: &place, values };
    let Some(family) = FAMILIES.iter().find(|family| list.has(family)) else { return Ok(None) };
    of_family(family, &[list], place.clone()).map(Some)
}

/// The keys of a section of the file of `sls`, which has the names of the first family.
pub(super) fn in_section(
    values: &Variables,
    place: &KeyPlace,
) -> Result<Option<FoundCredentials>, CredentialsError> {
    let list = List { place, values };
    if !list.has(&FAMILIES[0]) {
        return Ok(None);
    }
    of_family(&FAMILIES[0], &[list], place.clone()).map(Some)
}

/// The pair of one family: whole from one list, else each half from where it is.
fn of_family(
    family: &Family,
    lists: &[List<'_>],
    place: KeyPlace,
) -> Result<FoundCredentials, CredentialsError> {
    let whole = |list: &&List<'_>| list.get(family.id).is_some() && list.get(family.key).is_some();
    let first = |name| lists.iter().find(|list| list.get(name).is_some());
    let (of_id, of_key) = match lists.iter().find(whole) {
        Some(list) => (list, list),
        None => match (first(family.id), first(family.key)) {
            (Some(of_id), Some(of_key)) => (of_id, of_key),
            (Some(list), None) => return Err(list.incomplete(family.id, family.key)),
            (None, Some(list)) => return Err(list.incomplete(family.key, family.id)),
            // The caller has seen one of them.
            (None, None) => return Err(CredentialsError::Missing { places: Vec::new() }),
        },
    };
    let take = |list: &List<'_>, name: &str, kind: KeyPart| {
        let value = list.get(name).unwrap_or_default();
        checked(list.place, ValueName::Named(name.to_owned()), value, kind)
    };
    // Token and role belong to the key that they were issued for.
    let token = family.tokens.iter().copied().find(|name| of_key.get(name).is_some());
    let credentials = Credentials {
        id: take(of_id, family.id, KeyPart::Id)?,
        key: take(of_key, family.key, KeyPart::Key)?,
        token: token.map(|name| take(of_key, name, KeyPart::Token)).transpose()?,
    };
    let is_one = of_id.place == of_key.place;
    let source = if is_one {
        SourceName::One(of_id.place.clone())
    } else {
        SourceName::Two(of_id.place.clone(), of_key.place.clone())
    };
    let found = FoundCredentials {
        kind: CredentialKind::Keys(KeyPair { credentials, expires: None }),
        source: SourceNames {
            id: Some(family.id.to_owned()),
            key: Some(family.key.to_owned()),
            token: token.map(str::to_owned),
            ..SourceNames::of(source)
        },
        place,
    };
    match family.role {
        Some(names) => take_role(found, *of_key, names),
        None => Ok(found),
    }
}

/// Adds the role that variables of the environment name to the keys of another place.
pub(super) fn with_role(
    found: FoundCredentials,
    environment: &Variables,
) -> Result<FoundCredentials, CredentialsError> {
    take_role(found, List { place: &KeyPlace::Environment, values: environment }, ROLE)
}

fn take_role(
    mut found: FoundCredentials,
    list: List<'_>,
    (arn, session): (&str, &str),
) -> Result<FoundCredentials, CredentialsError> {
    let base = match &found.kind {
        CredentialKind::Keys(keys) => &keys.credentials,
        CredentialKind::Role { base, .. } => base,
        CredentialKind::WebIdentity { .. } | CredentialKind::Machine => return Ok(found),
    };
    match (list.get(arn), list.get(session)) {
        // The name of a session alone asks for nothing.
        (None, _) => Ok(found),
        (Some(_), None) => Err(list.incomplete(arn, session)),
        (Some(value), Some(name)) => {
            found.kind = role(list.place, base.clone(), (arn, value), (session, name))?;
            found.source.role = Some(arn.to_owned());
            Ok(found)
        }
    }
}

/// The identity that a TKE cluster gives its pods; all four variables or none.
pub(super) fn cluster(environment: &Variables) -> Option<FoundCredentials> {
    let list = List { place: &KeyPlace::Environment, values: environment };
    let get = |name: &str| list.get(name).map(str::to_owned);
    Some(FoundCredentials {
        kind: CredentialKind::WebIdentity {
            region: get("TKE_REGION")?,
            provider: get("TKE_PROVIDER_ID")?,
            arn: get("TKE_ROLE_ARN")?,
            token_file: get("TKE_WEB_IDENTITY_TOKEN_FILE")?.into(),
        },
        source: SourceNames {
            role: Some("TKE_ROLE_ARN".to_owned()),
            web_identity: Some("TKE_WEB_IDENTITY_TOKEN_FILE".to_owned()),
            ..SourceNames::of(SourceName::One(list.place.clone()))
        },
        place: KeyPlace::Cluster,
    })
}
