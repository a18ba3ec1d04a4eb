//! Every type of trigger of `events`, from its creation to its removal.

use std::sync::atomic::{AtomicU32, Ordering};

use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, Sandbox};

const BUCKET: &str = "photos-1250000000.cos.ap-guangzhou.myqcloud.com";
const TOPIC: &str = "31d3ce01-228b-42f5-aab5-7f740cc2fb11";

/// `events` in JSON, which is YAML too.
fn events(list: &[Value]) -> String {
    format!("  events: {}\n", Value::from(list.to_vec()))
}

fn event(of_type: &str, parameters: &Value) -> Value {
    json!({of_type: {"parameters": parameters}})
}

fn with(parameters: &Value, more: &Value) -> Value {
    let mut all = parameters.clone();
    for (key, value) in more.as_object().unwrap() {
        all[key] = value.clone();
    }
    all
}

/// A changing call with its parameters.
fn changes(sandbox: &Sandbox, from: usize) -> Vec<(String, Value)> {
    let calls = sandbox.calls().into_iter().skip(from);
    let reads = ["Get", "List", "Describe"];
    calls
        .filter(|call| !reads.iter().any(|read| call.action.starts_with(read)))
        .map(|call| (call.action, call.params))
        .collect()
}

fn names(changes: &[(String, Value)]) -> Vec<&str> {
    changes.iter().map(|(action, _)| action.as_str()).collect()
}

/// Type and qualifier of all triggers, sorted.
fn standing(sandbox: &Sandbox) -> Vec<(String, String)> {
    let listed = sandbox.console("ListTriggers", json!({"Limit": 100}));
    let text = |trigger: &Value, key: &str| trigger[key].as_str().unwrap().to_owned();
    let triggers = listed["Triggers"].as_array().unwrap().iter();
    let mut standing: Vec<_> =
        triggers.map(|trigger| (text(trigger, "Type"), text(trigger, "Qualifier"))).collect();
    standing.sort();
    standing
}

/// A deployed function with the alias `prod` and no triggers.
fn deployed() -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    sandbox.console("CreateAlias", json!({"Name": "prod", "FunctionVersion": "$LATEST"}));
    sandbox
}

