//! local load: calls that nobody sends.

use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, Sandbox};

fn sum(sandbox: &Sandbox, line: &str) -> f64 {
    let found = sandbox.type_in(&format!("metric --output json {line}")).ok().json();
    let points = found["series"][0]["points"].as_array().unwrap().clone();
    points.iter().map(|point| point["value"].as_f64().unwrap()).sum()
}

/// A project in the state of `--local`, with version 1 and a tenth of `$DEFAULT` on `$LATEST`.
fn local() -> Sandbox {
    let mut sandbox = Sandbox::with_project();
    sandbox.unset("SCFCTL_ENDPOINT");
    sandbox.type_in("deploy --local --publish --traffic 0.1").ok();
    sandbox
}

#[test]
fn a_load_in_the_local_state_is_seen_by_metric() {
    let mut sandbox = local();
    let ran = sandbox
        .run(&["local", "load", "--rate", "600/min", "--version", "1: errors=5%, duration=30ms"])
        .ok();
    assert!(ran.stdout.contains("ratePerMin: 600"), "{}", ran.stdout);
    sandbox.set("SCFCTL_LOCAL", "1");
    let calls = sum(&sandbox, "--metric Invocation --version 1 --interval 40m");
    assert!((18_000.0..22_000.0).contains(&calls), "{calls}");
    let errors = sum(&sandbox, "--metric Error --version 1 --interval 40m");
    assert!((0.04..0.06).contains(&(errors / calls)), "{errors} of {calls}");
    let canary = sandbox
        .run(&["metric", "--metric", "Invocation", "--version", "$LATEST", "--output", "json"])
        .ok();
    assert!(!canary.json()["series"][0]["points"].as_array().unwrap().is_empty());
    // The same again: every minute is drawn once and for all.
    let again = sum(&sandbox, "--metric Invocation --version 1 --interval 40m");
    assert!((again - calls).abs() < 1500.0, "{again} and {calls}");
    let shown = sandbox.type_in("local load --output json").ok().json();
    assert_eq!(shown["functionName"], FUNCTION);
    assert_eq!(
        shown["load"]["aliases"],
        json!({"$DEFAULT": {"ratePerMin": 600.0, "matching": 0.0}})
    );
    let version = &shown["load"]["versions"]["1"];
    assert_eq!((&version["errorRate"], &version["durationMs"]), (&json!(0.05), &json!(30.0)));
    // What is not said stays.
    let changed = sandbox
        .run(&["local", "load", "--version", "1: errors=50%", "--output", "json"])
        .ok()
        .json();
    let version = &changed["load"]["versions"]["1"];
    assert_eq!((&version["errorRate"], &version["durationMs"]), (&json!(0.5), &json!(30.0)));
    assert_eq!(changed["load"]["aliases"], shown["load"]["aliases"]);
    let ran = sandbox.type_in("local load --clear --output json").ok();
    assert_eq!(ran.json()["load"], Value::Null);
    sandbox.type_in("metric").ok().says("the monitor has no data of that time");
}

#[test]
fn an_alias_that_comes_after_a_load_leaves_the_state_readable() {
    let sandbox = local();
    sandbox.type_in("local load --local --rate 600/min").ok();
    sandbox.type_in("create-alias --local --alias prod --version 1").ok();
    let ran = sandbox.type_in("list-alias --local").ok();
    assert!(ran.stdout.contains("prod"), "{}", ran.stdout);
    sandbox.type_in("local load --rate 60/min --alias prod").ok();
}

#[test]
fn a_server_takes_a_load_too() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    // The endpoint of the environment.
    let ran = sandbox.type_in("local load --rate 10/s --seed 9 --output json").ok();
    assert_eq!(ran.actions(), ["SetLoad"]);
    assert_eq!(ran.calls[0].product, "local");
    assert_eq!(ran.json()["load"]["seed"], 9);
    let line = format!("local load --function {FUNCTION} --endpoint {}", sandbox.server().url());
    let ran = sandbox.type_in(&line).ok();
    assert_eq!(ran.actions(), ["GetLoad"]);
    assert!(ran.stdout.contains("seed:     9"), "{}", ran.stdout);
    assert!(sum(&sandbox, "--metric Invocation") > 5000.0);
}

#[test]
fn the_cloud_is_asked_for_no_load() {
    let mut sandbox = Sandbox::with_project();
    sandbox.set("SCFCTL_ENDPOINT", "https://scf.tencentcloudapi.com");
    sandbox
        .type_in("local load --rate 1/s")
        .fails(2)
        .says("a load is set in the local SCF, not at https://scf.tencentcloudapi.com");
}

#[test]
fn what_is_wrong_with_a_load_is_told() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    for (arguments, code, told) in [
        (&["--rate", "600"][..], 2, "600/min"),
        (&["--version", "1: error=5%"], 2, "there are errors, bursts"),
        (&["--version", ": errors=5%"], 2, "single quotes"),
        (&["--monitor", "lost=2"], 2, "from 0 to 100%"),
        (&["--clear", "--rate", "1/s"], 2, "cannot be used with"),
        (&["--rate", "1/s", "--version", "7: errors=5%"], 3, "version `7`"),
        (&["--rate", "1/s", "--alias", "prod"], 3, "alias `prod`"),
        (&["--version", "$LATEST: errors=5%"], 1, "say at what rate"),
        (&["--function", "other", "--rate", "1/s"], 3, "`other`"),
        (&["--inputs", "function=other"], 2, "function"),
    ] {
        let ran = sandbox.run(&[&["local", "load"], arguments].concat()).fails(code).says(told);
        assert_eq!(ran.code, code, "{arguments:?}");
    }
    let ran = sandbox.type_in("local load --output json").ok();
    assert_eq!(ran.json()["load"], Value::Null);
}
