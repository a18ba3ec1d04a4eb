//! Concatenates the results of workers and hashes them.

use std::io::{self, SeekFrom};

use sha2::{Digest as _, Sha256};

use super::archive::{Entry, Method, directory};
use super::item::{Item, Output, small};
use super::selection::Selection;
use super::storage::{PackProgress, PackageStorage};

/// Concatenates the results of workers.
pub(super) struct Writer<'a> {
    file: Box<dyn PackageStorage>,
    hasher: Sha256,
    /// Bytes written so far.
    size: u64,
    entries: Vec<Entry>,
    /// The large file whose blocks are being written.
    open: Option<(Entry, crc32fast::Hasher)>,
    progress: &'a dyn Fn(PackProgress),
    so_far: PackProgress,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        file: Box<dyn PackageStorage>,
        selection: &Selection,
        progress: &'a dyn Fn(PackProgress),
    ) -> Self {
        let so_far = PackProgress {
            files: 0,
            bytes: 0,
            all_files: selection.count(),
            all_bytes: selection.size(),
        };
        Self {
            file,
            hasher: Sha256::new(),
            size: 0,
            entries: Vec::new(),
            open: None,
            progress,
            so_far,
        }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.size += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn take(&mut self, output: Output, items: &[Item<'_>]) -> io::Result<()> {
        match output {
            Output::Batch { bytes, entries, size, files } => {
                let offset = small(self.size);
                self.entries.extend(
                    entries
                        .into_iter()
                        .map(|entry| Entry { offset: offset + entry.offset, ..entry }),
                );
                self.put(&bytes)?;
                self.hasher.update(&bytes);
                self.so_far.files += files;
                self.so_far.bytes += size;
            }
            Output::Block { bytes, crc32, method, position, size, last } => {
                self.block(&bytes, &crc32, method, &items[position], last)?;
                self.so_far.files += usize::from(last);
                self.so_far.bytes += size;
            }
        }
        (self.progress)(self.so_far);
        Ok(())
    }

    /// Writes a block of a large file.
    ///
    /// The file's header is known only after its last block, so it is rewritten then, and the entry
    /// is hashed by reading it back.
    fn block(
        &mut self,
        bytes: &[u8],
        crc32: &crc32fast::Hasher,
        method: Method,
        item: &Item<'_>,
        last: bool,
    ) -> io::Result<()> {
        let (mut entry, mut sum) = if let Some(open) = self.open.take() {
            open
        } else {
            let Item::File(file) = item else { return Ok(()) };
            let entry = Entry {
                name: file.name.clone(),
                mode: 0o100_000 | file.mode(),
                method,
                crc32: 0,
                packed: 0,
                size: small(file.size()),
                offset: small(self.size),
            };
            let mut header = Vec::new();
            entry.local_header(&mut header);
            self.put(&header)?;
            (entry, crc32fast::Hasher::new())
        };
        self.put(bytes)?;
        entry.packed += small(bytes.len() as u64);
        sum.combine(crc32);
        if !last {
            self.open = Some((entry, sum));
            return Ok(());
        }
        entry.crc32 = sum.finalize();
        let mut header = Vec::new();
        entry.local_header(&mut header);
        self.file.seek(SeekFrom::Start(u64::from(entry.offset)))?;
        self.file.write_all(&header)?;
        self.file.seek(SeekFrom::Start(u64::from(entry.offset)))?;
        let mut left = self.size - u64::from(entry.offset);
        let mut buffer = vec![0; 256 << 10];
        while left > 0 {
            let piece = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            self.file.read_exact(&mut buffer[..piece])?;
            self.hasher.update(&buffer[..piece]);
            left -= piece as u64;
        }
        self.entries.push(entry);
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<(Box<dyn PackageStorage>, u64, String)> {
        let end = directory(&self.entries, small(self.size));
        self.put(&end)?;
        self.hasher.update(&end);
        self.file.flush()?;
        Ok((self.file, self.size, hex::encode(self.hasher.finalize())))
    }
}
