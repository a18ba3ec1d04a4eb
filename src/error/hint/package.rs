//! What to do about a folder that cannot be packed.

use std::io;
use std::path::{Path, PathBuf};

use crate::package::{Emptied, FinishedFlaw, PackageError};
use crate::shell::quoted;

/// What to do about a folder that cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageHint<'a> {
    /// The folder is named wrongly.
    #[error("correct `src` in serverless.yml; it is relative to that file")]
    Source,
    /// The folder of one function is named wrongly.
    #[error(
        "correct the function's `src` in serverless.yml; it is relative to the common `src`, {}",
        common.display()
    )]
    PartSource {
        /// The common folder.
        common: &'a Path,
    },
    /// It has to be a folder.
    #[error("`src` names the folder of the code, or a finished zip")]
    Folder,
    /// A pattern takes nothing back in.
    #[error("write `{pattern}` in `include`")]
    Include {
        /// The pattern.
        pattern: &'a str,
    },
    /// Nothing is left.
    #[error("check `src` and `exclude` in serverless.yml")]
    Rules,
    /// A pattern that is no glob.
    #[error("write `\\` before a sign that is meant literally, for example `\\[`")]
    Literal,
    /// A pattern that reaches out.
    #[error("name files below the source folder, or link to the others from there")]
    Below,
    /// A target outside.
    #[error("name a folder inside the package")]
    Target,
    /// Something writes there.
    #[error("wait until whatever writes there has ended, or leave the file out with `exclude`")]
    Wait,
    /// A link or a device.
    #[error("replace it with a real file, or leave it out with `exclude`")]
    Replace,
    /// Too many bytes.
    #[error("leave files out with `exclude`; most of it lies in: {}", list(largest, " bytes"))]
    Bytes {
        /// Folders and their bytes.
        largest: &'a [(String, u64)],
    },
    /// Too many entries.
    #[error("leave files out with `exclude`; most of them lie in: {}", list(largest, ""))]
    Entries {
        /// Folders and their entries.
        largest: &'a [(String, u64)],
    },
    /// A name that no zip can have.
    #[error("rename it")]
    Rename,
    /// There is no finished package.
    #[error("--package names a zip, from the working directory on")]
    Package,
    /// What is there is no finished package.
    #[error(
        "make it anew, for example `scfctl package --out code.zip`; or name the folder of the code with `src`"
    )]
    MakeZip,
    /// A finished package that is too large.
    #[error("leave out what the function does not need")]
    Smaller,
    /// Another package than the one that was meant.
    #[error("it is another file than the one that the hash is of: build or download it again")]
    Another,
    /// `--out` is a folder.
    #[error("name a file, for example `scfctl package --out {}`", quoted_path(file))]
    File {
        /// A file in it.
        file: PathBuf,
    },
    /// `--out` is a link.
    #[error("name the file itself: `scfctl package --out {}`", quoted_path(target))]
    Itself {
        /// What it leads to.
        target: &'a Path,
    },
    /// There is no such folder.
    #[error("make the folder first, or name another file")]
    NoFolder,
    /// There is no room for a temporary file.
    #[error("set TMPDIR to a folder that can be written and has room")]
    TemporaryFolder,
}

/// Folders with a number each.
fn list(folders: &[(String, u64)], unit: &str) -> String {
    let shown: Vec<String> =
        folders.iter().map(|(name, number)| format!("{name} ({number}{unit})")).collect();
    if shown.is_empty() { "its top".to_owned() } else { shown.join(", ") }
}

/// A path as it is typed.
pub(crate) fn quoted_path(path: &Path) -> String {
    quoted(&path.display().to_string()).into_owned()
}

/// What to do about it.
pub(super) fn of(error: &PackageError) -> Option<PackageHint<'_>> {
    Some(match error {
        PackageError::Missing { .. } => PackageHint::Source,
        PackageError::MissingPart { common, .. } => PackageHint::PartSource { common },
        PackageError::NotAFolder { .. } => PackageHint::Folder,
        PackageError::Empty { emptied: Some(Emptied { negated: Some(negated) }), .. } => {
            PackageHint::Include { pattern: negated.trim_start_matches('!') }
        }
        PackageError::Empty { .. } => PackageHint::Rules,
        PackageError::Pattern { .. } => PackageHint::Literal,
        PackageError::IncludeOutside { .. } => PackageHint::Below,
        PackageError::Target(_) => PackageHint::Target,
        PackageError::Changed { .. } => PackageHint::Wait,
        PackageError::Outside { .. } | PackageError::Loop { .. } | PackageError::Special { .. } => {
            PackageHint::Replace
        }
        PackageError::TooLarge { largest, .. } => PackageHint::Bytes { largest },
        PackageError::TooMany { largest, .. } => PackageHint::Entries { largest },
        PackageError::Name { .. } | PackageError::Climbing { .. } => PackageHint::Rename,
        PackageError::Finished { flaw, .. } => match flaw {
            FinishedFlaw::Missing => PackageHint::Package,
            FinishedFlaw::Folder
            | FinishedFlaw::Special
            | FinishedFlaw::NoZip { .. }
            | FinishedFlaw::Empty
            | FinishedFlaw::Encrypted { .. }
            | FinishedFlaw::Broken { .. }
            | FinishedFlaw::Climbing { .. } => PackageHint::MakeZip,
            FinishedFlaw::Large | FinishedFlaw::Many | FinishedFlaw::Unpacked => {
                PackageHint::Smaller
            }
            FinishedFlaw::Digest { .. } => PackageHint::Another,
        },
        PackageError::OutFolder { file, .. } => PackageHint::File { file: file.clone() },
        PackageError::OutLink { target: Some(target), .. } => PackageHint::Itself { target },
        PackageError::OutLink { .. } | PackageError::OutSpecial { .. } => {
            PackageHint::File { file: PathBuf::from("code.zip") }
        }
        PackageError::Temporary { .. } => PackageHint::TemporaryFolder,
        PackageError::Write { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            PackageHint::NoFolder
        }
        PackageError::Read { .. } | PackageError::Write { .. } => return None,
    })
}
