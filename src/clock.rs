//! Time of day and sleeping, by the system's clock or a virtual one.
//!
//! Virtual time advances only while everybody who uses the clock sleeps: then it jumps to the
//! earliest moment that one of them waits for. So a run of hours takes only as long as its requests
//! do. It is meant for one run on a single-threaded runtime. Network requests take real time,
//! during which virtual time stands still.

use std::collections::BTreeSet;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::time::Instant;

/// A clock, passed down from `main`. Clones show the same time.
#[derive(Clone)]
pub struct Clock(Kind);

#[derive(Clone)]
enum Kind {
    /// Returns the time of day by this function; sleeping takes real time.
    Real(fn() -> DateTime<Utc>),
    Virtual(Arc<Virtual>),
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Kind::Real(_) => "Real",
            Kind::Virtual(_) => "Virtual",
        };
        formatter.debug_tuple("Clock").field(&kind).finish()
    }
}

struct Virtual {
    began: Instant,
    date: DateTime<Utc>,
    state: Mutex<State>,
    /// Signals that time has advanced, or that someone stopped sleeping or working.
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// Time that has passed.
    passed: Duration,
    /// When each sleeper wants to be woken.
    sleepers: BTreeSet<(Instant, u64)>,
    /// Number of the next sleeper.
    next: u64,
    /// How many are doing something that takes real time.
    working: usize,
}

impl Clock {
    /// Returns the system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::reading(Utc::now)
    }

    /// Returns a clock with another source for the time of day. Sleeping takes real time.
    #[must_use]
    pub fn reading(now: fn() -> DateTime<Utc>) -> Self {
        Self(Kind::Real(now))
    }

    /// Returns a virtual clock that starts at the given time.
    #[must_use]
    pub fn simulated(begin: DateTime<Utc>) -> Self {
        Self(Kind::Virtual(Arc::new(Virtual {
            began: Instant::now(),
            date: begin,
            state: Mutex::default(),
            changed: Notify::new(),
        })))
    }

    /// Returns the time of day.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Kind::Real(now) => now(),
            Kind::Virtual(clock) => {
                let passed = clock.state().passed;
                clock.date + TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX)
            }
        }
    }

    /// Returns a monotonic instant for measuring durations.
    #[must_use]
    pub fn instant(&self) -> Instant {
        match &self.0 {
            Kind::Real(_) => Instant::now(),
            Kind::Virtual(clock) => clock.began + clock.state().passed,
        }
    }

    /// Returns the time elapsed since an instant.
    #[must_use]
    pub fn since(&self, instant: Instant) -> Duration {
        self.instant().saturating_duration_since(instant)
    }

    /// Sleeps for a duration.
    pub async fn sleep(&self, pause: Duration) {
        match &self.0 {
            Kind::Real(_) => tokio::time::sleep(pause).await,
            Kind::Virtual(_) => self.sleep_until(self.instant() + pause).await,
        }
    }

    /// Sleeps until an instant.
    pub async fn sleep_until(&self, until: Instant) {
        match &self.0 {
            Kind::Real(_) => tokio::time::sleep_until(until).await,
            Kind::Virtual(clock) => clock.sleep_until(until).await,
        }
    }

    /// Limits the duration of some work. Returns `None` if it takes longer.
    pub async fn within<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.sleep(limit) => None,
        }
    }

    /// Marks something that takes real time: until the guard is dropped, virtual time stands still.
    #[must_use]
    pub fn work(&self) -> Working {
        Working(match &self.0 {
            Kind::Real(_) => None,
            Kind::Virtual(clock) => {
                clock.state().working += 1;
                Some(Arc::clone(clock))
            }
        })
    }
}

/// Something that takes real time. See [`Clock::work`].
pub struct Working(Option<Arc<Virtual>>);

impl fmt::Debug for Working {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Working").finish_non_exhaustive()
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if let Some(clock) = &self.0 {
            clock.state().working -= 1;
            clock.changed.notify_waiters();
        }
    }
}

/// A sleeper, registered until this is dropped.
struct Sleeper<'a> {
    clock: &'a Virtual,
    until: Instant,
    number: u64,
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.clock.state().sleepers.remove(&(self.until, self.number));
        self.clock.changed.notify_waiters();
    }
}

impl Virtual {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep_until(&self, until: Instant) {
        let sleeper = {
            let mut state = self.state();
            state.next += 1;
            let number = state.next;
            state.sleepers.insert((until, number));
            Sleeper { clock: self, until, number }
        };
        loop {
            // Others that can run go first: they may begin to work, or to sleep for a shorter time.
            tokio::task::yield_now().await;
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.wakes(&sleeper) {
                return;
            }
            changed.await;
        }
    }

