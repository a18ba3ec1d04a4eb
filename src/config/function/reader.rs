//! Reads single keys.

use std::cell::RefCell;
use std::fmt;

use serde_json::{Map, Value};

use super::asked::AskedKeys;
use super::keys::is_relaxable;
use super::scalar::scalar;
use crate::config::input_error::{
    Advice, InputError, InputErrors, InputWarning, KeyRemark, SettingAdvice, ShownValue, Unit,
    ValueSize, WantedValue, WholeNumbers, Wrong,
};
use crate::config::position::Position;
use crate::config::yaml::ChangedScalar;
use crate::model::{DEFAULT_DESCRIPTION, DESCRIPTION_LIMIT, PUBLISH_KEY_LENGTH};
use crate::model::{ModelError, Weight};

/// Texts that name somebody or something and have a default: an empty one would mean another.
const NAMES: [&str; 5] = ["aliasName", "name", "namespace", "region", "runtime"];

/// How the file has values. Paths are those of `inputs`, part by part.
pub trait WrittenForm {
    /// How a scalar is written that JavaScript turns into another text.
    fn changed(&self, path: &[&str]) -> Option<ChangedScalar>;
    /// The same of the key that the path ends with.
    fn changed_key(&self, path: &[&str]) -> Option<ChangedScalar>;
    /// File and line of a value that the file has.
    fn line(&self, path: &[&str]) -> Option<Position>;
    /// The text of the file that references made empty.
    fn emptied(&self, path: &[&str]) -> Option<String>;
}

