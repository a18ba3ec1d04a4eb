//! rollout and rollback, on a server whose time the tests move.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustix::process::Signal;
use scfctl::local::{Fault, Place};
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Ran, Sandbox, send};

/// 2026-11-28 10:00:00: the first second of a minute.
pub const BEGIN: i64 = 1_795_860_000;

/// Versions 1 and 2, everything of alias `prod` on 1, and 600 calls a minute for an hour.
pub struct World {
    pub sandbox: Sandbox,
}

impl World {
    /// Somebody pauses the rollout of `prod`, in its first step, right before such a call.
    pub fn is_paused_before(&self, action: &'static str) {
        let description = self.description().replace("phase running", "phase held user");
        let params = json!({
            "FunctionName": FUNCTION, "Name": "prod", "FunctionVersion": "1",
            "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]},
            "Description": description,
        });
        self.sandbox.alias_changes_before(action, params);
    }

    pub fn new() -> Self {
        let sandbox = Sandbox::with(|options| {
            options.clock = Arc::new(|| DateTime::<Utc>::from_timestamp(BEGIN, 0).unwrap());
        });
        sandbox.project();
        sandbox.type_in("deploy").ok();
        sandbox.console("PublishVersion", json!({}));
        sandbox.console("PublishVersion", json!({}));
        let alias = json!({"Name": "prod", "FunctionVersion": "1", "Description": "mine, 我的。"});
        sandbox.console("CreateAlias", alias);
        let world = Self { sandbox };
        world.load(&json!({}));
        world
    }

    pub fn load(&self, versions: &Value) {
        self.load_at(600, versions);
    }

    /// Calls a minute of both aliases.
    fn load_at(&self, rate: u64, versions: &Value) {
        for alias in ["prod", "$DEFAULT"] {
            let load = json!({"alias": alias, "rate_per_min": rate, "versions": versions});
            let params = json!({"FunctionName": FUNCTION, "Load": load.to_string()});
            self.sandbox.server().instruct("SetLoad", params, REGION).unwrap();
        }
    }

    pub fn minutes(&self, minutes: u64) {
        self.sandbox.server().advance(Duration::from_secs(60 * minutes));
    }

    pub fn type_in(&self, line: &str) -> Ran {
        self.sandbox.type_in(line)
    }

    fn alias(&self) -> Value {
        self.sandbox.console("GetAlias", json!({"Name": "prod"}))
    }

    pub fn description(&self) -> String {
        self.alias()["Description"].as_str().unwrap().to_owned()
    }

    pub fn routing(&self) -> Value {
        self.sandbox.routing("prod")
    }

    /// What the monitor makes of the calls.
    fn monitor(&self, monitor: &Value) {
        let load = json!({"alias": "prod", "rate_per_min": 600, "monitor": monitor});
        let params = json!({"FunctionName": FUNCTION, "Load": load.to_string()});
        self.sandbox.server().instruct("SetLoad", params, REGION).unwrap();
    }

    /// Somebody leaves the alias with another description, in the console.
    fn describe(&self, description: &str) {
        let alias = self.alias();
        let params = json!({
            "Name": "prod", "FunctionVersion": alias["FunctionVersion"], "Description": description,
            "RoutingConfig": alias["RoutingConfig"],
        });
        self.sandbox.console("UpdateAlias", params);
    }

    /// Begins a rollout of version 2 to `prod`, and leaves it to ticks.
    pub fn begin(&self, options: &str) {
        self.type_in(&format!("rollout start --alias prod --to 2 --detach {options}")).ok();
    }

    /// Ticks each minute until a tick fails or nothing is left to do; returns the last one.
    pub fn tick(&self, minutes: u64) -> Ran {
        let mut last = self.type_in("rollout tick --alias prod --output json");
        for _ in 0..minutes {
            if last.code != 0 || last.json()["outcome"] == "done" {
                break;
            }
            self.minutes(1);
            last = self.type_in("rollout tick --alias prod --output json");
        }
        last
    }
}

#[test]
fn a_healthy_version_goes_step_by_step() {
    let world = World::new();
    let ran = world
        .type_in("rollout start --alias prod --to 2 --steps 10%,100% --interval 5m --detach")
        .ok()
        .says("undo: `scfctl rollout abort --function demo-dev-shop --alias prod`");
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
    let description = world.description();
    let (text, marker) = description.split_once('\n').unwrap();
    assert_eq!(text, "mine, 我的。");
    assert!(marker.starts_with("scfctl v1 id "), "{marker}");
    assert!(
        marker.ends_with(
            ", from 1, to 2, steps 0.1 1 5m, step 1, phase running, began 20261128T1000, \
             starts 0, errorincrease 1.1x 0.05"
        ),
        "{marker}"
    );
    world.minutes(7);
    let waits = world.type_in("rollout tick --alias prod --output json").ok();
    assert_eq!(waits.changes(), [] as [&str; 0]);
    let found = waits.json();
    assert_eq!(
        (&found["outcome"], &found["nextLook"]),
        (&json!("waiting"), &json!("2026-11-28T10:08:00Z"))
    );
    let gate = &found["gates"][0];
    assert_eq!(
        (&gate["gate"], &gate["value"]),
        (&json!("max-error-rate-increase"), &json!("1.1x+0.05%"))
    );
    assert!(gate["canary"]["calls"].as_f64().unwrap() > 100.0, "{gate}");
    world.minutes(1);
    let ran = world.type_in("rollout tick --alias prod --output json").ok();
    assert_eq!(
        (ran.changes(), ran.json()["outcome"].clone()),
        (vec!["UpdateAlias"], json!("advanced"))
    );
    assert_eq!(world.routing(), json!({"1": 0.0, "2": 1}));
    let done = world.tick(20).ok();
    assert_eq!(done.json()["outcome"], "done");
    // Re-based: the next one has its place.
    assert_eq!(world.routing(), json!({"2": 1.0}));
    assert_eq!(world.alias()["FunctionVersion"], "2");
    let nothing = world.type_in("rollout tick --alias prod").ok();
    assert_eq!(nothing.changes(), [] as [&str; 0]);
    let back = world.type_in("rollback --alias prod").ok();
    assert_eq!(back.changes(), ["UpdateAlias"]);
    assert_eq!(world.routing(), json!({"1": 1.0}));
    assert_eq!(world.description(), "mine, 我的。\nscfctl v1 rolledback 2");
}

#[test]
fn a_bad_version_goes_back_before_its_step_is_over() {
    let world = World::new();
    world.load(&json!({"2": [{"error_rate": 0.5}]}));
    world.begin("--steps 10%,100% --interval 10m");
    let ran = world.tick(20).fails(7);
    let found = ran.json();
    assert_eq!(found["outcome"], "rolled-back");
    assert_eq!(found["rollout"]["reason"], "fail");
    assert_eq!(found["error"]["exitCode"], 7);
    assert_eq!(found["error"]["code"], "rolled-back");
    assert_eq!(world.routing(), json!({"1": 1.0}));
    let description = world.description();
    assert!(description.starts_with("mine, 我的。\nscfctl v1 id "), "{description}");
    assert!(description.ends_with(", rolledback 2"), "{description}");
    // Whoever ticks finds it, and changes nothing.
    let again = world.type_in("rollout tick --alias prod").fails(7);
    assert_eq!(again.changes(), [] as [&str; 0]);
    let error = "error: the rollout of alias `prod` to 2 was rolled back, 1 serves everything: a gate failed";
    assert!(again.stderr.contains(error), "{}", again.stderr);
    let hint = "begin again with `scfctl rollout retry --function demo-dev-shop --alias prod`";
    assert!(again.stderr.contains(hint), "{}", again.stderr);
    world.load(&json!({}));
    world.type_in("rollout retry --alias prod").ok();
    assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
    assert!(!world.description().contains("rolledback"));
}

#[test]
fn the_default_alias_goes_the_way_of_the_document() {
    let world = World::new();
    world.type_in("deploy --publish --traffic 0").ok();
    assert_eq!(world.sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "3": 1}));
    world.sandbox.change_code("two");
    world.type_in("deploy").ok();
    world.type_in("rollout start --steps 20%:2m,100%:2m --detach").ok();
    assert_eq!(world.sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.2, "3": 0.8}));
    for _ in 0..15 {
        world.minutes(1);
        world.type_in("rollout tick").ok();
    }
    // What was observed is published once, not deployed anew.
    assert_eq!(world.sandbox.versions(), ["1", "2", "3", "4"]);
    assert_eq!(world.sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "4": 1}));
    let alias = world.sandbox.console("GetAlias", json!({"Name": "$DEFAULT"}));
    let description = alias["Description"].as_str().unwrap();
    assert!(description.contains(", phase done, "), "{description}");
    assert!(description.contains(", frozen 4, before 3"), "{description}");
}

#[test]
fn other_code_in_latest_stops_it() {
    let world = World::new();
    world.type_in("deploy --publish --traffic 0").ok();
    world.type_in("rollout start --steps 20%:2m,100%:2m --detach").ok();
    world.sandbox.change_code("unreviewed");
    world.type_in("deploy").ok();
    world.minutes(1);
    let ran = world.type_in("rollout tick").fails(5);
    assert!(ran.stderr.contains("the code of $LATEST has changed"), "{}", ran.stderr);
    assert_eq!(world.sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.2, "3": 0.8}));
    // It was written, so that nobody has to look again.
    let ran = world.type_in("rollout tick").fails(8);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    world.type_in("rollout resume").fails(5);
    world.type_in("rollout retry").ok();
    world.minutes(1);
    world.type_in("rollout tick").ok();
}

#[test]
fn verbs_are_one_write_each() {
    let world = World::new();
    world.begin("--steps 10%,50%,100% --interval 5m");
    let one = ["UpdateAlias"];
    assert_eq!(world.type_in("rollout pause --alias prod").ok().changes(), one);
    let ran = world.type_in("rollout tick --alias prod").fails(8);
    assert!(ran.stderr.contains("is held in step 1 of 3: paused by hand"), "{}", ran.stderr);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    let none = world.type_in("rollout pause --alias prod").ok();
    assert_eq!(none.changes(), [] as [&str; 0]);
    assert_eq!(world.type_in("rollout resume --alias prod").ok().changes(), one);
    let ran = world.type_in("rollout promote --alias prod --expect-step 2").fails(5);
    assert!(ran.stderr.contains("is in step 1, not in step 2"), "{}", ran.stderr);
    let ran = world.type_in("rollout promote --alias prod --expect-step 1 --dry-run").ok();
    assert_eq!(ran.changes(), [] as [&str; 0]);
    world.type_in("rollout promote --alias prod --expect-step 1").ok();
    assert_eq!(world.routing(), json!({"1": 0.5, "2": 0.5}));
    world.type_in("rollout promote --alias prod --full").ok();
    assert_eq!(world.routing(), json!({"1": 0.0, "2": 1}));
    let status = world.type_in("rollout status --alias prod --output json").ok();
    assert_eq!(status.changes(), [] as [&str; 0]);
    let found = status.json();
    assert_eq!(
        (&found["rollout"]["step"], &found["rollout"]["phase"]),
        (&json!(3), &json!("running"))
    );
    assert_eq!(world.type_in("rollout abort --alias prod").ok().changes(), one);
    assert_eq!(world.routing(), json!({"1": 1.0}));
    world.type_in("rollout tick --alias prod").fails(7);
    assert_eq!(world.type_in("rollout abort --alias prod").ok().changes(), [] as [&str; 0]);
    let other = "rollout abort --alias $DEFAULT";
    world.type_in(other).fails(3);
}

#[test]
fn a_pause_of_the_schedule_waits_for_somebody() {
    let world = World::new();
    world.begin("--steps 10%:pause,100%:0 --no-gates");
    world.type_in("rollout tick --alias prod").fails(8).says("the schedule pauses here");
    world.type_in("rollout resume --alias prod").ok();
    assert_eq!(world.routing(), json!({"1": 0.0, "2": 1}));
    world.type_in("rollout tick --alias prod").ok();
    assert_eq!(world.routing(), json!({"2": 1.0}));
}

