//! `scfctl deploy`: code, configuration, version, traffic of `$DEFAULT`, of one function or of
//! all that a project has.

pub(super) mod bootstrap;
pub(super) mod code;
mod function;
mod handler;
pub(super) mod instance;
mod project;
mod references;
mod report;
mod saved;
mod summary;
pub(super) mod typed;

use std::collections::BTreeSet;
use std::num::NonZeroU8;
use std::path::{Path, PathBuf};

use tokio::sync::Semaphore;

use super::session::{self, Session};
use super::source::PackOptions;
use super::{AfterResult, Context, Done};
use crate::config::project::IDENTIFY;
use crate::config::references::{
    Give, KnownOutputs, NoOutput, OutputHint, OutputReference, UnknownReference,
};
use crate::config::settings::{CommandLine, Settings};
use crate::error::{Error, OptionsError, ProjectError, RunName};
use crate::order::Ordered as _;
use crate::plan::Step;
use crate::report::deploy::{FunctionOutcome, FunctionsEnded};
use crate::report::{Report, Section};
use crate::shell::quoted;
use function::{CarriedOut, DeployFailure};
use instance::{CheckedInstance, Component, InstanceEnd};
pub(crate) use saved::{Planning, Saved, open as open_plan};
use summary::Summary;

/// What a deployment is asked for.
#[allow(clippy::struct_excessive_bools)] // Switches are what they are.
#[derive(Debug)]
pub(crate) struct Request {
    /// What is deployed is rolled out then, by the map `rollout`.
    pub rolls_out: bool,
    /// With `publish: true`: publish only when the newest version differs from `$LATEST`.
    pub if_changed: bool,
    /// Deploy the rest when events are of types that were retired.
    pub skip_unsupported_triggers: bool,
    /// Remove triggers that the file lacks.
    pub prune_triggers: bool,
    /// A finished package, in place of what the file says of code.
    pub package: Option<PathBuf>,
    /// The hash that it has to have.
    pub sha256: Option<String>,
    /// How the code is packed.
    pub pack: PackOptions,
    /// Most functions that are deployed at the same time.
    pub concurrency: NonZeroU8,
    /// Whether it is only planned, or was planned before.
    pub planning: Planning,
}

impl Request {
    /// The option that is about the package of one function, where one is given.
    fn of_one_package(&self) -> Option<&'static str> {
        let package = self.package.is_some().then_some("--package");
        package.or(self.sha256.is_some().then_some("--sha256"))
    }

    fn slots(&self) -> Semaphore {
        Semaphore::new(self.concurrency.get().into())
    }
}

/// What a deployment came to.
pub(in crate::app) struct Deployed {
    pub done: Done,
    /// What of one instance was done, each with the function where there are several.
    pub steps: Vec<(Option<String>, Step)>,
    /// The run, where the same command has to name it.
    pub run: Option<RunName>,
}

/// Deploys the instance in the folder, or all of the project whose folder it is.
pub(crate) fn run(context: &Context, request: &Request) -> Result<Done, Error> {
    Ok(run_for(context, request)?.done)
}

/// As [`run`], for a command that goes on behind it.
pub(in crate::app) fn run_for(context: &Context, request: &Request) -> Result<Deployed, Error> {
    let settings = load_alone(context, request)?;
    if settings.project.file.is_none() {
        // As in the real CLI, a target is one instance.
        if context.options.target.is_none() && !settings.instances().is_empty() {
            request.planning.of_one(settings.instances())?;
            if let Some(option) = request.of_one_package() {
                let instances = settings.instances();
                return Err(OptionsError::PackageOfProject { option, instances }.into());
            }
            let done = project::run(context, request, &settings)?;
            return Ok(Deployed { done, steps: Vec::new(), run: None });
        }
        return Err(session::no_project(&settings));
    }
    context.warn(&settings.warnings);
    context.warn_of_unused_values();
    request.planning.check_file(context)?;
    let instance = CheckedInstance::prepare(context, settings, request)?;
    request.planning.of_one(instance.keys())?;
    context.header("deploy", &instance.settings);
    let several = instance.functions.len() > 1;
    context.sink.section(if several { Section::Functions } else { Section::Prepare });
    instance.warnings().iter().for_each(|warning| context.sink.warning(warning));
    session::block_on(deploy_one(context, request, instance))
}

