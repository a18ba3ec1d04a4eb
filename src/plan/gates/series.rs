//! The monitor's data, cleaned up for arithmetic.

use super::{SettledMinute, Side};

/// Cap on calls and milliseconds: far above real values, far below what an f64 can add exactly.
const MOST: f64 = 1e15;

/// Smaller values count as 0: far below one call, far above where an f64 loses digits.
const LEAST: f64 = 1e-9;

/// Data of one version whose numbers are finite and not negative.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Point {
    pub calls: f64,
    /// At most `calls`.
    pub errors: f64,
    /// Above 0.
    pub mean: Option<f64>,
    pub throttled: f64,
}

/// A settled minute with cleaned data.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct CleanMinute {
    pub step: usize,
    pub full: bool,
    pub baseline: Point,
    pub canary: Point,
}

impl CleanMinute {
    pub fn of(minute: &SettledMinute) -> Self {
        Self {
            step: minute.step,
            full: minute.full,
            baseline: clean(minute.baseline),
            canary: clean(minute.canary),
        }
    }
}

/// Cleans up one version's data. Missing data, invalid data and 0 calls are the same.
pub(super) fn clean(side: Option<Side>) -> Point {
    let Some(side) = side else { return Point::default() };
    let calls = count(side.calls);
    Point {
        calls,
        errors: count(side.errors).min(calls),
        mean: side.mean_ms.map(count).filter(|mean| *mean > 0.0 && calls > 0.0),
        throttled: count(side.throttled),
    }
}

fn count(value: f64) -> f64 {
    // False for NaN, too.
    if value.is_finite() && value >= LEAST { value.min(MOST) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_measurement_is_no_point() {
        for calls in
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, -0.0, f64::MIN_POSITIVE]
        {
            let side = Side { calls, errors: 3.0, mean_ms: Some(2.0), throttled: 0.0 };
            assert_eq!(clean(Some(side)), Point::default(), "{calls}");
        }
        assert_eq!(clean(None), Point::default());
    }

    #[test]
    fn errors_are_cut_to_the_calls_and_0_where_they_are_missing() {
        let errors =
            |errors: f64| clean(Some(Side { calls: 10.0, errors, ..Side::default() })).errors;
        for (given, left) in [(12.0, 10.0), (-1.0, 0.0), (f64::NAN, 0.0), (2.5, 2.5)] {
            assert!((errors(given) - left).abs() < 1e-15, "{given}");
        }
    }

    #[test]
    fn refused_calls_count_without_any_that_ran() {
        let side = Side { throttled: 7.0, ..Side::default() };
        assert_eq!(clean(Some(side)), Point { throttled: 7.0, ..Point::default() });
    }
}
