//! One function of a deployment: what is known before the first call, and carrying it out.

use super::Request;
use super::code::{self, PackageDemands, WantedCode};
use super::handler::creation_defaults;
use super::report;
use super::saved::{DecidedFrom, Planning};
use crate::app::Context;
use crate::app::Warning;
use crate::app::rollout;
use crate::app::session::{self, RunId, Session};
use crate::app::source;
use crate::config::events::{EventScope, Events};
use crate::config::function::{FileCode, FunctionInputs, Reader};
use crate::config::input_error::KeyRemark;
use crate::config::settings::Settings;
use crate::error::{Error, OptionsError, Task};
use crate::execute::{self, Extra, Observation, PublishRequest};
use crate::model::trigger::WantedTriggers;
use crate::model::{CodeSource, FunctionId, FunctionKind, FunctionSpec};
use crate::package::{KnownPackage, Package};
use crate::plan::deploy::plan;
use crate::plan::{Note, Publish, Step, Wanted};
use crate::report::deploy::FunctionOutcome;
use crate::report::notice::Notice;

/// Everything that is known before the first call.
pub(super) struct Prepared {
    pub settings: Settings,
    /// What of the file is probably a mistake, or has no effect.
    pub warnings: Vec<Warning>,
    pub function: FunctionId,
    inputs: FunctionInputs,
    /// What the file says of triggers; `None` when it has no word on them.
    triggers: Option<WantedTriggers>,
    code: WantedCode,
    defaults: FunctionSpec,
    pub publish: Publish,
    /// Whether it is only planned, or was planned before.
    pub planning: Planning,
}

/// What a function came to.
pub(super) struct CarriedOut {
    pub outcome: FunctionOutcome,
    /// What was done for it.
    pub done: Vec<Step>,
}

/// Why a deployment failed.
pub(super) struct DeployFailure {
    pub error: Error,
    /// Whether a version was published, or perhaps was.
    pub perhaps_published: bool,
}

impl From<Error> for DeployFailure {
    /// Before anything was sent.
    fn from(error: Error) -> Self {
        Self { error, perhaps_published: false }
    }
}

/// What the command line and the files say of a function, read and checked.
pub(super) struct ReadFunction {
    pub settings: Settings,
    warnings: Vec<Warning>,
    function: FunctionId,
    inputs: FunctionInputs,
    triggers: Option<WantedTriggers>,
}

/// Reads and checks what the command line and the files say.
///
/// `--noValidation` leaves plain settings to the service.
pub(super) fn read(
    context: &Context,
    mut settings: Settings,
    request: &Request,
) -> Result<ReadFunction, Error> {
    let package = request.package.as_ref().map(|path| context.directory.join(path));
    if let Some(package) = &package {
        if settings.typed_inputs().contains_key("src") {
            return Err(OptionsError::TwoSources.into());
        }
        if settings.use_package(package) {
            let package = package.clone();
            context.sink.note_once("hook", &Notice::HookNotNeeded { package });
        }
    }
    let project = &settings.project;
    let function = settings.function()?;
    let place = |key: &str| settings.place(key);
    let path = |key: &str| settings.path(key);
    let mut reader = Reader::new(&project.inputs, &place)
        .written(&settings)
        .lenient(context.options.no_validation)
        .skipping_unsupported(request.skip_unsupported_triggers);
    if settings.function_key.is_some() {
        reader = reader.of_several(&path);
    }
    let scope = EventScope {
        default_suffix: &format!("{}-{}", settings.name(), project.stage),
        region: &function.region,
        skip_unsupported: request.skip_unsupported_triggers,
        named: &settings.named_by_triggers,
    };
    let at_top = reader.at_top(&project.warnings);
    let (mut inputs, events) = match (reader.function(), reader.events(&scope)) {
        (Ok(inputs), Ok(events)) if at_top.is_empty() => (inputs, events),
        (inputs, events) => {
            let mut wrong = inputs.err().unwrap_or_default();
            wrong.errors.splice(0..0, at_top);
            let of_events = events.err().unwrap_or_default();
            wrong.errors.extend(of_events.errors);
            wrong.unknown.extend(of_events.unknown);
            for error in &mut wrong.errors {
                error.key = settings.path(&error.key);
            }
            return Err(wrong.into());
        }
    };
    match (&mut inputs.code, package) {
        // Whatever a text can say of a path.
        (FileCode::Folder(source), Some(package)) => source.folder = package,
        (FileCode::Image(_), Some(_)) => return Err(OptionsError::PackageOfImage.into()),
        (FileCode::Object(_) | FileCode::Image(_), None) if request.sha256.is_some() => {
            return Err(OptionsError::HashOfNone.into());
        }
        _ => {}
    }
    // Said to a whole project, an option counts where there is something for it to do.
    let alone = !settings.is_one_of_several();
    if alone && request.prune_triggers && events.is_none() {
        return Err(OptionsError::PruneTriggers.into());
    }
    let triggers = events.as_ref().map(|events| events.wanted(request.prune_triggers));
    if alone && request.if_changed && !inputs.publish {
        return Err(OptionsError::IfChanged.into());
    }
    let names_run = context.options.run_id.is_some() && !request.planning.is_applied();
    if alone && names_run && !inputs.publish && !request.rolls_out {
        context.sink.note(&Notice::RunIdUnused);
    }
    if !request.rolls_out {
        rollout::options::check(&settings)
            .map_err(|problem| rollout::option_error(&function, problem))?;
    }
    let warnings = warnings(&reader, &inputs, events.as_ref());
    Ok(ReadFunction { settings, warnings, function, inputs, triggers })
}

