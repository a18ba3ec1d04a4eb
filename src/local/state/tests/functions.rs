//! Functions and versions.

use super::*;

#[test]
fn a_function_is_born_with_latest_and_the_default_alias() {
    let mut bench = Bench::new(&[]);
    let function = bench.ok("GetFunction", api(json!({})));
    for (field, expected) in [
        ("Status", json!("Active")),
        ("FunctionVersion", json!("$LATEST")),
        ("Qualifier", json!("$LATEST")),
        ("MemorySize", json!(128)),
        ("Timeout", json!(3)),
        ("AddTime", json!("2023-11-15 06:13:20")),
    ] {
        assert_eq!(function[field], expected, "{field}");
    }
    let aliases = bench.ok("ListAliases", api(json!({})));
    assert_eq!(
        aliases,
        json!({"Aliases": [{"FunctionVersion": "$LATEST", "Name": "$DEFAULT",
            "RoutingConfig": {"AdditionalVersionWeights": [], "AddtionVersionMatchs": []},
            "Description": "", "AddTime": "2023-11-15 06:13:20", "ModTime": "2023-11-15 06:13:20"}],
            "TotalCount": 1})
    );
}

/// Checks the codes of creating a function with something changed.
fn check_creation(cases: &[(Value, &str)]) {
    for (change, expected) in cases {
        let mut parameters = api(json!({"FunctionName": "new", "Runtime": "Python3.9",
            "Handler": "index.main_handler", "Code": {"ZipFile": package("one")}}));
        let target = parameters.as_object_mut().expect("an object");
        target.extend(change.as_object().expect("an object").clone());
        let mut bench = Bench::new(&[]);
        assert_eq!(bench.code("CreateFunction", parameters), *expected, "{change}");
    }
}

#[test]
fn functions_are_created_with_valid_settings_only() {
    let long = "x".repeat(1001);
    check_creation(&[
        (json!({}), "ok"),
        (json!({"FunctionName": "1new"}), "InvalidParameterValue.FunctionName"),
        (json!({"FunctionName": "n"}), "InvalidParameterValue.FunctionName"),
        (json!({"FunctionName": "new-"}), "InvalidParameterValue.FunctionName"),
        (json!({"FunctionName": "api"}), "ResourceInUse.Function"),
        (json!({"Namespace": "other"}), "ResourceNotFound.Namespace"),
        (json!({"Namespace": "a b"}), "InvalidParameterValue.Namespace"),
        (json!({"Description": long}), "InvalidParameterValue.Description"),
        (json!({"MemorySize": 64}), "ok"),
        (json!({"MemorySize": 100}), "InvalidParameterValue.MemorySize"),
        (json!({"MemorySize": 3200}), "LimitExceeded.Memory"),
        (json!({"Timeout": 0}), "LimitExceeded.Timeout"),
        (json!({"Timeout": 901}), "LimitExceeded.Timeout"),
        (json!({"Timeout": 901, "AsyncRunEnable": "TRUE"}), "ok"),
        (json!({"AsyncRunEnable": "true"}), "InvalidParameterValue"),
        (json!({"Handler": "index"}), "InvalidParameterValue.Handler"),
        (json!({"Handler": "index.main2"}), "InvalidParameterValue.Handler"),
        (json!({"Handler": "main", "Runtime": "Go1"}), "ok"),
        (json!({"Handler": "example.Hello::mainHandler", "Runtime": "Java8"}), "ok"),
        (json!({"Handler": "", "Type": "HTTP"}), "ok"),
        (json!({"Type": "Web"}), "InvalidParameterValue.Type"),
        (
            json!({"Environment": {"Variables": [{"Key": "AA", "Value": ""}]}}),
            "InvalidParameterValue.Environment",
        ),
        (
            json!({"Environment": {"Variables": [{"Key": "AA", "Value": "x".repeat(4096)}]}}),
            "InvalidParameterValue.EnvironmentExceededLimit",
        ),
        (
            json!({"PublicNetConfig": {"PublicNetStatus": "ON"}}),
            "InvalidParameterValue.PublicNetConfig",
        ),
    ]);
}

