//! Walks all orders of the calls of two commands, without those that differ from one already
//! walked only by swaps of calls that commute.
//!
//! This is dynamic partial-order reduction with source sets and sleep sets (Abdulla, Aronis,
//! Jonsson, Sagonas, "Optimal dynamic partial order reduction", POPL 2014): after each run, every
//! two calls that met in one order and could have met in the other name a point to go back to.

use std::collections::BTreeSet;

use crate::footprint::Footprint;
use crate::scheduler::{Pending, Run, Step};

/// Whether two calls of two commands commute.
pub type Commute<'a> = &'a dyn Fn(Footprint, Footprint) -> bool;

/// A point at which several calls could go next.
struct Level {
    enabled: Vec<(String, Footprint)>,
    /// Calls whose orders from here on were walked already: they could have gone first before
    /// this point, and everything since commutes with them.
    asleep: BTreeSet<String>,
    /// Calls that have to be tried here.
    wanted: BTreeSet<String>,
    tried: BTreeSet<String>,
    current: usize,
}

impl Level {
    fn new(pending: &[Pending], asleep: BTreeSet<String>) -> Option<Self> {
        let enabled: Vec<_> =
            pending.iter().map(|one| (one.label.clone(), one.footprint)).collect();
        let current = enabled.iter().position(|(label, _)| !asleep.contains(label))?;
        let wanted = BTreeSet::from([enabled[current].0.clone()]);
        Some(Self { enabled, asleep, wanted, tried: BTreeSet::new(), current })
    }

    /// Notes the current choice as tried, and goes to the next one.
    fn advance(&mut self) -> bool {
        self.tried.insert(self.enabled[self.current].0.clone());
        let next = self.enabled.iter().position(|(label, _)| {
            self.wanted.contains(label)
                && !self.asleep.contains(label)
                && !self.tried.contains(label)
        });
        self.current = next.unwrap_or(self.current);
        next.is_some()
    }

    /// What stays asleep behind the current choice.
    fn asleep_behind(&self, commute: Commute<'_>) -> BTreeSet<String> {
        let (_, chosen) = &self.enabled[self.current];
        self.enabled
            .iter()
            .filter(|(label, footprint)| {
                (self.asleep.contains(label) || self.tried.contains(label))
                    && commute(*footprint, *chosen)
            })
            .map(|(label, _)| label.clone())
            .collect()
    }
}

/// Whether each step has to come after each other one, given the order that it is.
struct Before(Vec<Vec<bool>>);

impl Before {
    fn new(steps: &[Step], commute: Commute<'_>) -> Self {
        let mut before: Vec<Vec<bool>> = Vec::new();
        for (later, step) in steps.iter().enumerate() {
            let mut row = vec![false; later];
            for earlier in (0..later).rev() {
                let one = &steps[earlier];
                // A command sent it knowing the other's answer, or they touch the same.
                let own = one.player == step.player && earlier < step.arrived;
                if own || !commute(one.footprint, step.footprint) {
                    row[earlier] = true;
                    for (earliest, known) in before[earlier].iter().enumerate() {
                        row[earliest] |= known;
                    }
                }
            }
            before.push(row);
        }
        Self(before)
    }

    fn holds(&self, earlier: usize, later: usize) -> bool {
        self.0[later][earlier]
    }

    /// Whether two calls of the two commands met and could meet the other way round.
    fn race(&self, steps: &[Step], earlier: usize, later: usize) -> bool {
        steps[earlier].player != steps[later].player
            && self.holds(earlier, later)
            && !(earlier + 1..later)
                .any(|between| self.holds(earlier, between) && self.holds(between, later))
    }
}

/// Notes at which points a run calls for another order.
fn want_reversals(path: &mut [Level], steps: &[Step], commute: Commute<'_>) {
    let before = Before::new(steps, commute);
    for later in 1..steps.len() {
        for (earlier, level) in path.iter_mut().enumerate().take(later) {
            if !before.race(steps, earlier, later) {
                continue;
            }
            // What can come before the earlier one, up to the later one itself.
            let rest: Vec<usize> = (earlier + 1..later)
                .filter(|between| !before.holds(earlier, *between))
                .chain([later])
                .collect();
            let first: Vec<&String> = rest
                .iter()
                .filter(|one| !rest.iter().any(|other| other < *one && before.holds(*other, **one)))
                .map(|one| &steps[*one].label)
                .collect();
            if !first.iter().any(|label| level.wanted.contains(*label)) {
                level.wanted.insert(first[0].clone());
            }
        }
    }
}

/// How the walk went.
#[derive(Default)]
pub struct Walk {
    /// Orders walked to their end.
    pub runs: usize,
    /// Runs that came to nothing new.
    pub cut_short: usize,
    /// Runs that went another way under the same choices.
    pub strayed: usize,
}

/// Walks all orders. `commute` says which calls may be swapped, `run` runs both commands with a
/// chooser, and `judge` gets each whole run.
pub fn all_orders(
    commute: Commute<'_>,
    mut run: impl FnMut(&mut dyn FnMut(&[Pending]) -> Option<usize>) -> Run,
    mut judge: impl FnMut(&Run),
) -> Walk {
    let mut walk = Walk::default();
    let mut path: Vec<Level> = Vec::new();
    loop {
        let mut depth = 0;
        let mut strayed = false;
        let ended = run(&mut |pending| {
            let known = |level: &Level| {
                let labels = level.enabled.iter().map(|(label, _)| label);
                labels.eq(pending.iter().map(|one| &one.label))
            };
            if path.get(depth).is_some_and(|level| !known(level)) {
                // By the real clock: a read was too old, so there was one more.
                strayed = true;
                path.truncate(depth);
            }
            if depth == path.len() {
                let asleep =
                    path.last().map_or_else(BTreeSet::new, |above| above.asleep_behind(commute));
                path.push(Level::new(pending, asleep)?);
            }
            depth += 1;
            Some(path[depth - 1].current)
        });
        walk.strayed += usize::from(strayed);
        want_reversals(&mut path, &ended.steps, commute);
        if ended.outcomes.is_empty() {
            walk.cut_short += 1;
        } else {
            walk.runs += 1;
            judge(&ended);
        }
        while !path.last_mut().is_some_and(Level::advance) {
            if path.pop().is_none() {
                return walk;
            }
        }
    }
}
