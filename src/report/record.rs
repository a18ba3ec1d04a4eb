//! Records that are the same wherever they are reported: of a version, a trigger. That of a function is
//! [`crate::model::FunctionRecord`], that of an alias [`super::alias::Alias`].

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::camel_case;
use crate::model::Version;

/// A version, the same wherever one is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VersionRecord {
    /// Its number, or `$LATEST`.
    pub version: Version,
    /// Free text, with the key that scfctl keeps behind it.
    pub description: String,
    /// The text alone.
    #[serde(skip)]
    pub text: String,
    /// Status name.
    pub status: Option<String>,
    /// Publication, as the service says it.
    pub add_time: Option<String>,
    /// Last write.
    pub mod_time: Option<String>,
    /// Hex SHA-256 of its package, where it was asked for and the service tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_sha256: Option<String>,
}

/// A trigger, the same wherever one is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    /// `timer`, `cos`, `http`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name, or that of what it is bound to.
    pub name: String,
    /// Version or alias that it calls.
    pub qualifier: String,
    /// Whether it fires.
    pub enabled: bool,
    /// Of a timer: when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// Free text.
    pub description: String,
    /// What the service lists of it besides; a deployment has that, too.
    #[cfg_attr(test, schemars(with = "Map<String, Value>"))]
    #[serde(flatten, serialize_with = "besides")]
    pub listed: Map<String, Value>,
}

/// The fields of a record that no key above says already, in camelCase.
fn besides<S: Serializer>(listed: &Map<String, Value>, serializer: S) -> Result<S::Ok, S::Error> {
    let said = ["type", "name", "qualifier", "enabled", "cron", "description"];
    let fields = match camel_case(&Value::Object(listed.clone())) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    serializer.collect_map(fields.iter().filter(|(key, _)| !said.contains(&key.as_str())))
}
