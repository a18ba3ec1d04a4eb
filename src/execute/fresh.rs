//! Reads that may still show what was there before a change that this run made.
//!
//! The reference promises nothing about reads after writes, and answers may come from replicas
//! that lag behind. A read that shows exactly what this run has replaced, time of the last write
//! included, is therefore no news; anything else is.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{ExecuteError, Executor, is_busy, is_missing_function, is_not_found, wire};
use crate::api::actions::GetFunctionReply;
use crate::api::retry::{self, ErrorKind};
use crate::model::{Alias, DEFAULT_ALIAS, PublishedVersion, Status, Version};

/// What this run has replaced.
#[derive(Debug, Default)]
pub(super) struct Replaced {
    aliases: Vec<ReplacedAlias>,
    /// `$LATEST` and the digest of its code, as read last.
    seen: Option<GetFunctionReply>,
    seen_code: Option<String>,
    /// Whether this run has replaced the code, perhaps more than once after a lost answer.
    code_replaced: bool,
    latest: Option<ReplacedLatest>,
}

#[derive(Debug)]
struct ReplacedAlias {
    name: String,
    /// `None` where there was none.
    before: Option<Alias>,
    until: Instant,
}

#[derive(Debug, Clone)]
struct ReplacedLatest {
    reply: GetFunctionReply,
    /// Known where the code was replaced, and may show that this has happened.
    code: Option<String>,
    settings: bool,
    /// Whether the code was replaced before, so that reads between the two changes differ from
    /// `reply` in its time and size.
    after_code: bool,
    until: Instant,
}

