//! The configuration file of one instance, and what it takes over from its parent directory.

use std::ffi::OsStr;
use std::path::Path;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::{ConfigError, Expected, FILE_LIMIT};
use crate::config::function::{is_input, keys, nearest};
use crate::config::multi_scf;
use crate::config::pointer;
use crate::config::position::Position;
use crate::config::text_file;
use crate::config::warning::{ConfigWarning, TopKeyMeaning};
use crate::config::yaml::{self, Document};
use crate::javascript;

/// Keys that count at the top.
const KNOWN: &[&str] =
    &["app", "commandInputs", "component", "globalOptions", "inputs", "name", "org", "stage"];
/// Those that instances take over from the file of the folder above.
const INHERITED: [&str; 3] = ["app", "stage", "org"];

/// A configuration file with a map at its top.
pub(super) struct ConfigFile {
    pub(super) path: PathBuf,
    pub(super) document: Document,
    map: Map<String, Value>,
    /// Keys whose values are those of the parent directory's file.
    inherited: Vec<String>,
}

impl ConfigFile {
    const NAMES: [&str; 3] = ["serverless.json", "serverless.yaml", "serverless.yml"];

    /// Whether a directory has one.
    pub(super) fn is_in(directory: &Path) -> bool {
        Self::NAMES.iter().any(|name| directory.join(name).is_file())
    }

    /// Reads the last of `serverless.yml`, `.yaml` and `.json` in a directory.
    pub(super) fn read(directory: &Path) -> Result<Option<Self>, ConfigError> {
        let mut found = None;
        for path in Self::NAMES.iter().map(|name| directory.join(name)) {
            if let Some(text) = read_text(&path, FILE_LIMIT)? {
                found = Some((path, text));
                break;
            }
        }
        let Some((path, text)) = found else {
            return Ok(None);
        };
        let parsed = if path.extension() == Some(OsStr::new("json")) {
            yaml::parse_json(&text)
        } else {
            yaml::parse(&text)
        };
        let mut document =
            parsed.map_err(|source| ConfigError::Syntax { path: path.clone(), source })?;
        match document.value.take() {
            Value::Object(mut map) if !map.is_empty() => {
                for key in ["inputs", "commandInputs"] {
                    if let Some(value) = map.get_mut(key) {
                        document.locations.restore_dates(&pointer::to(&[key]), value);
                    }
                }
                Ok(Some(Self { path, document, map, inherited: Vec::new() }))
            }
            Value::Null | Value::Object(_) => Err(ConfigError::Empty { path }),
            _ => {
                Err(ConfigError::WrongType { path, key: None, expected: Expected::Map, line: None })
            }
        }
    }

    /// Takes `app`, `stage` and `org` over from the parent directory's configuration.
    pub(super) fn inherit(
        &mut self,
        directory: &Path,
        working: &Path,
    ) -> Result<Vec<ConfigWarning>, ConfigError> {
        let mut warnings = Vec::new();
        let Some(parent) = directory.parent() else {
            return Ok(warnings);
        };
        // A `serverless.js` is read as text by `sls`, yields nothing and hides the others.
        if parent.join("serverless.js").is_file() {
            return Ok(warnings);
        }
        let parent = match Self::read(parent) {
            Ok(Some(parent)) => parent,
            Ok(None) => return Ok(warnings),
            Err(error) => {
                warnings.push(ConfigWarning::ParentIgnored(Box::new(error)));
                return Ok(warnings);
            }
        };
        warnings.extend(parent.unknown_above(working));
        for key in INHERITED {
            let Some(value) = parent.map.get(key).filter(|value| is_truthy(value)) else {
                continue;
            };
            parent.check_text(key)?;
            self.inherited.push(key.to_owned());
            let own = self.map.insert(key.to_owned(), value.clone());
            if own.is_some_and(|own| is_truthy(&own) && own != *value) {
                let (by, of) = (parent.path.clone(), self.path.clone());
                warnings.push(ConfigWarning::Overridden { key, by, of });
            }
        }
        Ok(warnings)
    }

