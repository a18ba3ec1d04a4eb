//! Reads the small text files of a project, whatever lies where they should be.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A folder of that name.
    #[error("it is a folder, not a file")]
    Folder,
    /// Something that may have no end.
    #[error("it is a pipe, a socket or a device, not a file")]
    Special,
    /// More than anybody writes.
    #[error("it has more than {limit} bytes")]
    TooLarge {
        /// The most that is read, in bytes.
        limit: u64,
    },
    /// Not a text.
    #[error("it is not UTF-8 (byte {byte})")]
    NotText {
        /// The first byte that is none of UTF-8, from 1.
        byte: usize,
    },
    /// In the system's words.
    #[error("{0}")]
    System(String),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::System(error.to_string())
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        Self::other(error)
    }
}

/// Reads a file of at most `limit` bytes; `None` when there is none.
///
/// A pipe is not opened, since that would wait for a writer; a device has no end.
///
/// # Errors
/// It is a folder or something special, too large, unreadable, or not UTF-8.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Option<String>, ReadError> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    if metadata.is_dir() {
        return Err(ReadError::Folder);
    }
    if !metadata.is_file() {
        return Err(ReadError::Special);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { limit });
    }
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|error| ReadError::NotText { byte: error.utf8_error().valid_up_to() + 1 })
}