/// Lists and checks the code of a function. Calls nothing: what is refused here was refused
/// without a trace.
pub(super) fn prepare(
    context: &Context,
    read: ReadFunction,
    request: &Request,
) -> Result<Prepared, Error> {
    let ReadFunction { settings, mut warnings, function, inputs, triggers } = read;
    let publish = publish(&inputs, request);
    request.planning.check_place(context, &settings, &function)?;
    source::run_hook(context, &settings, &inputs)?;
    let asked = PackageDemands {
        is_finished: request.package.is_some(),
        sha256: request.sha256.as_deref(),
    };
    let plan = request.planning.file(context);
    let never = plan.as_deref();
    let (code, told) = code::prepare(context, &settings, &inputs, request.pack, never, asked)?;
    let defaults = creation_defaults(&settings, &inputs);
    warnings.extend(told);
    let planning = request.planning.clone();
    Ok(Prepared {
        settings,
        warnings,
        function,
        inputs,
        triggers,
        code,
        defaults,
        publish,
        planning,
    })
}

impl Prepared {
    /// What is read besides, because the wish depends on it.
    fn extra(&self) -> Extra<'_> {
        let Self { inputs, triggers, publish, .. } = self;
        Extra {
            newest: *publish == Publish::IfChanged,
            last: (inputs.traffic.is_some() && *publish == Publish::No)
                || inputs.alias.is_some()
                || inputs.provision.is_some()
                || triggers.as_ref().is_some_and(WantedTriggers::name_versions)
                || *publish == Publish::IfChanged,
            triggers: triggers.as_ref(),
            retries: inputs.attributes.name_retries(),
            alias: inputs.alias.as_ref().map(|alias| &*alias.name),
            provisioned: inputs.provision.is_some(),
            image: matches!(inputs.code, FileCode::Image(_)),
            aliases: true,
        }
    }

    /// Whether the file says that it is a web function.
    pub(super) fn is_web(&self) -> bool {
        self.inputs.spec.kind == Some(FunctionKind::Web)
    }
}

/// What of the file is probably a mistake, or has no effect.
fn warnings(reader: &Reader<'_>, inputs: &FunctionInputs, events: Option<&Events>) -> Vec<Warning> {
    let of_events = events.iter().flat_map(|events| &events.warnings);
    let said = inputs.warnings.iter().chain(of_events).cloned();
    let skipped = events
        .iter()
        .flat_map(|events| &events.skipped)
        .map(|skipped| reader.remark(&skipped.path, KeyRemark::Skipped(skipped.product)));
    let unknown = reader.unknown_warnings().into_iter();
    unknown.chain(said).chain(skipped).map(Warning::from).collect()
}

