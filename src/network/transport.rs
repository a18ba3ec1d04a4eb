//! Sends requests and receives responses within their limits: deadline, stop signal, size, silence,
//! and number of attempts. It also tracks the server's clock. The clients of the API and of COS
//! build on it; they sign requests and interpret responses.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::{BodyExt, Full};
use reqwest::Body;
use reqwest::header::DATE;
pub use reqwest::header::{HeaderMap, HeaderValue};
pub use reqwest::{Method, Url};
use tokio::sync::watch;
use tokio::time::Instant;

use super::failure::{NetworkFailure, Silence};
use super::{Network, innermost, next_door};
use crate::clock::Clock;

/// What both clients build on.
pub struct Transport {
    network: Network,
    clock: Clock,
    /// Becomes true when the process is asked to stop.
    stop: watch::Receiver<bool>,
    /// Server minus local clock in seconds, once it is known to matter.
    offset: AtomicI64,
    /// Clock error in seconds that does not explain a refused signature.
    tolerance: i64,
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").field("network", &self.network).finish_non_exhaustive()
    }
}

/// A request to send.
#[derive(Debug)]
pub struct Outgoing {
    /// Method.
    pub method: Method,
    /// URL.
    pub url: Url,
    /// Headers, including the signature.
    pub headers: HeaderMap,
    /// Body; `None` for a request without one.
    pub body: Option<Bytes>,
    /// Becomes true when a connection takes the body: before that, nothing of the request has been
    /// sent.
    pub taken: Option<Arc<AtomicBool>>,
}

/// A response as received.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, up to and including the first chunk over the limit.
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns the server's time from the `Date` header.
    #[must_use]
    pub fn date(&self) -> Option<DateTime<Utc>> {
        let text = self.headers.get(DATE)?.to_str().ok()?;
        Some(DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc))
    }
}

/// Limits on one exchange.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Size of a response in bytes; the rest is not read.
    pub answer: usize,
    /// Time from sending the request to the start of the response.
    pub wait: Duration,
    /// Time between two chunks of the response.
    pub silence: Duration,
    /// Total time, if limited.
    pub total: Option<Duration>,
}

/// A failed attempt, with the server's time if the response has it.
pub type Failed<E> = (E, Option<DateTime<Utc>>);

/// An event between the first attempt and the end.
#[derive(Debug)]
pub enum Happening<'a, T, E> {
    /// An attempt ended.
    Ended {
        /// Number of the attempt, from 1.
        attempt: u32,
        /// How long it took.
        duration: Duration,
        /// Its outcome.
        outcome: Result<&'a T, &'a E>,
    },
    /// The server's clock is used from now on.
    ClockCorrected {
        /// Server minus local, in seconds.
        offset: i64,
    },
    /// There will be another attempt after a pause.
    Repeating {
        /// The error.
        error: &'a E,
        /// The pause.
        after: Duration,
    },
}

/// A request that may be repeated: how to sign and interpret it, and its retry policy.
pub trait RepeatableRequest {
    /// Content of a successful response.
    type Reply;
    /// Why it failed.
    type Error;
    /// Permission to send, held until the attempt is over.
    type Turn;

    /// Waits until the request may be sent.
    async fn turn(&self) -> Result<Self::Turn, Self::Error>;

    /// Makes one attempt, signed for a server whose clock is `offset` seconds ahead.
    async fn send(&self, offset: i64) -> Result<Self::Reply, Failed<Self::Error>>;

