//! Aliases: create, update, list and delete them.

use serde_json::{Map, Value, json};

use super::Context;
use super::session::{self, Session};
use crate::config::function::Reader;
use crate::config::settings::Settings;
use crate::error::{Error, OptionsError, Task};
use crate::execute::{self, AliasPlan, AliasRecord, ExecuteError, FunctionSession};
use crate::model::{AliasWish, DEFAULT_ALIAS, FunctionId, Routing, RoutingWish, Version, Weight};
use crate::output::Format;
use crate::plan::command::UpdateAlias;

/// Creates an alias and prints it as the service has it then.
pub(crate) fn create(context: &Context) -> Result<(), Error> {
    let given =
        read(context, "create-alias", |alias, function| Task::CreateAlias { alias, function })?;
    session::block_on(async {
        let session = Session::open(context, &given.settings).await?;
        let on = session.on(given.function.clone());
        let plan = execute::alias::plan_create(&on, &given.wish)
            .await
            .map_err(|error| session::failed(&given.task, &given.function, error))?;
        note_without_config(context, &given, &plan);
        finish(context, &given, &on, &plan).await
    })
}

/// Changes an alias and prints it as the service has it then.
pub(crate) fn update(context: &Context) -> Result<(), Error> {
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
            context.printer.note(&note);
        }
        if !plan.changes() {
            context.printer.note("the alias is as asked already; nothing is sent");
        }
        finish(context, &given, &on, &plan).await
    })
}

/// When the additional version serves everything, the command that makes it the main one.
fn makes_main(function: &FunctionId, name: &str, routing: &Routing) -> Option<String> {
    let [(version, weight)] = routing.additional.as_slice() else { return None };
    if *weight != Weight::ONE {
        return None;
    }
    let command = UpdateAlias { function, alias: name, version: *version, traffic: Weight::ZERO };
    Some(format!(
        "{version} serves everything, and {} stays the main version; to make {version} the main one: \
         `{command}`",
        routing.main
    ))
}

/// Prints all aliases of a function, or the named one, or those that use a version.
pub(crate) fn list(context: &Context) -> Result<(), Error> {
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
        context.printer.result(&listed(context.printer.format(), &records));
        context.footer(&settings);
        Ok(())
    })
}

fn listed(format: Format, records: &[AliasRecord]) -> Value {
    if format == Format::Json {
        return json!({"aliases": records.iter().map(as_json).collect::<Vec<_>>()});
    }
    let aliases: Vec<Value> = records
        .iter()
        .map(|record| {
            let routing = &record.alias.routing;
            let mut entry = json!({"weight": weight_text(routing)});
            if !routing.matches.is_empty() {
                entry["matches"] = json!(routing.matches);
            }
            let mut named = serde_json::Map::new();
            named.insert(record.alias.name.clone(), entry);
            Value::Object(named)
        })
        .collect();
    json!({"alias": aliases})
}

/// Deletes an alias and prints the request id, as the real command does.
///
/// A name is required and `$DEFAULT` refused: without a name the real one falls on
/// `inputs.name`, or on `$DEFAULT` (HARM).
pub(crate) fn delete(context: &Context) -> Result<(), Error> {
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
        let deletion = execute::alias::check_deletion(&on, &name, context.options.force)
            .await
            .map_err(failed)?;
        if context.options.dry_run {
            let routing = &deletion.before.alias.routing;
            let effect = format!("delete alias `{name}`, which routes {routing}");
            context.printer.result(&json!({
                "functionName": function.name,
                "namespace": function.namespace,
                "region": function.region,
                "alias": name,
                "calls": [{"action": "DeleteAlias", "effect": effect}],
                "routing": {"before": routing, "after": null},
            }));
            return Ok(());
        }
        let request_id = execute::alias::delete(&on, &deletion).await.map_err(failed)?;
        context.printer.result(&json!({"RequestId": request_id}));
        context.footer(&settings);
        Ok(())
    })
}

/// What `create-alias` and `update-alias` are given.
struct Given {
    /// Merged configuration.
    pub settings: Settings,
    /// The function.
    pub function: FunctionId,
    /// What is asked for.
    pub wish: AliasWish,
    /// The command and its objects, for error texts.
    pub task: Task,
}

/// Reads what a command that sets an alias is given, and begins its output.
fn read(
    context: &Context,
    command: &str,
    task: fn(String, String) -> Task,
) -> Result<Given, Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.command_place(key);
    let wish =
        Reader::new(&settings.project.command_inputs, &place).alias_wish(context.options.force)?;
    context.header(command, &settings);
    let task = task(wish.name.clone(), function.name.clone());
    Ok(Given { settings, function, wish, task })
}

/// Says what an alias comes to without `config`: a line break may have cut it off.
fn note_without_config(context: &Context, given: &Given, plan: &AliasPlan) {
    if given.wish.routing != RoutingWish::Unsaid {
        return;
    }
    let (name, routing) = (&given.wish.name, &plan.routing);
    let effect = if routing.additional.is_empty() && routing.matches.is_empty() {
        format!("sends everything to version {}", routing.main)
    } else {
        format!("keeps its weights: {routing}")
    };
    let typed = given.settings.project.command_inputs.get("config");
    // An empty one was typed, so nothing was cut off.
    if typed.is_some_and(|config| !config.is_null()) {
        context.printer.note(&format!("`config` has no weights: alias `{name}` {effect}"));
        return;
    }
    context.printer.note(&format!(
        "without `config` alias `{name}` {effect}; a command that goes on in the next line ends in `\\`"
    ));
}

