//! An alias of one's own and provisioned instances, as part of a deployment.

use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, Sandbox};

/// Name and parameters of the changing calls since `from`, without those of the code.
fn sent(sandbox: &Sandbox, from: usize) -> Vec<(String, Value)> {
    let code = ["CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration"];
    sandbox
        .calls()
        .into_iter()
        .skip(from)
        .filter(|call| !call.action.starts_with("Get") && !call.action.starts_with("List"))
        .filter(|call| !code.contains(&&*call.action))
        .map(|call| {
            let mut params = call.params;
            let map = params.as_object_mut().unwrap();
            map.remove("FunctionName");
            map.remove("Namespace");
            if call.action == "PublishVersion" {
                map.clear();
            }
            (call.action, params)
        })
        .collect()
}

/// A deployed function with versions 1 to `count`.
fn published(count: usize) -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    for _ in 0..count {
        sandbox.console("PublishVersion", json!({}));
    }
    sandbox
}

fn alias(action: &str, params: Value) -> (String, Value) {
    let mut params = params;
    params["Name"] = "prod".into();
    (action.to_owned(), params)
}

fn weights(version: &str, weight: &Value) -> Value {
    json!({
        "AdditionalVersionWeights": [{"Version": version, "Weight": weight}],
        "AddtionVersionMatchs": [],
    })
}

const SHARED: &str = "  aliasName: prod\n  aliasFunctionVersion: 1\n  additionalVersionWeights:\n    - {version: 2, weight: 0.1}\n";

#[test]
fn an_alias_of_ones_own_is_created_changed_and_left_alone() {
    let sandbox = published(3);
    let deploy = |inputs: &str, line: &str| {
        sandbox.yaml(inputs);
        let from = sandbox.calls().len();
        let ran = sandbox.type_in(line).ok();
        let first = sent(&sandbox, from);
        let from = sandbox.calls().len();
        sandbox.type_in(line).ok();
        assert_eq!(sent(&sandbox, from), [], "again: {inputs}");
        (first, ran)
    };
    let (sent, ran) = deploy(SHARED, "deploy --output json");
    assert_eq!(
        sent,
        [alias(
            "CreateAlias",
            json!({
                "FunctionVersion": "1", "RoutingConfig": weights("2", &json!(0.1)),
                "Description": "Published by Serverless Component",
            }),
        )]
    );
    let mut record = ran.json()["alias"].clone();
    assert!(record.as_object_mut().unwrap().remove("modTime").unwrap().is_string());
    assert_eq!(
        record,
        json!({
            "name": "prod", "mainVersion": "1",
            "additionalVersionWeights": [{"version": "2", "weight": 0.1}], "matches": [],
            "description": "Published by Serverless Component",
        })
    );
    assert_eq!(ran.json()["routing"], json!({"$LATEST": 1}), "$DEFAULT stays");
    let text = "  aliasDescription: the one that counts\n";
    for (inputs, expected) in [
        (
            SHARED.replace("0.1", "1"),
            json!({
                "FunctionVersion": "1", "RoutingConfig": weights("2", &json!(1)),
                "Description": "Published by Serverless Component",
            }),
        ),
        (
            // The same shares, and yet another main version.
            "  aliasName: prod\n  aliasFunctionVersion: 2\n  additionalVersionWeights: []\n".to_owned(),
            json!({"FunctionVersion": "2", "Description": "Published by Serverless Component"}),
        ),
        (
            format!("  aliasName: prod\n  aliasFunctionVersion: 2\n  additionalVersionWeights: []\n{text}"),
            json!({"FunctionVersion": "2", "Description": "the one that counts"}),
        ),
        (
            "  aliasName: prod\n  aliasFunctionVersion: $LATEST\n  additionalVersionWeights: [{version: '3', weight: 0.25}]\n"
                .to_owned(),
            json!({
                "FunctionVersion": "$LATEST", "RoutingConfig": weights("3", &json!(0.25)),
                "Description": "the one that counts",
            }),
        ),
    ] {
        let (sent, _) = deploy(&inputs, "deploy");
        assert_eq!(sent, [alias("UpdateAlias", expected)], "{inputs}");
    }
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 1.0}));
    // Taken out of the file it stays as it is.
    let (sent, _) = deploy("", "deploy");
    assert_eq!(sent, []);
    assert_eq!(sandbox.routing("prod"), json!({"$LATEST": 0.75, "3": 0.25}));
}

