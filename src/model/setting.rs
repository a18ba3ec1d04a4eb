//! What the row of a single-valued setting says.

use std::fmt;

use serde::Serialize;

/// Allowed values of a single-valued setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// A whole number.
    Integer {
        /// Minimum.
        from: i64,
        /// Maximum.
        to: i64,
        /// Unit.
        unit: Unit,
    },
    /// A string.
    Text {
        /// Maximum number of characters, if limited.
        limit: Option<usize>,
        /// Whether an empty string clears the setting, so that it is not sent at creation.
        clears: bool,
    },
    /// On or off.
    Switch {
        /// The API's words.
        words: SwitchWords,
        /// Default of a function.
        usual: bool,
    },
}

/// The API's words for on and off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchWords {
    /// `TRUE` or `FALSE`.
    TrueOrFalse,
    /// `ENABLE` or `DISABLE`.
    EnableOrDisable,
}

impl SwitchWords {
    /// Returns the word for a state.
    #[must_use]
    pub fn of(self, on: bool) -> &'static str {
        match (self, on) {
            (Self::TrueOrFalse, true) => "TRUE",
            (Self::TrueOrFalse, false) => "FALSE",
            (Self::EnableOrDisable, true) => "ENABLE",
            (Self::EnableOrDisable, false) => "DISABLE",
        }
    }
}

/// A call that accepts settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsCall {
    /// `CreateFunction`.
    Create,
    /// `UpdateFunctionCode`.
    UpdateCode,
    /// `UpdateFunctionConfiguration`.
    UpdateConfiguration,
}

/// What a reply without a setting means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreported {
    /// Nothing: the service always reports it.
    Unknown,
    /// It has this value. Unknown if the structure around it is missing, too.
    Is(Scalar),
    /// Nothing: the service accepts it but may not report it, so it cannot be compared.
    Incomparable {
        /// Default of a function, if known.
        default: Option<Scalar>,
    },
}

/// How a setting counts in the digest of what a version freezes.
///
/// Digests must stay stable, so a new setting is `Unless` its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Digested {
    /// Not included: a version has its own or does not freeze it.
    Never,
    /// Included, as null if unknown.
    Always,
    /// Included unless it is unknown or has this value.
    Unless(Scalar),
    /// Included together with another one, by code in `plan`.
    Together,
}

/// Unit of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unit {
    /// Seconds.
    #[error("seconds")]
    Seconds,
    /// Megabytes.
    #[error("MB")]
    Megabytes,
    /// Repetitions.
    #[error("times")]
    Times,
    /// Instances.
    #[error("instances")]
    Instances,
}

/// Value of a single-valued setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A whole number.
    Integer(i64),
    /// A string.
    Text(String),
    /// On or off.
    Switch(bool),
}

impl fmt::Display for Scalar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(formatter),
            Self::Text(text) => text.fmt(formatter),
            Self::Switch(on) => on.fmt(formatter),
        }
    }
}

macro_rules! scalar {
    ($($type:ty => $kind:ident,)*) => {
        $(
            impl From<$type> for Scalar {
                fn from(value: $type) -> Self {
                    Self::$kind(value)
                }
            }

            impl TryFrom<Scalar> for $type {
                type Error = Scalar;

                fn try_from(value: Scalar) -> Result<Self, Scalar> {
                    match value {
                        Scalar::$kind(value) => Ok(value),
                        other => Err(other),
                    }
                }
            }
        )*
    };
}

scalar! {
    i64 => Integer,
    String => Text,
    bool => Switch,
}
