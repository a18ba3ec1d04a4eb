//! Plans a `deploy`.

use std::collections::BTreeSet;

use super::attributes::{retry_step, tag_step};
use super::content::{becomes, content_steps, identity, same_content, source_note, upload_step};
use super::error::DeployPlanError;
use super::exposure::{ExposedAlias, exposures};
use super::note::Note;
use super::observed::Observed;
use super::provision;
use super::publish::{self, PublishKey};
use super::rollout;
use super::step::Step;
use super::target::Target;
use super::traffic;
use super::triggers;
use super::wanted::{Publish, Wanted};
use crate::model::{CodeSource, DEFAULT_ALIAS, PLAIN, Routing, SettingsCall, Status, Version};
use crate::order::Ordered as _;

/// The steps and notes of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployPlan {
    /// Steps, in the order to carry them out.
    pub steps: Vec<Step>,
    /// Notes for the user.
    pub notes: Vec<Note>,
    /// The alias that gets routed: `$DEFAULT` unless the file names another one.
    pub alias: String,
    /// Whether the user set that alias's split, so that nobody else may change it during the run.
    pub watches: bool,
    /// Aliases that send requests to `$LATEST` while its content changes.
    pub exposures: Vec<ExposedAlias>,
}

impl DeployPlan {
    /// Returns whether a package is uploaded, and so has to be built.
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

    /// Returns the version that an earlier attempt of this run published, if it is used.
    #[must_use]
    pub fn adopts(&self) -> Option<Version> {
        self.steps.iter().find_map(|step| match step {
            Step::Adopt(version) => Some(*version),
            _ => None,
        })
    }

    /// Returns whether a step changes the content of `$LATEST`.
    #[must_use]
    pub fn changes_content(&self) -> bool {
        let is_content = |step: &Step| {
            matches!(
                step,
                Step::Create(..) | Step::UpdateCode { .. } | Step::UpdateConfiguration(_)
            )
        };
        self.steps.iter().any(is_content)
    }

    /// Returns whether a version is published.
    #[must_use]
    pub fn publishes(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Publish { .. }))
    }
}

/// Decides the steps of a deployment.
///
/// The order follows the seed document: code, configuration, version, traffic; triggers come last,
/// as with the real component. There is one exception: unreviewed code must at no moment get more
/// traffic than asked for. So without `publish`, a falling share of `$LATEST` is written before the
/// code changes.
///
/// # Errors
/// Fails for a runtime that differs, for a status that no deployment can leave, for match rules
/// that weights would replace, and for a trigger that cannot be created.
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
        let asks = !traffic::is_asked(wanted) && !publish && last.is_some();
        exposed(observed, lowered.as_ref(), asks, &mut notes)
    } else {
        Vec::new()
    };
    let provisioned_first = !steps.is_empty();
    let upload = upload_step(&content);
    steps.append(&mut content);
    let attributes = (!creates).then_some(&observed.attributes);
    let asynchronous = wanted.spec.configuration.asynchronous == Some(true);
    steps.extend(retry_step(&wanted.attributes, asynchronous, attributes).map(Step::Attribute));
    if publish {
        steps.push(Step::Publish { description: wanted.publish_description.clone() });
    }
    steps.extend(adopted.map(Step::Adopt));
    steps.extend(provision.before_routing.filter(|_| !provisioned_first));
    steps.extend(route.map(|route| route.step));
    steps.extend(provision.after_routing);
    // The real component writes tags here: after the alias, before the triggers.
    steps.extend(
        attributes.and_then(|there| tag_step(&wanted.attributes, there)).map(Step::Attribute),
    );
    if let Some(wanted) = &wanted.triggers {
        let known = &observed.triggers;
        // An alias that an earlier step creates exists by then.
        let comes = |qualifier: &str| traffic::creates(&steps, qualifier);
        triggers::check(&wanted.list, exists, &observed.versions, known, &comes)?;
        let (changes, said) = triggers::plan(known, wanted);
        steps.extend(changes);
        notes.extend(said);
    }
    // Uploading comes first: it takes longest, changes nothing about the function, and may fail.
    steps.splice(0..0, upload);
    if wanted.end_rollout {
        drop_holds(&mut notes, traffic::alias_name(wanted), &steps);
    }
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

