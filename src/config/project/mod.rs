//! The configuration of one instance: its file, what it inherits, its `.env`,
//! the command line's inputs, with all references resolved.
//!
//! The order is that of `sls`: the parent directory's `app`, `stage` and `org`
//! override the file's own; options override both; `commandInputs` of the
//! command are merged over `inputs`, and `--inputs` over these; references are
//! resolved last.
//!
//! Two differences, on purpose. Without a stage in option and file, `STAGE` of
//! the environment or the `.env` file is the stage, as the vendor's guide to
//! canary releases promises (`sls` deploys to `dev` without a word). And a
//! reference to a variable that is not set is an error, except in inputs that
//! the alias and version commands do not use.
//!
//! The environment comes in as a map; that of the process is not touched.

mod error;
mod file;
mod hint;
mod limits;
mod place;
mod request;
mod resolver;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

pub use error::{ConfigError, Expected, Unresolved};
use file::ConfigFile;
pub use hint::ConfigHint;
use place::{Directories, read_dotenv, warn_of_unread_dotenv};
use resolver::Resolver;

use crate::config::disclosure::{self, Variables};
use crate::config::dotenv::DotEnv;
use crate::config::function::Reader;
use crate::config::no_output::NoOutput;
use crate::config::references::OutputReference;
use crate::config::variables::{self, Platform, Scope, VariableError};
use crate::config::warning::ConfigWarning;
use crate::config::yaml::Locations;
use crate::javascript;
use limits::{FILE_LIMIT, INPUTS_LIMIT};
pub use request::ProjectRequest;
pub(crate) use request::normalised;
use request::{DEFAULT_STAGE, lookup, parameter};

/// Stands for a command when only the function of an instance is asked for.
pub const LOOK_UP: &str = "${output}";
/// Stands for a command when only stage, app, name and component of an instance are asked for.
pub const IDENTIFY: &str = "${component}";

/// Commands that call no more of the file's inputs than [`ALWAYS_USED`].
const ALIAS_COMMANDS: &[&str] = &[
    "create-alias",
    "delete-alias",
    "doctor",
    "invoke",
    "list-alias",
    "list-ver",
    "log",
    "logs",
    "metric",
    "publish-ver",
    "remove",
    "status",
    "update-alias",
    "verify-split",
    "versions",
    LOOK_UP,
    IDENTIFY,
];

/// Inputs that decide which function a command works on.
const ALWAYS_USED: &[&str] = &["name", "namespace", "region"];

/// One instance, ready to use: no reference is left.
#[derive(Clone)]
pub struct Project {
    /// The configuration file; `None` without one.
    pub file: Option<PathBuf>,
    /// The stage, never empty.
    pub stage: String,
    /// The app: the instance's name where no app is given.
    pub app: Option<String>,
    /// The instance's name.
    pub name: Option<String>,
    /// The organisation; the account's id stands in for it where it is `None`.
    pub org: Option<String>,
    /// The component, maybe with a version: `scf@0.9.1`.
    pub component: Option<String>,
    /// `inputs.name` of the file alone: the function's name, even where `name=` of an alias
    /// command names the alias.
    pub file_function_name: Option<String>,
    /// The file's `inputs`, the command's `commandInputs` and `--inputs`, merged.
    pub inputs: Map<String, Value>,
    /// Only the command's `commandInputs` and `--inputs`, merged.
    ///
    /// Alias commands take `name`, `version` and `config` from here: in
    /// `inputs` the name is the function's.
    pub command_inputs: Map<String, Value>,
    /// The `.env` file that was read.
    pub dotenv: Option<PathBuf>,
    /// Whether it lies outside the project, so that it may be someone else's.
    pub dotenv_is_outside: bool,
    /// Its variables. Those of the process win over them, even when empty.
    pub dotenv_values: BTreeMap<String, String>,
    /// The outputs of other instances that the inputs refer to.
    pub references: Vec<OutputReference>,
    /// Where the file says what.
    pub locations: Locations,
    /// Paths of texts (`inputs.role`) that references made empty, with the text as written.
    pub emptied: BTreeMap<String, String>,
    /// What cannot be resolved of inputs that a command may do without: `aliasName` and the keys of
    /// `rollout`, for commands on a rollout. It is in none of the maps.
    pub unresolved: Vec<VariableError>,
    /// The variables of the environment, and parameters, that texts of the inputs refer to.
    pub input_variables: Variables,
    /// What is suspicious, for the person at the terminal. No secrets.
    pub warnings: Vec<ConfigWarning>,
}

