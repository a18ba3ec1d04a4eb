//! The steps that bring triggers to what the file says.
//!
//! A trigger's identity is its type and name; of a bucket the rule, of a log topic, a type of
//! media task and a load balancer's rule these themselves. On the qualifiers that the file's
//! events name, the file is the truth; one of theirs anywhere else has moved. Everything else is
//! left alone.

mod form;
mod steps;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use form::{Changes, Difference};
pub use steps::{Reason, TriggerStep, plan};

use crate::model::trigger::{BalancerRule, Trigger, TriggerKind, label};
use crate::model::{DEFAULT_ALIAS, PublishedVersion, Version};

/// Triggers of one type that a function may have in every account (API reference, names and
/// limits); some accounts may have more.
const PER_TYPE: usize = 10;

/// A trigger as the service reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedTrigger {
    /// `timer`, `cos`, `http`, …
    pub kind: String,
    /// `TriggerName`; empty for some types.
    pub name: String,
    /// Version or alias that it calls.
    pub qualifier: String,
    /// `TriggerDesc` as listed.
    pub text: String,
    /// The same, read; null where it is no JSON.
    pub form: Value,
    /// `CustomArgument`; empty for none.
    pub argument: String,
    /// `Description`; empty for none.
    pub description: String,
    /// Whether it fires.
    pub enabled: bool,
    /// `ResourceId`.
    pub resource_id: String,
    /// What the other product knows it by: the end of `ResourceId`.
    pub resource: String,
    /// The rule of the file that a load balancer's trigger is bound to.
    pub rule: Option<BalancerRule>,
    /// Its share there.
    pub weight: Option<i64>,
}

impl ObservedTrigger {
    /// Type and name, for people.
    #[must_use]
    pub fn title(&self) -> String {
        let name = match (&self.rule, self.name.is_empty()) {
            (Some(rule), _) => rule.to_string(),
            (None, true) => self.resource.clone(),
            (None, false) => self.name.clone(),
        };
        format!("{} `{name}`", label(&self.kind))
    }

    /// Whether both are one trigger, however it looks meanwhile. A bucket has several of one
    /// name.
    #[must_use]
    pub fn is_one_with(&self, other: &Self) -> bool {
        let rule = |trigger: &Self| match TriggerKind::of(&trigger.kind) {
            Some(TriggerKind::Cos) => trigger.description_to_name_it(),
            _ => None,
        };
        self.kind == other.kind
            && self.name == other.name
            && self.qualifier == other.qualifier
            && self.resource == other.resource
            && rule(self) == rule(other)
    }

    /// Whether this program can delete it: `DeleteTrigger` declares these types, the real
    /// component deletes `mps` with it too, and `clb` goes through CLB.
    fn can_go(&self) -> bool {
        TriggerKind::of(&self.kind).is_some() || matches!(self.kind.as_str(), "apigw" | "cmq")
    }
}

/// A load balancer's rule that the file names, as far as it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedRule {
    /// The rule.
    pub rule: BalancerRule,
    /// The listener of its protocol and port.
    pub listener: Option<String>,
    /// The rule's own id; a missing rule is made.
    pub location: Option<String>,
}

/// What there is, read only when the file has an `events` key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObservedTriggers {
    /// All of them, over all pages.
    pub triggers: Vec<ObservedTrigger>,
    /// Aliases that exist: those that the file names, and all when one of these is missing.
    pub aliases: Vec<String>,
    /// The rules of load balancers that the file names.
    pub rules: Vec<ObservedRule>,
}

/// A trigger that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// No such alias.
    #[error("{trigger} names alias `{alias}`, which the function does not have")]
    NoAlias {
        /// Trigger.
        trigger: String,
        /// Alias.
        alias: String,
        /// The aliases that exist; empty where they could not be listed.
        existing: Vec<String>,
    },
    /// No such version.
    #[error("{trigger} names version {version}, which the function does not have")]
    NoVersion {
        /// Trigger.
        trigger: String,
        /// Version.
        version: Version,
        /// The last published one.
        last: Option<Version>,
    },
    /// The function is only about to be created.
    #[error("{trigger} names `{qualifier}`, and the function does not exist yet")]
    NoFunction {
        /// Trigger.
        trigger: String,
        /// Alias or version.
        qualifier: String,
    },
    /// The load balancer does not listen there.
    #[error("load balancer `{}` has no {} listener on port {}", rule.balancer, rule.protocol, rule.port)]
    NoListener {
        /// The rule that was to be made there.
        rule: BalancerRule,
    },
}

/// Checks that everything that the triggers name is there.
///
/// `exists` is false for a function that is about to be created: it is born with `$LATEST`
/// and `$DEFAULT` only. `comes` tells the aliases that are made before the triggers.
///
/// # Errors
/// The first trigger that names something else.
pub fn check(
    wanted: &[Trigger],
    exists: bool,
    versions: &[PublishedVersion],
    observed: &ObservedTriggers,
    comes: &dyn Fn(&str) -> bool,
) -> Result<(), TriggerError> {
    for trigger in wanted {
        let listens = |known: &&ObservedRule| Some(&known.rule) == trigger.rule();
        if let Some(known) = observed.rules.iter().find(listens)
            && known.listener.is_none()
        {
            return Err(TriggerError::NoListener { rule: known.rule.clone() });
        }
        let version = trigger.qualifier.parse::<Version>().ok();
        let born = version == Some(Version::Latest) || trigger.qualifier == DEFAULT_ALIAS;
        if born || comes(&trigger.qualifier) {
            continue;
        }
        if !exists {
            return Err(TriggerError::NoFunction {
                trigger: trigger.title(),
                qualifier: trigger.qualifier.clone(),
            });
        }
        match version {
            Some(version) if versions.iter().all(|known| known.version != version) => {
                return Err(TriggerError::NoVersion {
                    trigger: trigger.title(),
                    version,
                    last: versions.iter().map(|known| known.version).max(),
                });
            }
            None if !observed.aliases.contains(&trigger.qualifier) => {
                return Err(TriggerError::NoAlias {
                    trigger: trigger.title(),
                    alias: trigger.qualifier.clone(),
                    existing: observed.aliases.clone(),
                });
            }
            _ => {}
        }
    }
    Ok(())
}
