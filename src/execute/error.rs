//! Why a step could not be carried out.

use std::fmt::{self, Write as _};
use std::time::Duration;

use super::awaited::{Awaited, AwaitedStatus, TriggerMismatch};
use crate::api::ApiError;
use crate::api::retry::ErrorKind;
use crate::cos::CosError;
use crate::model::trigger::TriggerTitle;
use crate::model::{Alias, FunctionId, ModelError, Routing, Version, listed};
use crate::plan::prune::Use;
use crate::plan::{AliasPlanError, Step};

/// A signal that asked this process to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// Asked to end by the system or a pipeline.
    Terminate,
}

/// Why a step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A call failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The function is not there.
    #[error("no function `{}` in namespace `{}` of {}", function.name, function.namespace, function.region)]
    NoFunction {
        /// Name, namespace and region of the function.
        function: FunctionId,
        /// Names of functions that are there, as far as they may be listed.
        existing: Vec<String>,
    },
    /// The alias is not there.
    #[error("no alias `{alias}` on function `{function}`")]
    NoAlias {
        /// Name of the alias.
        alias: String,
        /// Name of the function.
        function: String,
        /// Names of its aliases.
        existing: Vec<String>,
    },
    /// The alias cannot be set as asked.
    #[error(transparent)]
    Alias(AliasPlanError),
    /// A trigger still points to the alias that is to be deleted.
    #[error("alias `{alias}` is what triggers are bound to: {}", listed(triggers))]
    AliasInUse {
        /// Name of the alias.
        alias: String,
        /// Those triggers.
        triggers: Vec<TriggerTitle>,
    },
    /// A version that something still uses is to be deleted.
    #[error("version {version} of function `{function}` is in use: {}", listed(uses))]
    VersionInUse {
        /// Version.
        version: Version,
        /// Name of the function.
        function: String,
        /// What uses it.
        uses: Vec<Use>,
    },
    /// Someone else changed aliases, triggers or provisioned instances, by which this run had
    /// decided what may be deleted.
    #[error("someone else changed what uses versions of function `{0}` while this ran")]
    UsesChanged(String),
    /// The deletion of a function was accepted and did not happen.
    #[error("function `{0}` is still there after it was deleted")]
    FunctionStillThere(String),
    /// The deletion of a version was accepted and did not happen.
    #[error("version {0} is still there after it was deleted")]
    VersionStillThere(Version),
    /// A deletion was accepted and did not happen.
    #[error("alias `{0}` is still there after it was deleted")]
    StillThere(String),
    /// The function or a version of it ended in a failed status.
    #[error(
        "{qualifier} of function `{function}` ended as {status}: {}",
        reason.as_deref().unwrap_or("the service gives no reason")
    )]
    Failed {
        /// Name of the function.
        function: String,
        /// Version.
        qualifier: Version,
        /// Status, as the service spells it.
        status: String,
        /// The service's reason.
        reason: Option<String>,
    },
    /// Instances that were to be kept warm are not.
    #[error("version {version} did not get {count} provisioned instances: {problem}")]
    Provision {
        /// Version.
        version: Version,
        /// Asked for.
        count: u64,
        /// Why.
        problem: ProvisionProblem,
    },
    /// The total time ran out while waiting.
    #[error("not finished within {} s: waited for {what}, last status {status}", timeout.as_secs_f64())]
    TimedOut {
        /// What was waited for.
        what: Awaited,
        /// Last status seen.
        status: AwaitedStatus,
        /// The whole time allowed.
        timeout: Duration,
    },
    /// Someone else changed the alias between reading and writing.
    #[error(
        "someone else changed alias `{}` while this ran: it was {}, now it is {}",
        observed.name,
        told_apart(expected, observed),
        told_apart(observed, expected)
    )]
    Conflict {
        /// As read or written by this run.
        expected: Box<Alias>,
        /// As found.
        observed: Box<Alias>,
    },
    /// What was written is not what is read back.
    #[error(
        "alias `{alias}` does not route as asked: intended {intended}, the service reports {observed}"
    )]
    Mismatch {
        /// Name of the alias.
        alias: String,
        /// As written.
        intended: Box<AliasState>,
        /// As read back.
        observed: Box<AliasState>,
    },
    /// Someone else published while this run waited, so its plan names the wrong version.
    #[error("someone else published version {version} of function `{function}` while this ran")]
    PublishedElsewhere {
        /// Name of the function.
        function: String,
        /// The newest version.
        version: Version,
    },
    /// Someone else replaced the code that this run is about to publish.
    #[error("someone else changed the code of function `{0}` while this ran")]
    CodeChanged(String),
    /// Someone else changed settings of the function that this run has deployed or routed to.
    #[error("someone else changed the settings of function `{0}` while this ran")]
    SettingsChanged(String),
    /// Someone else's deployment came between this run's and its publication.
    #[error(
        "version {version} of function `{function}` is not what this run meant to publish: someone else changed the function while it ran"
    )]
    FrozeOther {
        /// Name of the function.
        function: String,
        /// The version.
        version: Version,
    },
    /// The function appeared with other code while this run was creating it.
    #[error("someone else created function `{0}` while this ran")]
    CreatedElsewhere(String),
    /// An alias that this program cannot reason about.
    #[error("alias `{alias}` of function `{function}` cannot be used: {flaw}")]
    UnusableAlias {
        /// Name of the alias.
        alias: String,
        /// Name of the function.
        function: String,
        /// What about it.
        flaw: ModelError,
    },
    /// A trigger that is not as it was just set.
    #[error("the service does not show the change: {0}")]
    Trigger(Box<TriggerMismatch>),
    /// A setting that is not as it was just set.
    #[error("the service accepted a change of {0} and does not show it")]
    NotShown(FunctionAttribute),
    /// A load balancer did not do what it had accepted.
    #[error("the load balancer's task {task} failed: {}", why.as_deref().unwrap_or("without a reason"))]
    Balancer {
        /// Task, which support can look up.
        task: String,
        /// Its reason.
        why: Option<String>,
    },
    /// A listing that does not end.
    #[error("{0}: the service's pages do not end")]
    Endless(&'static str),
    /// The package's temporary file is gone or broken.
    #[error("cannot read the package back")]
    Package(#[source] std::io::Error),
    /// The package could not be stored.
    #[error(transparent)]
    Cos(#[from] CosError),
    /// The account's number is none.
    #[error("`{0}` is not the number of an account (AppId)")]
    AppId(String),
    /// A signal came.
    #[error("interrupted")]
    Interrupted(Signal),
    /// The plan sends a package that was not made; a fault of this program.
    #[error("the plan sends a package that was not made")]
    Unpacked,
    /// The plan names a version that it did not publish; a fault of this program.
    #[error("the plan routes to a version that it does not publish")]
    Unpublished,
}

impl From<AliasPlanError> for ExecuteError {
    fn from(error: AliasPlanError) -> Self {
        Self::Alias(error)
    }
}

/// Why instances are not kept warm as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProvisionProblem {
    /// The service knows of none.
    #[error("the service reports none")]
    None,
    /// Another number.
    #[error("the service reports {0}")]
    Other(u64),
    /// It failed; why, in the service's words.
    #[error("{}", .0.as_deref().unwrap_or("the service gives no reason"))]
    Failed(Option<String>),
}

/// A part of a function that belongs to no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionAttribute {
    /// Its tags.
    Tags,
    /// What becomes of asynchronous invocations that fail.
    Retries,
}

