//! Errors of the COS client.

use std::borrow::Cow;
use std::time::Duration;

use crate::network::{CertificateOwner, CertificateProblem, Silence};

/// Why a request to COS failed.
#[derive(Debug, thiserror::Error)]
pub enum CosError {
    /// The service refused the request or failed.
    #[error("{action}: {code}: {} (request {request_id})", said(message.as_deref(), *status))]
    Service {
        /// Action, as in the COS reference.
        action: &'static str,
        /// HTTP status.
        status: u16,
        /// Error code of the service, or words for the status if the response has none.
        code: String,
        /// Error message of the service, if the response has one.
        message: Option<String>,
        /// Identifies the request to the vendor's support.
        request_id: String,
    },
    /// No connection could be established.
    #[error("{action}: cannot connect to {host}: {reason}")]
    Connect {
        /// Action, as the API spells it.
        action: &'static str,
        /// Host.
        host: String,
        /// Why.
        reason: String,
    },
    /// No connection could be established through the proxy.
    #[error("{action}: cannot connect through the proxy {proxy} that {variable} names: {reason}")]
    Proxy {
        /// Action, as the API spells it.
        action: &'static str,
        /// Host and port of the proxy.
        proxy: String,
        /// The environment variable that names it.
        variable: &'static str,
        /// Why.
        reason: String,
    },
    /// The host's certificate was rejected.
    #[error("{action}: the certificate of {owner} is not accepted: {problem}")]
    Certificate {
        /// Action, as the API spells it.
        action: &'static str,
        /// Whose certificate it is.
        owner: CertificateOwner,
        /// Why it was rejected.
        problem: CertificateProblem,
    },
    /// The response was lost.
    #[error("{action}: no answer from {host}: {reason}")]
    NoAnswer {
        /// Action, as the API spells it.
        action: &'static str,
        /// Host.
        host: String,
        /// How it was lost.
        reason: Silence,
    },
    /// The response is not one of COS.
    #[error("{action}: the answer of {host} cannot be understood: {reason}")]
    Garbled {
        /// Action, as the API spells it.
        action: &'static str,
        /// Host.
        host: String,
        /// What is wrong with it.
        reason: AnswerProblem,
    },
    /// The stored data differs from what was sent.
    #[error("{action}: {what} is not what was sent: {difference}")]
    Corrupted {
        /// Action, as the API spells it.
        action: &'static str,
        /// Which part of it.
        what: Sent,
        /// How it differs.
        difference: StoredDifference,
    },
    /// The overall time limit was reached.
    #[error("{action}: not finished within {} s", timeout.as_secs_f64())]
    TimedOut {
        /// Action, as the API spells it.
        action: &'static str,
        /// The time limit.
        timeout: Duration,
    },
    /// The process was asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The package's temporary file cannot be read.
    #[error("cannot read the package back")]
    Read(#[source] std::io::Error),
    /// The request cannot be built.
    #[error("{action}: {reason}")]
    Prepare {
        /// Action, as the API spells it.
        action: &'static str,
        /// Why.
        reason: PrepareProblem,
    },
}

/// Returns the service's message or, without one, its status.
fn said(message: Option<&str>, status: u16) -> Cow<'_, str> {
    message.map_or_else(|| format!("HTTP status {status}").into(), Cow::Borrowed)
}

/// Why a response is not one of COS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerProblem {
    /// It is too long.
    #[error("it has more than {limit} bytes")]
    TooLong {
        /// Limit in bytes.
        limit: usize,
    },
    /// It is not XML; the parser's message.
    #[error("{0}")]
    Xml(String),
    /// It lacks this element.
    #[error("it has no {0}")]
    Lacks(&'static str),
}

/// The data that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Sent {
    /// The whole object.
    #[error("the object")]
    Object,
    /// A part of it, numbered from 1.
    #[error("part {0}")]
    Part(u64),
}

/// How the stored data differs from what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredDifference {
    /// By its checksum.
    #[error("{sent} was sent, {stored} is stored")]
    Checksum {
        /// Checksum of the sent data.
        sent: String,
        /// Checksum of the stored data; empty if the service does not report it.
        stored: String,
    },
    /// By its size in bytes.
    #[error("{sent} bytes was sent, {stored} bytes is stored")]
    Size {
        /// Size of the sent data.
        sent: u64,
        /// Size of the stored data.
        stored: u64,
    },
}

/// Why a request cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareProblem {
    /// The bucket's name cannot be part of a host name.
    #[error("`{0}` cannot be a bucket's name")]
    Bucket(String),
    /// The value cannot be sent in this header.
    #[error("the value for header {0} cannot be sent")]
    Header(&'static str),
}

impl CosError {
    /// Returns the service's error code, if it was the service that responded.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Service { code, .. } => Some(code),
            _ => None,
        }
    }
}
