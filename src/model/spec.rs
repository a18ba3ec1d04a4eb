//! What a function is beside its code.

use super::{Configuration, FunctionKind};

/// What a function is beside its code: as a file wishes it, as it is created, and as the service
/// reports it.
///
/// `None` is what nobody says: what is there stays, and a new function has the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionSpec {
    /// How it is called; nothing changes it.
    pub kind: Option<FunctionKind>,
    /// `WS` of a web function that speaks WebSocket, else empty or none; nothing changes it.
    pub protocol: Option<String>,
    /// Language and version; nothing changes it.
    pub runtime: Option<String>,
    /// `file.function`; web functions and images have none.
    pub handler: Option<String>,
    /// Settings.
    pub configuration: Configuration,
}

impl FunctionSpec {
    /// Returns how it is called: by events unless something else is said, as the API has it.
    #[must_use]
    pub fn kind(&self) -> FunctionKind {
        self.kind.unwrap_or_default()
    }

    /// What is said, else what `other` says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            kind: self.kind.or(other.kind),
            protocol: self.protocol.or(other.protocol),
            runtime: self.runtime.or(other.runtime),
            handler: self.handler.or(other.handler),
            configuration: self.configuration.or(other.configuration),
        }
    }
}
