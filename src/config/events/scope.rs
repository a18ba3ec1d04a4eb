//! What events are read for.

/// What the events are read for.
#[derive(Debug, Clone, Copy)]
pub struct EventScope<'a> {
    /// The rest of a default name: `<name>-<stage>`.
    pub default_suffix: &'a str,
    /// Region of the function; a bucket has to be there too.
    pub region: &'a str,
    /// Skip what cannot be deployed any more (`--skip-unsupported-triggers`).
    pub skip_unsupported: bool,
    /// For each entry the keys of all functions that it names, where the file describes
    /// several functions; else empty.
    pub named: &'a [Vec<String>],
}
