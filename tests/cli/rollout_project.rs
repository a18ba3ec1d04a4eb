//! rollout --project: all functions of a project, step by step together.

use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustix::process::Signal;
use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::sandbox::{REGION, Ran, Sandbox, eventually, send};

/// 2026-11-28 10:00:00: the first second of a minute.
const BEGIN: i64 = 1_795_860_000;
pub const API: &str = "api-dev-shop";
pub const WEB: &str = "web-dev-shop";

/// Functions `api` and `web`, each with versions 1 and 2, everything of alias `prod` on 1, and 600
/// calls a minute for an hour.
pub fn world() -> Sandbox {
    world_with("", "")
}

/// The same, with more lines of the `inputs` of each.
pub fn world_with(api: &str, web: &str) -> Sandbox {
    let sandbox = Sandbox::with(|options| {
        options.clock = Arc::new(|| DateTime::<Utc>::from_timestamp(BEGIN, 0).unwrap());
    });
    sandbox.file("serverless.yml", "app: shop\n");
    sandbox.instance("api", api);
    sandbox.instance("web", web);
    sandbox.type_in("deploy").ok();
    prepare(&sandbox, &[API, WEB]);
    sandbox
}

pub fn prepare(sandbox: &Sandbox, functions: &[&str]) {
    for function in functions {
        for _ in 0..2 {
            sandbox.console("PublishVersion", json!({"FunctionName": function}));
        }
        let alias = json!({"FunctionName": function, "Name": "prod", "FunctionVersion": "1"});
        sandbox.console("CreateAlias", alias);
        load(sandbox, function, &json!({}));
    }
}

pub fn load(sandbox: &Sandbox, function: &str, versions: &Value) {
    let load = json!({"alias": "prod", "rate_per_min": 600, "versions": versions});
    let params = json!({"FunctionName": function, "Load": load.to_string()});
    sandbox.server().instruct("SetLoad", params, REGION).unwrap();
}

pub fn minutes(sandbox: &Sandbox, minutes: u64) {
    sandbox.server().advance(Duration::from_secs(60 * minutes));
}

pub fn alias(sandbox: &Sandbox, function: &str) -> Value {
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

pub fn begin(sandbox: &Sandbox, options: &str) {
    sandbox
        .type_in(&format!(
            "rollout start --project --alias prod --to latest-published --steps 10%,100% --interval 5m --detach {options}"
        ))
        .ok();
}

#[test]
fn chats_hear_of_each_function() {
    let chat = crate::notify::Chat::saying("204 No Content", "");
    let mut sandbox = world();
    sandbox.set("HOOK", &chat.url);
    begin(&sandbox, "--no-gates --notify json=HOOK");
    assert_eq!(chat.events(), ["start", "start"]);
    sandbox.type_in("rollout abort --project --alias prod --notify json=HOOK").ok();
    assert_eq!(chat.events(), ["rolled-back", "rolled-back"]);
    sandbox.set("HOOK", "nowhere");
    let ran = sandbox.type_in("rollout retry --project --alias prod --notify json=HOOK").fails(2);
    assert_eq!(ran.actions(), [] as [&str; 0]);
    sandbox.type_in("rollout tick --project --alias prod --notify json=HOOK").says("was not told");
}

#[test]
fn chats_are_advised_to_do_what_is_of_all_functions() {
    let chat = crate::notify::Chat::saying("200 OK", "ok");
    let mut sandbox = world();
    sandbox.set("HOOK", &chat.url);
    begin(&sandbox, "--no-gates --notify slack=HOOK");
    let told = chat.bodies();
    assert_eq!(told.len(), 2);
    for told in told {
        assert!(told.contains("scfctl rollout abort --project --alias prod"), "{told}");
        assert!(!told.contains("--function"), "{told}");
    }
}

/// One call of a function is refused for good.
pub fn refuse_once(sandbox: &Sandbox, action: &'static str, function: &'static str) {
    let met = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        let is_it = call.params["FunctionName"] == function && call.action == action;
        if is_it && !met.swap(true, Ordering::SeqCst) {
            return Fault::error("UnauthorizedOperation", "no");
        }
        Fault::None
    });
}

/// Writes an alias as it was.
pub fn restore(sandbox: &Sandbox, function: &str, alias: &Value) {
    let mut params = json!({"FunctionName": function, "Name": "prod"});
    for key in ["FunctionVersion", "Description", "RoutingConfig"] {
        params[key] = alias[key].clone();
    }
    if params["RoutingConfig"].is_null() {
        params["RoutingConfig"] = json!({"AdditionalVersionWeights": []});
    }
    sandbox.console("UpdateAlias", params);
}

fn description(sandbox: &Sandbox, function: &str) -> String {
    alias(sandbox, function)["Description"].as_str().unwrap().to_owned()
}

fn project(sandbox: &Sandbox, command: &str) -> Ran {
    sandbox.type_in(&format!("{command} --project --alias prod"))
}

