//! Plans the steps that make triggers match the file.
//!
//! A trigger is identified by type and name; `cos` also by its rule, `cls` by topic, `mps` by
//! event, `clb` by forwarding rule. The file owns the qualifiers that its events name. A trigger of
//! the file that is found on another qualifier has moved. All other triggers are left alone.

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
    /// Returns whether both are the same trigger on the same qualifier, whatever its settings.
    ///
    /// A bucket may have several triggers of one name, with different rules.
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

    /// Returns whether this program can delete it.
    ///
    /// `DeleteTrigger` declares these types; the real component deletes `mps` with it, too, and
    /// `clb` goes through the CLB API.
    fn can_go(&self) -> bool {
        TriggerKind::of(&self.kind).is_some() || matches!(self.kind.as_str(), "apigw" | "cmq")
    }
}

/// Checks that the qualifiers and listeners that the triggers need exist.
///
/// `exists` is false for a function that is about to be created: it will only have `$LATEST` and
/// `$DEFAULT`. `comes` returns whether an alias is created before the triggers.
///
/// # Errors
/// Fails for the first trigger that needs something else.
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
