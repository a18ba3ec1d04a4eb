//! Which alias a command works on, and what becomes of it.
//!
//! All of these are inputs by another name, which `inputs::split` reads from the raw arguments;
//! here for the help text.

use clap::Args;

/// The alias of a command.
#[derive(Debug, Args)]
pub(in crate::cli) struct AliasArgs {
    /// Alias
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// As --alias
    // Of its own, so that whoever types it is told of it.
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    name: Option<String>,
}

/// What an alias is to be.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Args)]
pub(in crate::cli) struct RoutingArgs {
    /// Main version; gets what the other one does not
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Another version and its share, for example 2=0.1
    #[arg(long, value_name = "VERSION=SHARE", conflicts_with = "no_weights")]
    weight: Vec<String>,
    /// Everything to the main version
    #[arg(long)]
    no_weights: bool,
    /// Description of the alias
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}
