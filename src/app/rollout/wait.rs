//! Waiting for a rollout to come somewhere. Only reads.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::ending::{AskedBy, as_it_is, problem};
use super::glance;
use crate::app::session::{self, Session};
use crate::app::{AfterResult, Context, Done};
use crate::error::{Error, RolloutError, RolloutOption, RolloutProblem, RolloutVerb, Task};
use crate::execute::{self, ExecuteError};
use crate::model::{Alias, FunctionId};
use crate::plan::rollout::machine::{self, Refused};
use crate::plan::rollout::standing::StepPlace;
use crate::plan::rollout::state::Phase;
use crate::report::Report;

/// Between two looks: at first, and after a while.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];
/// Looks at the first pace.
const FIRST: u32 = 15;

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The new version serves everything.
    Done,
    /// It stands still, whatever the reason.
    Paused,
    /// It is in this step, or a later one.
    Step(usize),
}

/// Whether a rollout has come to where it is waited for, or why it will not by itself. `None`: not
/// yet.
///
/// The first rollout that is found is the one that is waited for: `id` remembers it.
pub(in crate::app) fn judge(
    alias: &Alias,
    goal: Goal,
    id: &mut Option<String>,
) -> Option<Result<(), RolloutProblem>> {
    let name = || alias.name.clone();
    let memory = match machine::memory(alias) {
        Ok(memory) => memory,
        Err(refused) => return Some(Err(refused.into())),
    };
    let Some(rollout) = memory.rollout else {
        return Some(Err(Refused::NoRollout(name()).into()));
    };
    if *id.get_or_insert_with(|| rollout.id.clone()) != rollout.id {
        return Some(Err(RolloutProblem::Gone(name())));
    }
    let steps = rollout.schedule.count();
    if let Goal::Step(step) = goal
        && step > steps
    {
        return Some(Err(RolloutOption::NoSuchStep { step, steps }.into()));
    }
    if let Some(expected) = rollout.routing(&alias.name)
        && rollout.phase.is_open()
        && !expected.same_effect(&alias.routing)
    {
        return Some(Err(machine::moved(alias, &rollout, expected).into()));
    }
    let is_in_step = matches!(goal, Goal::Step(step) if rollout.step >= step);
    match rollout.phase {
        Phase::Running if is_in_step => Some(Ok(())),
        Phase::Running => None,
        Phase::Held(_) if is_in_step || goal == Goal::Paused => Some(Ok(())),
        Phase::Done if goal == Goal::Paused => {
            Some(Err(RolloutProblem::NotHeld { alias: name(), to: rollout.to }))
        }
        Phase::Done => Some(Ok(())),
        Phase::Held(_) | Phase::Back(_) | Phase::Ended => {
            let looked = as_it_is(alias.clone());
            let failed = problem(&looked, AskedBy::End);
            Some(Err(failed.unwrap_or_else(|| RolloutProblem::Gone(name()))))
        }
    }
}

/// Waits until a rollout has come somewhere, it cannot any more, or the time is over.
pub(in crate::app) async fn wait(
    context: &Context,
    session: &mut Session,
    function: &FunctionId,
    alias: &str,
    goal: Goal,
) -> Result<Done, Error> {
    let task = Task::Rollout {
        verb: RolloutVerb::Wait,
        alias: alias.to_owned(),
        function: function.name.clone(),
    };
    let error = |problem: RolloutProblem, result: Map<String, Value>| {
        Error::Rollout(Box::new(RolloutError {
            function: Some(function.clone()),
            alias: alias.to_owned(),
            project: None,
            problem,
            result,
        }))
    };
    let began = context.clock.instant();
    let timeout = context.options.timeout;
    let (mut last, mut id): (Option<Alias>, _) = (None, None);
    let mut looks = 0;
    loop {
        session.begin_operation(timeout);
        let on = session.on(function.clone());
        let looked = execute::alias::watch(&on, alias).await;
        drop(on);
        match looked {
            Ok((_, found)) => {
                if let Some(judged) = judge(&found, goal, &mut id) {
                    let now = session.server_time();
                    return Ok(concluded(function, found, judged, now, &error));
                }
                if last.as_ref().is_none_or(|last| last.description != found.description) {
                    tell(context, &found);
                }
                last = Some(found);
            }
            Err(failed) => {
                let failed = session::failed(&task, function, failed);
                // The first look tells whether it makes sense to wait at all.
                if last.is_none() || failed.is_stop() || !failed.may_pass() {
                    return Err(failed);
                }
            }
        }
        let pause = if looks < FIRST { PAUSES[0] } else { PAUSES[1] };
        looks += 1;
        let left = timeout.saturating_sub(context.clock.since(began));
        if left.is_zero() {
            let problem = still(alias, last.as_ref(), timeout);
            return Err(error(problem, Map::new()));
        }
        if let Some(signal) = session.sleep(&context.clock, pause.min(left)).await {
            return Err(session::failed(&task, function, ExecuteError::Interrupted(signal)));
        }
    }
}

/// The time is over.
pub(in crate::app) fn still(
    name: &str,
    alias: Option<&Alias>,
    timeout: Duration,
) -> RolloutProblem {
    RolloutProblem::StillUnderWay { alias: name.to_owned(), step: alias.and_then(place), timeout }
}

fn place(alias: &Alias) -> Option<StepPlace> {
    machine::memory(alias).ok()?.rollout.as_ref().map(StepPlace::of)
}

/// Says where it is.
fn tell(context: &Context, alias: &Alias) {
    if let Some(place) = place(alias) {
        context.sink.step(&place);
    }
}

/// The result of waiting.
pub(in crate::app) fn concluded(
    function: &FunctionId,
    alias: Alias,
    judged: Result<(), RolloutProblem>,
    now: DateTime<Utc>,
    error: &dyn Fn(RolloutProblem, Map<String, Value>) -> Error,
) -> Done {
    let found = glance::of(function, &as_it_is(alias), None, now);
    let report = Report::Rollout(Box::new(found));
    let error = judged.err().map(|problem| error(problem, report.json()));
    Done { report: Some(report), ending: AfterResult::Nothing, error }
}
