//! What each command on a rollout works with: one function, one alias, and who is told.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::cloud::Cloud as _;
use super::ending::{AskedBy, problem, undo};
use super::notify::{self, Announcer};
use super::options::GivenOptions;
use super::service::Service;
use super::tick::{TickError, TickNews, Ticked};
use super::{Request, glance, reported};
use crate::app::session::{self, Session};
use crate::app::{AfterResult, Context, Done};
use crate::config::settings::Settings;
use crate::error::{Error, NoData, RolloutError, RolloutOption, RolloutProblem, RolloutVerb, Task};
use crate::model::FunctionId;
use crate::plan::Step;
use crate::plan::command::RolloutCommand;
use crate::plan::rollout::state::Rollout;
use crate::report::notice::Notice;
use crate::report::{Report, Sink};

/// One command, one function, one alias.
pub(super) struct RolloutContext<'a> {
    pub(super) context: &'a Context,
    pub(super) sink: Arc<dyn Sink>,
    pub(super) function: FunctionId,
    pub(super) alias: String,
    /// The options of a command on all functions of a project.
    pub(super) project: Option<String>,
    pub(super) announcer: Rc<Announcer>,
    /// The rollout as a tick told it last.
    pub(super) seen: Rc<RefCell<Option<Rollout>>>,
}

impl RolloutContext<'_> {
    pub(super) fn error(&self, problem: impl Into<RolloutProblem>) -> Error {
        Error::Rollout(Box::new(RolloutError {
            function: Some(self.function.clone()),
            alias: self.alias.clone(),
            project: self.project.clone(),
            problem: problem.into(),
            result: serde_json::Map::new(),
        }))
    }

    pub(super) fn failed(&self, error: TickError) -> Error {
        match error {
            TickError::Call(error) => *error,
            TickError::Refused(refused) => self.error(*refused),
        }
    }

    /// The error behind what was done before it.
    pub(super) fn behind(error: Error, service: &Service<'_>) -> Error {
        let done = service.done();
        let is_published = done.iter().any(|step| matches!(step, Step::Publish { .. }));
        let run = service.session().run_to_name(is_published);
        error.behind(done.iter().map(|step| (None, step.clone())).collect()).of_run(run)
    }

    pub(super) fn command(&self, verb: &str) -> String {
        RolloutCommand { function: &self.function, alias: &self.alias, verb }.to_string()
    }

    /// Tells what a tick says: to people and, where that is asked for, line by line to programs.
    pub(super) fn teller(&self) -> impl FnMut(TickNews<'_>) {
        move |told: TickNews<'_>| self.tell(&told)
    }

    pub(super) fn tell(&self, told: &TickNews<'_>) {
        match told {
            TickNews::NoAnswer(error) => self.sink.warning(&NoData(error)),
            TickNews::Looked { rollout, .. }
            | TickNews::Waits { rollout, .. }
            | TickNews::Wrote { rollout, .. } => {
                if self.context.options.reports {
                    self.seen.replace(Some((*rollout).clone()));
                    self.sink.account(self.account());
                }
                for line in reported::lines(told) {
                    self.sink.step(line.as_ref());
                }
                if let Some(event) = reported::event(&self.function, &self.alias, told) {
                    self.sink.event(&event);
                }
                if let TickNews::Wrote { rollout, now, transition, is_remembered, is_own: true } =
                    &told
                {
                    let left = (*rollout, *transition, *is_remembered);
                    let of = (&self.function, &*self.alias, self.project.as_deref());
                    let told = notify::of_transition(of, left, *now);
                    if let Some(announcement) = told {
                        self.announcer.tell(announcement, rollout.choices.language, *now);
                    }
                }
            }
        }
    }

    /// Tells programs of a look that found nothing to ask or to do.
    pub(super) fn tell_still(&self, ticked: &Ticked, service: &Service<'_>) {
        if let Some(event) = reported::still(&self.function, ticked, service.now()) {
            self.sink.event(&event);
        }
    }

    /// Sets up the calls. A signal ends what is waited for besides, too.
    pub(super) async fn open(&self, settings: &Settings) -> Result<Session, Error> {
        let session = Session::open(self.context, settings).await?;
        self.announcer.heed(session.interruptions());
        Ok(session)
    }

    /// Runs the command to its end, and what it has to tell chats.
    pub(super) fn block_on<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        session::block_on(async {
            let done = work.await;
            self.announcer.finish().await;
            done
        })
    }

    /// The result of what a rollout came to.
    pub(super) fn done(
        &self,
        settings: &Settings,
        ticked: &Ticked,
        asked: AskedBy,
        service: &Service<'_>,
    ) -> Done {
        let undo = undo(ticked).map(|verb| self.command(verb));
        self.done_with(settings, ticked, asked, undo, service)
    }

    /// As [`Self::done`], with the command that undoes it.
    pub(super) fn done_with(
        &self,
        settings: &Settings,
        ticked: &Ticked,
        asked: AskedBy,
        undo: Option<String>,
        service: &Service<'_>,
    ) -> Done {
        let problem = problem(ticked, asked);
        // One of several goes on with the others.
        let is_of_several = ticked.rollout.as_ref().is_some_and(|one| one.functions > 1);
        let undo = undo.filter(|command| {
            problem.is_none() && (!is_of_several || command.starts_with("scfctl rollout abort"))
        });
        let found = glance::of(&self.function, ticked, undo.clone(), service.now());
        if let Some(command) = undo {
            self.sink.note(&Notice::Undo { command });
        }
        let report = Report::Rollout(Box::new(found));
        match problem {
            None => Done::succeeded(report, settings),
            Some(problem) => {
                let result = report.json();
                let function = Some(self.function.clone());
                let alias = self.alias.clone();
                let project = is_of_several.then(String::new);
                let error = RolloutError { function, alias, project, problem, result };
                let (report, error) = (Some(report), Some(Error::Rollout(Box::new(error))));
                Done { report, ending: AfterResult::Nothing, error }
            }
        }
    }
}

/// What each command reads first.
pub(super) fn read<'a>(
    context: &'a Context,
    command: &str,
    request: &Request,
) -> Result<(Settings, GivenOptions, RolloutContext<'a>), Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let of_options = |problem: RolloutOption| option_error(&function, problem);
    let given = GivenOptions::merge(&request.typed, &settings);
    // Who begins something is told of everything at once.
    if command != "rollout start" {
        given.check_alias().map_err(of_options)?;
    }
    let alias = given.alias(&settings);
    let announcer = Rc::new(Announcer::new(context, &given, &settings, (&function, &alias)));
    context.header(command, &settings);
    let sink = Arc::clone(&context.sink);
    let (project, seen) = (None, Rc::default());
    let place = RolloutContext { context, sink, function, alias, project, announcer, seen };
    if context.options.reports {
        place.sink.account(place.account());
    }
    Ok((settings, given, place))
}

pub(in crate::app) fn option_error(function: &FunctionId, problem: RolloutOption) -> Error {
    Error::Rollout(Box::new(RolloutError {
        function: Some(function.clone()),
        alias: String::new(),
        project: None,
        problem: problem.into(),
        result: serde_json::Map::new(),
    }))
}

pub(super) fn task(verb: RolloutVerb, place: &RolloutContext<'_>) -> Task {
    let (alias, function) = (place.alias.clone(), place.function.name.clone());
    Task::Rollout { verb, alias, function }
}
