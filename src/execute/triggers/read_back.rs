//! Reads triggers back after they were changed.

use std::ops::ControlFlow;

use serde_json::{Map, Value, json};

use super::look;
use crate::api::actions::TriggerInfo;
use crate::execute::wait::{self, Lasting};
use crate::execute::{
    APPEARANCE, Awaited, AwaitedStatus, ExecuteError, FunctionSession, TriggerMismatch,
};
use crate::model::trigger::{Form, Trigger, TriggerKind, WantedTriggers};
use crate::plan::{ObservedTrigger, Step, TriggerChanges, TriggerPlace, TriggerStep};

/// A trigger together with the service's record of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownTrigger {
    /// The trigger.
    pub observed: ObservedTrigger,
    /// The record as the service lists it.
    pub record: Value,
}

/// Returns the file's triggers as the service reports them after the steps, in the file's order.
///
/// Listings may lag for a moment, so they are polled for a while.
pub(in crate::execute) async fn read_back(
    session: &FunctionSession<'_>,
    before: &[TriggerInfo],
    known: &[ObservedTrigger],
    wanted: &WantedTriggers,
    steps: &[Step],
) -> Result<Vec<ShownTrigger>, ExecuteError> {
    let steps: Vec<&TriggerStep> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Trigger(step) => Some(step),
            _ => None,
        })
        .collect();
    if steps.is_empty() {
        return Ok(shown(before, known, &wanted.list, &steps));
    }
    let started = session.now();
    wait::await_work(session, async || {
        let (listed, there) = look(session, &wanted.list).await?;
        let Some(mismatch) = steps.iter().find_map(|step| missed(step, &steps, &there)) else {
            return Ok(ControlFlow::Break(shown(&listed, &there, &wanted.list, &steps)));
        };
        if session.since(started) >= APPEARANCE {
            return Err(ExecuteError::Trigger(Box::new(mismatch)));
        }
        let status = AwaitedStatus::Trigger(Box::new(mismatch));
        Ok(ControlFlow::Continue(Lasting { what: Awaited::Triggers, status }))
    })
    .await
}

/// Returns how the triggers differ from the result of a step.
///
/// Descriptions are not compared: the service may rewrite them, such as the old five fields of a
/// timer.
pub(super) fn missed(
    step: &TriggerStep,
    steps: &[&TriggerStep],
    there: &[ObservedTrigger],
) -> Option<TriggerMismatch> {
    let (trigger, changes) = match step {
        TriggerStep::Delete { trigger, .. } => {
            // A replacement is in the same place.
            let anew = |found: &ObservedTrigger| {
                steps.iter().any(|step| {
                    matches!(step, TriggerStep::Create { trigger, .. } if trigger.stands(found))
                })
            };
            let stays = |found: &&ObservedTrigger| found.is_one_with(trigger) && !anew(found);
            return there.iter().find(stays).map(|_| TriggerMismatch::StillThere(trigger.place()));
        }
        TriggerStep::Create { trigger, .. } => {
            let argument = match &trigger.form {
                Form::Timer { argument, .. } => Some(argument.clone()),
                _ => None,
            };
            let weight = match &trigger.form {
                Form::Clb { weight, .. } => Some(*weight),
                _ => None,
            };
            // `mps` has no disabled triggers, and `cls` and `clb` have no switch.
            let enabled = trigger.enabled.filter(|_| {
                !matches!(trigger.kind(), TriggerKind::Cls | TriggerKind::Clb | TriggerKind::Mps)
            });
            (trigger, TriggerChanges { argument, enabled, weight, ..TriggerChanges::default() })
        }
        TriggerStep::Update { trigger, changes, .. } => (trigger, changes.clone()),
    };
    let place = TriggerPlace::of(trigger);
    let Some(found) = there.iter().find(|found| trigger.stands(found)) else {
        return Some(TriggerMismatch::Missing(place));
    };
    if changes.enabled.is_some_and(|enabled| enabled != found.enabled) {
        return Some(TriggerMismatch::Enabled(place, found.enabled));
    }
    if changes.argument.is_some_and(|argument| argument != found.argument) {
        return Some(TriggerMismatch::Argument(place));
    }
    if changes.weight.is_some() && changes.weight != found.weight {
        return Some(TriggerMismatch::Weight(place));
    }
    None
}

/// Returns the records of the file's triggers, with `NeedCreate` first and `Qualifier` last, as the
/// real component prints them.
pub(super) fn shown(
    listed: &[TriggerInfo],
    there: &[ObservedTrigger],
    wanted: &[Trigger],
    steps: &[&TriggerStep],
) -> Vec<ShownTrigger> {
    let record = |trigger: &Trigger| {
        let position = there.iter().position(|found| trigger.stands(found))?;
        let created = steps.iter().any(|step| {
            matches!(step, TriggerStep::Create { trigger: new, .. }
                if new.kind() == trigger.kind()
                    && new.name == trigger.name
                    && new.form == trigger.form
                    && new.qualifier == trigger.qualifier)
        });
        let mut record = Map::new();
        record.insert("NeedCreate".to_owned(), created.into());
        if let Some(info) = listed.get(position) {
            let rest = info.record.iter().filter(|(key, _)| *key != "Qualifier");
            record.extend(rest.map(|(key, value)| (key.clone(), value.clone())));
        } else {
            // Known to its load balancer only.
            let found = &there[position];
            record.insert("Type".to_owned(), found.kind.clone().into());
            record.insert("TriggerName".to_owned(), trigger.name.clone().into());
            record.insert("Weight".to_owned(), json!(found.weight));
        }
        record.insert("Qualifier".to_owned(), there[position].qualifier.clone().into());
        let record = Value::Object(record);
        Some(ShownTrigger { observed: there[position].clone(), record })
    };
    wanted.iter().filter_map(record).collect()
}

/// Returns the URL of each qualifier from records as listings and deployments show them: the public
/// URL if there is one, or else the internal one.
#[must_use]
pub fn function_urls(records: &[Value]) -> Map<String, Value> {
    let urls = records.iter().filter(|record| record["Type"] == TriggerKind::Http.name());
    urls.filter_map(|record| {
        let form = record["TriggerDesc"].as_str().unwrap_or_default();
        let form: Value = serde_json::from_str(form).unwrap_or_default();
        let address = |key: &str| {
            let text = form.pointer(&format!("/NetConfig/{key}")).and_then(Value::as_str)?;
            Some(text.to_owned()).filter(|text| !text.is_empty())
        };
        let address = address("ExtranetUrl").or_else(|| address("IntranetUrl"))?;
        Some((record["Qualifier"].as_str()?.to_owned(), address.into()))
    })
    .collect()
}
