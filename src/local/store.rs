//! The state file: read at the start, replaced whole after each change.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::StartError;
use super::state::State;

/// A state file that this process alone may write.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    /// Packages stand beside the file, one for each hash, so that the file
    /// stays readable.
    packages: PathBuf,
    /// Released when the store is dropped.
    _lock: File,
}

impl Store {
    /// Locks and reads a state file; one that is not there is an empty state.
    pub(super) fn open(path: &Path, wait: bool) -> Result<(Self, State), StartError> {
        let failed = |source| StartError::State { path: path.to_owned(), source };
        fs::create_dir_all(folder(path)).map_err(failed)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(beside(path, ".lock"))
            .map_err(failed)?;
        if wait {
            lock.lock().map_err(failed)?;
        } else {
            lock.try_lock().map_err(|error| match error {
                TryLockError::WouldBlock => StartError::Locked { path: path.to_owned() },
                TryLockError::Error(source) => failed(source),
            })?;
        }
        let store = Self { path: path.to_owned(), packages: beside(path, ".d"), _lock: lock };
        let state = store.read()?;
        Ok((store, state))
    }

    fn read(&self) -> Result<State, StartError> {
        let corrupt = |path: &Path, source: Box<dyn std::error::Error + Send + Sync>| {
            let path = path.to_owned();
            StartError::Corrupt { path, source }
        };
        let text = match read_file(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::default()),
            Err(source) => {
                let path = self.path.clone();
                return Err(StartError::State { path, source });
            }
        };
        let mut state: State =
            serde_json::from_slice(&text).map_err(|error| corrupt(&self.path, error.into()))?;
        if !state.is_readable() {
            let text = "it was written by another version of this program";
            return Err(corrupt(&self.path, text.into()));
        }
        for hash in state.package_hashes() {
            // The hash names a file, so it must not lead elsewhere.
            if hash.len() != 64 || hash.bytes().any(|byte| !byte.is_ascii_hexdigit()) {
                let text = format!("`{hash}` is not the hash of a package");
                return Err(corrupt(&self.path, text.into()));
            }
            let path = self.package(&hash);
            let bytes = read_file(&path).map_err(|error| corrupt(&path, error.into()))?;
            if hex::encode(Sha256::digest(&bytes)) != hash {
                return Err(corrupt(&path, "its content does not have its hash".into()));
            }
            state.add_package(hash, bytes);
        }
        Ok(state)
    }

    /// Replaces the file, so that a reader finds the old state or the new one.
    pub(super) fn save(&self, state: &State) -> io::Result<()> {
        for (hash, bytes) in state.packages() {
            let path = self.package(hash);
            if !path.exists() {
                match fs::create_dir(&self.packages) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        return Err(error);
                    }
                    _ => replace(&path, bytes)?,
                }
            }
        }
        let mut text = serde_json::to_vec_pretty(state)?;
        text.push(b'\n');
        replace(&self.path, &text)?;
        // Only now: the old file named packages that may not be needed now.
        self.sweep(state);
        Ok(())
    }

    /// Removes packages of no version. One that stays does no harm, so that
    /// failing to remove it is no error.
    fn sweep(&self, state: &State) {
        let Ok(entries) = fs::read_dir(&self.packages) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let hash = name.to_str().and_then(|name| name.strip_suffix(".zip"));
            if hash.is_some_and(|hash| !state.packages().contains_key(hash)) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn package(&self, hash: &str) -> PathBuf {
        self.packages.join(format!("{hash}.zip"))
    }
}

/// Reads a file, not a pipe or a device, which may have no end.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    fs::read(path)
}

/// The folder of a file; a bare name stands in the current one.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A path with something after the file's whole name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder(path);
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The new name lasts only once the folder is written too. Not every
    // platform can open a folder.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}