fn nothing(ran: &Ran) {
    assert_eq!(ran.changes(), [] as [&str; 0], "{}", ran.stderr);
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
            "rollout start --project --alias prod --to latest-published --steps 10%,100% --interval 5m --detach",
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
    // They have gone back already, as they say themselves.
    let again = sandbox.type_in("rollback --project --alias prod").ok();
    assert_eq!(again.changes(), [] as [&str; 0]);
    assert!(description(&sandbox, API).contains("phase back user"));
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
    refuse_once(&sandbox, "UpdateAlias", WEB);
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
    let ran = sandbox
        .type_in("rollout start --project --alias prod --to latest-published --detach")
        .fails(5);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    sandbox
        .type_in(
            "rollout start --project --function api --alias prod --to latest-published --detach",
        )
        .fails(2)
        .says("--project and --function do not go together");
    let ran = sandbox
        .type_in("rollout start --project --alias $DEFAULT --to latest-published --detach --dry-run --output json")
        .ok();
    assert_eq!((outcomes(&ran), ran.changes()), (vec![json!("due"); 2], Vec::new()));
    sandbox.type_in("rollout abort --project --alias $DEFAULT").fails(3);
}

#[test]
fn start_in_the_foreground_tells_each_function_and_ends_once() {
    let sandbox = world();
    let ran = sandbox
        .type_in("rollout start --project --alias prod --to latest-published --steps 100%:0m --no-gates --output ndjson --run-id one")
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
            "rollout start --project --alias prod --to latest-published --steps 100%:0m --no-gates --run-id one",
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

#[test]
fn a_rollout_that_not_all_have_begun_only_goes_back() {
    let sandbox = world();
    let line =
        "rollout start --project --alias prod --to latest-published --steps 100%:0m --no-gates";
    sandbox.type_in(line).ok();
    minutes(&sandbox, 3);
    for function in [API, WEB] {
        sandbox.console("PublishVersion", json!({"FunctionName": function}));
    }
    let before = alias(&sandbox, WEB);
    let steps = "--steps 10%,100% --interval 5m --no-gates";
    let line =
        format!("rollout start --project --alias prod --to latest-published --detach {steps}");
    sandbox.type_in(&line).ok();
    // As if the second write had never come.
    restore(&sandbox, WEB, &before);
    minutes(&sandbox, 5);
    for command in ["rollout tick", "rollout promote", "rollout resume"] {
        let ran = project(&sandbox, command)
            .fails(5)
            .says("not under the rollout of the others: web-dev-shop")
            .says("end it with `scfctl rollout abort --project --alias prod`");
        nothing(&ran);
    }
    nothing(&project(&sandbox, "rollout retry").fails(5).says("under different rollouts"));
    // One release back, and not two.
    let ran = project(&sandbox, "rollback").ok();
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    for function in [API, WEB] {
        assert_eq!(alias(&sandbox, function)["FunctionVersion"], "2", "{function}");
    }
    nothing(&project(&sandbox, "rollout retry").fails(5));
    // Whether the release before is meant now, nobody knows.
    let said = "not under the rollout of the others: web-dev-shop";
    nothing(&project(&sandbox, "rollback").fails(5).says(said));
}

#[test]
fn a_start_that_stops_on_its_way_leaves_all_as_they_were() {
    for fault in [
        Fault::error("UnauthorizedOperation", "no"),
        Fault::ErrorAfter { code: "UnauthorizedOperation".into(), message: "no".into() },
    ] {
        let sandbox = world();
        let text = json!({"FunctionName": API, "Name": "prod", "FunctionVersion": "1",
            "Description": "mine"});
        sandbox.console("UpdateAlias", text);
        let key = |alias: Value| {
            ["FunctionVersion", "Description", "RoutingConfig"].map(|key| alias[key].clone())
        };
        let before = [API, WEB].map(|function| key(alias(&sandbox, function)));
        let met = AtomicBool::new(false);
        sandbox.faulty(move |call| {
            let is_it = call.params["FunctionName"] == WEB && call.action == "UpdateAlias";
            if is_it && !met.swap(true, Ordering::SeqCst) { fault.clone() } else { Fault::None }
        });
        let line = "rollout start --project --alias prod --to latest-published --detach";
        sandbox.type_in(line).fails(4);
        assert_eq!([API, WEB].map(|function| key(alias(&sandbox, function))), before);
        sandbox.type_in(line).ok();
        assert_eq!(shares(&sandbox), ["0.1"; 2]);
    }
}

#[test]
fn a_start_that_fails_behind_its_publications_names_each() {
    let each = [API, WEB].map(|function| format!("{function}: publish $LATEST as a new version"));
    let line = "rollout start --project --alias prod --publish --steps 10%,100% --detach";
    for (action, published) in [("UpdateAlias", &each[..]), ("PublishVersion", &each[..1])] {
        let sandbox = world();
        refuse_once(&sandbox, action, WEB);
        let error = sandbox.type_in(&format!("{line} --output json")).fails(4).json();
        assert_eq!(error["error"]["done"], json!(published), "{action}");
    }
}

#[test]
fn a_start_that_fails_on_its_way_says_what_was_done_to_each() {
    let sandbox = world();
    let (seen, server) = (AtomicUsize::new(0), sandbox.server().clone());
    sandbox.faulty(move |call| {
        let is_of_web = call.params["FunctionName"] == WEB;
        match call.action.as_str() {
            "UpdateAlias" if is_of_web && seen.fetch_add(1, Ordering::SeqCst) > 0 => {
                Fault::error("UnauthorizedOperation", "no")
            }
            "UpdateAlias" if !is_of_web => {
                let server = server.clone();
                Fault::Before(Arc::new(move || server.advance(Duration::from_secs(240))))
            }
            _ => Fault::None,
        }
    });
    let line = "rollout start --project --alias prod --publish --steps 10%:3m,50%:3m,100%:0 \
                --no-gates --output json";
    let error = sandbox.type_in(line).fails(4).json()["error"].clone();
    let steps = ["publish $LATEST as a new version", "route `prod`: 1: 1 -> 1: 0.9, 3: 0.1"];
    let further = "route `prod`: 1: 0.9, 3: 0.1 -> 1: 0.5, 3: 0.5";
    let of = |function: &str, step: &str| format!("{function}: {step}");
    let [api, web] = [API, WEB].map(|function| steps.map(|step| of(function, step)));
    let done = [&api[..], &web, &[of(API, further)]].concat();
    assert_eq!(error["done"], json!(done));
    assert!(error["hint"].as_str().unwrap().contains("add --run-id "), "{error}");
}

#[test]
fn single_commands_take_one_of_several_back_and_no_further() {
    let sandbox = world();
    let steps = "--steps 10%:5m,50%:pause,100% --no-gates";
    let line =
        format!("rollout start --project --alias prod --to latest-published --detach {steps}");
    sandbox.type_in(&line).ok();
    minutes(&sandbox, 5);
    let ran = project(&sandbox, "rollout tick").fails(8);
    assert!(!ran.stderr.contains("--function"), "{}", ran.stderr);
    let ran = ran.says("`scfctl rollout resume --project --alias prod`");
    assert_eq!(ran.changes(), ["UpdateAlias"; 2]);
    let one = |verb: &str| sandbox.type_in(&format!("{verb} --function {API} --alias prod"));
    for verb in ["rollout resume", "rollout promote", "rollout retry"] {
        let ran = one(verb).fails(2).says("is one of 2 of a project").says("with --project");
        nothing(&ran);
    }
    let ran = one("rollout tick").fails(8).says("with --project");
    assert!(!ran.stderr.contains("--function"), "{}", ran.stderr);
    let found = one("rollout status --output json").ok().json();
    let does: Vec<&Value> =
        found["commands"].as_array().unwrap().iter().map(|command| &command["does"]).collect();
    assert_eq!(does, ["abort"]);
    // Back, and nowhere else.
    nothing(&one("rollback --to 2").fails(2).says("is one of 2 of a project"));
    one("rollout abort").ok();
    let ran = project(&sandbox, "rollout tick").fails(7);
    assert!(!ran.stderr.contains("--function"), "{}", ran.stderr);
    nothing(&one("rollout retry").fails(2));
    assert_eq!(shares(&sandbox), ["0"; 2]);
}

#[test]
fn a_pause_of_the_schedule_is_left_by_all_or_none() {
    let sandbox = world();
    let steps = "--steps 10%:5m,50%:pause,100% --no-gates";
    let line =
        format!("rollout start --project --alias prod --to latest-published --detach {steps}");
    sandbox.type_in(&line).ok();
    minutes(&sandbox, 5);
    refuse_once(&sandbox, "UpdateAlias", WEB);
    tick(&sandbox).fails(4);
    assert_eq!(shares(&sandbox), ["0.5", "0.1"]);
    nothing(&project(&sandbox, "rollout resume").ok());
    assert_eq!(shares(&sandbox), ["0.5", "0.1"]);
    // Whoever is behind comes there, too.
    let ran = tick(&sandbox).fails(8);
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    assert_eq!(shares(&sandbox), ["0.5"; 2]);
    nothing(&tick(&sandbox).fails(8));
    project(&sandbox, "rollout resume").ok();
    assert_eq!(shares(&sandbox), ["1"; 2]);
}

#[test]
fn what_is_not_known_names_no_function() {
    let sandbox = world();
    sandbox.instance("web", "  region: ${output:dev:shop:net.region}\n");
    for command in ["rollout start", "rollout tick", "rollout abort", "rollback"] {
        let ran = project(&sandbox, command).fails(2).says("${output:dev:shop:net.region}");
        assert_eq!(ran.calls.len(), 0, "{command}");
    }
    // What a rollout does not use may be unknown.
    sandbox.instance("web", "  environment: {variables: {A: '${output:dev:shop:net.a}'}}\n");
    project(&sandbox, "rollout start --dry-run").ok();
    let several = |first: &str| {
        format!(
            "component: multi-scf\nname: jobs\napp: shop\ninputs:\n  src: ./src\n  runtime: Python3.9\n  \
             handler: index.main_handler\n  functions:\n    first:\n      {first}\n"
        )
    };
    let folder = "web/serverless.yml";
    sandbox.file(folder, &several("name: ${output:dev:shop:net.name}"));
    let ran = project(&sandbox, "rollout abort").fails(2).says("net.name");
    assert_eq!(ran.calls.len(), 0);
    sandbox.file(folder, &several("environment: {variables: {A: '${output:dev:shop:net.a}'}}"));
    let ran = project(&sandbox, "rollout abort").fails(3);
    assert!(!ran.calls.is_empty(), "{}", ran.stderr);
}

#[test]
fn one_that_did_not_go_back_says_more_than_those_that_did() {
    let sandbox = world();
    load(&sandbox, API, &json!({"2": [{"error_rate": 0.5}]}));
    begin(&sandbox, "");
    minutes(&sandbox, 5);
    refuse_once(&sandbox, "UpdateAlias", WEB);
    let ran = tick(&sandbox).fails(4);
    assert!(ran.advice().contains("was rolled back"), "{}", ran.advice());
    assert_eq!(shares(&sandbox), ["0", "0.1"]);
    tick(&sandbox).fails(7);
    assert_eq!(shares(&sandbox), ["0"; 2]);
    // Nor is what somebody else has routed.
    project(&sandbox, "rollout retry").ok();
    minutes(&sandbox, 5);
    let mut moved = alias(&sandbox, WEB);
    moved["RoutingConfig"]["AdditionalVersionWeights"][0]["Weight"] = json!(0.3);
    restore(&sandbox, WEB, &moved);
    let ran = tick(&sandbox).fails(5).says("was rolled back");
    assert_eq!(ran.json()["outcome"], "moved");
    assert_eq!(shares(&sandbox), ["0", "0.3"]);
}

#[test]
fn whoever_is_done_goes_back_with_the_others() {
    let sandbox = world();
    let line = "rollout start --project --alias prod --to latest-published --steps 100%:5m --no-gates --detach";
    sandbox.type_in(line).ok();
    minutes(&sandbox, 5);
    refuse_once(&sandbox, "UpdateAlias", WEB);
    tick(&sandbox).fails(4);
    assert!(description(&sandbox, API).contains("phase done"));
    assert_eq!(project(&sandbox, "rollout pause").ok().changes(), ["UpdateAlias"]);
    assert!(description(&sandbox, WEB).contains("phase held user"));
    assert_eq!(project(&sandbox, "rollout resume").ok().changes(), ["UpdateAlias"]);
    // Also where the command reaches only the one: its marker says so to the next tick.
    refuse_once(&sandbox, "UpdateAlias", WEB);
    assert_eq!(project(&sandbox, "rollout abort").fails(4).changes(), ["UpdateAlias"; 2]);
    assert!(description(&sandbox, API).contains("phase back user"));
    assert_eq!(shares(&sandbox), ["0", "1"]);
    assert_eq!(tick(&sandbox).fails(7).changes(), ["UpdateAlias"]);
    for function in [API, WEB] {
        assert_eq!(alias(&sandbox, function)["FunctionVersion"], "1", "{function}");
        assert!(description(&sandbox, function).contains("rolledback 2"));
    }
    project(&sandbox, "rollout retry").ok();
    assert_eq!(shares(&sandbox), ["1"; 2]);
}

#[test]
fn one_that_is_done_and_routed_by_hand_stops_the_others_and_says_so() {
    let sandbox = world();
    let line = "rollout start --project --alias prod --to latest-published --steps 100%:5m --no-gates --detach";
    sandbox.type_in(line).ok();
    minutes(&sandbox, 5);
    refuse_once(&sandbox, "UpdateAlias", WEB);
    tick(&sandbox).fails(4);
    sandbox.type_in(&format!("update-alias --function {API} --alias prod --version 1")).ok();
    let said = "not under the rollout of the others: api-dev-shop";
    nothing(&tick(&sandbox).fails(5).says(said));
    nothing(&project(&sandbox, "rollout promote").fails(5).says(said));
    assert_eq!(project(&sandbox, "rollout abort").fails(5).changes(), ["UpdateAlias"]);
    assert_eq!(shares(&sandbox), ["0"; 2]);
}

#[test]
fn a_rollback_of_all_is_not_that_of_one_alone() {
    let sandbox = world();
    let line =
        "rollout start --project --alias prod --to latest-published --steps 100%:0m --no-gates";
    sandbox.type_in(line).ok();
    minutes(&sandbox, 3);
    sandbox.console("PublishVersion", json!({"FunctionName": API}));
    let own = |verb: &str| sandbox.type_in(&format!("{verb} --function {API} --alias prod"));
    let begin = "rollout start --to 3 --steps 10%,100% --no-gates --detach";
    own(begin).ok();
    own("rollout abort").ok();
    // The release of all is in service.
    let said = "not under the rollout of the others: web-dev-shop";
    nothing(&project(&sandbox, "rollback").fails(5).says(said));
    own(begin).ok();
    let ran = project(&sandbox, "rollback").fails(5).says(said);
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    for function in [API, WEB] {
        assert_eq!(alias(&sandbox, function)["FunctionVersion"], "2", "{function}");
    }
}

#[test]
fn one_that_does_not_answer_takes_no_time_from_the_way_back_of_the_others() {
    let sandbox = world();
    begin(&sandbox, "");
    let met = AtomicBool::new(false);
    sandbox.faulty(move |call| {
        let is_it = call.params["FunctionName"] == WEB && call.action == "GetAlias";
        if is_it && !met.swap(true, Ordering::SeqCst) {
            return Fault::Delay(Duration::from_secs(60));
        }
        Fault::None
    });
    sandbox.type_in("rollout abort --project --alias prod --timeout 8s").fails(6);
    assert_eq!(shares(&sandbox), ["0", "0.1"]);
}

#[test]
fn nobody_keeps_the_others_from_going_back() {
    for verb in ["rollout abort", "rollback"] {
        // The one serves a third version, or cannot be read, or is not understood.
        let sandbox = world();
        begin(&sandbox, "");
        let mut moved = alias(&sandbox, API);
        sandbox.console("PublishVersion", json!({"FunctionName": API}));
        moved["FunctionVersion"] = json!("3");
        restore(&sandbox, API, &moved);
        project(&sandbox, verb).fails(5);
        assert_eq!(share(&sandbox, WEB).to_string(), "0");
        assert_eq!(alias(&sandbox, API)["FunctionVersion"], "3");

        let sandbox = world();
        begin(&sandbox, "");
        refuse_once(&sandbox, "GetAlias", API);
        project(&sandbox, verb).fails(4);
        assert_eq!(shares(&sandbox), ["0.1", "0"]);

        let sandbox = world();
        begin(&sandbox, "");
        let mut foreign = alias(&sandbox, API);
        foreign["Description"] = json!("scfctl v9 x");
        restore(&sandbox, API, &foreign);
        project(&sandbox, verb).fails(5);
        assert_eq!(shares(&sandbox), ["0.1", "0"]);
    }
}

#[test]
fn a_folder_with_fewer_functions_takes_nobody_further() {
    let sandbox = world();
    begin(&sandbox, "--no-gates");
    minutes(&sandbox, 5);
    std::fs::remove_file(sandbox.root().join("web/serverless.yml")).unwrap();
    for command in ["rollout tick", "rollout promote"] {
        let said = "the rollout is of 2 functions, but the project has 1";
        nothing(&project(&sandbox, command).fails(5).says(said));
    }
    // Where the others are is not known; that must not look like a way back of all.
    let said = "the rollout is of 2 functions, but the project has 1";
    for command in ["rollout pause", "rollout abort"] {
        let ran = project(&sandbox, command).fails(5).says(said);
        assert_eq!(ran.changes(), ["UpdateAlias"], "{command}");
        // What has been done is not advised again.
        ran.says(&format!("for each of them: `scfctl {command} --function NAME --alias prod`"));
    }
    assert_eq!(shares(&sandbox), ["0", "0.1"]);
    nothing(&project(&sandbox, "rollback").fails(5).says(said));
    let sandbox = world();
    load(&sandbox, API, &json!({"2": [{"error_rate": 0.5}]}));
    begin(&sandbox, "");
    minutes(&sandbox, 5);
    std::fs::remove_file(sandbox.root().join("web/serverless.yml")).unwrap();
    let ran = tick(&sandbox).fails(5).says(said).says("was rolled back");
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    assert_eq!(shares(&sandbox), ["0", "0.1"]);
}

#[test]
fn one_goes_back_although_another_has_a_rollout_of_its_own() {
    let sandbox = world();
    load(&sandbox, API, &json!({"2": [{"error_rate": 0.5}]}));
    let before = alias(&sandbox, WEB);
    begin(&sandbox, "");
    restore(&sandbox, WEB, &before);
    let own = format!("rollout start --function {WEB} --alias prod --to 2 --no-gates --detach");
    sandbox.type_in(&own).ok();
    minutes(&sandbox, 10);
    let ran = tick(&sandbox).fails(5).says("was rolled back");
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    assert_eq!(shares(&sandbox), ["0", "0.1"]);
    // Behind that the other one is not of a project.
    nothing(&tick(&sandbox).fails(5).says("not under the rollout of the others: api-dev-shop"));
}

#[test]
fn one_that_was_ended_stops_the_others_and_says_so() {
    let sandbox = world();
    begin(&sandbox, "--no-gates");
    let line = format!("update-alias --function {WEB} --alias prod --version 1 --end-rollout");
    sandbox.type_in(&line).ok();
    minutes(&sandbox, 5);
    let said = "not under the rollout of the others: web-dev-shop";
    nothing(&project(&sandbox, "rollout tick").fails(5).says(said));
    // It keeps its weights, so that the new version still has its share there.
    assert_eq!(shares(&sandbox), ["0.1", "0.1"]);
    let help = format!("rollback --function {WEB} --alias prod");
    let ran = project(&sandbox, "rollout abort").fails(5).says(said);
    let ran = ran.says(&format!("`scfctl {help}` takes it back"));
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    assert_eq!(shares(&sandbox), ["0", "0.1"]);
    sandbox.type_in(&help).ok();
    assert_eq!(shares(&sandbox), ["0", "0"]);
    project(&sandbox, "rollout abort").ok();
}

#[test]
fn whoever_has_no_rollout_is_named_where_the_others_stop() {
    let said = "note: not under this rollout, left as is: web-dev-shop";
    for (alone, command) in [(true, "pause"), (true, "abort"), (false, "pause"), (false, "abort")] {
        let sandbox = world();
        let before = alias(&sandbox, WEB);
        if alone {
            let line = format!("rollout start --function {API} --alias prod --to 2 --no-gates");
            sandbox.type_in(&format!("{line} --steps 10%,100% --detach")).ok();
        } else {
            begin(&sandbox, "--no-gates");
            // As if the second write had never come.
            restore(&sandbox, WEB, &before);
        }
        let ran = project(&sandbox, &format!("rollout {command}")).ok().says(said);
        assert_eq!(ran.changes(), ["UpdateAlias"]);
        let share = if command == "abort" { "0" } else { "0.1" };
        assert_eq!(shares(&sandbox), [share, "0"]);
    }
    // Nor is that a word where all have one.
    let sandbox = world();
    begin(&sandbox, "--no-gates");
    let ran = project(&sandbox, "rollout abort").ok();
    assert!(!ran.stderr.contains("left as is"), "{}", ran.stderr);
}

#[test]
fn one_that_was_ended_and_is_as_before_is_no_trouble() {
    let sandbox = world();
    let before = alias(&sandbox, WEB)["FunctionVersion"].clone();
    begin(&sandbox, "--no-gates");
    let line = format!("rollback --function {WEB} --alias prod");
    sandbox.type_in(&line).ok();
    assert_eq!(alias(&sandbox, WEB)["FunctionVersion"], before);
    assert_eq!(project(&sandbox, "rollout abort").ok().changes(), ["UpdateAlias"]);
    assert_eq!(shares(&sandbox), ["0", "0"]);
}

#[test]
fn a_start_that_is_repeated_does_not_begin_behind_a_way_back() {
    let line = "rollout start --project --alias prod --to latest-published --run-id one --detach";
    let sandbox = world();
    sandbox.type_in(line).ok();
    project(&sandbox, "rollout abort").ok();
    nothing(&sandbox.type_in(line).fails(7));
    let sandbox = world();
    let before = alias(&sandbox, WEB);
    sandbox.type_in(line).ok();
    restore(&sandbox, WEB, &before);
    // Who is missing is begun; not behind a way back.
    assert_eq!(sandbox.type_in(line).ok().changes(), ["UpdateAlias"]);
    assert_eq!(shares(&sandbox), ["0.1"; 2]);
    restore(&sandbox, WEB, &before);
    project(&sandbox, "rollout abort").ok();
    nothing(&sandbox.type_in(line).fails(7));
    assert_eq!(shares(&sandbox), ["0"; 2]);
}

#[test]
fn a_start_that_is_repeated_begins_nobody_by_other_steps() {
    let line = |steps: &str| {
        format!("rollout start --project --alias prod --run-id one --detach --steps {steps}")
    };
    let sandbox = world();
    let before = alias(&sandbox, WEB);
    sandbox.type_in(&line("10%,100%")).ok();
    restore(&sandbox, WEB, &before);
    let ran = sandbox.type_in(&line("1%,100%")).fails(2).says("the functions have different steps");
    nothing(&ran);
    sandbox.type_in(&line("10%,100%")).ok();
    assert_eq!(shares(&sandbox), ["0.1"; 2]);
}

#[test]
fn a_start_that_is_repeated_says_who_is_not_where_the_others_are() {
    let line = "rollout start --project --alias prod --steps 100%:0m --no-gates --run-id one";
    let sandbox = world();
    sandbox.type_in(line).ok();
    nothing(&sandbox.type_in(&format!("{line} --detach")).ok());
    sandbox.type_in(&format!("rollback --function {WEB} --alias prod")).ok();
    let said = "not under the rollout of the others: web-dev-shop";
    nothing(&sandbox.type_in(&format!("{line} --detach")).fails(5).says(said));
    nothing(&sandbox.type_in(line).fails(5));
}

#[test]
fn a_number_of_a_version_is_of_one_function() {
    let sandbox = world();
    let said = "--project and --to NUMBER do not go together";
    let ran = project(&sandbox, "rollout start --to 2").fails(2).says(said);
    assert_eq!(ran.calls.len(), 0);
    for to in ["latest-published", "$LATEST"] {
        project(&sandbox, &format!("rollout start --dry-run --to {to}")).ok();
    }
}

/// The alias of `web` is changed by hand right before the call that follows a refused change of it.
fn changes_after_a_refusal(sandbox: &Sandbox, weights: &Value, description: &str) {
    let (sent, changed) = (AtomicBool::new(false), AtomicBool::new(false));
    let server = sandbox.server().clone();
    let params = json!({
        "FunctionName": WEB, "Name": "prod", "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": weights}, "Description": description,
    });
    sandbox.faulty(move |call| {
        if call.params["FunctionName"] != WEB {
            return Fault::None;
        }
        if call.action == "UpdateAlias" && !sent.swap(true, Ordering::SeqCst) {
            return Fault::error("FailedOperation.OperationConflict", "busy");
        }
        if !sent.load(Ordering::SeqCst) || changed.swap(true, Ordering::SeqCst) {
            return Fault::None;
        }
        let (server, params) = (server.clone(), params.clone());
        Fault::Before(Arc::new(move || {
            server.apply("UpdateAlias", params.clone(), REGION).unwrap();
        }))
    });
}

