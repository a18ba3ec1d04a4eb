//! A recorded scenario: the minutes of a real rollout.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Assume, GateSettings, Judgement, SettledMinute, Side, judge};

/// A recording that gates can be tried on.
///
/// All of its minutes are settled and count, and steps change where it says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    /// What was recorded.
    pub title: Option<String>,
    /// The baseline's minutes before the rollout, oldest first.
    pub history: Vec<Option<Side>>,
    /// The minutes of the rollout, over all steps.
    pub minutes: Vec<SettledMinute>,
    /// The canary's share in each step, above 0 and at most 1.
    pub shares: Vec<f64>,
    /// Numbers that override options and history.
    pub assume: Assume,
}

/// Why a scenario file cannot be used. Paths are those of the file: `steps[0].minutes[2]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// Not JSON; the parser's message.
    #[error("is no JSON: {0}")]
    Syntax(String),
    /// A format other than 1.
    #[error("has format {0}; this program reads format 1")]
    Format(String),
    /// Keys of both kinds of scenario.
    #[error("has `steps` (recorded) and `versions` (generated); only one of them can be")]
    Both,
    /// A generated scenario, which describes traffic instead of recording it.
    #[error("is a generated scenario, not a recorded one")]
    Generated,
    /// An unknown key.
    #[error("has an unknown key `{path}`; known there: {}", known.join(", "))]
    Unknown {
        /// Path of the key.
        path: String,
        /// Keys that are allowed there.
        known: &'static [&'static str],
    },
    /// A duplicate key.
    #[error("has `{0}` twice")]
    Twice(String),
    /// A missing key.
    #[error("lacks `{0}`")]
    Missing(String),
    /// A value of the wrong type or out of range.
    #[error("has `{path}` {found}, which is not {wanted}")]
    Value {
        /// Path of the value.
        path: String,
        /// The value, shortened.
        found: String,
        /// What is expected.
        wanted: WantedField,
    },
}

/// What a value of a scenario has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedField {
    /// `{…}`
    Object,
    /// `[…]`
    List,
    /// A string.
    Text,
    /// A number.
    Number,
    /// One version's data of a minute.
    Side,
    /// Data of both versions.
    Pair,
    /// Above 0 and at most 1.
    Share,
    /// Above 0 and below 1.
    Probability,
    /// Null, or above 0 and below 1.
    Limit,
    /// 0 or more.
    Count,
    /// 1 or more.
    Dispersion,
    /// Null, or 0 or more.
    Scatter,
}

impl fmt::Display for WantedField {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Object => "an object",
            Self::List => "a list",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Side => {
                "null, [calls, errors], [calls, errors, mean_ms] or [calls, errors, mean_ms, \
                 throttled]"
            }
            Self::Pair => "a pair [baseline, canary]",
            Self::Share => "a share above 0 and at most 1",
            Self::Probability => "a number above 0 and below 1",
            Self::Limit => "null or a number above 0 and below 1",
            Self::Count => "a number from 0 up",
            Self::Dispersion => "a number from 1 up",
            Self::Scatter => "null or a number from 0 up",
        })
    }
}

const KEYS: &[&str] = &["format", "title", "history", "steps", "assume"];
const STEP_KEYS: &[&str] = &["share", "minutes"];
const ASSUME_KEYS: &[&str] =
    &["alpha", "beta", "min_invocations", "dispersion", "frozen_limit", "kappa2"];

