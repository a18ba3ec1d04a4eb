//! A function with all that belongs to it, for people to look at. Only reads.
//!
//! What is asked of the service is asked at once; what a part of a look cannot have is told beside
//! the rest.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::{
    AliasRecord, ExecuteError, FunctionSession, alias, code, function, is_missing_function, pages,
    provisioned, triggers, wire,
};
use crate::api::actions::{GetFunctionReply, ListVersionByFunction};
use crate::model::{PublishedVersion, Routing, Version};
use crate::order::Ordered as _;
use crate::plan::ObservedTrigger;

/// Versions whose code is asked for although nobody is sent there: the newest ones.
const NEWEST: usize = 3;
/// Versions whose code is asked for at most; the documented rate is 20 calls a second.
const MOST_DIGESTS: usize = 20;

/// `$LATEST`, and what the function is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionState {
    /// Status name: `Active`, `Updating`, `UpdateFailed`, …
    pub status: String,
    /// Why, where it is a failure.
    pub reason: Option<String>,
    /// `Event` or `HTTP`.
    pub kind: Option<String>,
    /// Language and version.
    pub runtime: Option<String>,
    /// `file.function`.
    pub handler: Option<String>,
    /// MB.
    pub memory_size: Option<i64>,
    /// Seconds.
    pub timeout: Option<i64>,
    /// Free text.
    pub description: Option<String>,
    /// Bytes of the package.
    pub code_size: Option<i64>,
    /// The address of the image that it runs; `None` where its code is a package.
    pub image: Option<String>,
    /// Last write of `$LATEST`, as the service says it.
    pub modified: Option<String>,
}

/// The provisioned instances of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarmInstances {
    /// Version.
    pub version: String,
    /// Instances asked for.
    pub asked: u64,
    /// Instances that are warm.
    pub warm: u64,
    /// `Done`, `InProgress` or `Failed`.
    pub status: String,
    /// Why it failed.
    pub reason: Option<String>,
}

/// All that belongs to a function.
#[derive(Debug)]
pub struct Survey {
    /// What it is.
    pub state: FunctionState,
    /// Its versions, the newest first and `$LATEST` before all.
    pub versions: Vec<PublishedVersion>,
    /// Its aliases, in the service's order.
    pub aliases: Vec<AliasRecord>,
    /// Its triggers.
    pub triggers: Result<Vec<ObservedTrigger>, ExecuteError>,
    /// Its provisioned instances.
    pub provisioned: Result<Vec<WarmInstances>, ExecuteError>,
    /// Hex SHA-256 of the packages of the versions that matter most: `$LATEST`, those that an
    /// alias names, the newest ones.
    pub digests: Result<BTreeMap<Version, String>, ExecuteError>,
}

/// Reads all that belongs to a function: five calls at once and, of long lists, further pages; then,
/// where that is wanted, one for the code of each version that matters.
///
/// # Errors
/// There is no such function; state, versions or aliases cannot be read; or a signal came.
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

/// Lists versions over all pages, the newest first and `$LATEST` before all, with the aliases.
///
/// # Errors
/// There is no such function, a read fails, or a signal came.
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
    let items = pages::read(
        session,
        |offset, limit| ListVersionByFunction { function: session.function_ref(), offset, limit },
        |reply| (reply.versions, Some(reply.total_count)),
    )
    .await?;
    // Pages shift while others write: by name, each once.
    let mut records: BTreeMap<Version, PublishedVersion> = BTreeMap::new();
    for listed in wire::listed(&items) {
        records.insert(listed.version, listed);
    }
    let latest = records.remove(&Version::Latest);
    Ok(latest.into_iter().chain(records.into_values().rev()).collect())
}

/// What a look may go without: all but a signal.
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
        runtime: said(&reply.runtime),
        handler: said(&reply.handler),
        memory_size: reply.memory_size,
        timeout: reply.timeout,
        description: said(&reply.description),
        code_size: reply.code_size,
        image: wire::image(reply).map(|image| image.uri),
        modified: said(&reply.mod_time),
    }
}

/// The versions that a routing names, those without a share included.
fn named(routing: &Routing) -> impl Iterator<Item = Version> + '_ {
    let additional = routing.additional.iter().map(|(version, _)| *version);
    let ruled = routing.matches.iter().map(|rule| rule.version);
    std::iter::once(routing.main).chain(additional).chain(ruled)
}

fn wanted(versions: &[PublishedVersion], aliases: &[AliasRecord]) -> BTreeSet<Version> {
    let routed = aliases.iter().flat_map(|record| named(&record.alias.routing));
    let newest = versions.iter().map(|record| record.version).take(NEWEST + 1);
    let all: BTreeSet<Version> = routed.chain(newest).chain([Version::Latest]).into_set();
    // `$LATEST` and the newest ones before all others.
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
