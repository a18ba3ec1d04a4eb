//! Selects the proxy for a URL from `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in
//! upper or lower case. Pure.
//!
//! A variable that is set and not empty is either used or an error: a request that bypasses its
//! proxy is lost in one network and exposed to others in the next.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use super::host::in_ascii;

/// Names of one setting. Upper case takes precedence, as in the HTTP library and in Go.
type Names = [&'static str; 2];

const HTTP: Names = ["HTTP_PROXY", "http_proxy"];
const HTTPS: Names = ["HTTPS_PROXY", "https_proxy"];
const ALL: Names = ["ALL_PROXY", "all_proxy"];
const NONE: Names = ["NO_PROXY", "no_proxy"];
/// Set in CGI scripts, where a request header can end up in `HTTP_PROXY`.
const CGI: &str = "REQUEST_METHOD";

/// Supported schemes of proxies.
const KINDS: &[&str] = &["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
/// Default port of SOCKS proxies.
const SOCKS_PORT: u16 = 1080;

/// Why a variable cannot be used. Never contains part of its value, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It is not a valid address.
    #[error("{variable} is not the address of a proxy: {flaw}")]
    Malformed {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// The proxy's scheme is not supported.
    #[error("{variable} names a proxy of the kind `{kind}`, which is not supported")]
    Kind {
        /// The variable.
        variable: &'static str,
        /// The scheme.
        kind: String,
    },
    /// In a CGI script, anyone on the network can set it.
    #[error("HTTP_PROXY cannot be trusted where REQUEST_METHOD is set")]
    Cgi,
}

/// What is wrong with a proxy's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A character that no address contains.
    #[error("it has a blank, a quote, a backslash or a control character in it")]
    Character,
    /// The text before `://` is not a scheme.
    #[error("what stands before `://` is not a kind of proxy")]
    Scheme,
    /// There is no host.
    #[error("it names no host")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("its port is not a number from 1 to 65535")]
    Port,
    /// Something follows host and port.
    #[error("something follows host and port")]
    Path,
    /// A `%` without two hexadecimal digits.
    #[error("a `%` in user or password is not followed by two hexadecimal digits")]
    Percent,
}

/// The address of a proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyAddress {
    variable: &'static str,
    url: Url,
}

impl ProxyAddress {
    /// Returns the environment variable that names it.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        self.variable
    }

    /// Returns whether it is contacted over TLS.
    pub(super) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Returns the URL, including user and password.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for ProxyAddress {
    /// Formats host and port only.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.url.port_or_known_default().unwrap_or(SOCKS_PORT);
        write!(formatter, "{}:{port}", self.url.host_str().unwrap_or_default())
    }
}

impl fmt::Debug for ProxyAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self} of {}", self.variable)
    }
}

/// The proxies of all schemes.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    http: Option<ProxyAddress>,
    https: Option<ProxyAddress>,
    direct: Direct,
}

impl Proxies {
    /// Returns a configuration without proxies.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads the variables of an environment.
    ///
    /// # Errors
    /// Fails if one of them is set and cannot be used.
    pub fn read(environment: &BTreeMap<String, String>) -> Result<Self, ProxyError> {
        let get = |name: &str| environment.get(name).filter(|value| !value.is_empty());
        if get(CGI).is_some() && get(HTTP[0]).is_some() {
            return Err(ProxyError::Cgi);
        }
        // All of them are parsed, including those that another one overrides: whoever set them
        // meant something.
        let address = |names: Names| {
            let mut found = None;
            for variable in names {
                if let Some(value) = get(variable) {
                    let url = parse(variable, value)?;
                    found.get_or_insert(ProxyAddress { variable, url });
                }
            }
            Ok(found)
        };
        let (http, https, all) = (address(HTTP)?, address(HTTPS)?, address(ALL)?);
        let direct = NONE.iter().filter_map(|name| get(name)).map(String::as_str);
        Ok(Self {
            http: http.or_else(|| all.clone()),
            https: https.or(all),
            direct: Direct::parse(direct),
        })
    }

    /// Returns the proxy for a URL. There is none for this machine.
    #[must_use]
    pub fn to(&self, url: &Url) -> Option<&ProxyAddress> {
        let proxy = match url.scheme() {
            "http" => self.http.as_ref(),
            "https" => self.https.as_ref(),
            _ => None,
        }?;
        let host = RequestTarget::of(url)?;
        let port = url.port_or_known_default()?;
        (!host.is_loopback() && !self.direct.has(&host, port)).then_some(proxy)
    }

