//! What the option parser does not take, as values. English is in its own words.

use std::net::AddrParseError;
use std::num::ParseIntError;

use crate::local::RateError;

/// Why the option parser does not take a command line. Options and values are as they are shown:
/// `--timeout <TIME>`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A value that the option cannot have.
    #[error("invalid value '{value}' for '{option}': {reason}")]
    Value {
        /// The option.
        option: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        reason: ValueError,
    },
    /// A value that is none of those that the option takes.
    #[error("invalid value '{value}' for '{option}'{}", choices_behind("possible values", choices))]
    NotAChoice {
        /// The option.
        option: String,
        /// The value.
        value: String,
        /// Those that it takes.
        choices: Vec<String>,
    },
    /// An option without its value.
    #[error(
        "a value is required for '{option}' but none was supplied{}",
        choices_behind("possible values", choices)
    )]
    NoValue {
        /// The option.
        option: String,
        /// The values that it takes; empty where they cannot be listed.
        choices: Vec<String>,
    },
    /// A value of an option that takes none, or no further one.
    #[error("unexpected value '{value}' for '{option}' found; no more were expected")]
    OneValueMore {
        /// The option.
        option: String,
        /// The value.
        value: String,
    },
    /// Options that exclude each other.
    #[error("the argument '{option}' cannot be used with{}", conflicts(others))]
    Conflict {
        /// The option.
        option: String,
        /// Those beside which it cannot stand.
        others: Vec<String>,
    },
    /// An option without the others that it needs.
    #[error("the following required arguments were not provided: {}", options.join(" "))]
    Missing {
        /// Those that it needs.
        options: Vec<String>,
    },
    /// An option that may be given once.
    #[error("the argument '{option}' cannot be used multiple times")]
    Repeated {
        /// The option.
        option: String,
    },
    /// An argument that the command does not have.
    #[error("unexpected argument '{argument}' found")]
    Unexpected {
        /// The argument.
        argument: String,
    },
    /// A word that is no command of the one before it.
    #[error("unrecognized subcommand '{word}'")]
    NoSuchSubcommand {
        /// The word.
        word: String,
    },
    /// A command that has commands of its own, none of which was given.
    #[error("a subcommand is required but one was not provided")]
    NoSubcommand,
    /// Anything else, in the words of the option parser.
    #[error("{0}")]
    Other(String),
}

fn choices_behind(what: &str, choices: &[String]) -> String {
    if choices.is_empty() { String::new() } else { format!(" [{what}: {}]", choices.join(", ")) }
}

fn conflicts(others: &[String]) -> String {
    match others {
        [] => " one or more of the other specified arguments".to_owned(),
        [other] => format!(" '{other}'"),
        others => format!(": {}", others.join(" ")),
    }
}

/// Why a value is not one that an option takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Not a duration.
    #[error("not a time: write seconds (300), or 500ms, 90s, 5m, 1h")]
    Time,
    /// A duration out of range.
    #[error("must be more than 0 and at most 24h")]
    TimeRange,
    /// Nothing that can be waited for.
    #[error("is none of done, paused and step=N")]
    Goal,
    /// No confidence.
    #[error("must be from 50% to 99.99%")]
    Confidence,
    /// No JSON pointer.
    #[error("write a JSON pointer, such as /version")]
    Pointer,
    /// No SHA-256.
    #[error("write the 64 hex digits of a SHA-256")]
    Hash,
    /// A parameter without a name or a value.
    #[error("write NAME=VALUE")]
    Parameter,
    /// A value for an output that is not named.
    #[error("write STAGE:APP:NAME.KEY=VALUE, or APP.NAME.KEY=VALUE for the stage of the run")]
    Output,
    /// An output without a value.
    #[error("`{key}` has no value; is a variable empty?")]
    EmptyOutput {
        /// The output.
        key: String,
    },
    /// Not a number, or one out of range.
    #[error(transparent)]
    Number(ParseIntError),
    /// Not an address to listen on.
    #[error(transparent)]
    Address(AddrParseError),
    /// Not a rate of calls.
    #[error(transparent)]
    Rate(RateError),
    /// Anything else, in the words of whoever read it.
    #[error("{0}")]
    Other(String),
}

/// What may be meant instead of what was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Tip {
    /// A value of the option.
    #[error("a similar value exists: '{0}'")]
    Value(String),
    /// An option of the command.
    #[error("a similar argument exists: '{0}'")]
    Option(String),
    /// Commands.
    #[error("{}", similar_subcommands(.0))]
    Subcommands(Vec<String>),
    /// The same option, behind a command of the command.
    #[error("'{0}' exists")]
    Below(String),
    /// Anything else, in the words of the option parser.
    #[error("{0}")]
    Other(String),
}

fn similar_subcommands(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    match &quoted[..] {
        [one] => format!("a similar subcommand exists: {one}"),
        several => format!("some similar subcommands exist: {}", several.join(", ")),
    }
}
