//! `scfctl update-alias`.

use clap::Args;

use super::create_alias;
use crate::app::{self, Context, Done};
use crate::cli::args::{Options, Shared};
use crate::error::Error;

/// Options of `update-alias`.
#[derive(Debug, Args)]
// Its group would have the name of the one within it.
#[group(skip)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    alias: create_alias::Arguments,
    /// End the rollout that the alias is under, in the same write
    #[arg(long, hide_short_help = true)]
    end_rollout: bool,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { alias, end_rollout } = self;
        alias.put(options);
        options.run.end_rollout = *end_rollout;
    }
}

/// Changes an alias and prints it as the service has it then.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::alias::update(context)
}
