//! Why an object could not be stored.

use std::borrow::Cow;
use std::time::Duration;

use crate::network::{CertificateOwner, CertificateProblem, Silence};

/// Why a request to COS failed.
#[derive(Debug, thiserror::Error)]
pub enum CosError {
    /// The service refused or failed.
    #[error("{action}: {code}: {} (request {request_id})", said(message.as_deref(), *status))]
    Service {
        /// In the words of the COS reference.
        action: &'static str,
        /// HTTP status.
        status: u16,
        /// Its code; the status in words where an answer has none.
        code: String,
        /// Its text, where an answer has one.
        message: Option<String>,
        /// Names the request to the vendor's support.
        request_id: String,
    },
    /// No connection came about.
    #[error("{action}: cannot connect to {host}: {reason}")]
    Connect {
        /// Action, as the API spells it.
        action: &'static str,
        /// Host.
        host: String,
        /// Why.
        reason: String,
    },
    /// No connection came about through the proxy.
    #[error("{action}: cannot connect through the proxy {proxy} that {variable} names: {reason}")]
    Proxy {
        /// Action, as the API spells it.
        action: &'static str,
        /// Host and port of the proxy.
        proxy: String,
        /// The variable that names it.
        variable: &'static str,
        /// Why.
        reason: String,
    },
    /// The host's certificate is refused.
    #[error("{action}: the certificate of {owner} is not accepted: {problem}")]
    Certificate {
        /// Action, as the API spells it.
        action: &'static str,
        /// Whose it is.
        owner: CertificateOwner,
        /// Why.
        problem: CertificateProblem,
    },
    /// The answer was lost.
    #[error("{action}: no answer from {host}: {reason}")]
    NoAnswer {
        /// Action, as the API spells it.
        action: &'static str,
        /// Host.
        host: String,
        /// How.
        reason: Silence,
    },
    /// The answer is not COS's.
    #[error("{action}: the answer of {host} cannot be understood: {reason}")]
    Garbled {
        /// Action, as the API spells it.
        action: &'static str,
        /// Host.
        host: String,
        /// Why.
        reason: AnswerProblem,
    },
    /// What is stored is not what was sent.
    #[error("{action}: {what} is not what was sent: {difference}")]
    Corrupted {
        /// Action, as the API spells it.
        action: &'static str,
        /// What of it.
        what: Sent,
        /// In what.
        difference: StoredDifference,
    },
    /// The time for everything is over.
    #[error("{action}: not finished within {} s", timeout.as_secs_f64())]
    TimedOut {
        /// Action, as the API spells it.
        action: &'static str,
        /// The time allowed.
        timeout: Duration,
    },
    /// The process was asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The package cannot be read.
    #[error("cannot read the package back")]
    Read(#[source] std::io::Error),
    /// A request that cannot be made.
    #[error("{action}: {reason}")]
    Prepare {
        /// Action, as the API spells it.
        action: &'static str,
        /// Why.
        reason: PrepareProblem,
    },
}

/// What the service says; without a text, its status.
fn said(message: Option<&str>, status: u16) -> Cow<'_, str> {
    message.map_or_else(|| format!("HTTP status {status}").into(), Cow::Borrowed)
}

/// Why an answer is not one of COS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerProblem {
    /// More than is read.
    #[error("it has more than {limit} bytes")]
    TooLong {
        /// The most that is read.
        limit: usize,
    },
    /// Not XML, in the words of the library.
    #[error("{0}")]
    Xml(String),
    /// An element is missing.
    #[error("it has no {0}")]
    Lacks(&'static str),
}

/// What was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Sent {
    /// The whole.
    #[error("the object")]
    Object,
    /// A part of it, from 1.
    #[error("part {0}")]
    Part(u64),
}

/// What tells that what is stored is not what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredDifference {
    /// Its checksum.
    #[error("{sent} was sent, {stored} is stored")]
    Checksum {
        /// Of what was sent.
        sent: String,
        /// Of what is stored; empty where the service does not tell.
        stored: String,
    },
    /// Its size, in bytes.
    #[error("{sent} bytes was sent, {stored} bytes is stored")]
    Size {
        /// Of what was sent.
        sent: u64,
        /// Of what is stored.
        stored: u64,
    },
}

/// Why a request cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareProblem {
    /// No host has such a name.
    #[error("`{0}` cannot be a bucket's name")]
    Bucket(String),
    /// A value that no header can carry.
    #[error("the value for header {0} cannot be sent")]
    Header(&'static str),
}

impl CosError {
    /// The service's code, where it is the service that answered.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Service { code, .. } => Some(code),
            _ => None,
        }
    }
}
