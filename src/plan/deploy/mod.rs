//! The steps of `deploy`.

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
    pub exposures: Vec<ExposedAlias>,
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

/// Who will be served new content of `$LATEST`, and what is to be said of it: with what is lowered
/// first, and whether `traffic` may be advised where the alias does not say otherwise.
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
    // What goes down first is said already, with its share before and after.
    let said = |exposure: &&ExposedAlias| lowered.is_none_or(|(name, _)| name != exposure.alias);
    let observing: BTreeSet<&str> = read
        .chain(&observed.aliases)
        .filter(|alias| rollout::machine::observes_latest(alias))
        .map(|alias| alias.name.as_str())
        .into_set();
    // Under a rollout `traffic` is refused.
    let unsaid = advises && !observing.contains(DEFAULT_ALIAS);
    let changes = |alias: &str| Note::ChangesObserved { alias: alias.to_owned() };
    notes.extend(observing.into_iter().map(changes));
    notes.extend(serves_new_content(exposures.iter().filter(said), unsaid));
    exposures
}

/// Whether requests may notice a change of `$LATEST`. Its description is for people.
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

/// The version that an earlier try of this run published, as far as it can be known before
/// `$LATEST` is what it becomes.
fn adopted(observed: &Observed, wanted: &Wanted) -> Option<Version> {
    let run = wanted.run.as_ref()?;
    let latest = becomes(observed, wanted)?;
    let code = identity(&wanted.source)?;
    let key = PublishKey::new(run, &wanted.function, &publish::content_digest(&latest, &code));
    key.find_servable(&observed.versions)
}

/// What only creation can give, where it is too late for it.
fn birth_notes(observed: &Observed, wanted: &Wanted, creates: bool) -> Vec<Note> {
    let Some(latest) = observed.latest.as_ref().filter(|_| !creates) else { return Vec::new() };
    let differing = wanted.spec.configuration.changes_to(&latest.spec.configuration);
    let settings = PLAIN.iter().filter(|setting| setting.calls == [SettingsCall::Create]);
    let told = settings.filter_map(|setting| {
        setting.get(&differing).map(|wanted| Note::OnlyAtCreation { key: setting.key, wanted })
    });
    told.collect()
}

/// Settings that are sent because the service does not tell what the function has.
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
