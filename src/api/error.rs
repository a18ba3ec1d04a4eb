//! Every way a call can fail.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::error::Category;

use super::retry::{self, AttemptFailure, ErrorKind, Repeat, RetryDecision};
use crate::network::{CertificateOwner, CertificateProblem, Silence};

/// Bodies larger than this are refused by the API (`RequestSizeLimitExceeded`), in bytes.
pub const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// A failed call.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The API answered with an error.
    #[error("{action}: {code}: {message} (request {request_id})")]
    Api {
        /// Action, as the API spells it.
        action: &'static str,
        /// Dotted code.
        code: String,
        /// The service's text.
        message: String,
        /// Names the call to the vendor's support.
        request_id: String,
    },
    /// No connection, so nothing was sent.
    #[error("{action}: cannot connect to {endpoint}: {reason}")]
    Connect {
        /// Action, as the API spells it.
        action: &'static str,
        /// Access point.
        endpoint: String,
        /// Innermost reason.
        reason: String,
    },
    /// No connection through the proxy, so nothing was sent.
    #[error("{action}: cannot connect through the proxy {proxy} that {variable} names: {reason}")]
    Proxy {
        /// Action, as the API spells it.
        action: &'static str,
        /// Host and port of the proxy.
        proxy: String,
        /// The variable that names it.
        variable: &'static str,
        /// Innermost reason.
        reason: String,
    },
    /// The access point's certificate is refused, so nothing was sent.
    #[error("{action}: the certificate of {owner} is not accepted: {problem}")]
    Certificate {
        /// Action, as the API spells it.
        action: &'static str,
        /// Whose it is.
        owner: CertificateOwner,
        /// Why.
        problem: CertificateProblem,
    },
    /// Sent, but no complete answer came.
    #[error("{action}: no answer from {endpoint}: {reason}")]
    NoAnswer {
        /// Action, as the API spells it.
        action: &'static str,
        /// Access point.
        endpoint: String,
        /// How.
        reason: Silence,
    },
    /// Something between here and the API answered.
    #[error("{action}: {endpoint} answered with HTTP status {status}")]
    Status {
        /// Action, as the API spells it.
        action: &'static str,
        /// Access point.
        endpoint: String,
        /// HTTP status.
        status: u16,
    },
    /// HTTP 200, but not an answer of the API.
    #[error("{action}: the answer of {endpoint} is not one of the API: {reason}")]
    Garbled {
        /// Action, as the API spells it.
        action: &'static str,
        /// Access point.
        endpoint: String,
        /// What is wrong with it.
        reason: AnswerProblem,
    },
    /// A success whose fields are not what this program needs.
    #[error(
        "{action}: the answer's field `{field}` cannot be used: {reason} (request {request_id})"
    )]
    Reply {
        /// Action, as the API spells it.
        action: &'static str,
        /// Path of the field.
        field: String,
        /// What is wrong with it.
        reason: FieldProblem,
        /// Names the call to the vendor's support.
        request_id: String,
    },
    /// The total time ran out.
    #[error("{action}: not finished within {}", seconds(*timeout))]
    TimedOut {
        /// Action, as the API spells it.
        action: &'static str,
        /// The whole time allowed.
        timeout: Duration,
        /// Whether the call was under way, so that it may have been carried out.
        sent: bool,
    },
    /// The process was asked to stop while the call waited for its turn; nothing was sent.
    #[error("{action}: not sent, because it was asked to stop")]
    Stopped {
        /// Action, as the API spells it.
        action: &'static str,
    },
    /// There are no keys to sign with; nothing was sent.
    #[error("{action}: not sent for want of keys")]
    Keys {
        /// Action, as the API spells it.
        action: &'static str,
        /// Why.
        source: KeysError,
    },
    /// The service calls the keys ended, or not belonging together; the call was not executed.
    #[error("{action}: {code}: {message} (request {request_id})")]
    Token {
        /// Action, as the API spells it.
        action: &'static str,
        /// Code.
        code: String,
        /// The service's text.
        message: String,
        /// Names the call to the vendor's support.
        request_id: String,
        /// The place of the keys.
        from: String,
        /// Whether they had just been renewed. Else their place has no newer ones.
        renewed: bool,
    },
    /// The signature expired and the clock does not explain it.
    #[error(
        "{action}: {code}: {message} (request {request_id}); local time {}, server time {}",
        utc(*local), server.map_or_else(|| "unknown".to_owned(), utc)
    )]
    Clock {
        /// Action, as the API spells it.
        action: &'static str,
        /// Code.
        code: String,
        /// The service's text.
        message: String,
        /// Names the call to the vendor's support.
        request_id: String,
        /// Local time.
        local: DateTime<Utc>,
        /// Server's `Date`, where it sent one.
        server: Option<DateTime<Utc>>,
        /// Server minus local clock in seconds, where the server told its time.
        apart: Option<i64>,
        /// From the signature to the answer.
        took: Duration,
        /// Size of the request, in bytes.
        size: usize,
        /// Whether it was signed with temporary keys.
        temporary: bool,
    },
    /// The request does not fit in one call.
    #[error("{action}: the request has {size} bytes, the API takes {BODY_LIMIT}")]
    TooLarge {
        /// Action, as the API spells it.
        action: &'static str,
        /// Bytes.
        size: usize,
    },
    /// The HTTP library could not be set up, or the request not be written.
    #[error("{action}: cannot prepare the request: {reason}")]
    Prepare {
        /// Action, or `client`.
        action: &'static str,
        /// Why.
        reason: PrepareProblem,
    },
}

