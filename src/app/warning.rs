//! What is probably a mistake, whichever room has found it.

use crate::config::input_error::InputWarning;

/// What is probably a mistake, or has no effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// A key of `inputs`.
    #[error(transparent)]
    Input(#[from] InputWarning),
    /// The package.
    #[error("{0}")]
    Said(String),
}

impl From<String> for Warning {
    fn from(text: String) -> Self {
        Self::Said(text)
    }
}
