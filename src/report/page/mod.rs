//! What a report file has: the data of the page that `--report` writes.

mod assembled;
mod part;
mod project;
mod steps;
mod timeline;
mod words;

use serde::Serialize;
use serde_json::Value;

use super::FunctionName;
use super::rehearsal::{self, Exposure, Rehearsal, Repeats};
use super::rollout::{Gate, Rollout};
use super::said::Said;
use super::status::{self, PastedCommand, RolloutMinutes};
use crate::error;
use crate::model::{Routing, Version, Weight};

pub use assembled::Heard;
pub use words::{AllStand, PageSentence, PageWord};

/// What a command knows of its rollout so far. Whatever is told later stands in its place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// The function; none where a recording is judged.
    pub function: Option<FunctionName>,
    /// The alias.
    pub alias_name: Option<String>,
    /// The rollout as it was seen last.
    pub rollout: Option<Rollout>,
    /// Where it is, with what can be done about it.
    pub found: Option<Box<status::RolloutFound>>,
    /// What a rehearsal came to.
    pub rehearsal: Option<Box<Rehearsal>>,
    /// Minutes of both versions.
    pub series: Option<RolloutMinutes>,
    /// What the new version served since the rollout began.
    pub exposure: Option<Exposure>,
    /// Of one function of a project: why the command did not succeed for it, in English and in the
    /// language of the run.
    pub failure: Option<Box<[error::FailureReport; 2]>>,
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeCall {
    /// Action of the API.
    pub action: &'static str,
    /// When it ended.
    pub time: String,
    /// Names it to the vendor's support.
    pub request_id: Option<String>,
    /// Code or text of its failure.
    pub failure: Option<String>,
}

/// Who runs the command, where, and how it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The user, as the pipeline or the system names it.
    pub user: Option<String>,
    /// The machine.
    pub host: Option<String>,
    /// Address of the pipeline's job.
    pub job: Option<String>,
    /// When the command began.
    pub began: String,
    /// When it ended.
    pub ended: String,
    /// Version of this program.
    pub version: &'static str,
    /// The command line, quoted for a shell.
    pub command_line: String,
    /// Whether values that may be secret are left out of it.
    pub is_withheld: bool,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportEnding {
    /// How the process exits.
    pub exit_code: u8,
    /// Why it is no success.
    pub error: Option<error::FailureReport>,
    /// The same, in the language of the run.
    pub said: Option<error::FailureReport>,
}

/// All that a page says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "ReportFile"))]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// The command: `rollout start`, `rollout tick`, `rollout status` or `rollout rehearse`.
    pub command: String,
    /// How the process exits.
    pub exit_code: u8,
    /// What the command was about: one function, or all functions of a project together.
    #[serde(flatten)]
    pub whole: PagePart,
    /// Each function of a project, in the order of the project; left out without `--project`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<PagePart>,
    /// Calls that a rehearsed rollout would make.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub would_call: Vec<super::rehearsal::RehearsedCall>,
    /// Calls that were made, by action.
    pub calls: Vec<ReportCalls>,
    /// Those among them that may have changed something, one by one.
    pub changes: Vec<ReportChange>,
    /// What can be done now, as commands to paste.
    pub commands: Vec<PastedCommand>,
    /// Who and when.
    pub run: Run,
}

/// What a page says of one function, or of all functions of a project together.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "ReportPart"))]
#[serde(rename_all = "camelCase")]
pub struct PagePart {
    /// What it came to: the `outcome` of the command's own result; `failed` or `interrupted` where
    /// it has none.
    #[cfg_attr(test, schemars(with = "crate::report::schema::OutcomeOfReport"))]
    pub outcome: &'static str,
    /// The function; none of a project, or where a recording is judged.
    #[serde(flatten)]
    pub function: Option<FunctionName>,
    /// The alias; null where the functions of a project have different ones.
    pub alias_name: Option<String>,
    /// The version that served before; null where the functions of a project have different ones.
    pub from: Option<Version>,
    /// The version that is rolled out; null where the functions of a project have different ones.
    pub to: Option<Version>,
    /// Where the rollout is, as a sentence in English.
    pub summary: Said,
    /// The world of a rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Scenario>,
    /// Why the command is no success.
    pub error: Option<error::FailureReport>,
    /// The same, in the language of the run.
    #[serde(skip)]
    pub error_said: Option<error::FailureReport>,
    /// The rollout as its marker has it; null of a project.
    pub rollout: Option<Rollout>,
    /// Who serves which share now; null of a project.
    pub routing: Option<Routing>,
    /// What comes next by itself.
    pub next: Option<status::Next>,
    /// Its steps.
    pub steps: Vec<ReportStep>,
    /// What the new version served; null where nobody knows.
    pub exposure: Option<Exposure>,
    /// How often each outcome came, where a rehearsal was repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Repeats>,
    /// What happened, as far as this run saw it.
    pub timeline: Vec<ReportEntry>,
    /// Every look of the gates; of a project each function has its own.
    pub looks: Vec<ReportLook>,
    /// Minutes of both versions; null of a project, and where the monitor was not asked or knows
    /// nothing.
    pub series: Option<RolloutMinutes>,
    /// Minute of the first point, counted from the beginning of the rollout.
    pub series_from_minute: i64,
    /// What this page cannot know, in words for programs.
    pub unknown: Vec<Unknown>,
}

