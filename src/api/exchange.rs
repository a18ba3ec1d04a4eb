//! One call on its way: signed, sent, repeated as the policy says, understood.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::actions::Product;
use super::answer::{self, request_id};
use super::endpoint::Endpoint;
use super::error::{ANSWER_LIMIT, ApiError, PrepareProblem};
use super::event::ClientEvent;
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
/// A clock that is off by less is not why a signature expired: the service allows 5 minutes.
pub const CLOCK_TOLERANCE: i64 = 240;

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

/// Hears what goes on.
pub(super) type Observer = Arc<dyn Fn(&ClientEvent<'_>) + Send + Sync>;

/// What calls go out by: one connection pool, one clock, all regions. It has no keys. Copies share
/// all that, and each has the deadline of its operation.
#[derive(Clone)]
pub(super) struct Connection {
    shared: Arc<Shared>,
    deadline: Deadline,
}

struct Shared {
    endpoint: Endpoint,
    network: Network,
    messages: MessageLanguage,
    observer: Observer,
    turns: Turns,
    transport: Transport,
    stop: watch::Receiver<bool>,
    /// Server minus local clock as of the last answer, in milliseconds.
    ahead: AtomicI64,
}

impl Connection {
    /// For an operation that ends by `deadline`; connects to nothing yet.
    pub(super) fn new(
        endpoint: Endpoint,
        network: Network,
        clock: Clock,
        messages: MessageLanguage,
        stop: watch::Receiver<bool>,
        observer: Observer,
        deadline: Deadline,
    ) -> Self {
        let transport = Transport::new(network.clone(), clock, stop.clone(), 0, CLOCK_TOLERANCE);
        let (turns, ahead) = (Turns::default(), AtomicI64::new(0));
        let shared =
            Shared { endpoint, network, messages, observer, turns, transport, stop, ahead };
        Self { shared: Arc::new(shared), deadline }
    }

    /// The same, for an operation with another deadline.
    pub(super) fn within(&self, deadline: Deadline) -> Self {
        Self { deadline, ..self.clone() }
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    pub(super) fn network(&self) -> &Network {
        &self.shared.network
    }

    /// The local clock.
    pub(super) fn clock(&self) -> Clock {
        self.shared.transport.clock().clone()
    }

    /// Server minus local clock, in seconds, as far as it is known to matter.
    pub(super) fn clock_offset(&self) -> i64 {
        self.shared.transport.offset()
    }

    /// Turns true when the process is asked to stop.
    pub(super) fn stop(&self) -> watch::Receiver<bool> {
        self.shared.stop.clone()
    }

    /// When the operation must be over.
    pub(super) fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// The time, by the server's clock where that is known to be another.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.shared.transport.time(self.clock_offset())
    }

    /// The time by the server's clock, as its last answer told it.
    pub(super) fn server_time(&self) -> DateTime<Utc> {
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

    /// Tells what goes on.
    pub(super) fn tell(&self, event: &ClientEvent<'_>) {
        (self.shared.observer)(event);
    }

    /// One call, repeated as the policy says.
    pub(super) async fn exchange(
        &self,
        call: Call<'_>,
        repeat: Repeat,
        body: bytes::Bytes,
        signing: Signing<'_>,
    ) -> Result<serde_json::Value, ApiError> {
        let endpoint = self.shared.endpoint.of_product(call.product.name);
        let mut exchange = Exchange { connection: self, call, repeat, body, signing, endpoint };
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
        headers.insert("x-tc-language", HeaderValue::from_static(self.shared.messages.name()));
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
    connection: &'a Connection,
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
        self.connection.turn(self.call).await
    }

    async fn send(&self, offset: i64) -> Result<serde_json::Value, Failed<ApiError>> {
        let Self { connection, call, body, endpoint, .. } = self;
        let (action, transport) = (call.action, &connection.shared.transport);
        let (headers, signature) = connection
            .headers(*call, endpoint, body, offset, self.signing)
            .map_err(|reason| (ApiError::Prepare { action, reason }, None))?;
        if transport.clock().instant() >= connection.deadline.at() {
            let timeout = connection.deadline.allowed();
            return Err((ApiError::TimedOut { action, timeout, sent: false }, None));
        }
        let _under_way = UnderWay::begin(connection, action);
        let limits = Limits {
            answer: ANSWER_LIMIT,
            wait: answer_timeout(body.len()) + call.patience,
            silence: READ_TIMEOUT,
            total: None,
        };
        let (url, host) = (endpoint.url().clone(), endpoint.to_string());
        let body = Some(body.clone());
        let outgoing = Outgoing { method: Method::POST, url, headers, body, taken: None };
        let answer = transport.transfer(outgoing, &host, limits, connection.deadline.at()).await;
        let answer =
            answer.map_err(|failure| (connection.unanswered(action, host, failure), None))?;
        if let Some(date) = answer.date() {
            connection.note_server_time(date);
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
                self.connection.tell(&ClientEvent::Attempt {
                    action,
                    region,
                    attempt,
                    duration,
                    request_id,
                    failure,
                });
                let warning = outcome.ok().and_then(|response| response.get("DeprecatedWarning"));
                if let Some(warning) = warning.and_then(serde_json::Value::as_str) {
                    self.connection.tell(&ClientEvent::Deprecated { action, warning });
                }
            }
            Happening::ClockCorrected { offset } => {
                self.connection.tell(&ClientEvent::ClockCorrected { offset });
            }
            Happening::Repeating { error, after } => {
                self.connection.tell(&ClientEvent::Retrying { action, error, after });
            }
        }
    }

    fn is_expired(&self, error: &ApiError) -> bool {
        error.code() == Some("AuthFailure.SignatureExpire")
    }

    fn expired(&self, (error, server): Failed<ApiError>, took: Duration) -> ApiError {
        let local = self.connection.shared.transport.time(0);
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
        self.connection.deadline.at()
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
    connection: &'a Connection,
    action: &'static str,
}

impl<'a> UnderWay<'a> {
    fn begin(connection: &'a Connection, action: &'static str) -> Self {
        connection.tell(&ClientEvent::Sending { action });
        Self { connection, action }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.connection.tell(&ClientEvent::Over { action: self.action });
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
    use crate::api::error::BODY_LIMIT;

    #[test]
    fn a_package_has_time_to_be_uploaded() {
        assert_eq!(answer_timeout(200), READ_TIMEOUT);
        assert_eq!(answer_timeout(BODY_LIMIT), Duration::from_secs(190));
    }
}
