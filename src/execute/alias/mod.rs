//! Aliases: read and listed here, changed in the modules below.

mod create;
mod delete;
mod guard;
mod routing;
mod update;
mod watched;

use super::{
    AliasState, ExecuteError, FunctionSession, function, is_missing_function, is_not_found, pages,
    wire,
};
use crate::api::actions::{AliasReply, GetAlias, ListAliases};
use crate::model::{Alias, AliasWish, DEFAULT_ALIAS, Routing, Version};
use crate::plan::{self, Step};
use crate::text::Cause;

pub(super) use create::create;
pub use create::plan_create;
pub use delete::{Deletion, delete, plan_delete};
pub use guard::AliasGuard;
pub use update::{plan_update, set};
pub use watched::{WatchedAlias, watch};

/// An alias as the service reports it: read into values, and literally.
#[derive(Debug, Clone)]
pub struct AliasRecord {
    /// Read.
    pub alias: Alias,
    /// As answered.
    pub reply: AliasReply,
}

/// A change of an alias, decided.
#[derive(Debug, Clone)]
pub struct AliasPlan {
    /// What was asked for.
    pub wish: AliasWish,
    /// The alias as it is; nothing when it is to be created.
    guard: AliasGuard,
    /// The same, as it was answered.
    reply: Option<AliasReply>,
    /// Its routing afterwards.
    pub routing: Routing,
    /// Its description afterwards; `None` keeps the one that is there.
    pub description: Option<String>,
}

impl AliasPlan {
    /// The alias as it is; `None` when it is to be created.
    #[must_use]
    pub fn before(&self) -> Option<&Alias> {
        self.guard.known()
    }

    /// What is sent: one step, or none where the alias is as asked.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let description = self.description.as_deref();
        let step = plan::alias::step(&self.wish.name, self.before(), &self.routing, description);
        step.into_iter().collect()
    }
}

pub(super) async fn get(session: &FunctionSession<'_>, name: &str) -> Result<Alias, ExecuteError> {
    Ok(read(session, name).await?.alias)
}

/// Reads an alias.
async fn read(session: &FunctionSession<'_>, name: &str) -> Result<AliasRecord, ExecuteError> {
    let reply =
        session.read(&GetAlias { function: session.function_ref(), name: name.to_owned() }).await?;
    Ok(AliasRecord { alias: wire::alias(&session.function, &reply)?, reply })
}

/// Lists all aliases over all pages, `$DEFAULT` included, in the service's order.
///
/// # Errors
/// No such function, or a read fails.
pub async fn list(
    session: &FunctionSession<'_>,
    version: Option<Version>,
) -> Result<Vec<AliasRecord>, ExecuteError> {
    match read_all(session, version).await {
        Err(error) if is_missing_function(&error) => Err(function::absent(session).await),
        aliases => aliases,
    }
}

pub(super) async fn read_all(
    session: &FunctionSession<'_>,
    version: Option<Version>,
) -> Result<Vec<AliasRecord>, ExecuteError> {
    let replies = pages::read(
        session,
        |offset, limit| ListAliases {
            function: session.function_ref(),
            function_version: version.map(|version| version.to_string()),
            offset: offset.to_string(),
            limit: limit.to_string(),
        },
        |reply| (reply.aliases, reply.total_count),
    )
    .await?;
    replies
        .into_iter()
        .map(|reply| Ok(AliasRecord { alias: wire::alias(&session.function, &reply)?, reply }))
        .collect()
}

/// The alias of one's own; `None` when none is named or it is not there.
pub(super) async fn observe(
    session: &FunctionSession<'_>,
    name: Option<&str>,
) -> Result<Option<Alias>, ExecuteError> {
    match name.filter(|name| *name != DEFAULT_ALIAS) {
        None => Ok(None),
        Some(name) => match get(session, name).await {
            Ok(alias) => Ok(Some(alias)),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(error),
        },
    }
}

/// All aliases, when they are `wanted`, or why they cannot be listed: only what is said rests
/// on them.
///
/// # Errors
/// There is no such function, or a signal came.
pub(super) async fn observe_all(
    session: &FunctionSession<'_>,
    wanted: bool,
) -> Result<(Vec<Alias>, Option<Cause>), ExecuteError> {
    if !wanted {
        return Ok((Vec::new(), None));
    }
    match read_all(session, None).await {
        Ok(records) => Ok((records.into_iter().map(|record| record.alias).collect(), None)),
        Err(error @ ExecuteError::Interrupted(_)) => Err(error),
        Err(error) if is_missing_function(&error) => Err(error),
        Err(error) => Ok((Vec::new(), Some(Cause::new(error)))),
    }
}

/// Turns "not found" into an error that names what there is.
pub(super) async fn explain_missing(
    session: &FunctionSession<'_>,
    error: ExecuteError,
    name: &str,
) -> ExecuteError {
    if is_missing_function(&error) {
        return function::absent(session).await;
    }
    match &error {
        ExecuteError::Api(missing) if missing.code() == Some("ResourceNotFound.Alias") => {
            match read_all(session, None).await {
                Ok(aliases) => ExecuteError::NoAlias {
                    alias: name.to_owned(),
                    function: session.function.name.clone(),
                    existing: aliases.into_iter().map(|record| record.alias.name).collect(),
                },
                Err(_) => error,
            }
        }
        _ => error,
    }
}

/// Whether an alias is just what is asked for.
pub(super) fn is_just(found: &Alias, routing: &Routing, description: &str) -> bool {
    check_result(found, routing, Some(description)).is_ok()
}

/// An error when an alias that was written is not what was asked for.
fn check_result(
    found: &Alias,
    routing: &Routing,
    description: Option<&str>,
) -> Result<(), ExecuteError> {
    let described = description.is_none_or(|text| text == found.description);
    if found.routing.main == routing.main && found.routing.same_effect(routing) && described {
        return Ok(());
    }
    let state = |routing: &Routing, description: Option<&str>| {
        let routing = routing.clone();
        Box::new(match description {
            Some(text) if !described => AliasState::Described(routing, text.to_owned()),
            _ => AliasState::Main(routing),
        })
    };
    Err(ExecuteError::Mismatch {
        alias: found.name.clone(),
        intended: state(routing, description),
        observed: state(&found.routing, Some(&found.description)),
    })
}
