//! `scfctl config`: what files, variables and arguments come to.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::Context;
use crate::config::credentials::{CredentialsError, METADATA_VARIABLE};
use crate::config::disclosure::{Disclosure, disclose, looks_secret};
use crate::config::references::Unknown;
use crate::config::settings::Settings;
use crate::error::Error;
use crate::output::Format;

/// Prints stage, app, name, region, function name, inputs and where credentials were found.
pub(crate) fn run(context: &Context, show_values: bool) -> Result<(), Error> {
    let mut selection = context.selection.clone();
    selection.outputs.unknown = Unknown::Keep;
    let settings = context.load(&context.directory, &selection)?;
    let disclosed = disclose(&settings.project.inputs, &settings.project.input_variables);
    if !show_values {
        hide(context, &settings, &disclosed);
    }
    context.warn(&settings.warnings);
    context.warn_of_unused_values();
    if settings.project.file.is_none() {
        return Err(super::session::no_project(&settings));
    }
    let function = settings.function()?;
    let credentials = credentials(context, &settings);
    let org = settings.project.org.clone();
    let mut shown = json!({
        "stage": settings.project.stage,
        "app": settings.app(),
        "name": settings.name(),
    });
    if context.printer.format() == Format::Text {
        shown["org"] = org.into();
    }
    shown["region"] = settings.region.clone().into();
    shown["functionName"] = function.name.into();
    shown["inputs"] =
        if show_values { settings.project.inputs.clone().into() } else { disclosed.inputs.into() };
    let from: Map<String, Value> = disclosed
        .hidden
        .iter()
        .map(|hidden| (hidden.name.clone(), source(context, &settings, &hidden.path).into()))
        .collect();
    if !from.is_empty() {
        shown["valuesFrom"] = from.into();
    }
    shown["credentials"] = credentials.into();
    if let Some(path) = settings.dotenv_outside() {
        shown["dotenv"] = path.display().to_string().into();
    }
    context.printer.result(&shown);
    Ok(())
}

/// Said in place of the keys.
const NONE_FOUND: &str = "none found";

/// Sees to it that what is hidden in one line is not shown in another, or in a warning.
fn hide(context: &Context, settings: &Settings, disclosed: &Disclosure) {
    disclosed.secrets.iter().for_each(|secret| context.printer.hide(secret));
    let names = settings.project.input_variables.values().flatten();
    for name in names.filter(|name| looks_secret(name)) {
        for value in values(context, settings, name) {
            context.printer.hide(&value);
        }
    }
}

/// What a reference to this name may come to.
fn values(context: &Context, settings: &Settings, name: &str) -> Vec<String> {
    let parameter = format!("SCFCTL_PARAM_{name}");
    let given = context.selection.parameters.get(name);
    let of = |variables: &BTreeMap<String, String>, name: &str| variables.get(name).cloned();
    let dotenv = &settings.project.dotenv_values;
    [
        given.cloned(),
        of(&context.environment, name),
        of(&context.environment, &parameter),
        of(dotenv, name),
        of(dotenv, &parameter),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Where the value at a path is from: file and line or argument, and the variables in it.
fn source(context: &Context, settings: &Settings, path: &str) -> String {
    let place = settings.source(path);
    let file = settings.project.dotenv.as_deref().and_then(Path::file_name);
    let file = file.map(|name| name.to_string_lossy().into_owned());
    let names = settings.project.input_variables.get(path).into_iter().flatten();
    let from: Vec<String> = names
        .map(|name| {
            let known = |variables: &BTreeMap<String, String>| {
                variables.contains_key(name)
                    || variables.contains_key(&format!("SCFCTL_PARAM_{name}"))
            };
            if context.selection.parameters.contains_key(name) {
                format!("{name} of --param")
            } else if known(&context.environment) {
                format!("{name} of the environment")
            } else if let Some(file) =
                file.as_ref().filter(|_| known(&settings.project.dotenv_values))
            {
                format!("{name} of {file}")
            } else {
                name.clone()
            }
        })
        .collect();
    if from.is_empty() { place.to_string() } else { format!("{place}: {}", from.join(", ")) }
}

/// Where the keys are from, by names alone, and the order of the places.
fn credentials(context: &Context, settings: &Settings) -> Map<String, Value> {
    let mut shown = Map::new();
    match &settings.credentials {
        // Whether this machine has a role would have to be asked for, unless someone says where.
        Ok(found) if found.is_last_resort() && context.variable(METADATA_VARIABLE).is_none() => {
            shown.insert("source".into(), Value::Null);
            shown.insert(
                "problem".into(),
                format!("{NONE_FOUND}; a call asks for the {}", found.source.source).into(),
            );
        }
        Ok(found) => {
            let source = found.source.clone();
            shown.insert("source".into(), source.source.to_string().into());
            shown.insert("secretId".into(), source.id.into());
            shown.insert("secretKey".into(), source.key.into());
            shown.insert("token".into(), source.token.into());
            for (name, value) in [("role", source.role), ("webIdentityToken", source.web_identity)]
            {
                shown.extend(value.map(|value| (name.to_owned(), value.into())));
            }
        }
        Err(error) => {
            let problem = match error {
                CredentialsError::Missing { .. } => NONE_FOUND.to_owned(),
                other => other.to_string(),
            };
            shown.insert("source".into(), Value::Null);
            shown.insert("problem".into(), problem.into());
        }
    }
    let places: Vec<String> = settings.credential_places.iter().map(ToString::to_string).collect();
    shown.insert("places".into(), places.into());
    shown
}
