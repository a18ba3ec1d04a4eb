//! Options, environment, `.env` and serverless.yml, merged once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::credentials::{self, CredentialsError, FoundCredentials};
use super::disclosure::shown_argument;
use super::function::{InputError, Reader, WrittenForm};
use super::input_error::{Advice, NameRule, WantedValue, Wrong};
use super::json_text;
use super::pointer;
use super::position::Position;
use super::project::{self, ConfigError, Project, ProjectRequest};
use super::references::Outputs;
use super::warning::ConfigWarning;
use super::yaml::ChangedScalar;
use crate::model::{DEFAULT_NAMESPACE, DEFAULT_REGION, FunctionId};
use crate::order::{Order as _, Ordered as _};

/// The process environment. Read once, here; never changed.
#[must_use]
pub fn environment() -> BTreeMap<String, String> {
    // A variable that is not UTF-8 cannot be meant for this program; but a proxy that is dropped
    // without a word is passed by, so that one is kept and refused.
    std::env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            let value = match value.into_string() {
                Ok(value) => value,
                Err(value) if name.to_ascii_lowercase().ends_with("_proxy") => {
                    value.to_string_lossy().into_owned()
                }
                Err(_) => return None,
            };
            Some((name, value))
        })
        .into_map()
}

/// The locale that messages are asked for in, as POSIX reads it: the first that is not empty of
/// `LC_ALL`, `LC_MESSAGES` and `LANG`. Empty where none is.
#[must_use]
pub fn locale(environment: &BTreeMap<String, String>) -> &str {
    let mut given = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter();
    let given = given.find_map(|name| environment.get(name).filter(|value| !value.is_empty()));
    given.map_or("", String::as_str)
}

/// The direct sub-folders of a folder that have a configuration file.
#[must_use]
pub fn instances(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .filter(|name| {
            let has = |file: &str| folder.join(name).join(file).is_file();
            has("serverless.yml") || has("serverless.yaml") || has("serverless.json")
        })
        .collect();
    names.order();
    names
}

/// Regions that SCF lists, for a warning on a misspelt one (API reference, transport).
const REGIONS: &[&str] = &[
    "ap-bangkok",
    "ap-beijing",
    "ap-chengdu",
    "ap-chongqing",
    "ap-guangzhou",
    "ap-guangzhou-open",
    "ap-hongkong",
    "ap-jakarta",
    "ap-mumbai",
    "ap-nanjing",
    "ap-seoul",
    "ap-shanghai",
    "ap-shanghai-fsi",
    "ap-shenzhen-fsi",
    "ap-singapore",
    "ap-tokyo",
    "eu-frankfurt",
    "eu-moscow",
    "na-ashburn",
    "na-siliconvalley",
    "na-toronto",
    "sa-saopaulo",
];

/// Whether a name of a function or a namespace is one that the API takes.
fn obeys(rule: NameRule, name: &str) -> bool {
    let bytes = name.as_bytes();
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !bytes.iter().all(allowed) {
        return false;
    }
    match rule {
        NameRule::Namespace => bytes.len() <= 30,
        _ => {
            (2..=60).contains(&bytes.len())
                && bytes.first().is_some_and(u8::is_ascii_alphabetic)
                && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        }
    }
}

fn no_such_name(key: String, place: Position, name: String, rule: NameRule) -> InputError {
    let instead = Some(Advice::name(rule, &name));
    let what = Wrong::NoSuch { text: name, wanted: WantedValue::Name }.on_one_line();
    InputError { key, place, what, instead }
}

/// Checks the name of a function or a namespace that an argument leads to.
///
/// # Errors
/// The API does not take it.
pub fn check_name(
    key: &str,
    argument: String,
    name: &str,
    rule: NameRule,
) -> Result<(), InputError> {
    if obeys(rule, name) {
        return Ok(());
    }
    Err(no_such_name(key.to_owned(), Position::Argument(argument), name.to_owned(), rule))
}

