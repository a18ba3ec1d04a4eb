//! `cli-inputs.json`: `--inputs` against the recorded parser.

use scfctl::cli::inputs::{InputsError, TEXT_KEYS, split};
use serde_json::{Value, json};

use crate::{Difference, cases, compare, same};

/// Every option of `sls` that takes a value and has one in the vectors.
const VALUE_OPTIONS: &[&str] = &["--stage", "-s", "--target", "--app", "--org"];

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
        ("cli-inputs-s-011", EMPTY, Inputs(json!({"": ""}))),
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
        Some(match split("scfctl", &arguments, VALUE_OPTIONS, TEXT_KEYS) {
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
                let outcome = match error {
                    InputsError::OldForm { corrected, .. } => old_form(&corrected),
                    InputsError::WithoutInputs { corrected, .. } => {
                        Outcome::Error("without", corrected)
                    }
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
