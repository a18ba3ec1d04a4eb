//! verify-split: whether an alias splits its calls as set.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use scfctl::local::{Fault, Options};
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Sandbox};

const TOPIC: &str = "  cls:\n    logsetId: set-1\n    topicId: topic-1\n";

/// Alias `prod` sends 10 % to version 2, and of ten calls in a row so many go there.
fn canary(of_ten: u32, inputs: &str, change: impl FnOnce(&mut Options)) -> Sandbox {
    let sandbox = Sandbox::with(|options| {
        let (count, below) = (AtomicU32::new(0), 0.1);
        options.draw = Arc::new(move || {
            let position = count.fetch_add(1, Ordering::SeqCst) % 10;
            if position < of_ten { below / 2.0 } else { below }
        });
        change(options);
    });
    sandbox.project();
    sandbox.yaml(inputs);
    sandbox.type_in("deploy --publish").ok();
    sandbox.change_code("two");
    sandbox.type_in("deploy --publish").ok();
    let weights = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]});
    sandbox.console(
        "CreateAlias",
        json!({"Name": "prod", "FunctionVersion": "1", "RoutingConfig": weights}),
    );
    sandbox
}

fn calls(sandbox: &Sandbox) -> usize {
    sandbox.calls().iter().filter(|call| call.action == "InvokeFunction").count()
}

#[test]
fn a_split_that_is_as_set_is_confirmed() {
    let sandbox = canary(1, "", |_| {});
    let line = "verify-split --alias prod -n 200 --yes --version-at /version";
    let ran = sandbox.type_in(&format!("{line} --output json")).ok();
    assert!(ran.stderr.contains("alias `prod` splits its calls as set"), "{}", ran.stderr);
    assert!(ran.stderr.contains("200 calls can tell (confidence 99%)"), "{}", ran.stderr);
    assert_eq!(calls(&sandbox), 200);
    let sent = &ran.calls.iter().find(|call| call.action == "InvokeFunction").unwrap().params;
    assert_eq!(
        (&sent["Qualifier"], &sent["LogType"], &sent["Event"]),
        (&json!("prod"), &json!("None"), &json!("{}"))
    );
    // Before the calls and right behind them.
    let others = ran.actions().into_iter().filter(|action| *action != "InvokeFunction");
    assert_eq!(others.collect::<Vec<_>>(), ["ListAliases"; 2]);
    let mut found = ran.json();
    let versions = found["versions"].as_array_mut().unwrap();
    for version in &mut *versions {
        let version = version.as_object_mut().unwrap();
        let [low, high] = ["low", "high"].map(|key| version.remove(key).unwrap().as_f64().unwrap());
        let share = version["calls"].as_f64().unwrap() / 200.0;
        assert!(low < share && share < high && high - low < 0.15, "{version:?} {low} {high}");
    }
    assert_eq!(
        found,
        json!({
            "functionName": FUNCTION, "namespace": "default", "region": REGION,
            "aliasName": "prod", "confidence": 0.99, "calls": 200, "unknown": 0, "asSet": true,
            "versions": [
                {"version": "1", "calls": 180, "set": 0.9, "asSet": true},
                {"version": "2", "calls": 20, "set": 0.1, "asSet": true},
            ]
        })
    );
    // By another name, and of everything.
    let pairs = ["verify-split", "--yes", "-n", "20", "--version-at", "/version", "--inputs"];
    let function = format!("function={FUNCTION}");
    let ran = sandbox.run(&[&pairs[..], &[&*function, "event={\"a\": 1}"]].concat()).ok();
    let sent = &ran.calls.iter().find(|call| call.action == "InvokeFunction").unwrap().params;
    assert_eq!((&sent["Qualifier"], &sent["Event"]), (&json!("$DEFAULT"), &json!("{\"a\": 1}")));
    assert!(ran.stdout.contains("$LATEST  20"), "{}", ran.stdout);
}

