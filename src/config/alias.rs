//! `name`, `version`, `config` and `description` of the alias commands.
//!
//! They come only from the command line or `commandInputs`: in `inputs` of the file, `name` is
//! the function's name, and the real tool deletes an alias of that name (HARM).

use serde_json::Value;

use super::function::{InputError, MapReader, Reader};
use super::input_error::{Advice, AliasAdvice, NameRule, WantedValue, Wrong, WrongAlias};
use crate::model::DESCRIPTION_LIMIT;
use crate::model::{AliasWish, RoutingWish};
use crate::model::{DEFAULT_ALIAS, MatchRule, ModelError, Version, Weight};

const FORMAT: &str = r#"`--inputs config='{"weights":{"2":0.1}}'`"#;
const RULE_FORMAT: &str =
    r#"{"Version":"2","Key":"invoke.headers.User","Method":"exact","Expression":"Bob"}"#;

impl Reader<'_> {
    /// The alias that a command names.
    ///
    /// # Errors
    /// Missing, or not an alias name (API definition: 1–64 letters, digits, `-`, `_`, a letter
    /// first).
    pub fn alias_name(&self) -> Result<String, InputError> {
        self.alias_name_at("name")?
            .ok_or_else(|| self.error("name", Wrong::Missing, AliasAdvice::Name))
    }

    /// The alias that a key names; `None` when it is absent or empty.
    pub(super) fn alias_name_at(&self, key: &str) -> Result<Option<String>, InputError> {
        let Some(name) = self.text(key)?.filter(|name| !name.is_empty()) else { return Ok(None) };
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let first_is_letter = name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
        let valid = name.len() <= 64 && first_is_letter && name.bytes().all(allowed);
        if !valid && name != DEFAULT_ALIAS {
            let instead = Advice::name(NameRule::Alias, &name);
            let what = Wrong::NoSuch { text: name, wanted: WantedValue::AliasName };
            return Err(self.error(key, what, instead));
        }
        Ok(Some(name))
    }

    /// A version, `$LATEST` or a number.
    ///
    /// # Errors
    /// Present and not a version.
    pub fn version(&self, key: &str) -> Result<Option<Version>, InputError> {
        let Some(value) = self.get(key).filter(|value| !value.is_null()) else { return Ok(None) };
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        text.parse().map(Some).map_err(|_| {
            let what = if text.is_empty() {
                // In double quotes the shell replaces $LATEST by nothing.
                WrongAlias::EmptyOrNoVersion.into()
            } else {
                Wrong::NoSuch { text: text.clone(), wanted: WantedValue::Version }
            };
            self.error(key, what, AliasAdvice::QuotedVersion)
        })
    }

    /// What `create-alias` and `update-alias` are asked for.
    ///
    /// # Errors
    /// The first key that is missing or cannot be used.
    pub fn alias_wish(&self, force: bool) -> Result<AliasWish, InputError> {
        let name = self.alias_name()?;
        let Some(main) = self.version("version")? else {
            return Err(self.error("version", Wrong::Missing, AliasAdvice::MainVersion));
        };
        Ok(AliasWish {
            name,
            main,
            routing: self.routing_wish()?,
            description: self.description("description", DESCRIPTION_LIMIT)?,
            force,
            end_rollout: false,
        })
    }

    fn routing_wish(&self) -> Result<RoutingWish, InputError> {
        let config = match self.get("config") {
            None | Some(Value::Null) => return Ok(RoutingWish::Unsaid),
            Some(config @ Value::Object(_)) => MapReader::new(self, config, "config".to_owned())?,
            Some(other) => {
                let what = Wrong::value(other, WantedValue::Map);
                return Err(self.error("config", what, Advice::literal(FORMAT)));
            }
        };
        let routing = config.ask(["weights", "matches"]);
        if let Some(key) = config.first_unknown() {
            let what = WrongAlias::UnknownRouting;
            return Err(config.error(key, what, Advice::literal(FORMAT)));
        }
        match routing {
            [None, None] => Ok(RoutingWish::Unsaid),
            [Some(_), Some(_)] => {
                Err(self.error("config", WrongAlias::WeightsAndMatches, Advice::literal(FORMAT)))
            }
            [Some(weights), None] => self.weights(weights),
            [None, Some(matches)] => self.matches(matches),
        }
    }

    fn weights(&self, weights: &Value) -> Result<RoutingWish, InputError> {
        let Value::Object(weights) = weights else {
            let what = Wrong::value(weights, WantedValue::Map);
            return Err(self.error("config.weights", what, Advice::literal(FORMAT)));
        };
        let mut parsed = Vec::new();
        for (version, weight) in weights {
            let path = format!("config.weights.{version}");
            let version: Version = version.parse().map_err(|_| {
                let what = WrongAlias::NamesNoVersion(version.clone());
                self.error("config.weights", what, AliasAdvice::Version)
            })?;
            let number = weight.as_f64().ok_or_else(|| {
                self.error(&path, Wrong::value(weight, WantedValue::Number), Advice::Share)
            })?;
            let weight = Weight::from_f64(number).map_err(|error| {
                let (what, advice) = match error {
                    ModelError::WeightTooFine(_) => {
                        (Wrong::TooFine(number.to_string()), Advice::ShareOfSixPlaces)
                    }
                    _ => (Wrong::NoShare(weight.to_string()), Advice::Share),
                };
                self.error(&path, what, advice)
            })?;
            parsed.push((version, weight));
        }
        Ok(RoutingWish::Weights(parsed))
    }

    /// Rules in the API's own syntax (API reference, match rules).
    fn matches(&self, matches: &Value) -> Result<RoutingWish, InputError> {
        let Value::Array(rules) = matches else {
            let what = Wrong::value(matches, WantedValue::List);
            return Err(self.error("config.matches", what, Advice::literal(RULE_FORMAT)));
        };
        let mut parsed = Vec::new();
        for (position, rule) in rules.iter().enumerate() {
            let rule = MapReader::of(self, rule, format!("config.matches.{position}"));
            let [version, key, method, expression] = ["Version", "Key", "Method", "Expression"]
                .map(|name| {
                    let text = rule.get(name).and_then(Value::as_str);
                    text.filter(|text| !text.is_empty()).ok_or_else(|| {
                        let what = Wrong::MissingOrNot(WantedValue::Text);
                        rule.error(name, what, Advice::literal(RULE_FORMAT))
                    })
                });
            if let Some(key) = rule.first_unknown() {
                let what = WrongAlias::NotOfRules;
                return Err(rule.error(key, what, Advice::literal(RULE_FORMAT)));
            }
            let version: Version = version?.parse().map_err(|_| {
                let what = Wrong::IsNot(WantedValue::Version);
                rule.error("Version", what, AliasAdvice::Version)
            })?;
            let (key, method, expression) = (key?, method?, expression?);
            if key.strip_prefix("invoke.headers.").is_none_or(str::is_empty) {
                let instead = Advice::literal("invoke.headers.NAME");
                return Err(rule.error("Key", Wrong::text(key), instead));
            }
            match method {
                "exact" => {}
                "range" if is_range(expression) => {}
                "range" => {
                    let what = Wrong::text(expression);
                    return Err(rule.error("Expression", what, AliasAdvice::Range));
                }
                other => {
                    let instead = Advice::Either(&["exact", "range"]);
                    return Err(rule.error("Method", Wrong::text(other), instead));
                }
            }
            parsed.push(MatchRule {
                version,
                key: key.to_owned(),
                method: method.to_owned(),
                expression: expression.to_owned(),
            });
        }
        if parsed.is_empty() {
            return Err(self.error("config.matches", WrongAlias::NoRule, AliasAdvice::NoRule));
        }
        Ok(RoutingWish::Matches(parsed))
    }
}

