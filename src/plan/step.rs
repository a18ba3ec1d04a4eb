//! What a plan is made of: steps, each of which is one change, or a look.

use std::collections::BTreeMap;
use std::fmt;

use super::observed::ObservedTrigger;
use super::target::{RoutingTarget, Target};
use crate::model::trigger::{Trigger, TriggerKind};
use crate::model::{
    CodeSource, Configuration, FunctionKind, FunctionSpec, Retries, Routing, Upload, Version,
    listed,
};

/// One step of a plan. Each changing call of the function is followed by waiting until it
/// is `Active`, each change of an alias by reading it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `PutObject`: the package goes to COS, for the step that names it there.
    Upload(Upload),
    /// `DeleteFunction` of a function whose creation failed: nothing else helps it.
    DeleteFailed,
    /// `DeleteFunction`, with all that belongs to it.
    DeleteFunction {
        /// Name of the function.
        function: String,
        /// How many published versions it has.
        versions: usize,
        /// Its aliases but for `$DEFAULT`.
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
        /// Where its requests go now.
        from: Routing,
        /// Where they go afterwards.
        to: RoutingTarget,
        /// New description; `None` keeps the one that is there.
        description: Option<String>,
        /// Whether this comes before the code changes, to shield requests from it.
        lowers_first: bool,
    },
    /// `UpdateFunctionCode`, with the handler when the file names one.
    UpdateCode {
        /// `file.function`.
        handler: Option<String>,
        /// The new code.
        source: CodeSource,
        /// What the call takes besides.
        settings: Configuration,
    },
    /// `UpdateFunctionConfiguration` with what differs.
    UpdateConfiguration(Configuration),
    /// `PublishVersion`.
    Publish {
        /// The user's text; the publish key comes behind it.
        description: String,
    },
    /// Takes over a version that an earlier try of this run published. Only reads.
    Adopt(Version),
    /// A change of what belongs to the function as a whole.
    Attribute(AttributeStep),
    /// `CreateAlias`.
    CreateAlias {
        /// Name of the alias.
        alias: String,
        /// Where its requests go.
        to: RoutingTarget,
        /// Its description.
        description: String,
    },
    /// `DeleteAlias`.
    DeleteAlias {
        /// Name of the alias.
        alias: String,
        /// Where its requests go now.
        from: Routing,
    },
    /// `PutProvisionedConcurrencyConfig`, or `DeleteProvisionedConcurrencyConfig` for none.
    Provision {
        /// A published version.
        target: Target,
        /// Instances that are kept warm now.
        from: u64,
        /// Instances afterwards.
        to: u64,
    },
    /// A change of a trigger.
    Trigger(TriggerStep),
}

impl Step {
    /// Whether the step changes something.
    #[must_use]
    pub fn changes(&self) -> bool {
        !matches!(self, Self::Adopt(_))
    }

    /// The API action that carries the step out.
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
    /// What the step changes.
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

/// What a function is created with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Creation {
    /// What it is, defaults included.
    pub spec: FunctionSpec,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A change of the function as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeStep {
    /// `ModifyResourceTags` of the tag product.
    Tags {
        /// Tags to bind, or to give another value.
        set: BTreeMap<String, String>,
        /// Keys of tags to take off.
        remove: Vec<String>,
    },
    /// `UpdateFunctionEventInvokeConfig`.
    Retries(Retries),
}

impl AttributeStep {
    /// The API action that carries the step out.
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

/// Changes in place; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TriggerChanges {
    /// `TriggerDesc`.
    pub form: Option<String>,
    /// `CustomArgument` of a timer, empty to clear it.
    pub argument: Option<String>,
    /// `Description`, empty to clear it.
    pub description: Option<String>,
    /// Whether it fires.
    pub enabled: Option<bool>,
    /// Share among the targets of a load balancer's rule.
    pub weight: Option<i64>,
    /// What changes, for people.
    pub what: Vec<TriggerChange>,
}

/// A change of a trigger in place, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerChange {
    /// Whether it fires.
    Enabled(bool),
    /// `Description`.
    Description,
    /// The cron expression of a timer.
    Cron(String),
    /// `CustomArgument` of a timer.
    Argument,
    /// The same, cleared.
    NoArgument,
    /// A number of a `ckafka` trigger.
    Number(&'static str, i64),
    /// `NONE` or `CAM` of a function URL.
    Authorisation(String),
    /// Whether a function URL is reached from everywhere.
    PublicNetwork(bool),
    /// Whether it is reached from inside the cloud.
    InternalNetwork(bool),
    /// Whether it allows other origins at all.
    CorsEnabled(bool),
    /// What it allows them.
    Cors,
    /// Share among the targets of a load balancer's rule.
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

/// What of a trigger no call changes in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixed {
    /// Whether it fires.
    Enabled,
    /// `Description`.
    Description,
    /// A setting, by its key.
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

/// Why a trigger goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletionReason {
    /// The file decides about its qualifier and does not list it.
    NotListed,
    /// It stands on another qualifier now.
    Moved(String),
    /// It is about to stand on another qualifier, and has to make room before.
    Moving(String),
    /// It is about to be made anew, because the API cannot change these in place.
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

/// A change of a trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerStep {
    /// Makes one.
    Create {
        /// The trigger; whether it fires is settled.
        trigger: Trigger,
        /// The qualifier that one of this name stands on until the next step. A service that
        /// takes a name only once wants that one gone first.
        old: Option<String>,
        /// Whether the load balancer gets a rule for it.
        new_rule: bool,
    },
    /// Changes one in place.
    Update {
        /// As the file has it.
        trigger: Trigger,
        /// As it is.
        observed: Box<ObservedTrigger>,
        /// What changes.
        changes: TriggerChanges,
    },
    /// Deletes one.
    Delete {
        /// As it is.
        trigger: ObservedTrigger,
        /// Why.
        reason: DeletionReason,
    },
}

impl TriggerStep {
    /// The API action that carries the step out.
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
    /// What the step changes.
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
