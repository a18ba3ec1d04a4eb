//! What of the inputs may be shown in a log that others read.
//!
//! Values of `environment` are passwords often enough, as is whatever else the function's code is
//! given, and so are those of a key, or from a variable, whose name says it, wherever they stand.
//! A value that is hidden in one place must not stand in another.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::function::{is_input, nearest};
use crate::withheld::{MARK, names_secret, shown, without_users};
pub use crate::withheld::{is_secret, looks_secret};

/// Stands for a hidden value.
pub const HIDDEN: &str = "[redacted]";

/// Keys of the environment variables of a function, and what is written for them.
const ENVIRONMENT: &[&str] = &["environment", "environments", "env", "envs", "variables", "vars"];

/// Keys of a trigger whose text the function's code is called with.
const PAYLOADS: &[&str] = &["argument", "customArgument"];

/// Keys that sound like a secret and are none.
const OPEN: &[&str] = &["key", "Key", "authType", "enableRoleAuth"];

/// Whether the name of a key says that what it holds is a secret. The keys of functions are
/// names that people chose.
fn holds_secret(key: &str, parent: &str) -> bool {
    parent != "functions"
        && (PAYLOADS.contains(&key) || (looks_secret(key) && !OPEN.contains(&key)))
}

/// Whether a key holds environment variables, or was meant to.
fn is_environment(key: &str) -> bool {
    ENVIRONMENT.contains(&key)
        || (!is_input(key) && nearest(key, ENVIRONMENT.iter().copied()).is_some())
}

/// Whether the value of an input may hold what no log should: variables do, and they may stand
/// anywhere in a map. An alias's weights do not.
pub(crate) fn is_private(key: &str, value: &str) -> bool {
    let top = key.split('.').next().unwrap_or(key);
    is_environment(top) || (key != "config" && value.contains(['{', '[']))
}

/// Characters of a value that are shown, at most.
const SHOWN: usize = 80;

/// An argument that gives an input, in whatever form it was typed, as an error may show it; of a
/// long value, and of one that may be secret, the key alone: logs are read by others.
pub(crate) fn shown_argument(argument: &str) -> String {
    let Some((key, value)) = pair(argument) else { return argument.to_owned() };
    if is_private(key, value) || is_secret(key, value) || value.chars().count() > SHOWN {
        return format!("{}{MARK}", &argument[..argument.len() - value.len()]);
    }
    argument.to_owned()
}

/// Key and value of an argument that gives an input.
fn pair(argument: &str) -> Option<(&str, &str)> {
    let pair = argument.strip_prefix("--inputs");
    let pair = pair.map_or(argument, |rest| rest.trim_start_matches(['.', '=']));
    // The value of an option is the next argument, or stands behind the first `=`.
    let ends_key: &[char] = if pair.starts_with("--") { &[' ', '='] } else { &['='] };
    pair.split_once(ends_key)
}

/// The first argument of a command line that may hold a secret, as it may be shown. `inputs` are
/// the arguments among them that give inputs.
pub(crate) fn secret_argument<'a>(
    arguments: &[String],
    mut inputs: impl Iterator<Item = &'a String>,
) -> Option<String> {
    let shown = shown(arguments);
    let hidden = shown.iter().zip(arguments).find(|(shown, typed)| *shown != *typed);
    hidden.map(|(shown, _)| shown.to_string()).or_else(|| {
        let hides = |argument: &&String| {
            pair(argument)
                .is_some_and(|(key, value)| is_private(key, value) || is_secret(key, value))
        };
        inputs.find(hides).map(|argument| shown_argument(argument))
    })
}

/// Inputs that say which function is meant; a variable that is part of them, such as a stage,
/// is no secret for being an environment variable of the function too.
const IDENTITY: &[&str] = &["name", "namespace", "region", "handler", "runtime", "role", "src"];

/// The variables that texts of the inputs refer to, by the path of the text (`a.0.b`).
pub type Variables = BTreeMap<String, Vec<String>>;

/// A value that is hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// Where it stands, with the name of the environment variable last: `environment.variables.A`.
    pub name: String,
    /// Where the file has it: `environments.0.value`.
    pub path: String,
}

/// Inputs that can be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Disclosure {
    /// The inputs with hidden values.
    pub inputs: Map<String, Value>,
    /// What is hidden, in order.
    pub hidden: Vec<Hidden>,
    /// Values that may be shown nowhere.
    pub secrets: Vec<String>,
}

/// Hides what may not be shown.
#[must_use]
pub fn disclose(inputs: &Map<String, Value>, variables: &Variables) -> Disclosure {
    let mut of_environment = BTreeSet::new();
    let mut walk = Walk {
        variables,
        of_environment: &BTreeSet::new(),
        hidden: Vec::new(),
        secrets: Vec::new(),
    };
    // Once to learn which variables the environment is made of, once to hide them elsewhere.
    walk.map(inputs, "", "", false);
    for hidden in &walk.hidden {
        of_environment.extend(variables.get(&hidden.path).into_iter().flatten().cloned());
    }
    let mut walk = Walk {
        variables,
        of_environment: &of_environment,
        hidden: Vec::new(),
        secrets: Vec::new(),
    };
    let inputs = walk.map(inputs, "", "", false);
    Disclosure { inputs, hidden: walk.hidden, secrets: walk.secrets }
}

