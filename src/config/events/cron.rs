//! Cron expressions of timers (API reference, "Cron").

use crate::config::input_error::{CronField, WrongCron};

const MONTHS: &[&str] =
    &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A field: what it is called, its bounds, and the names that may stand for its numbers.
type Field = (CronField, u32, u32, &'static [&'static str]);

const FIELDS: [Field; 7] = [
    (CronField::Second, 0, 59, &[]),
    (CronField::Minute, 0, 59, &[]),
    (CronField::Hour, 0, 23, &[]),
    (CronField::Day, 1, 31, &[]),
    (CronField::Month, 1, 12, MONTHS),
    (CronField::Weekday, 0, 6, WEEKDAYS),
    (CronField::Year, 1970, 2099, &[]),
];

/// How many fields an expression has that the service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fields {
    /// From second to year.
    Seven,
    /// The old form, from minute to weekday.
    Five,
}

/// Checks an expression.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(text: &str) -> Result<Fields, WrongCron> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let (fields, form) = match parts.len() {
        7 => (&FIELDS[..], Fields::Seven),
        5 => (&FIELDS[1..6], Fields::Five),
        0 => return Err(WrongCron::Empty),
        count => return Err(WrongCron::Fields { text: text.to_owned(), count }),
    };
    for (field, part) in fields.iter().zip(parts) {
        if let Some(wrong) = part.split(',').find(|item| !takes(field, item)) {
            let (field, from, to, names) = *field;
            let (text, wrong) = (text.to_owned(), wrong.to_owned());
            return Err(WrongCron::Field { text, wrong, field, from, to, names });
        }
    }
    Ok(form)
}

/// Whether a field takes an item: `*`, a number or name, a range of them, each with a step.
fn takes(field: &Field, item: &str) -> bool {
    let (_, _, to, _) = *field;
    let (range, step) = match item.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (item, None),
    };
    if step.is_some_and(|step| number(step).is_none_or(|step| step == 0 || step > to)) {
        return false;
    }
    match range.split_once('-') {
        Some((first, last)) => match (value(field, first), value(field, last)) {
            (Some(first), Some(last)) => first <= last,
            _ => false,
        },
        None => range == "*" || value(field, range).is_some(),
    }
}

fn value(field: &Field, text: &str) -> Option<u32> {
    let (_, from, to, names) = *field;
    let value = match names.iter().position(|name| *name == text) {
        Some(position) => from + u32::try_from(position).ok()?,
        None => number(text)?,
    };
    (from..=to).contains(&value).then_some(value)
}

/// Digits only: `parse` would take a sign too.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_takes() {
        for text in [
            "*/5 * * * * * *",
            " 0 15 10 1 *\t* * ",
            "0 0 12 * * WED *",
            "0 0 12 * * MON-FRI *",
            "0 0 9-17/2 1,15 JAN,JUL * 2030-2035",
            "0/10 * * * * * *",
        ] {
            assert_eq!(check(text), Ok(Fields::Seven), "{text}");
        }
        for text in ["*/5 * * * *", "0 12 * * 1-5"] {
            assert_eq!(check(text), Ok(Fields::Five), "{text}");
        }
    }

    #[test]
    fn nonsense_says_which_part_is_nonsense() {
        for (text, says) in [
            ("", "is empty"),
            ("* * * * * *", "has 6 fields"),
            ("@daily", "has 1 fields"),
            ("60 * * * * * *", "`60` is not a second (0 to 59, with * - , /)"),
            ("0 60 * * * * *", "`60` is not a minute"),
            ("0 0 24 * * * *", "`24` is not an hour"),
            ("0 0 0 0 * * *", "`0` is not a day"),
            ("0 0 0 ? * * *", "`?` is not a day"),
            ("0 0 0 L * * *", "`L` is not a day"),
            ("0 0 0 1 13 * *", "`13` is not a month (1 to 12, JAN to DEC"),
            ("0 0 0 1 jan * *", "`jan` is not a month"),
            ("0 0 0 * * 7 *", "`7` is not a weekday (0 to 6, SUN to SAT"),
            ("0 0 0 * * * 1969", "`1969` is not a year"),
            ("*/0 * * * * * *", "`*/0` is not a second"),
            ("*/90 * * * * * *", "`*/90` is not a second"),
            ("*/ * * * * * *", "`*/` is not a second"),
            ("50-10 * * * * * *", "`50-10` is not a second"),
            ("1,,2 * * * * * *", "`` is not a second"),
            ("+1 * * * * * *", "`+1` is not a second"),
            ("99 * * * *", "`99` is not a minute"),
        ] {
            let error = check(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
