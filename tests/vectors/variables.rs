//! `variables.json`: references, and whole project directories.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use scfctl::cli::inputs::{Grammar, split};
use scfctl::config::project::{ConfigError, Project, ProjectRequest, load};
use scfctl::config::references::{OutputReference, Outputs};
use scfctl::config::variables::{Platform, ReferenceFault, Scope, resolve};
use scfctl::plan::project::Dependencies;
use serde_json::{Map, Value, json};

use crate::{Difference, cases, compare, same, text};

fn all() -> Vec<Value> {
    cases(include_str!("../data/variables.json"))
}

fn environment(case: &Value) -> BTreeMap<String, String> {
    match case.get("env") {
        Some(environment) => serde_json::from_value(environment.clone()).expect("texts"),
        None => BTreeMap::new(),
    }
}

fn list<Outcome>(
    differences: Vec<(&'static str, &'static str, Outcome)>,
) -> Vec<Difference<Outcome>> {
    differences.into_iter().map(|(id, reason, ours)| Difference { id, reason, ours }).collect()
}

const MISSING: &str = "HARM: a variable that is not set is an error that names it";

const LOOKS_LIKE: &str =
    "HARM: a text that only looks like a reference is an error, since nobody wants it sent";

#[test]
fn references_are_resolved_as_recorded() {
    let missing = || json!({"error": "environment variable `NOPE` is not set"});
    let unknown = || json!({"error": "it looks like a reference, and there is none of this form"});
    let differences = list(vec![
        ("variables-s-005", MISSING, missing()),
        ("variables-s-006", MISSING, missing()),
        ("variables-s-021", MISSING, missing()),
        ("variables-s-013", LOOKS_LIKE, unknown()),
        ("variables-s-015", LOOKS_LIKE, unknown()),
        ("variables-s-016", LOOKS_LIKE, unknown()),
        ("variables-s-018", LOOKS_LIKE, unknown()),
        ("variables-s-029", LOOKS_LIKE, unknown()),
        (
            "variables-s-017",
            "a default as users of the Serverless Framework write it",
            json!({"x": "d"}),
        ),
        (
            "variables-s-022",
            "HARM: values are put in literally, not as JavaScript replacement patterns",
            json!({"x": "pre-p$$w$&d"}),
        ),
    ]);
    compare(&all(), differences, |case| {
        if text(case, "kind") != "resolve" {
            return None;
        }
        let variables = environment(case);
        let scope = Scope {
            environment: &|name| variables.get(name).cloned(),
            unusable: None,
            // The client's part of the work; the platform's values come later.
            platform: None,
        };
        let resolved = resolve(case["object"].clone(), "", scope);
        let recorded_error = case.get("error");
        Some(match (resolved, recorded_error) {
            (Ok(resolved), None) => {
                let result = same(&resolved.value, &case["expect"]);
                (resolved.value, result)
            }
            (Ok(resolved), Some(error)) => (resolved.value, Err(format!("recorded {error}"))),
            (Err(errors), recorded) => {
                let error = &errors.0[0];
                let outcome = json!({"error": error.reason.to_string()});
                let fails_for_the_same = recorded.is_some()
                    && match &error.reason {
                        ReferenceFault::Cycle { .. } => text(case, "error").contains("recursion"),
                        ReferenceFault::Unsupported { .. } => {
                            text(case, "error").contains("support")
                        }
                        _ => false,
                    };
                let result =
                    if fails_for_the_same { Ok(()) } else { Err(error.reason.to_string()) };
                (outcome, result)
            }
        })
    });
}

#[test]
fn instances_come_in_the_order_recorded() {
    let both = "HARM: two references in one text are two, whatever stands between them";
    let differences = list(vec![
        (
            "variables-s-036",
            both,
            json!({"dependencies": {"a": ["b", "c"], "b": [], "c": []}, "waves": [["b", "c"], ["a"]]}),
        ),
        (
            "variables-s-039",
            "another stage's or app's instance is not deployed by this run, so nobody waits for it",
            json!({"dependencies": {"a": [], "b": []}, "waves": [["a", "b"]]}),
        ),
        (
            "variables-s-034",
            "an unknown instance does not count, and is refused before the first call",
            json!({"dependencies": {"a": ["zzz"]}, "waves": [["a"]]}),
        ),
    ]);
    compare(&all(), differences, |case| {
        (text(case, "kind") == "dependencies").then(|| order(case))
    });
}

