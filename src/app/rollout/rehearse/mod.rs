//! `scfctl rollout rehearse`: a rollout on a copy of an alias, in a world that a scenario makes.
//!
//! The same machine, ticks and gates as `start`, on a [`world::World`] in place of the service.
//! Time is virtual, and nothing is written anywhere.

mod recorded;
mod scenario;
#[cfg(test)]
mod tests;
mod world;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{self, Poll, Waker};

use super::cloud::Cloud;
use super::follow::{Followed, follow};
use super::options::{GivenOptions, RolloutPlan, VersionChoice};
use super::place::{RolloutContext, option_error, read, task};
use super::service::Service;
use super::start::new_version;
use super::tick::{self, Digests, Judged, TickError, TickNews, Ticked};
use super::{Request, glance, notify, reported};
use crate::app::session::{self, Session};
use crate::app::{Context, Done};
use crate::error::{Error, NoData, RolloutError, RolloutOption, RolloutVerb, WorldError};
use crate::execute::{self, ExecuteError};
use crate::local::load::Counts;
use crate::model::{Alias, FunctionId, Version};
use crate::order::Order as _;
use crate::plan::gates::Recording;
use crate::plan::rollout::line::{LineDoes, RolloutLine};
use crate::plan::rollout::machine::{self, NewRollout};
use crate::plan::rollout::state::{HoldReason, Phase, Rollout};
use crate::report::metric::number;
use crate::report::page::Account;
use crate::report::rehearsal::{
    Exposure, Rehearsal, RehearsalEntry, RehearsalOutcome, RehearsalRemark, RehearsedCall, Repeats,
};
use crate::report::rollout::{self as report, Event};
use crate::report::status::RolloutMinutes;
use crate::report::{FunctionName, Report, Said};
use scenario::{Generated, Scenario};
use world::World;

/// What a rehearsal is asked for, beside what a rollout is.
#[derive(Debug, Clone, Default)]
pub(crate) struct RehearsalRequest {
    /// The world: the name of a built-in one, or a file.
    pub scenario: Option<String>,
    /// Makes other calls of the same kind.
    pub seed: Option<u64>,
    /// How many rehearsals, each with another seed.
    pub repeat: Option<u32>,
}

/// The first seed where none is given.
const FIRST_SEED: u64 = 1;

/// Rehearses a rollout. `tells_events`: they are printed in place of the result.
pub(crate) fn rehearse(
    context: &Context,
    request: &Request,
    tells_events: bool,
) -> Result<Done, Error> {
    let wanted = &request.rehearsal;
    let named = wanted.scenario.as_deref().unwrap_or(scenario::DEFAULT);
    let scenario = scenario::read(named, &context.directory).map_err(of_scenario)?;
    if tells_events && wanted.repeat.is_some() {
        let (one, other) = ("--repeat", "--output ndjson");
        return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
    }
    match scenario {
        Scenario::Generated { name, generated } => {
            let looks = tells_events || context.options.reports;
            let hears = if looks { Hears::Looks } else { Hears::Changes };
            let wanted = Generation { name, generated, wanted, hears };
            in_generated(context, request, wanted)
        }
        Scenario::Recorded(recorded) => in_recorded(context, request, tells_events, &recorded),
    }
}

fn of_scenario(error: WorldError) -> Error {
    RolloutError::of_option(RolloutOption::Scenario(Box::new(error)))
}