#[test]
fn someone_elses_change_is_not_written_over() {
    let world = World::new();
    world.begin("--steps 10%,100%");
    let marked = world.description();
    let split = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.3}]});
    let moved = json!({
        "Name": "prod", "FunctionVersion": "1", "RoutingConfig": split, "Description": marked,
    });
    world.sandbox.console("UpdateAlias", moved);
    let ran = world.type_in("rollout tick --alias prod").fails(5);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    let error = "someone else has changed alias `prod`: the rollout left 90% 1, 10% 2, and it is 70% 1, 30% 2";
    assert!(ran.stderr.contains(error), "{}", ran.stderr);
    for command in [
        "`scfctl rollout resume --function demo-dev-shop --alias prod`",
        "--alias prod --version 1 --weight 2=0.3 --end-rollout`",
    ] {
        assert!(ran.stderr.contains(command), "{}", ran.stderr);
    }
    world.type_in("rollout resume --alias prod").ok();
    assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
}

#[test]
fn an_alias_under_a_rollout_is_not_routed_otherwise() {
    let world = World::new();
    world.begin("--steps 10%,100%");
    for line in [
        "update-alias --alias prod --version 1 --weight 2=0.5",
        "update-alias --alias prod --version 1 --description other",
        "delete-alias --alias prod",
        "delete-alias --alias prod --force",
        "deploy --alias prod --traffic 0.1",
        "rollout start --alias prod --to 2",
    ] {
        let ran = world.type_in(line).fails(5);
        assert_eq!(ran.changes(), [] as [&str; 0], "{line}");
        assert!(ran.stderr.contains("alias `prod` is under rollout"), "{line}: {}", ran.stderr);
    }
    // Code may be deployed: nobody is sent to it.
    world.type_in("deploy").ok();
    let line = "update-alias --alias prod --version 1 --weight 2=0.5 --end-rollout";
    assert_eq!(world.type_in(line).ok().changes(), ["UpdateAlias"]);
    assert_eq!(world.routing(), json!({"1": 0.5, "2": 0.5}));
    assert!(world.description().contains(", phase ended, "), "{}", world.description());
    world.type_in("rollout tick --alias prod").ok();
    // A split alias is taken over at the first step that is not lower.
    world.begin("--steps 10%,50%,100%");
    assert!(world.description().contains(", step 2, "), "{}", world.description());
    world.type_in("delete-alias --alias prod --end-rollout").ok();
}

#[test]
fn what_cannot_begin_changes_nothing() {
    let world = World::new();
    for (line, code, text) in [
        ("--to 9", 3, "version 9 is not published"),
        ("--to 1", 2, "1 serves everything of alias `prod` already"),
        ("--to v2", 2, "--to: `v2` is no version"),
        ("--to 2 --steps 50%,10%,100%", 2, "10% comes after 50%; shares must rise"),
        ("--to 2 --steps 10%", 2, "the last step is 10%; it must be 100%"),
        ("--to 2 --max-error-rate 2", 2, "--max-error-rate: `2` is not a percentage"),
        ("--to 2 --on-fail wait", 2, "--on-fail: `wait` is none of rollback, hold"),
        ("--to 2 --preset Canary", 2, "`Canary` is no preset"),
        (
            "--to 2 --prometheus http://127.0.0.1:1 --query-calls-canary a --query-error-canary b \
             --query-calls-baseline c --query-error-baseline d --max-throttles 1%",
            2,
            "--max-throttles",
        ),
    ] {
        let ran = world.type_in(&format!("rollout start --alias prod {line}")).fails(code);
        assert_eq!(ran.changes(), [] as [&str; 0], "{line}");
        assert!(ran.stderr.contains(text), "{line}: {}", ran.stderr);
    }
    let long = json!({
        "Name": "prod", "FunctionVersion": "1", "Description": "长".repeat(900),
    });
    world.sandbox.console("UpdateAlias", long);
    let ran = world.type_in("rollout start --alias prod --to 2").fails(2);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    assert!(ran.stderr.contains("leaves too little room"), "{}", ran.stderr);
    world.type_in("rollout start --alias other --to 2").fails(3);
    let ran = world.type_in("list-alias --output ndjson").fails(2);
    let error: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&error["event"], &error["error"]["code"]), (&json!("error"), &json!("usage")));
    for line in ["rollout start", "rollout tick", "rollout rehearse", "deploy --rollout"] {
        assert!(ran.stderr.contains(&format!("`{line}`")), "{line}: {}", ran.stderr);
    }
}

#[test]
fn the_map_of_the_file_is_enough() {
    let world = World::new();
    let map = "  rollout:\n    alias: prod\n    to: 2\n    steps: 10%,100%\n    interval: 5m\n    onNoData: continue\n    maxErrorRate: 2%\n";
    world.sandbox.yaml(map);
    world.type_in("rollout start --detach").ok();
    let description = world.description();
    for field in [", steps 0.1 1 5m, ", ", errorrate 2, ", ", onnodata continue"] {
        assert!(description.contains(field), "{field}: {description}");
    }
    world.type_in("rollout abort").ok();
    // What is typed wins, and another schedule takes the place of the whole one.
    world.type_in("rollout start --preset Canary25Percent1Minute --detach").ok();
    assert_eq!(world.routing(), json!({"1": 0.75, "2": 0.25}));
    world.type_in("rollout abort").ok();
    // A deployment leaves the map alone.
    let ran = world.type_in("deploy").ok();
    assert!(!ran.stderr.contains("rollout"), "{}", ran.stderr);
    world.sandbox.yaml("  rollout:\n    step: 10%\n");
    let ran = world.type_in("rollout start").fails(2);
    assert!(ran.stderr.contains("no key `step`; did you mean `steps`?"), "{}", ran.stderr);
}

#[test]
fn no_traffic_is_no_health() {
    let world = World::new();
    world.load_at(0, &json!({}));
    world.begin("--steps 10%:2m,100%");
    // Two minutes, three until they are settled, ten more.
    world.minutes(14);
    world.type_in("rollout tick --alias prod").ok();
    world.minutes(1);
    world.type_in("rollout tick --alias prod").fails(8).says("too little data to judge by");
    assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
    let hint = "go on with `scfctl rollout resume --function demo-dev-shop --alias prod`";
    world.type_in("rollout tick --alias prod").fails(8).says(hint);
}

#[test]
fn a_command_judges() {
    let world = World::new();
    let start = [
        "rollout",
        "start",
        "--alias",
        "prod",
        "--to",
        "2",
        "--steps",
        "10%:1m,100%:1m",
        "--settle",
        "0",
        "--detach",
        "--gate-cmd",
        "test \"$SCFCTL_STEP $SCFCTL_TO\" = '1 2'",
    ];
    world.sandbox.run(&start).ok();
    world.minutes(1);
    let tick = |command: &str| {
        world.sandbox.run(&["rollout", "tick", "--alias", "prod", "--gate-cmd", command])
    };
    tick("test \"$SCFCTL_STEP $SCFCTL_TO\" = '1 2'").ok();
    assert_eq!(world.routing(), json!({"1": 0.0, "2": 1}));
    world.minutes(1);
    // In step 2 it fails.
    tick("test \"$SCFCTL_STEP $SCFCTL_TO\" = '1 2'").fails(7);
    assert_eq!(world.routing(), json!({"1": 1.0}));
    world.type_in("rollout retry --alias prod").ok();
    // Without the command nobody can tell.
    let ran = world.type_in("rollout tick --alias prod").fails(8);
    assert!(ran.stderr.contains("the gate command or the queries are missing"), "{}", ran.stderr);
    let tick = "`scfctl rollout tick --function demo-dev-shop --alias prod --gate-cmd LINE`";
    assert!(ran.stderr.contains(tick), "{}", ran.stderr);
}

#[test]
fn a_rollout_to_the_end_in_one_command() {
    let world = World::new();
    let line = "rollout start --alias prod --to 2 --steps 100%:0 --no-gates --output ndjson";
    let ran = world.type_in(line).ok();
    let events: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<(&str, &str)> = events
        .iter()
        .map(|event| (event["event"].as_str().unwrap(), event["phase"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("begins", "running"), ("finishes", "done")]);
    assert_eq!(events[0]["schemaVersion"], 1);
    assert_eq!(events[1]["reason"], "nothing-judged");
    assert_eq!(world.routing(), json!({"2": 1.0}));
}

#[test]
fn the_same_run_goes_on_with_its_rollout() {
    let world = World::new();
    world.sandbox.change_code("three");
    world.type_in("deploy").ok();
    let line = "rollout start --alias prod --publish --run-id r1 --steps 10%:pause,100%:0 \
                --no-gates --detach";
    world.type_in(line).ok();
    assert_eq!(world.sandbox.versions(), ["1", "2", "3"]);
    // Once more under the same name: nothing is published, nothing begun.
    let line =
        "rollout start --alias prod --publish --run-id r1 --steps 10%:pause,100%:0 --no-gates";
    let ran = world.type_in(line).fails(8);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    assert_eq!(world.sandbox.versions(), ["1", "2", "3"]);
}

#[test]
fn a_rollback_needs_to_know_where_to() {
    let world = World::new();
    let ran = world.type_in("rollback --alias prod").fails(3);
    assert!(ran.stderr.contains("none before it is known"), "{}", ran.stderr);
    let ran = world.type_in("rollback --alias prod --to 2").ok();
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    assert_eq!(ran.actions().iter().filter(|action| **action == "GetFunction").count(), 0);
    assert_eq!(world.routing(), json!({"2": 1.0}));
    // The version that was left gets nothing again.
    world.type_in("rollback --alias prod --to 2").ok().says("2 serves everything already");
    let split = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 1}]});
    let alias = json!({"Name": "prod", "FunctionVersion": "1", "RoutingConfig": split});
    world.sandbox.console("UpdateAlias", alias);
    // As the document's last step leaves it.
    world.type_in("rollback --alias prod").ok();
    assert_eq!(world.routing(), json!({"1": 1.0}));
}

#[test]
fn an_interrupted_start_leaves_what_was_asked_for() {
    for (option, code, phase, routing) in [
        ("", 130, "held interrupt", json!({"1": 0.9, "2": 0.1})),
        ("--on-interrupt rollback", 130, "back interrupt", json!({"1": 1.0})),
    ] {
        let world = World::new();
        let line = format!("rollout start --alias prod --to 2 --steps 10%,100% {option}");
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let mut process = world.sandbox.spawn(&arguments);
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().starts_with("- step 1 of 2")));
        send(Signal::INT, process.id());
        let told: Vec<String> = lines.map(Result::unwrap).collect();
        assert_eq!(process.wait().unwrap().code(), Some(code), "{told:?}");
        assert!(world.description().contains(&format!(", phase {phase}, ")), "{told:?}");
        assert_eq!(world.routing(), routing);
        let (left, hint) = match phase {
            "held interrupt" => ("is held", "hint: go on with `scfctl rollout resume"),
            _ => ("was rolled back", "hint: once the cause is gone, begin again with `scfctl"),
        };
        let error = format!("error: interrupted; the rollout of alias `prod` {left}");
        assert!(told.contains(&error), "{told:?}");
        assert!(told.iter().any(|line| line.trim_start().starts_with(hint)), "{told:?}");
    }
}

/// A Prometheus that counts 600 calls a minute, of which a query for errors of 2 says 300.
fn prometheus() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = String::new();
            BufReader::new(stream.try_clone().unwrap()).read_line(&mut request).unwrap();
            let value = match () {
                () if request.contains("query=errors_2") => 300,
                () if request.contains("query=errors") => 0,
                () => 600,
            };
            let part = |name: &str| -> i64 {
                let (_, rest) = request.split_once(&format!("{name}=")).unwrap();
                rest.split(['&', ' ']).next().unwrap().parse().unwrap()
            };
            let times = (part("start")..=part("end")).step_by(60);
            let values: Vec<Value> = times.map(|time| json!([time, value.to_string()])).collect();
            let body = json!({"status": "success", "data": {
                "resultType": "matrix", "result": [{"metric": {}, "values": values}],
            }})
            .to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all((head + &body).as_bytes()).unwrap();
        }
    });
    address
}

