//! A run that is repeated under its name, and a run that is stopped: nothing twice, nothing
//! half-way, and nothing said that is not done.

use std::io::{BufRead, BufReader};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use rustix::process::Signal;
use scfctl::local::{Fault, Place};
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Ran, Sandbox, finished, send, signal_to_the_end};

const ADOPTED: &str = "was published by an earlier try of this run (same --run-id); using it";

/// The lines about what is done and known, in order.
fn told(ran: &Ran) -> Vec<&str> {
    let begins = ["note: ", "warning: ", "- "];
    ran.stderr.lines().filter(|line| begins.iter().any(|begin| line.starts_with(begin))).collect()
}

#[test]
fn a_repeated_run_says_what_it_adopts_and_sends_nothing() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  aliasName: prod\n");
    for (first, again) in [
        ("deploy --run-id a --inputs publish=true traffic=0 aliasName=$DEFAULT", "1"),
        ("deploy --run-id b --inputs publish=true traffic=0.3", "2"),
        (
            "deploy --run-id c --inputs publish=true additionalVersionWeights=[{\"version\":1,\"weight\":0.2}]",
            "3",
        ),
    ] {
        sandbox.change_code(again);
        let before = sandbox.type_in(&format!("{first} --output json")).ok().json();
        let note = format!("note: version {again} {ADOPTED}");
        let nothing = "note: everything is as asked already; nothing is sent";
        let from = sandbox.calls().len();
        let ran = sandbox.type_in(&format!("{first} --dry-run --output json")).ok();
        assert_eq!(told(&ran), [&note, nothing], "{first}");
        assert_eq!(ran.json()["calls"], json!([]));
        assert_eq!(ran.json()["adoptedVersion"], again);
        assert_eq!(ran.json()["routingChange"]["before"], ran.json()["routingChange"]["after"]);
        let ran = sandbox.type_in(&format!("{first} --output json")).ok();
        assert_eq!(told(&ran), [&note, nothing], "{first}");
        sandbox.nothing_changed(from);
        // The same result, and one line more.
        let mut after = ran.json();
        assert_eq!(after.as_object_mut().unwrap().remove("adoptedVersion"), Some(again.into()));
        let mut before = before;
        for shown in [&mut before, &mut after] {
            // Only the first one changed the content.
            shown.as_object_mut().unwrap().remove("newContentServedBy");
        }
        assert_eq!(after, before);
    }
}

#[test]
fn what_is_left_of_a_repeated_run_is_done() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --run-id a --inputs publish=true").ok();
    let line = "deploy --run-id a --inputs publish=true traffic=0";
    let note = format!("note: version 1 {ADOPTED}");
    let ran = sandbox.type_in(&format!("{line} --dry-run --output json")).ok();
    assert_eq!(told(&ran), [&note]);
    assert_eq!(
        ran.json()["calls"],
        json!([{"action": "UpdateAlias", "effect": "route `$DEFAULT`: $LATEST: 1 -> 1: 1"}])
    );
    let from = sandbox.calls().len();
    let ran = sandbox.type_in(line).ok();
    assert_eq!(told(&ran), [&note, "- UpdateAlias: route `$DEFAULT`: $LATEST: 1 -> 1: 1"]);
    assert_eq!(sandbox.changes_since(from), ["UpdateAlias"]);
    // With `publish-ver` it is the same.
    let publish = format!("publish-ver --run-id a --output json --inputs function={FUNCTION}");
    let from = sandbox.calls().len();
    let ran = sandbox.type_in(&format!("{publish} --dry-run")).ok();
    assert_eq!(told(&ran), [&note]);
    assert_eq!((&ran.json()["calls"], &ran.json()["lastVersion"]), (&json!([]), &json!("1")));
    let ran = sandbox.type_in(&publish).ok();
    assert_eq!(told(&ran), [&note]);
    assert_eq!(ran.json()["lastVersion"], "1");
    sandbox.nothing_changed(from);
    // Another run, or other content, is published.
    let ran = sandbox.type_in(&format!("{} --dry-run", publish.replace("-id a", "-id b"))).ok();
    assert_eq!(ran.json()["calls"][0]["action"], "PublishVersion");
}

