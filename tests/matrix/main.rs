//! Every command, every call that it makes, every fault: nothing lost, nothing doubled.
//!
//! Each case runs a command with one call disturbed and then, if that failed, once more without
//! a fault. What the local SCF holds in between must be what an undisturbed run holds at some
//! moment, and in the end what it leaves.

mod faults;
#[path = "../laws/rollout.rs"]
mod rollout;
#[expect(dead_code, reason = "the tests of single commands use more of it")]
#[path = "../cli/sandbox.rs"]
mod sandbox;
mod scenarios;
#[expect(dead_code, reason = "the tests of single commands use more of it")]
#[path = "../cli/schema.rs"]
mod schema;
mod state;
#[path = "../cli/suggestions.rs"]
mod suggestions;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use scfctl::local::{Call, Fault, Handle, Place};
use serde_json::Value;
use tokio::runtime::Runtime;

use faults::{Disturbance, KILLED, LONG, On, Row};
use sandbox::{FUNCTION, REGION, Ran, Sandbox, finished, send};
use scenarios::{Files, SCENARIOS, Scenario};

/// Cases at a time; most of them sleep in a pause before a repetition.
const WORKERS: usize = 200;
/// A command that goes on for so long after its `--timeout` hangs. Far more than it needs, as
/// the machine may be busy.
const MARGIN: Duration = Duration::from_secs(20);
/// How long creating, updating and publishing take where they last, so that a command meets its
/// own work, or that of its first run, under way.
const LASTING: Duration = Duration::from_millis(200);
/// A service whose reads are one write old, whose weights are other floats than were sent, and
/// whose busy function answers without a word on why.
const LAGGING: &[&str] = &["reads=stale-one", "busy=plain", "weights=float32"];
/// Actions that change something; what a function does may, too.
const CHANGES: &[&str] = &["Create", "Update", "Modify", "Delete", "Publish", "Put", "Invoke"];

fn changes(action: &str) -> bool {
    CHANGES.iter().any(|change| action.starts_with(change))
}

/// A call of a command: the action, and how manieth of it. Reads go out side by side, so the
/// number among all calls would not name the same one each time.
type Target = (String, usize);

/// A scenario with what an undisturbed run of it came to.
struct Reference {
    scenario: &'static Scenario,
    /// How long work takes.
    transition: Duration,
    /// How the server differs from the usual one.
    switches: &'static [&'static str],
    /// The calls that make what the command finds.
    arrangement: Vec<(String, Value)>,
    targets: Vec<Target>,
    /// The state before the first changing call, and after each.
    states: Vec<Value>,
    /// What each changing call does, as the command says it.
    effects: Vec<String>,
}

/// What may be the machine's doing: how often lasting work is looked at, and what a stalled call
/// leaves of a command's time, depends on what else runs. Nothing else is ever tried twice.
const BY_TIME: [&str; 2] = [HUNG, NOT_STRUCK];
const HUNG: &str = "it hung";
const NOT_STRUCK: &str = "the fault did not strike";

struct Case<'a> {
    reference: &'a Reference,
    row: &'a Row,
    target: &'a Target,
}

