//! The one retry policy: what failed, is it safe to repeat, which attempt.
//!
//! Pure. The client asks it about single calls, the executor about calls that a busy
//! function refused. Numbers are those the error reference suggests.

use std::time::Duration;

/// What repeating a call does after its answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Reads, and writes that set the same state again.
    Freely,
    /// It may have been carried out, and once more would do harm: `CreateTrigger` finds what it
    /// made itself.
    Never,
    /// As [`Self::Never`], and whoever calls looks at what is there before any repetition, even
    /// of a call that was certainly not carried out: someone else may have written meanwhile, or
    /// published what is to be published.
    AfterLook,
}

/// What went wrong with one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptFailure<'a> {
    /// The API refused or failed with this code.
    Code(&'a str),
    /// No connection came about, so nothing was sent.
    NotSent,
    /// The answer never came, was cut off, or is not the API's: perhaps carried out.
    Lost,
    /// An HTTP status other than 200, from a proxy or the front end: perhaps carried out.
    Status(u16),
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryDecision {
    /// The same call again after a pause.
    Again(Duration),
    /// The function is busy: wait until it is `Active`, then the same call again.
    AwaitActive,
    /// Report it.
    GiveUp,
}

/// The family of an API error code, which decides about retries and exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Over a rate: not executed.
    Throttled,
    /// The platform's own trouble: perhaps executed.
    Platform,
    /// Another operation runs on the function: not executed.
    Busy,
    /// A generic failure of one action; the function's status tells whether it is busy.
    ActionFailed,
    /// Wrong or missing credentials or rights: not executed.
    Denied,
    /// The named thing does not exist.
    NotFound,
    /// The thing exists already, or someone else's use of it forbids the call.
    InUse,
    /// Everything else, first of all wrong values: repeating cannot help.
    Refused,
}

/// Sorts an API error code into its family (error reference): the whole code first, then
/// its first part, because new details appear without notice.
#[must_use]
pub fn kind(code: &str) -> ErrorKind {
    match code {
        "FailedOperation.FunctionStatusError"
        | "FailedOperation.FunctionNameStatusError"
        | "FailedOperation.FunctionVersionStatusNotActive"
        | "FailedOperation.OperationConflict"
        | "FailedOperation.UpdateStatus"
        | "FailedOperation.UpdateTriggerStatus"
        | "FailedOperation.DebugModeStatus"
        | "FailedOperation.AsyncEventStatus"
        // A load balancer carries out one task at a time.
        | "FailedOperation.ResourceInOperating"
        | "UnsupportedOperation.PublishVersion" => return ErrorKind::Busy,
        // The plain code is what the actions on aliases declare besides their own.
        "FailedOperation"
        | "UnsupportedOperation"
        | "FailedOperation.UpdateFunctionCode"
        | "FailedOperation.UpdateFunctionConfiguration"
        | "FailedOperation.PublishVersion"
        | "FailedOperation.CreateFunction"
        | "FailedOperation.DeleteFunction"
        | "FailedOperation.CreateAlias"
        | "FailedOperation.UpdateAlias"
        | "FailedOperation.DeleteAlias"
        | "FailedOperation.CreateTrigger"
        | "FailedOperation.UpdateTrigger"
        | "FailedOperation.DeleteTrigger"
        | "UnsupportedOperation.UpdateFunctionCode"
        | "UnsupportedOperation.UpdateFunctionConfiguration" => return ErrorKind::ActionFailed,
        "FailedOperation.GetAlias"
        | "FailedOperation.GetFunctionAddress"
        | "FailedOperation.QueryError"
        | "FailedOperation.Cos"
        | "FailedOperation.CallNetDeployFailed"
        | "FailedOperation.Apigw"
        | "FailedOperation.BindPlugin"
        | "FailedOperation.SessionName"
        | "FailedOperation.Ssl"
        | "FailedOperation.CNAME"
        | "FailedOperation.ApiGateway"
        // The log service's.
        | "FailedOperation.SearchTimeout"
        | "FailedOperation.Timeout" => return ErrorKind::Platform,
        "FailedOperation.RateLimitExceeded" | "LimitExceeded.LogSearch" => {
            return ErrorKind::Throttled;
        }
        // A log topic has one function.
        "OperationDenied.TopicHasDeliverFunction" => return ErrorKind::InUse,
        "FailedOperation.AuthFailure" | "FailedOperation.CallRoleFailed" => return ErrorKind::Denied,
        "FailedOperation.TopicNotExist"
        | "FailedOperation.ClusterNotFound"
        | "FailedOperation.InstanceNotFound"
        | "FailedOperation.QcsRoleNotFound"
        | "InvalidParameter.LBIdNotFound"
        | "InvalidParameter.ListenerIdNotFound"
        | "InvalidParameter.LocationNotFound" => return ErrorKind::NotFound,
        _ => {}
    }
    match code.split('.').next().unwrap_or(code) {
        "RequestLimitExceeded" => ErrorKind::Throttled,
        "InternalError" | "ServiceUnavailable" => ErrorKind::Platform,
        "AuthFailure" | "UnauthorizedOperation" | "IpInBlacklist" | "IpNotInWhitelist" => {
            ErrorKind::Denied
        }
        "ResourceNotFound" => ErrorKind::NotFound,
        "ResourceInUse" => ErrorKind::InUse,
        _ => ErrorKind::Refused,
    }
}

