//! Keys to sign with: those that are there, and those that have to be asked for and end.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::actions::{Action, AssumeRole, AssumeRoleWithWebIdentity, SessionReply};
use super::answer;
use super::endpoint::Endpoint;
use super::error::{ApiError, KeysError, MachineProblem, PrepareProblem, SourceError};
use super::event::ClientEvent;
use super::exchange::{Call, Connection, Signing};
use crate::clock::Clock;
use crate::network::transport::fetch_next_door;
use crate::sign::{Credentials, Secret};

/// Where the metadata service keeps the name of the machine's role, and below it the keys
/// (credentials reference, "CVM role").
const METADATA_PATH: &str = "/latest/meta-data/cam/security-credentials/";
/// How long a connection to the metadata service may take. Outside of the cloud its name leads
/// nowhere, and whoever forgot to set keys must not wait for that.
const METADATA_CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long one answer may take of the metadata service that every machine of the cloud has.
const METADATA_TIMEOUT: Duration = Duration::from_secs(3);
/// The same of one that was named in its place: it is there, and may have other work.
const NAMED_METADATA_TIMEOUT: Duration = Duration::from_secs(30);
/// No answer of the metadata service comes near this, in bytes.
const METADATA_LIMIT: usize = 64 * 1024;
/// Keys are renewed when so much of their life is left, in seconds, as the SDK for Python
/// does; of keys that live less than an hour, a tenth of their life.
const RENEWAL_MARGIN: i64 = 300;
/// Names the session of an identity token in the account's records.
const SESSION_NAME: &str = "scfctl";

/// Reads something that changes, such as a file.
pub type ReadSource<T> = Box<dyn Fn() -> Result<T, SourceError> + Send + Sync>;

/// Keys and, where it is known, when they end.
pub type ExpiringCredentials = (Credentials, Option<DateTime<Utc>>);

/// What gives keys.
pub enum Origin {
    /// They are there, and stay as they are.
    Fixed(Credentials),
    /// They are in a place where another program may put newer ones.
    Reread(ReadSource<ExpiringCredentials>),
    /// A role that these may take.
    Role {
        /// Who takes it.
        base: Credentials,
        /// The role.
        arn: String,
        /// Names the session.
        session: String,
        /// Region of the call.
        region: String,
    },
    /// A role that the bearer of a token may take.
    WebIdentity {
        /// The identity provider.
        provider: String,
        /// The role.
        arn: String,
        /// Region of the call.
        region: String,
        /// The token, as it is now.
        token: ReadSource<Secret>,
    },
    /// The role of this machine.
    Machine {
        /// The metadata service.
        endpoint: Endpoint,
    },
}

/// Gives the keys to sign with, and newer ones where it can.
pub struct Provider {
    from: String,
    origin: Origin,
    hide: Box<dyn Fn(&Secret) + Send + Sync>,
    /// Held while keys are asked for, so that parallel calls ask once.
    current: Mutex<Option<Current>>,
}

struct Current {
    credentials: Arc<Credentials>,
    expires: Option<DateTime<Utc>>,
    /// From when on newer ones are asked for.
    renewal: Option<DateTime<Utc>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Provider").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Provider {
    /// `from` names the place for texts; `hide` is told each secret before it is used.
    #[must_use]
    pub fn new(
        from: impl Into<String>,
        origin: Origin,
        hide: Box<dyn Fn(&Secret) + Send + Sync>,
    ) -> Self {
        Self { from: from.into(), origin, hide, current: Mutex::new(None) }
    }

    /// The keys to sign with now.
    pub(super) async fn current(
        &self,
        connection: &Connection,
    ) -> Result<Arc<Credentials>, KeysError> {
        let mut slot = self.current.lock().await;
        let now = connection.now();
        if let Some(current) = &*slot
            && current.renewal.is_none_or(|renewal| now < renewal)
        {
            return Ok(Arc::clone(&current.credentials));
        }
        let error = match Box::pin(self.obtain(connection)).await {
            Ok(keys) => return Ok(self.keep(connection, &mut slot, keys)),
            Err(error) => error,
        };
        match &mut *slot {
            Some(current) if let Some(expires) = current.expires.filter(|end| now < *end) => {
                // They are still good, and half of what is left is time enough to try again.
                current.renewal = Some(now + (expires - now) / 2);
                connection.tell(&ClientEvent::KeysNotRenewed {
                    from: &self.from,
                    error: &error,
                    expires,
                });
                Ok(Arc::clone(&current.credentials))
            }
            _ => Err(error),
        }
    }

