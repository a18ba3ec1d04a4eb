//! What the real alias commands and deployments do, recorded in `tests/data/alias-format.json`,
//! against the program and a local SCF.
//!
//! Every case runs. A failure is a message and exit code 0 in the real ones, and exit code 2
//! here; what is compared is that both refuse, and over which input.

use scfctl::local::{Fault, Place};
use serde_json::{Map, Value, json};

use crate::compare::{Difference, cases, compare, text};
use crate::sandbox::{FUNCTION, REGION, Ran, Sandbox};
use crate::sls::called;

const FILE: &str = include_str!("../data/alias-format.json");

/// Stands for the recorded function `f`: the API wants two characters.
const F: &str = "function-f";
/// Begins what is added to the description of a version.
const KEY: &str = ", scfctl key ";

fn function(recorded: &str) -> &str {
    if recorded == "f" { F } else { recorded }
}

fn of_kind(kind: &str) -> Vec<Value> {
    let mut cases = cases(FILE);
    cases.retain(|case| text(case, "kind") == kind);
    cases
}

/// Every difference, by the last digits of its id.
fn differences(table: Vec<(&'static str, &'static str, Value)>) -> Vec<Difference<Value>> {
    let difference = |(id, reason, ours)| Difference { id, reason, ours };
    table.into_iter().map(difference).collect()
}

fn judged(ours: Value, recorded: &Value) -> (Value, Result<(), String>) {
    let result = if ours == *recorded {
        Ok(())
    } else {
        Err(format!("\n  recorded {recorded}\n  got      {ours}"))
    };
    (ours, result)
}

/// A sandbox with a function that has versions 1 to `count`.
fn arrange(name: &str, namespace: &str, count: u64) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.function(name, namespace, count);
    sandbox
}

/// Gives a function an alias, `$DEFAULT` included, with any weights.
fn put_alias(sandbox: &Sandbox, place: &Place, name: &str, version: &str, weights: &Value) {
    if name != "$DEFAULT" {
        let params = json!({
            "FunctionName": place.function, "Namespace": place.namespace,
            "Name": name, "FunctionVersion": version,
        });
        sandbox.console("CreateAlias", params);
    }
    let routing = json!({"AdditionalVersionWeights": weights});
    sandbox.server().set_routing(place, name, version, &routing).unwrap();
}

fn place(function: &str, namespace: &str) -> Place {
    Place { namespace: namespace.to_owned(), ..Place::new(REGION, function) }
}

/// The inputs of a case as arguments.
fn arguments(inputs: &Value) -> Vec<String> {
    let argument = |(key, value): (&String, &Value)| match value {
        Value::String(value) if key == "function" => format!("{key}={}", function(value)),
        Value::String(value) => format!("{key}={value}"),
        value => format!("{key}={value}"),
    };
    inputs.as_object().unwrap().iter().map(argument).collect()
}

