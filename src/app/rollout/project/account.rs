//! What a run knows of the rollouts of a project, told for a report.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::functions::RolloutProject;
use super::ids::successor;
use crate::app::Context;
use crate::app::rollout::account::{Failure, reports};
use crate::app::rollout::ending::{AskedBy, problem};
use crate::app::rollout::glance;
use crate::app::rollout::place::RolloutContext;
use crate::app::rollout::service::Service;
use crate::app::rollout::tick::{TickError, TickOutcome, Ticked};
use crate::app::rollout::together::{All, FollowedTogether};
use crate::error::RolloutProblem;
use crate::model::Alias;
use crate::plan::rollout::machine;
use crate::plan::rollout::state::{BackReason, HoldReason, Phase, Rollout};
use crate::plan::rollout::together::{Apart, One, Turn, Verb, retry, step, verb};
use crate::report::status::{Does, PastedCommand};

impl RolloutProject {
    /// Tells reports which functions there are, before anything is called.
    pub(super) fn tell_functions(&self, context: &Context) {
        if context.options.reports {
            context.sink.project(Vec::new());
            for function in &self.functions {
                let place = function.place();
                place.sink.account(place.account());
            }
        }
    }

    /// Tells reports what each function came to, with what the monitor knows by now, and what can be
    /// done about all.
    pub(super) async fn tell_accounts(
        &self,
        services: Vec<&mut Service<'_>>,
        came: (&All, Option<&Apart>),
        asked: AskedBy,
        now: DateTime<Utc>,
    ) {
        self.tell_each(services, came, (asked, false), now).await;
    }

    /// As [`Self::tell_accounts`], of rollouts that were followed.
    pub(super) async fn tell_followed(
        &self,
        services: Vec<&mut Service<'_>>,
        followed: &FollowedTogether,
        now: DateTime<Utc>,
    ) {
        let (came, is_stopped) = match followed {
            FollowedTogether::Came(ticks) => ((&ticks.all, ticks.apart.as_ref()), false),
            FollowedTogether::Interrupted { all, .. } => ((all, None), true),
        };
        self.tell_each(services, came, (AskedBy::End, is_stopped), now).await;
    }

    async fn tell_each(
        &self,
        services: Vec<&mut Service<'_>>,
        (all, apart): (&All, Option<&Apart>),
        (asked, is_stopped): (AskedBy, bool),
        now: DateTime<Utc>,
    ) {
        let Some(first) = self.functions.first().filter(|one| one.context.options.reports) else {
            return;
        };
        let each = self.functions.iter().zip(services).zip(all);
        // Together, as each may wait for the monitor.
        join_all(each.map(|((function, service), one)| async move {
            let place = function.place();
            let failure = failure(&place, one, asked, apart);
            let ticked = one.as_ref().ok();
            let is_stopped = is_stopped || ticked.is_none();
            place.tell_account_of_several(service, ticked, is_stopped, failure).await;
        }))
        .await;
        first.context.sink.project(self.commands(all, apart.is_some(), now));
    }

    /// What can be done about all functions, what is most likely wanted first. Nothing that would be
    /// refused, as far as a look knows.
    fn commands(&self, all: &All, is_apart: bool, now: DateTime<Utc>) -> Vec<PastedCommand> {
        let aliases: Vec<Option<&Alias>> =
            all.iter().map(|one| Some(&one.as_ref().ok()?.alias)).collect();
        let rollout = |alias: Option<&Alias>| machine::memory(alias?).ok()?.rollout;
        let rollouts: Vec<Option<Rollout>> = aliases.iter().copied().map(rollout).collect();
        let ones = self.functions.iter().zip(&aliases).zip(&rollouts);
        let ones = ones.map(|((function, alias), rollout)| {
            let (alias, rollout) = (*alias, rollout.as_ref());
            One { name: &function.id.name, alias, rollout, decision: None }
        });
        let ones: Vec<One<'_>> = ones.collect();
        let is_due =
            all.iter().flatten().any(|ticked| matches!(ticked.outcome, TickOutcome::Due(_)));
        let wanted = wanted(&rollouts, is_due && !is_apart);
        let taken = wanted.into_iter().filter(|does| is_taken(&ones, *does, now));
        let command = |does| {
            let mut command = self.command(word(does));
            // Whoever is behind goes on first.
            let first = rollouts.iter().flatten().filter_map(step).min();
            if let (Does::Promote | Does::Finish, Some(step)) = (does, first) {
                let _ = write!(command, " --expect-step {step}");
            }
            PastedCommand { does, command }
        };
        taken.map(command).collect()
    }
}

