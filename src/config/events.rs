//! `inputs.events`: the triggers of the function, of which this version deploys the timers.
//!
//! Defaults are those of the real component. Two oddities of the guide to canary releases
//! are dealt with here: its `name:` without a value means the default name, and its sample
//! calls `*/5 * * * *` "every 5 seconds", while five fields begin with the minute.

use serde_json::{Map, Value};

use super::function::{InputError, Reader, kind, nearest, shown};
use crate::model::{DEFAULT_ALIAS, LATEST, Version};
use crate::plan::triggers::{TIMER, Timer};

/// Types that the file may name and this version leaves as they are.
const LEFT_ALONE: &[&str] = &["apigw", "ckafka", "clb", "cls", "cmq", "cos", "http", "mps"];

/// Parameters of a timer.
const PARAMETERS: &[&str] = &["argument", "cronExpression", "enable", "name", "qualifier"];

/// Longest `CustomArgument`, in bytes.
const ARGUMENT_LIMIT: usize = 4096;

/// Longest name of a timer; a product page says 60, the API 100.
const NAME_LIMIT: usize = 100;

/// What `events` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    /// Timers, in the file's order.
    pub timers: Vec<Timer>,
    /// Dotted paths of events that this version does not deploy.
    pub not_deployed: Vec<String>,
    /// What is probably a mistake.
    pub warnings: Vec<String>,
}

