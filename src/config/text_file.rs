//! Reads the small text files of a project, whatever lies where they should be.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// Reads a file of at most `limit` bytes; `None` when there is none.
///
/// A pipe is not opened, since that would wait for a writer; a device has no end.
///
/// # Errors
/// It is a folder or something special, too large, unreadable, or not UTF-8.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Option<String>> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if metadata.is_dir() {
        return Err(io::Error::other("it is a folder, not a file"));
    }
    if !metadata.is_file() {
        return Err(io::Error::other("it is a pipe, a socket or a device, not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it has more than {limit} bytes")));
    }
    String::from_utf8(bytes).map(Some).map_err(|error| {
        let position = error.utf8_error().valid_up_to();
        io::Error::other(format!("it is not UTF-8 (byte {})", position + 1))
    })
}
