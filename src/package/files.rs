//! The files of a package, whoever made it.

use std::path::Path;

/// The files of a package, whoever made it.
pub trait Files {
    /// Whether a file of this name is in the package.
    fn contains(&self, name: &str) -> bool;

    /// Whether a file of this name is in the package and may be started.
    fn is_executable(&self, name: &str) -> bool;

    /// The folder or the file that it comes from.
    fn place(&self) -> &Path;

    /// The path in the package of a file of this name that lies in a folder of it.
    fn below(&self, _name: &str) -> Option<String> {
        None
    }
}
