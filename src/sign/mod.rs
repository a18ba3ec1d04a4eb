//! Request signatures: pure functions of (credentials, time, request).

pub mod cos;
pub mod tc3;
pub mod webhook;

use std::fmt;

/// A text that must not be shown. Only signing reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, for signing, and for masking it in output.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// A key pair, with a session token if it is temporary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `SecretId`. It identifies the key, so it is treated as a secret, too.
    pub id: Secret,
    /// `SecretKey`.
    pub key: Secret,
    /// Session token of temporary credentials. It is sent along; only COS signs it.
    pub token: Option<Secret>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a panic or an error that contains it would print.
    #[test]
    fn a_secret_does_not_show_itself() {
        let credentials = Credentials {
            id: Secret::new("AKIDmarker"),
            key: Secret::new("keyMarker"),
            token: Some(Secret::new("tokenMarker")),
        };
        let shown = format!("{credentials:?} {credentials:#?}");
        assert!(shown.contains("[redacted]"), "{shown}");
        assert!(!shown.to_lowercase().contains("marker"), "{shown}");
    }
}
