//! What fuzzing starts from, made of the recorded vectors in `tests/data` and of the API's facts.

use serde_json::{Map, Value, json};

/// The targets, in the order in which they are listed.
pub const TARGETS: [&str; 6] = ["inputs", "dotenv", "project", "answers", "local", "planner"];

/// A package with one file, as Base64.
const PACKAGE: &str = "\
    UEsDBBQAAAAAAAAAIQBUR5OYDAAAAAwAAAAIAAAAaW5kZXgucHlwcmludCgnb25lJylQSwECFAMUAAAAAAAAACEAVE\
    eTmAwAAAAMAAAACAAAAAAAAAAAAAAAgAEAAAAAaW5kZXgucHlQSwUGAAAAAAEAAQA2AAAAMgAAAAAA";
const FUNCTION: &str = "api";
/// The headers of a call that nobody signs.
const UNSIGNED: &str = "\nx-tc-version: 2018-08-13\nx-tc-region: ap-guangzhou\n\
                        content-type: application/json\n";

/// The seeds of a target, each with the name of its file.
pub fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let texts = |list: Vec<(String, String)>| {
        list.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
    };
    match target {
        "inputs" => texts(inputs()),
        "dotenv" => texts(dotenv()),
        "project" => texts(project()),
        "answers" => texts(answers()),
        "local" => texts(local()),
        "planner" => planner(),
        other => panic!("there is no target {other}"),
    }
}

fn cases(file: &str) -> Vec<Value> {
    let mut file: Value = serde_json::from_str(file).expect("JSON");
    let list = if file["cases"].is_array() { "cases" } else { "vectors" };
    match file[list].take() {
        Value::Array(cases) => cases,
        other => panic!("no list of cases but {other}"),
    }
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("{key} of {case}"))
}

fn named(case: &Value, content: impl Into<String>) -> (String, String) {
    (text(case, "id").to_owned(), content.into())
}

fn inputs() -> Vec<(String, String)> {
    let argv = |case: &Value| -> Vec<String> {
        serde_json::from_value(case["argv"].clone()).expect("arguments")
    };
    cases(include_str!("../data/cli-inputs.json"))
        .iter()
        .map(|case| named(case, argv(case).join("\0")))
        .collect()
}

fn dotenv() -> Vec<(String, String)> {
    cases(include_str!("../data/dotenv.json"))
        .iter()
        .map(|case| named(case, text(case, "content")))
        .collect()
}

