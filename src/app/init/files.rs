//! Writes new files, and never over one that is there.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, InitError, Task};

/// The names that a configuration has.
const CONFIGURATIONS: [&str; 3] = ["serverless.yml", "serverless.yaml", "serverless.json"];

/// A file to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Below the folder that is written to, with `/` between the parts.
    pub path: String,
    /// Its content.
    pub content: Vec<u8>,
    /// Whether nobody but its owner may read it.
    #[cfg_attr(not(unix), allow(dead_code))]
    pub is_private: bool,
}

impl File {
    pub(super) fn new(path: &str, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.to_owned(), content: content.into(), is_private: false }
    }
}

/// Refuses a folder that has a configuration.
///
/// `directory` is where the command was called, from where on paths are shown.
pub(super) fn check_free(directory: &Path, folder: &Path) -> Result<(), Error> {
    CONFIGURATIONS.iter().try_for_each(|name| check(directory, &folder.join(name)))
}

fn check(directory: &Path, path: &Path) -> Result<(), Error> {
    // A link that leads nowhere counts, too.
    if path.symlink_metadata().is_ok() {
        return Err(InitError::There { path: shown(directory, path) }.into());
    }
    Ok(())
}

/// A path from the working directory on.
pub(super) fn shown(directory: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(directory).unwrap_or(path).to_owned()
}

/// Writes all of them, the last one last; none where one is there.
pub(super) fn write(directory: &Path, folder: &Path, files: &[File]) -> Result<(), Error> {
    files.iter().try_for_each(|file| check(directory, &folder.join(&file.path)))?;
    for file in files {
        let path = folder.join(&file.path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            {
                use std::os::unix::fs::OpenOptionsExt as _;
                options.mode(if file.is_private { 0o600 } else { 0o666 });
            }
            options.open(&path)?.write_all(&file.content)
        });
        written.map_err(|source| Error::Io { task: Task::WriteFile { path }, source })?;
    }
    Ok(())
}
