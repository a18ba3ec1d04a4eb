//! What a rollout does next. Pure: the alias as found, what the gates say and the time come in, a
//! decision comes out. So it resumes after a kill, from anywhere.

use chrono::{DateTime, Timelike, Utc};

pub use super::decision::{
    Arrival, Decision, GateEvidence, Ground, JointVerdict, NewRollout, ObservedRollout, Transition,
    Waiting, Write,
};
use super::marker::{self, Remembered, most_over};
pub use super::refused::Refused;
use super::schedule::Hold;
use super::state::{
    BackOrHold, BackReason, Choices, HoldOrContinue, HoldReason, Memory, Minute, OnNoData, Phase,
    Rollout,
};
use crate::model::{Alias, DEFAULT_ALIAS, Routing, Version, Weight};
use crate::order::Order as _;

/// What the description of an alias remembers.
///
/// # Errors
/// A marker that is not understood.
pub fn memory(alias: &Alias) -> Result<Memory, Refused> {
    match marker::read(&alias.description) {
        Remembered::Memory(memory) => Ok(*memory),
        Remembered::Foreign(line) => Err(Refused::Foreign { alias: alias.name.clone(), line }),
    }
}

/// An error when an alias is under a rollout, so that nothing else may route it.
///
/// # Errors
/// It is; or it may be, by a marker that is not understood: whoever wrote it would find the alias
/// routed otherwise, or not at all.
pub fn check_free(alias: &Alias) -> Result<(), Refused> {
    memory(alias)?.open().map_or(Ok(()), |open| Err(under_way(&alias.name, open)))
}

/// The refusal of whatever an alias is under a rollout for.
#[must_use]
pub fn under_way(alias: &str, rollout: &Rollout) -> Refused {
    Refused::UnderWay {
        alias: alias.to_owned(),
        id: rollout.id.clone(),
        from: rollout.from,
        to: rollout.to,
        step: rollout.step,
        count: rollout.schedule.count(),
        phase: rollout.phase,
    }
}

/// The description of an alias whose rollout ends because it is routed otherwise; `None` where no
/// rollout is under way.
#[must_use]
pub fn ended(description: &str) -> Option<String> {
    let Remembered::Memory(mut memory) = marker::read(description) else { return None };
    let rollout = memory.rollout.as_mut().filter(|rollout| rollout.phase.is_open())?;
    rollout.phase = Phase::Ended;
    // It is no longer than what was there: the phase was `running` or `held`.
    Some(marker::described(description, &memory))
}

/// The write that begins a rollout.
///
/// # Errors
/// The alias cannot be rolled out as it is.
pub fn begin(alias: &Alias, wish: &NewRollout, now: DateTime<Utc>) -> Result<Write, Refused> {
    let mut memory = memory(alias)?;
    if let Some(open) = memory.open() {
        return Err(under_way(&alias.name, open));
    }
    if !alias.routing.matches.is_empty() {
        return Err(Refused::MatchRules {
            alias: alias.name.clone(),
            rules: alias.routing.matches.clone(),
            to: alias.routing.main,
            is_under_way: false,
        });
    }
    let to = wish.to;
    let shares = alias.routing.shares();
    let others: Vec<Version> = shares.keys().copied().filter(|version| *version != to).collect();
    let from = match others[..] {
        [] => return Err(Refused::AlreadyServes { alias: alias.name.clone(), version: to }),
        [from] => from,
        _ => {
            let routing = alias.routing.clone();
            return Err(Refused::ThirdVersion { alias: alias.name.clone(), routing });
        }
    };
    let step = wish.schedule.first_from(alias.routing.share_of(to));
    let rollout = Rollout {
        id: wish.id.clone(),
        from,
        to,
        schedule: wish.schedule.clone(),
        step,
        began: Minute::counted_from(now),
        starts: vec![0; step],
        skipped: Vec::new(),
        since: 0,
        judged: 0,
        phase: Phase::Running,
        choices: wish.choices,
        gates: wish.gates.clone(),
        functions: wish.functions,
        content: wish.content.clone(),
        freeze: wish.freeze,
        frozen: None,
    };
    memory.rollout = Some(paused_by_schedule(rollout));
    memory.serves = None;
    memory.forgive(to);
    let over = most_over(&alias.description, &memory);
    if over > 0 {
        return Err(Refused::TooLong { alias: alias.name.clone(), over });
    }
    write(alias, memory, Transition::Begins)
}