fn project() -> Vec<(String, String)> {
    let mut seeds: Vec<(String, String)> = cases(include_str!("../data/yaml.json"))
        .iter()
        .map(|case| named(case, text(case, "yaml")))
        .collect();
    for case in cases(include_str!("../data/variables.json")) {
        match text(&case, "kind") {
            "resolve" => {
                // JSON is YAML; one of the environment's variables is there, too.
                let inputs = case["object"].to_string().replace("${env:FOO}", "${env:STAGED}");
                let file = format!("component: scf\nname: demo\nstage: prod\ninputs: {inputs}\n");
                seeds.push(named(&case, file));
            }
            "project" => {
                let files = case["files"].as_object().expect("files");
                let of = |end: &str| {
                    let found = files.iter().find(|(name, _)| name.ends_with(end));
                    found.and_then(|(_, content)| content.as_str()).unwrap_or_default()
                };
                let command = case["argv"][0].as_str().unwrap_or_default();
                let file = of("serverless.yml");
                seeds.push(named(&case, format!("{file}\0{}\0{command}", of(".env"))));
            }
            _ => {}
        }
    }
    for (name, text) in [
        ("secret-missing", "component: scf\nname: demo\ninputs:\n  a: ${env:MISSING}\n"),
        ("secret-cycle", "component: scf\nname: demo\ninputs:\n  a: x-${env:LOOP}\n"),
        ("secret-open", "component: scf\nname: demo\ninputs:\n  a: ${env:OPEN}\n"),
        ("secret-other", "component: scf\nname: demo\ninputs:\n  a: [x, '${env:OTHER}']\n"),
        ("secret-old", "component: scf\nname: demo\ninputs:\n  a: {b: '${env:OLD}'}\n"),
        ("secret-name", "component: scf\nname: demo\ninputs:\n  a: ${env:${env:SECRET}}\n"),
        ("secret-inside", "component: scf\nname: demo\ninputs:\n  a: ${x-${env:SECRET}}\n"),
        ("secret-top", "component: scf\nname: demo\ninputs:\n  a: ${${env:SECRET}}\n"),
        ("secret-param", "component: scf\nname: demo\ninputs:\n  a: ${param:${env:SECRET}}\n"),
        (
            "secret-output",
            "component: scf\nname: demo\ninputs:\n  a: ${output:prod:${env:SECRET}:x.y}\n",
        ),
        ("many", "component: scf\nname: demo\ninputs:\n  a: ${env:MILLION}\n"),
        ("long", "component: scf\nname: demo\ninputs:\n  a: ${env:LONGER}\n"),
        ("anchors", "component: scf\nname: a\ninputs: &i\n  a: &a [x, x]\n  b: [*a, *a]\n"),
        (
            "events",
            "component: scf\nname: demo\ninputs:\n  events:\n    - timer:\n        parameters:\n          \
             name: t\n          cronExpression: '*/5 * * * *'\n          enable: true\n",
        ),
        (
            "settings",
            "component: scf\nname: demo\ninputs:\n  runtime: Python3.9\n  memorySize: 128\n  \
             timeout: 3\n  environment:\n    variables: {AA: 1}\n  layers:\n    - {name: l, version: 1}\n  \
             src: {src: ./src, exclude: ['*.pyc']}\n  publish: true\n",
        ),
        (
            "alias",
            "component: scf\nname: demo\ninputs:\n  name: blue\n  version: '2'\n  \
             config: {weights: {'1': 0.3}}\n\0A=1\n\0update-alias\0prod",
        ),
    ] {
        seeds.push((name.to_owned(), text.to_owned()));
    }
    seeds
}

