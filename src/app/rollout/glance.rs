//! A look at the rollout of an alias that was read already: where it is, what its calls were, what
//! comes next. Nothing is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::account;
use super::cloud::{Cloud, JudgedStep, MinuteSpan, MonitorMinutes, NoPoints};
use super::ending::as_it_is;
use super::outside::Outside;
use super::reported;
use super::service::shortened;
use super::tick::{self, TickError, TickNews, TickOutcome, Ticked};
use crate::app::session::{self, Session};
use crate::clock::Clock;
use crate::error::{Error, RolloutError, Task};
use crate::execute::monitor::AskedMeasures;
use crate::execute::{self, FunctionSession, Signal};
use crate::model::{Alias, FunctionId, Routing, Version};
use crate::order::Ordered as _;
use crate::plan::command::RolloutCommand;
use crate::plan::gates::Measure;
use crate::plan::rollout::line::{CommandAnswer, LineDoes, RolloutLine};
use crate::plan::rollout::machine::{self, Transition, Waiting};
use crate::plan::rollout::standing::{Standing, StepPlace};
use crate::plan::rollout::state::{BackReason, HoldReason, Memory, Minute, Phase, Rollout};
use crate::report::status::{
    self as report, Does, MinutesOfVersion, Next, NextAction, ObservedCalls, PastedCommand,
    RolloutMinutes, StepMark,
};
use crate::text::Cause;

/// For how long after the beginning of its last step an ended rollout has a chart.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);
/// Minutes of a chart before the rollout.
const BEFORE: u32 = 10;
/// Minutes of a chart; the newest ones of a longer rollout.
pub(super) const LONGEST: i64 = 24 * 60;
/// How old a minute is before the monitor knows it, at the earliest.
const UNKNOWN_MINUTES: i64 = 1;

/// Where and with what a look is had.
pub(in crate::app) struct View<'a> {
    /// The service.
    pub session: &'a Session,
    /// A session with the function.
    pub on: FunctionSession<'a>,
    /// Time.
    pub clock: &'a Clock,
    /// Name, namespace and region of the function.
    pub function: &'a FunctionId,
    /// What judges beside the monitor.
    pub outside: &'a Outside,
    /// What is being done, for error texts.
    pub task: &'a Task,
}

/// The rollout of an alias, and why the monitor said nothing, where it did not. `None` where the
/// description of the alias says nothing about a rollout.
///
/// # Errors
/// A signal came.
pub(in crate::app) async fn look(
    place: &View<'_>,
    alias: &Alias,
) -> Result<Option<(report::RolloutFound, Vec<Error>)>, Error> {
    let memory = machine::memory(alias);
    let memory = match &memory {
        Ok(memory) if memory.rollout.is_none() && memory.before.is_none() => return Ok(None),
        Ok(memory) => memory.clone(),
        Err(_) => Memory::default(),
    };
    let mut still = Still { place, alias, found: None, unanswered: Vec::new() };
    let mut tell = |_: TickNews<'_>| {};
    let looked = match Box::pin(tick::look(&mut still, None, false, None, &mut tell)).await {
        Ok(looked) => looked,
        Err(TickError::Call(error)) => return Err(*error),
        // The description has become too long for what is due: it is as it is.
        Err(TickError::Refused(_)) => {
            let still = as_it_is(alias.clone());
            Ticked { outcome: standing_outcome(&still, place.session.server_time()), ..still }
        }
    };
    let now = place.session.server_time();
    if let Some(rollout) = looked.rollout.as_ref().filter(|rollout| has_chart(rollout, now)) {
        still.fetch(rollout, now).await?;
    }
    let Still { found, unanswered, .. } = still;
    let points = match found {
        Some(Ok(points)) => Some(points),
        Some(Err(())) | None => None,
    };
    let rollout = looked.rollout.as_ref();
    let charted = rollout.zip(points.as_ref());
    let standing = standing(&looked, &memory);
    let commands = commands(place.function, &looked, &memory, now);
    let undo = commands.iter().find(|one| matches!(one.does, Does::Abort | Does::Rollback));
    let undo = undo.map(|one| one.command.clone());
    let reported = report::RolloutFound {
        status: reported::status(place.function, &looked, undo),
        // Of one that has ended nobody knows when its last step did.
        observed: charted
            .filter(|(rollout, _)| rollout.phase.is_open())
            .map(|(rollout, points)| observed(rollout, points, now)),
        next: next(&looked, now),
        commands,
        series: charted.and_then(|(rollout, points)| series(rollout, points, now)),
        phase: Cause::new(standing),
        findings: findings(&looked),
        exposure: charted
            .filter(|(rollout, _)| rollout.phase.is_open())
            .and_then(|(rollout, points)| account::exposure(rollout, points, now)),
        now,
    };
    Ok(Some((reported, unanswered)))
}

