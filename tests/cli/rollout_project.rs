//! rollout --project: all functions of a project, step by step together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::sandbox::{REGION, Ran, Sandbox};

/// 2026-11-28 10:00:00: the first second of a minute.
const BEGIN: i64 = 1_795_860_000;
const API: &str = "api-dev-shop";
const WEB: &str = "web-dev-shop";

/// Functions `api` and `web`, each with versions 1 and 2, everything of alias `prod` on 1, and 600
/// calls a minute for an hour.
fn world() -> Sandbox {
    let sandbox = Sandbox::with(|options| {
        options.clock = Arc::new(|| DateTime::<Utc>::from_timestamp(BEGIN, 0).unwrap());
    });
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("api", "");
    sandbox.instance("web", "");
    sandbox.type_in("deploy").ok();
    prepare(&sandbox, &[API, WEB]);
    sandbox
}

fn prepare(sandbox: &Sandbox, functions: &[&str]) {
    for function in functions {
        for _ in 0..2 {
            sandbox.console("PublishVersion", json!({"FunctionName": function}));
        }
        let alias = json!({"FunctionName": function, "Name": "prod", "FunctionVersion": "1"});
        sandbox.console("CreateAlias", alias);
        load(sandbox, function, &json!({}));
    }
}

fn load(sandbox: &Sandbox, function: &str, versions: &Value) {
    let load = json!({"alias": "prod", "rate_per_min": 600, "versions": versions});
    let params = json!({"FunctionName": function, "Load": load.to_string()});
    sandbox.server().instruct("SetLoad", params, REGION).unwrap();
}

fn minutes(sandbox: &Sandbox, minutes: u64) {
    sandbox.server().advance(Duration::from_secs(60 * minutes));
}

fn alias(sandbox: &Sandbox, function: &str) -> Value {
    sandbox.console("GetAlias", json!({"FunctionName": function, "Name": "prod"}))
}

/// The share of version 2.
fn share(sandbox: &Sandbox, function: &str) -> f64 {
    let alias = alias(sandbox, function);
    if alias["FunctionVersion"] == "2" {
        return 1.0;
    }
    alias["RoutingConfig"]["AdditionalVersionWeights"][0]["Weight"].as_f64().unwrap_or_default()
}

fn shares(sandbox: &Sandbox) -> [String; 2] {
    [API, WEB].map(|function| share(sandbox, function).to_string())
}

fn tick(sandbox: &Sandbox) -> Ran {
    sandbox.type_in("rollout tick --project --alias prod --output json")
}

fn begin(sandbox: &Sandbox, options: &str) {
    sandbox
        .type_in(&format!(
            "rollout start --project --alias prod --to 2 --steps 10%,100% --interval 5m --detach {options}"
        ))
        .ok();
}

/// Each function's outcome.
fn outcomes(ran: &Ran) -> Vec<Value> {
    let found = ran.json();
    let functions = found["functions"].as_array().unwrap();
    functions.iter().map(|function| function["outcome"].clone()).collect()
}

#[test]
fn all_functions_go_step_by_step_together() {
    let sandbox = world();
    let ran = sandbox
        .type_in(
            "rollout start --project --alias prod --to 2 --steps 10%,100% --interval 5m --detach",
        )
        .ok()
        .says("undo: `scfctl rollout abort --project --alias prod`");
    assert_eq!(ran.changes(), ["UpdateAlias"; 2]);
    assert_eq!(shares(&sandbox), ["0.1"; 2]);
    for function in [API, WEB] {
        let description = alias(&sandbox, function)["Description"].as_str().unwrap().to_owned();
        assert!(description.contains(", functions 2"), "{description}");
    }
    // One of them alone would run ahead.
    minutes(&sandbox, 8);
    sandbox
        .type_in(&format!("rollout tick --function {API} --alias prod"))
        .fails(2)
        .says("is one of 2 of a project, which advance together");
    assert_eq!(shares(&sandbox), ["0.1"; 2]);
    let ran = tick(&sandbox).ok();
    assert_eq!(
        (ran.json()["outcome"].clone(), outcomes(&ran)),
        (json!("advanced"), vec![json!("advanced"); 2])
    );
    assert_eq!(shares(&sandbox), ["1"; 2]);
    minutes(&sandbox, 8);
    let ran = tick(&sandbox).ok();
    assert_eq!(
        (ran.json()["outcome"].clone(), ran.changes()),
        (json!("done"), vec!["UpdateAlias"; 2])
    );
    for function in [API, WEB] {
        assert_eq!(alias(&sandbox, function)["FunctionVersion"], "2");
    }
    assert_eq!(tick(&sandbox).ok().changes(), [] as [&str; 0]);
    sandbox
        .type_in("rollback --project --to 1 --alias prod")
        .fails(2)
        .says("--project and --to do not go together");
    let ran = sandbox.type_in("rollback --project --alias prod --dry-run --output json").ok();
    assert_eq!((outcomes(&ran), ran.changes()), (vec![json!("due"); 2], Vec::new()));
    assert_eq!(
        sandbox.type_in("rollback --project --alias prod").ok().changes(),
        ["UpdateAlias"; 2]
    );
    for function in [API, WEB] {
        assert_eq!(alias(&sandbox, function)["FunctionVersion"], "1");
    }
    // They serve it already.
    let again = sandbox.type_in("rollback --project --alias prod").fails(3);
    assert_eq!(again.changes(), [] as [&str; 0]);
}

