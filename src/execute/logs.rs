//! Reads a function's logs from the log service (CLS) (`docs/reference/neighbours.md`, "Following
//! logs").

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{ExecuteError, FunctionSession, alias, function};
use crate::api::ApiError;
use crate::api::actions::{DescribeIndex, LogInfo, SearchLog};
use crate::model::{FunctionId, Qualifier, Version};
use crate::order::Order as _;

/// Rows per reply.
const PAGE: u32 = 1000;
/// Rows per query over all its pages. Beyond this the service may say that there are no more.
const MOST_ROWS: usize = 10_000;
/// Field that identifies an index made for functions.
const FUNCTION_NAME: &str = "SCF_FunctionName";
/// Writer of the lines at the beginning and end of an invocation.
const PLATFORM: &str = "Platform";

/// Which lines to return.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Lines of this version, or of invocations through this alias.
    pub qualifier: Option<Qualifier>,
    /// Lines of the invocation with this request id or prefix of one.
    pub request_id: Option<String>,
    /// Lines of this level, in any case.
    pub level: Option<String>,
    /// Only lines written by the platform itself.
    pub platform: bool,
}

/// A half-open time range in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogWindow {
    /// Start, included.
    pub from: i64,
    /// End, excluded.
    pub to: i64,
}

/// A log line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// Milliseconds since 1970; the service sorts by this.
    pub time: i64,
    /// Nanoseconds since 1970 at which the function wrote it, or else those of `time`.
    pub written: i64,
    /// The version that ran.
    pub version: String,
    /// The alias that was called.
    pub alias: String,
    /// Request id of the invocation.
    pub request_id: String,
    /// `INFO`, `ERROR`, …; may be empty.
    pub level: String,
    /// `Platform` or `Custom`; may be empty.
    pub writer: String,
    /// Text of the line.
    pub message: String,
    /// Identifies the line across searches.
    identity: Identity,
}

/// Identity of a row: its position in its package if the service reports that, or else its content
/// and time.
///
/// Several lines with the same content are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Identity {
    Place { topic: String, package: String, place: String },
    Content { topic: String, nanos: i64, json: Option<String>, raw: Option<String> },
}

/// Returns the log topics of a version, or of the versions of an alias. Without a qualifier, those
/// of `$LATEST` and of all versions that aliases name.
///
/// A published version is a frozen copy, so versions may write to different topics.
///
/// # Errors
/// Fails if the function, alias or version does not exist.
pub async fn topics(
    session: &FunctionSession<'_>,
    qualifier: Option<&Qualifier>,
) -> Result<Vec<String>, ExecuteError> {
    let mut versions = match qualifier {
        Some(Qualifier::Version(version)) => vec![*version],
        Some(Qualifier::Alias(name)) => {
            let aliases = alias::list(session, None).await?;
            let Some(found) = aliases.iter().find(|record| record.alias.name == *name) else {
                return Err(ExecuteError::NoAlias {
                    alias: name.clone(),
                    function: session.function.name.clone(),
                    existing: aliases.into_iter().map(|record| record.alias.name).collect(),
                });
            };
            found.alias.routing.versions()
        }
        None => {
            let mut versions = vec![Version::Latest];
            let aliases = alias::list(session, None).await?;
            versions.extend(aliases.iter().flat_map(|record| record.alias.routing.versions()));
            versions
        }
    };
    versions.order();
    versions.dedup();
    let mut topics = Vec::new();
    for version in versions {
        let reply = function::get(session, version).await?;
        let topic = reply.cls_topic_id.filter(|topic| !topic.is_empty());
        if let Some(topic) = topic.filter(|topic| !topics.contains(topic)) {
            topics.push(topic);
        }
    }
    Ok(topics)
}

/// Returns whether a topic indexes functions' fields by name. Without the permission to ask, it is
/// assumed to.
///
/// # Errors
/// Fails on a signal.
pub async fn is_indexed(session: &FunctionSession<'_>, topic: &str) -> Result<bool, ExecuteError> {
    let reply = match session.read(&DescribeIndex { topic_id: topic.to_owned() }).await {
        Ok(reply) => reply,
        Err(error @ ExecuteError::Interrupted(_)) => return Err(error),
        Err(ExecuteError::Api(error)) if error.code() == Some("ResourceNotFound.IndexNotExist") => {
            return Ok(false);
        }
        Err(_) => return Ok(true),
    };
    let keys = reply.rule.and_then(|rule| rule.key_value).and_then(|keys| keys.key_values);
    let mut names = keys.into_iter().flatten().filter_map(|key| key.key);
    Ok(reply.status != Some(false) && names.any(|name| name == FUNCTION_NAME))
}

