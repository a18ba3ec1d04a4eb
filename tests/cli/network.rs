//! Endpoints, regions, proxies, hostile answers.

use std::io::{Read, Write};
use std::net::TcpListener;

use scfctl::local::Fault;

use crate::sandbox::Sandbox;

/// Answers every connection with one text, and hands over what it was sent first.
fn answering(answer: &'static str) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let count = stream.read(&mut request).unwrap_or_default();
            let _ = sender.send(String::from_utf8_lossy(&request[..count]).into_owned());
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (url, receiver)
}

#[test]
fn the_region_is_where_it_was_said() {
    for (arguments, yaml, environment, region) in [
        ("", "", "", "ap-guangzhou"),
        ("", "", "ap-tokyo", "ap-tokyo"),
        ("", "  region: ap-beijing\n", "ap-tokyo", "ap-beijing"),
        (" --region ap-seoul", "  region: ap-beijing\n", "ap-tokyo", "ap-seoul"),
        (" --inputs region=ap-mumbai", "  region: ap-beijing\n", "", "ap-mumbai"),
    ] {
        let mut sandbox = Sandbox::with_project();
        sandbox.yaml(yaml);
        sandbox.set("TENCENTCLOUD_REGION", environment);
        let ran = sandbox.type_in(&format!("deploy{arguments}")).ok();
        assert!(ran.stdout.contains(&format!("region:       {region}\n")), "{}", ran.stdout);
        assert!(sandbox.calls().iter().all(|call| call.region == region));
    }
}

/// JSON is the same in every language, so what the service says in it is English.
#[test]
fn the_service_is_asked_for_messages_in_the_users_language() {
    for (options, language) in
        [("", "en-US"), ("--lang zh", "zh-CN"), ("--lang zh --output json", "en-US")]
    {
        let (url, requests) = answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        let mut sandbox = Sandbox::with_project();
        sandbox.set("SCFCTL_ENDPOINT", &url);
        sandbox.type_in(&format!("list-alias {options} --timeout 60s")).fails(1);
        let request = requests.recv().unwrap();
        assert!(request.contains(&format!("x-tc-language: {language}\r\n")), "{request}");
    }
}

#[test]
fn a_proxy_from_the_environment_is_used_and_no_proxy_respected() {
    // One for each line: what the reads that go out together sent may come behind its end.
    let proxy = || answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    let (http, requests) = proxy();
    let mut sandbox = Sandbox::with_project();
    sandbox.set("HTTP_PROXY", &http).unset("SCFCTL_ENDPOINT");
    let line = "deploy --endpoint http://scf.invalid --insecure-http --timeout";
    sandbox.type_in(&format!("{line} 60s")).fails(1).says("HTTP status 502");
    assert!(requests.recv().unwrap().starts_with("POST http://scf.invalid/ HTTP/1.1\r\n"));
    // With TLS, the proxy is asked for a tunnel.
    let (https, requests) = proxy();
    sandbox.set("HTTPS_PROXY", &https);
    sandbox.type_in("deploy --endpoint https://scf.invalid --timeout 60s").fails(1);
    assert!(requests.recv().unwrap().starts_with("CONNECT scf.invalid:443 HTTP/1.1\r\n"));
    // Where no server of names answers for such a host, the time is what ends it.
    let (http, requests) = proxy();
    sandbox.set("HTTP_PROXY", &http).set("NO_PROXY", "scf.invalid");
    let ran = sandbox.type_in(&format!("{line} 3s"));
    assert!([1, 6].contains(&ran.code), "{}", ran.stderr);
    assert!(requests.try_recv().is_err());
}

#[test]
fn nothing_listening_is_said_plainly() {
    let mut sandbox = Sandbox::with_project();
    let url = format!("http://{}", sandbox.nowhere());
    sandbox.set("SCFCTL_ENDPOINT", &url);
    sandbox
        .type_in("deploy --timeout 60s")
        .fails(1)
        .says("cannot connect to http://127.0.0.1:")
        .says("this call was not sent");
}

#[test]
fn answers_that_are_not_the_apis() {
    for (answer, says) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "is not one of the API"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "is not one of the API"),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            "HTTP status 302",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 41\r\n\r\n{\"Response\":{\"RequestId\":\"r\",\"Status\":1}}\n",
            "the answer's field `Status` cannot be used",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 43\r\n\r\n{\"Response\":{\"RequestId\":\"r-1\",\"Statu\":1}}\n",
            "the answer's field `Status` cannot be used: missing field `Status` (request r-1)",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 96\r\n\r\n{\"Response\":{\"Error\":{\"Code\":\"InternalError.X\",\"Message\":\"a\\u001b[31m b\"},\"RequestId\":\"r-2\"}}    \n",
            "a\\u{1b}[31m b",
        ),
    ] {
        let (url, _requests) = answering(answer);
        let mut sandbox = Sandbox::with_project();
        sandbox.set("SCFCTL_ENDPOINT", &url);
        let ran = sandbox
            .type_in("publish-ver --timeout 60s --inputs function=some-function")
            .fails(1)
            .says(says);
        assert!(!ran.stderr.contains('\u{1b}'));
    }
}