/// Judges a recording; no service is asked.
fn in_recorded(
    context: &Context,
    request: &Request,
    tells_events: bool,
    recorded: &Recording,
) -> Result<Done, Error> {
    let refused = |problem: RolloutOption| RolloutError::of_option(problem);
    let without_meaning = [
        ("--seed", request.rehearsal.seed.is_some()),
        ("--repeat", request.rehearsal.repeat.is_some()),
        ("--output ndjson", tells_events),
    ];
    for (option, given) in without_meaning {
        if given {
            return Err(refused(RolloutOption::OfGenerated { option }));
        }
    }
    let settings = context.settings()?;
    let given = GivenOptions::merge(&request.typed, &settings);
    let plan = given.plan(&settings).map_err(refused)?;
    let gates = plan.settings.as_ref().filter(|gates| !gates.rules.is_empty());
    let Some(gates) = gates else {
        return Err(refused(RolloutOption::RecordingNeedsGate));
    };
    context.header("rollout rehearse", &settings);
    for option in recorded::WITHOUT_EFFECT {
        if request.typed.contains_key(option) {
            context.sink.note(&RehearsalRemark::StepsOfRecording { option });
        }
    }
    tell_of_outside(context, &plan);
    let (chats, malformed) = given.notify();
    if let Some(problem) = malformed {
        return Err(refused(problem));
    }
    if !chats.is_empty() {
        context.sink.note(&RehearsalRemark::NobodyTold);
    }
    let rehearsal = recorded::replay(recorded, gates, plan.choices.settle);
    if context.options.reports {
        context.sink.account(Account {
            exposure: Some(rehearsal.exposure),
            series: Some(recorded::series(recorded)),
            rehearsal: Some(Box::new(rehearsal.clone())),
            ..Account::default()
        });
    }
    Ok(Done::shown(Report::Rehearsal(Box::new(rehearsal))))
}

/// What judges beside the monitor is not asked: it would judge what is not there.
fn tell_of_outside(context: &Context, plan: &RolloutPlan) {
    let digests = plan.outside.digests();
    for (option, given) in
        [("--gate-cmd", digests.command.is_some()), ("--prometheus", digests.prometheus.is_some())]
    {
        if given {
            context.sink.note(&RehearsalRemark::NotAsked { option });
        }
    }
}

/// A generated world and what is wanted of it.
struct Generation<'a> {
    name: &'static str,
    generated: Generated,
    wanted: &'a RehearsalRequest,
    /// What is heard of the first rehearsal.
    hears: Hears,
}

/// What is heard of a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hears {
    /// How it ended.
    End,
    /// What it changed, too, and why.
    Changes,
    /// Every look, too. What the gates find then takes longer than all the rest.
    Looks,
}

/// Rehearses in a generated world on a copy of the real alias.
fn in_generated(
    context: &Context,
    request: &Request,
    generation: Generation<'_>,
) -> Result<Done, Error> {
    // Nothing is published, only read.
    let mut context = context.clone();
    context.options.dry_run = true;
    let (settings, given, place) = read(&context, "rollout rehearse", request)?;
    let of_options = |problem: RolloutOption| option_error(&place.function, problem);
    place.announcer.check_form().map_err(of_options)?;
    let mut plan = given.plan(&settings).map_err(of_options)?;
    plan.choices.language = place.announcer.language_to_keep();
    let task = task(RolloutVerb::Rehearse, &place);
    tell_of_outside(&context, &plan);
    place.announcer.warn();
    let Generation { name, generated, wanted, hears } = generation;
    let (seed, repeat) = (wanted.seed.unwrap_or(FIRST_SEED), wanted.repeat.unwrap_or(1));
    session::block_on(async {
        let session = Session::open(&context, &settings).await?;
        let (function, alias) = (place.function.clone(), place.alias.clone());
        let outside = plan.outside.clone();
        let mut service = Service::new(&context, session, function, alias, outside, &task);
        let setup = Arc::new(Box::pin(setup(&place, &plan, &mut service, generated)).await?);
        let runs = start_all(&setup, seed, repeat, hears);
        let runs = tokio::select! {
            biased;
            signal = service.session().signal() => {
                return Err(service.failed(ExecuteError::Interrupted(signal)));
            }
            runs = runs => runs,
        };
        let mut first = None;
        let mut ends = Vec::with_capacity(runs.len());
        for run in runs {
            let run = run.map_err(|refused| place.error(refused))?;
            ends.push(run.end);
            first = first.or(run.told);
        }
        let told = first.unwrap_or_default();
        let occasions: Vec<_> = told.entries.iter().filter_map(notify::occasion_of_entry).collect();
        place.announcer.would_tell_of(&occasions);
        told.events.iter().for_each(|event| context.sink.event(event));
        let (rollout, series) = (told.rollout.clone(), told.series.clone());
        let rehearsal = Rehearsal {
            scenario: name.to_owned(),
            title: setup.generated.title.clone(),
            function: Some(FunctionName::from(&place.function)),
            alias_name: Some(place.alias.clone()),
            from: Some(setup.from),
            to: Some(setup.wish.to),
            seed: Some(seed),
            repeats: wanted.repeat.map(|_| repeats(&ends)),
            recording: None,
            ..told.rehearsal(ends.first().copied())
        };
        if context.options.reports {
            context.sink.account(Account {
                rollout,
                series,
                exposure: Some(rehearsal.exposure),
                rehearsal: Some(Box::new(rehearsal.clone())),
                ..place.account()
            });
        }
        Ok(Done::shown(Report::Rehearsal(Box::new(rehearsal))))
    })
}