impl Recording {
    /// Parses a scenario file.
    ///
    /// # Errors
    /// Fails for the first problem in it.
    pub fn read(text: &str) -> Result<Self, ScenarioError> {
        let file: Node =
            serde_json::from_str(text).map_err(|error| ScenarioError::Syntax(error.to_string()))?;
        let Node::Object(entries) = &file else {
            return Err(wrong("scenario", &file, WantedField::Object));
        };
        let has = |wanted: &str| entries.iter().any(|(key, _)| key == wanted);
        match (has("steps"), has("versions")) {
            (true, true) => return Err(ScenarioError::Both),
            (false, true) => return Err(ScenarioError::Generated),
            (true | false, false) => {}
        }
        let file = Object::of("", &file, KEYS)?;
        match file.required("format")? {
            Node::Number(format) if (*format - 1.0).abs() < f64::EPSILON => {}
            other => return Err(ScenarioError::Format(other.to_string())),
        }
        let title = match file.get("title") {
            None => None,
            Some(Node::Text(title)) => Some(title.clone()),
            Some(other) => return Err(wrong("title", other, WantedField::Text)),
        };
        let mut recording = Self { title, ..Self::default() };
        if let Some(history) = file.get("history") {
            recording.history = list("history", history)?
                .map(|(path, node)| side(&path, node))
                .collect::<Result<_, _>>()?;
        }
        for (step, (path, node)) in list("steps", file.required("steps")?)?.enumerate() {
            recording.add_step(step, &path, node)?;
        }
        if let Some(node) = file.get("assume") {
            recording.assume = assume(node)?;
        }
        Ok(recording)
    }

    fn add_step(&mut self, step: usize, path: &str, node: &Node) -> Result<(), ScenarioError> {
        let object = Object::of(path, node, STEP_KEYS)?;
        let share = object.required("share")?.number();
        let Some(share) = share.filter(|share| *share > 0.0 && *share <= 1.0) else {
            return Err(wrong(
                &object.path("share"),
                object.required("share")?,
                WantedField::Share,
            ));
        };
        self.shares.push(share);
        for (path, node) in list(&object.path("minutes"), object.required("minutes")?)? {
            let Node::List(pair) = node else { return Err(wrong(&path, node, WantedField::Pair)) };
            let [baseline, canary] = &pair[..] else {
                return Err(wrong(&path, node, WantedField::Pair));
            };
            self.minutes.push(SettledMinute {
                step,
                full: share >= 1.0,
                baseline: side(&format!("{path}[0]"), baseline)?,
                canary: side(&format!("{path}[1]"), canary)?,
            });
        }
        Ok(())
    }

    /// Judges all minutes, including those after a failure.
    #[must_use]
    pub fn judge(&self, settings: &GateSettings) -> Judgement {
        let settings = GateSettings { assume: self.assume, ..settings.clone() };
        judge(&self.history, &self.minutes, &settings)
    }
}

fn side(path: &str, node: &Node) -> Result<Option<Side>, ScenarioError> {
    let values = match node {
        Node::Null => return Ok(None),
        Node::List(values) if (2..=4).contains(&values.len()) => values,
        _ => return Err(wrong(path, node, WantedField::Side)),
    };
    let number = |index: usize| {
        values[index]
            .number()
            .ok_or_else(|| wrong(&format!("{path}[{index}]"), &values[index], WantedField::Number))
    };
    let mean_ms = match values.get(2) {
        None | Some(Node::Null) => None,
        Some(_) => Some(number(2)?),
    };
    let throttled = if values.len() > 3 { number(3)? } else { 0.0 };
    Ok(Some(Side { calls: number(0)?, errors: number(1)?, mean_ms, throttled }))
}

fn assume(node: &Node) -> Result<Assume, ScenarioError> {
    let object = Object::of("assume", node, ASSUME_KEYS)?;
    let share: fn(f64) -> bool = |value| value > 0.0 && value < 1.0;
    // Null is a value here.
    let nullable = |key, wanted, fits: fn(f64) -> bool| match object.get(key) {
        Some(Node::Null) => Ok(Some(None)),
        _ => object.number(key, wanted, fits).map(|number| number.map(Some)),
    };
    Ok(Assume {
        alpha: object.number("alpha", WantedField::Probability, share)?,
        beta: object.number("beta", WantedField::Probability, share)?,
        min_invocations: object
            .number("min_invocations", WantedField::Count, |value| value >= 0.0)?,
        dispersion: object.number("dispersion", WantedField::Dispersion, |value| value >= 1.0)?,
        frozen_limit: nullable("frozen_limit", WantedField::Limit, share)?,
        kappa2: nullable("kappa2", WantedField::Scatter, |value| value >= 0.0)?,
    })
}

