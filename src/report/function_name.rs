//! How every result names its function.

use serde::Serialize;

use crate::model::FunctionId;

/// Which function a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FunctionName {
    /// Name.
    pub function_name: String,
    /// Namespace.
    pub namespace: String,
    /// Region.
    pub region: String,
}

impl From<&FunctionId> for FunctionName {
    fn from(function: &FunctionId) -> Self {
        Self {
            function_name: function.name.clone(),
            namespace: function.namespace.clone(),
            region: function.region.clone(),
        }
    }
}
