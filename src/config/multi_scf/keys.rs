//! Keys of `inputs` of multi-scf.

/// Keys of `inputs` that scf does not have.
pub const KEYS: &[&str] =
    &["environments", "function", "functions", "isAutoPublish", "triggers", "vpc"];