/// What a type is made, changed, moved and deleted with.
struct Case {
    of_type: &'static str,
    /// Parameters of the event; `enable` comes on top.
    parameters: Value,
    /// The call that makes it, without function and namespace.
    creation: (&'static str, Value),
    /// Other parameters, and the calls that they lead to.
    change: (Value, Vec<(&'static str, Value)>),
    /// The calls of a move to `prod`.
    moving: Vec<&'static str>,
    /// The call that deletes it after the change.
    deletion: (&'static str, Value),
}

fn created(of_type: &str, name: &str, form: &str) -> (&'static str, Value) {
    (
        "CreateTrigger",
        json!({"TriggerName": name, "Type": of_type, "TriggerDesc": form, "Qualifier": "$DEFAULT",
            "Enable": "OPEN"}),
    )
}

fn deleted(of_type: &str, name: &str, form: Option<&str>) -> (&'static str, Value) {
    let mut params = json!({"TriggerName": name, "Type": of_type, "Qualifier": "$DEFAULT"});
    if let Some(form) = form {
        params["TriggerDesc"] = form.into();
    }
    ("DeleteTrigger", params)
}

fn updated(of_type: &str, name: &str, key: &str, value: &str) -> (&'static str, Value) {
    let params = json!({"TriggerName": name, "Type": of_type, "Qualifier": "$DEFAULT", key: value});
    ("UpdateTrigger", params)
}

fn of_functions() -> Vec<Case> {
    let any = r#"{"event":"cos:ObjectCreated:*","filter":{"Prefix":"in/","Suffix":".jpg"}}"#;
    let put = r#"{"event":"cos:ObjectCreated:Put","filter":{"Prefix":"in/","Suffix":".jpg"}}"#;
    let kafka =
        r#"{"maxMsgNum":999,"offset":"latest","retry":10000,"timeOut":60,"consumerGroupName":"g"}"#;
    let fewer =
        r#"{"maxMsgNum":9,"offset":"latest","retry":10000,"timeOut":60,"consumerGroupName":"g"}"#;
    let kafka_listed =
        r#"{"maxMsgNum":9,"offset":"latest","retry":10000,"timeOut":60,"consumerGroupName":"g"}"#;
    let public = r#"{"AuthType":"NONE","NetConfig":{"EnableIntranet":false,"EnableExtranet":true},"CorsConfig":{"Enable":true,"Origins":["https://a","https://b"],"Methods":["GET","POST"],"MaxAge":60,"Credentials":true}}"#;
    let guarded = r#"{"AuthType":"CAM","NetConfig":{"EnableIntranet":true,"EnableExtranet":false},"CorsConfig":{"Enable":false}}"#;
    vec![
        Case {
            of_type: "timer",
            parameters: json!({"name": "tick", "cronExpression": "0 0 1 * * * *"}),
            creation: created("timer", "tick", "0 0 1 * * * *"),
            change: (
                json!({"name": "tick", "cronExpression": "0 0 2 * * * *"}),
                vec![updated("timer", "tick", "TriggerDesc", "0 0 2 * * * *")],
            ),
            moving: vec!["CreateTrigger", "DeleteTrigger"],
            deletion: deleted("timer", "tick", None),
        },
        Case {
            of_type: "cos",
            parameters: json!({"bucket": BUCKET, "events": "cos:ObjectCreated:*",
                "filter": {"prefix": "in/", "suffix": ".jpg"}}),
            creation: created("cos", BUCKET, any),
            // Both overlap, so the old one makes room.
            change: (
                json!({"bucket": BUCKET, "events": "cos:ObjectCreated:Put",
                    "filter": {"prefix": "in/", "suffix": ".jpg"}}),
                vec![deleted("cos", BUCKET, Some(any)), created("cos", BUCKET, put)],
            ),
            moving: vec!["DeleteTrigger", "CreateTrigger"],
            deletion: deleted("cos", BUCKET, Some(put)),
        },
        Case {
            of_type: "ckafka",
            parameters: json!({"name": "ckafka-2o10hua5", "topic": "test", "maxMsgNum": 999,
                "consumerGroupName": "g"}),
            creation: created("ckafka", "ckafka-2o10hua5-test", kafka),
            change: (
                json!({"name": "ckafka-2o10hua5", "topic": "test", "maxMsgNum": 9,
                    "consumerGroupName": "g"}),
                vec![updated("ckafka", "ckafka-2o10hua5-test", "TriggerDesc", fewer)],
            ),
            moving: vec!["CreateTrigger", "DeleteTrigger"],
            deletion: deleted("ckafka", "ckafka-2o10hua5-test", Some(kafka_listed)),
        },
        Case {
            of_type: "http",
            parameters: json!({"netConfig": {"enableExtranet": true},
                "corsConfig": {"origins": "https://a,https://b", "methods": ["GET", "POST"],
                    "maxAge": 60, "credentials": true}}),
            creation: created("http", "url-trigger", public),
            change: (
                json!({"authType": "CAM", "netConfig": {"enableIntranet": true}}),
                vec![updated("http", "url-trigger", "TriggerDesc", guarded)],
            ),
            moving: vec!["CreateTrigger", "DeleteTrigger"],
            deletion: deleted("http", "url-trigger", None),
        },
    ]
}

fn of_other_products() -> Vec<Case> {
    let logs = |wait: i64| {
        (
            "CreateDeliverCloudFunction",
            json!({"TopicId": TOPIC, "Qualifier": "$DEFAULT", "Timeout": wait, "MaxMsgNum": 50}),
        )
    };
    // As the local SCF lists them; a real one may say it in other words.
    let logs_listed = |wait: i64| {
        json!({"topic_id": TOPIC, "name_space": "default", "function_name": FUNCTION,
            "qualifier": "$DEFAULT", "max_wait": wait, "max_size": 50, "effective": true})
        .to_string()
    };
    let media = |event: &str| {
        (
            "BindTrigger",
            json!({"ScfRegion": "ap-guangzhou", "EventType": event, "Qualifier": "$DEFAULT"}),
        )
    };
    let media_listed = |event: &str| json!({"eventType": event}).to_string();
    let rule = json!({"loadBalanceId": "lb-l6golr1k", "protocol": "HTTPS", "port": 443,
        "domain": "example.com", "url": "/api"});
    let target = |weight: i64| {
        json!({"LoadBalancerId": "lb-l6golr1k", "FunctionTargets": [{"Function": {
            "FunctionNamespace": "default", "FunctionName": FUNCTION,
            "FunctionQualifier": "$DEFAULT", "FunctionQualifierType": "ALIAS"}, "Weight": weight}]})
    };
    vec![
        Case {
            of_type: "cls",
            parameters: json!({"topicId": TOPIC, "maxWait": 60, "maxSize": 50}),
            creation: logs(60),
            change: (
                json!({"topicId": TOPIC, "maxWait": 5, "maxSize": 50}),
                vec![deleted("cls", "", Some(&logs_listed(60))), logs(5)],
            ),
            moving: vec!["DeleteTrigger", "CreateDeliverCloudFunction"],
            deletion: deleted("cls", "", Some(&logs_listed(5))),
        },
        Case {
            of_type: "mps",
            parameters: json!({"type": "EditMediaTask"}),
            creation: media("EditMediaTask"),
            change: (
                json!({"type": "WorkflowTask"}),
                vec![
                    media("WorkflowTask"),
                    deleted("mps", "", Some(&media_listed("EditMediaTask"))),
                ],
            ),
            moving: vec!["DeleteTrigger", "BindTrigger"],
            deletion: deleted("mps", "", Some(&media_listed("WorkflowTask"))),
        },
        Case {
            of_type: "clb",
            parameters: with(&rule, &json!({"weight": 20})),
            creation: ("RegisterFunctionTargets", target(20)),
            change: (
                with(&rule, &json!({"weight": 0})),
                vec![("ModifyFunctionTargets", target(0))],
            ),
            moving: vec!["RegisterFunctionTargets", "DeregisterFunctionTargets"],
            deletion: ("DeregisterFunctionTargets", target(0)),
        },
    ]
}

/// The parameters as expected: of the function itself, and ids that a load balancer makes up.
#[track_caller]
fn assert_calls(got: &[(String, Value)], expected: &[(&str, Value)]) {
    let expected_names: Vec<_> = expected.iter().map(|(action, _)| *action).collect();
    assert_eq!(names(got), expected_names, "{got:?}");
    for ((action, got), (_, expected)) in got.iter().zip(expected) {
        let mut got = got.clone();
        let params = got.as_object_mut().unwrap();
        if action.ends_with("FunctionTargets") {
            for (key, kind) in [("ListenerId", "lbl-"), ("LocationId", "loc-")] {
                let id = params.remove(key).unwrap();
                assert!(id.as_str().unwrap().starts_with(kind), "{id}");
            }
        } else {
            assert_eq!(params.remove("FunctionName").unwrap(), FUNCTION);
            assert_eq!(params.remove("Namespace").unwrap(), "default");
        }
        assert_eq!(got, *expected, "{action}");
    }
}

#[test]
fn every_type_is_created_kept_changed_moved_and_removed() {
    for case in of_functions().into_iter().chain(of_other_products()) {
        let Case { of_type, parameters, creation, change, moving, deletion } = case;
        println!("{of_type}");
        let sandbox = deployed();
        let open = json!({"enable": true});
        let file = |parameters: &Value| {
            sandbox.yaml(&events(&[event(of_type, &with(parameters, &open))]));
            let from = sandbox.calls().len();
            let ran = sandbox.type_in("deploy --output json").ok();
            let mut changes = changes(&sandbox, from);
            changes.retain(|(action, _)| action != "CreateRule");
            (ran.json(), changes)
        };
        let on_default = [(of_type.to_owned(), "$DEFAULT".to_owned())];

        let (printed, calls) = file(&parameters);
        assert_calls(&calls, &[creation]);
        assert_eq!(standing(&sandbox), on_default);
        let trigger = &printed["triggers"][0];
        assert_eq!(trigger["needCreate"], true);
        assert_eq!(trigger["type"], of_type);
        assert_eq!(trigger["qualifier"], "$DEFAULT");

        let (printed, calls) = file(&parameters);
        assert_calls(&calls, &[]);
        assert_eq!(printed["triggers"][0]["needCreate"], false, "{printed}");

        let (other, expected) = change;
        let (_, calls) = file(&other);
        assert_calls(&calls, &expected);
        let (_, calls) = file(&other);
        assert_calls(&calls, &[]);
        assert_eq!(standing(&sandbox), on_default);

        // What it is deleted with, on the way and in the end.
        sandbox.yaml(&events(&[]));
        let from = sandbox.calls().len();
        sandbox.type_in("deploy").ok();
        assert_calls(&changes(&sandbox, from), &[deletion]);
        assert_eq!(standing(&sandbox), []);

        // Moved, and never in two places afterwards.
        file(&parameters);
        let (printed, calls) = file(&with(&parameters, &json!({"qualifier": "prod"})));
        assert_eq!(names(&calls), moving, "{of_type}");
        assert_eq!(standing(&sandbox), [(of_type.to_owned(), "prod".to_owned())]);
        assert_eq!(printed["triggers"][0]["qualifier"], "prod");
        let (_, calls) = file(&with(&parameters, &json!({"qualifier": "prod"})));
        assert_calls(&calls, &[]);
    }
}

#[test]
fn a_file_of_all_types_is_deployed_at_once_and_the_second_time_nothing_is_sent() {
    let sandbox = deployed();
    let all: Vec<Value> = of_functions()
        .iter()
        .chain(&of_other_products())
        .map(|case| event(case.of_type, &with(&case.parameters, &json!({"enable": true}))))
        .collect();
    sandbox.yaml(&events(&all));
    sandbox.type_in("deploy").ok();
    let from = sandbox.calls().len();
    let printed = sandbox.type_in("deploy --output json").ok().says("nothing is sent").json();
    sandbox.nothing_changed(from);
    assert_eq!(printed["triggers"].as_array().unwrap().len(), all.len());
    assert_eq!(standing(&sandbox).len(), all.len());
    // Gone from the file, gone from the cloud.
    sandbox.yaml(&events(&[]));
    sandbox.type_in("deploy").ok();
    assert_eq!(standing(&sandbox), []);
}

#[test]
fn a_first_deployment_makes_a_load_balancers_rule_as_well() {
    let sandbox = Sandbox::with_project();
    let parameters = json!({"loadBalanceId": "lb-1", "protocol": "HTTP", "port": 80,
        "domain": "example.com", "url": "/"});
    sandbox.yaml(&events(&[event("clb", &parameters)]));
    sandbox
        .type_in("deploy")
        .ok()
        .says("create clb trigger `lb-1 HTTP:80 example.com/` on `$DEFAULT` (weight 10, new rule)");
    let made = changes(&sandbox, 0);
    assert_eq!(names(&made), ["CreateFunction", "CreateRule", "RegisterFunctionTargets"]);
    assert_eq!(made[1].1["Rules"], json!([{"Domain": "example.com", "Url": "/"}]));
    // A port that nothing listens on stops everything before it starts.
    sandbox.change_code("two");
    sandbox.yaml(&events(&[event("clb", &with(&parameters, &json!({"port": 81})))]));
    let from = sandbox.calls().len();
    sandbox
        .type_in("deploy")
        .fails(3)
        .says("load balancer `lb-1` has no HTTP listener on port 81")
        .says("make the listener in the console first");
    sandbox.nothing_changed(from);
}

#[test]
fn the_address_of_a_function_url_is_printed() {
    let sandbox = deployed();
    let open =
        |on: &str| event("http", &json!({"netConfig": {"enableExtranet": true}, "qualifier": on}));
    sandbox.yaml(&events(&[open("$DEFAULT"), open("prod")]));
    for _ in 0..2 {
        let printed = sandbox.type_in("deploy --output json").ok().json();
        for on in ["$DEFAULT", "prod"] {
            let address = printed["functionUrls"][on].as_str().unwrap();
            assert!(address.starts_with("https://1250000000-"), "{address}");
            assert!(address.ends_with(".ap-guangzhou.tencentscf.com"), "{address}");
        }
    }
    // A URL that moves says that its address does not.
    sandbox.yaml(&events(&[open("prod")]));
    sandbox.type_in("deploy").ok();
    let ran = sandbox.type_in("deploy --output json").ok();
    assert_eq!(ran.json()["functionUrls"].as_object().unwrap().len(), 1);
    sandbox.yaml(&events(&[open("$LATEST")]));
    sandbox.type_in("deploy").ok().says("so its address changes");
    assert_eq!(standing(&sandbox), [("http".to_owned(), "$LATEST".to_owned())]);
    // The second time a URL of another name stays: it would lose its address.
    let renamed =
        json!({"netConfig": {"enableExtranet": true}, "qualifier": "$LATEST", "name": "x"});
    sandbox.yaml(&events(&[event("http", &renamed)]));
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    sandbox.nothing_changed(from);
}

#[test]
fn a_trigger_is_switched_in_place_where_the_api_can() {
    for (of_type, parameters, off, on) in [
        (
            "cos",
            json!({"bucket": BUCKET, "events": "cos:ObjectRemove:*"}),
            "UpdateTriggerStatus",
            "UpdateTriggerStatus",
        ),
        ("ckafka", json!({"name": "ckafka-1", "topic": "t"}), "UpdateTrigger", "UpdateTrigger"),
        ("http", json!({"netConfig": {"enableExtranet": true}}), "UpdateTrigger", "UpdateTrigger"),
        ("mps", json!({"type": "EditMediaTask"}), "UnbindTrigger", "BindTrigger"),
    ] {
        let sandbox = deployed();
        let switch = |open: bool| {
            let parameters = with(&parameters, &json!({"enable": open}));
            sandbox.yaml(&events(&[event(of_type, &parameters)]));
            let from = sandbox.calls().len();
            sandbox.type_in("deploy").ok();
            changes(&sandbox, from)
        };
        switch(true);
        for (open, action) in [(false, off), (true, on)] {
            let calls = switch(open);
            assert_eq!(names(&calls), [action], "{of_type}");
            if action == "UpdateTriggerStatus" {
                assert_eq!(
                    calls[0].1["TriggerDesc"],
                    r#"{"event":"cos:ObjectRemove:*","filter":{"Prefix":"","Suffix":""}}"#
                );
                assert_eq!(calls[0].1["Enable"], if open { "OPEN" } else { "CLOSE" });
            }
            assert_eq!(switch(open), [], "{of_type}");
        }
    }
}

#[test]
fn what_the_api_cannot_change_is_made_anew() {
    let sandbox = deployed();
    let from_place = |place: &str| {
        let parameters = json!({"name": "ckafka-1", "topic": "t", "offset": place, "enable": true});
        sandbox.yaml(&events(&[event("ckafka", &parameters)]));
        let from = sandbox.calls().len();
        let ran = sandbox.type_in("deploy").ok();
        (ran, changes(&sandbox, from))
    };
    from_place("latest");
    let (ran, calls) = from_place("earliest");
    assert_eq!(names(&calls), ["DeleteTrigger", "CreateTrigger"]);
    ran.says("it is made anew, because offset cannot be changed");
    let (_, calls) = from_place("earliest");
    assert_eq!(calls, []);
    assert_eq!(standing(&sandbox), [("ckafka".to_owned(), "$DEFAULT".to_owned())]);
}

#[test]
fn a_switch_whose_answer_was_lost_is_not_switched_for_ever() {
    let sandbox = deployed();
    let cos = |open: bool| {
        let parameters = json!({"bucket": BUCKET, "events": "cos:ObjectCreated:*", "enable": open});
        sandbox.yaml(&events(&[event("cos", &parameters)]));
    };
    cos(true);
    sandbox.type_in("deploy").ok();
    cos(false);
    sandbox.once("UpdateTriggerStatus", Fault::DropAfter);
    let ran = sandbox.type_in("deploy").ok();
    assert_eq!(ran.changes(), ["UpdateTriggerStatus", "UpdateTriggerStatus"]);
}

#[test]
fn a_creation_whose_answer_was_lost_is_looked_for() {
    for case in of_functions().into_iter().chain(of_other_products()) {
        let sandbox = deployed();
        let parameters = with(&case.parameters, &json!({"enable": true}));
        sandbox.yaml(&events(&[event(case.of_type, &parameters)]));
        let action = case.creation.0;
        sandbox.once(action, Fault::DropAfter);
        let from = sandbox.calls().len();
        sandbox.type_in("deploy").ok();
        let sent = sandbox.changes_since(from).into_iter().filter(|name| name == action).count();
        assert_eq!(sent, 1, "{action}");
        assert_eq!(standing(&sandbox), [(case.of_type.to_owned(), "$DEFAULT".to_owned())]);
    }
}

#[test]
fn a_busy_load_balancer_is_waited_for() {
    let sandbox = deployed();
    let parameters = json!({"loadBalanceId": "lb-1", "protocol": "HTTP", "port": 80,
        "domain": "example.com", "url": "/"});
    sandbox.yaml(&events(&[event("clb", &parameters)]));
    let met = AtomicU32::new(0);
    sandbox.faulty(move |call| match call.action.as_str() {
        "CreateRule" if met.fetch_add(1, Ordering::SeqCst) == 0 => {
            Fault::error("FailedOperation.ResourceInOperating", "another task runs")
        }
        _ => Fault::None,
    });
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    assert_eq!(
        sandbox.changes_since(from),
        ["CreateRule", "CreateRule", "RegisterFunctionTargets"]
    );
    // One that says no is an error with its reason.
    let sandbox = deployed();
    sandbox.yaml(&events(&[event("clb", &with(&parameters, &json!({"loadBalanceId": "lb"})))]));
    sandbox.type_in("deploy").fails(2).says("`lb-…`");
}

#[test]
fn retired_types_are_refused_before_any_call_and_skipped_on_demand() {
    let sandbox = Sandbox::with_project();
    let timer = event("timer", &json!({"cronExpression": "0 0 1 * * * *", "enable": true}));
    for (of_type, instead) in
        [("apigw", "a function URL: `- http:`"), ("cmq", "a `ckafka` trigger")]
    {
        let retired = json!({of_type: {"parameters": {"serviceName": "x"}}});
        sandbox.yaml(&events(&[timer.clone(), retired]));
        let from = sandbox.calls().len();
        sandbox
            .type_in("deploy")
            .fails(2)
            .says(&format!("`events.1.{of_type}` is a trigger of "))
            .says("which the vendor retired (serverless.yml:8)")
            .says(instead)
            .says("--skip-unsupported-triggers");
        assert_eq!(sandbox.calls().len(), from);
    }
    sandbox
        .type_in("deploy --skip-unsupported-triggers")
        .ok()
        .says("warning: `events.1.cmq` (serverless.yml:8) is skipped: CMQ was retired");
    assert_eq!(standing(&sandbox), [("timer".to_owned(), "$DEFAULT".to_owned())]);
    // What the cloud has of it stays while the file has it, and goes with it.
    let queue = json!({"TriggerName": "queue", "Type": "cmq", "Qualifier": "$DEFAULT",
        "TriggerDesc": "{\"filterType\":1,\"filterKey\":[\"tag\"]}"});
    sandbox.console("CreateTrigger", queue);
    let from = sandbox.calls().len();
    sandbox.type_in("deploy --skip-unsupported-triggers").ok();
    sandbox.nothing_changed(from);
    sandbox.yaml(&events(&[timer]));
    sandbox.type_in("deploy").ok().says("delete cmq trigger `queue` on `$DEFAULT`");
    assert_eq!(standing(&sandbox), [("timer".to_owned(), "$DEFAULT".to_owned())]);
}

#[test]
fn pruning_takes_what_the_file_lacks_from_everywhere() {
    let sandbox = deployed();
    let on_prod =
        |case: &Case| event(case.of_type, &with(&case.parameters, &json!({"qualifier": "prod"})));
    let all: Vec<Value> = of_functions().iter().chain(&of_other_products()).map(on_prod).collect();
    sandbox.yaml(&events(&all));
    sandbox.type_in("deploy").ok();
    sandbox.yaml(&events(&[]));
    let from = sandbox.calls().len();
    sandbox
        .type_in("deploy")
        .ok()
        .says("left alone, because no event of the file names that version or alias (--prune-triggers removes them): ")
        .says(&format!("cos trigger `{BUCKET}` on `prod`"));
    sandbox.nothing_changed(from);
    sandbox.type_in("deploy --dry-run --prune-triggers").ok();
    sandbox.nothing_changed(from);
    sandbox.type_in("deploy --prune-triggers").ok();
    assert_eq!(standing(&sandbox), []);
    // It goes by the file, so there has to be a word in it.
    for inputs in ["", "  ignoreTriggers: true\n  events: []\n"] {
        sandbox.yaml(inputs);
        sandbox
            .type_in("deploy --prune-triggers")
            .fails(2)
            .says("the file has no word on triggers");
    }
}

#[test]
fn more_than_every_account_may_have_is_the_services_to_refuse() {
    let sandbox = deployed();
    let timer = |name: usize, on: &str| {
        event(
            "timer",
            &json!({"name": format!("t{name}"), "cronExpression": "0 0 1 * * * *", "qualifier": on}),
        )
    };
    let six = |from: usize, on: &str| (from..from + 6).map(|n| timer(n, on)).collect::<Vec<_>>();
    sandbox.yaml(&events(&six(0, "prod")));
    sandbox.type_in("deploy").ok();
    sandbox.yaml(&events(&six(6, "$DEFAULT")));
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    assert_eq!(sandbox.changes_since(from), ["CreateTrigger"; 6]);
    assert_eq!(standing(&sandbox).len(), 12);
    // More in one file are said.
    let eleven: Vec<_> = (20..31).map(|n| timer(n, "$DEFAULT")).collect();
    sandbox.yaml(&events(&eleven));
    sandbox
        .type_in("deploy --prune-triggers")
        .ok()
        .says("has 11 triggers of the type timer; an account may have 10 of a function unless");
    assert_eq!(standing(&sandbox).len(), 11);
    let from = sandbox.calls().len();
    sandbox.type_in("deploy").ok();
    sandbox.nothing_changed(from);
}

#[test]
fn a_topic_that_another_function_has_is_an_error_of_its_own() {
    let sandbox = deployed();
    let logs = event("cls", &json!({"topicId": TOPIC}));
    sandbox.yaml(&events(std::slice::from_ref(&logs)));
    sandbox.type_in("deploy").ok();
    let other = |inputs: &str| {
        sandbox.file(
            "serverless.yml",
            &format!("component: scf\nname: other\napp: shop\ninputs:\n  src: ./src\n  runtime: Python3.9\n  handler: index.main_handler\n{inputs}"),
        );
    };
    other("");
    sandbox.type_in("deploy").ok();
    other(&events(&[logs]));
    sandbox.type_in("deploy").fails(5).says("OperationDenied.TopicHasDeliverFunction");
    assert_eq!(standing(&sandbox), [("cls".to_owned(), "$DEFAULT".to_owned())]);
}
