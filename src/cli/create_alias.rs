//! `scfctl create-alias`.

use super::connection::{self, Connection};
use super::{Context, alias};
use crate::error::Error;

/// Creates an alias and prints it as the service has it then.
pub(super) fn run(context: &Context) -> Result<(), Error> {
    let given = alias::read(context, "create-alias", "create")?;
    connection::block_on(async {
        let connection = Connection::open(context, &given.settings).await?;
        let executor = connection.executor(given.function.clone());
        let plan = executor
            .plan_create_alias(&given.wish)
            .await
            .map_err(|error| connection::failed(&given.what, &given.function, error))?;
        alias::note_without_config(context, &given, &plan);
        alias::finish(context, &given, &executor, &plan).await
    })
}
