//! The gate on durations.
//!
//! The monitor reports a mean per minute and no percentiles, so only a shift of the mean can be
//! detected. This is an approximation (normal, with the variance estimated from history), not a
//! theorem.

use super::errors::{GateLook, finish};
use super::purse::{Bars, Course, Mirror, Purse, Stake};
use super::series::{CleanMinute, Point};

/// Calls of each version that one comparison needs.
pub(super) const BLOCK: f64 = 30.0;
/// κ² where the history is too short to estimate it.
const UNKNOWN_KAPPA2: f64 = 4.0;
/// Lower bound on the standard deviation of a log mean.
const LEAST_SIGMA: f64 = 0.03;

/// Bets on the size of the slowdown.
const SLOWER: [f64; 4] = [0.1, 0.3, 0.7, 1.5];
/// Bets on how often a block is slower.
const OFTEN: [f64; 2] = [0.75, 0.95];
const PARTS: [f64; 6] = [0.125, 0.125, 0.125, 0.125, 0.25, 0.25];

/// Calls and their mean, weighted by calls.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Pool {
    pub calls: f64,
    sum: f64,
}

impl Pool {
    /// Adds a point. Points without a mean are skipped.
    pub fn add(&mut self, point: &Point) {
        if let Some(mean) = point.mean {
            self.calls += point.calls;
            self.sum += point.calls * mean;
        }
    }

    pub fn ln_mean(&self) -> f64 {
        self.sum.ln() - self.calls.ln()
    }
}

/// `max-duration-increase`: compares mean durations in blocks of minutes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Durations {
    ln_limit: f64,
    kappa2: Option<f64>,
    bars: Bars,
    purse: Purse<6>,
    mirror: Mirror<4>,
    course: Course,
    canary: Pool,
    baseline: Pool,
    first_block: bool,
}

impl Durations {
    pub fn new(limit: f64, kappa2: Option<f64>, bars: Bars) -> Self {
        Self {
            ln_limit: limit.ln_1p(),
            kappa2,
            bars,
            purse: Purse::new(PARTS),
            mirror: Mirror::new(),
            course: Course::default(),
            canary: Pool::default(),
            baseline: Pool::default(),
            first_block: true,
        }
    }

    pub fn look(&mut self, stake: Stake, minute: &CleanMinute) -> GateLook {
        if stake.first {
            (self.canary, self.baseline) = (Pool::default(), Pool::default());
            self.first_block = true;
        }
        self.canary.add(&minute.canary);
        self.baseline.add(&minute.baseline);
        let cap = self.bars.cap_of_block(self.first_block);
        let block = if minute.full { None } else { self.block() };
        let (worse, better) = match block {
            Some((over, variance)) => (Some(slower(over, variance)), Some(faster(over, variance))),
            None => (None, None),
        };
        self.purse.settle(stake, worse, cap);
        self.mirror.settle(stake.first, better);
        self.course.enter(stake.first, minute.canary.mean.map_or(0.0, |_| minute.canary.calls));
        finish(&self.purse, &self.mirror, &mut self.course, &self.bars)
    }

    /// Closes the block if it is full. Returns the log ratio over the limit, and its variance.
    fn block(&mut self) -> Option<(f64, f64)> {
        if self.canary.calls < BLOCK || self.baseline.calls < BLOCK {
            return None;
        }
        let over = self.canary.ln_mean() - self.baseline.ln_mean() - self.ln_limit;
        let variance = variance(self.kappa2, self.canary.calls, self.baseline.calls);
        (self.canary, self.baseline) = (Pool::default(), Pool::default());
        self.first_block = false;
        Some((over, variance))
    }
}

fn slower(over: f64, variance: f64) -> [f64; 6] {
    let size = SLOWER.map(|bet| bet * (over - bet / 2.0) / variance);
    let often = OFTEN.map(|bet| (if over > 0.0 { 2.0 * bet } else { 2.0 - 2.0 * bet }).ln());
    [size[0], size[1], size[2], size[3], often[0], often[1]]
}

fn faster(over: f64, variance: f64) -> [f64; 4] {
    SLOWER.map(|bet| -bet * (over + bet / 2.0) / variance)
}

/// Returns the variance of the log ratio of two means.
pub(super) fn variance(kappa2: Option<f64>, canary: f64, baseline: f64) -> f64 {
    let scatter = kappa2.unwrap_or(UNKNOWN_KAPPA2) * (1.0 / canary + 1.0 / baseline);
    scatter.max(LEAST_SIGMA * LEAST_SIGMA)
}