/// The code and the settings are those of long ago, and so is the version.
#[test]
fn an_old_job_that_runs_again_adopts_its_old_version() {
    let sandbox = Sandbox::with_project();
    let job = |number: usize, line: &str| {
        sandbox.change_code(&format!("code {number}"));
        sandbox.yaml(&format!("  timeout: {}\n", 10 + number));
        sandbox.type_in(&format!("deploy --run-id job-{number} --output json {line}"))
    };
    for number in [1, 2, 3] {
        job(number, "--inputs publish=true traffic=0").ok();
    }
    let adopted = format!("warning: version 1 {ADOPTED}, although 3 is the last published version");
    let moves = "warning: traffic=0 moves 100% of $DEFAULT from 3 to 1, which serves nothing now: version 1 gets 100%, \
                 as the rest goes to the published version; to leave it to 3: `scfctl update-alias --inputs \
                 function=demo-dev-shop name='$DEFAULT' version=3 config='{\"weights\":{}}'`";
    let from = sandbox.calls().len();
    let ran = job(1, "--dry-run --inputs publish=true traffic=0").ok();
    assert_eq!(told(&ran), [&adopted, moves]);
    let json = ran.json();
    let calls: Vec<&Value> =
        json["calls"].as_array().unwrap().iter().map(|call| &call["action"]).collect();
    assert_eq!(calls, ["UpdateFunctionCode", "UpdateFunctionConfiguration", "UpdateAlias"]);
    assert_eq!(ran.json()["routingChange"]["after"], json!({"1": 1}));
    sandbox.nothing_changed(from);
    let ran = job(1, "--inputs publish=true traffic=0").ok();
    assert_eq!(told(&ran)[..2], [&adopted, moves]);
    assert_eq!(
        sandbox.changes_since(from),
        ["UpdateFunctionCode", "UpdateFunctionConfiguration", "UpdateAlias"]
    );
    // What this run is about, as the first time.
    let json = ran.json();
    assert_eq!((&json["lastVersion"], &json["adoptedVersion"]), (&json!("1"), &json!("1")));
    assert_eq!(json["configTrafficVersion"], "1");
    let kinds: Vec<&Value> =
        json["warnings"].as_array().unwrap().iter().map(|warning| &warning["warning"]).collect();
    assert_eq!(kinds, ["adoptedIsNotLast", "movesRest"]);
    assert_eq!(sandbox.versions(), ["1", "2", "3"]);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "1": 1}));
    // Without publish=true the rule is about the last published version, and it is said.
    sandbox.change_code("code 4");
    let ran = sandbox.type_in("deploy --output json --inputs traffic=0.1").ok();
    assert!(told(&ran)[0].starts_with("warning: traffic=0.1 moves 90% of $DEFAULT from 1 to 3,"));
    // What was rolled back is not brought back by an old job either.
    sandbox.console(
        "UpdateAlias",
        json!({
            "Name": "$DEFAULT", "FunctionVersion": "3", "Description": "scfctl v1 rolledback 1",
        }),
    );
    let ran = job(1, "--inputs publish=true traffic=0").ok();
    assert!(
        ran.stderr.contains("warning: version 1, the last published one, was rolled back"),
        "{}",
        ran.stderr
    );
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"3": 1.0}));
}

/// What lies in COS is known only once it is deployed; then the version is found there.
#[test]
fn what_is_found_late_is_adopted_without_a_call_that_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "serverless.yml",
        "component: scf\nname: demo\napp: shop\ninputs:\n  src: {bucket: code-1250000000, object: b.zip}\n  \
         runtime: Python3.9\n",
    );
    sandbox.server().put_object("code", "b.zip", Sandbox::zip()).unwrap();
    let line = "deploy --run-id a --inputs publish=true traffic=0";
    sandbox.type_in(line).ok();
    let from = sandbox.calls().len();
    let ran = sandbox.type_in(line).ok();
    assert_eq!(
        told(&ran)[1..],
        [
            "note: the new version contains code that has never served traffic".to_owned(),
            "- UpdateFunctionCode: replace the code of $LATEST by code/b.zip of COS".to_owned(),
            format!("note: version 1 {ADOPTED}"),
        ]
    );
    assert_eq!(sandbox.changes_since(from), ["UpdateFunctionCode"]);
}

/// A function with version 1, whose changes last until someone says that they are over.
fn lasting() -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    sandbox.change_code("two");
    sandbox.yaml("  timeout: 9\n");
    sandbox
}

fn place() -> Place {
    Place::new(REGION, FUNCTION)
}

/// Runs a command, sends it a signal at its first look after a call of `action`, and ends the
/// work with a status at its second look after that.
fn stopped(
    sandbox: &Sandbox,
    action: &'static str,
    signal: Signal,
    ends: &'static str,
    line: &str,
) -> Ran {
    let (sender, looks) = channel();
    let begun = Mutex::new(false);
    let server = sandbox.server().clone();
    sandbox.faulty(move |call| {
        let mut begun = begun.lock().unwrap();
        if call.action == action && !*begun {
            *begun = true;
            let server = server.clone();
            let lasting = if action == "PublishVersion" { "Publishing" } else { "Updating" };
            return Fault::After(Arc::new(move || {
                server.set_status(&place(), "$LATEST", lasting, None).unwrap();
            }));
        }
        if *begun && call.action == "GetFunction" {
            let _ = sender.send(());
        }
        Fault::None
    });
    let process = sandbox.spawn(&line.split(' ').collect::<Vec<_>>());
    looks.recv().unwrap();
    send(signal, process.id());
    // It looks on, so it has not been cut short; then the work is over.
    looks.recv().unwrap();
    looks.recv().unwrap();
    sandbox.server().set_status(&place(), "$LATEST", ends, Some("no space")).unwrap();
    let ran = finished(process);
    sandbox.healthy();
    ran
}

