//! Outputs as `sls` prints them: the text of the npm package `prettyoutput`.
//!
//! One `key: value` line for a simple value, values of one object in a column;
//! anything deeper goes below, two spaces further in. Lines that only announce
//! deeper lines keep the blank after their colon or dash, as the original
//! does: scripts compare this text.

use serde_json::{Map, Value};

use crate::javascript;
use crate::order::Order as _;

/// Levels below the outermost value that are printed.
const MAX_DEPTH: usize = 10;
const INDENT: &str = "  ";
const DEEPER: &str = "(max depth reached)\n";

const BOLD: (&str, &str) = ("\u{1b}[1m", "\u{1b}[22m");
const RED: (&str, &str) = ("\u{1b}[31m", "\u{1b}[39m");
const GREEN: (&str, &str) = ("\u{1b}[32m", "\u{1b}[39m");
const BLUE: (&str, &str) = ("\u{1b}[34m", "\u{1b}[39m");
const GREY: (&str, &str) = ("\u{1b}[90m", "\u{1b}[39m");

/// Renders a value as `sls` prints a command's outputs, ending in a newline.
///
/// An empty object renders as nothing at all. `colour` adds the escape codes
/// the original uses on a terminal: bold keys, green dashes, coloured
/// numbers, booleans and null. Columns count UTF-16 units, as JavaScript does.
#[must_use]
pub fn render(value: &Value, colour: bool) -> String {
    let mut renderer = Renderer { text: String::new(), colour };
    renderer.value(value, "", 0);
    renderer.text
}

struct Renderer {
    text: String,
    colour: bool,
}

impl Renderer {
    fn value(&mut self, value: &Value, indent: &str, depth: usize) {
        match value {
            _ if is_simple(value) => {
                self.text.push_str(indent);
                self.simple(value);
            }
            Value::String(text) => self.lines(text, indent),
            Value::Array(items) => self.items(items, indent, depth),
            Value::Object(map) => self.entries(map, indent, depth),
            // Booleans, numbers and null are simple.
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn items(&mut self, items: &[Value], indent: &str, depth: usize) {
        for item in items {
            self.painted(&format!("{indent}- "), GREEN);
            if is_simple(item) {
                self.simple(item);
            } else if depth == MAX_DEPTH {
                self.text.push_str(DEEPER);
            } else {
                self.text.push('\n');
                self.value(item, &format!("{indent}{INDENT}"), depth + 1);
            }
        }
    }

    fn entries(&mut self, map: &Map<String, Value>, indent: &str, depth: usize) {
        let mut entries: Vec<(&String, &Value)> = map.iter().collect();
        entries.order_by_key(|(key, _)| javascript::array_index(key).unwrap_or(u32::MAX));
        // All keys count for the width, those without a value beside them too.
        let column = entries.iter().map(|(key, _)| width(key)).max().unwrap_or(0);
        for (key, value) in entries {
            self.painted(&format!("{indent}{key}: "), BOLD);
            let beside = is_simple(value);
            if beside || depth == MAX_DEPTH {
                self.text.extend(std::iter::repeat_n(' ', column - width(key)));
            }
            if beside {
                self.simple(value);
            } else if depth == MAX_DEPTH {
                self.text.push_str(DEEPER);
            } else {
                self.text.push('\n');
                self.value(value, &format!("{indent}{INDENT}"), depth + 1);
            }
        }
    }

    /// Writes a text of several lines between two lines of three quotes.
    fn lines(&mut self, text: &str, indent: &str) {
        for line in [indent, "\"\"\"\n"] {
            self.text.push_str(line);
        }
        for line in text.split('\n') {
            for part in [indent, INDENT, line, "\n"] {
                self.text.push_str(part);
            }
        }
        for line in [indent, "\"\"\"\n"] {
            self.text.push_str(line);
        }
    }

    fn simple(&mut self, value: &Value) {
        match value {
            Value::Null => self.painted("null", GREY),
            Value::Bool(true) => self.painted("true", GREEN),
            Value::Bool(false) => self.painted("false", RED),
            Value::Number(number) => self.painted(&javascript::json_number_text(number), BLUE),
            Value::String(text) => self.text.push_str(text),
            Value::Array(_) | Value::Object(_) => self.text.push_str("(empty array)"),
        }
        self.text.push('\n');
    }

    fn painted(&mut self, text: &str, (open, close): (&str, &str)) {
        if self.colour {
            self.text.push_str(open);
            self.text.push_str(text);
            self.text.push_str(close);
        } else {
            self.text.push_str(text);
        }
    }
}

/// Tells whether a value stands on the line of its key or dash.
fn is_simple(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.contains('\n'),
        Value::Array(items) => items.is_empty(),
        Value::Object(_) => false,
    }
}

fn width(key: &str) -> usize {
    key.encode_utf16().count()
}
