//! What would change a verdict, found by simulating further minutes.

use super::Verdict;
use super::judgement::{GateJudgement, Machine, SideCounts, StepCounts};
use super::purse::Stakes;
use super::series::{CleanMinute, Point};

/// Minutes to simulate for a pass or for unchanged traffic: a day.
const FAR: usize = 24 * 60;
/// Minutes to simulate for a failure.
const NEAR: usize = 60;
/// Extra minutes over which failures may be spread to find a smaller number of them.
const SPREAD: usize = 5;

/// What would change an inconclusive verdict, given the traffic of the step so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Outlook {
    /// Fewest failed canary calls that would fail the gate within an hour.
    pub failures: Option<Need>,
    /// Canary calls without errors that would pass the gate within a day.
    pub clean: Option<Need>,
    /// What further minutes like those so far would lead to within a day.
    pub same: Option<Same>,
}

/// Calls, and the time they take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Need {
    /// Number of canary calls.
    pub calls: f64,
    /// Minutes they take.
    pub minutes: usize,
}

/// What unchanged traffic leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Same {
    /// Fail or pass.
    pub verdict: Verdict,
    /// Number of further minutes.
    pub minutes: usize,
}

impl Outlook {
    /// Returns the outlook, or `None` if the gate has decided or the canary has no calls.
    pub(super) fn of(gate: &GateJudgement, counts: &StepCounts) -> Option<Self> {
        if gate.verdict() != Verdict::Inconclusive || counts.canary.calls <= 0.0 {
            return None;
        }
        let ahead = Ahead { gate, usual: usual(counts) };
        let errors = match gate.machine {
            Machine::Relative(_) | Machine::Absolute(_) => true,
            Machine::Durations(_) | Machine::Throttles(_) => false,
        };
        Some(Self {
            failures: if errors { ahead.failures() } else { None },
            clean: if errors { ahead.clean() } else { None },
            same: ahead.first(ahead.usual, FAR, |verdict| verdict != Verdict::Inconclusive),
        })
    }
}

struct Ahead<'a> {
    gate: &'a GateJudgement,
    /// The step's average minute, with at least one canary call.
    usual: CleanMinute,
}

impl Ahead<'_> {
    fn failures(&self) -> Option<Need> {
        let calls = self.usual.canary.calls;
        let mut best: Option<Need> = None;
        let all_fail = self.with_errors(calls);
        let fewest = self.first(all_fail, NEAR, |verdict| verdict == Verdict::Fail)?.minutes;
        for minutes in fewest..=NEAR.min(fewest + SPREAD) {
            let fails = |errors: f64| {
                let minute = self.with_errors(errors);
                self.first(minute, minutes, |verdict| verdict == Verdict::Fail).is_some()
            };
            // More errors never favour the canary, so there is a single turning point.
            let (mut low, mut high) = (0.0, calls.floor().max(1.0));
            if !fails(high) {
                continue;
            }
            while high - low > 1.0 {
                let middle = f64::midpoint(low, high).floor();
                if fails(middle) { high = middle } else { low = middle }
            }
            // At most 60 minutes.
            #[allow(clippy::cast_precision_loss)]
            let total = high * minutes as f64;
            if best.is_none_or(|best| total < best.calls) {
                best = Some(Need { calls: total, minutes });
            }
        }
        best
    }

    fn clean(&self) -> Option<Need> {
        let passed = self.first(self.with_errors(0.0), FAR, |verdict| verdict == Verdict::Pass)?;
        // At most the minutes of a day.
        #[allow(clippy::cast_precision_loss)]
        let calls = self.usual.canary.calls * passed.minutes as f64;
        Some(Need { calls, minutes: passed.minutes })
    }

    fn with_errors(&self, errors: f64) -> CleanMinute {
        let mut minute = self.usual;
        minute.canary.errors = errors.min(minute.canary.calls);
        minute
    }

    /// Returns when the verdict becomes a wanted one if all further minutes look like `minute`.
    fn first(
        &self,
        minute: CleanMinute,
        within: usize,
        wanted: impl Fn(Verdict) -> bool,
    ) -> Option<Same> {
        let mut machine = self.gate.machine.clone();
        let mut stakes: Stakes = self.gate.stakes.clone();
        for minutes in 1..=within {
            let verdict = machine.look(stakes.next(minute.step), &minute).verdict;
            if wanted(verdict) {
                return Some(Same { verdict, minutes });
            }
            // A failure is final.
            if verdict == Verdict::Fail {
                return None;
            }
        }
        None
    }
}

/// Returns the step's average minute, scaled up if the canary has less than one call a minute.
fn usual(counts: &StepCounts) -> CleanMinute {
    // Number of settled minutes of one step.
    #[allow(clippy::cast_precision_loss)]
    let minutes = (counts.minutes as f64).min(counts.canary.calls);
    let side = |side: &SideCounts| Point {
        calls: side.calls / minutes,
        errors: side.errors / minutes,
        mean: side.mean_ms,
        throttled: side.throttled / minutes,
    };
    CleanMinute {
        step: counts.step,
        full: counts.full,
        baseline: side(&counts.baseline),
        canary: side(&counts.canary),
    }
}
