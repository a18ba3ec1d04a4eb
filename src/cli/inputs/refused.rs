//! Which error a fault of the inputs is, and what of it may be shown.

use serde_json::Value;

use super::correct::is_continuation;
use super::{InputsFault, keys};
use crate::config::disclosure::shown_argument;
use crate::config::function;
use crate::error::{Continued, InputsAdvice, InputsError};

/// So many inputs are named.
const NAMED: usize = 10;

/// Returns the error for a fault; `corrected` is what is most likely meant.
pub(super) fn refused(
    fault: InputsFault,
    command: String,
    keys: Option<&[&'static str]>,
    corrected: Option<InputsAdvice>,
) -> InputsError {
    let of_command = || match keys {
        None => InputsAdvice::Pairs,
        Some([]) => InputsAdvice::NoInputs(command.clone()),
        Some(keys) if keys.len() <= NAMED => InputsAdvice::Inputs(keys.to_vec()),
        Some(_) => InputsAdvice::OfTheFile,
    };
    let line = |corrected: Option<InputsAdvice>| corrected.unwrap_or_else(of_command);
    match fault {
        InputsFault::OldForm(argument) => {
            let advice = if names_functions_to_publish(&argument) {
                InputsAdvice::PublishOne
            } else {
                line(corrected)
            };
            InputsError::OldForm { argument: shown_argument(&argument), advice }
        }
        InputsFault::WithoutInputs(argument) => {
            let advice = line(corrected);
            InputsError::WithoutInputs { argument: shown_argument(&argument), advice }
        }
        InputsFault::NotAPair(argument) => {
            let advice = match argument.trim() {
                "" if argument.is_empty() => InputsAdvice::Empty,
                "" => InputsAdvice::Continued(Continued::Blank),
                word if is_continuation(word) => InputsAdvice::Continued(Continued::Backslash),
                _ => line(corrected),
            };
            InputsError::NotAPair { argument: shown(&argument), advice }
        }
        InputsFault::Joined(argument) => {
            InputsError::Joined { argument: shown_argument(&argument), advice: line(corrected) }
        }
        InputsFault::Unknown(unknown) => {
            let known = keys.unwrap_or_default();
            let meant = |key: &String| keys::meant(key, known).map(|meant| meant.word());
            let gone =
                |key: &String| function::successor(key).filter(|_| known.contains(&"handler"));
            let corrected = match &unknown[..] {
                [key] if meant(key).is_none() => {
                    gone(key).cloned().map(InputsAdvice::Successor).or(corrected)
                }
                _ => corrected,
            };
            let keys = unknown.iter().map(|key| (shown(key), meant(key))).collect();
            InputsError::Unknown { keys, advice: line(corrected), command }
        }
        InputsFault::Twice { key, arguments } => {
            let arguments = arguments.map(|argument| shown_argument(&argument));
            InputsError::Twice { key, arguments }
        }
        InputsFault::TwiceInJson { key, path, values } => {
            let show = key == "config" && !values.iter().any(Value::is_object);
            let values = show.then(|| values.map(|value| value.to_string()));
            InputsError::TwiceInJson { key, path, values }
        }
        InputsFault::SomePublished(value) => InputsError::SomePublished { value: shown(&value) },
        InputsFault::Json { key, column, reason } => InputsError::Json { key, column, reason },
        InputsFault::ForeignSign { key, column, signs } => {
            InputsError::ForeignSign { key, column, signs }
        }
        InputsFault::ShellQuotes(key) => InputsError::ShellQuotes { key },
        InputsFault::OptionWithoutValue(option) => InputsError::OptionWithoutValue { option },
        InputsFault::Empty(what) => InputsError::Empty { what },
        InputsFault::NotAWeight(argument) => {
            InputsError::NotAWeight { argument: shown_argument(&argument) }
        }
    }
}

fn names_functions_to_publish(argument: &str) -> bool {
    argument
        .strip_prefix("--inputs.publish=")
        .or_else(|| argument.strip_prefix("--inputs=publish="))
        .is_some_and(|value| {
            super::value::names_functions(
                &super::value::typed_value("publish", value).unwrap_or(Value::Null),
            )
        })
}

/// Characters of a word that are shown. What follows, and all that looks like JSON, may be a
/// password.
const SHOWN: usize = 40;

fn shown(argument: &str) -> String {
    if argument.starts_with('{') {
        return "{…}".to_owned();
    }
    match argument.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &argument[..end]),
        None => argument.to_owned(),
    }
}
