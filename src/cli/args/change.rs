//! Whether something is changed.

use clap::Args;

use super::{Options, Shared};

/// Options of commands that change something.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeArgs {
    /// Show what would be called and changed; only read
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: exit code 10 when something would be changed, 0 when nothing would
    #[arg(long, requires = "dry_run", hide_short_help = true)]
    detailed_exitcode: bool,
}

impl Shared for ChangeArgs {
    fn put(&self, options: &mut Options) {
        let Self { dry_run, detailed_exitcode } = self;
        options.run.dry_run = *dry_run;
        options.detailed_exit_code = *detailed_exitcode;
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