/// What is probably wrong with the name of a region.
#[must_use]
pub fn of_region(region: &str) -> Option<ConfigWarning> {
    let meant = super::function::nearest(region, REGIONS.iter().copied());
    let region = region.to_owned();
    (!REGIONS.contains(&region.as_str())).then_some(ConfigWarning::Region { region, meant })
}

/// The regions that the service lists.
#[must_use]
pub fn regions() -> &'static [&'static str] {
    REGIONS
}

/// What the command line says about where and what.
#[derive(Debug, Clone, Default)]
pub struct CommandLine {
    /// The folder of one instance below the working directory, when all are worked on.
    pub member: Option<String>,
    /// `--param`.
    pub parameters: BTreeMap<String, String>,
    /// What is known of other instances.
    pub outputs: Outputs,
    /// `--stage`.
    pub stage: Option<String>,
    /// `--target`.
    pub target: Option<String>,
    /// `--app`.
    pub app: Option<String>,
    /// `--org`.
    pub org: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// `--profile`.
    pub profile: Option<String>,
    /// The command word.
    pub command: &'static str,
    /// Whether the command may change something.
    pub changes: bool,
    /// `--inputs`.
    pub inputs: Map<String, Value>,
    /// The raw argument of each input, for error texts.
    pub sources: Vec<(String, String)>,
}

/// Hears values that errors may not show, as soon as they are known.
#[derive(Clone, Copy)]
pub struct Hear<'a> {
    /// What could be part of a key pair.
    pub key: &'a dyn Fn(&str),
    /// What a reference comes to whose name says that it is a secret.
    pub secret: &'a dyn Fn(&str),
}

/// Everything merged.
#[derive(Debug, Clone)]
pub struct Settings {
    /// serverless.yml with its inheritance, variables and inputs; without a file only what
    /// options and the environment say.
    pub project: Project,
    /// Region.
    pub region: String,
    /// Where the project lies.
    pub directory: PathBuf,
    /// The key pair, or why there is none.
    pub credentials: Result<FoundCredentials, CredentialsError>,
    /// Where keys are looked for, in order.
    pub credential_places: Vec<credentials::KeyPlace>,
    /// What is probably a mistake.
    pub warnings: Vec<ConfigWarning>,
    /// The key of a function of a `multi-scf` instance, whose inputs these are.
    pub function_key: Option<String>,
    /// What its package is cut out of the common one by.
    pub cut: Cut,
    /// For each entry of `events` the keys of all functions that the trigger names; empty
    /// where the file describes one function.
    pub named_by_triggers: Vec<Vec<String>>,
    sources: Vec<(String, String)>,
    command: &'static str,
    target: Option<String>,
    /// The folder of the instance below the project's, for error texts.
    member: Option<String>,
    /// The working directory: files below it are named relative to it.
    working: PathBuf,
    /// Dotted paths of inputs that the file has elsewhere, with where it has them.
    origins: Vec<(String, String)>,
}

/// The part of a folder that is the code of one function of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut {
    /// Folder below the one that is packed; empty for all of it. Names begin behind it.
    pub folder: String,
    /// Globs to leave out of the part, anchored there.
    pub exclude: Vec<String>,
    /// Globs to take all the same, anchored there.
    pub include: Vec<String>,
}

/// One function of several that a file describes.
pub(super) struct OfFunction {
    /// As those of an scf instance.
    pub inputs: Map<String, Value>,
    /// Where the file has them.
    pub origins: Vec<(String, String)>,
    /// Its part of the common package.
    pub cut: Cut,
    /// As [`Settings::named_by_triggers`].
    pub named_by_triggers: Vec<Vec<String>>,
}

