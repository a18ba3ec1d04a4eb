//! What must hold for the client's understanding of any answer.

use scfctl::api::actions::{
    Action, CreateAlias, GetAlias, GetFunction, GetFunctionAddress, ListAliases, ListFunctions,
    ListTriggers, ListVersionByFunction, PublishVersion, RoutingConfig,
};
use scfctl::api::answer::{reply, understand};
use scfctl::api::{ApiError, Endpoint};
use scfctl::model::Weight;
use serde_json::Value;

/// Stands for the signature in what is checked, so that a short text can echo it.
pub const ECHO: &str = "{signature}";
const SIGNATURE: &str = "2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c";

/// Checks an answer: the HTTP status in its first line, then the body.
pub fn check(bytes: &[u8]) {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return };
    let status = std::str::from_utf8(&bytes[..end]).ok().and_then(|text| text.trim().parse().ok());
    let status: u16 = status.unwrap_or(200);
    let body = echoed(&bytes[end + 1..]);
    let authorization = format!(
        "TC3-HMAC-SHA256 Credential=AKIDzq9/2023-11-14/scf/tc3_request, \
         SignedHeaders=content-type;host, Signature={SIGNATURE}"
    );
    let endpoint = Endpoint::parse("scf.example", false).expect("an endpoint");
    let secrets = [authorization.as_str(), SIGNATURE];
    match understand(GetAlias::NAME, &endpoint, status, &body, &secrets) {
        Ok(response) => {
            assert_eq!(status, 200, "a success with another status");
            is_free(&response.to_string());
            let read: Value = serde_json::from_slice(&body).expect("JSON");
            assert!(response.is_object() && read.is_object(), "{read}");
            assert!(read["Response"].get("Error").is_none_or(Value::is_null), "{read}");
            replies(&response);
        }
        Err(error) => refused(&error, status, &body),
    }
}

/// Puts the signature where [`ECHO`] stands.
fn echoed(bytes: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(byte) = rest.first() {
        if let Some(behind) = rest.strip_prefix(ECHO.as_bytes()) {
            result.extend_from_slice(SIGNATURE.as_bytes());
            rest = behind;
        } else {
            result.push(*byte);
            rest = &rest[1..];
        }
    }
    result
}

fn is_free(text: &str) {
    assert!(!text.contains(SIGNATURE), "the signature is shown: {text}");
}

fn refused(error: &ApiError, status: u16, body: &[u8]) {
    is_free(&format!("{error} {error:?}"));
    assert_eq!(error.action(), GetAlias::NAME);
    match error {
        ApiError::Api { code, message, request_id, .. } => {
            let answer: Value = serde_json::from_slice(body).expect("JSON");
            let masked =
                |value: &Value| value.as_str().unwrap_or_default().replace(SIGNATURE, "[redacted]");
            let said = &answer["Response"];
            assert_eq!(*code, masked(&said["Error"]["Code"]));
            assert_eq!(*message, masked(&said["Error"]["Message"]));
            assert_eq!(*request_id, masked(&said["RequestId"]));
            assert_eq!(error.code(), Some(code.as_str()));
        }
        // What is not the API's own word may stand for a call that was carried out.
        ApiError::Status { status: told, .. } => {
            assert_eq!(*told, status);
            assert!(status != 200 && error.perhaps_executed() && error.code().is_none());
        }
        ApiError::Garbled { reason, .. } => {
            let reason = reason.to_string();
            assert!(!reason.is_empty() && error.perhaps_executed() && error.code().is_none());
            // Never the answer's own text, but for what `Error` holds.
            assert!(status == 200 || reason.starts_with("`Response.Error`"), "{reason}");
        }
        other => panic!("understanding cannot end in {other:?}"),
    }
}

fn replies(response: &Value) {
    read::<GetFunction>(response);
    read::<GetFunctionAddress>(response);
    read::<PublishVersion>(response);
    read::<ListVersionByFunction>(response);
    read::<ListFunctions>(response);
    read::<ListTriggers>(response);
    read::<CreateAlias>(response);
    if let Some(alias) = read::<GetAlias>(response) {
        weights(alias.routing_config.as_ref());
    }
    for alias in read::<ListAliases>(response).into_iter().flat_map(|list| list.aliases) {
        weights(alias.routing_config.as_ref());
    }
}

fn read<A: Action>(response: &Value) -> Option<A::Reply> {
    match reply::<A>(response) {
        Ok(reply) => Some(reply),
        Err(error) => {
            is_free(&format!("{error} {error:?}"));
            assert_eq!(error.action(), A::NAME);
            assert!(error.perhaps_executed());
            let ApiError::Reply { field, reason, .. } = &error else {
                panic!("reading a reply cannot end in {error:?}");
            };
            assert!(!field.is_empty() && !reason.to_string().is_empty(), "{error:?}");
            None
        }
    }
}

/// A weight that is taken is one, and goes out as the number that it came in as.
fn weights(config: Option<&RoutingConfig>) {
    let list = config.and_then(|config| config.additional_version_weights.as_ref());
    for entry in list.into_iter().flatten() {
        let number = entry.weight.as_f64().unwrap_or(f64::NAN);
        let Ok(weight) = Weight::observed(number) else {
            assert!(!(0.0..=1.0).contains(&number), "{number} is a weight");
            continue;
        };
        assert!((number - weight.to_f64()).abs() < 1e-6, "{number} became {weight}");
        assert!(weight >= Weight::ZERO && weight <= Weight::ONE);
        assert_eq!(weight.to_string().parse(), Ok(weight));
        assert_eq!(weight.complement().checked_add(weight), Some(Weight::ONE));
        let sent = serde_json::to_value(weight).ok().and_then(|sent| sent.as_f64());
        assert_eq!(sent.map(Weight::observed), Some(Ok(weight)));
    }
}