#[test]
fn another_split_has_an_exit_code_of_its_own() {
    let sandbox = canary(3, "", |_| {});
    let line = "verify-split --alias prod -n 200 --yes --version-at /version";
    let ran = sandbox.type_in(line).fails(11);
    let told = "alias `prod` does not split its calls as set: version 1 answered 140 of 200, a share from 60.";
    let other =
        told.replace("version 1 answered 140", "version 2 answered 60").replace("60.", "21.");
    assert!(ran.stderr.contains(told) || ran.stderr.contains(&other), "{}", ran.stderr);
    let rows: Vec<Vec<&str>> =
        ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["version", "calls", "possible", "share", "set"]);
    assert_eq!((rows[1][0], rows[1][1], rows[1][3]), ("1", "140", "90%"));
    assert_eq!((rows[2][0], rows[2][1], rows[2][4]), ("2", "60", "differs"));
    let failed = sandbox.type_in(&format!("{line} --output json")).fails(11).json();
    assert_eq!(failed["error"]["code"], "split-differs");
    assert_eq!(failed["error"]["exitCode"], 11);
    assert_eq!((&failed["asSet"], &failed["versions"][1]["calls"]), (&json!(false), &json!(60)));
    // Fewer calls cannot tell.
    sandbox.type_in("verify-split --alias prod -n 10 --yes --version-at /version").ok();
    let chinese = sandbox.type_in(&format!("{line} --lang zh")).fails(11);
    assert!(chinese.stderr.contains("实际流量与设置不符"), "{}", chinese.stderr);
    assert!(chinese.stdout.contains("可能的占比"), "{}", chinese.stdout);
}

#[test]
fn everything_to_one_version_needs_no_statistics() {
    let sandbox = canary(1, "", |_| {});
    let line = "verify-split --alias prod --yes --version-at /version";
    // As a service that has not heard of the change.
    let server = sandbox.server().clone();
    let all = json!({"Name": "prod", "FunctionName": FUNCTION, "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": []}});
    sandbox.faulty(move |call| {
        if call.action == "ListAliases" {
            let (server, all) = (server.clone(), all.clone());
            return Fault::After(Arc::new(move || {
                server.apply("UpdateAlias", all.clone(), REGION).unwrap();
            }));
        }
        Fault::None
    });
    // It was changed while it was called.
    let ran = sandbox.type_in(&format!("{line} -n 10")).fails(5);
    let told = "was changed while it was called: from 90% 1, 10% 2 to 100% 1";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    sandbox.healthy();
    let ran = sandbox.type_in(&format!("{line} -n 10 --output json")).ok().json();
    assert_eq!(ran["versions"].as_array().unwrap().len(), 1);
    assert_eq!(ran["versions"][0]["set"], 1);
}

#[test]
fn without_a_yes_nothing_is_called() {
    let sandbox = canary(1, "", |_| {});
    let from = sandbox.calls().len();
    let told = format!("this calls function `{FUNCTION}` 500 times through alias `prod`, for real");
    sandbox.type_in("verify-split --alias prod -n 500").fails(2).says(&told).says("--yes");
    for (line, told) in [
        ("verify-split --yes --calls 0", "0 is not in 1..=100000"),
        ("verify-split --yes --confidence 1", "must be from 50% to 99.99%"),
        ("verify-split --yes --version-at version", "JSON pointer"),
        ("verify-split --yes --data {", "the payload is not JSON"),
        ("verify-split --yes --inputs alis=prod", "did you mean `alias`?"),
    ] {
        sandbox.type_in(line).fails(2).says(told);
    }
    assert_eq!(sandbox.calls().len(), from);
    sandbox.type_in("verify-split --yes --alias none").fails(3).says("none");
    assert_eq!(calls(&sandbox), 0);
}

