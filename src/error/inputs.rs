//! What is wrong with the inputs on a command line, and what to type instead.

use std::fmt;

use crate::config::input_error::Successor;

/// Why the inputs on the command line were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputsError {
    /// `--inputs.key=value` or `--inputs=key=value`.
    #[error("`{argument}` is the old form of `--inputs` and would be ignored")]
    OldForm {
        /// The first such argument.
        argument: String,
        /// What to type instead.
        advice: InputsAdvice,
    },
    /// A `key=value` argument, but no `--inputs`.
    #[error("`{argument}` stands without `--inputs` and would be ignored")]
    WithoutInputs {
        /// The first such argument.
        argument: String,
        /// What to type instead.
        advice: InputsAdvice,
    },
    /// A word behind `--inputs` that is no pair.
    #[error("`{argument}` is not key=value")]
    NotAPair {
        /// The word.
        argument: String,
        /// What to type instead.
        advice: InputsAdvice,
    },
    /// Several pairs in one argument.
    #[error("`{argument}` is several inputs in one argument")]
    Joined {
        /// The argument.
        argument: String,
        /// What to type instead.
        advice: InputsAdvice,
    },
    /// Keys that the command does not take.
    #[error("{} of `{command}`", unknown(keys))]
    Unknown {
        /// The keys, each with what it most likely means.
        keys: Vec<(String, Option<String>)>,
        /// The command.
        command: String,
        /// What to type instead.
        advice: InputsAdvice,
    },
    /// Two pairs with one key.
    #[error("`{key}` is given twice: `{}` and `{}`", arguments[0], arguments[1])]
    Twice {
        /// The key.
        key: String,
        /// Both arguments, long values left out.
        arguments: [String; 2],
    },
    /// Two entries of one JSON object with one key.
    #[error("value of `{key}` has `{path}` twice{}", both(values.as_ref()))]
    TwiceInJson {
        /// The input's key.
        key: String,
        /// Dotted path of the key within the value.
        path: String,
        /// Both values, where they can be shown.
        values: Option<[String; 2]>,
    },
    /// `publish` with names of functions.
    #[error("`publish` is {value}, not true or false")]
    SomePublished {
        /// The value.
        value: String,
    },
    /// A value that starts as JSON but is not.
    #[error("value of `{key}` is not valid JSON at column {column}: {reason}")]
    Json {
        /// The input's key.
        key: String,
        /// Where in the value, counted in characters from 1.
        column: usize,
        /// What the JSON parser says.
        reason: String,
    },
    /// A sign of an input method or a text editor, where another one is meant.
    #[error("value of `{key}` has `{}` at column {column}, not `{}`", signs[0], signs[1])]
    ForeignSign {
        /// The input's key.
        key: String,
        /// Where in the value, counted in characters from 1.
        column: usize,
        /// The one that was typed, and the one that is meant.
        signs: [char; 2],
    },
    /// A JSON value still in single quotes.
    #[error("value of `{key}` starts with a single quote: the shell did not remove the quotes")]
    ShellQuotes {
        /// The input's key.
        key: String,
    },
    /// An option or an input whose value is empty, where a default would stand in.
    #[error("the value of `{what}` is empty")]
    Empty {
        /// The option or the pair as it was typed; of one that ends in `=` no more.
        what: String,
    },
    /// A value of `--weight` that is none.
    #[error("`{argument}` is not VERSION=SHARE")]
    NotAWeight {
        /// The option with its value.
        argument: String,
    },
    /// An option that takes a value, directly followed by `--inputs`.
    #[error("option `{option}` has no value")]
    OptionWithoutValue {
        /// The option as it was typed.
        option: String,
    },
}

/// What to type instead of arguments that are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputsAdvice {
    /// This whole command line.
    Line(String),
    /// A line that is not shown, as a value in it may be secret.
    Private,
    /// A value of this key that it can have.
    Value(&'static str),
    /// Nobody knows, but these are the inputs of the command.
    Inputs(Vec<&'static str>),
    /// Nobody knows, and the command takes none.
    NoInputs(String),
    /// Nobody knows, and the inputs of the command are too many to name.
    OfTheFile,
    /// `publish` takes no names of functions.
    PublishOne,
    /// What became of the key.
    Successor(Successor),
    /// A line was to go on in the next one.
    Continued(Continued),
    /// An argument is empty.
    Empty,
    /// The same, where a name may begin with `$`.
    EmptyName,
    /// Pairs, whatever they are.
    Pairs,
}

/// How the end of a line that was to go on in the next one looks to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continued {
    /// A backslash, which only POSIX shells take away.
    Backslash,
    /// A blank, which stood behind the backslash.
    Blank,
}

