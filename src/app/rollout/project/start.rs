//! Beginning the rollouts of all functions: all of them, or none.

use futures_util::future::join_all;

use super::done::{NamedStep, behind, is_publication, of_function};
use super::functions::{ProjectFunction, check_steps, services};
use super::ids::common_id;
use super::read::read;
use crate::app::rollout::cloud::Cloud;
use crate::app::rollout::deploy::may_begin;
use crate::app::rollout::ending::{AskedBy, as_it_is};
use crate::app::rollout::options::{RolloutPlan, VersionChoice};
use crate::app::rollout::service::Service;
use crate::app::rollout::start::new_version;
use crate::app::rollout::tick::{self, TickError, Ticked};
use crate::app::rollout::together::{self, All, Ticks};
use crate::app::rollout::{Request, repeated};
use crate::app::{Context, Done, session};
use crate::error::{Error, RolloutVerb};
use crate::model::{Alias, Version};
use crate::plan::rollout::machine::{self, Write};
use crate::plan::rollout::state::{BackReason, Phase, Rollout};
use crate::plan::rollout::together::Apart;
use crate::report::notice::Notice;

/// What one function is begun with.
struct BeginningOfOne<'a> {
    function: &'a ProjectFunction,
    plan: RolloutPlan,
    service: Service<'a>,
    /// Its rollout, if an earlier run of the same id has begun it.
    begun: Option<Rollout>,
}

/// What was done to begin.
fn done_to_begin(all: &[BeginningOfOne<'_>]) -> Vec<NamedStep> {
    all.iter().flat_map(|one| of_function(&one.function.id.name, &one.service)).collect()
}

impl BeginningOfOne<'_> {
    fn phase(&self) -> Option<Phase> {
        self.begun.as_ref().map(|rollout| rollout.phase)
    }
}

/// Begins the rollouts of all, and follows them to their end.
pub(in crate::app::rollout) fn start(context: &Context, request: &Request) -> Result<Done, Error> {
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
            all.push(BeginningOfOne { function, plan, service, begun });
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
            // Where one cannot begin, the beginnings of the others were made undone.
            let done: Vec<_> = done_to_begin(all).into_iter().filter(is_publication).collect();
            if done.is_empty() {
                return error;
            }
            error.behind(done).of_run(session.run_to_name(true))
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
            let services = all.iter_mut().map(|one| &mut one.service).collect();
            project.tell_accounts(services, (&begun, apart.as_ref()), asked, now).await;
            let done = project.done(context, Ticks { all: begun, apart }, asked, now);
            let error = done.error.map(|error| of_begun(error, &all));
            return Ok(Done { error, ..done });
        }
        let parts = all.iter().map(|one| one.function.part(&session, one.plan.outside.clone()));
        let mut parts: Vec<_> = parts.collect();
        let followed = Box::pin(together::follow(&mut parts, Some(&id))).await;
        let now = session.server_time();
        project.tell_followed(services(&mut parts), &followed, now).await;
        let done = project.conclude(context, followed, now);
        let later = parts.iter().flat_map(|part| of_function(&part.name, &part.cloud));
        let steps = done_to_begin(&all).into_iter().chain(later).collect();
        Ok(behind(done, &session, steps))
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
    for BeginningOfOne { function, plan, service, .. } in all.iter_mut().filter(is_new) {
        let place = function.place();
        // Each may take its time to publish.
        service.begin(false);
        let alias = service.alias().await?;
        let (to, step) = Box::pin(new_version(&place, plan, service, &alias, run_id)).await?;
        service.did(step);
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
        Some((alias, write)) if dry_run => (Ok(Ticked::due(alias, &write)), None),
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
