//! Why a rollout or one of its commands is refused.

use super::state::Phase;
use crate::model::{MatchRule, Routing, Version};

/// Why a rollout or one of its commands is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Another rollout is under way.
    #[error(
        "alias `{alias}` is under rollout {id}: from {from} to {to}, step {step} of {count}, {}",
        phase.word()
    )]
    UnderWay {
        /// Name of the alias.
        alias: String,
        /// Rollout.
        id: String,
        /// Old version.
        from: Version,
        /// New version.
        to: Version,
        /// Step.
        step: usize,
        /// Steps.
        count: usize,
        /// Whether it runs.
        phase: Phase,
    },
    /// A marker that is not understood.
    #[error(
        "the description of alias `{alias}` ends with what this program does not understand: \"{line}\""
    )]
    Foreign {
        /// Name of the alias.
        alias: String,
        /// The line.
        line: String,
    },
    /// Match rules, which shares would replace.
    #[error(
        "alias `{alias}` has match rules, which a rollout would replace: {}",
        rules_text(rules)
    )]
    MatchRules {
        /// Name of the alias.
        alias: String,
        /// The rules.
        rules: Vec<MatchRule>,
        /// The version that would serve everything in their place.
        to: Version,
        /// Whether a rollout is under way.
        is_under_way: bool,
    },
    /// Versions that the rollout is not about serve.
    #[error("alias `{alias}` is shared by others than the rollout is about: {}", routing.percentages())]
    ThirdVersion {
        /// Name of the alias.
        alias: String,
        /// Where its requests go.
        routing: Routing,
    },
    /// The new version serves everything already.
    #[error("{version} serves everything of alias `{alias}` already")]
    AlreadyServes {
        /// Name of the alias.
        alias: String,
        /// Version.
        version: Version,
    },
    /// User's text and marker together.
    #[error(
        "the description of alias `{alias}` leaves too little room for the state of the rollout: {over} characters too many"
    )]
    TooLong {
        /// Name of the alias.
        alias: String,
        /// By how much.
        over: usize,
    },
    /// The rollout was changed between a decision and its write.
    #[error("someone else has changed the rollout of alias `{0}` meanwhile")]
    Changed(String),
    /// No rollout.
    #[error("alias `{0}` is not under a rollout")]
    NoRollout(String),
    /// A rollout that has ended.
    #[error("the rollout of alias `{alias}` from {from} to {to} has ended: {}", phase.word())]
    Ended {
        /// Name of the alias.
        alias: String,
        /// Old version.
        from: Version,
        /// New version.
        to: Version,
        /// How.
        phase: Phase,
    },
    /// Somebody else has routed the alias otherwise.
    #[error(
        "someone else has changed alias `{alias}`: the rollout left {}, and it is {}{}",
        expected.percentages(),
        found.percentages(),
        written(modified)
    )]
    Moved {
        /// Name of the alias.
        alias: String,
        /// Where its requests should go.
        expected: Box<Routing>,
        /// Where they go.
        found: Box<Routing>,
        /// Old and new version of the rollout.
        versions: [Version; 2],
        /// When it was written last, as the service says it.
        modified: String,
    },
    /// `--expect-step`.
    #[error("the rollout of alias `{alias}` is in step {step}, not in step {expected}")]
    Step {
        /// Name of the alias.
        alias: String,
        /// Where it is.
        step: usize,
        /// Where it was expected.
        expected: usize,
    },
    /// `promote --full` at 100 %.
    #[error("the rollout of alias `{0}` is in its last step already")]
    LastStep(String),
    /// One of several that advance together.
    #[error(
        "the rollout of alias `{alias}` is one of {functions} of a project, which advance together"
    )]
    OneOfSeveral {
        /// Name of the alias.
        alias: String,
        /// How many there are.
        functions: u32,
    },
    /// `$LATEST` is other code than the rollout began with.
    #[error("the code of $LATEST is not what the rollout of alias `{0}` began with")]
    Content(String),
    /// Nobody can tell whether `$LATEST` is.
    #[error(
        "the code of $LATEST cannot be read, so nobody knows whether it is what the rollout of alias `{0}` began with"
    )]
    Unread(String),
    /// Nobody knows which version served before.
    #[error("which version served everything of alias `{0}` before is not known")]
    NoBefore(String),
    /// `rollback` to what serves.
    #[error(
        "version {version} serves everything of alias `{alias}` already, and none before it is known"
    )]
    NothingBefore {
        /// Name of the alias.
        alias: String,
        /// Version.
        version: Version,
    },
}

fn rules_text(rules: &[MatchRule]) -> String {
    rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// When an alias was written last, behind what was written.
fn written(modified: &str) -> String {
    if modified.is_empty() { String::new() } else { format!(" (written at {modified})") }
}
