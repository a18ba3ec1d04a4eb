//! Invocations of functions.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Action, FunctionRef, Repeat};
use crate::fields;

/// How long an answer may take beyond that of other actions: a synchronous call is cut by the
/// service after 300 s (`docs/reference/neighbours.md`, "Invoke, `InvokeFunction`").
const PATIENCE: Duration = Duration::from_secs(300);

/// Calls a function and waits for what it returns.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvokeFunction {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Version or alias.
    pub qualifier: String,
    /// A text of JSON, at most 6 MB.
    pub event: String,
    /// `Tail`: the end of the log comes with the answer; else `None`.
    pub log_type: &'static str,
    /// A JSON object of texts, by which rules of the alias choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_key: Option<String>,
}

/// Has a function called; nobody waits for what it returns.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Invoke {
    /// Name and namespace of the function.
    #[serde(flatten)]
    pub function: FunctionRef,
    /// Version or alias.
    pub qualifier: String,
    /// `Event`.
    pub invocation_type: &'static str,
    /// A text of JSON, at most 128 KB.
    pub client_context: String,
    /// A JSON object of texts, by which rules of the alias choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_key: Option<String>,
}

// It may have run, and once more is once more.
impl Action for InvokeFunction {
    const NAME: &'static str = "InvokeFunction";
    const REPEAT: Repeat = Repeat::Never;
    const PATIENCE: Duration = PATIENCE;
    type Reply = InvokeReply;
}

action!(Invoke, Never, InvokeReply);

/// What both tell.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvokeReply {
    /// What became of the call.
    pub result: InvokeResult,
}

/// What became of a call. Of an asynchronous one only the id is filled.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InvokeResult {
    /// The id of the call, which its logs have.
    pub function_request_id: Option<String>,
    /// The JSON text of what was returned, or of the error.
    pub ret_msg: Option<String>,
    /// The error, where there was one.
    pub err_msg: Option<String>,
    /// The end of the log, at most 4 KB.
    pub log: Option<String>,
    /// Bytes.
    #[serde(default, deserialize_with = "figure")]
    pub mem_usage: Option<i64>,
    /// Milliseconds.
    #[serde(default, deserialize_with = "figure")]
    pub duration: Option<f64>,
    /// Milliseconds.
    #[serde(default, deserialize_with = "figure")]
    pub bill_duration: Option<i64>,
    /// 0 is good; no longer kept up by the service.
    pub invoke_result: Option<i64>,
}

/// A figure that is only shown: one that cannot be read is not there, as the function has run.
fn figure<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    reader: D,
) -> Result<Option<T>, D::Error> {
    Ok(fields::read_answer(&Value::deserialize(reader)?).ok())
}
