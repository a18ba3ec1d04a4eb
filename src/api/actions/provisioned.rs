//! Provisioned concurrency (预置并发) of published versions.

use serde::{Deserialize, Serialize};

use super::{Action, EmptyReply, FunctionRef, Repeat};

action!(PutProvisionedConcurrencyConfig, Freely, EmptyReply);
action!(GetProvisionedConcurrencyConfig, Freely, GetProvisionedConcurrencyConfigReply);
action!(DeleteProvisionedConcurrencyConfig, Freely, EmptyReply);

/// Sets how many instances of a version are kept warm.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PutProvisionedConcurrencyConfig {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// A published version, never `$LATEST`.
    pub qualifier: String,
    /// Instances.
    pub version_provisioned_concurrency_num: u64,
    /// Scheduled changes, sent as read because the reference leaves open whether omitting
    /// keeps them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trigger_actions: Vec<serde_json::Value>,
}

/// Asks for the provisioned instances of all versions.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetProvisionedConcurrencyConfig {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
}

/// The provisioned instances of one version.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VersionProvisioned {
    /// The version.
    pub qualifier: String,
    /// Instances asked for.
    pub allocated_provisioned_concurrency_num: u64,
    /// Instances that are warm.
    pub available_provisioned_concurrency_num: u64,
    /// `Done`, `InProgress` or `Failed`.
    pub status: String,
    /// Why it failed.
    pub status_reason: Option<String>,
    /// Scheduled changes.
    pub trigger_actions: Option<Vec<serde_json::Value>>,
}

/// What [`GetProvisionedConcurrencyConfig`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetProvisionedConcurrencyConfigReply {
    /// Versions that have any.
    pub allocated: Option<Vec<VersionProvisioned>>,
}

/// Removes the provisioned instances of a version.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteProvisionedConcurrencyConfig {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// The version.
    pub qualifier: String,
}
