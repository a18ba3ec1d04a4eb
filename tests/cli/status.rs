//! status and list-ver.

use std::io::{BufRead as _, BufReader};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustix::process::Signal;
use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Sandbox, finished, send};
use crate::sls;
use crate::tty::{Tty, plain};

/// 2026-11-28 10:00:00: the first second of a minute.
const BEGIN: i64 = 1_795_860_000;

/// Versions 1 and 2, alias `prod` on 1, and 600 calls a minute of it for an hour.
fn world() -> Sandbox {
    let sandbox = Sandbox::with(|options| {
        options.clock = Arc::new(|| DateTime::<Utc>::from_timestamp(BEGIN, 0).unwrap());
    });
    sandbox.project();
    sandbox.type_in("deploy").ok();
    sandbox.console("PublishVersion", json!({"Description": "first"}));
    sandbox.console("PublishVersion", json!({"Description": "第二个版本，修了几个错"}));
    let alias = json!({"Name": "prod", "FunctionVersion": "1", "Description": "mine"});
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

fn one(found: &Value) -> &Value {
    let functions = found["functions"].as_array().unwrap();
    assert_eq!(functions.len(), 1, "{found}");
    &functions[0]
}

#[test]
fn one_look_shows_versions_aliases_triggers_and_warm_instances() {
    let sandbox = world();
    sandbox.yaml("  events:\n    - timer:\n        name: each-hour\n        parameters:\n          cronExpression: '0 0 * * * * *'\n          qualifier: prod\n          enable: true\n");
    sandbox.type_in("deploy").ok();
    let params = json!({"Qualifier": "2", "VersionProvisionedConcurrencyNum": 3});
    sandbox.console("PutProvisionedConcurrencyConfig", params);
    let ran = sandbox.type_in("status --output json").ok();
    assert_eq!(ran.changes(), [] as [&str; 0]);
    let mut actions = ran.actions();
    actions.sort_unstable();
    assert_eq!(
        actions,
        [
            "GetFunction",
            "GetFunctionAddress",
            "GetFunctionAddress",
            "GetFunctionAddress",
            "GetProvisionedConcurrencyConfig",
            "ListAliases",
            "ListTriggers",
            "ListVersionByFunction",
        ]
    );
    let found = ran.json();
    let function = one(&found);
    assert_eq!(function["functionName"], FUNCTION);
    assert_eq!(
        (&function["status"], &function["runtime"]),
        (&json!("Active"), &json!("Python3.9"))
    );
    let versions = function["versions"].as_array().unwrap();
    let names: Vec<_> = versions.iter().map(|one| one["version"].as_str().unwrap()).collect();
    assert_eq!(names, ["$LATEST", "2", "1"]);
    assert_eq!(versions[1]["description"], "第二个版本，修了几个错");
    assert_eq!(versions[2]["aliases"], json!([{"aliasName": "prod", "share": 1}]));
    assert_eq!(versions[0]["aliases"], json!([{"aliasName": "$DEFAULT", "share": 1}]));
    for version in versions {
        assert_eq!(version["codeSha256"].as_str().unwrap().len(), 64);
        assert!(version["addTime"].as_str().unwrap().starts_with("2026-11-28 "), "{version}");
    }
    let trigger = json!({
        "type": "timer", "name": "each-hour", "qualifier": "prod", "enabled": true,
        "cron": "0 0 * * * * *", "description": "",
    });
    assert_eq!(function["triggers"], json!([trigger]));
    let warm = json!([{"version": "2", "asked": 3, "warm": 3, "status": "Done"}]);
    assert_eq!(function["provisioned"], warm);
    assert_eq!((&function["rollouts"], &function["unread"]), (&json!([]), &Value::Null));
}

#[test]
fn columns_are_straight_with_chinese_in_them() {
    let sandbox = world();
    let text = sandbox.type_in("status").ok().stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "demo-dev-shop  Active  Python3.9  index.main_handler  128 MB  3 s");
    let version = |name: &str| *lines.iter().find(|line| line.starts_with(name)).unwrap();
    let digest = version("$LATEST").split_whitespace().nth(3).unwrap();
    assert_eq!(digest.len(), 12);
    let head = "version  published (UTC+8)    code          serves         description";
    assert_eq!(lines[2], head);
    let row =
        format!("2        2026-11-28 18:00:00  {digest}  -              第二个版本，修了几个错");
    assert_eq!(version("2 "), row);
    assert_eq!(version("prod"), "prod      ████████████████████  1 100%");
    let split = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.01}]});
    let alias = json!({"Name": "prod", "FunctionVersion": "1", "RoutingConfig": split});
    sandbox.console("UpdateAlias", alias);
    let text = sandbox.type_in("status --lang zh").ok().stdout;
    // Whoever has any share is seen.
    assert!(text.contains("prod      ███████████████████░  █ 1 99%  ░ 2 1%\n"), "{text}");
    assert!(text.contains("版本     发布时间（UTC+8）    代码          所属别名"), "{text}");
    // Only one alias.
    let text = sandbox.type_in("status --alias prod").ok().stdout;
    assert!(text.contains("prod 99%") && !text.contains("$DEFAULT"), "{text}");
    sandbox.type_in("status --alias live").fails(3).says("no alias `live`");
    sandbox.type_in("status --function other").fails(3).says("no function `other`");
    sandbox.type_in("status --inputs alais=prod").fails(2).says("alias=prod");
    let named = format!("status --inputs function={FUNCTION} alias=prod namespace=default");
    sandbox.type_in(&named).ok();
}

