//! Carries out steps: calls, waits, progress events.
//!
//! The only place that sleeps while a function changes. Everything it decides it decides
//! through `plan` and the retry policy.

mod alias;
mod attributes;
mod code;
mod deploy;
mod fresh;
mod outputs;
mod pace;
mod pages;
mod provisioned;
mod publish;
mod routing;
mod settle;
mod triggers;
mod upload;
mod wire;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

pub use alias::{AliasPlan, AliasRecord};
pub use deploy::{Extra, Observation, Outcome};
pub use outputs::Facts;
pub use pace::Pace;
pub use publish::{PublishRequest, Published, Twin};
pub use settle::Look;
pub use triggers::function_urls;
pub use upload::Storage;

use settle::Beside;

use crate::api::actions::{Action, GetFunction, GetFunctionReply, ListVersionByFunction};
use crate::api::retry::{self, ErrorKind};
use crate::api::{ApiError, Client};
use crate::cos::CosError;
use crate::model::{Alias, FunctionId, PublishedVersion, Status, Version};
use crate::plan::{AliasPlanError, Step};

/// After this long a read of an alias is too old to write by.
const STALE: Duration = Duration::from_millis(500);
/// How long a version or function may be "not found" right after its creation.
const APPEARANCE: Duration = Duration::from_secs(5);
/// Repetitions of a call that failed without a reason while the function was not busy: its status
/// may lag behind what refuses the call.
const UNEXPLAINED_FAILURES: u32 = 3;
/// The pause before the first such repetition; each further one is twice as long.
const UNEXPLAINED_PAUSE: Duration = Duration::from_millis(500);

/// A signal that asked this process to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// Asked to end by the system or a pipeline.
    Terminate,
}

