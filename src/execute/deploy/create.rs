//! Creates functions.

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

/// Attempts at a creation whose response is lost, including the first.
const CREATE_TRIES: u32 = 3;

/// Creates the function. After a lost response it looks before it retries.
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
            // It did not exist a moment ago, so a concurrent deployment created it.
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

/// Returns whether the function exists, waiting a moment for it to appear.
async fn appeared(session: &FunctionSession<'_>) -> Result<bool, ExecuteError> {
    let shown = wait::poll_until(session, APPEARANCE, async || {
        Ok(wait::until(function::find(session).await?.is_some()))
    });
    Ok(shown.await?.is_break())
}

/// Accepts a function found after a lost response as ours if it has our code, or if the service
/// does not report its code.
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
