//! `component: multi-scf`: where a function's code comes from, functions as a list, and what
//! messages call their keys.

use std::io::Read as _;

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

const CODE: &str = "exports.main_handler = async () => 'ok'\n";

/// A `multi-scf` instance `demo` of app `shop` with these inputs.
fn demo(inputs: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    rewrite(&sandbox, inputs);
    sandbox
}

fn rewrite(sandbox: &Sandbox, inputs: &str) {
    let head = "component: multi-scf\nname: demo\napp: shop\ninputs:\n";
    sandbox.file("serverless.yml", &format!("{head}{inputs}"));
}

/// Names and contents of the files that a function runs.
fn files(sandbox: &Sandbox, function: &str) -> Vec<(String, String)> {
    use base64::Engine as _;
    let created = sandbox.calls().into_iter().rev().find(|call| {
        call.params["FunctionName"] == function && !call.params["Code"]["ZipFile"].is_null()
    });
    let created = created.unwrap_or_else(|| panic!("{function} was not created"));
    let zip = created.params["Code"]["ZipFile"].as_str().unwrap();
    let zip = base64::engine::general_purpose::STANDARD.decode(zip).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let mut files: Vec<(String, String)> = (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), text)
        })
        .collect();
    files.sort();
    files
}

fn names(sandbox: &Sandbox, function: &str) -> Vec<String> {
    let names = files(sandbox, function).into_iter().map(|(name, _)| name);
    names.filter(|name| !name.ends_with('/')).collect()
}

#[track_caller]
fn again_changes_nothing(sandbox: &Sandbox) {
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    sandbox.nothing_changed(from);
}

#[test]
fn the_folder_of_a_function_is_relative_to_the_common_one() {
    let sandbox = demo(
        "  src:\n    src: ./app\n  runtime: Nodejs12.16\n  functions:\n    one:\n      src: ./api\n      handler: index.main_handler\n    two:\n      handler: api/index.main_handler\n",
    );
    sandbox.file("api/index.js", "wrong\n");
    sandbox.file("app/api/index.js", CODE);
    sandbox.file("app/lib.js", "lib\n");
    sandbox.type_in("deploy").ok();
    assert_eq!(files(&sandbox, "demo-dev-shop-one"), [("index.js".into(), CODE.into())]);
    assert_eq!(names(&sandbox, "demo-dev-shop-two"), ["api/index.js", "lib.js"]);
    again_changes_nothing(&sandbox);
    // The folder of the command line is the common one, too.
    sandbox.file("other/api/index.js", "exports.main_handler = async () => 'other'\n");
    sandbox.type_in("deploy --inputs src=./other").ok();
    let updated = sandbox.console("GetFunction", json!({"FunctionName": "demo-dev-shop-one"}));
    assert_eq!(updated["Status"], "Active");
    let sent = sandbox.changed_since(0);
    assert!(sent.contains(&"UpdateFunctionCode demo-dev-shop-one".to_owned()), "{sent:?}");
}

#[test]
fn without_a_common_folder_that_of_the_file_counts() {
    let sandbox = demo("  functions:\n    one:\n      src: ./api\n");
    sandbox.file("api/index.js", CODE);
    sandbox.type_in("deploy").ok();
    assert_eq!(names(&sandbox, "demo-dev-shop-one"), ["index.js"]);
    again_changes_nothing(&sandbox);
}

#[test]
fn a_function_gets_what_the_common_rules_leave_of_its_folder_and_its_own_rules_come_after() {
    let sandbox = demo(
        "  src:\n    src: ./app\n    exclude:\n      - '**/*.md'\n      - api/old/**\n    include:\n      - api/.env.sample\n  functions:\n    \
         one:\n      src:\n        src: api\n        exclude: ['*.test.js', lib/**]\n        include: [keep.md]\n        targetDir: code\n      handler: code/index.main_handler\n    \
         all:\n      src:\n        exclude: [api/**]\n",
    );
    for name in [
        "index.js",
        "index.test.js",
        "README.md",
        "keep.md",
        "old/x.js",
        ".env.sample",
        ".env",
        "lib/y.js",
    ] {
        sandbox.file(&format!("app/api/{name}"), CODE);
    }
    sandbox.file("app/index.js", CODE);
    sandbox.type_in("deploy").ok();
    let expected = ["code/.env.sample", "code/index.js", "code/keep.md"];
    assert_eq!(names(&sandbox, "demo-dev-shop-one"), expected);
    assert_eq!(names(&sandbox, "demo-dev-shop-all"), ["index.js"]);
    again_changes_nothing(&sandbox);
}

