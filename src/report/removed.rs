//! What `remove` and `versions prune` report.

use serde::Serialize;
use serde_json::{Map, Value};

use super::FunctionName;
use super::plan::{DryRun, shown};
use super::record::VersionRecord;
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
    /// With `--dry-run`: what would be sent; nothing where it is gone.
    #[serde(flatten)]
    pub dry_run: Option<DryRun>,
}

/// A dry run for people: that nothing was deleted goes without saying.
fn as_plan(mut shown: Value) -> Value {
    if shown.get("calls").is_some()
        && let Value::Object(map) = &mut shown
    {
        map.shift_remove("removed");
        map.shift_remove("deleted");
    }
    if let Some(Value::Array(functions)) = shown.get_mut("functions") {
        for one in functions {
            *one = as_plan(one.take());
        }
    }
    shown
}

impl Removals {
    /// Whether it is that of a dry run which found something to remove.
    #[must_use]
    pub fn would_change(&self) -> bool {
        let all = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several { functions } => functions,
        };
        all.iter().filter_map(|one| one.dry_run.as_ref()).any(DryRun::would_change)
    }

    /// The result as people are shown it.
    #[must_use]
    pub fn shown(&self, language: Language) -> Value {
        as_plan(shown(&shown_in(self, language, |removals| {
            let all = match removals {
                Self::One(one) => std::slice::from_mut(one),
                Self::Several { functions } => functions,
            };
            let dry_runs = all.iter_mut().filter_map(|one| one.dry_run.as_mut());
            dry_runs.for_each(DryRun::speak_chinese);
        })))
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
    /// With `--dry-run`: what would be sent.
    #[serde(flatten)]
    pub dry_run: Option<DryRun>,
}

/// A version that stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Kept {
    /// The version.
    #[serde(flatten)]
    pub record: VersionRecord,
    /// Why.
    pub why: Vec<Said>,
}

impl Pruned {
    /// The result as people are shown it: in a line each why versions stay.
    #[must_use]
    pub fn shown(&self, language: Language) -> Value {
        let pruned = shown_in(self, language, |pruned| {
            let why = pruned.kept.iter_mut().flat_map(|one| &mut one.why);
            why.for_each(Said::speak_chinese);
            pruned.dry_run.iter_mut().for_each(DryRun::speak_chinese);
        });
        let line = |one: &Kept| {
            let why: Vec<String> = one.why.iter().map(ToString::to_string).collect();
            (one.record.version.to_string(), why.join(language.semicolon()).into())
        };
        let kept: Map<String, Value> = pruned.kept.iter().map(line).collect();
        let mut shown = as_plan(shown(&pruned));
        shown["kept"] = kept.into();
        shown
    }
}