    /// Returns whether it is time to wake up. Advances the time if everybody sleeps and nobody for
    /// a shorter time.
    fn wakes(&self, sleeper: &Sleeper<'_>) -> bool {
        let mut state = self.state();
        if self.began + state.passed >= sleeper.until {
            return true;
        }
        let is_first = state.sleepers.first() == Some(&(sleeper.until, sleeper.number));
        let wakes = is_first && state.working == 0;
        if wakes {
            state.passed = sleeper.until.saturating_duration_since(self.began);
        }
        wakes
    }
}

/// When an operation has to be done, and how long it may take in total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    at: Instant,
    allowed: Duration,
}

impl Deadline {
    /// Returns the deadline after the given time from now.
    #[must_use]
    pub fn after(clock: &Clock, allowed: Duration) -> Self {
        Self { at: clock.instant() + allowed, allowed }
    }

    /// Returns the instant of the deadline.
    #[must_use]
    pub fn at(self) -> Instant {
        self.at
    }

    /// Returns the total time allowed, for messages.
    #[must_use]
    pub fn allowed(self) -> Duration {
        self.allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn minutes_take_no_time_when_everybody_sleeps() {
        let (clock, real) = (Clock::simulated(DateTime::UNIX_EPOCH), std::time::Instant::now());
        let told = Mutex::new(Vec::new());
        let look = async |name: &str, gap: Duration, times: u32| {
            for _ in 0..times {
                clock.sleep(gap).await;
                told.lock().unwrap().push((name.to_owned(), clock.now().timestamp() / 60));
            }
        };
        run(async { tokio::join!(look("a", 3 * MINUTE, 3), look("b", 5 * MINUTE, 2)) });
        let told = told.into_inner().unwrap();
        let told: Vec<_> = told.iter().map(|(name, minute)| (name.as_str(), *minute)).collect();
        assert_eq!(told, [("a", 3), ("b", 5), ("a", 6), ("a", 9), ("b", 10)]);
        // With a real clock it would have taken exactly that long.
        assert!(real.elapsed() < 10 * MINUTE, "{:?}", real.elapsed());
    }

    #[test]
    fn time_stands_still_while_somebody_works() {
        let clock = Clock::simulated(DateTime::UNIX_EPOCH);
        let began = clock.instant();
        let work = async {
            let working = clock.work();
            tokio::time::sleep(Duration::from_millis(50)).await;
            let meanwhile = clock.since(began);
            drop(working);
            meanwhile
        };
        let (meanwhile, ()) = run(async { tokio::join!(work, clock.sleep(MINUTE)) });
        assert_eq!((meanwhile, clock.since(began)), (Duration::ZERO, MINUTE));
    }

    #[test]
    fn a_sleep_that_is_given_up_passes_no_time() {
        let clock = Clock::simulated(DateTime::UNIX_EPOCH);
        let deadline = Deadline::after(&clock, 60 * MINUTE);
        run(async {
            tokio::select! {
                () = clock.sleep_until(deadline.at()) => panic!("it is not first"),
                () = clock.sleep(MINUTE) => {}
            }
            // Another task sleeps at the same time.
            let other = clock.clone();
            let other = tokio::spawn(async move { other.sleep(MINUTE / 2).await });
            clock.sleep(MINUTE).await;
            other.await.unwrap();
        });
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH + TimeDelta::minutes(2));
        assert_eq!(deadline.allowed(), 60 * MINUTE);
    }

    #[test]
    fn work_gets_as_much_time_as_it_is_given() {
        let clock = Clock::simulated(DateTime::UNIX_EPOCH);
        let hour = 60 * MINUTE;
        let done = run(clock.within(hour, async { clock.sleep(59 * MINUTE).await }));
        assert_eq!((done, clock.now().timestamp()), (Some(()), 59 * 60));
        let done = run(clock.within(hour, async { clock.sleep(hour + MINUTE).await }));
        assert_eq!((done, clock.now().timestamp()), (None, 119 * 60));
    }

    #[test]
    fn a_real_clock_shows_the_time_that_it_is_given() {
        let clock = Clock::reading(|| DateTime::UNIX_EPOCH);
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH);
        let began = clock.instant();
        run(clock.sleep(Duration::from_millis(5)));
        assert!(clock.since(began) >= Duration::from_millis(5));
    }
}
