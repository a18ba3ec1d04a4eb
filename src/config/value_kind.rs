//! What a value of a file is.

use std::fmt;

use serde_json::Value;

/// What a value of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Nothing.
    Null,
    /// True or false.
    Boolean,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A date, which YAML has and JSON lacks.
    Date,
    /// Bytes, which YAML writes as a text and JavaScript has as a map.
    Bytes,
    /// A list.
    List,
    /// A map.
    Map,
}

impl ValueKind {
    /// What a value is.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Map,
        }
    }
}

impl fmt::Display for ValueKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "true or false",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Date => "a date",
            Self::Bytes => "`!!binary`",
            Self::List => "a list",
            Self::Map => "a map",
        })
    }
}
