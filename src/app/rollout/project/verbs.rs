//! Commands that are one write of each function.

use std::cell::RefCell;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::functions::{ProjectFunction, RolloutProject};
use super::ids::successor;
use super::read::read;
use crate::app::rollout::Request;
use crate::app::rollout::cloud::Cloud;
use crate::app::rollout::ending::{AskedBy, as_it_is};
use crate::app::rollout::outside::Outside;
use crate::app::rollout::service::Service;
use crate::app::rollout::tick::{self, TickError, TickOutcome, Ticked};
use crate::app::rollout::together::{self, All, Participant, Ticks};
use crate::app::rollout::verbs::{check_there, written};
use crate::app::session::Session;
use crate::app::{Context, Done};
use crate::error::{Error, RolloutError, RolloutOption, RolloutProblem, RolloutVerb};
use crate::model::Alias;
use crate::plan::rollout::machine::{self, Decision, Refused, Transition, Write};
use crate::plan::rollout::state::{BackReason, Rollout};
use crate::plan::rollout::together::{
    Apart, One, Stop, Turn, Verb, retry as retried, verb as turns_of,
};
use crate::report::notice::Notice;

/// A function, as it was looked at for a command that is one write.
struct FoundRollout {
    alias: Alias,
    rollout: Option<Rollout>,
    content: Option<String>,
}

impl RolloutProject {
    fn parts(&self, session: &Session) -> Vec<Participant<'_, Service<'_>>> {
        let functions = self.functions.iter();
        functions.map(|function| function.part(session, Outside::default())).collect()
    }

    fn ones<'a>(&'a self, found: &'a [Result<FoundRollout, TickError>]) -> Vec<One<'a>> {
        let one =
            |(function, found): (&'a ProjectFunction, &'a Result<FoundRollout, TickError>)| {
                let found = found.as_ref().ok();
                let rollout = found.and_then(|found| found.rollout.as_ref());
                let alias = found.map(|found| &found.alias);
                One { name: &function.id.name, alias, rollout, decision: None }
            };
        self.functions.iter().zip(found).map(one).collect()
    }

    /// The error of a command that does nothing.
    fn stopped(&self, stop: Stop, found: Vec<Result<FoundRollout, TickError>>) -> Error {
        let alias = |function: &ProjectFunction| function.alias.clone();
        let (place, problem): (usize, RolloutProblem) = match stop {
            Stop::Unread(place) => match found.into_iter().nth(place) {
                Some(Err(error)) => return self.functions[place].place().failed(error),
                _ => (place, Refused::Changed(alias(&self.functions[place])).into()),
            },
            Stop::Ended(place) => {
                let alias = alias(&self.functions[place]);
                let rollout =
                    found.into_iter().nth(place).and_then(Result::ok).and_then(|one| one.rollout);
                let refused = match rollout {
                    Some(Rollout { from, to, phase, .. }) => {
                        Refused::Ended { alias, from, to, phase }
                    }
                    None => Refused::NoRollout(alias),
                };
                (place, refused.into())
            }
            Stop::NoRollout => (0, Refused::NoRollout(alias(&self.functions[0])).into()),
            Stop::Apart(apart) => (0, apart.into()),
        };
        self.functions[place].place().error(problem)
    }
}

async fn find(
    part: &mut Participant<'_, Service<'_>>,
    asks: bool,
) -> Result<FoundRollout, TickError> {
    let mut alias = part.cloud.alias().await?;
    let rollout = machine::memory(&alias)?.rollout;
    let mut content = None;
    if let Some(rollout) = rollout.as_ref().filter(|_| asks) {
        content = tick::look_at_content(&mut part.cloud, rollout, &mut *part.tell).await?;
        if content.is_some() {
            alias = part.cloud.alias().await?;
        }
    }
    let rollout = machine::memory(&alias)?.rollout;
    Ok(FoundRollout { alias, rollout, content })
}

/// What a command that stands still or goes back writes of one; `None` where nothing is left to do.
type Stopping<'a> = dyn Fn(&Alias, &Rollout) -> Result<Option<Write>, Refused> + 'a;

