//! `inputs` of the scf component, read into values that cannot be wrong.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::model::{Configuration, Layer, ModelError, Vpc, Weight};
use crate::plan::publish::{DEFAULT_DESCRIPTION, DESCRIPTION_LIMIT, PublishKey};

/// A key of `inputs` that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` {what} ({place})")]
pub struct InputError {
    /// Dotted path of the key below `inputs`.
    pub key: String,
    /// Where it was given: file and line, or the argument.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
    /// What to write instead.
    pub instead: Option<String>,
}

/// The source that `inputs.src` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The folder, absolute.
    pub folder: PathBuf,
    /// Globs to leave out, anchored at the folder.
    pub exclude: Vec<String>,
}

/// What `deploy` reads of `inputs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionInputs {
    /// Language and version.
    pub runtime: Option<String>,
    /// `file.function`.
    pub handler: Option<String>,
    /// Code.
    pub source: Source,
    /// Settings that are named.
    pub configuration: Configuration,
    /// The service installs the dependencies.
    pub install_dependency: bool,
    /// Publish after the update.
    pub publish: bool,
    /// Description of the published version.
    pub publish_description: String,
    /// Share of `$DEFAULT` for `$LATEST`.
    pub traffic: Option<Weight>,
    /// Keys that this version of the program leaves alone.
    pub not_deployed: Vec<String>,
}

/// Keys that another place reads.
const ELSEWHERE: &[&str] = &["name", "region", "namespace", "function"];
/// Keys that decide what kind of function is created; deploying without them would make the
/// wrong one.
const REFUSED: &[&str] = &[
    "additionalVersionWeights",
    "aliasFunctionVersion",
    "aliasName",
    "asyncRunEnable",
    "cfs",
    "deadLetter",
    "image",
    "instanceConcurrencyConfig",
    "nodeSpec",
    "nodeType",
    "protocolParams",
    "protocolType",
    "provisionedNum",
];
/// Keys whose objects are left as they are in the cloud.
const LEFT_ALONE: &[&str] = &[
    "aliasDescription",
    "autoCreateApi",
    "diskSize",
    "entryFile",
    "l5Enable",
    "msgTTL",
    "qualifier",
    "retryNum",
    "tags",
    "traceEnable",
    "triggers",
];

