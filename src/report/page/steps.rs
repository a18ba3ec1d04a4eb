//! The steps of a rollout, and what became of each.

use chrono::{DateTime, Utc};

use super::timeline::minute_of;
use super::{ReportEntry, ReportStep, StepResult};
use crate::report::rehearsal::Rehearsal;
use crate::report::rollout::{Rollout, RolloutStep};

/// Returns the steps of the schedule, and what became of each.
pub(super) fn of(
    rollout: &Rollout,
    timeline: &[ReportEntry],
    began: Option<DateTime<Utc>>,
    now: Option<DateTime<Utc>>,
) -> Vec<ReportStep> {
    let minute = |step: &RolloutStep| minute_of(step.began.as_deref()?, began);
    let last =
        timeline.iter().rev().find(|entry| matches!(entry.event, "back" | "finishes" | "holds"));
    let one = |(index, step): (usize, &RolloutStep)| {
        let number = index + 1;
        let start = minute(step);
        // One that was left out has the start of the next one.
        let following = rollout.steps.get(number);
        let is_left_out = step.minutes != Some(0)
            && following.is_some_and(|next| next.began.is_some() && next.began == step.began);
        let left = following.and_then(minute);
        let is_left_early = !rollout.advances_early
            && step
                .minutes
                .map(i64::from)
                .zip(start)
                .zip(left)
                .is_some_and(|((planned, start), left)| left - start < planned);
        let result = match number.cmp(&rollout.step) {
            std::cmp::Ordering::Less if start.is_none() || is_left_out => StepResult::Skipped,
            std::cmp::Ordering::Less if is_left_early => StepResult::Promoted,
            std::cmp::Ordering::Less => StepResult::Passed,
            std::cmp::Ordering::Greater => StepResult::NotReached,
            std::cmp::Ordering::Equal => match rollout.phase {
                "running" => StepResult::Current,
                "held" => StepResult::Held,
                "back" => StepResult::Back,
                "done" => StepResult::Passed,
                _ => StepResult::Ended,
            },
        };
        let next = rollout.steps.iter().skip(number).find_map(minute);
        let is_open = matches!(rollout.phase, "running" | "held");
        let until = if number < rollout.step {
            next
        } else if result == StepResult::Held || !is_open {
            last.and_then(|entry| entry.minute)
        } else {
            now.zip(began).map(|(now, began)| (now - began).num_minutes())
        };
        let seconds = start.zip(until.filter(|_| result.is_reached()));
        ReportStep {
            step: number,
            share: serde_json::to_value(step.share).unwrap_or_default(),
            minutes: step.minutes,
            began_minute: start,
            seconds: seconds.map(|(start, until)| (until - start).max(0) * 60),
            result,
            reason: rollout
                .reason
                .filter(|_| matches!(result, StepResult::Held | StepResult::Back)),
        }
    };
    rollout.steps.iter().enumerate().map(one).collect()
}

/// Returns the steps of a recording, which has no schedule.
pub(super) fn of_recording(rehearsal: &Rehearsal, timeline: &[ReportEntry]) -> Vec<ReportStep> {
    let begins = |entry: &&ReportEntry| matches!(entry.event, "begins" | "advances");
    let begun: Vec<&ReportEntry> = timeline.iter().filter(begins).collect();
    let back = timeline.iter().find(|entry| entry.event == "back");
    let end = i64::from(rehearsal.minutes) + 1;
    let one = |(index, entry): (usize, &&ReportEntry)| {
        let until = begun.get(index + 1).and_then(|next| next.minute).unwrap_or(end);
        let result = match back {
            Some(back) if back.step == entry.step => StepResult::Back,
            Some(back) if back.step < entry.step => StepResult::NotReached,
            _ => StepResult::Passed,
        };
        let until = back
            .filter(|_| result == StepResult::Back)
            .and_then(|back| back.minute)
            .map_or(until, |minute| minute + 1);
        let lasted = entry.minute.filter(|_| result.is_reached());
        ReportStep {
            step: entry.step,
            share: entry.share.clone(),
            minutes: None,
            began_minute: entry.minute,
            seconds: lasted.map(|from| (until - from) * 60),
            result,
            reason: back.filter(|_| result == StepResult::Back).and_then(|back| back.reason),
        }
    };
    begun.iter().enumerate().map(one).collect()
}
