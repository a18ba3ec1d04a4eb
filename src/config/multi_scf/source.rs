//! The code of one of several functions: its part of the common package.
//!
//! The real component packs the common `src` once and cuts the entries below a function's `src`
//! out of it. So that folder is relative to the common one (to its `dist`, where a hook makes
//! that), and what the common `exclude` leaves out is not in it either. What else a function's
//! `src` may say is about its part: `exclude` and `include` are anchored there, `targetDir` is
//! where it goes inside the function's package.

use std::path::{Component, Path};

use serde_json::{Map, Value};

use super::entry::{FunctionEntry, error};
use crate::config::function::InputError;
use crate::config::input_error::{Advice, FunctionsAdvice, WantedValue, Wrong, WrongFunctions};
use crate::config::project;
use crate::config::settings::{Cut, Settings};

/// Sets `src` in the inputs of a function. Returns what is cut out of that folder.
pub(super) fn cut(
    settings: &Settings,
    entry: &FunctionEntry,
    inputs: &mut Map<String, Value>,
    origins: &mut Vec<(String, String)>,
) -> Result<Cut, InputError> {
    let own = match entry.own.get("src") {
        None | Some(Value::Null) => return Ok(Cut::default()),
        Some(own) => own,
    };
    let path = format!("{}.src", entry.path);
    origins.retain(|(key, _)| key != "src");
    origins.push(("src".to_owned(), path.clone()));
    let own_map = match own {
        Value::String(folder) => {
            origins.push(("src.src".to_owned(), path.clone()));
            Some(Map::from_iter([("src".to_owned(), folder.as_str().into())]))
        }
        Value::Object(map) if map.get("object").is_none_or(Value::is_null) => Some(map.clone()),
        _ => None,
    };
    let is_image = inputs.get("image").is_some_and(|image| !image.is_null());
    let common = inputs.get("src").and_then(folder).filter(|_| !is_image);
    let (Some(own_map), Some(common)) = (own_map, common) else {
        // Nothing to cut out of: the folder of the file is what it is relative to.
        let mut alone = Map::from_iter([("src".to_owned(), own.clone())]);
        project::absolute_sources(&mut alone, &settings.directory);
        inputs.extend(alone);
        return Ok(Cut::default());
    };
    let own = Own { settings, path: &path, is_text: own.is_string(), map: &own_map };
    let (source, cut) = merge(&own, &common, origins)?;
    inputs.insert("src".to_owned(), Value::Object(source));
    Ok(cut)
}

/// A source that names a folder, as a map.
fn folder(source: &Value) -> Option<Map<String, Value>> {
    match source {
        Value::String(_) => Some(Map::from_iter([("src".to_owned(), source.clone())])),
        Value::Object(map) => {
            map.get("src").filter(|folder| folder.is_string()).map(|_| map.clone())
        }
        _ => None,
    }
}

/// `src` of a function.
struct Own<'a> {
    settings: &'a Settings,
    path: &'a str,
    /// Whether it is only the folder.
    is_text: bool,
    map: &'a Map<String, Value>,
}