#[test]
fn metrics_may_be_in_prometheus() {
    let world = World::new();
    let address = prometheus();
    let queries = [
        "--prometheus",
        &address,
        "--query-calls-canary",
        "calls_$version",
        "--query-error-canary",
        "errors_$version",
        "--query-calls-baseline",
        "calls_$version",
        "--query-error-baseline",
        "errors_$version",
    ];
    let start =
        ["rollout", "start", "--alias", "prod", "--to", "2", "--steps", "10%,100%", "--detach"];
    world.sandbox.run(&[&start[..], &queries].concat()).ok();
    world.minutes(6);
    let ran = world.sandbox.run(&[&["rollout", "tick", "--alias", "prod"][..], &queries].concat());
    assert!(!ran.actions().contains(&"GetMonitorData"), "{:?}", ran.actions());
    ran.fails(7).says("1.1x+0.05%: fail; canary 900 of 1800");
    world.type_in("rollout retry --alias prod").ok();
    world.minutes(1);
    world.type_in("rollout tick --alias prod").fails(8);
}

#[test]
fn a_deployment_goes_on_as_a_rollout() {
    let world = World::new();
    world.type_in("deploy --publish --traffic 0").ok();
    world.sandbox.change_code("four");
    world.sandbox.yaml("  rollout:\n    steps: 20%,100%\n");
    let refused = world.type_in("deploy --rollout --traffic 0.1").fails(2);
    assert_eq!(refused.changes(), [] as [&str; 0]);
    let ran = world.type_in("deploy --rollout=detach").ok();
    // The order of a deployment, and the marker behind it.
    assert_eq!(ran.changes(), ["UpdateFunctionCode", "UpdateAlias", "UpdateAlias"]);
    assert_eq!(world.sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.2, "3": 0.8}));
    let again = world.type_in("deploy --rollout=detach").fails(5);
    assert_eq!(again.changes(), [] as [&str; 0]);
    world.type_in("rollout abort").ok();
    // Published, and rolled out to an alias.
    world.sandbox.change_code("five");
    world.sandbox.yaml("  rollout:\n    alias: prod\n    steps: 20%,100%\n");
    world.type_in("deploy --publish --rollout=detach").ok();
    assert_eq!(world.routing(), json!({"1": 0.8, "4": 0.2}));
}

#[test]
fn in_chinese_too() {
    let world = World::new();
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --detach --lang zh";
    world.type_in(line).ok().says("第 1 步（共 2 步）：10% 流量到版本 2，其余到 1");
    world.type_in("rollout pause --alias prod --lang zh").ok();
    world.type_in("rollout tick --alias prod --lang zh").fails(8).says("手动暂停");
}

#[test]
fn a_repeated_start_that_is_detached_looks_and_goes() {
    let world = World::new();
    let line = "rollout start --alias prod --to 2 --detach --run-id a";
    world.type_in(line).ok();
    for repeated in [line.to_owned(), format!("{line} --dry-run")] {
        let ran = world.type_in(&repeated).ok();
        assert!(ran.changes().is_empty(), "{repeated}: {:?}", ran.actions());
    }
}

#[test]
fn what_undoes_a_way_back_gives_nobody_more_than_before() {
    let world = World::new();
    world.type_in("rollout start --alias prod --to 2 --steps 10%:5m,100% --detach").ok();
    let back = world.type_in("rollback --alias prod").ok();
    let undo = "`scfctl rollout retry --function demo-dev-shop --alias prod`";
    assert!(back.stderr.contains(undo), "{}", back.stderr);
    assert!(!back.stderr.contains("--to 2"), "{}", back.stderr);
}

#[test]
fn the_undo_in_a_result_works_where_the_command_did() {
    let world = World::new();
    let endpoint = world.sandbox.server().url();
    let line =
        format!("rollout start --alias prod --to 2 --detach --output json --endpoint {endpoint}");
    let undo = world.type_in(&line).ok().json()["undo"].as_str().unwrap().to_owned();
    assert!(undo.starts_with("scfctl rollout abort --"), "{undo}");
    assert!(undo.contains(&endpoint), "{undo}");
}

#[test]
fn a_second_abort_has_nothing_left_to_do() {
    let world = World::new();
    world.begin("");
    world.type_in("rollout abort --alias prod").ok();
    let again = world.type_in("rollout abort --alias prod").ok();
    assert!(again.changes().is_empty(), "{:?}", again.actions());
}

#[test]
fn a_version_that_was_rolled_back_is_skipped_aloud() {
    let world = World::new();
    world.begin("");
    world.type_in("rollout abort --alias prod").ok();
    world.type_in("rollout start --alias prod --detach").fails(2).says(
        "note: version 2, the last published one, was rolled back, so 1 is meant; name it with --to 2",
    );
}

#[test]
fn new_code_under_a_rollout_of_latest_is_warned_of() {
    let world = World::new();
    world.type_in("deploy --publish --traffic 0").ok();
    world.sandbox.change_code("three");
    world.type_in("deploy --traffic 0.1").ok();
    world.type_in("rollout start --steps 10%,100% --detach").ok();
    world.sandbox.change_code("four");
    let ran = world.type_in("deploy --dry-run --output json").ok();
    assert_eq!(ran.json()["warnings"][0]["aliasName"], "$DEFAULT");
    assert!(ran.stderr.contains("is under a rollout of $LATEST"), "{}", ran.stderr);
    // That would be refused.
    assert!(!ran.stderr.contains("--traffic"), "{}", ran.stderr);
}

#[test]
fn a_wrong_time_names_its_option() {
    let world = World::new();
    for (options, says) in [
        ("--interval 30s", "--interval: `30s` is not a whole number of minutes"),
        ("--steps 10%,100% --bake 1x", "--bake: `1x` is not a time"),
        ("--steps 50%,10%", "--steps: 10% comes after 50%"),
        ("--preset Some", "--preset: `Some` is no preset"),
    ] {
        let line = format!("rollout start --alias prod --to 2 {options}");
        let ran = world.type_in(&line).fails(2);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
}

#[test]
fn a_repeated_start_says_that_it_went_back() {
    let world = World::new();
    world.load(&json!({"2": [{"error_rate": 0.5}]}));
    let line = "rollout start --alias prod --to 2 --steps 10%:10m,100% --detach --run-id a";
    world.type_in(line).ok();
    world.minutes(6);
    world.type_in("rollout tick --alias prod").fails(7);
    let again = world.type_in(line).fails(7);
    assert!(again.changes().is_empty(), "{:?}", again.actions());
}

#[test]
fn whoever_cannot_roll_out_deploys_nothing() {
    let refused = |world: &World, line: &str, code, text: &str| {
        let ran = world.type_in(line).fails(code);
        assert_eq!(ran.changes(), [] as [&str; 0], "{line}");
        assert!(ran.stderr.contains(text), "{line}: {}", ran.stderr);
    };
    let world = World::new();
    world.sandbox.change_code("three");
    let deploy = "deploy --publish --rollout";
    for (map, text) in [
        ("steps: 50%,10%,100%", "10% comes after 50%"),
        ("maxErrorRate: 2", "`2` is not a percentage"),
    ] {
        world.sandbox.yaml(&format!("  rollout:\n    {map}\n"));
        refused(&world, deploy, 2, text);
    }
    world.sandbox.yaml("  rollout:\n    alias: prod\n");
    let alias = |version: &str, more: Value| {
        let mut alias = json!({"Name": "prod", "FunctionVersion": version});
        alias.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.sandbox.console("UpdateAlias", alias);
    };
    alias("1", json!({"Description": "长".repeat(900)}));
    refused(&world, deploy, 2, "leaves too little room");
    alias("1", json!({"Description": "mine\nscfctl v9 what"}));
    refused(&world, deploy, 5, "does not understand");
    let split = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.5}]});
    alias("1", json!({"Description": "mine", "RoutingConfig": split}));
    refused(&world, deploy, 5, "shared by others");
    // All on one version it goes, by exactly the version that was published.
    alias("1", json!({"RoutingConfig": {}}));
    world.type_in("deploy --publish --rollout=detach").ok();
    assert!(world.description().contains("from 1, to 3, "), "{}", world.description());
    refused(&world, deploy, 5, "is under rollout");
}

#[test]
fn a_rollout_may_begin_with_everything() {
    let world = World::new();
    world.type_in("deploy --publish --traffic 0").ok();
    world.sandbox.change_code("four");
    world.sandbox.yaml("  rollout:\n    preset: AllAtOnce\n");
    world.type_in("deploy --rollout=detach").ok();
    assert_eq!(world.sandbox.routing("$DEFAULT")["$LATEST"], json!(1.0));
    let description = world.sandbox.console("GetAlias", json!({"Name": "$DEFAULT"}));
    let description = description["Description"].as_str().unwrap();
    assert!(description.contains("from 3, to LATEST, "), "{description}");
}

#[test]
fn an_interruption_touches_nobody_elses_routing() {
    let world = World::new();
    let line = "rollout start --alias prod --to 2 --steps 10%,100% --on-interrupt rollback";
    let arguments: Vec<&str> = line.split_whitespace().collect();
    let mut process = world.sandbox.spawn(&arguments);
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("- step 1 of 2")));
    // It has read back what it wrote, and looked once.
    let calls = world.sandbox.calls();
    let wrote = calls.iter().rposition(|call| call.action == "UpdateAlias").unwrap();
    world.sandbox.await_calls(wrote, "GetAlias", 2);
    let description = world.description();
    let moved = json!({"Name": "prod", "FunctionVersion": "1", "Description": description,
        "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "3", "Weight": 0.5}]}});
    world.sandbox.console("PublishVersion", json!({}));
    world.sandbox.console("UpdateAlias", moved);
    send(Signal::INT, process.id());
    let told: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(process.wait().unwrap().code(), Some(130), "{told:?}");
    assert_eq!(world.routing(), json!({"1": 0.5, "3": 0.5}));
}

#[test]
fn what_others_serve_is_left_or_routed_back() {
    let world = World::new();
    world.begin("--steps 10%:5m,100%");
    let description = world.description();
    world.sandbox.console("PublishVersion", json!({}));
    let moved = json!({"Name": "prod", "FunctionVersion": "3", "Description": description});
    world.sandbox.console("UpdateAlias", moved);
    let ran = world.type_in("rollout tick --alias prod").fails(5);
    assert!(!ran.stderr.contains("rollout resume"), "{}", ran.stderr);
    let release =
        "`scfctl update-alias --function demo-dev-shop --alias prod --version 3 --end-rollout`";
    assert!(ran.stderr.contains(release), "{}", ran.stderr);
    let line = release.trim_matches('`').strip_prefix("scfctl ").unwrap().to_owned();
    world.type_in(&line).ok();
    assert_eq!(world.routing(), json!({"3": 1.0}));
}

#[test]
fn a_dry_run_shows_the_schedule_and_what_would_be_published() {
    let world = World::new();
    let line = "rollout start --alias prod --to 2 --steps 10%:5m,100% --dry-run --output json";
    let ran = world.type_in(line).ok();
    assert_eq!(ran.changes(), [] as [&str; 0]);
    let steps = &ran.json()["rollout"]["steps"];
    assert_eq!((&steps[0]["share"], &steps[0]["minutes"]), (&json!(0.1), &json!(5)));
    world.type_in("deploy --publish --traffic 0").ok();
    world.sandbox.change_code("four");
    world.type_in("deploy --traffic 0.1").ok();
    world.type_in("rollout start --steps 100%:30m --detach").ok();
    let ran = world.type_in("rollout promote --dry-run --output json").ok();
    assert_eq!(ran.changes(), [] as [&str; 0]);
    let calls: Vec<Value> = ran.json()["calls"].as_array().unwrap().clone();
    let actions: Vec<&Value> = calls.iter().map(|call| &call["action"]).collect();
    assert_eq!(actions, ["PublishVersion", "UpdateAlias"]);
    assert_eq!(ran.json()["routingChange"]["after"], json!({"4": 1}));
}

#[test]
fn whoever_goes_on_after_the_deadline_is_told() {
    let world = World::new();
    world.begin("--steps 10%:30m,100% --deadline 5m");
    world.minutes(5);
    world.type_in("rollout tick --alias prod").fails(8).says("the time for the rollout is over");
    let ran = world.type_in("rollout resume --alias prod").ok();
    assert!(ran.stderr.contains("its --deadline is over and holds no longer"), "{}", ran.stderr);
    let world = World::new();
    world.begin("--steps 10%:30m,100% --deadline 5m --on-deadline rollback");
    world.minutes(5);
    world.type_in("rollout tick --alias prod").fails(7);
    assert_eq!(world.routing(), json!({"1": 1.0}));
}

#[test]
fn a_moved_pause_stays_a_pause() {
    let world = World::new();
    world.begin("--steps 10%:pause,100%");
    let description = world.description();
    let split = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.4}]});
    let moved = json!({
        "Name": "prod", "FunctionVersion": "1", "Description": description, "RoutingConfig": split,
    });
    world.sandbox.console("UpdateAlias", moved);
    let ran = world.type_in("rollout resume --alias prod --output json").ok();
    assert_eq!(ran.json()["outcome"], "held");
    assert!(ran.stderr.contains("back to step 1 of 2, 10% 2; held"), "{}", ran.stderr);
    assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
}

