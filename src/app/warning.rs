//! What is probably a mistake, whichever room has found it.

use crate::config::input_error::InputWarning;

/// What is probably a mistake, or has no effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// A key of `inputs`.
    #[error(transparent)]
    Input(#[from] InputWarning),
    /// A value of an output that nothing refers to.
    #[error("the value of `{key}` is used by nothing{}", instead(.meant.as_deref(), .referred))]
    UnusedValue {
        /// As it was given.
        key: String,
        /// The output that was most likely meant.
        meant: Option<String>,
        /// The outputs that are referred to.
        referred: Vec<String>,
    },
    /// More warnings than are listed.
    #[error("and {0} more like these")]
    More(usize),
    /// The package.
    #[error("{0}")]
    Said(String),
}

impl From<String> for Warning {
    fn from(text: String) -> Self {
        Self::Said(text)
    }
}

fn instead(meant: Option<&str>, referred: &[String]) -> String {
    match meant {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None if referred.is_empty() => "; no `${output:…}` is referred to".to_owned(),
        None => format!("; referred to: {}", referred.join(", ")),
    }
}
