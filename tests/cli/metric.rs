//! metric: what is asked of the monitor, and how its answer is shown.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use scfctl::local::Fault;
use serde_json::{Value, json};

use crate::sandbox::{FUNCTION, REGION, Sandbox};
use crate::sls;

/// 2023-11-15 06:14:00 in China, and of a minute. The server's clock is this machine's: what is
/// asked for does not depend on it.
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A project with versions 1 and 2, a tenth on 2, and 600 calls a minute for an hour.
fn loaded(switches: &[&str]) -> Sandbox {
    let sandbox = Sandbox::with(|options| {
        for switch in switches {
            options.behaviour.set(switch).unwrap();
        }
        options.clock = Arc::new(now);
    });
    sandbox.project();
    sandbox.type_in("deploy").ok();
    sandbox.console("PublishVersion", json!({}));
    sandbox.console("PublishVersion", json!({}));
    let split = json!({"AdditionalVersionWeights": [{"Version": "2", "Weight": 0.1}]});
    let alias = json!({"Name": "$DEFAULT", "FunctionVersion": "1", "RoutingConfig": split});
    sandbox.console("UpdateAlias", alias);
    let load = json!({"rate_per_min": 600, "versions": {"2": [{"error_rate": 0.5}]}});
    set(&sandbox, &load);
    sandbox
}

fn set(sandbox: &Sandbox, load: &Value) {
    let params = json!({"FunctionName": FUNCTION, "Load": load.to_string()});
    sandbox.server().instruct("SetLoad", params, REGION).unwrap();
}

fn values(series: &Value) -> Vec<f64> {
    let points = series["points"].as_array().unwrap();
    points.iter().map(|point| point["value"].as_f64().unwrap()).collect()
}

#[test]
fn versions_come_in_one_request_for_each_metric() {
    let sandbox = loaded(&[]);
    let line = "metric --metric Invocation,Error --version 1,2 --interval 30m --output json";
    let ran = sandbox.type_in(line).ok();
    assert_eq!(ran.actions(), ["GetMonitorData", "GetMonitorData"]);
    // Both are asked at once.
    let is_first = |call: &&scfctl::local::Call| call.params["MetricName"] == "Invocation";
    let call = ran.calls.iter().find(is_first).unwrap();
    assert_eq!((call.product.as_str(), call.region.as_str()), ("monitor", REGION));
    let params = &call.params;
    assert_eq!(params["Namespace"], "QCE/SCF_V2");
    assert_eq!((&params["MetricName"], &params["Period"]), (&json!("Invocation"), &json!(60)));
    let instance = |version: &str| {
        json!({"Dimensions": [{"Name": "namespace", "Value": "default"},
            {"Name": "functionName", "Value": FUNCTION}, {"Name": "version", "Value": version}]})
    };
    assert_eq!(params["Instances"], json!([instance("1"), instance("2")]));
    for key in ["StartTime", "EndTime"] {
        assert!(params[key].as_str().unwrap().ends_with("+08:00"), "{params}");
    }
    let found = ran.json();
    assert_eq!((&found["functionName"], &found["period"]), (&json!(FUNCTION), &json!(60)));
    let series = found["series"].as_array().unwrap();
    let named: Vec<_> = series
        .iter()
        .map(|series| (series["metric"].as_str().unwrap(), series["version"].as_str().unwrap()))
        .collect();
    assert_eq!(named, [("Invocation", "1"), ("Invocation", "2"), ("Error", "1"), ("Error", "2")]);
    let baseline = values(&series[0]);
    assert!((27..=29).contains(&baseline.len()), "{}", baseline.len());
    assert!(baseline.iter().all(|calls| (430.0..650.0).contains(calls)), "{baseline:?}");
    let canary: f64 = values(&series[1]).iter().sum();
    let failed: f64 = values(&series[3]).iter().sum();
    assert!(values(&series[2]).is_empty());
    assert!((0.4..0.6).contains(&(failed / canary)), "{failed} of {canary}");
    let point = &series[0]["points"][0];
    assert!(point["timestamp"].is_i64() && point["value"].is_i64(), "{point}");
}

