//! What `local load` reports.

use serde::Serialize;
use serde_json::{Map, Value};

use super::FunctionName;

/// The load of a function.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Load {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// Its load; null where it has none.
    #[cfg_attr(test, schemars(with = "Option<serde_json::Map<String, Value>>"))]
    pub load: Value,
}

impl Load {
    /// The load as the local SCF tells it.
    #[must_use]
    pub fn new(function: FunctionName, load: Option<&Value>) -> Self {
        Self { function, load: load.map(|load| camel(load, false)).unwrap_or_default() }
    }
}

/// Keys in camelCase, but for those that are names of aliases and versions.
fn camel(value: &Value, names: bool) -> Value {
    match value {
        Value::Object(map) => {
            let entry = |(key, item): (&String, &Value)| {
                let below = !names && matches!(key.as_str(), "aliases" | "versions");
                let key = if names { key.clone() } else { camel_word(key) };
                (key, camel(item, below))
            };
            Value::Object(map.iter().map(entry).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(|item| camel(item, false)).collect(),
        other => other.clone(),
    }
}

fn camel_word(word: &str) -> String {
    let mut letters = String::with_capacity(word.len());
    let mut capital = false;
    for letter in word.chars() {
        if letter == '_' {
            capital = true;
        } else {
            letters.push(if capital { letter.to_ascii_uppercase() } else { letter });
            capital = false;
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_stay_as_they_are() {
        let load = json!({"aliases": {"my_alias": {"rate_per_min": 1}},
            "versions": {"2": {"changes": [{"after_s": 1}]}}, "monitor": {"delay_s": 120}});
        assert_eq!(
            camel(&load, false),
            json!({"aliases": {"my_alias": {"ratePerMin": 1}},
                "versions": {"2": {"changes": [{"afterS": 1}]}}, "monitor": {"delayS": 120}})
        );
    }
}
