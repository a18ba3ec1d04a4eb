//! What an answer says, and whether it is one.

use serde::Deserialize;

use super::actions::Action;
use super::endpoint::Endpoint;
use super::error::ScfError;

/// No answer of the API comes near this; more is not read, in bytes.
pub(super) const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    response: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ApiError {
    code: String,
    message: Option<String>,
}

/// Reads what an action needs from a successful answer.
pub(super) fn reply<A: Action>(response: serde_json::Value) -> Result<A::Reply, ScfError> {
    let request_id = request_id(&response).unwrap_or_default();
    serde_path_to_error::deserialize(response).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.into_inner().to_string();
        // A missing field is named by the reason, a mistyped one by the path.
        let missing = reason
            .strip_prefix("missing field `")
            .and_then(|rest| rest.split_once('`'))
            .map(|(name, _)| name.to_owned());
        let field = match (missing, path.as_str()) {
            (Some(name), "." | "") => name,
            (Some(name), path) => format!("{path}.{name}"),
            (None, path) => path.to_owned(),
        };
        ScfError::Reply { action: A::NAME, field, reason, request_id }
    })
}

/// What an answer says: the content of `Response`, without the secrets of the request.
pub(super) fn understand(
    action: &'static str,
    endpoint: &Endpoint,
    status: u16,
    received: &[u8],
    secrets: &[&str],
) -> Result<serde_json::Value, ScfError> {
    let garbled =
        |reason: String| ScfError::Garbled { action, endpoint: endpoint.to_string(), reason };
    let unexpected = || ScfError::Status { action, endpoint: endpoint.to_string(), status };
    if received.len() > ANSWER_LIMIT {
        return Err(garbled(format!("it has more than {ANSWER_LIMIT} bytes")));
    }
    let mut response = match serde_json::from_slice::<Envelope>(received) {
        Ok(envelope) => envelope.response,
        Err(_) if status != 200 => return Err(unexpected()),
        Err(error) => {
            // Never the answer's own text: it may echo the request back.
            return Err(garbled(format!(
                "{:?} error at line {}, column {}",
                error.classify(),
                error.line(),
                error.column()
            )));
        }
    };
    // The credentials are masked where texts are printed; who prints these would have to know
    // every request's.
    redact(&mut response, secrets);
    match response.get("Error").filter(|error| !error.is_null()) {
        // Success and failure of the API both come with 200 (error reference), so this is
        // the word of something in between.
        None if status != 200 => Err(unexpected()),
        None => Ok(response),
        Some(error) => match ApiError::deserialize(error) {
            Ok(error) => Err(ScfError::Api {
                action,
                code: error.code,
                message: error.message.unwrap_or_default(),
                request_id: request_id(&response).unwrap_or_default(),
            }),
            Err(error) => Err(garbled(format!("`Response.Error`: {error}"))),
        },
    }
}

/// Takes secrets out of all texts of an answer that echoes its request.
fn redact(value: &mut serde_json::Value, secrets: &[&str]) {
    use serde_json::Value;
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

pub(super) fn request_id(response: &serde_json::Value) -> Option<String> {
    response.get("RequestId").and_then(serde_json::Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::actions::{
        Action, GetAlias, GetFunction, ListAliases, ListVersionByFunction,
    };
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const SIGNATURE: &str = "0123456789abcdef";

    fn read(status: u16, received: &[u8]) -> Result<serde_json::Value, ScfError> {
        let endpoint = Endpoint::parse("scf.example", false).unwrap();
        understand("GetAlias", &endpoint, status, received, &[SIGNATURE])
    }

    #[test]
    fn a_signature_that_comes_back_is_taken_out_of_texts_and_keys() {
        let answer = json!({"Response": {"A": [format!("x{SIGNATURE}")], SIGNATURE: 1, "B": 2}});
        let answer = read(200, answer.to_string().as_bytes()).unwrap();
        assert_eq!(answer, json!({"A": ["x[redacted]"], "[redacted]": 1, "B": 2}));
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<f64>().prop_map(|number| json!(number)),
            any::<i64>().prop_map(Into::into),
            "\\PC{0,8}".prop_map(Into::into),
            Just(SIGNATURE.into()),
        ];
        let keys = "Error|Code|Message|RequestId|Aliases|Name|FunctionVersion|RoutingConfig|\
                    AdditionalVersionWeights|Version|Weight|Versions|Status|[a-z]{1,4}";
        leaf.prop_recursive(4, 32, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map(keys, inner, 0..6)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer_or_an_error(status in 100_u16..600, bytes in any::<Vec<u8>>()) {
            let _ = read(status, &bytes);
        }

        #[test]
        fn any_answer_is_a_reply_or_an_error(status in prop_oneof![Just(200_u16), 100_u16..600], response in any_json()) {
            let answer = json!({"Response": response}).to_string();
            match read(status, answer.as_bytes()) {
                Ok(response) => {
                    prop_assert_eq!(status, 200);
                    prop_assert!(!response.to_string().contains(SIGNATURE));
                    let _ = serde_path_to_error::deserialize::<_, <GetAlias as Action>::Reply>(response.clone());
                    let _ = serde_path_to_error::deserialize::<_, <GetFunction as Action>::Reply>(response.clone());
                    let _ = serde_path_to_error::deserialize::<_, <ListAliases as Action>::Reply>(response.clone());
                    let _ = serde_path_to_error::deserialize::<_, <ListVersionByFunction as Action>::Reply>(response);
                }
                Err(error) => {
                    prop_assert!(!error.to_string().contains(SIGNATURE), "{}", error);
                    let debug = format!("{error:?}");
                    prop_assert!(!debug.contains(SIGNATURE), "{}", debug);
                }
            }
        }
    }
}
