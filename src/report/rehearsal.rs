//! What `rollout rehearse` reports.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::FunctionName;
use super::rollout::Gate;
use super::said::Said;
use crate::model::Version;

/// A rollout that was rehearsed; with repetitions, the first one of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rehearsal {
    /// The name of a built-in world, `generated` or `recorded`.
    pub scenario: String,
    /// What its file says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The function; none where a recording is judged.
    #[serde(flatten)]
    pub function: Option<FunctionName>,
    /// The alias that was copied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_name: Option<String>,
    /// The version that serves now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Version>,
    /// The version that is rolled out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Version>,
    /// Of the first rehearsal; each next one has the next number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How it ended.
    pub outcome: RehearsalOutcome,
    /// Why it went back or was held.
    #[cfg_attr(test, schemars(with = "Option<super::schema::Ground>"))]
    pub reason: Option<&'static str>,
    /// How long it took, in minutes; of a recording, how many there are.
    pub minutes: u32,
    /// What happened, and by which numbers.
    pub timeline: Vec<RehearsalEntry>,
    /// The calls that would be made.
    pub calls: Vec<RehearsedCall>,
    /// What the new version served.
    pub exposure: Exposure,
    /// How often each outcome came, where there were repetitions.
    #[serde(flatten)]
    pub repeats: Option<Repeats>,
    /// What a recording has beside all that.
    #[serde(flatten)]
    pub recording: Option<RecordedResult>,
}

/// How a rehearsal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RehearsalOutcome {
    /// The new version serves everything.
    #[error("done")]
    Done,
    /// The old version serves everything again.
    #[error("rolled back")]
    RolledBack,
    /// It stands still.
    #[error("held")]
    Held,
    /// Neither: the rehearsal ended first.
    #[error("ended")]
    Ended,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RehearsalEntry {
    /// When: minutes since the beginning. Of a recording: the number of the minute, from 1.
    pub minute: u32,
    /// The name of its event, as `start` has it; `no-data` where the monitor did not answer, and
    /// `ends` at the end of a recording.
    #[cfg_attr(test, schemars(with = "super::schema::RehearsedEvent"))]
    pub event: &'static str,
    /// The step, from 1.
    pub step: usize,
    /// The share of the new version in that step.
    #[cfg_attr(test, schemars(with = "super::schema::Share"))]
    pub share: Value,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::Ground>"))]
    pub reason: Option<&'static str>,
    /// Whether the rollout stands still afterwards.
    #[serde(skip)]
    pub is_held: bool,
    /// What the gates said at the look that decided it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// All of it as a sentence, in English.
    #[serde(rename = "text")]
    pub says: Said,
    /// What the gates said, as sentences.
    #[serde(skip)]
    pub numbers: Vec<Said>,
}

/// A call that would be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RehearsedCall {
    /// When: minutes since the beginning.
    pub minute: u32,
    /// Action of the API.
    pub action: &'static str,
    /// Who has which share afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<String>,
}

/// What a version served. Counts of a recording may be fractions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposure {
    /// Calls, the failed ones included.
    pub calls: f64,
    /// Failed ones among them.
    pub bad: f64,
    /// Calls that were refused by limits.
    pub throttled: f64,
}

impl Serialize for Exposure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use super::metric::number;
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("calls", &number(self.calls))?;
        map.serialize_entry("bad", &number(self.bad))?;
        map.serialize_entry("throttled", &number(self.throttled))?;
        map.end()
    }
}

/// How often each outcome came.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Repeats {
    /// Rehearsals.
    pub repeat: usize,
    /// Those whose new version served everything in the end.
    pub done: usize,
    /// Those that went back.
    pub rolled_back: usize,
    /// Those that stood still.
    pub held: usize,
    /// Least, median and most minutes until the way back; none where none went back.
    #[cfg_attr(test, schemars(with = "Option<[f64; 3]>"))]
    pub minutes_until_back: Option<[Value; 3]>,
    /// Calls that the new version served, on average of all rehearsals.
    #[cfg_attr(test, schemars(with = "f64"))]
    pub mean_canary_calls: Value,
    /// Failed ones among them.
    #[cfg_attr(test, schemars(with = "f64"))]
    pub mean_canary_bad: Value,
}

