//! Publishing exactly once by intent.

use std::sync::atomic::Ordering;

use super::code::Told;
use super::{APPEARANCE, ExecuteError, Executor, Progress, Refusals, wire};
use crate::model::{PublishedVersion, Status, Version};
use crate::plan::publish::PublishKey;
use crate::scf::ScfError;
use crate::scf::actions::{GetFunctionReply, PublishVersion, PublishVersionReply};
use crate::scf::retry::{self, Kind};

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
}

/// Tries after answers that were lost without a version appearing.
const LOST_TRIES: u32 = 3;

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
        let mut looks = 0;
        let (latest, code, versions) = loop {
            let versions = async {
                if request.run_id_given { self.list_versions().await } else { Ok(Vec::new()) }
            };
            let ((latest, code), versions) = tokio::join!(self.latest_and_code(), versions);
            let Some(latest) = latest? else { return Err(self.no_function().await) };
            if !Status::from(latest.status.as_str()).is_transient() {
                break (latest, code, versions);
            }
            // Everything is read again once it has settled: the code may be another by then,
            // and the work may be the publication of this very intent.
            let what = format!("function `{}`", self.function.name);
            self.look_again(&what, &latest.status, looks).await?;
            looks += 1;
        };
        let code = code?;
        let digest = code.as_deref().unwrap_or_default();
        let told = Told::new(&latest, code.as_deref());
        self.publish(&latest, digest, &told, &versions?, request).await
    }

    /// Publishes `$LATEST`, whose settings and code digest are given. `told` is what the service
    /// tells of its code.
    pub(super) async fn publish(
        &self,
        latest: &GetFunctionReply,
        code_sha256: &str,
        told: &Told,
        versions: &[PublishedVersion],
        request: &PublishRequest<'_>,
    ) -> Result<Published, ExecuteError> {
        let content = wire::content_digest(latest, code_sha256);
        let key = PublishKey::new(request.run_id, &self.function, &content);
        // A publication that failed is no version to adopt; the intent is still open.
        let versions: Vec<PublishedVersion> =
            versions.iter().filter(|version| version.can_serve()).cloned().collect();
        let (version, adopted) = match key.find(&versions) {
            Some(found) => {
                (self.progress)(Progress::Adopted {
                    version: found.version,
                    after_lost_answer: false,
                });
                (found.version, true)
            }
            None => self.publish_once(&key, told, request.description).await?,
        };
        // Whether `$LATEST` shows `Publishing` meanwhile is open, so it is waited for as well;
        // first, because until then the new version may not be found.
        let (latest, _) = self.settle(Version::Latest, false, None).await?;
        let (reply, _) = self.await_active(version, true, None).await?;
        if Status::from(latest.status.as_str()) != Status::Active {
            return Err(self.failed(Version::Latest, &latest));
        }
        Ok(Published { version, reply, adopted })
    }

    async fn publish_once(
        &self,
        key: &PublishKey,
        told: &Told,
        description: &str,
    ) -> Result<(Version, bool), ExecuteError> {
        let (function_name, namespace) = self.names();
        let action =
            PublishVersion { function_name, namespace, description: key.describe(description) };
        let (mut tries, mut refusals) = (0, Refusals::default());
        loop {
            self.check_interrupt()?;
            let error = match self.send(&action).await {
                Ok(PublishVersionReply { function_version }) => {
                    self.publishing.store(true, Ordering::Relaxed);
                    match function_version.parse() {
                        Ok(version) => return Ok((version, false)),
                        Err(error) => ScfError::Reply {
                            action: "PublishVersion",
                            field: "FunctionVersion".to_owned(),
                            reason: format!("{error}"),
                            request_id: String::new(),
                        },
                    }
                }
                Err(error) if matches!(error.kind(), Some(Kind::Busy | Kind::ActionFailed)) => {
                    self.await_turn(error, &mut refusals).await?;
                    self.check_code(told).await?;
                    continue;
                }
                Err(error) => error,
            };
            if error.perhaps_executed() {
                self.publishing.store(true, Ordering::Relaxed);
            }
            // A refusal as "in use" may be the echo of a first try whose answer was lost.
            let echo = tries > 0 && error.kind() == Some(Kind::InUse);
            if !error.perhaps_executed() && !echo {
                return Err(error.into());
            }
            if let Some(version) = self.find_published(key).await? {
                (self.progress)(Progress::Adopted { version, after_lost_answer: true });
                return Ok((version, true));
            }
            tries += 1;
            if tries >= LOST_TRIES || echo || self.out_of_time() {
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

    /// Looks for the version of a key, for as long as it may take to appear.
    async fn find_published(&self, key: &PublishKey) -> Result<Option<Version>, ExecuteError> {
        self.settle(Version::Latest, false, None).await?;
        let started = tokio::time::Instant::now();
        let mut looks = 0;
        loop {
            let versions = self.list_versions().await?;
            if let Some(found) = key.find(&versions) {
                return Ok(Some(found.version));
            }
            if started.elapsed() >= APPEARANCE || self.out_of_time() {
                return Ok(None);
            }
            self.pause(retry::poll_pause(looks)).await?;
            looks += 1;
        }
    }
}