/// Attempts at a rate-limited call, the first included.
const THROTTLED_ATTEMPTS: u32 = 5;
/// Attempts at a call that the platform or the network failed, the first included.
const PLATFORM_ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// Decides after attempt number `attempt` (from 1) failed.
///
/// `jitter` is a random fraction of 0–1 that spreads the pauses of several callers.
#[must_use]
pub fn decide(
    failure: AttemptFailure<'_>,
    repeat: Repeat,
    attempt: u32,
    jitter: f64,
) -> RetryDecision {
    if repeat == Repeat::AfterLook {
        return match failure {
            AttemptFailure::Code(code)
                if matches!(kind(code), ErrorKind::Busy | ErrorKind::ActionFailed) =>
            {
                RetryDecision::AwaitActive
            }
            _ => RetryDecision::GiveUp,
        };
    }
    let attempts = match failure {
        AttemptFailure::Code(code) => match kind(code) {
            ErrorKind::Throttled => THROTTLED_ATTEMPTS,
            ErrorKind::Platform if repeat == Repeat::Freely => PLATFORM_ATTEMPTS,
            ErrorKind::Busy | ErrorKind::ActionFailed => return RetryDecision::AwaitActive,
            ErrorKind::Platform
            | ErrorKind::Denied
            | ErrorKind::NotFound
            | ErrorKind::InUse
            | ErrorKind::Refused => 1,
        },
        AttemptFailure::NotSent => PLATFORM_ATTEMPTS,
        AttemptFailure::Status(429) => THROTTLED_ATTEMPTS,
        AttemptFailure::Status(500..) | AttemptFailure::Lost if repeat == Repeat::Freely => {
            PLATFORM_ATTEMPTS
        }
        AttemptFailure::Lost | AttemptFailure::Status(_) => 1,
    };
    if attempt < attempts {
        RetryDecision::Again(pause(attempt, jitter))
    } else {
        RetryDecision::GiveUp
    }
}

/// Half of the exponential step is fixed and half random, so that a pause is never nothing.
fn pause(attempt: u32, jitter: f64) -> Duration {
    let step = FIRST_PAUSE.saturating_mul(1 << (attempt - 1).min(8)).min(LONGEST_PAUSE);
    step / 2 + (step / 2).mul_f64(jitter.clamp(0.0, 1.0))
}

/// The pause before the next try of what was in vain so many times: short first, backing off,
/// within the documented 20 calls a second.
#[must_use]
pub fn backoff(tries: u32) -> Duration {
    const FIRST: Duration = Duration::from_millis(60);
    const LONGEST: Duration = Duration::from_secs(1);
    FIRST.mul_f64(1.4_f64.powi(i32::try_from(tries.min(20)).unwrap_or(20))).min(LONGEST)
}

/// The time between two looks at work that has lasted so long, which is how late its end may be
/// noticed: 62.5 ms, and an eighth of what it takes if that is more. `waiting` look at work of
/// theirs at the same time and share the documented 20 calls a second, so that others get
/// their turn in between.
#[must_use]
pub fn poll_gap(lasted: Duration, waiting: usize) -> Duration {
    const LONGEST: Duration = Duration::from_secs(3);
    /// Of one who waits; 16 looks a second in all.
    const SHARE: Duration = Duration::from_micros(62_500);
    let shared = SHARE.saturating_mul(u32::try_from(waiting.max(1)).unwrap_or(u32::MAX));
    (lasted / 8).min(LONGEST).max(shared)
}

