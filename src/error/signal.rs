//! What a signal comes to for whoever started the process.

use super::ExitCode;
use crate::execute::Signal;

/// How the process exits.
pub(super) fn exit_code(signal: Signal) -> ExitCode {
    match signal {
        Signal::Interrupt => ExitCode::Interrupted,
        Signal::Terminate => ExitCode::Terminated,
    }
}

/// The word for programs.
pub(super) fn code(signal: Signal) -> &'static str {
    match signal {
        Signal::Interrupt => "interrupted",
        Signal::Terminate => "terminated",
    }
}