struct Walk<'a> {
    variables: &'a Variables,
    of_environment: &'a BTreeSet<String>,
    hidden: Vec<Hidden>,
    secrets: Vec<String>,
}

impl Walk<'_> {
    fn map(
        &mut self,
        map: &Map<String, Value>,
        name: &str,
        path: &str,
        within: bool,
    ) -> Map<String, Value> {
        // `- key: NAME` and `value: TEXT`.
        let entry = map.get("key").or_else(|| map.get("Key")).and_then(Value::as_str);
        let is_pair = map.contains_key("value") || map.contains_key("Value");
        let of_secret = is_pair && entry.is_some_and(looks_secret);
        let entry = entry.filter(|_| within);
        let shown = |(key, value): (&String, &Value)| {
            let is_secret = holds_secret(key, path) || (of_secret && !OPEN.contains(&&**key));
            let path = join(path, key);
            let within = within || is_environment(key) || (is_secret && !value.is_boolean());
            let value = match entry {
                Some(_) if key == "key" => value.clone(),
                Some(entry) => self.value(value, &join(parent(name), entry), &path, within),
                None => self.value(value, &join(name, key), &path, within),
            };
            (key.clone(), value)
        };
        map.iter().map(shown).collect()
    }

    fn value(&mut self, value: &Value, name: &str, path: &str, within: bool) -> Value {
        match value {
            Value::Object(map) => Value::Object(self.map(map, name, path, within)),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(position, item)| {
                    let position = position.to_string();
                    self.value(item, &join(name, &position), &join(path, &position), within)
                })
                .collect(),
            Value::Null => Value::Null,
            // A reference that stays until deployment is no value yet.
            Value::String(text) if text.is_empty() || is_output(text) => value.clone(),
            _ if self.hides(name, path, within) || value.as_str().is_some_and(names_secret) => {
                self.hidden.push(Hidden { name: name.to_owned(), path: path.to_owned() });
                let variables = self.variables.get(path).into_iter().flatten();
                let secret = (within && looks_secret(last(name)) && !OPEN.contains(&last(name)))
                    || variables.map(String::as_str).any(looks_secret);
                if secret {
                    self.secrets.push(match value {
                        Value::String(text) => text.clone(),
                        other => other.to_string(),
                    });
                }
                Value::String(HIDDEN.to_owned())
            }
            Value::String(text) => match without_users(text) {
                Cow::Borrowed(_) => value.clone(),
                Cow::Owned(shown) => {
                    self.hidden.push(Hidden { name: name.to_owned(), path: path.to_owned() });
                    Value::String(shown)
                }
            },
            _ => value.clone(),
        }
    }

    fn hides(&self, name: &str, path: &str, within: bool) -> bool {
        let identity = IDENTITY.contains(&name.split('.').next().unwrap_or(name));
        let mut variables = self.variables.get(path).into_iter().flatten();
        within
            || variables.any(|variable| {
                looks_secret(variable) || (!identity && self.of_environment.contains(variable))
            })
    }
}

/// Whether a text is one `${output:…}` and nothing else.
fn is_output(text: &str) -> bool {
    let inner = text.strip_prefix("${output:").and_then(|rest| rest.strip_suffix('}'));
    inner.is_some_and(|inner| !inner.contains(['$', '}']))
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(parent, _)| parent)
}

fn last(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, last)| last)
}

