//! Evidence of one minute about error rates, and its guarantee.
//!
//! Each increment ℓ has E exp ℓ ≤ 1 for every canary within its limit, whatever the baseline's rate
//! is in that minute.

/// Bets on the ratio of the canary's rate to its limit, with their logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bets<const N: usize> {
    at: [f64; N],
    ln: [f64; N],
}

/// Bets against the canary.
pub(super) type Worse = Bets<4>;
/// Bets for the canary.
pub(super) type Better = Bets<5>;

impl Worse {
    pub fn worse() -> Self {
        Self::of([1.25, 2.0, 6.0, 1000.0])
    }
}

impl Better {
    pub fn better() -> Self {
        Self::of([0.0, 0.2, 0.5, 0.75, 0.9])
    }
}

impl<const N: usize> Bets<N> {
    fn of(at: [f64; N]) -> Self {
        Self { at, ln: at.map(f64::ln) }
    }

    /// Returns ln(1 + limit·(bet - 1)) of each bet: what one call costs it.
    fn costs(&self, limit: f64) -> [f64; N] {
        self.at.map(|bet| (limit * (bet - 1.0)).ln_1p())
    }
}

/// Bets against a fixed limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limited<const N: usize> {
    bets: Bets<N>,
    costs: [f64; N],
}

impl<const N: usize> Limited<N> {
    pub fn new(bets: Bets<N>, limit: f64) -> Self {
        Self { bets, costs: bets.costs(limit) }
    }

    /// Returns the log increments of one minute, or `None` without canary calls.
    pub fn increments(&self, counts: &Counts) -> Option<[f64; N]> {
        (counts.canary > 0.0).then(|| {
            std::array::from_fn(|index| {
                won(counts.canary_errors, self.bets.ln[index]) - counts.canary * self.costs[index]
            })
        })
    }
}

/// Counts of one minute, divided by the dispersion.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub canary: f64,
    pub canary_errors: f64,
    pub baseline: f64,
    pub baseline_errors: f64,
}

/// Bets on the canary's rate against `ratio` times the baseline's rate plus `plus`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Compared<const N: usize> {
    bets: Bets<N>,
    ratio: f64,
    plus: f64,
}

impl<const N: usize> Compared<N> {
    pub fn new(bets: Bets<N>, ratio: f64, plus: f64) -> Self {
        Self { bets, ratio, plus }
    }

    /// Returns the log increments of one minute, or `None` when a version had no calls, or when no
    /// extra errors are allowed and none occurred.
    pub fn increments(&self, counts: &Counts) -> Option<[f64; N]> {
        let Self { bets, ratio, plus } = self;
        let Counts { canary, canary_errors, baseline, baseline_errors } = *counts;
        let silent = canary <= 0.0 || baseline <= 0.0;
        if silent || (*plus <= 0.0 && canary_errors <= 0.0 && baseline_errors <= 0.0) {
            return None;
        }
        let both = ratio * canary + baseline;
        let share = ratio * canary / both;
        Some(std::array::from_fn(|index| {
            let bet = bets.at[index];
            let weighted = baseline + bet * ratio * canary;
            let more = share * (bet - 1.0);
            // Where the baseline has almost no calls, `more` is close to -1 and has lost its
            // digits.
            let ln_mean = if more > -0.5 { more.ln_1p() } else { (weighted / both).ln() };
            won(canary_errors, bets.ln[index] - ln_mean)
                - baseline_errors * ln_mean
                - plus * canary * (bet - 1.0) * baseline / weighted
        }))
    }
}

/// Returns `errors * log`, or 0 without errors even for the bet on rate 0, whose log is -∞.
fn won(errors: f64, log: f64) -> f64 {
    if errors <= 0.0 { 0.0 } else { errors * log }
}
