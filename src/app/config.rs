//! `scfctl config`: what files, variables and arguments come to.

use std::collections::BTreeMap;
use std::path::Path;

use super::deploy::instance::Component;
use super::session::is_local;
use super::{Context, Done};
use crate::config::credentials::{CredentialsError, METADATA_VARIABLE, NoKeys};
use crate::config::disclosure::{Disclosure, disclose, looks_secret};
use crate::config::multi_scf;
use crate::config::position::{ValueSource, VariableSource};
use crate::config::references::UnknownReference;
use crate::config::settings::Settings;
use crate::error::Error;
use crate::report::config::{Config, CredentialsOrigin, KeyNames, KeyedFunction};
use crate::report::{FunctionName, Report, Said};

/// Stage, app, name, region, function name, inputs and where credentials were found.
pub(crate) fn run(context: &Context, show_values: bool) -> Result<Done, Error> {
    let mut selection = context.selection.clone();
    selection.outputs.unknown = UnknownReference::Keep;
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
    let (function, functions) = match Component::of(&settings) {
        Ok(Component::MultiScf) => (None, several(&settings)),
        Ok(Component::Scf) | Err(_) => (Some(settings.function()?), Vec::new()),
    };
    let (function_name, namespace) =
        function.map(|function| (function.name, function.namespace)).unzip();
    let values_from = disclosed.hidden.iter();
    let values_from = values_from
        .map(|hidden| (hidden.name.clone(), Said::new(&source(context, &settings, &hidden.path))))
        .collect();
    let config = Config {
        stage: settings.project.stage.clone(),
        app: settings.app().to_owned(),
        name: settings.name().to_owned(),
        org: settings.project.org.clone(),
        region: settings.region.clone(),
        function_name,
        namespace,
        functions,
        inputs: if show_values { settings.project.inputs.clone() } else { disclosed.inputs },
        values_from,
        credentials: credentials(context, &settings, is_local(context)?),
        dotenv: settings.dotenv_outside().map(|path| path.display().to_string()),
    };
    Ok(Done::shown(Report::Config(Box::new(config))))
}

/// The functions of a `multi-scf` instance; none where their inputs cannot be read, which
/// whatever needs them says.
fn several(settings: &Settings) -> Vec<KeyedFunction> {
    let functions = multi_scf::functions(settings).unwrap_or_default();
    let keyed = functions.into_iter().filter_map(|of_one| {
        let function = FunctionName::from(&of_one.function().ok()?);
        Some(KeyedFunction { key: of_one.function_key?, function })
    });
    keyed.collect()
}

/// Sees to it that what is hidden in one line is not shown in another, or in a warning.
fn hide(context: &Context, settings: &Settings, disclosed: &Disclosure) {
    disclosed.secrets.iter().for_each(|secret| context.sink.hide(secret));
    let names = settings.project.input_variables.values().flatten();
    for name in names.filter(|name| looks_secret(name)) {
        for value in values(context, settings, name) {
            context.sink.hide(&value);
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
fn source(context: &Context, settings: &Settings, path: &str) -> ValueSource {
    let place = settings.source(path);
    let file = settings.project.dotenv.as_deref().and_then(Path::file_name);
    let file = file.map(|name| name.to_string_lossy().into_owned());
    let names = settings.project.input_variables.get(path).into_iter().flatten();
    let variables = names.map(|name| {
        let known = |variables: &BTreeMap<String, String>| {
            variables.contains_key(name) || variables.contains_key(&format!("SCFCTL_PARAM_{name}"))
        };
        let of_file = file.clone().filter(|_| known(&settings.project.dotenv_values));
        let name = name.clone();
        if context.selection.parameters.contains_key(&name) {
            VariableSource::Parameter(name)
        } else if known(&context.environment) {
            VariableSource::Environment(name)
        } else if let Some(file) = of_file {
            VariableSource::DotEnv { name, file }
        } else {
            VariableSource::Other(name)
        }
    });
    ValueSource { place, variables: variables.collect() }
}

/// Where the keys are from, by names alone, and the order of the places.
fn credentials(context: &Context, settings: &Settings, is_local: bool) -> CredentialsOrigin {
    let places: Vec<Said> = settings.credential_places.iter().map(Said::new).collect();
    let none = |problem: Said| CredentialsOrigin {
        problem: Some(problem),
        places: places.clone(),
        ..CredentialsOrigin::default()
    };
    match &settings.credentials {
        // Whether this machine has a role would have to be asked for, unless someone says where.
        Ok(found) if found.is_last_resort() && context.variable(METADATA_VARIABLE).is_none() => {
            none(Said::new(&NoKeys::LastResort(found.source.source.clone())))
        }
        Ok(found) => {
            let source = found.source.clone();
            let names = KeyNames {
                secret_id: source.id,
                secret_key: source.key,
                token: source.token,
                role: source.role,
                web_identity_token: source.web_identity,
            };
            let source = Some(Said::new(&source.source));
            CredentialsOrigin { source, problem: None, names: Some(names), places }
        }
        Err(CredentialsError::Missing { .. }) => none(Said::new(&NoKeys::Missing)),
        // Broken ones are no matter of a run that needs none.
        Err(_) if is_local => none(Said::new(&NoKeys::Missing)),
        Err(other) => none(Said::new(other)),
    }
}