impl Reader<'_> {
    /// Reads `events`; `None` when the file has no word on triggers, or when `ignoreTriggers`
    /// says that they are none of its business.
    ///
    /// `default_suffix` is `<name>-<stage>`, the rest of a timer's default name.
    ///
    /// # Errors
    /// The first event that cannot be deployed as it is.
    pub fn events(&self, default_suffix: &str) -> Result<Option<Events>, InputError> {
        if self.boolean("ignoreTriggers")? == Some(true) {
            return Ok(None);
        }
        let list = match self.inputs.get("events") {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Array(list)) => list,
            Some(other) => {
                let what = format!("is {}, not a list", kind(other));
                return Err(self.error("events", what, Some("a list of `- timer: …`")));
            }
        };
        let mut events = Events::default();
        let mut paths: Vec<String> = Vec::new();
        for (position, entry) in list.iter().enumerate() {
            let (of_type, event, path) = self.event(position, entry)?;
            if of_type != TIMER {
                events.not_deployed.push(path);
                continue;
            }
            let timer = self.timer(event, &path, default_suffix, &mut events.warnings)?;
            let same =
                |known: &Timer| known.name == timer.name && known.qualifier == timer.qualifier;
            if let Some(first) = events.timers.iter().position(same) {
                let what = format!(
                    "is timer `{}` on `{}`, as `{}` is already",
                    timer.name, timer.qualifier, paths[first]
                );
                return Err(self.error(&path, what, Some("give each a `name` of its own")));
            }
            events.timers.push(timer);
            paths.push(path);
        }
        Ok(Some(events))
    }

    /// Type, content and path of one entry of the list.
    fn event<'e>(
        &self,
        position: usize,
        entry: &'e Value,
    ) -> Result<(&'e str, &'e Value, String), InputError> {
        const INSTEAD: &str = "one type with its content indented below it: `- timer:`";
        let path = format!("events.{position}");
        let keys: Vec<&str> =
            entry.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
        let [of_type] = keys[..] else {
            let what = if keys.is_empty() {
                format!("is {}, not an event", kind(entry))
            } else {
                format!("has the keys {}", keys.join(", "))
            };
            return Err(self.error(&path, what, Some(INSTEAD)));
        };
        if of_type != TIMER && !LEFT_ALONE.contains(&of_type) {
            let known = || [TIMER].into_iter().chain(LEFT_ALONE.iter().copied());
            let meant = nearest(of_type, known())
                .map(|meant| format!("; did you mean `{meant}`?"))
                .unwrap_or_default();
            let instead = format!("one of {}{meant}", known().collect::<Vec<_>>().join(", "));
            let what = format!("has the type `{of_type}`, which does not exist");
            return Err(self.error(&path, what, Some(&instead)));
        }
        Ok((of_type, &entry[of_type], format!("{path}.{of_type}")))
    }

    fn timer(
        &self,
        event: &Value,
        path: &str,
        default_suffix: &str,
        warnings: &mut Vec<String>,
    ) -> Result<Timer, InputError> {
        let event = self.map(event, path)?;
        let below = format!("{path}.parameters");
        let parameters = self.map(event.get("parameters").unwrap_or(&Value::Null), &below)?;
        self.warn_of_unknown(event, path, &["name", "parameters"], warnings);
        self.warn_of_unknown(parameters, &below, PARAMETERS, warnings);

        let name = match self.said(parameters, &below, "name")? {
            Some(name) => name,
            None => self
                .said(event, path, "name")?
                .unwrap_or_else(|| format!("{TIMER}-{default_suffix}")),
        };
        if name.len() > NAME_LIMIT || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            let instead = format!("a letter first, and at most {NAME_LIMIT} characters");
            let what = format!("is `{name}`, which is not a timer's name");
            return Err(self.error(&format!("{path}.name"), what, Some(&instead)));
        }
        Ok(Timer {
            name,
            qualifier: self.qualifier(parameters, &below)?,
            cron: self.cron(parameters, &below, warnings)?,
            argument: self.argument(parameters, &below)?,
            enabled: self.enable(parameters, &below)?,
        })
    }

    /// A map; nothing at all is an empty one.
    fn map<'e>(&self, value: &'e Value, path: &str) -> Result<&'e Map<String, Value>, InputError> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        match value {
            Value::Null => Ok(&EMPTY),
            Value::Object(map) => Ok(map),
            other => Err(self.error(path, format!("is {}, not a map", kind(other)), None)),
        }
    }

    /// A text that is not empty: an empty or null one stands for the default.
    fn said(
        &self,
        map: &Map<String, Value>,
        path: &str,
        key: &str,
    ) -> Result<Option<String>, InputError> {
        match map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(other) => Err(self.error(
                &format!("{path}.{key}"),
                format!("is {}, not a text", kind(other)),
                Some("put it in quotes"),
            )),
        }
    }

    fn warn_of_unknown(
        &self,
        map: &Map<String, Value>,
        path: &str,
        known: &[&str],
        warnings: &mut Vec<String>,
    ) {
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            let meant = nearest(key, known.iter().copied())
                .map(|meant| format!("; did you mean `{meant}`?"))
                .unwrap_or_default();
            let path = format!("{path}.{key}");
            let place = self.place(&path);
            warnings.push(format!("`{path}` ({place}) is not an input of a timer{meant}"));
        }
    }

    /// The version or alias. A number is a version: `qualifier: 3`.
    fn qualifier(&self, parameters: &Map<String, Value>, path: &str) -> Result<String, InputError> {
        let text = match parameters.get("qualifier") {
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => self.said(parameters, path, "qualifier")?,
        };
        let Some(text) = text else { return Ok(DEFAULT_ALIAS.to_owned()) };
        // The API's definition of alias names; versions count from 1.
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let alias = text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.len() <= 64
            && text.chars().all(plain);
        if alias || text == DEFAULT_ALIAS || text.parse::<Version>().is_ok() {
            return Ok(text);
        }
        let instead = format!("an alias, `{DEFAULT_ALIAS}`, `{LATEST}` or a version number");
        let what = format!("is `{text}`, which no alias or version is called");
        Err(self.error(&format!("{path}.qualifier"), what, Some(&instead)))
    }

    fn cron(
        &self,
        parameters: &Map<String, Value>,
        path: &str,
        warnings: &mut Vec<String>,
    ) -> Result<String, InputError> {
        const INSTEAD: &str = "seven fields (second, minute, hour, day, month, weekday, year), for example \
             `*/5 * * * * * *` for every 5 seconds or `0 */5 * * * * *` for every 5 minutes";
        let key = format!("{path}.cronExpression");
        let cron = match parameters.get("cronExpression") {
            None | Some(Value::Null) => {
                return Err(self.error(&key, "is missing", Some(INSTEAD)));
            }
            Some(Value::String(cron)) => cron,
            Some(other) => {
                let what = format!("is {}, not a text", kind(other));
                return Err(self.error(&key, what, Some(INSTEAD)));
            }
        };
        match cron.split_whitespace().count() {
            7 => {}
            5 => warnings.push(format!(
                "`{key}` ({}) is `{cron}`, five fields that begin with the minute; it is sent as it is. With \
                 seven fields, `*/5 * * * * * *` is every 5 seconds and `0 */5 * * * * *` every 5 minutes",
                self.place(&key)
            )),
            0 => return Err(self.error(&key, "is empty", Some(INSTEAD))),
            fields => {
                let what = format!("is `{cron}`, which has {fields} fields");
                return Err(self.error(&key, what, Some(INSTEAD)));
            }
        }
        Ok(cron.clone())
    }

    /// The argument as text: the API takes nothing else, so whatever is not one becomes JSON.
    fn argument(&self, parameters: &Map<String, Value>, path: &str) -> Result<String, InputError> {
        let argument = match parameters.get("argument") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        if argument.len() > ARGUMENT_LIMIT {
            let what = format!("has {} bytes", argument.len());
            let instead = format!("at most {ARGUMENT_LIMIT}");
            return Err(self.error(&format!("{path}.argument"), what, Some(&instead)));
        }
        Ok(argument)
    }

    fn enable(
        &self,
        parameters: &Map<String, Value>,
        path: &str,
    ) -> Result<Option<bool>, InputError> {
        match parameters.get("enable") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            // `${env:…}` can only give texts.
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(other) => Err(self.error(
                &format!("{path}.enable"),
                format!("is {}, not true or false", shown(other)),
                Some("enable: true or enable: false"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CRON: &str = "0 */5 * * * * *";

    fn read(inputs: &Value) -> Result<Option<Events>, InputError> {
        let place = |key: &str| format!("at {key}");
        Reader::new(inputs.as_object().unwrap(), &place).events("demo-dev")
    }

    /// `events` with one timer of these parameters.
    fn one(parameters: &Value) -> Result<Events, InputError> {
        let mut parameters = parameters.clone();
        if parameters.get("cronExpression").is_none() {
            parameters["cronExpression"] = CRON.into();
        }
        let inputs = json!({"events": [{"timer": {"parameters": parameters}}]});
        read(&inputs).map(Option::unwrap)
    }

    fn timer(parameters: &Value) -> Timer {
        one(parameters).unwrap().timers.remove(0)
    }

    #[test]
    fn the_documents_example() {
        let events = json!({"events": [{"timer": {"name": null, "parameters": {
            "qualifier": "alias-prod",
            "cronExpression": "*/5 * * * *",
            "enable": true,
            "argument": "argument",
        }}}]});
        let events = read(&events).unwrap().unwrap();
        assert_eq!(
            events.timers,
            [Timer {
                name: "timer-demo-dev".into(),
                qualifier: "alias-prod".into(),
                cron: "*/5 * * * *".into(),
                argument: "argument".into(),
                enabled: Some(true),
            }]
        );
        let [warning] = &events.warnings[..] else { panic!("{events:?}") };
        for text in
            ["begin with the minute", "`*/5 * * * * * *`", "`0 */5 * * * * *`", "at events.0"]
        {
            assert!(warning.contains(text), "{warning}");
        }
    }

    #[test]
    fn the_name_is_that_of_the_parameters_then_of_the_event_then_the_default() {
        let name = |event: Value| {
            let inputs = json!({"events": [{"timer": event}]});
            read(&inputs).unwrap().unwrap().timers.remove(0).name
        };
        let inner = json!({"name": "inner", "cronExpression": CRON});
        let nameless = json!({"name": "", "cronExpression": CRON});
        assert_eq!(name(json!({"name": "outer", "parameters": inner})), "inner");
        assert_eq!(name(json!({"name": "outer", "parameters": nameless})), "outer");
        assert_eq!(name(json!({"name": null, "parameters": nameless})), "timer-demo-dev");
    }

    #[test]
    fn no_word_on_triggers_is_not_an_empty_list() {
        assert_eq!(read(&json!({})).unwrap(), None);
        assert_eq!(read(&json!({"events": null})).unwrap(), None);
        assert_eq!(read(&json!({"events": []})).unwrap(), Some(Events::default()));
        assert_eq!(read(&json!({"events": ["nonsense"], "ignoreTriggers": true})).unwrap(), None);
        assert!(read(&json!({"events": [], "ignoreTriggers": false})).unwrap().is_some());
    }

    #[test]
    fn parameters() {
        assert_eq!(timer(&json!({})).qualifier, "$DEFAULT");
        assert_eq!(timer(&json!({"qualifier": null})).qualifier, "$DEFAULT");
        assert_eq!(timer(&json!({"qualifier": 3})).qualifier, "3");
        assert_eq!(timer(&json!({"qualifier": "$LATEST"})).qualifier, "$LATEST");
        assert_eq!(timer(&json!({})).enabled, None);
        assert_eq!(timer(&json!({"enable": "false"})).enabled, Some(false));
        for (argument, text) in [
            (json!(null), ""),
            (json!("as is "), "as is "),
            (json!({"b": 1, "a": [true]}), r#"{"b":1,"a":[true]}"#),
            (json!([1, "x"]), r#"[1,"x"]"#),
            (json!(5), "5"),
        ] {
            assert_eq!(timer(&json!({"argument": argument})).argument, text);
        }
    }

    #[test]
    fn other_types_are_left_alone() {
        let events =
            read(&json!({"events": [{"apigw": {"x": 1}}, {"cos": null}]})).unwrap().unwrap();
        assert_eq!(events.timers, []);
        assert_eq!(events.not_deployed, ["events.0.apigw", "events.1.cos"]);
    }

    #[test]
    fn unknown_parameters_are_named() {
        let warnings = one(&json!({"cronexpression": 1})).unwrap().warnings;
        assert_eq!(
            warnings,
            [
                "`events.0.timer.parameters.cronexpression` (at events.0.timer.parameters.cronexpression) \
              is not an input of a timer; did you mean `cronExpression`?"
            ]
        );
    }

    #[test]
    fn what_cannot_be_deployed_is_refused_with_its_place() {
        let long = "x".repeat(4097);
        for (parameters, key) in [
            (json!({"cronExpression": null}), "cronExpression"),
            (json!({"cronExpression": " "}), "cronExpression"),
            (json!({"cronExpression": 5}), "cronExpression"),
            (json!({"cronExpression": "* * * * * *"}), "cronExpression"),
            (json!({"cronExpression": "* * * * * * * *"}), "cronExpression"),
            (json!({"enable": 1}), "enable"),
            (json!({"enable": "yes"}), "enable"),
            (json!({"argument": long}), "argument"),
            (json!({"argument": [long]}), "argument"),
            (json!({"qualifier": "$latest"}), "qualifier"),
            (json!({"qualifier": "0"}), "qualifier"),
            (json!({"qualifier": "a b"}), "qualifier"),
            (json!({"qualifier": true}), "qualifier"),
            (json!({"name": 5}), "name"),
        ] {
            let error = one(&parameters).unwrap_err();
            assert_eq!(error.key, format!("events.0.timer.parameters.{key}"), "{parameters}");
            assert_eq!(error.place, format!("at {}", error.key));
        }
        let same = json!({"timer": {"parameters": {"cronExpression": CRON}}});
        for (events, key) in [
            (json!({}), "events"),
            (json!(["timer"]), "events.0"),
            (json!([{}]), "events.0"),
            (json!([{"timer": null, "parameters": {}}]), "events.0"),
            (json!([{"tiemr": {}}]), "events.0"),
            (json!([{"timer": []}]), "events.0.timer"),
            (json!([{"timer": {"parameters": 1}}]), "events.0.timer.parameters"),
            (json!([{"timer": {"name": "1st", "parameters": {}}}]), "events.0.timer.name"),
            (json!([same, same]), "events.1.timer"),
        ] {
            let error = read(&json!({"events": events})).unwrap_err();
            assert_eq!(error.key, key, "{events}");
        }
        let error = read(&json!({"events": [{"tiemr": {}}]})).unwrap_err();
        let instead = error.instead.unwrap();
        assert!(instead.starts_with("one of timer, apigw, "), "{instead}");
        assert!(instead.ends_with("did you mean `timer`?"), "{instead}");
    }
}
