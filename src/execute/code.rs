//! Code of a function: sending it, and identifying what the service runs.

use std::ops::ControlFlow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::time::Instant;

use super::function::is_settled;
use super::wait::{self, together};
use super::{APPEARANCE, ExecuteError, FunctionSession, function, is_busy, wire};
use crate::api::ApiError;
use crate::api::actions::{Code, GetFunctionAddress, GetFunctionReply, ImageConfig};
use crate::api::retry::ErrorKind;
use crate::model::{CodeSource, Image, Status, Version};
use crate::package::Package;

/// Identity of the code of `$LATEST`, if the API reports one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReportedCode {
    /// None is reported.
    Nothing,
    /// Hex SHA-256 of a package.
    Package(String),
    Image(Image),
}

impl ReportedCode {
    pub(super) fn new(reply: &GetFunctionReply, code_sha256: Option<&str>) -> Self {
        match (wire::image(reply), code_sha256) {
            (Some(image), _) => Self::Image(image),
            (None, Some(digest)) => Self::Package(digest.to_owned()),
            (None, None) => Self::Nothing,
        }
    }

    /// Returns the digest of a package.
    pub(super) fn package(&self) -> Option<&str> {
        match self {
            Self::Package(digest) => Some(digest),
            Self::Image(_) | Self::Nothing => None,
        }
    }
}

/// Returns what distinguishes this code from other code in the key of a publication.
///
/// An image adds nothing: `GetFunction` reports it with the settings.
pub(super) fn identity(source: &CodeSource, told: Option<&str>) -> String {
    match source {
        CodeSource::Package { sha256, .. } => sha256.clone(),
        CodeSource::Object(object) => told.map_or_else(|| object.to_string(), str::to_owned),
        CodeSource::Image(_) => String::new(),
    }
}

/// Returns the `Code` parameter of a call.
///
/// # Errors
/// Fails if a package is needed and was not made, which is a bug of this program.
pub(super) fn code(source: &CodeSource, package: Option<&Package>) -> Result<Code, ExecuteError> {
    Ok(match source {
        CodeSource::Package { upload: Some(upload), .. } => Code {
            cos_bucket_name: Some(upload.bucket.clone()),
            cos_object_name: Some(upload.object.clone()),
            ..Code::default()
        },
        CodeSource::Package { upload: None, .. } => {
            let package = package.ok_or(ExecuteError::Unpacked)?;
            let zip_file = Some(BASE64.encode(package.bytes().map_err(ExecuteError::Package)?));
            Code { zip_file, ..Code::default() }
        }
        CodeSource::Object(object) => Code {
            cos_bucket_name: Some(object.bucket.clone()),
            cos_object_name: Some(object.object.clone()),
            cos_bucket_region: object.region.clone(),
            ..Code::default()
        },
        CodeSource::Image(image) => {
            let image_config = ImageConfig {
                image_type: Some(image.kind.clone()),
                image_uri: Some(image.uri.clone()),
                registry_id: image.registry_id.clone(),
                entry_point: image.entry_point.clone(),
                command: image.command.clone(),
                args: image.args.clone(),
                container_image_accelerate: image.accelerate,
                image_port: image.port,
            };
            Code { image_config: Some(image_config), ..Code::default() }
        }
    })
}

/// Returns the digest of a version's package, or `None` if the service does not report it, which
/// only costs an unnecessary update.
///
/// # Errors
/// Fails if the service cannot report it right now, because of trouble or an operation in progress.
/// The key of a publication contains the digest, so without it a retry would not find what this
/// attempt publishes.
pub(super) async fn sha256(
    session: &FunctionSession<'_>,
    qualifier: Version,
) -> Result<Option<String>, ExecuteError> {
    match ask_sha256(session, qualifier).await {
        Err(ExecuteError::Api(error)) if is_passing_trouble(&error) => Err(error.into()),
        Err(ExecuteError::Api(ApiError::Api { .. })) => Ok(None),
        asked => asked,
    }
}

/// Like [`sha256`], but a refusal of any kind is an error.
async fn ask_sha256(
    session: &FunctionSession<'_>,
    qualifier: Version,
) -> Result<Option<String>, ExecuteError> {
    let action =
        GetFunctionAddress { function: session.function_ref(), qualifier: qualifier.to_string() };
    let reply = session.read(&action).await?;
    let digest = reply.code_sha256.filter(|digest| !digest.is_empty());
    let digest = digest.map(|digest| digest.to_ascii_lowercase());
    if qualifier == Version::Latest {
        session.record().latest.note_seen_code(digest.as_ref());
    }
    Ok(digest)
}