#[test]
fn a_part_is_cut_out_of_what_the_common_hook_makes_and_the_hook_runs_once() {
    let sandbox = demo(
        "  src:\n    src: ./app\n    hook: 'mkdir -p ../out/api && cp index.js ../out/api && echo run >> ../count'\n    dist: ./out\n  functions:\n    one:\n      src: ./api\n    two:\n      handler: api/index.main_handler\n",
    );
    sandbox.file("app/index.js", CODE);
    sandbox.type_in("deploy").ok();
    assert_eq!(names(&sandbox, "demo-dev-shop-one"), ["index.js"]);
    assert_eq!(names(&sandbox, "demo-dev-shop-two"), ["api/index.js"]);
    assert_eq!(crate::sandbox::read(&sandbox.root().join("count")), "run\n");
}

#[test]
fn a_hook_of_a_function_runs_in_its_folder() {
    let sandbox = demo(
        "  src: ./app\n  functions:\n    one:\n      src:\n        src: ./api\n        hook: mkdir -p dist && cp index.js dist\n        dist: ./api/dist\n",
    );
    sandbox.file("app/api/index.js", CODE);
    sandbox.type_in("deploy").ok();
    assert_eq!(names(&sandbox, "demo-dev-shop-one"), ["index.js"]);
}

#[test]
fn a_common_target_folder_is_part_of_the_way_to_a_functions_folder() {
    let inputs = |src: &str| {
        format!(
            "  src:\n    src: ./app\n    targetDir: pkg\n  functions:\n    one:\n      src: {src}\n"
        )
    };
    let sandbox = demo(&inputs("./pkg/api"));
    sandbox.file("app/api/index.js", CODE);
    sandbox.type_in("deploy").ok();
    assert_eq!(names(&sandbox, "demo-dev-shop-one"), ["index.js"]);
    rewrite(&sandbox, &inputs("./api"));
    sandbox
        .type_in("deploy")
        .fails(2)
        .says("`functions.one.src` is `api`, but the common package has everything below `pkg` (`src.targetDir`) (serverless.yml:10)")
        .says("hint: pkg/api");
}

#[test]
fn a_folder_that_is_not_in_the_common_one_is_refused() {
    for (src, says) in [
        ("../api", "`functions.one.src` is `../api`, which lies outside the common folder"),
        ("/api", "`functions.one.src` is `/api`, which lies outside the common folder"),
        ("./missing", "app/missing` does not exist"),
        ("5", "`functions.one.src` is a number, not a folder (serverless.yml:8)"),
        ("{src: [a]}", "`functions.one.src.src` is a list, not a text (serverless.yml:8)"),
        ("{src: api, exclude: 5}", "`functions.one.src.exclude` is not a list of texts"),
        ("{src: api, shape: round}", "`functions.one.src.shape` is not an input of scf"),
    ] {
        let sandbox = demo(&format!("  src: ./app\n  functions:\n    one:\n      src: {src}\n"));
        sandbox.file("app/api/index.js", CODE);
        sandbox.file("missing/index.js", CODE);
        sandbox.type_in("deploy").fails(2).says(says);
        assert_eq!(sandbox.calls().len(), 0, "{src}");
    }
    let sandbox = demo("  src: ./app\n  functions:\n    one:\n      src: ./missing\n");
    sandbox.file("app/index.js", CODE);
    sandbox.type_in("deploy").fails(2).says("it is relative to the common `src`, ");
}

const LIST: &str = "  src: ./\n  runtime: Nodejs12.16\n  functions:\n    - name: '${app}-one'\n      src: ./api\n      handler: index.main_handler\n    - key: two\n      handler: index.main_handler\n  triggers:\n    - type: timer\n      function: '${app}-one'\n      parameters:\n        name: every-ten\n        cronExpression: 0 */10 * * * * *\n        enable: true\n";

fn listed() -> Sandbox {
    let sandbox = demo(LIST);
    sandbox.file("index.js", CODE);
    sandbox.file("api/index.js", CODE);
    sandbox
}

