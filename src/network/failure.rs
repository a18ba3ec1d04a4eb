//! From an error of the HTTP library to what a person can do something about.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use rustls::CertificateError;

use super::proxy::Address;

/// What went wrong with a request that got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The other side's certificate is refused, and will be again: nothing was sent.
    Certificate {
        /// Whose it is.
        owner: CertificateOwner,
        /// Why.
        problem: CertificateProblem,
    },
    /// No connection came about through the proxy: nothing was sent.
    Proxy {
        /// Its host and port.
        proxy: String,
        /// The variable that names it.
        variable: &'static str,
        /// Innermost reason.
        reason: String,
    },
    /// No connection came about: nothing was sent.
    Connect {
        /// Innermost reason.
        reason: String,
    },
    /// Sent, perhaps, and no answer came.
    Lost(Silence),
    /// The deadline came first. It was sent, perhaps.
    Over,
}

/// Why no answer came to a request that was perhaps sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// The connection broke.
    Broken {
        /// How, in the words of the system.
        reason: String,
    },
    /// Nothing came for so long.
    Nothing {
        /// The longest silence allowed.
        within: Duration,
    },
}

impl fmt::Display for Silence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken { reason } => formatter.write_str(reason),
            Self::Nothing { within } => {
                write!(formatter, "nothing within {} s", within.as_secs_f64())
            }
        }
    }
}

/// Whose certificate it was that a request was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateOwner {
    /// The host's.
    Host {
        /// Its name.
        host: String,
    },
    /// The host's, or that of the proxy on the way to it, which is spoken to by TLS as well.
    HostOrProxy {
        /// Name of the host.
        host: String,
        /// Host and port of the proxy.
        proxy: String,
    },
    /// The proxy's: what goes through it is not encrypted.
    Proxy {
        /// Its host and port.
        proxy: String,
    },
}

impl fmt::Display for CertificateOwner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { host } => formatter.write_str(host),
            Self::HostOrProxy { host, proxy } => {
                write!(formatter, "{host} or of the proxy {proxy}")
            }
            Self::Proxy { proxy } => write!(formatter, "the proxy {proxy}"),
        }
    }
}

/// Why a certificate is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateProblem {
    /// No authority that this machine trusts has signed it.
    Issuer,
    /// It is for other hosts.
    Name {
        /// Those that it is for.
        valid: Vec<String>,
    },
    /// Its time is over.
    Ended,
    /// Its time has not come.
    NotYet,
    /// Anything else, in the words of the TLS library.
    Other {
        /// These words.
        reason: String,
    },
}

impl fmt::Display for CertificateProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issuer => formatter.write_str("its issuer is not trusted on this machine"),
            Self::Name { valid } if valid.is_empty() => formatter.write_str("it is for no host"),
            Self::Name { valid } => write!(formatter, "it is for {}", valid.join(", ")),
            Self::Ended => formatter.write_str("it has expired"),
            Self::NotYet => formatter.write_str("it is not valid yet"),
            Self::Other { reason } => formatter.write_str(reason),
        }
    }
}

/// Sorts an error out. `proxy` is the one that the request went through, `owner` whose
/// certificate it was shown.
pub(super) fn of(
    error: &(dyn Error + 'static),
    is_connect: bool,
    proxy: Option<&Address>,
    owner: CertificateOwner,
) -> Failure {
    if let Some(problem) = certificate_problem(error) {
        return Failure::Certificate { owner, problem };
    }
    let reason = innermost(error);
    match proxy {
        Some(proxy) if is_connect => {
            Failure::Proxy { proxy: proxy.to_string(), variable: proxy.variable(), reason }
        }
        None if is_connect => Failure::Connect { reason },
        _ => Failure::Lost(Silence::Broken { reason }),
    }
}

/// The text of the last cause in the chain; the outer ones repeat the address.
#[must_use]
pub fn innermost(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// Looks for a refused certificate among the causes.
fn certificate_problem(error: &(dyn Error + 'static)) -> Option<CertificateProblem> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(refused)) = error.downcast_ref() {
            return Some(problem(refused));
        }
        // An I/O error passes over what it holds when it is asked for its cause.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn problem(refused: &CertificateError) -> CertificateProblem {
    match refused {
        CertificateError::UnknownIssuer => CertificateProblem::Issuer,
        CertificateError::NotValidForName => CertificateProblem::Name { valid: Vec::new() },
        CertificateError::NotValidForNameContext { presented, .. } => {
            // The library writes `DnsName("host")`.
            let name = |text: &String| text.split('"').nth(1).unwrap_or(text).to_owned();
            CertificateProblem::Name { valid: presented.iter().map(name).collect() }
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            CertificateProblem::Ended
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateProblem::NotYet
        }
        other => CertificateProblem::Other { reason: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> CertificateOwner {
        CertificateOwner::Host { host: "scf.example".to_owned() }
    }

    #[test]
    fn a_refused_certificate_is_found_wherever_it_is_wrapped() {
        let refused =
            |error| io::Error::other(io::Error::other(rustls::Error::InvalidCertificate(error)));
        for (error, problem) in [
            (CertificateError::UnknownIssuer, CertificateProblem::Issuer),
            (CertificateError::Expired, CertificateProblem::Ended),
            (CertificateError::NotValidYet, CertificateProblem::NotYet),
            (CertificateError::NotValidForName, CertificateProblem::Name { valid: Vec::new() }),
            (
                CertificateError::NotValidForNameContext {
                    expected: "a.example".try_into().unwrap(),
                    presented: vec!["DnsName(\"b.example\")".to_owned(), "odd".to_owned()],
                },
                CertificateProblem::Name { valid: vec!["b.example".to_owned(), "odd".to_owned()] },
            ),
        ] {
            let failure = Failure::Certificate { owner: owner(), problem };
            assert_eq!(of(&refused(error), true, None, owner()), failure);
        }
        let other = of(&refused(CertificateError::BadSignature), true, None, owner());
        assert!(matches!(
            other,
            Failure::Certificate { problem: CertificateProblem::Other { reason }, .. } if !reason.is_empty()
        ));
    }

    #[test]
    fn what_did_not_connect_was_not_sent() {
        let error = || io::Error::other("refused");
        let reason = || "refused".to_owned();
        assert_eq!(of(&error(), true, None, owner()), Failure::Connect { reason: reason() });
        let lost = Failure::Lost(Silence::Broken { reason: reason() });
        assert_eq!(of(&error(), false, None, owner()), lost);
    }
}