impl WrittenForm for Settings {
    fn changed(&self, path: &[&str]) -> Option<ChangedScalar> {
        if let Some(pointer) = self.pointer(path) {
            return self.project.locations.changed(&pointer);
        }
        let (top, below) = path.split_first()?;
        // An input that is by nature a text is one as it was typed.
        let is_number = self.typed(path).is_some_and(Value::is_number);
        json_text::changed(self.typed_text(top).filter(|_| is_number)?, below)
    }

    fn changed_key(&self, path: &[&str]) -> Option<ChangedScalar> {
        self.project.locations.changed_key(&self.pointer(path)?)
    }

    fn line(&self, path: &[&str]) -> Option<Position> {
        let place = self.project.locations.get(&self.pointer(path)?)?;
        Some(Position::line(self.file()?, place.key.unwrap_or(place.value).line))
    }

    fn emptied(&self, path: &[&str]) -> Option<String> {
        // Those of the command's inputs are named below `inputs`, too.
        let pointer = self.pointer(path).filter(|pointer| pointer.starts_with("/inputs/"));
        let pointer = pointer.unwrap_or_else(|| format!("/inputs{}", pointer::to(path)));
        let found = self.project.emptied.iter().find(|(path, _)| {
            format!("/{}", path.replace(['.', '['], "/").replace(']', "")) == pointer
        });
        found.map(|(_, written)| written.clone())
    }
}

impl Settings {
    /// Merges everything. Reads files, calls nothing.
    ///
    /// # Errors
    /// A configuration that cannot be read or resolved.
    pub fn load(
        directory: &Path,
        selection: &CommandLine,
        environment: &BTreeMap<String, String>,
        hear: Hear<'_>,
    ) -> Result<Self, ConfigError> {
        let hide = hear.key;
        credentials::values(environment).for_each(hide);
        let request = ProjectRequest {
            directory: directory.to_owned(),
            target: selection.target.as_deref(),
            member: selection.member.as_deref(),
            parameters: &selection.parameters,
            outputs: &selection.outputs,
            stage: selection.stage.as_deref(),
            app: selection.app.as_deref(),
            org: selection.org.as_deref(),
            command: selection.command,
            inputs: selection.inputs.clone(),
            environment,
            found_dotenv: &|values| credentials::values(values).for_each(hide),
            found_secret: hear.secret,
        };
        let folder = selection.target.as_ref().or(selection.member.as_ref());
        let folder = folder.map_or(directory.to_owned(), |folder| directory.join(folder));
        let project = match project::load(&request) {
            Ok(Some(project)) => project,
            Ok(None) => project::without_file(&request)?,
            // A file that only its folders' instances inherit from is none itself.
            Err(ConfigError::Missing { .. } | ConfigError::FirstComponents { .. })
                if !instances(&folder).is_empty() =>
            {
                project::without_file(&request)?
            }
            Err(error) => return Err(error),
        };
        let mut warnings = project.warnings.clone();
        let dotenv = project.dotenv.as_deref().map(|path| (path, &project.dotenv_values));
        let profile = selection.profile.as_deref();
        let places = credentials::places(environment, dotenv, profile);
        let mut credentials = credentials::find(environment, dotenv, profile);
        if let Ok(found) = &credentials {
            found.secrets().for_each(|secret| hide(secret.expose()));
        }
        let variable = |name: &str| {
            let from_file = || project.dotenv_values.get(name);
            environment.get(name).or_else(from_file).filter(|value| !value.is_empty()).cloned()
        };
        let region = selection
            .region
            .clone()
            .or_else(|| project.inputs.get("region").and_then(Value::as_str).map(str::to_owned))
            .filter(|region| !region.is_empty())
            .or_else(|| variable("TENCENTCLOUD_REGION"))
            .or_else(|| variable("TENCENT_REGION"));
        // Only with the keys of the same profile: another tool's settings must not move a
        // project to another region.
        let of_profile = match (&region, &credentials) {
            (None, Ok(found)) => found.region(),
            _ => Ok(None),
        };
        let region = match of_profile {
            Ok(of_profile) => region.or(of_profile),
            Err(error) => {
                credentials = Err(error);
                region
            }
        };
        let region = region.unwrap_or_else(|| DEFAULT_REGION.to_owned());
        warnings.extend(of_region(&region));
        let directory =
            project.file.as_deref().and_then(Path::parent).map_or(folder, Path::to_owned);
        Ok(Self {
            region,
            directory,
            credentials,
            credential_places: places,
            warnings,
            sources: selection.sources.clone(),
            command: selection.command,
            target: selection.target.clone(),
            member: selection.member.clone(),
            working: project::normalised(&request.directory),
            function_key: None,
            cut: Cut::default(),
            named_by_triggers: Vec::new(),
            origins: Vec::new(),
            project,
        })
    }

