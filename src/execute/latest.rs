//! Reads of `$LATEST` that may still show what was there before a change that this run made.
//!
//! The reference promises nothing about reads after writes, and answers may come from replicas
//! that lag behind. A read that shows exactly what this run has replaced, time of the last write
//! included, is therefore no news; anything else is.

use tokio::time::Instant;

use super::{FunctionSession, code, is_busy, wire};
use crate::api::actions::GetFunctionReply;
use crate::model::{Configuration, Status, Version};

/// What this run has seen of `$LATEST`, and what of that it has replaced.
#[derive(Debug, Default)]
pub(super) struct LatestRecord {
    /// `$LATEST` and the digest of its code, as read last.
    seen: Option<GetFunctionReply>,
    seen_code: Option<String>,
    /// Whether this run has replaced the code, perhaps more than once after a lost answer.
    code_replaced: bool,
    /// Whether the settings that are sent next differ from those seen in a way that reads show.
    settings_show: bool,
    replaced: Option<ReplacedLatest>,
}

#[derive(Debug, Clone)]
struct ReplacedLatest {
    reply: GetFunctionReply,
    /// Known where the code was replaced, and may show that this has happened.
    code: Option<String>,
    /// The settings were replaced, and whether that shows.
    settings: Option<bool>,
    /// Whether the code was replaced before, so that reads between the two changes differ from
    /// `reply` in its time and size.
    after_code: bool,
    until: Instant,
}

/// Remembers what `$LATEST` was read as.
pub(super) fn note_seen(session: &FunctionSession<'_>, latest: &GetFunctionReply) {
    session.record().latest.seen = Some(latest.clone());
}

/// Remembers what digest was told of the code of `$LATEST`.
pub(super) fn note_seen_code(session: &FunctionSession<'_>, digest: Option<&String>) {
    session.record().latest.seen_code = digest.cloned();
}

impl LatestRecord {
    /// Notes the settings that are about to be sent. Those that are sent although they are as asked
    /// already, or that the service does not report, look the same before and after.
    pub fn note_settings(&mut self, sent: &Configuration) {
        self.settings_show = self.seen.as_ref().is_some_and(|seen| {
            let observed = wire::observed_function(seen, None).spec.configuration;
            !sent.comparable_to(&observed).changes_to(&observed).is_empty()
        });
    }

    /// Notes that a call has replaced what `$LATEST` was. Reads may show that until a given time.
    pub fn note_changed(&mut self, action: &str, until: Instant) {
        let settings = match action {
            "UpdateFunctionConfiguration" => Some(self.settings_show),
            "UpdateFunctionCode" => None,
            _ => return,
        };
        let code = self.seen_code.take();
        let after_code = self.code_replaced;
        self.code_replaced |= settings.is_none();
        let seen = self.seen.take();
        self.replaced =
            seen.map(|reply| ReplacedLatest { reply, code, settings, after_code, until });
    }
}

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
