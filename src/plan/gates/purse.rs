//! Purses of evidence: stakes, caps, and when a verdict is reached.

use super::MIN_MINUTES;
use super::Verdict;

/// Money for the minutes, of the whole purse; the rest is for the steps.
const FOR_MINUTES: f64 = 0.2;
const FOR_STEPS: f64 = 0.8;
/// Minutes after which half of the money for the minutes is spent.
const HALF_LIFE: f64 = 30.0;

/// What all purses stake in one minute. It follows the clock, not the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stake {
    pub money: f64,
    /// What has not been staked after this minute.
    pub cash: f64,
    /// Whether it is the first minute of a step.
    pub first: bool,
}

/// Counts the minutes and steps of a rollout.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stakes {
    minute: f64,
    step: Option<usize>,
    highest: Option<usize>,
    for_steps: f64,
}

impl Stakes {
    pub fn new() -> Self {
        Self { minute: 0.0, step: None, highest: None, for_steps: FOR_STEPS }
    }

    /// The stake of the next minute, which belongs to that step (from 0).
    // A count of steps is far from where doubles lose whole numbers.
    #[allow(clippy::cast_precision_loss)]
    pub fn next(&mut self, step: usize) -> Stake {
        self.minute += 1.0;
        let first = self.step != Some(step);
        self.step = Some(step);
        let mut stake =
            FOR_MINUTES * HALF_LIFE / ((self.minute + HALF_LIFE - 1.0) * (self.minute + HALF_LIFE));
        // Each step's share once, so that there is cash whatever the order of steps.
        if self.highest.is_none_or(|highest| step > highest) {
            self.highest = Some(step);
            let ordinal = step as f64 + 1.0;
            let share = FOR_STEPS / (ordinal * (ordinal + 1.0));
            stake += share;
            self.for_steps -= share;
        }
        // What is left for the minutes, summed up: 0.2·30/(t+30).
        let cash = FOR_MINUTES * HALF_LIFE / (self.minute + HALF_LIFE) + self.for_steps.max(0.0);
        Stake { money: stake, cash, first }
    }
}

/// The bars of verdicts, as logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bars {
    /// ln(1/α)
    pub fail: f64,
    /// ln(1/β)
    pub pass: f64,
    /// Canary calls in the step before it can pass.
    pub calls: f64,
}

impl Bars {
    /// How much one minute of errors can multiply a bet by. A single odd minute does not fail a
    /// canary that had given no cause before, unless at least half of its calls failed.
    pub fn cap(&self, first: bool, canary_calls: f64, canary_errors: f64) -> f64 {
        if canary_calls > 0.0 && 2.0 * canary_errors >= canary_calls {
            2.0 * self.fail
        } else {
            self.cap_of_block(first)
        }
    }

    /// The same for durations, where nothing counts as failed.
    pub fn cap_of_block(&self, first: bool) -> f64 {
        if first { 0.5 * self.fail } else { self.fail }
    }
}

/// The purse against the canary: N bets that it is worse than allowed, and cash.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Purse<const N: usize> {
    /// Each bet's part of a stake.
    parts: [f64; N],
    bets: [Bet; N],
    cash: f64,
}

/// Money on one bet: `money · e^scale`. Plain numbers are several times faster than logarithms,
/// and what becomes too small for them is nothing beside the next stake.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Bet {
    money: f64,
    scale: f64,
}

/// Money above which a part goes over to the scale, and that part.
const LARGE: f64 = 1e200;

impl Bet {
    fn add(&mut self, stake: f64) {
        self.money += if self.scale == 0.0 { stake } else { stake * (-self.scale).exp() };
    }

    fn multiply(&mut self, log: f64) {
        self.money *= log.exp();
        if self.money > LARGE {
            self.money /= LARGE;
            self.scale += LARGE.ln();
        } else if self.scale > 0.0 && self.money < 1.0 {
            self.money *= LARGE;
            self.scale -= LARGE.ln();
        }
    }

    fn log(self) -> f64 {
        self.money.ln() + self.scale
    }
}

impl<const N: usize> Purse<N> {
    /// Bets that share each stake by `parts`, which add up to 1.
    pub fn new(parts: [f64; N]) -> Self {
        Self { parts, bets: [Bet::default(); N], cash: 1.0 }
    }

