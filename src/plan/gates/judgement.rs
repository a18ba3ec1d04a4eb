//! Judges a rollout by all its settled minutes.

use super::duration::Durations;
use super::errors::{Absolute, GateLook, Relative};
use super::history::{dispersion, frozen_limit, kappa2};
use super::purse::{Bars, Stake, Stakes};
use super::rule::{GateRule, number};
use super::series::CleanMinute;
use super::throttles::Throttles;
use super::{GateSettings, SettledMinute, Side, Verdict};

/// Evidence that exceeds 1 by less than this is a rounding error.
const ROUNDING: f64 = 1e-9;

/// Results of all gates after each minute, with the numbers behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The gates, in the order of the rules.
    pub gates: Vec<GateJudgement>,
    /// Combined verdict after each minute: fails if any gate fails, passes if all pass.
    pub verdicts: Vec<Verdict>,
    /// The numbers that were used, whether computed or assumed.
    pub used: UsedNumbers,
    /// Measurements of each step that has a settled minute, in chronological order.
    pub steps: Vec<StepCounts>,
}

/// Results of one gate after each minute.
#[derive(Debug, Clone, PartialEq)]
pub struct GateJudgement {
    /// Its rule.
    pub rule: GateRule,
    /// Log evidence against the canary after each minute. The gate fails at ln(1/α).
    pub log_e_fail: Vec<f64>,
    /// Log evidence for the canary after each minute, reset in each step. The gate passes at
    /// ln(1/β). Always 0 for a budget.
    pub log_e_pass: Vec<f64>,
    /// Verdict after each minute.
    pub verdicts: Vec<Verdict>,
    pub(super) machine: Machine,
    pub(super) stakes: Stakes,
}

/// The numbers that were used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UsedNumbers {
    /// α of each gate.
    pub alpha: f64,
    /// β of each gate.
    pub beta: f64,
    /// Canary calls that a step needs before it can pass.
    pub min_invocations: f64,
    /// Divisor of all error counts, at least 1.
    pub dispersion: f64,
    /// Limit of `max-error-rate-increase` at 100 %, as of the last minute before. `None` without
    /// such a rule or without a history.
    pub frozen_limit: Option<f64>,
    /// Squared coefficient of variation of call durations. `None` means unknown; 4 is used.
    pub kappa2: Option<f64>,
}

/// Measurements of a step's settled minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StepCounts {
    /// The step, from 0.
    pub step: usize,
    /// Whether the canary serves everything.
    pub full: bool,
    /// Number of settled minutes.
    pub minutes: usize,
    /// The version that serves the rest.
    pub baseline: SideCounts,
    /// The version that is rolled out.
    pub canary: SideCounts,
}

/// Totals of one version over the minutes of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SideCounts {
    /// Calls, including failed ones.
    pub calls: f64,
    /// Failed calls.
    pub errors: f64,
    /// Throttled calls.
    pub throttled: f64,
    /// Mean duration in milliseconds over the points that have one.
    pub mean_ms: Option<f64>,
    /// Calls that the mean covers.
    pub timed: f64,
}

/// State of one gate.
// There are a handful of them, each living for one look.
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
            // At most nine digits.
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

    /// Returns whether evidence above 1 counts against the canary. Within a throttling budget it
    /// does not.
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
        // Counts stay far below 2^53.
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

/// Returns the α of each gate: that of the rollout, divided by gates and functions.
// A small number of gates and functions.
#[allow(clippy::cast_precision_loss)]
fn share(settings: &GateSettings) -> f64 {
    let purses = settings.rules.len().max(1) as f64 * settings.functions.max(1) as f64;
    settings.confidence.alpha() / purses
}

/// Judges a rollout by its settled minutes. Accepts any numbers.
///
/// `history` has the baseline's minutes before the rollout, oldest first and without gaps (`None`
/// for a minute without data); the last 60 are used. For `minutes` see [`SettledMinute`].
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

/// Combines verdicts: fails if any fails, passes if all pass. None at all pass.
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
    /// Returns the current verdict on a step (from 0).
    ///
    /// A failure in any step is final. Otherwise it is the last minute's verdict, or inconclusive
    /// if that minute belongs to another step.
    #[must_use]
    pub fn verdict(&self, step: usize) -> Verdict {
        match self.verdicts.last() {
            Some(Verdict::Fail) => Verdict::Fail,
            Some(verdict) if self.current().is_some_and(|counts| counts.step == step) => *verdict,
            _ => Verdict::Inconclusive,
        }
    }

    /// Returns the first minute that failed, counted from 1.
    #[must_use]
    pub fn failed_at(&self) -> Option<usize> {
        self.verdicts.iter().position(|verdict| *verdict == Verdict::Fail).map(|index| index + 1)
    }

    /// Returns whether evidence against the canary is above 1, so that time alone must not
    /// advance the step. A throttling budget that is not used up does not count.
    #[must_use]
    pub fn leans_against(&self) -> bool {
        self.gates.iter().any(|gate| gate.machine.counts() && gate.leans_against())
    }

    /// Returns the measurements of a step (from 0); zeros if it has no settled minute.
    #[must_use]
    pub fn step(&self, step: usize) -> StepCounts {
        let found = self.steps.iter().rev().find(|counts| counts.step == step);
        found.copied().unwrap_or(StepCounts { step, ..StepCounts::default() })
    }

    /// Returns whether a step has too little data to move on: too few canary calls, or no baseline
    /// calls to compare with.
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
    /// Returns the verdict after the last minute.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdicts.last().copied().unwrap_or(Verdict::Inconclusive)
    }

    /// Returns whether its evidence against the canary is above 1.
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
