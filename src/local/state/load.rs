//! The load of a function: who calls it, how often, what its versions do with the calls, and what
//! the router made of the alias at each time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::error::Refusal;
use super::super::load::{
    Change, Counts, LoadError, Monitor, Rate, Span, Stream, VersionLoad, minute,
};
use super::request::Request;
use super::routing::Routing;
use super::{Alias, DEFAULT, Function, Moment, Reply, State};
use crate::order::Ordered as _;

/// How long a load has been going on already when it is set, in minutes.
pub(super) const HISTORY: i64 = 60;
/// Routings remembered of one alias.
const REMEMBERED: usize = 1000;
/// Minutes in which calls of their own are remembered.
const CALLED_MINUTES: usize = 3000;

/// The load of a function.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Load {
    seed: u64,
    /// What rates and changes count from.
    began: Moment,
    aliases: BTreeMap<String, AliasLoad>,
    versions: BTreeMap<String, VersionLoad>,
    monitor: Monitor,
    /// Where each alias led, since when, oldest first.
    routes: BTreeMap<String, Vec<Route>>,
}

/// The calls of an alias.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct AliasLoad {
    rate_per_min: Rate,
    /// Share of the calls whose headers match a rule of the alias, if it has any.
    #[serde(default)]
    matching: f64,
}

/// Where an alias led from a time on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Route {
    since: Moment,
    /// The main version; none while there is no such alias.
    version: Option<String>,
    routing: Routing,
    /// See [`AliasLoad::matching`].
    #[serde(default)]
    matching: f64,
}

impl Route {
    fn of(since: Moment, alias: Option<&Alias>, matching: f64) -> Self {
        Self {
            since,
            version: alias.map(|alias| alias.version.clone()),
            routing: alias.map(|alias| alias.routing.clone()).unwrap_or_default(),
            matching,
        }
    }

    fn leads_as(&self, other: &Self) -> bool {
        *self == Self { since: self.since, ..other.clone() }
    }

    fn share(&self, version: &str) -> f64 {
        let main = self.version.as_deref();
        main.map_or(0.0, |main| self.routing.share(main, version, self.matching))
    }
}

/// What `SetLoad` is told. What is not said stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wish {
    alias: Option<String>,
    rate_per_min: Option<Rate>,
    matching: Option<f64>,
    versions: BTreeMap<String, Vec<Change>>,
    monitor: Option<MonitorWish>,
    seed: Option<u64>,
}

/// What becomes of the monitor. What is not said stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MonitorWish {
    delay_s: Option<f64>,
    drop_rate: Option<f64>,
    rising_s: Option<f64>,
    down: Option<Vec<(f64, f64)>>,
}

impl MonitorWish {
    fn change(self, monitor: &mut Monitor) {
        let Self { delay_s, drop_rate, rising_s, down } = self;
        monitor.delay_s = delay_s.unwrap_or(monitor.delay_s);
        monitor.drop_rate = drop_rate.unwrap_or(monitor.drop_rate);
        monitor.rising_s = rising_s.unwrap_or(monitor.rising_s);
        if let Some(down) = down {
            monitor.down = down;
        }
    }
}

/// Calls that came one by one, in a minute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Called {
    version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    calls: u64,
    #[serde(default)]
    errors: u64,
    duration_ms: f64,
}

