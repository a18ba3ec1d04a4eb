//! What is known of a rollout: all of it stands in the description of its alias.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Timelike, Utc};

use super::schedule::{Schedule, ScheduledStep};
use crate::model::{DEFAULT_ALIAS, Routing, Version, Weight};
use crate::text::Language;

/// How late in a minute a write may be sent for the minute to count, in seconds. The write itself
/// takes its time, and a minute whose weights changed later than 5 s into it is left out
/// (`docs/en/gates.md`, "What counts").
const LATEST_IN_MINUTE: u32 = 3;

const FORMAT: &str = "%Y%m%dT%H%M";

/// A whole minute by the service's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(i64);

impl Minute {
    /// The minute that a time lies in.
    #[must_use]
    pub fn of(time: DateTime<Utc>) -> Self {
        Self(time.timestamp().div_euclid(60))
    }

    /// The first minute that counts after weights are written now.
    #[must_use]
    pub fn counted_from(now: DateTime<Utc>) -> Self {
        let late = now.second() >= LATEST_IN_MINUTE;
        Self(Self::of(now).0 + i64::from(late))
    }

    /// When it begins.
    #[must_use]
    pub fn start(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0 * 60, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// So many minutes later.
    #[must_use]
    pub fn plus(self, minutes: u32) -> Self {
        Self(self.0 + i64::from(minutes))
    }

    /// Minutes since an earlier one; 0 if it is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> u32 {
        u32::try_from(self.0.saturating_sub(earlier.0).max(0)).unwrap_or(u32::MAX)
    }

    /// Reads the form that [`fmt::Display`] writes.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let time = NaiveDateTime::parse_from_str(text, FORMAT).ok()?.and_utc();
        let minute = Self::of(time);
        (minute.to_string() == text).then_some(minute)
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.start().format(FORMAT))
    }
}

/// Why a rollout stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldReason {
    /// `pause`.
    User,
    /// The schedule has a pause there.
    Schedule,
    /// Too few calls, or no answer of the monitor.
    NoData,
    /// The gates cannot tell.
    Inconclusive,
    /// A gate failed, and is not to go back by itself.
    Fail,
    /// The time for everything is over.
    Deadline,
    /// The code of `$LATEST` is another.
    Content,
    /// The gate command or the queries are missing, or others than at the start.
    Gates,
    /// `start` was interrupted.
    Interrupt,
}

/// Every reason to hold.
pub const HOLD_REASONS: [HoldReason; 9] = [
    HoldReason::User,
    HoldReason::Schedule,
    HoldReason::NoData,
    HoldReason::Inconclusive,
    HoldReason::Fail,
    HoldReason::Deadline,
    HoldReason::Content,
    HoldReason::Gates,
    HoldReason::Interrupt,
];

impl HoldReason {
    /// The word in the marker and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Schedule => "schedule",
            Self::NoData => "nodata",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
            Self::Deadline => "deadline",
            Self::Content => "content",
            Self::Gates => "gates",
            Self::Interrupt => "interrupt",
        }
    }
}

impl fmt::Display for HoldReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::User => "paused by hand",
            Self::Schedule => "the schedule pauses here",
            Self::NoData => "too little data to judge by",
            Self::Inconclusive => "the gates cannot tell",
            Self::Fail => "a gate failed",
            Self::Deadline => "the time for the rollout is over",
            Self::Content => "the code of $LATEST has changed",
            Self::Gates => "the gate command or the queries are missing or have changed",
            Self::Interrupt => "it was interrupted",
        })
    }
}

/// Why a rollout went back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BackReason {
    /// `abort` or `rollback`.
    User,
    /// A gate failed.
    Fail,
    /// Too little data, and `--on-no-data rollback`.
    NoData,
    /// The time was over, and `--on-deadline rollback`.
    Deadline,
    /// A signal, and `--on-interrupt rollback`.
    Interrupt,
    /// The rollout of another function of the project went back.
    Project,
}

