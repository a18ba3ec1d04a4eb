//! Writes a serverless.yml, and what belongs to it, where none is.

mod files;
mod function;
mod older;
mod secrets;
mod start;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::session::{self, Session};
use super::{Context, Done};
use crate::config::input_error::NameRule;
use crate::config::project::normalised;
use crate::config::settings::{check_name, of_region};
use crate::config::{dotenv, text_file, yaml};
use crate::error::{Error, InitError, Task};
use crate::execute::describe::{self, PackageAddress};
use crate::model::{DEFAULT_NAMESPACE, FunctionId};
use crate::network::transport;
use crate::report::init::{Described, Unsaid};
use crate::report::{FunctionName, Report, Said};
use files::NewFile;

/// The package of the function.
const PACKAGE: &str = "code.zip";
/// Bytes of a package, at most; the service takes no more.
const LARGEST_PACKAGE: usize = 500 << 20;
/// Bytes of a file of an older format, at most.
const LARGEST_FILE: u64 = 1 << 20;

/// What to begin from, as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// A function that is there.
    pub function: Option<String>,
    /// A file of an older format.
    pub file: Option<PathBuf>,
    pub runtime: Option<String>,
    /// What a new one is called.
    pub name: Option<String>,
    /// Name of the namespace.
    pub namespace: Option<String>,
}

/// Writes a configuration from the one thing that is given. Nothing is overwritten.
pub(crate) fn run(context: &Context, request: &Request) -> Result<Done, Error> {
    check_options(context, request)?;
    let folder = match &context.options.target {
        Some(target) => context.directory.join(target),
        None => context.directory.clone(),
    };
    files::check_free(&context.directory, &folder)?;
    check_names(context, request, &folder)?;
    match (&request.function, &request.file, &request.runtime) {
        (Some(function), None, None) => from_function(context, request, &folder, function),
        (None, Some(file), None) => from_file(context, &folder, file),
        (None, None, Some(runtime)) => from_runtime(context, request, &folder, runtime),
        (None, None, None) => Err(InitError::NoSource.into()),
        _ => Err(InitError::SeveralSources.into()),
    }
}

/// Refuses options that mean nothing to what the file is made from.
fn check_options(context: &Context, request: &Request) -> Result<(), InitError> {
    const FUNCTION: &str = "--from-function";
    let options = &context.options;
    let calls = request.function.is_some();
    let makes = calls || request.runtime.is_some();
    for (is_without, option, with) in [
        (options.local && !calls, "--local", FUNCTION),
        (options.endpoint.is_some() && !calls, "--endpoint", FUNCTION),
        (options.insecure_http && !calls, "--insecure-http", FUNCTION),
        (options.profile.is_some() && !calls, "--profile", FUNCTION),
        (options.names_timeout && !calls, "--timeout", FUNCTION),
        (request.name.is_some() && request.runtime.is_none(), "--name", "--runtime"),
        (request.namespace.is_some() && !makes, "--namespace", "--from-function or --runtime"),
        (context.selection.region.is_some() && !makes, "--region", "--from-function or --runtime"),
    ] {
        // Without anything to begin from, that is what is missing.
        if is_without && (makes || request.file.is_some()) {
            return Err(InitError::NoEffect { option, with });
        }
    }
    Ok(())
}

/// Refuses names that the API would refuse once the file is deployed.
fn check_names(context: &Context, request: &Request, folder: &Path) -> Result<(), Error> {
    if let Some(name) = &request.function {
        check_name("function", format!("--from-function {name}"), name, NameRule::Function)?;
    }
    if let Some(namespace) = &request.namespace {
        let argument = format!("--namespace {namespace}");
        check_name("namespace", argument, namespace, NameRule::Namespace)?;
    }
    if request.runtime.is_some() {
        // As the file says it, which names neither app nor stage.
        let name = request.name.clone().unwrap_or_else(|| name_of(folder));
        let stage = context.variable("STAGE").filter(|stage| !stage.is_empty()).unwrap_or("dev");
        let function = format!("{name}-{stage}-{name}");
        check_name("name", format!("--name {name}"), &function, NameRule::Function)?;
        if let Some(warning) = context.selection.region.as_deref().and_then(of_region) {
            context.sink.warning(&warning);
        }
    }
    Ok(())
}

/// The text of a configuration.
fn text(document: &Value) -> Result<NewFile, InitError> {
    let text = yaml::write(document).ok_or(InitError::NoYaml)?;
    Ok(NewFile::new("serverless.yml", text))
}

