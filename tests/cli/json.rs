//! `--output json`: one convention for every command.

use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Sandbox};
use crate::schema;

/// Keys below which names are keys, not ours.
const NAMES_BELOW: &[&str] =
    &["after", "before", "from", "functionUrls", "inputs", "routing", "valuesFrom"];

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
        "metric --inputs FUNCTION version=1",
        "local load",
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
fn a_version_is_the_same_record_everywhere() {
    let sandbox = project();
    let json = |line: &str| sandbox.type_in(line).ok().json();
    let deployed = json("deploy --output json --inputs publish=true memorySize=256");
    let expected = deployed["published"].clone();
    let keys: Vec<&String> = expected.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["version", "description", "status", "addTime", "modTime"]);
    assert_eq!(deployed["publishedVersion"], expected["version"]);
    assert!(expected.as_object().unwrap().values().all(Value::is_string), "{expected}");
    let again = format!("publish-ver --output json --if-changed --function {FUNCTION}");
    assert_eq!(json(&again)["published"], expected);
    // What else is said of it stands beside.
    for (line, list, besides) in [
        ("list-ver --output json", "/versions", &["aliases"][..]),
        ("status --output json", "/functions/0/versions", &["codeSha256", "aliases"]),
        ("versions prune --keep 2 --dry-run --output json", "/kept", &["why"]),
    ] {
        let found = json(line);
        let versions = found.pointer(list).unwrap().as_array().unwrap();
        let of = |one: &&Value| one["version"] == expected["version"];
        let mut record = versions.iter().find(of).unwrap().clone();
        for key in besides {
            assert!(record.as_object_mut().unwrap().remove(*key).is_some(), "{line}: {key}");
        }
        assert_eq!(record, expected, "{line}");
    }
}

#[test]
fn a_trigger_is_the_same_record_everywhere() {
    let sandbox = project();
    let deployed = sandbox.type_in("deploy --output json").ok().json()["triggers"][0].clone();
    let status = sandbox.type_in("status --output json").ok().json();
    let shown = &status["functions"][0]["triggers"][0];
    assert_eq!(
        shown,
        &json!({
            "type": "timer", "name": "tick", "qualifier": "$DEFAULT", "enabled": true,
            "cron": "0 0 * * * * *", "description": "",
        })
    );
    for (key, value) in shown.as_object().unwrap() {
        assert_eq!(&deployed[key], value, "{key}");
    }
    // What the service lists, for programs that read that.
    assert_eq!(
        (&deployed["triggerName"], &deployed["needCreate"]),
        (&json!("tick"), &json!(false))
    );
}

