//! Storage of a package while it is built and until it is sent.

use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::PackageError;

/// Storage of a package while it is built and until it is sent.
pub(super) trait PackageStorage: Read + Write + Seek + Send {}

/// What is being written, for errors.
#[derive(Debug, Clone, Copy)]
pub(super) enum WrittenTo<'a> {
    /// Memory, or a temporary file for large packages.
    Temporary,
    /// A file that the user named.
    File(&'a Path),
}

impl WrittenTo<'_> {
    pub(super) fn failed(self, source: io::Error) -> PackageError {
        match self {
            Self::Temporary => PackageError::Temporary { folder: std::env::temp_dir(), source },
            Self::File(path) => PackageError::Write { to: path.display().to_string(), source },
        }
    }
}

/// Progress of packing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackProgress {
    /// Files packed.
    pub files: usize,
    /// Bytes packed.
    pub bytes: u64,
    /// Total number of files.
    pub all_files: usize,
    /// Total bytes.
    pub all_bytes: u64,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
