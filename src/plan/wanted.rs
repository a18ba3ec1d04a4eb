//! What the user wants, valid by construction.

use crate::model::trigger::WantedTriggers;
use crate::model::{
    Attributes, CodeSource, FunctionId, FunctionSpec, NamedAlias, WantedProvision, Weight,
};

/// Whether and when to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publish {
    /// Not at all.
    No,
    /// Always, as the seed document says.
    Always,
    /// Only when the newest version differs from what `$LATEST` becomes (`--if-changed`).
    IfChanged,
}

/// What the user wants, valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What is deployed.
    pub function: FunctionId,
    /// What the file says that it is.
    pub spec: FunctionSpec,
    /// What the file says about the function as a whole.
    pub attributes: Attributes,
    /// What a new function has where the file says nothing.
    pub creation_defaults: FunctionSpec,
    /// What it is to run.
    pub source: CodeSource,
    /// Publishing.
    pub publish: Publish,
    /// Description of a published version, the user's text.
    pub publish_description: String,
    /// The name that the user gave the run (`--run-id`), so that an earlier try of it may have
    /// published already.
    pub run: Option<String>,
    /// Share of `$DEFAULT`, or of the alias that is named, for `$LATEST`.
    pub traffic: Option<Weight>,
    /// The alias that is routed in place of `$DEFAULT`.
    pub alias: Option<NamedAlias>,
    /// Instances to be kept warm; `None` leaves all as they are.
    pub provision: Option<WantedProvision>,
    /// Triggers; `None` leaves all of them alone.
    pub triggers: Option<WantedTriggers>,
    /// Send code and configuration even when nothing differs, and replace match rules.
    pub force: bool,
    /// End the rollout that the alias is under, and route it (`--end-rollout`).
    pub end_rollout: bool,
}
