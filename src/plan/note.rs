//! What the user should know although nothing is wrong.

use std::fmt;

use super::command::ShareToLatest;
use super::exposure::ExposedAlias;
use super::observed::{Provisioned, TriggerPlace};
use crate::model::trigger::TriggerTitle;
use crate::model::{CosObject, FunctionId, Scalar, Version, Weight, listed};
use crate::text::Cause;

/// Something that the user should know although nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// `traffic` was given, but there is no published version to share with.
    NoPublishedVersion {
        /// What was asked for.
        traffic: Weight,
    },
    /// The new version freezes content that nobody was served before this run.
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
        exposures: Vec<ExposedAlias>,
        /// Whether `traffic` could have said how much of `$DEFAULT`.
        unsaid: bool,
    },
    /// An alias is under a rollout of `$LATEST`, whose content changes.
    ChangesObserved {
        /// That alias.
        alias: String,
    },
    /// The aliases could not be listed; why, as it was refused.
    AliasesNotListed(Cause),
    /// The last published version takes requests from others.
    MovesRest(Moved),
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
        /// Name of the alias.
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
        wanted: Scalar,
    },
    /// Settings that the service takes and does not report, so that they are sent each time.
    NotReported(Vec<&'static str>),
    /// There is no published version whose instances could be kept warm.
    NothingToProvision,
    /// Instances of other versions are kept warm still.
    StillProvisioned(Vec<Provisioned>),
    /// A new trigger does not fire, because the file does not say whether it should.
    CreatedClosed(TriggerTitle),
    /// The package lies in COS, so that nothing tells whether it is another one than before.
    ObjectNotCompared(CosObject),
    /// An image that is left as it is, whose tag may have come to mean another one.
    TagNotCompared(String),
    /// A function URL moves to another version or alias, which has an address of its own.
    AddressChanges(TriggerTitle),
    /// Triggers on qualifiers that the file does not name.
    TriggersLeftAlone(Vec<TriggerPlace>),
    /// Triggers that the file lacks, of types that the API of functions cannot delete.
    TriggersStay(Vec<TriggerPlace>),
}

/// What the last published version takes from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Name, namespace and region of the function.
    pub function: FunctionId,
    /// Name of the alias.
    pub alias: String,
    /// The share of `$LATEST` that was asked for.
    pub traffic: Weight,
    /// The last published version.
    pub to: Version,
    /// What it gets.
    pub share: Weight,
    /// What it serves now.
    pub serves: Weight,
    /// Published versions that serve now, each with its share.
    pub from: Vec<(Version, Weight)>,
}

impl Moved {
    /// What it takes: what it gets more, as far as the others have it; the rest of that comes
    /// from `$LATEST`.
    #[must_use]
    pub fn taken(&self) -> Weight {
        let add = |sum: Weight, (_, share): &(Version, Weight)| {
            sum.checked_add(*share).unwrap_or(Weight::ONE)
        };
        let had = self.from.iter().fold(Weight::ZERO, add);
        self.share.checked_sub(self.serves).unwrap_or(Weight::ZERO).min(had)
    }

    /// The versions that lose it.
    #[must_use]
    pub fn losers(&self) -> String {
        let names = self.from.iter().map(|(version, _)| version.to_string());
        names.collect::<Vec<_>>().join(", ")
    }

    /// The version that serves most of it now.
    #[must_use]
    pub fn keeper(&self) -> Version {
        let most = self.from.iter().max_by_key(|(version, share)| (*share, *version));
        most.map_or(self.to, |(version, _)| *version)
    }

    /// The command that leaves it there.
    #[must_use]
    pub fn undo(&self) -> ShareToLatest<'_> {
        let Self { function, alias, traffic, .. } = self;
        ShareToLatest { function, alias, version: self.keeper(), traffic: *traffic }
    }
}

