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

/// Options of commands that delete for good.
#[derive(Debug, Args)]
pub(in crate::cli) struct YesArgs {
    /// Delete without asking; needed where nobody can be asked
    #[arg(long, short = 'y')]
    yes: bool,
}

impl YesArgs {
    /// Whether nothing is to be asked.
    pub(in crate::cli) fn given(&self) -> bool {
        self.yes
    }
}
