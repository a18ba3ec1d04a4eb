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
//! - broken JSON, and quotes the shell passed through, are errors.

use serde_json::{Map, Value};

use crate::javascript;

/// Inputs that are texts by nature, whatever their value looks like.
pub const TEXT_KEYS: &[&str] = &[
    "aliasFunctionVersion",
    "aliasName",
    "description",
    "function",
    "handler",
    "name",
    "namespace",
    "publishDescription",
    "qualifier",
    "region",
    "role",
    "runtime",
    "version",
];

const FLAG: &str = "--inputs";

/// What the raw command line came to.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitArguments {
    /// The arguments left for the option parser, in order, without `--inputs` and the pairs.
    pub rest: Vec<String>,
    /// The inputs, typed, in JavaScript's key order.
    pub inputs: Map<String, Value>,
    /// Every pair as it was typed: its key and the raw argument, in order.
    pub sources: Vec<(String, String)>,
    /// Words after `--inputs` that are neither pairs nor options; they have no effect.
    pub ignored_words: Vec<String>,
}

/// Why the inputs on the command line were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputsError {
    /// `--inputs.key=value` or `--inputs=key=value`.
    #[error("`{argument}` is the old form of `--inputs` and would be ignored")]
    OldForm {
        /// The first such argument.
        argument: String,
        /// The whole command line in the new form.
        corrected: String,
    },
    /// A `key=value` argument, but no `--inputs`.
    #[error("`{argument}` stands without `--inputs` and would be ignored")]
    WithoutInputs {
        /// The first such argument.
        argument: String,
        /// The whole command line with `--inputs`.
        corrected: String,
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
    /// A JSON value still in single quotes.
    #[error("value of `{key}` starts with a single quote: the shell did not remove the quotes")]
    ShellQuotes {
        /// The input's key.
        key: String,
    },
    /// An option that takes a value, directly followed by `--inputs`.
    #[error("option `{option}` has no value")]
    OptionWithoutValue {
        /// The option as it was typed.
        option: String,
    },
}

impl InputsError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::OldForm { corrected, .. } | Self::WithoutInputs { corrected, .. } => {
                format!("write: `{corrected}`")
            }
            Self::Json { key, .. } => format!(
                "the shell may have taken the double quotes away; in sh and PowerShell 7.3 or \
                 later write {key}='{{\"a\":1}}', in cmd.exe \"{key}={{\\\"a\\\":1}}\"; a text \
                 that starts with a bracket is written as a JSON text: {key}='\"[text]\"'"
            ),
            Self::ShellQuotes { key } => {
                format!("cmd.exe does not know single quotes; write \"{key}={{\\\"a\\\":1}}\"")
            }
            Self::OptionWithoutValue { option } => {
                format!("give the value right after `{option}`, before `--inputs`")
            }
        })
    }
}

