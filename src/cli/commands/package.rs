//! `scfctl package`: the package that a deployment would send.

use std::path::PathBuf;

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::connection::ProfileArgs;
use crate::cli::args::pack::PackArgs;
use crate::cli::args::{Options, ReadArgs};
use crate::error::Error;

/// Options of `package`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Write the package to this file
    ///
    /// What is there and no file, a pipe for example, is written to.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// List its files with mode, size and hash
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    pack: PackArgs,
    /// As --noCache
    #[arg(long, hide_short_help = true)]
    force: bool,
    /// As for commands that call; this one calls nothing
    #[arg(long, hide_short_help = true)]
    local: bool,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

impl Arguments {
    /// Returns the options that it shares with other commands.
    pub(in crate::cli) fn options(&self) -> Options {
        let mut options = self.read.options();
        options.local = self.local;
        self.pack.put(&mut options);
        self.profile.put(&mut options);
        options.force = self.force;
        options
    }
}

/// Builds the package of each function, or lists it. Calls nothing.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    let request = app::package::Request {
        out: arguments.out.clone(),
        list: arguments.list,
        pack: arguments.pack.of_app(),
    };
    app::package::run(context, &request)
}
