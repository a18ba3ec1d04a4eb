//! JSON Schemas of all that is printed as JSON, made of the types that are printed.
//!
//! They stand in `docs/schema`. `cargo test --lib -- --ignored write_the_schemas` writes them anew,
//! `cargo test --lib -- --ignored freeze_the_schemas` what the next ones may not fall short of.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::{
    SCHEMA_VERSION, alias, announcement, config, deploy, doctor, init, invoke, load, logs,
};
use super::{Said, plan::Shares};
use super::{
    metric, package, page, plan, publish, rehearsal, removed, rollout, server, split, status,
};
use crate::error;
use crate::model::{Routing, Version, Weight};

/// Types whose values are words. More of them may come.
macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident: $($word:literal)+;)+) => { $(
        $(#[doc = $doc])+
        pub(crate) enum $name {}

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let description = concat!($($doc),+).trim();
                json_schema!({
                    "description": description, "type": "string", "enum": [$($word),+],
                })
            }
        }
    )+ };
}

words! {
    /// What a command about a rollout came to.
    Outcome: "none" "waiting" "due" "held" "begun" "advanced" "resumed" "rolled-back" "done" "moved"
        "unknown-marker" "ended";
    /// What a command about the rollouts of a project came to.
    OutcomeOfAll: "none" "waiting" "due" "held" "begun" "advanced" "resumed" "rolled-back" "done"
        "moved" "unknown-marker" "ended" "failed";
    /// What the command of a report came to.
    OutcomeOfReport: "none" "waiting" "due" "held" "begun" "advanced" "resumed" "rolled-back" "done"
        "moved" "unknown-marker" "ended" "failed" "interrupted";
    /// Where a rollout is.
    Phase: "running" "held" "back" "done" "ended";
    /// Why a rollout is held, or went back.
    Reason: "user" "schedule" "nodata" "inconclusive" "fail" "deadline" "content" "gates"
        "interrupt" "project";
    /// Why a rollout is held or went back, why it went on, or what it waits for.
    Ground: "user" "schedule" "nodata" "inconclusive" "fail" "deadline" "content" "gates"
        "interrupt" "project" "passed" "time-over" "nothing-judged" "promoted" "clock" "settling"
        "more-data" "more-evidence";
    /// What a rollout waits for.
    WaitsFor: "clock" "settling" "more-data" "more-evidence" "content";
    /// What gates say.
    Verdict: "fail" "pass" "inconclusive";
    /// A look at a rollout, or a transition of it.
    EventName: "look" "begins" "advances" "holds" "resumes" "retries" "back" "finishes" "rolls-back";
    /// A transition of a rollout or a rehearsal.
    RehearsedEvent: "begins" "advances" "holds" "resumes" "retries" "back" "finishes" "rolls-back"
        "no-data" "ends";
    /// A part of what belongs to a function.
    Part: "code" "triggers" "provisioned" "monitor";
}

/// Implements the schema of a type that serializes by hand.
macro_rules! by_hand {
    ($($name:ident for $type:ty: $schema:tt;)+) => { $(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+ };
}

/// A share as a number of binary digits.
pub(crate) enum Share {}

by_hand! {
    Version for Version: {
        "description": "A version: its number, or `$LATEST`.",
        "type": "string", "pattern": r"^(\$LATEST|[0-9]+)$",
    };
    Weight for Weight: {
        "description": "A share of requests, from 0 to 1, with at most six decimal places.",
        "type": "number", "minimum": 0, "maximum": 1,
    };
    Share for Share: {
        "description": "A share, from 0 to 1.",
        "type": "number", "minimum": 0, "maximum": 1,
    };
    Exposure for rehearsal::Exposure: {
        "description": "What a version served. Counts of a recording may be fractions.",
        "type": "object",
        "properties": {
            "calls": {"type": "number", "description": "Calls, the failed ones included."},
            "bad": {"type": "number", "description": "Failed ones among them."},
            "throttled": {"type": "number", "description": "Calls that were refused by limits."},
        },
        "required": ["calls", "bad", "throttled"],
    };
}

impl JsonSchema for Routing {
    fn schema_name() -> Cow<'static, str> {
        "Routing".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (version, share) =
            (generator.subschema_for::<Version>(), generator.subschema_for::<Weight>());
        json_schema!({
            "description": "Versions and the share that each gets by weight.",
            "type": "object", "propertyNames": version, "additionalProperties": share,
        })
    }
}

