//! How large a document may be.

/// Collections inside one another, counting the outermost; js-yaml's limit.
pub const MAX_DEPTH: usize = 100;

/// Values in the document after aliases are expanded.
pub const MAX_NODES: usize = 100_000;

/// Bytes of text in the document after aliases are expanded.
pub const MAX_BYTES: usize = 64 << 20;

/// Keys taken over by `<<` in one document; js-yaml's limit.
pub const MAX_MERGED_KEYS: usize = 10_000;
