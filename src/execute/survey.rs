//! Reads a function and everything that belongs to it, for display.
//!
//! Calls run concurrently. A part that cannot be read is reported beside the rest.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::{
    AliasRecord, ExecuteError, FunctionSession, alias, code, function, is_missing_function, pages,
    provisioned, triggers, wire,
};
use crate::api::actions::GetFunctionReply;
use crate::model::{FunctionRecord, PublishedVersion, Routing, Version};
use crate::order::Ordered as _;
use crate::plan::ObservedTrigger;

/// Newest versions whose code is read even without traffic.
const NEWEST: usize = 3;
/// Limit on versions whose code is read; the documented rate is 20 calls per second.
const MOST_DIGESTS: usize = 20;

/// State and settings of `$LATEST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionState {
    /// Status name: `Active`, `Updating`, `UpdateFailed`, …
    pub status: String,
    /// Reason for a failed status.
    pub reason: Option<String>,
    /// `Event` or `HTTP`.
    pub kind: Option<String>,
    /// What it is. What is empty is not set.
    pub record: FunctionRecord,
    /// URI of the image, or `None` for a code package.
    pub image: Option<String>,
}

/// Provisioned instances of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarmInstances {
    /// Version.
    pub version: String,
    /// Instances asked for.
    pub asked: u64,
    /// Warm instances.
    pub warm: u64,
    /// `Done`, `InProgress` or `Failed`.
    pub status: String,
    /// Reason for a failure.
    pub reason: Option<String>,
}

/// A function with everything that belongs to it.
#[derive(Debug)]
pub struct Survey {
    /// State and settings.
    pub state: FunctionState,
    /// Its versions, `$LATEST` first, then newest first.
    pub versions: Vec<PublishedVersion>,
    /// Its aliases, in the service's order.
    pub aliases: Vec<AliasRecord>,
    /// Its triggers.
    pub triggers: Result<Vec<ObservedTrigger>, ExecuteError>,
    /// Its provisioned instances.
    pub provisioned: Result<Vec<WarmInstances>, ExecuteError>,
    /// Hex SHA-256 of the packages of the most relevant versions: `$LATEST`, those that aliases
    /// name, and the newest ones.
    pub digests: Result<BTreeMap<Version, String>, ExecuteError>,
}

/// Reads a function with everything that belongs to it: five concurrent calls, further pages of
/// long lists and, with `with_code`, one call for the code of each relevant version.
///
/// # Errors
/// Fails if the function does not exist, if state, versions or aliases cannot be read, or on a
/// signal.
pub async fn read(session: &FunctionSession<'_>, with_code: bool) -> Result<Survey, ExecuteError> {
    let (latest, versions, aliases, triggers, provisioned) = tokio::join!(
        function::get(session, Version::Latest),
        versions(session),
        alias::read_all(session, None),
        triggers::observed_all(session),
        provisioned::list(session),
    );
    let latest = match latest {
        Err(error) if is_missing_function(&error) => return Err(function::absent(session).await),
        latest => latest?,
    };
    let (versions, aliases) = (versions?, aliases?);
    let triggers = unless_stopped(triggers)?;
    let provisioned = unless_stopped(provisioned)?;
    let state = state(&latest);
    let digests = if state.image.is_some() || !with_code {
        Ok(BTreeMap::new())
    } else {
        unless_stopped(digests(session, &wanted(&versions, &aliases)).await)?
    };
    let provisioned = provisioned.map(|held| {
        let warm = held.into_iter().map(|held| WarmInstances {
            version: held.qualifier,
            asked: held.allocated_provisioned_concurrency_num,
            warm: held.available_provisioned_concurrency_num,
            status: held.status,
            reason: held.status_reason.filter(|reason| !reason.is_empty()),
        });
        warm.filter(|held| held.asked > 0 || held.warm > 0).collect()
    });
    Ok(Survey { state, versions, aliases, triggers, provisioned, digests })
}

/// Lists versions from all pages (`$LATEST` first, then newest first) and aliases.
///
/// # Errors
/// Fails if the function does not exist, if a read fails, or on a signal.
pub async fn list(
    session: &FunctionSession<'_>,
) -> Result<(Vec<PublishedVersion>, Vec<AliasRecord>), ExecuteError> {
    let (versions, aliases) = tokio::join!(self::versions(session), alias::read_all(session, None));
    match versions {
        Err(error) if is_missing_function(&error) => Err(function::absent(session).await),
        versions => Ok((versions?, aliases?)),
    }
}

async fn versions(session: &FunctionSession<'_>) -> Result<Vec<PublishedVersion>, ExecuteError> {
    let items = pages::versions(session, true).await?;
    // Pages shift while others write, so entries are deduplicated by version.
    let mut records: BTreeMap<Version, PublishedVersion> = BTreeMap::new();
    for listed in wire::listed(&items) {
        records.insert(listed.version, listed);
    }
    let latest = records.remove(&Version::Latest);
    Ok(latest.into_iter().chain(records.into_values().rev()).collect())
}

/// Tolerates any error but a signal.
fn unless_stopped<T>(
    read: Result<T, ExecuteError>,
) -> Result<Result<T, ExecuteError>, ExecuteError> {
    match read {
        Err(error @ ExecuteError::Interrupted(_)) => Err(error),
        read => Ok(read),
    }
}

fn state(reply: &GetFunctionReply) -> FunctionState {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    FunctionState {
        status: reply.status.clone(),
        reason: function::reason(reply),
        kind: said(&reply.kind),
        record: FunctionRecord {
            runtime: said(&reply.runtime),
            handler: said(&reply.handler),
            memory_size: reply.memory_size,
            timeout: reply.timeout,
            description: said(&reply.description),
            code_size: reply.code_size,
            mod_time: said(&reply.mod_time),
        },
        image: wire::image(reply).map(|image| image.uri),
    }
}

/// Returns the versions that a routing names, including those with weight 0.
fn named(routing: &Routing) -> impl Iterator<Item = Version> + '_ {
    let additional = routing.additional.iter().map(|(version, _)| *version);
    let ruled = routing.matches.iter().map(|rule| rule.version);
    std::iter::once(routing.main).chain(additional).chain(ruled)
}

fn wanted(versions: &[PublishedVersion], aliases: &[AliasRecord]) -> BTreeSet<Version> {
    let routed = aliases.iter().flat_map(|record| named(&record.alias.routing));
    let newest = versions.iter().map(|record| record.version).take(NEWEST + 1);
    let all: BTreeSet<Version> = routed.chain(newest).chain([Version::Latest]).into_set();
    // `$LATEST` and the newest ones take precedence.
    let numbers = all.iter().rev().filter(|version| **version != Version::Latest);
    std::iter::once(Version::Latest).chain(numbers.copied()).take(MOST_DIGESTS).collect()
}

async fn digests(
    session: &FunctionSession<'_>,
    versions: &BTreeSet<Version>,
) -> Result<BTreeMap<Version, String>, ExecuteError> {
    let ask = async |version: &Version| Ok((*version, code::sha256(session, *version).await?));
    let found: Vec<Result<(Version, Option<String>), ExecuteError>> =
        join_all(versions.iter().map(ask)).await;
    let mut digests = BTreeMap::new();
    for one in found {
        let (version, digest) = one?;
        digests.extend(digest.map(|digest| (version, digest)));
    }
    Ok(digests)
}
