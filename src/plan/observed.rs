//! The state of the service before anything is decided.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::model::trigger::{BalancerRule, Trigger, TriggerTitle};
use crate::model::{
    Alias, FunctionSpec, Image, PublishedVersion, Retries, Status, Version, last_published,
};
use crate::text::Cause;

/// A version of the function as the service reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedFunction {
    /// Settled: observing waits until transient statuses have passed.
    pub status: Status,
    /// Type, runtime, handler and configuration.
    pub spec: FunctionSpec,
    /// The image that it runs, or `None` for a code package.
    pub image: Option<Image>,
    /// Hex SHA-256 of the package, or `None` if the service does not report it.
    pub code_sha256: Option<String>,
}

/// The state of the function before anything is decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// `$LATEST`; `None` when the function does not exist.
    pub latest: Option<ObservedFunction>,
    /// Published versions from all pages, without `$LATEST`.
    pub versions: Vec<PublishedVersion>,
    /// The alias `$DEFAULT`.
    pub default_alias: Option<Alias>,
    /// The custom alias that the file names, or `None` if it does not exist.
    pub alias: Option<Alias>,
    /// All aliases. Read only when it matters who else is served by `$LATEST`.
    pub aliases: Vec<Alias>,
    /// Why the aliases could not be listed.
    pub unlisted: Option<Cause>,
    /// Provisioned instances. Read only when the file sets them.
    pub provisioned: Vec<Provisioned>,
    /// The newest published version. Read only when the plan depends on it.
    pub newest: Option<ObservedFunction>,
    /// Triggers. Read only when the file has `events`.
    pub triggers: ObservedTriggers,
    /// Attributes of the function as a whole.
    pub attributes: ObservedAttributes,
}

impl Observed {
    /// Returns the last published version.
    #[must_use]
    pub fn last_version(&self) -> Option<Version> {
        last_published(&self.versions)
    }
}

/// Provisioned instances of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provisioned {
    /// The version.
    pub version: Version,
    /// Number of instances asked for.
    pub count: u64,
    /// Whether all of them are warm and no change is under way.
    pub settled: bool,
}

impl fmt::Display for Provisioned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of version {}", self.count, self.version)
    }
}

/// Attributes of the function as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObservedAttributes {
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Retries of asynchronous invocations. Read only when the file sets them.
    pub retries: Option<Retries>,
}

/// A trigger as the service reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedTrigger {
    /// `timer`, `cos`, `http`, …
    pub kind: String,
    /// `TriggerName`; empty for some types.
    pub name: String,
    /// Version or alias that the trigger calls.
    pub qualifier: String,
    /// `TriggerDesc` as the service lists it.
    pub text: String,
    /// `TriggerDesc` parsed as JSON, or null if it is not JSON.
    pub form: Value,
    /// `CustomArgument`; empty for none.
    pub argument: String,
    /// `Description`; empty for none.
    pub description: String,
    /// Whether it fires.
    pub enabled: bool,
    /// `ResourceId`.
    pub resource_id: String,
    /// Id of the trigger's source in its own product: the last part of `ResourceId`.
    pub resource: String,
    /// The rule in the file that a load balancer's trigger is bound to.
    pub rule: Option<BalancerRule>,
    /// Weight of the trigger in that rule.
    pub weight: Option<i64>,
}

impl ObservedTrigger {
    /// Returns its type and name.
    #[must_use]
    pub fn title(&self) -> TriggerTitle {
        let name = match (&self.rule, self.name.is_empty()) {
            (Some(rule), _) => rule.to_string(),
            (None, true) => self.resource.clone(),
            (None, false) => self.name.clone(),
        };
        TriggerTitle { kind: self.kind.clone(), name }
    }

    /// Returns its type and name, and what it calls.
    #[must_use]
    pub fn place(&self) -> TriggerPlace {
        TriggerPlace { title: self.title(), qualifier: self.qualifier.clone() }
    }
}

/// A trigger and the version or alias it calls, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerPlace {
    /// Type and name.
    pub title: TriggerTitle,
    /// Version or alias.
    pub qualifier: String,
}

impl TriggerPlace {
    /// Returns the place of a trigger of the file.
    #[must_use]
    pub fn of(trigger: &Trigger) -> Self {
        Self { title: trigger.title(), qualifier: trigger.qualifier.clone() }
    }
}

impl fmt::Display for TriggerPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} on `{}`", self.title, self.qualifier)
    }
}

/// A load balancer's rule that the file names, and how much of it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedRule {
    /// The rule.
    pub rule: BalancerRule,
    /// Id of the listener on its protocol and port, if there is one.
    pub listener: Option<String>,
    /// Id of the rule itself, if it exists. A missing rule is created.
    pub location: Option<String>,
}

/// Triggers of the function. Read only when the file has an `events` key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObservedTriggers {
    /// All triggers, from all pages.
    pub triggers: Vec<ObservedTrigger>,
    /// Aliases that exist: those that the file names, or all when one of these is missing.
    pub aliases: Vec<String>,
    /// The rules of load balancers that the file names.
    pub rules: Vec<ObservedRule>,
}

#[cfg(test)]
use crate::model::{Configuration, FunctionKind};

#[cfg(test)]
impl ObservedFunction {
    /// A function for tests.
    pub(in crate::plan) fn sample(code_sha256: Option<&str>, configuration: Configuration) -> Self {
        Self {
            status: Status::Active,
            spec: FunctionSpec {
                kind: Some(FunctionKind::Event),
                protocol: None,
                runtime: Some("Python3.9".into()),
                handler: Some("index.main_handler".into()),
                configuration,
            },
            image: None,
            code_sha256: code_sha256.map(str::to_owned),
        }
    }
}
