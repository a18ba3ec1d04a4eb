//! Publishing exactly once by intent.

use super::{APPEARANCE, ExecuteError, Executor, Progress, wire};
use crate::model::{PublishedVersion, Version};
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
        let versions = async {
            if request.run_id_given { self.list_versions().await } else { Ok(Vec::new()) }
        };
        let (latest, code, versions) = tokio::join!(
            self.settle(Version::Latest, false, None),
            self.code_sha256(Version::Latest),
            versions
        );
        let (latest, _) = match latest {
            Err(error) if super::is_missing_function(&error) => {
                return Err(self.no_function().await);
            }
            latest => latest?,
        };
        self.publish(&latest, &code?.unwrap_or_default(), &versions?, request).await
    }

    /// Publishes `$LATEST`, whose settings and code digest are given.
    pub(super) async fn publish(
        &self,
        latest: &GetFunctionReply,
        code_sha256: &str,
        versions: &[PublishedVersion],
        request: &PublishRequest<'_>,
    ) -> Result<Published, ExecuteError> {
        let content = wire::content_digest(latest, code_sha256);
        let key = PublishKey::new(request.run_id, &self.function, &content);
        let (version, adopted) = match key.find(versions) {
            Some(found) => {
                (self.progress)(Progress::Adopted {
                    version: found.version,
                    after_lost_answer: false,
                });
                (found.version, true)
            }
            None => self.publish_once(&key, request.description).await?,
        };
        let (reply, _) = self.await_active(version, true, None).await?;
        // Whether `$LATEST` shows `Publishing` meanwhile is open, so it is waited for as well.
        self.await_active(Version::Latest, false, None).await?;
        Ok(Published { version, reply, adopted })
    }

    async fn publish_once(
        &self,
        key: &PublishKey,
        description: &str,
    ) -> Result<(Version, bool), ExecuteError> {
        let (function_name, namespace) = self.names();
        let action =
            PublishVersion { function_name, namespace, description: key.describe(description) };
        let mut tries = 0;
        loop {
            let error = match self.change(&action).await {
                Ok(PublishVersionReply { function_version }) => match function_version.parse() {
                    Ok(version) => return Ok((version, false)),
                    Err(error) => ScfError::Reply {
                        action: "PublishVersion",
                        field: "FunctionVersion".to_owned(),
                        reason: format!("{error}"),
                        request_id: String::new(),
                    },
                },
                Err(ExecuteError::Scf(error)) => error,
                Err(error) => return Err(error),
            };
            // A refusal as "in use" may be the echo of a first try whose answer was lost.
            if !error.perhaps_executed() && error.kind() != Some(Kind::InUse) {
                return Err(error.into());
            }
            if let Some(version) = self.find_published(key).await? {
                (self.progress)(Progress::Adopted { version, after_lost_answer: true });
                return Ok((version, true));
            }
            tries += 1;
            if tries >= LOST_TRIES || error.kind() == Some(Kind::InUse) || self.out_of_time() {
                return Err(error.into());
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
