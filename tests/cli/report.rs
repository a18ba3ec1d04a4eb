//! `--report`: pages, their data, and `JUnit`, of rollouts and rehearsals.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use chrono::{DateTime, Utc};
use rustix::process::Signal;
use scfctl::local::Fault;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::sandbox::{FUNCTION, REGION, Ran, Sandbox, read, send, signal_to_the_end};

/// 2026-11-28 10:00:00: the first second of a minute.
const BEGIN: i64 = 1_795_860_000;

/// Versions 1 and 2, everything of alias `prod` on 1, and 600 calls a minute for an hour.
fn world() -> Sandbox {
    let sandbox = Sandbox::with(|options| {
        options.clock = Arc::new(|| DateTime::<Utc>::from_timestamp(BEGIN, 0).unwrap());
    });
    sandbox.project();
    sandbox.type_in("deploy").ok();
    sandbox.console("PublishVersion", json!({}));
    sandbox.console("PublishVersion", json!({}));
    let alias = json!({"Name": "prod", "FunctionVersion": "1", "Description": "mine, 我的。"});
    sandbox.console("CreateAlias", alias);
    load(&sandbox, &json!({}));
    sandbox
}

fn load(sandbox: &Sandbox, versions: &Value) {
    let load = json!({"alias": "prod", "rate_per_min": 600, "versions": versions});
    let params = json!({"FunctionName": FUNCTION, "Load": load.to_string()});
    sandbox.server().instruct("SetLoad", params, REGION).unwrap();
}

fn minutes(sandbox: &Sandbox, minutes: u64) {
    sandbox.server().advance(Duration::from_secs(60 * minutes));
}

pub fn place(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.root().join(name)
}

pub fn html(sandbox: &Sandbox) -> String {
    read(&place(sandbox, "r.html"))
}

pub fn data(sandbox: &Sandbox) -> Value {
    serde_json::from_str(&read(&place(sandbox, "r.json"))).unwrap()
}

/// Takes all three reports away: a failure stands in the place of none that is there.
fn without_reports(sandbox: &Sandbox) {
    for name in ["r.html", "r.json", "r.xml"] {
        std::fs::remove_file(place(sandbox, name)).unwrap();
    }
}

/// All three reports of a command.
pub fn reported(sandbox: &Sandbox, line: &str) -> Ran {
    sandbox.type_in(&format!("{line} --report r.html --report r.json --report r.xml"))
}

/// Name, verdict and type of each case, and the four numbers of the suite, which are right.
fn cases(sandbox: &Sandbox) -> (Vec<(String, String, String)>, [usize; 4]) {
    let text = read(&place(sandbox, "r.xml"));
    let document =
        roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let suite = root.children().find(|node| node.has_tag_name("testsuite")).unwrap();
    let number = |node: roxmltree::Node<'_, '_>, name: &str| -> usize {
        node.attribute(name).unwrap().parse().unwrap()
    };
    let mut cases = Vec::new();
    let (mut counts, mut seconds) = ([0; 4], 0);
    for case in suite.children().filter(|node| node.has_tag_name("testcase")) {
        assert!(!case.attribute("classname").unwrap().is_empty());
        seconds += number(case, "time");
        counts[0] += 1;
        let told = case.children().find(roxmltree::Node::is_element);
        let verdict = told.map_or("passed", |told| told.tag_name().name());
        match verdict {
            "passed" => {}
            "failure" => counts[1] += 1,
            "error" => counts[2] += 1,
            "skipped" => counts[3] += 1,
            other => panic!("{other}"),
        }
        let why = told.and_then(|told| told.attribute("type").or(told.attribute("message")));
        let name = case.attribute("name").unwrap().to_owned();
        cases.push((name, verdict.to_owned(), why.unwrap_or_default().to_owned()));
    }
    for node in [root, suite] {
        let found = ["tests", "failures", "errors", "skipped"].map(|name| number(node, name));
        assert_eq!(found, counts, "{text}");
        assert_eq!(number(node, "time"), seconds);
    }
    (cases, counts)
}

fn names(cases: &[(String, String, String)]) -> Vec<(&str, &str, &str)> {
    cases.iter().map(|(name, verdict, why)| (&**name, &**verdict, &**why)).collect()
}

