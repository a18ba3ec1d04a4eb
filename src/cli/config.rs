//! `scfctl config`: what files, variables and arguments come to.

use serde_json::{Map, Value, json};

use super::Context;
use crate::config::credentials::{CredentialsError, METADATA_VARIABLE};
use crate::config::references::Unknown;
use crate::config::settings::Settings;
use crate::error::Error;
use crate::output::Format;

/// Prints stage, app, name, region, function name, inputs and where credentials were found.
pub(super) fn run(context: &Context) -> Result<(), Error> {
    let settings = context.settings_without(Unknown::Keep)?;
    if settings.project.file.is_none() {
        return Err(super::connection::no_project(&settings));
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
    shown["inputs"] = settings.project.inputs.clone().into();
    shown["credentials"] = credentials.into();
    if let Some(path) = settings.dotenv_outside() {
        shown["dotenv"] = path.display().to_string().into();
    }
    context.printer.result(&shown);
    Ok(())
}

/// Said in place of the keys.
const NONE_FOUND: &str = "none found";

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
            shown.insert("source".into(), source.source.into());
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
    shown.insert("places".into(), settings.credential_places.clone().into());
    shown
}
