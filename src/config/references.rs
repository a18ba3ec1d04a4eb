//! `${output:stage:app:instance.key}`: values that one instance takes from another.

use std::collections::BTreeMap;
use std::fmt;

/// A value of another instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutputReference {
    /// Its stage.
    pub stage: String,
    /// Its app.
    pub app: String,
    /// Its name.
    pub instance: String,
    /// The output: a key, or a path such as `functions.0.name`.
    pub path: String,
}

impl OutputReference {
    /// Reads the part behind `output:`; `None` when it has another form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (place, path) = match text.splitn(3, ':').collect::<Vec<_>>()[..] {
            [stage, app, rest] => ((stage, app), rest),
            _ => return None,
        };
        let (instance, path) = path.split_once('.')?;
        let is_name = |text: &str| !text.is_empty() && !text.contains([':', '{', '}', '$', ' ']);
        let parts = [place.0, place.1, instance, path];
        if !parts.iter().all(|part| is_name(part)) {
            return None;
        }
        let [stage, app, instance, path] = parts.map(str::to_owned);
        Some(Self { stage, app, instance, path })
    }

    /// The first part of the path.
    #[must_use]
    pub fn key(&self) -> &str {
        self.path.split(['.', '[']).next().unwrap_or_default()
    }

    /// The text that stands in for a value that only a deployment brings, so that everything
    /// else can be checked before the first call. It is of a form that the key has.
    #[must_use]
    pub fn stand_in(&self) -> String {
        match self.path.as_str() {
            "functionName" => "a-function",
            "namespace" => "default",
            "region" => "ap-guangzhou",
            "memorySize" => "128",
            "functionUrl" => "https://function.invalid",
            _ => "1",
        }
        .to_owned()
    }
}

impl fmt::Display for OutputReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, app, instance, path } = self;
        write!(formatter, "${{output:{stage}:{app}:{instance}.{path}}}")
    }
}

/// Why a value of another instance cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoOutput {
    /// What is the matter.
    pub what: String,
    /// What to do about it.
    pub instead: String,
}

/// Values of other instances, as far as they are known.
pub type KnownOutputs = BTreeMap<OutputReference, Result<String, NoOutput>>;

/// What becomes of a reference whose value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unknown {
    /// It is an error: the value would be used.
    #[default]
    Refuse,
    /// It stays as it is, to be shown.
    Keep,
    /// [`OutputReference::stand_in`] takes its place, to check the rest. Whoever asks for this
    /// must not use the result for calls.
    StandIn,
}

/// What is known of other instances, and what to do about the rest.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    /// Known values.
    pub known: KnownOutputs,
    /// What becomes of the rest.
    pub unknown: Unknown,
}

impl Outputs {
    /// The value of a reference, or the text to put in its place.
    ///
    /// # Errors
    /// It cannot be had, or is not known where it has to be.
    pub fn value(&self, reference: &OutputReference) -> Result<String, NoOutput> {
        match (self.known.get(reference), self.unknown) {
            (Some(known), _) => known.clone(),
            (None, Unknown::Keep) => Ok(reference.to_string()),
            (None, Unknown::StandIn) => Ok(reference.stand_in()),
            (None, Unknown::Refuse) => Err(NoOutput {
                what: "outputs of other instances are looked up by `deploy` only".to_owned(),
                instead: "write the value itself, or `${env:NAME}` and set the variable".to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_four_parts() {
        let reference = OutputReference::parse("dev:shop:multi.functions.0.name").unwrap();
        assert_eq!(reference.instance, "multi");
        assert_eq!(reference.path, "functions.0.name");
        assert_eq!(reference.key(), "functions");
        assert_eq!(reference.to_string(), "${output:dev:shop:multi.functions.0.name}");
        for text in ["", "dev", "dev:shop", "dev:shop:a", "dev:shop:a.", ":shop:a.b", "dev::a.b"] {
            assert_eq!(OutputReference::parse(text), None, "{text}");
        }
        for text in ["dev:shop:.b", "a:b:c:d.e", "dev:shop:${name}.b"] {
            assert_eq!(OutputReference::parse(text), None, "{text}");
        }
    }
}