#[test]
fn what_is_published_becomes_the_main_version() {
    let sandbox = published(2);
    sandbox.yaml(SHARED);
    let from = sandbox.calls().len();
    let ran = sandbox
        .type_in("deploy --dry-run --output json --inputs publish=true traffic=0.5")
        .ok()
        .says("`aliasFunctionVersion` (serverless.yml:9) has no effect with publish=true")
        .says("`traffic` (argument `traffic=0.5`) has no effect");
    assert_eq!(
        ran.json(),
        json!({
            "functionName": FUNCTION, "namespace": "default", "region": "ap-guangzhou",
            "aliasName": "prod",
            "calls": [
                {"action": "PublishVersion", "effect": "publish $LATEST as a new version"},
                {"action": "CreateAlias", "effect": "create alias `prod` -> 10% 2, 90% the new version"},
            ],
            "routingChange": {"before": null, "after": {"2": 0.1, "new version": 0.9}},
        })
    );
    sandbox.nothing_changed(from);
    sandbox.type_in("deploy --inputs publish=true").ok();
    assert_eq!(sandbox.changes_since(from), ["PublishVersion", "CreateAlias"]);
    assert_eq!(sandbox.routing("prod"), json!({"3": 0.9, "2": 0.1}));
    // Nothing is published, so what is published already stays the main version.
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --if-changed --inputs publish=true").ok();
    sandbox.nothing_changed(from);
    sandbox.change_code("two");
    sandbox.type_in("deploy --if-changed --inputs publish=true additionalVersionWeights=[]").ok();
    assert_eq!(sandbox.routing("prod"), json!({"4": 1.0}));
}

#[test]
fn traffic_shares_a_named_alias_as_it_does_the_default_one() {
    let sandbox = published(2);
    sandbox.yaml("  aliasName: prod\n");
    let deploy = |line: &str| {
        let from = sandbox.calls().len();
        sandbox.type_in(line).ok();
        sandbox.changes_since(from)
    };
    sandbox.type_in("deploy").ok().says("alias `prod` (serverless.yml:8) is left as it is");
    assert_eq!(deploy("deploy --inputs traffic=0.2"), ["CreateAlias"]);
    assert_eq!(sandbox.routing("prod"), json!({"$LATEST": 0.2, "2": 0.8}));
    sandbox.change_code("two");
    // The share of $LATEST goes down before its code changes, and up after.
    let ran = sandbox.type_in("deploy --dry-run --inputs traffic=0.1").ok();
    assert!(ran.stderr.contains("$LATEST serves 20% of prod now; its share goes down to 10%"));
    assert_eq!(deploy("deploy --inputs traffic=0.1"), ["UpdateAlias", "UpdateFunctionCode"]);
    sandbox.change_code("three");
    assert_eq!(deploy("deploy --inputs traffic=0.7"), ["UpdateFunctionCode", "UpdateAlias"]);
    assert_eq!(deploy("deploy --inputs traffic=0.7"), [] as [&str; 0]);
    assert_eq!(deploy("deploy --inputs publish=true traffic=0"), ["PublishVersion", "UpdateAlias"]);
    assert_eq!(sandbox.routing("prod"), json!({"$LATEST": 0.0, "3": 1}));
    assert_eq!(sandbox.routing("$DEFAULT"), json!({"$LATEST": 1.0}));
}

#[test]
fn weights_of_an_alias_that_cannot_be_are_refused() {
    let sandbox = published(2);
    for (inputs, code, said, hint) in [
        (
            "  aliasName: prod\n  additionalVersionWeights: []\n",
            2,
            "`aliasFunctionVersion` is missing",
            "`--publish`",
        ),
        (
            "  aliasName: prod\n  aliasFunctionVersion: 1\n",
            2,
            "`additionalVersionWeights` is missing",
            "weight: 0.1",
        ),
        (
            &SHARED.replace("version: 2", "version: 7"),
            3,
            "version 7 is not published; there are 1, 2 and $LATEST",
            "publish it first",
        ),
        (
            &SHARED.replace("Version: 1", "Version: 2"),
            2,
            "version 2 is the main version and the additional one",
            "additionalVersionWeights: []",
        ),
        (
            &SHARED.replace("0.1", "1.1"),
            2,
            "`additionalVersionWeights.0.weight` is `1.1` (serverless.yml:11)",
            "a number from 0 to 1",
        ),
    ] {
        sandbox.yaml(inputs);
        let from = sandbox.calls().len();
        sandbox.type_in("deploy --force").fails(code).says(said).says(hint);
        sandbox.nothing_changed(from);
    }
    // Match rules are not replaced unasked.
    sandbox.console("CreateAlias", json!({
        "Name": "prod", "FunctionVersion": "1",
        "RoutingConfig": {"AddtionVersionMatchs": [
            {"Version": "2", "Key": "invoke.headers.User", "Method": "exact", "Expression": "Bob"},
        ]},
    }));
    sandbox.yaml(SHARED);
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").fails(5).says("alias `prod` routes by match rules");
    sandbox.nothing_changed(from);
    sandbox.type_in("deploy --force").ok();
    assert_eq!(sandbox.routing("prod"), json!({"1": 0.9, "2": 0.1}));
    // Without a name nothing of it has an effect.
    sandbox.yaml("  additionalVersionWeights: []\n");
    sandbox
        .type_in("deploy")
        .ok()
        .says("`additionalVersionWeights` (serverless.yml:8) has no effect without `aliasName`");
}

