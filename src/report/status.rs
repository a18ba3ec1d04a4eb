//! What `status` and `list-ver` report.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::alias::Alias;
use super::record::{Trigger, VersionRecord};
use super::rehearsal::Exposure;
use super::rollout;
use super::{FunctionName, Said};
use crate::error;
use crate::model::{FunctionRecord, Routing, Weight};
use crate::text::Cause;

/// Functions as they are now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Status"))]
pub struct StatusOfFunctions {
    /// The functions: one, or those of a project in the order of their folders.
    pub functions: Vec<StatusOfFunction>,
    /// Whether they are shown as a table, whatever their number.
    #[serde(skip)]
    pub is_project: bool,
}

/// A function that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StatusOfFunction {
    /// Its instance, or its key in a `multi-scf` instance, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// What was found.
    #[serde(flatten)]
    pub found: FunctionFound,
}

/// What was found of a function.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum FunctionFound {
    /// All that belongs to it.
    There(Box<Function>),
    /// It cannot be read, or is not there.
    Not {
        /// Why.
        error: Box<error::FailureReport>,
        /// The same for people.
        #[serde(skip)]
        said: Said,
    },
}

/// A function with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Function {
    /// Status name of `$LATEST`.
    pub status: String,
    /// Why, where it is a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// `Event` or `HTTP`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What it is.
    #[serde(flatten)]
    pub record: FunctionRecord,
    /// The image that it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its versions, the newest first and `$LATEST` before all.
    pub versions: Vec<ListedVersion>,
    /// Its aliases.
    pub aliases: Vec<RoutedAlias>,
    /// Its triggers; null where they cannot be read.
    pub triggers: Option<Vec<Trigger>>,
    /// Its provisioned instances; null where they cannot be read.
    pub provisioned: Option<Vec<Provisioned>>,
    /// Rollouts, under way or ended, one for each alias that has any.
    pub rollouts: Vec<RolloutFound>,
    /// What cannot be read, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// A part of a look that cannot be had.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unread {
    /// `code`, `triggers`, `provisioned` or `monitor`.
    #[cfg_attr(test, schemars(with = "super::schema::Part"))]
    pub part: &'static str,
    /// Why.
    pub error: error::FailureReport,
}

/// A version as it is listed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListedVersion {
    /// The version.
    #[serde(flatten)]
    pub record: VersionRecord,
    /// The aliases that it serves.
    pub aliases: Vec<Served>,
}

/// An alias that a version serves.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Served {
    /// Alias.
    pub alias_name: String,
    /// Share by weight.
    pub share: Weight,
    /// Whether match rules send it more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_rules: bool,
}

/// An alias, and where its requests go.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RoutedAlias {
    /// The alias.
    #[serde(flatten)]
    pub alias: Alias,
    /// Version to share.
    #[serde(rename = "routing")]
    pub shares: Routing,
}

/// The provisioned instances of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Provisioned {
    /// Version.
    pub version: String,
    /// Instances asked for.
    pub asked: u64,
    /// Instances that are warm.
    pub warm: u64,
    /// `Done`, `InProgress` or `Failed`.
    pub status: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A rollout as it is now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RolloutFound {
    /// As `rollout status` has it.
    #[serde(flatten)]
    pub status: rollout::RolloutStatus,
    /// What the step shows, as far as the monitor knows.
    pub observed: Option<ObservedCalls>,
    /// What comes next by itself.
    pub next: Option<Next>,
    /// What can be done about it.
    pub commands: Vec<PastedCommand>,
    /// Minutes of both versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<RolloutMinutes>,
    /// Where it is, and why.
    #[serde(skip)]
    pub phase: Cause,
    /// What the gates say, a line each.
    #[serde(skip)]
    pub findings: Vec<Cause>,
    /// What the new version served since it began, where that is known.
    #[serde(skip)]
    pub exposure: Option<Exposure>,
    /// When this was seen, by the service's clock.
    #[serde(skip)]
    pub now: DateTime<Utc>,
}

