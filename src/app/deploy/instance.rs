//! An instance: the component that its file names, and the functions that it comes to.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::Request;
use super::function::{
    CarriedOut, DeployFailure, Prepared, ReadFunction, carry_out, prepare, read,
};
use super::typed;
use crate::app::session::{RunId, Session};
use crate::app::warning::by_function;
use crate::app::{Context, Warning};
use crate::config::function::{InputError, InputErrors, WEB_KEYS, nearest};
use crate::config::input_error::{InputWarning, InputsOf, KeyRemark};
use crate::config::multi_scf;
use crate::config::settings::Settings;
use crate::error::{Error, OptionsError, ProjectError};
use crate::plan::Publish;
use crate::report;
use crate::report::deploy::{FunctionOutcome, FunctionStatus};
use crate::report::notice::Notice;

/// Components that are deployed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Component {
    /// One function.
    Scf,
    /// Several functions.
    MultiScf,
}

impl Component {
    /// Its inputs, in error texts.
    pub(super) fn inputs(self) -> InputsOf {
        match self {
            Self::Scf => InputsOf::Scf,
            Self::MultiScf => InputsOf::MultiScf,
        }
    }
}

/// What the component that a file names is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) enum ComponentKind {
    /// It is deployed.
    Deployed(Component),
    /// It makes something else than functions, or functions of a framework.
    Other(String),
}

/// Components of the vendor that are not deployed here, and that are no misspelling of one.
const OTHERS: &[&str] = &[
    "apigateway",
    "cam-role",
    "cdn",
    "cfs",
    "cls",
    "cos",
    "cynosdb",
    "django",
    "dns",
    "eb",
    "egg",
    "es",
    "express",
    "fastify",
    "flask",
    "framework",
    "http",
    "koa",
    "laravel",
    "layer",
    "monitor",
    "mongodb",
    "mysql",
    "nestjs",
    "nextjs",
    "nuxtjs",
    "postgresql",
    "redis",
    "scfcomponent",
    "tcb",
    "tcr",
    "tdmq",
    "thinkphp",
    "vod",
    "vpc",
    "website",
    "wordpress",
];
/// Components that are deployed here.
const OURS: &[&str] = &["scf", "multi-scf"];

/// The component that a misspelt one most likely is.
fn meant(name: &str) -> Option<&'static str> {
    // Letters in another order look unlike in so short a word.
    let swapped = OURS.iter().find(|ours| strsim::osa_distance(name, ours) < 2);
    swapped.copied().or_else(|| nearest(name, OURS.iter().copied()))
}

impl ComponentKind {
    /// The component that a file names, maybe with a version behind it.
    ///
    /// # Errors
    /// A component that is meant to be one of those that are deployed here.
    pub(in crate::app) fn of(settings: &Settings) -> Result<Self, MisspeltComponent> {
        let component = settings.project.component.as_deref().unwrap_or_default();
        let name = component.split('@').next().unwrap_or_default();
        match name {
            "scf" => Ok(Self::Deployed(Component::Scf)),
            "multi-scf" => Ok(Self::Deployed(Component::MultiScf)),
            _ if OTHERS.contains(&name) => Ok(Self::Other(component.to_owned())),
            _ => match meant(name) {
                Some(meant) => Err(MisspeltComponent { component: component.to_owned(), meant }),
                None => Ok(Self::Other(component.to_owned())),
            },
        }
    }
}

impl Component {
    /// The component that a file names.
    ///
    /// # Errors
    /// One that is not deployed here.
    pub(in crate::app) fn of(settings: &Settings) -> Result<Self, Error> {
        match ComponentKind::of(settings)? {
            ComponentKind::Deployed(component) => Ok(component),
            ComponentKind::Other(component) => {
                let instance = settings.name().to_owned();
                Err(ProjectError::ComponentNotProvided { component, instance }.into())
            }
        }
    }
}

/// A component that is most likely another one.
pub(in crate::app) struct MisspeltComponent {
    /// As it is written.
    pub component: String,
    /// The one that is meant.
    pub meant: &'static str,
}

