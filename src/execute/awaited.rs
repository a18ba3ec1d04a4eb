//! What is waited for, and how far it is.

use std::fmt;

use crate::model::Version;
use crate::model::trigger::BalancerRule;
use crate::plan::TriggerPlace;

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// The end of work on a version.
    Version {
        /// The version.
        version: Version,
        /// Name of the function.
        function: String,
    },
    /// The end of work on a function.
    Function(String),
    /// That a function is gone.
    Deletion(String),
    /// That a version is gone.
    VersionDeletion(Version),
    /// That an alias is shown as it was written.
    Alias(String),
    /// That a version is listed.
    Listing(Version),
    /// Instances that are kept warm.
    Provisioned {
        /// Of this version.
        version: Version,
        /// So many.
        count: u64,
    },
    /// That triggers are shown as they were changed.
    Triggers,
    /// A task of a load balancer.
    Balancer,
    /// The state of the local SCF.
    LocalState,
}

impl fmt::Display for Awaited {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { version, function } => {
                write!(formatter, "{version} of function `{function}`")
            }
            Self::Function(function) => write!(formatter, "function `{function}`"),
            Self::Deletion(function) => write!(formatter, "deletion of function `{function}`"),
            Self::VersionDeletion(version) => write!(formatter, "deletion of version {version}"),
            Self::Alias(alias) => write!(formatter, "alias `{alias}`"),
            Self::Listing(version) => write!(formatter, "version {version} to be listed"),
            Self::Provisioned { version, count } => {
                write!(formatter, "{count} provisioned instances of version {version}")
            }
            Self::Triggers => formatter.write_str("triggers"),
            Self::Balancer => formatter.write_str("the load balancer"),
            Self::LocalState => formatter.write_str("the local state"),
        }
    }
}

/// How far that is which is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AwaitedStatus {
    /// A status, as the service spells it.
    Service(String),
    /// It is not there yet.
    NotFound,
    /// It looks as it did before the change.
    AsBefore,
    /// It does not show what was written.
    NotAsWritten,
    /// It goes on.
    UnderWay,
    /// Another command has it.
    InUse,
    /// Nothing is known.
    Unknown,
    /// Some instances are warm.
    Warm {
        /// As the service spells it.
        status: String,
        /// So many are.
        warm: u64,
        /// Of so many.
        asked: u64,
    },
    /// A trigger is not as it was set.
    Trigger(Box<TriggerMismatch>),
}

impl fmt::Display for AwaitedStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(status) => formatter.write_str(status),
            Self::NotFound => formatter.write_str("not found yet"),
            Self::AsBefore => formatter.write_str("as before the change"),
            Self::NotAsWritten => formatter.write_str("not as written yet"),
            Self::UnderWay => formatter.write_str("under way"),
            Self::InUse => formatter.write_str("in use by another command"),
            Self::Unknown => formatter.write_str("unknown"),
            Self::Warm { status, warm, asked } => {
                write!(formatter, "{status}, {warm} of {asked} are warm")
            }
            Self::Trigger(mismatch) => mismatch.fmt(formatter),
        }
    }
}

/// What of a trigger is not as it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerMismatch {
    /// It was deleted.
    StillThere(TriggerPlace),
    /// It was made.
    Missing(TriggerPlace),
    /// It was switched the other way.
    Enabled(TriggerPlace, bool),
    /// `CustomArgument`.
    Argument(TriggerPlace),
    /// Its share among the targets of a load balancer's rule.
    Weight(TriggerPlace),
    /// The load balancer does not listen there any more.
    NoListener(BalancerRule),
    /// The load balancer does not have the rule that was made.
    NoRule(BalancerRule),
    /// What it is bound to is no rule of a load balancer.
    NoBalancer(String),
}

impl fmt::Display for TriggerMismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StillThere(trigger) => write!(formatter, "{trigger} is still there"),
            Self::Missing(trigger) => write!(formatter, "{trigger} is not there"),
            Self::Enabled(trigger, true) => write!(formatter, "{trigger} is open"),
            Self::Enabled(trigger, false) => write!(formatter, "{trigger} is closed"),
            Self::Argument(trigger) => write!(formatter, "{trigger} has another argument"),
            Self::Weight(trigger) => write!(formatter, "{trigger} has another weight"),
            Self::NoListener(rule) => write!(formatter, "{rule} has no listener any more"),
            Self::NoRule(rule) => write!(formatter, "{rule} is not there"),
            Self::NoBalancer(resource) => {
                write!(formatter, "`{resource}` names no rule of a load balancer")
            }
        }
    }
}
