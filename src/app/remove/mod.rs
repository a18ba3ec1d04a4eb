//! `scfctl remove` and `scfctl versions prune`: what is deleted for good.

pub(crate) mod prune;

use std::sync::Arc;

use serde_json::Value;

use super::session::{self, Session};
use super::status::members::{self, Members, StatusMember};
use super::{AfterResult, Context, Done, dry_run};
use crate::config::function::Reader;
use crate::config::references::UnknownReference;
use crate::config::settings::{CommandLine, Settings};
use crate::error::{Doing, Error, OptionsError, ProjectError, Task};
use crate::execute::remove::{self, Removal};
use crate::execute::{self, ExecuteError, FunctionSession, Halted};
use crate::model::{DEFAULT_ALIAS, FunctionId, Version};
use crate::order::{Order as _, Ordered as _};
use crate::plan::Step;
use crate::plan::project::Dependencies;
use crate::report::notice::{DeletionNotice, Ineffective};
use crate::report::plan::RoutingChange;
use crate::report::removed::{Removals, Removed};
use crate::report::{FunctionName, Report, Said};

/// What is removed of a function.
enum WantedRemoval {
    Function,
    Version(Version),
    Alias(String),
}

impl WantedRemoval {
    fn read(context: &Context, settings: &Settings) -> Result<Self, Error> {
        let place = |key: &str| settings.command_place(key);
        let reader = Reader::new(&settings.project.command_inputs, &place);
        let version = reader.version("version")?;
        let alias = reader.text("alias")?;
        if context.options.force && alias.is_none() {
            context.sink.note(&Ineffective::Force);
        }
        Ok(match (version, alias) {
            (None, None) => Self::Function,
            (Some(_), Some(_)) => return Err(OptionsError::VersionAndAlias.into()),
            (Some(Version::Latest), None) => return Err(OptionsError::LatestVersion.into()),
            (Some(_), None) if context.options.end_rollout => {
                return Err(OptionsError::EndRolloutOfVersion.into());
            }
            (Some(version), None) => Self::Version(version),
            (None, Some(name)) if name == DEFAULT_ALIAS => {
                return Err(OptionsError::DefaultAlias.into());
            }
            (None, Some(name)) => Self::Alias(name),
        })
    }

    fn task(&self, function: &FunctionId) -> Task {
        let function = function.name.clone();
        match self {
            Self::Function => Task::Remove { function },
            Self::Version(version) => Task::RemoveVersion { version: *version, function },
            Self::Alias(alias) => Task::DeleteAlias { alias: alias.clone(), function },
        }
    }

    fn gone(&self, function: &FunctionId) -> DeletionNotice {
        let function = function.name.clone();
        match self {
            Self::Function => DeletionNotice::FunctionGone { function },
            Self::Version(version) => DeletionNotice::VersionGone { version: *version, function },
            Self::Alias(alias) => DeletionNotice::AliasGone { alias: alias.clone(), function },
        }
    }
}

/// Reads the project and what is typed.
///
/// # Errors
/// Something is typed empty, as where a variable of the shell is not set: it would stand for more
/// than is meant, for the whole function, all of a project, or one of another region.
fn named(context: &Context) -> Result<Settings, Error> {
    let settings = context.settings()?;
    let is_empty = |value: &Value| value.is_null() || value.as_str() == Some("");
    let mut keys = ["function", "version", "alias", "namespace", "region"].into_iter();
    match keys.find(|key| settings.project.command_inputs.get(*key).is_some_and(is_empty)) {
        Some(key) => Err(OptionsError::EmptyOfDeletion { key }.into()),
        None => Ok(settings),
    }
}

