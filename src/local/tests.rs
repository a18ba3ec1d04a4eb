//! The server over HTTP, with requests signed and written by hand.

use std::fmt::Write as _;
use std::io::{self, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::*;

/// The time of the server in these tests.
const NOW: i64 = 1_700_000_000;

fn key() -> Credential {
    Credential { id: "AKIDEXAMPLE".to_owned(), key: "EXAMPLEKEY".to_owned(), token: None }
}

fn options() -> Options {
    Options {
        clock: Arc::new(|| DateTime::from_timestamp(NOW, 0).expect("in range")),
        ..Options::new(vec![key()])
    }
}

/// A request on its own connection.
#[derive(Clone)]
struct Asked {
    action: String,
    body: Vec<u8>,
    /// Headers that replace or join the usual ones; an empty one is left out.
    headers: Vec<(&'static str, String)>,
    timestamp: i64,
    path: &'static str,
    product: &'static str,
}

impl Asked {
    fn new(action: &str, params: &Value) -> Self {
        Self {
            action: action.to_owned(),
            body: params.to_string().into_bytes(),
            headers: Vec::new(),
            timestamp: NOW,
            path: "/",
            product: "scf",
        }
    }

    fn product(mut self, product: &'static str) -> Self {
        self.product = product;
        self
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The bytes of the signed request.
    fn bytes(&self, address: SocketAddr) -> Vec<u8> {
        let host = address.to_string();
        let kind = "application/json";
        let signature =
            auth::authorization(&key(), self.product, self.timestamp, &host, kind, &self.body);
        let mut headers = vec![
            ("Host", host),
            ("Content-Type", kind.to_owned()),
            ("Authorization", signature),
            ("X-TC-Action", self.action.clone()),
            ("X-TC-Version", "2018-04-16".to_owned()),
            ("X-TC-Region", "ap-guangzhou".to_owned()),
            ("X-TC-Timestamp", self.timestamp.to_string()),
            ("Content-Length", self.body.len().to_string()),
            ("Connection", "close".to_owned()),
        ];
        for (name, value) in &self.headers {
            headers.retain(|(other, _)| other != name);
            if !value.is_empty() {
                headers.push((name, value.clone()));
            }
        }
        let mut text = format!("POST {} HTTP/1.1\r\n", self.path);
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend(&self.body);
        bytes
    }

    /// Sends the request and returns the whole answer as text.
    async fn send(&self, server: &Server) -> io::Result<String> {
        exchange(server.address(), self.bytes(server.address())).await
    }

    /// The `Response` of the answer.
    async fn response(&self, server: &Server) -> Value {
        let text = self.send(server).await.expect("an answer");
        response(&text)
    }

    /// The code of the answer, or `ok`.
    async fn code(&self, server: &Server) -> String {
        let response = self.response(server).await;
        let code = response["Error"]["Code"].as_str().unwrap_or("ok");
        code.to_owned()
    }
}

fn response(text: &str) -> Value {
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    let mut body: Value = serde_json::from_str(body).expect("JSON");
    let id = body["Response"]["RequestId"].as_str().unwrap_or_default();
    assert_eq!(id.len(), 36, "{text}");
    body["Response"].take()
}

async fn exchange(address: SocketAddr, bytes: Vec<u8>) -> io::Result<String> {
    let task = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(&bytes)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    });
    task.await.map_err(io::Error::other)?
}

/// A server with a function `api`.
async fn with_function(options: Options) -> Server {
    let server = start(options).await.expect("starts");
    create(&server);
    server
}

fn create(server: &Server) {
    let parameters = json!({"FunctionName": "api", "Runtime": "Python3.9",
        "Handler": "index.main_handler", "Code": {"ZipFile": package()}});
    server.apply("CreateFunction", parameters, "ap-guangzhou").expect("valid");
}

fn package() -> String {
    let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file("index.py", options).expect("in memory");
    writer.write_all(b"one").expect("in memory");
    STANDARD.encode(writer.finish().expect("in memory").into_inner())
}

fn get_function() -> Asked {
    Asked::new("GetFunction", &json!({"FunctionName": "api"}))
}

fn publish() -> Asked {
    Asked::new("PublishVersion", &json!({"FunctionName": "api"}))
}

/// How many versions were published.
fn published(server: &Server) -> usize {
    let path = "/regions/ap-guangzhou/namespaces/default/functions/api/versions";
    let snapshot = server.snapshot();
    let versions = snapshot.pointer(path).and_then(Value::as_object);
    versions.expect("there").len() - 1
}

#[tokio::test]
async fn a_signed_call_is_answered_and_listed() {
    let server = with_function(options()).await;
    let text = get_function().send(&server).await.expect("an answer");
    assert!(text.contains("date: Tue, 14 Nov 2023 22:13:20 GMT\r\n"), "{text}");
    assert_eq!(response(&text)["Status"], "Active");
    assert_eq!(
        server.calls(),
        [Call {
            number: 1,
            product: "scf".to_owned(),
            action: "GetFunction".to_owned(),
            region: "ap-guangzhou".to_owned(),
            params: json!({"FunctionName": "api"}),
            connection: 1,
        }]
    );
    assert_eq!(server.connections(), 1);
    server.stop().await;
}

#[tokio::test]
async fn wrong_requests_have_the_codes_of_the_reference() {
    let server = with_function(options()).await;
    let ask = |action: &str, params: Value| Asked::new(action, &params);
    let mut late = get_function();
    late.timestamp -= 301;
    let mut garbage = get_function();
    garbage.body = b"{".to_vec();
    let mut list = get_function();
    list.body = b"[]".to_vec();
    let mut deep = get_function();
    deep.body = format!("{{\"FunctionName\":{}", "[".repeat(100_000)).into_bytes();
    let mut empty = get_function();
    empty.body = Vec::new();
    let mut large = get_function();
    large.body = vec![b' '; (10 << 20) + 1];
    for (name, asked, expected) in [
        (
            "unsigned",
            get_function().header("Authorization", ""),
            "AuthFailure.InvalidAuthorization",
        ),
        ("late", late, "AuthFailure.SignatureExpire"),
        (
            "body changed",
            get_function().header("Content-Type", "text/plain"),
            "AuthFailure.SignatureFailure",
        ),
        ("a token", get_function().header("X-TC-Token", "token"), "AuthFailure.TokenFailure"),
        ("no action", get_function().header("X-TC-Action", ""), "MissingParameter"),
        ("no version", get_function().header("X-TC-Version", ""), "MissingParameter"),
        ("old version", get_function().header("X-TC-Version", "2017-03-12"), "NoSuchVersion"),
        ("no region", get_function().header("X-TC-Region", ""), "MissingParameter"),
        ("odd region", get_function().header("X-TC-Region", "moon"), "UnsupportedRegion"),
        (
            "another region",
            get_function().header("X-TC-Region", "ap-beijing"),
            "ResourceNotFound.Function",
        ),
        ("no such action", ask("Deploy", json!({})), "InvalidAction"),
        ("no such product", get_function().product("cvm"), "NoSuchProduct"),
        ("version of another product", get_function().product("cam"), "NoSuchVersion"),
        (
            "unsigned",
            get_function().header("Authorization", "SKIP"),
            "AuthFailure.InvalidAuthorization",
        ),
        ("not implemented", ask("ListLayers", json!({})), "UnsupportedOperation"),
        (
            "unknown",
            ask("GetFunction", json!({"FunctionName": "api", "Name": "x"})),
            "UnknownParameter",
        ),
        ("missing", ask("GetFunction", json!({})), "MissingParameter"),
        ("mistyped", ask("GetFunction", json!({"FunctionName": 1})), "InvalidParameter.Payload"),
        ("garbage", garbage, "InvalidParameter"),
        ("a list", list, "InvalidParameter"),
        ("deep", deep, "InvalidParameter"),
        ("empty", empty, "MissingParameter"),
        ("large", large, "RequestSizeLimitExceeded"),
        ("right", get_function(), "ok"),
    ] {
        assert_eq!(asked.code(&server).await, expected, "{name}");
    }
    let mut elsewhere = get_function();
    elsewhere.path = "/index.php";
    let text = elsewhere.send(&server).await.expect("an answer");
    assert!(text.starts_with("HTTP/1.1 404 "), "{text}");
    server.stop().await;
}

#[tokio::test]
async fn the_older_form_is_turned_into_typed_parameters() {
    use hmac::{Hmac, KeyInit, Mac};

    let server = with_function(options()).await;
    server.apply("PublishVersion", json!({"FunctionName": "api"}), "ap-guangzhou").expect("valid");
    let mut pairs = vec![
        ("Action", "UpdateAlias"),
        ("FunctionName", "api"),
        ("FunctionVersion", "$LATEST"),
        ("Name", "$DEFAULT"),
        ("Nonce", "1"),
        ("Region", "ap-guangzhou"),
        ("RoutingConfig.AdditionalVersionWeights.0.Version", "1"),
        ("RoutingConfig.AdditionalVersionWeights.0.Weight", "0.8"),
        ("SecretId", "AKIDEXAMPLE"),
        ("Timestamp", "1700000000"),
        ("Version", "2018-04-16"),
    ];
    let host = server.address().to_string();
    let signed: Vec<_> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"EXAMPLEKEY").expect("any length");
    mac.update(format!("POST{host}/?{}", signed.join("&")).as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    pairs.push(("Signature", &signature));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
        body.len()
    );
    let text = exchange(server.address(), request.into_bytes()).await;
    let answer = response(&text.expect("an answer"));
    assert_eq!(answer.get("Error"), None, "{answer}");
    assert_eq!(
        server.calls()[0].params,
        json!({"FunctionName": "api", "FunctionVersion": "$LATEST", "Name": "$DEFAULT",
            "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "1", "Weight": 0.8}]}})
    );
    server.stop().await;
}

#[tokio::test]
async fn faults_break_a_call_before_or_after_the_work() {
    let text = || "busy".to_owned();
    let code = || "InternalError".to_owned();
    // The beginning of what is received, and whether the work was done.
    for (name, fault, received, done) in [
        ("none", Fault::None, "HTTP/1.1 200", true),
        ("drop before", Fault::DropBefore, "", false),
        ("drop after", Fault::DropAfter, "", true),
        ("error", Fault::error("InternalError", "busy"), "HTTP/1.1 200", false),
        ("error after", Fault::ErrorAfter { code: code(), message: text() }, "HTTP/1.1 200", true),
        ("http", Fault::Http { status: 502, body: text() }, "HTTP/1.1 502", false),
        ("http after", Fault::HttpAfter { status: 502, body: text() }, "HTTP/1.1 502", true),
        ("not json", Fault::NotJson, "HTTP/1.1 200", false),
        ("not json after", Fault::NotJsonAfter, "HTTP/1.1 200", true),
        ("truncated", Fault::Truncated, "HTTP/1.1 200", true),
        ("delay", Fault::Delay(Duration::from_millis(1)), "HTTP/1.1 200", true),
    ] {
        let server = with_function(options()).await;
        server.set_interceptor(Some(Arc::new(move |_| fault.clone())));
        // A connection closed without an answer may also be reset.
        let answer = publish().send(&server).await.unwrap_or_default();
        assert!(answer.starts_with(received), "{name}: {answer}");
        assert_eq!(answer.is_empty(), received.is_empty(), "{name}: {answer}");
        assert_eq!(published(&server), usize::from(done), "{name}");
        if name == "truncated" {
            let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
            let length = format!("content-length: {}", body.len());
            assert!(!body.is_empty() && !head.contains(&length), "{answer}");
            assert!(head.contains("content-length: "), "{answer}");
        }
        server.set_interceptor(None);
        assert_eq!(publish().code(&server).await, "ok", "{name}: the next call");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_stalled_call_never_ends_before_the_server_does() {
    for (fault, done) in [(Fault::Stall, 0), (Fault::StallAfter, 1)] {
        let server = with_function(options()).await;
        let (reached, mut reach) = tokio::sync::mpsc::unbounded_channel();
        server.set_interceptor(Some(Arc::new(move |_| {
            let _ = reached.send(());
            fault.clone()
        })));
        let asked = publish();
        let bytes = asked.bytes(server.address());
        let call = tokio::spawn(exchange(server.address(), bytes));
        reach.recv().await.expect("the call arrives");
        // The work follows the interceptor without a pause between them.
        tokio::task::yield_now().await;
        assert_eq!(published(&server), done);
        assert!(!call.is_finished());
        server.stop().await;
        let answer = call.await.expect("no panic").unwrap_or_default();
        assert_eq!(answer, "");
    }
}

#[tokio::test]
async fn hooks_change_the_state_around_a_call() {
    let server = with_function(options()).await;
    let handle = server.handle();
    let by_another: Hook = Arc::new(move || {
        let parameters = json!({"FunctionName": "api"});
        let _ = handle.apply("PublishVersion", parameters, "ap-guangzhou");
    });
    let fault = Fault::Before(by_another);
    server.set_interceptor(Some(Arc::new(move |_| fault.clone())));
    let answer = publish().response(&server).await;
    assert_eq!(answer["FunctionVersion"], "2");
    assert_eq!(server.calls().len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn calls_over_the_rate_are_refused_until_the_next_second() {
    let now = Arc::new(Mutex::new(DateTime::from_timestamp(NOW, 0).expect("in range")));
    let clock = Arc::clone(&now);
    let server = with_function(Options {
        rate: Some(Rate::Each(2)),
        clock: Arc::new(move || *clock.lock().expect("no panic")),
        ..options()
    })
    .await;
    for expected in ["ok", "ok", "RequestLimitExceeded"] {
        assert_eq!(get_function().code(&server).await, expected);
    }
    assert_eq!(publish().code(&server).await, "ok", "another action");
    *now.lock().expect("no panic") += TimeDelta::seconds(1);
    assert_eq!(get_function().code(&server).await, "ok");
    server.stop().await;
}

#[tokio::test]
async fn code_is_downloaded_from_the_given_address_only() {
    let server = with_function(options()).await;
    let asked = Asked::new("GetFunctionAddress", &json!({"FunctionName": "api"}));
    let answer = asked.response(&server).await;
    let url = answer["Url"].as_str().expect("an address");
    let path = url.strip_prefix(&server.url()).expect("on this server");
    let get = |path: &str| {
        let host = server.address();
        let text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        exchange(server.address(), text.into_bytes())
    };
    let text = get(path).await.expect("an answer");
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    assert!(text.contains("content-type: application/zip"), "{text}");
    assert!(text.contains("\r\n\r\nPK"), "{text}");
    for wrong in [&path[..path.len() - 2], "/code/x", "/code/--", "/code/"] {
        let text = get(wrong).await.expect("an answer");
        assert!(text.starts_with("HTTP/1.1 403 "), "{wrong}: {text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_state_file_outlives_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deep/local.json");
    let kept = || Options { state: Some(path.clone()), ..options() };
    let server = with_function(kept()).await;
    assert_eq!(publish().code(&server).await, "ok");
    let before =
        Asked::new("GetFunctionAddress", &json!({"FunctionName": "api"})).response(&server).await;
    let refused = start(kept()).await.map(|_| ()).expect_err("in use");
    assert!(matches!(refused, StartError::Locked { .. }), "{refused}");
    // One that waits gets the file when the other is done.
    let waits = Options { wait_for_lock: true, ..kept() };
    let next = tokio::spawn(start(waits));
    let snapshot = server.snapshot();
    server.stop().await;
    let server = next.await.expect("no panic").expect("starts");
    assert_eq!(server.snapshot(), snapshot);
    let after =
        Asked::new("GetFunctionAddress", &json!({"FunctionName": "api"})).response(&server).await;
    assert_eq!(after["CodeSha256"], before["CodeSha256"]);

    let text = std::fs::read_to_string(&path).expect("written");
    assert!(!text.contains(&key().key) && !text.contains(&package()), "{text}");
    // Packages of no version go.
    let packages = || std::fs::read_dir(folder.path().join("deep/local.json.d"));
    assert_eq!(packages().expect("there").count(), 1);
    let parameters = json!({"FunctionName": "api"});
    server.apply("DeleteFunction", parameters, "ap-guangzhou").expect("valid");
    create(&server);
    assert_eq!(packages().expect("there").count(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_state_that_is_shared_has_the_changes_of_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("local.json");
    let kept = || Options { state: Some(path.clone()), ..options() };
    let first = with_function(kept()).await;
    first.share().await;
    // One that takes it for itself, between two calls of the first one.
    let other = start(kept()).await.expect("free between calls");
    assert_eq!(publish().code(&other).await, "ok");
    other.stop().await;
    let second = start(kept()).await.expect("free again");
    second.share().await;
    // Both change it in turn, and neither loses what the other did.
    for (number, server) in [&first, &second, &first, &second].into_iter().enumerate() {
        let call = Asked::new("CreateNamespace", &json!({"Namespace": format!("n{number}")}));
        assert_eq!(call.code(server).await, "ok");
        assert_eq!(get_function().code(server).await, "ok");
    }
    // At the same time, too.
    let calls = (0..20).map(|number| {
        let server = if number % 2 == 0 { &first } else { &second };
        let name = format!("m{number}");
        let alias = json!({"FunctionName": "api", "Name": name, "FunctionVersion": "1"});
        let call = Asked::new("CreateAlias", &alias);
        async move { call.code(server).await }
    });
    for code in futures_util::future::join_all(calls).await {
        assert_eq!(code, "ok");
    }
    first.stop().await;
    second.stop().await;
    let last = start(kept()).await.expect("free");
    let found = last.snapshot();
    let region = &found["regions"]["ap-guangzhou"]["namespaces"];
    assert_eq!(region.as_object().expect("namespaces").len(), 5);
    let function = &region["default"]["functions"]["api"];
    assert_eq!(function["versions"].as_object().expect("versions").len(), 2);
    assert_eq!(function["aliases"].as_object().expect("aliases").len(), 21);
    last.stop().await;
}

#[tokio::test]
async fn a_broken_state_file_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("local.json");
    for text in ["{", "{}", r#"{"format": 99, "regions": {}}"#, "not JSON"] {
        std::fs::write(&path, text).expect("written");
        let kept = Options { state: Some(path.clone()), ..options() };
        let error = start(kept).await.map(|_| ()).expect_err(text);
        assert!(matches!(error, StartError::Corrupt { .. }), "{error}");
        assert!(error.to_string().contains("local.json"), "{error}");
    }
    let server =
        with_function(Options { state: Some(folder.path().join("other.json")), ..options() }).await;
    server.stop().await;
    let packages = std::fs::read_dir(folder.path().join("other.json.d")).expect("there");
    for package in packages {
        std::fs::write(package.expect("readable").path(), "other").expect("written");
    }
    let kept = Options { state: Some(folder.path().join("other.json")), ..options() };
    let error = start(kept).await.map(|_| ()).expect_err("another content");
    assert!(error.to_string().contains(".zip"), "{error}");
}

#[tokio::test]
async fn a_change_that_cannot_be_written_is_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let server =
        with_function(Options { state: Some(folder.path().join("local.json")), ..options() }).await;
    folder.close().expect("removed");
    assert_eq!(publish().code(&server).await, "InternalError");
    assert_eq!(published(&server), 0);
    server.stop().await;
}

#[tokio::test]
async fn statuses_are_set_for_tests() {
    let server = with_function(options()).await;
    let place = Place::new("ap-guangzhou", "api");
    server.set_status(&place, "$LATEST", "Updating", None).expect("there");
    assert_eq!(publish().code(&server).await, "FailedOperation.PublishVersion");
    assert_eq!(get_function().response(&server).await["Status"], "Updating");
    let nowhere = Place::new("ap-beijing", "api");
    assert!(server.set_status(&nowhere, "$LATEST", "Active", None).is_err());
    server.set_status(&place, "$LATEST", "Active", None).expect("there");
    server.fail_next("PublishFailed", "no room");
    assert_eq!(publish().code(&server).await, "ok");
    let answer = get_function().response(&server).await;
    assert_eq!(answer["Status"], "PublishFailed");
    assert_eq!(answer["StatusReasons"][0]["ErrorMessage"], "no room");
    server.stop().await;
}

/// Waits for the other side to end the connection, and returns what it has said.
async fn to_the_end(stream: TcpStream) -> String {
    tokio::task::spawn_blocking(move || {
        let (mut stream, mut said) = (stream, Vec::new());
        // A connection that is reset has ended, too.
        let _ = stream.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    })
    .await
    .expect("no panic")
}

#[tokio::test]
async fn a_connection_that_is_silent_is_ended() {
    let silence = Duration::from_millis(50);
    let server = start(Options { silence, ..options() }).await.expect("it starts");
    let whole = Asked::new("ListFunctions", &json!({})).bytes(server.address());
    let host = server.address().to_string();
    for (said, answer) in [
        // Nothing, a part of a method, a part of a head.
        (Vec::new(), ""),
        (b"PO".to_vec(), ""),
        (whole[..40].to_vec(), ""),
        // A part of a body is answered.
        (
            format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\n{{").into_bytes(),
            "did not come to its end in time",
        ),
    ] {
        let mut stream = TcpStream::connect(server.address()).expect("a connection");
        stream.write_all(&said).expect("sent");
        let heard = to_the_end(stream).await;
        assert!(heard.contains(answer), "{heard}");
        assert!(!answer.is_empty() || !heard.contains("HTTP/1.1"), "{heard}");
    }
    // Nor is a request whose time the server itself has slept through.
    for _ in 0..12 {
        let before = server.connections();
        let mut stream = TcpStream::connect(server.address()).expect("a connection");
        while server.connections() == before {
            tokio::task::yield_now().await;
        }
        // It is waited for by now.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        stream.write_all(&whole).expect("sent");
        std::thread::sleep(2 * silence);
        assert_eq!(response(&to_the_end(stream).await)["TotalCount"], 0);
    }
    // What is being answered is not silent.
    let latency = Duration::from_millis(200);
    let server = start(Options { latency, silence, ..options() }).await.expect("it starts");
    assert_eq!(Asked::new("ListFunctions", &json!({})).code(&server).await, "ok");
}

#[tokio::test]
async fn connections_beyond_the_bound_wait() {
    let server = start(Options { most_connections: 2, ..options() }).await.expect("it starts");
    let open = || TcpStream::connect(server.address()).expect("a connection");
    let (first, second) = (open(), open());
    while server.connections() < 2 {
        tokio::task::yield_now().await;
    }
    let request = Asked::new("ListFunctions", &json!({}));
    let mut third = open();
    third.write_all(&request.bytes(server.address())).expect("sent");
    // The server has taken part in something else since then.
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.connections(), 2);
    drop(first);
    let heard = to_the_end(third).await;
    assert_eq!(response(&heard)["TotalCount"], 0);
    assert_eq!(server.connections(), 3);
    drop(second);
}

#[tokio::test]
async fn bodies_of_strangers_are_not_kept() {
    let server = start(options()).await.expect("it starts");
    let mut large = Asked::new("ListFunctions", &json!({}));
    large.body = vec![b' '; 2 << 20];
    // Of one who is known the signature is checked, and the body is read.
    assert_eq!(large.code(&server).await, "InvalidParameter");
    let unknown = large.clone().header(
        "Authorization",
        &auth::authorization(
            &Credential { id: "AKIDOTHER".to_owned(), ..key() },
            "scf",
            NOW,
            &server.address().to_string(),
            "application/json",
            &large.body,
        ),
    );
    assert_eq!(unknown.code(&server).await, "AuthFailure.SecretIdNotFound");
    // Nor of one who says nothing about themselves.
    let unsigned = large.header("Authorization", "");
    assert_eq!(unsigned.code(&server).await, "RequestSizeLimitExceeded");
}

#[tokio::test]
async fn the_example_signs_in_a_header_only() {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let example = Credential { id: "AKIDSHOWN".to_owned(), key: "SHOWN".to_owned(), token: None };
    let shown = Options { example: Some(example.clone()), ..options() };
    let server = start(shown).await.expect("it starts");
    let host = server.address().to_string();
    let asked = Asked::new("ListFunctions", &json!({}));
    let signature =
        auth::authorization(&example, "scf", NOW, &host, "application/json", &asked.body);
    assert_eq!(asked.header("Authorization", &signature).code(&server).await, "ok");
    // In an address it could stand in any page.
    for (credential, code) in [(key(), "ok"), (example, "AuthFailure.SecretIdNotFound")] {
        let pairs = [
            ("Action", "ListFunctions"),
            ("Nonce", "1"),
            ("Region", "ap-guangzhou"),
            ("SecretId", &credential.id),
            ("Timestamp", "1700000000"),
            ("Version", "2018-04-16"),
        ];
        let text: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut mac =
            Hmac::<sha1::Sha1>::new_from_slice(credential.key.as_bytes()).expect("any length");
        mac.update(format!("GET{host}/?{}", text.join("&")).as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs).append_pair("Signature", &signature);
        let request = format!(
            "GET /?{} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
            query.finish()
        );
        let text = exchange(server.address(), request.into_bytes()).await.expect("an answer");
        let response = response(&text);
        assert_eq!(response["Error"]["Code"].as_str().unwrap_or("ok"), code);
    }
}
