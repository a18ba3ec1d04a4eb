//! Packs a folder into a zip: same input, same bytes, on all cores. Or reads an existing zip as it
//! is ([`Finished`]).
//!
//! What is packed, under which name and mode, follows the behaviour reference (packaging) and its
//! vectors, except for the HARM cases: `.env*` is left out unless `include` names it, `dir/`
//! excludes the folder, names that climb out of the package and links out of the project are
//! refused, and loops are detected. How the zip is written is this program's own: deflated on all
//! cores, in memory that does not grow with the folder.

mod archive;
mod destination;
mod error;
mod files;
mod finished;
mod finished_flaw;
mod glob;
mod hook;
mod ignored;
mod item;
mod known;
mod pack;
mod part;
mod selection;
mod storage;
#[cfg(test)]
mod tests;
mod warning;
mod work;
mod writer;

pub use destination::Destination;
pub use error::{Emptied, Oversized, PackageError, PatternList, PatternProblem};
pub use files::Files;
pub use finished::Finished;
pub use finished_flaw::{FILE_LIMIT, FinishedFlaw};
pub use glob::GlobError;
pub use hook::{Hook, HookError};
pub use known::{KnownPackage, recall, remember};
pub use pack::{IN_MEMORY, Package};
pub use part::PackagePart;
pub use selection::{Digest, Rules, SAVED_PLAN, Selection};
pub use storage::PackProgress;
pub use warning::{Likely, PackageWarning, PatternWarning};

/// Limit on the unpacked code of a version, in bytes (API reference, limits).
pub const UNPACKED_LIMIT: u64 = 500_000_000;

/// Limit on files and folders of a package. The API specifies none, but folders full of links to
/// folders full of links could go on forever.
pub const ENTRIES_LIMIT: usize = 100_000;
