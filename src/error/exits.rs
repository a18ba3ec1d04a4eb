//! With which code the process exits after each error.

use super::{Error, ExitCode, signal};
use crate::api::retry::ErrorKind;
use crate::api::{ApiError, KeysError};
use crate::config::project::ConfigError;
use crate::cos::CosError;
use crate::execute::ExecuteError;
use crate::package::{HookError, PackageError};
use crate::plan::{AliasPlanError, DeployPlanError};

impl Error {
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
            | Self::Proxy(_)
            | Self::Unresolved { .. }
            | Self::OutputsNotKnown { .. } => ExitCode::Usage,
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
            Self::LeftAtOnce(signal, _) => signal::exit_code(*signal),
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
        | ExecuteError::AliasExists { .. }
        | ExecuteError::AliasNotShown(_)
        | ExecuteError::VersionNotShown(_)
        | ExecuteError::AliasInUse { .. }
        | ExecuteError::VersionInUse { .. }
        | ExecuteError::UsesChanged(_)
        | ExecuteError::CreatedElsewhere(_) => ExitCode::Conflict,
        ExecuteError::Failed { .. }
        | ExecuteError::CodeUntold(_)
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
        ExecuteError::Interrupted(signal) => signal::exit_code(*signal),
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
