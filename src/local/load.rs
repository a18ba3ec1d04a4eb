//! Traffic that nobody sends: how many calls each version gets in each minute, how many of them
//! fail, are refused or take how long, and what the monitor makes of it.
//!
//! Pure and without state: every minute of every stream is drawn by a generator of its own, so
//! that any order of reading, and any number of readings, gives the same. Calls are Poisson,
//! failed and refused ones binomial. The words are those of scenario files.

use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Beta, Binomial, Gamma, Poisson};
use serde::{Deserialize, Serialize};

/// Seconds of a minute.
const MINUTE: f64 = 60.0;

/// A value that no traffic can have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LoadError {
    /// Something else than a share.
    #[error("`{key}` is {value}, outside 0 to 1")]
    Share {
        /// The word.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// Less than nothing, or more than can be counted.
    #[error("`{key}` is {value}, outside 0 to {most}")]
    Amount {
        /// The word.
        key: &'static str,
        /// Its value.
        value: f64,
        /// The greatest.
        most: f64,
    },
    /// Entries of a list that do not follow each other in time.
    #[error("`{key}` has an entry that is not later than the one before it")]
    Order {
        /// The word.
        key: &'static str,
    },
    /// A change that changes nothing, or says not when.
    #[error("`changes` has an entry without a condition or without a new value")]
    Idle,
}

fn share(key: &'static str, value: f64) -> Result<(), LoadError> {
    if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(LoadError::Share { key, value }) }
}

fn amount(key: &'static str, value: f64, most: f64) -> Result<(), LoadError> {
    if (0.0..=most).contains(&value) { Ok(()) } else { Err(LoadError::Amount { key, value, most }) }
}

/// Calls a minute: always the same, or from so many seconds after the beginning on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Rate {
    /// Always the same.
    Constant(f64),
    /// `[after_s, calls a minute]`, ascending. The first one counts from before, too.
    Steps(Vec<(f64, f64)>),
}

impl Rate {
    /// The most calls a minute.
    pub const MOST: f64 = 1e9;

    /// # Errors
    /// A rate below 0 or above [`Self::MOST`], or steps that do not ascend.
    pub fn check(&self) -> Result<(), LoadError> {
        const KEY: &str = "rate_per_min";
        match self {
            Self::Constant(rate) => amount(KEY, *rate, Self::MOST),
            Self::Steps(steps) => {
                if steps.is_empty() || steps.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
                    return Err(LoadError::Order { key: KEY });
                }
                steps.iter().try_for_each(|(_, rate)| amount(KEY, *rate, Self::MOST))
            }
        }
    }

    /// Calls a minute at a time, and when they change next.
    fn at(&self, time: f64) -> (f64, f64) {
        match self {
            Self::Constant(rate) => (*rate, f64::INFINITY),
            Self::Steps(steps) => {
                let passed = steps.partition_point(|(after, _)| *after <= time);
                let next = steps.get(passed.max(1)).map_or(f64::INFINITY, |(after, _)| *after);
                (steps.get(passed.saturating_sub(1)).map_or(0.0, |(_, rate)| *rate), next)
            }
        }
    }

    /// Calls a minute at a time.
    #[must_use]
    pub fn now(&self, after_s: f64) -> f64 {
        self.at(after_s).0
    }

    /// Has another rate from a time on; what was to come later is forgotten.
    pub fn change(&mut self, after_s: f64, rate: f64) {
        let mut steps = match std::mem::replace(self, Self::Constant(0.0)) {
            Self::Constant(before) => vec![(f64::MIN, before)],
            Self::Steps(steps) => steps,
        };
        steps.retain(|(after, _)| *after < after_s);
        steps.push((after_s, rate));
        *self = Self::Steps(steps);
    }
}

