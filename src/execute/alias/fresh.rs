//! Reads of an alias that may still show what was there before a change that this run made.

use std::time::Duration;

use tokio::time::Instant;

use crate::execute::{
    Awaited, ExecuteError, FunctionSession, is_missing_function, is_not_found, wait,
};
use crate::model::Alias;

#[derive(Debug)]
pub(in crate::execute) struct ReplacedAlias {
    name: String,
    /// `None` where there was none.
    before: Option<Alias>,
    until: Instant,
}

/// Notes what an alias was before this run wrote it, or that it was not there. Reads may
/// show that for as long as `patience`.
pub(super) fn note_replaced(
    session: &FunctionSession<'_>,
    name: &str,
    before: Option<&Alias>,
    patience: Duration,
) {
    let (name, before) = (name.to_owned(), before.cloned());
    let until = Instant::now() + patience;
    session.record().aliases.push(ReplacedAlias { name, before, until });
}

/// Forgets states that a write is about to bring back.
pub(super) fn forget_replaced(
    session: &FunctionSession<'_>,
    name: &str,
    is_wanted: impl Fn(&Alias) -> bool,
) {
    session.record().aliases.retain(|replaced| {
        replaced.name != name || !replaced.before.as_ref().is_some_and(&is_wanted)
    });
}

/// Whether a read shows what this run has replaced.
pub(super) fn is_outdated(
    session: &FunctionSession<'_>,
    name: &str,
    found: Option<&Alias>,
) -> bool {
    let now = Instant::now();
    let mut record = session.record();
    record.aliases.retain(|replaced| replaced.until > now);
    let same =
        |replaced: &ReplacedAlias| replaced.name == name && replaced.before.as_ref() == found;
    record.aliases.iter().any(same)
}

/// Reads an alias until it is not what this run has replaced.
pub(super) async fn read_fresh<T>(
    session: &FunctionSession<'_>,
    name: &str,
    read: impl AsyncFn() -> Result<T, ExecuteError>,
    alias: impl Fn(&T) -> &Alias,
) -> Result<T, ExecuteError> {
    let mut looks = 0;
    loop {
        let found = read().await;
        let outdated = match &found {
            Ok(found) => is_outdated(session, name, Some(alias(found))),
            Err(error) if is_not_found(error) && !is_missing_function(error) => {
                is_outdated(session, name, None)
            }
            Err(_) => false,
        };
        if !outdated || !wait::lags(session, Awaited::Alias(name.to_owned()), &mut looks).await? {
            return found;
        }
    }
}