/// Returns where the package of `$LATEST` can be downloaded, or `None` if the service has no copy.
pub(super) async fn address(
    session: &FunctionSession<'_>,
) -> Result<Option<PackageAddress>, ExecuteError> {
    let qualifier = Version::Latest.to_string();
    let action = GetFunctionAddress { function: session.function_ref(), qualifier };
    match session.read(&action).await {
        Ok(reply) => {
            let said = |text: Option<String>| text.filter(|text| !text.is_empty());
            let sha256 = said(reply.code_sha256).map(|digest| digest.to_ascii_lowercase());
            Ok(said(reply.url).map(|url| PackageAddress { url, sha256 }))
        }
        Err(ExecuteError::Api(error)) if is_passing_trouble(&error) => Err(error.into()),
        Err(ExecuteError::Api(ApiError::Api { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Like [`sha256`], for a version that this run has seen settled: a refusal for an operation in
/// progress lags behind then, so it is retried.
///
/// # Errors
/// Fails if someone else has begun to change `$LATEST`, or if the service keeps refusing.
pub(super) async fn settled(
    session: &FunctionSession<'_>,
    qualifier: Version,
) -> Result<Option<String>, ExecuteError> {
    let told = wait::poll_until(session, APPEARANCE, async || {
        let busy = match sha256(session, qualifier).await {
            Err(error) if is_busy(&error) => error,
            told => return Ok(ControlFlow::Break(told?)),
        };
        if qualifier == Version::Latest
            && let Some(latest) = function::find(session).await?
            && Status::from(latest.status.as_str()) == Status::Updating
        {
            return Err(ExecuteError::CodeChanged(session.function.name.clone()));
        }
        Ok(ControlFlow::Continue(busy))
    });
    match told.await? {
        ControlFlow::Break(digest) => Ok(digest),
        ControlFlow::Continue(busy) => Err(busy),
    }
}

/// Returns `$LATEST` (`None` if the function does not exist) and the digest of its package.
///
/// Both are read concurrently. The digest is not waited for if it is of no use: for an image, or
/// while the function is busy.
///
/// `asks_for_code` is false if it is known in advance that the function runs an image.
pub(super) async fn latest_and_code(
    session: &FunctionSession<'_>,
    asks_for_code: bool,
) -> (Result<Option<GetFunctionReply>, ExecuteError>, Result<Option<String>, ExecuteError>) {
    let is_of_use = |latest: &Result<Option<GetFunctionReply>, ExecuteError>| match latest {
        Ok(Some(reply)) => wire::image(reply).is_none() && is_settled(reply),
        Ok(None) | Err(_) => true,
    };
    let function = Box::pin(function::find(session));
    if !asks_for_code {
        return (function.await, Ok(None));
    }
    let code = Box::pin(sha256(session, Version::Latest));
    let (latest, code) = together(session, function, code, is_of_use).await;
    let code = code.filter(|_| is_of_use(&latest)).unwrap_or(Ok(None));
    (latest, code)
}

/// Like [`latest_and_code`], but sequentially: only the first reply shows that the function runs an
/// image, which has no digest to ask for.
pub(super) async fn latest_then_code(
    session: &FunctionSession<'_>,
) -> (Result<Option<GetFunctionReply>, ExecuteError>, Result<Option<String>, ExecuteError>) {
    let latest = function::find(session).await;
    let asks = latest.as_ref().is_ok_and(|latest| {
        latest.as_ref().is_some_and(|reply| wire::image(reply).is_none() && is_settled(reply))
    });
    let code = if asks { sha256(session, Version::Latest).await } else { Ok(None) };
    (latest, code)
}

/// Like [`latest_then_code`], but of a package the digest has to be known: whoever observes
/// `$LATEST` must not take one package for another.
pub(super) async fn latest_then_known_code(
    session: &FunctionSession<'_>,
) -> (Result<Option<GetFunctionReply>, ExecuteError>, Result<Option<String>, ExecuteError>) {
    let latest = function::find(session).await;
    let asks = latest.as_ref().is_ok_and(|latest| {
        latest.as_ref().is_some_and(|reply| wire::image(reply).is_none() && is_settled(reply))
    });
    if !asks {
        return (latest, Ok(None));
    }
    let code = match ask_sha256(session, Version::Latest).await {
        Ok(None) => Err(ExecuteError::CodeUntold(session.function.name.clone())),
        asked => asked,
    };
    (latest, code)
}

/// Returns whether [`latest_and_code`] and everything read with it has to be read again, because an
/// operation is in progress, or was between the two replies. The latter counts only for a while
/// after `started`.
pub(super) fn is_torn(
    session: &FunctionSession<'_>,
    latest: &GetFunctionReply,
    code: &Result<Option<String>, ExecuteError>,
    started: Instant,
) -> bool {
    let appears = || session.since(started) < APPEARANCE;
    !is_settled(latest) || (code.as_ref().is_err_and(is_busy) && appears())
}

/// Returns the identity of what `$LATEST` runs now.
pub(super) async fn told(
    session: &FunctionSession<'_>,
    before: &ReportedCode,
) -> Result<ReportedCode, ExecuteError> {
    Ok(match before {
        ReportedCode::Nothing => ReportedCode::Nothing,
        ReportedCode::Image(_) => {
            ReportedCode::new(&function::get(session, Version::Latest).await?, None)
        }
        ReportedCode::Package(_) => settled(session, Version::Latest)
            .await?
            .map_or(ReportedCode::Nothing, ReportedCode::Package),
    })
}

/// Returns whether the platform is in trouble, busy or throttling, rather than without an answer.
///
/// The generic failure of the action may be how it says the latter.
fn is_passing_trouble(error: &ApiError) -> bool {
    matches!(error.kind(), Some(ErrorKind::Throttled | ErrorKind::Platform | ErrorKind::Busy))
        && error.code() != Some("FailedOperation.GetFunctionAddress")
}

/// Short-lived address of a function's package.
#[derive(Clone)]
pub struct PackageAddress {
    /// The URL, which contains a signature.
    pub url: String,
    /// Hex SHA-256 of the package, if the service reports it.
    pub sha256: Option<String>,
}