/// What a version does with the calls that it gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VersionLoad {
    /// Share of the calls that fail.
    pub error_rate: f64,
    /// Correlation of failures within a minute: 0 for independent ones, 1 for a minute in which
    /// all calls fail or none.
    pub error_rho: f64,
    /// Mean duration of a call in milliseconds.
    pub duration_ms: f64,
    /// Standard deviation of the duration of one call, as a multiple of its mean.
    pub duration_cv: f64,
    /// Share of the calls that are refused by limits.
    pub throttle_rate: f64,
    /// Other values at times, or for shares. Later entries win.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

impl Default for VersionLoad {
    fn default() -> Self {
        Self {
            error_rate: 0.0,
            error_rho: 0.0,
            duration_ms: 20.0,
            duration_cv: 0.25,
            throttle_rate: 0.0,
            changes: Vec::new(),
        }
    }
}

/// Other values while something is so. What is not said stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// From so many seconds after the beginning on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_s: Option<f64>,
    /// While the version's own share is at least this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above_share: Option<f64>,
    /// See [`VersionLoad::error_rate`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_rate: Option<f64>,
    /// See [`VersionLoad::error_rho`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_rho: Option<f64>,
    /// See [`VersionLoad::duration_ms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// See [`VersionLoad::duration_cv`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_cv: Option<f64>,
    /// See [`VersionLoad::throttle_rate`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle_rate: Option<f64>,
}

/// The values of a moment.
#[derive(Clone, Copy)]
struct Values {
    error_rate: f64,
    error_rho: f64,
    duration_ms: f64,
    duration_cv: f64,
    throttle_rate: f64,
}

/// The longest mean duration: a day, in milliseconds.
const LONGEST_MS: f64 = 86_400_000.0;
/// The widest spread of durations.
const WIDEST: f64 = 100.0;

impl Values {
    fn check(self) -> Result<(), LoadError> {
        share("error_rate", self.error_rate)?;
        share("error_rho", self.error_rho)?;
        share("throttle_rate", self.throttle_rate)?;
        amount("duration_ms", self.duration_ms, LONGEST_MS)?;
        amount("duration_cv", self.duration_cv, WIDEST)
    }

    fn change(&mut self, change: &Change) {
        self.error_rate = change.error_rate.unwrap_or(self.error_rate);
        self.error_rho = change.error_rho.unwrap_or(self.error_rho);
        self.duration_ms = change.duration_ms.unwrap_or(self.duration_ms);
        self.duration_cv = change.duration_cv.unwrap_or(self.duration_cv);
        self.throttle_rate = change.throttle_rate.unwrap_or(self.throttle_rate);
    }
}

impl VersionLoad {
    /// # Errors
    /// A value outside its range, or a change that never comes or changes nothing.
    pub fn check(&self) -> Result<(), LoadError> {
        let mut values = self.values();
        values.check()?;
        for change in &self.changes {
            let Change { after_s, above_share, .. } = change;
            let conditions =
                Change { after_s: *after_s, above_share: *above_share, ..Change::default() };
            if (after_s.is_none() && above_share.is_none()) || *change == conditions {
                return Err(LoadError::Idle);
            }
            if let Some(above) = above_share {
                share("above_share", *above)?;
            }
            // A load that is changed later has changes from before it began.
            if let Some(after) = after_s.filter(|after| !after.is_finite()) {
                return Err(LoadError::Amount { key: "after_s", value: after, most: f64::MAX });
            }
            values.change(change);
            values.check()?;
        }
        Ok(())
    }

    fn values(&self) -> Values {
        Values {
            error_rate: self.error_rate,
            error_rho: self.error_rho,
            duration_ms: self.duration_ms,
            duration_cv: self.duration_cv,
            throttle_rate: self.throttle_rate,
        }
    }

    /// The values at a time and share, and when they change next.
    fn at(&self, time: f64, share: f64) -> (Values, f64) {
        let (mut values, mut next) = (self.values(), f64::INFINITY);
        for change in &self.changes {
            match change.after_s {
                Some(after) if after > time => next = next.min(after),
                _ if change.above_share.is_some_and(|above| share < above) => {}
                _ => values.change(change),
            }
        }
        (values, next)
    }

