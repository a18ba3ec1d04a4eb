//! `scfctl list-alias`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::{Options, PlainCallArgs, Shared};
use crate::error::Error;

/// Options of `list-alias`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Only this alias
    // This one and the next two are read by `inputs::split`; here for the help text.
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// As --alias
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    name: Option<String>,
    /// Only aliases that use this version
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    #[command(flatten)]
    call: PlainCallArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { alias: _, name: _, version: _, call } = self;
        call.put(options);
    }
}

/// Prints all aliases of a function, or the named one, or those that use a version.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::alias::list(context)
}