/// A search of a function's topics.
#[derive(Debug, Clone)]
pub struct Search {
    function: FunctionId,
    filter: LogFilter,
    topics: Vec<String>,
    /// 1 is CQL; 0 is Lucene, for topics that support nothing else.
    syntax: u8,
    /// Rows per reply.
    page: u32,
}

impl Search {
    /// Returns a search that has not made any request yet.
    #[must_use]
    pub fn new(function: FunctionId, filter: LogFilter, topics: Vec<String>) -> Self {
        Self { function, filter, topics, syntax: 1, page: PAGE }
    }

    /// Returns the topics that are searched.
    #[must_use]
    pub fn topics(&self) -> &[String] {
        &self.topics
    }

    /// Returns the lines of a time range in the order in which they were written.
    ///
    /// # Errors
    /// Fails if a search is refused or not answered, or on a signal.
    pub async fn lines(
        &mut self,
        session: &FunctionSession<'_>,
        window: LogWindow,
    ) -> Result<Vec<LogRecord>, ExecuteError> {
        let mut lines = Vec::new();
        for topic in self.topics.clone() {
            let rows = self.rows(session, &topic, window).await?;
            lines.extend(rows.iter().filter_map(|row| self.line(&topic, row)));
        }
        lines.order_by_key(|line: &LogRecord| line.written);
        Ok(lines)
    }

    /// Returns all rows of a topic in a time range.
    async fn rows(
        &mut self,
        session: &FunctionSession<'_>,
        topic: &str,
        window: LogWindow,
    ) -> Result<Vec<LogInfo>, ExecuteError> {
        let mut rows = Vec::new();
        // The earliest range is last.
        let mut windows = vec![window];
        while let Some(window) = windows.pop() {
            let found = self.pages(session, topic, window).await?;
            // The service stops there, whether there are more rows or not.
            if found.len() < MOST_ROWS {
                rows.extend(found);
            } else if window.to - window.from > 1 {
                let middle = window.from + (window.to - window.from) / 2;
                windows.push(LogWindow { from: middle, ..window });
                windows.push(LogWindow { to: middle, ..window });
            } else {
                rows.extend(self.by_offset(session, topic, window).await?);
            }
        }
        Ok(rows)
    }

    /// Returns the rows of one query, following the context from page to page.
    async fn pages(
        &mut self,
        session: &FunctionSession<'_>,
        topic: &str,
        window: LogWindow,
    ) -> Result<Vec<LogInfo>, ExecuteError> {
        let mut begun_again = false;
        let (mut rows, mut context) = (Vec::new(), None);
        loop {
            let reply = match self.ask(session, topic, window, context.take(), None).await {
                Ok(reply) => reply,
                Err(ExecuteError::Api(error))
                    if error.code() == Some("FailedOperation.InvalidContext") && !begun_again =>
                {
                    (begun_again, rows) = (true, Vec::new());
                    continue;
                }
                Err(error) => return Err(error),
            };
            let found = reply.results.unwrap_or_default();
            let is_empty = found.is_empty();
            rows.extend(found);
            context = reply.context.filter(|context| !context.is_empty());
            let over = reply.list_over == Some(true) || is_empty || context.is_none();
            if over || rows.len() >= MOST_ROWS {
                return Ok(rows);
            }
        }
    }

    /// Returns the rows of a millisecond that has too many rows for contexts.
    async fn by_offset(
        &mut self,
        session: &FunctionSession<'_>,
        topic: &str,
        window: LogWindow,
    ) -> Result<Vec<LogInfo>, ExecuteError> {
        let mut rows: Vec<LogInfo> = Vec::new();
        loop {
            let reply = self.ask(session, topic, window, None, Some(rows.len() as u64)).await?;
            let found = reply.results.unwrap_or_default();
            if found.is_empty() {
                return Ok(rows);
            }
            rows.extend(found);
        }
    }

    /// Makes one request.
    ///
    /// Switches to Lucene for a topic that does not support CQL, and to smaller pages if a reply
    /// would be too large.
    async fn ask(
        &mut self,
        session: &FunctionSession<'_>,
        topic: &str,
        window: LogWindow,
        context: Option<String>,
        offset: Option<u64>,
    ) -> Result<crate::api::actions::SearchLogReply, ExecuteError> {
        loop {
            let action = SearchLog {
                topic_id: topic.to_owned(),
                from: window.from,
                to: window.to,
                query_string: self.query(),
                query_syntax: self.syntax,
                sort: "asc",
                limit: self.page,
                context: context.clone(),
                offset,
            };
            let error = match session.read(&action).await {
                Err(ExecuteError::Api(error)) => error,
                answered => return answered,
            };
            match error.code() {
                Some("OperationDenied.NewSyntaxNotSupported") if self.syntax == 1 => {
                    self.syntax = 0;
                }
                // A context belongs to its query, which includes the number of rows.
                Some("LimitExceeded.SearchResultTooLarge")
                    if self.page > 10 && context.is_none() =>
                {
                    self.page /= 4;
                }
                _ => return Err(error.into()),
            }
        }
    }

