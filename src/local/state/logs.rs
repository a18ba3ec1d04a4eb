//! Logs of functions in topics, as the log service (CLS) keeps them.

use std::collections::VecDeque;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Region, State};

/// Bytes of lines of a topic that are kept; the oldest go.
const MOST_BYTES: usize = 8 << 20;
/// The longest line, in bytes (`docs/reference/neighbours.md`, "Logs of a function").
const LONGEST_LINE: usize = 8 << 10;
/// Lines of one call that are kept.
const LINES_OF_A_CALL: usize = 5000;

/// A topic.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Topic {
    pub(super) logset: String,
    /// In the order of their arrival.
    pub(super) lines: VecDeque<Line>,
    /// How many have arrived.
    pub(super) arrived: u64,
    /// Bytes of the lines; 0 until they are counted.
    #[serde(skip)]
    bytes: usize,
}

/// A line of a log. In the state file it is one text, so that the file stays readable.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(super) struct Line {
    /// Its number among those that have arrived.
    pub(super) number: u64,
    /// Nanoseconds since 1970.
    pub(super) nanos: i64,
    /// The package that it came in, and its number there; both may be empty.
    pub(super) package: String,
    pub(super) place: String,
    /// `LogJson`.
    pub(super) fields: String,
}

impl From<Line> for String {
    fn from(line: Line) -> Self {
        let Line { number, nanos, package, place, fields } = line;
        format!("{number} {nanos} {package} {place} {fields}")
    }
}

impl TryFrom<String> for Line {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut parts = text.splitn(5, ' ');
        let mut part = || parts.next().ok_or("a line of a log has too few parts");
        let (number, nanos) = (part()?, part()?);
        Ok(Self {
            number: number.parse().map_err(|_| "a line of a log has no number")?,
            nanos: nanos.parse().map_err(|_| "a line of a log has no time")?,
            package: part()?.to_owned(),
            place: part()?.to_owned(),
            fields: part()?.to_owned(),
        })
    }
}

impl Line {
    fn bytes(&self) -> usize {
        self.package.len() + self.place.len() + self.fields.len() + size_of::<Self>()
    }
}

impl Topic {
    /// Takes in a line.
    pub(super) fn push(&mut self, nanos: i64, package: &str, place: &str, fields: String) {
        let (package, place) = (package.to_owned(), place.to_owned());
        if self.bytes == 0 {
            self.bytes = self.lines.iter().map(Line::bytes).sum();
        }
        self.arrived += 1;
        let line = Line { number: self.arrived, nanos, package, place, fields };
        self.bytes += line.bytes();
        self.lines.push_back(line);
        while self.bytes > MOST_BYTES
            && let Some(oldest) = self.lines.pop_front()
        {
            self.bytes -= oldest.bytes();
        }
    }
}

/// Logset and topic of a configuration; nothing where logs are off.
pub(super) fn topic_of(configuration: &Map<String, Value>) -> Option<(String, String)> {
    let text = |key: &str| {
        let value = configuration.get(key).and_then(Value::as_str)?;
        (!value.is_empty()).then(|| value.to_owned())
    };
    Some((text("ClsLogsetId")?, text("ClsTopicId")?))
}

/// The logset and the topic that functions of a region write to where nothing else is said.
pub(super) fn default_topic() -> [(&'static str, &'static str); 2] {
    [("ClsLogsetId", "SCF_logset-local"), ("ClsTopicId", "SCF_logtopic-local")]
}

/// A call, as its logs tell it.
pub(super) struct Call<'a> {
    pub(super) function: &'a str,
    pub(super) namespace: &'a str,
    pub(super) version: &'a str,
    pub(super) alias: Option<&'a str>,
    pub(super) id: &'a str,
    pub(super) began: DateTime<Utc>,
    pub(super) duration_ms: f64,
    /// Bytes.
    pub(super) memory: u64,
    pub(super) status: u16,
    /// What the function wrote.
    pub(super) output: &'a str,
    /// What is said of its failure.
    pub(super) failure: Option<&'a str>,
}

/// Who wrote a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writer {
    Platform,
    Custom,
}