fn answers() -> Vec<(String, String)> {
    let mut seeds = Vec::new();
    let mut add = |name: &str, status: u16, response: &Value| {
        seeds.push((name.to_owned(), format!("{status}\n{}", json!({"Response": response}))));
    };
    for case in cases(include_str!("../data/alias-format.json")) {
        if let Some(aliases) = case["aliases"].as_array() {
            let reply = json!({"Aliases": aliases, "TotalCount": aliases.len(), "RequestId": "r"});
            add(text(&case, "id"), 200, &reply);
        }
    }
    add(
        "get-alias",
        200,
        &json!({"Name": "$DEFAULT", "FunctionVersion": "$LATEST", "RoutingConfig":
            {"AdditionalVersionWeights": [{"Version": "3", "Weight": 0.9}], "AddtionVersionMatchs": []},
            "Description": "", "ModTime": "2024-01-02 03:04:05", "RequestId": "r"}),
    );
    add(
        "get-function",
        200,
        &json!({"Status": "Active", "StatusDesc": "", "FunctionName": "api", "Runtime": "Python3.9",
            "Handler": "index.main", "MemorySize": 128, "Timeout": 3, "Environment": {"Variables":
            [{"Key": "AA", "Value": "1"}]}, "VpcConfig": {"VpcId": "", "SubnetId": ""},
            "Layers": [{"LayerName": "l", "LayerVersion": 1}], "PublicNetConfig":
            {"PublicNetStatus": "ENABLE", "EipConfig": {"EipStatus": "DISABLE"}}, "RequestId": "r"}),
    );
    add(
        "list-versions",
        200,
        &json!({"Versions": [{"Version": "$LATEST"}, {"Version": "1", "Description": "d",
            "Status": "Active"}], "TotalCount": 2, "RequestId": "r"}),
    );
    add("publish", 200, &json!({"FunctionVersion": "7", "RequestId": "r"}));
    add("address", 200, &json!({"Url": "https://x/y", "CodeSha256": "ab", "RequestId": "r"}));
    add("functions", 200, &json!({"Functions": [{"FunctionName": "api"}], "RequestId": "r"}));
    add(
        "triggers",
        200,
        &json!({"Triggers": [{"TriggerName": "t", "Type": "timer", "TriggerDesc":
            "{\"cron\":\"0 0 * * * * *\"}", "Enable": 1, "Qualifier": "$DEFAULT"}], "TotalCount": 1}),
    );
    add("done", 200, &json!({"RequestId": "r"}));
    let error = |code: &str, message: &str| json!({"Error": {"Code": code, "Message": message}, "RequestId": "r"});
    add("error", 200, &error("ResourceNotFound.Function", "未找到指定的Function"));
    add("error-500", 500, &error("InternalError", "x"));
    add("error-echo", 200, &error("AuthFailure", "Authorization: Signature={signature}"));
    add("error-bare", 200, &json!({"Error": {"Code": 7}}));
    add(
        "echo",
        200,
        &json!({"{signature}": ["x{signature}y", {"A": "{signature}"}], "RequestId": "{signature}"}),
    );
    for (name, text) in [
        ("proxy", "502\n<html>{signature}</html>"),
        ("not-json", "200\n<html>{signature}</html>"),
        ("cut", "200\n{\"Response\": {\"Name\": \"{signature}"),
        ("list", "200\n[]"),
        ("deep", "200\n[[[[[[[[[[[[[[[[[[[[[["),
    ] {
        seeds.push((name.to_owned(), text.to_owned()));
    }
    seeds
}

/// A signed call.
fn call(action: &str, parameters: &Value) -> String {
    format!("POST /\nx-tc-action: {action}\nauthorization: sign\n\n{parameters}")
}

/// The calls that make a function with two versions.
pub fn prepared() -> Vec<String> {
    let create = json!({"FunctionName": FUNCTION, "Runtime": "Python3.9",
        "Handler": "index.main_handler", "Code": {"ZipFile": PACKAGE}});
    let publish = call("PublishVersion", &json!({"FunctionName": FUNCTION}));
    let later = publish.replacen('\n', "\nx-wait: 5\n", 1);
    vec![call("CreateFunction", &create), later.clone(), later]
}

fn run(calls: &[String]) -> String {
    calls.join("\n----\n")
}