/// All that rehearsals have in common.
struct Setup {
    function: FunctionId,
    alias: Alias,
    wish: NewRollout,
    from: Version,
    /// The version that a publication makes.
    next: Version,
    /// Whether a publication comes before the rollout begins.
    publishes: bool,
    digests: Digests,
    generated: Generated,
}

/// Reads the alias and what is rolled out.
async fn setup(
    place: &RolloutContext<'_>,
    plan: &RolloutPlan,
    service: &mut Service<'_>,
    generated: Generated,
) -> Result<Setup, Error> {
    let alias = service.alias().await?;
    let run_id = session::run_id(place.context);
    let (to, _) = Box::pin(new_version(place, plan, service, &alias, &run_id)).await?;
    let is_latest = to == Version::Latest;
    let publishes = plan.to == VersionChoice::Publish;
    let next = if is_latest && plan.freeze {
        let versions = execute::versions::list(&service.on()).await;
        let versions = versions.map_err(|error| service.failed(error))?;
        Version::after(versions.iter().map(|version| version.version))
    } else {
        to
    };
    let content = is_latest.then(|| world::CONTENT.to_owned());
    let wish = plan.wish("rehearse".to_owned(), to, content);
    let setup = |from| Setup {
        function: place.function.clone(),
        alias: alias.clone(),
        wish: wish.clone(),
        from,
        next,
        publishes,
        digests: plan.outside.digests(),
        generated,
    };
    // What `start` would refuse is refused here.
    let write = machine::begin(&alias, &wish, chrono::DateTime::UNIX_EPOCH);
    let write = write.map_err(|refused| place.error(refused))?;
    let from = write.rollout.map_or(to, |rollout| rollout.from);
    Ok(setup(from))
}

/// What came of one rehearsal.
struct RehearsalRun {
    end: RehearsalEnd,
    /// What was told on the way, of the first one.
    told: Option<Tale>,
}

/// How a rehearsal ended.
#[derive(Debug, Clone, Copy, PartialEq)]
struct RehearsalEnd {
    phase: Phase,
    /// Minutes since the beginning.
    minutes: u32,
    /// What the new version served.
    canary: Counts,
}