/// Why an answer is not one of the API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerProblem {
    /// More than is read.
    #[error("it has more than {ANSWER_LIMIT} bytes")]
    TooLong,
    /// Not JSON, or not an object. Never with the answer's own text, which may echo the request.
    #[error("{category:?} error at line {line}, column {column}")]
    Json {
        /// What kind of error it is.
        category: Category,
        /// Line, from 1.
        line: usize,
        /// Column.
        column: usize,
    },
    /// No `Response`, or not an object.
    #[error("it has no object `Response`")]
    NoResponse,
    /// `Response.Error` is something else.
    #[error("`Response.Error` is not an object")]
    ErrorNotObject,
    /// `Response.Error` has no code.
    #[error("`Response.Error`: {reason}")]
    Error {
        /// In the words of the JSON library.
        reason: String,
    },
}

/// Why a field of an answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    /// It is missing or of another type, in the words of the JSON library.
    #[error("{0}")]
    Json(String),
    /// The same, without words that may hold a part of the answer.
    #[error("it is missing or of another kind")]
    Hidden,
    /// It is no version of a function.
    #[error("`{0}` is not a version")]
    Version(String),
}

/// Why a request could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareProblem {
    /// In the words of a library.
    #[error("{0}")]
    Library(String),
    /// A value that no header can carry.
    #[error("the value for header {name} has characters that HTTP does not allow")]
    Header {
        /// The header.
        name: &'static str,
    },
}

/// A time for people.
pub(super) fn utc(time: DateTime<Utc>) -> String {
    time.format("%F %T UTC").to_string()
}

/// A duration for people: `300 s`, `0.5 s`.
fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

