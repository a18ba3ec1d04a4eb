//! The service, as a rollout sees it.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::cloud::{Cloud, JudgedStep, MinuteSpan, MonitorMinutes, NoPoints};
use super::outside::{GateCommand, Outside};
use crate::app::session::{self, Session};
use crate::clock::Clock;
use crate::error::{Error, RolloutError, RolloutProblem, Task};
use crate::execute::monitor::AskedMeasures;
use crate::execute::{self, ExecuteError, FunctionSession, PublishRequest, Signal, WatchedAlias};
use crate::model::{Alias, FunctionId, Routing, Version};
use crate::order::Ordered as _;
use crate::plan::gates::Measure;
use crate::plan::rollout::line::CommandAnswer;
use crate::plan::rollout::machine;
use crate::plan::{self, Step};

/// The digits of a digest of content that the marker has.
const CONTENT_DIGITS: usize = 16;

/// For how long the end of a command may wait for what its report shows.
const FOR_REPORT: Duration = Duration::from_secs(20);

/// The service, and one alias of a function.
pub(super) struct Service<'a> {
    session: Session,
    clock: Clock,
    timeout: Duration,
    function: FunctionId,
    alias: String,
    outside: Outside,
    task: &'a Task,
    watched: Option<WatchedAlias>,
    in_spite_of_signal: bool,
    /// What was done by this.
    done: Vec<Step>,
    /// All points that came, where a report is to show them.
    seen: Option<MonitorMinutes>,
    /// What the monitor said last, and of what: another look in the same minute asks for the same.
    last: Option<(MinuteSpan, BTreeSet<Measure>, MonitorMinutes)>,
}

impl<'a> Service<'a> {
    pub(super) fn new(
        context: &crate::app::Context,
        session: Session,
        function: FunctionId,
        alias: String,
        outside: Outside,
        task: &'a Task,
    ) -> Self {
        Self {
            session,
            clock: context.clock.clone(),
            timeout: context.options.timeout,
            function,
            alias,
            outside,
            task,
            watched: None,
            in_spite_of_signal: false,
            done: Vec::new(),
            seen: context.options.reports.then(MonitorMinutes::new),
            last: None,
        }
    }

    /// A session with the function.
    pub(super) fn on(&self) -> FunctionSession<'_> {
        let on = self.session.on(self.function.clone());
        if self.in_spite_of_signal { on.to_the_end() } else { on }
    }

    /// Checks that a version is there and can serve, for so long at most.
    pub(super) async fn check(
        &self,
        version: Version,
        limit: Duration,
    ) -> Result<(), ExecuteError> {
        let client = self.session.client_within(self.timeout.min(limit));
        let on = self.session.on_within(&client, self.function.clone());
        execute::versions::check_servable(&on, version).await
    }

    /// The points that came so far, where a report is to show them.
    pub(super) fn seen(&self) -> &MonitorMinutes {
        static NONE: MonitorMinutes = MonitorMinutes::new();
        self.seen.as_ref().unwrap_or(&NONE)
    }

    /// Reads the monitor for a report: soon or not at all.
    pub(super) async fn look_for_report(&mut self, stretch: MinuteSpan) {
        self.session.begin_operation(self.timeout.min(FOR_REPORT));
        // A report without the newest minutes is better than none.
        let _ = self.points(stretch, &BTreeSet::from([Measure::Errors])).await;
    }

    /// What was done by this so far.
    pub(super) fn done(&self) -> &[Step] {
        &self.done
    }

    /// Remembers what was done besides.
    pub(super) fn did(&mut self, step: Option<Step>) {
        self.done.extend(step);
    }

    /// Remembers a write. What stands still or goes on with the shares that it has is no step.
    fn wrote(&mut self, before: Option<&Alias>, after: &Alias) {
        let id = |alias: &Alias| Some(machine::memory(alias).ok()?.rollout?.id);
        let is_change =
            |before: &Alias| !before.routing.same_effect(&after.routing) || id(before) != id(after);
        if before.is_none_or(is_change) {
            let description = Some(after.description.as_str());
            self.did(plan::alias::step(&self.alias, before, &after.routing, description));
        }
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn failed(&self, error: execute::ExecuteError) -> Error {
        session::failed(self.task, &self.function, error)
    }

    /// What was seen of the alias is too old to write by, however quick the answer is.
    fn outdate(&mut self) {
        if let Some(watched) = &mut self.watched {
            watched.outdate();
        }
    }

    fn unanswered(&self, problem: impl Into<RolloutProblem>) -> Error {
        Error::Rollout(Box::new(RolloutError {
            function: Some(self.function.clone()),
            alias: self.alias.clone(),
            project: None,
            problem: problem.into(),
            result: serde_json::Map::new(),
        }))
    }

    async fn of_prometheus(&self, stretch: MinuteSpan) -> Option<Result<MonitorMinutes, NoPoints>> {
        let prometheus = self.outside.prometheus.as_ref()?;
        let network = self.session.network();
        let names = (&self.function, self.alias.as_str());
        let points = prometheus.points(&network, &self.clock, names, stretch).await;
        Some(points.map_err(|problem| NoPoints::Silent(self.unanswered(problem))))
    }
}

