//! Pauses between looks at what is not as it is to be yet.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::{Awaited, AwaitedStatus, ExecuteError, FunctionSession, Progress};
use crate::api::{ApiError, retry};

/// How much longer than a status something may take that turned out not to be needed. What is
/// broken off takes its connection along.
const GRACE: Duration = Duration::from_millis(100);

/// A pause between two looks at something that is not done yet.
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

/// The time is over before the work is.
pub(super) fn timed_out(
    session: &FunctionSession<'_>,
    what: Awaited,
    status: AwaitedStatus,
) -> ExecuteError {
    ExecuteError::TimedOut { what, status, timeout: session.client.timeout() }
}

/// Whether the end of the allowed time cut a look short, which says less than the look before it.
pub(super) fn is_cut_short(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Api(ApiError::TimedOut { .. }))
}

/// Breaks when something is so.
pub(super) fn until(is_so: bool) -> ControlFlow<()> {
    if is_so { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Work that a look has found under way.
#[derive(Debug)]
pub(super) struct Lasting {
    /// What is waited for.
    pub what: Awaited,
    pub status: AwaitedStatus,
}

/// Looks at work until it is over, which is what breaks: as often as is worth it for work of its
/// kind.
///
/// # Errors
/// What a look meets; or the time is over before the work is.
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

/// Looks until what is looked for is there, which is what breaks, with pauses that grow. Returns
/// the last look, which continues when `patience` or the whole time is over.
pub(super) async fn poll_until<T, L>(
    session: &FunctionSession<'_>,
    patience: Duration,
    look: impl AsyncFnMut() -> Result<ControlFlow<T, L>, ExecuteError>,
) -> Result<ControlFlow<T, L>, ExecuteError> {
    poll(session, patience, |_| None, look).await
}

/// As [`poll_until`], for something that was written and that reads do not show yet: the user is
/// told of `what`.
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
            // A look that is not answered any more would say less than the last one.
            return Ok(ControlFlow::Continue(last));
        }
        before = Some(last);
    }
}

/// Does both at once. When the first shows that the second is of no use, that one only gets as
/// much longer as it takes an answer that is on its way already.
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
