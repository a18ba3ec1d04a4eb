//! What a rollout says on its way, to people.

use std::fmt;

use chrono::{DateTime, Utc};

use super::decision::{Transition, Waiting};
use super::state::{Phase, Rollout};
use crate::model::Weight;
use crate::plan::gates::Finding;

/// What a gate command says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandAnswer {
    /// Good enough.
    Pass,
    /// Bad.
    Fail,
    /// Neither, or no answer.
    NotYet,
}

/// What a rollout has done or found, as a line for people.
#[derive(Debug, Clone)]
pub struct RolloutLine {
    /// The rollout as it is now.
    pub rollout: Rollout,
    /// What it did.
    pub does: LineDoes,
}

/// What a line is about.
#[derive(Debug, Clone)]
pub enum LineDoes {
    /// A transition.
    Transition(Transition),
    /// A look that changes nothing.
    Waits(Waiting, DateTime<Utc>),
    /// What a gate says.
    Finds(Box<Finding>),
    /// What the gate command says.
    Commands(CommandAnswer),
}

impl fmt::Display for RolloutLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rollout { from, to, step, .. } = &self.rollout;
        let (count, share) =
            (self.rollout.schedule.count(), self.rollout.current().share.percent());
        match &self.does {
            LineDoes::Finds(finding) => write!(formatter, "{finding}"),
            LineDoes::Commands(CommandAnswer::Pass) => formatter.write_str("gate command: pass"),
            LineDoes::Commands(CommandAnswer::Fail) => formatter.write_str("gate command: fail"),
            LineDoes::Commands(CommandAnswer::NotYet) => {
                formatter.write_str("gate command: not yet")
            }
            LineDoes::Waits(why, until) => {
                let until = until.format("%H:%M:%S UTC");
                write!(formatter, "step {step} of {count}, {share} {to}: {why}; next look {until}")
            }
            LineDoes::Transition(transition) => match transition {
                Transition::Begins => {
                    write!(formatter, "step {step} of {count}: {share} {to}")?;
                    if self.rollout.current().share < Weight::ONE {
                        write!(formatter, ", the rest {from}")?;
                    }
                    self.stands(formatter)
                }
                Transition::Advances(ground) => {
                    write!(formatter, "step {step} of {count}: {share} {to} ({ground})")?;
                    self.stands(formatter)
                }
                Transition::Retries => {
                    write!(formatter, "begins again, step {step} of {count}: {share} {to}")?;
                    self.stands(formatter)
                }
                Transition::Holds(reason) => {
                    write!(formatter, "held in step {step} of {count}, {share} {to}: {reason}")
                }
                Transition::Resumes => {
                    let goes = match self.rollout.phase {
                        Phase::Held(_) => "back to",
                        _ => "goes on in",
                    };
                    write!(formatter, "{goes} step {step} of {count}, {share} {to}")?;
                    self.stands(formatter)
                }
                Transition::Back(reason) => {
                    write!(formatter, "back: everything to {from} ({reason})")
                }
                Transition::Finishes(ground) => {
                    let serves = self.rollout.frozen.unwrap_or(*to);
                    write!(formatter, "done: {serves} serves everything ({ground})")
                }
                Transition::RollsBack => write!(formatter, "the rollout to {to} is ended"),
            },
        }
    }
}

impl RolloutLine {
    fn stands(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rollout.phase {
            Phase::Held(reason) => {
                write!(formatter, "; held: {reason}")
            }
            _ => Ok(()),
        }
    }
}