#[test]
fn one_that_fails_takes_all_back() {
    let sandbox = world();
    load(&sandbox, WEB, &json!({"2": [{"error_rate": 0.5}]}));
    begin(&sandbox, "");
    minutes(&sandbox, 5);
    let ran = tick(&sandbox).fails(7);
    assert_eq!(ran.changes(), ["UpdateAlias"; 2]);
    let found = ran.json();
    assert_eq!(
        (&found["outcome"], &found["error"]["code"]),
        (&json!("rolled-back"), &json!("rolled-back"))
    );
    let reasons: Vec<_> = found["functions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["rollout"]["reason"].clone())
        .collect();
    assert_eq!(reasons, ["project", "fail"]);
    assert_eq!(shares(&sandbox), ["0"; 2]);
    assert_eq!(tick(&sandbox).fails(7).changes(), [] as [&str; 0]);
    // Once the cause is gone, all begin again.
    load(&sandbox, WEB, &json!({}));
    sandbox.type_in("rollout retry --project --alias prod").ok();
    assert_eq!(shares(&sandbox), ["0.1"; 2]);
    sandbox.type_in("rollout abort --project --alias prod").ok();
    assert_eq!(shares(&sandbox), ["0"; 2]);
}

#[test]
fn one_that_waits_or_is_held_keeps_the_others() {
    let sandbox = world();
    // Version 2 of one has no calls, so that nobody can tell.
    let nothing = json!({"alias": "prod", "rate_per_min": 0, "versions": {}});
    let params = json!({"FunctionName": WEB, "Load": nothing.to_string()});
    begin(&sandbox, "");
    sandbox.server().instruct("SetLoad", params, REGION).unwrap();
    minutes(&sandbox, 8);
    let ran = tick(&sandbox).ok();
    assert_eq!((outcomes(&ran), ran.changes()), (vec![json!("due"), json!("waiting")], Vec::new()));
    minutes(&sandbox, 20);
    let ran = tick(&sandbox).fails(8);
    assert_eq!(
        (outcomes(&ran), ran.changes()),
        (vec![json!("due"), json!("held")], vec!["UpdateAlias"])
    );
    assert_eq!(tick(&sandbox).fails(8).changes(), [] as [&str; 0]);
    assert_eq!(shares(&sandbox), ["0.1"; 2]);
    // By hand both go on.
    let ran = sandbox.type_in("rollout promote --project --alias prod --expect-step 1").ok();
    assert_eq!(ran.changes(), ["UpdateAlias"; 2]);
    assert_eq!(shares(&sandbox), ["1"; 2]);
    sandbox.type_in("rollout promote --project --alias prod --expect-step 1").fails(5);
    sandbox.type_in("rollout pause --project --alias prod").ok();
    tick(&sandbox).fails(8);
    sandbox.type_in("rollout resume --project --alias prod").ok();
    let ran = sandbox.type_in("rollout status --project --alias prod --output json").ok();
    assert_eq!((outcomes(&ran), ran.changes()), (vec![json!("waiting"); 2], Vec::new()));
}

#[test]
fn a_tick_that_stopped_on_its_way_is_gone_on_with() {
    let sandbox = world();
    begin(&sandbox, "");
    minutes(&sandbox, 8);
    // One write is refused for good, the other is made.
    let met = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        let is_web = call.params["FunctionName"] == WEB && call.action == "UpdateAlias";
        if is_web && !met.swap(true, Ordering::SeqCst) {
            return Fault::error("UnauthorizedOperation", "no");
        }
        Fault::None
    });
    tick(&sandbox).fails(4);
    assert_eq!(shares(&sandbox), ["1", "0.1"]);
    // Whoever is ahead waits.
    minutes(&sandbox, 1);
    let ran = tick(&sandbox).ok();
    assert_eq!(outcomes(&ran), ["waiting", "advanced"]);
    assert_eq!(shares(&sandbox), ["1"; 2]);
    // The same when one is taken back by hand: the next tick takes back the other.
    sandbox.type_in(&format!("rollout abort --function {API} --alias prod")).ok();
    let ran = tick(&sandbox).fails(7);
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    assert_eq!(shares(&sandbox), ["0"; 2]);
}

