//! What is probably a mistake, whichever room has found it.

use crate::config::input_error::InputWarning;
use crate::package;

/// What is probably a mistake, or has no effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// A key of `inputs`.
    #[error(transparent)]
    Input(#[from] InputWarning),
    /// The package.
    #[error("{0}")]
    Package(package::Warning),
    /// Code that would not start.
    #[error(transparent)]
    Code(#[from] CodeWarning),
}

impl From<&package::Warning> for Warning {
    fn from(warning: &package::Warning) -> Self {
        Self::Package(warning.clone())
    }
}

/// What was done for code to start, or may keep it from that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeWarning {
    /// A file that starts the function is not executable.
    #[error("`{name}` is not executable here; in the package it is (0755)")]
    MadeExecutable {
        /// File.
        name: &'static str,
    },
    /// A file that starts the function was missing.
    #[error("`{name}` is not there; one that starts `{entry_file}` is added")]
    Injected {
        /// File.
        name: &'static str,
        /// What it starts.
        entry_file: String,
    },
    /// A runtime that is in no list.
    #[error(
        "runtime `{runtime}` is none of those that this version knows{}",
        meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default()
    )]
    UnknownRuntime {
        /// As it was written.
        runtime: String,
        /// The one that is spelt alike.
        meant: Option<&'static str>,
    },
}
