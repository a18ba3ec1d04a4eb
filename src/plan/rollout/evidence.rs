//! From points of the monitor to what the gates say.

use super::decision::JointVerdict;
use super::machine::settled_until;
use super::state::Rollout;
use crate::model::{Version, Weight};
use crate::plan::gates::{self, GateSettings, HISTORY_MINUTES, Side, Verdict};

/// The minutes that gates look at, by Unix time over 60.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first minute of the history before the rollout.
    pub history: i64,
    /// The first minute of the rollout.
    pub from: i64,
    /// The first minute that is not old enough.
    pub until: i64,
}

/// The minutes that count at a time.
#[must_use]
pub fn window(rollout: &Rollout, now: chrono::DateTime<chrono::Utc>) -> Window {
    let minute = |minute: super::state::Minute| minute.start().timestamp().div_euclid(60);
    let began = minute(rollout.began);
    let from = began + i64::from(rollout.judged);
    let history = i64::try_from(HISTORY_MINUTES).unwrap_or(60);
    Window { history: began - history, from, until: minute(settled_until(rollout, now)).max(from) }
}

/// What was measured, in the form that the gates judge. `side` tells the point of a version in a
/// minute.
#[must_use]
pub fn series(
    rollout: &Rollout,
    window: Window,
    side: impl Fn(Version, i64) -> Option<Side>,
) -> (Vec<Option<Side>>, Vec<gates::SettledMinute>) {
    let began = rollout.began.start().timestamp().div_euclid(60);
    let history = (window.history..began).map(|minute| side(rollout.from, minute)).collect();
    let minutes = (window.from..window.until).filter_map(|minute| {
        let offset = u32::try_from(minute - began).ok()?;
        if rollout.skipped.contains(&offset) {
            return None;
        }
        // The last step that had begun; one that was left out has no minute.
        let step = rollout.starts.iter().rposition(|start| *start <= offset)?;
        let full = rollout.schedule.step(step + 1).share == Weight::ONE;
        let (baseline, canary) = (side(rollout.from, minute), side(rollout.to, minute));
        Some(gates::SettledMinute { step, full, baseline, canary })
    });
    (history, minutes.collect())
}

/// What the gates say of the step that a rollout is in.
#[must_use]
pub fn judgement(
    rollout: &Rollout,
    settings: &GateSettings,
    judged: &gates::Judgement,
) -> JointVerdict {
    let step = rollout.step - 1;
    let verdict = judged.verdict(step);
    let is_last_judged = judged.steps.last().is_some_and(|counts| counts.step == step);
    JointVerdict {
        fails: verdict == Verdict::Fail,
        passes: verdict == Verdict::Pass,
        leans_against: judged.leans_against(),
        // Where a command judges alone nothing is counted.
        enough: settings.rules.is_empty() || (is_last_judged && !judged.lacks_data(step)),
        not_yet: false,
    }
}
