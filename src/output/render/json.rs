//! A report for programs.

use serde_json::Value;

use crate::report::Report;

/// One JSON object with the version of its schema.
pub(in crate::output) fn value(report: &Report) -> Value {
    report.json().into()
}
