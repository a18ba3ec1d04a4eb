//! Why a folder cannot be packed.

use std::fmt;
use std::path::{Path, PathBuf};

use super::finished_flaw::FinishedFlaw;
use super::glob::GlobError;
use super::{ENTRIES_LIMIT, UNPACKED_LIMIT};

/// Why a folder cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The folder is not there.
    #[error("source folder `{}` does not exist", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The folder of one function is not in the one that several have in common.
    #[error("source folder `{}` does not exist", path.display())]
    MissingPart {
        /// The folder.
        path: PathBuf,
        /// The common one.
        common: PathBuf,
    },
    /// A file where a folder is wanted.
    #[error("source `{}` is not a folder", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// Nothing is left to pack.
    #[error("nothing to pack in `{}`{}", path.display(), why_empty(emptied.as_ref()))]
    Empty {
        /// The folder.
        path: PathBuf,
        /// What `exclude` has to do with it.
        emptied: Option<Emptied>,
    },
    /// A pattern that is no glob.
    #[error("{list} pattern `{pattern}` cannot be used: {reason}")]
    Pattern {
        /// What it stands in.
        list: PatternList,
        /// The pattern.
        pattern: String,
        /// Why.
        reason: PatternProblem,
    },
    /// An `include` that reaches out of the source folder, whose files would get names with
    /// `..`.
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
    /// A file is no longer what it was when the package was begun.
    #[error("`{}` changed while it was being packed", path.display())]
    Changed {
        /// The path.
        path: PathBuf,
    },
    /// A name that a zip cannot carry.
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
    /// A symbolic link that leads out of the project.
    #[error("link `{}` leads out of the project to `{}`", path.display(), target.display())]
    Outside {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// A symbolic link to a folder that it lies in.
    #[error("link `{}` leads back to a folder that it lies in", path.display())]
    Loop {
        /// The link.
        path: PathBuf,
    },
    /// Too much for one version.
    #[error("`{}` holds {size} bytes, a function version takes {UNPACKED_LIMIT}", path.display())]
    TooLarge {
        /// The folder.
        path: PathBuf,
        /// Bytes.
        size: u64,
        /// The largest folders in it, with their bytes.
        largest: Vec<(String, u64)>,
    },
    /// Links that multiply, or a folder that is no project.
    #[error("`{}` holds more than {ENTRIES_LIMIT} files and folders", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// The folders in it with the most entries, with their number.
        largest: Vec<(String, u64)>,
    },
    /// A name that an unpacking program could take for a way out of the folder.
    #[error("the name of `{}` climbs out of the package", path.display())]
    Climbing {
        /// The path.
        path: PathBuf,
    },
    /// `targetDir` climbs out of the package.
    #[error("targetDir `{0}` climbs out of the package")]
    Target(String),
    /// A zip that cannot be sent as it is.
    #[error("package `{}` {flaw}", path.display())]
    Finished {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        flaw: FinishedFlaw,
    },
    /// The package is to be written to a folder.
    #[error("--out `{}` is a folder", path.display())]
    OutFolder {
        /// The path.
        path: PathBuf,
        /// A file that it could be.
        file: PathBuf,
    },
    /// The package is to be written to a link: what it leads to was not named.
    #[error("--out `{}` is a link {}", path.display(), leads(target.as_deref()))]
    OutLink {
        /// The link.
        path: PathBuf,
        /// The file that it leads to; `None` where it leads nowhere.
        target: Option<PathBuf>,
    },
    /// The package is to be written to a disk or a socket.
    #[error("--out `{}` is neither a file nor a pipe", path.display())]
    OutSpecial {
        /// The path.
        path: PathBuf,
    },
    /// A large package needs a temporary file, which cannot be written.
    #[error("cannot write a temporary file in `{}`", folder.display())]
    Temporary {
        /// Where temporary files are.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Writing the zip failed.
    #[error("cannot write the package to {to}")]
    Write {
        /// Where.
        to: String,
        /// Why.
        source: std::io::Error,
    },
}

/// What patterns stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternList {
    /// `exclude`.
    Exclude,
    /// `include`.
    Include,
    /// An ignore file.
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

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternProblem {
    /// Of `exclude` or `include`.
    #[error(transparent)]
    Glob(#[from] GlobError),
    /// Of an ignore file, in the words of the library that reads it.
    #[error("{0}")]
    Ignore(String),
}

/// A file that is longer than its like are read: why reading it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has more than {limit} bytes")]
pub struct Oversized {
    /// The most that is read, in bytes.
    pub limit: u64,
}

/// `exclude` left something out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emptied {
    /// A pattern of it that was perhaps to take something back in.
    pub negated: Option<String>,
}

/// Why nothing is left.
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
