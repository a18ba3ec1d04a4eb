//! `triggers`, as events of the functions that they name.

use serde_json::{Map, Value, json};

use super::entry::{FunctionEntry, absent, error, text};
use crate::config::function::InputError;
use crate::config::input_error::{Advice, FunctionsAdvice, WantedValue, Wrong, WrongFunctions};
use crate::config::settings::Settings;

/// All triggers of the file; `None` when it has no word on them.
pub(super) struct Triggers(Option<Vec<TriggerEntry>>);

struct TriggerEntry {
    /// Where it stands in the list.
    position: usize,
    of_type: String,
    /// The rest: `name` and `parameters`.
    content: Value,
    /// Keys of the functions that it names, each once: a gateway names one for each path.
    functions: Vec<String>,
}

impl Triggers {
    pub(super) fn read(settings: &Settings, entries: &[FunctionEntry]) -> Result<Self, InputError> {
        let list = match settings.project.inputs.get("triggers") {
            None | Some(Value::Null) => return Ok(Self(None)),
            Some(Value::Array(list)) => list,
            Some(other) => {
                let what = Wrong::kind(other, WantedValue::List);
                let instead = Advice::ListOf("- type: timer …");
                return Err(error(settings, "triggers", what, instead));
            }
        };
        let triggers = list.iter().enumerate();
        let triggers = triggers.map(|(position, entry)| read(settings, entries, position, entry));
        Ok(Self(Some(triggers.collect::<Result<_, _>>()?)))
    }

    /// Adds the events of a function to its inputs. Returns the keys of all functions that each
    /// of them names.
    pub(super) fn add_to(
        &self,
        key: &str,
        inputs: &mut Map<String, Value>,
        origins: &mut Vec<(String, String)>,
    ) -> Vec<Vec<String>> {
        let Some(triggers) = &self.0 else { return Vec::new() };
        let mut events = Vec::new();
        let mut named = Vec::new();
        for trigger in triggers {
            if !trigger.functions.iter().any(|function| function == key) {
                continue;
            }
            let (entry, place) =
                (format!("events.{}", events.len()), format!("triggers.{}", trigger.position));
            origins.push((format!("{entry}.{}", trigger.of_type), place.clone()));
            origins.push((entry, place));
            events.push(json!({&trigger.of_type: trigger.content}));
            named.push(trigger.functions.clone());
        }
        inputs.insert("events".to_owned(), events.into());
        origins.push(("events".to_owned(), "triggers".to_owned()));
        named
    }
}

fn read(
    settings: &Settings,
    entries: &[FunctionEntry],
    position: usize,
    entry: &Value,
) -> Result<TriggerEntry, InputError> {
    let path = format!("triggers.{position}");
    let Some(of_type) = entry.get("type").and_then(Value::as_str) else {
        return Err(error(settings, &path, WrongFunctions::NoType, FunctionsAdvice::Trigger));
    };
    let mut content = entry.as_object().cloned().unwrap_or_default();
    content.shift_remove("type");
    content.shift_remove("function");
    let mut functions: Vec<String> = Vec::new();
    let mut add = |key: &str, place: &str| {
        if !entries.iter().any(|entry| entry.key == key) {
            return Err(absent(settings, entries, key, place));
        }
        if !functions.iter().any(|known| known == key) {
            functions.push(key.to_owned());
        }
        Ok(())
    };
    let names_none =
        || error(settings, &path, WrongFunctions::NamesNone, FunctionsAdvice::FunctionOfTrigger);
    match entry.get("function") {
        None | Some(Value::Null) => {}
        Some(Value::Array(_) | Value::Object(_)) => return Err(names_none()),
        Some(key) => {
            let place = format!("{path}.function");
            add(&text(settings, &place, key)?, &place)?;
        }
    }
    // A gateway names the functions of its paths; the others name theirs.
    let apis = entry.pointer("/parameters/apis").and_then(Value::as_array);
    for (number, api) in apis.into_iter().flatten().enumerate() {
        if let Some(key) = api.get("function").and_then(Value::as_str) {
            add(key, &format!("{path}.parameters.apis.{number}.function"))?;
        }
    }
    if functions.is_empty() {
        return Err(names_none());
    }
    let (of_type, content) = (of_type.to_owned(), Value::Object(content));
    Ok(TriggerEntry { position, of_type, content, functions })
}
