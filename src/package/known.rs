//! Recalls what a package would be without reading its files, as long as nothing about them has
//! changed.
//!
//! What is remembered is one hash per state of a folder: of names, modes, sizes, times of the last
//! write and the last change, devices and inode numbers of all files. Programs cannot set the time
//! of the last change, so other content has another hash, unless it was written within the same
//! tick of the clock; a folder with a file that recent is not remembered. A wrong entry, or one of
//! another version of this program, can at worst be another package's hash, which then is found to
//! differ from what is packed.

use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::selection::{Content, Selection};
use crate::order::Order as _;

/// To be incremented when the same files would make other bytes.
const FORMAT: u32 = 1;
/// Age in seconds below which a file may be changed again without a trace: the coarsest file system
/// clock ticks every two seconds.
const SETTLED: i64 = 3;
/// Number of folders that are remembered.
const MOST: usize = 200;

/// A package that is known without being built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPackage {
    /// Lower-case hex SHA-256 of the zip.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
}

impl Selection {
    /// Returns the hash of the files' metadata as they were listed.
    ///
    /// `None` where it would prove nothing: a file was too recent, or the system does not report
    /// enough.
    #[must_use]
    pub fn fingerprint(&self) -> Option<String> {
        if !cfg!(unix) {
            return None;
        }
        let mut hash = Sha256::new();
        let mut text = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        text(&format!("{} {FORMAT}", env!("CARGO_PKG_VERSION")));
        for file in self.files() {
            text(&file.name);
            text(if file.executable { "x" } else { "" });
            match &file.content {
                Content::OnDisk(stamp) => {
                    if stamp.changed.0.max(stamp.modified.0) > self.now - SETTLED {
                        return None;
                    }
                    text(&format!("{stamp:?}"));
                }
                Content::Given(bytes) => text(&hex::encode(Sha256::digest(bytes))),
            }
        }
        Some(hex::encode(hash.finalize()))
    }
}

