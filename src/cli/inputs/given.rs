//! The inputs that arguments give, each with the argument.

use serde_json::{Map, Value, json};

use super::keys::SWITCHES;
use super::options::InputOption;
use super::value::{text_value, typed_value};
use super::{InputsFault, TEXT_KEYS};

/// Inputs whose absence means something else than nothing: another function, alias or region, all
/// lines of a log. Empty they are where a variable of the shell is not set.
const NEVER_EMPTY: &[&str] = &[
    "alias",
    "aliasName",
    "endTime",
    "function",
    "level",
    "metric",
    "name",
    "namespace",
    "qualifier",
    "region",
    "requestId",
    "runtime",
    "since",
    "startTime",
];

/// Further inputs of which `null` stands for the default, whatever the file says; an empty text is
/// refused by those that read them.
const NEVER_NULL: &[&str] = &["interval", "period", "version"];

/// Every input as it was typed: its key and the raw argument.
type Sources = Vec<(String, String)>;

/// What the arguments have given so far.
#[derive(Default)]
pub(super) struct Given {
    inputs: Map<String, Value>,
    sources: Vec<OptionSource>,
    weights: Vec<GivenWeight>,
    /// Of options that are no inputs, and must not contradict them.
    beside: Vec<(&'static str, Value, String)>,
}

struct OptionSource {
    key: String,
    argument: String,
    is_option: bool,
}

/// A share of `--weight`, or that there is none.
struct GivenWeight {
    share: Option<(String, Value)>,
    argument: String,
}

impl Given {
    /// Takes a pair behind `--inputs`.
    pub(super) fn pair(&mut self, key: &str, raw: &str, argument: &str) -> Result<(), InputsFault> {
        if let Some(first) =
            self.sources.iter().find(|source| source.key == key && !source.is_option)
        {
            let arguments = [first.argument.clone(), argument.to_owned()];
            return Err(InputsFault::Twice { key: key.to_owned(), arguments });
        }
        if raw.trim().is_empty() && NEVER_EMPTY.contains(&key) {
            return Err(InputsFault::Empty(format!("{key}=")));
        }
        let value = value(key, raw)?;
        if is_nothing(key, &value) {
            return Err(InputsFault::Empty(argument.to_owned()));
        }
        self.add(key, value, argument.to_owned(), false)
    }

    /// Takes an option that is an input by another name. One that lacks its value is the option
    /// parser's to refuse.
    pub(super) fn option(
        &mut self,
        option: InputOption,
        name: &str,
        raw: Option<&str>,
        argument: String,
    ) -> Result<(), InputsFault> {
        match (option, raw) {
            (InputOption::Switch(key), None) => self.add(key, Value::Bool(true), argument, true),
            (InputOption::Switch(key), Some(raw)) => {
                let value = value(key, raw)?;
                if is_nothing(key, &value) {
                    return Err(InputsFault::Empty(argument));
                }
                self.add(key, value, argument, true)
            }
            (InputOption::NoWeights, _) => {
                self.weights.push(GivenWeight { share: None, argument });
                Ok(())
            }
            (_, None) => Ok(()),
            (InputOption::Weight, Some(raw)) => self.weight(raw, argument),
            (InputOption::Beside(key), Some(raw)) => {
                self.beside.push((key, value(key, raw)?, argument));
                Ok(())
            }
            (InputOption::Value(key), Some(raw)) => {
                if raw.trim().is_empty() && key != "description" {
                    return Err(InputsFault::Empty(name.to_owned()));
                }
                let value = match value(key, raw)? {
                    // Only a pair has values of JSON: here it is a name like any other.
                    Value::Null if TEXT_KEYS.contains(&key) => Value::String(raw.to_owned()),
                    value if is_nothing(key, &value) => return Err(InputsFault::Empty(argument)),
                    value => value,
                };
                self.add(key, value, argument, true)
            }
        }
    }

    fn weight(&mut self, raw: &str, argument: String) -> Result<(), InputsFault> {
        let (version, share) = match raw.split_once('=') {
            Some((version, share)) if !version.is_empty() && !share.is_empty() => (version, share),
            _ => return Err(InputsFault::NotAWeight(argument)),
        };
        let share = typed_value("config", share)?;
        for weight in &self.weights {
            if let Some((known, first)) = &weight.share
                && known == version
                && *first != share
            {
                let arguments = [weight.argument.clone(), argument];
                return Err(InputsFault::Twice {
                    key: format!("config.weights.{version}"),
                    arguments,
                });
            }
        }
        self.weights.push(GivenWeight { share: Some((version.to_owned(), share)), argument });
        Ok(())
    }

    /// Adds an input. Said again it has to be the same.
    fn add(
        &mut self,
        key: &str,
        value: Value,
        argument: String,
        is_option: bool,
    ) -> Result<(), InputsFault> {
        let first = self.sources.iter().find(|source| source.key == key);
        match (first, self.inputs.get(key)) {
            (Some(first), Some(known)) if *known != value => {
                let arguments = [first.argument.clone(), argument];
                Err(InputsFault::Twice { key: key.to_owned(), arguments })
            }
            (Some(_), _) => Ok(()),
            (None, _) => {
                self.inputs.insert(key.to_owned(), value);
                self.sources.push(OptionSource { key: key.to_owned(), argument, is_option });
                Ok(())
            }
        }
    }

    /// The inputs, and the argument of each.
    pub(super) fn finish(mut self) -> Result<(Map<String, Value>, Sources), InputsFault> {
        if !self.weights.is_empty() {
            let weights = std::mem::take(&mut self.weights);
            let arguments: Vec<&str> =
                weights.iter().map(|weight| weight.argument.as_str()).collect();
            let arguments = arguments.join(" ");
            let weights: Map<String, Value> =
                weights.into_iter().filter_map(|weight| weight.share).collect();
            self.add("config", json!({"weights": weights}), arguments, true)?;
        }
        for (key, value, argument) in std::mem::take(&mut self.beside) {
            let first = self.sources.iter().find(|source| source.key == key);
            if let Some(first) = first
                && self.inputs.get(key) != Some(&value)
            {
                let arguments = [argument, first.argument.clone()];
                return Err(InputsFault::Twice { key: key.to_owned(), arguments });
            }
        }
        let sources = self.sources.into_iter().map(|source| (source.key, source.argument));
        Ok((self.inputs, sources.collect()))
    }
}

/// Whether a value is `null` or a quoted empty text, so that a default would stand in for what the
/// file says.
fn is_nothing(key: &str, value: &Value) -> bool {
    let has_default = NEVER_EMPTY.contains(&key) || SWITCHES.contains(&key);
    match value {
        Value::Null => has_default || NEVER_NULL.contains(&key),
        Value::String(text) => text.trim().is_empty() && NEVER_EMPTY.contains(&key),
        _ => false,
    }
}

fn value(key: &str, raw: &str) -> Result<Value, InputsFault> {
    // A payload goes out as it was typed, quotes and all.
    if key == "event" && !raw.trim().is_empty() {
        return Ok(Value::String(raw.to_owned()));
    }
    if TEXT_KEYS.contains(&key) { Ok(text_value(raw)) } else { typed_value(key, raw) }
}
