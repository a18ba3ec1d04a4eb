//! Lines and columns.

/// A place in a file, both counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Location {
    /// Number of the line, from 1.
    pub line: usize,
    /// The column.
    pub column: usize,
}
