//! Code and configuration of `$LATEST`: what differs, and what cannot be changed.

use super::error::DeployPlanError;
use super::note::Note;
use super::observed::{Observed, ObservedFunction};
use super::step::{Creation, Step};
use super::wanted::Wanted;
use crate::model::{CodeSource, Configuration, FunctionKind, FunctionSpec, SettingsCall, Status};

/// The steps that bring code and configuration of `$LATEST` to what is wanted.
pub(super) fn content_steps(
    observed: &Observed,
    wanted: &Wanted,
) -> Result<Vec<Step>, DeployPlanError> {
    let Some(latest) = &observed.latest else { return Ok(creation_steps(wanted)) };
    match latest.status {
        Status::CreateFailed => {
            let mut steps = vec![Step::DeleteFailed];
            steps.append(&mut creation_steps(wanted));
            return Ok(steps);
        }
        Status::Active | Status::UpdateFailed | Status::PublishFailed => {}
        other => return Err(DeployPlanError::Status(other)),
    }
    check_unchangeable(latest, wanted)?;
    let mut steps = Vec::new();
    let (wants, held) = (settings(wanted), &latest.spec);
    // Where the file gives no type, the function stays a web function, which has no handler.
    let handler = wanted.spec.handler.as_ref().filter(|_| held.kind() == FunctionKind::Event);
    let handler_differs = handler.is_some() && handler != held.handler.as_ref();
    // Only a successful change leads out of a failed status.
    let failed = latest.status != Status::Active;
    let settings = wants.taken_by(SettingsCall::UpdateCode);
    let settings_differ = !settings.changes_to(&held.configuration).is_empty();
    let code_differs = !runs(latest, &wanted.source);
    if wanted.force || failed || handler_differs || settings_differ || code_differs {
        let source = match (&wanted.source, &latest.image) {
            // The call replaces all of it.
            (CodeSource::Image(image), Some(held)) => CodeSource::Image(image.or(held)),
            (source, _) => source.clone(),
        };
        steps.push(Step::UpdateCode { handler: handler.cloned(), source, settings });
    }
    let mut changes = wants.taken_by(SettingsCall::UpdateConfiguration);
    if !wanted.force {
        changes = changes.changes_to(&held.configuration);
        changes = changes.without_unreported_defaults(&held.configuration);
    }
    if !changes.is_empty() {
        steps.push(Step::UpdateConfiguration(changes));
    }
    Ok(steps)
}

/// The steps that make the function, and give it what creation cannot.
fn creation_steps(wanted: &Wanted) -> Vec<Step> {
    let wants = settings(wanted).or(wanted.creation_defaults.configuration.clone());
    let mut spec = wanted.spec.clone().or(wanted.creation_defaults.clone());
    spec.protocol = spec.protocol.filter(|protocol| !protocol.is_empty());
    spec.configuration = wants.taken_by(SettingsCall::Create);
    let changes = wants.taken_by(SettingsCall::UpdateConfiguration).changes_to(&spec.configuration);
    // Nothing is sent of what a new function is anyway.
    let changes = changes.changes_to(&Configuration::unsaid());
    let tags = wanted.attributes.tags.clone().unwrap_or_default();
    let creation = Creation { spec, tags };
    let mut steps = vec![Step::Create(Box::new(creation), wanted.source.clone())];
    if !changes.is_empty() {
        steps.push(Step::UpdateConfiguration(changes));
    }
    steps
}

/// The settings that are wanted; in an image there is nothing to install.
fn settings(wanted: &Wanted) -> Configuration {
    let mut settings = wanted.spec.configuration.clone();
    if matches!(wanted.source, CodeSource::Image(_)) {
        settings.install_dependency = None;
    }
    settings
}

/// The step that stores the package of the steps after it, where it goes through COS.
pub(super) fn upload_step(content: &[Step]) -> Option<Step> {
    content.iter().find_map(|step| match step {
        Step::Create(_, CodeSource::Package { upload, .. })
        | Step::UpdateCode { source: CodeSource::Package { upload, .. }, .. } => {
            upload.clone().map(Step::Upload)
        }
        _ => None,
    })
}

/// Whether a version runs what is wanted already. Nothing tells it of an object of COS, whose
/// content is not known here.
fn runs(version: &ObservedFunction, source: &CodeSource) -> bool {
    match source {
        CodeSource::Package { sha256, .. } => version.code_sha256.as_ref() == Some(sha256),
        CodeSource::Object(_) => false,
        CodeSource::Image(image) => {
            version.image.as_ref().is_some_and(|held| image.is_held_by(held))
        }
    }
}

