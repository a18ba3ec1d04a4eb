//! A world in memory whose time is virtual: an alias, calls that nobody sends, and a monitor.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};

use super::scenario::Generated;
use crate::app::rollout::cloud::{Cloud, JudgedStep, MinuteSpan, MonitorMinutes, NoPoints};
use crate::error::{Error, RolloutError, Unanswered};
use crate::execute::Signal;
use crate::local::load::{Counts, Span, Stream, minute};
use crate::model::{Alias, FunctionId, Routing, Version};
use crate::order::Ordered as _;
use crate::plan::gates::{HISTORY_MINUTES, Measure, Side};
use crate::plan::rollout::line::CommandAnswer;
use crate::report::rehearsal::RehearsedCall;

/// When every rehearsal begins: 2026-01-01 00:00:00. The same seed gives the same world, whenever
/// it is asked for.
const BEGAN: i64 = 1_767_225_600;

/// What a world takes `$LATEST` to be.
pub(super) const CONTENT: &str = "rehearsed";

/// The two versions that a scenario is about.
const ROLES: [&str; 2] = ["from", "to"];

/// Seconds of a minute.
const MINUTE: i64 = 60;

pub(super) struct World<'a> {
    generated: &'a Generated,
    function: &'a FunctionId,
    versions: [Version; 2],
    streams: [Stream; 2],
    /// Seconds since [`BEGAN`].
    now: Rc<Cell<i64>>,
    alias: Alias,
    /// Since which second both versions have which share, oldest first.
    routes: Vec<(i64, [f64; 2])>,
    /// Minutes of both versions, from the hour before the rollout on.
    drawn: Vec<[Counts; 2]>,
    calls: Vec<RehearsedCall>,
    /// The number that a publication gives.
    next: Version,
}

impl<'a> World<'a> {
    /// A world with a copy of an alias. `to` is rolled out beside `from`; `next` is the version
    /// that a publication makes.
    pub(super) fn new(
        generated: &'a Generated,
        function: &'a FunctionId,
        alias: &Alias,
        [from, to]: [Version; 2],
        next: Version,
        seed: u64,
    ) -> Self {
        let mut world = Self {
            generated,
            function,
            versions: [from, to],
            streams: ROLES.map(|role| Stream::new(seed, &[role])),
            now: Rc::default(),
            alias: alias.clone(),
            routes: Vec::new(),
            drawn: Vec::new(),
            calls: Vec::new(),
            next,
        };
        world.routes.push((i64::MIN, world.shares()));
        world
    }

    fn shares(&self) -> [f64; 2] {
        self.versions.map(|version| self.alias.routing.share_of(version).to_f64())
    }

    /// What tells the minutes since the rollout began, whoever else has the world.
    pub(super) fn clock(&self) -> impl Fn() -> u32 + use<> {
        let now = Rc::clone(&self.now);
        move || minutes_of(now.get())
    }

    fn minutes(&self) -> u32 {
        minutes_of(self.now.get())
    }

    /// The calls that were made so far.
    pub(super) fn into_calls(self) -> Vec<RehearsedCall> {
        self.calls
    }

    /// What both versions served since the rollout began, in whole minutes.
    pub(super) fn served(&mut self) -> [Counts; 2] {
        self.draw(self.now.get().div_euclid(MINUTE));
        let mut sums = [Counts::default(); 2];
        for minute in self.drawn.iter().skip(HISTORY_MINUTES) {
            for (sum, counts) in sums.iter_mut().zip(minute) {
                sum.add(counts);
            }
        }
        sums
    }

    /// All minutes as they were, whatever the monitor shows of them.
    pub(super) fn all_points(&self) -> MonitorMinutes {
        let first = BEGAN / MINUTE - as_minutes(HISTORY_MINUTES);
        let of_role = |role: usize| {
            let minutes = (first..).zip(&self.drawn);
            minutes.filter_map(|(minute, counts)| Some((minute, side(&counts[role])?))).into_map()
        };
        self.versions.iter().enumerate().map(|(role, version)| (*version, of_role(role))).into_map()
    }

    /// Draws what is over before a minute, counted since the beginning.
    fn draw(&mut self, until: i64) {
        loop {
            let at = as_minutes(self.drawn.len()) - as_minutes(HISTORY_MINUTES);
            if at >= until.min(self.now.get().div_euclid(MINUTE)) {
                return;
            }
            let counts = [0, 1].map(|role| self.minute(role, at));
            self.drawn.push(counts);
        }
    }

