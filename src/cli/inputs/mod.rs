//! `--inputs key=value ...` read as `sls` reads it, minus what does harm.
//!
//! `sls` collects its inputs from the raw arguments: once `--inputs` stands
//! anywhere, every argument with a `=` is an input. A value is typed by its
//! looks: JSON first, then a comma list, then a JavaScript number, else text.
//!
//! What is different here, because the original silently does the wrong thing:
//!
//! - the old forms `--inputs.key=value` and `--inputs=key=value`, and pairs
//!   without any `--inputs`, are errors (the original ignores them, so a
//!   weight would not be applied and nobody told);
//! - options and their values are never inputs;
//! - an empty value is the empty text, not 0;
//! - an input that is by nature a text ([`TEXT_KEYS`]) stays one: version
//!   `007` and a function named `12` keep their digits;
//! - broken JSON, and quotes the shell passed through, are errors;
//! - a key that the command does not take, a word that is no pair, and a key given twice, on
//!   the command line or within a JSON value, are errors.
//!
//! Options such as `--traffic 0.1` are the same inputs by another name ([`option_of`]), typed and
//! checked alike. An option and a pair, or two options, may say the same; never two things.

mod correct;
mod fault;
mod given;
mod keys;
mod names;
mod options;
mod refused;
mod value;
mod words;

use serde_json::{Map, Value};

use crate::error::{InputsAdvice, InputsError};
use crate::javascript;
pub use correct::CorrectedLine;
use fault::InputsFault;
use given::Given;
pub use keys::{of_command, spelt_alike, switch_of};
use names::FLAG;
pub use names::TEXT_KEYS;
pub use options::{ANY, InputOption, are_typed, as_options, option_of};
use value::names_functions;
pub(super) use words::words_of;
use words::{Argument, classify};

/// What there is to type.
#[derive(Debug, Clone, Copy)]
pub struct Grammar<'a> {
    /// The options that take the next argument as their value, long and short (`--stage`,
    /// `-s`): such a value is never an input.
    pub value_options: &'a [&'a str],
    /// The inputs of a command, usually [`of_command`]. Of a command without a list any key is
    /// taken.
    pub keys: fn(&str) -> Option<Vec<&'static str>>,
    /// What an option of a command gives where it is an input by another name, usually
    /// [`option_of`].
    pub options: fn(&str, &str) -> Option<InputOption>,
}

/// What the raw command line came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SplitArguments {
    /// The arguments left for the option parser, without `--inputs` and the pairs: the command
    /// first, wherever it stood, and all options in order.
    pub rest: Vec<String>,
    /// The inputs, typed, in JavaScript's key order.
    pub inputs: Map<String, Value>,
    /// Every pair, and every option that is an input, as it was typed: its key and the raw
    /// argument, in order.
    pub sources: Vec<(String, String)>,
    /// Whether `--inputs` had nothing behind it, which is harmless where nothing is changed.
    pub nothing_behind: bool,
}

/// Takes the inputs out of the raw arguments (without the program's name).
///
/// ```
/// use scfctl::cli::inputs::{Grammar, of_command, option_of, split};
/// let grammar =
///     Grammar { value_options: &["--stage", "-s"], keys: of_command, options: option_of };
/// let arguments = ["-s", "prod", "deploy", "--inputs", "traffic=0.2"].map(String::from);
/// let split = split(&arguments, grammar)?;
/// assert_eq!(split.rest, ["deploy", "-s", "prod"]);
/// assert_eq!(split.inputs["traffic"], 0.2);
/// # Ok::<(), scfctl::error::InputsError>(())
/// ```
///
/// # Errors
/// Whatever would be ignored, or taken for something else than was meant.
pub fn split(arguments: &[String], grammar: Grammar<'_>) -> Result<SplitArguments, InputsError> {
    let refused = |fault, words: &[Argument<'_>]| {
        let command = words::command(words);
        let keys = (grammar.keys)(&command);
        let line = correct::corrected(words, keys.as_deref());
        // Nothing that would be refused in its turn is suggested.
        let taken = line.map(|line| match soundness(&line.arguments(), grammar) {
            Soundness::Sound if line.is_private() => Some(InputsAdvice::Private),
            Soundness::Sound => line.typed().map(InputsAdvice::Line),
            Soundness::Value(key) => Some(InputsAdvice::Value(key)),
            Soundness::Refused => None,
        });
        refused::refused(fault, command, keys.as_deref(), taken.flatten())
    };
    let words = classify(arguments, grammar.value_options).map_err(|fault| refused(fault, &[]))?;
    read(&words, grammar).map_err(|fault| refused(fault, &words))
}

/// The command line that is most likely meant; `None` when it could be any.
#[must_use]
pub fn meant(arguments: &[String], grammar: Grammar<'_>) -> Option<CorrectedLine> {
    let words = classify(arguments, grammar.value_options).ok()?;
    let keys = (grammar.keys)(&words::command(&words));
    let line = correct::corrected(&words, keys.as_deref())?;
    matches!(soundness(&line.arguments(), grammar), Soundness::Sound).then_some(line)
}

/// The options and the bare words among raw arguments; no values of options, no pairs.
#[must_use]
pub fn outline<'a>(
    arguments: &'a [String],
    value_options: &[&str],
) -> (Vec<&'a str>, Vec<&'a str>) {
    let (mut options, mut bare) = (Vec::new(), Vec::new());
    for word in classify(arguments, value_options).unwrap_or_default() {
        match word {
            Argument::Option("--") => break,
            Argument::Option(argument) => options.push(argument),
            Argument::Bare(argument) => bare.push(argument),
            _ => {}
        }
    }
    (options, bare)
}