/// Why a step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A call failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The function is not there.
    #[error("no function `{}` in namespace `{}` of {}", function.name, function.namespace, function.region)]
    NoFunction {
        /// The function.
        function: FunctionId,
        /// Names of functions that are there, as far as they may be listed.
        existing: Vec<String>,
    },
    /// The alias is not there.
    #[error("no alias `{alias}` on function `{function}`")]
    NoAlias {
        /// The alias.
        alias: String,
        /// The function.
        function: String,
        /// Names of its aliases.
        existing: Vec<String>,
    },
    /// The alias cannot be set as asked.
    #[error(transparent)]
    Alias(AliasPlanError),
    /// A trigger still points to the alias that is to be deleted.
    #[error("alias `{alias}` is what triggers are bound to: {triggers}")]
    AliasInUse {
        /// The alias.
        alias: String,
        /// Kind and name of each.
        triggers: String,
    },
    /// A deletion was accepted and did not happen.
    #[error("alias `{0}` is still there after it was deleted")]
    StillThere(String),
    /// The function or a version of it ended in a failed status.
    #[error("{qualifier} of function `{function}` ended as {status}: {reason}")]
    Failed {
        /// Function.
        function: String,
        /// Version.
        qualifier: String,
        /// Status.
        status: String,
        /// The service's reason.
        reason: String,
    },
    /// Instances that were to be kept warm are not.
    #[error("version {version} did not get {count} provisioned instances: {what}")]
    Provision {
        /// Version.
        version: Version,
        /// Asked for.
        count: u64,
        /// Why, as the service says it.
        what: String,
    },
    /// The total time ran out while waiting.
    #[error("not finished within {} s: waited for {what}, last status {status}", timeout.as_secs_f64())]
    TimedOut {
        /// What was waited for.
        what: String,
        /// Last status seen.
        status: String,
        /// The whole time allowed.
        timeout: Duration,
    },
    /// Someone else changed the alias between reading and writing.
    #[error(
        "someone else changed alias `{alias}` while this ran: it was {expected}, now it is {observed}"
    )]
    Conflict {
        /// Alias.
        alias: String,
        /// As read or written by this run.
        expected: String,
        /// As found.
        observed: String,
    },
    /// What was written is not what is read back.
    #[error(
        "alias `{alias}` does not route as asked: intended {intended}, the service reports {observed}"
    )]
    Mismatch {
        /// Alias.
        alias: String,
        /// As written.
        intended: String,
        /// As read back.
        observed: String,
    },
    /// Someone else published while this run waited, so its plan names the wrong version.
    #[error("someone else published version {version} of function `{function}` while this ran")]
    PublishedElsewhere {
        /// Function.
        function: String,
        /// The newest version.
        version: Version,
    },
    /// Someone else replaced the code that this run is about to publish.
    #[error("someone else changed the code of function `{0}` while this ran")]
    CodeChanged(String),
    /// Someone else changed settings of the function that this run has deployed or routed to.
    #[error("someone else changed the settings of function `{0}` while this ran")]
    SettingsChanged(String),
    /// Someone else's deployment came between this run's and its publication.
    #[error(
        "version {version} of function `{function}` is not what this run meant to publish: someone else changed the function while it ran"
    )]
    FrozeOther {
        /// Function.
        function: String,
        /// The version.
        version: Version,
    },
    /// The function appeared with other code while this run was creating it.
    #[error("someone else created function `{0}` while this ran")]
    CreatedElsewhere(String),
    /// An alias that this program cannot reason about.
    #[error("alias `{alias}` of function `{function}` cannot be used: {what}")]
    UnusableAlias {
        /// Alias.
        alias: String,
        /// Function.
        function: String,
        /// What about it.
        what: String,
    },
    /// A trigger that is not as it was just set.
    #[error("the service does not show the change: {0}")]
    Trigger(String),
    /// A setting that is not as it was just set.
    #[error("the service accepted a change of {0} and does not show it")]
    NotShown(String),
    /// A load balancer did not do what it had accepted.
    #[error("the load balancer's task {task} failed: {why}")]
    Balancer {
        /// Task, which support can look up.
        task: String,
        /// Its reason.
        why: String,
    },
    /// A listing that does not end.
    #[error("{0}: the service's pages do not end")]
    Endless(&'static str),
    /// The package's temporary file is gone or broken.
    #[error("cannot read the package back")]
    Package(#[source] std::io::Error),
    /// The package could not be stored.
    #[error(transparent)]
    Cos(#[from] CosError),
    /// The account's number is none.
    #[error("`{0}` is not the number of an account (AppId)")]
    AppId(String),
    /// A signal came.
    #[error("interrupted")]
    Interrupted(Signal),
    /// The plan sends a package that was not made; a fault of this program.
    #[error("the plan sends a package that was not made")]
    Unpacked,
    /// The plan names a version that it did not publish; a fault of this program.
    #[error("the plan routes to a version that it does not publish")]
    Unpublished,
}

/// An error, with what had been done by then.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct Halted {
    /// Why.
    #[source]
    pub source: ExecuteError,
    /// Effects of the steps that are done.
    pub done: Vec<String>,
    /// Effect of the failed step, when its change was sent and may have been carried out.
    pub perhaps: Option<String>,
    /// Effects of the steps that are not done.
    pub left: Vec<String>,
}

/// Something that goes on, for the user to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A step begins.
    Step {
        /// API action.
        action: &'static str,
        /// What it changes.
        effect: String,
    },
    /// A look at a status that is not final yet.
    Waiting {
        /// What is waited for.
        what: String,
        /// Its status.
        status: String,
    },
    /// An answer was lost; the call is sent again unless a look shows that it need not be.
    Repeating {
        /// API action.
        action: &'static str,
        /// How the answer was lost.
        reason: String,
        /// Pause before the look.
        after: Duration,
    },
    /// Someone else's work on the function has to end first.
    Busy {
        /// The refusal.
        reason: String,
    },
    /// A package is on its way.
    Uploading {
        /// Bytes stored.
        bytes: u64,
        /// Bytes in all.
        all_bytes: u64,
    },
    /// The same package is stored there already.
    AlreadyStored(String),
    /// An earlier try of this run had published already.
    Adopted {
        /// The version.
        version: Version,
        /// The last published version, when that is another one.
        last: Option<Version>,
    },
    /// The answer was lost, and this version was published all the same.
    AdoptedAfterLostAnswer(Version),
    /// A run of the same id published at the same time, a moment earlier.
    Overtaken {
        /// Its version, which is used.
        version: Version,
        /// The one that this run published and that has no use.
        published: Version,
    },
    /// The version before the one that was published has the same content and no use.
    LeftOver {
        /// That version.
        version: Version,
        /// The one that this run published.
        published: Version,
    },
}

/// Carries out steps on one function.
pub struct Executor<'a> {
    client: &'a Client,
    function: FunctionId,
    progress: Box<dyn Fn(Progress) + Send + Sync>,
    interrupt: watch::Receiver<Option<Signal>>,
    /// Whether the step under way has sent a change that may have been carried out.
    sent: AtomicBool,
    /// Whether someone else's work was waited for, so that what was read before is old.
    waited: AtomicBool,
    /// Whether a version was published, or perhaps was.
    publishing: AtomicBool,
    storage: Option<&'a Storage>,
    pace: Arc<Pace>,
    /// The change that began the last work and when its answer came, until it was waited for.
    changed: Mutex<Option<(&'static str, Instant)>>,
    /// What reads may still show although this run has replaced it.
    replaced: Mutex<fresh::Replaced>,
    /// How long they may.
    lag: Duration,
}

impl fmt::Debug for Executor<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Executor").field("function", &self.function).finish_non_exhaustive()
    }
}

