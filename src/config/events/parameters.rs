//! Single keys of an event's maps, each with its place.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::super::function::{InputError, Reader, nearest};
use super::super::input_error::{
    Advice, InputWarning, InputsOf, Remark, Shown, Successor, Wanted, WholeNumbers, Wrong,
};
use crate::model::trigger::TriggerKind;

/// A map below an event, and the keys that it may have.
pub(super) struct Parameters<'a> {
    reader: &'a Reader<'a>,
    of_type: TriggerKind,
    map: &'a Map<String, Value>,
    path: String,
    known: Vec<&'static str>,
    /// What is probably a mistake.
    pub(super) warnings: Vec<InputWarning>,
}

impl<'a> Parameters<'a> {
    /// Nothing at all is an empty map.
    ///
    /// # Errors
    /// Something else than a map.
    pub(super) fn new(
        reader: &'a Reader<'a>,
        of_type: TriggerKind,
        value: &'a Value,
        path: String,
        known: Vec<&'static str>,
    ) -> Result<Self, InputError> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        let map = match value {
            Value::Null => &EMPTY,
            Value::Object(map) => map,
            other => {
                return Err(reader.error_alone(&path, Wrong::kind(other, Wanted::Map)));
            }
        };
        Ok(Self { reader, of_type, map, path, known, warnings: Vec::new() })
    }

    /// A map below this one.
    ///
    /// # Errors
    /// Something else than a map.
    pub(super) fn inner(&self, key: &'static str) -> Result<Option<Self>, InputError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let known = members(key).to_vec();
        Self::new(self.reader, self.of_type, value, self.key(key), known).map(Some)
    }

    /// The value of a key; null is none.
    pub(super) fn get(&self, key: &'static str) -> Option<&'a Value> {
        debug_assert!(self.known.contains(&key), "`{key}` is not among the keys of {}", self.path);
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// Dotted path of a key.
    pub(super) fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// Remembers what there is to know about a key.
    pub(super) fn warn_of(&mut self, key: &str, remark: Remark) {
        self.warnings.push(self.reader.remark(&self.key(key), remark));
    }

    pub(super) fn error(
        &self,
        key: &str,
        what: impl Into<Wrong>,
        instead: impl Into<Advice>,
    ) -> InputError {
        self.reader.error(&self.key(key), what, instead)
    }

    /// A text that is not empty: an empty or null one stands for the default.
    pub(super) fn text(&self, key: &'static str) -> Result<Option<String>, InputError> {
        self.check_written(key)?;
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(other) => Err(self.error(key, Wrong::kind(other, Wanted::Text), Advice::Quote)),
        }
    }

    /// A date is a text by then, and `.inf` is nothing.
    fn check_written(&self, key: &str) -> Result<(), InputError> {
        match self.map.get(key) {
            Some(Value::Null | Value::String(_)) => self.as_written(key),
            _ => Ok(()),
        }
    }

    /// Refuses a value whose text is not the one that the file has.
    pub(super) fn as_written(&self, key: &str) -> Result<(), InputError> {
        let path = self.key(key);
        self.reader.as_written(&path.split('.').collect::<Vec<_>>())
    }

    /// A text that has to be there.
    pub(super) fn needed(
        &self,
        key: &'static str,
        instead: impl Into<Advice>,
    ) -> Result<String, InputError> {
        self.text(key)?.ok_or_else(|| self.error(key, Wrong::Missing, instead))
    }

    /// One of a few texts.
    pub(super) fn choice(
        &self,
        key: &'static str,
        choices: &[&'static str],
    ) -> Result<Option<String>, InputError> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        if choices.contains(&text.as_str()) {
            return Ok(Some(text));
        }
        let meant = nearest(&text, choices.iter().copied());
        let instead = Advice::OneOf { words: choices.to_vec(), meant };
        Err(self.error(key, Wrong::text(text), instead))
    }

    /// A whole number. `${env:…}` can only give texts, so digits in a text are one too.
    pub(super) fn integer(
        &self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<i64>, InputError> {
        self.check_written(key)?;
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = match value {
            Value::String(text) => text.parse().ok(),
            other => other.as_i64(),
        };
        if let Some(number) = number.filter(|number| range.contains(number)) {
            return Ok(Some(number));
        }
        let numbers = WholeNumbers { from: *range.start(), to: *range.end(), unit: None };
        Err(self.error(key, Wrong::Is(Shown::of(value)), Advice::Number(numbers)))
    }

    /// True or false, or the texts of these.
    pub(super) fn boolean(&self, key: &'static str) -> Result<Option<bool>, InputError> {
        self.check_written(key)?;
        match self.get(key) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(other) => {
                let what = Wrong::value(other, Wanted::Boolean);
                Err(self.error(key, what, Advice::FlagInFile(key)))
            }
        }
    }

    /// A list of texts, or one text of several with commas between.
    pub(super) fn texts(&self, key: &'static str) -> Result<Option<Vec<String>>, InputError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Ok(Some(parts.map(str::to_owned).collect()))
            }
            Some(Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(position, item)| {
                    let key = self.key(&format!("{key}.{position}"));
                    let wrong = || self.reader.error_alone(&key, Wrong::kind(item, Wanted::Text));
                    item.as_str().map(str::to_owned).ok_or_else(wrong)
                })
                .collect::<Result<_, _>>()
                .map(Some),
            Some(other) => {
                let what = Wrong::kind(other, Wanted::List);
                Err(self.error(key, what, Advice::A(Wanted::Texts)))
            }
        }
    }

    /// A warning for each key that is none of those that this map, or one below it, may have.
    /// What is wrong with another key does not count here.
    pub(super) fn unknown(&self) -> Vec<InputWarning> {
        let mut warnings = Vec::new();
        for (key, value) in self.map {
            let Some(known) = self.known.iter().find(|known| *known == key) else {
                let meant = nearest(key, self.known.iter().copied());
                let successor = meant.map(|meant| Successor::Like(meant.to_owned()));
                let remark = Remark::Unknown { of: InputsOf::Trigger(self.of_type), successor };
                warnings.push(self.reader.remark(&self.key(key), remark));
                continue;
            };
            let members = members(known).to_vec();
            if members.is_empty() || !value.is_object() {
                continue;
            }
            let inner = Self::new(self.reader, self.of_type, value, self.key(key), members);
            warnings.extend(inner.iter().flat_map(Self::unknown));
        }
        warnings
    }
}

