//! Reasons why a folder cannot be packed.

use std::fmt;
use std::path::{Path, PathBuf};

use super::finished_flaw::FinishedFlaw;
use super::glob::GlobError;
use super::{ENTRIES_LIMIT, UNPACKED_LIMIT};

/// Why a folder cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The source folder does not exist.
    #[error("source folder `{}` does not exist", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The folder of one function does not exist in the folder that several share.
    #[error("source folder `{}` does not exist", path.display())]
    MissingPart {
        /// The folder.
        path: PathBuf,
        /// The shared folder.
        common: PathBuf,
    },
    /// The source is not a folder.
    #[error("source `{}` is not a folder", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// No file is left to pack.
    #[error("nothing to pack in `{}`{}", path.display(), why_empty(emptied.as_ref()))]
    Empty {
        /// The folder.
        path: PathBuf,
        /// Set if `exclude` is to blame.
        emptied: Option<Emptied>,
    },
    /// An invalid pattern.
    #[error("{list} pattern `{pattern}` cannot be used: {reason}")]
    Pattern {
        /// Where the pattern is from.
        list: PatternList,
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: PatternProblem,
    },
    /// An `include` that reaches out of the source folder, whose files would get names with `..`.
    #[error("include pattern `{pattern}` reaches out of the source folder")]
    IncludeOutside {
        /// The pattern.
        pattern: String,
    },
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file has changed since packing began.
    #[error("`{}` changed while it was being packed", path.display())]
    Changed {
        /// The path.
        path: PathBuf,
    },
    /// A file name that is not UTF-8.
    #[error("the name of `{}` is not UTF-8", path.display())]
    Name {
        /// The path.
        path: PathBuf,
    },
    /// A device, pipe or socket.
    #[error("`{}` is neither a file nor a folder", path.display())]
    Special {
        /// The path.
        path: PathBuf,
    },
    /// A symbolic link out of the project.
    #[error("link `{}` leads out of the project to `{}`", path.display(), target.display())]
    Outside {
        /// The link.
        path: PathBuf,
        /// Its target.
        target: PathBuf,
    },
    /// A symbolic link to a folder that contains it.
    #[error("link `{}` leads back to a folder that it lies in", path.display())]
    Loop {
        /// The link.
        path: PathBuf,
    },
    /// The package exceeds the limit for a version.
    #[error("`{}` holds {size} bytes, a function version takes {UNPACKED_LIMIT}", path.display())]
    TooLarge {
        /// The folder.
        path: PathBuf,
        /// Unpacked size in bytes.
        size: u64,
        /// The largest folders in it, with their sizes in bytes.
        largest: Vec<(String, u64)>,
    },
    /// Too many files and folders: links that multiply, or a folder that is not a project.
    #[error("`{}` holds more than {ENTRIES_LIMIT} files and folders", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// The folders in it with the most entries, with their counts.
        largest: Vec<(String, u64)>,
    },
    /// A name that an unpacking program could take for a path out of the folder.
    #[error("the name of `{}` climbs out of the package", path.display())]
    Climbing {
        /// The path.
        path: PathBuf,
    },
    /// A `targetDir` that climbs out of the package.
    #[error("targetDir `{0}` climbs out of the package")]
    Target(String),
    /// A finished package that cannot be sent as it is.
    #[error("package `{}` {flaw}", path.display())]
    Finished {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        flaw: FinishedFlaw,
    },
    /// `--out` is a folder.
    #[error("--out `{}` is a folder", path.display())]
    OutFolder {
        /// The path.
        path: PathBuf,
        /// A file in it to suggest.
        file: PathBuf,
    },
    /// `--out` is a link: its target was not named.
    #[error("--out `{}` is a link {}", path.display(), leads(target.as_deref()))]
    OutLink {
        /// The link.
        path: PathBuf,
        /// Its target, or `None` if it does not exist.
        target: Option<PathBuf>,
    },
    /// `--out` is a disk or a socket.
    #[error("--out `{}` is neither a file nor a pipe", path.display())]
    OutSpecial {
        /// The path.
        path: PathBuf,
    },
    /// The temporary file for a large package cannot be written.
    #[error("cannot write a temporary file in `{}`", folder.display())]
    Temporary {
        /// The folder of temporary files.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The zip cannot be written.
    #[error("cannot write the package to {to}")]
    Write {
        /// The destination.
        to: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Where a pattern is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternList {
    /// `exclude`.
    Exclude,
    /// `include`.
    Include,
    /// This ignore file.
    File(PathBuf),
}

impl fmt::Display for PatternList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exclude => formatter.write_str("exclude"),
            Self::Include => formatter.write_str("include"),
            Self::File(path) => path.display().fmt(formatter),
        }
    }
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternProblem {
    /// In `exclude` or `include`.
    #[error(transparent)]
    Glob(#[from] GlobError),
    /// In an ignore file; the parser's message.
    #[error("{0}")]
    Ignore(String),
}

/// A file that is too large to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has more than {limit} bytes")]
pub struct Oversized {
    /// The limit in bytes.
    pub limit: u64,
}

/// `exclude` left something out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emptied {
    /// A pattern with `!` that was perhaps meant to include something again.
    pub negated: Option<String>,
}

/// Explains why no file is left.
fn why_empty(emptied: Option<&Emptied>) -> String {
    match emptied {
        Some(Emptied { negated: Some(negated) }) => format!(
            ": `exclude` leaves everything out, and `{negated}` in it takes nothing back in"
        ),
        Some(Emptied { negated: None }) => ": `exclude` leaves everything out".to_owned(),
        None => String::new(),
    }
}

fn leads(target: Option<&Path>) -> String {
    match target {
        Some(target) => format!("to `{}`", target.display()),
        None => "that leads nowhere".to_owned(),
    }
}
