//! Everything that any test prints as JSON is what `docs/schema` says of it, and nothing besides.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Map, Value};

/// Each command, and what `--output json` prints of it: a file of `docs/schema`; none where a
/// command prints no JSON.
pub const COMMANDS: &[(&str, Option<&str>)] = &[
    ("deploy", Some("deploy")),
    ("apply", Some("apply")),
    ("publish-ver", Some("publish-ver")),
    ("create-alias", Some("create-alias")),
    ("update-alias", Some("update-alias")),
    ("list-alias", Some("list-alias")),
    ("delete-alias", Some("delete-alias")),
    ("list-ver", Some("list-ver")),
    ("status", Some("status")),
    ("metric", Some("metric")),
    ("invoke", Some("invoke")),
    ("verify-split", Some("verify-split")),
    ("logs", Some("logs")),
    ("remove", Some("remove")),
    ("versions prune", Some("versions-prune")),
    ("rollout start", Some("rollout")),
    ("rollout tick", Some("rollout")),
    ("rollout status", Some("rollout")),
    ("rollout pause", Some("rollout")),
    ("rollout resume", Some("rollout")),
    ("rollout promote", Some("rollout")),
    ("rollout abort", Some("rollout")),
    ("rollout retry", Some("rollout")),
    ("rollout rehearse", Some("rollout-rehearse")),
    ("rollback", Some("rollout")),
    ("package", Some("package")),
    ("config", Some("config")),
    ("init", Some("init")),
    ("doctor", Some("doctor")),
    ("completion", None),
    ("local serve", Some("local-serve")),
    ("local load", Some("local-load")),
    ("help", None),
];

/// The other files of `docs/schema`: what they are of, and who checks that.
pub const OTHERS: &[&str] = &[
    // What is printed before a command is known, or in place of a result; in each of the above, too.
    "failure",
    // Of `--dry-run`; in those of the commands, too.
    "plan",
    // Lines of `--output ndjson`: of whatever is run.
    "event",
    "log-line",
    // Files of `deploy --plan`: `saved.rs`.
    "saved-plan",
    // Files of `--report`: of whatever is run.
    "report",
    // Messages of `--notify json`: `notify.rs`.
    "notification",
    // Descriptions of aliases: of every call that is made.
    "marker",
];

/// Words in place of the name of a command.
const ALSO: &[(&str, &str)] = &[("info", "status"), ("log", "logs")];

/// With one of these the text is ready-made.
const READY: &[&str] = &["--help", "-h", "--version", "-V", "help", "completion", "__complete"];

struct Known {
    schemas: Schemas,
    by_name: BTreeMap<String, SchemaIndex>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let (mut compiler, mut schemas, mut ids) = (Compiler::new(), Schemas::new(), Vec::new());
    for path in files() {
        let mut schema: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        close(&mut schema);
        let id = schema["$id"].as_str().unwrap().to_owned();
        compiler.add_resource(&id, schema).unwrap();
        ids.push((name(&path), id));
    }
    let mut compiled = |id: &str| {
        compiler.compile(id, &mut schemas).unwrap_or_else(|error| panic!("{id}: {error:#}"))
    };
    let by_name = ids.iter().map(|(name, id)| (name.clone(), compiled(id))).collect();
    Known { schemas, by_name }
});

/// The files of `docs/schema`.
pub fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
}

/// The name of a schema by that of its file.
pub fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().trim_end_matches(".schema.json").to_owned()
}

/// Refuses keys that the schema does not name. Programs may not: others can come.
fn close(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else { return };
    close_within(map);
    let is_of_objects =
        ["properties", "$ref", "anyOf", "oneOf", "allOf"].iter().any(|key| map.contains_key(*key));
    if is_of_objects && !map.contains_key("additionalProperties") {
        map.insert("unevaluatedProperties".to_owned(), false.into());
    }
}

/// The same of what stands within the values. Of several schemas of one value none knows all keys.
fn close_within(map: &mut Map<String, Value>) {
    for (key, item) in map {
        match (key.as_str(), item) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(close),
            ("items" | "additionalProperties", item) => close(item),
            ("$defs", Value::Object(all)) => {
                all.values_mut().filter_map(Value::as_object_mut).for_each(close_within);
            }
            ("anyOf" | "oneOf" | "allOf", Value::Array(all)) => {
                all.iter_mut().filter_map(Value::as_object_mut).for_each(close_within);
            }
            _ => {}
        }
    }
}

/// Whether a value is what a file of `docs/schema` says.
pub fn differs(name: &str, value: &Value) -> Option<String> {
    let index = KNOWN.by_name.get(name).unwrap_or_else(|| panic!("there is no schema {name}"));
    KNOWN.schemas.validate(value, *index).err().map(|error| format!("{error:#}"))
}

/// Panics with what differs.
#[track_caller]
pub fn check(name: &str, value: &Value) {
    if let Some(why) = differs(name, value) {
        panic!("not as docs/schema/{name}.schema.json has it: {why}\n{value:#}");
    }
}