/// Reads single keys, remembering where errors are.
pub struct Reader<'a> {
    pub(super) inputs: &'a Map<String, Value>,
    place: &'a dyn Fn(&str) -> String,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl<'a> Reader<'a> {
    /// `place` tells where a key, given by its dotted path, stands.
    #[must_use]
    pub fn new(inputs: &'a Map<String, Value>, place: &'a dyn Fn(&str) -> String) -> Self {
        Self { inputs, place }
    }

    /// Where a key, given by its dotted path, stands.
    pub(super) fn place(&self, key: &str) -> String {
        (self.place)(key)
    }

    pub(super) fn error(
        &self,
        key: &str,
        what: impl Into<String>,
        instead: Option<&str>,
    ) -> InputError {
        InputError {
            key: key.to_owned(),
            place: (self.place)(key),
            what: what.into(),
            instead: instead.map(str::to_owned),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.inputs.get(key)
    }

    /// A text. A number is not one: `name: 007` has lost its zeros by now.
    ///
    /// # Errors
    /// Present, not null, and not a text.
    pub fn text(&self, key: &str) -> Result<Option<String>, InputError> {
        match self.inputs.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.error(
                key,
                format!("is {}, not a text", kind(other)),
                Some("put it in quotes"),
            )),
        }
    }

    pub(super) fn boolean(&self, key: &str) -> Result<Option<bool>, InputError> {
        match self.inputs.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            // `${env:…}` can only give texts.
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(other) => {
                let instead = format!("write {key}=true or {key}=false");
                Err(self.error(
                    key,
                    format!("is {}, not true or false", shown(other)),
                    Some(&instead),
                ))
            }
        }
    }

    fn integer(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
        unit: &str,
    ) -> Result<Option<i64>, InputError> {
        let value = match self.inputs.get(key) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        match value {
            Some(value) if range.contains(&value) => Ok(Some(value)),
            _ => {
                let value = self.inputs.get(key).map(shown).unwrap_or_default();
                let instead =
                    format!("a whole number from {} to {} ({unit})", range.start(), range.end());
                Err(self.error(key, format!("is {value}"), Some(&instead)))
            }
        }
    }

    /// A share from 0 to 1.
    fn weight(&self, key: &str) -> Result<Option<Weight>, InputError> {
        const INSTEAD: &str = "a number from 0 to 1, for example 0.1 for 10 %";
        match self.inputs.get(key) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                number.as_f64().map(Weight::from_f64).transpose().map_err(|error| match error {
                    ModelError::WeightTooFine(_) => self.error(
                        key,
                        format!("is {number}, with more than 12 decimal places"),
                        Some(INSTEAD),
                    ),
                    _ => self.error(key, format!("is {number}, outside 0 to 1"), Some(INSTEAD)),
                })
            }
            Some(other) => {
                Err(self.error(key, format!("is {}, not a number", shown(other)), Some(INSTEAD)))
            }
        }
    }

    fn object(&self, key: &str) -> Result<Option<&'a Map<String, Value>>, InputError> {
        match self.inputs.get(key) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(other) => Err(self.error(key, format!("is {}, not a map", kind(other)), None)),
        }
    }

    /// The environment variables. A present but empty one clears, a null one too (deep merge
    /// of the command line: `environment=null`).
    fn environment(&self) -> Result<Option<BTreeMap<String, String>>, InputError> {
        let key = "environment";
        if self.inputs.get(key).is_some_and(Value::is_null) {
            return Ok(Some(BTreeMap::new()));
        }
        let Some(environment) = self.object(key)? else { return Ok(None) };
        let key = "environment.variables";
        let variables = match environment.get("variables") {
            None => return Ok(None),
            Some(Value::Null) => return Ok(Some(BTreeMap::new())),
            Some(Value::Object(variables)) => variables,
            Some(other) => {
                return Err(self.error(key, format!("is {}, not a map", kind(other)), None));
            }
        };
        let mut texts = BTreeMap::new();
        for (name, value) in variables {
            let path = format!("{key}.{name}");
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) | Value::Null => value.to_string(),
                Value::Array(_) | Value::Object(_) => {
                    return Err(self.error(&path, format!("is {}", kind(value)), Some("a text")));
                }
            };
            if name.is_empty() || text.is_empty() {
                let what = "is empty, which the API does not take";
                return Err(self.error(&path, what, Some("leave the variable out")));
            }
            texts.insert(name.clone(), text);
        }
        let size: usize = texts.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > 4096 {
            return Err(self.error(
                key,
                format!("has {size} bytes together"),
                Some("at most 4096"),
            ));
        }
        Ok(Some(texts))
    }

    fn pair(
        &self,
        key: &str,
        first: &str,
        second: &str,
    ) -> Result<Option<(String, String)>, InputError> {
        let Some(map) = self.object(key)? else { return Ok(None) };
        let text = |name: &str| match map.get(name) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Err(self.error(
                &format!("{key}.{name}"),
                format!("is {}, not a text", kind(other)),
                None,
            )),
        };
        let (one, other) = (text(first)?, text(second)?);
        if one.is_empty() != other.is_empty() {
            let missing = if one.is_empty() { first } else { second };
            return Err(self.error(&format!("{key}.{missing}"), "is missing", None));
        }
        Ok(Some((one, other)))
    }

    fn layers(&self) -> Result<Option<Vec<Layer>>, InputError> {
        let list = match self.inputs.get("layers") {
            None => return Ok(None),
            Some(Value::Null) => return Ok(Some(Vec::new())),
            Some(Value::Array(list)) => list,
            Some(other) => {
                return Err(self.error("layers", format!("is {}, not a list", kind(other)), None));
            }
        };
        if list.len() > 5 {
            return Err(self.error(
                "layers",
                format!("has {} entries", list.len()),
                Some("at most 5"),
            ));
        }
        let mut layers = Vec::new();
        for (position, entry) in list.iter().enumerate() {
            let name = entry.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
            let version = entry.get("version").and_then(Value::as_i64);
            let (Some(name), Some(version)) = (name, version) else {
                return Err(self.error(
                    &format!("layers.{position}"),
                    "is not a layer",
                    Some("a map with `name` (text) and `version` (number)"),
                ));
            };
            layers.push(Layer { name: name.to_owned(), version });
        }
        Ok(Some(layers))
    }

    fn source(&self) -> Result<Source, InputError> {
        match self.inputs.get("src") {
            None | Some(Value::Null) => Err(self.error(
                "src",
                "is missing, so there is no code to deploy",
                Some("the folder of the code, for example `src: ./src`"),
            )),
            Some(Value::String(folder)) => {
                Ok(Source { folder: folder.into(), exclude: Vec::new() })
            }
            Some(Value::Object(map)) => {
                for key in map.keys() {
                    if !matches!(key.as_str(), "src" | "exclude") {
                        let path = format!("src.{key}");
                        return Err(self.error(&path, "is not supported by this version", None));
                    }
                }
                let Some(folder) = map.get("src").and_then(Value::as_str) else {
                    return Err(self.error("src.src", "is not a folder", Some("a path in quotes")));
                };
                let exclude = match map.get("exclude") {
                    None | Some(Value::Null) => Vec::new(),
                    Some(Value::String(one)) => vec![one.clone()],
                    Some(Value::Array(list)) => list
                        .iter()
                        .map(|item| item.as_str().map(str::to_owned))
                        .collect::<Option<_>>()
                        .ok_or_else(|| {
                            self.error("src.exclude", "has an entry that is not a text", None)
                        })?,
                    Some(other) => {
                        return Err(self.error(
                            "src.exclude",
                            format!("is {}, not a list of texts", kind(other)),
                            None,
                        ));
                    }
                };
                Ok(Source { folder: folder.into(), exclude })
            }
            Some(other) => {
                Err(self.error("src", format!("is {}, not a folder", kind(other)), None))
            }
        }
    }

    pub(super) fn description(
        &self,
        key: &str,
        limit: usize,
    ) -> Result<Option<String>, InputError> {
        let text = self.text(key)?;
        if let Some(length) =
            text.as_ref().map(|text| text.chars().count()).filter(|length| *length > limit)
        {
            let instead = format!("at most {limit} characters");
            return Err(self.error(key, format!("has {length} characters"), Some(&instead)));
        }
        Ok(text)
    }

    /// The description of a version that is published, the publish key's room left free.
    ///
    /// # Errors
    /// Not a text, or too long.
    pub fn publish_description(&self, key: &str) -> Result<String, InputError> {
        let limit = DESCRIPTION_LIMIT - PublishKey::added_length();
        Ok(self.description(key, limit)?.unwrap_or_else(|| DEFAULT_DESCRIPTION.to_owned()))
    }

    fn memory_size(&self) -> Result<Option<i64>, InputError> {
        let size = self.integer("memorySize", 64..=1_048_576, "MB")?;
        if size.is_some_and(|size| size != 64 && size % 128 != 0) {
            let value = self.inputs.get("memorySize").map(shown).unwrap_or_default();
            let instead = "64, or a multiple of 128 (MB)";
            return Err(self.error("memorySize", format!("is {value}"), Some(instead)));
        }
        Ok(size)
    }

    fn handler(&self) -> Result<Option<String>, InputError> {
        let handler = self.text("handler")?;
        if handler.as_ref().is_some_and(String::is_empty) {
            let instead = "`file.function`, for example index.main_handler";
            return Err(self.error("handler", "is empty", Some(instead)));
        }
        Ok(handler)
    }

    /// Reads everything that `deploy` uses.
    ///
    /// # Errors
    /// The first key that cannot be used.
    pub fn function(&self) -> Result<FunctionInputs, InputError> {
        match self.text("type")?.as_deref() {
            None | Some("event") => {}
            Some("web") => {
                return Err(self.error("type", "is web, which this version cannot deploy", None));
            }
            Some(other) => {
                return Err(self.error("type", format!("is `{other}`"), Some("event")));
            }
        }
        if let Some(key) = REFUSED.iter().find(|key| {
            self.inputs
                .get(**key)
                .is_some_and(|value| !value.is_null() && *value != Value::Bool(false))
        }) {
            return Err(self.error(key, "is not supported by this version", Some("leave it out")));
        }
        Ok(FunctionInputs {
            runtime: self.text("runtime")?,
            handler: self.handler()?,
            source: self.source()?,
            configuration: Configuration {
                description: self.description("description", DESCRIPTION_LIMIT)?,
                memory_size: self.memory_size()?,
                timeout: self.integer("timeout", 1..=86_400, "seconds")?,
                init_timeout: self.integer("initTimeout", 1..=300, "seconds")?,
                role: self.text("role")?,
                environment: self.environment()?,
                public_access: self.boolean("publicAccess")?,
                fixed_egress: self.boolean("eip")?,
                vpc: self
                    .pair("vpcConfig", "vpcId", "subnetId")?
                    .map(|(vpc_id, subnet_id)| Vpc { vpc_id, subnet_id }),
                layers: self.layers()?,
                logs: self.pair("cls", "logsetId", "topicId")?,
            },
            install_dependency: self.boolean("installDependency")?.unwrap_or(false),
            publish: self.boolean("publish")?.unwrap_or(false),
            publish_description: self.publish_description("publishDescription")?,
            traffic: self.weight("traffic")?,
            not_deployed: LEFT_ALONE
                .iter()
                .filter(|key| self.inputs.get(**key).is_some_and(|value| !value.is_null()))
                .map(|key| (*key).to_owned())
                .collect(),
        })
    }

    /// Keys that nothing reads, each with the known key it looks like.
    #[must_use]
    pub fn unknown_keys(&self) -> Vec<(String, Option<&'static str>)> {
        const READ: &[&str] = &[
            "cls",
            "description",
            "eip",
            "environment",
            "events",
            "handler",
            "ignoreTriggers",
            "initTimeout",
            "installDependency",
            "layers",
            "memorySize",
            "publicAccess",
            "publish",
            "publishDescription",
            "role",
            "runtime",
            "src",
            "timeout",
            "traffic",
            "type",
            "vpcConfig",
        ];
        let known = || READ.iter().chain(ELSEWHERE).chain(REFUSED).chain(LEFT_ALONE).copied();
        self.inputs
            .keys()
            .filter(|key| !known().any(|known| known == key.as_str()))
            .map(|key| (key.clone(), nearest(key, known())))
            .collect()
    }
}

