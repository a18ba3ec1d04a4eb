//! Reads aliases.

use crate::api::actions::{AliasReply, GetAlias, ListAliases};
use crate::execute::{
    AliasState, ExecuteError, FunctionSession, Progress, function, is_missing_function,
    is_not_found, pages, wire,
};
use crate::model::{Alias, DEFAULT_ALIAS, Routing, Version};
use crate::plan::marker;
use crate::text::Cause;

/// An alias as the service reports it, parsed and raw.
#[derive(Debug, Clone)]
pub struct AliasRecord {
    /// Parsed.
    pub alias: Alias,
    /// The reply.
    pub reply: AliasReply,
}

pub(in crate::execute) async fn get(
    session: &FunctionSession<'_>,
    name: &str,
) -> Result<Alias, ExecuteError> {
    Ok(read(session, name).await?.alias)
}

/// Reads an alias.
pub(super) async fn read(
    session: &FunctionSession<'_>,
    name: &str,
) -> Result<AliasRecord, ExecuteError> {
    let reply =
        session.read(&GetAlias { function: session.function_ref(), name: name.to_owned() }).await?;
    Ok(AliasRecord { alias: wire::alias(&session.function, &reply)?, reply })
}

/// Lists all aliases from all pages, including `$DEFAULT`, in the service's order.
///
/// # Errors
/// Fails if the function does not exist, or if a read fails.
pub async fn list(
    session: &FunctionSession<'_>,
    version: Option<Version>,
) -> Result<Vec<AliasRecord>, ExecuteError> {
    match read_all(session, version).await {
        Err(error) if is_missing_function(&error) => Err(function::absent(session).await),
        aliases => aliases,
    }
}

pub(in crate::execute) async fn read_all(
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

/// Returns the custom alias, or `None` if none is named or it does not exist.
pub(in crate::execute) async fn observe(
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

/// Returns all aliases if `wanted`, or why they cannot be listed: only notes depend on them.
///
/// # Errors
/// Fails if the function does not exist, or on a signal.
pub(in crate::execute) async fn observe_all(
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

/// Turns "not found" into an error that names the existing aliases.
pub(in crate::execute) async fn explain_missing(
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

/// Like [`check_result`], of an alias whose routing is what counts: where the service shows no
/// description at all, nobody knows whether it kept the user's.
pub(super) fn check_record(
    session: &FunctionSession<'_>,
    record: &AliasRecord,
    routing: &Routing,
    description: Option<&str>,
) -> Result<(), ExecuteError> {
    let shown = shown_description(record, description);
    check_result(&record.alias, routing, shown)?;
    if shown != description && description != Some("") {
        session.progress(Progress::DescriptionNotShown { alias: &record.alias.name });
    }
    Ok(())
}

/// The description that an alias has to show. One with a marker has to be there: a rollout has its
/// state in it.
pub(super) fn shown_description<'a>(
    record: &AliasRecord,
    description: Option<&'a str>,
) -> Option<&'a str> {
    let has_marker = |text: &str| marker::split(text).1.is_some();
    description.filter(|text| record.reply.description.is_some() || has_marker(text))
}

/// Returns whether an alias is exactly as requested.
pub(in crate::execute) fn is_just(found: &Alias, routing: &Routing, description: &str) -> bool {
    check_result(found, routing, Some(description)).is_ok()
}

/// Fails if a written alias is not as requested.
pub(super) fn check_result(
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
