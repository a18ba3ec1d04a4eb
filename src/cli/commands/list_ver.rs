//! `scfctl list-ver`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::sls::{NoForceArgs, NoPackArgs};
use crate::cli::args::{CallArgs, Options, Shared};
use crate::error::Error;

/// Options of `list-ver`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    force: NoForceArgs,
    #[command(flatten)]
    pack: NoPackArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { call, force, pack } = self;
        call.put(options);
        force.put(options);
        pack.put(options);
    }
}

/// Prints the versions of a function.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::status::list_versions(context)
}