/// Whether a line would be taken.
enum Soundness {
    Sound,
    /// All but the value of this key.
    Value(&'static str),
    Refused,
}

fn soundness(arguments: &[String], grammar: Grammar<'_>) -> Soundness {
    let Ok(words) = classify(arguments, grammar.value_options) else { return Soundness::Refused };
    let Ok(split) = read(&words, grammar) else { return Soundness::Refused };
    let unsound = |key: &&&str| split.inputs.get(**key).is_some_and(|value| !is_sound(key, value));
    match CHECKED.iter().find(unsound) {
        Some(key) => Soundness::Value(key),
        None => Soundness::Sound,
    }
}

/// Keys that decide about traffic. Their values are looked at again with those of the file.
const CHECKED: [&str; 3] = ["publish", "traffic", "config"];

/// Whether a value can be one of its key.
fn is_sound(key: &str, value: &Value) -> bool {
    match key {
        "publish" => value.is_boolean() || matches!(value.as_str(), Some("true" | "false")),
        "traffic" => value.as_f64().is_some_and(|share| (0.0..=1.0).contains(&share)),
        "config" => value.is_object() || value.is_null(),
        _ => true,
    }
}

fn read(words: &[Argument<'_>], grammar: Grammar<'_>) -> Result<SplitArguments, InputsFault> {
    let old_form = words.iter().find_map(|word| match word {
        Argument::OldForm { argument, .. } => Some(*argument),
        _ => None,
    });
    if let Some(argument) = old_form {
        return Err(InputsFault::OldForm(argument.to_owned()));
    }
    let has_flag = words.iter().any(|word| matches!(word, Argument::Flag));
    let pair = words.iter().find_map(|word| match word {
        Argument::Pair { argument, .. } => Some(*argument),
        _ => None,
    });
    if let Some(argument) = pair.filter(|_| !has_flag) {
        return Err(InputsFault::WithoutInputs(argument.to_owned()));
    }
    let command = words::command(words);
    let keys = (grammar.keys)(&command);
    let nothing_behind = has_nothing_behind(words);
    let (mut bare, mut options) = (Vec::new(), Vec::new());
    let mut given = Given::default();
    let mut after_flag = false;
    let words_of_command = words_of(&command);
    let takes_inputs = keys.as_ref().is_some_and(|keys| !keys.is_empty());
    for (position, word) in words.iter().enumerate() {
        match *word {
            Argument::Flag => after_flag = true,
            Argument::Bare(argument) => {
                // The first bare word is the command, wherever it stands, with its second word
                // where it has one.
                if bare.len() >= words_of_command && (after_flag || takes_inputs) {
                    return Err(InputsFault::NotAPair(argument.to_owned()));
                }
                bare.push(argument.to_owned());
            }
            Argument::Option(argument) => {
                options.push(argument.to_owned());
                let (name, value) = match argument.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (argument, None),
                };
                let apart = match words.get(position + 1) {
                    Some(Argument::Value(value)) => Some(*value),
                    _ => None,
                };
                if let Some(option) = (grammar.options)(&command, name) {
                    let typed = apart.map(|value| format!("{argument} {value}"));
                    let typed = typed.unwrap_or_else(|| argument.to_owned());
                    given.option(option, name, value.or(apart), typed)?;
                }
            }
            Argument::Value(argument) => options.push(argument.to_owned()),
            Argument::Pair { key: "", argument, .. } => {
                return Err(InputsFault::NotAPair(argument.to_owned()));
            }
            Argument::Pair { key, value, argument } => {
                if correct::joined(key, value, keys.as_deref().unwrap_or_default()).is_some() {
                    return Err(InputsFault::Joined(argument.to_owned()));
                }
                given.pair(key, value, argument)?;
            }
            Argument::OldForm { .. } => {}
        }
    }
    let (inputs, sources) = given.finish()?;
    if let Some(keys) = keys {
        let unknown: Vec<String> =
            inputs.keys().filter(|key| !keys.contains(&key.as_str())).cloned().collect();
        if !unknown.is_empty() {
            return Err(InputsFault::Unknown(unknown));
        }
        if let Some(publish) = inputs.get("publish").filter(|publish| names_functions(publish)) {
            return Err(InputsFault::SomePublished(publish.to_string()));
        }
    }
    let rest = bare.into_iter().chain(options).collect();
    let inputs = javascript::order_keys(inputs);
    Ok(SplitArguments { rest, inputs, sources, nothing_behind })
}

/// Whether the last `--inputs` has nothing behind it, as a line break may have cut off what was
/// meant. A single one may stand behind all pairs.
fn has_nothing_behind(words: &[Argument<'_>]) -> bool {
    let is_flag = |word: &Argument<'_>| matches!(word, Argument::Flag);
    let is_pair = |word: &Argument<'_>| matches!(word, Argument::Pair { .. });
    let is_bare = |word: &&Argument<'_>| matches!(word, Argument::Bare(_));
    let Some(last) = words.iter().rposition(is_flag) else { return false };
    let (before, behind) = words.split_at(last);
    let pairs = before.iter().any(is_pair);
    let another = before.iter().any(is_flag);
    // The command may stand behind it.
    let missing =
        words_of(&words::command(words)).saturating_sub(before.iter().filter(is_bare).count());
    let is_cut_off =
        !behind.iter().any(is_pair) && behind.iter().filter(is_bare).count() <= missing;
    is_cut_off && (another || !pairs)
}

#[cfg(test)]
mod tests;