#[test]
fn whoever_is_refused_has_begun_nothing() {
    let sandbox = world();
    let rules = json!({
        "FunctionName": WEB, "Name": "prod", "FunctionVersion": "1",
        "RoutingConfig": {"AddtionVersionMatchs":
            [{"Version": "2", "Key": "invoke.headers.x", "Method": "exact", "Expression": "1"}]},
    });
    sandbox.console("UpdateAlias", rules);
    let ran = sandbox.type_in("rollout start --project --alias prod --to 2 --detach").fails(5);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    sandbox
        .type_in("rollout start --project --function api --alias prod --to 2 --detach")
        .fails(2)
        .says("--project and --function do not go together");
    let ran = sandbox
        .type_in("rollout start --project --alias $DEFAULT --to 2 --detach --dry-run --output json")
        .ok();
    assert_eq!((outcomes(&ran), ran.changes()), (vec![json!("due"); 2], Vec::new()));
    sandbox.type_in("rollout abort --project --alias $DEFAULT").fails(3);
}

#[test]
fn start_in_the_foreground_tells_each_function_and_ends_once() {
    let sandbox = world();
    let ran = sandbox
        .type_in("rollout start --project --alias prod --to 2 --steps 100%:0m --no-gates --output ndjson --run-id one")
        .ok();
    let events: Vec<(String, String)> = ran
        .stdout
        .lines()
        .map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            let word = |key: &str| event[key].as_str().unwrap().to_owned();
            (word("functionName"), word("event"))
        })
        .collect();
    for function in [API, WEB] {
        let of_one: Vec<_> = events
            .iter()
            .filter(|event| event.0 == function)
            .map(|event| event.1.as_str())
            .collect();
        assert_eq!(of_one, ["begins", "finishes"], "{}", ran.stdout);
    }
    // Under the same name it is the same rollout, and it is done.
    let again = sandbox
        .type_in(
            "rollout start --project --alias prod --to 2 --steps 100%:0m --no-gates --run-id one",
        )
        .ok();
    assert_eq!(again.changes(), [] as [&str; 0]);
}

#[test]
fn the_functions_of_one_file_are_a_project_too() {
    let sandbox = Sandbox::with(|options| {
        options.clock = Arc::new(|| DateTime::<Utc>::from_timestamp(BEGIN, 0).unwrap());
    });
    sandbox.file("src/index.py", "def main_handler(event, context): pass\n");
    sandbox.file(
        "serverless.yml",
        "component: multi-scf\nname: jobs\napp: shop\ninputs:\n  src: ./src\n  runtime: Python3.9\n  \
         handler: index.main_handler\n  functions:\n    first: {}\n    second: {}\n  rollout:\n    alias: prod\n    to: 2\n",
    );
    sandbox.type_in("deploy").ok();
    let functions = ["jobs-dev-shop-first", "jobs-dev-shop-second"];
    prepare(&sandbox, &functions);
    sandbox.type_in("rollout start --project --detach").ok();
    for function in functions {
        assert!(share(&sandbox, function) > 0.0, "{function}");
    }
    let ran = sandbox.type_in("rollout abort --project").ok();
    assert_eq!(ran.changes(), ["UpdateAlias"; 2]);
}