impl<'a> Executor<'a> {
    /// An executor for one function. `interrupt` holds the signal once one came.
    #[must_use]
    pub fn new(
        client: &'a Client,
        function: FunctionId,
        progress: Box<dyn Fn(Progress) + Send + Sync>,
        interrupt: watch::Receiver<Option<Signal>>,
    ) -> Self {
        Self {
            client,
            function,
            progress,
            interrupt,
            sent: AtomicBool::new(false),
            waited: AtomicBool::new(false),
            publishing: AtomicBool::new(false),
            storage: None,
            pace: Arc::default(),
            changed: Mutex::default(),
            replaced: Mutex::default(),
            lag: APPEARANCE,
        }
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
        self.publishing.load(Ordering::Relaxed)
    }

    /// The function that is worked on.
    #[must_use]
    pub fn function(&self) -> &FunctionId {
        &self.function
    }

    /// Says that a step begins.
    fn begin(&self, step: &Step) {
        (self.progress)(Progress::Step { action: step.action(), effect: step.to_string() });
    }

    /// A change that was not sent because a signal came says which one.
    fn by_signal(&self, error: ExecuteError) -> ExecuteError {
        match (error, *self.interrupt.borrow()) {
            (ExecuteError::Api(ApiError::Stopped { .. }), Some(signal)) => {
                ExecuteError::Interrupted(signal)
            }
            (error, _) => error,
        }
    }

    fn names(&self) -> (String, String) {
        (self.function.name.clone(), self.function.namespace.clone())
    }

    /// Stops here when a signal came; called before everything that changes something.
    fn check_interrupt(&self) -> Result<(), ExecuteError> {
        match *self.interrupt.borrow() {
            Some(signal) => Err(ExecuteError::Interrupted(signal)),
            None => Ok(()),
        }
    }

    /// Whether a change of the step under way was sent: it is finished, whatever signal comes.
    fn is_finishing(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }

