//! How the process exits after a rollout that is no success, and its word for programs.

use super::{RolloutError, RolloutOption, RolloutProblem};
use crate::error::{ExitCode, signal};
use crate::plan::rollout::machine::Refused;

impl RolloutError {
    /// How the process exits.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match &self.problem {
            RolloutProblem::Refused(refused) => refused_exit_code(refused),
            RolloutProblem::Held { by_content: true, .. }
            | RolloutProblem::Gone(_)
            | RolloutProblem::Otherwise { .. }
            | RolloutProblem::LeftAlone { .. }
            | RolloutProblem::Apart(_) => ExitCode::Conflict,
            RolloutProblem::Held { by_content: false, .. } => ExitCode::Held,
            RolloutProblem::Back { .. } => ExitCode::RolledBack,
            RolloutProblem::Interrupted { signal, .. } => signal::exit_code(*signal),
            RolloutProblem::StillUnderWay { .. } => ExitCode::TimedOut,
            RolloutProblem::NotHeld { .. } | RolloutProblem::Unanswered(_) => ExitCode::Failure,
            RolloutProblem::Option(RolloutOption::NothingPublished) => ExitCode::NotFound,
            RolloutProblem::Option(_) => ExitCode::Usage,
        }
    }

    /// The word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.problem {
            RolloutProblem::Refused(refused) => refused_code(refused),
            RolloutProblem::Held { by_content: true, .. } => "content-changed",
            RolloutProblem::Held { by_content: false, .. } => "held",
            RolloutProblem::Back { .. } => "rolled-back",
            RolloutProblem::Interrupted { signal, .. } => signal::code(*signal),
            RolloutProblem::Gone(_) => "conflict",
            RolloutProblem::Apart(_) | RolloutProblem::LeftAlone { .. } => "not-together",
            RolloutProblem::Otherwise { .. } => "other-options",
            RolloutProblem::StillUnderWay { .. } => "timed-out",
            RolloutProblem::NotHeld { .. } => "not-held",
            RolloutProblem::Unanswered(_) => "no-answer",
            RolloutProblem::Option(RolloutOption::NothingPublished) => "version-not-found",
            RolloutProblem::Option(_) => "usage",
        }
    }
}

fn refused_exit_code(refused: &Refused) -> ExitCode {
    match refused {
        Refused::UnderWay { .. }
        | Refused::Foreign { .. }
        | Refused::MatchRules { .. }
        | Refused::ThirdVersion { .. }
        | Refused::Moved { .. }
        | Refused::Step { .. }
        | Refused::Changed(_)
        | Refused::Content(_) => ExitCode::Conflict,
        Refused::Unread(_) => ExitCode::Failure,
        Refused::NoRollout(_) | Refused::NoBefore(_) | Refused::NothingBefore { .. } => {
            ExitCode::NotFound
        }
        Refused::AlreadyServes { .. }
        | Refused::OneOfSeveral { .. }
        | Refused::TooLong { .. }
        | Refused::Ended { .. }
        | Refused::LastStep(_) => ExitCode::Usage,
    }
}

fn refused_code(refused: &Refused) -> &'static str {
    match refused {
        Refused::UnderWay { .. } => "under-rollout",
        Refused::Foreign { .. } => "unknown-marker",
        Refused::MatchRules { .. } => "match-rules",
        Refused::ThirdVersion { .. } | Refused::AlreadyServes { .. } => "routing-not-possible",
        Refused::TooLong { .. } => "description-too-long",
        Refused::NoRollout(_) | Refused::Ended { .. } => "no-rollout",
        Refused::Moved { .. } | Refused::Changed(_) => "conflict",
        Refused::Step { .. } | Refused::LastStep(_) => "other-step",
        Refused::Content(_) => "content-changed",
        Refused::Unread(_) => "no-answer",
        Refused::OneOfSeveral { .. } => "rollout-of-project",
        Refused::NoBefore(_) | Refused::NothingBefore { .. } => "version-not-found",
    }
}
