//! Reasons why a step could not be carried out.

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
    /// The system or a pipeline asked the process to end.
    Terminate,
}

/// Why a step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A call failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The function does not exist.
    #[error("no function `{}` in namespace `{}` of {}", function.name, function.namespace, function.region)]
    NoFunction {
        /// Name, namespace and region of the function.
        function: FunctionId,
        /// Names of existing functions, as far as they may be listed.
        existing: Vec<String>,
    },
    /// The alias does not exist.
    #[error("no alias `{alias}` on function `{function}`")]
    NoAlias {
        /// Name of the alias.
        alias: String,
        /// Name of the function.
        function: String,
        /// Names of existing aliases.
        existing: Vec<String>,
    },
    /// The alias that is to be created exists and is not as asked.
    #[error("alias `{alias}` of function `{function}` already exists, with other content")]
    AliasExists {
        /// Name of the alias.
        alias: String,
        /// Name of the function.
        function: String,
    },
    /// The alias cannot be changed as requested.
    #[error(transparent)]
    Alias(AliasPlanError),
    /// Triggers are bound to the alias that is to be deleted.
    #[error("alias `{alias}` is what triggers are bound to: {}", listed(triggers))]
    AliasInUse {
        /// Name of the alias.
        alias: String,
        /// The triggers.
        triggers: Vec<TriggerTitle>,
    },
    /// The version to delete is still in use.
    #[error("version {version} of function `{function}` is in use: {}", listed(uses))]
    VersionInUse {
        /// Version.
        version: Version,
        /// Name of the function.
        function: String,
        /// Its uses.
        uses: Vec<Use>,
    },
    /// Someone else changed aliases, triggers or provisioned instances after this run had decided
    /// what to delete.
    #[error("someone else changed what uses versions of function `{0}` while this ran")]
    UsesChanged(String),
    /// The deletion of a function was accepted, but it still exists.
    #[error("function `{0}` is still there after it was deleted")]
    FunctionStillThere(String),
    /// The deletion of a version was accepted, but it still exists.
    #[error("version {0} is still there after it was deleted")]
    VersionStillThere(Version),
    /// The deletion of an alias was accepted, but it still exists.
    #[error("alias `{0}` is still there after it was deleted")]
    StillThere(String),
    /// The function or a version of it ended up in a failed status.
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
        /// The service's reason, if it gives one.
        reason: Option<String>,
    },
    /// Instances were not provisioned as requested.
    #[error("version {version} did not get {count} provisioned instances: {problem}")]
    Provision {
        /// Version.
        version: Version,
        /// Number of instances asked for.
        count: u64,
        /// Why.
        problem: ProvisionProblem,
    },
    /// The overall time limit was reached while waiting.
    #[error("not finished within {} s: waited for {what}, last status {status}", timeout.as_secs_f64())]
    TimedOut {
        /// What was waited for.
        what: Awaited,
        /// Last status seen.
        status: AwaitedStatus,
        /// The overall time limit.
        timeout: Duration,
    },
    /// Someone else changed the alias between a read and a write of this run.
    #[error(
        "someone else changed alias `{}` while this ran: it was {}, now it is {}",
        observed.name,
        told_apart(expected, observed),
        told_apart(observed, expected)
    )]
    Conflict {
        /// As last read or written by this run.
        expected: Box<Alias>,
        /// As it is now.
        observed: Box<Alias>,
    },
    /// The alias read back is not what was written.
    #[error(
        "alias `{alias}` does not route as asked: intended {intended}, the service reports {observed}"
    )]
    Mismatch {
        /// Name of the alias.
        alias: String,
        /// What was written.
        intended: Box<AliasState>,
        /// What was read back.
        observed: Box<AliasState>,
    },
    /// Someone else published while this run waited, so the plan names the wrong version.
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
    /// Someone else changed settings of the function that this run deployed or routed to.
    #[error("someone else changed the settings of function `{0}` while this ran")]
    SettingsChanged(String),
    /// The code of `$LATEST` cannot be told from another.
    #[error(
        "the service does not tell the digest of the code of function `{0}`, so nobody can tell whether it changes"
    )]
    CodeUntold(String),
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
    /// The function was created with other code while this run was creating it.
    #[error("someone else created function `{0}` while this ran")]
    CreatedElsewhere(String),
    /// The alias has a state that this program does not support.
    #[error("alias `{alias}` of function `{function}` cannot be used: {flaw}")]
    UnusableAlias {
        /// Name of the alias.
        alias: String,
        /// Name of the function.
        function: String,
        /// The unsupported part.
        flaw: ModelError,
    },
    /// A trigger does not show the change that was made.
    #[error("the service does not show the change: {0}")]
    Trigger(Box<TriggerMismatch>),
    /// An attribute does not show the change that was made.
    #[error("the service accepted a change of {0} and does not show it")]
    NotShown(FunctionAttribute),
    /// The creation of an alias was accepted, but it does not show up.
    #[error("the service accepted alias `{0}` and does not show it yet")]
    AliasNotShown(String),
    /// A publication was accepted, but the version does not show up.
    #[error("the service accepted the publication of version {0} and does not show it yet")]
    VersionNotShown(Version),
    /// A load balancer's task failed after it was accepted.
    #[error("the load balancer's task {task} failed: {}", why.as_deref().unwrap_or("without a reason"))]
    Balancer {
        /// Id of the task, for support.
        task: String,
        /// The service's reason, if it gives one.
        why: Option<String>,
    },
    /// A listing whose pages do not end; the action.
    #[error("{0}: the service's pages do not end")]
    Endless(&'static str),
    /// The package's temporary file cannot be read.
    #[error("cannot read the package back")]
    Package(#[source] std::io::Error),
    /// The package could not be uploaded.
    #[error(transparent)]
    Cos(#[from] CosError),
    /// The account id is not a number.
    #[error("`{0}` is not the number of an account (AppId)")]
    AppId(String),
    /// A signal stopped the run.
    #[error("interrupted")]
    Interrupted(Signal),
    /// The plan sends a package that was not built: a bug of this program.
    #[error("the plan sends a package that was not made")]
    Unpacked,
    /// The plan names a version that it did not publish: a bug of this program.
    #[error("the plan routes to a version that it does not publish")]
    Unpublished,
}

impl From<AliasPlanError> for ExecuteError {
    fn from(error: AliasPlanError) -> Self {
        Self::Alias(error)
    }
}

/// Why instances are not provisioned as requested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProvisionProblem {
    /// The service reports no provisioned instances.
    #[error("the service reports none")]
    None,
    /// The service reports another number.
    #[error("the service reports {0}")]
    Other(u64),
    /// Provisioning failed, with the service's reason.
    #[error("{}", .0.as_deref().unwrap_or("the service gives no reason"))]
    Failed(Option<String>),
}

/// An attribute of a function as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionAttribute {
    /// Its tags.
    Tags,
    /// Retries of failed asynchronous invocations.
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

/// The part of an alias's state that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AliasState {
    /// Its routing.
    Routing(Routing),
    /// Its routing, including the main version.
    Main(Routing),
    /// Its routing, including the main version, and its description.
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

/// Formats an alias's routing, and whatever else differs from the other alias.
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

/// An error together with the steps that were done before it.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct Halted {
    /// The error.
    #[source]
    pub source: ExecuteError,
    /// Steps that were done.
    pub done: Vec<Step>,
    /// The failed step, if its change was sent and may have been carried out.
    pub perhaps: Option<Box<Step>>,
    /// Steps that were not done.
    pub left: Vec<Step>,
}

pub(super) fn is_busy(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Api(error) if error.kind() == Some(ErrorKind::Busy))
}

pub(super) fn is_not_found(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Api(error) if error.kind() == Some(ErrorKind::NotFound))
}

/// Returns whether an error says that the function itself does not exist, rather than its namespace
/// or a version.
pub(super) fn is_missing_function(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Api(error)
        if matches!(error.code(), Some("ResourceNotFound.Function" | "ResourceNotFound.FunctionName")))
}