#[test]
fn someone_elses_change_of_the_named_alias_is_a_conflict() {
    let sandbox = published(3);
    sandbox.yaml(SHARED);
    sandbox.type_in("deploy").ok();
    sandbox.yaml(&SHARED.replace("0.1", "0.5"));
    sandbox.change_code("two");
    let server = sandbox.server().clone();
    sandbox.faulty(move |call| {
        // While the code changes.
        if call.action == "UpdateFunctionCode" {
            let params = json!({
                "FunctionName": FUNCTION, "Name": "prod", "FunctionVersion": "3",
            });
            server.apply("UpdateAlias", params, "ap-guangzhou").unwrap();
        }
        Fault::None
    });
    sandbox.type_in("deploy").fails(5).says("someone else changed alias `prod`");
    assert_eq!(sandbox.routing("prod"), json!({"3": 1.0}), "theirs stays");
}

#[test]
fn a_timer_may_name_the_alias_that_the_deployment_makes() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml(
        "  publish: true\n  aliasName: prod\n  additionalVersionWeights: []\n  events:\n    - timer:\n        \
         name: tick\n        parameters: {cronExpression: '0 0 1 * * * *', enable: true, qualifier: prod}\n",
    );
    sandbox.type_in("deploy").ok();
    assert_eq!(
        sandbox.changes_since(0),
        ["CreateFunction", "PublishVersion", "CreateAlias", "CreateTrigger"]
    );
    assert_eq!(sandbox.routing("prod"), json!({"1": 1.0}));
}

fn put(version: &str, count: u64) -> (String, Value) {
    (
        "PutProvisionedConcurrencyConfig".to_owned(),
        json!({"Qualifier": version, "VersionProvisionedConcurrencyNum": count}),
    )
}

/// Version and provisioned instances, as the server has them.
fn provisioned(sandbox: &Sandbox) -> Vec<(String, u64)> {
    let held = sandbox.console("GetProvisionedConcurrencyConfig", json!({}));
    held["Allocated"]
        .as_array()
        .unwrap()
        .iter()
        .map(|held| {
            let count = held["AllocatedProvisionedConcurrencyNum"].as_u64().unwrap();
            (held["Qualifier"].as_str().unwrap().to_owned(), count)
        })
        .collect()
}

#[test]
fn instances_are_warm_before_requests_come() {
    let sandbox = Sandbox::with(|options| {
        options.transition = std::time::Duration::from_millis(30);
    });
    sandbox.project();
    sandbox.yaml("  provisionedNum: 5\n");
    sandbox
        .type_in("deploy")
        .ok()
        .says("no version is published yet, so provisionedNum has no effect");
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --inputs publish=true traffic=0").ok();
    assert_eq!(
        sandbox.changes_since(from),
        ["PublishVersion", "PutProvisionedConcurrencyConfig", "UpdateAlias"]
    );
    assert!(sent(&sandbox, from).contains(&put("1", 5)));
    // Warm by then: what was read last before the routing says so.
    let calls = sandbox.actions_since(from);
    let at = |action: &str| calls.iter().position(|name| name == action).unwrap();
    assert!(
        calls[at("PutProvisionedConcurrencyConfig")..at("UpdateAlias")]
            .contains(&"GetProvisionedConcurrencyConfig".to_owned())
    );
    for (line, inputs, expected) in [
        ("deploy", "  provisionedNum: 5\n", vec![]),
        ("deploy", "  provisionedNum: 7\n", vec![put("1", 7)]),
        ("deploy", "  provisionedNum: 7\n", vec![]),
        // Without a word they stay.
        ("deploy", "", vec![]),
        ("deploy", "  provisionedNum: 3\n  qualifier: 1\n", vec![put("1", 3)]),
    ] {
        sandbox.yaml(inputs);
        let from = sandbox.calls().len();
        sandbox.type_in(line).ok();
        assert_eq!(sent(&sandbox, from), expected, "{inputs}");
    }
    // Fewer come after the routing, more before.
    sandbox.yaml("  provisionedNum: 2\n");
    let ran = sandbox.type_in("deploy --inputs traffic=0.5").ok();
    assert_eq!(ran.changes(), ["UpdateAlias", "PutProvisionedConcurrencyConfig"]);
    sandbox.yaml("  provisionedNum: 9\n");
    sandbox.change_code("two");
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --inputs traffic=0.1").ok();
    assert_eq!(
        sandbox.changes_since(from),
        ["PutProvisionedConcurrencyConfig", "UpdateAlias", "UpdateFunctionCode"]
    );
    // The next version gets its own, and the old one's are named.
    sandbox
        .type_in("deploy --inputs publish=true traffic=0")
        .ok()
        .says("other versions have provisioned instances still: 9 of version 1");
    assert_eq!(provisioned(&sandbox), [("1".to_owned(), 9), ("2".to_owned(), 9)]);
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --inputs provisionedNum=0 qualifier=1").ok();
    let delete = ("DeleteProvisionedConcurrencyConfig".to_owned(), json!({"Qualifier": "1"}));
    assert_eq!(sent(&sandbox, from), [delete]);
    assert_eq!(provisioned(&sandbox), [("2".to_owned(), 9)]);
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --inputs provisionedNum=0 qualifier=1").ok();
    sandbox.nothing_changed(from);
}