    /// Returns whether a proxy is contacted over TLS.
    pub(super) fn encrypt(&self) -> bool {
        [&self.http, &self.https].into_iter().flatten().any(ProxyAddress::is_encrypted)
    }
}

/// Parses the address of a proxy. Without a scheme, it is an HTTP proxy.
fn parse(variable: &'static str, text: &str) -> Result<Url, ProxyError> {
    let malformed = |flaw| ProxyError::Malformed { variable, flaw };
    let never = |character: char| {
        character.is_whitespace()
            || character.is_control()
            || matches!(character, '"' | '\'' | '`' | '<' | '>' | '\\' | '\u{fffd}')
    };
    if text.contains(never) {
        return Err(malformed(Flaw::Character));
    }
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let scheme = scheme.to_ascii_lowercase();
    let mut characters = scheme.chars();
    let is_scheme = characters.next().is_some_and(|first| first.is_ascii_lowercase())
        && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if !is_scheme || scheme.len() > 12 {
        return Err(malformed(Flaw::Scheme));
    }
    if !KINDS.contains(&scheme.as_str()) {
        return Err(ProxyError::Kind { variable, kind: scheme });
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    if !matches!(behind, "" | "/") {
        return Err(malformed(Flaw::Path));
    }
    let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let encodes = |part: &str| {
        part.get(..2).is_some_and(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    if !user.split('%').skip(1).all(encodes) {
        return Err(malformed(Flaw::Percent));
    }
    // A number alone is a port whose host was forgotten, although it could be parsed as an address.
    let host = place.rsplit_once(':').map_or(place, |(host, _)| host);
    if host.is_empty() || host.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed(Flaw::Host));
    }
    let (user, place) = authority.split_at(authority.len() - place.len());
    let url = Url::parse(&format!("{scheme}://{user}{}/", in_ascii(place))).map_err(|error| {
        malformed(match error {
            url::ParseError::InvalidPort => Flaw::Port,
            _ => Flaw::Host,
        })
    })?;
    match (url.host_str(), url.port()) {
        (None | Some(""), _) => Err(malformed(Flaw::Host)),
        (_, Some(0)) => Err(malformed(Flaw::Port)),
        _ => Ok(url),
    }
}

/// Destination of a request.
enum RequestTarget {
    Address(IpAddr),
    /// In lower case, without a trailing dot.
    Name(String),
}

impl RequestTarget {
    fn of(url: &Url) -> Option<Self> {
        Some(match url.host()? {
            Host::Domain(name) => Self::Name(plain(name)),
            Host::Ipv4(address) => Self::Address(address.into()),
            Host::Ipv6(address) => Self::Address(IpAddr::from(address).to_canonical()),
        })
    }

    fn is_loopback(&self) -> bool {
        match self {
            Self::Address(address) => address.is_loopback(),
            Self::Name(name) => name == "localhost" || name.ends_with(".localhost"),
        }
    }
}

fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Destinations that bypass the proxies.
#[derive(Debug, Clone, Default)]
struct Direct(Vec<Exception>);

#[derive(Debug, Clone)]
struct Exception {
    host: Hosts,
    /// Restricts it to this port.
    port: Option<u16>,
}

#[derive(Debug, Clone)]
enum Hosts {
    All,
    Network(IpNet),
    /// The host itself and its subdomains.
    Domain(String),
    /// A pattern in which `*` matches anything.
    Pattern(String),
}

impl Direct {
    /// Parses lists of entries separated by commas, semicolons or blanks.
    fn parse<'a>(lists: impl Iterator<Item = &'a str>) -> Self {
        let between = |character: char| character.is_whitespace() || matches!(character, ',' | ';');
        let entries = lists.flat_map(|list| list.split(between)).filter(|entry| !entry.is_empty());
        Self(entries.map(Exception::parse).collect())
    }

    fn has(&self, target: &RequestTarget, port: u16) -> bool {
        self.0.iter().any(|exception| {
            exception.port.is_none_or(|only| only == port) && exception.host.has(target)
        })
    }
}

