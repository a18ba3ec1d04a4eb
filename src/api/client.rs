//! Action in, reply or error out: signing, sending, retrying, the clock.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::actions::{Action, Product};
use super::answer::{self, request_id};
use super::credentials::Provider;
use super::endpoint::Endpoint;
use super::error::ANSWER_LIMIT;
use super::error::{ApiError, BODY_LIMIT, KeysError, PrepareProblem, utc};
use super::rate::{self, Turns};
use super::retry::{self, Repeat, RetryDecision};
use crate::clock::{Clock, Deadline};
use crate::network::transport::{
    Failed, Happening, HeaderMap, HeaderValue, Limits, Method, Outgoing, RepeatableRequest,
    Transport,
};
use crate::network::{Network, NetworkFailure};
use crate::sign::{Credentials, tc3};

const CONTENT_TYPE: &str = "application/json";
/// The longest silence while an answer is awaited, once the request is sent, or read.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// The slowest line over which a package must still get through, in bytes per second.
const SLOWEST_LINE: u64 = 64 * 1024;
/// Milliseconds by which a clock is off before it matters when a minute begins.
const UNSURE: i64 = 2000;
/// The code of keys that have ended (signing reference).
const TOKEN_FAILURE: &str = "AuthFailure.TokenFailure";
/// A clock that is off by less is not why a signature expired: the service allows 5 minutes.
pub const CLOCK_TOLERANCE: i64 = 240;

/// What the caller may want to tell the user about.
#[derive(Debug)]
pub enum ClientEvent<'a> {
    /// The local clock was off by this many seconds (server − local); signing goes on with
    /// the server's.
    ClockCorrected {
        /// Server minus local, in seconds.
        offset: i64,
    },
    /// A call failed and is sent again after a pause.
    Retrying {
        /// Action, as the API spells it.
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
        /// Action, as the API spells it.
        action: &'static str,
        /// The API's text.
        warning: &'a str,
    },
    /// A request goes out; [`ClientEvent::Over`] follows.
    Sending {
        /// Action, as the API spells it.
        action: &'static str,
    },
    /// A request that went out is under way no more: it was answered, it failed, or whoever sent it
    /// did not wait for the answer.
    Over {
        /// Action, as the API spells it.
        action: &'static str,
    },
    /// One attempt ended, for `--debug`.
    Attempt {
        /// Action, as the API spells it.
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

impl fmt::Display for ClientEvent<'_> {
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
            Self::Sending { action } | Self::Over { action } => write!(formatter, "{action}"),
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
    /// The language of the service's messages.
    pub messages: MessageLanguage,
    /// Turns true when the process is asked to stop: no call is repeated from then on.
    pub stop: watch::Receiver<bool>,
    /// Hears what goes on.
    pub observer: Arc<dyn Fn(&ClientEvent<'_>) + Send + Sync>,
}

/// The language of the service's messages; codes are the same in both (`docs/reference/scf-api.md`,
/// "Transport").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageLanguage {
    /// English.
    English,
    /// Chinese.
    Chinese,
}

