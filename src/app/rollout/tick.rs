//! One look, one decision, at most one write.

use std::cell::OnceCell;

use chrono::{DateTime, Utc};

use super::cloud::{Cloud, JudgedStep, MinuteSpan, NoPoints};
use crate::error::Error;
use crate::execute::ExecuteError;
use crate::model::{Alias, Routing, Version};
use crate::plan::gates::{self, Finding};
use crate::plan::rollout::evidence::{self, Window};
use crate::plan::rollout::gate_fields;
use crate::plan::rollout::line::CommandAnswer;
use crate::plan::rollout::machine::{
    self, Decision, GateEvidence, Ground, ObservedRollout, Transition, Waiting, Write,
    is_command_due, is_look_due,
};
use crate::plan::rollout::state::{GateFields, HoldReason, Phase, Rollout};

/// What this run was given of what does not fit in the marker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Digests {
    /// Of the gate command.
    pub command: Option<String>,
    /// Of the Prometheus address and its queries.
    pub prometheus: Option<String>,
}

impl Digests {
    /// Whether these are those that the rollout began with.
    fn are_those_of(&self, gates: &GateFields) -> bool {
        self.command == gates.command && self.prometheus == gates.prometheus
    }
}

/// What a tick came to.
#[derive(Debug, Clone)]
pub(crate) enum TickOutcome {
    /// There is no rollout.
    NoRollout,
    /// The marker is not understood.
    Foreign(String),
    /// Somebody else has routed the alias otherwise.
    Moved(Routing),
    /// It has ended, and how.
    Ended(Phase),
    /// It stands still, as was written before.
    Held(HoldReason),
    /// Nothing is due.
    Wait(DateTime<Utc>, Waiting),
    /// The alias was written.
    Wrote(Transition),
    /// It would have been.
    Due(Transition),
}

/// A tick, told while it goes on.
#[derive(Debug)]
pub(crate) enum TickNews<'a> {
    /// The monitor, the gate command or the look at `$LATEST` gave nothing.
    NoAnswer(&'a Error),
    /// The gates were asked.
    Looked {
        rollout: &'a Rollout,
        /// When.
        now: DateTime<Utc>,
        /// What they say.
        judged: &'a Judged,
        /// What comes of it.
        decision: &'a Decision,
    },
    /// It is too early to ask the gates.
    Waits {
        rollout: &'a Rollout,
        /// What for.
        why: Waiting,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// The alias was written.
    Wrote {
        /// The rollout as it is now.
        rollout: &'a Rollout,
        /// When.
        now: DateTime<Utc>,
        /// What that did.
        transition: Transition,
        /// Whether the alias still says which rollout it was.
        is_remembered: bool,
        /// Whether this process wrote, not somebody else just before it.
        is_own: bool,
    },
}

/// What the gates said at a look.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    /// What they judged; `None` without gates or without data.
    gates: Option<gates::Judgement>,
    found: OnceCell<Vec<Finding>>,
    /// The gate command.
    pub command: Option<CommandAnswer>,
    /// All together.
    pub judgement: machine::JointVerdict,
}

impl Judged {
    /// What each gate found. Computed when it is asked for: looking ahead takes far longer than
    /// the verdict.
    pub fn findings(&self) -> &[Finding] {
        let find = || self.gates.as_ref().map(gates::Judgement::findings).unwrap_or_default();
        self.found.get_or_init(find)
    }

    /// The first minute that failed, counted from 1, where one did.
    pub fn failed_at(&self) -> Option<usize> {
        self.gates.as_ref().and_then(gates::Judgement::failed_at)
    }
}

/// What there was to see, and what was done.
#[derive(Debug, Clone)]
pub(crate) struct Ticked {
    /// The alias afterwards.
    pub alias: Alias,
    /// Its rollout afterwards, under way or ended.
    pub rollout: Option<Rollout>,
    /// What the gates said, where they were asked.
    pub judged: Option<Judged>,
    /// What it came to.
    pub outcome: TickOutcome,
}

impl Ticked {
    /// What a write would come to.
    pub(super) fn due(alias: Alias, write: &Write) -> Self {
        let (rollout, outcome) = (write.rollout.clone(), TickOutcome::Due(write.transition));
        Self { alias, rollout, judged: None, outcome }
    }
}

