//! Provisioned instances (预置并发), which are kept warm.

use super::alias::check_published;
use super::error::DeployPlanError;
use super::note::Note;
use super::observed::{Observed, Provisioned};
use super::step::Step;
use super::target::Target;
use crate::model::WantedProvision;

/// A change of provisioned instances.
#[derive(Default)]
pub(super) struct ProvisionChange {
    /// An increase: comes before requests are sent to the version, so that they find it warm.
    pub before_routing: Option<Step>,
    /// A decrease: comes after, so that requests never meet fewer instances than they need.
    pub after_routing: Option<Step>,
}

/// Decides what to change. Provisioned instances of other versions are kept and noted.
///
/// # Errors
/// Fails when the version is not published.
pub(super) fn plan(
    observed: &Observed,
    wanted: Option<WantedProvision>,
    last: Option<Target>,
    notes: &mut Vec<Note>,
) -> Result<ProvisionChange, DeployPlanError> {
    let Some(WantedProvision { count, version }) = wanted else {
        return Ok(ProvisionChange::default());
    };
    if let Some(version) = version {
        check_published(&[version], &observed.versions).map_err(DeployPlanError::Alias)?;
    }
    let Some(target) = version.map(Target::Existing).or(last) else {
        if count > 0 {
            notes.push(Note::NothingToProvision);
        }
        return Ok(ProvisionChange::default());
    };
    let is_target = |held: &Provisioned| Target::Existing(held.version) == target;
    let others: Vec<Provisioned> = observed
        .provisioned
        .iter()
        .filter(|held| held.count > 0 && !is_target(held))
        .cloned()
        .collect();
    if !others.is_empty() {
        notes.push(Note::StillProvisioned(others));
    }
    let held = observed.provisioned.iter().find(|held| is_target(held));
    let from = held.map_or(0, |held| held.count);
    let settled = held.is_none_or(|held| held.settled);
    if from == count && settled {
        return Ok(ProvisionChange::default());
    }
    let step = Step::Provision { target, from, to: count };
    Ok(if count < from {
        ProvisionChange { before_routing: None, after_routing: Some(step) }
    } else {
        ProvisionChange { before_routing: Some(step), after_routing: None }
    })
}
