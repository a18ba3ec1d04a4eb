//! A file for each command: what it takes, and what it asks of [`crate::app`].

pub(super) mod config;
pub(super) mod create_alias;
pub(super) mod delete_alias;
pub(super) mod deploy;
pub(super) mod list_alias;
pub(super) mod local;
pub(super) mod package;
pub(super) mod publish_ver;
pub(super) mod update_alias;

use clap::Args;

use crate::app;

/// Options of commands that pack.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Clone, Args)]
struct PackOptions {
    /// Leave out what .gitignore files say, too
    #[arg(long)]
    respect_gitignore: bool,
}

impl PackOptions {
    fn of_app(&self) -> app::PackOptions {
        app::PackOptions { respect_gitignore: self.respect_gitignore }
    }
}
