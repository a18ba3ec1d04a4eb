//! Rollouts of several functions that advance together: a step only when all are to go on, and
//! all go back when one does. Pure, as [`super::machine`] is.
//!
//! Each function has its own marker with the same id, and whoever looks reads all of them: so a
//! tick that was killed between two writes is gone on with by the next one.

use super::machine::{Decision, Transition};
use super::state::{Phase, Rollout};

/// One function of several, as it was looked at.
#[derive(Debug, Clone, Copy)]
pub struct One<'a> {
    /// Its rollout, under way or ended.
    pub rollout: Option<&'a Rollout>,
    /// What it would do alone; `None` where it could not be looked at.
    pub decision: Option<&'a Decision>,
}

/// What is done to one function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing: it waits for others, stands still or has ended.
    Rests,
    /// What it would do alone.
    Acts,
    /// Its rollout is taken back, because another's went back.
    GoesBack,
}

/// The id of the rollout that functions are under together: that of those that are under way, else
/// that of the one that began last.
///
/// # Errors
/// The ids of two that are under way and are not one.
pub fn common_id<'a>(
    rollouts: impl Iterator<Item = &'a Rollout> + Clone,
) -> Result<Option<&'a str>, (&'a str, &'a str)> {
    let mut open = rollouts.clone().filter(|rollout| rollout.phase.is_open());
    if let Some(first) = open.next() {
        return match open.find(|other| other.id != first.id) {
            Some(other) => Err((&first.id, &other.id)),
            None => Ok(Some(&first.id)),
        };
    }
    Ok(rollouts.max_by_key(|rollout| rollout.began).map(|rollout| rollout.id.as_str()))
}

impl One<'_> {
    fn is_open(&self) -> bool {
        self.rollout.is_some_and(|rollout| rollout.phase.is_open())
    }

    fn writes(&self, is: impl Fn(Transition) -> bool) -> bool {
        matches!(self.decision, Some(Decision::Write(write)) if is(write.transition))
    }

    fn goes_back(&self) -> bool {
        self.writes(|transition| matches!(transition, Transition::Back(_)))
    }

    fn went_back(&self) -> bool {
        self.rollout.is_some_and(|rollout| matches!(rollout.phase, Phase::Back(_)))
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

    /// Whether it keeps the others where they are.
    fn stops_others(&self) -> bool {
        match self.decision {
            Some(Decision::Wait { .. } | Decision::Write(_) | Decision::Freeze(_)) => self.holds(),
            Some(Decision::Ended(Phase::Done)) => false,
            _ => true,
        }
    }

    /// The step that it is in; behind the last one, when it is done.
    fn step(&self) -> Option<usize> {
        let rollout = self.rollout?;
        match rollout.phase {
            Phase::Running | Phase::Held(_) => Some(rollout.step),
            Phase::Done => Some(rollout.schedule.count() + 1),
            Phase::Back(_) | Phase::Ended => None,
        }
    }
}

/// What is done to each function of a rollout that they are under together.
#[must_use]
pub fn turns(all: &[One<'_>]) -> Vec<Turn> {
    if all.iter().any(|one| one.goes_back() || one.went_back()) {
        return all.iter().map(turn_back).collect();
    }
    let first = all.iter().filter_map(One::step).min();
    let is_first = |one: &One<'_>| one.is_open() && one.step() == first;
    let stands = all.iter().any(One::stops_others);
    let all_go_on = !stands && all.iter().filter(|one| is_first(one)).all(One::goes_on);
    let turn = |one: &One<'_>| {
        if one.holds() || all_go_on && is_first(one) { Turn::Acts } else { Turn::Rests }
    };
    all.iter().map(turn).collect()
}

