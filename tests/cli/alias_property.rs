//! Random commands on aliases, against what has to come of them.
//!
//! After each command the console tells what is there. A command that succeeds has done what it
//! was asked for, one that is refused has changed nothing, and all shares are together one.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::sandbox::{FUNCTION, Sandbox};

const ALIASES: [&str; 2] = ["blue", "green"];
const CREATED: &str = "Published by Serverless Component";
/// Every reading of the reference on clearing an alias's routing, the most likely one first.
const READINGS: [[&str; 2]; 4] = [
    ["absent-routing=clear", "empty-routing=clear"],
    ["absent-routing=clear", "empty-routing=keep"],
    ["absent-routing=keep", "empty-routing=clear"],
    ["absent-routing=keep", "empty-routing=keep"],
];

/// A version by its number; 0 is `$LATEST`.
type Number = u8;

fn version(number: Number) -> String {
    if number == 0 { "$LATEST".to_owned() } else { number.to_string() }
}

#[derive(Debug, Clone)]
enum Wish {
    Unsaid,
    /// Version to weight, as typed.
    Weights(BTreeMap<Number, String>),
    Rule(Number),
}

#[derive(Debug, Clone)]
enum Step {
    Create { main: Number, wish: Wish, description: Option<&'static str> },
    Update { main: Number, wish: Wish, description: Option<&'static str>, force: bool },
    Delete,
}

/// An alias, as the console shows it.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    main: String,
    additional: BTreeMap<String, Decimal>,
    rules: Vec<Value>,
    description: String,
}

impl Seen {
    /// Version to share, without those that get nothing; together one.
    fn shares(&self) -> BTreeMap<String, Decimal> {
        let mut shares = self.additional.clone();
        let others: Decimal = shares.values().sum();
        *shares.entry(self.main.clone()).or_default() += Decimal::ONE - others;
        shares.retain(|_, share| !share.is_zero());
        shares
    }