/// What a command left, as far as it has looked: without the calls that the monitor knows.
pub(super) fn of(
    function: &FunctionId,
    ticked: &Ticked,
    undo: Option<String>,
    now: DateTime<Utc>,
) -> report::RolloutFound {
    let memory = machine::memory(&ticked.alias).unwrap_or_default();
    let stands = Ticked { outcome: standing_outcome(ticked, now), ..ticked.clone() };
    report::RolloutFound {
        status: reported::status(function, ticked, undo),
        observed: None,
        next: next(&stands, now),
        commands: commands(function, &stands, &memory, now),
        series: None,
        phase: Cause::new(standing(&stands, &memory)),
        findings: findings(ticked),
        exposure: None,
        now,
    }
}

/// What a look right behind a write would come to.
fn standing_outcome(ticked: &Ticked, now: DateTime<Utc>) -> TickOutcome {
    let is_write = matches!(ticked.outcome, TickOutcome::Wrote(_) | TickOutcome::NoRollout);
    match ticked.rollout.as_ref().filter(|_| is_write).map(|rollout| rollout.phase) {
        // A way back by hand, of an alias that is under no rollout.
        None if is_write => TickOutcome::NoRollout,
        None => ticked.outcome.clone(),
        Some(Phase::Running) => TickOutcome::Wait(now, Waiting::Clock),
        Some(Phase::Held(reason)) => TickOutcome::Held(reason),
        Some(phase) => TickOutcome::Ended(phase),
    }
}

/// Whether the minutes of a rollout are still worth a chart.
pub(super) fn has_chart(rollout: &Rollout, now: DateTime<Utc>) -> bool {
    let last = rollout.starts.last().copied().unwrap_or(0);
    rollout.phase.is_open() || now - rollout.began.plus(last).start() < REMEMBERED
}

/// The service with the alias as it was read.
struct Still<'a> {
    place: &'a View<'a>,
    alias: &'a Alias,
    /// All minutes of the rollout and of the history before it, once they were asked for.
    found: Option<Result<MonitorMinutes, ()>>,
    /// Why there is nothing.
    unanswered: Vec<Error>,
}

impl Still<'_> {
    fn failed(&self, error: execute::ExecuteError) -> Error {
        session::failed(self.place.task, self.place.function, error)
    }

    /// Asks once for everything that is looked at.
    async fn ask(
        &mut self,
        stretch: MinuteSpan,
        needed: &BTreeSet<Measure>,
    ) -> Result<Option<MonitorMinutes>, Error> {
        if let Some(found) = &self.found {
            return Ok(found.clone().ok());
        }
        let now = Minute::of(self.now()).start().timestamp().div_euclid(60);
        let stretch = MinuteSpan { until: stretch.until.max(now), ..stretch };
        let asked = if let Some(prometheus) = &self.place.outside.prometheus {
            let network = self.place.session.network();
            let names = (self.place.function, self.alias.name.as_str());
            let clock = self.place.clock;
            prometheus.points(&network, clock, names, stretch).await.map_err(|problem| {
                Error::Rollout(Box::new(RolloutError {
                    function: Some(self.place.function.clone()),
                    alias: self.alias.name.clone(),
                    project: None,
                    problem: problem.into(),
                    result: serde_json::Map::new(),
                }))
            })
        } else {
            let asked = AskedMeasures { needed, shown: &Measure::ALL.into_iter().into_set() };
            let points = super::monitor::points(&self.place.on, asked, stretch).await;
            points.map_err(|error| self.failed(error))
        };
        match asked {
            Ok(points) => {
                self.found = Some(Ok(points.clone()));
                Ok(Some(points))
            }
            Err(error) if error.is_stop() => Err(error),
            Err(error) => {
                self.found = Some(Err(()));
                self.unanswered.push(error);
                Ok(None)
            }
        }
    }

    /// Asks for the minutes of a chart, where the gates did not ask.
    async fn fetch(&mut self, rollout: &Rollout, now: DateTime<Utc>) -> Result<(), Error> {
        let minute = |time: DateTime<Utc>| time.timestamp().div_euclid(60);
        let (from, until) = (chart_from(rollout, now), minute(now));
        let stretch = MinuteSpan { baseline: rollout.from, canary: rollout.to, from, until };
        self.ask(stretch, &BTreeSet::from([Measure::Errors])).await.map(|_| ())
    }
}