impl ApiError {
    /// The action that failed.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Api { action, .. }
            | Self::Connect { action, .. }
            | Self::Proxy { action, .. }
            | Self::Certificate { action, .. }
            | Self::NoAnswer { action, .. }
            | Self::Status { action, .. }
            | Self::Garbled { action, .. }
            | Self::Reply { action, .. }
            | Self::TimedOut { action, .. }
            | Self::Stopped { action }
            | Self::Keys { action, .. }
            | Self::Token { action, .. }
            | Self::Clock { action, .. }
            | Self::TooLarge { action, .. }
            | Self::Prepare { action, .. } => action,
        }
    }

    /// The API's code, where the API answered.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Api { code, .. } | Self::Token { code, .. } | Self::Clock { code, .. } => {
                Some(code)
            }
            _ => None,
        }
    }

    /// The family of the API's code.
    #[must_use]
    pub fn kind(&self) -> Option<ErrorKind> {
        self.code().map(retry::kind)
    }

    /// Whether the call may have been carried out although it failed.
    #[must_use]
    pub fn perhaps_executed(&self) -> bool {
        match self {
            Self::Api { code, .. } => retry::kind(code) == ErrorKind::Platform,
            Self::NoAnswer { .. }
            | Self::Status { .. }
            | Self::Garbled { .. }
            | Self::Reply { .. } => true,
            Self::TimedOut { sent, .. } => *sent,
            Self::Connect { .. }
            | Self::Proxy { .. }
            | Self::Certificate { .. }
            | Self::Stopped { .. }
            | Self::Keys { .. }
            | Self::Token { .. }
            | Self::Clock { .. }
            | Self::TooLarge { .. }
            | Self::Prepare { .. } => false,
        }
    }

    /// What calls that fail alike have in common: everything but their ids.
    #[must_use]
    pub fn alike(&self) -> String {
        match self {
            Self::Api { action, code, message, .. } => format!("{action}: {code}: {message}"),
            Self::Reply { action, field, .. } => format!("{action}: {field}"),
            other => other.to_string(),
        }
    }

    /// Whether the call was one that changes something.
    #[must_use]
    pub fn changes_something(&self) -> bool {
        changes_something(self.action())
    }

    /// How long to wait before a call is repeated by someone who looks first whether it was
    /// carried out; `None` when it failed often enough, or would fail again.
    #[must_use]
    pub fn pause_before_repeating(&self, attempt: u32) -> Option<Duration> {
        match retry::decide(self.failure()?, Repeat::Freely, attempt, fastrand::f64()) {
            RetryDecision::Again(after) => Some(after),
            RetryDecision::AwaitActive | RetryDecision::GiveUp => None,
        }
    }

    /// Without the text of an answer that may hold keys.
    pub(super) fn without_reason(self) -> Self {
        match self {
            Self::Reply { action, field, request_id, .. } => {
                Self::Reply { action, field, reason: FieldProblem::Hidden, request_id }
            }
            other => other,
        }
    }

    pub(super) fn failure(&self) -> Option<AttemptFailure<'_>> {
        match self {
            Self::Api { code, .. } => Some(AttemptFailure::Code(code)),
            Self::Connect { .. } | Self::Proxy { .. } => Some(AttemptFailure::NotSent),
            Self::NoAnswer { .. } | Self::Garbled { .. } => Some(AttemptFailure::Lost),
            Self::Status { status, .. } => Some(AttemptFailure::Status(*status)),
            // A certificate is as wrong a second later.
            Self::Certificate { .. }
            | Self::Reply { .. }
            | Self::TimedOut { .. }
            | Self::Stopped { .. }
            | Self::Keys { .. }
            | Self::Token { .. }
            | Self::Clock { .. }
            | Self::TooLarge { .. }
            | Self::Prepare { .. } => None,
        }
    }
}

/// Whether an action of the API changes something.
#[must_use]
pub fn changes_something(action: &str) -> bool {
    const READS: &[&str] = &["Get", "List", "Describe", "Search", "AssumeRole"];
    !READS.iter().any(|verb| action.starts_with(verb))
}

/// Why something that changes could not be read: an error of whoever reads it.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Why there are no keys to sign with.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The service that gives them refused or failed.
    #[error("cannot take the role that {from} names")]
    Role {
        /// What names the role.
        from: String,
        /// Why.
        source: Box<ApiError>,
    },
    /// The machine has none.
    #[error("no keys of this machine's role from {endpoint}: {reason}")]
    Machine {
        /// The metadata service.
        endpoint: String,
        /// Why.
        reason: MachineProblem,
    },
    /// The place cannot be read.
    #[error("{0}")]
    Place(SourceError),
    /// Those in the place are over.
    #[error("the keys in {from} ended at {}, and it is {}", utc(*at), utc(*now))]
    Ended {
        /// The place.
        from: String,
        /// When they ended.
        at: DateTime<Utc>,
        /// The time they were looked at.
        now: DateTime<Utc>,
    },
}

/// Why the metadata service gives no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MachineProblem {
    /// It cannot be reached, in the words of the system.
    #[error("{0}")]
    Unreachable(String),
    /// The machine has no role.
    #[error("the machine has no role")]
    NoRole,
    /// It answered with another status.
    #[error("HTTP status {0}")]
    Status(u16),
    /// Its answer is no JSON.
    #[error("the answer is not JSON")]
    NotJson,
    /// Its answer does not say `Success`.
    #[error("the answer is no success")]
    NoSuccess,
    /// Its answer lacks a part of the keys.
    #[error("the answer has no {0}")]
    Lacks(&'static str),
}

/// No answer of the API comes near this; more is not read, in bytes.
pub const ANSWER_LIMIT: usize = 16 * 1024 * 1024;