/// A command by which whoever can stands still or goes back, whatever becomes of the others.
fn stop(
    context: &Context,
    (command, verb, asked): (&'static str, RolloutVerb, Verb),
    request: &Request,
    decide: &Stopping<'_>,
) -> Result<Done, Error> {
    let project = read(context, command, verb, request)?;
    project.block_on(async {
        let session = project.open(context).await?;
        let mut parts = project.parts(&session);
        let found = join_all(parts.iter_mut().map(|part| find(part, false))).await;
        let turned = turns_of(&project.ones(&found), asked);
        let (turns, apart) = match turned {
            Ok(turned) => turned,
            Err(why) => return Err(project.stopped(why, found)),
        };
        let dry_run = context.options.dry_run;
        let without = without_rollout(&project, &found, &turns, apart.as_ref());
        let writes = parts.iter_mut().zip(found).zip(turns);
        let writes =
            writes.map(|((part, found), turn)| stop_one(part, found, turn, decide, dry_run));
        let all: All = join_all(writes).await;
        tell_unchanged(context, &all);
        if !without.is_empty() {
            context.sink.note(&Notice::WithoutRollout { functions: without });
        }
        let now = session.server_time();
        Ok(project.done(context, Ticks { all, apart }, AskedBy::Left(command), now))
    })
}

/// The functions that have no part in the rollout that a command is about, and are not named by an
/// error.
fn without_rollout(
    project: &RolloutProject,
    found: &[Result<FoundRollout, TickError>],
    turns: &[Turn],
    apart: Option<&Apart>,
) -> Vec<String> {
    let is_named =
        |name: &String| matches!(apart, Some(Apart::Others(names)) if names.contains(name));
    let all = project.functions.iter().zip(found).zip(turns);
    all.filter(|((_, found), turn)| found.is_ok() && **turn == Turn::Stranger)
        .map(|((function, _), _)| function.id.name.clone())
        .filter(|name| !is_named(name))
        .collect()
}

async fn stop_one(
    part: &mut Participant<'_, Service<'_>>,
    found: Result<FoundRollout, TickError>,
    turn: Turn,
    decide: &Stopping<'_>,
    dry_run: bool,
) -> Result<Ticked, TickError> {
    let FoundRollout { alias, rollout, .. } = found?;
    let (Turn::Acts | Turn::GoesBack, Some(rollout)) = (turn, rollout) else {
        return Ok(if turn == Turn::Stranger {
            together::stranger(alias)
        } else {
            as_it_is(alias)
        });
    };
    if dry_run {
        return Ok(match decide(&alias, &rollout)? {
            Some(write) => Ticked::due(alias, &write),
            None => as_it_is(alias),
        });
    }
    let seen = RefCell::new(alias);
    let decide = |alias: &Alias| {
        seen.replace(alias.clone());
        decide(alias, &rollout)
    };
    // The looks at others took their time.
    part.cloud.begin(false);
    let done = together::insist(part, &decide).await?;
    Ok(done.unwrap_or_else(|| as_it_is(seen.into_inner())))
}

fn tell_unchanged(context: &Context, all: &All) {
    let is_change = |one: &Result<Ticked, TickError>| match one {
        Ok(ticked) => matches!(ticked.outcome, TickOutcome::Wrote(_) | TickOutcome::Due(_)),
        Err(_) => true,
    };
    if !all.iter().any(is_change) {
        context.sink.note(&Notice::RolloutAsAsked);
    }
}

impl RolloutProject {
    /// Says where a deadline that is over holds no longer.
    fn tell_waived(&self, before: &[Option<Rollout>], all: &All) {
        for ((function, before), after) in self.functions.iter().zip(before).zip(all) {
            let after = after.as_ref().ok().and_then(|ticked| ticked.rollout.as_ref());
            let had = before.as_ref().filter(|before| before.choices.deadline.is_some());
            if let (Some(before), Some(after)) = (had, after)
                && before.id == after.id
                && after.choices.deadline.is_none()
            {
                function.context.sink.note(&Notice::DeadlineWaived);
            }
        }
    }
}

/// What a command that goes on decides of one; `None` where there is nothing to do.
type DecideOne<'a> = dyn Fn(&FoundRollout, DateTime<Utc>) -> Result<Option<Decision>, Refused> + 'a;

/// What a command that goes on does to each, and what it decides of one; nothing is written where
/// one is refused.
struct Going<'a> {
    turns: Vec<Turn>,
    decide: Box<DecideOne<'a>>,
}

