//! Carrying out a deployment.

mod content;
mod create;
mod observe;
mod route;
mod run;

use super::code::{Told, code, identity};
use super::publish::{self, Freeze};
use super::triggers::{self, DeletedEarly};
use super::{
    AliasState, Beside, ExecuteError, FunctionSession, Halted, PublishRequest, alias, attributes,
    function, is_busy, provisioned, settle, upload, wire,
};
use crate::api::actions::{GetFunctionReply, UpdateFunctionCode, UpdateFunctionConfiguration};
use crate::model::trigger::WantedTriggers;
use crate::model::{Alias, CodeSource, Configuration, DEFAULT_ALIAS, Version, last_published};
use crate::package::Package;
use crate::plan::deploy::DeployPlan;
use crate::plan::{Step, Target, TriggerStep};
pub use observe::{Extra, Observation, observe};
use run::{Later, Run};

/// What a deployment came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// `$LATEST` after the last step.
    pub latest: GetFunctionReply,
    /// The alias `$DEFAULT` as read last.
    pub default_alias: Alias,
    /// The alias of one's own that was routed, as read last.
    pub alias: Option<Alias>,
    /// The version that this run published or adopted, else the highest published one.
    pub last_version: Option<Version>,
    /// The version that this run published or adopted.
    pub published: Option<Version>,
    /// Whether that one was adopted.
    pub adopted: bool,
    /// The file's triggers as the service reports them; `None` without a word on triggers.
    pub triggers: Option<Vec<serde_json::Value>>,
}