/// Looks at a rollout and does what is due.
///
/// # Errors
/// The alias cannot be read or written; or a signal came.
pub(crate) async fn tick<C: Cloud>(
    cloud: &mut C,
    digests: &Digests,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Ticked, TickError> {
    look(cloud, Some(digests), true, None, tell).await
}

/// As [`tick`], of the rollout with this id; another one is none.
///
/// # Errors
/// As [`tick`].
pub(crate) async fn tick_of<C: Cloud>(
    cloud: &mut C,
    digests: &Digests,
    id: Option<&str>,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Ticked, TickError> {
    look(cloud, Some(digests), true, id, tell).await
}

/// As [`tick`]; writes only if it `acts`. Without digests nobody asks whether they are those of
/// the start, and the gate command is not run. With an `id` any other rollout is none.
///
/// # Errors
/// As [`tick`].
pub(crate) async fn look<C: Cloud>(
    cloud: &mut C,
    digests: Option<&Digests>,
    acts: bool,
    id: Option<&str>,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Ticked, TickError> {
    let seen = see(cloud, digests, id, tell).await?;
    match &seen.rollout {
        // Alone it would run ahead of the others.
        Some(rollout) if acts && rollout.functions > 1 && seen.goes_on() => {
            let (alias, functions) = (seen.alias.name, rollout.functions);
            Err(machine::Refused::OneOfSeveral { alias, functions }.into())
        }
        _ if acts => act(cloud, seen, tell).await,
        _ => Ok(seen.left()),
    }
}

/// What there is to see of a rollout, and what is to be done.
#[derive(Debug)]
pub(crate) struct SeenRollout {
    pub alias: Alias,
    /// Its rollout, under way or ended.
    pub rollout: Option<Rollout>,
    /// What the gates said, where they were asked.
    pub judged: Option<Judged>,
    /// Digest of `$LATEST`, where that was asked for.
    content: Option<String>,
    /// What the gates said.
    evidence: GateEvidence,
    /// What is to be done.
    pub decision: Decision,
}

impl SeenRollout {
    /// The same, a while later: a step counts from when it is written, not from when the first of
    /// several functions was looked at.
    ///
    /// # Errors
    /// The description has become too long for its state.
    pub(crate) fn at(self, now: DateTime<Utc>) -> Result<Self, TickError> {
        if !self.goes_on() {
            return Ok(self);
        }
        let Self { alias, content, evidence, .. } = &self;
        let observed = ObservedRollout { alias, content: content.as_deref(), evidence: *evidence };
        let decision = machine::next(&observed, now)?;
        Ok(Self { decision, ..self })
    }

    /// Whether it is the next step that is due, or the end.
    fn goes_on(&self) -> bool {
        match &self.decision {
            Decision::Write(write) => {
                matches!(write.transition, Transition::Advances(_) | Transition::Finishes(_))
            }
            Decision::Freeze(_) => true,
            _ => false,
        }
    }

    /// What it comes to when nothing is done.
    pub(crate) fn left(self) -> Ticked {
        let Self { alias, rollout, judged, decision, .. } = self;
        let outcome = match decision {
            Decision::NoRollout => TickOutcome::NoRollout,
            Decision::Foreign(line) => TickOutcome::Foreign(line),
            Decision::Moved { expected } => TickOutcome::Moved(expected),
            Decision::Ended(phase) => TickOutcome::Ended(phase),
            Decision::Held(reason) => TickOutcome::Held(reason),
            Decision::Wait { until, why } => TickOutcome::Wait(until, why),
            Decision::Write(write) => TickOutcome::Due(write.transition),
            Decision::Freeze(ground) => TickOutcome::Due(Transition::Finishes(ground)),
        };
        Ticked { alias, rollout, judged, outcome }
    }
}

/// Looks at a rollout and decides. Nothing is written.
///
/// # Errors
/// As [`tick`].
pub(crate) async fn see<C: Cloud>(
    cloud: &mut C,
    digests: Option<&Digests>,
    id: Option<&str>,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<SeenRollout, TickError> {
    cloud.begin(false);
    let alias = cloud.alias().await?;
    let rollout = machine::memory(&alias).ok().and_then(|memory| memory.rollout);
    if rollout.as_ref().is_some_and(|rollout| id.is_some_and(|id| rollout.id != id)) {
        let (decision, evidence) = (Decision::NoRollout, GateEvidence::Unknown);
        let (rollout, judged, content) = (None, None, None);
        return Ok(SeenRollout { alias, rollout, judged, content, evidence, decision });
    }
    let running = rollout.as_ref().filter(|rollout| rollout.phase == Phase::Running);
    let mut content = None;
    let mut judged = None;
    let mut evidence = GateEvidence::Unknown;
    if let Some(rollout) = running {
        content = look_at_content(cloud, rollout, tell).await?;
        let asked = AskedGates::of(rollout, digests, cloud.now());
        if asked.measures || asked.command {
            judged = ask_gates(cloud, &alias, rollout, asked, tell).await?;
        }
        let judgement = judged.as_ref().map(|judged| judged.judgement);
        let differs = digests.is_some_and(|digests| !digests.are_those_of(&rollout.gates));
        evidence = match judgement {
            _ if differs => GateEvidence::Differs { fails: judgement.is_some_and(|one| one.fails) },
            Some(judgement) => GateEvidence::Judged(judgement),
            None => GateEvidence::Unknown,
        };
    }
    // Asking took its time.
    let now = cloud.now();
    let observed = ObservedRollout { alias: &alias, content: content.as_deref(), evidence };
    let decision = machine::next(&observed, now)?;
    if let (Some(rollout), Some(judged)) = (running, &judged) {
        tell(TickNews::Looked { rollout, now, judged, decision: &decision });
    }
    Ok(SeenRollout { alias, rollout, judged, content, evidence, decision })
}

/// Does what was decided.
///
/// # Errors
/// As [`tick`].
pub(crate) async fn act<C: Cloud>(
    cloud: &mut C,
    seen: SeenRollout,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Ticked, TickError> {
    // Whatever the look took, of this function or of others, there is time for the way back.
    cloud.begin(false);
    match seen {
        SeenRollout { decision: Decision::Write(write), judged, .. } => {
            carry_out(cloud, *write, judged, tell).await
        }
        SeenRollout {
            decision: Decision::Freeze(ground), rollout: Some(rollout), judged, ..
        } => {
            let ticked = freeze(cloud, &rollout, ground, tell).await?;
            Ok(Ticked { judged, ..ticked })
        }
        seen => Ok(seen.left()),
    }
}

/// Why a tick failed.
#[derive(Debug)]
pub(crate) enum TickError {
    Call(Box<Error>),
    /// The machine.
    Refused(Box<machine::Refused>),
}

impl TickError {
    /// Whether somebody else wrote between a look and a write.
    pub(super) fn is_conflict(&self) -> bool {
        let Self::Call(error) = self else { return false };
        matches!(**error, Error::Call { source: ExecuteError::Conflict { .. }, .. })
    }
}

impl From<Error> for TickError {
    fn from(error: Error) -> Self {
        Self::Call(Box::new(error))
    }
}

impl From<machine::Refused> for TickError {
    fn from(refused: machine::Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}

/// Carries out a write and tells of it.
pub(crate) async fn carry_out<C: Cloud>(
    cloud: &mut C,
    write: Write,
    judged: Option<Judged>,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Ticked, TickError> {
    let alias = cloud.write(&write.routing, &write.description).await?;
    if let Some(rollout) = &write.rollout {
        tell(TickNews::Wrote {
            rollout,
            now: cloud.now(),
            transition: write.transition,
            is_remembered: write.is_remembered(),
            is_own: cloud.has_written(),
        });
    }
    let outcome = TickOutcome::Wrote(write.transition);
    Ok(Ticked { alias, rollout: write.rollout, judged, outcome })
}

/// Carries out what a command decided by the alias as it was read last.
pub(crate) async fn carry_out_decision<C: Cloud>(
    cloud: &mut C,
    rollout: &Rollout,
    decision: Decision,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Option<Ticked>, TickError> {
    let ticked = match decision {
        Decision::Write(write) => carry_out(cloud, *write, None, tell).await?,
        Decision::Freeze(ground) => freeze(cloud, rollout, ground, tell).await?,
        _ => return Ok(None),
    };
    Ok(Some(ticked))
}

/// Publishes what was observed, and ends the rollout with it.
async fn freeze<C: Cloud>(
    cloud: &mut C,
    rollout: &Rollout,
    ground: Ground,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Ticked, TickError> {
    let content = rollout.content.as_deref().unwrap_or_default();
    let version = cloud.publish(&rollout.id, content).await?;
    // That took its time, and somebody may have been quicker.
    let alias = cloud.alias().await?;
    let now = machine::memory(&alias)?.rollout;
    let is_done = |now: &Rollout| now.id == rollout.id && now.phase == Phase::Done;
    if now.as_ref().is_some_and(is_done) {
        let outcome = TickOutcome::Ended(Phase::Done);
        return Ok(Ticked { alias, rollout: now, judged: None, outcome });
    }
    let write = machine::finish(&alias, rollout, version, ground)?;
    carry_out(cloud, write, None, tell).await
}

/// How often a command that means the same in every step is tried while others write.
const MOST_TRIES: usize = 5;

/// Carries out what `decide` says of the alias as it is, again where somebody was quicker; `None`
/// where there is nothing to do. For what means the same whatever the step is.
pub(super) async fn insist<C: Cloud>(
    cloud: &mut C,
    decide: &dyn Fn(&Alias) -> Result<Option<Write>, machine::Refused>,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Option<Ticked>, TickError> {
    let mut tries = 1;
    loop {
        let alias = cloud.alias().await?;
        let Some(write) = decide(&alias)? else { return Ok(None) };
        match carry_out(cloud, write, None, tell).await {
            Err(error) if error.is_conflict() && tries < MOST_TRIES => tries += 1,
            done => return done.map(Some),
        }
    }
}

/// The digest of `$LATEST`, where that is what is rolled out. What cannot be read is not known.
pub(super) async fn look_at_content<C: Cloud>(
    cloud: &mut C,
    rollout: &Rollout,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Option<String>, TickError> {
    if rollout.to != Version::Latest || rollout.content.is_none() {
        return Ok(None);
    }
    match cloud.content().await {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.is_stop() => Err(error.into()),
        Err(error) => {
            tell(TickNews::NoAnswer(&error));
            Ok(None)
        }
    }
}

/// Which gates a look asks.
#[derive(Debug, Clone, Copy)]
struct AskedGates {
    /// Those that are judged by points of the monitor, or of what stands in its place.
    measures: bool,
    /// The gate command.
    command: bool,
}

impl AskedGates {
    /// Those that have something to say by now, of those that the rollout began with: what is
    /// missing or another one keeps nobody from hearing that the rest fails. Without digests no
    /// command is run.
    fn of(rollout: &Rollout, digests: Option<&Digests>, now: DateTime<Utc>) -> Self {
        let gates = &rollout.gates;
        let is_same_source = digests.is_none_or(|digests| digests.prometheus == gates.prometheus);
        let is_same_command = digests.is_some_and(|digests| digests.command == gates.command);
        Self {
            measures: is_same_source && is_look_due(rollout, now),
            command: is_same_command && is_command_due(rollout, now),
        }
    }
}

/// Reads the monitor, judges, and asks the gate command.
async fn ask_gates<C: Cloud>(
    cloud: &mut C,
    alias: &Alias,
    rollout: &Rollout,
    asked: AskedGates,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Option<Judged>, TickError> {
    let Some(settings) = gate_fields::settings(&rollout.gates, rollout.functions) else {
        return Ok(None);
    };
    let mut judgement = machine::JointVerdict { passes: true, enough: true, ..Default::default() };
    let mut gates = None;
    if !settings.rules.is_empty() && !asked.measures {
        judgement = machine::JointVerdict::default();
    } else if !settings.rules.is_empty() {
        let window = evidence::window(rollout, cloud.now());
        let Window { history, until, .. } = window;
        let (baseline, canary) = (rollout.from, rollout.to);
        let stretch = MinuteSpan { baseline, canary, from: history, until };
        match cloud.points(stretch, &settings.measures()).await {
            Ok(points) => {
                let side = |version: Version, minute: i64| {
                    points.get(&version).and_then(|points| points.get(&minute)).copied()
                };
                let (history, minutes) = evidence::series(rollout, window, side);
                let judged = gates::judge(&history, &minutes, &settings);
                judgement = evidence::judgement(rollout, &settings, &judged);
                judgement.arrival = evidence::arrival(rollout, window, side);
                gates = Some(judged);
            }
            Err(NoPoints::Stopped(error)) => return Err(error.into()),
            Err(NoPoints::Silent(error)) => {
                tell(TickNews::NoAnswer(&error));
                judgement = machine::JointVerdict::default();
            }
        }
    }
    let command = if asked.command {
        ask_command(cloud, alias, rollout, tell).await?
    } else {
        judgement.not_yet = rollout.gates.command.is_some();
        None
    };
    match command {
        None | Some(CommandAnswer::Pass) => {}
        Some(CommandAnswer::Fail) => judgement.fails = true,
        Some(CommandAnswer::NotYet) => judgement.not_yet = true,
    }
    judgement.passes = judgement.passes && !judgement.fails && !judgement.not_yet;
    Ok(Some(Judged { gates, found: OnceCell::new(), command, judgement }))
}

async fn ask_command<C: Cloud>(
    cloud: &mut C,
    alias: &Alias,
    rollout: &Rollout,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Option<CommandAnswer>, TickError> {
    let place = JudgedStep {
        id: rollout.id.clone(),
        from: rollout.from,
        to: rollout.to,
        routing: alias.routing.clone(),
        step: rollout.step,
        steps: rollout.schedule.count(),
        began: rollout.began.start().timestamp(),
    };
    match cloud.command(&place).await {
        Ok(answer) => Ok(Some(answer.unwrap_or(CommandAnswer::NotYet))),
        Err(error) if error.is_stop() => Err(error.into()),
        Err(error) => {
            tell(TickNews::NoAnswer(&error));
            Ok(Some(CommandAnswer::NotYet))
        }
    }
}
