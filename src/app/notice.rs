//! What a command says while it works, beside what plan and execute say.

use std::path::PathBuf;

/// A note of a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// The local SCF is used; its state is kept here.
    #[error("local SCF, nothing leaves this machine; its state is kept in {}", .0.display())]
    LocalState(PathBuf),
    /// An alias needs no change.
    #[error("the alias is as asked already; nothing is sent")]
    AliasAsAsked,
}
