//! What the service tells of the code that was sent.

use crate::execute::{ExecuteError, is_busy};

/// Whether the service tells the digest that was sent. Any other may be that of the code
/// before, told right before the work ended.
pub(super) fn is_digest(told: &str, sent: Option<&str>) -> bool {
    sent.is_some_and(|sent| sent.eq_ignore_ascii_case(told))
}

/// What is known of the code. A service that goes on refusing to tell, as if it were busy, only
/// costs an update that was not needed.
pub(super) fn known_code(
    code: Result<Option<String>, ExecuteError>,
) -> Result<Option<String>, ExecuteError> {
    match code {
        Err(error) if is_busy(&error) => Ok(None),
        code => code,
    }
}