#[test]
fn a_start_says_what_it_waits_for() {
    let world = World::new();
    let line = "rollout start --alias prod --to 2 --steps 10%:10m,100%";
    let arguments: Vec<&str> = line.split_whitespace().collect();
    let mut process = world.sandbox.spawn(&arguments);
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let says = "- step 1 of 2, 10% 2: the time of the step is not over; next look 10:04:00 UTC";
    let told: Vec<String> =
        lines.by_ref().map(Result::unwrap).take_while(|line| line != says).collect();
    send(Signal::INT, process.id());
    lines.for_each(drop);
    assert_eq!(process.wait().unwrap().code(), Some(130), "{told:?}");
}

#[test]
fn gates_may_hasten_or_hold_up_a_step() {
    let world = World::new();
    // Enough calls without an error pass long before the time is over.
    world.load_at(100_000, &json!({}));
    world.begin("--steps 10%:30m,100% --advance early --max-error-rate 1%");
    let advances = (0..20).find(|_| {
        world.minutes(1);
        world.type_in("rollout tick --alias prod").ok();
        world.routing()["2"].as_f64() == Some(1.0)
    });
    assert!(advances.is_some(), "{}", world.description());
    // Few calls never pass, and without a pass it stays.
    let world = World::new();
    world.load_at(1, &json!({}));
    world.begin("--steps 10%:2m,100% --require-pass --max-error-rate 0.1% --min-invocations 1");
    for _ in 0..4 {
        world.minutes(3);
        world.type_in("rollout tick --alias prod").ok();
        assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
    }
    world.minutes(3);
    world.type_in("rollout tick --alias prod").fails(8);
    assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
}

#[test]
fn what_cannot_be_judged_does_what_was_asked_for() {
    let world = World::new();
    world.load_at(0, &json!({}));
    world.begin("--steps 10%:2m,100% --on-no-data rollback");
    world.minutes(15);
    world.type_in("rollout tick --alias prod").fails(7);
    assert_eq!(world.routing(), json!({"1": 1.0}));
    for (choice, code, share) in [("hold", 8, json!(0.1)), ("continue", 0, json!(1))] {
        let world = World::new();
        let not_yet = "exit 2";
        let start = ["rollout", "start", "--alias", "prod", "--to", "2", "--steps", "10%:2m,100%"];
        let gate = ["--gate-cmd", not_yet, "--on-inconclusive", choice, "--detach"];
        world.sandbox.run(&[&start[..], &gate].concat()).ok();
        world.minutes(16);
        let tick = ["rollout", "tick", "--alias", "prod", "--gate-cmd", not_yet];
        let ran = world.sandbox.run(&tick);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert_eq!(world.routing()["2"], share);
    }
}

#[test]
fn ticks_can_go_on_to_the_end() {
    let world = World::new();
    world.load(&json!({"2": [{"error_rate": 0.5}]}));
    world.begin("--steps 10%:10m,100%");
    world.minutes(6);
    let ran = world.type_in("rollout tick --follow --alias prod").fails(7);
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    assert_eq!(world.routing(), json!({"1": 1.0}));
}

#[test]
fn what_somebody_does_while_the_gates_are_asked_is_not_written_over() {
    let world = World::new();
    world.begin("--steps 10%,100% --interval 5m");
    world.minutes(8);
    world.is_paused_before("GetMonitorData");
    let ran = world.type_in("rollout tick --alias prod").fails(5);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    assert!(world.description().contains("phase held user"));
    assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
}

#[test]
fn a_way_back_is_not_lost_to_a_tick_that_is_quicker() {
    for command in ["rollout abort", "rollback"] {
        let world = World::new();
        world.begin("--steps 10%,50%,100% --interval 5m --no-gates");
        let (sent, moved) = (AtomicBool::new(false), AtomicBool::new(false));
        let server = world.sandbox.server().clone();
        let description =
            world.description().replace("step 1", "step 2").replace("starts 0", "starts 0 5");
        world.sandbox.faulty(move |call| {
            if call.action == "UpdateAlias" && !sent.swap(true, Ordering::SeqCst) {
                return Fault::error("FailedOperation.OperationConflict", "busy");
            }
            if !sent.load(Ordering::SeqCst) || moved.swap(true, Ordering::SeqCst) {
                return Fault::None;
            }
            let (server, description) = (server.clone(), description.clone());
            Fault::Before(Arc::new(move || {
                let params = json!({
                    "FunctionName": FUNCTION, "Name": "prod", "FunctionVersion": "1",
                    "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.5}]},
                    "Description": description,
                });
                server.apply("UpdateAlias", params, REGION).unwrap();
            }))
        });
        world.type_in(&format!("{command} --alias prod")).ok();
        assert_eq!(world.routing(), json!({"1": 1.0}), "{command}");
        let description = world.description();
        assert!(description.contains("phase back user"), "{command}: {description}");
    }
}

#[test]
fn a_deployment_that_is_run_again_goes_on_with_its_rollout() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    sandbox.change_code("two");
    sandbox.yaml("  rollout: {steps: '50%,100%', noGates: true}\n");
    let line = "deploy --rollout=detach --run-id one";
    sandbox.type_in(line).ok();
    let again = sandbox.type_in(line).ok();
    assert_eq!(again.changes(), [] as [&str; 0]);
    sandbox.type_in("deploy --rollout=detach --run-id other").fails(5);
    // What is typed otherwise is not taken for what was begun.
    let from = sandbox.calls().len();
    sandbox
        .type_in("deploy --rollout=detach --run-id one --publish")
        .fails(5)
        .says("begun otherwise");
    sandbox.nothing_changed(from);
}

#[test]
fn a_deployment_that_routes_by_itself_is_no_rollout() {
    let world = World::new();
    world.sandbox.yaml(
        "  aliasName: prod\n  additionalVersionWeights:\n    - version: '1'\n      weight: 0.2\n  rollout:\n    alias: prod\n",
    );
    for line in ["deploy --publish --rollout", "deploy --rollout"] {
        let ran = world.type_in(line).fails(2);
        assert_eq!(ran.changes(), [] as [&str; 0], "{line}");
        assert!(ran.stderr.contains("additionalVersionWeights"), "{line}: {}", ran.stderr);
    }
    // Where `$LATEST` serves, new code is live before there is a rollout.
    let world = World::new();
    world.sandbox.change_code("three");
    let ran = world.type_in("deploy --publish --rollout").fails(2);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    assert!(ran.stderr.contains("its new code would serve"), "{}", ran.stderr);
}

#[test]
fn the_alias_that_is_typed_is_the_one_that_is_rolled_out() {
    let world = World::new();
    world.sandbox.console("CreateAlias", json!({"Name": "staging", "FunctionVersion": "1"}));
    world.sandbox.change_code("three");
    world.sandbox.yaml("  rollout:\n    alias: prod\n    steps: 20%,100%\n");
    world.type_in("deploy --publish --alias staging --rollout=detach").ok();
    assert_eq!(world.routing(), json!({"1": 1.0}));
    assert_eq!(world.sandbox.routing("staging"), json!({"1": 0.8, "3": 0.2}));
    // A misspelt one is found before anything is published.
    world.sandbox.change_code("four");
    let ran = world.type_in("deploy --publish --alias stagnig --rollout=detach").fails(3);
    assert_eq!(ran.changes(), [] as [&str; 0]);
}

#[test]
fn who_has_gone_back_goes_no_further_back() {
    let world = World::new();
    world.type_in("rollout start --alias prod --to 2 --steps 100%:0 --no-gates").ok();
    assert_eq!(world.routing(), json!({"2": 1.0}));
    world.sandbox.console("PublishVersion", json!({}));
    world.type_in("rollout start --alias prod --to 3 --steps 10%,100% --detach").ok();
    world.type_in("rollout abort --alias prod").ok();
    let ran = world.type_in("rollback --alias prod").fails(3);
    assert!(ran.changes().is_empty(), "{:?}", ran.actions());
    assert_eq!(world.routing(), json!({"2": 1.0}));
    // Whoever was routed elsewhere since has not gone back.
    let description = world.description();
    let moved = json!({"Name": "prod", "FunctionVersion": "3", "Description": description});
    world.sandbox.console("UpdateAlias", moved);
    world.type_in("rollout abort --alias prod").fails(5);
}

