//! Removes functions and versions.
//!
//! A deletion cannot be undone, and the API has no conditional delete. So the uses of a version are
//! read again right before each deletion, and a change by someone else ends the run.

use std::ops::ControlFlow;

use super::deletion::{self, Doomed};
use super::wait::{self, Lasting};
use super::write::{self, Again, Found, Written, write_then_look};
use super::{
    APPEARANCE, Awaited, AwaitedStatus, ExecuteError, FunctionSession, Halted, alias, function,
    is_missing_function, provisioned, triggers, versions,
};
use crate::api::actions::DeleteFunctionVersion;
use crate::api::retry::ErrorKind;
use crate::model::{Alias, DEFAULT_ALIAS, Status, Version};
use crate::order::Order as _;
use crate::plan::prune::{self, Kept, Pruning, Users};
use crate::plan::{self, DeletionReason, Provisioned, Step, TriggerStep};

/// What to delete, and the state on which that was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The steps, in order.
    pub steps: Vec<Step>,
    users: Users,
    of: Of,
}

/// What is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// The function as a whole.
    Function { end_rollout: bool },
    /// Some of its versions; this many of the newest are kept.
    Versions { keep: usize },
}

/// Decides how to delete a function with everything in it. Only reads.
///
/// Returns `None` if it does not exist.
///
/// # Errors
/// Fails if an alias is under a rollout and `end_rollout` is not set, or if a read fails.
pub async fn plan_function(
    session: &FunctionSession<'_>,
    end_rollout: bool,
) -> Result<Option<Removal>, ExecuteError> {
    let Some(found) = function::find(session).await? else { return Ok(None) };
    if Status::from(found.status.as_str()) == Status::Deleting {
        deletion::await_gone(session, Doomed::Any).await?;
        return Ok(None);
    }
    let read = tokio::try_join!(users(session), versions::list(session));
    let (users, published) = match read {
        Err(error) if is_missing_function(&error) => return Ok(None),
        read => read?,
    };
    for alias in &users.aliases {
        plan::alias::check_free(alias, end_rollout)?;
    }
    let bound = users.triggers.iter().map(|trigger| {
        let (trigger, reason) = (trigger.clone(), DeletionReason::FunctionGoes);
        Step::Trigger(TriggerStep::Delete { trigger, reason })
    });
    let names = users.aliases.iter().map(|alias| alias.name.clone());
    let whole = Step::DeleteFunction {
        function: session.function.name.clone(),
        versions: published.len(),
        aliases: names.filter(|name| name != DEFAULT_ALIAS).collect(),
    };
    let steps = bound.chain([whole]).collect();
    Ok(Some(Removal { steps, users, of: Of::Function { end_rollout } }))
}

/// Decides whether a version may be deleted. Only reads.
///
/// Returns `None` if it does not exist.
///
/// # Errors
/// Fails if the function does not exist, if the version is in use, or if a read fails.
pub async fn plan_version(
    session: &FunctionSession<'_>,
    version: Version,
) -> Result<Option<Removal>, ExecuteError> {
    let read = tokio::try_join!(users(session), versions::list(session));
    let (users, published) = there(session, read).await?;
    let listed = published.iter().any(|one| one.version == version);
    // The list may lag.
    if !listed && versions::find(session, version).await?.is_none() {
        return Ok(None);
    }
    let why = users.of(version);
    if !why.is_empty() {
        let function = session.function.name.clone();
        return Err(ExecuteError::VersionInUse { version, function, uses: why });
    }
    let steps = vec![Step::DeleteVersion(version)];
    Ok(Some(Removal { steps, users, of: Of::Versions { keep: 0 } }))
}

/// Decides which versions to delete. Only reads.
///
/// # Errors
/// Fails if the function does not exist, or if a read fails.
pub async fn plan_pruning(
    session: &FunctionSession<'_>,
    keep: usize,
) -> Result<(Removal, Vec<Kept>), ExecuteError> {
    let read = tokio::try_join!(users(session), versions::list(session));
    let (users, published) = there(session, read).await?;
    let Pruning { goes, stays } = prune::decide(&published, &users, keep);
    let steps = goes.into_iter().map(Step::DeleteVersion).collect();
    Ok((Removal { steps, users, of: Of::Versions { keep } }, stays))
}

async fn there<T>(
    session: &FunctionSession<'_>,
    read: Result<T, ExecuteError>,
) -> Result<T, ExecuteError> {
    match read {
        Err(error) if is_missing_function(&error) => Err(function::absent(session).await),
        read => read,
    }
}

/// Reads everything that may use versions. A failed read is an error, as it may hide a use.
async fn users(session: &FunctionSession<'_>) -> Result<Users, ExecuteError> {
    let (aliases, triggers, provisioned) = tokio::try_join!(
        aliases(session),
        triggers::observed_all(session),
        provisioned::list(session),
    )?;
    let mut provisioned: Vec<Provisioned> =
        provisioned.iter().filter_map(provisioned::in_use).collect();
    provisioned.order_by_key(|held| held.version);
    Ok(Users { aliases, triggers, provisioned })
}

/// Lists all aliases by name, as the service promises no order.
async fn aliases(session: &FunctionSession<'_>) -> Result<Vec<Alias>, ExecuteError> {
    let records = alias::read_all(session, None).await?;
    let mut aliases: Vec<Alias> = records.into_iter().map(|record| record.alias).collect();
    aliases.order_by(|one, other| one.name.cmp(&other.name));
    Ok(aliases)
}

