//! When to poll a running operation: late enough to find it done, early enough not to waste time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::api::retry;

/// Longest time without a poll, whatever was learned. The operation may be faster this time, and
/// changes by others right after it have to be told apart from it.
const BLIND: Duration = Duration::from_secs(1);

/// What one run has learned about how long operations take, shared by all functions it deploys.
#[derive(Debug, Default)]
pub struct Pace {
    learned: Mutex<Learned>,
    /// Number of tasks waiting for an operation now.
    waiting: AtomicUsize,
}

#[derive(Debug, Default)]
struct Learned {
    work: HashMap<&'static str, Seen>,
    /// Fastest reply to a poll. Others had to wait for their turn.
    trip: Option<Duration>,
}

/// Observations of one kind of operation, as offsets of polls from the reply that started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    /// Latest offset at which it was still running; less than `over`.
    going_on: Duration,
    /// Earliest offset at which it was found done.
    over: Duration,
}

impl Seen {
    /// Returns when to poll first: as soon as the operation may be done or, while that is not known
    /// well, halfway between the bounds.
    fn first_look(self) -> Duration {
        let between = self.over.saturating_sub(self.going_on);
        if between <= retry::poll_gap(self.over, 1) {
            self.over
        } else {
            self.going_on + between / 2
        }
    }
}

impl Learned {
    fn note(&mut self, kind: &'static str, going_on: Duration, over: Duration) {
        let seen = self.work.entry(kind).or_insert(Seen { going_on, over });
        seen.over = seen.over.min(over);
        if going_on.is_zero() {
            // Nobody polled earlier. What took longer before may be faster now: after many such
            // polls, one comes earlier again.
            seen.going_on = seen.going_on.saturating_sub(seen.over / 128);
        } else if going_on < seen.over {
            seen.going_on = seen.going_on.max(going_on);
        }
        seen.going_on = seen.going_on.min(seen.over);
    }
}

impl Pace {
    /// Begins a wait, either for an operation of this run, whose reply came at the given time, or
    /// for someone else's.
    pub(super) fn wait(&self, own: Option<(&'static str, Instant)>, now: Instant) -> Wait<'_> {
        Wait {
            pace: self,
            kind: own.map(|(kind, _)| kind),
            began: own.map_or(now, |(_, began)| began),
            going_on: Duration::ZERO,
            waits: false,
        }
    }

    fn learned(&self) -> MutexGuard<'_, Learned> {
        // Nothing that can panic runs under the lock.
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records how long the reply to a poll took. Returns the fastest so far.
    fn note_trip(&self, trip: Duration) -> Duration {
        let mut learned = self.learned();
        let quickest = learned.trip.map_or(trip, |known| known.min(trip));
        learned.trip = Some(quickest);
        quickest
    }
}

/// A wait for one operation.
#[derive(Debug)]
pub(super) struct Wait<'a> {
    pace: &'a Pace,
    kind: Option<&'static str>,
    began: Instant,
    /// Offset of the last poll, which found it still running.
    going_on: Duration,
    /// Whether there was anything to wait for.
    waits: bool,
}

impl Wait<'_> {
    /// Returns how long polling is pointless, as such operations took longer before. Zero if
    /// nothing is known about them.
    pub(super) fn before_next(&self, now: Instant) -> Duration {
        let learned = self.pace.learned();
        let known = self.kind.and_then(|kind| learned.work.get(kind));
        let left = known.map(|seen| seen.first_look().saturating_sub(now - self.began));
        left.unwrap_or_default().min(BLIND)
    }

    /// Records that a poll sent at `asked` found the operation still running. Returns the pause
    /// before the next one.
    pub(super) fn goes_on(&mut self, asked: Instant, now: Instant) -> Duration {
        let trip = self.pace.note_trip(now - asked);
        self.going_on = (now - self.began).saturating_sub(trip);
        if !self.waits {
            self.waits = true;
            self.pace.waiting.fetch_add(1, Ordering::Relaxed);
        }
        let waiting = self.pace.waiting.load(Ordering::Relaxed);
        retry::poll_pause(self.going_on, trip, waiting).max(self.before_next(now))
    }

