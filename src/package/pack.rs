//! Reads, deflates and hashes on all cores, and writes in order.
//!
//! Files are cut into jobs of about a megabyte: many small files, or a block of a large one.
//! Workers take jobs in order and may run ahead of the writer by a bounded number of bytes, so
//! memory does not grow with the folder. Each block is deflated by itself, primed with the data
//! before it and ended at a byte boundary, so that the concatenated blocks form one stream, as a
//! single compressor would have made it.
//!
//! Jobs depend only on the files, not on the number of workers, so the bytes are the same on every
//! machine.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use sha2::{Digest as _, Sha256};

use super::PackageError;
use super::archive::Method;
use super::destination::Destination;
use super::item::BLOCK;
use super::item::entries;
use super::known::KnownPackage;
use super::selection::{Content, Digest, SelectedFile, Selection, Stamp};
use super::storage::{PackProgress, PackageStorage, WrittenTo, lock};
use super::work::SharedWork;
use super::writer::Writer;
use crate::order::Order as _;

/// More workers would need more memory than they are worth.
const MOST_WORKERS: usize = 8;

/// Packages up to this size in bytes stay in memory: one that is sent inline needs no file.
pub const IN_MEMORY: u64 = 8 << 20;

impl<T: Read + Write + Seek + Send> PackageStorage for T {}

/// A package ready to be sent. Its memory or temporary file is freed when this is dropped.
#[derive(Clone)]
pub struct Package {
    pub(super) file: Arc<Mutex<Box<dyn PackageStorage>>>,
    /// Size in bytes.
    pub size: u64,
    /// Lower-case hex SHA-256 of the zip.
    pub sha256: String,
    /// Number of files.
    pub files: usize,
}

impl fmt::Debug for Package {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Package");
        shown.field("size", &self.size).field("sha256", &self.sha256);
        shown.field("files", &self.files).finish_non_exhaustive()
    }
}

impl Package {
    /// Reads `length` bytes from `offset` on.
    ///
    /// # Errors
    /// Fails if the temporary file cannot be read.
    pub fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Returns what identifies it without its bytes.
    #[must_use]
    pub fn known(&self) -> KnownPackage {
        KnownPackage { sha256: self.sha256.clone(), size: self.size }
    }

    /// Writes the package to its destination. A file appears once it is complete.
    ///
    /// # Errors
    /// Fails if there is no room, or if it cannot be written.
    pub fn write_to(&self, destination: &Destination) -> Result<(), PackageError> {
        let (Destination::File(path) | Destination::Stream(path)) = destination;
        let failed = |error| WrittenTo::File(path).failed(error);
        if matches!(destination, Destination::Stream(_)) {
            let stream = std::fs::File::options().append(true).open(path).map_err(failed)?;
            return self.copy(stream, WrittenTo::File(path));
        }
        let (file, path_in_between) = beside(path)?;
        self.copy(file, WrittenTo::File(path))?;
        put(path, path_in_between)
    }

    fn copy(&self, mut to: impl Write, place: WrittenTo<'_>) -> Result<(), PackageError> {
        let mut offset = 0;
        while offset < self.size {
            let length = (self.size - offset).min(BLOCK);
            let bytes = self.read(offset, usize::try_from(length).unwrap_or_default());
            let bytes = bytes.map_err(|error| WrittenTo::Temporary.failed(error))?;
            to.write_all(&bytes).map_err(|error| place.failed(error))?;
            offset += length;
        }
        Ok(())
    }

    /// Returns all bytes.
    ///
    /// # Errors
    /// Fails as [`Self::read`] does.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        self.read(0, usize::try_from(self.size).map_err(io::Error::other)?)
    }
}

/// Creates a temporary file in the folder of the final one.
fn beside(path: &Path) -> Result<(std::fs::File, tempfile::TempPath), PackageError> {
    let named = super::destination::beside(path);
    Ok(named.map_err(|error| WrittenTo::File(path).failed(error))?.into_parts())
}

/// Moves a complete file into place.
fn put(path: &Path, file: tempfile::TempPath) -> Result<(), PackageError> {
    // The path may have changed since it was checked.
    Destination::of(path)?;
    file.persist(path).map_err(|error| WrittenTo::File(path).failed(error.error))
}

impl Selection {
    /// Reads and packs the files. `progress` is called after every job.
    ///
    /// # Errors
    /// Fails if a file cannot be read or changes meanwhile, or if there is no room for the package.
    pub fn pack(&self, progress: &dyn Fn(PackProgress)) -> Result<Package, PackageError> {
        // Below the limit of an unpacked package, which fits in a usize everywhere.
        let memory = usize::try_from(IN_MEMORY).unwrap_or(usize::MAX);
        let file = Box::new(tempfile::spooled_tempfile(memory));
        self.pack_into(file, WrittenTo::Temporary, progress)
    }

