//! `scfctl rollout … --project`: all functions of a project, which advance together.

use std::cell::RefCell;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::cloud::Cloud;
use super::options::{self, Given, NewVersion, Plan};
use super::outside::Outside;
use super::service::Service;
use super::tick::{self, Digests, Outcome, TickError, Ticked, Told};
use super::together::{self, All, Followed, Part};
use super::{
    Asked, ID_LENGTH, Place, Request, as_it_is, glance, may_begin, new_version, option_error,
    problem, task,
};
use crate::app::deploy::instance::Component;
use crate::app::session::{self, Session};
use crate::app::{Context, Done, Ending};
use crate::config::multi_scf;
use crate::config::references::Unknown;
use crate::config::settings::{Selection, Settings};
use crate::error::{
    Error, ExitCode, Left, ProjectError, RolloutError, RolloutOption, RolloutProblem, RolloutVerb,
    Task,
};
use crate::model::{Alias, FunctionId, Version};
use crate::plan::rollout::machine::{self, Decision, Refused, Transition, Write};
use crate::plan::rollout::state::{BackReason, Phase, Rollout};
use crate::report::Report;
use crate::report::notice::Notice;
use crate::report::status::Together;

/// One function of the project, read from its file.
struct Function {
    /// Speaks for the function.
    context: Context,
    settings: Settings,
    given: Given,
    id: FunctionId,
    alias: String,
    task: Task,
}