    /// Whether what the command line says is meant for several functions, not for this alone.
    #[must_use]
    pub fn is_one_of_several(&self) -> bool {
        self.member.is_some() || self.function_key.is_some()
    }

    /// The settings of one function of several that the file describes.
    pub(super) fn of_function(&self, key: &str, function: OfFunction) -> Self {
        let OfFunction { inputs, origins, cut, named_by_triggers } = function;
        let function_key = Some(key.to_owned());
        let project = Project { inputs, ..self.project.clone() };
        Self { project, function_key, cut, named_by_triggers, origins, ..self.clone() }
    }

    /// Has the code be a finished package, whatever the file says of it; a bucket that the file
    /// names for packages stays. Returns whether the file has a hook that makes the code.
    pub fn use_package(&mut self, package: &Path) -> bool {
        let inputs = &mut self.project.inputs;
        let said = inputs.get("src").and_then(Value::as_object);
        let is_object = |said: &Map<String, Value>| said.contains_key("object");
        let bucket = said.filter(|said| !is_object(said)).and_then(|said| said.get("bucket"));
        let has_hook = said.and_then(|said| said.get("hook")).is_some_and(|hook| !hook.is_null());
        let bucket = bucket.cloned().map(|bucket| ("bucket".to_owned(), bucket));
        let path = Value::from(package.to_string_lossy());
        let source = [("src".to_owned(), path)].into_iter().chain(bucket).collect();
        inputs.insert("src".to_owned(), Value::Object(source));
        self.cut = Cut::default();
        has_hook
    }

    /// The `.env` that was read, where it lies outside the project.
    #[must_use]
    pub fn dotenv_outside(&self) -> Option<&Path> {
        self.project.dotenv.as_deref().filter(|_| self.project.dotenv_is_outside)
    }

    /// The instance's name; empty without a project.
    #[must_use]
    pub fn name(&self) -> &str {
        self.project.name.as_deref().unwrap_or_default()
    }

    /// The app; empty without a project.
    #[must_use]
    pub fn app(&self) -> &str {
        self.project.app.as_deref().unwrap_or_default()
    }

    /// What functions, aliases and whatever they belong to are called, and what is typed.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        const KEYS: [&str; 5] = ["alias", "aliasName", "function", "name", "namespace"];
        let project = &self.project;
        let mut names: Vec<&str> = vec![self.name(), self.app(), &project.stage];
        names.extend(regions().iter().copied().filter(|region| *region == self.region));
        names.extend(project.org.as_deref());
        let functions = project.inputs.get("functions").and_then(Value::as_object);
        names.extend(functions.into_iter().flat_map(Map::keys).map(String::as_str));
        let below = functions.into_iter().flat_map(Map::values).filter_map(Value::as_object);
        let rollout = project.inputs.get("rollout").and_then(Value::as_object);
        let maps = [&project.inputs, &project.command_inputs];
        for map in maps.into_iter().chain(rollout).chain(below) {
            names.extend(KEYS.iter().filter_map(|key| map.get(*key)?.as_str()));
        }
        names.extend(project.file_function_name.as_deref());
        // Whatever else stands there is no name, and may be shown as what is wrong.
        let is_name = |name: &&str| {
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        names.into_iter().filter(is_name).map(str::to_owned).collect()
    }

