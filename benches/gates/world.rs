//! The simulated rollouts: an hour of history, then 10, 50 and 100 % for 20 minutes each.

use scfctl::plan::gates::{SettledMinute, Side};

use crate::random::Random;

/// Minutes of a rollout.
pub const LENGTH: usize = 60;
/// Minutes after which a point is there.
pub const DELAY: usize = 2;
const STEP: usize = 20;
const HISTORY: usize = 60;
const SHARES: [f64; 3] = [0.1, 0.5, 1.0];

/// The canary's share in a minute, counted from 1.
pub fn share_at(minute: usize) -> f64 {
    SHARES[step_at(minute)]
}

fn step_at(minute: usize) -> usize {
    ((minute - 1) / STEP).min(SHARES.len() - 1)
}

/// What is wrong with a world besides its rates.
#[derive(Clone, Copy, PartialEq)]
pub enum Weather {
    Plain,
    /// Each version's rate wanders from minute to minute, with that coefficient of variation.
    Wander(f64),
    /// Errors come in bursts of so many on average.
    Bursts(f64),
    /// Both versions fail 30 points more for five minutes, from that minute on.
    Outage(usize),
    /// Both of that.
    OutageAndWander(usize, f64),
    /// Both versions' rates double at minute 15 for good.
    Doubling,
    /// A fifth of the canary's calls fail in the first minute of each step.
    ColdStart,
    /// A fifth of the points are missing.
    Missing,
}

/// Rates and traffic of a world.
#[derive(Clone, Copy)]
pub struct World {
    /// Calls a minute, of both versions.
    pub rate: f64,
    pub base: f64,
    pub canary: f64,
    /// The canary's rate is the baseline's before this minute.
    pub bad_from: usize,
    pub weather: Weather,
}

impl World {
    pub fn plain(rate: f64, base: f64, canary: f64) -> Self {
        Self { rate, base, canary, bad_from: 0, weather: Weather::Plain }
    }
}

/// What the monitor has of one rollout.
pub struct Rollout {
    pub history: Vec<Option<Side>>,
    pub minutes: Vec<SettledMinute>,
}

pub fn rollout(world: &World, random: &mut Random) -> Rollout {
    let history = (0..HISTORY).map(|_| point(world, random, world.rate, world.base)).collect();
    let minutes = (1..=LENGTH)
        .map(|number| {
            let share = share_at(number);
            let (step, full) = (step_at(number), share >= 1.0);
            let both = |rate: f64| match world.weather {
                Weather::Outage(from) | Weather::OutageAndWander(from, _)
                    if (from..from + 5).contains(&number) =>
                {
                    (rate + 0.3).min(1.0)
                }
                Weather::Doubling if number >= 15 => (2.0 * rate).min(1.0),
                _ => rate,
            };
            let own = if number < world.bad_from { world.base } else { world.canary };
            let own = match world.weather {
                Weather::ColdStart if (number - 1).is_multiple_of(STEP) => own.max(0.2),
                _ => own,
            };
            let baseline = if full {
                None
            } else {
                point(world, random, world.rate * (1.0 - share), both(world.base))
            };
            let canary = point(world, random, world.rate * share, both(own));
            SettledMinute { step, full, baseline, canary }
        })
        .collect();
    Rollout { history, minutes }
}

fn point(world: &World, random: &mut Random, calls: f64, rate: f64) -> Option<Side> {
    let rate = match world.weather {
        Weather::Wander(cv) | Weather::OutageAndWander(_, cv) => {
            let sigma = (cv * cv).ln_1p().sqrt();
            (rate * (sigma * random.normal() - sigma * sigma / 2.0).exp()).min(1.0)
        }
        _ => rate,
    };
    let (calls, errors) = if let Weather::Bursts(mean) = world.weather {
        let count = random.poisson(calls);
        let bursts = random.poisson(calls * rate / mean);
        let errors: f64 = (0..bursts as usize).map(|_| random.geometric(mean)).sum();
        (count, errors.min(count))
    } else {
        // Poisson traffic whose calls fail independently: two Poisson counts.
        let errors = random.poisson(calls * rate);
        (errors + random.poisson(calls * (1.0 - rate)), errors)
    };
    let lost = world.weather == Weather::Missing && random.share() < 0.2;
    (calls > 0.0 && !lost).then_some(Side { calls, errors, ..Side::default() })
}
