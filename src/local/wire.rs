//! Requests and answers as bytes on a connection.

use std::io;
use std::pin::Pin;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Request, Response};

use super::auth::Received;
use super::error::Refusal;
use super::server::UnderWay;

/// How much of a body that is not wanted is read, so that its sender gets to the answer.
const DRAINED: usize = 64 << 20;

/// The head of a request, with the body still to be read.
pub(super) fn head(request: Request<Incoming>) -> (Received, Incoming) {
    let (head, body) = request.into_parts();
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
    // The host may stand in the target alone, as for a proxy.
    let host = head.headers.get("host").map(HeaderValue::as_bytes);
    received.host = match (host, head.uri.authority()) {
        (Some(host), _) => String::from_utf8_lossy(host).into_owned(),
        (None, Some(authority)) => authority.as_str().to_owned(),
        (None, None) => String::new(),
    };
    (received, body)
}

/// Reads a body whole, up to a size, each part of it within a time.
pub(super) async fn read(
    mut body: Incoming,
    largest: usize,
    silence: Duration,
) -> Result<Vec<u8>, Refusal> {
    let (mut bytes, mut size) = (Vec::new(), 0_usize);
    while let Some(data) = next(&mut body, silence).await? {
        size = size.saturating_add(data.len());
        if size <= largest {
            bytes.extend_from_slice(&data);
        } else if size > largest.max(DRAINED) {
            break;
        }
    }
    if size > largest { Err(too_large()) } else { Ok(bytes) }
}

/// Reads a body and keeps nothing of it.
pub(super) async fn drain(mut body: Incoming, silence: Duration) {
    let mut size = 0_usize;
    while size <= DRAINED
        && let Ok(Some(data)) = next(&mut body, silence).await
    {
        size = size.saturating_add(data.len());
    }
}

/// The next part of a body; of trailers nothing.
async fn next(body: &mut Incoming, silence: Duration) -> Result<Option<Bytes>, Refusal> {
    let broken = |text: &str| Refusal::new("InvalidRequest", text);
    match tokio::time::timeout(silence, body.frame()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(frame))) => Ok(Some(frame.into_data().unwrap_or_default())),
        Ok(Some(Err(_))) => Err(broken("The body ended before its announced length.")),
        Err(_) => Err(broken("The body did not come to its end in time.")),
    }
}

pub(super) fn too_large() -> Refusal {
    Refusal::new("RequestSizeLimitExceeded", "The request is larger than it may be.")
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
    work: Option<UnderWay>,
}

impl Answer {
    /// A body that is whole.
    pub(super) fn whole(data: Bytes) -> Self {
        Self { data: Some(data), cut: Cut::No, work: None }
    }

    /// Counts as under way until it is written.
    pub(super) fn keep(&mut self, work: UnderWay) {
        self.work = Some(work);
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
