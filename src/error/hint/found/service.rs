//! Which hint fits a call or a request that failed.

use std::time::Duration;

use crate::api::retry::ErrorKind;
use crate::api::{ApiError, CLOCK_TOLERANCE, KeysError};
use crate::cos::CosError;
use crate::error::hint::{ClockHint, Hint, RunHint, ServiceHint, StorageHint};
use crate::model::FunctionId;

/// Signatures hold for five minutes. Whose clock is wrong is the cause only where the clocks
/// differ; else the request was under way for so long, or the keys have ended.
fn of_clock(apart: Option<i64>, took: Duration, size: usize, temporary: bool) -> ClockHint {
    /// A request that a slow line may take minutes for, in bytes.
    const LARGE: usize = 1_000_000;
    /// The same, seen from its end.
    const SLOW: Duration = Duration::from_secs(60);
    match apart {
        Some(apart) if apart.abs() >= CLOCK_TOLERANCE => ClockHint::Set,
        _ if size >= LARGE || took >= SLOW => ClockHint::Slow { size, took },
        _ if temporary => ClockHint::KeysEnded,
        apart => ClockHint::Unclear { apart: apart.map(i64::unsigned_abs) },
    }
}

fn of_keys(error: &KeysError) -> Option<Hint<'_>> {
    Some(Hint::Service(match error {
        KeysError::Role { source, .. } => match source.kind() {
            Some(ErrorKind::Throttled | ErrorKind::Platform) | None => return of(source, None),
            Some(_) => ServiceHint::Role,
        },
        KeysError::Machine { .. } => ServiceHint::MachineRole,
        KeysError::Place(_) => ServiceHint::KeysFile,
        KeysError::Ended { .. } => ServiceHint::Login,
    }))
}

/// What to do about a call that the API did not refuse by a code.
fn of_unanswered(error: &ApiError) -> Option<Hint<'_>> {
    Some(Hint::Service(match error {
        ApiError::Clock { apart, took, size, temporary, .. } => {
            ServiceHint::Clock(of_clock(*apart, *took, *size, *temporary))
        }
        ApiError::Connect { .. } => ServiceHint::Network,
        ApiError::Proxy { variable, .. } => return Some(Hint::ThroughProxy { variable }),
        ApiError::Certificate { problem, .. } => return Some(Hint::Certificate(problem)),
        ApiError::NoAnswer { .. } | ApiError::Garbled { .. } | ApiError::Reply { .. } => {
            ServiceHint::LooksBefore
        }
        ApiError::Status { status: 407, .. } => ServiceHint::ProxyPassword,
        ApiError::Status { .. } => ServiceHint::Between,
        ApiError::TimedOut { .. } => ServiceHint::Longer,
        ApiError::Stopped { .. } => return Some(Hint::Run(RunHint::Continue)),
        ApiError::Keys { source, .. } => return of_keys(source),
        ApiError::Token { from, renewed: true, .. } => ServiceHint::TokenRefused { from },
        ApiError::Token { from, renewed: false, .. } => ServiceHint::TokenEnded { from },
        ApiError::Prepare { action: "client", .. } => ServiceHint::Certificates,
        ApiError::Api { .. } | ApiError::TooLarge { .. } | ApiError::Prepare { .. } => return None,
    }))
}

/// What to do about a code that says what is the matter.
fn of_code(code: &str) -> Option<ServiceHint<'static>> {
    Some(match code {
        "AuthFailure.SecretIdNotFound" => ServiceHint::SecretId,
        "AuthFailure.InvalidSecretId" => ServiceHint::OtherKey,
        "AuthFailure.SignatureFailure" => ServiceHint::SecretKey,
        "AuthFailure.MFAFailure" => ServiceHint::MultiFactor,
        "UnsupportedRegion" => ServiceHint::Region,
        "InvalidAction" | "NoSuchVersion" | "NoSuchProduct" | "ActionOffline" => {
            ServiceHint::OtherService
        }
        "ResourceNotFound.Namespace" => ServiceHint::Namespace,
        "ResourceNotFound.Role" | "FailedOperation.QcsRoleNotFound" => ServiceHint::ServiceRole,
        "UnauthorizedOperation.Role" | "FailedOperation.Cos" => ServiceHint::BucketRole,
        "InvalidParameterValue.FunctionName" => ServiceHint::FunctionName,
        "InvalidParameterValue.Handler" => ServiceHint::Handler,
        _ => return None,
    })
}

