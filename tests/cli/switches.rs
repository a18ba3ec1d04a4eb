//! The reference leaves points of the service's behaviour open; the program is right under
//! every reading of each of them.

use std::time::Duration;

use scfctl::local::Behaviour;
use serde_json::json;

use crate::sandbox::{FUNCTION, Sandbox};

#[test]
#[ignore = "longer: cargo test --test cli -- --ignored both_workflows_under_every_switch"]
fn both_workflows_under_every_switch() {
    let mut settings = 0;
    for (key, words) in Behaviour::keys() {
        for word in words {
            workflow(&format!("{key}={word}"));
            settings += 1;
        }
    }
    assert!(settings > 40, "{settings}");
}

fn workflow(setting: &str) {
    let sandbox = Sandbox::with(|options| {
        options.behaviour.set(setting).unwrap();
        options.transition = Duration::from_millis(5);
    });
    sandbox.project();
    let run = |line: &str| {
        let ran = sandbox.type_in(line);
        assert_eq!(ran.code, 0, "{setting}: {line}\n{}", ran.stderr);
    };
    let canary = |rest: &[&str]| {
        let function = format!("function={FUNCTION}");
        let mut arguments = vec![rest[0], "--inputs", "name=canary", &function];
        arguments.extend(&rest[1..]);
        let ran = sandbox.run(&arguments);
        assert_eq!(ran.code, 0, "{setting}: {rest:?}\n{}", ran.stderr);
    };
    run("deploy --inputs publish=true traffic=0.5");
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.5, "1": 0.5}), "{setting}");
    sandbox.change_code("two");
    run("deploy --inputs traffic=0.1");
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.1, "1": 0.9}), "{setting}");
    run("deploy --inputs publish=true traffic=0");
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "2": 1}), "{setting}");
    assert_eq!(sandbox.versions(), ["1", "2"], "{setting}");
    canary(&["create-alias", "version=1", r#"config={"weights":{"2":0.25}}"#, "description=mine"]);
    canary(&["update-alias", "version=1", r#"config={"weights":{"2":0.75}}"#]);
    assert_eq!(sandbox.routing("canary"), json!({"1": 0.25, "2": 0.75}), "{setting}");
    canary(&["update-alias", "version=2", r#"config={"weights":{}}"#]);
    assert_eq!(sandbox.routing("canary")["2"], 1.0, "{setting}");
    let read = sandbox.console("GetAlias", json!({"Name": "canary"}));
    assert_eq!(read["Description"], "mine", "{setting}");
    canary(&["list-alias"]);
}
