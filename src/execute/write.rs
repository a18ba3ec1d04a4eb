//! Sending what changes something.

use std::time::Duration;

use super::{AlsoRead, ExecuteError, FunctionSession, Progress, function, settle, versions};
use crate::api::ApiError;
use crate::api::actions::Action;
use crate::api::retry::{self, ErrorKind};
use crate::model::{Status, Version};

/// Repetitions of a call that failed without a reason while the function was not busy: its status
/// may lag behind what refuses the call.
const UNEXPLAINED_FAILURES: u32 = 3;

/// The pause before the first such repetition; each further one is twice as long.
const UNEXPLAINED_PAUSE: Duration = Duration::from_millis(500);

/// How often a call was refused so far.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    /// Without a reason that the function's status would tell.
    unexplained: u32,
    /// Altogether.
    looks: u32,
}

/// A call that changes the function. While the function is busy with something else, it
/// waits for that to end and goes on.
pub(super) async fn change<A: Action + Sync>(
    session: &FunctionSession<'_>,
    action: &A,
) -> Result<A::Reply, ExecuteError> {
    change_if(session, action, async || Ok(())).await
}

/// The same for a call that deletes: whether it `may` be sent is asked right before each try, as
/// waiting for a busy function took its time.
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

/// After a refusal because the function is busy: waits until it is not.
///
/// # Errors
/// The refusal itself when waiting cannot help, and what the waiting itself meets.
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
            // A failed status does not pass by itself, so the call would be refused for
            // ever.
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
        // Refused as busy, and yet `Active`: it ended in between, or the status lags.
        session.pause(retry::backoff(refusals.looks)).await?;
    }
    refusals.looks += 1;
    Ok(())
}

/// The pause after an answer was lost, which is said.
pub(super) async fn pause_before_repeating(
    session: &FunctionSession<'_>,
    error: &ApiError,
    after: Duration,
) -> Result<(), ExecuteError> {
    session.progress(Progress::Repeating { error, after });
    session.pause(after).await
}

/// What a look shows after a call whose answer was lost, or whose refusal may be the echo of an
/// earlier try.
pub(super) enum Found<T> {
    /// What the call was to bring about.
    Done(T),
    /// Not what the call was to bring about: the error stands.
    Other,
    /// Nothing, so that the call may be sent again.
    Absent,
    /// As [`Self::Absent`], and that try does not count: what was in its way has been removed.
    Cleared,
}

/// How a call came to be carried out.
pub(super) enum Written<R, T> {
    /// The answer came.
    Answered(R),
    /// It was found to be.
    Found(T),
}

/// How often a call is sent whose answers are lost, and with what pauses.
#[derive(Debug, Clone, Copy)]
pub(super) enum Again {
    /// So many times in all. The look waits for what is to appear, so there is no other pause.
    UpTo(u32),
    /// As the retry policy says, with its pause before the look.
    PauseThenLook,
    /// As the retry policy says, with its pause after the look.
    LookThenPause,
}

/// Sends a call. When its answer is lost, or the refusal is of the kind that may be the `echo`
/// of an earlier try, looks whether it was carried out, and sends it again where it was not.
///
/// `look` is given the error and the number of the try that met it, from 1.
///
/// # Errors
/// Any other refusal; what the look meets; or the error itself, when something else is found or
/// it was sent often enough.
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
