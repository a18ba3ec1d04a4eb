//! Reads single keys.

use std::cell::RefCell;
use std::fmt;

use serde_json::{Map, Value};

use super::keys::is_relaxable;
use crate::config::ValueKind;
use crate::config::position::Position;
use crate::config::yaml::Changed;
use crate::model::{DEFAULT_DESCRIPTION, DESCRIPTION_LIMIT, PUBLISH_KEY_LENGTH};
use crate::model::{ModelError, Weight};

/// A key of `inputs` that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` {what} ({place})")]
pub struct InputError {
    /// Dotted path of the key below `inputs`.
    pub key: String,
    /// Where it was given: file and line, or the argument.
    pub place: Position,
    /// What is wrong with it.
    pub what: String,
    /// What to write instead.
    pub instead: Option<String>,
}

/// Everything that is wrong with the `inputs` of one function, in the order it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct InputErrors {
    /// What cannot be used.
    pub errors: Vec<InputError>,
    /// Warnings, such as those about keys that nothing reads: a misspelt key is often why another
    /// one is missing.
    pub unknown: Vec<String>,
}

/// So many are told one by one.
pub(crate) const TOLD: usize = 20;

impl From<InputError> for InputErrors {
    fn from(error: InputError) -> Self {
        Self { errors: vec![error], unknown: Vec::new() }
    }
}

