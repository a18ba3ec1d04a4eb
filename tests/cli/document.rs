//! The default-alias chapter of the user's document, command by command, asserted on the
//! local SCF's own state.

use serde_json::json;

use crate::sandbox::{FUNCTION, Sandbox};

#[test]
fn the_first_deployment_ignores_traffic() {
    let sandbox = Sandbox::with_project();
    // "如果函数还未发任何固定版本 ... traffic 无论如何设置，都会是 $latest:1.0"
    let ran = sandbox.type_in("deploy --inputs traffic=0.2").ok();
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 1.0}));
    assert_eq!(sandbox.versions(), [] as [&str; 0]);
    ran.says("no version is published yet");
    assert_eq!(sandbox.changes_since(0), ["CreateFunction"]);
}

#[test]
fn publish_true_publishes_each_time() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    assert_eq!(sandbox.versions(), ["1"]);
    // Unchanged code is published all the same, as the document says.
    let ran = sandbox.type_in("deploy --inputs publish=true").ok();
    assert_eq!(sandbox.versions(), ["1", "2"]);
    assert!(ran.stdout.contains("lastVersion:  2\n"), "{}", ran.stdout);
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 1.0}));
}

#[test]
fn traffic_is_the_share_of_latest_and_the_last_version_serves_the_rest() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    sandbox.type_in("deploy --inputs traffic=0.2").ok();
    // "traffic=0.2，实则配置 $default 的流量规则为 {$latest:0.2, 最后一次云函数发布的版本: 0.8}"
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 0.2, "1": 0.8}));
}

#[test]
fn the_weights_on_the_wire_are_decimals() {
    for (traffic, weight) in
        [("0.9", "0.1"), ("0.7", "0.3"), ("0.1", "0.9"), ("0.01", "0.99"), ("1.0", "0"), ("0", "1")]
    {
        let sandbox = Sandbox::with_project();
        sandbox.type_in("deploy --inputs publish=true").ok();
        sandbox.type_in("deploy --inputs traffic=0.5").ok();
        sandbox.run(&["deploy", "--inputs", &format!("traffic={traffic}")]).ok();
        let call =
            sandbox.calls().into_iter().rev().find(|call| call.action == "UpdateAlias").unwrap();
        let sent = &call.params["RoutingConfig"]["AdditionalVersionWeights"];
        assert_eq!(
            sent.to_string(),
            format!(r#"[{{"Version":"1","Weight":{weight}}}]"#),
            "{traffic}"
        );
        assert_eq!(call.params["FunctionVersion"], "$LATEST");
    }
}

/// "操作步骤", steps 1 to 4 in order.
#[test]
fn the_workflow_of_the_default_alias() {
    let mut sandbox = Sandbox::with_project();
    let (id, key) = (crate::sandbox::ID, crate::sandbox::KEY);
    sandbox.unset("TENCENT_SECRET_ID").unset("TENCENT_SECRET_KEY");
    // 1. The environment is in .env, `STAGE=prod` with the blank that the document has.
    sandbox.file(".env", &format!("TENCENT_SECRET_ID={id}\nTENCENT_SECRET_KEY={key}\nSTAGE=prod "));
    let function = |alias: &str| json!({"FunctionName": "demo-prod-shop", "Name": alias});
    let weights = || {
        let alias = sandbox.console("GetAlias", function("$DEFAULT"));
        (
            alias["FunctionVersion"].clone(),
            alias["RoutingConfig"]["AdditionalVersionWeights"].clone(),
        )
    };
    // Version N is there.
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    assert_eq!(weights(), (json!("$LATEST"), json!([{"Version": "1", "Weight": 1}])));
    // 2. New code, 10 % of it.
    sandbox.change_code("new");
    sandbox.type_in("deploy --inputs traffic=0.1").ok();
    assert_eq!(weights(), (json!("$LATEST"), json!([{"Version": "1", "Weight": 0.9}])));
    // 3. All of it.
    sandbox.type_in("deploy --inputs traffic=1.0").ok();
    assert_eq!(weights(), (json!("$LATEST"), json!([{"Version": "1", "Weight": 0}])));
    // 4. Frozen as N+1, which gets all traffic. The document types two blanks.
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --inputs publish=true  traffic=0").ok();
    assert_eq!(weights(), (json!("$LATEST"), json!([{"Version": "2", "Weight": 1}])));
    assert_eq!(sandbox.changes_since(from), ["PublishVersion", "UpdateAlias"]);
}

#[test]
fn the_output_is_laid_out_as_the_real_one() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    let ran = sandbox.type_in("deploy --inputs traffic=0.1").ok();
    let code = sandbox.console("GetFunctionAddress", json!({}));
    let size = sandbox.console("GetFunction", json!({}))["CodeSize"].clone();
    let expected = format!(
        "type:                 event
functionName:         {FUNCTION}
code: 
  sha256: {}
  size:   {size}
description:          This is a function in shop application
region:               ap-guangzhou
namespace:            default
runtime:              Python3.9
handler:              index.main_handler
memorySize:           128
lastVersion:          1
traffic:              0.1
configTrafficVersion: 1
routing: 
  1:       0.9
  $LATEST: 0.1
triggers:             (empty array)
",
        code["CodeSha256"].as_str().unwrap()
    );
    assert_eq!(ran.stdout, expected);
    assert!(ran.stderr.starts_with(
        "\nserverless ⚡tencent \nAction: \"deploy\" - Stage: \"dev\" - App: \"shop\" - Name: \"demo\" \n"
    ));
    assert!(ran.stderr.ends_with("s ›demo› succeeded\n\n"), "{}", ran.stderr);
    // With JSON there is one object and nothing else.
    let ran = sandbox.type_in("deploy --inputs traffic=0.1 --output json").ok();
    let json = ran.json();
    assert_eq!(json["routing"], json!({"$LATEST": 0.1, "1": 0.9}));
    assert_eq!(json["lastVersion"], "1");
    assert_eq!(json["traffic"], 0.1);
}
