//! Which triggers are created, changed and deleted, and in which order.

use super::form::TriggerDifference;
use crate::model::trigger::{Trigger, TriggerKind, WantedTriggers};
use crate::plan::note::Note;
use crate::plan::observed::{ObservedTrigger, ObservedTriggers};
use crate::plan::step::{DeletionReason, Step, TriggerStep};

/// Triggers of one type that every account allows per function (API reference, names and limits).
/// Some accounts may allow more.
pub(super) const PER_TYPE: usize = 10;

/// A trigger to be deleted.
struct Leaving<'a> {
    trigger: &'a ObservedTrigger,
    reason: DeletionReason,
    /// Whether its step has been added.
    done: bool,
}

impl Leaving<'_> {
    fn step(&mut self, reason: Option<DeletionReason>) -> Step {
        self.done = true;
        Step::Trigger(TriggerStep::Delete {
            trigger: self.trigger.clone(),
            reason: reason.unwrap_or_else(|| self.reason.clone()),
        })
    }
}

/// Plans the steps for the triggers of the file, and notes about the others.
///
/// A trigger that moves is created on the new qualifier before it is deleted from the old one, so
/// that no event is missed. Only where both cannot exist together, or at the limit per type, is it
/// deleted first. The deletion follows immediately, so both exist for one call only.
///
/// The account's real limit is up to the service; the number that every account allows only decides
/// the order.
#[must_use]
pub fn plan(observed: &ObservedTriggers, wanted: &WantedTriggers) -> (Vec<Step>, Vec<Note>) {
    let mut leaving = Vec::new();
    let (mut left_alone, mut staying) = (Vec::new(), Vec::new());
    for trigger in &observed.triggers {
        if wanted.list.iter().any(|listed| listed.stands(trigger)) {
            continue;
        }
        let owned = wanted.owns(&trigger.qualifier);
        let successor =
            wanted.list.iter().find(|new| new.is_same(trigger) || new.excludes(trigger));
        if wanted.skipped.contains(&trigger.kind) {
            // Reported when the file was read.
            continue;
        }
        if !owned && successor.is_none() {
            left_alone.push(trigger.place());
            continue;
        }
        if !trigger.can_go() {
            staying.push(trigger.place());
            continue;
        }
        let moved = successor.filter(|new| new.is_same(trigger));
        let reason = moved
            .map_or(DeletionReason::NotListed, |new| DeletionReason::Moved(new.qualifier.clone()));
        leaving.push(Leaving { trigger, reason, done: false });
    }

    let mut steps = Vec::new();
    let mut notes = Vec::new();
    for kind in TriggerKind::ALL {
        kind_steps(kind, observed, wanted, &mut leaving, &mut steps, &mut notes);
    }
    steps.extend(leaving.iter_mut().filter(|leaving| !leaving.done).map(|old| old.step(None)));
    if !left_alone.is_empty() {
        notes.push(Note::TriggersLeftAlone(left_alone));
    }
    if !staying.is_empty() {
        notes.push(Note::TriggersStay(staying));
    }
    (steps, notes)
}

/// Plans the steps for the triggers of one type.
fn kind_steps<'a>(
    kind: TriggerKind,
    observed: &'a ObservedTriggers,
    wanted: &WantedTriggers,
    leaving: &mut Vec<Leaving<'a>>,
    steps: &mut Vec<Step>,
    notes: &mut Vec<Note>,
) {
    let there: Vec<_> =
        observed.triggers.iter().filter(|trigger| trigger.kind == kind.name()).collect();
    let mut creations = Vec::new();
    for trigger in wanted.list.iter().filter(|trigger| trigger.kind() == kind) {
        let Some(found) = there.iter().find(|found| trigger.stands(found)) else {
            // A disabled `mps` trigger is one that is not bound.
            if kind != TriggerKind::Mps || trigger.enabled != Some(false) {
                creations.push((trigger, None));
            }
            continue;
        };
        match trigger.difference(found) {
            TriggerDifference::None => {}
            TriggerDifference::Changes(changes) => steps.push(Step::Trigger(TriggerStep::Update {
                trigger: trigger.clone(),
                observed: Box::new((*found).clone()),
                changes,
            })),
            TriggerDifference::Replace(what) => {
                let reason = DeletionReason::Replaced(what);
                leaving.push(Leaving { trigger: found, reason, done: false });
                creations.push((trigger, Some(found.enabled)));
            }
        }
    }
    let is_kind = |old: &&mut Leaving<'_>| old.trigger.kind == kind.name();

    let mut count = there.len();
    let crowded = count + creations.len() > PER_TYPE;
    if crowded {
        // Triggers without a successor.
        for old in leaving.iter_mut().filter(is_kind) {
            let succeeded = creations.iter().any(|(new, _)| new.is_same(old.trigger));
            if !succeeded {
                steps.push(old.step(None));
                count -= 1;
            }
        }
    }
    for (trigger, replaced) in creations {
        let old = leaving.iter().map(|old| old.trigger).find(|old| trigger.is_same(old));
        let state = replaced.or(old.map(|old| old.enabled));
        let state = state.filter(|_| kind != TriggerKind::Mps);
        if trigger.enabled.is_none() && state.is_none() && !kind.opens_by_itself() {
            notes.push(Note::CreatedClosed(trigger.title()));
        }
        // Moving a trigger does not enable or disable it.
        let enabled = trigger.enabled.or(state).unwrap_or(kind.opens_by_itself());
        let new = Trigger { enabled: Some(enabled), ..trigger.clone() };
        for old in leaving.iter_mut().filter(|old| !old.done && trigger.excludes(old.trigger)) {
            let replaced = matches!(old.reason, DeletionReason::Replaced(_));
            let moving = DeletionReason::Moving(trigger.qualifier.clone());
            steps.push(old.step((!replaced).then_some(moving)));
            count -= 1;
        }
        let new_rule = trigger.rule().is_some_and(|rule| {
            observed.rules.iter().any(|known| known.rule == *rule && known.location.is_none())
        });
        if kind == TriggerKind::Http && old.is_some() {
            notes.push(Note::AddressChanges(trigger.title()));
        }
        let create = |old| Step::Trigger(TriggerStep::Create { trigger: new, old, new_rule });
        match leaving.iter_mut().find(|old| !old.done && trigger.is_same(old.trigger)) {
            Some(old) if count >= PER_TYPE => {
                steps.push(old.step(Some(DeletionReason::Moving(trigger.qualifier.clone()))));
                steps.push(create(None));
            }
            Some(old) => {
                steps.push(create(Some(old.trigger.qualifier.clone())));
                steps.push(old.step(Some(DeletionReason::Moved(trigger.qualifier.clone()))));
            }
            None => {
                if count >= PER_TYPE
                    && let Some(old) = leaving.iter_mut().filter(is_kind).find(|old| !old.done)
                {
                    steps.push(old.step(None));
                    count -= 1;
                }
                steps.push(create(None));
                count += 1;
            }
        }
    }
    if !crowded {
        let rest = leaving.iter_mut().filter(is_kind).filter(|old| !old.done);
        steps.extend(rest.map(|old| old.step(None)));
    }
}
