//! What must hold for any arguments with `--inputs` among them.

use scfctl::cli::inputs::{Grammar, SplitArguments, TEXT_KEYS, of_command, option_of, split};
use scfctl::error::InputsError;
use serde_json::Value;

const VALUE_OPTIONS: &[&str] = &["--stage", "-s", "--target"];
/// Of every command any key.
const ANY: Grammar<'_> =
    Grammar { value_options: VALUE_OPTIONS, keys: |_| None, options: |_, _| None };
/// The keys of each command.
const OWN: Grammar<'_> = Grammar { keys: of_command, ..ANY };
/// The keys of each command, and its options that are inputs.
const OPTIONS: Grammar<'_> = Grammar {
    value_options: &["--function", "--namespace", "--region", "--traffic", "--weight", "-s"],
    options: option_of,
    ..OWN
};
/// How deep JSON may nest to be read; a list of values that deep is deeper.
const JSON_DEPTH: usize = 127;

/// Checks a command line: UTF-8, the arguments apart by NUL, as the system hands them over.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let arguments: Vec<String> = text.split('\0').map(str::to_owned).collect();
    match run(&arguments) {
        Ok(found) => nothing_is_lost(&arguments, &found),
        Err(error) => the_refusal_helps(&arguments, &error, ANY),
    }
    match split(&arguments, OWN) {
        Ok(found) => assert_eq!(Ok(found), run(&arguments), "{arguments:?}"),
        Err(error) => the_refusal_helps(&arguments, &error, OWN),
    }
    match split(&arguments, OPTIONS) {
        Ok(found) => {
            for (key, _) in &found.sources {
                assert!(found.inputs.contains_key(key), "{arguments:?} became {found:?}");
            }
            assert_eq!(found.inputs.len(), found.sources.len(), "{arguments:?} became {found:?}");
        }
        Err(error) => {
            let hint = error.hint().unwrap_or_default();
            assert!(!error.to_string().is_empty() && !hint.is_empty(), "{arguments:?}: {error:?}");
            if let Some(line) = error.line() {
                let again = split(&shell_words(line)[1..], OPTIONS);
                assert!(again.is_ok(), "{arguments:?} is told to be {line}, which is {again:?}");
            }
        }
    }
}

fn run(arguments: &[String]) -> Result<SplitArguments, InputsError> {
    split(arguments, ANY)
}

fn nothing_is_lost(arguments: &[String], found: &SplitArguments) {
    let flags = arguments.iter().filter(|argument| *argument == "--inputs").count();
    let kept = found.rest.len() + found.sources.len();
    assert_eq!(kept + flags, arguments.len(), "{arguments:?} became {found:?}");
    let raw: Vec<&String> = found.sources.iter().map(|(_, raw)| raw).collect();
    // The command and other words first, then all options in order.
    let words = found.rest.iter().take_while(|word| !word.starts_with('-')).count();
    let (words, options) = found.rest.split_at(words);
    assert!(in_order(words.iter(), arguments), "{arguments:?} became {found:?}");
    assert!(in_order(options.iter(), arguments), "{arguments:?} became {found:?}");
    assert!(in_order(raw.into_iter(), arguments), "{arguments:?} became {found:?}");
    assert!(flags > 0 || found.inputs.is_empty(), "{arguments:?} became {found:?}");

    // What is left is left again, and brings no inputs.
    let again = run(&found.rest).unwrap_or_else(|error| panic!("{:?}: {error}", found.rest));
    assert_eq!(again.rest, found.rest);
    assert!(again.inputs.is_empty());

    for key in found.inputs.keys() {
        assert!(found.sources.iter().any(|(from, _)| from == key), "{key} from nowhere");
    }
    for (key, raw) in &found.sources {
        assert!(raw.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with('=')));
        assert!(found.inputs.contains_key(key), "{raw} came to nothing");
    }
    // No two of them are about the same.
    assert_eq!(found.inputs.len(), found.sources.len(), "{arguments:?} became {found:?}");
    for (key, value) in &found.inputs {
        let pair = found.sources.iter().find(|(from, _)| from == key);
        let (_, raw) = pair.unwrap_or_else(|| panic!("{key} from nowhere"));
        assert_eq!(&alone(raw)[key], value, "{raw}");
        if TEXT_KEYS.contains(&key.as_str()) {
            assert!(value.is_string() || value.is_null(), "{raw} became {value}");
        }
        if depth(value) <= JSON_DEPTH {
            assert_eq!(&alone(&format!("{key}={value}"))[key], value, "{raw}");
        }
    }
}

