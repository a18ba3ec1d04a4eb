//! What the monitor (product `monitor`) tells of functions.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::behaviour::{MonitorLatest, MonitorZeros};
use super::super::error::Refusal;
use super::super::load::Counts;
use super::load::Counted;
use super::request::Request;
use super::{Function, LATEST, Reply, State};
use crate::order::Order as _;

/// The monitor's name for functions. Tools send it in small letters, too.
const NAMESPACE: &str = "QCE/SCF_V2";
/// Instances of one request.
const MOST_INSTANCES: usize = 50;
/// Points of one request: instances times periods.
const MOST_POINTS: i64 = 7200;
/// Seconds of a period where none is said.
const USUAL_PERIOD: u64 = 300;
/// The unpublished version, as examples of the monitor spell it.
const SMALL_LATEST: &str = "$latest";

/// Periods that metrics of functions are kept in.
const PERIODS: [u64; 4] = [60, 300, 3600, 86400];

/// Sets of names that tell what is measured.
const COMBINATIONS: [&[&str]; 3] = [
    &["functionName", "namespace", "version"],
    &["functionName", "namespace", "alias"],
    &["functionName", "namespace"],
];

/// A metric: how minutes make it.
struct Metric {
    name: &'static str,
    unit: &'static str,
    statistic: &'static str,
    /// Its value; nothing where there is no point.
    value: fn(&Measured) -> Option<f64>,
}

/// What a metric is made of.
struct Measured {
    counts: Counts,
    minutes: f64,
    memory: f64,
    zeros: MonitorZeros,
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn real(count: u64) -> f64 {
    count as f64
}

impl Measured {
    /// A count of calls that something happened to.
    fn of_calls(&self, count: u64) -> Option<f64> {
        let shows = count > 0 || (self.counts.calls > 0 && self.zeros == MonitorZeros::Shown);
        shows.then(|| real(count))
    }

    fn with_calls(&self, value: f64) -> Option<f64> {
        (self.counts.calls > 0).then_some(value)
    }

    fn parallel(&self) -> f64 {
        (self.counts.duration_ms / (60_000.0 * self.minutes)).ceil()
    }
}

const METRICS: &[Metric] = &[
    Metric {
        name: "Invocation",
        unit: "Count",
        statistic: "sum",
        value: |of| of.with_calls(real(of.counts.calls)),
    },
    Metric {
        name: "Error",
        unit: "Count",
        statistic: "sum",
        value: |of| of.of_calls(of.counts.errors),
    },
    Metric { name: "Duration", unit: "ms", statistic: "avg", value: |of| of.counts.mean_ms() },
    Metric {
        name: "FunctionErrorPercentage",
        unit: "%",
        statistic: "avg",
        value: |of| of.with_calls(100.0 * real(of.counts.errors) / real(of.counts.calls)),
    },
    Metric {
        name: "ServerErrorPercentage",
        unit: "%",
        statistic: "avg",
        value: |of| of.with_calls(0.0),
    },
    Metric {
        name: "Http2xx",
        unit: "Count",
        statistic: "sum",
        value: |of| of.of_calls(of.counts.calls - of.counts.errors),
    },
    Metric {
        name: "Http4xx",
        unit: "Count",
        statistic: "sum",
        value: |of| of.of_calls(of.counts.errors),
    },
    Metric {
        name: "Http432",
        unit: "Count",
        statistic: "sum",
        value: |of| of.of_calls(of.counts.throttled),
    },
    Metric { name: "Http433", unit: "Count", statistic: "sum", value: |of| of.of_calls(0) },
    Metric { name: "Http434", unit: "Count", statistic: "sum", value: |of| of.of_calls(0) },
    Metric { name: "Syserr", unit: "Count", statistic: "sum", value: |of| of.of_calls(0) },
    Metric {
        name: "Throttle",
        unit: "Count",
        statistic: "sum",
        value: |of| of.of_calls(of.counts.throttled),
    },
    Metric {
        name: "ConcurrentExecutions",
        unit: "Count",
        statistic: "max",
        value: |of| of.with_calls(of.parallel()),
    },
    Metric {
        name: "ConfigMem",
        unit: "MB",
        statistic: "max",
        value: |of| of.with_calls(of.memory),
    },
    Metric {
        name: "Mem",
        unit: "MB",
        statistic: "max",
        value: |of| of.with_calls(of.memory / 2.0),
    },
    Metric {
        name: "MemDuration",
        unit: "MB*ms",
        statistic: "sum",
        value: |of| of.with_calls(of.memory * of.counts.duration_ms),
    },
    Metric {
        name: "OutFlow",
        unit: "KB",
        statistic: "sum",
        value: |of| of.with_calls(real(of.counts.calls)),
    },
];

fn wrong(request: &Request, message: impl Into<String>) -> Refusal {
    request.refuse(&["InvalidParameterValue"], message)
}

fn check_namespace(request: &Request) -> Result<(), Refusal> {
    let name = request.required("Namespace");
    if name.eq_ignore_ascii_case(NAMESPACE) {
        return Ok(());
    }
    Err(wrong(request, format!("There is no namespace `{name}` of metrics here.")))
}

fn metric(request: &Request) -> Result<&'static Metric, Refusal> {
    let name = request.required("MetricName");
    METRICS
        .iter()
        .find(|metric| metric.name == name)
        .ok_or_else(|| wrong(request, format!("There is no metric `{name}`.")))
}

