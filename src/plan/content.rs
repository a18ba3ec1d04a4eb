//! Code and configuration of `$LATEST`: which differences to write, and which cannot be written.

use super::error::DeployPlanError;
use super::note::Note;
use super::observed::{Observed, ObservedFunction};
use super::step::{Creation, Step};
use super::wanted::Wanted;
use crate::model::{CodeSource, Configuration, FunctionKind, FunctionSpec, SettingsCall, Status};

/// Returns the steps that bring code and configuration of `$LATEST` to the wanted state.
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
    // Where the file gives no type, a web function stays one, and those have no handler.
    let handler = wanted.spec.handler.as_ref().filter(|_| held.kind() == FunctionKind::Event);
    let handler_differs = handler.is_some() && handler != held.handler.as_ref();
    // Only a successful update leads out of a failed status.
    let failed = latest.status != Status::Active;
    let settings = wants.taken_by(SettingsCall::UpdateCode);
    let settings_differ = !settings.changes_to(&held.configuration).is_empty();
    let code_differs = !runs(latest, &wanted.source);
    if wanted.force || failed || handler_differs || settings_differ || code_differs {
        let source = match (&wanted.source, &latest.image) {
            // `UpdateFunctionCode` replaces every field of the image.
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

/// Returns the steps that create the function and set what `CreateFunction` does not accept.
fn creation_steps(wanted: &Wanted) -> Vec<Step> {
    let wants = settings(wanted).or(wanted.creation_defaults.configuration.clone());
    let mut spec = wanted.spec.clone().or(wanted.creation_defaults.clone());
    spec.protocol = spec.protocol.filter(|protocol| !protocol.is_empty());
    spec.configuration = wants.taken_by(SettingsCall::Create);
    let changes = wants.taken_by(SettingsCall::UpdateConfiguration).changes_to(&spec.configuration);
    // What a new function has by default is not sent.
    let changes = changes.changes_to(&Configuration::unsaid());
    let tags = wanted.attributes.tags.clone().unwrap_or_default();
    let creation = Creation { spec, tags };
    let mut steps = vec![Step::Create(Box::new(creation), wanted.source.clone())];
    if !changes.is_empty() {
        steps.push(Step::UpdateConfiguration(changes));
    }
    steps
}

/// Returns the wanted settings. An image has no dependencies to install.
fn settings(wanted: &Wanted) -> Configuration {
    let mut settings = wanted.spec.configuration.clone();
    if matches!(wanted.source, CodeSource::Image(_)) {
        settings.install_dependency = None;
    }
    settings
}

/// Returns the step that uploads the package of the given steps, if it goes through COS.
pub(super) fn upload_step(content: &[Step]) -> Option<Step> {
    content.iter().find_map(|step| match step {
        Step::Create(_, CodeSource::Package { upload, .. })
        | Step::UpdateCode { source: CodeSource::Package { upload, .. }, .. } => {
            upload.clone().map(Step::Upload)
        }
        _ => None,
    })
}

/// Returns whether a version already runs this source. Always false for a COS object, whose content
/// is not known here.
fn runs(version: &ObservedFunction, source: &CodeSource) -> bool {
    match source {
        CodeSource::Package { sha256, .. } => version.code_sha256.as_ref() == Some(sha256),
        CodeSource::Object(_) => false,
        CodeSource::Image(image) => {
            version.image.as_ref().is_some_and(|held| image.is_held_by(held))
        }
    }
}

/// Fails for a difference that no call can remove.
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

/// Returns a note about a source that cannot be compared with what is deployed.
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

/// Returns `$LATEST` after the deployment, or `None` when the function does not exist yet.
pub(super) fn becomes(observed: &Observed, wanted: &Wanted) -> Option<ObservedFunction> {
    let latest = observed.latest.as_ref()?;
    let (wants, held) = (&wanted.spec, &latest.spec);
    let handler = wants.handler.clone().filter(|_| held.kind() == FunctionKind::Event);
    let (code_sha256, image) = match (&wanted.source, &latest.image) {
        // The service may report more of the image than the file says.
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

/// Returns what distinguishes this code from other code in the key of a publication, or `None` if
/// that is only known after the deployment.
///
/// An image needs nothing more: it is part of the function's settings.
pub(super) fn identity(source: &CodeSource) -> Option<String> {
    match source {
        CodeSource::Package { sha256, .. } => Some(sha256.clone()),
        // Its hash is reported only after the deployment.
        CodeSource::Object(_) => None,
        CodeSource::Image(_) => Some(String::new()),
    }
}

/// Returns whether the newest version already is what `$LATEST` is about to become.
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

/// Returns whether a publication would freeze the same settings for both.
pub(super) fn same_settings(one: &Configuration, other: &Configuration) -> bool {
    one.clone().frozen() == other.clone().frozen()
}