impl MessageLanguage {
    /// The value of `X-TC-Language`.
    fn name(self) -> &'static str {
        match self {
            Self::English => "en-US",
            Self::Chinese => "zh-CN",
        }
    }
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
    transport: Transport,
    /// Server minus local clock as of the last answer, in milliseconds.
    ahead: AtomicI64,
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
        let (network, clock) = (options.network.clone(), options.clock.clone());
        let transport = Transport::new(network, clock, options.stop.clone(), 0, CLOCK_TOLERANCE);
        let (turns, ahead) = (Turns::default(), AtomicI64::new(0));
        let shared = Arc::new(Shared { options, turns, transport, ahead });
        Self { shared, deadline }
    }

    /// The same client, for an operation with another deadline.
    #[must_use]
    pub fn within(&self, deadline: Deadline) -> Self {
        Self { deadline, ..self.clone() }
    }

    /// The time, by the server's clock where that is known to be another.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.shared.transport.time(self.clock_offset())
    }

    /// The time by the server's clock, as its last answer told it.
    #[must_use]
    pub fn server_time(&self) -> DateTime<Utc> {
        let ahead = TimeDelta::milliseconds(self.shared.ahead.load(Ordering::Relaxed));
        self.shared.transport.time(0) + ahead
    }

    /// Takes in the server's time. It comes in whole seconds, and after the way back: a clock
    /// that is off by so little is right.
    fn note_server_time(&self, date: DateTime<Utc>) {
        // A part of a millisecond was cut off, and the server's time is not before what it tells.
        let ahead = (date - self.shared.transport.time(0)).num_milliseconds() + 1;
        let ahead = if ahead.abs() < UNSURE { 0 } else { ahead };
        self.shared.ahead.store(ahead, Ordering::Relaxed);
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
        self.shared.transport.offset()
    }

    /// Turns true when the process is asked to stop.
    #[must_use]
    pub fn stop(&self) -> watch::Receiver<bool> {
        self.shared.options.stop.clone()
    }

    /// Tells what goes on.
    pub(super) fn tell(&self, event: &ClientEvent<'_>) {
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
        let call =
            Call { product: A::PRODUCT, action: A::NAME, region, stops, patience: A::PATIENCE };
        let response = self.ask(call, A::REPEAT, serde_json::to_vec(action)).await?;
        answer::reply::<A>(&response)
    }

    /// What is the same for every action, so that it is there once.
    fn ask<'a>(
        &'a self,
        call: Call<'a>,
        repeat: Repeat,
        body: Result<Vec<u8>, serde_json::Error>,
    ) -> BoxFuture<'a, Result<serde_json::Value, ApiError>> {
        Box::pin(async move {
            let action = call.action;
            let body = body
                .map_err(|error| PrepareProblem::Library(error.to_string()))
                .map_err(|reason| ApiError::Prepare { action, reason })?;
            if body.len() > BODY_LIMIT {
                return Err(ApiError::TooLarge { action, size: body.len() });
            }
            self.signed(call, repeat, body.into()).await
        })
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
        let endpoint = self.shared.options.endpoint.of_product(call.product.name);
        let mut exchange = Exchange { client: self, call, repeat, body, signing, endpoint };
        self.shared.transport.repeat(&mut exchange).await
    }

    /// Waits until the action may be called once more, in vain when the process is to stop or
    /// the time is over.
    async fn turn(&self, call: Call<'_>) -> Result<Turn, ApiError> {
        let action = call.action;
        let transport = &self.shared.transport;
        tokio::select! {
            biased;
            permit = self.shared.turns.take(action, call.region) => {
                Ok(Turn { permit, clock: self.clock() })
            }
            () = transport.stopping(), if call.stops => Err(ApiError::Stopped { action }),
            () = transport.clock().sleep_until(self.deadline.at()) => {
                let timeout = self.deadline.allowed();
                Err(ApiError::TimedOut { action, timeout, sent: false })
            }
        }
    }

    /// What a request came to that brought no answer.
    fn unanswered(
        &self,
        action: &'static str,
        endpoint: String,
        failure: NetworkFailure,
    ) -> ApiError {
        match failure {
            NetworkFailure::Certificate { owner, problem } => {
                ApiError::Certificate { action, owner, problem }
            }
            NetworkFailure::Proxy { proxy, variable, reason } => {
                ApiError::Proxy { action, proxy, variable, reason }
            }
            NetworkFailure::Connect { reason } => ApiError::Connect { action, endpoint, reason },
            NetworkFailure::Lost(reason) => ApiError::NoAnswer { action, endpoint, reason },
            NetworkFailure::Over => {
                ApiError::TimedOut { action, timeout: self.deadline.allowed(), sent: true }
            }
        }
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
        let time = self.shared.transport.time(offset);
        let value = |name: &'static str, text: &str| {
            HeaderValue::from_str(text).map_err(|_| PrepareProblem::Header { name })
        };
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static(CONTENT_TYPE));
        headers.insert("x-tc-action", HeaderValue::from_static(action));
        headers.insert("x-tc-version", HeaderValue::from_static(product.version));
        headers.insert("x-tc-timestamp", HeaderValue::from(time.timestamp()));
        headers.insert("x-tc-region", value("X-TC-Region", region)?);
        headers
            .insert("x-tc-language", HeaderValue::from_static(self.shared.options.messages.name()));
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
        let request = tc3::SignableRequest {
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
}

/// A call on its way: signed, sent, understood.
struct Exchange<'a> {
    client: &'a Client,
    call: Call<'a>,
    repeat: Repeat,
    body: bytes::Bytes,
    signing: Signing<'a>,
    endpoint: Endpoint,
}

