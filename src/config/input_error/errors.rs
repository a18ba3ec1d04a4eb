//! All errors of the inputs together.

use std::fmt;

use super::advice::Advice;
use super::error::InputError;
use super::warning::InputWarning;

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
