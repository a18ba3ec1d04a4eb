//! `${output:stage:app:instance.key}`: values that one instance takes from another.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::function::InputError;
use super::project::{ConfigError, ConfigHint};
use crate::model::listed;
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
pub struct Given {
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

impl fmt::Debug for Given {
    /// Leaves the value out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Given").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Given {
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

/// Why a value of another instance cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoOutput {
    /// What is the matter.
    pub what: OutputProblem,
    /// What to do about it.
    pub instead: OutputHint,
}

impl NoOutput {
    /// Says nothing of what it names.
    #[must_use]
    pub fn unnamed() -> Self {
        Self { what: OutputProblem::Unnamed, instead: OutputHint::GiveUnnamed }
    }

    /// Whether its function is not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self.what, OutputProblem::NotDeployed { .. })
    }
}

/// What is the matter with a value of another instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputProblem {
    /// It is named by a secret, maybe.
    Unnamed,
    /// Only `deploy` looks it up.
    OnlyDeploy,
    /// Two keys mean it, and give it two values.
    GivenTwice {
        /// The keys.
        keys: [String; 2],
    },
    /// The component has no such output.
    NotOfComponent {
        /// `scf` or `multi-scf`.
        component: &'static str,
        /// The key.
        key: String,
    },
    /// A list or a map.
    NotSingle {
        /// The output.
        path: String,
        /// The instance.
        instance: String,
    },
    /// Its deployment brought no such output.
    Absent {
        /// The output.
        path: String,
        /// The instance.
        instance: String,
    },
    /// No address of its function.
    NoUrl {
        /// The instance.
        instance: String,
    },
    /// A layer without a version.
    NoLayerVersion {
        /// The layer.
        layer: String,
        /// Its region.
        region: String,
    },
    /// The name of its function cannot be used.
    Function(Box<InputError>),
    /// Its function is not there.
    NotDeployed {
        /// The instance.
        instance: String,
        /// The function.
        function: String,
    },
    /// An instance of another project.
    OtherApp {
        /// The app.
        app: String,
    },
    /// A misspelt component.
    NoSuchComponent {
        /// The component.
        component: String,
    },
    /// Its configuration cannot be used.
    Configuration {
        /// The folder.
        folder: String,
        /// Why.
        error: Box<ConfigError>,
    },
    /// Several functions.
    SeveralFunctions {
        /// The instance.
        instance: String,
    },
    /// A component that is not deployed here.
    OtherComponent {
        /// The instance.
        instance: String,
        /// The component.
        component: String,
    },
    /// No such instance in the folders of the project.
    NoInstanceIn {
        /// The instance.
        instance: String,
        /// The app.
        app: String,
        /// The folder of the project.
        folder: PathBuf,
    },
    /// No such instance among those that are deployed.
    NoInstance {
        /// The instance.
        instance: String,
    },
    /// An output that only a deployment has.
    NotInTheCloud {
        /// The output.
        path: String,
    },
    /// An output that is not known of layers.
    NotOfLayer {
        /// The output.
        path: String,
        /// The layer's instance.
        instance: String,
    },
    /// A layer whose name is not in its file.
    NoLayerName {
        /// The layer's instance.
        instance: String,
    },
}