/// The rollouts of several functions, which advance together.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Together {
    /// What the command came to: the `outcome` of all, where it is the same, else the one that says
    /// most; `failed` where nothing is known of one.
    #[cfg_attr(test, schemars(with = "super::schema::OutcomeOfAll"))]
    pub outcome: &'static str,
    /// Each function.
    pub functions: Vec<RolloutFound>,
    /// The command that undoes what was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
}

/// Outcomes of one function, the one that says most of all of them first.
const TELLING: [&str; 11] = [
    "moved",
    "unknown-marker",
    "rolled-back",
    "held",
    "none",
    "ended",
    "advanced",
    "begun",
    "resumed",
    "due",
    "waiting",
];

/// Returns what all functions came to, by whether any came to an outcome; `failed` unless what each
/// came to is known.
#[must_use]
pub fn outcome_of_all(is_any: impl Fn(&str) -> bool, is_whole: bool) -> &'static str {
    if !is_whole {
        return "failed";
    }
    TELLING.into_iter().find(|word| is_any(word)).unwrap_or("done")
}

impl Together {
    /// What all come to, of which some may be missing.
    #[must_use]
    pub fn new(mut functions: Vec<RolloutFound>, is_whole: bool, undo: Option<String>) -> Self {
        // Those of one function alone would part it from the others.
        for one in &mut functions {
            one.commands.clear();
        }
        let is_any = |word: &str| functions.iter().any(|one| one.status.outcome == word);
        let outcome = outcome_of_all(is_any, is_whole);
        Self { outcome, functions, undo }
    }

    /// Every command in it as the user can paste it.
    pub fn paste(&mut self, paste: impl Fn(&str) -> String) {
        self.functions.iter_mut().for_each(|one| one.paste(&paste));
        if let Some(command) = &mut self.undo {
            *command = paste(command);
        }
    }
}

/// What the calls of a step were: those of the two versions of the rollout, through whichever alias.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Observed"))]
#[serde(rename_all = "camelCase")]
pub struct ObservedCalls {
    /// Minutes of the step that the monitor knows.
    pub minutes: usize,
    /// Calls of the new version.
    pub canary_calls: f64,
    /// Failed ones among them.
    pub canary_errors: f64,
    /// Calls of the version before.
    pub baseline_calls: f64,
    /// Failed ones among them.
    pub baseline_errors: f64,
    /// The share of the new version; none without calls.
    pub canary_share: Option<f64>,
}

/// What a rollout does by itself, and when at the earliest.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Next {
    /// What it does.
    pub action: NextAction,
    /// When at the earliest.
    pub time: String,
    /// Seconds until then; 0 when it is due.
    pub seconds: i64,
    /// The step that comes then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// Its share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Weight>,
}

/// What a rollout does next: the event of a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Action"))]
#[serde(rename_all = "lowercase")]
pub enum NextAction {
    /// The next step.
    Advances,
    /// The new version serves everything.
    Finishes,
    /// Everything goes back.
    Back,
    /// It stands still.
    Holds,
    /// It goes on.
    Resumes,
}

/// A command that can be pasted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Command"))]
pub struct PastedCommand {
    /// What it does.
    pub does: Does,
    /// The command.
    pub command: String,
}

/// What a command does about a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Does {
    /// What is due.
    #[error("do what is due")]
    Tick,
    /// To the next step at once.
    #[error("next step now")]
    Promote,
    /// Ends the last step at once.
    #[error("finish now")]
    Finish,
    /// Stands still.
    #[error("pause")]
    Pause,
    /// Goes on.
    #[error("go on")]
    Resume,
    /// Begins again.
    #[error("begin again")]
    Retry,
    /// Everything back.
    #[error("undo")]
    Abort,
    /// Everything back to what served before.
    #[error("undo")]
    Rollback,
}

/// Minutes of both versions of a rollout.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Minutes"))]
#[serde(rename_all = "camelCase")]
pub struct RolloutMinutes {
    /// The first minute.
    pub from: String,
    /// Seconds that each point stands for.
    pub period: u32,
    /// Steps, by the point that each began in.
    pub steps: Vec<StepMark>,
    /// The version that is rolled out.
    pub canary: MinutesOfVersion,
    /// The version before.
    pub baseline: MinutesOfVersion,
}

