use serde_json::{Value, json};

use super::read_back::{function_urls, missed, shown};
use super::*;
use crate::execute::TriggerMismatch;
use crate::model::trigger::{BalancerRule, CosRule};
use crate::plan::triggers::TriggerDifference;
use crate::plan::{DeletionReason, TriggerPlace};

fn listed(description: &str, argument: &Value) -> TriggerInfo {
    serde_json::from_value(json!({
        "TriggerName": "tick", "Qualifier": "prod", "Type": "timer", "Enable": 1,
        "TriggerDesc": description, "CustomArgument": argument, "New": "field",
    }))
    .unwrap()
}

fn timer() -> Trigger {
    Trigger {
        name: "tick".into(),
        qualifier: "prod".into(),
        form: Form::Timer { cron: "* * * * * * *".into(), argument: String::new() },
        enabled: Some(true),
        description: None,
    }
}

fn create(trigger: Trigger) -> TriggerStep {
    TriggerStep::Create { trigger, old: None, new_rule: false }
}

#[test]
fn a_listed_timer_in_either_form_is_the_files() {
    for description in [r#"{"cron":"* * * * * * *"}"#, "* * * * * * *"] {
        for argument in [json!(null), json!("")] {
            let found = observed(&listed(description, &argument));
            assert_eq!(timer().difference(&found), TriggerDifference::None, "{found:?}");
        }
    }
}

#[test]
fn what_other_products_bind_is_known_by_the_end_of_its_resource() {
    let info = |kind: &str, resource: &str, bound: &str| -> TriggerInfo {
        serde_json::from_value(json!({
            "TriggerName": "", "Qualifier": "prod", "Type": kind, "Enable": 1,
            "TriggerDesc": "", "ResourceId": resource, "BindStatus": bound,
        }))
        .unwrap()
    };
    for (kind, resource, bound, end, enabled) in [
        ("cls", "qcs::cls:gz:uin/1:topic/31d3ce01", "on", "31d3ce01", true),
        ("mps", "qcs::mps::uin/1:TriggerType/EditMediaTaskEvent", "on", "EditMediaTaskEvent", true),
        ("mps", "qcs::mps::uin/1:TriggerType/WorkflowTaskEvent", "off", "WorkflowTaskEvent", false),
        ("clb", "qcs::clb:gz:uin/1:lb-a/lbl-b/loc-c", "on", "lb-a/lbl-b/loc-c", true),
    ] {
        let found = observed(&info(kind, resource, bound));
        assert_eq!((found.resource.as_str(), found.enabled), (end, enabled), "{kind}");
        assert_eq!(found.resource_id, resource);
    }
}

#[test]
fn the_record_is_framed_as_the_real_component_frames_it() {
    let step = create(timer());
    let info = listed("{}", &json!("x"));
    let there = [observed(&info)];
    let shown = shown(&[info], &there, &[timer()], &[&step]);
    assert_eq!(
        shown[0].record.to_string(),
        r#"{"NeedCreate":true,"TriggerName":"tick","Type":"timer","Enable":1,"TriggerDesc":"{}","CustomArgument":"x","New":"field","Qualifier":"prod"}"#
    );
}

#[test]
fn the_address_of_a_function_url_is_the_public_one_where_there_is_one() {
    let record = |qualifier: &str, net: Value| {
        let form = json!({"AuthType": "NONE", "NetConfig": net}).to_string();
        json!({"Type": "http", "Qualifier": qualifier, "TriggerDesc": form})
    };
    let urls = function_urls(&[
        record("one", json!({"ExtranetUrl": "https://out", "IntranetUrl": "https://in"})),
        record("two", json!({"ExtranetUrl": "", "IntranetUrl": "https://in"})),
        record("three", json!({})),
        json!({"Type": "timer", "Qualifier": "four", "TriggerDesc": "{}"}),
    ]);
    assert_eq!(Value::Object(urls), json!({"one": "https://out", "two": "https://in"}));
}

#[test]
fn what_a_step_did_not_bring_about_is_noticed() {
    let there = [observed(&listed("{}", &json!("x")))];
    let with = |argument: &str, change: &dyn Fn(&mut Trigger)| {
        let form = Form::Timer { cron: "* * * * *".into(), argument: argument.into() };
        let mut trigger = Trigger { form, ..timer() };
        change(&mut trigger);
        create(trigger)
    };
    let delete = |qualifier: &str| TriggerStep::Delete {
        trigger: ObservedTrigger { qualifier: qualifier.into(), ..there[0].clone() },
        reason: DeletionReason::NotListed,
    };
    for (step, says) in [
        // The service may have rewritten the description.
        (with("x", &|_| {}), None),
        (with("x", &|trigger| trigger.enabled = Some(false)), Some("is open")),
        (with("", &|_| {}), Some("has another argument")),
        (with("x", &|trigger| trigger.qualifier = "beta".into()), Some("is not there")),
        (delete("beta"), None),
        (delete("prod"), Some("is still there")),
    ] {
        let missed = missed(&step, &[], &there).map(|missed| missed.to_string());
        assert_eq!(missed.is_some(), says.is_some(), "{step:?}: {missed:?}");
        assert!(missed.unwrap_or_default().ends_with(says.unwrap_or_default()), "{step:?}");
    }
}

