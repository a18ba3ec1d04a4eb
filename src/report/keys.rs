//! Keys of JSON.

use serde::Serialize;
use serde_json::{Map, Value};

/// A value as a JSON object; every report is one.
pub(crate) fn object(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

/// The value with the keys of its objects in camelCase, as the service writes them otherwise.
pub(crate) fn camel_case(value: &Value) -> Value {
    let camel = |key: &str| {
        let mut characters = key.chars();
        let first = characters.next().map(|first| first.to_ascii_lowercase());
        first.into_iter().chain(characters).collect::<String>()
    };
    match value {
        Value::Array(items) => items.iter().map(camel_case).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, item)| (camel(key), camel_case(item))).collect()
        }
        other => other.clone(),
    }
}
