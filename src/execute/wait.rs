//! Pauses between looks at what is not as it is to be yet.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::{Awaited, AwaitedStatus, ExecuteError, FunctionSession, Progress};
use crate::api::retry;

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
        let timeout = session.client.timeout();
        return Err(ExecuteError::TimedOut { what, status, timeout });
    }
    Ok(())
}

/// A pause before something is read again that is not shown as it was written; grows with
/// the number of looks. Says whether there is time for another.
pub(super) async fn lags(
    session: &FunctionSession<'_>,
    what: Awaited,
    looks: &mut u32,
) -> Result<bool, ExecuteError> {
    session.progress(Progress::Waiting { what, status: AwaitedStatus::NotAsWritten });
    session.pause(retry::backoff(*looks)).await?;
    *looks += 1;
    Ok(!session.out_of_time())
}

/// Does both at once. When the first shows that the second is of no use, that one only gets as
/// much longer as it takes an answer that is on its way already.
pub(super) async fn together<T, U>(
    first: impl Future<Output = T>,
    second: impl Future<Output = U>,
    is_of_use: impl FnOnce(&T) -> bool,
) -> (T, Option<U>) {
    match select(pin!(first), pin!(second)).await {
        Either::Left((first, second)) if is_of_use(&first) => (first, Some(second.await)),
        Either::Left((first, second)) => (first, tokio::time::timeout(GRACE, second).await.ok()),
        Either::Right((second, first)) => (first.await, Some(second)),
    }
}
