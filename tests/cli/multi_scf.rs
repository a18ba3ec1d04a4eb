//! `component: multi-scf`: several functions of one file.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// With these lines of `inputs` behind source, runtime and handler.
fn multi(inputs: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("src/index.py", "def main_handler(event, context): pass\n");
    sandbox.file("src/own/other.py", "def main_handler(event, context): pass\n");
    sandbox.file(
        "serverless.yml",
        &format!(
            "component: multi-scf\nname: jobs\napp: shop\ninputs:\n  src: ./src\n  runtime: Python3.9\n  \
             handler: index.main_handler\n{inputs}"
        ),
    );
    sandbox
}

fn function(sandbox: &Sandbox, name: &str) -> Value {
    sandbox.console("GetFunction", json!({"FunctionName": name}))
}

fn triggers(sandbox: &Sandbox, name: &str) -> Vec<String> {
    let list = sandbox.console("ListTriggers", json!({"FunctionName": name}));
    let list = list["Triggers"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.iter()
        .map(|one| format!("{} {}", text(&one["TriggerName"]), text(&one["Qualifier"])))
        .collect()
}

#[test]
fn common_keys_own_keys_and_the_command_line_count_in_this_order() {
    let sandbox = multi(
        "  memorySize: 256\n  timeout: 10\n  environments:\n    - key: AA\n      value: one\n    - key: BB\n      value: 2\n  functions:\n    first:\n      timeout: 20\n    second:\n      name: named\n      src: ./own\n      handler: other.main_handler\n      environments:\n        - key: CC\n          value: own\n      description: mine\n",
    );
    sandbox.type_in("deploy --inputs memorySize=512").ok();
    let first = function(&sandbox, "jobs-dev-shop-first");
    assert_eq!((&first["Timeout"], &first["MemorySize"]), (&json!(20), &json!(512)));
    assert_eq!(first["Description"], "Created by Serverless");
    assert_eq!(
        first["Environment"]["Variables"],
        json!([{"Key": "AA", "Value": "one"}, {"Key": "BB", "Value": "2"}])
    );
    let second = function(&sandbox, "named");
    assert_eq!(
        (&second["Timeout"], &second["Handler"]),
        (&json!(10), &json!("other.main_handler"))
    );
    assert_eq!(second["Environment"]["Variables"], json!([{"Key": "CC", "Value": "own"}]));
    assert_eq!(second["Description"], "mine");
    // Nothing changed since, but for the command line.
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --inputs memorySize=512").ok();
    sandbox.nothing_changed(from);
}

#[test]
fn defaults_are_those_of_the_component() {
    let sandbox = multi("  functions:\n    one:\n");
    sandbox.file("src/index.js", "exports.main_handler = async () => {};\n");
    sandbox.file(
        "serverless.yml",
        "component: multi-scf\nname: jobs\ninputs:\n  src: ./src\n  functions:\n    one:\n",
    );
    sandbox.type_in("deploy").ok();
    assert_eq!(function(&sandbox, "jobs-dev-jobs-one")["Runtime"], "Nodejs12.16");
}

#[test]
fn triggers_belong_to_the_functions_they_name() {
    let file =
        |triggers: &str| format!("  functions:\n    first: {{}}\n    second: {{}}\n{triggers}");
    let sandbox = multi(&file(
        "  triggers:\n    - type: timer\n      function: second\n      parameters:\n        name: nightly\n        cronExpression: '0 0 3 * * * *'\n        enable: true\n        qualifier: $DEFAULT\n",
    ));
    sandbox.type_in("deploy").ok();
    assert_eq!(triggers(&sandbox, "jobs-dev-shop-first"), [] as [&str; 0]);
    assert_eq!(triggers(&sandbox, "jobs-dev-shop-second"), ["nightly $DEFAULT"]);
    // Without `triggers` they are left alone; with an empty list they go.
    let again = |text: &str| {
        let multi = multi(&file(text));
        std::fs::copy(multi.root().join("serverless.yml"), sandbox.root().join("serverless.yml"))
            .unwrap();
        sandbox.type_in("deploy").ok();
        triggers(&sandbox, "jobs-dev-shop-second").len()
    };
    assert_eq!(again(""), 1);
    assert_eq!(again("  ignoreTriggers: true\n  triggers: []\n"), 1);
    assert_eq!(again("  triggers: []\n"), 0);
}

#[test]
fn traffic_works_with_and_without_publish_and_both_switches_publish_once() {
    let sandbox = multi("  isAutoPublish: true\n  functions:\n    one: {}\n    two: {}\n");
    let outputs =
        sandbox.type_in("deploy --output json --inputs publish=true traffic=0").ok().json();
    let mut function = outputs["functions"][0].clone();
    assert_eq!(function["code"].as_object_mut().unwrap().remove("sha256").map(|_| ()), Some(()));
    assert!(function["code"]["size"].is_u64());
    function.as_object_mut().unwrap().remove("code");
    assert!(function["description"].as_str().unwrap().starts_with("Created by Serverless"));
    for key in ["description", "published", "codeSize", "modTime"] {
        function.as_object_mut().unwrap().remove(key);
    }
    assert_eq!(
        function,
        json!({
            "key": "one", "status": "deployed", "region": "ap-guangzhou", "type": "event",
            "functionName": "jobs-dev-shop-one", "timeout": 3, "namespace": "default",
            "runtime": "Python3.9", "handler": "index.main_handler", "memorySize": 128,
            "publishedVersion": "1", "lastVersion": "1", "traffic": 0,
            "configTrafficVersion": "1", "routing": {"1": 1}, "triggers": [],
        })
    );
    assert_eq!(outputs["functions"][1]["functionName"], "jobs-dev-shop-two");
    let versions =
        sandbox.console("ListVersionByFunction", json!({"FunctionName": "jobs-dev-shop-two"}));
    assert_eq!(versions["TotalCount"], 2, "{versions}");
    let description = versions["Versions"].as_array().unwrap().iter();
    let description =
        description.filter(|one| one["Version"] == "1").map(|one| one["Description"].clone());
    let description = description.collect::<Vec<_>>();
    assert!(
        description[0].as_str().unwrap().starts_with("Created by Serverless"),
        "{description:?}"
    );
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --inputs publish=false traffic=0.2").ok();
    let mut changed = sandbox.changed_since(from);
    changed.sort();
    assert_eq!(changed, ["UpdateAlias jobs-dev-shop-one", "UpdateAlias jobs-dev-shop-two"]);
}

#[test]
fn function_names_the_only_one() {
    let sandbox = multi("  functions:\n    first: {}\n    second: {}\n");
    sandbox.type_in("deploy --inputs function=second").ok();
    assert_eq!(sandbox.changed_since(0), ["CreateFunction jobs-dev-shop-second"]);
    let from = sandbox.calls().len();
    sandbox
        .type_in("deploy --inputs function=secnod")
        .fails(2)
        .says("`function` is `secnod`, which is none of the functions (argument `function=secnod`)")
        .says("one of first, second; did you mean `second`?");
    assert_eq!(sandbox.calls().len(), from);
}

#[test]
fn what_cannot_be_deployed_is_refused_with_its_place() {
    let two = "  functions:\n    one:\n      memorySize: 100\n    two: {}\n";
    for (inputs, says) in [
        ("", "`functions` is missing"),
        (
            "  functions:\n    one: {}\n    two:\n      name: jobs-dev-shop-one\n",
            "one and two deploy the same function, `jobs-dev-shop-one`",
        ),
        (
            "  functions:\n    one:\n      region: ap-shanghai\n",
            "`functions.one.region` is another one than ap-guangzhou, where all functions go (serverless.yml:10)",
        ),
        (
            "  functions: []\n",
            "`functions` is missing, so there is nothing to deploy (serverless.yml:8)",
        ),
        ("  functions: 5\n", "`functions` is a number, not functions (serverless.yml:8)"),
        ("  functions:\n    one: 5\n", "`functions.one` is not a map (serverless.yml:9)"),
        (two, "`functions.one.memorySize` is `100` (serverless.yml:10)"),
        ("  name: all\n  functions:\n    one: {}\n", "`name` would name every function the same"),
        (
            "  functions:\n    one:\n      environments:\n        - A\n",
            "`functions.one.environments.0` is not a `key` with its `value` (serverless.yml:11)",
        ),
        (
            "  functions:\n    one: {}\n  triggers:\n    - type: timer\n      function: two\n",
            "`triggers.0.function` is `two`, which is none of the functions (serverless.yml:12)",
        ),
        (
            "  functions:\n    one: {}\n  triggers:\n    - type: timer\n",
            "`triggers.0` names no function (serverless.yml:11)",
        ),
        (
            "  functions:\n    one: {}\n  triggers:\n    - function: one\n",
            "`triggers.0` has no `type`",
        ),
        (
            "  functions:\n    one: {}\n  triggers:\n    - type: timer\n      function: one\n      parameters:\n        cronExpression: never\n",
            "(serverless.yml:14)",
        ),
    ] {
        let sandbox = multi(inputs);
        sandbox.type_in("deploy").fails(2).says(says);
        assert_eq!(sandbox.calls().len(), 0, "{inputs}");
    }
}

#[test]
fn one_function_may_fail_while_the_others_are_deployed() {
    let sandbox = multi("  functions:\n    one: {}\n    two: {}\n");
    sandbox.faulty(|call| {
        if call.action == "CreateFunction" && call.params["FunctionName"] == "jobs-dev-shop-one" {
            return scfctl::local::Fault::error("LimitExceeded.Memory", "no room");
        }
        scfctl::local::Fault::None
    });
    sandbox
        .type_in("deploy")
        .fails(1)
        .says("error: one: cannot deploy function `jobs-dev-shop-one`")
        .says("- two: deployed, last version $LATEST, traffic 1")
        .says("error: 1 of 2 failed: one");
    assert_eq!(function(&sandbox, "jobs-dev-shop-two")["Status"], "Active");
}

#[test]
fn a_hook_that_functions_share_runs_once() {
    let sandbox = multi("  functions:\n    one: {}\n    two: {}\n");
    let yaml = crate::sandbox::read(&sandbox.root().join("serverless.yml"));
    let src = "  src:\n    src: ./src\n    hook: echo run >> ../count\n    dist: ./src\n";
    sandbox.file("serverless.yml", &yaml.replace("  src: ./src\n", src));
    sandbox.type_in("deploy").ok();
    assert_eq!(crate::sandbox::read(&sandbox.root().join("count")), "run\n");
    assert_eq!(sandbox.changed_since(0).len(), 2);
}
