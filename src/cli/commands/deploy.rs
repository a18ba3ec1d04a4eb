//! `scfctl deploy`.

use std::num::NonZeroU8;

use clap::Args;

use super::PackOptions;
use crate::app::{self, Context};
use crate::error::Error;

/// Options of `deploy`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
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
    /// Most functions that are deployed at the same time
    #[arg(long, value_name = "N", default_value = "8")]
    concurrency: NonZeroU8,
}

/// Deploys the instance in the folder, or all of the project whose folder it is.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<(), Error> {
    let request = app::deploy::Request {
        if_changed: arguments.if_changed,
        skip_unsupported_triggers: arguments.skip_unsupported_triggers,
        prune_triggers: arguments.prune_triggers,
        pack: arguments.pack.of_app(),
        concurrency: arguments.concurrency,
    };
    app::deploy::run(context, &request)
}
