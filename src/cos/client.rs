//! Requests to COS: signed, sent, checked, repeated.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

use super::error::{AnswerProblem, PrepareProblem};
use super::{CosError, retry};
use crate::clock::Clock;
use crate::network::transport::{
    Answer, Failed, Happening, HeaderMap, HeaderValue, Limits, Method, Outgoing, RepeatableRequest,
    Transport, Url,
};
use crate::network::{Network, NetworkFailure};
use crate::sign::{Credentials, cos};

/// The longest silence once a request is sent.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// The slowest line over which an upload must still get through, in bytes per second.
const SLOWEST_LINE: u64 = 64 * 1024;
/// How long an answer that matters is waited for when the process was asked to stop.
const LAST_ANSWER: Duration = Duration::from_secs(5);
/// No answer of use is longer, in bytes.
const ANSWER_LIMIT: usize = 1 << 20;
/// Signatures begin this long ago, for clocks that are a little ahead, and last so long.
const VALID_BEFORE: TimeDelta = TimeDelta::seconds(60);
const VALID_FOR: TimeDelta = TimeDelta::seconds(900);
/// A clock that is off by less is not why a signature was refused, in seconds.
const CLOCK_TOLERANCE: i64 = 30;
const TOKEN: &str = "x-cos-security-token";

/// Where buckets are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BucketAddress {
    /// The service's own hosts: `<bucket>.cos.<region>.myqcloud.com`.
    Service,
    /// The bucket as a name before this host: `<bucket>.<host>`.
    Host(Url),
    /// The bucket as the first part of the path, for the local SCF.
    Path(Url),
}

impl BucketAddress {
    /// Reads `https://host`, as of the internal network or of global acceleration; on this
    /// machine the bucket goes into the path.
    ///
    /// `None` when it is no such address.
    #[must_use]
    pub fn parse(text: &str, is_loopback: bool) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let sound = matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/";
        match (sound, is_loopback) {
            (false, _) => None,
            (true, true) => Some(Self::Path(url)),
            (true, false) => Some(Self::Host(url)),
        }
    }

    /// The address of a bucket, and what its path begins with.
    fn of_bucket(&self, bucket: &str, region: &str) -> Option<(Url, String)> {
        match self {
            Self::Service => {
                let url = Url::parse(&format!("https://{bucket}.cos.{region}.myqcloud.com/"));
                Some((url.ok()?, String::new()))
            }
            Self::Host(url) => {
                let mut url = url.clone();
                let host = format!("{bucket}.{}", url.host_str()?);
                url.set_host(Some(&host)).ok()?;
                Some((url, String::new()))
            }
            Self::Path(url) => Some((url.clone(), format!("/{bucket}"))),
        }
    }

    /// Whether what goes there goes by TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        match self {
            Self::Service => true,
            Self::Host(url) | Self::Path(url) => url.scheme() == "https",
        }
    }
}

/// What the caller may want to tell the user about.
#[derive(Debug)]
pub enum ClientEvent<'a> {
    /// A request failed and is sent again after a pause.
    Retrying {
        /// Action, as the API spells it.
        action: &'static str,
        /// Why.
        error: &'a CosError,
        /// Pause.
        after: Duration,
    },
    /// One attempt ended, for `--debug`.
    Attempt {
        /// Action, as the API spells it.
        action: &'static str,
        /// From 1.
        attempt: u32,
        /// How long it took.
        duration: Duration,
        /// Why it failed, if it did.
        failure: Option<&'a CosError>,
    },
    /// The local clock was off by this many seconds (server − local).
    ClockCorrected {
        /// Server minus local, in seconds.
        offset: i64,
    },
}

impl fmt::Display for ClientEvent<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retrying { action, error, after } => {
                write!(formatter, "{error}; trying {action} again in {:.1} s", after.as_secs_f64())
            }
            Self::Attempt { action, attempt, duration, failure } => {
                write!(formatter, "{action} attempt {attempt} {} ms ", duration.as_millis())?;
                match failure {
                    None => formatter.write_str("ok"),
                    Some(error) => write!(formatter, "{error}"),
                }
            }
            Self::ClockCorrected { offset } => write!(
                formatter,
                "this machine's clock is {offset} s off the storage's; signing with the storage's \
                 time"
            ),
        }
    }
}

