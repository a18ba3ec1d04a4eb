//! What of a function goes into `.env` rather than into serverless.yml.

use serde_json::{Map, Value};

use crate::config::disclosure::is_secret;

/// The keys of a trigger whose text the code is called with.
const PAYLOAD: &str = "argument";
/// What begins the name of a variable, so that none of this machine's or of this program's has it.
const PREFIX: &str = "FUNCTION_";

/// Takes out what holds a text that would be read as a reference, for which there is no escape, and
/// returns the keys: what the file says nothing of stays.
pub(super) fn without_references(inputs: &mut Map<String, Value>) -> Vec<String> {
    let holds = |(key, value): (&String, &Value)| holds_reference(value).then(|| key.clone());
    let keys: Vec<String> = inputs.iter().filter_map(holds).collect();
    for key in &keys {
        inputs.shift_remove(key);
    }
    keys
}

fn holds_reference(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(list) => list.iter().any(holds_reference),
        Value::Object(map) => {
            map.iter().any(|(key, value)| key.contains("${") || holds_reference(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Puts references in the place of secrets. Returns the variables, each with its value.
pub(super) fn take_out(inputs: &mut Map<String, Value>) -> Vec<(String, String)> {
    let mut taken = Vec::new();
    for (key, value) in inputs {
        walk(value, &[key.as_str()], &mut taken);
    }
    taken
}

fn walk(value: &mut Value, path: &[&str], taken: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                walk(value, &[path, &[key.as_str()]].concat(), taken);
            }
        }
        Value::Array(list) => {
            for (position, value) in list.iter_mut().enumerate() {
                walk(value, &[path, &[position.to_string().as_str()]].concat(), taken);
            }
        }
        Value::String(text) => {
            let name = path.last().copied().unwrap_or_default();
            let is_variable = path.len() == 3 && path[..2] == ["environment", "variables"];
            // A payload is no secret by its name, and is never shown: nobody knows what it holds.
            if name == PAYLOAD || (is_variable && is_secret(name, text)) {
                let of_path = if is_variable { name.to_owned() } else { path.join("_") };
                let name = free_name(&of_path, taken);
                let reference = format!("${{env:{name}}}");
                taken.push((name, std::mem::replace(text, reference)));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A name that no other one has.
fn free_name(of: &str, taken: &[(String, String)]) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let mut name = format!("{PREFIX}{}", of.chars().map(plain).collect::<String>());
    while taken.iter().any(|(known, _)| *known == name) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_taken_out() {
        let mut inputs = json!({
            "environment": {"variables": {"MODE": "fast", "DB_PASSWORD": "p", "URL": "pg://user:word@host/db"}},
            "events": [{"timer": {"parameters": {"name": "key", "argument": "{\"token\": 1}"}}}],
        });
        let taken = take_out(inputs.as_object_mut().unwrap());
        let names: Vec<&str> = taken.iter().map(|(name, _)| name.as_str()).collect();
        let argument = "FUNCTION_events_0_timer_parameters_argument";
        assert_eq!(names, ["FUNCTION_DB_PASSWORD", "FUNCTION_URL", argument]);
        let variables = &inputs["environment"]["variables"];
        assert_eq!(variables["MODE"], "fast");
        assert_eq!(variables["DB_PASSWORD"], "${env:FUNCTION_DB_PASSWORD}");
        assert_eq!(taken[1].1, "pg://user:word@host/db");
    }

    #[test]
    fn what_would_be_read_as_a_reference_is_not_written() {
        let mut inputs = json!({
            "description": "costs ${5}",
            "timeout": 3,
            "environment": {"variables": {"A": "b", "TPL": "${env:HOME}"}},
            "tags": {"${a}": "b"},
            "events": [{"timer": {"parameters": {"argument": "$x"}}}],
        });
        let inputs = inputs.as_object_mut().unwrap();
        assert_eq!(without_references(inputs), ["description", "environment", "tags"]);
        assert_eq!(inputs.keys().collect::<Vec<_>>(), ["timeout", "events"]);
    }

    #[test]
    fn names_do_not_clash() {
        let mut inputs = json!({"environment": {"variables": {"A.KEY": "1", "A-KEY": "2"}}});
        let taken = take_out(inputs.as_object_mut().unwrap());
        assert_eq!(taken[0].0, "FUNCTION_A_KEY");
        assert_eq!(taken[1].0, "FUNCTION_A_KEY_");
    }
}
