//! The numbers behind a verdict, as shown to users.

use std::fmt;

use super::Verdict;
use super::duration::variance;
use super::judgement::{GateJudgement, Judgement, Machine, SideCounts, StepCounts, UsedNumbers};
use super::outlook::{Need, Outlook, Same};
use super::rule::GateRule;

/// Quantile of the standard normal distribution for a two-sided 95 % interval.
const WITHIN: f64 = 1.959_963_984_540_054;
/// Dispersion from which on it is worth mentioning.
const NOTABLE: f64 = 2.0;

/// Result of one gate in the current step.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its rule.
    pub rule: GateRule,
    /// Its verdict.
    pub verdict: Verdict,
    /// What was measured in the step.
    pub measured: Measured,
    /// Evidence against the canary; the gate fails when it suffices.
    pub against: Evidence,
    /// Evidence for the canary; the gate passes when it suffices. A budget has none.
    pub favour: Option<Evidence>,
    /// Remarks that qualify the numbers.
    pub remarks: Vec<FindingRemark>,
    /// What would change the verdict. `None` once it is decided, or without canary calls.
    pub outlook: Option<Outlook>,
}

/// Measurements of both versions in a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measured {
    /// Error rates.
    Errors {
        /// The version that is rolled out.
        canary: Estimate,
        /// The version before.
        baseline: Estimate,
    },
    /// Mean durations.
    Durations {
        /// Canary calls with a known duration.
        canary_calls: f64,
        /// Mean duration of the canary in milliseconds.
        canary_ms: Option<f64>,
        /// Baseline calls with a known duration.
        baseline_calls: f64,
        /// Mean duration of the baseline in milliseconds.
        baseline_ms: Option<f64>,
        /// The canary's mean divided by the baseline's.
        ratio: Option<Interval>,
    },
    /// Throttled calls.
    Throttles {
        /// Of the canary.
        canary: Estimate,
        /// Of the baseline.
        baseline: Estimate,
        /// Throttled canary calls allowed per step.
        budget: f64,
    },
}

/// A share of calls with its 95 % interval (Wilson, with counts divided by the dispersion).
///
/// The interval is informative only; the evidence decides.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Estimate {
    /// Number of calls. For throttles it includes the refused ones.
    pub calls: f64,
    /// Calls that failed or were throttled.
    pub bad: f64,
    /// Share of bad calls (0–1); `None` without calls.
    pub rate: Option<Interval>,
}

/// An estimate with its confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Evidence and its threshold, both as natural logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Logarithm of the evidence.
    pub log: f64,
    /// Value at which it decides.
    pub log_needed: f64,
}

/// A remark that qualifies a finding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FindingRemark {
    /// Errors are clustered; the gate is slower by this factor.
    Clumps(f64),
    /// The baseline was over the limit, too, in one of the last five minutes.
    BaselineOver,
    /// The canary serves everything and is compared with this earlier limit, which cannot
    /// distinguish an outage from a bad version.
    Frozen(f64),
    /// The canary serves everything, and there is nothing to compare it with.
    NothingToCompare,
    /// The baseline has no calls in this step.
    BaselineSilent,
    /// The canary has no calls in this step.
    CanarySilent,
    /// The budget is used up, but the baseline is throttled, too: a quota problem, not the
    /// version's.
    BothThrottled,
}

impl Judgement {
    /// Returns the findings of all gates in the current step, in the order of the rules.
    ///
    /// Empty before the first minute has settled.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let Some(counts) = self.current() else { return Vec::new() };
        self.gates.iter().map(|gate| Finding::of(gate, &counts, &self.used)).collect()
    }
}

impl Finding {
    pub(super) fn of(gate: &GateJudgement, counts: &StepCounts, used: &UsedNumbers) -> Self {
        let purse = |log: &[f64], share: f64| Evidence {
            log: log.last().copied().unwrap_or(0.0),
            log_needed: -share.ln(),
        };
        let budget = matches!(gate.machine, Machine::Throttles(_));
        Self {
            rule: gate.rule,
            verdict: gate.verdict(),
            measured: measured(gate, counts, used),
            against: purse(&gate.log_e_fail, used.alpha),
            favour: (!budget).then(|| purse(&gate.log_e_pass, used.beta)),
            remarks: remarks(gate, counts, used),
            outlook: Outlook::of(gate, counts),
        }
    }
}

