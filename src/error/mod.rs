//! Every way this program can fail: what it says, what it advises, how it exits.

mod arguments;
mod code;
mod exit_code;
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
mod split;
mod task;
mod values;
mod world;

use serde_json::{Map, Value};

use crate::api::retry::ErrorKind;
use crate::api::{ApiError, EndpointError, KeysError};
use crate::config::credentials::CredentialsError;
use crate::config::function::{InputError, InputErrors};
use crate::config::project::ConfigError;
use crate::cos::CosError;
use crate::execute::{ExecuteError, Halted, Signal};
use crate::local::StartError;
use crate::model::{FunctionId, listed};
use crate::network::ProxyError;
use crate::package::{HookError, PackageError};
use crate::plan::{AliasPlanError, DeployPlanError, Step};
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
pub(crate) use project::hint_of;
pub use refusal::{Refusal, Tip, ValueError};
pub use report::FailureReport;
pub use rollout::{
    BegunWith, Judges, Left, NoData, RolloutError, RolloutHint, RolloutOption, RolloutProblem,
    Unanswered, Unread,
};
pub use saved::{SavedError, SavedHint};
pub use split::{SplitError, SplitHint, SplitProblem, percent};
pub use task::{Part, RolloutVerb, Task};
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

impl Error {
    /// The error, said of one of several instances.
    #[must_use]
    pub fn of_instance(self, name: String) -> Self {
        Self::Instance { name, error: Box::new(self) }
    }

    /// The error, with the results that were had before it.
    #[must_use]
    pub fn after(self, result: Map<String, Value>) -> Self {
        Self::After { error: Box::new(self), done: Vec::new(), result }
    }

    /// The error, with the steps that were done before it, each with the function where there are
    /// several.
    #[must_use]
    pub fn behind(self, done: Vec<(Option<String>, Step)>) -> Self {
        if done.is_empty() {
            return self;
        }
        let result = match &self {
            Self::Rollout(error) => error.result.clone(),
            _ => Map::new(),
        };
        Self::After { error: Box::new(self), done, result }
    }

    /// The error with the name of the run, under which the same command publishes nothing twice.
    #[must_use]
    pub fn of_run(mut self, name: Option<RunName>) -> Self {
        match &mut self {
            Self::Call { run_id, .. } | Self::Halted { run_id, .. } => {
                *run_id = name.map(Box::new);
            }
            _ => {}
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

    /// How the process exits.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(ConfigError::Variables(unresolved)) if unresolved.is_missing() => {
                ExitCode::NotFound
            }
            Self::Arguments(_)
            | Self::Values(_)
            | Self::Project(_)
            | Self::Code(_)
            | Self::Options(_)
            | Self::Inputs(_)
            | Self::Config(_)
            | Self::Input(_)
            | Self::FunctionInputs(_)
            | Self::Endpoint(_)
            | Self::Proxy(_) => ExitCode::Usage,
            Self::Package(error) => match error {
                PackageError::Changed { .. }
                | PackageError::Write { .. }
                | PackageError::Temporary { .. } => ExitCode::Failure,
                _ => ExitCode::Usage,
            },
            Self::Hook(error) => match error {
                HookError::Start { .. } => ExitCode::Usage,
                HookError::Failed { .. } => ExitCode::Failure,
                HookError::TimedOut { .. } => ExitCode::TimedOut,
            },
            Self::Credentials(_) => ExitCode::Credentials,
            Self::Plan { source, .. } => match source {
                DeployPlanError::Runtime { .. }
                | DeployPlanError::Kind { .. }
                | DeployPlanError::Protocol { .. }
                | DeployPlanError::RunsImage(_)
                | DeployPlanError::RunsCode(_) => ExitCode::Usage,
                DeployPlanError::Status(_) => ExitCode::Failure,
                DeployPlanError::MatchRules { .. } | DeployPlanError::RolledBack { .. } => {
                    ExitCode::Conflict
                }
                DeployPlanError::Alias(error) => alias_exit_code(error),
                DeployPlanError::Trigger(_) => ExitCode::NotFound,
            },
            Self::Call { source, .. } => execute_exit_code(source),
            Self::Halted { source, .. } => execute_exit_code(&source.0.source),
            Self::Instance { error, .. } | Self::After { error, .. } => error.exit_code(),
            Self::Several { code, .. } => *code,
            Self::LeftAtOnce(signal, _) => signal_exit_code(*signal),
            Self::Client(error) => scf_exit_code(error),
            Self::Rollout(error) => error.exit_code(),
            Self::Invoke(error) => error.exit_code(),
            Self::Logs(error) => error.exit_code(),
            Self::Split(error) => error.exit_code(),
            Self::Saved(error) => error.exit_code(),
            Self::Init(error) => error.exit_code(),
            Self::Local(_) | Self::Io { .. } => ExitCode::Failure,
        }
    }
}

