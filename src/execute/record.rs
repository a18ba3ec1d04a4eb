//! What a run has done so far, where later calls depend on it.

use tokio::time::Instant;

use super::latest_record::LatestRecord;

/// Actions whose answer comes before their work is over. Others end with their answer.
const WORK: &[&str] =
    &["CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration", "PublishVersion"];

/// What a run has done so far.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Whether the step under way has sent a change that may have been carried out.
    pub sent: bool,
    /// Whether someone else's work was waited for, so that what was read before is old.
    pub waited: bool,
    /// Whether a version was published, or perhaps was.
    pub published: bool,
    /// The change that began the last work and when its answer came, until it is waited for.
    pub work: Option<(&'static str, Instant)>,
    /// What reads of `$LATEST` have shown, and may still show although it was replaced.
    pub latest: LatestRecord,
}

impl Record {
    /// Remembers what is waited for next, after an answer that came at a given time.
    pub fn note_work(&mut self, action: &'static str, accepted: bool, at: Instant) {
        self.work = (accepted && WORK.contains(&action)).then_some((action, at));
    }
}
