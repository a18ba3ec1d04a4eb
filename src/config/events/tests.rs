use serde_json::{Value, json};

use super::*;
use crate::config::position::Position;
use crate::model::trigger::{BalancerRule, Ckafka, CosRule, FunctionUrl};

const CRON: &str = "0 */5 * * * * *";
const BUCKET: &str = "b-1250000000.cos.ap-guangzhou.myqcloud.com";
const TOPIC: &str = "31d3ce01-228b-42f5-aab5-7f740cc2fb11";

fn read_with(inputs: &Value, skip_unsupported: bool) -> Result<Option<Events>, InputErrors> {
    let place = |key: &str| Position::File { file: format!("at {key}"), line: None };
    let scope = EventScope {
        default_suffix: "demo-dev",
        region: "ap-guangzhou",
        skip_unsupported,
        named: &[],
    };
    Reader::new(inputs.as_object().unwrap(), &place).events(&scope)
}

fn read(inputs: &Value) -> Result<Option<Events>, InputErrors> {
    read_with(inputs, false)
}

/// `events` with one trigger of these parameters.
fn one(of_type: &str, parameters: &Value) -> Result<Events, InputErrors> {
    read(&json!({"events": [{of_type: {"parameters": parameters}}]})).map(Option::unwrap)
}

/// The only error.
fn only(result: Result<impl std::fmt::Debug, InputErrors>) -> InputError {
    let mut errors = result.unwrap_err().errors;
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

/// The least that each type needs, and these parameters.
fn least(of_type: &str, parameters: &Value) -> Value {
    let mut all = match of_type {
        "timer" => json!({"cronExpression": CRON}),
        "cos" => json!({"bucket": BUCKET, "events": "cos:ObjectCreated:*"}),
        "ckafka" => json!({"name": "ckafka-2o10hua5", "topic": "test"}),
        "http" => json!({"netConfig": {"enableExtranet": true}}),
        "cls" => json!({"topicId": TOPIC}),
        "mps" => json!({"type": "EditMediaTask"}),
        "clb" => json!({"loadBalanceId": "lb-1", "protocol": "HTTP", "port": 80,
            "domain": "example.com", "url": "/"}),
        other => panic!("{other}"),
    };
    for (key, value) in parameters.as_object().unwrap() {
        all[key] = value.clone();
    }
    all
}

fn trigger(of_type: &str, parameters: &Value) -> Trigger {
    one(of_type, &least(of_type, parameters)).unwrap().triggers.remove(0)
}

#[test]
fn the_documents_example() {
    let events = json!({"events": [{"timer": {"name": null, "parameters": {
        "qualifier": "alias-prod",
        "cronExpression": "*/5 * * * *",
        "enable": true,
        "argument": "argument",
    }}}]});
    let events = read(&events).unwrap().unwrap();
    assert_eq!(
        events.triggers,
        [Trigger {
            name: "timer-demo-dev".into(),
            qualifier: "alias-prod".into(),
            form: Form::Timer { cron: "*/5 * * * *".into(), argument: "argument".into() },
            enabled: Some(true),
            description: None,
        }]
    );
    let [warning] = &events.warnings[..] else { panic!("{events:?}") };
    for text in ["begin with the minute", "`*/5 * * * * * *`", "`0 */5 * * * * *`", "at events.0"] {
        assert!(warning.to_string().contains(text), "{warning}");
    }
}

#[test]
fn every_type_with_its_defaults_and_with_everything() {
    let kafka = |max_messages, offset, retry, time_out, group: Option<&str>| {
        let group = group.map(str::to_owned);
        Form::Ckafka(Ckafka { max_messages, offset, retry, time_out, group })
    };
    let url = |auth: &str, intranet, cors: Option<Value>| {
        let cors = cors.and_then(|cors| cors.as_object().cloned());
        Form::Http(FunctionUrl { auth: auth.into(), intranet, extranet: true, cors })
    };
    let cos = |event: &str, prefix: &str, suffix: &str| {
        let (event, prefix, suffix) = (event.into(), prefix.into(), suffix.into());
        Form::Cos(CosRule { event, prefix, suffix })
    };
    let rule = BalancerRule {
        balancer: "lb-1".into(),
        protocol: "HTTP".into(),
        port: 80,
        domain: "example.com".into(),
        url: "/".into(),
    };
    let balancer = |weight| Form::Clb { rule: rule.clone(), weight };
    let logs = |max_wait, max_size| Form::Cls { topic: TOPIC.into(), max_wait, max_size };
    let media = || Form::Mps { event: "EditMediaTask".into() };
    let table = [
        ("cos", json!({}), BUCKET, cos("cos:ObjectCreated:*", "", "")),
        (
            "cos",
            json!({"events": "cos:ObjectRemove:Delete", "filter": {"prefix": "a/", "suffix": ".jpg"}}),
            BUCKET,
            cos("cos:ObjectRemove:Delete", "a/", ".jpg"),
        ),
        (
            "ckafka",
            json!({}),
            "ckafka-2o10hua5-test",
            kafka(100, json!("latest"), 10_000, 60, None),
        ),
        (
            "ckafka",
            json!({"name": "ckafka-2o10hua5-test", "maxMsgNum": 999, "offset": 1_700_000_000_000_u64,
                "retry": 3, "timeout": 5, "consumerGroupName": "g"}),
            "ckafka-2o10hua5-test",
            kafka(999, json!(1_700_000_000_000_u64), 3, 5, Some("g")),
        ),
        (
            "ckafka",
            json!({"name": "x", "instanceId": "ckafka-1", "offset": "earliest", "timeOut": 7}),
            "ckafka-1-test",
            kafka(100, json!("earliest"), 10_000, 7, None),
        ),
        ("http", json!({}), "url-trigger", url("NONE", false, None)),
        (
            "http",
            json!({"name": "entry", "authType": "CAM",
                "netConfig": {"enableIntranet": true, "enableExtranet": "true"},
                "corsConfig": {"enable": true, "origins": "https://a, https://b",
                    "methods": ["GET", "POST"], "headers": ["x"], "exposeHeaders": "y",
                    "maxAge": 60, "credentials": false}}),
            "entry",
            url(
                "CAM",
                true,
                Some(json!({"Enable": true, "Origins": ["https://a", "https://b"],
                    "Headers": ["x"], "Methods": ["GET", "POST"], "ExposeHeaders": ["y"],
                    "MaxAge": 60, "Credentials": false})),
            ),
        ),
        (
            "http",
            json!({"corsConfig": {"origins": ["*"]}}),
            "url-trigger",
            url("NONE", false, Some(json!({"Enable": true, "Origins": ["*"]}))),
        ),
        ("cls", json!({}), TOPIC, logs(60, None)),
        ("cls", json!({"maxWait": 3, "maxSize": 50}), TOPIC, logs(3, Some(50))),
        ("mps", json!({}), "EditMediaTask", media()),
        ("clb", json!({}), "lb-1 HTTP:80 example.com/", balancer(10)),
        ("clb", json!({"weight": 0}), "lb-1 HTTP:80 example.com/", balancer(0)),
    ];
    for (of_type, parameters, name, form) in table {
        let read = trigger(of_type, &parameters);
        assert_eq!((read.name.as_str(), &read.form), (name, &form), "{of_type} {parameters}");
        let (qualifier, state) = (read.qualifier.as_str(), (read.enabled, read.description));
        assert_eq!((qualifier, state), ("$DEFAULT", (None, None)), "{of_type} {parameters}");
        let warnings = one(of_type, &least(of_type, &parameters)).unwrap().warnings;
        assert_eq!(warnings, [], "{of_type} {parameters}");
    }
    for of_type in ["timer", "cos", "ckafka", "http"] {
        let read = trigger(of_type, &json!({"enable": false, "description": "x", "qualifier": 3}));
        assert_eq!(read.enabled, Some(false));
        assert_eq!(read.description.as_deref(), Some("x"));
        assert_eq!(read.qualifier, "3");
    }
}

#[test]
fn the_name_is_that_of_the_parameters_then_of_the_event_then_the_default() {
    for (of_type, default) in [("timer", "timer-demo-dev"), ("http", "url-trigger")] {
        let name = |outer: Value, inner: Value| {
            let parameters = least(of_type, &json!({"name": inner}));
            let event = json!({"name": outer, "parameters": parameters});
            let inputs = json!({"events": [{of_type: event}]});
            read(&inputs).unwrap().unwrap().triggers.remove(0).name
        };
        assert_eq!(name(json!("outer"), json!("inner")), "inner");
        assert_eq!(name(json!("outer"), json!("")), "outer");
        assert_eq!(name(json!(null), json!(null)), default);
    }
}

#[test]
fn no_word_on_triggers_is_not_an_empty_list() {
    assert_eq!(read(&json!({})).unwrap(), None);
    assert_eq!(read(&json!({"events": null})).unwrap(), None);
    assert_eq!(read(&json!({"events": []})).unwrap(), Some(Events::default()));
    assert_eq!(read(&json!({"events": ["nonsense"], "ignoreTriggers": true})).unwrap(), None);
    assert!(read(&json!({"events": [], "ignoreTriggers": false})).unwrap().is_some());
}

#[test]
fn parameters_of_a_timer() {
    let timer = |parameters: Value| trigger("timer", &parameters);
    assert_eq!(timer(json!({})).qualifier, "$DEFAULT");
    assert_eq!(timer(json!({"qualifier": null})).qualifier, "$DEFAULT");
    assert_eq!(timer(json!({"qualifier": "$LATEST"})).qualifier, "$LATEST");
    assert_eq!(timer(json!({"enable": "false"})).enabled, Some(false));
    for (argument, text) in [
        (json!(null), ""),
        (json!("as is "), "as is "),
        (json!({"b": 1, "a": [true]}), r#"{"b":1,"a":[true]}"#),
        (json!([1, "x"]), r#"[1,"x"]"#),
        (json!(5), "5"),
    ] {
        let expected = Form::Timer { cron: CRON.into(), argument: text.into() };
        assert_eq!(timer(json!({"argument": argument})).form, expected);
    }
}

#[test]
fn retired_types_are_refused_or_skipped() {
    for (of_type, says) in [("apigw", "function URL"), ("cmq", "`ckafka`")] {
        let timer = json!({"timer": {"parameters": {"cronExpression": CRON}}});
        let retired = json!({of_type: {"parameters": {"qualifier": "prod"}}});
        let inputs = json!({"events": [timer, retired]});
        let error = only(read(&inputs));
        assert_eq!(error.key, format!("events.1.{of_type}"));
        assert!(error.what.to_string().contains("retired"), "{error}");
        let instead = error.instead.unwrap().to_string();
        assert!(instead.contains(says), "{instead}");
        assert!(instead.contains("--skip-unsupported-triggers"), "{instead}");
        let events = read_with(&inputs, true).unwrap().unwrap();
        assert_eq!(events.triggers.len(), 1);
        assert_eq!(events.skipped[0].path, format!("events.1.{of_type}"));
        let wanted = events.wanted(false);
        assert!(wanted.skipped.contains(of_type));
        assert!(wanted.named.contains("prod"));
    }
}

#[test]
fn what_is_probably_a_mistake_is_named() {
    let table = [
        ("timer", json!({"cronexpression": 1}), "did you mean `cronExpression`?"),
        ("cos", json!({"filter": {"prefx": "a/"}}), "filter.prefx"),
        ("http", json!({"corsConfig": {"origin": "*"}}), "did you mean `origins`?"),
        ("http", json!({"netConfig": null}), "opens neither network"),
        ("http", json!({"netConfig": {}}), "opens neither network"),
        ("mps", json!({"type": "NewTask"}), "documented are WorkflowTask and EditMediaTask"),
        ("cls", json!({"description": "x"}), "not an input of a cls trigger"),
    ];
    for (of_type, parameters, says) in table {
        let warnings = one(of_type, &least(of_type, &parameters)).unwrap().warnings;
        let [warning] = &warnings[..] else { panic!("{parameters}: {warnings:?}") };
        let warning = warning.to_string();
        assert!(warning.contains(says), "{warning}");
        assert!(warning.contains(&format!("(at events.0.{of_type}.parameters.")), "{warning}");
    }
}

#[test]
fn what_cannot_be_deployed_is_refused_with_its_place() {
    let long = "x".repeat(4097);
    for (of_type, parameters, key) in [
        ("timer", json!({"cronExpression": null}), "cronExpression"),
        ("timer", json!({"cronExpression": " "}), "cronExpression"),
        ("timer", json!({"cronExpression": 5}), "cronExpression"),
        ("timer", json!({"cronExpression": "* * * * * *"}), "cronExpression"),
        ("timer", json!({"cronExpression": "* * * * * * * *"}), "cronExpression"),
        ("timer", json!({"cronExpression": "70 * * * * * *"}), "cronExpression"),
        ("timer", json!({"enable": 1}), "enable"),
        ("timer", json!({"enable": "yes"}), "enable"),
        ("timer", json!({"argument": long}), "argument"),
        ("timer", json!({"argument": [long]}), "argument"),
        ("timer", json!({"qualifier": "$latest"}), "qualifier"),
        ("timer", json!({"qualifier": "0"}), "qualifier"),
        ("timer", json!({"qualifier": "a b"}), "qualifier"),
        ("timer", json!({"qualifier": true}), "qualifier"),
        ("timer", json!({"name": 5}), "name"),
        ("timer", json!({"description": [5]}), "description"),
        ("timer", json!({"description": "x".repeat(1001)}), "description"),
        ("cos", json!({"bucket": null}), "bucket"),
        ("cos", json!({"bucket": "b-1250000000"}), "bucket"),
        ("cos", json!({"bucket": "b.cos.ap-guangzhou.myqcloud.com"}), "bucket"),
        ("cos", json!({"bucket": "b-1.cos.ap-beijing.myqcloud.com"}), "bucket"),
        ("cos", json!({"events": null}), "events"),
        ("cos", json!({"events": "cos:ObjectCreated:put"}), "events"),
        ("cos", json!({"filter": {"suffix": "jpg"}}), "filter.suffix"),
        ("cos", json!({"filter": []}), "filter"),
        ("ckafka", json!({"name": null}), "name"),
        ("ckafka", json!({"topic": null}), "topic"),
        ("ckafka", json!({"maxMsgNum": 10_001}), "maxMsgNum"),
        ("ckafka", json!({"maxMsgNum": 0}), "maxMsgNum"),
        ("ckafka", json!({"offset": "newest"}), "offset"),
        ("ckafka", json!({"offset": -1}), "offset"),
        ("ckafka", json!({"timeout": 61}), "timeout"),
        ("ckafka", json!({"retry": "many"}), "retry"),
        ("http", json!({"authType": "none"}), "authType"),
        ("http", json!({"netConfig": {"enableExtranet": 1}}), "netConfig.enableExtranet"),
        ("http", json!({"corsConfig": {"origins": 1}}), "corsConfig.origins"),
        ("http", json!({"corsConfig": {"methods": [[1]]}}), "corsConfig.methods.0"),
        ("http", json!({"corsConfig": {"maxAge": -1}}), "corsConfig.maxAge"),
        ("cls", json!({"topicId": ""}), "topicId"),
        ("cls", json!({"maxWait": 2}), "maxWait"),
        ("cls", json!({"maxSize": 0}), "maxSize"),
        ("cls", json!({"enable": false}), "enable"),
        ("mps", json!({"type": null}), "type"),
        ("clb", json!({"loadBalanceId": null}), "loadBalanceId"),
        ("clb", json!({"loadBalanceId": "1"}), "loadBalanceId"),
        ("clb", json!({"protocol": "TCP"}), "protocol"),
        ("clb", json!({"port": 70_000}), "port"),
        ("clb", json!({"port": null}), "port"),
        ("clb", json!({"domain": null}), "domain"),
        ("clb", json!({"url": "a"}), "url"),
        ("clb", json!({"weight": 101}), "weight"),
        ("clb", json!({"enable": false}), "enable"),
    ] {
        let error = only(one(of_type, &least(of_type, &parameters)));
        assert_eq!(error.key, format!("events.0.{of_type}.parameters.{key}"), "{parameters}");
        assert_eq!(error.place.to_string(), format!("at {}", error.key));
    }
}

#[test]
fn a_list_that_is_not_one_of_events_is_refused() {
    for (events, key) in [
        (json!({}), "events"),
        (json!(["timer"]), "events.0"),
        (json!([{}]), "events.0"),
        (json!([{"timer": null, "parameters": {}}]), "events.0"),
        (json!([{"tiemr": {}}]), "events.0.tiemr"),
        (json!([{"timer": []}]), "events.0.timer"),
        (json!([{"timer": {"parameters": 1}}]), "events.0.timer.parameters"),
        (
            json!([{"timer": {"name": "1st", "parameters": {"cronExpression": CRON}}}]),
            "events.0.timer.parameters.name",
        ),
    ] {
        let error = only(read(&json!({"events": events})));
        assert_eq!(error.key, key, "{events}");
    }
    let error = only(read(&json!({"events": [{"tiemr": {}}]})));
    let instead = error.instead.unwrap().to_string();
    assert_eq!(instead, "one of timer, cos, ckafka, http, cls, mps, clb; did you mean `timer`?");
}

#[test]
fn two_that_cannot_be_together_are_refused() {
    let pair = |of_type: &str, one: Value, other: Value| {
        let event =
            |parameters: &Value| json!({of_type: {"parameters": least(of_type, parameters)}});
        read(&json!({"events": [event(&one), event(&other)]}))
    };
    let on = |qualifier: &str| json!({"qualifier": qualifier});
    let prefix = |prefix: &str| json!({"filter": {"prefix": prefix}});
    for (of_type, one, other, right) in [
        ("timer", on("a"), on("a"), false),
        ("timer", on("a"), on("b"), true),
        ("timer", json!({"name": "x"}), json!({"name": "y"}), true),
        ("cos", prefix("a/"), prefix("a/b/"), false),
        ("cos", prefix("a/"), prefix("b/"), true),
        ("cos", json!({}), json!({"events": "cos:ObjectRemove:*"}), true),
        ("cos", on("a"), on("b"), false),
        ("ckafka", on("a"), on("a"), false),
        ("ckafka", on("a"), on("b"), true),
        ("http", json!({"name": "x"}), json!({"name": "y"}), false),
        ("http", on("a"), on("b"), true),
        ("cls", on("a"), on("b"), false),
        ("mps", on("a"), on("b"), false),
        ("mps", json!({}), json!({"type": "WorkflowTask"}), true),
        ("clb", on("a"), on("a"), false),
        ("clb", on("a"), on("b"), true),
    ] {
        let result = pair(of_type, one.clone(), other.clone());
        if right {
            assert!(result.is_ok(), "{of_type} {one} {other}: {result:?}");
            continue;
        }
        let error = only(result);
        assert_eq!(error.key, format!("events.1.{of_type}"));
        assert!(error.what.to_string().contains(&format!("`events.0.{of_type}`")), "{error}");
    }
    // Ten of a type are what every account may have; more are said, and the service's to refuse.
    let timers = |count: usize| {
        let timer = |number| json!({"timer": {"name": format!("t{number}"), "parameters": {"cronExpression": CRON}}});
        read(&json!({"events": (0..count).map(timer).collect::<Vec<_>>()}))
    };
    assert!(timers(10).unwrap().unwrap().warnings.is_empty());
    let warnings = timers(11).unwrap().unwrap().warnings;
    assert!(
        warnings[0]
            .to_string()
            .starts_with("`events` (at events) has 11 triggers of the type timer"),
        "{warnings:?}"
    );
}

#[test]
fn all_wrong_events_are_told_at_once_with_what_was_misspelt() {
    let wrong = json!({"events": [
        {"timer": {"parameters": {"cronexpression": CRON}}},
        "nonsense",
        {"cls": {"parameters": {"topicId": TOPIC}}},
        {"cls": {"parameters": {"topicId": TOPIC}}},
        {"apigw": {}},
    ]});
    let errors = read(&wrong).unwrap_err();
    let keys: Vec<_> = errors.errors.iter().map(|error| error.key.as_str()).collect();
    let expected =
        ["events.1", "events.0.timer.parameters.cronExpression", "events.3.cls", "events.4.apigw"];
    assert_eq!(keys, expected);
    let [unknown] = &errors.unknown[..] else { panic!("{errors:?}") };
    assert!(unknown.to_string().contains("did you mean `cronExpression`?"), "{unknown}");
}

#[test]
fn events_come_from_other_places_too() {
    let item = json!({"name": "tick", "oops": 1, "parameters": {"cronExpression": CRON}});
    let place = |key: &str| Position::File { file: format!("at {key}"), line: None };
    let inputs = serde_json::Map::new();
    let reader = Reader::new(&inputs, &place);
    let scope = EventScope {
        default_suffix: "demo-dev",
        region: "ap-guangzhou",
        skip_unsupported: false,
        named: &[],
    };
    let event =
        EventEntry { of_type: "timer", content: &item, path: "triggers.3".into(), functions: &[] };
    let events = reader.read_events(&[event], &scope).unwrap();
    assert_eq!(events.triggers[0].name, "tick");
    let [warning] = &events.warnings[..] else { panic!("{events:?}") };
    assert_eq!(
        warning.to_string(),
        "`triggers.3.oops` (at triggers.3.oops) is not an input of a timer"
    );
}

/// Else a key that is read would be called unknown beside an error.
#[test]
fn what_is_asked_for_does_not_depend_on_what_is_wrong() {
    let maps = ["filter", "netConfig", "corsConfig"];
    let asked = |of_type: &str, parameters: &Value, below: &str| {
        let inputs = json!({"events": [{of_type: {"parameters": parameters}}]});
        let place = |_: &str| Position::CommandLine;
        let reader = Reader::new(inputs.as_object().unwrap(), &place);
        let scope = EventScope {
            default_suffix: "demo-dev",
            region: "ap-guangzhou",
            skip_unsupported: false,
            named: &[],
        };
        let read = reader.events(&scope);
        let path = format!("events.0.{of_type}.parameters{below}");
        (reader.asked(&path).map(BTreeSet::from_iter), read.is_err())
    };
    let wrong = json!([[]]);
    for of_type in TriggerKind::ALL.map(TriggerKind::name) {
        let mut right = least(of_type, &json!({}));
        for map in maps {
            right[map] = json!({});
        }
        let (Some(keys), false) = asked(of_type, &right, "") else { panic!("{right}") };
        let keys: BTreeSet<&str> = keys;
        assert_eq!(asked(of_type, &json!({}), "").0.as_ref(), Some(&keys), "{of_type}");
        for key in &keys {
            let mut parameters = right.clone();
            parameters[*key] = wrong.clone();
            // An argument may be anything.
            let is_wrong = *key != "argument";
            assert_eq!(asked(of_type, &parameters, ""), (Some(keys.clone()), is_wrong), "{key}");
        }
        for map in maps.into_iter().filter(|map| keys.contains(map)) {
            let (below, wrong) = (format!(".{map}"), &wrong);
            let (members, _) = asked(of_type, &right, &below);
            let members: BTreeSet<&str> = members.unwrap();
            assert!(members.len() > 1, "{map}");
            for key in members.iter().chain(&keys).filter(|key| **key != map) {
                let mut parameters = right.clone();
                let at = if members.contains(key) { &mut parameters[map] } else { &mut parameters };
                at[*key] = wrong.clone();
                let (found, is_wrong) = asked(of_type, &parameters, &below);
                assert_eq!((found.as_ref(), is_wrong), (Some(&members), true), "{map} {key}");
            }
        }
    }
}
