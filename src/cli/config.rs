//! `scfctl config`: what files, variables and arguments come to.

use serde_json::{Map, Value, json};

use super::Context;
use crate::error::Error;
use crate::output::Format;

/// Prints stage, app, name, region, function name, inputs and where credentials were found.
pub(super) fn run(context: &Context) -> Result<(), Error> {
    let settings = context.settings()?;
    if settings.project.file.is_none() {
        return Err(super::connection::no_project(&settings));
    }
    let function = settings.function()?;
    let mut credentials = Map::new();
    match &settings.credentials {
        Ok(found) => {
            credentials.insert("source".into(), found.source.source.clone().into());
            credentials.insert("secretId".into(), found.source.id.clone().into());
            credentials.insert("secretKey".into(), found.source.key.clone().into());
            credentials.insert("token".into(), found.source.token.clone().into());
        }
        Err(error) => {
            credentials.insert("source".into(), Value::Null);
            credentials.insert("problem".into(), error.to_string().into());
        }
    }
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
