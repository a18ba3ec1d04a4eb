//! Certificates are checked, against the system's store or `SSL_CERT_FILE`.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::sandbox::Sandbox;

/// An HTTPS server on a free port that refuses every call, and its authority's certificate.
fn refusing(runtime: &tokio::runtime::Runtime) -> (String, String) {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
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
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
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
    (format!("https://localhost:{port}"), authority.pem())
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
    sandbox.type_in("deploy --timeout 10s").fails(1).says("certificate");
}
