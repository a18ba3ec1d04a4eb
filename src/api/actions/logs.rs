//! Logs of functions, from the product `cls` (日志服务).

use serde::{Deserialize, Serialize};

use super::{Action, Product, Repeat};

const CLS: Product = Product { name: "cls", version: "2020-10-16" };

action!(CLS, SearchLog, Freely, SearchLogReply);
action!(CLS, DescribeIndex, Freely, DescribeIndexReply);

/// Searches a topic.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SearchLog {
    /// Id of the topic of logs.
    pub topic_id: String,
    /// Milliseconds since 1970; from then on.
    pub from: i64,
    /// Milliseconds since 1970; before then.
    pub to: i64,
    /// A condition.
    pub query_string: String,
    /// 1: CQL; 0: Lucene. Always sent: its default is not that of older clients.
    pub query_syntax: u8,
    /// `asc`.
    pub sort: &'static str,
    /// Rows of an answer, at most 1000.
    pub limit: u32,
    /// From the last answer; good for an hour and for 10 000 rows in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// In place of a context, without a bound on rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

/// What [`SearchLog`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SearchLogReply {
    /// For the next page.
    pub context: Option<String>,
    /// Whether there is no more.
    pub list_over: Option<bool>,
    /// Rows.
    pub results: Option<Vec<LogInfo>>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LogInfo {
    /// Milliseconds since 1970.
    pub time: i64,
    /// Nanoseconds since 1970.
    pub time_nanos: Option<i64>,
    /// The package that it came in; may be empty.
    pub pkg_id: Option<String>,
    /// Its number there; may be empty.
    pub pkg_log_id: Option<String>,
    /// A JSON object, all of whose values are texts.
    pub log_json: Option<String>,
    /// The line, where it could not be indexed.
    pub raw_log: Option<String>,
}

/// Asks what of a topic is searchable.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeIndex {
    /// Id of the topic of logs.
    pub topic_id: String,
}

/// What [`DescribeIndex`] tells.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeIndexReply {
    /// Whether there is an index.
    pub status: Option<bool>,
    /// It.
    pub rule: Option<IndexRule>,
}

/// An index.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IndexRule {
    /// Fields that are searchable by their names.
    pub key_value: Option<IndexKeys>,
}

/// Fields of an index.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IndexKeys {
    /// Each.
    pub key_values: Option<Vec<IndexKey>>,
}

/// A field of an index.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IndexKey {
    /// Its name.
    pub key: Option<String>,
}
