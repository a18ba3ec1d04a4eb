//! Ticks of several functions whose rollouts advance together.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures_util::future::join_all;

use super::cloud::Cloud;
use super::follow::{PATIENCE, react};
use super::tick::{self, Digests, Outcome, Seen, TickError, Ticked, Told};
use crate::execute::Signal;
use crate::plan::rollout::machine::{self, Decision, Refused, Transition};
use crate::plan::rollout::state::{BackReason, Phase, Rollout};
use crate::plan::rollout::together::{One, Turn, common_id, turns};

/// One function of several.
pub(crate) struct Part<'a, C> {
    /// What its rollout reads and changes.
    pub cloud: C,
    /// What this run was given of what does not fit in the marker.
    pub digests: Digests,
    /// Hears what a tick says.
    pub tell: Box<dyn FnMut(Told<'_>) + 'a>,
}

/// What a tick came to, function by function.
pub(crate) type All = Vec<Result<Ticked, TickError>>;

/// How following rollouts ended.
#[derive(Debug)]
pub(crate) enum Followed {
    /// They ended or stand still, or are not what they were.
    Came(All),
    /// A signal came. What was done because of it, where that could be done.
    Interrupted(Signal, Vec<Option<Rollout>>),
}

/// Looks at all, and does to each what is due to all of them; only says so unless it `acts`.
pub(crate) async fn tick<C: Cloud>(parts: &mut [Part<'_, C>], acts: bool) -> All {
    let looks = parts.iter_mut().map(|part| look(part, acts));
    let mut all: Vec<Result<Seen, TickError>> = join_all(looks).await;
    if let Err(error) = leave_others(&mut all) {
        return error;
    }
    let ones: Vec<One<'_>> = all
        .iter()
        .map(|seen| match seen {
            Ok(seen) => One { rollout: seen.rollout.as_ref(), decision: Some(&seen.decision) },
            Err(_) => One { rollout: None, decision: None },
        })
        .collect();
    let turns = turns(&ones);
    let turns = parts.iter_mut().zip(all).zip(turns);
    join_all(turns.map(|((part, seen), turn)| take(part, seen, turn, acts))).await
}

async fn look<C: Cloud>(part: &mut Part<'_, C>, acts: bool) -> Result<Seen, TickError> {
    // Whoever only looks asks no gate command.
    let digests = acts.then_some(&part.digests);
    tick::see(&mut part.cloud, digests, None, &mut *part.tell).await
}

/// Does to one what is its turn.
async fn take<C: Cloud>(
    part: &mut Part<'_, C>,
    seen: Result<Seen, TickError>,
    turn: Turn,
    acts: bool,
) -> Result<Ticked, TickError> {
    let seen = seen?;
    match turn {
        Turn::Acts if acts => tick::act(&mut part.cloud, seen, &mut *part.tell).await,
        Turn::GoesBack if acts => take_back(part, seen).await,
        Turn::Rests | Turn::Acts | Turn::GoesBack => Ok(seen.left()),
    }
}

/// Of rollouts that are not the common one nothing is known here.
///
/// # Errors
/// Two that are under way are not one: what each comes to then.
fn leave_others(all: &mut [Result<Seen, TickError>]) -> Result<(), All> {
    let rollouts = all.iter().filter_map(|seen| seen.as_ref().ok()?.rollout.as_ref());
    let id = match common_id(rollouts) {
        Ok(id) => id.map(str::to_owned),
        Err((_, other)) => {
            let other = other.to_owned();
            let ended = all.iter_mut().map(|seen| {
                let seen = std::mem::replace(seen, Err(TickError::internal()))?;
                match &seen.rollout {
                    Some(rollout) if rollout.id == other => {
                        Err(machine::under_way(&seen.alias.name, rollout).into())
                    }
                    _ => Ok(seen.left()),
                }
            });
            return Err(ended.collect());
        }
    };
    for seen in all.iter_mut().flatten() {
        let is_of_another = |rollout: &Rollout| Some(&rollout.id) != id.as_ref();
        if seen.rollout.as_ref().is_some_and(is_of_another) {
            (seen.rollout, seen.decision) = (None, Decision::NoRollout);
        }
    }
    Ok(())
}

/// Takes one back because another went back.
async fn take_back<C: Cloud>(part: &mut Part<'_, C>, seen: Seen) -> Result<Ticked, TickError> {
    let write = match &seen.rollout {
        Some(rollout) if rollout.phase == Phase::Done => {
            machine::rollback(&seen.alias, Some(rollout.from))?.write
        }
        _ => Some(machine::abort(&seen.alias, BackReason::Project)?),
    };
    match write {
        Some(write) => tick::carry_out(&mut part.cloud, write, seen.judged, &mut *part.tell).await,
        None => Ok(seen.left()),
    }
}

/// What follows a tick.
enum Next {
    /// There may be more to do at once.
    AtOnce,
    /// Whoever waits looks again then.
    At(chrono::DateTime<chrono::Utc>),
    /// Nothing is left to do.
    Nothing,
}

fn next<C: Cloud>(parts: &[Part<'_, C>], all: &All) -> Next {
    let outcomes = || all.iter().flatten().map(|ticked| &ticked.outcome);
    let stands = |outcome: &Outcome| match outcome {
        Outcome::Wait(..) | Outcome::Due(_) | Outcome::Ended(Phase::Done) => false,
        Outcome::Wrote(transition) => {
            matches!(transition, Transition::Holds(_) | Transition::Back(_) | Transition::RollsBack)
        }
        _ => true,
    };
    let is_held = |ticked: &Ticked| {
        let rollout = ticked.rollout.as_ref();
        rollout.is_some_and(|rollout| matches!(rollout.phase, Phase::Held(_)))
    };
    if outcomes().any(stands) || all.iter().flatten().any(is_held) {
        return Next::Nothing;
    }
    let onward = |outcome: &Outcome| matches!(outcome, Outcome::Wrote(transition) if !matches!(transition, Transition::Finishes(_)));
    if outcomes().any(onward) {
        return Next::AtOnce;
    }
    let now = parts.iter().map(|part| part.cloud.now()).max();
    let until = outcomes().filter_map(|outcome| match outcome {
        Outcome::Wait(until, _) => Some(*until),
        Outcome::Due(_) => now.map(machine::next_minute),
        _ => None,
    });
    until.min().map_or(Next::Nothing, Next::At)
}

/// Ticks until all have ended or stand still.
pub(crate) async fn follow<C: Cloud>(parts: &mut [Part<'_, C>]) -> Followed {
    let mut failing_since = None;
    let mut said: BTreeSet<String> = BTreeSet::new();
    loop {
        let all = tick(parts, true).await;
        let signal = all.iter().find_map(|one| match one {
            Err(TickError::Call(error)) => error.signal(),
            _ => None,
        });
        if let Some(signal) = signal {
            return interrupted(parts, signal).await;
        }
        let Some(now) = parts.iter().map(|part| part.cloud.now()).max() else {
            return Followed::Came(all);
        };
        let failed = |one: &Result<Ticked, TickError>| match one {
            Ok(_) => false,
            Err(TickError::Refused(refused)) => !matches!(**refused, Refused::Changed(_)),
            Err(TickError::Call(error)) => !error.may_pass(),
        };
        if all.iter().any(failed) {
            return Followed::Came(all);
        }
        let until = if all.iter().any(Result::is_err) {
            let since = *failing_since.get_or_insert(now);
            if now - since >= TimeDelta::minutes(PATIENCE) {
                return Followed::Came(all);
            }
            for (part, one) in parts.iter_mut().zip(&all) {
                if let Err(TickError::Call(error)) = one
                    && said.insert(error.to_string())
                {
                    (part.tell)(Told::NoAnswer(error));
                }
            }
            machine::next_minute(now)
        } else {
            failing_since = None;
            match next(parts, &all) {
                Next::AtOnce => now,
                Next::At(until) => until,
                Next::Nothing => return Followed::Came(all),
            }
        };
        let Some(first) = parts.first_mut() else { return Followed::Came(all) };
        if let Some(signal) = first.cloud.sleep_until(until).await {
            return interrupted(parts, signal).await;
        }
    }
}

/// Does to each what it is to do when it is interrupted.
async fn interrupted<C: Cloud>(parts: &mut [Part<'_, C>], signal: Signal) -> Followed {
    let left = join_all(parts.iter_mut().map(stop)).await;
    Followed::Interrupted(signal, left)
}

async fn stop<C: Cloud>(part: &mut Part<'_, C>) -> Option<Rollout> {
    let done = react(&mut part.cloud, None, &mut *part.tell).await;
    if let Err(TickError::Call(error)) = &done {
        (part.tell)(Told::NoAnswer(error));
    }
    done.ok().flatten().and_then(|ticked| ticked.rollout)
}
