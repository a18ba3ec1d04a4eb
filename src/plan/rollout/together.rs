//! Rollouts of several functions that advance together: a step only when all are to go on, and
//! all go back when one does. Pure, as [`super::machine`] is.
//!
//! Each function has its own marker with the same id and the number of functions, and whoever
//! looks reads all of them: so a tick that was killed between two writes is gone on with by the
//! next one. Nothing goes on unless all of them are there; going back asks for nobody else.

use super::decision::{Decision, Transition};
use super::machine;
use super::state::{HoldReason, Phase, Rollout};
use crate::model::Alias;
use crate::order::Order as _;

/// One function of several, as it was looked at.
#[derive(Debug, Clone, Copy)]
pub struct One<'a> {
    /// Its name, for people.
    pub name: &'a str,
    /// The alias; `None` where it could not be read or understood.
    pub alias: Option<&'a Alias>,
    /// Its rollout, under way or ended.
    pub rollout: Option<&'a Rollout>,
    /// What it would do alone, where a tick has asked.
    pub decision: Option<&'a Decision>,
}

/// A command on all of them that is one write of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// All stand still.
    Pause,
    /// All go on.
    Resume,
    /// To the next step.
    Promote {
        /// To the last one.
        full: bool,
    },
    /// Those that are under way go back.
    Abort,
    /// Those that are under way, or else those that are done, go back.
    Rollback,
}

/// What is done to one function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing: it waits for others, stands still or has ended.
    Rests,
    /// Nothing: its rollout is none of those that are meant.
    Stranger,
    /// What it would do alone, or what the command does.
    Acts,
    /// Its rollout is taken back, even if it is done ([`machine::take_back`]).
    GoesBack,
}

/// Why functions do not go on together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Apart {
    /// Several rollouts.
    #[error("the functions are under different rollouts: {}", .0.join(", "))]
    Rollouts(Vec<String>),
    /// Some are not under the rollout of the others.
    #[error("not under the rollout of the others: {}", .0.join(", "))]
    Others(Vec<String>),
    /// Another number of them.
    #[error("the rollout is of {functions} functions, but the project has {here}")]
    Number {
        /// Functions that were looked at.
        here: usize,
        /// Functions that the rollout began with.
        functions: u32,
    },
    /// They advance by different steps.
    #[error("the functions have different steps: {}", .0.join("; "))]
    Steps(Vec<String>),
}

/// Why a command on all of them does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// None has a rollout.
    NoRollout,
    /// That of the one at this place has ended.
    Ended(usize),
    /// The one at this place could not be read or understood.
    Unread(usize),
    /// They are not together.
    Apart(Apart),
}

impl<'a> One<'a> {
    fn open(&self) -> Option<&'a Rollout> {
        self.rollout.filter(|rollout| rollout.phase.is_open())
    }

    fn phase(&self) -> Option<Phase> {
        self.rollout.map(|rollout| rollout.phase)
    }

    fn is_of(&self, id: &str) -> bool {
        self.rollout.is_some_and(|rollout| rollout.id == id)
    }

    fn writes(&self, is: impl Fn(Transition) -> bool) -> bool {
        matches!(self.decision, Some(Decision::Write(write)) if is(write.transition))
    }

    fn goes_back(&self) -> bool {
        self.writes(|transition| matches!(transition, Transition::Back(_)))
    }

    fn went_back(&self) -> bool {
        matches!(self.phase(), Some(Phase::Back(_)))
    }

    fn holds(&self) -> bool {
        self.writes(|transition| matches!(transition, Transition::Holds(_)))
    }

    /// Whether it would go on to the next step, or to its end.
    fn goes_on(&self) -> bool {
        let onward =
            |transition| matches!(transition, Transition::Advances(_) | Transition::Finishes(_));
        self.writes(onward) || matches!(self.decision, Some(Decision::Freeze(_)))
    }

    /// Whether it keeps the others, of which the last are in the step `first`, where they are.
    fn stops_others(&self, first: Option<usize>) -> bool {
        match self.decision {
            Some(Decision::Wait { .. } | Decision::Write(_) | Decision::Freeze(_)) => self.holds(),
            Some(Decision::Ended(Phase::Done)) => false,
            Some(Decision::Held(_)) => !self.rollout.is_some_and(|one| waits_ahead(one, first)),
            _ => true,
        }
    }

    fn is_as_left(&self) -> bool {
        let both = self.alias.zip(self.rollout);
        both.is_some_and(|(alias, rollout)| machine::is_as_left(alias, rollout))
    }

    /// Whether it is done, and somebody has routed it otherwise since; or somebody has ended it,
    /// and left it to other versions than those of before.
    fn has_strayed(&self) -> bool {
        match self.phase() {
            Some(Phase::Done) => !self.is_as_left(),
            Some(Phase::Ended) => !self.is_as_before(),
            _ => false,
        }
    }

    fn is_as_before(&self) -> bool {
        let both = self.alias.zip(self.rollout);
        both.is_some_and(|(alias, rollout)| alias.routing.same_effect(&rollout.routing_back()))
    }

    fn said(&self) -> String {
        match self.rollout {
            Some(rollout) => format!("{} ({})", self.name, rollout.id),
            None => self.name.to_owned(),
        }
    }
}

