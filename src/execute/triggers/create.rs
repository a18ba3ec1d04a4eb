//! Creating a trigger.

use super::{DeletedEarly, balancers, bind_media_event, look, open_or_close};
use crate::api::actions::{CreateDeliverCloudFunction, CreateTrigger};
use crate::api::retry::ErrorKind;
use crate::execute::{ExecuteError, FunctionSession, Progress, write};
use crate::model::trigger::{Form, Trigger};
use crate::plan::ObservedTrigger;
use crate::plan::triggers::Difference;

/// Tries at a creation whose answer was lost, the first included.
const CREATE_TRIES: u32 = 3;

/// Makes a trigger. After a lost answer it looks before it tries again.
///
/// The reference leaves open whether a name counts per qualifier or per function. Where
/// it counts per function, the trigger that moves has to go first.
pub(super) async fn create(
    session: &FunctionSession<'_>,
    trigger: &Trigger,
    mut old: Option<&str>,
    early: &mut DeletedEarly,
) -> Result<(), ExecuteError> {
    let mut tries = 0;
    loop {
        let error = match send_creation(session, trigger).await {
            Ok(()) => return Ok(()),
            Err(ExecuteError::Api(error)) => error,
            Err(error) => return Err(error),
        };
        let in_use = error.kind() == Some(ErrorKind::InUse);
        if !error.perhaps_executed() && !in_use {
            return Err(error.into());
        }
        let (_, there) = look(session, std::slice::from_ref(trigger)).await?;
        let standing = there.iter().find(|found| trigger.stands(found));
        let moving = old.and_then(|qualifier| {
            let is_old =
                |found: &&ObservedTrigger| trigger.is_same(found) && found.qualifier == qualifier;
            there.iter().find(is_old)
        });
        match (standing, moving) {
            (Some(found), _) if trigger.difference(found) == Difference::None => return Ok(()),
            // Someone else made another one at the same time.
            (Some(_), _) => return Err(error.into()),
            (None, Some(found)) if in_use => {
                session.progress(Progress::DeletesFirst(found.place()));
                let sent = session.is_finishing();
                super::delete(session, found).await?;
                early.push(found.clone());
                // It counts as done; of the step's own change nothing was sent by it.
                session.record().sent = sent;
                old = None;
                continue;
            }
            (None, _) if in_use => return Err(error.into()),
            (None, _) => {}
        }
        tries += 1;
        if tries >= CREATE_TRIES || session.out_of_time() {
            return Err(error.into());
        }
    }
}

pub(super) async fn send_creation(
    session: &FunctionSession<'_>,
    trigger: &Trigger,
) -> Result<(), ExecuteError> {
    let (function_name, namespace) = session.names();
    let qualifier = trigger.qualifier.clone();
    match &trigger.form {
        Form::Cls { topic, max_wait, max_size } => {
            write::change(
                session,
                &CreateDeliverCloudFunction {
                    topic_id: topic.clone(),
                    function_name,
                    namespace,
                    qualifier,
                    timeout: *max_wait,
                    max_msg_num: *max_size,
                },
            )
            .await?;
        }
        // Binding is switching on; what is made closed is not bound.
        Form::Mps { event } => bind_media_event(session, trigger, event).await?,
        Form::Clb { rule, weight } => {
            balancers::balance(session, rule, &qualifier, *weight).await?
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
                    function_name,
                    namespace,
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
