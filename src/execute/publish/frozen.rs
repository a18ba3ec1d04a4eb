//! Checks what a published version has frozen.

use crate::api::actions::GetFunctionReply;
use crate::execute::settle::{self, Settled};
use crate::execute::{AliasGuard, AlsoRead, ExecuteError, FunctionSession, code, function, wire};
use crate::model::{Configuration, Status, Version};
use crate::plan::ObservedFunction;
use crate::plan::drift::{Drift, drift};

/// What a version is to have frozen.
#[derive(Debug, Clone)]
pub(super) struct MeantContent {
    /// `$LATEST`, as it was read.
    pub content: ObservedFunction,
    /// The settings that count.
    pub settings: Configuration,
    /// When `$LATEST` was changed last, as it was read.
    pub modified: Option<String>,
}

impl MeantContent {
    /// With all settings: those of the key of a publication.
    pub fn whole(latest: &GetFunctionReply, code_sha256: Option<&str>) -> Self {
        let content = wire::observed_function(latest, code_sha256.map(str::to_owned));
        let settings = content.spec.configuration.clone();
        Self { content, settings, modified: latest.mod_time.clone() }
    }

    fn drift(&self, found: &ObservedFunction) -> Option<Drift> {
        drift(&self.content, found, &self.settings)
    }

    /// Whether `$LATEST`, as it is `now`, was not touched since a version was made of it.
    fn is_untouched(&self, now: &GetFunctionReply, version: &GetFunctionReply) -> bool {
        let Some(modified) = &self.modified else { return true };
        // Times as the service shows them: their order is that of their texts.
        now.mod_time.as_ref() == Some(modified)
            && version.add_time.as_ref().is_none_or(|added| modified <= added)
    }
}

/// Waits until a version that was just published is `Active`, and `$LATEST` is so again.
pub(super) async fn await_published(
    session: &FunctionSession<'_>,
    version: Version,
    meant: &MeantContent,
    watched: Option<&AliasGuard>,
) -> Result<Settled, ExecuteError> {
    // Whether `$LATEST` shows `Publishing` meanwhile is open, so it is waited for, too; first,
    // because until then the new version may not be found.
    let latest = settle::settle(session, Version::Latest, false, AlsoRead::NONE).await?.reply;
    let beside = AlsoRead { alias: watched, code: meant.content.code_sha256.is_some() };
    let active = settle::await_active(session, version, true, beside).await?;
    if Status::from(latest.status.as_str()) != Status::Active {
        return Err(function::failed(session, Version::Latest, &latest));
    }
    if is_as_meant(session, version, &active.reply, active.code.clone(), meant).await? {
        return Ok(active);
    }
    Err(ExecuteError::FrozeOther { function: session.function.name.clone(), version })
}

/// Returns the digest of a settled version's code, if there is one to compare with.
async fn settled_digest(
    session: &FunctionSession<'_>,
    version: Version,
    meant: &MeantContent,
) -> Result<Option<String>, ExecuteError> {
    if meant.content.code_sha256.is_none() {
        return Ok(None);
    }
    code::settled(session, version).await
}

/// Whether a settled version froze what is meant: someone else may have deployed right before
/// the publication, and unreviewed content must not get traffic. `code` is what was told of its
/// digest, perhaps right before the work ended.
///
/// Of code the version itself tells, whatever `$LATEST` is by now: it may have been another for
/// a moment. Settings the service may show otherwise than those that it was made of; when
/// `$LATEST` is still what it was, and nobody has touched it, nobody has changed them.
pub(super) async fn is_as_meant(
    session: &FunctionSession<'_>,
    version: Version,
    reply: &GetFunctionReply,
    code: Option<String>,
    meant: &MeantContent,
) -> Result<bool, ExecuteError> {
    let mut drifts = Some(Drift::Code);
    if code.is_some() {
        drifts = meant.drift(&wire::observed_function(reply, code));
    }
    if drifts == Some(Drift::Code) {
        let code = settled_digest(session, version, meant).await?;
        drifts = meant.drift(&wire::observed_function(reply, code));
    }
    match drifts {
        None => return Ok(true),
        Some(Drift::Code) => return Ok(false),
        Some(Drift::Settings) => {}
    }
    let (latest, code) = tokio::join!(
        function::get(session, Version::Latest),
        settled_digest(session, Version::Latest, meant)
    );
    let latest = latest?;
    let now = wire::observed_function(&latest, code?);
    Ok(meant.drift(&now).is_none() && meant.is_untouched(&latest, reply))
}
