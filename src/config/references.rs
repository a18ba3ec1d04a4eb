//! `${output:stage:app:instance.key}`: values that one instance takes from another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub use super::no_output::{Give, NoOutput, OutputHint, OutputProblem};
use crate::order::Ordered as _;
use crate::withheld;

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

    /// As it is given on the command line: `stage:app:instance.key`.
    #[must_use]
    pub fn key_to_give(&self) -> String {
        let Self { stage, app, instance, path } = self;
        format!("{stage}:{app}:{instance}.{path}")
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

/// A value of another instance that the user gave.
#[derive(Clone, PartialEq, Eq)]
pub struct GivenValue {
    /// The stage; `None` means that of the run.
    stage: Option<String>,
    app: String,
    instance: String,
    path: String,
    /// The key as it was typed.
    pub key: String,
    /// The value; it may be a password.
    value: String,
    /// Whether it was given for this run, rather than for whatever takes it.
    pub is_for_this_run: bool,
    /// Whether a file gives it, before which options count.
    pub is_of_file: bool,
}

impl fmt::Debug for GivenValue {
    /// Leaves the value out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Given").field("key", &self.key).finish_non_exhaustive()
    }
}

impl GivenValue {
    /// Reads a key of the form `stage:app:instance.key` or, of the stage of the run,
    /// `app.instance.key`; `None` when it has another form.
    #[must_use]
    pub fn parse(key: &str, value: &str) -> Option<Self> {
        let (stage, reference) = if key.contains(':') {
            let reference = OutputReference::parse(key)?;
            (Some(reference.stage.clone()), reference)
        } else {
            let (app, rest) = key.split_once('.')?;
            (None, OutputReference::parse(&format!("stage:{app}:{rest}"))?)
        };
        let OutputReference { app, instance, path, .. } = reference;
        let (key, value) = (key.to_owned(), value.to_owned());
        let (is_for_this_run, is_of_file) = (true, false);
        Some(Self { stage, app, instance, path, key, value, is_for_this_run, is_of_file })
    }

    /// The value, where its key says that it is a secret: databases have passwords.
    #[must_use]
    pub fn secret(&self) -> Option<&str> {
        let path = self.path.to_lowercase();
        let says = ["passw", "secret", "token"].iter().any(|word| path.contains(word));
        (says || withheld::is_secret("", &self.value)).then_some(self.value.as_str())
    }

    fn is_of(&self, reference: &OutputReference, stage: Option<&str>) -> bool {
        let stages = match &self.stage {
            Some(stage) => *stage == reference.stage,
            None => stage == Some(&reference.stage),
        };
        stages
            && (&self.app, &self.instance, &self.path)
                == (&reference.app, &reference.instance, &reference.path)
    }
}

/// Values of other instances, as far as they are known.
pub type KnownOutputs = BTreeMap<OutputReference, Result<String, NoOutput>>;

/// What becomes of a reference whose value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownReference {
    /// It is an error: the value would be used.
    #[default]
    Refuse,
    /// It stays as it is, to be shown.
    Keep,
    /// [`OutputReference::stand_in`] takes its place, to check the rest. Whoever asks for this
    /// must not use the result for calls.
    StandIn,
}

/// References, each with the stage of the run where that was known.
type Met = BTreeSet<(OutputReference, Option<String>)>;

/// What is known of other instances, and what to do about the rest.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    /// Values that the user gave, which count before all others; the first of a key counts.
    pub given: Vec<GivenValue>,
    /// Known values.
    pub known: KnownOutputs,
    /// What becomes of the rest.
    pub unknown: UnknownReference,
    /// Every reference that was met, with the stage of the run; shared by all clones.
    met: Arc<Mutex<Met>>,
}

impl Outputs {
    /// With these values that the user gave, in which what has no value is refused.
    #[must_use]
    pub fn new(given: Vec<GivenValue>) -> Self {
        Self { given, ..Self::default() }
    }

    /// The same values that the user gave, and nothing else.
    #[must_use]
    pub fn only_given(&self, unknown: UnknownReference) -> Self {
        Self { given: self.given.clone(), unknown, ..Self::default() }
    }

