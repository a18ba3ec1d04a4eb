//! logs: lines of a function, from the log service of the local SCF.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use chrono::{DateTime, TimeDelta, Utc};
use rustix::process::Signal;
use scfctl::local::{Fault, LogLine};
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Sandbox, code, finished, send};
use crate::sls;

const TOPIC: &str = "topic-1";

/// A function that writes to a topic.
fn logging() -> Sandbox {
    with("")
}

fn with(switch: &str) -> Sandbox {
    let sandbox = if switch.is_empty() { Sandbox::new() } else { Sandbox::behaving(switch) };
    sandbox.project();
    sandbox.yaml(&format!("  cls:\n    logsetId: set-1\n    topicId: {TOPIC}\n"));
    sandbox.type_in("deploy --publish").ok();
    sandbox
}

fn line(message: &str, time: DateTime<Utc>) -> Value {
    json!({"SCF_FunctionName": FUNCTION, "SCF_Namespace": "default", "SCF_Qualifier": "1",
        "SCF_Alias": "", "SCF_RequestId": "0a0b0c0d-0000-4000-8000-000000000000",
        "SCF_Level": "INFO", "SCF_Type": "Custom", "SCF_Message": message,
        "SCF_LogTime": time.timestamp_nanos_opt().unwrap().to_string()})
}

/// Writes a line, with its place in a package or without one.
fn put(sandbox: &Sandbox, message: &str, time: DateTime<Utc>, place: Option<usize>) {
    put_fields(sandbox, line(message, time), time, place);
}

fn put_fields(sandbox: &Sandbox, fields: Value, time: DateTime<Utc>, place: Option<usize>) {
    let package = place.map(|place| ("package".to_owned(), place.to_string()));
    sandbox.server().put_log(REGION, TOPIC, LogLine { time, package, fields }).unwrap();
}

fn ago(seconds: i64) -> DateTime<Utc> {
    Utc::now() - TimeDelta::seconds(seconds)
}

/// The messages of lines of JSON.
fn messages(stdout: &str) -> Vec<String> {
    let read = |line: &str| {
        let line: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(line["schemaVersion"], 1);
        line["message"].as_str().unwrap().to_owned()
    };
    stdout.lines().map(read).collect()
}

#[test]
fn lines_of_calls_are_shown_with_their_version() {
    let sandbox = logging();
    let id = sandbox.type_in("invoke -q 1 --output json").ok().json()["requestId"].clone();
    let id = id.as_str().unwrap();
    sandbox.type_in("invoke").ok();
    let ran = sandbox.type_in("logs").ok();
    assert_eq!(ran.stdout.lines().count(), 6, "{}", ran.stdout);
    assert!(ran.stderr.contains("logs from 20"), "{}", ran.stderr);
    let first = id.split('-').next().unwrap();
    let started = format!(" 1 {first} START RequestId: {id}");
    assert!(ran.stdout.lines().any(|line| line.ends_with(&started)), "{}", ran.stdout);
    let sent = &ran.calls.iter().find(|call| call.action == "SearchLog").unwrap().params;
    assert_eq!(
        sent["QueryString"],
        format!("SCF_FunctionName:\"{FUNCTION}\" AND SCF_Namespace:\"default\"")
    );
    assert_eq!((&sent["QuerySyntax"], &sent["TopicId"]), (&json!(1), &json!(TOPIC)));
    for (line, count) in [
        ("logs -q 1", 3),
        ("logs --inputs qualifier=1 since=1h", 3),
        ("log --inputs qualifier=$LATEST", 3),
        ("logs -q 7", 0),
        ("logs --alias $DEFAULT", 0),
        ("logs --level ERROR", 0),
        ("logs --level info", 6),
        ("logs --startTime 1h", 6),
    ] {
        let ran = sandbox.type_in(line);
        if line.ends_with('7') {
            ran.fails(3);
            continue;
        }
        let ran = ran.ok();
        assert_eq!(ran.stdout.lines().count(), count, "{line}: {}\n{}", ran.stdout, ran.stderr);
    }
    let one = sandbox.run(&["logs", "--request-id", first, "--output", "json"]).ok().json();
    assert_eq!(one["lines"].as_array().unwrap().len(), 3, "{one}");
    assert_eq!(one["lines"][0]["requestId"], id);
    assert_eq!(
        (&one["lines"][0]["version"], &one["lines"][0]["late"]),
        (&json!("1"), &json!(false))
    );
    let lines = sandbox.type_in("logs -q 1 --output ndjson").ok();
    assert_eq!(messages(&lines.stdout).len(), 3);
    sandbox.type_in("logs -q 1 --level ERROR --lang zh").ok().says("没有符合 level=ERROR 的日志");
}

