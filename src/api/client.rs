//! Action in, reply or error out: signing, sending, retrying, the clock.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{HeaderMap, HeaderValue};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::actions::{Action, Product};
use super::answer::{self, ANSWER_LIMIT, request_id};
use super::credentials::{KeysError, Provider};
use super::endpoint::Endpoint;
use super::error::{ApiError, BODY_LIMIT, PrepareProblem, utc};
use super::rate::{self, Turns};
use super::retry::{self, Decision, Repeat};
use crate::clock::{Clock, Deadline};
use crate::network::{self, Failure, Network, Silence, innermost};
use crate::sign::{Credentials, tc3};

const CONTENT_TYPE: &str = "application/json";
/// The longest silence while an answer is awaited, once the request is sent, or read.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// The slowest line over which a package must still get through, in bytes per second.
const SLOWEST_LINE: u64 = 64 * 1024;
/// How long a connection to the metadata service may take. Outside of the cloud its name leads
/// nowhere, and whoever forgot to set keys must not wait for that.
const METADATA_CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long one answer of the metadata service may take.
const METADATA_TIMEOUT: Duration = Duration::from_secs(3);
/// No answer of the metadata service comes near this, in bytes.
const METADATA_LIMIT: usize = 64 * 1024;
/// The code of keys that have ended (signing reference).
const TOKEN_FAILURE: &str = "AuthFailure.TokenFailure";
/// A clock that is off by less is not why a signature expired: the service allows 5 minutes.
pub const CLOCK_TOLERANCE: i64 = 240;

/// What the caller may want to tell the user about.
#[derive(Debug)]
pub enum Event<'a> {
    /// The local clock was off by this many seconds (server − local); signing goes on with
    /// the server's.
    ClockCorrected {
        /// Server minus local, in seconds.
        offset: i64,
    },
    /// A call failed and is sent again after a pause.
    Retrying {
        /// Action.
        action: &'static str,
        /// Why.
        error: &'a ApiError,
        /// Pause.
        after: Duration,
    },
    /// Keys to sign with were asked for and came.
    KeysObtained {
        /// What gave them.
        from: &'a str,
        /// Until when they are good.
        expires: Option<DateTime<Utc>>,
    },
    /// Keys are soon to end and could not be renewed yet; they go on being used.
    KeysNotRenewed {
        /// What should have given new ones.
        from: &'a str,
        /// Why not.
        error: &'a KeysError,
        /// Until when those that are there are good.
        expires: DateTime<Utc>,
    },
    /// The API calls the action outdated.
    Deprecated {
        /// Action.
        action: &'static str,
        /// The API's text.
        warning: &'a str,
    },
    /// A request goes out. Each ends as an [`Event::Attempt`].
    Sending {
        /// Action.
        action: &'static str,
    },
    /// One attempt ended, for `--debug`.
    Attempt {
        /// Action.
        action: &'static str,
        /// Region.
        region: &'a str,
        /// From 1.
        attempt: u32,
        /// How long it took.
        duration: Duration,
        /// Request id where there is one.
        request_id: Option<&'a str>,
        /// Why it failed, if it did.
        failure: Option<&'a ApiError>,
    },
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClockCorrected { offset } => write!(
                formatter,
                "this machine's clock is {} s {} the server's; signing with the server's time",
                offset.abs(),
                if *offset > 0 { "behind" } else { "ahead of" }
            ),
            Self::Retrying { action, error, after } => {
                write!(formatter, "{error}; trying {action} again in {:.1} s", after.as_secs_f64())
            }
            Self::KeysObtained { from, expires } => {
                write!(formatter, "new keys from {from}")?;
                match expires {
                    Some(expires) => write!(formatter, ", good until {}", utc(*expires)),
                    None => Ok(()),
                }
            }
            Self::KeysNotRenewed { from, error, expires } => write!(
                formatter,
                "no new keys from {from} yet ({error}); those that are there are good until {}",
                utc(*expires)
            ),
            Self::Deprecated { action, warning } => write!(formatter, "{action}: {warning}"),
            Self::Sending { action } => write!(formatter, "{action}"),
            Self::Attempt { action, region, attempt, duration, request_id, failure } => {
                let (millis, id) = (duration.as_millis(), request_id.unwrap_or("-"));
                write!(formatter, "{action} {region} attempt {attempt} {millis} ms {id} ")?;
                match failure {
                    None => formatter.write_str("ok"),
                    Some(ApiError::Api { code, .. }) => formatter.write_str(code),
                    Some(error) => write!(formatter, "{error}"),
                }
            }
        }
    }
}