/// Takes the inputs out of the raw arguments (without the program's name).
///
/// `program` is only used in the corrected command lines of errors.
/// `value_options` are the options that take the next argument as their value,
/// long and short (`--stage`, `-s`): such a value is never an input.
/// `text_keys` are the inputs kept as text, usually [`TEXT_KEYS`].
///
/// ```
/// use scfctl::cli::inputs::{split, TEXT_KEYS};
/// let arguments = ["deploy", "--inputs", "traffic=0.2", "-s", "prod"].map(String::from);
/// let split = split("scfctl", &arguments, &["--stage", "-s"], TEXT_KEYS)?;
/// assert_eq!(split.rest, ["deploy", "-s", "prod"]);
/// assert_eq!(split.inputs["traffic"], 0.2);
/// # Ok::<(), scfctl::cli::inputs::InputsError>(())
/// ```
pub fn split(
    program: &str,
    arguments: &[String],
    value_options: &[&str],
    text_keys: &[&str],
) -> Result<SplitArguments, InputsError> {
    let words = classify(arguments, value_options)?;
    let old_form = words.iter().find_map(|word| match word {
        Word::OldForm { argument, .. } => Some(*argument),
        _ => None,
    });
    if let Some(argument) = old_form {
        return Err(InputsError::OldForm {
            argument: argument.to_owned(),
            corrected: corrected(program, &words),
        });
    }
    let pair = words.iter().find_map(|word| match word {
        Word::Pair { argument, .. } => Some(*argument),
        _ => None,
    });
    if let Some(argument) = pair
        && !words.iter().any(|word| matches!(word, Word::Flag))
    {
        return Err(InputsError::WithoutInputs {
            argument: argument.to_owned(),
            corrected: corrected(program, &words),
        });
    }

    let mut rest = Vec::new();
    let mut inputs = Map::new();
    let mut sources = Vec::new();
    let mut ignored_words = Vec::new();
    let mut after_flag = false;
    // The first bare word is the command, wherever it stands.
    let mut command_seen = false;
    for word in &words {
        match *word {
            Word::Flag => after_flag = true,
            Word::Bare(argument) => {
                if after_flag && command_seen {
                    ignored_words.push(argument.to_owned());
                } else {
                    rest.push(argument.to_owned());
                }
                command_seen = true;
            }
            Word::Option(argument) => rest.push(argument.to_owned()),
            Word::Pair { key, value, argument } => {
                let value = if text_keys.contains(&key) {
                    text_value(value)
                } else {
                    typed_value(key, value)?
                };
                inputs.insert(key.to_owned(), value);
                sources.push((key.to_owned(), argument.to_owned()));
            }
            Word::OldForm { .. } => {}
        }
    }
    Ok(SplitArguments { rest, inputs: javascript::order_keys(inputs), sources, ignored_words })
}

/// One argument, by the part it plays.
enum Word<'a> {
    /// `--inputs`.
    Flag,
    /// Another option, the value of one, or `--`.
    Option(&'a str),
    /// A word without `=`.
    Bare(&'a str),
    Pair {
        key: &'a str,
        value: &'a str,
        argument: &'a str,
    },
    OldForm {
        /// Dots lead into the value, as they did for the old parser.
        path: &'a str,
        /// `None` for `--inputs=word`, which never was a pair.
        value: Option<&'a str>,
        argument: &'a str,
    },
}

fn classify<'a>(
    arguments: &'a [String],
    value_options: &[&str],
) -> Result<Vec<Word<'a>>, InputsError> {
    let mut words = Vec::with_capacity(arguments.len());
    let mut options_ended = false;
    let mut remaining = arguments.iter().map(String::as_str).peekable();
    while let Some(argument) = remaining.next() {
        if argument == FLAG {
            words.push(Word::Flag);
        } else if let Some(pair) = argument.strip_prefix("--inputs=") {
            let (path, value) = match pair.split_once('=') {
                Some((key, value)) => (key, Some(value)),
                None => (pair, None),
            };
            words.push(Word::OldForm { path, value, argument });
        } else if let Some(pair) = argument.strip_prefix("--inputs.") {
            let (path, value) = match pair.split_once('=') {
                Some((path, value)) => (path, value),
                // `--inputs.traffic 0.2` was the same, a bare one meant true.
                None => match remaining.next_if(|next| !next.starts_with('-')) {
                    Some(value) => (pair, value),
                    None => (pair, "true"),
                },
            };
            words.push(Word::OldForm { path, value: Some(value), argument });
        } else if argument == "--" {
            options_ended = true;
            words.push(Word::Option(argument));
        } else if argument.starts_with('-') {
            words.push(Word::Option(argument));
            if !options_ended && value_options.contains(&argument) {
                match remaining.peek() {
                    // Left to the option parser this would take a later word as the value.
                    Some(&FLAG) => {
                        return Err(InputsError::OptionWithoutValue {
                            option: argument.to_owned(),
                        });
                    }
                    Some(next) if !next.starts_with('-') => {
                        words.extend(remaining.next().map(Word::Option));
                    }
                    // A missing value is the option parser's to report.
                    _ => {}
                }
            }
        } else if let Some((key, value)) = argument.split_once('=') {
            words.push(Word::Pair { key, value, argument });
        } else {
            words.push(Word::Bare(argument));
        }
    }
    Ok(words)
}

