//! What `local serve` reports.

use serde::Serialize;

/// A server that runs until it is interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Server {
    /// Its address.
    pub url: String,
    /// The key pair that it takes.
    #[serde(flatten)]
    pub keys: Keys,
}

/// Where keys were found, as `config` says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The place.
    pub source: String,
}

/// The key pair that a server takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Keys {
    /// The user's.
    Given {
        /// Where they were found.
        credentials: Source,
    },
    /// Of this run alone.
    Made {
        /// Id.
        secret_id: String,
        /// Key.
        secret_key: String,
    },
}
