//! Aliases: read and listed here, changed in the modules below.

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
use records::{check_result, read};
pub(super) use records::{explain_missing, get, is_just, observe, observe_all, read_all};

pub(super) use create::create;
pub use create::plan_create;
pub use delete::{AliasDeletion, delete, plan_delete};
pub use guard::{AliasGuard, AliasLook};
pub use update::{plan_update, set};
pub use watched::{WatchedAlias, watch};

/// A change of an alias, decided.
#[derive(Debug, Clone)]
pub struct AliasPlan {
    /// What was asked for.
    pub wish: AliasWish,
    /// The alias as it is; nothing when it is to be created.
    guard: AliasGuard,
    /// The same, as it was answered.
    reply: Option<AliasReply>,
    /// Its routing afterwards.
    pub routing: Routing,
    /// Its description afterwards; `None` keeps the one that is there.
    pub description: Option<String>,
}

impl AliasPlan {
    /// The alias as it is; `None` when it is to be created.
    #[must_use]
    pub fn before(&self) -> Option<&Alias> {
        self.guard.known()
    }

    /// What is sent: one step, or none where the alias is as asked.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let description = self.description.as_deref();
        let step = plan::alias::step(&self.wish.name, self.before(), &self.routing, description);
        step.into_iter().collect()
    }
}
