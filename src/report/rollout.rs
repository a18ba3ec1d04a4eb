//! What the rollout commands report, and what they tell on the way.

use serde::Serialize;

use super::FunctionName;
use super::said::Said;
use crate::model::{Routing, Version, Weight};

/// A rollout, and the alias that it is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RolloutStatus {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The alias.
    pub alias_name: String,
    /// What the command came to: `none`, `waiting`, `due`, `held`, `advanced`, `resumed`,
    /// `rolled-back`, `done`, `moved`, `unknown-marker`, `ended`.
    #[cfg_attr(test, schemars(with = "super::schema::Outcome"))]
    pub outcome: &'static str,
    /// The rollout, under way or ended.
    pub rollout: Option<Rollout>,
    /// Who serves which share.
    pub routing: Routing,
    /// What is waited for: `clock`, `settling`, `more-data`, `more-evidence`, `content`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::WaitsFor>"))]
    pub waits_for: Option<&'static str>,
    /// What the next tick will do, as the name of its event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::EventName>"))]
    pub due: Option<&'static str>,
    /// When somebody is to look again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_look: Option<String>,
    /// What the gates said, where they were asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// The version that served everything before.
    pub before: Option<Version>,
    /// Versions that were taken out of service again.
    pub rolled_back: Vec<Version>,
    /// When the alias was written last, as the service says it.
    pub mod_time: Option<String>,
    /// The command that undoes what was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
}

/// A rollout.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// Tells it from others.
    pub id: String,
    /// The version that served before.
    pub from: Version,
    /// The version that is rolled out.
    pub to: Version,
    /// `running`, `held`, `back`, `done` or `ended`.
    #[cfg_attr(test, schemars(with = "super::schema::Phase"))]
    pub phase: &'static str,
    /// Why it is held, or went back.
    #[cfg_attr(test, schemars(with = "Option<super::schema::Reason>"))]
    pub reason: Option<&'static str>,
    /// The step, from 1.
    pub step: usize,
    /// All of them.
    pub steps: Vec<RolloutStep>,
    /// When it began.
    pub began: String,
    /// The version that `$LATEST` was published as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen: Option<Version>,
    /// Whether a step may end before its time where its gates pass.
    #[serde(skip)]
    pub advances_early: bool,
}

/// A step of the schedule.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RolloutStep {
    /// Share of the new version.
    pub share: Weight,
    /// Minutes that it is held; none for a pause.
    pub minutes: Option<u32>,
    /// When it began, where it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began: Option<String>,
}

/// What a gate said.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Gate {
    /// Name of its option.
    pub gate: String,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `fail`, `pass` or `inconclusive`.
    #[cfg_attr(test, schemars(with = "super::schema::Verdict"))]
    pub verdict: &'static str,
    /// The version that is rolled out, in this step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary: Option<GateSide>,
    /// The version that served before, in this step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<GateSide>,
    /// Evidence against the new version, and where it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Evidence>,
    /// Evidence for it, and where it passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_favour: Option<Evidence>,
    /// Failed calls that would fail it, at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures_to_fail: Option<f64>,
    /// Calls without an error that would pass it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls_to_pass: Option<f64>,
    /// All of it as a sentence, in English.
    pub text: String,
    /// The same in every language, where it is one of ours.
    #[serde(skip)]
    pub says: Option<Said>,
}

/// One side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GateSide {
    /// Calls.
    pub calls: f64,
    /// Those that failed or were refused; none where durations are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bad: Option<f64>,
    /// Their share, or the mean in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<f64>,
    /// Where the share may really lie: 95 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
}

/// A purse of evidence, as natural logarithms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// What is in it.
    pub log: f64,
    /// Where it decides.
    pub log_needed: f64,
}

/// One line of `--output ndjson`: a look, or a transition.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// `look`, `begins`, `advances`, `holds`, `resumes`, `retries`, `back`, `finishes` or
    /// `rolls-back`.
    #[cfg_attr(test, schemars(with = "super::schema::EventName"))]
    pub event: &'static str,
    /// When, by the service's clock.
    pub time: String,
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The alias.
    pub alias_name: String,
    /// The rollout.
    pub rollout: String,
    /// The version that served before.
    pub from: Version,
    /// The version that is rolled out.
    pub to: Version,
    /// The step, from 1; after a transition the new one.
    pub step: usize,
    /// How many there are.
    pub steps: usize,
    /// Share of the new version.
    pub share: Weight,
    /// `running`, `held`, `back`, `done` or `ended`.
    #[cfg_attr(test, schemars(with = "super::schema::Phase"))]
    pub phase: &'static str,
    /// Why: of a hold or a way back its reason, of an advance its ground, of a look what is waited
    /// for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::Ground>"))]
    pub reason: Option<&'static str>,
    /// What all gates say together, of a look.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<super::schema::Verdict>"))]
    pub verdict: Option<&'static str>,
    /// The gates, of a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// The first minute that failed, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_at_minute: Option<usize>,
    /// When the next look is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_look: Option<String>,
    /// A transition as a sentence.
    #[serde(skip)]
    pub says: Option<Said>,
}
