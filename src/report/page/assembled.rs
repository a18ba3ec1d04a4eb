//! A page from what a run heard.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    Account, MadeCall, Page, ReportCalls, ReportChange, ReportEnding, ReportEntry, ReportLook,
    ReportStep, Run, Scenario, StepResult, Unknown,
};
use crate::report::rehearsal::{self, RecordedGate, RecordedResult, Rehearsal};
use crate::report::rollout::{Event, Evidence, Gate, Rollout};
use crate::report::said::Said;
use crate::text::{Language, Text};

/// Actions that change nothing begin so.
const READS: [&str; 5] = ["Get", "List", "Describe", "Search", "AssumeRole"];
/// Reasons of transitions that no look at the gates is behind, although one may have come before.
const NOT_BY_GATES: [&str; 6] = ["user", "promoted", "deadline", "interrupt", "content", "gates"];

/// What a run heard.
#[derive(Debug, Clone, Default)]
pub struct Heard<'a> {
    /// The command.
    pub command: &'a str,
    /// What it knows of its rollout.
    pub account: Account,
    /// Looks and transitions.
    pub events: Vec<Event>,
    /// Calls.
    pub calls: Vec<MadeCall>,
    /// Who and when.
    pub run: Run,
}

impl Page {
    /// All that a page says of a run.
    #[must_use]
    pub fn of(heard: Heard<'_>, ending: ReportEnding) -> Self {
        let Heard { command, account, events, calls, run } = heard;
        let Account { function, alias_name, rollout, found, rehearsal, series, exposure } = account;
        let began = rollout.as_ref().and_then(|rollout| instant(&rollout.began));
        let outcome = outcome(found.as_deref(), rehearsal.as_deref(), ending.exit_code);
        let is_virtual = rehearsal.is_some();
        let timeline = match &rehearsal {
            Some(rehearsal) => rehearsal.timeline.iter().map(of_entry).collect(),
            None => happened(&events, began),
        };
        let recording = rehearsal.as_ref().and_then(|rehearsal| rehearsal.recording.as_ref());
        let mut looks = match recording {
            Some(recording) => looks_of_recording(recording, &timeline),
            None => looks(&events, began, is_virtual),
        };
        if let Some(found) =
            found.as_deref().filter(|found| looks.is_empty() && !found.status.gates.is_empty())
        {
            looks.push(look_of_status(found, began));
        }
        let now = found.as_ref().map(|found| found.now).or_else(|| instant(&run.ended));
        let steps = match (&rollout, &rehearsal) {
            (Some(rollout), _) => steps(rollout, &timeline, began, now.filter(|_| !is_virtual)),
            (None, Some(rehearsal)) => steps_of_recording(rehearsal, &timeline),
            (None, None) => Vec::new(),
        };
        let from = rollout.as_ref().map(|rollout| rollout.from);
        let to = rollout.as_ref().map(|rollout| rollout.to);
        let first = series.as_ref().and_then(|series| instant(&series.from));
        let series_from_minute = match (first, began) {
            (Some(first), Some(began)) => (first - began).num_minutes(),
            // The minutes of a recording have numbers.
            _ => 1,
        };
        let is_from_the_start = timeline.iter().any(|entry| entry.event == "begins");
        let unknown =
            unknown(is_from_the_start, found.as_deref(), series.is_some(), is_virtual, &steps);
        let summary = summary(found.as_deref(), rehearsal.as_deref(), &ending);
        let scenario = rehearsal.as_ref().map(|rehearsal| Scenario {
            name: rehearsal.scenario.clone(),
            title: rehearsal.title.clone(),
            seed: rehearsal.seed,
        });
        let next = found.as_ref().and_then(|found| found.next.clone());
        let commands = found.as_ref().map(|found| found.commands.clone()).unwrap_or_default();
        let (would_call, repeats) =
            rehearsal.map(|rehearsal| (rehearsal.calls, rehearsal.repeats)).unwrap_or_default();
        Self {
            command: command.to_owned(),
            outcome,
            exit_code: ending.exit_code,
            function,
            alias_name,
            from,
            to,
            summary,
            scenario,
            error: ending.error,
            error_said: ending.said,
            routing: found.map(|found| found.status.routing),
            rollout,
            next,
            steps,
            exposure,
            repeats,
            timeline,
            looks,
            series,
            series_from_minute,
            would_call,
            changes: changes(&calls),
            calls: by_action(&calls),
            commands,
            run,
            unknown,
        }
    }
}

