//! Why an output of another instance is not known.

use std::fmt;
use std::path::PathBuf;

use super::function::InputError;
use crate::model::listed;
use crate::text::{Cause, Text as _};

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
        /// Name of the instance.
        instance: String,
    },
    /// Its deployment brought no such output.
    Absent {
        /// The output.
        path: String,
        /// Name of the instance.
        instance: String,
    },
    /// No address of its function.
    NoUrl {
        /// Name of the instance.
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
        /// Name of the instance.
        instance: String,
        /// Name of the function.
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
        error: Cause,
    },
    /// Several functions.
    SeveralFunctions {
        /// Name of the instance.
        instance: String,
    },
    /// A component that is not deployed here.
    OtherComponent {
        /// Name of the instance.
        instance: String,
        /// The component.
        component: String,
    },
    /// No such instance in the folders of the project.
    NoInstanceIn {
        /// Name of the instance.
        instance: String,
        /// The app.
        app: String,
        /// The folder of the project.
        folder: PathBuf,
    },
    /// No such instance among those that are deployed.
    NoInstance {
        /// Name of the instance.
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
                error.cause().map_or(Ok(()), |source| write!(formatter, ": {source}"))
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
    Configuration(Cause),
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
