//! What a project is read for.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};

use crate::config::disclosure::looks_secret;
use crate::config::references::Outputs;

pub(super) const DEFAULT_STAGE: &str = "dev";

/// What is asked for.
#[derive(Clone)]
pub struct ProjectRequest<'a> {
    /// The working directory, absolute.
    pub directory: PathBuf,
    /// `--target`: the instance's directory, relative to the working directory.
    pub target: Option<&'a str>,
    /// The folder of an instance below the working directory, when the whole project there is
    /// worked on. Unlike with a target, its own `.env` does not count (as in `sls`).
    pub member: Option<&'a str>,
    /// `--param`.
    pub parameters: &'a BTreeMap<String, String>,
    /// What is known of other instances.
    pub outputs: &'a Outputs,
    /// `--stage`.
    pub stage: Option<&'a str>,
    /// `--app`.
    pub app: Option<&'a str>,
    /// `--org`.
    pub org: Option<&'a str>,
    /// The command as it was typed; it selects the `commandInputs`.
    pub command: &'a str,
    /// `--inputs`.
    pub inputs: Map<String, Value>,
    /// The environment of the process.
    pub environment: &'a BTreeMap<String, String>,
    /// Hears the variables of the `.env` file before anything is made of them.
    pub found_dotenv: &'a dyn Fn(&BTreeMap<String, String>),
    /// Hears the value of each variable and parameter that its name calls a secret, when it is
    /// referred to.
    pub found_secret: &'a dyn Fn(&str),
}

/// Looks a variable up: in the process, even when empty there, then in the `.env` file.
pub(super) fn lookup(
    request: &ProjectRequest<'_>,
    dotenv: &BTreeMap<String, String>,
    name: &str,
) -> Option<String> {
    let process = request.environment.get(name);
    heard(request, name, process.or_else(|| dotenv.get(name)).cloned())
}

/// What a reference comes to. Where it goes from there, nobody knows; what is typed as the stage
/// or the app is no secret, whatever it is called elsewhere.
pub(super) fn heard(
    request: &ProjectRequest<'_>,
    name: &str,
    value: Option<String>,
) -> Option<String> {
    // Words of settings such as AUTH_MODE, which messages are full of.
    const PLAIN: [&str; 4] = ["default", "false", "none", "true"];
    let typed = [request.stage, request.app, request.org];
    let is_known = |value: &str| PLAIN.contains(&value) || typed.contains(&Some(value));
    if let Some(value) = value.as_deref().filter(|value| looks_secret(name) && !is_known(value)) {
        (request.found_secret)(value);
    }
    value
}

/// A parameter: `--param`, else `SCFCTL_PARAM_NAME` as any variable.
pub(super) fn parameter(
    request: &ProjectRequest<'_>,
    lookup: &dyn Fn(&str) -> Option<String>,
    name: &str,
) -> Option<String> {
    let given = heard(request, name, request.parameters.get(name).cloned());
    given.or_else(|| lookup(&format!("SCFCTL_PARAM_{name}")))
}

/// Takes `.` and `..` out of a path without asking the file system, as Node does.
pub(crate) fn normalised(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if result.file_name().is_some() => {
                result.pop();
            }
            // `/..` is `/`; a relative path may climb.
            Component::ParentDir if result.has_root() => {}
            other => result.push(other),
        }
    }
    result
}
