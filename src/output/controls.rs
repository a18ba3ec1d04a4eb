//! Characters that a terminal obeys, shown instead of sent.

use std::fmt::Write as _;

use serde_json::Value;

/// Characters of one text for stderr; no more are worth reading.
const LONGEST_TEXT: usize = 16_384;

/// Cuts a text that somebody else made too long.
pub(super) fn bounded(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

/// Shows control characters, but for line breaks and tabs.
pub(super) fn show_controls(text: &str) -> String {
    shown(text, is_dangerous)
}

/// Shows control characters, line breaks and tabs included: the text stays on its line.
pub(super) fn on_one_line(text: &str) -> String {
    shown(text, |character| matches!(character, '\n' | '\t') || is_dangerous(character))
}

fn shown(text: &str, hidden: fn(char) -> bool) -> String {
    if !text.chars().any(hidden) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' if hidden('\n') => shown.push_str("\\n"),
            '\t' if hidden('\t') => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            _ if hidden(character) => shown.extend(character.escape_unicode()),
            _ => shown.push(character),
        }
    }
    shown
}

pub(super) fn is_dangerous(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        // Marks that reorder text on the screen.
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// A value for the text layout. Keys and the texts of a list stay on their lines; another text
/// of several lines is set off by the layout itself.
pub(super) fn shown_value(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(show_controls(text)),
        Value::Array(items) => items.iter().map(flat_value).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, item)| (on_one_line(key), shown_value(item))).collect()
        }
        other => other.clone(),
    }
}

fn flat_value(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(on_one_line(text)),
        Value::Array(items) => items.iter().map(flat_value).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, item)| (on_one_line(key), flat_value(item))).collect()
        }
        other => other.clone(),
    }
}

/// JSON without characters that a terminal obeys or that reorder the text: the library escapes
/// only those below U+0020. They can stand inside texts alone, so escaping them is safe.
pub(super) fn json_text(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    if !text.chars().any(is_dangerous) {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_dangerous(character) {
            let _ = write!(shown, "\\u{:04x}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        assert_eq!(show_controls("a\u{1b}[31mb\n\t中"), "a\\u{1b}[31mb\n\t中");
        assert_eq!(show_controls("a\u{202e}b\r"), "a\\u{202e}b\\r");
        assert_eq!(on_one_line("a\nb\tc\u{9b}"), "a\\nb\\tc\\u{9b}");
        let value = json!({"a\u{9b}": "\u{202e}\u{1b}\n", "b": 1});
        let text = json_text(&value);
        assert!(!text.chars().any(is_dangerous), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn keys_and_items_of_lists_stay_on_their_lines() {
        assert_eq!(
            shown_value(&json!({"a\nb": "c\nd", "list": ["e\nf", {"g\th": "i\nj"}]})),
            json!({"a\\nb": "c\nd", "list": ["e\\nf", {"g\\th": "i\\nj"}]})
        );
    }
}