fn instant(time: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(time).ok().map(|time| time.to_utc())
}

fn outcome(
    found: Option<&crate::report::status::RolloutFound>,
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
    found: Option<&crate::report::status::RolloutFound>,
    rehearsal: Option<&Rehearsal>,
    ending: &ReportEnding,
) -> Said {
    match (found, rehearsal) {
        (Some(found), _) => Said::new(&found.phase),
        (None, Some(rehearsal)) => Said::new(&rehearsal::RehearsalSentence::Ended(rehearsal)),
        (None, None) => {
            let whole = |report: &Option<crate::error::FailureReport>, language| {
                report.as_ref().map(|report| report.whole_in(language)).unwrap_or_default()
            };
            let english = whole(&ending.error, Language::English);
            Said::new(&InBoth { english, other: whole(&ending.said, Language::Chinese) })
        }
    }
}

/// A text that was said already, in English and in the language of the run.
struct InBoth {
    english: String,
    other: String,
}

impl std::fmt::Display for InBoth {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.english)
    }
}

impl Text for InBoth {
    fn zh(&self) -> String {
        self.other.clone()
    }
}

fn of_entry(entry: &rehearsal::RehearsalEntry) -> ReportEntry {
    ReportEntry {
        minute: Some(entry.minute.into()),
        time: None,
        event: entry.event,
        step: entry.step,
        share: entry.share.clone(),
        reason: entry.reason,
        gates: entry.gates.clone(),
        says: entry.says.clone(),
        numbers: entry.numbers.clone(),
    }
}

fn minute_of(time: &str, began: Option<DateTime<Utc>>) -> Option<i64> {
    Some((instant(time)? - began?).num_minutes())
}

/// The transitions, each with what the look before it found.
fn happened(events: &[Event], began: Option<DateTime<Utc>>) -> Vec<ReportEntry> {
    let mut looked: &[Gate] = &[];
    let mut happened = Vec::new();
    for event in events {
        if event.event == "look" {
            looked = &event.gates;
            continue;
        }
        let mut gates = std::mem::take(&mut looked).to_vec();
        if !is_by_gates(event) {
            gates.clear();
        }
        happened.push(ReportEntry {
            minute: minute_of(&event.time, began),
            time: Some(event.time.clone()),
            event: event.event,
            step: event.step,
            share: serde_json::to_value(event.share).unwrap_or_default(),
            reason: event.reason,
            numbers: gates.iter().filter_map(|gate| gate.says.clone()).collect(),
            gates,
            says: event.says.clone().unwrap_or_else(|| Said::new(event.event)),
        });
    }
    happened
}

fn is_by_gates(transition: &Event) -> bool {
    !transition.reason.is_some_and(|reason| NOT_BY_GATES.contains(&reason))
}

fn looks(events: &[Event], began: Option<DateTime<Utc>>, is_virtual: bool) -> Vec<ReportLook> {
    let is_look = |event: &Event| event.event == "look";
    let looks = events.iter().enumerate().filter(|(_, event)| is_look(event));
    let look = |(position, event): (usize, &Event)| ReportLook {
        minute: minute_of(&event.time, began),
        time: (!is_virtual).then(|| event.time.clone()),
        step: event.step,
        verdict: event.verdict,
        decides: events.get(position + 1).is_some_and(|next| !is_look(next) && is_by_gates(next)),
        gates: event.gates.clone(),
    };
    looks.map(look).collect()
}

