//! What an answer says, from its bytes alone. Pure: nothing is sent or awaited here.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::actions::Action;
use super::endpoint::Endpoint;
pub use super::error::ANSWER_LIMIT;
use super::error::{AnswerProblem, ApiError, FieldProblem};
use crate::fields::{self, Misread};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refusal {
    code: String,
    message: Option<String>,
}

/// Says what an answer is: the content of `Response`, without the secrets of its request.
///
/// # Errors
/// An error of the API, a status that is not the API's, or bytes that are no answer.
pub fn understand(
    action: &'static str,
    endpoint: &Endpoint,
    status: u16,
    received: &[u8],
    secrets: &[&str],
) -> Result<Value, ApiError> {
    let garbled = |reason| ApiError::Garbled { action, endpoint: endpoint.to_string(), reason };
    let unexpected = || ApiError::Status { action, endpoint: endpoint.to_string(), status };
    if received.len() > ANSWER_LIMIT {
        return Err(garbled(AnswerProblem::TooLong));
    }
    let response = match serde_json::from_slice::<Map<String, Value>>(received) {
        Ok(mut answer) => answer.shift_remove("Response"),
        Err(_) if status != 200 => return Err(unexpected()),
        Err(error) => {
            return Err(garbled(AnswerProblem::Json {
                category: error.classify(),
                line: error.line(),
                column: error.column(),
            }));
        }
    };
    // A list would be read as the fields of a reply in their order.
    let Some(mut response) = response.filter(Value::is_object) else {
        return Err(if status == 200 { garbled(AnswerProblem::NoResponse) } else { unexpected() });
    };
    // The credentials are masked where texts are printed; who prints these would have to know
    // every request's.
    redact(&mut response, secrets);
    match response.get("Error").filter(|error| !error.is_null()) {
        // Success and failure of the API both come with 200 (error reference), so this is
        // the word of something in between.
        None if status != 200 => Err(unexpected()),
        None => Ok(response),
        Some(error) if !error.is_object() => Err(garbled(AnswerProblem::ErrorNotObject)),
        Some(error) => match fields::read::<Refusal>(error) {
            Ok(error) => Err(ApiError::Api {
                action,
                code: error.code,
                message: error.message.unwrap_or_default(),
                request_id: request_id(&response).unwrap_or_default().to_owned(),
            }),
            Err(error) => {
                Err(garbled(AnswerProblem::Error { reason: error.into_reason().to_string() }))
            }
        },
    }
}

/// Reads the reply of an action out of the content of `Response`.
///
/// # Errors
/// A field that the action needs is missing or of another type.
pub fn reply<A: Action>(response: &Value) -> Result<A::Reply, ApiError> {
    fields::read_answer(response).map_err(|error| unreadable(A::NAME, response, error))
}

/// A reply that is another than the action's.
#[cold]
fn unreadable(action: &'static str, response: &Value, error: Misread) -> ApiError {
    let request_id = request_id(response).unwrap_or_default().to_owned();
    let (path, reason) = (error.path(), error.into_reason().to_string());
    // A missing field is named by the reason, a mistyped one by the path.
    let missing = reason
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split_once('`'))
        .map(|(name, _)| name.to_owned());
    let field = match (missing, path.as_str()) {
        (Some(name), ".") => name,
        (Some(name), path) => format!("{path}.{name}"),
        (None, path) => path.to_owned(),
    };
    ApiError::Reply { action, field, reason: FieldProblem::Json(reason), request_id }
}

/// Takes secrets out of all texts of an answer that echoes its request.
fn redact(value: &mut Value, secrets: &[&str]) {
    let is_free = |text: &str| !secrets.iter().any(|secret| text.contains(secret));
    let without = |text: &str| {
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "[redacted]"))
    };
    match value {
        Value::String(text) if !is_free(text) => *text = without(text),
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, secrets)),
        Value::Object(map) => {
            map.values_mut().for_each(|item| redact(item, secrets));
            if !map.keys().all(|key| is_free(key)) {
                *map = std::mem::take(map)
                    .into_iter()
                    .map(|(key, item)| (without(&key), item))
                    .collect();
            }
        }
        _ => {}
    }
}

/// The id under which the vendor's support finds the call.
pub(super) fn request_id(response: &Value) -> Option<&str> {
    response.get("RequestId").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SIGNATURE: &str = "0123456789abcdef";

    #[test]
    fn a_list_is_neither_a_reply_nor_an_error() {
        let endpoint = Endpoint::parse("scf.example", false).unwrap();
        for (status, answer, told) in [
            (200, json!({"Response": ["r"]}), "it has no object `Response`"),
            (200, json!([{"RequestId": "r"}]), "Data error at line 1, column 0"),
            (200, json!({"Response": {"Error": ["InternalError", "x"]}}), "`Response.Error` is"),
            (502, json!({"Response": ["r"]}), "HTTP status 502"),
        ] {
            let received = answer.to_string();
            let error = understand("GetAlias", &endpoint, status, received.as_bytes(), &[]);
            let error = error.unwrap_err().to_string();
            assert!(error.contains(told), "{answer}: {error}");
        }
    }

    #[test]
    fn a_signature_that_comes_back_is_taken_out_of_texts_and_keys() {
        let endpoint = Endpoint::parse("scf.example", false).unwrap();
        let answer = json!({"Response": {"A": [format!("x{SIGNATURE}")], SIGNATURE: 1, "B": 2}});
        let received = answer.to_string();
        let answer = understand("GetAlias", &endpoint, 200, received.as_bytes(), &[SIGNATURE]);
        assert_eq!(answer.unwrap(), json!({"A": ["x[redacted]"], "[redacted]": 1, "B": 2}));
    }
}
