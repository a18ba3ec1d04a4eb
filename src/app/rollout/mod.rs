//! `scfctl rollout` and `scfctl rollback`.
//!
//! A tick is one look, one decision and at most one write; `start` is ticks and sleeping. All state
//! is in the alias, so that any command, from any machine, goes on where another stopped.

mod account;
pub(crate) mod cloud;
mod deploy;
mod digest;
mod dry_run;
mod ending;
pub(crate) mod follow;
pub(crate) mod glance;
#[cfg(test)]
mod laws;
mod monitor;
mod notify;
pub(crate) mod options;
mod outside;
mod place;
mod project;
pub(crate) mod rehearse;
mod repeated;
mod reported;
mod rollback;
mod service;
mod start;
pub(crate) mod tick;
mod together;
mod verbs;
pub(crate) mod wait;

use super::{Context, Done, session};
use crate::error::{Error, NoData, RolloutOption, RolloutVerb};
use crate::plan::rollout::machine;
use crate::plan::rollout::state::{Phase, Rollout};
use crate::report::{Report, Sink};
use cloud::Cloud;
pub(crate) use deploy::deploy;
use ending::{AskedBy, as_it_is, conclude};
use follow::follow;
use options::{GivenOptions, Typed};
pub(super) use place::option_error;
use place::{RolloutContext, read, task};
pub(crate) use rollback::rollback;
use service::Service;
pub(crate) use start::start;
pub(crate) use verbs::{abort, pause, promote, resume, retry};

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
    pub rehearsal: rehearse::RehearsalRequest,
    /// `promote`: only in this step.
    pub expect_step: Option<usize>,
}

/// One look, one decision, at most one write; or ticks until there is nothing left to do.
pub(crate) fn tick(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.project {
        return project::tick(context, request);
    }
    let (settings, given, place) = read(context, "rollout tick", request)?;
    let of_options = |problem: RolloutOption| option_error(&place.function, problem);
    let (outside, faulty) = given.outside_of_tick(&*place.sink).map_err(of_options)?;
    let digests = outside.digests();
    let task = task(RolloutVerb::Tick, &place);
    place.announcer.warn();
    place.block_on(async {
        let session = place.open(&settings).await?;
        let (function, alias) = (place.function.clone(), place.alias.clone());
        let mut service = Service::new(context, session, function, alias, outside, &task);
        if let Some(problem) = faulty {
            tick_with(&given, problem, &mut service, &*place.sink).await?.map_err(of_options)?;
        }
        let mut tell = place.teller();
        if request.follow {
            let followed = Box::pin(follow(&mut service, &digests, None, &mut tell)).await;
            place.tell_followed(&mut service, &followed).await;
            return conclude(&settings, &place, &service, followed);
        }
        let ticked = Box::pin(tick::tick(&mut service, &digests, &mut tell)).await;
        place.tell_account(&mut service, ticked.as_ref().ok(), ticked.is_err()).await;
        let behind = |error| RolloutContext::behind(place.failed(error), &service);
        let ticked = ticked.map_err(behind)?;
        place.tell_still(&ticked, &service);
        Ok(place.done(&settings, &ticked, AskedBy::Tick, &service))
    })
}

/// Says what of the map a tick cannot use, where the rollout is judged by nothing of that kind: the
/// other gates go on to look.
///
/// # Errors
/// The alias cannot be read. Within: the rollout is judged by such.
async fn tick_with(
    given: &GivenOptions,
    problem: RolloutOption,
    service: &mut Service<'_>,
    sink: &dyn Sink,
) -> Result<Result<(), RolloutOption>, Error> {
    let alias = service.alias().await?;
    let rollout = machine::memory(&alias).ok().and_then(|memory| memory.rollout);
    let running = rollout.filter(|rollout| rollout.phase == Phase::Running);
    if running
        .is_some_and(|Rollout { gates, .. }| gates.command.is_some() || gates.prometheus.is_some())
    {
        return Ok(Err(problem));
    }
    given.outside_or_none(&|problem| sink.warning(problem));
    Ok(Ok(()))
}

/// Shows where a rollout is and what its gates say; changes nothing.
pub(crate) fn status(context: &Context, request: &Request) -> Result<Done, Error> {
    if request.project {
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
        Ok(place.done(&settings, &still, AskedBy::Verb, &service))
    })
}
