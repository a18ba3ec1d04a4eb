//! The values behind `${output:…}`: from what this run deployed, or from the cloud.

use std::path::Path;

use serde_json::{Map, Value};

use super::instance::{Component, ComponentKind, MisspeltComponent};
use crate::app::Context;
use crate::app::session::{self, Session};
use crate::config::project::{IDENTIFY, LOOK_UP};
use crate::config::references::{
    Give, KnownOutputs, NoOutput, OutputHint, OutputProblem, OutputReference, UnknownReference,
};
use crate::config::settings::{CommandLine, Settings, instances};
use crate::error::{Error, Task};
use crate::execute::{self, ExecuteError, Facts, function_urls};
use crate::model::{DEFAULT_ALIAS, DEFAULT_NAMESPACE, FunctionId, LATEST};
use crate::text::Cause;

/// Outputs of a function that the cloud tells of.
const IN_THE_CLOUD: &[&str] =
    &["functionName", "functionUrl", "lastVersion", "namespace", "region"];

/// Outputs of a deployed function.
const OF_SCF: &[&str] = &[
    "alias",
    "code",
    "configTrafficVersion",
    "description",
    "functionName",
    "functionUrl",
    "functionUrls",
    "handler",
    "lastVersion",
    "layers",
    "memorySize",
    "namespace",
    "region",
    "routing",
    "runtime",
    "traffic",
    "triggers",
    "type",
];

/// Outputs of several deployed functions.
const OF_MULTI_SCF: &[&str] = &["functions", "region", "triggers"];

/// Outputs of a layer that its file and the cloud tell of.
const OF_LAYER: &[&str] = &["name", "region", "version"];

fn none<T>(what: OutputProblem, instead: OutputHint) -> Result<T, NoOutput> {
    Err(NoOutput { what, instead })
}

/// The value is not known, and the user may know it.
fn to_give<T>(what: OutputProblem) -> Result<T, NoOutput> {
    none(what, OutputHint::Give(Give::Option))
}

/// Checks that an instance of this component has such an output.
pub(super) fn check(component: Component, reference: &OutputReference) -> Result<(), NoOutput> {
    let (name, known) = match component {
        Component::Scf => ("scf", OF_SCF),
        Component::MultiScf => ("multi-scf", OF_MULTI_SCF),
    };
    let key = reference.key();
    if known.contains(&key) {
        return Ok(());
    }
    let what = OutputProblem::NotOfComponent { component: name, key: key.to_owned() };
    none(what, OutputHint::Outputs { outputs: known })
}

/// An output of an instance that this run deployed.
pub(super) fn of_this_run(
    outputs: &Value,
    reference: &OutputReference,
) -> Result<String, NoOutput> {
    let path = &reference.path;
    if path == "functionUrl" {
        let triggers = outputs["triggers"].as_array().map_or(&[][..], Vec::as_slice);
        return function_url(triggers, reference);
    }
    let segments = path.split(['.', '[']).map(|segment| segment.trim_end_matches(']'));
    let found = { segments }.try_fold(outputs, |value, segment| match value {
        Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
        value => value.get(segment),
    });
    let (path, instance) = (path.clone(), reference.instance.clone());
    match found {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string()),
        Some(Value::Array(_) | Value::Object(_)) => {
            none(OutputProblem::NotSingle { path, instance }, OutputHint::Within)
        }
        Some(Value::Null) | None => {
            none(OutputProblem::Absent { path, instance }, OutputHint::Printed)
        }
    }
}

/// The address of a function: that of `$DEFAULT` where several versions have one.
fn function_url(triggers: &[Value], reference: &OutputReference) -> Result<String, NoOutput> {
    let urls = function_urls(triggers);
    let url = urls.get(DEFAULT_ALIAS).or_else(|| urls.values().next());
    if let Some(url) = url.and_then(Value::as_str) {
        return Ok(url.to_owned());
    }
    let instance = reference.instance.clone();
    none(OutputProblem::NoUrl { instance }, OutputHint::HttpTrigger)
}

/// Looks up, in the cloud, outputs of instances that this run does not deploy.
///
/// `root` is the folder whose sub-folders hold the project's instances, `app` the project's.
/// What cannot be had is among the results, so that the error can say where it is needed.
pub(super) async fn from_the_cloud(
    context: &Context,
    session: &Session,
    root: &Path,
    app: &str,
    references: impl IntoIterator<Item = &OutputReference>,
) -> Result<KnownOutputs, Error> {
    let mut known = KnownOutputs::new();
    for reference in references {
        let value = match sibling(context, root, app, reference) {
            Ok(Sibling::Function(settings)) => of_function(session, &settings, reference).await?,
            Ok(Sibling::Layer { name, region }) => {
                of_layer(session, name, region, reference).await?
            }
            Err(none) => Err(none),
        };
        known.insert(reference.clone(), value);
    }
    Ok(known)
}

