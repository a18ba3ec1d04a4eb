//! Metrics of functions in the monitor (`docs/reference/monitoring.md`).

use chrono::{DateTime, FixedOffset, Utc};

use super::Version;

/// Offset of China, in which times are sent to the monitor and shown.
pub const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours are an offset");

/// How the values of a period are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// Sum of the values.
    Sum,
    /// Mean of the values.
    Average,
    /// Largest value.
    Maximum,
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name in the API.
    pub name: &'static str,
    /// Unit of its values: `count`, `ms`, `%`, `MB`, `MB*ms` or `KB`.
    pub unit: &'static str,
    /// How its values are combined.
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

/// Number of metrics shown if none is named: the first of [`METRICS`].
pub const USUAL_METRICS: usize = 4;

/// Supported periods in seconds.
pub const PERIODS: [u32; 4] = [60, 300, 3600, 86_400];

/// Which metrics to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricWish {
    /// Metrics, without duplicates.
    pub metrics: Vec<Metric>,
    /// Versions, without duplicates.
    pub versions: Vec<Version>,
    /// Alias; excludes `versions`.
    pub alias: Option<String>,
    /// Period in seconds, one of [`PERIODS`].
    pub period: u32,
    /// Start of the range.
    pub from: DateTime<Utc>,
    /// End of the range, after its start.
    pub until: DateTime<Utc>,
    /// Whether an interval was given but has no effect, because the start was given, too.
    pub interval_unused: bool,
}
