//! No key, token, signature or Authorization header on any stream or in any file.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustix::process::Signal;
use scfctl::local::Credential;
use serde_json::json;

use crate::sandbox::{ID, KEY, Ran, Sandbox, finished, send};

/// Longer than the key, and begins with it: masking one must not spoil masking the other.
const TOKEN: &str = "markerSecretKeyExample-markerTokenTail";

const COMMANDS: &[&str] = &[
    "deploy",
    "deploy --inputs publish=true traffic=0.1",
    "publish-ver --inputs function=demo-dev-shop",
    r#"create-alias --inputs function=demo-dev-shop name=canary version=1 config={"weights":{"$LATEST":0.1}}"#,
    "update-alias --inputs function=demo-dev-shop name=canary version=1",
    "list-alias --inputs function=demo-dev-shop",
    "delete-alias --inputs function=demo-dev-shop name=canary",
    "config",
];

const FORMS: &[&str] = &["", "--debug", "--output json --debug", "--dry-run --debug"];

/// Words that no stream and no file may hold; the sandbox looks for id and key itself.
#[track_caller]
fn clean(text: &str, where_: &str) {
    for secret in [ID, KEY, TOKEN, "markerTokenTail", "Signature=", "TC3-HMAC-SHA256"] {
        assert!(!text.contains(secret), "{secret} in {where_}:\n{text}");
    }
}

#[track_caller]
fn clean_run(ran: &Ran, line: &str) {
    clean(&ran.stdout, line);
    clean(&ran.stderr, line);
}

/// Every file below a folder, except those that the test wrote secrets into.
#[track_caller]
fn clean_files(folder: &Path, except: &[&str]) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            clean_files(&path, except);
        } else if !except.iter().any(|name| path.ends_with(name)) {
            let bytes = std::fs::read(&path).unwrap();
            clean(&String::from_utf8_lossy(&bytes), &path.display().to_string());
        }
    }
}

fn with_token() -> Sandbox {
    let mut sandbox = Sandbox::with(|options| {
        options.credentials =
            vec![Credential { id: ID.into(), key: KEY.into(), token: Some(TOKEN.into()) }];
    });
    sandbox.set("TENCENT_TOKEN", TOKEN);
    sandbox.project();
    sandbox
}

#[test]
fn no_command_that_succeeds_shows_a_secret() {
    for form in FORMS {
        let sandbox = with_token();
        if form.contains("dry-run") {
            sandbox.type_in("deploy --inputs publish=true").ok();
        }
        for line in COMMANDS {
            let line = format!("{line} {form}");
            let ran = sandbox.type_in(&line);
            if !form.contains("dry-run") {
                assert_eq!(ran.code, 0, "{line}\n{}", ran.stderr);
            }
            clean_run(&ran, &line);
        }
        clean_files(&sandbox.root(), &[]);
    }
}

#[test]
fn the_local_scf_and_its_state_hold_no_secret() {
    let sandbox = with_token();
    // `config` calls nothing, so that it has no use for the option.
    for line in COMMANDS.iter().filter(|line| !line.starts_with("config")) {
        let line = format!("{line} --local --debug");
        clean_run(&sandbox.type_in(&line).ok(), &line);
    }
    assert!(sandbox.root().join(".scfctl/local.json").exists());
    clean_files(&sandbox.root(), &[]);
    let mut server = sandbox.spawn(&["local", "serve", "--debug", "--state", "state.json"]);
    // What follows is for `finished`.
    let mut text = String::new();
    let mut one_by_one = BufReader::with_capacity(1, server.stdout.as_mut().unwrap());
    one_by_one.read_line(&mut text).unwrap();
    let url = text.split_once(':').unwrap().1.trim();
    let line = format!("deploy --endpoint {url} --debug");
    clean_run(&sandbox.type_in(&line).ok(), &line);
    send(Signal::INT, server.id());
    clean_run(&finished(server).ok(), "local serve");
    clean(&text, "local serve");
    clean_files(&sandbox.root(), &[]);
}

