//! Steps of a plan. Each is one change, or a read.

use std::collections::BTreeMap;
use std::fmt;

use super::observed::ObservedTrigger;
use super::target::{RoutingTarget, Target};
use crate::model::trigger::{Trigger, TriggerKind};
use crate::model::{
    CodeSource, Configuration, FunctionKind, FunctionSpec, Retries, Routing, Upload, Version,
    listed,
};

/// One step of a plan.
///
/// After each call that changes the function, the executor waits until it is `Active`. After each
/// change of an alias it reads the alias back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `PutObject`: uploads the package to COS for the step that refers to it there.
    Upload(Upload),
    /// `DeleteFunction` of a function whose creation failed: it cannot be repaired.
    DeleteFailed,
    /// `DeleteFunction`, with everything that belongs to the function.
    DeleteFunction {
        /// Name of the function.
        function: String,
        /// Number of its published versions.
        versions: usize,
        /// Its aliases, without `$DEFAULT`.
        aliases: Vec<String>,
    },
    /// `DeleteFunctionVersion` of a published version.
    DeleteVersion(Version),
    /// `CreateFunction`.
    Create(Box<Creation>, CodeSource),
    /// `UpdateAlias`.
    Route {
        /// Name of the alias.
        alias: String,
        /// Routing before the step.
        from: Routing,
        /// Routing after the step.
        to: RoutingTarget,
        /// New description, or `None` to keep the current one.
        description: Option<String>,
        /// Whether this precedes the code change, to keep requests away from it.
        lowers_first: bool,
    },
    /// `UpdateFunctionCode`, with the handler if the file names one.
    UpdateCode {
        /// `file.function`.
        handler: Option<String>,
        /// The new code.
        source: CodeSource,
        /// Settings that are part of the call.
        settings: Configuration,
    },
    /// `UpdateFunctionConfiguration` with the settings that differ.
    UpdateConfiguration(Configuration),
    /// `PublishVersion`.
    Publish {
        /// The user's text; the publish key is appended to it.
        description: String,
    },
    /// Uses a version that an earlier attempt of this run published. Only reads.
    Adopt(Version),
    /// Changes an attribute of the function as a whole.
    Attribute(AttributeStep),
    /// `CreateAlias`.
    CreateAlias {
        /// Name of the alias.
        alias: String,
        /// Its routing.
        to: RoutingTarget,
        /// Its description.
        description: String,
    },
    /// `DeleteAlias`.
    DeleteAlias {
        /// Name of the alias.
        alias: String,
        /// Its routing before the deletion.
        from: Routing,
    },
    /// `PutProvisionedConcurrencyConfig`, or `DeleteProvisionedConcurrencyConfig` if `to` is zero.
    Provision {
        /// A published version.
        target: Target,
        /// Number of instances now.
        from: u64,
        /// Number of instances afterwards.
        to: u64,
    },
    /// Changes a trigger.
    Trigger(TriggerStep),
}

impl Step {
    /// Returns whether the step changes anything.
    #[must_use]
    pub fn changes(&self) -> bool {
        !matches!(self, Self::Adopt(_))
    }

    /// Returns the API action that carries out the step.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Upload(_) => "PutObject",
            Self::DeleteFailed | Self::DeleteFunction { .. } => "DeleteFunction",
            Self::DeleteVersion(_) => "DeleteFunctionVersion",
            Self::Create(..) => "CreateFunction",
            Self::Route { .. } => "UpdateAlias",
            Self::UpdateCode { .. } => "UpdateFunctionCode",
            Self::UpdateConfiguration(_) => "UpdateFunctionConfiguration",
            Self::Publish { .. } => "PublishVersion",
            Self::Adopt(_) => "GetFunction",
            Self::Attribute(step) => step.action(),
            Self::CreateAlias { .. } => "CreateAlias",
            Self::DeleteAlias { .. } => "DeleteAlias",
            Self::Provision { to: 0, .. } => "DeleteProvisionedConcurrencyConfig",
            Self::Provision { .. } => "PutProvisionedConcurrencyConfig",
            Self::Trigger(step) => step.action(),
        }
    }
}