/// What is done when a reference is looked up.
fn looking_up(reference: &OutputReference) -> Task {
    Task::LookUp { reference: reference.to_string() }
}

/// An output of a layer: what its file says, and its newest version.
async fn of_layer(
    session: &Session,
    name: String,
    region: String,
    reference: &OutputReference,
) -> Result<Result<String, NoOutput>, Error> {
    match reference.key() {
        "name" => return Ok(Ok(name)),
        "region" => return Ok(Ok(region)),
        _ => {}
    }
    // No function is looked at; only the region counts.
    let place = FunctionId { name: name.clone(), namespace: DEFAULT_NAMESPACE.to_owned(), region };
    match execute::outputs::newest_layer_version(&session.on(place.clone()), &name).await {
        Ok(Some(version)) => Ok(Ok(version.to_string())),
        Ok(None) => {
            let layer = place.name.clone();
            Ok(to_give(OutputProblem::NoLayerVersion { layer, region: place.region }))
        }
        Err(error) => Err(session::failed(&looking_up(reference), &place, error)),
    }
}

async fn of_function(
    session: &Session,
    settings: &Settings,
    reference: &OutputReference,
) -> Result<Result<String, NoOutput>, Error> {
    let function = match settings.function() {
        Ok(function) => function,
        Err(error) => return Ok(to_give(OutputProblem::Function(Box::new(error)))),
    };
    match reference.path.as_str() {
        "functionName" => return Ok(Ok(function.name)),
        "namespace" => return Ok(Ok(function.namespace)),
        "region" => return Ok(Ok(function.region)),
        _ => {}
    }
    let facts: Facts = match execute::outputs::facts(&session.on(function.clone())).await {
        Ok(facts) => facts,
        Err(ExecuteError::NoFunction { .. }) => {
            let (instance, function) = (reference.instance.clone(), function.name);
            let what = OutputProblem::NotDeployed { instance, function };
            return Ok(none(what, OutputHint::Deploy));
        }
        Err(error) => {
            return Err(session::failed(&looking_up(reference), &function, error));
        }
    };
    Ok(if reference.path == "lastVersion" {
        Ok(facts.last_version.map_or_else(|| LATEST.to_owned(), |version| version.to_string()))
    } else {
        function_url(&facts.triggers, reference)
    })
}

/// Checks that [`from_the_cloud`] can look a reference up. Calls nothing.
pub(super) fn check_elsewhere(
    context: &Context,
    root: &Path,
    app: &str,
    reference: &OutputReference,
) -> Result<(), NoOutput> {
    sibling(context, root, app, reference).map(|_| ())
}

/// An instance whose outputs can be looked up.
enum Sibling {
    Function(Box<Settings>),
    /// A layer, by what its file says.
    Layer {
        name: String,
        region: String,
    },
}

/// The instance that a reference names, for the stage that it names.
fn sibling(
    context: &Context,
    root: &Path,
    app: &str,
    reference: &OutputReference,
) -> Result<Sibling, NoOutput> {
    if reference.app != app {
        return to_give(OutputProblem::OtherApp { app: reference.app.clone() });
    }
    for folder in instances(root) {
        let selection = |command| CommandLine {
            member: Some(folder.clone()),
            target: None,
            stage: Some(reference.stage.clone()),
            command,
            inputs: Map::new(),
            sources: Vec::new(),
            outputs: context.selection.outputs.only_given(UnknownReference::Refuse),
            ..context.selection.clone()
        };
        let Ok(settings) = context.load(root, &selection(IDENTIFY)) else { continue };
        if settings.name() != reference.instance || settings.app() != app {
            continue;
        }
        let kind = match ComponentKind::of(&settings) {
            Ok(kind) => kind,
            Err(MisspeltComponent { component, meant }) => {
                return none(
                    OutputProblem::NoSuchComponent { component },
                    OutputHint::Component { meant },
                );
            }
        };
        // Only name, namespace and region count.
        let settings = context.read(root, &selection(LOOK_UP)).map_err(|error| {
            let hint = error.hint().map(|hint| OutputHint::Configuration(Cause::new(hint)));
            NoOutput {
                instead: hint.unwrap_or(OutputHint::Give(Give::Option)),
                what: OutputProblem::Configuration {
                    folder: folder.clone(),
                    error: Cause::new(error),
                },
            }
        });
        let instance = reference.instance.clone();
        return match kind {
            ComponentKind::Deployed(Component::Scf) => of_scf(settings?, reference),
            ComponentKind::Deployed(Component::MultiScf) => none(
                OutputProblem::SeveralFunctions { instance },
                OutputHint::DeployProject(Give::Option),
            ),
            ComponentKind::Other(component) if component.split('@').next() == Some("layer") => {
                layer(&settings?, reference)
            }
            ComponentKind::Other(component) => {
                to_give(OutputProblem::OtherComponent { instance, component })
            }
        };
    }
    let (instance, app) = (reference.instance.clone(), app.to_owned());
    to_give(OutputProblem::NoInstanceIn { instance, app, folder: root.to_owned() })
}