/// Reads the value of an input that is a text by nature.
///
/// A JSON text loses its quotes and `null` stays null, as in the original.
fn text_value(raw: &str) -> Value {
    match serde_json::from_str(raw) {
        Ok(value @ (Value::String(_) | Value::Null)) => value,
        _ if javascript::trim(raw).is_empty() => Value::String(String::new()),
        _ => Value::String(raw.to_owned()),
    }
}

/// Types a value by its looks.
fn typed_value(key: &str, raw: &str) -> Result<Value, InputsError> {
    let trimmed = javascript::trim(raw);
    if trimmed.is_empty() {
        return Ok(Value::String(String::new()));
    }
    let broken = match serde_json::from_str::<Value>(raw) {
        Ok(value) => return Ok(javascript::canonical(value)),
        Err(error) => error,
    };
    if trimmed.starts_with("'{") || trimmed.starts_with("'[") {
        return Err(InputsError::ShellQuotes { key: key.to_owned() });
    }
    let json_error = || InputsError::Json {
        key: key.to_owned(),
        column: character_column(raw, &broken),
        reason: reason(&broken),
    };
    let starts_as_json = trimmed.starts_with(['{', '[']);
    if raw.contains(',') {
        let mut items = Vec::new();
        for piece in raw.split(',') {
            // `{"a":1},{"b":2}` is a list; pieces of one broken object are not.
            if starts_as_json && serde_json::from_str::<Value>(piece).is_err() {
                return Err(json_error());
            }
            items.push(typed_value(key, piece)?);
        }
        return Ok(Value::Array(items));
    }
    if starts_as_json {
        return Err(json_error());
    }
    Ok(match javascript::text_number(raw) {
        Some(number) => javascript::number(number),
        None => Value::String(raw.to_owned()),
    })
}

/// Returns where in the value the JSON parser stopped, in characters from 1.
fn character_column(raw: &str, error: &serde_json::Error) -> usize {
    let before: usize =
        raw.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    // The parser counts bytes from 1, and 0 for an error right after a newline.
    let bytes = before + error.column().saturating_sub(1);
    raw.char_indices().take_while(|&(start, _)| start < bytes).count() + 1
}

/// What the JSON parser says, without the position it appends.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

