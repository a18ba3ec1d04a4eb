//! What of a package is probably a mistake.

use std::fmt;
use std::path::PathBuf;

use super::{GlobError, PatternList};

/// What of a package is probably a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageWarning {
    /// A link that leads nowhere is left out.
    BrokenLink {
        /// Its name.
        name: String,
    },
    /// A link to a file that holds secrets as a rule is left out.
    SecretLink {
        /// Its name.
        name: String,
        /// Where it leads.
        target: PathBuf,
    },
    /// A saved plan is left out.
    SavedPlan {
        /// Its name.
        name: String,
    },
    /// A finished package holds files that hold secrets as a rule.
    Secrets {
        /// Their names, the first ones.
        names: Vec<String>,
    },
    /// Of `exclude` or `include`.
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

/// What of a list of patterns is probably a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternWarning {
    /// A pattern names nothing.
    Idle {
        /// `exclude` or `include`.
        list: PatternList,
        /// As it was written.
        pattern: String,
        /// What was meant, as far as it can be told.
        likely: Option<Likely>,
    },
    /// A pattern of `exclude` begins with `!`, which takes nothing back in.
    Negated {
        /// As it was written.
        pattern: String,
        /// For `include`.
        include: String,
        /// Whether it names nothing.
        idle: bool,
    },
}

/// Why a pattern names nothing, probably.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Likely {
    /// It was written as seen from the project's folder; this is it from the source folder.
    FromProject(String),
    /// It names a folder alone; this names what is in it.
    Contents(String),
    /// It names something further down; this names it there.
    Anywhere(String),
    /// It has signs that stand for something else.
    Signs,
    /// It is not well-formed: why.
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
