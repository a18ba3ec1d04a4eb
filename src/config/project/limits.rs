//! How large what is read may be.

/// Bytes of a configuration file; people write a few thousand.
pub(super) const FILE_LIMIT: u64 = 10_000_000;

/// Bytes of all inputs together once their references are resolved.
pub(super) const INPUTS_LIMIT: usize = 64 << 20;
