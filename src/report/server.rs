//! What `local serve` reports.

use serde::Serialize;

use super::said::{Said, shown_in};
use crate::text::Language;

/// A server that runs until it is interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Server {
    /// Its address.
    pub url: String,
    /// The key pair that it takes.
    #[serde(flatten)]
    pub keys: ServerKeys,
}

/// Where keys were found, as `config` says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeySource {
    /// The place.
    pub source: Said,
}

impl Server {
    /// The server as people are shown it.
    #[must_use]
    pub fn shown(&self, language: Language) -> Self {
        shown_in(self, language, |server| {
            if let ServerKeys::Given { credentials } = &mut server.keys {
                credentials.source.speak_chinese();
            }
        })
    }
}

/// The key pair that a server takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum ServerKeys {
    /// The user's.
    Given {
        /// Where they were found.
        credentials: KeySource,
    },
    /// Of this run alone.
    Made {
        /// Id.
        secret_id: String,
        /// Key.
        secret_key: String,
    },
}