impl Cloud for Still<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.place.session.server_time()
    }

    async fn sleep_until(&mut self, time: DateTime<Utc>) -> Option<Signal> {
        let pause = (time - self.now()).to_std().unwrap_or_default();
        self.place.session.sleep(self.place.clock, pause).await
    }

    fn begin(&mut self, _: bool) {}

    async fn alias(&mut self) -> Result<Alias, Error> {
        Ok(self.alias.clone())
    }

    async fn write(&mut self, _: &Routing, _: &str) -> Result<Alias, Error> {
        // A look writes nothing.
        Err(self.failed(execute::ExecuteError::Unpublished))
    }

    async fn content(&mut self) -> Result<String, Error> {
        let content = execute::publish::settled_content_of_latest(&self.place.on).await;
        match content.map_err(|error| self.failed(error)) {
            Ok(Some(content)) => Ok(shortened(content)),
            // It changes just now; a look does not wait for it.
            Ok(None) => Err(self.failed(execute::ExecuteError::Unpublished)),
            Err(error) if error.is_stop() => Err(error),
            Err(error) => {
                self.unanswered.push(error);
                Err(self.failed(execute::ExecuteError::Unpublished))
            }
        }
    }

    async fn publish(&mut self, _: &str, _: &str) -> Result<Option<Version>, Error> {
        Err(self.failed(execute::ExecuteError::Unpublished))
    }

    async fn points(
        &mut self,
        stretch: MinuteSpan,
        needed: &BTreeSet<Measure>,
    ) -> Result<MonitorMinutes, NoPoints> {
        match self.ask(stretch, needed).await {
            Ok(Some(points)) => Ok(points),
            Err(error) => Err(NoPoints::Stopped(error)),
            // Why stands among what gave no answer.
            Ok(None) => Err(NoPoints::Silent(self.failed(execute::ExecuteError::Unpublished))),
        }
    }

    async fn command(&mut self, _: &JudgedStep) -> Result<Option<CommandAnswer>, Error> {
        Ok(None)
    }
}

fn standing(looked: &Ticked, memory: &Memory) -> Standing {
    let rollout = looked.rollout.as_ref();
    let step = rollout.map(StepPlace::of);
    let before = || match memory.before {
        Some(before) => Standing::None { before },
        None if rollout.is_none() => Standing::Nothing,
        None => Standing::Ended,
    };
    let ended = |phase: Phase| match (phase, rollout) {
        (Phase::Back(reason), Some(rollout)) => Standing::Back { to: rollout.from, reason },
        (Phase::Done, Some(rollout)) => Standing::Done(rollout.frozen.unwrap_or(rollout.to)),
        _ => Standing::Ended,
    };
    match (&looked.outcome, step) {
        (TickOutcome::Foreign(_), _) => Standing::Foreign,
        (TickOutcome::Moved(expected), _) => Standing::Moved { expected: expected.clone() },
        (TickOutcome::Ended(phase), _) => ended(*phase),
        (TickOutcome::Held(reason), Some(step)) => Standing::Held(step, *reason),
        (TickOutcome::Wait(_, why), Some(step)) => Standing::Waits(step, *why),
        (TickOutcome::Due(transition) | TickOutcome::Wrote(transition), Some(step)) => {
            Standing::Due(step, *transition)
        }
        (TickOutcome::NoRollout, _) | (_, None) => before(),
    }
}