fn wrong(path: &str, node: &Node, wanted: WantedField) -> ScenarioError {
    ScenarioError::Value { path: path.to_owned(), found: node.to_string(), wanted }
}

fn list<'a>(
    path: &str,
    node: &'a Node,
) -> Result<impl Iterator<Item = (String, &'a Node)>, ScenarioError> {
    let Node::List(nodes) = node else { return Err(wrong(path, node, WantedField::List)) };
    let path = path.to_owned();
    let named = move |(index, node): (usize, &'a Node)| (format!("{path}[{index}]"), node);
    Ok(nodes.iter().enumerate().map(named))
}

/// An object whose keys are all known and unique.
struct Object<'a> {
    path: String,
    entries: &'a [(String, Node)],
}

impl<'a> Object<'a> {
    fn of(
        path: &str,
        node: &'a Node,
        known: &'static [&'static str],
    ) -> Result<Self, ScenarioError> {
        let Node::Object(entries) = node else {
            return Err(wrong(path, node, WantedField::Object));
        };
        let object = Self { path: path.to_owned(), entries };
        for (index, (key, _)) in entries.iter().enumerate() {
            if !known.contains(&key.as_str()) {
                return Err(ScenarioError::Unknown { path: object.path(key), known });
            }
            if entries[..index].iter().any(|(other, _)| other == key) {
                return Err(ScenarioError::Twice(object.path(key)));
            }
        }
        Ok(object)
    }

    fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn get(&self, wanted: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(key, _)| key == wanted).map(|(_, node)| node)
    }

    fn required(&self, key: &str) -> Result<&'a Node, ScenarioError> {
        self.get(key).ok_or_else(|| ScenarioError::Missing(self.path(key)))
    }

    fn number(
        &self,
        key: &str,
        wanted: WantedField,
        fits: impl Fn(f64) -> bool,
    ) -> Result<Option<f64>, ScenarioError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let number = node.number().filter(|number| fits(*number));
        number.map(Some).ok_or_else(|| wrong(&self.path(key), node, wanted))
    }
}

/// JSON that keeps duplicate keys, so that they can be rejected.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

