//! The functions of a project, and what a command has for all of them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::app::Context;
use crate::app::rollout::notify::Announcer;
use crate::app::rollout::options::GivenOptions;
use crate::app::rollout::outside::Outside;
use crate::app::rollout::place::{RolloutContext, option_error};
use crate::app::rollout::service::Service;
use crate::app::rollout::tick::{Digests, TickNews};
use crate::app::rollout::tick_with;
use crate::app::rollout::together::Participant;
use crate::app::session::{self, Session};
use crate::config::settings::Settings;
use crate::error::{Error, RolloutOption, Task};
use crate::model::FunctionId;
use crate::plan::rollout::schedule::Schedule;
use crate::plan::rollout::state::Rollout;

/// One function of the project, read from its file.
pub(super) struct ProjectFunction {
    /// Speaks for the function.
    pub(super) context: Context,
    pub(super) settings: Settings,
    pub(super) given: GivenOptions,
    pub(super) id: FunctionId,
    pub(super) alias: String,
    pub(super) task: Task,
    /// What follows the words of a command on all of them.
    pub(super) options: String,
    pub(super) announcer: Rc<Announcer>,
    /// The rollout as a tick told it last.
    pub(super) seen: Rc<RefCell<Option<Rollout>>>,
}

impl ProjectFunction {
    pub(super) fn place(&self) -> RolloutContext<'_> {
        RolloutContext {
            context: &self.context,
            sink: Arc::clone(&self.context.sink),
            function: self.id.clone(),
            alias: self.alias.clone(),
            project: Some(self.options.clone()),
            announcer: Rc::clone(&self.announcer),
            seen: Rc::clone(&self.seen),
        }
    }

    pub(super) fn of_options(&self, problem: RolloutOption) -> Error {
        option_error(&self.id, problem)
    }

    pub(super) fn service(&self, session: &Session, outside: Outside) -> Service<'_> {
        let session = session.shared_by(&self.context.sink);
        let (function, alias) = (self.id.clone(), self.alias.clone());
        Service::new(&self.context, session, function, alias, outside, &self.task)
    }

    /// It as a part of all, with what judges beside the monitor.
    pub(super) async fn judged(
        &self,
        session: &Session,
    ) -> Result<Participant<'_, Service<'_>>, Error> {
        let sink = &*self.context.sink;
        let of_options = |problem: RolloutOption| self.of_options(problem);
        let (outside, faulty) = self.given.outside_of_tick(sink).map_err(of_options)?;
        let mut part = self.part(session, outside);
        if let Some(problem) = faulty {
            let allowed = tick_with(&self.given, problem, &mut part.cloud, sink).await?;
            allowed.map_err(of_options)?;
        }
        Ok(part)
    }

    pub(super) fn part(&self, session: &Session, outside: Outside) -> Participant<'_, Service<'_>> {
        let digests: Digests = outside.digests();
        let (place, cloud) = (self.place(), self.service(session, outside));
        let mut said: BTreeSet<String> = BTreeSet::new();
        let tell = Box::new(move |told: TickNews<'_>| match &told {
            // Looked at with the same eyes, the monitor's silence is told once.
            TickNews::NoAnswer(error) if !said.insert(error.to_string()) => {}
            told => place.tell(told),
        });
        Participant { name: self.id.name.clone(), cloud, digests, tell }
    }
}

/// The services of all parts, which reports are made of.
pub(super) fn services<'p, 'a>(
    parts: &'p mut [Participant<'_, Service<'a>>],
) -> Vec<&'p mut Service<'a>> {
    parts.iter_mut().map(|part| &mut part.cloud).collect()
}

/// The project: what it was loaded from, and its functions.
pub(super) struct RolloutProject {
    pub(super) root: Settings,
    pub(super) functions: Vec<ProjectFunction>,
    /// What follows the words of a command on all of them.
    pub(super) options: String,
}

impl RolloutProject {
    /// Runs a command to its end, and what it has to tell chats.
    pub(super) fn block_on<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        session::block_on(async {
            let done = work.await;
            join_all(self.functions.iter().map(|function| function.announcer.finish())).await;
            done
        })
    }

    pub(super) async fn open(&self, context: &Context) -> Result<Session, Error> {
        let session = Session::open(context, &self.root).await?;
        for function in &self.functions {
            function.announcer.heed(session.interruptions());
        }
        Ok(session)
    }

    /// A command on the same functions, as it can be pasted.
    pub(super) fn command(&self, verb: &str) -> String {
        format!("scfctl {verb}{}", self.options)
    }
}

/// An error where functions advance by different steps: then step 2 of one is not step 2 of all.
pub(super) fn check_steps<'a>(
    all: impl IntoIterator<Item = (&'a ProjectFunction, &'a Schedule)>,
) -> Result<(), Error> {
    let mut all = all.into_iter();
    let Some((first, steps)) = all.next() else { return Ok(()) };
    match all.find(|(_, other)| !other.goes_like(steps)) {
        None => Ok(()),
        Some((function, other)) => Err(function.of_options(RolloutOption::OtherSteps {
            one: first.id.name.clone(),
            steps: steps.to_string(),
            other: function.id.name.clone(),
            other_steps: other.to_string(),
        })),
    }
}
