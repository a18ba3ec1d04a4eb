//! Reads and changes triggers.

pub(super) mod balancers;
mod calls;
mod create;
mod read_back;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use serde_json::Value;

use super::write::{self, Refusals};
use super::{ExecuteError, FunctionSession, alias, is_not_found};
use crate::api::ApiError;
use crate::api::actions::{
    GetAlias, GetFunctionReply, TriggerInfo, UnbindTrigger, UpdateTrigger, UpdateTriggerStatus,
};
use crate::model::trigger::{Form, Trigger, TriggerKind, TriggerTitle, WantedTriggers};
use crate::model::{FunctionId, LATEST};
use crate::order::Ordered as _;
use crate::plan::{ObservedTrigger, ObservedTriggers, TriggerChanges, TriggerStep};
use balancers::Balanced;
pub(super) use calls::{DeletedEarly, bind_media_event, delete, list, look};
use calls::{assemble, observed, open_or_close};
pub(super) use read_back::read_back;
pub use read_back::{ShownTrigger, function_urls};

/// Reads all triggers, and looks up the aliases that the file's triggers name. Reads nothing if the
/// file has no `events`.
pub(super) async fn observe(
    session: &FunctionSession<'_>,
    wanted: Option<&WantedTriggers>,
) -> Result<(Vec<TriggerInfo>, Vec<String>), ExecuteError> {
    let Some(wanted) = wanted else { return Ok((Vec::new(), Vec::new())) };
    let named: BTreeSet<&str> = wanted.list.iter().filter_map(Trigger::alias).into_set();
    tokio::try_join!(list(session), find_aliases(session, &named))
}

