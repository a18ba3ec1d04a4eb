//! Deleting an alias.

use tokio::time::Instant;

use super::{AliasRecord, explain_missing, find, read};
use crate::api::actions::DeleteAlias;
use crate::api::retry::ErrorKind;
use crate::execute::{Awaited, ExecuteError, FunctionSession, triggers, wait, write};
use crate::model::trigger::TriggerTitle;

/// Looks whether an alias may be deleted. Only reads.
///
/// # Errors
/// No such alias; or a trigger is bound to it, and `force` does not say otherwise.
pub async fn check_deletion(
    session: &FunctionSession<'_>,
    name: &str,
    force: bool,
) -> Result<AliasRecord, ExecuteError> {
    let (record, triggers) = tokio::join!(find(session, name), triggers::list(session));
    let record = record?;
    let triggers: Vec<TriggerTitle> = triggers?
        .into_iter()
        .filter(|trigger| trigger.qualifier == name)
        .map(|trigger| triggers::title(&trigger))
        .collect();
    if triggers.is_empty() || force {
        return Ok(record);
    }
    Err(ExecuteError::AliasInUse { alias: name.to_owned(), triggers })
}

/// Deletes an alias and looks that it is gone. One that is gone after a lost answer was
/// deleted.
///
/// Returns the request id, where the answer arrived.
///
/// # Errors
/// No such alias, the call fails, or the alias is still there.
pub async fn delete(
    session: &FunctionSession<'_>,
    name: &str,
) -> Result<Option<String>, ExecuteError> {
    let (function_name, namespace) = session.names();
    let action = DeleteAlias { function_name, namespace, name: name.to_owned() };
    let mut attempt = 1;
    loop {
        let error = match write::change(session, &action).await {
            Ok(done) => {
                return if goes(session, name).await? {
                    Ok(Some(done.request_id))
                } else {
                    Err(ExecuteError::StillThere(name.to_owned()))
                };
            }
            Err(ExecuteError::Api(error)) if error.perhaps_executed() => error,
            Err(ExecuteError::Api(error))
                if attempt > 1 && error.kind() == Some(ErrorKind::NotFound) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(explain_missing(session, error, name).await),
        };
        if is_gone(session, name).await? {
            return Ok(None);
        }
        let Some(after) = error.pause_before_repeating(attempt) else {
            return Err(error.into());
        };
        write::pause_before_repeating(session, &error, after).await?;
        attempt += 1;
    }
}

/// Whether an alias is gone, given a moment to go. However it looks meanwhile, it may have
/// looked so before it was deleted.
pub(super) async fn goes(session: &FunctionSession<'_>, name: &str) -> Result<bool, ExecuteError> {
    let (started, mut looks) = (Instant::now(), 0);
    loop {
        if is_gone(session, name).await? {
            return Ok(true);
        }
        if started.elapsed() >= session.lag
            || !wait::lags(session, Awaited::Alias(name.to_owned()), &mut looks).await?
        {
            return Ok(false);
        }
    }
}

pub(super) async fn is_gone(
    session: &FunctionSession<'_>,
    name: &str,
) -> Result<bool, ExecuteError> {
    match read(session, name).await {
        Err(ExecuteError::Api(error)) if error.kind() == Some(ErrorKind::NotFound) => Ok(true),
        Err(error) => Err(error),
        Ok(_) => Ok(false),
    }
}