#[test]
fn wherever_the_credentials_are_they_are_not_shown() {
    // As they should be, and with what makes them unusable.
    for (id, key, token) in [
        (ID.to_owned(), KEY.to_owned(), TOKEN.to_owned()),
        (ID.to_owned(), format!("{KEY} {KEY}"), TOKEN.to_owned()),
        (format!("{ID}\u{1}x"), KEY.to_owned(), TOKEN.to_owned()),
        (ID.to_owned(), KEY.to_owned(), format!("{TOKEN} é")),
        (ID.to_owned(), String::new(), TOKEN.to_owned()),
    ] {
        let variables =
            format!("TENCENT_SECRET_ID={id}\nTENCENT_SECRET_KEY={key}\nTENCENT_TOKEN={token}\n");
        for place in ["environment", ".env", "profile", "tccli", "sdk"] {
            let mut sandbox = with_token();
            sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY").unset("TENCENT_TOKEN");
            let mut option = "";
            match place {
                "environment" => {
                    sandbox
                        .set("TENCENT_SECRET_ID", &id)
                        .set("TENCENT_SECRET_KEY", &key)
                        .set("TENCENT_TOKEN", &token);
                }
                ".env" => sandbox.file(".env", &variables),
                "tccli" => {
                    let folder = sandbox.home().join(".tccli");
                    std::fs::create_dir(&folder).unwrap();
                    let file = json!({"secretId": id, "secretKey": key, "token": token});
                    std::fs::write(folder.join("default.credential"), file.to_string()).unwrap();
                }
                "sdk" => {
                    let folder = sandbox.home().join(".tencentcloud");
                    std::fs::create_dir(&folder).unwrap();
                    let file =
                        format!("[default]\nsecret_id={id}\nsecret_key={key}\ntoken={token}\n");
                    std::fs::write(folder.join("credentials"), file).unwrap();
                }
                _ => {
                    let folder = sandbox.home().join(".serverless-tencent");
                    std::fs::create_dir(&folder).unwrap();
                    std::fs::write(folder.join("credentials"), format!("[p]\n{variables}"))
                        .unwrap();
                    option = "--profile p";
                }
            }
            for line in COMMANDS {
                let line = format!("{line} --debug {option}");
                clean_run(&sandbox.type_in(&line), &line);
            }
            let line = format!("local serve --listen 203.0.113.1:0 {option}");
            clean_run(&sandbox.type_in(&line), &line);
            clean_files(&sandbox.root(), &[".env"]);
        }
    }
}

#[test]
fn a_secret_on_the_command_line_is_not_repeated() {
    let sandbox = Sandbox::with_project();
    for line in [
        format!("deploy {KEY}"),
        format!("deploy key={KEY}"),
        format!("deploy --inputs.key={KEY}"),
        format!("deploy --inputs {KEY}"),
        format!("deploy --inputs key={{\"{KEY}\""),
        format!("deploy --inputs traffic={KEY}"),
        format!("deploy --timeout {KEY}"),
        format!("deploy --{KEY}"),
        format!("deploy --target {KEY}"),
        format!("deploy --endpoint https://{ID}:{KEY}@example.com"),
        format!("deploy --endpoint http://example.com/{KEY}"),
        KEY.to_owned(),
        format!("local serve --behaviour {KEY}=1"),
    ] {
        clean_run(&sandbox.type_in(&line), &line);
    }
}

#[test]
fn a_secret_in_a_file_that_is_refused_is_not_shown() {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    sandbox.file(".env", &format!("TENCENT_SECRET_ID={ID}\nTENCENT_SECRET_KEY={KEY}\n"));
    for inputs in [
        "  timeout: ${env:TENCENT_SECRET_KEY}\n",
        "  runtime: ${env:TENCENT_SECRET_KEY}\n",
        "  src: ${env:TENCENT_SECRET_KEY}\n",
        "  region: ${env:TENCENT_SECRET_KEY}\n",
        "  description: ${env:${env:TENCENT_SECRET_KEY}}\n",
    ] {
        sandbox.yaml(inputs);
        for line in COMMANDS {
            clean_run(&sandbox.type_in(line), line);
        }
    }
    sandbox.file("serverless.yml", "component: scf\nname: ${env:TENCENT_SECRET_KEY}\nstage: '${env:X${env:TENCENT_SECRET_ID}}'\n");
    clean_run(&sandbox.type_in("deploy"), "deploy");
}

