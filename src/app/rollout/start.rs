//! Beginning a rollout, once under each run id.

use std::ops::ControlFlow;

use super::cloud::Cloud;
use super::dry_run::planned;
use super::ending::{AskedBy, as_it_is, conclude};
use super::follow::follow;
use super::options::{self, VersionChoice};
use super::place::{RolloutContext, option_error, read, task};
use super::service::Service;
use super::tick::{TickNews, Ticked};
use super::{Request, digest, project, repeated, tick};
use crate::app::session::{self, Session};
use crate::app::{Context, Done};
use crate::config::settings::Settings;
use crate::error::{Error, ExitCode, RolloutError, RolloutOption, RolloutVerb, Task};
use crate::execute::{self, PublishRequest};
use crate::model::{Alias, FunctionId, Version, last_published};
use crate::plan::Step;
use crate::plan::marker;
use crate::plan::rollout::machine;
use crate::report::Section;
use crate::report::notice::Notice;

/// Begins a rollout and follows it to its end.
pub(crate) fn start(context: &Context, request: &Request) -> Result<Done, Error> {
    if context.options.reports && context.options.dry_run {
        // What would be done has no outcome; a rehearsal has.
        let (one, other) = ("--report", "--dry-run");
        return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
    }
    if request.project {
        let to = request.typed.get("--to").and_then(|text| text.parse().ok());
        if let Some(Version::Number(_)) = to {
            // Each function counts its versions for itself.
            let (one, other) = ("--project", "--to NUMBER");
            return Err(RolloutError::of_option(RolloutOption::Together { one, other }));
        }
        return project::start(context, request);
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

/// Begins a rollout on a session that is open.
pub(super) async fn begin(
    settings: &Settings,
    place: &RolloutContext<'_>,
    plan: &options::RolloutPlan,
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
    let mut alias = service.alias().await?;
    let own = |alias: &Alias| {
        let rollout = run_id.given.then(|| machine::memory(alias).ok()?.rollout).flatten();
        rollout.filter(|rollout| rollout.id == id)
    };
    if own(&alias).is_none() {
        let first = FirstWrite { place, plan, id: &id, run_id: &run_id };
        match Box::pin(first.carry_out(&mut service, &alias, &mut tell)).await {
            Ok(ControlFlow::Continue(ticked)) if request.detach => {
                place.tell_account(&mut service, Some(&ticked), false).await;
                return Ok(place.done(settings, &ticked, AskedBy::Verb, &service));
            }
            Ok(ControlFlow::Continue(_)) => {}
            Ok(ControlFlow::Break(shown)) => return Ok(shown),
            // Another process of the same run may have been quicker.
            Err(error) if run_id.given && error.exit_code() == ExitCode::Conflict => {
                match service.alias().await {
                    Ok(found) if own(&found).is_some() => alias = found,
                    _ => return Err(error),
                }
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(own) = own(&alias) {
        repeated::check(place, &request.typed, plan, &own, service.now())?;
        if request.detach || context.options.dry_run {
            // It has been begun; the rest is for others.
            let begun = as_it_is(alias);
            place.tell_still(&begun, &service);
            place.tell_account(&mut service, Some(&begun), false).await;
            return Ok(place.done(settings, &begun, AskedBy::Tick, &service));
        }
    }
    place.sink.section(Section::Rollout);
    let followed = Box::pin(follow(&mut service, &digests, Some(&id), &mut tell)).await;
    place.tell_followed(&mut service, &followed).await;
    conclude(settings, place, &service, followed)
}

/// The write that begins a rollout.
struct FirstWrite<'a> {
    place: &'a RolloutContext<'a>,
    plan: &'a options::RolloutPlan,
    id: &'a str,
    run_id: &'a session::RunId,
}

impl FirstWrite<'_> {
    /// Publishes where that is asked for, and writes; or shows what would be written.
    ///
    /// # Errors
    /// The alias cannot be rolled out as it is, or a call fails.
    async fn carry_out(
        &self,
        service: &mut Service<'_>,
        alias: &Alias,
        tell: &mut dyn FnMut(TickNews<'_>),
    ) -> Result<ControlFlow<Done, Ticked>, Error> {
        let Self { place, plan, id, run_id } = *self;
        let (to, published) = Box::pin(new_version(place, plan, service, alias, run_id)).await?;
        service.did(published);
        let begun = async {
            let digest = match to {
                Version::Latest => Some(service.content().await?),
                Version::Number(_) => None,
            };
            let wish = plan.wish(id.to_owned(), to, digest);
            // What came before took its time.
            let alias = service.alias().await?;
            let write = machine::begin(&alias, &wish, service.now());
            let write = write.map_err(|refused| place.error(refused))?;
            if place.context.options.dry_run {
                let shown = planned(place, &alias, &write, plan.to == VersionChoice::Publish);
                return Ok(ControlFlow::Break(shown));
            }
            place.sink.section(Section::Rollout);
            let ticked = tick::carry_out(service, write, None, tell).await;
            ticked.map(ControlFlow::Continue).map_err(|error| place.failed(error))
        };
        let begun: Result<_, Error> = begun.await;
        begun.map_err(|error| RolloutContext::behind(error, service))
    }
}

/// Names a rollout. Under the same `--run-id` it is the same, so that the command may be repeated.
pub(super) fn rollout_id(place: &RolloutContext<'_>, run_id: &str) -> String {
    let FunctionId { name, namespace, region } = &place.function;
    let parts = [run_id, region, namespace, name, &place.alias];
    digest::rollout_id(parts.into_iter())
}

/// The version that is rolled out, published first where that is asked for, with that step.
pub(super) async fn new_version(
    place: &RolloutContext<'_>,
    plan: &options::RolloutPlan,
    service: &mut Service<'_>,
    alias: &Alias,
    run_id: &session::RunId,
) -> Result<(Version, Option<Step>), Error> {
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
        Ok::<Version, Error>(meant)
    };
    // Nobody is sent to one whose publication is under way or failed.
    let proven = async |version: Version| {
        let on = service.on();
        let proven = match version {
            Version::Latest => Ok(()),
            _ if place.context.options.dry_run => {
                execute::versions::check_servable(&on, version).await
            }
            Version::Number(_) => execute::versions::prove(&on, &[version]).await,
        };
        proven.map_err(failed).map(|()| (version, None))
    };
    match plan.to {
        VersionChoice::Is(version) => proven(version).await,
        VersionChoice::LatestPublished => proven(newest().await?).await,
        // What would be published is not there: the next number is what it would be.
        VersionChoice::Publish if place.context.options.dry_run => {
            let versions = execute::versions::list(&service.on()).await.map_err(failed)?;
            Ok((Version::after(versions.iter().map(|version| version.version)), None))
        }
        VersionChoice::Publish => {
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
            let version = published.map_err(failed)?.version;
            // One that an earlier run of the same name made is none that this one did.
            let step = Step::Publish { description: String::new() };
            Ok((version, on.has_perhaps_published().then_some(step)))
        }
    }
}

/// Whether an earlier run of the same name has begun the rollout of an alias.
pub(super) async fn is_begun(
    place: &RolloutContext<'_>,
    service: &mut Service<'_>,
) -> Result<bool, Error> {
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