impl fmt::Display for Step {
    /// Describes the change.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upload(upload) => write!(formatter, "store the package as {upload} in COS"),
            Self::DeleteFailed => formatter.write_str("remove the function whose creation failed"),
            Self::DeleteFunction { function, versions, aliases } => {
                let plural = if *versions == 1 { "" } else { "s" };
                write!(formatter, "delete function `{function}` with {versions} version{plural}")?;
                if aliases.is_empty() {
                    return Ok(());
                }
                let plural = if aliases.len() == 1 { "alias" } else { "aliases" };
                write!(formatter, " and {plural} {}", listed(aliases))
            }
            Self::DeleteVersion(version) => write!(formatter, "delete version {version}"),
            Self::Create(creation, source) => {
                let web = (creation.spec.kind() == FunctionKind::Web).then(|| "web".to_owned());
                let what = match source {
                    CodeSource::Image(image) => [web, Some(format!("image {}", image.uri)), None],
                    CodeSource::Package { .. } | CodeSource::Object(_) => {
                        [web, creation.spec.runtime.clone(), creation.spec.handler.clone()]
                    }
                };
                let what: Vec<String> = what.into_iter().flatten().collect();
                write!(formatter, "create the function ({})", what.join(", "))
            }
            Self::Route { alias, from, to, lowers_first, .. } => {
                let before = if *lowers_first { " before the code changes" } else { "" };
                write!(formatter, "route `{alias}`{before}: {from} -> {to}")
            }
            Self::UpdateCode { source, .. } => match source {
                CodeSource::Package { .. } => formatter.write_str("replace the code of $LATEST"),
                CodeSource::Object(object) => {
                    write!(formatter, "replace the code of $LATEST by {object} of COS")
                }
                CodeSource::Image(image) => {
                    write!(formatter, "run image {} as $LATEST", image.uri)
                }
            },
            Self::UpdateConfiguration(configuration) => {
                write!(formatter, "change {} of $LATEST", configuration.keys().join(", "))
            }
            Self::Publish { .. } => formatter.write_str("publish $LATEST as a new version"),
            Self::Adopt(version) => write!(
                formatter,
                "use version {version}, which an earlier try of this run published"
            ),
            Self::Attribute(step) => step.fmt(formatter),
            Self::CreateAlias { alias, to, .. } => {
                let to = to.percentages_naming(ToString::to_string);
                write!(formatter, "create alias `{alias}` -> {to}")
            }
            Self::DeleteAlias { alias, from } => {
                write!(formatter, "delete alias `{alias}`, which routes {from}")
            }
            Self::Provision { target: Target::Existing(version), from, to } => {
                write!(formatter, "provisioned instances of version {version}: {from} -> {to}")
            }
            Self::Provision { target, from, to } => {
                write!(formatter, "provisioned instances of {target}: {from} -> {to}")
            }
            Self::Trigger(step) => step.fmt(formatter),
        }
    }
}

/// Parameters of `CreateFunction` besides the code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Creation {
    /// Type, runtime, handler and configuration, with defaults filled in.
    pub spec: FunctionSpec,
    /// Tags to create the function with.
    pub tags: BTreeMap<String, String>,
}

/// A change to an attribute of the function as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeStep {
    /// `ModifyResourceTags` of the tag product.
    Tags {
        /// Tags to bind or change.
        set: BTreeMap<String, String>,
        /// Keys of tags to unbind.
        remove: Vec<String>,
    },
    /// `UpdateFunctionEventInvokeConfig`: retries of asynchronous invocations.
    Retries(Retries),
}

impl AttributeStep {
    /// Returns the API action that carries out the step.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Tags { .. } => "ModifyResourceTags",
            Self::Retries(_) => "UpdateFunctionEventInvokeConfig",
        }
    }
}

impl fmt::Display for AttributeStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tags { set, remove } => {
                formatter.write_str("change tags of the function:")?;
                let set = set.keys().map(|key| format!(" set {key}"));
                let changes: Vec<String> =
                    set.chain(remove.iter().map(|key| format!(" remove {key}"))).collect();
                formatter.write_str(&changes.join(","))
            }
            Self::Retries(Retries { message_ttl, count }) => write!(
                formatter,
                "run failed asynchronous invocations {count} more times, within {message_ttl} s"
            ),
        }
    }
}

/// Changes to a trigger in place; `None` keeps the current value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TriggerChanges {
    /// `TriggerDesc`.
    pub form: Option<String>,
    /// `CustomArgument` of a timer; empty to clear it.
    pub argument: Option<String>,
    /// `Description`; empty to clear it.
    pub description: Option<String>,
    /// Whether the trigger is enabled.
    pub enabled: Option<bool>,
    /// Weight among the targets of a load balancer's rule.
    pub weight: Option<i64>,
    /// The changes, for messages.
    pub what: Vec<TriggerChange>,
}

/// One change to a trigger in place, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerChange {
    /// Enabled or disabled.
    Enabled(bool),
    /// `Description`.
    Description,
    /// Cron expression of a timer.
    Cron(String),
    /// `CustomArgument` of a timer.
    Argument,
    /// `CustomArgument` of a timer is cleared.
    NoArgument,
    /// A number of a `ckafka` trigger.
    Number(&'static str, i64),
    /// Authorisation of a function URL: `NONE` or `CAM`.
    Authorisation(String),
    /// Whether a function URL is open to the public network.
    PublicNetwork(bool),
    /// Whether it is open to the internal network.
    InternalNetwork(bool),
    /// Whether CORS is enabled.
    CorsEnabled(bool),
    /// The CORS settings.
    Cors,
    /// Weight among the targets of a load balancer's rule.
    Weight(i64),
}

