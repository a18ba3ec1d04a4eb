//! Triggers of all types, and the products that make some of them.

use super::*;

const BUCKET: &str = "b-1250000000.cos.ap-guangzhou.myqcloud.com";
const TOPIC: &str = "31d3ce01-228b-42f5-aab5-7f740cc2fb11";
const NET: &str = r#""NetConfig":{"EnableIntranet":false,"EnableExtranet":true}"#;

fn create(bench: &mut Bench, kind: &str, name: &str, form: &str) -> String {
    bench.code(
        "CreateTrigger",
        api(json!({"Type": kind, "TriggerName": name, "TriggerDesc": form,
            "Qualifier": "$DEFAULT", "Enable": "OPEN"})),
    )
}

fn listed(bench: &mut Bench) -> Vec<Value> {
    let reply = bench.ok("ListTriggers", api(json!({"Limit": 100})));
    reply["Triggers"].as_array().expect("a list").clone()
}

#[test]
fn each_type_takes_its_own_description() {
    let wrong_form = "InvalidParameterValue.TriggerDesc";
    let wrong_name = "InvalidParameterValue.TriggerName";
    let cos = r#"{"event":"cos:ObjectCreated:*","filter":{"Prefix":"","Suffix":""}}"#;
    let url = |rest: &str| format!(r#"{{"AuthType":"NONE",{NET}{rest}}}"#);
    for (kind, name, form, expected) in [
        ("cos", BUCKET, cos, "ok"),
        ("cos", BUCKET, r#"{"event":"cos:ObjectCreated:Put"}"#, "ok"),
        ("cos", "b-1250000000", cos, wrong_name),
        ("cos", "b-1250000000.cos.ap-beijing.myqcloud.com", cos, wrong_name),
        ("cos", "b.cos.ap-guangzhou.myqcloud.com", cos, wrong_name),
        ("cos", BUCKET, r#"{"event":"cos:ObjectMade"}"#, wrong_form),
        ("cos", BUCKET, r#"{"event":"cos:ObjectCreated:*","filter":{"Suffix":"jpg"}}"#, wrong_form),
        ("cos", BUCKET, r#"{"event": "cos:ObjectCreated:*"}"#, wrong_form),
        ("ckafka", "ckafka-1-t", r#"{"maxMsgNum":1}"#, "ok"),
        ("ckafka", "ckafka-1-t", r#"{"maxMsgNum":10001}"#, wrong_form),
        ("ckafka", "ckafka-1-t", r#"{"timeOut":61}"#, wrong_form),
        ("ckafka", "ckafka-1-t", r#"{"offset":"first"}"#, wrong_form),
        ("ckafka", "ckafka-1", "{}", wrong_name),
        ("ckafka", "topic", "{}", wrong_name),
        ("http", "u", &url(""), "ok"),
        ("http", "u", &url(r#","CorsConfig":{"Enable":true,"Origins":["*"],"MaxAge":1}"#), "ok"),
        ("http", "u", &url(r#","CorsConfig":{"Origins":["*"]}"#), wrong_form),
        ("http", "u", &url(r#","CorsConfig":{"Enable":true,"Origin":["*"]}"#), wrong_form),
        ("http", "u", &url(r#","CorsConfig":{"Enable":true,"Origins":"*"}"#), wrong_form),
        ("http", "u", r#"{"AuthType":"NONE"}"#, wrong_form),
        ("http", "u", &format!(r#"{{"AuthType":"none",{NET}}}"#), wrong_form),
        ("cls", "x", "{}", "UnsupportedOperation.Trigger"),
        ("mps", "x", "{}", "UnsupportedOperation.Trigger"),
        ("clb", "x", "{}", "UnsupportedOperation.Trigger"),
        ("sqs", "x", "{}", "InvalidParameterValue.Type"),
    ] {
        let mut bench = Bench::new(&[]);
        assert_eq!(create(&mut bench, kind, name, form), expected, "{kind} {name} {form}");
    }
}

#[test]
fn an_update_changes_what_the_type_lets_change() {
    let mut bench = Bench::new(&[]);
    assert_eq!(create(&mut bench, "ckafka", "ckafka-1-t", r#"{"maxMsgNum":1}"#), "ok");
    let ckafka = |form: &str| {
        api(json!({"Type": "ckafka", "TriggerName": "ckafka-1-t", "TriggerDesc": form,
            "Qualifier": "$DEFAULT"}))
    };
    for (form, expected) in [
        (r#"{"maxMsgNum":5,"timeOut":7,"retry":3}"#, "ok"),
        (r#"{"maxMsgNum":5,"offset":"latest"}"#, "ok"),
        (r#"{"offset":"earliest"}"#, "InvalidParameterValue.TriggerDesc"),
        (r#"{"consumerGroupName":"g"}"#, "InvalidParameterValue.TriggerDesc"),
        ("", "InvalidParameterValue.TriggerDesc"),
    ] {
        assert_eq!(bench.code("UpdateTrigger", ckafka(form)), expected, "{form}");
    }
    let form = listed(&mut bench)[0]["TriggerDesc"].as_str().expect("text").to_owned();
    let form: Value = serde_json::from_str(&form).expect("JSON");
    assert_eq!(form["maxMsgNum"], 5);
    assert_eq!(form["consumerGroupName"], "");
    // Rules of a bucket are known by what they say.
    let rule = |prefix: &str| {
        json!({"event": "cos:ObjectCreated:*", "filter": {"Prefix": prefix, "Suffix": ""}})
            .to_string()
    };
    for prefix in ["a/", "b/"] {
        assert_eq!(create(&mut bench, "cos", BUCKET, &rule(prefix)), "ok");
    }
    let overlapping = create(&mut bench, "cos", BUCKET, &rule("a/b/"));
    assert_eq!(overlapping, "InvalidParameterValue.CosNotifyRuleConflict");
    let named = |form: Option<String>| {
        let mut all = api(json!({"Type": "cos", "TriggerName": BUCKET, "Qualifier": "$DEFAULT"}));
        if let Some(form) = form {
            all["TriggerDesc"] = form.into();
        }
        all
    };
    assert_eq!(bench.code("DeleteTrigger", named(None)), "InvalidParameterValue.TriggerDesc");
    assert_eq!(bench.code("DeleteTrigger", named(Some(rule("c/")))), "ResourceNotFound.Trigger");
    assert_eq!(bench.code("DeleteTrigger", named(Some(rule("b/")))), "ok");
    let mut closed = named(Some(rule("a/")));
    closed["Enable"] = json!("CLOSE");
    assert_eq!(bench.code("UpdateTriggerStatus", closed.clone()), "ok");
    let again = bench.code("UpdateTriggerStatus", closed);
    assert_eq!(again, "FailedOperation.UpdateTriggerStatus");
}

#[test]
fn one_address_for_a_version_or_alias() {
    let mut bench = Bench::new(&[]);
    let form = format!(r#"{{"AuthType":"NONE",{NET}}}"#);
    assert_eq!(create(&mut bench, "http", "one", &form), "ok");
    assert_eq!(create(&mut bench, "http", "two", &form), "ResourceInUse.Trigger");
    let on_latest =
        api(json!({"Type": "http", "TriggerName": "one", "TriggerDesc": form, "Enable": "OPEN"}));
    assert_eq!(bench.code("CreateTrigger", on_latest), "ok");
    let forms: Vec<_> = listed(&mut bench);
    assert!(forms[0]["TriggerDesc"].as_str().expect("text").contains("\"ExtranetUrl\":\"https://"));
}

#[test]
fn a_topic_and_a_type_of_media_task_have_one_function() {
    let mut bench = Bench::with_versions(1, &[]);
    let deliver = |topic: &str, qualifier: &str| {
        json!({"TopicId": topic, "FunctionName": "api", "Namespace": "default",
            "Qualifier": qualifier, "Timeout": 5})
    };
    let bind = |event: &str, qualifier: &str| {
        json!({"ScfRegion": "ap-guangzhou", "EventType": event, "FunctionName": "api",
            "Namespace": "default", "Qualifier": qualifier})
    };
    let (deliver_to, bind_to) = ("CreateDeliverCloudFunction", "BindTrigger");
    for (product, action, parameters, expected) in [
        ("cls", deliver_to, deliver("none", "$DEFAULT"), "ResourceNotFound.TopicNotExist"),
        ("cls", deliver_to, deliver(TOPIC, "none"), "ResourceNotFound"),
        ("cls", deliver_to, deliver(TOPIC, "$DEFAULT"), "ok"),
        ("cls", deliver_to, deliver(TOPIC, "1"), "OperationDenied.TopicHasDeliverFunction"),
        ("mps", bind_to, bind("Nothing", "$DEFAULT"), "InvalidParameterValue"),
        ("mps", bind_to, bind("WorkflowTask", "$DEFAULT"), "ok"),
        ("mps", bind_to, bind("WorkflowTask", "1"), "FailedOperation"),
        ("mps", bind_to, bind("EditMediaTask", "1"), "ok"),
    ] {
        let code = match bench.call_product(product, action, parameters.clone()) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.code,
        };
        assert!(code.starts_with(expected), "{action} {parameters}: {code}");
    }
    let triggers = listed(&mut bench);
    let ends: Vec<_> = triggers
        .iter()
        .map(|trigger| {
            trigger["ResourceId"].as_str().expect("text").rsplit('/').next().expect("an end")
        })
        .collect();
    assert_eq!(ends.len(), 3);
    for end in [TOPIC, "WorkflowTaskEvent", "EditMediaTaskEvent"] {
        assert!(ends.contains(&end), "{ends:?}");
    }
    // Off, and on again.
    let id = |trigger: &Value| trigger["ResourceId"].clone();
    let media = triggers.iter().find(|trigger| trigger["Qualifier"] == "1").expect("there");
    let unbind = json!({"Type": "mps", "Qualifier": "1", "FunctionName": "api",
        "Namespace": "default", "ResourceId": id(media)});
    bench.call_product("mps", "UnbindTrigger", unbind).unwrap();
    let status = |bench: &mut Bench| {
        let triggers = listed(bench);
        let media = triggers.iter().find(|trigger| trigger["Qualifier"] == "1").expect("there");
        media["BindStatus"].clone()
    };
    assert_eq!(status(&mut bench), "off");
    bench.call_product("mps", "BindTrigger", bind("EditMediaTask", "1")).unwrap();
    assert_eq!(status(&mut bench), "on");
}

#[test]
fn a_load_balancer_does_one_thing_after_another() {
    let mut bench = Bench::with_versions(1, &[]);
    bench.transition = Duration::from_secs(10);
    let balancer = |extra: Value| {
        let mut all = json!({"LoadBalancerId": "lb-1"});
        for (key, value) in extra.as_object().expect("an object") {
            all[key] = value.clone();
        }
        all
    };
    let clb = |bench: &mut Bench, action: &str, parameters: Value| {
        bench.call_product("clb", action, parameters).map_err(|error| error.code)
    };
    let found = clb(&mut bench, "DescribeListeners", balancer(json!({"Port": 443}))).unwrap();
    assert_eq!(found["TotalCount"], 1);
    let listener = found["Listeners"][0]["ListenerId"].clone();
    let rules = json!([{"Domain": "example.com", "Url": "/"}]);
    let new_rule = balancer(json!({"ListenerId": listener, "Rules": rules}));
    let made = clb(&mut bench, "CreateRule", new_rule.clone()).unwrap();
    let location = made["LocationIds"][0].clone();
    let target = |qualifier: &str, kind: &str, weight: i64| {
        balancer(json!({"ListenerId": listener, "LocationId": location, "FunctionTargets": [{
            "Function": {"FunctionNamespace": "default", "FunctionName": "api",
                "FunctionQualifier": qualifier, "FunctionQualifierType": kind},
            "Weight": weight}]}))
    };
    let task = |bench: &mut Bench| {
        let task = json!({"TaskId": made["RequestId"]});
        clb(bench, "DescribeTaskStatus", task).unwrap()["Status"].clone()
    };
    assert_eq!(task(&mut bench), 2);
    let register = "RegisterFunctionTargets";
    let busy = clb(&mut bench, register, target("1", "VERSION", 5)).unwrap_err();
    assert_eq!(busy, "FailedOperation.ResourceInOperating");
    bench.wait(10);
    assert_eq!(task(&mut bench), 0);
    bench.transition = Duration::ZERO;
    let (modify, deregister) = ("ModifyFunctionTargets", "DeregisterFunctionTargets");
    for (action, parameters, expected) in [
        ("CreateRule", new_rule, "InvalidParameterValue.Duplicate"),
        (register, target("1", "ALIAS", 5), "ResourceNotFound"),
        (register, target("2", "VERSION", 5), "ResourceNotFound"),
        (register, target("1", "VERSION", 101), "InvalidParameterValue.Range"),
        (modify, target("1", "VERSION", 5), "InvalidParameter"),
        (register, target("1", "VERSION", 5), "ok"),
        (register, target("1", "VERSION", 5), "InvalidParameterValue.Duplicate"),
        (modify, target("1", "VERSION", 7), "ok"),
        (register, target("$DEFAULT", "ALIAS", 9), "ok"),
        ("DescribeListeners", json!({"LoadBalancerId": "1"}), "InvalidParameter.LBIdNotFound"),
    ] {
        let code = clb(&mut bench, action, parameters.clone()).err();
        assert_eq!(code.as_deref().unwrap_or("ok"), expected, "{action} {parameters}");
    }
    let targets = clb(&mut bench, "DescribeTargets", balancer(json!({"ListenerIds": [listener]})));
    let targets = targets.unwrap()["Listeners"][0]["Rules"][0]["FunctionTargets"].clone();
    let weights: Vec<_> =
        targets.as_array().expect("a list").iter().map(|t| &t["Weight"]).collect();
    assert_eq!(weights, [7, 9]);
    // The API of functions lists them too, by the rule.
    let triggers = listed(&mut bench);
    assert_eq!(triggers.len(), 2);
    let id = triggers[0]["ResourceId"].as_str().expect("text");
    let rule =
        format!(":lb-1/{}/{}", listener.as_str().expect("text"), location.as_str().expect("text"));
    assert!(id.ends_with(&rule), "{id}");
    assert!(clb(&mut bench, deregister, target("1", "VERSION", 0)).is_ok());
    assert_eq!(
        clb(&mut bench, deregister, target("1", "VERSION", 0)),
        Err("InvalidParameter".into())
    );
    assert_eq!(listed(&mut bench).len(), 1);
}
