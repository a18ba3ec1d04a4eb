//! Rules of JavaScript that are visible in what `sls` reads, sends and prints.
//!
//! `sls` is a Node program: numbers are doubles and print as `Number::toString` does, objects list
//! integer-like keys first, and merging follows `deep-extend`. Everything here is pure.

use crate::order::Order as _;
use serde_json::{Map, Number, Value};

/// Returns `value` as `JSON.stringify` would send it.
///
/// Whole numbers have no fraction (`1.0` becomes `1`), and values that JSON cannot represent
/// (`Infinity`, `NaN`) become `null`. Minus zero, which would be sent as `0`, is kept: as a weight
/// it is rejected.
#[must_use]
pub fn number(value: f64) -> Value {
    if !value.is_finite() {
        return Value::Null;
    }
    if value == 0.0 && value.is_sign_negative() {
        return Number::from_f64(value).map_or(Value::Null, Value::Number);
    }
    // The shortest digits, as JavaScript sends them: 12345678901234567890 is
    // sent as 12345678901234567000.
    let text = number_text(value);
    if let Ok(whole) = text.parse::<i64>() {
        return Value::from(whole);
    }
    if let Ok(whole) = text.parse::<u64>() {
        return Value::from(whole);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// Returns what `Number::toString` prints in base ten.
///
/// ```
/// use scfctl::javascript::number_text;
/// assert_eq!(number_text(1e21), "1e+21");
/// assert_eq!(number_text(0.1 + 0.2), "0.30000000000000004");
/// assert_eq!(number_text(-0.0), "0");
/// ```
#[must_use]
pub fn number_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    if value.is_infinite() {
        return format!("{sign}Infinity");
    }
    // Rust writes the shortest digits that read back as the same double, and so does JavaScript;
    // only the position of the point differs.
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(|&c| c != '.').collect();
    // Digits before the point.
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let body = if (count..=21).contains(&point) {
        format!("{digits}{}", zeros(point - count))
    } else if (1..=21).contains(&point) {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
        format!("{whole}.{fraction}")
    } else if (-5..=0).contains(&point) {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let exponent = point - 1;
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        format!("{first}{dot}{rest}e{exponent_sign}{}", exponent.abs())
    };
    format!("{sign}{body}")
}

/// Returns what JavaScript prints for a JSON number, which it reads as a double.
#[must_use]
pub fn json_number_text(number: &Number) -> String {
    number.as_f64().map_or_else(|| number.to_string(), number_text)
}

/// Parses a text as `Number(text)` does; `None` is `NaN`.
///
/// A blank text is 0, as in JavaScript; callers decide whether they want that.
#[must_use]
pub fn text_number(text: &str) -> Option<f64> {
    let text = trim(text);
    if text.is_empty() {
        return Some(0.0);
    }
    for (prefix, radix) in [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return digits_number(digits, radix);
        }
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned == "Infinity" {
        return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    // Rust also accepts `inf` and `nan`, JavaScript does not.
    if unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        text.parse().ok()
    } else {
        None
    }
}

/// Parses digits of a base up to 16 as a double; `None` if there are none, or other characters.
#[must_use]
pub fn digits_number(digits: &str, radix: u32) -> Option<f64> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    if radix == 10 {
        return digits.parse().ok();
    }
    // Exact below 2^128, far beyond any setting; rounded once.
    if let Ok(exact) = u128::from_str_radix(digits, radix) {
        #[allow(clippy::cast_precision_loss)] // JavaScript loses the same digits
        return Some(exact as f64);
    }
    Some(digits.chars().fold(0.0, |sum, digit| {
        sum * f64::from(radix) + f64::from(digit.to_digit(radix).unwrap_or(0))
    }))
}

/// Returns whether JavaScript counts `character` as white space (`\s`, `trim`).
#[must_use]
pub fn is_blank(character: char) -> bool {
    // Unicode counts U+0085 as white space and the byte-order mark not; ECMAScript does the
    // opposite.
    (character.is_whitespace() && character != '\u{85}') || character == '\u{feff}'
}

