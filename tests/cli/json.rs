//! `--output json`: one convention for every command.

use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Sandbox};

/// Keys below which names are keys, not ours.
const NAMES_BELOW: &[&str] = &["from", "functionUrls", "inputs", "routing", "valuesFrom"];

/// Every key is camelCase, however deep.
#[track_caller]
fn assert_camel_case(value: &Value, line: &str) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| assert_camel_case(item, line)),
        Value::Object(map) => {
            for (key, item) in map {
                let is_camel = key.starts_with(|first: char| first.is_ascii_lowercase())
                    && key.chars().all(|character| character.is_ascii_alphanumeric());
                assert!(is_camel, "{line}: `{key}` in {value}");
                if !NAMES_BELOW.contains(&&**key) {
                    assert_camel_case(item, line);
                }
            }
        }
        _ => {}
    }
}

fn project() -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(
        "  environment:\n    variables: {KEY: not-shown}\n  events:\n    - timer:\n        \
         name: tick\n        parameters: {cronExpression: '0 0 * * * * *', enable: true}\n",
    );
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    sandbox
}

#[test]
fn every_command_has_the_same_keys() {
    let sandbox = project();
    let named = format!("function={FUNCTION}");
    for line in [
        "deploy --dry-run --inputs publish=true traffic=0.5",
        "deploy --inputs publish=true traffic=0.5",
        "deploy --inputs aliasName=live aliasFunctionVersion=1 additionalVersionWeights=[]",
        "publish-ver --dry-run --run-id a --inputs FUNCTION",
        "publish-ver --run-id a --inputs FUNCTION",
        "publish-ver --dry-run --run-id a --inputs FUNCTION",
        "create-alias --dry-run --inputs FUNCTION name=a version=1",
        "create-alias --inputs FUNCTION name=a version=1",
        "update-alias --dry-run --inputs FUNCTION name=a version=1 config={\"weights\":{\"2\":0.5}}",
        "update-alias --inputs FUNCTION name=a version=1 config={\"weights\":{\"2\":0.5}}",
        "list-alias --inputs FUNCTION",
        "delete-alias --dry-run --inputs FUNCTION name=a",
        "delete-alias --inputs FUNCTION name=a",
        "package --list",
        "config",
    ] {
        let line = line.replace("FUNCTION", &named);
        let (command, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let json = sandbox.type_in(&format!("{command} --output json {rest}")).ok().json();
        assert_camel_case(&json, &line);
        if !matches!(command, "config" | "package") {
            assert_eq!(json["functionName"], FUNCTION, "{line}");
            assert_eq!((&json["namespace"], &json["region"]), (&json!("default"), &json!(REGION)));
        }
        if rest.contains("--dry-run") {
            assert!(json["calls"].is_array(), "{line}");
        }
    }
    for line in
        ["delete-alias --output json --inputs FUNCTION name=gone", "deploy --output json -x"]
    {
        let line = line.replace("FUNCTION", &named);
        let ran = sandbox.type_in(&line);
        assert_ne!(ran.code, 0);
        assert_camel_case(&ran.json(), &line);
    }
}

#[test]
fn an_alias_is_the_same_record_everywhere() {
    let sandbox = project();
    let run = |command: &str, rest: &str| {
        let line = format!("{command} --output json --inputs function={FUNCTION} {rest}");
        sandbox.type_in(&line).ok().json()
    };
    let created = run("create-alias", "name=a version=1");
    let mut expected = json!({
        "name": "a", "mainVersion": "1", "additionalVersionWeights": [], "matches": [],
        "description": "Published by Serverless Component",
    });
    for key in ["addTime", "modTime"] {
        assert!(created["alias"][key].is_string(), "{created}");
        expected[key] = created["alias"][key].clone();
    }
    assert_eq!(created["alias"], expected);
    assert!(created["requestId"].is_string());
    let listed = run("list-alias", "name=a");
    assert_eq!(listed["aliases"], json!([expected]));
    let deleted = run("delete-alias", "name=a");
    assert_eq!(deleted["alias"], expected);
    assert!(deleted["requestId"].is_string());
}

#[test]
fn a_version_has_the_keys_of_a_function() {
    let sandbox = project();
    let line = format!("publish-ver --output json --inputs function={FUNCTION} description=two");
    let mut published = sandbox.type_in(&line).ok().json();
    assert!(published["codeSize"].as_i64().unwrap() > 0);
    published.as_object_mut().unwrap().remove("codeSize");
    assert!(published["description"].as_str().unwrap().starts_with("two, scfctl key "));
    published.as_object_mut().unwrap().remove("description");
    assert_eq!(
        published,
        json!({
            "functionName": FUNCTION, "namespace": "default", "region": REGION,
            "lastVersion": "2", "runtime": "Python3.9", "handler": "index.main_handler",
            "memorySize": 128, "timeout": 3,
            "environment": {"variables": [{"key": "KEY", "value": "[redacted]"}]},
        })
    );
    let deployed = sandbox.type_in("deploy --output json").ok().json();
    for key in
        ["functionName", "namespace", "region", "lastVersion", "runtime", "handler", "timeout"]
    {
        assert_eq!(deployed[key], published[key], "{key}");
    }
    let dry = sandbox
        .type_in(&format!("publish-ver --dry-run --output json --inputs function={FUNCTION}"));
    let dry = dry.ok().json();
    assert_eq!(
        dry["calls"],
        json!([{"action": "PublishVersion", "effect": "publish $LATEST as a new version"}])
    );
    assert_eq!(dry["lastVersion"], "2");
}

#[test]
fn called_as_sls_the_keys_are_those_of_the_real_cli() {
    let sandbox = project();
    let function = format!("function={FUNCTION}");
    let stdout = |command: &str, rest: &str| {
        sandbox.type_in(&format!("{command} --inputs {function} {rest}")).ok().stdout
    };
    let created = stdout("create-alias", "name=a version=1");
    assert!(
        created.starts_with("FunctionVersion: 1\nName:            a\nRoutingConfig: \n"),
        "{created}"
    );
    let listed = stdout("list-alias", "name=a");
    assert_eq!(listed, "alias: \n  - \n    a: \n      weight: {\"1\":\"1.0\"}\n");
    assert!(stdout("delete-alias", "name=a").starts_with("RequestId: "));
    let published = stdout("publish-ver", "");
    assert!(published.starts_with("CodeSize:    "), "{published}");
    assert!(
        published.contains("\nEnvironment: \n  Variables: \n    - \n      Key:   KEY\n"),
        "{published}"
    );
}
