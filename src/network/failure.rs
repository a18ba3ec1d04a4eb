//! Converts errors of the HTTP library to ones that a user can act on.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use rustls::CertificateError;

use super::proxy::ProxyAddress;

/// Why a request got no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkFailure {
    /// The certificate was rejected, and will be again. Nothing was sent.
    Certificate {
        /// Whose certificate it is.
        owner: CertificateOwner,
        /// Why it was rejected.
        problem: CertificateProblem,
    },
    /// No connection could be established through the proxy. Nothing was sent.
    Proxy {
        /// Host and port of the proxy.
        proxy: String,
        /// The environment variable that names it.
        variable: &'static str,
        /// The innermost error.
        reason: String,
    },
    /// No connection could be established. Nothing was sent.
    Connect {
        /// The innermost error.
        reason: String,
    },
    /// The request may have been sent, and no response arrived.
    Lost(Silence),
    /// The deadline was reached. The request may have been sent.
    Over,
}

/// Why no response arrived for a request that may have been sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// The connection broke.
    Broken {
        /// The system's message.
        reason: String,
    },
    /// Nothing arrived for too long.
    Nothing {
        /// The time limit.
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

/// Whose certificate a request was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateOwner {
    /// The host's.
    Host {
        /// Its name.
        host: String,
    },
    /// The host's, or that of the proxy, which is contacted over TLS, too.
    HostOrProxy {
        /// Name of the host.
        host: String,
        /// Host and port of the proxy.
        proxy: String,
    },
    /// The proxy's: requests through it are not encrypted.
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

/// Why a certificate was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateProblem {
    /// It was not signed by an authority that this machine trusts.
    Issuer,
    /// It is for other hosts.
    Name {
        /// Hosts that it is valid for.
        valid: Vec<String>,
    },
    /// It has expired.
    Ended,
    /// It is not valid yet.
    NotYet,
    /// Its issuer has revoked it.
    Revoked,
    /// Its revocation status is unknown.
    RevocationUnknown,
    /// The issuer that it names has not signed it.
    Signature,
    /// Its signature algorithm is not supported.
    Algorithm,
    /// It cannot be parsed.
    Malformed,
    /// It is not for servers.
    Purpose,
    /// It is an authority's certificate, not a server's.
    Authority,
    /// It is signed with a server's certificate, not an authority's.
    NotByAuthority,
    /// An authority above it may not sign for this host, or not at this depth.
    Constraint,
    /// It has a version before X.509 v3.
    Version,
    /// It has a critical extension that is not supported.
    Extension,
    /// Any other reason, in the words of the TLS library or the system.
    Other {
        /// The message.
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
            Self::Revoked => formatter.write_str("it has been revoked"),
            Self::RevocationUnknown => {
                formatter.write_str("it is not known whether it has been revoked")
            }
            Self::Signature => {
                formatter.write_str("the issuer that it names has not signed it")
            }
            Self::Algorithm => {
                formatter.write_str("it is signed with an algorithm that is not supported")
            }
            Self::Malformed => formatter.write_str("it cannot be read"),
            Self::Purpose => formatter.write_str("it is not for servers"),
            Self::Authority => formatter.write_str(
                "it is the certificate of an authority, not one that an authority has signed for the server",
            ),
            Self::NotByAuthority => {
                formatter.write_str("what it is signed by is not the certificate of an authority")
            }
            Self::Constraint => {
                formatter.write_str("an authority above it may not sign certificates for this host")
            }
            Self::Version => formatter.write_str("it is of an old version; X.509 v3 is needed"),
            Self::Extension => {
                formatter.write_str("it has a critical extension that is not supported")
            }
            Self::Other { reason } => write!(formatter, "it cannot be checked ({reason})"),
        }
    }
}