impl fmt::Display for OutputProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unnamed => formatter.write_str("the output that it names is not known"),
            Self::GivenTwice { keys: [one, other] } => {
                write!(formatter, "it is given twice, as `{one}` and as `{other}`, with two values")
            }
            Self::OnlyDeploy => {
                formatter.write_str("outputs of other instances are looked up by `deploy` only")
            }
            Self::NotOfComponent { component, key } => {
                write!(formatter, "{component} has no output `{key}`")
            }
            Self::NotSingle { path, instance } => {
                write!(formatter, "output `{path}` of `{instance}` is no single value")
            }
            Self::Absent { path, instance } => {
                write!(formatter, "`{instance}` was deployed and has no output `{path}`")
            }
            Self::NoUrl { instance } => {
                write!(formatter, "the function of `{instance}` has no function URL")
            }
            Self::NoLayerVersion { layer, region } => {
                write!(formatter, "layer `{layer}` has no version in {region} that can be used")
            }
            Self::Function(error) => error.fmt(formatter),
            Self::NotDeployed { instance, function } => {
                write!(formatter, "`{instance}` is not deployed: there is no function `{function}`")
            }
            Self::OtherApp { app } => write!(formatter, "app `{app}` is another project"),
            Self::NoSuchComponent { component } => {
                write!(formatter, "component `{component}` does not exist")
            }
            Self::Configuration { folder, error } => {
                write!(formatter, "{folder}: {error}")?;
                error.source().map_or(Ok(()), |source| write!(formatter, ": {source}"))
            }
            Self::SeveralFunctions { instance } => {
                write!(formatter, "`{instance}` is no single function")
            }
            Self::OtherComponent { instance, component } => {
                write!(formatter, "nobody tells the outputs of `{instance}`, a `{component}`")
            }
            Self::NoInstanceIn { instance, app, folder } => write!(
                formatter,
                "no instance `{instance}` of app `{app}` lies in {}",
                folder.display()
            ),
            Self::NoInstance { instance } => {
                write!(formatter, "the project has no instance `{instance}`")
            }
            Self::NotInTheCloud { path } => {
                write!(formatter, "the cloud does not tell output `{path}`")
            }
            Self::NotOfLayer { path, instance } => {
                write!(formatter, "nobody tells output `{path}` of layer `{instance}`")
            }
            Self::NoLayerName { instance } => {
                write!(formatter, "the file of layer `{instance}` has no `inputs.name`")
            }
        }
    }
}

/// What to do about a value that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputHint {
    /// Give it.
    Give(Give),
    /// Give it, whatever its name.
    GiveUnnamed,
    /// Give it once.
    LeaveOneOut,
    /// Give it under this key.
    GiveKey {
        /// The key.
        key: String,
    },
    /// The outputs that there are.
    Outputs {
        /// Their keys.
        outputs: &'static [&'static str],
    },
    /// Name a value within it.
    Within,
    /// How to see the outputs.
    Printed,
    /// How a function gets an address.
    HttpTrigger,
    /// Deploy the function.
    Deploy,
    /// Deploy the project.
    DeployProject(Give),
    /// Take another output.
    Take {
        /// Their keys.
        outputs: &'static [&'static str],
        /// Or give it.
        give: Give,
    },
    /// The instances that there are.
    Instances {
        /// Their names.
        names: Vec<String>,
        /// Or give it.
        give: Give,
    },
    /// The component that is probably meant.
    Component {
        /// The component.
        meant: &'static str,
    },
    /// What to do about the configuration.
    Configuration(Box<ConfigHint>),
}

/// How to give a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Give {
    /// By an option.
    Option,
    /// By the same command, with options.
    Command {
        /// The command.
        line: String,
        /// Whether it had inputs that are not shown.
        has_more_inputs: bool,
        /// Whether several values are missing.
        several: bool,
    },
}

impl OutputHint {
    /// The same, with the command that gives the value.
    #[must_use]
    pub fn giving(self, command: &Give) -> Self {
        let give = command.clone();
        match self {
            Self::Give(_) => Self::Give(give),
            Self::DeployProject(_) => Self::DeployProject(give),
            Self::Take { outputs, .. } => Self::Take { outputs, give },
            Self::Instances { names, .. } => Self::Instances { names, give },
            Self::GiveUnnamed
            | Self::LeaveOneOut
            | Self::GiveKey { .. }
            | Self::Outputs { .. }
            | Self::Within
            | Self::Printed
            | Self::HttpTrigger
            | Self::Deploy
            | Self::Component { .. }
            | Self::Configuration(_) => self,
        }
    }
}