fn measured(gate: &GateJudgement, counts: &StepCounts, used: &UsedNumbers) -> Measured {
    let StepCounts { canary, baseline, .. } = counts;
    match &gate.machine {
        Machine::Relative(_) | Machine::Absolute(_) => {
            let estimate =
                |side: &SideCounts| Estimate::of(side.errors, side.calls, used.dispersion);
            Measured::Errors { canary: estimate(canary), baseline: estimate(baseline) }
        }
        Machine::Durations(_) => Measured::Durations {
            canary_calls: canary.timed,
            canary_ms: canary.mean_ms,
            baseline_calls: baseline.timed,
            baseline_ms: baseline.mean_ms,
            ratio: ratio(canary, baseline, used.kappa2),
        },
        Machine::Throttles(throttles) => {
            let estimate = |side: &SideCounts| {
                let tried = side.calls + side.throttled;
                Estimate::of(side.throttled, tried, used.dispersion)
            };
            let (canary, baseline) = (estimate(canary), estimate(baseline));
            Measured::Throttles { canary, baseline, budget: throttles.budget }
        }
    }
}

fn ratio(canary: &SideCounts, baseline: &SideCounts, kappa2: Option<f64>) -> Option<Interval> {
    let (ours, theirs) = (canary.mean_ms?, baseline.mean_ms?);
    let wide = WITHIN * variance(kappa2, canary.timed, baseline.timed).sqrt();
    let value = ours / theirs;
    Some(Interval { value, low: value * (-wide).exp(), high: value * wide.exp() })
}

fn remarks(gate: &GateJudgement, counts: &StepCounts, used: &UsedNumbers) -> Vec<FindingRemark> {
    let mut remarks = Vec::new();
    let silent = |side: &SideCounts| side.calls + side.throttled <= 0.0;
    if silent(&counts.canary) {
        remarks.push(FindingRemark::CanarySilent);
    }
    let compares = match &gate.machine {
        Machine::Relative(gate) if counts.full => {
            remarks
                .push(gate.frozen.map_or(FindingRemark::NothingToCompare, FindingRemark::Frozen));
            false
        }
        Machine::Absolute(gate) => {
            if gate.baseline_over() {
                remarks.push(FindingRemark::BaselineOver);
            }
            false
        }
        Machine::Durations(_) | Machine::Throttles(_) if counts.full => {
            remarks.push(FindingRemark::NothingToCompare);
            false
        }
        Machine::Relative(_) | Machine::Durations(_) => true,
        Machine::Throttles(gate) => {
            let failed = gate.failed();
            if gate.over() && !failed && counts.baseline.throttled > 0.0 {
                remarks.push(FindingRemark::BothThrottled);
            }
            true
        }
    };
    if compares && silent(&counts.baseline) {
        remarks.push(FindingRemark::BaselineSilent);
    }
    if used.dispersion > NOTABLE && !matches!(gate.machine, Machine::Durations(_)) {
        remarks.push(FindingRemark::Clumps(used.dispersion));
    }
    remarks
}

impl Estimate {
    /// Estimates the share of `bad` among `calls`, clustered by `dispersion`.
    #[must_use]
    pub fn of(bad: f64, calls: f64, dispersion: f64) -> Self {
        let rate = (calls > 0.0).then(|| {
            let (share, count) = (bad / calls, calls / dispersion);
            let square = WITHIN * WITHIN;
            let spread = share * (1.0 - share) / count + square / (4.0 * count * count);
            let middle = share + square / (2.0 * count);
            let (wide, whole) = (WITHIN * spread.max(0.0).sqrt(), 1.0 + square / count);
            let end = |value: f64| (value / whole).clamp(0.0, 1.0);
            // Avoids rounding errors where an end is exactly 0 or 1.
            let low = if bad <= 0.0 { 0.0 } else { end(middle - wide) };
            let high = if bad >= calls { 1.0 } else { end(middle + wide) };
            Interval { value: share, low, high }
        });
        Self { calls, bad, rate }
    }
}

