//! The pairs of commands, and the table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::runtime::Runtime;

use crate::commands::{Act, Command, Player};
use crate::explore::{self, Commute, Walk};
use crate::footprint::{DEFAULT, Footprint, LISTED, OTHER};
use crate::laws::{Ending, Laws};
use crate::scheduler::{self, Run};
use crate::world::{Found, World};

struct Scenario {
    name: &'static str,
    two: [Command; 2],
    found: Found,
    /// What a command may exit with besides 0 and 5.
    exits: &'static [u8],
    /// Whether one run id was given to both.
    one_run_id: bool,
    /// What both together write, where the first read after a write shows what was there before.
    lagging: Option<u8>,
}

impl Scenario {
    fn switches(&self) -> &'static [&'static str] {
        match self.lagging {
            Some(_) => &["reads=stale-one", "weights=float32"],
            None => &[],
        }
    }

    fn commute(&self, one: Footprint, other: Footprint) -> bool {
        let written = self.lagging.unwrap_or_default();
        one.lagging(written).commutes_with(other.lagging(written))
    }

    fn title(&self) -> String {
        let lagging = if self.lagging.is_some() { ", lagging" } else { "" };
        format!("{}{lagging}", self.name)
    }
}

/// A person takes `$LATEST` out of service.
fn console_edit() -> Command {
    Command::Console {
        action: "UpdateAlias",
        params: json!({"Name": "$DEFAULT", "FunctionVersion": "2"}),
    }
}

/// A person gives `$LATEST` everything.
fn console_raise() -> Command {
    Command::Console {
        action: "UpdateAlias",
        params: json!({"Name": "$DEFAULT", "FunctionVersion": "$LATEST"}),
    }
}

fn scenarios() -> Vec<Scenario> {
    let deployed = |code, publish, traffic| Command::Deploy {
        code,
        publish,
        traffic,
        end_rollout: false,
        planned: false,
    };
    let deploy = |code, traffic| deployed(code, false, Some(traffic));
    let freeze = |code| deployed(code, true, Some("0"));
    let plain = |code| deployed(code, false, None);
    let update = |weight| Command::UpdateAlias(Command::wish("prod", 1, 2, weight));
    let create = |weight| Command::CreateAlias(Command::wish("prod", 1, 2, weight));
    let scenario = |name, two| Scenario {
        name,
        two,
        found: Found::Aliases,
        exits: &[],
        one_run_id: false,
        lagging: None,
    };
    let one_run_id = |name, two| Scenario { one_run_id: true, ..scenario(name, two) };
    let lagging = |written, scenario| Scenario { lagging: Some(written), ..scenario };
    let mut all = vec![
        Scenario {
            found: Found::Nothing,
            ..scenario("two first deploys", [freeze("mine"), plain("theirs")])
        },
        scenario("two freezes, other code", [freeze("mine"), freeze("theirs")]),
        scenario("two freezes, same code", [freeze("two"), freeze("two")]),
        scenario("two deploys, other code", [deploy("mine", "0.2"), deploy("theirs", "0.9")]),
        scenario("two deploys that raise", [deploy("mine", "0.8"), deploy("theirs", "0.9")]),
        scenario("two deploys that lower", [deploy("mine", "0.2"), deploy("theirs", "0.1")]),
        scenario("two shifts of traffic", [deploy("two", "0.2"), deploy("two", "0.9")]),
        scenario("two shifts, the same", [deploy("two", "0.2"), deploy("two", "0.2")]),
        scenario("two deploys, no traffic", [plain("mine"), plain("theirs")]),
        scenario("freeze, shift of traffic", [freeze("mine"), deploy("two", "0.2")]),
        scenario("freeze, console edit", [freeze("mine"), console_edit()]),
        scenario("raise, console edit", [deploy("mine", "0.9"), console_edit()]),
        scenario("lower, console edit", [deploy("mine", "0.2"), console_edit()]),
        scenario("as asked, console edit", [deploy("mine", "0.5"), console_raise()]),
        scenario("as asked, raise", [deploy("mine", "0.5"), deploy("two", "0.9")]),
        scenario("publish-ver, deploy", [Command::PublishVer, deploy("mine", "0.2")]),
        scenario("publish-ver, freeze", [Command::PublishVer, freeze("mine")]),
        scenario("two publish-ver", [Command::PublishVer, Command::PublishVer]),
        one_run_id("two publish-ver, one run", [Command::PublishVer, Command::PublishVer]),
        one_run_id("two freezes, one run", [freeze("two"), freeze("two")]),
        scenario("two update-alias", [update("0.3"), update("0.6")]),
        scenario("two update-alias, same", [update("0.3"), update("0.3")]),
        Scenario {
            exits: &[3],
            ..scenario("update-alias, delete-alias", [update("0.3"), Command::DeleteAlias("prod")])
        },
        Scenario {
            found: Found::Function,
            exits: &[3],
            ..scenario("create-alias, update-alias", [create("0.3"), update("0.6")])
        },
        Scenario {
            found: Found::Function,
            ..scenario("two create-alias", [create("0.3"), create("0.6")])
        },
        lagging(OTHER, scenario("two update-alias", [update("0.3"), update("0.6")])),
        lagging(OTHER, scenario("two update-alias, same", [update("0.3"), update("0.3")])),
        lagging(
            OTHER,
            Scenario {
                exits: &[3],
                ..scenario(
                    "update-alias, delete-alias",
                    [update("0.3"), Command::DeleteAlias("prod")],
                )
            },
        ),
        lagging(
            OTHER,
            Scenario {
                found: Found::Function,
                ..scenario("two create-alias", [create("0.3"), create("0.6")])
            },
        ),
        lagging(
            DEFAULT,
            scenario("two shifts of traffic", [deploy("two", "0.2"), deploy("two", "0.9")]),
        ),
        lagging(DEFAULT, scenario("shift, console edit", [deploy("two", "0.9"), console_edit()])),
        lagging(
            LISTED,
            one_run_id("two publish-ver, one run", [Command::PublishVer, Command::PublishVer]),
        ),
        lagging(
            LISTED | DEFAULT,
            scenario("publish-ver, shift of traffic", [Command::PublishVer, deploy("two", "0.2")]),
        ),
    ];
    all.extend(of_plans());
    all.extend(of_rollouts());
    all
}

