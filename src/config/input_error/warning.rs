//! What has no effect, is probably a mistake, or is wrong and was let through.

use super::successor::Successor;
use super::{InputError, InputsOf, RetiredProduct};
use crate::config::position::Position;
use crate::model::IMAGE_RUNTIME;
use crate::model::trigger::TriggerKind;

/// A warning about a key of `inputs`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputWarning {
    /// It is wrong, and nothing is sent in its place (`--noValidation`).
    #[error("{0} and is left out")]
    LeftOut(InputError),
    /// It is wrong, and the service decides (`--noValidation`).
    #[error("{0} and is sent as it is")]
    SentAsItIs(InputError),
    /// Something about a key.
    #[error("`{key}` ({place}) {remark}")]
    Key {
        /// Dotted path of the key as the file has it.
        key: String,
        /// Where it was given.
        place: Position,
        /// What there is to know.
        remark: KeyRemark,
    },
    /// A key of event functions that a web function has.
    #[error("`{key}` is for event functions, and has no effect on a web function ({place})")]
    OnlyEvent {
        /// Dotted path of the key as the file has it.
        key: String,
        /// Where it was given.
        place: Position,
    },
    /// An alias without a share.
    #[error(
        "alias `{name}` ({place}) is left as it is: neither `traffic` nor `additionalVersionWeights` is given"
    )]
    AliasLeft {
        /// The alias.
        name: String,
        /// Where it is named.
        place: Position,
    },
}

/// What there is to know about a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRemark {
    /// A name that the file leaves empty.
    #[error("is empty, as if it were not there")]
    Empty,
    /// Nothing reads it.
    #[error("is not an input of {of}{}", .successor.as_ref().map(|known| format!("; {known}")).unwrap_or_default())]
    Unknown {
        /// Whose inputs they are.
        of: InputsOf,
        /// What to write instead.
        successor: Option<Successor>,
    },
    /// It says something about another key.
    #[error("has no effect without `{0}`")]
    NoEffectWithout(&'static str),
    /// `aliasFunctionVersion` of a run that publishes.
    #[error(
        "has no effect with publish=true: the published version becomes the main one of alias `{alias}`"
    )]
    PublishedIsMain {
        /// Name of the alias.
        alias: String,
    },
    /// `traffic` beside the weights of an alias.
    #[error("has no effect: `additionalVersionWeights` says how alias `{alias}` is shared")]
    WeightsDecide {
        /// Name of the alias.
        alias: String,
    },
    /// `runtime` of an image.
    #[error("has no effect: an image brings its own, which the API calls {}", IMAGE_RUNTIME)]
    RuntimeOfImage,
    /// `src` beside an image.
    #[error("has no effect: `image` is what the function runs")]
    ImageRuns,
    /// A key of web functions.
    #[error("has no effect: only web functions (`type: web`) have it")]
    OnlyWeb,
    /// A common key of web functions.
    #[error("has no effect: none of the functions is a web function (`type: web`)")]
    NoneIsWeb,
    /// `imageType` beside the registry of an enterprise image.
    #[error(
        "is `{said}`, but an image with a `registryId` is an enterprise one: `enterprise` is sent"
    )]
    Enterprise {
        /// What the file says.
        said: String,
    },
    /// A trigger of a retired product (`--skip-unsupported-triggers`).
    #[error("is skipped: {0} was retired; what the cloud has of it stays as it is")]
    Skipped(RetiredProduct),
    /// An environment variable without a value.
    #[error(
        "has no value and is sent as the text `null`, as the real tool does; leave the line out, or write the text in \
         quotes"
    )]
    NullVariable,
    /// More layers than usual.
    #[error(
        "has {count} entries; an account may have {usual} of a function unless the vendor allows more"
    )]
    ManyLayers {
        /// How many there are.
        count: usize,
        /// How many there may be.
        usual: usize,
    },
    /// More triggers than usual.
    #[error(
        "has {count} triggers of the type {}; an account may have {usual} of a function unless the vendor allows more",
        .kind.name()
    )]
    ManyTriggers {
        /// How many there are.
        count: usize,
        /// Of which type.
        kind: TriggerKind,
        /// How many there may be.
        usual: usize,
    },
    /// `src.hook` without `src.dist`.
    #[error("is not run, because `src.dist` does not say what it makes")]
    NotRun,
    /// `src.dist` without `src.hook`.
    #[error("is not packed, because `src.hook` does not say how to make it")]
    NotPacked,
    /// A cron expression of the old form.
    #[error(
        "is `{0}`, five fields that begin with the minute; it is sent as it is. With seven fields, `*/5 * * * * * *` \
         is every 5 seconds and `0 */5 * * * * *` every 5 minutes"
    )]
    FiveFields(String),
    /// A function URL that is closed.
    #[error(
        "opens neither network, so nobody can reach the function URL; write `enableExtranet: true` for the public one"
    )]
    NoNetwork,
    /// An event of media processing that the vendor does not document.
    #[error("is `{event}`; documented are {}", .documented.join(" and "))]
    Undocumented {
        /// The event.
        event: String,
        /// Those that are documented.
        documented: &'static [&'static str],
    },
}
