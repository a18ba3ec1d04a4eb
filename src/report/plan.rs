//! What `--dry-run` reports: the calls, and where requests go before and after them.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::said::{Said, shown_in};
use super::{FunctionName, object};
use crate::model::{MatchRule, Routing, Version, Weight};
use crate::text::{Language, Text};

/// What a command would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Key of the function in a `multi-scf` instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The alias that is routed, unless it is `$DEFAULT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_name: Option<String>,
    /// Of `publish-ver`: the last published version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_version: Option<Version>,
    /// What would be sent, and what comes of it.
    #[serde(flatten)]
    pub dry_run: DryRun,
    /// The rollout that would be under way then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<super::rollout::Rollout>,
    /// What is worth knowing besides.
    #[serde(flatten)]
    pub told: PlanFacts,
}

/// What a dry run shows, whatever the command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DryRun {
    /// Calls that change something, in order.
    pub calls: Vec<PlannedCall>,
    /// Where requests to the alias go. `routing` is one map wherever it is reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_change: Option<RoutingChange>,
}

/// A result with a dry run as people are shown it, where an `alias` is a name and `routing` a
/// change.
pub(super) fn shown(result: &impl Serialize) -> Value {
    fn renamed(value: Value) -> Value {
        match value {
            Value::Array(items) => items.into_iter().map(renamed).collect(),
            Value::Object(map) => map
                .into_iter()
                .map(|(key, item)| match &*key {
                    "aliasName" => ("alias".to_owned(), item),
                    "routingChange" => ("routing".to_owned(), item),
                    _ => (key, renamed(item)),
                })
                .collect(),
            other => other,
        }
    }
    renamed(object(result).into())
}

impl Plan {
    /// The plan as people are shown it.
    #[must_use]
    pub fn shown(&self, language: Language) -> Value {
        shown(&shown_in(self, language, |plan| {
            plan.dry_run.speak_chinese();
            plan.told.warnings.iter_mut().for_each(|warning| warning.message.speak_chinese());
        }))
    }
}

impl DryRun {
    /// Whether there is a call that would change something.
    #[must_use]
    pub fn would_change(&self) -> bool {
        !self.calls.is_empty()
    }

    pub(super) fn speak_chinese(&mut self) {
        self.calls.iter_mut().for_each(|call| call.effect.speak_chinese());
        let shares = self.routing_change.as_mut().and_then(|change| change.after.as_mut());
        for (version, _) in shares.into_iter().flat_map(|shares| &mut shares.0) {
            if *version == NewVersion.to_string() {
                *version = NewVersion.zh();
            }
        }
    }
}

/// A call that changes something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlannedCall {
    /// Action of the API.
    pub action: &'static str,
    /// What it changes, for people.
    pub effect: Said,
}

/// Where requests go before and after; none where there is no alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RoutingChange {
    /// Before.
    pub before: Option<Shares>,
    /// After.
    pub after: Option<Shares>,
}

impl RoutingChange {
    /// Of an alias that goes from one routing to another, or comes, or goes.
    #[must_use]
    pub fn of(before: Option<&Routing>, after: Option<&Routing>) -> Self {
        Self { before: before.map(Shares::from), after: after.map(Shares::from) }
    }
}

/// A version that does not exist yet, among [`Shares`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("new version")]
pub struct NewVersion;

/// Shares by version. One that does not exist yet is [`NewVersion`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares(pub Vec<(String, Weight)>);

impl From<&Routing> for Shares {
    fn from(routing: &Routing) -> Self {
        let shares = routing.shares();
        Self(shares.iter().map(|(version, share)| (version.to_string(), *share)).collect())
    }
}

impl Serialize for Shares {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(version, share)| (version, share)))
    }
}

/// What programs are told besides.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PlanFacts {
    /// Aliases that serve new content at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub new_content_served_by: Vec<ServesNewContent>,
    /// The version of an earlier try of this run that is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adopted_version: Option<Version>,
    /// Requests that go elsewhere than one may think.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// An alias that sends requests to `$LATEST`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServesNewContent {
    /// Alias.
    pub alias_name: String,
    /// Share by weight.
    pub share: Weight,
    /// Match rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<MatchRule>,
}

/// A warning: what it is about, and its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Warning {
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// The text.
    pub message: Said,
}

/// What a warning is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "warning", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum About {
    /// The last published version takes requests from others.
    MovesRest {
        /// Alias.
        alias_name: String,
        /// The last published version.
        version: Version,
        /// What it gets.
        share: Weight,
        /// What it serves now.
        serves_now: Weight,
        /// Versions that serve now.
        from: Shares,
    },
    /// The last published version was rolled back, so another one serves the rest.
    RolledBack {
        /// Alias.
        alias_name: String,
        /// The last published version.
        rolled_back: Version,
        /// The one that serves the rest.
        version: Version,
        /// What it gets.
        share: Weight,
        /// What it serves now.
        serves_now: Weight,
    },
    /// The last line of an alias's description is not understood.
    ForeignMarker {
        /// Alias.
        alias_name: String,
        /// The line.
        line: String,
    },
    /// The version that is used is not the last published one.
    AdoptedIsNotLast {
        /// The version that is used.
        version: Version,
        /// The last published one.
        last: Option<Version>,
    },
    /// The alias is under a rollout of `$LATEST`, whose content changes.
    ChangesObserved {
        /// Alias.
        alias_name: String,
    },
    /// Other aliases that serve new content are not known.
    AliasesNotListed,
}