#[test]
fn the_real_inputs_are_taken_and_shown_as_the_real_cli_does() {
    let sandbox = loaded(&[]);
    let named = format!("function={FUNCTION}");
    let arguments = [
        "metric",
        "--inputs",
        &named,
        "metric=Invocation",
        "period=300",
        "interval=1800",
        "alias=$DEFAULT",
    ];
    let from = sandbox.calls().len();
    let ran = sls::called(&sandbox, "sls", &arguments).ok();
    let call = sandbox.calls().split_off(from);
    let [call] = call.as_slice() else { panic!("{call:?}") };
    assert_eq!(call.params["Period"], 300);
    assert_eq!(
        call.params["Instances"][0]["Dimensions"][2],
        json!({"Name": "alias", "Value": "$DEFAULT"})
    );
    let head = "\nserverless ⚡tencent \nAction: \"metric\" - Stage: \"dev\" - App: \"shop\" - Name: \"demo\" \n\n- \n  time:      20";
    assert!(ran.stdout.starts_with(head), "{}", ran.stdout);
    assert!(ran.stdout.contains("\n  value:     "), "{}", ran.stdout);
    assert!(ran.stdout.contains("\n  timestamp: 1"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("s ›demo› 执行成功\n\n"), "{}", ran.stdout);
}

#[test]
fn a_pipe_gets_a_table() {
    let sandbox = loaded(&[]);
    let ran = sandbox.type_in("metric --version 1,2").ok();
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let head: Vec<&str> = lines[0].split_whitespace().collect();
    assert_eq!(
        head,
        [
            "time",
            "Invocation:1",
            "Invocation:2",
            "Error:1",
            "Error:2",
            "Duration:1",
            "Duration:2",
            "Throttle:1",
            "Throttle:2"
        ]
    );
    assert!(lines.len() > 10, "{}", ran.stdout);
    for line in &lines[1..] {
        let cells: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(cells.len(), 9, "{line}");
        assert!(cells[0].ends_with(":00+08:00"), "{line}");
        assert_eq!((cells[3], cells[7]), ("-", "-"), "{line}");
    }
}

#[test]
fn latest_is_asked_for_under_both_names() {
    for (switch, calls) in [("capitals", 1), ("either", 1), ("small", 2)] {
        let sandbox = loaded(&[&format!("monitor-latest={switch}")]);
        let alias = json!({"Name": "$DEFAULT", "FunctionVersion": "$LATEST"});
        sandbox.console("UpdateAlias", alias);
        let params = json!({"FunctionName": FUNCTION});
        sandbox.server().instruct("ClearLoad", params, REGION).unwrap();
        set(&sandbox, &json!({"rate_per_min": 60}));
        let ran = sandbox
            .run(&["metric", "--metric", "Invocation", "--version", "$LATEST", "--output", "json"])
            .ok();
        assert_eq!(ran.calls.len(), calls, "{switch}");
        assert!(values(&ran.json()["series"][0]).len() > 10, "{switch}");
    }
}

#[test]
fn no_data_is_no_error_but_no_function_is() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy").ok();
    sandbox.type_in("metric").ok().says("note: the monitor has no data of that time");
    sandbox.type_in("metric --lang zh").ok().says("该时间段没有监控数据");
    sandbox.type_in("metric --function other").fails(3).says("no function `other`");
    sandbox.type_in("metric --version 7").fails(3);
    sandbox.type_in("metric --alias prod").fails(3).says("no alias `prod`");
    // Whether it is there need not be known.
    sandbox.faulty(|call| match call.action.as_str() {
        "ListAliases" => Fault::error("UnauthorizedOperation", "no"),
        _ => Fault::None,
    });
    sandbox.type_in("metric --function other").ok();
}

