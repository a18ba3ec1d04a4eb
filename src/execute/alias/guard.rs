//! What a run knows of an alias, and how that is kept true.
//!
//! The API has no compare-and-set, so an alias is read right before it is written: that is how a
//! change by someone else is noticed. Nor does it promise read-after-write consistency: replies may
//! come from replicas that lag. A read that shows exactly what this run has replaced, including the
//! time of the last write, is therefore ignored; anything else is taken as new.

use std::ops::ControlFlow;
use std::time::Duration;

use tokio::time::Instant;

use super::{AliasRecord, explain_missing, read};
use crate::execute::{
    Awaited, ExecuteError, FunctionSession, STALE, is_missing_function, is_not_found, wait,
};
use crate::model::{Alias, FunctionId};

/// Single owner of what a run knows of an alias.
#[derive(Debug, Clone)]
pub struct AliasGuard {
    name: String,
    /// As last read or written by this run; `None` if it does not exist or is unknown.
    known: Option<Alias>,
    /// When the last read was sent; `None` if that must count as stale.
    asked_at: Option<Instant>,
    /// Whether it was read since the current step began.
    seen_in_step: bool,
    /// States that this run has replaced and reads may still show.
    replaced: Vec<Replaced>,
}

#[derive(Debug, Clone)]
struct Replaced {
    /// `None` if the alias did not exist.
    before: Option<Alias>,
    until: Instant,
}

impl AliasGuard {
    /// Returns a guard of an alias as read at a given time, if it was.
    pub(in crate::execute) fn new(
        name: &str,
        known: Option<Alias>,
        asked_at: Option<Instant>,
    ) -> Self {
        let name = name.to_owned();
        Self { name, known, asked_at, seen_in_step: true, replaced: Vec::new() }
    }

    /// Returns a guard of an alias of which nothing is known.
    pub(in crate::execute) fn unknown(name: &str) -> Self {
        Self::new(name, None, None)
    }

    pub(in crate::execute) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the alias as last read or written by this run.
    pub(in crate::execute) fn known(&self) -> Option<&Alias> {
        self.known.as_ref()
    }

    /// Returns the alias to be written.
    ///
    /// # Errors
    /// Fails if it does not exist as far as is known: one that exists by now is someone else's.
    pub(in crate::execute) fn there(&self, function: &FunctionId) -> Result<&Alias, ExecuteError> {
        self.known.as_ref().ok_or_else(|| ExecuteError::NoAlias {
            alias: self.name.clone(),
            function: function.name.clone(),
            existing: Vec::new(),
        })
    }

    /// Returns the alias if it was read since the current step began.
    pub(in crate::execute) fn seen_in_step(&self) -> Option<&Alias> {
        self.known.as_ref().filter(|_| self.seen_in_step)
    }

    /// Marks the beginning of a step, which may change the alias.
    pub(in crate::execute) fn begin_step(&mut self) {
        self.seen_in_step = false;
    }

    /// Forces another read before the next write, because time has passed since the last one.
    pub(in crate::execute) fn outdate(&mut self) {
        self.asked_at = None;
    }

    /// Records that the alias was deleted together with its function.
    pub(in crate::execute) fn forget(&mut self) {
        self.known = None;
    }

    /// Returns whether the last read is too old to base a write on.
    pub(in crate::execute) fn is_stale(&self, session: &FunctionSession<'_>) -> bool {
        self.asked_at.is_none_or(|at| session.since(at) > STALE)
    }

    /// Reads the alias, and repeats that while it shows a state that this run has replaced.
    pub(in crate::execute) async fn read(
        &self,
        session: &FunctionSession<'_>,
    ) -> Result<AliasRecord, ExecuteError> {
        // The replaced states say how long reads may lag.
        let patience = Duration::MAX;
        let what = |_: &Result<AliasRecord, ExecuteError>| Awaited::Alias(self.name.clone());
        let shown = wait::poll_until_shown(session, patience, what, async || {
            let found = match read(session, &self.name).await {
                Err(error) if wait::is_cut_short(&error) => return Err(error),
                found => found,
            };
            let outdated = match &found {
                Ok(found) => self.is_outdated(session, Some(&found.alias)),
                Err(error) if is_not_found(error) && !is_missing_function(error) => {
                    self.is_outdated(session, None)
                }
                Err(_) => false,
            };
            Ok(if outdated { ControlFlow::Continue(found) } else { ControlFlow::Break(found) })
        });
        match shown.await? {
            ControlFlow::Break(found) | ControlFlow::Continue(found) => found,
        }
    }

    /// Returns whether a read shows a state that this run has replaced.
    fn is_outdated(&self, session: &FunctionSession<'_>, found: Option<&Alias>) -> bool {
        let now = session.now();
        self.replaced
            .iter()
            .any(|replaced| replaced.until > now && replaced.before.as_ref() == found)
    }