#[test]
fn without_its_instances_no_request_is_sent_to_a_version() {
    let sandbox = published(1);
    sandbox.type_in("deploy --inputs traffic=0.5").ok();
    let before = sandbox.routing("$DEFAULT");
    // Over the quota.
    sandbox.yaml("  provisionedNum: 100000\n");
    sandbox
        .type_in("deploy --inputs publish=true traffic=0")
        .fails(1)
        .says("LimitExceeded.FunctionTotalProvisionedConcurrencyNum")
        .says("not done: route `$DEFAULT`");
    assert_eq!(sandbox.routing("$DEFAULT"), before);
    // Accepted, and then they do not come.
    sandbox.yaml("  provisionedNum: 5\n");
    sandbox.server().fail_next("ProvisionFailed", "no capacity left");
    sandbox
        .type_in("deploy --inputs traffic=0.2")
        .fails(1)
        .says("version 2 did not get 5 provisioned instances: no capacity left")
        .says("lower `provisionedNum`");
    assert_eq!(sandbox.routing("$DEFAULT"), before);
    // What failed is not there, so the same command goes on.
    let ran = sandbox.type_in("deploy --inputs traffic=0.2").ok();
    assert_eq!(ran.changes(), ["PutProvisionedConcurrencyConfig", "UpdateAlias"]);
}

#[test]
fn another_change_of_instances_is_waited_for() {
    let sandbox = Sandbox::with(|options| {
        options.transition = std::time::Duration::from_millis(30);
    });
    sandbox.project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    let others = |count: u64| {
        let server = sandbox.server().clone();
        let params = json!({
            "FunctionName": FUNCTION, "Qualifier": "1", "VersionProvisionedConcurrencyNum": count,
            "TriggerActions": [{
                "TriggerName": "morning", "TriggerProvisionedConcurrencyNum": 50,
                "TriggerCronConfig": "0 0 8 * * * *",
            }],
        });
        server.apply("PutProvisionedConcurrencyConfig", params, "ap-guangzhou").unwrap();
    };
    sandbox.yaml("  provisionedNum: 5\n");
    others(2);
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    // Its schedule stays.
    let (action, params) = sent(&sandbox, from).pop().unwrap();
    assert_eq!(
        (&*action, &params["TriggerActions"][0]["TriggerName"]),
        (&*put("1", 5).0, &json!("morning"))
    );
    assert_eq!(provisioned(&sandbox), [("1".to_owned(), 5)]);
}

#[test]
fn provisioned_instances_of_what_is_no_version_are_refused() {
    let sandbox = published(2);
    for (inputs, said) in [
        (
            "  provisionedNum: 1\n  qualifier: 9\n",
            "version 9 is not published; there are 1, 2 and $LATEST",
        ),
        ("  provisionedNum: 1\n  qualifier: $LATEST\n", "`qualifier` is $LATEST"),
        (
            "  provisionedNum: 1\n  qualifier: prod\n",
            "`qualifier` is `prod`, which is not a version",
        ),
        ("  provisionedNum: many\n", "`provisionedNum` is `many`"),
    ] {
        sandbox.yaml(inputs);
        let from = sandbox.calls().len();
        let code = if said.contains("is not published") { 3 } else { 2 };
        sandbox.type_in("deploy").fails(code).says(said);
        sandbox.nothing_changed(from);
    }
    sandbox.yaml("  qualifier: 1\n");
    sandbox
        .type_in("deploy")
        .ok()
        .says("`qualifier` (serverless.yml:8) has no effect without `provisionedNum`");
}
