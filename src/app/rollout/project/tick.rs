//! Looks at all functions of a project.

use super::done::{behind, of_function};
use super::functions::services;
use super::read::read;
use crate::app::rollout::Request;
use crate::app::rollout::ending::AskedBy;
use crate::app::rollout::tick::TickNews;
use crate::app::rollout::together;
use crate::app::{Context, Done};
use crate::error::{Error, RolloutOption, RolloutVerb};

/// One look at all, and what is due; or ticks until there is nothing left to do.
pub(in crate::app::rollout) fn tick(context: &Context, request: &Request) -> Result<Done, Error> {
    let project = read(context, "rollout tick", RolloutVerb::Tick, request)?;
    project.block_on(async {
        let session = project.open(context).await?;
        let mut parts = Vec::new();
        for function in &project.functions {
            parts.push(function.judged(&session).await?);
        }
        if request.follow {
            let followed = Box::pin(together::follow(&mut parts, None)).await;
            let now = session.server_time();
            project.tell_followed(services(&mut parts), &followed, now).await;
            let done = project.conclude(context, followed, now);
            let steps = parts.iter().flat_map(|part| of_function(&part.name, &part.cloud));
            return Ok(behind(done, &session, steps.collect()));
        }
        let came = Box::pin(together::tick(&mut parts, true, None)).await;
        let (now, seen) = (session.server_time(), (&came.all, came.apart.as_ref()));
        project.tell_accounts(services(&mut parts), seen, AskedBy::Tick, now).await;
        Ok(project.done(context, came, AskedBy::Tick, now))
    })
}

/// Where all are; changes nothing.
pub(in crate::app::rollout) fn status(context: &Context, request: &Request) -> Result<Done, Error> {
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
        let (now, seen) = (session.server_time(), (&came.all, came.apart.as_ref()));
        project.tell_accounts(services(&mut parts), seen, AskedBy::Verb, now).await;
        if let Some(apart) = came.apart.take() {
            context.sink.warning(&apart);
        }
        Ok(project.done(context, came, AskedBy::Verb, now))
    })
}
