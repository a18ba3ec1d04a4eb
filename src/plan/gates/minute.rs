//! Input and output of a look: the monitor's minutes and a verdict.

/// One version's data of one minute.
///
/// Counts may be fractions, as the monitor's are. Values that cannot be measurements (negative,
/// NaN, infinite) count as missing; errors are capped at the calls.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Side {
    /// Calls, including failed ones.
    pub calls: f64,
    /// Failed calls; 0 where the monitor has calls but no errors.
    pub errors: f64,
    /// Mean duration in milliseconds.
    pub mean_ms: Option<f64>,
    /// Throttled calls, which are not part of `calls`.
    pub throttled: f64,
}

/// One settled minute of a rollout.
///
/// [`super::judge`] takes settled minutes only, in order and without gaps, because stakes follow
/// the clock: a minute without data has `None` on both sides. A minute in which the weights changed
/// too late to count is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SettledMinute {
    /// Step of the schedule, from 0.
    pub step: usize,
    /// Whether the canary serves everything, so that there is nothing to compare with.
    pub full: bool,
    /// The version that served before; `None` without data.
    pub baseline: Option<Side>,
    /// The version that is rolled out; `None` without data.
    pub canary: Option<Side>,
}

/// Result of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Proven worse than allowed. Final once reached.
    Fail,
    /// Proven good enough in this step so far. Has to hold at the time it is used.
    Pass,
    /// Neither proven.
    Inconclusive,
}

impl Verdict {
    /// Returns `F`, `P` or `I`, as in machine-readable results.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Fail => 'F',
            Self::Pass => 'P',
            Self::Inconclusive => 'I',
        }
    }
}
