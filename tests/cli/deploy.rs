//! What `deploy` sends, and in which order.

use serde_json::json;

use crate::sandbox::{FUNCTION, Sandbox};

#[test]
fn unchanged_means_untouched() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok().says("nothing is sent");
    sandbox.nothing_changed(from);
    // One look each, all at once.
    let mut reads = sandbox.actions_since(from);
    reads.sort();
    assert_eq!(
        reads,
        ["GetAlias", "GetFunction", "GetFunctionAddress", "ListAliases", "ListVersionByFunction"]
    );
    // --force sends both all the same.
    let from = sandbox.calls().len();
    sandbox.yaml("  timeout: 5\n");
    sandbox.type_in("deploy --force").ok();
    assert_eq!(sandbox.changes_since(from), ["UpdateFunctionCode", "UpdateFunctionConfiguration"]);
}

#[test]
fn a_digest_that_the_service_does_not_keep_costs_only_an_update() {
    let sandbox = Sandbox::behaving("code-sha256=rebuilt");
    sandbox.project();
    sandbox.type_in("deploy").ok();
    sandbox.type_in("deploy").ok();
    assert_eq!(sandbox.changes_since(0), ["CreateFunction", "UpdateFunctionCode"]);
}

#[test]
fn unreviewed_code_never_gets_more_than_asked() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 1.0}));
    sandbox.change_code("two");
    let from = sandbox.calls().len();
    // $LATEST serves everything now: its share goes down before its code changes.
    sandbox.type_in("deploy --inputs traffic=0.1").ok().says("its share goes down to 10%");
    assert_eq!(sandbox.changes_since(from), ["UpdateAlias", "UpdateFunctionCode"]);
    // Read back between the two: code must not change before routing really did.
    let actions = sandbox.actions_since(from);
    let position = |action: &str| actions.iter().position(|name| name == action).unwrap();
    assert!(
        actions[position("UpdateAlias")..position("UpdateFunctionCode")]
            .contains(&"GetAlias".to_owned()),
        "{actions:?}"
    );
    // Raising comes after.
    sandbox.change_code("three");
    let ran = sandbox.type_in("deploy --inputs traffic=0.5").ok();
    assert_eq!(ran.changes(), ["UpdateFunctionCode", "UpdateAlias"]);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.5, "1": 0.5}));
}

#[test]
fn publish_keeps_the_documents_order_and_says_what_it_freezes() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    sandbox.change_code("two");
    let from = sandbox.calls().len();
    sandbox
        .type_in("deploy --inputs publish=true traffic=0")
        .ok()
        .says("note: the new version contains code that has never served traffic\n");
    assert_eq!(
        sandbox.changes_since(from),
        ["UpdateFunctionCode", "PublishVersion", "UpdateAlias"]
    );
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.0, "2": 1}));
}

#[test]
fn the_last_version_is_the_highest_over_all_pages() {
    for setting in ["page-limit=3", "page-limit=20", "latest-listed=last"] {
        let sandbox = Sandbox::behaving(setting);
        sandbox.project();
        sandbox.type_in("deploy").ok();
        for _ in 0..11 {
            sandbox.console("PublishVersion", json!({}));
        }
        sandbox.type_in("deploy --inputs traffic=0.3").ok();
        assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.3, "11": 0.7}), "{setting}");
    }
    let sandbox = Sandbox::with(|options| {
        options.behaviour.set("page-limit=20").unwrap();
        options.behaviour.set("over-limit=refuse").unwrap();
    });
    sandbox.project();
    sandbox.type_in("deploy").ok();
    for _ in 0..25 {
        sandbox.console("PublishVersion", json!({}));
    }
    sandbox.type_in("deploy --inputs traffic=0.3").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.3, "25": 0.7}));
}

#[test]
fn what_the_file_does_not_say_stays() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(
        "  environment:\n    variables:\n      AA: one\n  publicAccess: false\n  timeout: 7\n",
    );
    sandbox.type_in("deploy").ok();
    sandbox.yaml("  memorySize: 256\n");
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    let call = sandbox
        .calls()
        .into_iter()
        .skip(from)
        .find(|call| call.action == "UpdateFunctionConfiguration");
    assert_eq!(
        call.unwrap().params,
        json!({"FunctionName": FUNCTION, "Namespace": "default", "MemorySize": 256})
    );
    let function = sandbox.console("GetFunction", json!({}));
    assert_eq!(function["Environment"]["Variables"], json!([{"Key": "AA", "Value": "one"}]));
    assert_eq!(function["PublicNetConfig"]["PublicNetStatus"], "DISABLE");
    assert_eq!(function["Timeout"], 7);
    // A present but empty one clears.
    sandbox.yaml("  environment:\n    variables: {}\n");
    sandbox.type_in("deploy").ok();
    assert_eq!(sandbox.console("GetFunction", json!({}))["Environment"]["Variables"], json!([]));
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    sandbox.nothing_changed(from);
}

