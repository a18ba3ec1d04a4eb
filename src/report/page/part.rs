//! What a page says of one function.

use chrono::{DateTime, Utc};

use super::timeline::{self, instant};
use super::{Account, PagePart, ReportEnding, ReportStep, Scenario, Unknown, steps};
use crate::error::FailureReport;
use crate::report::rehearsal::{self, Rehearsal};
use crate::report::rollout::Event;
use crate::report::said::Said;
use crate::report::status::RolloutFound;
use crate::text::Language;

/// Returns what a command that ended at `ended` came to for one function, by its own `events`.
pub(super) fn of(
    account: Account,
    events: &[Event],
    ending: ReportEnding,
    ended: Option<DateTime<Utc>>,
) -> PagePart {
    let Account { function, alias_name, rollout, found, rehearsal, series, exposure, failure: _ } =
        account;
    let began = rollout.as_ref().and_then(|rollout| instant(&rollout.began));
    let outcome = outcome(found.as_deref(), rehearsal.as_deref(), ending.exit_code);
    let is_virtual = rehearsal.is_some();
    let timeline = match &rehearsal {
        Some(rehearsal) => rehearsal.timeline.iter().map(timeline::of_entry).collect(),
        None => timeline::happened(events, began, false),
    };
    let recording = rehearsal.as_ref().and_then(|rehearsal| rehearsal.recording.as_ref());
    let mut looks = match recording {
        Some(recording) => timeline::looks_of_recording(recording, &timeline),
        None => timeline::looks(events, began, is_virtual),
    };
    if let Some(found) =
        found.as_deref().filter(|found| looks.is_empty() && !found.status.gates.is_empty())
    {
        looks.push(timeline::look_of_status(found, began));
    }
    let now = found.as_ref().map(|found| found.now).or(ended);
    let steps = match (&rollout, &rehearsal) {
        (Some(rollout), _) => steps::of(rollout, &timeline, began, now.filter(|_| !is_virtual)),
        (None, Some(rehearsal)) => steps::of_recording(rehearsal, &timeline),
        (None, None) => Vec::new(),
    };
    let first = series.as_ref().and_then(|series| instant(&series.from));
    let series_from_minute = match (first, began) {
        (Some(first), Some(began)) => (first - began).num_minutes(),
        // The minutes of a recording have numbers.
        _ => 1,
    };
    let is_from_the_start = timeline.iter().any(|entry| entry.event == "begins");
    PagePart {
        outcome,
        function,
        alias_name,
        from: rollout.as_ref().map(|rollout| rollout.from),
        to: rollout.as_ref().map(|rollout| rollout.to),
        summary: summary(found.as_deref(), rehearsal.as_deref(), &ending),
        scenario: rehearsal.as_deref().map(scenario),
        error: ending.error,
        error_said: ending.said,
        routing: found.as_ref().map(|found| found.status.routing.clone()),
        next: found.as_ref().and_then(|found| found.next.clone()),
        exposure,
        repeats: rehearsal.and_then(|rehearsal| rehearsal.repeats),
        unknown: unknown(is_from_the_start, found.as_deref(), series.is_some(), is_virtual, &steps),
        rollout,
        steps,
        timeline,
        looks,
        series,
        series_from_minute,
    }
}

fn scenario(rehearsal: &Rehearsal) -> Scenario {
    Scenario {
        name: rehearsal.scenario.clone(),
        title: rehearsal.title.clone(),
        seed: rehearsal.seed,
    }
}

fn outcome(
    found: Option<&RolloutFound>,
    rehearsal: Option<&Rehearsal>,
    exit_code: u8,
) -> &'static str {
    match (found, rehearsal) {
        (Some(found), _) => found.status.outcome,
        (None, Some(rehearsal)) => match rehearsal.outcome {
            rehearsal::RehearsalOutcome::Done => "done",
            rehearsal::RehearsalOutcome::RolledBack => "rolled-back",
            rehearsal::RehearsalOutcome::Held => "held",
            rehearsal::RehearsalOutcome::Ended => "ended",
        },
        (None, None) if matches!(exit_code, 130 | 143) => "interrupted",
        (None, None) => "failed",
    }
}

fn summary(
    found: Option<&RolloutFound>,
    rehearsal: Option<&Rehearsal>,
    ending: &ReportEnding,
) -> Said {
    match (found, rehearsal) {
        (Some(found), _) => Said::new(&found.phase),
        (None, Some(rehearsal)) => Said::new(&rehearsal::RehearsalSentence::Ended(rehearsal)),
        (None, None) => failed(ending),
    }
}

/// Returns why a command came to no result.
pub(super) fn failed(ending: &ReportEnding) -> Said {
    let whole = |report: &Option<FailureReport>, language| {
        report.as_ref().map(|report| report.whole_in(language)).unwrap_or_default()
    };
    let english = whole(&ending.error, Language::English);
    Said::in_both(english, whole(&ending.said, Language::Chinese))
}

fn unknown(
    is_from_the_start: bool,
    found: Option<&RolloutFound>,
    has_series: bool,
    is_virtual: bool,
    steps: &[ReportStep],
) -> Vec<Unknown> {
    if is_virtual {
        return vec![Unknown::MadeUp];
    }
    let mut unknown = Vec::new();
    if !is_from_the_start && !steps.is_empty() {
        unknown.extend([Unknown::EarlierLooks, Unknown::EarlierRuns]);
    }
    let is_over = found
        .as_ref()
        .and_then(|found| found.status.rollout.as_ref())
        .is_some_and(|rollout| !matches!(rollout.phase, "running" | "held"));
    let last = steps.iter().rev().find(|step| step.result.is_reached());
    if is_over && last.is_some_and(|step| step.seconds.is_none()) {
        unknown.push(Unknown::EndOfLastStep);
    }
    if !steps.is_empty() {
        unknown.push(if has_series { Unknown::OtherAliases } else { Unknown::Monitor });
    }
    unknown
}
