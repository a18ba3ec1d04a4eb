//! Carries out one step of a deployment.

use super::run::{Remaining, StepsUnderWay};
use super::{content, create, is_digest, route};
use crate::api::actions::{GetFunctionReply, UpdateFunctionCode, UpdateFunctionConfiguration};
use crate::execute::code::{ReportedCode, code, identity};
use crate::execute::deletion::{self, Doomed};
use crate::execute::publish::{self, Freeze};
use crate::execute::{
    AliasGuard, AlsoRead, ExecuteError, FunctionSession, alias, attributes, provisioned, settle,
    triggers, upload, wire,
};
use crate::model::{CodeSource, Configuration, DEFAULT_ALIAS, SettingsCall, Version};
use crate::plan::{Creation, RoutingTarget, Step, Target};

/// Carries out a step.
pub(super) async fn carry_out(
    session: &FunctionSession<'_>,
    step: &Step,
    remaining: Remaining,
    run: &mut StepsUnderWay<'_>,
) -> Result<(), ExecuteError> {
    run.alias.begin_step();
    match step {
        Step::Upload(upload) => {
            upload::upload(session, upload, run.package).await?;
            run.alias.outdate();
        }
        Step::DeleteFailed => {
            deletion::delete(session, Doomed::CreateFailed, async || Ok(true)).await?;
            run.latest = None;
            run.alias.forget();
        }
        Step::Create(creation, source) => create(session, creation, source, remaining, run).await?,
        Step::UpdateCode { handler, source, settings } => {
            let action = UpdateFunctionCode {
                function: session.function_ref(),
                handler: handler.clone(),
                code: code(source, run.package)?,
                settings: wire::plain_settings(settings, SettingsCall::UpdateCode),
            };
            content::change_content(session, &action, remaining, run).await?;
            content::after_change(session, remaining, sent(remaining, run), run).await?;
        }
        Step::UpdateConfiguration(changes) => {
            update_configuration(session, changes, remaining, run).await?;
        }
        Step::Publish { .. } | Step::Adopt(_) => publish(session, step, remaining, run).await?,
        Step::CreateAlias { to, description, .. } => {
            create_alias(session, to, description, run).await?;
        }
        Step::DeleteAlias { alias, .. } => {
            let deletion = alias::plan_delete(session, alias, false, false).await?;
            alias::delete(session, &deletion).await?;
        }
        // Only `remove` plans these, and it checks before each deletion whether it is still
        // allowed.
        Step::DeleteFunction { .. } | Step::DeleteVersion(_) => {
            return Err(ExecuteError::Unpublished);
        }
        Step::Provision { target, to, .. } => {
            let version =
                target.resolve(run.published_version()).ok_or(ExecuteError::Unpublished)?;
            provisioned::provision(session, version, *target == Target::Published, *to).await?;
            run.alias.outdate();
        }
        Step::Route { to, description, .. } => {
            Box::pin(route::route(session, step, to, description.as_deref(), run)).await?;
        }
        Step::Attribute(step) => {
            run.alias.outdate();
            if let Some(latest) = attributes::change(session, step).await? {
                run.latest = Some(latest);
            }
        }
        Step::Trigger(step) => triggers::change(session, step, &mut run.deleted_early).await?,
    }
    Ok(())
}

/// Returns the digest of the sent package if later steps rely on that code. That of a package
/// elsewhere is not known.
fn sent<'a>(remaining: Remaining, run: &StepsUnderWay<'a>) -> Option<&'a str> {
    match run.source {
        CodeSource::Package { sha256, .. } if remaining.needs_code => Some(sha256.as_str()),
        _ => None,
    }
}

