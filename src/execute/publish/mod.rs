//! Publishes exactly once per intent.

mod frozen;
mod once;
mod published;
mod twin;

use std::ops::ControlFlow;
use std::time::Duration;

use super::code::{self, ReportedCode};
use super::settle::Settled;
use super::{AliasGuard, ExecuteError, FunctionSession, Progress, function, versions, wait, wire};
use crate::api::actions::GetFunctionReply;
use crate::model::{Configuration, FunctionId, PublishedVersion, Status, Version, last_published};
use crate::plan::Step;
use crate::plan::publish::{self, PublishKey};
use frozen::{MeantContent, await_published, is_as_meant};
use once::publish_once;
pub use published::{Published, Twin};
use twin::find_twin;
pub(super) use twin::tell_of_twin;

/// An intent to publish `$LATEST`.
#[derive(Debug, Clone, Copy)]
pub struct PublishRequest<'a> {
    /// The user's description; the key is appended to it.
    pub description: &'a str,
    /// Identifies the run; the same id publishes the same content once.
    pub run_id: &'a str,
    /// Whether the user gave the id, so that an earlier run may have published already.
    pub run_id_given: bool,
}

/// `$LATEST` as it is to be frozen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Freeze<'a> {
    /// `$LATEST` with its settings.
    pub latest: &'a GetFunctionReply,
    /// Identifies the code in the key.
    pub code_sha256: &'a str,
    /// Identity of the code as the service reports it.
    pub told: &'a ReportedCode,
    /// Settings that this run has changed.
    pub written: &'a Configuration,
    /// An alias to be written next, which is read together with the version.
    pub watched: Option<&'a AliasGuard>,
    /// The current step; `None` if publishing is all that the run does.
    pub step: Option<&'a Step>,
}

/// How long the search for a twin may delay a publication; it only serves a note.
const TWIN_PATIENCE: Duration = Duration::from_secs(1);

/// A decided publication of `$LATEST` without a deployment.
#[derive(Debug)]
pub struct PublishPlan {
    latest: GetFunctionReply,
    code: Option<String>,
    versions: Vec<PublishedVersion>,
    /// The last version, if it has the content of `$LATEST`.
    unchanged: Option<(Version, GetFunctionReply)>,
}

impl PublishPlan {
    /// Returns the last version if it has the content of `$LATEST`, so that nothing is published.
    #[must_use]
    pub fn unchanged(&self) -> Option<Version> {
        self.unchanged.as_ref().map(|(version, _)| *version)
    }

    /// Returns the digest of code and frozen settings of `$LATEST`.
    #[must_use]
    pub fn content(&self) -> String {
        Self::content_of(&self.latest, self.code.as_deref())
    }

    /// Whether the content tells one package from another.
    #[must_use]
    pub fn knows_code(&self) -> bool {
        self.code.is_some() || wire::image(&self.latest).is_some()
    }

    fn content_of(latest: &GetFunctionReply, code: Option<&str>) -> String {
        let latest = wire::observed_function(latest, None);
        publish::content_digest(&latest, code.unwrap_or_default())
    }

    /// Returns the last version among those that were read.
    #[must_use]
    pub fn last_version(&self) -> Option<Version> {
        last_published(&self.versions)
    }

    /// Returns the step to send, or none if the last version has the content of `$LATEST`.
    #[must_use]
    pub fn steps(&self, function: &FunctionId, request: &PublishRequest<'_>) -> Vec<Step> {
        if self.unchanged.is_some() {
            return Vec::new();
        }
        let latest = wire::observed_function(&self.latest, self.code.clone());
        let run = Some(request.run_id).filter(|_| request.run_id_given);
        vec![publish::step(function, &latest, &self.versions, run, request.description)]
    }
}

/// Decides how to publish `$LATEST`. Only reads.
///
/// With `if_changed`, nothing is published if the last version has the content of `$LATEST`.
/// `shown` means that the plan itself is the result, so the last version has to be known reliably.
///
/// # Errors
/// Fails if the function does not exist, or if a read fails.
pub async fn plan_latest(
    session: &FunctionSession<'_>,
    request: &PublishRequest<'_>,
    if_changed: bool,
    shown: bool,
) -> Result<PublishPlan, ExecuteError> {
    let started = session.now();
    let (latest, code, versions) = wait::await_work(session, async || {
        let versions = async {
            if if_changed {
                versions::list_surely(session).await
            } else if shown || request.run_id_given {
                // An earlier attempt of this run may have made any of them.
                versions::list(session).await
            } else {
                let newest = versions::list_newest(session);
                let newest = session.within(TWIN_PATIENCE, newest).await;
                Ok(newest.and_then(Result::ok).unwrap_or_default())
            }
        };
        let ((latest, code), versions) = tokio::join!(code::latest_then_code(session), versions);
        let Some(latest) = latest? else { return Err(function::absent(session).await) };
        // Everything is read again after it has settled: the code may have changed by then, and the
        // operation may be the publication of this very intent.
        Ok(if code::is_torn(session, &latest, &code, started) {
            ControlFlow::Continue(function::lasting(session, latest.status))
        } else {
            ControlFlow::Break((latest, code, versions))
        })
    })
    .await?;
    let (code, versions) = (code?, versions?);
    let unchanged = if if_changed {
        unchanged(session, &latest, code.as_deref(), &versions).await?
    } else {
        None
    };
    let mut versions = versions;
    if shown && request.run_id_given {
        let content = PublishPlan::content_of(&latest, code.as_deref());
        let key = PublishKey::new(request.run_id, &session.function, &content);
        for version in key.servable(&versions) {
            if froze_latest(session, version, &latest, code.as_deref()).await? {
                break;
            }
            session.progress(Progress::NotAdopted(version));
            publish::disown(&mut versions, version);
        }
    }
    Ok(PublishPlan { latest, code, versions, unchanged })
}