/// Plans that are made and carried out while others change what they were made of.
fn of_plans() -> Vec<Scenario> {
    let deploy = |code, publish, traffic, planned| Command::Deploy {
        code,
        publish,
        traffic: Some(traffic),
        end_rollout: false,
        planned,
    };
    let apply = |code, traffic| deploy(code, false, traffic, true);
    let scenario = |name, two| Scenario {
        name,
        two,
        found: Found::Aliases,
        exits: &[],
        one_run_id: false,
        lagging: None,
    };
    vec![
        scenario("apply, console edit", [apply("two", "0.9"), console_edit()]),
        scenario("apply, deploy", [apply("mine", "0.2"), deploy("theirs", false, "0.9", false)]),
        scenario("apply, freeze", [apply("two", "0.9"), deploy("two", true, "0", false)]),
        scenario("apply, publish-ver", [deploy("mine", true, "0", true), Command::PublishVer]),
        scenario("two apply", [apply("two", "0.2"), apply("two", "0.9")]),
    ]
}

/// Commands of rollouts beside each other and beside others.
fn of_rollouts() -> Vec<Scenario> {
    let prod = |act| Command::Rollout("prod", act);
    let to_latest = || Command::Rollout("$DEFAULT", Act::Tick);
    let scenario = |found, name, two| Scenario {
        name,
        two,
        found,
        exits: &[],
        one_run_id: false,
        lagging: None,
    };
    let rolling = |name, two| scenario(Found::Rolling, name, two);
    let lagging = |scenario| Scenario { lagging: Some(OTHER), ..scenario };
    let tick = || prod(Act::Tick);
    let ended = || {
        let mut wish = Command::wish("prod", 1, 2, "0.3");
        wish.end_rollout = true;
        Command::UpdateAlias(wish)
    };
    let deploy = |end_rollout| Command::Deploy {
        code: "two",
        publish: false,
        traffic: Some("0.2"),
        end_rollout,
        planned: false,
    };
    vec![
        rolling("two ticks", [tick(), tick()]),
        rolling("two ticks, one fails", [tick(), prod(Act::TickFails)]),
        scenario(Found::Ending, "two ticks, finish", [tick(), tick()]),
        Scenario {
            one_run_id: true,
            ..scenario(Found::Freezing, "two ticks, freeze", [to_latest(), to_latest()])
        },
        rolling("tick, abort", [tick(), prod(Act::Abort)]),
        rolling("tick, pause", [tick(), prod(Act::Pause)]),
        rolling("tick, promote", [tick(), prod(Act::Promote)]),
        rolling("tick, rollback", [tick(), prod(Act::Rollback)]),
        scenario(Found::Ending, "finish, rollback", [tick(), prod(Act::Rollback)]),
        rolling("tick, update-alias", [tick(), ended()]),
        scenario(Found::RollingDefault, "tick, shift of traffic", [to_latest(), deploy(true)]),
        Scenario {
            exits: &[5],
            ..scenario(Found::RollingDefault, "tick, shift refused", [to_latest(), deploy(false)])
        },
        scenario(Found::RollingDefault, "tick, console edit", [to_latest(), console_edit()]),
        scenario(
            Found::Aliases,
            "two starts",
            [prod(Act::Start("one", "20%")), prod(Act::Start("other", "30%"))],
        ),
        lagging(rolling("two ticks", [tick(), tick()])),
        lagging(rolling("tick, abort", [tick(), prod(Act::Abort)])),
    ]
}

/// What came of a scenario.
#[derive(Default)]
struct Result {
    walk: Walk,
    endings: BTreeMap<Ending, usize>,
    exits: BTreeMap<(u8, u8), usize>,
    broken: BTreeMap<String, (usize, String)>,
    /// What both said, and the aliases in the end.
    results: BTreeSet<String>,
}

