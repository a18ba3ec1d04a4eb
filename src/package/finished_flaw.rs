//! Reasons why a finished package cannot be used.

use super::{ENTRIES_LIMIT, UNPACKED_LIMIT};

/// Limit on the file size in bytes: that of an unpacked version, plus a tenth for the zip's
/// overhead.
pub const FILE_LIMIT: u64 = UNPACKED_LIMIT / 10 * 11;

/// What is wrong with a finished package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FinishedFlaw {
    /// The file does not exist.
    #[error("does not exist")]
    Missing,
    /// A folder, which has to be packed.
    #[error("is a folder, not a finished package")]
    Folder,
    /// A pipe or a device.
    #[error("is no file")]
    Special,
    /// The file exceeds [`FILE_LIMIT`].
    #[error("has more than {FILE_LIMIT} bytes")]
    Large,
    /// Another format, or a truncated zip.
    #[error("is no zip: {reason}")]
    NoZip {
        /// The zip library's message.
        reason: String,
    },
    /// A zip without files.
    #[error("holds no file")]
    Empty,
    /// Too many entries.
    #[error("holds more than {ENTRIES_LIMIT} files and folders")]
    Many,
    /// The unpacked size exceeds the limit for a version.
    #[error("holds more than {UNPACKED_LIMIT} bytes, the most that a function version takes")]
    Unpacked,
    /// An entry that needs a password.
    #[error("holds `{name}`, which needs a password")]
    Encrypted {
        /// Its name.
        name: String,
    },
    /// An entry that cannot be unpacked.
    #[error("holds `{name}`, which cannot be unpacked: {reason}")]
    Broken {
        /// Its name.
        name: String,
        /// The zip library's message.
        reason: String,
    },
    /// A name that an unpacking program could take for a path out of the folder.
    #[error("holds `{name}`, a name that climbs out of the package")]
    Climbing {
        /// The name.
        name: String,
    },
    /// The hash differs from the one that was given.
    #[error("has SHA-256 {found}, not {expected}")]
    Digest {
        /// The hash that was given.
        expected: String,
        /// The file's hash.
        found: String,
    },
}
