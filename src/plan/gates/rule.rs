//! Gate rules as written on the command line.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

/// Kind of a rule, without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKind {
    /// Error rate compared with the baseline's in the same minute.
    MaxErrorRateIncrease,
    /// Error rate compared with a fixed limit.
    MaxErrorRate,
    /// Mean duration compared with the baseline's in the same minutes.
    MaxDurationIncrease,
    /// A budget of throttled calls.
    MaxThrottles,
}

impl RuleKind {
    /// All kinds, in display order.
    pub const ALL: [Self; 4] = [
        Self::MaxErrorRateIncrease,
        Self::MaxErrorRate,
        Self::MaxDurationIncrease,
        Self::MaxThrottles,
    ];

    /// Returns the option's name, without leading dashes.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Self::MaxErrorRateIncrease => "max-error-rate-increase",
            Self::MaxErrorRate => "max-error-rate",
            Self::MaxDurationIncrease => "max-duration-increase",
            Self::MaxThrottles => "max-throttles",
        }
    }
}

/// What the monitor has of the calls of a minute, beside their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Failed calls.
    Errors,
    /// Mean durations.
    Durations,
    /// Calls refused by limits.
    Throttles,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 3] = [Self::Errors, Self::Durations, Self::Throttles];
}

impl RuleKind {
    /// What a gate of this kind is judged by. Throttled calls come in clumps as errors do, which
    /// the errors of the hour before tell.
    #[must_use]
    pub fn measures(self) -> &'static [Measure] {
        match self {
            Self::MaxErrorRateIncrease | Self::MaxErrorRate => &[Measure::Errors],
            Self::MaxDurationIncrease => &[Measure::Durations],
            Self::MaxThrottles => &[Measure::Errors, Measure::Throttles],
        }
    }
}

/// What a canary is allowed.
///
/// Values are kept as the decimals that were written, so that they format back to the same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GateRule {
    /// The canary's error rate is at most `ratio` times the baseline's plus `plus`.
    MaxErrorRateIncrease {
        /// At least 1.
        ratio: Decimal,
        /// A share below 1: 0.0005 is 0.05 percentage points.
        plus: Decimal,
    },
    /// The canary's error rate is at most this share, below 1.
    MaxErrorRate(Decimal),
    /// The canary's mean duration is at most 1 plus this share times the baseline's.
    MaxDurationIncrease(Decimal),
    /// At most this many canary calls are throttled in a step.
    MaxThrottles(u64),
}

/// Why the value of a gate's option cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Neither percentage points nor a factor nor both.
    #[error("`{0}` is neither points (0.5%), a factor (1.5x) nor both (1.1x+0.05%)")]
    NotAnIncrease(String),
    /// A factor that a canary equal to the baseline would exceed.
    #[error("a factor of {0} is below 1, so that a canary equal to the baseline would be over it")]
    RatioBelowOne(Decimal),
    /// A limit that nothing can exceed.
    #[error("`{0}` is 100% or more, which no error rate exceeds")]
    NoLimit(String),
    /// Not a percentage.
    #[error("`{0}` is not a percentage like 2%")]
    NotAPercentage(String),
    /// Not a whole number.
    #[error("`{0}` is not a whole number of calls")]
    NotACount(String),
    /// More digits than any measurement has.
    #[error("`{0}` has more than 9 digits before or after the point")]
    TooLong(String),
    /// A confidence out of range.
    #[error("`{0}` is not a confidence from 50% to below 100%, like 99%")]
    NotAConfidence(String),
    /// A dispersion out of range.
    #[error("`{0}` is not a dispersion: a number from 1 (errors are independent) up")]
    NotADispersion(String),
}

/// Maximum number of digits before, and after, the decimal point.
const MOST_DIGITS: usize = 9;

impl GateRule {
    /// Parses the value of the option of this kind.
    ///
    /// # Errors
    /// Fails for text of another form, and for values that make no sense.
    pub fn parse(kind: RuleKind, text: &str) -> Result<Self, RuleError> {
        match kind {
            RuleKind::MaxErrorRateIncrease => increase(text),
            RuleKind::MaxErrorRate => {
                let limit = percentage(text)?;
                if limit >= Decimal::ONE {
                    return Err(RuleError::NoLimit(text.to_owned()));
                }
                Ok(Self::MaxErrorRate(limit))
            }
            RuleKind::MaxDurationIncrease => Ok(Self::MaxDurationIncrease(percentage(text)?)),
            RuleKind::MaxThrottles => {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                if !digits {
                    return Err(RuleError::NotACount(text.to_owned()));
                }
                if text.trim_start_matches('0').len() > MOST_DIGITS {
                    return Err(RuleError::TooLong(text.to_owned()));
                }
                let count = text.parse().map_err(|_| RuleError::NotACount(text.to_owned()))?;
                Ok(Self::MaxThrottles(count))
            }
        }
    }

