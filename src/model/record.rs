//! What the service keeps of a function.

use serde::Serialize;

/// What a function, or a version of it, is: the same wherever one is reported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FunctionRecord {
    /// Language and version.
    pub runtime: Option<String>,
    /// `file.function`.
    pub handler: Option<String>,
    /// MB.
    pub memory_size: Option<i64>,
    /// Seconds.
    pub timeout: Option<i64>,
    /// Free text.
    pub description: Option<String>,
    /// Bytes of the package.
    pub code_size: Option<i64>,
    /// Last write, as the service says it.
    pub mod_time: Option<String>,
}
