//! `yaml.json`: YAML text against what js-yaml makes of it and `sls` sends.

use scfctl::config::yaml::parse;
use serde_json::json;

use crate::{Difference, cases, compare, same, text};

#[test]
fn yaml_is_read_as_recorded() {
    let cases = cases(include_str!("../data/yaml.json"));
    let differences = vec![Difference {
        id: "yaml-s-058",
        reason: "minus zero stays what it is, because as a weight it is refused",
        ours: json!({"a": -0.0, "b": -0.0}),
    }];
    compare(&cases, differences, |case| {
        let recorded_error = case.get("error");
        Some(match (parse(text(case, "yaml")), recorded_error) {
            (Ok(document), None) => {
                let result = same(&document.value, &case["as_sent"]);
                (document.value, result)
            }
            (Ok(document), Some(error)) => {
                let deviation = format!("accepted as {}, recorded {error}", document.value);
                (document.value, Err(deviation))
            }
            (Err(error), None) => (json!(error.problem.to_string()), Err(error.to_string())),
            (Err(error), Some(recorded)) => {
                let line = recorded["line"].as_u64();
                let result = match line {
                    Some(line) if line != error.line as u64 => {
                        Err(format!("line {line} recorded, got {error}"))
                    }
                    _ => Ok(()),
                };
                (json!(error.problem.to_string()), result)
            }
        })
    });
}
