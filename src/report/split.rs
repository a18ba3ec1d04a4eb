//! What `verify-split` reports.

use serde::{Serialize, Serializer};

use super::FunctionName;
use crate::model::{Version, Weight};

/// Which versions answered the calls of an alias.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Split {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The alias.
    pub alias_name: String,
    /// How sure the answer is, from 0 to 1: a split that is as it was set is called another one
    /// with a probability of at most the rest.
    #[cfg_attr(test, schemars(with = "super::schema::Share"))]
    #[serde(serialize_with = "share")]
    pub confidence: f64,
    /// Calls.
    pub calls: u64,
    /// Those among them of which it is not known which version answered.
    pub unknown: u64,
    /// Whether all is as it was set, as far as the calls can tell.
    pub as_set: bool,
    /// Each version that is set or answered.
    pub versions: Vec<SplitPart>,
}

/// What one version answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SplitPart {
    /// Version.
    pub version: Version,
    /// Calls that it answered.
    pub calls: u64,
    /// The share that the alias gives it.
    pub set: Weight,
    /// The lowest share that the calls leave possible.
    #[cfg_attr(test, schemars(with = "super::schema::Share"))]
    #[serde(serialize_with = "share")]
    pub low: f64,
    /// The highest one.
    #[cfg_attr(test, schemars(with = "super::schema::Share"))]
    #[serde(serialize_with = "share")]
    pub high: f64,
    /// Whether what is set is possible.
    pub as_set: bool,
}

impl SplitPart {
    /// The middle of the shares that are possible.
    #[must_use]
    pub fn middle(&self) -> f64 {
        f64::midpoint(self.low, self.high)
    }
}

/// A share with no more digits than mean something.
#[allow(clippy::trivially_copy_pass_by_ref)] // As serde gives it.
fn share<S: Serializer>(share: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((share * 1e6).round() / 1e6)
}