impl fmt::Display for Node {
    /// Formats scalars as they are, lists and objects without their contents.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("null"),
            Self::Bool(value) => write!(formatter, "{value}"),
            Self::Number(value) => write!(formatter, "{value}"),
            Self::Text(value) => write!(formatter, "{value:?}"),
            Self::List(values) if values.is_empty() => formatter.write_str("[]"),
            Self::List(_) => formatter.write_str("[…]"),
            Self::Object(entries) if entries.is_empty() => formatter.write_str("{}"),
            Self::Object(_) => formatter.write_str("{…}"),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value))
    }

    // Counts above 2^53 lose their last digits, like any measurement of that size.
    #[allow(clippy::cast_precision_loss)]
    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value as f64))
    }

    #[allow(clippy::cast_precision_loss)]
    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value as f64))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = values.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::gates::Verdict;

    const FILE: &str = r#"{"format": 1, "title": "12 May, version 41",
 "history": [[902, 9, 21.5], null, [897, 8, 20.9]],
 "steps": [{"share": 0.1, "minutes": [[[900, 9, 21], [100, 1, 20]], [[908, 8, 22], null]]},
           {"share": 1,   "minutes": [[null, [1003, 61, 35]]]}],
 "assume": {"dispersion": 2.4}}"#;

    #[test]
    fn the_documented_file_is_read() {
        let recording = Recording::read(FILE).unwrap();
        assert_eq!(recording.title.as_deref(), Some("12 May, version 41"));
        assert_eq!(recording.history.len(), 3);
        assert_eq!(recording.shares, [0.1, 1.0]);
        let steps: Vec<_> =
            recording.minutes.iter().map(|minute| (minute.step, minute.full)).collect();
        assert_eq!(steps, [(0, false), (0, false), (1, true)]);
        let side = recording.minutes[2].canary.unwrap();
        assert_eq!(side, Side { calls: 1003.0, errors: 61.0, mean_ms: Some(35.0), throttled: 0.0 });
        let judgement = recording.judge(&GateSettings::default());
        assert_eq!(judgement.verdicts, [Verdict::Inconclusive; 3]);
        assert!((judgement.used.dispersion - 2.4).abs() < 1e-15);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let with = |from: &str, to: &str| {
            assert!(FILE.contains(from), "{from}");
            Recording::read(&FILE.replacen(from, to, 1)).unwrap_err().to_string()
        };
        for (from, to, said) in [
            ("\"format\": 1", "\"format\": 2", "has format 2; this program reads format 1"),
            ("\"format\": 1, ", "", "lacks `format`"),
            (
                "\"title\"",
                "\"name\"",
                "has an unknown key `name`; known there: format, title, \
                history, steps, assume",
            ),
            (
                "\"share\": 0.1",
                "\"share\": 0",
                "has `steps[0].share` 0, which is not a share above \
                0 and at most 1",
            ),
            (
                "\"share\": 0.1",
                "\"share\": 1.1",
                "has `steps[0].share` 1.1, which is not a share \
                above 0 and at most 1",
            ),
            ("\"share\": 0.1, ", "", "lacks `steps[0].share`"),
            ("\"share\": 0.1", "\"share\": 0.1, \"share\": 0.2", "has `steps[0].share` twice"),
            (
                "[100, 1, 20]]",
                "[100, 1, 20], null]",
                "has `steps[0].minutes[0]` […], which is not \
                a pair [baseline, canary]",
            ),
            (
                "[100, 1, 20]",
                "[100]",
                "has `steps[0].minutes[0][1]` […], which is not null, \
                [calls, errors], [calls, errors, mean_ms] or [calls, errors, mean_ms, throttled]",
            ),
            (
                "[100, 1, 20]",
                "[100, null]",
                "has `steps[0].minutes[0][1][1]` null, which is not a \
                number",
            ),
            ("902, 9", "\"902\", 9", "has `history[0][0]` \"902\", which is not a number"),
            (
                "\"dispersion\": 2.4",
                "\"dispersion\": 0.4",
                "has `assume.dispersion` 0.4, which is \
                not a number from 1 up",
            ),
            (
                "\"dispersion\"",
                "\"alpha\"",
                "has `assume.alpha` 2.4, which is not a number above 0 \
                and below 1",
            ),
            (
                "\"dispersion\"",
                "\"phi\"",
                "has an unknown key `assume.phi`; known there: alpha, \
                beta, min_invocations, dispersion, frozen_limit, kappa2",
            ),
            (
                "\"assume\"",
                "\"versions\"",
                "has `steps` (recorded) and `versions` (generated); \
                only one of them can be",
            ),
        ] {
            assert_eq!(with(from, to), said);
        }
        let refused = |text: &str| Recording::read(text).unwrap_err();
        assert_eq!(refused("{\"format\": 1, \"versions\": {}}"), ScenarioError::Generated);
        assert_eq!(refused("{\"format\": 1}"), ScenarioError::Missing("steps".to_owned()));
        assert!(matches!(refused("{"), ScenarioError::Syntax(_)));
        assert!(matches!(refused("[]"), ScenarioError::Value { wanted: WantedField::Object, .. }));
    }

    #[test]
    fn null_in_assume_is_a_value() {
        let assume = |text: &str| {
            let file = format!("{{\"format\": 1, \"steps\": [], \"assume\": {text}}}");
            Recording::read(&file).unwrap().assume
        };
        assert_eq!(assume("{}"), Assume::default());
        let none = assume("{\"frozen_limit\": null, \"kappa2\": null}");
        assert_eq!((none.frozen_limit, none.kappa2), (Some(None), Some(None)));
        let some = assume("{\"frozen_limit\": 0.019, \"kappa2\": 0, \"min_invocations\": 0}");
        assert_eq!((some.frozen_limit, some.kappa2), (Some(Some(0.019)), Some(Some(0.0))));
    }
}