fn order(case: &Value) -> (Value, Result<(), String>) {
    // The diamond alone is recorded for an app of another name.
    let app = if text(case, "note") == "diamond" { "p" } else { "app" };
    let mut needs: Vec<(String, Vec<String>)> = Vec::new();
    for (name, inputs) in case["instances"].as_object().expect("instances") {
        let found = RefCell::new(BTreeSet::new());
        let outputs = |reference: &OutputReference| {
            if reference.stage == "dev" && reference.app == app {
                found.borrow_mut().insert(reference.instance.clone());
            }
            Ok(String::new())
        };
        let top = |key: &str| match key {
            "stage" => Some("dev".to_owned()),
            "app" => Some(app.to_owned()),
            _ => None,
        };
        let platform = Platform { top: &top, parameters: &|_| None, outputs: &outputs };
        let scope = Scope { environment: &|_| None, unusable: None, platform: Some(platform) };
        resolve(inputs.clone(), "inputs", scope).expect("resolved");
        needs.push((name.clone(), found.take().into_iter().collect()));
    }
    let dependencies: Map<String, Value> =
        needs.iter().map(|(name, needs)| (name.clone(), json!(needs))).collect();
    match Dependencies::new(&needs) {
        Ok(order) => {
            let names = |wave: Vec<usize>| -> Vec<&str> {
                wave.into_iter().map(|index| needs[index].0.as_str()).collect()
            };
            let waves: Vec<Vec<&str>> = order.waves().into_iter().map(names).collect();
            let ours = json!({"dependencies": dependencies, "waves": waves});
            let recorded = json!({"dependencies": case["dependencies"], "waves": case["waves"]});
            let result = same(&ours, &recorded);
            (ours, result)
        }
        Err(cycle) => {
            let recorded = case.get("error").is_some_and(|error| {
                error.as_str().is_some_and(|error| error.contains("circular dependencies"))
            });
            let result = if recorded && json!(dependencies) == case["dependencies"] {
                Ok(())
            } else {
                Err("not recorded as a cycle".to_owned())
            };
            (json!({"error": cycle.to_string()}), result)
        }
    }
}

#[test]
fn project_directories_are_read_as_recorded() {
    let differences = list(vec![
        ("variables-s-044", "HARM: `-s` is `--stage`, as the help says", instance("test")),
        (
            "variables-s-046",
            "a missing stage with STAGE set is that stage, as the vendor's guide has it",
            instance("prod"),
        ),
        ("variables-s-048", MISSING, json!({"error": "variable"})),
        (
            "variables-s-082",
            "HARM: a comment behind a value is cut off, with a warning",
            json!({"env_loaded": {"A": "1"}, "instance": instance("dev")["instance"]}),
        ),
        (
            "variables-s-081",
            "HARM: a date is the text as it is written, not a time that nobody wrote",
            json!({"env_loaded": {}, "instance": {
                "app": "demo", "component": "scf",
                "inputs": {"d": "2024-01-02", "handler": "index.main_handler"},
                "name": "demo", "stage": "dev",
            }}),
        ),
        ("variables-s-084", "a stage is a text, whatever it looks like", instance("1")),
    ]);
    compare(&all(), differences, |case| (text(case, "kind") == "project").then(|| run(case)));
}

/// The outcome of the usual file without `app`.
fn instance(stage: &str) -> Value {
    let loaded = if stage == "prod" { json!({"STAGE": "prod"}) } else { json!({}) };
    json!({
        "env_loaded": loaded,
        "instance": {
            "app": "demo", "component": "scf", "inputs": {"handler": "index.main_handler"},
            "name": "demo", "stage": stage,
        },
    })
}

