//! What `package` reports.

use serde::Serialize;

/// The packages of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Packages {
    /// That of one function.
    One(Package),
    /// Those of several functions.
    Several {
        /// Each with the key of its function.
        functions: Vec<Package>,
    },
}

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// Key of the function in a `multi-scf` instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The file that it was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its hash, where it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Bytes, where it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Bytes of its files.
    pub unpacked_size: u64,
    /// How many files it has.
    pub file_count: usize,
    /// Its files, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<PackageFile>>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PackageFile {
    /// Its name in the package.
    pub path: String,
    /// Permissions, in octal digits.
    pub mode: String,
    /// Bytes.
    pub size: u64,
    /// Hash.
    pub sha256: String,
}
