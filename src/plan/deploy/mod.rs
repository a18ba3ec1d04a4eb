//! The steps of `deploy`.

use super::alias::AliasPlanError;
use super::attributes::{ObservedAttributes, retry_step, tag_step};
use super::content::{becomes, content_steps, identity, same_content, source_note, upload_step};
use super::exposure::{Exposure, exposures};
use super::provision::{self, Provisioned};
use super::publish::{self, PublishKey};
use super::traffic::{self};
use super::triggers::{self, ObservedTriggers, TriggerError};
use super::{Creation, Step, Target};
use crate::model::NamedAlias;
use crate::model::WantedProvision;
use crate::model::trigger::WantedTriggers;
use crate::model::{
    Alias, CodeSource, Configuration, DEFAULT_ALIAS, FunctionId, FunctionKind, Image,
    PublishedVersion, Status, Version, Weight, last_published,
};
use crate::model::{Attributes, BornWith};

/// A version of the function as the service reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedFunction {
    /// Its status; settled, because observing waits out the transient ones.
    pub status: Status,
    /// How it is called.
    pub kind: FunctionKind,
    /// `WS`, or none.
    pub protocol: Option<String>,
    /// The image that it runs; `None` where its code is a package.
    pub image: Option<Image>,
    /// Language and version, where the service says.
    pub runtime: Option<String>,
    /// `file.function`.
    pub handler: Option<String>,
    /// Settings.
    pub configuration: Configuration,
    /// Hex SHA-256 of its package; `None` where the service does not tell.
    pub code_sha256: Option<String>,
    /// Settings that it got at its creation.
    pub born_with: BornWith,
    /// Whether the service installs its dependencies.
    pub install_dependency: bool,
}

/// What there is before anything is decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// `$LATEST`; `None` when the function does not exist.
    pub latest: Option<ObservedFunction>,
    /// Published versions over all pages, `$LATEST` left out.
    pub versions: Vec<PublishedVersion>,
    /// The alias `$DEFAULT`.
    pub default_alias: Option<Alias>,
    /// The alias of one's own that the file names; `None` when it is not there.
    pub alias: Option<Alias>,
    /// All aliases, read only when it matters who else is served by `$LATEST`.
    pub aliases: Vec<Alias>,
    /// Why they could not be listed.
    pub unlisted: Option<String>,
    /// Provisioned instances, read only when the file has a word on them.
    pub provisioned: Vec<Provisioned>,
    /// The newest published version, read only when the wish depends on it.
    pub newest: Option<ObservedFunction>,
    /// Triggers, read only when the file has a word on them.
    pub triggers: ObservedTriggers,
    /// What belongs to the function as a whole.
    pub attributes: ObservedAttributes,
}

impl Observed {
    /// The last published version.
    #[must_use]
    pub fn last_version(&self) -> Option<Version> {
        last_published(&self.versions)
    }
}

/// Whether and when to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publish {
    /// Not at all.
    No,
    /// Always, as the seed document says.
    Always,
    /// Only when the newest version differs from what `$LATEST` becomes (`--if-changed`).
    IfChanged,
}

/// A run that the user named, so that an earlier try of it may have published already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRun {
    /// `--run-id`.
    pub id: String,
    /// What is deployed.
    pub function: FunctionId,
}

