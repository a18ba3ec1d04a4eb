//! Detects reads of `$LATEST` that still show its state before a change by this run.
//!
//! The reference does not promise read-after-write consistency, and replies may come from replicas
//! that lag. A read that shows exactly what this run has replaced, including the time of the last
//! write, is therefore ignored; anything else is taken as new.

use super::{FunctionSession, code, is_busy, wire};
use crate::api::actions::GetFunctionReply;
use crate::model::{Status, Version};

/// Returns whether `$LATEST`, while no operation is in progress, is what it was before this run
/// changed it.
///
/// It may look the same although it has changed: other code of equal size, sent within the same
/// second. `told` is the digest of its code, if it was read at the same time.
pub(super) async fn is_outdated(
    session: &FunctionSession<'_>,
    found: &GetFunctionReply,
    told: Option<&String>,
) -> bool {
    let Some(before) = session.record().latest.replaced.clone() else { return false };
    let same_code =
        found.mod_time == before.reply.mod_time && found.code_size == before.reply.code_size;
    let same = before.until > session.now()
        && (same_code || before.after_code)
        && wire::observed_function(found, None) == wire::observed_function(&before.reply, None);
    let outdated = same
        && match (before.settings, told) {
            // A failure from before this change says nothing about it.
            _ if Status::from(found.status.as_str()) != Status::Active => true,
            (Some(shows), _) => shows,
            (None, Some(_)) => told == before.code.as_ref(),
            (None, None) => match code::sha256(session, Version::Latest).await {
                // No digest is reported while an operation is in progress.
                Err(error) => is_busy(&error),
                Ok(told) => told.is_some() && told == before.code,
            },
        };
    if !outdated {
        session.record().latest.replaced = None;
    }
    outdated
}
