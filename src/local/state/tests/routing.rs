//! Aliases and their routing.

use super::*;

#[test]
fn routing_follows_the_rules() {
    let rule = |version: &str, method: &str, expression: &str| {
        json!({"Version": version, "Key": "invoke.headers.User", "Method": method,
            "Expression": expression})
    };
    let wrong = "InvalidParameterValue.AdditionalVersionWeights";
    let wrong_rule = "InvalidParameterValue.RoutingConfig";
    for (main, routing, expected) in [
        ("1", json!({}), "ok"),
        ("1", weights(&[("2", 0.1)]), "ok"),
        ("1", weights(&[("$LATEST", 1.0)]), "ok"),
        ("$LATEST", weights(&[("1", 0.0)]), "ok"),
        ("1", weights(&[("2", 1.01)]), wrong),
        ("1", weights(&[("2", -0.1)]), wrong),
        ("1", weights(&[("1", 0.1)]), wrong),
        ("1", weights(&[("2", 0.1), ("3", 0.1)]), wrong),
        ("1", weights(&[("2", 0.1), ("2", 0.1)]), wrong),
        ("9", json!({}), "ResourceNotFound.FunctionVersion"),
        ("1", weights(&[("9", 0.1)]), "ResourceNotFound.FunctionVersion"),
        ("1", weights(&[("$DEFAULT", 0.1)]), "ResourceNotFound.FunctionVersion"),
        ("1", json!({"AddtionVersionMatchs": [rule("2", "exact", "Bob")]}), "ok"),
        ("1", json!({"AddtionVersionMatchs": [rule("2", "range", "[0,30)")]}), "ok"),
        ("1", json!({"AddtionVersionMatchs": [rule("2", "range", "[0, 30)")]}), wrong_rule),
        ("1", json!({"AddtionVersionMatchs": [rule("2", "like", "B*")]}), wrong_rule),
        (
            "1",
            json!({"AddtionVersionMatchs": [rule("2", "exact", "Bob")],
                "AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]}),
            wrong_rule,
        ),
    ] {
        let mut bench = Bench::with_versions(3, &[]);
        let update =
            api(json!({"Name": "$DEFAULT", "FunctionVersion": main, "RoutingConfig": routing}));
        let create =
            api(json!({"Name": "prod", "FunctionVersion": main, "RoutingConfig": routing}));
        assert_eq!(bench.code("UpdateAlias", update), expected, "{main} {routing}");
        assert_eq!(bench.code("CreateAlias", create), expected, "{main} {routing}");
    }
}

#[test]
fn switches_of_routing() {
    let two = || weights(&[("2", 0.1), ("3", 0.1)]);
    for (switch, routing, expected) in [
        ("two-weights=routing-value", two(), "InvalidParameterValue.RoutingConfig"),
        ("two-weights=routing", two(), "InvalidParameter.RoutingConfig"),
        ("weight-step=percent", weights(&[("2", 0.15)]), "ok"),
        (
            "weight-step=percent",
            weights(&[("2", 0.155)]),
            "InvalidParameterValue.AdditionalVersionWeights",
        ),
        (
            "range-brackets=equal",
            json!({"AddtionVersionMatchs": [{"Version": "2", "Key": "invoke.headers.a",
                "Method": "range", "Expression": "[0,30)"}]}),
            "InvalidParameterValue.RoutingConfig",
        ),
    ] {
        let mut bench = Bench::with_versions(3, &[switch]);
        let update =
            api(json!({"Name": "$DEFAULT", "FunctionVersion": "1", "RoutingConfig": routing}));
        assert_eq!(bench.code("UpdateAlias", update), expected, "{switch}");
    }
}

#[test]
fn update_alias_replaces_the_routing_or_keeps_it_as_switched() {
    let some = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}], "AddtionVersionMatchs": []});
    let none = json!({"AdditionalVersionWeights": [], "AddtionVersionMatchs": []});
    for (switches, update, routing, description) in [
        (&[][..], json!({}), &none, "text"),
        (&[][..], json!({"RoutingConfig": {}}), &none, "text"),
        (&[][..], json!({"RoutingConfig": none}), &none, "text"),
        (&[][..], json!({"Description": ""}), &none, ""),
        (&["absent-routing=keep"][..], json!({}), &some, "text"),
        (&["absent-routing=keep"][..], json!({"RoutingConfig": {}}), &none, "text"),
        (&["empty-routing=keep"][..], json!({}), &none, "text"),
        (&["empty-routing=keep"][..], json!({"RoutingConfig": none}), &some, "text"),
        (&["absent-description=clear"][..], json!({"RoutingConfig": some}), &some, ""),
    ] {
        let mut bench = Bench::with_versions(3, switches);
        bench.ok(
            "UpdateAlias",
            api(json!({"Name": "$DEFAULT", "FunctionVersion": "1", "Description": "text", "RoutingConfig": some})),
        );
        bench.now += TimeDelta::seconds(5);
        let mut parameters = api(update.clone());
        parameters["Name"] = json!("$DEFAULT");
        parameters["FunctionVersion"] = json!("3");
        bench.ok("UpdateAlias", parameters);
        let alias = bench.alias("$DEFAULT");
        assert_eq!(alias["RoutingConfig"], *routing, "{switches:?} {update}");
        assert_eq!(alias["Description"], description, "{switches:?} {update}");
        assert_eq!(alias["FunctionVersion"], "3");
        assert_eq!(alias["AddTime"], "2023-11-15 06:13:20");
        assert_eq!(alias["ModTime"], "2023-11-15 06:13:25");
    }
}

