//! Why a text is no pattern.

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// Longer than patterns are read.
    #[error("it has more than {limit} bytes")]
    Long {
        /// The most that is read.
        limit: usize,
    },
    /// Braces that stand for too much.
    #[error("its braces stand for more than {limit} patterns")]
    Expansions {
        /// The most that they may stand for.
        limit: usize,
    },
    /// A group without an end.
    #[error("`{operator}(` has no closing parenthesis")]
    Unclosed {
        /// What stands before the group.
        operator: char,
    },
    /// A group that only regular expressions have.
    #[error("`(?` begins a group of a regular expression, which is not supported")]
    LookAround,
    /// A `+` behind nothing.
    #[error("a `+` repeats nothing")]
    Repeats,
    /// A range of characters whose end comes before its beginning.
    #[error("`{from}-{to}` is an empty range")]
    Range {
        /// Its beginning.
        from: char,
        /// Its end.
        to: char,
    },
    /// A class of characters that nobody knows.
    #[error("`[:{name}:]` is no class of characters")]
    ClassName {
        /// Its name.
        name: String,
    },
    /// A character that no name has.
    #[error("it holds a NUL character")]
    Nul,
    /// Too many steps for one name.
    #[error("matching it takes too long")]
    Intricate,
}

impl GlobError {
    /// Whether the real tool takes such a pattern, as one that names nothing.
    pub(super) fn names_nothing(&self) -> bool {
        matches!(self, Self::Unclosed { .. } | Self::Repeats | Self::Range { .. })
    }
}