    /// Has other values from the very beginning on; what is not said stays.
    pub fn begin_with(&mut self, change: &Change) {
        let mut values = self.values();
        values.change(change);
        let Values { error_rate, error_rho, duration_ms, duration_cv, throttle_rate } = values;
        let changes = std::mem::take(&mut self.changes);
        *self = Self { error_rate, error_rho, duration_ms, duration_cv, throttle_rate, changes };
    }

    /// The same from a time on: changes that came by then, and no condition before them, are
    /// values from the beginning.
    #[must_use]
    pub fn since(&self, after_s: f64) -> Self {
        let mut since = self.clone();
        let is_past = |change: &Change| {
            change.above_share.is_none() && change.after_s.is_some_and(|after| after <= after_s)
        };
        let past = self.changes.iter().take_while(|change| is_past(change)).count();
        since.changes = self.changes[past..].to_vec();
        self.changes[..past].iter().for_each(|change| since.begin_with(change));
        since
    }

    /// Has other values from a time on.
    pub fn change(&mut self, after_s: f64, to: &Self) {
        let Self { error_rate, error_rho, duration_ms, duration_cv, throttle_rate, .. } = *to;
        self.changes.push(Change {
            after_s: Some(after_s),
            above_share: None,
            error_rate: Some(error_rate),
            error_rho: Some(error_rho),
            duration_ms: Some(duration_ms),
            duration_cv: Some(duration_cv),
            throttle_rate: Some(throttle_rate),
        });
        self.changes.extend(to.changes.iter().map(|change| Change {
            // Not before the values that it changes.
            after_s: Some(change.after_s.map_or(after_s, |after| after.max(after_s))),
            ..change.clone()
        }));
    }
}

/// What the monitor makes of the calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Monitor {
    /// How long after the end of its minute a point is there, in seconds.
    pub delay_s: f64,
    /// Share of the points that never come.
    pub drop_rate: f64,
    /// How long a new point is too low, in seconds.
    pub rising_s: f64,
    /// When it does not answer: from and to, in seconds after the beginning.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub down: Vec<(f64, f64)>,
}

impl Default for Monitor {
    fn default() -> Self {
        Self { delay_s: 120.0, drop_rate: 0.0, rising_s: 0.0, down: Vec::new() }
    }
}

impl Monitor {
    /// # Errors
    /// A value outside its range, or a stretch that ends before it begins.
    pub fn check(&self) -> Result<(), LoadError> {
        amount("delay_s", self.delay_s, 86_400.0)?;
        share("drop_rate", self.drop_rate)?;
        amount("rising_s", self.rising_s, 86_400.0)?;
        if self.down.iter().any(|(from, to)| from >= to) {
            return Err(LoadError::Order { key: "down" });
        }
        Ok(())
    }

    /// Whether it answers, so many seconds after the beginning.
    #[must_use]
    pub fn answers(&self, after_s: f64) -> bool {
        !self.down.iter().any(|(from, to)| (*from..*to).contains(&after_s))
    }

    /// What part of a minute's counts it shows at a Unix time; nothing while the point is not
    /// there.
    #[must_use]
    pub fn shows(&self, stream: Stream, minute: i64, now: f64) -> Option<f64> {
        let age = now - seconds(minute + 1) - self.delay_s;
        if age < 0.0 || self.is_dropped(stream, minute) {
            return None;
        }
        Some(if age < self.rising_s { 0.5 + 0.5 * age / self.rising_s } else { 1.0 })
    }

    fn is_dropped(&self, stream: Stream, minute: i64) -> bool {
        // Beside what the minute is drawn by.
        let bits = mixed(mixed(stream.0 ^ 0x5851_F42D_4C95_7F2D) ^ minute.cast_unsigned());
        unit(bits) < self.drop_rate
    }
}

