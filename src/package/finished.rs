//! A finished package: an existing zip that is sent byte for byte.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};
use zip::ZipArchive;
use zip::result::{ZipError, ZipResult};

use super::files::Files;
use super::finished_flaw::{FILE_LIMIT, FinishedFlaw};
use super::pack::{IN_MEMORY, Package};
use super::selection::{Digest, is_secret};
use super::storage::{PackageStorage, WrittenTo, lock};
use super::{ENTRIES_LIMIT, PackageError, PackageWarning, UNPACKED_LIMIT};
use crate::order::Order as _;

/// Number of files that a warning names.
const NAMED: usize = 5;

/// An existing zip. It is read once, so what was checked is what is sent.
#[derive(Debug, Clone)]
pub struct Finished {
    path: PathBuf,
    package: Package,
    /// Sorted by name, without folders.
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    /// Index in the zip.
    index: usize,
    /// Unpacked size in bytes.
    size: u64,
    /// Permission bits.
    mode: u32,
}

impl Finished {
    /// Reads a zip and checks that it can be unpacked as a version.
    ///
    /// # Errors
    /// Fails with [`PackageError::Finished`] for a file that is not a valid package, and if the
    /// file cannot be read or there is no room for a copy of a large one.
    pub fn read(path: &Path) -> Result<Self, PackageError> {
        let wrong = |flaw| PackageError::Finished { path: path.to_owned(), flaw };
        let failed = |source| PackageError::Read { path: path.to_owned(), source };
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(wrong(FinishedFlaw::Missing));
            }
            Err(source) => return Err(failed(source)),
        };
        if metadata.is_dir() {
            return Err(wrong(FinishedFlaw::Folder));
        }
        if !metadata.is_file() {
            return Err(wrong(FinishedFlaw::Special));
        }
        if metadata.len() > FILE_LIMIT {
            return Err(wrong(FinishedFlaw::Large));
        }
        let file = File::open(path).map_err(failed)?;
        // Whatever happens to the file, this copy is what is checked and sent.
        let memory = usize::try_from(IN_MEMORY).unwrap_or(usize::MAX);
        let mut copy = tempfile::spooled_tempfile(memory);
        let (mut hasher, mut size) = (Sha256::new(), 0);
        let mut source = file.take(FILE_LIMIT + 1);
        let mut buffer = vec![0; 256 << 10];
        loop {
            let count = match source.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(error)),
            };
            copy.write_all(&buffer[..count]).map_err(|error| WrittenTo::Temporary.failed(error))?;
            hasher.update(&buffer[..count]);
            size += count as u64;
        }
        if size > FILE_LIMIT {
            return Err(wrong(FinishedFlaw::Large));
        }
        let entries = entries(&mut copy, UNPACKED_LIMIT).map_err(wrong)?;
        let storage: Box<dyn PackageStorage> = Box::new(copy);
        let package = Package {
            file: Arc::new(Mutex::new(storage)),
            size,
            sha256: hex::encode(hasher.finalize()),
            files: entries.len(),
        };
        Ok(Self { path: path.to_owned(), package, entries })
    }

    /// Checks the file against a SHA-256, given as hex digits in either case.
    ///
    /// # Errors
    /// Fails if it differs.
    pub fn verify(&self, sha256: &str) -> Result<(), PackageError> {
        let found = self.package.sha256.clone();
        if sha256.eq_ignore_ascii_case(&found) {
            return Ok(());
        }
        let flaw = FinishedFlaw::Digest { expected: sha256.to_ascii_lowercase(), found };
        Err(PackageError::Finished { path: self.path.clone(), flaw })
    }

    /// Returns the package to send.
    #[must_use]
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// Returns the number of files.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// Returns the unpacked size of all files in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.entries.iter().map(|entry| entry.size).sum()
    }

    /// Returns warnings about probable mistakes.
    #[must_use]
    pub fn warnings(&self) -> Vec<PackageWarning> {
        let base = |name: &str| name.rsplit('/').next().is_some_and(is_secret);
        let secrets = self.entries.iter().map(|entry| &entry.name).filter(|name| base(name));
        let names: Vec<String> = secrets.take(NAMED).cloned().collect();
        if names.is_empty() { Vec::new() } else { vec![PackageWarning::Secrets { names }] }
    }

    /// Returns the content of a file, or `None` if the package does not contain it.
    #[must_use]
    pub fn content(&self, name: &str) -> Option<Result<Vec<u8>, PackageError>> {
        let entry = self.entry(name)?;
        Some(self.unpack(|archive| {
            let mut content = Vec::new();
            archive.by_index(entry.index)?.read_to_end(&mut content)?;
            Ok(content)
        }))
    }

    /// Returns name, mode, size and hash of every file, sorted by name.
    ///
    /// # Errors
    /// Fails if the copy of a large package cannot be read.
    pub fn digests(&self) -> Result<Vec<Digest>, PackageError> {
        self.unpack(|archive| {
            let mut buffer = vec![0; 64 << 10];
            let mut digest = |entry: &Entry| {
                let (mut file, mut hasher) = (archive.by_index(entry.index)?, Sha256::new());
                loop {
                    match file.read(&mut buffer)? {
                        0 => break,
                        count => hasher.update(&buffer[..count]),
                    }
                }
                Ok(Digest {
                    path: entry.name.clone(),
                    mode: entry.mode,
                    size: entry.size,
                    sha256: hex::encode(hasher.finalize()),
                })
            };
            self.entries.iter().map(&mut digest).collect()
        })
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        let found = self.entries.binary_search_by(|entry| entry.name.as_str().cmp(name));
        found.ok().map(|position| &self.entries[position])
    }

    /// Reads from the copy, which was read completely once before.
    fn unpack<T>(
        &self,
        read: impl FnOnce(&mut ZipArchive<&mut Box<dyn PackageStorage>>) -> ZipResult<T>,
    ) -> Result<T, PackageError> {
        let mut file = lock(&self.package.file);
        let read = ZipArchive::new(&mut *file).and_then(|mut archive| read(&mut archive));
        read.map_err(|error| WrittenTo::Temporary.failed(error.into()))
    }
}