impl Evidence {
    /// Returns whether it reaches the threshold.
    #[must_use]
    pub fn suffices(&self) -> bool {
        self.log >= self.log_needed
    }
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

impl fmt::Display for Finding {
    /// Formats one line: rule, verdict, numbers, evidence, remarks, outlook.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}; {}", self.rule, self.verdict, self.measured)?;
        write!(formatter, "; evidence against it {}", self.against)?;
        if let Some(favour) = &self.favour {
            write!(formatter, ", for it {favour}")?;
        }
        for remark in &self.remarks {
            write!(formatter, "; {remark}")?;
        }
        if let Some(outlook) = self.outlook.filter(|outlook| !outlook.is_empty()) {
            write!(formatter, "; {outlook}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errors { canary, baseline } => {
                write!(formatter, "canary {canary} failed, baseline {baseline}")
            }
            Self::Durations { canary_calls, canary_ms, baseline_calls, baseline_ms, ratio } => {
                let side = |calls: &f64, mean: &Option<f64>| match mean {
                    Some(mean) => format!("{} ms over {} calls", figure(*mean), figure(*calls)),
                    None => "no duration".to_owned(),
                };
                write!(
                    formatter,
                    "canary {}, baseline {}",
                    side(canary_calls, canary_ms),
                    side(baseline_calls, baseline_ms)
                )?;
                match ratio {
                    Some(Interval { value, low, high }) => write!(
                        formatter,
                        ", {}x ({}-{}x)",
                        figure(*value),
                        figure(*low),
                        figure(*high)
                    ),
                    None => Ok(()),
                }
            }
            Self::Throttles { canary, baseline, budget } => write!(
                formatter,
                "canary {canary} throttled, {} allowed, baseline {baseline}",
                figure(*budget)
            ),
        }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Interval { value, low, high }) = self.rate else {
            return formatter.write_str("0 of 0");
        };
        write!(
            formatter,
            "{} of {} ({}, {}-{})",
            figure(self.bad),
            figure(self.calls),
            percentage(value),
            percentage(low),
            percentage(high)
        )
    }
}

impl fmt::Display for Evidence {
    /// Formats the evidence and its threshold: `2.81 of 100`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", purse(self.log), purse(self.log_needed))
    }
}

impl fmt::Display for FindingRemark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clumps(factor) => write!(
                formatter,
                "errors come in clumps (dispersion {}), which slows the gate by that factor",
                figure(*factor)
            ),
            Self::BaselineOver => formatter.write_str("the baseline is over the limit too"),
            Self::Frozen(limit) => write!(
                formatter,
                "the canary has everything and is held against {} from before, which cannot tell \
                 an outage from a bad version",
                percentage(*limit)
            ),
            Self::NothingToCompare => formatter
                .write_str("the canary has everything, so there is nothing to compare with"),
            Self::BaselineSilent => {
                formatter.write_str("the baseline has no calls, so there is no comparison")
            }
            Self::CanarySilent => formatter.write_str("the canary has no calls"),
            Self::BothThrottled => {
                formatter.write_str("both versions are throttled: a quota, not the version")
            }
        }
    }
}

impl Outlook {
    /// Returns whether there is nothing to report.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.failures.is_none() && self.clean.is_none() && self.same.is_none()
    }
}

impl fmt::Display for Outlook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(Need { calls, .. }) = self.failures {
            parts.push(format!("{} more failed calls would fail it", figure(calls.ceil())));
        }
        if let Some(Need { calls, .. }) = self.clean {
            let calls = figure(calls.ceil());
            parts.push(format!("{calls} more calls without an error would pass it"));
        }
        if let Some(Same { verdict, minutes }) = self.same {
            let unit = if minutes == 1 { "minute" } else { "minutes" };
            parts.push(format!("{minutes} more {unit} like these: {verdict}"));
        }
        formatter.write_str(&parts.join(", "))
    }
}

/// Formats a count or factor with as many digits as are meaningful: `105`, `2.5`, `0.06`.
#[must_use]
pub fn figure(value: f64) -> String {
    let places = match value.abs() {
        size if (size - size.round()).abs() < 1e-9 || size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.places$}")
}

/// Formats a share as a percentage: `6.7%`, `0.05%`, `0.0013%`.
#[must_use]
pub fn percentage(share: f64) -> String {
    let percent = share * 100.0;
    let places = match percent.abs() {
        size if size == 0.0 || size >= 99.95 => 0,
        size if size >= 1.0 => 1,
        size if size >= 0.01 => 2,
        _ => 4,
    };
    format!("{percent:.places$}%")
}

/// Formats evidence given as a logarithm: `0.77`, `107`, `10^9`.
#[must_use]
pub fn purse(log: f64) -> String {
    if log > 13.8 {
        format!("10^{:.0}", (log / std::f64::consts::LN_10).floor())
    } else {
        let whole = log.exp();
        if whole >= 10.0 { format!("{whole:.0}") } else { format!("{whole:.2}") }
    }
}
