//! Pure decisions: what was observed and what is wanted come in, steps come out.
//!
//! Nothing here calls, waits, prints or reads a clock. `--dry-run` prints the same steps
//! that the executor carries out.

pub mod alias;
pub mod attributes;
mod content;
pub mod deploy;
pub mod drift;
pub mod exposure;
pub mod marker;
pub mod project;
pub mod provision;
pub mod publish;
mod rest;
pub mod routing;
pub mod traffic;
pub mod triggers;

use std::collections::BTreeMap;
use std::fmt;

use crate::model::BornWith;
use crate::model::{CodeSource, Configuration, FunctionKind, Routing, Upload, Version, Weight};
use attributes::AttributeStep;
use triggers::TriggerStep;

/// A version that a step names, perhaps before it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A version that exists.
    Existing(Version),
    /// The one that this plan publishes.
    Published,
}

impl Target {
    /// The version itself, once the published one is known.
    #[must_use]
    pub fn resolve(self, published: Option<Version>) -> Option<Version> {
        match self {
            Self::Existing(version) => Some(version),
            Self::Published => published,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Existing(version) => version.fmt(formatter),
            Self::Published => formatter.write_str("the new version"),
        }
    }
}

/// The routing that a step sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingTarget {
    /// Main version.
    pub main: Target,
    /// The additional version and its weight.
    pub additional: Option<(Target, Weight)>,
}

impl RoutingTarget {
    /// The routing itself, once the published version is known.
    #[must_use]
    pub fn resolve(&self, published: Option<Version>) -> Option<Routing> {
        let main = self.main.resolve(published)?;
        Some(match self.additional {
            None => Routing::all_to(main),
            Some((target, weight)) => Routing::split(main, target.resolve(published)?, weight),
        })
    }
}

impl RoutingTarget {
    /// The share of a version that exists.
    #[must_use]
    pub fn share_of(&self, version: Version) -> Weight {
        let additional = self.additional.map_or(Weight::ZERO, |(_, weight)| weight);
        let is = |target| target == Target::Existing(version);
        if is(self.main) {
            additional.complement()
        } else if self.additional.is_some_and(|(target, _)| is(target)) {
            additional
        } else {
            Weight::ZERO
        }
    }
}

impl fmt::Display for RoutingTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.additional {
            None => write!(formatter, "{}: 1", self.main),
            Some((target, weight)) => {
                let rest = weight.complement();
                match (rest == Weight::ZERO, *weight == Weight::ZERO) {
                    (true, _) => write!(formatter, "{target}: 1"),
                    (_, true) => write!(formatter, "{}: 1", self.main),
                    _ => write!(formatter, "{}: {rest}, {target}: {weight}", self.main),
                }
            }
        }
    }
}

/// One step of a plan. Each changing call of the function is followed by waiting until it
/// is `Active`, each change of an alias by reading it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `PutObject`: the package goes to COS, for the step that names it there.
    Upload(Upload),
    /// `DeleteFunction` of a function whose creation failed: nothing else helps it.
    DeleteFailed,
    /// `CreateFunction`.
    Create(Box<Creation>, CodeSource),
    /// `UpdateAlias`.
    Route {
        /// Alias.
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
        /// Whether the service installs the dependencies, where the file says.
        install_dependency: Option<bool>,
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
        /// Alias.
        alias: String,
        /// Where its requests go.
        to: RoutingTarget,
        /// Its description.
        description: String,
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
            Self::DeleteFailed => "DeleteFunction",
            Self::Create(..) => "CreateFunction",
            Self::Route { .. } => "UpdateAlias",
            Self::UpdateCode { .. } => "UpdateFunctionCode",
            Self::UpdateConfiguration(_) => "UpdateFunctionConfiguration",
            Self::Publish { .. } => "PublishVersion",
            Self::Adopt(_) => "GetFunction",
            Self::Attribute(step) => step.action(),
            Self::CreateAlias { .. } => "CreateAlias",
            Self::Provision { to: 0, .. } => "DeleteProvisionedConcurrencyConfig",
            Self::Provision { .. } => "PutProvisionedConcurrencyConfig",
            Self::Trigger(step) => step.action(),
        }
    }

    /// What the step changes, for people.
    #[must_use]
    pub fn effect(&self) -> String {
        match self {
            Self::Upload(upload) => format!("store the package as {upload} in COS"),
            Self::DeleteFailed => "remove the function whose creation failed".to_owned(),
            Self::Create(creation, source) => {
                let web = (creation.kind == FunctionKind::Web).then(|| "web".to_owned());
                let what = match source {
                    CodeSource::Image(image) => [web, Some(format!("image {}", image.uri)), None],
                    CodeSource::Package { .. } | CodeSource::Object(_) => {
                        [web, Some(creation.runtime.clone()), creation.handler.clone()]
                    }
                };
                let what: Vec<String> = what.into_iter().flatten().collect();
                format!("create the function ({})", what.join(", "))
            }
            Self::Route { alias, from, to, lowers_first, .. } => {
                let before = if *lowers_first { " before the code changes" } else { "" };
                format!("route `{alias}`{before}: {from} -> {to}")
            }
            Self::UpdateCode { source, .. } => match source {
                CodeSource::Package { .. } => "replace the code of $LATEST".to_owned(),
                CodeSource::Object(object) => {
                    format!("replace the code of $LATEST by {object} of COS")
                }
                CodeSource::Image(image) => format!("run image {} as $LATEST", image.uri),
            },
            Self::UpdateConfiguration(configuration) => {
                format!("change {} of $LATEST", configuration.keys().join(", "))
            }
            Self::Publish { .. } => "publish $LATEST as a new version".to_owned(),
            Self::Adopt(version) => {
                format!("use version {version}, which an earlier try of this run published")
            }
            Self::Attribute(step) => step.to_string(),
            Self::CreateAlias { alias, to, .. } => format!("create alias `{alias}`: {to}"),
            Self::Provision { target: Target::Existing(version), from, to } => {
                format!("provisioned instances of version {version}: {from} -> {to}")
            }
            Self::Provision { target, from, to } => {
                format!("provisioned instances of {target}: {from} -> {to}")
            }
            Self::Trigger(step) => step.effect(),
        }
    }
}

/// What a function is created with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Creation {
    /// How it is called.
    pub kind: FunctionKind,
    /// `WS`, or none.
    pub protocol: Option<String>,
    /// Language and version.
    pub runtime: String,
    /// `file.function`; web functions and images have none.
    pub handler: Option<String>,
    /// Settings, defaults included.
    pub configuration: Configuration,
    /// Settings that only creation can give.
    pub born_with: BornWith,
    /// Whether the service installs the dependencies, where the file says.
    pub install_dependency: Option<bool>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}
