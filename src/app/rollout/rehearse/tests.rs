//! Laws of rehearsals, and what the built-in worlds come to.

use proptest::prelude::*;

use super::*;
use crate::model::{Routing, Weight};
use crate::plan::gates::{GateRule, GateSettings, RuleKind};
use crate::plan::rollout::gate_fields;
use crate::plan::rollout::machine::Transition;
use crate::plan::rollout::schedule::{Hold, Schedule, ScheduledStep, TypedSteps};
use crate::plan::rollout::state::{BackOrHold, Choices, GateFields, HoldOrContinue, OnNoData};

const ONE: Version = Version::Number(1);
const TWO: Version = Version::Number(2);

fn schedule(steps: &str) -> Schedule {
    Schedule::read(TypedSteps { steps: Some(steps), ..TypedSteps::default() }).unwrap()
}

fn gates(rules: &[GateRule]) -> GateFields {
    let settings = GateSettings { rules: rules.to_vec(), ..GateSettings::default() };
    GateFields { values: gate_fields::fields(&settings), ..GateFields::default() }
}

fn setup(generated: Generated, schedule: Schedule) -> Setup {
    let wish = NewRollout {
        id: "rehearse".into(),
        to: TWO,
        schedule,
        choices: Choices::DEFAULT,
        gates: gates(&[GateRule::default()]),
        functions: 1,
        content: None,
        freeze: true,
    };
    Setup {
        function: FunctionId { name: "f".into(), namespace: "default".into(), region: "r".into() },
        alias: Alias {
            name: "prod".into(),
            routing: Routing::all_to(ONE),
            description: "mine, 我的。".into(),
            modified: String::new(),
        },
        wish,
        from: ONE,
        next: Version::Number(3),
        publishes: false,
        digests: Digests::default(),
        generated,
    }
}

fn built_in(name: &str) -> Generated {
    match scenario::read(name, std::path::Path::new("/nowhere")).unwrap() {
        Scenario::Generated { generated, .. } => generated,
        Scenario::Recorded(_) => panic!("{name} is recorded"),
    }
}

fn generated(json: serde_json::Value) -> Generated {
    serde_json::from_value(json).unwrap()
}

fn outcomes(setup: &Setup, seeds: u64) -> Vec<(RehearsalOutcome, Option<&'static str>)> {
    let end = |seed| run(setup, seed, Hears::End).unwrap().end;
    (0..seeds).map(end).map(|end| (end.outcome(), end.phase.reason())).collect()
}

#[test]
fn the_built_in_worlds_come_to_what_they_are_named_after() {
    let duration = GateRule::parse(RuleKind::MaxDurationIncrease, "20%").unwrap();
    for (name, rules, outcome) in [
        ("healthy", vec![GateRule::default()], (RehearsalOutcome::Done, None)),
        ("errors-at-50%", vec![GateRule::default()], (RehearsalOutcome::RolledBack, Some("fail"))),
        ("slow", vec![GateRule::default()], (RehearsalOutcome::Done, None)),
        ("slow", vec![duration], (RehearsalOutcome::RolledBack, Some("fail"))),
        ("no-traffic", vec![GateRule::default()], (RehearsalOutcome::Held, Some("nodata"))),
        ("flapping", vec![GateRule::default()], (RehearsalOutcome::RolledBack, Some("fail"))),
    ] {
        let mut setup = setup(built_in(name), schedule("10%:20m,50%:20m,100%:20m"));
        setup.wish.gates = gates(&rules);
        assert_eq!(outcomes(&setup, 10), [outcome; 10], "{name} {rules:?}");
    }
}

#[test]
fn no_answer_is_no_health() {
    let down = generated(serde_json::json!({"format": 1, "rate_per_min": 600,
        "versions": {"from": {}, "to": {"error_rate": 0.5}},
        "monitor": {"down": [[0, 1e6]]}}));
    let setup = setup(down, schedule("10%:5m,100%:5m"));
    let run = run(&setup, 1, Hears::Changes).unwrap();
    assert_eq!(
        (run.end.outcome(), run.end.phase.reason()),
        (RehearsalOutcome::Held, Some("nodata"))
    );
    // Five minutes, three to settle, and three more lengths.
    assert_eq!(run.end.minutes, 23);
    let tale = run.told.unwrap();
    let told: Vec<_> = tale.entries.iter().map(|entry| (entry.minute, entry.event)).collect();
    assert_eq!(told, [(0, "begins"), (4, "no-data"), (23, "holds")]);
    assert!(tale.entries[1].says.to_string().ends_with("the monitor does not answer"));
}