/// A rollout whose step has no time stands still in it.
fn paused_by_schedule(mut rollout: Rollout) -> Rollout {
    if rollout.current().hold == Hold::Pause {
        rollout.phase = Phase::Held(HoldReason::Schedule);
    }
    rollout
}

/// The write that an alias needs to be as its memory says.
fn write(alias: &Alias, memory: Memory, transition: Transition) -> Result<Write, Refused> {
    let rollout = memory.rollout.as_ref();
    let routing = rollout.and_then(|rollout| rollout.routing(&alias.name));
    let routing = routing.unwrap_or_else(|| alias.routing.clone());
    write_routing(alias, routing, memory, transition)
}

fn write_routing(
    alias: &Alias,
    routing: Routing,
    memory: Memory,
    transition: Transition,
) -> Result<Write, Refused> {
    // Slots stay as they are where requests go the same way.
    let routing = if alias.routing.same_effect(&routing)
        && !matches!(transition, Transition::Begins | Transition::Back(_) | Transition::Finishes(_))
    {
        alias.routing.clone()
    } else {
        routing
    };
    let description = match marker::fitting(&alias.description, &memory) {
        Ok(description) => description,
        // Nothing is more important than the way back.
        Err(_) if matches!(transition, Transition::Back(_) | Transition::RollsBack) => {
            marker::shortest(&alias.description, &memory)
        }
        Err(over) => return Err(Refused::TooLong { alias: alias.name.clone(), over }),
    };
    let rollout = memory.rollout;
    let memory = match marker::read(&description) {
        Remembered::Memory(remembered) => *remembered,
        // A text of the user's own that looks like a marker. Nothing else than the way back leaves
        // what nobody could go on with.
        Remembered::Foreign(_)
            if matches!(transition, Transition::Back(_) | Transition::RollsBack) =>
        {
            Memory::default()
        }
        Remembered::Foreign(line) => {
            return Err(Refused::Foreign { alias: alias.name.clone(), line });
        }
    };
    Ok(Write { routing, description, memory, rollout, transition })
}

/// What a rollout does next.
///
/// # Errors
/// The description has become too long for its state.
pub fn next(observed: &ObservedRollout<'_>, now: DateTime<Utc>) -> Result<Decision, Refused> {
    let alias = observed.alias;
    let memory = match marker::read(&alias.description) {
        Remembered::Memory(memory) => *memory,
        Remembered::Foreign(line) => return Ok(Decision::Foreign(line)),
    };
    let Some(rollout) = memory.rollout.clone() else { return Ok(Decision::NoRollout) };
    let expected = rollout.routing(&alias.name);
    let is_as_left = expected.as_ref().is_none_or(|routing| routing.same_effect(&alias.routing));
    if !rollout.phase.is_open() {
        // What came after it is none of its business.
        return Ok(if is_as_left { Decision::Ended(rollout.phase) } else { Decision::NoRollout });
    }
    if let Some(expected) = expected.filter(|_| !is_as_left) {
        return Ok(Decision::Moved { expected });
    }
    if let Phase::Held(reason) = rollout.phase {
        return Ok(Decision::Held(reason));
    }
    let is_unread = rollout.content.is_some() && observed.content.is_none();
    let step = StepLook { alias, memory, rollout, now, is_unread };
    let both = step.rollout.content.as_deref().zip(observed.content);
    let is_other_content = both.is_some_and(|(began, is)| began != is);
    let Choices { on_fail, on_deadline, .. } = step.rollout.choices;
    let is_over = rollout_is_over(&step.rollout, now);
    // A version that is known to be bad keeps its share neither for want of time nor of a gate.
    if observed.evidence.fails() && !is_other_content {
        match (on_fail, on_deadline) {
            (BackOrHold::Rollback, _) => return step.back(BackReason::Fail),
            (BackOrHold::Hold, BackOrHold::Rollback) if is_over => {}
            (BackOrHold::Hold, _) => return step.hold(HoldReason::Fail),
        }
    }
    if is_over {
        return match on_deadline {
            BackOrHold::Hold => step.hold(HoldReason::Deadline),
            BackOrHold::Rollback => step.back(BackReason::Deadline),
        };
    }
    if is_other_content {
        return step.hold(HoldReason::Content);
    }
    step.judge(observed.evidence)
}

fn rollout_is_over(rollout: &Rollout, now: DateTime<Utc>) -> bool {
    rollout.deadline().is_some_and(|deadline| now >= deadline)
}

/// A step that is looked at.
struct StepLook<'a> {
    alias: &'a Alias,
    memory: Memory,
    rollout: Rollout,
    now: DateTime<Utc>,
    /// Whether `$LATEST` is still what is rolled out could not be read.
    is_unread: bool,
}