/// Settings of a [`Client`].
pub struct ClientOptions {
    /// Access point.
    pub endpoint: Endpoint,
    /// Connections to it.
    pub network: Network,
    /// Gives the keys to sign with.
    pub credentials: Provider,
    /// The local clock.
    pub clock: Clock,
    /// Turns true when the process is asked to stop: no call is repeated from then on.
    pub stop: watch::Receiver<bool>,
    /// Hears what goes on.
    pub observer: Arc<dyn Fn(&Event<'_>) + Send + Sync>,
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientOptions")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// A client of the SCF API: one connection pool, one key pair, all regions. Copies share them, and
/// each has the deadline of its operation.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    deadline: Deadline,
}

struct Shared {
    options: ClientOptions,
    turns: Turns,
    /// Server minus local clock, in seconds, once it is known to matter.
    clock_offset: AtomicI64,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client for an operation that ends by `deadline`; connects to nothing yet.
    #[must_use]
    pub fn new(options: ClientOptions, deadline: Deadline) -> Self {
        let turns = Turns::default();
        let shared = Arc::new(Shared { options, turns, clock_offset: AtomicI64::new(0) });
        Self { shared, deadline }
    }

    /// The same client, for an operation with another deadline.
    #[must_use]
    pub fn within(&self, deadline: Deadline) -> Self {
        Self { deadline, ..self.clone() }
    }

    /// The time, by the server's clock where that is known to be another.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock().now() + TimeDelta::seconds(self.shared.clock_offset.load(Ordering::Relaxed))
    }

    /// The connections, for requests that are not calls of the API.
    #[must_use]
    pub fn connections(&self) -> Network {
        self.shared.options.network.clone()
    }

    /// The keys that a call would be signed with now.
    ///
    /// # Errors
    /// There are none; `action` is what they were wanted for.
    pub async fn credentials(&self, action: &'static str) -> Result<Arc<Credentials>, ApiError> {
        let keys = self.shared.options.credentials.current(self).await;
        keys.map_err(|source| ApiError::Keys { action, source })
    }

