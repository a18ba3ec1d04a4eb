//! The steps of a rollout: which share, and for how long.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::duration;
use crate::model::{ModelError, Weight};

/// The most steps of a schedule.
pub const MOST_STEPS: usize = 100;
/// The longest time of a step, in minutes: a week.
pub const LONGEST_HOLD: u32 = 7 * 24 * 60;
/// The time of a step where nothing says another one, in minutes.
pub const DEFAULT_INTERVAL: u32 = 10;
/// The shares before the last step of the schedule that is used when none is given. The comparison
/// ends at 90 %: at 100 % there is nothing left to compare with.
const DEFAULT_SHARES: [&str; 3] = ["0.1", "0.5", "0.9"];

/// How long a share is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hold {
    /// So many minutes. Whole ones, because the monitor counts by the minute.
    Minutes(u32),
    /// Until somebody goes on.
    Pause,
}

impl Hold {
    /// The minutes of it; none for a pause.
    #[must_use]
    pub fn minutes(self) -> u32 {
        match self {
            Self::Minutes(minutes) => minutes,
            Self::Pause => 0,
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minutes(minutes) => write!(formatter, "{minutes}m"),
            Self::Pause => formatter.write_str("pause"),
        }
    }
}

/// One step of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScheduledStep {
    /// The share of the new version.
    pub share: Weight,
    /// For how long.
    pub hold: Hold,
}

impl fmt::Display for ScheduledStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.share.percent(), self.hold)
    }
}

/// The steps of a rollout. There is at least one, shares rise strictly, and the last is 100 %.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Schedule {
    steps: Vec<ScheduledStep>,
}

/// A schedule that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// No step at all.
    #[error("there is no step")]
    Empty,
    /// Not a share.
    #[error("`{0}` is not a share such as 10% or 0.1")]
    Share(String),
    /// A whole number without a sign of what it is.
    #[error("`{0}` may be {0}% or a fraction")]
    Bare(String),
    /// More decimal places than a weight has.
    #[error("share `{text}` has more than {places} decimal places")]
    TooFine {
        /// As typed.
        text: String,
        /// Places that a share in per cent may have.
        places: u32,
    },
    /// Nothing, which is no step.
    #[error("a step of 0% sends nothing to the new version")]
    Zero,
    /// A share that is no larger than the one before.
    #[error("{share} comes after {before}; shares must rise", share = share.percent(), before = before.percent())]
    Falls {
        /// The earlier share.
        before: Weight,
        /// The share.
        share: Weight,
    },
    /// The last step is not everything.
    #[error("the last step is {}; it must be 100%", .0.percent())]
    NotAll(Weight),
    /// Not a time.
    #[error("`{0}` is not a time such as 5m or 1h")]
    Time(String),
    /// Not what may stand behind a share.
    #[error("`{0}` is not a time such as 5m or 1h, nor `pause`")]
    Hold(String),
    /// Not a time that a command may take.
    #[error("`{0}` is not a time from 1s to 1h")]
    Limit(String),
    /// Not a whole number of minutes.
    #[error("`{0}` is not a whole number of minutes")]
    Seconds(String),
    /// No time at all, where one is needed to see anything.
    #[error("a step of 0 minutes shows nothing")]
    NoTime,
    /// Longer than a step may be.
    #[error("`{text}` is longer than {most} minutes")]
    TooLong {
        /// As typed.
        text: String,
        /// The most.
        most: u32,
    },
    /// More steps than there may be.
    #[error("{count} steps are more than {most}")]
    TooMany {
        /// Steps.
        count: usize,
        /// The most.
        most: usize,
    },
    /// `--interval` where each step has a time of its own.
    #[error("--interval has no effect, since each step has a time of its own")]
    IntervalUnused,
    /// `--bake` beside a last step with a time of its own.
    #[error("--bake has no effect, since the last step has a time of its own ({0})")]
    BakeTwice(Hold),
    /// No name of a preset.
    #[error("`{0}` is no preset")]
    Preset(String),
    /// What is wrong with the text of an option.
    #[error("{option}: {problem}")]
    Of {
        /// Option.
        option: &'static str,
        /// What is wrong.
        problem: Box<ScheduleError>,
    },
    /// A preset and steps or an interval.
    #[error("--preset has steps and times of its own: leave out --steps and --interval")]
    PresetAndSteps,
}

