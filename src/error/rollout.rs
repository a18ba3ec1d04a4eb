//! What becomes of a rollout that is no success, and options that make none.

use std::fmt::{self, Write as _};
use std::time::Duration;

use serde_json::{Map, Value};

use super::code::signal_code;
use super::notify::NotTold;
use super::{Error, ExitCode, WorldError, signal_exit_code};
use crate::config::position::Position;
use crate::execute::Signal;
use crate::model::{FunctionId, Version};
use crate::plan::command::RolloutCommand;
use crate::plan::gates::RuleError;
use crate::plan::rollout::machine::Refused;
use crate::plan::rollout::schedule::ScheduleError;
use crate::plan::rollout::standing::StepPlace;
use crate::plan::rollout::state::{BackReason, GateFields, HoldReason};
use crate::plan::rollout::together::Apart;
use crate::text::Cause;

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

    /// What to do where ticks were given others.
    fn hint(self, command: &dyn Fn(&'static str) -> Option<String>) -> Option<RolloutHint> {
        let resume = command("rollout resume")?;
        let options = self.options();
        Some(if options.is_empty() {
            RolloutHint::NoGates { resume, abort: command("rollout abort")? }
        } else {
            let tick = format!("{}{options}", command("rollout tick")?);
            RolloutHint::SameGates { resume, tick, without: self.without() }
        })
    }

    /// The options that a tick may not have.
    fn without(self) -> &'static str {
        match (self.command, self.prometheus) {
            (true, true) => "",
            (true, false) => "--prometheus",
            (false, true) => "--gate-cmd",
            (false, false) => "--gate-cmd, --prometheus",
        }
    }

    /// The options of a tick, without their values, which nobody knows.
    fn options(self) -> String {
        let command = if self.command { " --gate-cmd LINE" } else { "" };
        let prometheus = if self.prometheus {
            " --prometheus URL --query-calls-canary QUERY --query-error-canary QUERY \
             --query-calls-baseline QUERY --query-error-baseline QUERY"
        } else {
            ""
        };
        format!("{command}{prometheus}")
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

/// What judges gave no answer, so that there is no data.
#[derive(Debug)]
pub struct NoData<'a>(pub &'a Error);

impl fmt::Display for NoData<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no data: {}", self.0.report().whole())
    }
}

/// A part of a look that cannot be had, and why.
#[derive(Debug)]
pub struct Unread<'a>(pub &'a Error);

