//! The word that names the kind of a failure for programs.
//!
//! Where a service answered it is the service's own code, such as `ResourceNotFound.Alias`;
//! else one of the words below, in kebab case (docs/en/errors.md).

use super::{CodeError, Error, signal};
use crate::api::{ApiError, KeysError};
use crate::config::credentials::CredentialsError;
use crate::config::project::ConfigError;
use crate::cos::CosError;
use crate::execute::ExecuteError;
use crate::package::HookError;
use crate::plan::{AliasPlanError, DeployPlanError, TriggerError};

impl Error {
    /// The service's code, else a word of our own.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Code(CodeError::HandlerFile { .. }) => "handler-not-found",
            Self::Arguments(_)
            | Self::Init(_)
            | Self::Values(_)
            | Self::Project(_)
            | Self::Code(_)
            | Self::Options(_)
            | Self::Unresolved { .. }
            | Self::OutputsNotKnown { .. } => "usage",
            Self::Inputs(_) | Self::Input(_) | Self::FunctionInputs(_) => "invalid-inputs",
            Self::Config(ConfigError::Variables(unresolved)) if unresolved.is_missing() => {
                "function-not-found"
            }
            Self::Config(_) => "invalid-configuration",
            Self::Credentials(CredentialsError::Missing { .. }) => "no-credentials",
            Self::Credentials(_) => "invalid-credentials",
            Self::Endpoint(_) => "invalid-endpoint",
            Self::Proxy(_) => "invalid-proxy",
            Self::Package(_) => "package-failed",
            Self::Hook(HookError::TimedOut { .. }) => "timed-out",
            Self::Hook(HookError::Start { .. } | HookError::Failed { .. }) => "hook-failed",
            Self::Plan { source, .. } => plan_code(source),
            Self::Call { source, .. } => execute_code(source),
            Self::Halted { source, .. } => execute_code(&source.0.source),
            Self::Instance { error, .. } | Self::After { error, .. } => error.code(),
            Self::Several { reports, .. } => match reports.as_slice() {
                [first, rest @ ..] if rest.iter().all(|one| one.code == first.code) => &first.code,
                [] => "not-begun",
                _ => "several-failed",
            },
            Self::LeftAtOnce(signal, _) => signal::code(*signal),
            Self::Client(error) => scf_code(error),
            Self::Rollout(error) => error.code(),
            Self::Invoke(error) => error.code(),
            Self::Logs(error) => error.code(),
            Self::Split(error) => error.code(),
            Self::Saved(error) => error.code(),
            Self::Local(_) => "local-scf",
            Self::Io { .. } => "io",
        }
    }

    /// Names the failed call to the vendor's support, where a service answered it.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        let id = match self {
            Self::Call { source, .. } => execute_request_id(source),
            Self::Halted { source, .. } => execute_request_id(&source.0.source),
            Self::Client(error) => scf_request_id(error),
            Self::Invoke(error) => error.request_id(),
            Self::Instance { error, .. } | Self::After { error, .. } => error.request_id(),
            Self::Several { reports, .. } => match reports.as_slice() {
                [only] => only.request_id.as_deref(),
                _ => None,
            },
            _ => None,
        };
        id.filter(|id| !id.is_empty())
    }
}

fn plan_code(error: &DeployPlanError) -> &'static str {
    match error {
        DeployPlanError::Runtime { .. }
        | DeployPlanError::Kind { .. }
        | DeployPlanError::Protocol { .. }
        | DeployPlanError::RunsImage(_)
        | DeployPlanError::RunsCode(_) => "not-changeable",
        DeployPlanError::Status(_) => "function-status",
        DeployPlanError::MatchRules { .. } => "match-rules",
        DeployPlanError::RolledBack { .. } => "rolled-back",
        DeployPlanError::Alias(error) => alias_code(error),
        DeployPlanError::Trigger(error) => match error {
            TriggerError::NoAlias { .. } => "alias-not-found",
            TriggerError::NoVersion { .. } => "version-not-found",
            TriggerError::NoFunction { .. } => "function-not-found",
            TriggerError::NoListener { .. } => "listener-not-found",
        },
    }
}

fn alias_code(error: &AliasPlanError) -> &'static str {
    match error {
        AliasPlanError::SeveralAdditional { .. }
        | AliasPlanError::SeveralHeld { .. }
        | AliasPlanError::SeveralRuled { .. }
        | AliasPlanError::RuledVersion { .. }
        | AliasPlanError::SameVersion(_) => "routing-not-possible",
        AliasPlanError::Description { .. } => "description-too-long",
        AliasPlanError::MatchRules { .. } => "match-rules",
        AliasPlanError::UnderRollout(_) => "under-rollout",
        AliasPlanError::NotPublished { .. } => "version-not-found",
    }
}

