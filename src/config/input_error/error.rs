//! An error of an input, and all of them.

use super::advice::Advice;
use super::wrong::Wrong;
use crate::config::position::Position;

/// A key of `inputs` that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` {what} ({place})")]
pub struct InputError {
    /// Dotted path of the key below `inputs`.
    pub key: String,
    /// Where it was given: file and line, or the argument.
    pub place: Position,
    /// What is wrong with it.
    pub what: Wrong,
    /// What to write instead.
    pub instead: Option<Advice>,
}
