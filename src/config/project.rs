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

mod place;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};

use place::{Place, read_dotenv, warn_of_unread_dotenv};

use crate::config::references::{NoOutput, OutputReference, Outputs};
use crate::config::text_file;
use crate::config::variables::{self, Platform, Scope, VariableError};
use crate::config::yaml::{self, Document, DocumentError, Locations};
use crate::javascript;

const DEFAULT_STAGE: &str = "dev";

/// Bytes of a configuration file; people write a few thousand.
const FILE_LIMIT: u64 = 10_000_000;
/// Bytes of all inputs together once their references are resolved.
const INPUTS_LIMIT: usize = 64 << 20;

/// Stands for a command when only the function of an instance is asked for.
pub const LOOK_UP: &str = "${output}";

/// Commands that call no more of the file's inputs than [`ALWAYS_USED`].
const ALIAS_COMMANDS: &[&str] =
    &["create-alias", "delete-alias", "list-alias", "publish-ver", "update-alias", LOOK_UP];

/// Inputs that decide which function a command works on.
const ALWAYS_USED: &[&str] = &["name", "namespace", "region"];

/// What is asked for.
#[derive(Clone)]
pub struct Request<'a> {
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
}

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
    /// Its variables. Those of the process win over them, even when empty.
    pub dotenv_values: BTreeMap<String, String>,
    /// The outputs of other instances that the inputs refer to.
    pub references: Vec<OutputReference>,
    /// Where the file says what.
    pub locations: Locations,
    /// What is suspicious, for the person at the terminal. No secrets.
    pub warnings: Vec<String>,
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

/// Why there is no usable configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file exists but cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not valid YAML or JSON.
    #[error("cannot understand {}", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: DocumentError,
    },
    /// A file without content.
    #[error("{} is empty", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A key that must be there is not, or is empty.
    #[error("{} has no `{key}`", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// `name` or `component`.
        key: &'static str,
    },
    /// A value of the wrong type.
    #[error("`{key}` in {} must be {expected}", .path.display())]
    WrongType {
        /// The file.
        path: PathBuf,
        /// The key, with dots; empty for the whole file.
        key: String,
        /// What it must be.
        expected: &'static str,
        /// The line, where it is known.
        line: Option<usize>,
    },
    /// `--target` does not lead to a directory.
    #[error("the target {} does not exist", .path.display())]
    NoTarget {
        /// The directory.
        path: PathBuf,
    },
    /// A stage given by a reference that came to nothing.
    #[error("the stage in {} resolves to an empty text", .path.display())]
    EmptyStage {
        /// The file.
        path: PathBuf,
    },
    /// A reference cannot be resolved.
    #[error("cannot resolve the configuration{}", at(.path.as_deref(), *.line))]
    Variable {
        /// The configuration file, if the reference stands in one.
        path: Option<PathBuf>,
        /// The line, where it is known.
        line: Option<usize>,
        /// Which reference, and why.
        source: Box<VariableError>,
    },
}

fn at(path: Option<&Path>, line: Option<usize>) -> String {
    match (path, line) {
        (Some(path), Some(line)) => format!(" in {}, line {line}", path.display()),
        (Some(path), None) => format!(" in {}", path.display()),
        (None, _) => String::new(),
    }
}

impl ConfigError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => None,
            Self::Syntax { source, .. } => Some(format!(
                "{}\nquote texts that hold `{{`, `[`, `*`, `@`, `%` or `: `",
                source.excerpt
            )),
            Self::Empty { .. } => {
                Some("a configuration needs at least `component: scf` and `name:`".to_owned())
            }
            Self::Missing { key, .. } => Some(match *key {
                "component" => "add `component: scf` at the top".to_owned(),
                key => format!("add `{key}:` at the top"),
            }),
            Self::WrongType { line, .. } => line.map(|line| format!("see line {line}")),
            Self::NoTarget { .. } => {
                Some("`--target` is a directory, relative to the working directory".to_owned())
            }
            Self::EmptyStage { .. } => {
                Some("set the variable the stage refers to, or give `--stage`".to_owned())
            }
            Self::Variable { source, .. } => source.hint(),
        }
    }
}

