//! `scfctl package`: the package that a deployment would send.

use std::path::PathBuf;

use clap::Args;

use super::PackOptions;
use crate::app::{self, Context};
use crate::error::Error;

/// Options of `package`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Write the package to this file; what is there and no file, a pipe for example, is
    /// written to
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// List its files with mode, size and hash
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    pack: PackOptions,
}

/// Builds the package of each function, or lists it. Calls nothing.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<(), Error> {
    let request = app::package::Request {
        out: arguments.out.clone(),
        list: arguments.list,
        pack: arguments.pack.of_app(),
    };
    app::package::run(context, &request)
}
