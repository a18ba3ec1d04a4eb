//! Creating a function.

use crate::api::ApiError;
use crate::api::actions::{CreateFunction, Tag};
use crate::api::retry::ErrorKind;
use crate::execute::code::{self, code};
use crate::execute::wait;
use crate::execute::write::{Again, Found, write_then_look};
use crate::execute::{APPEARANCE, AlsoRead, ExecuteError, FunctionSession, function, settle, wire};
use crate::model::{CodeSource, SettingsCall, Version};
use crate::package::Package;
use crate::plan::Creation;

/// Tries at creating a function whose answer was lost, the first included.
const CREATE_TRIES: u32 = 3;

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