/// A key of the service would be masked in results, too; these only where something is said.
#[test]
fn no_error_shows_what_a_variable_comes_to_whose_name_says_that_it_is_a_secret() {
    for (value, given) in [("hunter2secret", "env"), ("abc", "env"), ("hunter2secret", "param")] {
        let mut sandbox = Sandbox::with_project();
        let name = if given == "env" { "${env:DB_PASSWORD}" } else { "${param:apiKey}" };
        sandbox.set("DB_PASSWORD", value).set("NESTED", "${env:DB_PASSWORD}");
        let timer = |key: &str| {
            format!(
                "  events:\n    - timer:\n        parameters:\n          cronExpression: '0 0 1 * * * *'\n          {key}: '!{name}'\n"
            )
        };
        let keys = ["timeout", "traffic", "memorySize", "publish", "type", "runtime"];
        let mut files: Vec<String> = keys.map(|key| format!("  {key}: {name}\n")).into();
        files.push("  timeout: ${env:NESTED}\n".to_owned());
        files.push(format!("  traffic: 0.1\n  aliasName: '!{name}'\n"));
        files.push(format!("  namespace: '{name} x'\n"));
        files.push(format!("  region: {name}\n"));
        files.push(timer("name"));
        files.push(format!(
            "  events:\n    - timer:\n        parameters:\n          cronExpression: {name}\n"
        ));
        for inputs in files {
            sandbox.yaml(&inputs);
            for form in ["", "--output json", "--lang zh"] {
                let line = format!("deploy --dry-run --param apiKey={value} {form}");
                let ran = sandbox.type_in(&line);
                // A result is about what there is.
                let result = if ran.code == 0 { "" } else { &ran.stdout };
                let shown = format!("{result}{}", ran.stderr);
                let hides = if value.len() < 6 { format!("`{value}`") } else { value.to_owned() };
                assert!(!shown.contains(&hides), "{line} with {inputs}:\n{shown}");
            }
        }
    }
}

/// What is suggested can be pasted, whatever the variable is called that a name comes from.
#[test]
fn a_name_is_no_secret() {
    let mut sandbox = Sandbox::with_project();
    sandbox.set("AUTH_SERVICE", "auth-svc").yaml("  name: ${env:AUTH_SERVICE}\n");
    let ran = sandbox.type_in("list-alias").fails(3).says("`auth-svc`");
    assert!(!ran.stderr.contains("[redacted]"), "{}", ran.stderr);
}

#[test]
fn what_is_typed_as_the_stage_is_named_whatever_a_secret_comes_to() {
    let mut sandbox = Sandbox::with_project();
    sandbox.set("CACHE_KEY", "staging").yaml("  description: ${env:CACHE_KEY}\n");
    sandbox.type_in("list-alias --stage staging").fails(3).says("`demo-staging-shop`");
}

#[test]
fn an_address_in_an_error_has_no_user() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  type: https://u:p4ss@host/x\n  memorySize: pg://u:p4ss@host\n");
    for form in ["", "--output json"] {
        let ran = sandbox.type_in(&format!("deploy {form}")).fails(2);
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!shown.contains("p4ss") && shown.contains("://…@host"), "{shown}");
    }
}

#[test]
fn the_address_of_a_proxy_keeps_its_password() {
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        for proxy in [
            format!("http://user:{KEY}@127.0.0.1:1"),
            format!("{KEY}://x"),
            format!("http://{KEY}:{KEY}"),
        ] {
            let mut sandbox = Sandbox::with_project();
            // Not a credential that would be masked anyway.
            sandbox.unset("TENCENT_SECRET_KEY").set("TENCENT_SECRET_KEY", "anotherKeyExample");
            sandbox.set(name, &proxy).unset("SCFCTL_ENDPOINT");
            for endpoint in ["http://scf.invalid", "https://scf.invalid"] {
                let line =
                    format!("deploy --debug --timeout 300ms --insecure-http --endpoint {endpoint}");
                clean_run(&sandbox.type_in(&line), &line);
            }
        }
    }
}

