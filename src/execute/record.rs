//! What a run has done so far, as far as later calls depend on it.

use tokio::time::Instant;

use super::latest_record::LatestRecord;

/// Actions that reply before their operation is done. All others are done when they reply.
const WORK: &[&str] =
    &["CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration", "PublishVersion"];

/// What a run has done so far.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Whether the current step has sent a change that may have been carried out.
    pub sent: bool,
    /// Whether the run waited for someone else's operation, so that earlier reads are outdated.
    pub waited: bool,
    /// Whether a version was, or may have been, published.
    pub published: bool,
    /// The last change that started an operation and the time of its reply, until it is waited for.
    pub work: Option<(&'static str, Instant)>,
    /// What reads of `$LATEST` have shown, and may still show after it was replaced.
    pub latest: LatestRecord,
}

impl Record {
    /// Records the operation to wait for next, if the action started one.
    pub fn note_work(&mut self, action: &'static str, accepted: bool, at: Instant) {
        self.work = (accepted && WORK.contains(&action)).then_some((action, at));
    }
}