/// What is done to a function when one of all goes back.
fn turn_back(one: &One<'_>) -> Turn {
    let is_done = one.rollout.is_some_and(|rollout| rollout.phase == Phase::Done);
    match one.decision {
        Some(Decision::Write(_)) if one.goes_back() => Turn::Acts,
        // What somebody else has routed is left alone, and what is not known, too.
        None | Some(Decision::Moved { .. } | Decision::Foreign(_) | Decision::NoRollout) => {
            Turn::Rests
        }
        Some(_) if one.is_open() || is_done => Turn::GoesBack,
        Some(_) => Turn::Rests,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::super::machine::{Ground, Waiting, Write};
    use super::super::schedule::{Schedule, Wanted};
    use super::super::state::{BackReason, Choices, GateFields, HoldReason, Memory, Minute};
    use super::*;
    use crate::model::{Routing, Version};

    fn rollout(step: usize, phase: Phase) -> Rollout {
        let steps = Wanted { steps: Some("10%,50%,100%"), ..Wanted::default() };
        Rollout {
            id: "abc".into(),
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

    fn writes(transition: Transition) -> Decision {
        Decision::Write(Box::new(Write {
            routing: Routing::all_to(Version::Number(1)),
            description: String::new(),
            memory: Memory::default(),
            transition,
        }))
    }

    fn waits() -> Decision {
        Decision::Wait { until: DateTime::UNIX_EPOCH, why: Waiting::Clock }
    }

    #[test]
    fn one_waits_for_all_and_all_go_back_with_one() {
        use Turn::{Acts, GoesBack, Rests};

        let on = |step| {
            (rollout(step, Phase::Running), Some(writes(Transition::Advances(Ground::Passed))))
        };
        let waiting = |step| (rollout(step, Phase::Running), Some(waits()));
        let failing = |step| {
            (rollout(step, Phase::Running), Some(writes(Transition::Back(BackReason::Fail))))
        };
        let holding = |step| {
            (rollout(step, Phase::Running), Some(writes(Transition::Holds(HoldReason::NoData))))
        };
        let held = |step| {
            let reason = HoldReason::User;
            (rollout(step, Phase::Held(reason)), Some(Decision::Held(reason)))
        };
        let back = || {
            let phase = Phase::Back(BackReason::User);
            (rollout(1, phase), Some(Decision::Ended(phase)))
        };
        let done = || (rollout(3, Phase::Done), Some(Decision::Ended(Phase::Done)));
        let ended = || (rollout(1, Phase::Ended), Some(Decision::Ended(Phase::Ended)));
        let moved = |step| {
            let expected = Routing::all_to(Version::Number(9));
            (rollout(step, Phase::Running), Some(Decision::Moved { expected }))
        };
        let silent = |step| (rollout(step, Phase::Running), None);
        let freezing = || (rollout(3, Phase::Running), Some(Decision::Freeze(Ground::Passed)));
        for (all, expected) in [
            (vec![on(1), on(1)], vec![Acts, Acts]),
            (vec![on(1), waiting(1)], vec![Rests, Rests]),
            // Killed between two writes: whoever is behind goes on, the other waits for it.
            (vec![on(1), waiting(2)], vec![Acts, Rests]),
            (vec![on(1), on(2)], vec![Acts, Rests]),
            (vec![waiting(1), on(2)], vec![Rests, Rests]),
            (vec![done(), freezing()], vec![Rests, Acts]),
            (vec![done(), waiting(3)], vec![Rests, Rests]),
            // A hold is written and holds all.
            (vec![on(1), holding(1)], vec![Rests, Acts]),
            (vec![on(1), held(1)], vec![Rests, Rests]),
            (vec![on(1), ended()], vec![Rests, Rests]),
            (vec![on(1), moved(1)], vec![Rests, Rests]),
            (vec![on(1), silent(1)], vec![Rests, Rests]),
            // One that goes back takes all back, those that are held or done, too.
            (vec![on(1), failing(1)], vec![GoesBack, Acts]),
            (vec![held(2), failing(1), failing(2)], vec![GoesBack, Acts, Acts]),
            (vec![back(), waiting(2)], vec![Rests, GoesBack]),
            (vec![done(), failing(3)], vec![GoesBack, Acts]),
            (vec![back(), moved(1), silent(1), ended()], vec![Rests; 4]),
        ] {
            let ones: Vec<One<'_>> = all
                .iter()
                .map(|(rollout, decision)| One {
                    rollout: Some(rollout),
                    decision: decision.as_ref(),
                })
                .collect();
            assert_eq!(turns(&ones), expected, "{all:?}");
        }
    }

    #[test]
    fn two_rollouts_are_not_one() {
        let other = Rollout { id: "other".into(), ..rollout(1, Phase::Running) };
        let (one, done) = (rollout(1, Phase::Running), rollout(3, Phase::Done));
        assert_eq!(common_id([&one, &other].into_iter()), Err(("abc", "other")));
        assert_eq!(common_id([&done, &other].into_iter()), Ok(Some("other")));
        assert_eq!(common_id([&done].into_iter()), Ok(Some("abc")));
        assert_eq!(common_id([].into_iter()), Ok(None));
    }
}