impl Exception {
    fn parse(entry: &str) -> Self {
        // Some people write a scheme, and a slash at the end.
        let entry = match entry.split_once("://") {
            Some((_, rest)) => rest.split('/').next().unwrap_or(rest),
            None => entry.strip_suffix('/').unwrap_or(entry),
        };
        // A prefix of addresses, such as `192.168.`.
        let is_start = |character: char| character.is_ascii_digit() || character == '.';
        if entry.ends_with('.') && !entry.starts_with('.') && entry.chars().all(is_start) {
            return Self { host: Hosts::Pattern(format!("{entry}*")), port: None };
        }
        // In the URL's form, in which a name in another script is encoded as ASCII.
        let entry = &*in_ascii(entry);
        if let Some(network) = network(entry) {
            return Self { host: Hosts::Network(network), port: None };
        }
        let with_port =
            entry.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let (host, port) = match with_port {
            Some((host, port)) => (host, Some(port)),
            None => (entry, None),
        };
        let host = match network(host) {
            Some(network) => Hosts::Network(network),
            None if host == "*" => Hosts::All,
            None if host.contains('*') => Hosts::Pattern(plain(host)),
            None => {
                let name = host.strip_prefix('.').unwrap_or(host);
                Hosts::Domain(match Host::parse(name) {
                    Ok(Host::Domain(name)) => plain(&name),
                    _ => plain(name),
                })
            }
        };
        Self { host, port }
    }
}

/// Parses an address or a network. IPv6 may be in brackets.
fn network(text: &str) -> Option<IpNet> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let inside = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address: IpAddr = inside.unwrap_or(address).parse().ok()?;
    match bits {
        Some(bits) => IpNet::new(address, bits.parse().ok()?).ok(),
        None => Some(address.to_canonical().into()),
    }
}

impl Hosts {
    fn has(&self, target: &RequestTarget) -> bool {
        match (self, target) {
            (Self::All, _) => true,
            (Self::Network(network), RequestTarget::Address(address)) => network.contains(address),
            (Self::Domain(domain), RequestTarget::Name(name)) => name
                .strip_suffix(domain.as_str())
                .is_some_and(|before| before.is_empty() || before.ends_with('.')),
            (Self::Pattern(pattern), RequestTarget::Name(name)) => matches(pattern, name),
            (Self::Pattern(pattern), RequestTarget::Address(address)) => {
                matches(pattern, &address.to_string())
            }
            (Self::Network(_), RequestTarget::Name(_))
            | (Self::Domain(_), RequestTarget::Address(_)) => false,
        }
    }
}