/// What a look offers to do, after the alias was routed by the console.
fn offered(world: &World, additional: &Value) -> Vec<String> {
    let alias = json!({
        "Name": "prod", "FunctionVersion": "1", "Description": world.description(),
        "RoutingConfig": {"AdditionalVersionWeights": additional},
    });
    world.sandbox.console("UpdateAlias", alias);
    let found = world.type_in("rollout status --alias prod --output json").ok().json();
    let commands = found["commands"].as_array().unwrap();
    commands.iter().map(|command| command["does"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_look_offers_nothing_that_would_be_refused() {
    let world = World::new();
    world.sandbox.console("PublishVersion", json!({}));
    world.begin("--steps 10%,100% --no-gates");
    let half = |version: &str| json!([{"Version": version, "Weight": 0.5}]);
    assert_eq!(offered(&world, &half("2")), ["resume"]);
    assert_eq!(offered(&world, &half("3")), [] as [&str; 0]);
    world.type_in("rollout resume --alias prod").fails(5);
    let world = World::new();
    world.sandbox.console("PublishVersion", json!({}));
    world.type_in("rollout start --alias prod --to 2 --steps 100%:0 --no-gates").ok();
    let all = |version: &str| json!([{"Version": version, "Weight": 1}]);
    assert_eq!(offered(&world, &all("2")), ["rollback"]);
    assert_eq!(offered(&world, &json!([])), [] as [&str; 0]);
    world.type_in("rollback --alias prod").fails(3);
}

#[test]
fn what_there_was_no_room_for_is_not_begun_again() {
    for (command, code, hint) in [
        ("rollout abort", 0, ""),
        ("rollback", 0, ""),
        ("rollout tick", 7, "begin one with `scfctl rollout start"),
    ] {
        let world = World::new();
        world.load(&json!({"2": [{"error_rate": 0.5}]}));
        world.begin("--steps 10%,100% --interval 10m");
        // Somebody has filled the description.
        let description = world.description();
        let full = "x".repeat(1000 - description.chars().count()) + &description;
        let alias = json!({
            "Name": "prod", "FunctionVersion": "1", "Description": full,
            "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]},
        });
        world.sandbox.console("UpdateAlias", alias);
        world.minutes(8);
        let ran = world.type_in(&format!("{command} --alias prod")).fails(code);
        assert_eq!(world.routing(), json!({"1": 1.0}), "{command}");
        assert!(!world.description().contains(" id "), "{}", world.description());
        assert!(!ran.stderr.contains("rollout retry"), "{command}: {}", ran.stderr);
        assert!(!ran.stdout.contains("rollout retry"), "{command}: {}", ran.stdout);
        assert!(ran.stderr.contains(hint), "{command}: {}", ran.stderr);
        world.type_in("rollout retry --alias prod").fails(3);
    }
}

#[test]
fn a_start_that_is_repeated_otherwise_is_refused() {
    let world = World::new();
    world.sandbox.console("PublishVersion", json!({}));
    let line = "rollout start --alias prod --run-id c1 --detach";
    let first = "--to 3 --steps 10%,100% --gate-cmd ./token --on-fail hold";
    world.type_in(&format!("{line} {first}")).ok();
    for (typed, with) in [
        ("--to 2", "`--to 3`"),
        ("--to $LATEST", "`--to 3`"),
        ("--steps 50%,100%", "`--steps 10%:10m,100%:10m`"),
        ("--steps 10%,100% --interval 1m", "`--steps 10%:10m,100%:10m`"),
        ("--max-error-rate 1%", "no `--max-error-rate`"),
        ("--gate-cmd ./other", "another `--gate-cmd`"),
        ("--on-fail rollback", "`--on-fail hold`"),
        ("--no-gates", "no `--no-gates`"),
        ("--to 2 --deadline 2h", "no `--deadline`, `--to 3`"),
    ] {
        for more in ["", " --dry-run", " --output json"] {
            let ran = world.type_in(&format!("{line} {typed}{more}")).fails(5);
            assert_eq!(ran.changes(), [] as [&str; 0], "{typed}");
            assert!(ran.stderr.contains(with), "{typed}: {}", ran.stderr);
            assert!(!ran.stderr.contains("./token"), "{}", ran.stderr);
        }
    }
    let ran = world.type_in(&format!("{line} --to 2 --output json")).fails(5);
    assert_eq!(ran.json()["error"]["code"], "other-options");
    let ran = world.type_in(&format!("{line} --to 2 --lang zh")).fails(5);
    assert!(ran.stderr.contains("`--to 3`") && ran.stderr.contains("`--run-id`"), "{}", ran.stderr);
    // What agrees, or is not typed, is the same run; so is another file.
    world
        .sandbox
        .yaml("  rollout:\n    steps: 50%,100%\n    onNoData: continue\n    maxErrorRate: 1%\n");
    for typed in ["", first, "--preset Canary10Percent10Minutes", "--to latest-published"] {
        for more in ["", " --dry-run"] {
            let ran = world.type_in(&format!("{line} {typed}{more}")).ok();
            assert_eq!(ran.changes(), [] as [&str; 0], "{typed}");
        }
    }
}

#[test]
fn a_mistake_in_the_map_keeps_nobody_from_going_back() {
    for (map, said) in [
        (
            "intervall: 5m",
            "`rollout` has no key `intervall`; did you mean `interval`? (serverless.yml:9)",
        ),
        ("noGates: 'yes'", "`rollout.noGates` is neither true nor false (serverless.yml:9)"),
        ("steps: [10%, 100%]", "write `steps: 10%,100%` (serverless.yml:9)"),
    ] {
        let world = World::new();
        world.begin("--steps 10%,100%");
        world.sandbox.yaml(&format!("  rollout:\n    {map}\n"));
        for command in [
            "rollout tick --alias prod",
            "rollout status --alias prod",
            "status --alias prod",
            "status",
            "rollout pause --alias prod",
            "rollout resume --alias prod",
            "rollout promote --alias prod --dry-run",
            "rollout abort --alias prod",
            "rollout retry --alias prod",
            "rollback --alias prod",
        ] {
            let ran = world.type_in(command).ok().says(said);
            assert!(ran.stderr.contains("warning: "), "{command}: {}", ran.stderr);
        }
        assert_eq!(world.routing(), json!({"1": 1.0}));
        for command in ["rollout start --alias prod --to 2", "deploy --rollout", "rollout rehearse"]
        {
            let ran = world.type_in(command).fails(2).says(said);
            assert_eq!(ran.changes(), [] as [&str; 0], "{command}");
        }
    }
}

#[test]
fn what_a_command_needs_of_the_map_still_counts() {
    let world = World::new();
    world.begin("--steps 10%,100% --gate-cmd true");
    let wrong = ["gateCmdd: 'true'", "gateCmd: [a]", "gateCmd: ''", "prometheus: p:9090"];
    for map in wrong.into_iter().chain(["gateCmd: ${env:NOPE}"]) {
        world.sandbox.yaml(&format!("  rollout:\n    {map}\n"));
        let ran = world.type_in("rollout tick --alias prod").fails(2).says("serverless.yml:9");
        assert_eq!(ran.changes(), [] as [&str; 0], "{map}");
        world.type_in("rollout status --alias prod").ok().says("warning: ");
    }
    // Nothing is done to another alias than the one that was meant.
    let others = ["\n    alias: ''", "\n    alias: ${env:NOPE}", " ${env:NOPE}"];
    for map in ["\n    alais: prod", "\n    alias: [prod]", " prod"].into_iter().chain(others) {
        world.sandbox.yaml(&format!("  rollout:{map}\n"));
        for command in ["rollout abort", "rollout tick", "rollback --to 2"] {
            let ran = world.type_in(command).fails(2).says("serverless.yml:");
            assert_eq!(ran.changes(), [] as [&str; 0], "{map}");
        }
    }
    for name in ["''", "${env:NOPE}"] {
        world.sandbox.yaml(&format!("  aliasName: {name}\n"));
        for command in ["rollout abort", "rollback --to 2", "rollout start --to 2"] {
            let ran = world.type_in(command).fails(2).says("aliasName").says("serverless.yml:8");
            assert_eq!(ran.changes(), [] as [&str; 0], "{name}");
        }
        world.type_in("rollout status --alias prod").ok();
    }
    world.type_in("rollout abort --alias prod").ok();
    assert_eq!(world.routing(), json!({"1": 1.0}));
}

#[test]
fn what_cannot_be_resolved_keeps_nobody_from_going_back() {
    let world = World::new();
    world.begin("--steps 10%,100%");
    world.sandbox.yaml("  rollout:\n    alias: prod\n    steps: ${env:NOPE}\n    notify: ''\n");
    let said = "cannot resolve `${env:NOPE}` at `inputs.rollout.steps`: environment variable `NOPE` is not set (serverless.yml:10)";
    for command in ["rollout status", "rollout tick", "rollout pause", "rollout resume"] {
        world.type_in(command).ok().says(&format!("warning: {said}"));
    }
    for command in ["rollout start --to 2", "rollout rehearse --to 2", "deploy --rollout"] {
        let ran = world.type_in(command).fails(2).says("${env:NOPE}");
        assert_eq!(ran.changes(), [] as [&str; 0], "{command}");
    }
    let ran = world.type_in("rollout start --to 2").fails(2);
    assert!(ran.stderr.contains("`rollout.notify` is empty (serverless.yml:11)"), "{}", ran.stderr);
    let typed = "rollout start --to 2 --steps 10%,100% --notify slack=NOPE --dry-run";
    let ran = world.type_in(typed);
    assert!(!ran.stderr.contains("cannot resolve"), "{}", ran.stderr);
    world.type_in("rollout abort").ok().says(&format!("warning: {said}"));
    assert_eq!(world.routing(), json!({"1": 1.0}));
}

#[test]
fn a_gate_that_a_variable_left_empty_lets_nothing_pass() {
    let world = World::new();
    world.sandbox.yaml("  rollout:\n    alias: prod\n    gateCmd: ${env:GATE, ''}\n");
    let said = "`rollout.gateCmd` is empty (serverless.yml:10)";
    for command in ["rollout start --to 2", "rollout rehearse --to 2", "deploy --rollout"] {
        let ran = world.type_in(command).fails(2).says(said).says("leave the key out");
        assert_eq!(ran.changes(), [] as [&str; 0], "{command}");
    }
    // Where no rollout begins the variable need not be set.
    world.type_in("deploy --dry-run").ok();
}

#[test]
fn mistakes_in_the_map_are_told_at_once_by_its_keys() {
    let world = World::new();
    world.sandbox.yaml(
        "  rollout:\n    alias: prod\n    maxThrottles: -1\n    maxErrorRate: 2\n    prometheus: http://x\n    \
         steps: 10%,50%\n    onFail: wait\n    settle: soon\n    bakee: 1m\n",
    );
    let ran = world.type_in("rollout start --to 2").fails(2);
    assert_eq!(ran.changes(), [] as [&str; 0]);
    for line in [
        "error: 7 options of the rollout cannot be used",
        "the map `rollout` has no key `bakee`; did you mean `bake`? (serverless.yml:16)",
        "`rollout.steps`: the last step is 50%; it must be 100% (serverless.yml:13)",
        "`rollout.prometheus` has no effect without `rollout.queryCallsCanary` (serverless.yml:12)",
        "`rollout.onFail`: `wait` is none of rollback, hold (serverless.yml:14)",
        "`rollout.settle`: `soon` is not a time such as 5m or 1h (serverless.yml:15)",
        "`rollout.maxThrottles`: `-1` is not a whole number of calls (serverless.yml:10)",
        "`rollout.maxErrorRate`: `2` is not a percentage like 2% (serverless.yml:11)",
    ] {
        assert!(ran.stderr.contains(line), "{line}: {}", ran.stderr);
    }
    // Each on a line of its own.
    assert!(!ran.stderr.contains("\\n"), "{}", ran.stderr);
    let ran = world.type_in("rollout start --to 2 --lang zh").fails(2);
    assert!(ran.stderr.contains("\n        `rollout.maxThrottles`"), "{}", ran.stderr);
    // What is typed is named as it is typed; what to write stands beside it.
    world.sandbox.yaml("  rollout:\n    steps: 10%,50%\n");
    world.type_in("rollout start --to 2").fails(2).says("for example `steps: 10%,50%,100%`");
    for (typed, said) in [
        ("--steps 10,50,100", "for example `--steps 10%,50%,100%`"),
        ("--preset canary10percent5minutes", "for example `--preset Canary10Percent5Minutes`"),
        ("--preset AllAtOnce --interval 5m", "leave out --steps and --interval"),
        ("--gate-cmd x --gate-timeout 2h", "--gate-timeout: `2h` is not a time from 1s to 1h"),
        ("--bake soon", "--bake: `soon` is not a time such as 5m or 1h\n"),
    ] {
        world.type_in(&format!("rollout start --alias prod --to 2 {typed}")).fails(2).says(said);
    }
    world
        .type_in("rollout start --alias prod --to 1 --steps 10%,100%")
        .fails(2)
        .says("`scfctl rollout start --function demo-dev-shop --alias prod --to VERSION`");
}

#[test]
fn nobody_goes_back_to_a_version_that_is_not_there() {
    let world = World::new();
    let there = "version 77 is not published; there are 1, 2 and $LATEST";
    for line in ["rollback --alias prod --to 77", "rollback --alias prod --to 77 --dry-run"] {
        let ran = world.type_in(line).fails(3).says(there);
        assert_eq!(ran.changes(), [] as [&str; 0], "{line}");
    }
    // Nor does a rollout begin again that has lost its version.
    world.begin("--steps 10%,100%");
    world.type_in("rollout abort --alias prod").ok();
    world.sandbox.console("DeleteFunctionVersion", json!({"Qualifier": "2"}));
    for line in ["rollout retry --alias prod", "rollout retry --alias prod --dry-run"] {
        let ran = world
            .type_in(line)
            .fails(3)
            .says("version 2 is not published; there are 1 and $LATEST");
        assert_eq!(ran.changes(), [] as [&str; 0], "{line}");
    }
    // Who cannot list versions goes back all the same.
    let world = World::new();
    world.sandbox.faulty(|call| {
        if call.action == "ListVersionByFunction" {
            Fault::error("UnauthorizedOperation.CAM", "no")
        } else {
            Fault::None
        }
    });
    world.type_in("rollback --alias prod --to 2").ok();
    assert_eq!(world.routing(), json!({"2": 1.0}));
}

#[test]
fn a_marker_that_is_not_understood_keeps_its_routing() {
    let world = World::new();
    world.begin("--steps 10%,100%");
    let description = world.description().replace("scfctl v1", "scfctl v2");
    let params = json!({
        "Name": "prod", "FunctionVersion": "1", "Description": description,
        "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]},
    });
    world.sandbox.console("UpdateAlias", params);
    for line in [
        "update-alias --alias prod --version 1 --weight 2=0.5",
        "update-alias --alias prod --version 1 --weight 2=0.5 --dry-run",
        "deploy --alias prod --traffic 0.2",
        "delete-alias --alias prod",
        "rollout start --alias prod --publish",
    ] {
        let ran = world.type_in(line).fails(5).says("does not understand: \"scfctl v2 id ");
        assert_eq!(ran.changes(), [] as [&str; 0], "{line}");
    }
    let line = "update-alias --alias prod --version 1 --weight 2=0.5";
    world.type_in(line).fails(5).says("leaving it as it is: `--end-rollout`");
    world.type_in(&format!("{line} --end-rollout")).ok();
    assert_eq!(world.routing(), json!({"1": 0.5, "2": 0.5}));
    assert_eq!(world.description(), description);
}

#[test]
fn who_lacks_the_gate_command_is_told_which_option_it_is() {
    let world = World::new();
    world.begin("--steps 10%,100% --gate-cmd true");
    let hint = "`scfctl rollout tick --function demo-dev-shop --alias prod --gate-cmd LINE`";
    world.type_in("rollout tick --alias prod").fails(8).says(hint);
    world.type_in("rollout resume --alias prod").ok();
    world.type_in("rollout tick --alias prod --gate-cmd true").ok();
}

#[test]
fn a_gate_that_was_added_later_is_to_be_taken_out_again() {
    let world = World::new();
    world.begin("--steps 10%,100%");
    let ran = world.type_in("rollout tick --alias prod --gate-cmd true").fails(8);
    let hint = "the rollout was begun without --gate-cmd and --prometheus: take them out";
    let ran = ran.says(hint).says("`scfctl rollout resume --function demo-dev-shop --alias prod`");
    assert!(!ran.stderr.contains("scfctl rollout tick"), "{}", ran.stderr);
    world.type_in("rollout resume --alias prod").ok();
    world.type_in("rollout tick --alias prod").ok();
    // Of two kinds only the one that is too many.
    world.type_in("rollout abort --alias prod").ok();
    world.begin("--steps 10%,100% --gate-cmd true");
    let queries = ["calls-canary", "error-canary", "calls-baseline", "error-baseline"];
    let queries = queries.map(|query| format!("--query-{query} x")).join(" ");
    let line = format!(
        "rollout tick --alias prod --gate-cmd true --prometheus http://127.0.0.1:1 {queries}"
    );
    world.type_in(&line).fails(8).says("--gate-cmd LINE`, and nothing from --prometheus");
}

#[test]
fn a_gate_that_cannot_be_used_stops_no_rollout_that_is_begun_without_it() {
    let world = World::new();
    world.load(&json!({"2": [{"error_rate": 0.5}]}));
    world.begin("--steps 10%,100%");
    let wrong = ["gateCmdd: 'true'", "gateCmd: [a]", "gateCmd: ''", "prometheus: p:9090"];
    for map in wrong.into_iter().chain(["gateCmd: ${env:NOPE}", "gateTimeout: 5s"]) {
        world.sandbox.yaml(&format!(
            "  rollout:
    {map}
"
        ));
        let ran = world.type_in("rollout tick --alias prod").ok();
        ran.says("warning: ").says("serverless.yml:9");
    }
    // What is typed is refused.
    let line = "rollout tick --alias prod --prometheus p:9090";
    assert!(world.type_in(line).fails(2).actions().is_empty());
    // Its own gates go on to look.
    world.minutes(10);
    world.type_in("rollout tick --alias prod").fails(7).says("was rolled back");
    // Behind its end there is nothing to judge.
    world.type_in("rollout tick --alias prod").fails(7);
}

#[test]
fn behind_a_way_back_nothing_is_due() {
    let world = World::new();
    let ran = world.type_in("rollback --alias prod --to 2").ok();
    assert!(!ran.stdout.contains("rollout tick"), "{}", ran.stdout);
    // A rollout of `$LATEST` ends with the version that it was published as.
    world.type_in("deploy --publish --traffic 0").ok();
    world.sandbox.change_code("two");
    world.type_in("deploy").ok();
    world.type_in("rollout start --steps 100%:0 --no-gates").ok();
    let ran = world.type_in("rollout status").ok();
    assert!(ran.stdout.contains("set 100%"), "{}", ran.stdout);
}

#[test]
fn each_look_is_a_line_for_programs() {
    let world = World::new();
    world.begin("--steps 10%,100%");
    let tick = "rollout tick --alias prod --output ndjson";
    let line = |ran: Ran| -> Value { serde_json::from_str(ran.stdout.trim()).unwrap() };
    let looked = line(world.type_in(tick).ok());
    assert_eq!((&looked["event"], &looked["reason"]), (&json!("look"), &json!("clock")));
    world.type_in("rollout pause --alias prod").ok();
    let looked = line(world.type_in(tick).fails(8));
    assert_eq!((&looked["phase"], &looked["reason"]), (&json!("held"), &json!("user")));
    world.type_in("rollout abort --alias prod").ok();
    assert_eq!(line(world.type_in(tick).fails(7))["phase"], "back");
}

#[test]
fn an_error_is_the_last_line_for_programs() {
    let world = World::new();
    for (line, code) in [
        ("rollout tick --alias nobody", 3),
        ("rollout start --alias prod --to 2 --steps 10%", 2),
        ("rollout tick --alias prod --no-such-option", 2),
    ] {
        let called = |output: &str| world.type_in(&format!("{line} --output {output}")).fails(code);
        let ran = called("ndjson");
        assert_eq!(ran.stdout.lines().count(), 1, "{line}: {}", ran.stdout);
        let found: Value = serde_json::from_str(&ran.stdout).unwrap();
        let mut same = called("json").json();
        // Each call has an id of its own.
        let without_id = |error: &Value| {
            let mut error = error.clone();
            error.as_object_mut().unwrap().shift_remove("requestId");
            error["causes"] = Value::Null;
            error
        };
        assert_eq!(found["event"], "error", "{line}");
        assert_eq!(without_id(&found["error"]), without_id(&same["error"].take()), "{line}");
    }
    // Behind events it is the last one.
    world.begin("--steps 10%,100% --no-gates --interval 1m");
    world.minutes(5);
    world.sandbox.faulty(|call| match call.action.as_str() {
        "UpdateAlias" => Fault::error("UnauthorizedOperation", "no"),
        _ => Fault::None,
    });
    let ran = world.type_in("rollout tick --alias prod --output ndjson").fails(4);
    let last: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["error"]["exitCode"]), (&json!("error"), &json!(4)));
}

#[test]
fn a_start_that_fails_behind_its_publication_says_what_it_published() {
    let world = World::new();
    world.sandbox.faulty(|call| match call.action.as_str() {
        "UpdateAlias" => Fault::error("UnauthorizedOperation.CAM", "no"),
        _ => Fault::None,
    });
    let start = "rollout start --publish --alias prod --steps 10%,100% --detach";
    let published = "publish $LATEST as a new version";
    let ran = world.type_in(&format!("{start} --output json")).fails(4).says(published);
    let error = ran.json()["error"].clone();
    assert_eq!((&error["done"], &error["maybeDone"]), (&json!([published]), &json!([])));
    // What goes on publishes no second one.
    let id = advised_run(&error);
    let ran = world.type_in(&format!("{start} --run-id {id} --output json")).fails(4);
    assert_eq!(ran.json()["error"]["done"], json!([]));
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    // What publishes nothing has done nothing.
    let start = "rollout start --to 2 --alias prod --steps 10%,100% --detach --output json";
    assert_eq!(world.type_in(start).fails(4).json()["error"]["done"], json!([]));
}

/// The name of the run that an advice says to add.
fn advised_run(error: &Value) -> String {
    let advice = error["hint"].as_str().unwrap();
    let id = advice.split("--run-id ").nth(1).unwrap_or_else(|| panic!("{advice}"));
    id.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '-').collect()
}