#[test]
fn a_pause_that_comes_too_late_says_so() {
    let sandbox = world();
    begin(&sandbox, "--no-gates");
    let after = description(&sandbox, WEB).replace("phase running", "phase ended");
    changes_after_a_refusal(&sandbox, &json!([]), &after);
    project(&sandbox, "rollout pause").fails(2).says("has ended");
    assert!(description(&sandbox, API).contains("phase held user"));
}

#[test]
fn all_are_interrupted_together() {
    for (refused, phases, left) in [
        (false, ["back interrupt", "back interrupt"], "was rolled back"),
        (true, ["back interrupt", "running"], "is left as it is"),
    ] {
        // Where one is to go back, all do.
        let sandbox = world_with("  rollout: {onInterrupt: rollback}\n", "");
        let line = "rollout start --project --alias prod --to latest-published --steps 10%,100%";
        let mut process = sandbox.spawn(&line.split_whitespace().collect::<Vec<_>>());
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        for _ in [API, WEB] {
            assert!(lines.any(|line| line.unwrap().contains("step 1 of 2")));
        }
        if refused {
            sandbox.faulty(|call| {
                let is_it = call.params["FunctionName"] == WEB && call.action == "UpdateAlias";
                if is_it { Fault::error("UnauthorizedOperation", "no") } else { Fault::None }
            });
        }
        send(Signal::INT, process.id());
        let told: Vec<String> = lines.map(Result::unwrap).collect();
        assert_eq!(process.wait().unwrap().code(), Some(130), "{told:?}");
        for (function, phase) in [API, WEB].into_iter().zip(phases) {
            let found = description(&sandbox, function);
            assert!(found.contains(&format!("phase {phase}")), "{found}: {told:?}");
        }
        let error = format!("error: interrupted; the rollout of alias `prod` {left}");
        assert!(told.contains(&error), "{told:?}");
    }
}

