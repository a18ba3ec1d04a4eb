//! Whether git tracks a file, by the index of its repository.
//!
//! `git` itself is not asked: it may not be there, runs what a repository's settings name, refuses
//! repositories of others, and can hang.

use std::io::Read as _;
use std::path::{Path, PathBuf};

/// An index that is larger is not read.
const LARGEST: u64 = 64 << 20;
/// Bytes of an entry before its flags: times, owner, mode, size.
const STAT: usize = 40;

/// What is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tracked {
    /// Git tracks it.
    Yes,
    /// It does not, or there is no repository.
    No,
    /// The index cannot be read.
    Unknown,
}

/// Looks a file up, given by its whole path, in the index of the nearest repository.
pub(super) fn tracked(file: &Path) -> Tracked {
    for folder in file.ancestors().skip(1) {
        let git = folder.join(".git");
        if git.symlink_metadata().is_err() {
            continue;
        }
        let Some(name) = file.strip_prefix(folder).ok().and_then(Path::to_str) else {
            return Tracked::Unknown;
        };
        let Some(index) = directory(&git).map(|git| git.join("index")) else {
            return Tracked::Unknown;
        };
        return match read(&index) {
            Ok(bytes) => look_up(&bytes, &name.replace('\\', "/")),
            // Nothing was ever added.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Tracked::No,
            Err(_) => Tracked::Unknown,
        };
    }
    Tracked::No
}

/// What `.git` is: the folder itself, or a file of a work tree that names it.
fn directory(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let text = String::from_utf8(read(git).ok()?).ok()?;
    let named = text.strip_prefix("gitdir:")?.trim();
    Some(git.parent()?.join(named))
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    // A pipe in its place would be waited for.
    if !path.metadata()?.is_file() {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if read as u64 > LARGEST {
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Looks a name up in an index. How long its hashes are is a matter of the repository's settings;
/// only one length comes out right.
fn look_up(index: &[u8], name: &str) -> Tracked {
    let found = [20, 32].into_iter().find_map(|hash| names(index, hash, name.as_bytes()));
    match found {
        Some(true) => Tracked::Yes,
        Some(false) => Tracked::No,
        None => Tracked::Unknown,
    }
}

/// Whether the entries have the name; `None` where this is no index of such hashes, or only a part
/// of one.
fn names(index: &[u8], hash: usize, name: &[u8]) -> Option<bool> {
    let word = |at: usize| {
        let bytes = index.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    let version = word(4)?;
    if index.get(..4)? != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let (mut at, mut path, mut found) = (12, Vec::new(), false);
    for _ in 0..word(8)? {
        let begin = at;
        at += STAT + hash;
        let flags = index.get(at..at + 2)?;
        // Version 3 and on: further flags.
        at += if flags[0] & 0x40 == 0 { 2 } else { 4 };
        if version == 4 {
            // The path begins as the one before it, but for so many bytes of its end.
            let mut byte = *index.get(at)?;
            let mut cut = usize::from(byte & 0x7f);
            at += 1;
            while byte & 0x80 != 0 {
                byte = *index.get(at)?;
                cut = cut.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
                at += 1;
            }
            path.truncate(path.len().checked_sub(cut)?);
        } else {
            path.clear();
        }
        let rest = index.get(at..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        path.extend_from_slice(&rest[..end]);
        if path.is_empty() {
            return None;
        }
        at = if version == 4 { at + end + 1 } else { begin + (at + end - begin + 8) / 8 * 8 };
        found |= path == name;
    }
    // What follows are extensions by their size, and a hash. One of them names another index.
    while at + hash < index.len() {
        if index.get(at..at + 4)? == b"link" {
            return None;
        }
        at = at.checked_add(8)?.checked_add(usize::try_from(word(at + 4)?).ok()?)?;
    }
    (at + hash == index.len()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index as git writes it, of these paths in order.
    fn index(version: u32, hash: usize, paths: &[&str], extension: &[u8]) -> Vec<u8> {
        let mut bytes = [&b"DIRC"[..], &version.to_be_bytes(), &2_u32.to_be_bytes()].concat();
        let mut before = "";
        for path in paths {
            let begin = bytes.len();
            bytes.extend(vec![7; STAT + hash]);
            let is_extended = version == 3;
            bytes.extend([if is_extended { 0x40 } else { 0 }, 9]);
            bytes.extend(vec![1; if is_extended { 2 } else { 0 }]);
            if version == 4 {
                let shared = before
                    .bytes()
                    .zip(path.bytes())
                    .take_while(|(one, other)| one == other)
                    .count();
                bytes.push(u8::try_from(before.len() - shared).unwrap());
                bytes.extend(path[shared..].bytes().chain([0]));
                before = path;
            } else {
                bytes.extend(path.bytes());
                let padding = 8 - (bytes.len() - begin) % 8;
                bytes.extend(vec![0; padding]);
            }
        }
        bytes.extend(extension);
        bytes.extend(vec![3; hash]);
        bytes
    }

    #[test]
    fn a_path_is_found_in_each_version_of_the_index() {
        for (version, hash) in [(2, 20), (3, 20), (4, 20), (2, 32), (4, 32)] {
            let bytes = index(version, hash, &["app/.env", "app/serverless.yml"], b"");
            for (name, expected) in [
                ("app/.env", Tracked::Yes),
                ("app/serverless.yml", Tracked::Yes),
                (".env", Tracked::No),
                ("app/.en", Tracked::No),
            ] {
                assert_eq!(look_up(&bytes, name), expected, "{version} {hash} {name}");
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_no_answer() {
        let whole = index(2, 20, &["a", "b"], b"TREE\0\0\0\x01x");
        assert_eq!(look_up(&whole, "a"), Tracked::Yes);
        for end in 0..whole.len() {
            assert_ne!(look_up(&whole[..end], "a"), Tracked::No, "{end}");
        }
        let shared = index(2, 20, &["a", "b"], b"link\0\0\0\x01x");
        assert_eq!(look_up(&shared, "a"), Tracked::Unknown);
        assert_eq!(look_up(b"DIRC\0\0\0\x05\0\0\0\0", "a"), Tracked::Unknown);
    }
}