#[test]
fn a_bucket_has_several_triggers_of_one_name() {
    let rule = |prefix: &str| {
        Form::Cos(CosRule {
            event: "cos:ObjectCreated:*".into(),
            prefix: prefix.into(),
            suffix: String::new(),
        })
    };
    let info = |prefix: &str| -> TriggerInfo {
        serde_json::from_value(json!({
            "TriggerName": "bucket", "Qualifier": "prod", "Type": "cos", "Enable": 1,
            "TriggerDesc": rule(prefix).description(),
        }))
        .unwrap()
    };
    let there = [observed(&info("a/")), observed(&info("b/"))];
    assert!(!there[0].is_one_with(&there[1]));
    let gone = TriggerStep::Delete { trigger: there[0].clone(), reason: DeletionReason::NotListed };
    assert_eq!(missed(&gone, &[], &there[1..]), None);
    let stays = TriggerMismatch::StillThere(there[0].place());
    assert_eq!(missed(&gone, &[], &there), Some(stays));
    // A replacement is in the same place.
    let anew = create(Trigger { name: "bucket".into(), form: rule("a/"), ..timer() });
    assert_eq!(missed(&gone, &[&anew], &there), None);
    let wanted = Trigger { name: "bucket".into(), form: rule("b/"), ..timer() };
    assert_eq!(missed(&create(wanted.clone()), &[], &there), None);
    let absent = TriggerMismatch::Missing(TriggerPlace::of(&wanted));
    assert_eq!(missed(&create(wanted), &[], &there[..1]), Some(absent));
}

#[test]
fn what_a_load_balancer_knows_joins_what_is_listed() {
    let rule = BalancerRule {
        balancer: "lb-a".into(),
        protocol: "HTTP".into(),
        port: 80,
        domain: "d".into(),
        url: "/".into(),
    };
    let function =
        FunctionId { name: "api".into(), namespace: "default".into(), region: "ap-x".into() };
    let balanced = balancers::for_tests(
        &rule,
        json!([
            {"Function": {"FunctionNamespace": "default", "FunctionName": "api",
                "FunctionQualifier": "prod"}, "Weight": 7},
            {"Function": {"FunctionNamespace": "default", "FunctionName": "other",
                "FunctionQualifier": "prod"}, "Weight": 9},
        ]),
    );
    let info: TriggerInfo = serde_json::from_value(json!({
        "TriggerName": "", "Qualifier": "prod", "Type": "clb", "Enable": 1, "TriggerDesc": "",
        "ResourceId": "qcs::clb:gz:uin/1:lb-a/lbl-b/loc-c",
    }))
    .unwrap();
    // Listed or not, it is one trigger on the rule, with the weight that only CLB knows.
    for listed in [vec![info], vec![]] {
        let there = assemble(&listed, std::slice::from_ref(&balanced), &function);
        assert_eq!(there.len(), 1);
        assert_eq!(there[0].rule.as_ref(), Some(&rule));
        assert_eq!(there[0].weight, Some(7));
        assert_eq!(there[0].resource, "lb-a/lbl-b/loc-c");
    }
}

#[test]
fn none_that_comes_with_the_function_is_left_out() {
    let listed = json!([
        {"TriggerName": "t2", "Type": "timer", "TriggerDesc": "{}", "Enable": null},
        {"TriggerName": "t3", "Type": "apigw", "TriggerDesc": {"service": 1}, "Qualifier": null},
        {"TriggerName": "t4", "Type": "timer", "Enable": 0, "Qualifier": "prod"},
        {"TriggerName": null},
    ]);
    let reply: GetFunctionReply =
        serde_json::from_value(json!({"Status": "Active", "Triggers": listed})).unwrap();
    let found = of_function(&reply);
    let records: Vec<&Value> = found.iter().map(|one| &one.record).collect();
    assert_eq!(records, listed.as_array().unwrap().iter().collect::<Vec<_>>());
    let told = found.iter().map(|one| (one.observed.qualifier.as_str(), one.observed.enabled));
    let expected = [("$LATEST", true), ("$LATEST", true), ("prod", false), ("$LATEST", true)];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}
