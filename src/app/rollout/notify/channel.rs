//! The way to one chat: its address, and how a message gets there.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::kind::{ChatKind, Message};
use crate::clock::{Clock, Deadline};
use crate::error::Undelivered;
use crate::network::transport::{
    Answer, HeaderMap, HeaderValue, Limits, Method, Outgoing, Transport, Url,
};
use crate::network::{Network, NetworkFailure, Proxies, ProxyError, Silence};
use crate::order::Order as _;
use crate::report::announcement::Announcement;
use crate::sign::Secret;
use crate::text::Language;

/// The time that one attempt may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// The time that a connection may take: with a second attempt it is over before the command ends, so
/// that what was certainly not sent is said to be.
const CONNECT: Duration = Duration::from_secs(3);
/// Before the second attempt.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause that a chat may ask for; one that asks for more is not told.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// Bytes of a part that is hidden in an answer, at least: a shorter one stands in any.
const SHORTEST: usize = 6;
/// Bytes of an answer that are read.
const ANSWER_LIMIT: usize = 64 << 10;
/// The header that proves a body of ours.
const SIGNATURE: &str = "x-scfctl-signature";

/// A chat that can be told.
#[derive(Clone)]
pub(super) struct Channel {
    pub(super) kind: ChatKind,
    /// A secret: whoever has it can write to the chat.
    address: Url,
    secret: Option<Secret>,
    /// What no answer is shown with.
    hidden: Vec<String>,
}

impl fmt::Debug for Channel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Channel").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Texts of an address that must not be shown: all of it, and what of it may stand alone in an
/// answer or an error.
pub(super) fn secrets_of(address: &str) -> Vec<String> {
    const SEGMENT: usize = 16;
    const VALUE: usize = 8;
    let mut secrets = vec![address.to_owned()];
    let Ok(url) = Url::parse(address.trim()) else { return secrets };
    secrets.push(url.to_string());
    secrets.extend(url.query().map(str::to_owned));
    secrets.extend(url.password().map(str::to_owned));
    let values = url.query_pairs().map(|(_, value)| value.into_owned());
    // As they are written, too: an answer may have either.
    let written = url.query().into_iter().flat_map(|query| query.split('&'));
    let written = written.filter_map(|pair| Some(pair.split_once('=')?.1.to_owned()));
    let mut values: Vec<String> =
        values.chain(written).filter(|value| value.len() >= VALUE).collect();
    values.order();
    values.dedup();
    secrets.extend(values);
    let segments = url.path_segments().into_iter().flatten();
    secrets.extend(segments.filter(|part| part.len() >= SEGMENT).map(str::to_owned));
    secrets
}

impl Channel {
    /// Reads an address. Plain HTTP is for this machine only, unless `insecure` says otherwise.
    ///
    /// # Errors
    /// It is none that a message can be sent to.
    pub(super) fn new(
        kind: ChatKind,
        address: &str,
        secret: Option<&str>,
        insecure: bool,
    ) -> Result<Self, Undelivered> {
        let mut hidden = secrets_of(address);
        hidden.extend(secret.map(str::to_owned));
        hidden.retain(|part| part.len() >= SHORTEST);
        hidden.order_by_key(|part| std::cmp::Reverse(part.len()));
        let address = Url::parse(address.trim()).map_err(|_| Undelivered::NoAddress)?;
        let host = address.host_str().ok_or(Undelivered::NoAddress)?;
        match address.scheme() {
            "https" => {}
            "http" if is_this_machine(host) || insecure => {}
            "http" => return Err(Undelivered::PlainHttp),
            _ => return Err(Undelivered::NoAddress),
        }
        let secret = secret.filter(|_| kind.signs()).map(Secret::new);
        Ok(Self { kind, address, secret, hidden })
    }

    /// Whether nobody else hears of it.
    pub(super) fn is_of_this_machine(&self) -> bool {
        self.address.host_str().is_some_and(is_this_machine)
    }

    /// Sets up what the messages of a run go by, signed by a clock that is so many seconds ahead;
    /// connects to nothing yet.
    ///
    /// # Errors
    /// The variables of proxies cannot be used, or TLS cannot be set up.
    pub(super) fn transport(
        &self,
        clock: &Clock,
        proxies: &Result<Proxies, ProxyError>,
        ahead: i64,
    ) -> Result<Transport, Undelivered> {
        let proxies = proxies.clone().map_err(Undelivered::ProxyVariable)?;
        let network = Network::within(proxies, self.address.scheme() == "https", CONNECT);
        let network = network.map_err(|reason| Undelivered::NoClient { reason })?;
        let (_keep, stop) = tokio::sync::watch::channel(false);
        Ok(Transport::new(network, clock.clone(), stop, ahead, 0))
    }