    /// The local clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.shared.options.clock.clone()
    }

    /// Server minus local clock, in seconds, as far as it is known to matter.
    #[must_use]
    pub fn clock_offset(&self) -> i64 {
        self.shared.clock_offset.load(Ordering::Relaxed)
    }

    /// Turns true when the process is asked to stop.
    #[must_use]
    pub fn stop(&self) -> watch::Receiver<bool> {
        self.shared.options.stop.clone()
    }

    /// Tells what goes on.
    pub(super) fn tell(&self, event: &Event<'_>) {
        (self.shared.options.observer)(event);
    }

    /// When the operation must be over.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline.at()
    }

    /// The whole time that the operation may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.deadline.allowed()
    }

    /// Calls an action in a region, retrying as the policy says. No more calls are sent than
    /// the action's documented rate allows; one too many waits for its turn.
    ///
    /// # Errors
    /// See [`ApiError`]. A code that asks for waiting until the function is `Active` comes
    /// back as it is: the caller knows which function to wait for.
    pub async fn call<A: Action + Sync>(
        &self,
        region: &str,
        action: &A,
    ) -> Result<A::Reply, ApiError> {
        self.make(region, action, true).await
    }

    /// As [`Self::call`], although the process was asked to stop: what was begun is seen to its
    /// end.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn call_to_the_end<A: Action + Sync>(
        &self,
        region: &str,
        action: &A,
    ) -> Result<A::Reply, ApiError> {
        self.make(region, action, false).await
    }

    async fn make<A: Action + Sync>(
        &self,
        region: &str,
        action: &A,
        stops: bool,
    ) -> Result<A::Reply, ApiError> {
        let body = serde_json::to_vec(action)
            .map_err(|error| PrepareProblem::Library(error.to_string()))
            .map_err(|reason| ApiError::Prepare { action: A::NAME, reason })?;
        if body.len() > BODY_LIMIT {
            return Err(ApiError::TooLarge { action: A::NAME, size: body.len() });
        }
        let call = Call { product: A::PRODUCT, action: A::NAME, region, stops };
        let response = self.signed(call, A::REPEAT, body.into()).await?;
        answer::reply::<A>(response)
    }

    /// Gets the keys now that the first call would get, where they have to be asked for.
    ///
    /// # Errors
    /// There are none.
    pub async fn obtain_credentials(&self) -> Result<(), KeysError> {
        self.shared.options.credentials.current(self).await.map(drop)
    }

    /// A call in the user's name.
    ///
    /// Keys that the service calls ended are renewed, once: the refused call was not executed
    /// (signing reference), so that repeating it is safe for every action.
    async fn signed(
        &self,
        call: Call<'_>,
        repeat: Repeat,
        body: bytes::Bytes,
    ) -> Result<serde_json::Value, ApiError> {
        let action = call.action;
        let provider = &self.shared.options.credentials;
        let lacking = |source| ApiError::Keys { action, source };
        let mut keys = provider.current(self).await.map_err(lacking)?;
        let mut renewed = false;
        loop {
            let signing = Signing::With(&keys);
            let error = match self.exchange(call, repeat, body.clone(), signing).await {
                Err(error) if error.code() == Some(TOKEN_FAILURE) => error,
                outcome => return outcome,
            };
            if renewed {
                return Err(provider.refused(error, true));
            }
            keys = match provider.renewed(self, &keys).await.map_err(lacking)? {
                Some(newer) => newer,
                None => return Err(provider.refused(error, false)),
            };
            renewed = true;
        }
    }

    /// One call, repeated as the policy says.
    pub(super) async fn exchange(
        &self,
        call: Call<'_>,
        repeat: Repeat,
        body: bytes::Bytes,
        signing: Signing<'_>,
    ) -> Result<serde_json::Value, ApiError> {
        let action = call.action;
        let endpoint = self.shared.options.endpoint.of_product(call.product.name);
        let mut clock_tried = false;
        let mut attempt = 1;
        loop {
            let turn = self.turn(call).await?;
            let offset = self.shared.clock_offset.load(Ordering::Relaxed);
            let started = self.clock().instant();
            let outcome = self.attempt(call, &endpoint, body.clone(), offset, signing).await;
            drop(turn);
            self.report_attempt(call, attempt, self.clock().since(started), &outcome);
            let error = match outcome {
                Ok(response) => {
                    if let Some(warning) =
                        response.get("DeprecatedWarning").and_then(serde_json::Value::as_str)
                    {
                        (self.shared.options.observer)(&Event::Deprecated { action, warning });
                    }
                    return Ok(response);
                }
                Err((error, date)) => {
                    if error.code() == Some("AuthFailure.SignatureExpire") {
                        // Refused before it was executed: once more is safe for every call.
                        if !clock_tried && self.correct_clock(offset, date) {
                            clock_tried = true;
                            continue;
                        }
                        let temporary = match signing {
                            Signing::With(keys) => keys.token.is_some(),
                            Signing::Skip => false,
                        };
                        let sent =
                            Sent { took: self.clock().since(started), size: body.len(), temporary };
                        return Err(self.clock_error(error, date, &sent));
                    }
                    error
                }
            };
            let Some(failure) = error.failure() else { return Err(error) };
            match retry::decide(failure, repeat, attempt, fastrand::f64()) {
                Decision::GiveUp | Decision::AwaitActive => return Err(error),
                Decision::Again(after) => {
                    if self.clock().instant() + after >= self.deadline.at() {
                        return Err(error);
                    }
                    (self.shared.options.observer)(&Event::Retrying {
                        action,
                        error: &error,
                        after,
                    });
                    let mut stop = self.shared.options.stop.clone();
                    tokio::select! {
                        biased;
                        Ok(_) = stop.wait_for(|stop| *stop), if call.stops => return Err(error),
                        () = self.shared.options.clock.sleep(after) => {}
                    }
                    attempt += 1;
                }
            }
        }
    }

    /// Waits until the action may be called once more, in vain when the process is to stop or
    /// the time is over.
    async fn turn(&self, call: Call<'_>) -> Result<Turn, ApiError> {
        let action = call.action;
        let mut stop = self.shared.options.stop.clone();
        tokio::select! {
            biased;
            permit = self.shared.turns.take(action, call.region) => {
                Ok(Turn { permit, clock: self.clock() })
            }
            Ok(_) = stop.wait_for(|stop| *stop), if call.stops => {
                Err(ApiError::Stopped { action })
            }
            () = self.shared.options.clock.sleep_until(self.deadline.at()) => {
                let timeout = self.deadline.allowed();
                Err(ApiError::TimedOut { action, timeout, sent: false })
            }
        }
    }

    /// One request and its answer; with an error comes the server's `Date`.
    async fn attempt(
        &self,
        call: Call<'_>,
        endpoint: &Endpoint,
        body: bytes::Bytes,
        offset: i64,
        signing: Signing<'_>,
    ) -> Result<serde_json::Value, (ApiError, Option<DateTime<Utc>>)> {
        let action = call.action;
        let (headers, signature) = self
            .headers(call, endpoint, &body, offset, signing)
            .map_err(|reason| (ApiError::Prepare { action, reason }, None))?;
        let remaining = self.deadline.at().saturating_duration_since(self.clock().instant());
        if remaining.is_zero() {
            let timeout = self.deadline.allowed();
            return Err((ApiError::TimedOut { action, timeout, sent: false }, None));
        }
        (self.shared.options.observer)(&Event::Sending { action });
        let working = self.clock().work();
        let transfer = self.transfer(endpoint, headers, body);
        let outcome = tokio::time::timeout(remaining, transfer).await;
        drop(working);
        let Answer { status, date, received } = match outcome {
            Ok(Ok(answer)) => answer,
            Ok(Err(Broken::Connection(error))) => {
                return Err((self.broken(action, endpoint, &error), None));
            }
            Ok(Err(Broken::Silent(within))) => {
                let reason = Silence::Nothing { within };
                return Err((
                    ApiError::NoAnswer { action, endpoint: endpoint.to_string(), reason },
                    None,
                ));
            }
            Err(_) => {
                let timeout = self.deadline.allowed();
                return Err((ApiError::TimedOut { action, timeout, sent: true }, None));
            }
        };
        let secrets: Vec<&str> = signature
            .iter()
            .flat_map(|signature| [signature.authorization.as_str(), signature.signature.as_str()])
            .collect();
        answer::understand(action, endpoint, status, &received, &secrets)
            .map_err(|error| (error, date))
    }

    /// What a connection came to that brought no answer.
    fn broken(
        &self,
        action: &'static str,
        endpoint: &Endpoint,
        error: &reqwest::Error,
    ) -> ApiError {
        let (network, url) = (&self.shared.options.network, endpoint.url());
        let endpoint = endpoint.to_string();
        match network.failure(url, error) {
            Failure::Certificate(problem) => {
                let owner = network.shown_by(url, endpoint);
                ApiError::Certificate { action, owner, problem }
            }
            Failure::Proxy { proxy, variable, reason } => {
                ApiError::Proxy { action, proxy, variable, reason }
            }
            Failure::Connect { reason } => ApiError::Connect { action, endpoint, reason },
            Failure::Lost { reason } => {
                ApiError::NoAnswer { action, endpoint, reason: Silence::Broken { reason } }
            }
        }
    }

    /// Sends the bytes and reads what comes back, up to the first chunk over the limit.
    async fn transfer(
        &self,
        endpoint: &Endpoint,
        headers: HeaderMap,
        body: bytes::Bytes,
    ) -> Result<Answer, Broken> {
        let allowed = answer_timeout(body.len());
        let url = endpoint.url().clone();
        let send = self.shared.options.network.http().post(url).headers(headers).body(body).send();
        // Not the library's read timeout: it runs while the request is being uploaded too.
        let mut answer =
            tokio::time::timeout(allowed, send).await.map_err(|_| Broken::Silent(allowed))??;
        let date = answer
            .headers()
            .get(reqwest::header::DATE)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| DateTime::parse_from_rfc2822(text).ok())
            .map(|date| date.with_timezone(&Utc));
        let mut received = Vec::new();
        while received.len() <= ANSWER_LIMIT
            && let Some(chunk) = tokio::time::timeout(READ_TIMEOUT, answer.chunk())
                .await
                .map_err(|_| Broken::Silent(READ_TIMEOUT))??
        {
            received.extend_from_slice(&chunk);
        }
        Ok(Answer { status: answer.status().as_u16(), date, received })
    }

    fn headers(
        &self,
        call: Call<'_>,
        endpoint: &Endpoint,
        body: &[u8],
        offset: i64,
        signing: Signing<'_>,
    ) -> Result<(HeaderMap, Option<tc3::Signature>), PrepareProblem> {
        let Call { product, action, region, .. } = call;
        let time = self.clock().now() + TimeDelta::seconds(offset);
        let value = |name: &'static str, text: &str| {
            HeaderValue::from_str(text).map_err(|_| PrepareProblem::Header { name })
        };
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static(CONTENT_TYPE));
        headers.insert("x-tc-action", HeaderValue::from_static(action));
        headers.insert("x-tc-version", HeaderValue::from_static(product.version));
        headers.insert("x-tc-timestamp", HeaderValue::from(time.timestamp()));
        headers.insert("x-tc-region", value("X-TC-Region", region)?);
        headers.insert("x-tc-language", HeaderValue::from_static("en-US"));
        headers.insert(
            "x-tc-requestclient",
            HeaderValue::from_static(concat!("scfctl_", env!("CARGO_PKG_VERSION"))),
        );
        let Signing::With(credentials) = signing else {
            headers.insert("authorization", HeaderValue::from_static("SKIP"));
            return Ok((headers, None));
        };
        if let Some(token) = &credentials.token {
            let mut token = value("X-TC-Token", token.expose())?;
            token.set_sensitive(true);
            headers.insert("x-tc-token", token);
        }
        let request = tc3::Request {
            method: "POST",
            service: product.name,
            query: "",
            headers: &[("content-type", CONTENT_TYPE), ("host", endpoint.host())],
            body,
            payload: tc3::PayloadMode::Signed,
        };
        let signature = tc3::sign(credentials, time, &request);
        let mut authorization = value("Authorization", &signature.authorization)?;
        authorization.set_sensitive(true);
        headers.insert("authorization", authorization);
        Ok((headers, Some(signature)))
    }

    /// Takes over the server's clock when the local one is off; says whether that is worth
    /// another try.
    fn correct_clock(&self, used: i64, date: Option<DateTime<Utc>>) -> bool {
        let current = self.shared.clock_offset.load(Ordering::Relaxed);
        if current != used {
            // A call that went out at the same time has found out already.
            return true;
        }
        let Some(date) = date else { return false };
        let offset = (date - self.clock().now()).num_seconds();
        if (offset - used).abs() < CLOCK_TOLERANCE {
            return false;
        }
        self.shared.clock_offset.store(offset, Ordering::Relaxed);
        (self.shared.options.observer)(&Event::ClockCorrected { offset });
        true
    }

    fn clock_error(&self, error: ApiError, date: Option<DateTime<Utc>>, sent: &Sent) -> ApiError {
        let now = self.clock().now();
        match error {
            ApiError::Api { action, code, message, request_id } => ApiError::Clock {
                action,
                code,
                message,
                request_id,
                local: now,
                server: date,
                apart: date.map(|date| (date - now).num_seconds()),
                took: sent.took,
                size: sent.size,
                temporary: sent.temporary,
            },
            other => other,
        }
    }

    fn report_attempt(
        &self,
        call: Call<'_>,
        attempt: u32,
        duration: Duration,
        outcome: &Result<serde_json::Value, (ApiError, Option<DateTime<Utc>>)>,
    ) {
        let (request_id, failure) = match outcome {
            Ok(response) => (request_id(response), None),
            Err((error @ ApiError::Api { request_id, .. }, _)) => {
                (Some(request_id.as_str()), Some(error))
            }
            Err((error, _)) => (None, Some(error)),
        };
        (self.shared.options.observer)(&Event::Attempt {
            action: call.action,
            region: call.region,
            attempt,
            duration,
            request_id,
            failure,
        });
    }
}

