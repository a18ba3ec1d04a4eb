//! What `config` reports.

use serde::Serialize;
use serde_json::{Map, Value};

use super::FunctionName;

/// The merged configuration of an instance.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// Stage.
    pub stage: String,
    /// App.
    pub app: String,
    /// Name of the instance.
    pub name: String,
    /// Organisation.
    pub org: Option<String>,
    /// Region.
    pub region: String,
    /// Function; none where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_name: Option<String>,
    /// Its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The functions of a `multi-scf` instance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<KeyedFunction>,
    /// Inputs, with their secrets hidden unless they were asked for.
    pub inputs: Map<String, Value>,
    /// Where values that are hidden come from.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub values_from: Map<String, Value>,
    /// Where the keys come from.
    pub credentials: Credentials,
    /// A `.env` outside the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dotenv: Option<String>,
}

/// A function of a `multi-scf` instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyedFunction {
    /// Its key.
    pub key: String,
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
}

/// Where keys come from, by names alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The place.
    pub source: Option<String>,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Name of the value of each part, where there are any.
    #[serde(flatten)]
    pub names: Option<KeyNames>,
    /// Places in the order in which they are looked at.
    pub places: Vec<String>,
}

/// Names of the values that keys are made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyNames {
    /// Id.
    pub secret_id: Option<String>,
    /// Key.
    pub secret_key: Option<String>,
    /// Token.
    pub token: Option<String>,
    /// Role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Token of an identity provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_identity_token: Option<String>,
}