/// Settings of a [`Client`].
pub struct ClientOptions {
    /// Connections, shared with the client of the API.
    pub network: Network,
    /// Where buckets are.
    pub address: BucketAddress,
    /// Key pair.
    pub credentials: Credentials,
    /// The local clock.
    pub clock: Clock,
    /// Server minus local clock as far as it is known, in seconds.
    pub clock_offset: i64,
    /// When the operation must be over.
    pub deadline: Instant,
    /// The whole time that it may take, for messages.
    pub timeout: Duration,
    /// Turns true when the process is asked to stop.
    pub stop: watch::Receiver<bool>,
    /// Hears what goes on.
    pub observer: Arc<dyn Fn(&ClientEvent<'_>) + Send + Sync>,
}

/// A client of COS.
pub struct Client {
    options: ClientOptions,
    transport: Transport,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Client");
        shown.field("address", &self.options.address).finish_non_exhaustive()
    }
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    pub(super) action: &'static str,
    pub(super) method: Method,
    pub(super) region: &'a str,
    pub(super) bucket: &'a str,
    /// Without the leading slash; empty for the bucket.
    pub(super) key: &'a str,
    pub(super) query: Vec<(&'a str, String)>,
    /// Base64 of the MD5 of the body, where it is to be checked.
    pub(super) digest: Option<String>,
    pub(super) content_type: Option<&'static str>,
    pub(super) body: Bytes,
    /// Goes on although the process was asked to stop, but not for long.
    pub(super) last_wish: bool,
    /// Whether its answer is waited for a little although the process was asked to stop: what it
    /// made would be lost with it.
    pub(super) waits_for_answer: bool,
}

/// An answer that is no error.
#[derive(Debug)]
pub(super) struct Reply {
    headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Client {
    /// A client; connects to nothing yet.
    #[must_use]
    pub fn new(options: ClientOptions) -> Self {
        let (network, clock) = (options.network.clone(), options.clock.clone());
        let (stop, offset) = (options.stop.clone(), options.clock_offset);
        let transport = Transport::new(network, clock, stop, offset, CLOCK_TOLERANCE);
        Self { options, transport }
    }

    /// Sends a request and checks its answer, again where that may help.
    pub(super) async fn call(
        &self,
        call: &Call<'_>,
        check: &(dyn Fn(&Reply) -> Result<(), CosError> + Sync),
    ) -> Result<Reply, CosError> {
        self.call_and_tell(call, check).await.0
    }

    /// As [`Self::call`]. Returns besides whether something may have been done by an attempt that
    /// had no answer.
    pub(super) async fn call_and_tell(
        &self,
        call: &Call<'_>,
        check: &(dyn Fn(&Reply) -> Result<(), CosError> + Sync),
    ) -> (Result<Reply, CosError>, bool) {
        let mut exchange = Exchange { client: self, call, check, unanswered: false };
        let reply = self.transport.repeat(&mut exchange).await;
        (reply, exchange.unanswered)
    }

    /// The time, by the server's clock where that is known to be another.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.transport.time(self.transport.offset())
    }

    fn deadline(&self, call: &Call<'_>) -> Instant {
        if call.last_wish {
            // What is to be cleaned up is cleaned up even when the time is over.
            (self.options.clock.instant() + Duration::from_secs(5)).max(self.options.deadline)
        } else {
            self.options.deadline
        }
    }

    /// Carries out some work, given up when the process is asked to stop.
    async fn unless_stopped<T>(
        &self,
        call: &Call<'_>,
        work: impl Future<Output = T>,
    ) -> Result<T, CosError> {
        if call.last_wish {
            return Ok(work.await);
        }
        tokio::select! {
            biased;
            () = self.transport.stopping() => Err(CosError::Interrupted),
            done = work => Ok(done),
        }
    }

    /// As [`Self::unless_stopped`], but what is under way gets a little longer where its answer
    /// matters.
    async fn unless_stopped_for_long<T>(
        &self,
        call: &Call<'_>,
        work: impl Future<Output = T>,
    ) -> Result<T, CosError> {
        if !call.waits_for_answer {
            return self.unless_stopped(call, work).await;
        }
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => Ok(done),
            () = self.transport.stopping() => {
                let last = tokio::time::timeout(LAST_ANSWER, work).await;
                last.map_err(|_| CosError::Interrupted)
            }
        }
    }