    /// Stakes and settles one minute. `increments`: the logarithm by which each bet's money is
    /// multiplied, cut to `cap`; `None` when the minute says nothing.
    pub fn settle(&mut self, stake: Stake, increments: Option<[f64; N]>, cap: f64) {
        self.cash = stake.cash;
        for (index, bet) in self.bets.iter_mut().enumerate() {
            bet.add(stake.money * self.parts[index]);
            if let Some(increments) = increments {
                bet.multiply(increments[index].min(cap));
            }
        }
    }

    /// Logarithm of everything in the purse.
    pub fn log(&self) -> f64 {
        if self.bets.iter().all(|bet| bet.scale == 0.0) {
            return (self.bets.iter().map(|bet| bet.money).sum::<f64>() + self.cash).ln();
        }
        let logs = self.bets.map(Bet::log);
        log_sum(&logs, self.cash.ln())
    }
}

/// The purse for the canary: M bets that it is within what is allowed, all staked at the start of
/// a step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mirror<const M: usize> {
    bets: [f64; M],
}

impl<const M: usize> Mirror<M> {
    pub fn new() -> Self {
        Self { bets: [0.0; M] }
    }

    pub fn settle(&mut self, first: bool, increments: Option<[f64; M]>) {
        if first {
            self.bets = [0.0; M];
        }
        for (bet, increment) in self.bets.iter_mut().zip(increments.into_iter().flatten()) {
            *bet += increment;
        }
    }

    // A handful of bets.
    #[allow(clippy::cast_precision_loss)]
    pub fn log(&self) -> f64 {
        // Equal parts before anything was said: exactly nothing.
        if self.bets.iter().all(|bet| *bet == 0.0) {
            return 0.0;
        }
        log_sum(&self.bets, f64::NEG_INFINITY) - (M as f64).ln()
    }
}

/// What a gate has seen of the step, and whether it has failed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Course {
    pub failed: bool,
    pub minutes: usize,
    /// Canary calls that count for this gate.
    pub calls: f64,
}

impl Course {
    pub fn enter(&mut self, first: bool, canary_calls: f64) {
        if first {
            self.minutes = 0;
            self.calls = 0.0;
        }
        self.minutes += 1;
        self.calls += canary_calls;
    }

    /// The verdict of a gate that fails and passes by its purses alone.
    pub fn verdict(&mut self, log_fail: f64, log_pass: f64, bars: &Bars) -> Verdict {
        self.failed |= log_fail >= bars.fail;
        if self.failed {
            Verdict::Fail
        } else if log_pass >= bars.pass && self.minutes >= MIN_MINUTES && self.calls >= bars.calls {
            Verdict::Pass
        } else {
            Verdict::Inconclusive
        }
    }
}

/// Logarithm of the sum of what `terms` and `last` are logarithms of.
fn log_sum(terms: &[f64], last: f64) -> f64 {
    let high = terms.iter().copied().fold(last, f64::max);
    if !high.is_finite() {
        return high;
    }
    let term = |log: f64| if log - high < -40.0 { 0.0 } else { (log - high).exp() };
    high + (terms.iter().copied().map(term).sum::<f64>() + term(last)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stakes_are_those_of_the_worked_example() {
        let mut stakes = Stakes::new();
        for (stake, cash) in [(0.40645, 0.59355), (0.00605, 0.58750), (0.00568, 0.58182)] {
            let next = stakes.next(0);
            assert!((next.money - stake).abs() < 5e-6);
            assert!((next.cash - cash).abs() < 5e-6);
        }
    }

    #[test]
    fn there_is_cash_whatever_the_order_of_steps() {
        for steps in [[0, 1, 0, 1], [3, 2, 1, 0], [5, 5, 7, 7], [0, usize::MAX, 0, 1]] {
            let (mut stakes, mut spent) = (Stakes::new(), 0.0);
            for step in steps.into_iter().cycle().take(5000) {
                let stake = stakes.next(step);
                spent += stake.money;
                assert!((spent + stake.cash - 1.0).abs() < 1e-12);
                assert!(stake.cash > 0.0);
            }
        }
    }
}