#[test]
fn functions_are_created_from_exactly_one_source_of_code() {
    check_creation(&[
        (json!({"Code": {}}), "MissingParameter.Code"),
        (json!({"Code": {"ZipFile": ""}}), "MissingParameter.Code"),
        (json!({"Code": {"ZipFile": "*"}}), "InvalidParameterValue.ZipFileBase64BinasciiError"),
        (json!({"Code": {"ZipFile": "AAAA"}}), "InvalidParameterValue.ZipFile"),
        (json!({"Code": {"ZipFile": "AAAA", "DemoId": "x"}}), "InvalidParameterValue.Code"),
        (json!({"Code": {"CosBucketName": "code"}}), "InvalidParameterValue.CosObjectName"),
        (
            json!({"Code": {"CosBucketName": "code-1250000000", "CosObjectName": "/a.zip"}}),
            "InvalidParameterValue.CosBucketName",
        ),
        (
            json!({"Code": {"CosBucketName": "code", "CosObjectName": "a.zip"}}),
            "InvalidParameterValue.CosObjectName",
        ),
        (
            json!({"Code": {"CosBucketName": "code", "CosObjectName": "/a.zip"}}),
            "InvalidParameterValue.CosObjectName",
        ),
        (
            json!({"Code": {"ImageConfig": {"ImageType": "personal", "ImageUri": "a/b/c:1"}}, "Handler": ""}),
            "ok",
        ),
    ]);
}

#[test]
fn a_change_lasts_and_is_refused_meanwhile_by_the_switched_code() {
    for (switch, code_busy, publish_busy) in [
        ("busy=named", "FailedOperation.UpdateFunctionCode", "FailedOperation.PublishVersion"),
        (
            "busy=status",
            "FailedOperation.FunctionStatusError",
            "FailedOperation.FunctionStatusError",
        ),
        ("busy=conflict", "FailedOperation.OperationConflict", "FailedOperation.OperationConflict"),
        (
            "busy=unsupported",
            "UnsupportedOperation.UpdateFunctionCode",
            "UnsupportedOperation.PublishVersion",
        ),
    ] {
        let mut bench = Bench::new(&[switch]);
        bench.transition = Duration::from_secs(10);
        let code = || api(json!({"ZipFile": package("two")}));
        bench.ok("UpdateFunctionCode", code());
        for seconds in [0, 9] {
            bench.wait(seconds);
            let function = bench.ok("GetFunction", api(json!({})));
            assert_eq!(function["Status"], "Updating");
            assert_eq!(bench.code("UpdateFunctionCode", code()), code_busy);
            assert_eq!(bench.code("PublishVersion", api(json!({}))), publish_busy);
            assert_eq!(
                bench.code("GetFunctionAddress", api(json!({}))),
                "FailedOperation.FunctionStatusError"
            );
            assert_eq!(bench.code("Invoke", api(json!({}))), "FailedOperation.FunctionStatusError");
        }
        bench.wait(1);
        assert_eq!(bench.ok("GetFunction", api(json!({})))["Status"], "Active");
        assert_eq!(bench.code("PublishVersion", api(json!({}))), "ok");
    }
}

#[test]
fn failed_work_keeps_the_previous_content() {
    let mut bench = Bench::new(&[]);
    let before = bench.ok("GetFunctionAddress", api(json!({})));
    bench.state.fail_next("UpdateFailed", "no such handler");
    bench.ok("UpdateFunctionCode", api(json!({"ZipFile": package("two")})));
    let function = bench.ok("GetFunction", api(json!({})));
    assert_eq!(function["Status"], "UpdateFailed");
    assert_eq!(function["StatusReasons"][0]["ErrorMessage"], "no such handler");
    assert_eq!(bench.ok("GetFunctionAddress", api(json!({}))), before);
    assert_eq!(bench.code("PublishVersion", api(json!({}))), "FailedOperation.PublishVersion");
    bench.ok("UpdateFunctionCode", api(json!({"ZipFile": package("two")})));
    assert_ne!(bench.ok("GetFunctionAddress", api(json!({}))), before);
}

#[test]
fn publishing_may_keep_a_function_busy_unseen() {
    for (switch, expected) in [
        ("latest-while-publishing=active", "ok"),
        ("latest-while-publishing=active-but-busy", "FailedOperation.UpdateFunctionConfiguration"),
    ] {
        let mut bench = Bench::new(&[switch]);
        bench.transition = Duration::from_secs(10);
        bench.ok("PublishVersion", api(json!({})));
        assert_eq!(bench.ok("GetFunction", api(json!({})))["Status"], "Active");
        let update = || api(json!({"Timeout": 9}));
        assert_eq!(bench.code("UpdateFunctionConfiguration", update()), expected, "{switch}");
        bench.wait(10);
        assert_eq!(bench.code("UpdateFunctionConfiguration", update()), "ok", "{switch}");
    }
}

