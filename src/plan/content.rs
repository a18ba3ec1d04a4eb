//! Code and configuration of `$LATEST`: what differs, and what cannot be changed.

use super::error::DeployPlanError;
use super::note::Note;
use super::observed::{Observed, ObservedFunction};
use super::step::{Creation, Step};
use super::wanted::Wanted;
use crate::model::{CodeSource, Configuration, FunctionKind, Status};

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
    // Where the file gives no type, the function stays a web function, which has no handler.
    let handler = wanted.handler.as_ref().filter(|_| latest.kind == FunctionKind::Event);
    let handler_differs = handler.is_some() && handler != latest.handler.as_ref();
    // Only a successful change leads out of a failed status.
    let failed = latest.status != Status::Active;
    let install_dependency = installs(wanted);
    let installs_differs =
        install_dependency.is_some_and(|install| install != latest.install_dependency);
    let code_differs = !runs(latest, &wanted.source);
    if wanted.force || failed || handler_differs || installs_differs || code_differs {
        let source = match (&wanted.source, &latest.image) {
            // The call replaces all of it.
            (CodeSource::Image(image), Some(held)) => CodeSource::Image(image.or(held)),
            (source, _) => source.clone(),
        };
        steps.push(Step::UpdateCode { handler: handler.cloned(), source, install_dependency });
    }
    let changes = if wanted.force {
        wanted.configuration.clone()
    } else {
        let changes = wanted.configuration.changes_to(&latest.configuration);
        changes.without_unreported_defaults(&latest.configuration)
    };
    if !changes.is_empty() {
        steps.push(Step::UpdateConfiguration(changes));
    }
    Ok(steps)
}

/// The steps that make the function, and give it what creation cannot.
fn creation_steps(wanted: &Wanted) -> Vec<Step> {
    let defaults = &wanted.creation_defaults;
    let mut configuration = wanted.configuration.clone().or(defaults.configuration.clone());
    // `CreateFunction` has no parameter for it, and it is off at birth.
    let l5 = configuration.l5.take().filter(|on| *on);
    let creation = Creation {
        kind: wanted.kind.unwrap_or(defaults.kind),
        protocol: wanted.protocol.clone().filter(|protocol| !protocol.is_empty()),
        runtime: wanted.runtime.clone().unwrap_or_else(|| defaults.runtime.clone()),
        handler: wanted.handler.clone().or_else(|| defaults.handler.clone()),
        configuration,
        born_with: wanted.born_with,
        install_dependency: installs(wanted),
        tags: wanted.attributes.tags.clone().unwrap_or_default(),
    };
    let mut steps = vec![Step::Create(Box::new(creation), wanted.source.clone())];
    if l5.is_some() {
        steps.push(Step::UpdateConfiguration(Configuration { l5, ..Configuration::default() }));
    }
    steps
}

/// Whether the service installs the dependencies; in an image there is nothing to install.
fn installs(wanted: &Wanted) -> Option<bool> {
    wanted.install_dependency.filter(|_| !matches!(wanted.source, CodeSource::Image(_)))
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
    if let Some(kind) = wanted.kind.filter(|kind| *kind != latest.kind) {
        return Err(DeployPlanError::Kind { observed: latest.kind, wanted: kind });
    }
    match (&wanted.source, &latest.image) {
        (CodeSource::Image(_), Some(_)) => {}
        (CodeSource::Image(image), None) => {
            return Err(DeployPlanError::RunsCode(image.uri.clone()));
        }
        (_, Some(image)) => return Err(DeployPlanError::RunsImage(image.uri.clone())),
        (_, None) => {
            if let (Some(observed), Some(wanted)) = (&latest.runtime, &wanted.runtime)
                && observed != wanted
            {
                return Err(DeployPlanError::Runtime {
                    observed: observed.clone(),
                    wanted: wanted.clone(),
                });
            }
        }
    }
    let observed = latest.protocol.clone().unwrap_or_default();
    if let Some(wanted) = wanted.protocol.clone().filter(|wanted| *wanted != observed) {
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
    let handler = wanted.handler.clone().filter(|_| latest.kind == FunctionKind::Event);
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
    Some(ObservedFunction {
        handler: handler.or_else(|| latest.handler.clone()),
        configuration: wanted.configuration.clone().or(latest.configuration.clone()),
        code_sha256,
        image,
        ..latest.clone()
    })
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
        && newest.handler == latest.handler
        && same_settings(
            &newest.configuration,
            &latest.configuration.clone().comparable_to(&newest.configuration),
        )
}

/// Whether two versions behave alike; a version's description is its own and not compared.
pub(super) fn same_settings(one: &Configuration, other: &Configuration) -> bool {
    let plain = |configuration: &Configuration| Configuration {
        description: None,
        ..configuration.clone()
    };
    plain(one) == plain(other)
}