/// Action, region, attempt, duration, request id, result.
#[test]
fn debug_traces_calls_without_secrets() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let before = sandbox.calls().len();
    let ran = sandbox.type_in("deploy --debug --inputs publish=true").ok();
    assert!(ran.stdout.starts_with("type: "));
    let lines: Vec<Vec<&str>> = ran
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("debug: "))
        .map(|line| line.split(' ').collect())
        .collect();
    let mut traced: Vec<&str> = lines.iter().map(|words| words[0]).collect();
    let mut received = sandbox.actions_since(before);
    traced.sort_unstable();
    received.sort_unstable();
    assert_eq!(traced, received);
    for words in &lines {
        let [_, region, "attempt", "1", duration, "ms", id, "ok"] = words[..] else {
            panic!("{words:?}")
        };
        assert_eq!((region, id.len()), ("ap-guangzhou", 36), "{words:?}");
        assert!(duration.parse::<u32>().is_ok(), "{words:?}");
    }
}

#[test]
fn debug_traces_what_failed_and_the_attempt_after_it() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    for (fault, result) in [
        (Fault::error("RequestLimitExceeded", "slow down"), "RequestLimitExceeded"),
        (Fault::Http { status: 502, body: String::new() }, "HTTP status 502"),
    ] {
        sandbox.once("ListAliases", fault.clone());
        let ran = sandbox.type_in("list-alias --debug").ok();
        let lines: Vec<&str> =
            ran.stderr.lines().filter(|line| line.starts_with("debug: ListAliases ")).collect();
        assert_eq!(lines.len(), 2, "{}", ran.stderr);
        assert!(lines[0].contains(" attempt 1 ") && lines[0].ends_with(result), "{lines:?}");
        assert!(lines[1].contains(" attempt 2 ") && lines[1].ends_with(" ok"), "{lines:?}");
    }
}

#[test]
#[ignore = "waits 50 s: cargo test --test cli -- --ignored a_listing_without_an_end_is_given_up"]
fn a_listing_without_an_end_is_given_up() {
    let (url, _requests) = answering(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 83\r\n\r\n{\"Response\":{\"RequestId\":\"r\",\"Aliases\":[{\"Name\":\"a\",\"FunctionVersion\":\"1\"}]}}     \n",
    );
    let mut sandbox = Sandbox::new();
    sandbox.set("SCFCTL_ENDPOINT", &url);
    sandbox.type_in("list-alias --inputs function=some-function").fails(1).says("pages do not end");
}

/// An answer that calls the signature too old, with the server's time so many seconds off.
fn expired(off: Option<i64>) -> String {
    let body = r#"{"Response":{"Error":{"Code":"AuthFailure.SignatureExpire","Message":"expired"},"RequestId":"r"}}"#;
    let date = off.map(|off| {
        let date = chrono::Utc::now() + chrono::TimeDelta::seconds(off);
        format!("Date: {}\r\n", date.format("%a, %d %b %Y %T GMT"))
    });
    format!(
        "HTTP/1.1 200 OK\r\n{}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        date.unwrap_or_default(),
        body.len()
    )
}

#[test]
fn the_clock_is_blamed_only_where_the_clocks_differ() {
    let ntp = "set this machine's clock (NTP) and try again";
    let says = |off: Option<i64>, token: Option<&str>, hint: &str| {
        let (url, _requests) = answering(Box::leak(expired(off).into_boxed_str()));
        let mut sandbox = Sandbox::with_project();
        sandbox.set("SCFCTL_ENDPOINT", &url);
        token.map(|token| sandbox.set("TENCENT_TOKEN", token));
        let line = "list-alias --inputs function=some-function --timeout 60s";
        let ran = sandbox.type_in(line).fails(4).says(hint);
        assert_eq!(ran.stderr.contains(ntp), hint == ntp, "{}", ran.stderr);
    };
    says(
        Some(0),
        None,
        "hint: both clocks agree: either the request was under way for more than five minutes",
    );
    says(Some(0), None, "`src.bucket`");
    says(Some(0), None, "temporary keys have ended");
    says(Some(-100), None, "s apart, which is not too much: either the request was under way");
    says(Some(-100), Some("token-of-a-role"), "hint: the temporary keys may have ended");
    says(Some(3600), None, ntp);
    says(Some(-3600), None, ntp);
    says(None, None, "hint: compare this machine's clock with a right one; if it is right: ");
}

#[test]
fn a_large_request_whose_signature_is_too_old_goes_through_cos() {
    let sandbox = Sandbox::with_project();
    sandbox.noise("src/data.bin", 1_500_000, 1);
    sandbox.type_in("deploy").ok();
    sandbox.change_code("two");
    sandbox.faulty(|call| match call.action.as_str() {
        "UpdateFunctionCode" => Fault::error("AuthFailure.SignatureExpire", "expired"),
        _ => Fault::None,
    });
    let ran = sandbox.type_in("deploy --force").fails(4).says("signatures hold for five minutes");
    let (_, rest) = ran.stderr.split_once("this request of 2.0 MB took ").expect("how long");
    let seconds: u64 = rest.split_once(" s").unwrap().0.parse().unwrap();
    assert!(seconds < 300, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("send the package through COS, with `src.bucket`"),
        "{}",
        ran.stderr
    );
}