/// The page asks for nothing, runs nothing, and its only style is the one that it allows.
#[track_caller]
pub fn is_sealed(page: &str) {
    assert!(page.starts_with("<!doctype html>\n<html lang=\""), "{}", &page[..60]);
    let (_, rest) = page.split_once("<style>").unwrap();
    let (style, body) = rest.split_once("</style>").unwrap();
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style));
    let policy = format!(
        "content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\""
    );
    assert!(page.contains(&policy), "{}", &page[..600]);
    for word in [
        "<script", "<link", "<img", "<iframe", " src=", " href=", " style=", " on", "url(",
        "@import",
    ] {
        let found = [style, body].iter().any(|part| {
            part.match_indices(word).any(|(at, _)| {
                // ` on` as the beginning of an attribute, not as a word of a text.
                word != " on"
                    || part[at + 1..]
                        .find(['=', ' ', '<'])
                        .is_some_and(|end| part[at + 1 + end..].starts_with("=\""))
            })
        });
        assert!(!found, "{word} in the page");
    }
    assert_eq!(page.matches("<style>").count(), 1);
}

#[test]
fn a_rehearsal_is_a_page_its_data_and_junit() {
    let sandbox = world();
    let line = "rollout rehearse --alias prod --to 2 --scenario errors-at-50% --seed 3 \
                --steps 10%,50%,100% --interval 10m";
    let without = sandbox.type_in(line).ok();
    let ran = reported(&sandbox, line).ok().says("note: the report is in r.html");
    assert_eq!((&ran.stdout, ran.changes()), (&without.stdout, vec![]));
    let page = html(&sandbox);
    is_sealed(&page);
    for part in [
        "<html lang=\"en\">",
        "<title>Rolled back · Rehearsed rollout of prod of demo-dev-shop: 1 → 2</title>",
        "<div class=\"outcome bad\" role=\"status\">",
        "<h2 id=\"steps\">Steps</h2>",
        "<th scope=\"row\" class=\"number\">2</th>",
        "<svg viewBox=\"0 0 480 216\" role=\"img\" aria-labelledby=\"errors-title errors-about\">",
        "Step 2 (50%) begins at 0:",
        "<summary>Every look: ",
        "✗ fail",
        "step 2 of 3: 50% 2 (its time is over, nothing speaks against it)",
        "<pre><code>scfctl rollout rehearse --alias prod --to 2 --scenario errors-at-50% --seed 3 ",
    ] {
        assert!(page.contains(part), "no `{part}` in:\n{page}");
    }
    let found = data(&sandbox);
    assert_eq!(found.as_object().unwrap().keys().next().unwrap(), "schemaVersion");
    assert_eq!(
        (&found["command"], &found["outcome"], &found["exitCode"], &found["error"]),
        (&json!("rollout rehearse"), &json!("rolled-back"), &json!(0), &Value::Null)
    );
    assert_eq!((&found["functionName"], &found["aliasName"]), (&json!(FUNCTION), &json!("prod")));
    assert_eq!((&found["from"], &found["to"]), (&json!("1"), &json!("2")));
    assert_eq!(found["scenario"]["seed"], 3);
    let result = sandbox.type_in(&format!("{line} --output json")).ok().json();
    assert_eq!(found["exposure"], result["exposure"]);
    assert_eq!(found["wouldCall"], result["calls"]);
    assert_eq!(
        found["timeline"].as_array().unwrap().len(),
        result["timeline"].as_array().unwrap().len()
    );
    let results: Vec<_> =
        found["steps"].as_array().unwrap().iter().map(|step| &step["result"]).collect();
    assert_eq!(results, ["passed", "back", "not-reached"]);
    let looks = found["looks"].as_array().unwrap();
    assert!(looks.len() > 10, "{looks:?}");
    let last = &looks.last().unwrap()["gates"][0];
    assert_eq!(last["verdict"], "fail");
    let against = &last["against"];
    assert!(against["log"].as_f64() >= against["logNeeded"].as_f64(), "{against}");
    // The chart has the minutes of the rollout and ten before it.
    let series = &found["series"];
    assert_eq!((&found["seriesFromMinute"], &series["period"]), (&json!(-10), &json!(60)));
    let calls = series["canary"]["invocations"].as_array().unwrap();
    assert!(
        calls[..10].iter().all(Value::is_null) && calls[11].as_f64().unwrap() > 20.0,
        "{calls:?}"
    );
    let sum: f64 = calls.iter().filter_map(Value::as_f64).sum();
    assert!((sum - found["exposure"]["calls"].as_f64().unwrap()).abs() < 1.0, "{sum}");
    let (cases, counts) = cases(&sandbox);
    assert_eq!(
        names(&cases),
        [
            ("step 1 of 3: 10%", "passed", ""),
            ("step 2 of 3: 50%", "failure", "fail"),
            ("step 3 of 3: 100%", "skipped", "not-reached"),
        ]
    );
    assert_eq!(counts, [3, 1, 0, 1]);
}