/// Whose calls are counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counted<'a> {
    All,
    Version(&'a str),
    Alias(&'a str),
}

#[expect(clippy::cast_precision_loss, reason = "a time of day has far fewer than 53 bits")]
pub(super) fn unix(time: DateTime<Utc>) -> f64 {
    time.timestamp_millis() as f64 / 1000.0
}

impl Load {
    fn new(function: &Function, now: DateTime<Utc>, seed: u64) -> Self {
        let routes = function
            .aliases
            .iter()
            .map(|(name, alias)| (name.clone(), vec![Route::of(Moment(now), Some(alias), 0.0)]));
        Self {
            seed,
            began: Moment(now),
            aliases: BTreeMap::new(),
            versions: BTreeMap::new(),
            monitor: Monitor::default(),
            routes: routes.into_map(),
        }
    }

    /// Remembers where the aliases lead now.
    fn note(&mut self, aliases: &BTreeMap<String, Alias>, now: DateTime<Utc>) {
        let names: BTreeSet<&String> = self.routes.keys().chain(aliases.keys()).into_set();
        let names: Vec<String> = names.into_iter().cloned().collect();
        for name in names {
            let matching = self.aliases.get(&name).map_or(0.0, |load| load.matching);
            let route = Route::of(Moment(now), aliases.get(&name), matching);
            let routes = self.routes.entry(name).or_insert_with(|| {
                // What is new was not there before.
                vec![Route::of(Moment::FIRST, None, matching)]
            });
            if routes.last().is_none_or(|last| !last.leads_as(&route)) {
                routes.push(route);
            }
            if routes.len() > REMEMBERED {
                routes.remove(0);
            }
        }
    }

    /// The shares of a version in one minute of an alias.
    fn spans(&self, alias: &str, version: &str, minute: i64) -> Vec<Span> {
        let begin = DateTime::from_timestamp(minute * 60, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let routes = self.routes.get(alias).map_or(&[][..], Vec::as_slice);
        // What was before the first one that is known was the same.
        let first = routes.partition_point(|route| route.since.0 <= begin).saturating_sub(1);
        let mut spans = Vec::with_capacity(1);
        for route in &routes[first.min(routes.len())..] {
            let from_s = (unix(route.since.0) - unix(begin)).max(0.0);
            if from_s >= 60.0 && !spans.is_empty() {
                break;
            }
            let from_s = if spans.is_empty() { 0.0 } else { from_s };
            spans.push(Span { from_s, share: route.share(version) });
        }
        spans
    }

    /// The versions that an alias ever led to.
    fn versions_of(&self, alias: &str) -> BTreeSet<&str> {
        let routes = self.routes.get(alias).into_iter().flatten();
        routes
            .flat_map(|route| route.version.as_deref().into_iter().chain(route.routing.versions()))
            .into_set()
    }

    /// What the monitor shows of a minute.
    fn shown(&self, name: &str, counted: Counted, at: i64, now: DateTime<Utc>, all: &mut Counts) {
        let began = unix(self.began.0);
        if at < self.began.0.timestamp().div_euclid(60) - HISTORY {
            return;
        }
        for (alias, load) in &self.aliases {
            if matches!(counted, Counted::Alias(wanted) if wanted != alias) {
                continue;
            }
            for version in self.versions_of(alias) {
                if matches!(counted, Counted::Version(wanted) if wanted != version) {
                    continue;
                }
                let stream = Stream::new(self.seed, &[name, alias, version]);
                let Some(part) = self.monitor.shows(stream, at, unix(now)) else { continue };
                let spans = self.spans(alias, version, at);
                let usual = VersionLoad::default();
                let behaves = self.versions.get(version).unwrap_or(&usual);
                let rate = &load.rate_per_min;
                all.add(&minute(stream, began, rate, behaves, at, &spans).part(part));
            }
        }
    }

    /// The load as it is now; what it was before is left out.
    fn show(&self, now: DateTime<Utc>) -> Value {
        let after = unix(now) - unix(self.began.0);
        let aliases = self.aliases.iter().map(|(name, load)| {
            let rate = load.rate_per_min.now(after);
            (name.clone(), json!({"rate_per_min": rate, "matching": load.matching}))
        });
        let versions = self.versions.iter();
        let versions = versions.map(|(name, version)| (name.clone(), json!(version.since(after))));
        json!({
            "began": self.began,
            "seed": self.seed,
            "aliases": aliases.collect::<serde_json::Map<_, _>>(),
            "versions": versions.collect::<serde_json::Map<_, _>>(),
            "monitor": self.monitor,
        })
    }
}

impl Function {
    /// Remembers where the aliases lead now, if that matters.
    pub(super) fn note_routes(&mut self, now: DateTime<Utc>) {
        if let Some(load) = &mut self.load {
            load.note(&self.aliases, now);
        }
    }

    /// Counts a call that came by itself.
    pub(super) fn count_call(
        &mut self,
        version: &str,
        alias: Option<&str>,
        duration_ms: f64,
        failed: bool,
        now: DateTime<Utc>,
    ) {
        let minute = self.called.entry(now.timestamp().div_euclid(60)).or_default();
        let same =
            |called: &&mut Called| called.version == version && called.alias.as_deref() == alias;
        match minute.iter_mut().find(same) {
            Some(called) => {
                called.calls += 1;
                called.errors += u64::from(failed);
                called.duration_ms += duration_ms;
            }
            None => minute.push(Called {
                version: version.to_owned(),
                alias: alias.map(str::to_owned),
                calls: 1,
                errors: u64::from(failed),
                duration_ms,
            }),
        }
        while self.called.len() > CALLED_MINUTES {
            self.called.pop_first();
        }
    }

    /// What the monitor shows of a minute (Unix time over 60) at a time.
    pub(super) fn shown(
        &self,
        name: &str,
        counted: Counted,
        at: i64,
        now: DateTime<Utc>,
    ) -> Counts {
        let mut all = Counts::default();
        if let Some(load) = &self.load {
            load.shown(name, counted, at, now, &mut all);
        }
        for called in self.called.get(&at).into_iter().flatten() {
            let is_counted = match counted {
                Counted::All => true,
                Counted::Version(version) => called.version == version,
                Counted::Alias(alias) => called.alias.as_deref() == Some(alias),
            };
            let usual = Monitor::default();
            let monitor = self.load.as_ref().map_or(&usual, |load| &load.monitor);
            let stream = Stream::new(0, &[name, &called.version]);
            if is_counted && let Some(part) = monitor.shows(stream, at, unix(now)) {
                let Called { calls, errors, duration_ms, .. } = *called;
                let counts = Counts { calls, errors, duration_ms, ..Counts::default() };
                all.add(&counts.part(part));
            }
        }
        all
    }

    /// The first minute of which the monitor may know something.
    pub(super) fn first_minute(&self) -> Option<i64> {
        let load = self.load.as_ref();
        let load = load.map(|load| load.began.0.timestamp().div_euclid(60) - HISTORY);
        let called = self.called.first_key_value().map(|(minute, _)| *minute);
        load.into_iter().chain(called).min()
    }

    /// Whether the monitor answers at a time.
    pub(super) fn is_monitored(&self, now: DateTime<Utc>) -> bool {
        let load = self.load.as_ref();
        load.is_none_or(|load| load.monitor.answers(unix(now) - unix(load.began.0)))
    }
}

fn wrong(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterValue", message)
}

fn impossible(error: &LoadError) -> Refusal {
    wrong(format!("The load is impossible: {error}."))
}

impl State {
    /// Sets or changes the load of a function.
    pub(super) fn set_load(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let wish: Wish = serde_json::from_str(request.required("Load"))
            .map_err(|error| wrong(format!("Load is not understood: {error}.")))?;
        let now = request.now();
        let function = self.function_mut(request)?;
        let is_new = function.load.is_none();
        let other = |load: &Load| wish.seed.is_some_and(|seed| seed != load.seed);
        if function.load.as_ref().is_some_and(other) {
            return Err(wrong("The seed of a load that is there cannot change: clear it first."));
        }
        let mut load = match function.load.take() {
            Some(load) => load,
            None => Load::new(function, now, wish.seed.unwrap_or(1)),
        };
        let outcome = change(&mut load, function, wish, is_new, now);
        let shown = load.show(now);
        // A refused change leaves the state as it was, whatever was changed here.
        function.load = Some(load);
        outcome?;
        Ok(Reply::from_iter([("Load".to_owned(), shown)]))
    }

    /// Tells the load of a function; null where it has none.
    pub(super) fn get_load(&self, request: &Request) -> Result<Reply, Refusal> {
        let load = self.function(request)?.load.as_ref();
        let load = load.map(|load| load.show(request.now()));
        Ok(Reply::from_iter([("Load".to_owned(), load.unwrap_or_default())]))
    }

    /// Ends the load of a function, with all that the monitor had of it.
    pub(super) fn clear_load(&mut self, request: &Request) -> Result<Reply, Refusal> {
        self.function_mut(request)?.load = None;
        Ok(Reply::from_iter([("Load".to_owned(), Value::Null)]))
    }
}

fn change(
    load: &mut Load,
    function: &Function,
    wish: Wish,
    is_new: bool,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let after = unix(now) - unix(load.began.0);
    let alias = wish.alias.as_deref().unwrap_or(DEFAULT);
    if !function.aliases.contains_key(alias) {
        let message = format!("The alias `{alias}` does not exist.");
        return Err(Refusal::new("ResourceNotFound.Alias", message));
    }
    if let Some(version) = wish.versions.keys().find(|name| !function.versions.contains_key(*name))
    {
        let message = format!("The version `{version}` does not exist.");
        return Err(Refusal::new("ResourceNotFound.Version", message));
    }
    if let Some(rate) = wish.rate_per_min {
        rate.check().map_err(|error| impossible(&error))?;
        let none = if is_new { rate.clone() } else { Rate::Constant(0.0) };
        let entry = load.aliases.entry(alias.to_owned());
        let of_alias = entry.or_insert(AliasLoad { rate_per_min: none, matching: 0.0 });
        match rate {
            Rate::Constant(rate) if !is_new => of_alias.rate_per_min.change(after, rate),
            rate => of_alias.rate_per_min = rate,
        }
    }
    // What versions and the monitor do is no matter of one alias.
    let is_of_alias = wish.alias.is_some() || wish.matching.is_some() || load.aliases.is_empty();
    if is_of_alias && !load.aliases.contains_key(alias) {
        return Err(wrong(format!("Nobody calls the alias `{alias}`: say at what rate.")));
    }
    if let Some(matching) = wish.matching {
        if !(0.0..=1.0).contains(&matching) {
            return Err(wrong(format!("`matching` is {matching}, outside 0 to 1.")));
        }
        if let Some(of_alias) = load.aliases.get_mut(alias) {
            of_alias.matching = matching;
        }
        if is_new {
            // It has always been so.
            let routes = load.routes.get_mut(alias).into_iter().flatten();
            routes.for_each(|route| route.matching = matching);
        } else {
            load.note(&function.aliases, now);
        }
    }
    for (version, changes) in wish.versions {
        let of_version = load.versions.entry(version).or_default();
        for change in changes {
            if let Some(from) = change.after_s.filter(|from| *from < 0.0) {
                return Err(wrong(format!("`after_s` is {from}: the past is not changed.")));
            }
            let conditional = change.above_share.is_some() || change.after_s.is_some();
            if is_new && !conditional {
                // It has always been so.
                of_version.begin_with(&change);
            } else {
                let from = change.after_s.unwrap_or(0.0);
                let after_s = if is_new { change.after_s } else { Some(after + from) };
                of_version.changes.push(Change { after_s, ..change });
            }
        }
        of_version.check().map_err(|error| impossible(&error))?;
    }
    if let Some(monitor) = wish.monitor {
        monitor.change(&mut load.monitor);
        load.monitor.check().map_err(|error| impossible(&error))?;
    }
    Ok(())
}
