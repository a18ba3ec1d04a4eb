//! The files of a package, packed here or finished.

use std::path::Path;

/// The files of a package, packed here or finished.
pub trait Files {
    /// Returns whether the package contains this file.
    fn contains(&self, name: &str) -> bool;

    /// Returns whether the package contains this file as an executable.
    fn is_executable(&self, name: &str) -> bool;

    /// Returns the source folder or the finished package's file.
    fn place(&self) -> &Path;

    /// Returns the path of a file with this name in any folder of the package.
    fn below(&self, _name: &str) -> Option<String> {
        None
    }
}
