//! What the alias commands share: what they are given, and how an alias is printed.

use serde_json::{Map, Value, json};

use super::{Context, connection};
use crate::config::function::Reader;
use crate::config::settings::Settings;
use crate::error::Error;
use crate::execute::{AliasPlan, AliasRecord, Executor};
use crate::model::{AliasWish, RoutingWish};
use crate::model::{FunctionId, Routing, Version, Weight};
use crate::output::Format;

/// What `create-alias` and `update-alias` are given.
pub(super) struct Given {
    /// Merged configuration.
    pub settings: Settings,
    /// The function.
    pub function: FunctionId,
    /// What is asked for.
    pub wish: AliasWish,
    /// The command and its objects, for error texts.
    pub what: String,
}

/// Reads what a command that sets an alias is given, and begins its output.
pub(super) fn read(context: &Context, command: &str, verb: &str) -> Result<Given, Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.command_place(key);
    let wish =
        Reader::new(&settings.project.command_inputs, &place).alias_wish(context.options.force)?;
    context.header(command, &settings);
    let what = format!("{verb} alias `{}` of function `{}`", wish.name, function.name);
    Ok(Given { settings, function, wish, what })
}

/// Says what an alias comes to without `config`: a line break may have cut it off.
pub(super) fn note_without_config(context: &Context, given: &Given, plan: &AliasPlan) {
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
pub(super) async fn finish(
    context: &Context,
    given: &Given,
    executor: &Executor<'_>,
    plan: &AliasPlan,
) -> Result<(), Error> {
    if context.options.dry_run {
        context.printer.result(&dry_run(&given.function, plan));
        return Ok(());
    }
    let record = executor
        .set_alias(plan)
        .await
        .map_err(|error| connection::failed(&given.what, &given.function, error))?;
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
pub(super) fn as_json(record: &AliasRecord) -> Value {
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
pub(super) fn weight_text(routing: &Routing) -> String {
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
        None => ("CreateAlias", format!("create alias `{name}`: {}", plan.routing)),
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
