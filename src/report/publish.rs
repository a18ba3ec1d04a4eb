//! What `publish-ver` reports.

use serde::Serialize;

use super::FunctionName;
use super::record::VersionRecord;
use crate::model::{FunctionRecord, Version};

/// A version that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The version.
    pub last_version: Version,
    /// Its record.
    pub published: VersionRecord,
    /// The same, where an earlier try of this run published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adopted_version: Option<Version>,
    /// What it is.
    #[serde(flatten)]
    pub record: FunctionRecord,
    /// Environment variables.
    pub environment: Environment,
}

/// Environment variables of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Environment {
    /// Each, without its value.
    pub variables: Vec<Variable>,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Variable {
    /// Name.
    pub key: String,
    /// `[redacted]`: pipelines keep what is printed, and these are passwords often enough.
    pub value: &'static str,
}
