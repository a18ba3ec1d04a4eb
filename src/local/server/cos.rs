//! The COS XML API, as far as code is sent through it.
//!
//! Buckets are addressed by the host (`<bucket>.cos.<region>.…`) or, on the loopback, by the
//! first part of the path.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use md5::{Digest as _, Md5};
use serde_json::{Map, json};

use super::super::Fault;
use super::super::auth::{self, Received};
use super::super::error::Refusal;
use super::super::state::{About, Object, State};
use super::super::wire::{Answer, drain, head, read};
use super::{Authentic, Link, Shared, lock};
use crate::order::Ordered as _;

/// The largest object that is taken at once.
const LARGEST_OBJECT: usize = 600 << 20;

/// What a request is to, and what it wants.
#[derive(Debug)]
struct Target {
    /// With the account's number; empty for the service as a whole.
    bucket: String,
    /// Without the leading slash; empty for the bucket as a whole.
    key: String,
    region: Option<String>,
    query: Vec<(String, String)>,
}

impl Target {
    fn of(received: &Received) -> Self {
        let host = received.host.split(':').next().unwrap_or_default();
        let path = auth::cos::decode(received.path.trim_start_matches('/'));
        let query = auth::cos::parameters(&received.query);
        let (bucket, region) =
            match host.split_once(".cos.").or_else(|| host.split_once(".cos-internal.")) {
                Some((bucket, rest)) => (Some(bucket), rest.split('.').next()),
                None => (None, host.strip_prefix("cos.").and_then(|rest| rest.split('.').next())),
            };
        let region = region.map(str::to_owned);
        match bucket {
            Some("service") => {
                Self { bucket: String::new(), key: String::new(), region: None, query }
            }
            Some(bucket) => Self { bucket: bucket.to_owned(), key: path, region, query },
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
                Self { bucket: bucket.to_owned(), key: key.to_owned(), region, query }
            }
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The action, in the words of the COS reference.
    fn action(&self, method: &str) -> Option<&'static str> {
        let has = |name: &str| self.value(name).is_some();
        Some(match (method, self.bucket.is_empty(), self.key.is_empty()) {
            ("GET", true, _) => "GetService",
            (_, true, _) => return None,
            ("PUT", _, true) if has("lifecycle") => "PutBucketLifecycle",
            ("GET", _, true) if has("lifecycle") => "GetBucketLifecycle",
            ("DELETE", _, true) if has("lifecycle") => "DeleteBucketLifecycle",
            ("GET", _, true) if has("uploads") => "ListMultipartUploads",
            ("PUT", _, true) => "PutBucket",
            ("HEAD", _, true) => "HeadBucket",
            ("DELETE", _, true) => "DeleteBucket",
            ("GET", _, true) => "GetBucket",
            ("POST", _, false) if has("uploads") => "InitiateMultipartUpload",
            ("POST", _, false) if has("uploadId") => "CompleteMultipartUpload",
            ("PUT", _, false) if has("uploadId") => "UploadPart",
            ("GET", _, false) if has("uploadId") => "ListParts",
            ("DELETE", _, false) if has("uploadId") => "AbortMultipartUpload",
            ("PUT", _, false) => "PutObject",
            ("HEAD", _, false) => "HeadObject",
            ("GET", _, false) => "GetObject",
            ("DELETE", _, false) => "DeleteObject",
            _ => return None,
        })
    }
}

/// What to answer.
struct Done {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    xml: bool,
}

impl Done {
    fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), xml: false }
    }

    fn xml(text: &str) -> Self {
        let body = format!("<?xml version='1.0' encoding='utf-8' ?>\n{text}").into();
        Self { status: StatusCode::OK, headers: Vec::new(), body, xml: true }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn object(self, object: &Object) -> Self {
        self.with("etag", format!("\"{}\"", object.etag))
            .with("x-cos-hash-crc64ecma", object.crc64.clone())
    }
}

/// Whether a request is for COS rather than for the cloud API.
pub(super) fn is_meant(request: &Request<Incoming>) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    !matches!(*request.method(), Method::GET | Method::POST)
        || header("authorization").is_some_and(|value| value.starts_with("q-sign-algorithm"))
        || request.uri().query().is_some_and(|query| query.contains("q-sign-algorithm="))
        || header("host").is_some_and(|host| host.contains(".cos.") || host.starts_with("cos."))
}

