//! The `multi-scf` component: several functions in one file, each made into the inputs of an
//! scf instance.
//!
//! What stands at the top counts for every function, what a function says counts more, and
//! what the command line says counts most. Names, defaults and the spelling of lists are those
//! of the real component; `isAutoPublish` is `publish`, and both together publish once (the
//! real one publishes twice). The code of a function is cut out of the common package
//! (`source`).

mod entry;
mod keys;
mod source;
mod triggers;

use serde_json::{Map, Value, json};

use super::function::InputError;
use super::input_error::{Advice, FunctionsAdvice, WantedValue, Wrong, WrongFunctions};
use super::settings::{OfFunction, Settings};
use crate::javascript;
use entry::{FunctionEntry, absent, entries, error, text};
pub use keys::KEYS;
use triggers::Triggers;

/// Runtime of a function whose file names none.
pub const DEFAULT_RUNTIME: &str = "Nodejs12.16";
/// Description of a function, and of a version, whose file has none.
pub const DEFAULT_DESCRIPTION: &str = "Created by Serverless";

/// Keys that describe the whole rather than each function.
const OF_THE_WHOLE: &[&str] = &["function", "functions", "name", "triggers"];

/// Spellings of this component with those of scf.
const SPELLINGS: &[(&str, &str)] =
    &[("environments", "environment"), ("isAutoPublish", "publish"), ("vpc", "vpcConfig")];

/// The settings of each function, in the file's order, or of the one that `function` names.
///
/// # Errors
/// No functions, a name that is none of them, or a key of another form than the component
/// takes.
pub fn functions(settings: &Settings) -> Result<Vec<Settings>, InputError> {
    let inputs = &settings.project.inputs;
    let entries = entries(settings)?;
    if inputs.get("name").is_some_and(|name| !name.is_null()) {
        let instead = FunctionsAdvice::NameBelow;
        return Err(error(settings, "name", WrongFunctions::CommonName, instead));
    }
    let only = match inputs.get("function") {
        None | Some(Value::Null) => None,
        Some(Value::String(key)) if entries.iter().any(|entry| entry.key == *key) => {
            Some(key.as_str())
        }
        Some(Value::String(key)) => return Err(absent(settings, &entries, key, "function")),
        Some(_) => {
            let what = Wrong::IsNot(WantedValue::Text);
            return Err(error(settings, "function", what, FunctionsAdvice::Key));
        }
    };
    let triggers = Triggers::read(settings, &entries)?;
    entries
        .iter()
        .filter(|entry| only.is_none_or(|only| only == entry.key))
        .map(|entry| one(settings, entry, &triggers))
        .collect()
}

/// The inputs of one function.
fn one(
    settings: &Settings,
    entry: &FunctionEntry,
    triggers: &Triggers,
) -> Result<Settings, InputError> {
    let mut origins = Vec::new();
    let mut inputs = Map::new();
    let common =
        settings.project.inputs.iter().filter(|(key, _)| !OF_THE_WHOLE.contains(&key.as_str()));
    for (name, value) in common {
        let meant = spelling(name);
        inputs.insert(meant.to_owned(), value.clone());
        origins.push((meant.to_owned(), name.clone()));
    }
    if entry.own.get("region").is_some_and(|region| *region != json!(settings.region)) {
        let what = WrongFunctions::OtherRegion(settings.region.clone());
        let instead = FunctionsAdvice::RegionAtTop;
        return Err(error(settings, &format!("{}.region", entry.path), what, instead));
    }
    for (name, value) in &entry.own {
        if name == "src" {
            continue;
        }
        let meant = spelling(name);
        origins.retain(|(path, _)| path != meant);
        origins.push((meant.to_owned(), format!("{}.{name}", entry.path)));
        inputs.insert(meant.to_owned(), value.clone());
    }
    // The folder of the command line is the common one, too.
    let given = settings.project.command_inputs.iter();
    let given: Map<String, Value> = given
        .filter(|(key, _)| !OF_THE_WHOLE.contains(&key.as_str()) && *key != "src")
        .map(|(name, value)| (spelling(name).to_owned(), value.clone()))
        .collect();
    let mut inputs = javascript::deep_merge(inputs, &given);
    let cut = source::cut(settings, entry, &mut inputs, &mut origins)?;

    if let Some(list @ Value::Array(_)) = inputs.get("environment") {
        let (variables, places) = pairs(settings, &origins, "environment", list)?;
        inputs.insert("environment".to_owned(), json!({"variables": variables}));
        // The list has a place, and so has each of its values.
        let place = place_of(&origins, "environment");
        origins.push(("environment.variables".to_owned(), place));
        let places = places.into_iter();
        origins.extend(places.map(|(key, place)| (format!("environment.variables.{key}"), place)));
    }
    if let Some(list @ Value::Array(_)) = inputs.get("tags") {
        let (tags, places) = pairs(settings, &origins, "tags", list)?;
        inputs.insert("tags".to_owned(), tags.into());
        let places = places.into_iter();
        origins.extend(places.map(|(key, place)| (format!("tags.{key}"), place)));
    }
    if inputs.get("publish").is_some_and(|publish| *publish != json!(false)) {
        inputs.entry("publishDescription").or_insert_with(|| DEFAULT_DESCRIPTION.into());
    }
    let default_name = || {
        let (name, stage, app) = (settings.name(), &settings.project.stage, settings.app());
        format!("{name}-{stage}-{app}-{}", entry.key).into()
    };
    if inputs.get("name").is_none_or(|name| name.is_null() || *name == json!("")) {
        inputs.insert("name".to_owned(), default_name());
        origins.push(("name".to_owned(), entry.path.clone()));
    }
    let named_by_triggers = triggers.add_to(&entry.key, &mut inputs, &mut origins);
    Ok(settings.of_function(&entry.key, OfFunction { inputs, origins, cut, named_by_triggers }))
}

fn spelling(key: &str) -> &str {
    SPELLINGS.iter().find(|(theirs, _)| *theirs == key).map_or(key, |(_, ours)| ours)
}

fn place_of(origins: &[(String, String)], key: &str) -> String {
    let origin = origins.iter().rev().find(|(path, _)| path == key);
    origin.map_or_else(|| key.to_owned(), |(_, origin)| origin.clone())
}

/// Dotted paths of inputs, with where the file has them.
type Origins = Vec<(String, String)>;

/// A list of `key` and `value` as a map, with the place of each value.
fn pairs(
    settings: &Settings,
    origins: &[(String, String)],
    name: &str,
    list: &Value,
) -> Result<(Map<String, Value>, Origins), InputError> {
    let (mut map, mut places) = (Map::new(), Vec::new());
    for (position, entry) in list.as_array().into_iter().flatten().enumerate() {
        let path = format!("{}.{position}", place_of(origins, name));
        let (Some(key), Some(value)) = (entry.get("key"), entry.get("value")) else {
            let what = Wrong::IsNot(WantedValue::Pair);
            return Err(error(settings, &path, what, FunctionsAdvice::Pairs));
        };
        let key = text(settings, &format!("{path}.key"), key)?;
        places.push((key.clone(), format!("{path}.value")));
        if map.insert(key.clone(), value.clone()).is_some() {
            // The last one would count, as the first one does for whoever reads from above.
            let instead = Advice::LeaveOneOut;
            return Err(error(settings, &path, Wrong::Again(key), instead));
        }
    }
    Ok((map, places))
}