/// Which instance is asked for.
struct Asked<'a> {
    dimensions: &'a Value,
    function: &'a str,
    namespace: &'a str,
    counted: Option<Counted<'a>>,
}

fn asked<'a>(request: &Request<'a>, instance: &'a Value) -> Result<Asked<'a>, Refusal> {
    let dimensions = &instance["Dimensions"];
    let list = dimensions.as_array().map_or(&[][..], Vec::as_slice);
    let text = |value: &'a Value, key: &str| value[key].as_str().unwrap_or_default();
    let mut names: Vec<&str> = list.iter().map(|dimension| text(dimension, "Name")).collect();
    names.order();
    let is_known = COMBINATIONS.iter().any(|known| {
        let mut known = known.to_vec();
        known.order();
        known == names
    });
    if !is_known {
        let message = format!("Metrics are not kept by `{}`.", names.join(", "));
        return Err(wrong(request, message));
    }
    let value = |name: &str| {
        let found = list.iter().find(|dimension| text(dimension, "Name") == name);
        found.map(|dimension| text(dimension, "Value"))
    };
    if list.iter().any(|dimension| text(dimension, "Value").is_empty()) {
        return Err(wrong(request, "A dimension has no value."));
    }
    let behaviour = request.context.behaviour;
    let counted = match (value("version"), value("alias")) {
        (Some(version), _) if version.eq_ignore_ascii_case(LATEST) => {
            let is_so = match behaviour.monitor_latest {
                MonitorLatest::Either => matches!(version, LATEST | SMALL_LATEST),
                MonitorLatest::Capitals => version == LATEST,
                MonitorLatest::Small => version == SMALL_LATEST,
            };
            is_so.then_some(Counted::Version(LATEST))
        }
        (Some(version), _) => Some(Counted::Version(version)),
        (None, Some(alias)) => Some(Counted::Alias(alias)),
        (None, None) => Some(Counted::All),
    };
    Ok(Asked {
        dimensions,
        function: value("functionName").unwrap_or_default(),
        namespace: value("namespace").unwrap_or_default(),
        counted,
    })
}

/// Reads a time with an offset; whether `Z` is understood is open, so it is not.
fn time(request: &Request, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(text) = request.text(name) else { return Ok(None) };
    let read = DateTime::parse_from_rfc3339(text).ok().filter(|_| !text.ends_with(['Z', 'z']));
    read.map(|time| Some(time.to_utc())).ok_or_else(|| {
        wrong(request, format!("{name} is `{text}`, not like 2024-05-01T12:00:00+08:00."))
    })
}

/// Tells which metrics there are.
pub(super) fn describe_base_metrics(request: &Request) -> Result<Reply, Refusal> {
    check_namespace(request)?;
    let only = match request.text("MetricName") {
        None | Some("") => None,
        Some(_) => Some(metric(request)?.name),
    };
    let metrics = METRICS.iter().filter(|metric| only.is_none_or(|only| metric.name == only));
    let shown: Vec<Value> = metrics
        .map(|metric| {
            let statistic = |period: &u64| {
                json!({"Period": period.to_string(), "StatType": [metric.statistic]})
            };
            let dimensions =
                COMBINATIONS[..2].iter().map(|names| json!({"Dimensions": names}));
            json!({
                "Namespace": NAMESPACE,
                "MetricName": metric.name,
                "Unit": metric.unit,
                "UnitCname": metric.unit,
                "Period": PERIODS,
                "Periods": PERIODS.iter().map(statistic).collect::<Vec<_>>(),
                "Meaning": {"En": metric.name, "Zh": metric.name},
                "Dimensions": dimensions.collect::<Vec<_>>(),
                "MetricCName": Value::Null,
                "MetricEName": metric.name,
            })
        })
        .collect();
    Ok(Reply::from_iter([("MetricSet".to_owned(), Value::Array(shown))]))
}

