//! Whether something is changed.

use clap::Args;

use super::Options;

/// Options of commands that change something.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeArgs {
    /// Show what would be called and changed; only read
    #[arg(long)]
    dry_run: bool,
}

impl ChangeArgs {
    pub(in crate::cli) fn put(&self, options: &mut Options) {
        options.dry_run = self.dry_run;
    }
}