    /// Reads the alias and records when the read was sent.
    pub(in crate::execute) async fn look(
        &self,
        session: &FunctionSession<'_>,
    ) -> Result<AliasLook, ExecuteError> {
        let at = session.now();
        Ok(AliasLook { alias: self.read(session).await?.alias, at })
    }

    /// Reads an alias that has to exist, and accepts its current state.
    ///
    /// # Errors
    /// Fails if there is no such alias, with the names of those that exist, or if the read fails.
    pub(in crate::execute) async fn find(
        &mut self,
        session: &FunctionSession<'_>,
    ) -> Result<AliasRecord, ExecuteError> {
        let at = session.now();
        let record = match self.read(session).await {
            Ok(record) => record,
            Err(error) => match explain_missing(session, error, &self.name).await {
                // It was created a moment ago: the list already shows it.
                ExecuteError::NoAlias { existing, .. } if existing.contains(&self.name) => {
                    self.note_appearing(session);
                    self.read(session).await?
                }
                error => return Err(error),
            },
        };
        self.accept(AliasLook { alias: record.alias.clone(), at });
        Ok(record)
    }

    /// Reads the alias again if the last read is too old to base a write on.
    ///
    /// # Errors
    /// Fails if someone else has changed it, or if the read fails.
    pub(in crate::execute) async fn fresh(
        &mut self,
        session: &FunctionSession<'_>,
    ) -> Result<(), ExecuteError> {
        if self.is_stale(session) {
            let AliasLook { alias, at } = self.look(session).await?;
            self.check(&alias)?;
            self.refresh(alias);
            self.asked_at = Some(at);
        }
        Ok(())
    }

    /// Accepts a read that shows no foreign change.
    ///
    /// # Errors
    /// Fails if someone else has changed the alias.
    pub(in crate::execute) fn note(&mut self, look: &AliasLook) -> Result<(), ExecuteError> {
        self.check(&look.alias)?;
        self.refresh(look.alias.clone());
        (self.asked_at, self.seen_in_step) = (Some(look.at), true);
        Ok(())
    }

    /// Updates a known alias from a read: equal content may have been written at another time, and
    /// later reads are compared with that.
    fn refresh(&mut self, alias: Alias) {
        if self.known.is_some() {
            self.known = Some(alias);
        }
    }

    /// Accepts a state written by someone else. Forces another read before the next write.
    pub(in crate::execute) fn take_over(&mut self, alias: Alias) {
        (self.known, self.asked_at, self.seen_in_step) = (Some(alias), None, false);
    }

    /// Accepts a read, whatever it shows.
    pub(in crate::execute) fn accept(&mut self, look: AliasLook) {
        self.known = Some(look.alias);
        (self.asked_at, self.seen_in_step) = (Some(look.at), true);
    }

    /// Fails if the alias is not as this run knows it.
    pub(in crate::execute) fn check(&self, found: &Alias) -> Result<(), ExecuteError> {
        self.known.as_ref().map_or(Ok(()), |known| unchanged(found, known))
    }

    /// Records that the alias exists, which reads may not show yet.
    pub(in crate::execute) fn note_appearing(&mut self, session: &FunctionSession<'_>) {
        self.note_replaced(None, session.now() + session.lag);
    }

    /// Records what this run's write replaced. Reads may show that until the given time.
    pub(super) fn note_replaced(&mut self, before: Option<&Alias>, until: Instant) {
        self.replaced.push(Replaced { before: before.cloned(), until });
    }

    /// Forgets states that a write is about to restore.
    pub(super) fn forget_replaced(&mut self, is_wanted: impl Fn(&Alias) -> bool) {
        self.replaced.retain(|replaced| !replaced.before.as_ref().is_some_and(&is_wanted));
    }
}

/// A read of an alias.
#[derive(Debug, Clone)]
pub struct AliasLook {
    /// The alias as it was then.
    pub alias: Alias,
    /// When the read was sent.
    pub at: Instant,
}

/// Fails if an alias is not as this run knows it.
///
/// Equal content written at another time is no conflict: after a lost response this run may have
/// written it twice, and the decision stays the same.
pub(super) fn unchanged(found: &Alias, known: &Alias) -> Result<(), ExecuteError> {
    if found.routing == known.routing && found.description == known.description {
        return Ok(());
    }
    Err(ExecuteError::Conflict {
        expected: Box::new(known.clone()),
        observed: Box::new(found.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Routing, Version};

    #[test]
    fn an_alias_that_went_with_its_function_is_not_written() {
        let function = FunctionId {
            name: "f".to_owned(),
            namespace: "default".to_owned(),
            region: "ap-guangzhou".to_owned(),
        };
        let alias = Alias {
            name: "live".to_owned(),
            routing: Routing::all_to(Version::Number(1)),
            description: String::new(),
            modified: String::new(),
        };
        let mut guard = AliasGuard::new("live", Some(alias.clone()), None);
        assert_eq!(guard.there(&function).unwrap(), &alias);
        guard.forget();
        let error = guard.there(&function).unwrap_err();
        assert_eq!(error.to_string(), "no alias `live` on function `f`");
    }
}
