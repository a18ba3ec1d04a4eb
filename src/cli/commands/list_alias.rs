//! `scfctl list-alias`.

use crate::app::{self, Context};
use crate::error::Error;

/// Prints all aliases of a function, or the named one, or those that use a version.
pub(in crate::cli) fn run(context: &Context) -> Result<(), Error> {
    app::alias::list(context)
}
