//! The `multi-scf` component: several functions in one file, each made into the inputs of an
//! scf instance.
//!
//! What stands at the top counts for every function, what a function says counts more, and
//! what the command line says counts most. Names, defaults and the spelling of lists are those
//! of the real component; `isAutoPublish` is `publish`, and both together publish once (the
//! real one publishes twice).

use serde_json::{Map, Value, json};

use super::function::{InputError, nearest};
use super::project;
use super::settings::Settings;
use crate::javascript;

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
    let error = |key: &str, what: String, instead: &str| InputError {
        key: key.to_owned(),
        place: settings.place(key),
        what,
        instead: Some(instead.to_owned()),
    };
    let functions = match inputs.get("functions") {
        Some(Value::Object(functions)) if !functions.is_empty() => functions,
        None | Some(Value::Null | Value::Object(_)) => {
            let instead = "a map from a key of your choice to the settings of a function";
            return Err(error(
                "functions",
                "is missing, so there is nothing to deploy".into(),
                instead,
            ));
        }
        Some(_) => {
            let instead = "a key of your choice for each function, its settings indented below it";
            return Err(error("functions", "is not a map".to_owned(), instead));
        }
    };
    if inputs.get("name").is_some_and(|name| !name.is_null()) {
        let instead = "`name` below each function";
        return Err(error("name", "would name every function the same".to_owned(), instead));
    }
    let known = || functions.keys().map(String::as_str);
    let absent = |key: &str, place: &str| {
        let meant = nearest(key, known()).map(|meant| format!("; did you mean `{meant}`?"));
        let instead = format!(
            "one of {}{}",
            known().collect::<Vec<_>>().join(", "),
            meant.unwrap_or_default()
        );
        error(place, format!("is `{key}`, which is none of the functions"), &instead)
    };
    let only = match inputs.get("function") {
        None | Some(Value::Null) => None,
        Some(Value::String(key)) if functions.contains_key(key) => Some(key.as_str()),
        Some(Value::String(key)) => return Err(absent(key, "function")),
        Some(_) => {
            return Err(error("function", "is not a text".to_owned(), "the key of one function"));
        }
    };
    let events = Events::read(settings, &absent)?;
    functions
        .iter()
        .filter(|(key, _)| only.is_none_or(|only| only == key.as_str()))
        .map(|(key, own)| match own {
            Value::Object(own) => one(settings, key, own, &events),
            Value::Null => one(settings, key, &Map::new(), &events),
            _ => {
                let path = format!("functions.{key}");
                Err(error(&path, "is not a map".to_owned(), "the settings of the function"))
            }
        })
        .collect()
}

/// The inputs of one function.
fn one(
    settings: &Settings,
    key: &str,
    own: &Map<String, Value>,
    events: &Events,
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
    if own.get("region").is_some_and(|region| *region != json!(settings.region)) {
        let key = format!("functions.{key}.region");
        return Err(InputError {
            place: settings.place(&key),
            key,
            what: format!("is another one than {}, where all functions go", settings.region),
            instead: Some("`region` at the top of `inputs`, and an instance for each".to_owned()),
        });
    }
    let mut own = own.clone();
    project::absolute_sources(&mut own, &settings.directory);
    for (name, value) in own {
        let meant = spelling(&name);
        origins.retain(|(path, _)| path != meant);
        origins.push((meant.to_owned(), format!("functions.{key}.{name}")));
        inputs.insert(meant.to_owned(), value);
    }
    let given = settings.project.command_inputs.iter();
    let given: Map<String, Value> = given
        .filter(|(key, _)| !OF_THE_WHOLE.contains(&key.as_str()))
        .map(|(name, value)| (spelling(name).to_owned(), value.clone()))
        .collect();
    let mut inputs = javascript::deep_merge(inputs, &given);

    if let Some(list @ Value::Array(_)) = inputs.get("environment") {
        let variables = pairs(settings, &origins, "environment", list)?;
        inputs.insert("environment".to_owned(), json!({"variables": variables}));
        // The list has a place, its single entries no names.
        let place = place_of(&origins, "environment");
        origins.push(("environment.variables".to_owned(), place));
    }
    if let Some(list @ Value::Array(_)) = inputs.get("tags") {
        let tags = pairs(settings, &origins, "tags", list)?;
        inputs.insert("tags".to_owned(), tags.into());
    }
    if inputs.get("publish").is_some_and(|publish| *publish != json!(false)) {
        inputs.entry("publishDescription").or_insert_with(|| DEFAULT_DESCRIPTION.into());
    }
    let default_name = || {
        let (name, stage, app) = (settings.name(), &settings.project.stage, settings.app());
        format!("{name}-{stage}-{app}-{key}").into()
    };
    if inputs.get("name").is_none_or(|name| name.is_null() || *name == json!("")) {
        inputs.insert("name".to_owned(), default_name());
        origins.push(("name".to_owned(), format!("functions.{key}")));
    }
    if let Some(list) = &events.0 {
        let mut of_function = Vec::new();
        for event in list.iter().filter(|event| event.function == key) {
            let place = format!("events.{}.{}", of_function.len(), event.kind);
            origins.push((place, format!("triggers.{}", event.position)));
            let entry = format!("events.{}", of_function.len());
            origins.push((entry, format!("triggers.{}", event.position)));
            of_function.push(json!({&event.kind: event.content}));
        }
        inputs.insert("events".to_owned(), of_function.into());
        origins.push(("events".to_owned(), "triggers".to_owned()));
    }
    Ok(settings.of_function(key, inputs, origins))
}