impl StepLook<'_> {
    fn judge(self, evidence: GateEvidence) -> Result<Decision, Refused> {
        let choices = self.rollout.choices;
        let ends = self.rollout.counts_since().plus(self.rollout.current().hold.minutes());
        if !self.rollout.gates.is_any() {
            return if self.now >= ends.start() {
                self.advance(Ground::NothingJudged)
            } else {
                Ok(self.wait(ends.start(), Waiting::Clock))
            };
        }
        let judgement = match evidence {
            GateEvidence::Differs { .. } => return self.hold(HoldReason::Gates),
            GateEvidence::Unknown => JointVerdict::default(),
            GateEvidence::Judged(judgement) => judgement,
        };
        let settled = self.rollout.settled().start();
        let passes = judgement.passes && !judgement.not_yet;
        // Without a minute of this step nothing of it was seen.
        let seen = self.rollout.counts_since().plus(1 + choices.settle).start();
        let is_here = judgement.arrival == Arrival::Here;
        let is_seen = self.now >= settled && is_here;
        if passes && (is_seen || choices.advance_early && self.now >= seen) {
            return self.advance(Ground::Passed);
        }
        // Where nothing is watched there is nothing to judge.
        if self.rollout.current().hold == Hold::Minutes(0) && self.now >= settled {
            return self.advance(Ground::TimeOver);
        }
        if self.now < ends.start() {
            return Ok(self.look_again(Waiting::Clock));
        }
        if self.now < settled {
            return Ok(self.look_again(Waiting::Settling));
        }
        let is_clear = judgement.enough && !judgement.leans_against && !judgement.not_yet;
        let may_go_on = is_clear && !choices.require_pass;
        if may_go_on && is_here {
            return self.advance(Ground::TimeOver);
        }
        let has_data = judgement.enough && is_here;
        if self.now < self.rollout.extended().start() {
            let why = if has_data { Waiting::MoreEvidence } else { Waiting::MoreData };
            return Ok(self.look_again(why));
        }
        // Versions that were as silent before had no calls. Silence that is new is no data: the
        // step would be judged by its first minutes alone.
        if judgement.enough && judgement.arrival == Arrival::Quiet {
            if passes {
                return self.advance(Ground::Passed);
            }
            if may_go_on {
                return self.advance(Ground::TimeOver);
            }
        }
        if !judgement.enough || judgement.arrival == Arrival::Overdue {
            return match choices.on_no_data {
                OnNoData::Hold => self.hold(HoldReason::NoData),
                OnNoData::Continue => self.advance(Ground::NoData),
                OnNoData::Rollback => self.back(BackReason::NoData),
            };
        }
        match choices.on_inconclusive {
            HoldOrContinue::Hold => self.hold(HoldReason::Inconclusive),
            HoldOrContinue::Continue => self.advance(Ground::Inconclusive),
        }
    }

    /// The gates are looked at once a minute.
    fn look_again(&self, why: Waiting) -> Decision {
        self.wait(next_minute(self.now), why)
    }

    fn wait(&self, until: DateTime<Utc>, why: Waiting) -> Decision {
        let until = self.rollout.deadline().map_or(until, |deadline| until.min(deadline));
        Decision::Wait { until, why }
    }

    fn hold(self, reason: HoldReason) -> Result<Decision, Refused> {
        let rollout = Rollout { phase: Phase::Held(reason), ..self.rollout };
        let memory = Memory { rollout: Some(rollout), ..self.memory };
        decided(write(self.alias, memory, Transition::Holds(reason)))
    }

    fn back(self, reason: BackReason) -> Result<Decision, Refused> {
        decided(back(self.alias, self.memory, self.rollout, reason))
    }

    fn advance(self, ground: Ground) -> Result<Decision, Refused> {
        // What nobody has seen gets no more than it has, and is not what serves in the end.
        if self.is_unread {
            return if self.now < self.rollout.extended().start() {
                Ok(self.look_again(Waiting::Content))
            } else {
                self.hold(HoldReason::NoData)
            };
        }
        if !self.rollout.is_last_step() {
            let step = self.rollout.step + 1;
            return decided(to_step(self.alias, self.memory, self.rollout, step, ground, self.now));
        }
        if self.rollout.to == Version::Latest && self.rollout.freeze {
            return Ok(Decision::Freeze(ground));
        }
        decided(finish_as(self.alias, self.memory, self.rollout, None, ground))
    }
}

