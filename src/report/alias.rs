//! What the alias commands report.

use serde::Serialize;

use super::FunctionName;
use crate::model::{MatchRule, Routing, Version, Weight};

/// An alias, the same wherever one is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Alias {
    /// Name.
    pub name: String,
    /// Version that gets what no other one does.
    pub main_version: Version,
    /// Versions with a weight.
    pub additional_version_weights: Vec<VersionWeight>,
    /// Match rules.
    pub matches: Vec<MatchRule>,
    /// Description, with what scfctl keeps behind the user's text.
    pub description: String,
    /// Creation; where the service was asked for the alias alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_time: Option<String>,
    /// Last change.
    pub mod_time: Option<String>,
    /// Where its requests go. In JSON the fields above say so.
    #[serde(skip)]
    pub routing: Routing,
}

/// A version with the share that goes to it by weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VersionWeight {
    /// Version.
    pub version: Version,
    /// Share.
    pub weight: Weight,
}

impl From<&crate::model::Alias> for Alias {
    fn from(alias: &crate::model::Alias) -> Self {
        let routing = &alias.routing;
        let weights = routing.additional.iter();
        Self {
            name: alias.name.clone(),
            main_version: routing.main,
            additional_version_weights: weights
                .map(|(version, weight)| VersionWeight { version: *version, weight: *weight })
                .collect(),
            matches: routing.matches.clone(),
            description: alias.description.clone(),
            add_time: None,
            mod_time: Some(alias.modified.clone()).filter(|time| !time.is_empty()),
            routing: routing.clone(),
        }
    }
}

/// An alias that was created or changed, as it was read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AliasWritten {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The alias.
    pub alias: Alias,
    /// Names the call to the vendor's support.
    pub request_id: Option<String>,
}

/// The aliases of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AliasList {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The aliases.
    pub aliases: Vec<Alias>,
}

/// An alias that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AliasDeleted {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The alias as it was.
    pub alias: Alias,
    /// Names the call to the vendor's support; none where the answer was lost.
    pub request_id: Option<String>,
}
