//! What the monitor has of a minute, and what a look says.

/// What the monitor has of one version in one minute.
///
/// Counts may be fractions, as the monitor's are. What cannot be a measurement (negative, not a
/// number, infinite) counts as no point; errors above the calls are cut to the calls.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Side {
    /// Calls, the failed ones included.
    pub calls: f64,
    /// Failed calls. A missing point of errors beside a point of calls is 0.
    pub errors: f64,
    /// Mean duration of a call in milliseconds.
    pub mean_ms: Option<f64>,
    /// Calls refused by limits; they are not among `calls`.
    pub throttled: f64,
}

/// One settled minute of a rollout.
///
/// Only settled minutes are given to [`super::judge`], in order and without gaps: a minute without data
/// is a minute with `None` on both sides, because the stakes follow the clock. A minute in which
/// the weights changed too late to count is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SettledMinute {
    /// The step of the schedule it belongs to, from 0.
    pub step: usize,
    /// Whether the canary has everything, so that there is nothing to compare with.
    pub full: bool,
    /// The version that served before. `None`: no point.
    pub baseline: Option<Side>,
    /// The version that is rolled out. `None`: no point.
    pub canary: Option<Side>,
}

/// What one look says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Proven worse than allowed. Stays, once reached.
    Fail,
    /// Proven good enough in this step so far. Must hold when it is used.
    Pass,
    /// Neither.
    Inconclusive,
}

impl Verdict {
    /// `F`, `P` or `I`, as results for programs have it.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Fail => 'F',
            Self::Pass => 'P',
            Self::Inconclusive => 'I',
        }
    }
}
