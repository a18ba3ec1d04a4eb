//! The state file: read at the start, replaced whole after each change.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::plain::{self, Seen, beside, folder};
use super::state::State;
use super::{Corruption, StartError};
use crate::fields;

/// A state file that this process alone may write, while it has the lock.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    /// Packages stand beside the file, one for each hash, so that the file
    /// stays readable.
    packages: PathBuf,
    /// The file's name, which those of temporary files begin with.
    name: String,
    lock: File,
    /// The file as it was read or written last.
    seen: Option<Seen>,
}

impl Drop for Store {
    /// A child that is just being started has a copy of the open file, which would keep the lock a
    /// moment longer than the store.
    fn drop(&mut self) {
        self.give_back();
    }
}

impl Store {
    /// Locks and reads a state file; one that is not there is an empty state.
    pub(super) fn open(path: &Path, wait: bool) -> Result<(Self, State), StartError> {
        let failed = |source| StartError::State { path: path.to_owned(), source };
        let (lock_file, packages) = (beside(path, ".lock"), beside(path, ".d"));
        // The user may well reach a state of their own by a link; a project's folder is none.
        if plain::is_of_project(folder(path)) {
            plain::refuse_link(folder(path))?;
        }
        fs::create_dir_all(folder(path)).map_err(failed)?;
        [path, &lock_file, &packages].into_iter().try_for_each(plain::refuse_link)?;
        let lock = plain::open_lock(&lock_file).map_err(failed)?;
        if wait {
            lock.lock().map_err(failed)?;
        } else {
            lock.try_lock().map_err(|error| match error {
                TryLockError::WouldBlock => StartError::Locked { path: path.to_owned() },
                TryLockError::Error(source) => failed(source),
            })?;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut store = Self { path: path.to_owned(), packages, name, lock, seen: None };
        store.refuse_links()?;
        let state = store.read(&BTreeMap::new())?;
        store.sweep_temporary();
        Ok((store, state))
    }

    /// Fails when something with a name that this program gives is a link.
    fn refuse_links(&self) -> Result<(), StartError> {
        let temporary = |name: &str| plain::is_temporary(name, &self.name, false);
        let package = |name: &str| name.strip_suffix(".zip").is_some_and(is_hash);
        plain::refuse_links_in(folder(&self.path), temporary)?;
        plain::refuse_links_in(&self.packages, |name| package(name) || temporary(name))
    }

    /// Lets other processes have the state until [`Self::take_again`].
    pub(super) fn give_back(&self) {
        let _ = self.lock.unlock();
    }

    /// Locks the file again, and reads what others have written since; `false` while another
    /// process has it.
    pub(super) fn take_again(&mut self, state: &mut State) -> Result<bool, StartError> {
        match self.lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(source)) => {
                return Err(StartError::State { path: self.path.clone(), source });
            }
        }
        if !self.seen.as_ref().is_some_and(|seen| seen.is_at(&self.path)) {
            let mut found = self.read(state.packages())?;
            found.keep_what_is_not_written(state);
            *state = found;
        }
        Ok(true)
    }

    /// Reads the state; `known` are packages that are checked already.
    fn read(&mut self, known: &BTreeMap<String, Arc<Vec<u8>>>) -> Result<State, StartError> {
        let corrupt = |path: &Path, source| StartError::Corrupt { path: path.to_owned(), source };
        self.seen = None;
        let (text, seen) = match plain::read_and_see(&self.path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::default()),
            Err(source) => {
                let path = self.path.clone();
                return Err(StartError::State { path, source });
            }
        };
        let other = |reason| corrupt(&self.path, Corruption::Json(reason));
        let value = serde_json::from_slice(&text).map_err(|error| other(error.to_string()))?;
        let mut state: State = fields::read(&value).map_err(|error| other(error.to_string()))?;
        if !state.is_readable() {
            return Err(corrupt(&self.path, Corruption::OtherVersion));
        }
        for hash in state.package_hashes() {
            // The hash names a file, so it must not lead elsewhere.
            if !is_hash(&hash) {
                return Err(corrupt(&self.path, Corruption::NotAHash(hash)));
            }
            if let Some(bytes) = known.get(&hash) {
                state.add_package(hash, Arc::clone(bytes));
                continue;
            }
            let path = self.package(&hash);
            let bytes =
                plain::read(&path).map_err(|error| corrupt(&path, Corruption::Read(error)))?;
            if hex::encode(Sha256::digest(&bytes)) != hash {
                return Err(corrupt(&path, Corruption::OtherContent));
            }
            state.add_package(hash, Arc::new(bytes));
        }
        self.seen = Some(seen);
        Ok(state)
    }

    /// Replaces the file, so that a reader finds the old state or the new one.
    pub(super) fn save(&mut self, state: &State) -> io::Result<()> {
        for (hash, bytes) in state.packages() {
            let path = self.package(hash);
            plain::make_folder(&self.packages)?;
            // A link that was put there is replaced.
            if !fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
                plain::replace(&path, &self.name, bytes)?;
            }
        }
        let mut text = serde_json::to_vec_pretty(state)?;
        text.push(b'\n');
        self.seen = Some(plain::replace(&self.path, &self.name, &text)?);
        // Only now: the old file named packages that may not be needed now.
        self.sweep(state);
        Ok(())
    }

    /// Removes packages of no version.
    fn sweep(&self, state: &State) {
        plain::sweep(&self.packages, |name| {
            let hash = name.strip_suffix(".zip").filter(|hash| is_hash(hash));
            hash.is_some_and(|hash| !state.packages().contains_key(hash))
        });
    }

    /// Removes what runs that were killed have left behind. The lock is held, so that no other
    /// run is at it.
    fn sweep_temporary(&self) {
        let own = folder(&self.path);
        let alone = plain::is_of_project(own);
        plain::sweep(own, |name| plain::is_temporary(name, &self.name, alone));
        plain::sweep(&self.packages, |name| plain::is_temporary(name, &self.name, true));
    }

    fn package(&self, hash: &str) -> PathBuf {
        self.packages.join(format!("{hash}.zip"))
    }
}

/// Whether a text is a SHA-256 in hexadecimal digits.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_has_the_lock_does_not_keep_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("local.json");
        let open = || Store::open(&path, false).map(|(store, _)| store);
        let store = open().expect("free");
        let of_a_child = store.lock.try_clone().expect("a copy");
        assert!(matches!(open(), Err(StartError::Locked { .. })));
        drop(store);
        open().expect("free again");
        drop(of_a_child);
    }
}