/// Removes a function, all functions of a project, a version or an alias.
pub(crate) fn run(context: &Context, confirmed: bool) -> Result<Done, Error> {
    let settings = named(context)?;
    let wanted = WantedRemoval::read(context, &settings)?;
    let members = members(context, &settings, &wanted)?;
    let asks = asks(context, confirmed)?;
    context.header("remove", &settings);
    session::block_on(async {
        let mut session = Session::open(context, &settings).await?;
        let planned = plan_all(context, &session, &members, &wanted).await?;
        if context.options.dry_run {
            let report = reported(&members, &wanted, &planned, None);
            return Ok(Done::shown(Report::Removed(report)));
        }
        let mut planned = planned;
        if asks && planned.iter().any(Option::is_some) {
            for (member, plan) in members.list.iter().zip(&planned) {
                let steps = plan.iter().flat_map(RemovalPlan::steps);
                for step in steps {
                    let (step, function) = (Said::new(&step), member.function.clone());
                    context.sink.decisive(&DeletionNotice::Removes { step, function });
                }
            }
            let function = &members.list[0].function;
            confirm(context, &session, (&wanted.task(function), function)).await?;
            // Whoever answers takes his time, and it may be other things by then.
            session.begin_operation(context.options.timeout);
            let again = plan_all(context, &session, &members, &wanted).await?;
            check_same(&members, &wanted, &planned, &again)?;
            planned = again;
        }
        carry_out(&session, &members, &wanted, &planned, &settings).await
    })
}

/// The functions, in the order in which they go.
fn members(
    context: &Context,
    settings: &Settings,
    wanted: &WantedRemoval,
) -> Result<Members, Error> {
    let members = members::find(context, settings)?;
    if !members.is_project {
        return Ok(members);
    }
    // Of several functions, one has to be named.
    match wanted {
        WantedRemoval::Function => in_order(context, members),
        WantedRemoval::Version(_) => members.only("--version"),
        WantedRemoval::Alias(_) => members.only("--alias"),
    }
}

/// Those first whose instances need the outputs of others.
fn in_order(context: &Context, members: Members) -> Result<Members, Error> {
    let mut needs: Vec<(String, Vec<String>)> = Vec::new();
    for member in &members.list {
        let needed = match &member.folder {
            Some(folder) => needed(context, folder)?,
            None => Vec::new(),
        };
        needs.push((member.settings.name().to_owned(), needed));
    }
    // Functions of one instance have one name, and what is needed of it is needed of the first;
    // they stand side by side either way.
    let mut names: Vec<(String, Vec<String>)> = Vec::new();
    for (name, needed) in &needs {
        if !names.iter().any(|(known, _)| known == name) {
            names.push((name.clone(), needed.clone()));
        }
    }
    let order = Dependencies::new(&names).map_err(ProjectError::Cycle)?;
    let turns: Vec<&str> =
        order.waves().into_iter().rev().flatten().map(|index| names[index].0.as_str()).collect();
    let mut list = members.list;
    list.order_by_key(|member| turns.iter().position(|name| *name == member.settings.name()));
    Ok(Members { list, is_project: true })
}

/// The instances whose outputs that of a folder takes, as it is deployed.
fn needed(context: &Context, folder: &str) -> Result<Vec<String>, Error> {
    let mut selection = CommandLine {
        member: Some(folder.to_owned()),
        command: "deploy",
        ..context.selection.clone()
    };
    selection.outputs.unknown = UnknownReference::StandIn;
    selection.inputs = serde_json::Map::default();
    let settings = context
        .load(&context.directory, &selection)
        .map_err(|error| error.of_instance(folder.to_owned()))?;
    let (stage, app) = (settings.project.stage.clone(), settings.app().to_owned());
    let ours = settings.project.references.iter();
    let ours = ours.filter(|reference| reference.stage == stage && reference.app == app);
    Ok(ours.map(|reference| reference.instance.clone()).collect())
}

/// Whether somebody has to be asked before anything is deleted.
///
/// # Errors
/// Nobody can be, and nobody has confirmed beforehand.
fn asks(context: &Context, confirmed: bool) -> Result<bool, Error> {
    let by_variable = matches!(context.variable("SCFCTL_YES"), Some("1" | "true"));
    if context.options.dry_run || confirmed || by_variable {
        Ok(false)
    } else if context.sink.can_ask() {
        Ok(true)
    } else {
        Err(OptionsError::NotConfirmed { asked: false }.into())
    }
}