/// Refuses the changes of aliases from the one with this number on, counted from 0. Each before it
/// takes four minutes.
fn aliases_stay_from(world: &World, first: usize) {
    let (seen, server) = (AtomicUsize::new(0), world.sandbox.server().clone());
    world.sandbox.faulty(move |call| {
        if call.action != "UpdateAlias" {
            return Fault::None;
        }
        if seen.fetch_add(1, Ordering::SeqCst) >= first {
            return Fault::error("UnauthorizedOperation.CAM", "no");
        }
        let server = server.clone();
        Fault::Before(Arc::new(move || server.advance(Duration::from_secs(240))))
    });
}

#[test]
fn a_deployment_whose_rollout_does_not_begin_says_what_it_deployed() {
    // Published, which a repetition would do once more under another name.
    let world = World::new();
    world.sandbox.change_code("three");
    world.sandbox.yaml("  rollout: {alias: prod, steps: '10%,100%', noGates: true}\n");
    world.type_in("deploy --publish --traffic 0").ok();
    world.sandbox.change_code("four");
    aliases_stay_from(&world, 0);
    let deploy = "deploy --publish --rollout=detach";
    let done = ["replace the code of $LATEST", "publish $LATEST as a new version"];
    let ran = world.type_in(&format!("{deploy} --output json")).fails(4);
    let ran = done.iter().fold(ran, |ran, step| ran.says(step));
    let error = ran.json()["error"].clone();
    assert_eq!((&error["done"], &error["maybeDone"]), (&json!(done), &json!([])));
    let again = format!("{deploy} --run-id {} --output json", advised_run(&error));
    let ran = world.type_in(&again).fails(4);
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    assert_eq!(ran.json()["error"]["done"], json!([]));
    world.sandbox.healthy();
    world.type_in(&again).ok();
    assert_eq!(world.routing(), json!({"1": 0.9, "4": 0.1}));
    // It is the same rollout for whoever comes later under that name.
    assert_eq!(world.type_in(&again).ok().changes(), [] as [&str; 0]);

    // Of `$LATEST` nothing is published, and the shares are those of the first step already.
    let world = World::new();
    world.type_in("deploy --publish --traffic 0").ok();
    world.sandbox.change_code("four");
    world.sandbox.yaml("  rollout: {steps: '10%,100%', noGates: true}\n");
    aliases_stay_from(&world, 1);
    let ran = world.type_in("deploy --rollout=detach").fails(4);
    let ran = ran.says("done: replace the code of $LATEST\n");
    let ran = ran.says("done: route `$DEFAULT`: 3: 1 -> $LATEST: 0.1, 3: 0.9\n");
    let ran = ran.says("or use another key; then run the same command again: what is done stays\n");
    assert!(!ran.stderr.contains("--run-id"), "{}", ran.stderr);
    world.sandbox.healthy();
    let ran = world.type_in("deploy --rollout=detach").ok();
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    // Who named the run has no other name to give.
    world.type_in("rollout abort").ok();
    aliases_stay_from(&world, 1);
    world.sandbox.change_code("five");
    world.type_in("deploy --rollout=detach --run-id two").fails(4).says(": what is done stays\n");
}

#[test]
fn a_start_that_fails_on_its_way_says_what_was_done_before() {
    let world = World::new();
    world.sandbox.change_code("three");
    world.type_in("deploy").ok();
    let steps = "--steps 10%:3m,50%:3m,100%:0 --no-gates";
    let start = format!("rollout start --publish --alias prod {steps}");
    aliases_stay_from(&world, 2);
    let ran = world.type_in(&format!("{start} --output json")).fails(4);
    let error = ran.json()["error"].clone();
    let done = [
        "publish $LATEST as a new version",
        "route `prod`: 1: 1 -> 1: 0.9, 3: 0.1",
        "route `prod`: 1: 0.9, 3: 0.1 -> 1: 0.5, 3: 0.5",
    ];
    assert_eq!(error["done"], json!(done));
    done.iter().fold(ran, |ran, step| ran.says(&format!("done: {step}\n")));
    // Under the name of the run it goes on where it was left.
    aliases_stay_from(&world, usize::MAX);
    let ran = world.type_in(&format!("{start} --run-id {}", advised_run(&error))).ok();
    assert_eq!(ran.changes(), ["UpdateAlias"; 2]);
    assert_eq!(world.routing(), json!({"3": 1.0}));
    // Whoever follows it from elsewhere says what was done from there.
    world.type_in(&format!("rollout start --to 2 --alias prod {steps} --detach")).ok();
    aliases_stay_from(&world, 1);
    let ran = world.type_in("rollout tick --follow --alias prod --output json").fails(4);
    let done = ["route `prod`: 2: 0.1, 3: 0.9 -> 2: 0.5, 3: 0.5"];
    assert_eq!(ran.json()["error"]["done"], json!(done));
}

