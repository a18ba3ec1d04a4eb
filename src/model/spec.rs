//! A function's properties besides its code.

use super::{Configuration, FunctionKind};

/// A function's properties besides its code: as wanted, as created, and as observed.
///
/// `None` means "not given": an existing function keeps its value, a new one gets the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionSpec {
    /// How it is invoked; cannot be changed.
    pub kind: Option<FunctionKind>,
    /// `WS` for a web function that uses WebSocket, otherwise empty or `None`; cannot be changed.
    pub protocol: Option<String>,
    /// Runtime, such as `Python3.9`; cannot be changed.
    pub runtime: Option<String>,
    /// `file.function`; `None` for web functions and images.
    pub handler: Option<String>,
    /// Settings.
    pub configuration: Configuration,
}

impl FunctionSpec {
    /// Returns how it is invoked: by events unless given, as in the API.
    #[must_use]
    pub fn kind(&self) -> FunctionKind {
        self.kind.unwrap_or_default()
    }

    /// Returns this with missing values taken from `other`.
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
