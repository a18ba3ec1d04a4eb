//! What a look at a rollout goes by, and what it comes to.

use std::fmt;

use chrono::{DateTime, Utc};

use super::schedule::Schedule;
use super::state::{BackReason, Choices, GateFields, HoldReason, Memory, Phase, Rollout};
use crate::model::{Alias, Routing, Version};

/// What the gates say, all together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools)] // Each is a finding of its own.
pub struct JointVerdict {
    /// One has failed.
    pub fails: bool,
    /// All pass.
    pub passes: bool,
    /// The evidence stands against the new version, though not enough of it to fail.
    pub leans_against: bool,
    /// The new version had as many calls in this step as are needed to judge at all.
    pub enough: bool,
    /// A gate command or a query has no answer yet.
    pub not_yet: bool,
    /// Whether the points of the step's last minutes have come.
    pub arrival: Arrival,
}

/// Whether the monitor has come as far as the time of a step. A minute without a point has no
/// calls, or its point is late: which of the two is seen only later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Arrival {
    /// There is a point of the last minute of the step's time, or of a later one.
    #[default]
    Here,
    /// There is none, and the versions have had no point for as long before.
    Quiet,
    /// There is none for longer than ever before.
    Overdue,
}

/// What is known of the gates at a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GateEvidence {
    /// Nobody has looked, or the monitor did not answer: no data, which is not health.
    Unknown,
    /// The gate command or the queries are missing, or not those of the start.
    Differs {
        /// Whether a gate has failed that could be asked all the same.
        fails: bool,
    },
    /// What they say.
    Judged(JointVerdict),
}

impl GateEvidence {
    /// Whether a gate is known to have failed.
    #[must_use]
    pub fn fails(self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Differs { fails } => fails,
            Self::Judged(judgement) => judgement.fails,
        }
    }
}

/// Why a rollout waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// The time of the step is not over.
    Clock,
    /// It is over, and its last minutes are not old enough.
    Settling,
    /// The gates had too few calls, and get more time.
    MoreData,
    /// The gates cannot tell, and get more time.
    MoreEvidence,
    /// Whether `$LATEST` is still what is rolled out cannot be read.
    Content,
}

/// Why a rollout goes on to its next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ground {
    /// The gates pass.
    Passed,
    /// The time is over, and the evidence does not lean against the new version.
    TimeOver,
    /// The time is over, and nothing is judged.
    NothingJudged,
    /// Too little data, and `--on-no-data continue`.
    NoData,
    /// The gates cannot tell, and `--on-inconclusive continue`.
    Inconclusive,
    /// Somebody said so.
    Promoted,
}

impl fmt::Display for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Clock => "the time of the step is not over",
            Self::Settling => "its last minutes are not settled",
            Self::MoreData => "too little data, waiting for more",
            Self::MoreEvidence => "the gates cannot tell, waiting for more",
            Self::Content => "the code of $LATEST cannot be read, waiting for it",
        })
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Passed => "the gates pass",
            Self::TimeOver => "its time is over, nothing speaks against it",
            Self::NothingJudged => "its time is over, nothing is judged",
            Self::NoData => "too little data, continued as asked",
            Self::Inconclusive => "the gates cannot tell, continued as asked",
            Self::Promoted => "promoted",
        })
    }
}

/// What a write does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transition {
    /// The first step, or the one at which a split alias is taken over.
    Begins,
    /// The next step.
    Advances(Ground),
    /// Stands still.
    Holds(HoldReason),
    /// Goes on in the step that it is in.
    Resumes,
    /// Starts over from the first step.
    Retries,
    /// Everything goes back.
    Back(BackReason),
    /// The new version is what serves from now on.
    Finishes(Ground),
    /// Everything goes to a version that served before.
    RollsBack,
}

/// One write of an alias: routing and description together, so that they cannot disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Where its requests go afterwards.
    pub routing: Routing,
    /// Its description afterwards.
    pub description: String,
    /// What is remembered afterwards: what the description says. Where there is no room for it, a
    /// way back remembers less.
    pub memory: Memory,
    /// The rollout that it is about, as it is afterwards, remembered or not.
    pub rollout: Option<Rollout>,
    /// What it does.
    pub transition: Transition,
}

impl Write {
    /// Whether the alias says afterwards which rollout this is about.
    #[must_use]
    pub fn is_remembered(&self) -> bool {
        let both = self.rollout.as_ref().zip(self.memory.rollout.as_ref());
        both.is_some_and(|(one, known)| one.id == known.id)
    }
}

/// What a rollout comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// There is none.
    NoRollout,
    /// The alias has a marker that this program does not understand.
    Foreign(String),
    /// Someone else has routed the alias otherwise.
    Moved {
        /// Where its requests should go.
        expected: Routing,
    },
    /// It has ended.
    Ended(Phase),
    /// It stands still, as was written.
    Held(HoldReason),
    /// Nothing is due.
    Wait {
        /// When to look again.
        until: DateTime<Utc>,
        /// What for.
        why: Waiting,
    },
    /// The alias is written.
    Write(Box<Write>),
    /// `$LATEST` is published as it was observed, and [`super::machine::finish`] says what is written then.
    Freeze(Ground),
}

/// What there is to see at a look.
#[derive(Debug, Clone, Copy)]
pub struct ObservedRollout<'a> {
    /// The alias as found.
    pub alias: &'a Alias,
    /// Digest of code and configuration of `$LATEST`, where it was asked for.
    pub content: Option<&'a str>,
    /// What the gates say.
    pub evidence: GateEvidence,
}

/// What a rollout is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRollout {
    /// Tells it from others.
    pub id: String,
    /// The new version.
    pub to: Version,
    /// Its steps.
    pub schedule: Schedule,
    /// How it behaves.
    pub choices: Choices,
    /// What it is judged by.
    pub gates: GateFields,
    /// How many functions are rolled out together.
    pub functions: u32,
    /// Digest of `$LATEST`, where that is the new version.
    pub content: Option<String>,
    /// Whether `$LATEST` is published at the end.
    pub freeze: bool,
}
