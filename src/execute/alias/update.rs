//! Updates aliases.

use super::guard::unchanged;
use super::{AliasGuard, AliasPlan, AliasRecord, check_record, create};
use crate::execute::{ExecuteError, FunctionSession, versions};
use crate::model::{Alias, AliasWish};
use crate::plan;

/// Decides how to update an alias. Only reads.
///
/// Versions that the alias already names exist; others are looked up.
///
/// # Errors
/// Fails if the alias or a version does not exist, or for a request that the API cannot meet.
pub async fn plan_update(
    session: &FunctionSession<'_>,
    wish: &AliasWish,
) -> Result<AliasPlan, ExecuteError> {
    let mut guard = AliasGuard::unknown(&wish.name);
    let mut before = guard.find(session).await?;
    let mut routing = plan::alias::update(&before.alias, wish)?;
    let unproven = plan::alias::unproven(&routing, Some(&before.alias.routing));
    if !unproven.is_empty() {
        // Looking up versions takes a round trip, which must not come between a look and the write.
        let (proof, now) = tokio::join!(versions::prove(session, &unproven), guard.find(session));
        proof?;
        let now = now?;
        if !wish.force {
            unchanged(&now.alias, &before.alias)?;
        }
        routing = plan::alias::update(&now.alias, wish)?;
        before = now;
    }
    let description = plan::alias::description(&before.alias, wish)?;
    Ok(AliasPlan { wish: wish.clone(), guard, reply: Some(before.reply), routing, description })
}

/// Carries out a plan and reads back the alias.
///
/// # Errors
/// Fails if the alias already exists with another routing, if a call fails, or if the alias read
/// back is not as requested.
pub async fn set(
    session: &FunctionSession<'_>,
    plan: &AliasPlan,
) -> Result<AliasRecord, ExecuteError> {
    match (plan.before(), &plan.reply) {
        (Some(alias), Some(reply)) if plan.steps().is_empty() => {
            Ok(AliasRecord { alias: alias.clone(), reply: reply.clone() })
        }
        (Some(before), _) => update(session, before, plan.clone()).await,
        (None, _) => {
            let (mut guard, description) = (plan.guard.clone(), plan.description.as_deref());
            create(session, &mut guard, &plan.routing, description).await
        }
    }
}

/// Updates an alias right after it was read: the API has no compare-and-set, so that is how a
/// change by someone else is noticed.
async fn update(
    session: &FunctionSession<'_>,
    before: &Alias,
    mut plan: AliasPlan,
) -> Result<AliasRecord, ExecuteError> {
    if plan.guard.is_stale(session) {
        let now = plan.guard.find(session).await?.alias;
        if plan.wish.force {
            // What the user did not set is kept as it is now.
            plan.routing = plan::alias::update(&now, &plan.wish)?;
            plan.description = plan::alias::description(&now, &plan.wish)?;
        } else {
            unchanged(&now, before)?;
        }
    }
    let description = plan.description.as_deref();
    let read_back = async |guard: &AliasGuard| guard.read(session).await;
    let record = plan.guard.set(session, &plan.routing, description, read_back).await?;
    check_record(session, &record, &plan.routing, description)?;
    Ok(record)
}
