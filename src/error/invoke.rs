//! What becomes of an invocation that is no success, and payloads that make none.

use std::path::PathBuf;

use serde_json::error::Category;
use serde_json::{Map, Value};

use super::ExitCode;

/// Why `invoke` does not exit with 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvokeError {
    /// The function raised an error, or took too long.
    #[error("function `{function}` failed: {message}")]
    Failed {
        /// Name of the function.
        function: String,
        /// What the platform says of it.
        message: String,
        /// The id of the call.
        request_id: String,
        /// The result that stands beside it, for programs.
        result: Map<String, Value>,
    },
    /// Of several calls some failed.
    #[error(
        "{failed} of {calls} calls of function `{function}` failed, the last one with: {message}"
    )]
    SomeFailed {
        /// Name of the function.
        function: String,
        /// Failed calls.
        failed: usize,
        /// All calls.
        calls: usize,
        /// What the platform says of the last one that failed.
        message: String,
        /// The result that stands beside it, for programs.
        result: Map<String, Value>,
    },
    /// A payload that is no JSON.
    #[error("the payload is not JSON: {}", place(*category, *line, *column))]
    NotJson {
        /// What is wrong.
        category: Category,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A payload that is no UTF-8.
    #[error("the payload is not UTF-8 text")]
    NotUtf8,
    /// A payload that the service does not take.
    #[error("the payload has {size} bytes; a call takes at most {limit}")]
    TooLarge {
        /// Its bytes.
        size: usize,
        /// The most.
        limit: usize,
    },
    /// `event=` beside `--data` or `--path`.
    #[error("the payload is given twice: by `event` and by --data or --path")]
    TwoPayloads,
    /// What rules choose by is longer than a call takes.
    #[error("--routing-key has {size} bytes in all; a call takes at most 1024")]
    RoutingKey {
        /// Its bytes.
        size: usize,
    },
    /// What rules choose by, twice.
    #[error("--routing-key gives `{0}` twice")]
    RoutingTwice(String),
    /// The file of `--path` cannot be read.
    #[error("--path `{}` cannot be read: {why}", path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// What rules choose by, of a version.
    #[error("--routing-key has no effect on version {0}: only an alias has rules")]
    RoutingOfVersion(String),
}

fn place(category: Category, line: usize, column: usize) -> String {
    match category {
        Category::Eof => "it ends too early".to_owned(),
        _ => format!("line {line}, column {column}"),
    }
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvokeHint {
    /// Quotes of the shell.
    #[error(
        "JSON in single quotes, a text in double ones within: --data '{{\"key\": \"value\"}}', --data '\"text\"'; \
         a file or stdin: --path event.json, --path -"
    )]
    Json,
    /// A payload that is too large.
    #[error("put it where the function can fetch it, such as COS, and send its address")]
    Large,
    /// Where files are looked for.
    #[error(
        "--path names a file with the payload, from the working directory on, or `-` for stdin"
    )]
    File,
    /// Two payloads.
    #[error("leave one of them out")]
    LeaveOneOut,
}

impl InvokeError {
    /// How the process exits.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Failed { .. } | Self::SomeFailed { .. } => ExitCode::FunctionError,
            Self::NotJson { .. }
            | Self::NotUtf8
            | Self::TooLarge { .. }
            | Self::TwoPayloads
            | Self::NoFile { .. }
            | Self::RoutingKey { .. }
            | Self::RoutingTwice(_)
            | Self::RoutingOfVersion(_) => ExitCode::Usage,
        }
    }

    /// The word for programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Failed { .. } | Self::SomeFailed { .. } => "function-error",
            Self::NotJson { .. } | Self::NotUtf8 | Self::TooLarge { .. } => "invalid-payload",
            Self::TwoPayloads
            | Self::NoFile { .. }
            | Self::RoutingKey { .. }
            | Self::RoutingTwice(_)
            | Self::RoutingOfVersion(_) => "usage",
        }
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> Option<InvokeHint> {
        match self {
            Self::NotJson { .. } => Some(InvokeHint::Json),
            Self::TooLarge { .. } => Some(InvokeHint::Large),
            Self::TwoPayloads | Self::RoutingTwice(_) => Some(InvokeHint::LeaveOneOut),
            Self::NoFile { .. } => Some(InvokeHint::File),
            Self::Failed { .. }
            | Self::SomeFailed { .. }
            | Self::NotUtf8
            | Self::RoutingKey { .. }
            | Self::RoutingOfVersion(_) => None,
        }
    }

    /// The id of the failed call.
    pub(super) fn request_id(&self) -> Option<&str> {
        match self {
            Self::Failed { request_id, .. } => Some(request_id),
            _ => None,
        }
    }

    /// The result that stands beside it.
    #[must_use]
    pub fn result(&self) -> Map<String, Value> {
        match self {
            Self::Failed { result, .. } | Self::SomeFailed { result, .. } => result.clone(),
            _ => Map::new(),
        }
    }
}
