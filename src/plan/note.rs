//! Information for the user that is not an error.

use std::fmt;

use super::command::ShareToLatest;
use super::exposure::ExposedAlias;
use super::observed::{Provisioned, TriggerPlace};
use crate::model::trigger::TriggerTitle;
use crate::model::{CosObject, FunctionId, Scalar, Version, Weight, listed};
use crate::text::Cause;

/// Something the user should know that is not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// `traffic` was given, but there is no published version to share traffic with.
    NoPublishedVersion {
        /// The share that was asked for.
        traffic: Weight,
    },
    /// The new version contains code that has never served traffic.
    FreezesNewCode,
    /// `--if-changed`: the newest version already has the content that would be published.
    AlreadyPublished(Version),
    /// Nothing differs, so nothing is sent.
    NothingToChange,
    /// The share of `$LATEST` falls before its code changes.
    LowersFirst {
        /// The alias.
        alias: String,
        /// Share now.
        from: Weight,
        /// Share asked for.
        to: Weight,
    },
    /// Aliases send requests to `$LATEST` while its content changes.
    ServesNewContent {
        /// Those aliases, with what they send.
        exposures: Vec<ExposedAlias>,
        /// Whether `traffic` was not given but could set the share for `$DEFAULT`.
        unsaid: bool,
    },
    /// An alias is under a rollout that observes `$LATEST`, whose content changes.
    ChangesObserved {
        /// Name of the alias.
        alias: String,
    },
    /// The aliases could not be listed, for this reason.
    AliasesNotListed(Cause),
    /// The last published version takes traffic from other versions.
    MovesRest(Moved),
    /// The last published version was rolled back, so another one serves the rest.
    RolledBack {
        /// The alias.
        alias: String,
        /// The last published version.
        version: Version,
        /// The version that serves the rest instead.
        instead: Version,
        /// The share that it gets.
        share: Weight,
        /// The share that it serves now.
        serves: Weight,
    },
    /// The description of an alias ends with a marker that this program does not understand.
    ForeignMarker {
        /// Name of the alias.
        alias: String,
        /// The marker's line.
        line: String,
    },
    /// An earlier attempt of this run published this version.
    Adopts {
        /// That version.
        version: Version,
        /// The last published version, if that is another one.
        last: Option<Version>,
    },
    /// The file has a setting that only `CreateFunction` accepts, and the function lacks it.
    OnlyAtCreation {
        /// Key in serverless.yml.
        key: &'static str,
        /// The file's value.
        wanted: Scalar,
    },
    /// Settings that the service accepts but does not report, so they are sent each time.
    NotReported(Vec<&'static str>),
    /// There is no published version whose instances could be kept warm.
    NothingToProvision,
    /// Other versions still have provisioned instances.
    StillProvisioned(Vec<Provisioned>),
    /// A new trigger is created disabled, because the file does not say whether it is enabled.
    CreatedClosed(TriggerTitle),
    /// The package is a COS object, which cannot be compared with the deployed code.
    ObjectNotCompared(CosObject),
    /// The image is left as it is, although its tag may point to another image by now.
    TagNotCompared(String),
    /// A function URL moves to another version or alias, which has its own address.
    AddressChanges(TriggerTitle),
    /// Triggers on qualifiers that the file does not name.
    TriggersLeftAlone(Vec<TriggerPlace>),
    /// Triggers that the file lacks, of types that the SCF API cannot delete.
    TriggersStay(Vec<TriggerPlace>),
}

/// Traffic that the last published version takes from others.
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
    /// The share that it gets.
    pub share: Weight,
    /// The share that it serves now.
    pub serves: Weight,
    /// Published versions that serve traffic now, with their shares.
    pub from: Vec<(Version, Weight)>,
}

impl Moved {
    /// Returns how much it takes from the other published versions. Anything beyond their shares
    /// comes from `$LATEST`.
    #[must_use]
    pub fn taken(&self) -> Weight {
        let add = |sum: Weight, (_, share): &(Version, Weight)| {
            sum.checked_add(*share).unwrap_or(Weight::ONE)
        };
        let had = self.from.iter().fold(Weight::ZERO, add);
        self.share.checked_sub(self.serves).unwrap_or(Weight::ZERO).min(had)
    }

    /// Returns the versions that lose traffic.
    #[must_use]
    pub fn losers(&self) -> String {
        let names = self.from.iter().map(|(version, _)| version.to_string());
        names.collect::<Vec<_>>().join(", ")
    }

    /// Returns the version that serves most of that traffic now.
    #[must_use]
    pub fn keeper(&self) -> Version {
        let most = self.from.iter().max_by_key(|(version, share)| (*share, *version));
        most.map_or(self.to, |(version, _)| *version)
    }

    /// Returns the command that leaves the traffic with that version.
    #[must_use]
    pub fn undo(&self) -> ShareToLatest<'_> {
        let Self { function, alias, traffic, .. } = self;
        ShareToLatest { function, alias, version: self.keeper(), traffic: *traffic }
    }
}

impl fmt::Display for Note {
    // One match arm per sentence.
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