/// Where a step began.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StepMark {
    /// The step, from 1.
    pub step: usize,
    /// The point, from 0.
    pub point: usize,
    /// Its share.
    pub share: Weight,
}

/// Points of one version, a minute each; null where the monitor knows nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct MinutesOfVersion {
    /// Calls.
    pub invocations: Vec<Option<f64>>,
    /// Share of failed calls.
    pub error_rate: Vec<Option<f64>>,
    /// Mean duration in milliseconds.
    pub duration_ms: Vec<Option<f64>>,
}

/// The versions of a function.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Versions {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// Its versions, the newest first and `$LATEST` before all.
    pub versions: Vec<ListedVersion>,
}

impl StatusOfFunctions {
    /// Every command in it as the user can paste it.
    pub fn paste(&mut self, paste: impl Fn(&str) -> String) {
        for member in &mut self.functions {
            let FunctionFound::There(function) = &mut member.found else { continue };
            function.rollouts.iter_mut().for_each(|rollout| rollout.paste(&paste));
        }
    }
}

impl Next {
    /// The step that comes, and its share.
    #[must_use]
    pub fn advances_to(&self) -> (usize, String) {
        let share = self.share.map(Weight::percent);
        (self.step.unwrap_or_default(), share.unwrap_or_default())
    }
}

impl RolloutFound {
    /// Whether it is under way.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let found = self.status.rollout.as_ref();
        found.is_some_and(|found| matches!(found.phase, "running" | "held"))
    }

    /// Every command in it as the user can paste it.
    pub fn paste(&mut self, paste: impl Fn(&str) -> String) {
        let commands = self.commands.iter_mut().map(|one| &mut one.command);
        for command in commands.chain(&mut self.status.undo) {
            *command = paste(command);
        }
    }
}

/// A title of a column or a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Title {
    /// Of versions.
    #[error("version")]
    Version,
    /// When one was published.
    #[error("published (UTC+8)")]
    Published,
    /// What one runs.
    #[error("code")]
    Code,
    /// Whom one serves.
    #[error("serves")]
    Serves,
    /// Texts.
    #[error("description")]
    Description,
    /// Of a version that is not active.
    #[error("status")]
    Status,
    /// Of aliases.
    #[error("alias")]
    Alias,
    /// Of their shares.
    #[error("share")]
    Share,
    /// Of functions.
    #[error("function")]
    Function,
    /// Of rollouts.
    #[error("rollout")]
    Rollout,
    /// Of triggers.
    #[error("trigger")]
    Trigger,
    /// Of warm instances.
    #[error("provisioned")]
    Provisioned,
    /// Of steps.
    #[error("steps")]
    Steps,
    /// Of gates.
    #[error("gates")]
    Gates,
    /// Of what comes.
    #[error("next")]
    Next,
    /// Of calls.
    #[error("calls/min")]
    Calls,
    /// Of failed calls.
    #[error("errors")]
    Errors,
    /// Of durations.
    #[error("duration")]
    Duration,
}

