//! `scfctl list-ver`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::{Options, PlainCallArgs, Shared};
use crate::error::Error;

/// Options of `list-ver`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    call: PlainCallArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { call } = self;
        call.put(options);
    }
}

/// Prints the versions of a function.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::status::list_versions(context)
}
