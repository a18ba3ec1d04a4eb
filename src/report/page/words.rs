//! What stands on a page beside names and numbers.

use std::fmt;

use super::{Page, PagePart, Scenario, StepResult, Unknown};
use crate::model::Version;
use crate::report::said::Said;

/// A title, a label or a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageWord {
    /// Outcome `done`.
    #[error("Done")]
    Done,
    /// Outcome `rolled-back`.
    #[error("Rolled back")]
    RolledBack,
    /// Outcome `held`.
    #[error("Held")]
    Held,
    /// A rollout that goes on.
    #[error("Under way")]
    UnderWay,
    /// One that someone else has ended.
    #[error("Ended")]
    Ended,
    /// There is none.
    #[error("No rollout")]
    Nothing,
    /// The command failed.
    #[error("Failed")]
    Failed,
    /// A signal ended it.
    #[error("Interrupted")]
    Interrupted,
    /// Somebody else has routed the alias otherwise.
    #[error("Changed by someone else")]
    Moved,
    /// The marker is not understood.
    #[error("Not understood")]
    Foreign,
    /// The sections.
    #[error("Steps")]
    Steps,
    /// Section.
    #[error("Calls, errors, duration")]
    Charts,
    /// Section.
    #[error("Gates")]
    Gates,
    /// Section.
    #[error("What happened")]
    Timeline,
    /// Section.
    #[error("Calls of the API")]
    Calls,
    /// Section.
    #[error("Who and when")]
    Run,
    /// Section.
    #[error("Commands")]
    Commands,
    /// Section.
    #[error("What this page cannot know")]
    Unknown,
    /// Chart.
    #[error("Share of the new version")]
    ShareChart,
    /// Chart.
    #[error("Calls per minute")]
    CallsChart,
    /// Chart.
    #[error("Error rate")]
    ErrorsChart,
    /// Chart.
    #[error("Duration, mean")]
    DurationChart,
    /// Of a chart without points.
    #[error("no data")]
    NoData,
    /// What the axis counts.
    #[error("hours:minutes since the beginning")]
    Axis,
    /// Column.
    #[error("Step")]
    Step,
    /// Column.
    #[error("Share")]
    Share,
    /// Column.
    #[error("Planned")]
    Planned,
    /// Column: hours and minutes since the beginning.
    #[error("Began")]
    Began,
    /// Column.
    #[error("Lasted")]
    Lasted,
    /// Column.
    #[error("Result")]
    Result,
    /// Column.
    #[error("Time")]
    Time,
    /// Column.
    #[error("Event")]
    Event,
    /// Column.
    #[error("Gate")]
    Gate,
    /// Column.
    #[error("New version")]
    Canary,
    /// Column.
    #[error("Version before")]
    Baseline,
    /// Column.
    #[error("Verdict")]
    Verdict,
    /// Column.
    #[error("Evidence against it")]
    Against,
    /// Column.
    #[error("Evidence for it")]
    InFavour,
    /// Column.
    #[error("Action")]
    Action,
    /// Column.
    #[error("Attempts")]
    Count,
    /// Column.
    #[error("Failed")]
    FailedCalls,
    /// Column.
    #[error("Request")]
    Request,
    /// Column.
    #[error("Shares afterwards")]
    Afterwards,
    /// Verdict.
    #[error("pass")]
    Pass,
    /// Verdict.
    #[error("fail")]
    Fail,
    /// Verdict.
    #[error("inconclusive")]
    Inconclusive,
    /// A step that is held until `resume`.
    #[error("pause")]
    Pause,
    /// Label.
    #[error("Function")]
    Function,
    /// Section and label: of a project.
    #[error("Functions")]
    Functions,
    /// Column: the version before and the new one.
    #[error("Versions")]
    Versions,
    /// Column: where a rollout is, and why.
    #[error("Where it is")]
    State,
    /// Label.
    #[error("Alias")]
    Alias,
    /// Label.
    #[error("Namespace")]
    Namespace,
    /// Label.
    #[error("Region")]
    Region,
    /// Label.
    #[error("Rollout")]
    Rollout,
    /// Label.
    #[error("Now served by")]
    Serves,
    /// Label.
    #[error("Next")]
    Next,
    /// Label.
    #[error("User")]
    User,
    /// Label.
    #[error("Machine")]
    Host,
    /// Label.
    #[error("Job")]
    Job,
    /// Label.
    #[error("Command began")]
    RunBegan,
    /// Label.
    #[error("Command ended")]
    RunEnded,
    /// Label.
    #[error("Rollout began")]
    RolloutBegan,
    /// Label.
    #[error("Program")]
    Program,
    /// Label.
    #[error("Exit code")]
    ExitCode,
    /// Label.
    #[error("Scenario")]
    Scenario,
    /// Label.
    #[error("Advice")]
    Hint,
    /// What repeats the command.
    #[error("repeat this command")]
    Repeat,
    /// What a command line lacks.
    #[error("Values that may be secret are left out: … stands for them.")]
    Withheld,
    /// Table of calls.
    #[error("Calls that this command made")]
    CallsMade,
    /// Table of calls.
    #[error("Calls among them that may change something")]
    ChangesMade,
    /// Table of calls.
    #[error("Calls that a rollout would make")]
    WouldCall,
    /// Nothing was asked.
    #[error("The gates were not asked.")]
    NoLooks,
    /// Nothing was called.
    #[error("None.")]
    None,
}

