//! What scalars mean in js-yaml's schema: YAML 1.2 core plus timestamps.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde_json::Value;

use crate::config::ValueKind;
use crate::javascript;

/// What a plain text means.
#[derive(Debug, PartialEq)]
pub(super) enum PlainScalar {
    Null,
    Boolean(bool),
    /// A double even where it is whole: JavaScript has no other.
    Number(f64),
    Text(String),
    /// ISO text with milliseconds, and the text of the file.
    Timestamp(String, String),
}

impl PlainScalar {
    /// The JSON value that reaches the platform.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Bool(*value),
            Self::Number(value) => javascript::number(*value),
            Self::Text(text) | Self::Timestamp(text, _) => Value::String(text.clone()),
        }
    }

    /// The text that becomes of it where the API takes a text.
    pub(super) fn sent(&self) -> String {
        match self {
            Self::Boolean(value) => value.to_string(),
            Self::Number(value) if value.is_finite() => javascript::number_text(*value),
            // JSON has no infinite numbers.
            Self::Null | Self::Number(_) => "null".to_owned(),
            Self::Text(text) | Self::Timestamp(text, _) => text.clone(),
        }
    }

    /// What it is, for error texts.
    pub(super) fn what(&self) -> ValueKind {
        match self {
            Self::Null => ValueKind::Null,
            Self::Boolean(_) => ValueKind::Boolean,
            Self::Number(_) => ValueKind::Number,
            Self::Text(_) => ValueKind::Text,
            Self::Timestamp(..) => ValueKind::Date,
        }
    }

    /// The text of the file, where it is not the one that is sent.
    pub(super) fn written<'a>(&self, text: &'a str) -> Option<&'a str> {
        let has_text = !matches!(self, Self::Null | Self::Text(_));
        (has_text && self.sent() != text).then_some(text)
    }

    /// The text of a key, where it is not the key; `text` is that of a changed scalar.
    pub(super) fn written_key<'a>(&self, text: Option<&'a str>) -> Option<&'a str> {
        // A date that is a key stays as it is.
        text.filter(|text| self.key() != **text)
    }

    /// The key this is in a mapping: JavaScript's keys are texts.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Boolean(value) => value.to_string(),
            Self::Number(value) => javascript::number_text(*value),
            Self::Text(text) => text.clone(),
            // JavaScript would write it out in the local time zone; nobody can want that.
            Self::Timestamp(_, written) => written.clone(),
        }
    }
}

/// Decides what a scalar without quotes and tag is.
pub(super) fn plain(text: &str) -> PlainScalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return PlainScalar::Null,
        "true" | "True" | "TRUE" => return PlainScalar::Boolean(true),
        "false" | "False" | "FALSE" => return PlainScalar::Boolean(false),
        _ => {}
    }
    if let Some(number) = integer(text).or_else(|| float(text)) {
        return PlainScalar::Number(number);
    }
    match timestamp(text) {
        Some(iso) => PlainScalar::Timestamp(iso, text.to_owned()),
        None => PlainScalar::Text(text.to_owned()),
    }
}

pub(super) fn integer(text: &str) -> Option<f64> {
    let (sign, digits) = signed(text);
    let magnitude = if let Some(digits) = digits.strip_prefix("0b") {
        javascript::digits_number(digits, 2)
    } else if let Some(digits) = digits.strip_prefix("0x") {
        javascript::digits_number(digits, 16)
    } else if let Some(digits) = digits.strip_prefix("0o") {
        javascript::digits_number(digits, 8)
    } else {
        javascript::digits_number(digits, 10)
    };
    // More digits than a double can hold are text.
    magnitude.map(|magnitude| sign * magnitude).filter(|number| number.is_finite())
}

pub(super) fn float(text: &str) -> Option<f64> {
    let (sign, unsigned) = signed(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        _ if matches!(text, ".nan" | ".NaN" | ".NAN") => return Some(f64::NAN),
        _ => {}
    }
    // Without digits before the point there may be no sign either: js-yaml.
    let is_digit = |c: char| c.is_ascii_digit();
    let starts_well = match unsigned.strip_prefix('.') {
        Some(fraction) => unsigned.len() == text.len() && fraction.starts_with(is_digit),
        None => unsigned.starts_with(is_digit),
    };
    let plausible = |c: char| c.is_ascii_digit() || ".eE+-".contains(c);
    if !starts_well || !unsigned.chars().all(plausible) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn signed(text: &str) -> (f64, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Reads a timestamp as ISO text in UTC with milliseconds.
///
/// A date that does not exist stays a text; JavaScript would roll it over into
/// the next month.
pub(super) fn timestamp(text: &str) -> Option<String> {
    let mut rest = text;
    let year = take_digits(&mut rest, 4, 4)?;
    take(&mut rest, '-')?;
    let month_digits = rest.len();
    let month = take_digits(&mut rest, 1, 2)?;
    let month_digits = month_digits - rest.len();
    take(&mut rest, '-')?;
    let day_digits = rest.len();
    let day = take_digits(&mut rest, 1, 2)?;
    let day_digits = day_digits - rest.len();
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    if rest.is_empty() {
        // A date alone needs both digits.
        let midnight = date.and_hms_opt(0, 0, 0)?;
        return (month_digits == 2 && day_digits == 2).then(|| iso(midnight));
    }
    if rest.starts_with(['T', 't']) {
        rest = &rest[1..];
    } else {
        let trimmed = rest.trim_start_matches([' ', '\t']);
        if trimmed.len() == rest.len() {
            return None;
        }
        rest = trimmed;
    }
    let hour = take_digits(&mut rest, 1, 2)?;
    take(&mut rest, ':')?;
    let minute = take_digits(&mut rest, 2, 2)?;
    take(&mut rest, ':')?;
    let second = take_digits(&mut rest, 2, 2)?;
    let mut milliseconds = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        for index in 0..3 {
            let digit = fraction.as_bytes()[..digits].get(index).map_or(0, |d| d - b'0');
            milliseconds = milliseconds * 10 + u32::from(digit);
        }
        rest = &fraction[digits..];
    }
    let local = date.and_hms_milli_opt(hour, minute, second, milliseconds)?;
    let zone = rest.trim_start_matches([' ', '\t']);
    if rest.is_empty() || zone == "Z" {
        return Some(iso(local));
    }
    let (east, mut zone) = match zone.strip_prefix('+') {
        Some(zone) => (1, zone),
        None => (-1, zone.strip_prefix('-')?),
    };
    let hours = take_digits(&mut zone, 1, 2)?;
    let minutes = if zone.is_empty() {
        0
    } else {
        take(&mut zone, ':')?;
        take_digits(&mut zone, 2, 2)?
    };
    if !zone.is_empty() {
        return None;
    }
    let offset = TimeDelta::minutes(east * i64::from(hours * 60 + minutes));
    local.checked_sub_signed(offset).map(iso)
}

fn iso(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn take(rest: &mut &str, expected: char) -> Option<()> {
    *rest = rest.strip_prefix(expected)?;
    Some(())
}

/// Takes as many digits as there are, within the limits.
fn take_digits(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (digits, behind) = rest.split_at(count);
    *rest = behind;
    digits.parse().ok()
}