/// Asks whether to go on with what was said before.
async fn confirm(
    context: &Context,
    session: &Session,
    (task, function): (&Task, &FunctionId),
) -> Result<(), Error> {
    let sink = Arc::clone(&context.sink);
    let answer = tokio::task::spawn_blocking(move || sink.ask(&DeletionNotice::GoOn));
    tokio::select! {
        biased;
        signal = session.signal() => {
            Err(session::failed(task, function, ExecuteError::Interrupted(signal)))
        }
        answer = answer => match answer {
            Ok(true) => Ok(()),
            _ => Err(OptionsError::NotConfirmed { asked: true }.into()),
        },
    }
}

/// How something is removed.
enum RemovalPlan {
    Removal(Removal),
    Alias(Box<execute::alias::AliasDeletion>),
}

impl RemovalPlan {
    fn steps(&self) -> Vec<Step> {
        match self {
            Self::Removal(removal) => removal.steps.clone(),
            Self::Alias(deletion) => deletion.steps(),
        }
    }

    /// Where requests to an alias that goes went.
    fn routing_change(&self) -> Option<RoutingChange> {
        match self {
            Self::Removal(_) => None,
            Self::Alias(deletion) => {
                Some(RoutingChange::of(Some(&deletion.before.alias.routing), None))
            }
        }
    }
}

/// How each function goes; `None` for one that is gone.
async fn plan_all(
    context: &Context,
    session: &Session,
    members: &Members,
    wanted: &WantedRemoval,
) -> Result<Vec<Option<RemovalPlan>>, Error> {
    let mut planned = Vec::new();
    for member in &members.list {
        let on = session.on_telling(&member.context.sink, member.function.clone());
        let plan = Box::pin(plan(context, &on, wanted)).await.map_err(|error| {
            let error = session::failed(&wanted.task(&member.function), &member.function, error);
            match &member.key {
                Some(key) if !error.is_stop() => error.of_instance(key.clone()),
                _ => error,
            }
        });
        planned.push(plan?);
    }
    Ok(planned)
}

async fn plan(
    context: &Context,
    on: &FunctionSession<'_>,
    wanted: &WantedRemoval,
) -> Result<Option<RemovalPlan>, ExecuteError> {
    let (force, end_rollout) = (context.options.force, context.options.end_rollout);
    Ok(match wanted {
        WantedRemoval::Function => {
            remove::plan_function(on, end_rollout).await?.map(RemovalPlan::Removal)
        }
        WantedRemoval::Version(version) => {
            remove::plan_version(on, *version).await?.map(RemovalPlan::Removal)
        }
        WantedRemoval::Alias(name) => {
            match execute::alias::plan_delete(on, name, force, end_rollout).await {
                Ok(deletion) => Some(RemovalPlan::Alias(Box::new(deletion))),
                Err(ExecuteError::NoAlias { .. }) => None,
                Err(error) => return Err(error),
            }
        }
    })
}

/// What was agreed to is what is done.
fn check_same(
    members: &Members,
    wanted: &WantedRemoval,
    agreed: &[Option<RemovalPlan>],
    again: &[Option<RemovalPlan>],
) -> Result<(), Error> {
    for ((member, agreed), again) in members.list.iter().zip(agreed).zip(again) {
        let steps = |plan: &Option<RemovalPlan>| plan.as_ref().map(RemovalPlan::steps);
        if again.is_some() && steps(agreed) != steps(again) {
            let changed = ExecuteError::UsesChanged(member.function.name.clone());
            let task = wanted.task(&member.function);
            return Err(session::failed(&task, &member.function, changed));
        }
    }
    Ok(())
}

