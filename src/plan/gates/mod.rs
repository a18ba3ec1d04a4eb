//! Gates decide whether the canary of a rollout is bad, good enough, or neither yet.
//!
//! Each gate keeps two e-processes, here called purses: one against the canary and one for it. The
//! one against can be expected to grow only if the canary is worse than the rule allows, so it ever
//! reaches 1/α with a probability of at most α, however often it is looked at. The one for the
//! canary is its mirror image. Every look is a pure function of the series, the step boundaries and
//! the settings. Nothing is stored: a resumed rollout judges like one that was never interrupted
//! (`docs/en/gates.md`).
//!
//! ```text
//! judge(history, settled minutes, settings) -> Judgement { verdict, evidence, numbers }
//! ```

use std::collections::BTreeSet;

mod chance;
mod duration;
mod errors;
mod finding;
mod history;
mod judgement;
mod minute;
mod outlook;
mod purse;
mod recording;
mod rule;
mod series;
mod throttles;

pub use finding::{
    Estimate, Evidence, Finding, FindingRemark, Interval, Measured, figure, percentage,
    purse as evidence,
};
pub use history::{dispersion, frozen_limit, kappa2};
pub use judgement::{
    GateJudgement, Judgement, SideCounts, StepCounts, UsedNumbers, judge, together,
};
pub use outlook::{Need, Outlook, Same};
pub use recording::{Recording, ScenarioError, WantedField};
pub use rule::{Confidence, Dispersion, GateRule, Measure, RuleError, RuleKind};

pub use minute::{SettledMinute, Side, Verdict};

/// Settings of the gates of a rollout.
#[derive(Debug, Clone, PartialEq)]
pub struct GateSettings {
    /// The rules. Empty only where commands judge alone; then every look passes.
    pub rules: Vec<GateRule>,
    /// Confidence of a failure, over all gates and functions together.
    pub confidence: Confidence,
    /// Dispersion that overrides the one estimated from history.
    pub dispersion: Option<Dispersion>,
    /// Canary calls that a step needs before it can pass or move on.
    pub min_invocations: u64,
    /// Number of functions rolled out together, which share α; at least 1.
    pub functions: usize,
    /// Numbers that override the settings and the estimates from history.
    pub assume: Assume,
}

impl GateSettings {
    /// What the gates are judged by, beside calls.
    #[must_use]
    pub fn measures(&self) -> BTreeSet<Measure> {
        let mut measures = BTreeSet::new();
        for rule in &self.rules {
            measures.extend(rule.kind().measures());
        }
        measures
    }
}

/// Default of [`GateSettings::min_invocations`].
pub const MIN_INVOCATIONS: u64 = 50;

/// Minutes of history that are used.
pub const HISTORY_MINUTES: usize = 60;

/// Settled minutes that a step needs before it can pass.
pub const MIN_MINUTES: usize = 3;

impl Default for GateSettings {
    /// The default gate, `1.1x+0.05%` at 99 %.
    fn default() -> Self {
        Self {
            rules: vec![GateRule::default()],
            confidence: Confidence::default(),
            dispersion: None,
            min_invocations: MIN_INVOCATIONS,
            functions: 1,
            assume: Assume::default(),
        }
    }
}

/// Overrides for settings and estimates, so that a past decision can be reproduced exactly. `None`
/// means no override.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Assume {
    /// α of each gate, already divided.
    pub alpha: Option<f64>,
    /// β of each gate.
    pub beta: Option<f64>,
    /// Canary calls that a step needs before it can pass.
    pub min_invocations: Option<f64>,
    /// Dispersion of errors.
    pub dispersion: Option<f64>,
    /// Limit at 100 %; `Some(None)` means that none is known.
    pub frozen_limit: Option<Option<f64>>,
    /// Squared coefficient of variation of call durations; `Some(None)` means unknown, in which
    /// case 4 is used.
    pub kappa2: Option<Option<f64>>,
}

#[cfg(test)]
mod tests;