/// Loads the configuration; `None` when the directory has no configuration file.
pub fn load(request: &Request<'_>) -> Result<Option<Project>, ConfigError> {
    let place = Place::new(request)?;
    let Some(mut file) = ConfigFile::read(&place.base)? else {
        return Ok(None);
    };
    let mut warnings = file.inherit(&place.base);
    let dotenv = read_dotenv(request, &place, &mut warnings)?;
    let lookup = |name: &str| lookup(request, &dotenv.values.values, name);

    // The raw top-level values; references to them resolve theirs.
    let name = file.text("name")?;
    if file.text("component")?.is_none() {
        return Err(file.missing("component"));
    }
    let Some(name) = name else {
        return Err(file.missing("name"));
    };
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
    let references = RefCell::new(BTreeSet::new());
    let platform = Platform {
        top: &platform,
        parameters: &|name| parameter(request, &lookup, name),
        outputs: &|output| noted(request, &references, output),
    };
    let mut resolver = Resolver {
        file: Some(&file),
        scope: Scope { environment: &lookup, platform: Some(platform) },
        warnings: &mut warnings,
        size: 0,
    };
    let component = resolver.text(file.text("component")?, "component")?;
    let resolved_stage = resolver.one_text(&stage, "stage")?;
    if resolved_stage.is_empty() && stage_refers {
        return Err(ConfigError::EmptyStage { path: file.path.clone() });
    }
    let resolved_name = resolver.one_text(&name, "name")?;
    let resolved_app = resolver.one_text(&app, "app")?;
    let resolved_org = resolver.text(org.clone(), "org")?;

    let file_inputs = file.map("inputs")?;
    let for_command =
        javascript::deep_merge(file.command_inputs(request.command)?, &request.inputs);
    let file_function_name = file_inputs.get("name").and_then(Value::as_str).map(str::to_owned);
    let file_function_name = resolver.text(file_function_name, "inputs.name")?;
    let merged = javascript::deep_merge(file_inputs, &for_command);
    let command = request.command.replace('_', "-");
    let tolerant = ALIAS_COMMANDS.contains(&command.as_str());
    let required =
        |key: &str| !tolerant || ALWAYS_USED.contains(&key) || for_command.contains_key(key);
    let mut inputs = resolver.inputs(merged, required)?;
    let mut command_inputs = Map::new();
    for key in for_command.keys() {
        // The merged value, so that references are resolved (and warned about) once.
        if let (Some(Value::Object(own)), Some(Value::Object(_))) =
            (for_command.get(key), inputs.get(key))
        {
            let quiet = &mut Vec::new();
            let mut resolver = Resolver { warnings: quiet, ..resolver };
            let own = resolver.value(Value::Object(own.clone()), &format!("inputs.{key}"))?;
            command_inputs.insert(key.clone(), own);
        } else if let Some(value) = inputs.get(key) {
            command_inputs.insert(key.clone(), value.clone());
        }
    }
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
        dotenv_values: dotenv.values.values,
        locations: file.document.locations,
        file: Some(file.path),
        warnings,
    }))
}

/// Loads what there is without a configuration file: options, `--inputs` and `.env`.
///
/// For the alias and version commands, which need no more than a function's name.
pub fn without_file(request: &Request<'_>) -> Result<Project, ConfigError> {
    let place = Place::new(request)?;
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
        outputs: &|output| noted(request, &references, output),
    };
    let mut resolver = Resolver {
        file: None,
        scope: Scope { environment: &lookup, platform: Some(platform) },
        warnings: &mut warnings,
        size: 0,
    };
    let inputs = resolver.inputs(request.inputs.clone(), |_| true)?;
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
        dotenv_values: dotenv.values.values,
        locations: Locations::default(),
        warnings,
    })
}