    /// Receives an event.
    fn observe(&mut self, happening: Happening<'_, Self::Reply, Self::Error>);

    /// Returns whether the request was refused for its time, and so was not carried out.
    fn is_expired(&self, error: &Self::Error) -> bool;

    /// Returns the error for such a refusal if no clock error explains it.
    fn expired(&self, failed: Failed<Self::Error>, took: Duration) -> Self::Error;

    /// Returns the pause before the next attempt, or `None` for no more.
    fn pause(&self, error: &Self::Error, attempts: u32) -> Option<Duration>;

    /// Returns when no further attempt may begin.
    fn deadline(&self) -> Instant;

    /// Returns whether a stop signal during a pause ends the request.
    fn stops(&self) -> bool;

    /// Returns the error for that case; the last attempt failed with `error`.
    fn stopped(&self, error: Self::Error) -> Self::Error;
}

impl Transport {
    /// Creates a transport. Does not connect yet. `offset` is what is known of the server's clock.
    #[must_use]
    pub fn new(
        network: Network,
        clock: Clock,
        stop: watch::Receiver<bool>,
        offset: i64,
        tolerance: i64,
    ) -> Self {
        Self { network, clock, stop, offset: AtomicI64::new(offset), tolerance }
    }

    /// Returns the local clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Completes once the process is asked to stop.
    pub async fn stopping(&self) {
        let mut stop = self.stop.clone();
        if stop.wait_for(|stop| *stop).await.is_err() {
            // Nobody can ask any more.
            std::future::pending::<()>().await;
        }
    }

    /// Returns server minus local clock in seconds, as far as it is known to matter.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Returns the time of a server whose clock is `offset` seconds ahead.
    #[must_use]
    pub fn time(&self, offset: i64) -> DateTime<Utc> {
        self.clock.now() + TimeDelta::seconds(offset)
    }

    /// Sends a request until it succeeds or its policy gives up.
    pub async fn repeat<R: RepeatableRequest>(
        &self,
        request: &mut R,
    ) -> Result<R::Reply, R::Error> {
        let (mut attempt, mut clock_tried) = (1, false);
        loop {
            let turn = request.turn().await?;
            let (offset, started) = (self.offset(), self.clock.instant());
            let outcome = request.send(offset).await;
            drop(turn);
            let duration = self.clock.since(started);
            let told = outcome.as_ref().map_err(|(error, _)| error);
            request.observe(Happening::Ended { attempt, duration, outcome: told });
            let (error, date) = match outcome {
                Ok(reply) => return Ok(reply),
                Err(failed) => failed,
            };
            if request.is_expired(&error) {
                // Refused before execution, so one more attempt is safe for every call.
                if !clock_tried && self.correct(request, offset, date) {
                    clock_tried = true;
                    continue;
                }
                return Err(request.expired((error, date), self.clock.since(started)));
            }
            let Some(after) = request.pause(&error, attempt) else { return Err(error) };
            if self.clock.instant() + after >= request.deadline() {
                return Err(error);
            }
            request.observe(Happening::Repeating { error: &error, after });
            tokio::select! {
                biased;
                () = self.stopping(), if request.stops() => return Err(request.stopped(error)),
                () = self.clock.sleep(after) => {}
            }
            attempt += 1;
        }
    }

    /// Adopts the server's clock if the local one is off. Returns whether another attempt is
    /// worthwhile.
    fn correct<R: RepeatableRequest>(
        &self,
        request: &mut R,
        used: i64,
        date: Option<DateTime<Utc>>,
    ) -> bool {
        if self.offset() != used {
            // A concurrent request has already adopted it.
            return true;
        }
        let Some(date) = date else { return false };
        let offset = (date - self.clock.now()).num_seconds();
        if (offset - used).abs() < self.tolerance {
            return false;
        }
        self.offset.store(offset, Ordering::Relaxed);
        request.observe(Happening::ClockCorrected { offset });
        true
    }