impl RepeatableRequest for Exchange<'_> {
    type Reply = serde_json::Value;
    type Error = ApiError;
    type Turn = Turn;

    async fn turn(&self) -> Result<Turn, ApiError> {
        self.client.turn(self.call).await
    }

    async fn send(&self, offset: i64) -> Result<serde_json::Value, Failed<ApiError>> {
        let Self { client, call, body, endpoint, .. } = self;
        let (action, transport) = (call.action, &client.shared.transport);
        let (headers, signature) = client
            .headers(*call, endpoint, body, offset, self.signing)
            .map_err(|reason| (ApiError::Prepare { action, reason }, None))?;
        if transport.clock().instant() >= client.deadline.at() {
            let timeout = client.deadline.allowed();
            return Err((ApiError::TimedOut { action, timeout, sent: false }, None));
        }
        let _under_way = UnderWay::begin(client, action);
        let limits = Limits {
            answer: ANSWER_LIMIT,
            wait: answer_timeout(body.len()) + call.patience,
            silence: READ_TIMEOUT,
            total: None,
        };
        let (url, host) = (endpoint.url().clone(), endpoint.to_string());
        let body = Some(body.clone());
        let outgoing = Outgoing { method: Method::POST, url, headers, body, taken: None };
        let answer = transport.transfer(outgoing, &host, limits, client.deadline.at()).await;
        let answer = answer.map_err(|failure| (client.unanswered(action, host, failure), None))?;
        if let Some(date) = answer.date() {
            client.note_server_time(date);
        }
        let secrets: Vec<&str> = signature
            .iter()
            .flat_map(|signature| [signature.authorization.as_str(), signature.signature.as_str()])
            .collect();
        answer::understand(action, endpoint, answer.status, &answer.body, &secrets)
            .map_err(|error| (error, answer.date()))
    }

    fn observe(&mut self, happening: Happening<'_, serde_json::Value, ApiError>) {
        let Call { action, region, .. } = self.call;
        match happening {
            Happening::Ended { attempt, duration, outcome } => {
                let request_id = match outcome {
                    Ok(response) => request_id(response),
                    Err(ApiError::Api { request_id, .. }) => Some(request_id.as_str()),
                    Err(_) => None,
                };
                let failure = outcome.err();
                self.client.tell(&ClientEvent::Attempt {
                    action,
                    region,
                    attempt,
                    duration,
                    request_id,
                    failure,
                });
                let warning = outcome.ok().and_then(|response| response.get("DeprecatedWarning"));
                if let Some(warning) = warning.and_then(serde_json::Value::as_str) {
                    self.client.tell(&ClientEvent::Deprecated { action, warning });
                }
            }
            Happening::ClockCorrected { offset } => {
                self.client.tell(&ClientEvent::ClockCorrected { offset });
            }
            Happening::Repeating { error, after } => {
                self.client.tell(&ClientEvent::Retrying { action, error, after });
            }
        }
    }

    fn is_expired(&self, error: &ApiError) -> bool {
        error.code() == Some("AuthFailure.SignatureExpire")
    }

    fn expired(&self, (error, server): Failed<ApiError>, took: Duration) -> ApiError {
        let local = self.client.shared.transport.time(0);
        match error {
            ApiError::Api { action, code, message, request_id } => ApiError::Clock {
                action,
                code,
                message,
                request_id,
                local,
                server,
                apart: server.map(|server| (server - local).num_seconds()),
                took,
                size: self.body.len(),
                temporary: match self.signing {
                    Signing::With(keys) => keys.token.is_some(),
                    Signing::Skip => false,
                },
            },
            other => other,
        }
    }

    fn pause(&self, error: &ApiError, attempts: u32) -> Option<Duration> {
        match retry::decide(error.failure()?, self.repeat, attempts, fastrand::f64()) {
            RetryDecision::Again(after) => Some(after),
            RetryDecision::GiveUp | RetryDecision::AwaitActive => None,
        }
    }

    fn deadline(&self) -> Instant {
        self.client.deadline.at()
    }

    fn stops(&self) -> bool {
        self.call.stops
    }

    fn stopped(&self, error: ApiError) -> ApiError {
        error
    }
}

/// What is called, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) product: Product,
    pub(super) action: &'static str,
    pub(super) region: &'a str,
    /// Whether it is given up when the process is to stop and it has to wait.
    pub(super) stops: bool,
    /// How long the answer may take beyond that of most actions.
    pub(super) patience: Duration,
}

/// In whose name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signing<'a> {
    /// Of the owner of these keys.
    With(&'a Credentials),
    /// Of nobody: only `sts:AssumeRoleWithWebIdentity` takes that (signing reference).
    Skip,
}

/// A request that is under way, until its end is told. Also when its caller did not wait for the
/// answer.
struct UnderWay<'a> {
    client: &'a Client,
    action: &'static str,
}

impl<'a> UnderWay<'a> {
    fn begin(client: &'a Client, action: &'static str) -> Self {
        client.tell(&ClientEvent::Sending { action });
        Self { client, action }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.client.tell(&ClientEvent::Over { action: self.action });
    }
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
