//! How code is packed.

use clap::Args;

use super::{Options, Shared};
use crate::app;

/// Options of commands that pack.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct PackArgs {
    /// Leave out what .gitignore files say, too
    #[arg(long, hide_short_help = true)]
    respect_gitignore: bool,
    /// Read every file, whatever is known of it from before
    #[arg(long = "noCache", hide_short_help = true)]
    no_cache: bool,
    /// What is wrong with plain settings is a warning, and the service decides
    #[arg(long = "noValidation", hide_short_help = true)]
    no_validation: bool,
}

impl PackArgs {
    /// What of them packing works by.
    pub(in crate::cli) fn of_app(&self) -> app::PackOptions {
        app::PackOptions { respect_gitignore: self.respect_gitignore }
    }
}

impl Shared for PackArgs {
    fn put(&self, options: &mut Options) {
        // The first one is said to the packing alone, see `of_app`.
        let Self { respect_gitignore: _, no_cache, no_validation } = self;
        options.run.no_cache = *no_cache;
        options.run.no_validation = *no_validation;
    }
}