fn local() -> Vec<(String, String)> {
    let mut seeds = recorded();
    let facts: Value =
        serde_json::from_str(include_str!("../../src/local/api.json")).expect("JSON");
    for (action, facts) in facts["actions"].as_object().expect("actions") {
        let members = facts["input"].as_array().expect("members");
        let full = Value::Object(members.iter().map(example).collect());
        let required = members.iter().filter(|member| member["required"] == true);
        let least = Value::Object(required.map(example).collect());
        let mut calls = prepared();
        let settled = call(action, &least).replacen('\n', "\nx-wait: 5\n", 1);
        calls.extend([settled.clone(), call(action, &full), settled]);
        seeds.push((format!("action-{action}"), run(&calls)));
    }
    let products: Value =
        serde_json::from_str(include_str!("../../src/local/products.json")).expect("JSON");
    for (product, facts) in products.as_object().expect("products") {
        for (action, facts) in facts["actions"].as_object().expect("actions") {
            let members = facts["input"].as_array().expect("members");
            let parameters = Value::Object(members.iter().map(example).collect());
            let signed =
                call(action, &parameters).replacen('\n', &format!("\nx-product: {product}\n"), 1);
            let mut calls = vec![signed];
            if action == "AssumeRoleWithWebIdentity" {
                let skipped = calls[0].replacen("authorization: sign", "authorization: SKIP", 1);
                calls.push(skipped.replacen('\n', UNSIGNED, 1));
            }
            seeds.push((format!("{product}-{action}"), run(&calls)));
        }
    }
    let alias = |action: &str, main: &str, routing: &Value| {
        let call = call(
            action,
            &json!({"FunctionName": FUNCTION, "Name": "blue", "FunctionVersion": main,
                "RoutingConfig": routing}),
        );
        call.replacen('\n', "\nx-wait: 5\n", 1)
    };
    let weights = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]});
    let rules = json!({"AddtionVersionMatchs": [{"Version": "2", "Key": "invoke.headers.User",
        "Method": "range", "Expression": "[0,30)"}]});
    for (name, switches) in [
        ("aliases", ""),
        ("aliases-keep", "# absent-routing=keep\n# empty-routing=keep\n"),
        ("aliases-console", "# alias-names=console\n# weight-step=percent\n"),
    ] {
        let mut calls = prepared();
        calls.push(alias("CreateAlias", "1", &weights));
        calls.push(alias("UpdateAlias", "1", &rules));
        calls.push(alias("UpdateAlias", "2", &json!({})));
        calls.push(call("GetAlias", &json!({"FunctionName": FUNCTION, "Name": "blue"})));
        calls.push(call("ListAliases", &json!({"FunctionName": FUNCTION, "Limit": "1"})));
        calls.push(call("DeleteFunction", &json!({"FunctionName": FUNCTION, "Qualifier": "2"})));
        calls.push(call("DeleteAlias", &json!({"FunctionName": FUNCTION, "Name": "blue"})));
        calls.push(call("Invoke", &json!({"FunctionName": FUNCTION, "Qualifier": "$DEFAULT"})));
        seeds.push((name.to_owned(), format!("{switches}{}", run(&calls))));
    }
    let query = "FunctionName=api&Filters.0.Name=Qualifier&Filters.0.Values.0=1&Limit=20";
    let get = format!("GET /?{query}\nx-tc-action: ListTriggers\nauthorization: sign\n\n");
    let mut calls = prepared();
    calls.push(get);
    seeds.push(("query".to_owned(), run(&calls)));
    seeds
}

/// The recorded requests of both ways to sign.
fn recorded() -> Vec<(String, String)> {
    let mut seeds = Vec::new();
    for case in cases(include_str!("../data/tc3-vectors.json")) {
        let input = &case["input"];
        let query = input["query"].as_str().unwrap_or_default();
        let header = |name: &str, value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => format!("{name}: {text}\n"),
            other => format!("{name}: {other}\n"),
        };
        let request = format!(
            "{} /?{query}\n{}{}{}{}{}{}authorization: {}\n\n{}",
            text(input, "method"),
            header("host", &input["host"]),
            header("content-type", &input["content_type"]),
            header("x-tc-action", &input["action"]),
            header("x-tc-version", &input["version"]),
            header("x-tc-region", &input["region"]),
            header("x-tc-timestamp", &input["timestamp"]),
            case["expected"]["authorization"].as_str().unwrap_or_default(),
            input["payload"].as_str().unwrap_or_default(),
        );
        seeds.push((format!("tc3-{}", text(&case, "name")), request));
    }
    for case in cases(include_str!("../data/v1-vectors.json")) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (key, value) in case["form"].as_object().expect("a form") {
            form.append_pair(key, value.as_str().unwrap_or_default());
        }
        form.append_pair("Signature", text(&case, "signature"));
        let request = format!(
            "{} {}\nhost: {}\ncontent-type: application/x-www-form-urlencoded\n\n{}",
            text(&case, "method"),
            text(&case, "path"),
            text(&case, "host"),
            form.finish(),
        );
        seeds.push(named(&case, request));
    }
    seeds
}