fn spelling(key: &str) -> &str {
    SPELLINGS.iter().find(|(theirs, _)| *theirs == key).map_or(key, |(_, ours)| ours)
}

fn place_of(origins: &[(String, String)], key: &str) -> String {
    let origin = origins.iter().rev().find(|(path, _)| path == key);
    origin.map_or_else(|| key.to_owned(), |(_, origin)| origin.clone())
}

/// A list of `key` and `value` as a map.
fn pairs(
    settings: &Settings,
    origins: &[(String, String)],
    name: &str,
    list: &Value,
) -> Result<Map<String, Value>, InputError> {
    let mut map = Map::new();
    for (position, entry) in list.as_array().into_iter().flatten().enumerate() {
        let (Some(Value::String(key)), Some(value)) = (entry.get("key"), entry.get("value")) else {
            let key = format!("{}.{position}", place_of(origins, name));
            return Err(InputError {
                place: settings.place(&key),
                key,
                what: "is not a `key` with its `value`".to_owned(),
                instead: Some("`- key: NAME` and `value: TEXT` below it".to_owned()),
            });
        };
        map.insert(key.clone(), value.clone());
    }
    Ok(map)
}

/// `triggers`, as events of the functions; `None` when the file has no word on them.
struct Events(Option<Vec<Event>>);

/// One trigger of one function.
struct Event {
    function: String,
    kind: String,
    /// Where it stands in `triggers`.
    position: usize,
    /// `name` and `parameters`.
    content: Value,
}

impl Events {
    fn read(
        settings: &Settings,
        absent: &dyn Fn(&str, &str) -> InputError,
    ) -> Result<Self, InputError> {
        let error = |key: String, what: &str, instead: &str| InputError {
            place: settings.place(&key),
            key,
            what: what.to_owned(),
            instead: Some(instead.to_owned()),
        };
        let inputs = &settings.project.inputs;
        let functions = inputs.get("functions").and_then(Value::as_object);
        let is_function = |key: &str| functions.is_some_and(|map| map.contains_key(key));
        let list = match inputs.get("triggers") {
            None | Some(Value::Null) => return Ok(Self(None)),
            Some(Value::Array(list)) => list,
            Some(_) => {
                let what = "is not a list";
                return Err(error("triggers".to_owned(), what, "a list of `- type: timer …`"));
            }
        };
        let mut events = Vec::new();
        for (position, entry) in list.iter().enumerate() {
            let path = format!("triggers.{position}");
            let Some(kind) = entry.get("type").and_then(Value::as_str) else {
                return Err(error(path, "has no `type`", "`type`, `function` and `parameters`"));
            };
            let mut content = Map::new();
            for key in ["name", "parameters"] {
                content.extend(entry.get(key).map(|value| (key.to_owned(), value.clone())));
            }
            // A gateway names the functions of its paths; the others name theirs.
            let apis = entry.pointer("/parameters/apis").and_then(Value::as_array);
            let mut named: Vec<(&str, String)> = Vec::new();
            match entry.get("function") {
                Some(Value::String(key)) => named.push((key, format!("{path}.function"))),
                None | Some(Value::Null) if apis.is_some() => {}
                _ => {
                    let instead = "`function: KEY`, the key of one of the functions";
                    return Err(error(path, "names no function", instead));
                }
            }
            for (number, api) in apis.into_iter().flatten().enumerate() {
                if let Some(key) = api.get("function").and_then(Value::as_str) {
                    named.push((key, format!("{path}.parameters.apis.{number}.function")));
                }
            }
            for (key, place) in &named {
                if !is_function(key) {
                    return Err(absent(key, place));
                }
            }
            named.dedup_by(|one, other| one.0 == other.0);
            events.extend(named.into_iter().map(|(function, _)| Event {
                function: function.to_owned(),
                kind: kind.to_owned(),
                position,
                content: Value::Object(content.clone()),
            }));
        }
        Ok(Self(Some(events)))
    }
}