    fn same_effect(&self, other: &Self) -> bool {
        self.main == other.main && self.shares() == other.shares() && self.rules == other.rules
    }
}

type World = BTreeMap<&'static str, Seen>;

fn decimal(number: &Value) -> Decimal {
    let text = number.to_string();
    text.parse().or_else(|_| Decimal::from_scientific(&text)).unwrap()
}

fn look(sandbox: &Sandbox) -> World {
    let list = sandbox.console("ListAliases", json!({}));
    let mut world = World::new();
    for alias in list["Aliases"].as_array().unwrap() {
        let Some(name) = ALIASES.iter().find(|name| alias["Name"] == **name) else { continue };
        let read = sandbox.console("GetAlias", json!({"Name": name}));
        let text = |key: &str| read[key].as_str().unwrap().to_owned();
        let config = &read["RoutingConfig"];
        let weights = config["AdditionalVersionWeights"].as_array().unwrap();
        let additional: BTreeMap<String, Decimal> = weights
            .iter()
            .map(|entry| (entry["Version"].as_str().unwrap().to_owned(), decimal(&entry["Weight"])))
            .collect();
        let rules = config["AddtionVersionMatchs"].as_array().unwrap().clone();
        let seen = Seen {
            main: text("FunctionVersion"),
            additional,
            rules,
            description: text("Description"),
        };
        let together: Decimal = seen.shares().values().sum();
        assert_eq!(together, Decimal::ONE, "{name}: {seen:?}");
        assert!(seen.shares().values().all(|share| *share > Decimal::ZERO), "{name}: {seen:?}");
        world.insert(name, seen);
    }
    world
}

fn rule(number: Number) -> Value {
    json!({
        "Version": version(number), "Key": "invoke.headers.User",
        "Method": "exact", "Expression": "Bob",
    })
}

/// A weight that can be used: from 0 to 1, with at most 6 decimals.
fn weight(typed: &str) -> Option<Decimal> {
    let weight: Decimal = typed.parse().unwrap();
    let fits = weight >= Decimal::ZERO && weight <= Decimal::ONE && weight.normalize().scale() <= 6;
    fits.then_some(weight)
}

/// What has to be there afterwards, or the exit code.
fn expected(before: Option<&Seen>, step: &Step, published: Number) -> Result<Option<Seen>, i32> {
    let (main, wish, description, force, creates) = match step {
        Step::Delete => return before.map(|_| None).ok_or(3),
        Step::Create { main, wish, description } => (*main, wish, description, false, true),
        Step::Update { main, wish, description, force } => {
            (*main, wish, description, *force, false)
        }
    };
    let mut wanted = Seen {
        main: version(main),
        additional: BTreeMap::new(),
        rules: Vec::new(),
        description: description.unwrap_or(CREATED).to_owned(),
    };
    if let Wish::Weights(weights) = wish {
        for (number, typed) in weights {
            wanted.additional.insert(version(*number), weight(typed).ok_or(2)?);
        }
    }
    if !creates {
        let before = before.ok_or(3)?;
        description.unwrap_or(&before.description).clone_into(&mut wanted.description);
        match wish {
            Wish::Unsaid => {
                wanted.additional.clone_from(&before.additional);
                wanted.additional.remove(&wanted.main);
                wanted.rules.clone_from(&before.rules);
            }
            Wish::Weights(_) if !before.rules.is_empty() && !force => return Err(5),
            Wish::Weights(_) | Wish::Rule(_) => {}
        }
    }
    if let Wish::Rule(number) = wish {
        wanted.rules = vec![rule(*number)];
    }
    let to_main = |rule: &Value| rule["Version"] == wanted.main.as_str();
    let named = match wish {
        Wish::Unsaid => vec![main],
        Wish::Weights(weights) => weights.keys().copied().chain([main]).collect(),
        Wish::Rule(number) => vec![*number, main],
    };
    let impossible = wanted.additional.len() > 1
        || wanted.additional.contains_key(&wanted.main)
        || wanted.rules.iter().any(to_main);
    let absent = named.iter().any(|number| *number > published);
    if impossible {
        return Err(2);
    }
    if absent {
        return Err(3);
    }
    match before {
        // Made before, as it would be made now.
        Some(before) if creates => {
            let same = before.same_effect(&wanted) && before.description == wanted.description;
            if same { Ok(Some(wanted)) } else { Err(5) }
        }
        _ => Ok(Some(wanted)),
    }
}

fn arguments(alias: &str, step: &Step) -> Vec<String> {
    let (command, main, wish, description, force) = match step {
        Step::Delete => ("delete-alias", None, &Wish::Unsaid, &None, false),
        Step::Create { main, wish, description } => {
            ("create-alias", Some(main), wish, description, false)
        }
        Step::Update { main, wish, description, force } => {
            ("update-alias", Some(main), wish, description, *force)
        }
    };
    let mut line = vec![command.to_owned()];
    line.extend(force.then(|| "--force".to_owned()));
    line.extend(["--inputs".to_owned(), format!("function={FUNCTION}"), format!("name={alias}")]);
    line.extend(main.map(|main| format!("version={}", version(*main))));
    line.extend(description.map(|description| format!("description={description}")));
    match wish {
        Wish::Unsaid => {}
        Wish::Weights(weights) => {
            // As typed, so that no number is written anew.
            let entry =
                |(number, typed): (&Number, &String)| format!("\"{}\":{typed}", version(*number));
            let weights: Vec<String> = weights.iter().map(entry).collect();
            line.push(format!("config={{\"weights\":{{{}}}}}", weights.join(",")));
        }
        Wish::Rule(number) => {
            let mut config = Map::new();
            config.insert("matches".to_owned(), json!([rule(*number)]));
            line.push(format!("config={}", Value::Object(config)));
        }
    }
    line
}

fn weights() -> impl Strategy<Value = String> {
    let exact = (0_u32..=6, any::<prop::sample::Index>()).prop_map(|(places, index)| {
        let one = 10_usize.pow(places);
        Decimal::new(i64::try_from(index.index(one + 1)).unwrap(), places).to_string()
    });
    prop_oneof![
        6 => exact,
        2 => prop::sample::select(vec!["0", "1", "0.1", "0.9", "0.01"]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["1.5", "-0.1", "0.1234567", "1.000001"])
            .prop_map(str::to_owned),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    // The other version is mostly there, and mostly not the main one.
    let number = prop_oneof![12 => 0_u8..=3, 1 => Just(4)];
    let versions = (number.clone(), 0_u8..=3).prop_map(|(main, apart)| (main, (main + apart) % 4));
    let wish = (versions, number, weights(), weights(), 0_u8..14).prop_map(
        |((main, other), third, one, two, kind)| {
            let wish = match kind {
                0..=2 => Wish::Unsaid,
                3..=7 => Wish::Weights([(other, one)].into()),
                8 => Wish::Weights([(other, one), (third, two)].into()),
                9 => Wish::Weights(BTreeMap::new()),
                _ => Wish::Rule(other),
            };
            (main, wish)
        },
    );
    let description =
        prop_oneof![3 => Just(None), 1 => Just(Some("mine")), 1 => Just(Some("灰度"))];
    (wish, description, any::<bool>(), 0_u8..12).prop_map(
        |((main, wish), description, force, kind)| match kind {
            0..=1 => Step::Create { main, wish, description },
            2..=10 => Step::Update { main, wish, description, force },
            _ => Step::Delete,
        },
    )
}

fn check(reading: [&str; 2], published: Number, line: &[(usize, Step)]) {
    let sandbox = Sandbox::with(|options| {
        for setting in reading {
            options.behaviour.set(setting).unwrap();
        }
    });
    sandbox.function(FUNCTION, "default", published.into());
    // One is there, the other is not.
    sandbox.console("CreateAlias", json!({"Name": ALIASES[0], "FunctionVersion": "$LATEST"}));
    let mut before = look(&sandbox);
    for (alias, step) in line {
        let name = ALIASES[*alias];
        let arguments = arguments(name, step);
        let from = sandbox.calls().len();
        let ran = sandbox.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let after = look(&sandbox);
        let told = format!(
            "{reading:?} {arguments:?}\nbefore {before:?}\nafter {after:?}\n{}",
            ran.stderr
        );
        match expected(before.get(name), step, published) {
            Err(code) => {
                assert_eq!(ran.code, code, "{told}");
                assert_eq!(after, before, "{told}");
                // Only the service can tell that an alias is there already.
                if !(code == 5 && matches!(step, Step::Create { .. })) {
                    sandbox.nothing_changed(from);
                }
            }
            Ok(wanted) => {
                assert_eq!(ran.code, 0, "{told}");
                assert_eq!(after.contains_key(name), wanted.is_some(), "{told}");
                if let Some((found, wanted)) = after.get(name).zip(wanted) {
                    assert!(found.same_effect(&wanted), "wanted {wanted:?}\n{told}");
                    assert_eq!(found.description, wanted.description, "{told}");
                }
            }
        }
        let others = |world: &World| {
            world.iter().filter(|(other, _)| **other != name).map(|(_, seen)| seen.clone()).next()
        };
        assert_eq!(others(&after), others(&before), "{told}");
        // Said once more, apart from what is expected of each command.
        if let (Some(before), Step::Update { wish, force: false, .. }) = (before.get(name), step)
            && !before.rules.is_empty()
            && !matches!(wish, Wish::Rule(_))
        {
            assert_eq!(after[name].rules, before.rules, "{told}");
        }
        before = after;
    }
}

#[test]
fn what_is_asked_for_is_what_is_there_afterwards() {
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let reading = prop::sample::select(READINGS.to_vec());
    let alias = prop_oneof![3 => Just(0_usize), 1 => Just(1)];
    let line = prop::collection::vec((alias, steps()), 4..9);
    runner
        .run(&(reading, 2_u8..=3, line), |(reading, published, line)| {
            check(reading, published, &line);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
