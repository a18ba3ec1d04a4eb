//! `scfctl publish-ver`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::change::ChangeArgs;
use crate::cli::args::publish::PublishArgs;
use crate::cli::args::sls::{NoForceArgs, NoPackArgs};
use crate::cli::args::{CallArgs, Options};
use crate::error::Error;

/// Options of `publish-ver`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Description of the version
    // Read by `inputs::split`; here for the help text.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    publish: PublishArgs,
    #[command(flatten)]
    change: ChangeArgs,
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
        self.publish.put(&mut options);
        self.change.put(&mut options);
        self.force.put(&mut options);
        self.pack.put(&mut options);
        options
    }
}

/// Publishes `$LATEST` and prints what the real command prints.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    app::publish::run(context, arguments.publish.if_changed)
}