impl RehearsalEnd {
    fn outcome(&self) -> RehearsalOutcome {
        match self.phase {
            Phase::Running | Phase::Ended => RehearsalOutcome::Ended,
            Phase::Held(_) => RehearsalOutcome::Held,
            Phase::Back(_) => RehearsalOutcome::RolledBack,
            Phase::Done => RehearsalOutcome::Done,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn exposure(canary: &Counts) -> Exposure {
    Exposure {
        calls: canary.calls as f64,
        bad: canary.errors as f64,
        throttled: canary.throttled as f64,
    }
}

/// What is told of a rehearsal on its way.
#[derive(Debug, Default)]
struct Tale {
    entries: Vec<RehearsalEntry>,
    events: Vec<Event>,
    calls: Vec<RehearsedCall>,
    /// How it was left, and its minutes, where looks are heard.
    rollout: Option<report::Rollout>,
    series: Option<RolloutMinutes>,
}

impl Tale {
    /// The result as far as the way and its end say it.
    fn rehearsal(self, end: Option<RehearsalEnd>) -> Rehearsal {
        Rehearsal {
            scenario: String::new(),
            title: None,
            function: None,
            alias_name: None,
            from: None,
            to: None,
            seed: None,
            outcome: end.map_or(RehearsalOutcome::Ended, |end| end.outcome()),
            reason: end.and_then(|end| end.phase.reason()),
            minutes: end.map_or(0, |end| end.minutes),
            timeline: self.entries,
            calls: self.calls,
            exposure: exposure(&end.map(|end| end.canary).unwrap_or_default()),
            repeats: None,
            recording: None,
        }
    }
}

/// Rehearses on all processors. The rehearsals come in the order of their seeds.
async fn start_all(
    setup: &Arc<Setup>,
    seed: u64,
    repeat: u32,
    first: Hears,
) -> Vec<Result<RehearsalRun, machine::Refused>> {
    let count = usize::try_from(repeat).unwrap_or(usize::MAX);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(count);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let setup = Arc::clone(setup);
    // Beside this thread, which hears signals; whoever does not wait any more leaves them behind.
    std::thread::spawn(move || {
        let next = AtomicUsize::new(0);
        let (all, results) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let (all, next, setup, sender) = (all.clone(), &next, &setup, &sender);
                scope.spawn(move || {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let is_wanted = index < count && !sender.is_closed();
                        let offset = u64::try_from(index).unwrap_or(u64::MAX);
                        let seed = seed.wrapping_add(offset);
                        let hears = if index == 0 { first } else { Hears::End };
                        if !is_wanted || all.send((index, run(setup, seed, hears))).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        drop(all);
        let mut results: Vec<(usize, Result<RehearsalRun, machine::Refused>)> =
            results.into_iter().collect();
        results.order_by_key(|(index, _)| *index);
        // Nobody may be waiting any more.
        let _ = sender.send(results.into_iter().map(|(_, result)| result).collect());
    });
    receiver.await.unwrap_or_default()
}

/// Rehearses once.
fn run(setup: &Setup, seed: u64, hears: Hears) -> Result<RehearsalRun, machine::Refused> {
    let Setup { function, alias, wish, from, next, digests, generated, .. } = setup;
    let mut world = World::new(generated, function, alias, [*from, wish.to], *next, seed);
    if setup.publishes {
        world.call("PublishVersion", None);
    }
    let clock = world.clock();
    let mut teller = Teller {
        function,
        alias: &alias.name,
        clock: &clock,
        hears,
        tale: Tale::default(),
        looked: None,
    };
    let mut tell = |told: TickNews<'_>| {
        if hears != Hears::End {
            teller.hear(&told);
        }
    };
    let last = at_once(whole(&mut world, wish, digests, &mut tell)).map_err(refused)?;
    let canary = world.served()[1];
    let minutes = clock();
    if let Some(rollout) = last.rollout.as_ref().filter(|_| hears == Hears::Looks) {
        teller.tale.rollout = Some(reported::of_rollout(rollout));
        teller.tale.series = glance::series(rollout, &world.all_points(), world.now());
    }
    let phase = last.rollout.map_or(Phase::Ended, |rollout| rollout.phase);
    let end = RehearsalEnd { phase, minutes, canary };
    teller.tale.calls = world.into_calls();
    Ok(RehearsalRun { end, told: (hears != Hears::End).then_some(teller.tale) })
}

/// A world does not fail; a rollout in it may be refused.
fn refused(error: TickError) -> machine::Refused {
    match error {
        TickError::Refused(refused) => *refused,
        TickError::Call(error) => machine::Refused::NoRollout(error.to_string()),
    }
}

/// A rollout from its beginning to its end. Where the schedule pauses, somebody goes on at once.
async fn whole<C: Cloud>(
    world: &mut C,
    wish: &NewRollout,
    digests: &Digests,
    tell: &mut dyn FnMut(TickNews<'_>),
) -> Result<Ticked, TickError> {
    let alias = world.alias().await?;
    let write = machine::begin(&alias, wish, world.now())?;
    let mut last = tick::carry_out(world, write, None, tell).await?;
    loop {
        let paused = last.rollout.as_ref().filter(|rollout| is_paused(rollout));
        if let Some(rollout) = paused.cloned() {
            let alias = world.alias().await?;
            let decision = machine::resume(&alias, wish.content.as_deref(), world.now())?;
            let Some(decision) = decision else { return Ok(last) };
            let went_on = tick::carry_out_decision(world, &rollout, decision, tell).await?;
            let Some(went_on) = went_on else { return Ok(last) };
            last = went_on;
            continue;
        }
        if last.rollout.as_ref().is_some_and(|rollout| !rollout.phase.is_open()) {
            return Ok(last);
        }
        last = match follow(world, digests, None, tell).await? {
            Followed::Came(ticked) => *ticked,
            // Nobody sends a signal there.
            Followed::Interrupted(_, ticked) => return Ok(ticked.map_or(last, |ticked| *ticked)),
        };
        if !last.rollout.as_ref().is_some_and(is_paused) {
            return Ok(last);
        }
    }
}

fn is_paused(rollout: &Rollout) -> bool {
    rollout.phase == Phase::Held(HoldReason::Schedule)
}

/// Runs what never waits.
fn at_once<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut context = task::Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            return done;
        }
    }
}

/// Keeps what is told.
struct Teller<'a> {
    function: &'a FunctionId,
    alias: &'a str,
    /// Minutes since the beginning.
    clock: &'a dyn Fn() -> u32,
    hears: Hears,
    tale: Tale,
    /// What the gates said at the last look, until it is told.
    looked: Option<Judged>,
}

impl Teller<'_> {
    fn hear(&mut self, told: &TickNews<'_>) {
        let event = || reported::event(self.function, self.alias, told);
        match told {
            TickNews::NoAnswer(error) => {
                let before = self.tale.entries.last();
                let entry = RehearsalEntry {
                    minute: (self.clock)(),
                    event: "no-data",
                    step: before.map_or(1, |entry| entry.step),
                    share: before.map(|entry| entry.share.clone()).unwrap_or_default(),
                    reason: None,
                    is_held: false,
                    gates: Vec::new(),
                    says: Said::new(&NoData(error)),
                    numbers: Vec::new(),
                };
                self.tale.entries.push(entry);
            }
            // A rehearsal waits for nothing.
            TickNews::Waits { .. } => {}
            TickNews::Looked { judged, .. } => {
                if self.hears == Hears::Looks {
                    self.tale.events.extend(event());
                }
                self.looked = Some((*judged).clone());
            }
            TickNews::Wrote { rollout, transition, .. } => {
                let event = event();
                let looked = self.looked.take();
                let findings = looked.as_ref().map(Judged::findings).unwrap_or_default();
                let rollout: Rollout = (*rollout).clone();
                let share = number(rollout.current().share.to_f64());
                let line = RolloutLine { rollout, does: LineDoes::Transition(*transition) };
                let entry = RehearsalEntry {
                    minute: (self.clock)(),
                    event: event.as_ref().map_or("", |event| event.event),
                    step: line.rollout.step,
                    share,
                    reason: event.as_ref().and_then(|event| event.reason),
                    is_held: matches!(line.rollout.phase, Phase::Held(_)),
                    gates: looked.as_ref().map(reported::gates).unwrap_or_default(),
                    says: Said::new(&line),
                    numbers: findings.iter().map(Said::new).collect(),
                };
                self.tale.entries.push(entry);
                if self.hears == Hears::Looks {
                    self.tale.events.extend(event);
                }
            }
        }
    }
}

