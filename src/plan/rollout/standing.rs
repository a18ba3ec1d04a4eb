//! Where a rollout is, in one line for people.

use std::fmt;

use super::decision::{Transition, Waiting};
use super::state::{BackReason, HoldReason, Rollout};
use crate::model::{Routing, Version, Weight};

/// Where a rollout is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It waits.
    Waits(StepPlace, Waiting),
    /// Its next tick does something.
    Due(StepPlace, Transition),
    /// It stands still.
    Held(StepPlace, HoldReason),
    /// It went back.
    Back {
        /// The version that serves everything.
        to: Version,
        /// Why.
        reason: BackReason,
    },
    /// The new version serves everything.
    Done(Version),
    /// Someone routed the alias otherwise, and said so.
    Ended,
    /// Someone routed the alias otherwise.
    Moved {
        /// Where the rollout left it.
        expected: Routing,
    },
    /// The marker is not understood.
    Foreign,
    /// There is none.
    Nothing,
    /// There is none; a version is remembered to go back to.
    None {
        /// The version.
        before: Version,
    },
}

/// The step of a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepPlace {
    /// The step, from 1.
    pub step: usize,
    /// How many there are.
    pub steps: usize,
    /// Share of the new version.
    pub share: Weight,
    /// The new version.
    pub to: Version,
}

impl StepPlace {
    /// The step that a rollout is in.
    #[must_use]
    pub fn of(rollout: &Rollout) -> Self {
        Self {
            step: rollout.step,
            steps: rollout.schedule.count(),
            share: rollout.current().share,
            to: rollout.to,
        }
    }
}

impl fmt::Display for StepPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, steps, share, to } = self;
        write!(formatter, "step {step} of {steps}, {} on {to}", share.percent())
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waits(place, why) => write!(formatter, "{place}; {why}"),
            Self::Due(place, transition) => {
                write!(formatter, "{place}; ")?;
                match transition {
                    Transition::Advances(ground) => {
                        write!(formatter, "the next step is due ({ground})")
                    }
                    Transition::Finishes(ground) => write!(formatter, "the end is due ({ground})"),
                    Transition::Back(reason) => write!(formatter, "the way back is due: {reason}"),
                    Transition::Holds(reason) => write!(formatter, "to be held: {reason}"),
                    Transition::Begins
                    | Transition::Resumes
                    | Transition::Retries
                    | Transition::RollsBack => formatter.write_str("a change is due"),
                }
            }
            Self::Held(place, reason) => write!(formatter, "held in {place}: {reason}"),
            Self::Back { to, reason } => {
                write!(formatter, "rolled back, {to} serves everything: {reason}")
            }
            Self::Done(version) => write!(formatter, "done, {version} serves everything"),
            Self::Ended => formatter.write_str("ended: the alias was routed otherwise"),
            Self::Moved { expected } => write!(
                formatter,
                "someone else has routed the alias; the rollout left it at {}",
                expected.percentages()
            ),
            Self::Foreign => formatter.write_str("the marker in the description is not understood"),
            Self::Nothing => formatter.write_str("none under way"),
            Self::None { before } => {
                write!(formatter, "none under way; {before} served everything before")
            }
        }
    }
}
