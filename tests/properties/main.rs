//! The laws that fuzzing checks, over seeds and random input in the ordinary tests.
//!
//! `cargo fuzz` searches for longer and by coverage (CONTRIBUTING.md); what it looks for is the
//! same.

#[path = "../laws/answers.rs"]
mod answers;
#[path = "../laws/dotenv.rs"]
mod dotenv;
#[path = "../laws/inputs.rs"]
mod inputs;
#[path = "../laws/local.rs"]
mod local;
#[path = "../laws/planner.rs"]
mod planner;
#[path = "../laws/project.rs"]
mod project;
#[path = "../laws/seeds.rs"]
mod seeds;

use std::fs;
use std::path::Path;

use arbitrary::{Arbitrary as _, Unstructured};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

/// The laws of a target.
fn laws(target: &str) -> fn(&[u8]) {
    match target {
        "inputs" => inputs::check,
        "dotenv" => dotenv::check,
        "project" => project::check,
        "answers" => answers::check,
        "local" => local::check,
        "planner" => plan,
        other => panic!("there is no target {other}"),
    }
}

fn plan(bytes: &[u8]) {
    let scenario = planner::Scenario::arbitrary(&mut Unstructured::new(bytes));
    planner::check(&scenario.expect("bytes that run out are zero"));
}

#[test]
fn every_seed_obeys_the_laws() {
    for target in seeds::TARGETS {
        let seeds = seeds::seeds(target);
        assert!(seeds.len() > 20, "{target} has only {} seeds", seeds.len());
        for (name, bytes) in seeds {
            println!("{target} {name}");
            laws(target)(&bytes);
        }
    }
}

/// Laws that only ever see refusals would say little.
#[test]
fn most_requests_among_the_seeds_are_accepted() {
    let between = format!("\n{}\n", local::BETWEEN);
    let (mut sent, mut accepted) = (0, 0);
    for (name, bytes) in seeds::seeds("local") {
        let requests = String::from_utf8(bytes.clone()).unwrap().split(&between).count();
        let taken = local::accepted(&bytes);
        println!("{name}: {taken} of {requests}");
        sent += requests;
        accepted += taken;
    }
    assert!(accepted * 2 > sent, "{accepted} of {sent}");
}

#[test]
#[ignore = "writes the corpus that `cargo fuzz` starts from"]
fn write_the_seed_corpus() {
    for target in seeds::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        fs::create_dir_all(&folder).unwrap();
        let seeds = seeds::seeds(target);
        for (name, bytes) in &seeds {
            fs::write(folder.join(name), bytes).unwrap();
        }
        println!("{target}: {} seeds", seeds.len());
    }
}

/// Pieces of the seeds of a target, put together in new ways, with something else between them.
fn like_the_seeds(target: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let seeds = seeds::seeds(target).into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>();
    let piece = (prop::sample::select(seeds), any::<[prop::sample::Index; 2]>()).prop_map(
        |(seed, ends)| {
            let mut ends = ends.map(|end| end.index(seed.len() + 1));
            ends.sort_unstable();
            seed[ends[0]..ends[1]].to_vec()
        },
    );
    let whole = prop::sample::select(
        seeds::seeds(target).into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>(),
    );
    let noise = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..4),
        any::<String>().prop_map(String::into_bytes),
        "[\\[\\]{}\"':,=#$&*\\\\ \\-\n0-9a-c.\0]{1,6}".prop_map(String::into_bytes),
    ];
    let part = prop_oneof![3 => piece, 2 => whole, 2 => noise];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

/// JSON with some of the keys, and leaves of its own and of every kind.
fn any_json(
    keys: &'static str,
    leaves: impl Strategy<Value = Value> + 'static,
) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        leaves,
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..6)
                .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

/// Replaces one value somewhere in another one.
fn change(value: &mut Value, place: usize, by: &Value) {
    let count = match value {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        _ => 0,
    };
    if count == 0 {
        value.clone_from(by);
        return;
    }
    let (below, rest) = (place % count, place / count);
    match value {
        Value::Array(items) => change(&mut items[below], rest, by),
        Value::Object(map) => change(map.values_mut().nth(below).unwrap(), rest, by),
        _ => {}
    }
}

fn holds(target: &'static str, cases: u32) {
    holds_for(target, cases, like_the_seeds(target));
}