impl Executor<'_> {
    fn replaced(&self) -> MutexGuard<'_, Replaced> {
        // Nothing that can panic runs under the lock.
        self.replaced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what an alias was before this run wrote it, or that it was not there. Reads may
    /// show that for as long as `patience`.
    pub(super) fn note_replaced(&self, name: &str, before: Option<&Alias>, patience: Duration) {
        let (name, before) = (name.to_owned(), before.cloned());
        let until = Instant::now() + patience;
        self.replaced().aliases.push(ReplacedAlias { name, before, until });
    }

    /// Forgets states that a write is about to bring back.
    pub(super) fn forget_replaced(&self, name: &str, is_wanted: impl Fn(&Alias) -> bool) {
        self.replaced().aliases.retain(|replaced| {
            replaced.name != name || !replaced.before.as_ref().is_some_and(&is_wanted)
        });
    }

    /// Whether a read shows what this run has replaced.
    fn is_outdated(&self, name: &str, found: Option<&Alias>) -> bool {
        let now = Instant::now();
        let mut replaced = self.replaced();
        replaced.aliases.retain(|replaced| replaced.until > now);
        let same =
            |replaced: &ReplacedAlias| replaced.name == name && replaced.before.as_ref() == found;
        replaced.aliases.iter().any(same)
    }

    /// A pause before something is read again that is not shown as it was written; grows with
    /// the number of looks. Says whether there is time for another.
    pub(super) async fn lags(&self, what: &str, looks: &mut u32) -> Result<bool, ExecuteError> {
        let status = "not as written yet".to_owned();
        (self.progress)(super::Progress::Waiting { what: what.to_owned(), status });
        self.pause(retry::backoff(*looks)).await?;
        *looks += 1;
        Ok(!self.out_of_time())
    }

    /// Reads an alias until it is not what this run has replaced.
    pub(super) async fn read_fresh_alias<T>(
        &self,
        name: &str,
        read: impl AsyncFn() -> Result<T, ExecuteError>,
        alias: impl Fn(&T) -> &Alias,
    ) -> Result<T, ExecuteError> {
        let mut looks = 0;
        loop {
            let found = read().await;
            let outdated = match &found {
                Ok(found) => self.is_outdated(name, Some(alias(found))),
                Err(error) if is_not_found(error) && !is_missing_function(error) => {
                    self.is_outdated(name, None)
                }
                Err(_) => false,
            };
            if !outdated || !self.lags(&format!("alias `{name}`"), &mut looks).await? {
                return found;
            }
        }
    }

    /// Remembers what `$LATEST` was read as.
    pub(super) fn note_seen(&self, latest: &GetFunctionReply) {
        self.replaced().seen = Some(latest.clone());
    }

    /// Remembers what digest was told of the code of `$LATEST`.
    pub(super) fn note_seen_code(&self, digest: Option<&String>) {
        self.replaced().seen_code = digest.cloned();
    }

    /// Notes that a call has replaced what `$LATEST` was.
    pub(super) fn note_changed(&self, action: &str) {
        let settings = action == "UpdateFunctionConfiguration";
        if !settings && action != "UpdateFunctionCode" {
            return;
        }
        let mut replaced = self.replaced();
        let code = replaced.seen_code.take();
        let after_code = replaced.code_replaced;
        replaced.code_replaced |= !settings;
        replaced.latest = replaced.seen.take().map(|reply| {
            let until = Instant::now() + self.lag;
            ReplacedLatest { reply, code, settings, after_code, until }
        });
    }

    /// Whether `$LATEST`, without work under way, is what it was before this run changed it. It
    /// may look the same all the same: other code of equal size, sent within the second.
    ///
    /// `told` is the digest of its code as it was told beside.
    pub(super) async fn is_outdated_latest(
        &self,
        found: &GetFunctionReply,
        told: Option<&String>,
    ) -> bool {
        let Some(before) = self.replaced().latest.clone() else { return false };
        let same_code =
            found.mod_time == before.reply.mod_time && found.code_size == before.reply.code_size;
        let same = before.until > Instant::now()
            && (same_code || before.after_code)
            && wire::observed_function(found, None) == wire::observed_function(&before.reply, None);
        let outdated = same
            && match told {
                // Changed settings show, and a failure that was there before is not this one's.
                _ if before.settings || Status::from(found.status.as_str()) != Status::Active => {
                    true
                }
                Some(_) => told == before.code.as_ref(),
                None => match self.code_sha256(Version::Latest).await {
                    // It does not tell while work is under way.
                    Err(error) => is_busy(&error),
                    Ok(told) => told.is_some() && told == before.code,
                },
            };
        if !outdated {
            self.replaced().latest = None;
        }
        outdated
    }

    /// A version by its number; `None` when it is not there.
    pub(super) async fn find_version(
        &self,
        version: Version,
    ) -> Result<Option<GetFunctionReply>, ExecuteError> {
        match self.get_function(version).await {
            Ok(reply) => Ok(Some(reply)),
            // The reference has several codes for it, refusals of the value among them.
            Err(ExecuteError::Api(error))
                if matches!(error.kind(), Some(ErrorKind::NotFound | ErrorKind::Refused)) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// All published versions, those included that the list does not show yet.
    ///
    /// Numbers only grow (API reference, object model), so the next one is asked for by name.
    pub(super) async fn list_versions_surely(&self) -> Result<Vec<PublishedVersion>, ExecuteError> {
        let (started, mut looks) = (Instant::now(), 0);
        let mut unlisted: Option<PublishedVersion> = None;
        loop {
            let mut versions = self.list_versions().await?;
            let next = next_version(&versions);
            if unlisted.as_ref().is_none_or(|unlisted| unlisted.version < next) {
                let Some(reply) = self.find_version(next).await? else { return Ok(versions) };
                unlisted = Some(PublishedVersion {
                    version: next,
                    description: reply.description.unwrap_or_default(),
                    status: Some(reply.status),
                });
            }
            let what = format!("version {next} to be listed");
            if started.elapsed() >= self.lag || !self.lags(&what, &mut looks).await? {
                versions.extend(unlisted);
                return Ok(versions);
            }
        }
    }

    /// The published versions, `$DEFAULT` and the alias of one's own. Where the last version
    /// counts, one that the list does not show yet is asked for; the aliases are read beside
    /// that, so that no answer is waited for between them and a write.
    pub(super) async fn observe_versions(
        &self,
        last_counts: bool,
        own: Option<&str>,
    ) -> (
        Result<Vec<PublishedVersion>, ExecuteError>,
        Result<Alias, ExecuteError>,
        Result<Option<Alias>, ExecuteError>,
    ) {
        let aliases = async || tokio::join!(self.get_alias(DEFAULT_ALIAS), self.observe_alias(own));
        if !last_counts {
            let (versions, (alias, own)) = tokio::join!(self.list_versions(), aliases());
            return (versions, alias, own);
        }
        let listed = self.list_versions().await;
        let next = next_version(listed.as_deref().unwrap_or_default());
        let (unlisted, (alias, own)) = tokio::join!(self.find_version(next), aliases());
        match (listed, unlisted) {
            (Ok(_), Ok(Some(_))) => {
                let versions = self.list_versions_surely().await;
                let (alias, own) = aliases().await;
                (versions, alias, own)
            }
            (Ok(_), Err(error)) => (Err(error), alias, own),
            (listed, _) => (listed, alias, own),
        }
    }

    /// The version whose publication is under way, where the list shows one.
    pub(super) async fn publishing_version(&self) -> Result<Option<Version>, ExecuteError> {
        let lasts = |listed: &PublishedVersion| {
            listed.status.as_deref().map(Status::from) == Some(Status::Publishing)
        };
        Ok(self.list_versions().await?.into_iter().find(lasts).map(|listed| listed.version))
    }
}

/// The number that comes after those of a list.
fn next_version(listed: &[PublishedVersion]) -> Version {
    match listed.iter().map(|listed| listed.version).max() {
        Some(Version::Number(number)) => Version::Number(number.saturating_add(1)),
        Some(Version::Latest) | None => Version::Number(1),
    }
}