impl fmt::Display for Note {
    // A sentence for each of many.
    #[allow(clippy::too_many_lines)]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPublishedVersion { traffic } => write!(
                formatter,
                "no version is published yet, so $LATEST serves everything (1.0) and \
                 traffic={traffic} has no effect"
            ),
            Self::FreezesNewCode => {
                formatter.write_str("the new version contains code that has never served traffic")
            }
            Self::AlreadyPublished(version) => write!(
                formatter,
                "version {version} is what $LATEST is; nothing is published (--if-changed)"
            ),
            Self::NothingToChange => {
                formatter.write_str("everything is as asked already; nothing is sent")
            }
            Self::LowersFirst { alias, from, to } => write!(
                formatter,
                "$LATEST serves {} of {alias} now; its share goes down to {} before its content \
                 changes",
                from.percent(),
                to.percent()
            ),
            Self::ServesNewContent { exposures, unsaid } => {
                let exposed: Vec<String> = exposures.iter().map(ToString::to_string).collect();
                write!(
                    formatter,
                    "$LATEST serves {}, so the new content serves as much at once{}",
                    exposed.join(", "),
                    if *unsaid { "; give `--inputs traffic=…` to say how much of $DEFAULT" } else { "" }
                )
            }
            Self::ChangesObserved { alias } => write!(
                formatter,
                "alias {alias} is under a rollout of $LATEST: the new content is not what was \
                 observed, so the rollout will be held"
            ),
            Self::AliasesNotListed(reason) => write!(
                formatter,
                "the aliases cannot be listed, so that others that $LATEST serves are not named: \
                 {reason}"
            ),
            Self::MovesRest(moved) => moved.fmt(formatter),
            Self::RolledBack { alias, version, instead, share, serves } => write!(
                formatter,
                "version {version}, the last published one, was rolled back and gets nothing of \
                 {alias}; {instead}, which serves {} now, gets {}",
                nothing_or(*serves),
                share.percent()
            ),
            Self::ForeignMarker { alias, line } => write!(
                formatter,
                "the last line of the description of {alias} is not understood and left as it \
                 is: \"{line}\"; a newer scfctl may know of versions that were rolled back"
            ),
            Self::Adopts { version, last } => {
                write!(
                    formatter,
                    "version {version} was published by an earlier try of this run (same \
                     --run-id); using it"
                )?;
                match last {
                    Some(last) => {
                        write!(formatter, ", although {last} is the last published version")
                    }
                    None => Ok(()),
                }
            }
            Self::NothingToProvision => formatter.write_str(
                "no version is published yet, so provisionedNum has no effect; add `--inputs publish=true`",
            ),
            Self::StillProvisioned(others) => write!(
                formatter,
                "other versions have provisioned instances still: {}; remove them with \
                 `--inputs provisionedNum=0 qualifier=VERSION`",
                listed(others)
            ),
            Self::ObjectNotCompared(object) => write!(
                formatter,
                "whether {object} of COS is another package than before cannot be told, so it is \
                 sent each time"
            ),
            Self::TagNotCompared(uri) => write!(
                formatter,
                "`{uri}` is what the function runs already; a new image under the same tag is not \
                 noticed: name its digest (…@sha256:…), or use --force"
            ),
            Self::OnlyAtCreation { key, wanted } => write!(
                formatter,
                "`{key}` is {wanted} in the file and not in the function; the API sets it only \
                 when a function is created, so it stays as it is"
            ),
            Self::NotReported(keys) => write!(
                formatter,
                "the service does not report {}, so whether it differs cannot be told and it is \
                 sent each time",
                keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
            ),
            Self::CreatedClosed(trigger) => write!(
                formatter,
                "{trigger} is created closed, because its `enable` is not given; write `enable: \
                 true` to let it fire"
            ),
            Self::AddressChanges(url) => {
                write!(formatter, "{url} moves to another version or alias, so its address changes")
            }
            Self::TriggersLeftAlone(triggers) => write!(
                formatter,
                "left alone, because no event of the file names that version or alias \
                 (--prune-triggers removes them): {}",
                listed(triggers)
            ),
            Self::TriggersStay(triggers) => write!(
                formatter,
                "not in the file, but only their own product's console can delete them: {}",
                listed(triggers)
            ),
        }
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { alias, traffic, to, share, serves, .. } = self;
        write!(
            formatter,
            "traffic={traffic} moves {} of {alias} from {} to {to}, which serves {} now: version \
             {to} gets {}, as the rest goes to the published version; {} {}: `{}`",
            self.taken().percent(),
            self.losers(),
            nothing_or(*serves),
            share.percent(),
            if self.from.len() > 1 {
                "an alias has one version beside $LATEST; to give all of it to"
            } else {
                "to leave it to"
            },
            self.keeper(),
            self.undo()
        )
    }
}

fn nothing_or(share: Weight) -> String {
    if share == Weight::ZERO { "nothing".to_owned() } else { share.percent() }
}
