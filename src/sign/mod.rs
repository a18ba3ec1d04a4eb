//! Request signatures: pure functions of (credentials, time, request).

pub mod cos;
pub mod tc3;
pub mod webhook;

use std::fmt;

/// A text that must not be shown. Only signing opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text under lock.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for signing and for masking it in what is printed.
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

/// A key pair, with a session token when it is temporary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `SecretId`; names the key, so it counts as a secret too.
    pub id: Secret,
    /// `SecretKey`.
    pub key: Secret,
    /// Session token of temporary credentials; sent, and signed for COS alone.
    pub token: Option<Secret>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a panic, or an error that holds it, would print.
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
