//! A look at functions that goes on: what shows it, and what people type meanwhile.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Said;
use super::status::StatusOfFunctions;

/// Shows looks, one after the other.
pub trait Screen {
    /// Shows a look.
    fn show(&mut self, look: &WatchView<'_>);

    /// What was typed since this was asked last. Does not wait.
    fn typed(&mut self) -> Option<WatchKey>;

    /// Whether Ctrl-C is a signal for now, and not a key.
    fn let_signals_through(&mut self, yes: bool);

    /// Whether looks are drawn one over the other, so that nothing else may be printed.
    fn is_live(&self) -> bool;

    /// Returns what gives the terminal back as it was found, wherever the process ends.
    fn restorer(&self) -> Arc<dyn Fn() + Send + Sync>;
}

/// What is shown.
#[derive(Debug)]
pub struct WatchView<'a> {
    /// What was found last.
    pub status: &'a StatusOfFunctions,
    /// The time by the service's clock.
    pub now: DateTime<Utc>,
    /// What is worth knowing: what could not be read, what a key has done.
    pub said: &'a [Said],
    /// What is asked before it is done.
    pub asks: Option<&'a Question>,
    /// Whether there is a rollout that keys can do something about.
    pub has_keys: bool,
}

/// What is asked before a key does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What it does.
    pub verb: WatchVerb,
    /// The alias.
    pub alias: String,
}

/// What a key does about a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchVerb {
    /// `rollout pause`.
    Pause,
    /// `rollout resume`.
    Resume,
    /// `rollout promote`.
    Promote,
    /// `rollout promote` in the last step.
    Finish,
    /// `rollout abort`.
    Abort,
}

/// What was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchKey {
    /// The end.
    Quit,
    /// Something that is asked about first.
    Asks(WatchVerb),
    /// Yes.
    Yes,
    /// Something else, which is no.
    Other,
    /// The terminal has another size.
    Resized,
}

impl fmt::Display for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alias = &self.alias;
        match self.verb {
            WatchVerb::Pause => write!(formatter, "pause the rollout of {alias}? y"),
            WatchVerb::Resume => write!(formatter, "go on with the rollout of {alias}? y"),
            WatchVerb::Promote => {
                write!(formatter, "take the rollout of {alias} to its next step? y")
            }
            WatchVerb::Finish => write!(formatter, "finish the rollout of {alias} now? y"),
            WatchVerb::Abort => write!(formatter, "send everything of {alias} back? y"),
        }
    }
}

/// The keys that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchKeys {
    /// Whether there is a rollout.
    pub of_rollout: bool,
}

impl fmt::Display for WatchKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.of_rollout {
            formatter.write_str("p pause  r resume  P next step  a abort  ")?;
        }
        formatter.write_str("q quit")
    }
}