impl Function {
    fn place(&self) -> Place<'_> {
        Place {
            context: &self.context,
            sink: Arc::clone(&self.context.sink),
            function: self.id.clone(),
            alias: self.alias.clone(),
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

    /// It as a part of all.
    fn part(&self, session: &Session, asks: bool) -> Result<Part<'_, Service<'_>>, Error> {
        let outside = if asks {
            self.given.outside().map_err(|problem| self.of_options(problem))?
        } else {
            Outside::default()
        };
        let digests = outside.digests();
        Ok(self.part_with(session, outside, digests))
    }

    fn part_with(
        &self,
        session: &Session,
        outside: Outside,
        digests: Digests,
    ) -> Part<'_, Service<'_>> {
        let (place, cloud) = (self.place(), self.service(session, outside));
        let tell = Box::new(move |told: Told<'_>| place.tell(&told));
        Part { cloud, digests, tell }
    }
}

/// The project: what it was loaded from, and its functions.
struct Project {
    root: Settings,
    functions: Vec<Function>,
}

/// Reads all functions of a project. Nothing is called.
fn read(
    context: &Context,
    command: &str,
    verb: RolloutVerb,
    request: &Request,
) -> Result<Project, Error> {
    if context.selection.inputs.contains_key("function") {
        let (one, other) = ("--project", "--function");
        return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
    }
    let load = |selection: &Selection| {
        let mut selection = selection.clone();
        selection.outputs.unknown = Unknown::StandIn;
        context.load(&context.directory, &selection)
    };
    let root = load(&context.selection)?;
    let mut found: Vec<(Context, Settings)> = Vec::new();
    if root.project.file.is_some() {
        found.extend(several(context, &root)?);
    } else {
        let folders = root.instances();
        if folders.is_empty() || context.options.target.is_some() {
            return Err(session::no_project(&root));
        }
        for folder in folders {
            let selection = Selection { member: Some(folder.clone()), ..context.selection.clone() };
            let settings = load(&selection).map_err(|error| error.of_instance(folder.clone()))?;
            let name = settings.name().to_owned();
            let context = context.of_member(&name, &folder);
            match several(&context, &settings) {
                Ok(functions) => found.extend(functions),
                Err(Error::Project(ProjectError::ComponentNotProvided { component, .. })) => {
                    context.sink.warning(&Notice::LeftAlone { name, folder, component });
                }
                Err(error) => return Err(error.of_instance(name)),
            }
        }
        if found.is_empty() {
            return Err(session::no_project(&root));
        }
    }
    context.warn(&root.warnings);
    context.header(command, &root);
    let functions = found.into_iter().map(|(context, settings)| {
        let function = settings.function()?;
        let of_options = |problem: RolloutOption| option_error(&function, problem);
        let given = Given::merge(&request.typed, &settings).map_err(of_options)?;
        let alias = given.alias(&settings);
        let place = Place {
            context: &context,
            sink: Arc::clone(&context.sink),
            function: function.clone(),
            alias: alias.clone(),
            seen: RefCell::default(),
        };
        let task = task(verb, &place);
        let id = function;
        Ok(Function { context: context.clone(), settings, given, id, alias, task })
    });
    let functions = functions.collect::<Result<Vec<Function>, Error>>()?;
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
    Ok(Project { root, functions })
}

/// The functions of one instance.
fn several(context: &Context, settings: &Settings) -> Result<Vec<(Context, Settings)>, Error> {
    match Component::of(settings)? {
        Component::Scf => Ok(vec![(context.clone(), settings.clone())]),
        Component::MultiScf => {
            let functions = multi_scf::functions(settings)?.into_iter().map(|one| {
                let context = context.labelled(one.function_key.as_deref().unwrap_or_default());
                (context, one)
            });
            Ok(functions.collect())
        }
    }
}

impl Project {
    async fn open(&self, context: &Context) -> Result<Session, Error> {
        Session::open(context, &self.root).await
    }

    /// The command that undoes what was done, in a way that can be pasted.
    fn command(request: &Request, verb: &str) -> String {
        let alias = request.typed.get("--alias");
        let alias = alias.map(|alias| format!(" --alias {}", crate::shell::quoted(alias)));
        format!("scfctl {verb} --project{}", alias.unwrap_or_default())
    }

    /// One report of all. The first error that says most is that of the command; others are told.
    fn done(
        &self,
        context: &Context,
        request: &Request,
        all: All,
        asked: Asked,
        now: DateTime<Utc>,
    ) -> Done {
        let is_part =
            |ticked: &Ticked| ticked.rollout.as_ref().is_some_and(|one| one.phase.is_open());
        let is_under_way = all.iter().flatten().any(is_part);
        let (mut statuses, mut errors) = (Vec::new(), Vec::new());
        let mut verb = None;
        for (function, ended) in self.functions.iter().zip(all) {
            let place = function.place();
            match ended {
                Ok(ticked) => {
                    verb = verb.or(super::undo(&ticked.outcome));
                    statuses.push(glance::of(&function.id, &ticked, None, now));
                    let lost = matches!(ticked.outcome, Outcome::NoRollout) && is_under_way;
                    if lost && asked != Asked::Verb {
                        let nothing = Refused::NoRollout(function.alias.clone());
                        errors.push((function, place.error(nothing), true));
                    } else if let Some(problem) = problem(&ticked, asked) {
                        let by_others = is_by_others(&problem);
                        errors.push((function, place.error(problem), !by_others));
                    }
                }
                Err(error) => errors.push((function, place.failed(error), true)),
            }
        }
        let command = verb.filter(|_| errors.is_empty());
        let undo = command.map(|verb| Self::command(request, verb));
        if let Some(command) = undo.clone() {
            context.sink.note(&Notice::Undo { command });
        }
        let report = Report::Rollouts(Box::new(Together::new(statuses, undo)));
        // A way back says more than what it led to elsewhere.
        let rank = |error: &Error| match error.exit_code() {
            ExitCode::RolledBack => 0,
            ExitCode::Held => 2,
            _ => 1,
        };
        errors.sort_by_key(|(_, error, is_cause)| (rank(error), !is_cause));
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
        Done { report: Some(report), ending: Ending::Nothing, error: Some(error) }
    }

    /// What following all came to.
    fn conclude(
        &self,
        context: &Context,
        request: &Request,
        followed: Followed,
        now: DateTime<Utc>,
    ) -> Done {
        let (signal, left) = match followed {
            Followed::Came(all) => return self.done(context, request, all, Asked::End, now),
            Followed::Interrupted(signal, left) => (signal, left),
        };
        let phases = || left.iter().flatten().map(|rollout| rollout.phase);
        let left = if phases().any(|phase| matches!(phase, Phase::Back(_))) {
            Left::Back
        } else if phases().any(|phase| matches!(phase, Phase::Held(_))) {
            Left::Held
        } else {
            Left::Open
        };
        let error = self.functions.first().map(|function| {
            let alias = function.alias.clone();
            function.place().error(RolloutProblem::Interrupted { alias, signal, left })
        });
        Done { report: None, ending: Ending::Nothing, error }
    }
}

/// Whether a function only followed another one.
fn is_by_others(problem: &RolloutProblem) -> bool {
    matches!(problem, RolloutProblem::Back { reason: BackReason::Project, .. })
}

/// Names the rollout of all. Under the same `--run-id` it is the same.
fn common_id(functions: &[Function], run_id: &str) -> String {
    let names = functions.iter().flat_map(|function| {
        let FunctionId { name, namespace, region } = &function.id;
        [region.as_str(), namespace, name, &function.alias]
    });
    let mut id = options::digest([run_id, "project"].into_iter().chain(names));
    id.truncate(ID_LENGTH);
    id
}

/// What one function is begun with.
struct Beginning<'a> {
    function: &'a Function,
    plan: Plan,
    service: Service<'a>,
    /// Whether it was begun by an earlier run of the same id.
    is_begun: bool,
}

/// Begins the rollouts of all, and follows them to their end.
pub(super) fn start(context: &Context, request: &Request) -> Result<Done, Error> {
    let project = read(context, "rollout start", RolloutVerb::Start, request)?;
    let mut plans = Vec::new();
    for function in &project.functions {
        let plan = function.given.plan(&function.settings);
        plans.push(plan.map_err(|problem| function.of_options(problem))?);
    }
    session::block_on(async {
        let session = project.open(context).await?;
        let id = common_id(&project.functions, &session::run_id(context).id);
        let given = session::run_id(context).given;
        let mut all = Vec::new();
        for (function, plan) in project.functions.iter().zip(plans) {
            let mut service = function.service(&session, plan.outside.clone());
            let own = if given {
                let alias = service.alias().await?;
                machine::memory(&alias).ok().and_then(|memory| memory.rollout)
            } else {
                None
            };
            let is_begun = own.is_some_and(|rollout| rollout.id == id);
            all.push(Beginning { function, plan, service, is_begun });
        }
        let begun = begin(context, &mut all, &id).await?;
        if request.detach || context.options.dry_run || begun.iter().any(Result::is_err) {
            let now = session.server_time();
            return Ok(project.done(context, request, begun, Asked::Verb, now));
        }
        let parts = all.iter().map(|beginning| {
            let outside = beginning.plan.outside.clone();
            let digests = outside.digests();
            beginning.function.part_with(&session, outside, digests)
        });
        let mut parts: Vec<_> = parts.collect();
        let followed = Box::pin(together::follow(&mut parts)).await;
        Ok(project.conclude(context, request, followed, session.server_time()))
    })
}

/// The first write of each. Whoever is refused has changed nothing, nor published anything, and none
/// is begun alone.
async fn begin(context: &Context, all: &mut [Beginning<'_>], id: &str) -> Result<All, Error> {
    let publishes = |beginning: &&mut Beginning<'_>| beginning.plan.to == NewVersion::Publish;
    for beginning in all.iter_mut().filter(|one| !one.is_begun).filter(publishes) {
        let place = beginning.function.place();
        may_begin(&place, &beginning.plan, &mut beginning.service, false).await?;
    }
    let run_id = session::run_id(context);
    let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let mut writes: Vec<Option<(Alias, Write)>> = Vec::new();
    for beginning in all.iter_mut() {
        if beginning.is_begun {
            writes.push(None);
            continue;
        }
        let Beginning { function, plan, service, .. } = beginning;
        let place = function.place();
        let alias = service.alias().await?;
        let to = Box::pin(new_version(&place, plan, service, &alias, &run_id)).await?;
        let digest = match to {
            Version::Latest => Some(service.content().await?),
            Version::Number(_) => None,
        };
        let mut wish = plan.wish(id.to_owned(), to, digest);
        wish.functions = count;
        let alias = service.alias().await?;
        let write = machine::begin(&alias, &wish, service.now());
        writes.push(Some((alias, write.map_err(|refused| place.error(refused))?)));
    }
    let dry_run = context.options.dry_run;
    let writes = all.iter_mut().zip(writes);
    Ok(join_all(writes.map(|(one, write)| begin_one(one, write, dry_run))).await)
}

/// What a write would come to.
fn due(alias: Alias, write: &Write) -> Ticked {
    let (rollout, outcome) = (write.memory.rollout.clone(), Outcome::Due(write.transition));
    Ticked { alias, rollout, judged: None, outcome }
}

async fn begin_one(
    beginning: &mut Beginning<'_>,
    write: Option<(Alias, Write)>,
    dry_run: bool,
) -> Result<Ticked, TickError> {
    match write {
        Some((alias, write)) if dry_run => Ok(due(alias, &write)),
        Some((_, write)) => {
            let place = beginning.function.place();
            let mut tell = place.teller();
            tick::carry_out(&mut beginning.service, write, None, &mut tell).await
        }
        None => Ok(as_it_is(beginning.service.alias().await?)),
    }
}

/// One look at all, and what is due; or ticks until there is nothing left to do.
pub(super) fn tick(context: &Context, request: &Request) -> Result<Done, Error> {
    let project = read(context, "rollout tick", RolloutVerb::Tick, request)?;
    session::block_on(async {
        let session = project.open(context).await?;
        let parts = project.functions.iter().map(|function| function.part(&session, true));
        let mut parts = parts.collect::<Result<Vec<_>, Error>>()?;
        if request.follow {
            let followed = Box::pin(together::follow(&mut parts)).await;
            return Ok(project.conclude(context, request, followed, session.server_time()));
        }
        let all = Box::pin(together::tick(&mut parts, true)).await;
        Ok(project.done(context, request, all, Asked::Tick, session.server_time()))
    })
}

/// Where all are; changes nothing.
pub(super) fn status(context: &Context, request: &Request) -> Result<Done, Error> {
    let project = read(context, "rollout status", RolloutVerb::Status, request)?;
    session::block_on(async {
        let session = project.open(context).await?;
        let parts = project.functions.iter().map(|function| function.part(&session, true));
        let mut parts = parts.collect::<Result<Vec<_>, Error>>()?;
        for (part, function) in parts.iter_mut().zip(&project.functions) {
            let place = function.place();
            part.tell = Box::new(move |told: Told<'_>| {
                if let Told::NoAnswer(_) = told {
                    place.tell(&told);
                }
            });
        }
        let all = Box::pin(together::tick(&mut parts, false)).await;
        Ok(project.done(context, request, all, Asked::Verb, session.server_time()))
    })
}

/// A function, as it was looked at for a command that is one write.
struct Found {
    alias: Alias,
    rollout: Option<Rollout>,
    content: Option<String>,
}

/// What such a command decides about one of all; `None` where there is nothing to do.
type Decide<'a> = dyn Fn(&Found, &[Found], DateTime<Utc>) -> Result<Option<Decision>, Refused> + 'a;

/// A command that is one guarded write of each. Nothing is written where one is refused.
fn verb(
    context: &Context,
    (command, verb): (&str, RolloutVerb),
    request: &Request,
    decide: &Decide<'_>,
) -> Result<Done, Error> {
    let project = read(context, command, verb, request)?;
    let asks = !matches!(verb, RolloutVerb::Pause | RolloutVerb::Abort | RolloutVerb::Rollback);
    session::block_on(async {
        let session = project.open(context).await?;
        let parts = project.functions.iter().map(|function| function.part(&session, false));
        let mut parts = parts.collect::<Result<Vec<_>, Error>>()?;
        let finds = parts.iter_mut().map(|part| find(part, asks));
        let mut found = Vec::new();
        for (function, one) in project.functions.iter().zip(join_all(finds).await) {
            found.push(one.map_err(|error| function.place().failed(error))?);
        }
        let mut decisions = Vec::new();
        for ((function, part), one) in project.functions.iter().zip(&parts).zip(&found) {
            let decided = decide(one, &found, part.cloud.now());
            decisions.push(decided.map_err(|refused| function.place().error(refused))?);
        }
        if decisions.iter().all(Option::is_none) {
            context.sink.note(&Notice::RolloutAsAsked);
        }
        let dry_run = context.options.dry_run;
        let writes = parts.iter_mut().zip(found).zip(decisions);
        let writes = writes.map(|((part, one), decision)| carry_out(part, one, decision, dry_run));
        let all = join_all(writes).await;
        Ok(project.done(context, request, all, Asked::Verb, session.server_time()))
    })
}

async fn find(part: &mut Part<'_, Service<'_>>, asks: bool) -> Result<Found, TickError> {
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
    Ok(Found { alias, rollout, content })
}

async fn carry_out(
    part: &mut Part<'_, Service<'_>>,
    found: Found,
    decision: Option<Decision>,
    dry_run: bool,
) -> Result<Ticked, TickError> {
    let Found { alias, rollout, .. } = found;
    let tell = &mut *part.tell;
    match (decision, rollout) {
        (Some(Decision::Write(write)), _) if dry_run => Ok(due(alias, &write)),
        (Some(Decision::Freeze(ground)), rollout) if dry_run => {
            let outcome = Outcome::Due(Transition::Finishes(ground));
            Ok(Ticked { alias, rollout, judged: None, outcome })
        }
        // Also where nothing but the version before is remembered.
        (Some(Decision::Write(write)), _) => {
            tick::carry_out(&mut part.cloud, *write, None, tell).await
        }
        (Some(decision), Some(rollout)) => {
            let done =
                Box::pin(tick::carry_out_decision(&mut part.cloud, &rollout, decision, tell))
                    .await?;
            Ok(done.unwrap_or_else(|| as_it_is(alias)))
        }
        (None, _) | (Some(_), None) => Ok(as_it_is(alias)),
    }
}

/// All stand still until `resume`.
pub(super) fn pause(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout pause", RolloutVerb::Pause);
    verb(
        context,
        command,
        request,
        &|one, _, _| Ok(machine::pause(&one.alias)?.map(super::written)),
    )
}

/// All go on.
pub(super) fn resume(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout resume", RolloutVerb::Resume);
    verb(context, command, request, &|one, _, now| {
        machine::resume(&one.alias, one.content.as_deref(), now)
    })
}

/// Those that are behind go on to the next step, or all to the last one.
pub(super) fn promote(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout promote", RolloutVerb::Promote);
    let Request { full, expect_step, .. } = *request;
    verb(context, command, request, &|one, all, now| {
        let open = |one: &Found| one.rollout.clone().filter(|rollout| rollout.phase.is_open());
        let rollouts: Vec<Rollout> = all.iter().filter_map(open).collect();
        let first = rollouts.iter().map(|rollout| rollout.step).min();
        let is_ahead = match open(one) {
            Some(rollout) if full => {
                rollout.is_last_step() && !rollouts.iter().all(Rollout::is_last_step)
            }
            Some(rollout) => Some(rollout.step) != first,
            // Done before the others.
            None => {
                let done = one.rollout.as_ref().is_some_and(|one| one.phase == Phase::Done);
                done && !rollouts.is_empty()
            }
        };
        if is_ahead {
            return Ok(None);
        }
        let digest = one.content.as_deref();
        machine::promote(&one.alias, digest, full, expect_step, now).map(Some)
    })
}

/// All go back.
pub(super) fn abort(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout abort", RolloutVerb::Abort);
    verb(context, command, request, &|one, all, _| {
        let is_open = |one: &Found| one.rollout.as_ref().is_some_and(|one| one.phase.is_open());
        match machine::abort(&one.alias, BackReason::User) {
            // It has gone back, or was not begun yet when the others were.
            Err(Refused::Ended { phase: Phase::Back(_), .. }) => {
                machine::check_as_left(&one.alias).map(|()| None)
            }
            Err(Refused::NoRollout(_) | Refused::Ended { .. }) if all.iter().any(is_open) => {
                Ok(None)
            }
            decided => decided.map(|write| Some(super::written(write))),
        }
    })
}

/// All begin again from the first step.
pub(super) fn retry(context: &Context, request: &Request) -> Result<Done, Error> {
    let command = ("rollout retry", RolloutVerb::Retry);
    let mut id = options::digest([session::run_id(context).id.as_str()].into_iter());
    id.truncate(ID_LENGTH);
    verb(context, command, request, &|one, _, now| {
        machine::retry(&one.alias, &id, one.content.as_deref(), now)
            .map(|write| Some(super::written(write)))
    })
}

/// All go back to the version that served before, each to its own.
pub(super) fn rollback(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.typed.contains_key("--to") {
        // Each function counts its versions for itself.
        let (one, other) = ("--project", "--to");
        return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
    }
    let command = ("rollback", RolloutVerb::Rollback);
    let back = |one: &Found| Ok(machine::rollback(&one.alias, None)?.write);
    let is_to_go = |one: &Found| back(one).is_ok_and(|write| write.is_some());
    verb(context, command, request, &|one, all, _| match back(one) {
        // It has gone back before the others.
        Err(Refused::NothingBefore { .. }) if all.iter().any(is_to_go) => Ok(None),
        write => Ok(write?.map(super::written)),
    })
}
