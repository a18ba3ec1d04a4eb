//! `scfctl config`: what files, variables and arguments come to.

use serde_json::{Map, Value, json};

use super::Context;
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
    let credentials = credentials(&settings);
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
    context.printer.result(&shown);
    Ok(())
}

/// Where the keys are from, by names alone, and the order of the places.
fn credentials(settings: &Settings) -> Map<String, Value> {
    let mut shown = Map::new();
    match &settings.credentials {
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
            shown.insert("source".into(), Value::Null);
            shown.insert("problem".into(), error.to_string().into());
        }
    }
    shown.insert("places".into(), settings.credential_places.clone().into());
    shown
}
