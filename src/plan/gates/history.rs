//! Estimates from the baseline's hour before the rollout: clustering of errors, variation of
//! durations, and the normal error rate.

use super::duration::{BLOCK, Pool};
use super::series::{Point, clean};
use super::{HISTORY_MINUTES, Side};
use crate::order::Order as _;

/// Pairs of neighbouring minutes that an estimate needs.
const FEWEST_PAIRS: usize = 10;
/// Mean of a squared standard normal variable without its largest tenth.
const TRIMMED: f64 = 0.623;
/// Cap on one pair's surprise, so that a single outage does not blind the gate.
const MOST_SURPRISE: f64 = 50.0;
/// Cap on one pair's weight, in medians.
const MOST_WEIGHT: f64 = 4.0;
/// Minutes of the rollout's baseline that the frozen limit uses.
const LAST_MINUTES: usize = 20;
/// Upper bound of the frozen limit.
const MOST_FROZEN: f64 = 0.5;
/// Lower bound of the factor between a frozen rate and its limit.
const FROZEN_RATIO: f64 = 1.5;

/// Returns the dispersion of errors, or 1 if they are independent or the history is too short. Only
/// the last 60 minutes are used.
#[must_use]
pub fn dispersion(history: &[Option<Side>]) -> f64 {
    let points = points(history);
    let mut pairs = Vec::with_capacity(points.len());
    for pair in points.windows(2) {
        let (one, two) = (pair[0], pair[1]);
        if one.calls <= 0.0 || two.calls <= 0.0 {
            continue;
        }
        let errors = one.errors + two.errors;
        let rate = errors / (one.calls + two.calls);
        let variance = rate * (1.0 - rate) * (1.0 / one.calls + 1.0 / two.calls);
        let apart = one.errors / one.calls - two.errors / two.calls;
        pairs.push((errors, if variance > 0.0 { apart * apart / variance } else { 0.0 }));
    }
    let total: f64 = points.iter().map(|point| point.errors).sum();
    if pairs.len() < FEWEST_PAIRS || total <= 0.0 {
        return 1.0;
    }
    let always = trimmed(pairs.iter().map(|(_, surprise)| *surprise).collect());
    let heaviest = MOST_WEIGHT * median(pairs.iter().map(|(errors, _)| *errors));
    let (mut weights, mut bursts) = (0.0, 0.0);
    for (errors, surprise) in pairs {
        let weight = errors.min(heaviest);
        weights += weight;
        bursts += weight * surprise.min(MOST_SURPRISE);
    }
    let bursts = if weights > 0.0 { bursts / weights } else { 0.0 };
    always.max(bursts).max(1.0)
}

/// Returns the squared coefficient of variation of call durations, or `None` if the history is too
/// short. Only the last 60 minutes are used.
#[must_use]
pub fn kappa2(history: &[Option<Side>]) -> Option<f64> {
    let (mut blocks, mut block) = (Vec::new(), Pool::default());
    for point in points(history) {
        block.add(&point);
        if block.calls >= BLOCK {
            blocks.push(std::mem::take(&mut block));
        }
    }
    let scatter = |pair: &[Pool]| {
        let apart = pair[1].ln_mean() - pair[0].ln_mean();
        apart * apart / (1.0 / pair[0].calls + 1.0 / pair[1].calls)
    };
    let values: Vec<f64> = blocks.windows(2).map(scatter).collect();
    (values.len() >= FEWEST_PAIRS).then(|| trimmed(values))
}

/// Returns the limit on the canary's error rate at 100 %, or `None` without calls in the history.
///
/// It lies above the baseline's rate in its hour of history and in the rollout's last 20 minutes
/// with traffic. `rollout` has the baseline's minutes while it was compared.
#[must_use]
pub fn frozen_limit(
    history: &[Option<Side>],
    rollout: &[Option<Side>],
    dispersion: f64,
    ratio: f64,
    plus: f64,
) -> Option<f64> {
    let (calls, errors) = totals(points(history).into_iter());
    if calls <= 0.0 {
        return None;
    }
    let recent = rollout.iter().rev().map(|side| clean(*side)).filter(|point| point.calls > 0.0);
    let (recent_calls, recent_errors) = totals(recent.take(LAST_MINUTES));
    let recent = if recent_calls > 0.0 { recent_errors / recent_calls } else { 0.0 };
    let spread = (dispersion * errors + 1.36 * dispersion * dispersion).sqrt();
    // Upper bound at 99 %.
    let highest = (errors + 2.71 * dispersion + 2.33 * spread) / calls;
    Some((ratio.max(FROZEN_RATIO) * highest.max(recent) + plus).min(MOST_FROZEN))
}

fn points(history: &[Option<Side>]) -> Vec<Point> {
    let last = &history[history.len().saturating_sub(HISTORY_MINUTES)..];
    last.iter().map(|side| clean(*side)).collect()
}

fn totals(points: impl Iterator<Item = Point>) -> (f64, f64) {
    points.fold((0.0, 0.0), |(calls, errors), point| (calls + point.calls, errors + point.errors))
}

/// Returns the mean without the largest tenth, scaled so that squared standard normals give 1.
// Sixty values at most.
#[allow(clippy::cast_precision_loss)]
fn trimmed(mut values: Vec<f64>) -> f64 {
    values.order_by(f64::total_cmp);
    values.truncate(values.len() - values.len().div_ceil(10));
    values.iter().sum::<f64>() / values.len() as f64 / TRIMMED
}

/// Returns the median of the positive values, or 0 if there are none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.filter(|value| *value > 0.0).collect();
    values.order_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}