/// How a server gives back what it was sent.
#[derive(Debug, Clone, Copy)]
enum Echo {
    Page,
    NotJson,
    Message,
    Code,
    RequestId,
    WrongError,
    WrongField,
    Listing,
}

const ECHOES: &[Echo] = &[
    Echo::Page,
    Echo::NotJson,
    Echo::Message,
    Echo::Code,
    Echo::RequestId,
    Echo::WrongError,
    Echo::WrongField,
    Echo::Listing,
];

impl Echo {
    fn answer(self, request: &str) -> (u16, String) {
        let with = |mut response: serde_json::Value, id: &str| {
            response["RequestId"] = id.into();
            (200, json!({"Response": response}).to_string())
        };
        match self {
            Self::Page => (500, format!("<html><pre>{request}</pre></html>")),
            Self::NotJson => (200, request.to_owned()),
            Self::Message => {
                with(json!({"Error": {"Code": "InvalidParameter", "Message": request}}), "r")
            }
            Self::Code => with(json!({"Error": {"Code": request, "Message": "m"}}), "r"),
            Self::RequestId => {
                with(json!({"Error": {"Code": "InternalError", "Message": "m"}}), request)
            }
            Self::WrongError => with(json!({"Error": request}), "r"),
            Self::WrongField => with(
                json!({"Status": [request], "Aliases": request, "Functions": request,
                       "Versions": request, "FunctionVersion": {request: 1}}),
                request,
            ),
            Self::Listing => with(
                json!({"DeprecatedWarning": request, "TotalCount": 1, "Status": "Active",
                       "FunctionVersion": "1", "Name": request, "Description": request,
                       "Aliases": [{"Name": request, "FunctionVersion": "1", "Description": request}],
                       "Versions": [{"Version": "1", "Description": request}],
                       "Functions": [{"FunctionName": request}]}),
                "r",
            ),
        }
    }
}

/// The `Authorization` headers that a server received.
type Received = Arc<Mutex<Vec<String>>>;

/// A server that gives back what it is sent.
fn echoing(echo: Echo) -> (String, Received) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let received = Received::default();
    let headers = Arc::clone(&received);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            loop {
                let text = String::from_utf8_lossy(&request).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let value = |name: &str| {
                        let line = head.lines().find(|line| line.starts_with(name));
                        line.map(|line| line[name.len()..].trim().to_owned())
                    };
                    let length = value("content-length:").map_or(0, |text| text.parse().unwrap());
                    if body.len() >= length {
                        headers.lock().unwrap().extend(value("authorization:"));
                        let (status, body) = echo.answer(&text);
                        let _ = write!(
                            stream,
                            "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                            body.len()
                        );
                        break;
                    }
                }
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => request.extend_from_slice(&buffer[..count]),
                }
            }
        }
    });
    (url, received)
}

/// Runs every command against a server that echoes.
fn echoed(echo: Echo) {
    let (url, received) = echoing(echo);
    let mut sandbox = with_token();
    sandbox.set("SCFCTL_ENDPOINT", &url);
    for line in COMMANDS.iter().filter(|line| **line != "config") {
        for form in ["--debug", "--output json"] {
            // A time that is over before the first call was sent shows nothing.
            let has_sent = ["1500ms", "30s"].iter().any(|timeout| {
                let line = format!("{line} --timeout {timeout} {form}");
                let ran = sandbox.type_in(&line);
                clean_run(&ran, &format!("{line} ({echo:?})"));
                let headers = std::mem::take(&mut *received.lock().unwrap());
                for header in &headers {
                    is_not_shown(header, &ran, &line);
                }
                !headers.is_empty()
            });
            assert!(has_sent, "{line} ({echo:?})");
        }
    }
    clean_files(&sandbox.root(), &[]);
}

fn is_not_shown(authorization: &str, ran: &Ran, line: &str) {
    let (_, signature) = authorization.split_once("Signature=").unwrap();
    assert_eq!(signature.len(), 64);
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.contains(signature), "{line}\n{text}");
    }
}

#[test]
fn a_server_that_echoes_the_request_gets_no_secret_shown() {
    std::thread::scope(|scope| {
        for echo in ECHOES {
            scope.spawn(|| echoed(*echo));
        }
    });
}