/// Publishes `$LATEST` as it was read, without a deployment, and waits until the version is
/// `Active`.
///
/// Returns the last version if that has the content of `$LATEST`.
///
/// # Errors
/// Fails if the function is in a failed status, or if a call fails.
pub async fn publish_latest(
    session: &FunctionSession<'_>,
    plan: PublishPlan,
    request: &PublishRequest<'_>,
) -> Result<Published, ExecuteError> {
    let PublishPlan { latest, code, versions, unchanged } = plan;
    if let Some((version, reply)) = unchanged {
        let (adopted, unchanged) = (false, true);
        return Ok(Published { version, reply, adopted, unchanged, twin: None, alias: None });
    }
    // The settings are part of what is meant, whoever wrote them.
    let settings = wire::observed_function(&latest, None).spec.configuration;
    let freeze = Freeze {
        latest: &latest,
        code_sha256: code.as_deref().unwrap_or_default(),
        told: &ReportedCode::new(&latest, code.as_deref()),
        written: &settings,
        watched: None,
        step: None,
    };
    let published = publish(session, &freeze, &versions, request).await?;
    tell_of_twin(session, &published, None);
    Ok(published)
}

/// Returns the digest of code and frozen settings of `$LATEST`. Waits while it changes.
///
/// # Errors
/// Fails if the function does not exist, or if a read fails.
pub async fn content_of_latest(session: &FunctionSession<'_>) -> Result<String, ExecuteError> {
    let started = session.now();
    let (latest, code) = wait::await_work(session, async || {
        let (latest, code) = code::latest_then_known_code(session).await;
        let Some(latest) = latest? else { return Err(function::absent(session).await) };
        Ok(if code::is_torn(session, &latest, &code, started) {
            ControlFlow::Continue(function::lasting(session, latest.status))
        } else {
            ControlFlow::Break((latest, code))
        })
    })
    .await?;
    let code = code?.unwrap_or_default();
    Ok(publish::content_digest(&wire::observed_function(&latest, None), &code))
}

/// Like [`content_of_latest`], but returns `None` instead of waiting while it changes.
///
/// # Errors
/// Fails if the function does not exist, or if a read fails.
pub async fn settled_content_of_latest(
    session: &FunctionSession<'_>,
) -> Result<Option<String>, ExecuteError> {
    let started = session.now();
    let (latest, code) = code::latest_then_known_code(session).await;
    let Some(latest) = latest? else { return Err(function::absent(session).await) };
    if code::is_torn(session, &latest, &code, started) {
        return Ok(None);
    }
    let code = code?.unwrap_or_default();
    Ok(Some(publish::content_digest(&wire::observed_function(&latest, None), &code)))
}

/// Returns the last version if it has the content of `$LATEST`.
async fn unchanged(
    session: &FunctionSession<'_>,
    latest: &GetFunctionReply,
    code: Option<&str>,
    versions: &[PublishedVersion],
) -> Result<Option<(Version, GetFunctionReply)>, ExecuteError> {
    let Some(version) = last_published(versions) else { return Ok(None) };
    let is_image = wire::image(latest).is_some();
    let (reply, version_code) = tokio::join!(function::get(session, version), async {
        if is_image { Ok(None) } else { code::settled(session, version).await }
    });
    let reply = reply?;
    let held = wire::observed_function(&reply, version_code?);
    let meant = wire::observed_function(latest, code.map(str::to_owned));
    Ok(publish::same_content(&held, &meant).then_some((version, reply)))
}