    /// Newer keys than those that were refused; `None` where there are none.
    pub(super) async fn renewed(
        &self,
        connection: &Connection,
        refused: &Arc<Credentials>,
    ) -> Result<Option<Arc<Credentials>>, KeysError> {
        if matches!(self.origin, Origin::Fixed(_)) {
            return Ok(None);
        }
        let mut slot = self.current.lock().await;
        if let Some(current) = &*slot
            && current.credentials != *refused
        {
            // Another call was refused too, and has renewed them.
            return Ok(Some(Arc::clone(&current.credentials)));
        }
        let keys = Box::pin(self.obtain(connection)).await?;
        Ok(if keys.0 == **refused { None } else { Some(self.keep(connection, &mut slot, keys)) })
    }

    /// What to say about keys that the service calls ended.
    pub(super) fn refused(&self, error: ApiError, renewed: bool) -> ApiError {
        match error {
            ApiError::Api { action, code, message, request_id } => ApiError::Token {
                action,
                code,
                message,
                request_id,
                from: self.from.clone(),
                renewed,
            },
            other => other,
        }
    }

    fn keep(
        &self,
        connection: &Connection,
        slot: &mut Option<Current>,
        (credentials, expires): ExpiringCredentials,
    ) -> Arc<Credentials> {
        let Credentials { id, key, token } = &credentials;
        [Some(id), Some(key), token.as_ref()].into_iter().flatten().for_each(&self.hide);
        let credentials = Arc::new(credentials);
        if !matches!(self.origin, Origin::Fixed(_)) {
            connection.tell(&ClientEvent::KeysObtained { from: &self.from, expires });
        }
        let renewal = expires.and_then(|expires| renewal(connection.now(), expires));
        *slot = Some(Current { credentials: Arc::clone(&credentials), expires, renewal });
        credentials
    }

    async fn obtain(&self, connection: &Connection) -> Result<ExpiringCredentials, KeysError> {
        match &self.origin {
            Origin::Fixed(credentials) => Ok((credentials.clone(), None)),
            Origin::Reread(read) => {
                let keys = read().map_err(KeysError::Place)?;
                let now = connection.now();
                match keys.1 {
                    Some(at) if at <= now => {
                        Err(KeysError::Ended { from: self.from.clone(), at, now })
                    }
                    _ => Ok(keys),
                }
            }
            Origin::Role { base, arn, session, region } => {
                let action =
                    AssumeRole { role_arn: arn.clone(), role_session_name: session.clone() };
                self.session(connection, &action, region, Signing::With(base)).await
            }
            Origin::WebIdentity { provider, arn, region, token } => {
                let token = token().map_err(KeysError::Place)?;
                (self.hide)(&token);
                let action = AssumeRoleWithWebIdentity {
                    provider_id: provider.clone(),
                    web_identity_token: token.expose().to_owned(),
                    role_arn: arn.clone(),
                    role_session_name: SESSION_NAME,
                };
                self.session(connection, &action, region, Signing::Skip).await
            }
            Origin::Machine { endpoint } => machine(&connection.clock(), endpoint)
                .await
                .map_err(|reason| KeysError::Machine { endpoint: endpoint.to_string(), reason }),
        }
    }