#[test]
fn publishing_after_a_failure_is_allowed_as_switched() {
    for (switch, expected) in [
        ("publish-after-failure=refused", "FailedOperation.PublishVersion"),
        ("publish-after-failure=allowed", "ok"),
    ] {
        let mut bench = Bench::new(&[switch]);
        bench.state.fail_next("PublishFailed", "no room");
        bench.ok("PublishVersion", api(json!({})));
        let version = bench.ok("GetFunction", api(json!({"Qualifier": "1"})));
        assert_eq!(version["Status"], "PublishFailed");
        assert_eq!(bench.code("PublishVersion", api(json!({}))), expected, "{switch}");
    }
}

#[test]
fn versions_count_up_and_do_not_change() {
    let mut bench = Bench::with_versions(1, &[]);
    let first = bench.ok("GetFunctionAddress", api(json!({"Qualifier": "1"})));
    bench.ok("UpdateFunctionCode", api(json!({"ZipFile": package("two")})));
    bench.ok("UpdateFunctionConfiguration", api(json!({"MemorySize": 256})));
    let published = bench.ok("PublishVersion", api(json!({"Description": "second"})));
    assert_eq!(published["FunctionVersion"], "2");
    assert_eq!(published["MemorySize"], 256);
    assert_eq!(bench.ok("GetFunctionAddress", api(json!({"Qualifier": "1"}))), first);
    let one = bench.ok("GetFunction", api(json!({"Qualifier": "1"})));
    assert_eq!(one["MemorySize"], 128);
    bench.ok("DeleteFunction", api(json!({"Qualifier": "2"})));
    bench.wait(0);
    assert_eq!(
        bench.code("GetFunction", api(json!({"Qualifier": "2"}))),
        "ResourceNotFound.Version"
    );
    let published = bench.ok("PublishVersion", api(json!({})));
    assert_eq!(published["FunctionVersion"], "3", "numbers are not used twice");
}

#[test]
fn publishing_shows_as_switched() {
    for (switches, latest, version) in [
        (&[][..], "Publishing", "Publishing"),
        (&["latest-while-publishing=active"][..], "Active", "Publishing"),
        (&["new-version=hidden"][..], "Publishing", "ResourceNotFound.Version"),
    ] {
        let mut bench = Bench::new(switches);
        bench.transition = Duration::from_secs(10);
        bench.ok("PublishVersion", api(json!({})));
        let function = bench.ok("GetFunction", api(json!({})));
        assert_eq!(function["Status"], latest, "{switches:?}");
        let shown = match bench.call("GetFunction", api(json!({"Qualifier": "1"}))) {
            Ok(function) => function["Status"].as_str().unwrap_or_default().to_owned(),
            Err(error) => error.code,
        };
        assert_eq!(shown, version, "{switches:?}");
        bench.wait(10);
        for qualifier in ["$LATEST", "1"] {
            let function = bench.ok("GetFunction", api(json!({"Qualifier": qualifier})));
            assert_eq!(function["Status"], "Active", "{switches:?}");
        }
    }
}

#[test]
fn unchanged_content_is_published_again_unless_switched_off() {
    let mut bench = Bench::with_versions(1, &["unchanged-publish=refused"]);
    assert_eq!(bench.code("PublishVersion", api(json!({}))), "ResourceInUse");
    bench.ok("UpdateFunctionConfiguration", api(json!({"Timeout": 5})));
    assert_eq!(bench.code("PublishVersion", api(json!({}))), "ok");
}

#[test]
fn a_missing_function_has_the_switched_code() {
    for (switch, expected) in [
        ("missing-function=function", "ResourceNotFound.Function"),
        ("missing-function=function-name", "ResourceNotFound.FunctionName"),
    ] {
        let mut bench = Bench::new(&[switch]);
        for (action, extra) in [
            ("GetFunction", json!({})),
            ("PublishVersion", json!({})),
            ("GetAlias", json!({"Name": "prod"})),
            ("UpdateFunctionCode", json!({"ZipFile": package("two")})),
            ("DeleteFunction", json!({})),
        ] {
            let mut parameters = api(extra);
            parameters["FunctionName"] = json!("none");
            assert_eq!(bench.code(action, parameters), expected, "{action}");
        }
    }
}

