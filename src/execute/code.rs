//! What a function runs: sent, and told by the service.

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

/// The identity of the code of `$LATEST`, if the API reports one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReportedCode {
    /// It does not.
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

    /// The digest of a package.
    pub(super) fn package(&self) -> Option<&str> {
        match self {
            Self::Package(digest) => Some(digest),
            Self::Image(_) | Self::Nothing => None,
        }
    }
}

/// What tells the code of one publication from another's, for its key. An image is part of
/// what `GetFunction` tells, so there is nothing to add.
pub(super) fn identity(source: &CodeSource, told: Option<&str>) -> String {
    match source {
        CodeSource::Package { sha256, .. } => sha256.clone(),
        CodeSource::Object(object) => told.map_or_else(|| object.to_string(), str::to_owned),
        CodeSource::Image(_) => String::new(),
    }
}

/// `Code` of a call.
///
/// # Errors
/// A package is named and none is there; a fault of this program.
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

/// The digest of a version's package; `None` where the service does not tell, which only
/// costs an update that was not needed.
///
/// # Errors
/// The service would tell, but not now: it is in trouble, or work is under way. The key of a
/// publication is made of the digest, so going on without it the next try would not find
/// what this one published.
pub(super) async fn sha256(
    session: &FunctionSession<'_>,
    qualifier: Version,
) -> Result<Option<String>, ExecuteError> {
    let action =
        GetFunctionAddress { function: session.function_ref(), qualifier: qualifier.to_string() };
    match session.read(&action).await {
        Ok(reply) => {
            let digest = reply.code_sha256.filter(|digest| !digest.is_empty());
            let digest = digest.map(|digest| digest.to_ascii_lowercase());
            if qualifier == Version::Latest {
                session.record().latest.note_seen_code(digest.as_ref());
            }
            Ok(digest)
        }
        Err(ExecuteError::Api(error)) if is_passing_trouble(&error) => Err(error.into()),
        Err(ExecuteError::Api(ApiError::Api { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where the package of `$LATEST` can be fetched; `None` where the service has no copy to give.
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

/// As [`sha256`], for what this run has seen settled: a refusal for work under
/// way lags behind, so it is asked again.
///
/// # Errors
/// Someone else has begun to change `$LATEST`, or the service goes on refusing.
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

/// `$LATEST`, `None` when the function does not exist, and the digest of its package.
///
/// Both are asked for at once. The second is not waited for where it cannot say anything: of
/// an image, and of a function that is busy.
///
/// `asks_for_code` is false where it is known beforehand that there is none: of an image.
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

/// As [`latest_and_code`], one after the other: only the first tells an image, whose
/// code nobody is to ask for.
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

/// Whether [`latest_and_code`] has to be read again, with all that was read beside it:
/// work is under way, or was so between the two answers. Looking for the latter ends some
/// time after `started`.
pub(super) fn is_torn(
    session: &FunctionSession<'_>,
    latest: &GetFunctionReply,
    code: &Result<Option<String>, ExecuteError>,
    started: Instant,
) -> bool {
    let appears = || session.since(started) < APPEARANCE;
    !is_settled(latest) || (code.as_ref().is_err_and(is_busy) && appears())
}

/// What `$LATEST` runs now.
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

/// Whether the platform is in trouble, busy, or was asked too often, rather than has nothing to
/// tell. The generic failure of the action may be how it says the latter.
fn is_passing_trouble(error: &ApiError) -> bool {
    matches!(error.kind(), Some(ErrorKind::Throttled | ErrorKind::Platform | ErrorKind::Busy))
        && error.code() != Some("FailedOperation.GetFunctionAddress")
}

/// Where the package of a function can be fetched, for a short time. The address is signed.
#[derive(Clone)]
pub struct PackageAddress {
    /// The address.
    pub url: String,
    /// Hex SHA-256, where the service tells it.
    pub sha256: Option<String>,
}