    /// Returns its kind.
    #[must_use]
    pub fn kind(&self) -> RuleKind {
        match self {
            Self::MaxErrorRateIncrease { .. } => RuleKind::MaxErrorRateIncrease,
            Self::MaxErrorRate(_) => RuleKind::MaxErrorRate,
            Self::MaxDurationIncrease(_) => RuleKind::MaxDurationIncrease,
            Self::MaxThrottles(_) => RuleKind::MaxThrottles,
        }
    }

    /// Returns the value in its shortest form: `1.1x+0.05%`.
    #[must_use]
    pub fn value(&self) -> String {
        match self {
            Self::MaxErrorRateIncrease { ratio, plus } if plus.is_zero() => {
                format!("{}x", ratio.normalize())
            }
            Self::MaxErrorRateIncrease { ratio, plus } if *ratio == Decimal::ONE => percent(*plus),
            Self::MaxErrorRateIncrease { ratio, plus } => {
                format!("{}x+{}", ratio.normalize(), percent(*plus))
            }
            Self::MaxErrorRate(limit) | Self::MaxDurationIncrease(limit) => percent(*limit),
            Self::MaxThrottles(count) => count.to_string(),
        }
    }
}

impl Default for GateRule {
    /// `1.1x+0.05%`, the gate of a rollout that names none.
    fn default() -> Self {
        Self::MaxErrorRateIncrease { ratio: Decimal::new(11, 1), plus: Decimal::new(5, 4) }
    }
}

impl fmt::Display for GateRule {
    /// Formats the option and its value: `max-error-rate-increase 1.1x+0.05%`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind().option(), self.value())
    }
}

/// Confidence of a failure: `99%` allows one false failure in a hundred rollouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(Decimal);

impl Confidence {
    /// Returns the probability (at most 0.5) that a rollout within its limits ever fails.
    #[must_use]
    pub fn alpha(self) -> f64 {
        number(Decimal::ONE - self.0)
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Self(Decimal::new(99, 2))
    }
}

impl FromStr for Confidence {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let wrong = || RuleError::NotAConfidence(text.to_owned());
        let share = percentage(text).map_err(|error| match error {
            RuleError::TooLong(text) => RuleError::TooLong(text),
            _ => wrong(),
        })?;
        if share < Decimal::new(5, 1) || share >= Decimal::ONE {
            return Err(wrong());
        }
        Ok(Self(share))
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&percent(self.0))
    }
}

/// Clustering of errors: 1 means that they are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dispersion(Decimal);

impl Dispersion {
    /// Returns it as a factor, at least 1.
    #[must_use]
    pub fn factor(self) -> f64 {
        number(self.0)
    }
}

impl FromStr for Dispersion {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let wrong = || RuleError::NotADispersion(text.to_owned());
        let factor = decimal(text, wrong)?;
        if factor < Decimal::ONE { Err(wrong()) } else { Ok(Self(factor)) }
    }
}

impl fmt::Display for Dispersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.normalize())
    }
}

/// Returns the nearest f64.
pub(super) fn number(decimal: Decimal) -> f64 {
    // Via text: `rust_decimal`'s own conversion is off by some units in the last place.
    decimal.to_string().parse().unwrap_or(f64::NAN)
}

fn increase(text: &str) -> Result<GateRule, RuleError> {
    let wrong = || RuleError::NotAnIncrease(text.to_owned());
    let (ratio, plus) = match text.split_once('+') {
        Some((factor, points)) => (Some(factor.trim_end()), Some(points.trim_start())),
        None if text.ends_with('x') => (Some(text), None),
        None => (None, Some(text)),
    };
    let ratio = match ratio {
        Some(factor) => decimal(factor.strip_suffix('x').ok_or_else(wrong)?, wrong)?,
        None => Decimal::ONE,
    };
    let plus = match plus {
        Some(points) => {
            decimal(points.strip_suffix('%').ok_or_else(wrong)?, wrong)? / Decimal::ONE_HUNDRED
        }
        None => Decimal::ZERO,
    };
    if ratio < Decimal::ONE {
        return Err(RuleError::RatioBelowOne(ratio));
    }
    if plus >= Decimal::ONE {
        return Err(RuleError::NoLimit(text.to_owned()));
    }
    Ok(GateRule::MaxErrorRateIncrease { ratio, plus })
}

fn percentage(text: &str) -> Result<Decimal, RuleError> {
    let wrong = || RuleError::NotAPercentage(text.to_owned());
    let digits = text.strip_suffix('%').ok_or_else(wrong)?;
    Ok(decimal(digits, wrong)? / Decimal::ONE_HUNDRED)
}

/// Parses digits with at most one point: no sign, no exponent.
fn decimal(text: &str, wrong: impl Fn() -> RuleError) -> Result<Decimal, RuleError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(wrong());
    }
    if whole.len() > MOST_DIGITS || fraction.len() > MOST_DIGITS {
        return Err(RuleError::TooLong(text.to_owned()));
    }
    Decimal::from_str(text).map_err(|_| wrong())
}