/// The part of a page from one text to another, a tag a line.
fn part(page: &str, from: &str, to: &str) -> String {
    let start = page.find(from).unwrap_or_else(|| panic!("no {from}"));
    let end = page[start..].find(to).unwrap_or_else(|| panic!("no {to}")) + start;
    page[start..end].to_owned()
}

#[test]
fn parts_of_a_page_are_those_of_the_data() {
    let sandbox = world();
    let line = "rollout rehearse --alias prod --to 2 --steps 50%,100% --interval 5m";
    reported(&sandbox, line).ok();
    let page = html(&sandbox);
    let xml = read(&place(&sandbox, "r.xml"));
    let golden: Value = serde_json::from_str(include_str!("../data/report.json")).unwrap();
    let share = part(
        &page,
        "<svg viewBox=\"0 0 480 216\" role=\"img\" aria-labelledby=\"share-title",
        "</svg>",
    );
    let found = json!({
        "steps": part(&page, "<section aria-labelledby=\"steps\">", "</section>").lines().collect::<Vec<_>>(),
        "share": share.lines().collect::<Vec<_>>(),
        "junit": part(&xml, "</properties>", "</testsuites>").lines().collect::<Vec<_>>(),
    });
    assert_eq!(found, golden, "{found:#}");
}

#[test]
fn a_rollout_that_goes_back_says_why_in_every_form() {
    let sandbox = world();
    load(&sandbox, &json!({"2": [{"error_rate": 0.3}]}));
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --interval 20m --detach";
    reported(&sandbox, line).ok();
    let found = data(&sandbox);
    assert_eq!((&found["outcome"], &found["command"]), (&json!("begun"), &json!("rollout start")));
    assert_eq!(found["changes"][0]["action"], "UpdateAlias");
    assert!(found["changes"][0]["requestId"].is_string(), "{found:#}");
    let (begun, counts) = cases(&sandbox);
    assert_eq!(names(&begun)[0], ("step 1 of 2: 10%", "skipped", "running"));
    assert_eq!(counts, [2, 0, 0, 2]);
    minutes(&sandbox, 10);
    let ran = reported(&sandbox, "rollout status --alias prod").ok();
    assert_eq!(ran.changes(), [] as [&str; 0]);
    let found = data(&sandbox);
    assert_eq!(
        (&found["outcome"], &found["looks"][0]["gates"][0]["verdict"]),
        (&json!("due"), &json!("fail"))
    );
    assert_eq!(found["unknown"], json!(["earlier-looks", "earlier-runs", "other-aliases"]));
    assert!(found["exposure"]["bad"].as_f64().unwrap() > 50.0, "{found:#}");
    let ran = reported(&sandbox, "rollout tick --alias prod").fails(7);
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    let found = data(&sandbox);
    assert_eq!((&found["outcome"], &found["exitCode"]), (&json!("rolled-back"), &json!(7)));
    assert_eq!(found["error"]["code"], "rolled-back");
    assert_eq!(found["timeline"][0]["event"], "back");
    assert!(
        found["timeline"][0]["gates"][0]["canary"]["bad"].as_f64().unwrap() > 50.0,
        "{found:#}"
    );
    assert_eq!(found["steps"][0]["seconds"], 600);
    let (back, counts) = cases(&sandbox);
    assert_eq!(names(&back)[0], ("step 1 of 2: 10%", "failure", "fail"));
    assert_eq!(counts, [2, 1, 0, 1]);
    let page = html(&sandbox);
    is_sealed(&page);
    let retry =
        "<pre><code>scfctl rollout retry --function demo-dev-shop --alias prod</code></pre>";
    assert!(page.contains(retry) && page.contains("0:10 · 10:10 UTC"), "{page}");
    // Long after: how long its last step lasted nobody knows.
    minutes(&sandbox, 30);
    reported(&sandbox, "rollout status --alias prod").ok();
    let found = data(&sandbox);
    assert_eq!(
        (&found["outcome"], &found["steps"][0]["seconds"], &found["exposure"]),
        (&json!("rolled-back"), &Value::Null, &Value::Null)
    );
    assert!(found["unknown"].as_array().unwrap().contains(&json!("end-of-last-step")), "{found:#}");
}