/// The order of a run, for a report.
fn order(run: &Run) -> String {
    let mut text = String::new();
    for step in &run.steps {
        let mark = if step.before == step.after { ' ' } else { '*' };
        let _ = writeln!(text, "  {mark}{}", step.label);
    }
    for outcome in &run.outcomes {
        let _ = writeln!(text, "  exit {} {}", outcome.exit, outcome.text);
    }
    text
}

fn walk(runtime: &Runtime, scenario: &Scenario, commute: Commute<'_>) -> Result {
    let mut world = World::new(runtime, scenario.switches());
    let url = world.server.url();
    let players = [Player::new(&url), Player::new(&url)];
    if scenario.found == Found::Freezing {
        world.renew(0, Found::Function);
        world.content = players[0].content(&world.region);
    }
    let mut result = Result::default();
    let mut number = 0;
    let walk = explore::all_orders(
        commute,
        |choose| {
            number += 1;
            world.renew(number, scenario.found);
            scheduler::run(&world, &players, &scenario.two, scenario.one_run_id, choose)
        },
        |run| {
            let exits = (run.outcomes[0].exit, run.outcomes[1].exit);
            *result.exits.entry(exits).or_default() += 1;
            let texts = run.outcomes.iter().map(|outcome| outcome.text.as_str());
            let left = &run.steps.last().unwrap().after["aliases"];
            result.results.insert(format!("{}\n{left}", texts.collect::<Vec<_>>().join("\n")));
            let laws = Laws {
                two: &scenario.two,
                run,
                exits: scenario.exits,
                one_run_id: scenario.one_run_id,
                lagging: scenario.lagging.is_some(),
            };
            match laws.check() {
                Ok(ending) => *result.endings.entry(ending).or_default() += 1,
                Err(broken) => {
                    result.broken.entry(broken.0).or_insert_with(|| (0, order(run))).0 += 1;
                }
            }
        },
    );
    result.walk = walk;
    result
}

/// A walk in which no run went another way than its choices say, which loses orders: that is the
/// doing of a machine with other work.
fn steady(runtime: &Runtime, scenario: &Scenario, commute: Commute<'_>) -> Result {
    for _ in 0..5 {
        let result = walk(runtime, scenario, commute);
        if result.walk.strayed == 0 {
            return result;
        }
    }
    panic!("{}: every walk strays", scenario.name);
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Leaving out orders that differ by swaps of calls that commute loses nothing: with and without
/// it the same comes out.
#[test]
fn the_orders_that_are_left_out_end_like_others() {
    let runtime = runtime();
    for name in ["two update-alias", "update-alias, delete-alias"] {
        let scenarios = scenarios();
        let scenario = scenarios.iter().find(|scenario| scenario.name == name).unwrap();
        let reduced = steady(&runtime, scenario, &|one, other| scenario.commute(one, other));
        let whole = steady(&runtime, scenario, &|_, _| false);
        assert!(whole.walk.runs > 2 * reduced.walk.runs, "{name}: {}", whole.walk.runs);
        assert!(whole.results == reduced.results, "{name}");
    }
}

#[test]
#[ignore = "minutes of all cores; cargo test --test races -- --ignored --nocapture"]
fn every_order_of_the_calls_of_two_commands() {
    let started = std::time::Instant::now();
    let runtime = runtime();
    // `RACES=tick` walks only scenarios with that in their names.
    let only = std::env::var("RACES").unwrap_or_default();
    let mut scenarios = scenarios();
    scenarios.retain(|scenario| scenario.name.contains(&only));
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::SeqCst);
                    let Some(scenario) = scenarios.get(place) else { return };
                    let result =
                        walk(&runtime, scenario, &|one, other| scenario.commute(one, other));
                    results.lock().unwrap().insert(place, result);
                }
            });
        }
    });
    let results = results.into_inner().unwrap();
    let mut report = String::new();
    println!("{:34}{:>7}{:>9}{:>6}{:>8}  exits", "", "orders", "in turn", "told", "window");
    for (place, result) in &results {
        let count = |ending| result.endings.get(&ending).copied().unwrap_or_default();
        let exits: Vec<_> = result
            .exits
            .iter()
            .map(|((one, other), count)| format!("{one},{other}: {count}"))
            .collect();
        println!(
            "{:34}{:>7}{:>9}{:>6}{:>8}  {}",
            scenarios[*place].title(),
            result.walk.runs,
            count(Ending::InTurn),
            count(Ending::Told),
            count(Ending::Window),
            exits.join("  ")
        );
        for (what, (count, order)) in &result.broken {
            let _ = writeln!(
                report,
                "== {}, {count} orders: {what}\n{order}",
                scenarios[*place].title()
            );
        }
    }
    let total: usize = results.values().map(|result| result.walk.runs).sum();
    let strayed: usize = results.values().map(|result| result.walk.strayed).sum();
    println!("{total} orders, {strayed} strayed, {} s", started.elapsed().as_secs());
    assert!(report.is_empty(), "\n{report}");
}