    /// Like [`Self::pack`], but writes to a destination. A file appears once it is complete.
    ///
    /// # Errors
    /// Fails as [`Self::pack`] does.
    pub fn pack_to(
        &self,
        destination: &Destination,
        progress: &dyn Fn(PackProgress),
    ) -> Result<Package, PackageError> {
        let path = match destination {
            Destination::File(path) => path,
            Destination::Stream(_) => {
                let package = self.pack(progress)?;
                package.write_to(destination)?;
                return Ok(package);
            }
        };
        let (file, path_in_between) = beside(path)?;
        let package = self.pack_into(Box::new(file), WrittenTo::File(path), progress)?;
        put(path, path_in_between)?;
        Ok(package)
    }

    fn pack_into(
        &self,
        file: Box<dyn PackageStorage>,
        to: WrittenTo<'_>,
        progress: &dyn Fn(PackProgress),
    ) -> Result<Package, PackageError> {
        let entries = entries(self.files());
        let methods: Vec<OnceLock<Method>> =
            std::iter::repeat_with(OnceLock::new).take(entries.len()).collect();
        let shared = SharedWork::new(self, &entries, &methods);
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let mut writer = Writer::new(file, self, progress);
        std::thread::scope(|scope| {
            for _ in 0..workers.min(MOST_WORKERS) {
                scope.spawn(|| shared.work());
            }
            let written = shared.write(&mut writer, to);
            shared.stop();
            written
        })?;
        writer.finish().map_err(|error| to.failed(error)).map(|(file, size, sha256)| Package {
            file: Arc::new(Mutex::new(file)),
            size,
            sha256,
            files: self.files().len(),
        })
    }

    /// Returns name, mode, size and hash of every file, in the package's order.
    ///
    /// # Errors
    /// Fails if a file cannot be read or changes meanwhile.
    pub fn digests(&self) -> Result<Vec<Digest>, PackageError> {
        let files = self.files();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
        let work = || {
            let mut found = Vec::new();
            loop {
                let position = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Some(file) = files.get(position) else { return Ok(found) };
                found.push((position, self.digest(file)?));
            }
        };
        let lists: Vec<Result<Vec<(usize, Digest)>, PackageError>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        let mut found: Vec<(usize, Digest)> = Vec::with_capacity(files.len());
        for list in lists {
            found.extend(list?);
        }
        found.order_by_key(|(position, _)| *position);
        Ok(found.into_iter().map(|(_, digest)| digest).collect())
    }

    /// Returns the content of a file, or `None` if the package does not contain it.
    #[must_use]
    pub fn content(&self, name: &str) -> Option<Result<Vec<u8>, PackageError>> {
        let file = self.file(name)?;
        let mut content = Vec::new();
        Some(self.read(file, 0, file.size(), true, &mut content).map(|()| content))
    }

    fn digest(&self, file: &SelectedFile) -> Result<Digest, PackageError> {
        let mut hasher = Sha256::new();
        let mut buffer = Vec::new();
        let mut offset = 0;
        loop {
            let length = (file.size() - offset).min(BLOCK);
            let last = offset + length == file.size();
            self.read(file, offset, length, last, &mut buffer)?;
            hasher.update(&buffer);
            offset += length;
            if last {
                break;
            }
        }
        Ok(Digest {
            path: file.name.clone(),
            mode: file.mode(),
            size: file.size(),
            sha256: hex::encode(hasher.finalize()),
        })
    }

    /// Reads part of a file into `buffer`, replacing its content.
    ///
    /// With `last`, fails if the file goes on after it.
    pub(super) fn read(
        &self,
        file: &SelectedFile,
        offset: u64,
        length: u64,
        last: bool,
        buffer: &mut Vec<u8>,
    ) -> Result<(), PackageError> {
        buffer.clear();
        let stamp = match &file.content {
            Content::OnDisk(stamp) => stamp,
            Content::Given(bytes) => {
                // Never larger than memory.
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let end = usize::try_from(offset + length).unwrap_or(usize::MAX);
                buffer.extend(bytes.get(start..end).unwrap_or_default());
                return Ok(());
            }
        };
        let path = self.path(file);
        let failed = |source| PackageError::Read { path: path.clone(), source };
        let changed = || PackageError::Changed { path: path.clone() };
        let mut open = std::fs::File::open(&path).map_err(failed)?;
        if !Stamp::of(&open.metadata().map_err(failed)?).same_content(stamp) {
            return Err(changed());
        }
        if offset > 0 {
            open.seek(SeekFrom::Start(offset)).map_err(failed)?;
        }
        // One extra byte at the end reveals that the file has grown.
        let mut piece = open.take(length + u64::from(last));
        piece.read_to_end(buffer).map_err(failed)?;
        let open = piece.into_inner();
        let after = Stamp::of(&open.metadata().map_err(failed)?);
        if buffer.len() as u64 != length || !after.same_content(stamp) {
            return Err(changed());
        }
        Ok(())
    }
}
