//! The functions as the file lists them.

use serde_json::{Map, Value, json};

use super::keys::KEYS;
use crate::config::function::{self, InputError, WrittenForm as _, nearest, scalar};
use crate::config::input_error::{
    Advice, FunctionsAdvice, InputsOf, WantedValue, Wrong, WrongFunctions,
};
use crate::config::settings::Settings;

/// A function as the file describes it.
pub(super) struct FunctionEntry {
    /// What triggers and the command line call it.
    pub(super) key: String,
    /// Dotted path of its settings below `inputs`.
    pub(super) path: String,
    /// Its settings.
    pub(super) own: Map<String, Value>,
}

pub(super) fn error(
    settings: &Settings,
    path: &str,
    what: impl Into<Wrong>,
    instead: impl Into<Advice>,
) -> InputError {
    InputError {
        key: path.to_owned(),
        place: settings.place(path),
        what: what.into().on_one_line(),
        instead: Some(instead.into()),
    }
}

/// The error of a key that is none of the functions.
pub(super) fn absent(
    settings: &Settings,
    entries: &[FunctionEntry],
    key: &str,
    path: &str,
) -> InputError {
    let keys: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    // Whoever gives a function a name and a key may take the one for the other.
    let named = entries.iter().find(|entry| entry.own.get("name") == Some(&json!(key)));
    let meant =
        named.map(|entry| entry.key.as_str()).or_else(|| nearest(key, keys.iter().copied()));
    let meant = meant.map(str::to_owned);
    let keys = keys.into_iter().map(str::to_owned).collect();
    let what = WrongFunctions::NoFunction(key.to_owned());
    error(settings, path, what, FunctionsAdvice::OneOf { keys, meant })
}

/// `functions`: a map by key, or a list whose entries have a `key`, or at least a `name`.
pub(super) fn entries(settings: &Settings) -> Result<Vec<FunctionEntry>, InputError> {
    let inputs = &settings.project.inputs;
    let entries: Vec<FunctionEntry> = match inputs.get("functions") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(functions)) => functions
            .iter()
            .map(|(key, own)| {
                let path = format!("functions.{key}");
                let own = settings_of(settings, &path, own)?;
                Ok(FunctionEntry { key: key.clone(), path, own })
            })
            .collect::<Result<_, _>>()?,
        Some(Value::Array(functions)) => functions
            .iter()
            .enumerate()
            .map(|(position, own)| listed(settings, format!("functions.{position}"), own))
            .collect::<Result<_, _>>()?,
        Some(other) => {
            let what = Wrong::kind(other, WantedValue::Functions);
            return Err(error(settings, "functions", what, FunctionsAdvice::Keys));
        }
    };
    if entries.is_empty() {
        let keys = inputs.keys().map(String::as_str).filter(|key| !is_known(key));
        let misspelt = keys.map(|key| (key, nearest(key, ["functions"].into_iter())));
        if let Some((key, _)) = misspelt.clone().find(|(_, meant)| meant.is_some()) {
            let instead = Advice::Write("functions".to_owned());
            return Err(error(settings, key, Wrong::Unknown(InputsOf::MultiScf), instead));
        }
        let what = WrongFunctions::NoFunctions;
        return Err(error(settings, "functions", what, FunctionsAdvice::Functions));
    }
    for (position, entry) in entries.iter().enumerate() {
        if let Some(first) = entries[..position].iter().find(|first| first.key == entry.key) {
            let (key, first) = (entry.key.clone(), first.path.clone());
            let what = WrongFunctions::SameKey { key, first };
            return Err(error(settings, &entry.path, what, FunctionsAdvice::OwnKey));
        }
    }
    Ok(entries)
}

fn settings_of(
    settings: &Settings,
    path: &str,
    own: &Value,
) -> Result<Map<String, Value>, InputError> {
    match own {
        Value::Object(own) => Ok(own.clone()),
        Value::Null => Ok(Map::new()),
        _ => {
            let what = Wrong::IsNot(WantedValue::Map);
            Err(error(settings, path, what, FunctionsAdvice::Settings))
        }
    }
}

/// An entry of a list of functions.
fn listed(settings: &Settings, path: String, own: &Value) -> Result<FunctionEntry, InputError> {
    let mut own = settings_of(settings, &path, own)?;
    let given = own.shift_remove("key").map(|value| ("key", value));
    let given = given.filter(|(_, value)| !value.is_null() && *value != json!(""));
    let name = || own.get("name").filter(|name| !name.is_null() && **name != json!(""));
    match given.or_else(|| Some(("name", name()?.clone()))) {
        Some((name, value)) => {
            let key = text(settings, &format!("{path}.{name}"), &value)?;
            Ok(FunctionEntry { key, path, own })
        }
        None => Err(error(settings, &path, WrongFunctions::NoKey, FunctionsAdvice::AddKey)),
    }
}

/// A text; a number, and true and false, are texts as they are written.
pub(super) fn text(settings: &Settings, path: &str, value: &Value) -> Result<String, InputError> {
    let parts: Vec<&str> = path.split('.').collect();
    let what = match (value, settings.changed(&parts)) {
        (Value::String(text), _) => return Ok(text.clone()),
        (_, Some(changed)) => Wrong::NotAsWritten(changed.what),
        (other, None) => match scalar(other) {
            Some(text) => return Ok(text),
            None => Wrong::kind(other, WantedValue::Text),
        },
    };
    Err(error(settings, path, what, Advice::Quote))
}

/// Whether the component has an input of this name.
fn is_known(key: &str) -> bool {
    KEYS.contains(&key) || function::keys().any(|known| known == key)
}