    /// The sub-folders that hold instances of their own, where there is no project.
    #[must_use]
    pub fn instances(&self) -> Vec<String> {
        instances(&self.directory)
    }

    /// The same as `--target` takes them.
    #[must_use]
    pub fn targets(&self) -> Vec<String> {
        let Some(target) = &self.target else { return self.instances() };
        let below = |name: String| match target.trim_end_matches('/') {
            "" if target.starts_with('/') => format!("/{name}"),
            "" | "." => name,
            folder => format!("{folder}/{name}"),
        };
        self.instances().into_iter().map(below).collect()
    }

    /// Where a key of `inputs` stands: the argument that gave it, or file and line.
    #[must_use]
    pub fn place(&self, key: &str) -> Position {
        let in_file = || self.line_of("/inputs", &self.path(key));
        // One function of several has what was typed under another name.
        let typed = || self.argument(&self.path(key));
        let place = self.argument(key).or_else(typed).or_else(in_file);
        place.unwrap_or(Position::CommandLine)
    }

    /// Where the value at a path within `inputs` is from: what the command line says of a map
    /// leaves its other keys where the file has them.
    #[must_use]
    pub fn source(&self, path: &str) -> Position {
        let mut segments = path.split('.');
        let first = segments.next().and_then(|key| self.project.command_inputs.get(key));
        let given = first.and_then(|first| {
            segments.try_fold(first, |value, segment| match value {
                Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
                other => other.get(segment),
            })
        });
        match given {
            Some(_) => self.command_place(path),
            None => self.line_of("/inputs", path).unwrap_or_else(|| self.place(path)),
        }
    }

    /// The path of a key of `inputs` as the file has it: itself, unless a part of it stands
    /// elsewhere, as the keys of one function of several do.
    #[must_use]
    pub fn path(&self, key: &str) -> String {
        let below = |path: &str| {
            let rest = key.strip_prefix(path)?;
            (rest.is_empty() || rest.starts_with('.')).then_some(rest)
        };
        self.origins
            .iter()
            .filter_map(|(path, origin)| Some((path.len(), format!("{origin}{}", below(path)?))))
            .max_by_key(|(length, _)| *length)
            .map_or_else(|| key.to_owned(), |(_, origin)| origin)
    }

    /// As [`Self::place`], for a key that only the command line and `commandInputs` can give.
    #[must_use]
    pub fn command_place(&self, key: &str) -> Position {
        let top = key.split('.').next().unwrap_or(key);
        let in_file = || {
            let parent = format!("/commandInputs/{}", self.command);
            self.line_of(&parent, key).filter(|_| self.project.command_inputs.contains_key(top))
        };
        self.argument(key).or_else(in_file).unwrap_or(Position::CommandLine)
    }