fn look_of_status(
    found: &crate::report::status::RolloutFound,
    began: Option<DateTime<Utc>>,
) -> ReportLook {
    ReportLook {
        minute: began.map(|began| (found.now - began).num_minutes()),
        time: Some(found.now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        step: found.status.rollout.as_ref().map_or(0, |rollout| rollout.step),
        verdict: None,
        decides: false,
        gates: found.status.gates.clone(),
    }
}

/// The step of a recording that a minute, from 1, belongs to.
fn step_of(minute: i64, timeline: &[ReportEntry]) -> usize {
    let begins = |entry: &&ReportEntry| matches!(entry.event, "begins" | "advances");
    let mut begun = timeline.iter().filter(begins).filter(|entry| entry.minute <= Some(minute));
    begun.next_back().map_or(1, |entry| entry.step)
}

/// Every minute of a recording is a look.
fn looks_of_recording(recording: &RecordedResult, timeline: &[ReportEntry]) -> Vec<ReportLook> {
    let minutes = recording.gates.iter().map(|gate| gate.verdict.len()).max().unwrap_or(0);
    let look = |index: usize| {
        let minute = i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1);
        let gates = recording.gates.iter().filter_map(|gate| recorded(gate, recording, index));
        ReportLook {
            minute: Some(minute),
            time: None,
            step: step_of(minute, timeline),
            verdict: None,
            decides: recording.back_at_minute == Some(index + 1),
            gates: gates.collect(),
        }
    };
    (0..minutes).map(look).collect()
}

fn recorded(gate: &RecordedGate, recording: &RecordedResult, index: usize) -> Option<Gate> {
    let verdict = match gate.verdict.as_bytes().get(index)? {
        b'F' => "fail",
        b'P' => "pass",
        _ => "inconclusive",
    };
    let purse = |logs: &[f64], share: f64| {
        logs.get(index).map(|log| Evidence { log: *log, log_needed: -share.ln() })
    };
    Some(Gate {
        gate: gate.gate.to_owned(),
        value: Some(gate.value.clone()),
        verdict,
        canary: None,
        baseline: None,
        against: purse(&gate.log_e_fail, recording.assumed.alpha),
        in_favour: purse(&gate.log_e_pass, recording.assumed.beta),
        failures_to_fail: None,
        calls_to_pass: None,
        text: String::new(),
        says: None,
    })
}

/// The steps of the schedule, and what became of each.
fn steps(
    rollout: &Rollout,
    timeline: &[ReportEntry],
    began: Option<DateTime<Utc>>,
    now: Option<DateTime<Utc>>,
) -> Vec<ReportStep> {
    let minute =
        |step: &crate::report::rollout::RolloutStep| minute_of(step.began.as_deref()?, began);
    let last =
        timeline.iter().rev().find(|entry| matches!(entry.event, "back" | "finishes" | "holds"));
    let one = |(index, step): (usize, &crate::report::rollout::RolloutStep)| {
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

/// The steps of a recording, which has no schedule.
fn steps_of_recording(rehearsal: &Rehearsal, timeline: &[ReportEntry]) -> Vec<ReportStep> {
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

fn by_action(calls: &[MadeCall]) -> Vec<ReportCalls> {
    let mut sums: Vec<ReportCalls> = Vec::new();
    for call in calls {
        let failed = usize::from(call.failure.is_some());
        match sums.iter_mut().find(|sum| sum.action == call.action) {
            Some(sum) => {
                sum.count += 1;
                sum.failed += failed;
            }
            None => sums.push(ReportCalls { action: call.action, count: 1, failed }),
        }
    }
    sums
}

fn changes(calls: &[MadeCall]) -> Vec<ReportChange> {
    let changing =
        calls.iter().filter(|call| !READS.iter().any(|read| call.action.starts_with(read)));
    let change = |call: &MadeCall| ReportChange {
        time: call.time.clone(),
        action: call.action,
        request_id: call.request_id.clone(),
        failure: call.failure.clone(),
    };
    changing.map(change).collect()
}

fn unknown(
    is_from_the_start: bool,
    found: Option<&crate::report::status::RolloutFound>,
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

/// A share as people read it.
#[must_use]
pub fn share_text(share: &Value) -> String {
    share.as_f64().map(rehearsal::percent).unwrap_or_default()
}
