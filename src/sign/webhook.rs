//! Signatures of webhook messages: for `DingTalk`, for Feishu, and for our own JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Secret;

/// Returns the parameter `sign` for a `DingTalk` robot, before percent-encoding.
///
/// The secret is the key; time and secret are the message. `milliseconds` since 1970 is the
/// parameter `timestamp`.
#[must_use]
pub fn dingtalk(secret: &Secret, milliseconds: i64) -> String {
    let message = format!("{milliseconds}\n{}", secret.expose());
    STANDARD.encode(hmac(secret.expose().as_bytes(), message.as_bytes()))
}

/// Returns the field `sign` for a Feishu robot.
///
/// Time and secret are the key; the message is empty. `seconds` since 1970 is the field
/// `timestamp`.
#[must_use]
pub fn feishu(secret: &Secret, seconds: i64) -> String {
    STANDARD.encode(hmac(format!("{seconds}\n{}", secret.expose()).as_bytes(), b""))
}

/// Returns the hex HMAC of a body, which proves it to a receiver that has the secret.
#[must_use]
pub fn body(secret: &Secret, body: &[u8]) -> String {
    hex::encode(hmac(secret.expose().as_bytes(), body))
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC accepts keys of any length, so this cannot fail. The receiver would refuse an all-zero
    // result.
    Hmac::<Sha256>::new_from_slice(key).map_or([0; 32], |mut mac| {
        mac.update(message);
        mac.finalize().into_bytes().into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, case 2.
    #[test]
    fn a_body_is_signed_as_the_rfc_has_it() {
        let signature = body(&Secret::new("Jefe"), b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature, expected);
    }
}