#[test]
fn what_is_asked_for_in_vain_is_said() {
    let sandbox = logging();
    sandbox.run(&["invoke"]).ok();
    // Lines are there, but none of these.
    let ran = sandbox.type_in("logs --level foo --request-id abc").ok();
    assert!(
        ran.stderr.contains("no line of that time has requestId=abc, level=foo"),
        "{}",
        ran.stderr
    );
    let ran = sandbox.type_in("logs --overlap 5h --interval 500").ok();
    for option in ["--overlap", "--interval"] {
        let told = format!("{option} has no effect without --follow");
        assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    }
    sandbox.type_in("logs --since 2099-01-01").fails(2).says("which is not a time in the past");
    sandbox.type_in("logs --since 1000000d").fails(2).says("which is not a time");
}

#[test]
fn by_the_name_of_the_real_cli_the_lines_stand_in_its_frame() {
    let sandbox = logging();
    let ran = sls::called(&sandbox, "sls", &["logs"]).ok();
    let head = "\nserverless ⚡tencent \nAction: \"logs\" - Stage: \"dev\" - App: \"shop\" - Name: \"demo\" \n\n当前时间范围内没有可用的日志信息\n";
    assert!(ran.stdout.starts_with(head), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("s ›demo› 获取日志成功\n\n"), "{}", ran.stdout);
    sandbox.run(&["invoke"]).ok();
    let ran = sls::called(&sandbox, "sls", &["logs"]).ok();
    assert!(ran.stdout.contains("\nSTART RequestId: "), "{}", ran.stdout);
    assert!(!ran.stdout.contains("没有可用"), "{}", ran.stdout);
}

#[test]
fn a_window_of_any_size_is_shown_whole() {
    let sandbox = logging();
    let begin = ago(300);
    // More than one query may find, many of them in one moment, and half without a place.
    for number in 0..2500 {
        let time = begin + TimeDelta::milliseconds(number / 10);
        let place = (number % 2 == 0).then(|| usize::try_from(number).unwrap());
        put(&sandbox, &format!("line {number}"), time, place);
    }
    let ran = sandbox.type_in("logs --output ndjson").ok();
    let mut found = messages(&ran.stdout);
    assert_eq!(found.len(), 2500);
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 2500);
    assert_eq!(ran.actions().iter().filter(|action| **action == "SearchLog").count(), 3);
    // A context that is refused begins anew, and nothing is shown twice.
    let second = std::sync::atomic::AtomicUsize::new(0);
    sandbox.faulty(move |call| {
        let is_second = call.action == "SearchLog"
            && second.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 1;
        if is_second { Fault::error("FailedOperation.InvalidContext", "x") } else { Fault::None }
    });
    let ran = sandbox.type_in("logs --output ndjson").ok();
    assert_eq!(messages(&ran.stdout).len(), 2500);
}