    /// Sends a message, once more where it certainly was not delivered and may be now.
    /// `is_sending` shows whether a connection took it in the attempt that is under way.
    ///
    /// # Errors
    /// It was not delivered, or perhaps not.
    pub(super) async fn deliver(
        &self,
        transport: &Transport,
        announcement: &Announcement,
        language: Language,
        is_sending: &Arc<AtomicBool>,
    ) -> Result<(), Undelivered> {
        let attempt = || self.attempt(transport, announcement, language, is_sending);
        let (problem, pause) = match attempt().await {
            Ok(()) => return Ok(()),
            Err(failed) => failed,
        };
        let pause = pause.unwrap_or(PAUSE);
        if !self.kind.is_busy(&problem) || pause > LONGEST_PAUSE {
            return Err(problem);
        }
        transport.clock().sleep(pause).await;
        // Signed anew, for a later time.
        attempt().await.map_err(|(problem, _)| problem)
    }

    /// Sends a message once. With the error comes the pause that the chat asks for.
    async fn attempt(
        &self,
        transport: &Transport,
        announcement: &Announcement,
        language: Language,
        is_sending: &Arc<AtomicBool>,
    ) -> Result<(), (Undelivered, Option<Duration>)> {
        is_sending.store(false, Ordering::Relaxed);
        let clock = transport.clock();
        let now = transport.time(transport.offset()).timestamp_millis();
        let message = self.kind.message(announcement, language, self.secret.as_ref(), now);
        let outgoing = self.outgoing(message, Arc::clone(is_sending));
        let limits =
            Limits { answer: ANSWER_LIMIT, wait: PATIENCE, silence: PATIENCE, total: None };
        let until = Deadline::after(clock, PATIENCE).at();
        // The name of the host is a part of the address.
        let answer = transport.transfer(outgoing, "", limits, until).await;
        let Answer { status, headers, body } =
            answer.map_err(|failure| (undelivered(failure), None))?;
        let judged = self.kind.judge(status, &body, &self.hidden);
        judged.map_err(|problem| (problem, retry_after(&headers)))
    }

    fn outgoing(&self, message: Message, is_sending: Arc<AtomicBool>) -> Outgoing {
        let mut url = self.address.clone();
        if !message.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&message.query);
        }
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert("content-type", json);
        let signature = message.signature.map(|digits| format!("sha256={digits}"));
        if let Some(signature) = signature.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(SIGNATURE, signature);
        }
        let body = Some(message.body.into());
        Outgoing { method: Method::POST, url, headers, body, taken: Some(is_sending) }
    }
}

/// Whether a host is this machine, by its name.
fn is_this_machine(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The pause that an answer asks for.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn undelivered(failure: NetworkFailure) -> Undelivered {
    let seconds = PATIENCE.as_secs();
    match failure {
        NetworkFailure::Certificate { problem, .. } => Undelivered::Certificate(problem),
        NetworkFailure::Proxy { proxy, reason, .. } => Undelivered::Proxy { proxy, reason },
        NetworkFailure::Connect { reason } => Undelivered::Connect { reason },
        NetworkFailure::Lost(Silence::Broken { reason }) => Undelivered::Broken { reason },
        NetworkFailure::Lost(Silence::Nothing { .. }) | NetworkFailure::Over => {
            Undelivered::Silent { seconds }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_of_https_or_of_this_machine() {
        let new = |address: &str, insecure| {
            Channel::new(ChatKind::Slack, address, None, insecure).map(|_| ())
        };
        for (address, insecure, expected) in [
            ("https://hooks.slack.com/services/x", false, Ok(())),
            (" https://hooks.slack.com/services/x\n", false, Ok(())),
            ("http://127.0.0.1:80/x", false, Ok(())),
            ("http://[::1]:80/x", false, Ok(())),
            ("http://localhost/x", false, Ok(())),
            ("http://hooks.example.com/x", false, Err(Undelivered::PlainHttp)),
            ("http://hooks.example.com/x", true, Ok(())),
            ("hooks.slack.com/services/x", false, Err(Undelivered::NoAddress)),
            ("ftp://h/x", true, Err(Undelivered::NoAddress)),
            ("file:///x", true, Err(Undelivered::NoAddress)),
            ("T000/B000/x", false, Err(Undelivered::NoAddress)),
        ] {
            assert_eq!(new(address, insecure), expected, "{address}");
        }
    }

    #[test]
    fn what_of_an_address_is_a_secret() {
        let secrets = secrets_of("https://hooks.slack.com/services/T0/B0/abcdefghijklmnop1234?k=v");
        assert_eq!(
            secrets[1..],
            [
                "https://hooks.slack.com/services/T0/B0/abcdefghijklmnop1234?k=v",
                "k=v",
                "abcdefghijklmnop1234"
            ]
        );
        assert!(secrets_of("https://h/s?key=693a91f6-7xxx").contains(&"693a91f6-7xxx".to_owned()));
        let secrets = secrets_of("https://h/s?key=abc%2Fdef%3D12");
        for form in ["abc/def=12", "abc%2Fdef%3D12"] {
            assert!(secrets.contains(&form.to_owned()), "{secrets:?}");
        }
        let channel = Channel::new(ChatKind::Slack, "https://h/abcd", None, false).unwrap();
        assert!(!channel.is_of_this_machine());
        assert!(!format!("{channel:?}").contains("abcd"));
    }
}
