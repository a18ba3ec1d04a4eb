//! Options of a rollout that cannot be used.

use super::hint::RolloutHint;
use crate::config::position::Position;
use crate::error::WorldError;
use crate::error::notify::NotTold;
use crate::plan::gates::RuleError;
use crate::plan::rollout::schedule::ScheduleError;
use crate::text::Cause;

/// An option of a rollout, or a key of the map `rollout`, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RolloutOption {
    /// The steps.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// A gate.
    #[error("{option}: {problem}")]
    Gate {
        /// Option.
        option: &'static str,
        /// Why.
        problem: RuleError,
    },
    /// A time.
    #[error("{option}: {problem}")]
    Time {
        /// Option.
        option: &'static str,
        /// Why.
        problem: ScheduleError,
    },
    /// None of the words that there are.
    #[error("{option}: `{text}` is none of {allowed}")]
    Choice {
        /// Option.
        option: &'static str,
        /// As typed.
        text: String,
        /// What there is.
        allowed: &'static str,
    },
    /// Not a whole number.
    #[error("{option}: `{text}` is not a whole number")]
    Number {
        /// Option.
        option: &'static str,
        /// As typed.
        text: String,
    },
    /// Not a version.
    #[error("{option}: `{text}` is no version: write a number, '$LATEST' or latest-published")]
    Version {
        /// Option.
        option: &'static str,
        /// As typed.
        text: String,
    },
    /// Not an address.
    #[error("{option}: `{text}` is no address that begins with http:// or https://")]
    Address {
        /// Option.
        option: &'static str,
        /// As typed.
        text: String,
    },
    /// Two that say different things.
    #[error("{one} and {other} do not go together")]
    Together {
        /// One.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// One that has no effect without another.
    #[error("{option} has no effect without {needs}")]
    Needs {
        /// Option.
        option: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// `deploy --publish --rollout` of an alias that serves what is deployed.
    #[error(
        "`$LATEST` serves requests of alias `{alias}`: its new code would serve before the rollout begins"
    )]
    ServesLatest {
        /// Name of the alias.
        alias: String,
    },
    /// One that is part of a gate.
    #[error("{option} has no effect without a gate such as --max-error-rate")]
    NeedsGate {
        /// Option.
        option: &'static str,
    },
    /// One that a recorded scenario has no use for.
    #[error("{option} has no effect without a generated scenario")]
    OfGenerated {
        /// Option.
        option: &'static str,
    },
    /// A recorded scenario that nothing judges.
    #[error("a recorded scenario has no effect without a gate such as --max-error-rate")]
    RecordingNeedsGate,
    /// A key that there is not.
    #[error("the map `rollout` has no key `{key}`{}", meant.as_ref().map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default())]
    Key {
        /// As written.
        key: String,
        /// A known one like it.
        meant: Option<String>,
    },
    /// A value of the map that is no text or number.
    #[error(
        "`rollout.{key}` is neither a text nor a number{}",
        instead.as_ref().map(|text| format!(": write `{key}: {text}`")).unwrap_or_default()
    )]
    Value {
        /// Key.
        key: String,
        /// The same as a text, where that is plain.
        instead: Option<String>,
    },
    /// A key of the file that is empty.
    #[error("`{path}` is empty")]
    Empty {
        /// Its path below `inputs`.
        path: String,
    },
    /// A key of the file that refers to what is not there.
    #[error("{0}")]
    Unresolved(Cause),
    /// A value of the map that is no switch.
    #[error("`rollout.{key}` is neither true nor false")]
    Switch {
        /// Key.
        key: String,
    },
    /// `rollout` is no map.
    #[error("`rollout` is no map")]
    NoMap,
    /// One that stands in the file.
    #[error("{} ({place})", Self::with_keys(problem.to_string(), keys))]
    OfFile {
        /// What is wrong.
        problem: Box<RolloutOption>,
        /// Options that it names and nobody has typed, the longest first, with their keys.
        keys: Vec<(String, String)>,
        /// Where it stands.
        place: Position,
    },
    /// Several at once.
    #[error(
        "{} options of the rollout cannot be used\n{}",
        .0.len(),
        .0.iter().map(|one| one.to_string().replace('\n', "\\n")).collect::<Vec<_>>().join("\n")
    )]
    Several(Vec<RolloutOption>),
    /// No version was ever published.
    #[error("no version is published; deploy with --publish, or begin with --publish")]
    NothingPublished,
    /// `--output ndjson` of a command that tells no events.
    #[error(
        "--output ndjson is for `rollout start`, `rollout tick`, `rollout rehearse`, `deploy --rollout` and `logs`, which tell events"
    )]
    EventsOfRollouts,
    /// Of several functions nobody knows which one is meant.
    #[error("{option} is for one function: name it with --function, or its folder with --target")]
    OneFunction {
        /// Option.
        option: &'static str,
    },
    /// Of several rollouts nobody knows which one is meant.
    #[error("several rollouts are under way, of {}: name one with --alias", aliases.join(", "))]
    SeveralRollouts {
        /// Aliases.
        aliases: Vec<String>,
    },
    /// Functions that advance together by other steps.
    #[error("the functions have different steps: `{one}` {steps}, `{other}` {other_steps}")]
    OtherSteps {
        /// A function.
        one: String,
        /// Its steps.
        steps: String,
        /// Another one.
        other: String,
        /// Its steps.
        other_steps: String,
    },
    /// A step that the rollout has not.
    #[error("--wait: the rollout has {steps} steps and no step {step}")]
    NoSuchStep {
        /// Step.
        step: usize,
        /// Steps.
        steps: usize,
    },
    /// A scenario of `rehearse`.
    #[error("--scenario: {0}")]
    Scenario(Box<WorldError>),
    /// `notify` of the map is of no form that it may have.
    #[error(
        "`rollout.notify` is neither KIND=VARIABLE, a list of such, nor a map from kinds to variables"
    )]
    Chats,
    /// Not a kind of chat and a variable. It may be a secret, so it is not shown.
    #[error(
        "--notify takes a kind and the name of an environment variable: --notify slack=SLACK_WEBHOOK"
    )]
    NotifyForm,
    /// A kind of chat that there is not.
    #[error("--notify: `{kind}` is none of {kinds}{}", meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default())]
    NotifyKind {
        /// As typed.
        kind: String,
        /// What there is.
        kinds: &'static str,
        /// One that is spelt alike.
        meant: Option<&'static str>,
    },
    /// An address, or what is a secret by its looks, in place of a variable.
    #[error(
        "--notify takes the name of an environment variable, not an address, which others would see: \
         put the address into {variable} and write --notify {kind}={variable}"
    )]
    NotifyAddress {
        /// Kind.
        kind: &'static str,
        /// A variable that it could stand in.
        variable: String,
    },
    /// A chat that could not be told, found before anything was done.
    #[error("--notify {}: {}", .0.chat, .0.problem)]
    NotifyUnusable(Box<NotTold>),
}