fn decided(write: Result<Write, Refused>) -> Result<Decision, Refused> {
    write.map(|write| Decision::Write(Box::new(write)))
}

fn back(
    alias: &Alias,
    mut memory: Memory,
    rollout: Rollout,
    reason: BackReason,
) -> Result<Write, Refused> {
    memory.note_rolled_back(rollout.to);
    memory.rollout = Some(Rollout { phase: Phase::Back(reason), ..rollout });
    write(alias, memory, Transition::Back(reason))
}

fn to_step(
    alias: &Alias,
    memory: Memory,
    mut rollout: Rollout,
    step: usize,
    ground: Ground,
    now: DateTime<Utc>,
) -> Result<Write, Refused> {
    let start = Minute::counted_from(now);
    if start > Minute::of(now) && Minute::of(now) >= rollout.began {
        rollout.skipped.push(Minute::of(now).since(rollout.began));
    }
    let start = start.since(rollout.began).max(rollout.starts.last().copied().unwrap_or(0));
    // A step that is left out began and ended at once.
    rollout.starts.resize(step, start);
    rollout.step = step;
    rollout.since = start;
    rollout.phase = Phase::Running;
    let memory = Memory { rollout: Some(paused_by_schedule(rollout)), ..memory };
    write(alias, memory, Transition::Advances(ground))
}

/// The write that ends a rollout for good.
fn finish_as(
    alias: &Alias,
    mut memory: Memory,
    mut rollout: Rollout,
    frozen: Option<Version>,
    ground: Ground,
) -> Result<Write, Refused> {
    memory.before = Some(rollout.from);
    rollout.phase = Phase::Done;
    rollout.frozen = frozen;
    memory.forgive(frozen.unwrap_or(rollout.to));
    memory.rollout = Some(rollout);
    write(alias, memory, Transition::Finishes(ground))
}

/// A rollout that is under way, with the alias as it left it.
fn open(alias: &Alias) -> Result<(Memory, Rollout), Refused> {
    let memory = memory(alias)?;
    let Some(rollout) = memory.rollout.clone() else {
        return Err(Refused::NoRollout(alias.name.clone()));
    };
    if !rollout.phase.is_open() {
        let (from, to, phase) = (rollout.from, rollout.to, rollout.phase);
        return Err(Refused::Ended { alias: alias.name.clone(), from, to, phase });
    }
    Ok((memory, rollout))
}

/// An error when someone else has routed the alias otherwise.
fn as_left(alias: &Alias, rollout: &Rollout) -> Result<(), Refused> {
    match rollout.routing(&alias.name) {
        Some(expected) if !expected.same_effect(&alias.routing) => {
            Err(moved(alias, rollout, expected))
        }
        _ => Ok(()),
    }
}

/// Whether nobody has routed an alias otherwise than its rollout has.
#[must_use]
pub fn is_as_left(alias: &Alias, rollout: &Rollout) -> bool {
    as_left(alias, rollout).is_ok()
}

/// The refusal of whatever somebody else has routed an alias otherwise for.
#[must_use]
pub fn moved(alias: &Alias, rollout: &Rollout, expected: Routing) -> Refused {
    Refused::Moved {
        alias: alias.name.clone(),
        expected: Box::new(expected),
        found: Box::new(alias.routing.clone()),
        versions: [rollout.from, rollout.to],
        modified: alias.modified.clone(),
    }
}

/// Whether nobody but these versions gets anything of an alias, by shares or by rules.
fn only_between(alias: &Alias, versions: [Version; 2]) -> bool {
    let Routing { matches, .. } = &alias.routing;
    let by_rules = matches.iter().map(|rule| rule.version);
    alias.routing.shares().into_keys().chain(by_rules).all(|version| versions.contains(&version))
}

/// An error when others than the two versions of the rollout serve, so that even its user must not
/// take their traffic by it; or when somebody has added match rules, which no step has.
fn own_versions_only(alias: &Alias, rollout: &Rollout) -> Result<(), Refused> {
    if alias.routing.matches.is_empty() {
        return may_go_back(alias, rollout);
    }
    Err(moved_by_others(alias, rollout))
}

/// An error when others than the two versions of the rollout serve. A rule for one of them keeps
/// nobody from going back.
fn may_go_back(alias: &Alias, rollout: &Rollout) -> Result<(), Refused> {
    if only_between(alias, [rollout.from, rollout.to]) {
        return Ok(());
    }
    Err(moved_by_others(alias, rollout))
}

fn moved_by_others(alias: &Alias, rollout: &Rollout) -> Refused {
    let expected = rollout.routing(&alias.name).unwrap_or_else(|| rollout.routing_back());
    moved(alias, rollout, expected)
}

