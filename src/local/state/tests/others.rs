//! Triggers, invocations, concurrency, namespaces, lists.

use super::*;

#[test]
fn another_product_has_actions_of_its_own() {
    let mut bench = Bench::with_versions(1, &[]);
    let account = bench.call_product("cam", "GetUserAppId", json!({})).unwrap();
    assert_eq!(account["AppId"], 1_250_000_000);
    for (product, action) in [("cam", "GetAlias"), ("scf", "GetUserAppId"), ("cvm", "GetAlias")] {
        let error = bench.call_product(product, action, json!({})).unwrap_err();
        assert_eq!(error.code, "InvalidAction", "{product} {action}");
    }
}

#[test]
fn lists_come_in_pages() {
    let names = |reply: &Value| reply["FunctionVersion"].clone();
    let mut bench = Bench::with_versions(4, &["page-limit=3"]);
    for (paging, expected) in [
        (json!({}), json!(["$LATEST", "4", "3"])),
        (json!({"Limit": 2}), json!(["$LATEST", "4"])),
        (json!({"Limit": 100}), json!(["$LATEST", "4", "3"])),
        (json!({"Offset": 3, "Limit": 100}), json!(["2", "1"])),
        (json!({"Offset": 9}), json!([])),
        (json!({"Order": "ASC"}), json!(["1", "2", "3"])),
    ] {
        let reply = bench.ok("ListVersionByFunction", api(paging.clone()));
        assert_eq!(names(&reply), expected, "{paging}");
        assert_eq!(reply["TotalCount"], 5);
    }
    let mut bench = Bench::with_versions(1, &["over-limit=refuse", "latest-listed=last"]);
    assert_eq!(
        bench.code("ListVersionByFunction", api(json!({"Limit": 101}))),
        "InvalidParameterValue"
    );
    let reply = bench.ok("ListVersionByFunction", api(json!({})));
    assert_eq!(names(&reply), json!(["1", "$LATEST"]));
    let reply = bench.ok("ListAliases", api(json!({"Offset": "1", "Limit": "20"})));
    assert_eq!(reply, json!({"Aliases": [], "TotalCount": 1}));
    assert_eq!(
        bench.code("ListAliases", api(json!({"Offset": "one"}))),
        "InvalidParameterValue.Offset"
    );
}

#[test]
fn invocations_tell_which_version_ran() {
    let mut bench = Bench::with_versions(2, &[]);
    bench.ok(
        "UpdateAlias",
        api(json!({"Name": "$DEFAULT", "FunctionVersion": "1", "RoutingConfig": weights(&[("2", 1.0)])})),
    );
    for (action, parameters, version, alias) in [
        ("Invoke", json!({}), "$LATEST", Value::Null),
        ("Invoke", json!({"Qualifier": "1"}), "1", Value::Null),
        ("Invoke", json!({"Qualifier": "$DEFAULT"}), "2", json!("$DEFAULT")),
        ("InvokeFunction", json!({"Event": "{}"}), "2", json!("$DEFAULT")),
    ] {
        let reply = bench.ok(action, api(parameters));
        let text = reply["Result"]["RetMsg"].as_str().expect("text");
        let result: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(result["version"], version);
        assert_eq!(result["alias"], alias);
        let id = &reply["Result"]["FunctionRequestId"];
        let status = bench.ok("GetRequestStatus", api(json!({"FunctionRequestId": id})));
        assert_eq!(status["TotalCount"], 1);
    }
    for (action, parameters, expected) in [
        ("InvokeFunction", json!({"Event": "no JSON"}), "InvalidParameterValue.Param"),
        ("InvokeFunction", json!({"Qualifier": "none"}), "ResourceNotFound.Qualifier"),
        ("Invoke", json!({"InvocationType": "Later"}), "InvalidParameterValue"),
        (
            "Invoke",
            json!({"InvocationType": "Event", "ClientContext": format!("\"{}\"", "x".repeat(1 << 17))}),
            "InvalidParameter.RequestTooLarge",
        ),
    ] {
        assert_eq!(bench.code(action, api(parameters)), expected);
    }
}