/// Refuses what no call can change.
fn check_unchangeable(latest: &ObservedFunction, wanted: &Wanted) -> Result<(), DeployPlanError> {
    if let Some(kind) = wanted.spec.kind.filter(|kind| *kind != latest.spec.kind()) {
        return Err(DeployPlanError::Kind { observed: latest.spec.kind(), wanted: kind });
    }
    match (&wanted.source, &latest.image) {
        (CodeSource::Image(_), Some(_)) => {}
        (CodeSource::Image(image), None) => {
            return Err(DeployPlanError::RunsCode(image.uri.clone()));
        }
        (_, Some(image)) => return Err(DeployPlanError::RunsImage(image.uri.clone())),
        (_, None) => {
            if let (Some(observed), Some(wanted)) = (&latest.spec.runtime, &wanted.spec.runtime)
                && observed != wanted
            {
                return Err(DeployPlanError::Runtime {
                    observed: observed.clone(),
                    wanted: wanted.clone(),
                });
            }
        }
    }
    let observed = latest.spec.protocol.clone().unwrap_or_default();
    if let Some(wanted) = wanted.spec.protocol.clone().filter(|wanted| *wanted != observed) {
        return Err(DeployPlanError::Protocol { observed, wanted });
    }
    Ok(())
}

/// What cannot be compared, for the user to know.
pub(super) fn source_note(observed: &Observed, wanted: &Wanted, content: &[Step]) -> Option<Note> {
    observed.latest.as_ref()?;
    let sends = content.iter().any(|step| !matches!(step, Step::UpdateConfiguration(_)));
    match &wanted.source {
        CodeSource::Object(object) => Some(Note::ObjectNotCompared(object.clone())),
        CodeSource::Image(image) if !sends && !image.has_digest() => {
            Some(Note::TagNotCompared(image.uri.clone()))
        }
        CodeSource::Image(_) | CodeSource::Package { .. } => None,
    }
}

/// What `$LATEST` becomes; `None` when the function does not exist.
pub(super) fn becomes(observed: &Observed, wanted: &Wanted) -> Option<ObservedFunction> {
    let latest = observed.latest.as_ref()?;
    let (wants, held) = (&wanted.spec, &latest.spec);
    let handler = wants.handler.clone().filter(|_| held.kind() == FunctionKind::Event);
    let (code_sha256, image) = match (&wanted.source, &latest.image) {
        // What the service tells of it may say more.
        (CodeSource::Image(image), Some(held)) if image.is_held_by(held) => {
            (None, Some(held.clone()))
        }
        (CodeSource::Image(image), Some(held)) => (None, Some(image.or(held))),
        (CodeSource::Image(image), None) => (None, Some(image.clone())),
        (CodeSource::Package { sha256, .. }, _) => (Some(sha256.clone()), None),
        (CodeSource::Object(_), _) => (None, None),
    };
    let spec = FunctionSpec {
        handler: handler.or_else(|| held.handler.clone()),
        configuration: wants.configuration.clone().or(held.configuration.clone()),
        ..held.clone()
    };
    Some(ObservedFunction { spec, image, code_sha256, ..latest.clone() })
}

/// What tells the code of one publication from another's, for its key, as far as it can be
/// known before it is deployed. An image is part of what the function is.
pub(super) fn identity(source: &CodeSource) -> Option<String> {
    match source {
        CodeSource::Package { sha256, .. } => Some(sha256.clone()),
        // The service tells what came out of it only when it is there.
        CodeSource::Object(_) => None,
        CodeSource::Image(_) => Some(String::new()),
    }
}

/// Whether the newest version is what `$LATEST` becomes.
pub(super) fn same_content(
    newest: &ObservedFunction,
    observed: &Observed,
    wanted: &Wanted,
) -> bool {
    let Some(latest) = becomes(observed, wanted) else { return false };
    let source = match (&wanted.source, &latest.image) {
        (CodeSource::Image(_), Some(image)) => CodeSource::Image(image.clone()),
        (source, _) => source.clone(),
    };
    newest.status == Status::Active
        && runs(newest, &source)
        && newest.spec.handler == latest.spec.handler
        && same_settings(
            &newest.spec.configuration,
            &latest.spec.configuration.comparable_to(&newest.spec.configuration),
        )
}

/// Whether two versions behave alike: whether they have frozen the same.
pub(super) fn same_settings(one: &Configuration, other: &Configuration) -> bool {
    one.clone().frozen() == other.clone().frozen()
}