/// What to do about a call about this function.
pub(super) fn of<'a>(error: &'a ApiError, function: Option<&'a FunctionId>) -> Option<Hint<'a>> {
    if error.perhaps_executed() && matches!(error.action(), "Invoke" | "InvokeFunction") {
        return Some(Hint::Service(ServiceHint::MayHaveRun));
    }
    let ApiError::Api { code, .. } = error else { return of_unanswered(error) };
    if let Some(hint) = of_code(code) {
        return Some(Hint::Service(hint));
    }
    let is_qualifier = matches!(
        code.strip_prefix("ResourceNotFound."),
        Some("Qualifier" | "Version" | "FunctionVersion")
    );
    let quota = code.strip_prefix("LimitExceeded.");
    Some(Hint::Service(match error.kind()? {
        ErrorKind::NotFound if is_qualifier => ServiceHint::Qualifiers { function: function? },
        ErrorKind::Refused if matches!(quota, Some("Version" | "FunctionVersions")) => {
            ServiceHint::TooManyVersions { function: function? }
        }
        ErrorKind::Refused if quota.is_some() => ServiceHint::Quota,
        ErrorKind::Denied if error.action() == "GetUserAppId" => {
            return Some(Hint::Run(RunHint::AppId));
        }
        ErrorKind::Denied => ServiceHint::Right { action: error.action() },
        ErrorKind::NotFound => ServiceHint::Elsewhere { function: function? },
        ErrorKind::Throttled => ServiceHint::Throttled,
        ErrorKind::Platform => ServiceHint::Platform,
        // Publishing needs a function whose last change went well.
        ErrorKind::ActionFailed if error.action() == "PublishVersion" => ServiceHint::LastChange,
        ErrorKind::Busy | ErrorKind::ActionFailed => ServiceHint::Busy,
        ErrorKind::InUse if error.action() == "PublishVersion" => ServiceHint::Unchanged,
        ErrorKind::InUse if error.action() == "CreateAlias" => ServiceHint::AliasExists,
        ErrorKind::InUse | ErrorKind::Refused => return None,
    }))
}

/// What to do about a request to COS.
pub(super) fn of_storage(error: &CosError) -> Option<Hint<'_>> {
    Some(Hint::Storage(match error {
        CosError::Service { code, status, .. } => match (code.as_str(), status) {
            ("NoSuchBucket", _) => StorageHint::NoBucket,
            ("TooManyBuckets", _) => StorageHint::TooManyBuckets,
            ("InvalidBucketName", _) => StorageHint::BucketName,
            ("RequestTimeTooSkewed", _) => StorageHint::Clock,
            ("SignatureDoesNotMatch", _) => StorageHint::SecretKey,
            ("InvalidAccessKeyId", _) => StorageHint::SecretId,
            ("ExpiredToken" | "InvalidToken", _) => StorageHint::Token,
            ("Redirected", _) => StorageHint::Region,
            (_, 403) => StorageHint::Right,
            (_, 404) => StorageHint::Again,
            (_, 500..) => StorageHint::Trouble,
            _ => return None,
        },
        CosError::Connect { .. } => StorageHint::Network,
        CosError::NoAnswer { .. } | CosError::Garbled { .. } | CosError::Corrupted { .. } => {
            StorageHint::PartsRemoved
        }
        CosError::TimedOut { .. } => StorageHint::Longer,
        CosError::Interrupted => return Some(Hint::Run(RunHint::Continue)),
        CosError::Certificate { problem, .. } => return Some(Hint::Certificate(problem)),
        CosError::Proxy { .. } | CosError::Read(_) | CosError::Prepare { .. } => return None,
    }))
}
