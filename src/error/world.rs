//! Worlds of rehearsals that cannot be used.

use crate::local::load::LoadError;
use crate::plan::gates::ScenarioError;

/// Why the world of a rehearsal cannot be used. `file` is its name as it was typed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WorldError {
    /// Neither a built-in one nor a file.
    #[error("there is no scenario and no file `{named}`; there are {}", names.join(", "))]
    NoSuch {
        /// As typed.
        named: String,
        /// The built-in ones.
        names: Vec<&'static str>,
    },
    /// The file cannot be read.
    #[error("cannot read {file}: {reason}")]
    Read {
        /// File.
        file: String,
        /// Why.
        reason: String,
    },
    /// No recording, and nothing that describes traffic.
    #[error("{file} {problem}")]
    Recording {
        /// File.
        file: String,
        /// Why.
        problem: ScenarioError,
    },
    /// Traffic with a key that there is not, or a value of another kind.
    #[error("{file}: {}{reason}", key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default())]
    Traffic {
        /// File.
        file: String,
        /// The way to the key, where it is known.
        key: Option<String>,
        /// Why, with line and column.
        reason: String,
    },
    /// `rate_per_min` has another form.
    #[error("{file}: `rate_per_min` is neither a number nor a list of [after_s, rate]")]
    Rate {
        /// File.
        file: String,
    },
    /// Traffic that cannot be.
    #[error("{file}: {place}: {problem}")]
    Load {
        /// File.
        file: String,
        /// The key.
        place: &'static str,
        /// Why.
        problem: LoadError,
    },
}

// JSON has no numbers that differ from themselves.
impl Eq for WorldError {}
