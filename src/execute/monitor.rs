//! Reads metrics of functions from the monitor.
//!
//! One request reads one metric for all versions. Missing points are not filled in
//! (`docs/reference/monitoring.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{join_all, try_join_all};

use super::{ExecuteError, FunctionSession};
use crate::api::ApiError;
use crate::api::actions::{
    Action as _, DataPoint, Dimension, GetMonitorData, GetMonitorDataReply, Instance,
};
use crate::model::metric::CHINA;
use crate::model::{FunctionId, Version};
use crate::order::Ordered as _;
use crate::plan::gates::Measure;

/// The monitor's namespace for functions.
const NAMESPACE: &str = "QCE/SCF_V2";
/// Instances per request.
const MOST_INSTANCES: usize = 50;
/// Points per request: instances times periods.
const MOST_POINTS: i64 = 7200;
/// How long [`minutes`] waits for all replies together; the next look comes soon.
const PATIENCE: Duration = Duration::from_secs(30);
/// It is not settled whether the monitor spells the unpublished version `$LATEST` or like this.
const SMALL_LATEST: &str = "$latest";

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum MonitorSubject {
    /// The function as a whole.
    Function,
    /// A version, whether called through an alias or directly.
    Version(Version),
    /// Calls through an alias, whichever version serves them.
    Alias(String),
}

/// Points of one metric: start of each period in Unix seconds, and value.
pub type Points = BTreeMap<i64, f64>;

/// A time range divided into periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonitorPeriods {
    /// Start of the first period.
    pub from: DateTime<Utc>,
    /// End of the range, excluded.
    pub until: DateTime<Utc>,
    /// Length of a period in seconds: 60, 300, 3600 or 86400.
    pub period: u32,
}

/// Reads metrics. Returns a list per metric with the points of each of `measured`, in order.
///
/// # Errors
/// Fails if a request is refused or not answered, or on a signal.
pub async fn read(
    session: &FunctionSession<'_>,
    metrics: &[&str],
    measured: &[MonitorSubject],
    stretch: MonitorPeriods,
) -> Result<Vec<Vec<Points>>, ExecuteError> {
    let as_spelt = |latest: &'static str, measured: &[MonitorSubject]| {
        let function = session.function();
        measured.iter().map(|measured| instance(function, measured, latest)).collect::<Vec<_>>()
    };
    let ask = |instances: Vec<Instance>| async move {
        let each = metrics.iter().map(|metric| of_metric(session, metric, &instances, stretch));
        try_join_all(each).await
    };
    let mut found = ask(as_spelt("$LATEST", measured)).await?;
    let latest = MonitorSubject::Version(Version::Latest);
    let is_unknown = |index: usize| found.iter().all(|metric| metric[index].is_empty());
    let unknown: Vec<usize> = (0..measured.len())
        .filter(|index| measured[*index] == latest && is_unknown(*index))
        .collect();
    if !unknown.is_empty() {
        let other = ask(as_spelt(SMALL_LATEST, std::slice::from_ref(&latest))).await?;
        for (metric, mut points) in found.iter_mut().zip(other) {
            let points = points.pop().unwrap_or_default();
            for index in &unknown {
                metric[*index].clone_from(&points);
            }
        }
    }
    Ok(found)
}

fn instance(function: &FunctionId, measured: &MonitorSubject, latest: &str) -> Instance {
    let dimension = |name: &str, value: &str| Dimension { name: name.into(), value: value.into() };
    let mut dimensions = vec![
        dimension("namespace", &function.namespace),
        dimension("functionName", &function.name),
    ];
    match measured {
        MonitorSubject::Function => {}
        MonitorSubject::Version(Version::Latest) => dimensions.push(dimension("version", latest)),
        MonitorSubject::Version(version) => {
            dimensions.push(dimension("version", &version.to_string()));
        }
        MonitorSubject::Alias(alias) => dimensions.push(dimension("alias", alias)),
    }
    Instance { dimensions }
}

/// Reads one metric, in as many requests as the limits require.
async fn of_metric(
    session: &FunctionSession<'_>,
    metric: &str,
    instances: &[Instance],
    stretch: MonitorPeriods,
) -> Result<Vec<Points>, ExecuteError> {
    let mut found = Vec::with_capacity(instances.len());
    for instances in instances.chunks(MOST_INSTANCES) {
        let mut points = vec![Points::new(); instances.len()];
        for (from, until) in windows(stretch, instances.len()) {
            let request = GetMonitorData {
                namespace: NAMESPACE.to_owned(),
                metric_name: metric.to_owned(),
                instances: instances.to_vec(),
                period: stretch.period,
                start_time: in_china(from),
                end_time: in_china(until),
            };
            take(&mut points, instances, session.read(&request).await?, stretch);
        }
        found.extend(points);
    }
    Ok(found)
}

