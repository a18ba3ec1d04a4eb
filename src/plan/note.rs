//! What the user should know although nothing is wrong.

use super::exposure::Exposure;
use crate::model::{Version, Weight};

/// Something that the user should know although nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// `traffic` was given, but there is no published version to share with.
    NoPublishedVersion {
        /// What was asked for.
        traffic: Weight,
    },
    /// The new version freezes code that nobody was served before this run.
    FreezesNewCode,
    /// `--if-changed`: the newest version is what `$LATEST` would be published as.
    AlreadyPublished(Version),
    /// Nothing at all has to be sent.
    NothingToChange,
    /// The share of `$LATEST` goes down before its code changes.
    LowersFirst {
        /// Of this alias.
        alias: String,
        /// Share now.
        from: Weight,
        /// Share asked for.
        to: Weight,
    },
    /// Aliases send requests to `$LATEST` while its content changes.
    ServesNewContent {
        /// Those aliases.
        exposures: Vec<Exposure>,
        /// Whether `traffic` could have said how much of `$DEFAULT`.
        unsaid: bool,
    },
    /// The aliases could not be listed, for this reason.
    AliasesNotListed(String),
    /// The last published version takes requests from others.
    MovesRest {
        /// Of this alias.
        alias: String,
        /// The share of `$LATEST` that was asked for.
        traffic: Weight,
        /// The last published version.
        to: Version,
        /// What it gets.
        share: Weight,
        /// What it serves now.
        serves: Weight,
        /// Published versions that serve now, each with its share.
        from: Vec<(Version, Weight)>,
    },
    /// The last published version was rolled back, so another one serves the rest.
    RolledBack {
        /// Of this alias.
        alias: String,
        /// The last published version.
        version: Version,
        /// The one that serves the rest.
        instead: Version,
        /// What that one gets.
        share: Weight,
        /// What it serves now.
        serves: Weight,
    },
    /// The description of an alias ends with a marker that is not understood.
    ForeignMarker {
        /// The alias.
        alias: String,
        /// The marker.
        line: String,
    },
    /// An earlier try of this run published this version.
    Adopts {
        /// That version.
        version: Version,
        /// The last published version, when that is another one.
        last: Option<Version>,
    },
    /// The file says something of a function that only creation could have given it.
    OnlyAtCreation {
        /// The key.
        key: &'static str,
        /// The file's value, which the function does not have.
        wanted: bool,
    },
    /// Settings that the service takes and does not report, so that they are sent each time.
    NotReported(Vec<&'static str>),
    /// There is no published version whose instances could be kept warm.
    NothingToProvision,
    /// Instances of other versions are kept warm still.
    StillProvisioned(Vec<String>),
    /// A new trigger does not fire, because the file does not say whether it should.
    CreatedClosed(String),
    /// The package lies in COS, so that nothing tells whether it is another one than before.
    ObjectNotCompared(String),
    /// An image that is left as it is, whose tag may have come to mean another one.
    TagNotCompared(String),
    /// A function URL moves to another version or alias, which has an address of its own.
    AddressChanges(String),
    /// Triggers on qualifiers that the file does not name.
    TriggersLeftAlone(Vec<String>),
    /// Triggers that the file lacks, of types that the API of functions cannot delete.
    TriggersStay(Vec<String>),
}
