//! What to do about a rollout that is no success.

/// What to do about a rollout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RolloutHint {
    /// Another one is under way.
    #[error("look at it with `{status}`, end it with `{abort}`")]
    UnderWay {
        /// Shows it.
        status: String,
        /// Ends it.
        abort: String,
    },
    /// A key is empty.
    #[error("fill the variable that stands there, or leave the key out")]
    Fill,
    /// Somebody has routed the alias otherwise.
    #[error("go on from its step with `{resume}`, or leave the alias as it is with `{release}`")]
    Moved {
        /// Goes on.
        resume: String,
        /// Lets go.
        release: String,
    },
    /// Somebody has given it to other versions, or by rules.
    #[error("leave the alias as it is with `{release}`, or send everything back with `{back}`")]
    Release {
        /// Lets go.
        release: String,
        /// Goes back.
        back: String,
    },
    /// Rules are in the way.
    #[error("look at them with `{look}`; `{replace}` takes them away")]
    Rules {
        /// Shows them.
        look: String,
        /// Sends everything to one version.
        replace: String,
    },
    /// It stands still.
    #[error("go on with `{resume}`, or go back with `{abort}`")]
    Held {
        /// Goes on.
        resume: String,
        /// Goes back.
        abort: String,
    },
    /// Ticks are given what they do not have to judge by.
    #[error(
        "after `{resume}` each tick needs what the rollout was begun with, from the map `rollout` or by `{tick}`{}",
        if without.is_empty() { String::new() } else { format!(", and nothing from {without}") }
    )]
    SameGates {
        /// Goes on.
        resume: String,
        /// Judges.
        tick: String,
        /// Options that the rollout was begun without; may be empty.
        without: &'static str,
    },
    /// Ticks are given what the rollout was begun without.
    #[error(
        "the rollout was begun without --gate-cmd and --prometheus: take them out of the ticks and of the map `rollout` and go on with `{resume}`, or go back with `{abort}` and begin again with them"
    )]
    NoGates {
        /// Goes on.
        resume: String,
        /// Goes back.
        abort: String,
    },
    /// It went back.
    #[error("once the cause is gone, begin again with `{0}`")]
    Back(String),
    /// With the code that is there now.
    #[error("begin again with the code that is there now: `{0}`")]
    Retry(String),
    /// Look.
    #[error("look at it with `{0}`")]
    Look(String),
    /// All together.
    #[error("in the folder of the project, use the commands with --project")]
    Project,
    /// One by one.
    #[error("look at each of them; `{0}` takes it back")]
    Each(String),
    /// Functions that are not here.
    #[error("the others are not in this project; for each of them: `{0}`")]
    Elsewhere(String),
    /// Which version.
    #[error("name the version: `{0} --to VERSION`")]
    NameVersion(String),
    /// End the last step.
    #[error("end the last step at once with `{0}`")]
    Promote(String),
    /// Begin one.
    #[error("begin one with `{0}`")]
    Start(String),
    /// A newer program.
    #[error(
        "use the version of this program that wrote it, or take that line out of the description"
    )]
    Foreign,
    /// What the key may do.
    #[error(
        "the key needs scf:GetFunction and scf:GetFunctionAddress; run it again when the service answers"
    )]
    Unread,
    /// A start that is repeated.
    #[error(
        "to go on with it, type what it was begun with; another rollout needs another `--run-id`"
    )]
    AnotherRun,
    /// As it is written.
    #[error("for example `{0}`")]
    Example(String),
    /// Less text.
    #[error("shorten the description of the alias, or the list of steps")]
    Shorten,
}
