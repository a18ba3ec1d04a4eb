//! What is said of calls that are made again.

use std::fmt::Display;

use crate::report::Sink;
use crate::text::Text;

/// Says that a call is sent again, once for all that failed alike: where nothing can be reached
/// every call fails, and each several times.
pub(in crate::app) fn tell_retry(
    sink: &dyn Sink,
    action: &str,
    error: &dyn Display,
    event: &impl Text,
) {
    let reason = error.to_string();
    let alike = reason.strip_prefix(action).unwrap_or(&reason);
    sink.note_once(alike, event);
}