#[test]
fn a_rollout_that_is_held_or_done_is_no_failure() {
    let sandbox = world();
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --interval 5m --detach";
    sandbox.type_in(line).ok();
    sandbox.type_in("rollout pause --alias prod").ok();
    minutes(&sandbox, 9);
    reported(&sandbox, "rollout tick --alias prod").fails(8);
    let (held, counts) = cases(&sandbox);
    assert_eq!(names(&held)[0], ("step 1 of 2: 10%", "skipped", "user"));
    assert_eq!(counts, [2, 0, 0, 2]);
    sandbox.type_in("rollout resume --alias prod").ok();
    let mut last = reported(&sandbox, "rollout tick --alias prod --output json");
    for _ in 0..40 {
        if last.json()["outcome"] == "done" {
            break;
        }
        minutes(&sandbox, 1);
        last = reported(&sandbox, "rollout tick --alias prod --output json").ok();
    }
    let found = data(&sandbox);
    assert_eq!((&found["outcome"], &found["routing"]), (&json!("done"), &json!({"2": 1})));
    let (done, counts) = cases(&sandbox);
    assert_eq!(names(&done)[1], ("step 2 of 2: 100%", "passed", ""));
    assert_eq!(counts, [2, 0, 0, 0]);
    assert!(html(&sandbox).contains("<div class=\"outcome good\" role=\"status\">"));
    // Without enough calls it is held by itself, which somebody has to look at.
    let quiet = world();
    load(&quiet, &json!({}));
    let params =
        json!({"FunctionName": FUNCTION, "Load": "{\"alias\": \"prod\", \"rate_per_min\": 0}"});
    quiet.server().instruct("SetLoad", params, REGION).unwrap();
    quiet.type_in(line).ok();
    let mut last = reported(&quiet, "rollout tick --alias prod");
    for _ in 0..60 {
        if last.code != 0 {
            break;
        }
        minutes(&quiet, 1);
        last = reported(&quiet, "rollout tick --alias prod");
    }
    last.fails(8);
    let (held, counts) = cases(&quiet);
    assert_eq!(names(&held)[0], ("step 1 of 2: 10%", "error", "nodata"));
    assert_eq!(counts, [2, 0, 1, 1]);
}

#[test]
fn an_alias_that_somebody_moved_is_an_error_although_it_was_paused() {
    let sandbox = world();
    sandbox.type_in("rollout start --alias prod --to 2 --steps 10%,100% --detach").ok();
    sandbox.type_in("rollout pause --alias prod").ok();
    let description = sandbox.console("GetAlias", json!({"Name": "prod"}))["Description"].clone();
    let moved = json!({
        "Name": "prod", "FunctionVersion": "1", "Description": description,
        "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.7}]},
    });
    sandbox.console("UpdateAlias", moved);
    reported(&sandbox, "rollout tick --alias prod").fails(5);
    let (_, [_, failures, errors, _]) = cases(&sandbox);
    assert_eq!((failures, errors), (0, 1));
}

#[test]
fn a_step_that_was_left_out_has_not_passed() {
    let sandbox = world();
    sandbox.type_in("rollout start --alias prod --to 2 --steps 10%,50%,100% --detach").ok();
    minutes(&sandbox, 4);
    sandbox.type_in("rollout promote --full --alias prod").ok();
    reported(&sandbox, "rollout status --alias prod").ok();
    let results = data(&sandbox)["steps"].as_array().unwrap().clone();
    let results: Vec<_> = results.iter().map(|step| step["result"].clone()).collect();
    // Nor has one that somebody left before its time.
    assert_eq!(results[..2], ["promoted", "skipped"]);
    let (cases, _) = cases(&sandbox);
    assert_eq!(names(&cases)[0], ("step 1 of 3: 10%", "skipped", "promoted"));
    assert!(html(&sandbox).contains("» left early"));
}

