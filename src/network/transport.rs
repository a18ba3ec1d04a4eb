//! Requests out and answers in, with all that bounds them: the deadline, the wish to stop, both
//! clocks, limits of size and of silence, and how often they are sent. Under the clients of the
//! API and of COS, which sign, and understand what an answer says.

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

/// What both clients stand on.
pub struct Transport {
    network: Network,
    clock: Clock,
    /// Turns true when the process is asked to stop.
    stop: watch::Receiver<bool>,
    /// Server minus local clock, in seconds, once it is known to matter.
    offset: AtomicI64,
    /// A clock that is off by less, in seconds, is not why a signature was refused.
    tolerance: i64,
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").field("network", &self.network).finish_non_exhaustive()
    }
}

/// A request as it goes out.
#[derive(Debug)]
pub struct Outgoing {
    /// Method.
    pub method: Method,
    /// Address.
    pub url: Url,
    /// Headers, signed.
    pub headers: HeaderMap,
    /// Body; `None` for none at all.
    pub body: Option<Bytes>,
    /// Turns true when a connection takes the body: until then nothing of the request is out.
    pub taken: Option<Arc<AtomicBool>>,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, up to the first piece over the limit.
    pub body: Vec<u8>,
}

impl Answer {
    /// The server's time.
    #[must_use]
    pub fn date(&self) -> Option<DateTime<Utc>> {
        let text = self.headers.get(DATE)?.to_str().ok()?;
        Some(DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc))
    }
}

/// What one exchange may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of an answer; more is not read.
    pub answer: usize,
    /// From the first byte sent to the first one received.
    pub wait: Duration,
    /// Between two pieces of an answer.
    pub silence: Duration,
    /// All of it.
    pub total: Option<Duration>,
}

/// One attempt that failed, and the server's time as far as it told.
pub type Failed<E> = (E, Option<DateTime<Utc>>);

/// Something that happens between the first attempt and the end.
#[derive(Debug)]
pub enum Happening<'a, T, E> {
    /// An attempt ended.
    Ended {
        /// Its number, from 1.
        attempt: u32,
        /// How long it took.
        duration: Duration,
        /// How it ended.
        outcome: Result<&'a T, &'a E>,
    },
    /// The server's clock counts from now on.
    ClockCorrected {
        /// Server minus local, in seconds.
        offset: i64,
    },
    /// There is another attempt after a pause.
    Repeating {
        /// Why.
        error: &'a E,
        /// The pause.
        after: Duration,
    },
}

/// A request that may be sent more than once: how it is signed and understood, and its policy.
pub trait RepeatableRequest {
    /// What an answer that is no error says.
    type Reply;
    /// Why it failed.
    type Error;
    /// The right to send it, kept until the attempt is over.
    type Turn;

    /// Waits until it may be sent.
    async fn turn(&self) -> Result<Self::Turn, Self::Error>;

    /// Sends it once, signed for a server whose clock is so many seconds ahead.
    async fn send(&self, offset: i64) -> Result<Self::Reply, Failed<Self::Error>>;

    /// Hears what happens.
    fn observe(&mut self, happening: Happening<'_, Self::Reply, Self::Error>);

    /// Whether it was refused for its time, and so was not carried out.
    fn is_expired(&self, error: &Self::Error) -> bool;

    /// What to say of such a refusal that no clock explains.
    fn expired(&self, failed: Failed<Self::Error>, took: Duration) -> Self::Error;

    /// The policy: the pause before the next attempt, after so many; `None` for no more.
    fn pause(&self, error: &Self::Error, attempts: u32) -> Option<Duration>;

    /// When no attempt may begin any more.
    fn deadline(&self) -> Instant;

    /// Whether it is given up when the process is asked to stop during a pause.
    fn stops(&self) -> bool;

    /// What to say then; the last attempt failed with `error`.
    fn stopped(&self, error: Self::Error) -> Self::Error;
}

impl Transport {
    /// Connects to nothing yet. `offset` is what is known of the server's clock.
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

    /// The local clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Comes back once the process is asked to stop.
    pub async fn stopping(&self) {
        let mut stop = self.stop.clone();
        if stop.wait_for(|stop| *stop).await.is_err() {
            // Nobody can ask any more.
            std::future::pending::<()>().await;
        }
    }

    /// Server minus local clock, in seconds, as far as it is known to matter.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// The time, by a server's clock that is so many seconds ahead.
    #[must_use]
    pub fn time(&self, offset: i64) -> DateTime<Utc> {
        self.clock.now() + TimeDelta::seconds(offset)
    }

    /// Sends a request until it is answered, or its policy gives it up.
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
                // Refused before it was executed: once more is safe for every call.
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

    /// Takes over the server's clock when the local one is off. Returns whether that is worth
    /// another try.
    fn correct<R: RepeatableRequest>(
        &self,
        request: &mut R,
        used: i64,
        date: Option<DateTime<Utc>>,
    ) -> bool {
        if self.offset() != used {
            // A request that went out at the same time has found out already.
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

    /// Sends the bytes and reads what comes back. `host` names the other side for texts.
    ///
    /// # Errors
    /// No complete answer came: why. [`NetworkFailure::Over`] when the deadline cut it short.
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
        // Not the library's read timeout: it runs while the request is being uploaded too.
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

/// A body that says when a connection takes it.
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

/// Why no answer came.
enum Broken {
    /// The connection did not come about, or broke.
    Connection(reqwest::Error),
    /// Nothing came for so long.
    Silent(Duration),
}

/// Gets a file from an address that a service gave: all of it, within so long.
///
/// # Errors
/// It cannot be had: why. Never the address, which may be signed.
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

/// Gets something from beside this machine, to which no proxy leads: status and text. It is
/// next door, so it answers at once or not at all. `limits` are for the connection and for all.
///
/// # Errors
/// No connection, or no answer: why.
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
