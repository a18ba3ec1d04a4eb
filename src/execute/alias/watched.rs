//! An alias under a rollout, whose routing and description are written in one call.

use super::{AliasGuard, check_result};
use crate::execute::{ExecuteError, FunctionSession};
use crate::model::{Alias, Routing};

/// An alias under a rollout, with what this run knows of it.
#[derive(Debug, Clone)]
pub struct WatchedAlias {
    guard: AliasGuard,
    /// Whether this run sent the last write.
    has_written: bool,
}

/// Reads an alias, and returns it with the state that later reads and writes need.
///
/// # Errors
/// Fails if the alias does not exist, or if the read fails.
pub async fn watch(
    session: &FunctionSession<'_>,
    name: &str,
) -> Result<(WatchedAlias, Alias), ExecuteError> {
    let mut guard = AliasGuard::unknown(name);
    let alias = guard.find(session).await?.alias;
    Ok((WatchedAlias { guard, has_written: false }, alias))
}

impl WatchedAlias {
    /// Returns whether this run sent the last write: someone else may have written the same first.
    #[must_use]
    pub fn has_written(&self) -> bool {
        self.has_written
    }

    /// The alias as it was seen or written last.
    #[must_use]
    pub fn known(&self) -> Option<&Alias> {
        self.guard.known()
    }

    /// Forces another read before the next write, because other calls took time since the last one.
    pub fn outdate(&mut self) {
        self.guard.outdate();
    }

    /// Reads the alias again. States that this run has replaced are ignored.
    ///
    /// # Errors
    /// Fails if the read fails.
    pub async fn look(&mut self, session: &FunctionSession<'_>) -> Result<Alias, ExecuteError> {
        let look = self.guard.look(session).await?;
        let alias = look.alias.clone();
        self.guard.accept(look);
        Ok(alias)
    }

    /// Writes routing and description together and reads them back.
    ///
    /// Nothing is sent if someone else has already written the same.
    ///
    /// # Errors
    /// Fails if someone else has written something else since the last read, if a call fails, or if
    /// the service does not show what was written.
    pub async fn write(
        &mut self,
        session: &FunctionSession<'_>,
        routing: &Routing,
        description: &str,
    ) -> Result<Alias, ExecuteError> {
        self.has_written = false;
        match self.guard.fresh(session).await {
            Err(ExecuteError::Conflict { observed, .. })
                if check_result(&observed, routing, Some(description)).is_ok() =>
            {
                self.guard.take_over((*observed).clone());
                return Ok(*observed);
            }
            fresh => fresh?,
        }
        let read_back = async |guard: &AliasGuard| guard.read(session).await;
        let record = self.guard.set(session, routing, Some(description), read_back).await?;
        check_result(&record.alias, routing, Some(description))?;
        self.has_written = true;
        Ok(record.alias)
    }
}