impl Files for Finished {
    fn contains(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    fn is_executable(&self, name: &str) -> bool {
        self.entry(name).is_some_and(|entry| entry.mode & 0o100 != 0)
    }

    fn place(&self) -> &Path {
        &self.path
    }

    fn below(&self, name: &str) -> Option<String> {
        let names = self.entries.iter().map(|entry| &entry.name);
        let ends =
            |found: &&String| found.strip_suffix(name).is_some_and(|folder| folder.ends_with('/'));
        names.filter(ends).min_by_key(|found| found.len()).cloned()
    }
}

/// Returns the files of a zip. Unpacks all of them once to verify their checksums.
///
/// `most` is the limit on their total size in bytes.
fn entries(zip: &mut (impl Read + Seek), most: u64) -> Result<Vec<Entry>, FinishedFlaw> {
    let mut archive =
        ZipArchive::new(zip).map_err(|error| FinishedFlaw::NoZip { reason: error.to_string() })?;
    if archive.len() > ENTRIES_LIMIT {
        return Err(FinishedFlaw::Many);
    }
    let mut entries = Vec::with_capacity(archive.len());
    let mut left = most;
    for index in 0..archive.len() {
        let name = archive.name_for_index(index).and_then(Result::ok).unwrap_or_default();
        let name = name.into_owned();
        if climbs(&name) {
            return Err(FinishedFlaw::Climbing { name });
        }
        let broken = |name: &str, error: &dyn std::fmt::Display| FinishedFlaw::Broken {
            name: name.to_owned(),
            reason: error.to_string(),
        };
        let mut file = match archive.by_index(index) {
            Ok(file) => file,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(FinishedFlaw::Encrypted { name });
            }
            Err(error) => return Err(broken(&name, &error)),
        };
        if file.is_dir() {
            continue;
        }
        let mode = file.unix_mode().map_or(0o644, |mode| mode & 0o777);
        // The size in the directory may be wrong.
        let size = io::copy(&mut (&mut file).take(left + 1), &mut io::sink())
            .map_err(|error| broken(&name, &error))?;
        left = left.checked_sub(size).ok_or(FinishedFlaw::Unpacked)?;
        drop(file);
        entries.push(Entry { name, index, size, mode });
    }
    if entries.is_empty() {
        return Err(FinishedFlaw::Empty);
    }
    entries.order_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

/// Returns whether a name leads out of the unpacked folder, or may for some program.
fn climbs(name: &str) -> bool {
    name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..")
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip(files: &[(&str, &[u8], u32)]) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = zip::ZipWriter::new(&mut bytes);
        for (name, content, mode) in files {
            if name.ends_with('/') {
                writer.add_directory(*name, SimpleFileOptions::default()).unwrap();
            } else {
                let options = SimpleFileOptions::default().unix_permissions(*mode);
                writer.start_file(*name, options).unwrap();
                writer.write_all(content).unwrap();
            }
        }
        writer.finish().unwrap();
        bytes.into_inner()
    }

