//! Which hint fits an error.

mod execution;
mod service;

use super::{Hint, RunHint, local_hint, package};
use crate::config::project::{ConfigError, ConfigHint, Unresolved};
use crate::config::variables::{VariableHint, VariableHints, hint_for};
use crate::error::{Doing, Error, RunName};

impl Error {
    /// What to do about it, where there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<Hint<'_>> {
        match self {
            Self::Arguments(error) => error.hint().map(|_| Hint::Arguments(error)),
            Self::Inputs(error) => Some(Hint::Inputs(error)),
            Self::Values(error) => Some(Hint::Values(error)),
            Self::Project(error) => Some(Hint::Project(error)),
            Self::Code(error) => Some(Hint::Code(error)),
            Self::Options(error) => Some(Hint::Options(error)),
            Self::Config(error) => error.hint().map(Hint::Config),
            Self::Input(error) => error.instead.as_ref().map(Hint::Input),
            Self::FunctionInputs(errors) => errors.instead().map(Hint::Input),
            Self::Credentials(error) => Some(Hint::Credentials(error)),
            Self::Endpoint(error) => Some(Hint::Endpoint(error)),
            Self::Proxy(error) => Some(Hint::Proxy(error)),
            Self::Package(error) => package::of(error).map(Hint::Package),
            Self::Hook(error) => Some(Hint::Hook(error)),
            Self::Plan { source, .. } => Some(execution::of_plan(source)),
            Self::Call { source, function, run_id, .. } => {
                of_run(execution::of(source, function.as_ref()), run_id.as_deref())
            }
            Self::Halted { source, function, run_id, .. } => {
                of_run(execution::of(&source.0.source, Some(function)), run_id.as_deref())
            }
            Self::Instance { error, .. } => error.hint(),
            Self::After { error, run_id, goes_on, .. } => match (error.hint(), run_id) {
                (named @ Some(Hint::OfRun { .. }), _) => named,
                (hint, Some(run)) => of_run(hint, Some(run)),
                (hint, None) if *goes_on => Some(Hint::GoesOn(hint.map(Box::new))),
                (hint, None) => hint,
            },
            Self::Several { doing, run_id, .. } => match doing {
                Doing::Looking => None,
                Doing::Removing => Some(Hint::Run(RunHint::RemovesRest)),
                Doing::Deploying => of_run(Some(Hint::Run(RunHint::GoesOn)), run_id.as_ref()),
            },
            Self::Unresolved { errors } => hint_of(errors).map(of_references),
            Self::OutputsNotKnown { first, .. } => {
                let output = first.as_ref().map(|none| VariableHint::Output(none.instead.clone()));
                output.map(VariableHints::from).map(of_references)
            }
            Self::LeftAtOnce(_, run_id) => {
                of_run(Some(Hint::Run(RunHint::Continue)), run_id.as_ref())
            }
            Self::Client(error) => service::of(error, None),
            Self::Rollout(error) => error.hint().map(Hint::Rollout),
            Self::Invoke(error) => error.hint().map(Hint::Invoke),
            Self::Init(error) => error.hint().map(Hint::Init),
            Self::Logs(error) => error.hint().map(Hint::Logs),
            Self::Split(error) => Some(Hint::Split(error.hint())),
            Self::Saved(error) => Some(Hint::Saved(error.hint())),
            Self::Local(error) => local_hint(error).map(|_| Hint::Local(error)),
            Self::Io { .. } => None,
        }
    }
}

/// Advice that also says how the same command publishes nothing twice.
fn of_run<'a>(hint: Option<Hint<'a>>, run: Option<&'a RunName>) -> Option<Hint<'a>> {
    match run {
        None => hint,
        Some(run) => Some(Hint::OfRun { hint: hint.map(Box::new), run }),
    }
}

fn of_references<'a>(hints: VariableHints) -> Hint<'a> {
    Hint::Config(ConfigHint::Variables(hints))
}

/// What to do about the references of several instances, each thing said once.
fn hint_of(errors: &[(String, Error)]) -> Option<VariableHints> {
    let unresolved = errors.iter().filter_map(|(_, error)| match error {
        Error::Config(ConfigError::Variables(unresolved)) => Some(unresolved),
        _ => None,
    });
    hint_for(unresolved.flat_map(Unresolved::errors))
}