/// A number from 0 up to 1 of 53 random bits.
#[expect(clippy::cast_precision_loss, reason = "53 bits are what it holds")]
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// Names what is drawn independently of everything else: the calls of a version through an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stream(u64);

impl Stream {
    /// The stream of a seed and names, the same on every machine.
    #[must_use]
    pub fn new(seed: u64, names: &[&str]) -> Self {
        // FNV-1a, with a byte that no name holds between names.
        let bytes = names.iter().flat_map(|name| name.bytes().chain([0xFF]));
        let hash = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        Self(mixed(hash ^ mixed(seed)))
    }
}

/// The finalizer of `SplitMix64`.
fn mixed(state: u64) -> u64 {
    let state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

/// What a version gets of an alias from a moment of a minute on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Seconds from the minute's beginning; 0 for the first one.
    pub from_s: f64,
    /// Share of the alias's calls.
    pub share: f64,
}

impl Span {
    /// The same share all the minute long.
    #[must_use]
    pub fn whole(share: f64) -> [Self; 1] {
        [Self { from_s: 0.0, share }]
    }
}

/// What came of a minute.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Calls that ran, failed ones included.
    pub calls: u64,
    /// Failed ones among them.
    pub errors: u64,
    /// Calls that were refused by limits; they did not run.
    pub throttled: u64,
    /// Time of all calls together, in milliseconds.
    pub duration_ms: f64,
}