fn execute_code(error: &ExecuteError) -> &str {
    match error {
        ExecuteError::Api(error) => scf_code(error),
        ExecuteError::Cos(error) => match error {
            CosError::Service { code, .. } => code,
            CosError::Connect { .. } => "cannot-connect",
            CosError::Proxy { .. } => "proxy-failed",
            CosError::Certificate { .. } => "certificate-refused",
            CosError::NoAnswer { .. } => "no-answer",
            CosError::Garbled { .. } => "invalid-answer",
            CosError::Corrupted { .. } => "corrupted",
            CosError::TimedOut { .. } => "timed-out",
            CosError::Interrupted => "interrupted",
            CosError::Read(_) => "package-failed",
            CosError::Prepare { .. } => "invalid-request",
        },
        ExecuteError::AppId(_) => "invalid-app-id",
        ExecuteError::NoFunction { .. } => "function-not-found",
        ExecuteError::NoAlias { .. } => "alias-not-found",
        ExecuteError::Alias(error) => alias_code(error),
        ExecuteError::AliasInUse { .. } => "alias-in-use",
        ExecuteError::VersionInUse { .. } => "version-in-use",
        ExecuteError::StillThere(_)
        | ExecuteError::FunctionStillThere(_)
        | ExecuteError::VersionStillThere(_)
        | ExecuteError::Trigger(_)
        | ExecuteError::NotShown(_)
        | ExecuteError::AliasNotShown(_)
        | ExecuteError::VersionNotShown(_) => "change-not-visible",
        ExecuteError::Failed { .. } => "function-failed",
        ExecuteError::Provision { .. } => "provisioning-failed",
        ExecuteError::TimedOut { .. } => "timed-out",
        ExecuteError::Conflict { .. }
        | ExecuteError::PublishedElsewhere { .. }
        | ExecuteError::CodeChanged(_)
        | ExecuteError::UsesChanged(_)
        | ExecuteError::SettingsChanged(_)
        | ExecuteError::FrozeOther { .. }
        | ExecuteError::AliasExists { .. }
        | ExecuteError::CreatedElsewhere(_) => "conflict",
        ExecuteError::Mismatch { .. } => "routing-mismatch",
        ExecuteError::UnusableAlias { .. } => "alias-not-usable",
        ExecuteError::Balancer { .. } => "load-balancer-failed",
        ExecuteError::Endless(_) | ExecuteError::CodeUntold(_) => "invalid-answer",
        ExecuteError::Package(_) => "package-failed",
        ExecuteError::Interrupted(signal) => signal::code(*signal),
        ExecuteError::Unpacked | ExecuteError::Unpublished => "internal",
    }
}

fn scf_code(error: &ApiError) -> &str {
    match error {
        ApiError::Api { code, .. }
        | ApiError::Token { code, .. }
        | ApiError::Clock { code, .. } => code,
        ApiError::Connect { .. } => "cannot-connect",
        ApiError::Proxy { .. } => "proxy-failed",
        ApiError::Certificate { .. } => "certificate-refused",
        ApiError::NoAnswer { .. } => "no-answer",
        ApiError::Status { .. } => "http-status",
        ApiError::Garbled { .. } | ApiError::Reply { .. } => "invalid-answer",
        ApiError::TimedOut { .. } => "timed-out",
        ApiError::Stopped { .. } => "interrupted",
        ApiError::Keys { source, .. } => match source {
            KeysError::Role { source, .. } => scf_code(source),
            KeysError::Machine { .. } | KeysError::Place(_) | KeysError::Ended { .. } => {
                "no-credentials"
            }
        },
        ApiError::TooLarge { .. } => "request-too-large",
        ApiError::Prepare { .. } => "invalid-request",
    }
}

fn execute_request_id(error: &ExecuteError) -> Option<&str> {
    match error {
        ExecuteError::Api(error) => scf_request_id(error),
        ExecuteError::Cos(CosError::Service { request_id, .. }) => Some(request_id),
        _ => None,
    }
}

fn scf_request_id(error: &ApiError) -> Option<&str> {
    match error {
        ApiError::Api { request_id, .. }
        | ApiError::Token { request_id, .. }
        | ApiError::Clock { request_id, .. }
        | ApiError::Reply { request_id, .. } => Some(request_id),
        ApiError::Keys { source: KeysError::Role { source, .. }, .. } => scf_request_id(source),
        _ => None,
    }
}
