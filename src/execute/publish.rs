//! Publishing exactly once by intent.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::code::Told;
use super::pages::PAGE;
use super::settle::{Look, Settled};
use super::{APPEARANCE, Beside, ExecuteError, Executor, Progress, Refusals, wire};
use crate::api::actions::{
    GetFunctionReply, ListVersionByFunction, PublishVersion, PublishVersionReply,
};
use crate::api::retry::{self, ErrorKind};
use crate::api::{ApiError, FieldProblem};
use crate::model::{Alias, Configuration, PublishedVersion, Status, Version, last_published};
use crate::plan::drift::drift;
use crate::plan::publish::{self, PublishKey};
use crate::plan::{ObservedFunction, Step};

/// An intent to publish `$LATEST`.
#[derive(Debug, Clone, Copy)]
pub struct PublishRequest<'a> {
    /// The user's description; the key comes behind it.
    pub description: &'a str,
    /// Names the run; the same id publishes the same content once.
    pub run_id: &'a str,
    /// Whether the id was given, so that an earlier run may have published already.
    pub run_id_given: bool,
}

/// A version that this intent published.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its number.
    pub version: Version,
    /// What the service says about it.
    pub reply: GetFunctionReply,
    /// Whether it was found rather than made.
    pub adopted: bool,
    /// The newest version before it, when that froze the same content.
    pub twin: Option<Twin>,
    /// The alias that was looked at together with the version.
    pub alias: Option<Look>,
}

/// A version with the same content as the one that was just published.
#[derive(Debug, Clone)]
pub struct Twin {
    /// Its number.
    pub version: Version,
    /// The function's aliases, as read beside the publication.
    pub aliases: Vec<Alias>,
}

/// `$LATEST` as it is to be frozen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Freeze<'a> {
    /// `$LATEST` with its settings.
    pub latest: &'a GetFunctionReply,
    /// What tells its code from another's.
    pub code_sha256: &'a str,
    /// What the service tells of its code.
    pub told: &'a Told,
    /// Settings that this run has changed.
    pub written: &'a Configuration,
    /// An alias that is about to be written, to be looked at together with the version.
    pub watched: Option<&'a str>,
    /// The step that this is; `None` where publishing is all that is done.
    pub step: Option<&'a Step>,
}

/// Tries after answers that were lost without a version appearing.
const LOST_TRIES: u32 = 3;
/// How long a publication may be held up by the look for a twin, which only serves a note.
const TWIN_PATIENCE: Duration = Duration::from_secs(1);