    /// The inputs that the command line gives.
    #[must_use]
    pub fn typed_inputs(&self) -> Map<String, Value> {
        let is_typed = |key: &str| self.sources.iter().any(|(typed, _)| typed == key);
        let given = self.project.command_inputs.iter().filter(|(key, _)| is_typed(key));
        given.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// The inputs that only the file's `commandInputs` gives.
    #[must_use]
    pub fn command_inputs_of_the_file(&self) -> Vec<&str> {
        let is_typed = |key: &str| self.sources.iter().any(|(typed, _)| typed == key);
        let keys = self.project.command_inputs.keys().map(String::as_str);
        keys.filter(|key| !is_typed(key)).collect()
    }

    /// The value of an input as it was typed, where it was a pair: options give texts.
    fn typed_text(&self, key: &str) -> Option<&str> {
        let (_, argument) = self.sources.iter().rev().find(|(name, _)| name == key)?;
        argument.strip_prefix(key)?.strip_prefix('=')
    }

    /// The argument that gave a key.
    fn argument(&self, key: &str) -> Option<Position> {
        let top = key.split('.').next().unwrap_or(key);
        let (_, argument) = self.sources.iter().rev().find(|(name, _)| name == top)?;
        Some(Position::Argument(shown_argument(argument)))
    }

    /// The file's path: relative to the working directory where it is below, else absolute.
    fn file(&self) -> Option<String> {
        let file = self.project.file.as_deref()?;
        Some(file.strip_prefix(&self.working).unwrap_or(file).display().to_string())
    }

    /// File and line of a key below `parent`; of a missing one, of the map it is missing in.
    fn line_of(&self, parent: &str, key: &str) -> Option<Position> {
        let file = self.file()?;
        let mut pointer = format!("{parent}/{}", key.replace('.', "/"));
        loop {
            if let Some(place) = self.project.locations.get(&pointer) {
                let line = place.key.unwrap_or(place.value).line;
                return Some(Position::line(file, line));
            }
            match pointer.rfind('/') {
                Some(0) | None => return Some(Position::File { file, line: None }),
                Some(position) => pointer.truncate(position),
            }
        }
    }

    /// The value at a path of what the command line and `commandInputs` give.
    fn typed(&self, path: &[&str]) -> Option<&Value> {
        let (top, below) = path.split_first()?;
        let value = self.project.command_inputs.get(*top)?;
        below.iter().try_fold(value, |value, part| match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            value => value.get(part),
        })
    }

    /// Where the file has a value of `inputs`, as a JSON pointer; `None` for one that the
    /// command line gives.
    fn pointer(&self, path: &[&str]) -> Option<String> {
        let top = path.first()?;
        if self.typed(path).is_some() {
            let in_file = self.argument(top).is_none();
            return in_file
                .then(|| format!("/commandInputs/{}{}", self.command, pointer::to(path)));
        }
        let dotted = path.join(".");
        let origin = self.path(&dotted);
        Some(if origin == dotted {
            format!("/inputs{}", pointer::to(path))
        } else {
            format!("/inputs/{}", origin.replace('.', "/"))
        })
    }

    /// The namespace of the function.
    ///
    /// # Errors
    /// Not a text, or not a namespace name.
    pub fn namespace(&self) -> Result<String, InputError> {
        let place = |key: &str| self.place(key);
        let text = Reader::new(&self.project.inputs, &place).written(self).text("namespace")?;
        let namespace =
            text.filter(|text| !text.is_empty()).unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
        if !obeys(NameRule::Namespace, &namespace) {
            return Err(self.name_error("namespace", namespace, NameRule::Namespace));
        }
        Ok(namespace)
    }

    fn name_error(&self, key: &str, name: String, rule: NameRule) -> InputError {
        let (key, place) = (self.path(key), self.place(key));
        no_such_name(key, place, name, rule)
    }

    /// The function of the project: `inputs.name`, else `${name}-${stage}-${app}`.
    ///
    /// # Errors
    /// The name does not obey the API's rule.
    pub fn function(&self) -> Result<FunctionId, InputError> {
        let place = |key: &str| self.place(key);
        let said = Reader::new(&self.project.inputs, &place)
            .written(self)
            .text("name")?
            .filter(|name| !name.is_empty());
        let name = said.unwrap_or_else(|| self.default_function());
        self.function_named("name", name)
    }

    pub(super) fn default_function(&self) -> String {
        format!("{}-{}-{}", self.name(), self.project.stage, self.app())
    }

    pub(super) fn function_named(&self, key: &str, name: String) -> Result<FunctionId, InputError> {
        if !obeys(NameRule::Function, &name) {
            return Err(self.name_error(key, name, NameRule::Function));
        }
        // A region that is no text was not read, and its default is another place.
        let place = |key: &str| self.place(key);
        Reader::new(&self.project.inputs, &place).written(self).text("region")?;
        Ok(FunctionId { name, namespace: self.namespace()?, region: self.region.clone() })
    }
}
