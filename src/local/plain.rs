//! Files of the local state, which may lie in a folder that came with a checkout or that others
//! can write: links are not followed there, and only what is certainly of this program goes.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Misplaced, StartError};

/// The folder beside a project's serverless.yml.
const OF_PROJECT: &str = ".scfctl";
/// What names of temporary files have between the name of the state and [`RANDOM`] letters.
const MARK: &str = ".scfctl-";
const END: &str = ".tmp";
/// Random letters and digits in them.
const RANDOM: usize = 12;
/// What such names were in earlier versions, in folders that are this program's alone.
const EARLIER: &str = ".tmp";
const EARLIER_RANDOM: usize = 6;

/// Makes the folder of a project's local state, which no repository should keep.
///
/// # Errors
/// It, or something in it, is a link, or it cannot be made.
pub fn prepare_folder(folder: &Path) -> Result<(), StartError> {
    let failed = |source| StartError::State { path: folder.to_owned(), source };
    refuse_link(folder)?;
    fs::create_dir_all(folder).map_err(failed)?;
    refuse_link(folder)?;
    let ignore = folder.join(".gitignore");
    refuse_link(&ignore)?;
    // Not over anything, nor through a link that points nowhere.
    match OpenOptions::new().write(true).create_new(true).open(&ignore) {
        Ok(mut file) => file.write_all(b"*\n").map_err(failed),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// Fails when a path is a link; one that is not there is none.
pub(super) fn refuse_link(path: &Path) -> Result<(), StartError> {
    if is_link(path) { Err(StartError::Link { path: path.to_owned() }) } else { Ok(()) }
}

/// Fails when a folder has a link in it whose name is one of this program's.
pub(super) fn refuse_links_in(
    folder: &Path,
    is_ours: impl Fn(&str) -> bool,
) -> Result<(), StartError> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(&is_ours))
        .try_for_each(|entry| refuse_link(&entry.path()))
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_symlink())
}

/// Whether a folder holds nothing but local state.
pub(super) fn is_of_project(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == OF_PROJECT)
}

/// Opens a regular file to be locked; makes it where it is not there.
pub(super) fn open_lock(path: &Path) -> io::Result<File> {
    if let Ok(metadata) = fs::symlink_metadata(path) {
        refuse_special(&metadata)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    not_through_links(&mut options);
    options.open(path)
}

/// Reads a file, not a link, nor a pipe or a device, which may have no end.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_and_see(path).map(|(bytes, _)| bytes)
}

/// As [`read`], and which file it was.
pub(super) fn read_and_see(path: &Path) -> io::Result<(Vec<u8>, Seen)> {
    refuse_special(&fs::symlink_metadata(path)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    not_through_links(&mut options);
    let mut bytes = Vec::new();
    let mut seen = Seen::of(options.open(path)?);
    io::Read::read_to_end(&mut seen.file, &mut bytes)?;
    Ok((bytes, seen))
}

/// A file as it was read or written. It stays open: no other file gets its number meanwhile.
#[derive(Debug)]
pub(super) struct Seen {
    file: File,
    #[cfg(unix)]
    identity: Option<Identity>,
}

/// Device, number, length, and when it was written to.
#[cfg(unix)]
type Identity = (u64, u64, u64, i64, i64);

impl Seen {
    fn of(file: File) -> Self {
        Self {
            #[cfg(unix)]
            identity: file.metadata().ok().map(|found| identity(&found)),
            file,
        }
    }

    /// Whether this very file is there still, as it was. Where systems do not tell, it is not.
    #[cfg(unix)]
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let there = fs::symlink_metadata(path).ok().map(|found| identity(&found));
        there.is_some() && there == self.identity
    }

    #[cfg(not(unix))]
    pub(super) fn is_at(&self, _: &Path) -> bool {
        let Self { file: _ } = self;
        false
    }
}

#[cfg(unix)]
fn identity(found: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (found.dev(), found.ino(), found.len(), found.mtime(), found.mtime_nsec())
}

