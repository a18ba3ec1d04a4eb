//! `scfctl doctor`.

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::{Options, PlainCallArgs, Shared};
use crate::error::Error;

/// Options of `doctor`.
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

/// Prints what was looked at, and what to do about it.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::doctor::run(context)
}
