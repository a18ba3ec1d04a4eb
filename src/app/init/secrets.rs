//! What of a function goes into `.env` rather than into serverless.yml, and how texts are written
//! that would be read as references.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::config::disclosure::{disclose, is_secret};
use crate::config::dotenv;
use crate::config::variables;
use crate::report::init::Unsaid;

/// What begins the name of a variable, so that none of this machine's or of this program's has it.
const PREFIX: &str = "FUNCTION_";
/// Comes to a `$`, which begins no reference with the brace behind it.
const DOLLAR: &str = "${env:FUNCTION_DOLLAR, '$'}";

/// The variables of `.env`, each with its value.
type Variables = Vec<(String, String)>;

/// Puts references in the place of secrets, and writes each other text so that it comes to itself.
/// Returns the variables, and what no file can say: an input is then taken out as a whole, since
/// what the file says nothing of stays.
pub(super) fn take_out(inputs: &mut Map<String, Value>) -> (Variables, Vec<Unsaid>) {
    // As `config` hides them, but for variables of the environment, of which it shows none.
    let hidden = disclose(inputs, &BTreeMap::new()).hidden;
    let hidden = hidden.into_iter().map(|hidden| hidden.path).collect();
    let (mut taken, mut unsaid) = (Variables::new(), Vec::new());
    let mut gone = Vec::new();
    for (key, value) in inputs.iter_mut() {
        let before = taken.len();
        if let Err(path) = walk(value, &[key.as_str()], &hidden, &mut taken) {
            taken.truncate(before);
            unsaid.push(Unsaid::Text { key: key.clone(), path });
            gone.push(key.clone());
        }
    }
    for key in &gone {
        inputs.shift_remove(key);
    }
    (taken, unsaid)
}