/// The keys of `parameters` for each type.
pub(super) fn keys_of(of_type: TriggerKind) -> Vec<&'static str> {
    let own: &[&str] = match of_type {
        TriggerKind::Timer => &["name", "cronExpression", "argument", "description"],
        TriggerKind::Cos => &["bucket", "events", "filter", "description"],
        TriggerKind::Ckafka => &[
            "name",
            "instanceId",
            "topic",
            "maxMsgNum",
            "offset",
            "retry",
            "timeout",
            "timeOut",
            "consumerGroupName",
            "description",
        ],
        TriggerKind::Http => &["name", "authType", "netConfig", "corsConfig", "description"],
        TriggerKind::Cls => &["topicId", "maxWait", "maxSize"],
        TriggerKind::Mps => &["type"],
        TriggerKind::Clb => &["loadBalanceId", "protocol", "port", "domain", "url", "weight"],
    };
    own.iter().copied().chain(["qualifier", "enable"]).collect()
}

/// The keys of the maps below `parameters`.
fn members(key: &str) -> &'static [&'static str] {
    match key {
        "filter" => &["prefix", "suffix"],
        "netConfig" => &["enableIntranet", "enableExtranet"],
        "corsConfig" => {
            &["enable", "origins", "headers", "methods", "exposeHeaders", "maxAge", "credentials"]
        }
        _ => &[],
    }
}
