//! Observing and changing triggers.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use futures_util::future::try_join_all;
use serde_json::{Map, Value};

use super::{APPEARANCE, ExecuteError, Executor, Progress, is_not_found};
use crate::plan::Step;
use crate::plan::triggers::{
    Changes, ObservedTrigger, ObservedTriggers, TIMER, Timer, TriggerStep,
};
use crate::scf::ScfError;
use crate::scf::actions::{
    CreateTrigger, DeleteTrigger, GetAlias, ListTriggers, TriggerInfo, UpdateTrigger,
};
use crate::scf::retry::Kind;

/// Tries at a creation whose answer was lost, the first included.
const CREATE_TRIES: u32 = 3;

/// The timers that a run had to delete before their step, by name and qualifier.
pub(super) type DeletedEarly = Vec<(String, String)>;

impl Executor<'_> {
    /// Reads all triggers, and looks up the aliases that the file's timers name. Without a
    /// word on triggers in the file nothing is read.
    pub(super) async fn observe_triggers(
        &self,
        timers: Option<&[Timer]>,
    ) -> Result<(Vec<TriggerInfo>, Vec<String>), ExecuteError> {
        let Some(timers) = timers else { return Ok((Vec::new(), Vec::new())) };
        let named: BTreeSet<&str> = timers.iter().filter_map(Timer::alias).collect();
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
            Err(ExecuteError::Scf(ScfError::Api { .. })) => {
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

    /// Carries out one step.
    pub(super) async fn change_trigger(
        &self,
        step: &TriggerStep,
        early: &mut DeletedEarly,
    ) -> Result<(), ExecuteError> {
        match step {
            TriggerStep::Create { timer, old } => {
                self.create_trigger(timer, old.as_deref(), early).await
            }
            TriggerStep::Update { name, qualifier, changes } => {
                let (function_name, namespace) = self.names();
                self.change(&UpdateTrigger {
                    function_name,
                    namespace,
                    trigger_name: name.clone(),
                    kind: TIMER,
                    qualifier: qualifier.clone(),
                    trigger_desc: changes.cron.clone(),
                    enable: changes.enabled.map(switch),
                    custom_argument: changes.argument.clone(),
                })
                .await?;
                Ok(())
            }
            TriggerStep::Delete { name, qualifier, .. } => {
                let done = early.iter().any(|(one, on)| one == name && on == qualifier);
                if done { Ok(()) } else { self.delete_trigger(name, qualifier).await }
            }
        }
    }

    /// Creates a timer. After a lost answer it looks before it tries again.
    ///
    /// The reference leaves open whether a name counts per qualifier or per function. Where
    /// it counts per function, the timer that moves has to go first.
    async fn create_trigger(
        &self,
        timer: &Timer,
        mut old: Option<&str>,
        early: &mut DeletedEarly,
    ) -> Result<(), ExecuteError> {
        let (function_name, namespace) = self.names();
        let action = CreateTrigger {
            function_name,
            namespace,
            trigger_name: timer.name.clone(),
            kind: TIMER,
            trigger_desc: timer.cron.clone(),
            qualifier: timer.qualifier.clone(),
            enable: switch(timer.enabled == Some(true)),
            custom_argument: Some(timer.argument.clone()).filter(|text| !text.is_empty()),
        };
        let mut tries = 0;
        loop {
            let error = match self.change(&action).await {
                Ok(_) => return Ok(()),
                Err(ExecuteError::Scf(error)) => error,
                Err(error) => return Err(error),
            };
            let in_use = error.kind() == Some(Kind::InUse);
            if !error.perhaps_executed() && !in_use {
                return Err(error.into());
            }
            let there: Vec<_> = self.list_triggers().await?.iter().map(observed).collect();
            let find = |qualifier: &str| {
                there.iter().find(|trigger| {
                    trigger.kind == TIMER
                        && trigger.name == timer.name
                        && trigger.qualifier == qualifier
                })
            };
            match (find(&timer.qualifier), old) {
                (Some(found), _) if Changes::of(found, timer).is_empty() => return Ok(()),
                // Someone else made another one at the same time.
                (Some(_), _) => return Err(error.into()),
                (None, Some(qualifier)) if in_use && find(qualifier).is_some() => {
                    let effect = format!(
                        "delete timer `{}` on `{qualifier}` first: the service takes a name only once",
                        timer.name
                    );
                    (self.progress)(Progress::Step { action: "DeleteTrigger", effect });
                    let sent = self.sent.load(Ordering::Relaxed);
                    self.delete_trigger(&timer.name, qualifier).await?;
                    early.push((timer.name.clone(), qualifier.to_owned()));
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

    /// Deletes a timer; one that is not there is as good as deleted.
    async fn delete_trigger(&self, name: &str, qualifier: &str) -> Result<(), ExecuteError> {
        let (function_name, namespace) = self.names();
        let action = DeleteTrigger {
            function_name,
            namespace,
            trigger_name: name.to_owned(),
            kind: TIMER,
            qualifier: qualifier.to_owned(),
        };
        match self.change(&action).await {
            Ok(_) => Ok(()),
            Err(ExecuteError::Scf(error))
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

    /// The file's timers as the service reports them after the steps, in the file's order and
    /// the real component's form.
    ///
    /// A listing may lag behind for a moment, so it is asked again for a while.
    pub(super) async fn read_back_triggers(
        &self,
        before: &[TriggerInfo],
        timers: &[Timer],
        steps: &[Step],
    ) -> Result<Vec<Value>, ExecuteError> {
        let steps: Vec<&TriggerStep> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Trigger(step) => Some(step),
                _ => None,
            })
            .collect();
        if steps.is_empty() {
            return Ok(shown(before, timers, &steps));
        }
        let started = tokio::time::Instant::now();
        let mut looks = 0;
        loop {
            let listed = self.list_triggers().await?;
            let there: Vec<_> = listed.iter().map(observed).collect();
            let Some(what) = steps.iter().find_map(|step| missed(step, &there)) else {
                return Ok(shown(&listed, timers, &steps));
            };
            if started.elapsed() >= APPEARANCE {
                return Err(ExecuteError::Trigger(what));
            }
            self.look_again("triggers", &what, looks).await?;
            looks += 1;
        }
    }
}

/// What a step should have brought about and did not.
///
/// Cron expressions are not compared: a service may write the old five fields in another way.
fn missed(step: &TriggerStep, there: &[ObservedTrigger]) -> Option<String> {
    let find = |name: &str, qualifier: &str| {
        there.iter().find(|trigger| {
            trigger.kind == TIMER && trigger.name == name && trigger.qualifier == qualifier
        })
    };
    let (name, qualifier, enabled, argument) = match step {
        TriggerStep::Delete { name, qualifier, .. } => {
            return find(name, qualifier)
                .map(|_| format!("timer `{name}` on `{qualifier}` is still there"));
        }
        TriggerStep::Create { timer, .. } => {
            (&timer.name, &timer.qualifier, timer.enabled, Some(&timer.argument))
        }
        TriggerStep::Update { name, qualifier, changes } => {
            (name, qualifier, changes.enabled, changes.argument.as_ref())
        }
    };
    let Some(found) = find(name, qualifier) else {
        return Some(format!("timer `{name}` on `{qualifier}` is not there"));
    };
    if enabled.is_some_and(|enabled| enabled != found.enabled) {
        let state = if found.enabled { "open" } else { "closed" };
        return Some(format!("timer `{name}` on `{qualifier}` is {state}"));
    }
    argument
        .is_some_and(|argument| *argument != found.argument)
        .then(|| format!("timer `{name}` on `{qualifier}` has another argument"))
}

/// The records of the file's timers, `NeedCreate` first and `Qualifier` last as the real
/// component prints them.
fn shown(listed: &[TriggerInfo], timers: &[Timer], steps: &[&TriggerStep]) -> Vec<Value> {
    let record = |timer: &Timer| {
        let found = listed.iter().find(|info| {
            info.kind == TIMER
                && info.trigger_name == timer.name
                && info.qualifier == timer.qualifier
        })?;
        let created = steps.iter().any(|step| {
            matches!(step, TriggerStep::Create { timer: new, .. }
                if new.name == timer.name && new.qualifier == timer.qualifier)
        });
        let mut record = Map::new();
        record.insert("NeedCreate".to_owned(), created.into());
        let rest = found.record.iter().filter(|(key, _)| *key != "Qualifier");
        record.extend(rest.map(|(key, value)| (key.clone(), value.clone())));
        record.insert("Qualifier".to_owned(), found.qualifier.clone().into());
        Some(Value::Object(record))
    };
    timers.iter().filter_map(record).collect()
}

/// As the planner sees what was read.
pub(super) fn for_planner(triggers: &[TriggerInfo], aliases: Vec<String>) -> ObservedTriggers {
    ObservedTriggers { triggers: triggers.iter().map(observed).collect(), aliases }
}

/// A trigger as the planner sees it. A timer's description is `{"cron":"…"}` in answers.
fn observed(info: &TriggerInfo) -> ObservedTrigger {
    let cron = match serde_json::from_str::<Value>(&info.trigger_desc) {
        Ok(Value::Object(form)) => {
            form.get("cron").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        _ => info.trigger_desc.clone(),
    };
    ObservedTrigger {
        kind: info.kind.clone(),
        name: info.trigger_name.clone(),
        qualifier: info.qualifier.clone(),
        cron: if info.kind == TIMER { cron } else { String::new() },
        argument: info.custom_argument.clone().unwrap_or_default(),
        enabled: info.enable != 0,
    }
}

fn switch(open: bool) -> &'static str {
    if open { "OPEN" } else { "CLOSE" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::triggers::Reason;
    use serde_json::json;

    fn listed(description: &str, argument: &Value) -> TriggerInfo {
        serde_json::from_value(json!({
            "TriggerName": "tick", "Qualifier": "prod", "Type": "timer", "Enable": 1,
            "TriggerDesc": description, "CustomArgument": argument, "New": "field",
        }))
        .unwrap()
    }

    fn timer() -> Timer {
        Timer {
            name: "tick".into(),
            qualifier: "prod".into(),
            cron: "* * * * * * *".into(),
            argument: String::new(),
            enabled: Some(true),
        }
    }

    #[test]
    fn a_listed_timer_in_either_form_is_the_files() {
        for description in [r#"{"cron":"* * * * * * *"}"#, "* * * * * * *"] {
            for argument in [json!(null), json!("")] {
                let found = observed(&listed(description, &argument));
                assert!(Changes::of(&found, &timer()).is_empty(), "{found:?}");
            }
        }
    }

    #[test]
    fn the_record_is_framed_as_the_real_component_frames_it() {
        let step = TriggerStep::Create { timer: timer(), old: None };
        let shown = shown(&[listed("{}", &json!("x"))], &[timer()], &[&step]);
        assert_eq!(
            shown[0].to_string(),
            r#"{"NeedCreate":true,"TriggerName":"tick","Type":"timer","Enable":1,"TriggerDesc":"{}","CustomArgument":"x","New":"field","Qualifier":"prod"}"#
        );
    }

    #[test]
    fn what_a_step_did_not_bring_about_is_noticed() {
        let there = [observed(&listed("{}", &json!("x")))];
        let create = |change: &dyn Fn(&mut Timer)| {
            let mut timer = Timer { argument: "x".into(), ..timer() };
            change(&mut timer);
            TriggerStep::Create { timer, old: None }
        };
        let delete = |qualifier: &str| TriggerStep::Delete {
            name: "tick".into(),
            qualifier: qualifier.into(),
            reason: Reason::NotListed,
        };
        for (step, says) in [
            (create(&|_| {}), None),
            // Written in another way, perhaps.
            (create(&|timer| timer.cron = "* * * * *".into()), None),
            (create(&|timer| timer.enabled = Some(false)), Some("is open")),
            (create(&|timer| timer.argument.clear()), Some("has another argument")),
            (create(&|timer| timer.qualifier = "beta".into()), Some("is not there")),
            (delete("beta"), None),
            (delete("prod"), Some("is still there")),
        ] {
            let missed = missed(&step, &there);
            assert_eq!(missed.is_some(), says.is_some(), "{step:?}: {missed:?}");
            assert!(missed.unwrap_or_default().ends_with(says.unwrap_or_default()), "{step:?}");
        }
    }
}
