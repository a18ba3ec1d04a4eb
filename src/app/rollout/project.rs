//! `scfctl rollout … --project`: all functions of a project, which advance together.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::cloud::Cloud;
use super::deploy::may_begin;
use super::digest::digest;
use super::ending::{AskedBy, as_it_is, problem, undo};
use super::notify::Announcer;
use super::options::{self, GivenOptions, RolloutPlan, VersionChoice};
use super::outside::Outside;
use super::place::{RolloutContext, option_error};
use super::service::Service;
use super::start::{ID_LENGTH, new_version};
use super::tick::{self, Digests, TickError, TickNews, TickOutcome, Ticked};
use super::together::{self, All, FollowedTogether, Participant, Ticks};
use super::verbs::{check_there, written};
use super::{Request, glance, repeated, reported, tick_with};
use crate::app::deploy::instance::Component;
use crate::app::session::{self, Session};
use crate::app::{AfterResult, Context, Done};
use crate::config::multi_scf;
use crate::config::project::{ConfigError, Unresolved};
use crate::config::references::UnknownReference;
use crate::config::settings::{CommandLine, Settings};
use crate::config::variables::{ReferenceFault, VariableError};
use crate::config::warning::ConfigWarning;
use crate::error::{
    Error, ExitCode, ProjectError, RolloutError, RolloutOption, RolloutProblem, RolloutVerb, Task,
};
use crate::model::{Alias, FunctionId, Version};
use crate::order::Order as _;
use crate::plan::Step;
use crate::plan::rollout::machine::{self, Decision, Refused, Transition, Write};
use crate::plan::rollout::schedule::Schedule;
use crate::plan::rollout::state::{BackReason, Phase, Rollout};
use crate::plan::rollout::together::{
    Apart, One, Stop, Turn, Verb, retry as retried, verb as turns_of,
};
use crate::report::Report;
use crate::report::notice::Notice;
use crate::report::status::Together;
use crate::shell;

/// One function of the project, read from its file.
struct ProjectFunction {
    /// Speaks for the function.
    context: Context,
    settings: Settings,
    given: GivenOptions,
    id: FunctionId,
    alias: String,
    task: Task,
    /// What follows the words of a command on all of them.
    options: String,
    announcer: Rc<Announcer>,
}

