//! A map below `inputs`, at its path.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::misspelt::nearest;
use super::scalar::scalar;
use super::{InputError, Reader};
use crate::config::input_error::{
    Advice, InputWarning, KeyRemark, ShownValue, WantedValue, WholeNumbers, Wrong,
};

/// Stands for what is no map: it has no key.
static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);

/// A map below `inputs`. The [`Reader`] remembers which of its keys were asked for; the others
/// are the unknown ones.
///
/// So that these do not depend on what is wrong with the map, ask for every key before the
/// first error is returned.
pub(in crate::config) struct MapReader<'a> {
    reader: &'a Reader<'a>,
    map: &'a Map<String, Value>,
    path: String,
    /// What is probably a mistake.
    warnings: RefCell<Vec<InputWarning>>,
}

impl<'a> MapReader<'a> {
    /// The map at this dotted path. Nothing at all is an empty one.
    ///
    /// # Errors
    /// Something else than a map.
    pub(in crate::config) fn new(
        reader: &'a Reader<'a>,
        value: &'a Value,
        path: String,
    ) -> Result<Self, InputError> {
        match value {
            Value::Null | Value::Object(_) => Ok(Self::of(reader, value, path)),
            other => Err(reader.error_alone(&path, Wrong::kind(other, WantedValue::Map))),
        }
    }

    /// The map at this dotted path; what is no map has no keys.
    pub(in crate::config) fn of(reader: &'a Reader<'a>, value: &'a Value, path: String) -> Self {
        let map = value.as_object().unwrap_or(&EMPTY);
        Self { reader, map, path, warnings: RefCell::default() }
    }

    /// A map below this one.
    ///
    /// # Errors
    /// Something else than a map.
    pub(in crate::config) fn inner(&self, key: &'static str) -> Result<Option<Self>, InputError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        Self::new(self.reader, value, self.key(key)).map(Some)
    }

