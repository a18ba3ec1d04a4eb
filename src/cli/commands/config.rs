//! `scfctl config`: what files, variables and arguments come to.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::connection::ProfileArgs;
use crate::cli::args::sls::{NoCallArgs, NoForceArgs, NoPackArgs};
use crate::cli::args::{Options, ReadArgs, Shared};
use crate::error::Error;

/// Options of `config`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Show values of environment variables too, and of others that hold a secret
    #[arg(long)]
    show_values: bool,
    #[command(flatten)]
    local: NoCallArgs,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    profile: ProfileArgs,
    #[command(flatten)]
    force: NoForceArgs,
    #[command(flatten)]
    pack: NoPackArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { show_values: _, local, read, profile, force, pack } = self;
        read.put(options);
        profile.put(options);
        local.put(options);
        force.put(options);
        pack.put(options);
    }
}

impl Arguments {
    /// Returns whether secrets are shown.
    pub(in crate::cli) fn shows_values(&self) -> bool {
        self.show_values
    }
}

/// Prints stage, app, name, region, function name, inputs and where credentials were found.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    app::config::run(context, arguments.shows_values())
}
