//! Deletes a function with everything in it.

use std::ops::ControlFlow;
use std::time::Duration;

use super::wait::{self, Lasting};
use super::{
    APPEARANCE, AlsoRead, Awaited, AwaitedStatus, ExecuteError, FunctionSession, function,
    provisioned, settle,
};
use crate::api::actions::DeleteFunction;
use crate::api::retry::{self, ErrorKind};
use crate::model::{Status, Version};

/// Attempts at a deletion whose response is lost or that is refused.
const TRIES: u32 = 4;

/// Pause while instances are being provisioned or released, which the service waits for.
const PROVISIONING_PAUSE: Duration = Duration::from_secs(1);

/// Which function may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doomed {
    /// Any function of this name.
    Any,
    /// Only one whose creation failed. Any other was created by someone else meanwhile and stays.
    CreateFailed,
}

impl Doomed {
    fn is(self, status: Status) -> bool {
        self == Self::Any || status == Status::CreateFailed
    }
}

/// Deletes the function and waits until it is gone. A function that is already gone is no error.
///
/// A deletion takes every version with it. So right before each attempt the function is read, and
/// nothing is sent if it is gone, busy, or not the one to delete; `is_there` then checks again that
/// it may be deleted, as waiting took time. That is why this does not use
/// [`write_then_look`](super::write::write_then_look), which sends first.
///
/// # Errors
/// Fails if the service refuses, if the function still exists or another one does, or on timeout.
pub(super) async fn delete(
    session: &FunctionSession<'_>,
    doomed: Doomed,
    is_there: impl AsyncFn() -> Result<bool, ExecuteError>,
) -> Result<(), ExecuteError> {
    let mut tries = 0;
    loop {
        let Some(found) = function::find(session).await? else { return Ok(()) };
        match Status::from(found.status.as_str()) {
            status if status == Status::Deleting || !doomed.is(status) => {
                return await_gone(session, doomed).await;
            }
            status if status.is_transient() => {
                settle::settle(session, Version::Latest, false, AlsoRead::NONE).await?;
            }
            _ => {}
        }
        if !is_there().await? {
            return await_gone(session, doomed).await;
        }
        session.check_interrupt()?;
        let Err(error) = session.send(&DeleteFunction { function: session.function_ref() }).await
        else {
            return await_gone(session, doomed).await;
        };
        if error.code() == Some(provisioned::IN_PROGRESS) && !session.out_of_time() {
            session.pause(PROVISIONING_PAUSE).await?;
            continue;
        }
        let kind = error.kind();
        let busy = matches!(kind, Some(ErrorKind::Busy | ErrorKind::ActionFailed));
        let missing = kind == Some(ErrorKind::NotFound);
        tries += 1;
        if tries >= TRIES || !(busy || missing || error.perhaps_executed()) {
            return Err(error.into());
        }
        session.pause(retry::backoff(tries)).await?;
    }
}

/// Waits until the function is gone. Its status may lag for a moment.
pub(super) async fn await_gone(
    session: &FunctionSession<'_>,
    doomed: Doomed,
) -> Result<(), ExecuteError> {
    let started = session.now();
    wait::await_work(session, async || {
        let Some(found) = function::find(session).await? else {
            return Ok(ControlFlow::Break(()));
        };
        match Status::from(found.status.as_str()) {
            Status::Deleting => {}
            Status::DeleteFailed => return Err(function::failed(session, Version::Latest, &found)),
            status if !doomed.is(status) => {
                return Err(ExecuteError::CreatedElsewhere(session.function.name.clone()));
            }
            _ if session.since(started) < APPEARANCE => {}
            _ => return Err(ExecuteError::FunctionStillThere(session.function.name.clone())),
        }
        let what = Awaited::Deletion(session.function.name.clone());
        let status = AwaitedStatus::Service(found.status);
        Ok(ControlFlow::Continue(Lasting { what, status }))
    })
    .await
}
