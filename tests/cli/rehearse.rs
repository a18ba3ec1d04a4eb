//! rollout rehearse: a rollout in memory, and recordings judged.

use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, Ran, Sandbox};

/// Versions 1 and 2, everything of alias `prod` on 1.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    sandbox.console("PublishVersion", json!({}));
    sandbox.console("PublishVersion", json!({}));
    let alias = json!({"Name": "prod", "FunctionVersion": "1", "Description": "mine, 我的。"});
    sandbox.console("CreateAlias", alias);
    sandbox
}

/// A sandbox without keys: whatever is called fails.
fn without_service() -> Sandbox {
    let mut sandbox = Sandbox::with_project();
    for name in ["SCFCTL_ENDPOINT", "TENCENT_SECRET_ID", "TENCENT_SECRET_KEY"] {
        sandbox.unset(name);
    }
    sandbox
}

fn rehearse(sandbox: &Sandbox, options: &str) -> Ran {
    sandbox.type_in(&format!("rollout rehearse --alias prod --to 2 {options}"))
}

#[test]
fn a_healthy_version_is_rehearsed_on_a_copy_of_the_alias() {
    let sandbox = sandbox();
    let before = sandbox.console("GetAlias", json!({"Name": "prod"}));
    let ran = rehearse(&sandbox, "--steps 10%,50%,100% --interval 10m --output json").ok();
    assert_eq!(ran.changes(), [] as [&str; 0]);
    let after = sandbox.console("GetAlias", json!({"Name": "prod"}));
    assert_eq!(
        (&before["Description"], &before["RoutingConfig"]),
        (&after["Description"], &after["RoutingConfig"])
    );
    let found = ran.json();
    assert_eq!(
        (&found["scenario"], &found["functionName"], &found["aliasName"], &found["seed"]),
        (&json!("healthy"), &json!(FUNCTION), &json!("prod"), &json!(1))
    );
    assert_eq!((&found["from"], &found["to"]), (&json!("1"), &json!("2")));
    assert_eq!((&found["outcome"], &found["reason"]), (&json!("done"), &Value::Null));
    let events: Vec<_> = found["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["event"].as_str().unwrap(), entry["share"].as_f64().unwrap()))
        .collect();
    assert_eq!(events, [("begins", 0.1), ("advances", 0.5), ("advances", 1.0), ("finishes", 1.0)]);
    let advance = &found["timeline"][1];
    assert!(advance["minute"].as_u64().unwrap() >= 13, "{advance}");
    assert_eq!(advance["gates"][0]["gate"], "max-error-rate-increase");
    assert!(advance["gates"][0]["canary"]["calls"].as_f64().unwrap() > 300.0, "{advance}");
    let calls: Vec<_> = found["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| (call["action"].as_str().unwrap(), call["routing"].as_str().unwrap()))
        .collect();
    assert_eq!(
        calls,
        [
            ("UpdateAlias", "90% 1, 10% 2"),
            ("UpdateAlias", "50% 1, 50% 2"),
            ("UpdateAlias", "100% 2"),
            ("UpdateAlias", "100% 2"),
        ]
    );
    let served = found["exposure"]["calls"].as_f64().unwrap();
    assert!((9000.0..16_000.0).contains(&served), "{}", found["exposure"]);
    assert!(found.get("rolledBack").is_none() && found.get("assumed").is_none(), "{found}");
    // The same seed gives the same.
    let again = rehearse(&sandbox, "--steps 10%,50%,100% --interval 10m --output json").ok();
    assert_eq!(again.json(), found);
}

#[test]
fn a_rollout_that_goes_back_is_a_success_of_the_rehearsal() {
    let sandbox = sandbox();
    let options = "--scenario errors-at-50% --seed 3";
    let ran = rehearse(&sandbox, options).ok();
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "scenario errors-at-50% (the new version fails under half of the load), seed 3",
            "alias `prod` of `demo-dev-shop`, from 1 to 2; times are virtual",
        ]
    );
    for text in [
        "   0:00  step 1 of 4: 10% 2, the rest 1\n",
        "  step 2 of 4: 50% 2 (",
        "  back: everything to 1 (a gate failed)\n",
        "    max-error-rate-increase 1.1x+0.05%",
        "\nrolled back after ",
        "\nthe new version served ",
        "\ncalls that a rollout would make:\n",
        "  UpdateAlias  100% 1\n",
    ] {
        let text = text.trim_start_matches(' ');
        assert!(ran.stdout.contains(text), "no `{text}` in:\n{}", ran.stdout);
    }
    assert_eq!(ran.changes(), [] as [&str; 0]);
    let chinese = rehearse(&sandbox, &format!("{options} --lang zh")).ok();
    // Titles of built-in scenarios are ours, too.
    let title = "场景 `errors-at-50%`（“新版本在一半流量下出错”）";
    for text in [title, "已回滚：全部流量到版本 1（", "新版本处理了 ", "已回滚，历时 "]
    {
        assert!(chinese.stdout.contains(text), "no `{text}` in:\n{}", chinese.stdout);
    }
}

