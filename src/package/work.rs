//! Jobs of a package, the workers that run them, and writing their results in order.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use flate2::{Compress, Compression, FlushCompress, Status};

use super::PackageError;
use super::archive::{Entry, Method};
use super::item::BLOCK;
use super::item::{Item, Output, small};
use super::selection::{SelectedFile, Selection};
use super::storage::{WrittenTo, lock};
use super::writer::Writer;

/// Size of deflate's window in bytes.
const LOOK_BACK: u64 = 32 << 10;
/// How many bytes workers may be ahead of the writer.
const WINDOW: u64 = 12 << 20;
/// Chosen by measurement on `node_modules` of popular packages: level 3 is 4 % larger than level 6,
/// this one 2 % in three quarters of the time. Other packers add more than that around the data.
const LEVEL: u32 = 4;
/// Number of samples, and bytes of each, that show whether a large file is compressible.
const SAMPLES: u64 = 4;
const SAMPLE: u64 = 64 << 10;
/// Extensions of files that are already compressed.
const COMPRESSED: &[&str] = &[
    "7z", "aac", "apk", "avif", "br", "bz2", "crx", "docx", "egg", "flac", "gif", "gz", "heic",
    "jar", "jpeg", "jpg", "lz4", "m4a", "mkv", "mov", "mp3", "mp4", "nupkg", "ogg", "opus", "png",
    "pptx", "rar", "tgz", "war", "webm", "webp", "whl", "woff", "woff2", "xlsx", "xz", "zip",
    "zst",
];
/// Maximum number of files in a job.
const BATCH: usize = 256;

/// A job for a worker.
pub(super) enum Job {
    /// Whole entries, as a half-open range of indices.
    Batch(usize, usize),
    /// A block of a large entry.
    Block { position: usize, offset: u64, length: u64, last: bool },
}

pub(super) struct Jobs<'a> {
    entries: &'a [Item<'a>],
    next: usize,
    offset: u64,
}

impl Iterator for Jobs<'_> {
    /// A job and its size in bytes.
    type Item = (Job, u64);

    fn next(&mut self) -> Option<(Job, u64)> {
        let position = self.next;
        let size = self.entries.get(position)?.size();
        if size > BLOCK {
            let (offset, length) = (self.offset, (size - self.offset).min(BLOCK));
            let last = offset + length == size;
            (self.next, self.offset) =
                if last { (position + 1, 0) } else { (position, offset + length) };
            return Some((Job::Block { position, offset, length, last }, length));
        }
        let mut bytes = 0;
        while let Some(entry) = self.entries.get(self.next)
            && self.next - position < BATCH
            && bytes + entry.size() <= BLOCK
        {
            bytes += entry.size();
            self.next += 1;
        }
        Some((Job::Batch(position, self.next), bytes))
    }
}

pub(super) struct Queue<'a> {
    jobs: Jobs<'a>,
    /// Number of the next job.
    ticket: u64,
    /// Bytes of jobs that were taken and are not written yet.
    ahead: u64,
    done: BTreeMap<u64, (Result<Output, PackageError>, u64)>,
    stopped: bool,
}

pub(super) struct SharedWork<'a> {
    selection: &'a Selection,
    entries: &'a [Item<'a>],
    /// Method of each large file, decided by the first worker that reaches it.
    methods: &'a [OnceLock<Method>],
    queue: Mutex<Queue<'a>>,
    /// Signals that there may be room for another job.
    room: Condvar,
    /// Signals that a job is done.
    finished: Condvar,
}

/// Wakes all others when a worker panics.
struct Alarm<'a, 'b>(&'a SharedWork<'b>);

impl Drop for Alarm<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.0.queue).stopped = true;
            self.0.room.notify_all();
            self.0.finished.notify_all();
        }
    }
}