#[test]
fn a_rollout_is_shown_with_shares_gates_what_comes_and_what_undoes() {
    let sandbox = world();
    sandbox
        .type_in("rollout start --alias prod --to 2 --steps 10%,50%,100% --interval 10m --detach")
        .ok();
    minutes(&sandbox, 7);
    let ran = sandbox.type_in("status --output json").ok();
    assert_eq!(ran.changes(), [] as [&str; 0]);
    // Four metrics of both versions, once.
    assert_eq!(ran.actions().iter().filter(|name| **name == "GetMonitorData").count(), 4);
    let found = ran.json();
    let rollouts = one(&found)["rollouts"].as_array().unwrap();
    assert_eq!(rollouts.len(), 1);
    let rollout = &rollouts[0];
    assert_eq!((&rollout["aliasName"], &rollout["outcome"]), (&json!("prod"), &json!("waiting")));
    assert_eq!(rollout["rollout"]["step"], 1);
    let observed = &rollout["observed"];
    let share = observed["canaryShare"].as_f64().unwrap();
    assert!((0.07..0.13).contains(&share), "{observed}");
    assert!(observed["canaryCalls"].as_f64().unwrap() > 200.0, "{observed}");
    assert_eq!(rollout["gates"][0]["gate"], "max-error-rate-increase");
    let mut next = rollout["next"].clone();
    let seconds = next.as_object_mut().unwrap().shift_remove("seconds").unwrap();
    assert!((300..=360).contains(&seconds.as_i64().unwrap()), "{seconds}");
    let time = "2026-11-28T10:13:00Z";
    assert_eq!(next, json!({"action": "advances", "time": time, "step": 2, "share": 0.5}));
    let commands: Vec<_> = rollout["commands"].as_array().unwrap().iter().collect();
    let does: Vec<_> = commands.iter().map(|one| one["does"].as_str().unwrap()).collect();
    assert_eq!(does, ["promote", "pause", "abort"]);
    let of = format!("--function {FUNCTION} --alias prod");
    assert_eq!(commands[0]["command"], format!("scfctl rollout promote {of} --expect-step 1"));
    assert_eq!(rollout["undo"], format!("scfctl rollout abort {of}"));
    let series = &rollout["series"];
    assert_eq!(series["period"], 60);
    assert_eq!(series["steps"], json!([{"step": 1, "point": 10, "share": 0.1}]));
    let calls = series["canary"]["invocations"].as_array().unwrap();
    assert!(calls[..10].iter().all(Value::is_null) && calls[12].is_number(), "{series}");
    let text = sandbox.type_in("status").ok().stdout;
    for part in [
        "\nrollout of prod from 1 to 2: step 1 of 3, 10% on 2; the time of the step is not over\n",
        "  steps          [10%:10m] 50%:10m 100%:10m\n",
        "  share          set 10%, observed ",
        "  next           step 2, 50%, at 10:13 UTC at the earliest: in 5m",
        &format!("  undo           scfctl rollout abort {of}\n"),
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    // The very commands.
    sandbox.type_in(&format!("rollout promote {of} --expect-step 1")).ok();
    sandbox.type_in(&format!("rollout abort {of}")).ok();
    let found = sandbox.type_in("status --output json").ok().json();
    let rollout = &one(&found)["rollouts"][0];
    assert_eq!((&rollout["outcome"], &rollout["next"]), (&json!("rolled-back"), &Value::Null));
    assert_eq!(rollout["commands"][0]["command"], format!("scfctl rollout retry {of}"));
}

#[test]
fn a_step_that_has_not_begun_to_count_shows_no_calls() {
    let sandbox = world();
    sandbox.server().advance(Duration::from_secs(30));
    sandbox.type_in("rollout start --alias prod --to 2 --steps 10%,100% --detach").ok();
    let ran = sandbox.type_in("status --output json").ok();
    let found = ran.json();
    let rollout = &one(&found)["rollouts"][0];
    assert_eq!(rollout["observed"]["canaryShare"], Value::Null);
    let text = sandbox.type_in("status").ok().stdout;
    assert!(text.contains("  set 10%, no calls observed yet\n"), "{text}");
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_shown() {
    let sandbox = world();
    sandbox.type_in("rollout start --alias prod --to 2 --steps 10%,100% --detach").ok();
    minutes(&sandbox, 5);
    sandbox.faulty(|call| match call.action.as_str() {
        "GetMonitorData" | "ListTriggers" | "GetProvisionedConcurrencyConfig" => {
            Fault::error("UnauthorizedOperation.CamNoAuth", "no")
        }
        _ => Fault::None,
    });
    let ran = sandbox
        .type_in("status --output json")
        .ok()
        .says("warning: cannot read the monitor's minutes of function `demo-dev-shop`")
        .says("warning: cannot read the triggers of function `demo-dev-shop`");
    let found = ran.json();
    let function = one(&found);
    let parts: Vec<_> = function["unread"].as_array().unwrap().iter().collect();
    let parts: Vec<_> = parts.iter().map(|one| one["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["monitor", "triggers", "provisioned"]);
    assert_eq!(function["triggers"], Value::Null);
    assert_eq!(function["rollouts"][0]["observed"], Value::Null);
    sandbox.type_in("status --lang zh").ok().says("无法读取函数 `demo-dev-shop` 的触发器");
    // Without these there is nothing to show.
    sandbox.faulty(|call| match call.action.as_str() {
        "ListAliases" => Fault::error("UnauthorizedOperation.CamNoAuth", "no"),
        _ => Fault::None,
    });
    sandbox.type_in("status").fails(4).says("cannot look at function `demo-dev-shop`");
}

#[test]
fn all_functions_of_a_project_are_one_table() {
    let sandbox = Sandbox::new();
    sandbox.sample_project();
    sandbox.type_in("deploy").ok();
    let ran = sandbox.type_in("status").ok();
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("function "), "{}", ran.stdout);
    assert_eq!(lines.len(), 9, "{}", ran.stdout);
    assert!(lines[1].ends_with("  Active  $DEFAULT  ██████████ $LATEST 100%"), "{}", lines[1]);
    // What else the files say does not matter.
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    let found = sandbox.type_in("status --output json").ok().json();
    let functions = found["functions"].as_array().unwrap();
    let keys: Vec<_> = functions.iter().map(|one| one["key"].as_str().unwrap()).collect();
    assert_eq!(
        keys,
        [
            "api",
            "catalog",
            "orders",
            "prices",
            "search",
            "stock",
            "workers.resize",
            "workers.report"
        ]
    );
    // An alias that none of them has is misspelt, perhaps.
    sandbox.type_in("status --alias nope").fails(3).says("no alias `nope`");
    let target = sandbox.type_in("status --target workers --output json").ok().json();
    assert_eq!(target["functions"].as_array().unwrap().len(), 2);
    let report = sandbox.type_in("status --target workers --function report").ok().stdout;
    assert!(report.contains("timer every-morning (0 0 8 * * * *)"), "{report}");
    // One that is not there is an error, and the others are shown.
    let name = functions[1]["functionName"].as_str().unwrap();
    sandbox.console("DeleteFunction", json!({"FunctionName": name}));
    let ran = sandbox.type_in("status --output json").fails(3);
    let found = ran.json();
    assert_eq!(found["functions"][1]["error"]["code"], "function-not-found");
    assert_eq!(found["functions"][2]["status"], "Active");
    // Nothing was done, and nothing goes on.
    assert_eq!(found["error"]["done"], json!([]));
    assert!(found["error"]["hint"].is_null(), "{found}");
    let ran = sandbox.type_in("status").fails(3).says("error: 1 of 8 failed: catalog");
    assert!(ran.stdout.contains("function-not-found"), "{}", ran.stdout);
    let ran = sls::called(&sandbox, "sls", &["info", "--lang", "zh"]).fails(3);
    assert!(ran.stdout.contains("message:      无法查看函数"), "{}", ran.stdout);
}

#[test]
fn called_as_sls_it_is_info() {
    let sandbox = world();
    let ran = sls::called(&sandbox, "sls", &["info"]).ok();
    let head = "\nserverless ⚡tencent \nAction: \"info\" - Stage: \"dev\" - App: \"shop\" - Name: \"demo\" \n\n最后操作:         2026-11-28 18:00:00\n应用状态:         active\nfunctionName: demo-dev-shop\n";
    assert!(ran.stdout.starts_with(head), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nlastVersion:  2\n"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("s ›demo› 信息成功加载\n\n"), "{}", ran.stdout);
    // As typed by our own name it is another word for the same.
    assert_eq!(sandbox.type_in("info").ok().stdout, sandbox.type_in("status").ok().stdout);
    let ran =
        sls::called(&sandbox, "sls", &["list-ver", "--inputs", "function=demo-dev-shop"]).ok();
    assert!(ran.stdout.contains("versions: \n  - \n    version:     $LATEST\n"), "{}", ran.stdout);
}

#[test]
fn versions_are_listed_over_all_pages_newest_first() {
    let sandbox = Sandbox::new();
    sandbox.function("many", "default", 130);
    let ran = sandbox.type_in("list-ver --function many --output json").ok();
    let lists = ran.actions().iter().filter(|name| **name == "ListVersionByFunction").count();
    assert_eq!((lists, ran.actions().len()), (2, 3));
    let found = ran.json();
    let versions = found["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 131);
    let names: Vec<_> = versions.iter().map(|one| one["version"].as_str().unwrap()).collect();
    assert_eq!((names[0], names[1], names[130]), ("$LATEST", "130", "1"));
    assert!(versions[1]["addTime"].is_string() && versions[1].get("codeSha256").is_none());
    let text = sandbox.type_in("list-ver --function many").ok().stdout;
    assert_eq!(text.lines().count(), 132);
    assert!(
        text.starts_with("version  published (UTC+8)    serves         description\n$LATEST  "),
        "{text}"
    );
    // A look shows the newest ones.
    let text = sandbox.type_in("status --function many").ok().stdout;
    assert!(text.contains("\n… and 120 more\n"), "{text}");
    sandbox.type_in("list-ver --function other").fails(3).says("no function `other`");
    sandbox.type_in("list-ver --inputs function=many version=2").fails(2);
}

/// A rollout of version 2 to `prod`, left to ticks.
fn begun(sandbox: &Sandbox) {
    let line =
        "rollout start --alias prod --to 2 --steps 10%:5m,50%:5m,100%:5m --no-gates --detach";
    sandbox.type_in(line).ok();
}

#[test]
fn waiting_ends_where_the_rollout_has_come() {
    let sandbox = world();
    sandbox
        .type_in("status --alias prod --wait done")
        .fails(3)
        .says("alias `prod` is not under a rollout");
    begun(&sandbox);
    // It is there.
    let ran = sandbox.type_in("status --alias prod --wait step=1 --output json").ok();
    assert_eq!((ran.changes(), ran.json()["rollout"]["step"].clone()), (vec![], json!(1)));
    sandbox.type_in("status --wait step=4").fails(2).says("has 3 steps and no step 4");
    sandbox.type_in("status --wait stpe=1").fails(2).says("is none of done, paused and step=N");
    let ran = sandbox.type_in("status --wait done --timeout 6s").fails(6);
    ran.says("still under way after 6 s: step 1 of 3, 10% on 2");
    // Without a name the one that is under way is meant.
    let from = sandbox.calls().len();
    let waits = sandbox.spawn(&["status", "--wait", "step=2", "--output", "json"]);
    sandbox.await_calls(from, "GetAlias", 1);
    sandbox.type_in("rollout promote --alias prod").ok();
    let ran = finished(waits).ok();
    assert_eq!(ran.json()["rollout"]["step"], 2);
    sandbox.type_in("rollout pause --alias prod").ok();
    sandbox.type_in("status --wait paused").ok();
    sandbox.type_in("status --wait done").fails(8).says("is held in step 2 of 3: paused by hand");
    sandbox.type_in("rollout abort --alias prod").ok();
    let ran = sandbox.type_in("status --alias prod --wait done --output json").fails(7);
    assert_eq!(
        (&ran.json()["outcome"], &ran.json()["error"]["code"]),
        (&json!("rolled-back"), &json!("rolled-back"))
    );
    sandbox.type_in("rollout retry --alias prod").ok();
    sandbox.type_in("rollout promote --alias prod --full").ok();
    minutes(&sandbox, 10);
    sandbox.type_in("rollout tick --alias prod").ok();
    sandbox.type_in("status --alias prod --wait done").ok();
    sandbox.type_in("status --alias prod --wait paused").fails(1).says("is done and was not held");
}

#[test]
fn nobody_waits_for_a_marker_that_is_not_understood() {
    let sandbox = world();
    let alias = json!({"Name": "prod", "FunctionVersion": "1", "Description": "scfctl v9 id x"});
    sandbox.console("UpdateAlias", alias);
    for line in ["status --wait done", "status --watch --wait paused", "status --wait step=2"] {
        let ran = sandbox.type_in(&format!("{line} --alias prod --timeout 120s")).fails(5);
        // What it is, and not that there is none.
        assert!(ran.stdout.contains("the marker in the description is not understood"), "{line}");
        let ran = ran.says("the description of alias `prod` ends with what this program does not");
        assert_eq!(ran.changes(), [] as [&str; 0], "{line}");
    }
    let ran = sandbox.type_in("status --wait done --alias prod --output json").fails(5);
    assert_eq!(ran.json()["outcome"], "unknown-marker");
}

#[test]
fn only_one_rollout_can_be_waited_for() {
    let sandbox = world();
    begun(&sandbox);
    sandbox.type_in("rollout start --to 2 --no-gates --detach").ok();
    sandbox
        .type_in("status --wait done")
        .fails(2)
        .says("several rollouts are under way, of $DEFAULT, prod: name one with --alias");
    let project = Sandbox::new();
    project.sample_project();
    let ran = project.type_in("status --wait done").fails(2);
    assert_eq!(ran.actions(), [] as [&str; 0]);
    assert!(ran.stderr.contains("--wait is for one function"), "{}", ran.stderr);
    project.type_in("status --watch --output json").fails(2).says("--watch and --output json");
    let ran = project.type_in("status --watch --timeout 2s").fails(2);
    let ran = ran.says("--watch --timeout has no effect without --wait");
    assert_eq!(ran.actions(), [] as [&str; 0]);
}

#[test]
fn a_pipe_gets_a_line_for_each_change() {
    let sandbox = world();
    begun(&sandbox);
    let mut watches = sandbox.spawn(&["status", "--watch", "--alias", "prod", "--wait", "step=2"]);
    let mut printed = BufReader::new(watches.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut lines: Vec<String> = printed.by_ref().take(3).collect();
    sandbox.type_in("rollout promote --alias prod").ok();
    lines.extend(printed);
    finished(watches).ok();
    assert!(lines.iter().all(|line| line[8..].starts_with(" UTC ")), "{lines:?}");
    let lines: Vec<&str> = lines.iter().map(|line| &line[13..]).collect();
    assert_eq!(
        lines[..5],
        [
            "demo-dev-shop: Active",
            "prod: 90% 1, 10% 2",
            "rollout of prod from 1 to 2: step 1 of 3, 10% on 2; the time of the step is not over",
            "prod: 50% 1, 50% 2",
            "rollout of prod from 1 to 2: step 2 of 3, 50% on 2; the time of the step is not over",
        ],
        "{lines:?}"
    );
    // Whoever ends it has seen enough, and nothing is changed that could be stopped.
    let mut watches = sandbox.spawn(&["status", "--watch", "--lang", "zh"]);
    let mut printed = BufReader::new(watches.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(printed.any(|line| line.contains("别名 prod 的灰度发布，从版本 1 到 2")));
    send(Signal::INT, watches.id());
    let ran = finished(watches).ok();
    assert!(!ran.stderr.contains("停止") && !ran.stderr.contains("错误"), "{}", ran.stderr);
    // So has the system, whose word is the exit code.
    let mut watches = sandbox.spawn(&["status", "--watch"]);
    let mut printed = BufReader::new(watches.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(printed.any(|line| line.contains("rollout of prod from 1 to 2")));
    send(Signal::TERM, watches.id());
    let ran = finished(watches).fails(143);
    assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
}

/// How a command on a screen of its own exits, and what it prints once it has left the screen.
#[track_caller]
fn leaves(tty: Tty) -> (i32, String) {
    let (code, printed) = tty.ended();
    let left = printed.rfind("\u{1b}[?1049l").expect("the screen is left");
    assert!(left > printed.rfind("\u{1b}[?1049h").unwrap());
    assert!(printed.rfind("\u{1b}[?25h") > printed.rfind("\u{1b}[?25l"), "the cursor is hidden");
    (code, printed[left..].to_owned())
}

/// A command on a terminal of 60 columns.
fn on_terminal(sandbox: &Sandbox, line: &str) -> Tty {
    Tty::spawn(sandbox, 60, &line.split(' ').collect::<Vec<_>>())
}

#[test]
fn keys_change_a_rollout_after_a_yes_and_the_terminal_is_given_back() {
    let sandbox = world();
    begun(&sandbox);
    let tty = on_terminal(&sandbox, "status --watch --alias prod");
    tty.until("rollout of prod from 1 to 2: step 1 of 3, 10% on 2");
    tty.until("p pause  r resume  P next step  a abort  q quit");
    let from = sandbox.calls().len();
    tty.keys("a");
    tty.until("send everything of prod back? y");
    // Anything else is no.
    tty.keys("n");
    tty.until("p pause  r resume  P next step  a abort  q quit");
    sandbox.nothing_changed(from);
    tty.keys("P");
    tty.until("take the rollout of prod to its next step? y");
    tty.keys("y");
    tty.until("step 2 of 3: 50% 2 (promoted)");
    tty.until("rollout of prod from 1 to 2: step 2 of 3, 50% on 2");
    assert_eq!(sandbox.routing("prod"), json!({"1": 0.5, "2": 0.5}));
    tty.keys("py");
    tty.until("held in step 2 of 3");
    // What is refused is said, and the screen stays.
    tty.keys("py");
    tty.until("nothing to do; nothing was sent");
    tty.keys("r");
    tty.until("go on with the rollout of prod? y");
    tty.keys("y");
    tty.until("rollout of prod from 1 to 2: step 2 of 3, 50% on 2; the time");
    tty.keys("py");
    tty.until("held in step 2 of 3");
    tty.keys("ay");
    tty.until("rolled back, 1 serves");
    assert_eq!(sandbox.changes_since(from), ["UpdateAlias"; 5]);
    assert_eq!(sandbox.routing("prod"), json!({"1": 1.0}));
    // There is nothing left that keys could do.
    tty.keys("ay");
    tty.keys("q");
    assert_eq!(leaves(tty).0, 0);
}

#[test]
fn the_terminal_is_given_back_whatever_ends_the_screen() {
    let sandbox = world();
    begun(&sandbox);
    let tty = on_terminal(&sandbox, "status --watch");
    tty.until("q quit");
    tty.keys("\u{3}");
    assert_eq!(leaves(tty).0, 0);
    let tty = on_terminal(&sandbox, "status --watch");
    tty.until("q quit");
    send(Signal::TERM, tty.id());
    let (code, printed) = leaves(tty);
    assert_eq!(code, 143);
    assert!(!printed.contains("error"), "{printed}");
    // An error that no repetition mends.
    let tty = on_terminal(&sandbox, "status --watch");
    tty.until("q quit");
    sandbox.faulty(|_| Fault::error("AuthFailure.SecretIdNotFound", "no"));
    let (code, printed) = leaves(tty);
    assert_eq!(code, 4);
    assert!(plain(&printed).contains("error: cannot look at function"), "{printed}");
}