#[test]
fn a_signal_leaves_nobody_on_a_version_that_another_one_went_back_from() {
    let sandbox = world();
    let line = "rollout start --project --alias prod --to latest-published --steps 10%,100%";
    let mut process = sandbox.spawn(&line.split_whitespace().collect::<Vec<_>>());
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    for _ in [API, WEB] {
        assert!(lines.any(|line| line.unwrap().contains("step 1 of 2")));
    }
    // Each has read back what it wrote, and looked once: what follows is for the next look.
    for function in [API, WEB] {
        let looks = || {
            let mut calls = sandbox.calls();
            calls.retain(|call| call.params["FunctionName"] == function);
            let wrote = calls.iter().rposition(|call| call.action == "UpdateAlias")?;
            let looks = calls[wrote..].iter().filter(|call| call.action == "GetAlias");
            (looks.count() >= 2).then_some(())
        };
        eventually(looks, || {
            format!("{function} is not looked at: {:?}", sandbox.actions_since(0))
        });
    }
    let description = description(&sandbox, API).replace("phase running", "phase back fail");
    let params = json!({
        "FunctionName": API, "Name": "prod", "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": []}, "Description": description,
    });
    sandbox.console("UpdateAlias", params);
    send(Signal::INT, process.id());
    let told: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(process.wait().unwrap().code(), Some(130), "{told:?}");
    let left = self::description(&sandbox, WEB);
    assert!(left.contains("phase back project"), "{left}: {told:?}");
    assert!(told.iter().any(|line| line.contains("was rolled back")), "{told:?}");
}

