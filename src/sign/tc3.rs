//! TC3-HMAC-SHA256 (签名方法 v3), implemented from the signing reference.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::Credentials;
use crate::order::Order as _;

const ALGORITHM: &str = "TC3-HMAC-SHA256";

/// What the payload hash covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadMode {
    /// The bytes of the body.
    Signed,
    /// The literal text `UNSIGNED-PAYLOAD`; the request then carries
    /// `X-TC-Content-SHA256: UNSIGNED-PAYLOAD`.
    Unsigned,
}

/// The parts of a request that the signature covers.
#[derive(Debug, Clone)]
pub struct SignableRequest<'a> {
    /// `POST` or `GET`.
    pub method: &'a str,
    /// The product's name, such as `scf`. It need not be the first label of the host.
    pub service: &'a str,
    /// The query exactly as sent after `?`; empty for `POST`.
    pub query: &'a str,
    /// Signed headers, `(lower-case name, value as sent)`, in any order.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body exactly as sent.
    pub body: &'a [u8],
    /// What the payload hash covers.
    pub payload: PayloadMode,
}

/// A signature with its intermediate results, so that a failing vector names the stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// UTC date of the timestamp, `YYYY-MM-DD`.
    pub date: String,
    /// Names of the signed headers, joined by `;`.
    pub signed_headers: String,
    /// Hex SHA-256 of the payload.
    pub payload_hash: String,
    /// The canonical request in six parts.
    pub canonical_request: String,
    /// The text that is signed.
    pub string_to_sign: String,
    /// Derived keys: date, service, signing.
    pub derived_keys: [[u8; 32]; 3],
    /// The signature in lower-case hex.
    pub signature: String,
    /// Value of the `Authorization` header.
    pub authorization: String,
}

/// Signs a request for one moment.
///
/// `time` must be the moment in `X-TC-Timestamp`: the scope's date is derived from it, never from
/// another reading of the clock.
#[must_use]
pub fn sign(
    credentials: &Credentials,
    time: DateTime<Utc>,
    request: &SignableRequest<'_>,
) -> Signature {
    let date = time.format("%Y-%m-%d").to_string();
    let timestamp = time.timestamp();

    let mut headers: Vec<(&str, &str)> =
        request.headers.iter().map(|(name, value)| (*name, value.trim())).collect();
    headers.order();
    let canonical_headers: String =
        headers.iter().flat_map(|(name, value)| [*name, ":", *value, "\n"]).collect();
    let signed_headers = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");

    let payload_hash = match request.payload {
        PayloadMode::Signed => sha256_hex(request.body),
        PayloadMode::Unsigned => sha256_hex(b"UNSIGNED-PAYLOAD"),
    };
    let canonical_request = format!(
        "{}\n/\n{}\n{canonical_headers}\n{signed_headers}\n{payload_hash}",
        request.method, request.query
    );

    let scope = format!("{date}/{}/tc3_request", request.service);
    let string_to_sign =
        format!("{ALGORITHM}\n{timestamp}\n{scope}\n{}", sha256_hex(canonical_request.as_bytes()));

    let date_key = hmac(format!("TC3{}", credentials.key.expose()).as_bytes(), date.as_bytes());
    let service_key = hmac(&date_key, request.service.as_bytes());
    let signing_key = hmac(&service_key, b"tc3_request");
    let signature = hex::encode(hmac(&signing_key, string_to_sign.as_bytes()));

    let authorization = format!(
        "{ALGORITHM} Credential={}/{scope}, SignedHeaders={signed_headers}, Signature={signature}",
        credentials.id.expose()
    );
    Signature {
        date,
        signed_headers,
        payload_hash,
        canonical_request,
        string_to_sign,
        derived_keys: [date_key, service_key, signing_key],
        signature,
        authorization,
    }
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC accepts keys of any length, so this cannot fail. The service would refuse an all-zero
    // result.
    Hmac::<Sha256>::new_from_slice(key).map_or([0; 32], |mut mac| {
        mac.update(message);
        mac.finalize().into_bytes().into()
    })
}
