//! What can be wrong with the keys of `inputs`, as values.
//!
//! English is the `Display` of each type, a fragment that goes on from the name of the key.

mod advice;
mod alias;
mod event;
mod functions;
mod metric;
mod setting;
mod warning;
mod wrong;

use std::fmt;

use super::position::Position;

pub use crate::model::Unit;
pub use advice::{Advice, NameRule, ReferenceAdvice, WholeNumbers};
pub use alias::{AliasAdvice, WrongAlias};
pub use event::{Clash, CronField, EventAdvice, Product, WrongCron, WrongEvent};
pub use functions::{FunctionsAdvice, WrongFunctions};
pub use metric::{MetricAdvice, WrongMetric};
pub use setting::{SettingAdvice, WrongSetting};
pub use warning::{InputWarning, Remark, Successor};
pub use wrong::{Amount, InputsOf, Shown, Wanted, Wrong};

/// A key of `inputs` that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` {what} ({place})")]
pub struct InputError {
    /// Dotted path of the key below `inputs`.
    pub key: String,
    /// Where it was given: file and line, or the argument.
    pub place: Position,
    /// What is wrong with it.
    pub what: Wrong,
    /// What to write instead.
    pub instead: Option<Advice>,
}

/// Everything that is wrong with the `inputs` of one function, in the order it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct InputErrors {
    /// What cannot be used.
    pub errors: Vec<InputError>,
    /// Warnings, such as those about keys that nothing reads: a misspelt key is often why another
    /// one is missing.
    pub unknown: Vec<InputWarning>,
}

/// The number of errors, and of warnings, that are listed one by one.
pub(crate) const LISTED: usize = 20;

impl From<InputError> for InputErrors {
    fn from(error: InputError) -> Self {
        Self { errors: vec![error], unknown: Vec::new() }
    }
}

impl InputErrors {
    /// What to write instead, when one thing is wrong; of several each line says it.
    #[must_use]
    pub fn instead(&self) -> Option<&Advice> {
        match &self.errors[..] {
            [error] => error.instead.as_ref(),
            _ => None,
        }
    }
}

impl fmt::Display for InputErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [error] = &self.errors[..] {
            error.fmt(formatter)?;
        } else {
            write!(formatter, "{} inputs cannot be used", self.errors.len())?;
            for error in self.errors.iter().take(LISTED) {
                write!(formatter, "\n{error}")?;
                if let Some(instead) = &error.instead {
                    write!(formatter, ": {instead}")?;
                }
            }
            let more = self.errors.len().saturating_sub(LISTED);
            if more > 0 {
                write!(formatter, "\nand {more} more")?;
            }
        }
        self.unknown.iter().take(LISTED).try_for_each(|unknown| write!(formatter, "\n{unknown}"))
    }
}
