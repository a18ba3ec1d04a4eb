//! Which functions a project has, as its files say it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::rc::Rc;

use super::functions::{ProjectFunction, RolloutProject};
use crate::app::deploy::instance::Component;
use crate::app::rollout::Request;
use crate::app::rollout::notify::Announcer;
use crate::app::rollout::options::{self, GivenOptions};
use crate::app::rollout::place::option_error;
use crate::app::{Context, session};
use crate::config::multi_scf;
use crate::config::project::{ConfigError, Unresolved};
use crate::config::references::UnknownReference;
use crate::config::settings::{CommandLine, Settings};
use crate::config::variables::{ReferenceFault, VariableError};
use crate::config::warning::ConfigWarning;
use crate::error::{Error, ProjectError, RolloutError, RolloutOption, RolloutVerb, Task};
use crate::report::notice::Notice;
use crate::shell;

fn load(
    context: &Context,
    selection: &CommandLine,
    unknown: UnknownReference,
) -> Result<Settings, Error> {
    let mut selection = selection.clone();
    selection.outputs.unknown = unknown;
    context.load(&context.directory, &selection)
}

/// Reads all functions of a project. Nothing is called.
pub(super) fn read(
    context: &Context,
    command: &str,
    verb: RolloutVerb,
    request: &Request,
) -> Result<RolloutProject, Error> {
    if context.selection.inputs.contains_key("function") {
        let (one, other) = ("--project", "--function");
        return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
    }
    let root = load(context, &context.selection, UnknownReference::Refuse)?;
    let found = if root.project.file.is_some() {
        several(context, &context.selection, &root)?
    } else {
        context.warn(&root.warnings);
        members(context, &root)?
    };
    context.warn_of_unused_values();
    context.header(command, &root);
    let words = options_of(context, request);
    let functions = found
        .into_iter()
        .map(|(context, settings)| function(context, settings, (verb, request), words.clone()));
    let functions = functions.collect::<Result<Vec<ProjectFunction>, Error>>()?;
    check_distinct(&functions)?;
    let project = RolloutProject { root, functions, options: words };
    project.tell_functions(context);
    Ok(project)
}

/// One function, with what its file and the command say of its rollout.
fn function(
    context: Context,
    settings: Settings,
    (verb, request): (RolloutVerb, &Request),
    options: String,
) -> Result<ProjectFunction, Error> {
    let id = settings.function()?;
    let of_options = |problem: RolloutOption| option_error(&id, problem);
    let given = GivenOptions::merge(&request.typed, &settings);
    match verb {
        // All is told at once.
        RolloutVerb::Start => {}
        // What they need of it they say for themselves.
        RolloutVerb::Tick | RolloutVerb::Status => given.check_alias().map_err(of_options)?,
        _ => {
            given.check_alias().map_err(of_options)?;
            given.warn(&*context.sink);
        }
    }
    let alias = given.alias(&settings);
    let announcer = Rc::new(Announcer::new(&context, &given, &settings, (&id, &alias)));
    let goes_on = matches!(verb, RolloutVerb::Resume | RolloutVerb::Promote | RolloutVerb::Retry);
    let is_typed = request.typed.contains_key(options::NOTIFY);
    match verb {
        RolloutVerb::Status => {}
        // As of one function.
        RolloutVerb::Start => announcer.check().map_err(of_options)?,
        _ if goes_on && is_typed => announcer.check().map_err(of_options)?,
        _ => announcer.warn(),
    }
    let task = Task::Rollout { verb, alias: alias.clone(), function: id.name.clone() };
    let seen = Rc::default();
    Ok(ProjectFunction { context, settings, given, id, alias, task, options, announcer, seen })
}

/// An error where two instances speak of the same function.
fn check_distinct(functions: &[ProjectFunction]) -> Result<(), Error> {
    for (place, function) in functions.iter().enumerate() {
        let first = functions[..place].iter().find(|other| other.id == function.id);
        if let Some(first) = first {
            return Err(ProjectError::SameFunction {
                first: first.settings.name().to_owned(),
                other: function.settings.name().to_owned(),
                function: function.id.name.clone(),
            }
            .into());
        }
    }
    Ok(())
}

