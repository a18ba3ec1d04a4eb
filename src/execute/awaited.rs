//! What a run waits for, and its last known status.

use std::fmt;

use crate::model::Version;
use crate::model::trigger::BalancerRule;
use crate::plan::TriggerPlace;

/// What a run waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// The end of an operation on a version.
    Version {
        /// The version.
        version: Version,
        /// Name of the function.
        function: String,
    },
    /// The end of an operation on this function.
    Function(String),
    /// The deletion of this function.
    Deletion(String),
    /// The deletion of this version.
    VersionDeletion(Version),
    /// That reads show this alias as it was written.
    Alias(String),
    /// That this version is listed.
    Listing(Version),
    /// That instances are warm.
    Provisioned {
        /// Version of the instances.
        version: Version,
        /// Number of instances.
        count: u64,
    },
    /// That reads show the changes of triggers.
    Triggers,
    /// A task of a load balancer.
    Balancer,
    /// The local SCF's state, which another command may be using.
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

/// Status of what a run waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AwaitedStatus {
    /// A status as the service spells it.
    Service(String),
    /// It does not exist yet.
    NotFound,
    /// It still looks as before the change.
    AsBefore,
    /// It does not show yet what was written.
    NotAsWritten,
    /// It is in progress.
    UnderWay,
    /// Another command holds it.
    InUse,
    /// Its status is not known.
    Unknown,
    /// Some instances are warm.
    Warm {
        /// Status as the service spells it.
        status: String,
        /// Number of warm instances.
        warm: u64,
        /// Number of instances asked for.
        asked: u64,
    },
    /// A trigger does not show the change yet.
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

/// How a trigger differs from what was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerMismatch {
    /// It was deleted and still exists.
    StillThere(TriggerPlace),
    /// It was created and does not exist.
    Missing(TriggerPlace),
    /// It was enabled or disabled and shows the opposite, which is given.
    Enabled(TriggerPlace, bool),
    /// `CustomArgument` differs.
    Argument(TriggerPlace),
    /// Its weight in the load balancer's rule differs.
    Weight(TriggerPlace),
    /// The load balancer no longer has the listener.
    NoListener(BalancerRule),
    /// The load balancer does not have the created rule.
    NoRule(BalancerRule),
    /// Its resource is no rule of a load balancer.
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
