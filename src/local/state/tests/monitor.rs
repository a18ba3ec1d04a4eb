//! The load of a function, and what the monitor tells of it.

use super::*;

/// When the bench begins, in minutes: 1 700 000 000 is 20 s into it.
const NOW: i64 = 1_700_000_000;
const MINUTE: i64 = 1_699_999_980;

fn in_china(seconds: i64) -> String {
    let china = chrono::FixedOffset::east_opt(8 * 3600).unwrap();
    let time = DateTime::from_timestamp(seconds, 0).unwrap().with_timezone(&china);
    time.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn by(name: &str, value: &str) -> Value {
    json!({"Dimensions": [{"Name": "namespace", "Value": "default"},
        {"Name": "functionName", "Value": "api"}, {"Name": name, "Value": value}]})
}

fn asking(metric: &str, instances: &Value, from: i64, until: i64) -> Value {
    json!({"Namespace": "QCE/SCF_V2", "MetricName": metric, "Instances": instances,
        "Period": 60, "StartTime": in_china(from), "EndTime": in_china(until)})
}

impl Bench {
    fn monitor(&mut self, action: &str, parameters: Value) -> Result<Value, Refusal> {
        self.call_product("monitor", action, parameters)
    }

    fn load(&mut self, load: &Value) -> Result<Value, Refusal> {
        let load = api(json!({"Load": load.to_string()}));
        Ok(self.call_product("local", "SetLoad", load)?["Load"].clone())
    }

    /// Points of a version: seconds after [`MINUTE`], values.
    fn points(&mut self, metric: &str, version: &str) -> Vec<(i64, f64)> {
        let until = self.now.timestamp();
        let asked = asking(metric, &json!([by("version", version)]), MINUTE - 7200, until);
        let reply = self.monitor("GetMonitorData", asked).unwrap();
        let series = &reply["DataPoints"][0];
        let list = |name: &str| series[name].as_array().unwrap().clone();
        let points = list("Timestamps").into_iter().zip(list("Values"));
        points
            .map(|(time, value)| {
                // Floats, both.
                assert!(time.is_f64() && value.is_f64(), "{time} {value}");
                #[expect(clippy::cast_possible_truncation, reason = "seconds")]
                let time = time.as_f64().unwrap() as i64;
                (time - MINUTE, value.as_f64().unwrap())
            })
            .collect()
    }

    fn sum(&mut self, metric: &str, version: &str) -> f64 {
        self.points(metric, version).iter().map(|(_, value)| value).sum()
    }
}

#[track_caller]
fn near(found: f64, wanted: f64, within: f64) {
    assert!((found - wanted).abs() <= within, "{found}, not {wanted} ± {within}");
}

/// A function of two versions, all of `$DEFAULT` on 1.
fn bench(switches: &[&str]) -> Bench {
    let mut bench = Bench::with_versions(2, switches);
    bench.ok("UpdateAlias", api(json!({"Name": "$DEFAULT", "FunctionVersion": "1"})));
    bench
}

#[test]
fn a_load_goes_by_the_weights_of_each_time() {
    let mut bench = bench(&[]);
    let versions = json!({"2": [{"error_rate": 0.5, "duration_ms": 40.0}]});
    let load = json!({"rate_per_min": 600, "versions": versions, "seed": 3});
    bench.load(&load).unwrap();
    // An hour of it is there already, but for the last two minutes.
    let points = bench.points("Invocation", "1");
    assert_eq!(points.first().unwrap().0, -3600);
    assert_eq!(points.last().unwrap().0, -180);
    assert_eq!(points.len(), 58);
    near(bench.sum("Invocation", "1"), 58.0 * 600.0, 800.0);
    assert_eq!(bench.points("Invocation", "2"), []);
    // Nothing failed: no points.
    assert_eq!(bench.points("Error", "1"), []);
    // Ten seconds later, 30 s into the minute, a quarter goes to version 2.
    bench.wait(10);
    let split = json!({"Name": "$DEFAULT", "FunctionVersion": "1",
        "RoutingConfig": weights(&[("2", 0.25)])});
    bench.ok("UpdateAlias", api(split));
    bench.wait(600);
    let canary = bench.points("Invocation", "2");
    assert_eq!(canary.first().unwrap().0, 0);
    near(canary[0].1, 75.0, 40.0);
    near(canary[1..].iter().map(|(_, value)| value).sum(), 150.0 * 7.0, 140.0);
    let calls = bench.sum("Invocation", "2");
    near(bench.sum("Error", "2") / calls, 0.5, 0.06);
    let durations = bench.points("Duration", "2");
    assert_eq!(durations.len(), canary.len());
    assert!(durations.iter().all(|(_, mean)| (37.0..43.0).contains(mean)), "{durations:?}");
    // What was is as it was.
    let before = bench.points("Invocation", "1");
    assert_eq!(before[..58], points[..]);
    bench.ok("UpdateAlias", api(json!({"Name": "$DEFAULT", "FunctionVersion": "2"})));
    bench.load(&json!({"rate_per_min": 60})).unwrap();
    bench.wait(1200);
    assert_eq!(bench.points("Invocation", "1")[..before.len()], before[..]);
    let last = bench.points("Invocation", "2").last().copied().unwrap();
    near(last.1, 60.0, 35.0);
}

#[test]
fn rules_get_the_share_of_calls_that_match() {
    let mut bench = bench(&[]);
    let rule = json!({"AddtionVersionMatchs": [{"Version": "2", "Key": "invoke.headers.User",
        "Method": "exact", "Expression": "Bob"}]});
    bench.ok(
        "CreateAlias",
        api(json!({"Name": "prod", "FunctionVersion": "1", "RoutingConfig": rule})),
    );
    let load = json!({"alias": "prod", "rate_per_min": 1000, "matching": 0.2});
    bench.load(&load).unwrap();
    near(bench.sum("Invocation", "2"), 58.0 * 200.0, 450.0);
    near(bench.sum("Invocation", "1"), 58.0 * 800.0, 900.0);
    let of_alias = asking("Invocation", &json!([by("alias", "prod")]), MINUTE - 600, NOW);
    let reply = bench.monitor("GetMonitorData", of_alias).unwrap();
    near(reply["DataPoints"][0]["Values"][0].as_f64().unwrap(), 1000.0, 150.0);
    // What was is as it was.
    let before = bench.points("Invocation", "2");
    bench.wait(100);
    bench.load(&json!({"alias": "prod", "matching": 1})).unwrap();
    bench.wait(600);
    let after = bench.points("Invocation", "2");
    assert_eq!(after[..before.len()], before[..]);
    near(after.last().unwrap().1, 1000.0, 150.0);
}

#[test]
fn what_is_no_matter_of_an_alias_needs_none() {
    let mut bench = bench(&[]);
    bench.ok("CreateAlias", api(json!({"Name": "prod", "FunctionVersion": "1"})));
    bench.load(&json!({"alias": "prod", "rate_per_min": 60, "seed": 7})).unwrap();
    // The same seed is no change of it.
    let shown = bench.load(&json!({"monitor": {"delay_s": 0}, "seed": 7})).unwrap();
    assert_eq!(shown["monitor"]["delay_s"], 0.0);
    let shown = bench.load(&json!({"versions": {"1": [{"error_rate": 0.05}]}})).unwrap();
    assert_eq!(shown["versions"]["1"]["error_rate"], 0.05);
    for load in [json!({"matching": 0.5}), json!({"alias": "$DEFAULT", "monitor": {}})] {
        let error = bench.load(&load).unwrap_err();
        assert!(error.message.contains("say at what rate"), "{load}: {error}");
    }
}

#[test]
fn calls_that_come_by_themselves_count() {
    let mut bench = bench(&[]);
    for qualifier in ["2", "$DEFAULT", "$DEFAULT"] {
        bench.ok("Invoke", api(json!({"Qualifier": qualifier})));
    }
    bench.wait(160);
    assert_eq!(bench.points("Invocation", "1"), [(0, 2.0)]);
    assert_eq!(bench.points("Invocation", "2"), [(0, 1.0)]);
    assert_eq!(bench.points("Duration", "2"), [(0, 1.5)]);
    let whole = json!([{"Dimensions": [{"Name": "namespace", "Value": "default"},
        {"Name": "functionName", "Value": "api"}]}, by("alias", "$DEFAULT")]);
    let asked = asking("Invocation", &whole, MINUTE, bench.now.timestamp());
    let reply = bench.monitor("GetMonitorData", asked).unwrap();
    assert_eq!(reply["DataPoints"][0]["Values"], json!([3.0]));
    assert_eq!(reply["DataPoints"][1]["Values"], json!([2.0]));
    assert_eq!(reply["DataPoints"][1]["Timestamps"], json!([1_699_999_980.0]));
}

#[test]
fn periods_put_minutes_together() {
    let mut bench = bench(&[]);
    bench.load(&json!({"rate_per_min": 600, "monitor": {"delay_s": 0}})).unwrap();
    let minutes = bench.points("Invocation", "1");
    let mut asked = asking("Invocation", &json!([by("version", "1")]), MINUTE - 3600, MINUTE - 60);
    asked["Period"] = 300.into();
    let reply = bench.monitor("GetMonitorData", asked.clone()).unwrap();
    let series = &reply["DataPoints"][0];
    let first = series["Timestamps"][0].as_f64().unwrap();
    // The first five minutes that the clock divides.
    assert!((first - 1_699_996_500.0).abs() < 0.5, "{first}");
    let from = minutes.iter().position(|(time, _)| *time == 1_699_996_500 - MINUTE).unwrap();
    let five: f64 = minutes[from..from + 5].iter().map(|(_, value)| value).sum();
    assert_eq!(series["Values"][0], five);
    asked["SpecifyStatistics"] = 3.into();
    let reply = bench.monitor("GetMonitorData", asked).unwrap();
    let series = &reply["DataPoints"][0];
    assert_eq!((&series["AvgValues"], &series["MinValues"]), (&series["Values"], &Value::Null));
}

#[test]
fn points_are_late_too_low_lost_or_not_given_at_all() {
    let mut bench = bench(&[]);
    let monitor = json!({"delay_s": 60, "rising_s": 120, "down": [[300, 360]]});
    bench.load(&json!({"rate_per_min": 6000, "monitor": monitor})).unwrap();
    let points = bench.points("Invocation", "1");
    assert_eq!(points.last().unwrap().0, -120);
    // It came 20 s ago.
    near(points.last().unwrap().1, 6000.0 * (0.5 + 0.5 / 6.0), 250.0);
    bench.wait(40);
    let later = bench.points("Invocation", "1");
    assert!(later[points.len() - 1].1 > points.last().unwrap().1);
    bench.wait(270);
    let asked = asking("Error", &json!([by("version", "1")]), MINUTE, MINUTE + 60);
    let error = bench.monitor("GetMonitorData", asked).unwrap_err();
    assert_eq!(error.code, "InternalError");
    bench.wait(60);
    let shown = bench.load(&json!({"monitor": {"drop_rate": 0.5}})).unwrap();
    // What is not said stays.
    assert_eq!(
        shown["monitor"],
        json!({"delay_s": 60.0, "drop_rate": 0.5, "rising_s": 120.0, "down": [[300.0, 360.0]]})
    );
    let found = bench.points("Invocation", "1").len();
    assert!((20..50).contains(&found), "{found} of 65");
    let cleared = bench.call_product("local", "ClearLoad", api(json!({}))).unwrap();
    assert_eq!(cleared, json!({"Load": null}));
    assert_eq!(bench.points("Invocation", "1"), []);
    assert_eq!(bench.call_product("local", "GetLoad", api(json!({}))).unwrap(), cleared);
}

#[test]
fn what_the_monitor_does_not_know_is_refused() {
    let mut bench = bench(&[]);
    let right = || asking("Invocation", &json!([by("version", "1")]), NOW - 600, NOW);
    let with = |key: &str, value: Value| {
        let mut asked = right();
        asked[key] = value;
        asked
    };
    let without = |key: &str| {
        let mut asked = right();
        asked.as_object_mut().unwrap().remove(key);
        asked
    };
    for asked in
        [right(), with("Namespace", json!("qce/scf_v2")), without("EndTime"), without("Period")]
    {
        assert!(bench.monitor("GetMonitorData", asked.clone()).is_ok(), "{asked}");
    }
    let many = |count: usize| json!(vec![by("version", "1"); count]);
    let invalid = "InvalidParameterValue";
    for (asked, code) in [
        (with("Namespace", json!("QCE/CVM")), invalid),
        (with("MetricName", json!("invocation")), invalid),
        (with("Period", json!(30)), invalid),
        (with("Instances", json!([])), invalid),
        (with("Instances", many(51)), invalid),
        (with("Instances", json!([by("qualifier", "1")])), invalid),
        (with("Instances", json!([by("version", "")])), invalid),
        (with("StartTime", json!("2023-11-14T22:00:00Z")), invalid),
        (with("StartTime", json!("2023-11-15 06:00:00")), invalid),
        (with("StartTime", json!(in_china(NOW + 1))), invalid),
        (with("StartTime", json!(in_china(NOW - 7201 * 60))), "LimitExceeded"),
        (with("SpecifyStatistics", json!(8)), invalid),
        (without("StartTime"), invalid),
        (without("Instances"), "MissingParameter"),
        (without("Namespace"), "MissingParameter"),
        (with("Metric", json!("x")), "UnknownParameter"),
    ] {
        let error = bench.monitor("GetMonitorData", asked.clone()).unwrap_err();
        assert_eq!(error.code, code, "{asked}: {error}");
    }
    assert!(bench.monitor("GetMonitorData", with("Instances", many(50))).is_ok());
    assert!(
        bench
            .monitor("GetMonitorData", with("StartTime", json!(in_china(NOW - 7200 * 60))))
            .is_ok()
    );
    let asked = json!({"Namespace": "QCE/SCF_V2", "MetricName": "Duration"});
    let reply = bench.monitor("DescribeBaseMetrics", asked).unwrap();
    let metric = &reply["MetricSet"][0];
    assert_eq!(
        (&metric["Unit"], &metric["Period"]),
        (&json!("ms"), &json!([60, 300, 3600, 86400]))
    );
    assert_eq!(metric["Periods"][0], json!({"Period": "60", "StatType": ["avg"]}));
}

#[test]
fn the_unpublished_version_has_a_name_or_two() {
    for (switch, capitals, small) in [
        ("monitor-latest=either", 1, 1),
        ("monitor-latest=capitals", 1, 0),
        ("monitor-latest=small", 0, 1),
    ] {
        let mut bench = bench(&[switch]);
        bench.ok("Invoke", api(json!({})));
        bench.wait(200);
        assert_eq!(bench.points("Invocation", "$LATEST").len(), capitals, "{switch}");
        assert_eq!(bench.points("Invocation", "$latest").len(), small, "{switch}");
        assert_eq!(bench.points("Invocation", "$Latest").len(), 0, "{switch}");
    }
    let mut bench = bench(&["monitor-zeros=shown"]);
    bench.ok("Invoke", api(json!({"Qualifier": "1"})));
    bench.wait(200);
    assert_eq!(bench.points("Error", "1"), [(0, 0.0)]);
}

#[test]
fn an_impossible_load_is_refused_and_changes_nothing() {
    let mut bench = bench(&[]);
    for (load, told) in [
        (json!({"rate_per_min": -1}), "outside 0 to"),
        (json!({"rate_per_min": 1, "versions": {"2": [{"error_rate": 2}]}}), "`error_rate` is 2"),
        (json!({"rate_per_min": 1, "versions": {"9": [{"error_rate": 1}]}}), "version `9`"),
        (json!({"rate_per_min": 1, "alias": "prod"}), "alias `prod`"),
        (json!({"rate_per_min": 1, "matching": 2}), "`matching` is 2"),
        (json!({"rate_per_min": 1, "rates": 1}), "unknown field"),
        (json!({"versions": {"2": [{"error_rate": 1}]}}), "say at what rate"),
        (json!({"rate_per_min": 1, "monitor": {"drop_rate": 3}}), "`drop_rate` is 3"),
        (
            json!({"rate_per_min": 1, "versions": {"2": [{"error_rate": 1, "after_s": -600}]}}),
            "`after_s` is -600",
        ),
    ] {
        let error = bench.load(&load).unwrap_err();
        assert!(error.message.contains(told), "{load}: {error}");
    }
    assert_eq!(bench.points("Invocation", "1"), []);
    bench.load(&json!({"rate_per_min": 1})).unwrap();
    assert!(bench.load(&json!({"seed": 2})).unwrap_err().message.contains("clear it first"));
}

#[test]
fn the_ends_of_time_can_be_read_back() {
    for moment in [Moment::FIRST, Moment::LAST, after(DateTime::UNIX_EPOCH, Duration::MAX)] {
        let text = serde_json::to_string(&moment).unwrap();
        assert_eq!(serde_json::from_str::<Moment>(&text).unwrap(), moment, "{text}");
    }
    // Chrono counts on for many years that have no text.
    let long = Duration::from_secs(10_000 * 366 * 86_400);
    assert_eq!(after(DateTime::UNIX_EPOCH, long), Moment::LAST);
    // An alias that came after the load was nowhere before.
    let mut bench = bench(&[]);
    bench.load(&json!({"rate_per_min": 60})).unwrap();
    bench.ok("CreateAlias", api(json!({"Name": "prod", "FunctionVersion": "1"})));
    let text = serde_json::to_string(&bench.state).unwrap();
    assert!(serde_json::from_str::<State>(&text).is_ok(), "{text}");
}
