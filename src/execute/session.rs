//! One function, and the ways to reach it.

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

/// One function that is read and changed, and what a run has done to it.
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
    /// Whether no signal stops what this session does.
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
    /// Returns a session with one function. `interrupt` holds the signal once one came.
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

    /// The same, seeing to its end what it is asked for although a signal came: what a rollout
    /// does because it was interrupted.
    #[must_use]
    pub fn to_the_end(self) -> Self {
        Self { to_the_end: true, interrupt: watch::channel(None).1, ..self }
    }

    /// The same, with a place for packages that are too large for a call.
    #[must_use]
    pub fn storing(self, storage: &'a Storage) -> Self {
        Self { storage: Some(storage), ..self }
    }

    /// The same, sharing what is learned of how long work takes.
    #[must_use]
    pub fn pacing(self, pace: Arc<Pace>) -> Self {
        Self { pace, ..self }
    }

    /// The same, for a service whose reads lag behind its writes by no more than this.
    #[must_use]
    pub fn lagging(self, lag: Duration) -> Self {
        Self { lag, ..self }
    }

    /// Whether this run published a version, or perhaps did, so that the same intent under
    /// another run id would publish one more.
    #[must_use]
    pub fn has_perhaps_published(&self) -> bool {
        self.record().published
    }

    /// The function that is worked on.
    #[must_use]
    pub fn function(&self) -> &FunctionId {
        &self.function
    }

    /// The function as actions name it.
    pub(super) fn function_ref(&self) -> FunctionRef {
        let FunctionId { name, namespace, region: _ } = self.function.clone();
        FunctionRef { function_name: name, namespace }
    }

    /// What is told from it is how long something took, by the clock that a run sleeps by.
    pub(super) fn now(&self) -> Instant {
        self.client.clock().instant()
    }

    /// How long ago an instant was.
    pub(super) fn since(&self, instant: Instant) -> Duration {
        self.client.clock().since(instant)
    }

    /// Gives work so much time. Returns nothing when it takes longer.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        self.client.clock().within(limit, work).await
    }

    /// Tells the user what goes on.
    pub(super) fn progress(&self, progress: Progress<'_>) {
        (self.progress)(progress);
    }

    /// Says that a step begins; not after a signal, which it is not sent after.
    pub(super) fn begin(&self, step: &Step) {
        if self.interrupt.borrow().is_some() {
            return;
        }
        self.progress(Progress::Step(step));
    }

    /// What this run has done so far. Not to be held over a call.
    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        // Nothing that can panic runs under the lock.
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A change that was not sent because a signal came says which one.
    pub(super) fn by_signal(&self, error: ExecuteError) -> ExecuteError {
        match (error, *self.interrupt.borrow()) {
            (ExecuteError::Api(ApiError::Stopped { .. }), Some(signal)) => {
                ExecuteError::Interrupted(signal)
            }
            (error, _) => error,
        }
    }

    /// Stops here when a signal came; called before everything that changes something.
    pub(super) fn check_interrupt(&self) -> Result<(), ExecuteError> {
        match *self.interrupt.borrow() {
            Some(signal) => Err(ExecuteError::Interrupted(signal)),
            None => Ok(()),
        }
    }

    /// Whether a change of the step under way was sent: it is finished, whatever signal comes.
    pub(super) fn is_finishing(&self) -> bool {
        self.to_the_end || self.record().sent
    }

    /// A read, given up when a signal comes, unless it is part of finishing a change.
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

    /// Sends a call that changes something, remembering that it may have been carried out.
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

    /// A pause, cut short by the end of the time allowed or, as a read is, by a signal.
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

    /// Begins to wait: for the work of the last change, or for someone else's.
    pub(super) fn wait(&self) -> Wait<'_> {
        let work = self.record().work.take();
        self.pace.wait(work, self.now())
    }

    /// Whether the time allowed is over.
    pub(super) fn out_of_time(&self) -> bool {
        self.now() >= self.client.deadline()
    }
}
