//! What is wrong with references, and what to write instead.

use std::fmt;

use super::{MAX_DEPTH, MAX_LENGTH, MAX_REFERENCES, MAX_TOTAL};
use crate::config::no_output::NoOutput;
use crate::config::position::Position;

/// So many are told one by one.
pub const TOLD: usize = 20;

/// Text that has a `${` and is sent as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {}", match (.text, .escaped) {
    (Some(text), false) => format!("`{text}` is not a reference and stays as it is"),
    (Some(text), true) => format!("`{text}` is resolved all the same, and the backslash in front of it stays"),
    (None, _) => "an environment value put in here holds `${`, which stays as it is".to_owned(),
})]
pub struct VariableWarning {
    /// Where in the configuration, such as `inputs.environment.variables.A`.
    pub path: String,
    /// The text; `None` when it comes out of an environment variable, which may be secret.
    pub text: Option<String>,
    /// Whether it is a reference with a backslash in front, which does not escape it.
    pub escaped: bool,
}

/// Why a reference cannot be resolved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot resolve `{reference}` at `{path}`")]
pub struct VariableError {
    /// Where in the configuration, such as `inputs.environment.variables.A`.
    pub path: String,
    /// The reference, such as `${env:A}`.
    pub reference: String,
    /// What is wrong with it.
    #[source]
    pub reason: ReferenceFault,
}

/// All references of a value that cannot be resolved; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.described())]
pub struct VariableErrors(pub Vec<VariableError>);

impl VariableErrors {
    fn described(&self) -> String {
        let shown = self.0.iter().map(|error| format!("{error}: {}", error.reason));
        shown.collect::<Vec<_>>().join("; ")
    }
}

/// What is wrong with a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceFault {
    /// `${env:NAME}` of a variable that is not set.
    #[error("environment variable `{name}` is not set")]
    NotSet {
        /// The variable.
        name: String,
    },
    /// A variable whose value in the `.env` file begins with a quote that is never closed.
    #[error(
        "the value of `{name}` in the .env file (line {line}) begins with a quote that is not closed"
    )]
    Unclosed {
        /// The variable.
        name: String,
        /// Its line in the file.
        line: usize,
    },
    /// A variable that is not set, and looks like what a line of the `.env` file was to set.
    #[error(
        "environment variable `{name}` is not set; line {line} of the .env file names it, and is not of the form NAME=value"
    )]
    Unread {
        /// The variable.
        name: String,
        /// That line.
        line: usize,
    },
    /// `${org}` and the like without such a value.
    #[error("the configuration has no `{name}`")]
    NoSuchValue {
        /// The top-level key.
        name: String,
    },
    /// A value that refers to itself, directly or through others.
    #[error("`{name}` refers to itself")]
    Cycle {
        /// The environment variable or top-level key.
        name: String,
    },
    /// More references inside one another than anyone writes.
    #[error("references are nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// A text that grew beyond any sensible setting.
    #[error("the text grows beyond {MAX_LENGTH} bytes")]
    TooLong,
    /// References that multiply.
    #[error("resolving takes more than {MAX_REFERENCES} references")]
    TooMany,
    /// Many texts that each grow.
    #[error("the texts grow beyond {MAX_TOTAL} bytes together")]
    TooMuch,
    /// `${param:NAME}` that nobody gave.
    #[error("parameter `{name}` is not given")]
    NoParameter {
        /// The parameter.
        name: String,
    },
    /// `${output:...}` whose instance nobody knows before other references are resolved.
    #[error("which output is meant shows when the references in it are resolved")]
    OutputOfUnknown,
    /// `${output:...}` in another form.
    #[error("it is not of the form stage:app:instance.key")]
    MalformedOutput,
    /// An output that cannot be had.
    #[error("{}", .0.what)]
    NoOutput(NoOutput),
    /// A reference of the older Serverless Framework, which `sls` refuses as well.
    #[error("`{kind}` references are not supported")]
    Unsupported {
        /// `self`, `opt`, `file` and so on.
        kind: String,
        /// What to write instead, if there is something.
        instead: Option<String>,
    },
    /// A text that looks like a reference and is none of this program's.
    #[error("it looks like a reference, and there is none of this form")]
    Unknown {
        /// What to write instead, if there is something.
        instead: Option<String>,
    },
    /// A default of another form than a quoted text, a number, `true`, `false` or a reference.
    #[error("its default is not a text in quotes, a number, true, false or another reference")]
    Default,
}

impl ReferenceFault {
    /// Whether the value is simply not there, so that a default takes its place.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::NotSet { .. }
                | Self::Unread { .. }
                | Self::NoSuchValue { .. }
                | Self::NoParameter { .. }
        )
    }

    /// Whether nothing more can be resolved.
    pub(super) fn is_fatal(&self) -> bool {
        matches!(self, Self::TooDeep | Self::TooLong | Self::TooMany | Self::TooMuch)
    }
}

/// References that cannot be resolved, one a line, each with its place before it.
pub(in crate::config) fn list(
    formatter: &mut fmt::Formatter<'_>,
    errors: &[(Option<Position>, VariableError)],
) -> fmt::Result {
    for (place, error) in errors.iter().take(TOLD) {
        let place = place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let VariableError { path, reference, reason } = error;
        write!(formatter, "\n`{reference}` at `{path}`{place}: {reason}")?;
    }
    let more = errors.len().saturating_sub(TOLD);
    if more > 0 {
        write!(formatter, "\nand {more} more")?;
    }
    Ok(())
}