async fn create(
    session: &FunctionSession<'_>,
    creation: &Creation,
    source: &CodeSource,
    remaining: Remaining,
    run: &mut StepsUnderWay<'_>,
) -> Result<(), ExecuteError> {
    create::create(session, creation, source, run.package).await?;
    let sent = sent(remaining, run);
    let default = AliasGuard::unknown(DEFAULT_ALIAS);
    let is_default = run.alias.name() == DEFAULT_ALIAS;
    let alias = Some(if is_default { &run.alias } else { &default });
    let beside = AlsoRead { alias, code: sent.is_some() };
    let settled = settle::await_active(session, Version::Latest, true, beside).await?;
    run.latest = Some(settled.reply);
    run.code = settled.code.filter(|told| is_digest(told, sent));
    if let (true, Some(look)) = (is_default, settled.alias?) {
        run.alias.accept(look);
    }
    Ok(())
}

async fn update_configuration(
    session: &FunctionSession<'_>,
    changes: &Configuration,
    remaining: Remaining,
    run: &mut StepsUnderWay<'_>,
) -> Result<(), ExecuteError> {
    let configuration = whole_public_access(changes, run.latest.as_ref());
    let settings = wire::settings(&configuration, SettingsCall::UpdateConfiguration);
    session.record().latest.note_settings(&configuration);
    let action = UpdateFunctionConfiguration { function: session.function_ref(), settings };
    content::change_content(session, &action, remaining, run).await?;
    run.written = configuration;
    content::after_change(session, remaining, None, run).await
}

/// Publishes, or finds the version that was published.
async fn publish(
    session: &FunctionSession<'_>,
    step: &Step,
    remaining: Remaining,
    run: &mut StepsUnderWay<'_>,
) -> Result<(), ExecuteError> {
    let Some(latest) = run.latest.as_ref() else {
        return Err(ExecuteError::Unpublished);
    };
    // A presumption has to be confirmed, and then there is nothing to publish.
    let presumed = run.presumed.take();
    let adopted = presumed.as_ref().map(|(version, _)| Step::Adopt(*version));
    let freeze = Freeze {
        latest,
        code_sha256: &identity(run.source, run.code.as_deref()),
        told: &ReportedCode::new(latest, run.code.as_deref()),
        written: &run.written,
        watched: remaining.alias_write.then_some(&run.alias),
        step: adopted.as_ref().or(Some(step)),
    };
    let published = publish::publish(session, &freeze, run.versions, &run.publish).await;
    let published = match (published, presumed) {
        (Ok(published), Some((version, error))) if published.version != version => {
            return Err(error);
        }
        (Err(ExecuteError::FrozeOther { .. }), Some((_, error))) => return Err(error),
        (published, _) => published?,
    };
    let look = match &published.alias {
        None if remaining.alias_write => Some(run.alias.look(session).await?),
        look => look.clone(),
    };
    run.published = Some(published);
    let noted = look.map_or(Ok(()), |look| run.alias.note(&look));
    run.by_same_run(noted)?;
    Ok(())
}

async fn create_alias(
    session: &FunctionSession<'_>,
    to: &RoutingTarget,
    description: &str,
    run: &mut StepsUnderWay<'_>,
) -> Result<(), ExecuteError> {
    let routing = to.resolve(run.published_version()).ok_or(ExecuteError::Unpublished)?;
    route::check_versions(session, to, run).await?;
    route::await_routed(session, &routing, run.versions).await?;
    alias::create(session, &mut run.alias, &routing, Some(description)).await?;
    Ok(())
}

/// Completes `PublicNetConfig`: if only the fixed address changes, the current public access is
/// sent along, because the structure requires it.
fn whole_public_access(
    changes: &Configuration,
    latest: Option<&GetFunctionReply>,
) -> Configuration {
    let mut changes = changes.clone();
    if let (Some(latest), true) =
        (latest, changes.public_access.is_some() != changes.fixed_egress.is_some())
    {
        let observed = wire::observed_function(latest, None).spec.configuration;
        changes.public_access = changes.public_access.or(observed.public_access);
        changes.fixed_egress = changes.fixed_egress.or(observed.fixed_egress);
    }
    changes
}