/// Says what is left out, and returns what was written.
fn written(
    context: &Context,
    folder: &Path,
    files: &[NewFile],
    unsaid: &[Unsaid],
    function: Option<&FunctionId>,
) -> Done {
    let mut variables = Vec::new();
    for one in unsaid {
        if one.is_left_out() {
            context.sink.warning(one);
        } else {
            context.sink.note(one);
        }
        if let Unsaid::Variables(names) = one {
            variables.clone_from(names);
        }
    }
    let path = |file: &NewFile| {
        files::shown(&context.directory, &folder.join(&file.path)).display().to_string()
    };
    let left_out = unsaid.iter().filter(|one| one.is_left_out()).map(Said::new);
    Done::shown(Report::Init(Described {
        function: function.map(FunctionName::from),
        files: files.iter().map(path).collect(),
        variables,
        left_out: left_out.collect(),
    }))
}

fn from_runtime(
    context: &Context,
    request: &Request,
    folder: &Path,
    runtime: &str,
) -> Result<Done, Error> {
    let known = || start::runtimes().collect();
    let (mut inputs, code) = start::hello(runtime)
        .ok_or_else(|| InitError::Runtime { runtime: runtime.to_owned(), known: known() })?;
    let place = [("namespace", &request.namespace), ("region", &context.selection.region)];
    for (key, value) in place {
        if let Some(value) = value {
            inputs[key] = value.clone().into();
        }
    }
    let name = request.name.clone().unwrap_or_else(|| name_of(folder));
    let document = json!({"component": "scf", "name": name, "inputs": inputs});
    let files = [code, text(&document)?];
    files::write(&context.directory, folder, &files)?;
    Ok(written(context, folder, &files, &[], None))
}

/// A name after the folder's.
fn name_of(folder: &Path) -> String {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .skip_while(|letter| !letter.is_ascii_alphabetic())
        .take(20)
        .collect();
    let plain = plain.trim_end_matches('-');
    if plain.is_empty() { "hello".to_owned() } else { plain.to_owned() }
}

fn from_file(context: &Context, folder: &Path, file: &Path) -> Result<Done, Error> {
    let path = context.directory.join(file);
    let unreadable = |why: String| InitError::Unreadable { path: file.to_owned(), why };
    let old = text_file::read(&path, LARGEST_FILE)
        .map_err(|error| unreadable(error.to_string()))?
        .ok_or_else(|| InitError::NoFile(file.to_owned()))?;
    let document = yaml::parse(&old)
        .map_err(|error| unreadable(format!("{} (line {})", error.problem, error.line)))?;
    let above = path.parent().map_or(String::new(), |old| way(folder, old));
    let (instances, unsaid) = older::converted(&document.value, &above)?;
    let mut files = Vec::new();
    for instance in instances {
        let mut file = text(&instance.document)?;
        if let Some(below) = instance.folder {
            let is_plain = !below.starts_with('.') && !below.contains(['/', '\\', ':']);
            if !is_plain || below.is_empty() {
                return Err(InitError::Folder(below).into());
            }
            files::check_free(&context.directory, &folder.join(&below))?;
            file.path = format!("{below}/{}", file.path);
        }
        files.push(file);
    }
    files::write(&context.directory, folder, &files)?;
    Ok(written(context, folder, &files, &unsaid, None))
}

/// How a file in one folder names another folder, with `/` at its end; empty where that is the
/// same. Links are not followed: a deployment takes `..` away by the names alone.
fn way(from: &Path, to: &Path) -> String {
    let (from, to) = (normalised(from), normalised(to));
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other);
    let shared = shared.count();
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down = to.components().skip(shared);
    let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
    // Another drive has nothing in common.
    let parts = if shared == 0 {
        vec![to.to_string_lossy().trim_end_matches(['/', '\\']).to_owned()]
    } else {
        up.chain(down).collect()
    };
    parts.into_iter().flat_map(|part| [part, "/".to_owned()]).collect()
}