impl State {
    pub(super) fn get_monitor_data(&self, request: &Request) -> Result<Reply, Refusal> {
        check_namespace(request)?;
        let metric = metric(request)?;
        let period = request.value("Period").and_then(Value::as_u64).unwrap_or(USUAL_PERIOD);
        if !PERIODS.contains(&period) {
            return Err(wrong(request, format!("`{}` has no period {period}.", metric.name)));
        }
        let period = i64::try_from(period).unwrap_or(i64::MAX);
        let instances = request.list("Instances");
        if instances.is_empty() || instances.len() > MOST_INSTANCES {
            let count = instances.len();
            let message = format!("Instances has {count} entries, not 1 to {MOST_INSTANCES}.");
            return Err(wrong(request, message));
        }
        let specified = request.integer("SpecifyStatistics").unwrap_or(0);
        if !(0..8).contains(&specified) {
            return Err(wrong(request, "SpecifyStatistics is not a sum of 1, 2 and 4."));
        }
        let until = time(request, "EndTime")?.unwrap_or_else(|| request.now());
        let Some(from) = time(request, "StartTime")? else {
            return Err(wrong(request, "StartTime is missing."));
        };
        if until < from {
            return Err(wrong(request, "EndTime is before StartTime."));
        }
        let length = i64::try_from(instances.len()).unwrap_or(i64::MAX);
        let periods = (until - from).num_seconds() / period;
        if periods.saturating_mul(length) > MOST_POINTS {
            let message = format!("More than {MOST_POINTS} points are asked for.");
            return Err(request.refuse(&["LimitExceeded"], message));
        }
        let asked: Vec<Asked> = instances
            .iter()
            .map(|instance| asked(request, instance))
            .collect::<Result<_, Refusal>>()?;
        let range = (from.timestamp(), until.timestamp());
        let series = asked
            .iter()
            .map(|asked| self.series(request, metric, asked, period, range, specified))
            .collect::<Result<Vec<_>, Refusal>>()?;
        let text = |name: &str| request.text(name).map_or(Value::Null, Value::from);
        Ok(Reply::from_iter([
            ("Period".to_owned(), json!(period)),
            ("MetricName".to_owned(), json!(metric.name)),
            ("DataPoints".to_owned(), Value::Array(series)),
            ("StartTime".to_owned(), text("StartTime")),
            ("EndTime".to_owned(), text("EndTime")),
            ("Msg".to_owned(), json!("")),
        ]))
    }

    fn series(
        &self,
        request: &Request,
        metric: &Metric,
        asked: &Asked,
        period: i64,
        (from, until): (i64, i64),
        specified: i64,
    ) -> Result<Value, Refusal> {
        let namespace = self.region(request)?.namespaces.get(asked.namespace);
        let function = namespace.and_then(|namespace| namespace.functions.get(asked.function));
        let (mut times, mut values) = (Vec::new(), Vec::new());
        if let (Some(function), Some(counted)) = (function, asked.counted) {
            if !function.is_monitored(request.now()) {
                return Err(request.refuse(&["InternalError"], "The monitor is down."));
            }
            let first = function.first_minute().map(|minute| minute * 60);
            let last = until.min(request.now().timestamp());
            let mut begin = from.max(first.unwrap_or(i64::MAX)).div_euclid(period) * period;
            if begin < from {
                begin += period;
            }
            while begin <= last {
                let value = of_period(request, metric, function, asked, counted, (begin, period));
                if let Some(value) = value {
                    times.push(real_time(begin));
                    values.push(value);
                }
                begin += period;
            }
        }
        let specific = |bit: i64| if specified & bit == 0 { Value::Null } else { json!(values) };
        Ok(json!({
            "Dimensions": asked.dimensions,
            "Timestamps": times,
            "Values": values,
            "AvgValues": specific(1),
            "MaxValues": specific(2),
            "MinValues": specific(4),
        }))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a time of day has far fewer than 53 bits")]
fn real_time(seconds: i64) -> f64 {
    seconds as f64
}

fn of_period(
    request: &Request,
    metric: &Metric,
    function: &Function,
    asked: &Asked,
    counted: Counted,
    (begin, period): (i64, i64),
) -> Option<f64> {
    let mut counts = Counts::default();
    for minute in begin / 60..(begin + period) / 60 {
        counts.add(&function.shown(asked.function, counted, minute, request.now()));
    }
    let latest = function.versions.get(LATEST);
    let memory = latest.and_then(|latest| latest.configuration.get("MemorySize"));
    let measured = Measured {
        counts,
        minutes: real_time(period) / 60.0,
        memory: memory.and_then(Value::as_f64).unwrap_or(128.0),
        zeros: request.context.behaviour.monitor_zeros,
    };
    (metric.value)(&measured)
}
