//! Changing an alias.

use super::guard::unchanged;
use super::{AliasGuard, AliasPlan, AliasRecord, check_result, create};
use crate::execute::{ExecuteError, FunctionSession, versions};
use crate::model::{Alias, AliasWish};
use crate::plan;

/// Decides how to change an alias. Only reads.
///
/// Versions that the alias holds already are there; others are looked up.
///
/// # Errors
/// No such alias or version, or a wish that the API cannot meet.
pub async fn plan_update(
    session: &FunctionSession<'_>,
    wish: &AliasWish,
) -> Result<AliasPlan, ExecuteError> {
    let mut guard = AliasGuard::unknown(&wish.name);
    let mut before = guard.find(session).await?;
    let mut routing = plan::alias::update(&before.alias, wish)?;
    let unproven = plan::alias::unproven(&routing, Some(&before.alias.routing));
    if !unproven.is_empty() {
        // The proof takes a round trip, which must not come between a look and the write.
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

/// Carries out a plan and reads back what came of it.
///
/// # Errors
/// The alias exists already with other routing, a call fails, or what is read back is not
/// what was asked for.
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

/// Writes over an alias, right after it was read: the API has no compare-and-set, so this is
/// how someone else's change is noticed.
async fn update(
    session: &FunctionSession<'_>,
    before: &Alias,
    mut plan: AliasPlan,
) -> Result<AliasRecord, ExecuteError> {
    if plan.guard.is_stale(session) {
        let now = plan.guard.find(session).await?.alias;
        if plan.wish.force {
            // What the user did not say is kept as it is now.
            plan.routing = plan::alias::update(&now, &plan.wish)?;
            plan.description = plan::alias::description(&now, &plan.wish)?;
        } else {
            unchanged(&now, before)?;
        }
    }
    let description = plan.description.as_deref();
    let read_back = async |guard: &AliasGuard| guard.read(session).await;
    let record = plan.guard.set(session, &plan.routing, description, read_back).await?;
    check_result(&record.alias, &plan.routing, description)?;
    Ok(record)
}
