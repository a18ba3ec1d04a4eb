//! Wald's bound: how many minutes any rule with that α needs on average.

use crate::world::{DELAY, LENGTH, share_at};

/// Canary's limit: `ratio` times the baseline's rate plus `plus`.
#[derive(Clone, Copy)]
pub struct Limit {
    pub ratio: f64,
    pub plus: f64,
}

impl Limit {
    pub const DEFAULT: Self = Self { ratio: 1.1, plus: 0.0005 };

    pub fn at(self, base: f64) -> f64 {
        self.ratio * base + self.plus
    }
}

/// Minutes until the way back takes effect and canary calls until then.
#[derive(Clone, Copy)]
pub struct Cost {
    pub minutes: f64,
    pub calls: f64,
}

/// The bound in the schedule of the benchmark; `None` when the rollout ends before.
pub fn in_the_schedule(rate: f64, alpha: f64, growth: impl Fn(f64, f64) -> f64) -> Option<Cost> {
    let (mut evidence, needed) = (0.0, -alpha.ln());
    for minute in 1..=LENGTH - DELAY {
        let share = share_at(minute);
        evidence += growth(rate * share, rate * (1.0 - share));
        if evidence >= needed {
            let effect = minute + DELAY;
            let calls = (1..=effect).map(|minute| rate * share_at(minute)).sum();
            return Some(Cost { minutes: effect as f64, calls });
        }
    }
    None
}

/// Evidence of a minute when the baseline's rate is known beforehand.
pub fn known(base: f64, canary: f64, limit: Limit) -> impl Fn(f64, f64) -> f64 {
    move |calls, _| calls * divergence(canary, limit.at(base))
}

/// Evidence of a minute when that rate must be learnt from the minute itself: the least over what
/// it could be.
pub fn pair(base: f64, canary: f64, limit: Limit) -> impl Fn(f64, f64) -> f64 {
    move |calls, others| {
        if others <= 0.0 {
            return 0.0;
        }
        let at = |rate: f64| {
            calls * divergence(canary, limit.at(rate)) + others * divergence(base, rate)
        };
        // Convex in the rate.
        let (mut low, mut high) = (0.0, (1.0 - limit.plus) / limit.ratio);
        for _ in 0..200 {
            let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if at(left) <= at(right) { high = right } else { low = left }
        }
        at(f64::midpoint(low, high))
    }
}

/// Kullback-Leibler divergence of two coins.
fn divergence(true_rate: f64, other: f64) -> f64 {
    let part = |one: f64, two: f64| if one <= 0.0 { 0.0 } else { one * (one / two).ln() };
    part(true_rate, other) + part(1.0 - true_rate, 1.0 - other)
}