#[test]
fn timers_have_their_own_form_in_answers() {
    let timer = |extra: Value| {
        let mut all = api(extra);
        all["Type"] = json!("timer");
        all["TriggerName"] = json!("tick");
        all
    };
    let on_default = |extra: Value| {
        let mut all = timer(extra);
        all["Qualifier"] = json!("$DEFAULT");
        all
    };
    let mut bench = Bench::new(&[]);
    let created = bench
        .ok("CreateTrigger", on_default(json!({"TriggerDesc": "0 0 1 * * * *", "Enable": "OPEN"})));
    let info = &created["TriggerInfo"];
    assert_eq!(info["TriggerDesc"], r#"{"cron":"0 0 1 * * * *"}"#);
    assert_eq!(info["Enable"], 1);
    let (create, status) = ("CreateTrigger", "UpdateTriggerStatus");
    let (old, closed) = ("*/5 * * * *", json!({"Enable": "CLOSE"}));
    let wrong = |name: &str| format!("InvalidParameterValue.{name}");
    for (action, parameters, expected) in [
        (create, on_default(json!({"TriggerDesc": old})), "ResourceInUse.Trigger"),
        (create, timer(json!({"TriggerDesc": "soon"})), &wrong("TriggerDesc")),
        (create, timer(json!({"TriggerDesc": old, "Enable": "TRUE"})), &wrong("Enable")),
        (
            create,
            timer(json!({"TriggerDesc": old, "Qualifier": "none"})),
            "ResourceNotFound.Qualifier",
        ),
        (status, timer(closed.clone()), "ResourceNotFound.Trigger"),
        (status, on_default(closed.clone()), "ok"),
        (status, on_default(closed), "FailedOperation.UpdateTriggerStatus"),
        (
            "UpdateTrigger",
            on_default(json!({"TriggerDesc": "0 0 3 * * * *", "CustomArgument": "x"})),
            "ok",
        ),
        ("UpdateTrigger", on_default(json!({"TriggerDesc": ""})), &wrong("TriggerDesc")),
    ] {
        let shown = parameters.to_string();
        assert_eq!(bench.code(action, parameters), expected, "{action} {shown}");
    }
    let filters = json!([{"Name": "Type", "Values": ["timer", "cos"]}]);
    let listed = bench.ok("ListTriggers", api(json!({"Filters": filters})));
    assert_eq!(listed["TotalCount"], 1);
    let trigger = &listed["Triggers"][0];
    assert_eq!(trigger["Enable"], 0);
    assert_eq!(trigger["CustomArgument"], "x");
    assert_eq!(trigger["TriggerDesc"], r#"{"cron":"0 0 3 * * * *"}"#);
}

#[test]
fn other_triggers_are_described_by_compact_json() {
    let cos = "name-1250000000.cos.ap-guangzhou.myqcloud.com";
    let rule = r#"{"event":"cos:ObjectCreated:*","filter":{"Prefix":"","Suffix":""}}"#;
    let put = r#"{"event":"cos:ObjectCreated:Put","filter":{"Prefix":"a","Suffix":".png"}}"#;
    let url = r#"{"AuthType":"NONE","NetConfig":{"EnableIntranet":false,"EnableExtranet":true}}"#;
    let spaced = rule.replace(':', ": ");
    let (create, delete) = ("CreateTrigger", "DeleteTrigger");
    let wrong = |name: &str| format!("InvalidParameterValue.{name}");
    let mut bench = Bench::new(&[]);
    for (action, kind, name, form, expected) in [
        (create, "cos", cos, rule, "ok"),
        (create, "cos", cos, put, &*wrong("CosNotifyRuleConflict")),
        (create, "cos", "bucket", rule, &wrong("TriggerName")),
        (create, "cos", cos, &spaced, &wrong("TriggerDesc")),
        (create, "http", "url", url, "ok"),
        (create, "http", "another", url, "ResourceInUse.Trigger"),
        (create, "http", "url", "{}", &wrong("TriggerDesc")),
        (create, "cls", "x", "{}", "UnsupportedOperation.Trigger"),
        (create, "mqtt", "x", "{}", &wrong("Type")),
        (delete, "cos", cos, put, "ResourceNotFound.Trigger"),
        (delete, "cos", cos, "", &wrong("TriggerDesc")),
        (delete, "cos", cos, rule, "ok"),
        (delete, "http", "url", "", "ok"),
    ] {
        let parameters = api(json!({"Type": kind, "TriggerName": name, "TriggerDesc": form,
            "Qualifier": "$DEFAULT"}));
        assert_eq!(bench.code(action, parameters), expected, "{action} {kind} {form}");
    }
}

#[test]
fn an_alias_with_triggers_is_deleted_as_switched() {
    for (switch, expected, left) in [
        ("alias-with-triggers=keep", "ok", 1),
        ("alias-with-triggers=remove", "ok", 0),
        ("alias-with-triggers=refuse", "FailedOperation.DeleteAlias", 1),
    ] {
        let mut bench = Bench::new(&[switch]);
        bench.ok("CreateAlias", api(json!({"Name": "prod", "FunctionVersion": "$LATEST"})));
        bench.ok(
            "CreateTrigger",
            api(json!({"Type": "timer", "TriggerName": "tick", "TriggerDesc": "0 0 1 * * * *", "Qualifier": "prod"})),
        );
        assert_eq!(bench.code("DeleteAlias", api(json!({"Name": "prod"}))), expected);
        let listed = bench.ok("ListTriggers", api(json!({})));
        assert_eq!(listed["TotalCount"], left, "{switch}");
    }
}

#[test]
fn concurrency_and_retries_are_kept() {
    let mut bench = Bench::with_versions(1, &[]);
    bench.transition = Duration::from_secs(10);
    for (action, parameters, expected) in [
        (
            "PutProvisionedConcurrencyConfig",
            json!({"Qualifier": "$LATEST", "VersionProvisionedConcurrencyNum": 2}),
            "InvalidParameterValue.Qualifier",
        ),
        (
            "PutProvisionedConcurrencyConfig",
            json!({"Qualifier": "9", "VersionProvisionedConcurrencyNum": 2}),
            "ResourceNotFound.Version",
        ),
        (
            "PutProvisionedConcurrencyConfig",
            json!({"Qualifier": "1", "VersionProvisionedConcurrencyNum": 100_000}),
            "LimitExceeded.FunctionTotalProvisionedConcurrencyNum",
        ),
        (
            "PutProvisionedConcurrencyConfig",
            json!({"Qualifier": "1", "VersionProvisionedConcurrencyNum": 2}),
            "ok",
        ),
        (
            "PutProvisionedConcurrencyConfig",
            json!({"Qualifier": "1", "VersionProvisionedConcurrencyNum": 3}),
            "FailedOperation.ProvisionedInProgress",
        ),
        ("PutReservedConcurrencyConfig", json!({"ReservedConcurrencyMem": 1280}), "ok"),
        (
            "PutReservedConcurrencyConfig",
            json!({"ReservedConcurrencyMem": 128_000}),
            "LimitExceeded.FunctionReservedConcurrencyMemory",
        ),
        (
            "UpdateFunctionEventInvokeConfig",
            json!({"AsyncTriggerConfig": {"MsgTTL": 60, "RetryConfig": [{"RetryNum": 1}]}}),
            "ok",
        ),
        (
            "UpdateFunctionEventInvokeConfig",
            json!({"AsyncTriggerConfig": {"MsgTTL": 60, "RetryConfig": [{"RetryNum": 3}]}}),
            "LimitExceeded.RetryNum",
        ),
    ] {
        assert_eq!(bench.code(action, api(parameters.clone())), expected, "{action} {parameters}");
    }
    let shown = |bench: &mut Bench| {
        let reply = bench.ok("GetProvisionedConcurrencyConfig", api(json!({})));
        reply["Allocated"][0]["AvailableProvisionedConcurrencyNum"].clone()
    };
    assert_eq!(shown(&mut bench), 0);
    bench.wait(10);
    assert_eq!(shown(&mut bench), 2);
    let retries = bench.ok("GetFunctionEventInvokeConfig", api(json!({})));
    assert_eq!(
        retries["AsyncTriggerConfig"],
        json!({"MsgTTL": 60, "RetryConfig": [{"RetryNum": 1}]})
    );
}

#[test]
fn namespaces_hold_functions_apart() {
    let mut bench = Bench::new(&[]);
    for (action, parameters, expected) in [
        ("CreateNamespace", json!({"Namespace": "test", "Description": "for tests"}), "ok"),
        ("CreateNamespace", json!({"Namespace": "test"}), "ResourceInUse.Namespace"),
        ("CopyFunction", api(json!({"NewFunctionName": "api", "TargetNamespace": "test"})), "ok"),
        ("CopyFunction", api(json!({"NewFunctionName": "api"})), "ResourceInUse.FunctionName"),
        ("GetFunction", api(json!({"Namespace": "test"})), "ok"),
        ("DeleteNamespace", json!({"Namespace": "test"}), "ResourceInUse.Namespace"),
        ("DeleteFunction", api(json!({"Namespace": "test"})), "ok"),
        ("DeleteNamespace", json!({"Namespace": "test"}), "ok"),
        ("DeleteNamespace", json!({"Namespace": "default"}), "InvalidParameterValue.Namespace"),
        ("GetFunction", api(json!({"Namespace": "test"})), "ResourceNotFound.Namespace"),
        ("GetAccount", json!({}), "ok"),
        (
            "PublishLayerVersion",
            json!({"LayerName": "x", "CompatibleRuntimes": [], "Content": {}}),
            "InvalidParameterValue.CompatibleRuntimes",
        ),
    ] {
        assert_eq!(bench.code(action, parameters.clone()), expected, "{action} {parameters}");
    }
    let listed = bench.ok("ListNamespaces", json!({}));
    assert_eq!(listed["Namespaces"][0]["Name"], "default");
    assert_eq!(listed["TotalCount"], 1);
}

#[test]
fn functions_are_listed_by_filters() {
    let mut bench = Bench::new(&[]);
    bench.ok(
        "CreateFunction",
        json!({"FunctionName": "web", "Type": "HTTP", "Runtime": "Go1", "Description": "shop",
            "Tags": [{"Key": "team", "Value": "a"}], "Code": {"ZipFile": package("one")}}),
    );
    for (parameters, expected) in [
        (json!({}), 2),
        (json!({"SearchKey": "we"}), 1),
        (json!({"Description": "shop"}), 1),
        (json!({"Filters": [{"Name": "Type", "Values": ["HTTP"]}]}), 1),
        (json!({"Filters": [{"Name": "Runtime", "Values": ["Go1", "Python3.9"]}]}), 2),
        (
            json!({"Filters": [{"Name": "tag-team", "Values": ["a"]}, {"Name": "Type", "Values": ["Event"]}]}),
            0,
        ),
    ] {
        let reply = bench.ok("ListFunctions", parameters.clone());
        assert_eq!(reply["TotalCount"], expected, "{parameters}");
    }
    assert_eq!(
        bench.code("ListFunctions", json!({"Filters": [{"Name": "Colour", "Values": []}]})),
        "InvalidParameterValue"
    );
}

#[test]
fn tags_are_the_functions_and_change_through_their_own_product() {
    let mut bench = Bench::with_versions(1, &[]);
    let resource = "qcs::scf:ap-guangzhou:uin/:namespace/default/function/api";
    let tag = |key: &str| json!({"TagKey": key, "TagValue": "v"});
    let many: Vec<_> = (0..11).map(|number| tag(&format!("t{number}"))).collect();
    for (resource, parameters, expected) in [
        (resource, json!({"ReplaceTags": [tag("a"), tag("b")]}), "ok"),
        (resource, json!({"ReplaceTags": [tag("c")], "DeleteTags": [{"TagKey": "a"}]}), "ok"),
        (
            "qcs::scf:ap-guangzhou:uin/100000000001:namespace/default/function/api",
            json!({"DeleteTags": [{"TagKey": "not there"}]}),
            "ok",
        ),
        (resource, json!({}), "InvalidParameter"),
        (resource, json!({"ReplaceTags": []}), "InvalidParameter"),
        (resource, json!({"ReplaceTags": many}), "InvalidParameter"),
        (resource, json!({"ReplaceTags": [tag("")]}), "InvalidParameterValue.TagKeyEmpty"),
        (
            resource,
            json!({"ReplaceTags": [tag("b")], "DeleteTags": [{"TagKey": "b"}]}),
            "InvalidParameterValue.DeleteTagsParamError",
        ),
        (
            "qcs::scf:ap-guangzhou:uin/:namespace/default/function/none",
            json!({"ReplaceTags": [tag("b")]}),
            "InvalidParameterValue.ResourceIdInvalidate",
        ),
        (
            "qcs::scf:ap-guangzhou:uin/1:namespace/default/function/api",
            json!({"ReplaceTags": [tag("b")]}),
            "InvalidParameterValue.ResourceDescriptionError",
        ),
        (
            "api",
            json!({"ReplaceTags": [tag("b")]}),
            "InvalidParameterValue.ResourceDescriptionError",
        ),
    ] {
        let mut all = parameters.clone();
        all["Resource"] = json!(resource);
        let code = match bench.call_product("tag", "ModifyResourceTags", all) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.code,
        };
        assert_eq!(code, expected, "{resource} {parameters}");
    }
    for qualifier in ["$LATEST", "1"] {
        let shown = bench.ok("GetFunction", api(json!({"Qualifier": qualifier})));
        let tags = json!([{"Key": "b", "Value": "v"}, {"Key": "c", "Value": "v"}]);
        assert_eq!(shown["Tags"], tags, "{qualifier}");
    }
}
