//! Plain settings: one value under one key, told by one row each.
//!
//! A row is all that the rooms need. `config` reads serverless.yml by it, `execute` sends and finds
//! the API's parameter by it, `plan` compares and digests by it. Settings of more than one value
//! have code of their own there.

use std::fmt;

use serde::Serialize;

use super::Configuration;

/// A plain setting of a function.
pub struct PlainSetting {
    /// Key of serverless.yml.
    pub key: &'static str,
    /// Parameter of the calls that write it, and field of what `GetFunction` tells; its path, where
    /// it stands in a structure.
    pub name: &'static str,
    /// What it may be.
    pub values: Values,
    /// What an answer without it means.
    pub unreported: Unreported,
    /// The calls that take it.
    pub calls: &'static [SettingsCall],
    /// Whether web functions have none, so that what the file of one says has no effect.
    pub event_only: bool,
    /// How it counts in the digest of what a version freezes.
    pub digested: Digested,
    pub(super) get: fn(&Configuration) -> Option<Scalar>,
    pub(super) set: fn(&mut Configuration, Option<Scalar>),
}

impl fmt::Debug for PlainSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("PlainSetting").field(&self.key).finish()
    }
}

impl PlainSetting {
    /// Returns its value, where something is said.
    #[must_use]
    pub fn get(&self, configuration: &Configuration) -> Option<Scalar> {
        (self.get)(configuration)
    }

    /// Gives it a value, or takes it away. A value of another type is none.
    pub fn set(&self, configuration: &mut Configuration, value: Option<Scalar>) {
        (self.set)(configuration, value);
    }
}

/// What a plain setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// A whole number.
    Integer {
        /// The least.
        from: i64,
        /// The greatest.
        to: i64,
        /// What is counted.
        unit: Unit,
    },
    /// A text.
    Text {
        /// Most characters, where there is a limit.
        limit: Option<usize>,
        /// An empty one takes away what is there, so that a new function needs none.
        clears: bool,
    },
    /// On or off.
    Switch {
        /// How the API says so.
        words: SwitchWords,
        /// What a function has without a word on it.
        usual: bool,
    },
}

/// The words of the API for on and off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchWords {
    /// `TRUE` or `FALSE`.
    TrueOrFalse,
    /// `ENABLE` or `DISABLE`.
    EnableOrDisable,
}

impl SwitchWords {
    /// Returns the word.
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

/// A call that takes settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsCall {
    /// `CreateFunction`.
    Create,
    /// `UpdateFunctionCode`.
    UpdateCode,
    /// `UpdateFunctionConfiguration`.
    UpdateConfiguration,
}

/// What an answer means that does not tell a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreported {
    /// Nothing: the service tells it of every function.
    Unknown,
    /// It is this. Where the structure around it is not told, either, nothing is known.
    Is(Scalar),
    /// Nothing: the service takes it and perhaps never tells it, so that it cannot be compared.
    Incomparable {
        /// What a function has without a word on it, where that is known.
        default: Option<Scalar>,
    },
}

/// How a setting counts in the digest of what a version freezes.
///
/// Digests have to stay what they are, so a new setting is `Unless` its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Digested {
    /// Not at all: a version has its own, or freezes none.
    Never,
    /// Always, null where it is not known.
    Always,
    /// Unless it is not known, or is this.
    Unless(Scalar),
    /// Together with another one, as `plan` spells the two.
    Together,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unit {
    /// Seconds.
    #[error("seconds")]
    Seconds,
    /// Megabytes.
    #[error("MB")]
    Megabytes,
    /// Times.
    #[error("times")]
    Times,
    /// Instances.
    #[error("instances")]
    Instances,
}

/// The value of a plain setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A whole number.
    Integer(i64),
    /// A text.
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
