//! Durations on the command line.

use std::time::Duration;

use crate::error::ValueError;

/// Reads `300`, `90s`, `0.5s`, `500ms`, `5m`, `1h`.
pub(super) fn parse(text: &str) -> Result<Duration, ValueError> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let seconds = match &text[digits.len()..] {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(ValueError::Time),
    };
    let number: f64 = digits.parse().map_err(|_| ValueError::Time)?;
    let duration = Duration::try_from_secs_f64(number * seconds).map_err(|_| ValueError::Time)?;
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
        for text in ["", "s", "-1", "0", "1d", "NaN", "inf", "1e99", "25h", "1 s"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
