//! Creating a function, and deleting one whose creation failed.

use std::ops::ControlFlow;

use crate::api::ApiError;
use crate::api::actions::{CreateFunction, DeleteFunction, Tag};
use crate::api::retry::{self, ErrorKind};
use crate::execute::code::{self, code};
use crate::execute::wait::{self, Lasting};
use crate::execute::write::{Again, Found, write_then_look};
use crate::execute::{
    APPEARANCE, AlsoRead, Awaited, AwaitedStatus, ExecuteError, FunctionSession, function, settle,
    wire,
};
use crate::model::{CodeSource, SettingsCall, Status, Version};
use crate::package::Package;
use crate::plan::Creation;

/// Tries at creating a function whose answer was lost, the first included.
const CREATE_TRIES: u32 = 3;

/// Tries at deleting a function whose creation failed.
const DELETE_TRIES: u32 = 3;

/// Creates the function. After a lost answer it looks before it tries again.
pub(super) async fn create(
    session: &FunctionSession<'_>,
    creation: &Creation,
    source: &CodeSource,
    package: Option<&Package>,
) -> Result<(), ExecuteError> {
    let code = code(source, package)?;
    let Creation { spec, tags } = creation;
    let action = CreateFunction {
        function: session.function_ref(),
        code,
        tags: tags
            .iter()
            .map(|(key, value)| Tag { key: key.clone(), value: value.clone() })
            .collect(),
        handler: spec.handler.clone(),
        runtime: spec.runtime.clone(),
        kind: spec.kind().wire(),
        protocol_type: spec.protocol.clone(),
        settings: wire::settings(&spec.configuration, SettingsCall::Create),
    };
    let look = async |error: &ApiError, attempt| {
        if error.kind() == Some(ErrorKind::InUse) && attempt == 1 {
            // Absent a moment ago: a deployment that runs at the same time made it.
            return Err(ExecuteError::CreatedElsewhere(session.function.name.clone()));
        }
        if appeared(session).await? {
            return created_by_us(session, source).await.map(Found::Done);
        }
        Ok(Found::Absent)
    };
    let send = async || {
        session.check_interrupt()?;
        Ok(session.send(&action).await?)
    };
    let again = Again::UpTo(CREATE_TRIES);
    write_then_look(session, ErrorKind::InUse, again, send, look).await?;
    Ok(())
}

/// Whether the function is there now, given a moment to appear.
async fn appeared(session: &FunctionSession<'_>) -> Result<bool, ExecuteError> {
    let shown = wait::poll_until(session, APPEARANCE, async || {
        Ok(wait::until(function::find(session).await?.is_some()))
    });
    Ok(shown.await?.is_break())
}

/// After a lost answer: the function is ours when it carries our code, or when the
/// service does not tell.
async fn created_by_us(
    session: &FunctionSession<'_>,
    source: &CodeSource,
) -> Result<(), ExecuteError> {
    let latest = settle::settle(session, Version::Latest, true, AlsoRead::NONE).await?.reply;
    let ours = match source {
        CodeSource::Package { sha256, .. } => {
            let told = code::sha256(session, Version::Latest).await?;
            told.is_none_or(|digest| digest.eq_ignore_ascii_case(sha256))
        }
        CodeSource::Object(_) => true,
        CodeSource::Image(image) => {
            wire::image(&latest).is_some_and(|held| image.is_held_by(&held))
        }
    };
    if ours {
        return Ok(());
    }
    Err(ExecuteError::CreatedElsewhere(session.function.name.clone()))
}

/// Deletes the function whose creation failed.
///
/// Deleting takes every version along, so right before each try the function is looked
/// at: someone else may have created it anew since the plan was made. That is why this is not
/// [`write_then_look`](crate::execute::write::write_then_look), which sends first.
pub(super) async fn delete_failed(session: &FunctionSession<'_>) -> Result<(), ExecuteError> {
    let mut tries = 0;
    loop {
        match function::find(session).await? {
            Some(reply) if Status::from(reply.status.as_str()) == Status::CreateFailed => {}
            _ => return await_gone(session).await,
        }
        session.check_interrupt()?;
        let Err(error) = session.send(&DeleteFunction { function: session.function_ref() }).await
        else {
            return await_gone(session).await;
        };
        let busy = matches!(error.kind(), Some(ErrorKind::Busy | ErrorKind::ActionFailed));
        let missing = error.kind() == Some(ErrorKind::NotFound);
        tries += 1;
        if tries > DELETE_TRIES || !(busy || missing || error.perhaps_executed()) {
            return Err(error.into());
        }
        session.pause(retry::backoff(tries)).await?;
    }
}

/// Waits until the function is gone.
async fn await_gone(session: &FunctionSession<'_>) -> Result<(), ExecuteError> {
    wait::await_work(session, async || {
        let Some(reply) = function::find(session).await? else {
            return Ok(ControlFlow::Break(()));
        };
        match Status::from(reply.status.as_str()) {
            Status::Deleting | Status::CreateFailed => {}
            Status::DeleteFailed => return Err(function::failed(session, Version::Latest, &reply)),
            _ => return Err(ExecuteError::CreatedElsewhere(session.function.name.clone())),
        }
        let what = Awaited::Deletion(session.function.name.clone());
        let status = AwaitedStatus::Service(reply.status);
        Ok(ControlFlow::Continue(Lasting { what, status }))
    })
    .await
}
