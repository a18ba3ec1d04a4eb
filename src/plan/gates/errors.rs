//! The gates on error rates.

use super::Verdict;
use super::chance::{Better, Compared, Counts, Limited, Worse};
use super::purse::{Bars, Course, Mirror, Purse, Stake};
use super::series::{CleanMinute, Point};

const QUARTERS: [f64; 4] = [0.25; 4];

/// State of a gate after one minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct GateLook {
    pub log_e_fail: f64,
    pub log_e_pass: f64,
    pub verdict: Verdict,
}

/// `max-error-rate-increase`: compares with the baseline, and at 100 % with a frozen limit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Relative {
    /// Limit at 100 %. Known only with a history.
    pub frozen: Option<f64>,
    dispersion: f64,
    bars: Bars,
    worse: Compared<4>,
    better: Compared<5>,
    worse_frozen: Option<Limited<4>>,
    better_frozen: Option<Limited<5>>,
    purse: Purse<4>,
    mirror: Mirror<5>,
    course: Course,
}

impl Relative {
    pub fn new(ratio: f64, plus: f64, dispersion: f64, frozen: Option<f64>, bars: Bars) -> Self {
        Self {
            frozen,
            dispersion,
            bars,
            worse: Compared::new(Worse::worse(), ratio, plus),
            better: Compared::new(Better::better(), ratio, plus),
            worse_frozen: frozen.map(|limit| Limited::new(Worse::worse(), limit)),
            better_frozen: frozen.map(|limit| Limited::new(Better::better(), limit)),
            purse: Purse::new(QUARTERS),
            mirror: Mirror::new(),
            course: Course::default(),
        }
    }

    pub fn look(&mut self, stake: Stake, minute: &CleanMinute) -> GateLook {
        let counts = counts(minute, self.dispersion);
        let (worse, better) = if minute.full {
            (
                self.worse_frozen.as_ref().and_then(|bets| bets.increments(&counts)),
                self.better_frozen.as_ref().and_then(|bets| bets.increments(&counts)),
            )
        } else {
            (self.worse.increments(&counts), self.better.increments(&counts))
        };
        let canary = minute.canary;
        let cap = self.bars.cap(stake.first, canary.calls, canary.errors);
        self.purse.settle(stake, worse, cap);
        self.mirror.settle(stake.first, better);
        self.course.enter(stake.first, canary.calls);
        finish(&self.purse, &self.mirror, &mut self.course, &self.bars)
    }
}

/// `max-error-rate`: compares with a fixed limit, and guards against outages of both versions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Absolute {
    limit: f64,
    dispersion: f64,
    bars: Bars,
    worse: Limited<4>,
    better: Limited<5>,
    compared: Compared<4>,
    purse: Purse<4>,
    mirror: Mirror<5>,
    course: Course,
    /// Minutes since the baseline was over the limit, too.
    since_over: Option<usize>,
}

/// Minutes for which the baseline counts as having been over the limit.
const RECENT: usize = 5;

impl Absolute {
    pub fn new(limit: f64, dispersion: f64, bars: Bars) -> Self {
        Self {
            limit,
            dispersion,
            bars,
            worse: Limited::new(Worse::worse(), limit),
            better: Limited::new(Better::better(), limit),
            compared: Compared::new(Worse::worse(), 1.0, 0.0),
            purse: Purse::new(QUARTERS),
            mirror: Mirror::new(),
            course: Course::default(),
            since_over: None,
        }
    }

    pub fn look(&mut self, stake: Stake, minute: &CleanMinute) -> GateLook {
        let counts = counts(minute, self.dispersion);
        let mut worse = self.worse.increments(&counts);
        let both_over = over(&minute.baseline, self.limit);
        self.since_over = if both_over { Some(0) } else { self.since_over.map(|since| since + 1) };
        if both_over
            && let Some(worse) = worse.as_mut()
            && let Some(compared) = self.compared.increments(&counts)
        {
            for (alone, compared) in worse.iter_mut().zip(compared) {
                *alone = alone.min(compared);
            }
        }
        let canary = minute.canary;
        let cap = self.bars.cap(stake.first, canary.calls, canary.errors);
        self.purse.settle(stake, worse, cap);
        self.mirror.settle(stake.first, self.better.increments(&counts));
        self.course.enter(stake.first, canary.calls);
        finish(&self.purse, &self.mirror, &mut self.course, &self.bars)
    }

    /// Returns whether the baseline was over the limit in one of the last five minutes.
    pub fn baseline_over(&self) -> bool {
        self.since_over.is_some_and(|since| since < RECENT)
    }
}

fn over(baseline: &Point, limit: f64) -> bool {
    baseline.calls > 0.0 && baseline.errors > limit * baseline.calls
}

fn counts(minute: &CleanMinute, dispersion: f64) -> Counts {
    Counts {
        canary: minute.canary.calls / dispersion,
        canary_errors: minute.canary.errors / dispersion,
        baseline: minute.baseline.calls / dispersion,
        baseline_errors: minute.baseline.errors / dispersion,
    }
}

pub(super) fn finish<const N: usize, const M: usize>(
    purse: &Purse<N>,
    mirror: &Mirror<M>,
    course: &mut Course,
    bars: &Bars,
) -> GateLook {
    let (log_e_fail, log_e_pass) = (purse.log(), mirror.log());
    GateLook { log_e_fail, log_e_pass, verdict: course.verdict(log_e_fail, log_e_pass, bars) }
}