/// Carries out the steps in order, and reads back what came of it. `package` is what is
/// sent where `source` is one.
///
/// # Errors
/// The first step that fails, with what was done before it.
pub async fn deploy(
    session: &FunctionSession<'_>,
    plan: &DeployPlan,
    observation: &Observation,
    source: &CodeSource,
    package: Option<&Package>,
    publish: PublishRequest<'_>,
    triggers: Option<&WantedTriggers>,
) -> Result<Outcome, Halted> {
    let name = plan.alias.as_str();
    let held = &observation.observed;
    let mut run = Run {
        name,
        package,
        source,
        publish,
        versions: &observation.observed.versions,
        latest: observation.latest.clone(),
        alias: if name == DEFAULT_ALIAS { held.default_alias.clone() } else { held.alias.clone() },
        alias_is_fresh: true,
        published: None,
        code: observation.observed.latest.as_ref().and_then(|latest| latest.code_sha256.clone()),
        written: Configuration::default(),
        deleted_early: DeletedEarly::new(),
        looked_at: observation.at,
    };
    let halted = |source, done: usize, early: &DeletedEarly| {
        let (finished, rest) = plan.steps.split_at(done);
        let sent = session.is_finishing();
        let (perhaps, rest) = match rest.split_first() {
            Some((step, left)) if sent => (Some(Box::new(step.clone())), left),
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
    };
    for (number, step) in plan.steps.iter().enumerate() {
        // Those two may turn out not to be needed.
        if !matches!(step, Step::Publish { .. } | Step::Adopt(_) | Step::Route { .. }) {
            session.begin(step);
        }
        // A later change of the alias rests on what was read; look at both at once. So does
        // what was said of its shares, where it has them already.
        let watched = plan.steps[number + 1..].iter().any(routes)
            || plan.steps[..number].iter().any(routes)
            || (plan.watches && run.alias.is_some());
        let sends = matches!(step, Step::Create(..) | Step::UpdateCode { .. });
        // What comes later rests on this code being there. An image has no digest.
        let rests = sends
            && !matches!(source, CodeSource::Image(_))
            && plan.steps[number + 1..]
                .iter()
                .any(|one| is_content(one) || routes(one) || matches!(one, Step::Adopt(_)));
        let ends = number + 1 == plan.steps.len();
        if sends {
            run.code = None;
        }
        let result = carry_out(session, step, Later { watched, rests, ends }, &mut run).await;
        result.map_err(|error| halted(error, number, &run.deleted_early))?;
        session.record().sent = false;
        if rests && run.code.is_none() {
            let told = content::ask_for_code(session, watched, &mut run).await;
            told.map_err(|error| halted(error, number + 1, &run.deleted_early))?;
        }
    }
    if plan.steps.iter().any(Step::changes) {
        // Nothing is left to be begun; what it came to is still shown.
        session.record().sent = true;
    }
    let whole = |error| halted(error, plan.steps.len(), &DeletedEarly::new());
    let mut outcome = finish(session, plan, run).await.map_err(whole)?;
    if let Some(wanted) = triggers {
        let known = &observation.observed.triggers.triggers;
        let shown =
            triggers::read_back(session, &observation.triggers, known, wanted, &plan.steps).await;
        outcome.triggers = Some(shown.map_err(whole)?);
    }
    Ok(outcome)
}

async fn carry_out(
    session: &FunctionSession<'_>,
    step: &Step,
    later: Later,
    run: &mut Run<'_>,
) -> Result<(), ExecuteError> {
    let (function_name, namespace) = session.names();
    // The digest of a package that lies elsewhere is not known.
    let sent = match run.source {
        CodeSource::Package { sha256, .. } if later.rests => Some(sha256.as_str()),
        _ => None,
    };
    run.alias_is_fresh = false;
    match step {
        Step::Upload(upload) => {
            upload::upload(session, upload, run.package).await?;
            run.looked_at = None;
        }
        Step::DeleteFailed => {
            create::delete_failed(session).await?;
            (run.latest, run.alias) = (None, None);
        }
        Step::Create(creation, source) => {
            create::create(session, creation, source, run.package).await?;
            let beside = Beside { alias: Some(DEFAULT_ALIAS), code: sent.is_some() };
            let settled = settle::await_active(session, Version::Latest, true, beside).await?;
            run.latest = Some(settled.reply);
            run.code = settled.code.filter(|told| is_digest(told, sent));
            if let (DEFAULT_ALIAS, Some(look)) = (run.name, settled.alias?) {
                (run.alias, run.alias_is_fresh) = (Some(look.alias), true);
                run.looked_at = Some(look.at);
            }
        }
        Step::UpdateCode { handler, source, install_dependency } => {
            let code = code(source, run.package)?;
            let handler = handler.clone();
            let install_dependency = install_dependency.map(wire::truth);
            let action =
                UpdateFunctionCode { function_name, namespace, handler, code, install_dependency };
            content::change_content(session, &action, later, run).await?;
            content::after_change(session, later, sent, run).await?;
        }
        Step::UpdateConfiguration(configuration) => {
            let configuration = whole_public_access(configuration, run.latest.as_ref());
            let settings = wire::settings(&configuration, true);
            let action = UpdateFunctionConfiguration { function_name, namespace, settings };
            content::change_content(session, &action, later, run).await?;
            run.written = configuration;
            content::after_change(session, later, None, run).await?;
        }
        Step::Publish { .. } | Step::Adopt(_) => {
            let Some(latest) = run.latest.as_ref() else {
                return Err(ExecuteError::Unpublished);
            };
            let freeze = Freeze {
                latest,
                code_sha256: &identity(run.source, run.code.as_deref()),
                told: &Told::new(latest, run.code.as_deref()),
                written: &run.written,
                watched: later.watched.then_some(run.name),
                step: Some(step),
            };
            let published = publish::publish(session, &freeze, run.versions, &run.publish).await?;
            let look = match &published.alias {
                None if later.watched => Some(run::look_at(session, run.name).await?),
                look => look.clone(),
            };
            run.published = Some(published);
            run::note_look(look, run)?;
        }
        Step::CreateAlias { alias, to, description } => {
            let routing = to.resolve(run.published_version()).ok_or(ExecuteError::Unpublished)?;
            route::check_versions(session, to, run).await?;
            route::await_routed(session, &routing, run.versions).await?;
            let record = alias::create(session, alias, &routing, Some(description)).await?;
            (run.alias, run.alias_is_fresh) = (Some(record.alias), true);
        }
        Step::Provision { target, to, .. } => {
            let version =
                target.resolve(run.published_version()).ok_or(ExecuteError::Unpublished)?;
            provisioned::provision(session, version, *target == Target::Published, *to).await?;
            run.looked_at = None;
        }
        Step::Route { to, description, .. } => {
            Box::pin(route::route(session, step, to, description.as_deref(), run)).await?;
        }
        Step::Attribute(step) => {
            run.looked_at = None;
            if let Some(latest) = attributes::change(session, step).await? {
                run.latest = Some(latest);
            }
        }
        Step::Trigger(step) => triggers::change(session, step, &mut run.deleted_early).await?,
    }
    Ok(())
}

async fn finish(
    session: &FunctionSession<'_>,
    plan: &DeployPlan,
    run: Run<'_>,
) -> Result<Outcome, ExecuteError> {
    let published = run.published_version();
    let alias = async {
        match &run.alias {
            Some(alias) if run.alias_is_fresh => Ok(alias.clone()),
            known => {
                let found = alias::get(session, run.name).await?;
                match known {
                    Some(known) if plan.watches => alias::unchanged(&found, known).map(|()| found),
                    _ => Ok(found),
                }
            }
        }
    };
    // Of several steps someone else's may have come in between, so that the whole is neither.
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
    for step in &plan.steps {
        if let Step::Route { to, .. } | Step::CreateAlias { to, .. } = step {
            let intended = to.resolve(published).ok_or(ExecuteError::Unpublished)?;
            if !routed.routing.same_effect(&intended) {
                return Err(ExecuteError::Mismatch {
                    alias: routed.name,
                    intended: Box::new(AliasState::Routing(intended)),
                    observed: Box::new(AliasState::Routing(routed.routing)),
                });
            }
        }
    }
    if let Some(published) = &run.published {
        publish::tell_of_twin(session, published, Some(&routed));
    }
    let (default_alias, alias) = match run.name {
        DEFAULT_ALIAS => (routed, None),
        _ => (alias::get(session, DEFAULT_ALIAS).await?, Some(routed)),
    };
    let highest = last_published(run.versions);
    let latest = match run.latest {
        Some(latest) => latest,
        None => function::get(session, Version::Latest).await?,
    };
    Ok(Outcome {
        latest,
        default_alias,
        alias,
        last_version: published.or(highest),
        published,
        adopted: run.published.as_ref().is_some_and(|published| published.adopted),
        triggers: None,
    })
}

/// Whether a step changes what `$LATEST` is, or freezes it.
fn is_content(step: &Step) -> bool {
    matches!(
        step,
        Step::Create(..)
            | Step::UpdateCode { .. }
            | Step::UpdateConfiguration(_)
            | Step::Publish { .. }
    )
}

/// Whether the service tells the digest that was sent. Any other may be that of the code
/// before, told right before the work ended.
fn is_digest(told: &str, sent: Option<&str>) -> bool {
    sent.is_some_and(|sent| sent.eq_ignore_ascii_case(told))
}

/// What is known of the code. A service that goes on refusing to tell, as if it were busy, only
/// costs an update that was not needed.
fn known_code(code: Result<Option<String>, ExecuteError>) -> Result<Option<String>, ExecuteError> {
    match code {
        Err(error) if is_busy(&error) => Ok(None),
        code => code,
    }
}

fn routes(step: &Step) -> bool {
    matches!(step, Step::Route { .. })
}

/// Whether a step's timer had to be deleted before its turn.
fn is_done_early(step: &Step, early: &DeletedEarly) -> bool {
    matches!(step, Step::Trigger(TriggerStep::Delete { trigger, .. })
        if early.iter().any(|gone| gone.is_one_with(trigger)))
}

/// `PublicNetConfig` is one structure with a required half: when only the fixed address
/// changes, the access that is there goes along.
fn whole_public_access(
    changes: &Configuration,
    latest: Option<&GetFunctionReply>,
) -> Configuration {
    let mut changes = changes.clone();
    if let (Some(latest), true) =
        (latest, changes.public_access.is_some() != changes.fixed_egress.is_some())
    {
        let observed = wire::observed_function(latest, None).configuration;
        changes.public_access = changes.public_access.or(observed.public_access);
        changes.fixed_egress = changes.fixed_egress.or(observed.fixed_egress);
    }
    changes
}
