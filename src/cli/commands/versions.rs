//! `scfctl versions …`.

use clap::{Args, Subcommand};

use crate::app::remove::prune::Request;
use crate::app::{self, Context, Done};
use crate::cli::args::change::{ChangeArgs, YesArgs};
use crate::cli::args::sls::{NoForceArgs, NoPackArgs};
use crate::cli::args::{CallArgs, Options, Shared};
use crate::cli::help;
use crate::error::Error;

/// Commands about the versions of a function.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Delete old versions that nothing uses
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::VERSIONS_PRUNE, after_long_help = help::VERSIONS_PRUNE_NOTES)]
    Prune(Prune),
}

/// Options of `prune`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct Prune {
    /// How many of the newest versions stay, from 1; required
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    #[command(flatten)]
    yes: YesArgs,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    force: NoForceArgs,
    #[command(flatten)]
    pack: NoPackArgs,
}

impl Shared for Command {
    fn put(&self, options: &mut Options) {
        let Self::Prune(Prune { keep: _, yes: _, change, call, force, pack }) = self;
        call.put(options);
        change.put(options);
        force.put(options);
        pack.put(options);
    }
}

impl Command {
    /// Returns what is asked for.
    pub(in crate::cli) fn request(&self) -> Request {
        let Self::Prune(prune) = self;
        Request { keep: prune.keep, confirmed: prune.yes.given() }
    }
}

/// Deletes versions.
pub(in crate::cli) fn run(context: &Context, command: &Command) -> Result<Done, Error> {
    app::remove::prune::prune(context, command.request())
}