    fn minute(&self, role: usize, at: i64) -> Counts {
        let begin = at * MINUTE;
        let within = |since: i64| since > begin && since < begin + MINUTE;
        let before = self.routes.iter().rposition(|(since, _)| *since <= begin).unwrap_or(0);
        let spans: Vec<Span> = self.routes[before..]
            .iter()
            .enumerate()
            .filter(|(index, (since, _))| *index == 0 || within(*since))
            .map(|(index, (since, shares))| {
                let from_s = if index == 0 { 0.0 } else { seconds(since - begin) };
                Span { from_s, share: shares[role] }
            })
            .collect();
        let versions = &self.generated.versions;
        let load = if role == 0 { &versions.from } else { &versions.to };
        let rate = &self.generated.rate_per_min;
        minute(self.streams[role], seconds(BEGAN), rate, load, BEGAN / MINUTE + at, &spans)
    }

    /// Notes a call.
    pub(super) fn call(&mut self, action: &'static str, routing: Option<&Routing>) {
        let routing = routing.map(Routing::percentages);
        self.calls.push(RehearsedCall { minute: self.minutes(), action, routing });
    }
}

/// Seconds as the load has them.
#[expect(clippy::cast_precision_loss, reason = "seconds stay far below 2^53")]
fn seconds(time: i64) -> f64 {
    time as f64
}

fn as_minutes(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Minutes since the beginning.
fn minutes_of(time: i64) -> u32 {
    u32::try_from(time.div_euclid(MINUTE)).unwrap_or(0)
}

/// What the monitor shows of a minute; a minute without calls has no point.
fn side(counts: &Counts) -> Option<Side> {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let real = |count: u64| count as f64;
    (counts.calls > 0 || counts.throttled > 0).then(|| Side {
        calls: real(counts.calls),
        errors: real(counts.errors),
        mean_ms: counts.mean_ms(),
        throttled: real(counts.throttled),
    })
}

impl Cloud for World<'_> {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(BEGAN + self.now.get())
    }

    async fn sleep_until(&mut self, time: DateTime<Utc>) -> Option<Signal> {
        self.now.set(self.now.get().max(time.timestamp() - BEGAN));
        None
    }

    fn begin(&mut self, _: bool) {}

    async fn alias(&mut self) -> Result<Alias, Error> {
        Ok(self.alias.clone())
    }

    async fn write(&mut self, routing: &Routing, description: &str) -> Result<Alias, Error> {
        self.call("UpdateAlias", Some(routing));
        self.alias.routing = routing.clone();
        description.clone_into(&mut self.alias.description);
        self.routes.push((self.now.get(), self.shares()));
        Ok(self.alias.clone())
    }

    async fn content(&mut self) -> Result<String, Error> {
        Ok(CONTENT.to_owned())
    }

    async fn publish(&mut self, _: &str, _: &str) -> Result<Option<Version>, Error> {
        self.call("PublishVersion", None);
        Ok(Some(self.next))
    }

    async fn points(
        &mut self,
        stretch: MinuteSpan,
        _: &BTreeSet<Measure>,
    ) -> Result<MonitorMinutes, NoPoints> {
        let monitor = &self.generated.monitor;
        if !monitor.answers(seconds(self.now.get())) {
            return Err(NoPoints::Silent(Error::Rollout(Box::new(RolloutError {
                function: Some(self.function.clone()),
                alias: self.alias.name.clone(),
                project: None,
                problem: Unanswered::Monitor.into(),
                result: serde_json::Map::new(),
            }))));
        }
        let began = BEGAN / MINUTE;
        self.draw(stretch.until - began);
        let first = began - as_minutes(HISTORY_MINUTES);
        let now = seconds(BEGAN + self.now.get());
        let mut points = MonitorMinutes::new();
        for (role, version) in self.versions.into_iter().enumerate() {
            let of_version = points.entry(version).or_default();
            for minute in stretch.from.max(first)..stretch.until {
                let drawn = usize::try_from(minute - first).ok();
                let Some(counts) = drawn.and_then(|index| self.drawn.get(index)) else { break };
                let shown = monitor.shows(self.streams[role], minute, now);
                let side = shown.and_then(|part| side(&counts[role].part(part)));
                of_version.extend(side.map(|side| (minute, side)));
            }
        }
        Ok(points)
    }

    async fn command(&mut self, _: &JudgedStep) -> Result<Option<CommandAnswer>, Error> {
        // It would judge what is not there.
        Ok(Some(CommandAnswer::Pass))
    }
}

#[cfg(test)]
impl World<'_> {
    /// The share of the new version after each write.
    pub(super) fn shares_of_canary(&self) -> Vec<f64> {
        self.routes.iter().skip(1).map(|(_, shares)| shares[1]).collect()
    }
}
