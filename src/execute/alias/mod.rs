//! Aliases: reading, listing and writing.

mod create;
mod delete;
mod guard;
mod records;
mod routing;
mod update;
mod watched;

use crate::api::actions::AliasReply;
use crate::model::{Alias, AliasWish, Routing};
use crate::plan::{self, Step};
pub use records::{AliasRecord, list};
use records::{check_record, check_result, read, shown_description};
pub(super) use records::{explain_missing, get, is_just, observe, observe_all, read_all};

pub(super) use create::create;
pub use create::{foresee, plan_create};
pub use delete::{AliasDeletion, delete, plan_delete};
pub use guard::{AliasGuard, AliasLook};
pub use update::{plan_update, set};
pub use watched::{WatchedAlias, watch};

/// A decided change of an alias.
#[derive(Debug, Clone)]
pub struct AliasPlan {
    /// The request.
    pub wish: AliasWish,
    /// The alias as it is; unknown if it is to be created.
    guard: AliasGuard,
    /// The service's reply for it.
    reply: Option<AliasReply>,
    /// Routing after the change.
    pub routing: Routing,
    /// Description after the change; `None` keeps the current one.
    pub description: Option<String>,
}

impl AliasPlan {
    /// Returns the alias as it is, or `None` if it is to be created.
    #[must_use]
    pub fn before(&self) -> Option<&Alias> {
        self.guard.known()
    }

    /// Returns the step to send, or nothing if the alias already is as requested.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let description = self.description.as_deref();
        let step = plan::alias::step(&self.wish.name, self.before(), &self.routing, description);
        step.into_iter().collect()
    }
}
