//! Ticks of several functions whose rollouts advance together.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;

use super::cloud::Cloud;
use super::ending::{as_it_is, is_remembered};
use super::follow::PATIENCE;
use super::tick::{self, Digests, SeenRollout, TickError, TickNews, TickOutcome, Ticked};
use crate::error::Left;
use crate::execute::Signal;
use crate::model::Alias;
use crate::plan::rollout::machine::{self, Decision, Refused, Transition, Write};
use crate::plan::rollout::state::{BackOrHold, BackReason, HoldReason, Phase, Rollout};
use crate::plan::rollout::together::{self, Apart, One, Turn};

/// One function of several.
pub(crate) struct Participant<'a, C> {
    /// Its name, for people.
    pub name: String,
    /// What its rollout reads and changes.
    pub cloud: C,
    /// What this run was given of what does not fit in the marker.
    pub digests: Digests,
    /// Hears what a tick says.
    pub tell: Box<dyn FnMut(TickNews<'_>) + 'a>,
}

/// What became of each function, one by one.
pub(crate) type All = Vec<Result<Ticked, TickError>>;

/// What a tick came to.
#[derive(Debug)]
pub(crate) struct Ticks {
    /// Function by function.
    pub all: All,
    /// Why those that are under way do not go on.
    pub apart: Option<Apart>,
}

/// How following rollouts ended.
#[derive(Debug)]
pub(crate) enum FollowedTogether {
    /// They ended or stand still, or are not what they were.
    Came(Ticks),
    /// A signal came.
    Interrupted {
        signal: Signal,
        /// What was done because of it.
        left: Left,
        /// Each function then; why, where nothing could be done.
        all: All,
    },
}

