//! `scfctl deploy`: code, configuration, version, traffic of `$DEFAULT`.

use clap::Args;
use serde_json::{Map, Value, json};

use super::Context;
use super::connection::{self, Connection};
use crate::config::events::Events;
use crate::config::function::{FunctionInputs, Reader};
use crate::config::settings::Settings;
use crate::error::Error;
use crate::execute::{Outcome, PublishRequest};
use crate::model::{Configuration, FunctionId, LATEST, Routing, Version, Weight};
use crate::package::{Package, Selection};
use crate::plan::deploy::{DeployPlan, Note, Observed, Publish, Wanted, plan};
use crate::plan::{Creation, RoutingTarget, Step, Target};
use crate::scf::BODY_LIMIT;

/// Options of `deploy`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// With publish=true: publish only when the newest version differs from $LATEST
    #[arg(long)]
    if_changed: bool,
}

/// Room for everything in the request but the package, in bytes.
const REQUEST_ROOM: usize = 64 * 1024;
const DEFAULT_RUNTIME: &str = "Nodejs10.15";

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

/// What the real component creates a function with where the file says nothing.
fn creation_defaults(settings: &Settings, inputs: &FunctionInputs) -> Creation {
    let runtime = inputs.runtime.clone().unwrap_or_else(|| DEFAULT_RUNTIME.to_owned());
    let handler = default_handler(&runtime).to_owned();
    Creation {
        runtime,
        handler,
        configuration: Configuration {
            description: Some(format!("This is a function in {} application", settings.app())),
            memory_size: Some(128),
            timeout: Some(3),
            public_access: Some(true),
            fixed_egress: Some(false),
            ..Configuration::default()
        },
    }
}

