//! Headings of the groups of options in `--help`.

/// The heading of options that say what the project is.
pub(super) const PROJECT: &str = "Project options";

/// The heading of options that say which service is called, and how.
pub(super) const CONNECTION: &str = "Connection options";

/// The heading of options that say what is printed.
pub(super) const OUTPUT: &str = "Output options";