fn from_function(
    context: &Context,
    request: &Request,
    folder: &Path,
    name: &str,
) -> Result<Done, Error> {
    let mut selection = context.selection.clone();
    // As a deployment of what is written sees it: what lies in the working directory is another
    // function's.
    selection.target = None;
    let mut settings = context.load(folder, &selection)?;
    // The local SCF is where the command is called: the folder may be new.
    settings.directory.clone_from(&context.directory);
    context.warn(&settings.warnings);
    let namespace = request.namespace.clone().unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
    let function = FunctionId { name: name.to_owned(), namespace, region: settings.region.clone() };
    let task = Task::Status { function: function.name.clone() };
    session::block_on(async {
        let session = Session::open(context, &settings).await?;
        let on = session.on(function.clone());
        let described = Box::pin(describe::describe(&on)).await;
        let (observed, address) =
            described.map_err(|error| session::failed(&task, &function, error))?;
        let (mut inputs, mut unsaid) = function::described(&function, &observed);
        let mut files = Vec::new();
        if inputs.contains_key("src") {
            match package(context, &session, address).await {
                Ok((package, is_named)) => {
                    inputs.insert("src".to_owned(), format!("./{PACKAGE}").into());
                    // Nobody knows what is in it.
                    files.push(NewFile { is_private: true, ..NewFile::new(PACKAGE, package) });
                    // A finished package cannot have it (`app::deploy::code`).
                    if inputs.get("installDependency") == Some(&true.into()) {
                        inputs.shift_remove("installDependency");
                        unsaid.push(Unsaid::Setting("installDependency".to_owned()));
                    }
                    unsaid.push(Unsaid::Package);
                    unsaid.extend((!is_named).then_some(Unsaid::OtherCode));
                }
                Err(why) => unsaid.push(Unsaid::Code(why)),
            }
        }
        unsaid.extend(shares(&inputs));
        let (variables, unwritten) = secrets::take_out(&mut inputs);
        unsaid.extend(unwritten);
        let names: Vec<String> = variables.iter().map(|(name, _)| name.clone()).collect();
        let stage = &settings.project.stage;
        if let Some(file) = dotenv_file(context, folder, stage, &variables)? {
            files.push(file);
        }
        if !names.is_empty() {
            unsaid.push(Unsaid::Variables(names));
        }
        let document = json!({"component": "scf", "name": function.name, "inputs": inputs});
        files.push(text(&document)?);
        files::write(&context.directory, folder, &files)?;
        Ok(written(context, folder, &files, &unsaid, Some(&function)))
    })
}

/// Whose shares the file sets.
fn shares(inputs: &Map<String, Value>) -> Option<Unsaid> {
    let alias = match (inputs.contains_key("traffic"), inputs.get("aliasName")) {
        (true, _) => crate::model::DEFAULT_ALIAS,
        (false, Some(name)) => name.as_str()?,
        (false, None) => return None,
    };
    Some(Unsaid::Shares { alias: alias.to_owned() })
}

/// Fetches the package, and says whether it is the one whose hash the service names.
///
/// # Errors
/// It cannot be had: why, where that is known.
async fn package(
    context: &Context,
    session: &Session,
    address: Option<PackageAddress>,
) -> Result<(Vec<u8>, bool), Option<String>> {
    let PackageAddress { url, sha256 } = address.ok_or(None::<String>)?;
    let limit = context.options.timeout;
    let network = session.network();
    let fetched = transport::fetch(&network, &context.clock, &url, LARGEST_PACKAGE, limit);
    let package = fetched.await.map_err(Some)?;
    let digest = hex::encode(Sha256::digest(&package));
    let is_named = sha256.is_none_or(|named| named == digest);
    Ok((package, is_named))
}

/// The `.env` that holds these variables; `None` where one that is there does, or none is needed.
/// That of the stage is read in its place where there is one.
fn dotenv_file(
    context: &Context,
    folder: &Path,
    stage: &str,
    variables: &[(String, String)],
) -> Result<Option<NewFile>, InitError> {
    if variables.is_empty() {
        return Ok(None);
    }
    let lines = variables.iter().map(|(name, value)| dotenv::line(name, value));
    let of_stage = folder.join(format!(".env.{stage}"));
    let path = if of_stage.is_file() { of_stage } else { folder.join(".env") };
    let unreadable = |why: String| InitError::Unreadable { path: path.clone(), why };
    let there =
        text_file::read(&path, LARGEST_FILE).map_err(|error| unreadable(error.to_string()))?;
    let Some(there) = there else {
        let all: String = lines.flatten().collect();
        return Ok(Some(NewFile { is_private: true, ..NewFile::new(".env", all) }));
    };
    let there = dotenv::parse(&there).values;
    let lacks = variables.iter().filter(|(name, value)| there.get(name) != Some(value));
    let names: Vec<String> = lacks.map(|(name, _)| name.clone()).collect();
    if names.is_empty() {
        return Ok(None);
    }
    Err(InitError::DotEnvLacks { path: files::shown(&context.directory, &path), names })
}
