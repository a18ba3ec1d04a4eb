//! Reads of `$LATEST` that may still show what was there before a change that this run made.
//!
//! The reference promises nothing about reads after writes, and answers may come from replicas
//! that lag behind. A read that shows exactly what this run has replaced, time of the last write
//! included, is therefore no news; anything else is.

use super::{FunctionSession, code, is_busy, wire};
use crate::api::actions::GetFunctionReply;
use crate::model::{Status, Version};

/// Whether `$LATEST`, without work under way, is what it was before this run changed it. It
/// may look the same all the same: other code of equal size, sent within the second.
///
/// `told` is the digest of its code as it was told beside.
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
            // A failure that was there before is not this one's.
            _ if Status::from(found.status.as_str()) != Status::Active => true,
            (Some(shows), _) => shows,
            (None, Some(_)) => told == before.code.as_ref(),
            (None, None) => match code::sha256(session, Version::Latest).await {
                // It does not tell while work is under way.
                Err(error) => is_busy(&error),
                Ok(told) => told.is_some() && told == before.code,
            },
        };
    if !outdated {
        session.record().latest.replaced = None;
    }
    outdated
}
