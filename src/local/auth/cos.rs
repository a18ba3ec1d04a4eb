//! Signatures of COS requests, over the bytes that were received.

use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest as _, Sha1};

use super::super::Credential;
use super::super::error::Refusal;
use super::{Keys, Received};

/// Decodes percent signs; anything else stays.
pub(in super::super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let pair = more.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        if let (b'%', Some(byte)) = (first, byte) {
            bytes.push(byte);
            rest = &more[2..];
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The parameters of a query, decoded; `+` is no blank here.
pub(in super::super) fn parameters(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Checks the signature of a COS request, in its header or, of a pre-signed one, its query.
pub(in super::super) fn verify(received: &Received, keys: Keys<'_>) -> Result<(), Refusal> {
    let query = parameters(&received.query);
    let fields: Vec<(String, String)> = match received.header("authorization") {
        Some(header) => header
            .split('&')
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        None => query.iter().filter(|(name, _)| name.starts_with("q-")).cloned().collect(),
    };
    let field = |name: &str| {
        let found = fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).ok_or_else(|| {
            Refusal::new("AccessDenied", format!("The request is not signed: {name} is missing."))
        })
    };
    if field("q-sign-algorithm")? != "sha1" {
        return Err(Refusal::new("InvalidArgument", "q-sign-algorithm is not sha1."));
    }
    let id = field("q-ak")?;
    let (credential, good) = keys
        .find(id)
        .map_err(|_| Refusal::new("InvalidAccessKeyId", "There is no such SecretId here."))?;
    let (sign_time, key_time) = (field("q-sign-time")?, field("q-key-time")?);
    for time in [sign_time, key_time] {
        check_time(time, keys.now.timestamp())?;
    }
    let list = |name: &str| -> Result<Vec<String>, Refusal> {
        let names: Vec<String> =
            field(name)?.split(';').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if !names.is_sorted() || names.iter().any(|name| *name != name.to_lowercase()) {
            return Err(mismatch(&format!("{name} is not a sorted lower-case list")));
        }
        Ok(names)
    };
    let (headers, params) = (list("q-header-list")?, list("q-url-param-list")?);
    let mut http_parameters = Vec::new();
    for name in params {
        let found = query.iter().find(|(known, _)| encode(known).to_lowercase() == name);
        let (_, value) =
            found.ok_or_else(|| mismatch(&format!("the parameter {name} was not received")))?;
        http_parameters.push(format!("{name}={}", encode(value)));
    }
    let http_parameters = http_parameters.join("&");
    // An official client leaves the port out of the host that it signs.
    let without_port = received.host.rsplit_once(':').map_or(&*received.host, |(name, _)| name);
    let signature = hex::decode(field("q-signature")?)
        .map_err(|_| mismatch("the signature is not hexadecimal"))?;
    for host in [&*received.host, without_port] {
        let mut http_headers = Vec::new();
        for name in &headers {
            let plain = decode(name);
            let value = if plain == "host" { Some(host) } else { received.header(&plain) };
            let value =
                value.ok_or_else(|| mismatch(&format!("the header {name} was not received")))?;
            http_headers.push(format!("{name}={}", encode(value)));
        }
        let text = format!(
            "{}\n{}\n{http_parameters}\n{}\n",
            received.method.to_lowercase(),
            decode(&received.path),
            http_headers.join("&")
        );
        let to_sign = format!("sha1\n{sign_time}\n{}\n", hex::encode(Sha1::digest(text)));
        let key = hex::encode(keyed(credential.key.as_bytes(), key_time).finalize().into_bytes());
        if keyed(key.as_bytes(), &to_sign).verify_slice(&signature).is_ok() {
            if !good {
                return Err(Refusal::new("ExpiredToken", "The temporary key is over."));
            }
            return check_token(received, &query, credential);
        }
    }
    Err(mismatch("it does not match the request received and the key of this SecretId"))
}

fn check_token(
    received: &Received,
    query: &[(String, String)],
    credential: &Credential,
) -> Result<(), Refusal> {
    const NAME: &str = "x-cos-security-token";
    let in_query = || query.iter().find(|(name, _)| name == NAME).map(|(_, value)| value.as_str());
    let token = received.header(NAME).or_else(in_query).filter(|token| !token.is_empty());
    if token == credential.token.as_deref() {
        return Ok(());
    }
    Err(Refusal::new("InvalidToken", "The token is missing, wrong, or not of this key."))
}

fn check_time(text: &str, now: i64) -> Result<(), Refusal> {
    let times = text
        .split_once(';')
        .and_then(|(start, end)| Some((start.parse::<i64>().ok()?, end.parse::<i64>().ok()?)));
    let Some((start, end)) = times else {
        return Err(mismatch("its time is not of the form start;end"));
    };
    if end < now {
        return Err(Refusal::new("AccessDenied", "Request has expired"));
    }
    if start > now {
        return Err(Refusal::new(
            "RequestTimeTooSkewed",
            format!("The request is signed from {start} on, and it is {now}."),
        ));
    }
    Ok(())
}

fn keyed(key: &[u8], text: &str) -> Hmac<Sha1> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac
}

fn mismatch(text: &str) -> Refusal {
    Refusal::new("SignatureDoesNotMatch", format!("The signature is wrong: {text}."))
}