impl JsonSchema for Shares {
    fn schema_name() -> Cow<'static, str> {
        "Shares".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let share = generator.subschema_for::<Weight>();
        json_schema!({
            "description": "Versions and the share that each gets by weight. One that does not exist yet is \
                            `new version`.",
            "type": "object", "additionalProperties": share,
        })
    }
}

impl JsonSchema for Said {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Said".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// A file of `docs/schema` in the making.
struct Document {
    name: &'static str,
    title: String,
    description: &'static str,
    generator: SchemaGenerator,
    variants: Vec<Value>,
}

impl Document {
    fn new(name: &'static str, title: &str, description: &'static str) -> Self {
        let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let title = title.to_owned();
        Self { name, title, description, generator, variants: Vec::new() }
    }

    /// What the command prints, one way or another; the failure is among it.
    fn of_command(name: &'static str, command: &str) -> Self {
        let title = format!("scfctl {command} --output json");
        Self::new(name, &title, "What stdout has: the result, or why there is none.")
    }

    fn reference<T: JsonSchema>(&mut self) -> Value {
        self.generator.subschema_for::<T>().to_value()
    }

    /// A result.
    fn may_be<T: JsonSchema>(mut self) -> Self {
        let reference = self.reference::<T>();
        self.variants.push(reference);
        self
    }

    /// A result beside which an error stands, where something failed.
    fn may_fail_with<T: JsonSchema>(mut self) -> Self {
        let (result, error) = (self.reference::<T>(), self.failed());
        self.variants.push(json!({"allOf": [result, error]}));
        self
    }

    fn failed(&mut self) -> Value {
        let failure = self.reference::<error::FailureReport>();
        json!({"type": "object", "properties": {"error": failure}, "required": ["error"]})
    }

    /// The line of an error behind events.
    fn may_be_last_error(mut self) -> Self {
        let error = self.reference::<error::FailureReport>();
        self.variants.push(json!({
            "description": "Why the command failed, unless the event before says so: held, rolled back.",
            "type": "object",
            "properties": {"event": {"const": "error"}, "error": error},
            "required": ["event", "error"],
        }));
        self
    }

    /// A plan that is stale.
    fn may_be_stale(mut self) -> Self {
        let error = self.failed();
        let value = json!({"type": ["string", "null"]});
        let one = json!({
            "type": "object",
            "properties": {
                "what": {"description": "What kind of thing it is.", "type": "string"},
                "name": {"description": "Its name.", "type": "string"},
                "was": value,
                "is": value,
            },
            "required": ["what", "name", "was", "is"],
        });
        let changed = json!({
            "type": "object",
            "properties": {"changed": {
                "description": "What is otherwise than it was; values that are not shown are null.",
                "type": "array", "items": one,
            }},
            "required": ["changed"],
        });
        self.variants.push(json!({"allOf": [changed, error]}));
        self
    }

    /// The failure of calls. What the function said of its own failure stands in the error, too.
    fn may_fail_calling(mut self) -> Self {
        let error = self.failed();
        let mut calls = invoke::Invocations::json_schema(&mut self.generator).to_value();
        for call in calls["anyOf"].as_array_mut().unwrap() {
            let properties = call["properties"].as_object_mut().unwrap();
            properties.shift_remove("error");
            let required = call["required"].as_array_mut().unwrap();
            required.retain(|key| key != "error");
        }
        self.variants.push(json!({"allOf": [calls, error]}));
        self
    }

    /// The file.
    fn made(mut self, fails: bool) -> (&'static str, Value) {
        if fails {
            let error = self.failed();
            self.variants.push(error);
        }
        let mut schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": id(self.name),
            "title": self.title,
            "description": self.description,
            "type": "object",
            "properties": {"schemaVersion": {
                "description": "Version of the JSON.", "const": SCHEMA_VERSION,
            }},
            "required": ["schemaVersion"],
            "anyOf": self.variants,
        });
        schema["$defs"] = self.generator.take_definitions(true).into();
        tidy(&mut schema);
        (self.name, schema)
    }
}

