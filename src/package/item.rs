//! What stands in a package, and what jobs make of it.

use super::UNPACKED_LIMIT;
use super::archive::{Entry, Method};
use super::selection::SelectedFile;

/// What stands in the zip, in order: folders and the files in them.
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
        // Sorted names: a folder that the file before lies in has its entry.
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

/// What a job came to.
pub(super) enum Output {
    /// Headers and data, and the entries with places counted from the beginning of `bytes`.
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

/// A number that the limits keep below 4 GB.
pub(super) fn small(number: u64) -> u32 {
    debug_assert!(number <= UNPACKED_LIMIT * 2, "{number}");
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Bytes of a job: of the files in it together, or of a block.
pub(super) const BLOCK: u64 = 1 << 20;
