//! Checks signatures over the bytes that were received.
//!
//! Written from the reference alone: it shares nothing with the signer of the
//! client, so that a wrong idea of that one fails here.

pub(super) mod cos;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::Credential;
use super::error::Refusal;
use super::state::Session;
use crate::order::Order as _;

/// How far a request's clock may be off, in seconds.
const TOLERANCE: i64 = 300;

/// A request as it came in.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// `POST` or `GET`.
    pub method: String,
    /// The `Host` header, with the port if it has one.
    pub host: String,
    /// The path, without the query.
    pub path: String,
    /// The query as sent, without the `?`.
    pub query: String,
    /// Names in lower case, with values.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Received {
    /// The value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        if name == "host" {
            return Some(&self.host);
        }
        let mut values = self.headers.iter().filter(|(key, _)| key == name);
        let first = values.next();
        // A header sent twice has no one value that could have been signed.
        if values.next().is_some() {
            return None;
        }
        first.map(|(_, value)| value.as_str())
    }
}

impl Received {
    /// The same request with another body.
    pub(super) fn with_body(&self, body: Vec<u8>) -> Self {
        Self {
            method: self.method.clone(),
            host: self.host.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            body,
        }
    }
}

/// The keys that may sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys<'a> {
    /// Those that do not end.
    pub(super) lasting: &'a [Credential],
    /// Those of roles, over or not.
    pub(super) sessions: &'a [Session],
    /// The server's clock.
    pub(super) now: DateTime<Utc>,
}

/// Checks that an `Authorization` header names a key that may sign.
pub(super) fn check_id(header: &str, keys: Keys<'_>) -> Result<(), Refusal> {
    keys.find(Authorization::parse(header)?.id).map(|_| ())
}

/// What a TC3 check goes by.
pub(super) struct Scope {
    /// Whether a request may leave its body out of the signature.
    pub(super) unsigned_payload: bool,
}

/// Checks a TC3-HMAC-SHA256 signature, and returns the product in whose scope it is. In the
/// cloud each product has a host of its own and takes its own scope only; here one address
/// serves them all, so the scope is what tells them apart.
pub(super) fn verify_tc3(
    received: &Received,
    keys: Keys<'_>,
    scope: &Scope,
) -> Result<String, Refusal> {
    let header = received
        .header("authorization")
        .ok_or_else(|| invalid("the Authorization header is missing"))?;
    let parts = Authorization::parse(header)?;
    let (credential, good) = keys.find(parts.id)?;
    let timestamp = received
        .header("x-tc-timestamp")
        .ok_or_else(|| invalid("the X-TC-Timestamp header is missing"))?;
    let moment = check_clock(timestamp, keys.now)?;
    let date = moment.format("%Y-%m-%d").to_string();
    if parts.date != date {
        return Err(failure(&format!(
            "the scope names the date {}, but the timestamp lies on {date} UTC",
            parts.date
        )));
    }
    let mut plain = String::new();
    let mut lowered = String::new();
    for name in parts.signed_headers.split(';') {
        let value = received
            .header(name)
            .ok_or_else(|| failure(&format!("the signed header `{name}` was not received once")))?
            .trim();
        let _ = writeln!(plain, "{name}:{value}");
        // Signed headers beyond the two may be signed in lower case.
        if matches!(name, "content-type" | "host") {
            let _ = writeln!(lowered, "{name}:{value}");
        } else {
            let _ = writeln!(lowered, "{name}:{}", value.to_lowercase());
        }
    }
    let unsigned = scope.unsigned_payload
        && received.header("x-tc-content-sha256") == Some("UNSIGNED-PAYLOAD");
    let payload = hex::encode(Sha256::digest(if unsigned {
        b"UNSIGNED-PAYLOAD"
    } else {
        &received.body[..]
    }));
    let query = if received.method == "GET" { &received.query } else { "" };
    let key = signing_key(&credential.key, &date, parts.service);
    let matches = [plain, lowered].iter().any(|headers| {
        let request = format!(
            "{}\n/\n{query}\n{headers}\n{}\n{payload}",
            received.method, parts.signed_headers
        );
        let text = format!(
            "TC3-HMAC-SHA256\n{timestamp}\n{date}/{}/tc3_request\n{}",
            parts.service,
            hex::encode(Sha256::digest(&request))
        );
        keyed(&key, text.as_bytes()).verify_slice(&parts.signature).is_ok()
    });
    if !matches {
        return Err(failure(
            "the signature does not match the request received and the key of this SecretId",
        ));
    }
    check_token(credential, good, received.header("x-tc-token"))?;
    Ok(parts.service.to_owned())
}