/// What stands in a look at a function, beside names and numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StatusSentence<'a> {
    /// Versions that are not shown.
    MoreVersions(usize),
    /// Nobody is sent to a version.
    Nobody,
    /// A trigger that does not fire.
    Off,
    /// Triggers bound to what is no alias of the list.
    BoundTo(&'a str),
    /// Warm instances of a version.
    Warm(&'a Provisioned),
    /// The rollout of an alias.
    Rollout(&'a RolloutFound),
    /// Of a row of a project.
    Short(&'a RolloutFound),
    /// What was set and what was seen.
    Shares(&'a RolloutFound),
    /// What comes next.
    Next(&'a Next),
    /// There is none.
    NoAlias,
    /// The newest point of a chart.
    Last(&'a str),
    /// The mean of all calls of a chart.
    Mean(&'a str),
}

/// A share that was measured, for people.
#[must_use]
pub fn measured(share: f64) -> String {
    let percent = share * 100.0;
    if percent == 0.0 || percent >= 10.0 {
        format!("{percent:.1}%")
    } else {
        format!("{percent:.2}%")
    }
}

/// A count of calls, for people.
#[must_use]
pub fn count(calls: f64) -> String {
    indicatif::HumanFloatCount(calls.round()).to_string()
}

/// Seconds as people say them.
#[must_use]
pub fn minutes_and_seconds(seconds: i64) -> (i64, i64) {
    (seconds / 60, seconds % 60)
}

/// Hours and minutes of an ISO time.
#[must_use]
pub fn clock(time: &str) -> &str {
    time.get(11..16).unwrap_or(time)
}

impl fmt::Display for StatusSentence<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MoreVersions(count) => write!(formatter, "… and {count} more"),
            Self::Nobody => formatter.write_str("-"),
            Self::Off => formatter.write_str("off"),
            Self::BoundTo(qualifier) => write!(formatter, "triggers of {qualifier}"),
            Self::NoAlias => formatter.write_str("no alias"),
            Self::Last(value) => write!(formatter, "last {value}"),
            Self::Mean(value) => write!(formatter, "mean {value}"),
            Self::Warm(held) => {
                let Provisioned { version, asked, warm, status, reason } = held;
                write!(formatter, "version {version}: {warm} of {asked} instances are warm")?;
                if status != "Done" {
                    write!(formatter, " ({status})")?;
                }
                reason.iter().try_for_each(|reason| write!(formatter, ": {reason}"))
            }
            Self::Rollout(rollout) => {
                write!(formatter, "rollout of {}", rollout.status.alias_name)?;
                if let Some(found) = &rollout.status.rollout {
                    write!(formatter, " from {} to {}", found.from, found.to)?;
                }
                write!(formatter, ": {}", rollout.phase)
            }
            Self::Short(rollout) => {
                write!(formatter, "{}: {}", rollout.status.alias_name, rollout.phase)
            }
            Self::Shares(rollout) => {
                if let Some(found) = &rollout.status.rollout {
                    let set = rollout.status.routing.share_of(found.frozen.unwrap_or(found.to));
                    write!(formatter, "set {}", set.percent())?;
                }
                match &rollout.observed {
                    Some(ObservedCalls { canary_share: Some(share), minutes, .. }) => {
                        let observed = rollout.observed.unwrap_or(ObservedCalls::NONE);
                        let all = observed.canary_calls + observed.baseline_calls;
                        write!(
                            formatter,
                            ", observed {}: {} of {} calls in {minutes} min",
                            measured(*share),
                            count(observed.canary_calls),
                            count(all),
                        )
                    }
                    Some(_) => formatter.write_str(", no calls observed yet"),
                    // Nobody looked.
                    None => Ok(()),
                }
            }
            Self::Next(next) => {
                match next.action {
                    NextAction::Advances => {
                        let (step, share) = next.advances_to();
                        write!(formatter, "step {step}, {share}")?;
                    }
                    NextAction::Finishes => {
                        formatter.write_str("the new version serves everything")?;
                    }
                    NextAction::Back => formatter.write_str("everything goes back")?,
                    NextAction::Holds => formatter.write_str("it is held")?,
                    NextAction::Resumes => formatter.write_str("it goes on")?,
                }
                if next.seconds <= 0 {
                    return formatter.write_str(", with the next tick");
                }
                let (minutes, seconds) = minutes_and_seconds(next.seconds);
                let time = clock(&next.time);
                write!(formatter, ", at {time} UTC at the earliest: in {minutes}m{seconds:02}s")
            }
        }
    }
}

impl ObservedCalls {
    /// Nothing was seen.
    pub const NONE: Self = Self {
        minutes: 0,
        canary_calls: 0.0,
        canary_errors: 0.0,
        baseline_calls: 0.0,
        baseline_errors: 0.0,
        canary_share: None,
    };
}
