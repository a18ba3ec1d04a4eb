//! `scfctl list-alias`.

use serde_json::{Value, json};

use super::connection::{self, Connection};
use super::{Context, alias};
use crate::config::function::Reader;
use crate::error::Error;
use crate::execute::{AliasRecord, ExecuteError};
use crate::output::Format;

/// Prints all aliases of a function, or the named one, or those that use a version.
pub(super) fn run(context: &Context) -> Result<(), Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.command_place(key);
    let reader = Reader::new(&settings.project.command_inputs, &place);
    let name = reader.text("name")?.filter(|name| !name.is_empty());
    let version = reader.version("version")?;
    context.header("list-alias", &settings);
    let what = format!("list aliases of function `{}`", function.name);
    connection::block_on(async {
        let connection = Connection::open(context, &settings).await?;
        let executor = connection.executor(function.clone());
        let failed = |error| connection::failed(&what, &function, error);
        let mut records = executor.list_aliases(version).await.map_err(failed)?;
        if let Some(version) = version.filter(|_| records.is_empty()) {
            // No alias uses it, or nobody could: it is not there.
            executor.check_version(version).await.map_err(failed)?;
        }
        if let Some(name) = name {
            let existing = records.iter().map(|record| record.alias.name.clone()).collect();
            records.retain(|record| record.alias.name == name);
            if records.is_empty() {
                let function = function.name.clone();
                return Err(failed(ExecuteError::NoAlias { alias: name, function, existing }));
            }
        }
        context.printer.result(&shown(context.printer.format(), &records));
        context.footer(&settings);
        Ok(())
    })
}

fn shown(format: Format, records: &[AliasRecord]) -> Value {
    if format == Format::Json {
        return json!({"aliases": records.iter().map(alias::as_json).collect::<Vec<_>>()});
    }
    let aliases: Vec<Value> = records
        .iter()
        .map(|record| {
            let routing = &record.alias.routing;
            let mut entry = json!({"weight": alias::weight_text(routing)});
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