    fn read(bytes: &[u8]) -> Result<Finished, PackageError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("code.zip");
        fs::write(&path, bytes).unwrap();
        Finished::read(&path)
    }

    fn flaw(bytes: &[u8]) -> FinishedFlaw {
        match read(bytes) {
            Err(PackageError::Finished { flaw, .. }) => flaw,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_read_is_what_is_sent() {
        let bytes = zip(&[
            ("lib/", b"", 0),
            ("lib/x.py", b"x = 1\n", 0o644),
            ("bootstrap", b"#!/bin/sh\n", 0o755),
            (".env.prod", b"KEY=1\n", 0o600),
        ]);
        // The file no longer exists by then.
        let finished = read(&bytes).unwrap();
        assert_eq!(finished.package().bytes().unwrap(), bytes);
        assert_eq!(finished.package().sha256, hex::encode(Sha256::digest(&bytes)));
        assert_eq!((finished.count(), finished.size()), (3, 22));
        assert!(finished.contains("lib/x.py") && !finished.contains("lib/"));
        assert!(finished.is_executable("bootstrap") && !finished.is_executable("lib/x.py"));
        assert_eq!(finished.content("bootstrap").unwrap().unwrap(), b"#!/bin/sh\n");
        assert!(finished.content("other").is_none());
        assert_eq!(finished.below("x.py").as_deref(), Some("lib/x.py"));
        assert_eq!((finished.below("y.py"), finished.below(".py")), (None, None));
        let names = vec![".env.prod".to_owned()];
        assert_eq!(finished.warnings(), [PackageWarning::Secrets { names }]);
        let digests = finished.digests().unwrap();
        let told: Vec<_> = digests.iter().map(|file| (&*file.path, file.mode, file.size)).collect();
        assert_eq!(
            told,
            [(".env.prod", 0o600, 6), ("bootstrap", 0o755, 10), ("lib/x.py", 0o644, 6)]
        );
        assert_eq!(digests[2].sha256, hex::encode(Sha256::digest(b"x = 1\n")));
        let sha256 = finished.package().sha256.clone();
        finished.verify(&sha256).unwrap();
        finished.verify(&sha256.to_uppercase()).unwrap();
        assert!(finished.verify(&"0".repeat(64)).is_err());
    }

    #[test]
    fn what_is_no_package_is_refused() {
        let sound = zip(&[("a", &[7; 4000], 0o644)]);
        assert!(matches!(flaw(b"no zip at all"), FinishedFlaw::NoZip { .. }));
        assert!(matches!(flaw(&sound[..sound.len() - 30]), FinishedFlaw::NoZip { .. }));
        let mut damaged = sound.clone();
        // In the middle of the deflated data.
        let position = damaged.iter().position(|byte| *byte == b'a').unwrap() + 3;
        damaged[position] ^= 0xff;
        assert!(matches!(flaw(&damaged), FinishedFlaw::Broken { name, .. } if name == "a"));
        assert_eq!(flaw(&zip(&[])), FinishedFlaw::Empty);
        assert_eq!(flaw(&zip(&[("folder/", b"", 0)])), FinishedFlaw::Empty);
        for name in ["../a", "a/../../b", "/etc/a", "a\\..\\b"] {
            // The writer refuses some of these names, so they are patched in.
            let plain = "x".repeat(name.len());
            let bytes = zip(&[(&plain, b"", 0o644)]);
            let text = plain.as_bytes();
            let mut changed = bytes.clone();
            for position in 0..bytes.len() - text.len() {
                if &bytes[position..position + text.len()] == text {
                    changed[position..position + text.len()].copy_from_slice(name.as_bytes());
                }
            }
            assert_eq!(flaw(&changed), FinishedFlaw::Climbing { name: name.to_owned() });
        }
        let mut encrypted = sound.clone();
        // The encryption flag in both headers.
        encrypted[6] |= 1;
        let central = encrypted.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        encrypted[central + 8] |= 1;
        assert_eq!(flaw(&encrypted), FinishedFlaw::Encrypted { name: "a".to_owned() });
    }

    #[test]
    fn what_is_unpacked_has_a_limit_whatever_the_directory_says() {
        let bytes = zip(&[("a", &[0; 600], 0o644), ("b", &[0; 400], 0o644)]);
        let within = |most| entries(&mut Cursor::new(&bytes[..]), most).map(|files| files.len());
        assert_eq!(within(1000), Ok(2));
        assert_eq!(within(999), Err(FinishedFlaw::Unpacked));
        assert_eq!(within(599), Err(FinishedFlaw::Unpacked));
    }

    #[test]
    fn only_files_of_a_bearable_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let flaw = |path: &Path| match Finished::read(path) {
            Err(PackageError::Finished { flaw, .. }) => flaw,
            other => panic!("{other:?}"),
        };
        assert_eq!(flaw(folder.path()), FinishedFlaw::Folder);
        assert_eq!(flaw(&folder.path().join("no.zip")), FinishedFlaw::Missing);
        let large = folder.path().join("large.zip");
        // A sparse file takes no space on disk.
        File::create(&large).unwrap().set_len(FILE_LIMIT + 1).unwrap();
        assert_eq!(flaw(&large), FinishedFlaw::Large);
        #[cfg(unix)]
        assert_eq!(flaw(Path::new("/dev/null")), FinishedFlaw::Special);
    }
}