impl RolloutOption {
    /// A text with the keys of the map in place of options.
    #[must_use]
    pub fn with_keys(mut text: String, keys: &[(String, String)]) -> String {
        for (option, key) in keys {
            let key = format!("`rollout.{key}`");
            text = text.replace(&format!("`{option}`"), &key).replace(option, &key);
        }
        text
    }

    /// How an option is written, where it has a form of its own.
    fn example(option: &str) -> Option<&'static str> {
        Some(match option {
            "--steps" => "10%,50%,100%",
            "--preset" => "Canary10Percent5Minutes",
            "--interval" | "--bake" | "--settle" => "5m",
            "--deadline" => "2h",
            "--gate-timeout" => "30s",
            "--max-error-rate-increase" => "1.1x+0.05%",
            "--max-error-rate" => "1%",
            "--max-duration-increase" => "20%",
            "--max-throttles" => "5",
            "--min-invocations" => "50",
            "--confidence" => "99%",
            "--dispersion" => "1.5",
            "--prometheus" => "http://localhost:9090",
            _ => return None,
        })
    }

    /// What to write instead.
    pub(super) fn hint(&self) -> Option<RolloutHint> {
        match self {
            Self::Schedule(ScheduleError::Of { option, .. })
            | Self::Gate { option, .. }
            | Self::Time { option, .. }
            | Self::Number { option, .. }
            | Self::Address { option, .. } => {
                let example = Self::example(option)?;
                Some(RolloutHint::Example(format!("{option} {example}")))
            }
            Self::Empty { .. } => Some(RolloutHint::Fill),
            Self::OfFile { problem, keys, .. } => match (problem.hint()?, &keys[..]) {
                (RolloutHint::Example(example), keys) => {
                    let (option, value) = example.split_once(' ')?;
                    let (_, key) = keys.iter().find(|(named, _)| named == option)?;
                    Some(RolloutHint::Example(format!("{key}: {value}")))
                }
                (hint, _) => Some(hint),
            },
            _ => None,
        }
    }
}