/// What the user wants, valid by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// How it is called; `None` when the file does not say.
    pub kind: Option<FunctionKind>,
    /// `WS`, empty for HTTP; `None` when the file does not say.
    pub protocol: Option<String>,
    /// Language and version; `None` when the file does not say.
    pub runtime: Option<String>,
    /// `file.function`; `None` when the file does not say.
    pub handler: Option<String>,
    /// Settings that the file names.
    pub configuration: Configuration,
    /// Settings that only creation can give, as the file names them.
    pub born_with: BornWith,
    /// Whether the service installs the dependencies; `None` when the file does not say.
    pub install_dependency: Option<bool>,
    /// What the file says about the function as a whole.
    pub attributes: Attributes,
    /// What a new function has where the file says nothing.
    pub creation_defaults: Creation,
    /// What it is to run.
    pub source: CodeSource,
    /// Publishing.
    pub publish: Publish,
    /// Description of a published version, the user's text.
    pub publish_description: String,
    /// The run, when it has a name.
    pub run: Option<NamedRun>,
    /// Share of `$DEFAULT`, or of the alias that is named, for `$LATEST`.
    pub traffic: Option<Weight>,
    /// The alias that is routed in place of `$DEFAULT`.
    pub alias: Option<NamedAlias>,
    /// Instances to be kept warm; `None` leaves all as they are.
    pub provision: Option<WantedProvision>,
    /// Triggers; `None` leaves all of them alone.
    pub triggers: Option<WantedTriggers>,
    /// Send code and configuration even when nothing differs, and replace match rules.
    pub force: bool,
}

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

/// Why a deployment cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeployPlanError {
    /// The API cannot change a runtime.
    #[error(
        "the function's runtime is {observed}, the file says {wanted}, and the API cannot change it"
    )]
    Runtime {
        /// Of the function.
        observed: String,
        /// Of the file.
        wanted: String,
    },
    /// The API cannot change whether a function is called by events or by HTTP.
    #[error(
        "the function's type is {observed}, the file says {wanted}, and the API cannot change it"
    )]
    Kind {
        /// Of the function.
        observed: FunctionKind,
        /// Of the file.
        wanted: FunctionKind,
    },
    /// The API cannot change the protocol of a web function.
    #[error(
        "the function's protocol is {}, the file says {}, and the API cannot change it",
        protocol_name(observed),
        protocol_name(wanted)
    )]
    Protocol {
        /// Of the function; empty for HTTP.
        observed: String,
        /// Of the file.
        wanted: String,
    },
    /// A function that runs an image stays one: its runtime cannot be changed.
    #[error(
        "the function runs image {0}, the file has code for it, and the API cannot change that"
    )]
    RunsImage(String),
    /// A function that runs code cannot come to run an image, for the same reason.
    #[error("the function runs code, the file names image {0}, and the API cannot change that")]
    RunsCode(String),
    /// The function is in a state that no deployment gets out of.
    #[error("the function's status is {0}")]
    Status(Status),
    /// Weights and match rules exclude each other.
    #[error("alias `{alias}` routes by match rules ({rules}), which weights would replace")]
    MatchRules {
        /// Alias.
        alias: String,
        /// The rules.
        rules: String,
    },
    /// Nobody is left to serve what `traffic` leaves.
    #[error(
        "{} of alias `{alias}` would go to version {version}, which was rolled back, and no other version can take it",
        rest.percent()
    )]
    RolledBack {
        /// The alias.
        alias: String,
        /// The last published version.
        version: Version,
        /// What it would get.
        rest: Weight,
    },
    /// The routing that the file names, or the version, is not possible.
    #[error(transparent)]
    Alias(AliasPlanError),
    /// A trigger that cannot be made.
    #[error(transparent)]
    Trigger(#[from] TriggerError),
}

fn protocol_name(protocol: &str) -> &str {
    if protocol.is_empty() { "HTTP" } else { protocol }
}

/// A deployment, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployPlan {
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Notes for the user.
    pub notes: Vec<Note>,
    /// The alias that is routed; `$DEFAULT` unless the file names another one.
    pub alias: String,
    /// Whether it was said how that alias is shared, so that it has to stay as it is meanwhile.
    pub watches: bool,
    /// The aliases that send requests to `$LATEST` when its content changes.
    pub exposures: Vec<Exposure>,
}

impl DeployPlan {
    /// Whether a package is sent, so that it has to be made.
    #[must_use]
    pub fn sends_package(&self) -> bool {
        self.steps.iter().any(|step| {
            matches!(
                step,
                Step::Create(_, CodeSource::Package { .. })
                    | Step::UpdateCode { source: CodeSource::Package { .. }, .. }
            )
        })
    }

    /// The version of an earlier try of this run.
    #[must_use]
    pub fn adopts(&self) -> Option<Version> {
        self.steps.iter().find_map(|step| match step {
            Step::Adopt(version) => Some(*version),
            _ => None,
        })
    }