/// Why a command is no success for one function.
fn failure(
    place: &RolloutContext<'_>,
    one: &Result<Ticked, TickError>,
    asked: AskedBy,
    apart: Option<&Apart>,
) -> Option<Failure> {
    let language = place.context.language;
    let refused = |problem: RolloutProblem| reports(&place.error(problem), language);
    match one {
        Ok(ticked) => {
            // Who is not with the others is said once, of all.
            let is_said = apart.is_some() && matches!(ticked.outcome, TickOutcome::NoRollout);
            problem(ticked, asked).filter(|_| !is_said).map(refused)
        }
        Err(TickError::Call(error)) => Some(reports(error, language)),
        Err(TickError::Refused(problem)) => Some(refused((**problem).clone().into())),
    }
}

fn word(does: Does) -> &'static str {
    match does {
        Does::Tick => "rollout tick",
        Does::Promote | Does::Finish => "rollout promote",
        Does::Pause => "rollout pause",
        Does::Resume => "rollout resume",
        Does::Retry => "rollout retry",
        Does::Abort => "rollout abort",
        Does::Rollback => "rollback",
    }
}

/// What fits the state of the rollouts.
fn wanted(rollouts: &[Option<Rollout>], is_due: bool) -> Vec<Does> {
    let is = |phase: fn(Phase) -> bool| rollouts.iter().flatten().any(|one| phase(one.phase));
    let is_back = is(|phase| matches!(phase, Phase::Back(_)));
    if !is(Phase::is_open) {
        let is_done = is(|phase| phase == Phase::Done);
        return match (is_back, is_done) {
            (true, _) => vec![Does::Retry],
            (false, true) => vec![Does::Rollback],
            (false, false) => Vec::new(),
        };
    }
    if is(|phase| phase == Phase::Held(HoldReason::Content)) {
        return vec![Does::Retry, Does::Abort];
    }
    let due = is_due.then_some(Does::Tick);
    if is_back {
        // The next tick takes the others back, too.
        return due.into_iter().chain([Does::Abort]).collect();
    }
    if is(|phase| matches!(phase, Phase::Held(_))) {
        return vec![Does::Resume, Does::Abort];
    }
    let open = || rollouts.iter().flatten().filter(|one| one.phase.is_open());
    let is_last = open().all(Rollout::is_last_step);
    let promote = if is_last { Does::Finish } else { Does::Promote };
    due.into_iter().chain([promote, Does::Pause, Does::Abort]).collect()
}

/// Whether the aliases as they are let a command on all of them do something.
fn is_taken(ones: &[One<'_>], does: Does, now: DateTime<Utc>) -> bool {
    let asked = match does {
        Does::Tick => return true,
        Does::Promote | Does::Finish => verb(ones, Verb::Promote { full: false }),
        Does::Pause => verb(ones, Verb::Pause),
        Does::Resume => verb(ones, Verb::Resume),
        Does::Abort => verb(ones, Verb::Abort),
        Does::Rollback => verb(ones, Verb::Rollback),
        Does::Retry => retry(ones, successor).map(|(_, turns)| (turns, None)),
    };
    let Ok((turns, _)) = asked else { return false };
    let acts = |turn: &Turn| matches!(turn, Turn::Acts | Turn::GoesBack);
    let mut acting = ones.iter().zip(&turns).filter(|(_, turn)| acts(turn)).map(|(one, _)| one);
    let is_written = |one: &One<'_>| {
        let (Some(alias), Some(rollout)) = (one.alias, one.rollout) else { return false };
        match does {
            Does::Abort | Does::Rollback => {
                matches!(machine::take_back(alias, rollout, BackReason::User), Ok(Some(_)))
            }
            does => glance::is_taken(alias, does, now),
        }
    };
    match does {
        // Whoever can goes back or stands still, whatever becomes of the others.
        Does::Abort | Does::Rollback | Does::Pause => acting.any(is_written),
        _ => turns.iter().any(acts) && acting.all(is_written),
    }
}