    /// Whether the process was asked to stop.
    pub(super) fn is_stopped(&self) -> bool {
        *self.options.stop.borrow()
    }

    /// One request and its answer; with an error comes the server's `Date`.
    async fn attempt(
        &self,
        call: &Call<'_>,
        offset: i64,
    ) -> Result<(Reply, Option<DateTime<Utc>>), (CosError, Option<DateTime<Utc>>)> {
        let action = call.action;
        let prepare = |reason| (CosError::Prepare { action, reason }, None);
        let (url, headers, secret) = self.request(call, offset).map_err(prepare)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let (timeout, deadline) = (self.options.timeout, self.deadline(call));
        if self.transport.clock().instant() >= deadline {
            return Err((CosError::TimedOut { action, timeout }, None));
        }
        let allowed = READ_TIMEOUT + Duration::from_secs(call.body.len() as u64 / SLOWEST_LINE);
        let limits =
            Limits { answer: ANSWER_LIMIT, wait: allowed, silence: allowed, total: Some(allowed) };
        let body = !matches!(call.method, Method::HEAD | Method::DELETE);
        let body = body.then(|| call.body.clone());
        let outgoing = Outgoing { method: call.method.clone(), url, headers, body, taken: None };
        let work = self.transport.transfer(outgoing, &host, limits, deadline);
        let answer = self.unless_stopped_for_long(call, work).await;
        let answer = answer.map_err(|error| (error, None))?.map_err(|failure| {
            let host = host.clone();
            let error = match failure {
                NetworkFailure::Certificate { owner, problem } => {
                    CosError::Certificate { action, owner, problem }
                }
                NetworkFailure::Proxy { proxy, variable, reason } => {
                    CosError::Proxy { action, proxy, variable, reason }
                }
                NetworkFailure::Connect { reason } => CosError::Connect { action, host, reason },
                NetworkFailure::Lost(reason) => CosError::NoAnswer { action, host, reason },
                NetworkFailure::Over => CosError::TimedOut { action, timeout },
            };
            (error, None)
        })?;
        let date = answer.date();
        understand(action, &host, answer, &secret)
            .map(|reply| (reply, date))
            .map_err(|error| (error, date))
    }

    /// Address, headers, and the signature, which must not be shown.
    fn request(
        &self,
        call: &Call<'_>,
        offset: i64,
    ) -> Result<(Url, HeaderMap, String), PrepareProblem> {
        let address = self.options.address.of_bucket(call.bucket, call.region);
        let (mut url, prefix) =
            address.ok_or_else(|| PrepareProblem::Bucket(call.bucket.to_owned()))?;
        // Signed as it is, sent encoded.
        let path = format!("{prefix}/{}", call.key);
        let encoded: Vec<String> = path.split('/').map(cos::encode).collect();
        url.set_path(&encoded.join("/"));
        let query: Vec<(&str, &str)> =
            call.query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if !query.is_empty() {
            let parts: Vec<String> = query
                .iter()
                .map(|(name, value)| format!("{}={}", cos::encode(name), cos::encode(value)))
                .collect();
            url.set_query(Some(&parts.join("&")));
        }
        let name = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        let credentials = &self.options.credentials;
        let mut signed: Vec<(&str, &str)> = vec![("host", &host)];
        signed.extend(call.digest.as_deref().map(|digest| ("content-md5", digest)));
        signed.extend(credentials.token.as_ref().map(|token| (TOKEN, token.expose())));
        let now = self.transport.time(offset);
        let request = cos::SignableRequest {
            method: call.method.as_str(),
            path: &path,
            query: &query,
            headers: &signed,
        };
        let signature = cos::sign(credentials, now - VALID_BEFORE, now + VALID_FOR, &request);
        let mut headers = HeaderMap::new();
        let mut insert = |name: &'static str, text: &str, sensitive: bool| {
            let mut value =
                HeaderValue::from_str(text).map_err(|_| PrepareProblem::Header(name))?;
            value.set_sensitive(sensitive);
            headers.insert(name, value);
            Ok(())
        };
        if let Some(digest) = &call.digest {
            insert("content-md5", digest, false)?;
        }
        if let Some(content_type) = call.content_type {
            insert("content-type", content_type, false)?;
        }
        if let Some(token) = &credentials.token {
            insert(TOKEN, token.expose(), true)?;
        }
        insert("authorization", &signature.authorization, true)?;
        Ok((url, headers, signature.signature))
    }
}

