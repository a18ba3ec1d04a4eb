//! `scfctl apply`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::connection::{ConnectionArgs, ProfileArgs};
use crate::cli::args::report::ReportArgs;
use crate::cli::args::{Options, Shared};

/// Options of `apply`: what is done, and to what, is said by the plan.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The plan
    #[arg(value_name = "FILE")]
    pub(in crate::cli) plan: PathBuf,
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    profile: ProfileArgs,
    #[command(flatten)]
    report: ReportArgs,
}

impl Shared for Arguments {
    fn put(&self, options: &mut Options) {
        let Self { plan: _, connection, profile, report } = self;
        connection.put(options);
        profile.put(options);
        report.put(options);
    }
}

impl Arguments {
    /// The file.
    #[cfg(test)]
    pub(in crate::cli) fn plan(&self) -> &std::path::Path {
        &self.plan
    }
}
