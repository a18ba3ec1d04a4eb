//! Which calls a command makes, and which of them it makes at once: nothing waits that need not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use scfctl::local::Fault;
use tokio::sync::watch;

use crate::sandbox::{FUNCTION, STALE, Sandbox};

/// Calls that are all made before the answer to any of them.
type Round = &'static [&'static str];

/// What every deployment reads.
const READS: Round =
    &["GetAlias", "GetFunction", "GetFunctionAddress", "ListAliases", "ListVersionByFunction"];

/// The same where it matters which version is the last: the alias is read beside the look for
/// one that the list does not show yet.
const LISTS: Round = &["GetFunction", "GetFunctionAddress", "ListAliases", "ListVersionByFunction"];
const LOOK: Round = &["GetAlias", "GetFunction"];

/// How far a command has come.
struct Course {
    /// The calls still missing of each round.
    missing: Vec<Vec<&'static str>>,
    /// Opens when all calls of the round are there.
    gates: Vec<watch::Sender<bool>>,
    round: usize,
    /// Since when this round's calls can be on their way.
    since: Instant,
    /// The same of the last look at the alias.
    looked: Option<Instant>,
    /// Calls that came when they were not due.
    astray: Vec<String>,
}

impl Course {
    fn new(rounds: &[Round]) -> Self {
        Self {
            missing: rounds.iter().map(|round| round.to_vec()).collect(),
            gates: rounds.iter().map(|_| watch::channel(false).0).collect(),
            round: 0,
            since: Instant::now(),
            looked: None,
            astray: Vec::new(),
        }
    }

    /// Holds a call until the whole of its round is there. One that is not due goes on.
    fn meet(&mut self, action: &str) -> Fault {
        let Some(missing) = self.missing.get_mut(self.round) else {
            self.astray.push(format!("{action} after all"));
            return Fault::None;
        };
        let Some(place) = missing.iter().position(|due| *due == action) else {
            if action == "GetAlias" && self.looked.is_some_and(|at| at.elapsed() > STALE) {
                // What was seen is too old to write by, by the machine's doing.
                return Fault::None;
            }
            self.astray.push(format!("{action} while {missing:?} were due"));
            return Fault::None;
        };
        missing.swap_remove(place);
        if action == "GetAlias" {
            self.looked = Some(self.since);
        }
        let gate = &self.gates[self.round];
        if missing.is_empty() {
            gate.send_replace(true);
            self.round += 1;
            self.since = Instant::now();
        }
        Fault::Held(gate.subscribe())
    }
}

/// Runs a command that has to make these calls in these rounds, and no others. When it waits for
/// an answer before it makes a call of the same round, it waits until its time is over.
fn makes(sandbox: &Sandbox, arguments: &[&str], rounds: &[Round]) {
    let course = Arc::new(Mutex::new(Course::new(rounds)));
    let meeting = Arc::clone(&course);
    sandbox.faulty(move |call| meeting.lock().unwrap().meet(&call.action));
    let ran = sandbox.run(&[arguments, &["--timeout", "20s"]].concat());
    sandbox.healthy();
    let course = course.lock().unwrap();
    let left: Vec<_> =
        course.missing[course.round..].iter().filter(|left| !left.is_empty()).collect();
    assert!(
        course.astray.is_empty() && left.is_empty(),
        "{arguments:?}: {:?}, not made: {left:?}\n{}",
        course.astray,
        ran.stderr
    );
    ran.ok();
}

fn deploys(sandbox: &Sandbox, inputs: &[&str], rounds: &[Round]) {
    makes(sandbox, &[&["deploy", "--inputs"], inputs].concat(), rounds);
}

/// A project with version 1, to which half of the requests go.
fn shared() -> Sandbox {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true traffic=0.5").ok();
    sandbox
}

#[test]
fn what_is_unchanged_is_read_once_and_at_once() {
    let sandbox = shared();
    makes(&sandbox, &["deploy"], &[READS]);
    sandbox.yaml("  events: []\n");
    let listed = &[
        "GetAlias",
        "GetFunction",
        "GetFunctionAddress",
        "ListAliases",
        "ListTriggers",
        "ListVersionByFunction",
    ];
    makes(&sandbox, &["deploy"], &[listed]);
}

#[test]
fn traffic_alone_is_reads_a_write_and_a_read_back() {
    let sandbox = shared();
    for traffic in ["traffic=0.2", "traffic=0.7", "traffic=1"] {
        deploys(
            &sandbox,
            &[traffic],
            &[LISTS, LOOK, &["UpdateAlias"], &["GetAlias", "GetFunction", "GetFunctionAddress"]],
        );
    }
    // What nobody is sent to need not be looked at.
    deploys(&sandbox, &["traffic=0"], &[LISTS, LOOK, &["UpdateAlias"], &["GetAlias"]]);
}

#[test]
fn changed_code_is_few_round_trips_and_a_look() {
    let sandbox = shared();
    sandbox.change_code("two");
    makes(&sandbox, &["deploy"], &[READS, &["UpdateFunctionCode"], &["GetAlias", "GetFunction"]]);
    // The share goes up after the code.
    sandbox.change_code("three");
    deploys(
        &sandbox,
        &["traffic=0.8"],
        &[
            LISTS,
            LOOK,
            &["UpdateFunctionCode"],
            &["GetAlias", "GetFunction", "GetFunctionAddress"],
            &["UpdateAlias"],
            &["GetAlias", "GetFunction", "GetFunctionAddress"],
        ],
    );
    // And down before it.
    sandbox.change_code("four");
    deploys(
        &sandbox,
        &["traffic=0.2"],
        &[
            LISTS,
            LOOK,
            &["UpdateAlias"],
            &["GetAlias", "GetFunction", "GetFunctionAddress"],
            &["UpdateFunctionCode"],
            &["GetAlias", "GetFunction"],
        ],
    );
}