/// The world of a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Scenario {
    /// Its name, `generated` or `recorded`.
    pub name: String,
    /// What its file says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What its calls were drawn by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// A step, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReportStep {
    /// From 1.
    pub step: usize,
    /// Share of the new version.
    #[cfg_attr(test, schemars(with = "crate::report::schema::Share"))]
    pub share: Value,
    /// Minutes that the schedule holds it; none for a pause, or of a recording.
    pub minutes: Option<u32>,
    /// When it began, in minutes since the rollout did.
    pub began_minute: Option<i64>,
    /// How long it lasted in seconds, or has until now; null where nobody knows.
    pub seconds: Option<i64>,
    /// What became of it.
    pub result: StepResult,
    /// Why, of a hold and a way back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<crate::report::schema::Ground>"))]
    pub reason: Option<&'static str>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StepResult {
    /// The rollout went on.
    Passed,
    /// It is in this step.
    Current,
    /// It stands still here.
    Held,
    /// It went back from here.
    Back,
    /// Somebody went on before its time was over.
    Promoted,
    /// Somebody went past it.
    Skipped,
    /// The rollout was ended here.
    Ended,
    /// It never came here.
    NotReached,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReportEntry {
    /// Minutes since the rollout began. Of a recording: the number of the minute, from 1.
    pub minute: Option<i64>,
    /// When, by the service's clock; not of a rehearsal, whose time is virtual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The name of its event.
    #[cfg_attr(test, schemars(with = "crate::report::schema::RehearsedEvent"))]
    pub event: &'static str,
    /// Which function it happened to; in the `timeline` of a project alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_name: Option<String>,
    /// The step, from 1.
    pub step: usize,
    /// Share of the new version from there on.
    #[cfg_attr(test, schemars(with = "crate::report::schema::Share"))]
    pub share: Value,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<crate::report::schema::Ground>"))]
    pub reason: Option<&'static str>,
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

/// One look of the gates.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReportLook {
    /// As of what happened.
    pub minute: Option<i64>,
    /// As of what happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The step, from 1.
    pub step: usize,
    /// All gates together: `fail`, `pass` or `inconclusive`.
    #[cfg_attr(test, schemars(with = "Option<crate::report::schema::Verdict>"))]
    pub verdict: Option<&'static str>,
    /// Whether the rollout did something because of it.
    pub decides: bool,
    /// Each gate.
    pub gates: Vec<Gate>,
}

/// Calls of one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReportCalls {
    /// The action.
    pub action: &'static str,
    /// Attempts, those that were repeated one by one.
    pub count: usize,
    /// Failed ones among them.
    pub failed: usize,
}

/// A call that may have changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReportChange {
    /// When it ended.
    pub time: String,
    /// The action.
    pub action: &'static str,
    /// Names it to the vendor's support.
    pub request_id: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// What a page cannot know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// What the gates said before this run: no look is kept.
    EarlierLooks,
    /// Who ran the steps before this one, and by which calls.
    EarlierRuns,
    /// When the last step of a rollout that has ended did.
    EndOfLastStep,
    /// Calls, errors and durations: the monitor said nothing.
    Monitor,
    /// The calls of other aliases: the monitor counts by version.
    OtherAliases,
    /// A rehearsal is no forecast.
    MadeUp,
}

impl StepResult {
    /// Whether the rollout is or was here.
    #[must_use]
    pub fn is_reached(self) -> bool {
        !matches!(self, Self::NotReached | Self::Skipped)
    }
}

impl PagePart {
    /// Returns what kind of end it is: `good`, `bad`, `held`, `open` or `failed`.
    #[must_use]
    pub fn tone(&self) -> &'static str {
        match self.outcome {
            "done" => "good",
            "rolled-back" => "bad",
            "held" => "held",
            "failed" | "interrupted" | "moved" | "unknown-marker" => "failed",
            _ => "open",
        }
    }

    /// Returns whether its times are virtual.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        self.scenario.is_some()
    }

    /// Returns whether it is of a recording, whose minutes have numbers.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.scenario.as_ref().is_some_and(|scenario| scenario.name == "recorded")
    }

    /// Returns what all gates said together at the last look.
    #[must_use]
    pub fn verdict(&self) -> Option<&'static str> {
        let last = self.looks.last()?;
        let is = |word: &str| last.gates.iter().any(|gate| gate.verdict == word);
        last.verdict.or(match last.gates.as_slice() {
            [] => None,
            _ if is("fail") => Some("fail"),
            _ if is("inconclusive") => Some("inconclusive"),
            _ => Some("pass"),
        })
    }

    /// Returns the share of the new version now.
    #[must_use]
    pub fn share(&self) -> Option<Weight> {
        let rollout = self.rollout.as_ref()?;
        Some(self.routing.as_ref()?.share_of(rollout.frozen.unwrap_or(rollout.to)))
    }

    /// Returns whether the function did only what another one of the project made it do.
    #[must_use]
    pub fn follows_others(&self) -> bool {
        self.rollout.as_ref().is_some_and(|rollout| rollout.reason == Some("project"))
    }
}

/// Returns a share as people read it.
#[must_use]
pub fn share_text(share: &Value) -> String {
    share.as_f64().map(rehearsal::percent).unwrap_or_default()
}

impl Page {
    /// Returns whether the page is about several functions.
    #[must_use]
    pub fn is_of_several(&self) -> bool {
        self.functions.len() > 1
    }

    /// Returns what the page shows first: of a project with one function, that function.
    #[must_use]
    pub fn main(&self) -> &PagePart {
        match self.functions.as_slice() {
            [only] => only,
            _ => &self.whole,
        }
    }
}
