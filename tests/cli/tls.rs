//! Certificates are checked, against the system's store or `SSL_CERT_FILE`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::sandbox::Sandbox;

/// An HTTPS server on a free port that refuses every call, and its authority's certificate.
fn refusing(runtime: &tokio::runtime::Runtime) -> (String, String) {
    let (url, authority, _) = serving(runtime, "localhost", (2000, 4000), "one");
    (url, authority)
}

/// The same for a certificate of a host, and maybe of a kind behind it, and of some years, by an
/// authority of a name; and how often it was asked.
fn serving(
    runtime: &tokio::runtime::Runtime,
    host: &str,
    years: (i32, i32),
    name: &str,
) -> (String, String, Arc<AtomicUsize>) {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let (host, kind) = host.split_once(' ').unwrap_or((host, ""));
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    match kind {
        "for-clients" => params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth),
        "for-authorities" => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
        _ => {}
    }
    params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
    params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
    let certificate = params.signed_by(&key, &authority).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let _ = stream.read(&mut [0; 4096]).await;
                let body = r#"{"Response":{"Error":{"Code":"UnauthorizedOperation.CAM","Message":"no"},"RequestId":"r"}}"#;
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (format!("https://localhost:{port}"), authority.pem(), asked)
}

#[test]
fn ssl_cert_file_is_honoured_and_strangers_are_refused() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (url, authority) = refusing(&runtime);
    let mut sandbox = Sandbox::with_project();
    let file = sandbox.home().join("authority.pem");
    std::fs::write(&file, authority).unwrap();
    sandbox.set("SSL_CERT_FILE", file.to_str().unwrap()).set("SCFCTL_ENDPOINT", &url);
    // The API's answer came through: the certificate was accepted.
    sandbox.type_in("deploy").fails(4).says("UnauthorizedOperation.CAM").says("scf:GetFunction");
    // Another authority's certificate is not.
    let (_, stranger) = refusing(&runtime);
    std::fs::write(&file, stranger).unwrap();
    sandbox.type_in("deploy --timeout 60s").fails(1).says("certificate");
}

/// It is as wrong a second later, so it is said at once, and what is wrong.
#[test]
fn a_refused_certificate_is_final() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for (host, years, trusted, says, advises) in [
        ("localhost", (2000, 4000), false, "its issuer is not trusted", "SSL_CERT_FILE=/path/to/"),
        ("other.example", (2000, 4000), true, "it is for other.example", "check the address"),
        ("localhost", (2000, 2001), true, "it has expired", "check this machine's clock"),
        ("localhost", (3000, 4000), true, "it is not valid yet", "check this machine's clock"),
        (
            "localhost for-clients",
            (2000, 4000),
            true,
            "it is not for servers\n",
            "another certificate",
        ),
        (
            "localhost for-authorities",
            (2000, 4000),
            true,
            "it is the certificate of an authority, not one that an authority has signed",
            "SSL_CERT_FILE=/path/to/",
        ),
    ] {
        let (url, authority, asked) = serving(&runtime, host, years, "one");
        let (_, stranger, _) = serving(&runtime, host, years, "another");
        let mut sandbox = Sandbox::with_project();
        let file = sandbox.home().join("authority.pem");
        std::fs::write(&file, if trusted { authority } else { stranger }).unwrap();
        sandbox.set("SSL_CERT_FILE", file.to_str().unwrap()).set("SCFCTL_ENDPOINT", &url);
        let ran = sandbox.type_in("list-alias").fails(1);
        let said = format!("the certificate of {url} is not accepted: {says}");
        assert!(ran.stderr.contains(&said), "{}", ran.stderr);
        assert!(ran.stderr.contains(advises), "{}", ran.stderr);
        assert!(!ran.stderr.contains("trying"), "{}", ran.stderr);
        assert_eq!(asked.load(Ordering::SeqCst), 1, "{says}");
    }
}

#[test]
fn a_trust_store_without_certificates_is_said() {
    let mut sandbox = Sandbox::with_project();
    let file = sandbox.home().join("nothing.pem");
    std::fs::write(&file, "").unwrap();
    sandbox
        .set("SSL_CERT_FILE", file.to_str().unwrap())
        .set("SCFCTL_ENDPOINT", "https://scf.invalid");
    let ran = sandbox.type_in("list-alias").fails(1).says("SSL_CERT_FILE names the file");
    assert!(!ran.stderr.contains("trying"), "{}", ran.stderr);
}

/// An API on this machine by plain HTTP must not turn the trust in certificates off for COS.
#[test]
fn storage_elsewhere_is_reached_by_tls_with_an_api_on_this_machine() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (url, authority, asked) = serving(&runtime, "localhost", (2000, 4000), "one");
    let mut sandbox = Sandbox::with_project();
    let file = sandbox.home().join("authority.pem");
    std::fs::write(&file, authority).unwrap();
    sandbox.set("SSL_CERT_FILE", file.to_str().unwrap()).set("SCFCTL_COS_ENDPOINT", &url);
    sandbox.set("TENCENT_APP_ID", "1250000000");
    sandbox.noise("src/noise", 8 << 20, 7);
    let ran = sandbox.type_in("deploy --timeout 60s");
    assert!(!ran.stderr.contains("the certificate"), "{}", ran.stderr);
    assert!(asked.load(Ordering::SeqCst) > 0, "{}", ran.stderr);
    // One that is not trusted ends it at once there, too.
    let (url, _, asked) = serving(&runtime, "localhost", (2000, 4000), "another");
    sandbox.set("SCFCTL_COS_ENDPOINT", &url);
    let ran =
        sandbox.type_in("deploy").fails(1).says("the certificate of localhost is not accepted");
    assert!(ran.stderr.contains("SSL_CERT_FILE=/path/to/"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("trying"), "{}", ran.stderr);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
