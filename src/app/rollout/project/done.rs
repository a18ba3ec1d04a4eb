//! What was done to the functions, for the error of a command that fails on its way.

use crate::app::Done;
use crate::app::rollout::service::Service;
use crate::app::session::Session;
use crate::error::Error;
use crate::plan::Step;

/// A step, with the name of the function.
pub(super) type NamedStep = (Option<String>, Step);

/// Whether a version was published, which stays where no rollout begins.
pub(super) fn is_publication((_, step): &NamedStep) -> bool {
    matches!(step, Step::Publish { .. })
}

/// What was done of one function.
pub(super) fn of_function(name: &str, service: &Service<'_>) -> Vec<NamedStep> {
    service.done().iter().map(|step| (Some(name.to_owned()), step.clone())).collect()
}

/// Adds to a failed call, or a signal, what was done before it. Any other error comes with a report
/// that has the state of each function.
pub(super) fn behind(done: Done, session: &Session, steps: Vec<NamedStep>) -> Done {
    let is_silent = done.report.is_none();
    let Some(error) = done.error else { return done };
    if !is_silent && !matches!(error, Error::Call { .. }) {
        return Done { error: Some(error), ..done };
    }
    let run = session.run_to_name(steps.iter().any(is_publication));
    Done { error: Some(error.behind(steps).of_run(run)), ..done }
}
