//! `cli-inputs.json`: `--inputs` against the recorded parser.

use scfctl::cli::inputs::{Grammar, of_command, option_of, split};
use scfctl::error::InputsError;
use serde_json::{Value, json};

use crate::{Difference, cases, compare, same};

/// Every option of `sls` that takes a value and has one in the vectors. Which keys a command
/// takes is no part of the parser's rules.
const GRAMMAR: Grammar<'_> = Grammar {
    value_options: &["--stage", "-s", "--target", "--app", "--org"],
    keys: |_| None,
    options: option_of,
};

const TEXT: &str = "an input that is by nature a text stays one: the component refuses a number";
const EMPTY: &str = "HARM: an empty value is an empty text, not 0";
const IGNORED: &str = "HARM: what would be ignored without a word is an error";
const BROKEN: &str = "HARM: broken JSON is an error, not a text or a list of fragments";
const LEAK: &str = "HARM: options are no inputs";

/// Our outcome: the inputs, or which error.
#[derive(Debug, PartialEq)]
enum Outcome {
    Inputs(Value),
    Error(&'static str, String),
}

fn old_form(corrected: &str) -> Outcome {
    Outcome::Error("old form", corrected.to_owned())
}

fn differences() -> Vec<Difference<Outcome>> {
    use Outcome::{Error, Inputs};
    let alias = |weight: f64| {
        Inputs(json!({
            "name": "routing-alias", "function": "my-function", "version": "1",
            "config": {"weights": {"2": weight}}
        }))
    };
    let list: Vec<(&'static str, &'static str, Outcome)> = vec![
        ("cli-inputs-s-008", EMPTY, Inputs(json!({"description": ""}))),
        ("cli-inputs-s-009", EMPTY, Inputs(json!({"description": ""}))),
        ("cli-inputs-s-010", IGNORED, Error("no pair", "=v".to_owned())),
        ("cli-inputs-s-011", IGNORED, Error("no pair", "=".to_owned())),
        (
            "cli-inputs-s-014",
            "quotes that reach the program are an error: the text would be refused after the deployment",
            Error("quotes", "config".to_owned()),
        ),
        ("cli-inputs-s-015", BROKEN, Error("JSON", "config:12".to_owned())),
        ("cli-inputs-s-016", BROKEN, Error("JSON", "config:2".to_owned())),
        ("cli-inputs-s-022", TEXT, Inputs(json!({"version": "1"}))),
        ("cli-inputs-s-023", TEXT, Inputs(json!({"version": "007"}))),
        ("cli-inputs-s-024", TEXT, Inputs(json!({"version": "1.10"}))),
        ("cli-inputs-s-039", EMPTY, Inputs(json!({"l": ["a", ""]}))),
        ("cli-inputs-s-040", EMPTY, Inputs(json!({"l": ["", ""]}))),
        (
            "cli-inputs-s-053",
            "HARM: of two values for one key nobody knows which is meant",
            Error("twice", "a".to_owned()),
        ),
        ("cli-inputs-s-054", IGNORED, Error("no pair", "publish".to_owned())),
        (
            "cli-inputs-s-062",
            IGNORED,
            Error("without", "scfctl deploy --inputs traffic=0.2".to_owned()),
        ),
        ("cli-inputs-s-064", IGNORED, old_form("scfctl deploy --inputs traffic=0.2")),
        ("cli-inputs-s-065", IGNORED, old_form("scfctl deploy --inputs traffic=0.2 publish=true")),
        ("cli-inputs-s-066", IGNORED, old_form("scfctl deploy --inputs traffic=0.2")),
        ("cli-inputs-s-068", LEAK, Inputs(json!({"traffic": 0.2}))),
        ("cli-inputs-s-073", TEXT, alias(0.5)),
        ("cli-inputs-s-074", TEXT, alias(0.9)),
    ];
    list.into_iter().map(|(id, reason, ours)| Difference { id, reason, ours }).collect()
}

#[test]
fn inputs_are_read_as_recorded() {
    let cases = cases(include_str!("../data/cli-inputs.json"));
    compare(&cases, differences(), |case| {
        let arguments: Vec<String> =
            serde_json::from_value(case["argv"].clone()).expect("a list of texts");
        Some(match split(&arguments, GRAMMAR) {
            Ok(split) => {
                let keys: Value = split.inputs.keys().cloned().collect();
                let inputs = Value::Object(split.inputs);
                let result =
                    same(&inputs, &case["expect"]).and_then(|()| same(&keys, &case["key_order"]));
                (Outcome::Inputs(inputs), result)
            }
            Err(error) => {
                assert!(error.hint().is_some(), "{error} has no hint");
                let shown = error.to_string();
                let line = error.line().unwrap_or_default().to_owned();
                let outcome = match error {
                    InputsError::OldForm { .. } => old_form(&line),
                    InputsError::WithoutInputs { .. } => Outcome::Error("without", line),
                    InputsError::NotAPair { argument, .. } => Outcome::Error("no pair", argument),
                    InputsError::Twice { key, .. } => Outcome::Error("twice", key),
                    InputsError::Json { key, column, .. } => {
                        Outcome::Error("JSON", format!("{key}:{column}"))
                    }
                    InputsError::ShellQuotes { key } => Outcome::Error("quotes", key),
                    other => panic!("{other:?}"),
                };
                (outcome, Err(shown))
            }
        })
    });
}

/// The command lines that a command of this program would refuse for their keys: made up by
/// whoever recorded the parser, or without effect.
const MADE_UP: &[&str] = &[
    "config",
    "list",
    "a",
    "version",
    "id",
    "names",
    "l",
    "env",
    "tok",
    "a-b",
    "描述",
    "b",
    "cron",
    "u",
    "c",
    "1",
    "2",
    "layers[0]",
    "environment.variables.A",
];

#[test]
fn no_key_that_means_something_is_refused() {
    let mut refused = 0;
    for case in cases(include_str!("../data/cli-inputs.json")) {
        let arguments: Vec<String> = serde_json::from_value(case["argv"].clone()).unwrap();
        let grammar = Grammar { keys: of_command, ..GRAMMAR };
        if let Err(InputsError::Unknown { keys, .. }) = split(&arguments, grammar) {
            for (key, _) in keys {
                assert!(MADE_UP.contains(&key.as_str()), "{arguments:?}: {key}");
                refused += 1;
            }
        }
    }
    assert!(refused > 20, "{refused}");
}