/// A sentence with values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PageSentence<'a> {
    /// What the page is about.
    Title(&'a Page),
    /// What the section of one function of a project is about.
    FunctionTitle(&'a PagePart),
    /// Which version a column or a line is about.
    Canary(Version),
    /// Which version a column or a line is about.
    Baseline(Version),
    /// As the first one, where nobody knows which version it is.
    NewVersion,
    /// As the second one.
    OldVersion,
    /// What became of a step.
    StepResult(StepResult),
    /// All looks, and how many of them are shown.
    Looks {
        /// All of them.
        all: usize,
        /// Those shown, the newest.
        shown: usize,
    },
    /// Looks that decided something, or the last one.
    Decisions,
    /// Calls of which nobody knows a share.
    Of {
        /// Those that failed.
        bad: &'a str,
        /// All of them.
        calls: &'a str,
    },
    /// The same, with their share and its interval.
    Rate {
        /// Those that failed.
        bad: &'a str,
        /// All of them.
        calls: &'a str,
        /// The estimate.
        rate: &'a str,
        /// Lower end.
        low: &'a str,
        /// Upper end.
        high: &'a str,
    },
    /// A mean duration.
    Mean {
        /// Milliseconds.
        mean: &'a str,
        /// Calls.
        calls: &'a str,
    },
    /// Evidence and its bar.
    Evidence {
        /// What there is.
        purse: &'a str,
        /// What is needed.
        needed: &'a str,
    },
    /// Of a chart, for who cannot see it: a version with its mean and its highest point.
    Line {
        /// The version.
        version: &'a str,
        /// Mean of its points.
        mean: &'a str,
        /// The highest of them.
        most: &'a str,
    },
    /// As the one before, without points.
    NoLine {
        /// The version.
        version: &'a str,
    },
    /// As before: where a step began.
    Mark {
        /// The step.
        step: usize,
        /// Its share.
        share: &'a str,
        /// When.
        time: &'a str,
    },
    /// The world of a rehearsal.
    Scenario(&'a Scenario),
    /// A length of time in minutes.
    Minutes(i64),
    /// A number of calls that were refused.
    Throttled(&'a str),
    /// What a page cannot know.
    Unknown(Unknown),
    /// What made the page.
    Footer {
        /// Version of this program.
        version: &'a str,
        /// When.
        time: &'a str,
    },
}

impl fmt::Display for PageSentence<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Title(page) => title(page, formatter),
            Self::FunctionTitle(part) => {
                if let Some(function) = &part.function {
                    formatter.write_str(&function.function_name)?;
                }
                part.alias_name.iter().try_for_each(|alias| write!(formatter, ", alias {alias}"))?;
                versions(part, formatter)
            }
            Self::Canary(version) => write!(formatter, "new version {version}"),
            Self::Baseline(version) => write!(formatter, "version before {version}"),
            Self::Scenario(Scenario { name, title, seed }) => {
                formatter.write_str(name)?;
                if let Some(title) = title {
                    write!(formatter, " ({title})")?;
                }
                seed.map_or(Ok(()), |seed| write!(formatter, ", seed {seed}"))
            }
            Self::NewVersion => formatter.write_str("new version"),
            Self::OldVersion => formatter.write_str("version before"),
            Self::StepResult(result) => formatter.write_str(match result {
                StepResult::Passed => "passed",
                StepResult::Current => "under way",
                StepResult::Held => "held",
                StepResult::Back => "went back",
                StepResult::Promoted => "left early",
                StepResult::Skipped => "skipped",
                StepResult::Ended => "ended",
                StepResult::NotReached => "not reached",
            }),
            Self::Looks { all, shown } if all == shown => write!(formatter, "Every look: {all}"),
            Self::Looks { all, shown } => {
                write!(formatter, "The newest {shown} of {all} looks; a .json report has all of them")
            }
            Self::Decisions => formatter.write_str("Looks that decided, and the last one"),
            Self::Of { bad, calls } => write!(formatter, "{bad} of {calls}"),
            Self::Rate { bad, calls, rate, low, high } => {
                write!(formatter, "{bad} of {calls}: {rate} ({low} to {high})")
            }
            Self::Mean { mean, calls } => write!(formatter, "{mean} ms over {calls} calls"),
            Self::Evidence { purse, needed } => write!(formatter, "{purse} of {needed}"),
            Self::Line { version, mean, most } => {
                write!(formatter, "{version}: mean {mean}, at most {most}.")
            }
            Self::NoLine { version } => write!(formatter, "{version}: no data."),
            Self::Mark { step, share, time } => {
                write!(formatter, "Step {step} ({share}) begins at {time}.")
            }
            Self::Minutes(minutes) => write!(formatter, "{minutes} min"),
            Self::Throttled(calls) => write!(formatter, "{calls} more were throttled"),
            Self::Unknown(unknown) => formatter.write_str(match unknown {
                Unknown::EarlierLooks => {
                    "What the gates said before this run: the alias remembers its steps, not the looks."
                }
                Unknown::EarlierRuns => {
                    "Who ran the steps before this run, and by which calls: the audit log (CloudAudit) of \
                     the account has them."
                }
                Unknown::EndOfLastStep => {
                    "When the last step ended: the alias remembers when steps began."
                }
                Unknown::Monitor => {
                    "Calls, errors and durations: the monitor was not asked, or had nothing."
                }
                Unknown::OtherAliases => {
                    "Through which alias a version was called: the monitor counts by version, whoever called it."
                }
                Unknown::MadeUp => {
                    "What real traffic will do: the calls are those of the scenario, and times are virtual."
                }
            }),
            Self::Footer { version, time } => write!(formatter, "Made by scfctl {version} at {time}."),
        }
    }
}

