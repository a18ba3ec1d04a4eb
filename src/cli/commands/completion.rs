//! `scfctl completion`.

use clap::Args;

use crate::cli::args::{Options, Shared};
use crate::cli::complete::Shell;

/// Options of `completion`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Shared for Arguments {
    fn put(&self, _: &mut Options) {
        // Which script it is, is all there is to say.
        let Self { shell: _ } = self;
    }
}

impl Arguments {
    /// Returns the shell whose script is asked for.
    pub(in crate::cli) fn shell(&self) -> Shell {
        self.shell
    }
}