#[test]
fn an_alias_may_name_a_version_being_published_as_switched() {
    for (switches, expected) in [
        (&[][..], "FailedOperation.UpdateAlias"),
        (&["alias-on-publishing=not-found"][..], "ResourceNotFound.FunctionVersion"),
        (&["alias-on-publishing=allowed"][..], "ok"),
        (
            &["alias-on-publishing=allowed", "new-version=hidden"][..],
            "ResourceNotFound.FunctionVersion",
        ),
    ] {
        let mut bench = Bench::new(switches);
        bench.transition = Duration::from_secs(10);
        bench.ok("PublishVersion", api(json!({})));
        let update = || api(json!({"Name": "$DEFAULT", "FunctionVersion": "1"}));
        assert_eq!(bench.code("UpdateAlias", update()), expected, "{switches:?}");
        bench.wait(10);
        assert_eq!(bench.code("UpdateAlias", update()), "ok", "{switches:?}");
    }
}

#[test]
fn aliases_are_created_once_under_a_fitting_name_and_deleted() {
    for (switch, name, expected) in [
        ("existing=kind", "prod", "ok"),
        ("existing=kind", "p", "ok"),
        ("alias-names=console", "p", "InvalidParameterValue.Name"),
        ("alias-names=console", "prod-", "InvalidParameterValue.Name"),
        ("existing=kind", "1prod", "InvalidParameterValue.Name"),
        ("existing=kind", "$prod", "InvalidParameterValue.Name"),
        ("existing=kind", "", "InvalidParameterValue.Name"),
        ("existing=kind", "$DEFAULT", "ResourceInUse.Alias"),
        ("existing=plain", "$DEFAULT", "ResourceInUse"),
    ] {
        let mut bench = Bench::with_versions(1, &[switch]);
        let create = api(json!({"Name": name, "FunctionVersion": "1"}));
        assert_eq!(bench.code("CreateAlias", create), expected, "{switch} {name}");
    }
    let mut bench = Bench::with_versions(1, &[]);
    bench.ok("CreateAlias", api(json!({"Name": "prod", "FunctionVersion": "1"})));
    for (action, parameters, expected) in [
        ("DeleteAlias", json!({"Name": "$DEFAULT"}), "InvalidParameterValue.Alias"),
        ("DeleteAlias", json!({"Name": "none"}), "ResourceNotFound.Alias"),
        ("DeleteFunction", json!({"Qualifier": "1"}), "UnsupportedOperation.AliasBind"),
        ("DeleteFunctionVersion", json!({"Qualifier": "1"}), "UnsupportedOperation.AliasBind"),
        ("DeleteAlias", json!({"Name": "prod"}), "ok"),
        ("GetAlias", json!({"Name": "prod"}), "ResourceNotFound.Alias"),
        ("DeleteFunction", json!({"Qualifier": "$LATEST"}), "InvalidParameterValue.Qualifier"),
        ("DeleteFunction", json!({"Qualifier": "7"}), "ResourceNotFound.Qualifier"),
        ("DeleteFunctionVersion", json!({"Qualifier": "1"}), "ok"),
        ("DeleteFunction", json!({}), "ok"),
        ("GetFunction", json!({}), "ResourceNotFound.Function"),
    ] {
        assert_eq!(bench.code(action, api(parameters.clone())), expected, "{action} {parameters}");
        bench.wait(0);
    }
}

#[test]
fn other_tools_may_leave_several_versions_behind() {
    let mut bench = Bench::with_versions(3, &[]);
    let place = crate::local::Place::new("ap-guangzhou", "api");
    let routing = weights(&[("2", 0.1), ("3", 0.2)]);
    bench.state.set_routing(&place, "$DEFAULT", "1", &routing, bench.now).expect("there");
    let alias = bench.alias("$DEFAULT");
    assert_eq!(
        alias["RoutingConfig"]["AdditionalVersionWeights"],
        routing["AdditionalVersionWeights"]
    );
    assert_eq!(
        bench.code("DeleteFunctionVersion", api(json!({"Qualifier": "3"}))),
        "UnsupportedOperation.AliasBind"
    );
}
