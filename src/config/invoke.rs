//! The inputs of `invoke`, and those that it shares with `logs`.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::function::{InputError, Reader};
use super::input_error::{Advice, MetricAdvice, WantedValue, Wrong, WrongMetric};
use super::metric::read_time;
use crate::model::{Qualifier, Version};

impl Reader<'_> {
    /// The version or alias of `qualifier` or `alias`.
    ///
    /// # Errors
    /// Both are given, or one that can be none.
    pub fn qualifier(&self) -> Result<Option<Qualifier>, InputError> {
        let alias = self.alias_name_at("alias")?;
        let given = self.get("qualifier").filter(|value| !value.is_null());
        if given.is_none() {
            return Ok(alias.map(Qualifier::Alias));
        }
        let text = self.text("qualifier")?.unwrap_or_default();
        let named = match text.parse::<Version>() {
            Ok(version) => Qualifier::Version(version),
            Err(_) => match self.alias_name_at("qualifier")? {
                Some(alias) => Qualifier::Alias(alias),
                // Empty, as the shell makes $LATEST in double quotes.
                None => {
                    return self
                        .version("qualifier")
                        .map(|version| version.map(Qualifier::Version));
                }
            },
        };
        match alias {
            Some(alias) if named != Qualifier::Alias(alias.clone()) => {
                Err(self.error("alias", WrongMetric::AliasAndQualifier, Advice::LeaveOneOut))
            }
            _ => Ok(Some(named)),
        }
    }

    /// When logs begin: so long ago, or at a time.
    ///
    /// # Errors
    /// It is neither.
    pub fn since(
        &self,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, InputError> {
        let Some(text) = self.text(key)?.filter(|text| !text.trim().is_empty()) else {
            return Ok(None);
        };
        // Before computers there were no logs.
        let time = time_since(text.trim(), now).filter(|time| time.timestamp() >= 0);
        let wanted = match time {
            Some(time) if time < now => return Ok(Some(time)),
            Some(_) => WantedValue::PastTime,
            None => WantedValue::Time,
        };
        let what = Wrong::NoSuch { text: text.clone(), wanted };
        Err(self.error(key, what, MetricAdvice::Since))
    }

    /// The alias that `alias` names.
    ///
    /// # Errors
    /// It is no name of one.
    pub fn called_alias(&self) -> Result<Option<String>, InputError> {
        self.alias_name_at("alias")
    }

    /// The payload that `event` gives: a text as it is, and of anything else its JSON.
    #[must_use]
    pub fn payload(&self) -> Option<String> {
        match self.get("event").filter(|value| !value.is_null())? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}

/// A time in numbers of milliseconds, as the real CLI takes it, begins there.
const MILLISECONDS: usize = 13;

/// Reads `1h30m`, `90s`, `2d`, milliseconds since 1970, or a time.
fn time_since(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let millis = text.parse().ok().filter(|_| text.len() >= MILLISECONDS)?;
        return DateTime::from_timestamp_millis(millis);
    }
    if text.ends_with(['s', 'm', 'h', 'd']) {
        let mut seconds: i64 = 0;
        let mut digits = String::new();
        for character in text.chars() {
            let unit = match character {
                '0'..='9' => {
                    digits.push(character);
                    continue;
                }
                's' => 1,
                'm' => 60,
                'h' => 3600,
                'd' => 86_400,
                _ => return None,
            };
            let number: i64 = digits.parse().ok()?;
            seconds = seconds.checked_add(number.checked_mul(unit)?)?;
            digits.clear();
        }
        return now.checked_sub_signed(TimeDelta::try_seconds(seconds)?);
    }
    read_time(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_begin_so_long_ago_or_at_a_time() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        for (text, ago) in [
            ("90s", 90),
            ("15m", 900),
            ("1h30m", 5400),
            ("2d", 172_800),
            ("1d2h3m4s", 93_784),
            ("1699999000000", 1000),
            ("2023-11-15 06:00:00", 800),
            ("2023-11-14T22:00:00Z", 800),
        ] {
            let time = time_since(text, now).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((now - time).num_seconds(), ago, "{text}");
        }
        for text in ["", "m", "1.5h", "2w", "1h30", "-1h", "20210520", "1699999000", "Wed", "m5m"] {
            assert_eq!(time_since(text, now), None, "{text}");
        }
    }
}
