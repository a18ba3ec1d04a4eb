//! What goes on, for the user to see.

use std::time::Duration;

use crate::model::Version;

/// Something that goes on, for the user to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A step begins.
    Step {
        /// API action.
        action: &'static str,
        /// What it changes.
        effect: String,
    },
    /// A look at a status that is not final yet.
    Waiting {
        /// What is waited for.
        what: String,
        /// Its status.
        status: String,
    },
    /// An answer was lost; the call is sent again unless a look shows that it need not be.
    Repeating {
        /// API action.
        action: &'static str,
        /// How the answer was lost.
        reason: String,
        /// Pause before the look.
        after: Duration,
    },
    /// Someone else's work on the function has to end first.
    Busy {
        /// The refusal.
        reason: String,
    },
    /// A package is on its way.
    Uploading {
        /// Bytes stored.
        bytes: u64,
        /// Bytes in all.
        all_bytes: u64,
    },
    /// The same package is stored there already.
    AlreadyStored(String),
    /// An earlier try of this run had published already.
    Adopted {
        /// The version.
        version: Version,
        /// The last published version, when that is another one.
        last: Option<Version>,
    },
    /// The answer was lost, and this version was published all the same.
    AdoptedAfterLostAnswer(Version),
    /// A run of the same id published at the same time, a moment earlier.
    Overtaken {
        /// Its version, which is used.
        version: Version,
        /// The one that this run published and that has no use.
        published: Version,
    },
    /// The version before the one that was published has the same content and no use.
    LeftOver {
        /// That version.
        version: Version,
        /// The one that this run published.
        published: Version,
    },
}