fn id(name: &str) -> String {
    format!("urn:scfctl:schema:{SCHEMA_VERSION}:{name}")
}

/// Properties of an object that is there or not as a whole, in which they are null.
const NULL_WITHIN: [&str; 5] =
    ["secretId", "secretKey", "token", "minutesUntilBack", "back_at_minute"];

/// Without formats that only this language has, with descriptions on one line, and without the null
/// of a property that is left out in its place.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(map) => {
            let required: BTreeSet<String> = map
                .get("required")
                .and_then(Value::as_array)
                .map(|keys| keys.iter().filter_map(Value::as_str).map(str::to_owned).collect())
                .unwrap_or_default();
            if let Some(Value::Object(properties)) = map.get_mut("properties") {
                for (key, property) in properties {
                    if !required.contains(key) && !NULL_WITHIN.contains(&&**key) {
                        without_null(property);
                    }
                    tidy(property);
                }
            }
            if map.get("format").is_some_and(Value::is_string) {
                map.shift_remove("format");
            }
            if let Some(Value::String(text)) = map.get_mut("description") {
                *text = text.replace('\n', " ").replace("[`", "`").replace("`]", "`");
            }
            let others = map.iter_mut().filter(|(key, _)| *key != "properties");
            others.for_each(|(_, item)| tidy(item));
        }
        _ => {}
    }
}

fn without_null(property: &mut Value) {
    let Some(map) = property.as_object_mut() else { return };
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            map["type"] = only.clone();
        }
    }
    let Some(Value::Array(variants)) = map.get_mut("anyOf") else { return };
    variants.retain(|variant| *variant != json!({"type": "null"}));
    if let [Value::Object(only)] = variants.as_slice() {
        let only = only.clone();
        map.shift_remove("anyOf");
        map.extend(only);
    }
}

/// The file of a saved plan.
fn saved_plan(mut document: Document) -> (&'static str, Value) {
    let plan = document.reference::<plan::Plan>();
    let text = |description: &str| json!({"description": description, "type": "string"});
    document.variants.push(json!({
        "type": "object",
        "properties": {
            "kind": {"const": "scfctl-plan"},
            "scfctl": text("Version of the program that made it."),
            "made": text("When it was made."),
            "command": {
                "description": "The arguments that made it.",
                "type": "array", "items": {"type": "string"},
            },
            "runId": text("The name of its run."),
            "salt": text("What the digests of what was read are made with."),
            "plan": plan,
            "reads": {
                "description": "What was read, by kind and name; values that are not kept are digests.",
                "type": "object",
                "additionalProperties": {
                    "type": "object", "additionalProperties": {"type": "string"},
                },
            },
            "notCompared": {
                "description": "What `apply` cannot compare: the account of temporary keys, the content of an \
                    object in COS, what the tag of an image stands for.",
                "type": "array", "items": {"enum": ["account", "object", "image"]},
            },
            "digest": text("Of all of it."),
        },
        "required": ["kind", "scfctl", "made", "command", "runId", "plan", "reads", "digest"],
    }));
    document.made(false)
}