impl Shared {
    /// Answers a request of the COS API; an error closes the connection without an answer.
    pub(super) async fn answer_cos(
        &self,
        request: Request<Incoming>,
        link: Link,
    ) -> Result<Response<Answer>, io::Error> {
        let (mut received, body) = head(request);
        if !self.options.latency.is_zero() {
            tokio::time::sleep(self.options.latency).await;
        }
        let (target, head) = (Target::of(&received), received.method == "HEAD");
        let now = self.now();
        let sessions = lock(&self.core).state.sessions().to_vec();
        // An address with a signature in it can be put into a page by anyone who knows the key.
        let near = link.near && received.header("authorization").is_some();
        // The signature does not cover the body: nothing is kept of one that is not signed.
        let verified = auth::cos::verify(&received, self.keys(&sessions, near));
        let body = match verified {
            Ok(()) => read(body, LARGEST_OBJECT, self.options.silence).await,
            Err(error) => {
                drain(body, self.options.silence).await;
                Err(error)
            }
        };
        match body {
            Ok(body) => received.body = body,
            Err(error) => return Ok(self.cos_error(&error, &received.path, head)),
        }
        let refuse = |error: &Refusal| self.cos_error(error, &received.path, head);
        let Some(action) = target.action(&received.method) else {
            let text = format!("{} is not served here.", received.method);
            return Ok(refuse(&Refusal::new("MethodNotAllowed", text)));
        };
        let mut params = Map::new();
        params.insert("Bucket".to_owned(), json!(target.bucket));
        params.insert("Key".to_owned(), json!(target.key));
        params.insert("Size".to_owned(), json!(received.body.len()));
        for name in ["partNumber", "uploadId"] {
            params.extend(target.value(name).map(|value| (name.to_owned(), json!(value))));
        }
        let call = Authentic {
            product: "cos".to_owned(),
            action: action.to_owned(),
            version: String::new(),
            region: target.region.clone().unwrap_or_default(),
            params: Ok(params),
        };
        let fault = self.record(&call, link.number);
        let mut damaged = None;
        if matches!(fault, Fault::Corrupt) {
            let mut body = received.body.clone();
            if let Some(byte) = body.first_mut() {
                *byte ^= 1;
            }
            damaged = Some(received.with_body(body));
        }
        let received = damaged.as_ref().unwrap_or(&received);
        let refuse_later = |error: Refusal| {
            let mut answer = self.cos_error(&error, &received.path, head);
            // This one says that it is at work before it knows how it ends.
            if action == "CompleteMultipartUpload" {
                *answer.status_mut() = StatusCode::OK;
            }
            answer
        };
        let work = async {
            let done = match self.turn().await {
                Ok(_turn) => self.perform_cos(action, &target, received, now),
                Err(error) => Err(error),
            };
            match done {
                Ok(done) => self.cos_answer(done, head),
                Err(error) => self.cos_error(&error, &received.path, head),
            }
        };
        self.under(fault, work, refuse_later).await
    }