impl fmt::Display for FunctionAttribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Tags => "the function's tags",
            Self::Retries => "msgTTL and retryNum",
        })
    }
}

/// As much of an alias as counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AliasState {
    /// Where its requests go.
    Routing(Routing),
    /// And which version is the main one.
    Main(Routing),
    /// And its description.
    Described(Routing, String),
}

impl fmt::Display for AliasState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Routing(routing) => routing.fmt(formatter),
            Self::Main(routing) => write!(formatter, "{routing} (main {})", routing.main),
            Self::Described(routing, description) => {
                write!(formatter, "{routing} (main {}, description `{description}`)", routing.main)
            }
        }
    }
}

/// An alias next to another one: the routing, and what else tells them apart.
fn told_apart(alias: &Alias, other: &Alias) -> String {
    let mut text = alias.routing.to_string();
    if alias.description != other.description {
        let _ = write!(text, " (description `{}`)", alias.description);
    }
    if alias.modified != other.modified {
        let _ = write!(text, " (written {})", alias.modified);
    }
    text
}

/// An error, with what had been done by then.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct Halted {
    /// Why.
    #[source]
    pub source: ExecuteError,
    /// The steps that are done.
    pub done: Vec<Step>,
    /// The failed step, when its change was sent and may have been carried out.
    pub perhaps: Option<Box<Step>>,
    /// The steps that are not done.
    pub left: Vec<Step>,
}

pub(super) fn is_busy(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Api(error) if error.kind() == Some(ErrorKind::Busy))
}

pub(super) fn is_not_found(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Api(error) if error.kind() == Some(ErrorKind::NotFound))
}

/// The codes that say that the function is absent, rather than its namespace or a version.
pub(super) fn is_missing_function(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Api(error)
        if matches!(error.code(), Some("ResourceNotFound.Function" | "ResourceNotFound.FunctionName")))
}