#[test]
fn repetitions_say_how_often_it_goes_back() {
    let sandbox = sandbox();
    let options = "--steps 10%:5m,50%:10m,100%:5m --scenario errors-at-50% --repeat 12";
    let found = rehearse(&sandbox, &format!("{options} --output json")).ok().json();
    assert_eq!((&found["repeat"], &found["rolledBack"]), (&json!(12), &json!(12)));
    assert_eq!((&found["done"], &found["held"]), (&json!(0), &json!(0)));
    let minutes: Vec<f64> = found["minutesUntilBack"]
        .as_array()
        .unwrap()
        .iter()
        .map(|minutes| minutes.as_f64().unwrap())
        .collect();
    assert!(minutes.is_sorted() && minutes[0] > 8.0 && minutes[2] < 30.0, "{minutes:?}");
    assert!(found["meanCanaryCalls"].as_f64().unwrap() > 1000.0, "{found}");
    let ran = rehearse(&sandbox, options).ok();
    let says =
        "\n12 rehearsals: 12 rolled back, 0 done, 0 held\nminutes until the way back: median ";
    assert!(ran.stdout.contains(says), "{}", ran.stdout);
}

#[test]
fn events_are_those_of_a_rollout() {
    let sandbox = sandbox();
    let ran = rehearse(&sandbox, "--steps 10%:3m,100%:3m --output ndjson").ok();
    let events: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&events[0]["event"], &events[0]["time"]),
        (&json!("begins"), &json!("2026-01-01T00:00:00Z"))
    );
    assert!(events.iter().filter(|event| event["event"] == "look").count() > 5);
    assert_eq!(events.last().unwrap()["event"], "finishes");
    let ran = rehearse(&sandbox, "--repeat 2 --output ndjson").fails(2);
    assert!(ran.advice().contains("--repeat and --output ndjson do not go together"));
}

#[test]
fn what_start_refuses_is_refused() {
    let sandbox = sandbox();
    for (options, code, text) in [
        ("--alias prod --to 1", 2, "1 serves everything of alias `prod` already"),
        ("--alias prod --to 9", 3, "version 9 is not published"),
        ("--alias other --to 2", 3, "other"),
        ("--alias prod --to 2 --steps 50%,10%,100%", 2, "shares must rise"),
        ("--alias prod --to 2 --scenario healty", 2, "no scenario and no file `healty`"),
        ("--alias prod --to 2 --repeat 0", 2, "--repeat"),
        ("--alias prod --to 2 --detach", 2, "--detach"),
    ] {
        let ran = sandbox.type_in(&format!("rollout rehearse {options}")).fails(code);
        assert!(ran.stderr.contains(text), "{options}: {}", ran.stderr);
        assert_eq!(ran.changes(), [] as [&str; 0]);
    }
    let ran = rehearse(&sandbox, "--steps 100%:1m --gate-cmd false").ok();
    ran.says("--gate-cmd is not run in a rehearsal: it counts as a pass");
    // A version that would be published is the next one.
    let ran = sandbox.type_in("rollout rehearse --alias prod --publish --output json").ok();
    let found = ran.json();
    assert_eq!(
        (&found["to"], &found["calls"][0]["action"]),
        (&json!("3"), &json!("PublishVersion"))
    );
    assert_eq!(ran.changes(), [] as [&str; 0]);
    // An alias under a rollout has a rollout already.
    sandbox.type_in("rollout start --alias prod --to 2 --detach").ok();
    let ran = rehearse(&sandbox, "").fails(5);
    assert!(ran.stderr.contains("alias `prod` is under rollout"), "{}", ran.stderr);
}

/// The example of `docs/reference/rollout-scenarios.md`, and a minute that leaves no doubt.
const EXAMPLE: &str = r#"{"format": 1, "title": "12 May, version 41",
 "history": [[902, 9, 21.5], null, [897, 8, 20.9]],
 "steps": [{"share": 0.1, "minutes": [[[900, 9, 21], [100, 1, 20]], [[908, 8, 22], null]]},
           {"share": 1,   "minutes": [[null, [1003, 61, 35]], [null, [998, 700, 36]]]}],
 "assume": {"dispersion": 2.4}}"#;

