//! `scfctl init`.

use std::path::PathBuf;

use clap::Args;

use crate::app::{self, Context, Done};
use crate::cli::args::connection::{ConnectionArgs, ProfileArgs};
use crate::cli::args::report::ReportArgs;
use crate::cli::args::{Options, Shared};
use crate::error::Error;

/// Options of `init`.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Describe this function, so that deploying it changes nothing
    #[arg(long, value_name = "NAME")]
    from_function: Option<String>,
    /// Turn this file of an older format into today's
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
    /// Begin with a function of this runtime, such as Python3.9
    #[arg(long, value_name = "NAME")]
    runtime: Option<String>,
    /// Name of the new function's instance [default: that of the folder]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Folder to write into; it may be new
    #[arg(long, value_name = "DIR")]
    target: Option<String>,
    /// Namespace of the function
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    namespace: Option<String>,
    /// Region of the function
    #[arg(long, hide_short_help = true)]
    region: Option<String>,
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    profile: ProfileArgs,
    #[command(flatten)]
    report: ReportArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self {
            from_function: _,
            from_file: _,
            runtime: _,
            name: _,
            target,
            namespace: _,
            region,
            connection,
            profile,
            report,
        } = self;
        options.run.target.clone_from(target);
        options.region.clone_from(region);
        connection.put(options);
        profile.put(options);
        report.put(options);
    }
}

impl Arguments {
    /// Returns what the file is made from.
    pub(in crate::cli) fn request(&self) -> app::init::Request {
        app::init::Request {
            function: self.from_function.clone(),
            file: self.from_file.clone(),
            runtime: self.runtime.clone(),
            name: self.name.clone(),
            namespace: self.namespace.clone(),
        }
    }
}

/// Writes a configuration where none is.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> Result<Done, Error> {
    app::init::run(context, &arguments.request())
}
