//! `scfctl update-alias`.

use super::connection::{self, Connection};
use super::{Context, alias};
use crate::config::function::Reader;
use crate::error::Error;
use crate::model::{FunctionId, Routing, Weight};

/// Changes an alias and prints it as the service has it then.
pub(super) fn run(context: &Context) -> Result<(), Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.place(key);
    let wish =
        Reader::new(&settings.project.command_inputs, &place).alias_wish(context.options.force)?;
    context.header("update-alias", &settings);
    let what = format!("update alias `{}` of function `{}`", wish.name, function.name);
    connection::block_on(async {
        let connection = Connection::open(context, &settings).await?;
        let executor = connection.executor(function.clone());
        let failed = |error| connection::failed(&what, &function, error);
        let plan = executor.plan_update_alias(&wish).await.map_err(failed)?;
        if let Some(note) = makes_main(&function, &wish.name, &plan.routing) {
            context.printer.note(&note);
        }
        if context.options.dry_run {
            context.printer.result(&alias::dry_run(&function, &wish.name, &plan));
            return Ok(());
        }
        if !plan.changes() {
            context.printer.note("the alias is as asked already; nothing is sent");
        }
        let record = executor.set_alias(&wish.name, &plan).await.map_err(failed)?;
        context.printer.result(&alias::result(context.printer.format(), &record));
        context.footer(&settings);
        Ok(())
    })
}

/// When the additional version serves everything, the command that makes it the main one.
fn makes_main(function: &FunctionId, name: &str, routing: &Routing) -> Option<String> {
    let [(version, weight)] = routing.additional.as_slice() else { return None };
    if *weight != Weight::ONE {
        return None;
    }
    Some(format!(
        "{version} serves everything, and {} stays the main version; to make {version} the main one: scfctl \
         update-alias --inputs function={} name={name} version='{version}' config='{{\"weights\":{{}}}}'",
        routing.main, function.name
    ))
}