#[test]
fn nobody_is_told_to_begin_again_what_the_aliases_have_forgotten() {
    let sandbox = world_with("  rollout: {onInterrupt: rollback}\n", "");
    let line = "rollout start --project --alias prod --to latest-published --steps 10%,100%";
    let mut process = sandbox.spawn(&line.split_whitespace().collect::<Vec<_>>());
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    for _ in [API, WEB] {
        assert!(lines.any(|line| line.unwrap().contains("step 1 of 2")));
    }
    // Somebody has filled the descriptions.
    for function in [API, WEB] {
        let description = description(&sandbox, function);
        let full = format!("{}\n{description}", "x".repeat(999 - description.chars().count()));
        let alias = json!({
            "FunctionName": function, "Name": "prod", "FunctionVersion": "1", "Description": full,
            "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]},
        });
        sandbox.console("UpdateAlias", alias);
    }
    send(Signal::INT, process.id());
    let told: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(process.wait().unwrap().code(), Some(130), "{told:?}");
    let told = told.join("\n");
    assert!(told.contains("was rolled back") && !told.contains("rollout retry"), "{told}");
}

#[test]
fn a_way_back_is_not_lost_to_a_tick_that_is_quicker() {
    for (verb, phase) in [("rollout abort", "back user"), ("rollout pause", "held user")] {
        let sandbox = world();
        begin(&sandbox, "--no-gates");
        let ahead = description(&sandbox, WEB)
            .replace("step 1", "step 2")
            .replace("starts 0", "starts 0 5");
        changes_after_a_refusal(&sandbox, &json!([{"Version": "2", "Weight": 1}]), &ahead);
        project(&sandbox, verb).ok();
        for function in [API, WEB] {
            let found = description(&sandbox, function);
            assert!(found.contains(&format!("phase {phase}")), "{verb}: {found}");
        }
    }
}

