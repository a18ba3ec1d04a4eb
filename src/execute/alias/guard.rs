//! What a run knows of an alias, and how it keeps that true.
//!
//! The API has no compare-and-set, so an alias is looked at right before it is written: that is
//! how someone else's change is noticed. And it promises nothing about reads after writes:
//! answers may come from replicas that lag behind. A read that shows exactly what this run has
//! replaced, time of the last write included, is therefore no news; anything else is.

use std::ops::ControlFlow;
use std::time::Duration;

use tokio::time::Instant;

use super::{AliasRecord, explain_missing, read};
use crate::execute::{
    Awaited, ExecuteError, FunctionSession, STALE, is_missing_function, is_not_found, wait,
};
use crate::model::{Alias, FunctionId};

/// The one owner of what a run knows of an alias.
#[derive(Debug, Clone)]
pub struct AliasGuard {
    name: String,
    /// As read or written last by this run; `None` where it is not there, or not known.
    known: Option<Alias>,
    /// When it was asked for last; `None` when that is too long ago, whatever the clock says.
    asked_at: Option<Instant>,
    /// Whether it was looked at since the step under way began.
    seen_in_step: bool,
    /// What reads may still show although this run has replaced it.
    replaced: Vec<Replaced>,
}

#[derive(Debug, Clone)]
struct Replaced {
    /// `None` where there was none.
    before: Option<Alias>,
    until: Instant,
}

impl AliasGuard {
    /// Returns a guard of an alias that was read, if it was, at a given time.
    pub(in crate::execute) fn new(
        name: &str,
        known: Option<Alias>,
        asked_at: Option<Instant>,
    ) -> Self {
        let name = name.to_owned();
        Self { name, known, asked_at, seen_in_step: true, replaced: Vec::new() }
    }

    /// Returns a guard of an alias that nothing is known of.
    pub(in crate::execute) fn unknown(name: &str) -> Self {
        Self::new(name, None, None)
    }

    pub(in crate::execute) fn name(&self) -> &str {
        &self.name
    }

    /// The alias as read or written last by this run.
    pub(in crate::execute) fn known(&self) -> Option<&Alias> {
        self.known.as_ref()
    }

    /// The alias as known, to be written.
    ///
    /// # Errors
    /// It is not there as far as is known: what is there by now is someone else's.
    pub(in crate::execute) fn there(&self, function: &FunctionId) -> Result<&Alias, ExecuteError> {
        self.known.as_ref().ok_or_else(|| ExecuteError::NoAlias {
            alias: self.name.clone(),
            function: function.name.clone(),
            existing: Vec::new(),
        })
    }

    /// The alias as known, when it was looked at since the last step began.
    pub(in crate::execute) fn seen_in_step(&self) -> Option<&Alias> {
        self.known.as_ref().filter(|_| self.seen_in_step)
    }

    /// A step begins, after which the alias may be another.
    pub(in crate::execute) fn begin_step(&mut self) {
        self.seen_in_step = false;
    }

    /// Something else was done since the last look, so that nothing may be written by it.
    pub(in crate::execute) fn outdate(&mut self) {
        self.asked_at = None;
    }

    /// The alias is gone, with its function.
    pub(in crate::execute) fn forget(&mut self) {
        self.known = None;
    }

    /// Whether the last look is too old to write by.
    pub(in crate::execute) fn is_stale(&self, session: &FunctionSession<'_>) -> bool {
        self.asked_at.is_none_or(|at| session.since(at) > STALE)
    }

    /// Reads the alias, again while it shows what this run has replaced.
    pub(in crate::execute) async fn read(
        &self,
        session: &FunctionSession<'_>,
    ) -> Result<AliasRecord, ExecuteError> {
        // How long reads may lag is told by what was replaced.
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

    /// Whether a read shows what this run has replaced.
    fn is_outdated(&self, session: &FunctionSession<'_>, found: Option<&Alias>) -> bool {
        let now = session.now();
        self.replaced
            .iter()
            .any(|replaced| replaced.until > now && replaced.before.as_ref() == found)
    }

    /// Reads the alias, and remembers when it was asked for.
    pub(in crate::execute) async fn look(
        &self,
        session: &FunctionSession<'_>,
    ) -> Result<AliasLook, ExecuteError> {
        let at = session.now();
        Ok(AliasLook { alias: self.read(session).await?.alias, at })
    }

    /// Reads the alias, which has to be there, and takes it as it is now.
    ///
    /// # Errors
    /// No such alias, with the names of those that are; or the read fails.
    pub(in crate::execute) async fn find(
        &mut self,
        session: &FunctionSession<'_>,
    ) -> Result<AliasRecord, ExecuteError> {
        let at = session.now();
        let record = match self.read(session).await {
            Ok(record) => record,
            Err(error) => match explain_missing(session, error, &self.name).await {
                // It was made a moment ago, and the list knows already.
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

    /// Looks at the alias again if the last look is too old to write by.
    ///
    /// # Errors
    /// Someone else has changed it, or the read fails.
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

    /// Takes in a look.
    ///
    /// # Errors
    /// Someone else has changed the alias.
    pub(in crate::execute) fn note(&mut self, look: &AliasLook) -> Result<(), ExecuteError> {
        self.check(&look.alias)?;
        self.refresh(look.alias.clone());
        (self.asked_at, self.seen_in_step) = (Some(look.at), true);
        Ok(())
    }

    /// Takes over what a look shows of an alias that is known: equal content may have been written
    /// at another time, and reads are held against that.
    fn refresh(&mut self, alias: Alias) {
        if self.known.is_some() {
            self.known = Some(alias);
        }
    }

    /// Takes the alias as somebody else has made it. Nothing is written by that before another
    /// look.
    pub(in crate::execute) fn take_over(&mut self, alias: Alias) {
        (self.known, self.asked_at, self.seen_in_step) = (Some(alias), None, false);
    }

    /// Takes in a look, whatever it shows.
    pub(in crate::execute) fn accept(&mut self, look: AliasLook) {
        self.known = Some(look.alias);
        (self.asked_at, self.seen_in_step) = (Some(look.at), true);
    }

    /// An error when the alias is not as this run knows it.
    pub(in crate::execute) fn check(&self, found: &Alias) -> Result<(), ExecuteError> {
        self.known.as_ref().map_or(Ok(()), |known| unchanged(found, known))
    }

    /// Notes that the alias is there, which reads need not show yet.
    pub(in crate::execute) fn note_appearing(&mut self, session: &FunctionSession<'_>) {
        self.note_replaced(None, session.now() + session.lag);
    }

    /// Notes what the alias was before this run wrote it. Reads may show that until a given time.
    pub(super) fn note_replaced(&mut self, before: Option<&Alias>, until: Instant) {
        self.replaced.push(Replaced { before: before.cloned(), until });
    }

    /// Forgets states that a write is about to bring back.
    pub(super) fn forget_replaced(&mut self, is_wanted: impl Fn(&Alias) -> bool) {
        self.replaced.retain(|replaced| !replaced.before.as_ref().is_some_and(&is_wanted));
    }
}

/// A look at an alias.
#[derive(Debug, Clone)]
pub struct AliasLook {
    /// The alias as it was then.
    pub alias: Alias,
    /// When it was asked for.
    pub at: Instant,
}

/// An error when an alias is not what this run knows it as.
///
/// Equal content that was written at another time is no conflict: after a lost answer this run
/// wrote it twice, and what is decided on is the same.
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