impl fmt::Display for Unread<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.report().whole())
    }
}

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
            "--max-duration-increase" => "1.5x",
            "--max-throttles" => "5",
            "--min-invocations" => "50",
            "--confidence" => "99%",
            "--dispersion" => "1.5",
            "--prometheus" => "http://localhost:9090",
            _ => return None,
        })
    }

    /// What to write instead.
    fn hint(&self) -> Option<RolloutHint> {
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

impl RolloutError {
    /// An option that cannot be used, whatever the alias.
    #[must_use]
    pub fn of_option(problem: RolloutOption) -> Error {
        let (problem, result) = (problem.into(), Map::new());
        let (function, alias, project) = (None, String::new(), None);
        Error::Rollout(Box::new(Self { function, alias, project, problem, result }))
    }

    /// How the process exits.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match &self.problem {
            RolloutProblem::Refused(refused) => refused_exit_code(refused),
            RolloutProblem::Held { by_content: true, .. }
            | RolloutProblem::Gone(_)
            | RolloutProblem::Otherwise { .. }
            | RolloutProblem::LeftAlone { .. }
            | RolloutProblem::Apart(_) => ExitCode::Conflict,
            RolloutProblem::Held { by_content: false, .. } => ExitCode::Held,
            RolloutProblem::Back { .. } => ExitCode::RolledBack,
            RolloutProblem::Interrupted { signal, .. } => signal_exit_code(*signal),
            RolloutProblem::StillUnderWay { .. } => ExitCode::TimedOut,
            RolloutProblem::NotHeld { .. } | RolloutProblem::Unanswered(_) => ExitCode::Failure,
            RolloutProblem::Option(RolloutOption::NothingPublished) => ExitCode::NotFound,
            RolloutProblem::Option(_) => ExitCode::Usage,
        }
    }

    /// The word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match &self.problem {
            RolloutProblem::Refused(refused) => refused_code(refused),
            RolloutProblem::Held { by_content: true, .. } => "content-changed",
            RolloutProblem::Held { by_content: false, .. } => "held",
            RolloutProblem::Back { .. } => "rolled-back",
            RolloutProblem::Interrupted { signal, .. } => signal_code(*signal),
            RolloutProblem::Gone(_) => "conflict",
            RolloutProblem::Apart(_) | RolloutProblem::LeftAlone { .. } => "not-together",
            RolloutProblem::Otherwise { .. } => "other-options",
            RolloutProblem::StillUnderWay { .. } => "timed-out",
            RolloutProblem::NotHeld { .. } => "not-held",
            RolloutProblem::Unanswered(_) => "no-answer",
            RolloutProblem::Option(RolloutOption::NothingPublished) => "version-not-found",
            RolloutProblem::Option(_) => "usage",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<RolloutHint> {
        let of_one = |verb: &'static str| {
            let function = self.function.as_ref()?;
            Some(RolloutCommand { function, alias: &self.alias, verb }.to_string())
        };
        // Of several that advance together a command on one would part it from the others.
        let is_on_one = self.project.as_ref().is_some_and(String::is_empty);
        let command = |verb: &'static str| match &self.project {
            Some(options) if !is_on_one => Some(format!("scfctl {verb}{options}")),
            _ => of_one(verb),
        };
        match &self.problem {
            RolloutProblem::Refused(refused) => match refused {
                Refused::UnderWay { .. } => Some(RolloutHint::UnderWay {
                    status: command("rollout status")?,
                    abort: command("rollout abort")?,
                }),
                Refused::Moved { found, expected, .. } => {
                    let mut release = of_one("update-alias")?;
                    let _ = write!(release, " --version {}", quoted(found.main));
                    for (version, weight) in &found.additional {
                        let _ = write!(release, " --weight {}={weight}", quoted(*version));
                    }
                    if !found.matches.is_empty() {
                        release.push_str(" --force");
                    }
                    release.push_str(" --end-rollout");
                    // With other versions there is no step to go back to.
                    let known = expected.shares();
                    let is_known = |version: &Version| known.contains_key(version);
                    if !found.matches.is_empty() || !found.shares().keys().all(is_known) {
                        return Some(RolloutHint::Release(release));
                    }
                    Some(RolloutHint::Moved { resume: command("rollout resume")?, release })
                }
                Refused::Content(_) => Some(RolloutHint::Retry(command("rollout retry")?)),
                Refused::Ended { .. } | Refused::Step { .. } | Refused::Changed(_) => {
                    Some(RolloutHint::Look(command("rollout status")?))
                }
                Refused::NoBefore(_) | Refused::NothingBefore { .. } => {
                    Some(RolloutHint::NameVersion(of_one("rollback")?))
                }
                Refused::MatchRules { .. } | Refused::ThirdVersion { .. } => {
                    Some(RolloutHint::Look(of_one("list-alias")?))
                }
                Refused::OneOfSeveral { .. } => Some(RolloutHint::Project),
                Refused::LastStep(_) => Some(RolloutHint::Promote(command("rollout promote")?)),
                Refused::NoRollout(_) => Some(RolloutHint::Start(command("rollout start")?)),
                Refused::Foreign { .. } => Some(RolloutHint::Foreign),
                Refused::TooLong { .. } => Some(RolloutHint::Shorten),
                Refused::AlreadyServes { .. } => {
                    Some(RolloutHint::NameVersion(of_one("rollout start")?))
                }
            },
            RolloutProblem::Apart(_) => Some(RolloutHint::UnderWay {
                status: command("rollout status")?,
                abort: command("rollout abort")?,
            }),
            RolloutProblem::LeftAlone { apart, verb } => match (apart, verb) {
                (Apart::Others(_), Some(_)) => Some(RolloutHint::Each(of_one("rollback")?)),
                (Apart::Number { .. }, Some(verb)) => self.elsewhere(verb),
                _ => Some(RolloutHint::Look(command("rollout status")?)),
            },
            RolloutProblem::Held { .. }
            | RolloutProblem::Back { .. }
            | RolloutProblem::Interrupted { .. }
                if is_on_one =>
            {
                Some(RolloutHint::Project)
            }
            RolloutProblem::Held { reason: HoldReason::Gates, judges, .. } => judges.hint(&command),
            RolloutProblem::Held { reason: HoldReason::Content, .. } => {
                Some(RolloutHint::Retry(command("rollout retry")?))
            }
            RolloutProblem::Held { .. } | RolloutProblem::Interrupted { left: Left::Held, .. } => {
                Some(RolloutHint::Held {
                    resume: command("rollout resume")?,
                    abort: command("rollout abort")?,
                })
            }
            RolloutProblem::Back { is_remembered: false, .. }
            | RolloutProblem::Interrupted { left: Left::Forgotten, .. } => {
                Some(RolloutHint::Start(command("rollout start")?))
            }
            RolloutProblem::Back { is_remembered: true, .. }
            | RolloutProblem::Interrupted { left: Left::Back, .. } => {
                Some(RolloutHint::Back(command("rollout retry")?))
            }
            RolloutProblem::Gone(_)
            | RolloutProblem::StillUnderWay { .. }
            | RolloutProblem::Interrupted { left: Left::Open, .. } => {
                Some(RolloutHint::Look(command("rollout status")?))
            }
            RolloutProblem::Otherwise { .. } => Some(RolloutHint::AnotherRun),
            RolloutProblem::Option(option) => option.hint(),
            RolloutProblem::NotHeld { .. } | RolloutProblem::Unanswered(_) => None,
        }
    }
}