fn of_scf(settings: Settings, reference: &OutputReference) -> Result<Sibling, NoOutput> {
    if IN_THE_CLOUD.contains(&reference.path.as_str()) {
        return Ok(Sibling::Function(Box::new(settings)));
    }
    none(
        OutputProblem::NotInTheCloud { path: reference.path.clone() },
        OutputHint::Take { outputs: IN_THE_CLOUD, give: Give::Option },
    )
}

/// The layer that an instance makes.
fn layer(settings: &Settings, reference: &OutputReference) -> Result<Sibling, NoOutput> {
    let (path, instance) = (reference.path.as_str(), &reference.instance);
    if !OF_LAYER.contains(&path) {
        let (path, instance) = (path.to_owned(), instance.clone());
        return none(
            OutputProblem::NotOfLayer { path, instance },
            OutputHint::Take { outputs: OF_LAYER, give: Give::Option },
        );
    }
    match settings.project.inputs.get("name") {
        Some(Value::String(name)) if !name.is_empty() => {
            Ok(Sibling::Layer { name: name.clone(), region: settings.region.clone() })
        }
        // The real component makes one up.
        _ => to_give(OutputProblem::NoLayerName { instance: instance.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reference(path: &str) -> OutputReference {
        OutputReference::parse(&format!("dev:shop:api.{path}")).unwrap()
    }

    #[test]
    fn outputs_are_found_by_their_path() {
        let outputs = json!({
            "functionName": "f", "memorySize": 128, "description": null,
            "functions": [{"name": "a"}, {"name": "b"}],
            "triggers": [
                {"Type": "timer", "TriggerDesc": "{}", "Qualifier": "$DEFAULT"},
                {"Type": "http", "Qualifier": "1", "TriggerDesc":
                    r#"{"NetConfig":{"ExtranetUrl":"https://one","IntranetUrl":""}}"#},
                {"Type": "http", "Qualifier": "$DEFAULT", "TriggerDesc":
                    r#"{"NetConfig":{"ExtranetUrl":"","IntranetUrl":"https://default"}}"#},
            ],
        });
        for (path, value) in [
            ("functionName", "f"),
            ("memorySize", "128"),
            ("functions.1.name", "b"),
            ("functions[0].name", "a"),
            ("functionUrl", "https://default"),
            ("triggers.1.Type", "http"),
        ] {
            assert_eq!(of_this_run(&outputs, &reference(path)).unwrap(), value, "{path}");
        }
        for (path, what) in [
            ("description", "`api` was deployed and has no output `description`"),
            ("functions", "output `functions` of `api` is no single value"),
            ("functions.2.name", "`api` was deployed and has no output `functions.2.name`"),
        ] {
            assert_eq!(of_this_run(&outputs, &reference(path)).unwrap_err().what.to_string(), what);
        }
        let none = of_this_run(&json!({"triggers": []}), &reference("functionUrl")).unwrap_err();
        assert_eq!(none.what.to_string(), "the function of `api` has no function URL");
    }

    #[test]
    fn an_output_that_no_component_has_is_known_beforehand() {
        assert!(check(Component::Scf, &reference("lastVersion")).is_ok());
        assert!(check(Component::MultiScf, &reference("functions.0.name")).is_ok());
        let none = check(Component::Scf, &reference("vpcId")).unwrap_err();
        assert_eq!(none.what.to_string(), "scf has no output `vpcId`");
        assert!(check(Component::MultiScf, &reference("functionName")).is_err());
    }
}
