//! `scfctl list-alias`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::sls::{NoForceArgs, NoPackArgs};
use crate::cli::args::{CallArgs, Options};
use crate::error::Error;

/// Options of `list-alias`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Only this alias
    // Both are read by `inputs::split`; here for the help text.
    #[arg(long, visible_alias = "name", value_name = "NAME")]
    alias: Option<String>,
    /// Only aliases that use this version
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    force: NoForceArgs,
    #[command(flatten)]
    pack: NoPackArgs,
}

impl Arguments {
    /// Returns the options that it shares with other commands.
    pub(in crate::cli) fn options(&self) -> Options {
        let mut options = self.call.options();
        self.force.put(&mut options);
        self.pack.put(&mut options);
        options
    }
}

/// Prints all aliases of a function, or the named one, or those that use a version.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::alias::list(context)
}