#[test]
fn a_deployment_that_begins_a_rollout_alone_does_not_say_that_nothing_is_sent() {
    let world = World::new();
    world.type_in("deploy --publish --traffic 0").ok();
    world.sandbox.yaml("  rollout:\n    steps: 20%,100%\n");
    world.type_in("deploy --traffic 0.2").ok();
    for more in [" --dry-run", ""] {
        let ran = world.type_in(&format!("deploy --rollout=detach{more}")).ok();
        assert!(!ran.stderr.contains("nothing is sent"), "{}", ran.stderr);
    }
}

#[test]
fn a_way_back_does_not_wait_for_a_look_at_the_version() {
    let world = World::new();
    world.sandbox.faulty(|call| {
        let is_look = call.action == "ListVersionByFunction" || call.action == "GetFunction";
        if is_look { Fault::Stall } else { Fault::None }
    });
    // Nobody answers, and the time that is allowed is not spent on that.
    world.type_in("rollback --alias prod --to 2 --timeout 60s").ok();
    assert_eq!(world.routing(), json!({"2": 1.0}));
}

#[test]
fn a_known_failure_wins_over_the_deadline_and_a_missing_command() {
    let world = World::new();
    world.load(&json!({"2": [{"error_rate": 0.5}]}));
    world.begin("--steps 10%,50%,100% --interval 10m --deadline 20m");
    world.minutes(21);
    let ran = world.type_in("rollout tick --alias prod").fails(7).says("a gate failed");
    assert_eq!(ran.changes(), ["UpdateAlias"]);
    assert_eq!(world.routing(), json!({"1": 1.0}));
    let world = World::new();
    world.load(&json!({"2": [{"error_rate": 0.5}]}));
    world.begin("--steps 10%,100% --interval 10m --gate-cmd true --max-error-rate 2%");
    world.minutes(6);
    let ran = world.type_in("rollout tick --alias prod --output ndjson").fails(7);
    assert_eq!(world.routing(), json!({"1": 1.0}));
    // By its numbers.
    assert!(ran.stdout.contains("max-error-rate"), "{}", ran.stdout);
}

#[test]
fn a_step_waits_for_points_that_are_late() {
    let world = World::new();
    world.monitor(&json!({"delay_s": 600}));
    world.load(&json!({"2": [{"after_s": 240, "error_rate": 0.66}]}));
    world.begin("--steps 10%:10m,50%:10m,100%:10m");
    world.minutes(13);
    let ran = world.type_in("rollout tick --alias prod --output json").ok();
    assert_eq!(ran.json()["outcome"], "waiting", "{}", ran.stdout);
    assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
    // The minutes that tell come within the extra time.
    world.tick(10).fails(7);
    assert_eq!(world.routing(), json!({"1": 1.0}));
    // They never come: the monitor has stopped.
    let world = World::new();
    world.begin("--steps 10%:10m,50%:10m,100%:10m");
    world.minutes(4);
    world.load_at(0, &json!({}));
    world.minutes(9);
    let ran = world.type_in("rollout tick --alias prod --output json").ok();
    assert_eq!(ran.json()["waitsFor"], "more-data", "{}", ran.stdout);
    world.minutes(30);
    world.type_in("rollout tick --alias prod").fails(8).says("too little data to judge by");
    assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
}

#[test]
fn whoever_leaves_a_pause_after_the_deadline_goes_on() {
    let world = World::new();
    world.begin("--steps 10%:pause,100% --interval 5m --deadline 10m --on-deadline rollback");
    world.minutes(20);
    let ran = world.type_in("rollout resume --alias prod").ok();
    assert!(ran.stderr.contains("its --deadline is over and holds no longer"), "{}", ran.stderr);
    world.minutes(1);
    world.type_in("rollout tick --alias prod").ok();
    assert_eq!(world.routing(), json!({"1": 0.0, "2": 1}));
}

#[test]
fn a_rollout_is_found_whatever_stands_around_its_line() {
    for change in ["\n后记", "\n", " \n \n"] {
        let world = World::new();
        world.begin("--steps 10%,100% --interval 5m");
        let marker = world.description().split_once('\n').unwrap().1.to_owned();
        world.describe(&format!("mine, 我的。\n{marker}{change}"));
        let ran = world.type_in("rollout tick --alias prod --output json").ok();
        assert_eq!(ran.json()["outcome"], "waiting", "{change:?}");
        world.type_in("rollout start --alias prod --to 2").fails(5).says("is under rollout");
        world.type_in("rollout pause --alias prod").ok();
        // What was added is the user's own text.
        let text = format!("mine, 我的。{}", change.trim_end());
        let paused = marker.replace("phase running", "phase held user");
        assert_eq!(world.description(), format!("{text}\n{paused}"));
    }
    let world = World::new();
    world.begin("--steps 10%,100% --interval 5m");
    let description = world.description();
    world.describe(&description.replace('\n', " "));
    world.type_in("rollout abort --alias prod").ok();
    assert_eq!(world.routing(), json!({"1": 1.0}));
    assert!(world.description().starts_with("mine, 我的。\nscfctl v1 id "));
    // What nobody can read ends nothing.
    let world = World::new();
    world.begin("--steps 10%,100% --interval 5m");
    let other = world.description().replace("scfctl v1", "scfctl v2");
    world.describe(&format!("{other}\n后记"));
    world.type_in("rollout tick --alias prod").fails(5).says("scfctl v2 id ");
}

#[test]
fn metrics_that_no_gate_needs_blind_none() {
    let world = World::new();
    world.load(&json!({"2": [{"error_rate": 0.5}]}));
    world.begin("--steps 10%,100% --interval 5m");
    world.sandbox.faulty(|call| match call.params["MetricName"].as_str() {
        Some("Throttle" | "Duration") => Fault::error("InvalidParameterValue", "no"),
        _ => Fault::None,
    });
    world.minutes(6);
    world.type_in("rollout status --alias prod").ok();
    let ran = world.type_in("rollout tick --alias prod").fails(7);
    assert_eq!(ran.actions().iter().filter(|one| **one == "GetMonitorData").count(), 2);
    assert_eq!(world.routing(), json!({"1": 1.0}));
}

#[test]
fn a_way_back_by_hand_can_be_taken_back() {
    let world = World::new();
    world.type_in("rollback --alias prod --to 2").ok();
    assert_eq!(world.routing(), json!({"2": 1.0}));
    world.type_in("rollback --alias prod").ok();
    assert_eq!(world.routing(), json!({"1": 1.0}));
    world.type_in("rollback --alias prod").fails(3).says("none before it is known");
}

#[test]
fn what_is_published_cannot_be_left_unpublished() {
    let world = World::new();
    for typed in ["--to 2", "--to latest-published", "--publish", ""] {
        let line = format!("rollout start --alias prod {typed} --no-freeze --detach");
        let ran = world.type_in(&line).fails(2);
        assert_eq!(ran.changes(), [] as [&str; 0]);
        let says = "--no-freeze has no effect without --to '$LATEST'";
        assert!(ran.stderr.contains(says), "{line}: {}", ran.stderr);
    }
    world.type_in("deploy --publish --traffic 0").ok();
    let line = ["rollout", "start", "--to", "$LATEST", "--no-freeze", "--steps", "10%,100%"];
    world.sandbox.run(&[&line[..], &["--detach"]].concat()).ok();
}

/// Makes `$LATEST` other code right before the first publication. Where it `returns`, it is what it
/// was again right after that.
fn other_code_is_published(world: &World, own: &Value, returns: bool) {
    let (server, own, met) = (world.sandbox.server().clone(), own.clone(), AtomicBool::new(false));
    let is_back = AtomicBool::new(!returns);
    world.sandbox.faulty(move |call| {
        let (server, own) = (server.clone(), own.clone());
        let put = move |zip: &Value| {
            let code = json!({"FunctionName": FUNCTION, "Code": {"ZipFile": zip}});
            server.apply("UpdateFunctionCode", code, REGION).unwrap();
        };
        if call.action == "PublishVersion" && !met.swap(true, Ordering::SeqCst) {
            return Fault::Before(Arc::new(move || put(&other_code())));
        }
        if met.load(Ordering::SeqCst) && !is_back.swap(true, Ordering::SeqCst) {
            return Fault::Before(Arc::new(move || put(&own)));
        }
        Fault::None
    });
}

/// Another package, as the API takes it.
fn other_code() -> Value {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(Sandbox::zip()).into()
}

/// The package that was sent last.
fn sent_code(world: &World) -> Value {
    let calls = world.sandbox.calls();
    let mut codes = calls.iter().filter_map(|call| call.params.get("Code"));
    codes.next_back().unwrap()["ZipFile"].clone()
}

/// The digest of a version's code.
fn code_of(world: &World, qualifier: &str) -> Value {
    world.sandbox.console("GetFunctionAddress", json!({"Qualifier": qualifier}))["CodeSha256"]
        .clone()
}

#[test]
fn code_that_nobody_observed_never_serves_everything() {
    for go_on in ["rollout tick", "rollout promote"] {
        let world = World::new();
        world.type_in("deploy --publish --traffic 0").ok();
        let (observed, own) = (code_of(&world, "$LATEST"), sent_code(&world));
        world.type_in("rollout start --steps 100% --interval 5m --no-gates --detach").ok();
        other_code_is_published(&world, &own, false);
        world.minutes(9);
        world
            .type_in("rollout tick")
            .fails(5)
            .says("version 4 of function `demo-dev-shop` is not what this run meant");
        world.sandbox.healthy();
        assert_ne!(code_of(&world, "4"), observed);
        world.type_in("rollout tick").fails(5).says("the code of $LATEST has changed");
        // Whoever brings the code back goes on, and not with what was frozen meanwhile.
        world.sandbox.console("UpdateFunctionCode", json!({"Code": {"ZipFile": own}}));
        world.type_in("rollout resume").ok();
        world.minutes(9);
        let ran = world.type_in(go_on).ok().says("version 4 of an earlier try of this run froze");
        assert_eq!(ran.changes(), ["PublishVersion", "UpdateAlias"]);
        assert_eq!(code_of(&world, "5"), observed);
        assert_eq!(world.sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "5": 1}));
    }
    // Other code that was there for a moment only.
    let world = World::new();
    world.type_in("deploy --publish --traffic 0").ok();
    let (observed, own) = (code_of(&world, "$LATEST"), sent_code(&world));
    world.type_in("rollout start --steps 100% --interval 5m --no-gates --detach").ok();
    other_code_is_published(&world, &own, true);
    world.minutes(9);
    let ran = world.type_in("rollout tick").fails(5);
    assert_eq!(ran.changes(), ["PublishVersion"]);
    world.sandbox.healthy();
    assert_ne!(code_of(&world, "4"), observed);
    world.type_in("rollout tick").ok();
    assert_eq!(world.sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "5": 1}));
}