#[test]
fn functions_may_be_a_list_whose_entries_have_a_key_or_a_name() {
    let sandbox = listed();
    let outputs = sandbox.type_in("deploy --output json").ok().json();
    let keys: Vec<(&Value, &Value)> = outputs["functions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|function| (&function["key"], &function["functionName"]))
        .collect();
    assert_eq!(
        keys,
        [(&json!("shop-one"), &json!("shop-one")), (&json!("two"), &json!("demo-dev-shop-two"))]
    );
    let triggers = sandbox.console("ListTriggers", json!({"FunctionName": "shop-one"}));
    assert_eq!(triggers["Triggers"][0]["TriggerName"], "every-ten");
    again_changes_nothing(&sandbox);
}

#[test]
fn an_entry_of_a_list_is_called_by_its_key_and_else_by_its_name() {
    for (called, function) in [("two", "demo-dev-shop-two"), ("shop-one", "shop-one")] {
        let sandbox = listed();
        sandbox.type_in(&format!("deploy --inputs function={called}")).ok();
        let created = format!("CreateFunction {function}");
        assert_eq!(sandbox.changed_since(0)[0], created);
        assert!(sandbox.changed_since(0).iter().all(|call| call.ends_with(function)));
    }
    let both = LIST.replace("key: two\n", "key: two\n      name: second\n");
    let sandbox = demo(&both);
    sandbox.file("index.js", CODE);
    sandbox.file("api/index.js", CODE);
    sandbox
        .type_in("deploy --inputs function=second")
        .fails(2)
        .says("`function` is `second`, which is none of the functions")
        .says("one of shop-one, two; did you mean `two`?");
    assert_eq!(sandbox.calls().len(), 0);
}

#[test]
fn what_is_wrong_with_a_list_is_said_with_its_place() {
    for (list, says) in [
        ("[{handler: a.b}]", "`functions.0` has neither `key` nor `name` (serverless.yml:7)"),
        ("[{key: [7]}]", "`functions.0.key` is a list, not a text (serverless.yml:7)"),
        ("[{key: 07}]", "`functions.0.key` is a number, not a text, and would be sent as another"),
        ("[{name: [a]}]", "`functions.0.name` is a list, not a text"),
        ("[one]", "`functions.0` is not a map (serverless.yml:7)"),
        (
            "[{key: a}, {key: b}, {key: a}]",
            "`functions.2` is called `a`, as is already `functions.0`",
        ),
        ("[{name: aa}, {name: aa}]", "`functions.1` is called `aa`, as is already `functions.0`"),
        (
            "[{key: a, name: same}, {key: b, name: same}]",
            "a and b deploy the same function, `same`",
        ),
        ("[{key: a, timeout: 0}]", "`functions.0.timeout` is `0` (serverless.yml:7)"),
    ] {
        let sandbox = demo(&format!("  src: ./app\n  runtime: Nodejs12.16\n  functions: {list}\n"));
        sandbox.file("app/index.js", CODE);
        sandbox.type_in("deploy").fails(2).says(says);
        assert_eq!(sandbox.calls().len(), 0, "{list}");
    }
}

#[test]
fn everything_that_is_wrong_is_said_once_and_in_one_go() {
    let sandbox = demo(
        "  src: ./app\n  timeout: 0\n  functions:\n    one:\n      memorySize: 1\n    two:\n      publish: maybe\n    three:\n      timeout: 5\n",
    );
    sandbox.file("app/index.js", CODE);
    let ran = sandbox.type_in("deploy").fails(2).says("3 inputs cannot be used\n");
    for line in [
        "`timeout` is `0` (serverless.yml:6)",
        "`functions.one.memorySize` is `1` (serverless.yml:9)",
        "`functions.two.publish` is `maybe`, not true or false (serverless.yml:11)",
    ] {
        assert_eq!(ran.stderr.matches(line).count(), 1, "{line} in {}", ran.stderr);
    }
}

const GATEWAY: &str = "  src: ./\n  runtime: Nodejs12.16\n  functions:\n    one:\n      handler: index.main_handler\n    two:\n      handler: index.main_handler\n    three:\n      handler: index.main_handler\n  triggers:\n    - type: timer\n      function: two\n      parameters:\n        name: t\n        cronExpression: '0 0 1 * * * *'\n        enable: true\n    - type: apigw\n      parameters:\n        name: gw\n        apis:\n          - path: /\n            method: GET\n            function: one\n          - path: /x\n            method: GET\n            function: two\n          - path: /y\n            method: GET\n            function: one\n";

#[test]
fn a_retired_trigger_is_named_as_the_file_has_it_and_once() {
    let sandbox = demo(GATEWAY);
    sandbox.file("index.js", CODE);
    let ran = sandbox
        .type_in("deploy")
        .fails(2)
        .says("`triggers.1` is a trigger of API Gateway, which the vendor retired (serverless.yml:21)")
        .says(
            "a function URL, one entry for each function: `- type: http`, `function: one`, \
             `parameters: {netConfig: {enableExtranet: true}}`, and one more for `two`",
        );
    assert_eq!(ran.stderr.matches("triggers.1").count(), 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains("events."), "{}", ran.stderr);
    let ran = sandbox.type_in("deploy --skip-unsupported-triggers").ok();
    let line = "`triggers.1` (serverless.yml:21) is skipped: API Gateway was retired";
    assert_eq!(ran.stderr.matches(line).count(), 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains("events."), "{}", ran.stderr);
    // What the hint says to write.
    let urls: String = ["one", "two"]
        .map(|key| format!("    - type: http\n      function: {key}\n      parameters: {{netConfig: {{enableExtranet: true}}}}\n"))
        .concat();
    let (kept, _) = GATEWAY.split_once("    - type: apigw").unwrap();
    rewrite(&sandbox, &format!("{kept}{urls}"));
    sandbox.type_in("deploy").ok();
    again_changes_nothing(&sandbox);
}

#[test]
fn messages_about_triggers_name_the_path_of_the_file() {
    let with = |trigger: &str| {
        let (kept, _) = GATEWAY.split_once("    - type: apigw").unwrap();
        let sandbox = demo(&format!("{kept}{trigger}"));
        sandbox.file("index.js", CODE);
        sandbox
    };
    let never = "    - type: timer\n      function: two\n      parameters:\n        name: u\n        cronExpression: never\n";
    with(never).type_in("deploy").fails(2).says("`triggers.1.parameters.cronExpression` ");
    let twice = "    - type: timer\n      function: two\n      parameters:\n        name: t\n        cronExpression: '0 0 1 * * * *'\n";
    with(twice).type_in("deploy").fails(2).says(
        "`triggers.1` is timer `t` on `$DEFAULT`, as is already `triggers.0` (serverless.yml:21)",
    );
    let misspelt = "    - type: timer\n      function: two\n      parametres: {}\n      parameters:\n        name: u\n        enabel: true\n        cronExpression: '0 0 1 * * * *'\n";
    with(misspelt)
        .type_in("deploy")
        .ok()
        .says("`triggers.1.parametres` (serverless.yml:23) is not an input of a timer")
        .says("`triggers.1.parameters.enabel` (serverless.yml:26) is not an input of a timer; did you mean `enable`?");
    let nobody = "    - type: apigw\n      parameters:\n        apis:\n          - path: /\n";
    with(nobody)
        .type_in("deploy")
        .fails(2)
        .says("`triggers.1` names no function (serverless.yml:21)");
}

#[test]
fn an_image_goes_out_as_the_file_says_and_nobody_asks_for_its_code() {
    for (image, kind) in [
        ("imageType: public\n        registryId: tcr-abcdefgh", "public"),
        ("registryId: tcr-abcdefgh", "personal"),
        ("imageType: enterprise\n        registryId: tcr-abcdefgh", "enterprise"),
    ] {
        let sandbox = demo(&format!(
            "  src: ./\n  runtime: Nodejs12.16\n  functions:\n    worker:\n      image:\n        \
             imageUrl: ccr.ccs.tencentyun.com/space/worker:1\n        {image}\n    code:\n      handler: index.main_handler\n"
        ));
        sandbox.file("index.js", CODE);
        let ran = sandbox.type_in("deploy").ok();
        assert!(!ran.stderr.contains("no effect"), "{}", ran.stderr);
        let created = sandbox.calls().into_iter().find(|call| {
            call.action == "CreateFunction" && call.params["FunctionName"] == "demo-dev-shop-worker"
        });
        assert_eq!(created.unwrap().params["Code"]["ImageConfig"]["ImageType"], kind);
        let ran = sandbox.type_in("deploy --inputs publish=true").ok();
        assert!(!ran.stderr.contains("GetFunctionAddress"), "{}", ran.stderr);
        sandbox.type_in("publish-ver --inputs function=demo-dev-shop-worker").ok();
        sandbox.type_in("deploy --inputs publish=true traffic=0.1").ok();
        let asked = sandbox.calls().into_iter().filter(|call| {
            call.action == "GetFunctionAddress"
                && call.params["FunctionName"] == "demo-dev-shop-worker"
        });
        assert_eq!(asked.count(), 0, "{image}");
        again_changes_nothing(&sandbox);
    }
}

#[test]
fn what_has_no_effect_on_an_image_is_said_of_its_own_keys_only() {
    let sandbox = demo(
        "  src: ./\n  runtime: Nodejs12.16\n  entryFile: app.js\n  functions:\n    worker:\n      src: ./api\n      runtime: Python3.9\n      image:\n        \
         imageUrl: ccr.ccs.tencentyun.com/space/worker:1\n    code:\n      handler: index.main_handler\n",
    );
    sandbox.file("index.js", CODE);
    let ran = sandbox.type_in("deploy").ok();
    for line in [
        "`functions.worker.src` (serverless.yml:10) has no effect: `image` is what",
        "`functions.worker.runtime` (serverless.yml:11) has no effect: an image",
        "`entryFile` (serverless.yml:7) has no effect: none of the functions is a web function",
    ] {
        assert_eq!(ran.stderr.matches(line).count(), 1, "{line} in {}", ran.stderr);
    }
    assert_eq!(ran.stderr.matches("no effect").count(), 3, "{}", ran.stderr);
}

#[test]
fn an_image_of_one_function_with_a_registry_is_an_enterprise_one() {
    for (kind, is_said) in [("public", true), ("enterprise", false)] {
        let sandbox = Sandbox::new();
        sandbox.file(
            "serverless.yml",
            &format!(
                "component: scf\nname: demo\napp: shop\ninputs:\n  image:\n    imageUrl: r.com/space/worker:1\n    imageType: {kind}\n    registryId: tcr-abcdefgh\n"
            ),
        );
        let ran = sandbox.type_in("deploy").ok();
        let line = "`image.imageType` (serverless.yml:7) is `public`, but an image with a `registryId` is an enterprise one: `enterprise` is sent";
        assert_eq!(ran.stderr.contains(line), is_said, "{}", ran.stderr);
        let created = sandbox.calls().into_iter().find(|call| call.action == "CreateFunction");
        assert_eq!(created.unwrap().params["Code"]["ImageConfig"]["ImageType"], "enterprise");
    }
}

#[test]
fn commands_take_the_key_of_a_function() {
    let sandbox = demo(
        "  src: ./src\n  runtime: Nodejs18.15\n  handler: index.main_handler\n  functions:\n    one: {}\n    two:\n      name: other\n",
    );
    sandbox.file("src/index.js", CODE);
    sandbox.type_in("deploy --publish").ok();
    for (given, function) in [("one", "demo-dev-shop-one"), ("two", "other"), ("other", "other")] {
        for line in [
            format!(
                "create-alias --output json --inputs function={given} name=live{given} version=1"
            ),
            format!("list-alias --output json --inputs function={given} name=live{given}"),
            format!("list-ver --output json --function {given}"),
            format!("delete-alias --output json --inputs function={given} name=live{given}"),
        ] {
            assert_eq!(sandbox.type_in(&line).ok().json()["functionName"], function, "{line}");
        }
    }
    // Nobody knows which one is meant.
    let from = sandbox.calls().len();
    for line in ["list-alias", "delete-alias --inputs name=live"] {
        sandbox.type_in(line).fails(2).says("`function` is missing").says("one of one, two");
    }
    sandbox.nothing_changed(from);
}

#[test]
fn what_is_said_of_code_names_its_function() {
    let sandbox = demo(
        "  src: ./src\n  runtime: Nodejs18.15\n  handler: index.main_handler\n  functions:\n    one: {}\n    two:\n      src:\n        exclude: ['*.none']\n",
    );
    sandbox.file("src/index.js", CODE);
    let ran = sandbox.type_in("deploy --dry-run").ok();
    let ran = ran.says("warning: two: exclude `*.none` names no file");
    assert_eq!(ran.stderr.matches("*.none").count(), 1, "{}", ran.stderr);
    for line in ["package", "package --inputs function=two"] {
        let ran = sandbox.type_in(line).ok();
        let named = ran.stderr.matches("warning: two: exclude `*.none`").count();
        // Of one there is nobody else to take it for.
        assert_eq!(
            (ran.stderr.matches("*.none").count(), named),
            (1, usize::from(line == "package"))
        );
    }
}

#[test]
fn the_name_of_a_function_goes_before_the_key_of_another_one() {
    let sandbox = demo(
        "  src: ./src\n  runtime: Python3.9\n  handler: index.main_handler\n  functions:\n    api: {name: api-v2}\n    other: {name: api}\n    third: {}\n",
    );
    sandbox.file("src/index.py", "def main_handler(event, context): pass\n");
    sandbox.type_in("deploy").ok();
    for (named, meant) in [("api", "api"), ("api-v2", "api-v2"), ("other", "api")] {
        for line in ["list-alias", "status", "publish-ver --dry-run"] {
            let ran = sandbox.type_in(&format!("{line} --function {named}")).ok();
            let asked = ran.calls.iter().map(|call| &call.params["FunctionName"]);
            for function in asked.filter(|function| !function.is_null()) {
                assert_eq!(function, meant, "{line} {named}");
            }
        }
    }
}
