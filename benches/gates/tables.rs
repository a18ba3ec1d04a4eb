//! The tables, and the goals that they must meet.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use scfctl::plan::gates::{GateRule, GateSettings, RuleKind, SettledMinute, Side, judge};

use crate::bound::{self, Cost, Limit};
use crate::random::Random;
use crate::rivals::{Rival, rule};
use crate::world::{DELAY, LENGTH, Rollout, Weather, World, rollout, share_at};

/// Simulated rollouts of the rule that takes longest.
const OF_KAYENTA: usize = 200;
const ALPHA: f64 = 0.01;

/// Goals, and those that were missed.
#[derive(Default)]
pub struct Goals {
    met: usize,
    missed: Vec<String>,
}

impl Goals {
    fn at_most(&mut self, what: &str, value: f64, most: f64) {
        if value <= most {
            self.met += 1;
        } else {
            self.missed.push(format!("{what}: {value:.3}, goal {most}"));
        }
    }

    pub fn print(&self) -> ExitCode {
        println!("\n{} goals met, {} missed", self.met, self.missed.len());
        for missed in &self.missed {
            println!("- {missed}");
        }
        if self.missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// When one rule went back in each of many rollouts; the minute of the data.
struct Outcomes(Vec<Option<usize>>);

impl Outcomes {
    /// Percentage of rollouts that went back before they were over.
    fn back(&self) -> f64 {
        100.0 * self.in_time().count() as f64 / self.0.len() as f64
    }

    fn in_time(&self) -> impl Iterator<Item = usize> {
        self.0.iter().flatten().copied().filter(|minute| *minute <= LENGTH - DELAY)
    }

    /// Median minutes until the way back takes effect, and the mean of canary calls until then;
    /// `None` when fewer than half go back.
    fn cost(&self, rate: f64) -> Option<Cost> {
        let effect =
            |outcome: &Option<usize>| outcome.map_or(LENGTH, |minute| (minute + DELAY).min(LENGTH));
        let mut minutes: Vec<usize> = self.0.iter().map(effect).collect();
        let served =
            |minute: &usize| -> f64 { (1..=*minute).map(|minute| rate * share_at(minute)).sum() };
        let calls = minutes.iter().map(served).sum::<f64>() / minutes.len() as f64;
        minutes.sort_unstable();
        let half = 2 * self.in_time().count() >= self.0.len();
        half.then(|| Cost { minutes: minutes[minutes.len() / 2] as f64, calls })
    }
}

fn simulate(world: &World, rivals: &[Rival], rollouts: usize, seed: u64) -> Vec<Outcomes> {
    let mut random = Random::new(seed);
    let mut outcomes: Vec<Outcomes> = rivals.iter().map(|_| Outcomes(Vec::new())).collect();
    for number in 0..rollouts {
        let run: Rollout = rollout(world, &mut random);
        for (rival, outcomes) in rivals.iter().zip(&mut outcomes) {
            if *rival != Rival::Kayenta || number < OF_KAYENTA {
                outcomes.0.push(rival.fails_at(&run, world.base));
            }
        }
    }
    outcomes
}

fn head(title: &str, first: &str, columns: &[&str]) {
    println!("\n**{title}**\n\n| {first} | {} |", columns.join(" | "));
    println!("| --- |{}", " --- |".repeat(columns.len()));
}

fn row(first: &str, cells: &[String]) {
    println!("| {first} | {} |", cells.join(" | "));
}

fn names(rivals: &[Rival]) -> Vec<&'static str> {
    rivals.iter().map(|rival| rival.name()).collect()
}

fn percent(value: f64) -> String {
    let places = if value == 0.0 || value >= 3.0 { 0 } else { 2 };
    format!("{value:.places$}")
}

fn share(rate: f64) -> String {
    format!("{}%", (rate * 1e4).round() / 1e2)
}

/// 3 000 as 3000, 120 000 as 120k.
fn calls(count: f64) -> String {
    match count {
        count if count >= 1e6 => format!("{:.1}M", count / 1e6),
        count if count >= 1e5 => format!("{:.0}k", count / 1e3),
        count if count >= 1e4 => format!("{:.1}k", count / 1e3),
        count => format!("{count:.0}"),
    }
}

pub fn false_ways_back(rollouts: usize, goals: &mut Goals) {
    let rivals = [
        Rival::Scfctl,
        Rival::Strict,
        Rival::WithLimit,
        Rival::FlaggerDocs,
        Rival::FlaggerUnset,
        Rival::ArgoDocs,
        Rival::ArgoUnset,
        Rival::Sam,
        Rival::Kayenta,
    ];
    head("False rollbacks of a healthy canary, % of rollouts", "calls, errors", &names(&rivals));
    for rate in [10.0, 1e3, 1e5] {
        for base in [0.0, 0.001, 0.01, 0.05] {
            let outcomes = simulate(&World::plain(rate, base, base), &rivals, rollouts, 1);
            let name = format!("{rate:.0}/min, {}", share(base));
            for (rival, outcomes) in rivals.iter().zip(&outcomes).take(3) {
                let what = format!("false rollbacks, {name}, {}", rival.name());
                goals.at_most(&what, outcomes.back(), 1.0);
            }
            let cells: Vec<String> =
                outcomes.iter().map(|outcomes| percent(outcomes.back())).collect();
            row(&name, &cells);
        }
    }
}

/// Calls a minute, base and canary's rate.
const BAD: [(f64, f64, f64); 18] = [
    (10.0, 0.0, 1.0),
    (10.0, 0.01, 1.0),
    (10.0, 0.01, 0.11),
    (10.0, 0.05, 0.25),
    (1e3, 0.0, 0.01),
    (1e3, 0.001, 0.005),
    (1e3, 0.001, 0.011),
    (1e3, 0.01, 0.02),
    (1e3, 0.01, 0.05),
    (1e3, 0.01, 0.11),
    (1e3, 0.01, 1.0),
    (1e3, 0.05, 0.1),
    (1e5, 0.0, 0.01),
    (1e5, 0.001, 0.002),
    (1e5, 0.01, 0.02),
    (1e5, 0.01, 0.05),
    (1e5, 0.01, 0.11),
    (1e5, 0.01, 1.0),
];

pub fn detection(rollouts: usize, goals: &mut Goals) {
    let rivals = [
        Rival::Scfctl,
        Rival::WithLimit,
        Rival::FlaggerDocs,
        Rival::ArgoDocs,
        Rival::Sam,
        Rival::Kayenta,
    ];
    let mut columns = vec!["Wald known", "Wald pair"];
    columns.extend(names(&rivals));
    head(
        "Bad canary: median minutes until the rollback takes effect, mean canary calls served \
         (* that rule rolls back more than 1 % of healthy canaries at this base)",
        "calls, base -> canary",
        &columns,
    );
    let (mut exposures, mut small) = (Vec::new(), Vec::new());
    for (rate, base, canary) in BAD {
        let limit = Limit::DEFAULT;
        let bounds = [
            bound::in_the_schedule(rate, ALPHA, bound::known(base, canary, limit)),
            bound::in_the_schedule(rate, ALPHA, bound::pair(base, canary, limit)),
        ];
        let outcomes = simulate(&World::plain(rate, base, canary), &rivals, rollouts, 2);
        let healthy =
            simulate(&World::plain(rate, base, base), &rivals, rollouts.min(OF_KAYENTA), 3);
        let cell = |cost: Option<Cost>, mark: &str| match cost {
            Some(cost) => format!("{:.0}, {}{mark}", cost.minutes, calls(cost.calls)),
            None => format!("never{mark}"),
        };
        let mut cells: Vec<String> = bounds.iter().map(|bound| cell(*bound, "")).collect();
        for (outcomes, healthy) in outcomes.iter().zip(&healthy) {
            cells.push(cell(outcomes.cost(rate), if healthy.back() > 1.0 { " *" } else { "" }));
        }
        let name = format!("{rate:.0}/min, {} -> {}", share(base), share(canary));
        row(&name, &cells);
        if canary >= 1.25 * limit.at(base)
            && let Some(pair) = bounds[1]
        {
            let served = outcomes[0].cost(rate).map_or(f64::INFINITY, |cost| cost.calls);
            if rate < 100.0 {
                goals.at_most(&format!("exposure, {name}"), served / pair.calls, 3.0);
                small.push(served / pair.calls);
            } else {
                goals.at_most(&format!("exposure, {name}"), served / pair.calls, 2.3);
                exposures.push(served / pair.calls);
            }
        }
    }
    let (middle, worst) = middle_and_worst(&mut exposures);
    goals.at_most("median exposure at 1000/min and more", middle, 1.5);
    let (small_middle, small_worst) = middle_and_worst(&mut small);
    println!(
        "\nCanary calls served by scfctl, in those of Wald pair: median {middle:.2}, worst \
         {worst:.2} at 1000/min and more; {small_middle:.2} and {small_worst:.2} at 10/min."
    );
}

fn middle_and_worst(values: &mut [f64]) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[values.len() - 1])
}