/// Splits a range into parts for single requests.
///
/// It is open whether the last moment of a request is included, so each part begins where the one
/// before ends.
fn windows(stretch: MonitorPeriods, instances: usize) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let periods = MOST_POINTS / i64::try_from(instances.max(1)).unwrap_or(MOST_POINTS) - 1;
    let step = TimeDelta::seconds(i64::from(stretch.period) * periods.max(1));
    let (mut windows, mut from) = (Vec::new(), stretch.from);
    while from < stretch.until {
        let until = from.checked_add_signed(step).unwrap_or(stretch.until).min(stretch.until);
        windows.push((from, until));
        from = until;
    }
    windows
}

/// Formats a time with China's offset, which the monitor understands for sure.
fn in_china(time: DateTime<Utc>) -> String {
    time.with_timezone(&CHINA).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Assigns the points of a reply to their instances.
fn take(
    found: &mut [Points],
    instances: &[Instance],
    reply: GetMonitorDataReply,
    stretch: MonitorPeriods,
) {
    let (from, until) = (stretch.from.timestamp(), stretch.until.timestamp());
    let series = reply.data_points.unwrap_or_default();
    let is_complete = series.len() == instances.len();
    for (position, series) in series.into_iter().enumerate() {
        let Some(index) = place(&series, instances, is_complete.then_some(position)) else {
            continue;
        };
        let times = series.timestamps.unwrap_or_default();
        let values = series.values.unwrap_or_default();
        for (time, value) in times.into_iter().zip(values) {
            let (Some(time), Some(value)) = (time, value) else { continue };
            let time = whole_seconds(time);
            if value.is_finite() && value >= 0.0 && (from..until).contains(&time) {
                found[index].insert(time, value);
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a time outside i64 is in no stretch")]
fn whole_seconds(time: f64) -> i64 {
    time.round() as i64
}

/// The instance that an entry belongs to: the one that has most of its names, and then fewest
/// that it lacks. All instances of a request are of one function, so that names which the service
/// leaves out, or spells otherwise, do not hide which one is meant. Where its names tell nothing
/// apart, the order of the request is all there is.
fn place(series: &DataPoint, instances: &[Instance], position: Option<usize>) -> Option<usize> {
    let likeness = |instance: &Instance| {
        let mut found = (0_usize, usize::MAX);
        for wanted in &instance.dimensions {
            let mut names = series.dimensions.iter().flatten();
            let same_name = names.find(|told| {
                told.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&wanted.name))
            });
            match same_name.map(|told| told.value.as_deref()) {
                Some(Some(value)) if is_same(value, &wanted.value) => found.0 += 1,
                None => found.1 -= 1,
                Some(_) => return None,
            }
        }
        Some(found)
    };
    let alike: Vec<_> = instances.iter().map(likeness).collect();
    let most = alike.iter().flatten().max().copied()?;
    let mut meant = (0..instances.len()).filter(|index| alike[*index] == Some(most));
    match (meant.next(), meant.next()) {
        (Some(only), None) if most.0 > 0 => Some(only),
        _ => position.filter(|position| alike[*position] == Some(most)),
    }
}

/// Returns whether two values are equal; the unpublished version is reported in either spelling.
fn is_same(one: &str, other: &str) -> bool {
    one == other || (one.eq_ignore_ascii_case(SMALL_LATEST) && one.eq_ignore_ascii_case(other))
}

/// Calls of a version in one minute. Counts may be fractions.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MinuteOfCalls {
    /// Calls, including failed ones; `None` without a data point.
    pub calls: Option<f64>,
    /// Failed calls, at most `calls`; 0 if there are calls and no data point for errors, `None` if
    /// errors were not read.
    pub errors: Option<f64>,
    /// Mean duration in milliseconds.
    pub mean_ms: Option<f64>,
    /// Throttled calls.
    pub throttled: Option<f64>,
}

/// Minutes per version, by Unix time divided by 60. Minutes without any data are missing.
pub type Minutes = BTreeMap<Version, BTreeMap<i64, MinuteOfCalls>>;

/// The monitor could not be read, which means no data and says nothing about the versions.
#[derive(Debug, thiserror::Error)]
#[error("the monitor gives no data")]
pub struct Unavailable(#[source] pub ExecuteError);

/// Which metrics are read beside the calls.
#[derive(Debug, Clone, Copy)]
pub struct AskedMeasures<'a> {
    /// Without one of these there is no answer.
    pub needed: &'a BTreeSet<Measure>,
    /// Those that are only shown: what is not there is not shown.
    pub shown: &'a BTreeSet<Measure>,
}

fn metric_of(measure: Measure) -> &'static str {
    match measure {
        Measure::Errors => "Error",
        Measure::Durations => "Duration",
        Measure::Throttles => "Throttle",
    }
}

/// Reads the calls of versions and what is asked for of them, a request for each metric, or more
/// where the limits ask for it.
///
/// # Errors
/// The monitor refuses what is needed or does not answer within half a minute, or a signal came;
/// whoever asks goes on without data.
pub async fn minutes(
    session: &FunctionSession<'_>,
    versions: &[Version],
    asked: AskedMeasures<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Minutes, Unavailable> {
    let subjects: Vec<MonitorSubject> =
        versions.iter().copied().map(MonitorSubject::Version).collect();
    let (subjects, stretch) = (&subjects, MonitorPeriods { from, until, period: 60 });
    let needed: Vec<&str> =
        std::iter::once("Invocation").chain(asked.needed.iter().copied().map(metric_of)).collect();
    let shown = asked.shown.difference(asked.needed).copied();
    // Each by itself: one that fails takes nothing with it.
    let shown = shown.map(|measure| async move {
        let points = read(session, &[metric_of(measure)], subjects, stretch).await;
        Some((measure, points.ok()?.pop()?))
    });
    let all = async { tokio::join!(read(session, &needed, subjects, stretch), join_all(shown)) };
    let clock = session.client.clock();
    let found = tokio::select! {
        biased;
        (needed, shown) = all => needed.map(|needed| (needed, shown)),
        () = clock.sleep(PATIENCE) => {
            let action = GetMonitorData::NAME;
            Err(ApiError::TimedOut { action, timeout: PATIENCE, sent: true }.into())
        }
    };
    let (mut needed, shown) = found.map_err(Unavailable)?;
    let of_measures = needed.split_off(1);
    let invocations = needed.pop().unwrap_or_default();
    let mut measures: BTreeMap<Measure, Vec<Points>> =
        asked.needed.iter().copied().zip(of_measures).into_map();
    measures.extend(shown.into_iter().flatten());
    let mut minutes = Minutes::new();
    for (index, version) in versions.iter().enumerate() {
        let of = |measure: Measure| measures.get(&measure).and_then(|all| all.get(index));
        let [errors, durations, throttles] = Measure::ALL.map(of);
        let calls = invocations.get(index);
        let at = |points: Option<&Points>, time: &i64| points?.get(time).copied();
        let all = [calls, errors, durations, throttles].into_iter().flatten();
        let known = minutes.entry(*version).or_default();
        for time in all.flat_map(BTreeMap::keys) {
            let calls = at(calls, time);
            let failed = |calls: f64| errors.map(|_| at(errors, time).unwrap_or(0.0).min(calls));
            let minute = MinuteOfCalls {
                calls,
                errors: calls.and_then(failed),
                mean_ms: at(durations, time),
                throttled: at(throttles, time),
            };
            known.insert(time.div_euclid(60), minute);
        }
    }
    Ok(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn stretch(from: i64, until: i64) -> MonitorPeriods {
        MonitorPeriods { from: at(from), until: at(until), period: 60 }
    }

    fn instances() -> Vec<Instance> {
        let function = FunctionId {
            name: "f".to_owned(),
            namespace: "default".to_owned(),
            region: "r".to_owned(),
        };
        let measured =
            [MonitorSubject::Version(Version::Number(1)), MonitorSubject::Version(Version::Latest)];
        measured.iter().map(|measured| instance(&function, measured, "$LATEST")).collect()
    }

    fn read(reply: Value) -> Vec<Points> {
        let mut found = vec![Points::new(); 2];
        let reply = serde_json::from_value(reply).unwrap();
        take(&mut found, &instances(), reply, stretch(600, 1200));
        found
    }

    fn series(version: &str, times: &Value, values: &Value) -> Value {
        json!({"Dimensions": [{"Name": "version", "Value": version},
                {"Name": "functionName", "Value": "f"}, {"Name": "namespace", "Value": "default"}],
            "Timestamps": times, "Values": values})
    }

    #[test]
    fn an_answer_with_holes_is_read() {
        for empty in [
            json!({}),
            json!({"DataPoints": null}),
            json!({"DataPoints": []}),
            json!({"DataPoints": [{"Dimensions": null, "Timestamps": null, "Values": null}, {}]}),
            json!({"DataPoints": [series("3", &json!([600.0]), &json!([1.0]))]}),
            json!({"DataPoints": [series("1", &json!([600.0]), &json!([]))]}),
        ] {
            assert_eq!(read(empty.clone()), [Points::new(), Points::new()], "{empty}");
        }
        let times = json!([540.0, 600.0, 660.0, 720, 780.0, null, 1140.0, 1200.0]);
        let values = json!([1.0, 2.0, null, 4, -1.0, 6.0, 7.5, 8.0]);
        let found = read(json!({"DataPoints": [series("$latest", &times, &values)]}));
        // Outside the range, null, negative or without a time: not points.
        let expected = Points::from([(600, 2.0), (720, 4.0), (1140, 7.5)]);
        assert_eq!(found, [Points::new(), expected]);
    }

    #[test]
    fn entries_belong_to_the_instance_that_they_name() {
        let one = |version, value: f64| series(version, &json!([600.0]), &json!([value]));
        let found = read(json!({"DataPoints": [one("$LATEST", 2.0), one("1", 1.0)]}));
        assert_eq!(found, [Points::from([(600, 1.0)]), Points::from([(600, 2.0)])]);
        let nameless = |value: f64| json!({"Timestamps": [600.0], "Values": [value]});
        let found = read(json!({"DataPoints": [nameless(1.0), nameless(2.0)]}));
        assert_eq!(found, [Points::from([(600, 1.0)]), Points::from([(600, 2.0)])]);
        // Whatever is left out or spelt otherwise beside it, the version says whose it is.
        let entry = |names: Value, value: f64| json!({"Dimensions": names, "Timestamps": [600.0], "Values": [value]});
        let version = |version: &str| json!({"Name": "version", "Value": version});
        for beside in [json!({"Name": "namspace", "Value": "default"}), json!({}), Value::Null] {
            let one = |name: &str, value| {
                let mut names = vec![version(name)];
                names.extend((!beside.is_null()).then(|| beside.clone()));
                entry(json!(names), value)
            };
            let found = read(json!({"DataPoints": [one("$latest", 2.0), one("1", 1.0)]}));
            assert_eq!(found, [Points::from([(600, 1.0)]), Points::from([(600, 2.0)])], "{beside}");
            let found = read(json!({"DataPoints": [one("7", 2.0)]}));
            assert_eq!(found, [Points::new(), Points::new()]);
        }
        let function = json!([{"Name": "functionName", "Value": "f"}]);
        let both =
            json!({"DataPoints": [entry(function.clone(), 1.0), entry(function.clone(), 2.0)]});
        assert_eq!(read(both), [Points::from([(600, 1.0)]), Points::from([(600, 2.0)])]);
        assert_eq!(
            read(json!({"DataPoints": [entry(function, 1.0)]})),
            [Points::new(), Points::new()]
        );
        let other = json!([{"Name": "functionName", "Value": "g"}, version("1")]);
        assert_eq!(
            read(json!({"DataPoints": [entry(other, 1.0)]})),
            [Points::new(), Points::new()]
        );
        // A single nameless series for two instances belongs to neither.
        let found = read(json!({"DataPoints": [nameless(1.0)]}));
        assert_eq!(found, [Points::new(), Points::new()]);
    }

    #[test]
    fn no_request_asks_for_more_points_than_it_may() {
        let day = 86_400;
        for (instances, length) in [(1, 60), (1, 7199 * 60), (1, 7 * day), (2, day), (50, day)] {
            let windows = windows(stretch(0, length), instances);
            let mut next = at(0);
            for (from, until) in &windows {
                assert_eq!(*from, next);
                let points =
                    ((*until - *from).num_seconds() / 60 + 1) * i64::try_from(instances).unwrap();
                assert!((1..=MOST_POINTS).contains(&points), "{points} of {instances}");
                next = *until;
            }
            assert_eq!(next, at(length));
        }
        assert_eq!(windows(stretch(0, 7199 * 60), 1).len(), 1);
        assert_eq!(windows(stretch(60, 60), 1), []);
    }

    #[test]
    fn times_are_those_of_china() {
        assert_eq!(in_china(at(1_700_000_040)), "2023-11-15T06:14:00+08:00");
    }
}