/// What says the schedule, as it was typed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypedSteps<'a> {
    /// `10%,50%:pause,100%:30m`.
    pub steps: Option<&'a str>,
    /// The time of steps that have none of their own: `5m`.
    pub interval: Option<&'a str>,
    /// The time at 100 %.
    pub bake: Option<&'a str>,
    /// A name of a schedule (AWS SAM): `Canary10Percent5Minutes`.
    pub preset: Option<&'a str>,
}

impl Schedule {
    /// Reads a schedule; without anything the default one.
    ///
    /// # Errors
    /// Anything that would be ignored, or taken for something else than was meant.
    pub fn read(wanted: TypedSteps<'_>) -> Result<Self, ScheduleError> {
        let of = |option| {
            move |problem| match problem {
                // These name the other option.
                ScheduleError::IntervalUnused | ScheduleError::BakeTwice(_) => problem,
                _ => ScheduleError::Of { option, problem: Box::new(problem) },
            }
        };
        let interval = wanted.interval.map(time).transpose().map_err(of("--interval"))?;
        if interval == Some(0) {
            return Err(of("--interval")(ScheduleError::NoTime));
        }
        let bake = wanted.bake.map(time).transpose().map_err(of("--bake"))?;
        match (wanted.preset, wanted.steps) {
            (Some(_), Some(_)) => Err(ScheduleError::PresetAndSteps),
            (Some(_), None) if interval.is_some() => Err(ScheduleError::PresetAndSteps),
            (Some(name), None) => preset(name, bake).map_err(of("--preset")),
            (None, Some(steps)) => listed(steps, interval, bake).map_err(of("--steps")),
            (None, None) => {
                let interval = interval.unwrap_or(DEFAULT_INTERVAL);
                let shares = DEFAULT_SHARES.iter().filter_map(|share| share.parse().ok());
                even(shares, interval, bake.unwrap_or(interval))
            }
        }
    }

    /// Whether another one has the same shares and pauses, however long each lasts.
    #[must_use]
    pub fn goes_like(&self, other: &Self) -> bool {
        let step = |step: &ScheduledStep| (step.share, step.hold == Hold::Pause);
        self.steps.iter().map(step).eq(other.steps.iter().map(step))
    }

    /// Checks steps.
    ///
    /// # Errors
    /// Shares that do not rise to 100 %, a time that is none, or too many of them.
    pub fn new(steps: Vec<ScheduledStep>) -> Result<Self, ScheduleError> {
        if steps.len() > MOST_STEPS {
            return Err(ScheduleError::TooMany { count: steps.len(), most: MOST_STEPS });
        }
        let mut before = Weight::ZERO;
        for (position, ScheduledStep { share, hold }) in steps.iter().copied().enumerate() {
            if share == Weight::ZERO {
                return Err(ScheduleError::Zero);
            }
            if share <= before {
                return Err(ScheduleError::Falls { before, share });
            }
            // The last one may end at once: then nothing is watched at 100 %.
            let is_last = position + 1 == steps.len();
            match hold {
                Hold::Minutes(0) if !is_last => return Err(ScheduleError::NoTime),
                Hold::Minutes(minutes) if minutes > LONGEST_HOLD => {
                    let text = hold.to_string();
                    return Err(ScheduleError::TooLong { text, most: LONGEST_HOLD });
                }
                Hold::Minutes(_) | Hold::Pause => {}
            }
            before = share;
        }
        match steps.last() {
            None => Err(ScheduleError::Empty),
            Some(last) if last.share != Weight::ONE => Err(ScheduleError::NotAll(last.share)),
            Some(_) => Ok(Self { steps }),
        }
    }

    /// The steps in order.
    #[must_use]
    pub fn steps(&self) -> &[ScheduledStep] {
        &self.steps
    }

    /// How many steps there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.steps.len()
    }

    /// A step by its number, from 1; the last one for numbers beyond.
    #[must_use]
    pub fn step(&self, number: usize) -> ScheduledStep {
        let position = number.clamp(1, self.steps.len()) - 1;
        self.steps[position]
    }

    /// The number of the first step that is not below a share.
    #[must_use]
    pub fn first_from(&self, share: Weight) -> usize {
        let position = self.steps.iter().position(|step| step.share >= share);
        position.map_or(self.steps.len(), |position| position + 1)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            if position > 0 {
                formatter.write_str(", ")?;
            }
            step.fmt(formatter)?;
        }
        Ok(())
    }
}