fn findings(looked: &Ticked) -> Vec<Cause> {
    let Some((rollout, judged)) = looked.rollout.as_ref().zip(looked.judged.as_ref()) else {
        return Vec::new();
    };
    let line = |does| Cause::new(RolloutLine { rollout: rollout.clone(), does });
    let found = judged.findings().iter();
    found.map(|finding| line(LineDoes::Finds(Box::new(finding.clone())))).collect()
}

/// What can be done, what is most likely wanted first. Nothing that would be refused.
fn commands(
    function: &FunctionId,
    looked: &Ticked,
    memory: &Memory,
    now: DateTime<Utc>,
) -> Vec<PastedCommand> {
    let mut commands = wanted_commands(function, looked, memory);
    commands.retain(|command| is_taken(&looked.alias, command.does, now));
    commands
}

/// Whether the alias as it is lets a command do something. Of `$LATEST` a look does not know
/// everything.
pub(super) fn is_taken(alias: &Alias, does: Does, now: DateTime<Utc>) -> bool {
    let rollout = machine::memory(alias).ok().and_then(|memory| memory.rollout);
    let content = rollout.and_then(|rollout| rollout.content);
    match does {
        Does::Tick => true,
        Does::Promote | Does::Finish => {
            machine::promote(alias, content.as_deref(), false, None, now).is_ok()
        }
        Does::Pause => machine::pause(alias).is_ok(),
        Does::Resume => machine::resume(alias, content.as_deref(), now).is_ok(),
        Does::Retry => machine::retry(alias, "0", None, now).is_ok(),
        Does::Abort => machine::abort(alias, BackReason::User).is_ok(),
        Does::Rollback => {
            machine::rollback(alias, None).is_ok_and(|way_back| way_back.write.is_some())
        }
    }
}

/// What fits the state of the rollout.
fn wanted_commands(function: &FunctionId, looked: &Ticked, memory: &Memory) -> Vec<PastedCommand> {
    let alias = looked.alias.name.as_str();
    let command = |does, verb: &str| {
        let command = RolloutCommand { function, alias, verb };
        PastedCommand { does, command: command.to_string() }
    };
    let tick = command(Does::Tick, "rollout tick");
    let pause = command(Does::Pause, "rollout pause");
    let resume = command(Does::Resume, "rollout resume");
    let retry = command(Does::Retry, "rollout retry");
    let abort = command(Does::Abort, "rollout abort");
    let rollback = command(Does::Rollback, "rollback");
    let promote = looked.rollout.as_ref().map(|rollout| {
        let does = if rollout.is_last_step() { Does::Finish } else { Does::Promote };
        let mut promote = command(does, "rollout promote");
        let _ = write!(promote.command, " --expect-step {}", rollout.step);
        promote
    });
    let is_one_of_several = looked.rollout.as_ref().is_some_and(|rollout| rollout.functions > 1);
    let mut commands: Vec<PastedCommand> = match &looked.outcome {
        TickOutcome::Wait(..) => promote.into_iter().chain([pause, abort]).collect(),
        TickOutcome::Due(_) | TickOutcome::Wrote(_) => {
            std::iter::once(tick).chain(promote).chain([pause, abort]).collect()
        }
        TickOutcome::Held(HoldReason::Content) => vec![retry, abort],
        TickOutcome::Held(_) => vec![resume, abort],
        TickOutcome::Moved(_) => vec![resume],
        TickOutcome::Ended(Phase::Back(_)) => vec![retry],
        TickOutcome::Ended(Phase::Done) | TickOutcome::NoRollout
            if memory.before.is_some() && machine::rollback(&looked.alias, None).is_ok() =>
        {
            vec![rollback]
        }
        TickOutcome::Ended(_) | TickOutcome::NoRollout | TickOutcome::Foreign(_) => Vec::new(),
    };
    // Alone it goes back, and no step further.
    commands.retain(|one| {
        !is_one_of_several || matches!(one.does, Does::Pause | Does::Abort | Does::Rollback)
    });
    commands
}