#[test]
fn the_function_is_created_with_the_real_defaults() {
    let sandbox = Sandbox::with_project();
    sandbox.file("src/index.js", "exports.main_handler = async () => 1\n");
    sandbox.file("serverless.yml", "component: scf\nname: demo\ninputs:\n  src: ./src\n");
    sandbox.type_in("deploy").ok();
    let call = sandbox.calls().into_iter().find(|call| call.action == "CreateFunction").unwrap();
    let mut params = call.params;
    params["Code"] = json!("...");
    assert_eq!(
        params,
        json!({
            "FunctionName": "demo-dev-demo",
            "Namespace": "default",
            "Code": "...",
            "Handler": "index.main_handler",
            "Runtime": "Nodejs10.15",
            "Type": "Event",
            "Description": "This is a function in demo application",
            "MemorySize": 128,
            "Timeout": 3,
            "PublicNetConfig": {"PublicNetStatus": "ENABLE", "EipConfig": {"EipStatus": "DISABLE"}},
        })
    );
}

#[test]
fn dry_run_reads_only_and_tells_everything() {
    let sandbox = Sandbox::with_project();
    let ran =
        sandbox.type_in("deploy --dry-run --output json --inputs publish=true traffic=0.1").ok();
    sandbox.nothing_changed(0);
    let json = ran.json();
    let actions: Vec<_> =
        json["calls"].as_array().unwrap().iter().map(|call| call["action"].clone()).collect();
    assert_eq!(actions, ["CreateFunction", "PublishVersion", "UpdateAlias"]);
    assert_eq!(
        json["routingChange"],
        json!({"before": null, "after": {"$LATEST": 0.1, "new version": 0.9}})
    );
    sandbox.type_in("deploy --inputs publish=true").ok();
    let from = sandbox.calls().len();
    sandbox.change_code("two");
    let ran = sandbox.type_in("deploy --dry-run --inputs traffic=0.1").ok();
    sandbox.nothing_changed(from);
    assert!(
        ran.stdout.contains(
            "route `$DEFAULT` before the code changes: $LATEST: 1 -> $LATEST: 0.1, 1: 0.9"
        )
    );
    // What it said is what happens.
    sandbox.type_in("deploy --inputs traffic=0.1").ok();
    assert_eq!(sandbox.changes_since(from), ["UpdateAlias", "UpdateFunctionCode"]);
}

#[test]
fn a_failed_creation_is_replaced() {
    let sandbox = Sandbox::with_project();
    sandbox.server().fail_next("CreateFailed", "no such layer");
    sandbox.type_in("deploy").fails(1).says("CreateFailed").says("no such layer");
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(ran.changes(), ["DeleteFunction", "CreateFunction"]);
}

#[test]
fn a_failed_update_says_why_and_what_serves() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    sandbox.server().fail_next("UpdateFailed", "out of disk");
    sandbox.change_code("two");
    sandbox
        .type_in("deploy")
        .fails(1)
        .says("UpdateFailed")
        .says("out of disk")
        .says("$LATEST keeps serving its previous content");
    sandbox.type_in("deploy").ok();
}

#[test]
fn the_package_keeps_secrets_and_state_out() {
    let sandbox = Sandbox::with_project();
    sandbox.file("src/.env", "SECRET=1\n");
    sandbox.file("src/.env.prod", "SECRET=1\n");
    sandbox.file("src/lib/x.txt", "x\n");
    sandbox.type_in("deploy").ok();
    let call = sandbox.calls().into_iter().find(|call| call.action == "CreateFunction").unwrap();
    let zip = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        call.params["Code"]["ZipFile"].as_str().unwrap(),
    )
    .unwrap();
    let archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let mut names: Vec<_> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["index.py", "lib/", "lib/x.txt"]);
}

#[test]
fn one_connection_serves_a_deployment() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    let before = sandbox.server().connections();
    sandbox.change_code("two");
    sandbox.type_in("deploy --inputs publish=true traffic=0.1").ok();
    // Over plain HTTP/1.1 the five reads that go out together need one each; everything after
    // them is served by those.
    assert!(sandbox.server().connections() - before <= 5);
}