/// Steps of the same length, and 100 % behind them.
fn even(
    shares: impl Iterator<Item = Weight>,
    interval: u32,
    bake: u32,
) -> Result<Schedule, ScheduleError> {
    let step = |share| ScheduledStep { share, hold: Hold::Minutes(interval) };
    let mut steps: Vec<ScheduledStep> = shares.map(step).collect();
    steps.push(ScheduledStep { share: Weight::ONE, hold: Hold::Minutes(bake) });
    Schedule::new(steps)
}

/// `10%:10m,50%:pause,100%:30m`.
fn listed(text: &str, interval: Option<u32>, bake: Option<u32>) -> Result<Schedule, ScheduleError> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    if parts.len() > MOST_STEPS {
        return Err(ScheduleError::TooMany { count: parts.len(), most: MOST_STEPS });
    }
    let mut is_interval_used = interval.is_none();
    let mut steps = Vec::with_capacity(parts.len());
    for (position, part) in parts.iter().enumerate() {
        if part.is_empty() {
            return Err(ScheduleError::Empty);
        }
        let (share_text, own) = match part.split_once(':') {
            Some((share, "pause")) => (share, Some(Hold::Pause)),
            Some((share, hold)) => {
                let minutes = time(hold).map_err(|problem| match problem {
                    ScheduleError::Time(text) => ScheduleError::Hold(text),
                    problem => problem,
                })?;
                (share, Some(Hold::Minutes(minutes)))
            }
            None => (*part, None),
        };
        let share = share(share_text.trim())?;
        let is_last = position + 1 == parts.len();
        let hold = match (own, bake) {
            (Some(own), Some(_)) if is_last => return Err(ScheduleError::BakeTwice(own)),
            (Some(own), _) => own,
            (None, Some(bake)) if is_last => Hold::Minutes(bake),
            (None, _) => {
                is_interval_used = true;
                Hold::Minutes(interval.unwrap_or(DEFAULT_INTERVAL))
            }
        };
        steps.push(ScheduledStep { share, hold });
    }
    let schedule = Schedule::new(steps)?;
    if is_interval_used { Ok(schedule) } else { Err(ScheduleError::IntervalUnused) }
}

/// A schedule by its name in AWS SAM: `CanaryNPercentMMinutes` is one step of N % for M minutes,
/// `LinearNPercentEveryMMinutes` adds N % each M minutes, `AllAtOnce` has no step before 100 %.
/// Any N and M will do, not only those that SAM lists; at 100 % the new version is watched for as
/// long as in a step before.
fn preset(name: &str, bake: Option<u32>) -> Result<Schedule, ScheduleError> {
    let unknown = || ScheduleError::Preset(name.to_owned());
    if name == "AllAtOnce" {
        return even(std::iter::empty(), 0, bake.unwrap_or(DEFAULT_INTERVAL));
    }
    let (linear, rest) = match (name.strip_prefix("Canary"), name.strip_prefix("Linear")) {
        (Some(rest), _) => (false, rest),
        (None, Some(rest)) => (true, rest),
        (None, None) => return Err(unknown()),
    };
    let between = if linear { "PercentEvery" } else { "Percent" };
    let (percent, minutes) = rest.split_once(between).ok_or_else(unknown)?;
    let minutes = minutes.strip_suffix("Minutes").or_else(|| minutes.strip_suffix("Minute"));
    let plain = |text: &str| {
        let is_plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| is_plain)
    };
    let percent = plain(percent).filter(|percent| *percent < 100).ok_or_else(unknown)?;
    let minutes = minutes.and_then(plain).ok_or_else(unknown)?;
    let last = if linear { 99 } else { percent };
    let share = |percent: u32| Weight::new(Decimal::new(percent.into(), 2)).ok();
    let shares = (1..).map(|times| times * percent).take_while(|percent| *percent <= last);
    even(shares.filter_map(share), minutes, bake.unwrap_or(minutes))
}

