//! What there is before anything is decided.

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
    /// Its status; settled, because observing waits out the transient ones.
    pub status: Status,
    /// What it is.
    pub spec: FunctionSpec,
    /// The image that it runs; `None` where its code is a package.
    pub image: Option<Image>,
    /// Hex SHA-256 of its package; `None` where the service does not tell.
    pub code_sha256: Option<String>,
}

/// What there is before anything is decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// `$LATEST`; `None` when the function does not exist.
    pub latest: Option<ObservedFunction>,
    /// Published versions over all pages, `$LATEST` left out.
    pub versions: Vec<PublishedVersion>,
    /// The alias `$DEFAULT`.
    pub default_alias: Option<Alias>,
    /// The custom alias that the file names; `None` when it does not exist.
    pub alias: Option<Alias>,
    /// All aliases, read only when it matters who else is served by `$LATEST`.
    pub aliases: Vec<Alias>,
    /// Why they could not be listed.
    pub unlisted: Option<Cause>,
    /// Provisioned instances, read only when the file sets them.
    pub provisioned: Vec<Provisioned>,
    /// The newest published version, read only when the wish depends on it.
    pub newest: Option<ObservedFunction>,
    /// Triggers, read only when the file has `events`.
    pub triggers: ObservedTriggers,
    /// What belongs to the function as a whole.
    pub attributes: ObservedAttributes,
}

impl Observed {
    /// The last published version.
    #[must_use]
    pub fn last_version(&self) -> Option<Version> {
        last_published(&self.versions)
    }
}

/// The provisioned instances of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provisioned {
    /// The version.
    pub version: Version,
    /// Instances asked for.
    pub count: u64,
    /// Whether all of them are warm and nothing is under way.
    pub settled: bool,
}

impl fmt::Display for Provisioned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of version {}", self.count, self.version)
    }
}

/// What belongs to the function as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObservedAttributes {
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Read only when the file sets it.
    pub retries: Option<Retries>,
}

/// A trigger as the service reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedTrigger {
    /// `timer`, `cos`, `http`, …
    pub kind: String,
    /// `TriggerName`; empty for some types.
    pub name: String,
    /// Version or alias that it calls.
    pub qualifier: String,
    /// `TriggerDesc` as listed.
    pub text: String,
    /// The same, read; null where it is no JSON.
    pub form: Value,
    /// `CustomArgument`; empty for none.
    pub argument: String,
    /// `Description`; empty for none.
    pub description: String,
    /// Whether it fires.
    pub enabled: bool,
    /// `ResourceId`.
    pub resource_id: String,
    /// What the other product knows it by: the end of `ResourceId`.
    pub resource: String,
    /// The rule of the file that a load balancer's trigger is bound to.
    pub rule: Option<BalancerRule>,
    /// Its share there.
    pub weight: Option<i64>,
}

impl ObservedTrigger {
    /// Its type and name.
    #[must_use]
    pub fn title(&self) -> TriggerTitle {
        let name = match (&self.rule, self.name.is_empty()) {
            (Some(rule), _) => rule.to_string(),
            (None, true) => self.resource.clone(),
            (None, false) => self.name.clone(),
        };
        TriggerTitle { kind: self.kind.clone(), name }
    }

    /// Its type and name, and what it calls.
    #[must_use]
    pub fn place(&self) -> TriggerPlace {
        TriggerPlace { title: self.title(), qualifier: self.qualifier.clone() }
    }
}

/// A trigger on a version or alias, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerPlace {
    /// Type and name.
    pub title: TriggerTitle,
    /// Version or alias.
    pub qualifier: String,
}

impl TriggerPlace {
    /// Where the file has a trigger.
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

/// A load balancer's rule that the file names, as far as it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedRule {
    /// The rule.
    pub rule: BalancerRule,
    /// The listener of its protocol and port.
    pub listener: Option<String>,
    /// The rule's own id; a missing rule is made.
    pub location: Option<String>,
}

/// What there is, read only when the file has an `events` key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObservedTriggers {
    /// All of them, over all pages.
    pub triggers: Vec<ObservedTrigger>,
    /// Aliases that exist: those that the file names, and all when one of these is missing.
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