/// Reads single keys, remembering where errors are.
pub struct Reader<'a> {
    pub(in crate::config) inputs: &'a Map<String, Value>,
    pub(super) place: &'a dyn Fn(&str) -> Position,
    /// The path of a key in the file, where it describes several functions.
    path: Option<&'a dyn Fn(&str) -> String>,
    written: Option<&'a dyn WrittenForm>,
    lenient: bool,
    skips_unsupported: bool,
    pub(super) asked: AskedKeys,
    errors: RefCell<Vec<InputError>>,
    /// What has no effect, or is wrong and was let through.
    let_through: RefCell<Vec<InputWarning>>,
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
            asked: AskedKeys::default(),
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
    pub fn written(mut self, written: &'a dyn WrittenForm) -> Self {
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
    fn not_as_written(&self, path: &[&str], changed: &ChangedScalar) -> InputError {
        self.error_at(path, Wrong::NotAsWritten(changed.what), Advice::Quote)
    }

    /// An error of a value that is given by the parts of its path, one of which may hold a dot.
    pub(super) fn error_at(
        &self,
        path: &[&str],
        what: impl Into<Wrong>,
        instead: impl Into<Advice>,
    ) -> InputError {
        let dotted = path.join(".");
        let place = self.written.and_then(|written| written.line(path));
        let place = place.unwrap_or_else(|| (self.place)(&dotted));
        InputError { place, ..self.error(&dotted, what, instead) }
    }

    /// What to write in place of an empty text that the API does not take.
    pub(super) fn instead_of_empty(&self, path: &[&str]) -> SettingAdvice {
        let Some(written) = self.written.and_then(|written| written.emptied(path)) else {
            return SettingAdvice::LeaveVariableOut;
        };
        let name = written.strip_prefix("${env:").and_then(|rest| rest.strip_suffix('}'));
        match name.filter(|name| !name.contains(['$', ',', '}'])) {
            Some(name) => SettingAdvice::GiveValue(name.to_owned()),
            None => SettingAdvice::CameToNothing(written),
        }
    }

    /// The path of a key as the file has it.
    pub(in crate::config) fn path(&self, key: &str) -> String {
        self.path.map_or_else(|| key.to_owned(), |path| path(key))
    }

    /// A warning about a key, which it names as the file has it.
    #[must_use]
    pub fn remark(&self, key: &str, remark: KeyRemark) -> InputWarning {
        InputWarning::Key { key: self.path(key), place: self.place(key), remark }
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
                self.warn(InputWarning::LeftOut(self.located(error)));
            } else {
                self.errors.borrow_mut().push(error);
            }
            T::default()
        })
    }

    /// Remembers a warning about something that has no effect or was let through.
    pub(super) fn warn(&self, warning: InputWarning) {
        self.let_through.borrow_mut().push(warning);
    }

    /// Remembers what there is to know about a key.
    pub(super) fn warn_of(&self, key: &str, remark: KeyRemark) {
        self.warn(self.remark(key, remark));
    }

    /// The warnings about what has no effect or was let through.
    ///
    /// # Errors
    /// Everything that was wrong.
    pub(super) fn finish(&self) -> Result<Vec<InputWarning>, InputErrors> {
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
            self.warn(InputWarning::SentAsItIs(self.located(error)));
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
        what: impl Into<Wrong>,
        instead: impl Into<Advice>,
    ) -> InputError {
        InputError { instead: Some(instead.into()), ..self.error_alone(key, what) }
    }

    /// An error that says enough about what to write instead.
    pub(in crate::config) fn error_alone(&self, key: &str, what: impl Into<Wrong>) -> InputError {
        let (place, what) = ((self.place)(key), what.into().on_one_line());
        InputError { key: key.to_owned(), place, what, instead: None }
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
            Some(Value::String(text)) => {
                if text.is_empty() && NAMES.contains(&key) {
                    self.refuse_emptied(&[key])?;
                }
                Ok(Some(text.clone()))
            }
            Some(other) => {
                Err(self.error(key, Wrong::kind(other, WantedValue::Text), Advice::Quote))
            }
        }
    }

    /// Refuses a text that references made empty, where a default would stand in; not where an
    /// empty one is written as what stands for a variable.
    pub(in crate::config) fn refuse_emptied(&self, path: &[&str]) -> Result<(), InputError> {
        let is_written = |text: &String| text.contains("''") || text.contains("\"\"");
        match self.written.and_then(|written| written.emptied(path)) {
            Some(text) if is_written(&text) => Ok(()),
            Some(_) => Err(self.error_at(path, Wrong::Empty, self.instead_of_empty(path))),
            None => Ok(()),
        }
    }

    /// Says which names the file leaves empty, as if they were not there.
    pub(super) fn warn_of_empty_names(&self) {
        for key in NAMES {
            if self.inputs.get(key).is_some_and(|value| value.is_null() || value == "") {
                self.warn_of(key, KeyRemark::Empty);
            }
        }
    }

    /// A text that means nothing to the service. A number, and true and false, are texts as they
    /// are written.
    ///
    /// # Errors
    /// A list or a map, or a value that would be sent as another text than it is written.
    pub(super) fn any_text(&self, key: &str) -> Result<Option<String>, InputError> {
        let Some(value @ (Value::Number(_) | Value::Bool(_))) = self.inputs.get(key) else {
            return self.text(key);
        };
        self.as_written(&[key])?;
        Ok(scalar(value))
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
                let what = Wrong::value(other, WantedValue::Boolean);
                Err(self.error(key, what, Advice::Flag(key.to_owned())))
            }
        }
    }

    pub(super) fn integer(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
        unit: Unit,
    ) -> Result<Option<i64>, InputError> {
        if self.inputs.get(key).is_some_and(Value::is_null) {
            self.as_written(&[key])?;
        }
        let Some(given) = self.inputs.get(key) else { return Ok(None) };
        let value = match given {
            Value::Null => return Ok(None),
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let numbers = WholeNumbers { from: *range.start(), to: *range.end(), unit: Some(unit) };
        let error = self.error(key, Wrong::Is(ShownValue::of(given)), Advice::WriteNumber(numbers));
        let Some(value) = value else { return Err(error) };
        if !range.contains(&value) {
            self.refuse(error)?;
        }
        Ok(Some(value))
    }

    /// A share from 0 to 1.
    pub(super) fn weight(&self, key: &str) -> Result<Option<Weight>, InputError> {
        match self.inputs.get(key) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                number.as_f64().map(Weight::from_f64).transpose().map_err(|error| {
                    let written = number.to_string();
                    let (what, advice) = if let ModelError::WeightTooFine(_) = error {
                        (Wrong::TooFine(written), Advice::ShareOfSixPlaces)
                    } else {
                        (Wrong::NoShare(written), Advice::ShareForExample)
                    };
                    self.error(key, what, advice)
                })
            }
            Some(other) => {
                let what = Wrong::value(other, WantedValue::Number);
                Err(self.error(key, what, Advice::ShareForExample))
            }
        }
    }

    pub(in crate::config) fn description(
        &self,
        key: &str,
        limit: usize,
    ) -> Result<Option<String>, InputError> {
        let text = self.any_text(key)?;
        if let Some(length) =
            text.as_ref().map(|text| text.chars().count()).filter(|length| *length > limit)
        {
            let what = Wrong::Has(ValueSize::Characters(length));
            self.refuse(self.error(key, what, Advice::AtMostCharacters(limit)))?;
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
