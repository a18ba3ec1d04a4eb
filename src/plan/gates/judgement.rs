//! A look at everything that has settled.

use super::duration::Durations;
use super::errors::{Absolute, GateLook, Relative};
use super::history::{dispersion, frozen_limit, kappa2};
use super::purse::{Bars, Stake, Stakes};
use super::rule::{GateRule, number};
use super::series::CleanMinute;
use super::throttles::Throttles;
use super::{GateSettings, SettledMinute, Side, Verdict};

/// A purse above 1 by less than this is 1: it is what rounding leaves of nothing.
const ROUNDING: f64 = 1e-9;

/// What all gates say after each minute, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The gates, in the order of the rules.
    pub gates: Vec<GateJudgement>,
    /// All gates together after each minute: any failure fails, all passes pass.
    pub verdicts: Vec<Verdict>,
    /// The numbers that were really used, computed or assumed.
    pub used: UsedNumbers,
    /// What was measured in each step that has a settled minute, in the order of the minutes.
    pub steps: Vec<StepCounts>,
}

/// What one gate says after each minute.
#[derive(Debug, Clone, PartialEq)]
pub struct GateJudgement {
    /// Its rule.
    pub rule: GateRule,
    /// Logarithm of the purse against the canary after each minute. Fails at ln(1/α).
    pub log_e_fail: Vec<f64>,
    /// Logarithm of the purse for the canary after each minute, fresh in each step. Passes at
    /// ln(1/β). 0 for a budget, which has none.
    pub log_e_pass: Vec<f64>,
    /// Its verdict after each minute.
    pub verdicts: Vec<Verdict>,
    pub(super) machine: Machine,
    pub(super) stakes: Stakes,
}

/// The numbers that were really used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UsedNumbers {
    /// α of each gate.
    pub alpha: f64,
    /// β of each gate.
    pub beta: f64,
    /// Canary calls in a step before it can pass.
    pub min_invocations: f64,
    /// By which all counts of errors are divided, from 1 up.
    pub dispersion: f64,
    /// Limit of `max-error-rate-increase` at 100 %, as of the last minute before. `None`: no such
    /// rule, or no history.
    pub frozen_limit: Option<f64>,
    /// Squared coefficient of variation of one call's duration. `None`: unknown, 4 is used.
    pub kappa2: Option<f64>,
}

/// What was measured in a step's settled minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StepCounts {
    /// The step, from 0.
    pub step: usize,
    /// Whether the canary has everything.
    pub full: bool,
    /// Settled minutes.
    pub minutes: usize,
    /// The version that serves the rest.
    pub baseline: SideCounts,
    /// The version that is rolled out.
    pub canary: SideCounts,
}

/// Sums over the minutes of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SideCounts {
    /// Calls, the failed ones included.
    pub calls: f64,
    /// Failed calls.
    pub errors: f64,
    /// Calls refused by limits.
    pub throttled: f64,
    /// Mean duration of a call in milliseconds, as far as the points have one.
    pub mean_ms: Option<f64>,
    /// Calls that the mean is of.
    pub timed: f64,
}

/// The state of one gate, whichever it is.
// A handful of them, each for as long as one look.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Machine {
    Relative(Relative),
    Absolute(Absolute),
    Durations(Durations),
    Throttles(Throttles),
}

impl Machine {
    fn of(rule: &GateRule, used: &UsedNumbers) -> Self {
        let bars =
            Bars { fail: -used.alpha.ln(), pass: -used.beta.ln(), calls: used.min_invocations };
        match rule {
            GateRule::MaxErrorRateIncrease { ratio, plus } => {
                let (ratio, plus) = (number(*ratio), number(*plus));
                let frozen = used.frozen_limit;
                Self::Relative(Relative::new(ratio, plus, used.dispersion, frozen, bars))
            }
            GateRule::MaxErrorRate(limit) => {
                Self::Absolute(Absolute::new(number(*limit), used.dispersion, bars))
            }
            GateRule::MaxDurationIncrease(limit) => {
                Self::Durations(Durations::new(number(*limit), used.kappa2, bars))
            }
            // Nine digits at most.
            #[allow(clippy::cast_precision_loss)]
            GateRule::MaxThrottles(budget) => {
                Self::Throttles(Throttles::new(*budget as f64, used.dispersion, bars))
            }
        }
    }

