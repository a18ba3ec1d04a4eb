//! The name of a run.

use crate::error::RunName;

/// The name of this run.
#[derive(Clone)]
pub(in crate::app) struct RunId {
    /// The name itself.
    pub id: String,
    /// Whether the user gave it.
    pub given: bool,
    /// Whether the command line has it.
    pub typed: bool,
    /// Of a saved plan: the command that goes on where it stopped.
    pub command: Option<String>,
}

impl RunId {
    /// The name as an error has it.
    pub(in crate::app) fn name(&self) -> RunName {
        let (id, command) = (self.id.clone(), self.command.clone());
        RunName { id, is_typed: self.typed, command }
    }
}