pub fn unclean_worlds(rollouts: usize, goals: &mut Goals) {
    let rivals = [
        Rival::Scfctl,
        Rival::Limit,
        Rival::ArgoDocs,
        Rival::Sam,
        Rival::FlaggerDocs,
        Rival::Kayenta,
    ];
    head(
        "Worlds that are not so clean: false rollbacks, % (1 % errors, 1000 and 100000 calls a \
         minute)",
        "world",
        &names(&rivals),
    );
    for (name, weather, most) in [
        ("rate of each version wanders, CV 30 % a minute", Weather::Wander(0.3), Some(3.0)),
        ("bursts of 5 on average", Weather::Bursts(5.0), Some(3.0)),
        ("bursts of 50 on average", Weather::Bursts(50.0), Some(3.0)),
        ("outage, +30 points for 5 min, at 10 %", Weather::Outage(8), Some(3.0)),
        ("same at 50 %", Weather::Outage(28), Some(3.0)),
        ("same at 100 %", Weather::Outage(48), None),
        ("both double at minute 15 for good", Weather::Doubling, Some(3.0)),
        ("outage at 10 % and CV 30 %", Weather::OutageAndWander(8, 0.3), Some(6.0)),
        ("20 % errors in the first minute of each step", Weather::ColdStart, Some(3.0)),
        ("a fifth of the points missing", Weather::Missing, Some(3.0)),
    ] {
        let both: Vec<Vec<Outcomes>> = [1e3, 1e5]
            .into_iter()
            .map(|rate| {
                let world = World { weather, ..World::plain(rate, 0.01, 0.01) };
                simulate(&world, &rivals, rollouts, 4)
            })
            .collect();
        let cells: Vec<String> = both[0]
            .iter()
            .zip(&both[1])
            .map(|(few, many)| format!("{}, {}", percent(few.back()), percent(many.back())))
            .collect();
        row(name, &cells);
        if let Some(most) = most {
            for (rate, outcomes) in [1000, 100_000].into_iter().zip(&both) {
                goals.at_most(&format!("{name}, {rate}/min"), outcomes[0].back(), most);
            }
        }
    }
}