#[test]
fn a_pause_goes_on_at_once() {
    let setup = setup(built_in("healthy"), schedule("10%:pause,50%:5m,100%:pause"));
    let run = run(&setup, 1, Hears::Changes).unwrap();
    assert_eq!(run.end.outcome(), RehearsalOutcome::Done);
    let tale = run.told.unwrap();
    let events: Vec<_> = tale.entries.iter().map(|entry| entry.event).collect();
    assert_eq!(events, ["begins", "advances", "advances", "finishes"]);
    let actions: Vec<_> = tale.calls.iter().map(|call| call.action).collect();
    assert_eq!(actions, ["UpdateAlias"; 4]);
}

#[test]
fn what_is_frozen_is_published_once() {
    let mut setup = setup(built_in("healthy"), schedule("20%:5m,100%:5m"));
    setup.wish.to = Version::Latest;
    setup.wish.content = Some(world::CONTENT.into());
    setup.alias.name = "$DEFAULT".into();
    let tale = run(&setup, 1, Hears::Changes).unwrap().told.unwrap();
    let calls: Vec<_> =
        tale.calls.iter().map(|call| (call.action, call.routing.as_deref())).collect();
    assert_eq!(
        calls,
        [
            ("UpdateAlias", Some("20% $LATEST, 80% 1")),
            ("UpdateAlias", Some("100% $LATEST")),
            ("PublishVersion", None),
            ("UpdateAlias", Some("100% 3")),
        ]
    );
}

#[test]
fn what_is_counted_is_what_was_served() {
    let all = generated(serde_json::json!({"format": 1, "rate_per_min": 6000,
        "versions": {"from": {}, "to": {"error_rate": 1}}}));
    let mut setup = setup(all, schedule("10%:10m,100%:10m"));
    let end = run(&setup, 1, Hears::End).unwrap().end;
    // One minute, and three until it counts; a tenth of 6000 calls in each.
    assert_eq!((end.outcome(), end.minutes), (RehearsalOutcome::RolledBack, 4));
    assert!((2200..2600).contains(&end.canary.calls), "{:?}", end.canary);
    assert_eq!(end.canary.errors, end.canary.calls);
    setup.wish.choices.on_fail = BackOrHold::Hold;
    assert_eq!(run(&setup, 1, Hears::End).unwrap().end.outcome(), RehearsalOutcome::Held);
}

#[test]
fn repetitions_are_counted() {
    let end = |phase, minutes, calls| RehearsalEnd {
        phase,
        minutes,
        canary: Counts { calls, errors: 1, ..Counts::default() },
    };
    let back = Phase::Back(crate::plan::rollout::state::BackReason::Fail);
    let ends = [
        end(Phase::Done, 60, 1000),
        end(back, 5, 100),
        end(back, 8, 200),
        end(Phase::Held(HoldReason::NoData), 9, 0),
    ];
    let found = repeats(&ends);
    assert_eq!((found.repeat, found.done, found.rolled_back, found.held), (4, 1, 2, 1));
    assert_eq!(found.minutes_until_back, Some([5.into(), 6.5.into(), 8.into()]));
    assert_eq!((found.mean_canary_calls, found.mean_canary_bad), (325.into(), 1.into()));
    assert_eq!(repeats(&[ends[0]]).minutes_until_back, None);
}

fn any_load() -> impl Strategy<Value = serde_json::Value> {
    let change = (0_u32..4000, 0.0..1.0_f64, 0.0..1.0_f64).prop_map(|(after, above, rate)| {
        serde_json::json!({"after_s": after, "above_share": above, "error_rate": rate})
    });
    (0.0..0.2_f64, 0.0..0.5_f64, 0.0..0.1_f64, prop::collection::vec(change, 0..3)).prop_map(
        |(errors, bursts, throttled, changes)| {
            serde_json::json!({"error_rate": errors, "error_rho": bursts,
                "throttle_rate": throttled, "changes": changes})
        },
    )
}