#[test]
fn the_configuration_changes_in_part_and_clears_by_marks() {
    let mut bench = Bench::new(&[]);
    let variables = json!({"Variables": [{"Key": "AA", "Value": "1"}]});
    let layers = json!([{"LayerName": "lib", "LayerVersion": 1}]);
    bench.ok(
        "UpdateFunctionConfiguration",
        api(json!({"Environment": variables, "Layers": layers, "Description": "text", "Runtime": "Go1"})),
    );
    bench.ok("UpdateFunctionConfiguration", api(json!({"Timeout": 9})));
    let function = bench.ok("GetFunction", api(json!({})));
    assert_eq!(function["Environment"], variables);
    assert_eq!(function["Layers"], layers);
    assert_eq!(function["Description"], "text");
    assert_eq!(function["Runtime"], "Python3.9", "cannot be changed");
    bench.ok(
        "UpdateFunctionConfiguration",
        api(json!({"Environment": {"Variables": [{"Key": "", "Value": ""}]},
            "Layers": [{"LayerName": "", "LayerVersion": 0}]})),
    );
    let function = bench.ok("GetFunction", api(json!({})));
    assert_eq!(function["Environment"], json!({"Variables": []}));
    assert_eq!(function["Layers"], json!([]));
}

#[test]
fn publish_in_an_update_makes_a_version_of_the_new_content() {
    let mut bench = Bench::new(&[]);
    bench.ok("UpdateFunctionCode", api(json!({"ZipFile": package("two"), "Publish": "TRUE"})));
    let latest = bench.ok("GetFunctionAddress", api(json!({})));
    let one = bench.ok("GetFunctionAddress", api(json!({"Qualifier": "1"})));
    assert_eq!(one, latest);
}

#[test]
fn settings_that_belong_together_come_together() {
    let mut bench = Bench::with_versions(0, &[]);
    let mount = |change: Value| {
        let mut mount = json!({
            "CfsId": "cfs-1", "MountInsId": "cfs-1", "LocalMountDir": "/mnt",
            "RemoteMountDir": "/", "UserId": "10000", "UserGroupId": "10000",
        });
        mount.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        mount
    };
    let mounts = |list: Vec<Value>| json!({"CfsConfig": {"CfsInsList": list}});
    for (parameters, expected) in [
        (json!({"VpcConfig": {"VpcId": "v", "SubnetId": "s"}}), "ok"),
        (json!({"VpcConfig": {"VpcId": "v", "SubnetId": ""}}), "InvalidParameterValue.Vpc"),
        (json!({"ClsLogsetId": "l", "ClsTopicId": "t"}), "ok"),
        (json!({"ClsLogsetId": "l"}), "InvalidParameterValue.Cls"),
        (json!({"DeadLetterConfig": {"Type": "", "Name": ""}}), "ok"),
        (json!({"DeadLetterConfig": {"Type": "t", "Name": ""}}), "InvalidParameterValue"),
        (mounts(vec![mount(json!({}))]), "ok"),
        (
            mounts(vec![mount(json!({})), mount(json!({}))]),
            "InvalidParameterValue.CfsParameterDuplicate",
        ),
        (mounts(vec![mount(json!({"CfsId": ""}))]), "InvalidParameterValue.CfsId"),
        (
            mounts(vec![mount(json!({"LocalMountDir": "mnt"}))]),
            "InvalidParameterValue.CfsLocalMountDir",
        ),
        (mounts(vec![mount(json!({"UserId": "root"}))]), "InvalidParameterValue.CfsUserId"),
        (json!({"Timeout": 901}), "LimitExceeded.Timeout"),
    ] {
        let code = bench.code("UpdateFunctionConfiguration", api(parameters.clone()));
        assert_eq!(code, expected, "{parameters}");
        bench.wait(1);
    }
    // Asynchronous execution may last longer, and not only when it is created.
    bench.ok(
        "CreateFunction",
        json!({
            "FunctionName": "long", "Code": {"ZipFile": package("one")},
            "Runtime": "Nodejs10.15", "Handler": "index.main_handler", "AsyncRunEnable": "TRUE",
        }),
    );
    bench.wait(1);
    let long = json!({"FunctionName": "long", "Timeout": 86_400});
    bench.ok("UpdateFunctionConfiguration", long);
}
