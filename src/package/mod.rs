//! Folder to zip: same input, same bytes, at the speed of the machine. Or a zip that was made
//! before, as it is ([`Finished`]).
//!
//! What goes in, under which name and mode, follows the behaviour reference (packaging) and
//! its vectors, the HARM cases excepted: `.env*` stays out unless `include` names it, `dir/`
//! excludes the folder, names that climb out of the package and links out of the project are
//! refused, loops are found. How it is written is this program's own: deflated by all cores,
//! with memory that does not grow with the folder.

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

/// Unpacked code of one version must stay below this, in bytes (API reference, limits).
pub const UNPACKED_LIMIT: u64 = 500_000_000;

/// Files and folders of one package. The API names no number; folders full of links to folders
/// full of links would otherwise go on for ever.
pub const ENTRIES_LIMIT: usize = 100_000;