#[test]
fn a_monitor_that_is_silent_costs_the_chart_alone() {
    let sandbox = world();
    sandbox.faulty(|call| match call.action.as_str() {
        "GetMonitorData" => {
            Fault::Error { code: "AuthFailure.UnauthorizedOperation".into(), message: "no".into() }
        }
        _ => Fault::None,
    });
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --detach";
    reported(&sandbox, line).ok();
    let found = data(&sandbox);
    assert_eq!(
        (&found["outcome"], &found["series"], &found["exposure"]),
        (&json!("begun"), &Value::Null, &Value::Null)
    );
    assert_eq!(found["unknown"], json!(["monitor"]));
    let calls =
        found["calls"].as_array().unwrap().iter().find(|calls| calls["action"] == "GetMonitorData");
    assert!(calls.unwrap()["failed"].as_u64().unwrap() > 0, "{found:#}");
    let page = html(&sandbox);
    is_sealed(&page);
    assert_eq!(page.matches("<figure class=\"chart\">").count(), 1);
}

#[test]
fn an_interrupted_start_leaves_its_report() {
    for (option, outcome, case) in [
        ("", "held", ("step 1 of 2: 10%", "error", "interrupt")),
        ("--on-interrupt rollback", "rolled-back", ("step 1 of 2: 10%", "failure", "interrupt")),
    ] {
        let sandbox = world();
        let line = format!(
            "rollout start --alias prod --to 2 --steps 10%,100% {option} --report r.html \
             --report r.json --report r.xml"
        );
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let mut process = sandbox.spawn(&arguments);
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().starts_with("- step 1 of 2")));
        send(Signal::INT, process.id());
        let told: Vec<String> = lines.map(Result::unwrap).collect();
        assert_eq!(process.wait().unwrap().code(), Some(130), "{told:?}");
        let found = data(&sandbox);
        assert_eq!(
            (&found["outcome"], &found["exitCode"], &found["error"]["code"]),
            (&json!(outcome), &json!(130), &json!("interrupted"))
        );
        assert_eq!(found["timeline"].as_array().unwrap().len(), 2, "{found:#}");
        let (cases, counts) = cases(&sandbox);
        assert_eq!(names(&cases)[0], case);
        assert_eq!(names(&cases)[2], ("rollout start", "error", "interrupted"));
        assert_eq!(counts[0], 3);
        assert!(html(&sandbox).contains("interrupted; the rollout of alias"));
    }
}

#[test]
fn a_second_signal_leaves_what_is_known() {
    let sandbox = world();
    let from = sandbox.calls().len();
    // The answer to the write because of the first one never comes.
    let begun = std::sync::atomic::AtomicBool::new(false);
    sandbox.faulty(move |call| match call.action.as_str() {
        "UpdateAlias" if begun.swap(true, std::sync::atomic::Ordering::Relaxed) => {
            Fault::Delay(Duration::from_secs(60))
        }
        _ => Fault::None,
    });
    let arguments: Vec<&str> =
        "rollout start --alias prod --to 2 --steps 10%,100% --report r.json".split(' ').collect();
    let mut process = sandbox.spawn(&arguments);
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("- step 1 of 2")));
    send(Signal::INT, process.id());
    sandbox.await_calls(from, "UpdateAlias", 2);
    assert_eq!(signal_to_the_end(&mut process, Signal::INT).code(), Some(130));
    let found = data(&sandbox);
    assert_eq!((&found["outcome"], &found["exitCode"]), (&json!("interrupted"), &json!(130)));
    assert_eq!(found["rollout"]["step"], 1);
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_called() {
    let sandbox = world();
    std::fs::create_dir(place(&sandbox, "folder.html")).unwrap();
    std::fs::write(place(&sandbox, "file.html"), "old").unwrap();
    std::os::unix::fs::symlink("file.html", place(&sandbox, "link.html")).unwrap();
    for (file, error) in [
        ("report.txt", "--report `report.txt` ends in none of .html, .json and .xml"),
        ("report", "--report `report` ends in none of .html, .json and .xml"),
        ("folder.html", "--report `folder.html` is a folder"),
        ("link.html", "--report `link.html` is a link"),
        ("no/r.html", "--report `no/r.html` cannot be written: "),
    ] {
        for command in [
            "rollout start --alias prod --to 2",
            "rollout tick --alias prod",
            "rollout status --alias prod",
            "rollout rehearse --alias prod --to 2",
        ] {
            let ran = sandbox.type_in(&format!("{command} --report good.json --report {file}"));
            let ran = ran.fails(2).says(&format!("error: {error}"));
            assert_eq!((ran.actions(), ran.stdout.as_str()), (vec![], ""), "{command}");
        }
    }
    assert_eq!(read(&place(&sandbox, "file.html")), "old");
    assert!(!place(&sandbox, "good.json").exists());
    let json = sandbox.type_in("rollout tick --alias prod --report r.pdf --output json").fails(2);
    assert_eq!(json.json()["error"]["code"], "usage");
    let chinese = sandbox.type_in("rollout tick --alias prod --report r.pdf --lang zh").fails(2);
    chinese.says("--report `r.pdf` 的后缀不是 .html、.json 或 .xml");
    // What would be done has no outcome.
    let ran = sandbox.type_in("rollout start --alias prod --to 2 --dry-run --report r.html");
    let ran = ran.fails(2).says("--report and --dry-run do not go together");
    assert_eq!(ran.actions(), [] as [&str; 0]);
    // Commands that have none refuse it.
    sandbox.type_in("rollout pause --alias prod --report r.html").fails(2);
}

