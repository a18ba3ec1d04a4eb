//! Metrics of functions that the monitor keeps (`docs/reference/monitoring.md`).

use chrono::{DateTime, FixedOffset, Utc};

use super::Version;

/// The offset of China: what the monitor is asked in, and what people read.
pub const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours are an offset");

/// How the values of a period become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// They are added.
    Sum,
    /// Their mean counts.
    Average,
    /// The largest counts.
    Maximum,
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name in the API.
    pub name: &'static str,
    /// What its values are in: `count`, `ms`, `%`, `MB`, `MB*ms` or `KB`.
    pub unit: &'static str,
    /// How its values go together.
    pub statistic: Statistic,
}

const fn metric(name: &'static str, unit: &'static str, statistic: Statistic) -> Metric {
    Metric { name, unit, statistic }
}

/// Every metric of functions.
pub const METRICS: &[Metric] = &[
    metric("Invocation", "count", Statistic::Sum),
    metric("Error", "count", Statistic::Sum),
    metric("Duration", "ms", Statistic::Average),
    metric("Throttle", "count", Statistic::Sum),
    metric("FunctionErrorPercentage", "%", Statistic::Average),
    metric("ServerErrorPercentage", "%", Statistic::Average),
    metric("Http2xx", "count", Statistic::Sum),
    metric("Http4xx", "count", Statistic::Sum),
    metric("Http432", "count", Statistic::Sum),
    metric("Http433", "count", Statistic::Sum),
    metric("Http434", "count", Statistic::Sum),
    metric("Syserr", "count", Statistic::Sum),
    metric("ConcurrentExecutions", "count", Statistic::Maximum),
    metric("ConfigMem", "MB", Statistic::Maximum),
    metric("Mem", "MB", Statistic::Maximum),
    metric("MemDuration", "MB*ms", Statistic::Sum),
    metric("OutFlow", "KB", Statistic::Sum),
];

/// The metrics that are shown where none is named: the first ones.
pub const USUAL_METRICS: usize = 4;

/// Seconds that a point can stand for.
pub const PERIODS: [u32; 4] = [60, 300, 3600, 86_400];

/// Which metrics are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricWish {
    /// Metrics, each once.
    pub metrics: Vec<Metric>,
    /// Versions, each once.
    pub versions: Vec<Version>,
    /// Alias; not together with versions.
    pub alias: Option<String>,
    /// Seconds of a point, one of [`PERIODS`].
    pub period: u32,
    /// The beginning.
    pub from: DateTime<Utc>,
    /// The end, later than the beginning.
    pub until: DateTime<Utc>,
    /// Whether an interval was given in vain, since the beginning was given, too.
    pub interval_unused: bool,
}