/// A request on its way: signed, sent, checked.
struct Exchange<'a, 'c> {
    client: &'a Client,
    call: &'a Call<'c>,
    check: &'a (dyn Fn(&Reply) -> Result<(), CosError> + Sync),
    /// Whether something may have been done by an attempt that had no answer.
    unanswered: bool,
}

impl RepeatableRequest for Exchange<'_, '_> {
    type Reply = Reply;
    type Error = CosError;
    type Turn = ();

    async fn turn(&self) -> Result<(), CosError> {
        Ok(())
    }

    async fn send(&self, offset: i64) -> Result<Reply, Failed<CosError>> {
        let (reply, date) = self.client.attempt(self.call, offset).await?;
        (self.check)(&reply).map(|()| reply).map_err(|error| (error, date))
    }

    fn observe(&mut self, happening: Happening<'_, Reply, CosError>) {
        let action = self.call.action;
        let event = match happening {
            Happening::Ended { attempt, duration, outcome } => {
                let failure = outcome.err();
                self.unanswered |= failure.is_some_and(may_be_done);
                ClientEvent::Attempt { action, attempt, duration, failure }
            }
            Happening::ClockCorrected { offset } => ClientEvent::ClockCorrected { offset },
            Happening::Repeating { error, after } => ClientEvent::Retrying { action, error, after },
        };
        (self.client.options.observer)(&event);
    }

    fn is_expired(&self, error: &CosError) -> bool {
        match error {
            CosError::Service { code, message, .. } => {
                code == "RequestTimeTooSkewed"
                    || (code == "AccessDenied"
                        && message.as_ref().is_some_and(|message| message.contains("expired")))
            }
            _ => false,
        }
    }

    fn expired(&self, (error, _): Failed<CosError>, _: Duration) -> CosError {
        error
    }

    fn pause(&self, error: &CosError, attempts: u32) -> Option<Duration> {
        retry::pause(error, attempts, fastrand::f64())
    }

    fn deadline(&self) -> Instant {
        self.client.deadline(self.call)
    }

    fn stops(&self) -> bool {
        !self.call.last_wish
    }

    fn stopped(&self, _: CosError) -> CosError {
        CosError::Interrupted
    }
}

/// Whether a request may have been carried out although it failed.
fn may_be_done(error: &CosError) -> bool {
    match error {
        CosError::Service { status, .. } => *status >= 500 || *status == 200,
        CosError::NoAnswer { .. }
        | CosError::Garbled { .. }
        | CosError::Corrupted { .. }
        | CosError::TimedOut { .. }
        | CosError::Interrupted => true,
        CosError::Connect { .. }
        | CosError::Proxy { .. }
        | CosError::Certificate { .. }
        | CosError::Read(_)
        | CosError::Prepare { .. } => false,
    }
}

/// What an answer says, without the secrets of the request.
fn understand(
    action: &'static str,
    host: &str,
    answer: Answer,
    secret: &str,
) -> Result<Reply, CosError> {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let document = roxmltree::Document::parse(&text).ok();
    let root = document.as_ref().map(roxmltree::Document::root_element);
    let error = root.filter(|root| root.has_tag_name("Error"));
    if answer.status / 100 == 2 && error.is_none() {
        if answer.body.len() > ANSWER_LIMIT {
            let reason = AnswerProblem::TooLong { limit: ANSWER_LIMIT };
            return Err(CosError::Garbled { action, host: host.to_owned(), reason });
        }
        return Ok(Reply { headers: answer.headers, body: answer.body });
    }
    let child = |name: &str| {
        let node = error?.children().find(|node| node.has_tag_name(name))?;
        Some(node.text()?.replace(secret, "[redacted]"))
    };
    let header = answer.headers.get("x-cos-request-id").and_then(|value| value.to_str().ok());
    Err(CosError::Service {
        action,
        status: answer.status,
        code: child("Code").unwrap_or_else(|| by_status(answer.status).to_owned()),
        message: child("Message"),
        request_id: child("RequestId").or(header.map(str::to_owned)).unwrap_or_default(),
    })
}

