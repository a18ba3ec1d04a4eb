//! `scfctl deploy`.

use std::num::NonZeroU8;

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::change::ChangeArgs;
use crate::cli::args::pack::PackArgs;
use crate::cli::args::publish::PublishArgs;
use crate::cli::args::{CallArgs, Options};
use crate::error::Error;

/// Options of `deploy`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Share of $LATEST; the last version serves the rest
    // This one, the next one, the alias and the qualifier are read by `inputs::split`; here for
    // the help text.
    #[arg(long, value_name = "SHARE")]
    traffic: Option<String>,
    /// Publish what is deployed as a version
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "true")]
    publish: Option<String>,
    #[command(flatten)]
    publication: PublishArgs,
    /// Alias to route in place of $DEFAULT
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// Version whose instances `provisionedNum` keeps warm
    #[arg(long, value_name = "VERSION", hide_short_help = true)]
    qualifier: Option<String>,
    #[command(flatten)]
    change: ChangeArgs,
    /// Send code and configuration even when unchanged; replace match rules
    #[arg(long, hide_short_help = true)]
    force: bool,
    /// Deploy the rest when events are of types that were retired (apigw, cmq)
    #[arg(long, hide_short_help = true)]
    skip_unsupported_triggers: bool,
    /// Remove triggers that the file lacks from all versions and aliases
    #[arg(long, hide_short_help = true)]
    prune_triggers: bool,
    /// Most functions that are deployed at the same time
    #[arg(long, value_name = "N", default_value = "8", hide_short_help = true)]
    concurrency: NonZeroU8,
    #[command(flatten)]
    pack: PackArgs,
    #[command(flatten)]
    call: CallArgs,
}

impl Arguments {
    /// Returns the options that it shares with other commands.
    pub(in crate::cli) fn options(&self) -> Options {
        let mut options = self.call.options();
        self.publication.put(&mut options);
        self.change.put(&mut options);
        self.pack.put(&mut options);
        options.force = self.force;
        options
    }
}

/// Deploys the instance in the folder, or all of the project whose folder it is.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    let request = app::deploy::Request {
        if_changed: arguments.publication.if_changed,
        skip_unsupported_triggers: arguments.skip_unsupported_triggers,
        prune_triggers: arguments.prune_triggers,
        pack: arguments.pack.of_app(),
        concurrency: arguments.concurrency,
    };
    app::deploy::run(context, &request)
}