/// # Errors
/// The path of a text that cannot be written.
fn walk(
    value: &mut Value,
    path: &[&str],
    hidden: &BTreeSet<String>,
    taken: &mut Variables,
) -> Result<(), String> {
    match value {
        Value::Object(map) => map.iter_mut().try_for_each(|(key, value)| {
            walk(value, &[path, &[key.as_str()]].concat(), hidden, taken)
        }),
        Value::Array(list) => list.iter_mut().enumerate().try_for_each(|(position, value)| {
            walk(value, &[path, &[&*position.to_string()]].concat(), hidden, taken)
        }),
        Value::String(text) => {
            let name = path.last().copied().unwrap_or_default();
            let is_variable = path.len() == 3 && path[..2] == ["environment", "variables"];
            let is_taken =
                if is_variable { is_secret(name, text) } else { hidden.contains(&path.join(".")) };
            let name = if is_variable { name.to_owned() } else { path.join("_") };
            let written = if is_taken { referred(text, &name, taken) } else { literal(text) };
            *text = written.ok_or_else(|| path.join("."))?;
            Ok(())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// The text that comes to this one; `None` where there is none.
fn literal(text: &str) -> Option<String> {
    let by_backslash = variables::escaped(text);
    let by_dollar = || text.replace("${", &format!("{DOLLAR}{{"));
    let comes_to_it = |written: &String| variables::comes_to(written, &|_| None, text);
    Some(by_backslash).filter(comes_to_it).or_else(|| Some(by_dollar()).filter(comes_to_it))
}

/// The references to variables that come to this text: to one, but for a value that has no line in
/// a `.env`, or would be read as a reference there, which is cut into several.
fn referred(text: &str, name: &str, taken: &mut Variables) -> Option<String> {
    let has_line = |text: &str| dotenv::line("A", text).is_some();
    let is_literal = variables::comes_to("${env:A}", &|_| Some(text.to_owned()), text);
    let parts: Vec<String> = if is_literal {
        vec![text.to_owned()]
    } else {
        let mut parts = text.split("${");
        let first = parts.next().map(str::to_owned);
        first.into_iter().chain(parts.map(|part| format!("{{{part}"))).collect()
    };
    let mut written = String::new();
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            written.push_str(DOLLAR);
        }
        let mut rest = part.as_str();
        while !rest.is_empty() {
            let mut ends = rest.char_indices().map(|(at, letter)| at + letter.len_utf8()).rev();
            let end = ends.find(|end| has_line(&rest[..*end]))?;
            let name = free_name(name, taken);
            written = format!("{written}${{env:{name}}}");
            taken.push((name, rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    let of_variables = |wanted: &str| {
        let found = taken.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone())
    };
    variables::comes_to(&written, &of_variables, text).then_some(written)
}

/// A name that no other one has.
fn free_name(of: &str, taken: &[(String, String)]) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let mut name = format!("{PREFIX}{}", of.chars().map(plain).collect::<String>());
    while name == "FUNCTION_DOLLAR" || taken.iter().any(|(known, _)| *known == name) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_taken_out() {
        let mut inputs = json!({
            "environment": {"variables": {"MODE": "fast", "DB_PASSWORD": "p", "URL": "pg://user:word@host/db"}},
            "events": [{"timer": {"parameters": {"name": "key", "argument": "{\"token\": 1}"}}}],
        });
        let (taken, unsaid) = take_out(inputs.as_object_mut().unwrap());
        assert!(unsaid.is_empty(), "{unsaid:?}");
        let names: Vec<&str> = taken.iter().map(|(name, _)| name.as_str()).collect();
        let argument = "FUNCTION_events_0_timer_parameters_argument";
        assert_eq!(names, ["FUNCTION_DB_PASSWORD", "FUNCTION_URL", argument]);
        let variables = &inputs["environment"]["variables"];
        assert_eq!(variables["MODE"], "fast");
        assert_eq!(variables["DB_PASSWORD"], "${env:FUNCTION_DB_PASSWORD}");
        assert_eq!(taken[1].1, "pg://user:word@host/db");
    }

    /// Whatever the values are, what is written comes to them.
    #[test]
    fn each_text_comes_to_itself() {
        let texts = [
            "${x",
            "costs ${5}",
            "${aws:region}",
            "a ${aws:region} b ${env:HOME}",
            "${env:HOME, 'x'}",
            "${stage}",
            "\\${env:A}",
            "\\${aws:x}",
            "${a ${env:B}}",
            "${aws:${opt:y}}",
            "${env:A",
            "$$ {env:A}",
            "it's \"a\" `b`",
            "'\"`'\"`",
            "a\nb's \"c\" `d`",
            "p=${env:A}'\"`",
            "pwd=a",
            "token=\\n'x",
            "密码=\"'`${",
            "",
        ];
        for text in texts {
            for name in ["PLAIN", "DB_PASSWORD"] {
                let mut inputs =
                    json!({"environment": {"variables": {name: text}}, "description": text});
                let (taken, unsaid) = take_out(inputs.as_object_mut().unwrap());
                assert!(unsaid.is_empty(), "{text:?}: {unsaid:?}");
                let lines: String =
                    taken.iter().map(|(name, value)| dotenv::line(name, value).unwrap()).collect();
                let read = dotenv::parse(&lines).values;
                let lookup = |name: &str| read.get(name).cloned();
                for written in [&inputs["environment"]["variables"][name], &inputs["description"]] {
                    let written = written.as_str().unwrap();
                    assert!(variables::comes_to(written, &lookup, text), "{text:?}: {written}");
                }
                let is_there = inputs["environment"]["variables"][name] == text;
                assert!(name == "PLAIN" || !is_there || text.is_empty(), "{inputs}");
            }
        }
    }

    /// `.env` has no line for it; the input stays as it is in the cloud.
    #[test]
    fn what_no_file_can_say_is_named_and_taken_out_with_its_input() {
        let mut inputs = json!({
            "timeout": 3,
            "environment": {"variables": {"A_TOKEN": "x", "B_TOKEN": "a\rb", "C": "d"}},
        });
        let inputs = inputs.as_object_mut().unwrap();
        let (taken, unsaid) = take_out(inputs);
        let path = "environment.variables.B_TOKEN".to_owned();
        assert_eq!(unsaid, [Unsaid::Text { key: "environment".to_owned(), path }]);
        assert!(taken.is_empty(), "{taken:?}");
        assert_eq!(inputs.keys().collect::<Vec<_>>(), ["timeout"]);
    }

    /// What `config` does not show is not written in clear.
    #[test]
    fn what_config_hides_is_taken_out_wherever_it_stands() {
        let mut inputs = json!({
            "description": "see pg://u:hunter2@db/x",
            "image": {"imageUrl": "host/a:1", "command": "/run", "args": "--password=hunter2 --token hunter2"},
            "tags": {"team": "shop", "apiToken": "hunter2"},
            "aliasDescription": "secret=hunter2",
        });
        let (taken, unsaid) = take_out(inputs.as_object_mut().unwrap());
        assert!(unsaid.is_empty(), "{unsaid:?}");
        assert!(!inputs.to_string().contains("hunter2"), "{inputs}");
        assert_eq!(inputs["image"]["args"], "${env:FUNCTION_image_args}");
        assert_eq!(
            (&inputs["image"]["command"], &inputs["tags"]["team"]),
            (&json!("/run"), &json!("shop"))
        );
        assert_eq!(taken.len(), 4);
    }

    #[test]
    fn names_do_not_clash() {
        let mut inputs = json!({"environment": {"variables": {"A.KEY": "1", "A-KEY": "2"}}});
        let (taken, _) = take_out(inputs.as_object_mut().unwrap());
        assert_eq!(taken[0].0, "FUNCTION_A_KEY");
        assert_eq!(taken[1].0, "FUNCTION_A_KEY_");
    }
}
