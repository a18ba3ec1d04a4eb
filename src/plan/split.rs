//! Tests whether calls were split as an alias says, by exact confidence intervals.
//!
//! Of `n` calls, `k` went to a version. The interval is that of Clopper and Pearson: all shares `p`
//! for which neither `P(X ≥ k)` nor `P(X ≤ k)` of a binomial `X(n, p)` is below `(1 -
//! confidence)/2`. It is exact: the true share lies outside with a probability of at most `1 -
//! confidence`, so a correct split is rejected no more often than that. Calls whose version is
//! unknown may have gone to any version, so they widen the interval on both sides. With more than
//! two versions the intervals are widened by Bonferroni's inequality, so that the guarantee holds
//! for all of them together. A share of 0 or 1 needs no statistics: one call elsewhere refutes it.

/// A range of shares (0–1), both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShareInterval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How many calls a version answered, out of all calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// Calls that the version is known to have answered.
    pub hits: u64,
    /// Calls whose version is unknown.
    pub unknown: u64,
    /// All calls, including the unknown ones.
    pub calls: u64,
}

impl ShareInterval {
    /// Returns the shares that are consistent with the calls at this confidence (0–1, exclusive).
    ///
    /// Without calls, every share is.
    #[must_use]
    pub fn of(answered: Answered, confidence: f64) -> Self {
        let Answered { hits, unknown, calls } = answered;
        if calls == 0 {
            return Self { low: 0.0, high: 1.0 };
        }
        let tail = (1.0 - confidence) / 2.0;
        let low = if hits == 0 {
            0.0
        } else {
            // P(X >= hits) rises with the share.
            bisect(|share| 1.0 - at_most(hits - 1, calls, share) < tail).0
        };
        let most = hits.saturating_add(unknown);
        let high = if most >= calls {
            1.0
        } else {
            // P(X <= most) falls with the share.
            bisect(|share| at_most(most, calls, share) >= tail).1
        };
        Self { low, high }
    }

    /// Returns whether a share lies in the interval.
    #[must_use]
    pub fn has(&self, share: f64) -> bool {
        (self.low..=self.high).contains(&share)
    }
}

/// Returns the confidence each interval needs so that all versions together keep `confidence`.
#[must_use]
pub fn of_each(confidence: f64, versions: usize) -> f64 {
    // With two versions there is only one free share.
    let judged = if versions <= 2 { 1 } else { versions };
    1.0 - (1.0 - confidence) / real(judged as u64)
}

/// Returns bounds on where a predicate turns from true to false as the share grows.
fn bisect(is_below: impl Fn(f64) -> bool) -> (f64, f64) {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low, high)
}

/// Returns P(X ≤ hits) for a binomial of `calls` trials with this share.
fn at_most(hits: u64, calls: u64, share: f64) -> f64 {
    if share <= 0.0 || hits >= calls {
        return 1.0;
    }
    if share >= 1.0 {
        return 0.0;
    }
    // Terms are derived from each other by their ratio, as logarithms, since the first one may be
    // too small for a float.
    let (odds, mut ln_term) = ((share / (1.0 - share)).ln(), real(calls) * (-share).ln_1p());
    let mut sum = ln_term.exp();
    for hit in 0..hits {
        ln_term += (real(calls - hit) / real(hit + 1)).ln() + odds;
        sum += ln_term.exp();
    }
    sum.min(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of calls stay far below 2^53")]
fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(hits: u64, calls: u64, confidence: f64) -> ShareInterval {
        ShareInterval::of(Answered { hits, unknown: 0, calls }, confidence)
    }

    #[test]
    fn intervals_are_those_of_clopper_and_pearson() {
        // Known values: beta quantiles, as R's `binom.test` gives them.
        for (hits, calls, confidence, low, high) in [
            (0, 10, 0.95, 0.0, 0.308_497),
            (10, 10, 0.95, 0.691_503, 1.0),
            (1, 10, 0.95, 0.002_529, 0.445_016),
            (5, 10, 0.95, 0.187_086, 0.812_914),
            (20, 100, 0.95, 0.126_656, 0.291_843),
            (200, 2000, 0.99, 0.083_442, 0.118_496),
        ] {
            let found = of(hits, calls, confidence);
            assert!((found.low - low).abs() < 2e-5, "{hits} of {calls}: {found:?}");
            assert!((found.high - high).abs() < 2e-5, "{hits} of {calls}: {found:?}");
        }
        assert_eq!(of(0, 0, 0.99), ShareInterval { low: 0.0, high: 1.0 });
    }

    /// The guarantee: the outcomes that lead to a false rejection have at most the remaining
    /// probability.
    #[test]
    fn a_right_share_is_rarely_refused() {
        for (calls, share) in [(50, 0.1), (200, 0.5), (300, 0.01), (100, 0.97)] {
            let mut refused = 0.0;
            for hits in 0..=calls {
                if !of(hits, calls, 0.99).has(share) {
                    let below = if hits == 0 { 0.0 } else { at_most(hits - 1, calls, share) };
                    refused += at_most(hits, calls, share) - below;
                }
            }
            assert!(refused <= 0.01 + 1e-9, "{calls} {share}: {refused}");
        }
    }

    /// Whichever version answered the unknown calls, the interval contains the one for that case.
    #[test]
    fn unknown_calls_only_widen() {
        for unknown in 0..=40 {
            let wide = ShareInterval::of(Answered { hits: 30, unknown, calls: 200 }, 0.99);
            for more in 0..=unknown {
                let known = of(30 + more, 200, 0.99);
                assert!(wide.low <= known.low && known.high <= wide.high, "{unknown} {more}");
            }
        }
        assert!(
            (ShareInterval::of(Answered { hits: 0, unknown: 9, calls: 9 }, 0.99).high - 1.0).abs()
                < 1e-12
        );
    }

    #[test]
    fn many_calls_and_small_shares_have_no_trouble_with_numbers() {
        for (hits, calls) in [(1, 100_000), (50_000, 100_000), (99_999, 100_000), (100, 10_000)] {
            let ShareInterval { low, high } = of(hits, calls, 0.99);
            let share = real(hits) / real(calls);
            assert!(low < share && share < high, "{hits} of {calls}: {low} {high}");
            assert!(high - low < 0.02, "{hits} of {calls}: {low} {high}");
        }
        for (versions, expected) in [(1, 0.99), (2, 0.99), (4, 0.9975)] {
            assert!((of_each(0.99, versions) - expected).abs() < 1e-12, "{versions}");
        }
    }
}