/// `(a,b)` or `[a,b]`; mixed brackets occur too (API reference, match rules).
fn is_range(expression: &str) -> bool {
    let inner = expression.strip_prefix(['(', '[']).and_then(|rest| rest.strip_suffix([')', ']']));
    let Some((low, high)) = inner.and_then(|inner| inner.split_once(',')) else { return false };
    match (low.parse::<i64>(), high.parse::<i64>()) {
        (Ok(low), Ok(high)) => low <= high,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::position::Position;
    use serde_json::json;

    fn read(inputs: &Value) -> Result<AliasWish, InputError> {
        let place = |_: &str| Position::CommandLine;
        Reader::new(inputs.as_object().unwrap(), &place).alias_wish(false)
    }

    #[test]
    fn what_the_document_types() {
        let wish =
            read(&json!({"name": "a", "version": "1", "config": {"weights": {"2": 0.9}}})).unwrap();
        let weights = vec![(Version::Number(2), "0.9".parse().unwrap())];
        assert_eq!((wish.main, wish.routing), (Version::Number(1), RoutingWish::Weights(weights)));
        let wish = read(&json!({"name": "a", "version": 1, "config": {"weights": {"$LATEST": 0}}}))
            .unwrap();
        assert_eq!(wish.routing, RoutingWish::Weights(vec![(Version::Latest, Weight::ZERO)]));
        let unsaid = [json!({}), json!(null)];
        for config in unsaid {
            let wish = read(&json!({"name": "a", "version": "$LATEST", "config": config})).unwrap();
            assert_eq!(wish.routing, RoutingWish::Unsaid);
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let rule = json!({"Version": "2", "Key": "invoke.headers.U", "Method": "exact", "Expression": "x"});
        let with = |key: &str, value: &str| {
            let mut rule = rule.clone();
            rule[key] = value.into();
            json!({"matches": [rule]})
        };
        for (config, key) in [
            (json!("x"), "config"),
            (json!({"weight": {}}), "config.weight"),
            (json!({"weights": null}), "config.weights"),
            (json!({"weights": {"n+1": 0.1}}), "config.weights"),
            (json!({"weights": {"2": "0.1"}}), "config.weights.2"),
            (json!({"weights": {"2": 1.5}}), "config.weights.2"),
            (json!({"weights": {"2": -0.0}}), "config.weights.2"),
            (json!({"weights": {"2": 0.1}, "matches": []}), "config"),
            (json!({"matches": []}), "config.matches"),
            (json!({"matches": [{}]}), "config.matches.0.Version"),
            (with("Key", "headers.U"), "config.matches.0.Key"),
            (with("Method", "regex"), "config.matches.0.Method"),
            (with("Other", "x"), "config.matches.0.Other"),
        ] {
            let error = read(&json!({"name": "a", "version": "1", "config": config})).unwrap_err();
            assert_eq!(error.key, key, "{config}");
        }
        assert_eq!(read(&json!({"version": "1"})).unwrap_err().key, "name");
        assert_eq!(read(&json!({"name": "1a", "version": "1"})).unwrap_err().key, "name");
        for version in [json!(""), json!("n"), json!(true), json!(1.5), json!(null)] {
            assert_eq!(read(&json!({"name": "a", "version": version})).unwrap_err().key, "version");
        }
        for (range, valid) in [
            ("(1,9)", true),
            ("[0,30)", true),
            ("[-5,5]", true),
            ("1,9", false),
            ("(9,1)", false),
            ("(1, 9)", false),
        ] {
            let mut config = with("Method", "range");
            config["matches"][0]["Expression"] = range.into();
            assert_eq!(
                read(&json!({"name": "a", "version": "1", "config": config})).is_ok(),
                valid,
                "{range}"
            );
        }
    }
}
