//! Creates aliases.

use super::{AliasGuard, AliasPlan, AliasRecord, check_record, check_result};
use crate::api::ApiError;
use crate::api::actions::CreateAlias;
use crate::api::retry::ErrorKind;
use crate::execute::write::{self, Again, Found, Written, write_then_look};
use crate::execute::{
    AliasLook, ExecuteError, FunctionSession, function, is_missing_function, is_not_found,
    versions, wire,
};
use crate::model::{Alias, AliasWish, DEFAULT_DESCRIPTION, Routing};
use crate::plan;
use crate::plan::marker;

/// Decides how to create an alias. Only reads.
///
/// # Errors
/// Fails for a version that is not published, or a request that the API cannot meet.
pub async fn plan_create(
    session: &FunctionSession<'_>,
    wish: &AliasWish,
) -> Result<AliasPlan, ExecuteError> {
    let routing = plan::alias::create(wish)?;
    versions::prove(session, &plan::alias::unproven(&routing, None)).await?;
    let description = wish.description.clone().unwrap_or_else(|| DEFAULT_DESCRIPTION.to_owned());
    Ok(AliasPlan {
        wish: wish.clone(),
        guard: AliasGuard::unknown(&wish.name),
        reply: None,
        routing,
        description: Some(description),
    })
}

/// Returns what creating the alias would come to: a plan without steps where it is there as asked.
///
/// # Errors
/// The alias is there and is not as asked, as the service would answer; or it cannot be read.
pub async fn foresee(
    session: &FunctionSession<'_>,
    mut plan: AliasPlan,
) -> Result<AliasPlan, ExecuteError> {
    let look = match plan.guard.look(session).await {
        Ok(look) => look,
        Err(error) if is_not_found(&error) && !is_missing_function(&error) => return Ok(plan),
        Err(error) => return Err(error),
    };
    if !is_as_asked(&look.alias, &plan.routing, plan.description.as_deref()) {
        let (alias, function) = (plan.wish.name, session.function.name.clone());
        return Err(ExecuteError::AliasExists { alias, function });
    }
    plan.description = None;
    plan.guard.accept(look);
    Ok(plan)
}

/// Whether an alias is what is to be created. What is kept behind the user's text is not the user's.
fn is_as_asked(found: &Alias, routing: &Routing, description: Option<&str>) -> bool {
    let text = description.map(|text| marker::behind(text, &found.description));
    check_result(found, routing, text.as_deref()).is_ok()
}

/// Creates an alias and reads it back. After a lost response it looks before it retries.
pub(in crate::execute) async fn create(
    session: &FunctionSession<'_>,
    guard: &mut AliasGuard,
    routing: &Routing,
    description: Option<&str>,
) -> Result<AliasRecord, ExecuteError> {
    let action = CreateAlias {
        function: session.function_ref(),
        name: guard.name().to_owned(),
        function_version: routing.main.to_string(),
        routing_config: wire::routing_config(routing),
        description: description.map(str::to_owned),
    };
    let look = async |error: &ApiError, _| {
        if error.kind() == Some(ErrorKind::InUse) {
            // The refusal proves that the alias exists.
            guard.note_appearing(session);
        }
        Ok(match guard.read(session).await {
            // It exists: created by an earlier attempt of this or another run, or by someone else.
            // What counts is whether it is as requested.
            Ok(record) => {
                let same = is_as_asked(&record.alias, routing, description);
                if same { Found::Done(record) } else { Found::Other }
            }
            // It does not exist, so retry. If it only has not appeared yet, the retry is refused as
            // in use and leads to another look.
            Err(error) if is_not_found(&error) => Found::Absent,
            Err(_) => Found::Other,
        })
    };
    let send = async || write::change(session, &action).await;
    let again = Again::PauseThenLook;
    let written = write_then_look(session, ErrorKind::InUse, again, send, look).await;
    let record = match written {
        Ok(Written::Answered(_)) => {
            guard.note_appearing(session);
            let record = match guard.read(session).await {
                // It was accepted, so this is no alias that is missing.
                Err(error) if is_not_found(&error) && !is_missing_function(&error) => {
                    return Err(ExecuteError::AliasNotShown(guard.name().to_owned()));
                }
                record => record?,
            };
            check_record(session, &record, routing, description)?;
            record
        }
        Ok(Written::Found(record)) => record,
        Err(error) if is_missing_function(&error) => return Err(function::absent(session).await),
        Err(error) => return Err(error),
    };
    guard.accept(AliasLook { alias: record.alias.clone(), at: session.now() });
    Ok(record)
}