fn run(sandbox: &Sandbox, command: &str, inputs: &Value) -> Ran {
    let mut line = vec![command.to_owned(), "--inputs".to_owned()];
    line.extend(arguments(inputs));
    sandbox.run(&line.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The calls since `from` that change something, as in the recorded ones.
fn changes(sandbox: &Sandbox, from: usize) -> Vec<Value> {
    let calls = sandbox.calls().into_iter().skip(from);
    calls
        .filter(|call| !call.action.starts_with("Get") && !call.action.starts_with("List"))
        .map(|call| alike(&json!({"action": call.action, "params": call.params})))
        .collect()
}

/// A call without what has no meaning: versions are texts on the wire, an empty list of rules
/// says nothing, the local function has a longer name, and a published version has our key.
fn alike(call: &Value) -> Value {
    let mut call = call.clone();
    let params = &mut call["params"];
    if let Some(name) = params["FunctionName"].as_str() {
        params["FunctionName"] = function(name).into();
    }
    if params["FunctionVersion"].is_number() {
        params["FunctionVersion"] = params["FunctionVersion"].to_string().into();
    }
    if let Some(description) = params["Description"].as_str() {
        params["Description"] = without_key(description).into();
    }
    let params = params.as_object_mut().unwrap();
    params.retain(|_, value| !value.is_null());
    if let Some(Value::Object(routing)) = params.get_mut("RoutingConfig") {
        routing.retain(|name, value| name != "AddtionVersionMatchs" || *value != json!([]));
    }
    call
}

fn without_key(description: &str) -> &str {
    description.split_once(KEY).map_or(description, |(said, _)| said)
}

/// The input that a refusal is about; else what it says.
fn refused(ran: &Ran) -> Value {
    let line = |start: &str| ran.stderr.lines().find_map(|line| line.trim().strip_prefix(start));
    let error = line("error: ").unwrap_or_default();
    // Of several the first.
    let first = ran.stderr.lines().map(str::trim).find(|line| line.starts_with('`'));
    let error = first.filter(|_| error.ends_with("inputs cannot be used")).unwrap_or(error);
    let about = error.strip_prefix('`').and_then(|rest| rest.split(['`', '.']).next());
    json!({"refused": about.or_else(|| line("caused by: ")).unwrap_or(error)})
}

/// The same of a recorded message.
fn recorded_refusal(message: &str) -> Value {
    json!({"refused": message.split('"').nth(1).unwrap_or(message)})
}

#[test]
fn nothing_is_left_out() {
    let counts = ["list", "api-error", "request", "deploy"].map(|kind| of_kind(kind).len());
    assert_eq!(counts, [20, 1, 29, 28]);
    assert_eq!(cases(FILE).len(), 78);
}

/// The aliases that `list-alias` printed.
fn listed(stdout: &str) -> Vec<Value> {
    let mut aliases = Vec::new();
    let mut name = "";
    for line in stdout.lines() {
        if let Some(weight) = line.strip_prefix("      weight: ") {
            aliases.push(json!({name: {"weight": weight}}));
        } else if let Some(alias) = line.strip_prefix("    ") {
            name = alias.trim_end().trim_end_matches(':');
        }
    }
    aliases
}

#[test]
fn list_alias() {
    const EXACT: &str = "weights have as many decimals as they need: 0.01 is not 0.0";
    let f = json!({"FunctionName": F, "Namespace": "default"});
    let a = |weight: &str| json!({"request": f, "alias": [{"a": {"weight": weight}}]});
    let table = vec![
        ("alias-format-s-005", EXACT, a(r#"{"1":"0.95","2":"0.05"}"#)),
        ("alias-format-s-006", EXACT, a(r#"{"1":"0.75","2":"0.25"}"#)),
        ("alias-format-s-007", EXACT, a(r#"{"1":"0.85","2":"0.15"}"#)),
        ("alias-format-s-008", EXACT, a(r#"{"1":"0.99","2":"0.01"}"#)),
        ("alias-format-s-009", EXACT, a(r#"{"1":"0.01","2":"0.99"}"#)),
        (
            "alias-format-s-015",
            "all additional versions are shown, and the main one has the rest of all",
            a(r#"{"1":"0.5","2":"0.2","3":"0.3"}"#),
        ),
        (
            "alias-format-s-016",
            "a version in both places has both shares, so the sum is 1",
            a(r#"{"1":"1.0"}"#),
        ),
        (
            "alias-format-s-020",
            "the namespace counts; and the service filters by version, which the recorded fake did not",
            json!({
                "request": {"FunctionName": F, "Namespace": "prod", "FunctionVersion": "2"},
                "alias": [],
            }),
        ),
    ];
    compare(&of_kind("list"), differences(table), |case| {
        let inputs = &case["inputs"];
        let namespace = inputs["namespace"].as_str().unwrap_or("default");
        let place = place(F, namespace);
        let aliases = case["aliases"].as_array().unwrap();
        let sandbox = arrange(F, namespace, 10);
        // The local SCF has an order of its own, and no weights that are texts.
        if matches!(text(case, "id"), "alias-format-s-017" | "alias-format-s-019") {
            answers(
                &sandbox,
                "ListAliases",
                &json!({
                    "Aliases": aliases, "TotalCount": aliases.len(), "RequestId": "r",
                }),
            );
        } else {
            for alias in aliases {
                let weights = &alias["RoutingConfig"]["AdditionalVersionWeights"];
                let (name, version) = (text(alias, "Name"), text(alias, "FunctionVersion"));
                put_alias(&sandbox, &place, name, version, weights);
            }
        }
        let from = sandbox.calls().len();
        // The layout is that of the real CLI by its name alone.
        let words: Vec<String> = arguments(inputs);
        let words: Vec<&str> = ["list-alias", "--inputs"]
            .into_iter()
            .chain(words.iter().map(String::as_str))
            .collect();
        let ran = called(&sandbox, "sls", &words);
        if ran.code != 0 {
            let ours = json!({"exit": ran.code, "refused": refused(&ran)["refused"]});
            return Some(judged(ours, &case["expect"]));
        }
        let mut alias = listed(&ran.stdout);
        // Every function has it, in the local SCF.
        if !aliases.iter().any(|alias| text(alias, "Name") == "$DEFAULT") {
            alias.retain(|alias| alias.get("$DEFAULT").is_none());
        }
        let calls = sandbox.calls();
        // Where no alias uses the version, whether it is there is asked for as well.
        let more: Vec<&str> = calls[from + 1..].iter().map(|call| &*call.action).collect();
        let none = listed(&ran.stdout).is_empty();
        let asked = if none { &["ListVersionByFunction"][..] } else { &[] };
        assert!(more.is_empty() || more == asked, "{more:?}");
        let mut request = calls[from].params.as_object().unwrap().clone();
        request.retain(|name, _| name != "Offset" && name != "Limit");
        let mut recorded = alike(&json!({"params": case["request"]}));
        let ours = json!({"request": request, "alias": alias});
        let recorded =
            json!({"request": recorded["params"].take(), "alias": case["expect"]["alias"]});
        Some(judged(ours, &recorded))
    });
}

/// Puts a lasting answer in place of that of an action.
fn answers(sandbox: &Sandbox, action: &'static str, response: &Value) {
    let body = json!({"Response": response}).to_string();
    sandbox.faulty(move |call| {
        if call.action == action {
            Fault::Http { status: 200, body: body.clone() }
        } else {
            Fault::None
        }
    });
}

#[test]
fn an_api_error_is_a_failure() {
    let table = vec![(
        "alias-format-s-021",
        "a script has to see that it failed, and what is missing",
        json!({"exit": 3, "stdout": "", "cause": "no function `nope` in namespace `default` of ap-guangzhou"}),
    )];
    compare(&of_kind("api-error"), differences(table), |case| {
        let sandbox = arrange(F, "default", 0);
        let error = &case["api_error"];
        let (code, message) = (text(error, "code").to_owned(), text(error, "message").to_owned());
        sandbox.faulty(move |call| match call.action.as_str() {
            "ListAliases" => Fault::error(&code, &message),
            _ => Fault::None,
        });
        let from = sandbox.calls().len();
        let ran = run(&sandbox, &text(case, "method").replace('_', "-"), &case["inputs"]);
        sandbox.nothing_changed(from);
        let cause = ran.stderr.lines().find_map(|line| line.trim().strip_prefix("caused by: "));
        let ours = json!({"exit": ran.code, "stdout": ran.stdout, "cause": cause});
        Some(judged(ours, &json!({"exit": 0, "stdout": case["expect"]})))
    });
}

fn request_differences() -> Vec<(&'static str, &'static str, Value)> {
    const EVERYTHING: &str = "without weights everything goes to the version that is named";
    const DEPLOYED: &str = "the function of serverless.yml is meant when none is named";
    let one = |action: &str, params: Value| {
        let version = (action == "PublishVersion").then_some("4");
        json!({"changes": [{"action": action, "params": params}], "lastVersion": version})
    };
    let all_to_one = one(
        "CreateAlias",
        json!({
            "FunctionName": F, "Namespace": "default", "Name": "a", "FunctionVersion": "1",
            "Description": "Published by Serverless Component",
        }),
    );
    vec![
        (
            "alias-format-s-023",
            "the API takes one additional version; none is dropped in silence",
            json!({"refused": "2 additional versions are given (2, 3), and the API takes one"}),
        ),
        ("alias-format-s-024", EVERYTHING, all_to_one.clone()),
        ("alias-format-s-035", EVERYTHING, all_to_one.clone()),
        ("alias-format-s-037", EVERYTHING, all_to_one.clone()),
        ("alias-format-s-038", EVERYTHING, all_to_one),
        (
            "alias-format-s-040",
            "a namespace is a text even when it looks like a number; this one does not exist",
            json!({"exit": 3, "changes": []}),
        ),
        (
            "alias-format-s-041",
            "a description is a text even when it looks like a number",
            one(
                "CreateAlias",
                json!({
                    "FunctionName": F, "Namespace": "default", "Name": "a",
                    "FunctionVersion": "1", "Description": "5",
                    "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.5}]},
                }),
            ),
        ),
        (
            "alias-format-s-042",
            "the weights are sent, and the description is left as it is",
            one(
                "UpdateAlias",
                json!({
                    "FunctionName": F, "Namespace": "default", "Name": "a", "FunctionVersion": "1",
                    "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.9}]},
                }),
            ),
        ),
        (
            "alias-format-s-045",
            "the namespace counts",
            one("DeleteAlias", json!({"FunctionName": F, "Namespace": "prod", "Name": "a"})),
        ),
        ("alias-format-s-046", "what is to be deleted has to be named", json!({"refused": "name"})),
        (
            "alias-format-s-047",
            DEPLOYED,
            one(
                "DeleteAlias",
                json!({"FunctionName": "deployed", "Namespace": "default", "Name": "a"}),
            ),
        ),
        (
            "alias-format-s-050",
            DEPLOYED,
            one(
                "PublishVersion",
                json!({
                    "FunctionName": "deployed", "Namespace": "default",
                    "Description": "Published by Serverless Component",
                }),
            ),
        ),
    ]
}

#[test]
fn create_update_delete_alias_and_publish_ver() {
    compare(&of_kind("request"), differences(request_differences()), |case| {
        let inputs = &case["inputs"];
        let deployed = case["state"]["function"]["FunctionName"].as_str();
        let function = inputs["function"].as_str().map(function).or(deployed).unwrap_or(F);
        let namespace = inputs["namespace"].as_str().unwrap_or("default");
        let sandbox = arrange(function, namespace, 3);
        if let Some(deployed) = deployed {
            sandbox.yaml(&format!("  name: {deployed}\n"));
        }
        let command = text(case, "method").replace('_', "-");
        if matches!(command.as_str(), "update-alias" | "delete-alias") {
            put_alias(&sandbox, &place(function, namespace), "a", "1", &json!([]));
        }
        let from = sandbox.calls().len();
        let ran = run(&sandbox, &command, inputs);
        let changes = changes(&sandbox, from);
        let ours = match ran.code {
            0 => {
                let version =
                    ran.stdout.lines().find_map(|line| line.strip_prefix("lastVersion: "));
                json!({"changes": changes, "lastVersion": version})
            }
            2 => {
                sandbox.nothing_changed(from);
                refused(&ran)
            }
            code => json!({"exit": code, "changes": changes}),
        };
        let recorded = &case["toolkit_2_23_3"];
        let outputs = &recorded["outputs"];
        let refusal = outputs["message"].as_str().or(outputs["ErrMsg"].as_str());
        let recorded = if let Some(message) = refusal {
            recorded_refusal(message)
        } else {
            let calls = recorded["calls"].as_array().unwrap().iter();
            let changes: Vec<Value> =
                calls.filter(|call| !text(call, "action").starts_with("Get")).map(alike).collect();
            json!({"changes": changes, "lastVersion": outputs["lastVersion"]})
        };
        Some(judged(ours, &recorded))
    });
}

fn deploy_differences() -> Vec<(&'static str, &'static str, Value)> {
    const DESCRIPTION: &str = "the description of the alias is left as it is";
    const HIGHEST: &str = "the last version is the highest one published, not a remembered one";
    // $LATEST gets `traffic`, `version` the rest.
    let routed = |version: &str, rest: Value, traffic: f64, published: bool| {
        let update = json!({"action": "UpdateAlias", "params": {
            "FunctionName": FUNCTION, "Namespace": "default", "Name": "$DEFAULT",
            "FunctionVersion": "$LATEST",
            "RoutingConfig": {"AdditionalVersionWeights": [{"Version": version, "Weight": rest}]},
        }});
        let publish = published.then(publish_version);
        let others: Vec<Value> = publish.into_iter().collect();
        json!({
            "aliases": [update], "others": others,
            "lastVersion": version, "traffic": traffic, "configTrafficVersion": version,
        })
    };
    let unrouted = |last: &str, traffic: f64, config: Option<&str>, others: Vec<Value>| {
        json!({
            "aliases": [], "others": others,
            "lastVersion": last, "traffic": traffic, "configTrafficVersion": config,
        })
    };
    let refused_over = |key: &str| json!({"refused": key});
    vec![
        ("alias-format-s-054", DESCRIPTION, routed("3", json!(0.8), 0.2, false)),
        ("alias-format-s-055", DESCRIPTION, routed("3", json!(0.3), 0.7, false)),
        (
            "alias-format-s-056",
            "$LATEST serves everything already, so nothing is sent",
            unrouted("3", 1.0, None, vec![]),
        ),
        ("alias-format-s-057", DESCRIPTION, routed("3", json!(1), 0.0, false)),
        ("alias-format-s-059", DESCRIPTION, routed("4", json!(1), 0.0, true)),
        ("alias-format-s-060", DESCRIPTION, routed("1", json!(0.5), 0.5, true)),
        ("alias-format-s-065", HIGHEST, unrouted("4", 0.2, Some("3"), vec![publish_version()])),
        ("alias-format-s-066", HIGHEST, unrouted("5", 0.2, Some("3"), vec![])),
        (
            "alias-format-s-067",
            "without `events` triggers are left alone",
            unrouted("$LATEST", 1.0, None, vec![]),
        ),
        ("alias-format-s-069", "`no` is neither true nor false", refused_over("publish")),
        (
            "alias-format-s-070",
            "an alias that is missing is created",
            json!({
                "aliases": [{"action": "CreateAlias", "params": {
                    "FunctionName": FUNCTION, "Namespace": "default", "Name": "prod",
                    "FunctionVersion": "$LATEST",
                    "Description": "Published by Serverless Component",
                    "RoutingConfig": {"AdditionalVersionWeights": [{"Version": "3", "Weight": 0.8}]},
                }}],
                "others": [], "lastVersion": "3", "traffic": 1.0, "configTrafficVersion": null,
            }),
        ),
        (
            "alias-format-s-071",
            "an alias without traffic or weights is left alone, and that is said",
            unrouted("$LATEST", 1.0, None, vec![]),
        ),
        (
            "alias-format-s-074",
            "it routes so already; the last version is the highest one published",
            unrouted("3", 1.0, None, vec![]),
        ),
        (
            "alias-format-s-075",
            "provisionedNum publishes nothing by itself, and no version is published yet",
            unrouted("$LATEST", 1.0, None, vec![]),
        ),
        (
            "alias-format-s-076",
            "traffic is shared with the last version, whatever version has provisioned instances",
            {
                let mut expected = routed("3", json!(0.7), 0.3, false);
                expected["others"] = json!([{"action": "PutProvisionedConcurrencyConfig", "params": {
                    "FunctionName": FUNCTION, "Namespace": "default", "Qualifier": "2",
                    "VersionProvisionedConcurrencyNum": 5,
                }}]);
                expected
            },
        ),
    ]
}

#[test]
fn deploy() {
    compare(&of_kind("deploy"), differences(deploy_differences()), |case| {
        let inputs = case["inputs"].as_object().unwrap();
        let sandbox = arrange_cloud(case);
        write_project(&sandbox, inputs);
        let from = sandbox.calls().len();
        let ran = sandbox.run(&["deploy", "--output", "json"]);
        let ours = if ran.code == 0 {
            let changes = changes(&sandbox, from);
            let outputs = ran.json();
            outcome(&changes, &outputs)
        } else {
            assert_eq!(ran.code, 2, "{}", ran.stderr);
            sandbox.nothing_changed(from);
            refused(&ran)
        };
        let recorded = match case["error"]["message"].as_str() {
            // These messages begin with the input, all but the one about triggers.
            Some(message) if message.contains("trigger") => json!({"refused": "events"}),
            Some(message) => json!({"refused": message.split(' ').next()}),
            None => {
                let calls = ["alias_calls", "other_calls"].map(|key| case[key].as_array().unwrap());
                let calls: Vec<Value> = calls
                    .into_iter()
                    .flatten()
                    .filter(|call| !text(call, "action").starts_with("Get"))
                    .map(alike)
                    .collect();
                outcome(&calls, &case["outputs"])
            }
        };
        Some(judged(ours, &recorded))
    });
}

fn publish_version() -> Value {
    json!({"action": "PublishVersion", "params": {
        "FunctionName": FUNCTION, "Namespace": "default",
        "Description": "Published by Serverless Component",
    }})
}

/// What of a deployment is compared: everything but code and configuration.
fn outcome(changes: &[Value], outputs: &Value) -> Value {
    let of = |wanted: &dyn Fn(&str) -> bool| {
        changes.iter().filter(|call| wanted(text(call, "action"))).cloned().collect::<Vec<Value>>()
    };
    let is_alias = |action: &str| action.contains("Alias");
    let is_function =
        |action: &str| action == "CreateFunction" || action.starts_with("UpdateFunction");
    json!({
        "aliases": of(&is_alias),
        "others": of(&|action| !is_alias(action) && !is_function(action)),
        "lastVersion": outputs["lastVersion"],
        "traffic": outputs["traffic"].as_f64(),
        "configTrafficVersion": outputs["configTrafficVersion"],
    })
}

/// The cloud of a case. It has the versions that the case speaks of.
fn arrange_cloud(case: &Value) -> Sandbox {
    let (cloud, inputs) = (&case["cloud"], &case["inputs"]);
    if cloud["exists"] == false {
        return Sandbox::new();
    }
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<u64>().ok());
    let publishes = !inputs["publish"].is_null();
    let next = number(&cloud["next"]).unwrap_or(4);
    let mut numbers: Vec<Option<u64>> = vec![number(&case["state"]["lastVersion"])];
    numbers.push(publishes.then_some(next - 1));
    let named = cloud["named"].as_object().into_iter().flatten();
    let aliases: Vec<(&str, &Value)> = named
        .map(|(name, alias)| (name.as_str(), alias))
        .chain(cloud.get("alias").map(|alias| ("$DEFAULT", alias)))
        .collect();
    for (_, alias) in &aliases {
        numbers.push(number(&alias["FunctionVersion"]));
        numbers
            .extend(alias["w"].as_array().unwrap().iter().map(|entry| number(&entry["Version"])));
    }
    let sandbox = arrange(FUNCTION, "default", numbers.into_iter().flatten().max().unwrap_or(0));
    let place = place(FUNCTION, "default");
    for (name, alias) in aliases {
        put_alias(&sandbox, &place, name, text(alias, "FunctionVersion"), &alias["w"]);
    }
    for trigger in cloud["triggers"].as_array().into_iter().flatten() {
        put_alias(&sandbox, &place, text(trigger, "Qualifier"), "$LATEST", &json!([]));
        let cron: Value = serde_json::from_str(text(trigger, "TriggerDesc")).unwrap();
        let params = json!({
            "Type": trigger["Type"], "TriggerName": trigger["TriggerName"],
            "TriggerDesc": cron["cron"], "Enable": "OPEN", "Qualifier": trigger["Qualifier"],
        });
        sandbox.console("CreateTrigger", params);
    }
    sandbox
}

/// A serverless.yml with the inputs of a case; JSON is YAML. A folder stands for the object in
/// a bucket.
fn write_project(sandbox: &Sandbox, inputs: &Map<String, Value>) {
    let mut inputs = inputs.clone();
    inputs.insert("src".to_owned(), "./src".into());
    let file = json!({"component": "scf", "name": "demo", "app": "shop", "inputs": inputs});
    sandbox.file("serverless.yml", &file.to_string());
    sandbox.file("src/index.js", "exports.main_handler = async () => 1;\n");
}
