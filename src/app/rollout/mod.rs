//! `scfctl rollout` and `scfctl rollback`.
//!
//! A tick is one look, one decision and at most one write; `start` is ticks and sleeping. All state
//! is in the alias, so that any command, from any machine, goes on where another stopped.

mod account;
pub(crate) mod cloud;
pub(crate) mod follow;
pub(crate) mod glance;
#[cfg(test)]
mod laws;
mod monitor;
mod notify;
pub(crate) mod options;
mod outside;
mod project;
pub(crate) mod rehearse;
mod repeated;
mod reported;
mod service;
pub(crate) mod tick;
mod together;
pub(crate) mod wait;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::session::{self, Session};
use super::{Context, Done, Ending, calls};
use crate::config::settings::Settings;
use crate::error::{
    Error, ExitCode, Judges, Left, NoData, RolloutError, RolloutOption, RolloutProblem,
    RolloutVerb, Task,
};
use crate::execute::{self, PublishRequest};
use crate::model::{Alias, DEFAULT_ALIAS, FunctionId, Routing, Version, Weight, last_published};
use crate::plan::command::RolloutCommand;
use crate::plan::rollout::machine::{self, Decision, Refused, Transition, WayBack, Write};
use crate::plan::rollout::schedule::Hold;
use crate::plan::rollout::state::{BackReason, HoldReason, Phase, Rollout};
use crate::plan::{self, Step, marker};
use crate::report::announcement::{Announcement, Occasion};
use crate::report::notice::Notice;
use crate::report::plan::{Change, Plan, Shares, Told as PlanTold};
use crate::report::{Report, Sink};
use cloud::Cloud;
use follow::{Followed, follow};
use notify::Announcer;
use options::{Given, NewVersion, Typed};
use outside::Outside;
use service::Service;
use tick::{Outcome, TickError, Ticked, Told};

/// What a rollout command is asked for.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools)] // As many switches as the commands have.
pub(crate) struct Request {
    /// Options that the map `rollout` may have too, as typed.
    pub typed: Typed,
    /// `start`: leaves all but the first step to `tick`.
    pub detach: bool,
    /// `tick`: goes on ticking until the rollout ends or stands still.
    pub follow: bool,
    /// All functions of the project together.
    pub project: bool,
    /// `promote`: to the last step.
    pub full: bool,
    /// `rehearse`: in which world.
    pub rehearsal: rehearse::Wanted,
    /// `promote`: only in this step.
    pub expect_step: Option<usize>,
}

/// One command, one function, one alias.
struct Place<'a> {
    context: &'a Context,
    sink: Arc<dyn Sink>,
    function: FunctionId,
    alias: String,
    /// The options of a command on all functions of a project.
    project: Option<String>,
    announcer: Rc<Announcer>,
    /// The rollout as a tick told it last.
    seen: RefCell<Option<Rollout>>,
}

impl Place<'_> {
    fn error(&self, problem: impl Into<RolloutProblem>) -> Error {
        Error::Rollout(Box::new(RolloutError {
            function: Some(self.function.clone()),
            alias: self.alias.clone(),
            project: self.project.clone(),
            problem: problem.into(),
            result: serde_json::Map::new(),
        }))
    }

    fn failed(&self, error: TickError) -> Error {
        match error {
            TickError::Call(error) => *error,
            TickError::Refused(refused) => self.error(*refused),
        }
    }

    fn command(&self, verb: &str) -> String {
        RolloutCommand { function: &self.function, alias: &self.alias, verb }.to_string()
    }

    /// Tells what a tick says: to people and, where that is asked for, line by line to programs.
    fn teller(&self) -> impl FnMut(Told<'_>) {
        move |told: Told<'_>| self.tell(&told)
    }

    fn tell(&self, told: &Told<'_>) {
        match told {
            Told::NoAnswer(error) => self.sink.warning(&NoData(error)),
            Told::Looked { rollout, .. }
            | Told::Waits { rollout, .. }
            | Told::Wrote { rollout, .. } => {
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
                if let Told::Wrote { rollout, now, transition, is_remembered, is_own: true } = &told
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
    fn tell_still(&self, ticked: &Ticked, service: &Service<'_>) {
        if let Some(event) = reported::still(&self.function, ticked, service.now()) {
            self.sink.event(&event);
        }
    }

    /// Sets up the calls. A signal ends what is waited for besides, too.
    async fn open(&self, settings: &Settings) -> Result<Session, Error> {
        let session = Session::open(self.context, settings).await?;
        self.announcer.heed(session.interruptions());
        Ok(session)
    }

    /// Runs the command to its end, and what it has to tell chats.
    fn block_on<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        session::block_on(async {
            let done = work.await;
            self.announcer.finish().await;
            done
        })
    }

    /// The result of what a rollout came to.
    fn done(
        &self,
        settings: &Settings,
        ticked: &Ticked,
        asked: Asked,
        service: &Service<'_>,
    ) -> Done {
        let undo = undo(ticked).map(|verb| self.command(verb));
        self.done_with(settings, ticked, asked, undo, service)
    }

    /// As [`Self::done`], with the command that undoes it.
    fn done_with(
        &self,
        settings: &Settings,
        ticked: &Ticked,
        asked: Asked,
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
                Done { report, ending: Ending::Nothing, error }
            }
        }
    }
}