impl fmt::Debug for Project {
    /// Leaves the inputs and the `.env` values out: both may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Project")
            .field("file", &self.file)
            .field("stage", &self.stage)
            .field("app", &self.app)
            .field("name", &self.name)
            .field("org", &self.org)
            .field("component", &self.component)
            .field("dotenv", &self.dotenv)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

/// Loads the configuration; `None` when the directory has no configuration file.
pub fn load(request: &ProjectRequest<'_>) -> Result<Option<Project>, ConfigError> {
    let place = Directories::new(request)?;
    let Some(mut file) = ConfigFile::read(&place.base)? else {
        return Ok(None);
    };
    let mut warnings = file.inherit(&place.base, &place.working)?;
    file.check_format()?;
    warnings.extend(file.unknown_keys(&place.working));
    let dotenv = read_dotenv(request, &place, &mut warnings)?;
    let lookup = |name: &str| lookup(request, &dotenv.values.values, name);
    let unusable = |name: &str| unusable(request, &dotenv.values, name);

    // The raw top-level values; references to them resolve theirs.
    let component = file.text("component")?.ok_or_else(|| file.missing("component"))?;
    let name = file.text("name")?.ok_or_else(|| file.missing("name"))?;
    let given_stage = request.stage.map(str::to_owned).or(file.text("stage")?);
    let stage_refers = given_stage.is_some();
    let stage = given_stage
        .or_else(|| lookup("STAGE").filter(|stage| !stage.is_empty()))
        .unwrap_or_else(|| DEFAULT_STAGE.to_owned());
    let app = request.app.map(str::to_owned).or(file.text("app")?);
    let app = app.unwrap_or_else(|| name.clone());
    let org = request.org.map(str::to_owned).or(file.text("org")?);
    let platform = |key: &str| match key {
        "name" => Some(name.clone()),
        "app" => Some(app.clone()),
        "stage" => Some(stage.clone()),
        "org" => org.clone(),
        _ => None,
    };
    let (references, known_stage) = (RefCell::new(BTreeSet::new()), OnceCell::new());
    let platform = Platform {
        top: &platform,
        parameters: &|name| parameter(request, &lookup, name),
        outputs: &|output| noted(request, &references, known_stage.get(), output),
    };
    let scope = Scope { environment: &lookup, unusable: Some(&unusable), platform: Some(platform) };
    let mut resolver = Resolver::new(Some(&file), &place.working, scope);
    let component = Some(resolver.one_text(&component, "component"));
    let resolved_stage = resolver.one_text(&stage, "stage");
    let _ = known_stage.set(resolved_stage.clone());
    if !stage_refers && let Some(reason) = unusable("STAGE") {
        resolver.refuse("stage", "${env:STAGE}", reason);
    }
    if resolved_stage.is_empty() && stage_refers && resolver.errors.is_empty() {
        return Err(ConfigError::EmptyStage { path: file.path.clone() });
    }
    let resolved_name = resolver.one_text(&name, "name");
    let resolved_app = resolver.one_text(&app, "app");
    let resolved_org = resolver.text(org.clone(), "org");

    let file_inputs = file.map("inputs")?;
    let raw_inputs = file_inputs.clone();
    let for_command =
        javascript::deep_merge(file.command_inputs(request.command)?, &request.inputs);
    let file_function_name = file_inputs.get("name").and_then(Value::as_str).map(str::to_owned);
    let file_function_name = file_function_name.filter(|_| uses(request.command, "name"));
    let file_function_name = resolver.text(file_function_name, "inputs.name");
    let merged = javascript::deep_merge(file_inputs, &for_command);
    let required = |key: &str| uses(request.command, key) || for_command.contains_key(key);
    let input_variables = inputs_variables(&merged, &lookup);
    let optional = |key: &str| {
        OF_ROLLOUTS.contains(&request.command)
            && ["aliasName", "rollout"].contains(&key)
            && !for_command.contains_key(key)
    };
    let mut inputs = resolver.inputs(merged, required, optional);
    let mut command_inputs =
        own_inputs(&for_command, &inputs, || Resolver::new(Some(&file), &place.working, scope));
    let (emptied, unresolved) = resolver.finish(&mut warnings).map_err(|mut unresolved| {
        // Said together: both are mended in the file.
        if component.as_deref().and_then(|name| name.split('@').next()) == Some("scf") {
            let place = |key: &str| file.place_of_input(key, &place.working);
            unresolved.unknown = Reader::new(&raw_inputs, &place).unknown_warnings();
        }
        ConfigError::Variables(unresolved)
    })?;
    absolute_sources(&mut inputs, &place.base);
    absolute_sources(&mut command_inputs, &place.base);
    warn_of_unread_dotenv(&dotenv, &place, &resolved_stage, &mut warnings);
    place.warn_of_member_dotenv(&mut warnings);
    Ok(Some(Project {
        references: references.take().into_iter().collect(),
        stage: resolved_stage,
        app: Some(resolved_app),
        name: Some(resolved_name),
        org: resolved_org,
        component,
        file_function_name,
        inputs,
        command_inputs,
        dotenv: dotenv.path,
        dotenv_is_outside: dotenv.is_outside,
        dotenv_values: dotenv.values.values,
        locations: file.document.locations,
        emptied,
        unresolved,
        input_variables,
        file: Some(file.path),
        warnings,
    }))
}

/// The inputs that the command itself gives, as far as they are resolved.
fn own_inputs<'a>(
    for_command: &Map<String, Value>,
    inputs: &Map<String, Value>,
    resolver: impl Fn() -> Resolver<'a>,
) -> Map<String, Value> {
    let mut command_inputs = Map::new();
    for key in for_command.keys() {
        // The merged value, so that references are resolved (and warned about) once.
        if let (Some(Value::Object(own)), Some(Value::Object(_))) =
            (for_command.get(key), inputs.get(key))
        {
            let own = resolver().value(Value::Object(own.clone()), &format!("inputs.{key}"));
            command_inputs.insert(key.clone(), own);
        } else if let Some(value) = inputs.get(key) {
            command_inputs.insert(key.clone(), value.clone());
        }
    }
    command_inputs
}

