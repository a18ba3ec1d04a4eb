//! `scfctl package`: the package that a deployment would send.

use std::path::PathBuf;

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::connection::ProfileArgs;
use crate::cli::args::pack::PackArgs;
use crate::cli::args::sls::NoCallArgs;
use crate::cli::args::{Options, ReadArgs, Shared};
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
    #[command(flatten)]
    local: NoCallArgs,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { out: _, list: _, pack, force, local, read, profile } = self;
        read.put(options);
        pack.put(options);
        profile.put(options);
        local.put(options);
        options.run.force = *force;
    }
}

impl Arguments {
    /// Returns what is to become of the package.
    pub(in crate::cli) fn request(&self) -> app::package::Request {
        app::package::Request { out: self.out.clone(), list: self.list, pack: self.pack.of_app() }
    }
}

/// Builds the package of each function, or lists it. Calls nothing.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    app::package::run(context, &arguments.request())
}