    /// Records that a poll sent at `asked` found the operation done.
    pub(super) fn is_over(&self, asked: Instant, now: Instant) {
        let trip = self.pace.note_trip(now - asked);
        if let Some(kind) = self.kind {
            let over = (now - self.began).saturating_sub(trip);
            self.pace.learned().note(kind, self.going_on, over);
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if self.waits {
            self.pace.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "UpdateFunctionCode";

    /// Simulates a wait for an operation of length `lasting`. Returns the number of polls, and how
    /// late its end was noticed.
    fn wait_for(pace: &Pace, lasting: Duration, trip: Duration) -> (u32, Duration) {
        let began = Instant::now();
        let mut wait = pace.wait(Some((KIND, began)), began);
        let mut now = began + wait.before_next(began);
        for looks in 1.. {
            let asked = now;
            let over = asked + trip / 2 - began >= lasting;
            now = asked + trip;
            if over {
                wait.is_over(asked, now);
                return (looks, (now - began).saturating_sub(lasting));
            }
            now += wait.goes_on(asked, now);
        }
        unreachable!()
    }

    #[test]
    fn the_end_is_noticed_soon() {
        let trip = Duration::from_millis(50);
        for millis in [0, 10, 80, 300, 310, 800, 1500, 4000, 20_000, 90_000] {
            let lasting = Duration::from_millis(millis);
            let (looks, late) = wait_for(&Pace::default(), lasting, trip);
            // The reply itself is on its way for half a round trip.
            let allowed = (lasting * 15 / 100).max(Duration::from_millis(100)) + trip / 2;
            assert!(late <= allowed, "{lasting:?}: {late:?}");
            assert!(u128::from(looks) <= lasting.as_millis() / 60 + 2, "{lasting:?}: {looks}");
            assert!(looks < 80, "{lasting:?}: {looks}");
        }
    }

    #[test]
    fn what_was_learned_saves_looks() {
        for trip in [0, 50, 400] {
            let (pace, trip) = (Pace::default(), Duration::from_millis(trip));
            let lasting = Duration::from_millis(700);
            let (first, _) = wait_for(&pace, lasting, trip);
            let (mut looks, mut late) = (0, Duration::ZERO);
            for _ in 0..20 {
                let one = wait_for(&pace, lasting, trip);
                (looks, late) = (looks + one.0, late.max(one.1));
            }
            assert!(first > 2, "{first}");
            // One poll, and sometimes one more to learn whether the operation has become faster.
            assert!(looks <= 20 + 5, "{trip:?}: {looks}");
            // Two polls are at least one round trip apart.
            let allowed = Duration::from_millis(200).max(trip) + trip / 2;
            assert!(late <= allowed, "{trip:?}: {late:?}");
        }
    }

    #[test]
    fn quicker_work_is_not_overslept() {
        let (pace, trip) = (Pace::default(), Duration::from_millis(20));
        wait_for(&pace, Duration::from_secs(20), trip);
        let late = wait_for(&pace, Duration::from_millis(500), trip).1;
        assert!(late <= Duration::from_millis(600), "{late:?}");
        // And it is learned.
        for _ in 0..200 {
            wait_for(&pace, Duration::from_millis(500), trip);
        }
        let late = wait_for(&pace, Duration::from_millis(500), trip).1;
        assert!(late <= Duration::from_millis(120), "{late:?}");
    }

    #[test]
    fn many_that_wait_share_the_documented_rate() {
        let (pace, now) = (Pace::default(), Instant::now());
        let mut others: Vec<_> = (0..9).map(|_| pace.wait(None, now)).collect();
        for other in &mut others {
            other.goes_on(now, now);
        }
        let mut wait = pace.wait(None, now);
        // Ten tasks poll once per such pause.
        assert!(wait.goes_on(now, now) >= Duration::from_millis(500));
        drop(others);
        assert!(wait.goes_on(now, now) < Duration::from_millis(150));
    }

    #[test]
    fn someone_elses_work_says_nothing_of_ones_own() {
        let (pace, now) = (Pace::default(), Instant::now());
        let later = now + Duration::from_secs(9);
        let mut wait = pace.wait(None, now);
        wait.goes_on(later, later);
        wait.is_over(later, later);
        assert_eq!(pace.wait(Some((KIND, now)), now).before_next(now), Duration::ZERO);
    }
}