impl ProjectFunction {
    fn place(&self) -> RolloutContext<'_> {
        RolloutContext {
            context: &self.context,
            sink: Arc::clone(&self.context.sink),
            function: self.id.clone(),
            alias: self.alias.clone(),
            project: Some(self.options.clone()),
            announcer: Rc::clone(&self.announcer),
            seen: RefCell::default(),
        }
    }

    fn of_options(&self, problem: RolloutOption) -> Error {
        option_error(&self.id, problem)
    }

    fn service(&self, session: &Session, outside: Outside) -> Service<'_> {
        let session = session.shared_by(&self.context.sink);
        let (function, alias) = (self.id.clone(), self.alias.clone());
        Service::new(&self.context, session, function, alias, outside, &self.task)
    }

    /// It as a part of all, with what judges beside the monitor.
    async fn judged(&self, session: &Session) -> Result<Participant<'_, Service<'_>>, Error> {
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

    fn part(&self, session: &Session, outside: Outside) -> Participant<'_, Service<'_>> {
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

/// The project: what it was loaded from, and its functions.
struct RolloutProject {
    root: Settings,
    functions: Vec<ProjectFunction>,
    /// What follows the words of a command on all of them.
    options: String,
}

fn load(
    context: &Context,
    selection: &CommandLine,
    unknown: UnknownReference,
) -> Result<Settings, Error> {
    let mut selection = selection.clone();
    selection.outputs.unknown = unknown;
    context.load(&context.directory, &selection)
}

/// Reads all functions of a project. Nothing is called.
fn read(
    context: &Context,
    command: &str,
    verb: RolloutVerb,
    request: &Request,
) -> Result<RolloutProject, Error> {
    if context.selection.inputs.contains_key("function") {
        let (one, other) = ("--project", "--function");
        return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
    }
    let root = load(context, &context.selection, UnknownReference::Refuse)?;
    let found = if root.project.file.is_some() {
        several(context, &context.selection, &root)?
    } else {
        context.warn(&root.warnings);
        members(context, &root)?
    };
    context.warn_of_unused_values();
    context.header(command, &root);
    let words = options_of(context, request);
    let functions = found.into_iter().map(|(context, settings)| {
        let id = settings.function()?;
        let of_options = |problem: RolloutOption| option_error(&id, problem);
        let given = GivenOptions::merge(&request.typed, &settings);
        match verb {
            // All is told at once.
            RolloutVerb::Start => {}
            // What they need of it they say for themselves.
            RolloutVerb::Tick | RolloutVerb::Status => given.check_alias().map_err(of_options)?,
            _ => {
                given.check_alias().map_err(of_options)?;
                given.warn(&*context.sink);
            }
        }
        let alias = given.alias(&settings);
        let announcer = Rc::new(Announcer::new(&context, &given, &settings, (&id, &alias)));
        let goes_on =
            matches!(verb, RolloutVerb::Resume | RolloutVerb::Promote | RolloutVerb::Retry);
        let is_typed = request.typed.contains_key(options::NOTIFY);
        match verb {
            RolloutVerb::Status => {}
            // As of one function.
            RolloutVerb::Start => announcer.check().map_err(of_options)?,
            _ if goes_on && is_typed => announcer.check().map_err(of_options)?,
            _ => announcer.warn(),
        }
        let task = Task::Rollout { verb, alias: alias.clone(), function: id.name.clone() };
        Ok(ProjectFunction {
            context,
            settings,
            given,
            id,
            alias,
            task,
            options: words.clone(),
            announcer,
        })
    });
    let functions = functions.collect::<Result<Vec<ProjectFunction>, Error>>()?;
    for (place, function) in functions.iter().enumerate() {
        let first = functions[..place].iter().find(|other| other.id == function.id);
        if let Some(first) = first {
            return Err(ProjectError::SameFunction {
                first: first.settings.name().to_owned(),
                other: function.settings.name().to_owned(),
                function: function.id.name.clone(),
            }
            .into());
        }
    }
    Ok(RolloutProject { root, functions, options: words })
}

/// The functions of all instances below a folder.
fn members(context: &Context, root: &Settings) -> Result<Vec<(Context, Settings)>, Error> {
    let folders = root.instances();
    if folders.is_empty() || context.options.target.is_some() {
        return Err(session::no_project(root));
    }
    let mut found = Vec::new();
    for folder in folders {
        let selection = CommandLine { member: Some(folder.clone()), ..context.selection.clone() };
        let of_folder = |error: Error| error.of_instance(folder.clone());
        // Of another component nothing else is asked.
        let seen = load(context, &selection, UnknownReference::StandIn).map_err(of_folder)?;
        let name = seen.name().to_owned();
        let context = context.of_member(&name, &folder);
        match Component::of(&seen) {
            Ok(_) => {}
            Err(Error::Project(ProjectError::ComponentNotProvided { component, .. })) => {
                let folder = folder.clone();
                context.sink.warning(&Notice::LeftAlone { name, folder, component });
                continue;
            }
            Err(error) => return Err(of_folder(error)),
        }
        let settings = load(&context, &selection, UnknownReference::Refuse).map_err(of_folder)?;
        found.extend(several(&context, &selection, &settings).map_err(of_folder)?);
    }
    if found.is_empty() {
        return Err(session::no_project(root));
    }
    Ok(found)
}

/// The functions of one instance.
fn several(
    context: &Context,
    selection: &CommandLine,
    settings: &Settings,
) -> Result<Vec<(Context, Settings)>, Error> {
    context.warn(&context.unknown_command_inputs(settings));
    match Component::of(settings)? {
        Component::Scf => {
            // What is not known and left out says neither which function is meant nor how it is
            // rolled out: of that it would be an error.
            let is_left_out =
                |warning: &&ConfigWarning| matches!(warning, ConfigWarning::LeftOut { .. });
            let warnings = settings.warnings.iter().filter(|warning| !is_left_out(warning));
            context.warn(&warnings.cloned().collect::<Vec<_>>());
            Ok(vec![(context.clone(), settings.clone())])
        }
        Component::MultiScf => {
            // What a rollout does not need may be an output that is not known.
            let kept = load(context, selection, UnknownReference::Keep)?;
            context.warn(&kept.warnings);
            let functions = multi_scf::functions(&kept)?;
            functions.iter().try_for_each(|one| check_known(selection, one))?;
            let functions = functions.into_iter().map(|one| {
                let context = context.labelled(one.function_key.as_deref().unwrap_or_default());
                (context, one)
            });
            Ok(functions.collect())
        }
    }
}

/// An error where what names a function, or says how it is rolled out, is an output that is not
/// known: another function must not take its place.
fn check_known(selection: &CommandLine, function: &Settings) -> Result<(), Error> {
    let used = ["name", "namespace", "region", "aliasName", "rollout"];
    let inputs = &function.project.inputs;
    let texts: Vec<String> =
        used.iter().filter_map(|key| inputs.get(*key)).map(ToString::to_string).collect();
    for reference in &function.project.references {
        let text = reference.to_string();
        if texts.iter().any(|used| used.contains(&text)) {
            let value = selection.outputs.value(reference, Some(&function.project.stage));
            if let Err(none) = value {
                let (path, reason) =
                    ("inputs.functions".to_owned(), ReferenceFault::NoOutput(none));
                let error = VariableError { path, reference: text, reason };
                let path = function.project.file.clone();
                let (errors, unknown) = (vec![(None, error)], Vec::new());
                return Err(ConfigError::Variables(Unresolved { path, errors, unknown }).into());
            }
        }
    }
    Ok(())
}

/// What follows the words of a command on the same functions, as it can be pasted.
fn options_of(context: &Context, request: &Request) -> String {
    let selection = &context.selection;
    let mut options = " --project".to_owned();
    let mut known = BTreeSet::new();
    let mut add = |option: &str, value: &str| {
        known.insert(option.to_owned());
        let _ = write!(options, " {option} {}", shell::quoted(value));
    };
    for (option, value) in [
        ("--alias", request.typed.get("--alias")),
        ("--stage", selection.stage.as_ref()),
        ("--target", selection.target.as_ref()),
        ("--app", selection.app.as_ref()),
        ("--org", selection.org.as_ref()),
        ("--region", selection.region.as_ref()),
        ("--profile", selection.profile.as_ref()),
    ] {
        if let Some(value) = value {
            add(option, value);
        }
    }
    // A value may be a secret.
    for name in selection.parameters.keys() {
        add("--param", &format!("{name}=VALUE"));
    }
    let mut pairs = Vec::new();
    for (_, argument) in &selection.sources {
        match argument.split_once(' ') {
            Some((option, value)) if option.starts_with("--") => {
                if !known.contains(option) {
                    let _ = write!(options, " {option} {}", shell::quoted(value));
                }
            }
            _ => pairs.push(shell::quoted(argument)),
        }
    }
    if !pairs.is_empty() {
        let _ = write!(options, " --inputs {}", pairs.join(" "));
    }
    options
}

impl RolloutProject {
    /// Runs a command to its end, and what it has to tell chats.
    fn block_on<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        session::block_on(async {
            let done = work.await;
            join_all(self.functions.iter().map(|function| function.announcer.finish())).await;
            done
        })
    }

    async fn open(&self, context: &Context) -> Result<Session, Error> {
        let session = Session::open(context, &self.root).await?;
        for function in &self.functions {
            function.announcer.heed(session.interruptions());
        }
        Ok(session)
    }

    /// A command on the same functions, as it can be pasted.
    fn command(&self, verb: &str) -> String {
        format!("scfctl {verb}{}", self.options)
    }

    /// The error of a command that does nothing.
    fn stopped(&self, stop: Stop, found: Vec<Result<FoundRollout, TickError>>) -> Error {
        let alias = |function: &ProjectFunction| function.alias.clone();
        let (place, problem): (usize, RolloutProblem) = match stop {
            Stop::Unread(place) => match found.into_iter().nth(place) {
                Some(Err(error)) => return self.functions[place].place().failed(error),
                _ => (place, Refused::Changed(alias(&self.functions[place])).into()),
            },
            Stop::Ended(place) => {
                let alias = alias(&self.functions[place]);
                let rollout =
                    found.into_iter().nth(place).and_then(Result::ok).and_then(|one| one.rollout);
                let refused = match rollout {
                    Some(Rollout { from, to, phase, .. }) => {
                        Refused::Ended { alias, from, to, phase }
                    }
                    None => Refused::NoRollout(alias),
                };
                (place, refused.into())
            }
            Stop::NoRollout => (0, Refused::NoRollout(alias(&self.functions[0])).into()),
            Stop::Apart(apart) => (0, apart.into()),
        };
        self.functions[place].place().error(problem)
    }

    /// One report of all. The first error that says most is that of the command; others are told.
    fn done(&self, context: &Context, came: Ticks, asked: AskedBy, now: DateTime<Utc>) -> Done {
        let Ticks { all, apart } = came;
        let (mut statuses, mut errors) = (Vec::new(), Vec::new());
        let mut verbs = BTreeSet::new();
        if let Some(apart) = apart.clone() {
            let about = match &apart {
                Apart::Others(names) => {
                    self.functions.iter().find(|one| names.contains(&one.id.name))
                }
                _ => None,
            };
            let is_open = |one: &Result<Ticked, TickError>| {
                let rollout = one.as_ref().ok().and_then(|ticked| ticked.rollout.as_ref());
                rollout.is_some_and(|rollout| rollout.phase.is_open())
            };
            let problem = match asked {
                AskedBy::Left(verb) => RolloutProblem::LeftAlone { apart, verb: Some(verb) },
                _ if all.iter().any(is_open) => apart.into(),
                _ => {
                    let verb = all.iter().any(went_back).then_some("rollout abort");
                    RolloutProblem::LeftAlone { apart, verb }
                }
            };
            if let Some(function) = about.or(self.functions.first()) {
                errors.push((function, function.place().error(problem), true));
            }
        }
        for (function, ended) in self.functions.iter().zip(all) {
            let place = function.place();
            match ended {
                Ok(ticked) => {
                    if matches!(asked, AskedBy::End | AskedBy::Tick)
                        && let Some(event) = reported::still(&function.id, &ticked, now)
                    {
                        place.sink.event(&event);
                    }
                    verbs.extend(undo(&ticked));
                    statuses.push(glance::of(&function.id, &ticked, None, now));
                    // Who is not with the others is said once.
                    let is_said =
                        apart.is_some() && matches!(ticked.outcome, TickOutcome::NoRollout);
                    if let Some(problem) = problem(&ticked, asked).filter(|_| !is_said) {
                        let by_others = is_by_others(&problem);
                        errors.push((function, place.error(problem), !by_others));
                    }
                }
                Err(error) => errors.push((function, place.failed(error), true)),
            }
        }
        // What is undone by several commands is undone by none of them alone.
        let verb = verbs.pop_first().filter(|_| errors.is_empty() && verbs.is_empty());
        let undo = verb.map(|verb| self.command(verb));
        if let Some(command) = undo.clone() {
            context.sink.note(&Notice::Undo { command });
        }
        let is_whole = statuses.len() == self.functions.len();
        let report = Report::Rollouts(Box::new(Together::new(statuses, is_whole, undo)));
        // That one did not go back says more than that the others did.
        let rank = |error: &Error| match error.exit_code() {
            ExitCode::RolledBack => 1,
            ExitCode::Held => 2,
            _ => 0,
        };
        errors.order_by_key(|(_, error, is_cause)| (rank(error), !is_cause));
        let mut errors = errors.into_iter();
        let Some((_, first, _)) = errors.next() else {
            return Done::succeeded(report, &self.root);
        };
        for (function, error, is_cause) in errors {
            if is_cause {
                function.context.sink.error(&error);
            }
        }
        let error = match first {
            Error::Rollout(error) => {
                Error::Rollout(Box::new(RolloutError { result: report.json(), ..*error }))
            }
            other => other,
        };
        Done { report: Some(report), ending: AfterResult::Nothing, error: Some(error) }
    }

    /// What following all came to.
    fn conclude(&self, context: &Context, followed: FollowedTogether, now: DateTime<Utc>) -> Done {
        let (signal, left, failed) = match followed {
            FollowedTogether::Came(came) => return self.done(context, came, AskedBy::End, now),
            FollowedTogether::Interrupted(signal, left, failed) => (signal, left, failed),
        };
        for (place, error) in failed {
            let function = &self.functions[place];
            function.context.sink.error(&function.place().failed(error));
        }
        let error = self.functions.first().map(|function| {
            let alias = function.alias.clone();
            function.place().error(RolloutProblem::Interrupted { alias, signal, left })
        });
        Done { report: None, ending: AfterResult::Nothing, error }
    }
}

fn went_back(one: &Result<Ticked, TickError>) -> bool {
    let rollout = one.as_ref().ok().and_then(|ticked| ticked.rollout.as_ref());
    rollout.is_some_and(|rollout| matches!(rollout.phase, Phase::Back(_)))
}

/// Whether a function only followed another one.
fn is_by_others(problem: &RolloutProblem) -> bool {
    matches!(problem, RolloutProblem::Back { reason: BackReason::Project, .. })
}

/// Names the rollout of all. Under the same `--run-id` it is the same.
fn common_id(functions: &[ProjectFunction], run_id: &str) -> String {
    let names = functions.iter().flat_map(|function| {
        let FunctionId { name, namespace, region } = &function.id;
        [region.as_str(), namespace, name, &function.alias]
    });
    short(digest([run_id, "project"].into_iter().chain(names)))
}

/// Names the rollout that begins again after another one.
fn successor(id: &str) -> String {
    short(digest([id, "retry"].into_iter()))
}

fn short(mut id: String) -> String {
    id.truncate(ID_LENGTH);
    id
}

/// An error where functions advance by different steps: then step 2 of one is not step 2 of all.
fn check_steps<'a>(
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

/// What one function is begun with.
struct BeginningOfOne<'a> {
    function: &'a ProjectFunction,
    plan: RolloutPlan,
    service: Service<'a>,
    /// Its rollout, if an earlier run of the same id has begun it.
    begun: Option<Rollout>,
    /// The publication, where this run did it.
    published: Option<Step>,
}

