//! `scfctl update-alias`.

use crate::app::{self, Context, Done};
use crate::error::Error;

/// Changes an alias and prints it as the service has it then.
pub(in crate::cli) fn run(context: &Context) -> Result<Done, Error> {
    app::alias::update(context)
}
