//! Deletes aliases.

use std::cell::Cell;

use super::{AliasGuard, AliasRecord, explain_missing};
use crate::api::ApiError;
use crate::api::actions::DeleteAlias;
use crate::api::retry::ErrorKind;
use crate::execute::write::{self, Again, Found, Written, write_then_look};
use crate::execute::{Awaited, ExecuteError, FunctionSession, triggers, wait};
use crate::model::Alias;
use crate::model::trigger::TriggerTitle;
use crate::plan::{self, Step};

/// A decided deletion of an alias.
#[derive(Debug, Clone)]
pub struct AliasDeletion {
    /// The alias as it is.
    pub before: AliasRecord,
    guard: AliasGuard,
}

impl AliasDeletion {
    /// Returns the steps to send.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let Alias { name, routing, .. } = &self.before.alias;
        vec![Step::DeleteAlias { alias: name.clone(), from: routing.clone() }]
    }
}

/// Decides whether an alias may be deleted. Only reads.
///
/// # Errors
/// Fails if the alias does not exist, if triggers are bound to it and `force` is not set, or if it
/// is under a rollout and `end_rollout` is not set.
pub async fn plan_delete(
    session: &FunctionSession<'_>,
    name: &str,
    force: bool,
    end_rollout: bool,
) -> Result<AliasDeletion, ExecuteError> {
    let mut guard = AliasGuard::unknown(name);
    let (before, triggers) = tokio::join!(guard.find(session), triggers::list(session));
    let before = before?;
    plan::alias::check_free(&before.alias, end_rollout)?;
    let triggers: Vec<TriggerTitle> = triggers?
        .into_iter()
        .filter(|trigger| trigger.qualifier == name)
        .map(|trigger| triggers::title(&trigger))
        .collect();
    if triggers.is_empty() || force {
        return Ok(AliasDeletion { before, guard });
    }
    Err(ExecuteError::AliasInUse { alias: name.to_owned(), triggers })
}

/// Deletes an alias and checks that it is gone.
///
/// An alias that is gone after a lost response counts as deleted. After a wait it is read again, so
/// that it is kept if someone has changed it meanwhile, for example by starting a rollout.
///
/// Returns the request id, unless the response was lost.
///
/// # Errors
/// Fails if the alias does not exist or has changed, if the call fails, or if the alias still
/// exists afterwards.
pub async fn delete(
    session: &FunctionSession<'_>,
    AliasDeletion { before, guard }: &AliasDeletion,
) -> Result<Option<String>, ExecuteError> {
    let action = DeleteAlias { function: session.function_ref(), name: guard.name().to_owned() };
    let look = async |error: &ApiError, attempt| {
        Ok(match error.kind() {
            Some(ErrorKind::NotFound) if attempt > 1 => Found::Done(()),
            Some(ErrorKind::NotFound) => Found::Other,
            _ if is_gone(session, guard).await? => Found::Done(()),
            _ => Found::Absent,
        })
    };
    // Before the first attempt, the decision is only a moment old.
    let tried = Cell::new(false);
    let is_as_before = async || {
        if tried.replace(true) { check_unchanged(session, guard, before).await } else { Ok(()) }
    };
    let send = async || write::change_if(session, &action, is_as_before).await;
    let again = Again::LookThenPause;
    match write_then_look(session, ErrorKind::NotFound, again, send, look).await {
        Ok(Written::Answered(done)) if goes(session, guard).await? => Ok(Some(done.request_id)),
        Ok(Written::Answered(_)) => Err(ExecuteError::StillThere(guard.name().to_owned())),
        Ok(Written::Found(())) => Ok(None),
        Err(error) => Err(explain_missing(session, error, guard.name()).await),
    }
}

/// Fails if the alias has changed.
async fn check_unchanged(
    session: &FunctionSession<'_>,
    guard: &AliasGuard,
    before: &AliasRecord,
) -> Result<(), ExecuteError> {
    match guard.read(session).await {
        Ok(found) if found.alias != before.alias => {
            Err(ExecuteError::UsesChanged(session.function.name.clone()))
        }
        Ok(_) => Ok(()),
        // The call itself reports this, as it has to after a lost response.
        Err(ExecuteError::Api(error)) if error.kind() == Some(ErrorKind::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Polls until the alias is gone, for as long as reads may lag. Returns whether it is.
///
/// Whatever the alias looks like meanwhile may be from before the deletion.
async fn goes(session: &FunctionSession<'_>, guard: &AliasGuard) -> Result<bool, ExecuteError> {
    let what = |(): &()| Awaited::Alias(guard.name().to_owned());
    let shown = wait::poll_until_shown(session, session.lag, what, async || {
        Ok(wait::until(is_gone(session, guard).await?))
    });
    Ok(shown.await?.is_break())
}

async fn is_gone(session: &FunctionSession<'_>, guard: &AliasGuard) -> Result<bool, ExecuteError> {
    match guard.read(session).await {
        Err(ExecuteError::Api(error)) if error.kind() == Some(ErrorKind::NotFound) => Ok(true),
        Err(error) => Err(error),
        Ok(_) => Ok(false),
    }
}