/// The line of a rollout in the description of its alias (`docs/en/rollout-marker.md`).
fn marker() -> (&'static str, Value) {
    const VERSION: &str = "(LATEST|[1-9][0-9]*)";
    const NUMBERS: &str = "(0|[1-9][0-9]*)( (0|[1-9][0-9]*))*";
    const WORDS: &str = "[A-Za-z0-9.]+( [A-Za-z0-9.]+)*";
    const DIGEST: &str = "[a-z0-9]+";
    const SHARE: &str = r"(0|1|0\.[0-9]{1,6})";
    let steps = format!("{SHARE}( {SHARE}| ([1-9][0-9]*m|0m|pause))* ([1-9][0-9]*m|0m|pause)");
    let reason = "user|schedule|nodata|inconclusive|fail|deadline|content|gates|interrupt";
    let phase = format!(
        "(running|done|ended|held ({reason})|back (user|fail|nodata|deadline|interrupt|project))"
    );
    let versions = "[1-9][0-9]*( [1-9][0-9]*)*";
    let keys: [(&str, &str); 36] = [
        ("id", "[A-Za-z0-9]+"),
        ("from", VERSION),
        ("to", VERSION),
        ("steps", &steps),
        ("step", "[1-9][0-9]*"),
        ("phase", &phase),
        ("began", "[0-9]{8}T[0-9]{4}"),
        ("starts", NUMBERS),
        ("skipped", NUMBERS),
        ("since", "[1-9][0-9]*"),
        ("judged", "[1-9][0-9]*"),
        ("errorincrease", WORDS),
        ("errorrate", WORDS),
        ("durationincrease", WORDS),
        ("throttles", WORDS),
        ("mincalls", WORDS),
        ("confidence", WORDS),
        ("dispersion", WORDS),
        ("command", DIGEST),
        ("prometheus", DIGEST),
        ("content", DIGEST),
        ("settle", "[0-9]+m"),
        ("deadline", "[0-9]+m"),
        ("onfail", "(hold|rollback)"),
        ("onnodata", "(hold|rollback|continue)"),
        ("oninconclusive", "(hold|continue)"),
        ("ondeadline", "(hold|rollback)"),
        ("oninterrupt", "(hold|rollback)"),
        ("advance", "early"),
        ("require", "pass"),
        ("lang", WORDS),
        ("functions", "[1-9][0-9]*"),
        ("frozen", VERSION),
        ("before", VERSION),
        ("serves", VERSION),
        ("rolledback", versions),
    ];
    let start = "(^scfctl v1 |, )";
    let mut values: Vec<Value> = keys
        .iter()
        .map(|(key, values)| {
            json!({
                "description": format!("The values of `{key}`, where it is there."),
                "if": {"pattern": format!("{start}{key}( |,|$)")},
                "then": {"pattern": format!("{start}{key} {values}(,|$)")},
            })
        })
        .collect();
    values.push(json!({
        "description": "`nofreeze` has no value.",
        "if": {"pattern": format!("{start}nofreeze( |,|$)")},
        "then": {"pattern": format!("{start}nofreeze(,|$)")},
    }));
    let together = "id from to steps step phase began starts"
        .split(' ')
        .map(|key| json!({"pattern": format!("{start}{key} ")}));
    values.push(json!({
        "description": "With `id` stand all keys up to `starts`.",
        "if": {"pattern": format!("{start}id ")},
        "then": {"allOf": together.collect::<Vec<_>>()},
    }));
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": id("marker"),
        "title": "The marker of a rollout",
        "description": "The last line of the description of an alias, a text. What the keys mean is in \
                        docs/en/rollout-marker.md; the rollout as an object is `rollout` of `scfctl rollout status`.",
        "type": "string",
        "maxLength": 1000,
        "pattern": format!("^scfctl v1 [a-z]+( {WORDS})?(, [a-z]+( {WORDS})?)*$"),
        "allOf": values,
    });
    ("marker", schema)
}

