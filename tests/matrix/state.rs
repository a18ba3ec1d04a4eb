//! What the local SCF holds, in a form that two runs can be compared by.

use scfctl::local::Handle;
use serde_json::{Map, Value, json};

use crate::rollout::{marker, own_text, unlike_marker};
use crate::sandbox::{FUNCTION, REGION};

/// What tells two runs apart that did the same.
const PASSING: &[&str] =
    &["added", "modified", "id", "next_version", "runs", "work", "reason", "ready", "called"];

/// The functions of the default namespace without times and identifiers, and without what is
/// being deleted.
pub fn of(server: &Handle) -> Value {
    let snapshot = server.snapshot();
    let functions = &snapshot["regions"][REGION]["namespaces"]["default"]["functions"];
    match functions {
        Value::Null => json!({}),
        functions => without_deleted(lasting(functions)),
    }
}

/// How often the function ran.
pub fn runs(server: &Handle) -> u64 {
    let snapshot = server.snapshot();
    let functions = &snapshot["regions"][REGION]["namespaces"]["default"]["functions"];
    let minutes = functions[FUNCTION]["called"].as_object();
    let calls = minutes.into_iter().flatten().filter_map(|(_, versions)| versions.as_array());
    calls.flatten().filter_map(|version| version["calls"].as_u64()).sum()
}

fn without_deleted(mut functions: Value) -> Value {
    let stays = |version: &Value| version["status"]["name"] != "Deleting";
    if let Some(functions) = functions.as_object_mut() {
        functions.retain(|_, function| stays(&function["versions"]["$LATEST"]));
        for versions in functions.values_mut().filter_map(|one| one["versions"].as_object_mut()) {
            versions.retain(|_, version| stays(version));
        }
    }
    functions
}

fn lasting(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| !PASSING.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), lasting(value)))
            .collect(),
        Value::Array(items) => items.iter().map(lasting).collect(),
        // The key of a publication is made from the run id.
        Value::String(text) => match text.split_once(", scfctl key ") {
            Some((words, _)) => words.into(),
            None => without_times(text).into(),
        },
        other => other.clone(),
    }
}

/// A description without name and times in the marker of a rollout.
fn without_times(text: &str) -> String {
    if marker(text).is_none() {
        return text.to_owned();
    }
    let passing = ["began ", "skipped ", "since "];
    let stays = |field: &&str| !passing.iter().any(|key| field.starts_with(key));
    let fields =
        text.split(", ").filter(stays).map(|field| match field.split_once("scfctl v1 id ") {
            Some((own, _)) => format!("{own}scfctl v1 id"),
            None => field.to_owned(),
        });
    let fields = fields.map(|field| match field.strip_prefix("starts ") {
        // How many there are is how many steps there were.
        Some(starts) => format!("starts {}", starts.split(' ').count()),
        None => field,
    });
    fields.collect::<Vec<_>>().join(", ")
}