/// The code that a status without a body stands for.
fn by_status(status: u16) -> &'static str {
    match status {
        301 | 302 | 307 | 308 => "Redirected",
        403 => "AccessDenied",
        404 => "NotFound",
        503 => "ServiceUnavailable",
        _ => "UnexpectedStatus",
    }
}

/// The text of an element below the root.
pub(super) fn element(
    reply: &Reply,
    action: &'static str,
    name: &'static str,
) -> Result<String, CosError> {
    let text = String::from_utf8_lossy(&reply.body);
    let garbled = |reason| CosError::Garbled { action, host: "COS".to_owned(), reason };
    let document = roxmltree::Document::parse(&text)
        .map_err(|error| garbled(AnswerProblem::Xml(error.to_string())))?;
    let node = document.root_element().children().find(|node| node.has_tag_name(name));
    node.and_then(|node| node.text())
        .map(str::to_owned)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| garbled(AnswerProblem::Lacks(name)))
}

/// The elements of a name below the root, each as the texts of some elements in it.
pub(super) fn children(
    reply: &Reply,
    action: &'static str,
    name: &str,
    wanted: &[&str],
) -> Result<Vec<Vec<String>>, CosError> {
    let text = String::from_utf8_lossy(&reply.body);
    let garbled = |reason| CosError::Garbled { action, host: "COS".to_owned(), reason };
    let document = roxmltree::Document::parse(&text)
        .map_err(|error| garbled(AnswerProblem::Xml(error.to_string())))?;
    let found = document.root_element().children().filter(|node| node.has_tag_name(name));
    let texts = |node: roxmltree::Node<'_, '_>| {
        let text = |wanted: &&str| {
            let child = node.children().find(|child| child.has_tag_name(*wanted))?;
            Some(child.text()?.to_owned())
        };
        wanted.iter().filter_map(text).collect()
    };
    Ok(found.map(texts).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_stand_in_the_host_or_on_this_machine_in_the_path() {
        for (address, url, path) in [
            (Some(BucketAddress::Service), "https://b-1.cos.ap-x.myqcloud.com/", ""),
            (
                BucketAddress::parse("https://cos-internal.ap-x.tencentcos.cn", false),
                "https://b-1.cos-internal.ap-x.tencentcos.cn/",
                "",
            ),
            (BucketAddress::parse("http://127.0.0.1:80", true), "http://127.0.0.1/", "/b-1"),
        ] {
            let (found, prefix) = address.unwrap().of_bucket("b-1", "ap-x").unwrap();
            assert_eq!((found.as_str(), prefix.as_str()), (url, path));
        }
        for text in ["", "cos.example", "ftp://x", "https://x/y"] {
            assert_eq!(BucketAddress::parse(text, false), None, "{text}");
        }
    }

    #[test]
    fn an_error_in_a_good_answer_is_one() {
        let answer = |status, body: &str| {
            let answer = Answer { status, headers: HeaderMap::new(), body: body.into() };
            understand("CompleteMultipartUpload", "host", answer, "5ecre7")
        };
        assert!(answer(200, "").is_ok());
        assert!(answer(200, "<CompleteMultipartUploadResult/>").is_ok());
        let error = answer(
            200,
            "<?xml version='1.0'?><Error><Code>InternalError</Code><Message>a 5ecre7 b</Message></Error>",
        );
        let error = error.unwrap_err();
        assert_eq!(error.code(), Some("InternalError"));
        assert_eq!(
            error.to_string(),
            "CompleteMultipartUpload: InternalError: a [redacted] b (request )"
        );
        for (status, code) in [
            (404, "NotFound"),
            (403, "AccessDenied"),
            (307, "Redirected"),
            (500, "UnexpectedStatus"),
        ] {
            assert_eq!(answer(status, "").unwrap_err().code(), Some(code));
        }
    }
}