impl fmt::Display for InputsAdvice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(formatter, "write: `{line}`"),
            Self::Private => formatter.write_str(
                r#"behind `--inputs` write each input as key=value, a map as JSON: environment='{"variables":{"NAME":"VALUE"}}'"#,
            ),
            Self::Value("publish") => formatter.write_str(
                "write `--inputs publish=true`, or leave it out",
            ),
            Self::Value("traffic") => formatter.write_str(
                "write `--inputs traffic=0.1` for 10 %, or another number from 0 to 1",
            ),
            Self::Value(_) => formatter
                .write_str(r#"write `--inputs config='{"weights":{"2":0.1}}'`"#),
            Self::Inputs(keys) => write!(formatter, "its inputs are {}", keys.join(", ")),
            Self::NoInputs(command) => write!(formatter, "`{command}` takes no inputs; leave it out"),
            Self::OfTheFile => formatter.write_str(
                "its inputs are the keys of `inputs` in serverless.yml, each as key=value",
            ),
            Self::PublishOne => formatter.write_str(
                "to publish one function of a project: `scfctl deploy --target DIR --inputs publish=true`; one of \
                 `multi-scf`: `scfctl deploy --inputs publish=true function=KEY`; all of them: `scfctl deploy \
                 --inputs publish=true`",
            ),
            Self::Continued(Continued::Backslash) => formatter.write_str(
                "a line that goes on in the next one ends in `\\` in sh, in a back-tick in PowerShell and in `^` in \
                 cmd.exe; or write it as one line",
            ),
            Self::Continued(Continued::Blank) => formatter.write_str(
                "a line that goes on in the next one ends in `\\` with nothing behind it, not even a blank",
            ),
            Self::Successor(successor) => successor.fmt(formatter),
            Self::Empty => {
                formatter.write_str("leave it out, or fill the variable of the shell that stood there")
            }
            Self::EmptyName => formatter.write_str(
                "leave it out, or fill the variable of the shell that stood there; '$DEFAULT' and '$LATEST' need single quotes",
            ),
            Self::Pairs => formatter.write_str("write `--inputs` once, and behind it each input as key=value"),
        }
    }
}

impl InputsAdvice {
    /// What to type in place of an empty value.
    pub(crate) fn of_empty(what: &str) -> Self {
        // In double quotes the shell takes the names that begin with `$` for variables of its own.
        const NAMES: [&str; 6] = ["alias", "aliasName", "name", "qualifier", "to", "version"];
        let key = what.trim_start_matches('-').split('=').next().unwrap_or_default();
        if NAMES.contains(&key) { Self::EmptyName } else { Self::Empty }
    }
}

impl InputsError {
    /// The whole command line to type instead.
    #[must_use]
    pub fn line(&self) -> Option<&str> {
        match self {
            Self::OldForm { advice: InputsAdvice::Line(line), .. }
            | Self::WithoutInputs { advice: InputsAdvice::Line(line), .. }
            | Self::NotAPair { advice: InputsAdvice::Line(line), .. }
            | Self::Joined { advice: InputsAdvice::Line(line), .. }
            | Self::Unknown { advice: InputsAdvice::Line(line), .. } => Some(line),
            _ => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::OldForm { advice, .. }
            | Self::WithoutInputs { advice, .. }
            | Self::NotAPair { advice, .. }
            | Self::Joined { advice, .. } => advice.to_string(),
            Self::Unknown { keys, advice, .. } => {
                let meant: Vec<String> = keys
                    .iter()
                    .filter_map(|(_, meant)| Some(format!("`{}`", meant.as_ref()?)))
                    .collect();
                if meant.is_empty() {
                    advice.to_string()
                } else {
                    format!("did you mean {}? {}", meant.join(" and "), sentence(advice))
                }
            }
            Self::Twice { key, .. } => format!("give `{key}` once"),
            Self::TwiceInJson { path, .. } => format!("give `{path}` once"),
            Self::SomePublished { .. } => InputsAdvice::PublishOne.to_string(),
            Self::Json { key, .. } => format!(
                "the shell may have taken the double quotes away; in sh and PowerShell 7.3 or \
                 later write {key}='{{\"a\":1}}', in cmd.exe \"{key}={{\\\"a\\\":1}}\"; a text \
                 that starts with a bracket is written as a JSON text: {key}='\"[text]\"'"
            ),
            Self::ForeignSign { signs: [typed, meant], .. } => format!(
                "write `{meant}` for `{typed}`, which an input method or a text editor made of it"
            ),
            Self::ShellQuotes { key } => {
                format!("cmd.exe does not know single quotes; write \"{key}={{\\\"a\\\":1}}\"")
            }
            Self::Empty { what } => InputsAdvice::of_empty(what).to_string(),
            Self::NotAWeight { .. } => {
                "for example --weight 2=0.1, or --weight '$LATEST=0.1' in single quotes".to_owned()
            }
            Self::OptionWithoutValue { option } => {
                format!("give the value right after `{option}`, before `--inputs`")
            }
        })
    }
}

fn sentence(advice: &InputsAdvice) -> String {
    let text = advice.to_string();
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => text,
    }
}

fn unknown(keys: &[(String, Option<String>)]) -> String {
    let named: Vec<String> = keys.iter().map(|(key, _)| format!("`{key}`")).collect();
    match &named[..] {
        [one] => format!("{one} is not an input"),
        several => format!("{} are not inputs", several.join(", ")),
    }
}

fn both(values: Option<&[String; 2]>) -> String {
    values.map(|[first, second]| format!(": {first} and {second}")).unwrap_or_default()
}
