//! Ticks and sleeping, until a rollout ends or stands still.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::cloud::Cloud;
use super::tick::{Digests, TickError, TickNews, TickOutcome, Ticked, insist, tick_of};
use crate::execute::Signal;
use crate::model::Alias;
use crate::plan::rollout::machine::{self, Refused, Transition};
use crate::plan::rollout::state::{BackOrHold, BackReason, HoldReason, Phase, Rollout};

/// For how long calls may fail, one after the other, before a rollout is given up by this process,
/// in minutes. It goes on with the next tick, whoever makes it.
pub(super) const PATIENCE: i64 = 10;

/// How following a rollout ended.
#[derive(Debug)]
pub(crate) enum Followed {
    /// It ended or stands still, or is not what it was.
    Came(Box<Ticked>),
    /// A signal came. What was done because of it, where that could be done.
    Interrupted(Signal, Option<Box<Ticked>>),
}

/// Ticks until a rollout ends or stands still: the one with this id, else the first that is found.
/// Another one that takes its place is left alone.
///
/// # Errors
/// A call failed for too long, or in a way that no repetition mends.
pub(crate) async fn follow<C: Cloud>(
    cloud: &mut C,
    digests: &Digests,
    id: Option<&str>,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Followed, TickError> {
    let mut id = id.map(str::to_owned);
    let mut failing_since = None;
    let mut said: BTreeSet<String> = BTreeSet::new();
    let mut said_of_step = None;
    loop {
        // Looked at with the same eyes, the monitor's silence is told once.
        let mut once = |told: TickNews<'_>| match &told {
            TickNews::NoAnswer(error) if !said.insert(error.to_string()) => {}
            TickNews::Looked { .. }
            | TickNews::Waits { .. }
            | TickNews::Wrote { .. }
            | TickNews::NoAnswer(_) => {
                tell(told);
            }
        };
        let until = match tick_of(cloud, digests, id.as_deref(), &mut once).await {
            Ok(ticked) => {
                failing_since = None;
                id = id.or_else(|| ticked.rollout.as_ref().map(|rollout| rollout.id.clone()));
                match ticked.outcome {
                    TickOutcome::Wait(until, why) => {
                        // Minutes pass before there is something to judge.
                        let step = ticked.rollout.as_ref().map(|rollout| rollout.step);
                        if let Some(rollout) = &ticked.rollout
                            && ticked.judged.is_none()
                            && said_of_step != step
                        {
                            let first = machine::first_look(rollout).start();
                            let until = rollout.deadline().map_or(first, |over| first.min(over));
                            tell(TickNews::Waits { rollout, why, until });
                            said_of_step = step;
                        }
                        until
                    }
                    // There may be more to do at once.
                    TickOutcome::Wrote(
                        Transition::Begins
                        | Transition::Advances(_)
                        | Transition::Resumes
                        | Transition::Retries,
                    ) => match ticked.rollout.as_ref().map(|rollout| rollout.phase) {
                        Some(Phase::Held(_)) => return Ok(Followed::Came(Box::new(ticked))),
                        _ => cloud.now(),
                    },
                    _ => return Ok(Followed::Came(Box::new(ticked))),
                }
            }
            Err(TickError::Call(error)) => {
                let now = cloud.now();
                let since = *failing_since.get_or_insert(now);
                if let Some(signal) = error.signal() {
                    return interrupted(cloud, signal, id.as_deref(), tell).await;
                }
                if !error.may_pass() || now - since >= TimeDelta::minutes(PATIENCE) {
                    return Err(TickError::Call(error));
                }
                once(TickNews::NoAnswer(&error));
                machine::next_minute(now)
            }
            // Whatever it is now is seen by the next look.
            Err(TickError::Refused(refused)) if matches!(*refused, Refused::Changed(_)) => {
                cloud.now()
            }
            Err(error) => return Err(error),
        };
        if let Some(signal) = cloud.sleep_until(until).await {
            return interrupted(cloud, signal, id.as_deref(), tell).await;
        }
    }
}

/// Does what the rollout is to do when it is interrupted.
async fn interrupted<C: Cloud>(
    cloud: &mut C,
    signal: Signal,
    id: Option<&str>,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Followed, TickError> {
    cloud.begin(true);
    let decide = |alias: &Alias| {
        let memory = machine::memory(alias)?;
        let is_followed = |rollout: &&Rollout| id.is_none_or(|id| rollout.id == id);
        let Some(rollout) = memory.open().filter(is_followed) else { return Ok(None) };
        match (rollout.choices.on_interrupt, rollout.phase) {
            (BackOrHold::Rollback, _) => machine::abort(alias, BackReason::Interrupt).map(Some),
            (BackOrHold::Hold, Phase::Running) => {
                machine::hold(alias, HoldReason::Interrupt).map(Some)
            }
            (BackOrHold::Hold, _) => Ok(None),
        }
    };
    let done = insist(cloud, &decide, tell).await;
    match done {
        Ok(done) => Ok(Followed::Interrupted(signal, done.map(Box::new))),
        Err(TickError::Call(error)) => {
            tell(TickNews::NoAnswer(&error));
            Ok(Followed::Interrupted(signal, None))
        }
        // Somebody else has it; nothing was done.
        Err(TickError::Refused(_)) => Ok(Followed::Interrupted(signal, None)),
    }
}