impl Own<'_> {
    fn error(&self, key: &str, what: impl Into<Wrong>, instead: impl Into<Advice>) -> InputError {
        let below = format!("{}.{key}", self.path);
        let path = if self.is_text { self.path } else { &below };
        error(self.settings, path, what, instead)
    }

    fn text(&self, key: &str) -> Result<Option<String>, InputError> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(other) => {
                Err(self.error(key, Wrong::kind(other, WantedValue::Text), Advice::Quote))
            }
        }
    }

    /// A list of texts, or one text.
    fn globs(&self, key: &str) -> Result<Vec<String>, InputError> {
        let list = match self.map.get(key) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::String(one)) => Some(vec![one.clone()]),
            Some(Value::Array(list)) => {
                list.iter().map(|item| item.as_str().map(str::to_owned)).collect()
            }
            Some(_) => None,
        };
        list.ok_or_else(|| {
            self.error(key, Wrong::IsNot(WantedValue::Texts), FunctionsAdvice::Patterns)
        })
    }

    /// A folder in the common one, by the names on the way to it.
    fn inside(&self, key: &str, common: &str) -> Result<String, InputError> {
        let text = self.text(key)?.unwrap_or_default();
        let mut names: Vec<&str> = Vec::new();
        let outside = || {
            let (folder, common) = (text.clone(), common.to_owned());
            let what = WrongFunctions::Outside { folder, common };
            self.error(key, what, FunctionsAdvice::FolderBelow)
        };
        // A whole path may lead there, too.
        let path = Path::new(&text);
        let below = project::normalised(path);
        let whole = path.is_absolute().then_some(below.as_path());
        let inside = whole.and_then(|path| path.strip_prefix(common).ok());
        for part in inside.unwrap_or(path).components() {
            match part {
                Component::CurDir => {}
                Component::Normal(name) => names.extend(name.to_str()),
                Component::ParentDir if !names.is_empty() => {
                    names.pop();
                }
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                    return Err(outside());
                }
            }
        }
        Ok(names.join("/"))
    }
}

/// The common source as the function has it, and what is cut out of it.
fn merge(
    own: &Own<'_>,
    common: &Map<String, Value>,
    origins: &mut Vec<(String, String)>,
) -> Result<(Map<String, Value>, Cut), InputError> {
    let given = |map: &Map<String, Value>, key: &str| {
        map.get(key).is_some_and(|value| !value.is_null() && value != "")
    };
    let text = |key: &str| common.get(key).and_then(Value::as_str).unwrap_or_default();
    let is_made = given(common, "hook") && given(common, "dist");
    // The folder that is packed.
    let root = if is_made { text("dist") } else { text("src") };
    let mut folder = own.inside("src", root)?;
    let mut source = common.clone();
    for key in common.keys() {
        if key != "src" {
            origins.push((format!("src.{key}"), format!("src.{key}")));
        }
    }
    // What is not known here is refused by whoever reads the source.
    for (key, value) in own.map {
        if !matches!(key.as_str(), "src" | "exclude" | "include" | "dist") && !value.is_null() {
            source.insert(key.clone(), value.clone());
            origins.retain(|(path, _)| *path != format!("src.{key}"));
        }
    }
    if let Some(key) = ["hook", "dist"].into_iter().find(|key| given(own.map, key)) {
        if is_made {
            return Err(own.error(key, WrongFunctions::SecondHook, FunctionsAdvice::OneHook));
        }
        let dist = own.inside("dist", root)?;
        if given(own.map, "hook") && given(own.map, "dist") {
            // It runs in the function's folder, and what it makes is cut out of the common one.
            let runs_in = Path::new(root).join(&folder);
            source.insert("dist".to_owned(), root.into());
            source.insert("src".to_owned(), runs_in.to_string_lossy().into());
            folder = dist;
        } else if given(own.map, "dist") {
            source.insert("dist".to_owned(), own.map["dist"].clone());
        }
        origins.retain(|(path, _)| path != "src.dist");
    }
    let target = text("targetDir");
    if !folder.is_empty() && !target.is_empty() {
        let target: Vec<&str> =
            target.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let target = target.join("/");
        let below = format!("{folder}/");
        let Some(rest) = below.strip_prefix(&format!("{target}/")) else {
            let instead = Advice::literal(format!("{target}/{folder}"));
            return Err(own.error("src", WrongFunctions::NotInPackage { folder, target }, instead));
        };
        rest.trim_end_matches('/').clone_into(&mut folder);
        if !given(own.map, "targetDir") {
            source.shift_remove("targetDir");
        }
    }
    let (exclude, include) = (own.globs("exclude")?, own.globs("include")?);
    Ok((source, Cut { folder, exclude, include }))
}