/// Looks a variable up: in the process, even when empty there, then in the `.env` file.
fn lookup(request: &Request<'_>, dotenv: &BTreeMap<String, String>, name: &str) -> Option<String> {
    let process = request.environment.get(name);
    process.or_else(|| dotenv.get(name)).cloned()
}

/// A parameter: `--param`, else `SCFCTL_PARAM_NAME` as any variable.
fn parameter(
    request: &Request<'_>,
    lookup: &dyn Fn(&str) -> Option<String>,
    name: &str,
) -> Option<String> {
    let given = request.parameters.get(name).cloned();
    given.or_else(|| lookup(&format!("SCFCTL_PARAM_{name}")))
}

/// The value of an output; the reference is remembered.
fn noted(
    request: &Request<'_>,
    references: &RefCell<BTreeSet<OutputReference>>,
    output: &OutputReference,
) -> Result<String, NoOutput> {
    references.borrow_mut().insert(output.clone());
    request.outputs.value(output)
}

/// Takes `.` and `..` out of a path without asking the file system, as Node does.
pub(super) fn normalised(path: &Path) -> PathBuf {
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

/// A configuration file with a map at its top.
struct ConfigFile {
    path: PathBuf,
    document: Document,
    map: Map<String, Value>,
}

impl ConfigFile {
    /// Reads the last of `serverless.yml`, `.yaml` and `.json` in a directory.
    fn read(directory: &Path) -> Result<Option<Self>, ConfigError> {
        let names = ["serverless.json", "serverless.yaml", "serverless.yml"];
        let mut found = None;
        for path in names.iter().map(|name| directory.join(name)) {
            if let Some(text) = read_text(&path, FILE_LIMIT)? {
                found = Some((path, text));
                break;
            }
        }
        let Some((path, text)) = found else {
            return Ok(None);
        };
        let parsed = if path.extension() == Some(OsStr::new("json")) {
            yaml::parse_json(&text)
        } else {
            yaml::parse(&text)
        };
        let mut document =
            parsed.map_err(|source| ConfigError::Syntax { path: path.clone(), source })?;
        match document.value.take() {
            Value::Object(map) if !map.is_empty() => Ok(Some(Self { path, document, map })),
            Value::Null | Value::Object(_) => Err(ConfigError::Empty { path }),
            _ => Err(ConfigError::WrongType {
                path,
                key: "the top level".to_owned(),
                expected: "a map of keys to values",
                line: None,
            }),
        }
    }

    /// Takes `app`, `stage` and `org` over from the parent directory's configuration.
    fn inherit(&mut self, directory: &Path) -> Vec<String> {
        let mut warnings = Vec::new();
        let Some(parent) = directory.parent() else {
            return warnings;
        };
        // A `serverless.js` is read as text by `sls`, yields nothing and hides the others.
        if parent.join("serverless.js").is_file() {
            return warnings;
        }
        let parent = match Self::read(parent) {
            Ok(Some(parent)) => parent,
            Ok(None) => return warnings,
            Err(error) => {
                warnings.push(format!(
                    "the parent directory's configuration is ignored: {error}{}",
                    std::error::Error::source(&error)
                        .map(|source| format!(": {source}"))
                        .unwrap_or_default()
                ));
                return warnings;
            }
        };
        for key in ["app", "stage", "org"] {
            let Some(value) = parent.map.get(key).filter(|value| is_truthy(value)) else {
                continue;
            };
            let own = self.map.insert(key.to_owned(), value.clone());
            if own.is_some_and(|own| is_truthy(&own) && own != *value) {
                warnings.push(format!(
                    "`{key}` of {} overrides the one in {}",
                    parent.path.display(),
                    self.path.display()
                ));
            }
        }
        warnings
    }

    fn missing(&self, key: &'static str) -> ConfigError {
        ConfigError::Missing { path: self.path.clone(), key }
    }

    fn wrong_type(&self, key: &str, pointer: &str, expected: &'static str) -> ConfigError {
        ConfigError::WrongType {
            path: self.path.clone(),
            key: key.to_owned(),
            expected,
            line: self
                .document
                .locations
                .get(pointer)
                .map(|place| place.key.unwrap_or(place.value).line),
        }
    }

    /// Returns a top-level text; `None` when it is absent, null or empty.
    fn text(&self, key: &str) -> Result<Option<String>, ConfigError> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(Value::Number(number)) => Ok(Some(javascript::json_number_text(number))),
            Some(_) => Err(self.wrong_type(key, &format!("/{key}"), "a text")),
        }
    }

    /// Returns a top-level map; empty when it is absent or null.
    fn map(&self, key: &str) -> Result<Map<String, Value>, ConfigError> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map.clone()),
            Some(_) => Err(self.wrong_type(key, &format!("/{key}"), "a map of keys to values")),
        }
    }

    /// Returns `commandInputs` of the command, as typed.
    fn command_inputs(&self, command: &str) -> Result<Map<String, Value>, ConfigError> {
        match self.map("commandInputs")?.remove(command) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(_) => Err(self.wrong_type(
                &format!("commandInputs.{command}"),
                &format!("/commandInputs/{command}"),
                "a map of keys to values",
            )),
        }
    }
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// Returns the text of a file; `None` when there is none.
fn read_text(path: &Path, limit: u64) -> Result<Option<String>, ConfigError> {
    text_file::read(path, limit)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })
}