async fn carry_out(
    session: &Session,
    members: &Members,
    wanted: &WantedRemoval,
    planned: &[Option<RemovalPlan>],
    settings: &Settings,
) -> Result<Done, Error> {
    let mut done = 0;
    let mut failed = None;
    for (member, plan) in members.list.iter().zip(planned) {
        let (function, sink) = (&member.function, &member.context.sink);
        let on = session.on_telling(sink, function.clone());
        let task = wanted.task(function);
        let removed = match plan {
            None => {
                sink.note(&wanted.gone(function));
                Ok(())
            }
            Some(RemovalPlan::Removal(removal)) => Box::pin(remove::carry_out(&on, removal))
                .await
                .map_err(|halted| ended(&task, function, *halted)),
            Some(RemovalPlan::Alias(deletion)) => Box::pin(execute::alias::delete(&on, deletion))
                .await
                .map(|_| ())
                .map_err(|error| session::failed(&task, function, error)),
        };
        if let Err(error) = removed {
            if !members.is_project {
                return Err(error);
            }
            sink.error(&error);
            failed = Some(error);
            break;
        }
        done += 1;
    }
    let report = reported(members, wanted, planned, Some(done));
    let report = Report::Removed(report);
    let Some(error) = failed else {
        let done = Done::succeeded(report, settings);
        if !members.is_project {
            return Ok(done);
        }
        let instance = settings.name().to_owned();
        let gone = members.list.iter().zip(planned).filter(|(_, plan)| plan.is_some());
        let names = gone.map(|(member, _)| member.settings.name());
        let removed = names.into_set().len();
        return Ok(Done { ending: AfterResult::Removed { instance, removed }, ..done });
    };
    let names: Vec<String> = members.list.iter().map(name).collect();
    // Not those that were gone before.
    let those_of = |planned: &[Option<RemovalPlan>]| -> Vec<String> {
        let there = names.iter().zip(planned).filter(|(_, plan)| plan.is_some());
        there.map(|(name, _)| name.clone()).collect()
    };
    let error = Error::Several {
        doing: Doing::Removing,
        code: error.exit_code(),
        deployed: those_of(&planned[..done]),
        failed: vec![names[done].clone()],
        skipped: Vec::new(),
        not_begun: names[done + 1..].to_vec(),
        run_id: None,
        reports: vec![error.report().of(&names[done])],
        result: report.json(),
    };
    Ok(Done { report: Some(report), ending: AfterResult::Nothing, error: Some(error) })
}

fn name(member: &StatusMember) -> String {
    member.key.clone().unwrap_or_else(|| member.function.name.clone())
}

/// An error that names what was done before it, where there was anything to be done.
fn ended(task: &Task, function: &FunctionId, halted: Halted) -> Error {
    if halted.done.is_empty() && halted.perhaps.is_none() && halted.left.len() < 2 {
        return session::failed(task, function, halted.source);
    }
    session::halted(task, function, halted)
}

/// What became of each, in order; of the first so many that are `done`, or with `--dry-run` what
/// would be called.
fn reported(
    members: &Members,
    wanted: &WantedRemoval,
    planned: &[Option<RemovalPlan>],
    done: Option<usize>,
) -> Removals {
    let one = |(place, (member, plan)): (usize, (&StatusMember, &Option<RemovalPlan>))| {
        let (version, alias_name) = match wanted {
            WantedRemoval::Function => (None, None),
            WantedRemoval::Version(version) => (Some(*version), None),
            WantedRemoval::Alias(name) => (None, Some(name.clone())),
        };
        let steps = plan.as_ref().map(RemovalPlan::steps).unwrap_or_default();
        let change = plan.as_ref().and_then(RemovalPlan::routing_change);
        Removed {
            key: member.key.clone(),
            function: FunctionName::from(&member.function),
            version,
            alias_name,
            removed: done.is_some_and(|done| place < done) && plan.is_some(),
            dry_run: done.is_none().then(|| dry_run(&steps, change)),
        }
    };
    let mut functions: Vec<Removed> =
        members.list.iter().zip(planned).enumerate().map(one).collect();
    if !members.is_project && functions.len() == 1 {
        return Removals::One(functions.remove(0));
    }
    Removals::Several { functions }
}
