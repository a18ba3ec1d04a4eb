//! Calls for a single trigger.

use serde_json::Value;

use super::balancers;
use super::balancers::Balanced;
use crate::api::actions::{BindTrigger, DeleteTrigger, ListTriggers, TriggerInfo};
use crate::execute::{ExecuteError, FunctionSession, pages, write};
use crate::model::FunctionId;
use crate::model::trigger::{Trigger, TriggerKind};
use crate::plan::ObservedTrigger;

/// Triggers that a run had to delete before their step.
pub(in crate::execute) type DeletedEarly = Vec<ObservedTrigger>;

/// Lists all triggers from all pages.
pub(in crate::execute) async fn list(
    session: &FunctionSession<'_>,
) -> Result<Vec<TriggerInfo>, ExecuteError> {
    pages::read(
        session,
        |offset, limit| ListTriggers { function: session.function_ref(), offset, limit },
        |reply| (reply.triggers, reply.total_count),
    )
    .await
}

/// Lists all triggers, raw and as the planner sees them, including the load balancers' view of the
/// file's.
pub(in crate::execute) async fn look(
    session: &FunctionSession<'_>,
    wanted: &[Trigger],
) -> Result<(Vec<TriggerInfo>, Vec<ObservedTrigger>), ExecuteError> {
    let (listed, balanced) = tokio::try_join!(list(session), balancers::observe(session, wanted))?;
    let there = assemble(&listed, &balanced, &session.function);
    Ok((listed, there))
}

pub(in crate::execute) async fn bind_media_event(
    session: &FunctionSession<'_>,
    trigger: &Trigger,
    event: &str,
) -> Result<(), ExecuteError> {
    write::change(
        session,
        &BindTrigger {
            scf_region: session.function.region.clone(),
            event_type: event.to_owned(),
            qualifier: trigger.qualifier.clone(),
            function: session.function_ref(),
        },
    )
    .await?;
    Ok(())
}

/// Deletes a trigger. One that does not exist counts as deleted.
pub(in crate::execute) async fn delete(
    session: &FunctionSession<'_>,
    trigger: &ObservedTrigger,
) -> Result<(), ExecuteError> {
    if TriggerKind::of(&trigger.kind) == Some(TriggerKind::Clb) {
        return balancers::unbalance(session, trigger).await;
    }
    let action = DeleteTrigger {
        function: session.function_ref(),
        trigger_name: trigger.name.clone(),
        kind: trigger.kind.clone(),
        qualifier: trigger.qualifier.clone(),
        trigger_desc: trigger.description_to_name_it(),
    };
    match write::change(session, &action).await {
        Ok(_) => Ok(()),
        Err(ExecuteError::Api(error))
            if matches!(
                error.code(),
                Some("ResourceNotFound.Trigger" | "ResourceNotFound.Timer")
            ) =>
        {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Returns the listed triggers in order, followed by targets of load balancers that the list does
/// not show.
pub(super) fn assemble(
    listed: &[TriggerInfo],
    balanced: &[Balanced],
    function: &FunctionId,
) -> Vec<ObservedTrigger> {
    let mut there: Vec<_> = listed.iter().map(observed).collect();
    for balanced in balanced {
        for bound in balanced.bound_to(function) {
            let known = there.iter_mut().find(|trigger| {
                trigger.kind == bound.kind
                    && trigger.resource == bound.resource
                    && trigger.qualifier == bound.qualifier
            });
            match known {
                Some(known) => (known.rule, known.weight) = (bound.rule, bound.weight),
                None => there.push(bound),
            }
        }
    }
    there
}

/// Converts a trigger to the planner's type.
pub(super) fn observed(info: &TriggerInfo) -> ObservedTrigger {
    let resource_id = info.resource_id.clone().unwrap_or_default();
    // `qcs::clb:gz:uin/1:lb-a/lbl-b/loc-c` ends in three ids; other types end in one.
    let separator = if info.kind == TriggerKind::Clb.name() { ':' } else { '/' };
    let resource = resource_id.rsplit(separator).next().unwrap_or_default().to_owned();
    ObservedTrigger {
        kind: info.kind.clone(),
        name: info.trigger_name.clone(),
        qualifier: info.qualifier.clone(),
        form: serde_json::from_str::<Value>(&info.trigger_desc).unwrap_or_default(),
        text: info.trigger_desc.clone(),
        argument: info.custom_argument.clone().unwrap_or_default(),
        description: info.description.clone().unwrap_or_default(),
        // An `mps` trigger is enabled by binding it.
        enabled: info.enable != 0
            && (info.kind != TriggerKind::Mps.name() || info.bind_status.as_deref() != Some("off")),
        resource_id,
        resource,
        rule: None,
        weight: None,
    }
}

pub(super) fn open_or_close(open: bool) -> &'static str {
    if open { "OPEN" } else { "CLOSE" }
}
