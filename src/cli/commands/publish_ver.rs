//! `scfctl publish-ver`.

use crate::app::{self, Context};
use crate::error::Error;

/// Publishes `$LATEST` and prints what the real command prints.
pub(in crate::cli) fn run(context: &Context) -> Result<(), Error> {
    app::publish::run(context)
}