#[test]
fn a_publication_that_is_repeated_publishes_what_it_means() {
    for (line, versions) in [
        ("rollout start --alias prod --publish --run-id r1 --steps 10%,100% --detach", 4),
        ("deploy --publish --run-id r1", 4),
        ("publish-ver --function demo-dev-shop --run-id r1", 4),
    ] {
        let world = World::new();
        world.sandbox.change_code("three");
        world.type_in("deploy").ok();
        let (meant, own) = (code_of(&world, "$LATEST"), sent_code(&world));
        other_code_is_published(&world, &own, false);
        world.type_in(line).fails(5).says("version 3 of function `demo-dev-shop` is not");
        world.sandbox.healthy();
        world.sandbox.console("UpdateFunctionCode", json!({"Code": {"ZipFile": own}}));
        if line.starts_with("deploy") || line.starts_with("publish") {
            let shown = world.type_in(&format!("{line} --dry-run --output json")).ok();
            assert_eq!(shown.json()["calls"][0]["action"], "PublishVersion", "{line}");
        }
        world
            .type_in(line)
            .ok()
            .says("version 3 of an earlier try of this run froze something else");
        assert_eq!(world.sandbox.versions().len(), versions, "{line}");
        assert_eq!(code_of(&world, "4"), meant, "{line}");
        // And that one is found again.
        let ran = world.type_in(line).ok();
        assert!(!ran.changes().contains(&"PublishVersion"), "{line}: {:?}", ran.changes());
    }
}

#[test]
fn no_step_is_taken_while_nobody_can_read_what_is_rolled_out() {
    let world = World::new();
    world.type_in("deploy --publish --traffic 0").ok();
    world.type_in("rollout start --steps 10%:2m,100%:2m --no-freeze --detach").ok();
    world.sandbox.change_code("unreviewed");
    world.type_in("deploy").ok();
    let unread = |call: &scfctl::local::Call| {
        let reads = call.action == "GetFunction" || call.action == "GetFunctionAddress";
        if reads { Fault::error("UnauthorizedOperation.CAM", "no") } else { Fault::None }
    };
    world.sandbox.faulty(unread);
    world.minutes(6);
    let ran = world.type_in("rollout tick --output json").ok();
    assert_eq!(ran.changes(), [] as [&str; 0]);
    assert!(ran.stderr.contains("UnauthorizedOperation.CAM"), "{}", ran.stderr);
    let refused = world.type_in("rollout promote").fails(1).says("cannot be read");
    assert_eq!(refused.changes(), [] as [&str; 0]);
    // It stands still in the end, whatever too little data does.
    world.minutes(12);
    world.type_in("rollout tick").fails(8);
    assert_eq!(world.sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.1, "3": 0.9}));
}

#[test]
fn a_match_rule_leaves_two_ways_out() {
    let ruled = |world: &World, version: &str| {
        let rule = json!({
            "Version": version, "Key": "invoke.headers.User", "Method": "exact", "Expression": "Bob",
        });
        world.sandbox.console(
            "UpdateAlias",
            json!({
                "Name": "prod", "FunctionVersion": "1", "Description": world.description(),
                "RoutingConfig": {"AddtionVersionMatchs": [rule]},
            }),
        );
    };
    let command = |world: &World, begins: &str| {
        let ran = world.type_in("rollout tick --alias prod").fails(5);
        let mut lines = ran.stderr.split('`').filter(|text| text.starts_with(begins));
        let line = lines.next().unwrap_or_else(|| panic!("{begins}: {}", ran.stderr));
        line.strip_prefix("scfctl ").unwrap().to_owned()
    };
    let matches_of = |world: &World| world.alias()["RoutingConfig"]["AddtionVersionMatchs"].clone();
    for verb in ["rollout abort --alias prod", "rollback --alias prod", ""] {
        let world = World::new();
        world.begin("--steps 10%,100%");
        ruled(&world, "2");
        let told = command(&world, "scfctl rollout abort ");
        let ran = world.type_in(if verb.is_empty() { &told } else { verb }).ok();
        assert_eq!(ran.changes(), ["UpdateAlias"]);
        assert_eq!(world.routing(), json!({"1": 1.0}));
        assert!(matches_of(&world).as_array().is_none_or(Vec::is_empty), "{}", world.alias());
    }
    // Another version's: it stays, or goes.
    let ending = |begins: &str| {
        let world = World::new();
        world.sandbox.console("PublishVersion", json!({}));
        world.begin("--steps 10%,100%");
        ruled(&world, "3");
        world.type_in("rollout abort --alias prod").fails(5);
        let ran = world.type_in("rollback --alias prod").fails(5);
        assert!(ran.stderr.contains("--no-weights --force --end-rollout`"), "{}", ran.stderr);
        world.type_in(&command(&world, begins)).ok();
        assert!(world.description().contains(", phase ended, "), "{}", world.description());
        matches_of(&world).as_array().map_or(0, Vec::len)
    };
    let update = "scfctl update-alias --function demo-dev-shop --alias prod --version 1";
    assert_eq!(ending(&format!("{update} --end-rollout")), 1);
    assert_eq!(ending(&format!("{update} --no-weights --force --end-rollout")), 0);
}

#[test]
fn a_command_that_fails_is_heard_at_once() {
    let world = World::new();
    let start = ["rollout", "start", "--alias", "prod", "--to", "2", "--steps", "10%:10m,100%"];
    let tick = ["rollout", "tick", "--alias", "prod"];
    let gate = ["--gate-cmd", "exit $(cat gate)"];
    world.sandbox.file("gate", "0");
    world.sandbox.run(&[&start[..], &gate, &["--detach"]].concat()).ok();
    world.minutes(1);
    world.sandbox.run(&[&tick[..], &gate].concat()).ok();
    assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
    world.sandbox.file("gate", "1");
    world.minutes(1);
    world.sandbox.run(&[&tick[..], &gate].concat()).fails(7);
    assert_eq!(world.routing(), json!({"1": 1.0}));
}

/// A rollout of `$LATEST` begins with code that can be told from other code, or not at all.
#[test]
fn what_cannot_be_told_apart_is_not_rolled_out() {
    for begin in ["rollout start --steps 10%,100% --detach", "deploy --rollout=detach"] {
        let world = World::new();
        world.type_in("deploy --publish --traffic 0").ok();
        world.sandbox.yaml("  rollout:\n    steps: 10%,100%\n");
        world.sandbox.change_code("four");
        world.sandbox.faulty(|call| {
            if call.action == "GetFunctionAddress" {
                Fault::error("UnauthorizedOperation.CAM", "no")
            } else {
                Fault::None
            }
        });
        let ran = world.type_in(begin);
        assert_ne!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(ran.changes(), [] as [&str; 0], "{begin}");
        assert!(ran.stderr.contains("GetFunctionAddress"), "{}", ran.stderr);
    }
}

#[test]
fn nobody_is_sent_to_a_version_that_failed_to_publish() {
    let world = World::new();
    let place = Place::new(REGION, FUNCTION);
    world.sandbox.server().set_status(&place, "2", "PublishFailed", Some("quota")).unwrap();
    for line in [
        "rollout start --alias prod --to 2 --steps 10%,100% --detach",
        "rollout start --alias prod --to 2 --steps 10%,100% --dry-run",
        "rollback --alias prod --to 2",
        "rollback --alias prod --to 2 --dry-run",
    ] {
        let ran = world.type_in(line).fails(1).says("PublishFailed");
        assert_eq!(ran.changes(), [] as [&str; 0], "{line}");
    }
    assert_eq!(world.routing(), json!({"1": 1.0}));
}

#[test]
fn a_metric_that_no_gate_needs_blinds_none() {
    let world = World::new();
    world.load(&json!({"2": [{"error_rate": 0.5}]}));
    world.begin("--steps 10%,100% --interval 10m");
    world.sandbox.faulty(|call| {
        let needed = ["Invocation", "Error"].map(Value::from);
        if call.action == "GetMonitorData" && !needed.contains(&call.params["MetricName"]) {
            Fault::error("InvalidParameterValue", "no such metric")
        } else {
            Fault::None
        }
    });
    world.minutes(7);
    let ran = world.type_in("rollout tick --alias prod").fails(7);
    // A request is billed.
    let asked = ran.actions().iter().filter(|action| **action == "GetMonitorData").count();
    assert_eq!(asked, 2, "{:?}", ran.actions());
    assert_eq!(world.routing(), json!({"1": 1.0}));
    // One that is needed is not made up.
    let world = World::new();
    world.begin("--steps 10%,100% --interval 5m --max-throttles 5");
    world.sandbox.faulty(|call| {
        if call.action == "GetMonitorData" && call.params["MetricName"] == "Throttle" {
            Fault::error("InvalidParameterValue", "no such metric")
        } else {
            Fault::None
        }
    });
    world.minutes(9);
    let ran = world.type_in("rollout tick --alias prod").ok();
    assert_eq!(ran.changes(), [] as [&str; 0]);
}

#[test]
fn starts_of_one_run_at_once_are_one_rollout() {
    let world = World::new();
    let line = "rollout start --alias prod --to 2 --run-id x2 --steps 10%,100% --detach";
    world.type_in(line).ok();
    let begun = world.description();
    // As it was before; and the other process begins while this one looks at the version.
    let before = json!({"Name": "prod", "FunctionVersion": "1", "Description": "mine, 我的。"});
    world.sandbox.console("UpdateAlias", before);
    let params = json!({
        "FunctionName": FUNCTION, "Name": "prod", "FunctionVersion": "1", "Description": begun,
        "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]},
    });
    world.sandbox.alias_changes_before("ListVersionByFunction", params.clone());
    let ran = world.type_in(line).ok();
    assert_eq!(ran.changes(), [] as [&str; 0]);
    assert_eq!(world.routing(), json!({"1": 0.9, "2": 0.1}));
    // Another run is refused.
    let before = json!({"Name": "prod", "FunctionVersion": "1", "Description": "mine, 我的。"});
    world.sandbox.console("UpdateAlias", before);
    world.sandbox.alias_changes_before("ListVersionByFunction", params);
    world.type_in(&line.replace("x2", "x3")).fails(5).says("is under rollout");
}

#[test]
fn who_moved_an_alias_is_told_when() {
    let world = World::new();
    world.begin("--steps 10%,100%");
    let params = json!({"Name": "prod", "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.5}]},
        "Description": world.description()});
    world.sandbox.console("UpdateAlias", params);
    world.type_in("rollout tick --alias prod").fails(5).says("(written at 2026-11-28 ");
    world.type_in("rollout tick --alias prod --lang zh").fails(5).says("（修改时间 2026-11-28 ");
}

#[test]
fn one_minute_of_the_monitor_is_read_once() {
    let world = World::new();
    let line = "rollout start --alias prod --to 2 --run-id r1 --steps 10%:3m,50%:3m,100%:3m";
    world.type_in(&format!("{line} --detach")).ok();
    world.minutes(7);
    let from = world.sandbox.calls().len();
    // It goes on, looks, takes the next step and looks again in the same minute.
    let process = world.sandbox.spawn(&line.split_whitespace().collect::<Vec<_>>());
    world.sandbox.await_calls(from, "UpdateAlias", 1);
    // That look has asked the monitor, if it does, before it sleeps until the next minute.
    world.sandbox.await_calls(from, "GetAlias", 4);
    std::thread::sleep(Duration::from_millis(300));
    send(Signal::INT, process.id());
    let ran = crate::sandbox::finished(process);
    assert_eq!(ran.code, 130, "{}", ran.stderr);
    let asked: Vec<String> = world.sandbox.calls()[from..]
        .iter()
        .filter(|call| call.action == "GetMonitorData")
        .map(|call| call.params.to_string())
        .collect();
    let once: BTreeSet<&String> = asked.iter().collect();
    assert_eq!((asked.len(), once.len()), (2, 2), "{asked:?}");
}

#[test]
fn the_example_of_a_hint_is_taken() {
    let world = World::new();
    let line =
        "rollout start --alias prod --to 2 --steps 10%,100% --detach --max-duration-increase";
    world.type_in(&format!("{line} 20")).fails(2).says("`--max-duration-increase 20%`");
    world.type_in(&format!("{line} 20%")).ok();
}

#[test]
fn a_rollout_that_is_ended_is_not_said_to_be_held() {
    let world = World::new();
    world.type_in("deploy --publish --traffic 0").ok();
    world.type_in("rollout start --steps 20%:2m,100%:2m --detach").ok();
    world.sandbox.change_code("other");
    let ran = world.type_in("deploy --traffic 0.5 --end-rollout").ok();
    assert!(!ran.stderr.contains("will be held"), "{}", ran.stderr);
    world.type_in("rollout tick").ok();
}
