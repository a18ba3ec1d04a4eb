//! Sends calls that make changes.

use std::time::Duration;

use super::{AlsoRead, ExecuteError, FunctionSession, Progress, function, settle, versions};
use crate::api::ApiError;
use crate::api::actions::Action;
use crate::api::retry::{self, ErrorKind};
use crate::model::{Status, Version};

/// Repetitions of a call that failed without a reason while the function was not busy: its status
/// may lag behind what refuses the call.
const UNEXPLAINED_FAILURES: u32 = 3;

/// Pause before the first such repetition; each further one is twice as long.
const UNEXPLAINED_PAUSE: Duration = Duration::from_millis(500);

/// How often a call was refused so far.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    /// Refusals that the function's status does not explain.
    unexplained: u32,
    /// All refusals.
    looks: u32,
}

/// Sends a changing call. Waits and retries while the function is busy with something else.
pub(super) async fn change<A: Action + Sync>(
    session: &FunctionSession<'_>,
    action: &A,
) -> Result<A::Reply, ExecuteError> {
    change_if(session, action, async || Ok(())).await
}

/// Like [`change`], but checks `may` right before each attempt, as waiting for a busy function
/// takes time. Used for deletions.
pub(super) async fn change_if<A: Action + Sync>(
    session: &FunctionSession<'_>,
    action: &A,
    may: impl AsyncFn() -> Result<(), ExecuteError>,
) -> Result<A::Reply, ExecuteError> {
    let mut refusals = Refusals::default();
    loop {
        may().await?;
        session.check_interrupt()?;
        match session.send(action).await {
            Ok(reply) => return Ok(reply),
            Err(error) => await_turn(session, error, &mut refusals).await?,
        }
    }
}

/// Waits after a refusal until the function is no longer busy.
///
/// # Errors
/// Returns the refusal itself if waiting cannot help, and any error of the wait.
pub(super) async fn await_turn(
    session: &FunctionSession<'_>,
    error: ApiError,
    refusals: &mut Refusals,
) -> Result<(), ExecuteError> {
    let kind = error.kind();
    if !matches!(kind, Some(ErrorKind::Busy | ErrorKind::ActionFailed)) {
        return Err(error.into());
    }
    let latest = function::get(session, Version::Latest).await?;
    let status = Status::from(latest.status.as_str());
    // Whether `$LATEST` shows a publication is open; the version does.
    let publishing = if status == Status::Active && kind == Some(ErrorKind::ActionFailed) {
        versions::publishing(session).await?
    } else {
        None
    };
    if !status.is_transient() && publishing.is_none() {
        if status != Status::Active {
            // A failed status does not pass by itself, so the call would be refused forever.
            return Err(match kind {
                Some(ErrorKind::Busy) => function::failed(session, Version::Latest, &latest),
                _ => error.into(),
            });
        }
        if kind == Some(ErrorKind::ActionFailed) {
            refusals.unexplained += 1;
            if refusals.unexplained > UNEXPLAINED_FAILURES {
                return Err(error.into());
            }
        }
    }
    if session.out_of_time() {
        return Err(error.into());
    }
    session.record().waited = true;
    if refusals.looks == 0 {
        session.progress(Progress::Busy(&error));
    }
    if status.is_transient() {
        settle::settle(session, Version::Latest, false, AlsoRead::NONE).await?;
    } else if let Some(version) = publishing {
        settle::settle(session, version, true, AlsoRead::NONE).await?;
    } else if kind == Some(ErrorKind::ActionFailed) {
        session.pause(UNEXPLAINED_PAUSE * 2_u32.pow(refusals.unexplained - 1)).await?;
    } else {
        // Refused as busy although `Active`: the operation ended in between, or the status lags.
        session.pause(retry::backoff(refusals.looks)).await?;
    }
    refusals.looks += 1;
    Ok(())
}

/// Reports a lost response and pauses.
pub(super) async fn pause_before_repeating(
    session: &FunctionSession<'_>,
    error: &ApiError,
    after: Duration,
) -> Result<(), ExecuteError> {
    session.progress(Progress::Repeating { error, after });
    session.pause(after).await
}

/// What a look shows after a call whose response was lost, or whose refusal may be the echo of an
/// earlier attempt.
pub(super) enum Found<T> {
    /// The call was carried out.
    Done(T),
    /// Something else is there, so the error stands.
    Other,
    /// Nothing is there, so the call may be repeated.
    Absent,
    /// Like [`Self::Absent`], but the attempt does not count: an obstacle has been removed.
    Cleared,
}

/// How a call is known to have been carried out.
pub(super) enum Written<R, T> {
    /// It was answered.
    Answered(R),
    /// A look found its result.
    Found(T),
}

/// How often a call with lost responses is repeated, and with what pauses.
#[derive(Debug, Clone, Copy)]
pub(super) enum Again {
    /// Up to this many attempts in total. The look itself waits, so there is no other pause.
    UpTo(u32),
    /// As the retry policy says, with its pause before the look.
    PauseThenLook,
    /// As the retry policy says, with its pause after the look.
    LookThenPause,
}

/// Sends a call. If its response is lost, or if the refusal is of the kind that may be the `echo`
/// of an earlier attempt, looks whether it was carried out and repeats it if it was not.
///
/// `look` gets the error and the number of the attempt, from 1.
///
/// # Errors
/// Returns any other refusal, errors of the look, or the error itself if something else is found or
/// no attempts are left.
pub(super) async fn write_then_look<R, T>(
    session: &FunctionSession<'_>,
    echo: ErrorKind,
    again: Again,
    mut send: impl AsyncFnMut() -> Result<R, ExecuteError>,
    mut look: impl AsyncFnMut(&ApiError, u32) -> Result<Found<T>, ExecuteError>,
) -> Result<Written<R, T>, ExecuteError> {
    let mut attempt = 1;
    loop {
        let error = match send().await {
            Ok(reply) => return Ok(Written::Answered(reply)),
            Err(ExecuteError::Api(error)) => error,
            Err(error) => return Err(error),
        };
        let lost = error.perhaps_executed();
        if !lost && error.kind() != Some(echo) {
            return Err(error.into());
        }
        let pause = error.pause_before_repeating(attempt).filter(|_| lost);
        if let (Again::PauseThenLook, Some(after)) = (again, pause) {
            pause_before_repeating(session, &error, after).await?;
        }
        match look(&error, attempt).await? {
            Found::Done(found) => return Ok(Written::Found(found)),
            Found::Other => return Err(error.into()),
            Found::Cleared => continue,
            Found::Absent => {}
        }
        match (again, pause) {
            (Again::UpTo(tries), _) if attempt < tries && !session.out_of_time() => {}
            (Again::PauseThenLook, Some(_)) => {}
            (Again::LookThenPause, Some(after)) => {
                pause_before_repeating(session, &error, after).await?;
            }
            _ => return Err(error.into()),
        }
        attempt += 1;
    }
}
