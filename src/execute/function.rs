//! Reads a function as a whole.

use super::pages::PAGE;
use super::wait::Lasting;
use super::{Awaited, AwaitedStatus, ExecuteError, FunctionSession, is_missing_function, pages};
use crate::api::actions::{GetFunction, GetFunctionReply, ListFunctions};
use crate::model::{Status, Version};

pub(super) async fn get(
    session: &FunctionSession<'_>,
    qualifier: Version,
) -> Result<GetFunctionReply, ExecuteError> {
    let is_latest = qualifier == Version::Latest;
    let qualifier = qualifier.to_string();
    let action = GetFunction { function: session.function_ref(), qualifier, show_code: "FALSE" };
    let reply = session.read(&action).await?;
    if is_latest {
        session.record().latest.note_seen(&reply);
    }
    Ok(reply)
}

/// Returns `$LATEST`, or `None` if the function does not exist.
pub(super) async fn find(
    session: &FunctionSession<'_>,
) -> Result<Option<GetFunctionReply>, ExecuteError> {
    match get(session, Version::Latest).await {
        Ok(reply) => Ok(Some(reply)),
        Err(error) if is_missing_function(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Describes an operation on the function that is in progress.
pub(super) fn lasting(session: &FunctionSession<'_>, status: String) -> Lasting {
    let what = Awaited::Function(session.function.name.clone());
    Lasting { what, status: AwaitedStatus::Service(status) }
}

/// Lists the names of the functions in the namespace.
///
/// # Errors
/// Fails if a read fails.
pub async fn names(session: &FunctionSession<'_>) -> Result<Vec<String>, ExecuteError> {
    let namespace = &session.function.namespace;
    let functions = pages::read(
        session,
        |offset, limit| ListFunctions { namespace: namespace.clone(), offset, limit },
        |reply| (reply.functions, reply.total_count),
    )
    .await?;
    Ok(functions.into_iter().map(|function| function.function_name).collect())
}

/// Returns the error for a missing function, with the names of existing ones.
pub(super) async fn absent(session: &FunctionSession<'_>) -> ExecuteError {
    let action =
        ListFunctions { namespace: session.function.namespace.clone(), offset: 0, limit: PAGE };
    // The names are optional: without the permission to list, the error stands alone.
    let existing = match session.read(&action).await {
        Ok(reply) => reply.functions.into_iter().map(|function| function.function_name).collect(),
        Err(_) => Vec::new(),
    };
    ExecuteError::NoFunction { function: session.function.clone(), existing }
}

pub(super) fn failed(
    session: &FunctionSession<'_>,
    qualifier: Version,
    reply: &GetFunctionReply,
) -> ExecuteError {
    ExecuteError::Failed {
        function: session.function.name.clone(),
        qualifier,
        status: reply.status.clone(),
        reason: reason(reply),
    }
}

/// Returns the service's reason for a status, if it gives one.
pub(super) fn reason(reply: &GetFunctionReply) -> Option<String> {
    let reasons: Vec<String> = reply
        .status_reasons
        .iter()
        .flatten()
        .filter_map(|reason| match (&reason.error_code, &reason.error_message) {
            (Some(code), Some(message)) => Some(format!("{code}: {message}")),
            (one, other) => one.clone().or_else(|| other.clone()),
        })
        .collect();
    if reasons.is_empty() {
        reply.status_desc.clone().filter(|text| !text.is_empty())
    } else {
        Some(reasons.join("; "))
    }
}

/// Returns whether no operation is in progress.
pub(super) fn is_settled(reply: &GetFunctionReply) -> bool {
    !Status::from(reply.status.as_str()).is_transient()
}