impl<'a> SharedWork<'a> {
    pub(super) fn new(
        selection: &'a Selection,
        entries: &'a [Item<'a>],
        methods: &'a [OnceLock<Method>],
    ) -> Self {
        let queue = Queue {
            jobs: Jobs { entries, next: 0, offset: 0 },
            ticket: 0,
            ahead: 0,
            done: BTreeMap::new(),
            stopped: false,
        };
        let (room, finished) = (Condvar::new(), Condvar::new());
        Self { selection, entries, methods, queue: Mutex::new(queue), room, finished }
    }

    /// Stops the workers, so that after an error none waits for room.
    pub(super) fn stop(&self) {
        lock(&self.queue).stopped = true;
        self.room.notify_all();
    }
}

impl SharedWork<'_> {
    /// Runs jobs until there are none left.
    pub(super) fn work(&self) {
        let _alarm = Alarm(self);
        let mut worker = Worker {
            selection: self.selection,
            compress: Compress::new(Compression::new(LEVEL), false),
            input: Vec::new(),
        };
        loop {
            let (ticket, job, bytes) = {
                let mut queue = lock(&self.queue);
                while queue.ahead > WINDOW && !queue.stopped {
                    queue = self.room.wait(queue).unwrap_or_else(PoisonError::into_inner);
                }
                if queue.stopped {
                    return;
                }
                let Some((job, bytes)) = queue.jobs.next() else { return };
                let ticket = queue.ticket;
                queue.ticket += 1;
                queue.ahead += bytes;
                (ticket, job, bytes)
            };
            let output = match job {
                Job::Batch(from, to) => worker.batch(&self.entries[from..to]),
                Job::Block { position, offset, length, last } => match &self.entries[position] {
                    Item::File(file) => worker
                        .block(file, &self.methods[position], offset, length, last)
                        .map(|(bytes, crc32, method)| Output::Block {
                            bytes,
                            crc32,
                            method,
                            position,
                            size: length,
                            last,
                        }),
                    // A folder has no data.
                    Item::Folder(_) => continue,
                },
            };
            lock(&self.queue).done.insert(ticket, (output, bytes));
            self.finished.notify_one();
        }
    }

    /// Writes the results of the workers in order.
    pub(super) fn write(
        &self,
        writer: &mut Writer<'_>,
        to: WrittenTo<'_>,
    ) -> Result<(), PackageError> {
        let all = Jobs { entries: self.entries, next: 0, offset: 0 }.count() as u64;
        for ticket in 0..all {
            let (output, bytes) = {
                let mut queue = lock(&self.queue);
                loop {
                    if let Some(done) = queue.done.remove(&ticket) {
                        break done;
                    }
                    if queue.stopped {
                        let error = io::Error::other("a worker ended");
                        return Err(to.failed(error));
                    }
                    queue = self.finished.wait(queue).unwrap_or_else(PoisonError::into_inner);
                }
            };
            writer.take(output?, self.entries).map_err(|error| to.failed(error))?;
            lock(&self.queue).ahead -= bytes;
            self.room.notify_all();
        }
        Ok(())
    }
}

struct Worker<'a> {
    selection: &'a Selection,
    compress: Compress,
    input: Vec<u8>,
}

