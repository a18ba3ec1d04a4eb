//! An alias under a rollout: looked at, and written with routing and description in one call.

use super::{AliasGuard, check_result};
use crate::execute::{ExecuteError, FunctionSession};
use crate::model::{Alias, Routing};

/// An alias under a rollout, with what this run knows of it.
#[derive(Debug, Clone)]
pub struct WatchedAlias {
    guard: AliasGuard,
    /// Whether the last write was sent by this run.
    has_written: bool,
}

/// Looks at an alias, and returns it with what later looks and writes go by.
///
/// # Errors
/// There is none of this name, or the read fails.
pub async fn watch(
    session: &FunctionSession<'_>,
    name: &str,
) -> Result<(WatchedAlias, Alias), ExecuteError> {
    let mut guard = AliasGuard::unknown(name);
    let alias = guard.find(session).await?.alias;
    Ok((WatchedAlias { guard, has_written: false }, alias))
}

impl WatchedAlias {
    /// Whether it was this run that wrote: somebody else may have written the same before it.
    #[must_use]
    pub fn has_written(&self) -> bool {
        self.has_written
    }

    /// Something else was asked for since the last look, which took its time: nothing is written
    /// before another look.
    pub fn outdate(&mut self) {
        self.guard.outdate();
    }

    /// Looks at the alias again. What this run has replaced is no news.
    ///
    /// # Errors
    /// The read fails.
    pub async fn look(&mut self, session: &FunctionSession<'_>) -> Result<Alias, ExecuteError> {
        let look = self.guard.look(session).await?;
        let alias = look.alias.clone();
        self.guard.accept(look);
        Ok(alias)
    }

    /// Writes routing and description together, unless somebody else has written since the alias
    /// was looked at last, and reads them back. Nothing is sent where somebody else has written
    /// the same by now.
    ///
    /// # Errors
    /// Somebody else has written otherwise; a call fails; or the service does not show what was
    /// written.
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