#[test]
#[ignore = "minutes of all cores; cargo test --test matrix -- --ignored --nocapture"]
fn every_fault_at_every_call_of_every_command() {
    let started = Instant::now();
    let runtime = sandbox::runtime(8);
    // `MATRIX=tick` tries only scenarios with that in their names.
    let only = std::env::var("MATRIX").unwrap_or_default();
    let scenarios = || SCENARIOS.iter().filter(|scenario| scenario.name.contains(&only));
    let references: Vec<_> = scenarios()
        .map(|scenario| Reference::new(&runtime, scenario, Duration::ZERO, &[]))
        .chain(
            scenarios()
                .filter(|scenario| scenario.works())
                .map(|scenario| Reference::new(&runtime, scenario, LASTING, &[])),
        )
        .chain(
            scenarios()
                .filter(|scenario| scenario.meets_lag)
                .map(|scenario| Reference::new(&runtime, scenario, Duration::ZERO, LAGGING)),
        )
        .collect();
    let rows = faults::rows();
    let cases: Vec<_> = rows
        .iter()
        .flat_map(|row| references.iter().flat_map(|reference| reference.cases(row)))
        .collect();
    println!("{} cases", cases.len());
    // Long ones wait more than they work: among the others they take no time of their own, and
    // none is waited for alone at the end.
    let (long, short): (Vec<_>, Vec<_>) = cases.into_iter().partition(|case| case.row.is_long());
    let cases = spread(long, short);
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let outcome = case.run(&runtime);
                    outcomes.lock().unwrap().push((case, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap();
    let mut again = 0;
    for (case, outcome) in &mut outcomes {
        if outcome.as_ref().is_err_and(|what| BY_TIME.iter().any(|by| what.starts_with(by))) {
            again += 1;
            *outcome = case.run(&runtime);
        }
    }
    let kind = |reference: &&Reference| (reference.transition, reference.switches);
    for kind in references.chunk_by(|one, other| kind(&one) == kind(&other)) {
        println!("{}\n", table(&rows, kind, &outcomes));
    }
    println!("{}", caption(&outcomes, started.elapsed()));
    println!("{again} were tried again, each by itself.");
    let mut report = String::new();
    for (case, outcome) in &outcomes {
        if let Err(what) = outcome {
            let _ = writeln!(report, "== {}\n{what}\n", case.title());
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

/// Both in their order, the first spread evenly over the first three quarters.
fn spread<T>(some: Vec<T>, others: Vec<T>) -> Vec<T> {
    let between = (others.len() * 3).checked_div(some.len() * 4).unwrap_or_default();
    let mut others = others.into_iter();
    let mut all = Vec::new();
    for one in some {
        all.push(one);
        all.extend(others.by_ref().take(between));
    }
    all.extend(others);
    all
}

impl Row {
    /// Whether its cases take seconds.
    fn is_long(&self) -> bool {
        self.timeout == faults::SHORT || matches!(self.disturbance, Disturbance::Call(_, 2..))
    }

    fn title(&self) -> String {
        let without = if self.given_run_id { "" } else { ", no --run-id" };
        format!("{}{without}", self.name)
    }
}

/// A project with what the scenario finds.
fn sandbox(
    runtime: &Arc<Runtime>,
    files: Files,
    transition: Duration,
    switches: &[&str],
    skew: &Arc<AtomicI64>,
) -> Sandbox {
    let skew = Arc::clone(skew);
    let sandbox = Sandbox::on(Arc::clone(runtime), |options| {
        options.transition = transition;
        // The reference leaves it open. Where it is refused, `publish-ver`, which changes nothing
        // else, cannot get a function out of `PublishFailed`.
        options.behaviour.set("publish-after-failure=allowed").unwrap();
        for switch in switches {
            options.behaviour.set(switch).unwrap();
        }
        options.clock = Arc::new(move || {
            chrono::Utc::now() + chrono::TimeDelta::seconds(skew.load(Ordering::SeqCst))
        });
    });
    write(&sandbox, files);
    sandbox
}

fn write(sandbox: &Sandbox, files: Files) {
    if files.yaml.contains("notify") {
        sandbox.file(".env", scenarios::CHAT);
    }
    sandbox.change_code(files.code);
    sandbox.yaml(files.yaml);
}

impl Reference {
    fn new(
        runtime: &Arc<Runtime>,
        scenario: &'static Scenario,
        transition: Duration,
        switches: &'static [&'static str],
    ) -> Self {
        // Rollouts that it begins have lasted for so long.
        let earlier = Arc::new(AtomicI64::new(-2 * 3600));
        let arranging = sandbox(runtime, scenario.before, Duration::ZERO, &[], &earlier);
        for line in scenario.arranged_by {
            arranging.type_in(line).ok();
        }
        let calls = arranging.calls().into_iter().filter(|call| changes(&call.action));
        let arrangement = calls.map(|call| (call.action, call.params)).collect();
        let mut reference = Self {
            scenario,
            transition,
            switches,
            arrangement,
            targets: Vec::new(),
            states: Vec::new(),
            effects: Vec::new(),
        };
        let undisturbed = reference.sandbox(runtime, &Arc::default());
        let from = undisturbed.calls().len();
        let states = Arc::new(Mutex::new(vec![state::of(undisturbed.server())]));
        let (server, seen) = (undisturbed.server().clone(), Arc::clone(&states));
        undisturbed.faulty(move |call| {
            if !changes(&call.action) {
                return Fault::None;
            }
            let (server, seen) = (server.clone(), Arc::clone(&seen));
            Fault::After(Arc::new(move || seen.lock().unwrap().push(state::of(&server))))
        });
        let ran = undisturbed.run(&reference.arguments(LONG, true)).fails(scenario.exit());
        undisturbed.healthy();
        reference.states.clone_from(&states.lock().unwrap());
        let settled = state::of(undisturbed.server());
        let last = reference.states.last_mut().unwrap();
        assert_eq!(
            state::without_statuses(last),
            state::without_statuses(&settled),
            "{}",
            scenario.name
        );
        *last = settled;
        let mut counts: HashMap<String, usize> = HashMap::new();
        for call in undisturbed.calls().split_off(from) {
            let count = counts.entry(call.action.clone()).or_default();
            *count += 1;
            reference.targets.push((call.action, *count));
        }
        let steps = ran.stderr.lines().filter_map(|line| line.strip_prefix("- "));
        reference.effects =
            steps.filter_map(|step| step.split_once(": ")).map(|(_, what)| what.into()).collect();
        if scenario.accounts() {
            assert_eq!(reference.effects.len() + 1, reference.states.len(), "{}", ran.stderr);
        }
        for state in &reference.states {
            let danger = state::danger(reference.first(), state, scenario.exposure);
            assert_eq!(danger, None, "{}", scenario.name);
        }
        reference
    }

    /// A project and a server that hold what the command finds.
    fn sandbox(&self, runtime: &Arc<Runtime>, skew: &Arc<AtomicI64>) -> Sandbox {
        let sandbox = sandbox(runtime, self.scenario.files, self.transition, self.switches, skew);
        for (action, params) in &self.arrangement {
            sandbox.server().apply(action, params.clone(), REGION).unwrap();
            // By then it has ended.
            skew.fetch_add(1, Ordering::SeqCst);
        }
        // What was arranged is old; only the command's own writes are new.
        sandbox.server().catch_up();
        if let Some(plan) = self.scenario.plan() {
            sandbox.type_in(plan).ok();
        }
        sandbox
    }

    fn arguments(&self, timeout: &'static str, run_id: bool) -> Vec<&'static str> {
        let mut arguments: Vec<_> = self.scenario.line.split(' ').collect();
        let named = run_id && self.scenario.names_run();
        let options: &[_] = if named { &["--run-id", "run-1"] } else { &[] };
        let words = if ["rollout", "versions"].contains(&arguments[0]) { 2 } else { 1 };
        arguments.splice(words..words, options.iter().chain(&["--timeout", timeout]).copied());
        arguments
    }

    /// What is unusual about its server, behind the name of a scenario.
    fn kind(&self) -> &'static str {
        match (self.transition.is_zero(), self.switches.is_empty()) {
            (true, true) => "",
            (false, _) => " with lasting work",
            (true, false) => " with lagging reads",
        }
    }

    fn first(&self) -> &Value {
        &self.states[0]
    }

    fn last(&self) -> &Value {
        self.states.last().unwrap()
    }

    fn cases<'a>(&'a self, row: &'a Row) -> Vec<Case<'a>> {
        let case = |target| Case { reference: self, row, target };
        if self.scenario.writes_like_others() && row.is_long() {
            return Vec::new();
        }
        if !row.given_run_id && !self.scenario.publishes() {
            return Vec::new();
        }
        let tried = |target: &&Target| match row.on {
            // Reads are no different while work lasts, but how many there are is.
            On::Every
                if self.transition.is_zero()
                    && self.switches.is_empty()
                    && self.scenario.reads_are_its_own() =>
            {
                true
            }
            On::Every | On::Changes => changes(&target.0),
            On::Work => work(&target.0).is_some(),
        };
        self.targets.iter().filter(tried).map(case).collect()
    }
}

/// The status while an action's work lasts, and the one that it ends in when it fails.
fn work(action: &str) -> Option<(&'static str, &'static str)> {
    match action {
        "CreateFunction" => Some(("Creating", "CreateFailed")),
        "UpdateFunctionCode" | "UpdateFunctionConfiguration" => Some(("Updating", "UpdateFailed")),
        "PublishVersion" => Some(("Publishing", "PublishFailed")),
        _ => None,
    }
}

/// What has to be known of a case while its command runs.
struct Watch {
    disturbance: Disturbance,
    target: Target,
    before: Value,
    exposure: f64,
    server: Handle,
    skew: Arc<AtomicI64>,
    process: OnceLock<u32>,
    counts: Mutex<HashMap<String, usize>>,
    struck: AtomicBool,
    danger: Mutex<Option<String>>,
}

impl Watch {
    fn look(&self) {
        let danger = state::danger(&self.before, &state::of(&self.server), self.exposure);
        if let Some(danger) = danger {
            self.danger.lock().unwrap().get_or_insert(danger);
        }
    }

    fn decide(self: &Arc<Self>, call: &Call) -> Fault {
        if changes(&call.action) {
            self.look();
        }
        let count = {
            let mut counts = self.counts.lock().unwrap();
            let count = counts.entry(call.action.clone()).or_default();
            *count += 1;
            *count
        };
        let (action, number) = &self.target;
        let here = call.action == *action && count == *number;
        if here {
            self.struck.store(true, Ordering::SeqCst);
        }
        match &self.disturbance {
            Disturbance::Call(fault, times)
                if call.action == *action && (*number..*number + times).contains(&count) =>
            {
                fault.clone()
            }
            Disturbance::FromHere(fault) if self.struck.load(Ordering::SeqCst) => fault.clone(),
            _ if !here => Fault::None,
            Disturbance::FailedStatus => {
                let watch = Arc::clone(self);
                Fault::Before(Arc::new(move || {
                    let (_, failed) = work(&watch.target.0).unwrap();
                    watch.server.fail_next(failed, "the disk is full");
                }))
            }
            Disturbance::Unending => {
                let watch = Arc::clone(self);
                Fault::After(Arc::new(move || {
                    let (lasting, _) = work(&watch.target.0).unwrap();
                    watch.server.set_status(&place(), "$LATEST", lasting, None).unwrap();
                }))
            }
            Disturbance::Clock => {
                self.skew.store(3600, Ordering::SeqCst);
                Fault::error("AuthFailure.SignatureExpire", "the signature expired")
            }
            Disturbance::KilledBefore => {
                self.signal(Signal::KILL);
                Fault::DropBefore
            }
            Disturbance::KilledAfter => {
                let watch = Arc::clone(self);
                Fault::After(Arc::new(move || watch.signal(Signal::KILL)))
            }
            Disturbance::Signal(signal) => {
                self.signal(*signal);
                // So that it is heard before the answer.
                Fault::Delay(Duration::from_millis(100))
            }
            Disturbance::Refused => {
                self.server.set_listening(false);
                Fault::DropBefore
            }
            Disturbance::Call(..) | Disturbance::FromHere(_) => Fault::None,
        }
    }

    fn signal(&self, signal: Signal) {
        // A command sends its first call after it was started, so its id is there or about to
        // be.
        send(signal, *self.process.wait());
    }
}

fn place() -> Place {
    Place::new(REGION, FUNCTION)
}

/// Runs a command to its end, or kills it when it hangs.
fn watched(
    sandbox: &Sandbox,
    arguments: &[&str],
    allowed: Duration,
    started: impl FnOnce(u32),
) -> Result<Ran, String> {
    let child = sandbox.spawn(arguments);
    let process = child.id();
    started(process);
    let (sender, ended) = mpsc::channel();
    let waiting = std::thread::spawn(move || {
        let ran = std::panic::catch_unwind(|| finished(child));
        let _ = sender.send(());
        ran
    });
    let hung = ended.recv_timeout(allowed + MARGIN).is_err();
    if hung {
        send(Signal::KILL, process);
    }
    let ran = waiting.join().unwrap().map_err(|panic| match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(_) => "the output could not be checked".to_owned(),
    })?;
    if hung { Err(format!("{HUNG}: {arguments:?}\n{}", ran.stderr)) } else { Ok(ran) }
}

impl Case<'_> {
    fn title(&self) -> String {
        let (action, number) = self.target;
        let scenario = self.reference.scenario;
        let kind = self.reference.kind();
        format!("{}{kind}, {action} number {number}: {}", scenario.name, self.row.title())
    }

    /// Whether a change was refused with a code that says that it was not carried out (error
    /// reference, "What may be repeated").
    fn is_refused(&self) -> bool {
        let (Disturbance::Call(fault, _) | Disturbance::FromHere(fault)) = &self.row.disturbance
        else {
            return false;
        };
        let plain = ["RequestLimitExceeded", "AuthFailure"];
        matches!(fault, Fault::Error { code, .. } if plain.iter().any(|one| code.starts_with(one)))
            && changes(&self.target.0)
    }

    /// Whether its call looks for a version of the same content, beside or after a publication.
    /// That only serves a note and is given up after a second, which a busy machine may take.
    fn may_be_given_up(&self) -> bool {
        let targets = &self.reference.targets;
        let position = |wanted: &str, number| {
            targets.iter().position(|(action, count)| action == wanted && *count == number)
        };
        let own = position(&self.target.0, self.target.1);
        self.target.0 == "ListAliases"
            && position("PublishVersion", 1).is_some_and(|publication| own > Some(publication))
    }

    /// How the disturbed command exited.
    fn run(&self, runtime: &Arc<Runtime>) -> Result<i32, String> {
        let (reference, row) = (self.reference, self.row);
        let skew = Arc::new(AtomicI64::new(0));
        let sandbox = reference.sandbox(runtime, &skew);
        let server = sandbox.server().clone();
        let watch = Arc::new(Watch {
            disturbance: row.disturbance.clone(),
            target: self.target.clone(),
            before: reference.first().clone(),
            exposure: reference.scenario.exposure,
            server: server.clone(),
            skew,
            process: OnceLock::new(),
            counts: Mutex::default(),
            struck: AtomicBool::new(false),
            danger: Mutex::new(None),
        });
        let deciding = Arc::clone(&watch);
        sandbox.faulty(move |call| deciding.decide(call));
        let allowed = Duration::from_secs(row.timeout.trim_end_matches('s').parse().unwrap());
        let arguments = reference.arguments(row.timeout, row.given_run_id);
        let ran = watched(&sandbox, &arguments, allowed, |process| {
            watch.process.set(process).unwrap();
        })?;
        let told = format!("exit {}\n{}", ran.code, ran.stderr);
        sandbox.healthy();
        server.set_listening(true);
        let struck = watch.struck.load(Ordering::SeqCst);
        let given_up = self.may_be_given_up() && ran.code == 0;
        if !struck && !given_up {
            return Err(format!("{NOT_STRUCK}\n{told}"));
        }
        watch.look();
        if let Some(danger) = watch.danger.lock().unwrap().take() {
            return Err(format!("{danger}\n{told}"));
        }
        // What a function does may not be doubled.
        if state::runs(&server) > 1 {
            return Err(format!("the function ran twice\n{told}"));
        }
        let now = state::of(&server);
        self.check(&ran, &now).map_err(|what| format!("{what}\n{told}"))?;
        if !row.given_run_id && ran.code == KILLED {
            return self.check_unnamed(&sandbox, &told);
        }
        // A second run of what succeeded shows only that it does not publish again; under another
        // run id it may.
        let scenario = reference.scenario;
        let publishes = scenario.publishes() || scenario.freezes();
        if !row.given_run_id || (ran.code == scenario.exit() && !publishes) {
            return Ok(ran.code);
        }
        if matches!(row.disturbance, Disturbance::Unending) {
            server.set_status(&place(), "$LATEST", "Active", None).unwrap();
        }
        // Whoever reads the error and types the command again takes longer than reads lag.
        server.catch_up();
        if let Some(plan) = scenario.plan() {
            // Begun, it is stale, and says so: the rest is planned as the same run.
            let words: Vec<&str> = plan.split(' ').collect();
            watched(&sandbox, &words, Duration::from_secs(60), |_| ())?.ok();
        }
        let again =
            watched(&sandbox, &reference.arguments(LONG, true), Duration::from_secs(60), |_| ())?;
        let told = format!("{told}\nagain: exit {}\n{}", again.code, again.stderr);
        let left = state::of(&server);
        let done = now == *reference.last();
        if again.code != if done { scenario.exit_again() } else { scenario.exit() } {
            return Err(format!("the second run failed\n{told}"));
        }
        let left = match row.disturbance {
            Disturbance::FailedStatus => state::without_failed_versions(&left),
            _ => left,
        };
        if left != *reference.last() {
            return Err(format!(
                "the second run ends in another state\n{told}\n{left:#}\ninstead of\n{:#}",
                reference.last()
            ));
        }
        Ok(ran.code)
    }

    /// Runs a killed command again that has no run id to know its version by: at most one more
    /// is published, and the version that is left over is named.
    fn check_unnamed(&self, sandbox: &Sandbox, told: &str) -> Result<i32, String> {
        sandbox.server().catch_up();
        let arguments = self.reference.arguments("60s", false);
        let again = watched(sandbox, &arguments, Duration::from_secs(60), |_| ())?;
        let told = format!("{told}\nagain: exit {}\n{}", again.code, again.stderr);
        let left = state::of(sandbox.server());
        let extra = state::published(&left).checked_sub(state::published(self.reference.last()));
        if again.code != 0 || !matches!(extra, Some(0 | 1)) {
            return Err(format!("the second run, of another id\n{told}\n{left:#}"));
        }
        let newest = state::published(&left);
        let note = format!(
            "note: version {} has the same content as version {newest} and no alias routes to it",
            newest.saturating_sub(1)
        );
        if (extra == Some(1)) != again.stderr.contains(&note) {
            return Err(format!("`{note}`, or nothing left over\n{told}\n{left:#}"));
        }
        Ok(KILLED)
    }

    /// Checks the end of the disturbed command against what the server holds then.
    fn check(&self, ran: &Ran, now: &Value) -> Result<(), String> {
        let (reference, row) = (self.reference, self.row);
        if ran.code == reference.scenario.exit() {
            return if now == reference.last() {
                Ok(())
            } else {
                Err(format!("success, and yet the state is\n{now:#}"))
            };
        }
        // Whether the function ran is not known, and it may do anything: the user decides.
        let may_have_run = self.target.0.starts_with("Invoke") && ran.code == 1;
        if !row.exits.contains(&ran.code) && !may_have_run {
            return Err(format!("not an exit code of this fault: {:?}", row.exits));
        }
        if ran.code != KILLED
            && !row.says.is_empty()
            && !row.says.iter().any(|text| ran.stderr.contains(text))
        {
            return Err(format!("it says none of {:?}", row.says));
        }
        let most = reference.states.iter().map(state::published).max();
        if Some(state::published(now)) > most {
            return Err(format!("too many versions\n{now:#}"));
        }
        // Of work that failed or lasts the status differs, and nothing else.
        let now = state::without_statuses(now);
        let states: Vec<_> = reference.states.iter().map(state::without_statuses).collect();
        if !states.contains(&now) {
            return Err(format!("no state of an undisturbed run\n{now:#}"));
        }
        if !reference.scenario.accounts() || ran.code == KILLED {
            return Ok(());
        }
        let lines = |prefix| ran.stderr.lines().filter_map(move |line| line.strip_prefix(prefix));
        let done: Vec<_> = lines("  done: ").collect();
        let perhaps: Vec<_> = lines("  may have been done: ").collect();
        let left: Vec<_> = lines("  not done: ").collect();
        let all = [&done[..], &perhaps[..], &left[..]].concat();
        let sure = now == states[done.len()];
        let true_account =
            if perhaps.is_empty() { sure } else { sure || now == states[done.len() + 1] };
        if !true_account {
            return Err(format!("what it says was done is not what the state shows\n{now:#}"));
        }
        if self.is_refused() && !perhaps.is_empty() {
            return Err("perhaps done, and it was refused".to_owned());
        }
        // It says nothing of steps while it has not planned any.
        if !all.is_empty() && all != reference.effects {
            return Err(format!("it accounts for other steps than {:?}", reference.effects));
        }
        Ok(())
    }
}

/// Faults × scenarios: cases that passed, and how many did not.
fn table(
    rows: &[Row],
    references: &[Reference],
    outcomes: &[(&Case<'_>, Result<i32, String>)],
) -> String {
    let width = rows.iter().map(|row| row.title().chars().count()).max().unwrap_or_default();
    let mut text = format!("{:width$}", references[0].kind().trim());
    for reference in references {
        let _ = write!(text, "  {}", reference.scenario.name);
    }
    text.push_str("  exits\n");
    for row in rows {
        let _ = write!(text, "{:width$}", row.title());
        let mut exits: BTreeMap<i32, usize> = BTreeMap::new();
        for reference in references {
            let (mut passed, mut failed) = (0, 0);
            let here = |case: &Case<'_>| {
                std::ptr::eq(case.row, row) && std::ptr::eq(case.reference, reference)
            };
            for (_, outcome) in outcomes.iter().filter(|(case, _)| here(case)) {
                match outcome {
                    Ok(code) => {
                        passed += 1;
                        *exits.entry(*code).or_default() += 1;
                    }
                    Err(_) => failed += 1,
                }
            }
            let cell = match (passed, failed) {
                (0, 0) => "-".to_owned(),
                (passed, 0) => passed.to_string(),
                (passed, failed) => format!("{passed}+{failed}!"),
            };
            let _ = write!(text, "  {cell:>0$}", reference.scenario.name.len());
        }
        let exits: Vec<_> = exits.iter().map(|(code, count)| format!("{code}: {count}")).collect();
        let _ = writeln!(text, "  {}", exits.join(", "));
    }
    text
}

/// Totals, and what the cells mean.
fn caption(outcomes: &[(&Case<'_>, Result<i32, String>)], took: Duration) -> String {
    let failed = outcomes.iter().filter(|(_, outcome)| outcome.is_err()).count();
    format!(
        "{} cases, {failed} failed, {} s.\n\
         A cell counts the calls that met the fault; `+n!` failed. What comes after the work is \
         tried\non calls that change something: after a read it is the same as before. Where work \
         lasts\nor reads lag, only those calls are tried. `exits` counts how the disturbed command ended; \
         {KILLED} is SIGKILL.",
        outcomes.len(),
        took.as_secs()
    )
}
