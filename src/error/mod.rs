//! Every way this program can fail: what it says, what it advises, how it exits.

mod arguments;
mod code;
mod exit_code;
mod exits;
mod function_code;
mod hint;
mod init;
mod inputs;
mod invoke;
mod logs;
mod notify;
mod options;
mod project;
mod refusal;
mod report;
mod reported;
mod rollout;
mod saved;
mod signal;
mod split;
mod task;
mod unread;
mod values;
mod world;

use serde_json::{Map, Value};

use crate::api::retry::ErrorKind;
use crate::api::{ApiError, EndpointError};
use crate::config::credentials::CredentialsError;
use crate::config::function::{InputError, InputErrors};
use crate::config::no_output::NoOutput;
use crate::config::project::ConfigError;
use crate::execute::{ExecuteError, Halted, Signal};
use crate::local::StartError;
use crate::model::{FunctionId, listed};
use crate::network::ProxyError;
use crate::package::{HookError, PackageError};
use crate::plan::{DeployPlanError, Step};
pub use arguments::{ArgumentsError, ForeignOption, ForeignWord};
pub use exit_code::ExitCode;
pub use function_code::{CodeError, WantedFile};
pub use hint::{
    AliasHint, ClockHint, Hint, PackageHint, RunHint, ServiceHint, StorageHint, TriggerHint,
};
pub(crate) use hint::{PRUNE, quoted_path, right};
pub use init::{InitError, InitHint};
pub use inputs::{Continued, InputsAdvice, InputsError};
pub use invoke::{InvokeError, InvokeHint};
pub use logs::{LogsError, LogsHint};
pub use notify::{Chat, NotTold, Undelivered};
pub use options::{OptionsError, TargetProblem};
pub use project::ProjectError;
pub use refusal::{Refusal, Tip, ValueError};
pub use report::FailureReport;
pub use rollout::{
    BegunWith, Judges, Left, RolloutError, RolloutHint, RolloutOption, RolloutProblem, Unanswered,
};
pub use saved::{SavedError, SavedHint};
pub use split::{SplitError, SplitHint, SplitProblem, percent};
pub use task::{Part, RolloutVerb, Task};
pub use unread::{NoData, Unread};
pub(crate) use values::of_line;
pub use values::{EntryFlaw, ValuesError};
pub use world::WorldError;

/// The name of a run, under which the same command publishes nothing twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunName {
    /// The name.
    pub id: String,
    /// Whether the command line has it already.
    pub is_typed: bool,
    /// Where a saved plan was carried out: the command that goes on, which has the name.
    pub command: Option<String>,
}

