//! Observing and changing triggers.

mod balancers;
mod read_back;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use futures_util::future::try_join_all;
use serde_json::Value;

use super::{APPEARANCE, ExecuteError, Executor, Progress, Refusals, is_not_found};
use crate::api::ApiError;
use crate::api::actions::{
    BindTrigger, CreateDeliverCloudFunction, CreateTrigger, DeleteTrigger, GetAlias, ListTriggers,
    TriggerInfo, UnbindTrigger, UpdateTrigger, UpdateTriggerStatus,
};
use crate::api::retry::ErrorKind;
use crate::model::FunctionId;
use crate::model::trigger::{Form, Trigger, TriggerKind, WantedTriggers};
use crate::plan::triggers::Difference;
use crate::plan::{Changes, ObservedTrigger, ObservedTriggers, TriggerStep};
use balancers::Balanced;
pub use read_back::function_urls;

/// Tries at a creation whose answer was lost, the first included.
const CREATE_TRIES: u32 = 3;

/// The triggers that a run had to delete before their step.
pub(super) type DeletedEarly = Vec<ObservedTrigger>;

impl Executor<'_> {
    /// Reads all triggers, and looks up the aliases that the file's triggers name. Without a
    /// word on triggers in the file nothing is read.
    pub(super) async fn observe_triggers(
        &self,
        wanted: Option<&WantedTriggers>,
    ) -> Result<(Vec<TriggerInfo>, Vec<String>), ExecuteError> {
        let Some(wanted) = wanted else { return Ok((Vec::new(), Vec::new())) };
        let named: BTreeSet<&str> = wanted.list.iter().filter_map(Trigger::alias).collect();
        tokio::try_join!(self.list_triggers(), self.find_aliases(&named))
    }

    /// Those of the aliases that exist; when one is missing, all that there are.
    async fn find_aliases(&self, named: &BTreeSet<&str>) -> Result<Vec<String>, ExecuteError> {
        let found = try_join_all(named.iter().map(|name| async {
            let (function_name, namespace) = self.names();
            let name = (*name).to_owned();
            match self.read(&GetAlias { function_name, namespace, name }).await {
                Ok(alias) => Ok(Some(alias.name)),
                Err(error) if is_not_found(&error) => Ok(None),
                Err(error) => Err(error),
            }
        }))
        .await?;
        if found.iter().all(Option::is_some) {
            return Ok(found.into_iter().flatten().collect());
        }
        // Only for the error's advice, so a refusal does not matter.
        match self.list_aliases(None).await {
            Err(ExecuteError::Api(ApiError::Api { .. })) => {
                Ok(found.into_iter().flatten().collect())
            }
            listed => Ok(listed?.into_iter().map(|record| record.alias.name).collect()),
        }
    }

    /// All triggers over all pages.
    pub(super) async fn list_triggers(&self) -> Result<Vec<TriggerInfo>, ExecuteError> {
        self.read_pages(
            |offset, limit| {
                let (function_name, namespace) = self.names();
                ListTriggers { function_name, namespace, offset, limit }
            },
            |reply| (reply.triggers, Some(reply.total_count)),
        )
        .await
    }

    /// All triggers as the planner sees them, with what the load balancers say of the file's.
    async fn look(
        &self,
        wanted: &[Trigger],
    ) -> Result<(Vec<TriggerInfo>, Vec<ObservedTrigger>), ExecuteError> {
        let (listed, balanced) =
            tokio::try_join!(self.list_triggers(), self.observe_balancers(wanted))?;
        let there = assemble(&listed, &balanced, &self.function);
        Ok((listed, there))
    }

    /// Carries out one step.
    pub(super) async fn change_trigger(
        &self,
        step: &TriggerStep,
        early: &mut DeletedEarly,
    ) -> Result<(), ExecuteError> {
        match step {
            TriggerStep::Create { trigger, old, .. } => {
                self.create_trigger(trigger, old.as_deref(), early).await
            }
            TriggerStep::Update { trigger, observed, changes } => {
                self.update_trigger(trigger, observed, changes).await
            }
            TriggerStep::Delete { trigger, .. } => {
                let done = early.iter().any(|gone| gone.is_one_with(trigger));
                if done { Ok(()) } else { self.delete_trigger(trigger).await }
            }
        }
    }

    async fn update_trigger(
        &self,
        trigger: &Trigger,
        observed: &ObservedTrigger,
        changes: &Changes,
    ) -> Result<(), ExecuteError> {
        let (function_name, namespace) = self.names();
        match &trigger.form {
            Form::Cos(_) => self.switch(trigger, observed, changes.enabled == Some(true)).await,
            Form::Mps { event } if changes.enabled == Some(true) => {
                self.bind_media_event(trigger, event).await
            }
            Form::Mps { .. } => {
                let qualifier = observed.qualifier.clone();
                let resource_id = observed.resource_id.clone();
                let kind = TriggerKind::Mps.name();
                let action =
                    UnbindTrigger { kind, qualifier, function_name, namespace, resource_id };
                self.change(&action).await?;
                Ok(())
            }
            Form::Clb { .. } => self.weigh(observed, changes.weight.unwrap_or_default()).await,
            Form::Timer { .. } | Form::Ckafka(_) | Form::Http(_) | Form::Cls { .. } => {
                self.change(&UpdateTrigger {
                    function_name,
                    namespace,
                    trigger_name: observed.name.clone(),
                    kind: trigger.kind().name(),
                    qualifier: observed.qualifier.clone(),
                    trigger_desc: changes.form.clone(),
                    enable: changes.enabled.map(open_or_close),
                    custom_argument: changes.argument.clone(),
                    description: changes.description.clone(),
                })
                .await?;
                Ok(())
            }
        }
    }

    /// Switches a trigger on or off. The service refuses the state that is there already with
    /// the words of a busy function, so a refusal is looked into first.
    async fn switch(
        &self,
        trigger: &Trigger,
        observed: &ObservedTrigger,
        open: bool,
    ) -> Result<(), ExecuteError> {
        let (function_name, namespace) = self.names();
        let action = UpdateTriggerStatus {
            function_name,
            namespace,
            trigger_name: observed.name.clone(),
            kind: trigger.kind().name(),
            qualifier: observed.qualifier.clone(),
            trigger_desc: trigger.form.description(),
            enable: open_or_close(open),
        };
        let mut refusals = Refusals::default();
        loop {
            self.check_interrupt()?;
            let Err(error) = self.send(&action).await else { return Ok(()) };
            if error.code() == Some("FailedOperation.UpdateTriggerStatus") {
                let (_, there) = self.look(&[]).await?;
                let found = there.iter().find(|found| trigger.stands(found));
                if found.is_some_and(|found| found.enabled == open) {
                    return Ok(());
                }
            }
            self.await_turn(error, &mut refusals).await?;
        }
    }

    /// Makes a trigger. After a lost answer it looks before it tries again.
    ///
    /// The reference leaves open whether a name counts per qualifier or per function. Where
    /// it counts per function, the trigger that moves has to go first.
    async fn create_trigger(
        &self,
        trigger: &Trigger,
        mut old: Option<&str>,
        early: &mut DeletedEarly,
    ) -> Result<(), ExecuteError> {
        let mut tries = 0;
        loop {
            let error = match self.send_creation(trigger).await {
                Ok(()) => return Ok(()),
                Err(ExecuteError::Api(error)) => error,
                Err(error) => return Err(error),
            };
            let in_use = error.kind() == Some(ErrorKind::InUse);
            if !error.perhaps_executed() && !in_use {
                return Err(error.into());
            }
            let (_, there) = self.look(std::slice::from_ref(trigger)).await?;
            let standing = there.iter().find(|found| trigger.stands(found));
            let moving = old.and_then(|qualifier| {
                let is_old = |found: &&ObservedTrigger| {
                    trigger.is_same(found) && found.qualifier == qualifier
                };
                there.iter().find(is_old)
            });
            match (standing, moving) {
                (Some(found), _) if trigger.difference(found) == Difference::None => return Ok(()),
                // Someone else made another one at the same time.
                (Some(_), _) => return Err(error.into()),
                (None, Some(found)) if in_use => {
                    let effect = format!(
                        "delete {} on `{}` first: the service takes a name only once",
                        found.title(),
                        found.qualifier
                    );
                    (self.progress)(Progress::Step { action: "DeleteTrigger", effect });
                    let sent = self.sent.load(Ordering::Relaxed);
                    self.delete_trigger(found).await?;
                    early.push(found.clone());
                    // It counts as done; of the step's own change nothing was sent by it.
                    self.sent.store(sent, Ordering::Relaxed);
                    old = None;
                    continue;
                }
                (None, _) if in_use => return Err(error.into()),
                (None, _) => {}
            }
            tries += 1;
            if tries >= CREATE_TRIES || self.out_of_time() {
                return Err(error.into());
            }
        }
    }

    async fn send_creation(&self, trigger: &Trigger) -> Result<(), ExecuteError> {
        let (function_name, namespace) = self.names();
        let qualifier = trigger.qualifier.clone();
        match &trigger.form {
            Form::Cls { topic, max_wait, max_size } => {
                self.change(&CreateDeliverCloudFunction {
                    topic_id: topic.clone(),
                    function_name,
                    namespace,
                    qualifier,
                    timeout: *max_wait,
                    max_msg_num: *max_size,
                })
                .await?;
            }
            // Binding is switching on; what is made closed is not bound.
            Form::Mps { event } => self.bind_media_event(trigger, event).await?,
            Form::Clb { rule, weight } => self.balance(rule, &qualifier, *weight).await?,
            Form::Timer { .. } | Form::Cos(_) | Form::Ckafka(_) | Form::Http(_) => {
                let argument = match &trigger.form {
                    Form::Timer { argument, .. } => Some(argument.clone()),
                    _ => None,
                };
                let not_empty = |text: &String| !text.is_empty();
                self.change(&CreateTrigger {
                    function_name,
                    namespace,
                    trigger_name: trigger.name.clone(),
                    kind: trigger.kind().name(),
                    trigger_desc: trigger.form.description(),
                    qualifier,
                    enable: open_or_close(trigger.enabled == Some(true)),
                    custom_argument: argument.filter(not_empty),
                    description: trigger.description.clone().filter(not_empty),
                })
                .await?;
            }
        }
        Ok(())
    }

    async fn bind_media_event(&self, trigger: &Trigger, event: &str) -> Result<(), ExecuteError> {
        let (function_name, namespace) = self.names();
        self.change(&BindTrigger {
            scf_region: self.function.region.clone(),
            event_type: event.to_owned(),
            qualifier: trigger.qualifier.clone(),
            function_name,
            namespace,
        })
        .await?;
        Ok(())
    }

    /// Deletes a trigger; one that is not there is as good as deleted.
    async fn delete_trigger(&self, trigger: &ObservedTrigger) -> Result<(), ExecuteError> {
        if TriggerKind::of(&trigger.kind) == Some(TriggerKind::Clb) {
            return self.unbalance(trigger).await;
        }
        let (function_name, namespace) = self.names();
        let action = DeleteTrigger {
            function_name,
            namespace,
            trigger_name: trigger.name.clone(),
            kind: trigger.kind.clone(),
            qualifier: trigger.qualifier.clone(),
            trigger_desc: trigger.description_to_name_it(),
        };
        match self.change(&action).await {
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
}

/// As the planner sees what was read.
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

/// The listed triggers, each in its place, and behind them what load balancers send to the
/// function without the listing's knowing.
fn assemble(
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

/// Type and name, for people.
pub(super) fn title(info: &TriggerInfo) -> String {
    observed(info).title().to_string()
}

/// A trigger as the planner sees it.
fn observed(info: &TriggerInfo) -> ObservedTrigger {
    let resource_id = info.resource_id.clone().unwrap_or_default();
    // `qcs::clb:gz:uin/1:lb-a/lbl-b/loc-c` names three things, the others one.
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
        // Media processing switches by binding.
        enabled: info.enable != 0
            && (info.kind != TriggerKind::Mps.name() || info.bind_status.as_deref() != Some("off")),
        resource_id,
        resource,
        rule: None,
        weight: None,
    }
}

fn open_or_close(open: bool) -> &'static str {
    if open { "OPEN" } else { "CLOSE" }
}
