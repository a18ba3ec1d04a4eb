//! Where a value was given.

use std::fmt;

/// Where a value was given: the argument, or file and line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// An argument of the command line, as far as it may be shown.
    Argument(String),
    /// The command line, where it would have to be: nothing gives it.
    CommandLine,
    /// A file.
    File {
        /// Its name, as it is shown.
        file: String,
        /// The line, from 1; `None` where the file does not have it.
        line: Option<usize>,
    },
}

impl Position {
    /// A line of a file.
    #[must_use]
    pub fn line(file: impl Into<String>, line: usize) -> Self {
        Self::File { file: file.into(), line: Some(line) }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(argument) => write!(formatter, "argument `{argument}`"),
            Self::CommandLine => formatter.write_str("--inputs"),
            Self::File { file, line: Some(line) } => write!(formatter, "{file}:{line}"),
            Self::File { file, line: None } => formatter.write_str(file),
        }
    }
}

/// Where a value is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueSource {
    /// File and line, or argument.
    pub place: Position,
    /// The variables in it.
    pub variables: Vec<VariableSource>,
}

/// Where a variable is from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariableSource {
    /// `--param`.
    #[error("{0} of --param")]
    Parameter(String),
    /// The environment.
    #[error("{0} of the environment")]
    Environment(String),
    /// The `.env` file.
    #[error("{name} of {file}")]
    DotEnv {
        /// The variable.
        name: String,
        /// The file.
        file: String,
    },
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl fmt::Display for ValueSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(formatter)?;
        for (position, variable) in self.variables.iter().enumerate() {
            write!(formatter, "{} {variable}", if position == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}

/// An input that was given to a command that has no use for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` ({place}) has no effect on {command}")]
pub struct WithoutEffect {
    /// Its key.
    pub key: String,
    /// Where it was given.
    pub place: Position,
    /// The command.
    pub command: &'static str,
}
