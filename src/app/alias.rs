//! Aliases: create, update, list and delete them.

use super::session::{self, Session};
use super::{Context, Done, dry_run};
use crate::config::function::Reader;
use crate::config::settings::Settings;
use crate::error::{Error, OptionsError, Task};
use crate::execute::{self, AliasPlan, AliasRecord, ExecuteError, FunctionSession};
use crate::model::{AliasWish, DEFAULT_ALIAS, FunctionId, Routing, RoutingWish, Weight};
use crate::plan::Step;
use crate::plan::command::ShareToLatest;
use crate::report::alias::{Alias, AliasDeleted, AliasList, AliasWritten};
use crate::report::notice::{AliasEffect, Notice};
use crate::report::plan::{Plan, PlanFacts, RoutingChange};
use crate::report::{FunctionName, Report};

/// Creates an alias.
pub(crate) fn create(context: &Context) -> Result<Done, Error> {
    let given =
        read(context, "create-alias", |alias, function| Task::CreateAlias { alias, function })?;
    session::block_on(async {
        let session = Session::open(context, &given.settings).await?;
        let on = session.on(given.function.clone());
        let failed = |error| session::failed(&given.task, &given.function, error);
        let mut plan = execute::alias::plan_create(&on, &given.wish).await.map_err(failed)?;
        if context.options.dry_run {
            plan = execute::alias::foresee(&on, plan).await.map_err(failed)?;
        }
        note_without_config(context, &given, &plan);
        if plan.steps().is_empty() {
            context.sink.note(&Notice::AliasAsAsked);
        }
        finish(context, &given, &on, &plan).await
    })
}

/// Changes an alias.
pub(crate) fn update(context: &Context) -> Result<Done, Error> {
    let given =
        read(context, "update-alias", |alias, function| Task::UpdateAlias { alias, function })?;
    session::block_on(async {
        let session = Session::open(context, &given.settings).await?;
        let on = session.on(given.function.clone());
        let plan = execute::alias::plan_update(&on, &given.wish)
            .await
            .map_err(|error| session::failed(&given.task, &given.function, error))?;
        note_without_config(context, &given, &plan);
        if let Some(note) = makes_main(&given.function, &given.wish.name, &plan.routing) {
            context.sink.decisive(&note);
        }
        if plan.steps().is_empty() {
            context.sink.note(&Notice::AliasAsAsked);
        }
        finish(context, &given, &on, &plan).await
    })
}

/// When the additional version serves everything, the command that makes it the main one.
fn makes_main(function: &FunctionId, name: &str, routing: &Routing) -> Option<Notice> {
    let [(version, weight)] = routing.additional.as_slice() else { return None };
    if *weight != Weight::ONE {
        return None;
    }
    let command = ShareToLatest { function, alias: name, version: *version, traffic: Weight::ZERO };
    let command = command.to_string();
    Some(Notice::AdditionalServesAll { additional: *version, main: routing.main, command })
}

/// Lists all aliases of a function, or the named one, or those that use a version.
pub(crate) fn list(context: &Context) -> Result<Done, Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.command_place(key);
    let reader = Reader::new(&settings.project.command_inputs, &place);
    let name = reader.text("name")?.filter(|name| !name.is_empty());
    let version = reader.version("version")?;
    context.header("list-alias", &settings);
    let task = Task::ListAliases { function: function.name.clone() };
    session::block_on(async {
        let session = Session::open(context, &settings).await?;
        let on = session.on(function.clone());
        let failed = |error| session::failed(&task, &function, error);
        let mut records = execute::alias::list(&on, version).await.map_err(failed)?;
        if let Some(version) = version.filter(|_| records.is_empty()) {
            // No alias uses it, or nobody could: it is not there.
            execute::versions::check(&on, version).await.map_err(failed)?;
        }
        if let Some(name) = name {
            let existing = records.iter().map(|record| record.alias.name.clone()).collect();
            records.retain(|record| record.alias.name == name);
            if records.is_empty() {
                let function = function.name.clone();
                return Err(failed(ExecuteError::NoAlias { alias: name, function, existing }));
            }
        }
        let function = FunctionName::from(&function);
        let list = AliasList { function, aliases: records.iter().map(reported).collect() };
        Ok(Done::succeeded(Report::Aliases(list), &settings))
    })
}