/// Writes the whole command line with one `--inputs` and all pairs behind it.
fn corrected(program: &str, words: &[Word<'_>]) -> String {
    let mut line = vec![quoted(program)];
    let mut pairs: Vec<(String, Fold)> = Vec::new();
    let mut after_flag = false;
    let mut trailing = Vec::new();
    for word in words {
        match *word {
            Word::Flag => after_flag = true,
            // Nothing needs `--` once the pairs stand behind `--inputs`.
            Word::Option("--") => {}
            Word::Bare(argument) if after_flag => trailing.push(quoted(argument)),
            Word::Option(argument) | Word::Bare(argument) => line.push(quoted(argument)),
            Word::Pair { key, value, .. } => fold(&mut pairs, key, &[], value),
            Word::OldForm { path, value: Some(value), .. } => {
                let path = without_dashes(path);
                let (key, inner) = match path.split_once('.') {
                    Some((key, inner)) => (key, inner.split('.').collect()),
                    None => (path, Vec::new()),
                };
                fold(&mut pairs, key, &inner, value);
            }
            Word::OldForm { path, value: None, .. } => trailing.push(quoted(without_dashes(path))),
        }
    }
    line.push(FLAG.to_owned());
    line.extend(pairs.into_iter().map(|(key, value)| {
        quoted(&match value {
            Fold::Raw(raw) => format!("{key}={raw}"),
            Fold::Tree(tree) => format!("{key}={}", Value::Object(tree)),
        })
    }));
    line.extend(trailing.into_iter().filter(|word| word != "''"));
    line.join(" ")
}

/// An input's name as it can stand in a pair: with dashes in front it would be an option.
fn without_dashes(path: &str) -> &str {
    path.trim_start_matches('-')
}

/// The value of a pair in a corrected command line.
enum Fold {
    /// As it was typed.
    Raw(String),
    /// Built from `--inputs.key.inner=value`, now one JSON value.
    Tree(Map<String, Value>),
}

fn fold(pairs: &mut Vec<(String, Fold)>, key: &str, inner: &[&str], raw: &str) {
    let position = pairs.iter().position(|(known, _)| known == key);
    let Some((last, path)) = inner.split_last() else {
        let value = Fold::Raw(raw.to_owned());
        match position {
            Some(position) => pairs[position].1 = value,
            None => pairs.push((key.to_owned(), value)),
        }
        return;
    };
    let position = position.unwrap_or_else(|| {
        pairs.push((key.to_owned(), Fold::Tree(Map::new())));
        pairs.len() - 1
    });
    let entry = &mut pairs[position].1;
    if matches!(entry, Fold::Raw(_)) {
        *entry = Fold::Tree(Map::new());
    }
    let Fold::Tree(tree) = entry else { return };
    let mut tree = tree;
    for part in path {
        let below = tree.entry((*part).to_owned()).or_insert_with(|| Value::Object(Map::new()));
        if !below.is_object() {
            *below = Value::Object(Map::new());
        }
        let Value::Object(below) = below else { return };
        tree = below;
    }
    let value = typed_value(key, raw).unwrap_or_else(|_| Value::String(raw.to_owned()));
    tree.insert((*last).to_owned(), value);
}

/// Quotes an argument for a POSIX shell where it needs quotes.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const VALUE_OPTIONS: &[&str] = &["--stage", "-s", "--target"];

    fn run(arguments: &[&str]) -> Result<SplitArguments, InputsError> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        split("scfctl", &arguments, VALUE_OPTIONS, TEXT_KEYS)
    }

    fn hint(arguments: &[&str]) -> String {
        run(arguments).unwrap_err().hint().unwrap_or_default()
    }

    #[test]
    fn values_of_options_are_no_inputs_but_a_pair_after_a_flag_is() {
        let split =
            run(&["deploy", "--inputs", "--target", "./a=b", "--debug", "x=1", "-s", "y=2"])
                .unwrap();
        assert_eq!(split.rest, ["deploy", "--target", "./a=b", "--debug", "-s", "y=2"]);
        assert_eq!(Value::Object(split.inputs), json!({"x": 1}));
        assert_eq!(split.sources, [("x".to_owned(), "x=1".to_owned())]);
    }

    #[test]
    fn the_value_of_an_option_needs_no_inputs_flag() {
        assert_eq!(
            run(&["deploy", "--target", "a=b"]).unwrap().rest,
            ["deploy", "--target", "a=b"]
        );
    }

    #[test]
    fn a_bare_word_after_inputs_is_the_command_or_ignored() {
        let split = run(&["--inputs", "a=1", "deploy", "publish"]).unwrap();
        assert_eq!(split.rest, ["deploy"]);
        assert_eq!(split.ignored_words, ["publish"]);
    }

    #[test]
    fn an_option_before_inputs_may_not_take_a_later_word() {
        assert_eq!(
            run(&["deploy", "--stage", "--inputs", "a=1"]),
            Err(InputsError::OptionWithoutValue { option: "--stage".to_owned() })
        );
    }

    #[test]
    fn old_forms_are_corrected_in_one_line() {
        assert_eq!(
            hint(&[
                "deploy",
                "--inputs.publish=true",
                "--inputs.traffic",
                "0.2",
                "--stage",
                "prod"
            ]),
            "write: `scfctl deploy --stage prod --inputs publish=true traffic=0.2`"
        );
        assert_eq!(
            hint(&["deploy", "--inputs=traffic=0.2", "--inputs", "description=a b"]),
            "write: `scfctl deploy --inputs traffic=0.2 'description=a b'`"
        );
        assert_eq!(
            hint(&[
                "deploy",
                "--inputs.environment.variables.A=1",
                "--inputs.environment.variables.B=it's"
            ]),
            r#"write: `scfctl deploy --inputs 'environment={"variables":{"A":1,"B":"it'\''s"}}'`"#
        );
        assert_eq!(hint(&["deploy", "--inputs="]), "write: `scfctl deploy --inputs`");
        assert_eq!(
            hint(&["deploy", "--inputs=--traffic=0.2", "--inputs=--inputs.publish"]),
            "write: `scfctl deploy --inputs traffic=0.2 inputs.publish`"
        );
    }

    #[test]
    fn pairs_without_inputs_are_corrected() {
        assert_eq!(
            hint(&["deploy", "traffic=0.2", "publish=true", "--debug"]),
            "write: `scfctl deploy --debug --inputs traffic=0.2 publish=true`"
        );
    }

    #[test]
    fn text_inputs_stay_text() {
        for (raw, value) in [
            ("007", json!("007")),
            ("1.10", json!("1.10")),
            ("\"x\"", json!("x")),
            ("a, b", json!("a, b")),
            ("[fix] y", json!("[fix] y")),
            ("true", json!("true")),
            ("null", json!(null)),
            ("", json!("")),
        ] {
            let split = run(&["deploy", "--inputs", &format!("description={raw}")]).unwrap();
            assert_eq!(split.inputs["description"], value, "{raw}");
        }
    }

    #[test]
    fn broken_json_says_where() {
        let error = |raw: &str| run(&["deploy", "--inputs", &format!("config={raw}")]).unwrap_err();
        assert_eq!(
            error("{weights:1}").to_string(),
            "value of `config` is not valid JSON at column 2: key must be a string"
        );
        assert!(matches!(error("{\"测\":1,\n\"b\" 2}"), InputsError::Json { column: 13, .. }));
        assert!(matches!(error("{\"a\":1},\"b\":2}"), InputsError::Json { .. }));
        assert!(matches!(error("x,{\"a\":1"), InputsError::Json { .. }));
        assert!(matches!(error("'{\"a\":1}'"), InputsError::ShellQuotes { .. }));
    }

    proptest! {
        #[test]
        fn any_arguments_are_split_without_panic(arguments in prop::collection::vec(
            prop_oneof![any::<String>(), "(--inputs|--inputs[.=][a-c.=]{0,5}|-s|--|[a-c]=[\\[{}\\],\"'0-9a]{0,8})"], 0..8)
        ) {
            let arguments: Vec<String> = arguments;
            if let Err(error) = split("scfctl", &arguments, VALUE_OPTIONS, TEXT_KEYS) {
                prop_assert!(!error.to_string().is_empty() && error.hint().is_some());
            }
        }

        #[test]
        fn any_json_value_reads_back(value in json_value()) {
            let argument = format!("key={value}");
            let arguments = ["deploy", "--inputs", &argument].map(String::from);
            let split = split("scfctl", &arguments, VALUE_OPTIONS, TEXT_KEYS).unwrap();
            prop_assert_eq!(&split.inputs["key"], &javascript::canonical(value));
        }

        #[test]
        fn a_corrected_command_line_is_accepted(
            pairs in prop::collection::vec(("[a-e]", "[a-z0-9. ]{1,6}"), 1..4)
        ) {
            let mut arguments = vec!["deploy".to_owned()];
            arguments.extend(pairs.iter().map(|(key, value)| format!("{key}={value}")));
            let corrected = match split("scfctl", &arguments, VALUE_OPTIONS, TEXT_KEYS) {
                Err(InputsError::WithoutInputs { corrected, .. }) => corrected,
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            };
            // No quotes in the values, so undoing the shell is simple.
            let again: Vec<String> = unquote(&corrected).into_iter().skip(1).collect();
            let direct: Vec<String> = ["deploy".to_owned(), "--inputs".to_owned()]
                .into_iter().chain(arguments.into_iter().skip(1)).collect();
            prop_assert_eq!(
                split("scfctl", &again, VALUE_OPTIONS, TEXT_KEYS).unwrap().inputs,
                split("scfctl", &direct, VALUE_OPTIONS, TEXT_KEYS).unwrap().inputs
            );
        }
    }

    fn unquote(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut inside = false;
        for character in line.chars() {
            match character {
                '\'' => inside = !inside,
                ' ' if !inside => words.push(String::new()),
                other => words.last_mut().unwrap().push(other),
            }
        }
        words
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "\\PC{1,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-z0-9]{1,3}", inner), 0..4)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }
}
