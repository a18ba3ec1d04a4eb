//! Whether something is changed.

use clap::Args;

use super::{Options, Shared};

/// Options of commands that change something.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeArgs {
    /// Show what would be called and changed; only read
    #[arg(long)]
    dry_run: bool,
}

impl Shared for ChangeArgs {
    fn put(&self, options: &mut Options) {
        let Self { dry_run } = self;
        options.run.dry_run = *dry_run;
    }
}
