//! Pure decisions: (observed, wanted) to steps.
//!
//! Nothing here makes a call, sleeps, prints or reads a clock. `--dry-run` prints the same steps
//! that the executor carries out.

pub mod alias;
mod attributes;
pub mod command;
mod content;
pub mod deploy;
pub mod drift;
mod error;
pub mod exposure;
pub mod gates;
pub mod marker;
mod note;
mod observed;
pub mod project;
mod provision;
pub mod prune;
pub mod publish;
mod rest;
pub mod rollout;
pub mod routing;
pub mod saved;
pub mod split;
mod step;
mod target;
pub mod traffic;
pub mod triggers;
mod wanted;

pub use error::{AliasPlanError, DeployPlanError, TriggerError};
pub use note::{Moved, Note};
pub use observed::{
    Observed, ObservedAttributes, ObservedFunction, ObservedRule, ObservedTrigger,
    ObservedTriggers, Provisioned, TriggerPlace,
};
pub use step::{
    AttributeStep, Creation, DeletionReason, Fixed, Step, TriggerChange, TriggerChanges,
    TriggerStep,
};
pub use target::{RoutingTarget, Target};
pub use wanted::{Publish, Wanted};