impl fmt::Display for TriggerChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = |open: &bool| if *open { "open" } else { "closed" };
        match self {
            Self::Enabled(open) => write!(formatter, "state to {}", state(open)),
            Self::Description => formatter.write_str("description"),
            Self::Cron(cron) => write!(formatter, "cron to {cron}"),
            Self::Argument => formatter.write_str("argument"),
            Self::NoArgument => formatter.write_str("argument to none"),
            Self::Number(key, value) => write!(formatter, "{key} to {value}"),
            Self::Authorisation(kind) => write!(formatter, "authorisation to {kind}"),
            Self::PublicNetwork(open) => write!(formatter, "public network to {}", state(open)),
            Self::InternalNetwork(open) => write!(formatter, "internal network to {}", state(open)),
            Self::CorsEnabled(open) => write!(formatter, "CORS to {}", state(open)),
            Self::Cors => formatter.write_str("CORS"),
            Self::Weight(weight) => write!(formatter, "weight to {weight}"),
        }
    }
}

/// A property of a trigger that no call changes in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixed {
    /// Whether the trigger is enabled.
    Enabled,
    /// `Description`.
    Description,
    /// A setting with this key.
    Key(&'static str),
}

impl fmt::Display for Fixed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Enabled => "state",
            Self::Description => "description",
            Self::Key(key) => key,
        })
    }
}

/// Why a trigger is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletionReason {
    /// The file owns its qualifier and does not list it.
    NotListed,
    /// It has been moved to this qualifier.
    Moved(String),
    /// It moves to this qualifier, and must be deleted first to make room.
    Moving(String),
    /// It is replaced, because the API cannot change these properties in place.
    Replaced(Vec<Fixed>),
    /// Its function is about to be deleted.
    FunctionGoes,
}

impl fmt::Display for DeletionReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotListed => formatter.write_str("the file does not list it"),
            Self::Moved(to) => write!(formatter, "the file has it on `{to}`"),
            Self::Moving(to) => write!(formatter, "it makes room for the one on `{to}`"),
            Self::Replaced(what) => {
                let what: Vec<String> = what.iter().map(ToString::to_string).collect();
                write!(formatter, "it is made anew, because {} cannot be changed", what.join(", "))
            }
            Self::FunctionGoes => formatter.write_str("its function goes"),
        }
    }
}

/// A change to a trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerStep {
    /// Creates a trigger.
    Create {
        /// The trigger, with `enabled` settled.
        trigger: Trigger,
        /// Qualifier of the trigger with the same name that the next step deletes. Where names must
        /// be unique, that one has to be deleted first.
        old: Option<String>,
        /// Whether the load balancer's rule has to be created.
        new_rule: bool,
    },
    /// Changes a trigger in place.
    Update {
        /// The trigger in the file.
        trigger: Trigger,
        /// The trigger as it is.
        observed: Box<ObservedTrigger>,
        /// The changes.
        changes: TriggerChanges,
    },
    /// Deletes a trigger.
    Delete {
        /// The trigger as it is.
        trigger: ObservedTrigger,
        /// Why it is deleted.
        reason: DeletionReason,
    },
}

impl TriggerStep {
    /// Returns the API action that carries out the step.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Create { trigger, .. } => match trigger.kind() {
                TriggerKind::Timer | TriggerKind::Cos | TriggerKind::Ckafka | TriggerKind::Http => {
                    "CreateTrigger"
                }
                TriggerKind::Cls => "CreateDeliverCloudFunction",
                TriggerKind::Mps => "BindTrigger",
                TriggerKind::Clb => "RegisterFunctionTargets",
            },
            Self::Update { trigger, changes, .. } => match trigger.kind() {
                TriggerKind::Cos => "UpdateTriggerStatus",
                TriggerKind::Mps if changes.enabled == Some(true) => "BindTrigger",
                TriggerKind::Mps => "UnbindTrigger",
                TriggerKind::Clb => "ModifyFunctionTargets",
                TriggerKind::Timer | TriggerKind::Ckafka | TriggerKind::Http | TriggerKind::Cls => {
                    "UpdateTrigger"
                }
            },
            Self::Delete { trigger, .. } => match TriggerKind::of(&trigger.kind) {
                Some(TriggerKind::Clb) => "DeregisterFunctionTargets",
                _ => "DeleteTrigger",
            },
        }
    }
}

impl fmt::Display for TriggerStep {
    /// Describes the change.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { trigger, new_rule, .. } => {
                let closed = if trigger.enabled == Some(true) { "" } else { ", closed" };
                let rule = if *new_rule { ", new rule" } else { "" };
                let Trigger { qualifier, form, .. } = trigger;
                let title = trigger.title();
                write!(formatter, "create {title} on `{qualifier}` ({form}{rule}{closed})")
            }
            Self::Update { observed, changes, .. } => {
                let what: Vec<String> = changes.what.iter().map(ToString::to_string).collect();
                write!(formatter, "change {}: {}", observed.place(), what.join(", "))
            }
            Self::Delete { trigger, reason } => {
                write!(formatter, "delete {}: {reason}", trigger.place())
            }
        }
    }
}
