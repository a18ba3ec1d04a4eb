//! Gates: whether the canary of a rollout is bad, proven good enough, or neither.
//!
//! Each gate keeps two purses of evidence. The one against the canary can be expected to gain only
//! if the canary is worse than the rule allows, so that it ever reaches 1/α with a probability of at
//! most α, however often one looks; the one for the canary is its mirror image. Every look is a pure
//! function of the series, the boundaries of the steps and the settings: nothing is stored, and a
//! resumed rollout judges as one that was never interrupted (`docs/en/gates.md`).
//!
//! ```text
//! judge(history, settled minutes, settings) -> Judgement { verdict, evidence, numbers }
//! ```

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
pub use rule::{Confidence, Dispersion, GateRule, RuleError, RuleKind};

pub use minute::{SettledMinute, Side, Verdict};

/// How a rollout is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct GateSettings {
    /// The gates. Empty only where commands judge alone: then every look passes here.
    pub rules: Vec<GateRule>,
    /// How sure a failure must be, for all gates and functions together.
    pub confidence: Confidence,
    /// In place of the dispersion that the history gives.
    pub dispersion: Option<Dispersion>,
    /// Canary calls in a step before it can pass or move on.
    pub min_invocations: u64,
    /// Functions that are rolled out together and share α, at least 1.
    pub functions: usize,
    /// Numbers in place of what the settings and the history give.
    pub assume: Assume,
}

/// Canary calls in a step before it can pass or move on, unless the user says otherwise.
pub const MIN_INVOCATIONS: u64 = 50;

/// Minutes of history that count.
pub const HISTORY_MINUTES: usize = 60;

/// Settled minutes of a step before it can pass.
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

/// Numbers in place of what the settings and the history would give, so that a past decision can
/// be repeated to the digit. `None`: not assumed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Assume {
    /// α of each gate, not shared out any more.
    pub alpha: Option<f64>,
    /// β of each gate.
    pub beta: Option<f64>,
    /// Canary calls in a step before it can pass.
    pub min_invocations: Option<f64>,
    /// Dispersion of the errors.
    pub dispersion: Option<f64>,
    /// Limit at 100 %; `Some(None)`: none is known.
    pub frozen_limit: Option<Option<f64>>,
    /// Squared coefficient of variation of one call's duration; `Some(None)`: unknown, so that 4
    /// is used.
    pub kappa2: Option<Option<f64>>,
}

#[cfg(test)]
mod tests;