#[test]
fn a_version_has_the_keys_of_a_function() {
    let sandbox = project();
    let line = format!("publish-ver --output json --inputs function={FUNCTION} description=two");
    let mut published = sandbox.type_in(&line).ok().json();
    assert!(published["codeSize"].as_i64().unwrap() > 0);
    assert_eq!(published["modTime"], published["published"]["modTime"]);
    let whole = published.clone();
    for key in ["codeSize", "modTime"] {
        published.as_object_mut().unwrap().remove(key);
    }
    assert!(published["description"].as_str().unwrap().starts_with("two, scfctl key "));
    let record = published["published"].clone();
    for key in ["description", "published"] {
        published.as_object_mut().unwrap().remove(key);
    }
    assert_eq!((&record["version"], &record["status"]), (&json!("2"), &json!("Active")));
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
    let status = sandbox.type_in("status --output json").ok().json()["functions"][0].clone();
    for key in ["functionName", "namespace", "region", "runtime", "handler", "timeout", "codeSize"]
    {
        assert_eq!((&deployed[key], &status[key]), (&whole[key], &whole[key]), "{key}");
    }
    assert_eq!(deployed["lastVersion"], whole["lastVersion"]);
    // Of `$LATEST`, not of the version.
    for key in ["description", "modTime"] {
        assert!(deployed[key].is_string() && deployed[key] == status[key], "{key}");
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

/// `routing` is a map from versions to shares wherever it stands.
#[test]
fn routing_is_one_map_everywhere() {
    let sandbox = project();
    let json = |line: &str| sandbox.type_in(line).ok().json();
    let deployed = json("deploy --output json --traffic 0.5");
    assert_eq!(deployed["routing"], json!({"$LATEST": 0.5, "1": 0.5}));
    for (line, before, after) in [
        ("deploy --dry-run --output json --traffic 0", &deployed["routing"], json!({"1": 1})),
        (
            "create-alias --dry-run --output json --alias a --version 1",
            &json!(null),
            json!({"1": 1}),
        ),
    ] {
        let planned = json(line);
        assert_eq!(planned["routing"], json!(null), "{line}");
        assert_eq!(planned["routingChange"], json!({"before": before, "after": after}), "{line}");
    }
    // What people and scripts for `sls` read stays.
    let text = sandbox.type_in("deploy --dry-run --traffic 0").ok().stdout;
    assert!(text.contains("\nrouting: \n  before: \n"), "{text}");
}

#[test]
fn no_version_is_null() {
    let sandbox = Sandbox::with_project();
    assert_eq!(sandbox.type_in("deploy --output json").ok().json()["lastVersion"], "$LATEST");
    let named = format!("publish-ver --dry-run --output json --function {FUNCTION}");
    assert_eq!(sandbox.type_in(&named).ok().json()["lastVersion"], "$LATEST");
    // As the real CLI prints it.
    let text = sandbox.type_in("deploy").ok().stdout;
    assert!(text.contains("lastVersion:  $LATEST\n"), "{text}");
}

/// Planned, deployed or failed: the same list, each function with its key and its status.
#[test]
fn functions_are_one_list_everywhere() {
    let sandbox = Sandbox::new();
    sandbox.file("src/index.py", "def main_handler(event, context): pass\n");
    sandbox.file(
        "serverless.yml",
        "component: multi-scf\nname: jobs\napp: shop\ninputs:\n  src: ./src\n  runtime: Python3.9\n  handler: \
         index.main_handler\n  functions:\n    one: {}\n    two: {}\n",
    );
    let functions = |line: &str, code: i32| {
        let ran = sandbox.type_in(line).fails(code);
        let json = ran.json();
        let of = |index: usize, key: &str| json["functions"][index][key].clone();
        assert_eq!((of(0, "key"), of(1, "key")), (json!("one"), json!("two")), "{line}");
        [0, 1].map(|index| (of(index, "status"), of(index, "functionName")))
    };
    let name = |key: &str| json!(format!("jobs-dev-shop-{key}"));
    let all = |status: &str| [(json!(status), name("one")), (json!(status), name("two"))];
    assert_eq!(functions("deploy --dry-run --output json", 0), all("planned"));
    assert_eq!(functions("deploy --output json", 0), all("deployed"));
    assert_eq!(
        functions("config --output json", 0),
        [(json!(null), name("one")), (json!(null), name("two"))]
    );
    sandbox.file("src/index.py", "def main_handler(event, context): return 2\n");
    sandbox.faulty(|call| {
        let of_two = call.params["FunctionName"] == "jobs-dev-shop-two";
        if call.action == "UpdateFunctionCode" && of_two {
            Fault::error("LimitExceeded.Memory", "no room")
        } else {
            Fault::None
        }
    });
    let failed = functions("deploy --output json", 1);
    assert_eq!(failed, [(json!("deployed"), name("one")), (json!("failed"), json!(null))]);
}

#[test]
fn config_names_functions_that_exist() {
    let sandbox = Sandbox::with_project();
    let json = sandbox.type_in("config --output json --namespace staging").ok().json();
    assert_eq!(
        (&json["functionName"], &json["namespace"], &json["region"]),
        (&json!(FUNCTION), &json!("staging"), &json!(REGION))
    );
    sandbox.file(
        "serverless.yml",
        "component: multi-scf\nname: jobs\napp: shop\ninputs:\n  src: ./src\n  functions:\n    one: {}\n    \
         two: {name: two-of-its-own}\n",
    );
    let json = sandbox.type_in("config --output json").ok().json();
    assert_eq!(json["functionName"], json!(null));
    let named = |key: &str, name: &str| json!({"key": key, "functionName": name, "namespace": "default", "region": REGION});
    assert_eq!(
        json["functions"],
        json!([named("one", "jobs-dev-shop-one"), named("two", "two-of-its-own")])
    );
    let text = sandbox.type_in("config").ok().stdout;
    assert!(!text.contains("functionName: jobs-dev-shop\n"), "{text}");
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
    assert_eq!(listed, "alias  share\na      ████████████████████  1 100%\n");
    assert!(stdout("delete-alias", "name=a").starts_with("RequestId: "));
    let published = stdout("publish-ver", "");
    assert!(published.starts_with("CodeSize:    "), "{published}");
    assert!(
        published.contains("\nEnvironment: \n  Variables: \n    - \n      Key:   KEY\n"),
        "{published}"
    );
}

/// A command that is new needs a schema, and a schema that is left over belongs to nobody.
#[test]
fn every_command_has_a_schema() {
    fn leaves(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        for one in command.get_subcommands().filter(|one| !one.is_hide_set()) {
            let path = format!("{path} {}", one.get_name()).trim_start().to_owned();
            if one.has_subcommands() {
                leaves(one, &path, found);
            } else {
                found.push(path);
            }
        }
    }
    let (mut commands, mut known) = (vec!["help".to_owned()], Vec::new());
    leaves(&scfctl::cli::command_tree(), "", &mut commands);
    commands.sort();
    known.extend(schema::COMMANDS.iter().map(|(name, _)| (*name).to_owned()));
    known.sort();
    assert_eq!(commands, known);
    let mut named: Vec<&str> = schema::COMMANDS.iter().filter_map(|(_, name)| *name).collect();
    named.extend(schema::OTHERS);
    named.sort_unstable();
    named.dedup();
    let mut files: Vec<String> = schema::files().iter().map(|path| schema::name(path)).collect();
    files.sort();
    assert_eq!(files, named);
}

/// What checks the output of every test finds what it is there for.
#[test]
fn a_key_that_no_schema_names_is_found() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let line =
        format!("create-alias --output json --inputs function={FUNCTION} name=a version=$LATEST");
    let printed = sandbox.type_in(&line).ok().stdout;
    let printed: Value = serde_json::from_str(&printed).unwrap();
    let changed = |pointer: &str, key: &str, value: Option<Value>| {
        let mut changed = printed.clone();
        let object = changed.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => object.insert(key.to_owned(), value),
            None => object.shift_remove(key),
        };
        schema::differs("create-alias", &changed)
    };
    assert_eq!(schema::differs("create-alias", &printed), None);
    for (pointer, key, value) in [
        ("", "new", Some(json!(1))),
        ("/alias", "new", Some(json!(1))),
        ("/alias", "matches", Some(json!([{"version": "1"}]))),
        ("/alias", "name", None),
        ("", "schemaVersion", Some(json!(2))),
        ("", "region", Some(json!(null))),
    ] {
        assert!(changed(pointer, key, value).is_some(), "{pointer}/{key}");
    }
    let line = "scfctl v1 id a, from 1, to LATEST, steps 0.5 10m 1 pause, step 1, phase running, \
                began 20261128T0038, starts 0, nofreeze";
    for (line, is_marker) in [
        (line.to_owned(), true),
        (format!("{line}, other X.1 y"), true),
        ("scfctl v1 before 3".to_owned(), true),
        (line.replace("phase running", "phase held"), false),
        (line.replace("step 1", "step 0"), false),
        (line.replace(", from 1", ""), false),
        (format!("{line}, lang"), false),
        (line.replace("v1", "v2"), false),
    ] {
        assert_eq!(schema::differs("marker", &line.as_str().into()).is_none(), is_marker, "{line}");
    }
}