#[test]
fn a_step_counts_from_when_all_were_looked_at() {
    let sandbox = world_with("  rollout: {noGates: true}\n", "");
    begin(&sandbox, "");
    minutes(&sandbox, 8);
    let (met, server) = (AtomicBool::new(false), sandbox.server().clone());
    sandbox.faulty(move |call| {
        if call.action != "GetMonitorData" || met.swap(true, Ordering::SeqCst) {
            return Fault::None;
        }
        let server = server.clone();
        Fault::Before(Arc::new(move || server.advance(Duration::from_secs(240))))
    });
    tick(&sandbox).ok();
    assert_eq!(shares(&sandbox), ["1"; 2]);
    for function in [API, WEB] {
        let found = description(&sandbox, function);
        assert!(found.contains("starts 0 12"), "{function}: {found}");
    }
}

#[test]
fn functions_with_other_steps_do_not_begin_together() {
    let map = |steps: &str| format!("  rollout: {{steps: '{steps}', to: 2}}\n");
    let sandbox = world_with(&map("10%:5m,100%"), &map("1%:5m,100%"));
    let ran = project(&sandbox, "rollout start --detach")
        .fails(2)
        .says("the functions have different steps: `api-dev-shop` 10%:5m, 100%:10m");
    assert_eq!(ran.calls.len(), 0);
    // Times may differ.
    let sandbox = world_with(&map("10%:5m,100%"), &map("10%:9m,100%"));
    project(&sandbox, "rollout start --detach").ok();
}