/// Returns which of the aliases exist, or all existing ones if one is missing.
async fn find_aliases(
    session: &FunctionSession<'_>,
    named: &BTreeSet<&str>,
) -> Result<Vec<String>, ExecuteError> {
    let found = try_join_all(named.iter().map(|name| async {
        let name = (*name).to_owned();
        match session.read(&GetAlias { function: session.function_ref(), name }).await {
            Ok(alias) => Ok(Some(alias.name)),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }))
    .await?;
    if found.iter().all(Option::is_some) {
        return Ok(found.into_iter().flatten().collect());
    }
    // The full list is only for the error's hint, so a refusal does not matter.
    match alias::list(session, None).await {
        Err(ExecuteError::Api(ApiError::Api { .. })) => Ok(found.into_iter().flatten().collect()),
        listed => Ok(listed?.into_iter().map(|record| record.alias.name).collect()),
    }
}

/// Carries out one step.
pub(super) async fn change(
    session: &FunctionSession<'_>,
    step: &TriggerStep,
    early: &mut DeletedEarly,
) -> Result<(), ExecuteError> {
    match step {
        TriggerStep::Create { trigger, old, .. } => {
            create::create(session, trigger, old.as_deref(), early).await
        }
        TriggerStep::Update { trigger, observed, changes } => {
            update(session, trigger, observed, changes).await
        }
        TriggerStep::Delete { trigger, .. } => {
            let done = early.iter().any(|gone| gone.is_one_with(trigger));
            if done { Ok(()) } else { delete(session, trigger).await }
        }
    }
}

async fn update(
    session: &FunctionSession<'_>,
    trigger: &Trigger,
    observed: &ObservedTrigger,
    changes: &TriggerChanges,
) -> Result<(), ExecuteError> {
    match &trigger.form {
        Form::Cos(_) => switch(session, trigger, observed, changes.enabled == Some(true)).await,
        Form::Mps { event } if changes.enabled == Some(true) => {
            bind_media_event(session, trigger, event).await
        }
        Form::Mps { .. } => {
            let qualifier = observed.qualifier.clone();
            let resource_id = observed.resource_id.clone();
            let kind = TriggerKind::Mps.name();
            let action =
                UnbindTrigger { kind, qualifier, function: session.function_ref(), resource_id };
            write::change(session, &action).await?;
            Ok(())
        }
        Form::Clb { .. } => {
            balancers::weigh(session, observed, changes.weight.unwrap_or_default()).await
        }
        Form::Timer { .. } | Form::Ckafka(_) | Form::Http(_) | Form::Cls { .. } => {
            write::change(
                session,
                &UpdateTrigger {
                    function: session.function_ref(),
                    trigger_name: observed.name.clone(),
                    kind: trigger.kind().name(),
                    qualifier: observed.qualifier.clone(),
                    trigger_desc: changes.form.clone(),
                    enable: changes.enabled.map(open_or_close),
                    custom_argument: changes.argument.clone(),
                    description: changes.description.clone(),
                },
            )
            .await?;
            Ok(())
        }
    }
}

/// Enables or disables a trigger.
///
/// If it already is in that state, the service refuses in the same words as for a busy function. So
/// after a refusal the trigger is read before the function is waited for. A lost response needs no
/// look, as the client repeats this call by itself.
async fn switch(
    session: &FunctionSession<'_>,
    trigger: &Trigger,
    observed: &ObservedTrigger,
    open: bool,
) -> Result<(), ExecuteError> {
    let action = UpdateTriggerStatus {
        function: session.function_ref(),
        trigger_name: observed.name.clone(),
        kind: trigger.kind().name(),
        qualifier: observed.qualifier.clone(),
        trigger_desc: trigger.form.description(),
        enable: open_or_close(open),
    };
    let mut refusals = Refusals::default();
    loop {
        session.check_interrupt()?;
        let Err(error) = session.send(&action).await else { return Ok(()) };
        if error.code() == Some("FailedOperation.UpdateTriggerStatus") {
            let (_, there) = look(session, &[]).await?;
            let found = there.iter().find(|found| trigger.stands(found));
            if found.is_some_and(|found| found.enabled == open) {
                return Ok(());
            }
        }
        write::await_turn(session, error, &mut refusals).await?;
    }
}

/// Converts what was read to the planner's types.
pub(super) fn for_planner(
    triggers: &[TriggerInfo],
    balanced: &[Balanced],
    aliases: Vec<String>,
    function: &FunctionId,
) -> ObservedTriggers {
    ObservedTriggers {
        triggers: assemble(triggers, balanced, function),
        aliases,
        rules: balanced.iter().map(|balanced| balanced.rule.clone()).collect(),
    }
}

/// Lists all triggers from all pages, as the planner sees them.
pub(super) async fn observed_all(
    session: &FunctionSession<'_>,
) -> Result<Vec<ObservedTrigger>, ExecuteError> {
    Ok(list(session).await?.iter().map(observed).collect())
}

/// Returns type and name, for messages.
pub(super) fn title(info: &TriggerInfo) -> TriggerTitle {
    observed(info).title()
}

/// Returns the triggers that `GetFunction` lists. None is left out: `record` keeps the raw data of
/// one that cannot be parsed.
#[must_use]
pub fn of_function(reply: &GetFunctionReply) -> Vec<ShownTrigger> {
    let shown = |record: &Value| {
        let mut whole = record.as_object()?.clone();
        // `GetFunction` may report less of a trigger than a listing does.
        for (key, usual) in [("TriggerName", ""), ("Type", ""), ("Qualifier", LATEST)] {
            if !whole.get(key).is_some_and(Value::is_string) {
                whole.insert(key.to_owned(), usual.into());
            }
        }
        if !whole.get("Enable").is_some_and(Value::is_i64) {
            whole.insert("Enable".to_owned(), 1.into());
        }
        for key in ["TriggerDesc", "CustomArgument", "Description", "ResourceId", "BindStatus"] {
            if whole.get(key).is_some_and(|told| !told.is_string()) {
                whole.shift_remove(key);
            }
        }
        let observed = observed(&TriggerInfo::try_from(whole).ok()?);
        Some(ShownTrigger { observed, record: record.clone() })
    };
    reply.triggers.iter().flatten().filter_map(shown).collect()
}