    /// Returns the query. Texts match by words, so the rows have to be compared again.
    fn query(&self) -> String {
        let LogFilter { qualifier, request_id, level, platform } = &self.filter;
        let mut conditions = vec![
            (FUNCTION_NAME, self.function.name.clone()),
            ("SCF_Namespace", self.function.namespace.clone()),
        ];
        match qualifier {
            Some(Qualifier::Version(version)) => {
                conditions.push(("SCF_Qualifier", version.to_string()));
            }
            Some(Qualifier::Alias(alias)) => conditions.push(("SCF_Alias", alias.clone())),
            None => {}
        }
        conditions.extend(request_id.clone().map(|id| ("SCF_RequestId", id)));
        conditions.extend(level.clone().map(|level| ("SCF_Level", level)));
        conditions.extend(platform.then(|| ("SCF_Type", PLATFORM.to_owned())));
        let conditions: Vec<String> = conditions
            .into_iter()
            .map(|(key, value)| {
                let value = value.replace('\\', "\\\\").replace('"', "\\\"");
                format!("{key}:\"{value}\"")
            })
            .collect();
        conditions.join(" AND ")
    }

    /// Converts a row to a line, or returns `None` if it does not match the filter.
    fn line(&self, topic: &str, row: &LogInfo) -> Option<LogRecord> {
        let json = row.log_json.as_deref().unwrap_or_default();
        let fields: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
        let text = |key: &str| match fields.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(other) if !other.is_null() => other.to_string(),
            _ => String::new(),
        };
        let nanos = row.time_nanos.filter(|nanos| *nanos > 0);
        let nanos = nanos.unwrap_or_else(|| row.time.saturating_mul(1_000_000));
        let raw = row.raw_log.clone().unwrap_or_default();
        let line = LogRecord {
            time: row.time,
            written: text("SCF_LogTime").parse().ok().filter(|time| *time > 0).unwrap_or(nanos),
            version: text("SCF_Qualifier"),
            alias: text("SCF_Alias"),
            request_id: text("SCF_RequestId"),
            level: text("SCF_Level"),
            writer: text("SCF_Type"),
            message: if fields.is_empty() { raw } else { text("SCF_Message") },
            identity: identity(topic, row, nanos),
        };
        let LogFilter { qualifier, request_id, level, platform } = &self.filter;
        // A row that is not indexed has no fields to compare, but the search found it.
        let wanted = fields.is_empty()
            || text(FUNCTION_NAME) == self.function.name
                && text("SCF_Namespace") == self.function.namespace
                && match qualifier {
                    Some(Qualifier::Version(version)) => line.version == version.to_string(),
                    Some(Qualifier::Alias(alias)) => line.alias == *alias,
                    None => true,
                }
                && request_id.as_ref().is_none_or(|id| line.request_id.starts_with(id.as_str()))
                && level.as_ref().is_none_or(|level| line.level.eq_ignore_ascii_case(level))
                && (!platform || line.writer == PLATFORM);
        wanted.then_some(line)
    }
}

fn identity(topic: &str, row: &LogInfo, nanos: i64) -> Identity {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let topic = topic.to_owned();
    if let (Some(package), Some(place)) = (filled(&row.pkg_id), filled(&row.pkg_log_id)) {
        return Identity::Place { topic, package, place };
    }
    let (json, raw) = (row.log_json.clone(), row.raw_log.clone());
    Identity::Content { topic, nanos, json, raw }
}

/// Lines shown so far, so that each is shown once.
#[derive(Debug, Default)]
pub struct ShownLines {
    /// How often each line was found, and its time.
    seen: HashMap<Identity, (usize, i64)>,
    /// Time of the newest line in milliseconds.
    newest: Option<i64>,
    /// Time at which the newest line was written, in nanoseconds.
    written: Option<i64>,
}

impl ShownLines {
    /// Returns the lines that were not shown yet and marks them as shown.
    ///
    /// Each comes with whether it is late, that is, written before a line that was already shown.
    pub fn new_ones(&mut self, lines: Vec<LogRecord>) -> Vec<(LogRecord, bool)> {
        let mut counts: HashMap<Identity, usize> = HashMap::new();
        let mut new = Vec::new();
        let before = self.written;
        for line in lines {
            let count = counts.entry(line.identity.clone()).or_default();
            *count += 1;
            let known = self.seen.entry(line.identity.clone()).or_insert((0, line.time));
            // A position identifies a single line, however often searches find it.
            let is_place = matches!(line.identity, Identity::Place { .. });
            if *count <= known.0 || is_place && known.0 > 0 {
                continue;
            }
            known.0 = *count;
            self.newest = self.newest.max(Some(line.time));
            self.written = self.written.max(Some(line.written));
            let late = before.is_some_and(|before| line.written < before);
            new.push((line, late));
        }
        new
    }