/// A command by which all go on, or none.
fn go_on(
    context: &Context,
    (command, verb): (&str, RolloutVerb),
    request: &Request,
    plan: &dyn Fn(&[One<'_>]) -> Result<Going<'static>, Stop>,
) -> Result<Done, Error> {
    let project = read(context, command, verb, request)?;
    project.block_on(async {
        let session = project.open(context).await?;
        let mut parts = project.parts(&session);
        let found = join_all(parts.iter_mut().map(|part| find(part, true))).await;
        let planned = plan(&project.ones(&found));
        let going = match planned {
            Ok(going) => going,
            Err(why) => return Err(project.stopped(why, found)),
        };
        let (now, dry_run) = (session.server_time(), context.options.dry_run);
        let mut decided = Vec::new();
        let functions = project.functions.iter().zip(&parts);
        for (((function, part), found), turn) in functions.zip(found).zip(going.turns) {
            let place = function.place();
            let found = found.map_err(|error| place.failed(error))?;
            let decision = match turn {
                Turn::Acts => {
                    (going.decide)(&found, now).map_err(|refused| place.error(refused))?
                }
                Turn::Rests | Turn::Stranger | Turn::GoesBack => None,
            };
            if let Some(Decision::Write(write)) = &decision {
                check_there(&part.cloud, &found.alias, &write.routing, dry_run).await?;
            }
            decided.push((found, decision));
        }
        let before: Vec<Option<Rollout>> =
            decided.iter().map(|(found, _)| found.rollout.clone()).collect();
        let writes = parts.iter_mut().zip(decided);
        let writes =
            writes.map(|(part, (found, decision))| go_on_one(part, found, decision, dry_run));
        let all: All = join_all(writes).await;
        tell_unchanged(context, &all);
        project.tell_waived(&before, &all);
        let now = session.server_time();
        Ok(project.done(context, Ticks { all, apart: None }, AskedBy::Verb, now))
    })
}

async fn go_on_one(
    part: &mut Participant<'_, Service<'_>>,
    found: FoundRollout,
    decision: Option<Decision>,
    dry_run: bool,
) -> Result<Ticked, TickError> {
    let FoundRollout { alias, rollout, .. } = found;
    let (Some(decision), Some(rollout)) = (decision, rollout) else {
        return Ok(as_it_is(alias));
    };
    match decision {
        Decision::Write(write) if dry_run => Ok(Ticked::due(alias, &write)),
        Decision::Freeze(ground) if dry_run => {
            let outcome = TickOutcome::Due(Transition::Finishes(ground));
            Ok(Ticked { alias, rollout: Some(rollout), judged: None, outcome })
        }
        decision => {
            let tell = &mut *part.tell;
            // The looks at others took their time.
            part.cloud.begin(false);
            let done = tick::carry_out_decision(&mut part.cloud, &rollout, decision, tell);
            Ok(Box::pin(done).await?.unwrap_or_else(|| as_it_is(alias)))
        }
    }
}

/// All stand still until `resume`.
pub(in crate::app::rollout) fn pause(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout pause", RolloutVerb::Pause, Verb::Pause);
    stop(context, command, request, &|alias, rollout| match machine::memory(alias)?.rollout {
        Some(now) if now.id == rollout.id => machine::pause(alias),
        _ => Err(Refused::Changed(alias.name.clone())),
    })
}

/// All go back that are under way, and those of their rollout that are done.
pub(in crate::app::rollout) fn abort(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout abort", RolloutVerb::Abort, Verb::Abort);
    stop(context, command, request, &|alias, rollout| {
        machine::take_back(alias, rollout, BackReason::User)
    })
}

/// All go back to the version that served before, each to its own.
pub(in crate::app::rollout) fn rollback(
    context: &Context,
    request: &Request,
) -> Result<Done, Error> {
    if request.typed.contains_key("--to") {
        // Each function counts its versions for itself.
        let (one, other) = ("--project", "--to");
        return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
    }
    let command = ("rollback", RolloutVerb::Rollback, Verb::Rollback);
    stop(context, command, request, &|alias, rollout| {
        machine::take_back(alias, rollout, BackReason::User)
    })
}

/// All go on.
pub(in crate::app::rollout) fn resume(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout resume", RolloutVerb::Resume);
    go_on(context, command, request, &|all| {
        let (turns, _) = turns_of(all, Verb::Resume)?;
        let decide =
            |one: &FoundRollout, now| machine::resume(&one.alias, one.content.as_deref(), now);
        Ok(Going { turns, decide: Box::new(decide) })
    })
}

/// Those that are behind go on to the next step, or all to the last one.
pub(in crate::app::rollout) fn promote(
    context: &Context,
    request: &Request,
) -> Result<Done, Error> {
    let command = ("rollout promote", RolloutVerb::Promote);
    let Request { full, expect_step, .. } = *request;
    go_on(context, command, request, &|all| {
        let (turns, _) = turns_of(all, Verb::Promote { full })?;
        let decide = move |one: &FoundRollout, now| {
            machine::promote(&one.alias, one.content.as_deref(), full, expect_step, now).map(Some)
        };
        Ok(Going { turns, decide: Box::new(decide) })
    })
}

/// All begin again from the first step.
pub(in crate::app::rollout) fn retry(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout retry", RolloutVerb::Retry);
    go_on(context, command, request, &|all| {
        let (id, turns) = retried(all, successor)?;
        let decide = move |one: &FoundRollout, now| {
            let write = machine::retry(&one.alias, &id, one.content.as_deref(), now)?;
            Ok(Some(written(write)))
        };
        Ok(Going { turns, decide: Box::new(decide) })
    })
}
