//! `scfctl config`: what files, variables and arguments come to.

use clap::Args;

use crate::app::{self, Context};
use crate::error::Error;

/// Options of `config`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Show values of environment variables too, and of others that hold a secret
    #[arg(long)]
    show_values: bool,
}

/// Prints stage, app, name, region, function name, inputs and where credentials were found.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<(), Error> {
    app::config::run(context, arguments.show_values)
}
