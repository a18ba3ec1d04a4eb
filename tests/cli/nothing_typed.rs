//! Inputs whose value is nothing, where a default would stand in for what the file says.

use serde_json::json;

use crate::sandbox::{FUNCTION, Sandbox};

#[test]
fn nothing_never_stands_for_a_default() {
    let sandbox = Sandbox::with_project();
    sandbox.yaml("  namespace: ns2\n  region: ap-shanghai\n");
    for command in ["delete-alias --inputs name=zz", "publish-ver --inputs", "list-ver --inputs"] {
        for pair in [
            "namespace=null",
            "namespace=\"\"",
            "namespace=\" \"",
            "region=null",
            "region=\"\"",
            "function=null",
        ] {
            let mut words: Vec<&str> = command.split(' ').collect();
            words.push(pair);
            let ran = sandbox.run(&words).fails(2).says(&format!("the value of `{pair}` is empty"));
            assert_eq!(ran.actions(), [] as [&str; 0], "{command} {pair}");
        }
    }
    for (command, pair) in [
        ("deploy", "aliasName=null"),
        ("deploy", "name=null"),
        ("deploy", "namespace=null"),
        ("deploy", "region=null"),
        ("deploy", "runtime=\"\""),
        ("deploy", "publish=null"),
        ("deploy", "traceEnable=null"),
        ("invoke", "alias=null"),
        ("invoke", "qualifier=null"),
        ("list-alias", "name=null"),
        ("list-alias", "version=null"),
        ("metric", "version=null"),
        ("logs", "level=null"),
    ] {
        let ran = sandbox.run(&[command, "--inputs", pair]).fails(2);
        let ran = ran.says(&format!("the value of `{pair}` is empty")).says("hint: leave it out");
        assert_eq!(ran.actions(), [] as [&str; 0], "{command} {pair}");
    }
    let ran = sandbox.run(&["deploy", "--inputs", "aliasName=null"]).fails(2);
    ran.says("'$DEFAULT' and '$LATEST' need single quotes");
}

#[test]
fn null_is_a_name_where_an_option_names_something() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    sandbox.console("CreateAlias", json!({"Name": "zz", "FunctionVersion": "$LATEST"}));
    let ran = sandbox.type_in("delete-alias --name zz --namespace null").fails(3);
    assert!(ran.calls.iter().all(|call| call.params["Namespace"] == "null"), "{:?}", ran.calls);
    assert_eq!(sandbox.console("GetAlias", json!({"Name": "zz"}))["Name"], "zz");
    sandbox.run(&["list-alias", "--alias", "\"\""]).fails(2).says("is empty");
    let ran = sandbox.type_in("invoke --alias null").fails(3);
    assert_eq!(ran.calls[0].params["Qualifier"], "null", "{FUNCTION}");
}