impl RolloutError {
    /// The command on one of functions that nobody here knows.
    fn elsewhere(&self, verb: &str) -> Option<RolloutHint> {
        let function = self.function.clone()?;
        let function = &FunctionId { name: "NAME".to_owned(), ..function };
        let command = RolloutCommand { function, alias: &self.alias, verb };
        Some(RolloutHint::Elsewhere(command.to_string()))
    }
}

/// A version as a word of a shell.
fn quoted(version: Version) -> String {
    match version {
        Version::Latest => "'$LATEST'".to_owned(),
        Version::Number(number) => number.to_string(),
    }
}

fn refused_exit_code(refused: &Refused) -> ExitCode {
    match refused {
        Refused::UnderWay { .. }
        | Refused::Foreign { .. }
        | Refused::MatchRules { .. }
        | Refused::ThirdVersion { .. }
        | Refused::Moved { .. }
        | Refused::Step { .. }
        | Refused::Changed(_)
        | Refused::Content(_) => ExitCode::Conflict,
        Refused::NoRollout(_) | Refused::NoBefore(_) | Refused::NothingBefore { .. } => {
            ExitCode::NotFound
        }
        Refused::AlreadyServes { .. }
        | Refused::OneOfSeveral { .. }
        | Refused::TooLong { .. }
        | Refused::Ended { .. }
        | Refused::LastStep(_) => ExitCode::Usage,
    }
}

fn refused_code(refused: &Refused) -> &'static str {
    match refused {
        Refused::UnderWay { .. } => "under-rollout",
        Refused::Foreign { .. } => "unknown-marker",
        Refused::MatchRules { .. } => "match-rules",
        Refused::ThirdVersion { .. } | Refused::AlreadyServes { .. } => "routing-not-possible",
        Refused::TooLong { .. } => "description-too-long",
        Refused::NoRollout(_) | Refused::Ended { .. } => "no-rollout",
        Refused::Moved { .. } | Refused::Changed(_) => "conflict",
        Refused::Step { .. } | Refused::LastStep(_) => "other-step",
        Refused::Content(_) => "content-changed",
        Refused::OneOfSeveral { .. } => "rollout-of-project",
        Refused::NoBefore(_) | Refused::NothingBefore { .. } => "version-not-found",
    }
}

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
    /// Somebody has given it to other versions.
    #[error("leave the alias as it is with `{0}`, or route it back and go on")]
    Release(String),
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
        "use the version of this program that wrote it, or take the last line of the description away"
    )]
    Foreign,
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
