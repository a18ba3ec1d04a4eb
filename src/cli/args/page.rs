//! Files that tell what became of a rollout.

use std::path::PathBuf;

use clap::Args;

use super::{OUTPUT, Options, Shared};

/// Options of commands that write reports.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct PageArgs {
    /// Write a report to this file: a page (.html), its data (.json) or JUnit (.xml); repeatable
    ///
    /// Also when the rollout ends badly or is interrupted. What is there and no file, a pipe for
    /// example, is written to.
    #[arg(long = "report", value_name = "FILE", hide_short_help = true, help_heading = OUTPUT)]
    reports: Vec<PathBuf>,
}

impl Shared for PageArgs {
    fn put(&self, options: &mut Options) {
        let Self { reports } = self;
        options.reports.clone_from(reports);
        options.run.reports = !reports.is_empty();
    }
}
