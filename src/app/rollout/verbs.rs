//! Commands that are one guarded write: pause, resume, promote, abort, retry.

use std::time::Duration;

use super::cloud::Cloud;
use super::digest::rollout_id;
use super::dry_run::planned;
use super::ending::{AskedBy, as_it_is};
use super::outside::Outside;
use super::place::{RolloutContext, option_error, read, task};
use super::service::Service;
use super::{Request, options, project, tick};
use crate::app::{Context, Done, session};
use crate::error::{Error, ExitCode, RolloutVerb};
use crate::execute::{self, ExecuteError};
use crate::model::{Alias, Routing, Version};
use crate::plan::rollout::machine::{self, Decision, Refused, Write};
use crate::plan::rollout::state::{BackReason, Phase, Rollout};
use crate::report::notice::Notice;

/// What a command that is one write decides by the alias as found, and the digest of `$LATEST`.
pub(super) type Decide<'a> = dyn Fn(&Alias, Option<&str>, chrono::DateTime<chrono::Utc>) -> Result<Option<Decision>, Refused>
    + 'a;

/// A command that is one guarded write.
pub(super) fn verb(
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
            return Ok(place.done(&settings, &as_it_is(alias), AskedBy::Verb, &service));
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
                _ => place.done(&settings, &as_it_is(alias), AskedBy::Verb, &service),
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
        let behind = |error| RolloutContext::behind(place.failed(error), &service);
        let done = done.map_err(behind)?;
        let done = done.unwrap_or_else(|| as_it_is(alias));
        let is_waived =
            |after: &Rollout| after.id == rollout.id && after.choices.deadline.is_none();
        if rollout.choices.deadline.is_some() && done.rollout.as_ref().is_some_and(is_waived) {
            place.sink.note(&Notice::DeadlineWaived);
        }
        Ok(place.done(&settings, &done, AskedBy::Verb, &service))
    })
}

/// How long it is asked at most whether a version is there: a way back does not wait for that.
pub(super) const CHECK: Duration = Duration::from_secs(5);

/// Checks that the versions are there and can serve which a write gives requests to that get none
/// now.
///
/// # Errors
/// One is not there, or its publication failed. Where that cannot be read, the write itself says it.
pub(super) async fn check_there(
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
        let Err(error) = checked else { continue };
        let is_failed = matches!(error, ExecuteError::Failed { .. });
        let error = service.failed(error);
        if dry_run || is_failed || error.is_stop() || error.exit_code() == ExitCode::NotFound {
            return Err(error);
        }
    }
    Ok(())
}

pub(super) fn written(write: Write) -> Decision {
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
    let id = rollout_id([session::run_id(context).id.as_str()].into_iter());
    verb(context, command, request, &|alias, content, now| {
        Ok(Some(written(machine::retry(alias, &id, content, now)?)))
    })
}
