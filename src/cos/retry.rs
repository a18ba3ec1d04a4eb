//! Retry policy of COS requests. All of them are idempotent, so each may be repeated.

use std::time::Duration;

use super::CosError;

/// Attempts at one request, including the first.
const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Returns the pause after attempt number `attempt`, or `None` for no further attempt.
///
/// `jitter` is a random fraction of 0–1 that spreads out parts that failed together.
pub(super) fn pause(error: &CosError, attempt: u32, jitter: f64) -> Option<Duration> {
    let passes = match error {
        CosError::Service { status, code, .. } => {
            matches!(
                code.as_str(),
                "BadDigest" | "RequestTimeout" | "SlowDown" | "IncompleteBody" | "InternalError"
            ) || *status == 429
                || *status >= 500
        }
        CosError::Connect { .. }
        | CosError::Proxy { .. }
        | CosError::NoAnswer { .. }
        | CosError::Garbled { .. }
        | CosError::Corrupted { .. } => true,
        CosError::Certificate { .. }
        | CosError::TimedOut { .. }
        | CosError::Interrupted
        | CosError::Read(_)
        | CosError::Prepare { .. } => false,
    };
    (passes && attempt < ATTEMPTS).then(|| {
        let step = FIRST_PAUSE.saturating_mul(1 << (attempt - 1).min(8)).min(LONGEST_PAUSE);
        // Half of it is fixed, so that a pause is never zero.
        step / 2 + (step / 2).mul_f64(jitter.clamp(0.0, 1.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(status: u16, code: &str) -> CosError {
        CosError::Service {
            action: "UploadPart",
            status,
            code: code.to_owned(),
            message: None,
            request_id: String::new(),
        }
    }

    #[test]
    fn the_policy() {
        for (error, again) in [
            (service(500, "InternalError"), true),
            (service(200, "InternalError"), true),
            (service(503, "SlowDown"), true),
            (service(400, "BadDigest"), true),
            (service(403, "AccessDenied"), false),
            (service(404, "NoSuchUpload"), false),
            (service(409, "BucketAlreadyExists"), false),
            (CosError::Interrupted, false),
            (CosError::TimedOut { action: "PutObject", timeout: Duration::ZERO }, false),
        ] {
            assert_eq!(pause(&error, 1, 0.5).is_some(), again, "{error:?}");
            assert_eq!(pause(&error, ATTEMPTS, 0.5), None);
        }
        let slow = service(503, "SlowDown");
        assert_eq!(pause(&slow, 1, 0.0), Some(FIRST_PAUSE / 2));
        assert_eq!(pause(&slow, 4, 1.0), Some(FIRST_PAUSE * 8));
    }
}