fn any_world() -> impl Strategy<Value = Generated> {
    let rate = prop_oneof![Just(0.0), 0.1..20.0_f64, 100.0..100_000.0_f64];
    let down = prop::collection::vec((0_u32..3000, 1_u32..2000), 0..2);
    let monitor = (0_u32..600, 0.0..0.5_f64, 0_u32..300, down);
    (rate, any_load(), any_load(), monitor).prop_map(|(rate, from, to, monitor)| {
        let (delay, drop, rising, down) = monitor;
        let down: Vec<_> = down.into_iter().map(|(from, long)| (from, from + long)).collect();
        generated(serde_json::json!({"format": 1, "rate_per_min": rate,
            "versions": {"from": from, "to": to},
            "monitor": {"delay_s": delay, "drop_rate": drop, "rising_s": rising, "down": down}}))
    })
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let hold = prop_oneof![3 => (1_u32..25).prop_map(Hold::Minutes), 1 => Just(Hold::Pause)];
    (prop::collection::btree_set(1_u32..100, 0..4), prop::collection::vec(hold, 5)).prop_map(
        |(shares, holds)| {
            let shares = shares.into_iter().chain([100]);
            let step = |(share, hold): (u32, &Hold)| ScheduledStep {
                share: format!("0.{share:02}").parse().unwrap_or(Weight::ONE),
                hold: *hold,
            };
            let steps = shares.zip(&holds).map(|(share, hold)| match share {
                100 => ScheduledStep { share: Weight::ONE, hold: *hold },
                share => step((share, hold)),
            });
            Schedule::new(steps.collect()).unwrap()
        },
    )
}

fn any_choices() -> impl Strategy<Value = Choices> {
    let no_data =
        prop::sample::select(vec![OnNoData::Hold, OnNoData::Continue, OnNoData::Rollback]);
    (0_u32..8, no_data, any::<[bool; 4]>()).prop_map(|(settle, on_no_data, is)| Choices {
        settle,
        on_no_data,
        on_fail: if is[0] { BackOrHold::Hold } else { BackOrHold::Rollback },
        on_inconclusive: if is[1] { HoldOrContinue::Continue } else { HoldOrContinue::Hold },
        advance_early: is[2],
        require_pass: is[3] && !is[1],
        ..Choices::DEFAULT
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_world_is(
        world in any_world(),
        schedule in any_schedule(),
        choices in any_choices(),
        seed in any::<u64>(),
    ) {
        let mut setup = setup(world, schedule);
        setup.wish.choices = choices;
        let steps = setup.wish.schedule.steps().to_vec();

        let Setup { function, alias, wish, from, next, digests, generated, .. } = &setup;
        let mut world = World::new(generated, function, alias, [*from, wish.to], *next, seed);
        let mut wrote: Vec<(Rollout, Transition)> = Vec::new();
        let mut tell = |told: TickNews<'_>| {
            if let TickNews::Wrote { rollout, transition, .. } = told {
                wrote.push((rollout.clone(), transition));
            }
        };
        let last = at_once(whole(&mut world, wish, digests, &mut tell)).unwrap();
        let shares = world.shares_of_canary();
        prop_assert_eq!(shares.len(), wrote.len());

        // Never above the step's, and it only rises until it returns in one write.
        let mut before = 0.0;
        for (share, (rollout, transition)) in shares.into_iter().zip(&wrote) {
            match rollout.phase {
                Phase::Back(_) => prop_assert!(share == 0.0),
                Phase::Done => prop_assert!((share - 1.0).abs() < 1e-12),
                _ => {
                    let most = rollout.current().share.to_f64();
                    prop_assert!(share <= most && share >= before, "{share} in {transition:?}");
                }
            }
            before = share;
        }
        let rollout = last.rollout.unwrap();
        prop_assert!(rollout.phase != Phase::Running);
        prop_assert!(rollout.phase != Phase::Held(HoldReason::Schedule));

        // The way back restores what was, the user's own text included.
        if matches!(rollout.phase, Phase::Back(_)) {
            prop_assert!(last.alias.routing.same_effect(&alias.routing));
        }
        prop_assert!(last.alias.description.starts_with("mine, 我的。"));

        // It ends: each step has its time, settles, and gets at most three more lengths of it.
        let most: u32 = steps
            .iter()
            .map(|step| {
                let hold = step.hold.minutes();
                hold + choices.settle + (3 * hold).max(10) + 1
            })
            .sum();
        let minutes = world.clock()();
        prop_assert!(minutes <= most, "{minutes} of {most}");

        // The same seed gives the same.
        let heard = |seed| run(&setup, seed, Hears::Looks).unwrap();
        let (one, two) = (heard(seed), heard(seed));
        prop_assert_eq!(one.end, two.end);
        let (one, two) = (one.told.unwrap(), two.told.unwrap());
        prop_assert_eq!(one.entries, two.entries);
        prop_assert_eq!(one.events, two.events);
    }
}
