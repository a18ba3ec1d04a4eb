//! Why a split is not confirmed.

use serde_json::{Map, Value};

use super::ExitCode;
use crate::model::{Routing, Version, Weight};

/// Why `verify-split` does not exit with 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// Nobody said that so many calls are meant.
    #[error("this calls function `{function}` {calls} times through alias `{alias}`, for real")]
    NotMeant {
        /// Name of the function.
        function: String,
        /// Name of the alias.
        alias: String,
        /// Calls.
        calls: usize,
    },
    /// The versions of calls cannot be known.
    #[error(
        "version {version} of function `{function}` writes no logs, which would say which version answered"
    )]
    NoLogs {
        /// Name of the function.
        function: String,
        /// A version that the alias sends calls to.
        version: Version,
    },
    /// Nor where nothing is found by the fields of functions.
    #[error(
        "topic {topic} has no index of the fields of functions, by which the logs would say which version answered"
    )]
    NotIndexed {
        /// The topic.
        topic: String,
    },
    /// Somebody else has written.
    #[error("alias `{alias}` was changed while it was called: from {} to {}", before.percentages(), after.percentages())]
    Changed {
        /// Name of the alias.
        alias: String,
        /// Its routing before the calls.
        before: Routing,
        /// Its routing behind them.
        after: Routing,
    },
    /// What was found.
    #[error("{problem}")]
    Verdict {
        /// What is not as it should be.
        problem: SplitProblem,
        /// The result that stands beside it, for programs.
        result: Map<String, Value>,
    },
}

/// What is not as it should be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SplitProblem {
    /// Another split.
    #[error(
        "alias `{alias}` does not split its calls as set: version {version} answered {hits} of {calls}, a share \
         from {} to {} (confidence {}), and {} is set",
        percent(*low), percent(*high), percent(*confidence), set.percent()
    )]
    Differs {
        /// Name of the alias.
        alias: String,
        /// A version whose share is another one.
        version: Version,
        /// The calls that it answered.
        hits: u64,
        /// All calls.
        calls: u64,
        /// The lowest share that is possible.
        low: f64,
        /// The highest one.
        high: f64,
        /// The share that is set.
        set: Weight,
        /// How sure that is, from 0 to 1.
        confidence: f64,
    },
    /// Too little is known.
    #[error("of {unknown} of {calls} calls it is not known which version answered")]
    Unknown {
        /// Calls without a version.
        unknown: u64,
        /// All calls.
        calls: u64,
    },
}

/// A share in per cent, with no more than two decimals where they say something.
#[must_use]
pub fn percent(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}%")
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SplitHint {
    /// Say so.
    #[error("add --yes, if that is meant")]
    Yes,
    /// Say where the version is.
    #[error(
        "say where the result has the version, with --version-at /version for one that returns SCF_FUNCTIONVERSION; or give \
         the version a log topic with `cls`"
    )]
    Place,
    /// The same, of a topic.
    #[error(
        "say where the result has the version, with --version-at /version, or add the fields to the index: it counts for new lines only"
    )]
    Index,
    /// Once more.
    #[error("run it again while nobody changes the alias")]
    Again,
    /// Look at the alias.
    #[error(
        "a change of an alias takes a moment to arrive, and `scfctl list-alias` shows what is set; run it again before you act on it"
    )]
    Look,
    /// Wait longer.
    #[error(
        "logs may be late: wait longer with --wait-logs, or say where the result has the version, with --version-at /version"
    )]
    Wait,
}

impl SplitError {
    /// How the process exits.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::NotMeant { .. } => ExitCode::Usage,
            Self::NoLogs { .. } | Self::NotIndexed { .. } => ExitCode::NotFound,
            Self::Changed { .. } => ExitCode::Conflict,
            Self::Verdict { problem: SplitProblem::Differs { .. }, .. } => ExitCode::SplitDiffers,
            Self::Verdict { problem: SplitProblem::Unknown { .. }, .. } => ExitCode::Failure,
        }
    }

    /// The word for programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::NotMeant { .. } => "usage",
            Self::NoLogs { .. } => "no-logs",
            Self::NotIndexed { .. } => "not-indexed",
            Self::Changed { .. } => "conflict",
            Self::Verdict { problem: SplitProblem::Differs { .. }, .. } => "split-differs",
            Self::Verdict { problem: SplitProblem::Unknown { .. }, .. } => "versions-unknown",
        }
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> SplitHint {
        match self {
            Self::NotMeant { .. } => SplitHint::Yes,
            Self::NoLogs { .. } => SplitHint::Place,
            Self::NotIndexed { .. } => SplitHint::Index,
            Self::Changed { .. } => SplitHint::Again,
            Self::Verdict { problem: SplitProblem::Differs { .. }, .. } => SplitHint::Look,
            Self::Verdict { problem: SplitProblem::Unknown { .. }, .. } => SplitHint::Wait,
        }
    }

    /// The result that stands beside it.
    #[must_use]
    pub fn result(&self) -> Map<String, Value> {
        match self {
            Self::Verdict { result, .. } => result.clone(),
            _ => Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_as_many_digits_as_say_something() {
        for (share, text) in
            [(0.1, "10%"), (0.123_45, "12.35%"), (1.0, "100%"), (0.0, "0%"), (0.9999, "99.99%")]
        {
            assert_eq!(percent(share), text);
        }
    }
}