#[test]
fn a_command_that_is_refused_leaves_the_report_of_another() {
    let sandbox = world();
    reported(&sandbox, "rollout start --alias prod --to 2 --steps 10%,100% --detach").ok();
    let page = html(&sandbox);
    let kept = |line: &str, code: i32| {
        let ran = reported(&sandbox, line).fails(code);
        assert!(html(&sandbox) == page, "{line}");
        assert!(!ran.stderr.contains("the report is in"), "{}", ran.stderr);
        ran
    };
    kept("rollout start --alias prod --to 2 --dry-run", 2);
    kept("rollout start --project --alias prod --to 2", 2);
    kept("rollout start --alias prod --to 2 --run-id other", 5)
        .says("nothing was done: the report in r.html stays as it was");
    // Nor does whoever reaches nobody, or names what is not there.
    kept("rollout status --alias nobody", 3).says("the report in r.html stays as it was");
    kept("rollout tick --alias prod --endpoint http://127.0.0.1:1", 1);
    kept("rollout tick --alias prod --gate-timeout 2h", 2);
    // One that found how it is replaces it.
    reported(&sandbox, "rollout pause --alias prod").fails(2);
    sandbox.type_in("rollout pause --alias prod").ok();
    reported(&sandbox, "rollout tick --alias prod").fails(8);
    assert!(html(&sandbox) != page);
    // Where nothing stands, a pipeline finds why there is no more.
    sandbox.type_in("rollout start --alias prod --to 0 --report new.json").fails(2);
    let found: Value = serde_json::from_str(&read(&place(&sandbox, "new.json"))).unwrap();
    assert_eq!((&found["outcome"], &found["exitCode"]), (&json!("failed"), &json!(2)));
}

#[test]
fn a_command_that_sent_a_change_never_says_that_nothing_was_done() {
    for (fault, code, done, maybe_done) in [
        (("UnauthorizedOperation.CAM", "no"), 4, 1, 0),
        (("InternalError", "trouble"), 1, 1, 1),
        (("InternalError", "trouble"), 1, 0, 1),
    ] {
        let sandbox = world();
        let stale = "of another";
        std::fs::write(place(&sandbox, "r.json"), stale).unwrap();
        sandbox.faulty(move |call| match call.action.as_str() {
            "UpdateAlias" => Fault::error(fault.0, fault.1),
            _ => Fault::None,
        });
        let to = if done == 1 { "--publish" } else { "--to 2" };
        let line = format!("rollout start --alias prod {to} --steps 10%,100% --detach");
        let ran = sandbox.type_in(&format!("{line} --report r.json")).fails(code);
        ran.says("the report is in r.json");
        let error = &data(&sandbox)["error"];
        for (field, count) in [("done", done), ("maybeDone", maybe_done)] {
            assert_eq!(error[field].as_array().unwrap().len(), count, "{line}: {error}");
        }
    }
}