impl fmt::Display for Give {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Command { line, has_more_inputs, several } = self else {
            return formatter.write_str("give the value with --output-value");
        };
        let plural = if *several { "s" } else { "" };
        let more = if *has_more_inputs { " and the other inputs as before" } else { "" };
        write!(
            formatter,
            "give the value{plural}, which the platform of sls kept: `{line}`{more}; or in a file, with \
             --output-values"
        )
    }
}

impl fmt::Display for OutputHint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Give(give) => give.fmt(formatter),
            Self::GiveUnnamed => {
                formatter.write_str("give its value with --output-value STAGE:APP:NAME.KEY=VALUE")
            }
            Self::LeaveOneOut => formatter.write_str("leave one of them out"),
            Self::GiveKey { key } => write!(formatter, "give it: --output-value {key}=VALUE"),
            Self::Outputs { outputs } => {
                write!(formatter, "its outputs are {}", outputs.join(", "))
            }
            Self::Within => formatter.write_str("name one within it"),
            Self::Printed => formatter.write_str("`scfctl deploy --target DIR` prints its outputs"),
            Self::HttpTrigger => {
                formatter.write_str("give it an `http` trigger, or write the address itself")
            }
            Self::Deploy => {
                formatter.write_str("deploy it first, or the whole project from its folder")
            }
            Self::DeployProject(give) => {
                write!(formatter, "deploy the whole project from its folder; or {give}")
            }
            Self::Take { outputs, give } => {
                write!(formatter, "take one of {}; or {give}", outputs.join(", "))
            }
            Self::Instances { names, give } => {
                write!(formatter, "its instances are {}; or {give}", listed(names))
            }
            Self::Component { meant } => write!(formatter, "did you mean `component: {meant}`?"),
            Self::Configuration(hint) => hint.fmt(formatter),
        }
    }
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

/// References, each with the stage of the run where that was known.
type Met = BTreeSet<(OutputReference, Option<String>)>;

/// What is known of other instances, and what to do about the rest.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    /// Values that the user gave, which count before all others; the first of a key counts.
    pub given: Vec<Given>,
    /// Known values.
    pub known: KnownOutputs,
    /// What becomes of the rest.
    pub unknown: Unknown,
    /// Every reference that was met, with the stage of the run; shared by all clones.
    met: Arc<Mutex<Met>>,
}

impl Outputs {
    /// With these values that the user gave, in which what has no value is refused.
    #[must_use]
    pub fn new(given: Vec<Given>) -> Self {
        Self { given, ..Self::default() }
    }

    /// The same values that the user gave, and nothing else.
    #[must_use]
    pub fn only_given(&self, unknown: Unknown) -> Self {
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
            (None, Unknown::Keep) => Ok(reference.to_string()),
            (None, Unknown::StandIn) => Ok(reference.stand_in()),
            (None, Unknown::Refuse) => Err(NoOutput {
                what: OutputProblem::OnlyDeploy,
                instead: OutputHint::GiveKey { key: reference.key_to_give() },
            }),
        }
    }

    /// The values for a reference: one, or under its two keys one each. Those of options come
    /// before all of a file.
    fn given_for(&self, reference: &OutputReference, stage: Option<&str>) -> Vec<&Given> {
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
        let is_used = |given: &Given| {
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
            let given = vec![Given::parse(key, "x").unwrap()];
            let outputs = Outputs { given, ..Outputs::default() };
            assert_eq!(outputs.value(&reference, stage).is_ok(), expected, "{key} {stage:?}");
            assert_eq!(outputs.unused().is_empty(), expected, "{key} {stage:?}");
        }
        for key in ["", "json", "shop.net", "dev:shop", "dev:shop:net", ":shop:net.a", ".net.a"] {
            assert_eq!(Given::parse(key, "x"), None, "{key}");
        }
        let both = ["shop.net.a.b", "dev:shop:net.a.b"].iter().zip(["one", "two"]);
        let given = both.map(|(key, value)| Given::parse(key, value).unwrap()).collect();
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
