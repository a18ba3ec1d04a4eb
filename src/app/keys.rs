//! From what was found to keys that sign.

use std::path::Path;
use std::sync::Arc;

use super::Context;
use crate::api::{Client, Endpoint, KeysError, Origin, Provider, SourceError};
use crate::config::credentials::{
    self, CredentialKind, CredentialsError, FoundCredentials, KeyPair, METADATA_VARIABLE,
    MetadataAnswer, Searched, web_identity_token,
};
use crate::config::settings::Settings;
use crate::config::warning::ConfigWarning;
use crate::error::Error;
use crate::local;
use crate::report::Said;
use crate::sign::{Credentials, Secret};
use crate::text::Text;

/// Key pair that examples and scripts sign with. A server that made a pair of its own takes it
/// from this machine, too; it opens nothing else.
pub(super) const EXAMPLE_ID: &str = "AKIDscfctlLocalExample";
pub(super) const EXAMPLE_KEY: &str = "scfctlLocalExampleKey";

/// Gives the keys that were found, or asks for those that have to be asked for. Asks nobody
/// yet.
pub(super) fn provider(context: &Context, settings: &Settings) -> Result<Provider, Error> {
    let found = match &settings.credentials {
        Ok(found) => found,
        Err(error) => return Err(error.clone().into()),
    };
    let region = settings.region.clone();
    let origin = match found.kind.clone() {
        CredentialKind::Keys(keys) => keys_origin(found, keys),
        CredentialKind::Role { base, arn, session } => Origin::Role { base, arn, session, region },
        CredentialKind::WebIdentity { region, provider, arn, token_file } => Origin::WebIdentity {
            provider,
            arn,
            region,
            token: Box::new(move || read_token(&token_file)),
        },
        CredentialKind::Machine => {
            let endpoint = Endpoint::metadata(context.variable(METADATA_VARIABLE))?;
            Origin::Machine { endpoint }
        }
    };
    let sink = Arc::clone(&context.sink);
    let hide = Box::new(move |secret: &Secret| sink.hide(secret.expose()));
    Ok(Provider::new(found.source.source.to_string(), origin, hide))
}

/// Keys without a token do not end; those with one may have newer ones in the same file.
fn keys_origin(found: &FoundCredentials, keys: KeyPair) -> Origin {
    let is_temporary = keys.credentials.token.is_some() || keys.expires.is_some();
    if !is_temporary || found.again().is_none() {
        return Origin::Fixed(keys.credentials);
    }
    let found = found.clone();
    Origin::Reread(Box::new(move || match found.again() {
        Some(Ok(KeyPair { credentials, expires })) => Ok((credentials, expires)),
        Some(Err(error)) => Err(error.into()),
        None => Ok((keys.credentials.clone(), keys.expires)),
    }))
}

fn read_token(file: &Path) -> Result<Secret, SourceError> {
    Ok(web_identity_token(file)?)
}

/// Keys that are there and stay.
pub(super) fn fixed(credentials: Credentials) -> Provider {
    Provider::new("the local SCF", Origin::Fixed(credentials), Box::new(|_| {}))
}

/// Asks for the keys of the machine's role where nothing else was found, so that missing
/// credentials are said to be missing.
pub(super) async fn last_resort(settings: &Settings, client: &Client) -> Result<(), Error> {
    if !settings.credentials.as_ref().is_ok_and(FoundCredentials::is_last_resort) {
        return Ok(());
    }
    match client.obtain_credentials().await {
        Err(KeysError::Machine { endpoint, reason }) => {
            let mut places: Vec<Searched> =
                settings.credential_places.iter().cloned().map(Searched::from).collect();
            if let Some(last) = places.last_mut() {
                let reason = [reason.to_string(), reason.zh()];
                last.answer = Some(MetadataAnswer { endpoint, reason });
            }
            Err(CredentialsError::Missing { places }.into())
        }
        // Anything else comes up again at the first call, with what it was for.
        _ => Ok(()),
    }
}

