//! The digest that the service reports for the code that was sent.

use crate::execute::{ExecuteError, is_busy};

/// Returns whether the reported digest is that of the sent package. Any other may still be that of
/// the previous code, read right before the operation ended.
pub(super) fn is_digest(told: &str, sent: Option<&str>) -> bool {
    sent.is_some_and(|sent| sent.eq_ignore_ascii_case(told))
}

/// Treats a refusal as busy as an unknown digest, which only costs an unnecessary update.
pub(super) fn known_code(
    code: Result<Option<String>, ExecuteError>,
) -> Result<Option<String>, ExecuteError> {
    match code {
        Err(error) if is_busy(&error) => Ok(None),
        code => code,
    }
}
