//! `scfctl publish-ver`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::change::ChangeArgs;
use crate::cli::args::publish::PublishArgs;
use crate::cli::args::{Options, PlainCallArgs, Shared};
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
    call: PlainCallArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { description: _, publish, change, call } = self;
        call.put(options);
        publish.put(options);
        change.put(options);
    }
}

impl Arguments {
    /// Returns whether only what differs from the last version is published.
    pub(in crate::cli) fn if_changed(&self) -> bool {
        self.publish.if_changed
    }
}

/// Publishes `$LATEST` and prints what the real command prints.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    app::publish::run(context, arguments.if_changed())
}
