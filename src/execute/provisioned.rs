//! Provisioned instances, which are kept warm.

use std::ops::ControlFlow;

use super::wait::{self, Lasting};
use super::{Awaited, AwaitedStatus, ExecuteError, FunctionSession, ProvisionProblem};
use crate::api::actions::{
    DeleteProvisionedConcurrencyConfig, GetProvisionedConcurrencyConfig,
    PutProvisionedConcurrencyConfig, VersionProvisioned,
};
use crate::model::Version;
use crate::plan::Provisioned;

/// Refusal while another change of provisioned instances is in progress.
pub(super) const IN_PROGRESS: &str = "FailedOperation.ProvisionedInProgress";

/// Returns the provisioned instances of all versions if `wanted`, or else nothing.
pub(super) async fn observe(
    session: &FunctionSession<'_>,
    wanted: bool,
) -> Result<Vec<Provisioned>, ExecuteError> {
    if !wanted {
        return Ok(Vec::new());
    }
    Ok(list(session).await?.iter().filter_map(observed).collect())
}

pub(super) async fn list(
    session: &FunctionSession<'_>,
) -> Result<Vec<VersionProvisioned>, ExecuteError> {
    let action = GetProvisionedConcurrencyConfig { function: session.function_ref() };
    Ok(session.read(&action).await?.allocated.unwrap_or_default())
}

async fn of(
    session: &FunctionSession<'_>,
    version: Version,
) -> Result<Option<VersionProvisioned>, ExecuteError> {
    let name = version.to_string();
    Ok(list(session).await?.into_iter().find(|held| held.qualifier == name))
}

/// Sets the number of provisioned instances of a version and waits until they are warm.
///
/// Scheduled changes of a version that this run did not publish are kept.
///
/// # Errors
/// Fails if the service refuses or fails, or on timeout.
pub(super) async fn provision(
    session: &FunctionSession<'_>,
    version: Version,
    is_new: bool,
    count: u64,
) -> Result<(), ExecuteError> {
    let held = if is_new || count == 0 { None } else { of(session, version).await? };
    let schedule = held.and_then(|held| held.trigger_actions).unwrap_or_default();
    let trigger_actions: Vec<_> = schedule.into_iter().map(without_nulls).collect();
    loop {
        session.check_interrupt()?;
        let qualifier = version.to_string();
        let sent = if count == 0 {
            let action =
                DeleteProvisionedConcurrencyConfig { function: session.function_ref(), qualifier };
            session.send(&action).await
        } else {
            let action = PutProvisionedConcurrencyConfig {
                function: session.function_ref(),
                qualifier,
                version_provisioned_concurrency_num: count,
                trigger_actions: trigger_actions.clone(),
            };
            session.send(&action).await
        };
        match sent {
            Ok(_) => break,
            // In progress from an earlier attempt or by someone else.
            Err(error) if error.code() == Some(IN_PROGRESS) => {
                let held = settled(session, version, count).await?;
                if held.as_ref().map_or(0, VersionProvisioned::asked) == count {
                    break;
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    let failed = |problem| ExecuteError::Provision { version, count, problem };
    match settled(session, version, count).await? {
        None if count == 0 => Ok(()),
        None => Err(failed(ProvisionProblem::None)),
        Some(held) if held.status == "Failed" => {
            let reason = held.status_reason.filter(|reason| !reason.is_empty());
            Err(failed(ProvisionProblem::Failed(reason)))
        }
        Some(held) if held.asked() == count => Ok(()),
        Some(held) => Err(failed(ProvisionProblem::Other(held.asked()))),
    }
}

/// Waits while a change of a version's instances is in progress.
async fn settled(
    session: &FunctionSession<'_>,
    version: Version,
    count: u64,
) -> Result<Option<VersionProvisioned>, ExecuteError> {
    wait::await_work(session, async || {
        let held = match of(session, version).await? {
            Some(held) if !held.is_settled() && held.status != "Failed" => held,
            settled => return Ok(ControlFlow::Break(settled)),
        };
        let what = Awaited::Provisioned { version, count };
        let status = AwaitedStatus::Warm {
            warm: held.available_provisioned_concurrency_num,
            asked: held.asked(),
            status: held.status,
        };
        Ok(ControlFlow::Continue(Lasting { what, status }))
    })
    .await
}

impl VersionProvisioned {
    fn asked(&self) -> u64 {
        self.allocated_provisioned_concurrency_num
    }

    /// Settled when all requested instances are warm, as in the real component.
    fn is_settled(&self) -> bool {
        self.status == "Done" && self.asked() == self.available_provisioned_concurrency_num
    }
}

fn observed(held: &VersionProvisioned) -> Option<Provisioned> {
    Some(Provisioned {
        version: held.qualifier.parse().ok()?,
        count: held.asked(),
        settled: held.is_settled(),
    })
}

/// Like [`observed`], but a number with a scheduled change counts as changing.
pub(super) fn in_use(held: &VersionProvisioned) -> Option<Provisioned> {
    let scheduled = held.trigger_actions.as_ref().is_some_and(|actions| !actions.is_empty());
    observed(held).map(|seen| Provisioned { settled: seen.settled && !scheduled, ..seen })
}

/// Replies contain nulls that requests must not.
fn without_nulls(mut action: serde_json::Value) -> serde_json::Value {
    if let Some(members) = action.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    action
}