/// The candidate that a misspelt word most likely means.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| {
            (strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase()), candidate)
        })
        .filter(|(score, _)| *score > 0.85)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, candidate)| candidate)
}

pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

/// A value in an error text: short ones as they are.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().count() <= 40 => format!("`{text}`"),
        Value::Number(_) | Value::Bool(_) | Value::Null => format!("`{value}`"),
        other => kind(other).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(extra: &Value) -> Result<FunctionInputs, InputError> {
        let mut inputs = json!({"src": "/code", "handler": "index.main_handler"});
        for (key, value) in extra.as_object().unwrap() {
            inputs[key] = value.clone();
        }
        let place = |key: &str| format!("at {key}");
        Reader::new(inputs.as_object().unwrap(), &place).function()
    }

    #[test]
    fn values_that_would_be_harmful_are_refused() {
        for (inputs, key) in [
            (json!({"traffic": "0.2"}), "traffic"),
            (json!({"traffic": "20%"}), "traffic"),
            (json!({"traffic": null}), "traffic"),
            (json!({"traffic": 1.1}), "traffic"),
            (json!({"traffic": -0.1}), "traffic"),
            (json!({"traffic": true}), "traffic"),
            (json!({"publish": "no"}), "publish"),
            (json!({"publish": "True"}), "publish"),
            (json!({"publish": 1}), "publish"),
            (json!({"memorySize": 100}), "memorySize"),
            (json!({"memorySize": "big"}), "memorySize"),
            (json!({"timeout": 0}), "timeout"),
            (json!({"timeout": 1.5}), "timeout"),
            (json!({"environment": {"variables": {"A": ""}}}), "environment.variables.A"),
            (json!({"environment": {"variables": ["A"]}}), "environment.variables"),
            (
                json!({"environment": {"variables": {"A": "x".repeat(5000)}}}),
                "environment.variables",
            ),
            (json!({"layers": [{"name": "l"}]}), "layers.0"),
            (json!({"vpcConfig": {"vpcId": "v"}}), "vpcConfig.subnetId"),
            (json!({"src": null}), "src"),
            (json!({"src": {"src": "/x", "hook": "make"}}), "src.hook"),
            (json!({"type": "web"}), "type"),
            (json!({"image": {}}), "image"),
            (json!({"runtime": 3}), "runtime"),
            (json!({"publishDescription": "x".repeat(990)}), "publishDescription"),
        ] {
            let error = read(&inputs).unwrap_err();
            assert_eq!(error.key, key, "{inputs}");
            assert_eq!(error.place, format!("at {key}"));
        }
    }

    #[test]
    fn absent_is_not_empty() {
        let absent = read(&json!({})).unwrap();
        assert_eq!(absent.configuration, Configuration::default());
        assert_eq!(absent.traffic, None);
        let cleared = read(&json!({"environment": {"variables": {}}, "layers": []})).unwrap();
        assert_eq!(cleared.configuration.environment, Some(BTreeMap::new()));
        assert_eq!(cleared.configuration.layers, Some(Vec::new()));
        let merged_away = read(&json!({"environment": null})).unwrap();
        assert_eq!(merged_away.configuration.environment, Some(BTreeMap::new()));
    }

    #[test]
    fn texts_from_the_environment_are_typed() {
        let read = read(&json!({"memorySize": "256", "publish": "false", "timeout": 3})).unwrap();
        assert_eq!(read.configuration.memory_size, Some(256));
        assert!(!read.publish);
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let inputs = json!({"memorysize": 1, "trafic": 0.1, "zzz": 1});
        let place = |_: &str| String::new();
        let unknown = Reader::new(inputs.as_object().unwrap(), &place).unknown_keys();
        assert_eq!(
            unknown,
            [
                ("memorysize".to_owned(), Some("memorySize")),
                ("trafic".to_owned(), Some("traffic")),
                ("zzz".to_owned(), None)
            ]
        );
    }
}