#[test]
fn what_stands_there_is_replaced_as_a_whole_and_a_pipe_is_written_to() {
    let sandbox = world();
    std::fs::write(place(&sandbox, "R.HTML"), "x".repeat(1_000_000)).unwrap();
    sandbox.type_in("rollout rehearse --alias prod --to 2 --report R.HTML").ok();
    let page = read(&place(&sandbox, "R.HTML"));
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    let others = std::fs::read_dir(sandbox.root()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut others: Vec<String> = others.map(|name| name.into_string().unwrap()).collect();
    others.retain(|name| name.contains("tmp"));
    assert_eq!(others, [] as [&str; 0]);
    let pipe = place(&sandbox, "pipe.json");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || {
            let mut text = String::new();
            std::fs::File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
            text
        }
    });
    sandbox.type_in("rollout rehearse --alias prod --to 2 --report pipe.json").ok();
    let found: Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
    assert_eq!(found["outcome"], "done");
    assert!(
        std::fs::symlink_metadata(&pipe).unwrap().file_type()
            != std::fs::metadata(sandbox.root().join("R.HTML")).unwrap().file_type()
    );
}

#[test]
fn nothing_that_anybody_wrote_is_markup() {
    let mut sandbox = world();
    let hostile =
        "</style><script>alert(1)</script>\" onload='x' ]]> &amp; \u{1b}[31m \u{202e}\u{ffff}\u{0}";
    sandbox.set("USER", "<b onclick=\"x\">mallory</b>").set("CI_JOB_URL", "javascript:alert(1)");
    let description = "</title><script src=x></script>";
    let alias = json!({"Name": "prod", "FunctionVersion": "1", "Description": description});
    sandbox.console("UpdateAlias", alias);
    let world = json!({"format": 1, "title": hostile, "rate_per_min": 600,
        "versions": {"from": {"error_rate": 0.01}, "to": {"error_rate": 0.01}}});
    sandbox.file("hostile.json", &world.to_string());
    let line = "rollout rehearse --alias prod --to 2 --scenario hostile.json";
    reported(&sandbox, line).ok();
    let page = html(&sandbox);
    is_sealed(&page);
    assert!(page.contains("&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;"), "{page}");
    assert!(page.contains("\\u{1b}[31m \\u{202e}"), "{page}");
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}') && !page.contains('\u{0}'));
    let found = data(&sandbox);
    assert_eq!(found["scenario"]["title"], hostile);
    assert_eq!(found["run"]["user"], "<b onclick=\"x\">mallory</b>");
    cases(&sandbox);
    // What the service says of a failure.
    sandbox.faulty(|call| match call.action.as_str() {
        "GetAlias" => Fault::Error {
            code: "FailedOperation".into(),
            message: "<script>\u{1}</script>]]>".into(),
        },
        _ => Fault::None,
    });
    without_reports(&sandbox);
    reported(&sandbox, "rollout start --alias prod --to 2").fails(1);
    is_sealed(&html(&sandbox));
    let (failed, counts) = cases(&sandbox);
    assert_eq!((failed[0].0.as_str(), failed[0].1.as_str()), ("rollout start", "error"));
    assert_eq!((counts, &data(&sandbox)["outcome"]), ([1, 0, 1, 0], &json!("failed")));
}

#[test]
fn secrets_are_in_no_report() {
    let mut sandbox = world();
    let secret = "s&cret<\"'>hunter2";
    let line = format!("rollout rehearse --alias prod --to 2 --param {}", "password=pass-word-1");
    sandbox
        .set("TENCENTCLOUD_SESSIONTOKEN", secret)
        .set("USER", secret)
        .set("CI_JOB_URL", &format!("https://x/?{secret}"));
    reported(&sandbox, &line);
    for file in ["r.html", "r.json", "r.xml"] {
        let text = read(&place(&sandbox, file));
        for part in ["hunter2", "s&amp;cret", "pass-word-1", crate::sandbox::KEY] {
            assert!(!text.contains(part), "{part} in {file}:\n{text}");
        }
        assert!(text.contains("redacted") || file == "r.xml", "{text}");
    }
}

#[test]
fn a_gate_command_is_in_no_report() {
    let sandbox = world();
    let gate = "curl -H 'PRIVATE-TOKEN: glpat-1' https://gate.example";
    for typed in
        [vec!["--gate-cmd".to_owned(), gate.to_owned()], vec![format!("--gate-cmd={gate}")]]
    {
        let mut line = vec!["rollout", "status", "--alias", "prod", "--report", "r.json"];
        line.extend(typed.iter().map(String::as_str));
        sandbox.run(&line);
        let text = read(&place(&sandbox, "r.json"));
        assert!(!text.contains("glpat-1"), "{text}");
        assert!(text.contains("--gate-cmd"), "{text}");
    }
}