/// The parts of a TC3 `Authorization` header.
struct Authorization<'a> {
    id: &'a str,
    date: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: Vec<u8>,
}

impl<'a> Authorization<'a> {
    fn parse(header: &'a str) -> Result<Self, Refusal> {
        let rest = header
            .strip_prefix("TC3-HMAC-SHA256 ")
            .ok_or_else(|| invalid("the Authorization header does not begin TC3-HMAC-SHA256"))?;
        let mut fields = rest.split(", ");
        let mut field = |name: &str| {
            fields
                .next()
                .and_then(|part| part.strip_prefix(name))
                .and_then(|part| part.strip_prefix('='))
                .ok_or_else(|| invalid(&format!("{name}=... is not where it belongs")))
        };
        let credential = field("Credential")?;
        let signed_headers = field("SignedHeaders")?;
        let signature = field("Signature")?;
        if fields.next().is_some() {
            return Err(invalid("something follows the signature"));
        }
        let scope: Vec<_> = credential.split('/').collect();
        let &[id, date, service, "tc3_request"] = &scope[..] else {
            return Err(invalid("Credential is not <SecretId>/<date>/<service>/tc3_request"));
        };
        let names: Vec<_> = signed_headers.split(';').collect();
        if !names.is_sorted_by(|one, next| one < next)
            || names.iter().any(|name| name.is_empty() || *name != name.to_ascii_lowercase())
        {
            return Err(invalid("SignedHeaders is not a sorted lower-case list"));
        }
        if !names.contains(&"content-type") || !names.contains(&"host") {
            return Err(invalid("SignedHeaders must name at least content-type and host"));
        }
        if signature.len() != 64 || signature.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(invalid("Signature is not 64 lower-case hex digits"));
        }
        let signature =
            hex::decode(signature).map_err(|_| invalid("Signature is not hexadecimal"))?;
        Ok(Self { id, date, service, signed_headers, signature })
    }
}

/// Derives the key that signs for a day and a service.
fn signing_key(secret: &str, date: &str, service: &str) -> Vec<u8> {
    let date = sign(format!("TC3{secret}").as_bytes(), date.as_bytes());
    let service = sign(&date, service.as_bytes());
    sign(&service, b"tc3_request")
}

fn sign(key: &[u8], text: &[u8]) -> Vec<u8> {
    keyed(key, text).finalize().into_bytes().to_vec()
}

fn keyed(key: &[u8], text: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac
}

/// Checks the older signature, a parameter among the parameters of a form.
pub(super) fn verify_form(
    received: &Received,
    pairs: &[(String, String)],
    keys: Keys<'_>,
) -> Result<(), Refusal> {
    let value = |name: &str| {
        let mut found = pairs.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    };
    let id = value("SecretId").ok_or_else(|| missing("SecretId"))?;
    let (credential, good) = keys.find(id)?;
    let timestamp = value("Timestamp").ok_or_else(|| missing("Timestamp"))?;
    check_clock(timestamp, keys.now)?;
    let nonce = value("Nonce").ok_or_else(|| missing("Nonce"))?;
    if nonce.is_empty() || !nonce.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::new("InvalidParameter", "Nonce is not a number."));
    }
    let signature = value("Signature").ok_or_else(|| missing("Signature"))?;
    let signature = STANDARD.decode(signature).map_err(|_| failure("Signature is not Base64"))?;
    let sha256 = match value("SignatureMethod") {
        None | Some("HmacSHA1") => false,
        Some("HmacSHA256") => true,
        Some(other) => {
            return Err(Refusal::new(
                "InvalidParameter",
                format!("SignatureMethod `{other}` is neither HmacSHA1 nor HmacSHA256."),
            ));
        }
    };
    // Old clients sign an underscore in a key as a dot, and may leave out a
    // posted value that begins with `@`.
    let matches = [(false, false), (true, false), (false, true), (true, true)].into_iter().any(
        |(dots, skip)| {
            let text = form_text(received, pairs, dots, skip);
            let key = credential.key.as_bytes();
            if sha256 {
                keyed(key, text.as_bytes()).verify_slice(&signature).is_ok()
            } else {
                let mut mac =
                    Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
                mac.update(text.as_bytes());
                mac.verify_slice(&signature).is_ok()
            }
        },
    );
    if !matches {
        return Err(failure(
            "the signature does not match the form received and the key of this SecretId",
        ));
    }
    check_token(credential, good, value("Token"))
}

