//! What a run has seen of `$LATEST`, and what it has replaced.

use tokio::time::Instant;

use super::wire;
use crate::api::actions::GetFunctionReply;
use crate::model::Configuration;

/// What this run has seen of `$LATEST`, and what it has replaced.
#[derive(Debug, Default)]
pub(super) struct LatestRecord {
    /// `$LATEST` and the digest of its code, as last read.
    seen: Option<GetFunctionReply>,
    seen_code: Option<String>,
    /// Whether this run has replaced the code, perhaps repeatedly after a lost response.
    code_replaced: bool,
    /// Whether the settings to be sent next differ from those seen in a way that reads show.
    settings_show: bool,
    pub(super) replaced: Option<ReplacedLatest>,
}

#[derive(Debug, Clone)]
pub(super) struct ReplacedLatest {
    pub(super) reply: GetFunctionReply,
    /// Digest of the replaced code. Known if the code was replaced and may tell whether reads show
    /// that.
    pub(super) code: Option<String>,
    /// Whether a change of settings is visible to reads; `None` if the code was replaced.
    pub(super) settings: Option<bool>,
    /// Whether the code was replaced before, so that reads between the two changes differ from
    /// `reply` in time and size.
    pub(super) after_code: bool,
    pub(super) until: Instant,
}

impl LatestRecord {
    /// Records `$LATEST` as it was read.
    pub fn note_seen(&mut self, latest: &GetFunctionReply) {
        self.seen = Some(latest.clone());
    }

    /// Records the digest that the service reported for the code of `$LATEST`.
    pub fn note_seen_code(&mut self, digest: Option<&String>) {
        self.seen_code = digest.cloned();
    }

    /// Records the settings about to be sent.
    ///
    /// Settings that are already in place, or that the service does not report, look the same
    /// before and after.
    pub fn note_settings(&mut self, sent: &Configuration) {
        self.settings_show = self.seen.as_ref().is_some_and(|seen| {
            let observed = wire::observed_function(seen, None).spec.configuration;
            !sent.comparable_to(&observed).changes_to(&observed).is_empty()
        });
    }

    /// Records that a call has replaced `$LATEST`. Reads may show the old state until the given
    /// time.
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
