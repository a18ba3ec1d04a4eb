//! Carries out deployments.

mod content;
mod create;
mod digest;
mod noted;
mod observe;
mod route;
mod run;
mod step;

use super::triggers::{self, DeletedEarly, ShownTrigger};
use super::{
    AliasState, ExecuteError, FunctionSession, Halted, PublishRequest, Published, alias, function,
    publish,
};
use crate::api::actions::GetFunctionReply;
use crate::model::trigger::WantedTriggers;
use crate::model::{Alias, CodeSource, DEFAULT_ALIAS, PublishedVersion, Version, last_published};
use crate::package::Package;
use crate::plan::deploy::DeployPlan;
use crate::plan::{Step, TriggerStep};
use digest::{is_digest, known_code};
pub use observe::{Extra, Observation, disown_unmeant, observe};
use run::{Remaining, StepsUnderWay};

/// Result of a deployment.
#[derive(Debug, Clone)]
pub struct DeployOutcome {
    /// `$LATEST` after the last step.
    pub latest: GetFunctionReply,
    /// The alias `$DEFAULT`, as last read.
    pub default_alias: Alias,
    /// The custom alias that was routed, as last read.
    pub alias: Option<Alias>,
    /// The version that this run published or adopted, or else the last published one.
    pub last_version: Option<Version>,
    /// The version that this run published or adopted.
    pub published: Option<PublishedVersion>,
    /// Whether that version was adopted.
    pub adopted: bool,
    /// The file's triggers as the service reports them; `None` if the file has no `events`.
    pub triggers: Option<Vec<ShownTrigger>>,
}

/// Carries out the steps in order and reads back the result.
///
/// `package` is what is sent if `source` is a package.
///
/// # Errors
/// Fails at the first step that fails, and reports what was done before it.
pub async fn deploy(
    session: &FunctionSession<'_>,
    plan: &DeployPlan,
    observation: &Observation,
    source: &CodeSource,
    package: Option<&Package>,
    publish: PublishRequest<'_>,
    triggers: Option<&WantedTriggers>,
) -> Result<DeployOutcome, Halted> {
    let mut run = StepsUnderWay::new(plan, observation, source, package, publish);
    for (number, step) in plan.steps.iter().enumerate() {
        // Those may turn out to be unnecessary.
        if !matches!(step, Step::Publish { .. } | Step::Adopt(_) | Step::Route { .. }) {
            session.begin(step);
        }
        let remaining = remaining(plan, number, &run);
        if sends_code(step) {
            run.code = None;
        }
        let result = step::carry_out(session, step, remaining, &mut run).await;
        result.map_err(|error| halted(session, error, plan, number, &run.deleted_early))?;
        session.record().sent = false;
        if remaining.needs_code && run.code.is_none() {
            let told = content::ask_for_code(session, remaining.alias_write, &mut run).await;
            told.map_err(|error| halted(session, error, plan, number + 1, &run.deleted_early))?;
        }
    }
    if plan.steps.iter().any(Step::changes) {
        // No step is left, so a signal no longer stops the reads for the result.
        session.record().sent = true;
    }
    let whole = |error| halted(session, error, plan, plan.steps.len(), &DeletedEarly::new());
    let mut outcome = finish(session, plan, run).await.map_err(whole)?;
    if let Some(wanted) = triggers {
        let known = &observation.observed.triggers.triggers;
        let shown =
            triggers::read_back(session, &observation.triggers, known, wanted, &plan.steps).await;
        outcome.triggers = Some(shown.map_err(whole)?);
    }
    Ok(outcome)
}

/// Returns what the steps after this one rely on.
fn remaining(plan: &DeployPlan, number: usize, run: &StepsUnderWay<'_>) -> Remaining {
    let (before, after) = (&plan.steps[..number], &plan.steps[number + 1..]);
    // A later write of the alias relies on what was read, so both are read together. So does a
    // requested split that is already in place.
    let alias_write = after.iter().any(routes)
        || before.iter().any(routes)
        || (plan.watches && run.alias.known().is_some());
    // Later steps rely on this code being deployed. An image has no digest.
    let needs_code = sends_code(&plan.steps[number])
        && !matches!(run.source, CodeSource::Image(_))
        && after.iter().any(|one| is_content(one) || routes(one) || matches!(one, Step::Adopt(_)));
    Remaining { alias_write, needs_code, none: after.is_empty() }
}