fn percent(share: Decimal) -> String {
    format!("{}%", (share * Decimal::ONE_HUNDRED).normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_goes_back_to_the_same_text() {
        use RuleKind::{MaxDurationIncrease, MaxErrorRate, MaxErrorRateIncrease, MaxThrottles};
        for (kind, text, back) in [
            (MaxErrorRateIncrease, "0.5%", "0.5%"),
            (MaxErrorRateIncrease, "1.5x", "1.5x"),
            (MaxErrorRateIncrease, "1.1x+0.05%", "1.1x+0.05%"),
            (MaxErrorRateIncrease, "1.10x + 0.050%", "1.1x+0.05%"),
            (MaxErrorRateIncrease, "0%", "1x"),
            (MaxErrorRateIncrease, "1x+0.07%", "0.07%"),
            (MaxErrorRateIncrease, "2x+0%", "2x"),
            (MaxErrorRate, "2%", "2%"),
            (MaxErrorRate, "0%", "0%"),
            (MaxErrorRate, "99.999999999%", "99.999999999%"),
            (MaxDurationIncrease, "20%", "20%"),
            (MaxDurationIncrease, "250%", "250%"),
            (MaxThrottles, "100", "100"),
            (MaxThrottles, "0", "0"),
        ] {
            let rule = GateRule::parse(kind, text).unwrap();
            assert_eq!(rule.value(), back, "{text}");
            assert_eq!(GateRule::parse(kind, &rule.value()), Ok(rule), "{text}");
            assert_eq!(rule.kind(), kind);
        }
        assert_eq!(GateRule::default().to_string(), "max-error-rate-increase 1.1x+0.05%");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        use RuleKind::{MaxDurationIncrease, MaxErrorRate, MaxErrorRateIncrease, MaxThrottles};
        let not_increase = |text: &str| RuleError::NotAnIncrease(text.to_owned());
        for text in [
            "",
            "0.5",
            "x",
            "%",
            "1.1",
            "1.1x+",
            "+0.5%",
            "1.1x+0.5",
            "1.1+0.5%",
            "-1%",
            "1e3%",
            "1.x",
            ".5%",
            "1.1X",
            "1,5x",
            "1.1x+0.1%+0.1%",
            "1.1x0.05%",
            "０.5%",
            "NaN%",
        ] {
            assert_eq!(
                GateRule::parse(MaxErrorRateIncrease, text),
                Err(not_increase(text)),
                "{text}"
            );
        }
        for (kind, text, error) in [
            (MaxErrorRateIncrease, "0.9x", RuleError::RatioBelowOne(Decimal::new(9, 1))),
            (MaxErrorRateIncrease, "100%", RuleError::NoLimit("100%".to_owned())),
            (MaxErrorRateIncrease, "1234567890x", RuleError::TooLong("1234567890".to_owned())),
            (MaxErrorRate, "100%", RuleError::NoLimit("100%".to_owned())),
            (MaxErrorRate, "0.02", RuleError::NotAPercentage("0.02".to_owned())),
            (MaxDurationIncrease, "1.2x", RuleError::NotAPercentage("1.2x".to_owned())),
            (MaxDurationIncrease, "-20%", RuleError::NotAPercentage("-20%".to_owned())),
            (MaxThrottles, "1.5", RuleError::NotACount("1.5".to_owned())),
            (MaxThrottles, "", RuleError::NotACount(String::new())),
            (MaxThrottles, "9999999999", RuleError::TooLong("9999999999".to_owned())),
        ] {
            assert_eq!(GateRule::parse(kind, text), Err(error), "{text}");
        }
    }

    #[test]
    fn confidence_and_dispersion_have_ranges() {
        let close = |ours: f64, wanted: f64| assert!((ours - wanted).abs() < 1e-15, "{ours}");
        close("99%".parse::<Confidence>().unwrap().alpha(), 0.01);
        close("99.9%".parse::<Confidence>().unwrap().alpha(), 0.001);
        close("50%".parse::<Confidence>().unwrap().alpha(), 0.5);
        assert_eq!("99.90%".parse::<Confidence>().unwrap().to_string(), "99.9%");
        for text in ["100%", "49.9%", "0.99", "", "99", "-99%", "%"] {
            let wrong = RuleError::NotAConfidence(text.to_owned());
            assert_eq!(text.parse::<Confidence>(), Err(wrong), "{text}");
        }
        assert_eq!("1.50".parse::<Dispersion>().unwrap().to_string(), "1.5");
        for text in ["0.9", "0", "-1", "", "two", "inf", "1e3"] {
            let wrong = RuleError::NotADispersion(text.to_owned());
            assert_eq!(text.parse::<Dispersion>(), Err(wrong), "{text}");
        }
    }
}
