//! E-processes ("purses"): stakes, caps, and when a verdict is reached.

use super::MIN_MINUTES;
use super::Verdict;

/// Part of the purse that is staked minute by minute; the rest is staked step by step.
const FOR_MINUTES: f64 = 0.2;
const FOR_STEPS: f64 = 0.8;
/// Minutes after which half of that part is staked.
const HALF_LIFE: f64 = 30.0;

/// Stake of all purses in one minute. It depends on the clock only, not on data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stake {
    pub money: f64,
    /// Part of the purse that is not yet staked after this minute.
    pub cash: f64,
    /// Whether this is the first minute of a step.
    pub first: bool,
}

/// Computes stakes from the minutes and steps of a rollout.
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

    /// Returns the stake of the next minute, which belongs to `step` (from 0).
    // Steps are few enough for an f64.
    #[allow(clippy::cast_precision_loss)]
    pub fn next(&mut self, step: usize) -> Stake {
        self.minute += 1.0;
        let first = self.step != Some(step);
        self.step = Some(step);
        let mut stake =
            FOR_MINUTES * HALF_LIFE / ((self.minute + HALF_LIFE - 1.0) * (self.minute + HALF_LIFE));
        // Each step is funded once, so that cash remains whatever the order of steps.
        if self.highest.is_none_or(|highest| step > highest) {
            self.highest = Some(step);
            let ordinal = step as f64 + 1.0;
            let share = FOR_STEPS / (ordinal * (ordinal + 1.0));
            stake += share;
            self.for_steps -= share;
        }
        // Sum of the stakes of all later minutes: 0.2·30/(t+30).
        let cash = FOR_MINUTES * HALF_LIFE / (self.minute + HALF_LIFE) + self.for_steps.max(0.0);
        Stake { money: stake, cash, first }
    }
}

/// Thresholds of the verdicts; the first two are logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bars {
    /// ln(1/α)
    pub fail: f64,
    /// ln(1/β)
    pub pass: f64,
    /// Canary calls that a step needs before it can pass.
    pub calls: f64,
}

impl Bars {
    /// Returns the cap on a bet's log increment in one minute.
    ///
    /// A single odd minute does not fail a canary that gave no cause before, unless at least half
    /// of its calls failed.
    pub fn cap(&self, first: bool, canary_calls: f64, canary_errors: f64) -> f64 {
        if canary_calls > 0.0 && 2.0 * canary_errors >= canary_calls {
            2.0 * self.fail
        } else {
            self.cap_of_block(first)
        }
    }

    /// Returns the cap for duration blocks, which have no failed calls.
    pub fn cap_of_block(&self, first: bool) -> f64 {
        if first { 0.5 * self.fail } else { self.fail }
    }
}

/// Evidence against the canary: N bets that it is worse than allowed, and cash.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Purse<const N: usize> {
    /// Share of each bet in a stake; they sum to 1.
    parts: [f64; N],
    bets: [Bet; N],
    cash: f64,
}

/// Money on one bet: `money · e^scale`.
///
/// Plain floats are several times faster than logarithms. Amounts that underflow are negligible
/// beside the next stake.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Bet {
    money: f64,
    scale: f64,
}

/// Amount above which a factor of this size is moved to the scale.
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
    /// Creates a purse whose bets share each stake by `parts`, which sum to 1.
    pub fn new(parts: [f64; N]) -> Self {
        Self { parts, bets: [Bet::default(); N], cash: 1.0 }
    }

    /// Stakes and settles one minute.
    ///
    /// `increments` are the logs by which the bets multiply, capped at `cap`; `None` for a minute
    /// without evidence.
    pub fn settle(&mut self, stake: Stake, increments: Option<[f64; N]>, cap: f64) {
        self.cash = stake.cash;
        for (index, bet) in self.bets.iter_mut().enumerate() {
            bet.add(stake.money * self.parts[index]);
            if let Some(increments) = increments {
                bet.multiply(increments[index].min(cap));
            }
        }
    }

    /// Returns the logarithm of the whole purse.
    pub fn log(&self) -> f64 {
        if self.bets.iter().all(|bet| bet.scale == 0.0) {
            return (self.bets.iter().map(|bet| bet.money).sum::<f64>() + self.cash).ln();
        }
        let logs = self.bets.map(Bet::log);
        log_sum(&logs, self.cash.ln())
    }
}

/// Evidence for the canary: M bets that it is within its limit, all staked at the start of a step.
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

    // There are a handful of bets.
    #[allow(clippy::cast_precision_loss)]
    pub fn log(&self) -> f64 {
        // Exactly 0 before there is any evidence.
        if self.bets.iter().all(|bet| *bet == 0.0) {
            return 0.0;
        }
        log_sum(&self.bets, f64::NEG_INFINITY) - (M as f64).ln()
    }
}

/// Progress of a gate within a step, and whether it has failed.
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

    /// Returns the verdict of a gate that decides by evidence alone.
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

/// Returns the logarithm of the sum of exponentials.
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