    /// Refuses the two older formats, whose keys mean nothing here.
    pub(super) fn check_format(&self) -> Result<(), ConfigError> {
        if let Some(component) = self.map.get("component") {
            return self.check_component(component);
        }
        let mut instances = self.map.iter().filter(|(_, value)| {
            let component = value.get("component").and_then(Value::as_str);
            component.is_some_and(|name| name.contains("tencent") || value.get("inputs").is_some())
        });
        if let Some((key, _)) = instances.next() {
            let place = self.document.locations.get(&pointer::to(&[key]));
            return Err(ConfigError::FirstComponents {
                path: self.path.clone(),
                key: key.clone(),
                line: place.map_or(0, |place| place.key.unwrap_or(place.value).line),
                count: 1 + instances.count(),
            });
        }
        if let (true, Some(provider)) = (self.map.contains_key("service"), self.map.get("provider"))
        {
            let path = self.path.clone();
            // `provider: aws` is short for a map with the name.
            let name = provider.as_str().or_else(|| provider.get("name")?.as_str());
            return Err(match name.filter(|name| *name != "tencent") {
                Some(provider) => ConfigError::OtherCloud { path, provider: provider.to_owned() },
                None => ConfigError::Plugin { path },
            });
        }
        Ok(())
    }

    /// Refuses the component that the older formats call by the name of its package: for
    /// another one it would be left as it is.
    fn check_component(&self, component: &Value) -> Result<(), ConfigError> {
        let Some(component) = component.as_str() else { return Ok(()) };
        let package = component.strip_prefix("@serverless/").unwrap_or(component);
        let package = package.strip_prefix("tencent-").unwrap_or(package);
        let of_today = match package.split('@').next() {
            Some("scf") => "scf",
            Some("multi-scf") => "multi-scf",
            _ => return Ok(()),
        };
        if component == package {
            return Ok(());
        }
        let (path, component) = (self.path.clone(), component.to_owned());
        Err(ConfigError::OldComponent { path, component, name: of_today })
    }

    /// A warning for each key at the top that nothing reads.
    pub(super) fn unknown_keys(&self, working: &Path) -> Vec<ConfigWarning> {
        let mut unknown: Vec<_> = self.unknown_of(KNOWN, working).collect();
        let component = self.map.get("component").and_then(Value::as_str).unwrap_or_default();
        let names = |key: &str| self.map.get("inputs").is_some_and(|map| map.get(key).is_some());
        if component.split('@').next() == Some("scf") && names("function") {
            let position = self.position("/inputs/function", working);
            unknown.push(ConfigWarning::Function { position });
        }
        unknown
    }

    /// The same for the file above an instance. Where that describes something itself, only what
    /// looks like a key that others inherit is their business.
    fn unknown_above(&self, working: &Path) -> Vec<ConfigWarning> {
        let is_service = self.map.contains_key("service") && self.map.contains_key("provider");
        let holds_component = |value: &Value| value.get("component").is_some();
        let describes = self.map.contains_key("component")
            || is_service
            || self.map.values().any(holds_component);
        if !describes {
            return self.unknown_of(&INHERITED, working).collect();
        }
        let is_inherited = |warning: &ConfigWarning| {
            matches!(warning, ConfigWarning::UnknownKey { meant: TopKeyMeaning::Key(key), .. }
                if INHERITED.contains(key))
        };
        self.unknown_of(KNOWN, working).filter(is_inherited).collect()
    }

