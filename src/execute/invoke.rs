//! Invokes functions.

use serde_json::Value;

use super::{ExecuteError, FunctionSession};
use crate::api::actions::{Invoke, InvokeFunction, InvokeResult};

/// An invocation to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Version or alias to call.
    pub qualifier: String,
    /// The event, as JSON text.
    pub event: String,
    /// JSON object of strings that the alias's match rules are evaluated on.
    pub routing_key: Option<String>,
    /// Whether to return without waiting for the result.
    pub asynchronous: bool,
    /// Whether to return the end of the log.
    pub tail: bool,
}

/// Result of an invocation.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoked {
    /// Request id of the invocation, as in its logs.
    pub request_id: String,
    /// The returned value, as JSON text. Empty for asynchronous invocations.
    pub returned: String,
    /// Error of the function, if it failed.
    pub error: Option<String>,
    /// The end of the log, if it was asked for.
    pub log: String,
    /// Duration in milliseconds.
    pub duration_ms: f64,
    /// Billed duration in milliseconds.
    pub billed_ms: i64,
    /// Memory used, in bytes.
    pub memory: i64,
}

/// Invokes the function once.
///
/// An invocation that may have run is never repeated; one that was throttled or found no connection
/// is.
///
/// # Errors
/// Fails if the invocation is refused or its outcome is unknown. A failing function is not an error
/// here.
pub async fn invoke(
    session: &FunctionSession<'_>,
    invocation: &Invocation,
) -> Result<Invoked, ExecuteError> {
    let function = session.function_ref();
    let Invocation { qualifier, event, routing_key, asynchronous, tail } = invocation.clone();
    let reply = if asynchronous {
        let call = Invoke {
            function,
            qualifier,
            invocation_type: "Event",
            client_context: event,
            routing_key,
        };
        session.read(&call).await?
    } else {
        let log_type = if tail { "Tail" } else { "None" };
        let call = InvokeFunction { function, qualifier, event, log_type, routing_key };
        session.read(&call).await?
    };
    Ok(invoked(reply.result))
}

fn invoked(result: InvokeResult) -> Invoked {
    let returned = result.ret_msg.unwrap_or_default();
    let request_id = result.function_request_id.unwrap_or_default();
    let told = result.err_msg.filter(|text| !text.is_empty());
    let error = told.or_else(|| error_in(&returned, &request_id));
    let error = error.or_else(|| {
        let code = result.invoke_result.filter(|code| *code != 0)?;
        Some(format!("InvokeResult: {code}"))
    });
    Invoked {
        returned,
        error,
        log: result.log.unwrap_or_default(),
        duration_ms: result.duration.unwrap_or(0.0),
        billed_ms: result.bill_duration.unwrap_or(0),
        memory: result.mem_usage.unwrap_or(0),
        request_id,
    }
}

/// Returns the message of an error that the platform made from an exception of the function.
///
/// A function may return an object with the same keys; the platform's has the request id or a stack
/// trace.
fn error_in(returned: &str, request_id: &str) -> Option<String> {
    let value: Value = serde_json::from_str(returned).ok()?;
    let message = value.get("errorMessage")?.as_str()?;
    let is_code = value.get("errorCode").is_some_and(|code| code.is_number() && *code != 0);
    let is_platforms = value.get("requestId").is_some_and(|id| id == request_id)
        || value.get("stackTrace").is_some();
    (is_code && is_platforms).then(|| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_failure_is_told_by_any_of_its_signs() {
        let result = |returned: Value, error: &str, code: i64| InvokeResult {
            function_request_id: Some("id".to_owned()),
            ret_msg: Some(returned.to_string()),
            err_msg: Some(error.to_owned()),
            log: None,
            mem_usage: None,
            duration: None,
            bill_duration: None,
            invoke_result: Some(code),
        };
        let raised = json!({"errorCode": 1, "errorMessage": "no", "requestId": "id"});
        let own = json!({"errorCode": 1, "errorMessage": "no", "requestId": "other"});
        for (returned, error, code, told) in [
            (json!(1), "", 0, None),
            (json!("text"), "boom", 0, Some("boom")),
            (json!(1), "", 1, Some("InvokeResult: 1")),
            (raised, "", 0, Some("no")),
            (own, "", 0, None),
            (json!({"errorCode": 0, "errorMessage": "ok", "stackTrace": ""}), "", 0, None),
            (
                json!({"errorCode": -1, "errorMessage": "late", "stackTrace": ""}),
                "",
                0,
                Some("late"),
            ),
        ] {
            let invoked = invoked(result(returned.clone(), error, code));
            assert_eq!(invoked.error.as_deref(), told, "{returned} {error} {code}");
        }
    }
}
