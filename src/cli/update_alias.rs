//! `scfctl update-alias`.

use super::connection::{self, Connection};
use super::{Context, alias};
use crate::error::Error;
use crate::model::{FunctionId, Routing, Weight};
use crate::shell;

/// Changes an alias and prints it as the service has it then.
pub(super) fn run(context: &Context) -> Result<(), Error> {
    let given = alias::read(context, "update-alias", "update")?;
    connection::block_on(async {
        let connection = Connection::open(context, &given.settings).await?;
        let executor = connection.executor(given.function.clone());
        let plan = executor
            .plan_update_alias(&given.wish)
            .await
            .map_err(|error| connection::failed(&given.what, &given.function, error))?;
        alias::note_without_config(context, &given, &plan);
        if let Some(note) = makes_main(&given.function, &given.wish.name, &plan.routing) {
            context.printer.note(&note);
        }
        if !plan.changes() {
            context.printer.note("the alias is as asked already; nothing is sent");
        }
        alias::finish(context, &given, &executor, &plan).await
    })
}

/// When the additional version serves everything, the command that makes it the main one.
fn makes_main(function: &FunctionId, name: &str, routing: &Routing) -> Option<String> {
    let [(version, weight)] = routing.additional.as_slice() else { return None };
    if *weight != Weight::ONE {
        return None;
    }
    let mut pairs = vec![
        shell::pair("function", &function.name),
        shell::pair("name", name),
        shell::pair("version", &version.to_string()),
        shell::pair("config", r#"{"weights":{}}"#),
    ];
    // The command has to work where this one did.
    pairs.extend(connection::place_pairs(function));
    Some(format!(
        "{version} serves everything, and {} stays the main version; to make {version} the main one: \
         `scfctl update-alias --inputs {}`",
        routing.main,
        pairs.join(" ")
    ))
}