/// Who asks, and so what counts as success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// `start` and ticks that go on to the end: anything but the end is none.
    End,
    /// `tick`: nothing due is no failure.
    Tick,
    /// A command that did what it was asked.
    Verb,
}

/// Why what a rollout came to is no success.
fn problem(ticked: &Ticked, asked: Asked) -> Option<RolloutProblem> {
    if asked == Asked::Verb {
        return None;
    }
    let alias = ticked.alias.name.clone();
    let rollout = ticked.rollout.as_ref();
    let held = |reason: HoldReason, by_content: bool| {
        let rollout = rollout?;
        let (to, step, steps) = (rollout.to, rollout.step, rollout.schedule.count());
        let (alias, judges) = (alias.clone(), Judges::of(&rollout.gates));
        Some(RolloutProblem::Held { alias, to, step, steps, reason, by_content, judges })
    };
    let back = |reason: BackReason| {
        let rollout = rollout?;
        let (from, to) = (rollout.from, rollout.to);
        let is_remembered = is_remembered(&ticked.alias);
        Some(RolloutProblem::Back { alias: alias.clone(), from, to, reason, is_remembered })
    };
    match &ticked.outcome {
        Outcome::NoRollout | Outcome::Ended(Phase::Ended) if asked == Asked::End => {
            Some(RolloutProblem::Gone(alias))
        }
        Outcome::Foreign(line) => Some(Refused::Foreign { alias, line: line.clone() }.into()),
        Outcome::Moved(expected) => Some(
            Refused::Moved {
                alias,
                expected: Box::new(expected.clone()),
                found: Box::new(ticked.alias.routing.clone()),
                modified: ticked.alias.modified.clone(),
            }
            .into(),
        ),
        Outcome::Ended(Phase::Back(reason)) => back(*reason),
        Outcome::Held(reason) => held(*reason, false),
        Outcome::Wrote(transition) => match transition {
            Transition::Back(reason) => back(*reason),
            Transition::Holds(reason) => held(*reason, *reason == HoldReason::Content),
            _ => match rollout.map(|rollout| rollout.phase) {
                Some(Phase::Held(reason)) => held(reason, false),
                _ => None,
            },
        },
        Outcome::NoRollout | Outcome::Ended(_) | Outcome::Wait(..) | Outcome::Due(_) => None,
    }
}

/// Whether the alias still says which rollout it was under. Where there was no room for that, no
/// command can begin it again.
fn is_remembered(alias: &Alias) -> bool {
    machine::memory(alias).is_ok_and(|memory| memory.rollout.is_some())
}

/// The command that undoes what was written.
fn undo(ticked: &Ticked) -> Option<&'static str> {
    let Outcome::Wrote(transition) = &ticked.outcome else { return None };
    Some(match transition {
        Transition::Back(_) if !is_remembered(&ticked.alias) => return None,
        Transition::Begins | Transition::Advances(_) | Transition::Retries => "rollout abort",
        Transition::Holds(HoldReason::User) => "rollout resume",
        Transition::Resumes => "rollout pause",
        Transition::Back(_) => "rollout retry",
        Transition::Finishes(_) => "rollback",
        // A way back by hand says which version it left.
        Transition::Holds(_) | Transition::RollsBack => return None,
    })
}

/// What each command reads first.
fn read<'a>(
    context: &'a Context,
    command: &str,
    request: &Request,
) -> Result<(Settings, Given, Place<'a>), Error> {
    let settings = context.settings()?;
    let function = settings.named_function()?;
    let of_options = |problem: RolloutOption| option_error(&function, problem);
    let given = Given::merge(&request.typed, &settings);
    // Who begins something is told of everything at once.
    if command != "rollout start" {
        given.check_alias().map_err(of_options)?;
    }
    let alias = given.alias(&settings);
    let announcer = Rc::new(Announcer::new(context, &given, &settings, (&function, &alias)));
    context.header(command, &settings);
    let sink = Arc::clone(&context.sink);
    let (project, seen) = (None, RefCell::default());
    let place = Place { context, sink, function, alias, project, announcer, seen };
    if context.options.reports {
        place.sink.account(place.account());
    }
    Ok((settings, given, place))
}

/// A report is of one rollout.
fn without_report(context: &Context) -> Result<(), Error> {
    if context.options.reports {
        let (one, other) = ("--project", "--report");
        return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
    }
    Ok(())
}

pub(super) fn option_error(function: &FunctionId, problem: RolloutOption) -> Error {
    Error::Rollout(Box::new(RolloutError {
        function: Some(function.clone()),
        alias: String::new(),
        project: None,
        problem: problem.into(),
        result: serde_json::Map::new(),
    }))
}

fn task(verb: RolloutVerb, place: &Place<'_>) -> Task {
    let (alias, function) = (place.alias.clone(), place.function.name.clone());
    Task::Rollout { verb, alias, function }
}

