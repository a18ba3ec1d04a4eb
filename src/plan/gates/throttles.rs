//! The budget of throttled calls.

use super::chance::{Compared, Counts, Worse};
use super::errors::GateLook;
use super::purse::{Bars, Course, Purse, Stake};
use super::series::CleanMinute;
use super::{MIN_MINUTES, Verdict};

/// `max-throttles`: fails over budget, if throttled more than the baseline.
///
/// Throttling is more often caused by quota than by code, so a canary over its budget fails only if
/// it is throttled more than the baseline.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Throttles {
    pub budget: f64,
    dispersion: f64,
    bars: Bars,
    compared: Compared<4>,
    purse: Purse<4>,
    course: Course,
    /// Throttled canary calls in this step.
    used: f64,
}

impl Throttles {
    pub fn new(budget: f64, dispersion: f64, bars: Bars) -> Self {
        Self {
            budget,
            dispersion,
            bars,
            compared: Compared::new(Worse::worse(), 1.0, 0.0),
            purse: Purse::new([0.25; 4]),
            course: Course::default(),
            used: 0.0,
        }
    }

    pub fn look(&mut self, stake: Stake, minute: &CleanMinute) -> GateLook {
        let (canary, baseline) = (minute.canary, minute.baseline);
        let tried = canary.calls + canary.throttled;
        let counts = Counts {
            canary: tried / self.dispersion,
            canary_errors: canary.throttled / self.dispersion,
            baseline: (baseline.calls + baseline.throttled) / self.dispersion,
            baseline_errors: baseline.throttled / self.dispersion,
        };
        // At 100 % there is no baseline to compare with and no known limit.
        let worse = if minute.full { None } else { self.compared.increments(&counts) };
        self.purse.settle(stake, worse, self.bars.cap(stake.first, tried, canary.throttled));
        self.course.enter(stake.first, canary.calls);
        if stake.first {
            self.used = 0.0;
        }
        self.used += canary.throttled;
        let log_e_fail = self.purse.log();
        self.course.failed |= self.over() && log_e_fail >= self.bars.fail;
        let verdict = if self.course.failed {
            Verdict::Fail
        } else if self.course.minutes >= MIN_MINUTES && !self.over() {
            Verdict::Pass
        } else {
            Verdict::Inconclusive
        };
        GateLook { log_e_fail, log_e_pass: 0.0, verdict }
    }

    pub fn failed(&self) -> bool {
        self.course.failed
    }

    pub fn over(&self) -> bool {
        self.used > self.budget
    }
}