fn title(page: &Page, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let part = page.main();
    if part.is_recording() {
        formatter.write_str("A recording, judged")?;
        let title = part.scenario.as_ref().and_then(|scenario| scenario.title.as_deref());
        return title.map_or(Ok(()), |title| write!(formatter, ": {title}"));
    }
    formatter.write_str(if part.is_rehearsal() { "Rehearsed rollout" } else { "Rollout" })?;
    match (&part.alias_name, &part.function) {
        (Some(alias), Some(function)) => {
            write!(formatter, " of {alias} of {}", function.function_name)?;
        }
        (alias, _) if page.is_of_several() => {
            alias.iter().try_for_each(|alias| write!(formatter, " of {alias}"))?;
            write!(formatter, " of {} functions", page.functions.len())?;
        }
        _ => {}
    }
    versions(part, formatter)
}

fn versions(part: &PagePart, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (part.from, part.to) {
        (Some(from), Some(to)) => write!(formatter, ": {from} → {to}"),
        _ => Ok(()),
    }
}

/// Functions that are named in a sentence; of more only the number is said.
const MOST_NAMED: usize = 3;

/// Where the functions of a project are that say most of all: those that made the others follow.
#[derive(Debug, Clone, PartialEq)]
pub struct AllStand {
    /// Each with what it says; one without a name stands for all.
    pub named: Vec<(Option<String>, Said)>,
    /// How many functions the project has.
    pub all: usize,
    /// Functions that say the same as those that are named.
    pub more: usize,
}

impl AllStand {
    /// Returns where the functions are that came to `outcome`, which is that of all.
    pub(super) fn of(functions: &[PagePart], outcome: &str) -> Self {
        let all = functions.len();
        let same = || functions.iter().filter(|one| one.outcome == outcome);
        let mut telling: Vec<&PagePart> = same().filter(|one| !one.follows_others()).collect();
        if telling.is_empty() {
            telling.extend(same());
        }
        let is_one_text = telling.windows(2).all(|pair| pair[0].summary == pair[1].summary);
        if let Some(first) = telling.first().filter(|_| telling.len() == all && is_one_text) {
            return Self { named: vec![(None, first.summary.clone())], all, more: 0 };
        }
        let more = telling.len().saturating_sub(MOST_NAMED);
        telling.truncate(MOST_NAMED);
        let name = |one: &PagePart| Some(one.function.as_ref()?.function_name.clone());
        let named = telling.into_iter().map(|one| (name(one), one.summary.clone()));
        Self { named: named.collect(), all, more }
    }
}

impl fmt::Display for AllStand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, says)) in self.named.iter().enumerate() {
            formatter.write_str(if place > 0 { "; " } else { "" })?;
            match name {
                Some(name) => write!(formatter, "{name}: {says}")?,
                None if self.all == 1 => write!(formatter, "{says}")?,
                None => write!(formatter, "{} functions: {says}", self.all)?,
            }
        }
        if self.more > 0 { write!(formatter, "; and {} more", self.more) } else { Ok(()) }
    }
}

impl PageWord {
    /// The word of an outcome.
    #[must_use]
    pub fn of_outcome(outcome: &str) -> Self {
        match outcome {
            "done" => Self::Done,
            "rolled-back" => Self::RolledBack,
            "held" => Self::Held,
            "ended" => Self::Ended,
            "none" => Self::Nothing,
            "failed" => Self::Failed,
            "interrupted" => Self::Interrupted,
            "moved" => Self::Moved,
            "unknown-marker" => Self::Foreign,
            _ => Self::UnderWay,
        }
    }

    /// The word of a verdict.
    #[must_use]
    pub fn of_verdict(verdict: &str) -> Self {
        match verdict {
            "pass" => Self::Pass,
            "fail" => Self::Fail,
            _ => Self::Inconclusive,
        }
    }
}