/// The command of a command line, and the schema of what it prints; none where no command is there.
fn command(arguments: &[String]) -> Option<(&'static str, Option<&'static str>)> {
    let mut words = arguments.iter().map(|word| word.replace('_', "-"));
    let is_begun = |word: &str| {
        COMMANDS.iter().any(|(name, _)| name.split(' ').next() == Some(word))
            || ALSO.iter().any(|(other, _)| *other == word)
    };
    let first = words.find(|word| is_begun(word))?;
    let first = ALSO.iter().find(|(other, _)| *other == first).map_or(&*first, |(_, name)| name);
    let of = |name: &str| COMMANDS.iter().find(|(known, _)| *known == name).copied();
    of(first).or_else(|| words.find_map(|word| of(&format!("{first} {word}"))))
}

/// The value of the last `--output`.
fn format(arguments: &[String]) -> Option<&str> {
    let behind = arguments.windows(2).filter(|pair| pair[0] == "--output").map(|pair| &*pair[1]);
    let within = arguments.iter().filter_map(|word| word.strip_prefix("--output="));
    behind.chain(within).last()
}

/// Command lines by the number of the process.
static SPAWNED: Mutex<BTreeMap<u32, Vec<String>>> = Mutex::new(BTreeMap::new());

/// Remembers how a process was called, for when it ends.
pub fn spawned(process: u32, arguments: &[&str]) {
    let arguments = arguments.iter().map(ToString::to_string).collect();
    SPAWNED.lock().unwrap().insert(process, arguments);
}

/// Checks what a process has printed that has ended.
#[track_caller]
pub fn check_printed(process: u32, stdout: &str) {
    let arguments = SPAWNED.lock().unwrap().remove(&process);
    let is_json =
        stdout.starts_with("{\"schemaVersion\"") || stdout.starts_with("{\n  \"schemaVersion\"");
    let Some(arguments) = arguments else {
        if is_json {
            check_unknown(stdout);
        }
        return;
    };
    if arguments.iter().any(|word| READY.contains(&word.as_str())) || stdout.is_empty() {
        return;
    }
    let found = command(&arguments);
    match format(&arguments) {
        Some("json") => {
            let name = found.and_then(|(_, name)| name).unwrap_or("failure");
            let value = parsed(stdout);
            check(name, &value);
            check_codes(&value);
        }
        Some("ndjson") => {
            let is_log = found.is_some_and(|(name, _)| name == "logs");
            for line in stdout.lines().map(parsed) {
                let name = if is_log && line["event"] != "error" { "log-line" } else { "event" };
                check(name, &line);
            }
        }
        _ => assert!(!is_json, "JSON that nobody asked for: {arguments:?}\n{stdout}"),
    }
}

/// Our own error codes with the exit codes that go with each, as `docs/en/errors.md` lists them.
static CATALOGUE: LazyLock<BTreeMap<String, Vec<i64>>> = LazyLock::new(|| {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/en/errors.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let row = |(code, rest): (&str, &str)| {
        let exits = rest.split(" | ").next()?.split(", ").map(str::parse).collect::<Result<_, _>>();
        Some((code.to_owned(), exits.ok()?))
    };
    rows.filter_map(row).collect()
});

/// Checks that every failure in a result has a code and an exit code of the catalogue.
#[track_caller]
fn check_codes(value: &Value) {
    if let Value::Object(map) = value {
        let code = map.get("code").and_then(Value::as_str);
        let code = code.filter(|code| code.starts_with(|c: char| c.is_ascii_lowercase()));
        if let (Some(code), Some(exit)) = (code, map.get("exitCode").and_then(Value::as_i64)) {
            let is_known = CATALOGUE.get(code).is_some_and(|exits| exits.contains(&exit));
            assert!(is_known, "docs/en/errors.md has no `{code}` with exit code {exit}");
        }
        map.values().for_each(check_codes);
    } else if let Value::Array(list) = value {
        list.iter().for_each(check_codes);
    }
}

#[track_caller]
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

/// Checks what some command has printed: it is one of all that there are.
#[track_caller]
pub fn check_unknown(stdout: &str) {
    let values = match serde_json::from_str(stdout) {
        Ok(value) => vec![value],
        Err(_) => stdout.lines().map(parsed).collect(),
    };
    for value in values {
        let is_known = KNOWN.by_name.keys().any(|name| differs(name, &value).is_none());
        assert!(is_known, "as no file of docs/schema has it:\n{value:#}");
    }
}

/// Checks the files that a command line asks for as reports, where they are there.
#[track_caller]
pub fn check_reports(arguments: &[&str], folder: &Path) {
    let behind = arguments.windows(2).filter(|pair| pair[0] == "--report").map(|pair| pair[1]);
    let within = arguments.iter().filter_map(|word| word.strip_prefix("--report="));
    for file in behind.chain(within).map(Path::new) {
        if file.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let path = folder.join(file);
        let text = if path.is_file() { std::fs::read_to_string(path) } else { continue };
        if let Ok(value) = serde_json::from_str(&text.unwrap_or_default()) {
            check("report", &value);
        }
    }
}

/// Checks the marker of a rollout, where a description that is written has one.
#[track_caller]
pub fn check_marker(parameters: &Value) {
    let description = parameters["Description"].as_str().unwrap_or_default();
    if let Some(line) = description.lines().last().filter(|line| line.starts_with("scfctl v1 ")) {
        check("marker", &line.into());
    }
}
