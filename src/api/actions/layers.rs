//! Layers.

use serde::{Deserialize, Serialize};

use super::{Action, Repeat};

action!(ListLayerVersions, Freely, ListLayerVersionsReply);

/// Lists the versions of a layer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListLayerVersions {
    /// The layer.
    pub layer_name: String,
}

/// What [`ListLayerVersions`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListLayerVersionsReply {
    /// In no order that the definition names.
    pub layer_versions: Vec<LayerVersionInfo>,
}

/// A version of a layer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LayerVersionInfo {
    /// Its number.
    pub layer_version: i64,
    /// `Active` where it can be used.
    pub status: String,
}
