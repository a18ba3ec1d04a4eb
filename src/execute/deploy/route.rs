//! The routing step of a deployment, and the checks around it.

use std::sync::Mutex;

use super::content;
use super::run::StepsUnderWay;
use crate::execute::{AliasGuard, AlsoRead, ExecuteError, FunctionSession, settle, versions};
use crate::model::{
    CodeSource, PublishedVersion, Routing, Status, Version, Weight, last_published,
};
use crate::plan::{RoutingTarget, Step, Target};

/// Writes the alias, and reads it back together with the content it routes to.
pub(super) async fn route(
    session: &FunctionSession<'_>,
    step: &Step,
    to: &RoutingTarget,
    description: Option<&str>,
    run: &mut StepsUnderWay<'_>,
) -> Result<(), ExecuteError> {
    let routing = to.resolve(run.published_version()).ok_or(ExecuteError::Unpublished)?;
    run.alias.there(&session.function)?;
    let called = check_versions(session, to, run).await?;
    let waited = await_routed(session, &routing, run.versions).await?;
    if called || waited {
        run.alias.outdate();
    }
    // Packing a large folder takes time, too, so what was read before is read again. This comes
    // last: nothing may come between a read and the write.
    let fresh = run.alias.fresh(session).await;
    // A presumed version that was never confirmed must not be routed to.
    if let Some((_, error)) = run.presumed.take() {
        return Err(error);
    }
    run.by_same_run(fresh)?;
    if is_in_place(to, &routing, description, run) {
        return Ok(());
    }
    session.begin(step);
    // Without traffic to `$LATEST`, its content does not matter.
    let serves = routing.share_of(Version::Latest) > Weight::ZERO;
    let image = matches!(run.source, CodeSource::Image(_));
    let look = async || {
        if serves { content::look_at_content(session, image).await.map(Some) } else { Ok(None) }
    };
    let seen = Mutex::new(None);
    let read_back = async |alias: &AliasGuard| {
        let (record, content) = tokio::join!(alias.read(session), look());
        if let Ok(mut seen) = seen.lock() {
            *seen = Some(content);
        }
        record
    };
    run.alias.set(session, &routing, description, read_back).await?;
    let content = match seen.into_inner().ok().flatten() {
        Some(content) => content?,
        // The alias was found as requested after a lost response.
        None => look().await?,
    };
    content.map_or(Ok(()), |content| content::check_content(session, &content, run))
}

/// Returns whether the version was adopted and the alias already routes as requested.
fn is_in_place(
    to: &RoutingTarget,
    routing: &Routing,
    description: Option<&str>,
    run: &StepsUnderWay<'_>,
) -> bool {
    let Some(known) = run.alias.known() else { return false };
    let adopted = run.published.as_ref().is_some_and(|published| published.adopted);
    let in_place =
        known.routing.main == routing.main || to.main == Target::Existing(Version::Latest);
    adopted
        && in_place
        && known.routing.same_effect(routing)
        && description.is_none_or(|text| text == known.description)
}

/// Fails if someone else published while this run waited: the plan would then share traffic with a
/// version that is no longer the last.
///
/// Returns whether the versions had to be read.
pub(super) async fn check_versions(
    session: &FunctionSession<'_>,
    to: &RoutingTarget,
    run: &StepsUnderWay<'_>,
) -> Result<bool, ExecuteError> {
    let names_published = |target| target == Target::Published;
    if !session.record().waited || to.additional.is_none_or(|(target, _)| names_published(target)) {
        return Ok(false);
    }
    match last_published(&versions::list(session).await?) {
        Some(version) if Some(version) > last_published(run.versions) => {
            let function = session.function.name.clone();
            Err(ExecuteError::PublishedElsewhere { function, version })
        }
        _ => Ok(true),
    }
}

/// Waits for versions in a routing that are still being published, so that no request reaches one
/// that cannot serve yet. Returns whether there were any.
pub(super) async fn await_routed(
    session: &FunctionSession<'_>,
    routing: &Routing,
    versions: &[PublishedVersion],
) -> Result<bool, ExecuteError> {
    let (shares, mut waited) = (routing.shares(), false);
    for item in versions.iter().filter(|item| shares.contains_key(&item.version)) {
        if item.status.as_deref().map(Status::from).is_some_and(Status::is_transient) {
            settle::await_active(session, item.version, false, AlsoRead::NONE).await?;
            waited = true;
        }
    }
    Ok(waited)
}