fn refuse_special(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() { Ok(()) } else { Err(io::Error::other(Misplaced::NotAFile)) }
}

/// One that is put there between the look and the opening is refused, too.
#[cfg(unix)]
fn not_through_links(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    options.custom_flags(flags.bits().cast_signed());
}

#[cfg(not(unix))]
fn not_through_links(_: &mut OpenOptions) {}

/// Makes a folder; fails when a link or a file is in its place.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if fs::symlink_metadata(path)?.is_dir() {
                Ok(())
            } else {
                Err(io::Error::other(Misplaced::NotAFolder { path: path.to_owned() }))
            }
        }
        made => made,
    }
}

/// Replaces a file of the state called `of`, whole; a link in its place is replaced, not followed.
pub(super) fn replace(path: &Path, of: &str, bytes: &[u8]) -> io::Result<Seen> {
    let folder = folder(path);
    let prefix = format!("{of}{MARK}");
    let mut file = tempfile::Builder::new()
        .prefix(&prefix)
        .suffix(END)
        .rand_bytes(RANDOM)
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let file = file.persist(path).map_err(|error| error.error)?;
    // The new name lasts only once the folder is written too. Not every
    // platform can open a folder.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(Seen::of(file))
}

/// Whether a name is that of a temporary file of the state called `of`. `alone` is a folder that
/// nothing else writes to, where names of earlier versions count, too.
pub(super) fn is_temporary(name: &str, of: &str, alone: bool) -> bool {
    let random = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let rest = name.strip_prefix(of).and_then(|rest| rest.strip_prefix(MARK));
    rest.and_then(|rest| rest.strip_suffix(END)).is_some_and(|text| random(text, RANDOM))
        || (alone && name.strip_prefix(EARLIER).is_some_and(|text| random(text, EARLIER_RANDOM)))
}

/// Removes regular files of one's own whose names are wanted gone, from a folder that is none by
/// a link only. What stays does no harm, so that failing to remove it is no error.
pub(super) fn sweep(folder: &Path, goes: impl Fn(&str) -> bool) {
    if is_link(folder) {
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        // Of the entry itself, not of where it leads.
        if name.to_str().is_some_and(&goes)
            && entry.metadata().is_ok_and(|found| found.is_file() && is_own(&found))
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
fn is_own(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(_: &Metadata) -> bool {
    true
}

/// The folder of a file; a bare name stands in the current one.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A path with something after the file's whole name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_this_program_makes_are_temporary() {
        for (name, alone, temporary) in [
            ("local.json.scfctl-aB3dE6gH9jK2.tmp", false, true),
            ("other.json.scfctl-aB3dE6gH9jK2.tmp", false, false),
            ("local.json.scfctl-aB3dE6gH9jK.tmp", true, false),
            ("local.json.scfctl-aB3dE6gH9jK-.tmp", true, false),
            ("local.json.scfctl-aB3dE6gH9jK2.tmp~", true, false),
            ("local.json", true, false),
            ("local.json.tmp", true, false),
            (".tmpaB3dE6", true, true),
            (".tmpaB3dE6", false, false),
            (".tmpaB3dE67", true, false),
            (".tmp", true, false),
            (".tmp......", true, false),
        ] {
            assert_eq!(is_temporary(name, "local.json", alone), temporary, "{name} {alone}");
        }
    }

    #[test]
    fn what_is_written_first_has_such_a_name() {
        let folder = tempfile::tempdir().unwrap();
        replace(&folder.path().join("a"), "a", b"one").unwrap();
        assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"one");
        let file = tempfile::Builder::new()
            .prefix(&format!("a{MARK}"))
            .suffix(END)
            .rand_bytes(RANDOM)
            .tempfile_in(&folder)
            .unwrap();
        let name = file.path().file_name().unwrap().to_str().unwrap();
        assert!(is_temporary(name, "a", false), "{name}");
    }
}