/// Every reason to go back.
pub const BACK_REASONS: [BackReason; 6] = [
    BackReason::User,
    BackReason::Fail,
    BackReason::NoData,
    BackReason::Deadline,
    BackReason::Interrupt,
    BackReason::Project,
];

impl BackReason {
    /// The word in the marker and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Fail => "fail",
            Self::NoData => "nodata",
            Self::Deadline => "deadline",
            Self::Interrupt => "interrupt",
            Self::Project => "project",
        }
    }
}

impl fmt::Display for BackReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::User => "by hand",
            Self::Fail => "a gate failed",
            Self::NoData => "too little data to judge by",
            Self::Deadline => "the time for the rollout was over",
            Self::Interrupt => "it was interrupted",
            Self::Project => "another function of the project went back",
        })
    }
}

/// Where a rollout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Goes on by itself.
    Running,
    /// Stands still until somebody decides.
    Held(HoldReason),
    /// Ended: everything went back.
    Back(BackReason),
    /// Ended: the new version serves everything.
    Done,
    /// Ended by someone who routed the alias otherwise (`--end-rollout`).
    Ended,
}

impl Phase {
    /// Whether the rollout is still under way.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Running | Self::Held(_))
    }

    /// The word in the marker and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Held(_) => "held",
            Self::Back(_) => "back",
            Self::Done => "done",
            Self::Ended => "ended",
        }
    }

    /// The word of the reason, where there is one.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Held(reason) => Some(reason.word()),
            Self::Back(reason) => Some(reason.word()),
            Self::Running | Self::Done | Self::Ended => None,
        }
    }

    /// Reads the two words.
    #[must_use]
    pub fn read(word: &str, reason: Option<&str>) -> Option<Self> {
        Some(match (word, reason) {
            ("running", None) => Self::Running,
            ("done", None) => Self::Done,
            ("ended", None) => Self::Ended,
            ("held", Some(text)) => {
                Self::Held(HOLD_REASONS.into_iter().find(|reason| reason.word() == text)?)
            }
            ("back", Some(text)) => {
                Self::Back(BACK_REASONS.into_iter().find(|reason| reason.word() == text)?)
            }
            _ => return None,
        })
    }
}

/// Whether to go back or to stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BackOrHold {
    /// One write takes everything back.
    Rollback,
    /// Somebody decides.
    Hold,
}

/// Whether to stand still or to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldOrContinue {
    /// Somebody decides.
    Hold,
    /// As if the gates had nothing against it.
    Continue,
}

/// What is done where there is too little data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnNoData {
    /// Somebody decides.
    Hold,
    /// As if there were enough.
    Continue,
    /// One write takes everything back.
    Rollback,
}

/// How a rollout behaves, beside its gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Choices {
    /// How old a minute must be to count, after its end, in minutes.
    pub settle: u32,
    /// When a gate fails.
    pub on_fail: BackOrHold,
    /// When there is too little data at the end of a step.
    pub on_no_data: OnNoData,
    /// When the gates cannot tell at the end of a step.
    pub on_inconclusive: HoldOrContinue,
    /// When the time for everything is over.
    pub on_deadline: BackOrHold,
    /// When `start` is interrupted.
    pub on_interrupt: BackOrHold,
    /// The time for everything, in minutes.
    pub deadline: Option<u32>,
    /// Go on at a pass, before the time of the step is over.
    pub advance_early: bool,
    /// Go on at nothing less than a pass.
    pub require_pass: bool,
    /// The language that chats are told in, where it was begun with one.
    pub language: Option<Language>,
}

impl Choices {
    /// What holds where nothing is said.
    pub const DEFAULT: Self = Self {
        settle: 3,
        on_fail: BackOrHold::Rollback,
        on_no_data: OnNoData::Hold,
        on_inconclusive: HoldOrContinue::Hold,
        on_deadline: BackOrHold::Hold,
        on_interrupt: BackOrHold::Hold,
        deadline: None,
        advance_early: false,
        require_pass: false,
        language: None,
    };
}

