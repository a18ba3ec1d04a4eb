//! Reads published versions.

use std::ops::ControlFlow;

use super::pages::PAGE;
use super::{
    AlsoRead, Awaited, ExecuteError, FunctionSession, alias, function, is_missing_function, pages,
    settle, wait, wire,
};
use crate::api::actions::ListVersionByFunction;
use crate::api::retry::ErrorKind;
use crate::model::{Alias, DEFAULT_ALIAS, PublishedVersion, Status, Version};
use crate::plan;

/// Lists all published versions from all pages.
pub async fn list(session: &FunctionSession<'_>) -> Result<Vec<PublishedVersion>, ExecuteError> {
    Ok(wire::published(&pages::versions(session, true).await?))
}

/// Lists the newest versions. One page is enough, as only a note depends on it.
pub(super) async fn list_newest(
    session: &FunctionSession<'_>,
) -> Result<Vec<PublishedVersion>, ExecuteError> {
    let action = ListVersionByFunction { function: session.function_ref(), offset: 0, limit: PAGE };
    let (newest, _) = pages::items(session.read(&action).await?)?;
    Ok(wire::published(&newest))
}

/// Lists all published versions, including those that the list does not show yet.
///
/// Numbers only grow (API reference, object model), so the next one is read by name.
pub(super) async fn list_surely(
    session: &FunctionSession<'_>,
) -> Result<Vec<PublishedVersion>, ExecuteError> {
    let mut unlisted: Option<PublishedVersion> = None;
    let mut by_total = true;
    let what = |versions: &Vec<_>| Awaited::Listing(next_version(versions));
    let shown = wait::poll_until_shown(session, session.lag, what, async || {
        let versions = wire::published(&pages::versions(session, by_total).await?);
        let next = next_version(&versions);
        if unlisted.as_ref().is_none_or(|unlisted| unlisted.version < next) {
            unlisted = find(session, next).await?;
            if unlisted.is_none() {
                return Ok(ControlFlow::Break(versions));
            }
            // The total may be too low, rather than the list behind.
            by_total = false;
        }
        Ok(ControlFlow::Continue(versions))
    })
    .await?;
    let mut versions = match shown {
        ControlFlow::Break(versions) => return Ok(versions),
        ControlFlow::Continue(versions) => versions,
    };
    // Whatever the list lacks, none of them counts as the last but the last.
    while let Some(newer) = unlisted {
        versions.push(newer);
        unlisted = find(session, next_version(&versions)).await?;
    }
    Ok(versions)
}

/// Returns a version by its number, or `None` if it does not exist.
pub(super) async fn find(
    session: &FunctionSession<'_>,
    version: Version,
) -> Result<Option<PublishedVersion>, ExecuteError> {
    match function::get(session, version).await {
        Ok(reply) => Ok(Some(wire::version(version, reply))),
        // The reference has several codes for this, including refusals of the value.
        Err(ExecuteError::Api(error))
            if matches!(error.kind(), Some(ErrorKind::NotFound | ErrorKind::Refused)) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Returns the version that is being published, if the list shows one.
pub(super) async fn publishing(
    session: &FunctionSession<'_>,
) -> Result<Option<Version>, ExecuteError> {
    let lasts = |listed: &PublishedVersion| {
        listed.status.as_deref().map(Status::from) == Some(Status::Publishing)
    };
    Ok(list(session).await?.into_iter().find(lasts).map(|listed| listed.version))
}

/// Reads the published versions, `$DEFAULT` and the custom alias.
///
/// If the last version matters, one that the list does not show yet is looked for. The aliases are
/// read at the same time, so that no other call comes between them and a write.
pub(super) async fn observe(
    session: &FunctionSession<'_>,
    last_counts: bool,
    own: Option<&str>,
) -> (
    Result<Vec<PublishedVersion>, ExecuteError>,
    Result<Alias, ExecuteError>,
    Result<Option<Alias>, ExecuteError>,
) {
    let aliases =
        async || tokio::join!(alias::get(session, DEFAULT_ALIAS), alias::observe(session, own));
    if !last_counts {
        let (versions, (alias, own)) = tokio::join!(list(session), aliases());
        return (versions, alias, own);
    }
    let listed = list(session).await;
    let next = next_version(listed.as_deref().unwrap_or_default());
    let (unlisted, (alias, own)) = tokio::join!(find(session, next), aliases());
    match (listed, unlisted) {
        (Ok(_), Ok(Some(_))) => {
            let versions = list_surely(session).await;
            let (alias, own) = aliases().await;
            (versions, alias, own)
        }
        (Ok(_), Err(error)) => (Err(error), alias, own),
        (listed, _) => (listed, alias, own),
    }
}

/// Checks that a version exists. Only reads.
///
/// # Errors
/// Fails if the function or version does not exist, or if a read fails.
pub async fn check(session: &FunctionSession<'_>, version: Version) -> Result<(), ExecuteError> {
    Ok(plan::alias::check_published(&[version], &among(session, &[version]).await?)?)
}

/// Like [`check`], and fails if the version failed to publish. Does not wait for a publication.
///
/// # Errors
/// Like [`check`], and if the version cannot serve requests.
pub async fn check_servable(
    session: &FunctionSession<'_>,
    version: Version,
) -> Result<(), ExecuteError> {
    let published = among(session, &[version]).await?;
    plan::alias::check_published(&[version], &published)?;
    let listed = published.iter().find(|one| one.version == version);
    if listed.is_none_or(PublishedVersion::can_serve) {
        return Ok(());
    }
    // It may be another by now, and tells why.
    let reply = function::get(session, version).await?;
    if wire::version(version, reply.clone()).can_serve() {
        return Ok(());
    }
    Err(function::failed(session, version, &reply))
}

/// Checks that versions are published, and waits for those that are still being published.
///
/// # Errors
/// Like [`check_servable`], and if a publication does not end in time.
pub async fn prove(session: &FunctionSession<'_>, wanted: &[Version]) -> Result<(), ExecuteError> {
    let published = among(session, wanted).await?;
    plan::alias::check_published(wanted, &published)?;
    for version in wanted {
        let status = published
            .iter()
            .find(|one| one.version == *version)
            .and_then(|one| one.status.as_deref())
            .map(Status::from);
        if status.is_some_and(|status| status != Status::Active) {
            settle::await_active(session, *version, false, AlsoRead::NONE).await?;
        }
    }
    Ok(())
}

/// Lists the published versions, including those of `wanted` that the list does not show yet: the
/// list may lag behind a publication, the version itself does not.
async fn among(
    session: &FunctionSession<'_>,
    wanted: &[Version],
) -> Result<Vec<PublishedVersion>, ExecuteError> {
    let mut published = match list(session).await {
        Err(error) if is_missing_function(&error) => return Err(function::absent(session).await),
        published => published?,
    };
    for version in wanted.iter().filter(|version| **version != Version::Latest) {
        let is_listed = published.iter().any(|listed| listed.version == *version);
        if !is_listed {
            published.extend(find(session, *version).await?);
        }
    }
    Ok(published)
}

/// Returns the number after the highest of a list.
fn next_version(listed: &[PublishedVersion]) -> Version {
    Version::after(listed.iter().map(|listed| listed.version))
}