fn alone(raw: &str) -> Value {
    let arguments = ["--inputs".to_owned(), raw.to_owned()];
    match run(&arguments) {
        Ok(found) => Value::Object(found.inputs),
        Err(error) => panic!("{raw:?}: {error}"),
    }
}

fn the_refusal_helps(arguments: &[String], error: &InputsError, grammar: Grammar<'_>) {
    let hint = error.hint().unwrap_or_default();
    assert!(!error.to_string().is_empty() && !hint.is_empty(), "{arguments:?}: {error:?}");
    if let Some(line) = error.line() {
        assert!(hint.ends_with(&format!("`{line}`")), "{hint}");
        let words = shell_words(line);
        assert_eq!(words[0], "scfctl", "{line}");
        let again = split(&words[1..], grammar);
        assert!(again.is_ok(), "{arguments:?} is told to be {line}, which is {again:?}");
    }
    match error {
        InputsError::OldForm { argument, .. }
        | InputsError::WithoutInputs { argument, .. }
        | InputsError::Joined { argument, .. } => {
            // A value that may be secret is left out.
            let shown = argument.strip_suffix('…').unwrap_or(argument);
            let is_typed = arguments.iter().any(|typed| typed.starts_with(shown));
            assert!(is_typed, "{arguments:?}: {error:?}");
        }
        InputsError::Unknown { keys, .. } => {
            assert!(!keys.is_empty(), "{arguments:?}: {error:?}");
        }
        InputsError::Twice { key, .. } => {
            let prefix = format!("{key}=");
            let pairs = arguments.iter().filter(|argument| argument.starts_with(&prefix));
            assert!(pairs.count() > 1, "{arguments:?}: {error:?}");
        }
        InputsError::NotAPair { .. }
        | InputsError::TwiceInJson { .. }
        | InputsError::SomePublished { .. } => {}
        InputsError::Json { key, column, .. } | InputsError::ForeignSign { key, column, .. } => {
            let prefix = format!("{key}=");
            let value = arguments.iter().filter_map(|argument| argument.strip_prefix(&prefix));
            let longest = value.map(|value| value.chars().count()).max().unwrap_or_default();
            assert!((1..=longest + 1).contains(column), "{arguments:?}: {error:?}");
        }
        InputsError::ShellQuotes { key } => {
            let prefix = format!("{key}=");
            assert!(arguments.iter().any(|argument| argument.starts_with(&prefix)));
        }
        InputsError::OptionWithoutValue { option } => assert!(arguments.contains(option)),
        InputsError::Empty { what } => {
            let is_typed = arguments.iter().any(|typed| typed.starts_with(what.as_str()));
            assert!(is_typed, "{arguments:?}: {error:?}");
        }
        other => panic!("an error without a law: {other:?}"),
    }
}

/// Whether the parts stand in the whole in the same order.
fn in_order<'a>(parts: impl Iterator<Item = &'a String>, whole: &[String]) -> bool {
    let mut whole = whole.iter();
    let mut parts = parts;
    parts.all(|part| whole.any(|other| other == part))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Splits a line at blanks, as a POSIX shell does where it knows single quotes and backslashes.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            '\\' if !quoted => words.last_mut().unwrap().extend(characters.next()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}