#[test]
fn a_publication_is_frozen_looked_at_and_routed() {
    let sandbox = shared();
    let freeze: &[Round] = &[
        // Beside it, the code of the newest version: perhaps a killed run left a twin behind.
        &["GetFunctionAddress", "PublishVersion"],
        &["GetFunction"],
        &["GetAlias", "GetFunction", "GetFunctionAddress"],
        &["UpdateAlias"],
        &["GetAlias"],
    ];
    sandbox.change_code("two");
    let update: &[Round] =
        &[READS, &["UpdateFunctionCode"], &["GetAlias", "GetFunction", "GetFunctionAddress"]];
    deploys(&sandbox, &["publish=true", "traffic=0"], &[update, freeze].concat());
    sandbox.change_code("three");
    sandbox.type_in("deploy").ok();
    deploys(&sandbox, &["publish=true", "traffic=0"], &[&[READS], freeze].concat());
}

#[test]
fn a_first_deployment_waits_for_nothing_but_the_function() {
    let sandbox = Sandbox::with_project();
    let beside = &["GetAlias", "GetFunction", "GetFunctionAddress"];
    makes(&sandbox, &["deploy"], &[READS, &["CreateFunction"], &["GetAlias", "GetFunction"]]);
    let sandbox = Sandbox::with_project();
    deploys(
        &sandbox,
        &["publish=true", "traffic=0.5"],
        &[
            READS,
            &["CreateFunction"],
            beside,
            &["PublishVersion"],
            &["GetFunction"],
            beside,
            &["UpdateAlias"],
            beside,
        ],
    );
}

#[test]
fn alias_commands_make_the_calls_that_they_are_about() {
    let sandbox = shared();
    let function = format!("function={FUNCTION}");
    let alias = |command, rest: &[&str], rounds: &[Round]| {
        let arguments = [&[command, "--inputs", &function], rest].concat();
        makes(&sandbox, &arguments, rounds);
    };
    alias("list-alias", &[], &[&["ListAliases"]]);
    alias(
        "create-alias",
        &["name=a", "version=1"],
        &[&["ListVersionByFunction"], &["CreateAlias"], &["GetAlias"]],
    );
    let update: &[Round] = &[&["GetAlias"], &["UpdateAlias"], &["GetAlias"]];
    alias(
        "update-alias",
        &["name=a", "version=1", r#"config={"weights":{"$LATEST":0.1}}"#],
        update,
    );
    alias(
        "update-alias",
        &["name=a", "version=1", r#"config={"weights":{"$LATEST":0.2}}"#],
        update,
    );
    sandbox.type_in("deploy --inputs publish=true").ok();
    // A version that the alias does not hold is looked up, and the alias once more beside that.
    alias(
        "update-alias",
        &["name=a", "version=2"],
        &[&["GetAlias"], &["GetAlias", "ListVersionByFunction"], &["UpdateAlias"], &["GetAlias"]],
    );
    alias(
        "delete-alias",
        &["name=a"],
        &[&["GetAlias", "ListTriggers"], &["DeleteAlias"], &["GetAlias"]],
    );
}

#[test]
fn aliases_are_one_call_a_page() {
    let sandbox = Sandbox::with_project();
    sandbox.type_in("deploy --inputs publish=true").ok();
    for number in 0..250 {
        let params = serde_json::json!({"Name": format!("a{number}"), "FunctionVersion": "1"});
        sandbox.console("CreateAlias", params);
    }
    let from = sandbox.calls().len();
    sandbox.run(&["list-alias", "--inputs", &format!("function={FUNCTION}")]).ok();
    let mut offsets: HashMap<String, usize> = HashMap::new();
    for call in &sandbox.calls()[from..] {
        assert_eq!(call.action, "ListAliases");
        *offsets.entry(call.params["Offset"].to_string()).or_default() += 1;
    }
    assert!(offsets.len() >= 3 && offsets.values().all(|count| *count == 1), "{offsets:?}");
}

/// The first function's work is looked at until it is over; of the second it is known by then how
/// long that takes.
#[test]
fn how_long_work_takes_is_learned_from_the_function_before() {
    // A machine that is busy with other work adds looks or leaves some out.
    let learns = || {
        let looks = looks_at_two_functions();
        let [(_, first), (_, second)] = &looks[..] else { panic!("{looks:?}") };
        (second * 2 <= *first).then_some(()).ok_or(looks)
    };
    learns().or_else(|_| learns()).or_else(|_| learns()).unwrap();
}

fn looks_at_two_functions() -> Vec<(String, usize)> {
    let sandbox = Sandbox::with(|options| options.transition = Duration::from_millis(600));
    sandbox.file("serverless.yml", "app: shop\n");
    for name in ["one", "two"] {
        sandbox.instance(name, "");
    }
    sandbox.type_in("deploy --concurrency 1").ok();
    let mut looks: Vec<(String, usize)> = Vec::new();
    for call in sandbox.calls().iter().filter(|call| call.action == "GetFunction") {
        let name = call.params["FunctionName"].as_str().unwrap();
        match looks.last_mut() {
            Some((last, count)) if last == name => *count += 1,
            _ => looks.push((name.to_owned(), 1)),
        }
    }
    looks
}