    /// A read, given up when a signal comes, unless it is part of finishing a change.
    async fn read<A: Action + Sync>(&self, action: &A) -> Result<A::Reply, ExecuteError> {
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

    /// A pause, cut short by the end of the time allowed or, as a read is, by a signal.
    async fn pause(&self, pause: Duration) -> Result<(), ExecuteError> {
        let until = (Instant::now() + pause).min(self.client.deadline());
        if self.is_finishing() {
            tokio::time::sleep_until(until).await;
            return Ok(());
        }
        let mut interrupt = self.interrupt.clone();
        tokio::select! {
            biased;
            Ok(signal) = interrupt.wait_for(Option::is_some) => {
                Err(ExecuteError::Interrupted(signal.unwrap_or(Signal::Interrupt)))
            }
            () = tokio::time::sleep_until(until) => Ok(()),
        }
    }

    /// The pause after an answer was lost, which is said.
    async fn pause_before_repeating(
        &self,
        error: &ApiError,
        after: Duration,
    ) -> Result<(), ExecuteError> {
        let (action, reason) = (error.action(), error.to_string());
        (self.progress)(Progress::Repeating { action, reason, after });
        self.pause(after).await
    }

    /// A pause between two looks at something that is not done yet.
    async fn look_again(
        &self,
        what: &str,
        status: &str,
        pause: Duration,
    ) -> Result<(), ExecuteError> {
        (self.progress)(Progress::Waiting { what: what.to_owned(), status: status.to_owned() });
        self.pause(pause).await?;
        if self.out_of_time() {
            let timeout = self.client.timeout();
            return Err(ExecuteError::TimedOut {
                what: what.to_owned(),
                status: status.to_owned(),
                timeout,
            });
        }
        Ok(())
    }

    fn out_of_time(&self) -> bool {
        Instant::now() >= self.client.deadline()
    }

    async fn get_function(&self, qualifier: Version) -> Result<GetFunctionReply, ExecuteError> {
        let (function_name, namespace) = self.names();
        let is_latest = qualifier == Version::Latest;
        let qualifier = qualifier.to_string();
        let action = GetFunction { function_name, namespace, qualifier, show_code: "FALSE" };
        let reply = self.read(&action).await?;
        if is_latest {
            self.note_seen(&reply);
        }
        Ok(reply)
    }

    /// `None` when the function does not exist.
    async fn find_function(&self) -> Result<Option<GetFunctionReply>, ExecuteError> {
        match self.get_function(Version::Latest).await {
            Ok(reply) => Ok(Some(reply)),
            Err(error) if is_missing_function(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All published versions over all pages.
    async fn list_versions(&self) -> Result<Vec<PublishedVersion>, ExecuteError> {
        let items = self
            .read_pages(
                |offset, limit| {
                    let (function_name, namespace) = self.names();
                    ListVersionByFunction { function_name, namespace, offset, limit }
                },
                |reply| (reply.versions, Some(reply.total_count)),
            )
            .await?;
        Ok(wire::published(&items))
    }

    async fn get_alias(&self, name: &str) -> Result<Alias, ExecuteError> {
        Ok(self.read_alias(name).await?.alias)
    }

    fn failed(&self, qualifier: Version, reply: &GetFunctionReply) -> ExecuteError {
        let reasons: Vec<String> = reply
            .status_reasons
            .iter()
            .flatten()
            .filter_map(|reason| match (&reason.error_code, &reason.error_message) {
                (Some(code), Some(message)) => Some(format!("{code}: {message}")),
                (one, other) => one.clone().or_else(|| other.clone()),
            })
            .collect();
        let reason = match (reasons.is_empty(), &reply.status_desc) {
            (false, _) => reasons.join("; "),
            (true, Some(text)) if !text.is_empty() => text.clone(),
            _ => "the service gives no reason".to_owned(),
        };
        ExecuteError::Failed {
            function: self.function.name.clone(),
            qualifier: qualifier.to_string(),
            status: reply.status.clone(),
            reason,
        }
    }

    /// Sends a call that changes something, remembering that it may have been carried out.
    async fn send<A: Action + Sync>(&self, action: &A) -> Result<A::Reply, ApiError> {
        let reply = self.client.call(&self.function.region, action).await;
        if reply.as_ref().err().is_none_or(ApiError::perhaps_executed) {
            self.sent.store(true, Ordering::Relaxed);
        }
        self.note_work(A::NAME, reply.is_ok());
        if reply.is_ok() {
            self.note_changed(A::NAME);
        }
        reply
    }

    /// A call that changes the function. While the function is busy with something else, it
    /// waits for that to end and goes on.
    async fn change<A: Action + Sync>(&self, action: &A) -> Result<A::Reply, ExecuteError> {
        let mut refusals = Refusals::default();
        loop {
            self.check_interrupt()?;
            match self.send(action).await {
                Ok(reply) => return Ok(reply),
                Err(error) => self.await_turn(error, &mut refusals).await?,
            }
        }
    }

    /// After a refusal because the function is busy: waits until it is not.
    ///
    /// # Errors
    /// The refusal itself when waiting cannot help, and what the waiting itself meets.
    async fn await_turn(
        &self,
        error: ApiError,
        refusals: &mut Refusals,
    ) -> Result<(), ExecuteError> {
        let kind = error.kind();
        if !matches!(kind, Some(ErrorKind::Busy | ErrorKind::ActionFailed)) {
            return Err(error.into());
        }
        let latest = self.get_function(Version::Latest).await?;
        let status = Status::from(latest.status.as_str());
        // Whether `$LATEST` shows a publication is open; the version does.
        let publishing = if status == Status::Active && kind == Some(ErrorKind::ActionFailed) {
            self.publishing_version().await?
        } else {
            None
        };
        if !status.is_transient() && publishing.is_none() {
            if status != Status::Active {
                // A failed status does not pass by itself, so the call would be refused for
                // ever.
                return Err(match kind {
                    Some(ErrorKind::Busy) => self.failed(Version::Latest, &latest),
                    _ => error.into(),
                });
            }
            if kind == Some(ErrorKind::ActionFailed) {
                refusals.unexplained += 1;
                if refusals.unexplained > UNEXPLAINED_FAILURES {
                    return Err(error.into());
                }
            }
        }
        if self.out_of_time() {
            return Err(error.into());
        }
        self.waited.store(true, Ordering::Relaxed);
        if refusals.looks == 0 {
            (self.progress)(Progress::Busy { reason: error.to_string() });
        }
        if status.is_transient() {
            self.settle(Version::Latest, false, Beside::NOTHING).await?;
        } else if let Some(version) = publishing {
            self.settle(version, true, Beside::NOTHING).await?;
        } else if kind == Some(ErrorKind::ActionFailed) {
            self.pause(UNEXPLAINED_PAUSE * 2_u32.pow(refusals.unexplained - 1)).await?;
        } else {
            // Refused as busy, and yet `Active`: it ended in between, or the status lags.
            self.pause(retry::backoff(refusals.looks)).await?;
        }
        refusals.looks += 1;
        Ok(())
    }
}

/// How often a call was refused so far.
#[derive(Debug, Default)]
struct Refusals {
    /// Without a reason that the function's status would tell.
    unexplained: u32,
    /// Altogether.
    looks: u32,
}

fn is_busy(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Api(error) if error.kind() == Some(ErrorKind::Busy))
}

fn is_not_found(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Api(error) if error.kind() == Some(ErrorKind::NotFound))
}

/// The codes that say that the function is absent, rather than its namespace or a version.
fn is_missing_function(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Api(error)
        if matches!(error.code(), Some("ResourceNotFound.Function" | "ResourceNotFound.FunctionName")))
}
