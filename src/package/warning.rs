//! Probable mistakes in what is packed.

use std::fmt;
use std::path::PathBuf;

use super::{GlobError, PatternList};

/// A probable mistake in what is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageWarning {
    /// A broken link is left out.
    BrokenLink {
        /// Its name.
        name: String,
    },
    /// A link to a file that usually contains secrets is left out.
    SecretLink {
        /// Its name.
        name: String,
        /// Its target.
        target: PathBuf,
    },
    /// A saved plan is left out.
    SavedPlan {
        /// Its name.
        name: String,
    },
    /// A finished package contains files that usually contain secrets.
    Secrets {
        /// Names of the first ones.
        names: Vec<String>,
    },
    /// A pattern of `exclude` or `include`.
    Pattern(PatternWarning),
}

impl fmt::Display for PackageWarning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenLink { name } => {
                write!(formatter, "link `{name}` leads nowhere; left out")
            }
            Self::SecretLink { name, target } => write!(
                formatter,
                "link `{name}` leads to `{}`, which holds secrets as a rule; left out unless \
                 `include` names it",
                target.display()
            ),
            Self::SavedPlan { name } => {
                write!(formatter, "`{name}` is a saved plan; left out unless `include` names it")
            }
            Self::Secrets { names } => write!(
                formatter,
                "the finished package holds what holds secrets as a rule: `{}`",
                names.join("`, `")
            ),
            Self::Pattern(warning) => warning.fmt(formatter),
        }
    }
}

/// A probable mistake in a list of patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternWarning {
    /// The pattern matches nothing.
    Idle {
        /// `exclude` or `include`.
        list: PatternList,
        /// As it was written.
        pattern: String,
        /// The probable cause, if one is found.
        likely: Option<Likely>,
    },
    /// A pattern of `exclude` begins with `!`, which does not include anything again.
    Negated {
        /// The pattern as written.
        pattern: String,
        /// What to write in `include` instead.
        include: String,
        /// Whether it matches nothing.
        idle: bool,
    },
}

/// Why a pattern probably matches nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Likely {
    /// It is relative to the project folder; this is relative to the source folder.
    FromProject(String),
    /// It matches a folder only; this matches its contents.
    Contents(String),
    /// It matches at the top only; this matches in subfolders.
    Anywhere(String),
    /// It has characters with a special meaning.
    Signs,
    /// It is malformed, for this reason.
    Broken(GlobError),
}

impl fmt::Display for PatternWarning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Negated { pattern, include, idle } => {
                write!(formatter, "exclude `{pattern}` ")?;
                if *idle {
                    write!(formatter, "names no file")?;
                } else {
                    write!(formatter, "leaves out what `{include}` names, as sls does")?;
                }
                write!(
                    formatter,
                    "; `!` takes nothing back in: to pack these files all the same, write \
                     `{include}` in `include`"
                )
            }
            Self::Idle { list, pattern, likely } => {
                write!(formatter, "{list} `{pattern}` names no file")?;
                match likely {
                    None => Ok(()),
                    Some(Likely::FromProject(rest)) => write!(
                        formatter,
                        "; patterns begin at the source folder, so perhaps `{rest}` is meant"
                    ),
                    Some(Likely::Contents(rest)) => write!(
                        formatter,
                        "; it names a folder, and `{rest}` leaves out what is in it"
                    ),
                    Some(Likely::Anywhere(rest)) => write!(
                        formatter,
                        " at the top of the source folder; `{rest}` names those below, too"
                    ),
                    Some(Likely::Broken(reason)) => write!(formatter, ": {reason}"),
                    Some(Likely::Signs) => write!(
                        formatter,
                        "; where `(` or `[` is meant literally, write `\\` before it"
                    ),
                }
            }
        }
    }
}
