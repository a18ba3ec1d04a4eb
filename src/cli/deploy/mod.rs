//! `scfctl deploy`: code, configuration, version, traffic of `$DEFAULT`.

mod handler;
mod report;

use clap::Args;

use super::Context;
use super::connection::{self, Connection};
use crate::config::events::Events;
use crate::config::function::{FunctionInputs, Reader};
use crate::config::settings::Settings;
use crate::error::Error;
use crate::execute::PublishRequest;
use crate::model::FunctionId;
use crate::package::{Package, Selection};
use crate::plan::Creation;
use crate::plan::deploy::{Publish, Wanted, plan};
use crate::scf::BODY_LIMIT;
use handler::{DEFAULT_RUNTIME, check_default_handler, check_handler, creation_defaults};
use report::{dry_run, note_text, outputs};

/// Options of `deploy`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// With publish=true: publish only when the newest version differs from $LATEST
    #[arg(long)]
    if_changed: bool,
}

/// Room for everything in the request but the package, in bytes.
const REQUEST_ROOM: usize = 64 * 1024;

/// Everything that is known before the first call.
struct Prepared {
    settings: Settings,
    function: FunctionId,
    inputs: FunctionInputs,
    /// What the file says of triggers; `None` when it has no word on them.
    events: Option<Events>,
    selection: Selection,
    defaults: Creation,
    publish: Publish,
}

/// Deploys the project's function.
pub(super) fn run(context: &Context, arguments: &Arguments) -> Result<(), Error> {
    let prepared = prepare(context, arguments)?;
    connection::block_on(carry_out(context, prepared))
}

/// Reads and checks what the command line and the files say. Calls nothing: what is refused
/// here was refused without a trace.
fn prepare(context: &Context, arguments: &Arguments) -> Result<Prepared, Error> {
    let settings = context.settings()?;
    let project = &settings.project;
    if project.file.is_none() {
        return Err(connection::no_project(&settings));
    }
    let component = project.component.as_deref().unwrap_or_default();
    if component.split('@').next() != Some("scf") {
        return Err(Error::usage(
            format!("component `{component}` is not scf"),
            "scfctl deploys functions: `component: scf`",
        ));
    }
    let function = settings.function()?;
    let place = |key: &str| settings.place(key);
    let reader = Reader::new(&project.inputs, &place);
    let inputs = reader.function()?;
    let events = reader.events(&format!("{}-{}", settings.name(), project.stage))?;
    let selection = Selection::list(
        &inputs.source.folder,
        &settings.directory,
        &inputs.source.exclude,
        inputs.install_dependency,
    )?;
    let defaults = creation_defaults(&settings, &inputs);
    if let Some(handler) = &inputs.handler {
        check_handler(handler, inputs.runtime.as_deref().unwrap_or(DEFAULT_RUNTIME), &selection)?;
    }
    let Some(publish) = publish(&inputs, arguments) else {
        return Err(Error::usage(
            "--if-changed says when to publish, but nothing is to be published",
            "add publish=true behind --inputs",
        ));
    };
    context.header("deploy", &settings);
    warn(context, &settings, &reader, &inputs, events.as_ref());
    Ok(Prepared { settings, function, inputs, events, selection, defaults, publish })
}

/// Says what of the file is probably a mistake, or has no effect.
fn warn(
    context: &Context,
    settings: &Settings,
    reader: &Reader<'_>,
    inputs: &FunctionInputs,
    events: Option<&Events>,
) {
    for (key, meant) in reader.unknown_keys() {
        let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
        context
            .printer
            .warning(&format!("`{key}` ({}) is not an input of scf{meant}", settings.place(&key)));
    }
    for warning in events.iter().flat_map(|events| &events.warnings) {
        context.printer.warning(warning);
    }
    let events_left = events.iter().flat_map(|events| &events.not_deployed);
    for key in inputs.not_deployed.iter().chain(events_left) {
        context.printer.warning(&format!(
            "`{key}` ({}) is not deployed by this version; what the cloud has stays as it is",
            settings.place(key)
        ));
    }
}

/// Reads while the package is built, decides, and carries the decision out or shows it.
async fn carry_out(context: &Context, prepared: Prepared) -> Result<(), Error> {
    let Prepared { settings, function, inputs, events, selection, defaults, publish } = prepared;
    let what = format!("deploy function `{}`", function.name);
    let connection = Connection::open(context, &settings).await?;
    let executor = connection.executor(function.clone());
    let pack = {
        let selection = selection.clone();
        tokio::task::spawn_blocking(move || selection.pack())
    };
    let timers = events.as_ref().map(|events| &events.timers[..]);
    let (observation, package) =
        tokio::join!(executor.observe(publish == Publish::IfChanged, timers), pack);
    let package = package
        .map_err(|error| Error::Io { what: "pack the code".to_owned(), source: error.into() })??;
    check_size(&package)?;
    let observation = observation.map_err(|error| connection::failed(&what, &function, error))?;
    check_default_handler(&inputs, &defaults, &observation.observed, &selection)?;

    let mut wanted = wanted(context, &inputs, defaults, &package, publish);
    wanted.timers = timers.map(<[_]>::to_vec);
    let decided = plan(&observation.observed, &wanted)
        .map_err(|source| Error::Plan { function: function.name.clone(), source })?;
    for note in &decided.notes {
        context.printer.note(&note_text(note));
    }
    if context.options.dry_run {
        context.printer.result(&dry_run(&function, &decided, &observation.observed));
        return Ok(());
    }
    let run_id = connection::run_id(context);
    let request = PublishRequest {
        description: &inputs.publish_description,
        run_id: &run_id.id,
        run_id_given: run_id.given,
    };
    let outcome = executor
        .deploy(&decided, &observation, &package, request, timers)
        .await
        .inspect_err(|_| connection::note_run_id(context, &executor, &run_id))
        .map_err(|error| connection::halted(&what, &function, error))?;
    context.printer.result(&outputs(&function, &package, &outcome));
    context.printer.console(settings.app(), settings.name(), &settings.project.stage);
    context.footer(&settings);
    Ok(())
}

/// `None` when `--if-changed` has nothing to decide about.
fn publish(inputs: &FunctionInputs, arguments: &Arguments) -> Option<Publish> {
    match (inputs.publish, arguments.if_changed) {
        (true, true) => Some(Publish::IfChanged),
        (true, false) => Some(Publish::Always),
        (false, true) => None,
        (false, false) => Some(Publish::No),
    }
}

fn wanted(
    context: &Context,
    inputs: &FunctionInputs,
    creation_defaults: Creation,
    package: &Package,
    publish: Publish,
) -> Wanted {
    Wanted {
        runtime: inputs.runtime.clone(),
        handler: inputs.handler.clone(),
        configuration: inputs.configuration.clone(),
        creation_defaults,
        code_sha256: package.sha256.clone(),
        publish,
        publish_description: inputs.publish_description.clone(),
        traffic: inputs.traffic,
        timers: None,
        force: context.options.force,
    }
}

/// Base64 makes four bytes of three.
fn check_size(package: &Package) -> Result<(), Error> {
    let limit = (BODY_LIMIT - REQUEST_ROOM) / 4 * 3;
    if package.bytes.len() > limit {
        return Err(Error::PackageTooLarge { size: package.bytes.len(), limit });
    }
    Ok(())
}
