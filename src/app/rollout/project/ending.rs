//! What a command on all functions came to: one report, and one error where there are several.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::functions::RolloutProject;
use crate::app::rollout::ending::{AskedBy, problem, undo};
use crate::app::rollout::tick::{TickError, TickOutcome, Ticked};
use crate::app::rollout::together::{FollowedTogether, Ticks};
use crate::app::rollout::{glance, reported};
use crate::app::{AfterResult, Context, Done};
use crate::error::{Error, ExitCode, RolloutError, RolloutProblem};
use crate::order::Order as _;
use crate::plan::rollout::state::{BackReason, Phase};
use crate::plan::rollout::together::Apart;
use crate::report::Report;
use crate::report::notice::Notice;
use crate::report::status::Together;

impl RolloutProject {
    /// One report of all. The first error that says most is that of the command; others are told.
    pub(super) fn done(
        &self,
        context: &Context,
        came: Ticks,
        asked: AskedBy,
        now: DateTime<Utc>,
    ) -> Done {
        let Ticks { all, apart } = came;
        let (mut statuses, mut errors) = (Vec::new(), Vec::new());
        let mut verbs = BTreeSet::new();
        if let Some(apart) = apart.clone() {
            let about = match &apart {
                Apart::Others(names) => {
                    self.functions.iter().find(|one| names.contains(&one.id.name))
                }
                _ => None,
            };
            let is_open = |one: &Result<Ticked, TickError>| {
                let rollout = one.as_ref().ok().and_then(|ticked| ticked.rollout.as_ref());
                rollout.is_some_and(|rollout| rollout.phase.is_open())
            };
            let problem = match asked {
                AskedBy::Left(verb) => RolloutProblem::LeftAlone { apart, verb: Some(verb) },
                _ if all.iter().any(is_open) => apart.into(),
                _ => {
                    let verb = all.iter().any(went_back).then_some("rollout abort");
                    RolloutProblem::LeftAlone { apart, verb }
                }
            };
            if let Some(function) = about.or(self.functions.first()) {
                errors.push((function, function.place().error(problem), true));
            }
        }
        for (function, ended) in self.functions.iter().zip(all) {
            let place = function.place();
            match ended {
                Ok(ticked) => {
                    if matches!(asked, AskedBy::End | AskedBy::Tick)
                        && let Some(event) = reported::still(&function.id, &ticked, now)
                    {
                        place.sink.event(&event);
                    }
                    verbs.extend(undo(&ticked));
                    statuses.push(glance::of(&function.id, &ticked, None, now));
                    // Who is not with the others is said once.
                    let is_said =
                        apart.is_some() && matches!(ticked.outcome, TickOutcome::NoRollout);
                    if let Some(problem) = problem(&ticked, asked).filter(|_| !is_said) {
                        let by_others = is_by_others(&problem);
                        errors.push((function, place.error(problem), !by_others));
                    }
                }
                Err(error) => errors.push((function, place.failed(error), true)),
            }
        }
        // What is undone by several commands is undone by none of them alone.
        let verb = verbs.pop_first().filter(|_| errors.is_empty() && verbs.is_empty());
        let undo = verb.map(|verb| self.command(verb));
        if let Some(command) = undo.clone() {
            context.sink.note(&Notice::Undo { command });
        }
        let is_whole = statuses.len() == self.functions.len();
        let report = Report::Rollouts(Box::new(Together::new(statuses, is_whole, undo)));
        // That one did not go back says more than that the others did.
        let rank = |error: &Error| match error.exit_code() {
            ExitCode::RolledBack => 1,
            ExitCode::Held => 2,
            _ => 0,
        };
        errors.order_by_key(|(_, error, is_cause)| (rank(error), !is_cause));
        let mut errors = errors.into_iter();
        let Some((_, first, _)) = errors.next() else {
            return Done::succeeded(report, &self.root);
        };
        for (function, error, is_cause) in errors {
            if is_cause {
                function.context.sink.error(&error);
            }
        }
        let error = match first {
            Error::Rollout(error) => {
                Error::Rollout(Box::new(RolloutError { result: report.json(), ..*error }))
            }
            other => other,
        };
        Done { report: Some(report), ending: AfterResult::Nothing, error: Some(error) }
    }

    /// What following all came to.
    pub(super) fn conclude(
        &self,
        context: &Context,
        followed: FollowedTogether,
        now: DateTime<Utc>,
    ) -> Done {
        let (signal, left, all) = match followed {
            FollowedTogether::Came(came) => return self.done(context, came, AskedBy::End, now),
            FollowedTogether::Interrupted { signal, left, all } => (signal, left, all),
        };
        for (function, one) in self.functions.iter().zip(all) {
            if let Err(error) = one {
                function.context.sink.error(&function.place().failed(error));
            }
        }
        let error = self.functions.first().map(|function| {
            let alias = function.alias.clone();
            function.place().error(RolloutProblem::Interrupted { alias, signal, left })
        });
        Done { report: None, ending: AfterResult::Nothing, error }
    }
}

fn went_back(one: &Result<Ticked, TickError>) -> bool {
    let rollout = one.as_ref().ok().and_then(|ticked| ticked.rollout.as_ref());
    rollout.is_some_and(|rollout| matches!(rollout.phase, Phase::Back(_)))
}

/// Whether a function only followed another one.
fn is_by_others(problem: &RolloutProblem) -> bool {
    matches!(problem, RolloutProblem::Back { reason: BackReason::Project, .. })
}