/// Publications of this run. They stay where no rollout begins.
fn published(all: &[BeginningOfOne<'_>]) -> Vec<(Option<String>, Step)> {
    let step = |one: &BeginningOfOne<'_>| {
        one.published.clone().map(|step| (Some(one.function.id.name.clone()), step))
    };
    all.iter().filter_map(step).collect()
}

impl BeginningOfOne<'_> {
    fn phase(&self) -> Option<Phase> {
        self.begun.as_ref().map(|rollout| rollout.phase)
    }
}

/// Begins the rollouts of all, and follows them to their end.
pub(super) fn start(context: &Context, request: &Request) -> Result<Done, Error> {
    let project = read(context, "rollout start", RolloutVerb::Start, request)?;
    let plan = |function: &ProjectFunction| {
        let plan = function.given.plan(&function.settings);
        let mut plan = plan.map_err(|problem| function.of_options(problem))?;
        plan.choices.language = function.announcer.language_to_keep();
        Ok(plan)
    };
    let plans = project.functions.iter().map(plan).collect::<Result<Vec<RolloutPlan>, Error>>()?;
    check_steps(project.functions.iter().zip(plans.iter().map(|plan| &plan.schedule)))?;
    project.block_on(async {
        let session = project.open(context).await?;
        let run_id = session::run_id(context);
        let id = common_id(&project.functions, &run_id.id);
        let mut all = Vec::new();
        for (function, plan) in project.functions.iter().zip(plans) {
            let mut service = function.service(&session, plan.outside.clone());
            let begun = if run_id.given { own_rollout(&mut service, &id).await? } else { None };
            all.push(BeginningOfOne { function, plan, service, begun, published: None });
        }
        let is_again = all.iter().any(|one| one.begun.is_some());
        if all.iter().any(|one| one.begun.is_none()) {
            // Who is missing would advance by other steps than those that were begun.
            check_steps(all.iter().map(|one| {
                let begun = one.begun.as_ref().map(|rollout| &rollout.schedule);
                (one.function, begun.unwrap_or(&one.plan.schedule))
            }))?;
        }
        for one in &all {
            if let Some(begun) = &one.begun {
                let place = one.function.place();
                repeated::check(&place, &request.typed, &one.plan, begun, session.server_time())?;
            }
        }
        let of_begun = |error: Error, all: &[BeginningOfOne<'_>]| {
            let done = published(all);
            if done.is_empty() {
                return error;
            }
            error.of_run(session.run_to_name(true)).behind(done)
        };
        let mut apart = None;
        let begun = if is_over(&all) {
            apart = left_out(&all);
            // What has ended is not begun by those that were missing.
            join_all(all.iter_mut().map(|one| as_begun(one, &id))).await
        } else {
            begin(context, &mut all, &id, &run_id).await.map_err(|error| of_begun(error, &all))?
        };
        let now = session.server_time();
        let is_failed = begun.iter().any(Result::is_err);
        if is_failed && is_again {
            // Those that were begun before are as they were.
            let command = project.command("rollout abort");
            context.sink.note(&Notice::Undo { command });
        }
        if request.detach || context.options.dry_run || is_failed {
            let asked = if is_again { AskedBy::Tick } else { AskedBy::Verb };
            let done = project.done(context, Ticks { all: begun, apart }, asked, now);
            let error = done.error.map(|error| of_begun(error, &all));
            return Ok(Done { error, ..done });
        }
        let parts = all.iter().map(|one| one.function.part(&session, one.plan.outside.clone()));
        let mut parts: Vec<_> = parts.collect();
        let followed = Box::pin(together::follow(&mut parts, Some(&id))).await;
        Ok(project.conclude(context, followed, session.server_time()))
    })
}