/// What the result of a recording has beside what every rehearsal says. Its keys are those of the
/// file (`docs/reference/rollout-scenarios.md`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RecordedResult {
    /// The numbers that were really used.
    pub assumed: Assumed,
    /// Every look of every gate.
    pub gates: Vec<RecordedGate>,
    /// The first minute that failed, from 1.
    pub back_at_minute: Option<usize>,
}

/// The numbers that were really used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Assumed {
    /// Of each gate.
    pub alpha: f64,
    /// Of each gate.
    pub beta: f64,
    /// Canary calls in a step before it can pass.
    #[cfg_attr(test, schemars(with = "f64"))]
    #[serde(serialize_with = "whole")]
    pub min_invocations: f64,
    /// By which counts of errors are divided.
    pub dispersion: f64,
    /// Limit of the error rate at 100 %.
    pub frozen_limit: Option<f64>,
    /// Squared coefficient of variation of one call's duration.
    pub kappa2: Option<f64>,
}

/// What one gate said after each minute of a recording.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RecordedGate {
    /// Its option, without dashes in front.
    pub gate: &'static str,
    /// The option's value.
    pub value: String,
    /// Logarithm of the evidence against the canary.
    pub log_e_fail: Vec<f64>,
    /// Logarithm of the evidence for it.
    pub log_e_pass: Vec<f64>,
    /// One letter a minute: F, P or I.
    pub verdict: String,
}

/// What happens in a recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RecordedEvent {
    /// A step begins.
    Step {
        /// Step, from 1.
        step: usize,
        /// All of them.
        steps: usize,
        /// Share of the new version.
        share: f64,
    },
    /// A gate failed.
    Back {
        /// The minute that failed, from 1.
        minute: usize,
    },
    /// The recording ends, and nothing has failed.
    End {
        /// The last verdict: `P` or `I`.
        verdict: char,
    },
}

impl RecordedEvent {
    /// The word for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Step { step: 1, .. } => "begins",
            Self::Step { .. } => "advances",
            Self::Back { .. } => "back",
            Self::End { .. } => "ends",
        }
    }
}

/// A share as people read it: 10%.
#[must_use]
pub fn percent(share: f64) -> String {
    // Not more digits than a weight has.
    let rounded = (share * 1e8).round() / 1e6;
    format!("{rounded}%")
}

impl fmt::Display for RecordedEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step { step, steps, share } => {
                write!(formatter, "step {step} of {steps}: {}", percent(*share))
            }
            Self::Back { minute } => {
                write!(formatter, "back: a gate failed in minute {minute}")
            }
            Self::End { verdict: 'P' } => formatter.write_str("the end: the gates pass"),
            Self::End { .. } => formatter.write_str("the end: no gate failed, not all pass"),
        }
    }
}

/// What is worth knowing about a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RehearsalRemark {
    /// An option about steps, which a recording has itself.
    StepsOfRecording {
        /// The option.
        option: &'static str,
    },
    /// Something that judges beside the monitor.
    NotAsked {
        /// The option.
        option: &'static str,
    },
    /// Chats, and a recording.
    NobodyTold,
}

impl fmt::Display for RehearsalRemark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StepsOfRecording { option } => {
                write!(formatter, "{option} has no effect: the steps are those of the recording")
            }
            Self::NotAsked { option: "--prometheus" } => formatter.write_str(
                "Prometheus is not asked in a rehearsal: the scenario stands in its place",
            ),
            Self::NotAsked { option } => {
                write!(formatter, "{option} is not run in a rehearsal: it counts as a pass")
            }
            Self::NobodyTold => {
                formatter.write_str("--notify has no effect: a recording is judged, not rolled out")
            }
        }
    }
}