/// Settings to be checked before the first call. Outputs that are not known yet have stand-ins.
fn load(context: &Context, selection: &CommandLine) -> Result<Settings, Error> {
    let mut selection = selection.clone();
    selection.outputs.unknown = UnknownReference::StandIn;
    context.load(&context.directory, &selection)
}

/// As [`load`], for the one instance of this run; nothing is deployed that its outputs could
/// come from. Whatever cannot be had is told at once, with all variables that are not set.
fn load_alone(context: &Context, request: &Request) -> Result<Settings, Error> {
    let loaded = load(context, &context.selection);
    let (place, references) = match &loaded {
        Ok(settings) => (settings.clone(), settings.project.references.clone()),
        Err(Error::Config(_)) => {
            let command = IDENTIFY;
            let outputs = context.selection.outputs.only_given(UnknownReference::StandIn);
            let identity = CommandLine { outputs, command, ..context.selection.clone() };
            match context.load(&context.directory, &identity) {
                Ok(settings) => (settings, context.selection.outputs.met().into_iter().collect()),
                Err(_) => return loaded,
            }
        }
        Err(_) => return loaded,
    };
    let (root, app) = (project_folder(&place), place.app());
    let missing = open(context, &place, &references).filter_map(|reference| {
        let none = references::check_elsewhere(context, root, app, reference).err()?;
        Some((reference.clone(), none))
    });
    let missing: Missing = missing.collect();
    if missing.is_empty() {
        return loaded;
    }
    // A misspelt one is often why another is missing.
    context.warn_of_unused_values();
    Err(refused(context, &context.selection, advised(context, request, missing)))
}

/// References whose values cannot be had, and why.
type Missing = Vec<(OutputReference, NoOutput)>;

/// The references whose values the user did not give.
fn open<'a>(
    context: &'a Context,
    settings: &'a Settings,
    references: &'a [OutputReference],
) -> impl Iterator<Item = &'a OutputReference> {
    let (given, stage) = (&context.selection.outputs, &settings.project.stage);
    references.iter().filter(move |reference| !given.is_given(reference, stage))
}

/// What is missing, with the command that gives it.
fn advised(context: &Context, request: &Request, missing: Missing) -> Missing {
    let command = giving(context, request, &missing);
    let alone = missing.len() == 1;
    let advised = |none: NoOutput| {
        let instead = if alone {
            none.instead.clone().giving(&command)
        } else {
            OutputHint::Give(command.clone())
        };
        NoOutput { instead, ..none }
    };
    missing.into_iter().map(|(reference, none)| (reference, advised(none))).collect()
}

/// The same command with a value for each output that is missing.
fn giving(context: &Context, request: &Request, missing: &Missing) -> Give {
    let mut words = vec!["scfctl deploy".to_owned()];
    for (given, option) in [
        (context.options.dry_run, "--dry-run"),
        (context.options.force, "--force"),
        (request.if_changed, "--if-changed"),
        (request.prune_triggers, "--prune-triggers"),
        (request.skip_unsupported_triggers, "--skip-unsupported-triggers"),
    ] {
        words.extend(given.then(|| option.to_owned()));
    }
    for (option, value) in [
        ("--package", request.package.as_deref().map(|path| path.to_string_lossy().into_owned())),
        ("--sha256", request.sha256.clone()),
    ] {
        words.extend(value.map(|value| format!("{option} {}", quoted(&value))));
    }
    if let Some(id) = &context.options.run_id {
        words.push(format!("--run-id {}", quoted(id)));
    }
    let keys: BTreeSet<String> =
        missing.iter().map(|(reference, _)| reference.key_to_give()).into_set();
    words.extend(keys.iter().map(|key| format!("--output-value {}=VALUE", quoted(key))));
    let inputs = context.selection.sources.iter().map(|(_, argument)| argument);
    // Long or structured ones may hold passwords.
    let (plain, others): (Vec<&String>, Vec<&String>) =
        inputs.partition(|argument| argument.len() <= 64 && !argument.contains(['{', '[']));
    let (options, pairs): (Vec<&String>, Vec<&String>) =
        plain.into_iter().partition(|argument| argument.starts_with("--"));
    words.extend(options.iter().map(|option| match option.split_once(' ') {
        Some((name, value)) => format!("{name} {}", quoted(value)),
        None => quoted(option).into_owned(),
    }));
    if !pairs.is_empty() {
        words.push("--inputs".to_owned());
        words.extend(pairs.iter().map(|argument| quoted(argument).into_owned()));
    }
    let (has_more_inputs, several) = (!others.is_empty(), missing.len() > 1);
    Give::Command { line: words.join(" "), has_more_inputs, several }
}