/// The step that a rollout is in; behind the last one, when it is done.
#[must_use]
pub fn step(rollout: &Rollout) -> Option<usize> {
    match rollout.phase {
        Phase::Running | Phase::Held(_) => Some(rollout.step),
        Phase::Done => Some(rollout.schedule.count() + 1),
        Phase::Back(_) | Phase::Ended => None,
    }
}

/// Whether a rollout waits in a pause of the schedule for others that have not come there: that
/// must not keep them from it.
#[must_use]
pub fn waits_ahead(rollout: &Rollout, first: Option<usize>) -> bool {
    rollout.phase == Phase::Held(HoldReason::Schedule) && Some(rollout.step) > first
}

fn first_step(all: &[One<'_>]) -> Option<usize> {
    all.iter().filter_map(|one| step(one.rollout?)).min()
}

/// The rollouts that are meant: those that are under way, else the one that began last, or those
/// that began in the same minute.
fn meant<'a>(all: &[One<'a>]) -> Vec<&'a str> {
    let mut ids: Vec<&str> = all.iter().filter_map(|one| Some(&*one.open()?.id)).collect();
    if ids.is_empty() {
        let rollouts = || all.iter().filter_map(|one| one.rollout);
        let last = rollouts().map(|rollout| rollout.began).max();
        ids.extend(rollouts().filter(|one| Some(one.began) == last).map(|one| &*one.id));
    }
    ids.order();
    ids.dedup();
    ids
}

fn is_meant(one: &One<'_>, ids: &[&str]) -> bool {
    ids.iter().any(|id| one.is_of(id))
}

fn names(all: &[One<'_>], is: impl Fn(&One<'_>) -> bool) -> Vec<String> {
    all.iter().filter(|one| is(one)).map(|one| one.name.to_owned()).collect()
}

fn is_of_more_than(rollout: &Rollout, here: usize) -> bool {
    usize::try_from(rollout.functions).is_ok_and(|functions| functions > here)
}