    /// The values of these keys, which now count as asked for; null is a value.
    pub(in crate::config) fn ask<const COUNT: usize>(
        &self,
        keys: [&'static str; COUNT],
    ) -> [Option<&'a Value>; COUNT] {
        self.reader.note_asked(&self.path, &keys);
        keys.map(|key| self.map.get(key))
    }

    /// The value of a key; null is none.
    pub(in crate::config) fn get(&self, key: &'static str) -> Option<&'a Value> {
        let [value] = self.ask([key]);
        value.filter(|value| !value.is_null())
    }

    /// The first key that was not asked for.
    pub(in crate::config) fn first_unknown(&self) -> Option<&'a str> {
        self.map.keys().map(String::as_str).find(|key| !self.reader.was_asked(&self.path, key))
    }

    /// Whether it has no key at all.
    pub(super) fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Dotted path of a key.
    pub(in crate::config) fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// Remembers what there is to know about a key.
    pub(in crate::config) fn warn_of(&self, key: &str, remark: KeyRemark) {
        self.warnings.borrow_mut().push(self.reader.remark(&self.key(key), remark));
    }

    /// What was remembered.
    pub(in crate::config) fn take_warnings(&self) -> Vec<InputWarning> {
        self.warnings.take()
    }

    pub(in crate::config) fn error(
        &self,
        key: &str,
        what: impl Into<Wrong>,
        instead: impl Into<Advice>,
    ) -> InputError {
        self.reader.error(&self.key(key), what, instead)
    }

    /// An error that says enough about what to write instead.
    pub(in crate::config) fn error_alone(&self, key: &str, what: impl Into<Wrong>) -> InputError {
        self.reader.error_alone(&self.key(key), what)
    }

    /// A text that is not empty: an empty or null one stands for the default.
    pub(in crate::config) fn text(&self, key: &'static str) -> Result<Option<String>, InputError> {
        let text = self.any_text(key)?;
        if text.as_deref() == Some("") && ["name", "qualifier"].contains(&key) {
            let path = self.key(key);
            self.reader.refuse_emptied(&path.split('.').collect::<Vec<_>>())?;
            self.warn_of(key, KeyRemark::Empty);
        }
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// A text, maybe an empty one. A number, and true and false, are texts as they are written.
    pub(in crate::config) fn any_text(
        &self,
        key: &'static str,
    ) -> Result<Option<String>, InputError> {
        let value = self.get(key);
        self.as_written(key)?;
        let Some(value) = value else { return Ok(None) };
        scalar(value)
            .map(Some)
            .ok_or_else(|| self.error(key, Wrong::kind(value, WantedValue::Text), Advice::Quote))
    }

    /// A date is a text by then, and `.inf` is nothing.
    fn check_written(&self, key: &str) -> Result<(), InputError> {
        match self.map.get(key) {
            Some(Value::Null | Value::String(_)) => self.as_written(key),
            _ => Ok(()),
        }
    }

    /// Refuses a value whose text is not the one that the file has.
    pub(in crate::config) fn as_written(&self, key: &str) -> Result<(), InputError> {
        let path = self.key(key);
        self.reader.as_written(&path.split('.').collect::<Vec<_>>())
    }

    /// A text that has to be there.
    pub(in crate::config) fn needed(
        &self,
        key: &'static str,
        instead: impl Into<Advice>,
    ) -> Result<String, InputError> {
        self.text(key)?.ok_or_else(|| self.error(key, Wrong::Missing, instead))
    }

    /// One of a few texts.
    pub(in crate::config) fn choice(
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
    pub(in crate::config) fn integer(
        &self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<i64>, InputError> {
        let value = self.get(key);
        self.check_written(key)?;
        let Some(value) = value else { return Ok(None) };
        let number = match value {
            Value::String(text) => text.parse().ok(),
            other => other.as_i64(),
        };
        if let Some(number) = number.filter(|number| range.contains(number)) {
            return Ok(Some(number));
        }
        let numbers = WholeNumbers { from: *range.start(), to: *range.end(), unit: None };
        Err(self.error(key, Wrong::Is(ShownValue::of(value)), Advice::Number(numbers)))
    }

    /// True or false, or the texts of these.
    pub(in crate::config) fn boolean(&self, key: &'static str) -> Result<Option<bool>, InputError> {
        let value = self.get(key);
        self.check_written(key)?;
        match value {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(other) => {
                let what = Wrong::value(other, WantedValue::Boolean);
                Err(self.error(key, what, Advice::FlagInFile(key)))
            }
        }
    }

    /// A list of texts, or one text of several with commas between.
    pub(in crate::config) fn texts(
        &self,
        key: &'static str,
    ) -> Result<Option<Vec<String>>, InputError> {
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
                    let key = format!("{key}.{position}");
                    self.as_written(&key)?;
                    let wrong = || self.error_alone(&key, Wrong::kind(item, WantedValue::Text));
                    scalar(item).ok_or_else(wrong)
                })
                .collect::<Result<_, _>>()
                .map(Some),
            Some(other) => {
                let what = Wrong::kind(other, WantedValue::List);
                Err(self.error(key, what, Advice::A(WantedValue::Texts)))
            }
        }
    }

    /// Keys that were not asked for, here and below.
    pub(in crate::config) fn unknown(&self) -> Vec<UnknownKey> {
        let mut unknown = Vec::new();
        self.reader.unknown_in(&self.path, self.map, &mut unknown);
        unknown
    }
}

/// Dotted path of a key that nothing reads, and the known key that it looks like.
pub type UnknownKey = (String, Option<&'static str>);

impl Reader<'_> {
    pub(super) fn object(&self, key: &str) -> Result<Option<MapReader<'_>>, InputError> {
        match self.inputs.get(key) {
            None => Ok(None),
            Some(map @ Value::Object(_)) => Ok(Some(MapReader::of(self, map, key.to_owned()))),
            Some(other) => Err(self.error_alone(key, Wrong::kind(other, WantedValue::Map))),
        }
    }

    /// Remembers that these keys of the map at a path were asked for.
    fn note_asked(&self, path: &str, keys: &[&'static str]) {
        self.asked.note(path, keys);
    }

    /// The keys of the map at a path that were asked for; `None` where nothing reads it as a map
    /// of certain keys.
    pub(in crate::config) fn asked(&self, path: &str) -> Option<Vec<&'static str>> {
        self.asked.of(path)
    }

    fn was_asked(&self, path: &str, key: &str) -> bool {
        self.asked(path).is_some_and(|asked| asked.contains(&key))
    }

    /// The keys of maps at and below a path that were not asked for.
    pub(super) fn unknown_below(&self, path: &str, value: &Value, unknown: &mut Vec<UnknownKey>) {
        match value {
            Value::Object(map) => self.unknown_in(path, map, unknown),
            Value::Array(items) => {
                for (position, item) in items.iter().enumerate() {
                    self.unknown_below(&format!("{path}.{position}"), item, unknown);
                }
            }
            _ => {}
        }
    }

    fn unknown_in(&self, path: &str, map: &Map<String, Value>, unknown: &mut Vec<UnknownKey>) {
        let Some(asked) = self.asked(path) else { return };
        for (key, value) in map {
            let below = format!("{path}.{key}");
            if asked.contains(&key.as_str()) {
                self.unknown_below(&below, value, unknown);
            } else {
                unknown.push((below, nearest(key, asked.iter().copied())));
            }
        }
    }
}
