//! What becomes of a rollout that is no success, and options that make none.

mod advice;
mod codes;
mod hint;
mod option;

use std::time::Duration;

use serde_json::{Map, Value};

use crate::execute::Signal;
use crate::model::{FunctionId, Version};
use crate::plan::rollout::machine::Refused;
use crate::plan::rollout::standing::StepPlace;
use crate::plan::rollout::state::{BackReason, GateFields, HoldReason};
use crate::plan::rollout::together::Apart;
use crate::text::Cause;
pub use hint::RolloutHint;
pub use option::RolloutOption;

/// Why a rollout command does not exit with 0.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub struct RolloutError {
    /// The function, once it is known.
    pub function: Option<FunctionId>,
    /// Name of the alias.
    pub alias: String,
    /// Of several functions that advance together: the options of a command on all of them, as
    /// they follow its words; nothing where those are not known.
    pub project: Option<String>,
    /// Why.
    pub problem: RolloutProblem,
    /// The result that stands beside it, for programs.
    pub result: Map<String, Value>,
}

/// Why a rollout command does not exit with 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RolloutProblem {
    /// It cannot be done as the alias is.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Functions that do not go on together.
    #[error(transparent)]
    Apart(#[from] Apart),
    /// The functions that a command could reach are where they were asked to be, but not these.
    #[error("{apart}")]
    LeftAlone {
        /// Who.
        apart: Apart,
        /// The command on one of them; none where nobody knows which one is meant.
        verb: Option<&'static str>,
    },
    /// The rollout stands still.
    #[error("the rollout of alias `{alias}` to {to} is held in step {step} of {steps}: {reason}")]
    Held {
        /// Name of the alias.
        alias: String,
        /// New version.
        to: Version,
        /// Step.
        step: usize,
        /// Steps.
        steps: usize,
        /// Why.
        reason: HoldReason,
        /// Whether this run found out that `$LATEST` is other code.
        by_content: bool,
        /// What judges it beside the monitor.
        judges: Judges,
    },
    /// The rollout went back.
    #[error(
        "the rollout of alias `{alias}` to {to} was rolled back, {from} serves everything: {reason}"
    )]
    Back {
        /// Name of the alias.
        alias: String,
        /// Old version.
        from: Version,
        /// New version.
        to: Version,
        /// Why.
        reason: BackReason,
        /// Whether the alias still says which rollout it was, so that it can begin again.
        is_remembered: bool,
    },
    /// A signal ended the command that followed the rollout.
    #[error("interrupted; the rollout of alias `{alias}` {}", left.words())]
    Interrupted {
        /// Name of the alias.
        alias: String,
        /// The signal.
        signal: Signal,
        /// What became of the rollout.
        left: Left,
    },
    /// Another rollout, or none, has taken its place.
    #[error("the rollout of alias `{0}` is no longer under way: someone else has ended it")]
    Gone(String),
    /// It is done, and was not held on the way as was waited for.
    #[error("the rollout of alias `{alias}` to {to} is done and was not held")]
    NotHeld {
        /// Name of the alias.
        alias: String,
        /// New version.
        to: Version,
    },
    /// The time to wait for it is over.
    #[error(
        "the rollout of alias `{alias}` is still under way after {} s{}",
        timeout.as_secs_f64(),
        step.map(|step| format!(": {step}")).unwrap_or_default()
    )]
    StillUnderWay {
        /// Name of the alias.
        alias: String,
        /// Where it is, as far as was seen.
        step: Option<StepPlace>,
        /// The time.
        timeout: Duration,
    },
    /// The same run has begun it with other options than are typed now.
    #[error(
        "under this run id the rollout of alias `{alias}` was begun otherwise: {}",
        with.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    Otherwise {
        /// Name of the alias.
        alias: String,
        /// What it was begun with.
        with: Vec<BegunWith>,
    },
    /// What judges beside the monitor did not answer.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// Options.
    #[error(transparent)]
    Option(#[from] RolloutOption),
}

/// What judges a rollout beside the monitor, which each tick has to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judges {
    command: bool,
    prometheus: bool,
}

impl Judges {
    /// What the marker has digests of.
    #[must_use]
    pub fn of(gates: &GateFields) -> Self {
        Self { command: gates.command.is_some(), prometheus: gates.prometheus.is_some() }
    }
}

/// An option that a rollout was begun with, which is typed otherwise now. Commands and queries may
/// have secrets in them, so they are named only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BegunWith {
    /// With this value.
    #[error("`{0} {1}`")]
    Value(&'static str, String),
    /// Without it.
    #[error("no `{0}`")]
    Without(&'static str),
    /// With another value.
    #[error("another `{0}`")]
    Another(&'static str),
}

/// What a command that was interrupted leaves of a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// It goes on with the next tick, whoever makes it; or nobody knows.
    Open,
    /// It stands still.
    Held,
    /// It went back.
    Back,
    /// It went back, and there was no room to say which rollout it was.
    Forgotten,
}

impl Left {
    fn words(self) -> &'static str {
        match self {
            Self::Open => "is left as it is",
            Self::Held => "is held",
            Self::Back | Self::Forgotten => "was rolled back",
        }
    }
}

/// What judges beside the monitor did not answer. That says nothing about the versions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Prometheus.
    #[error("Prometheus gives no data: {reason}")]
    Prometheus {
        /// Why.
        reason: Cause,
    },
    /// The gate command. It is not shown: it may have a token anywhere in it, and this is also on
    /// the page of a pipeline's run.
    #[error("the gate command gives no answer: {reason}")]
    Command {
        /// Why.
        reason: String,
    },
    /// The monitor of a rehearsal, as its scenario has it.
    #[error("the monitor does not answer")]
    Monitor,
    /// The gate command took too long.
    #[error("the gate command was still running after {seconds} s and was ended")]
    CommandTimedOut {
        /// The time that it had.
        seconds: u64,
    },
}