#[test]
fn a_monitor_that_fails_is_an_error() {
    let sandbox = loaded(&[]);
    sandbox.faulty(|_| Fault::error("UnauthorizedOperation.CamNoAuth", "no"));
    sandbox
        .type_in("metric")
        .fails(4)
        .says("error: cannot read metrics of function `demo-dev-shop`")
        .says("allow monitor:GetMonitorData on the function");
    sandbox.faulty(|_| Fault::error("ResourceNotFound", "no"));
    sandbox.type_in("metric").fails(3);
    sandbox.faulty(|_| Fault::error("LimitExceeded", "no"));
    sandbox.type_in("metric").fails(1);
    // It is a read: tried again.
    sandbox.once("GetMonitorData", Fault::DropAfter);
    sandbox.type_in("metric").ok();
}

#[test]
fn what_cannot_be_meant_is_refused_before_any_call() {
    let sandbox = Sandbox::with_project();
    for (arguments, told) in [
        (&["--metric", "invocations"][..], "did you mean `Invocation`?"),
        (&["--inputs", "metric=Erorr"], "did you mean `Error`?"),
        (&["--period", "61"], "60, 300, 3600 or 86400"),
        (&["--interval", "59"], "60 to 15552000 seconds"),
        (&["--version", "1", "--alias", "prod"], "leave one of them out"),
        (&["--version", "one"], "for example 2, or 1,2"),
        (&["--start-time", "noon"], "2024-05-01 12:00:00"),
        (&["--end-time", "2020-01-01", "--start-time", "2020-01-02"], "leaves no time"),
        (&["--inputs", "endtime=2020-01-01"], "endTime"),
        (&["--metric", "Error", "--inputs", "metric=Mem"], "`metric` is given twice"),
    ] {
        let ran = sandbox.run(&[&["metric"], arguments].concat()).fails(2).says(told);
        assert_eq!(ran.actions(), [] as [&str; 0], "{arguments:?}");
    }
    let ran = sandbox.run(&["metric", "--metric", "Errors", "--lang", "zh"]).fails(2);
    assert!(ran.stderr.contains("不是监控指标"), "{}", ran.stderr);
    let ran = sandbox.run(&["metrics"]).fails(2);
    assert!(ran.stderr.contains("`scfctl metric`"), "{}", ran.stderr);
}

#[test]
fn an_interval_beside_a_beginning_is_told() {
    let sandbox = loaded(&[]);
    let ran = sandbox.run(&[
        "metric",
        "--metric",
        "Error",
        "--inputs",
        "interval=60",
        "startTime=2023-11-15 06:00:00",
        "endTime=2023-11-15 07:00:00",
    ]);
    let ran = ran.ok().says("`interval` has no effect beside `startTime`");
    let params = &ran.calls[0].params;
    assert_eq!(params["StartTime"], "2023-11-15T06:00:00+08:00");
    assert_eq!(params["EndTime"], "2023-11-15T07:00:00+08:00");
    // Nobody knows of that time.
    assert_eq!(ran.stdout, "time  Error\n");
}

/// A machine whose clock is wrong reads what the service calls the last minutes.
#[test]
fn now_is_the_time_of_the_service() {
    for hours in [9, -9] {
        let there = move || Utc::now() + chrono::TimeDelta::hours(hours);
        let sandbox = Sandbox::with(|options| options.clock = Arc::new(there));
        sandbox.project();
        sandbox.type_in("deploy").ok();
        set(&sandbox, &json!({"rate_per_min": 600}));
        let line = "metric --metric Invocation --version $LATEST --interval 30m --output json";
        let ran = sandbox.type_in(line).ok();
        let points = ran.json()["series"][0]["points"].as_array().unwrap().len();
        assert!(points >= 20, "{hours}: {}", ran.stdout);
    }
}