impl Call<'_> {
    /// Each line, who wrote it, and how bad it is.
    fn lines(&self) -> Vec<(Writer, &'static str, String)> {
        let id = self.id;
        let platform = |level, text| (Writer::Platform, level, text);
        let mut lines = vec![platform("INFO", format!("START RequestId: {id}"))];
        let own = self.output.lines().take(LINES_OF_A_CALL);
        lines.extend(own.map(|line| (Writer::Custom, "INFO", cut(line).to_owned())));
        if let Some(failure) = self.failure {
            let text = format!("ERROR RequestId: {id} Result:{failure}");
            lines.push(platform("ERROR", cut(&text).to_owned()));
        }
        lines.push(platform("INFO", format!("END RequestId: {id}")));
        let memory = megabytes(self.memory);
        let level = if self.failure.is_some() { "ERROR" } else { "INFO" };
        let report = format!(
            "Report RequestId: {id} Duration:{:.2}ms MemUsage:{memory}MB",
            self.duration_ms
        );
        lines.push(platform(level, report));
        lines
    }

    /// What the answer of the call has of it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (_, _, line) in self.lines() {
            let _ = writeln!(text, "{line}");
        }
        text
    }

    fn fields(&self, writer: Writer, level: &str, message: &str, nanos: i64) -> String {
        let writer = match writer {
            Writer::Platform => "Platform",
            Writer::Custom => "Custom",
        };
        json!({
            "SCF_FunctionName": self.function,
            "SCF_Namespace": self.namespace,
            "SCF_Qualifier": self.version,
            "SCF_Alias": self.alias.unwrap_or_default(),
            "SCF_RequestId": self.id,
            "SCF_StatusCode": self.status.to_string(),
            "SCF_RetryNum": "0",
            "SCF_Duration": format!("{:.2}", self.duration_ms),
            "SCF_MemUsage": megabytes(self.memory),
            "SCF_Level": level,
            "SCF_Type": writer,
            "SCF_Message": message,
            "SCF_StartTime": self.began.timestamp_millis().to_string(),
            "SCF_LogTime": nanos.to_string(),
        })
        .to_string()
    }
}

/// A line as long as it may be.
fn cut(line: &str) -> &str {
    let end = (0..=LONGEST_LINE.min(line.len())).rev().find(|end| line.is_char_boundary(*end));
    &line[..end.unwrap_or(0)]
}

#[expect(clippy::cast_precision_loss, reason = "memory has fewer than 53 bits")]
fn megabytes(bytes: u64) -> String {
    format!("{:.2}", bytes as f64 / 1_048_576.0)
}

pub(super) fn nanos(time: DateTime<Utc>) -> i64 {
    time.timestamp_nanos_opt().unwrap_or(i64::MAX)
}

impl Region {
    /// Writes the logs of a call. When each line was written is not known: they are spread over
    /// the call's time, in order.
    pub(super) fn write_log(&mut self, logset: &str, topic: &str, call: &Call, now: DateTime<Utc>) {
        let lines = call.lines();
        let (begin, end) = (nanos(call.began), nanos(now).max(nanos(call.began)));
        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX).max(2);
        let step = (end - begin) / (count - 1);
        let topic = self.topics.entry(topic.to_owned()).or_default();
        logset.clone_into(&mut topic.logset);
        let package = uuid::Uuid::new_v4().simple().to_string();
        for (place, (writer, level, message)) in (0_i64..).zip(&lines) {
            // No two are of the same moment.
            let at = begin + step * place + place;
            let fields = call.fields(*writer, level, message, at);
            topic.push(at, &package, &place.to_string(), fields);
        }
    }
}

impl State {
    /// Writes a line into a topic, as the collector of another function would.
    pub(in super::super) fn put_log(
        &mut self,
        region: &str,
        topic: &str,
        line: super::super::LogLine,
        now: DateTime<Utc>,
    ) {
        let region = self.regions.entry(region.to_owned()).or_insert_with(|| Region::new(now));
        let topic = region.topics.entry(topic.to_owned()).or_default();
        if topic.logset.is_empty() {
            default_topic()[0].1.clone_into(&mut topic.logset);
        }
        let super::super::LogLine { time, package, fields } = line;
        let (package, place) = package.unwrap_or_default();
        topic.push(nanos(time), &package, &place, fields.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_as_far_as_their_bytes_go() {
        let mut topic = Topic::default();
        for number in 0..20_000 {
            topic.push(number, "package", "0", "x".repeat(100));
        }
        assert_eq!(topic.lines.len(), 20_000);
        // Read from a file, they are counted again.
        let text = serde_json::to_string(&topic).unwrap();
        let mut topic: Topic = serde_json::from_str(&text).unwrap();
        for number in 0..40 {
            topic.push(number, "package", "0", "y".repeat(1 << 20));
        }
        assert_eq!((topic.lines.len(), topic.arrived), (7, 20_040));
        assert!(topic.bytes <= MOST_BYTES);
        assert_eq!(topic.lines.back().unwrap().number, 20_040);
    }
}
