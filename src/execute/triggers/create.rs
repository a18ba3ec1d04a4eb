//! Creates triggers.

use super::{DeletedEarly, balancers, bind_media_event, look, open_or_close};
use crate::api::ApiError;
use crate::api::actions::{CreateDeliverCloudFunction, CreateTrigger};
use crate::api::retry::ErrorKind;
use crate::execute::write::{self, Again, Found, write_then_look};
use crate::execute::{ExecuteError, FunctionSession, Progress};
use crate::model::trigger::{Form, Trigger};
use crate::plan::ObservedTrigger;
use crate::plan::triggers::TriggerDifference;

/// Attempts at a creation whose response is lost, including the first.
const CREATE_TRIES: u32 = 3;

/// Creates a trigger. After a lost response it looks before it retries.
///
/// The reference does not say whether names are unique per qualifier or per function. In the latter
/// case, a trigger that moves has to be deleted first.
pub(super) async fn create(
    session: &FunctionSession<'_>,
    trigger: &Trigger,
    mut old: Option<&str>,
    early: &mut DeletedEarly,
) -> Result<(), ExecuteError> {
    let look = async |error: &ApiError, _| {
        let in_use = error.kind() == Some(ErrorKind::InUse);
        let (_, there) = look(session, std::slice::from_ref(trigger)).await?;
        if let Some(found) = there.iter().find(|found| trigger.stands(found)) {
            // Someone else may have created another one at the same time.
            let same = trigger.difference(found) == TriggerDifference::None;
            return Ok(if same { Found::Done(()) } else { Found::Other });
        }
        let is_old = |found: &&ObservedTrigger| {
            trigger.is_same(found) && old.is_some_and(|qualifier| found.qualifier == qualifier)
        };
        match there.iter().find(is_old) {
            Some(moving) if in_use => {
                delete_first(session, moving).await?;
                early.push(moving.clone());
                old = None;
                Ok(Found::Cleared)
            }
            _ => Ok(if in_use { Found::Other } else { Found::Absent }),
        }
    };
    let send = async || send_creation(session, trigger).await;
    let again = Again::UpTo(CREATE_TRIES);
    write_then_look(session, ErrorKind::InUse, again, send, look).await?;
    Ok(())
}

/// Deletes the trigger that a new one replaces, ahead of its step.
async fn delete_first(
    session: &FunctionSession<'_>,
    moving: &ObservedTrigger,
) -> Result<(), ExecuteError> {
    session.progress(Progress::DeletesFirst(moving.place()));
    let sent = session.is_finishing();
    super::delete(session, moving).await?;
    // That step is done now; nothing of the current step's own change has been sent.
    session.record().sent = sent;
    Ok(())
}

async fn send_creation(
    session: &FunctionSession<'_>,
    trigger: &Trigger,
) -> Result<(), ExecuteError> {
    let qualifier = trigger.qualifier.clone();
    match &trigger.form {
        Form::Cls { topic, max_wait, max_size } => {
            write::change(
                session,
                &CreateDeliverCloudFunction {
                    topic_id: topic.clone(),
                    function: session.function_ref(),
                    qualifier,
                    timeout: *max_wait,
                    max_msg_num: *max_size,
                },
            )
            .await?;
        }
        // Binding enables it; a disabled one is never bound.
        Form::Mps { event } => bind_media_event(session, trigger, event).await?,
        Form::Clb { rule, weight } => {
            balancers::balance(session, rule, &qualifier, *weight).await?;
        }
        Form::Timer { .. } | Form::Cos(_) | Form::Ckafka(_) | Form::Http(_) => {
            let argument = match &trigger.form {
                Form::Timer { argument, .. } => Some(argument.clone()),
                _ => None,
            };
            let not_empty = |text: &String| !text.is_empty();
            write::change(
                session,
                &CreateTrigger {
                    function: session.function_ref(),
                    trigger_name: trigger.name.clone(),
                    kind: trigger.kind().name(),
                    trigger_desc: trigger.form.description(),
                    qualifier,
                    enable: open_or_close(trigger.enabled == Some(true)),
                    custom_argument: argument.filter(not_empty),
                    description: trigger.description.clone().filter(not_empty),
                },
            )
            .await?;
        }
    }
    Ok(())
}