/// Looks at all, and does to each what is due to all of them; only says so unless it `acts`. With
/// an `id` any other rollout is none.
pub(crate) async fn tick<C: Cloud>(
    parts: &mut [Participant<'_, C>],
    acts: bool,
    id: Option<&str>,
) -> Ticks {
    let looks = parts.iter_mut().map(|part| look(part, acts, id));
    let all = join_all(looks).await;
    let now = latest(parts);
    let later = |seen: Result<SeenRollout, TickError>| match now {
        Some(now) => seen?.at(now),
        None => seen,
    };
    let all: Vec<Result<SeenRollout, TickError>> = all.into_iter().map(later).collect();
    let ones = all.iter().zip(&*parts).map(|(seen, part)| one(&part.name, seen.as_ref().ok()));
    let (turns, apart) = together::tick(&ones.collect::<Vec<_>>());
    let turns = parts.iter_mut().zip(all).zip(turns);
    let all = join_all(turns.map(|((part, seen), turn)| take(part, seen, turn, acts))).await;
    Ticks { all, apart }
}

fn latest<C: Cloud>(parts: &[Participant<'_, C>]) -> Option<DateTime<Utc>> {
    parts.iter().map(|part| part.cloud.now()).max()
}

fn one<'a>(name: &'a str, seen: Option<&'a SeenRollout>) -> One<'a> {
    let decision = seen.map(|seen| &seen.decision);
    let is_known = |seen: &&SeenRollout| !matches!(seen.decision, Decision::Foreign(_));
    let known = seen.filter(is_known);
    let alias = known.map(|seen| &seen.alias);
    One { name, alias, rollout: known.and_then(|seen| seen.rollout.as_ref()), decision }
}

async fn look<C: Cloud>(
    part: &mut Participant<'_, C>,
    acts: bool,
    id: Option<&str>,
) -> Result<SeenRollout, TickError> {
    // Whoever only looks asks no gate command.
    let digests = acts.then_some(&part.digests);
    tick::see(&mut part.cloud, digests, id, &mut *part.tell).await
}

/// Does to one what is its turn.
async fn take<C: Cloud>(
    part: &mut Participant<'_, C>,
    seen: Result<SeenRollout, TickError>,
    turn: Turn,
    acts: bool,
) -> Result<Ticked, TickError> {
    let seen = seen?;
    match (turn, &seen.rollout) {
        (Turn::Acts, _) if acts => tick::act(&mut part.cloud, seen, &mut *part.tell).await,
        (Turn::GoesBack, Some(rollout)) if acts => {
            // The looks at others took their time.
            part.cloud.begin(false);
            let done = take_back(part, rollout, BackReason::Project).await?;
            Ok(match done {
                Some(done) => Ticked { judged: seen.judged, ..done },
                None => seen.left(),
            })
        }
        // Of a rollout that is not meant nothing is known here.
        (Turn::Stranger, Some(_)) => Ok(stranger(seen.alias)),
        _ => Ok(seen.left()),
    }
}

/// A function whose own rollout is none of those that are meant.
pub(crate) fn stranger(alias: Alias) -> Ticked {
    Ticked { alias, rollout: None, judged: None, outcome: TickOutcome::NoRollout }
}

/// Takes one back, under way or done; `None` where it has gone back.
pub(crate) async fn take_back<C: Cloud>(
    part: &mut Participant<'_, C>,
    decided: &Rollout,
    reason: BackReason,
) -> Result<Option<Ticked>, TickError> {
    let decide = |alias: &Alias| machine::take_back(alias, decided, reason);
    insist(part, &decide).await
}

/// What a command or a signal does to one, whatever its step is.
pub(crate) async fn insist<C: Cloud>(
    part: &mut Participant<'_, C>,
    decide: &dyn Fn(&Alias) -> Result<Option<Write>, Refused>,
) -> Result<Option<Ticked>, TickError> {
    tick::insist(&mut part.cloud, decide, &mut *part.tell).await
}

/// What follows a tick.
enum AfterTick {
    /// There may be more to do at once.
    AtOnce,
    /// Whoever waits looks again then.
    At(DateTime<Utc>),
    /// Nothing is left to do.
    Nothing,
}

fn next(all: &All, now: DateTime<Utc>) -> AfterTick {
    let rollouts = || all.iter().flatten().filter_map(|ticked| ticked.rollout.as_ref());
    let first = rollouts().filter_map(together::step).min();
    // It waits for the others, who must not be left for it.
    let waits_ahead = |ticked: &Ticked| {
        let rollout = ticked.rollout.as_ref();
        rollout.is_some_and(|rollout| together::waits_ahead(rollout, first))
    };
    let stands = |ticked: &Ticked| match &ticked.outcome {
        TickOutcome::Wait(..) | TickOutcome::Due(_) | TickOutcome::Ended(Phase::Done) => false,
        TickOutcome::Wrote(Transition::Holds(_) | Transition::Back(_) | Transition::RollsBack) => {
            true
        }
        TickOutcome::Wrote(_) => {
            let rollout = ticked.rollout.as_ref();
            rollout.is_some_and(|rollout| matches!(rollout.phase, Phase::Held(_)))
        }
        _ => true,
    };
    if all.iter().flatten().any(|ticked| stands(ticked) && !waits_ahead(ticked)) {
        return AfterTick::Nothing;
    }
    let outcomes = || all.iter().flatten().map(|ticked| &ticked.outcome);
    let onward = |outcome: &TickOutcome| matches!(outcome, TickOutcome::Wrote(transition) if !matches!(transition, Transition::Finishes(_)));
    if outcomes().any(onward) {
        return AfterTick::AtOnce;
    }
    let until = outcomes().filter_map(|outcome| match outcome {
        TickOutcome::Wait(until, _) => Some(*until),
        TickOutcome::Due(_) => Some(machine::next_minute(now)),
        _ => None,
    });
    until.min().map_or(AfterTick::Nothing, AfterTick::At)
}

/// Ticks until all have ended or stand still: the rollout with this id, else the first that is
/// found. Another one that takes its place is left alone.
pub(crate) async fn follow<C: Cloud>(
    parts: &mut [Participant<'_, C>],
    id: Option<&str>,
) -> FollowedTogether {
    let mut id = id.map(str::to_owned);
    let mut failing_since = None;
    loop {
        let came = tick(parts, true, id.as_deref()).await;
        let signal = came.all.iter().find_map(|one| match one {
            Err(TickError::Call(error)) => error.signal(),
            _ => None,
        });
        let found = || came.all.iter().flatten().find_map(|ticked| ticked.rollout.as_ref());
        id = id.or_else(|| Some(found()?.id.clone()));
        if let Some(signal) = signal {
            return interrupted(parts, signal, id.as_deref()).await;
        }
        let Some(now) = latest(parts) else { return FollowedTogether::Came(came) };
        let failed = |one: &Result<Ticked, TickError>| match one {
            Ok(_) => false,
            Err(TickError::Refused(refused)) => !matches!(**refused, Refused::Changed(_)),
            Err(TickError::Call(error)) => !error.may_pass(),
        };
        let is_lost = came.all.iter().any(Result::is_err);
        // A way back that was lost is tried again.
        if came.apart.is_some() && !is_lost || came.all.iter().any(failed) {
            return FollowedTogether::Came(came);
        }
        let until = if is_lost {
            let since = *failing_since.get_or_insert(now);
            if now - since >= TimeDelta::minutes(PATIENCE) {
                return FollowedTogether::Came(came);
            }
            for (part, one) in parts.iter_mut().zip(&came.all) {
                if let Err(TickError::Call(error)) = one {
                    (part.tell)(TickNews::NoAnswer(error));
                }
            }
            machine::next_minute(now)
        } else {
            failing_since = None;
            match next(&came.all, now) {
                AfterTick::AtOnce => now,
                AfterTick::At(until) => until,
                AfterTick::Nothing => return FollowedTogether::Came(came),
            }
        };
        let Some(first) = parts.first_mut() else { return FollowedTogether::Came(came) };
        if let Some(signal) = first.cloud.sleep_until(until).await {
            return interrupted(parts, signal, id.as_deref()).await;
        }
    }
}

/// Does what the rollout with this id is to do when it is interrupted: where one function is to go
/// back, or has gone back, all do.
async fn interrupted<C: Cloud>(
    parts: &mut [Participant<'_, C>],
    signal: Signal,
    id: Option<&str>,
) -> FollowedTogether {
    let reads = parts.iter_mut().map(|part| read(part, id));
    let found: Vec<Result<Read, TickError>> = join_all(reads).await;
    let rollouts = || found.iter().flatten().filter_map(|(_, rollout)| rollout.as_ref());
    let open = || rollouts().filter(|rollout| rollout.phase.is_open());
    let back = if rollouts().any(|rollout| matches!(rollout.phase, Phase::Back(_))) {
        Some(BackReason::Project)
    } else {
        let goes_back = open().any(|one| one.choices.on_interrupt == BackOrHold::Rollback);
        goes_back.then_some(BackReason::Interrupt)
    };
    let is_any = open().next().is_some();
    let stops = parts.iter_mut().zip(found).map(|(part, found)| stop(part, found, back));
    let all: All = join_all(stops).await;
    let is_forgotten =
        |one: &Ticked| matches!(one.outcome, TickOutcome::Wrote(_)) && !is_remembered(&one.alias);
    let left = match (is_any && all.iter().all(Result::is_ok), back.is_some()) {
        (true, true) if all.iter().flatten().any(is_forgotten) => Left::Forgotten,
        (true, true) => Left::Back,
        (true, false) => Left::Held,
        (false, _) => Left::Open,
    };
    FollowedTogether::Interrupted { signal, left, all }
}

/// A function that is read in spite of a signal: its alias, and the rollout that is meant.
type Read = (Alias, Option<Rollout>);

/// The rollout with this id, of one function, in spite of a signal.
async fn read<C: Cloud>(
    part: &mut Participant<'_, C>,
    id: Option<&str>,
) -> Result<Read, TickError> {
    part.cloud.begin(true);
    let alias = part.cloud.alias().await?;
    let rollout = machine::memory(&alias)?.rollout;
    Ok((alias, rollout.filter(|rollout| id == Some(&*rollout.id))))
}

/// What was written, or how it is where nothing was.
async fn stop<C: Cloud>(
    part: &mut Participant<'_, C>,
    found: Result<Read, TickError>,
    back: Option<BackReason>,
) -> Result<Ticked, TickError> {
    let (alias, rollout) = found?;
    let Some(rollout) = rollout else { return Ok(stranger(alias)) };
    if rollout.phase == Phase::Ended {
        return Ok(as_it_is(alias));
    }
    // The others may have been slow to be read.
    part.cloud.begin(true);
    if let Some(reason) = back {
        return Ok(take_back(part, &rollout, reason).await?.unwrap_or_else(|| as_it_is(alias)));
    }
    let decide = |alias: &Alias| match machine::memory(alias)?.open() {
        Some(now) if now.id == rollout.id && now.phase == Phase::Running => {
            machine::hold(alias, HoldReason::Interrupt).map(Some)
        }
        _ => Ok(None),
    };
    Ok(insist(part, &decide).await?.unwrap_or_else(|| as_it_is(alias)))
}
