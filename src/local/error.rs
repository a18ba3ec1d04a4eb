//! The error of an API call.

/// An error answer: `Response.Error` of the API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// The dotted code by which clients decide.
    pub code: String,
    /// What was wrong, in plain English.
    pub message: String,
}

impl Refusal {
    /// Makes an error of a code and a text.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}