/// Begins a rollout and follows it to its end.
pub(crate) fn start(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.project {
        without_report(context)?;
        let to = request.typed.get("--to").and_then(|text| text.parse().ok());
        if let Some(Version::Number(_)) = to {
            // Each function counts its versions for itself.
            let (one, other) = ("--project", "--to NUMBER");
            return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
        }
        return project::start(context, request);
    }
    if context.options.reports && context.options.dry_run {
        // What would be done has no outcome; a rehearsal has.
        let (one, other) = ("--report", "--dry-run");
        return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
    }
    let (settings, given, place) = read(context, "rollout start", request)?;
    let of_options = |problem: RolloutOption| option_error(&place.function, problem);
    place.announcer.check().map_err(of_options)?;
    let mut plan = given.plan(&settings).map_err(of_options)?;
    plan.choices.language = place.announcer.language_to_keep();
    let task = task(RolloutVerb::Start, &place);
    place.block_on(async {
        let session = place.open(&settings).await?;
        Box::pin(begin(&settings, &place, &plan, session, &task, request)).await
    })
}

/// Deploys, and goes on as [`start`] does. What is deployed has the share of the first step then,
/// by the order that a deployment has anyway; with `publish` it has none until the rollout begins.
pub(crate) fn deploy(
    context: &Context,
    deployment: &super::deploy::Request,
    request: &Request,
) -> Result<Done, Error> {
    let settings = context.load(&context.directory, &context.selection)?;
    let function = settings.named_function()?;
    let of_options = |problem: RolloutOption| option_error(&function, problem);
    let mut typed = request.typed.clone();
    // `deploy --alias` names the alias of the rollout, too.
    if let Some(name) = context.selection.inputs.get("aliasName").and_then(|name| name.as_str()) {
        typed.insert("--alias", name.to_owned());
    }
    let given = Given::merge(&typed, &settings);
    let alias = given.alias(&settings);
    let announcer = Rc::new(Announcer::new(context, &given, &settings, (&function, &alias)));
    announcer.check().map_err(of_options)?;
    let mut plan = given.plan(&settings).map_err(of_options)?;
    plan.choices.language = announcer.language_to_keep();
    let inputs = &settings.project.inputs;
    for other in ["traffic", "additionalVersionWeights"] {
        if inputs.get(other).is_some_and(|share| !share.is_null()) {
            let one = "--rollout";
            return Err(of_options(RolloutOption::Together { one, other }));
        }
    }
    let publishes = inputs.get("publish").is_some_and(|publish| match publish {
        serde_json::Value::Bool(publish) => *publish,
        other => other.as_str() == Some("true"),
    });
    let mut context = context.clone();
    context.options.rolls_out = true;
    plan.to = if publishes {
        NewVersion::LatestPublished
    } else {
        let typed = &mut context.selection.inputs;
        // A rollout that begins with everything begins with its marker.
        let share = Some(plan.schedule.step(1).share).filter(|share| *share < Weight::ONE);
        let share = share.unwrap_or(Weight::ZERO);
        typed.insert("traffic".to_owned(), share.to_f64().into());
        if alias != DEFAULT_ALIAS {
            typed.insert("aliasName".to_owned(), alias.clone().into());
        }
        NewVersion::Is(Version::Latest)
    };
    let sink = Arc::clone(&context.sink);
    let (project, seen) = (None, RefCell::default());
    let place = Place { context: &context, sink, function, alias, project, announcer, seen };
    let task = task(RolloutVerb::Start, &place);
    let open = async || place.open(&settings).await;
    // The same run has deployed it already, and comes back to its rollout.
    let is_begun = session::block_on(async {
        let (function, alias) = (place.function.clone(), place.alias.clone());
        let outside = Outside::default();
        let mut service = Service::new(&context, open().await?, function, alias, outside, &task);
        is_begun(&place, &mut service).await
    })?;
    if is_begun {
        let mut request = request.clone();
        // Typed as an input, it says what is rolled out as the option of `start` does.
        if publishes && context.selection.inputs.contains_key("publish") {
            request.typed.insert("--publish", true.to_string());
        }
        return place.block_on(async {
            Box::pin(begin(&settings, &place, &plan, open().await?, &task, &request)).await
        });
    }
    // Whoever is refused has deployed nothing.
    let served_before = session::block_on(async {
        let (function, alias) = (place.function.clone(), place.alias.clone());
        let outside = Outside::default();
        let mut service = Service::new(&context, open().await?, function, alias, outside, &task);
        may_begin(&place, &plan, &mut service, true).await
    })?;
    let deployed = super::deploy::run(&context, deployment)?;
    // Where there is nothing to deploy, how the rollout begins is what would be done.
    let is_all = |report: &Option<Report>| report.as_ref().is_none_or(Report::would_change);
    if deployed.error.is_some() || (context.options.dry_run && is_all(&deployed.report)) {
        if deployed.error.is_none() && !served_before {
            let waits = plan.schedule.step(1).hold == Hold::Pause;
            let occasion = if waits { Occasion::Hold } else { Occasion::Start };
            let headline = notify::headline(occasion, &place.function, &place.alias);
            place.announcer.would_tell(&headline, None);
        }
        return Ok(deployed);
    }
    if let (true, Some(Report::Instance(instance))) = (publishes, &deployed.report)
        && let Some(version) = instance.published_version()
    {
        plan.to = NewVersion::Is(version);
    }
    let begun = place.block_on(async {
        Box::pin(begin(&settings, &place, &plan, open().await?, &task, request)).await
    });
    match begun {
        // The first version of a function serves everything at once.
        Err(Error::Rollout(error))
            if served_before
                && matches!(
                    error.problem,
                    RolloutProblem::Refused(Refused::AlreadyServes { .. })
                ) =>
        {
            Ok(deployed)
        }
        begun => begun,
    }
}

