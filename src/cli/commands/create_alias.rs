//! `scfctl create-alias`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::alias::{AliasArgs, RoutingArgs};
use crate::cli::args::change::ChangeArgs;
use crate::cli::args::sls::NoPackArgs;
use crate::cli::args::{CallArgs, Options, Shared};
use crate::error::Error;

/// Options of `create-alias` and `update-alias`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    alias: AliasArgs,
    #[command(flatten)]
    routing: RoutingArgs,
    /// Replace match rules, too
    #[arg(long, hide_short_help = true)]
    force: bool,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    pack: NoPackArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { alias: _, routing: _, force, change, call, pack } = self;
        call.put(options);
        options.run.force = *force;
        change.put(options);
        pack.put(options);
    }
}

/// Creates an alias and prints it as the service has it then.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::alias::create(context)
}
