//! Worlds for a rehearsal, as files have them (`docs/reference/rollout-scenarios.md`).

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::error::WorldError;
use crate::local::load::{Monitor, Rate, VersionLoad};
use crate::plan::gates::{Recording, ScenarioError};

/// Scenarios that need no file, each as the file that it could be.
const BUILT_IN: &[(&str, &str)] = &[
    ("healthy", include_str!("scenarios/healthy.json")),
    ("errors-at-50%", include_str!("scenarios/errors-at-50.json")),
    ("slow", include_str!("scenarios/slow.json")),
    ("no-traffic", include_str!("scenarios/no-traffic.json")),
    ("flapping", include_str!("scenarios/flapping.json")),
];

/// The scenario where none is named.
pub(super) const DEFAULT: &str = "healthy";

/// A world.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scenario {
    /// How the traffic behaves.
    Generated {
        /// The name of a built-in one, else `generated`.
        name: &'static str,
        /// Itself.
        generated: Generated,
    },
    /// What there was, minute by minute.
    Recorded(Recording),
}

/// How the traffic behaves.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Generated {
    #[serde(rename = "format")]
    _format: u64,
    #[serde(default, deserialize_with = "given")]
    pub title: Option<String>,
    pub rate_per_min: Rate,
    pub versions: VersionLoads,
    #[serde(default)]
    pub monitor: Monitor,
}

/// What both versions do with their calls.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VersionLoads {
    /// The version that served before.
    pub from: VersionLoad,
    /// The version that is rolled out.
    pub to: VersionLoad,
}

/// A value that is there, so that `null` is no way to leave it out.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl Generated {
    fn check(&self, file: &str) -> Result<(), WorldError> {
        let of = |place: &'static str| {
            move |problem| WorldError::Load { file: file.to_owned(), place, problem }
        };
        self.rate_per_min.check().map_err(of("rate_per_min"))?;
        self.versions.from.check().map_err(of("versions.from"))?;
        self.versions.to.check().map_err(of("versions.to"))?;
        self.monitor.check().map_err(of("monitor"))
    }
}

/// Reads a scenario: a built-in one by its name, or a file.
///
/// # Errors
/// There is neither, or the file cannot be read or is no scenario.
pub(super) fn read(named: &str, directory: &Path) -> Result<Scenario, WorldError> {
    if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == named) {
        return parse(text, name, name);
    }
    let path = directory.join(named);
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(&text, named, "generated"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let built_in = BUILT_IN.iter().map(|(name, _)| *name).collect();
            Err(WorldError::NoSuch { named: named.to_owned(), names: built_in })
        }
        Err(error) => Err(WorldError::Read { file: named.to_owned(), reason: error.to_string() }),
    }
}

fn parse(text: &str, file: &str, name: &'static str) -> Result<Scenario, WorldError> {
    // Editors of some systems begin a file with it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let keys = match serde_json::from_str(text) {
        Ok(Value::Object(keys)) => keys,
        _ => Map::new(),
    };
    if !keys.contains_key("versions") || keys.contains_key("steps") {
        let recording = Recording::read(text);
        let wrong = |problem| WorldError::Recording { file: file.to_owned(), problem };
        return recording.map(Scenario::Recorded).map_err(wrong);
    }
    match keys.get("format") {
        None => {}
        Some(format) if format.as_u64() == Some(1) => {}
        Some(format) => {
            let problem = ScenarioError::Format(format.to_string());
            return Err(WorldError::Recording { file: file.to_owned(), problem });
        }
    }
    check_rate(&keys, file)?;
    let generated: Generated = typed(text, file)?;
    generated.check(file)?;
    Ok(Scenario::Generated { name, generated })
}

/// Two forms of one key give an error that says neither.
fn check_rate(keys: &Map<String, Value>, file: &str) -> Result<(), WorldError> {
    let is_pair = |value: &Value| {
        value.as_array().is_some_and(|pair| pair.len() == 2 && pair.iter().all(Value::is_number))
    };
    match keys.get("rate_per_min") {
        None | Some(Value::Number(_)) => Ok(()),
        Some(Value::Array(steps)) if steps.iter().all(is_pair) => Ok(()),
        Some(_) => Err(WorldError::Rate { file: file.to_owned() }),
    }
}

/// Reads JSON; the error names the key and the line.
fn typed<T: DeserializeOwned>(text: &str, file: &str) -> Result<T, WorldError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let key = Some(path).filter(|path| path != "." && path != "?");
        let reason = error.into_inner().to_string();
        WorldError::Traffic { file: file.to_owned(), key, reason }
    })?;
    reader.end().map_err(|error| {
        let reason = error.to_string();
        WorldError::Traffic { file: file.to_owned(), key: None, reason }
    })?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_a_file_that_can_be_copied() {
        let document = include_str!("../../../../docs/en/rehearse.md");
        for (name, text) in BUILT_IN {
            let Ok(Scenario::Generated { name: read, .. }) = read(name, Path::new("/")) else {
                panic!("{name}");
            };
            assert_eq!(read, *name);
            assert!(document.contains(text.trim_end()), "docs/en/rehearse.md lacks {name}");
        }
    }

    fn refused(text: &str) -> String {
        parse(text, "w.json", "generated").unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, error) in [
            ("[]", "w.json has `scenario` [], which is not an object"),
            ("{", "w.json is no JSON: EOF while parsing an object at line 1 column 1"),
            (r#"{"steps": []}"#, "w.json lacks `format`"),
            (
                r#"{"format": 2, "versions": {}}"#,
                "w.json has format 2; this program reads format 1",
            ),
            (
                r#"{"rate_per_min": 1, "versions": {"from": {}, "to": {}}}"#,
                "w.json: missing field `format` at line 1 column 55",
            ),
            (
                r#"{"format": 1, "steps": [], "versions": {}}"#,
                "w.json has `steps` (recorded) and `versions` (generated); only one",
            ),
            (r#"{"format": 1, "step": []}"#, "w.json has an unknown key `step`"),
            (
                "{\"format\": 1, \"versions\": {\"from\": {}, \"to\": {}},\n \"rate\": 3}",
                "w.json: rate: unknown field `rate`, expected one of `format`, `title`, \
                 `rate_per_min`, `versions`, `monitor` at line 2 column 7",
            ),
            (r#"{"format": 1, "rate_per_min": 1, "versions": {"from": {}}}"#, "missing field `to`"),
            (
                r#"{"format": 1, "rate_per_min": "1", "versions": {"from": {}, "to": {}}}"#,
                "w.json: `rate_per_min` is neither a number nor a list of [after_s, rate]",
            ),
            (
                r#"{"format": 1, "rate_per_min": 1, "versions": {"from": {"error_rate": 2}, "to": {}}}"#,
                "w.json: versions.from: `error_rate` is 2, outside 0 to 1",
            ),
            (
                r#"{"format": 1, "rate_per_min": 1, "versions": {"from": {"errors": 2}, "to": {}}}"#,
                "w.json: versions.from.errors: unknown field `errors`",
            ),
            (
                r#"{"format": 1, "rate_per_min": 1, "versions": {"from": {}, "to": {}}, "format": 1}"#,
                "duplicate field `format`",
            ),
        ] {
            let found = refused(text);
            assert!(found.contains(error), "{text}: {found}");
        }
        let error = read("healty", Path::new("/nowhere")).unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no scenario and no file `healty`; there are healthy, errors-at-50%, slow, \
             no-traffic, flapping"
        );
    }
}