/// Returns whether a text matches a pattern in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(position) => text = &text[position + part.len()..],
            None => return false,
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Proxies, ProxyError> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Proxies::read(&pairs.collect())
    }

    fn chosen(pairs: &[(&str, &str)], url: &str) -> Option<String> {
        let proxies = read(pairs).unwrap();
        proxies.to(&Url::parse(url).unwrap()).map(|proxy| format!("{proxy:?}"))
    }

    #[test]
    fn the_variable_of_the_scheme_then_that_of_all() {
        let (http, https) = ("http://scf.example/", "https://scf.example/");
        for (pairs, url, proxy) in [
            (&[("HTTP_PROXY", "http://p:1")][..], http, Some("p:1 of HTTP_PROXY")),
            (&[("http_proxy", "p:1")], http, Some("p:1 of http_proxy")),
            (&[("HTTP_PROXY", "http://p:1")], https, None),
            (&[("https_proxy", "https://p")], https, Some("p:443 of https_proxy")),
            (&[("HTTPS_PROXY", "HTTP://p/")], https, Some("p:80 of HTTPS_PROXY")),
            (&[("ALL_PROXY", "socks5://p")], https, Some("p:1080 of ALL_PROXY")),
            (&[("all_proxy", "socks5h://[::1]:7")], http, Some("[::1]:7 of all_proxy")),
            (&[("ALL_PROXY", "p:1"), ("https_proxy", "q:2")], https, Some("q:2 of https_proxy")),
            (&[("HTTPS_PROXY", "p:1"), ("https_proxy", "q:2")], https, Some("p:1 of HTTPS_PROXY")),
            // Empty counts as not set.
            (&[("HTTPS_PROXY", ""), ("https_proxy", "q:2")], https, Some("q:2 of https_proxy")),
            (&[("HTTPS_PROXY", "")], https, None),
            (&[], https, None),
            (&[("ALL_PROXY", "http://u:p@w@p:1")], https, Some("p:1 of ALL_PROXY")),
            // There is no proxy for this machine.
            (&[("ALL_PROXY", "p:1")], "http://127.0.0.1:8080/", None),
            (&[("ALL_PROXY", "p:1")], "http://127.8.0.1/", None),
            (&[("ALL_PROXY", "p:1")], "http://[::1]:8080/", None),
            (&[("ALL_PROXY", "p:1")], "http://[::ffff:127.0.0.1]/", None),
            (&[("ALL_PROXY", "p:1")], "https://localhost/", None),
            (&[("ALL_PROXY", "p:1")], "https://scf.LocalHost./", None),
            (&[("ALL_PROXY", "p:1")], "https://localhost.example/", Some("p:1 of ALL_PROXY")),
        ] {
            assert_eq!(chosen(pairs, url).as_deref(), proxy, "{pairs:?} {url}");
        }
    }

    #[test]
    fn user_and_password_are_sent_as_they_are_meant() {
        for (text, url) in [
            ("http://us%20er:p%40ss%2Fw@p:9", "http://us%20er:p%40ss%2Fw@p:9/"),
            ("http://user:p@ss@p:9", "http://user:p%40ss@p:9/"),
            ("user:a:b@p:9", "http://user:a%3Ab@p:9/"),
            ("http://user@p", "http://user@p/"),
        ] {
            assert_eq!(parse("HTTP_PROXY", text).unwrap().as_str(), url);
        }
    }

    #[test]
    fn what_is_no_address_is_an_error_that_shows_no_password() {
        for (text, flaw) in [
            ("http://us er:sesame/w%@127.0.0.1:9", Flaw::Character),
            (" http://127.0.0.1:9/", Flaw::Character),
            ("http://127.0.0.1:9/ ", Flaw::Character),
            ("  ", Flaw::Character),
            ("\"http://127.0.0.1:9\"", Flaw::Character),
            ("http:\\\\127.0.0.1:9", Flaw::Character),
            ("http://127.0.0.1:9\u{fffd}", Flaw::Character),
            ("ht!tp://%%%", Flaw::Scheme),
            ("://127.0.0.1:9", Flaw::Scheme),
            ("1http://127.0.0.1:9", Flaw::Scheme),
            ("http://", Flaw::Host),
            ("http://:7890", Flaw::Host),
            (":7890", Flaw::Host),
            ("7890", Flaw::Host),
            ("http://user:sesame@:9", Flaw::Host),
            ("http://user:sesame@", Flaw::Host),
            ("http://[::1", Flaw::Host),
            ("http://a%zz.example:1", Flaw::Host),
            ("http://p:port", Flaw::Port),
            ("http://p:99999", Flaw::Port),
            ("http://p:0", Flaw::Port),
            ("http:p:9", Flaw::Port),
            ("http://user:sesame/w@p:9", Flaw::Path),
            ("http://user:1/w@p:9", Flaw::Path),
            ("http://user:sesame#w@p:9", Flaw::Path),
            ("http://user:sesame?@p:9", Flaw::Path),
            ("http:/p:9", Flaw::Path),
            ("http://p:9/path", Flaw::Path),
            ("http://user:100%@p:9", Flaw::Percent),
            ("http://user:%zz@p:9", Flaw::Percent),
        ] {
            for variable in [HTTP, HTTPS, ALL].concat() {
                let error = read(&[(variable, text)]).unwrap_err();
                assert_eq!(error, ProxyError::Malformed { variable, flaw }, "{text}");
                let said = error.to_string();
                assert!(said.starts_with(variable) && !said.contains("sesame"), "{said}");
            }
        }
        // An overridden variable was meant, too.
        assert!(read(&[("HTTPS_PROXY", "p:1"), ("all_proxy", "http://")]).is_err());
        assert!(read(&[("HTTPS_PROXY", "p:1"), ("https_proxy", "http://")]).is_err());
    }

    #[test]
    fn a_kind_that_is_not_spoken_is_an_error() {
        for (text, kind) in [("ftp://p:1", "ftp"), ("quic+v2://p", "quic+v2"), ("PAC://p", "pac")] {
            let (variable, kind) = ("ALL_PROXY", kind.to_owned());
            assert_eq!(read(&[(variable, text)]).unwrap_err(), ProxyError::Kind { variable, kind });
        }
        for kind in KINDS {
            assert!(read(&[("ALL_PROXY", &format!("{kind}://p:1"))]).is_ok(), "{kind}");
        }
    }

    #[test]
    fn a_header_of_a_cgi_request_is_no_proxy() {
        let cgi = ("REQUEST_METHOD", "GET");
        assert_eq!(read(&[cgi, ("HTTP_PROXY", "p:1")]).unwrap_err(), ProxyError::Cgi);
        let proxy = chosen(&[cgi, ("http_proxy", "p:1")], "http://scf.example/");
        assert_eq!(proxy.as_deref(), Some("p:1 of http_proxy"));
    }

    #[test]
    fn exceptions_in_all_usual_forms() {
        for (list, direct, proxied) in [
            ("*", &["https://a.example/", "http://10.0.0.1/"][..], &[][..]),
            (
                "scf.example",
                &["https://scf.example/", "https://a.scf.example/", "https://SCF.example:8443/"],
                &["https://notscf.example/", "https://scf.example.net/", "https://example/"],
            ),
            (
                ".scf.example",
                &["https://scf.example/", "https://a.scf.example/"],
                &["https://notscf.example/"],
            ),
            (
                "*.scf.example",
                &["https://a.scf.example/", "https://a.b.scf.example/"],
                &["https://scf.example/", "https://notscf.example/"],
            ),
            ("SCF.Example.", &["https://scf.example/", "https://scf.example./"], &[]),
            ("*scf*", &["https://my-scf-1.example/"], &["https://sc.example/"]),
            ("scf.*.example", &["https://scf.a.example/"], &["https://scf.a.example.net/"]),
            ("bücher.example", &["https://xn--bcher-kva.example/"], &["https://bcher.example/"]),
            (
                "scf.example:8443",
                &["https://scf.example:8443/", "https://a.scf.example:8443/"],
                &["https://scf.example/"],
            ),
            ("scf.example:443", &["https://scf.example/"], &["http://scf.example/"]),
            ("*.scf.example:80", &["http://a.scf.example/"], &["https://a.scf.example/"]),
            ("*:8443", &["https://a.example:8443/"], &["https://a.example/"]),
            ("https://scf.example/", &["https://scf.example/"], &["https://other.example/"]),
            ("10.1.2.3", &["http://10.1.2.3/", "http://10.1.2.3:8080/"], &["http://10.1.2.30/"]),
            ("10.1.2.3:8080", &["http://10.1.2.3:8080/"], &["http://10.1.2.3/"]),
            ("10.0.0.0/8", &["http://10.255.0.1:1/"], &["http://11.0.0.1/", "http://ten.example/"]),
            ("10.9.8.7/8", &["http://10.255.0.1:1/"], &["http://11.0.0.1/"]),
            ("192.168.*", &["http://192.168.3.4/"], &["http://192.16.8.1/"]),
            ("192.168.", &["http://192.168.3.4/"], &["http://192.16.8.1/", "http://1.192.168.3/"]),
            ("192.0.2.2/", &["http://192.0.2.2:1/"], &["http://192.0.2.3/"]),
            ("0.0.0.0/0", &["http://8.8.8.8/"], &["http://[2001:db8::1]/", "http://a.example/"]),
            ("2001:db8::1", &["http://[2001:db8::1]:8080/"], &["http://[2001:db8::2]/"]),
            ("[2001:db8::1]", &["http://[2001:db8:0::1]/"], &["http://[2001:db8::2]/"]),
            ("[2001:db8::1]:8080", &["http://[2001:db8::1]:8080/"], &["http://[2001:db8::1]/"]),
            ("2001:db8::/32", &["http://[2001:db8:1::2]/"], &["http://[2001:db9::2]/"]),
            ("[2001:db8::]/32", &["http://[2001:db8:1::2]/"], &["http://[2001:db9::2]/"]),
            ("::ffff:10.1.2.3", &["http://10.1.2.3/", "http://[::ffff:10.1.2.3]/"], &[]),
            (
                " a.example ,,b.example\tc.example;d.example, ",
                &["https://a.example/", "https://b.example/", "https://c.example/"],
                &["https://e.example/"],
            ),
            ("10.0.0.0/99,[::1,:80,/,.", &[], &["http://10.0.0.1/", "https://a.example/"]),
            ("", &[], &["https://a.example/"]),
        ] {
            for variable in NONE {
                let pairs = [("ALL_PROXY", "p:1"), (variable, list)];
                for url in direct {
                    assert_eq!(chosen(&pairs, url), None, "{list} and {url}");
                }
                for url in proxied {
                    assert!(chosen(&pairs, url).is_some(), "{list} and {url}");
                }
            }
        }
        let both = [("ALL_PROXY", "p:1"), ("NO_PROXY", "a.example"), ("no_proxy", "b.example")];
        assert_eq!(chosen(&both, "https://a.example/"), None);
        assert_eq!(chosen(&both, "https://b.example/"), None);
    }
}
