//! The zip format: entry headers and the central directory.
//!
//! It is written here because entries are made by several threads, and a large one from several
//! blocks: the zip library accepts an entry deflated elsewhere only if all of it is in memory.
//! Sizes fit in 32 bits (the limit of an unpacked package is far below), so zip64 is needed only
//! for the number of entries.

/// 1980-01-01 00:00, the earliest zip timestamp: the bytes must not depend on the time.
const DATE: u16 = 0x0021;
/// Flag: the name is UTF-8.
const UTF8: u16 = 1 << 11;
/// Made on Unix, so that modes apply; zip version 2.0.
const MADE_BY: u16 = 0x0314;
/// Entry count that refers to the zip64 record.
const MANY: usize = 0xffff;

/// How an entry's data is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflated,
}

/// An entry whose data is known.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    /// File type and permission bits.
    pub(super) mode: u32,
    pub(super) method: Method,
    pub(super) crc32: u32,
    pub(super) packed: u32,
    pub(super) size: u32,
    /// Offset of its local header.
    pub(super) offset: u32,
}

impl Entry {
    fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    /// Writes the fields that both headers share: from the version needed to the length of the
    /// name.
    fn common(&self, out: &mut Vec<u8>) {
        let method = match self.method {
            Method::Stored => 0_u16,
            Method::Deflated => 8,
        };
        let needed = if self.method == Method::Deflated || self.is_folder() { 20_u16 } else { 10 };
        let flags = if self.name.is_ascii() { 0 } else { UTF8 };
        for field in [needed, flags, method, 0, DATE] {
            out.extend(field.to_le_bytes());
        }
        for field in [self.crc32, self.packed, self.size] {
            out.extend(field.to_le_bytes());
        }
        // Names are never longer: the system's limit on paths is far below.
        out.extend(u16::try_from(self.name.len()).unwrap_or(u16::MAX).to_le_bytes());
    }

    /// Writes the header that precedes the data.
    pub(super) fn local_header(&self, out: &mut Vec<u8>) {
        out.extend(b"PK\x03\x04");
        self.common(out);
        out.extend(0_u16.to_le_bytes());
        out.extend(self.name.as_bytes());
    }

    fn central_header(&self, out: &mut Vec<u8>) {
        out.extend(b"PK\x01\x02");
        out.extend(MADE_BY.to_le_bytes());
        self.common(out);
        // No extra field, no comment, first disk, not marked as text.
        out.extend([0; 8]);
        // The MS-DOS flag for folders, beside the mode.
        let attributes = self.mode << 16 | if self.is_folder() { 0x10 } else { 0 };
        out.extend(attributes.to_le_bytes());
        out.extend(self.offset.to_le_bytes());
        out.extend(self.name.as_bytes());
    }
}

/// Returns the central directory, which begins at `offset`, and the end record.
pub(super) fn directory(entries: &[Entry], offset: u32) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        entry.central_header(&mut out);
    }
    let size = out.len() as u64;
    if entries.len() >= MANY {
        let record = u64::from(offset) + size;
        out.extend(b"PK\x06\x06");
        out.extend(44_u64.to_le_bytes());
        out.extend([MADE_BY, 45].iter().flat_map(|field| field.to_le_bytes()));
        out.extend([0; 8]);
        let count = entries.len() as u64;
        for field in [count, count, size, u64::from(offset)] {
            out.extend(field.to_le_bytes());
        }
        out.extend(b"PK\x06\x07");
        out.extend(0_u32.to_le_bytes());
        out.extend(record.to_le_bytes());
        out.extend(1_u32.to_le_bytes());
    }
    out.extend(b"PK\x05\x06");
    let count = u16::try_from(entries.len()).unwrap_or(u16::MAX);
    for field in [0, 0, count, count] {
        out.extend(u16::to_le_bytes(field));
    }
    // `ENTRIES_LIMIT` rules out a directory that exceeds 32 bits.
    out.extend(u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(offset.to_le_bytes());
    out.extend(0_u16.to_le_bytes());
    out
}