/// What the rollout does by itself.
fn next(looked: &Ticked, now: DateTime<Utc>) -> Option<Next> {
    let rollout = looked.rollout.as_ref()?;
    let (action, at) = match &looked.outcome {
        TickOutcome::Due(transition) => {
            let action = match transition {
                Transition::Advances(_) => NextAction::Advances,
                Transition::Finishes(_) => NextAction::Finishes,
                Transition::Back(_) | Transition::RollsBack => NextAction::Back,
                Transition::Holds(_) => NextAction::Holds,
                Transition::Begins | Transition::Resumes | Transition::Retries => {
                    NextAction::Resumes
                }
            };
            (action, now)
        }
        TickOutcome::Wait(until, _) => {
            let action =
                if rollout.is_last_step() { NextAction::Finishes } else { NextAction::Advances };
            (action, rollout.settled().start().max(*until))
        }
        _ => return None,
    };
    let to = (action == NextAction::Advances).then(|| rollout.step + 1);
    Some(Next {
        action,
        time: at.to_rfc3339_opts(SecondsFormat::Secs, true),
        seconds: (at - now).num_seconds().max(0),
        step: to,
        share: to.map(|step| rollout.schedule.step(step).share),
    })
}

pub(super) fn unix_minute(minute: Minute) -> i64 {
    minute.start().timestamp().div_euclid(60)
}

/// The calls of the step that the rollout is in, or was in last.
fn observed(rollout: &Rollout, points: &MonitorMinutes, now: DateTime<Utc>) -> ObservedCalls {
    let start = rollout.starts.last().copied().unwrap_or(0);
    let from = unix_minute(rollout.began.plus(start));
    // The step may begin to count with the next minute.
    let until = unix_minute(Minute::of(now)).max(from);
    let of = |version: Version| {
        let minutes =
            points.get(&version).into_iter().flat_map(move |points| points.range(from..until));
        minutes.fold((0, 0.0, 0.0), |(minutes, calls, errors), (_, side)| {
            (minutes + 1, calls + side.calls, errors + side.errors)
        })
    };
    let (canary_minutes, canary_calls, canary_errors) = of(rollout.to);
    let (baseline_minutes, baseline_calls, baseline_errors) = of(rollout.from);
    let all = canary_calls + baseline_calls;
    ObservedCalls {
        minutes: canary_minutes.max(baseline_minutes),
        canary_calls,
        canary_errors,
        baseline_calls,
        baseline_errors,
        canary_share: (all > 0.0).then(|| canary_calls / all),
    }
}

/// The first minute of the chart.
pub(super) fn chart_from(rollout: &Rollout, now: DateTime<Utc>) -> i64 {
    let before = unix_minute(rollout.began) - i64::from(BEFORE);
    before.max(unix_minute(Minute::of(now)) - LONGEST)
}

/// Minutes of both versions, to the newest one that the monitor can know.
pub(super) fn series(
    rollout: &Rollout,
    points: &MonitorMinutes,
    now: DateTime<Utc>,
) -> Option<RolloutMinutes> {
    let from = chart_from(rollout, now);
    let newest = points.values().filter_map(|points| points.keys().next_back()).max();
    let until = newest.map_or(from, |newest| newest + 1);
    let until = until.min(unix_minute(Minute::of(now)) + 1 - UNKNOWN_MINUTES);
    if until <= from {
        return None;
    }
    let nothing = BTreeMap::new();
    let side = |version: Version| {
        let points = points.get(&version).unwrap_or(&nothing);
        let each = |value: &dyn Fn(&crate::plan::gates::Side) -> Option<f64>| {
            (from..until).map(|minute| value(points.get(&minute)?)).collect()
        };
        MinutesOfVersion {
            invocations: each(&|side| Some(side.calls)),
            error_rate: each(&|side| (side.calls > 0.0).then(|| side.errors / side.calls)),
            duration_ms: each(&|side| side.mean_ms),
        }
    };
    let marks = rollout.starts.iter().enumerate().filter_map(|(index, start)| {
        let minute = unix_minute(rollout.began.plus(*start));
        let point = usize::try_from(minute - from).ok().filter(|_| minute < until)?;
        let step = index + 1;
        Some(StepMark { step, point, share: rollout.schedule.step(step).share })
    });
    let start = DateTime::from_timestamp(from * 60, 0)?;
    Some(RolloutMinutes {
        from: start.to_rfc3339_opts(SecondsFormat::Secs, true),
        period: 60,
        steps: marks.collect(),
        canary: side(rollout.to),
        baseline: side(rollout.from),
    })
}