/// The variables that a text refers to, itself or through the values of these: `env:NAME` as
/// `NAME`, `param:NAME` as `NAME` too.
#[must_use]
pub fn variables_of(
    value: &Value,
    path: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Variables {
    let mut found = Variables::new();
    collect(value, path, lookup, &mut found);
    found
}

fn collect(
    value: &Value,
    path: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    found: &mut Variables,
) {
    match value {
        Value::String(text) => {
            let mut names = Vec::new();
            referred(text, lookup, &mut names);
            if !names.is_empty() {
                found.insert(path.to_owned(), names);
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                collect(item, &join(path, &position.to_string()), lookup, found);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                collect(item, &join(path, key), lookup, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Adds the names in a text and in their values. Whether each is a reference that counts does
/// not matter: one that does not hides nothing.
fn referred(text: &str, lookup: &dyn Fn(&str) -> Option<String>, names: &mut Vec<String>) {
    for kind in ["env:", "param:"] {
        for (position, _) in text.match_indices(kind) {
            let name: String = text[position + kind.len()..]
                .chars()
                .take_while(|character| character.is_alphanumeric() || "_.-".contains(*character))
                .collect();
            if name.is_empty() || names.contains(&name) {
                continue;
            }
            let value = lookup(&name);
            names.push(name);
            if let Some(value) = value {
                referred(&value, lookup, names);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(inputs: &Value, environment: &[(&str, &str)]) -> Disclosure {
        let lookup = |name: &str| {
            environment
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let variables = variables_of(inputs, "", &lookup);
        disclose(inputs.as_object().unwrap(), &variables)
    }

    #[test]
    fn values_of_the_environment_are_hidden_in_each_form() {
        let disclosure = shown(
            &json!({
                "description": "plain",
                "environment": {"variables": {"A": "x", "PIN": 12, "ON": true, "NONE": null, "E": "", "O": "${output:dev:a:b.c}"}},
                "environments": [{"key": "B", "value": "y"}],
                "functions": {"f": {"environment": {"variables": {"C": "z"}}, "memorySize": 128}},
            }),
            &[],
        );
        assert_eq!(
            Value::Object(disclosure.inputs),
            json!({
                "description": "plain",
                "environment": {"variables": {"A": HIDDEN, "PIN": HIDDEN, "ON": HIDDEN, "NONE": null, "E": "", "O": "${output:dev:a:b.c}"}},
                "environments": [{"key": "B", "value": HIDDEN}],
                "functions": {"f": {"environment": {"variables": {"C": HIDDEN}}, "memorySize": 128}},
            })
        );
        let names: Vec<&str> = disclosure.hidden.iter().map(|hidden| &*hidden.name).collect();
        assert_eq!(
            names,
            [
                "environment.variables.A",
                "environment.variables.PIN",
                "environment.variables.ON",
                "environments.B",
                "functions.f.environment.variables.C"
            ]
        );
        assert_eq!(disclosure.hidden[3].path, "environments.0.value");
    }

    #[test]
    fn values_of_a_misspelt_environment_are_hidden_and_no_others() {
        for key in crate::config::function::keys() {
            assert_eq!(is_environment(key), key == "environment", "{key}");
        }
        for key in ["Environment", "environmentt", "enviroment", "Environments", "ENV", "variable"]
        {
            assert!(is_environment(key), "{key}");
        }
    }

    #[test]
    fn what_is_hidden_in_one_place_is_hidden_in_the_other() {
        let disclosure = shown(
            &json!({
                "name": "api-${env:STAGE}",
                "description": "${env:VALUE} of ${env:STAGE}",
                "tags": {"a": "${env:DB_PASSWORD}", "b": "${env:REGION}", "c": "${param:apiKey}"},
                "layers": ["${env:OUTER}"],
                "environment": {"variables": {"V": "${env:VALUE}", "S": "${env:STAGE}"}},
            }),
            &[("OUTER", "a ${env:DB_PASSWORD}")],
        );
        assert_eq!(
            Value::Object(disclosure.inputs),
            json!({
                "name": "api-${env:STAGE}",
                "description": HIDDEN,
                "tags": {"a": HIDDEN, "b": "${env:REGION}", "c": HIDDEN},
                "layers": [HIDDEN],
                "environment": {"variables": {"V": HIDDEN, "S": HIDDEN}},
            })
        );
    }

    #[test]
    fn what_a_key_or_an_address_says_is_hidden_wherever_it_stands() {
        let disclosure = shown(
            &json!({
                "description": "see pg://u:hunter2@db/x and https://host/@scope",
                "image": {"imageUrl": "https://u:p@host/a", "registryId": "r"},
                "Password": "p", "token": 123, "enableRoleAuth": true, "authType": "CAM",
                "credentials": {"user": "u", "list": ["x"]},
                "tags": [{"key": "secretTag", "value": "v"}, {"key": "team", "value": "w"}],
                "events": [{"timer": {"parameters": {"name": "t", "argument": "{}", "enable": true}}}],
                "functions": {"auth": {"memorySize": 128, "apiKey": "k"}},
            }),
            &[],
        );
        assert_eq!(
            Value::Object(disclosure.inputs),
            json!({
                "description": "see pg://…@db/x and https://host/@scope",
                "image": {"imageUrl": "https://…@host/a", "registryId": "r"},
                "Password": HIDDEN, "token": HIDDEN, "enableRoleAuth": true, "authType": "CAM",
                "credentials": {"user": HIDDEN, "list": [HIDDEN]},
                "tags": [{"key": "secretTag", "value": HIDDEN}, {"key": "team", "value": "w"}],
                "events": [{"timer": {"parameters": {"name": "t", "argument": HIDDEN, "enable": true}}}],
                "functions": {"auth": {"memorySize": 128, "apiKey": HIDDEN}},
            })
        );
    }

    #[test]
    fn no_key_that_is_read_sounds_like_a_secret() {
        for key in crate::config::function::keys() {
            assert!(!holds_secret(key, ""), "{key}");
        }
    }

    #[test]
    fn a_name_says_whether_it_is_a_secret() {
        let disclosure = shown(
            &json!({"environment": {"variables": {"DB_PASSWORD": "hunter2", "STAGE": "production"}}}),
            &[],
        );
        assert_eq!(disclosure.secrets, ["hunter2"]);
    }
}
