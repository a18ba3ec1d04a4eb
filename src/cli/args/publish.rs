//! When a version is published.

use clap::Args;

use super::{Options, Shared};

/// Options of commands that publish.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct PublishArgs {
    /// Publish only what differs from the last version
    #[arg(long)]
    pub if_changed: bool,
    /// Names this run: repeated, it publishes nothing twice
    ///
    /// Repeated with the same name it adopts the version published before. Default:
    /// $SCFCTL_RUN_ID, else random.
    #[arg(long, value_name = "ID")]
    run_id: Option<String>,
}

impl Shared for PublishArgs {
    fn put(&self, options: &mut Options) {
        // The first one is part of what the command asks for.
        let Self { if_changed: _, run_id } = self;
        options.run.run_id.clone_from(run_id);
    }
}