/// Minutes of evidence that the bound needs in [`evidence_at_one_weight`], where the traffic
/// allows: many, so that the rounding up to whole minutes hardly counts.
const FINE: f64 = 60.0;
/// Simulated rollouts of one combination: the time until fail scatters by more than half of itself.
const FEWEST_RUNS: usize = 500;
/// Calls a minute of the smaller version, so that few minutes are without any.
const FEWEST_CALLS: f64 = 5.0;

pub fn evidence_at_one_weight(rollouts: usize, goals: &mut Goals) {
    let mut ratios = Vec::new();
    let mut random = Random::new(5);
    for (text, limit) in [
        ("1.1x+0.05%", Limit::DEFAULT),
        ("1x", Limit { ratio: 1.0, plus: 0.0 }),
        ("0.5%", Limit { ratio: 1.0, plus: 0.005 }),
        ("1.5x", Limit { ratio: 1.5, plus: 0.0 }),
    ] {
        for base in [0.001, 0.01, 0.05] {
            for times in [1.25, 1.5, 2.0, 4.0] {
                for weight in [0.1, 0.5] {
                    let rates = (base, times * limit.at(base));
                    let ratio = evidence(text, limit, rates, weight, rollouts, &mut random);
                    let (from, to) = (share(base), share(rates.1));
                    let what = format!("evidence, {text}, {from} -> {to}, weight {weight}");
                    goals.at_most(&what, ratio, 2.0);
                    ratios.push(ratio);
                }
            }
        }
    }
    let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    ratios.sort_by(f64::total_cmp);
    println!(
        "\nCalls of evidence until fail at one weight, in those of Wald pair: {:.2} to {:.2}, mean \
         {mean:.2}, over {} combinations of limit, base, change and weight.",
        ratios[0],
        ratios[ratios.len() - 1],
        ratios.len()
    );
}

