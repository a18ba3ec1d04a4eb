//! What a command on a rollout came to: whether that is a success, and what undoes it.

use super::follow::Followed;
use super::place::RolloutContext;
use super::service::Service;
use super::tick::{TickError, TickOutcome, Ticked};
use crate::app::{AfterResult, Done};
use crate::config::settings::Settings;
use crate::error::{Error, Judges, Left, RolloutProblem};
use crate::model::Alias;
use crate::plan::rollout::machine::{self, Refused, Transition};
use crate::plan::rollout::state::{BackReason, HoldReason, Phase};

/// Who asks, and so what counts as success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AskedBy {
    /// `start` and ticks that go on to the end: anything but the end is none.
    End,
    /// `tick`: nothing due is no failure.
    Tick,
    /// A command that did what it was asked.
    Verb,
    /// As [`Self::Verb`], of a project: it stops whoever it can, and would do so to others one by
    /// one.
    Left(&'static str),
}

/// Why what a rollout came to is no success.
pub(super) fn problem(ticked: &Ticked, asked: AskedBy) -> Option<RolloutProblem> {
    if matches!(asked, AskedBy::Verb | AskedBy::Left(_)) {
        return None;
    }
    let alias = ticked.alias.name.clone();
    let rollout = ticked.rollout.as_ref();
    let held = |reason: HoldReason, by_content: bool| {
        let rollout = rollout?;
        let (to, step, steps) = (rollout.to, rollout.step, rollout.schedule.count());
        let (alias, judges) = (alias.clone(), Judges::of(&rollout.gates));
        Some(RolloutProblem::Held { alias, to, step, steps, reason, by_content, judges })
    };
    let back = |reason: BackReason| {
        let rollout = rollout?;
        let (from, to) = (rollout.from, rollout.to);
        let is_remembered = is_remembered(&ticked.alias);
        Some(RolloutProblem::Back { alias: alias.clone(), from, to, reason, is_remembered })
    };
    match &ticked.outcome {
        TickOutcome::NoRollout | TickOutcome::Ended(Phase::Ended) if asked == AskedBy::End => {
            Some(RolloutProblem::Gone(alias))
        }
        TickOutcome::Foreign(line) => Some(Refused::Foreign { alias, line: line.clone() }.into()),
        TickOutcome::Moved(expected) => {
            Some(machine::moved(&ticked.alias, rollout?, expected.clone()).into())
        }
        TickOutcome::Ended(Phase::Back(reason)) => back(*reason),
        TickOutcome::Held(reason) => held(*reason, false),
        TickOutcome::Wrote(transition) => match transition {
            Transition::Back(reason) => back(*reason),
            Transition::Holds(reason) => held(*reason, *reason == HoldReason::Content),
            _ => match rollout.map(|rollout| rollout.phase) {
                Some(Phase::Held(reason)) => held(reason, false),
                _ => None,
            },
        },
        TickOutcome::NoRollout
        | TickOutcome::Ended(_)
        | TickOutcome::Wait(..)
        | TickOutcome::Due(_) => None,
    }
}

/// Whether the alias still says which rollout it was under. Where there was no room for that, no
/// command can begin it again.
pub(super) fn is_remembered(alias: &Alias) -> bool {
    machine::memory(alias).is_ok_and(|memory| memory.rollout.is_some())
}

/// The command that undoes what was written.
pub(super) fn undo(ticked: &Ticked) -> Option<&'static str> {
    let TickOutcome::Wrote(transition) = &ticked.outcome else { return None };
    Some(match transition {
        Transition::Back(_) if !is_remembered(&ticked.alias) => return None,
        Transition::Begins | Transition::Advances(_) | Transition::Retries => "rollout abort",
        Transition::Holds(HoldReason::User) => "rollout resume",
        Transition::Resumes => "rollout pause",
        Transition::Back(_) => "rollout retry",
        Transition::Finishes(_) => "rollback",
        // A way back by hand says which version it left.
        Transition::Holds(_) | Transition::RollsBack => return None,
    })
}

/// What following a rollout came to.
pub(super) fn conclude(
    settings: &Settings,
    place: &RolloutContext<'_>,
    service: &Service<'_>,
    followed: Result<Followed, TickError>,
) -> Result<Done, Error> {
    let behind = |error| RolloutContext::behind(error, service);
    match followed.map_err(|error| behind(place.failed(error)))? {
        Followed::Came(ticked) => {
            place.tell_still(&ticked, service);
            Ok(place.done(settings, &ticked, AskedBy::End, service))
        }
        Followed::Interrupted(signal, ticked) => {
            let is_remembered = ticked.as_ref().is_none_or(|ticked| is_remembered(&ticked.alias));
            let rollout = ticked.and_then(|ticked| ticked.rollout);
            let left = match rollout.map(|rollout| rollout.phase) {
                Some(Phase::Back(_)) if !is_remembered => Left::Forgotten,
                Some(Phase::Back(_)) => Left::Back,
                Some(Phase::Held(_)) => Left::Held,
                _ => Left::Open,
            };
            let alias = place.alias.clone();
            let error = place.error(RolloutProblem::Interrupted { alias, signal, left });
            Ok(Done { report: None, ending: AfterResult::Nothing, error: Some(behind(error)) })
        }
    }
}

/// An alias that needs no write.
pub(super) fn as_it_is(alias: Alias) -> Ticked {
    let rollout = match machine::memory(&alias) {
        Ok(memory) => memory.rollout,
        Err(Refused::Foreign { line, .. }) => {
            let outcome = TickOutcome::Foreign(line);
            return Ticked { alias, rollout: None, judged: None, outcome };
        }
        Err(_) => None,
    };
    let outcome = match rollout.as_ref().map(|rollout| rollout.phase) {
        None | Some(Phase::Running) => TickOutcome::NoRollout,
        Some(Phase::Held(reason)) => TickOutcome::Held(reason),
        Some(phase) => TickOutcome::Ended(phase),
    };
    Ticked { alias, rollout, judged: None, outcome }
}
