//! What to do about a configuration that cannot be used.

use std::fmt;
use std::path::PathBuf;

use super::error::{ConfigError, Unresolved};
use crate::config::variables::{VariableHints, hint_for};
use crate::config::yaml::Fault;

/// What to do about a configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigHint {
    /// The line that cannot be understood.
    Excerpt {
        /// The line and, below it, a `^` under the column.
        excerpt: String,
        /// The mistake that is probably behind it.
        fault: Option<Fault>,
    },
    /// What a configuration needs at least.
    Least,
    /// The component is missing.
    AddComponent,
    /// A key at the top is misspelt.
    RenameKey {
        /// As it is written.
        from: String,
        /// As it should be.
        to: &'static str,
    },
    /// Another key is missing at the top.
    AddKey {
        /// The key.
        key: &'static str,
    },
    /// Where the value stands.
    SeeLine {
        /// Number of the line, from 1.
        line: usize,
    },
    /// Quotes make a text of it.
    Quote {
        /// The key.
        key: String,
        /// The value as it is written.
        written: String,
    },
    /// How the format of the first components becomes today's.
    MoveToTheTop {
        /// The name of the first instance.
        key: String,
        /// Whether the file has several.
        several: bool,
    },
    /// How the format of the plugin becomes that of a component.
    OfPlugin,
    /// How a component of an older format becomes one of today.
    OfOldComponent {
        /// Its name of today.
        name: &'static str,
    },
    /// A `.env` of one's own.
    OwnDotEnv {
        /// Where it would be.
        path: PathBuf,
    },
    /// What `--target` means.
    Target,
    /// Where a stage comes from.
    Stage,
    /// What to write in place of references.
    Variables(VariableHints),
}

impl fmt::Display for ConfigHint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Excerpt { excerpt, fault: Some(fault) } => write!(formatter, "{excerpt}\n{fault}"),
            Self::Excerpt { excerpt, fault: None } => formatter.write_str(excerpt),
            Self::Least => formatter
                .write_str("a configuration needs at least `component: scf` and `name:`"),
            Self::AddComponent => formatter.write_str("add `component: scf` at the top"),
            Self::RenameKey { from, to } => write!(formatter, "write `{to}:` for `{from}:`"),
            Self::AddKey { key } => write!(formatter, "add `{key}:` at the top"),
            Self::SeeLine { line } => write!(formatter, "see line {line}"),
            Self::Quote { key, written } => {
                write!(formatter, "put it in quotes: `{key}: '{written}'`")
            }
            Self::MoveToTheTop { key, several } => {
                write!(
                    formatter,
                    "move what is below `{key}` to the top: `component: scf`, `name: {key}` and `inputs`; `codeUri` is \
                     `src`, or `src.src` where `exclude` and `include` go below `src`"
                )?;
                formatter.write_str(if *several {
                    "; give each function a folder with a file of its own, or write `component: multi-scf`"
                } else {
                    ""
                })
            }
            Self::OfPlugin => formatter.write_str(
                "`component: multi-scf` is nearest: `name` for `service`, and `functions` and what `provider` says \
                 (`runtime`, `region`, …) below `inputs`; or a folder with `component: scf` for each function",
            ),
            Self::OfOldComponent { name } => write!(
                formatter,
                "write `component: {name}`; below `inputs`, `codeUri` is `src`, or `src.src` where `exclude` and \
                 `include` go below `src`"
            ),
            Self::OwnDotEnv { path } => write!(
                formatter,
                "if it is meant, copy it to {0}; else put a file of your own there, {0}, which may be empty: \
                 the nearest one counts",
                path.display()
            ),
            Self::Target => formatter
                .write_str("`--target` is a directory, relative to the working directory"),
            Self::Stage => formatter
                .write_str("set the variable the stage refers to, or give `--stage`"),
            Self::Variables(hints) => hints.fmt(formatter),
        }
    }
}

impl ConfigError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<ConfigHint> {
        Some(match self {
            Self::Read { .. } | Self::WrongType { line: None, .. } => return None,
            Self::Syntax { source, .. } => {
                let (excerpt, fault) = (source.excerpt.clone(), source.fault.clone());
                ConfigHint::Excerpt { excerpt, fault }
            }
            Self::Empty { .. } => ConfigHint::Least,
            Self::Missing { key, misspelt: Some((from, _)), .. } => {
                ConfigHint::RenameKey { from: from.clone(), to: key }
            }
            Self::Missing { key: "component", .. } => ConfigHint::AddComponent,
            Self::Missing { key, .. } => ConfigHint::AddKey { key },
            Self::WrongType { line: Some(line), .. } => ConfigHint::SeeLine { line: *line },
            Self::NotText { key, changed, .. } => {
                ConfigHint::Quote { key: key.clone(), written: changed.written.clone() }
            }
            Self::FirstComponents { key, count, .. } => {
                ConfigHint::MoveToTheTop { key: key.clone(), several: *count > 1 }
            }
            Self::Plugin { .. } | Self::OtherCloud { .. } => ConfigHint::OfPlugin,
            Self::OldComponent { name, .. } => ConfigHint::OfOldComponent { name },
            Self::ForeignDotEnv { nearest, .. } => {
                ConfigHint::OwnDotEnv { path: nearest.join(".env") }
            }
            Self::NoTarget { .. } => ConfigHint::Target,
            Self::EmptyStage { .. } => ConfigHint::Stage,
            Self::Variables(unresolved) => return unresolved.hint().map(ConfigHint::Variables),
        })
    }
}

impl Unresolved {
    fn hint(&self) -> Option<VariableHints> {
        match &self.errors[..] {
            [(_, error)] => error.hint().map(VariableHints::from),
            _ => hint_for(self.errors()),
        }
    }
}