impl From<MisspeltComponent> for Error {
    fn from(MisspeltComponent { component, meant }: MisspeltComponent) -> Self {
        ProjectError::NoSuchComponent { component, meant }.into()
    }
}

/// An instance, read and checked.
pub(super) struct CheckedInstance {
    pub settings: Settings,
    pub component: Component,
    pub functions: Vec<Prepared>,
}

/// The functions of a `multi-scf` instance. What is wrong with their inputs is told of all at
/// once, and before any hook runs.
fn several(
    context: &Context,
    settings: &Settings,
    request: &Request,
) -> Result<Vec<Prepared>, Error> {
    let mut wrong = InputErrors::default();
    let mut functions = Vec::new();
    let all = multi_scf::functions(settings)?;
    if let (Some(option), [_, _, ..]) = (request.of_one_package(), &all[..]) {
        let keys = all.iter().filter_map(|function| function.function_key.clone());
        return Err(OptionsError::PackageOfFunctions { option, functions: keys.collect() }.into());
    }
    for function in all {
        let errors = match read(context, function, request) {
            Ok(read) => {
                functions.push(read);
                continue;
            }
            Err(Error::FunctionInputs(errors)) => errors,
            Err(Error::Input(error)) => error.into(),
            Err(other) => return Err(other),
        };
        // What is common is wrong for each of them.
        let new = |error: &InputError| !wrong.errors.contains(error);
        let errors_of_this: Vec<InputError> = errors.errors.into_iter().filter(new).collect();
        wrong.errors.extend(errors_of_this);
        let new = |warning: &InputWarning| !wrong.unknown.contains(warning);
        let unknown: Vec<InputWarning> = errors.unknown.into_iter().filter(new).collect();
        wrong.unknown.extend(unknown);
    }
    if !wrong.errors.is_empty() {
        return Err(wrong.into());
    }
    let prepare = |read: ReadFunction| {
        let key = read.settings.function_key.clone().unwrap_or_default();
        prepare(context, read, request).map_err(|error| error.of_instance(key))
    };
    functions.into_iter().map(prepare).collect()
}

/// A context that speaks for one function of an instance.
fn context_of(context: &Context, function: &Prepared) -> Context {
    match &function.settings.function_key {
        Some(key) => context.labelled(key),
        None => context.clone(),
    }
}

/// Checks that each function is deployed once; with each comes the name of what deploys it.
pub(super) fn check_distinct<'a>(
    functions: impl Iterator<Item = (&'a str, &'a Prepared)>,
) -> Result<(), Error> {
    let mut known = BTreeMap::new();
    for (name, prepared) in functions {
        let function = &prepared.function;
        let place = (&function.region, &function.namespace, &function.name);
        if let Some(first) = known.insert(place, name) {
            let (first, other): (&str, &str) = (first, name);
            return Err(ProjectError::SameFunction {
                first: first.to_owned(),
                other: other.to_owned(),
                function: function.name.clone(),
            }
            .into());
        }
    }
    Ok(())
}

/// The line that says that a function is done.
pub(super) fn done(outcome: &FunctionOutcome) -> Notice {
    match outcome {
        FunctionOutcome::Planned(plan) => {
            Notice::FunctionPlanned { calls: plan.dry_run.calls.len() }
        }
        FunctionOutcome::Deployed(function) => Notice::FunctionDeployed {
            last_version: function.last_version,
            traffic: function.traffic,
        },
    }
}

/// What became of one function.
pub(super) enum InstanceEnd {
    Deployed(Box<CarriedOut>),
    Failed(Box<DeployFailure>),
    /// The process was asked to stop before its turn came.
    NotBegun,
}

impl InstanceEnd {
    /// What became of the function of this key, for programs, beside an error.
    pub(super) fn reported(&self, key: &str) -> report::deploy::FunctionEnded {
        let status = match self {
            Self::Deployed(deployed) => {
                return report::deploy::FunctionEnded::from(&deployed.outcome);
            }
            Self::Failed(failure) => {
                FunctionStatus::Failed { error: Box::new(failure.error.report()) }
            }
            Self::NotBegun => FunctionStatus::NotBegun,
        };
        report::deploy::FunctionEnded { key: Some(key.to_owned()), status }
    }
}

