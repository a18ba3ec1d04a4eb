//! Signatures of the COS XML API (`q-sign-algorithm=sha1`).

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest as _, Sha1};

use super::Credentials;
use crate::order::Order as _;

/// The parts of a request that are signed.
#[derive(Debug, Clone)]
pub struct SignableRequest<'a> {
    /// `PUT`, `HEAD` and so on, in any case.
    pub method: &'a str,
    /// The path before percent-encoding, with a leading `/`.
    pub path: &'a str,
    /// Query parameters before encoding. A parameter without a value has an empty one.
    pub query: &'a [(&'a str, &'a str)],
    /// Headers to sign, with their values as sent. `host` should be among them.
    pub headers: &'a [(&'a str, &'a str)],
}

/// A signature with its intermediate results, so that a failing vector names the stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Start and end of its validity in Unix seconds, joined by `;`.
    pub key_time: String,
    /// Hex HMAC of `key_time` with the secret key.
    pub sign_key: String,
    /// Names of the signed parameters, joined by `;`.
    pub url_param_list: String,
    /// The signed parameters, encoded and sorted.
    pub http_parameters: String,
    /// Names of the signed headers, joined by `;`.
    pub header_list: String,
    /// The signed headers, encoded and sorted.
    pub http_headers: String,
    /// The canonical request.
    pub http_string: String,
    /// Hex SHA-1 of `http_string`.
    pub http_string_sha1: String,
    /// The text that is signed.
    pub string_to_sign: String,
    /// The signature in lower-case hex.
    pub signature: String,
    /// Value of the `Authorization` header.
    pub authorization: String,
}

/// Signs a request. The signature is valid from `start` to `end`.
#[must_use]
pub fn sign(
    credentials: &Credentials,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    request: &SignableRequest<'_>,
) -> Signature {
    let key_time = format!("{};{}", start.timestamp(), end.timestamp());
    // The hex text of this key, not its bytes, is the key of the second step.
    let sign_key = hmac(credentials.key.expose(), &key_time);
    let (url_param_list, http_parameters) = canonical(request.query);
    let (header_list, http_headers) = canonical(request.headers);
    let path = if request.path.is_empty() { "/" } else { request.path };
    let http_string = format!(
        "{}\n{path}\n{http_parameters}\n{http_headers}\n",
        request.method.to_ascii_lowercase()
    );
    let http_string_sha1 = hex::encode(Sha1::digest(&http_string));
    let string_to_sign = format!("sha1\n{key_time}\n{http_string_sha1}\n");
    let signature = hmac(&sign_key, &string_to_sign);
    let authorization = format!(
        "q-sign-algorithm=sha1&q-ak={}&q-sign-time={key_time}&q-key-time={key_time}\
         &q-header-list={header_list}&q-url-param-list={url_param_list}&q-signature={signature}",
        credentials.id.expose()
    );
    Signature {
        key_time,
        sign_key,
        url_param_list,
        http_parameters,
        header_list,
        http_headers,
        http_string,
        http_string_sha1,
        string_to_sign,
        signature,
        authorization,
    }
}

/// Returns names, and names with values, both sorted by the encoded lower-case name.
fn canonical(pairs: &[(&str, &str)]) -> (String, String) {
    let mut pairs: Vec<(String, String)> = pairs
        .iter()
        .map(|(name, value)| (encode(name).to_ascii_lowercase(), encode(value)))
        .collect();
    pairs.order();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    let both: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (names.join(";"), both.join("&"))
}

/// Percent-encodes everything except letters, digits and `-_.~`.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn hmac(key: &str, message: &str) -> String {
    // HMAC accepts keys of any length, so this cannot fail. The service would refuse an empty
    // result.
    Hmac::<Sha1>::new_from_slice(key.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(message.as_bytes());
            hex::encode(mac.finalize().into_bytes())
        },
    )
}