/// A pair for the local SCF of one run. The user's own is neither needed nor shown to it, so that
/// it does not matter what is wrong with that.
pub(super) fn of_this_run() -> Credentials {
    let made_up = made_up();
    Credentials { id: Secret::new(made_up.id), key: Secret::new(made_up.key), token: None }
}

/// A random pair, in the form of the service's.
fn made_up() -> local::Credential {
    let random = || uuid::Uuid::new_v4().simple().to_string();
    local::Credential { id: format!("AKID{}", random()), key: random(), token: None }
}

/// What tells the keys of one account from those of another, where it is compared and never shown.
pub(super) fn identity(found: &FoundCredentials) -> String {
    match &found.kind {
        CredentialKind::Keys(keys) => keys.credentials.id.expose().to_owned(),
        CredentialKind::Role { arn, .. } | CredentialKind::WebIdentity { arn, .. } => arn.clone(),
        CredentialKind::Machine => "machine".to_owned(),
    }
}

/// What is known of an account without asking for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KnownAccount {
    Number(String),
    /// The id of a pair of keys that stays the same, of which it has several perhaps.
    Key(String),
}

/// The account that calls are made in; `None` where only the service knows: keys that end are others
/// every time, and so are those of this machine's role.
pub(super) fn account(found: &FoundCredentials) -> Option<KnownAccount> {
    match &found.kind {
        CredentialKind::Keys(keys) if keys.credentials.token.is_none() => {
            Some(KnownAccount::Key(keys.credentials.id.expose().to_owned()))
        }
        CredentialKind::Role { arn, .. } | CredentialKind::WebIdentity { arn, .. } => {
            let number = arn.split(':').find_map(|part| part.strip_prefix("uin/"))?;
            Some(KnownAccount::Number(number.to_owned()))
        }
        CredentialKind::Keys(_) | CredentialKind::Machine => None,
    }
}

/// The SecretId, but for its ends hidden.
pub(super) fn masked(credentials: &Credentials) -> String {
    let id = credentials.id.expose();
    match (id.get(..4), id.len().checked_sub(4).and_then(|rest| id.get(rest..))) {
        (Some(first), Some(last)) if id.len() >= 16 => format!("{first}****{last}"),
        _ => "****".to_owned(),
    }
}

/// The pair that documentation shows.
pub(super) fn example() -> local::Credential {
    local::Credential { id: EXAMPLE_ID.to_owned(), key: EXAMPLE_KEY.to_owned(), token: None }
}

/// The pair of a server.
pub(super) enum OfServer {
    /// The user's, and the name of its place.
    Given(local::Credential, Said),
    /// Of this run alone, to be shown.
    MadeUp(local::Credential),
}

/// The key pair of a server, which no project's keys get into by accident: of the environment
/// and of profiles alone, else one of its own. Broken ones that nobody named are told of.
pub(super) fn of_server(context: &Context) -> Result<OfServer, Error> {
    let profile = context.options.profile.as_deref();
    match credentials::find(&context.environment, None, profile) {
        Ok(found) => {
            found.secrets().for_each(|secret| context.sink.hide(secret.expose()));
            if let Some(credentials) = there(&found) {
                return Ok(OfServer::Given(known(credentials), Said::new(&found.source.source)));
            }
        }
        Err(CredentialsError::Missing { .. }) => {}
        Err(error) if profile.is_none() => {
            context.sink.note(&ConfigWarning::ServerKeys(error));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(OfServer::MadeUp(made_up()))
}

/// Keys that are there without asking for them.
fn there(found: &FoundCredentials) -> Option<&Credentials> {
    match &found.kind {
        CredentialKind::Keys(keys) => Some(&keys.credentials),
        CredentialKind::Role { .. }
        | CredentialKind::WebIdentity { .. }
        | CredentialKind::Machine => None,
    }
}

/// Keys as the local SCF takes them.
pub(super) fn known(credentials: &Credentials) -> local::Credential {
    local::Credential {
        id: credentials.id.expose().to_owned(),
        key: credentials.key.expose().to_owned(),
        token: credentials.token.as_ref().map(|token| token.expose().to_owned()),
    }
}
