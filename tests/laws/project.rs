//! What must hold for any configuration: its YAML, its references, and what is loaded of both.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

use scfctl::config::events::EventScope;
use scfctl::config::function::Reader;
use scfctl::config::position::Position;
use scfctl::config::project::{Project, ProjectRequest, load};
use scfctl::config::references::{OutputReference, Outputs};
use scfctl::config::variables::{Platform, Scope, VariableErrors, resolve};
use scfctl::config::{dotenv, yaml};
use serde_json::{Map, Value, json};

/// Stands in environment values that no message may show.
const SECRET: &str = "zq9.geheim.zq9";
/// Collections inside one another that a file may have.
const DEPTH: usize = 100;
/// Values that a file may have after its aliases are expanded.
const VALUES: usize = 100_000;
/// Values of which the place is looked up.
const LOOKED_UP: usize = 200;
/// The longest key that YAML takes in one line, with room for its quotes and escapes.
const LONGEST_KEY: usize = 400;

/// Checks a file, a `.env` file, a command and a stage, apart by NUL; the last three may be left
/// out.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut parts = text.split('\0');
    let mut part = || parts.next().unwrap_or_default();
    let (file, dotenv, command, stage) = (part(), part(), part(), part());
    if text.contains(SECRET) {
        return;
    }
    if let Some(value) = a_document_is_sound(file) {
        references_show_no_secret(&value);
        loading_shows_no_secret(file, dotenv, command, stage);
    }
}