impl Counts {
    /// Mean duration of a call in milliseconds; nothing without calls.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "so many calls have no exact mean")]
    pub fn mean_ms(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.duration_ms / self.calls as f64)
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.throttled += other.throttled;
        self.duration_ms += other.duration_ms;
    }

    /// What a monitor shows that has seen only a part, from 0 to 1.
    #[must_use]
    pub fn part(&self, part: f64) -> Self {
        if part >= 1.0 {
            return *self;
        }
        let of = |count: u64| whole(real(count) * part);
        let calls = of(self.calls);
        let duration_ms = self.mean_ms().map_or(0.0, |mean| mean * real(calls));
        Self {
            calls,
            errors: of(self.errors).min(calls),
            throttled: of(self.throttled),
            duration_ms,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn real(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count is not negative, and what is cut off is a part of a call"
)]
fn whole(count: f64) -> u64 {
    count as u64
}

#[expect(clippy::cast_precision_loss, reason = "seconds stay far below 2^53")]
fn seconds(minute: i64) -> f64 {
    (minute * 60) as f64
}

/// Returns what comes of one minute (Unix time over 60) of a stream.
///
/// `began` is the Unix time that `rate` and the changes of `version` count from. `spans` are the
/// shares of the version in that minute, the first one from its beginning.
#[must_use]
pub fn minute(
    stream: Stream,
    began: f64,
    rate: &Rate,
    version: &VersionLoad,
    minute: i64,
    spans: &[Span],
) -> Counts {
    let first = seconds(minute) - began;
    let mut counts = Counts::default();
    let mut random = None;
    let mut at = 0.0;
    let mut spans = spans.iter().peekable();
    let mut share = 0.0;
    while at < MINUTE {
        while let Some(span) = spans.next_if(|span| span.from_s <= at) {
            share = span.share;
        }
        let (calls, next_rate) = rate.at(first + at);
        let (values, next_values) = version.at(first + at, share);
        let next_span = spans.peek().map_or(MINUTE, |span| span.from_s);
        let until = MINUTE.min(next_span).min(next_rate - first).min(next_values - first);
        // Whatever rounding does, time goes on.
        let until = if until > at { until } else { MINUTE };
        let mean = calls * share * (until - at) / MINUTE;
        if mean > 0.0 {
            let random = random.get_or_insert_with(|| {
                let bits = mixed(stream.0 ^ mixed(minute.cast_unsigned()));
                Xoshiro256PlusPlus::seed_from_u64(bits)
            });
            counts.add(&drawn(random, mean, values));
        }
        at = until;
    }
    counts
}

fn drawn(random: &mut Xoshiro256PlusPlus, mean: f64, values: Values) -> Counts {
    let arrived = Poisson::new(mean).map_or(0, |poisson| whole(poisson.sample(random)));
    let throttled = binomial(random, arrived, values.throttle_rate);
    let calls = arrived - throttled;
    if calls == 0 {
        return Counts { throttled, ..Counts::default() };
    }
    let rate = bursting(random, values.error_rate, values.error_rho);
    let errors = binomial(random, calls, rate);
    // The sum of calls that are Gamma themselves, whose spread is the one of one call.
    let shape = real(calls) / (values.duration_cv * values.duration_cv);
    let total = values.duration_ms * real(calls);
    let duration_ms = match Gamma::new(shape, total / shape) {
        Ok(gamma) if shape.is_finite() && total > 0.0 => gamma.sample(random),
        _ => total,
    };
    Counts { calls, errors, throttled, duration_ms }
}

/// The error rate of one minute: beta-distributed about the mean, with the correlation that two
/// calls of the minute then have.
fn bursting(random: &mut Xoshiro256PlusPlus, rate: f64, rho: f64) -> f64 {
    if rho <= 0.0 || rate <= 0.0 || rate >= 1.0 {
        return rate;
    }
    let both = (1.0 - rho) / rho;
    match Beta::new(rate * both, (1.0 - rate) * both) {
        // Below this nearly all of it lies at the ends.
        Ok(beta) if both > 1e-3 => beta.sample(random),
        _ => real(binomial(random, 1, rate)),
    }
}

fn binomial(random: &mut Xoshiro256PlusPlus, calls: u64, rate: f64) -> u64 {
    if rate <= 0.0 || calls == 0 {
        return 0;
    }
    Binomial::new(calls, rate.min(1.0)).map_or(0, |binomial| binomial.sample(random))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: f64 = 1_700_000_040.0;
    /// The minute that begins at [`BEGAN`].
    const FIRST: i64 = 28_333_334;

    fn draw(seed: u64, rate: f64, version: &VersionLoad, at: i64, share: f64) -> Counts {
        let stream = Stream::new(seed, &["f", "prod", "2"]);
        minute(stream, BEGAN, &Rate::Constant(rate), version, FIRST + at, &Span::whole(share))
    }

    fn sum(seed: u64, rate: f64, version: &VersionLoad, minutes: i64, share: f64) -> Counts {
        let mut all = Counts::default();
        (0..minutes).for_each(|at| all.add(&draw(seed, rate, version, at, share)));
        all
    }

    #[track_caller]
    fn near(found: f64, wanted: f64, within: f64) {
        assert!((found - wanted).abs() <= within, "{found}, not {wanted} ± {within}");
    }

    #[test]
    fn a_minute_is_the_same_whenever_and_in_whatever_order_it_is_read() {
        let version = VersionLoad { error_rate: 0.1, error_rho: 0.2, ..VersionLoad::default() };
        let forth: Vec<_> = (0..50).map(|at| draw(7, 100.0, &version, at, 0.5)).collect();
        let mut back: Vec<_> = (0..50).rev().map(|at| draw(7, 100.0, &version, at, 0.5)).collect();
        back.reverse();
        assert_eq!(forth, back);
        let others: Vec<_> = (0..50).map(|at| draw(8, 100.0, &version, at, 0.5)).collect();
        assert_ne!(forth, others);
        // Pinned: a seed gives the same on every machine and in every release.
        assert_eq!(
            forth[..3].iter().map(|counts| (counts.calls, counts.errors)).collect::<Vec<_>>(),
            [(50, 0), (42, 3), (62, 12)]
        );
    }

    #[test]
    fn counts_have_the_means_and_spreads_that_were_asked_for() {
        let version = VersionLoad {
            error_rate: 0.05,
            duration_ms: 30.0,
            duration_cv: 0.5,
            throttle_rate: 0.1,
            ..VersionLoad::default()
        };
        for (rate, share) in [(3.0, 1.0), (600.0, 0.1), (100_000.0, 0.9)] {
            const MINUTES: i64 = 4000;
            let all = sum(1, rate, &version, MINUTES, share);
            let arrived = rate * share * 4000.0;
            near(real(all.throttled + all.calls), arrived, 4.0 * arrived.sqrt());
            near(real(all.throttled), 0.1 * arrived, 4.0 * (0.1 * arrived).sqrt());
            let calls = real(all.calls);
            near(real(all.errors), 0.05 * calls, 4.0 * (0.05 * calls).sqrt());
            near(all.mean_ms().unwrap(), 30.0, 4.0 * 15.0 / calls.sqrt());
            // Variance of a Poisson count is its mean.
            let mean = arrived * 0.9 / 4000.0;
            let squares: f64 = (0..MINUTES)
                .map(|at| (real(draw(1, rate, &version, at, share).calls) - mean).powi(2))
                .sum();
            near(squares / 4000.0 / mean, 1.0, 0.15);
        }
    }

    #[test]
    fn errors_come_in_bursts() {
        let spread = |rho| {
            let version = VersionLoad { error_rate: 0.1, error_rho: rho, ..VersionLoad::default() };
            let shares = (0..4000).map(|at| draw(3, 1000.0, &version, at, 1.0));
            let shares: Vec<f64> =
                shares.map(|counts| real(counts.errors) / real(counts.calls)).collect();
            let mean = shares.iter().sum::<f64>() / 4000.0;
            let squares: f64 = shares.iter().map(|share| (share - mean).powi(2)).sum();
            (mean, squares / 4000.0)
        };
        // p(1−p)·(ρ + (1−ρ)/n)
        for (rho, within) in [(0.0, 0.01), (0.05, 0.01), (0.5, 0.02), (1.0, 0.02)] {
            let (mean, variance) = spread(rho);
            near(mean, 0.1, within);
            let wanted = 0.09 * (rho + (1.0 - rho) / 1000.0);
            near(variance / wanted, 1.0, 0.15);
        }
    }

    #[test]
    fn values_change_at_times_and_with_the_share() {
        let version: VersionLoad = serde_json::from_value(serde_json::json!({
            "changes": [{"above_share": 0.5, "error_rate": 1.0},
                        {"after_s": 600, "error_rate": 0.5}, {"after_s": 630, "duration_ms": 40}]
        }))
        .unwrap();
        assert_eq!(version.check(), Ok(()));
        let errors = |at, share| {
            let counts = draw(1, 10_000.0, &version, at, share);
            real(counts.errors) / real(counts.calls)
        };
        near(errors(0, 0.49), 0.0, 0.0);
        near(errors(0, 0.5), 1.0, 0.0);
        near(errors(-60, 0.5), 1.0, 0.0);
        near(errors(9, 0.1), 0.0, 0.0);
        near(errors(10, 0.1), 0.5, 0.05);
        near(errors(10, 1.0), 0.5, 0.05);
        // In the middle of a minute.
        near(draw(1, 10_000.0, &version, 10, 1.0).mean_ms().unwrap(), 30.0, 0.5);
        near(draw(1, 10_000.0, &version, 11, 1.0).mean_ms().unwrap(), 40.0, 0.5);
    }

    #[test]
    fn weights_and_rates_change_within_a_minute() {
        let version = VersionLoad::default();
        let stream = Stream::new(1, &["f"]);
        let rate = Rate::Steps(vec![(0.0, 6000.0), (90.0, 0.0)]);
        let of = |at, spans: &[Span]| {
            real(minute(stream, BEGAN, &rate, &version, FIRST + at, spans).calls)
        };
        near(of(-5, &Span::whole(1.0)), 6000.0, 400.0);
        near(of(0, &Span::whole(1.0)), 6000.0, 400.0);
        near(of(1, &Span::whole(1.0)), 3000.0, 300.0);
        near(of(2, &Span::whole(1.0)), 0.0, 0.0);
        let spans = [Span { from_s: 0.0, share: 0.0 }, Span { from_s: 45.0, share: 0.4 }];
        near(of(0, &spans), 600.0, 120.0);
        near(of(1, &spans), 0.0, 0.0);
    }

    #[test]
    fn what_is_changed_later_leaves_the_past_alone() {
        let mut rate = Rate::Constant(1000.0);
        let mut version = VersionLoad::default();
        let before: Vec<_> = (0..20).map(|at| draw(5, 1000.0, &version, at, 0.5)).collect();
        rate.change(600.0, 10.0);
        version.change(600.0, &VersionLoad { error_rate: 1.0, ..VersionLoad::default() });
        let stream = Stream::new(5, &["f", "prod", "2"]);
        let after: Vec<_> = (0..20)
            .map(|at| minute(stream, BEGAN, &rate, &version, FIRST + at, &Span::whole(0.5)))
            .collect();
        assert_eq!(before[..10], after[..10]);
        assert!(
            after[10..].iter().all(|counts| counts.calls < 30 && counts.errors == counts.calls)
        );
        rate.change(600.0, 20.0);
        assert_eq!(rate, Rate::Steps(vec![(f64::MIN, 1000.0), (600.0, 20.0)]));
    }

    #[test]
    fn points_come_late_low_or_never() {
        let stream = Stream::new(1, &["f"]);
        let end = seconds(FIRST + 1);
        let monitor = Monitor { rising_s: 60.0, ..Monitor::default() };
        assert_eq!(monitor.shows(stream, FIRST, end + 119.0), None);
        assert_eq!(monitor.shows(stream, FIRST, end + 120.0), Some(0.5));
        assert_eq!(monitor.shows(stream, FIRST, end + 150.0), Some(0.75));
        assert_eq!(monitor.shows(stream, FIRST, end + 180.0), Some(1.0));
        let monitor = Monitor { drop_rate: 0.2, down: vec![(60.0, 90.0)], ..Monitor::default() };
        let lost = (0..10_000).filter(|at| monitor.shows(stream, FIRST + at, 1e12).is_none());
        near(real(lost.count() as u64), 2000.0, 160.0);
        assert!(monitor.answers(59.0) && !monitor.answers(60.0) && monitor.answers(90.0));
        let counts = Counts { calls: 11, errors: 5, throttled: 3, duration_ms: 220.0 };
        let half = Counts { calls: 5, errors: 2, throttled: 1, duration_ms: 100.0 };
        assert_eq!((counts.part(0.5), counts.part(1.0)), (half, counts));
    }

    #[test]
    fn what_no_traffic_can_have_is_refused() {
        for (text, error) in [
            (r#"{"error_rate": 1.5}"#, "`error_rate` is 1.5, outside 0 to 1"),
            (r#"{"duration_ms": -1}"#, "`duration_ms` is -1, outside 0 to 86400000"),
            (r#"{"changes": [{"error_rate": 0.1}]}"#, "without a condition"),
            (r#"{"changes": [{"after_s": 1}]}"#, "without a new value"),
            (r#"{"changes": [{"after_s": 1, "error_rate": 2}]}"#, "`error_rate` is 2"),
        ] {
            let version: VersionLoad = serde_json::from_str(text).unwrap();
            let told = version.check().unwrap_err().to_string();
            assert!(told.contains(error), "{text}: {told}");
        }
        assert!(serde_json::from_str::<VersionLoad>(r#"{"error-rate": 0.1}"#).is_err());
        for rate in ["-1", "1e10", "[]", "[[0, 1], [0, 2]]"] {
            let rate: Rate = serde_json::from_str(rate).unwrap();
            assert!(rate.check().is_err(), "{rate:?}");
        }
        let down = Monitor { down: vec![(2.0, 1.0)], ..Monitor::default() };
        assert!(down.check().is_err());
    }
}
