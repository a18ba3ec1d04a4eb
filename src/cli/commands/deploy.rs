//! `scfctl deploy`.

use std::num::NonZeroU8;

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::change::ChangeArgs;
use crate::cli::args::pack::PackArgs;
use crate::cli::args::publish::PublishArgs;
use crate::cli::args::{CallArgs, Options, Shared};
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

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self {
            traffic: _,
            publish: _,
            publication,
            alias: _,
            qualifier: _,
            change,
            force,
            skip_unsupported_triggers: _,
            prune_triggers: _,
            concurrency: _,
            pack,
            call,
        } = self;
        call.put(options);
        publication.put(options);
        change.put(options);
        pack.put(options);
        options.run.force = *force;
    }
}

impl Arguments {
    /// Returns what the deployment is asked for.
    pub(in crate::cli) fn request(&self) -> app::deploy::Request {
        app::deploy::Request {
            if_changed: self.publication.if_changed,
            skip_unsupported_triggers: self.skip_unsupported_triggers,
            prune_triggers: self.prune_triggers,
            pack: self.pack.of_app(),
            concurrency: self.concurrency,
        }
    }
}

/// Deploys the instance in the folder, or all of the project whose folder it is.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    app::deploy::run(context, &arguments.request())
}
