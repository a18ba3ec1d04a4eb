//! Why there is no usable configuration.

use std::fmt;
use std::path::PathBuf;

use crate::config::input_error::InputWarning;
use crate::config::position::Position;
use crate::config::text_file::ReadError;
use crate::config::variables::{self, VariableError};
use crate::config::yaml::{ChangedScalar, DocumentError};

/// Why there is no usable configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A file exists but cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ReadError,
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
    #[error("{} has no `{key}`{}", .path.display(), instead_has(.misspelt.as_ref()))]
    Missing {
        /// The file.
        path: PathBuf,
        /// `name` or `component`.
        key: &'static str,
        /// The key that was probably meant to be it, and its line; 0 where it is not known.
        misspelt: Option<(String, usize)>,
    },
    /// A value of the wrong type.
    #[error("`{}` in {} must be {expected}", .key.as_deref().unwrap_or("the top level"), .path.display())]
    WrongType {
        /// The file.
        path: PathBuf,
        /// The key, with dots; `None` for the whole file.
        key: Option<String>,
        /// What it must be.
        expected: Expected,
        /// The line, where it is known.
        line: Option<usize>,
    },
    /// A text without quotes that would become another one.
    #[error("`{key}` ({position}) is `{}`, which would become `{}`", .changed.written, .changed.sent)]
    NotText {
        /// The key.
        key: String,
        /// File and line.
        position: Position,
        /// What it is, and what it would become.
        changed: ChangedScalar,
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
    /// A service of the Serverless Framework for another cloud.
    #[error("{} describes a service of the Serverless Framework for `{provider}`: `service` and `provider`, no `component`", .path.display())]
    OtherCloud {
        /// The file.
        path: PathBuf,
        /// `provider.name`.
        provider: String,
    },
    /// A component by its name of the older formats.
    #[error("`component` in {} is `{component}`, the name of an older format", .path.display())]
    OldComponent {
        /// The file.
        path: PathBuf,
        /// As it is written.
        component: String,
        /// Its name of today.
        name: &'static str,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The configuration file, where there is one.
    pub path: Option<PathBuf>,
    /// Each with file and line, where the reference stands in the file.
    pub errors: Vec<(Option<Position>, VariableError)>,
    /// Warnings about keys that nothing reads.
    pub unknown: Vec<InputWarning>,
}

fn instead_has(misspelt: Option<&(String, usize)>) -> String {
    match misspelt {
        None => String::new(),
        Some((key, 0)) => format!(", but `{key}`"),
        Some((key, line)) => format!(", but `{key}` (line {line})"),
    }
}

/// What a value of the file must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Keys with values.
    Map,
    /// A text.
    Text,
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Map => "a map of keys to values",
            Self::Text => "a text",
        })
    }
}

impl Unresolved {
    /// What cannot be resolved.
    pub fn errors(&self) -> impl Iterator<Item = &VariableError> {
        self.errors.iter().map(|(_, error)| error)
    }

    /// Whether all that is wrong is that functions are not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        let missing = |error: &VariableError| matches!(&error.reason, variables::ReferenceFault::NoOutput(none) if none.is_missing());
        self.errors().all(missing)
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
