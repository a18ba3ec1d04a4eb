//! What a run has seen of `$LATEST`, and what of that it has replaced.

use tokio::time::Instant;

use super::wire;
use crate::api::actions::GetFunctionReply;
use crate::model::Configuration;

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
    pub(super) replaced: Option<ReplacedLatest>,
}

#[derive(Debug, Clone)]
pub(super) struct ReplacedLatest {
    pub(super) reply: GetFunctionReply,
    /// Known where the code was replaced, and may show that this has happened.
    pub(super) code: Option<String>,
    /// The settings were replaced, and whether that shows.
    pub(super) settings: Option<bool>,
    /// Whether the code was replaced before, so that reads between the two changes differ from
    /// `reply` in its time and size.
    pub(super) after_code: bool,
    pub(super) until: Instant,
}

impl LatestRecord {
    /// Notes what `$LATEST` was read as.
    pub fn note_seen(&mut self, latest: &GetFunctionReply) {
        self.seen = Some(latest.clone());
    }

    /// Notes what digest the service told of the code of `$LATEST`.
    pub fn note_seen_code(&mut self, digest: Option<&String>) {
        self.seen_code = digest.cloned();
    }

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
