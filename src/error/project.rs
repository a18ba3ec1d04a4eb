//! A project that cannot be worked on as a whole.

use std::path::PathBuf;

use crate::config::no_output::NoOutput;
use crate::model::listed;
use crate::plan::project::Cycle;

/// A folder that is not one of instances as they are deployed here.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// There is no configuration.
    #[error("there is no function's serverless.yml in {}", folder.display())]
    NoProject {
        /// The folder.
        folder: PathBuf,
        /// Folders below it that hold instances.
        instances: Vec<String>,
    },
    /// Instances that wait for each other.
    #[error(transparent)]
    Cycle(Cycle),
    /// Nothing of the project is deployed here.
    #[error("no instance of this project is a function: {}", named(others))]
    NoFunctions {
        /// Name and component of each instance.
        others: Vec<(String, String)>,
    },
    /// App, stage and organisation are one for all.
    #[error(
        "the instances of a project need the same `{key}`: that of {first} is `{expected}`, that of {folder} is \
         `{value}`"
    )]
    NotInCommon {
        /// `app`, `stage` or `org`.
        key: &'static str,
        /// Folder of the first instance.
        first: String,
        /// Its value.
        expected: String,
        /// Folder of another one.
        folder: String,
        /// Its value.
        value: String,
    },
    /// Two instances of one name.
    #[error("{first} and {folder} have the same name, `{name}`")]
    SameName {
        /// Folder of one.
        first: String,
        /// Folder of the other.
        folder: String,
        /// Their name.
        name: String,
    },
    /// Two that deploy one function.
    #[error("{first} and {other} deploy the same function, `{function}`")]
    SameFunction {
        /// What deploys it.
        first: String,
        /// What deploys it, too.
        other: String,
        /// Name of the function.
        function: String,
    },
    /// An output that nobody knows; the file that needs it has changed meanwhile.
    #[error("{}", .0.what)]
    OutputNotKnown(NoOutput),
    /// `function` typed behind `--inputs`, and another one in the file.
    #[error("`function` names `{named}`, and the instance here deploys `{deployed}`")]
    OtherFunction {
        /// The one that was typed.
        named: String,
        /// The one of the file.
        deployed: String,
    },
    /// A misspelt component.
    #[error("component `{component}` does not exist")]
    NoSuchComponent {
        /// The component.
        component: String,
        /// The one that is meant.
        meant: &'static str,
    },
    /// A component that is not deployed here.
    #[error("component `{component}` is not provided: `{instance}` is no function")]
    ComponentNotProvided {
        /// The component.
        component: String,
        /// Name of the instance.
        instance: String,
    },
}

fn named(others: &[(String, String)]) -> String {
    let named = others.iter().map(|(name, component)| format!("`{name}` ({component})"));
    named.collect::<Vec<_>>().join(", ")
}

impl ProjectError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NoProject { instances, .. } if instances.is_empty() => {
                "run it in the folder of the project, or name the folder with --target DIR"
                    .to_owned()
            }
            Self::NoProject { instances, .. } => format!(
                "choose one of the folders that hold one with --target: {}",
                listed(instances)
            ),
            Self::Cycle(_) => "take one of the `${output:…}` on this way out".to_owned(),
            Self::NoFunctions { .. } => "scfctl deploys functions, `component: scf` and `component: multi-scf`, and leaves everything else as it is".to_owned(),
            Self::NotInCommon { key, .. } => format!(
                "write `{key}:` into a serverless.yml of this folder, which counts for all, or deploy one with \
                 --target"
            ),
            Self::SameName { .. } => "give each instance a `name` of its own".to_owned(),
            Self::SameFunction { .. } => "give each function a name of its own".to_owned(),
            Self::OutputNotKnown(_) => "run the same command again".to_owned(),
            Self::OtherFunction { .. } => {
                "leave `function` out; to deploy another instance, name its folder with --target"
                    .to_owned()
            }
            Self::NoSuchComponent { meant, .. } => format!("did you mean `component: {meant}`?"),
            Self::ComponentNotProvided { .. } => "scfctl deploys functions (`component: scf`, `component: multi-scf`) and leaves everything \
                 else as it is; deployed from the folder of the project, its functions go out and this stays"
                .to_owned(),
        }
    }
}