    /// Whether a version is published.
    #[must_use]
    pub fn publishes(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Publish { .. }))
    }
}

/// Decides the steps of a deployment.
///
/// The order is the seed document's: code, configuration, version, traffic, and triggers as
/// the real component does last. One exception:
/// unreviewed code must not get more traffic than asked for at any moment, so without
/// `publish` a share of `$LATEST` that has to go down goes down before the code changes.
///
/// # Errors
/// A runtime that differs, a status that no deployment gets out of, match rules that weights
/// would replace, or a trigger that cannot be made.
pub fn plan(observed: &Observed, wanted: &Wanted) -> Result<DeployPlan, DeployPlanError> {
    let mut notes = Vec::new();
    let mut content = content_steps(observed, wanted)?;
    let content_changes = !content.is_empty();
    notes.extend(source_note(observed, wanted, &content));
    let creates = content.iter().any(|step| matches!(step, Step::Create(..)));
    notes.extend(birth_notes(observed, wanted, creates));
    notes.extend(not_reported(observed, &content));

    let publish = match wanted.publish {
        Publish::No => false,
        Publish::Always => true,
        Publish::IfChanged => match (observed.last_version(), &observed.newest) {
            (Some(version), Some(newest)) if same_content(newest, observed, wanted) => {
                notes.push(Note::AlreadyPublished(version));
                false
            }
            _ => true,
        },
    };
    let exists =
        observed.latest.as_ref().is_some_and(|latest| latest.status != Status::CreateFailed);
    let adopted = if publish && exists { adopted(observed, wanted) } else { None };
    if let Some(version) = adopted {
        let last = observed.last_version().filter(|last| *last != version);
        notes.push(Note::Adopts { version, last });
    }
    let publish = publish && adopted.is_none();
    let last = if publish {
        Some(Target::Published)
    } else {
        adopted.or_else(|| observed.last_version()).map(Target::Existing)
    };

    let mut route = traffic::route(observed, wanted, exists, last, &mut notes)?;
    let provision = provision::plan(observed, wanted.provision, last, &mut notes)?;

    let unforced = Wanted { force: false, ..wanted.clone() };
    if publish && exists && content_changes && !content_steps(observed, &unforced)?.is_empty() {
        notes.push(Note::FreezesNewCode);
    }
    let mut steps = Vec::new();
    let mut lowered = None;
    if !publish && content_changes && exists {
        let lowers = route.take_if(|route| route.lowers.is_some());
        if let Some(traffic::Route { mut step, lowers: Some((from, to)) }) = lowers {
            if let Step::Route { alias, lowers_first, .. } = &mut step {
                *lowers_first = true;
                notes.push(Note::LowersFirst { alias: alias.clone(), from, to });
            }
            if let Step::Route { alias, to, .. } = &step {
                lowered = to.resolve(None).map(|routing| (alias.clone(), routing));
            }
            steps.extend(provision.before_routing.clone());
            steps.push(step);
        }
    }
    let exposures = if exists && content.iter().any(reaches_requests) {
        let read = observed.default_alias.iter().chain(&observed.alias);
        let lowered = lowered.as_ref().map(|(name, routing)| (name.as_str(), routing));
        notes.extend(observed.unlisted.clone().map(Note::AliasesNotListed));
        let exposures = exposures(read, &observed.aliases, lowered);
        // What goes down first is said already, with its share before and after.
        let said = |exposure: &&Exposure| lowered.is_none_or(|(name, _)| name != exposure.alias);
        let unsaid = !traffic::is_asked(wanted) && !publish && last.is_some();
        notes.extend(serves_new_content(exposures.iter().filter(said), unsaid));
        exposures
    } else {
        Vec::new()
    };
    let provisioned_first = !steps.is_empty();
    let upload = upload_step(&content);
    steps.append(&mut content);
    let attributes = (!creates).then_some(&observed.attributes);
    let asynchronous = wanted.born_with.asynchronous == Some(true);
    steps.extend(retry_step(&wanted.attributes, asynchronous, attributes).map(Step::Attribute));
    if publish {
        steps.push(Step::Publish { description: wanted.publish_description.clone() });
    }
    steps.extend(adopted.map(Step::Adopt));
    steps.extend(provision.before_routing.filter(|_| !provisioned_first));
    steps.extend(route.map(|route| route.step));
    steps.extend(provision.after_routing);
    // Where the real component has them: behind the alias, before the triggers.
    steps.extend(
        attributes.and_then(|there| tag_step(&wanted.attributes, there)).map(Step::Attribute),
    );
    if let Some(wanted) = &wanted.triggers {
        let known = &observed.triggers;
        // An alias that is made on the way is there by then.
        let comes = |qualifier: &str| traffic::creates(&steps, qualifier);
        triggers::check(&wanted.list, exists, &observed.versions, known, &comes)?;
        let (changes, said) = triggers::plan(known, wanted);
        steps.extend(changes);
        notes.extend(said);
    }
    // It takes the longest, changes nothing of the function, and may fail.
    steps.splice(0..0, upload);
    if !steps.iter().any(Step::changes) {
        notes.push(Note::NothingToChange);
    }
    Ok(DeployPlan {
        steps,
        notes,
        alias: traffic::alias_name(wanted).to_owned(),
        watches: traffic::is_asked(wanted),
        exposures,
    })
}