    /// Warnings about the keys that are none of these.
    fn unknown_of<'a>(
        &'a self,
        known: &'static [&'static str],
        working: &'a Path,
    ) -> impl Iterator<Item = ConfigWarning> + 'a {
        let inputs = || keys().chain(multi_scf::KEYS.iter().copied());
        self.own_keys().filter(|key| !known.contains(key)).map(move |key| {
            // What was to be indented by it: these blanks are letters to YAML.
            let bare = key.trim();
            let meant = if known == KNOWN && (is_input(bare) || multi_scf::KEYS.contains(&bare)) {
                TopKeyMeaning::Input
            } else if let Some(meant) = nearest(key, known.iter().copied()) {
                TopKeyMeaning::Key(meant)
            } else if KNOWN.contains(&key) || is_input(key) {
                TopKeyMeaning::OfInstance
            } else {
                nearest(key, inputs()).map_or(TopKeyMeaning::Nothing, TopKeyMeaning::InputLike)
            };
            let position = self.position(&pointer::to(&[key]), working);
            ConfigWarning::UnknownKey { key: key.to_owned(), position, meant }
        })
    }

    /// The keys at the top, without those that are there for other places of the file, by
    /// custom or by an anchor.
    fn own_keys(&self) -> impl Iterator<Item = &str> {
        let apart = |key: &str| {
            key.starts_with("x-")
                || key.starts_with(['.', '_'])
                || self.document.locations.is_anchored(&pointer::to(&[key]))
        };
        self.map.keys().map(String::as_str).filter(move |key| !apart(key))
    }

    /// File, relative to the working directory where it is below, and line of a value's key.
    pub(super) fn place(&self, pointer: &str, working: &Path) -> Option<Position> {
        let position = self.position(pointer, working);
        matches!(position, Position::File { line: Some(_), .. }).then_some(position)
    }

    /// As [`Self::place`], without a line where it is not known.
    fn position(&self, pointer: &str, working: &Path) -> Position {
        let file = self.path.strip_prefix(working).unwrap_or(&self.path).display().to_string();
        let place = self.document.locations.get(pointer);
        Position::File { file, line: place.map(|place| place.key.unwrap_or(place.value).line) }
    }

    /// As [`Self::place`], of a dotted path below `inputs`.
    pub(super) fn place_of_input(&self, path: &str, working: &Path) -> Position {
        let pointer = format!("/inputs/{}", path.replace('.', "/"));
        self.place(&pointer, working).unwrap_or(Position::CommandLine)
    }

    /// Refuses a text without quotes at the top that would become another one.
    pub(super) fn check_text(&self, key: &str) -> Result<(), ConfigError> {
        let pointer = pointer::to(&[key]);
        match self.document.locations.changed(&pointer) {
            None => Ok(()),
            Some(changed) => Err(ConfigError::NotText {
                key: key.to_owned(),
                position: self.position(&pointer, Path::new("")),
                changed,
            }),
        }
    }

    pub(super) fn missing(&self, key: &'static str) -> ConfigError {
        let unknown = self.own_keys().filter(|known| !KNOWN.contains(known));
        let mut misspelt =
            unknown.filter(|unknown| nearest(unknown, KNOWN.iter().copied()) == Some(key));
        let line = |key: &str| {
            let place = self.document.locations.get(&pointer::to(&[key]));
            place.map_or(0, |place| place.key.unwrap_or(place.value).line)
        };
        let misspelt = misspelt.next().map(|key| (key.to_owned(), line(key)));
        ConfigError::Missing { path: self.path.clone(), key, misspelt }
    }

    pub(super) fn wrong_type(&self, key: &str, pointer: &str, expected: Expected) -> ConfigError {
        ConfigError::WrongType {
            path: self.path.clone(),
            key: Some(key.to_owned()),
            expected,
            line: self
                .document
                .locations
                .get(pointer)
                .map(|place| place.key.unwrap_or(place.value).line),
        }
    }

    /// Returns a top-level text; `None` when it is absent, null or empty.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, ConfigError> {
        if !self.inherited.iter().any(|inherited| inherited == key) {
            self.check_text(key)?;
        }
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(Value::Number(number)) => Ok(Some(javascript::json_number_text(number))),
            Some(_) => Err(self.wrong_type(key, &format!("/{key}"), Expected::Text)),
        }
    }

    /// Returns a top-level map; empty when it is absent or null.
    pub(super) fn map(&self, key: &str) -> Result<Map<String, Value>, ConfigError> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map.clone()),
            Some(_) => Err(self.wrong_type(key, &format!("/{key}"), Expected::Map)),
        }
    }

    /// Returns `commandInputs` of the command, as typed.
    pub(super) fn command_inputs(&self, command: &str) -> Result<Map<String, Value>, ConfigError> {
        match self.map("commandInputs")?.remove(command) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(_) => Err(self.wrong_type(
                &format!("commandInputs.{command}"),
                &format!("/commandInputs/{command}"),
                Expected::Map,
            )),
        }
    }
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// Returns the text of a file; `None` when there is none.
pub(super) fn read_text(path: &Path, limit: u64) -> Result<Option<String>, ConfigError> {
    text_file::read(path, limit)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })
}
