//! Creating an alias.

use tokio::time::Instant;

use super::{AliasPlan, AliasRecord, check_result, fresh, read};
use crate::api::actions::CreateAlias;
use crate::api::retry::ErrorKind;
use crate::execute::{
    ExecuteError, FunctionSession, function, is_missing_function, versions, wire, write,
};
use crate::model::{AliasWish, DEFAULT_DESCRIPTION, Routing};
use crate::plan;
use crate::plan::marker;

/// Decides how to create an alias. Only reads.
///
/// # Errors
/// A version that is not published, or a wish that the API cannot meet.
pub async fn plan_create(
    session: &FunctionSession<'_>,
    wish: &AliasWish,
) -> Result<AliasPlan, ExecuteError> {
    let routing = plan::alias::create(wish)?;
    versions::prove(session, &plan::alias::unproven(&routing, None)).await?;
    let description = wish.description.clone().unwrap_or_else(|| DEFAULT_DESCRIPTION.to_owned());
    Ok(AliasPlan {
        wish: wish.clone(),
        before: None,
        looked_at: Instant::now(),
        routing,
        description: Some(description),
    })
}

/// Creates an alias and reads it back. After a lost answer it looks before it tries again.
pub(in crate::execute) async fn create(
    session: &FunctionSession<'_>,
    name: &str,
    routing: &Routing,
    description: Option<&str>,
) -> Result<AliasRecord, ExecuteError> {
    let (function_name, namespace) = session.names();
    let action = CreateAlias {
        function_name,
        namespace,
        name: name.to_owned(),
        function_version: routing.main.to_string(),
        routing_config: wire::routing_config(routing),
        description: description.map(str::to_owned),
    };
    let mut attempt = 1;
    loop {
        let error = match write::change(session, &action).await {
            Ok(_) => {
                fresh::note_replaced(session, name, None, session.lag);
                let record = read(session, name).await?;
                check_result(&record.alias, routing, description)?;
                return Ok(record);
            }
            Err(ExecuteError::Api(error))
                if error.perhaps_executed() || error.kind() == Some(ErrorKind::InUse) =>
            {
                error
            }
            Err(error) if is_missing_function(&error) => {
                return Err(function::absent(session).await);
            }
            Err(error) => return Err(error),
        };
        let again = match error.pause_before_repeating(attempt) {
            Some(after) if error.perhaps_executed() => {
                write::pause_before_repeating(session, &error, after).await?;
                true
            }
            _ => false,
        };
        if error.kind() == Some(ErrorKind::InUse) {
            // The refusal says that it is there.
            fresh::note_replaced(session, name, None, session.lag);
        }
        match read(session, name).await {
            // It is there: made by an earlier try of this or another run, or by someone
            // else. What counts is whether it is what was asked for.
            Ok(record) => {
                // What is kept behind the user's text is not the user's.
                let text = description.map(|text| marker::behind(text, &record.alias.description));
                let same = check_result(&record.alias, routing, text.as_deref()).is_ok();
                return if same { Ok(record) } else { Err(error.into()) };
            }
            // Not there, so once more: if it only has not appeared yet, it is in use, and
            // looked at again.
            Err(ExecuteError::Api(missing))
                if again && missing.kind() == Some(ErrorKind::NotFound) => {}
            Err(_) => return Err(error.into()),
        }
        attempt += 1;
    }
}