    pub fn look(&mut self, stake: Stake, minute: &CleanMinute) -> GateLook {
        match self {
            Self::Relative(gate) => gate.look(stake, minute),
            Self::Absolute(gate) => gate.look(stake, minute),
            Self::Durations(gate) => gate.look(stake, minute),
            Self::Throttles(gate) => gate.look(stake, minute),
        }
    }

    /// Whether a purse above 1 speaks against the canary: within a budget it does not.
    fn counts(&self) -> bool {
        match self {
            Self::Throttles(gate) => gate.over(),
            Self::Relative(_) | Self::Absolute(_) | Self::Durations(_) => true,
        }
    }
}

impl UsedNumbers {
    fn of(history: &[Option<Side>], minutes: &[SettledMinute], settings: &GateSettings) -> Self {
        let assume = &settings.assume;
        let alpha = assume.alpha.unwrap_or_else(|| share(settings));
        let given = settings.dispersion.map(super::Dispersion::factor);
        let dispersion =
            assume.dispersion.or(given).unwrap_or_else(|| dispersion(history)).max(1.0);
        let relative = settings.rules.iter().find_map(|rule| match rule {
            GateRule::MaxErrorRateIncrease { ratio, plus } => Some((number(*ratio), number(*plus))),
            GateRule::MaxErrorRate(_)
            | GateRule::MaxDurationIncrease(_)
            | GateRule::MaxThrottles(_) => None,
        });
        let frozen = || {
            let (ratio, plus) = relative?;
            let compared = minutes.iter().take_while(|minute| !minute.full);
            let baseline: Vec<_> = compared.map(|minute| minute.baseline).collect();
            frozen_limit(history, &baseline, dispersion, ratio, plus)
        };
        // Nobody asks for 2^53 calls.
        #[allow(clippy::cast_precision_loss)]
        let min_invocations = settings.min_invocations as f64;
        Self {
            alpha,
            beta: assume.beta.unwrap_or_else(|| (5.0 * alpha).min(0.05)),
            min_invocations: assume.min_invocations.unwrap_or(min_invocations),
            dispersion,
            frozen_limit: assume.frozen_limit.unwrap_or_else(frozen),
            kappa2: assume.kappa2.unwrap_or_else(|| kappa2(history)),
        }
    }
}

/// The part of α that each gate of each function has.
// A count of gates and functions.
#[allow(clippy::cast_precision_loss)]
fn share(settings: &GateSettings) -> f64 {
    let purses = settings.rules.len().max(1) as f64 * settings.functions.max(1) as f64;
    settings.confidence.alpha() / purses
}

/// Judges a rollout by its settled minutes.
///
/// `history`: the baseline's minutes before the rollout, oldest first, without gaps (`None` for a
/// minute without a point); the last 60 count. `minutes`: see [`SettledMinute`]. Whatever the numbers
/// are, this returns.
#[must_use]
pub fn judge(
    history: &[Option<Side>],
    minutes: &[SettledMinute],
    settings: &GateSettings,
) -> Judgement {
    let used = UsedNumbers::of(history, minutes, settings);
    let mut gates: Vec<GateJudgement> = settings
        .rules
        .iter()
        .map(|rule| GateJudgement {
            rule: *rule,
            log_e_fail: Vec::with_capacity(minutes.len()),
            log_e_pass: Vec::with_capacity(minutes.len()),
            verdicts: Vec::with_capacity(minutes.len()),
            machine: Machine::of(rule, &used),
            stakes: Stakes::new(),
        })
        .collect();
    let mut stakes = Stakes::new();
    let mut steps: Vec<StepCounts> = Vec::new();
    let mut verdicts = Vec::with_capacity(minutes.len());
    for minute in minutes {
        let minute = CleanMinute::of(minute);
        let stake = stakes.next(minute.step);
        if stake.first {
            steps.push(StepCounts { step: minute.step, ..StepCounts::default() });
        }
        if let Some(counts) = steps.last_mut() {
            counts.add(&minute);
        }
        for gate in &mut gates {
            let look = gate.machine.look(stake, &minute);
            gate.log_e_fail.push(look.log_e_fail);
            gate.log_e_pass.push(look.log_e_pass);
            gate.verdicts.push(look.verdict);
        }
        verdicts.push(together(gates.iter().filter_map(|gate| gate.verdicts.last().copied())));
    }
    for gate in &mut gates {
        gate.stakes = stakes.clone();
    }
    Judgement { gates, verdicts, used, steps }
}

