//! The way back by hand, in one write.

use super::cloud::Cloud;
use super::dry_run::planned;
use super::ending::{AskedBy, as_it_is, is_remembered};
use super::outside::Outside;
use super::place::{RolloutContext, option_error, read, task};
use super::service::Service;
use super::tick::TickOutcome;
use super::verbs::check_there;
use super::{Request, notify, project, tick};
use crate::app::{Context, Done};
use crate::error::{Error, RolloutOption, RolloutVerb};
use crate::model::{Alias, Version, Weight};
use crate::plan::rollout::machine::{self, WayBack};
use crate::report::announcement::Announcement;
use crate::report::notice::Notice;

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
            return Ok(place.done(&settings, &as_it_is(alias), AskedBy::Verb, &service));
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
        if matches!(ticked.outcome, TickOutcome::Wrote(_)) && service.has_written() {
            let rollout = ticked.rollout.as_ref();
            let language = rollout.and_then(|rollout| rollout.choices.language);
            let now = service.now();
            place.announcer.tell(way_back(&place, &alias, &back, now), language, now);
        }
        place.sink.note(&Notice::RolledBack { to: back.to, left: back.left.clone() });
        let undo = undo_of_rollback(&place, (&alias, &ticked.alias), &back);
        Ok(place.done_with(&settings, &ticked, AskedBy::Verb, undo, &service))
    })
}

/// What chats are told of a way back by hand.
pub(super) fn way_back(
    place: &RolloutContext<'_>,
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
pub(super) fn undo_of_rollback(
    place: &RolloutContext<'_>,
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
pub(super) fn shown(version: Version) -> String {
    crate::shell::quoted(&version.to_string()).into_owned()
}
