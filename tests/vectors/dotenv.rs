//! `dotenv.json`: `.env` files against the recorded parser.

use scfctl::config::dotenv::parse;
use serde_json::{Value, json};

use crate::{Difference, cases, compare, text};

const COMMENT: &str = "HARM: a comment behind a value makes credentials fail in a confusing way; \
                       it is cut off, with a warning";

fn differences() -> Vec<Difference<Value>> {
    [
        ("dotenv-s-010", COMMENT, json!({"A": "1"})),
        ("dotenv-s-019", COMMENT, json!({"A": "b"})),
        (
            "dotenv-s-026",
            "HARM: half of a value of several lines would be sent; it is read whole, as dotenv does \
             since its version 15",
            json!({"A": "x\ny", "B": "1"}),
        ),
        (
            "dotenv-s-027",
            "HARM: credentials given with `export` would be missing",
            json!({"A": "b", "B": "1"}),
        ),
        (
            "dotenv-s-054",
            "a name that is special to JavaScript only",
            json!({"__proto__": "1", "A": "2"}),
        ),
    ]
    .into_iter()
    .map(|(id, reason, ours)| Difference { id, reason, ours })
    .collect()
}

#[test]
fn env_files_are_read_as_recorded() {
    let cases = cases(include_str!("../data/dotenv.json"));
    compare(&cases, differences(), |case| {
        let file = parse(text(case, "content"));
        let ours = json!(file.values);
        let result = if ours == case["expect"] { Ok(()) } else { Err(format!("got {ours}")) };
        Some((ours, result))
    });
}

/// What is ignored, cut or kept against expectation is said, with its line.
#[test]
fn oddities_are_warned_about() {
    let expected = [
        ("dotenv-s-007", vec![1]),
        ("dotenv-s-010", vec![1]),
        ("dotenv-s-019", vec![1]),
        ("dotenv-s-020", vec![1]),
        ("dotenv-s-021", vec![1]),
        ("dotenv-s-029", vec![1]),
        ("dotenv-s-032", vec![1]),
        ("dotenv-s-033", vec![1]),
        ("dotenv-s-037", vec![2]),
        ("dotenv-s-041", vec![1]),
        ("dotenv-s-042", vec![1]),
    ];
    for case in cases(include_str!("../data/dotenv.json")) {
        let lines: Vec<usize> =
            parse(text(&case, "content")).warnings.iter().map(|warning| warning.line).collect();
        let id = text(&case, "id");
        let wanted = expected.iter().find(|(known, _)| *known == id);
        assert_eq!(lines, wanted.map_or(vec![], |(_, lines)| lines.clone()), "{id}");
    }
}
