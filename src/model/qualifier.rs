//! What an invocation addresses.

use std::fmt;

use super::Version;

/// A version or an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Qualifier {
    /// A version.
    Version(Version),
    /// An alias, whose weights and rules select a version.
    Alias(String),
}

impl Qualifier {
    /// Returns the version, or `None` for an alias.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        match self {
            Self::Version(version) => Some(*version),
            Self::Alias(_) => None,
        }
    }

    /// Returns the alias, or `None` for a version.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        match self {
            Self::Version(_) => None,
            Self::Alias(alias) => Some(alias),
        }
    }
}

impl fmt::Display for Qualifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => version.fmt(formatter),
            Self::Alias(alias) => formatter.write_str(alias),
        }
    }
}