#[test]
fn a_recording_is_judged_without_any_service() {
    let sandbox = without_service();
    sandbox.file("may12.json", EXAMPLE);
    let line = "rollout rehearse --scenario may12.json --output json";
    let ran = sandbox.type_in(line).ok();
    assert_eq!(ran.actions(), [] as [&str; 0]);
    let found = ran.json();
    assert_eq!(found["scenario"], "recorded");
    assert_eq!(found["title"], "12 May, version 41");
    let assumed = found["assumed"].as_object().unwrap();
    let keys: Vec<&str> = assumed.keys().map(String::as_str).collect();
    assert_eq!(keys, ["alpha", "beta", "min_invocations", "dispersion", "frozen_limit", "kappa2"]);
    assert_eq!(assumed["min_invocations"], 50);
    assert!((assumed["alpha"].as_f64().unwrap() - 0.01).abs() < 1e-12);
    assert!((assumed["dispersion"].as_f64().unwrap() - 2.4).abs() < 1e-12);
    assert!(assumed["frozen_limit"].as_f64().unwrap() > 0.01);
    assert_eq!(assumed["kappa2"], Value::Null);
    let gate = &found["gates"][0];
    assert_eq!(
        (&gate["gate"], &gate["value"]),
        (&json!("max-error-rate-increase"), &json!("1.1x+0.05%"))
    );
    assert_eq!(gate["log_e_fail"].as_array().unwrap().len(), 4);
    assert_eq!(gate["log_e_pass"].as_array().unwrap().len(), 4);
    assert_eq!(gate["verdict"], "IIIF");
    assert_eq!((&found["outcome"], &found["back_at_minute"]), (&json!("rolled-back"), &json!(4)));
    assert_eq!(found["exposure"], json!({"calls": 2101, "bad": 762, "throttled": 0}));
    let events: Vec<_> = found["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["minute"].as_u64().unwrap(), entry["event"].as_str().unwrap()))
        .collect();
    assert_eq!(events, [(1, "begins"), (3, "advances"), (4, "back")]);
    let ran = sandbox.type_in("rollout rehearse --scenario may12.json --steps 5%,100%").ok();
    assert!(ran.stdout.contains("\nrolled back: minute 4 of 4 failed\n"), "{}", ran.stdout);
    ran.says("--steps has no effect: the steps are those of the recording");
    // Other gates.
    let line = "rollout rehearse --scenario may12.json --max-error-rate 90% --output json";
    let found = sandbox.type_in(line).ok().json();
    assert_eq!((&found["outcome"], &found["back_at_minute"]), (&json!("done"), &Value::Null));
    for (options, text) in [
        ("--seed 2", "--seed has no effect without a generated scenario"),
        ("--repeat 2", "--repeat has no effect without a generated scenario"),
        ("--output ndjson", "--output ndjson has no effect without a generated scenario"),
        ("--no-gates", "has no effect without a gate such as --max-error-rate"),
    ] {
        let line = format!("rollout rehearse --scenario may12.json {options}");
        let ran = sandbox.type_in(&line).fails(2);
        assert!(ran.advice().contains(text), "{options}: {}", ran.advice());
    }
    sandbox.file("may12.json", &EXAMPLE.replace("\"title\"", "\n\"titel\""));
    let ran = sandbox.type_in("rollout rehearse --scenario may12.json").fails(2);
    let error = "--scenario: may12.json has an unknown key `titel`; known there: format, title";
    assert!(ran.stderr.contains(error), "{}", ran.stderr);
}

/// A gate of a vector, as its option.
fn option(gate: &Value) -> String {
    let percent = |key: &str| {
        // By its text: 0.0005 is 0.05%.
        let number: rust_decimal::Decimal = gate[key].to_string().parse().unwrap();
        (number * rust_decimal::Decimal::ONE_HUNDRED).normalize()
    };
    match gate["kind"].as_str().unwrap() {
        "error-increase" => {
            let ratio = &gate["ratio"];
            if gate["points"].as_f64() == Some(0.0) {
                format!("--max-error-rate-increase={ratio}x")
            } else {
                format!("--max-error-rate-increase={ratio}x+{}%", percent("points"))
            }
        }
        "error-rate" => format!("--max-error-rate={}%", percent("limit")),
        "duration-increase" => format!("--max-duration-increase={}%", percent("limit")),
        other => panic!("there is no gate {other}"),
    }
}

/// A point of a vector, as a scenario has it.
fn side(point: &Value, timed: bool) -> Value {
    match point.as_array() {
        Some(point) if timed => json!([point[0], 0, point[1]]),
        Some(point) => json!([point[0], point[1]]),
        None => Value::Null,
    }
}

fn sides(points: &Value, timed: bool) -> Vec<Value> {
    points.as_array().unwrap().iter().map(|point| side(point, timed)).collect()
}

/// To 10⁻⁹, relative above 1 and absolute below.
#[track_caller]
fn same(id: &str, ours: &Value, recorded: &Value) {
    let agree = match (ours.as_f64(), recorded.as_f64()) {
        (Some(ours), Some(recorded)) => (ours - recorded).abs() <= 1e-9 * recorded.abs().max(1.0),
        _ => ours.is_null() && recorded.is_null(),
    };
    assert!(agree, "{id}: {ours}, recorded {recorded}");
}

#[test]
fn vectors_are_scenarios_too() {
    let sandbox = without_service();
    let file: Value = serde_json::from_str(include_str!("../data/gates.json")).unwrap();
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();
    for case in file["cases"].as_array().unwrap() {
        let kind = case["gate"]["kind"].as_str().unwrap();
        let count = seen.entry(kind).or_default();
        *count += 1;
        // All of them are judged by `tests/vectors`; here each tenth goes through the binary.
        if *count % 10 != 1 {
            continue;
        }
        through_the_binary(&sandbox, case, kind);
    }
    assert_eq!(seen.len(), 5);
}

fn through_the_binary(sandbox: &Sandbox, case: &Value, kind: &str) {
    let id = case["id"].as_str().unwrap();
    let expect = &case["expect"];
    let run = |scenario: Value, option: &str| {
        sandbox.file("vector.json", &scenario.to_string());
        let line = ["rollout", "rehearse", "--scenario", "vector.json", option, "--output", "json"];
        sandbox.run(&line).ok().json()
    };
    if matches!(kind, "dispersion" | "kappa2") {
        let timed = kind == "kappa2";
        let recent = case.get("recent").map(|recent| sides(recent, false)).unwrap_or_default();
        let minutes: Vec<_> = recent.into_iter().map(|side| json!([side, null])).collect();
        let scenario = json!({"format": 1, "history": sides(&case["history"], timed),
            "steps": [{"share": 0.5, "minutes": minutes}]});
        let gate = if timed {
            json!({"kind": "duration-increase", "limit": 0.2})
        } else {
            json!({"kind": "error-increase", "ratio": case["ratio"], "points": case["points"]})
        };
        let assumed = run(scenario, &option(&gate))["assumed"].clone();
        for (key, expected) in expect.as_object().unwrap() {
            same(id, &assumed[key], expected);
        }
        return;
    }
    let timed = kind == "duration-increase";
    let steps: Vec<Value> = case["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let minutes = step["minutes"].as_array().unwrap().iter();
            let minutes: Vec<_> = minutes
                .map(|minute| json!([side(&minute[0], timed), side(&minute[1], timed)]))
                .collect();
            let share = if step["full"] == true { 1.0 } else { 0.5 };
            json!({"share": share, "minutes": minutes})
        })
        .collect();
    let mut assume = json!({"alpha": case["alpha"], "beta": case["beta"],
        "min_invocations": case["min_invocations"],
        "frozen_limit": case["frozen_limit"], "kappa2": case["kappa2"]});
    if let Some(dispersion) = case["dispersion"].as_f64() {
        assume["dispersion"] = dispersion.into();
    }
    let scenario = json!({"format": 1, "steps": steps, "assume": assume});
    let found = run(scenario, &option(&case["gate"]));
    let gate = &found["gates"][0];
    for key in ["log_e_fail", "log_e_pass"] {
        let (ours, recorded) = (gate[key].as_array().unwrap(), expect[key].as_array().unwrap());
        assert_eq!(ours.len(), recorded.len(), "{id} {key}");
        ours.iter().zip(recorded).for_each(|(ours, recorded)| same(id, ours, recorded));
    }
    assert_eq!(gate["verdict"], expect["verdict"], "{id}");
    let verdict = expect["verdict"].as_str().unwrap();
    let back_at = verdict.find('F').map(|index| index + 1);
    assert_eq!(found["back_at_minute"], json!(back_at), "{id}");
    let outcome = if back_at.is_some() { "rolled-back" } else { "done" };
    assert_eq!(found["outcome"], outcome, "{id}");
}

#[test]
fn a_file_describes_traffic() {
    let sandbox = sandbox();
    let scenario = json!({"format": 1, "title": "bad under load", "rate_per_min": 600,
        "versions": {"from": {"error_rate": 0.01, "duration_ms": 20},
            "to": {"error_rate": 0.01, "changes": [{"above_share": 0.5, "error_rate": 0.5}]}},
        "monitor": {"delay_s": 120, "drop_rate": 0.02, "rising_s": 60, "down": [[600, 900]]}});
    sandbox.file("world.json", &scenario.to_string());
    let found = rehearse(&sandbox, "--scenario world.json --output json").ok().json();
    assert_eq!(
        (&found["scenario"], &found["title"]),
        (&json!("generated"), &json!("bad under load"))
    );
    assert_eq!((&found["outcome"], &found["reason"]), (&json!("rolled-back"), &json!("fail")));
    let silent =
        found["timeline"].as_array().unwrap().iter().find(|entry| entry["event"] == "no-data");
    assert_eq!(silent.unwrap()["minute"], 10, "{found}");
}