/// A request whose signature was too old when it arrived.
struct Sent {
    took: Duration,
    size: usize,
    temporary: bool,
}

/// What is called, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) product: Product,
    pub(super) action: &'static str,
    pub(super) region: &'a str,
    /// Whether it is given up when the process is to stop and it has to wait.
    pub(super) stops: bool,
}

/// In whose name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signing<'a> {
    /// Of the owner of these keys.
    With(&'a Credentials),
    /// Of nobody: only `sts:AssumeRoleWithWebIdentity` takes that (signing reference).
    Skip,
}

/// A turn at calling an action, given back when the call no longer counts. Also when its
/// caller did not wait for the answer: the call may have arrived.
struct Turn {
    permit: Option<OwnedSemaphorePermit>,
    clock: Clock,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let (permit, clock) = (self.permit.take(), self.clock.clone());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                clock.sleep(rate::WINDOW).await;
                drop(permit);
            });
        }
    }
}

/// The metadata of this machine under an address: status and text. It is next door, so it
/// answers at once or not at all, and no proxy leads to it.
///
/// # Errors
/// No connection, or no answer: why.
pub(super) async fn fetch_metadata(url: url::Url) -> Result<(u16, String), String> {
    let http = network::next_door(METADATA_CONNECT_TIMEOUT, METADATA_TIMEOUT)?;
    let mut answer = http.get(url).send().await.map_err(|error| innermost(&error))?;
    let mut received = Vec::new();
    while received.len() <= METADATA_LIMIT
        && let Some(chunk) = answer.chunk().await.map_err(|error| innermost(&error))?
    {
        received.extend_from_slice(&chunk);
    }
    received.truncate(METADATA_LIMIT);
    Ok((answer.status().as_u16(), String::from_utf8_lossy(&received).into_owned()))
}

/// An answer as it came.
struct Answer {
    status: u16,
    date: Option<DateTime<Utc>>,
    received: Vec<u8>,
}

/// Why no answer came.
enum Broken {
    /// The connection did not come about, or broke.
    Connection(reqwest::Error),
    /// Nothing came for so long.
    Silent(Duration),
}

impl From<reqwest::Error> for Broken {
    fn from(error: reqwest::Error) -> Self {
        Self::Connection(error)
    }
}

/// How long the first byte of an answer may take: the upload of so many bytes over a slow
/// line, and the silence allowed after it.
fn answer_timeout(bytes: usize) -> Duration {
    READ_TIMEOUT + Duration::from_secs(u64::try_from(bytes).unwrap_or(u64::MAX) / SLOWEST_LINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_time_to_be_uploaded() {
        assert_eq!(answer_timeout(200), READ_TIMEOUT);
        assert_eq!(answer_timeout(BODY_LIMIT), Duration::from_secs(190));
    }
}