/// Mean minutes until fail, in minutes of the bound.
fn evidence(
    text: &str,
    limit: Limit,
    (base, canary): (f64, f64),
    weight: f64,
    rollouts: usize,
    random: &mut Random,
) -> f64 {
    let growth = bound::pair(base, canary, limit)(weight, 1.0 - weight);
    let needed = -ALPHA.ln() / growth;
    let rate = (needed / FINE).max(FEWEST_CALLS / weight.min(1.0 - weight));
    let bound = (needed / rate).ceil();
    let rules = vec![rule(RuleKind::MaxErrorRateIncrease, text)];
    let settings = GateSettings { rules, ..GateSettings::default() };
    let runs = (rollouts / 4).max(FEWEST_RUNS);
    let longest = (8.0 * bound) as usize;
    let mut minutes = 0.0;
    for _ in 0..runs {
        let mut side = |calls: f64, rate: f64| {
            let errors = random.poisson(calls * rate);
            let calls = errors + random.poisson(calls * (1.0 - rate));
            Some(Side { calls, errors, ..Side::default() })
        };
        let series: Vec<SettledMinute> = (0..longest)
            .map(|_| SettledMinute {
                baseline: side(rate * (1.0 - weight), base),
                canary: side(rate * weight, canary),
                ..SettledMinute::default()
            })
            .collect();
        minutes += judge(&[], &series, &settings).failed_at().unwrap_or(longest) as f64;
    }
    minutes / runs as f64 / bound
}

/// Ten canary calls a minute at 10 %, all of them failed: the first settled minute says so.
pub fn total_failure(goals: &mut Goals) {
    let mut latest = 0;
    for calls in [10.0, 30.0, 1e3, 1e6] {
        for base in [0.0, 0.001, 0.01, 0.05] {
            let minute = SettledMinute {
                baseline: Some(Side {
                    calls: 9.0 * calls,
                    errors: 9.0 * calls * base,
                    ..Side::default()
                }),
                canary: Some(Side { calls, errors: calls, ..Side::default() }),
                ..SettledMinute::default()
            };
            let failed = judge(&[], &[minute; 5], &GateSettings::default()).failed_at();
            latest = latest.max(failed.unwrap_or(usize::MAX));
        }
    }
    goals.at_most("minutes until total failure is seen", latest as f64, 1.0);
    println!("\nTotal failure of 10 canary calls a minute and more at 10 %: minute {latest}.");
}

/// How long one look at a day of minutes takes; the fastest of many, as other work slows it.
pub fn time_of_a_look() {
    let side = |calls, errors| Some(Side { calls, errors, mean_ms: Some(20.0), throttled: 0.0 });
    let minutes: Vec<SettledMinute> = (0..1440)
        .map(|minute| SettledMinute {
            step: minute / 480,
            full: false,
            baseline: side(900.0, 9.0),
            canary: side(100.0, (minute % 3) as f64),
        })
        .collect();
    let history = vec![side(1000.0, 10.0); 60];
    let all = vec![
        GateRule::default(),
        rule(RuleKind::MaxErrorRate, "2%"),
        rule(RuleKind::MaxDurationIncrease, "20%"),
        rule(RuleKind::MaxThrottles, "100"),
    ];
    for rules in [vec![GateRule::default()], all] {
        let settings = GateSettings { rules, ..GateSettings::default() };
        let look = || {
            let start = Instant::now();
            std::hint::black_box(judge(&history, &minutes, &settings));
            start.elapsed()
        };
        let fastest = (0..200).map(|_| look()).min().unwrap_or(Duration::ZERO);
        let gates = settings.rules.len();
        println!("One look at a day of minutes, {gates} gate(s): {fastest:.0?}");
    }
}