impl Default for Choices {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A field of the marker: a key and its values.
pub type Field = (String, Vec<String>);

/// The gates of a rollout as the marker has them, and what names those that do not fit in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct GateFields {
    /// Values of the gates, by the keys of [`super::gate_fields::GATE_KEYS`], in their order.
    pub values: Vec<Field>,
    /// Digest of the gate command.
    pub command: Option<String>,
    /// Digest of the Prometheus address and its queries.
    pub prometheus: Option<String>,
}

impl GateFields {
    /// Whether anything is judged.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !self.values.is_empty() || self.command.is_some() || self.prometheus.is_some()
    }
}

/// A rollout, under way or ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rollout {
    /// Tells it from others: letters and digits.
    pub id: String,
    /// The version that serves what the new one does not.
    pub from: Version,
    /// The new version.
    pub to: Version,
    /// Its steps.
    pub schedule: Schedule,
    /// The step that it is in, from 1.
    pub step: usize,
    /// The first minute that counts.
    pub began: Minute,
    /// The first minute of each step so far, in minutes since `began`. A step that was left out
    /// has that of the next one.
    pub starts: Vec<u32>,
    /// Minutes that do not count because weights changed in them, in minutes since `began`.
    pub skipped: Vec<u32>,
    /// When the time of the step began to count, in minutes since `began`: later than its start
    /// when the rollout stood still in between.
    pub since: u32,
    /// The first minute that the gates judge by, in minutes since `began`: later than 0 when
    /// somebody has gone on in spite of a gate that failed.
    pub judged: u32,
    /// Where it is.
    pub phase: Phase,
    /// How it behaves.
    pub choices: Choices,
    /// What it is judged by.
    pub gates: GateFields,
    /// How many functions are rolled out together, which share the chance of a false alarm.
    pub functions: u32,
    /// Digest of code and configuration of `$LATEST`, where that is the new version.
    pub content: Option<String>,
    /// Whether `$LATEST` is published at the end.
    pub freeze: bool,
    /// The version that it was published as.
    pub frozen: Option<Version>,
}

impl Rollout {
    /// The step that it is in.
    #[must_use]
    pub fn current(&self) -> ScheduledStep {
        self.schedule.step(self.step)
    }

    /// Whether it is in its last step.
    #[must_use]
    pub fn is_last_step(&self) -> bool {
        self.step >= self.schedule.count()
    }

    /// The minute since which the time of the step counts.
    #[must_use]
    pub fn counts_since(&self) -> Minute {
        self.began.plus(self.since)
    }

    /// The routing of a step, by its number.
    ///
    /// A custom alias has the old version as its main one. `$DEFAULT` on the way to `$LATEST` has
    /// the form that a deployment writes: main `$LATEST` (seed document, "函数流量设置").
    #[must_use]
    pub fn routing_at(&self, alias: &str, step: usize) -> Routing {
        let share = self.schedule.step(step).share;
        if alias == DEFAULT_ALIAS && self.to == Version::Latest {
            Routing::split(self.to, self.from, share.complement())
        } else {
            Routing::split(self.from, self.to, share)
        }
    }

    /// Where everything goes at the end, when `to` serves it.
    ///
    /// `$DEFAULT` ends as `publish=true traffic=0` leaves it: main `$LATEST`, everything on the
    /// published version.
    #[must_use]
    pub fn routing_at_end(&self, alias: &str, to: Version) -> Routing {
        match to {
            Version::Number(_) if alias == DEFAULT_ALIAS => {
                Routing::split(Version::Latest, to, Weight::ONE)
            }
            Version::Number(_) | Version::Latest => Routing::all_to(to),
        }
    }

    /// Where everything goes on the way back.
    #[must_use]
    pub fn routing_back(&self) -> Routing {
        Routing::all_to(self.from)
    }