/// Commands on a rollout. Nothing keeps anybody from going back but what names the alias.
const OF_ROLLOUTS: [&str; 2] = ["rollback", "rollout"];

/// Whether a command cannot do without one of the file's inputs.
fn uses(command: &str, key: &str) -> bool {
    if OF_ROLLOUTS.contains(&command) {
        return ALWAYS_USED.contains(&key) || ["aliasName", "rollout"].contains(&key);
    }
    command != IDENTIFY
        && (!ALIAS_COMMANDS.contains(&&*command.replace('_', "-")) || ALWAYS_USED.contains(&key))
}

/// Loads what there is without a configuration file: options, `--inputs` and `.env`.
///
/// For the alias and version commands, which need no more than a function's name.
pub fn without_file(request: &ProjectRequest<'_>) -> Result<Project, ConfigError> {
    let place = Directories::new(request)?;
    let mut warnings = Vec::new();
    let dotenv = read_dotenv(request, &place, &mut warnings)?;
    let lookup = |name: &str| lookup(request, &dotenv.values.values, name);
    let stage = request
        .stage
        .map(str::to_owned)
        .or_else(|| lookup("STAGE").filter(|stage| !stage.is_empty()))
        .unwrap_or_else(|| DEFAULT_STAGE.to_owned());
    let platform = |key: &str| match key {
        "app" => request.app.map(str::to_owned),
        "stage" => Some(stage.clone()),
        "org" => request.org.map(str::to_owned),
        _ => None,
    };
    let references = RefCell::new(BTreeSet::new());
    let platform = Platform {
        top: &platform,
        parameters: &|name| parameter(request, &lookup, name),
        outputs: &|output| noted(request, &references, Some(&stage), output),
    };
    let unusable = |name: &str| unusable(request, &dotenv.values, name);
    let scope = Scope { environment: &lookup, unusable: Some(&unusable), platform: Some(platform) };
    let mut resolver = Resolver::new(None, &place.working, scope);
    let input_variables = inputs_variables(&request.inputs, &lookup);
    let inputs = resolver.inputs(request.inputs.clone(), |_| true, |_| false);
    let (emptied, unresolved) = resolver.finish(&mut warnings).map_err(ConfigError::Variables)?;
    warn_of_unread_dotenv(&dotenv, &place, &stage, &mut warnings);
    Ok(Project {
        file: None,
        references: references.take().into_iter().collect(),
        stage,
        app: request.app.map(str::to_owned),
        name: None,
        org: request.org.map(str::to_owned),
        component: None,
        file_function_name: None,
        command_inputs: inputs.clone(),
        inputs,
        dotenv: dotenv.path,
        dotenv_is_outside: dotenv.is_outside,
        dotenv_values: dotenv.values.values,
        locations: Locations::default(),
        emptied,
        unresolved,
        input_variables,
        warnings,
    })
}

