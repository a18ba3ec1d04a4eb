//! What happened, and every look, minute by minute since the rollout began.

use chrono::{DateTime, Utc};

use super::{ReportEntry, ReportLook};
use crate::report::FunctionName;
use crate::report::rehearsal::{self, RecordedGate, RecordedResult};
use crate::report::rollout::{Event, Evidence, Gate};
use crate::report::said::Said;
use crate::report::status::RolloutFound;

/// Reasons of transitions that no look at the gates is behind, although one may have come before.
const NOT_BY_GATES: [&str; 7] =
    ["user", "promoted", "deadline", "interrupt", "content", "gates", "project"];

/// Returns a time that was written by this program.
pub(super) fn instant(time: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(time).ok().map(|time| time.to_utc())
}

/// Returns the minutes between the beginning of a rollout and a time.
pub(super) fn minute_of(time: &str, began: Option<DateTime<Utc>>) -> Option<i64> {
    Some((instant(time)? - began?).num_minutes())
}

/// Returns what happened in a rehearsal.
pub(super) fn of_entry(entry: &rehearsal::RehearsalEntry) -> ReportEntry {
    ReportEntry {
        minute: Some(entry.minute.into()),
        time: None,
        event: entry.event,
        function_name: None,
        step: entry.step,
        share: entry.share.clone(),
        reason: entry.reason,
        gates: entry.gates.clone(),
        says: entry.says.clone(),
        numbers: entry.numbers.clone(),
    }
}

/// Returns the transitions, each with what the look before it found; `named`, each with its
/// function.
pub(super) fn happened(
    events: &[Event],
    began: Option<DateTime<Utc>>,
    named: bool,
) -> Vec<ReportEntry> {
    // The last look at each function since its last transition.
    let mut looked: Vec<(&FunctionName, &[Gate])> = Vec::new();
    let mut happened = Vec::new();
    for event in events {
        let place = looked.iter().position(|(function, _)| **function == event.function);
        let before = place.map(|place| looked.swap_remove(place).1);
        if event.event == "look" {
            looked.push((&event.function, &event.gates));
            continue;
        }
        let gates = before.filter(|_| is_by_gates(event)).unwrap_or_default().to_vec();
        happened.push(ReportEntry {
            minute: minute_of(&event.time, began),
            time: Some(event.time.clone()),
            event: event.event,
            function_name: named.then(|| event.function.function_name.clone()),
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

/// Returns the looks that asked the gates.
pub(super) fn looks(
    events: &[Event],
    began: Option<DateTime<Utc>>,
    is_virtual: bool,
) -> Vec<ReportLook> {
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

/// Returns the look of a command that only looks, which tells no events.
pub(super) fn look_of_status(found: &RolloutFound, began: Option<DateTime<Utc>>) -> ReportLook {
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

/// Returns every minute of a recording as a look.
pub(super) fn looks_of_recording(
    recording: &RecordedResult,
    timeline: &[ReportEntry],
) -> Vec<ReportLook> {
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
