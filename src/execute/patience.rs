//! For how long what was read, or is not there yet, is taken as it is.

use std::time::Duration;

/// After this long a read of an alias is too old to write by.
pub(super) const STALE: Duration = Duration::from_millis(500);

/// How long a version or function may be "not found" right after its creation.
pub(super) const APPEARANCE: Duration = Duration::from_secs(5);
