//! COS signatures, stage by stage.

use chrono::DateTime;
use scfctl::sign::cos::{SignableRequest, sign};
use scfctl::sign::{Credentials, Secret};
use serde_json::Value;

use crate::text;

#[test]
fn every_stage_of_every_vector() {
    let file: Value = serde_json::from_str(include_str!("../data/cos-vectors.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 13);
    for vector in vectors {
        let (name, input, expected) = (text(vector, "name"), &vector["input"], &vector["expected"]);
        let pairs = |key: &str| -> Vec<(String, String)> {
            let map = input[key].as_object().unwrap();
            map.iter()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect()
        };
        let (query, headers) = (pairs("query"), pairs("signed_headers"));
        let borrowed = |pairs: &'_ [(String, String)]| -> Vec<(&'static str, &'static str)> {
            pairs
                .iter()
                .map(|(name, value)| (&*name.clone().leak(), &*value.clone().leak()))
                .collect()
        };
        let time = |key: &str| DateTime::from_timestamp(input[key].as_i64().unwrap(), 0).unwrap();
        let signature = sign(
            &Credentials {
                id: Secret::new(text(input, "secret_id")),
                key: Secret::new(text(input, "secret_key")),
                token: None,
            },
            time("start"),
            time("end"),
            &SignableRequest {
                method: text(input, "method"),
                path: text(input, "path"),
                query: &borrowed(&query),
                headers: &borrowed(&headers),
            },
        );
        for (stage, ours) in [
            ("key_time", &signature.key_time),
            ("sign_key", &signature.sign_key),
            ("url_param_list", &signature.url_param_list),
            ("http_parameters", &signature.http_parameters),
            ("header_list", &signature.header_list),
            ("http_headers", &signature.http_headers),
            ("http_string", &signature.http_string),
            ("http_string_sha1", &signature.http_string_sha1),
            ("string_to_sign", &signature.string_to_sign),
            ("signature", &signature.signature),
            ("authorization", &signature.authorization),
        ] {
            assert_eq!(ours, text(expected, stage), "{name}: {stage}");
        }
    }
}
