//! `scfctl config`: what files, variables and arguments come to.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::connection::ProfileArgs;
use crate::cli::args::sls::{NoForceArgs, NoPackArgs};
use crate::cli::args::{Options, ReadArgs};
use crate::error::Error;

/// Options of `config`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Show values of environment variables too, and of others that hold a secret
    #[arg(long)]
    show_values: bool,
    /// As for commands that call; this one calls nothing
    #[arg(long, hide_short_help = true)]
    local: bool,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    profile: ProfileArgs,
    #[command(flatten)]
    force: NoForceArgs,
    #[command(flatten)]
    pack: NoPackArgs,
}

impl Arguments {
    /// Returns the options that it shares with other commands.
    pub(in crate::cli) fn options(&self) -> Options {
        let mut options = self.read.options();
        options.local = self.local;
        self.profile.put(&mut options);
        self.force.put(&mut options);
        self.pack.put(&mut options);
        options
    }
}

/// Prints stage, app, name, region, function name, inputs and where credentials were found.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    app::config::run(context, arguments.show_values)
}
