//! The steps that bring triggers to what the file says.
//!
//! A trigger is identified by type and name; `cos` also by its rule, `cls` by topic, `mps` by
//! event, `clb` by forwarding rule. On the qualifiers that the file's events name, the file is
//! the truth; one of its triggers that stands elsewhere has moved. Everything else is left alone.

mod form;
mod steps;
#[cfg(test)]
mod tests;

pub use form::TriggerDifference;
pub use steps::plan;

use super::error::TriggerError;
use super::observed::{ObservedRule, ObservedTrigger, ObservedTriggers};
use crate::model::trigger::{Trigger, TriggerKind};
use crate::model::{DEFAULT_ALIAS, PublishedVersion, Version};

impl ObservedTrigger {
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

/// Checks that everything that the triggers name exists.
///
/// `exists` is false for a function that is about to be created: it is born with `$LATEST`
/// and `$DEFAULT` only. `comes` returns whether an alias is created before the triggers.
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
