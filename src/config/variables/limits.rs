//! How far references are followed.

/// References inside references, and values that refer to further values.
pub const MAX_DEPTH: usize = 32;

/// Bytes one text may grow to: references that double their value add up.
pub const MAX_LENGTH: usize = 1 << 20;

/// References resolved for one text: values that double their number add up, too.
pub const MAX_REFERENCES: usize = 10_000;

/// Bytes that all texts of one value may grow to: a long name that each of many texts refers to.
pub const MAX_TOTAL: usize = 64 << 20;