    fn perform_cos(
        &self,
        action: &str,
        target: &Target,
        received: &Received,
        now: DateTime<Utc>,
    ) -> Result<Done, Refusal> {
        check_digest(received)?;
        let (bucket, key) = (target.bucket.as_str(), target.key.as_str());
        let id = target.value("uploadId").unwrap_or_default();
        let core = || lock(&self.core);
        if let (Some(region), Ok(known)) = (&target.region, core().state.bucket(bucket))
            && known.region.as_ref().is_some_and(|place| place != region)
        {
            return Err(Refusal::new("NoSuchBucket", "The bucket is in another region."));
        }
        Ok(match action {
            "GetService" => Done::xml(&list_buckets(&core().state)),
            "PutBucket" => {
                self.change(|state| state.create_bucket(bucket, target.region.as_deref(), now))?;
                Done::empty(StatusCode::OK)
            }
            "HeadBucket" => {
                core().state.bucket(bucket)?;
                Done::empty(StatusCode::OK)
            }
            "DeleteBucket" => {
                self.change(|state| state.delete_bucket(bucket))?;
                Done::empty(StatusCode::NO_CONTENT)
            }
            "GetBucket" => Done::xml(&list_objects(&core().state, target)?),
            "PutBucketLifecycle" => {
                let text = read_lifecycle(received)?;
                self.change(|state| {
                    state.bucket_mut(bucket)?.lifecycle = Some(text);
                    Ok(())
                })?;
                Done::empty(StatusCode::OK)
            }
            "GetBucketLifecycle" => {
                let text = core().state.bucket(bucket)?.lifecycle.clone();
                let missing = "The bucket has no lifecycle configuration.";
                let text =
                    text.ok_or_else(|| Refusal::new("NoSuchLifecycleConfiguration", missing))?;
                // As it was sent, its own declaration included.
                Done { body: text.into(), xml: true, ..Done::empty(StatusCode::OK) }
            }
            "DeleteBucketLifecycle" => {
                self.change(|state| {
                    state.bucket_mut(bucket)?.lifecycle = None;
                    Ok(())
                })?;
                Done::empty(StatusCode::NO_CONTENT)
            }
            "ListMultipartUploads" => Done::xml(&list_uploads(&core().state, bucket)?),
            "PutObject" => {
                let bytes = received.body.clone();
                let about = about(received);
                let object =
                    self.change(|state| state.put_object(bucket, key, bytes, about, now))?;
                Done::empty(StatusCode::OK).object(&object)
            }
            "HeadObject" | "GetObject" => {
                let core = core();
                let (object, bytes) = core.state.object(bucket, key)?;
                return Ok(show(object, &bytes, received, action == "HeadObject"));
            }
            "DeleteObject" => {
                self.change(|state| state.delete_object(bucket, key))?;
                Done::empty(StatusCode::NO_CONTENT)
            }
            // What is under way is not part of what is kept.
            "InitiateMultipartUpload" => {
                let id = core().state.begin_upload(bucket, key, about(received))?;
                Done::xml(&format!(
                    "<InitiateMultipartUploadResult><Bucket>{bucket}</Bucket><Key>{}</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>",
                    escape(key)
                ))
            }
            "UploadPart" => {
                let number = target.value("partNumber").and_then(|number| number.parse().ok());
                let bytes = received.body.clone();
                let number = number.unwrap_or_default();
                let etag = core().state.put_part((bucket, key, id), number, bytes)?;
                Done::empty(StatusCode::OK).with("etag", format!("\"{etag}\""))
            }
            "ListParts" => Done::xml(&list_parts(&mut core().state, target, id)?),
            "CompleteMultipartUpload" => {
                let list = read_parts(received)?;
                let object = self.change(|state| state.complete((bucket, key, id), &list, now))?;
                Done::xml(&format!(
                    "<CompleteMultipartUploadResult><Location>{}/{}</Location><Bucket>{bucket}</Bucket><Key>{}</Key><ETag>&quot;{}&quot;</ETag></CompleteMultipartUploadResult>",
                    escape(&received.host),
                    escape(key),
                    escape(key),
                    object.etag
                ))
                .object(&object)
            }
            _ => {
                core().state.abort(bucket, key, id)?;
                Done::empty(StatusCode::NO_CONTENT)
            }
        })
    }

    fn cos_answer(&self, done: Done, head: bool) -> Response<Answer> {
        let kind = if done.xml { "application/xml" } else { "application/octet-stream" };
        let length = done.body.len();
        let body = if head { Bytes::new() } else { done.body };
        let mut answer = self.respond(done.status, kind, body);
        if !done.xml && length == 0 {
            answer.headers_mut().remove(CONTENT_TYPE);
        }
        let headers = answer.headers_mut();
        for (name, value) in done.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let id = uuid::Uuid::new_v4().simple().to_string();
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert("x-cos-request-id", id.clone());
            headers.insert("x-cos-trace-id", id);
        }
        answer
    }

    fn cos_error(&self, error: &Refusal, resource: &str, head: bool) -> Response<Answer> {
        let id = uuid::Uuid::new_v4().simple();
        let mut done = Done::xml(&format!(
            "<Error><Code>{}</Code><Message>{}</Message><Resource>{}</Resource><RequestId>{id}</RequestId><TraceId>{id}</TraceId></Error>",
            escape(&error.code),
            escape(&error.message),
            escape(resource)
        ));
        done.status = status(&error.code);
        self.cos_answer(done, head)
    }
}