    /// Sends a request and reads its response. `host` names the server in errors.
    ///
    /// # Errors
    /// Fails without a complete response; with [`NetworkFailure::Over`] if the deadline cut it
    /// short.
    pub async fn transfer(
        &self,
        outgoing: Outgoing,
        host: &str,
        limits: Limits,
        deadline: Instant,
    ) -> Result<Answer, NetworkFailure> {
        let _working = self.clock.work();
        let remaining = deadline.saturating_duration_since(self.clock.instant());
        let url = outgoing.url.clone();
        let total = limits.total.filter(|total| *total < remaining);
        let exchange = self.exchange(outgoing, limits);
        match tokio::time::timeout(total.unwrap_or(remaining), exchange).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Broken::Connection(error))) => Err(self.network.failure(&url, host, &error)),
            Ok(Err(Broken::Silent(within))) => {
                Err(NetworkFailure::Lost(Silence::Nothing { within }))
            }
            Err(_) => Err(total.map_or(NetworkFailure::Over, |within| {
                NetworkFailure::Lost(Silence::Nothing { within })
            })),
        }
    }

    async fn exchange(&self, outgoing: Outgoing, limits: Limits) -> Result<Answer, Broken> {
        let Outgoing { method, url, headers, body, taken } = outgoing;
        let mut request = self.network.http().request(method, url).headers(headers);
        if let Some(body) = body {
            request = request.body(match taken {
                Some(taken) => watched(body, taken),
                None => body.into(),
            });
        }
        // Not the library's read timeout, which also runs while the request is being uploaded.
        let mut answer = within(limits.wait, request.send()).await?;
        let mut body = Vec::new();
        while body.len() <= limits.answer
            && let Some(chunk) = within(limits.silence, answer.chunk()).await?
        {
            body.extend_from_slice(&chunk);
        }
        let status = answer.status().as_u16();
        Ok(Answer { status, headers: std::mem::take(answer.headers_mut()), body })
    }
}

/// Wraps a body so that it records when a connection takes it.
fn watched(body: Bytes, taken: Arc<AtomicBool>) -> Body {
    Body::wrap(Full::new(body).inspect_frame(move |_| taken.store(true, Ordering::Relaxed)))
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, reqwest::Error>>,
) -> Result<T, Broken> {
    let done = tokio::time::timeout(limit, work).await.map_err(|_| Broken::Silent(limit))?;
    done.map_err(Broken::Connection)
}

/// Why an exchange got no response.
enum Broken {
    /// The connection could not be established, or broke.
    Connection(reqwest::Error),
    /// Nothing arrived for this long.
    Silent(Duration),
}

/// Downloads a file of at most `bytes` from a URL that a service gave, within `limit`.
///
/// # Errors
/// Fails with a message that does not contain the URL, which may be signed.
pub async fn fetch(
    network: &Network,
    clock: &Clock,
    url: &str,
    bytes: usize,
    limit: Duration,
) -> Result<Vec<u8>, String> {
    let _working = clock.work();
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let work = async {
        let answer = network.http().get(url).send().await;
        let mut answer = answer.map_err(|error| innermost(&error))?;
        if !answer.status().is_success() {
            return Err(format!("HTTP {}", answer.status().as_u16()));
        }
        let mut received = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| innermost(&error))? {
            received.extend_from_slice(&chunk);
            if received.len() > bytes {
                return Err(format!("more than {bytes} bytes"));
            }
        }
        Ok(received)
    };
    let done = tokio::time::timeout(limit, work).await;
    done.unwrap_or_else(|_| Err(format!("nothing came within {} s", limit.as_secs())))
}

/// Reads status and text from a service next to this machine, such as instance metadata, to which
/// no proxy leads.
///
/// It answers at once or not at all. `limits` are for the connection and for the whole exchange.
///
/// # Errors
/// Fails without a connection or a response.
pub async fn fetch_next_door(
    clock: &Clock,
    url: Url,
    limits: (Duration, Duration),
    bytes: usize,
) -> Result<(u16, String), String> {
    let _working = clock.work();
    let http = next_door(limits.0, limits.1)?;
    let mut answer = http.get(url).send().await.map_err(|error| innermost(&error))?;
    let mut received = Vec::new();
    while received.len() <= bytes
        && let Some(chunk) = answer.chunk().await.map_err(|error| innermost(&error))?
    {
        received.extend_from_slice(&chunk);
    }
    received.truncate(bytes);
    Ok((answer.status().as_u16(), String::from_utf8_lossy(&received).into_owned()))
}
