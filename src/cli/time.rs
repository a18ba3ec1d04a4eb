//! Durations on the command line.

use std::time::Duration;

use rust_decimal::prelude::ToPrimitive;

use crate::duration;
use crate::error::ValueError;

/// Reads `300`, `90s`, `0.5s`, `500ms`, `5m`, `1h`.
pub(super) fn parse(text: &str) -> Result<Duration, ValueError> {
    let seconds = duration::seconds_or_number(text).ok_or(ValueError::Time)?;
    let seconds = seconds.to_f64().ok_or(ValueError::Time)?;
    let duration = Duration::try_from_secs_f64(seconds).map_err(|_| ValueError::Time)?;
    // A day is longer than any deployment, and far from overflowing a clock.
    if duration.is_zero() || duration > Duration::from_secs(86_400) {
        return Err(ValueError::TimeRange);
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, millis) in
            [("300", 300_000), ("1.5s", 1500), ("500ms", 500), ("5m", 300_000), ("1h", 3_600_000)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "-1", "0", "2d", "NaN", "inf", "1e99", "25h", "1 s"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
