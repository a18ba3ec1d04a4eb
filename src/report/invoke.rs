//! What `invoke` reports.

use serde::Serialize;
use serde_json::Value;

use super::FunctionName;
use super::metric::number;
use crate::model::Version;

/// A call of a function, or several.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Invocations {
    /// One.
    One {
        /// What was called.
        #[serde(flatten)]
        called: InvokedFunction,
        /// What became of it.
        #[serde(flatten)]
        call: Box<InvocationResult>,
    },
    /// `--repeat`.
    Several {
        /// What was called.
        #[serde(flatten)]
        called: InvokedFunction,
        /// How many failed.
        failed: usize,
        /// Each, in order.
        calls: Vec<InvocationResult>,
    },
}

/// What was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvokedFunction {
    /// The function.
    #[serde(flatten)]
    pub function: FunctionName,
    /// Version or alias.
    pub qualifier: String,
    /// Whether nobody waited for the result.
    #[serde(rename = "async")]
    pub asynchronous: bool,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Invocation"))]
#[serde(rename_all = "camelCase")]
pub struct InvocationResult {
    /// The id of the call, which its logs have.
    pub request_id: String,
    /// The version that answered, where that is known: an alias does not tell.
    pub version: Option<Version>,
    /// What was returned, as a value; the text where it is no JSON, null where nobody waited.
    pub result: Value,
    /// Why the function failed; null where it did not.
    pub error: Option<String>,
    /// Milliseconds.
    #[cfg_attr(test, schemars(with = "f64"))]
    pub duration_ms: Value,
    /// Milliseconds that are billed.
    pub billed_ms: i64,
    /// Bytes.
    pub memory_bytes: i64,
    /// The end of the log.
    pub log: String,
}

impl InvocationResult {
    /// A result as a value.
    #[must_use]
    pub fn value(returned: &str) -> Value {
        match returned {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        }
    }

    /// Milliseconds as a JSON number.
    #[must_use]
    pub fn milliseconds(duration: f64) -> Value {
        number(duration)
    }
}