/// A parameter with a value of its type, the likely one where the name tells.
fn example(member: &Value) -> (String, Value) {
    let name = text(member, "name");
    let value = match (name, text(member, "type")) {
        ("FunctionName", _) => json!(FUNCTION),
        ("NewFunctionName", _) => json!("other"),
        ("Namespace" | "TargetNamespace", _) => json!("default"),
        ("Qualifier" | "FunctionVersion", _) | ("Limit" | "Offset", "string") => json!("1"),
        ("Name" | "Alias", _) => json!("blue"),
        ("ProviderId", _) => json!("provider"),
        ("WebIdentityToken", _) => json!("identity"),
        ("RoleArn", _) => json!("qcs::cam::uin/100000000001:roleName/deployer"),
        ("DurationSeconds", _) => json!(3600),
        ("Handler", _) => json!("index.main_handler"),
        ("Runtime", _) => json!("Python3.9"),
        ("ZipFile", _) => json!(PACKAGE),
        ("TriggerName", _) => json!("tick"),
        ("Type", _) => json!("timer"),
        ("TriggerDesc", _) => json!("0 */5 * * * * *"),
        ("Enable", _) => json!("OPEN"),
        ("MemorySize", _) => json!(128),
        (_, "string") => json!("TRUE"),
        (_, "int" | "uint") => json!(1),
        (_, "float") => json!(0.5),
        (_, "bool") => json!(true),
        (_, "object") => Value::Object(members(member)),
        (_, "list") if member["item"] == "object" => json!([members(member)]),
        (_, "list") => json!(["x"]),
        (name, kind) => panic!("{name} is of the kind {kind}"),
    };
    (name.to_owned(), value)
}

fn members(member: &Value) -> Map<String, Value> {
    member["members"].as_array().into_iter().flatten().map(example).collect()
}

/// The releases of the seed document, choice by choice, and bytes that go on at random.
fn planner() -> Vec<(String, Vec<u8>)> {
    // A function that is there, active, with the handler of the file and the old code.
    let function = |code: u8| vec![0, 0, 0, 1, code, 0, 0, 0];
    // Versions 1, 2 and 3; `$DEFAULT` sends 0.8 to the third.
    let versions = [3, 3, 3, 0, 0, 0];
    let mut seeds = Vec::new();
    for (name, published, routing, traffic, publish) in [
        ("first", false, vec![0, 0, 0], 2, 0),
        ("canary", true, vec![0, 1, 3, 7], 2, 1),
        ("more", true, vec![0, 1, 3, 7], 5, 0),
        ("all", true, vec![0, 1, 3, 7], 1, 0),
        ("back", true, vec![0, 1, 3, 7], 0, 0),
        ("if-changed", true, vec![0, 0, 0], 3, 2),
        ("several", true, vec![0, 2, 3, 2, 2, 3], 3, 0),
        ("rules", true, vec![0, 0, 1, 2], 3, 0),
    ] {
        for code in [0, 1] {
            let mut bytes = vec![0];
            bytes.extend(function(code));
            bytes.extend(if published { versions } else { [0; 6] });
            bytes.extend(&routing);
            if published {
                bytes.extend(function(code));
            }
            // No other alias.
            bytes.push(0);
            // What is wanted: traffic, publish, no force, runtime, handler, configuration, the
            // package of a function that events call, and no other alias.
            bytes.extend([0, traffic, publish, 0, 0, 0, 1, 0, 0, 0, 0]);
            // An alias at version 1 with 0.3 to version 2, and 0.5 wanted.
            bytes.extend([1, 1, 2, 4, 1, 0, 1, 2, 5, 0]);
            seeds.push((format!("{name}-{code}"), bytes));
        }
    }
    let mut state = 1_u32;
    for number in 0..32 {
        let bytes = (0..64).map(|_| {
            // The constants of Numerical Recipes: any spread of bytes will do.
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        });
        seeds.push((format!("any-{number}"), bytes.collect()));
    }
    seeds
}
