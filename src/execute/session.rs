//! A session with one function.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::pace::{Pace, Wait};
use super::record::Record;
use super::storage::Storage;
use super::{APPEARANCE, ExecuteError, Progress, Signal};
use crate::api::actions::{Action, FunctionRef};
use crate::api::{ApiError, Client};
use crate::model::FunctionId;
use crate::plan::Step;

/// A function to read and change, the connection to it, and what a run has done to it.
pub struct FunctionSession<'a> {
    pub(super) client: &'a Client,
    pub(super) function: FunctionId,
    progress: Box<dyn Fn(Progress<'_>) + Send + Sync>,
    interrupt: watch::Receiver<Option<Signal>>,
    pub(super) storage: Option<&'a Storage>,
    pace: Arc<Pace>,
    record: Mutex<Record>,
    /// How long reads may show what this run has replaced.
    pub(super) lag: Duration,
    /// Whether signals are ignored.
    to_the_end: bool,
}

impl fmt::Debug for FunctionSession<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FunctionSession")
            .field("function", &self.function)
            .finish_non_exhaustive()
    }
}

impl<'a> FunctionSession<'a> {
    /// Creates a session with one function. `interrupt` receives a signal when one arrives.
    #[must_use]
    pub fn new(
        client: &'a Client,
        function: FunctionId,
        progress: Box<dyn Fn(Progress<'_>) + Send + Sync>,
        interrupt: watch::Receiver<Option<Signal>>,
    ) -> Self {
        Self {
            client,
            function,
            progress,
            interrupt,
            storage: None,
            pace: Arc::default(),
            record: Mutex::default(),
            lag: APPEARANCE,
            to_the_end: false,
        }
    }

    /// Makes the session ignore signals, for what a rollout does because it was interrupted.
    #[must_use]
    pub fn to_the_end(self) -> Self {
        Self { to_the_end: true, interrupt: watch::channel(None).1, ..self }
    }

    /// Adds storage for packages that are too large for a call.
    #[must_use]
    pub fn storing(self, storage: &'a Storage) -> Self {
        Self { storage: Some(storage), ..self }
    }

    /// Shares what is learned about how long operations take.
    #[must_use]
    pub fn pacing(self, pace: Arc<Pace>) -> Self {
        Self { pace, ..self }
    }

    /// Sets how long reads may lag behind writes.
    #[must_use]
    pub fn lagging(self, lag: Duration) -> Self {
        Self { lag, ..self }
    }

    /// Returns whether this run has, or may have, published a version, so that the same intent
    /// under another run id would publish another one.
    #[must_use]
    pub fn has_perhaps_published(&self) -> bool {
        self.record().published
    }

    /// Returns the function.
    #[must_use]
    pub fn function(&self) -> &FunctionId {
        &self.function
    }

    /// Returns the function as actions refer to it.
    pub(super) fn function_ref(&self) -> FunctionRef {
        let FunctionId { name, namespace, region: _ } = self.function.clone();
        FunctionRef { function_name: name, namespace }
    }

    /// Returns the current instant of the clock that the run sleeps by.
    pub(super) fn now(&self) -> Instant {
        self.client.clock().instant()
    }

    /// Returns the time elapsed since an instant.
    pub(super) fn since(&self, instant: Instant) -> Duration {
        self.client.clock().since(instant)
    }

    /// Limits the duration of some work. Returns `None` if it takes longer.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        self.client.clock().within(limit, work).await
    }

    /// Reports progress to the user.
    pub(super) fn progress(&self, progress: Progress<'_>) {
        (self.progress)(progress);
    }

    /// Reports that a step begins, unless a signal prevents it from being sent.
    pub(super) fn begin(&self, step: &Step) {
        if self.interrupt.borrow().is_some() {
            return;
        }
        self.progress(Progress::Step(step));
    }

    /// Locks the record of what this run has done. Not to be held across a call.
    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        // Nothing that can panic runs under the lock.
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns the error of a change that a signal stopped into that signal.
    pub(super) fn by_signal(&self, error: ExecuteError) -> ExecuteError {
        match (error, *self.interrupt.borrow()) {
            (ExecuteError::Api(ApiError::Stopped { .. }), Some(signal)) => {
                ExecuteError::Interrupted(signal)
            }
            (error, _) => error,
        }
    }

    /// Fails if a signal arrived. Called before everything that makes a change.
    pub(super) fn check_interrupt(&self) -> Result<(), ExecuteError> {
        match *self.interrupt.borrow() {
            Some(signal) => Err(ExecuteError::Interrupted(signal)),
            None => Ok(()),
        }
    }

    /// Returns whether the current step has sent a change: it is finished despite signals.
    pub(super) fn is_finishing(&self) -> bool {
        self.to_the_end || self.record().sent
    }

    /// Makes a reading call. A signal aborts it, unless it is part of finishing a change.
    pub(super) async fn read<A: Action + Sync>(
        &self,
        action: &A,
    ) -> Result<A::Reply, ExecuteError> {
        if self.is_finishing() {
            return Ok(self.client.call_to_the_end(&self.function.region, action).await?);
        }
        let mut interrupt = self.interrupt.clone();
        tokio::select! {
            biased;
            Ok(signal) = interrupt.wait_for(Option::is_some) => {
                Err(ExecuteError::Interrupted(signal.unwrap_or(Signal::Interrupt)))
            }
            reply = self.client.call(&self.function.region, action) => Ok(reply?),
        }
    }

    /// Sends a changing call and records that it may have been carried out.
    pub(super) async fn send<A: Action + Sync>(&self, action: &A) -> Result<A::Reply, ApiError> {
        let reply = self.client.call(&self.function.region, action).await;
        let now = self.now();
        let mut record = self.record();
        if reply.as_ref().err().is_none_or(ApiError::perhaps_executed) {
            record.sent = true;
        }
        record.note_work(A::NAME, reply.is_ok(), now);
        if reply.is_ok() {
            record.latest.note_changed(A::NAME, now + self.lag);
        }
        drop(record);
        reply
    }

    /// Pauses until the deadline at the latest. A signal ends the pause like a read.
    pub(super) async fn pause(&self, pause: Duration) -> Result<(), ExecuteError> {
        let clock = self.client.clock();
        let until = (clock.instant() + pause).min(self.client.deadline());
        if self.is_finishing() {
            clock.sleep_until(until).await;
            return Ok(());
        }
        let mut interrupt = self.interrupt.clone();
        tokio::select! {
            biased;
            Ok(signal) = interrupt.wait_for(Option::is_some) => {
                Err(ExecuteError::Interrupted(signal.unwrap_or(Signal::Interrupt)))
            }
            () = clock.sleep_until(until) => Ok(()),
        }
    }

    /// Begins a wait for the operation of the last change, or for someone else's.
    pub(super) fn wait(&self) -> Wait<'_> {
        let work = self.record().work.take();
        self.pace.wait(work, self.now())
    }

    /// Returns whether the deadline has passed.
    pub(super) fn out_of_time(&self) -> bool {
        self.now() >= self.client.deadline()
    }
}