/// The rollout is of functions that are not here, of which nobody knows where they are.
fn missing(all: &[One<'_>], ids: &[&str]) -> Option<Apart> {
    let here = all.len();
    let meant = all.iter().filter(|one| is_meant(one, ids)).filter_map(|one| one.rollout);
    let more = meant.filter(|rollout| is_of_more_than(rollout, here)).map(|one| one.functions);
    more.max().map(|functions| Apart::Number { here, functions })
}

/// Whether all are there, and under one rollout.
///
/// # Errors
/// They are not.
fn check_together(all: &[One<'_>], ids: &[&str]) -> Result<(), Stop> {
    if let Some(place) = all.iter().position(|one| one.alias.is_none()) {
        return Err(Stop::Unread(place));
    }
    let id = match ids {
        [] => return Err(Stop::NoRollout),
        [id] => id,
        _ => {
            let under_way = all.iter().filter(|one| one.open().is_some());
            return Err(Stop::Apart(Apart::Rollouts(under_way.map(One::said).collect())));
        }
    };
    let others =
        names(all, |one| !one.is_of(id) || one.phase() == Some(Phase::Ended) || one.has_strayed());
    if !others.is_empty() {
        return Err(Stop::Apart(Apart::Others(others)));
    }
    check_alike(all)
}

/// An error where rollouts are of another number of functions, or advance by different steps.
fn check_alike(all: &[One<'_>]) -> Result<(), Stop> {
    let here = all.len();
    let rollouts = || all.iter().filter_map(|one| one.rollout);
    let mut numbers = rollouts().map(|rollout| rollout.functions);
    if let Some(functions) = numbers.find(|functions| usize::try_from(*functions) != Ok(here)) {
        return Err(Stop::Apart(Apart::Number { here, functions }));
    }
    let schedule = rollouts().next().map(|rollout| &rollout.schedule);
    if rollouts().any(|other| schedule.is_some_and(|one| !one.goes_like(&other.schedule))) {
        let said = |one: &One<'_>| Some(format!("{} {}", one.name, one.rollout?.schedule));
        return Err(Stop::Apart(Apart::Steps(all.iter().filter_map(said).collect())));
    }
    Ok(())
}

/// What a tick does to each function, and why those that are under way do not go on.
#[must_use]
pub fn tick(all: &[One<'_>]) -> (Vec<Turn>, Option<Apart>) {
    let ids = meant(all);
    let together = check_together(all, &ids);
    let goes_back = |one: &One<'_>| {
        let is_back = |other: &One<'_>| other.goes_back() || other.went_back();
        one.rollout.is_some_and(|rollout| {
            all.iter().any(|other| other.is_of(&rollout.id) && is_back(other))
        })
    };
    let first = first_step(all);
    let is_first = |one: &One<'_>| one.open().is_some_and(|rollout| Some(rollout.step) == first);
    let stands = together.is_err()
        || all.iter().any(|one| one.stops_others(first) || one.goes_back() || one.went_back());
    let all_go_on = !stands && all.iter().filter(|one| is_first(one)).all(One::goes_on);
    let turn = |one: &One<'_>| {
        if !is_meant(one, &ids) {
            Turn::Stranger
        } else if goes_back(one) {
            turn_back(one)
        } else if one.holds() || all_go_on && is_first(one) {
            Turn::Acts
        } else {
            Turn::Rests
        }
    };
    let is_left = |one: &One<'_>| one.open().is_some() && !goes_back(one);
    let is_back = |one: &One<'_>| is_meant(one, &ids) && goes_back(one);
    let apart = match together {
        Err(Stop::Apart(apart)) if all.iter().any(is_left) => Some(apart),
        // Those that are not here, or were routed by hand, may serve the new version for ever.
        _ if all.iter().any(is_back) => {
            let strayed = names(all, |one| is_back(one) && one.has_strayed());
            let strayed = (!strayed.is_empty()).then_some(Apart::Others(strayed));
            strayed.or_else(|| missing(all, &ids))
        }
        _ => None,
    };
    (all.iter().map(turn).collect(), apart)
}

/// What a tick does to a function when one of all goes back.
fn turn_back(one: &One<'_>) -> Turn {
    match one.decision {
        Some(Decision::Write(_)) if one.goes_back() => Turn::Acts,
        // What somebody else has routed is left alone.
        None | Some(Decision::Moved { .. } | Decision::Foreign(_) | Decision::NoRollout) => {
            Turn::Rests
        }
        Some(_) if one.open().is_some() || one.phase() == Some(Phase::Done) => Turn::GoesBack,
        Some(_) => Turn::Rests,
    }
}

/// What a command does to each function, and who of its rollout, or of the project, it leaves as
/// they are. Whoever is to stand still or to go back does so whatever the others are; those that
/// could not be read rest.
///
/// # Errors
/// Nothing is to be done.
pub fn verb(all: &[One<'_>], verb: Verb) -> Result<(Vec<Turn>, Option<Apart>), Stop> {
    let ids = meant(all);
    let is_open = |one: &One<'_>| one.open().is_some();
    match verb {
        Verb::Pause => {
            check_any(all, &ids, is_open)?;
            let turn = |one: &One<'_>| if is_open(one) { Turn::Acts } else { Turn::Rests };
            Ok((turns(all, &ids, turn), missing(all, &ids)))
        }
        Verb::Abort | Verb::Rollback => {
            let is_done = |one: &One<'_>| one.phase() == Some(Phase::Done);
            check_any(all, &ids, |one| {
                is_open(one) || one.went_back() || is_done(one) && verb == Verb::Rollback
            })?;
            let is_any_open = all.iter().any(is_open);
            if ids.len() > 1 && !is_any_open {
                // Nobody knows which of them came last.
                return Err(Stop::Apart(Apart::Rollouts(all.iter().map(One::said).collect())));
            }
            let mut apart = missing(all, &ids);
            if verb == Verb::Rollback
                && let Some(others) = left_alone(all, &ids)
            {
                if !is_any_open {
                    return Err(Stop::Apart(others));
                }
                apart = apart.or(Some(others));
            }
            // What somebody has ended is left to him, and said.
            let ended = names(all, |one| {
                is_meant(one, &ids) && one.phase() == Some(Phase::Ended) && one.has_strayed()
            });
            let apart = apart.or_else(|| (!ended.is_empty()).then_some(Apart::Others(ended)));
            let turn = |one: &One<'_>| {
                if one.phase() == Some(Phase::Ended) { Turn::Rests } else { Turn::GoesBack }
            };
            Ok((turns(all, &ids, turn), apart))
        }
        Verb::Resume | Verb::Promote { .. } => {
            check_together(all, &ids)?;
            if let Some(place) = all.iter().position(One::went_back) {
                return Err(Stop::Ended(place));
            }
            check_any(all, &ids, is_open)?;
            let turns = match verb {
                Verb::Promote { full } => promote(all, full),
                _ => resume(all),
            };
            Ok((turns, None))
        }
    }
}

fn turns(all: &[One<'_>], ids: &[&str], turn: impl Fn(&One<'_>) -> Turn) -> Vec<Turn> {
    let of = |one: &One<'_>| if is_meant(one, ids) { turn(one) } else { Turn::Stranger };
    all.iter().map(of).collect()
}

/// An error where there is none for which there is something to do.
fn check_any(all: &[One<'_>], ids: &[&str], is: impl Fn(&One<'_>) -> bool) -> Result<(), Stop> {
    if all.iter().any(|one| is_meant(one, ids) && is(one)) {
        return Ok(());
    }
    // It may be one that could not be read.
    let unread = all.iter().position(|one| one.alias.is_none()).map(Stop::Unread);
    let ended = || all.iter().position(|one| is_meant(one, ids)).map(Stop::Ended);
    Err(unread.or_else(ended).unwrap_or(Stop::NoRollout))
}

/// The functions whose release the way back of the rollouts that are meant leaves in service:
/// those rollouts are of a part of the project, or have gone back already, and say nothing of the
/// others.
fn left_alone(all: &[One<'_>], ids: &[&str]) -> Option<Apart> {
    let here = all.len();
    let meant = || all.iter().filter(|one| is_meant(one, ids)).filter_map(|one| one.rollout);
    let is_alone = here > 1 && meant().any(|rollout| rollout.functions == 1);
    let is_of_fewer = |rollout: &Rollout| {
        usize::try_from(rollout.functions).is_ok_and(|functions| functions < here)
    };
    let is_part = meant().any(is_of_fewer)
        || meant().all(|rollout| matches!(rollout.phase, Phase::Back(_) | Phase::Ended));
    let is_left = |one: &One<'_>| {
        !is_meant(one, ids) && (is_alone || is_part && one.phase() == Some(Phase::Done))
    };
    let others = names(all, is_left);
    (!others.is_empty()).then_some(Apart::Others(others))
}

/// From a pause of the schedule nobody goes on before all have come there.
fn resume(all: &[One<'_>]) -> Vec<Turn> {
    let first = first_step(all);
    let pauses = |rollout: &Rollout| rollout.phase == Phase::Held(HoldReason::Schedule);
    let is_ready = |one: &One<'_>| match one.open() {
        Some(rollout) if Some(rollout.step) == first => pauses(rollout) && one.is_as_left(),
        Some(rollout) => one.is_as_left() && (pauses(rollout) || rollout.phase == Phase::Running),
        None => true,
    };
    let all_are_ready = all.iter().all(is_ready);
    let turn = |one: &One<'_>| match one.open() {
        None => Turn::Rests,
        Some(rollout) if pauses(rollout) && one.is_as_left() => {
            if all_are_ready && Some(rollout.step) == first { Turn::Acts } else { Turn::Rests }
        }
        Some(_) => Turn::Acts,
    };
    all.iter().map(turn).collect()
}

/// Whoever is ahead waits for the others.
fn promote(all: &[One<'_>], full: bool) -> Vec<Turn> {
    let first = first_step(all);
    let all_are_last = all.iter().filter_map(One::open).all(Rollout::is_last_step);
    let turn = |one: &One<'_>| match one.open() {
        Some(rollout) if full && (all_are_last || !rollout.is_last_step()) => Turn::Acts,
        Some(rollout) if !full && Some(rollout.step) == first => Turn::Acts,
        _ => Turn::Rests,
    };
    all.iter().map(turn).collect()
}

/// How often in a row a `retry` that stopped on its way is known as one.
const MOST_RETRIES: usize = 8;

/// Under which id all begin again, and who does: those that have begun under it already go on.
///
/// The new id comes from the old one, so that whoever was reached and whoever was not by a command
/// that stopped on its way are known to belong together.
///
/// # Errors
/// They are not together, or one is done or was ended.
pub fn retry(
    all: &[One<'_>],
    successor: impl Fn(&str) -> String,
) -> Result<(String, Vec<Turn>), Stop> {
    if let Some(place) = all.iter().position(|one| one.alias.is_none()) {
        return Err(Stop::Unread(place));
    }
    let ids = || all.iter().filter_map(|one| Some(&*one.rollout?.id));
    let leads_to = |from: &str, to: &str| {
        let after = |id: &String| Some(successor(id));
        std::iter::successors(Some(from.to_owned()), after).take(MOST_RETRIES).any(|id| id == to)
    };
    let Some(any) = ids().next() else { return Err(Stop::NoRollout) };
    let Some(last) = ids().find(|last| ids().all(|id| leads_to(id, last))) else {
        return Err(Stop::Apart(Apart::Rollouts(all.iter().map(One::said).collect())));
    };
    let without = names(all, |one| one.rollout.is_none());
    if !without.is_empty() {
        return Err(Stop::Apart(Apart::Others(without)));
    }
    check_alike(all)?;
    let has_ended = |one: &One<'_>| matches!(one.phase(), Some(Phase::Done | Phase::Ended));
    if let Some(place) = all.iter().position(has_ended) {
        return Err(Stop::Ended(place));
    }
    // Where those that were reached have gone back meanwhile, none of them goes on under that id.
    let is_begun = |one: &One<'_>| one.is_of(last) && one.open().is_some();
    let is_partial = ids().any(|id| id != any) && all.iter().any(is_begun);
    let id = if is_partial { last.to_owned() } else { successor(last) };
    let turn = |one: &One<'_>| if is_partial && is_begun(one) { Turn::Rests } else { Turn::Acts };
    Ok((id, all.iter().map(turn).collect()))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::super::machine::{Ground, Waiting, Write};
    use super::super::schedule::{Schedule, TypedSteps};
    use super::super::state::{BackReason, Choices, GateFields, Memory, Minute};
    use super::Turn::{Acts, GoesBack, Rests, Stranger};
    use super::*;
    use crate::model::{Routing, Version};

    /// One function: its alias, where that could be read, and what it would do alone.
    #[derive(Debug, Clone)]
    struct Seen {
        alias: Option<Alias>,
        rollout: Option<Rollout>,
        decision: Option<Decision>,
    }

    fn rollout(step: usize, phase: Phase) -> Rollout {
        let steps = TypedSteps { steps: Some("10%,50%:pause,100%"), ..TypedSteps::default() };
        Rollout {
            id: "x".into(),
            from: Version::Number(1),
            to: Version::Number(2),
            schedule: Schedule::read(steps).unwrap(),
            step,
            began: Minute::of(DateTime::<Utc>::UNIX_EPOCH),
            starts: vec![0; step],
            skipped: Vec::new(),
            since: 0,
            judged: 0,
            phase,
            choices: Choices::DEFAULT,
            gates: GateFields::default(),
            functions: 2,
            content: None,
            freeze: true,
            frozen: None,
        }
    }

    fn seen(rollout: Rollout, decision: Decision) -> Seen {
        let routing = rollout.routing("prod").unwrap_or_else(|| rollout.routing_back());
        let (name, description, modified) = ("prod".into(), String::new(), String::new());
        let alias = Some(Alias { name, routing, description, modified });
        Seen { alias, rollout: Some(rollout), decision: Some(decision) }
    }

    fn writes(transition: Transition) -> Decision {
        Decision::Write(Box::new(Write {
            routing: Routing::all_to(Version::Number(1)),
            description: String::new(),
            memory: Memory::default(),
            rollout: None,
            transition,
        }))
    }

    fn running(step: usize, decision: Decision) -> Seen {
        seen(rollout(step, Phase::Running), decision)
    }

    fn on(step: usize) -> Seen {
        running(step, writes(Transition::Advances(Ground::Passed)))
    }

    fn waiting(step: usize) -> Seen {
        running(step, Decision::Wait { until: DateTime::UNIX_EPOCH, why: Waiting::Clock })
    }

    fn failing(step: usize) -> Seen {
        running(step, writes(Transition::Back(BackReason::Fail)))
    }

    fn holding(step: usize) -> Seen {
        running(step, writes(Transition::Holds(HoldReason::NoData)))
    }

    fn held(step: usize, reason: HoldReason) -> Seen {
        seen(rollout(step, Phase::Held(reason)), Decision::Held(reason))
    }

    fn paused(step: usize) -> Seen {
        held(step, HoldReason::Schedule)
    }

    fn over(phase: Phase) -> Seen {
        seen(rollout(3, phase), Decision::Ended(phase))
    }

    fn back() -> Seen {
        over(Phase::Back(BackReason::User))
    }

    fn done() -> Seen {
        over(Phase::Done)
    }

    fn ended() -> Seen {
        over(Phase::Ended)
    }

    /// Its shares are others than those of its step.
    fn moved(step: usize) -> Seen {
        let expected = Routing::all_to(Version::Number(9));
        let mut seen = running(step, Decision::Moved { expected });
        seen.alias.as_mut().unwrap().routing = Routing::all_to(Version::Number(2));
        seen
    }

    /// It is done, and routed by hand since.
    fn strayed() -> Seen {
        let mut seen = done();
        seen.decision = Some(Decision::NoRollout);
        seen.alias.as_mut().unwrap().routing = Routing::all_to(Version::Number(9));
        seen
    }

    /// By other steps.
    fn by(steps: &str, mut seen: Seen) -> Seen {
        if let Some(rollout) = &mut seen.rollout {
            let steps = TypedSteps { steps: Some(steps), ..TypedSteps::default() };
            rollout.schedule = Schedule::read(steps).unwrap();
        }
        seen
    }

    fn unread() -> Seen {
        Seen { alias: None, rollout: None, decision: None }
    }

    fn nothing() -> Seen {
        Seen { rollout: None, ..running(1, Decision::NoRollout) }
    }

    /// Of another rollout, which began earlier.
    fn of(id: &str, mut seen: Seen) -> Seen {
        if let Some(rollout) = &mut seen.rollout {
            id.clone_into(&mut rollout.id);
        }
        seen
    }

    fn later(mut seen: Seen) -> Seen {
        if let Some(rollout) = &mut seen.rollout {
            rollout.began = rollout.began.plus(9);
        }
        seen
    }

    /// Of a rollout of so many functions.
    fn among(functions: u32, mut seen: Seen) -> Seen {
        if let Some(rollout) = &mut seen.rollout {
            rollout.functions = functions;
        }
        seen
    }

    fn ones<'a>(all: &'a [Seen]) -> Vec<One<'a>> {
        let names = ["api", "web", "job"];
        let one = |(seen, name): (&'a Seen, &'a str)| {
            let Seen { alias, rollout, decision } = seen;
            let (alias, rollout, decision) = (alias.as_ref(), rollout.as_ref(), decision.as_ref());
            One { name, alias, rollout, decision }
        };
        all.iter().zip(names).map(one).collect()
    }

    fn words(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn one_waits_for_all_and_all_go_back_with_one() {
        let freezing = || running(3, Decision::Freeze(Ground::Passed));
        for (all, expected) in [
            (vec![on(1), on(1)], vec![Acts, Acts]),
            (vec![on(1), waiting(1)], vec![Rests, Rests]),
            // Killed between two writes: whoever is behind goes on, the other waits for it.
            (vec![on(1), waiting(2)], vec![Acts, Rests]),
            (vec![on(1), on(2)], vec![Acts, Rests]),
            (vec![waiting(1), on(2)], vec![Rests, Rests]),
            (vec![done(), freezing()], vec![Rests, Acts]),
            (vec![done(), waiting(3)], vec![Rests, Rests]),
            // Also where the step ahead is a pause; but all stand still once all are in it.
            (vec![paused(2), on(1)], vec![Rests, Acts]),
            (vec![paused(2), waiting(1)], vec![Rests, Rests]),
            (vec![paused(2), paused(2)], vec![Rests, Rests]),
            (vec![paused(2), on(3)], vec![Rests, Rests]),
            // A hold is written and holds all, wherever it is.
            (vec![on(1), holding(1)], vec![Rests, Acts]),
            (vec![on(1), held(1, HoldReason::User)], vec![Rests, Rests]),
            (vec![on(1), held(2, HoldReason::User)], vec![Rests, Rests]),
            (vec![on(1), ended()], vec![Rests, Rests]),
            (vec![on(1), moved(1)], vec![Rests, Rests]),
            (vec![on(1), unread()], vec![Rests, Stranger]),
            // One that goes back takes all back, those that are held or done, too.
            (vec![on(1), failing(1)], vec![GoesBack, Acts]),
            (vec![held(2, HoldReason::User), failing(1)], vec![GoesBack, Acts]),
            (vec![back(), waiting(2)], vec![Rests, GoesBack]),
            (vec![back(), done()], vec![Rests, GoesBack]),
            (vec![done(), failing(3)], vec![GoesBack, Acts]),
            (vec![back(), moved(1)], vec![Rests, Rests]),
            (vec![back(), ended()], vec![Rests, Rests]),
            (vec![failing(1), unread()], vec![Acts, Stranger]),
        ] {
            let (turns, apart) = tick(&ones(&all));
            assert_eq!(turns, expected, "{all:?}");
            let is_ended = |seen: &Seen| seen.rollout.as_ref().map(|one| one.phase);
            let lost = all.iter().any(|seen| is_ended(seen) == Some(Phase::Ended));
            let goes_back = expected.contains(&GoesBack) || is_ended(&all[0]) == BACK;
            assert_eq!(apart.is_some(), lost && !goes_back, "{all:?}");
        }
    }

    const BACK: Option<Phase> = Some(Phase::Back(BackReason::User));

    #[test]
    fn nothing_goes_on_unless_all_are_there() {
        let number = |here, functions| Some(Apart::Number { here, functions });
        let others = |names: &[&str]| Some(Apart::Others(words(names)));
        for (all, turns, apart) in [
            // Begun in part: by no marker, or the one of an earlier rollout.
            (vec![on(1), nothing()], vec![Rests, Stranger], others(&["web"])),
            (vec![later(on(1)), of("w", done())], vec![Rests, Stranger], others(&["web"])),
            // Nor is anybody taken back for what an earlier rollout came to.
            (vec![later(on(1)), of("w", back())], vec![Rests, Stranger], others(&["web"])),
            // A folder with fewer functions, and one with more.
            (vec![among(3, on(1)), among(3, on(1))], vec![Rests, Rests], number(2, 3)),
            (vec![on(1), on(1), nothing()], vec![Rests, Rests, Stranger], others(&["job"])),
            // Two rollouts: whoever fails or is to stand still does so alone.
            (
                vec![failing(1), among(1, of("y", on(1)))],
                vec![Acts, Rests],
                Some(Apart::Rollouts(words(&["api (x)", "web (y)"]))),
            ),
            (
                vec![failing(1), on(1), among(1, of("y", holding(1)))],
                vec![Acts, GoesBack, Acts],
                Some(Apart::Rollouts(words(&["api (x)", "web (x)", "job (y)"]))),
            ),
            (
                vec![on(1), of("y", on(1))],
                vec![Rests, Rests],
                Some(Apart::Rollouts(words(&["api (x)", "web (y)"]))),
            ),
            // Also where one is missing, all that are there go back; but where that one is, nobody
            // knows.
            (vec![among(3, on(1)), among(3, failing(1))], vec![GoesBack, Acts], number(2, 3)),
            (vec![among(3, back()), among(3, back())], vec![Rests, Rests], number(2, 3)),
            (vec![among(3, done()), among(3, done())], vec![Rests, Rests], None),
            // One that is done and was routed by hand since is not with the others.
            (vec![strayed(), waiting(3)], vec![Rests, Rests], others(&["api"])),
            (vec![strayed(), failing(3)], vec![Rests, Acts], others(&["api"])),
            (vec![strayed(), back()], vec![Rests, Rests], others(&["api"])),
            (vec![strayed(), done()], vec![Rests, Rests], None),
            // By other steps nobody is in the same step.
            (
                vec![on(1), by("1%,50%:pause,100%", on(1))],
                vec![Rests, Rests],
                Some(Apart::Steps(words(&[
                    "api 10%:10m, 50%:pause, 100%:10m",
                    "web 1%:10m, 50%:pause, 100%:10m",
                ]))),
            ),
            (vec![done(), done()], vec![Rests, Rests], None),
            (vec![nothing(), nothing()], vec![Stranger, Stranger], None),
        ] {
            assert_eq!(tick(&ones(&all)), (turns, apart), "{all:?}");
        }
    }

    #[test]
    fn whoever_can_stand_still_or_go_back_does() {
        let alone = || among(1, done());
        let others = |names: &[&str]| Err(Stop::Apart(Apart::Others(words(names))));
        for (asked, all, expected) in [
            (Verb::Pause, vec![on(1), on(1)], Ok(vec![Acts, Acts])),
            (Verb::Pause, vec![done(), on(3)], Ok(vec![Rests, Acts])),
            (Verb::Pause, vec![on(1), unread()], Ok(vec![Acts, Stranger])),
            (Verb::Pause, vec![on(1), of("y", on(1))], Ok(vec![Acts, Acts])),
            (Verb::Pause, vec![of("w", done()), later(on(1))], Ok(vec![Stranger, Acts])),
            (Verb::Pause, vec![done(), done()], Err(Stop::Ended(0))),
            (Verb::Pause, vec![nothing(), nothing()], Err(Stop::NoRollout)),
            (Verb::Pause, vec![done(), unread()], Err(Stop::Unread(1))),
            (Verb::Abort, vec![on(1), moved(1)], Ok(vec![GoesBack, GoesBack])),
            (Verb::Abort, vec![on(1), unread()], Ok(vec![GoesBack, Stranger])),
            (Verb::Abort, vec![done(), on(3)], Ok(vec![GoesBack, GoesBack])),
            (Verb::Abort, vec![ended(), on(3)], Ok(vec![Rests, GoesBack])),
            (Verb::Abort, vec![back(), done()], Ok(vec![GoesBack, GoesBack])),
            (Verb::Abort, vec![on(1), of("y", on(1))], Ok(vec![GoesBack, GoesBack])),
            (Verb::Abort, vec![later(on(1)), of("w", back())], Ok(vec![GoesBack, Stranger])),
            (Verb::Abort, vec![done(), done()], Err(Stop::Ended(0))),
            (Verb::Abort, vec![nothing(), nothing()], Err(Stop::NoRollout)),
            // One release back, never two.
            (Verb::Rollback, vec![later(on(1)), of("w", done())], Ok(vec![GoesBack, Stranger])),
            (Verb::Rollback, vec![done(), done()], Ok(vec![GoesBack, GoesBack])),
            (Verb::Rollback, vec![nothing(), done()], Ok(vec![Stranger, GoesBack])),
            (Verb::Rollback, vec![back(), back()], Ok(vec![GoesBack, GoesBack])),
            (Verb::Rollback, vec![back(), done()], Ok(vec![GoesBack, GoesBack])),
            // One of a part of them, or that has gone back, says nothing of the release of all.
            (Verb::Rollback, vec![later(of("y", alone())), done()], others(&["web"])),
            (Verb::Rollback, vec![later(of("y", among(1, back()))), done()], others(&["web"])),
            (Verb::Rollback, vec![later(back()), of("w", done())], others(&["web"])),
            (
                Verb::Rollback,
                vec![later(of("y", done())), later(of("y", done())), among(3, done())],
                others(&["job"]),
            ),
            // A function that is new has no release to take back.
            (
                Verb::Rollback,
                vec![done(), done(), nothing()],
                Ok(vec![GoesBack, GoesBack, Stranger]),
            ),
            (
                Verb::Rollback,
                vec![back(), of("w", done())],
                Err(Stop::Apart(Apart::Rollouts(words(&["api (x)", "web (w)"])))),
            ),
            (Verb::Rollback, vec![alone()], Ok(vec![GoesBack])),
            (Verb::Rollback, vec![ended(), ended()], Err(Stop::Ended(0))),
        ] {
            let expected = expected.map(|turns| (turns, None));
            assert_eq!(verb(&ones(&all), asked), expected, "{asked:?} {all:?}");
        }
    }

    #[test]
    fn whoever_is_left_as_it_is_is_named() {
        let three = |seen| among(3, seen);
        for asked in [Verb::Pause, Verb::Abort, Verb::Rollback] {
            let all = [three(on(1)), three(on(1))];
            let turn = if asked == Verb::Pause { Acts } else { GoesBack };
            let apart = Some(Apart::Number { here: 2, functions: 3 });
            assert_eq!(verb(&ones(&all), asked), Ok((vec![turn; 2], apart)), "{asked:?}");
        }
        let apart = Some(Apart::Number { here: 2, functions: 3 });
        let all = [three(done()), three(done())];
        assert_eq!(verb(&ones(&all), Verb::Rollback), Ok((vec![GoesBack; 2], apart)));
        // One of its own goes back; the release of all stays.
        let all = [later(of("y", among(1, on(1)))), done()];
        let apart = Some(Apart::Others(words(&["web"])));
        assert_eq!(verb(&ones(&all), Verb::Rollback), Ok((vec![GoesBack, Stranger], apart)));
    }

    #[test]
    fn what_somebody_has_ended_and_left_to_the_new_version_is_said() {
        let mut kept = ended();
        kept.alias.as_mut().unwrap().routing = Routing::all_to(Version::Number(2));
        let apart = Some(Apart::Others(words(&["api"])));
        for asked in [Verb::Abort, Verb::Rollback] {
            let found = verb(&ones(&[kept.clone(), on(3)]), asked);
            assert_eq!(found, Ok((vec![Rests, GoesBack], apart.clone())), "{asked:?}");
        }
        assert_eq!(tick(&ones(&[kept.clone(), failing(3)])), (vec![Rests, Acts], apart.clone()));
        assert_eq!(tick(&ones(&[kept, back()])), (vec![Rests, Rests], apart));
    }

    #[test]
    fn whoever_is_to_go_on_goes_on_with_all() {
        let others = |names: &[&str]| Err(Stop::Apart(Apart::Others(words(names))));
        let step = Verb::Promote { full: false };
        let full = Verb::Promote { full: true };
        let held = |step| held(step, HoldReason::NoData);
        for (asked, all, expected) in [
            (Verb::Resume, vec![held(1), held(1)], Ok(vec![Acts, Acts])),
            (Verb::Resume, vec![done(), held(3)], Ok(vec![Rests, Acts])),
            (Verb::Resume, vec![paused(2), paused(2)], Ok(vec![Acts, Acts])),
            // A pause that not all have come to is none to go on from.
            (Verb::Resume, vec![paused(2), waiting(1)], Ok(vec![Rests, Acts])),
            (Verb::Resume, vec![paused(2), held(1)], Ok(vec![Rests, Acts])),
            (Verb::Resume, vec![paused(2), held(2)], Ok(vec![Rests, Acts])),
            (Verb::Resume, vec![paused(2), moved(2)], Ok(vec![Rests, Acts])),
            (Verb::Resume, vec![paused(2), waiting(3)], Ok(vec![Acts, Acts])),
            (Verb::Resume, vec![paused(2), held(3)], Ok(vec![Rests, Acts])),
            (Verb::Resume, vec![back(), held(1)], Err(Stop::Ended(0))),
            (Verb::Resume, vec![done(), done()], Err(Stop::Ended(0))),
            (Verb::Resume, vec![held(1), unread()], Err(Stop::Unread(1))),
            (Verb::Resume, vec![held(1), ended()], others(&["web"])),
            (step, vec![on(1), on(1)], Ok(vec![Acts, Acts])),
            (step, vec![on(1), on(2)], Ok(vec![Acts, Rests])),
            (step, vec![done(), on(3)], Ok(vec![Rests, Acts])),
            (step, vec![on(1), nothing()], others(&["web"])),
            // The last rollout of the other one is done: it is not this one.
            (step, vec![later(on(1)), of("w", done())], others(&["web"])),
            (
                step,
                vec![among(3, on(1)), among(3, on(1))],
                Err(Stop::Apart(Apart::Number { here: 2, functions: 3 })),
            ),
            (
                step,
                vec![on(1), of("y", on(1))],
                Err(Stop::Apart(Apart::Rollouts(words(&["api (x)", "web (y)"])))),
            ),
            (step, vec![back(), on(1)], Err(Stop::Ended(0))),
            (step, vec![done(), done()], Err(Stop::Ended(0))),
            (full, vec![on(1), on(2)], Ok(vec![Acts, Acts])),
            (full, vec![on(3), on(2)], Ok(vec![Rests, Acts])),
            (full, vec![on(3), on(3)], Ok(vec![Acts, Acts])),
            (step, vec![strayed(), on(3)], others(&["api"])),
            (Verb::Resume, vec![strayed(), held(3)], others(&["api"])),
        ] {
            let expected = expected.map(|turns| (turns, None));
            assert_eq!(verb(&ones(&all), asked), expected, "{asked:?} {all:?}");
        }
    }

    #[test]
    fn all_begin_again_under_one_id() {
        let successor = |id: &str| format!("{id}2");
        let again = |id: &str, turns: &[Turn]| Ok((id.to_owned(), turns.to_vec()));
        for (all, expected) in [
            (vec![back(), back()], again("x2", &[Acts, Acts])),
            (vec![back(), on(1)], again("x2", &[Acts, Acts])),
            // The command stopped on its way; or was taken back again.
            (vec![of("x2", on(1)), back()], again("x2", &[Rests, Acts])),
            (vec![back(), of("x2", back())], again("x22", &[Acts, Acts])),
            (vec![back(), of("x22", on(1))], again("x22", &[Acts, Rests])),
            (
                vec![among(3, back()), among(3, of("x2", back())), among(3, of("x22", on(1)))],
                again("x22", &[Acts, Acts, Rests]),
            ),
            (
                vec![back(), by("1%,50%:pause,100%", back())],
                Err(Stop::Apart(Apart::Steps(words(&[
                    "api 10%:10m, 50%:pause, 100%:10m",
                    "web 1%:10m, 50%:pause, 100%:10m",
                ])))),
            ),
            // Never an old rollout of one of them.
            (
                vec![later(back()), of("w", back())],
                Err(Stop::Apart(Apart::Rollouts(words(&["api (x)", "web (w)"])))),
            ),
            (vec![back(), nothing()], Err(Stop::Apart(Apart::Others(words(&["web"]))))),
            (vec![back(), unread()], Err(Stop::Unread(1))),
            (vec![back(), done()], Err(Stop::Ended(1))),
            (vec![back(), ended()], Err(Stop::Ended(1))),
            (vec![nothing(), nothing()], Err(Stop::NoRollout)),
            (
                vec![among(3, back()), among(3, back())],
                Err(Stop::Apart(Apart::Number { here: 2, functions: 3 })),
            ),
        ] {
            assert_eq!(retry(&ones(&all), successor), expected, "{all:?}");
        }
    }
}