/// The run id that a hint names.
fn named(ran: &Ran) -> &str {
    let hint = ran.stderr.lines().find(|line| line.starts_with("  hint: ")).expect("a hint");
    let (_, rest) = hint.split_once("add --run-id ").expect("names the run");
    rest.split_whitespace().next().unwrap()
}

#[test]
fn the_change_under_way_is_finished_and_the_next_not_begun() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let sandbox = lasting();
        let line = "deploy --inputs publish=true traffic=0";
        let from = sandbox.calls().len();
        let ran = stopped(&sandbox, "UpdateFunctionCode", signal, "Active", line).fails(code);
        assert_eq!(sandbox.changes_since(from), ["UpdateFunctionCode"]);
        let account: Vec<&str> =
            ran.stderr.lines().filter(|line| line.contains("done: ")).collect();
        assert_eq!(
            account,
            [
                "  done: replace the code of $LATEST",
                "  not done: change timeout of $LATEST",
                "  not done: publish $LATEST as a new version",
                "  not done: route `$DEFAULT`: 1: 1 -> the new version: 1",
            ]
        );
        // The same command goes on, under its name, and publishes once.
        let line = format!("deploy --run-id {} --inputs publish=true traffic=0", named(&ran));
        sandbox.type_in(&line).ok();
        sandbox.type_in(&line).ok().says(ADOPTED);
        assert_eq!(sandbox.versions(), ["1", "2"]);
    }
}

#[test]
fn a_publication_under_way_is_finished_and_named() {
    let sandbox = lasting();
    let line = "deploy --inputs publish=true traffic=0";
    let ran = stopped(&sandbox, "PublishVersion", Signal::INT, "Active", line)
        .fails(130)
        .says("  done: publish $LATEST as a new version")
        .says("  not done: route `$DEFAULT`: 1: 1 -> the new version: 1");
    let line = line.replace("deploy", &format!("deploy --run-id {}", named(&ran)));
    sandbox.type_in(&line).ok().says(ADOPTED);
    assert_eq!(sandbox.versions(), ["1", "2"]);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "2": 1}));
    // Where nothing is left to be begun, nothing was stopped.
    for line in ["deploy --inputs publish=true", "publish-ver --inputs function=demo-dev-shop"] {
        let sandbox = lasting();
        stopped(&sandbox, "PublishVersion", Signal::INT, "Active", line).ok();
        assert_eq!(sandbox.versions(), ["1", "2"]);
    }
}

#[test]
fn a_change_that_fails_after_a_signal_says_why() {
    let sandbox = lasting();
    let ran =
        stopped(&sandbox, "UpdateFunctionCode", Signal::INT, "UpdateFailed", "deploy").fails(1);
    assert!(ran.stderr.contains("ended as UpdateFailed: UpdateFailed: no space"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("--run-id"), "it publishes nothing: {}", ran.stderr);
}

#[test]
fn a_stopped_run_that_publishes_is_named_whoever_named_it() {
    for (line, expected) in [
        ("deploy --inputs traffic=0.5", ""),
        (
            "deploy --run-id mine --inputs publish=true",
            "; keep --run-id mine so that nothing is published twice",
        ),
    ] {
        let sandbox = lasting();
        let ran = stopped(&sandbox, "UpdateFunctionCode", Signal::INT, "Active", line).fails(130);
        let expected = format!("  hint: run the same command again to continue{expected}\n");
        assert!(ran.stderr.contains(&expected), "{}", ran.stderr);
    }
}

#[test]
fn who_leaves_at_once_is_told_the_name_too() {
    for (line, name) in [
        ("deploy --inputs publish=true traffic=0", "add --run-id "),
        ("deploy --run-id mine --inputs publish=true traffic=0", "keep --run-id mine so"),
    ] {
        leaves_at_once(line, name);
    }
}

fn leaves_at_once(line: &str, name: &str) {
    let sandbox = lasting();
    let (sender, stalled) = channel();
    sandbox.faulty(move |call| {
        if call.action == "PublishVersion" {
            let _ = sender.send(());
            return Fault::Stall;
        }
        Fault::None
    });
    let mut process = sandbox.spawn(&line.split(' ').collect::<Vec<_>>());
    stalled.recv().unwrap();
    send(Signal::INT, process.id());
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("once more to leave at once")));
    assert_eq!(signal_to_the_end(&mut process, Signal::INT).code(), Some(130));
    let hint = lines.map(Result::unwrap).find(|line| line.starts_with("  hint: ")).unwrap();
    assert!(hint.contains(name), "{hint}");
}
