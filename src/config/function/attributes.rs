//! What belongs to a function as a whole: tags, retries.

use std::collections::BTreeMap;

use serde_json::Value;

use super::scalar::scalar;
use super::{InputError, MapReader, Reader};
use crate::config::input_error::{
    Advice, InputWarning, SettingAdvice, Unit, WantedValue, Wrong, WrongSetting,
};
use crate::model::Attributes;

impl Reader<'_> {
    /// What the file says about the function as a whole.
    pub(super) fn attributes(&self, web: bool) -> Attributes {
        let message_ttl = self.keep(self.integer("msgTTL", 60..=21_600, Unit::Seconds));
        let retries = self.keep(self.integer("retryNum", 0..=2, Unit::Times));
        Attributes {
            tags: self.keep(self.tags()),
            message_ttl: self.of_event_functions("msgTTL", message_ttl, web),
            retries: self.of_event_functions("retryNum", retries, web),
        }
    }

    /// The real component leaves these keys of a web function out without a word.
    pub(super) fn of_event_functions<T>(
        &self,
        key: &str,
        value: Option<T>,
        web: bool,
    ) -> Option<T> {
        if web && value.is_some() {
            let (key, place) = (self.path(key), self.place(key));
            self.warn(InputWarning::OnlyEvent { key, place });
        }
        value.filter(|_| !web)
    }

    /// Tags: a map, or a list of maps with `key` and `value`. A present but empty one takes
    /// all tags off.
    fn tags(&self) -> Result<Option<BTreeMap<String, String>>, InputError> {
        let mut tags = BTreeMap::new();
        match self.get("tags") {
            None => return Ok(None),
            Some(Value::Null) => {}
            Some(Value::Object(map)) => {
                for (key, value) in map {
                    let path = format!("tags.{key}");
                    self.keep(self.key_as_written(&["tags", key]));
                    self.keep(self.as_written(&["tags", key]));
                    tags.insert(self.tag_key(key, &path)?, self.tag_value(value, &path)?);
                }
            }
            Some(Value::Array(list)) => {
                // The real component takes both spellings.
                let members = ["Key", "key", "Value", "value"];
                let entries: Vec<_> = list
                    .iter()
                    .enumerate()
                    .map(|(position, entry)| MapReader::of(self, entry, format!("tags.{position}")))
                    .map(|entry| entry.ask(members))
                    .collect();
                for (position, [large, small, capital, value]) in entries.into_iter().enumerate() {
                    let path = format!("tags.{position}");
                    for member in members {
                        self.keep(self.as_written(&["tags", &position.to_string(), member]));
                    }
                    let Some(key) = small.or(large).and_then(Value::as_str) else {
                        let what = Wrong::IsNot(WantedValue::Tag);
                        return Err(self.error(&path, what, SettingAdvice::Tag));
                    };
                    let value = value.or(capital).unwrap_or(&Value::Null);
                    let value = self.tag_value(value, &path)?;
                    if tags.insert(self.tag_key(key, &path)?, value).is_some() {
                        return Err(self.error_alone(&path, Wrong::Again(key.to_owned())));
                    }
                }
            }
            Some(other) => {
                let what = Wrong::kind(other, WantedValue::Map);
                return Err(self.error("tags", what, SettingAdvice::Tags));
            }
        }
        Ok(Some(tags))
    }

    fn tag_key(&self, key: &str, path: &str) -> Result<String, InputError> {
        if key.is_empty() {
            return Err(self.error_alone(path, WrongSetting::EmptyKey));
        }
        Ok(key.to_owned())
    }

    fn tag_value(&self, value: &Value, path: &str) -> Result<String, InputError> {
        match value {
            Value::Null => Ok(String::new()),
            other => scalar(other).ok_or_else(|| {
                let what = Wrong::kind(other, WantedValue::Text);
                self.error(path, what, Advice::WriteA(WantedValue::Text))
            }),
        }
    }
}