/// As many digits of a digest as the marker has.
pub(super) fn shortened(mut digest: String) -> String {
    digest.truncate(CONTENT_DIGITS);
    digest
}

impl Cloud for Service<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.session.server_time()
    }

    async fn sleep_until(&mut self, time: DateTime<Utc>) -> Option<Signal> {
        let pause = (time - self.now()).to_std().unwrap_or_default();
        self.session.sleep(&self.clock, pause).await
    }

    fn begin(&mut self, in_spite_of_signal: bool) {
        self.in_spite_of_signal = in_spite_of_signal;
        self.session.begin_operation(self.timeout);
    }

    async fn alias(&mut self) -> Result<Alias, Error> {
        let mut watched = self.watched.take();
        let on = self.on();
        let looked = if let Some(watched) = &mut watched {
            watched.look(&on).await
        } else {
            let found = execute::alias::watch(&on, &self.alias).await;
            found.map(|(found, alias)| {
                watched = Some(found);
                alias
            })
        };
        let looked = looked.map_err(|error| self.failed(error));
        drop(on);
        self.watched = watched;
        looked
    }

    async fn write(&mut self, routing: &Routing, description: &str) -> Result<Alias, Error> {
        let Some(mut watched) = self.watched.take() else {
            return Err(self.failed(execute::ExecuteError::Unpublished));
        };
        let before = watched.known().cloned();
        let on = self.on();
        let written = watched.write(&on, routing, description).await;
        let written = written.map_err(|error| self.failed(error));
        drop(on);
        if let (Ok(after), true) = (&written, watched.has_written()) {
            self.wrote(before.as_ref(), after);
        }
        self.watched = Some(watched);
        written
    }

    fn has_written(&self) -> bool {
        self.watched.as_ref().is_none_or(WatchedAlias::has_written)
    }

    async fn content(&mut self) -> Result<String, Error> {
        self.outdate();
        let content = execute::publish::content_of_latest(&self.on()).await;
        content.map(shortened).map_err(|error| self.failed(error))
    }

    async fn publish(&mut self, id: &str, content: &str) -> Result<Option<Version>, Error> {
        let on = self.on();
        // The rollout's id is the same for whoever goes on with it.
        let request = PublishRequest { description: "", run_id: id, run_id_given: true };
        let failed = |error| self.failed(error);
        let plan = execute::publish::plan_latest(&on, &request, false, false).await;
        let plan = plan.map_err(failed)?;
        if !plan.knows_code() {
            return Err(failed(ExecuteError::CodeUntold(self.function.name.clone())));
        }
        if shortened(plan.content()) != content {
            return Ok(None);
        }
        let published = execute::publish::publish_latest(&on, plan, &request).await;
        let version = published.map_err(failed)?.version;
        let is_new = on.has_perhaps_published();
        drop(on);
        self.did(is_new.then(|| Step::Publish { description: String::new() }));
        Ok(Some(version))
    }

    async fn points(
        &mut self,
        stretch: MinuteSpan,
        needed: &BTreeSet<Measure>,
    ) -> Result<MonitorMinutes, NoPoints> {
        if let Some((of, metrics, points)) = &self.last
            && *of == stretch
            && metrics == needed
        {
            return Ok(points.clone());
        }
        self.outdate();
        // A report shows the rest, too, where it is there.
        let shown =
            if self.seen.is_some() { Measure::ALL.into_iter().into_set() } else { BTreeSet::new() };
        let asked = AskedMeasures { needed, shown: &shown };
        let points = if let Some(points) = self.of_prometheus(stretch).await {
            points
        } else {
            let on = self.on();
            super::monitor::points(&on, asked, stretch).await.map_err(|error| {
                let error = self.failed(error);
                if error.is_stop() { NoPoints::Stopped(error) } else { NoPoints::Silent(error) }
            })
        };
        if let (Some(seen), Ok(points)) = (&mut self.seen, &points) {
            for (version, minutes) in points {
                seen.entry(*version).or_default().extend(minutes);
            }
        }
        if let Ok(points) = &points {
            self.last = Some((stretch, needed.clone(), points.clone()));
        }
        points
    }

    async fn command(&mut self, place: &JudgedStep) -> Result<Option<CommandAnswer>, Error> {
        self.outdate();
        let Some(command) = &self.outside.command else { return Ok(None) };
        let environment = GateCommand::environment(&self.function, &self.alias, place);
        let answer = command.run(&self.clock, environment).await;
        answer.map(Some).map_err(|problem| self.unanswered(problem))
    }
}