/// Reads while the package is built, decides, and carries the decision out or shows it.
///
/// Notes and progress go to the context's sink.
pub(super) async fn carry_out(
    context: &Context,
    session: &Session,
    prepared: &Prepared,
    run_id: &RunId,
) -> Result<CarriedOut, DeployFailure> {
    let Prepared { function, inputs, triggers, code, publish, planning, .. } = prepared;
    let key = prepared.settings.function_key.as_deref();
    let task = Task::Deploy { function: function.name.clone() };
    let on = session.on_telling(&context.sink, function.clone());
    let extra = prepared.extra();
    let (mut known, mut package) = (code.known(context), code.finished());
    let names_run = *publish != Publish::No || planning.is_applied();
    if names_run && !context.options.dry_run {
        session.publishes_as(run_id);
    }
    let observation = if known.is_some() {
        execute::deploy::observe(&on, extra).await
    } else {
        let (observation, packed) =
            tokio::join!(execute::deploy::observe(&on, extra), pack(context, code));
        package = packed?;
        known = package.as_ref().map(Package::known);
        observation
    };
    let mut observation = observation.map_err(|error| {
        let run = session.run_to_name(false).filter(|_| !planning.is_applied());
        session::failed(&task, function, error).of_run(run)
    })?;
    code.check(inputs, &prepared.defaults, &observation.observed)?;

    let decide = |observation: &Observation, known: Option<&KnownPackage>| {
        let source = code.source(inputs, &function.region, known);
        let mut wanted = wanted(context, prepared, source.clone());
        wanted.run = run_id.given.then(|| run_id.id.clone());
        wanted.triggers.clone_from(triggers);
        plan(&observation.observed, &wanted)
            .map(|decided| (source, decided))
            .map_err(|source| Error::Plan { function: function.name.clone(), source })
    };
    let (mut source, mut decided) = decide(&observation, known.as_ref()).map_err(|error| {
        let known = known.as_ref();
        DecidedFrom { context, prepared, known, observation: &observation, run_id }.or_stale(error)
    })?;
    // Where content is still to come, what is adopted can be compared only with what came.
    while let Some(version) = decided.adopts().filter(|_| !decided.changes_content()) {
        let disowned = execute::deploy::disown_unmeant(&on, &mut observation, version).await;
        let failed = |error| {
            let run = session.run_to_name(false).filter(|_| !planning.is_applied());
            session::failed(&task, function, error).of_run(run)
        };
        if !disowned.map_err(failed)? {
            break;
        }
        (source, decided) = decide(&observation, known.as_ref())?;
    }
    if package.is_none() && decided.sends_package() && !context.options.dry_run {
        package = pack(context, code).await?;
        // However long that took: what has to be fresh is looked at again.
        observation.at = None;
        let made = package.as_ref().map(Package::known);
        if made != known {
            // What was remembered is not so; it decides nothing.
            known = made;
            (source, decided) = decide(&observation, known.as_ref())?;
        }
    }
    let seen =
        DecidedFrom { context, prepared, known: known.as_ref(), observation: &observation, run_id };
    seen.check(&decided)?;
    tell(context, &decided.notes);
    if context.options.dry_run {
        let plan = report::planned(key, function, &decided, &observation.observed);
        seen.save(&decided, &plan)?;
        let outcome = FunctionOutcome::Planned(Box::new(plan));
        return Ok(CarriedOut { outcome, done: Vec::new() });
    }
    let request = PublishRequest {
        description: &inputs.publish_description,
        run_id: &run_id.id,
        run_id_given: run_id.given,
    };
    let outcome = Box::pin(execute::deploy::deploy(
        &on,
        &decided,
        &observation,
        &source,
        package.as_ref(),
        request,
        triggers.as_ref(),
    ))
    .await
    .map_err(|error| {
        let perhaps_published = on.has_perhaps_published();
        let run = session.run_to_name(perhaps_published);
        DeployFailure {
            error: session::halted(&task, function, error).of_run(run),
            perhaps_published,
        }
    })?;
    let function = report::deployed(key, function, &source, known.as_ref(), &decided, outcome);
    // A version that an earlier run of the same name made is none that this one did.
    let is_own = |step: &Step| match step {
        Step::Publish { .. } => on.has_perhaps_published(),
        step => step.changes(),
    };
    let done = decided.steps.into_iter().filter(is_own).collect();
    Ok(CarriedOut { outcome: FunctionOutcome::Deployed(Box::new(function)), done })
}

/// Shows the notes of a plan, each by its weight.
fn tell(context: &Context, notes: &[Note]) {
    // Before a rollout there is something to be sent: what begins it.
    let rolls_out = context.options.rolls_out.is_some();
    for note in notes.iter().filter(|note| !(rolls_out && matches!(note, Note::NothingToChange))) {
        if report::is_warning(note) {
            context.sink.warning(note);
        } else if report::decides(note) {
            context.sink.decisive(note);
        } else {
            context.sink.note(note);
        }
    }
}

/// Makes the package on another thread.
async fn pack(context: &Context, code: &WantedCode) -> Result<Option<Package>, Error> {
    let (packing, progress) = (code.clone(), source::packing(&*context.sink));
    let package = tokio::task::spawn_blocking(move || packing.pack(&progress))
        .await
        .map_err(|error| Error::Io { task: Task::Pack, source: error.into() })??;
    if let Some(package) = &package {
        code.remember(context, package);
    }
    Ok(package)
}

fn publish(inputs: &FunctionInputs, request: &Request) -> Publish {
    match (inputs.publish, request.if_changed) {
        (true, true) => Publish::IfChanged,
        (true, false) => Publish::Always,
        (false, _) => Publish::No,
    }
}

fn wanted(context: &Context, prepared: &Prepared, source: CodeSource) -> Wanted {
    let inputs = &prepared.inputs;
    Wanted {
        function: prepared.function.clone(),
        spec: inputs.spec.clone(),
        attributes: inputs.attributes.clone(),
        creation_defaults: prepared.defaults.clone(),
        source,
        publish: prepared.publish,
        publish_description: inputs.publish_description.clone(),
        run: None,
        traffic: inputs.traffic,
        alias: inputs.alias.clone(),
        provision: inputs.provision,
        triggers: None,
        force: context.options.force,
        end_rollout: context.options.end_rollout,
    }
}