/// The functions of all instances below a folder.
fn members(context: &Context, root: &Settings) -> Result<Vec<(Context, Settings)>, Error> {
    let folders = root.instances();
    if folders.is_empty() || context.options.target.is_some() {
        return Err(session::no_project(root));
    }
    let mut found = Vec::new();
    for folder in folders {
        let selection = CommandLine { member: Some(folder.clone()), ..context.selection.clone() };
        let of_folder = |error: Error| error.of_instance(folder.clone());
        // Of another component nothing else is asked.
        let seen = load(context, &selection, UnknownReference::StandIn).map_err(of_folder)?;
        let name = seen.name().to_owned();
        let context = context.of_member(&name, &folder);
        match Component::of(&seen) {
            Ok(_) => {}
            Err(Error::Project(ProjectError::ComponentNotProvided { component, .. })) => {
                let folder = folder.clone();
                context.sink.warning(&Notice::LeftAlone { name, folder, component });
                continue;
            }
            Err(error) => return Err(of_folder(error)),
        }
        let settings = load(&context, &selection, UnknownReference::Refuse).map_err(of_folder)?;
        found.extend(several(&context, &selection, &settings).map_err(of_folder)?);
    }
    if found.is_empty() {
        return Err(session::no_project(root));
    }
    Ok(found)
}

/// The functions of one instance.
fn several(
    context: &Context,
    selection: &CommandLine,
    settings: &Settings,
) -> Result<Vec<(Context, Settings)>, Error> {
    context.warn(&context.unknown_command_inputs(settings));
    match Component::of(settings)? {
        Component::Scf => {
            // What is not known and left out says neither which function is meant nor how it is
            // rolled out: of that it would be an error.
            let is_left_out =
                |warning: &&ConfigWarning| matches!(warning, ConfigWarning::LeftOut { .. });
            let warnings = settings.warnings.iter().filter(|warning| !is_left_out(warning));
            context.warn(&warnings.cloned().collect::<Vec<_>>());
            Ok(vec![(context.clone(), settings.clone())])
        }
        Component::MultiScf => {
            // What a rollout does not need may be an output that is not known.
            let kept = load(context, selection, UnknownReference::Keep)?;
            context.warn(&kept.warnings);
            let functions = multi_scf::functions(&kept)?;
            functions.iter().try_for_each(|one| check_known(selection, one))?;
            let functions = functions.into_iter().map(|one| {
                let context = context.labelled(one.function_key.as_deref().unwrap_or_default());
                (context, one)
            });
            Ok(functions.collect())
        }
    }
}

/// An error where what names a function, or says how it is rolled out, is an output that is not
/// known: another function must not take its place.
fn check_known(selection: &CommandLine, function: &Settings) -> Result<(), Error> {
    let used = ["name", "namespace", "region", "aliasName", "rollout"];
    let inputs = &function.project.inputs;
    let texts: Vec<String> =
        used.iter().filter_map(|key| inputs.get(*key)).map(ToString::to_string).collect();
    for reference in &function.project.references {
        let text = reference.to_string();
        if texts.iter().any(|used| used.contains(&text)) {
            let value = selection.outputs.value(reference, Some(&function.project.stage));
            if let Err(none) = value {
                let (path, reason) =
                    ("inputs.functions".to_owned(), ReferenceFault::NoOutput(none));
                let error = VariableError { path, reference: text, reason };
                let path = function.project.file.clone();
                let (errors, unknown) = (vec![(None, error)], Vec::new());
                return Err(ConfigError::Variables(Unresolved { path, errors, unknown }).into());
            }
        }
    }
    Ok(())
}

/// What follows the words of a command on the same functions, as it can be pasted.
fn options_of(context: &Context, request: &Request) -> String {
    let selection = &context.selection;
    let mut options = " --project".to_owned();
    let mut known = BTreeSet::new();
    let mut add = |option: &str, value: &str| {
        known.insert(option.to_owned());
        let _ = write!(options, " {option} {}", shell::quoted(value));
    };
    for (option, value) in [
        ("--alias", request.typed.get("--alias")),
        ("--stage", selection.stage.as_ref()),
        ("--target", selection.target.as_ref()),
        ("--app", selection.app.as_ref()),
        ("--org", selection.org.as_ref()),
        ("--region", selection.region.as_ref()),
        ("--profile", selection.profile.as_ref()),
    ] {
        if let Some(value) = value {
            add(option, value);
        }
    }
    // A value may be a secret.
    for name in selection.parameters.keys() {
        add("--param", &format!("{name}=VALUE"));
    }
    let mut pairs = Vec::new();
    for (_, argument) in &selection.sources {
        match argument.split_once(' ') {
            Some((option, value)) if option.starts_with("--") => {
                if !known.contains(option) {
                    let _ = write!(options, " {option} {}", shell::quoted(value));
                }
            }
            _ => pairs.push(shell::quoted(argument)),
        }
    }
    if !pairs.is_empty() {
        let _ = write!(options, " --inputs {}", pairs.join(" "));
    }
    options
}