/// Every file of `docs/schema`.
fn documents() -> Vec<(&'static str, Value)> {
    let written = |name, command| {
        let document = Document::of_command(name, command);
        document.may_be::<alias::AliasWritten>().may_be::<plan::Plan>().made(true)
    };
    let rollouts = |document: Document| {
        let document =
            document.may_be::<status::RolloutFound>().may_fail_with::<status::RolloutFound>();
        document.may_be::<status::Together>().may_fail_with::<status::Together>()
    };
    let of = Document::of_command;
    let mut all = vec![
        rollouts(
            of("deploy", "deploy")
                .may_be::<deploy::DeployedInstance>()
                .may_fail_with::<deploy::FunctionsEnded>()
                .may_be::<deploy::DeployedProject>()
                .may_fail_with::<deploy::DeployedProject>(),
        )
        .may_be::<plan::Plan>()
        .made(true),
        of("apply", "apply")
            .may_be::<deploy::DeployedInstance>()
            .may_fail_with::<deploy::FunctionsEnded>()
            .may_be_stale()
            .made(true),
        of("publish-ver", "publish-ver")
            .may_be::<publish::Published>()
            .may_be::<plan::Plan>()
            .made(true),
        written("create-alias", "create-alias"),
        written("update-alias", "update-alias"),
        of("list-alias", "list-alias").may_be::<alias::AliasList>().made(true),
        of("delete-alias", "delete-alias")
            .may_be::<alias::AliasDeleted>()
            .may_be::<plan::Plan>()
            .made(true),
        of("list-ver", "list-ver").may_be::<status::Versions>().made(true),
        rollouts(of("status", "status").may_be::<status::StatusOfFunctions>()).made(true),
        of("metric", "metric").may_be::<metric::Metrics>().made(true),
        of("invoke", "invoke").may_be::<invoke::Invocations>().may_fail_calling().made(true),
        of("verify-split", "verify-split")
            .may_be::<split::Split>()
            .may_fail_with::<split::Split>()
            .made(true),
        of("logs", "logs").may_be::<logs::Logs>().made(true),
        of("remove", "remove")
            .may_be::<removed::Removals>()
            .may_fail_with::<removed::Removals>()
            .made(true),
        of("versions-prune", "versions prune").may_be::<removed::Pruned>().made(true),
        rollouts(of("rollout", "rollout …, scfctl rollback")).may_be::<plan::Plan>().made(true),
        of("rollout-rehearse", "rollout rehearse").may_be::<rehearsal::Rehearsal>().made(true),
        of("package", "package").may_be::<package::Packages>().made(true),
        of("config", "config").may_be::<config::Config>().made(true),
        of("init", "init").may_be::<init::Described>().made(true),
        of("doctor", "doctor").may_be::<doctor::Doctor>().made(true),
        of("local-serve", "local serve").may_be::<server::Server>().made(true),
        of("local-load", "local load").may_be::<load::Load>().made(true),
    ];
    let of = Document::new;
    all.extend([
        of(
            "failure",
            "A failure",
            "What stdout has with `--output json` where there is no result.",
        )
        .made(true),
        of("plan", "A plan", "What `--dry-run --output json` prints of one function.")
            .may_be::<plan::Plan>()
            .made(false),
        of(
            "event",
            "An event of a rollout",
            "A line of `--output ndjson`; of `logs` only that of an error, the last one.",
        )
        .may_be::<rollout::Event>()
        .may_be_last_error()
        .made(false),
        of("log-line", "A line of a log", "A line of `logs --output ndjson`.")
            .may_be::<logs::LogLine>()
            .made(false),
        of("report", "The report of a rollout", "What `--report FILE.json` writes.")
            .may_be::<page::Page>()
            .made(false),
        of("notification", "A message about a rollout", "What `--notify json=VARIABLE` sends.")
            .may_be::<announcement::Announcement>()
            .made(false),
        saved_plan(of(
            "saved-plan",
            "A saved plan",
            "What `deploy --plan FILE` writes, and `apply FILE` reads.",
        )),
        marker(),
    ]);
    all
}

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(format!("{name}.schema.json"))
}

fn frozen() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schemas.json")
}

fn written(schema: &Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(schema).unwrap())
}

/// Every place that gives JSON out puts the version before it: how often each file does, and which
/// of the files above are about it.
const PLACES: [(&str, usize, &str); 5] = [
    ("app/rollout/notify/kind.rs", 1, "notification"),
    ("output/failure.rs", 1, "failure, and the second half of each command's"),
    ("output/mod.rs", 2, "event, log-line"),
    ("output/pages.rs", 1, "report"),
    ("report/mod.rs", 1, "the first half of each command's, plan among them"),
];

#[test]
fn no_place_gives_out_json_that_has_no_schema() {
    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    let count = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
        let calls = code.matches("versioned(").count() - code.matches("fn versioned(").count();
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        (calls > 0 && !name.ends_with("schema.rs")).then_some((name, calls))
    };
    let found: Vec<(String, usize)> = files.into_iter().filter_map(count).collect();
    assert_eq!(found, PLACES.map(|(file, times, _)| (file.to_owned(), times)));
}

#[test]
fn the_schemas_are_those_of_the_types() {
    let mut files: BTreeSet<String> = std::fs::read_dir(place("x").parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "json"))
        .collect();
    for (name, schema) in documents() {
        let committed = std::fs::read_to_string(place(name)).unwrap_or_default();
        assert!(
            committed == written(&schema),
            "docs/schema/{name}.schema.json is not that of the types: \
             `cargo test --lib -- --ignored write_the_schemas` writes it anew"
        );
        files.remove(&format!("{name}.schema.json"));
    }
    assert_eq!(files, BTreeSet::new(), "files of docs/schema that are none of these");
}

