//! What `metric` reports.

use serde::{Serialize, Serializer};
use serde_json::{Number, Value};

use super::FunctionName;
use crate::model::Version;
use crate::model::metric::Statistic;

/// Points of metrics over a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The beginning: ISO 8601 with the offset of China.
    pub from: String,
    /// The end.
    pub until: String,
    /// The same in Unix seconds.
    #[serde(skip)]
    pub seconds: (i64, i64),
    /// Seconds that each point stands for.
    pub period: u32,
    /// A series for each metric and each version.
    pub series: Vec<MetricSeries>,
}

/// The points of one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MetricSeries {
    /// Metric.
    pub metric: &'static str,
    /// What its values are in.
    pub unit: &'static str,
    /// How the values of a period went together.
    #[serde(skip)]
    pub statistic: Statistic,
    /// Version, where calls are counted by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Alias, where calls are counted by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Points, oldest first. Of a period without one the monitor knows nothing.
    pub points: Vec<MetricPoint>,
}

impl MetricSeries {
    /// Version or alias; empty where the function is counted as a whole.
    #[must_use]
    pub fn counted(&self) -> String {
        let version = self.version.map(|version| version.to_string());
        version.or_else(|| self.alias.clone()).unwrap_or_default()
    }
}

/// One point.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MetricPoint {
    /// The beginning of its period in China, as the real CLI shows it.
    pub time: String,
    /// Value.
    #[cfg_attr(test, schemars(with = "f64"))]
    #[serde(serialize_with = "plain")]
    pub value: f64,
    /// The beginning of its period in Unix seconds.
    pub timestamp: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn plain<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    number(*value).serialize(serializer)
}

/// A value as a JSON number, without decimals that say nothing.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
pub fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}