    /// Takes a role.
    async fn session<A: Action<Reply = SessionReply> + Sync>(
        &self,
        connection: &Connection,
        action: &A,
        region: &str,
        signing: Signing<'_>,
    ) -> Result<ExpiringCredentials, KeysError> {
        let take = async {
            let body = serde_json::to_vec(action).map_err(|error| ApiError::Prepare {
                action: A::NAME,
                reason: PrepareProblem::Library(error.to_string()),
            })?;
            let call = Call {
                product: A::PRODUCT,
                action: A::NAME,
                region,
                stops: true,
                patience: A::PATIENCE,
            };
            let response = connection.exchange(call, A::REPEAT, body.into(), signing).await?;
            answer::reply::<A>(&response).map_err(ApiError::without_reason)
        };
        let reply = take.await.map_err(|source| KeysError::Role {
            from: self.from.clone(),
            source: Box::new(source),
        })?;
        let keys = reply.credentials;
        let credentials = Credentials {
            id: Secret::new(keys.tmp_secret_id),
            key: Secret::new(keys.tmp_secret_key),
            token: Some(Secret::new(keys.token)),
        };
        Ok((credentials, DateTime::from_timestamp(reply.expired_time, 0)))
    }
}

/// When to ask for newer keys. Keys that come ended are a matter of clocks that differ: the
/// service knows better, and says so.
fn renewal(now: DateTime<Utc>, expires: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let left = expires - now;
    (left > TimeDelta::zero())
        .then(|| expires - (left / 10).min(TimeDelta::seconds(RENEWAL_MARGIN)))
}

/// How long one answer of a metadata service may take.
fn metadata_timeout(endpoint: &Endpoint) -> Duration {
    if endpoint.is_metadata_service() { METADATA_TIMEOUT } else { NAMED_METADATA_TIMEOUT }
}

/// Asks the metadata service for the role's name, and for its keys.
async fn machine(
    clock: &Clock,
    endpoint: &Endpoint,
) -> Result<ExpiringCredentials, MachineProblem> {
    let fetch = async |path: &str| {
        let mut url = endpoint.url().clone();
        url.set_path(path);
        let limits = (METADATA_CONNECT_TIMEOUT, metadata_timeout(endpoint));
        let fetched = fetch_next_door(clock, url, limits, METADATA_LIMIT).await;
        match fetched.map_err(MachineProblem::Unreachable)? {
            (200, text) => Ok(text),
            (404, _) => Err(MachineProblem::NoRole),
            (status, _) => Err(MachineProblem::Status(status)),
        }
    };
    let names = fetch(METADATA_PATH).await?;
    let role = names.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.,=@+".contains(&byte);
    if role.is_empty() || !role.bytes().all(allowed) {
        return Err(MachineProblem::NoRole);
    }
    let text = fetch(&format!("{METADATA_PATH}{role}")).await?;
    // Never the text itself in an error: it has the keys in it.
    let answer: serde_json::Value =
        serde_json::from_str(&text).map_err(|_| MachineProblem::NotJson)?;
    let get = |name: &str| answer.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    if get("Code") != "Success" {
        return Err(MachineProblem::NoSuccess);
    }
    let secret = |name: &'static str| {
        let value = get(name);
        let right = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
        right.then(|| Secret::new(value)).ok_or(MachineProblem::Lacks(name))
    };
    let credentials = Credentials {
        id: secret("TmpSecretId")?,
        key: secret("TmpSecretKey")?,
        token: Some(secret("Token")?),
    };
    let expires = answer.get("ExpiredTime").and_then(serde_json::Value::as_i64);
    Ok((credentials, expires.and_then(|expires| DateTime::from_timestamp(expires, 0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_renewed_before_they_end() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        for (life, expected) in [
            (7200, Some(6900)),
            (3000, Some(2700)),
            (600, Some(540)),
            (10, Some(9)),
            (0, None),
            (-60, None),
        ] {
            let renewal = renewal(now, now + TimeDelta::seconds(life));
            assert_eq!(renewal, expected.map(|after| now + TimeDelta::seconds(after)), "{life}");
        }
    }

    #[test]
    fn a_metadata_service_that_is_named_has_the_time_of_any_answer() {
        let timeout = |text| metadata_timeout(&Endpoint::metadata(text).unwrap());
        assert_eq!(timeout(None), METADATA_TIMEOUT);
        assert_eq!(timeout(Some("http://127.0.0.1:8080")), NAMED_METADATA_TIMEOUT);
    }
}
