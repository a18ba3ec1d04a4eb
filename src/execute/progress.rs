//! Progress of a run, as shown to the user.

use std::fmt;
use std::time::Duration;

use super::awaited::{Awaited, AwaitedStatus};
use crate::api::ApiError;
use crate::model::{Upload, Version};
use crate::plan::{Note, Step, TriggerPlace};

/// A progress event, as shown to the user.
#[derive(Debug, Clone)]
pub enum Progress<'a> {
    /// A step begins.
    Step(&'a Step),
    /// A trigger is deleted before its step, because the service requires unique names.
    DeletesFirst(TriggerPlace),
    /// A poll found a status that is not final yet.
    Waiting {
        /// What is waited for.
        what: Awaited,
        /// Its status.
        status: AwaitedStatus,
    },
    /// A response was lost. The call will be repeated, unless a look shows that it was carried out.
    Repeating {
        /// How the response was lost.
        error: &'a ApiError,
        /// Pause before the look.
        after: Duration,
    },
    /// The answer to `PublishVersion` was lost; the version is looked for before it is sent again.
    LooksForVersion {
        /// How the answer was lost.
        error: &'a ApiError,
    },
    /// The alias is as asked, as far as the service shows it: it shows no description.
    DescriptionNotShown {
        /// Its name.
        alias: &'a str,
    },
    /// Someone else's operation on the function has to end first; the refusal.
    Busy(&'a ApiError),
    /// A package is being uploaded.
    Uploading {
        /// Bytes uploaded so far.
        bytes: u64,
        /// Total bytes.
        all_bytes: u64,
    },
    /// The same package is already stored there.
    AlreadyStored(&'a Upload),
    /// An earlier attempt of this run has already published.
    Adopted {
        /// The version.
        version: Version,
        /// The last published version, if that is another one.
        last: Option<Version>,
    },
    /// An earlier attempt of this run published other content than it meant.
    NotAdopted(Version),
    /// The response was lost, but this version was published.
    AdoptedAfterLostAnswer(Version),
    /// Another run with the same id published at the same time, a moment earlier.
    Overtaken {
        /// That run's version, which is used.
        version: Version,
        /// The version of this run, which is not used.
        published: Version,
    },
    /// The version before the published one has the same content and is unused.
    LeftOver {
        /// The unused version.
        version: Version,
        /// The version that this run published.
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
            Self::LooksForVersion { error } => {
                write!(formatter, "{error}; looking for the version before it is published again")
            }
            Self::DescriptionNotShown { alias } => write!(
                formatter,
                "the service shows no description of alias `{alias}`, so that nobody knows whether it has the new one"
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
            Self::NotAdopted(version) => write!(
                formatter,
                "version {version} of an earlier try of this run froze something else: someone \
                 changed the function right before it was published; it is not used"
            ),
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
