//! From points of the monitor to what the gates say.

use super::decision::{Arrival, JointVerdict};
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
        arrival: Arrival::Here,
    }
}

/// Whether the monitor has come as far as the time of the step that a rollout is in. That a minute
/// is settled is a matter of its age alone, so that all who look judge by the same minutes; but
/// points may be later than that, or stop, and a step is over when the data of its time are there.
///
/// A point of either version tells how far the monitor has come. Where it is silent since, the
/// versions have no calls, or their points are late: silence is known by how long they were
/// silent before, in the hour before the rollout or since. Longer than that hour nobody knows.
#[must_use]
pub fn arrival(
    rollout: &Rollout,
    window: Window,
    side: impl Fn(Version, i64) -> Option<Side>,
) -> Arrival {
    let hold = i64::from(rollout.current().hold.minutes());
    let counts_since = rollout.counts_since().start().timestamp().div_euclid(60);
    let last = counts_since + hold - 1;
    let has =
        |minute: i64| [rollout.from, rollout.to].iter().any(|one| side(*one, minute).is_some());
    let Some(newest) = (window.history..window.until).rev().find(|minute| has(*minute)) else {
        return Arrival::Quiet;
    };
    if newest >= last {
        return Arrival::Here;
    }
    let silent = window.until - 1 - newest;
    let (mut longest, mut since) = (0, window.history);
    for minute in (window.history..=newest).filter(|minute| has(*minute)) {
        longest = longest.max(minute - since);
        since = minute + 1;
    }
    let known = i64::try_from(HISTORY_MINUTES).unwrap_or(60);
    if longest >= silent.min(known) { Arrival::Quiet } else { Arrival::Overdue }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::rollout::schedule::{Schedule, TypedSteps};
    use crate::plan::rollout::state::{Choices, GateFields, Minute, Phase};

    /// The first minute of the rollout.
    const BEGAN: i64 = 1000;

    /// Ten minutes at 10 % by Unix minutes.
    fn rollout() -> Rollout {
        let steps = TypedSteps { steps: Some("10%:10m,100%"), ..TypedSteps::default() };
        let began = chrono::DateTime::from_timestamp(BEGAN * 60, 0).unwrap();
        Rollout {
            id: "x".into(),
            from: Version::Number(1),
            to: Version::Number(2),
            schedule: Schedule::read(steps).unwrap(),
            step: 1,
            began: Minute::of(began),
            starts: vec![0],
            skipped: Vec::new(),
            since: 0,
            judged: 0,
            phase: Phase::Running,
            choices: Choices::DEFAULT,
            gates: GateFields::default(),
            functions: 1,
            content: None,
            freeze: true,
            frozen: None,
        }
    }

    /// What is said when minutes before `until` of the rollout are settled.
    fn at(until: i64, has_point: impl Fn(i64) -> bool) -> Arrival {
        let window = Window { history: BEGAN - 60, from: BEGAN, until: BEGAN + until };
        arrival(&rollout(), window, |version, minute| {
            // One version of the two is enough.
            let is_theirs = version == Version::Number(u64::try_from(minute % 2 + 1).unwrap());
            (is_theirs && has_point(minute - BEGAN)).then(Side::default)
        })
    }

    #[test]
    fn points_that_are_late_are_not_taken_for_no_calls() {
        use Arrival::{Here, Overdue, Quiet};
        let until = |last: i64| move |minute: i64| minute <= last;
        // Called all the time.
        assert_eq!(at(10, |_| true), Here);
        assert_eq!((at(10, until(9)), at(40, until(9)), at(40, until(20))), (Here, Here, Here));
        assert_eq!(
            (at(10, until(8)), at(10, until(2)), at(40, until(2))),
            (Overdue, Overdue, Overdue)
        );
        // Even in the hour before nothing was longer than three minutes.
        let gaps = |last: i64| move |minute: i64| minute <= last && minute.rem_euclid(4) == 0;
        assert_eq!((at(10, gaps(8)), at(10, gaps(4)), at(12, gaps(8))), (Quiet, Overdue, Quiet));
        assert_eq!((at(13, gaps(8)), at(13, gaps(12))), (Overdue, Here));
        // Called once an hour, or never before.
        assert_eq!(at(40, |minute| [-58, 2].contains(&minute)), Quiet);
        assert_eq!(at(40, |minute| minute == 2), Quiet);
        assert_eq!(at(900, |minute| minute == 2), Quiet);
        assert_eq!(at(40, |minute| (-20..=2).contains(&minute)), Quiet);
        assert_eq!(at(43, |minute| (-20..=2).contains(&minute)), Quiet);
        assert_eq!(at(44, |minute| (-20..=2).contains(&minute)), Overdue);
        assert_eq!(at(40, |_| false), Quiet);
    }
}
