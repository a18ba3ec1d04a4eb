//! Sends `PublishVersion` so that one intent makes one version.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::api::actions::{PublishVersion, PublishVersionReply};
use crate::api::retry::ErrorKind;
use crate::api::{ApiError, FieldProblem};
use crate::execute::code::{self, ReportedCode};
use crate::execute::write::{self, Refusals};
use crate::execute::{
    APPEARANCE, AlsoRead, ExecuteError, FunctionSession, Progress, settle, versions, wait,
};
use crate::model::{PublishedVersion, Version};
use crate::plan::publish::PublishKey;

/// Attempts after responses that were lost without a version appearing.
const LOST_TRIES: u32 = 3;

/// Publishes the version. Before any repetition, whatever its reason, the version is looked for:
/// this run or another one with the same id may have made it.
///
/// That is why this does not use [`write::write_then_look`], which looks only after lost responses
/// and their echoes: here every refusal is followed by a look at the versions and the code.
pub(super) async fn publish_once(
    session: &FunctionSession<'_>,
    key: &PublishKey,
    told: &ReportedCode,
    spent: &[Version],
    description: &str,
) -> Result<(Version, bool), ExecuteError> {
    let action =
        PublishVersion { function: session.function_ref(), description: key.describe(description) };
    let (mut attempt, mut lost, mut refusals) = (1, 0, Refusals::default());
    loop {
        session.check_interrupt()?;
        let error = match send(session, &action).await {
            Ok(version) => return Ok((version, false)),
            Err(error) => error,
        };
        let perhaps = error.perhaps_executed();
        // A refusal as "in use" may be the echo of an earlier attempt whose response was lost.
        let echo = lost > 0 && error.kind() == Some(ErrorKind::InUse);
        let mut patience = Duration::ZERO;
        let mut unheard = None;
        if perhaps || echo {
            // The look takes time, so there is no other pause.
            session.progress(Progress::LooksForVersion { error: &error });
            patience = APPEARANCE;
            lost += 1;
            unheard = Some(error);
        } else if let Some(after) = error.pause_before_repeating(attempt) {
            write::pause_before_repeating(session, &error, after).await?;
            attempt += 1;
        } else {
            // Either there is something to wait for, or the refusal is final.
            write::await_turn(session, error, &mut refusals).await?;
        }
        if let Some(version) = find_published(session, key, spent, patience).await? {
            session.progress(if lost > 0 {
                Progress::AdoptedAfterLostAnswer(version)
            } else {
                Progress::Adopted { version, last: None }
            });
            return Ok((version, true));
        }
        if let Some(error) = unheard
            && (lost >= LOST_TRIES || echo || session.out_of_time())
        {
            return Err(error.into());
        }
        check_code(session, told).await?;
    }
}

/// Sends the call, and records that a version was, or may have been, published.
async fn send(session: &FunctionSession<'_>, action: &PublishVersion) -> Result<Version, ApiError> {
    let sent = session.send(action).await;
    if sent.as_ref().err().is_none_or(ApiError::perhaps_executed) {
        session.record().published = true;
    }
    let PublishVersionReply { function_version } = sent?;
    function_version.parse().map_err(|_| ApiError::Reply {
        action: "PublishVersion",
        field: "FunctionVersion".to_owned(),
        reason: FieldProblem::Version(function_version),
        request_id: String::new(),
    })
}

/// Checks before another attempt that the code is still what this run means to publish: otherwise
/// unreviewed code would get its traffic. Without a digest from the service there is nothing to
/// compare.
async fn check_code(
    session: &FunctionSession<'_>,
    told: &ReportedCode,
) -> Result<(), ExecuteError> {
    match code::told(session, told).await? {
        ReportedCode::Nothing => Ok(()),
        now if now == *told => Ok(()),
        ReportedCode::Package(_) | ReportedCode::Image(_) => {
            Err(ExecuteError::CodeChanged(session.function.name.clone()))
        }
    }
}

/// Looks for the version with a key for as long as it may take to appear.
///
/// `spent` are versions of earlier attempts that cannot be used.
async fn find_published(
    session: &FunctionSession<'_>,
    key: &PublishKey,
    spent: &[Version],
    patience: Duration,
) -> Result<Option<Version>, ExecuteError> {
    settle::settle(session, Version::Latest, false, AlsoRead::NONE).await?;
    let found = wait::poll_until(session, patience, async || {
        let (servable, others): (Vec<_>, Vec<_>) = versions::list_surely(session)
            .await?
            .into_iter()
            .filter(|one| !spent.contains(&one.version))
            .partition(PublishedVersion::can_serve);
        let found = key.find(&servable).or_else(|| key.find(&others));
        Ok(found.map_or(ControlFlow::Continue(()), |found| ControlFlow::Break(found.version)))
    });
    Ok(found.await?.break_value())
}
