//! Which hint fits what could not be planned or done.

use super::service;
use crate::config::function::nearest;
use crate::cos::CosError;
use crate::error::hint::{AliasHint, Hint, RunHint, ServiceHint, alias};
use crate::execute::ExecuteError;
use crate::model::FunctionId;
use crate::plan::DeployPlanError;

/// What to do about what cannot be planned.
pub(super) fn of_plan(error: &DeployPlanError) -> Hint<'_> {
    Hint::Run(match error {
        DeployPlanError::Runtime { observed, .. } => RunHint::Runtime { runtime: observed },
        DeployPlanError::Kind { observed, .. } => RunHint::Kind { kind: *observed },
        DeployPlanError::Protocol { .. } => RunHint::Protocol,
        DeployPlanError::RunsImage(_) | DeployPlanError::RunsCode(_) => RunHint::OtherName,
        DeployPlanError::Status(_) => RunHint::LookAtFunction,
        DeployPlanError::MatchRules { .. } => return Hint::Alias(AliasHint::LeaveTraffic),
        DeployPlanError::RolledBack { version, .. } => RunHint::RolledBack { version: *version },
        DeployPlanError::Alias(error) => return Hint::Alias(alias::of_file(error)),
        DeployPlanError::Trigger(error) => return Hint::Trigger(alias::of_trigger(error)),
    })
}

/// What to do about what could not be done to this function.
pub(super) fn of<'a>(
    error: &'a ExecuteError,
    function: Option<&'a FunctionId>,
) -> Option<Hint<'a>> {
    Some(Hint::Run(match error {
        ExecuteError::Api(error) => return service::of(error, function),
        ExecuteError::Cos(CosError::Proxy { variable, .. }) => {
            return Some(Hint::ThroughProxy { variable });
        }
        ExecuteError::Cos(error) => return service::of_storage(error),
        ExecuteError::AppId(_) => RunHint::AppId,
        // A list that lags behind, or does not any more.
        ExecuteError::NoFunction { function, existing } if existing.contains(&function.name) => {
            RunHint::Again
        }
        ExecuteError::NoAlias { alias, existing, .. } if existing.contains(alias) => RunHint::Again,
        ExecuteError::NoFunction { function: missing, existing } => {
            match nearest_of(&missing.name, existing) {
                Some(name) => RunHint::MeantFunction { name, function: missing },
                None => RunHint::NoFunction { function: missing },
            }
        }
        ExecuteError::NoAlias { alias, existing, .. } => {
            return Some(Hint::Alias(match nearest_of(alias, existing) {
                Some(name) => AliasHint::Meant { name },
                None => AliasHint::Existing { existing },
            }));
        }
        ExecuteError::Alias(error) => return Some(Hint::Alias(alias::of(error, function))),
        ExecuteError::AliasExists { .. } => return Some(Hint::Service(ServiceHint::AliasExists)),
        ExecuteError::AliasInUse { .. } => return Some(Hint::Alias(AliasHint::Bound)),
        ExecuteError::UnusableAlias { .. } => return Some(Hint::Alias(AliasHint::Console)),
        ExecuteError::StillThere(_)
        | ExecuteError::FunctionStillThere(_)
        | ExecuteError::VersionStillThere(_) => RunHint::Again,
        ExecuteError::VersionInUse { .. } => RunHint::TakeOutOfUse,
        ExecuteError::Failed { status, .. } => match status.as_str() {
            "CreateFailed" => RunHint::NotCreated,
            "DeleteFailed" => RunHint::NotDeleted,
            "PublishFailed" => RunHint::NotPublished,
            _ => RunHint::NotUpdated,
        },
        ExecuteError::Provision { .. } => RunHint::Provision,
        ExecuteError::TimedOut { .. } => RunHint::MayFinish,
        ExecuteError::Conflict { .. }
        | ExecuteError::PublishedElsewhere { .. }
        | ExecuteError::CodeChanged(_)
        | ExecuteError::UsesChanged(_)
        | ExecuteError::SettingsChanged(_) => RunHint::Decide,
        ExecuteError::FrozeOther { .. } => RunHint::PublishAgain,
        ExecuteError::CodeUntold(_) => RunHint::CodeUntold,
        ExecuteError::Mismatch { .. } | ExecuteError::AliasNotShown(_) => RunHint::LookAtAlias,
        ExecuteError::VersionNotShown(_) => RunHint::LookAtVersions,
        ExecuteError::NotShown(_) => RunHint::LookAtFunctionFirst,
        ExecuteError::Trigger(_) | ExecuteError::Balancer { .. } => RunHint::LookAtTriggers,
        ExecuteError::CreatedElsewhere(_) => RunHint::Update,
        ExecuteError::Interrupted(_) => RunHint::Continue,
        ExecuteError::Endless(_)
        | ExecuteError::Package(_)
        | ExecuteError::Unpacked
        | ExecuteError::Unpublished => return None,
    }))
}

fn nearest_of<'a>(name: &str, existing: &'a [String]) -> Option<&'a str> {
    nearest(name, existing.iter().map(String::as_str))
}