/// An error as the user sees it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A command line that makes no sense.
    #[error(transparent)]
    Arguments(#[from] ArgumentsError),
    /// Values for `${output:…}`.
    #[error(transparent)]
    Values(#[from] ValuesError),
    /// A folder of instances.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// Code that cannot start.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// Options that do not fit.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// `--inputs`.
    #[error(transparent)]
    Inputs(#[from] InputsError),
    /// serverless.yml, `.env`, variables.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A key of `inputs`.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The `inputs` of a function.
    #[error(transparent)]
    FunctionInputs(#[from] InputErrors),
    /// The key pair.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// `--endpoint`.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// `HTTPS_PROXY` and its like.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The source folder.
    #[error("cannot pack the code")]
    Package(#[from] PackageError),
    /// `src.hook`.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// The plan.
    #[error("cannot deploy function `{function}`")]
    Plan {
        /// Name of the function.
        function: String,
        /// Why.
        source: DeployPlanError,
    },
    /// A command that failed while calling.
    #[error("cannot {task}")]
    Call {
        /// What it was about.
        task: Task,
        /// The function that it was about, for hints.
        function: Option<FunctionId>,
        /// The run, where the same command has to name it.
        run_id: Option<Box<RunName>>,
        /// Why.
        source: ExecuteError,
    },
    /// A deployment that stopped on its way.
    #[error("cannot {task}")]
    Halted {
        /// What it was about.
        task: Task,
        /// The function that it was about, for hints.
        function: FunctionId,
        /// The run, where the same command has to name it.
        run_id: Option<Box<RunName>>,
        /// Why, and what had been done.
        #[source]
        source: HaltedSource,
    },
    /// An error of one of several instances.
    #[error("{name}: {error}")]
    Instance {
        /// Name or folder of the instance.
        name: String,
        /// Its error.
        error: Box<Error>,
    },
    /// References of several instances that cannot be resolved.
    #[error("{} instances have references that cannot be resolved{}", errors.len(), told(errors))]
    Unresolved {
        /// Folder of each instance, and what it lacks.
        errors: Vec<(String, Error)>,
    },
    /// Several instances need outputs that nobody knows.
    #[error("{} instances need outputs that are not known{}", errors.len(), told(errors))]
    OutputsNotKnown {
        /// Name of each instance, and what it lacks.
        errors: Vec<(String, Error)>,
        /// What to do about the first.
        first: Option<NoOutput>,
    },
    /// A run of several that did not all go well; the errors themselves are printed by then.
    #[error("{}", several(*doing, deployed.len(), failed, skipped.len() + not_begun.len()))]
    Several {
        /// What was done to each.
        doing: Doing,
        /// How the process exits.
        code: ExitCode,
        /// Names of those that it was done to.
        deployed: Vec<String>,
        /// Names of those that failed.
        failed: Vec<String>,
        /// Names of those that were left out, each with the failed one that it needs.
        skipped: Vec<(String, String)>,
        /// Names of those whose turn had not come when the process was asked to stop.
        not_begun: Vec<String>,
        /// The run, where the same command has to name it.
        run_id: Option<RunName>,
        /// The errors, each said of its instance or function.
        reports: Vec<FailureReport>,
        /// What became of each, for programs; the error stands beside it.
        result: Map<String, Value>,
    },
    /// A failure behind results that were had before it, or steps that are done.
    #[error("{error}")]
    After {
        /// The failure.
        error: Box<Error>,
        /// The steps that are done, each with the function where there are several.
        done: Vec<(Option<String>, Step)>,
        /// The run, where the same command has to name it and the failure does not.
        run_id: Option<Box<RunName>>,
        /// Whether the same command goes on where this one stopped.
        goes_on: bool,
        /// The results, for programs; the error stands beside them.
        result: Map<String, Value>,
    },
    /// A second signal: the process ended without waiting for the call under way.
    #[error(
        "left at once, as it was asked to a second time; the call under way may have been carried out"
    )]
    LeftAtOnce(Signal, Option<RunName>),
    /// The client could not be set up.
    #[error(transparent)]
    Client(#[from] ApiError),
    /// The local SCF.
    #[error("cannot start the local SCF")]
    Local(#[from] StartError),
    /// A rollout.
    #[error(transparent)]
    Rollout(Box<RolloutError>),
    /// An invocation.
    #[error(transparent)]
    Invoke(#[from] Box<InvokeError>),
    /// Logs.
    #[error(transparent)]
    Logs(#[from] LogsError),
    /// The split of an alias.
    #[error(transparent)]
    Split(#[from] Box<SplitError>),
    /// A saved plan.
    #[error(transparent)]
    Saved(#[from] Box<SavedError>),
    /// Files that are not written.
    #[error(transparent)]
    Init(#[from] InitError),
    /// The file system.
    #[error("cannot {task}")]
    Io {
        /// What was tried.
        task: Task,
        /// Why.
        source: std::io::Error,
    },
}

impl RolloutError {
    /// An option that cannot be used, whatever the alias.
    #[must_use]
    pub fn of_option(problem: RolloutOption) -> Error {
        let (problem, result) = (problem.into(), Map::new());
        let (function, alias, project) = (None, String::new(), None);
        Error::Rollout(Box::new(Self { function, alias, project, problem, result }))
    }
}

impl From<SplitError> for Error {
    fn from(error: SplitError) -> Self {
        Self::Split(Box::new(error))
    }
}

impl From<SavedError> for Error {
    fn from(error: SavedError) -> Self {
        Self::Saved(Box::new(error))
    }
}

impl From<InvokeError> for Error {
    fn from(error: InvokeError) -> Self {
        Self::Invoke(Box::new(error))
    }
}

/// [`Halted`] as a cause: its own text is that of the failed step.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.source)]
pub struct HaltedSource(pub Halted);

/// What a command does to several instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// They are deployed.
    Deploying,
    /// They are removed.
    Removing,
    /// They are looked at, which changes nothing.
    Looking,
}

impl Doing {
    /// What they are then.
    #[must_use]
    pub fn done(self) -> &'static str {
        match self {
            Self::Deploying => "deployed",
            Self::Removing => "removed",
            Self::Looking => "read",
        }
    }
}

fn several(doing: Doing, deployed: usize, failed: &[String], rest: usize) -> String {
    let total = deployed + failed.len() + rest;
    if failed.is_empty() {
        format!("{deployed} of {total} are {}", doing.done())
    } else {
        format!("{} of {total} failed: {}", failed.len(), listed(failed))
    }
}

/// The errors of several instances, a line each.
fn told(errors: &[(String, Error)]) -> String {
    let lines = errors.iter().map(|(name, error)| format!("\n{name}: {}", error.report().whole()));
    lines.collect::<Vec<_>>().concat()
}

impl Error {
    /// The error, said of one of several instances.
    #[must_use]
    pub fn of_instance(self, name: String) -> Self {
        Self::Instance { name, error: Box::new(self) }
    }

    /// The error, with the results that were had before it.
    #[must_use]
    pub fn after(self, result: Map<String, Value>) -> Self {
        let (error, done) = (Box::new(self), Vec::new());
        Self::After { error, done, run_id: None, goes_on: false, result }
    }

    /// The error, with the steps that were done before it, each with the function where there are
    /// several.
    #[must_use]
    pub fn behind(self, mut done: Vec<(Option<String>, Step)>) -> Self {
        if done.is_empty() {
            return self;
        }
        let result = match self {
            Self::After { error, done: later, run_id, goes_on, result } => {
                done.extend(later);
                return Self::After { error, done, run_id, goes_on, result };
            }
            Self::Rollout(ref error) => error.result.clone(),
            _ => Map::new(),
        };
        Self::After { error: Box::new(self), done, run_id: None, goes_on: false, result }
    }

    /// The error behind steps, after which the same command goes on where this one stopped.
    #[must_use]
    pub fn going_on(mut self) -> Self {
        if let Self::After { goes_on, .. } = &mut self {
            *goes_on = true;
        }
        self
    }

    /// The error with the name of the run, under which the same command publishes nothing twice.
    #[must_use]
    pub fn of_run(mut self, name: Option<RunName>) -> Self {
        if let Self::Call { run_id, .. }
        | Self::Halted { run_id, .. }
        | Self::After { run_id, .. } = &mut self
        {
            *run_id = name.map(Box::new).or(run_id.take());
        }
        self
    }

    /// The signal that this error is about, where it is about one.
    #[must_use]
    pub fn signal(&self) -> Option<Signal> {
        match self {
            Self::Call { source: ExecuteError::Interrupted(signal), .. } => Some(*signal),
            Self::Call { source: ExecuteError::Api(ApiError::Stopped { .. }), .. }
            | Self::Client(ApiError::Stopped { .. }) => Some(Signal::Interrupt),
            Self::After { error, .. } => error.signal(),
            _ => None,
        }
    }

    /// Whether the process is asked to stop, and that is all that is wrong.
    #[must_use]
    pub fn is_stop(&self) -> bool {
        self.signal().is_some()
    }

    /// Whether the same may succeed a minute later: trouble on the way, of the service, or with
    /// somebody else who wrote at the same time.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        let Self::Call { source, .. } = self else { return false };
        match source {
            ExecuteError::Api(error) => match error {
                ApiError::Connect { .. }
                | ApiError::Proxy { .. }
                | ApiError::NoAnswer { .. }
                | ApiError::Status { .. }
                | ApiError::Garbled { .. }
                | ApiError::TimedOut { .. } => true,
                error => matches!(
                    error.kind(),
                    Some(ErrorKind::Throttled | ErrorKind::Platform | ErrorKind::Busy)
                ),
            },
            ExecuteError::TimedOut { .. }
            | ExecuteError::Conflict { .. }
            | ExecuteError::Mismatch { .. } => true,
            _ => false,
        }
    }
}
