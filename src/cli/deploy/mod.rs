//! `scfctl deploy`: code, configuration, version, traffic of `$DEFAULT`.

mod bootstrap;
pub(super) mod code;
mod handler;
mod instance;
mod report;

use clap::Args;

use super::Context;
use super::connection::{self, Connection};
use super::source::PackOptions;
use crate::error::Error;
use instance::{Deployed, Failure, Prepared, carry_out, prepare};

/// Options of `deploy`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// With publish=true: publish only when the newest version differs from $LATEST
    #[arg(long)]
    if_changed: bool,
    /// Deploy the rest when events are of types that were retired (apigw, cmq)
    #[arg(long)]
    skip_unsupported_triggers: bool,
    /// Remove triggers that the file lacks from all versions and aliases
    #[arg(long)]
    prune_triggers: bool,
    #[command(flatten)]
    pack: PackOptions,
}

/// Deploys the project's function.
pub(super) fn run(context: &Context, arguments: &Arguments) -> Result<(), Error> {
    let settings = context.settings()?;
    if settings.project.file.is_none() {
        return Err(connection::no_project(&settings));
    }
    let prepared = prepare(context, settings, arguments)?;
    context.header("deploy", &prepared.settings);
    prepared.warnings.iter().for_each(|warning| context.printer.warning(warning));
    connection::block_on(deploy_one(context, &prepared))
}

async fn deploy_one(context: &Context, prepared: &Prepared) -> Result<(), Error> {
    let settings = &prepared.settings;
    let connection = Connection::open(context, settings).await?;
    let run_id = connection::run_id(context);
    // It is large, and this is called once.
    match Box::pin(carry_out(context, &connection, prepared, &run_id)).await {
        Ok(Deployed::Planned(plan)) => context.printer.result(&plan),
        Ok(Deployed::Done(outputs)) => {
            context.printer.result(&outputs);
            context.printer.console(settings.app(), settings.name(), &settings.project.stage);
            context.footer(settings);
        }
        Err(Failure { error, perhaps_published }) => {
            connection::note_run_id(context, perhaps_published, &run_id);
            return Err(error);
        }
    }
    Ok(())
}
