//! How long a read stays valid, and how long something may take to appear.

use std::time::Duration;

/// Age at which a read of an alias is too old to base a write on.
pub(super) const STALE: Duration = Duration::from_millis(500);

/// How long a version or function may be "not found" right after its creation.
pub(super) const APPEARANCE: Duration = Duration::from_secs(5);
