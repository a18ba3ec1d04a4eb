//! `scfctl update-alias`.

use super::connection::{self, Connection};
use super::{Context, alias};
use crate::config::settings::{DEFAULT_NAMESPACE, DEFAULT_REGION};
use crate::error::Error;
use crate::model::{FunctionId, Routing, Weight};

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
    // The command has to work where this one did.
    let mut place = String::new();
    if function.namespace != DEFAULT_NAMESPACE {
        place.push_str(" namespace=");
        place.push_str(&function.namespace);
    }
    if function.region != DEFAULT_REGION {
        place.push_str(" region=");
        place.push_str(&function.region);
    }
    Some(format!(
        "{version} serves everything, and {} stays the main version; to make {version} the main one: scfctl \
         update-alias --inputs function={} name={name} version='{version}' config='{{\"weights\":{{}}}}'{place}",
        routing.main, function.name
    ))
}
