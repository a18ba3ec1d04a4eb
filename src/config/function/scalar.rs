//! Values of one thing each.

use serde_json::Value;

use crate::javascript;

/// A value as text, where it is a single one.
pub(in crate::config) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(javascript::json_number_text(number)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
