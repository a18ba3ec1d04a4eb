//! Writes new files, and never over one that is there.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, InitError, Task};

/// The names that a configuration has.
const CONFIGURATIONS: [&str; 3] = ["serverless.yml", "serverless.yaml", "serverless.json"];

/// A file to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewFile {
    /// Below the folder that is written to, with `/` between the parts.
    pub path: String,
    pub content: Vec<u8>,
    /// Whether nobody but its owner may read it.
    #[cfg_attr(not(unix), allow(dead_code))]
    pub is_private: bool,
}

impl NewFile {
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
    // A link that leads nowhere counts, too, and so does a file in place of a folder.
    let there = match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Ok(_) => path,
        Err(_) => path.ancestors().find(|above| above.is_file()).unwrap_or(path),
    };
    Err(InitError::There { path: shown(directory, there) }.into())
}

/// Refuses folders below the one that is written to which are links or files: what is written has
/// to stay in it.
fn check_folders(directory: &Path, folder: &Path, file: &NewFile) -> Result<(), Error> {
    let mut path = folder.to_owned();
    let parts: Vec<&str> = file.path.split('/').collect();
    for part in &parts[..parts.len() - 1] {
        path.push(part);
        if path.symlink_metadata().is_ok_and(|there| !there.is_dir()) {
            return Err(InitError::There { path: shown(directory, &path) }.into());
        }
    }
    Ok(())
}

/// A path from the working directory on.
pub(super) fn shown(directory: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(directory).unwrap_or(path).to_owned()
}

/// Writes all of them, the last one last; none where one is there, or cannot be written.
pub(super) fn write(directory: &Path, folder: &Path, files: &[NewFile]) -> Result<(), Error> {
    for file in files {
        check_folders(directory, folder, file)?;
        check(directory, &folder.join(&file.path))?;
    }
    let (mut made, mut folders) = (Vec::new(), Vec::new());
    let written = write_each(folder, files, &mut made, &mut folders);
    if written.is_err() {
        // What stays would be in the way of the next try.
        for path in &made {
            let _ = fs::remove_file(path);
        }
        for path in &folders {
            let _ = fs::remove_dir(path);
        }
    }
    written
}

/// Writes them, and notes what was `made` by that.
fn write_each(
    folder: &Path,
    files: &[NewFile],
    made: &mut Vec<PathBuf>,
    folders: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    for file in files {
        let path = folder.join(&file.path);
        let above = path.ancestors().skip(1).take_while(|above| !above.exists());
        // The innermost first.
        let new: Vec<PathBuf> = above.map(Path::to_owned).collect();
        folders.splice(..0, new);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            {
                use std::os::unix::fs::OpenOptionsExt as _;
                options.mode(if file.is_private { 0o600 } else { 0o666 });
            }
            let mut opened = options.open(&path)?;
            made.push(path.clone());
            opened.write_all(&file.content)
        });
        written.map_err(|source| Error::Io { task: Task::WriteFile { path }, source })?;
    }
    Ok(())
}
