//! `scfctl status`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::sls::{NoForceArgs, NoPackArgs};
use crate::cli::args::{CallArgs, Options, Shared};
use crate::error::Error;

/// Options of `status`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Only this alias
    // Read by `inputs::split`; here for the help text.
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    #[command(flatten)]
    call: CallArgs,
    #[command(flatten)]
    force: NoForceArgs,
    #[command(flatten)]
    pack: NoPackArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { alias: _, call, force, pack } = self;
        call.put(options);
        force.put(options);
        pack.put(options);
    }
}

/// Shows functions with all that belongs to them.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::status::run(context)
}