impl Worker<'_> {
    fn batch(&mut self, items: &[Item<'_>]) -> Result<Output, PackageError> {
        let mut bytes = Vec::new();
        let mut entries = Vec::with_capacity(items.len());
        let (mut size, mut files) = (0, 0);
        for item in items {
            let (name, mode) = match item {
                Item::Folder(name) => (*name, 0o040_775),
                Item::File(file) => (file.name.as_str(), 0o100_000 | file.mode()),
            };
            self.input.clear();
            if let Item::File(file) = item {
                self.selection.read(file, 0, file.size(), true, &mut self.input)?;
                size += file.size();
                files += 1;
            }
            let begin = bytes.len();
            let mut entry = Entry {
                name: name.to_owned(),
                mode,
                method: Method::Stored,
                crc32: crc32fast::hash(&self.input),
                packed: 0,
                size: small(self.input.len() as u64),
                offset: small(begin as u64),
            };
            // A placeholder: the header is known only after the data.
            entry.local_header(&mut bytes);
            let data = bytes.len();
            if !self.input.is_empty() && !is_compressed(name) {
                deflate(&mut self.compress, &self.input, FlushCompress::Finish, &mut bytes);
                entry.method = Method::Deflated;
            }
            if entry.method == Method::Stored || bytes.len() - data >= self.input.len() {
                bytes.truncate(data);
                bytes.extend(&self.input);
                entry.method = Method::Stored;
            }
            entry.packed = small((bytes.len() - data) as u64);
            let mut header = Vec::with_capacity(data - begin);
            entry.local_header(&mut header);
            bytes[begin..data].copy_from_slice(&header);
            entries.push(entry);
        }
        Ok(Output::Batch { bytes, entries, size, files })
    }

    fn block(
        &mut self,
        file: &SelectedFile,
        method: &OnceLock<Method>,
        offset: u64,
        length: u64,
        last: bool,
    ) -> Result<(Vec<u8>, crc32fast::Hasher, Method), PackageError> {
        let method = if let Some(method) = method.get() {
            *method
        } else {
            let found = self.method(file)?;
            *method.get_or_init(|| found)
        };
        let before = if method == Method::Deflated { offset.min(LOOK_BACK) } else { 0 };
        let mut input = std::mem::take(&mut self.input);
        self.selection.read(file, offset - before, before + length, last, &mut input)?;
        // At most the size of deflate's window.
        let (dictionary, block) = input.split_at(usize::try_from(before).unwrap_or_default());
        let mut crc32 = crc32fast::Hasher::new();
        crc32.update(block);
        let bytes = match method {
            Method::Stored => block.to_vec(),
            Method::Deflated => {
                let mut bytes = Vec::new();
                let flush = if last { FlushCompress::Finish } else { FlushCompress::Sync };
                self.compress.reset();
                if !dictionary.is_empty() {
                    // A raw stream accepts any dictionary at its beginning.
                    let _ = self.compress.set_dictionary(dictionary);
                }
                run(&mut self.compress, block, flush, &mut bytes);
                bytes.shrink_to_fit();
                bytes
            }
        };
        self.input = input;
        Ok((bytes, crc32, method))
    }

    /// Decides whether a large file is worth deflating, from samples all over it.
    fn method(&mut self, file: &SelectedFile) -> Result<Method, PackageError> {
        if is_compressed(&file.name) {
            return Ok(Method::Stored);
        }
        let mut packed = Vec::new();
        for number in 0..SAMPLES {
            let offset = (file.size() - SAMPLE) / (SAMPLES - 1) * number;
            self.selection.read(file, offset, SAMPLE, false, &mut self.input)?;
            deflate(&mut self.compress, &self.input, FlushCompress::Finish, &mut packed);
        }
        let worth = (packed.len() as u64) < SAMPLES * SAMPLE * 49 / 50;
        Ok(if worth { Method::Deflated } else { Method::Stored })
    }
}

fn is_compressed(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.len() <= 5 && COMPRESSED.binary_search(&ending.to_ascii_lowercase().as_str()).is_ok()
}

/// Appends a complete stream.
fn deflate(compress: &mut Compress, input: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
    compress.reset();
    run(compress, input, flush, out);
}

fn run(compress: &mut Compress, input: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
    let before = compress.total_in();
    loop {
        let taken = usize::try_from(compress.total_in() - before).unwrap_or(usize::MAX);
        let rest = &input[taken.min(input.len())..];
        // Incompressible data grows by five bytes in sixteen thousand.
        out.reserve(rest.len() + rest.len() / 1024 + 64);
        let free = out.capacity() - out.len();
        let length = out.len();
        match compress.compress_vec(rest, out, flush) {
            // A flush is complete if room is left.
            Ok(Status::Ok | Status::BufError) if out.len() - length < free => return,
            Ok(Status::StreamEnd) | Err(_) => return,
            Ok(Status::Ok | Status::BufError) => {}
        }
    }
}
