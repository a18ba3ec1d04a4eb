//! Addresses of access points.

use std::fmt;
use std::net::IpAddr;

use url::Url;

use crate::network::Proxies;
use crate::network::host::in_ascii;
use crate::network::proxy::ProxyAddress;
use crate::withheld::MARK;

/// The address of an access point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
    host: String,
    loopback: bool,
}

/// An address that cannot be used as an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not an address.
    #[error("`{0}` is not an endpoint")]
    Malformed(String),
    /// Keys would come from who knows where.
    #[error("`{0}` is plain http, and neither metadata.tencentyun.com nor this machine")]
    Metadata(String),
    /// Plain HTTP to somewhere else would show the code to everyone on the way.
    #[error("endpoint `{0}` is plain http and not on this machine")]
    Insecure(String),
}

impl Endpoint {
    /// Reads `https://host[:port]`, `http://127.0.0.1:port`, or a bare host name (https).
    ///
    /// Plain HTTP is for this machine only, unless `insecure` says otherwise.
    ///
    /// # Errors
    /// Not an address, a path or user name in it, or plain HTTP to another machine.
    pub fn parse(text: &str, insecure: bool) -> Result<Self, EndpointError> {
        let malformed = || EndpointError::Malformed(without_userinfo(text));
        let with_scheme =
            if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&in_ascii(&with_scheme)).map_err(|_| malformed())?;
        if !matches!(url.scheme(), "https" | "http")
            || url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(malformed());
        }
        let name = url.host_str().ok_or_else(malformed)?.to_owned();
        let loopback = name == "localhost"
            || name
                .trim_matches(['[', ']'])
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        if url.scheme() == "http" && !loopback && !insecure {
            return Err(EndpointError::Insecure(text.to_owned()));
        }
        // The same text that the HTTP library sends as `Host`: the port only where it is not
        // the scheme's own.
        let host = match url.port() {
            Some(port) => format!("{name}:{port}"),
            None => name,
        };
        Ok(Self { url, host, loopback })
    }
}

impl Endpoint {
    /// The metadata service of machines in the cloud, which speaks plain HTTP, or the one that
    /// stands in for it on this machine.
    ///
    /// # Errors
    /// As [`Self::parse`]; plain HTTP is for these two only.
    pub fn metadata(text: Option<&str>) -> Result<Self, EndpointError> {
        let text = text.unwrap_or("http://metadata.tencentyun.com");
        let endpoint = Self::parse(text, true)?;
        let known = endpoint.is_metadata_service();
        if endpoint.url.scheme() == "http" && !known && !endpoint.loopback {
            return Err(EndpointError::Metadata(text.to_owned()));
        }
        Ok(endpoint)
    }

    /// Whether this is the metadata service of every machine, and not one in its place.
    #[must_use]
    pub fn is_metadata_service(&self) -> bool {
        self.url.host_str() == Some("metadata.tencentyun.com")
    }

    /// The access point of another product next to this one: `scf.<rest>` becomes
    /// `<product>.<rest>`. Any other host, such as a gateway or the local SCF, serves all
    /// products itself and tells them apart by the scope of the signature.
    #[must_use]
    pub fn of_product(&self, product: &str) -> Self {
        let Some(rest) = self.host.strip_prefix("scf.") else { return self.clone() };
        let mut other = self.clone();
        let name = self.url.host_str().and_then(|name| name.strip_prefix("scf."));
        if let Some(name) = name
            && other.url.set_host(Some(&format!("{product}.{name}"))).is_ok()
        {
            other.host = format!("{product}.{rest}");
        }
        other
    }

    /// The address that requests go to.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The value of the `Host` header, which is signed.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Host and port, as they are looked up.
    #[must_use]
    pub fn target(&self) -> Option<(String, u16)> {
        Some((
            self.url.host_str()?.trim_matches(['[', ']']).to_owned(),
            self.url.port_or_known_default()?,
        ))
    }

    /// The proxy on the way there.
    #[must_use]
    pub fn behind<'a>(&self, proxies: &'a Proxies) -> Option<&'a ProxyAddress> {
        proxies.to(&self.url)
    }

    /// Whether what goes there goes by TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

fn without_userinfo(text: &str) -> String {
    text.rsplit_once('@').map_or_else(|| text.to_owned(), |(_, rest)| format!("{MARK}@{rest}"))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.url.scheme(), self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        let parse = |text| Endpoint::parse(text, false);
        for (text, host) in [
            ("scf.tencentcloudapi.com", "scf.tencentcloudapi.com"),
            (
                "https://scf.ap-guangzhou.tencentcloudapi.com/",
                "scf.ap-guangzhou.tencentcloudapi.com",
            ),
            ("https://scf.example:443", "scf.example"),
            ("https://scf.example:8443", "scf.example:8443"),
            ("http://127.0.0.1:4000", "127.0.0.1:4000"),
            ("http://[::1]:4000", "[::1]:4000"),
            ("http://localhost:4000", "localhost:4000"),
        ] {
            assert_eq!(parse(text).unwrap().host, host);
        }
        for text in [
            "",
            "https://",
            "ftp://x",
            "https://a/b",
            "https://a/?b",
            "https://u:p@a",
            "http://a b",
        ] {
            assert!(matches!(parse(text), Err(EndpointError::Malformed(_))), "{text}");
        }
        for (text, tag) in [
            ("scf.tencentcloudapi.com", "https://tag.tencentcloudapi.com"),
            ("https://scf.ap-x.example:8443", "https://tag.ap-x.example:8443"),
            ("http://127.0.0.1:4000", "http://127.0.0.1:4000"),
            ("https://gateway.example", "https://gateway.example"),
        ] {
            let other = parse(text).unwrap().of_product("tag");
            assert_eq!(other.to_string(), tag);
            assert_eq!(other.url().as_str(), format!("{tag}/"));
        }
        for (text, right) in [
            (None, true),
            (Some("http://127.0.0.1:4000"), true),
            (Some("https://metadata.example"), true),
            (Some("http://metadata.example"), false),
            (Some("http://metadata.tencentyun.com.example"), false),
            (Some(""), false),
        ] {
            assert_eq!(Endpoint::metadata(text).is_ok(), right, "{text:?}");
        }
        assert!(matches!(parse("http://example.com"), Err(EndpointError::Insecure(_))));
        assert!(Endpoint::parse("http://example.com", true).is_ok());
        let error = parse("https://user:secret@a").unwrap_err();
        assert!(!error.to_string().contains("secret"));
    }
}
