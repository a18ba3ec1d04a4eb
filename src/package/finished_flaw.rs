//! What can be wrong with a package that was made before.

use super::{ENTRIES_LIMIT, UNPACKED_LIMIT};

/// The largest file that is read, in bytes: what a version takes unpacked, and a tenth of it for
/// what a zip holds besides.
pub const FILE_LIMIT: u64 = UNPACKED_LIMIT / 10 * 11;

/// What is wrong with a finished package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FinishedFlaw {
    /// There is no such file.
    #[error("does not exist")]
    Missing,
    /// A folder, which would have to be packed.
    #[error("is a folder, not a finished package")]
    Folder,
    /// A pipe or a device.
    #[error("is no file")]
    Special,
    /// More than is read.
    #[error("has more than {FILE_LIMIT} bytes")]
    Large,
    /// Another format, or a part of a zip.
    #[error("is no zip: {reason}")]
    NoZip {
        /// In the words of the library that reads it.
        reason: String,
    },
    /// A zip without a file.
    #[error("holds no file")]
    Empty,
    /// Too many entries.
    #[error("holds more than {ENTRIES_LIMIT} files and folders")]
    Many,
    /// Too much for one version.
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
        /// In the words of the library that reads it.
        reason: String,
    },
    /// A name that an unpacking program could take for a way out of the folder.
    #[error("holds `{name}`, a name that climbs out of the package")]
    Climbing {
        /// The name.
        name: String,
    },
    /// Another file than the one that was meant.
    #[error("has SHA-256 {found}, not {expected}")]
    Digest {
        /// The hash that was given.
        expected: String,
        /// That of the file.
        found: String,
    },
}
