//! TC3 signatures, stage by stage.

use chrono::DateTime;
use scfctl::sign::tc3::{PayloadMode, SignableRequest, sign};
use scfctl::sign::{Credentials, Secret};
use serde_json::Value;

use crate::text;

#[test]
fn every_stage_of_every_vector() {
    let file: Value = serde_json::from_str(include_str!("../data/tc3-vectors.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 21);
    for vector in vectors {
        let (name, input, expected) = (text(vector, "name"), &vector["input"], &vector["expected"]);
        let body = body(input);
        assert_eq!(body.len() as u64, expected["payload_length"], "{name}: length");
        // Examples of the documentation sign the action in lower case.
        let action = text(input, "action").to_lowercase();
        let mut headers =
            vec![("host", text(input, "host")), ("content-type", text(input, "content_type"))];
        if input["sign_action"] == true {
            headers.insert(0, ("x-tc-action", &action));
        }
        let signature = sign(
            &Credentials {
                id: Secret::new(text(input, "secret_id")),
                key: Secret::new(text(input, "secret_key")),
                token: input["token"].as_str().map(Secret::new),
            },
            DateTime::from_timestamp(input["timestamp"].as_i64().unwrap(), 0).unwrap(),
            &SignableRequest {
                method: text(input, "method"),
                service: text(input, "service"),
                query: text(input, "query"),
                headers: &headers,
                body: body.as_bytes(),
                payload: if input["unsigned_payload"] == true {
                    PayloadMode::Unsigned
                } else {
                    PayloadMode::Signed
                },
            },
        );
        let [date_key, service_key, signing_key] = signature.derived_keys.map(hex::encode);
        for (stage, ours) in [
            ("date", &signature.date),
            ("signed_headers", &signature.signed_headers),
            ("payload_sha256", &signature.payload_hash),
            ("canonical_request", &signature.canonical_request),
            ("string_to_sign", &signature.string_to_sign),
            ("secret_date_hex", &date_key),
            ("secret_service_hex", &service_key),
            ("secret_signing_hex", &signing_key),
            ("signature", &signature.signature),
            ("authorization", &signature.authorization),
        ] {
            assert_eq!(ours, text(expected, stage), "{name}: {stage}");
        }
    }
}

fn body(input: &Value) -> String {
    match &input["payload_recipe"] {
        Value::Null => text(input, "payload").to_owned(),
        recipe => {
            let count = usize::try_from(recipe["count"].as_u64().unwrap()).unwrap();
            format!(
                "{}{}{}",
                text(recipe, "prefix"),
                text(recipe, "unit").repeat(count),
                text(recipe, "suffix")
            )
        }
    }
}