/// Whether requests may notice a change of `$LATEST`. Its description is for people.
fn reaches_requests(step: &Step) -> bool {
    match step {
        Step::UpdateConfiguration(changes) => changes.keys() != ["description"],
        _ => true,
    }
}

fn serves_new_content<'a>(
    exposures: impl Iterator<Item = &'a Exposure>,
    unsaid: bool,
) -> Option<Note> {
    let exposures: Vec<Exposure> = exposures.cloned().collect();
    let unsaid = unsaid && exposures.iter().any(|exposure| exposure.alias == DEFAULT_ALIAS);
    (!exposures.is_empty()).then_some(Note::ServesNewContent { exposures, unsaid })
}

/// The version that an earlier try of this run published, as far as it can be known before
/// `$LATEST` is what it becomes.
fn adopted(observed: &Observed, wanted: &Wanted) -> Option<Version> {
    let run = wanted.run.as_ref()?;
    let latest = becomes(observed, wanted)?;
    let code = identity(&wanted.source)?;
    let key = PublishKey::new(&run.id, &run.function, &publish::content_digest(&latest, &code));
    key.find_servable(&observed.versions)
}

/// What only creation can give, where it is too late for it.
fn birth_notes(observed: &Observed, wanted: &Wanted, creates: bool) -> Vec<Note> {
    let Some(latest) = observed.latest.as_ref().filter(|_| !creates) else { return Vec::new() };
    let differing = wanted.born_with.differing(latest.born_with).into_iter();
    differing.map(|(key, wanted)| Note::OnlyAtCreation { key, wanted }).collect()
}

/// Settings that are sent because the service does not tell what the function has.
fn not_reported(observed: &Observed, content: &[Step]) -> Option<Note> {
    let latest = observed.latest.as_ref()?;
    let changes = content.iter().find_map(|step| match step {
        Step::UpdateConfiguration(changes) => Some(changes),
        _ => None,
    })?;
    let keys = changes.not_comparable_to(&latest.configuration);
    (!keys.is_empty()).then_some(Note::NotReported(keys))
}

#[cfg(test)]
impl ObservedFunction {
    /// A function for tests.
    pub(super) fn sample(code_sha256: Option<&str>, configuration: Configuration) -> Self {
        Self {
            status: Status::Active,
            kind: FunctionKind::Event,
            protocol: None,
            image: None,
            runtime: Some("Python3.9".into()),
            handler: Some("index.main_handler".into()),
            configuration,
            code_sha256: code_sha256.map(str::to_owned),
            born_with: BornWith::default(),
            install_dependency: false,
        }
    }
}

#[cfg(test)]
mod tests;