/// The write that follows a publication of `$LATEST`, which took its time: the end of the rollout
/// with the `version` that was published, or a hold where that turned out to be other code.
///
/// # Errors
/// The rollout is not what it was when that was `decided`, or somebody has routed the alias
/// otherwise.
pub fn finish(
    alias: &Alias,
    decided: &Rollout,
    version: Option<Version>,
    ground: Ground,
) -> Result<Write, Refused> {
    let memory = memory(alias)?;
    let Some(rollout) = memory.open().filter(|rollout| *rollout == decided).cloned() else {
        return Err(Refused::Changed(alias.name.clone()));
    };
    if version.is_none() {
        return hold(alias, HoldReason::Content);
    }
    as_left(alias, &rollout)?;
    finish_as(alias, memory, rollout, version, ground)
}

/// The write that stands still because of what the machine does not see: a signal, or content that
/// turned out to be other code.
///
/// # Errors
/// The rollout is not under way any more, or somebody has routed the alias otherwise.
pub fn hold(alias: &Alias, reason: HoldReason) -> Result<Write, Refused> {
    let (memory, rollout) = open(alias)?;
    as_left(alias, &rollout)?;
    let rollout = Rollout { phase: Phase::Held(reason), ..rollout };
    let memory = Memory { rollout: Some(rollout), ..memory };
    write(alias, memory, Transition::Holds(reason))
}

/// Whether an alias is under a rollout that observes the content of `$LATEST`.
#[must_use]
pub fn observes_latest(alias: &Alias) -> bool {
    memory(alias)
        .is_ok_and(|memory| memory.open().is_some_and(|rollout| rollout.to == Version::Latest))
}

/// The write of `pause`; `None` where it stands still already.
///
/// # Errors
/// No rollout is under way, or somebody has routed the alias otherwise.
pub fn pause(alias: &Alias) -> Result<Option<Write>, Refused> {
    let (_, rollout) = open(alias)?;
    as_left(alias, &rollout)?;
    match rollout.phase {
        Phase::Held(_) => Ok(None),
        _ => hold(alias, HoldReason::User).map(Some),
    }
}