/// How often each outcome came.
fn repeats(ends: &[RehearsalEnd]) -> Repeats {
    let count =
        |outcome: RehearsalOutcome| ends.iter().filter(|end| end.outcome() == outcome).count();
    let mut until_back: Vec<f64> = ends
        .iter()
        .filter(|end| matches!(end.phase, Phase::Back(_)))
        .map(|end| f64::from(end.minutes))
        .collect();
    until_back.order_by(f64::total_cmp);
    let exposures: Vec<Exposure> = ends.iter().map(|end| exposure(&end.canary)).collect();
    let mean = |of: fn(&Exposure) -> f64| {
        #[expect(clippy::cast_precision_loss, reason = "a count of rehearsals")]
        let count = exposures.len().max(1) as f64;
        exposures.iter().map(of).sum::<f64>() / count
    };
    Repeats {
        repeat: ends.len(),
        done: count(RehearsalOutcome::Done),
        rolled_back: count(RehearsalOutcome::RolledBack),
        held: count(RehearsalOutcome::Held),
        minutes_until_back: at_rank(&until_back, 0.5).map(|median| {
            let at = |rank| number(at_rank(&until_back, rank).unwrap_or(median));
            [at(0.0), number(median), at(1.0)]
        }),
        mean_canary_calls: number(mean(|exposure| exposure.calls)),
        mean_canary_bad: number(mean(|exposure| exposure.bad)),
    }
}

/// The value at a part of an ascending list; the mean of two between two.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index of the list"
)]
fn at_rank(values: &[f64], part: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let place = part * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    Some(f64::midpoint(values[below], values[above.min(last)]))
}
