//! What a call goes to.

use std::fmt;

use super::Version;

/// A version or an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Qualifier {
    /// A version.
    Version(Version),
    /// An alias, by whose weights and rules a version is chosen.
    Alias(String),
}

impl Qualifier {
    /// The version, where it is one.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        match self {
            Self::Version(version) => Some(*version),
            Self::Alias(_) => None,
        }
    }

    /// The alias, where it is one.
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
