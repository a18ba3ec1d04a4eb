//! `scfctl delete-alias`.

use crate::app::{self, Context};
use crate::error::Error;

/// Deletes an alias and prints the request id, as the real command does.
pub(in crate::cli) fn run(context: &Context) -> Result<(), Error> {
    app::alias::delete(context)
}
