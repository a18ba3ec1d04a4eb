//! Why there is no usable configuration.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::config::variables::{self, VariableError};
use crate::config::yaml::{Changed, DocumentError};

/// Why there is no usable configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file exists but cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not valid YAML or JSON.
    #[error("cannot understand {}", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: DocumentError,
    },
    /// A file without content.
    #[error("{} is empty", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A key that must be there is not, or is empty.
    #[error("{} has no `{key}`", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// `name` or `component`.
        key: &'static str,
    },
    /// A value of the wrong type.
    #[error("`{key}` in {} must be {expected}", .path.display())]
    WrongType {
        /// The file.
        path: PathBuf,
        /// The key, with dots; empty for the whole file.
        key: String,
        /// What it must be.
        expected: &'static str,
        /// The line, where it is known.
        line: Option<usize>,
    },
    /// A text without quotes that would become another one.
    #[error("`{key}` ({place}) is `{}`, which would become `{}`", .changed.written, .changed.sent)]
    NotText {
        /// The key.
        key: String,
        /// File and line.
        place: String,
        /// What it is, and what it would become.
        changed: Changed,
    },
    /// The format of the first components: `NAME:` with `component` and `inputs` below it.
    #[error("{} has the format of the first components: `{key}` (line {line}) holds the component", .path.display())]
    FirstComponents {
        /// The file.
        path: PathBuf,
        /// The name of the first instance.
        key: String,
        /// Its line; 0 where it is not known.
        line: usize,
        /// How many instances the file has.
        count: usize,
    },
    /// The format of the plugin for the Serverless Framework: `service`, `provider`, `functions`.
    #[error("{} has the format of the plugin serverless-tencent-scf: `service` and `provider`, no `component`", .path.display())]
    Plugin {
        /// The file.
        path: PathBuf,
    },
    /// A `.env` file above the project that anyone on this machine may have put there.
    #[error(
        "{} belongs to another user (uid {owner}), and others can write to its folder: it is not read", .path.display()
    )]
    ForeignDotEnv {
        /// The file.
        path: PathBuf,
        /// The folder where the nearest one would be.
        nearest: PathBuf,
        /// The user whose file it is.
        owner: u32,
    },
    /// `--target` does not lead to a directory.
    #[error("the target {} does not exist", .path.display())]
    NoTarget {
        /// The directory.
        path: PathBuf,
    },
    /// A stage given by a reference that came to nothing.
    #[error("the stage in {} resolves to an empty text", .path.display())]
    EmptyStage {
        /// The file.
        path: PathBuf,
    },
    /// References that cannot be resolved.
    #[error("{}", .0)]
    Variables(Unresolved),
}

/// All references of a configuration that cannot be resolved; never empty.
#[derive(Debug)]
pub struct Unresolved {
    /// The configuration file, where there is one.
    pub(super) path: Option<PathBuf>,
    /// Each with file and line, where the reference stands in the file.
    pub(super) errors: Vec<(Option<String>, VariableError)>,
    /// Warnings about keys that nothing reads.
    pub(super) unknown: Vec<String>,
}

impl Unresolved {
    /// What cannot be resolved.
    pub fn errors(&self) -> impl Iterator<Item = &VariableError> {
        self.errors.iter().map(|(_, error)| error)
    }

    /// Whether all that is wrong is that functions are not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        let missing = |error: &VariableError| matches!(&error.reason, variables::Reason::NoOutput(none) if none.missing);
        self.errors().all(missing)
    }

    fn hint(&self) -> Option<String> {
        match &self.errors[..] {
            [(_, error)] => error.hint(),
            _ => variables::hint_for(self.errors()),
        }
    }
}

impl fmt::Display for Unresolved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [(place, error)] = &self.errors[..] {
            let VariableError { path, reference, reason } = error;
            let place = place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
            write!(formatter, "cannot resolve `{reference}` at `{path}`{place}: {reason}")?;
        } else {
            let file = self.path.as_ref().map(|path| format!(" of {}", path.display()));
            let (count, file) = (self.errors.len(), file.unwrap_or_default());
            write!(formatter, "{count} references{file} cannot be resolved")?;
            variables::list(formatter, &self.errors)?;
        }
        self.unknown.iter().try_for_each(|unknown| write!(formatter, "\n{unknown}"))
    }
}

impl ConfigError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => None,
            Self::Syntax { source, .. } => Some(match &source.fault {
                Some(advice) => format!("{}\n{advice}", source.excerpt),
                None => source.excerpt.clone(),
            }),
            Self::Empty { .. } => {
                Some("a configuration needs at least `component: scf` and `name:`".to_owned())
            }
            Self::Missing { key, .. } => Some(match *key {
                "component" => "add `component: scf` at the top".to_owned(),
                key => format!("add `{key}:` at the top"),
            }),
            Self::WrongType { line, .. } => line.map(|line| format!("see line {line}")),
            Self::NotText { key, changed, .. } => {
                Some(format!("put it in quotes: `{key}: '{}'`", changed.written))
            }
            Self::FirstComponents { key, count, .. } => Some(format!(
                "move what is below `{key}` to the top: `component: scf`, `name: {key}` and `inputs`; `codeUri` is \
                 `src`, or `src.src` where `exclude` and `include` go below `src`{}",
                if *count > 1 {
                    "; give each function a folder with a file of its own, or write `component: multi-scf`"
                } else {
                    ""
                }
            )),
            Self::Plugin { .. } => Some(
                "`component: multi-scf` is nearest: `name` for `service`, and `functions` and what `provider` says \
                 (`runtime`, `region`, …) below `inputs`; or a folder with `component: scf` for each function"
                    .to_owned(),
            ),
            Self::ForeignDotEnv { nearest, .. } => Some(format!(
                "if it is meant, copy it to {0}; else put a file of your own there, {0}, which may be empty: \
                 the nearest one counts",
                nearest.join(".env").display()
            )),
            Self::NoTarget { .. } => {
                Some("`--target` is a directory, relative to the working directory".to_owned())
            }
            Self::EmptyStage { .. } => {
                Some("set the variable the stage refers to, or give `--stage`".to_owned())
            }
            Self::Variables(unresolved) => unresolved.hint(),
        }
    }
}
