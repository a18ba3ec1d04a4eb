//! The state the user wants, valid by construction.

use crate::model::trigger::WantedTriggers;
use crate::model::{
    Attributes, CodeSource, FunctionId, FunctionSpec, NamedAlias, WantedProvision, Weight,
};

/// Whether to publish a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publish {
    /// Never.
    No,
    /// Always, as the seed document says.
    Always,
    /// Only when `$LATEST` will differ from the newest version (`--if-changed`).
    IfChanged,
}

/// The state the user wants, valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Name, namespace and region of the function.
    pub function: FunctionId,
    /// Type, runtime, handler and configuration, as far as the file says.
    pub spec: FunctionSpec,
    /// Attributes of the function as a whole, as far as the file says.
    pub attributes: Attributes,
    /// Values for a new function where the file says nothing.
    pub creation_defaults: FunctionSpec,
    /// The code or image to deploy.
    pub source: CodeSource,
    /// Whether to publish a version.
    pub publish: Publish,
    /// The user's description of the published version.
    pub publish_description: String,
    /// Run id given by the user (`--run-id`): an earlier attempt may have published already.
    pub run: Option<String>,
    /// Share (0–1) of `$LATEST` in `$DEFAULT`, or in `alias` if there is one.
    pub traffic: Option<Weight>,
    /// The alias to route instead of `$DEFAULT`.
    pub alias: Option<NamedAlias>,
    /// Instances to keep warm; `None` changes nothing.
    pub provision: Option<WantedProvision>,
    /// Triggers; `None` leaves all of them alone.
    pub triggers: Option<WantedTriggers>,
    /// Sends code and configuration even if nothing differs, and replaces match rules.
    pub force: bool,
    /// Ends a rollout of the alias, then routes it (`--end-rollout`).
    pub end_rollout: bool,
}