#[test]
fn the_logs_tell_which_version_answered() {
    let sandbox = canary(1, TOPIC, |_| {});
    let ran = sandbox.type_in("verify-split --alias prod -n 100 --yes --output json").ok();
    let found = ran.json();
    assert_eq!((&found["versions"][0]["calls"], &found["unknown"]), (&json!(90), &json!(0)));
    let sent = &ran.calls.iter().find(|call| call.action == "SearchLog").unwrap().params;
    let query = sent["QueryString"].as_str().unwrap();
    assert!(query.ends_with("SCF_Alias:\"prod\" AND SCF_Type:\"Platform\""), "{query}");
    // A version that is not shown within the time is not guessed.
    sandbox.faulty(|call| {
        if call.action == "SearchLog" {
            Fault::error("FailedOperation.SyntaxError", "x")
        } else {
            Fault::None
        }
    });
    sandbox.type_in("verify-split --alias prod -n 5 --yes").fails(1).says("SyntaxError");
}

#[test]
fn what_nobody_can_tell_is_said_before_anything_is_called() {
    let sandbox = canary(1, "", |_| {});
    sandbox
        .type_in("verify-split --alias prod --yes")
        .fails(3)
        .says("version 1 of function")
        .says("--version-at /version");
    assert_eq!(calls(&sandbox), 0);
    let sandbox = canary(1, TOPIC, |options| {
        options.behaviour.set("log-index=full-text").unwrap();
    });
    sandbox.type_in("verify-split --alias prod --yes").fails(3).says("topic-1 has no index");
    assert_eq!(calls(&sandbox), 0);
    // A result without a version: not for all the calls that were asked for.
    let ran = sandbox
        .type_in("verify-split --alias prod -n 200 --yes --version-at /no --output json")
        .fails(1)
        .says("11 of 200 calls were made; no more are");
    let failed = ran.json();
    assert_eq!(failed["error"]["code"], "versions-unknown");
    assert_eq!((&failed["unknown"], &failed["asSet"]), (&json!(11), &json!(false)));
    assert!(calls(&sandbox) < 100, "{} calls", calls(&sandbox));
}

#[test]
fn the_time_allowed_is_that_of_each_call() {
    let sandbox = canary(1, "", |_| {});
    sandbox.faulty(|call| match call.action.as_str() {
        "InvokeFunction" => Fault::Delay(Duration::from_millis(700)),
        _ => Fault::None,
    });
    let line = "verify-split --alias prod -n 10 --yes --version-at /version --concurrency 1";
    sandbox.type_in(&format!("{line} --timeout 5s")).ok();
    assert_eq!(calls(&sandbox), 10);
}

#[test]
fn a_lost_answer_may_have_come_from_any_version() {
    let sandbox = canary(1, "", |_| {});
    let line = "verify-split --alias prod -n 100 --yes --version-at /version --output json";
    sandbox.once("InvokeFunction", Fault::DropAfter);
    let ran = sandbox.type_in(line).ok().says("the answer to a call was lost");
    let found: Value = ran.json();
    assert_eq!((&found["unknown"], &found["calls"]), (&json!(1), &json!(100)));
    assert_eq!(calls(&sandbox), 100, "none is repeated");
    // Too many of them are no answer.
    sandbox.faulty(
        |call| {
            if call.action == "InvokeFunction" { Fault::DropAfter } else { Fault::None }
        },
    );
    let ran = sandbox.type_in(line).fails(1);
    assert!(ran.stderr.contains("of 100 calls were made; no more are"), "{}", ran.stderr);
    // One that is refused ends the others. On another server: this one may still be at calls of a
    // command that has left.
    let sandbox = canary(1, "", |_| {});
    let is_refused = AtomicBool::new(false);
    sandbox.faulty(move |call| match call.action.as_str() {
        "InvokeFunction" if !is_refused.swap(true, Ordering::SeqCst) => {
            Fault::error("InvalidParameterValue.Param", "x")
        }
        // So that few have ended by the time that it is heard.
        "InvokeFunction" => Fault::Delay(Duration::from_secs(1)),
        _ => Fault::None,
    });
    sandbox.type_in(line).fails(1).says("InvalidParameterValue.Param");
    assert!(calls(&sandbox) < 30);
}