fn run(case: &Value) -> (Value, Result<(), String>) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let root = fs::canonicalize(directory.path()).expect("a real path");
    for (name, content) in case["files"].as_object().expect("files") {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content.as_str().expect("a text")).expect("a file");
    }
    let arguments: Vec<String> = serde_json::from_value(case["argv"].clone()).expect("texts");
    let options = ["--stage", "-s", "--app", "--org", "--target"];
    let arguments = split(
        &arguments,
        Grammar { value_options: &options, keys: |_| None, options: |_, _| None },
    )
    .expect("inputs");
    let option = |names: &[&str]| {
        let position = arguments.rest.iter().position(|word| names.contains(&word.as_str()))?;
        arguments.rest.get(position + 1).map(String::as_str)
    };
    let command = arguments.rest.iter().find(|word| !word.starts_with('-'));
    let environment = environment(case);
    let loaded = load(&ProjectRequest {
        directory: root.join(text(case, "cwd")),
        target: option(&["--target"]),
        member: None,
        parameters: &BTreeMap::new(),
        outputs: &Outputs::default(),
        stage: option(&["--stage", "-s"]),
        app: option(&["--app"]),
        org: option(&["--org"]),
        command: command.map_or("deploy", String::as_str),
        inputs: arguments.inputs.clone(),
        environment: &environment,
        found_dotenv: &|_| {},
        found_secret: &|_| {},
    });
    let recorded = &case["expect"];
    let recorded_failure = recorded.get("error").is_some() || recorded.get("exit").is_some();
    match loaded {
        Ok(Some(project)) => {
            let ours = outcome(&project, &root, &environment);
            let result = if recorded_failure {
                Err("recorded as a failure".to_owned())
            } else {
                same(&ours, &comparable(recorded))
            };
            (ours, result)
        }
        // The caller decides whether a command can do without a file.
        Ok(None) => failure(
            "no file",
            recorded_failure && text(recorded, "error").contains("serverless.yml"),
        ),
        Err(error) => {
            let kind = match &error {
                ConfigError::Missing { key, .. } => key,
                ConfigError::Syntax { .. } => "syntax",
                ConfigError::Empty { .. } => "empty",
                ConfigError::NoTarget { .. } => "target",
                ConfigError::Variables(_) => "variable",
                _ => "other",
            };
            failure(kind, recorded_failure)
        }
    }
}

fn failure(kind: &str, recorded: bool) -> (Value, Result<(), String>) {
    let result = if recorded { Ok(()) } else { Err(format!("fails ({kind})")) };
    (json!({"error": kind}), result)
}

/// The recorded outcome without what belongs to the original's own workings.
fn comparable(recorded: &Value) -> Value {
    let mut loaded = recorded["env_loaded"].clone();
    let mut instance = recorded["instance"].clone();
    if let Value::Object(loaded) = &mut loaded {
        // Set for the platform's library, which is not used here.
        loaded.remove("SERVERLESS_STAGE");
    }
    if let Value::Object(instance) = &mut instance {
        // Already merged into the inputs.
        instance.remove("commandInputs");
        // The account's id, which a configuration does not know.
        if instance.get("org").is_some_and(|org| org == "1250000000") {
            instance.remove("org");
        }
        if let Some(Value::Object(inputs)) = instance.get_mut("inputs") {
            // Kept for the original's own packaging; the paths are absolute in `src`.
            inputs.remove("originSrc");
            inputs.remove("originDist");
        }
    }
    // The order of top-level keys is the file's in the original.
    let mut instance: Vec<_> = instance.as_object().expect("a map").clone().into_iter().collect();
    instance.sort_by(|one, other| one.0.cmp(&other.0));
    json!({"env_loaded": loaded, "instance": instance.into_iter().collect::<Map<_, _>>()})
}

fn outcome(project: &Project, root: &Path, environment: &BTreeMap<String, String>) -> Value {
    let loaded: Map<String, Value> = project
        .dotenv_values
        .iter()
        .filter(|(name, _)| !environment.contains_key(*name))
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    let root = root.to_str().expect("a Unicode path");
    let inputs = Value::Object(project.inputs.clone()).to_string().replace(root, "<root>");
    let inputs: Value = serde_json::from_str(&inputs).expect("JSON");
    let mut instance = Map::new();
    let texts = [
        ("app", project.app.as_deref()),
        ("component", project.component.as_deref()),
        ("name", project.name.as_deref()),
        ("org", project.org.as_deref()),
        ("stage", Some(project.stage.as_str())),
    ];
    for (key, value) in texts {
        instance.extend(value.map(|value| (key.to_owned(), json!(value))));
    }
    instance.insert("inputs".to_owned(), inputs);
    instance.sort_keys();
    json!({"env_loaded": loaded, "instance": instance})
}