    /// Returns where the next search begins: `overlap` before the newest line, whose time is capped
    /// at `now`. Forgets older lines. Times are in milliseconds.
    pub fn next_from(&mut self, first: i64, now: i64, overlap: i64) -> i64 {
        let newest = self.newest.map(|newest| newest.min(now));
        let from = newest.map_or(first, |newest| (newest - overlap).max(first));
        self.seen.retain(|_, (_, time)| *time >= from);
        from
    }
}

/// Returns whether a failed search may succeed later.
#[must_use]
pub fn may_pass(error: &ApiError) -> bool {
    matches!(error.code(), Some("LimitExceeded.LogSearch" | "LimitExceeded.SearchResources"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(time: i64, place: Option<&str>, message: &str) -> LogInfo {
        let fields = json!({"SCF_FunctionName": "f", "SCF_Namespace": "default",
            "SCF_Qualifier": "2", "SCF_Message": message, "SCF_LogTime": (time * 1_000_000).to_string()});
        LogInfo {
            time,
            time_nanos: None,
            pkg_id: place.map(|_| "p".to_owned()),
            pkg_log_id: place.map(str::to_owned),
            log_json: Some(fields.to_string()),
            raw_log: None,
        }
    }

    fn search(filter: LogFilter) -> Search {
        let function = FunctionId {
            name: "f".to_owned(),
            namespace: "default".to_owned(),
            region: "ap-guangzhou".to_owned(),
        };
        Search::new(function, filter, vec!["t".to_owned()])
    }

    fn lines(rows: &[LogInfo]) -> Vec<LogRecord> {
        let search = search(LogFilter::default());
        rows.iter().filter_map(|row| search.line("t", row)).collect()
    }

    fn messages(new: &[(LogRecord, bool)]) -> Vec<(String, bool)> {
        new.iter().map(|(line, late)| (line.message.clone(), *late)).collect()
    }

    #[test]
    fn each_line_is_shown_once() {
        let mut shown = ShownLines::default();
        let first = [row(1000, Some("0"), "a"), row(2000, None, "b"), row(2000, None, "b")];
        let told = |text: &str, late| (text.to_owned(), late);
        let new = shown.new_ones(lines(&first));
        assert_eq!(messages(&new), [told("a", false), told("b", false), told("b", false)]);
        assert!(shown.new_ones(lines(&first)).is_empty());
        // A third line with the same content, one at another position, and an earlier one.
        let next = [
            row(1000, Some("0"), "a"),
            row(1500, Some("9"), "late"),
            row(2000, None, "b"),
            row(2000, None, "b"),
            row(2000, None, "b"),
            // A page may start with the line that ended the page before.
            row(3000, Some("1"), "a"),
            row(3000, Some("1"), "a"),
        ];
        let new = shown.new_ones(lines(&next));
        assert_eq!(messages(&new), [told("late", true), told("b", false), told("a", false)]);
    }

    #[test]
    fn a_look_begins_before_the_newest_line() {
        let mut shown = ShownLines::default();
        assert_eq!(shown.next_from(500, 9000, 1000), 500);
        shown.new_ones(lines(&[row(1000, None, "a"), row(4000, None, "b")]));
        assert_eq!(shown.next_from(500, 9000, 1000), 3000);
        assert_eq!(shown.seen.len(), 1);
        // A clock that is ahead hides nothing.
        shown.new_ones(lines(&[row(90_000, None, "c")]));
        assert_eq!(shown.next_from(500, 9000, 1000), 8000);
    }

    #[test]
    fn what_is_found_by_words_is_compared_as_a_whole() {
        let version = Some(Qualifier::Version(Version::Number(2)));
        let search = search(LogFilter { qualifier: version, ..LogFilter::default() });
        assert_eq!(
            search.query(),
            r#"SCF_FunctionName:"f" AND SCF_Namespace:"default" AND SCF_Qualifier:"2""#
        );
        let other = |key: &str, value: &str| {
            let mut row = row(1000, None, "a");
            let mut fields: Value = serde_json::from_str(&row.log_json.unwrap()).unwrap();
            fields[key] = value.into();
            row.log_json = Some(fields.to_string());
            row
        };
        assert!(search.line("t", &row(1000, None, "a")).is_some());
        for (key, value) in
            [("SCF_FunctionName", "f-2"), ("SCF_Namespace", "default-2"), ("SCF_Qualifier", "22")]
        {
            assert!(search.line("t", &other(key, value)).is_none(), "{key}");
        }
        let raw = LogInfo {
            log_json: None,
            raw_log: Some("as it came".to_owned()),
            ..row(1000, None, "a")
        };
        assert_eq!(search.line("t", &raw).unwrap().message, "as it came");
    }
}