impl Executor<'_> {
    /// Publishes `$LATEST` as it is, without deploying, and waits until the version is
    /// `Active`.
    ///
    /// # Errors
    /// The function does not exist or is in a failed state, or a call fails.
    pub async fn publish_latest(
        &self,
        request: &PublishRequest<'_>,
    ) -> Result<Published, ExecuteError> {
        let (started, mut wait) = (Instant::now(), self.wait());
        let (latest, code, versions) = loop {
            let asked = Instant::now();
            let versions = async {
                // An earlier try of this run may have made any of them.
                if request.run_id_given {
                    self.list_versions().await
                } else {
                    let newest = self.list_newest_versions();
                    let newest = tokio::time::timeout(TWIN_PATIENCE, newest).await;
                    Ok(newest.unwrap_or_else(|_| Ok(Vec::new())).unwrap_or_default())
                }
            };
            let ((latest, code), versions) = tokio::join!(self.latest_then_code(), versions);
            let Some(latest) = latest? else { return Err(self.no_function().await) };
            if !Self::is_torn(&latest, &code, started) {
                break (latest, code, versions);
            }
            // Everything is read again once it has settled: the code may be another by then,
            // and the work may be the publication of this very intent.
            let what = format!("function `{}`", self.function.name);
            self.look_again(&what, &latest.status, wait.goes_on(asked, Instant::now())).await?;
        };
        drop(wait);
        let code = code?;
        let freeze = Freeze {
            latest: &latest,
            code_sha256: code.as_deref().unwrap_or_default(),
            told: &Told::new(&latest, code.as_deref()),
            written: &Configuration::default(),
            watched: None,
            step: None,
        };
        let published = self.publish(&freeze, &versions?, request).await?;
        self.tell_of_twin(&published, None);
        Ok(published)
    }

    /// The newest versions. Only a note rests on them, so one page is enough.
    async fn list_newest_versions(&self) -> Result<Vec<PublishedVersion>, ExecuteError> {
        let (function_name, namespace) = self.names();
        let action = ListVersionByFunction { function_name, namespace, offset: 0, limit: PAGE };
        Ok(wire::published(&self.read(&action).await?.versions))
    }

    /// Says that a version is left over: an earlier run of the same intent was perhaps killed
    /// before it could use it. `written` is the alias that this run has set since.
    pub(super) fn tell_of_twin(&self, published: &Published, written: Option<&Alias>) {
        if let Some(twin) = &published.twin
            && publish::is_unused(twin.version, &twin.aliases, written)
        {
            (self.progress)(Progress::LeftOver {
                version: twin.version,
                published: published.version,
            });
        }
    }

    /// Looks whether the newest version is what `$LATEST` is, and which aliases there are then.
    async fn find_twin(&self, newest: Option<Version>, meant: &ObservedFunction) -> Option<Twin> {
        let newest = newest?;
        // One after the other: the code mostly differs already, and what is waited for goes first.
        let code = match &meant.code_sha256 {
            Some(_) => self.code_sha256(newest).await.ok()?,
            None => None,
        };
        if code != meant.code_sha256 {
            return None;
        }
        let version = wire::observed_function(&self.get_function(newest).await.ok()?, code);
        if !publish::same_content(&version, meant) {
            return None;
        }
        let aliases = self.list_aliases(None).await.ok()?;
        let aliases = aliases.into_iter().map(|record| record.alias).collect();
        Some(Twin { version: newest, aliases })
    }

    /// Publishes `$LATEST` and waits until the version is `Active`.
    pub(super) async fn publish(
        &self,
        freeze: &Freeze<'_>,
        versions: &[PublishedVersion],
        request: &PublishRequest<'_>,
    ) -> Result<Published, ExecuteError> {
        let Freeze { latest, code_sha256, told, written, watched, step } = *freeze;
        let expected = match step {
            Some(Step::Adopt(version)) => Some(*version),
            _ => None,
        };
        let content = publish::content_digest(&wire::observed_function(latest, None), code_sha256);
        let meant = match told {
            Told::Package(digest) => wire::observed_function(latest, Some(digest.clone())),
            Told::Image(_) | Told::Nothing => wire::observed_function(latest, None),
        };
        let key = PublishKey::new(request.run_id, &self.function, &content);
        // A publication that failed is no version to adopt; the intent is still open.
        let (versions, failed): (Vec<_>, Vec<_>) =
            versions.iter().cloned().partition(PublishedVersion::can_serve);
        let mut found = key.find(&versions).cloned();
        if found.is_none() && request.run_id_given {
            // The list was read beside the function, whose publication may have ended in
            // between; and an earlier try of this run must be found.
            let all = self.list_versions_surely().await?;
            found = key.find(&those_that_can_serve(all)).cloned();
        }
        if let Some(found) = found {
            let version = found.version;
            if expected.is_none() {
                let last = last_published(&versions).filter(|last| *last != version);
                (self.progress)(Progress::Adopted { version, last });
            }
            let frozen = Box::pin(self.await_published(version, &meant, written, watched)).await?;
            let (reply, alias) = (frozen.reply, frozen.alias?);
            return Ok(Published { version, reply, adopted: true, twin: None, alias });
        }
        // It was there when this was planned.
        if let Some(version) = expected {
            let function = self.function.name.clone();
            return Err(ExecuteError::FrozeOther { function, version });
        }
        if let Some(step) = step {
            self.begin(step);
        }
        // Beside the publication, so that it takes no time of its own.
        let twin = Box::pin(self.find_twin(last_published(&versions), &meant));
        let twin = async { Ok(tokio::time::timeout(TWIN_PATIENCE, twin).await.ok().flatten()) };
        let made = async {
            let (version, adopted) =
                self.publish_once(&key, told, &failed, request.description).await?;
            let frozen = Box::pin(self.await_published(version, &meant, written, watched)).await?;
            Ok::<_, ExecuteError>((version, adopted, frozen))
        };
        let ((version, adopted, frozen), twin) = tokio::try_join!(made, twin)?;
        // Two processes of one run id may both have found nothing before either published.
        if !adopted
            && request.run_id_given
            && let Some(first) = self.find_first(&key, version).await?
        {
            match Box::pin(self.await_published(first, &meant, written, watched)).await {
                Ok(Settled { reply, alias, .. }) => {
                    (self.progress)(Progress::Overtaken { version: first, published: version });
                    let alias = alias?;
                    return Ok(Published {
                        version: first,
                        reply,
                        adopted: true,
                        twin: None,
                        alias,
                    });
                }
                // Its publication failed, so this one counts.
                Err(ExecuteError::Failed { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        // The aliases were listed for the twin, perhaps after the look; whoever writes looks again.
        let alias = frozen.alias?.filter(|_| twin.is_none());
        // After a lost answer the version may have been among those that were listed.
        let twin = twin.filter(|twin| twin.version != version);
        Ok(Published { version, reply: frozen.reply, adopted, twin, alias })
    }

    /// The first version of a key, if that was made before `own`.
    async fn find_first(
        &self,
        key: &PublishKey,
        own: Version,
    ) -> Result<Option<Version>, ExecuteError> {
        let (started, mut looks) = (Instant::now(), 0);
        loop {
            let versions = self.list_versions().await?;
            // A list with one's own version has all that were made before it.
            let is_whole = versions.iter().any(|listed| listed.version == own);
            if is_whole || started.elapsed() >= self.lag || self.out_of_time() {
                let first = key.find(&those_that_can_serve(versions)).map(|found| found.version);
                return Ok(first.filter(|first| *first < own));
            }
            self.pause(retry::backoff(looks)).await?;
            looks += 1;
        }
    }

    /// Waits until a version that was just published is `Active`, and `$LATEST` again too.
    async fn await_published(
        &self,
        version: Version,
        meant: &ObservedFunction,
        written: &Configuration,
        watched: Option<&str>,
    ) -> Result<Settled, ExecuteError> {
        // Whether `$LATEST` shows `Publishing` meanwhile is open, so it is waited for as well;
        // first, because until then the new version may not be found.
        let latest = self.settle(Version::Latest, false, Beside::NOTHING).await?.reply;
        let beside = Beside { alias: watched, code: meant.code_sha256.is_some() };
        let active = self.await_active(version, true, beside).await?;
        if Status::from(latest.status.as_str()) != Status::Active {
            return Err(self.failed(Version::Latest, &latest));
        }
        let code = match &active.code {
            // It may have been asked for right before the work ended.
            None => self.settled_digest(version, meant).await?,
            told => told.clone(),
        };
        let frozen = wire::observed_function(&active.reply, code);
        self.check_frozen(version, &frozen, meant, written).await?;
        Ok(active)
    }

    /// The digest of a settled version's code, when there is one to compare it with.
    async fn settled_digest(
        &self,
        version: Version,
        meant: &ObservedFunction,
    ) -> Result<Option<String>, ExecuteError> {
        if meant.code_sha256.is_none() {
            return Ok(None);
        }
        self.settled_code(version).await
    }

    /// Checks that a version froze what this run means: someone else may have deployed right
    /// before the publication, and unreviewed content must not get traffic.
    ///
    /// The service may show a version otherwise than what it was made of. When `$LATEST` is
    /// still what it was, nobody has changed it.
    async fn check_frozen(
        &self,
        version: Version,
        frozen: &ObservedFunction,
        meant: &ObservedFunction,
        written: &Configuration,
    ) -> Result<(), ExecuteError> {
        if drift(meant, frozen, written).is_none() {
            return Ok(());
        }
        let (latest, code) = tokio::join!(
            self.get_function(Version::Latest),
            self.settled_digest(Version::Latest, meant)
        );
        if drift(meant, &wire::observed_function(&latest?, code?), written).is_none() {
            return Ok(());
        }
        Err(ExecuteError::FrozeOther { function: self.function.name.clone(), version })
    }

    /// Publishes. Before any repetition, whatever the reason, the version is looked for: this run
    /// may have made it, or another one of the same id.
    async fn publish_once(
        &self,
        key: &PublishKey,
        told: &Told,
        failed: &[PublishedVersion],
        description: &str,
    ) -> Result<(Version, bool), ExecuteError> {
        let (function_name, namespace) = self.names();
        let action =
            PublishVersion { function_name, namespace, description: key.describe(description) };
        let (mut attempt, mut lost, mut refusals) = (1, 0, Refusals::default());
        loop {
            self.check_interrupt()?;
            let error = match self.send(&action).await {
                Ok(PublishVersionReply { function_version }) => {
                    self.publishing.store(true, Ordering::Relaxed);
                    match function_version.parse() {
                        Ok(version) => return Ok((version, false)),
                        Err(_) => ApiError::Reply {
                            action: "PublishVersion",
                            field: "FunctionVersion".to_owned(),
                            reason: FieldProblem::Version(function_version),
                            request_id: String::new(),
                        },
                    }
                }
                Err(error) => error,
            };
            let perhaps = error.perhaps_executed();
            if perhaps {
                self.publishing.store(true, Ordering::Relaxed);
            }
            // A refusal as "in use" may be the echo of a first try whose answer was lost.
            let echo = lost > 0 && error.kind() == Some(ErrorKind::InUse);
            let mut patience = Duration::ZERO;
            let mut unheard = None;
            if perhaps || echo {
                // The look takes its time, so there is no other pause.
                patience = APPEARANCE;
                lost += 1;
                unheard = Some(error);
            } else if let Some(after) = error.pause_before_repeating(attempt) {
                self.pause_before_repeating(&error, after).await?;
                attempt += 1;
            } else {
                // What has to be waited for, or is refused for good.
                self.await_turn(error, &mut refusals).await?;
            }
            if let Some(version) = self.find_published(key, failed, patience).await? {
                (self.progress)(if lost > 0 {
                    Progress::AdoptedAfterLostAnswer(version)
                } else {
                    Progress::Adopted { version, last: None }
                });
                return Ok((version, true));
            }
            if let Some(error) = unheard
                && (lost >= LOST_TRIES || echo || self.out_of_time())
            {
                return Err(error.into());
            }
            self.check_code(told).await?;
        }
    }

    /// Before another try, when time has passed: what is published must still be the code that
    /// this run means, or unreviewed code would get its traffic. Without a digest from the
    /// service there is nothing to compare.
    async fn check_code(&self, told: &Told) -> Result<(), ExecuteError> {
        match self.told(told).await? {
            Told::Nothing => Ok(()),
            now if now == *told => Ok(()),
            Told::Package(_) | Told::Image(_) => {
                Err(ExecuteError::CodeChanged(self.function.name.clone()))
            }
        }
    }

    /// Looks for the version of a key, for as long as it may take to appear. `failed` are
    /// versions of earlier tries that came to nothing.
    async fn find_published(
        &self,
        key: &PublishKey,
        failed: &[PublishedVersion],
        patience: Duration,
    ) -> Result<Option<Version>, ExecuteError> {
        self.settle(Version::Latest, false, Beside::NOTHING).await?;
        let started = Instant::now();
        let mut looks = 0;
        loop {
            let (servable, mut others): (Vec<_>, Vec<_>) = self
                .list_versions_surely()
                .await?
                .into_iter()
                .partition(PublishedVersion::can_serve);
            others.retain(|one| failed.iter().all(|known| known.version != one.version));
            if let Some(found) = key.find(&servable).or_else(|| key.find(&others)) {
                return Ok(Some(found.version));
            }
            if started.elapsed() >= patience || self.out_of_time() {
                return Ok(None);
            }
            self.pause(retry::backoff(looks)).await?;
            looks += 1;
        }
    }
}

fn those_that_can_serve(versions: Vec<PublishedVersion>) -> Vec<PublishedVersion> {
    versions.into_iter().filter(PublishedVersion::can_serve).collect()
}