/// Whether an earlier run of the same name has begun the rollout of an alias.
async fn is_begun(place: &Place<'_>, service: &mut Service<'_>) -> Result<bool, Error> {
    let run_id = session::run_id(place.context);
    if !run_id.given {
        return Ok(false);
    }
    match service.alias().await {
        Ok(alias) => {
            let rollout = machine::memory(&alias).ok().and_then(|memory| memory.rollout);
            let id = rollout_id(place, &run_id.id);
            Ok(rollout.is_some_and(|rollout| rollout.id == id))
        }
        Err(error) if error.exit_code() == ExitCode::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether there is nothing to roll out, since nobody else than the new version serves: of an alias
/// that is not there yet, or that is all on `$LATEST`.
///
/// # Errors
/// The rollout could not begin after the deployment.
async fn may_begin(
    place: &Place<'_>,
    plan: &options::Plan,
    service: &mut Service<'_>,
    deploys: bool,
) -> Result<bool, Error> {
    let alias = match service.alias().await {
        Ok(alias) => alias,
        // It is made by this deployment, if at all.
        Err(error)
            if error.exit_code() == ExitCode::NotFound
                && (plan.to == NewVersion::Is(Version::Latest) || place.alias == DEFAULT_ALIAS) =>
        {
            return Ok(true);
        }
        Err(error) => return Err(error),
    };
    let to = if plan.to == NewVersion::Is(Version::Latest) {
        Version::Latest
    } else {
        let versions = execute::versions::list(&service.on()).await;
        let versions = versions.map_err(|error| service.failed(error))?;
        Version::after(versions.iter().map(|version| version.version))
    };
    // Its new code would serve before anything is rolled out, and a way back would lead to it.
    if deploys && to != Version::Latest && alias.routing.share_of(Version::Latest) > Weight::ZERO {
        return Err(place.error(RolloutOption::ServesLatest { alias: place.alias.clone() }));
    }
    // As long as those that are not known yet.
    let (id, content) = ("0".repeat(ID_LENGTH), "0".repeat(16));
    let wish = plan.wish(id, to, Some(content).filter(|_| to == Version::Latest));
    match machine::begin(&alias, &wish, service.now()) {
        Ok(_) => Ok(false),
        Err(Refused::AlreadyServes { .. }) => Ok(true),
        Err(refused) => Err(place.error(refused)),
    }
}

/// Begins a rollout on a session that is open.
async fn begin(
    settings: &Settings,
    place: &Place<'_>,
    plan: &options::Plan,
    session: Session,
    task: &Task,
    request: &Request,
) -> Result<Done, Error> {
    let (context, outside) = (place.context, plan.outside.clone());
    let (function, alias) = (place.function.clone(), place.alias.clone());
    let mut service = Service::new(context, session, function, alias, outside, task);
    let run_id = session::run_id(context);
    let id = rollout_id(place, &run_id.id);
    let digests = plan.outside.digests();
    let mut tell = place.teller();
    let alias = service.alias().await?;
    let own = run_id.given.then(|| machine::memory(&alias).ok()?.rollout).flatten();
    let own = own.filter(|rollout| rollout.id == id);
    if let Some(own) = &own {
        repeated::check(place, &request.typed, plan, own, service.now())?;
    }
    if own.is_none() {
        let to = Box::pin(new_version(place, plan, &mut service, &alias, &run_id)).await?;
        let digest = match to {
            Version::Latest => Some(service.content().await?),
            Version::Number(_) => None,
        };
        let wish = plan.wish(id.clone(), to, digest);
        // What came before took its time.
        let alias = service.alias().await?;
        let write = machine::begin(&alias, &wish, service.now());
        let write = write.map_err(|refused| place.error(refused))?;
        if context.options.dry_run {
            return Ok(planned(place, &alias, &write, plan.to == NewVersion::Publish));
        }
        let ticked = tick::carry_out(&mut service, write, None, &mut tell).await;
        let ticked = ticked.map_err(|error| place.failed(error))?;
        if request.detach {
            place.tell_account(&mut service, Some(&ticked), false).await;
            return Ok(place.done(settings, &ticked, Asked::Verb, &service));
        }
    } else if request.detach || context.options.dry_run {
        // It has been begun; the rest is for others.
        let begun = as_it_is(alias);
        place.tell_still(&begun, &service);
        place.tell_account(&mut service, Some(&begun), false).await;
        return Ok(place.done(settings, &begun, Asked::Tick, &service));
    }
    let followed = Box::pin(follow(&mut service, &digests, Some(&id), &mut tell)).await;
    place.tell_followed(&mut service, &followed).await;
    conclude(settings, place, &service, followed)
}

/// What following a rollout came to.
fn conclude(
    settings: &Settings,
    place: &Place<'_>,
    service: &Service<'_>,
    followed: Result<Followed, TickError>,
) -> Result<Done, Error> {
    match followed.map_err(|error| place.failed(error))? {
        Followed::Came(ticked) => {
            place.tell_still(&ticked, service);
            Ok(place.done(settings, &ticked, Asked::End, service))
        }
        Followed::Interrupted(signal, ticked) => {
            let is_remembered = ticked.as_ref().is_none_or(|ticked| is_remembered(&ticked.alias));
            let rollout = ticked.and_then(|ticked| ticked.rollout);
            let left = match rollout.map(|rollout| rollout.phase) {
                Some(Phase::Back(_)) if !is_remembered => Left::Forgotten,
                Some(Phase::Back(_)) => Left::Back,
                Some(Phase::Held(_)) => Left::Held,
                _ => Left::Open,
            };
            let alias = place.alias.clone();
            let error = Some(place.error(RolloutProblem::Interrupted { alias, signal, left }));
            Ok(Done { report: None, ending: Ending::Nothing, error })
        }
    }
}

/// Characters of a rollout's id.
const ID_LENGTH: usize = 8;

/// Names a rollout. Under the same `--run-id` it is the same, so that the command may be repeated.
fn rollout_id(place: &Place<'_>, run_id: &str) -> String {
    let FunctionId { name, namespace, region } = &place.function;
    let parts = [run_id, region, namespace, name, &place.alias];
    let mut id = options::digest(parts.into_iter());
    id.truncate(ID_LENGTH);
    id
}

/// The version that is rolled out, published first where that is asked for.
async fn new_version(
    place: &Place<'_>,
    plan: &options::Plan,
    service: &mut Service<'_>,
    alias: &Alias,
    run_id: &session::RunId,
) -> Result<Version, Error> {
    let failed = |error| service.failed(error);
    // Whoever is refused has published nothing.
    machine::check_free(alias).map_err(|refused| place.error(refused))?;
    let newest = async || {
        let versions = execute::versions::list(&service.on()).await.map_err(failed)?;
        // One that was rolled back is not meant.
        let marker = marker::Marker::read(&alias.description);
        let is_back = |version: Version| marker.is_rolled_back(version);
        let good: Vec<_> =
            versions.iter().filter(|version| !is_back(version.version)).cloned().collect();
        let last = last_published(&versions)
            .ok_or_else(|| place.error(RolloutOption::NothingPublished))?;
        let meant = last_published(&good).unwrap_or(last);
        if meant != last {
            let named = if place.project.is_some() { "rollout.to:" } else { "--to" };
            place.sink.note(&Notice::SkipsRolledBack { skipped: last, meant, named });
        }
        Ok(meant)
    };
    match plan.to {
        NewVersion::Is(version) => {
            if version != Version::Latest {
                execute::versions::check(&service.on(), version).await.map_err(failed)?;
            }
            Ok(version)
        }
        NewVersion::LatestPublished => newest().await,
        // What would be published is not there: the next number is what it would be.
        NewVersion::Publish if place.context.options.dry_run => {
            let versions = execute::versions::list(&service.on()).await.map_err(failed)?;
            Ok(Version::after(versions.iter().map(|version| version.version)))
        }
        NewVersion::Publish => {
            service.session().publishes_as(run_id);
            let (id, given) = (run_id.id.as_str(), run_id.given);
            let request = PublishRequest { description: "", run_id: id, run_id_given: given };
            let on = service.on();
            let failed = |error| {
                let run = service.session().run_to_name(on.has_perhaps_published());
                service.failed(error).of_run(run)
            };
            let plan = execute::publish::plan_latest(&on, &request, false, false).await;
            let plan = plan.map_err(failed)?;
            let published = execute::publish::publish_latest(&on, plan, &request).await;
            Ok(published.map_err(failed)?.version)
        }
    }
}

/// What `--dry-run` shows of a write, and of the publication before it.
fn planned(place: &Place<'_>, alias: &Alias, write: &Write, publishes: bool) -> Done {
    let description = Some(write.description.as_str());
    let publishes = publishes.then(|| Step::Publish { description: String::new() });
    let writes = plan::alias::step(&place.alias, Some(alias), &write.routing, description);
    let steps: Vec<Step> = publishes.into_iter().chain(writes).collect();
    if let Some(rollout) = &write.rollout {
        let (function, now) = (&place.function, place.context.clock.now());
        let left = (rollout, write.transition, write.is_remembered());
        let of = (function, &*place.alias, place.project.as_deref());
        let told = notify::of_transition(of, left, now);
        if let Some(told) = told {
            place.announcer.would_tell(&told.headline, Some(&told.text));
        }
    }
    Done::shown(Report::Plan(Plan {
        key: None,
        function: (&place.function).into(),
        alias_name: Some(place.alias.clone()),
        last_version: None,
        calls: calls(&steps),
        routing_change: Some(Change {
            before: Some(Shares::from(&alias.routing)),
            after: Some(Shares::from(&write.routing)),
        }),
        rollout: write.rollout.as_ref().map(reported::of_rollout),
        told: PlanTold::default(),
    }))
}

/// One look, one decision, at most one write; or ticks until there is nothing left to do.
pub(crate) fn tick(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.project {
        without_report(context)?;
        return project::tick(context, request);
    }
    let (settings, given, place) = read(context, "rollout tick", request)?;
    let of_options = |problem: RolloutOption| option_error(&place.function, problem);
    let outside = given.outside().map_err(of_options)?;
    given.warn(&*place.sink);
    let digests = outside.digests();
    let task = task(RolloutVerb::Tick, &place);
    place.announcer.warn();
    place.block_on(async {
        let session = place.open(&settings).await?;
        let (function, alias) = (place.function.clone(), place.alias.clone());
        let mut service = Service::new(context, session, function, alias, outside, &task);
        let mut tell = place.teller();
        if request.follow {
            let followed = Box::pin(follow(&mut service, &digests, None, &mut tell)).await;
            place.tell_followed(&mut service, &followed).await;
            return conclude(&settings, &place, &service, followed);
        }
        let ticked = Box::pin(tick::tick(&mut service, &digests, &mut tell)).await;
        place.tell_account(&mut service, ticked.as_ref().ok(), ticked.is_err()).await;
        let ticked = ticked.map_err(|error| place.failed(error))?;
        place.tell_still(&ticked, &service);
        Ok(place.done(&settings, &ticked, Asked::Tick, &service))
    })
}

/// Shows where a rollout is and what its gates say; changes nothing.
pub(crate) fn status(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.project {
        without_report(context)?;
        return project::status(context, request);
    }
    let (settings, given, place) = read(context, "rollout status", request)?;
    let outside = given.outside_or_none(&|problem| place.sink.warning(problem));
    let task = task(RolloutVerb::Status, &place);
    session::block_on(async {
        let session = place.open(&settings).await?;
        let (function, alias) = (place.function.clone(), place.alias.clone());
        let mut service = Service::new(context, session, function, alias, outside.clone(), &task);
        let alias = service.alias().await?;
        let view = glance::View {
            session: service.session(),
            on: service.on(),
            clock: &context.clock,
            function: &place.function,
            outside: &outside,
            task: &task,
        };
        if let Some((found, unanswered)) = Box::pin(glance::look(&view, &alias)).await? {
            for error in &unanswered {
                place.sink.warning(&NoData(error));
            }
            place.tell_found(&found);
            return Ok(Done::succeeded(Report::Rollout(Box::new(found)), &settings));
        }
        let still = as_it_is(alias);
        place.tell_found(&glance::of(&place.function, &still, None, service.now()));
        Ok(place.done(&settings, &still, Asked::Verb, &service))
    })
}

/// What a command that is one write decides by the alias as found, and the digest of `$LATEST`.
type Decide<'a> = dyn Fn(&Alias, Option<&str>, chrono::DateTime<chrono::Utc>) -> Result<Option<Decision>, Refused>
    + 'a;

/// A command that is one guarded write.
fn verb(
    context: &Context,
    (command, verb): (&str, RolloutVerb),
    request: &Request,
    decide: &Decide<'_>,
) -> Result<Done, Error> {
    let (settings, given, place) = read(context, command, request)?;
    given.warn(&*place.sink);
    let asks = !matches!(verb, RolloutVerb::Pause | RolloutVerb::Abort);
    // Whoever stands by what goes on can mend the line; nothing keeps anybody from going back, nor
    // from going on where the file alone names a chat, perhaps for a pipeline.
    if asks && request.typed.contains_key(options::NOTIFY) {
        place.announcer.check().map_err(|problem| option_error(&place.function, problem))?;
    } else {
        place.announcer.warn();
    }
    let task = task(verb, &place);
    place.block_on(async {
        let session = place.open(&settings).await?;
        let (function, alias) = (place.function.clone(), place.alias.clone());
        let outside = Outside::default();
        let mut service = Service::new(context, session, function, alias, outside, &task);
        let mut tell = place.teller();
        let mut alias = service.alias().await?;
        let memory = machine::memory(&alias).map_err(|refused| place.error(refused))?;
        let digest = match memory.rollout.filter(|_| asks) {
            Some(rollout) => {
                let digest = tick::look_at_content(&mut service, &rollout, &mut tell).await;
                let digest = digest.map_err(|error| place.failed(error))?;
                if digest.is_some() {
                    alias = service.alias().await?;
                }
                digest
            }
            None => None,
        };
        let decided = decide(&alias, digest.as_deref(), service.now());
        let decided = decided.map_err(|refused| place.error(refused))?;
        let Some(decision) = decided else {
            place.sink.note(&Notice::RolloutAsAsked);
            return Ok(place.done(&settings, &as_it_is(alias), Asked::Verb, &service));
        };
        let rollout: Option<Rollout> =
            machine::memory(&alias).ok().and_then(|memory| memory.rollout);
        let Some(rollout) = rollout else {
            return Err(place.error(Refused::NoRollout(place.alias.clone())));
        };
        if rollout.functions > 1
            && matches!(verb, RolloutVerb::Resume | RolloutVerb::Promote | RolloutVerb::Retry)
        {
            // Alone it would run ahead of the others, or leave them.
            let (alias, functions) = (place.alias.clone(), rollout.functions);
            return Err(place.error(Refused::OneOfSeveral { alias, functions }));
        }
        if let (true, Decision::Write(write)) = (asks, &decision) {
            check_there(&service, &alias, &write.routing, context.options.dry_run).await?;
        }
        if context.options.dry_run {
            return Ok(match &decision {
                Decision::Write(write) => planned(&place, &alias, write, false),
                Decision::Freeze(ground) => {
                    let versions = execute::versions::list(&service.on()).await;
                    let versions = versions.map_err(|error| service.failed(error))?;
                    let next = Version::after(versions.iter().map(|version| version.version));
                    let write = machine::finish(&alias, &rollout, Some(next), *ground);
                    let write = write.map_err(|refused| place.error(refused))?;
                    planned(&place, &alias, &write, true)
                }
                _ => place.done(&settings, &as_it_is(alias), Asked::Verb, &service),
            });
        }
        let done = if asks {
            let done = tick::carry_out_decision(&mut service, &rollout, decision, &mut tell);
            Box::pin(done).await
        } else {
            // It means the same in every step, so no tick is quicker for good.
            let now = service.now();
            let decide = |alias: &Alias| match decide(alias, None, now)? {
                Some(Decision::Write(write)) => Ok(Some(*write)),
                _ => Ok(None),
            };
            Box::pin(tick::insist(&mut service, &decide, &mut tell)).await
        };
        let done = done.map_err(|error| place.failed(error))?;
        let done = done.unwrap_or_else(|| as_it_is(alias));
        let is_waived =
            |after: &Rollout| after.id == rollout.id && after.choices.deadline.is_none();
        if rollout.choices.deadline.is_some() && done.rollout.as_ref().is_some_and(is_waived) {
            place.sink.note(&Notice::DeadlineWaived);
        }
        Ok(place.done(&settings, &done, Asked::Verb, &service))
    })
}

/// How long it is asked at most whether a version is there: a way back does not wait for that.
const CHECK: Duration = Duration::from_secs(5);

/// Checks that the versions are there which a write gives requests to that get none now.
///
/// # Errors
/// One is not there. Where that cannot be read, the write itself says it.
async fn check_there(
    service: &Service<'_>,
    alias: &Alias,
    routing: &Routing,
    dry_run: bool,
) -> Result<(), Error> {
    let known = alias.routing.shares();
    for version in routing.shares().into_keys() {
        if version == Version::Latest || known.contains_key(&version) {
            continue;
        }
        let checked = service.check(version, if dry_run { Duration::MAX } else { CHECK }).await;
        match checked.map_err(|error| service.failed(error)) {
            Err(error) if dry_run || error.is_stop() || error.exit_code() == ExitCode::NotFound => {
                return Err(error);
            }
            _ => {}
        }
    }
    Ok(())
}

/// An alias that needs no write.
fn as_it_is(alias: Alias) -> Ticked {
    let rollout = machine::memory(&alias).ok().and_then(|memory| memory.rollout);
    let outcome = match rollout.as_ref().map(|rollout| rollout.phase) {
        None | Some(Phase::Running) => Outcome::NoRollout,
        Some(Phase::Held(reason)) => Outcome::Held(reason),
        Some(phase) => Outcome::Ended(phase),
    };
    Ticked { alias, rollout, judged: None, outcome }
}

fn written(write: Write) -> Decision {
    Decision::Write(Box::new(write))
}

/// Stands still until `resume`.
pub(crate) fn pause(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.project {
        return project::pause(context, request);
    }
    let command = ("rollout pause", RolloutVerb::Pause);
    verb(context, command, request, &|alias, _, _| Ok(machine::pause(alias)?.map(written)))
}

/// Goes on.
pub(crate) fn resume(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.project {
        return project::resume(context, request);
    }
    let command = ("rollout resume", RolloutVerb::Resume);
    verb(context, command, request, &|alias, content, now| machine::resume(alias, content, now))
}

/// Goes on to the next step, or the last one.
pub(crate) fn promote(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.project {
        return project::promote(context, request);
    }
    let command = ("rollout promote", RolloutVerb::Promote);
    let Request { full, expect_step, .. } = *request;
    verb(context, command, request, &|alias, content, now| {
        machine::promote(alias, content, full, expect_step, now).map(Some)
    })
}

/// Takes everything back.
pub(crate) fn abort(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.project {
        return project::abort(context, request);
    }
    let command = ("rollout abort", RolloutVerb::Abort);
    verb(context, command, request, &|alias, _, _| match machine::abort(alias, BackReason::User) {
        // It has gone back: nothing is left to do, unless it was routed otherwise since.
        Err(Refused::Ended { phase: Phase::Back(_), .. }) => {
            machine::check_as_left(alias).map(|()| None)
        }
        decided => decided.map(|write| Some(written(write))),
    })
}

/// Begins again from the first step.
pub(crate) fn retry(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.project {
        return project::retry(context, request);
    }
    let command = ("rollout retry", RolloutVerb::Retry);
    let mut id = session::run_id(context).id;
    id = options::digest([id.as_str()].into_iter());
    id.truncate(ID_LENGTH);
    verb(context, command, request, &|alias, content, now| {
        Ok(Some(written(machine::retry(alias, &id, content, now)?)))
    })
}

/// Sends everything to the version that served before, in one write.
pub(crate) fn rollback(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.project {
        return project::rollback(context, request);
    }
    let typed_to = request.typed.get("--to");
    // A version of the map is one to roll out, not one to go back to.
    let to = typed_to.map(|text| {
        text.parse::<Version>()
            .map_err(|_| RolloutOption::Version { option: "--to", text: text.clone() })
    });
    let (settings, given, place) = read(context, "rollback", request)?;
    given.warn(&*place.sink);
    let to = to.transpose().map_err(|problem| option_error(&place.function, problem))?;
    let task = task(RolloutVerb::Rollback, &place);
    place.announcer.warn();
    place.block_on(async {
        let session = place.open(&settings).await?;
        let (function, alias) = (place.function.clone(), place.alias.clone());
        let outside = Outside::default();
        let mut service = Service::new(context, session, function, alias, outside, &task);
        let alias = service.alias().await?;
        let back = machine::rollback(&alias, to).map_err(|refused| place.error(refused))?;
        let Some(write) = back.write.clone() else {
            place.sink.note(&Notice::ServesAlready { version: back.to });
            return Ok(place.done(&settings, &as_it_is(alias), Asked::Verb, &service));
        };
        check_there(&service, &alias, &write.routing, context.options.dry_run).await?;
        if context.options.dry_run {
            let told = way_back(&place, &alias, &back, service.now());
            place.announcer.would_tell(&told.headline, Some(&told.text));
            return Ok(planned(&place, &alias, &write, false));
        }
        let mut tell = place.teller();
        let again = |alias: &Alias| Ok(machine::rollback(alias, Some(back.to))?.write);
        let ticked = match tick::carry_out(&mut service, write, None, &mut tell).await {
            // A tick was quicker. Where this leads is settled.
            Err(error) if error.is_conflict() => {
                tick::insist(&mut service, &again, &mut tell).await.transpose()
            }
            done => Some(done),
        };
        let ticked = ticked.unwrap_or_else(|| Ok(as_it_is(alias.clone())));
        let ticked = ticked.map_err(|error| place.failed(error))?;
        if matches!(ticked.outcome, Outcome::Wrote(_)) && service.has_written() {
            let rollout = ticked.rollout.as_ref();
            let language = rollout.and_then(|rollout| rollout.choices.language);
            let now = service.now();
            place.announcer.tell(way_back(&place, &alias, &back, now), language, now);
        }
        place.sink.note(&Notice::RolledBack { to: back.to, left: back.left.clone() });
        let undo = undo_of_rollback(&place, (&alias, &ticked.alias), &back);
        Ok(place.done_with(&settings, &ticked, Asked::Verb, undo, &service))
    })
}

/// What chats are told of a way back by hand.
fn way_back(
    place: &Place<'_>,
    before: &Alias,
    back: &WayBack,
    now: chrono::DateTime<chrono::Utc>,
) -> Announcement {
    let memory = machine::memory(before).unwrap_or_default();
    let id = memory.open().map(|rollout| rollout.id.as_str());
    notify::of_way_back(&place.function, &place.alias, (back.to, &back.left), id, now)
}

/// The command that undoes a way back by hand. Of a split that was no rollout there is none that
/// gives the version no more than it had.
fn undo_of_rollback(
    place: &Place<'_>,
    (before, after): (&Alias, &Alias),
    back: &WayBack,
) -> Option<String> {
    let memory = machine::memory(before).ok()?;
    if let Some(rollout) = memory.open() {
        let again = back.to == rollout.from && is_remembered(after);
        return again.then(|| place.command("rollout retry"));
    }
    let shares = before.routing.shares();
    let left = back.left.iter().find(|version| shares.get(*version) == Some(&Weight::ONE))?;
    Some(format!("{} --to {}", place.command("rollback"), shown(*left)))
}

/// A version as a word of a shell.
fn shown(version: Version) -> String {
    crate::shell::quoted(&version.to_string()).into_owned()
}