fn alias_exit_code(error: &AliasPlanError) -> ExitCode {
    match error {
        AliasPlanError::MatchRules { .. } | AliasPlanError::UnderRollout(_) => ExitCode::Conflict,
        AliasPlanError::SeveralAdditional { .. }
        | AliasPlanError::SeveralHeld { .. }
        | AliasPlanError::SeveralRuled { .. }
        | AliasPlanError::RuledVersion { .. }
        | AliasPlanError::Description { .. }
        | AliasPlanError::SameVersion(_) => ExitCode::Usage,
        AliasPlanError::NotPublished { .. } => ExitCode::NotFound,
    }
}

fn execute_exit_code(error: &ExecuteError) -> ExitCode {
    match error {
        ExecuteError::Api(error) => scf_exit_code(error),
        ExecuteError::Cos(error) => match error {
            CosError::Service { status: 403, .. } => ExitCode::Credentials,
            CosError::Service { status: 404, .. } => ExitCode::NotFound,
            CosError::TimedOut { .. } => ExitCode::TimedOut,
            CosError::Interrupted => ExitCode::Interrupted,
            CosError::Service { .. }
            | CosError::Connect { .. }
            | CosError::Proxy { .. }
            | CosError::Certificate { .. }
            | CosError::NoAnswer { .. }
            | CosError::Garbled { .. }
            | CosError::Corrupted { .. }
            | CosError::Read(_)
            | CosError::Prepare { .. } => ExitCode::Failure,
        },
        ExecuteError::AppId(_) => ExitCode::Usage,
        ExecuteError::NoFunction { .. } | ExecuteError::NoAlias { .. } => ExitCode::NotFound,
        ExecuteError::Alias(error) => alias_exit_code(error),
        ExecuteError::TimedOut { .. } => ExitCode::TimedOut,
        ExecuteError::Conflict { .. }
        | ExecuteError::Mismatch { .. }
        | ExecuteError::PublishedElsewhere { .. }
        | ExecuteError::CodeChanged(_)
        | ExecuteError::SettingsChanged(_)
        | ExecuteError::FrozeOther { .. }
        | ExecuteError::Trigger(_)
        | ExecuteError::NotShown(_)
        | ExecuteError::AliasInUse { .. }
        | ExecuteError::VersionInUse { .. }
        | ExecuteError::UsesChanged(_)
        | ExecuteError::CreatedElsewhere(_) => ExitCode::Conflict,
        ExecuteError::Failed { .. }
        | ExecuteError::Provision { .. }
        | ExecuteError::StillThere(_)
        | ExecuteError::FunctionStillThere(_)
        | ExecuteError::VersionStillThere(_)
        | ExecuteError::UnusableAlias { .. }
        | ExecuteError::Balancer { .. }
        | ExecuteError::Endless(_)
        | ExecuteError::Unpacked
        | ExecuteError::Package(_)
        | ExecuteError::Unpublished => ExitCode::Failure,
        ExecuteError::Interrupted(signal) => signal_exit_code(*signal),
    }
}

fn signal_exit_code(signal: Signal) -> ExitCode {
    match signal {
        Signal::Interrupt => ExitCode::Interrupted,
        Signal::Terminate => ExitCode::Terminated,
    }
}

fn scf_exit_code(error: &ApiError) -> ExitCode {
    match error {
        ApiError::Api { .. } | ApiError::Clock { .. } => match error.kind() {
            Some(ErrorKind::Denied) => ExitCode::Credentials,
            Some(ErrorKind::NotFound) => ExitCode::NotFound,
            // Content that is published already was published by whoever it was.
            Some(ErrorKind::InUse) if error.action() == "PublishVersion" => ExitCode::Failure,
            Some(ErrorKind::InUse) => ExitCode::Conflict,
            Some(
                ErrorKind::Throttled
                | ErrorKind::Platform
                | ErrorKind::Busy
                | ErrorKind::ActionFailed
                | ErrorKind::Refused,
            )
            | None => ExitCode::Failure,
        },
        ApiError::Token { .. } => ExitCode::Credentials,
        ApiError::Keys { source, .. } => keys_exit_code(source),
        ApiError::TimedOut { .. } => ExitCode::TimedOut,
        ApiError::Stopped { .. } => ExitCode::Interrupted,
        ApiError::Connect { .. }
        | ApiError::Proxy { .. }
        | ApiError::Certificate { .. }
        | ApiError::NoAnswer { .. }
        | ApiError::Status { .. }
        | ApiError::Garbled { .. }
        | ApiError::Reply { .. }
        | ApiError::TooLarge { .. }
        | ApiError::Prepare { .. } => ExitCode::Failure,
    }
}

/// Whatever a service says against giving keys, it is about credentials; its trouble and the
/// network's are not.
fn keys_exit_code(error: &KeysError) -> ExitCode {
    match error {
        KeysError::Role { source, .. } => match source.kind() {
            Some(
                ErrorKind::Denied
                | ErrorKind::NotFound
                | ErrorKind::InUse
                | ErrorKind::Refused
                | ErrorKind::Busy
                | ErrorKind::ActionFailed,
            ) => ExitCode::Credentials,
            Some(ErrorKind::Throttled | ErrorKind::Platform) | None => scf_exit_code(source),
        },
        KeysError::Machine { .. } | KeysError::Place(_) | KeysError::Ended { .. } => {
            ExitCode::Credentials
        }
    }
}