/// Deletes an alias.
///
/// A name is required and `$DEFAULT` refused: without a name the real one falls on
/// `inputs.name`, or on `$DEFAULT` (HARM).
pub(crate) fn delete(context: &Context) -> Result<Done, Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.command_place(key);
    let name = Reader::new(&settings.project.command_inputs, &place).alias_name()?;
    if name == DEFAULT_ALIAS {
        return Err(OptionsError::DefaultAlias.into());
    }
    context.header("delete-alias", &settings);
    let task = Task::DeleteAlias { alias: name.clone(), function: function.name.clone() };
    session::block_on(async {
        let session = Session::open(context, &settings).await?;
        let on = session.on(function.clone());
        let failed = |error| session::failed(&task, &function, error);
        let deletion = execute::alias::plan_delete(
            &on,
            &name,
            context.options.force,
            context.options.end_rollout,
        )
        .await;
        let deletion = deletion.map_err(failed)?;
        let record = &deletion.before;
        if context.options.dry_run {
            let before = Some(&record.alias.routing);
            return Ok(planned(&function, &name, &deletion.steps(), before, None));
        }
        let request_id = execute::alias::delete(&on, &deletion).await.map_err(failed)?;
        let deleted =
            AliasDeleted { function: (&function).into(), alias: reported(record), request_id };
        Ok(Done::succeeded(Report::AliasDeleted(deleted), &settings))
    })
}

/// What `create-alias` and `update-alias` are given.
struct GivenRouting {
    /// Merged configuration.
    settings: Settings,
    /// Name, namespace and region of the function.
    function: FunctionId,
    /// What is asked for.
    wish: AliasWish,
    /// The command and its objects, for error texts.
    task: Task,
}

/// Reads what a command that sets an alias is given, and begins its output.
fn read(
    context: &Context,
    command: &str,
    task: fn(String, String) -> Task,
) -> Result<GivenRouting, Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.command_place(key);
    let mut wish =
        Reader::new(&settings.project.command_inputs, &place).alias_wish(context.options.force)?;
    wish.end_rollout = context.options.end_rollout;
    context.header(command, &settings);
    let task = task(wish.name.clone(), function.name.clone());
    Ok(GivenRouting { settings, function, wish, task })
}

/// Says what an alias comes to without `config`: a line break may have cut it off.
fn note_without_config(context: &Context, given: &GivenRouting, plan: &AliasPlan) {
    if given.wish.routing != RoutingWish::Unsaid {
        return;
    }
    let (alias, routing) = (given.wish.name.clone(), &plan.routing);
    let effect = if routing.additional.is_empty() && routing.matches.is_empty() {
        AliasEffect::AllTo(routing.main)
    } else {
        AliasEffect::Keeps(routing.clone())
    };
    let typed = given.settings.project.command_inputs.get("config");
    // An empty one was typed, so nothing was cut off.
    if typed.is_some_and(|config| !config.is_null()) {
        context.sink.decisive(&Notice::NoWeights { alias, effect });
    } else {
        context.sink.decisive(&Notice::NoConfig { alias, effect });
    }
}

/// Carries a plan out, or shows it.
async fn finish(
    context: &Context,
    given: &GivenRouting,
    on: &FunctionSession<'_>,
    plan: &AliasPlan,
) -> Result<Done, Error> {
    let (function, name) = (&given.function, &given.wish.name);
    if context.options.dry_run {
        let before = plan.before().map(|alias| &alias.routing);
        return Ok(planned(function, name, &plan.steps(), before, Some(&plan.routing)));
    }
    let record = execute::alias::set(on, plan)
        .await
        .map_err(|error| session::failed(&given.task, function, error))?;
    let written = AliasWritten {
        function: function.into(),
        alias: reported(&record),
        request_id: record.reply.request_id,
    };
    Ok(Done::succeeded(Report::Alias(written), &given.settings))
}

/// An alias as the service reports it when it is asked for it alone.
fn reported(record: &AliasRecord) -> Alias {
    let AliasRecord { alias, reply } = record;
    let (add_time, mod_time) = (reply.add_time.clone(), reply.mod_time.clone());
    Alias { add_time, mod_time, ..alias.into() }
}

/// What `--dry-run` shows of a change of an alias.
fn planned(
    function: &FunctionId,
    alias: &str,
    steps: &[Step],
    before: Option<&Routing>,
    after: Option<&Routing>,
) -> Done {
    Done::shown(Report::Plan(Plan {
        key: None,
        function: function.into(),
        alias_name: Some(alias.to_owned()),
        last_version: None,
        dry_run: dry_run(steps, Some(RoutingChange::of(before, after))),
        rollout: None,
        told: PlanFacts::default(),
    }))
}