#[test]
fn a_command_that_helps_is_about_the_same_functions() {
    let sandbox = world();
    let selection = "--stage dev --app shop --region ap-guangzhou --namespace default";
    let undo = format!("undo: `scfctl rollout abort --project --alias prod {selection}`");
    let line = "rollout start --project --alias prod --to latest-published --detach";
    // The order is that of the program.
    let ran = sandbox.type_in(&format!("{line} {selection}")).ok().says(&undo);
    let (_, undo) = ran.stderr.split_once("undo: `scfctl ").unwrap();
    sandbox.type_in(undo.split_once('`').unwrap().0).ok();
    assert_eq!(shares(&sandbox), ["0"; 2]);
    // What was rolled back is rolled out again by its own file, not by one number for all.
    let ran = sandbox.type_in(line).fails(2);
    assert!(ran.stderr.contains("name it with rollout.to: 2 to"), "{}", ran.stderr);
    let params = "--to $LATEST --param who=me";
    let line = "rollout start --project --alias prod --detach";
    let ran = sandbox.type_in(&format!("{line} {params}")).ok();
    assert!(ran.stderr.contains("--param who=VALUE`"), "{}", ran.stderr);
}

#[test]
fn a_retry_that_stopped_on_its_way_is_gone_on_with() {
    let sandbox = world();
    begin(&sandbox, "--no-gates");
    project(&sandbox, "rollout abort").ok();
    refuse_once(&sandbox, "UpdateAlias", WEB);
    project(&sandbox, "rollout retry").fails(4);
    assert_eq!(shares(&sandbox), ["0.1", "0"]);
    minutes(&sandbox, 5);
    nothing(&tick(&sandbox).fails(5));
    assert_eq!(project(&sandbox, "rollout retry").ok().changes(), ["UpdateAlias"]);
    assert_eq!(shares(&sandbox), ["0.1"; 2]);
    minutes(&sandbox, 5);
    tick(&sandbox).ok();
    assert_eq!(shares(&sandbox), ["1"; 2]);
}