#[test]
fn what_a_search_by_words_finds_besides_is_left_out() {
    let sandbox = logging();
    put(&sandbox, "mine", ago(9), Some(1));
    let mut other = line("of another", ago(8));
    other["SCF_FunctionName"] = json!(format!("{FUNCTION}-2"));
    put_fields(&sandbox, other, ago(8), Some(2));
    let ran = sandbox.type_in("logs --output ndjson").ok();
    assert_eq!(messages(&ran.stdout), ["mine"]);
    // Of the control characters of a log none is obeyed.
    put(&sandbox, "a\u{1b}[31mb", ago(7), Some(3));
    let ran = sandbox.type_in("logs").ok();
    assert!(ran.stdout.contains("a\\u{1b}[31mb"), "{}", ran.stdout);
}

#[test]
fn a_topic_is_asked_in_the_language_that_it_takes() {
    let sandbox = with("log-syntax=lucene");
    put(&sandbox, "mine", ago(9), None);
    let ran = sandbox.type_in("logs --output ndjson").ok();
    assert_eq!(messages(&ran.stdout), ["mine"]);
    let searches: Vec<_> = ran.calls.iter().filter(|call| call.action == "SearchLog").collect();
    let syntaxes: Vec<_> = searches.iter().map(|call| call.params["QuerySyntax"].clone()).collect();
    assert_eq!(syntaxes, [1, 0]);
    let sandbox = with("log-index=full-text");
    put(&sandbox, "mine", ago(9), None);
    let ran = sandbox.type_in("logs").ok();
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("its index does not have them"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_shown_is_said() {
    let off = Sandbox::with_project();
    off.type_in("deploy").ok();
    let ran = off.type_in("logs").fails(3);
    assert!(ran.stderr.contains("it has no log topic"), "{}", ran.stderr);
    let sandbox = logging();
    for (line, code, told) in [
        ("logs --canary", 3, "no rollout is under way"),
        ("logs --canary -q 1", 2, "--canary names a version"),
        ("logs --follow --output json", 2, "--follow has no end"),
        ("logs --since 1.5h", 2, "1h30m"),
        ("logs --since -1h", 2, "`-1h`"),
        ("logs --since 20210520", 2, "1h30m"),
        ("logs --inputs reqid=x", 2, "did you mean `requestId`?"),
        ("logs --interval 1", 2, "100 to 600000"),
        ("logs --alias none", 3, "none"),
    ] {
        let ran = sandbox.type_in(line).fails(code);
        assert!(ran.stderr.contains(told), "{line}: {}", ran.stderr);
    }
    sandbox.once("SearchLog", Fault::error("FailedOperation.TopicIsolated", "arrears"));
    let ran = sandbox.type_in("logs").fails(1);
    assert!(ran.stderr.contains("FailedOperation.TopicIsolated"), "{}", ran.stderr);
}

#[test]
fn only_the_version_under_rollout_is_shown_where_that_is_asked_for() {
    let sandbox = logging();
    sandbox.type_in("publish-ver").ok();
    sandbox.console("CreateAlias", json!({"Name": "prod", "FunctionVersion": "1"}));
    sandbox.type_in("rollout start --alias prod --to 2 --no-gates --detach").ok();
    for version in ["1", "2"] {
        sandbox.run(&["invoke", "-q", version]).ok();
    }
    for line in ["logs --canary --output ndjson", "logs --canary --alias prod --output ndjson"] {
        let ran = sandbox.type_in(line).ok();
        assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
        assert!(
            ran.stdout.lines().all(|line| line.contains("\"version\":\"2\"")),
            "{}",
            ran.stdout
        );
        assert!(ran.stderr.contains("only version 2"), "{}", ran.stderr);
    }
}

#[test]
fn lines_are_followed_without_a_gap_and_without_a_double() {
    let sandbox = logging();
    for number in 0..5 {
        put(&sandbox, &format!("old {number}"), ago(30), None);
    }
    let mut child = sandbox
        .command(&["logs", "--follow", "-i", "100", "--output", "ndjson"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || {
        let line = lines.next().unwrap().unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        (line["message"].as_str().unwrap().to_owned(), line["late"].as_bool().unwrap())
    };
    for number in 0..5 {
        assert_eq!(next(), (format!("old {number}"), false));
    }
    // Two of one moment that say the same are two, and one of before is late.
    let time = ago(5);
    put(&sandbox, "twin", time, None);
    assert_eq!(next(), ("twin".to_owned(), false));
    put(&sandbox, "twin", time, None);
    assert_eq!(next(), ("twin".to_owned(), false));
    put(&sandbox, "late", ago(20), Some(7));
    assert_eq!(next(), ("late".to_owned(), true));
    // Trouble loses nothing.
    sandbox.faulty(|call| match call.action.as_str() {
        "SearchLog" => Fault::error("LimitExceeded.LogSearch", "busy"),
        _ => Fault::None,
    });
    put(&sandbox, "during", ago(1), Some(8));
    let from = sandbox.calls().len();
    sandbox.await_calls(from, "SearchLog", 1);
    sandbox.healthy();
    assert_eq!(next(), ("during".to_owned(), false));
    for number in 0..50 {
        put(&sandbox, &format!("many {number}"), Utc::now(), None);
    }
    let mut many: Vec<String> = (0..50).map(|_| next().0).collect();
    many.sort();
    many.dedup();
    assert_eq!(many.len(), 50, "{many:?}");
    put(&sandbox, "end", Utc::now(), Some(9));
    assert_eq!(next(), ("end".to_owned(), false));
    // Whoever ends it has seen enough.
    send(Signal::INT, child.id());
    assert_eq!(code(child.wait().unwrap()), 0);
}

#[test]
fn the_system_ends_following_without_an_error() {
    let sandbox = logging();
    put(&sandbox, "seen", ago(30), None);
    let mut child = sandbox.spawn(&["logs", "--follow", "--output", "ndjson"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains("seen"));
    send(Signal::TERM, child.id());
    assert_eq!(lines.next(), None);
    let ran = finished(child).fails(143);
    assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
}

#[test]
fn times_are_those_of_the_service() {
    let behind = TimeDelta::hours(1);
    let sandbox = Sandbox::with(|options| {
        options.clock = std::sync::Arc::new(move || Utc::now() - behind);
    });
    sandbox.project();
    sandbox.yaml(&format!("  cls:\n    logsetId: set-1\n    topicId: {TOPIC}\n"));
    sandbox.type_in("deploy --publish").ok();
    put(&sandbox, "seen", ago(30) - behind, Some(1));
    for line in ["logs --output ndjson", "logs --since 2m --output ndjson"] {
        assert_eq!(messages(&sandbox.type_in(line).ok().stdout), ["seen"], "{line}");
    }
    let mut child =
        sandbox.command(&["logs", "--follow", "-i", "100"]).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().ends_with(" seen"));
    send(Signal::INT, child.id());
    assert_eq!(code(child.wait().unwrap()), 0);
    // Of a time that only this machine's clock has reached nothing can be there.
    let time = (Utc::now() - TimeDelta::minutes(30)).to_rfc3339();
    sandbox.run(&["logs", "--since", &time]).fails(2);
}

#[test]
fn a_long_pause_survives_trouble() {
    let sandbox = logging();
    sandbox.faulty(|call| match call.action.as_str() {
        "SearchLog" => Fault::error("LimitExceeded.LogSearch", "busy"),
        _ => Fault::None,
    });
    let mut child = sandbox.spawn(&["logs", "--follow", "--interval", "120000"]);
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(told.any(|line| line.contains("logs are behind") && line.contains("120 s")));
    send(Signal::INT, child.id());
    assert_eq!(code(child.wait().unwrap()), 0);
}

#[test]
fn a_query_that_is_not_understood_is_not_asked_for_ever() {
    let sandbox = logging();
    sandbox.faulty(|call| match call.action.as_str() {
        "SearchLog" => Fault::error("FailedOperation.QueryError", "no such syntax"),
        _ => Fault::None,
    });
    sandbox.type_in("logs --follow").fails(1).says("no such syntax");
}
