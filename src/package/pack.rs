//! Reads, deflates and hashes on all cores, and writes in order.
//!
//! Files are cut into jobs of about a megabyte: many small files, or a block of a large one.
//! Workers take jobs in order and may run ahead of the writer by a bounded number of bytes, so
//! memory does not grow with the folder. A block is deflated on its own, primed with what
//! stands before it and ended at a whole byte, so that the blocks one after the other are one
//! stream, as one compressor would have made it.
//!
//! Jobs depend on the files alone and not on how many workers there are, so the bytes are the
//! same on every machine.

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

/// A package up to here is kept in memory, in bytes: one that is sent inline needs no file.
pub const IN_MEMORY: u64 = 8 << 20;

impl<T: Read + Write + Seek + Send> PackageStorage for T {}

/// A package ready to be sent. What holds it is gone when this is dropped.
#[derive(Clone)]
pub struct Package {
    pub(super) file: Arc<Mutex<Box<dyn PackageStorage>>>,
    /// Bytes.
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
    /// The bytes from `offset` on, as many as `length`.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// What is worth knowing of it without its bytes.
    #[must_use]
    pub fn known(&self) -> KnownPackage {
        KnownPackage { sha256: self.sha256.clone(), size: self.size }
    }

    /// Writes the bytes to a file, which is there once it is whole; or to what is no file.
    ///
    /// # Errors
    /// There is no room for it, or it cannot be written.
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

    /// All bytes.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        self.read(0, usize::try_from(self.size).map_err(io::Error::other)?)
    }
}

/// A temporary file in the folder of the one that it is to become.
fn beside(path: &Path) -> Result<(std::fs::File, tempfile::TempPath), PackageError> {
    let named = super::destination::beside(path);
    Ok(named.map_err(|error| WrittenTo::File(path).failed(error))?.into_parts())
}

/// Puts a file that is whole in its place.
fn put(path: &Path, file: tempfile::TempPath) -> Result<(), PackageError> {
    // What stands there now may be another than when it was looked at.
    Destination::of(path)?;
    file.persist(path).map_err(|error| WrittenTo::File(path).failed(error.error))
}

impl Selection {
    /// Reads and packs the files. `progress` hears of every job.
    ///
    /// # Errors
    /// A file that cannot be read, or changes meanwhile; no room for the package.
    pub fn pack(&self, progress: &dyn Fn(PackProgress)) -> Result<Package, PackageError> {
        // Never more than the limit of an unpacked package, which every machine can count.
        let memory = usize::try_from(IN_MEMORY).unwrap_or(usize::MAX);
        let file = Box::new(tempfile::spooled_tempfile(memory));
        self.pack_into(file, WrittenTo::Temporary, progress)
    }

    /// As [`Self::pack`], into a file, which is there once it is whole; or what it is, into what
    /// is no file.
    ///
    /// # Errors
    /// As [`Self::pack`].
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

    /// Name, mode, size and hash of every file, in the order of the package.
    ///
    /// # Errors
    /// A file that cannot be read, or changes meanwhile.
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

    /// The bytes of a file; `None` when it is not in the package.
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

    /// Reads a piece of a file into `buffer`, in place of what is in it. `last`: nothing may
    /// come behind it.
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
                // Never longer than a machine's memory.
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
        // One byte more at the end shows that it has grown.
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
