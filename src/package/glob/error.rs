//! Reasons why a pattern is invalid.

/// Why a pattern is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// The pattern is too long.
    #[error("it has more than {limit} bytes")]
    Long {
        /// Maximum length in bytes.
        limit: usize,
    },
    /// The braces expand to too many patterns.
    #[error("its braces stand for more than {limit} patterns")]
    Expansions {
        /// Maximum number of patterns.
        limit: usize,
    },
    /// A group that is not closed.
    #[error("`{operator}(` has no closing parenthesis")]
    Unclosed {
        /// The character before the group.
        operator: char,
    },
    /// A group that only regular expressions support.
    #[error("`(?` begins a group of a regular expression, which is not supported")]
    LookAround,
    /// A `+` after something that cannot be repeated.
    #[error("a `+` repeats nothing")]
    Repeats,
    /// A character range whose end precedes its start.
    #[error("`{from}-{to}` is an empty range")]
    Range {
        /// Its start.
        from: char,
        /// Its end.
        to: char,
    },
    /// An unknown character class.
    #[error("`[:{name}:]` is no class of characters")]
    ClassName {
        /// Its name.
        name: String,
    },
    /// A NUL character, which no name contains.
    #[error("it holds a NUL character")]
    Nul,
    /// Matching one name takes too many steps.
    #[error("matching it takes too long")]
    Intricate,
}

impl GlobError {
    /// Returns whether the real tool accepts such a pattern and matches nothing with it.
    pub(super) fn names_nothing(&self) -> bool {
        matches!(self, Self::Unclosed { .. } | Self::Repeats | Self::Range { .. })
    }
}
