//! Cron expressions of timers.

/// The months and weekdays that may stand for numbers.
const MONTHS: &[&str] =
    &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// What a field's numbers may be.
struct Field {
    from: u32,
    to: u32,
    /// Names for the numbers from `from` on.
    names: &'static [&'static str],
}

const fn field(from: u32, to: u32, names: &'static [&'static str]) -> Field {
    Field { from, to, names }
}

/// Second, minute, hour, day, month, weekday, year.
const FIELDS: [Field; 7] = [
    field(0, 59, &[]),
    field(0, 59, &[]),
    field(0, 23, &[]),
    field(1, 31, &[]),
    field(1, 12, MONTHS),
    field(0, 6, WEEKDAYS),
    field(1970, 2099, &[]),
];

/// Whether a text is a cron expression of seven fields, or of the old five
/// from minute to weekday.
pub(super) fn is_valid(text: &str, old_form: bool) -> bool {
    let parts: Vec<_> = text.split_ascii_whitespace().collect();
    let fields = match parts.len() {
        7 => &FIELDS[..],
        5 if old_form => &FIELDS[1..6],
        _ => return false,
    };
    let mut pairs = fields.iter().zip(&parts);
    pairs.all(|(field, part)| part.split(',').all(|item| field.takes(item)))
}

impl Field {
    fn takes(&self, item: &str) -> bool {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (item, None),
        };
        let step_right = step
            .is_none_or(|step| step.parse::<u32>().is_ok_and(|step| (1..=self.to).contains(&step)));
        let range_right = match range.split_once('-') {
            _ if range == "*" => true,
            Some((from, to)) => match (self.number(from), self.number(to)) {
                (Some(from), Some(to)) => from <= to,
                _ => false,
            },
            None => self.number(range).is_some(),
        };
        step_right && range_right
    }

    fn number(&self, text: &str) -> Option<u32> {
        let named = (self.from..)
            .zip(self.names)
            .find(|(_, name)| **name == text)
            .map(|(number, _)| number);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let plain = digits.then(|| text.parse().ok()).flatten();
        let number = named.or(plain)?;
        (self.from..=self.to).contains(&number).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn expressions_have_seven_fields_or_the_old_five() {
        for (text, right) in [
            ("*/5 * * * * * *", true),
            ("0 15 10 1 * * *", true),
            ("0 0 12 * * WED *", true),
            ("0 0 12 * * MON-FRI *", true),
            ("0 0 9-17/2 1,15 JAN,JUL * 2030-2035", true),
            ("*/5 * * * *", true),
            ("* * * * * *", false),
            ("60 * * * * * *", false),
            ("* * * 0 * * *", false),
            ("* * * * 13 * *", false),
            ("* * * * * 7 *", false),
            ("* * * * * * 1969", false),
            ("*/0 * * * * * *", false),
            ("5-1 * * * * * *", false),
            ("+1 * * * * * *", false),
            ("a * * * * * *", false),
            (", * * * * * *", false),
            ("", false),
        ] {
            assert_eq!(is_valid(text, true), right, "{text}");
        }
        assert!(!is_valid("*/5 * * * *", false));
    }
}
