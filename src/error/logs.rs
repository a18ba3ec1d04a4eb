//! Why there are no logs to be read.

use super::ExitCode;
use crate::model::listed;
use crate::shell::quoted;

/// Why `logs` does not exit with 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogsError {
    /// No version writes to a topic.
    #[error("function `{function}` writes no logs: it has no log topic")]
    Off {
        /// Name of the function.
        function: String,
    },
    /// No rollout is under way.
    #[error("no rollout is under way{}", of_alias(function, alias.as_deref()))]
    NoRollout {
        /// Name of the function.
        function: String,
        /// The alias that was named.
        alias: Option<String>,
    },
    /// Several are.
    #[error("several aliases of function `{function}` are under rollout: {}", listed(aliases))]
    SeveralRollouts {
        /// Name of the function.
        function: String,
        /// Their names.
        aliases: Vec<String>,
    },
    /// `--canary` and a version.
    #[error("--canary names a version, and so does `qualifier`")]
    CanaryAndVersion,
    /// `--follow --output json`.
    #[error("--output json is one object, and --follow has no end")]
    EndlessObject,
}

fn of_alias(function: &str, alias: Option<&str>) -> String {
    match alias {
        Some(alias) => format!(" of alias `{alias}` of function `{function}`"),
        None => format!(" of function `{function}`"),
    }
}

/// What to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogsHint {
    /// Switch logs on.
    #[error(
        "give it one with `cls` (logsetId, topicId) in serverless.yml and deploy; a version that is published keeps what it has"
    )]
    SwitchOn,
    /// Name an alias.
    #[error("name one: `scfctl logs --canary --alias {}`", quoted(.0))]
    NameAlias(String),
    /// Two ways to name a version.
    #[error("leave one of them out")]
    LeaveOneOut,
    /// JSON without an end.
    #[error("--output ndjson prints a line of JSON for each line")]
    Lines,
}

impl LogsError {
    /// How the process exits.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Off { .. } | Self::NoRollout { .. } => ExitCode::NotFound,
            Self::SeveralRollouts { .. } | Self::CanaryAndVersion | Self::EndlessObject => {
                ExitCode::Usage
            }
        }
    }

    /// The word for programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Off { .. } => "no-logs",
            Self::NoRollout { .. } => "no-rollout",
            Self::SeveralRollouts { .. } | Self::CanaryAndVersion | Self::EndlessObject => "usage",
        }
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> Option<LogsHint> {
        match self {
            Self::Off { .. } => Some(LogsHint::SwitchOn),
            Self::NoRollout { .. } => None,
            Self::SeveralRollouts { aliases, .. } => {
                aliases.first().map(|alias| LogsHint::NameAlias(alias.clone()))
            }
            Self::CanaryAndVersion => Some(LogsHint::LeaveOneOut),
            Self::EndlessObject => Some(LogsHint::Lines),
        }
    }
}
