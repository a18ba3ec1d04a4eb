//! `scfctl create-alias`.

use super::connection::{self, Connection};
use super::{Context, alias};
use crate::config::function::Reader;
use crate::error::Error;

/// Creates an alias and prints it as the service has it then.
pub(super) fn run(context: &Context) -> Result<(), Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.place(key);
    let wish =
        Reader::new(&settings.project.command_inputs, &place).alias_wish(context.options.force)?;
    context.header("create-alias", &settings);
    let what = format!("create alias `{}` of function `{}`", wish.name, function.name);
    connection::block_on(async {
        let connection = Connection::open(context, &settings).await?;
        let executor = connection.executor(function.clone());
        let failed = |error| connection::failed(&what, &function, error);
        let plan = executor.plan_create_alias(&wish).await.map_err(failed)?;
        if context.options.dry_run {
            context.printer.result(&alias::dry_run(&function, &wish.name, &plan));
            return Ok(());
        }
        let record = executor.set_alias(&wish.name, &plan).await.map_err(failed)?;
        context.printer.result(&alias::result(context.printer.format(), &record));
        context.footer(&settings);
        Ok(())
    })
}
