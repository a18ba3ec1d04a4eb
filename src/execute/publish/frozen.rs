//! Checks what a published version has frozen.

use crate::execute::settle::{self, Settled};
use crate::execute::{AliasGuard, AlsoRead, ExecuteError, FunctionSession, code, function, wire};
use crate::model::{Configuration, Status, Version};
use crate::plan::ObservedFunction;
use crate::plan::drift::drift;

/// Waits until a version that was just published is `Active`, and `$LATEST` is so again.
pub(super) async fn await_published(
    session: &FunctionSession<'_>,
    version: Version,
    meant: &ObservedFunction,
    written: &Configuration,
    watched: Option<&AliasGuard>,
) -> Result<Settled, ExecuteError> {
    // Whether `$LATEST` shows `Publishing` meanwhile is open, so it is waited for, too; first,
    // because until then the new version may not be found.
    let latest = settle::settle(session, Version::Latest, false, AlsoRead::NONE).await?.reply;
    let beside = AlsoRead { alias: watched, code: meant.code_sha256.is_some() };
    let active = settle::await_active(session, version, true, beside).await?;
    if Status::from(latest.status.as_str()) != Status::Active {
        return Err(function::failed(session, Version::Latest, &latest));
    }
    let code = match &active.code {
        // It may have been read right before the operation ended.
        None => settled_digest(session, version, meant).await?,
        told => told.clone(),
    };
    let frozen = wire::observed_function(&active.reply, code);
    check_frozen(session, version, &frozen, meant, written).await?;
    Ok(active)
}

/// Returns the digest of a settled version's code, if there is one to compare with.
async fn settled_digest(
    session: &FunctionSession<'_>,
    version: Version,
    meant: &ObservedFunction,
) -> Result<Option<String>, ExecuteError> {
    if meant.code_sha256.is_none() {
        return Ok(None);
    }
    code::settled(session, version).await
}

/// Checks that a version froze what this run meant: someone else may have deployed right before the
/// publication, and unreviewed content must not get traffic.
///
/// The service may report a version in another form than `$LATEST`. If `$LATEST` is unchanged,
/// nobody has deployed.
async fn check_frozen(
    session: &FunctionSession<'_>,
    version: Version,
    frozen: &ObservedFunction,
    meant: &ObservedFunction,
    written: &Configuration,
) -> Result<(), ExecuteError> {
    if drift(meant, frozen, written).is_none() {
        return Ok(());
    }
    let (latest, code) = tokio::join!(
        function::get(session, Version::Latest),
        settled_digest(session, Version::Latest, meant)
    );
    if drift(meant, &wire::observed_function(&latest?, code?), written).is_none() {
        return Ok(());
    }
    Err(ExecuteError::FrozeOther { function: session.function.name.clone(), version })
}
