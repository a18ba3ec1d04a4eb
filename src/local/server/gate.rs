//! Who may ask at all, decided from a request's head before anything else of it is read.
//!
//! A page in a browser can send requests to this machine, and with a name that leads here
//! (DNS rebinding) even read the answers. Browsers say so: `Origin` and `Sec-Fetch-Site` cannot
//! be left out or changed by a page, and neither can `Host`.

use std::fmt;
use std::net::IpAddr;

use hyper::header::{HOST, ORIGIN};
use hyper::{HeaderMap, Uri};

/// What browsers say of how a request's target is related to the page that sends it.
const SITE: &str = "sec-fetch-site";
/// Domains of the service's own, below which COS's hosts are. Nobody else can have a name there
/// lead to this machine.
const OF_THE_SERVICE: &[&str] = &[".myqcloud.com", ".tencentcos.cn"];

/// Why a request is turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// A page sent it.
    Page,
    /// It is for another host.
    Host(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page => formatter.write_str("pages in a browser may not ask the local SCF"),
            Self::Host(host) => write!(
                formatter,
                "`{}` is not a host of the local SCF; ask it at its address, or start it with --allow-host",
                host.escape_debug()
            ),
        }
    }
}

/// Checks the head of a request that came in at the address `here`.
pub(super) fn check(
    headers: &HeaderMap,
    target: &Uri,
    here: IpAddr,
    allowed: &[String],
) -> Result<(), Refused> {
    // `none` is what a person typed.
    let foreign = headers.get_all(SITE).iter().any(|site| site != "none");
    if headers.contains_key(ORIGIN) || foreign {
        return Err(Refused::Page);
    }
    let named = headers.get_all(HOST).iter();
    let named = named.map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    // A target may name a host as well, as for a proxy.
    let named: Vec<String> =
        named.chain(target.authority().map(|authority| authority.as_str().to_owned())).collect();
    if named.is_empty() {
        return Err(Refused::Host(String::new()));
    }
    match named.into_iter().find(|host| !is_ours(host, here, allowed)) {
        Some(host) => Err(Refused::Host(host)),
        None => Ok(()),
    }
}

/// Whether a host, with or without a port, is one of this server. Any port: a forwarded one is
/// another.
fn is_ours(host: &str, here: IpAddr, allowed: &[String]) -> bool {
    let name = without_port(host);
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    if let Ok(address) = address.parse::<IpAddr>() {
        let address = address.to_canonical();
        return address.is_loopback()
            || address == here.to_canonical()
            || allowed.iter().any(|host| host.parse() == Ok(address));
    }
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || is_of_cos(&name)
        || allowed.iter().any(|host| name == host.to_ascii_lowercase())
}

/// `<bucket>.cos.<region>.myqcloud.com`, `service.cos.myqcloud.com` and the like.
fn is_of_cos(name: &str) -> bool {
    OF_THE_SERVICE.iter().any(|domain| {
        name.strip_suffix(domain).is_some_and(|before| {
            before.split('.').any(|label| matches!(label, "cos" | "cos-internal"))
        })
    })
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit())
                && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    fn checked(pairs: &[(&str, &str)], target: &str, here: &str) -> Result<(), Refused> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let allowed = ["Scf-Local".to_owned(), "192.0.2.9".to_owned()];
        check(&headers, &target.parse().unwrap(), here.parse().unwrap(), &allowed)
    }

    #[test]
    fn this_machine_by_any_of_its_names() {
        for host in [
            "127.0.0.1:4000",
            "127.0.0.1",
            "127.1.2.3:80",
            "localhost:4000",
            "LOCALHOST",
            "localhost.:1",
            "scf.localhost:4000",
            "[::1]:4000",
            "[::1]",
            "::1",
            "[::ffff:127.0.0.1]:1",
            "scf-local:4000",
            "192.0.2.9:4000",
            "b-1250000000.cos.ap-guangzhou.myqcloud.com",
            "b-1250000000.cos.ap-guangzhou.myqcloud.com:4000",
            "b-1.cos-internal.ap-guangzhou.tencentcos.cn",
            "service.cos.myqcloud.com",
            "cos.ap-guangzhou.myqcloud.com",
        ] {
            assert_eq!(checked(&[("host", host)], "/", "127.0.0.1"), Ok(()), "{host}");
        }
        assert_eq!(checked(&[("host", "10.1.1.1:80")], "/", "10.1.1.1"), Ok(()));
        assert_eq!(checked(&[], "http://localhost:4000/", "127.0.0.1"), Ok(()));
    }

    #[test]
    fn other_hosts_are_refused() {
        for host in [
            "",
            "example.com",
            "example.com:4000",
            "scf.tencentcloudapi.com",
            "localhost.example.com",
            "notlocalhost",
            "10.1.1.1",
            "127.0.0.1.example.com",
            "127.0.0.1@example.com",
            "0.0.0.0:4000",
            "b.cos.example.com",
            "b.cos.ap-x.myqcloud.com.example.com",
            "cos.evilmyqcloud.com",
            "b.notcos.ap-x.myqcloud.com",
            "scf-local.example.com",
            "[::2]:1",
            "localhost:4000:1",
        ] {
            let refused = Err(Refused::Host(host.to_owned()));
            assert_eq!(checked(&[("host", host)], "/", "127.0.0.1"), refused, "{host}");
        }
        assert!(checked(&[], "/", "127.0.0.1").is_err());
        let both = [("host", "localhost"), ("host", "example.com")];
        assert!(checked(&both, "/", "127.0.0.1").is_err());
        assert!(checked(&both[..1], "http://example.com/", "127.0.0.1").is_err());
    }

    #[test]
    fn pages_are_refused_whatever_host_they_name() {
        for (name, value, page) in [
            ("origin", "http://example.com", true),
            ("origin", "null", true),
            ("origin", "http://127.0.0.1:4000", true),
            ("sec-fetch-site", "cross-site", true),
            // Another port of this machine is the same site.
            ("sec-fetch-site", "same-site", true),
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "none", false),
            ("sec-fetch-mode", "cors", false),
        ] {
            let checked = checked(&[("host", "localhost:4000"), (name, value)], "/", "127.0.0.1");
            assert_eq!(checked, if page { Err(Refused::Page) } else { Ok(()) }, "{name}: {value}");
        }
    }
}
