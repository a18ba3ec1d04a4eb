//! `scfctl delete-alias`.

use serde_json::json;

use super::Context;
use super::connection::{self, Connection};
use crate::config::function::Reader;
use crate::error::Error;
use crate::model::DEFAULT_ALIAS;

/// Deletes an alias and prints the request id, as the real command does.
///
/// A name is required and `$DEFAULT` refused: without a name the real one falls on
/// `inputs.name`, or on `$DEFAULT` (HARM).
pub(super) fn run(context: &Context) -> Result<(), Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let place = |key: &str| settings.command_place(key);
    let name = Reader::new(&settings.project.command_inputs, &place).alias_name()?;
    if name == DEFAULT_ALIAS {
        return Err(Error::usage(
            "`$DEFAULT` belongs to every function and cannot be deleted",
            "to send all its requests to $LATEST: `scfctl deploy --inputs traffic=1`",
        ));
    }
    context.header("delete-alias", &settings);
    let what = format!("delete alias `{name}` of function `{}`", function.name);
    connection::block_on(async {
        let connection = Connection::open(context, &settings).await?;
        let executor = connection.executor(function.clone());
        let failed = |error| connection::failed(&what, &function, error);
        let record = executor.check_deletion(&name, context.options.force).await.map_err(failed)?;
        if context.options.dry_run {
            let effect = format!("delete alias `{name}`, which routes {}", record.alias.routing);
            context.printer.result(&json!({
                "functionName": function.name,
                "namespace": function.namespace,
                "region": function.region,
                "alias": name,
                "calls": [{"action": "DeleteAlias", "effect": effect}],
                "routing": {"before": record.alias.routing, "after": null},
            }));
            return Ok(());
        }
        let request_id = executor.delete_alias(&name).await.map_err(failed)?;
        context.printer.result(&json!({"RequestId": request_id}));
        context.footer(&settings);
        Ok(())
    })
}
