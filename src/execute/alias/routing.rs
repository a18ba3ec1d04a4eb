//! Writes aliases: read right before each write, and read back.

use std::time::Duration;

use super::guard::unchanged;
use super::{AliasGuard, AliasLook, AliasRecord, shown_description};
use crate::api::actions::{RoutingConfig, UpdateAlias};
use crate::api::retry::ErrorKind;
use crate::execute::write::{self, Refusals};
use crate::execute::{AliasState, ExecuteError, FunctionSession, wire};
use crate::model::{Alias, Routing, Weight};

/// How long reads may lag behind a write whose form the service may have ignored, before the next
/// form is tried.
const FORM_PATIENCE: Duration = Duration::from_secs(1);

impl AliasGuard {
    /// Writes the routing, reads it back, and returns the alias as the service has it.
    ///
    /// `read_back` reads the alias after the write, along with anything else to be read then.
    ///
    /// # Errors
    /// Fails if the alias does not exist as far as is known, if someone else has changed it, if a
    /// call fails, or if the service does not show what was written.
    pub(in crate::execute) async fn set(
        &mut self,
        session: &FunctionSession<'_>,
        routing: &Routing,
        description: Option<&str>,
        read_back: impl AsyncFn(&Self) -> Result<AliasRecord, ExecuteError>,
    ) -> Result<AliasRecord, ExecuteError> {
        let known = self.there(&session.function)?.clone();
        let record = set_routing(session, self, &known, routing, description, read_back).await?;
        self.accept(AliasLook { alias: record.alias.clone(), at: session.now() });
        Ok(record)
    }
}

/// Writes the routing of an alias and reads it back.
///
/// `known` is the alias as this run last saw it; its description is kept unless another one is
/// given. A write replaces the whole routing, and the last writer wins. So after a refusal or a
/// lost response the alias is read before it is written again: someone else may have changed it.
pub(super) async fn set_routing(
    session: &FunctionSession<'_>,
    guard: &mut AliasGuard,
    known: &Alias,
    routing: &Routing,
    description: Option<&str>,
    read_back: impl AsyncFn(&AliasGuard) -> Result<AliasRecord, ExecuteError>,
) -> Result<AliasRecord, ExecuteError> {
    // The reference does not say whether omitting the description keeps it.
    let kept = Some(known.description.clone()).filter(|text| !text.is_empty());
    let mut last = known.clone();
    let mut forms = routing_forms(&known.routing, routing).into_iter().peekable();
    while let Some(form) = forms.next() {
        let action = UpdateAlias {
            function: session.function_ref(),
            name: known.name.clone(),
            function_version: routing.main.to_string(),
            routing_config: form,
            description: description.map(str::to_owned).or_else(|| kept.clone()),
        };
        let more_forms = forms.peek().is_some();
        let as_asked = |found: &Alias| is_as_asked(found, routing, description, more_forms);
        if let Some(found) = send(session, guard, &action, &mut last, more_forms, as_asked).await? {
            return Ok(found);
        }
        guard.forget_replaced(as_asked);
        let patience = if more_forms { FORM_PATIENCE.min(session.lag) } else { session.lag };
        guard.note_replaced(Some(&last), session.now() + patience);
        let record = read_back(&*guard).await?;
        let shown = shown_description(&record, description);
        if is_as_asked(&record.alias, routing, shown, more_forms) {
            return Ok(record);
        }
        let (found, before) = (&record.alias.routing, &last.routing);
        let survived = [routing.main, before.main].contains(&found.main)
            && found.additional == before.additional
            && found.matches == before.matches;
        last = record.alias;
        if !survived {
            // Neither what was written nor what was there before: someone else's change.
            break;
        }
    }
    Err(ExecuteError::Mismatch {
        alias: known.name.clone(),
        intended: Box::new(AliasState::Routing(routing.clone())),
        observed: Box::new(AliasState::Routing(last.routing)),
    })
}

/// Returns whether an alias is as requested.
fn is_as_asked(
    found: &Alias,
    routing: &Routing,
    description: Option<&str>,
    more_forms: bool,
) -> bool {
    // A weight on the main version itself has no effect, but makes the alias invalid.
    let main = found.routing.main;
    let tangled = found.routing.additional.iter().any(|(version, _)| *version == main);
    found.routing.same_effect(routing)
        && main == routing.main
        && description.is_none_or(|text| text == found.description)
        && !(tangled && more_forms)
}

/// Sends one form of a routing.
///
/// `last` is the alias to be replaced, as last seen. Equal content may have been written at another
/// time, by an attempt whose response was lost.
///
/// Returns the alias if a read after an error shows it as requested, or `None` if it has to be read
/// back or the next form is due.
///
/// This does not use [`write::write_then_look`], which looks only after lost responses and their
/// echoes: here no time may pass between a look and a write, so every error is followed by a look.
async fn send(
    session: &FunctionSession<'_>,
    guard: &AliasGuard,
    action: &UpdateAlias,
    last: &mut Alias,
    more_forms: bool,
    as_asked: impl Fn(&Alias) -> bool,
) -> Result<Option<AliasRecord>, ExecuteError> {
    let (mut refusals, mut attempt) = (Refusals::default(), 1);
    loop {
        session.check_interrupt()?;
        let Err(error) = session.send(action).await else { return Ok(None) };
        if let Some(after) = error.pause_before_repeating(attempt) {
            write::pause_before_repeating(session, &error, after).await?;
            attempt += 1;
        } else if error.perhaps_executed() {
            return Err(error.into());
        } else if error.kind() == Some(ErrorKind::Refused) && more_forms {
            // Surviving weights may clash with the new main version; the next form clears them.
            return Ok(None);
        } else {
            write::await_turn(session, error, &mut refusals).await?;
        }
        let found = guard.read(session).await?;
        if as_asked(&found.alias) {
            return Ok(Some(found));
        }
        unchanged(&found.alias, last)?;
        *last = found.alias;
    }
}

/// Returns the forms in which a routing can be written, best first.
///
/// With an additional version there is one. For "everything to the main version" the reference does
/// not settle whether an absent or an empty `RoutingConfig` clears existing weights. So the next
/// form is sent if weights survived. The last form keeps the old version with weight 0.
fn routing_forms(known: &Routing, wanted: &Routing) -> Vec<Option<RoutingConfig>> {
    let direct = wire::routing_config(wanted);
    if direct.is_some() {
        return vec![direct];
    }
    let empty = RoutingConfig {
        additional_version_weights: Some(Vec::new()),
        addtion_version_matchs: Some(Vec::new()),
    };
    let mut forms = vec![None, Some(empty)];
    let others = known.additional.iter().map(|(version, _)| *version).chain([known.main]);
    if let Some(other) = others.into_iter().find(|version| *version != wanted.main) {
        forms.push(wire::routing_config(&Routing::split(wanted.main, other, Weight::ZERO)));
    }
    forms
}
