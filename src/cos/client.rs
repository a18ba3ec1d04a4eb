//! COS requests: signing, sending, checking, retrying.

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

/// Longest silence after a request has been sent.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Slowest line in bytes per second over which an upload still has to succeed.
const SLOWEST_LINE: u64 = 64 * 1024;
/// How long to wait for a response that matters after the process was asked to stop.
const LAST_ANSWER: Duration = Duration::from_secs(5);
/// Limit on responses in bytes.
const ANSWER_LIMIT: usize = 1 << 20;
/// Signatures start this long ago, for clocks that are slightly ahead, and are valid for this long.
const VALID_BEFORE: TimeDelta = TimeDelta::seconds(60);
const VALID_FOR: TimeDelta = TimeDelta::seconds(900);
/// Clock error in seconds that does not explain a refused signature.
const CLOCK_TOLERANCE: i64 = 30;
const TOKEN: &str = "x-cos-security-token";

/// Where the buckets are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BucketAddress {
    /// The service's own hosts: `<bucket>.cos.<region>.myqcloud.com`.
    Service,
    /// The bucket as a subdomain of this host: `<bucket>.<host>`.
    Host(Url),
    /// The bucket as the first part of the path, as in the local SCF.
    Path(Url),
}

impl BucketAddress {
    /// Parses `https://host`, such as the internal network's or the global acceleration's. On this
    /// machine, the bucket becomes part of the path.
    ///
    /// `None` for anything else.
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

    /// Returns the URL of a bucket and the prefix of its paths.
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

    /// Returns whether requests use TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        match self {
            Self::Service => true,
            Self::Host(url) | Self::Path(url) => url.scheme() == "https",
        }
    }
}

/// An event for the user.
#[derive(Debug)]
pub enum ClientEvent<'a> {
    /// A request failed and will be repeated after a pause.
    Retrying {
        /// Action, as the API spells it.
        action: &'static str,
        /// The error.
        error: &'a CosError,
        /// Pause.
        after: Duration,
    },
    /// An attempt ended, for `--debug`.
    Attempt {
        /// Action, as the API spells it.
        action: &'static str,
        /// Number of the attempt, from 1.
        attempt: u32,
        /// How long it took.
        duration: Duration,
        /// The error, if it failed.
        failure: Option<&'a CosError>,
    },
    /// The local clock is off by this many seconds (server − local).
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
    /// Connection pool, shared with the client of the API.
    pub network: Network,
    /// Where the buckets are.
    pub address: BucketAddress,
    /// Key pair.
    pub credentials: Credentials,
    /// The local clock.
    pub clock: Clock,
    /// Server minus local clock in seconds, as far as known.
    pub clock_offset: i64,
    /// When the operation has to be done.
    pub deadline: Instant,
    /// The overall time limit, for messages.
    pub timeout: Duration,
    /// Becomes true when the process is asked to stop.
    pub stop: watch::Receiver<bool>,
    /// Receives events.
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
    /// Key without a leading slash; empty for the bucket itself.
    pub(super) key: &'a str,
    pub(super) query: Vec<(&'a str, String)>,
    /// Base64 of the body's MD5, if the service is to check it.
    pub(super) digest: Option<String>,
    pub(super) content_type: Option<&'static str>,
    pub(super) body: Bytes,
    /// Whether the request goes on, for a short time, after the process was asked to stop.
    pub(super) last_wish: bool,
    /// Whether to wait briefly for the response after the process was asked to stop: what the
    /// request created would otherwise be lost.
    pub(super) waits_for_answer: bool,
}

/// A successful response.
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
    /// Creates a client. Does not connect yet.
    #[must_use]
    pub fn new(options: ClientOptions) -> Self {
        let (network, clock) = (options.network.clone(), options.clock.clone());
        let (stop, offset) = (options.stop.clone(), options.clock_offset);
        let transport = Transport::new(network, clock, stop, offset, CLOCK_TOLERANCE);
        Self { options, transport }
    }

    /// Sends a request and checks its response. Retries where that may help.
    pub(super) async fn call(
        &self,
        call: &Call<'_>,
        check: &(dyn Fn(&Reply) -> Result<(), CosError> + Sync),
    ) -> Result<Reply, CosError> {
        self.call_and_tell(call, check).await.0
    }

    /// Like [`Self::call`], but also returns whether an attempt without a response may have been
    /// carried out.
    pub(super) async fn call_and_tell(
        &self,
        call: &Call<'_>,
        check: &(dyn Fn(&Reply) -> Result<(), CosError> + Sync),
    ) -> (Result<Reply, CosError>, bool) {
        let mut exchange = Exchange { client: self, call, check, unanswered: false };
        let reply = self.transport.repeat(&mut exchange).await;
        (reply, exchange.unanswered)
    }

    /// Returns the current time, corrected by the server's clock if that is known to differ.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.transport.time(self.transport.offset())
    }

    fn deadline(&self, call: &Call<'_>) -> Instant {
        if call.last_wish {
            // Cleaning up is allowed even after the deadline.
            (self.options.clock.instant() + Duration::from_secs(5)).max(self.options.deadline)
        } else {
            self.options.deadline
        }
    }

    /// Does some work unless the process is asked to stop.
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

    /// Like [`Self::unless_stopped`], but gives a request whose response matters some more time.
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

    /// Returns whether the process was asked to stop.
    pub(super) fn is_stopped(&self) -> bool {
        *self.options.stop.borrow()
    }

    /// Makes one attempt. An error comes with the server's `Date`.
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

    /// Returns URL, headers, and the signature, which must not be shown.
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

/// A request being signed, sent and checked.
struct Exchange<'a, 'c> {
    client: &'a Client,
    call: &'a Call<'c>,
    check: &'a (dyn Fn(&Reply) -> Result<(), CosError> + Sync),
    /// Whether an attempt without a response may have been carried out.
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

/// Returns whether a failed request may have been carried out.
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

/// Interprets a response. Errors do not contain secrets of the request.
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

/// Returns an error code for a status without a body.
fn by_status(status: u16) -> &'static str {
    match status {
        301 | 302 | 307 | 308 => "Redirected",
        403 => "AccessDenied",
        404 => "NotFound",
        503 => "ServiceUnavailable",
        _ => "UnexpectedStatus",
    }
}

/// Returns the text of an element below the root.
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

/// Returns the elements of a name below the root, each as the texts of the wanted children.
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
