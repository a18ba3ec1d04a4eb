//! The value of an input: typed by its looks.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::InputsFault;
use crate::config::function::nearest;
use crate::javascript;

/// Reads the value of an input that is a text by nature.
///
/// A JSON text loses its quotes and `null` stays null, as in the original.
pub(super) fn text_value(raw: &str) -> Value {
    match serde_json::from_str(raw) {
        Ok(value @ (Value::String(_) | Value::Null)) => value,
        _ if javascript::trim(raw).is_empty() => Value::String(String::new()),
        _ => Value::String(raw.to_owned()),
    }
}

/// Types a value by its looks.
pub(super) fn typed_value(key: &str, raw: &str) -> Result<Value, InputsFault> {
    let trimmed = javascript::trim(raw);
    if trimmed.is_empty() {
        return Ok(Value::String(String::new()));
    }
    let broken = match serde_json::from_str::<Value>(raw) {
        Ok(value) => {
            if let Some((path, values)) = key_given_twice(raw) {
                return Err(InputsFault::TwiceInJson { key: key.to_owned(), path, values });
            }
            return Ok(javascript::canonical(value));
        }
        Err(error) => error,
    };
    if trimmed.starts_with("'{") || trimmed.starts_with("'[") {
        return Err(InputsFault::ShellQuotes(key.to_owned()));
    }
    let json_error = || {
        let (key, column) = (key.to_owned(), character_column(raw, &broken));
        match raw.chars().nth(column - 1).and_then(foreign) {
            Some(signs) => InputsFault::ForeignSign { key, column, signs },
            None => InputsFault::Json { key, column, reason: reason(&broken) },
        }
    };
    let starts_as_json = trimmed.starts_with(['{', '[']);
    let first = trimmed.chars().next().and_then(foreign).map(|[_, meant]| meant);
    let is_value = |meant: char| meant.is_ascii_digit() || matches!(meant, '"' | '\'' | '{' | '[');
    if first.is_some_and(is_value) && raw.starts_with(trimmed) {
        return Err(json_error());
    }
    if raw.contains(',') {
        let mut items = Vec::new();
        for piece in raw.split(',') {
            // `{"a":1},{"b":2}` is a list; pieces of one broken object are not.
            if starts_as_json && serde_json::from_str::<Value>(piece).is_err() {
                return Err(json_error());
            }
            items.push(typed_value(key, piece)?);
        }
        return Ok(Value::Array(items));
    }
    if starts_as_json {
        return Err(json_error());
    }
    Ok(match javascript::text_number(raw) {
        Some(number) => javascript::number(number),
        None => Value::String(raw.to_owned()),
    })
}

/// The dotted path of the first key that one object of a JSON text has twice, with both values.
/// The ordinary reader keeps the last, so a weight would be dropped without a word.
fn key_given_twice(text: &str) -> Option<(String, [Value; 2])> {
    let finder = Finder { path: RefCell::default(), found: RefCell::default() };
    let mut reader = serde_json::Deserializer::from_str(text);
    // The text was read before.
    let _ = (&finder).deserialize(&mut reader);
    finder.found.into_inner()
}

struct Finder {
    path: RefCell<Vec<String>>,
    found: RefCell<Option<(String, [Value; 2])>>,
}

impl<'de> DeserializeSeed<'de> for &Finder {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Finder {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            self.path.borrow_mut().push(list.len().to_string());
            let item = items.next_element_seed(self);
            self.path.borrow_mut().pop();
            match item? {
                Some(item) => list.push(item),
                None => return Ok(list.into()),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            self.path.borrow_mut().push(key.clone());
            let value = entries.next_value_seed(self);
            let path = self.path.borrow().join(".");
            self.path.borrow_mut().pop();
            let value = value?;
            if let Some(first) = map.insert(key, value.clone()) {
                self.found.borrow_mut().get_or_insert((path, [first, value]));
            }
        }
        Ok(map.into())
    }
}

/// A sign of an input method or a text editor, and the one that it stands for.
fn foreign(typed: char) -> Option<[char; 2]> {
    let meant = match typed {
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '、' => ',',
        // All of ASCII, full-width.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(typed) - 0xfee0)?,
        _ => return None,
    };
    Some([typed, meant])
}

/// Returns where in the value the JSON parser stopped, in characters from 1.
fn character_column(raw: &str, error: &serde_json::Error) -> usize {
    let before: usize =
        raw.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    // The parser counts bytes from 1, and 0 for an error right after a newline.
    let bytes = before + error.column().saturating_sub(1);
    raw.char_indices().take_while(|&(start, _)| start < bytes).count() + 1
}

/// What the JSON parser says, without the position it appends.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

/// Whether `publish` is a list of functions, as an old guide has it. A single word may be meant
/// as yes or no, misspelt too.
pub(super) fn names_functions(publish: &Value) -> bool {
    const ANSWERS: [&str; 6] = ["true", "false", "yes", "no", "on", "off"];
    let is_answer = |text: &str| text.len() < 2 || nearest(text, ANSWERS.into_iter()).is_some();
    match publish {
        Value::String(text) => text.contains(',') || !is_answer(text),
        Value::Array(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_key_that_an_object_has_twice_is_found_at_any_depth() {
        for (text, found) in [
            (r#"{"a":1,"b":2}"#, None),
            (r#"[{"a":1},{"a":1}]"#, None),
            (r#"{"a":1,"a":2}"#, Some(("a", [json!(1), json!(2)]))),
            (
                r#"{"weights":{"2":0.1,"3":0.5,"2":0.9}}"#,
                Some(("weights.2", [json!(0.1), json!(0.9)])),
            ),
            (r#"[1,{"x":{},"x":[null]}]"#, Some(("1.x", [json!({}), json!([null])]))),
            // The same key, written in two ways.
            (r#"{"a":"x","\u0061":"x"}"#, Some(("a", [json!("x"), json!("x")]))),
        ] {
            let expected = found.map(|(path, values)| (path.to_owned(), values));
            assert_eq!(key_given_twice(text), expected, "{text}");
        }
    }
}