/// Resolves references and says where they stand.
struct Resolver<'a, 'w> {
    file: Option<&'a ConfigFile>,
    scope: Scope<'a>,
    warnings: &'w mut Vec<String>,
    /// Bytes of text resolved so far.
    size: usize,
}

impl Resolver<'_, '_> {
    fn value(&mut self, value: Value, path: &str) -> Result<Value, ConfigError> {
        let resolved = variables::resolve(value, path, self.scope);
        let resolved = resolved.map_err(|source| self.error(source))?;
        let warnings = resolved.warnings.iter().map(ToString::to_string);
        self.warnings.extend(warnings);
        self.size += variables::size(&resolved.value);
        if self.size > INPUTS_LIMIT {
            return Err(self.error(VariableError {
                path: path.to_owned(),
                reference: "...".to_owned(),
                reason: variables::Reason::TooMuch,
            }));
        }
        Ok(resolved.value)
    }

    fn one_text(&mut self, text: &str, path: &str) -> Result<String, ConfigError> {
        let resolved = variables::resolve_text(text, path, self.scope);
        let resolved = resolved.map_err(|source| self.error(source))?;
        let warnings = resolved.warnings.iter().map(ToString::to_string);
        self.warnings.extend(warnings);
        Ok(resolved.value)
    }

    fn text(&mut self, text: Option<String>, path: &str) -> Result<Option<String>, ConfigError> {
        text.map(|text| self.one_text(&text, path)).transpose()
    }

    /// Resolves each input; one that is not `required` is left out when it cannot be.
    fn inputs(
        &mut self,
        inputs: Map<String, Value>,
        required: impl Fn(&str) -> bool,
    ) -> Result<Map<String, Value>, ConfigError> {
        let mut resolved = Map::new();
        for (key, value) in inputs {
            match self.value(value, &format!("inputs.{key}")) {
                Ok(value) => {
                    resolved.insert(key, value);
                }
                Err(error) if required(&key) => return Err(error),
                Err(error) => self.warnings.push(match error {
                    ConfigError::Variable { source, .. } => {
                        format!("`inputs.{key}` is left out: {source}: {}", source.reason)
                    }
                    other => format!("`inputs.{key}` is left out: {other}"),
                }),
            }
        }
        Ok(resolved)
    }

    fn error(&self, source: VariableError) -> ConfigError {
        let pointer = format!("/{}", source.path.replace(['.', '['], "/").replace(']', ""));
        let place = self.file.and_then(|file| file.document.locations.get(&pointer));
        ConfigError::Variable {
            // Inputs of the command line have no place in the file.
            path: place.is_some().then(|| self.file.map(|file| file.path.clone())).flatten(),
            line: place.map(|place| place.value.line),
            source: Box::new(source),
        }
    }
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
