//! What `remove` and `versions prune` report.

use serde::Serialize;

use super::FunctionName;
use super::plan::Call;
use super::said::{Said, shown_in};
use crate::model::Version;
use crate::text::Language;

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Removals {
    /// Of one function.
    One(Removed),
    /// Of a project, or a `multi-scf` instance, in the order in which they go.
    Several {
        /// Each function.
        functions: Vec<Removed>,
    },
}

/// A function, a version or an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Removed {
    /// Its instance, or its key in a `multi-scf` instance, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The version, where that alone goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The alias, where that alone goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_name: Option<String>,
    /// Whether this run has removed it. What was gone before is not.
    pub removed: bool,
    /// With `--dry-run`: the calls that change something, in order; none where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<Vec<Call>>,
}

/// Whether there is a call of a dry run that would change something.
pub(super) fn has_calls(calls: Option<&[Call]>) -> bool {
    calls.is_some_and(|calls| !calls.is_empty())
}

impl Removals {
    /// Whether it is that of a dry run which found something to remove.
    #[must_use]
    pub fn would_change(&self) -> bool {
        let all = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several { functions } => functions,
        };
        all.iter().any(|one| has_calls(one.calls.as_deref()))
    }

    /// The result as people are shown it.
    #[must_use]
    pub fn shown(&self, language: Language) -> Self {
        shown_in(self, language, |removals| {
            let all = match removals {
                Self::One(one) => std::slice::from_mut(one),
                Self::Several { functions } => functions,
            };
            let calls = all.iter_mut().flat_map(|one| one.calls.iter_mut().flatten());
            calls.for_each(|call| call.effect.speak_chinese());
        })
    }
}

/// What became of the versions of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pruned {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The versions that this run has deleted, the oldest first.
    pub deleted: Vec<Version>,
    /// The versions that stay, the newest first.
    pub kept: Vec<Kept>,
    /// With `--dry-run`: the calls that change something, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<Vec<Call>>,
}

/// A version that stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Kept {
    /// The version.
    pub version: Version,
    /// Why.
    pub why: Vec<Said>,
}

impl Pruned {
    /// The result as people are shown it.
    #[must_use]
    pub fn shown(&self, language: Language) -> Self {
        shown_in(self, language, |pruned| {
            let why = pruned.kept.iter_mut().flat_map(|one| &mut one.why);
            why.for_each(Said::speak_chinese);
            let calls = pruned.calls.iter_mut().flatten();
            calls.for_each(|call| call.effect.speak_chinese());
        })
    }
}