/// The state with every status as it is when all work went well.
pub fn without_statuses(state: &Value) -> Value {
    match state {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| *key != "status")
            .map(|(key, value)| (key.clone(), without_statuses(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_statuses).collect(),
        other => other.clone(),
    }
}

fn versions(state: &Value) -> Map<String, Value> {
    state[FUNCTION]["versions"].as_object().cloned().unwrap_or_default()
}

/// How many versions are published, failed ones included.
pub fn published(state: &Value) -> usize {
    versions(state).keys().filter(|version| *version != "$LATEST").count()
}

/// The version in a description that a rollout was frozen as, between what stands around it.
fn frozen(description: &str) -> Option<(&str, &str, &str)> {
    let (words, rest) = description.split_once(", frozen ")?;
    let (version, rest) = rest.split_once(", ")?;
    Some((words, version, rest))
}

/// The state without versions whose publication failed, and the later ones numbered as if those
/// had never been.
pub fn without_failed_versions(state: &Value) -> Value {
    let mut state = state.clone();
    let Some(function) = state.get_mut(FUNCTION) else { return state };
    let mut numbers: Vec<u64> = Vec::new();
    let mut kept = Map::new();
    for (version, content) in function["versions"].as_object().unwrap() {
        match version.parse() {
            Ok(_) if content["status"]["name"] == "PublishFailed" => {}
            Ok(number) => numbers.push(number),
            Err(_) => {
                kept.insert(version.clone(), content.clone());
            }
        }
    }
    numbers.sort_unstable();
    let renamed = |version: &Value| {
        let position = version
            .as_str()
            .and_then(|text| text.parse().ok())
            .and_then(|number: u64| numbers.iter().position(|one| *one == number));
        position.map_or_else(|| version.clone(), |position| (position + 1).to_string().into())
    };
    for (position, number) in numbers.iter().enumerate() {
        let content = function["versions"][number.to_string()].clone();
        kept.insert((position + 1).to_string(), content);
    }
    for alias in function["aliases"].as_object_mut().unwrap().values_mut() {
        alias["version"] = renamed(&alias["version"]);
        if let Some((words, version, rest)) = alias["description"].as_str().and_then(frozen) {
            let version = renamed(&version.into());
            let text = format!("{words}, frozen {}, {rest}", version.as_str().unwrap());
            alias["description"] = text.into();
        }
        for entry in alias["routing"]["AdditionalVersionWeights"].as_array_mut().unwrap() {
            entry["Version"] = renamed(&entry["Version"]);
        }
    }
    let provisioned = function["provisioned"].as_object().unwrap().iter();
    let provisioned: Map<String, Value> = provisioned
        .map(|(version, held)| {
            let version = renamed(&version.as_str().into());
            (version.as_str().unwrap().to_owned(), held.clone())
        })
        .collect();
    function["provisioned"] = provisioned.into();
    function["versions"] = kept.into();
    state
}

/// The share of an alias that a version has.
fn share(alias: &Value, version: &str) -> f64 {
    let entries = alias["routing"]["AdditionalVersionWeights"].as_array().unwrap();
    let weight = |entry: &Value| entry["Weight"].as_f64().unwrap();
    let extra: f64 = entries.iter().filter(|entry| entry["Version"] == version).map(weight).sum();
    let rest = 1.0 - entries.iter().map(weight).sum::<f64>();
    if alias["version"] == version { extra + rest } else { extra }
}

/// What is dangerous about a state, whatever comes of it later: an alias that names a version
/// which is not there, or that a rollout says another share of, or that has lost the text of its
/// user; or more of `$DEFAULT` than `exposure` on other code than before.
pub fn danger(before: &Value, now: &Value, exposure: f64) -> Option<String> {
    let there = versions(now);
    let aliases = now[FUNCTION]["aliases"].as_object().cloned().unwrap_or_default();
    for (name, alias) in &aliases {
        if let Some(what) = unlike_marker(alias, |version| share(alias, version)) {
            return Some(format!("alias {name}: {what}"));
        }
        let found = &before[FUNCTION]["aliases"][name];
        if !found.is_null() && own_text(found) != own_text(alias) {
            return Some(format!("alias {name} says {:?}", own_text(alias)));
        }
        let named = alias["routing"]["AdditionalVersionWeights"].as_array().unwrap().iter();
        for version in named.map(|entry| &entry["Version"]).chain([&alias["version"]]) {
            if !there.contains_key(version.as_str().unwrap()) {
                return Some(format!("alias {name} names version {version}, which is not there"));
            }
        }
    }
    let code = |state: &Value| state[FUNCTION]["versions"]["$LATEST"]["code"]["sha256"].clone();
    if code(before) != code(now)
        && let Some(alias) = aliases.get("$DEFAULT")
        // A weight that came back as a 32-bit float is up to 3e-8 more than was sent.
        && share(alias, "$LATEST") > exposure + 1e-7
    {
        return Some(format!("new code has {} of $DEFAULT", share(alias, "$LATEST")));
    }
    None
}
