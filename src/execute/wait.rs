//! Polls until something is as it should be.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::{Awaited, AwaitedStatus, ExecuteError, FunctionSession, Progress};
use crate::api::{ApiError, retry};

/// How much longer than the status a concurrent read may take that turned out to be unnecessary.
/// Aborting it would close its connection.
const GRACE: Duration = Duration::from_millis(100);

/// Reports progress and pauses before another poll.
pub(super) async fn look_again(
    session: &FunctionSession<'_>,
    what: Awaited,
    status: AwaitedStatus,
    pause: Duration,
) -> Result<(), ExecuteError> {
    session.progress(Progress::Waiting { what: what.clone(), status: status.clone() });
    session.pause(pause).await?;
    if session.out_of_time() {
        return Err(timed_out(session, what, status));
    }
    Ok(())
}

/// Returns the error for a wait that reached the overall time limit.
pub(super) fn timed_out(
    session: &FunctionSession<'_>,
    what: Awaited,
    status: AwaitedStatus,
) -> ExecuteError {
    ExecuteError::TimedOut { what, status, timeout: session.client.timeout() }
}

/// Returns whether the time limit cut a poll short, which then says less than the one before.
pub(super) fn is_cut_short(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Api(ApiError::TimedOut { .. }))
}

/// Breaks if the condition holds.
pub(super) fn until(is_so: bool) -> ControlFlow<()> {
    if is_so { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// An operation that a poll found in progress.
#[derive(Debug)]
pub(super) struct Lasting {
    /// What is waited for.
    pub what: Awaited,
    pub status: AwaitedStatus,
}

/// Polls until an operation is done, which `look` reports by breaking. Polls as often as pays off
/// for operations of its kind.
///
/// # Errors
/// Fails if a poll fails, or if the time limit is reached first.
pub(super) async fn await_work<T>(
    session: &FunctionSession<'_>,
    mut look: impl AsyncFnMut() -> Result<ControlFlow<T, Lasting>, ExecuteError>,
) -> Result<T, ExecuteError> {
    let mut wait = session.wait();
    let mut last = None;
    loop {
        let asked = session.now();
        let Lasting { what, status } = match (look().await, last) {
            (Ok(ControlFlow::Break(over)), _) => return Ok(over),
            (Ok(ControlFlow::Continue(lasting)), _) => lasting,
            (Err(error), Some((what, status))) if is_cut_short(&error) => {
                return Err(timed_out(session, what, status));
            }
            (Err(error), _) => return Err(error),
        };
        last = Some((what.clone(), status.clone()));
        let pause = wait.goes_on(asked, session.now());
        look_again(session, what, status, pause).await?;
    }
}

/// Polls with growing pauses until `look` breaks. Returns the last poll, which continues if
/// `patience` or the overall time is over.
pub(super) async fn poll_until<T, L>(
    session: &FunctionSession<'_>,
    patience: Duration,
    look: impl AsyncFnMut() -> Result<ControlFlow<T, L>, ExecuteError>,
) -> Result<ControlFlow<T, L>, ExecuteError> {
    poll(session, patience, |_| None, look).await
}

/// Like [`poll_until`], for something that was written but is not shown by reads yet. Reports
/// `what` as progress.
pub(super) async fn poll_until_shown<T, L>(
    session: &FunctionSession<'_>,
    patience: Duration,
    what: impl Fn(&L) -> Awaited,
    look: impl AsyncFnMut() -> Result<ControlFlow<T, L>, ExecuteError>,
) -> Result<ControlFlow<T, L>, ExecuteError> {
    poll(session, patience, |last| Some(what(last)), look).await
}

async fn poll<T, L>(
    session: &FunctionSession<'_>,
    patience: Duration,
    what: impl Fn(&L) -> Option<Awaited>,
    mut look: impl AsyncFnMut() -> Result<ControlFlow<T, L>, ExecuteError>,
) -> Result<ControlFlow<T, L>, ExecuteError> {
    let (started, mut looks) = (session.now(), 0);
    let mut before = None;
    loop {
        let last = match (look().await, before) {
            (Ok(ControlFlow::Continue(last)), _) => last,
            (Err(error), Some(last)) if is_cut_short(&error) => {
                return Ok(ControlFlow::Continue(last));
            }
            (over, _) => return over,
        };
        if session.since(started) >= patience {
            return Ok(ControlFlow::Continue(last));
        }
        if let Some(what) = what(&last) {
            session.progress(Progress::Waiting { what, status: AwaitedStatus::NotAsWritten });
        }
        session.pause(retry::backoff(looks)).await?;
        looks += 1;
        if session.out_of_time() {
            // A poll without a response would say less than the last one.
            return Ok(ControlFlow::Continue(last));
        }
        before = Some(last);
    }
}

/// Runs both concurrently. Once the first shows that the second is of no use, the second only gets
/// as much time as a response that is already on its way.
pub(super) async fn together<T, U>(
    session: &FunctionSession<'_>,
    first: impl Future<Output = T>,
    second: impl Future<Output = U>,
    is_of_use: impl FnOnce(&T) -> bool,
) -> (T, Option<U>) {
    match select(pin!(first), pin!(second)).await {
        Either::Left((first, second)) if is_of_use(&first) => (first, Some(second.await)),
        Either::Left((first, second)) => (first, session.within(GRACE, second).await),
        Either::Right((second, first)) => (first.await, Some(second)),
    }
}