    /// Where the requests of the alias go, as far as the rollout knows; `None` when it was ended
    /// by someone who routed it otherwise.
    #[must_use]
    pub fn routing(&self, alias: &str) -> Option<Routing> {
        match self.phase {
            Phase::Running | Phase::Held(_) => Some(self.routing_at(alias, self.step)),
            Phase::Back(_) => Some(self.routing_back()),
            Phase::Done => Some(self.routing_at_end(alias, self.frozen.unwrap_or(self.to))),
            Phase::Ended => None,
        }
    }

    /// The minute in which the data of the step's time are old enough.
    #[must_use]
    pub fn settled(&self) -> Minute {
        let Choices { settle, .. } = self.choices;
        let hold = self.current().hold.minutes();
        // Where nothing is watched, nothing has to settle.
        let settle = if hold == 0 || !self.gates.is_any() { 0 } else { settle };
        self.counts_since().plus(hold).plus(settle)
    }

    /// The minute in which a step that the gates cannot decide about is over for good: three more
    /// lengths of it later, ten minutes at least.
    #[must_use]
    pub fn extended(&self) -> Minute {
        let more = self.current().hold.minutes().saturating_mul(3).max(10);
        self.settled().plus(more)
    }

    /// The time when the whole is to be over.
    #[must_use]
    pub fn deadline(&self) -> Option<DateTime<Utc>> {
        let minutes = self.choices.deadline?;
        Some(self.began.start() + TimeDelta::minutes(minutes.into()))
    }
}

/// What the description of an alias has to say of rollouts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    /// The last rollout, under way or ended.
    pub rollout: Option<Rollout>,
    /// The version that served everything before the one that does now, or did at the beginning
    /// of the rollout under way.
    pub before: Option<Version>,
    /// The version that somebody gave everything to by hand: `before` is what served before it,
    /// as long as it serves everything.
    pub serves: Option<Version>,
    /// Versions that were taken out of service again, the oldest first.
    pub rolled_back: Vec<Version>,
    /// Fields that this program does not know, which are kept.
    pub others: Vec<Field>,
}

impl Memory {
    /// The rollout, if it is under way.
    #[must_use]
    pub fn open(&self) -> Option<&Rollout> {
        self.rollout.as_ref().filter(|rollout| rollout.phase.is_open())
    }

    /// Notes that a version was taken out of service. `$LATEST` is not remembered: it is other
    /// code after the next deployment.
    pub fn note_rolled_back(&mut self, version: Version) {
        self.rolled_back.retain(|known| *known != version);
        if version != Version::Latest {
            self.rolled_back.push(version);
        }
    }

    /// Forgets that a version was taken out of service, since it is given traffic again.
    pub fn forgive(&mut self, version: Version) {
        self.rolled_back.retain(|known| *known != version);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_minute_counts_when_weights_were_changed_in_its_first_seconds() {
        for (now, minute) in [
            ("2026-11-28T10:00:00Z", "20261128T1000"),
            ("2026-11-28T10:00:02.9Z", "20261128T1000"),
            ("2026-11-28T10:00:03Z", "20261128T1001"),
            ("2026-11-28T10:59:59Z", "20261128T1100"),
            ("2026-12-31T23:59:30Z", "20270101T0000"),
        ] {
            assert_eq!(Minute::counted_from(time(now)).to_string(), minute);
        }
        let minute = Minute::of(time("2026-11-28T10:00:59Z"));
        assert_eq!(minute.start(), time("2026-11-28T10:00:00Z"));
        assert_eq!(minute.plus(61).to_string(), "20261128T1101");
        assert_eq!((minute.plus(5).since(minute), minute.since(minute.plus(5))), (5, 0));
        assert_eq!(Minute::read("20261128T1000"), Some(minute));
        for wrong in ["", "2026", "20261128T100", "20261128T1060", "20261328T1000", "20261128t1000"]
        {
            assert_eq!(Minute::read(wrong), None, "{wrong}");
        }
    }
}