impl CheckedInstance {
    /// Reads and checks what the file says. Calls nothing.
    pub(super) fn prepare(
        context: &Context,
        settings: Settings,
        request: &Request,
    ) -> Result<Self, Error> {
        let component = Component::of(&settings)?;
        typed::check(&settings, component)?;
        let functions = match component {
            Component::Scf => {
                let read = read(context, settings.clone(), request)?;
                vec![prepare(context, read, request)?]
            }
            Component::MultiScf => several(context, &settings, request)?,
        };
        let keyed = functions.iter().map(|function| {
            (function.settings.function_key.as_deref().unwrap_or_default(), function)
        });
        check_distinct(keyed)?;
        Ok(Self { settings, component, functions })
    }

    /// Whether one of its functions is published.
    pub(super) fn publishes(&self) -> bool {
        self.functions.iter().any(|function| function.publish != Publish::No)
    }

    /// The keys of its functions, where it has several.
    pub(super) fn keys(&self) -> Vec<String> {
        let keyed = self.functions.iter().filter(|_| self.functions.len() > 1);
        keyed.filter_map(|function| function.settings.function_key.clone()).collect()
    }

    /// What of the file is probably a mistake, or has no effect; said once, whichever of the
    /// functions it concerns.
    pub(super) fn warnings(&self) -> Vec<Warning> {
        let told: Vec<_> = self
            .functions
            .iter()
            .map(|one| (one.settings.function_key.as_deref(), &one.warnings[..]))
            .collect();
        let mut warnings = by_function(&told);
        // A common input may be there for some of the functions, but not for none.
        if self.component == Component::MultiScf && !self.functions.iter().any(Prepared::is_web) {
            let inputs = &self.settings.project.inputs;
            let said = |key: &&&str| inputs.get(**key).is_some_and(|value| !value.is_null());
            warnings.extend(WEB_KEYS.iter().filter(said).map(|key| {
                let (key, place) = ((*key).to_owned(), self.settings.place(key));
                InputWarning::Key { key, place, remark: KeyRemark::NoneIsWeb }.into()
            }));
        }
        warnings
    }

    /// Deploys its functions, each when a slot is free. What became of one of several is said
    /// at once.
    pub(super) async fn deploy(
        &self,
        context: &Context,
        session: &Session,
        run_id: &RunId,
        slots: &Semaphore,
    ) -> Vec<InstanceEnd> {
        join_all(self.functions.iter().map(|function| async {
            // An error would mean that somebody closed it, which nobody does.
            let _slot = slots.acquire().await;
            if session.interrupted().is_some() {
                return InstanceEnd::NotBegun;
            }
            let context = context_of(context, function);
            let several = function.settings.function_key.is_some();
            match Box::pin(carry_out(&context, session, function, run_id)).await {
                Ok(deployed) => {
                    if several {
                        context.sink.step(&done(&deployed.outcome));
                    }
                    InstanceEnd::Deployed(Box::new(deployed))
                }
                Err(failure) => {
                    if several {
                        context.sink.error(&failure.error);
                    }
                    InstanceEnd::Failed(Box::new(failure))
                }
            }
        }))
        .await
    }

    /// The outputs, or with `--dry-run` the plan, of the instance whose functions came to this;
    /// `None` where some are missing.
    pub(super) fn reported(
        &self,
        functions: Vec<FunctionOutcome>,
    ) -> Option<report::deploy::DeployedInstance> {
        if functions.len() != self.functions.len() {
            return None;
        }
        if self.component == Component::Scf {
            let one = functions.into_iter().next();
            return one.map(report::deploy::DeployedInstance::One);
        }
        let is_planned = functions.iter().any(|one| matches!(one, FunctionOutcome::Planned(_)));
        let region = (!is_planned).then(|| self.settings.region.clone());
        Some(report::deploy::DeployedInstance::Several { region, functions })
    }
}
