//! Chats that were not told of a rollout.

use std::fmt;

use crate::config::position::Position;
use crate::network::{CertificateProblem, ProxyError};

/// A chat by what names it to people: its kind, and the variable that has its address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Chat {
    /// Kind.
    pub kind: &'static str,
    /// Variable.
    pub variable: String,
}

impl fmt::Display for Chat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.kind, self.variable)
    }
}

/// Why a message was not delivered. Never with an address or a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The variable is not set.
    #[error("the variable is not set")]
    NotSet,
    /// Its value is no address.
    #[error("the value of the variable is no address that begins with https://")]
    NoAddress,
    /// Plain HTTP to another machine.
    #[error("its address is one of http:// on another machine, which only --insecure-http allows")]
    PlainHttp,
    /// A chat of others, for a rollout that only this machine knows of.
    #[error("of the local SCF only chats on this machine are told")]
    Elsewhere,
    /// The variables of proxies.
    #[error(transparent)]
    ProxyVariable(ProxyError),
    /// TLS cannot be set up.
    #[error("{reason}")]
    NoClient {
        /// Why.
        reason: String,
    },
    /// Its certificate, or that of the proxy on the way to it.
    #[error("the certificate is refused: {0}")]
    Certificate(CertificateProblem),
    /// No connection.
    #[error("no connection: {reason}")]
    Connect {
        /// Why.
        reason: String,
    },
    /// No connection through the proxy.
    #[error("no connection through proxy {proxy}: {reason}")]
    Proxy {
        /// Host and port of the proxy.
        proxy: String,
        /// Why.
        reason: String,
    },
    /// The connection broke; it was perhaps delivered.
    #[error("the connection broke, so that it may have been delivered: {reason}")]
    Broken {
        /// How.
        reason: String,
    },
    /// No answer; it was perhaps delivered.
    #[error("no answer within {seconds} s; it may have been delivered")]
    Silent {
        /// The time that it had.
        seconds: u64,
    },
    /// An answer that leads elsewhere.
    #[error("HTTP {status}; redirects are not followed")]
    Redirect {
        /// HTTP status.
        status: u16,
    },
    /// An HTTP error.
    #[error("HTTP {status}{}", said.as_ref().map(|said| format!(": {said}")).unwrap_or_default())]
    Status {
        /// HTTP status.
        status: u16,
        /// What was said.
        said: Option<String>,
    },
    /// Refused, although the HTTP status is one of success.
    #[error("refused with code {code}{}", said.as_ref().map(|said| format!(": {said}")).unwrap_or_default())]
    Refused {
        /// The code in the answer.
        code: i64,
        /// What was said.
        said: Option<String>,
    },
    /// An answer of success that is not one of this kind of chat.
    #[error("HTTP {status} with an answer that is none of {kind}")]
    NotOfKind {
        /// HTTP status.
        status: u16,
        /// Kind.
        kind: &'static str,
    },
    /// The command ended first.
    #[error("the command did not wait for it any longer")]
    Late,
    /// The command ended before there was a connection.
    #[error("no connection until the command ended")]
    NoConnection,
}

/// A chat was not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{chat} was not told: {problem}{}", place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default())]
pub struct NotTold {
    /// The chat.
    pub chat: Chat,
    /// Why.
    pub problem: Undelivered,
    /// Where the file names it, for what is found out before anything is sent.
    pub place: Option<Position>,
}
