//! `scfctl create-alias`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::alias::{AliasArgs, RoutingArgs};
use crate::cli::args::change::ChangeArgs;
use crate::cli::args::sls::NoPackArgs;
use crate::cli::args::{CallArgs, Options};
use crate::error::Error;

/// Options of `create-alias`.
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

impl Arguments {
    /// Returns the options that it shares with other commands.
    pub(in crate::cli) fn options(&self) -> Options {
        let mut options = self.call.options();
        options.force = self.force;
        self.change.put(&mut options);
        self.pack.put(&mut options);
        options
    }
}

/// Creates an alias and prints it as the service has it then.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::alias::create(context)
}