/// The lines of a rehearsal that are not of its timeline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RehearsalSentence<'a> {
    /// What was rehearsed.
    About(&'a Rehearsal),
    /// How often each outcome came.
    Repeated(&'a Repeats),
    /// Which of several the timeline is of.
    First {
        /// Its seed.
        seed: u64,
    },
    /// How it ended.
    Ended(&'a Rehearsal),
    /// What the new version served.
    Exposed(&'a Exposure),
    /// What stands below.
    Calls,
}

impl fmt::Display for RehearsalSentence<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::About(rehearsal) => about(rehearsal, formatter),
            Self::Repeated(repeats) => {
                let Repeats { repeat, done, rolled_back, held, .. } = repeats;
                write!(
                    formatter,
                    "{repeat} rehearsals: {rolled_back} rolled back, {done} done, {held} held"
                )?;
                if let Some([least, median, most]) = &repeats.minutes_until_back {
                    write!(
                        formatter,
                        "\nminutes until the way back: median {median}, from {least} to {most}"
                    )?;
                }
                let Repeats { mean_canary_calls, mean_canary_bad, .. } = repeats;
                write!(
                    formatter,
                    "\nthe new version served on average {} requests, {} of them bad",
                    rounded(mean_canary_calls),
                    rounded(mean_canary_bad)
                )
            }
            Self::First { seed } => write!(formatter, "the first of them, seed {seed}:"),
            Self::Ended(Rehearsal { outcome, minutes, recording: Some(recording), .. }) => {
                match recording.back_at_minute {
                    Some(minute) => {
                        write!(formatter, "{outcome}: minute {minute} of {minutes} failed")
                    }
                    None => write!(formatter, "{outcome}: none of {minutes} minutes failed"),
                }
            }
            Self::Ended(Rehearsal { outcome, minutes, .. }) => {
                write!(formatter, "{outcome} after {minutes} minutes")
            }
            Self::Exposed(Exposure { calls, bad, throttled }) => {
                write!(formatter, "the new version served {calls} requests, {bad} of them bad")?;
                if *throttled > 0.0 {
                    write!(formatter, "; {throttled} were throttled")?;
                }
                Ok(())
            }
            Self::Calls => formatter.write_str("calls that a rollout would make:"),
        }
    }
}

/// With one decimal place, which is enough of a mean.
#[must_use]
pub fn rounded(value: &Value) -> String {
    let value = value.as_f64().unwrap_or_default();
    ((value * 10.0).round() / 10.0).to_string()
}

fn about(rehearsal: &Rehearsal, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Rehearsal { scenario, title, function, alias_name, from, to, seed, .. } = rehearsal;
    write!(formatter, "scenario {scenario}")?;
    if let Some(title) = title {
        write!(formatter, " ({title})")?;
    }
    if let Some(seed) = seed {
        write!(formatter, ", seed {seed}")?;
    }
    if let (Some(function), Some(alias), Some(from), Some(to)) = (function, alias_name, from, to) {
        let name = &function.function_name;
        write!(formatter, "\nalias `{alias}` of `{name}`, from {from} to {to}; times are virtual")?;
    }
    Ok(())
}

/// A whole number without a point.
// Whole and far below 2^53.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
// Serde hands out references.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn whole<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.fract() == 0.0 && (0.0..1e15).contains(value) {
        serializer.serialize_u64(*value as u64)
    } else {
        serializer.serialize_f64(*value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_a_recording_are_those_of_the_document() {
        let recording = RecordedResult {
            assumed: Assumed {
                alpha: 0.01,
                beta: 0.05,
                min_invocations: 50.0,
                dispersion: 2.4,
                frozen_limit: Some(0.019),
                kappa2: None,
            },
            gates: vec![RecordedGate {
                gate: "max-error-rate-increase",
                value: "1.1x+0.05%".to_owned(),
                log_e_fail: vec![-0.27, 1.03],
                log_e_pass: vec![0.1, 0.3],
                verdict: "IF".to_owned(),
            }],
            back_at_minute: Some(2),
        };
        assert_eq!(
            serde_json::to_string(&recording).unwrap(),
            "{\"assumed\":{\"alpha\":0.01,\"beta\":0.05,\
             \"min_invocations\":50,\"dispersion\":2.4,\"frozen_limit\":0.019,\"kappa2\":null},\
             \"gates\":[{\"gate\":\"max-error-rate-increase\",\"value\":\"1.1x+0.05%\",\
             \"log_e_fail\":[-0.27,1.03],\"log_e_pass\":[0.1,0.3],\"verdict\":\"IF\"}],\
             \"back_at_minute\":2}"
        );
    }
}