/// What `resume` does; `None` where the rollout runs. It takes the alias back to its step where
/// somebody has changed the shares of its two versions.
///
/// The time of the step counts anew. A pause of the schedule has no time, so the next step comes.
/// After a gate that failed only what comes from now on is judged.
///
/// # Errors
/// No rollout is under way; others than its versions serve; `$LATEST` is other code.
pub fn resume(
    alias: &Alias,
    content: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<Decision>, Refused> {
    let (memory, mut rollout) = open(alias)?;
    own_versions_only(alias, &rollout)?;
    check_content(alias, &rollout, content)?;
    let is_moved = as_left(alias, &rollout).is_err();
    if rollout_is_over(&rollout, now) {
        // Or it would stand still again at once, or go back.
        rollout.choices.deadline = None;
    }
    match rollout.phase {
        Phase::Held(HoldReason::Schedule) if !is_moved => {
            check_read(alias, &rollout, content)?;
            let step = StepLook { alias, memory, rollout, now, is_unread: false };
            step.advance(Ground::Promoted).map(Some)
        }
        Phase::Held(HoldReason::Schedule) => {
            decided(write(alias, memory, Transition::Resumes)).map(Some)
        }
        Phase::Running if !is_moved => Ok(None),
        _ => {
            let at = Minute::counted_from(now).since(rollout.began);
            if rollout.phase == Phase::Held(HoldReason::Fail) {
                rollout.judged = at;
            }
            rollout.since = at.max(rollout.since);
            rollout.phase = Phase::Running;
            let memory = Memory { rollout: Some(rollout), ..memory };
            decided(write(alias, memory, Transition::Resumes)).map(Some)
        }
    }
}

fn check_content(alias: &Alias, rollout: &Rollout, content: Option<&str>) -> Result<(), Refused> {
    match (&rollout.content, content) {
        (Some(began), Some(is)) if began != is => Err(Refused::Content(alias.name.clone())),
        _ => Ok(()),
    }
}

/// An error when nobody can tell whether `$LATEST` is what the rollout began with, so that it must
/// not get more requests.
fn check_read(alias: &Alias, rollout: &Rollout, content: Option<&str>) -> Result<(), Refused> {
    if rollout.content.is_some() && content.is_none() {
        return Err(Refused::Unread(alias.name.clone()));
    }
    Ok(())
}

/// What `promote` does: the next step, or with `full` the last one; at the last step the end.
///
/// # Errors
/// No rollout is under way; it is not in the step that is expected; somebody has routed the alias
/// otherwise; `$LATEST` is other code.
pub fn promote(
    alias: &Alias,
    content: Option<&str>,
    full: bool,
    expected: Option<usize>,
    now: DateTime<Utc>,
) -> Result<Decision, Refused> {
    let (memory, mut rollout) = open(alias)?;
    if let Some(expected) = expected.filter(|expected| *expected != rollout.step) {
        let (alias, step) = (alias.name.clone(), rollout.step);
        return Err(Refused::Step { alias, step, expected });
    }
    as_left(alias, &rollout)?;
    check_content(alias, &rollout, content)?;
    check_read(alias, &rollout, content)?;
    if full && rollout.is_last_step() {
        return Err(Refused::LastStep(alias.name.clone()));
    }
    if rollout.phase == Phase::Held(HoldReason::Fail) {
        rollout.judged = Minute::counted_from(now).since(rollout.began);
    }
    if rollout_is_over(&rollout, now) {
        rollout.choices.deadline = None;
    }
    if full {
        let last = rollout.schedule.count();
        return decided(to_step(alias, memory, rollout, last, Ground::Promoted, now));
    }
    StepLook { alias, memory, rollout, now, is_unread: false }.advance(Ground::Promoted)
}

/// Whether an alias is as its rollout left it, under way or ended.
///
/// # Errors
/// There was none, or somebody has routed the alias otherwise.
pub fn check_as_left(alias: &Alias) -> Result<(), Refused> {
    let rollout = memory(alias)?.rollout;
    let rollout = rollout.ok_or_else(|| Refused::NoRollout(alias.name.clone()))?;
    as_left(alias, &rollout)
}

/// The write of `abort`: everything back at once.
///
/// # Errors
/// No rollout is under way, or others than its versions serve.
pub fn abort(alias: &Alias, reason: BackReason) -> Result<Write, Refused> {
    let (memory, rollout) = open(alias)?;
    may_go_back(alias, &rollout)?;
    back(alias, memory, rollout, reason)
}

/// The write that takes a rollout back, even if it is done, because it is one of several that go
/// back; `None` where it has gone back. `decided` is what it was when that was decided.
///
/// # Errors
/// It is another rollout by now or was ended; or others have routed the alias otherwise.
pub fn take_back(
    alias: &Alias,
    decided: &Rollout,
    reason: BackReason,
) -> Result<Option<Write>, Refused> {
    let rollout = memory(alias)?.rollout.filter(|rollout| rollout.id == decided.id);
    let Some(rollout) = rollout else {
        // Another command has taken it back: alone, or where the description had no room for more.
        let is_back = alias.routing.same_effect(&decided.routing_back());
        return if is_back { Ok(None) } else { Err(Refused::Changed(alias.name.clone())) };
    };
    match rollout.phase {
        Phase::Running | Phase::Held(_) | Phase::Ended => abort(alias, reason).map(Some),
        Phase::Back(_) => as_left(alias, &rollout).map(|()| None),
        Phase::Done => {
            as_left(alias, &rollout)?;
            let mut memory = memory(alias)?;
            memory.note_rolled_back(rollout.frozen.unwrap_or(rollout.to));
            memory.forgive(rollout.from);
            // It serves again.
            memory.before = None;
            // The others see by it that all go back, and all can begin again.
            let (phase, frozen) = (Phase::Back(reason), None);
            memory.rollout = Some(Rollout { phase, frozen, ..rollout });
            write(alias, memory, Transition::Back(reason)).map(Some)
        }
    }
}

/// The write that makes the beginning of a rollout undone: routing and description are as they
/// were `before`. `None` where the alias is not as the beginning left it.
#[must_use]
pub fn unbegin(alias: &Alias, begun: &Write, before: &Alias) -> Option<Write> {
    if alias.description != begun.description || !alias.routing.same_effect(&begun.routing) {
        return None;
    }
    let phase = Phase::Back(BackReason::Project);
    Some(Write {
        routing: before.routing.clone(),
        description: before.description.clone(),
        rollout: begun.rollout.clone().map(|rollout| Rollout { phase, ..rollout }),
        // The alias remembers what it did before, perhaps another rollout.
        memory: memory(before).unwrap_or_default(),
        transition: Transition::RollsBack,
    })
}

/// The write of `retry`: once more from the first step, with the same options. `content` is the
/// digest of `$LATEST` as it is now.
///
/// # Errors
/// There was no rollout; it is done, or was ended by someone who routed the alias otherwise; or
/// others than its versions serve.
pub fn retry(
    alias: &Alias,
    id: &str,
    content: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Write, Refused> {
    let mut memory = memory(alias)?;
    let Some(rollout) = memory.rollout.take() else {
        return Err(Refused::NoRollout(alias.name.clone()));
    };
    if matches!(rollout.phase, Phase::Done | Phase::Ended) {
        let (from, to, phase) = (rollout.from, rollout.to, rollout.phase);
        return Err(Refused::Ended { alias: alias.name.clone(), from, to, phase });
    }
    own_versions_only(alias, &rollout)?;
    if !rollout.phase.is_open() {
        as_left(alias, &rollout)?;
    }
    let began = Minute::counted_from(now);
    let content = rollout.content.as_ref().and(content.map(str::to_owned));
    memory.forgive(rollout.to);
    let rollout = Rollout {
        id: id.to_owned(),
        step: 1,
        began,
        starts: vec![0],
        skipped: Vec::new(),
        since: 0,
        judged: 0,
        phase: Phase::Running,
        content: content.or(rollout.content),
        ..rollout
    };
    memory.rollout = Some(paused_by_schedule(rollout));
    write(alias, memory, Transition::Retries)
}

/// A write of `rollback`, and what it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayBack {
    /// The version that serves everything afterwards.
    pub to: Version,
    /// The versions that are left, the one with the largest share first.
    pub left: Vec<Version>,
    /// The write; `None` where the version serves everything already.
    pub write: Option<Write>,
}

/// What `rollback` does: everything to a version, in one write.
///
/// Without `to` it is the version that last served everything, known from the alias itself: the
/// one a rollout under way came from, or the one remembered; of an alias that was split by hand
/// the main version, or of `$DEFAULT` the published one.
///
/// # Errors
/// No such version is known, match rules, or a marker that is not understood; or one of several
/// that advance together is to go anywhere but back.
pub fn rollback(alias: &Alias, to: Option<Version>) -> Result<WayBack, Refused> {
    let mut memory = memory(alias)?;
    let shares = alias.routing.shares();
    let serves_all = |version: Version| shares.get(&version) == Some(&Weight::ONE);
    let back = before(alias, &memory);
    let target = to.map_or_else(|| back.clone(), Ok);
    let rules = &alias.routing.matches;
    // Of a rollout under way a rule for its own version keeps nobody from going back.
    let is_way_back = memory
        .open()
        .is_some_and(|open| target == Ok(open.from) && only_between(alias, [open.from, open.to]));
    if !rules.is_empty() && !is_way_back {
        return Err(Refused::MatchRules {
            alias: alias.name.clone(),
            rules: rules.clone(),
            to: target.unwrap_or(alias.routing.main),
            is_under_way: memory.open().is_some(),
        });
    }
    let target = target?;
    if let Some(open) = memory.open().filter(|open| open.functions > 1 && open.from != target) {
        let (alias, functions) = (alias.name.clone(), open.functions);
        return Err(Refused::OneOfSeveral { alias, functions });
    }
    let mut left: Vec<(Weight, Version)> = shares
        .iter()
        .filter(|(version, _)| **version != target)
        .map(|(version, share)| (*share, *version))
        .collect();
    left.order_by(|one, other| other.cmp(one));
    let mut left: Vec<Version> = left.into_iter().map(|(_, version)| version).collect();
    for rule in rules {
        if rule.version != target && !left.contains(&rule.version) {
            left.push(rule.version);
        }
    }
    if serves_all(target) && memory.open().is_none() {
        return Ok(WayBack { to: target, left, write: None });
    }
    // Whoever goes elsewhere than back can come back from there. Behind a way back nothing is left
    // to go back to: it would be what was just left.
    let served = served_last(alias, &memory).filter(|served| *served != target);
    let served = served.filter(|_| back != Ok(target));
    let open = memory.rollout.take_if(|rollout| rollout.phase.is_open());
    if let Some(rollout) = open {
        let is_back = rollout.from == target;
        let phase = if is_back { Phase::Back(BackReason::User) } else { Phase::Ended };
        if target != rollout.to {
            memory.note_rolled_back(rollout.to);
        }
        memory.rollout = Some(Rollout { phase, ..rollout });
        if !is_back {
            memory.before = served;
        }
    } else {
        // One that has ended explains nothing any more.
        memory.rollout = None;
        memory.before = served;
    }
    memory.serves = served.map(|_| target);
    for version in &left {
        memory.note_rolled_back(*version);
    }
    memory.forgive(target);
    let write = write_routing(alias, Routing::all_to(target), memory, Transition::RollsBack)?;
    Ok(WayBack { to: target, left, write: Some(write) })
}

/// The version that served everything last, where that is known. What `$LATEST` served is other
/// code after the next deployment.
fn served_last(alias: &Alias, memory: &Memory) -> Option<Version> {
    let served = match memory.open() {
        Some(rollout) => Some(rollout.from),
        None => only(alias).or_else(|| before(alias, memory).ok()),
    };
    served.filter(|version| *version != Version::Latest)
}

/// The version that serves everything, if one does.
fn only(alias: &Alias) -> Option<Version> {
    let shares = alias.routing.shares();
    shares.into_iter().find(|(_, share)| *share == Weight::ONE).map(|(version, _)| version)
}

/// The version that served everything before.
fn before(alias: &Alias, memory: &Memory) -> Result<Version, Refused> {
    if let Some(rollout) = memory.open() {
        return Ok(rollout.from);
    }
    let only = only(alias);
    // Of an alias that was routed otherwise since, the memory tells nothing; behind a way back it
    // serves what served before already.
    let is_as_left = match (memory.serves, &memory.rollout) {
        (Some(serves), _) => only == Some(serves),
        (None, Some(rollout)) => {
            let left = rollout.routing(&alias.name);
            let is_there = left.is_some_and(|left| left.same_effect(&alias.routing));
            rollout.phase == Phase::Done && is_there
        }
        (None, None) => true,
    };
    let is_known = |before: &Version| is_as_left && only.is_some_and(|only| only != *before);
    if let Some(before) = memory.before.filter(is_known) {
        return Ok(before);
    }
    let main = alias.routing.main;
    let additional = alias.routing.additional.first().map(|(version, _)| *version);
    match (only, additional) {
        // As the document's last step leaves it: main n, n+1 at 1.
        (Some(only), Some(additional)) if additional == only && alias.name != DEFAULT_ALIAS => {
            Ok(main)
        }
        (Some(version), _) => Err(Refused::NothingBefore { alias: alias.name.clone(), version }),
        // `$DEFAULT` as a deployment splits it: main $LATEST, the rest to the last version.
        (None, Some(additional)) if main == Version::Latest && alias.name == DEFAULT_ALIAS => {
            Ok(additional)
        }
        (None, Some(_)) => Ok(main),
        (None, None) => Err(Refused::NoBefore(alias.name.clone())),
    }
}

/// When the next minute begins.
#[must_use]
pub fn next_minute(now: DateTime<Utc>) -> DateTime<Utc> {
    Minute::of(now).plus(1).start()
}

/// Whether the gates can have something new to say, so that it is worth asking the monitor: the
/// first minute that is judged is old enough, and one minute more with each minute.
#[must_use]
pub fn is_look_due(rollout: &Rollout, now: DateTime<Utc>) -> bool {
    rollout.gates.is_any() && Minute::of(now) >= first_settled(rollout)
}

/// Whether it is time to ask the gate command: the first minute that is judged is over. It needs
/// no points of the monitor, so that it waits for none to settle.
#[must_use]
pub fn is_command_due(rollout: &Rollout, now: DateTime<Utc>) -> bool {
    rollout.gates.command.is_some() && Minute::of(now) >= first_minute(rollout).plus(1)
}

/// The minute in which there is something to decide by at first: the gates' first minute is old
/// enough, or over where a command is asked, or without gates the time of the step is over.
#[must_use]
pub fn first_look(rollout: &Rollout) -> Minute {
    if rollout.gates.command.is_some() {
        first_minute(rollout).plus(1)
    } else if rollout.gates.is_any() {
        first_settled(rollout)
    } else {
        rollout.settled()
    }
}

/// The first minute that is judged.
fn first_minute(rollout: &Rollout) -> Minute {
    rollout.began.plus(rollout.judged)
}

/// The minute in which the first one that is judged is old enough.
fn first_settled(rollout: &Rollout) -> Minute {
    first_minute(rollout).plus(1).plus(rollout.choices.settle)
}

/// The last minute that counts at a time, and one more: minutes before it are old enough.
#[must_use]
pub fn settled_until(rollout: &Rollout, now: DateTime<Utc>) -> Minute {
    let settle = i64::from(rollout.choices.settle) * 60;
    let time = now.with_nanosecond(0).unwrap_or(now) - chrono::TimeDelta::seconds(settle);
    Minute::of(time)
}