/// Publishes `$LATEST` and waits until the version is `Active`.
pub(super) async fn publish(
    session: &FunctionSession<'_>,
    freeze: &Freeze<'_>,
    versions: &[PublishedVersion],
    request: &PublishRequest<'_>,
) -> Result<Published, ExecuteError> {
    let Freeze { latest, code_sha256, told, written, watched, step } = *freeze;
    let content = publish::content_digest(&wire::observed_function(latest, None), code_sha256);
    let key = PublishKey::new(request.run_id, &session.function, &content);
    // Of one that an earlier try has made, the key has all settings.
    let of_key = MeantContent::whole(latest, told.package());
    let meant = MeantContent { settings: written.clone(), ..of_key.clone() };
    let settled = |version| Box::pin(await_published(session, version, &meant, watched));
    let settled_earlier = |version| Box::pin(await_published(session, version, &of_key, watched));
    let expected = if let Some(Step::Adopt(version)) = step { Some(*version) } else { None };
    // A version whose publication failed is not adopted; the intent is still open.
    let (versions, failed): (Vec<_>, Vec<_>) =
        versions.iter().cloned().partition(PublishedVersion::can_serve);
    let mut spent: Vec<Version> = failed.iter().map(|failed| failed.version).collect();
    while let Some(version) = find_earlier(session, &key, &versions, &spent, request).await? {
        match settled_earlier(version).await {
            // Somebody changed the function right before that try published it.
            Err(ExecuteError::FrozeOther { .. }) if expected.is_none() => {
                session.progress(Progress::NotAdopted(version));
                spent.push(version);
            }
            found => {
                let found = found?;
                if expected.is_none() {
                    let last = last_published(&versions).filter(|last| *last != version);
                    session.progress(Progress::Adopted { version, last });
                }
                return adopted(version, found);
            }
        }
    }
    // It existed when this was planned.
    if let Some(version) = expected {
        let function = session.function.name.clone();
        return Err(ExecuteError::FrozeOther { function, version });
    }
    if let Some(step) = step {
        session.begin(step);
    }
    // Concurrent with the publication, so that it costs no extra time.
    let twin = Box::pin(find_twin(session, last_published(&versions), &meant.content));
    let twin = async { Ok(session.within(TWIN_PATIENCE, twin).await.flatten()) };
    let made = async {
        let (version, found) =
            publish_once(session, &key, told, &spent, request.description).await?;
        Ok::<_, ExecuteError>((version, found, settled(version).await?))
    };
    let ((version, found, own), twin) = tokio::try_join!(made, twin)?;
    // Two processes with the same run id may both have found nothing before either published.
    if !found && request.run_id_given {
        for first in find_before(session, &key, version, &spent).await? {
            match settled_earlier(first).await {
                // Its publication failed, or came to something else, so this one counts.
                Err(ExecuteError::Failed { .. } | ExecuteError::FrozeOther { .. }) => {}
                first_settled => {
                    let first_settled = first_settled?;
                    session.progress(Progress::Overtaken { version: first, published: version });
                    return adopted(first, first_settled);
                }
            }
        }
    }
    // The aliases may have been listed after the read; whoever writes reads again.
    let alias = own.alias?.filter(|_| twin.is_none());
    // After a lost response the version may have been among those listed.
    let twin = twin.filter(|twin| twin.version != version);
    let (reply, adopted, unchanged) = (own.reply, found, false);
    Ok(Published { version, reply, adopted, unchanged, twin, alias })
}

/// Returns the result for a version that was found.
fn adopted(version: Version, settled: Settled) -> Result<Published, ExecuteError> {
    let (reply, alias) = (settled.reply, settled.alias?);
    let (adopted, unchanged) = (true, false);
    Ok(Published { version, reply, adopted, unchanged, twin: None, alias })
}

/// Returns whether a version that carries the key of the current `$LATEST` froze that content.
///
/// Returns true as long as the version is being published, and if that failed.
///
/// # Errors
/// Fails if a read fails.
pub async fn froze_latest(
    session: &FunctionSession<'_>,
    version: Version,
    latest: &GetFunctionReply,
    code: Option<&str>,
) -> Result<bool, ExecuteError> {
    let reply = function::get(session, version).await?;
    if Status::from(reply.status.as_str()) != Status::Active {
        return Ok(true);
    }
    let meant = MeantContent::whole(latest, code);
    is_as_meant(session, version, &reply, None, &meant).await
}

/// Returns the version that an earlier attempt of this run has published, unless it is `spent`.
async fn find_earlier(
    session: &FunctionSession<'_>,
    key: &PublishKey,
    versions: &[PublishedVersion],
    spent: &[Version],
    request: &PublishRequest<'_>,
) -> Result<Option<Version>, ExecuteError> {
    let first = |versions: &[PublishedVersion]| {
        key.servable(versions).into_iter().find(|version| !spent.contains(version))
    };
    let found = first(versions);
    if found.is_some() || !request.run_id_given {
        return Ok(found);
    }
    // The list was read concurrently with the function, and a publication may have ended in
    // between. An earlier attempt of this run has to be found.
    Ok(first(&versions::list_surely(session).await?))
}

/// Returns the versions with the key that were published before `own` and are not `spent`.
async fn find_before(
    session: &FunctionSession<'_>,
    key: &PublishKey,
    own: Version,
    spent: &[Version],
) -> Result<Vec<Version>, ExecuteError> {
    let listed = wait::poll_until(session, session.lag, async || {
        let versions = versions::list(session).await?;
        // A list that contains this run's version contains all earlier ones.
        let is_whole = versions.iter().any(|listed| listed.version == own);
        Ok(if is_whole { ControlFlow::Break(versions) } else { ControlFlow::Continue(versions) })
    });
    let (ControlFlow::Break(versions) | ControlFlow::Continue(versions)) = listed.await?;
    let mut before = key.servable(&versions);
    before.retain(|version| *version < own && !spent.contains(version));
    Ok(before)
}
