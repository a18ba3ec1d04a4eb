//! Requests and answers as bytes on a connection.

use std::io;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Request, Response};

use super::auth::Received;
use super::error::ApiError;

/// The largest body of a TC3 request.
const LARGEST_BODY: usize = 10 << 20;
/// The largest query.
const LARGEST_QUERY: usize = 32 << 10;
/// How much of a body too large is read, so that its sender gets to the answer.
const DRAINED: usize = 64 << 20;
/// The largest object that is taken at once.
const LARGEST_OBJECT: usize = 600 << 20;

/// Reads a request of the cloud API whole, up to the largest size.
pub(super) async fn receive(request: Request<Incoming>) -> Result<Received, ApiError> {
    let received = read(request, LARGEST_BODY).await?;
    if !matches!(received.method.as_str(), "POST" | "GET") {
        return Err(ApiError::new(
            "UnsupportedProtocol",
            format!("The method is {}, not POST or GET.", received.method),
        ));
    }
    Ok(received)
}

/// Reads a request of COS whole.
pub(super) async fn receive_object(request: Request<Incoming>) -> Result<Received, ApiError> {
    read(request, LARGEST_OBJECT).await
}

async fn read(request: Request<Incoming>, largest: usize) -> Result<Received, ApiError> {
    let (head, mut body) = request.into_parts();
    let mut received = Received {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        ..Received::default()
    };
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        received.headers.push((name.as_str().to_owned(), value));
    }
    // HTTP/2 has no Host header but an authority.
    let host = head.headers.get("host").map(HeaderValue::as_bytes);
    received.host = match (host, head.uri.authority()) {
        (Some(host), _) => String::from_utf8_lossy(host).into_owned(),
        (None, Some(authority)) => authority.as_str().to_owned(),
        (None, None) => String::new(),
    };
    let mut size = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            ApiError::new("InvalidRequest", "The body ended before its announced length.")
        })?;
        if let Some(data) = frame.data_ref() {
            size = size.saturating_add(data.len());
            if size <= largest {
                received.body.extend_from_slice(data);
            } else if size > largest.max(DRAINED) {
                break;
            }
        }
    }
    if size > largest || received.query.len() > LARGEST_QUERY {
        return Err(too_large());
    }
    Ok(received)
}

pub(super) fn too_large() -> ApiError {
    ApiError::new("RequestSizeLimitExceeded", "The request is larger than it may be.")
}

/// Announces the whole answer, and sends half of it.
pub(super) fn truncate(mut response: Response<Answer>) -> Response<Answer> {
    let body = response.body_mut();
    if let Some(data) = &mut body.data {
        let length = HeaderValue::from(data.len());
        data.truncate(data.len() / 2);
        body.cut = Cut::AfterData;
        response.headers_mut().insert(CONTENT_LENGTH, length);
    }
    response
}

/// A body that is whole, or breaks off.
pub(super) struct Answer {
    data: Option<Bytes>,
    cut: Cut,
}

impl Answer {
    /// A body that is whole.
    pub(super) fn whole(data: Bytes) -> Self {
        Self { data: Some(data), cut: Cut::No }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    No,
    AfterData,
    Now,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Task<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match self.cut {
            Cut::No => Poll::Ready(None),
            // What was sent is written out while the body has nothing to say;
            // breaking off at once would take it along.
            Cut::AfterData => {
                self.cut = Cut::Now;
                task.waker().wake_by_ref();
                Poll::Pending
            }
            Cut::Now => Poll::Ready(Some(Err(io::Error::other("the answer is to be cut")))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.cut == Cut::No
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.data, self.cut) {
            (Some(data), Cut::No) => SizeHint::with_exact(data.len() as u64),
            (None, Cut::No) => SizeHint::with_exact(0),
            _ => SizeHint::default(),
        }
    }
}
