//! What belongs to a function as a whole: tags, retries, what only creation can give.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{InputError, Reader, kind};
use crate::javascript;
use crate::model::{Attributes, BornWith};

impl Reader<'_> {
    /// What the file says about the function as a whole.
    pub(super) fn attributes(&self, web: bool) -> Attributes {
        let message_ttl = self.keep(self.integer("msgTTL", 60..=21_600, "seconds"));
        let retries = self.keep(self.integer("retryNum", 0..=2, "times"));
        Attributes {
            tags: self.keep(self.tags()),
            message_ttl: self.of_event_functions("msgTTL", message_ttl, web),
            retries: self.of_event_functions("retryNum", retries, web),
        }
    }

    /// Settings that only creation can give.
    pub(super) fn born_with(&self, web: bool) -> BornWith {
        let asynchronous = self.keep(self.boolean("asyncRunEnable"));
        let traced = self.keep(self.boolean("traceEnable"));
        BornWith {
            asynchronous: self.of_event_functions("asyncRunEnable", asynchronous, web),
            traced: self.of_event_functions("traceEnable", traced, web),
        }
    }

    /// The real component leaves these keys of a web function out without a word.
    fn of_event_functions<T>(&self, key: &str, value: Option<T>, web: bool) -> Option<T> {
        if web && value.is_some() {
            let what = "is for event functions, and has no effect on a web function";
            self.warn(self.error(key, what, None).to_string());
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
                for (position, entry) in list.iter().enumerate() {
                    let path = format!("tags.{position}");
                    for member in ["key", "Key", "value", "Value"] {
                        self.keep(self.as_written(&["tags", &position.to_string(), member]));
                    }
                    // The real component takes both spellings.
                    let member = |small, large| entry.get(small).or_else(|| entry.get(large));
                    let Some(key) = member("key", "Key").and_then(Value::as_str) else {
                        let instead = "write a map with `key` and `value`";
                        return Err(self.error(&path, "is not a tag", Some(instead)));
                    };
                    let value = member("value", "Value").unwrap_or(&Value::Null);
                    let value = self.tag_value(value, &path)?;
                    if tags.insert(self.tag_key(key, &path)?, value).is_some() {
                        return Err(self.error(&path, format!("gives `{key}` again"), None));
                    }
                }
            }
            Some(other) => {
                let what = format!("is {}, not a map", kind(other));
                return Err(self.error("tags", what, Some("write `tags: {key: value}`")));
            }
        }
        Ok(Some(tags))
    }

    fn tag_key(&self, key: &str, path: &str) -> Result<String, InputError> {
        if key.is_empty() {
            return Err(self.error(path, "has an empty key", None));
        }
        Ok(key.to_owned())
    }

    fn tag_value(&self, value: &Value, path: &str) -> Result<String, InputError> {
        match value {
            Value::Null => Ok(String::new()),
            other => scalar(other).ok_or_else(|| {
                self.error(path, format!("is {}, not a text", kind(other)), Some("write a text"))
            }),
        }
    }
}

/// A value as text, where it is a single one.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(javascript::json_number_text(number)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