fn holds_for(target: &'static str, cases: u32, input: impl Strategy<Value = Vec<u8>>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&input, |bytes| {
        laws(target)(&bytes);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn inputs_are_split_without_loss() {
    holds("inputs", 1000);
    let argument = prop_oneof![
        2 => any::<String>(),
        6 => "(--inputs|--inputs[.=][a-c.=]{0,5}|-s|--|[a-c]=[\\[{}\\],\"'0-9a]{0,8})",
        1 => "(name|version|description)=[\"a-c0-9., ]{0,6}",
    ];
    let line = prop::collection::vec(argument, 0..8);
    holds_for("inputs", 1000, line.prop_map(|line| line.join("\0").into_bytes()));
}

#[test]
fn dotenv_lines_stand_by_themselves_and_show_no_value() {
    holds("dotenv", 1000);
    let lines = "([A-C_ ]{0,3}(=|export )?[\"'#$\\\\ a-c\r\n]{0,8}\n?){0,6}";
    holds_for("dotenv", 1000, lines.prop_map(String::into_bytes));
}

#[test]
fn a_configuration_is_bounded_and_shows_no_secret() {
    holds("project", 200);
    let text = "(\\$\\{(env:(A|SECRET|MISSING|LOOP|OPEN|OTHER|OLD|TEN|LONG)|stage|app|org|x)\\}?|a|测){0,3}";
    let keys = "name|version|traffic|publish|events|timer|parameters|config|weights|src|layers|\
                environment|variables|memorySize|runtime|[a-z$1]{1,3}";
    let value = (any_json(keys, text.prop_map(Value::from)), text, "(|deploy|update-alias|x)");
    let file = value.prop_map(|(inputs, name, command)| {
        // JSON is YAML.
        let file = json!({"component": "scf", "name": name, "inputs": inputs});
        format!("{file}\0A=1\0{command}").into_bytes()
    });
    holds_for("project", 500, file);
}

#[test]
fn an_answer_is_a_reply_or_an_error_without_secrets() {
    holds("answers", 1000);
    let keys = "Error|Code|Message|RequestId|Aliases|Name|FunctionVersion|RoutingConfig|\
                AdditionalVersionWeights|Version|Weight|Versions|Status|Triggers|[a-z]{1,4}";
    let echo = Just(Value::from(format!("x{}", answers::ECHO)));
    let random = (prop_oneof![Just(200_u16), 100_u16..600], any_json(keys, echo.clone()));
    let answer = random.prop_map(|(status, response)| {
        format!("{status}\n{}", json!({"Response": response})).into_bytes()
    });
    holds_for("answers", 1000, answer);
    // Answers of the API with something else in one place.
    let seeds = seeds::seeds("answers").into_iter().filter_map(|(_, bytes)| {
        let text = String::from_utf8(bytes).ok()?;
        serde_json::from_str::<Value>(text.split_once('\n')?.1).ok()
    });
    let seed = prop::sample::select(seeds.collect::<Vec<_>>());
    let changed = (seed, any::<usize>(), any_json(keys, echo)).prop_map(|(mut seed, place, by)| {
        change(&mut seed, place, &by);
        format!("200\n{seed}").into_bytes()
    });
    holds_for("answers", 1000, changed);
}

#[test]
fn the_local_scf_refuses_without_a_trace() {
    holds("local", 100);
    // Its requests in any order, each with something else in one place of its body.
    let between = format!("\n{}\n", local::BETWEEN);
    let mut requests: Vec<String> = seeds::seeds("local")
        .into_iter()
        .flat_map(|(_, bytes)| {
            let text = String::from_utf8(bytes).expect("a seed is text");
            text.split(&between).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    requests.sort_unstable();
    requests.dedup();
    let switches = scfctl::local::Behaviour::keys();
    let switches: Vec<String> = switches
        .iter()
        .flat_map(|(key, words)| words.iter().map(move |word| format!("# {key}={word}\n")))
        .collect();
    let by = any_json("Version|Weight|Key|[A-Z]{1,2}", Just(json!("$LATEST")));
    let changed = (prop::sample::select(requests), any::<usize>(), by, 0_u8..3).prop_map(
        |(request, place, by, whether)| {
            let (head, body) = request.split_once("\n\n").expect("a head");
            match serde_json::from_str::<Value>(body) {
                Ok(mut body) if whether == 0 => {
                    change(&mut body, place, &by);
                    format!("{head}\n\n{body}")
                }
                _ => request,
            }
        },
    );
    let prepared = seeds::prepared();
    let run = (
        prop::collection::vec(prop::sample::select(switches), 0..4),
        prop::collection::vec(changed, 0..6),
    );
    let run = run.prop_map(move |(switches, requests)| {
        let requests = [prepared.clone(), requests].concat();
        format!("{}{}", switches.concat(), requests.join(&between)).into_bytes()
    });
    holds_for("local", 300, run);
}

#[test]
fn every_plan_reaches_what_was_wanted() {
    holds("planner", 1000);
    holds_for("planner", 5000, prop::collection::vec(any::<u8>(), 0..128));
}