/// Returns the verdict of several: any failure fails, all passes pass; none at all pass.
pub fn together(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut all = Verdict::Pass;
    for verdict in verdicts {
        match verdict {
            Verdict::Fail => return Verdict::Fail,
            Verdict::Inconclusive => all = Verdict::Inconclusive,
            Verdict::Pass => {}
        }
    }
    all
}

impl Judgement {
    /// The verdict on a step (from 0) now: a failure of any step, or what the last minute says if
    /// it is one of this step. A step without a settled minute is inconclusive.
    #[must_use]
    pub fn verdict(&self, step: usize) -> Verdict {
        match self.verdicts.last() {
            Some(Verdict::Fail) => Verdict::Fail,
            Some(verdict) if self.current().is_some_and(|counts| counts.step == step) => *verdict,
            _ => Verdict::Inconclusive,
        }
    }

    /// The first minute that failed, counted from 1.
    #[must_use]
    pub fn failed_at(&self) -> Option<usize> {
        self.verdicts.iter().position(|verdict| *verdict == Verdict::Fail).map(|index| index + 1)
    }

    /// Whether a purse against the canary stands above 1, so that time alone must not move a step
    /// on. A budget that is not used up says nothing.
    #[must_use]
    pub fn leans_against(&self) -> bool {
        self.gates.iter().any(|gate| gate.machine.counts() && gate.leans_against())
    }

    /// What was measured in a step (from 0); nothing when it has no settled minute.
    #[must_use]
    pub fn step(&self, step: usize) -> StepCounts {
        let found = self.steps.iter().rev().find(|counts| counts.step == step);
        found.copied().unwrap_or(StepCounts { step, ..StepCounts::default() })
    }

    /// Whether too little was measured in a step to move on: fewer canary calls than asked for, or
    /// nothing of the baseline to compare them with.
    #[must_use]
    pub fn lacks_data(&self, step: usize) -> bool {
        let counts = self.step(step);
        counts.minutes == 0
            || counts.canary.calls < self.used.min_invocations
            || (!counts.full && counts.baseline.calls <= 0.0)
    }

    pub(super) fn current(&self) -> Option<StepCounts> {
        self.steps.last().copied()
    }
}

impl GateJudgement {
    /// The verdict after the last minute.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdicts.last().copied().unwrap_or(Verdict::Inconclusive)
    }

    /// Whether its purse against the canary stands above 1.
    #[must_use]
    pub fn leans_against(&self) -> bool {
        self.log_e_fail.last().is_some_and(|log| *log > ROUNDING)
    }
}

impl StepCounts {
    fn add(&mut self, minute: &CleanMinute) {
        self.minutes += 1;
        self.full = minute.full;
        self.baseline.add(&minute.baseline);
        self.canary.add(&minute.canary);
    }
}

impl SideCounts {
    fn add(&mut self, point: &super::series::Point) {
        self.calls += point.calls;
        self.errors += point.errors;
        self.throttled += point.throttled;
        if let Some(mean) = point.mean {
            let sum = self.mean_ms.unwrap_or(0.0) * self.timed + mean * point.calls;
            self.timed += point.calls;
            self.mean_ms = Some(sum / self.timed);
        }
    }
}