#[test]
#[ignore = "writes docs/schema"]
fn write_the_schemas() {
    for (name, schema) in documents() {
        std::fs::write(place(name), written(&schema)).unwrap();
    }
}

#[test]
#[ignore = "for a release: the schemas that the next ones may not fall short of"]
fn freeze_the_schemas() {
    let lines = documents()
        .into_iter()
        .map(|(name, schema)| format!("{}: {}", json!(name), without_words(&schema)));
    let lines = lines.collect::<Vec<_>>().join(",\n");
    std::fs::write(frozen(), format!("{{\n{lines}\n}}\n")).unwrap();
}

/// What a program goes by.
fn without_words(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(without_words).collect(),
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, text)| {
                !(matches!(key.as_str(), "title" | "description") && text.is_string())
            });
            kept.map(|(key, item)| (key.clone(), without_words(item))).collect()
        }
        other => other.clone(),
    }
}

/// The definitions have names for people, and their descriptions are for people who know nothing
/// of this program's code.
#[test]
fn the_schemas_can_be_read() {
    fn read(value: &Value, name: &str) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| read(item, name)),
            Value::Object(map) => {
                if let Some(Value::String(text)) = map.get("description") {
                    assert!(!text.contains("::") && !text.contains("[`"), "{name}: {text}");
                }
                map.values().for_each(|item| read(item, name));
            }
            _ => {}
        }
    }
    for (name, schema) in documents() {
        for definition in schema["$defs"].as_object().into_iter().flat_map(Map::keys) {
            let is_numbered = definition.ends_with(|last: char| last.is_ascii_digit());
            assert!(!is_numbered, "{name}: two types are called {definition}");
        }
        read(&schema, name);
    }
}

/// Two schemas with the documents that they are in.
struct Grown<'a> {
    before: &'a Value,
    after: &'a Value,
    /// Definitions that are compared already.
    seen: BTreeSet<(String, String)>,
}

impl<'a> Grown<'a> {
    fn check(before: &'a Value, after: &'a Value) -> Result<(), String> {
        Grown { before, after, seen: BTreeSet::new() }.schema(before, after, "")
    }

    fn resolved(document: &'a Value, schema: &'a Value) -> (&'a Value, String) {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let found = document.pointer(reference.trim_start_matches('#'));
                (found.unwrap_or(&Value::Null), reference.to_owned())
            }
            None => (schema, String::new()),
        }
    }

    /// Whether whatever a program knew of the values still holds.
    fn schema(&mut self, before: &'a Value, after: &'a Value, at: &str) -> Result<(), String> {
        let (before, old_name) = Self::resolved(self.before, before);
        let (after, new_name) = Self::resolved(self.after, after);
        if !old_name.is_empty() && !self.seen.insert((old_name, new_name)) {
            return Ok(());
        }
        let (Some(old), Some(new)) = (before.as_object(), after.as_object()) else {
            return if before == after { Ok(()) } else { Err(format!("{at} is another")) };
        };
        for (keyword, value) in old {
            let at = format!("{at}/{keyword}");
            let found = new.get(keyword).unwrap_or(&Value::Null);
            match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "$ref" | "title" | "description" => {}
                "properties" => {
                    for (name, property) in value.as_object().unwrap() {
                        let at = format!("{at}/{name}");
                        let found = found.get(name).ok_or_else(|| format!("{at} is gone"))?;
                        self.schema(property, found, &at)?;
                    }
                }
                "required" | "enum" => {
                    let missing = value
                        .as_array()
                        .unwrap()
                        .iter()
                        .find(|one| !found.as_array().is_some_and(|found| found.contains(one)));
                    if let Some(missing) = missing {
                        return Err(format!("{at} is without {missing}"));
                    }
                }
                "items" | "additionalProperties" | "propertyNames" | "if" | "then" | "not" => {
                    self.schema(value, found, &at)?;
                }
                "anyOf" | "oneOf" | "allOf" => {
                    for (number, variant) in value.as_array().unwrap().iter().enumerate() {
                        self.variant(variant, found, &format!("{at}/{number}"))?;
                    }
                }
                "type" if is_same_set(value, found) => {}
                _ if value == found => {}
                _ => return Err(format!("{at} is {found} and was {value}")),
            }
        }
        Ok(())
    }

    /// One of the variants that there are now is what the old one was.
    fn variant(&mut self, before: &'a Value, after: &'a Value, at: &str) -> Result<(), String> {
        let mut why = format!("{at} is gone");
        for found in after.as_array().into_iter().flatten() {
            let seen = self.seen.clone();
            match self.schema(before, found, at) {
                Ok(()) => return Ok(()),
                Err(because) => {
                    self.seen = seen;
                    // The one that came nearest is the one that says most.
                    if because.len() > why.len() {
                        why = because;
                    }
                }
            }
        }
        Err(why)
    }
}

