//! The keys of the local SCF: none are needed for `--local`, and a server has its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Child;

use rustix::process::Signal;

use crate::sandbox::{ID, KEY, Sandbox, finished, send};
use crate::schema;

const EXAMPLE_ID: &str = "AKIDscfctlLocalExample";
const EXAMPLE_KEY: &str = "scfctlLocalExampleKey";

fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY").unset("SCFCTL_ENDPOINT");
    sandbox
}

#[test]
fn local_work_needs_no_keys_and_does_not_mind_broken_ones() {
    for (dotenv, variable, option) in [
        ("", None, ""),
        ("TENCENT_SECRET_ID=填写自己的\nTENCENT_SECRET_KEY=填写自己的\n", None, ""),
        ("TENCENT_SECRET_ID=<your id>\nTENCENT_SECRET_KEY=<your key>\n", None, ""),
        ("TENCENT_SECRET_ID=AKIDx\n", None, ""),
        ("TENCENT_SECRET_KEY=x\n", None, ""),
        ("", Some(("TENCENT_SECRET_ID", "AKIDx")), ""),
        ("", Some(("TENCENT_SECRET_KEY", "a b")), ""),
        ("", None, "--profile airdb"),
        ("", Some(("TENCENT_CREDENTIALS_PROFILE", "nobody")), ""),
        ("", Some(("TCCLI_PROFILE", "nobody")), ""),
        ("", Some(("TENCENTCLOUD_CREDENTIALS_FILE", "/dev/null")), ""),
    ] {
        let mut sandbox = sandbox();
        sandbox.file(".env", dotenv);
        if let Some((name, value)) = variable {
            sandbox.set(name, value);
        }
        for line in ["deploy --dry-run", "deploy", "list-alias", "publish-ver", "config"] {
            let ran = sandbox.type_in(&format!("{line} --local {option}")).ok();
            assert!(!ran.stderr.contains("error"), "{line}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_placeholder_is_told_from_a_blank() {
    let sandbox = sandbox();
    for (id, key, says) in [
        (
            "填写自己的",
            "x",
            "TENCENT_SECRET_ID in ./.env has a character in it that is not one of an id (letters and digits), as a placeholder has",
        ),
        (
            "${SECRET_ID}",
            "x",
            "TENCENT_SECRET_ID in ./.env has a character in it that is not one of an id (letters and digits), as a placeholder has",
        ),
        (
            "AKIDx",
            "填写自己的",
            "TENCENT_SECRET_KEY in ./.env has a character in it that is not one of a key (letters and digits), as a placeholder has",
        ),
        ("AKIDx", "a b", "TENCENT_SECRET_KEY in ./.env has blanks or control characters in it"),
        ("AKID x", "ab", "TENCENT_SECRET_ID in ./.env has blanks or control characters in it"),
    ] {
        sandbox.file(".env", &format!("TENCENT_SECRET_ID={id}\nTENCENT_SECRET_KEY={key}\n"));
        let ran = sandbox.type_in("deploy").fails(4);
        let root = sandbox.root().canonicalize().unwrap().display().to_string();
        let said = ran.stderr.replace(&root, ".");
        assert!(said.contains(&format!("error: the value of {says}\n")), "{said}");
        let advises =
            if says.contains("placeholder") { "as the console shows it" } else { "without blanks" };
        assert!(said.contains(advises), "{said}");
    }
}

#[test]
fn config_says_that_none_were_found() {
    let mut sandbox = sandbox();
    let shown = |sandbox: &Sandbox, line: &str| {
        let text = sandbox.type_in(line).ok().stdout;
        assert!(text.contains("none found"), "{text}");
        sandbox.type_in(&format!("{line} --output json")).ok().json()["credentials"].clone()
    };
    for line in ["config", "config --local"] {
        let credentials = shown(&sandbox, line);
        assert_eq!(credentials["source"], serde_json::Value::Null);
        assert_eq!(credentials["problem"], "none found");
    }
    // Whether this machine has a role would have to be asked for.
    sandbox.unset("SCFCTL_METADATA_ENDPOINT");
    for line in ["config", "config --local"] {
        let problem = &shown(&sandbox, line)["problem"];
        assert_eq!(problem, "none found; a call asks for the role of this machine");
    }
}

/// A server, its address, and what it prints of its keys.
fn serve(sandbox: &Sandbox, options: &[&str], lines: usize) -> (Child, String, Vec<String>) {
    let arguments = [&["local", "serve"], options].concat();
    let mut server = sandbox.spawn(&arguments);
    let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
    let mut value = || said.next().unwrap().unwrap().split_once(": ").unwrap().1.trim().to_owned();
    let url = value();
    (server, url, (0..lines).map(|_| value()).collect())
}

#[test]
fn a_server_says_in_json_where_its_keys_are_from_as_config_does() {
    let mut sandbox = sandbox();
    sandbox.set("TENCENT_SECRET_ID", ID).set("TENCENT_SECRET_KEY", KEY);
    let config = sandbox.type_in("config --output json").ok().json();
    let mut server = sandbox.spawn(&["local", "serve", "--output", "json"]);
    let said = BufReader::new(server.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut object = String::new();
    for line in said {
        object.push_str(&line);
        if line.ends_with('}') && !line.starts_with(' ') {
            break;
        }
    }
    end(server);
    let said: serde_json::Value = serde_json::from_str(&object).unwrap();
    schema::check("local-serve", &said);
    assert_eq!(said["credentials"]["source"], "environment");
    assert_eq!(said["credentials"]["source"], config["credentials"]["source"]);
}

fn end(mut server: Child) {
    server.kill().unwrap();
    server.wait().unwrap();
}

/// The answer to a request that is written by hand.
fn answer(url: &str, request: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.replace("ADDRESS", address).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The first line of an answer.
fn status(url: &str, request: &str) -> String {
    answer(url, request).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn each_server_has_keys_of_its_own_and_takes_the_example_from_this_machine() {
    let mut sandbox = sandbox();
    let (one, url, first) = serve(&sandbox, &[], 2);
    let (two, _, second) = serve(&sandbox, &[], 2);
    assert!(first[0].starts_with("AKID") && first[0] != second[0] && first[1] != second[1]);
    assert!(![&first[0], &second[0]].contains(&&EXAMPLE_ID.to_owned()));
    sandbox.set("SCFCTL_ENDPOINT", &url);
    for (id, key, code) in [
        (first[0].as_str(), first[1].as_str(), 0),
        (EXAMPLE_ID, EXAMPLE_KEY, 0),
        (&second[0], &second[1], 4),
        (EXAMPLE_ID, &first[1], 4),
    ] {
        sandbox.set("TENCENT_SECRET_ID", id).set("TENCENT_SECRET_KEY", key);
        let ran = sandbox.type_in("deploy");
        assert_eq!(ran.code, code, "{}", ran.stderr);
    }
    end(one);
    end(two);
    // Who gave keys gets no others.
    sandbox.set("TENCENT_SECRET_ID", "AKIDgiven").set("TENCENT_SECRET_KEY", "given");
    let (server, url, shown) = serve(&sandbox, &[], 1);
    assert_eq!(shown, ["environment"]);
    sandbox.set("SCFCTL_ENDPOINT", &url);
    sandbox.type_in("deploy").ok();
    sandbox.set("TENCENT_SECRET_ID", EXAMPLE_ID).set("TENCENT_SECRET_KEY", EXAMPLE_KEY);
    sandbox.type_in("deploy").fails(4).says("AuthFailure.SecretIdNotFound");
    end(server);
}

#[test]
fn broken_keys_are_no_reason_not_to_serve_unless_they_were_named() {
    let mut sandbox = sandbox();
    sandbox.set("TENCENT_SECRET_ID", "填写自己的");
    let (server, _, keys) = serve(&sandbox, &[], 2);
    assert!(keys[0].starts_with("AKID"));
    server_says(server, "TENCENT_SECRET_ID");
    sandbox.type_in("local serve --profile nobody").fails(4).says("no profile `nobody`");
}

fn server_says(server: Child, text: &str) {
    send(Signal::INT, server.id());
    finished(server).ok().says(text).says("this server has a key of its own");
}

#[test]
fn pages_and_other_hosts_are_turned_away() {
    let sandbox = sandbox();
    let (server, url, _) = serve(&sandbox, &["--allow-host", "scf.internal"], 2);
    for (head, expected) in [
        ("Host: ADDRESS", "HTTP/1.1 200 OK"),
        ("Host: localhost:1", "HTTP/1.1 200 OK"),
        ("Host: scf.internal", "HTTP/1.1 200 OK"),
        ("Host: ADDRESS\r\nSec-Fetch-Site: none", "HTTP/1.1 200 OK"),
        ("Host: ADDRESS\r\nOrigin: http://example.com", "HTTP/1.1 403 Forbidden"),
        ("Host: ADDRESS\r\nOrigin: null", "HTTP/1.1 403 Forbidden"),
        ("Host: ADDRESS\r\nSec-Fetch-Site: cross-site", "HTTP/1.1 403 Forbidden"),
        ("Host: ADDRESS\r\nSec-Fetch-Site: same-site", "HTTP/1.1 403 Forbidden"),
        ("Host: rebound.example.com", "HTTP/1.1 403 Forbidden"),
        ("Host: b-1.cos.example.com", "HTTP/1.1 403 Forbidden"),
    ] {
        for method in ["POST", "GET"] {
            let request = format!(
                "{method} / HTTP/1.1\r\n{head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            );
            assert_eq!(status(&url, &request), expected, "{method} {head}");
        }
    }
    // COS's own hosts get an answer of COS: the request is not signed.
    let cos =
        "GET /x HTTP/1.1\r\nHost: b-1.cos.ap-guangzhou.myqcloud.com\r\nConnection: close\r\n\r\n";
    assert!(answer(&url, cos).contains("<Code>AccessDenied</Code>"));
    let bare = "PUT /x HTTP/1.1\r\nHost: ADDRESS\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    assert!(answer(&url, bare).contains("<Code>AccessDenied</Code>"));
    end(server);
}

#[test]
fn what_is_announced_as_too_large_is_refused_before_it_has_come() {
    let sandbox = sandbox();
    let (server, url, _) = serve(&sandbox, &[], 2);
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("POST / HTTP/1.1\r\nHost: {address}\r\nContent-Length: 20000000\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&[b' '; 1000]).unwrap();
    let mut answer = Vec::new();
    let _ = BufReader::new(stream).read_until(b'}', &mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.contains("RequestSizeLimitExceeded"), "{answer}");
    end(server);
}
