//! Durations as people write them: a number and a unit, such as `90s`, `1.5h` or `500ms`.

use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Units, with their length in milliseconds.
const UNITS: &[(&str, u32)] =
    &[("ms", 1), ("s", 1000), ("m", 60_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Returns the seconds of a number with a unit; `None` for any other text, including a number
/// without a unit. Never negative.
///
/// ```
/// use scfctl::duration::seconds;
/// assert_eq!(seconds("1.5h"), Some(5400.into()));
/// assert_eq!(seconds("90"), None);
/// ```
#[must_use]
pub fn seconds(text: &str) -> Option<Decimal> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let (_, each) = UNITS.iter().find(|(unit, _)| *unit == &text[digits.len()..])?;
    number(digits)?.checked_mul((*each).into())?.checked_div(Decimal::ONE_THOUSAND)
}

/// Like [`seconds`], but a number without a unit counts as seconds.
///
/// ```
/// use scfctl::duration::seconds_or_number;
/// assert_eq!(seconds_or_number("90"), seconds_or_number("1.5m"));
/// ```
#[must_use]
pub fn seconds_or_number(text: &str) -> Option<Decimal> {
    seconds(text).or_else(|| number(text))
}

/// Returns a whole number as an integer, or `None` for a fraction.
///
/// ```
/// use scfctl::duration::{seconds, whole};
/// assert_eq!(seconds("1m").and_then(whole), Some(60));
/// assert_eq!(seconds("1ms").and_then(whole), None);
/// ```
#[must_use]
pub fn whole(number: Decimal) -> Option<u64> {
    if number.fract().is_zero() { number.to_u64() } else { None }
}

/// Parses digits with at most one point. No sign, no blanks, no exponent.
fn number(text: &str) -> Option<Decimal> {
    let is_plain = |character: char| character.is_ascii_digit() || character == '.';
    let is_number = text.chars().all(is_plain) && text.starts_with(|c: char| c.is_ascii_digit());
    is_number.then(|| Decimal::from_str(text).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_its_unit() {
        for (text, millis) in [
            ("500ms", 500),
            ("0.5s", 500),
            ("0s", 0),
            ("90s", 90_000),
            ("2m", 120_000),
            ("2min", 120_000),
            ("1.5h", 5_400_000),
            ("7d", 604_800_000),
        ] {
            let expected = Decimal::from(millis) / Decimal::ONE_THOUSAND;
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        let huge = "9".repeat(28);
        for text in [
            "", "s", "90", "-1s", "+1s", "1 s", " 1s", "1S", "1w", "1e3s", "1_0s", ".5s", "1.2.3s",
            "NaNs", "１s",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
        assert_eq!(seconds(&format!("{huge}d")), None);
    }

    #[test]
    fn a_number_alone_may_be_one_of_seconds() {
        assert_eq!(seconds_or_number("300"), Some(300.into()));
        assert_eq!(seconds_or_number("5m"), Some(300.into()));
        for text in ["", "-1", "1 ", "1e3", "five"] {
            assert_eq!(seconds_or_number(text), None, "{text}");
        }
    }
}
