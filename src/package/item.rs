//! Entries of a package, and the results of jobs.

use super::UNPACKED_LIMIT;
use super::archive::{Entry, Method};
use super::selection::SelectedFile;

/// An entry of the zip, in order: folders before the files in them.
pub(super) enum Item<'a> {
    Folder(&'a str),
    File(&'a SelectedFile),
}

impl Item<'_> {
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Folder(_) => 0,
            Self::File(file) => file.size(),
        }
    }
}

pub(super) fn entries(files: &[SelectedFile]) -> Vec<Item<'_>> {
    let mut entries = Vec::with_capacity(files.len());
    let mut before = "";
    for file in files {
        let name = file.name.as_str();
        // Names are sorted: the folders of the previous file already have entries.
        for (position, _) in name.match_indices('/') {
            let folder = &name[..=position];
            if !before.starts_with(folder) {
                entries.push(Item::Folder(folder));
            }
        }
        entries.push(Item::File(file));
        before = name;
    }
    entries
}

/// Result of a job.
pub(super) enum Output {
    /// Headers and data, and entries with offsets relative to `bytes`.
    Batch { bytes: Vec<u8>, entries: Vec<Entry>, size: u64, files: usize },
    Block {
        bytes: Vec<u8>,
        crc32: crc32fast::Hasher,
        method: Method,
        position: usize,
        size: u64,
        last: bool,
    },
}

/// Converts a number that the limits keep below 4 GB.
pub(super) fn small(number: u64) -> u32 {
    debug_assert!(number <= UNPACKED_LIMIT * 2, "{number}");
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Size of a job in bytes: of its files together, or of a block.
pub(super) const BLOCK: u64 = 1 << 20;
