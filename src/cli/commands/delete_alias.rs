//! `scfctl delete-alias`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::alias::AliasArgs;
use crate::cli::args::change::ChangeArgs;
use crate::cli::args::sls::NoPackArgs;
use crate::cli::args::{CallArgs, Options, Shared};
use crate::error::Error;

/// Options of `delete-alias`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    alias: AliasArgs,
    /// Delete it even where a trigger is bound to it
    #[arg(long)]
    force: bool,
    /// End the rollout that the alias is under, in the same write
    #[arg(long, hide_short_help = true)]
    end_rollout: bool,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    pack: NoPackArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { alias: _, force, end_rollout, change, call, pack } = self;
        call.put(options);
        options.run.force = *force;
        options.run.end_rollout = *end_rollout;
        change.put(options);
        pack.put(options);
    }
}

/// Deletes an alias and prints the request id, as the real command does.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::alias::delete(context)
}