/// The variables that the texts of the inputs refer to.
fn inputs_variables(
    inputs: &Map<String, Value>,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Variables {
    let mut variables = Variables::new();
    for (key, value) in inputs {
        variables.extend(disclosure::variables_of(value, key, lookup));
    }
    variables
}

/// Why a variable cannot be used though its `.env` file sets it, or was to; the process wins over
/// that.
fn unusable(
    request: &ProjectRequest<'_>,
    dotenv: &DotEnv,
    name: &str,
) -> Option<variables::ReferenceFault> {
    if request.environment.contains_key(name) {
        return None;
    }
    let own = || name.to_owned();
    match dotenv.unclosed.get(name) {
        Some(line) => Some(variables::ReferenceFault::Unclosed { name: own(), line: *line }),
        None if dotenv.values.contains_key(name) => None,
        None => {
            let line = *dotenv.unread.get(name)?;
            Some(variables::ReferenceFault::Unread { name: own(), line })
        }
    }
}

/// The value of an output; the reference is remembered.
fn noted(
    request: &ProjectRequest<'_>,
    references: &RefCell<BTreeSet<OutputReference>>,
    stage: Option<&String>,
    output: &OutputReference,
) -> Result<String, NoOutput> {
    references.borrow_mut().insert(output.clone());
    request.outputs.value(output, stage.map(String::as_str))
}

/// Makes `src` (a text, or `src` and `dist` of a map) relative to the file's directory absolute.
pub(super) fn absolute_sources(inputs: &mut Map<String, Value>, directory: &Path) {
    let make_absolute = |value: &mut Value| {
        if let Value::String(path) = value
            && !path.is_empty()
        {
            let absolute = normalised(&directory.join(&*path));
            // Only a directory that is no Unicode has no text; the path then stays relative.
            if let Some(absolute) = absolute.to_str() {
                absolute.clone_into(path);
            }
        }
    };
    match inputs.get_mut("src") {
        Some(Value::Object(map)) => {
            for key in ["src", "dist"] {
                if let Some(value) = map.get_mut(key) {
                    make_absolute(value);
                }
            }
        }
        Some(value) => make_absolute(value),
        None => {}
    }
}

#[cfg(test)]
mod tests;