/// Carries a plan out, or shows it, and ends the output.
async fn finish(
    context: &Context,
    given: &Given,
    on: &FunctionSession<'_>,
    plan: &AliasPlan,
) -> Result<(), Error> {
    if context.options.dry_run {
        context.printer.result(&dry_run(&given.function, plan));
        return Ok(());
    }
    let record = execute::alias::set(on, plan)
        .await
        .map_err(|error| session::failed(&given.task, &given.function, error))?;
    context.printer.result(&result(context.printer.format(), &record));
    context.footer(&given.settings);
    Ok(())
}

/// An alias after it was set: in text as the API answers, which is what the real command
/// prints; in JSON by [`as_json`].
fn result(format: Format, record: &AliasRecord) -> Value {
    if format == Format::Json {
        return as_json(record);
    }
    let reply = &record.reply;
    let config = reply.routing_config.clone().unwrap_or_default();
    // As they were read: the service may show what it made of them.
    let weights: Vec<Value> = record
        .alias
        .routing
        .additional
        .iter()
        .map(|(version, weight)| json!({"Version": version, "Weight": weight}))
        .collect();
    let mut shown = json!({
        "FunctionVersion": reply.function_version,
        "Name": reply.name,
        "RoutingConfig": {
            "AdditionalVersionWeights": weights,
            "AddtionVersionMatchs": config.addtion_version_matchs.unwrap_or_default(),
        },
        "Description": reply.description,
        "AddTime": reply.add_time,
        "ModTime": reply.mod_time,
    });
    if let Some(request_id) = &reply.request_id {
        shown["RequestId"] = request_id.clone().into();
    }
    shown
}

/// An alias for programs: exact weights, rules, description and times.
fn as_json(record: &AliasRecord) -> Value {
    let alias = &record.alias;
    let weights: Vec<Value> = alias
        .routing
        .additional
        .iter()
        .map(|(version, weight)| json!({"version": version, "weight": weight}))
        .collect();
    json!({
        "name": alias.name,
        "mainVersion": alias.routing.main,
        "additionalVersionWeights": weights,
        "matches": alias.routing.matches,
        "description": alias.description,
        "addTime": record.reply.add_time,
        "modTime": record.reply.mod_time,
    })
}

/// The `weight` text of `list-alias`: a JSON object of version to share, shares as text.
///
/// The real one rounds to one decimal, so that a 1 % canary reads 0.0; here a share has as
/// many decimals as it needs, and never fewer than one. All additional versions are shown,
/// numbers before `$LATEST`, ascending.
fn weight_text(routing: &Routing) -> String {
    let mut shares: Vec<(Version, Weight)> = routing.additional.clone();
    let rest = routing.rest();
    match shares.iter_mut().find(|(version, _)| *version == routing.main) {
        // Other tools' doing; the two shares are one.
        Some((_, share)) => *share = share.checked_add(rest).unwrap_or(Weight::ONE),
        None => shares.push((routing.main, rest)),
    }
    shares.sort_by_key(|(version, _)| (*version == Version::Latest, *version));
    let decimals = |weight: Weight| {
        let text = weight.to_string();
        if text.contains('.') { text } else { format!("{text}.0") }
    };
    let map: Map<String, Value> = shares
        .into_iter()
        .map(|(version, weight)| (version.to_string(), Value::String(decimals(weight))))
        .collect();
    Value::Object(map).to_string()
}

/// What `--dry-run` prints for a change of an alias.
fn dry_run(function: &FunctionId, plan: &AliasPlan) -> Value {
    let name = &plan.wish.name;
    let before = plan.before.as_ref().map(|record| &record.alias.routing);
    let (action, effect) = match before {
        None => ("CreateAlias", format!("create alias `{name}` -> {}", plan.routing.percentages())),
        Some(before) => ("UpdateAlias", format!("route `{name}`: {before} -> {}", plan.routing)),
    };
    let calls: Vec<Value> =
        if plan.changes() { vec![json!({"action": action, "effect": effect})] } else { Vec::new() };
    json!({
        "functionName": function.name,
        "namespace": function.namespace,
        "region": function.region,
        "alias": name,
        "calls": calls,
        "routing": {"before": before, "after": plan.routing},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_keep_their_decimals() {
        let weight = |text: &str| text.parse::<Weight>().unwrap();
        let (one, two) = (Version::Number(1), Version::Number(2));
        for (routing, expected) in [
            (Routing::all_to(one), r#"{"1":"1.0"}"#),
            (Routing::split(one, two, weight("0.5")), r#"{"1":"0.5","2":"0.5"}"#),
            (Routing::split(one, two, weight("0.01")), r#"{"1":"0.99","2":"0.01"}"#),
            (Routing::split(one, two, Weight::ZERO), r#"{"1":"1.0","2":"0.0"}"#),
            (Routing::split(one, Version::Latest, Weight::ONE), r#"{"1":"0.0","$LATEST":"1.0"}"#),
            (
                Routing::split(Version::Number(10), Version::Number(9), weight("0.4")),
                r#"{"9":"0.4","10":"0.6"}"#,
            ),
            (
                Routing::split(Version::Latest, Version::Number(3), weight("0.8")),
                r#"{"3":"0.8","$LATEST":"0.2"}"#,
            ),
        ] {
            assert_eq!(weight_text(&routing), expected);
        }
        let mut several = Routing::split(one, two, weight("0.2"));
        several.additional.push((Version::Number(3), weight("0.3")));
        assert_eq!(weight_text(&several), r#"{"1":"0.5","2":"0.2","3":"0.3"}"#);
    }
}