/// Removes white space at both ends as `String.prototype.trim` does.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// Returns the value that JavaScript would hold after parsing this JSON: numbers as doubles,
/// integer-like keys first in each object.
#[must_use]
pub fn canonical(value: Value) -> Value {
    match value {
        Value::Number(ref found) => match found.as_f64() {
            Some(double) => number(double),
            None => value,
        },
        Value::Array(items) => items.into_iter().map(canonical).collect(),
        Value::Object(map) => Value::Object(order_keys(
            map.into_iter().map(|(key, value)| (key, canonical(value))).collect(),
        )),
        other => other,
    }
}

/// Sorts the keys of an object as JavaScript lists them: array indices ascending, then the others
/// in insertion order.
#[must_use]
pub fn order_keys(map: Map<String, Value>) -> Map<String, Value> {
    if !map.keys().any(|key| array_index(key).is_some()) {
        return map;
    }
    let mut entries: Vec<_> = map.into_iter().collect();
    // The sort is stable: keys that are not indices keep their order.
    entries.order_by_key(|(key, _)| array_index(key).unwrap_or(u32::MAX));
    entries.into_iter().collect()
}

/// Parses a key as a JavaScript array index (`0` to `4294967294`, no leading zero).
#[must_use]
pub fn array_index(key: &str) -> Option<u32> {
    if key.len() > 10 || (key.len() > 1 && key.starts_with('0')) {
        return None;
    }
    if !key.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    key.parse().ok().filter(|&index| index != u32::MAX)
}

/// Merges `over` into `base`: objects key by key; anything else replaces.
///
/// `null` replaces, too, so `environment=null` clears what the file sets.
#[must_use]
pub fn deep_merge(mut base: Map<String, Value>, over: &Map<String, Value>) -> Map<String, Value> {
    for (key, new) in over {
        let merged = match (base.get_mut(key).map(Value::take), new) {
            (Some(Value::Object(old)), Value::Object(new)) => Value::Object(deep_merge(old, new)),
            (_, new) => new.clone(),
        };
        base.insert(key.clone(), merged);
    }
    order_keys(base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn numbers_print_as_in_javascript() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (100.0, "100"),
            (-0.5, "-0.5"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.5e-7, "1.5e-7"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (1.234e25, "1.234e+25"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1234.5, "1234.5"),
        ] {
            assert_eq!(number_text(value), text);
        }
    }

    #[test]
    fn texts_become_numbers_as_in_javascript() {
        for (text, value) in [
            ("", Some(0.0)),
            (" \u{feff}7 ", Some(7.0)),
            ("0x1F", Some(31.0)),
            ("-0x1F", None),
            ("1e3", Some(1000.0)),
            ("5.", Some(5.0)),
            (".", None),
            ("inf", None),
            ("nan", None),
            ("infinity", None),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("1_000", None),
            ("++1", None),
        ] {
            assert_eq!(text_number(text), value, "{text:?}");
        }
    }

    #[test]
    fn merging_keeps_other_keys_and_replaces_lists() {
        let base = json!({"a": {"x": 1, "y": 2}, "l": [1, 2], "n": {"z": 1}});
        let over = json!({"a": {"y": 3}, "l": [9], "n": null});
        let (Value::Object(base), Value::Object(over)) = (base, over) else {
            unreachable!("both are maps")
        };
        assert_eq!(
            Value::Object(deep_merge(base, &over)),
            json!({"a": {"x": 1, "y": 3}, "l": [9], "n": null})
        );
    }

    proptest! {
        #[test]
        fn printed_numbers_read_back(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            prop_assert_eq!(text_number(&number_text(value)), Some(value));
        }

        #[test]
        fn any_text_is_read_as_a_number_without_panic(text in any::<String>()) {
            let _ = text_number(&text);
        }
    }
}
