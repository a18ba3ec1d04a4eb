//! What `--dry-run` shows of a write of a rollout.

use super::place::RolloutContext;
use super::{notify, reported};
use crate::app::{Done, dry_run};
use crate::model::Alias;
use crate::plan::rollout::machine::Write;
use crate::plan::{self, Step};
use crate::report::Report;
use crate::report::plan::{Plan, PlanFacts, RoutingChange};

/// What `--dry-run` shows of a write, and of the publication before it.
pub(super) fn planned(
    place: &RolloutContext<'_>,
    alias: &Alias,
    write: &Write,
    publishes: bool,
) -> Done {
    let description = Some(write.description.as_str());
    let publishes = publishes.then(|| Step::Publish { description: String::new() });
    let writes = plan::alias::step(&place.alias, Some(alias), &write.routing, description);
    let steps: Vec<Step> = publishes.into_iter().chain(writes).collect();
    if let Some(rollout) = &write.rollout {
        let (function, now) = (&place.function, place.context.clock.now());
        let left = (rollout, write.transition, write.is_remembered());
        let of = (function, &*place.alias, place.project.as_deref());
        let told = notify::of_transition(of, left, now);
        if let Some(told) = told {
            place.announcer.would_tell(&told.headline, Some(&told.text));
        }
    }
    let change = RoutingChange::of(Some(&alias.routing), Some(&write.routing));
    Done::shown(Report::Plan(Plan {
        key: None,
        function: (&place.function).into(),
        alias_name: Some(place.alias.clone()),
        last_version: None,
        dry_run: dry_run(&steps, Some(change)),
        rollout: write.rollout.as_ref().map(reported::of_rollout),
        told: PlanFacts::default(),
    }))
}