/// Classifies an error. `proxy` is the one that the request went through; `owner` is whose
/// certificate it was shown.
pub(super) fn of(
    error: &(dyn Error + 'static),
    is_connect: bool,
    proxy: Option<&ProxyAddress>,
    owner: CertificateOwner,
) -> NetworkFailure {
    if let Some(problem) = certificate_problem(error) {
        return NetworkFailure::Certificate { owner, problem };
    }
    let reason = innermost(error);
    match proxy {
        Some(proxy) if is_connect => {
            NetworkFailure::Proxy { proxy: proxy.to_string(), variable: proxy.variable(), reason }
        }
        None if is_connect => NetworkFailure::Connect { reason },
        _ => NetworkFailure::Lost(Silence::Broken { reason }),
    }
}

/// Returns the text of the innermost cause; the outer ones repeat the address.
#[must_use]
pub fn innermost(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    let text = last.to_string();
    // The library hides why a SOCKS proxy cannot be reached.
    if text.ends_with("failed to create underlying connection") {
        let shown = format!("{last:?}");
        let code = shown.split_once("Os { code: ").and_then(|(_, rest)| rest.split_once(','));
        if let Some(code) = code.and_then(|(code, _)| code.parse().ok()) {
            return io::Error::from_raw_os_error(code).to_string();
        }
    }
    text
}

/// Searches the causes for a rejected certificate.
fn certificate_problem(error: &(dyn Error + 'static)) -> Option<CertificateProblem> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(refused)) = error.downcast_ref() {
            return Some(problem(refused));
        }
        // `source` of an I/O error skips the error that it wraps.
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
        CertificateError::Revoked => CertificateProblem::Revoked,
        CertificateError::UnknownRevocationStatus
        | CertificateError::ExpiredRevocationList
        | CertificateError::ExpiredRevocationListContext { .. }
        | CertificateError::InvalidOcspResponse => CertificateProblem::RevocationUnknown,
        CertificateError::BadSignature => CertificateProblem::Signature,
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            CertificateProblem::Algorithm
        }
        CertificateError::BadEncoding => CertificateProblem::Malformed,
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            CertificateProblem::Purpose
        }
        CertificateError::UnhandledCriticalExtension => CertificateProblem::Extension,
        CertificateError::Other(inner) => by_name(&inner.0.to_string()),
        other => CertificateProblem::Other { reason: other.to_string() },
    }
}

/// Classifies errors for which the certificate library only has identifiers.
fn by_name(name: &str) -> CertificateProblem {
    match name {
        "CaUsedAsEndEntity" => CertificateProblem::Authority,
        "EndEntityUsedAsCa" => CertificateProblem::NotByAuthority,
        "NameConstraintViolation" | "PathLenConstraintViolated" => CertificateProblem::Constraint,
        "SignatureAlgorithmMismatch" => CertificateProblem::Algorithm,
        "UnsupportedCertVersion" => CertificateProblem::Version,
        "UnsupportedCriticalExtension" => CertificateProblem::Extension,
        // Reported by the system's verifier.
        "EmptyEkuExtension" | "certificate had invalid extensions" => CertificateProblem::Purpose,
        "ExtensionValueInvalid"
        | "InvalidNetworkMaskConstraint"
        | "InvalidSerialNumber"
        | "MalformedDnsIdentifier"
        | "MalformedExtensions"
        | "MalformedNameConstraint"
        | "UnsupportedNameType" => CertificateProblem::Malformed,
        other => CertificateProblem::Other { reason: other.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
            let failure = NetworkFailure::Certificate { owner: owner(), problem };
            assert_eq!(of(&refused(error), true, None, owner()), failure);
        }
    }

    /// The identifiers of the library say nothing to someone who has to renew a certificate.
    #[test]
    fn what_is_wrong_with_a_certificate_is_said_in_words() {
        #[derive(Debug)]
        struct Named(&'static str);
        impl fmt::Display for Named {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.0)
            }
        }
        impl Error for Named {}
        let other = |name| CertificateError::Other(rustls::OtherError(Arc::new(Named(name))));
        for (error, said) in [
            (CertificateError::Revoked, "it has been revoked"),
            (CertificateError::BadSignature, "the issuer that it names has not signed it"),
            (CertificateError::BadEncoding, "it cannot be read"),
            (CertificateError::InvalidPurpose, "it is not for servers"),
            (other("certificate had invalid extensions"), "it is not for servers"),
            (
                other("CaUsedAsEndEntity"),
                "it is the certificate of an authority, not one that an authority has signed for the server",
            ),
            (other("UnsupportedCertVersion"), "it is of an old version; X.509 v3 is needed"),
            (other("the system says no"), "it cannot be checked (the system says no)"),
        ] {
            assert_eq!(problem(&error).to_string(), said);
        }
    }

    #[test]
    fn what_did_not_connect_was_not_sent() {
        let error = || io::Error::other("refused");
        let reason = || "refused".to_owned();
        assert_eq!(of(&error(), true, None, owner()), NetworkFailure::Connect { reason: reason() });
        let lost = NetworkFailure::Lost(Silence::Broken { reason: reason() });
        assert_eq!(of(&error(), false, None, owner()), lost);
    }
}