impl InputErrors {
    /// What to write instead, when one thing is wrong; of several each line says it.
    #[must_use]
    pub fn instead(&self) -> Option<&str> {
        match &self.errors[..] {
            [error] => error.instead.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Display for InputErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [error] = &self.errors[..] {
            error.fmt(formatter)?;
        } else {
            write!(formatter, "{} inputs cannot be used", self.errors.len())?;
            for error in self.errors.iter().take(TOLD) {
                write!(formatter, "\n{error}")?;
                if let Some(instead) = &error.instead {
                    write!(formatter, ": {instead}")?;
                }
            }
            let more = self.errors.len().saturating_sub(TOLD);
            if more > 0 {
                write!(formatter, "\nand {more} more")?;
            }
        }
        self.unknown.iter().take(TOLD).try_for_each(|unknown| write!(formatter, "\n{unknown}"))
    }
}

/// How the file has values. Paths are those of `inputs`, part by part.
pub trait Written {
    /// How a scalar is written that JavaScript turns into another text.
    fn changed(&self, path: &[&str]) -> Option<Changed>;
    /// The same of the key that the path ends with.
    fn changed_key(&self, path: &[&str]) -> Option<Changed>;
    /// File and line of a value that the file has.
    fn line(&self, path: &[&str]) -> Option<Position>;
    /// The text of the file that references made empty.
    fn emptied(&self, path: &[&str]) -> Option<String>;
}

/// Reads single keys, remembering where errors are.
pub struct Reader<'a> {
    pub(in crate::config) inputs: &'a Map<String, Value>,
    place: &'a dyn Fn(&str) -> Position,
    /// The path of a key in the file, where it describes several functions.
    path: Option<&'a dyn Fn(&str) -> String>,
    written: Option<&'a dyn Written>,
    lenient: bool,
    skips_unsupported: bool,
    errors: RefCell<Vec<InputError>>,
    /// What has no effect, or is wrong and was let through.
    let_through: RefCell<Vec<String>>,
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl<'a> Reader<'a> {
    /// `place` tells where a key, given by its dotted path, stands.
    #[must_use]
    pub fn new(inputs: &'a Map<String, Value>, place: &'a dyn Fn(&str) -> Position) -> Self {
        let (errors, let_through) = (RefCell::default(), RefCell::default());
        Self {
            inputs,
            place,
            path: None,
            written: None,
            lenient: false,
            skips_unsupported: false,
            errors,
            let_through,
        }
    }

    /// The inputs are those of one function of a `multi-scf` instance; `path` tells where the
    /// file has a key of theirs.
    #[must_use]
    pub fn of_several(mut self, path: &'a dyn Fn(&str) -> String) -> Self {
        self.path = Some(path);
        self
    }

    /// `written` tells how the file has values; without it they are what they are.
    #[must_use]
    pub fn written(mut self, written: &'a dyn Written) -> Self {
        self.written = Some(written);
        self
    }

    /// Refuses a value whose text is not the one that the file has, where a text is wanted.
    pub(in crate::config) fn as_written(&self, path: &[&str]) -> Result<(), InputError> {
        match self.written.and_then(|written| written.changed(path)) {
            None => Ok(()),
            Some(changed) => self.refuse(self.not_as_written(path, &changed)),
        }
    }

    /// As [`Self::as_written`], of the key that the path ends with.
    pub(super) fn key_as_written(&self, path: &[&str]) -> Result<(), InputError> {
        match self.written.and_then(|written| written.changed_key(path)) {
            None => Ok(()),
            Some(changed) => self.refuse(self.not_as_written(path, &changed)),
        }
    }

    /// The value is not shown: it may be a password of digits.
    fn not_as_written(&self, path: &[&str], changed: &Changed) -> InputError {
        let what = format!(
            "is {}, not a text, and would be sent as another text than it is written",
            changed.what
        );
        self.error_at(path, what, "put it in quotes")
    }

    /// An error of a value that is given by the parts of its path, one of which may hold a dot.
    pub(super) fn error_at(
        &self,
        path: &[&str],
        what: impl Into<String>,
        instead: &str,
    ) -> InputError {
        let dotted = path.join(".");
        let place = self.written.and_then(|written| written.line(path));
        let place = place.unwrap_or_else(|| (self.place)(&dotted));
        InputError { place, ..self.error(&dotted, what, Some(instead)) }
    }

    /// What to write in place of an empty text that the API does not take.
    pub(super) fn instead_of_empty(&self, path: &[&str]) -> String {
        let Some(written) = self.written.and_then(|written| written.emptied(path)) else {
            return "leave the variable out".to_owned();
        };
        let name = written.strip_prefix("${env:").and_then(|rest| rest.strip_suffix('}'));
        match name.filter(|name| !name.contains(['$', ',', '}'])) {
            Some(name) => {
                format!("`{name}` is set and empty: give it a value, or leave the variable out")
            }
            None => {
                format!("`{written}` came to nothing; give it a value, or leave the variable out")
            }
        }
    }

    /// The path of a key as the file has it.
    pub(in crate::config) fn path(&self, key: &str) -> String {
        self.path.map_or_else(|| key.to_owned(), |path| path(key))
    }

    /// A key in a text: its path, and where it stands.
    #[must_use]
    pub fn at(&self, key: &str) -> String {
        format!("`{}` ({})", self.path(key), self.place(key))
    }

    /// Whether the file describes several functions.
    pub(in crate::config) fn is_of_several(&self) -> bool {
        self.path.is_some()
    }

    /// Whether a key counts for all of several functions, some of which may have no use for it.
    pub(in crate::config) fn is_common(&self, key: &str) -> bool {
        self.path.is_some_and(|path| !path(key).starts_with("functions."))
    }

    /// With `true`, what is wrong with plain settings is a warning (`--noValidation`): a value
    /// outside its range is sent as it is, one that has no form in the API is left out.
    #[must_use]
    pub fn lenient(mut self, lenient: bool) -> Self {
        self.lenient = lenient;
        self
    }

    /// Whether plain settings are left to the service.
    /// With `true`, a trigger of a retired product is skipped rather than refused
    /// (`--skip-unsupported-triggers`).
    #[must_use]
    pub fn skipping_unsupported(mut self, skips: bool) -> Self {
        self.skips_unsupported = skips;
        self
    }

    pub(super) fn skips_unsupported(&self) -> bool {
        self.skips_unsupported
    }

    /// The value, or what stands for its absence when it is wrong; the error is kept for
    /// [`Self::finish`].
    pub(super) fn keep<T: Default>(&self, read: Result<T, InputError>) -> T {
        read.unwrap_or_else(|error| {
            if self.lenient && is_relaxable(&error.key) {
                self.warn(format!("{} and is left out", self.located(error)));
            } else {
                self.errors.borrow_mut().push(error);
            }
            T::default()
        })
    }

    /// Remembers a warning about something that has no effect or was let through.
    pub(super) fn warn(&self, warning: String) {
        self.let_through.borrow_mut().push(warning);
    }

    /// The warnings about what has no effect or was let through.
    ///
    /// # Errors
    /// Everything that was wrong.
    pub(super) fn finish(&self) -> Result<Vec<String>, InputErrors> {
        let errors = self.errors.take();
        if errors.is_empty() {
            return Ok(self.let_through.take());
        }
        let mut unknown = self.unknown_warnings();
        unknown.append(&mut self.let_through.borrow_mut());
        Err(InputErrors { errors, unknown })
    }

    /// Refuses a value that the API could carry but the service would refuse, unless the
    /// service shall decide.
    pub(super) fn refuse(&self, error: InputError) -> Result<(), InputError> {
        if self.lenient && is_relaxable(&error.key) {
            self.warn(format!("{} and is sent as it is", self.located(error)));
            return Ok(());
        }
        Err(error)
    }

    /// An error that names its key as the file has it.
    fn located(&self, error: InputError) -> InputError {
        InputError { key: self.path(&error.key), ..error }
    }

    /// Where a key, given by its dotted path, stands.
    pub(in crate::config) fn place(&self, key: &str) -> Position {
        (self.place)(key)
    }

    pub(in crate::config) fn error(
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

    pub(in crate::config) fn get(&self, key: &str) -> Option<&'a Value> {
        self.inputs.get(key)
    }

    /// A text. A number is not one: `name: 007` has lost its zeros by now.
    ///
    /// # Errors
    /// Present, not null, and not a text.
    pub fn text(&self, key: &str) -> Result<Option<String>, InputError> {
        // A date is a text by then, and `.inf` is nothing.
        if matches!(self.inputs.get(key), Some(Value::Null | Value::String(_))) {
            self.as_written(&[key])?;
        }
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

    pub(in crate::config) fn boolean(&self, key: &str) -> Result<Option<bool>, InputError> {
        if self.inputs.get(key).is_some_and(Value::is_null) {
            self.as_written(&[key])?;
        }
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

    pub(super) fn integer(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
        unit: &str,
    ) -> Result<Option<i64>, InputError> {
        if self.inputs.get(key).is_some_and(Value::is_null) {
            self.as_written(&[key])?;
        }
        let value = match self.inputs.get(key) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        let shown = self.inputs.get(key).map(shown).unwrap_or_default();
        let instead =
            format!("write a whole number from {} to {} ({unit})", range.start(), range.end());
        let error = self.error(key, format!("is {shown}"), Some(&instead));
        let Some(value) = value else { return Err(error) };
        if !range.contains(&value) {
            self.refuse(error)?;
        }
        Ok(Some(value))
    }

    /// A share from 0 to 1.
    pub(super) fn weight(&self, key: &str) -> Result<Option<Weight>, InputError> {
        const INSTEAD: &str = "a number from 0 to 1, for example 0.1 for 10 %";
        match self.inputs.get(key) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                number.as_f64().map(Weight::from_f64).transpose().map_err(|error| match error {
                    ModelError::WeightTooFine(_) => self.error(
                        key,
                        format!("is {number}, with more than 6 decimal places"),
                        Some("a number from 0 to 1 with at most 6 decimal places"),
                    ),
                    _ => self.error(key, format!("is {number}, outside 0 to 1"), Some(INSTEAD)),
                })
            }
            Some(other) => {
                Err(self.error(key, format!("is {}, not a number", shown(other)), Some(INSTEAD)))
            }
        }
    }

    pub(super) fn object(&self, key: &str) -> Result<Option<&'a Map<String, Value>>, InputError> {
        match self.inputs.get(key) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(other) => Err(self.error(key, format!("is {}, not a map", kind(other)), None)),
        }
    }

    pub(in crate::config) fn description(
        &self,
        key: &str,
        limit: usize,
    ) -> Result<Option<String>, InputError> {
        let text = self.text(key)?;
        if let Some(length) =
            text.as_ref().map(|text| text.chars().count()).filter(|length| *length > limit)
        {
            let instead = format!("at most {limit} characters");
            self.refuse(self.error(key, format!("has {length} characters"), Some(&instead)))?;
        }
        Ok(text)
    }

    /// The description of a version that is published, the publish key's room left free.
    ///
    /// # Errors
    /// Not a text, or too long.
    pub fn publish_description(&self, key: &str) -> Result<String, InputError> {
        let limit = DESCRIPTION_LIMIT - PUBLISH_KEY_LENGTH;
        Ok(self.description(key, limit)?.unwrap_or_else(|| DEFAULT_DESCRIPTION.to_owned()))
    }
}

pub(in crate::config) fn kind(value: &Value) -> ValueKind {
    ValueKind::of(value)
}

/// A value in an error text: short ones as they are.
pub(in crate::config) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().count() <= 40 => format!("`{text}`"),
        Value::Number(_) | Value::Bool(_) | Value::Null => format!("`{value}`"),
        other => kind(other).to_string(),
    }
}

/// What is probably meant by a `${…}` that is no reference and landed in a name.
pub(in crate::config) fn reference_advice(name: &str) -> Option<String> {
    let (_, rest) = name.split_once("${")?;
    let word: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let word = if word.is_empty() { "NAME".to_owned() } else { word };
    let top = ["stage", "app", "name", "org"].into_iter().find(|top| *top == word.to_lowercase());
    let top =
        top.map(|top| format!(", or `${{{top}}}` for the configuration's own")).unwrap_or_default();
    Some(format!("write `${{env:{word}}}` for an environment variable{top}"))
}
