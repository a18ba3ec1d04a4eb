//! Where a package is written: to a file, which is replaced as a whole, or to a stream.

use std::fs::{self, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::PackageError;

/// Where a package is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A file, which may not exist yet. It is replaced once the package is complete.
    File(PathBuf),
    /// A pipe, terminal or other device, or an open file under one of the system's names. It is
    /// appended to and stays what it is.
    Stream(PathBuf),
}

impl Destination {
    /// Determines what exists at a path.
    ///
    /// # Errors
    /// Fails for a folder, a link, or something that cannot safely be written to.
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

    /// Checks that it is writable, as far as that can be known in advance.
    ///
    /// # Errors
    /// Fails if the file system refuses.
    pub fn check(&self) -> io::Result<()> {
        match self {
            // Opening a pipe would wait for its reader.
            Self::Stream(path) if fs::metadata(path)?.permissions().readonly() => {
                Err(io::ErrorKind::PermissionDenied.into())
            }
            Self::Stream(_) => Ok(()),
            Self::File(path) => beside(path).map(drop),
        }
    }

    /// Writes a text. A file is replaced atomically.
    ///
    /// # Errors
    /// Fails if the file system refuses.
    pub fn write(&self, text: &str) -> io::Result<()> {
        self.put(text, 0o644)
    }

    /// Like [`Self::write`], but only the owner can read the file.
    ///
    /// # Errors
    /// Fails if the file system refuses.
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
                // The path may have changed since it was checked.
                Self::of(path).map_err(io::Error::other)?;
                file.persist(path).map(drop).map_err(|error| error.error)
            }
        }
    }

    /// Returns whether a file exists that would be replaced.
    #[must_use]
    pub fn is_file_there(&self) -> bool {
        matches!(self, Self::File(path) if path.exists())
    }

    /// Returns whether it is where results are printed.
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

/// Creates a file in the same folder, to be moved into another one's place.
pub(super) fn beside(path: &Path) -> io::Result<NamedTempFile> {
    // Permissions of an ordinary file, not of a secret.
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
        // The error names the temporary file, which nobody asked for.
        let text = error.to_string();
        let reason = text.split(" at path ").next().unwrap_or_default();
        io::Error::new(error.kind(), reason)
    })
}

/// Accepts what can be appended to.
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

/// Returns whether the path is one of the system's names for an open file.
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
