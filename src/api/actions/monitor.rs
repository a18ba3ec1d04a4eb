//! Metrics of functions, from the product `monitor` (云监控).
//!
//! Answers are read leniently: lists may be empty or missing, and single values null
//! (`docs/reference/monitoring.md`).

use serde::{Deserialize, Serialize};

use super::{Action, Product, Repeat};

const MONITOR: Product = Product { name: "monitor", version: "2018-07-24" };

action!(MONITOR, GetMonitorData, Freely, GetMonitorDataReply);

/// Reads one metric of several instances.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetMonitorData {
    /// `QCE/SCF_V2` for functions.
    pub namespace: String,
    /// Metric.
    pub metric_name: String,
    /// What is measured, at most 50.
    pub instances: Vec<Instance>,
    /// Seconds that each point stands for.
    pub period: u32,
    /// ISO 8601 with an offset.
    pub start_time: String,
    /// ISO 8601 with an offset.
    pub end_time: String,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instance {
    /// Its names.
    pub dimensions: Vec<Dimension>,
}

/// One of the names of what is measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Dimension {
    /// What is named, such as `functionName`.
    pub name: String,
    /// The name.
    pub value: String,
}

/// What [`GetMonitorData`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetMonitorDataReply {
    /// One entry per instance.
    pub data_points: Option<Vec<DataPoint>>,
}

/// The points of an instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DataPoint {
    /// Which instance.
    pub dimensions: Option<Vec<DimensionReply>>,
    /// Unix seconds at which the periods begin.
    pub timestamps: Option<Vec<Option<f64>>>,
    /// Values, side by side with the timestamps.
    pub values: Option<Vec<Option<f64>>>,
}

/// One of the names of an instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DimensionReply {
    /// What is named.
    pub name: Option<String>,
    /// The name.
    pub value: Option<String>,
}