/// The rollout with this id.
async fn own_rollout(service: &mut Service<'_>, id: &str) -> Result<Option<Rollout>, Error> {
    let alias = service.alias().await?;
    let rollout = machine::memory(&alias).ok().and_then(|memory| memory.rollout);
    Ok(rollout.filter(|rollout| rollout.id == id))
}

/// Whether an earlier run of the same id has come to an end that nobody may begin behind.
fn is_over(all: &[BeginningOfOne<'_>]) -> bool {
    let is_missing = all.iter().any(|one| one.begun.is_none());
    all.iter().any(|one| match one.phase() {
        Some(Phase::Back(_) | Phase::Ended) => true,
        Some(Phase::Done) => is_missing,
        Some(Phase::Running | Phase::Held(_)) | None => false,
    })
}

/// Those that are not where the others are, unless those went back: that says more.
fn left_out(all: &[BeginningOfOne<'_>]) -> Option<Apart> {
    if all.iter().any(|one| matches!(one.phase(), Some(Phase::Back(_)))) {
        return None;
    }
    let others = all.iter().filter(|one| matches!(one.phase(), None | Some(Phase::Ended)));
    let others: Vec<String> = others.map(|one| one.function.id.name.clone()).collect();
    (!others.is_empty()).then_some(Apart::Others(others))
}

/// One that an earlier run has begun, or has not.
async fn as_begun(one: &mut BeginningOfOne<'_>, id: &str) -> Result<Ticked, TickError> {
    let ticked = as_it_is(one.service.alias().await?);
    let is_own = ticked.rollout.as_ref().is_some_and(|rollout| rollout.id == id);
    Ok(if is_own { ticked } else { together::stranger(ticked.alias) })
}

/// The first write of each. Whoever is refused has changed nothing, nor published anything; and none
/// is begun alone: where one cannot be written, those that were are made undone.
async fn begin(
    context: &Context,
    all: &mut [BeginningOfOne<'_>],
    id: &str,
    run_id: &session::RunId,
) -> Result<All, Error> {
    let is_new = |beginning: &&mut BeginningOfOne<'_>| beginning.begun.is_none();
    let publishes =
        |beginning: &&mut BeginningOfOne<'_>| beginning.plan.to == VersionChoice::Publish;
    for beginning in all.iter_mut().filter(is_new).filter(publishes) {
        let place = beginning.function.place();
        beginning.service.begin(false);
        may_begin(&place, &beginning.plan, &mut beginning.service, false).await?;
    }
    let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let mut wishes = Vec::new();
    for BeginningOfOne { function, plan, service, published, .. } in all.iter_mut().filter(is_new) {
        let place = function.place();
        // Each may take its time to publish.
        service.begin(false);
        let alias = service.alias().await?;
        let (to, step) = Box::pin(new_version(&place, plan, service, &alias, run_id)).await?;
        *published = step;
        let digest = match to {
            Version::Latest => Some(service.content().await?),
            Version::Number(_) => None,
        };
        let mut wish = plan.wish(id.to_owned(), to, digest);
        wish.functions = count;
        wishes.push(wish);
    }
    // That took its time.
    let mut writes = Vec::new();
    for (BeginningOfOne { function, service, .. }, wish) in
        all.iter_mut().filter(is_new).zip(wishes)
    {
        service.begin(false);
        let alias = service.alias().await?;
        let write = machine::begin(&alias, &wish, service.now());
        writes.push((alias, write.map_err(|refused| function.place().error(refused))?));
    }
    let dry_run = context.options.dry_run;
    let mut writes = writes.into_iter();
    let begin_all = all.iter_mut().map(|one| {
        let write = if one.begun.is_none() { writes.next() } else { None };
        begin_one(one, write, id, dry_run)
    });
    let begun = join_all(begin_all).await;
    let is_failed = begun.iter().any(|(done, _)| done.is_err());
    let ends = all.iter_mut().zip(begun).map(|(one, (done, write))| async move {
        match write.filter(|_| is_failed) {
            Some((before, write)) => unbegin(one, done, &before, &write).await,
            None => done,
        }
    });
    Ok(join_all(ends).await)
}

/// What a write would come to.
fn due(alias: Alias, write: &Write) -> Ticked {
    let (rollout, outcome) = (write.rollout.clone(), TickOutcome::Due(write.transition));
    Ticked { alias, rollout, judged: None, outcome }
}

/// An alias before a write, and the write.
type Before = (Alias, Write);

/// Begins one; with what was written, where something was.
async fn begin_one(
    beginning: &mut BeginningOfOne<'_>,
    write: Option<Before>,
    id: &str,
    dry_run: bool,
) -> (Result<Ticked, TickError>, Option<Before>) {
    beginning.service.begin(false);
    match write {
        Some((alias, write)) if dry_run => (Ok(due(alias, &write)), None),
        Some((before, write)) => {
            let place = beginning.function.place();
            let mut tell = place.teller();
            let sent = write.clone();
            let done = tick::carry_out(&mut beginning.service, sent, None, &mut tell).await;
            (done, Some((before, write)))
        }
        None => (as_begun(beginning, id).await, None),
    }
}

/// Makes undone what this run has begun, also where its answer was lost.
async fn unbegin(
    beginning: &mut BeginningOfOne<'_>,
    done: Result<Ticked, TickError>,
    before: &Alias,
    write: &Write,
) -> Result<Ticked, TickError> {
    let place = beginning.function.place();
    let mut tell = place.teller();
    // A signal has done enough.
    beginning.service.begin(true);
    let decide = |alias: &Alias| match machine::unbegin(alias, write, before) {
        Some(undone) => Ok(Some(undone)),
        // Somebody has paused it, for instance.
        None => match machine::memory(alias)?.open().zip(write.memory.rollout.as_ref()) {
            Some((now, begun)) if now.id == begun.id => {
                machine::abort(alias, BackReason::Project).map(Some)
            }
            _ => Ok(None),
        },
    };
    let undone = tick::insist(&mut beginning.service, &decide, &mut tell).await;
    match (done, undone) {
        (Err(error), Ok(_)) => Err(error),
        (Ok(done), Ok(undone)) => Ok(undone.unwrap_or(done)),
        (done, Err(failed)) => {
            let options = &beginning.function.options;
            let command = format!("scfctl rollout abort{options}");
            place.sink.note(&Notice::Undo { command });
            if let Err(error) = done {
                place.sink.error(&place.failed(failed));
                return Err(error);
            }
            Err(failed)
        }
    }
}

/// One look at all, and what is due; or ticks until there is nothing left to do.
pub(super) fn tick(context: &Context, request: &Request) -> Result<Done, Error> {
    let project = read(context, "rollout tick", RolloutVerb::Tick, request)?;
    project.block_on(async {
        let session = project.open(context).await?;
        let mut parts = Vec::new();
        for function in &project.functions {
            parts.push(function.judged(&session).await?);
        }
        if request.follow {
            let followed = Box::pin(together::follow(&mut parts, None)).await;
            return Ok(project.conclude(context, followed, session.server_time()));
        }
        let came = Box::pin(together::tick(&mut parts, true, None)).await;
        Ok(project.done(context, came, AskedBy::Tick, session.server_time()))
    })
}

/// Where all are; changes nothing.
pub(super) fn status(context: &Context, request: &Request) -> Result<Done, Error> {
    let project = read(context, "rollout status", RolloutVerb::Status, request)?;
    project.block_on(async {
        let session = project.open(context).await?;
        let parts = project.functions.iter().map(|function| {
            let warn = |problem: &RolloutOption| function.context.sink.warning(problem);
            function.part(&session, function.given.outside_or_none(&warn))
        });
        let mut parts: Vec<_> = parts.collect();
        for (part, function) in parts.iter_mut().zip(&project.functions) {
            let place = function.place();
            part.tell = Box::new(move |told: TickNews<'_>| {
                if let TickNews::NoAnswer(_) = told {
                    place.tell(&told);
                }
            });
        }
        let mut came = Box::pin(together::tick(&mut parts, false, None)).await;
        if let Some(apart) = came.apart.take() {
            context.sink.warning(&apart);
        }
        Ok(project.done(context, came, AskedBy::Verb, session.server_time()))
    })
}

/// A function, as it was looked at for a command that is one write.
struct FoundRollout {
    alias: Alias,
    rollout: Option<Rollout>,
    content: Option<String>,
}

impl RolloutProject {
    fn parts(&self, session: &Session) -> Vec<Participant<'_, Service<'_>>> {
        let functions = self.functions.iter();
        functions.map(|function| function.part(session, Outside::default())).collect()
    }

    fn ones<'a>(&'a self, found: &'a [Result<FoundRollout, TickError>]) -> Vec<One<'a>> {
        let one =
            |(function, found): (&'a ProjectFunction, &'a Result<FoundRollout, TickError>)| {
                let found = found.as_ref().ok();
                let rollout = found.and_then(|found| found.rollout.as_ref());
                let alias = found.map(|found| &found.alias);
                One { name: &function.id.name, alias, rollout, decision: None }
            };
        self.functions.iter().zip(found).map(one).collect()
    }
}

async fn find(
    part: &mut Participant<'_, Service<'_>>,
    asks: bool,
) -> Result<FoundRollout, TickError> {
    let mut alias = part.cloud.alias().await?;
    let rollout = machine::memory(&alias)?.rollout;
    let mut content = None;
    if let Some(rollout) = rollout.as_ref().filter(|_| asks) {
        content = tick::look_at_content(&mut part.cloud, rollout, &mut *part.tell).await?;
        if content.is_some() {
            alias = part.cloud.alias().await?;
        }
    }
    let rollout = machine::memory(&alias)?.rollout;
    Ok(FoundRollout { alias, rollout, content })
}

/// What a command that stands still or goes back writes of one; `None` where nothing is left to do.
type Stopping<'a> = dyn Fn(&Alias, &Rollout) -> Result<Option<Write>, Refused> + 'a;

/// A command by which whoever can stands still or goes back, whatever becomes of the others.
fn stop(
    context: &Context,
    (command, verb, asked): (&'static str, RolloutVerb, Verb),
    request: &Request,
    decide: &Stopping<'_>,
) -> Result<Done, Error> {
    let project = read(context, command, verb, request)?;
    project.block_on(async {
        let session = project.open(context).await?;
        let mut parts = project.parts(&session);
        let found = join_all(parts.iter_mut().map(|part| find(part, false))).await;
        let turned = turns_of(&project.ones(&found), asked);
        let (turns, apart) = match turned {
            Ok(turned) => turned,
            Err(why) => return Err(project.stopped(why, found)),
        };
        let dry_run = context.options.dry_run;
        let without = without_rollout(&project, &found, &turns, apart.as_ref());
        let writes = parts.iter_mut().zip(found).zip(turns);
        let writes =
            writes.map(|((part, found), turn)| stop_one(part, found, turn, decide, dry_run));
        let all: All = join_all(writes).await;
        tell_unchanged(context, &all);
        if !without.is_empty() {
            context.sink.note(&Notice::WithoutRollout { functions: without });
        }
        let now = session.server_time();
        Ok(project.done(context, Ticks { all, apart }, AskedBy::Left(command), now))
    })
}

/// The functions that have no part in the rollout that a command is about, and are not named by an
/// error.
fn without_rollout(
    project: &RolloutProject,
    found: &[Result<FoundRollout, TickError>],
    turns: &[Turn],
    apart: Option<&Apart>,
) -> Vec<String> {
    let is_named =
        |name: &String| matches!(apart, Some(Apart::Others(names)) if names.contains(name));
    let all = project.functions.iter().zip(found).zip(turns);
    all.filter(|((_, found), turn)| found.is_ok() && **turn == Turn::Stranger)
        .map(|((function, _), _)| function.id.name.clone())
        .filter(|name| !is_named(name))
        .collect()
}

async fn stop_one(
    part: &mut Participant<'_, Service<'_>>,
    found: Result<FoundRollout, TickError>,
    turn: Turn,
    decide: &Stopping<'_>,
    dry_run: bool,
) -> Result<Ticked, TickError> {
    let FoundRollout { alias, rollout, .. } = found?;
    let (Turn::Acts | Turn::GoesBack, Some(rollout)) = (turn, rollout) else {
        return Ok(if turn == Turn::Stranger {
            together::stranger(alias)
        } else {
            as_it_is(alias)
        });
    };
    if dry_run {
        return Ok(match decide(&alias, &rollout)? {
            Some(write) => due(alias, &write),
            None => as_it_is(alias),
        });
    }
    let seen = RefCell::new(alias);
    let decide = |alias: &Alias| {
        seen.replace(alias.clone());
        decide(alias, &rollout)
    };
    // The looks at others took their time.
    part.cloud.begin(false);
    let done = together::insist(part, &decide).await?;
    Ok(done.unwrap_or_else(|| as_it_is(seen.into_inner())))
}

fn tell_unchanged(context: &Context, all: &All) {
    let is_change = |one: &Result<Ticked, TickError>| match one {
        Ok(ticked) => matches!(ticked.outcome, TickOutcome::Wrote(_) | TickOutcome::Due(_)),
        Err(_) => true,
    };
    if !all.iter().any(is_change) {
        context.sink.note(&Notice::RolloutAsAsked);
    }
}

impl RolloutProject {
    /// Says where a deadline that is over holds no longer.
    fn tell_waived(&self, before: &[Option<Rollout>], all: &All) {
        for ((function, before), after) in self.functions.iter().zip(before).zip(all) {
            let after = after.as_ref().ok().and_then(|ticked| ticked.rollout.as_ref());
            let had = before.as_ref().filter(|before| before.choices.deadline.is_some());
            if let (Some(before), Some(after)) = (had, after)
                && before.id == after.id
                && after.choices.deadline.is_none()
            {
                function.context.sink.note(&Notice::DeadlineWaived);
            }
        }
    }
}

/// What a command that goes on decides of one; `None` where there is nothing to do.
type DecideOne<'a> = dyn Fn(&FoundRollout, DateTime<Utc>) -> Result<Option<Decision>, Refused> + 'a;

/// What a command that goes on does to each, and what it decides of one; nothing is written where
/// one is refused.
struct Going<'a> {
    turns: Vec<Turn>,
    decide: Box<DecideOne<'a>>,
}

/// A command by which all go on, or none.
fn go_on(
    context: &Context,
    (command, verb): (&str, RolloutVerb),
    request: &Request,
    plan: &dyn Fn(&[One<'_>]) -> Result<Going<'static>, Stop>,
) -> Result<Done, Error> {
    let project = read(context, command, verb, request)?;
    project.block_on(async {
        let session = project.open(context).await?;
        let mut parts = project.parts(&session);
        let found = join_all(parts.iter_mut().map(|part| find(part, true))).await;
        let planned = plan(&project.ones(&found));
        let going = match planned {
            Ok(going) => going,
            Err(why) => return Err(project.stopped(why, found)),
        };
        let (now, dry_run) = (session.server_time(), context.options.dry_run);
        let mut decided = Vec::new();
        let functions = project.functions.iter().zip(&parts);
        for (((function, part), found), turn) in functions.zip(found).zip(going.turns) {
            let place = function.place();
            let found = found.map_err(|error| place.failed(error))?;
            let decision = match turn {
                Turn::Acts => {
                    (going.decide)(&found, now).map_err(|refused| place.error(refused))?
                }
                Turn::Rests | Turn::Stranger | Turn::GoesBack => None,
            };
            if let Some(Decision::Write(write)) = &decision {
                check_there(&part.cloud, &found.alias, &write.routing, dry_run).await?;
            }
            decided.push((found, decision));
        }
        let before: Vec<Option<Rollout>> =
            decided.iter().map(|(found, _)| found.rollout.clone()).collect();
        let writes = parts.iter_mut().zip(decided);
        let writes =
            writes.map(|(part, (found, decision))| go_on_one(part, found, decision, dry_run));
        let all: All = join_all(writes).await;
        tell_unchanged(context, &all);
        project.tell_waived(&before, &all);
        let now = session.server_time();
        Ok(project.done(context, Ticks { all, apart: None }, AskedBy::Verb, now))
    })
}

async fn go_on_one(
    part: &mut Participant<'_, Service<'_>>,
    found: FoundRollout,
    decision: Option<Decision>,
    dry_run: bool,
) -> Result<Ticked, TickError> {
    let FoundRollout { alias, rollout, .. } = found;
    let (Some(decision), Some(rollout)) = (decision, rollout) else {
        return Ok(as_it_is(alias));
    };
    match decision {
        Decision::Write(write) if dry_run => Ok(due(alias, &write)),
        Decision::Freeze(ground) if dry_run => {
            let outcome = TickOutcome::Due(Transition::Finishes(ground));
            Ok(Ticked { alias, rollout: Some(rollout), judged: None, outcome })
        }
        decision => {
            let tell = &mut *part.tell;
            // The looks at others took their time.
            part.cloud.begin(false);
            let done = tick::carry_out_decision(&mut part.cloud, &rollout, decision, tell);
            Ok(Box::pin(done).await?.unwrap_or_else(|| as_it_is(alias)))
        }
    }
}

/// All stand still until `resume`.
pub(super) fn pause(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout pause", RolloutVerb::Pause, Verb::Pause);
    stop(context, command, request, &|alias, rollout| match machine::memory(alias)?.rollout {
        Some(now) if now.id == rollout.id => machine::pause(alias),
        _ => Err(Refused::Changed(alias.name.clone())),
    })
}

/// All go back that are under way, and those of their rollout that are done.
pub(super) fn abort(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout abort", RolloutVerb::Abort, Verb::Abort);
    stop(context, command, request, &|alias, rollout| {
        machine::take_back(alias, rollout, BackReason::User)
    })
}

/// All go back to the version that served before, each to its own.
pub(super) fn rollback(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.typed.contains_key("--to") {
        // Each function counts its versions for itself.
        let (one, other) = ("--project", "--to");
        return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
    }
    let command = ("rollback", RolloutVerb::Rollback, Verb::Rollback);
    stop(context, command, request, &|alias, rollout| {
        machine::take_back(alias, rollout, BackReason::User)
    })
}

/// All go on.
pub(super) fn resume(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout resume", RolloutVerb::Resume);
    go_on(context, command, request, &|all| {
        let (turns, _) = turns_of(all, Verb::Resume)?;
        let decide =
            |one: &FoundRollout, now| machine::resume(&one.alias, one.content.as_deref(), now);
        Ok(Going { turns, decide: Box::new(decide) })
    })
}

/// Those that are behind go on to the next step, or all to the last one.
pub(super) fn promote(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout promote", RolloutVerb::Promote);
    let Request { full, expect_step, .. } = *request;
    go_on(context, command, request, &|all| {
        let (turns, _) = turns_of(all, Verb::Promote { full })?;
        let decide = move |one: &FoundRollout, now| {
            machine::promote(&one.alias, one.content.as_deref(), full, expect_step, now).map(Some)
        };
        Ok(Going { turns, decide: Box::new(decide) })
    })
}

/// All begin again from the first step.
pub(super) fn retry(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout retry", RolloutVerb::Retry);
    go_on(context, command, request, &|all| {
        let (id, turns) = retried(all, successor)?;
        let decide = move |one: &FoundRollout, now| {
            let write = machine::retry(&one.alias, &id, one.content.as_deref(), now)?;
            Ok(Some(written(write)))
        };
        Ok(Going { turns, decide: Box::new(decide) })
    })
}
