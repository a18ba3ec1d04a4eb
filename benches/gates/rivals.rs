//! The rules that are compared: ours, and those of other tools as their documentation has them.
//!
//! Each says the minute, counted from 1, whose data make it go back. None but ours looks at the
//! baseline except Kayenta's.

use scfctl::plan::gates::{GateRule, GateSettings, RuleKind, Side, judge};

use crate::world::Rollout;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rival {
    /// The default gate.
    Scfctl,
    /// `--max-error-rate-increase 1x`.
    Strict,
    /// The default gate and `--max-error-rate` of twice the base, 2 % at least.
    WithLimit,
    /// `--max-error-rate 2%` alone.
    Limit,
    /// Success of 99 % each minute, back at the 10th failed check; no data is a failed check.
    FlaggerDocs,
    /// The same with the threshold's default, 1.
    FlaggerUnset,
    /// Success of 95 % every 5 minutes, back at the 4th failure.
    ArgoDocs,
    /// The limit of failures left at its default, 0; here 99 % each minute.
    ArgoUnset,
    /// `CodeDeploy` under SAM with the alarm of its guide: errors in two minutes in a row.
    Sam,
    /// Mann-Whitney, 98 % interval beyond a quarter of the estimate, every 10 minutes on the step.
    Kayenta,
}

impl Rival {
    pub fn name(self) -> &'static str {
        match self {
            Self::Scfctl => "scfctl",
            Self::Strict => "1x",
            Self::WithLimit => "+ limit",
            Self::Limit => "limit 2 %",
            Self::FlaggerDocs => "Flagger docs",
            Self::FlaggerUnset => "Flagger unset",
            Self::ArgoDocs => "Argo docs",
            Self::ArgoUnset => "Argo unset",
            Self::Sam => "SAM alarm",
            Self::Kayenta => "Kayenta",
        }
    }

    /// The minute whose data make it go back.
    pub fn fails_at(self, rollout: &Rollout, base: f64) -> Option<usize> {
        let canary = || rollout.minutes.iter().map(|minute| minute.canary);
        match self {
            Self::Scfctl => ours(rollout, vec![GateRule::default()]),
            Self::Strict => ours(rollout, vec![rule(RuleKind::MaxErrorRateIncrease, "1x")]),
            Self::WithLimit => {
                let percent = (200.0 * base).max(2.0).round();
                let limit = rule(RuleKind::MaxErrorRate, &format!("{percent}%"));
                ours(rollout, vec![GateRule::default(), limit])
            }
            Self::Limit => ours(rollout, vec![rule(RuleKind::MaxErrorRate, "2%")]),
            Self::FlaggerDocs => nth(canary().map(|point| !succeeds(point, 0.99)), 10),
            Self::FlaggerUnset => nth(canary().map(|point| !succeeds(point, 0.99)), 1),
            Self::ArgoUnset => {
                nth(canary().map(|point| point.is_some() && !succeeds(point, 0.99)), 1)
            }
            Self::ArgoDocs => argo_docs(rollout),
            Self::Sam => sam(rollout),
            Self::Kayenta => kayenta(rollout),
        }
    }
}

pub fn rule(kind: RuleKind, text: &str) -> GateRule {
    GateRule::parse(kind, text).expect("a rule of the benchmark")
}

fn ours(rollout: &Rollout, rules: Vec<GateRule>) -> Option<usize> {
    let settings = GateSettings { rules, ..GateSettings::default() };
    judge(&rollout.history, &rollout.minutes, &settings).failed_at()
}

fn succeeds(point: Option<Side>, share: f64) -> bool {
    point.is_some_and(|side| side.calls - side.errors >= share * side.calls)
}

/// When it is true for the n-th time.
fn nth(mut bad: impl Iterator<Item = bool>, n: usize) -> Option<usize> {
    let mut times = 0;
    bad.position(|bad| {
        times += usize::from(bad);
        times == n
    })
    .map(|index| index + 1)
}

fn argo_docs(rollout: &Rollout) -> Option<usize> {
    const EVERY: usize = 5;
    let failed = rollout.minutes.chunks(EVERY).map(|minutes| {
        let (calls, errors) = minutes
            .iter()
            .filter_map(|minute| minute.canary)
            .fold((0.0, 0.0), |(calls, errors), side| (calls + side.calls, errors + side.errors));
        calls > 0.0 && calls - errors < 0.95 * calls
    });
    nth(failed, 4).map(|window| window * EVERY)
}

fn sam(rollout: &Rollout) -> Option<usize> {
    let mut row = 0;
    let at = rollout.minutes.iter().position(|minute| {
        row = if minute.canary.is_some_and(|side| side.errors > 0.0) { row + 1 } else { 0 };
        row == 2
    });
    at.map(|index| index + 1)
}

fn kayenta(rollout: &Rollout) -> Option<usize> {
    const EVERY: usize = 10;
    (1..=rollout.minutes.len() / EVERY).map(|judged| judged * EVERY).find(|end| {
        let last = rollout.minutes[end - 1];
        let rates = |of: fn(&scfctl::plan::gates::SettledMinute) -> Option<Side>| -> Vec<f64> {
            let step = rollout.minutes[..*end].iter().filter(|minute| minute.step == last.step);
            step.filter_map(of).map(|side| side.errors / side.calls).collect()
        };
        is_high(&rates(|minute| minute.canary), &rates(|minute| minute.baseline))
    })
}

/// Whether the interval of the shift lies above a quarter of its estimate.
fn is_high(canary: &[f64], baseline: &[f64]) -> bool {
    // 99th percentile of a normal variable: an interval of 98 %.
    const NORMAL: f64 = 2.326_347_874_040_841;
    if canary.len() < 2 || baseline.len() < 2 {
        return false;
    }
    let mut shifts: Vec<f64> =
        canary.iter().flat_map(|one| baseline.iter().map(move |other| one - other)).collect();
    shifts.sort_by(f64::total_cmp);
    let (m, n) = (canary.len() as f64, baseline.len() as f64);
    // Ties make the ranks tell less.
    let mut all: Vec<f64> = canary.iter().chain(baseline).copied().collect();
    all.sort_by(f64::total_cmp);
    // The same counts give the very same number.
    #[allow(clippy::float_cmp)]
    let ties: f64 = all
        .chunk_by(|one, other| one == other)
        .map(|tied| (tied.len() as f64).powi(3) - tied.len() as f64)
        .sum();
    let total = m + n;
    let variance = m * n / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    let rank = (m * n / 2.0 - NORMAL * variance.max(0.0).sqrt()).floor().max(0.0) as usize;
    let middle = shifts.len() / 2;
    let estimate = if shifts.len().is_multiple_of(2) {
        f64::midpoint(shifts[middle - 1], shifts[middle])
    } else {
        shifts[middle]
    };
    shifts[rank.min(shifts.len() - 1)] > 0.25 * estimate.abs()
}