    /// The value of a reference, or the text to put in its place; `stage` is that of the run,
    /// as far as it is known yet.
    ///
    /// # Errors
    /// It cannot be had, or is not known where it has to be.
    pub fn value(
        &self,
        reference: &OutputReference,
        stage: Option<&str>,
    ) -> Result<String, NoOutput> {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.insert((reference.clone(), stage.map(str::to_owned)));
        drop(met);
        match self.given_for(reference, stage)[..] {
            [] => {}
            [given, other, ..] if given.value != other.value => {
                let keys = [given.key.clone(), other.key.clone()];
                return Err(NoOutput {
                    what: OutputProblem::GivenTwice { keys },
                    instead: OutputHint::LeaveOneOut,
                });
            }
            [given, ..] => return Ok(given.value.clone()),
        }
        match (self.known.get(reference), self.unknown) {
            (Some(known), _) => known.clone(),
            (None, UnknownReference::Keep) => Ok(reference.to_string()),
            (None, UnknownReference::StandIn) => Ok(reference.stand_in()),
            (None, UnknownReference::Refuse) => Err(NoOutput {
                what: OutputProblem::OnlyDeploy,
                instead: OutputHint::GiveKey { key: reference.key_to_give() },
            }),
        }
    }

    /// The values for a reference: one, or under its two keys one each. Those of options come
    /// before all of a file.
    fn given_for(&self, reference: &OutputReference, stage: Option<&str>) -> Vec<&GivenValue> {
        let fitting = || self.given.iter().filter(|given| given.is_of(reference, stage));
        let of_file = fitting().all(|given| given.is_of_file);
        fitting().filter(|given| given.is_of_file == of_file).collect()
    }

    /// Whether the user gave the value of a reference.
    #[must_use]
    pub fn is_given(&self, reference: &OutputReference, stage: &str) -> bool {
        !self.given_for(reference, Some(stage)).is_empty()
    }

    /// References that were met so far.
    #[must_use]
    pub fn met(&self) -> BTreeSet<OutputReference> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.iter().map(|(reference, _)| reference.clone()).into_set()
    }

    /// Keys of values that were given for this run and that nothing refers to.
    #[must_use]
    pub fn unused(&self) -> Vec<&str> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let is_used = |given: &GivenValue| {
            met.iter().any(|(reference, stage)| given.is_of(reference, stage.as_deref()))
        };
        let unused = self.given.iter().filter(|given| given.is_for_this_run && !is_used(given));
        unused.map(|given| given.key.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_given_for_a_stage_or_for_that_of_the_run() {
        let reference = OutputReference::parse("dev:shop:net.a.b").unwrap();
        for (key, stage, expected) in [
            ("dev:shop:net.a.b", Some("prod"), true),
            ("dev:shop:net.a.b", None, true),
            ("prod:shop:net.a.b", Some("dev"), false),
            ("shop.net.a.b", Some("dev"), true),
            ("shop.net.a.b", Some("prod"), false),
            ("shop.net.a.b", None, false),
            ("shop.net.a", Some("dev"), false),
            ("other.net.a.b", Some("dev"), false),
        ] {
            let given = vec![GivenValue::parse(key, "x").unwrap()];
            let outputs = Outputs { given, ..Outputs::default() };
            assert_eq!(outputs.value(&reference, stage).is_ok(), expected, "{key} {stage:?}");
            assert_eq!(outputs.unused().is_empty(), expected, "{key} {stage:?}");
        }
        for key in ["", "json", "shop.net", "dev:shop", "dev:shop:net", ":shop:net.a", ".net.a"] {
            assert_eq!(GivenValue::parse(key, "x"), None, "{key}");
        }
        let both = ["shop.net.a.b", "dev:shop:net.a.b"].iter().zip(["one", "two"]);
        let given = both.map(|(key, value)| GivenValue::parse(key, value).unwrap()).collect();
        let mut outputs = Outputs { given, ..Outputs::default() };
        let twice = outputs.value(&reference, Some("dev")).unwrap_err().what;
        assert!(matches!(twice, OutputProblem::GivenTwice { .. }), "{twice}");
        assert_eq!(outputs.value(&reference, Some("prod")).unwrap(), "two");
        // What an option says comes before a file.
        outputs.given[1].is_of_file = true;
        assert_eq!(outputs.value(&reference, Some("dev")).unwrap(), "one");
    }

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