/// The text that the older method signs.
fn form_text(
    received: &Received,
    pairs: &[(String, String)],
    underscores_as_dots: bool,
    skip_at_values: bool,
) -> String {
    let mut pairs: Vec<_> = pairs
        .iter()
        .filter(|(key, _)| key != "Signature")
        .filter(|(_, value)| {
            !(skip_at_values && received.method == "POST" && value.starts_with('@'))
        })
        .collect();
    pairs.order();
    let pairs: Vec<_> = pairs
        .into_iter()
        .map(|(key, value)| {
            if underscores_as_dots {
                format!("{}={value}", key.replace('_', "."))
            } else {
                format!("{key}={value}")
            }
        })
        .collect();
    format!("{}{}{}?{}", received.method, received.host, received.path, pairs.join("&"))
}

impl<'a> Keys<'a> {
    /// The key of a `SecretId`, and whether it is still good.
    fn find(self, id: &str) -> Result<(&'a Credential, bool), Refusal> {
        let lasting = self.lasting.iter().find(|credential| credential.id == id);
        let of_role = || {
            let session = self.sessions.iter().find(|session| session.credential.id == id)?;
            Some((&session.credential, self.now < session.expires))
        };
        lasting.map(|credential| (credential, true)).or_else(of_role).ok_or_else(|| {
            Refusal::new("AuthFailure.SecretIdNotFound", "There is no such SecretId here.")
        })
    }
}

fn check_clock(timestamp: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
    let moment = Some(timestamp)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .ok_or_else(|| invalid("the timestamp is not a number of seconds"))?;
    // Whole seconds, since the request has no finer clock.
    if (now.timestamp() - moment.timestamp()).abs() > TOLERANCE {
        return Err(Refusal::new(
            "AuthFailure.SignatureExpire",
            format!(
                "The request was signed for {timestamp}, but it is {}: more than five minutes off.",
                now.timestamp()
            ),
        ));
    }
    Ok(moment)
}

fn check_token(credential: &Credential, good: bool, token: Option<&str>) -> Result<(), Refusal> {
    if good && credential.token.as_deref() == token.filter(|text| !text.is_empty()) {
        return Ok(());
    }
    Err(Refusal::new(
        "AuthFailure.TokenFailure",
        "The token is missing, wrong, expired, or does not belong to this key.",
    ))
}

fn invalid(text: &str) -> Refusal {
    Refusal::new(
        "AuthFailure.InvalidAuthorization",
        format!("The Authorization header is malformed: {text}."),
    )
}

fn failure(text: &str) -> Refusal {
    Refusal::new("AuthFailure.SignatureFailure", format!("The signature is wrong: {text}."))
}

fn missing(name: &str) -> Refusal {
    Refusal::new(
        "MissingParameter",
        format!("The request is missing the required parameter `{name}`."),
    )
}

/// Signs a POST the way the reference says, for the tests of this module.
#[cfg(test)]
pub(super) fn authorization(
    credential: &Credential,
    product: &str,
    timestamp: i64,
    host: &str,
    content_type: &str,
    body: &[u8],
) -> String {
    let date =
        DateTime::from_timestamp(timestamp, 0).expect("in range").format("%Y-%m-%d").to_string();
    let request = format!(
        "POST\n/\n\ncontent-type:{content_type}\nhost:{host}\n\ncontent-type;host\n{}",
        hex::encode(Sha256::digest(body))
    );
    let text = format!(
        "TC3-HMAC-SHA256\n{timestamp}\n{date}/{product}/tc3_request\n{}",
        hex::encode(Sha256::digest(request))
    );
    let key = signing_key(&credential.key, &date, product);
    let signature = hex::encode(sign(&key, text.as_bytes()));
    let id = &credential.id;
    format!(
        "TC3-HMAC-SHA256 Credential={id}/{date}/{product}/tc3_request, SignedHeaders=content-type;host, Signature={signature}"
    )
}

#[cfg(test)]
mod tests;