/// The HTTP status of an error code.
fn status(code: &str) -> StatusCode {
    match code {
        "AccessDenied"
        | "RequestTimeTooSkewed"
        | "SignatureDoesNotMatch"
        | "InvalidAccessKeyId"
        | "ExpiredToken"
        | "InvalidToken" => StatusCode::FORBIDDEN,
        "NoSuchBucket" | "NoSuchKey" | "NoSuchUpload" | "NoSuchLifecycleConfiguration" => {
            StatusCode::NOT_FOUND
        }
        "MethodNotAllowed" => StatusCode::METHOD_NOT_ALLOWED,
        "BucketAlreadyExists" | "BucketAlreadyOwnedByYou" | "BucketNotEmpty" => {
            StatusCode::CONFLICT
        }
        "SlowDown" | "ServiceUnavailable" => StatusCode::SERVICE_UNAVAILABLE,
        "InternalError" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `Content-MD5` must be that of the body.
fn check_digest(received: &Received) -> Result<(), Refusal> {
    let Some(text) = received.header("content-md5") else { return Ok(()) };
    let digest = STANDARD.decode(text).ok().filter(|digest| digest.len() == 16);
    let Some(digest) = digest else {
        return Err(Refusal::new("InvalidDigest", "Content-MD5 is not the Base64 of 16 bytes."));
    };
    if digest[..] != Md5::digest(&received.body)[..] {
        return Err(Refusal::new("BadDigest", "Content-MD5 is not that of the body received."));
    }
    Ok(())
}

fn about(received: &Received) -> About {
    let meta: BTreeMap<String, String> = received
        .headers
        .iter()
        .filter(|(name, _)| name.starts_with("x-cos-meta-"))
        .cloned()
        .into_map();
    let content_type = received.header("content-type").unwrap_or("application/octet-stream");
    About { content_type: content_type.to_owned(), meta }
}

/// The object, or the range of it that is asked for.
fn show(object: &Object, bytes: &[u8], received: &Received, head: bool) -> Done {
    let modified = object.modified().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let range =
        received.header("range").and_then(|text| range(text, bytes.len())).filter(|_| !head);
    let mut done = Done::empty(StatusCode::OK)
        .object(object)
        .with("last-modified", modified)
        .with("content-type", object.about.content_type.clone())
        .with("accept-ranges", "bytes");
    if let Some((from, to)) = range {
        done.status = StatusCode::PARTIAL_CONTENT;
        done = done.with("content-range", format!("bytes {from}-{to}/{}", bytes.len()));
        done.body = Bytes::copy_from_slice(&bytes[from..=to]);
    } else if head {
        done = done.with("content-length", object.size.to_string());
    } else {
        done.body = Bytes::copy_from_slice(bytes);
    }
    done
}

/// The first and the last byte of `bytes=from-to`.
fn range(text: &str, size: usize) -> Option<(usize, usize)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let from: usize = from.parse().ok()?;
    let to = if to.is_empty() { size.checked_sub(1)? } else { to.parse().ok()? };
    let to = to.min(size.checked_sub(1)?);
    (from <= to).then_some((from, to))
}

fn malformed(text: impl Into<String>) -> Refusal {
    Refusal::new("MalformedXML", text)
}

/// The configuration as it was sent; it needs a checksum and at least one rule.
fn read_lifecycle(received: &Received) -> Result<String, Refusal> {
    if received.header("content-md5").is_none() {
        return Err(Refusal::new("InvalidRequest", "The header Content-MD5 is missing."));
    }
    let text =
        String::from_utf8(received.body.clone()).map_err(|_| malformed("It is no UTF-8."))?;
    let document =
        roxmltree::Document::parse(&text).map_err(|error| malformed(error.to_string()))?;
    let root = document.root_element();
    let rules: Vec<_> = root.children().filter(|node| node.has_tag_name("Rule")).collect();
    let sound = rules.iter().all(|rule| {
        let child = |name: &str| rule.children().find(|node| node.has_tag_name(name));
        child("Filter").is_some()
            && child("Status")
                .and_then(|status| status.text())
                .is_some_and(|text| matches!(text, "Enabled" | "Disabled"))
    });
    if !root.has_tag_name("LifecycleConfiguration") || rules.is_empty() || !sound {
        return Err(malformed("It is not a lifecycle configuration with rules."));
    }
    drop(document);
    Ok(text)
}

/// The parts that a body lists, each a number with its checksum.
fn read_parts(received: &Received) -> Result<Vec<(u32, String)>, Refusal> {
    let text = std::str::from_utf8(&received.body).map_err(|_| malformed("It is no UTF-8."))?;
    let document =
        roxmltree::Document::parse(text).map_err(|error| malformed(error.to_string()))?;
    let root = document.root_element();
    if !root.has_tag_name("CompleteMultipartUpload") {
        return Err(malformed("It is not a CompleteMultipartUpload."));
    }
    let parts = root.children().filter(|node| node.has_tag_name("Part"));
    parts
        .map(|part| {
            let text = |name: &str| {
                let child = part.children().find(|node| node.has_tag_name(name));
                child.and_then(|child| child.text()).map(str::trim)
            };
            let number = text("PartNumber").and_then(|number| number.parse().ok());
            let etag = text("ETag").map(|etag| etag.trim_matches('"').to_owned());
            number.zip(etag).ok_or_else(|| malformed("A part has no number or no ETag."))
        })
        .collect()
}

fn list_buckets(state: &State) -> String {
    let mut text = "<ListAllMyBucketsResult><Buckets>".to_owned();
    for (name, bucket) in state.buckets() {
        let region = bucket.region.as_deref().unwrap_or("ap-guangzhou");
        let _ = write!(
            text,
            "<Bucket><Name>{name}</Name><Location>{region}</Location><CreationDate>{}</CreationDate></Bucket>",
            bucket.added
        );
    }
    text + "</Buckets></ListAllMyBucketsResult>"
}

/// Objects after the marker whose names begin with the prefix, in order.
fn list_objects(state: &State, target: &Target) -> Result<String, Refusal> {
    let bucket = state.bucket(&target.bucket)?;
    let prefix = target.value("prefix").unwrap_or_default();
    let marker = target.value("marker").unwrap_or_default();
    let most = target.value("max-keys").and_then(|text| text.parse().ok()).unwrap_or(1000_usize);
    let mut found = bucket
        .objects
        .iter()
        .filter(|(key, _)| key.starts_with(prefix) && key.as_str() > marker)
        .peekable();
    let mut text = format!(
        "<ListBucketResult><Name>{}</Name><Prefix>{}</Prefix><MaxKeys>{most}</MaxKeys>",
        target.bucket,
        escape(prefix)
    );
    let mut last = "";
    for (key, object) in found.by_ref().take(most.min(1000)) {
        let _ = write!(
            text,
            "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>&quot;{}&quot;</ETag><Size>{}</Size></Contents>",
            escape(key),
            object.modified().to_rfc3339(),
            object.etag,
            object.size
        );
        last = key;
    }
    let more = found.peek().is_some();
    if more {
        let _ = write!(text, "<NextMarker>{}</NextMarker>", escape(last));
    }
    Ok(text + &format!("<IsTruncated>{more}</IsTruncated></ListBucketResult>"))
}

fn list_uploads(state: &State, bucket: &str) -> Result<String, Refusal> {
    let mut text = "<ListMultipartUploadsResult>".to_owned();
    for (id, upload) in &state.bucket(bucket)?.uploads {
        let key = escape(&upload.key);
        let _ = write!(text, "<Upload><Key>{key}</Key><UploadId>{id}</UploadId></Upload>");
    }
    Ok(text + "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>")
}

fn list_parts(state: &mut State, target: &Target, id: &str) -> Result<String, Refusal> {
    let upload = state.upload(&target.bucket, &target.key, id)?;
    let after = target.value("part-number-marker").and_then(|text| text.parse().ok());
    let most = target.value("max-parts").and_then(|text| text.parse().ok()).unwrap_or(1000_usize);
    let mut parts = upload.parts.range(after.unwrap_or(0) + 1..).peekable();
    let mut text = format!("<ListPartsResult><UploadId>{id}</UploadId>");
    let mut last = 0;
    for (number, part) in parts.by_ref().take(most.min(1000)) {
        let _ = write!(
            text,
            "<Part><PartNumber>{number}</PartNumber><ETag>&quot;{}&quot;</ETag><Size>{}</Size></Part>",
            part.etag,
            part.size()
        );
        last = *number;
    }
    let more = parts.peek().is_some();
    if more {
        let _ = write!(text, "<NextPartNumberMarker>{last}</NextPartNumberMarker>");
    }
    Ok(text + &format!("<IsTruncated>{more}</IsTruncated></ListPartsResult>"))
}
