//! What goes on, for the user to see.

use std::fmt;
use std::time::Duration;

use super::awaited::{Awaited, AwaitedStatus};
use crate::api::ApiError;
use crate::model::{Upload, Version};
use crate::plan::{Note, Step, TriggerPlace};

/// Something that goes on, for the user to see.
#[derive(Debug, Clone)]
pub enum Progress<'a> {
    /// A step begins.
    Step(&'a Step),
    /// A trigger goes before its step, because the service takes a name only once.
    DeletesFirst(TriggerPlace),
    /// A look at a status that is not final yet.
    Waiting {
        /// What is waited for.
        what: Awaited,
        /// How far it is.
        status: AwaitedStatus,
    },
    /// An answer was lost; the call is sent again unless a look shows that it need not be.
    Repeating {
        /// How the answer was lost.
        error: &'a ApiError,
        /// Pause before the look.
        after: Duration,
    },
    /// Someone else's work on the function has to end first; the refusal.
    Busy(&'a ApiError),
    /// A package is on its way.
    Uploading {
        /// Bytes stored.
        bytes: u64,
        /// Bytes in all.
        all_bytes: u64,
    },
    /// The same package is stored there already.
    AlreadyStored(&'a Upload),
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

impl fmt::Display for Progress<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => write!(formatter, "{}: {step}", step.action()),
            Self::DeletesFirst(trigger) => write!(
                formatter,
                "DeleteTrigger: delete {trigger} first: the service takes a name only once"
            ),
            Self::Waiting { what, status } => write!(formatter, "{what}: {status}"),
            Self::Repeating { error, after } => write!(
                formatter,
                "{error}; trying {} again in {:.1} s",
                error.action(),
                after.as_secs_f64()
            ),
            Self::Busy(refusal) => {
                write!(formatter, "the function is busy, waiting: {refusal}")
            }
            Self::Uploading { bytes, all_bytes } => {
                write!(formatter, "uploading: {bytes} of {all_bytes} bytes")
            }
            Self::AlreadyStored(upload) => {
                write!(formatter, "{upload} is in COS already; nothing is uploaded")
            }
            Self::Adopted { version, last } => {
                Note::Adopts { version: *version, last: *last }.fmt(formatter)
            }
            Self::AdoptedAfterLostAnswer(version) => write!(
                formatter,
                "the answer to PublishVersion was lost, but version {version} carries this run's \
                 key; using it"
            ),
            Self::Overtaken { version, published } => write!(
                formatter,
                "version {version} was published by another run of the same --run-id at the same \
                 time, a moment earlier; using it, and version {published} is left over"
            ),
            Self::LeftOver { version, published } => write!(
                formatter,
                "version {version} has the same content as version {published} and no alias \
                 routes to it; if a run that was stopped left it behind, delete it with \
                 `scfctl remove --version {version}` (the same --run-id in both runs publishes once)"
            ),
        }
    }
}