/// Whether both name the same types.
fn is_same_set(one: &Value, other: &Value) -> bool {
    let set = |value: &Value| -> BTreeSet<String> {
        match value {
            Value::Array(items) => items.iter().map(ToString::to_string).collect(),
            other => BTreeSet::from([other.to_string()]),
        }
    };
    set(one) == set(other)
}

#[test]
fn the_schemas_of_a_version_only_grow() {
    let before = std::fs::read_to_string(frozen()).unwrap();
    let before: Map<String, Value> = serde_json::from_str(&before).unwrap();
    let after = documents();
    for (name, before) in &before {
        let found = after.iter().find(|(known, _)| known == name);
        let (_, after) = found.unwrap_or_else(|| panic!("docs/schema/{name}.schema.json is gone"));
        assert_eq!(before["$id"], after["$id"], "a new version is frozen anew");
        if let Err(why) = Grown::check(before, after) {
            panic!(
                "{name}: {why}. Programs read it; what has to change makes a new schemaVersion, and \
                 `cargo test --lib -- --ignored freeze_the_schemas` then"
            );
        }
    }
}

#[test]
fn what_programs_rely_on_is_held() {
    let before = json!({
        "type": "object", "required": ["a"],
        "properties": {
            "a": {"type": ["string", "null"]}, "b": {"$ref": "#/$defs/B"},
            "c": {"type": "array", "items": {"enum": ["x", "y"]}},
        },
        "anyOf": [{"$ref": "#/$defs/B"}, {"properties": {"d": {"type": "integer"}}}],
        "$defs": {"B": {"properties": {"next": {"$ref": "#/$defs/B"}, "n": {"type": "number"}}}},
    });
    let change = |pointer: &str, value: Value| {
        let mut after = before.clone();
        *after.pointer_mut(pointer).unwrap() = value;
        Grown::check(&before, &after).err().unwrap_or_default()
    };
    for (pointer, value, why) in [
        ("/type", json!("object"), ""),
        ("/required", json!(["b", "a"]), ""),
        ("/properties/a/type", json!(["null", "string"]), ""),
        ("/properties/c/items", json!({"enum": ["z", "y", "x"]}), ""),
        (
            "/properties/b",
            json!({"properties": {"next": {"$ref": "#/$defs/B"}, "n": {"type": "number"}}}),
            "",
        ),
        (
            "/anyOf",
            json!([{"type": "null"}, {"properties": {"d": {"type": "integer"}}}, {"$ref": "#/$defs/B"}]),
            "",
        ),
        ("/required", json!([]), "/required is without \"a\""),
        (
            "/properties/a/type",
            json!("string"),
            "/properties/a/type is \"string\" and was [\"string\",\"null\"]",
        ),
        ("/properties/c/items/enum", json!(["x"]), "/properties/c/items/enum is without \"y\""),
        ("/properties/c", json!(true), "/properties/c is another"),
        (
            "/$defs/B/properties",
            json!({"n": {"type": "number"}}),
            "/properties/b/properties/next is gone",
        ),
        (
            "/$defs/B/properties/n/type",
            json!("integer"),
            "/properties/b/properties/n/type is \"integer\" and was \"number\"",
        ),
        ("/anyOf", json!([{"$ref": "#/$defs/B"}]), "/anyOf/1/properties/d is gone"),
    ] {
        assert_eq!(change(pointer, value), why, "{pointer}");
    }
}
