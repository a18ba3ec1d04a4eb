//! What `logs` reports.

use serde::Serialize;

use super::FunctionName;

/// Lines of the logs of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Logs {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// The beginning, in China.
    pub from: String,
    /// The end.
    pub until: String,
    /// Lines in the order in which they were written.
    pub lines: Vec<LogLine>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// When it was written, in China.
    pub time: String,
    /// The version that ran.
    pub version: Option<String>,
    /// The alias that was called.
    pub alias_name: Option<String>,
    /// The id of the call.
    pub request_id: Option<String>,
    /// `INFO`, `ERROR`, ….
    pub level: Option<String>,
    /// `Platform` or `Custom`: who wrote it.
    pub kind: Option<String>,
    /// The text.
    pub message: String,
    /// Whether one that was written later had been shown by then.
    pub late: bool,
}

impl LogLine {
    /// The line for people. The first group of an id is enough to find the call again.
    #[must_use]
    pub fn text(&self) -> String {
        let mut words = vec![self.time.as_str()];
        words.extend(self.version.as_deref());
        let id = self.request_id.as_deref();
        words.extend(id.map(|id| id.split('-').next().unwrap_or(id)));
        words.extend(self.level.as_deref().filter(|level| *level != "INFO"));
        words.extend(self.late.then_some("(late)"));
        words.push(&self.message);
        words.join(" ")
    }
}