fn a_document_is_sound(text: &str) -> Option<Value> {
    let document = match yaml::parse(text) {
        Ok(document) => document,
        Err(error) => {
            assert!(error.line >= 1 && error.column >= 1, "{error:?}");
            assert!(!error.problem.to_string().is_empty(), "{error:?}");
            assert!(error.excerpt.chars().count() < 400, "{error:?}");
            return None;
        }
    };
    let value = document.value;
    assert!(depth(&value) <= DEPTH, "deeper than {DEPTH}");
    assert!(count(&value) <= VALUES, "more than {VALUES} values");
    let json = value.to_string();
    let again = yaml::parse_json(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
    assert_eq!(again.value, value, "{json}");
    if is_plain(&value) {
        // YAML is JSON and more.
        let again = yaml::parse(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(again.value, value, "{json}");
    }
    let lines = text.split(['\n', '\r']).count();
    let mut pointers = Vec::new();
    if !value.is_null() {
        collect_pointers(&value, String::new(), &mut pointers);
    }
    for pointer in pointers {
        let place = document.locations.get(&pointer);
        let place = place.unwrap_or_else(|| panic!("{pointer} stands nowhere"));
        for location in [Some(place.value), place.key].into_iter().flatten() {
            // An empty value at the end may stand behind the last line.
            assert!((1..=lines + 1).contains(&location.line), "{pointer}: {location:?}");
            assert!(location.column >= 1, "{pointer}: {location:?}");
        }
    }
    Some(value)
}

/// Whether JSON of the value needs nothing that YAML writes in another way.
fn is_plain(value: &Value) -> bool {
    let plain = |text: &str| {
        !text.chars().any(|c| c.is_control() || "\u{2028}\u{2029}\u{feff}".contains(c))
    };
    match value {
        Value::String(text) => plain(text),
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(map) => {
            map.iter().all(|(key, item)| key.len() < LONGEST_KEY && plain(key) && is_plain(item))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

fn collect_pointers(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    if pointers.len() >= LOOKED_UP {
        return;
    }
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_pointers(item, format!("{pointer}/{index}"), pointers);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect_pointers(item, format!("{pointer}/{key}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

/// Environment values that hold a secret, each hostile in its own way.
fn environment() -> BTreeMap<String, String> {
    [
        ("A", "1".to_owned()),
        ("EMPTY", String::new()),
        ("SECRET", SECRET.to_owned()),
        ("MISSING", format!("{SECRET}${{env:NOPE}}")),
        ("LOOP", format!("{SECRET}${{env:POOL}}")),
        ("POOL", "${env:LOOP}".to_owned()),
        ("OPEN", format!("${{{SECRET}")),
        ("OTHER", format!("${{file({SECRET})}}")),
        ("OLD", format!("${{opt:{SECRET}}}")),
        ("STAGED", "on-${stage}".to_owned()),
        ("TEN", "${env:A}".repeat(10)),
        ("HUNDRED", "${env:TEN}".repeat(10)),
        ("THOUSAND", "${env:HUNDRED}".repeat(10)),
        ("MILLION", "${env:THOUSAND}".repeat(1000)),
        ("LONG", SECRET.repeat(1000)),
        ("LONGER", "${env:LONG}".repeat(1000)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn references_show_no_secret(value: &Value) {
    let environment = environment();
    let lookup = |name: &str| environment.get(name).cloned();
    let top = |name: &str| match name {
        "stage" => Some("prod".to_owned()),
        "app" => Some("${name}".to_owned()),
        "name" => Some("${stage}-fn".to_owned()),
        _ => None,
    };
    let parameters = |name: &str| (name == "p").then(|| SECRET.to_owned());
    let outputs = |reference: &OutputReference| Outputs::default().value(reference, None);
    let platform = Platform { top: &top, parameters: &parameters, outputs: &outputs };
    for platform in [None, Some(platform)] {
        let scope = Scope { environment: &lookup, unusable: None, platform };
        match resolve(value.clone(), "inputs", scope) {
            Ok(resolved) => {
                same_but_for_references(value, &resolved.value);
                for warning in &resolved.warnings {
                    assert!(!warning.to_string().contains(SECRET), "{warning}");
                }
            }
            Err(VariableErrors(errors)) => {
                assert!(!errors.is_empty());
                for error in errors {
                    let told = format!("{error} {} {:?} {error:?}", error.reason, error.hint());
                    assert!(!told.contains(SECRET), "{told}");
                    assert!(error.path.starts_with("inputs"), "{told}");
                }
            }
        }
    }
}

fn same_but_for_references(before: &Value, after: &Value) {
    match (before, after) {
        (Value::String(before), Value::String(after)) => {
            assert!(before.contains("${") || before == after, "{before:?} became {after:?}");
        }
        (Value::Array(before), Value::Array(after)) => {
            assert_eq!(before.len(), after.len());
            before.iter().zip(after).for_each(|(one, other)| same_but_for_references(one, other));
        }
        (Value::Object(before), Value::Object(after)) => {
            assert!(before.keys().eq(after.keys()));
            before
                .values()
                .zip(after.values())
                .for_each(|(one, other)| same_but_for_references(one, other));
        }
        (before, after) => assert_eq!(before, after),
    }
}

/// A folder that one thread loads from again and again.
struct Folder {
    kept: tempfile::TempDir,
    instance: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let kept = tempfile::tempdir().expect("a temporary folder");
        // Deep enough that no other file is among its ancestors.
        let instance = kept.path().join("a/b/f");
        fs::create_dir_all(&instance).expect("a folder in it");
        Self { kept, instance }
    }
}

thread_local! {
    static FOLDER: RefCell<Folder> = RefCell::new(Folder::new());
}

fn loading_shows_no_secret(file: &str, dotenv: &str, command: &str, stage: &str) {
    FOLDER.with_borrow(|folder| {
        assert!(folder.instance.starts_with(folder.kept.path()));
        fs::write(folder.instance.join("serverless.yml"), file).expect("written");
        fs::write(folder.instance.join(".env"), dotenv).expect("written");
        let environment = environment();
        let inputs = Map::from_iter([("traffic".to_owned(), json!(0.2))]);
        let request = ProjectRequest {
            directory: folder.instance.clone(),
            target: None,
            member: None,
            parameters: &BTreeMap::new(),
            outputs: &Outputs::default(),
            stage: Some(stage).filter(|stage| !stage.is_empty()),
            app: None,
            org: None,
            command: if command.is_empty() { "deploy" } else { command },
            inputs,
            environment: &environment,
            found_dotenv: &|_| {},
            found_secret: &|_| {},
        };
        match load(&request) {
            Ok(project) => {
                let project = project.expect("there is a file");
                loaded(&project, dotenv);
            }
            Err(error) => {
                let mut told = format!("{error} {:?} {error:?}", error.hint());
                let mut cause = error.source();
                while let Some(error) = cause {
                    told = format!("{told} {error}");
                    cause = error.source();
                }
                assert!(!told.contains(SECRET), "{told}");
            }
        }
    });
}

fn loaded(project: &Project, dotenv: &str) {
    let told = format!("{project:?} {:?}", project.warnings);
    // The stage and the names stand in messages; whoever makes them of a secret shows it.
    let named = [&project.name, &project.app, &project.org, &project.component];
    let named = named.into_iter().flatten().chain([&project.stage]);
    if !named.into_iter().any(|name| name.contains(SECRET)) {
        assert!(!told.contains(SECRET), "{told}");
    }
    // A secret stage's own file could only be missed or taken for another one's here.
    assert!(project.dotenv.is_some());
    assert!(project.dotenv_values == dotenv::parse(dotenv).values, "the .env file");
    // What the command line says wins.
    assert_eq!(project.inputs["traffic"], 0.2);
    assert_eq!(project.command_inputs["traffic"], 0.2);
    let place = |key: &str| Position::File { file: format!("`inputs.{key}`"), line: None };
    let reader = Reader::new(&project.inputs, &place);
    match reader.function() {
        Ok(function) => {
            assert_eq!(function.traffic.map(|traffic| traffic.to_string()), Some("0.2".into()));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let scope = EventScope {
        default_suffix: "f-dev",
        region: "ap-guangzhou",
        skip_unsupported: false,
        named: &[],
    };
    if let Err(error) = reader.events(&scope) {
        assert!(!error.to_string().is_empty());
    }
    if let Err(error) = reader.alias_wish(false) {
        assert!(!error.to_string().is_empty());
    }
}
