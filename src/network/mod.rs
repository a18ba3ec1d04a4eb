//! Connections to other hosts: proxies, certificates, and errors. Shared by the clients of the API
//! and of COS.

mod failure;
pub(crate) mod host;
pub mod proxy;
pub(crate) mod transport;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use failure::{CertificateOwner, CertificateProblem, NetworkFailure, Silence, innermost};
pub use proxy::{Proxies, ProxyError};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection pool with its proxies.
#[derive(Clone)]
pub struct Network {
    http: reqwest::Client,
    proxies: Arc<Proxies>,
}

/// Installs the provider of TLS ciphers.
fn provide() {
    // Only one provider is compiled in; a second call finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Returns a client for services next to this machine, such as instance metadata, to which no
/// proxy leads. `connect` and `answer` limit the connection and the whole exchange.
///
/// # Errors
/// Fails if the trusted certificates cannot be read.
fn next_door(connect: Duration, answer: Duration) -> Result<reqwest::Client, String> {
    provide();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(connect)
        .timeout(answer)
        .build()
        .map_err(|error| innermost(&error))
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Network").field("proxies", &self.proxies).finish_non_exhaustive()
    }
}

impl Network {
    /// Creates the pool. Does not connect yet.
    ///
    /// Without `encrypts`, nothing is sent over TLS and the system's certificates are not read,
    /// which would take longer than a call.
    ///
    /// # Errors
    /// Fails if the trusted certificates cannot be read.
    pub fn new(proxies: Proxies, encrypts: bool) -> Result<Self, String> {
        Self::within(proxies, encrypts, CONNECT_TIMEOUT)
    }

    /// Like [`Self::new`], with a limit on the time to connect.
    ///
    /// # Errors
    /// Fails if the trusted certificates cannot be read.
    pub fn within(proxies: Proxies, encrypts: bool, connect: Duration) -> Result<Self, String> {
        provide();
        let proxies = Arc::new(proxies);
        let chosen = Arc::clone(&proxies);
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("scfctl/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(connect)
            .tcp_nodelay(true)
            // The library would read the variables itself and ignore those that it cannot parse.
            .no_proxy()
            .proxy(reqwest::Proxy::custom(move |url| {
                chosen.to(url).map(|address| address.url().clone())
            }));
        if !encrypts && !proxies.encrypt() {
            builder = builder.tls_certs_only(std::iter::empty());
        }
        let http = builder.build().map_err(|error| innermost(&error))?;
        Ok(Self { http, proxies })
    }

    /// Returns the connection pool.
    fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Returns whose certificate a request to `url` was shown. `name` is the host's name.
    fn shown_by(&self, url: &reqwest::Url, name: String) -> CertificateOwner {
        match self.proxies.to(url).filter(|proxy| proxy.is_encrypted()) {
            Some(proxy) if url.scheme() == "https" => {
                CertificateOwner::HostOrProxy { host: name, proxy: proxy.to_string() }
            }
            Some(proxy) => CertificateOwner::Proxy { proxy: proxy.to_string() },
            None => CertificateOwner::Host { host: name },
        }
    }

    /// Converts the error of a request to `url`. `name` is the host's name.
    fn failure(&self, url: &reqwest::Url, name: &str, error: &reqwest::Error) -> NetworkFailure {
        let owner = self.shown_by(url, name.to_owned());
        failure::of(error, error.is_connect(), self.proxies.to(url), owner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_proxy_by_tls_shows_a_certificate_of_its_own() {
        for (proxy, url, shown) in [
            (None, "https://scf.example/", "scf"),
            (Some("http://p:1"), "https://scf.example/", "scf"),
            (Some("https://p:1"), "http://scf.example/", "the proxy p:1"),
            (Some("https://p:1"), "https://scf.example/", "scf or of the proxy p:1"),
            (Some("https://p:1"), "https://localhost/", "scf"),
        ] {
            let pairs = proxy.map(|proxy| ("ALL_PROXY".to_owned(), proxy.to_owned()));
            let proxies = Proxies::read(&BTreeMap::from_iter(pairs)).unwrap();
            let http = Network::new(Proxies::none(), false).unwrap().http;
            let network = Network { http, proxies: Arc::new(proxies) };
            let owner = network.shown_by(&url.parse().unwrap(), "scf".to_owned());
            assert_eq!(owner.to_string(), shown);
        }
    }
}