/// The folder that an instance shares with the others of its project.
fn project_folder(settings: &Settings) -> &Path {
    settings.directory.parent().unwrap_or(&settings.directory)
}

/// The error of references whose values cannot be had, with the places where they stand.
fn refused(context: &Context, selection: &CommandLine, missing: Missing) -> Error {
    let first = missing.first().map_or_else(NoOutput::unnamed, |(_, none)| none.clone());
    let mut selection = selection.clone();
    let missing = missing.into_iter().map(|(reference, none)| (reference, Err(none)));
    selection.outputs.known.extend(missing);
    match load(context, &selection) {
        Err(error) => error,
        // The file has changed meanwhile.
        Ok(_) => ProjectError::OutputNotKnown(first).into(),
    }
}

/// What could not be had.
fn missing(known: &KnownOutputs) -> Missing {
    let missing = known
        .iter()
        .filter_map(|(reference, value)| Some((reference.clone(), value.as_ref().err()?.clone())));
    missing.collect()
}

/// Deploys an instance on its own.
async fn deploy_one(
    context: &Context,
    request: &Request,
    mut instance: CheckedInstance,
) -> Result<Deployed, Error> {
    let session = Session::open(context, &instance.settings).await?;
    let references = &instance.settings.project.references;
    if open(context, &instance.settings, references).next().is_some() {
        let (root, app) = (project_folder(&instance.settings), instance.settings.app());
        let mut selection = context.selection.clone();
        let open = open(context, &instance.settings, references);
        selection.outputs.known =
            references::from_the_cloud(context, &session, root, app, open).await?;
        let missing = missing(&selection.outputs.known);
        if !missing.is_empty() {
            return Err(refused(context, &selection, advised(context, request, missing)));
        }
        let settings = context.load(&context.directory, &selection)?;
        instance = CheckedInstance::prepare(context, settings, request)?;
    }
    let run_id = request.planning.run_id(context, instance.publishes());
    let ended = instance.deploy(context, &session, &run_id, &request.slots()).await;
    let mut outcomes: Vec<FunctionOutcome> = Vec::new();
    let mut summary = Summary::default();
    let (mut functions, mut steps) = (Vec::new(), Vec::new());
    for (function, ended) in instance.functions.iter().zip(ended) {
        let name = function.settings.function_key.clone().unwrap_or_default();
        functions.push(ended.reported(&name));
        match ended {
            InstanceEnd::Deployed(deployed) => {
                let CarriedOut { outcome, done } = *deployed;
                let of = function.settings.function_key.as_ref();
                steps.extend(done.into_iter().map(|step| (of.cloned(), step)));
                summary.deployed(name);
                summary.published(&outcome);
                outcomes.push(outcome);
            }
            InstanceEnd::Failed(failure) => {
                let DeployFailure { error, perhaps_published } = *failure;
                if instance.component == Component::Scf {
                    return Err(error);
                }
                summary.failure(&name, &error, perhaps_published);
                summary.failed(name);
            }
            InstanceEnd::NotBegun => summary.not_begun(name),
        }
    }
    summary.finish(&session, FunctionsEnded { functions }.json())?;
    let settings = &instance.settings;
    let is_deployed =
        outcomes.iter().all(|outcome| matches!(outcome, FunctionOutcome::Deployed(_)));
    let ending = if is_deployed {
        AfterResult::Deployed {
            app: settings.app().to_owned(),
            instance: settings.name().to_owned(),
            stage: settings.project.stage.clone(),
        }
    } else {
        AfterResult::Nothing
    };
    let is_published = steps.iter().any(|(_, step)| matches!(step, Step::Publish { .. }));
    let run = session.run_to_name(is_published);
    let report = instance.reported(outcomes).map(Report::Instance);
    Ok(Deployed { done: Done { report, ending, error: None }, steps, run })
}