fn default_handler(runtime: &str) -> &'static str {
    if runtime.starts_with("Go") {
        "main"
    } else if runtime.starts_with("Java") {
        "example.Hello::mainHandler"
    } else {
        "index.main_handler"
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

/// Refuses a handler whose file is not packed, for runtimes whose file names are known.
fn check_handler(handler: &str, runtime: &str, selection: &Selection) -> Result<(), Error> {
    let error = |wanted: String| Error::HandlerFile {
        handler: handler.to_owned(),
        wanted,
        folder: selection.root().to_owned(),
    };
    if runtime.starts_with("Go") {
        return if selection.contains(handler) {
            Ok(())
        } else {
            Err(error(format!("the binary `{handler}`")))
        };
    }
    let endings: &[&str] = if runtime.starts_with("Python") {
        // A dotted module is a folder in Python.
        &["py", "pyc", "so"]
    } else if runtime.starts_with("Nodejs") {
        &["js", "mjs", "cjs"]
    } else if runtime.starts_with("Php") {
        &["php"]
    } else {
        // Java handlers name classes, custom runtimes whatever they like.
        return Ok(());
    };
    let Some((module, _)) =
        handler.rsplit_once('.').filter(|(module, name)| !module.is_empty() && !name.is_empty())
    else {
        return Err(Error::usage(
            format!("handler `{handler}` is not of the form file.function"),
            "write for example `handler: index.main_handler`",
        ));
    };
    let candidates: Vec<String> = endings
        .iter()
        .flat_map(|ending| {
            [format!("{module}.{ending}"), format!("{}.{ending}", module.replace('.', "/"))]
        })
        .chain([format!("{module}/__init__.py")])
        .collect();
    if candidates.iter().any(|name| selection.contains(name)) {
        return Ok(());
    }
    Err(error(format!("the file `{module}.{}`", endings[0])))
}

/// Without a handler in the file, that of the function counts, or the default on creation.
fn check_default_handler(
    inputs: &FunctionInputs,
    defaults: &Creation,
    observed: &Observed,
    selection: &Selection,
) -> Result<(), Error> {
    if inputs.handler.is_some() {
        return Ok(());
    }
    let latest = observed.latest.as_ref();
    let handler = latest.and_then(|latest| latest.handler.as_ref()).unwrap_or(&defaults.handler);
    let runtime = latest.and_then(|latest| latest.runtime.as_ref()).unwrap_or(&defaults.runtime);
    check_handler(handler, runtime, selection)
}

/// Base64 makes four bytes of three.
fn check_size(package: &Package) -> Result<(), Error> {
    let limit = (BODY_LIMIT - REQUEST_ROOM) / 4 * 3;
    if package.bytes.len() > limit {
        return Err(Error::PackageTooLarge { size: package.bytes.len(), limit });
    }
    Ok(())
}

fn note_text(note: &Note) -> String {
    match note {
        Note::NoPublishedVersion { traffic } => format!(
            "no version is published yet, so $LATEST serves everything (1.0) and traffic={traffic} has no effect"
        ),
        Note::FreezesNewCode => {
            "the version to be published freezes content that $LATEST has not served before this run".to_owned()
        }
        Note::AlreadyPublished(version) => {
            format!("version {version} is what $LATEST is; nothing is published (--if-changed)")
        }
        Note::NothingToChange => "everything is as asked already; nothing is sent".to_owned(),
        Note::LowersFirst { from, to } => format!(
            "$LATEST serves {} of $DEFAULT now; its share goes down to {} before its content changes",
            from.percent(),
            to.percent()
        ),
        Note::NewCodeServesAtOnce { share } => format!(
            "$LATEST serves {} of $DEFAULT, so the new content serves as much at once; give traffic=… to say how much",
            share.percent()
        ),
        Note::CreatedClosed(timer) => format!(
            "timer `{timer}` is created closed, because its `enable` is not given; write `enable: true` to let it fire"
        ),
        Note::TriggersLeftAlone(triggers) => format!(
            "left alone, because no timer of the file is on that version or alias: {}",
            triggers.join(", ")
        ),
    }
}

/// Shares as an object, versions as keys.
fn shares(routing: &Routing) -> Value {
    serde_json::to_value(routing).unwrap_or_default()
}

fn target_shares(target: &RoutingTarget) -> Value {
    if let Some(routing) = target.resolve(None) {
        return shares(&routing);
    }
    let name = |target: Target| match target {
        Target::Existing(version) => version.to_string(),
        Target::Published => "new version".to_owned(),
    };
    let mut map = Map::new();
    if let Some((additional, weight)) = target.additional {
        for (target, share) in [(target.main, weight.complement()), (additional, weight)] {
            if share > Weight::ZERO {
                map.insert(name(target), json!(share));
            }
        }
    }
    map.into()
}

/// What `--dry-run` prints: the calls in order and the routing before and after.
fn dry_run(function: &FunctionId, plan: &DeployPlan, observed: &Observed) -> Value {
    let calls: Vec<Value> = plan
        .steps
        .iter()
        .map(|step| json!({"action": step.action(), "effect": step.effect()}))
        .collect();
    let before = observed.default_alias.as_ref().map(|alias| shares(&alias.routing));
    let after = plan
        .steps
        .iter()
        .find_map(|step| match step {
            Step::Route { to, .. } => Some(target_shares(to)),
            _ => None,
        })
        .or_else(|| before.clone())
        .unwrap_or_else(|| json!({LATEST: 1}));
    json!({
        "functionName": function.name,
        "namespace": function.namespace,
        "region": function.region,
        "calls": calls,
        "routing": {"before": before, "after": after},
    })
}

/// The outputs block of the real CLI, with the region and the routing of `$DEFAULT`.
fn outputs(function: &FunctionId, package: &Package, outcome: &Outcome) -> Value {
    let latest = &outcome.latest;
    let routing = &outcome.default_alias.routing;
    let traffic = routing.share_of(Version::Latest);
    let mut outputs = json!({
        "type": latest.kind.as_deref().map_or_else(|| "event".to_owned(), |kind| match kind {
            "HTTP" => "web".to_owned(),
            other => other.to_lowercase(),
        }),
        "functionName": function.name,
        "code": {"sha256": package.sha256, "size": package.bytes.len()},
        "description": latest.description,
        "region": function.region,
        "namespace": function.namespace,
        "runtime": latest.runtime,
        "handler": latest.handler,
        "memorySize": latest.memory_size,
    });
    if let Some(layers) = latest.layers.as_ref().filter(|layers| !layers.is_empty()) {
        outputs["layers"] = layers
            .iter()
            .map(|layer| json!({"name": layer.layer_name, "version": layer.layer_version}))
            .collect();
    }
    outputs["lastVersion"] = outcome
        .last_version
        .map_or_else(|| LATEST.to_owned(), |version| version.to_string())
        .into();
    outputs["traffic"] = json!(traffic);
    if traffic < Weight::ONE {
        // The version that serves most of the rest, which with the API's one is the other one.
        let other = routing
            .shares()
            .into_iter()
            .filter(|(version, _)| *version != Version::Latest)
            .max_by_key(|(_, share)| *share);
        outputs["configTrafficVersion"] = other.map(|(version, _)| version.to_string()).into();
    }
    outputs["routing"] = shares(routing);
    // Without a word on triggers in the file, those that the function has.
    let triggers = outcome.triggers.clone().or_else(|| latest.triggers.clone());
    outputs["triggers"] = triggers.unwrap_or_default().into();
    outputs
}