/// Wraps an error with the steps that were and were not done: the first `done` ones were, and the
/// trigger deletions in `early`.
fn halted(
    session: &FunctionSession<'_>,
    source: ExecuteError,
    plan: &DeployPlan,
    done: usize,
    early: &DeletedEarly,
) -> Halted {
    let (finished, rest) = plan.steps.split_at(done);
    let (perhaps, rest) = match rest.split_first() {
        Some((step, left)) if session.is_finishing() => (Some(Box::new(step.clone())), left),
        _ => (None, rest),
    };
    let (early, left): (Vec<&Step>, Vec<&Step>) =
        rest.iter().partition(|step| is_done_early(step, early));
    Halted {
        source: session.by_signal(source),
        done: finished.iter().chain(early).cloned().collect(),
        perhaps,
        left: left.into_iter().cloned().collect(),
    }
}

async fn finish(
    session: &FunctionSession<'_>,
    plan: &DeployPlan,
    run: StepsUnderWay<'_>,
) -> Result<DeployOutcome, ExecuteError> {
    let published = run.published_version();
    let alias = async {
        if let Some(alias) = run.alias.seen_in_step() {
            return Ok(alias.clone());
        }
        let found = run.alias.look(session).await?.alias;
        if plan.watches { run.alias.check(&found).map(|()| found) } else { Ok(found) }
    };
    // Between several steps someone else's may have run, so that the result is neither's.
    let several = plan.steps.iter().filter(|step| is_content(step)).count() > 1;
    let checked = plan.steps.iter().rev().find(|step| is_content(step) || routes(step));
    let content = async {
        if several && checked.is_some_and(is_content) && !plan.publishes() {
            let image = matches!(run.source, CodeSource::Image(_));
            content::check_content(
                session,
                &content::look_at_content(session, image).await?,
                &run,
            )?;
        }
        Ok(())
    };
    let (routed, ()) = tokio::try_join!(alias, content)?;
    check_routed(plan, published, &routed)?;
    if let Some(published) = &run.published {
        publish::tell_of_twin(session, published, Some(&routed));
    }
    let (default_alias, alias) = match run.alias.name() {
        DEFAULT_ALIAS => (routed, None),
        _ => (alias::get(session, DEFAULT_ALIAS).await?, Some(routed)),
    };
    let highest = last_published(run.versions);
    let latest = match run.latest {
        Some(latest) => latest,
        None => function::get(session, Version::Latest).await?,
    };
    Ok(DeployOutcome {
        latest,
        default_alias,
        alias,
        last_version: published.or(highest),
        published: run.published.as_ref().map(Published::record),
        adopted: run.published.as_ref().is_some_and(|published| published.adopted),
        triggers: None,
    })
}

/// Checks that the alias is as the steps should have left it.
fn check_routed(
    plan: &DeployPlan,
    published: Option<Version>,
    routed: &Alias,
) -> Result<(), ExecuteError> {
    for step in &plan.steps {
        if let Step::Route { to, .. } | Step::CreateAlias { to, .. } = step {
            let intended = to.resolve(published).ok_or(ExecuteError::Unpublished)?;
            if !routed.routing.same_effect(&intended) {
                return Err(ExecuteError::Mismatch {
                    alias: routed.name.clone(),
                    intended: Box::new(AliasState::Routing(intended)),
                    observed: Box::new(AliasState::Routing(routed.routing.clone())),
                });
            }
        }
    }
    Ok(())
}

/// Returns whether a step changes or freezes the content of `$LATEST`.
fn is_content(step: &Step) -> bool {
    matches!(
        step,
        Step::Create(..)
            | Step::UpdateCode { .. }
            | Step::UpdateConfiguration(_)
            | Step::Publish { .. }
    )
}

/// Returns whether a step sends code.
fn sends_code(step: &Step) -> bool {
    matches!(step, Step::Create(..) | Step::UpdateCode { .. })
}

fn routes(step: &Step) -> bool {
    matches!(step, Step::Route { .. })
}

/// Returns whether the trigger that a step deletes had to be deleted before its turn.
fn is_done_early(step: &Step, early: &DeletedEarly) -> bool {
    matches!(step, Step::Trigger(TriggerStep::Delete { trigger, .. })
        if early.iter().any(|gone| gone.is_one_with(trigger)))
}