/// The pause between two looks that are [`poll_gap`] apart when an answer takes `trip`.
#[must_use]
pub fn poll_pause(lasted: Duration, trip: Duration, waiting: usize) -> Duration {
    const SHORTEST: Duration = Duration::from_millis(10);
    poll_gap(lasted, waiting).saturating_sub(trip).max(SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy() {
        use AttemptFailure::{Code, Lost, NotSent, Status};
        use Repeat::{AfterLook, Freely, Never};
        use RetryDecision::{Again, AwaitActive, GiveUp};
        let again = |millis| Again(Duration::from_millis(millis));
        let table = [
            // Not executed, so safe for every call.
            (Code("RequestLimitExceeded"), Never, 1, again(250)),
            (Code("RequestLimitExceeded.UinLimitExceeded"), Never, 4, again(2000)),
            (Code("RequestLimitExceeded"), Freely, 5, GiveUp),
            (NotSent, Never, 2, again(500)),
            (NotSent, Freely, 3, GiveUp),
            // Perhaps executed.
            (Code("InternalError.System"), Freely, 1, again(250)),
            (Code("InternalError"), Never, 1, GiveUp),
            (Lost, Freely, 2, again(500)),
            (Lost, Never, 1, GiveUp),
            (Status(502), Freely, 1, again(250)),
            (Status(503), Never, 1, GiveUp),
            (Status(429), Never, 1, again(250)),
            (Status(404), Freely, 1, GiveUp),
            // Someone else may have written during the pause.
            (Code("RequestLimitExceeded"), AfterLook, 1, GiveUp),
            (NotSent, AfterLook, 1, GiveUp),
            (Lost, AfterLook, 1, GiveUp),
            // Validation and rights, never.
            (Code("InvalidParameterValue.RoutingConfig"), Freely, 1, GiveUp),
            (Code("UnknownParameter"), Freely, 1, GiveUp),
            (Code("AuthFailure.SignatureFailure"), Freely, 1, GiveUp),
            (Code("LimitExceeded.Alias"), Freely, 1, GiveUp),
            (Code("SomethingNew.Entirely"), Freely, 1, GiveUp),
            // Busy.
            (Code("FailedOperation.OperationConflict"), Never, 9, AwaitActive),
            (Code("FailedOperation.UpdateAlias"), AfterLook, 1, AwaitActive),
            (Code("FailedOperation"), AfterLook, 1, AwaitActive),
            (Code("FailedOperation"), Never, 1, AwaitActive),
            (Code("UnsupportedOperation"), Freely, 1, AwaitActive),
            (Code("FailedOperation.Whatever"), Freely, 1, GiveUp),
            (Code("FailedOperation.UpdateFunctionCode"), Freely, 1, AwaitActive),
            (Code("UnsupportedOperation.PublishVersion"), Never, 1, AwaitActive),
            (Code("FailedOperation.CreateTrigger"), Never, 1, AwaitActive),
            (Code("FailedOperation.DeleteTrigger.UrlUsed"), Freely, 1, GiveUp),
            (Code("ResourceInUse.TriggerName"), Never, 1, GiveUp),
        ];
        for (failure, repeat, attempt, expected) in table {
            assert_eq!(
                decide(failure, repeat, attempt, 0.0),
                expected,
                "{failure:?} {repeat:?} {attempt}"
            );
        }
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        assert_eq!(pause(1, 1.0), Duration::from_millis(500));
        assert_eq!(pause(30, 1.0), LONGEST_PAUSE);
        assert!(backoff(0) >= Duration::from_millis(50));
        for tries in 0..40 {
            assert!(backoff(tries) <= backoff(tries + 1));
        }
        assert_eq!(backoff(40), Duration::from_secs(1));
    }

    #[test]
    fn looks_are_apart_by_what_their_end_may_be_late() {
        let millis = Duration::from_millis;
        for (lasted, trip, waiting, pause) in [
            (0, 0, 2, 125),
            (800, 0, 1, 100),
            (800, 50, 1, 50),
            (800, 500, 1, 10),
            (4000, 100, 1, 400),
            (600_000, 0, 1, 3000),
            (0, 0, 8, 500),
            (8000, 0, 8, 1000),
        ] {
            assert_eq!(poll_pause(millis(lasted), millis(trip), waiting), millis(pause));
        }
    }
}
