//! What to do about references that cannot be resolved.

use std::collections::BTreeSet;
use std::fmt;

use super::{ReferenceFault, VariableError};
use crate::config::no_output::OutputHint;
use crate::order::Ordered as _;

/// What to do about a reference that cannot be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariableHint {
    /// Set variables.
    Set {
        /// Their names.
        names: BTreeSet<String>,
    },
    /// Close the quote that the value of a variable begins with.
    CloseQuote {
        /// The variable.
        name: String,
    },
    /// Write a line of the `.env` file as it is read.
    WriteLine {
        /// The variable.
        name: String,
        /// Number of the line, from 1.
        line: usize,
    },
    /// Add a key at the top.
    AddKey {
        /// The key.
        name: String,
    },
    /// Give a parameter.
    GiveParameter {
        /// Its name.
        name: String,
    },
    /// Give several parameters.
    GiveParameters {
        /// Their names.
        names: BTreeSet<String>,
    },
    /// The form of a reference to an output.
    OutputForm,
    /// What to do about an output that cannot be had.
    Output(OutputHint),
    /// Another reference, the value itself, or a backslash.
    Write {
        /// The reference that is probably meant.
        instead: Option<String>,
        /// The text that looks like one.
        reference: String,
    },
    /// The form of a default.
    DefaultForm,
}

/// What to do about several references, each thing said once; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableHints(pub Vec<VariableHint>);

impl From<VariableHint> for VariableHints {
    fn from(hint: VariableHint) -> Self {
        Self(vec![hint])
    }
}

impl fmt::Display for VariableHint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |names: &BTreeSet<String>, before: &str, behind: &str| {
            let names = names.iter().map(|name| format!("{before}{name}{behind}"));
            names.collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Set { names } => {
                let names = listed(names, "`", "`");
                write!(formatter, "set {names} in the environment or in the .env file")
            }
            Self::CloseQuote { name } => write!(
                formatter,
                "close the quote, or enclose a value that holds one in the other kind of quotes: {name}='…'"
            ),
            Self::WriteLine { name, line } => {
                write!(formatter, "write line {line} of the .env file as {name}=value")
            }
            Self::AddKey { name } => {
                write!(formatter, "add `{name}:` at the top of the configuration")
            }
            Self::GiveParameter { name } => write!(
                formatter,
                "give it with --param {name}=VALUE, or set SCFCTL_PARAM_{name} in the environment or in the .env file"
            ),
            Self::GiveParameters { names } => {
                write!(formatter, "give the parameters: {}", listed(names, "--param ", "=VALUE"))
            }
            Self::OutputForm => formatter
                .write_str("write for example `${output:${stage}:${app}:api.functionName}`"),
            Self::Output(hint) => hint.fmt(formatter),
            Self::Write { instead: Some(instead), reference } => {
                write!(formatter, "write `{instead}`, or `\\{reference}` for the text itself")
            }
            Self::Write { instead: None, reference } => write!(
                formatter,
                "write the value itself, or `${{env:NAME}}` and set the variable, or `\\{reference}` for the text itself"
            ),
            Self::DefaultForm => formatter.write_str("write for example `${env:MODE, 'live'}`"),
        }
    }
}

impl fmt::Display for VariableHints {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, hint) in self.0.iter().enumerate() {
            formatter.write_str(if position > 0 { "\n" } else { "" })?;
            hint.fmt(formatter)?;
        }
        Ok(())
    }
}

impl VariableError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<VariableHint> {
        Some(match &self.reason {
            ReferenceFault::NotSet { name } => {
                VariableHint::Set { names: std::iter::once(name.clone()).into_set() }
            }
            ReferenceFault::Unclosed { name, .. } => {
                VariableHint::CloseQuote { name: name.clone() }
            }
            ReferenceFault::Unread { name, line } => {
                VariableHint::WriteLine { name: name.clone(), line: *line }
            }
            ReferenceFault::NoSuchValue { name } => VariableHint::AddKey { name: name.clone() },
            ReferenceFault::Cycle { .. }
            | ReferenceFault::TooDeep
            | ReferenceFault::TooLong
            | ReferenceFault::TooMuch
            | ReferenceFault::OutputOfUnknown
            | ReferenceFault::TooMany => return None,
            ReferenceFault::NoParameter { name } => {
                VariableHint::GiveParameter { name: name.clone() }
            }
            ReferenceFault::MalformedOutput => VariableHint::OutputForm,
            ReferenceFault::NoOutput(none) => VariableHint::Output(none.instead.clone()),
            ReferenceFault::Unsupported { instead, .. } | ReferenceFault::Unknown { instead } => {
                let (instead, reference) = (instead.clone(), self.reference.clone());
                VariableHint::Write { instead, reference }
            }
            ReferenceFault::Default => VariableHint::DefaultForm,
        })
    }
}

/// What to do about several references, each thing said once.
#[must_use]
pub fn hint_for<'a>(errors: impl Iterator<Item = &'a VariableError>) -> Option<VariableHints> {
    let (mut unset, mut parameters, mut others) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for error in errors {
        match error.hint() {
            Some(VariableHint::Set { mut names }) => unset.append(&mut names),
            Some(VariableHint::GiveParameter { name }) => {
                parameters.insert(name);
            }
            hint => others.extend(hint.filter(|hint| !others.contains(hint))),
        }
    }
    let mut hints = Vec::new();
    if !unset.is_empty() {
        hints.push(VariableHint::Set { names: unset });
    }
    if !parameters.is_empty() {
        hints.push(VariableHint::GiveParameters { names: parameters });
    }
    hints.append(&mut others);
    (!hints.is_empty()).then_some(VariableHints(hints))
}
