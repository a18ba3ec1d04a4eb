//! What a package is written to: a file that is replaced as a whole, or what is no file.

use std::fs::{self, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::PackageError;

/// What a package is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A file, there or not, which is replaced once the package is whole.
    File(PathBuf),
    /// A pipe, a terminal or another device, or an open file by a name of the system. It is
    /// written to and stays what it is.
    Stream(PathBuf),
}

impl Destination {
    /// Looks at what stands there.
    ///
    /// # Errors
    /// A folder, a link, or something that cannot be written to without harm.
    pub fn of(path: &Path) -> Result<Self, PackageError> {
        let failed = |source| PackageError::Write { to: path.display().to_string(), source };
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::File(path.to_owned()));
            }
            Err(error) => return Err(failed(error)),
        };
        if metadata.is_dir() {
            return Err(out_folder(path));
        }
        if !metadata.is_symlink() {
            return if metadata.is_file() {
                Ok(Self::File(path.to_owned()))
            } else {
                stream(path, &metadata)
            };
        }
        let target = fs::metadata(path)
            .map_err(|_| PackageError::OutLink { path: path.to_owned(), target: None })?;
        if target.is_dir() {
            return Err(out_folder(path));
        }
        // `/dev/stdout` is a link to whatever standard output is, a file perhaps.
        if target.is_file() && !is_of_the_system(path) {
            let target = path.canonicalize().ok();
            return Err(PackageError::OutLink { path: path.to_owned(), target });
        }
        stream(path, &target)
    }

    /// Makes sure that it can be written to, as far as that is known before it is done.
    ///
    /// # Errors
    /// The file system refuses it.
    pub fn check(&self) -> io::Result<()> {
        match self {
            // Opening a pipe waits for its reader.
            Self::Stream(path) if fs::metadata(path)?.permissions().readonly() => {
                Err(io::ErrorKind::PermissionDenied.into())
            }
            Self::Stream(_) => Ok(()),
            Self::File(path) => beside(path).map(drop),
        }
    }

    /// Writes a text: a file is the old one or the new one at any time.
    ///
    /// # Errors
    /// The file system refuses it.
    pub fn write(&self, text: &str) -> io::Result<()> {
        self.put(text, 0o644)
    }

    /// As [`Self::write`], a file that nobody else reads.
    ///
    /// # Errors
    /// The file system refuses it.
    pub fn write_private(&self, text: &str) -> io::Result<()> {
        self.put(text, 0o600)
    }

    fn put(&self, text: &str, mode: u32) -> io::Result<()> {
        match self {
            Self::Stream(path) => {
                fs::File::options().append(true).open(path)?.write_all(text.as_bytes())
            }
            Self::File(path) => {
                let mut file = beside_with(path, mode)?;
                file.write_all(text.as_bytes())?;
                // What stands there now may be another than when it was looked at.
                Self::of(path).map_err(io::Error::other)?;
                file.persist(path).map(drop).map_err(|error| error.error)
            }
        }
    }

    /// Whether a file is there that would be replaced.
    #[must_use]
    pub fn is_file_there(&self) -> bool {
        matches!(self, Self::File(path) if path.exists())
    }

    /// Whether it is where results are printed.
    #[must_use]
    pub fn is_standard_output(&self) -> bool {
        let Self::Stream(path) = self else { return false };
        let same = |path: &Path| fs::metadata(path).ok().and_then(|metadata| identity(&metadata));
        same(path).is_some_and(|found| Some(found) == same(Path::new("/dev/stdout")))
    }
}

fn out_folder(path: &Path) -> PackageError {
    PackageError::OutFolder { path: path.to_owned(), file: path.join("code.zip") }
}

/// A file in the same folder that can take the place of another one.
pub(super) fn beside(path: &Path) -> io::Result<NamedTempFile> {
    // As any other file that a program makes, not as a secret.
    beside_with(path, 0o644)
}

fn beside_with(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = mode;
    builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(|error| {
        // It names the file in between, which nobody asked for.
        let text = error.to_string();
        let reason = text.split(" at path ").next().unwrap_or_default();
        io::Error::new(error.kind(), reason)
    })
}

/// What can be written to at no place in particular.
#[cfg(unix)]
fn stream(path: &Path, metadata: &Metadata) -> Result<Destination, PackageError> {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    if kind.is_fifo() || kind.is_char_device() || kind.is_file() {
        Ok(Destination::Stream(path.to_owned()))
    } else {
        Err(PackageError::OutSpecial { path: path.to_owned() })
    }
}

#[cfg(not(unix))]
fn stream(path: &Path, _: &Metadata) -> Result<Destination, PackageError> {
    Err(PackageError::OutSpecial { path: path.to_owned() })
}

/// Whether a name is one that the system gives to what is open.
fn is_of_the_system(path: &Path) -> bool {
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    folder.is_some_and(|folder| folder == Path::new("/dev") || folder.starts_with("/proc"))
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}