/// Carries out a removal in order.
///
/// # Errors
/// Fails if a call fails, if something still exists after its deletion, or if someone else has
/// changed the state on which the decision was based.
pub async fn carry_out(
    session: &FunctionSession<'_>,
    removal: &Removal,
) -> Result<(), Box<Halted>> {
    if let Of::Function { end_rollout } = removal.of {
        // Other functions of the project may have taken time since the decision.
        match plan_function(session, end_rollout).await {
            Ok(None) => return Ok(()),
            Ok(Some(again)) if again.is_like(removal) => {}
            Ok(Some(_)) => return Err(halted(session, changed(session), removal, 0)),
            Err(error) => return Err(halted(session, error, removal, 0)),
        }
    }
    for (done, step) in removal.steps.iter().enumerate() {
        session.record().sent = false;
        session.begin(step);
        if let Err(source) = one(session, step, removal).await {
            return Err(halted(session, source, removal, done));
        }
    }
    Ok(())
}

impl Removal {
    /// Returns whether both do the same for the same reasons. The number of warm instances is not
    /// one.
    fn is_like(&self, other: &Self) -> bool {
        self.steps == other.steps && self.users.aliases == other.users.aliases
    }
}

/// Wraps an error with the steps that were and were not done.
fn halted(
    session: &FunctionSession<'_>,
    source: ExecuteError,
    removal: &Removal,
    done: usize,
) -> Box<Halted> {
    let (done, rest) = removal.steps.split_at(done);
    let (perhaps, left) = match rest.split_first() {
        Some((step, left)) if session.is_finishing() => (Some(step.clone()), left),
        _ => (None, rest),
    };
    Box::new(Halted {
        source: session.by_signal(source),
        done: done.to_vec(),
        perhaps: perhaps.map(Box::new),
        left: left.to_vec(),
    })
}

fn changed(session: &FunctionSession<'_>) -> ExecuteError {
    ExecuteError::UsesChanged(session.function.name.clone())
}

async fn one(
    session: &FunctionSession<'_>,
    step: &Step,
    removal: &Removal,
) -> Result<(), ExecuteError> {
    let decided_by = &removal.users;
    match (step, removal.of) {
        (Step::Trigger(step), _) => triggers::change(session, step, &mut Vec::new()).await,
        (Step::DeleteFunction { .. }, _) => {
            let is_there = async || match aliases(session).await {
                Err(error) if is_missing_function(&error) => Ok(false),
                // An alias that is gone may have gone with an attempt whose response was lost.
                Ok(aliases) if aliases.iter().any(|one| !decided_by.aliases.contains(one)) => {
                    Err(changed(session))
                }
                aliases => aliases.map(|_| true),
            };
            deletion::delete(session, Doomed::Any, is_there).await
        }
        (Step::DeleteVersion(version), Of::Versions { keep }) => {
            let may_go = async || {
                let read = tokio::try_join!(users(session), versions::list(session));
                let (now, published) = there(session, read).await?;
                let goes = prune::still_goes(&published, &now, keep, *version);
                if now.aliases == decided_by.aliases && goes {
                    Ok(())
                } else {
                    Err(changed(session))
                }
            };
            delete_version(session, *version, may_go).await
        }
        // Other steps are never planned here.
        _ => Err(ExecuteError::Unpublished),
    }
}

/// Deletes one published version and waits until it is gone. A version that is already gone is no
/// error.
///
/// `may_go` is checked right before each attempt, as waiting for a busy function takes time.
///
/// # Errors
/// Fails for `$LATEST`, which is no published version, if the service refuses, if the version still
/// exists, or on timeout.
async fn delete_version(
    session: &FunctionSession<'_>,
    version: Version,
    may_go: impl AsyncFn() -> Result<(), ExecuteError>,
) -> Result<(), ExecuteError> {
    // For anything but a number the service might delete more than one version.
    let Version::Number(number @ 1..) = version else { return Err(ExecuteError::Unpublished) };
    let action =
        DeleteFunctionVersion { function: session.function_ref(), qualifier: number.to_string() };
    let look = async |error: &crate::api::ApiError, _| {
        Ok(match error.kind() {
            Some(ErrorKind::NotFound) => Found::Done(()),
            _ if status(session, version).await?.is_none_or(|status| status == "Deleting") => {
                Found::Done(())
            }
            _ => Found::Absent,
        })
    };
    let send = async || write::change_if(session, &action, &may_go).await;
    match write_then_look(session, ErrorKind::NotFound, Again::LookThenPause, send, look).await {
        Ok(Written::Answered(_) | Written::Found(())) => await_version_gone(session, version).await,
        Err(error) if is_missing_function(&error) => Err(function::absent(session).await),
        Err(error) => Err(error),
    }
}

async fn await_version_gone(
    session: &FunctionSession<'_>,
    version: Version,
) -> Result<(), ExecuteError> {
    let started = session.now();
    wait::await_work(session, async || {
        let Some(status) = status(session, version).await? else {
            return Ok(ControlFlow::Break(()));
        };
        if status != "Deleting" && session.since(started) >= APPEARANCE {
            return Err(ExecuteError::VersionStillThere(version));
        }
        let what = Awaited::VersionDeletion(version);
        let status = AwaitedStatus::Service(status);
        Ok(ControlFlow::Continue(Lasting { what, status }))
    })
    .await
}

/// Returns the status of a version, or `None` if it is gone.
async fn status(
    session: &FunctionSession<'_>,
    version: Version,
) -> Result<Option<String>, ExecuteError> {
    Ok(versions::find(session, version).await?.and_then(|found| found.status))
}
