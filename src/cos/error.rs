//! Why an object could not be stored.

use std::time::Duration;

use crate::network::CertificateProblem;

/// Why a request to COS failed.
#[derive(Debug, thiserror::Error)]
pub enum CosError {
    /// The service refused or failed.
    #[error("{action}: {code}: {message} (request {request_id})")]
    Service {
        /// In the words of the COS reference.
        action: &'static str,
        /// HTTP status.
        status: u16,
        /// Its code; the status in words where an answer has none.
        code: String,
        /// Its text.
        message: String,
        /// Names the request to the vendor's support.
        request_id: String,
    },
    /// No connection came about.
    #[error("{action}: cannot connect to {host}: {reason}")]
    Connect {
        /// Action.
        action: &'static str,
        /// Host.
        host: String,
        /// Why.
        reason: String,
    },
    /// No connection came about through the proxy.
    #[error("{action}: cannot connect through the proxy {proxy} that {variable} names: {reason}")]
    Proxy {
        /// Action.
        action: &'static str,
        /// Host and port of the proxy.
        proxy: String,
        /// The variable that names it.
        variable: &'static str,
        /// Why.
        reason: String,
    },
    /// The host's certificate is refused.
    #[error("{action}: the certificate of {host} is not accepted: {problem}")]
    Certificate {
        /// Action.
        action: &'static str,
        /// Host.
        host: String,
        /// Why.
        problem: CertificateProblem,
    },
    /// The answer was lost.
    #[error("{action}: no answer from {host}: {reason}")]
    NoAnswer {
        /// Action.
        action: &'static str,
        /// Host.
        host: String,
        /// How.
        reason: String,
    },
    /// The answer is not COS's.
    #[error("{action}: the answer of {host} cannot be understood: {reason}")]
    Garbled {
        /// Action.
        action: &'static str,
        /// Host.
        host: String,
        /// Why.
        reason: String,
    },
    /// What is stored is not what was sent.
    #[error("{action}: {what} is not what was sent: {sent} was sent, {stored} is stored")]
    Corrupted {
        /// Action.
        action: &'static str,
        /// What of it: `part 3`, `the object`.
        what: String,
        /// Checksum or size of what was sent.
        sent: String,
        /// Of what is stored.
        stored: String,
    },
    /// The time for everything is over.
    #[error("{action}: not finished within {} s", timeout.as_secs_f64())]
    TimedOut {
        /// Action.
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
        /// Action.
        action: &'static str,
        /// Why.
        reason: String,
    },
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