/// A share: `10%`, or a fraction with a point.
fn share(text: &str) -> Result<Weight, ScheduleError> {
    let not = || ScheduleError::Share(text.to_owned());
    let is_plain = |number: &str| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let (number, scale) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), 2),
        None if is_plain(text) && !text.contains('.') => {
            return Err(ScheduleError::Bare(text.to_owned()));
        }
        None => (text, 0),
    };
    if !is_plain(number) {
        return Err(not());
    }
    let number = Decimal::from_str(number).map_err(|_| not())?;
    let hundred = Decimal::ONE_HUNDRED;
    let fraction = if scale == 2 { number.checked_div(hundred).ok_or_else(not)? } else { number };
    Weight::new(fraction).map_err(|error| match error {
        ModelError::WeightTooFine(_) => {
            let (text, places) = (text.to_owned(), Weight::MOST_PLACES - scale);
            ScheduleError::TooFine { text, places }
        }
        ModelError::Weight(_) | ModelError::Version(_) => not(),
    })
}

/// A time in whole minutes: `5m`, `1h`, `120s`.
///
/// # Errors
/// No time, no whole minutes, or more than [`LONGEST_HOLD`].
pub fn time(text: &str) -> Result<u32, ScheduleError> {
    let text = text.trim();
    let not = || ScheduleError::Time(text.to_owned());
    // `0` is the same in every unit.
    let zero = (text == "0").then_some(Decimal::ZERO);
    let seconds = duration::seconds(text).or(zero).ok_or_else(not)?;
    let minutes = seconds.checked_div(Decimal::from(60)).and_then(duration::whole);
    // No finer than the monitor.
    let minutes = minutes.ok_or_else(|| ScheduleError::Seconds(text.to_owned()))?;
    u32::try_from(minutes)
        .ok()
        .filter(|minutes| *minutes <= LONGEST_HOLD)
        .ok_or_else(|| ScheduleError::TooLong { text: text.to_owned(), most: LONGEST_HOLD })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(wanted: TypedSteps<'_>) -> Result<String, String> {
        match Schedule::read(wanted) {
            Ok(schedule) => Ok(schedule.to_string()),
            // Which option it was is told through the binary.
            Err(ScheduleError::Of { problem, .. }) => Err(problem.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn steps<'a>(steps: &'a str, interval: &'a str, bake: &'a str) -> TypedSteps<'a> {
        let given = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        TypedSteps {
            steps: given(steps),
            interval: given(interval),
            bake: given(bake),
            preset: None,
        }
    }

    #[test]
    fn steps_have_their_own_time_or_the_common_one() {
        for (wanted, shown) in [
            (steps("", "", ""), "10%:10m, 50%:10m, 90%:10m, 100%:10m"),
            (steps("", "5m", ""), "10%:5m, 50%:5m, 90%:5m, 100%:5m"),
            (steps("", "5m", "1h"), "10%:5m, 50%:5m, 90%:5m, 100%:60m"),
            (steps("10%,50%,100%", "5m", ""), "10%:5m, 50%:5m, 100%:5m"),
            (steps("10%, 100%", "5m", "0"), "10%:5m, 100%:0m"),
            (steps("10%:10m,50%:pause,100%:30m", "", ""), "10%:10m, 50%:pause, 100%:30m"),
            (steps("0.1:120s,50%,100%", "", "1d"), "10%:2m, 50%:10m, 100%:1440m"),
            (steps("0.5%,12.5%,100%", "1m", ""), "0.5%:1m, 12.5%:1m, 100%:1m"),
            (steps("100%:pause", "", ""), "100%:pause"),
        ] {
            assert_eq!(read(wanted), Ok(shown.to_owned()), "{wanted:?}");
        }
    }

    #[test]
    fn what_would_be_ignored_or_misread_is_an_error() {
        for (wanted, error) in [
            (steps(",", "", ""), "there is no step"),
            (steps("10%,,100%", "", ""), "there is no step"),
            (steps("10,100%", "", ""), "`10` may be 10% or a fraction"),
            (steps("1", "", ""), "`1` may be 1% or a fraction"),
            (steps("ten%,100%", "", ""), "`ten%` is not a share such as 10% or 0.1"),
            (steps("-10%,100%", "", ""), "`-10%` is not a share such as 10% or 0.1"),
            (steps("1e1%,100%", "", ""), "`1e1%` is not a share such as 10% or 0.1"),
            (steps("110%", "", ""), "`110%` is not a share such as 10% or 0.1"),
            (steps("0.00001%,100%", "", ""), "share `0.00001%` has more than 4 decimal places"),
            (steps("0%,100%", "", ""), "a step of 0% sends nothing to the new version"),
            (steps("50%,10%,100%", "", ""), "10% comes after 50%; shares must rise"),
            (steps("50%,50%,100%", "", ""), "50% comes after 50%; shares must rise"),
            (steps("10%,50%", "", ""), "the last step is 50%; it must be 100%"),
            (steps("10%:5,100%", "", ""), "`5` is not a time such as 5m or 1h, nor `pause`"),
            (steps("10%:,100%", "", ""), "`` is not a time such as 5m or 1h, nor `pause`"),
            (steps("10%:90s,100%", "", ""), "`90s` is not a whole number of minutes"),
            (steps("10%:0m,100%", "", ""), "a step of 0 minutes shows nothing"),
            (steps("10%,100%", "0m", ""), "a step of 0 minutes shows nothing"),
            (steps("10%:8d,100%", "", ""), "`8d` is longer than 10080 minutes"),
            (
                steps("10%:1m,100%:1m", "5m", ""),
                "--interval has no effect, since each step has a time of its own",
            ),
            (
                steps("10%,100%:1m", "", "5m"),
                "--bake has no effect, since the last step has a time of its own (1m)",
            ),
        ] {
            assert_eq!(read(wanted), Err(error.to_owned()), "{wanted:?}");
        }
        let many: Vec<String> = (1..=101).map(|share| format!("{share}%")).collect();
        assert_eq!(read(steps(&many.join(","), "", "")), Err("101 steps are more than 100".into()));
    }

    #[test]
    fn presets_are_made_by_their_rule() {
        fn preset<'a>(name: &'a str, bake: Option<&'a str>) -> TypedSteps<'a> {
            TypedSteps { preset: Some(name), bake, ..TypedSteps::default() }
        }
        for (name, shown) in [
            ("Canary10Percent5Minutes", "10%:5m, 100%:5m"),
            ("Canary10Percent30Minutes", "10%:30m, 100%:30m"),
            ("Canary25Percent1Minute", "25%:1m, 100%:1m"),
            ("Linear30PercentEvery2Minutes", "30%:2m, 60%:2m, 90%:2m, 100%:2m"),
            ("Linear50PercentEvery1Minute", "50%:1m, 100%:1m"),
            ("AllAtOnce", "100%:10m"),
        ] {
            assert_eq!(read(preset(name, None)), Ok(shown.to_owned()));
        }
        // Every name that SAM has.
        for minutes in [5, 10, 15, 30] {
            let name = format!("Canary10Percent{minutes}Minutes");
            assert_eq!(read(preset(&name, Some("0"))), Ok(format!("10%:{minutes}m, 100%:0m")));
        }
        for (minutes, unit) in [(1, "Minute"), (2, "Minutes"), (3, "Minutes"), (10, "Minutes")] {
            let name = format!("Linear10PercentEvery{minutes}{unit}");
            let schedule = Schedule::read(preset(&name, None)).unwrap();
            assert_eq!(schedule.count(), 10);
            assert!(schedule.steps().iter().all(|step| step.hold == Hold::Minutes(minutes)));
        }
        for name in [
            "",
            "Canary",
            "Canary10Percent",
            "Canary10Percent5",
            "Canary0Percent5Minutes",
            "Canary100Percent5Minutes",
            "Canary010Percent5Minutes",
            "Canary10PercentEvery5Minutes",
            "Linear10Percent5Minutes",
            "canary10percent5minutes",
            "Canary+1Percent5Minutes",
        ] {
            assert_eq!(read(preset(name, None)), Err(format!("`{name}` is no preset")));
        }
        for wanted in [
            TypedSteps { steps: Some("100%"), ..preset("AllAtOnce", None) },
            TypedSteps { interval: Some("1m"), ..preset("AllAtOnce", None) },
        ] {
            let error = "--preset has steps and times of its own: leave out --steps and --interval";
            assert_eq!(read(wanted), Err(error.to_owned()));
        }
    }

    #[test]
    fn a_split_alias_is_taken_over_at_the_first_step_not_below() {
        let schedule = Schedule::read(TypedSteps::default()).unwrap();
        for (share, step) in [("0", 1), ("0.1", 1), ("0.11", 2), ("0.5", 2), ("0.95", 4), ("1", 4)]
        {
            assert_eq!(schedule.first_from(share.parse().unwrap()), step, "{share}");
        }
        assert_eq!(schedule.step(0), schedule.step(1));
        assert_eq!(schedule.step(9).share, Weight::ONE);
    }
}