#[test]
fn a_start_that_goes_on_with_its_rollout_knows_no_earlier_looks() {
    let sandbox = world();
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --detach --run-id one";
    let unknown = |line: &str| {
        reported(&sandbox, line).ok();
        data(&sandbox)["unknown"].to_string()
    };
    assert!(!unknown(line).contains("earlier-looks"));
    assert!(unknown(line).contains("earlier-looks"));
}

#[test]
fn a_chinese_page_has_the_same_data() {
    let sandbox = world();
    let line = "rollout rehearse --alias prod --to 2 --scenario errors-at-50% --seed 3";
    reported(&sandbox, line).ok();
    let english = (data(&sandbox), cases(&sandbox).0);
    let ran = sandbox
        .type_in(&format!("{line} --lang zh --report r.html --report r.json --report r.xml"));
    ran.ok().says("报告已写入 r.html");
    let page = html(&sandbox);
    is_sealed(&page);
    for part in [
        "<html lang=\"zh-CN\">",
        "<title>已回滚 · 灰度发布演练：函数 demo-dev-shop 的别名 prod，1 → 2</title>",
        "<h2 id=\"gates\">检查项</h2>",
        "errors-at-50%（新版本在一半流量下出错），随机种子 3",
        "✗ 失败",
        "本页无法得知的内容",
        "重复本命令",
    ] {
        assert!(page.contains(part), "no `{part}` in:\n{page}");
    }
    let mut chinese = (data(&sandbox), cases(&sandbox).0);
    let (mut first, second) = (english.0, &mut chinese.0);
    for data in [&mut first, second] {
        // Times, and the command line.
        data["run"] = Value::Null;
    }
    assert_eq!((first, english.1), chinese);
}

#[test]
fn recordings_and_commands_without_a_rollout_have_reports() {
    let sandbox = world();
    let recording = r#"{"format": 1, "title": "bad day", "history": [[900, 9], [900, 9]],
        "steps": [{"share": 0.1, "minutes": [
            [[900, 9], [100, 1]], [[908, 8], [93, 6]], [[893, 10], [105, 7]], [null, null]]},
            {"share": 0.5, "minutes": [[[500, 5], [500, 30]]]}]}"#;
    sandbox.file("day.json", recording);
    let ran = reported(&sandbox, "rollout rehearse --scenario day.json").ok();
    assert_eq!(ran.actions(), [] as [&str; 0]);
    let page = html(&sandbox);
    is_sealed(&page);
    assert!(page.contains("<title>Rolled back · A recording, judged: bad day</title>"), "{page}");
    let found = data(&sandbox);
    assert_eq!((&found["functionName"], &found["calls"]), (&Value::Null, &json!([])));
    assert_eq!(found["looks"].as_array().unwrap().len(), 5);
    let results: Vec<_> =
        found["steps"].as_array().unwrap().iter().map(|step| &step["result"]).collect();
    assert_eq!(results, ["back", "not-reached"]);
    assert_eq!(names(&cases(&sandbox).0)[0], ("step 1 of 2: 10%", "failure", "fail"));
    // No rollout.
    reported(&sandbox, "rollout status --alias prod").ok();
    is_sealed(&html(&sandbox));
    assert_eq!(data(&sandbox)["outcome"], "none");
    assert_eq!(names(&cases(&sandbox).0), [("rollout status", "skipped", "none")]);
    // No alias. Where there is a page already, it stays.
    without_reports(&sandbox);
    reported(&sandbox, "rollout start --alias nobody --to 2").fails(3);
    is_sealed(&html(&sandbox));
    let found = data(&sandbox);
    assert_eq!((&found["outcome"], &found["exitCode"]), (&json!("failed"), &json!(3)));
    assert_eq!(names(&cases(&sandbox).0)[0].1, "error");
    // Repetitions say how often.
    let repeats = "rollout rehearse --alias prod --to 2 --scenario errors-at-50% --repeat 5";
    reported(&sandbox, repeats).ok();
    assert_eq!(data(&sandbox)["repeats"]["repeat"], 5);
    assert!(html(&sandbox).contains("<p>5 rehearsals: "));
}
