//! What could not be looked at.

use std::fmt;

use super::Error;

/// What judges gave no answer, so that there is no data.
#[derive(Debug)]
pub struct NoData<'a>(pub &'a Error);

impl fmt::Display for NoData<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no data: {}", self.0.report().whole())
    }
}

/// A part of a look that cannot be had, and why.
#[derive(Debug)]
pub struct Unread<'a>(pub &'a Error);

impl fmt::Display for Unread<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.report().whole())
    }
}