/// Drops the note that the rollout of an alias will be held, where the steps end it.
fn drop_holds(notes: &mut Vec<Note>, own: &str, steps: &[Step]) {
    let routes = |step: &Step| matches!(step, Step::Route { alias, .. } if alias == own);
    if steps.iter().any(routes) {
        notes.retain(|note| !matches!(note, Note::ChangesObserved { alias } if alias == own));
    }
}

/// Returns the aliases that will serve new content of `$LATEST`, and adds notes about them.
///
/// `lowered` is the alias whose share falls first, with its routing by then. `advises` allows the
/// note to suggest `traffic` where the share of `$DEFAULT` was not given.
fn exposed(
    observed: &Observed,
    lowered: Option<&(String, Routing)>,
    advises: bool,
    notes: &mut Vec<Note>,
) -> Vec<ExposedAlias> {
    let lowered = lowered.map(|(name, routing)| (name.as_str(), routing));
    notes.extend(observed.unlisted.clone().map(Note::AliasesNotListed));
    let read = observed.default_alias.iter().chain(&observed.alias);
    let exposures = exposures(read.clone(), &observed.aliases, lowered);
    // `LowersFirst` already reports the share before and after.
    let said = |exposure: &&ExposedAlias| lowered.is_none_or(|(name, _)| name != exposure.alias);
    let observing: BTreeSet<&str> = read
        .chain(&observed.aliases)
        .filter(|alias| rollout::machine::observes_latest(alias))
        .map(|alias| alias.name.as_str())
        .into_set();
    // `traffic` is refused during a rollout.
    let unsaid = advises && !observing.contains(DEFAULT_ALIAS);
    let changes = |alias: &str| Note::ChangesObserved { alias: alias.to_owned() };
    notes.extend(observing.into_iter().map(changes));
    notes.extend(serves_new_content(exposures.iter().filter(said), unsaid));
    exposures
}

/// Returns whether a step can affect requests. The description is metadata only.
fn reaches_requests(step: &Step) -> bool {
    match step {
        Step::UpdateConfiguration(changes) => changes.keys() != ["description"],
        _ => true,
    }
}

fn serves_new_content<'a>(
    exposures: impl Iterator<Item = &'a ExposedAlias>,
    unsaid: bool,
) -> Option<Note> {
    let exposures: Vec<ExposedAlias> = exposures.cloned().collect();
    let unsaid = unsaid && exposures.iter().any(|exposure| exposure.alias == DEFAULT_ALIAS);
    (!exposures.is_empty()).then_some(Note::ServesNewContent { exposures, unsaid })
}

/// Returns the version that an earlier attempt of this run published, as far as that can be told
/// before `$LATEST` is updated.
fn adopted(observed: &Observed, wanted: &Wanted) -> Option<Version> {
    let run = wanted.run.as_ref()?;
    let latest = becomes(observed, wanted)?;
    let code = identity(&wanted.source)?;
    let key = PublishKey::new(run, &wanted.function, &publish::content_digest(&latest, &code));
    key.find_servable(&observed.versions)
}

/// Returns notes about settings that only `CreateFunction` accepts and an existing function lacks.
fn birth_notes(observed: &Observed, wanted: &Wanted, creates: bool) -> Vec<Note> {
    let Some(latest) = observed.latest.as_ref().filter(|_| !creates) else { return Vec::new() };
    let differing = wanted.spec.configuration.changes_to(&latest.spec.configuration);
    let settings = PLAIN.iter().filter(|setting| setting.calls == [SettingsCall::Create]);
    let told = settings.filter_map(|setting| {
        setting.get(&differing).map(|wanted| Note::OnlyAtCreation { key: setting.key, wanted })
    });
    told.collect()
}

/// Returns a note about settings that are sent because the service does not report them.
fn not_reported(observed: &Observed, content: &[Step]) -> Option<Note> {
    let latest = observed.latest.as_ref()?;
    let changes = content.iter().find_map(|step| match step {
        Step::UpdateConfiguration(changes) => Some(changes),
        _ => None,
    })?;
    let keys = changes.not_comparable_to(&latest.spec.configuration);
    (!keys.is_empty()).then_some(Note::NotReported(keys))
}

#[cfg(test)]
mod tests;