/// Returns the package that a folder with this fingerprint makes, if `cache` has it.
#[must_use]
pub fn recall(cache: &Path, fingerprint: &str) -> Option<KnownPackage> {
    let file = cache.join(fingerprint);
    if !is_sound(cache) || !fs::symlink_metadata(&file).ok()?.is_file() {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    let mut fields = text.split_whitespace();
    let (sha256, size, seal) = (fields.next()?, fields.next()?, fields.next()?);
    let known = KnownPackage { sha256: sha256.to_owned(), size: size.parse().ok()? };
    (seal == sealed(fingerprint, &known)).then_some(known)
}

/// Remembers the package that a folder with this fingerprint makes. Failing to only costs time.
pub fn remember(cache: &Path, fingerprint: &str, known: &KnownPackage) {
    let write = || {
        fs::create_dir_all(cache)?;
        if !is_sound(cache) {
            return Err(std::io::Error::other("it is a link"));
        }
        let mut file = tempfile::NamedTempFile::new_in(cache)?;
        let seal = sealed(fingerprint, known);
        std::io::Write::write_all(
            &mut file,
            format!("{} {} {seal}\n", known.sha256, known.size).as_bytes(),
        )?;
        file.persist(cache.join(fingerprint)).map_err(|error| error.error)
    };
    if write().is_ok() {
        forget_oldest(cache);
    }
}

/// Returns whether the cache folder and its parent are real folders, not links: a cache inside a
/// checkout must not lead elsewhere.
fn is_sound(cache: &Path) -> bool {
    let is_folder = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    is_folder(cache) && cache.parent().is_some_and(is_folder)
}

/// Returns a checksum that shows whether a line is complete.
fn sealed(fingerprint: &str, known: &KnownPackage) -> String {
    hex::encode(Sha256::digest(format!("{fingerprint} {} {}", known.sha256, known.size)))
}

fn forget_oldest(cache: &Path) {
    let Ok(entries) = fs::read_dir(cache) else { return };
    let mut files: Vec<_> = entries
        .flatten()
        // The entry's own metadata, and only names that can be fingerprints.
        .filter(|entry| {
            let name = entry.file_name();
            name.len() == 64 && name.as_encoded_bytes().iter().all(u8::is_ascii_hexdigit)
        })
        .filter_map(|entry| Some((entry.metadata().ok()?, entry.path())))
        .filter(|(metadata, _)| metadata.is_file())
        .filter_map(|(metadata, path)| Some((metadata.modified().ok()?, path)))
        .collect();
    files.order();
    for (_, path) in files.iter().take(files.len().saturating_sub(MOST)) {
        let _ = fs::remove_file(path);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{DirEntry, File};
    use std::io;
    use std::os::unix::fs::MetadataExt as _;

    use super::super::Rules;
    use super::*;

    /// The fingerprint as computed this many seconds after the last change.
    fn fingerprint(folder: &Path, later: i64) -> Option<String> {
        let changed = |entry: io::Result<DirEntry>| entry.unwrap().metadata().unwrap().ctime();
        let now = fs::read_dir(folder).unwrap().map(changed).max().unwrap() + later;
        let (folder, project) = (folder.to_owned(), folder.to_owned());
        let rules = Rules { folder, project, now, ..Rules::default() };
        Selection::list(&rules).unwrap().fingerprint()
    }

    #[test]
    fn whatever_is_changed_shows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "one").unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(fingerprint(folder.path(), 0), None, "it is too young");
        let before = fingerprint(folder.path(), 10).unwrap();
        assert_eq!(fingerprint(folder.path(), 20).unwrap(), before);
        // The same size, with the time of the last write restored.
        let changed = || fs::metadata(&path).map(|found| (found.ctime(), found.ctime_nsec()));
        let first = changed().unwrap();
        // Within one tick of the file system's clock, nothing shows.
        while changed().unwrap() == first {
            fs::write(&path, "two").unwrap();
            File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        }
        let after = fingerprint(folder.path(), 10).unwrap();
        assert_ne!(after, before);
        fs::write(folder.path().join("b"), "").unwrap();
        let more = fingerprint(folder.path(), 10).unwrap();
        assert_ne!(more, after);
        fs::rename(folder.path().join("b"), folder.path().join("c")).unwrap();
        assert_ne!(fingerprint(folder.path(), 10).unwrap(), more);
    }

    #[test]
    fn what_is_remembered_is_whole_or_nothing() {
        let cache = tempfile::tempdir().unwrap();
        let cache = cache.path().join("below");
        let known = KnownPackage { sha256: "ab".repeat(32), size: 7 };
        assert_eq!(recall(&cache, "f"), None);
        remember(&cache, "f", &known);
        assert_eq!(recall(&cache, "f").as_ref(), Some(&known));
        assert_eq!(recall(&cache, "g"), None);
        fs::copy(cache.join("f"), cache.join("g")).unwrap();
        assert_eq!(recall(&cache, "g"), None, "another folder's");
        let text = fs::read_to_string(cache.join("f")).unwrap();
        for text in [text.replace(" 7 ", " 8 "), text[..50].to_owned(), String::new()] {
            fs::write(cache.join("f"), text).unwrap();
            assert_eq!(recall(&cache, "f"), None);
        }
        let others = fs::read_dir(&cache).unwrap().count();
        for number in 0..MOST + 5 {
            remember(&cache, &format!("{number:064x}"), &known);
        }
        assert_eq!(fs::read_dir(&cache).unwrap().count(), MOST + others, "others stay");
    }

    #[test]
    fn nothing_is_remembered_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (elsewhere, cache) = (folder.path().join("elsewhere"), folder.path().join("cache"));
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &cache).unwrap();
        let known = KnownPackage { sha256: "ab".repeat(32), size: 7 };
        for cache in [cache.clone(), cache.join("packages")] {
            remember(&cache, "f", &known);
            assert_eq!(recall(&cache, "f"), None);
        }
        assert!(!elsewhere.join("f").exists() && !elsewhere.join("packages/f").exists());
        // Nor is anything read through a link.
        let cache = elsewhere.join("real");
        remember(&cache, "f", &known);
        std::os::unix::fs::symlink(cache.join("f"), cache.join("g")).unwrap();
        assert_eq!(recall(&cache, "f").as_ref(), Some(&known));
        assert_eq!(recall(&cache, "g"), None);
    }
}
