//! A tag.

use serde::{Deserialize, Serialize};

/// A tag as SCF spells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// Key.
    pub key: String,
    /// Value, perhaps empty.
    pub value: String,
}
