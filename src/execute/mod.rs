//! Carries out steps: calls, waits, progress events.
//!
//! The only place that sleeps while a function changes. Everything it decides it decides
//! through `plan` and the retry policy.

mod alias;
mod attributes;
mod code;
mod deploy;
mod outputs;
mod pages;
mod provisioned;
mod publish;
mod triggers;
mod upload;
mod wire;

use std::fmt;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

pub use alias::{AliasPlan, AliasRecord};
pub use deploy::{Extra, Observation, Outcome};
pub use outputs::Facts;
pub use publish::{PublishRequest, Published};
pub use triggers::function_urls;
pub use upload::Storage;

use crate::cos::CosError;
use crate::model::{Alias, FunctionId, PublishedVersion, Routing, Status, Version, Weight};
use crate::plan::alias::AliasPlanError;
use crate::scf::actions::{
    Action, GetFunction, GetFunctionAddress, GetFunctionReply, ListVersionByFunction,
    RoutingConfig, UpdateAlias,
};
use crate::scf::retry::{self, Kind};
use crate::scf::{Client, ScfError};

/// How long a version or function may be "not found" right after its creation.
const APPEARANCE: Duration = Duration::from_secs(5);
/// Repetitions of a call that failed without a reason while the function was not busy.
const UNEXPLAINED_FAILURES: u32 = 1;
/// The pause before such a repetition.
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
    Scf(#[from] ScfError),
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
    /// An earlier or unanswered try had published already.
    Adopted {
        /// The version.
        version: Version,
        /// Whether this run's own answer was lost, rather than an earlier run stopped.
        after_lost_answer: bool,
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
        }
    }

    /// The same, with a place for packages that are too large for a call.
    #[must_use]
    pub fn storing(self, storage: &'a Storage) -> Self {
        Self { storage: Some(storage), ..self }
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

    /// A change that was not sent because a signal came says which one.
    fn by_signal(&self, error: ExecuteError) -> ExecuteError {
        match (error, *self.interrupt.borrow()) {
            (ExecuteError::Scf(ScfError::Stopped { .. }), Some(signal)) => {
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

    /// A read, given up when a signal comes.
    async fn read<A: Action + Sync>(&self, action: &A) -> Result<A::Reply, ExecuteError> {
        let mut interrupt = self.interrupt.clone();
        tokio::select! {
            biased;
            Ok(signal) = interrupt.wait_for(Option::is_some) => {
                Err(ExecuteError::Interrupted(signal.unwrap_or(Signal::Interrupt)))
            }
            reply = self.client.call(&self.function.region, action) => Ok(reply?),
        }
    }

    /// A pause, cut short by a signal or the end of the time allowed.
    async fn pause(&self, pause: Duration) -> Result<(), ExecuteError> {
        let until = (Instant::now() + pause).min(self.client.deadline());
        let mut interrupt = self.interrupt.clone();
        tokio::select! {
            biased;
            Ok(signal) = interrupt.wait_for(Option::is_some) => {
                Err(ExecuteError::Interrupted(signal.unwrap_or(Signal::Interrupt)))
            }
            () = tokio::time::sleep_until(until) => Ok(()),
        }
    }

    /// A pause between two looks at something that is not done yet.
    async fn look_again(&self, what: &str, status: &str, looks: u32) -> Result<(), ExecuteError> {
        (self.progress)(Progress::Waiting { what: what.to_owned(), status: status.to_owned() });
        self.pause(retry::poll_pause(looks)).await?;
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
        let qualifier = qualifier.to_string();
        self.read(&GetFunction { function_name, namespace, qualifier, show_code: "FALSE" }).await
    }

    /// `None` when the function does not exist.
    async fn find_function(&self) -> Result<Option<GetFunctionReply>, ExecuteError> {
        match self.get_function(Version::Latest).await {
            Ok(reply) => Ok(Some(reply)),
            Err(error) if is_missing_function(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The digest of a version's package; `None` where the service does not tell, which only
    /// costs an update that was not needed.
    ///
    /// # Errors
    /// The service would tell, but not now. The key of a publication is made of the digest, so
    /// going on without it the next try would not find what this one published.
    async fn code_sha256(&self, qualifier: Version) -> Result<Option<String>, ExecuteError> {
        let (function_name, namespace) = self.names();
        let action =
            GetFunctionAddress { function_name, namespace, qualifier: qualifier.to_string() };
        match self.read(&action).await {
            Ok(reply) => Ok(reply.code_sha256.filter(|digest| !digest.is_empty())),
            Err(ExecuteError::Scf(error)) if is_passing_trouble(&error) => Err(error.into()),
            Err(ExecuteError::Scf(ScfError::Api { .. })) => Ok(None),
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

    /// Waits until a version is settled, looking at an alias at the same time where one is
    /// about to be written, so that someone else's change to it is noticed.
    ///
    /// `appearing` tolerates that it cannot be found for a moment.
    async fn settle(
        &self,
        qualifier: Version,
        appearing: bool,
        watched: Option<&str>,
    ) -> Result<(GetFunctionReply, Option<Alias>), ExecuteError> {
        let started = Instant::now();
        let mut looks = 0;
        loop {
            let (reply, alias) = tokio::join!(self.get_function(qualifier), async {
                match watched {
                    Some(name) => self.get_alias(name).await.map(Some),
                    None => Ok(None),
                }
            });
            let status = match reply {
                Ok(reply) => {
                    if !Status::from(reply.status.as_str()).is_transient() {
                        return Ok((reply, alias?));
                    }
                    reply.status
                }
                Err(error)
                    if appearing && is_not_found(&error) && started.elapsed() < APPEARANCE =>
                {
                    "not found yet".to_owned()
                }
                Err(error) => return Err(self.timed_out_as(error, qualifier)),
            };
            let what = format!("{qualifier} of function `{}`", self.function.name);
            self.look_again(&what, &status, looks).await?;
            looks += 1;
        }
    }

    /// A look that the end of the allowed time cut short is a wait that timed out.
    fn timed_out_as(&self, error: ExecuteError, qualifier: Version) -> ExecuteError {
        match error {
            ExecuteError::Scf(ScfError::TimedOut { timeout, .. }) => ExecuteError::TimedOut {
                what: format!("{qualifier} of function `{}`", self.function.name),
                status: "unknown".to_owned(),
                timeout,
            },
            error => error,
        }
    }

    /// As [`Self::settle`], and an error unless the version is `Active`.
    async fn await_active(
        &self,
        qualifier: Version,
        appearing: bool,
        watched: Option<&str>,
    ) -> Result<(GetFunctionReply, Option<Alias>), ExecuteError> {
        let (reply, alias) = self.settle(qualifier, appearing, watched).await?;
        if Status::from(reply.status.as_str()) == Status::Active {
            return Ok((reply, alias));
        }
        Err(self.failed(qualifier, &reply))
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
    async fn send<A: Action + Sync>(&self, action: &A) -> Result<A::Reply, ScfError> {
        let reply = self.client.call(&self.function.region, action).await;
        if reply.as_ref().err().is_none_or(ScfError::perhaps_executed) {
            self.sent.store(true, Ordering::Relaxed);
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
        error: ScfError,
        refusals: &mut Refusals,
    ) -> Result<(), ExecuteError> {
        let kind = error.kind();
        if !matches!(kind, Some(Kind::Busy | Kind::ActionFailed)) {
            return Err(error.into());
        }
        let latest = self.get_function(Version::Latest).await?;
        let status = Status::from(latest.status.as_str());
        if !status.is_transient() {
            if status != Status::Active {
                // A failed status does not pass by itself, so the call would be refused for
                // ever.
                return Err(match kind {
                    Some(Kind::Busy) => self.failed(Version::Latest, &latest),
                    _ => error.into(),
                });
            }
            if kind == Some(Kind::ActionFailed) {
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
            self.settle(Version::Latest, false, None).await?;
        } else if kind == Some(Kind::ActionFailed) {
            self.pause(UNEXPLAINED_PAUSE).await?;
        } else {
            // Refused as busy, and yet `Active`: it ended in between, or the status lags.
            self.pause(retry::poll_pause(refusals.looks)).await?;
        }
        refusals.looks += 1;
        Ok(())
    }

    /// Sets the routing of an alias and reads it back.
    ///
    /// `known` is the alias as this run last saw it; its description is kept unless another
    /// is given. Writing replaces the whole routing and the last writer wins, so before it is
    /// written again, after a refusal or a lost answer, it is read: by then someone else may
    /// have changed it.
    async fn set_routing(
        &self,
        known: &Alias,
        routing: &Routing,
        description: Option<&str>,
    ) -> Result<AliasRecord, ExecuteError> {
        // The reference leaves open whether leaving it out keeps it.
        let kept = Some(known.description.clone()).filter(|text| !text.is_empty());
        let mut last = known.clone();
        let mut forms = routing_forms(&known.routing, routing).into_iter().peekable();
        while let Some(form) = forms.next() {
            let more_forms = forms.peek().is_some();
            let as_asked = |found: &Alias| {
                // A weight of the main version itself says nothing, but is no valid alias.
                let main = found.routing.main;
                let tangled = found.routing.additional.iter().any(|(version, _)| *version == main);
                found.routing.same_effect(routing)
                    && main == routing.main
                    && description.is_none_or(|text| text == found.description)
                    && !(tangled && more_forms)
            };
            let (function_name, namespace) = self.names();
            let action = UpdateAlias {
                function_name,
                namespace,
                name: known.name.clone(),
                function_version: routing.main.to_string(),
                routing_config: form,
                description: description.map(str::to_owned).or_else(|| kept.clone()),
            };
            let (mut refusals, mut attempt) = (Refusals::default(), 1);
            loop {
                self.check_interrupt()?;
                let Err(error) = self.send(&action).await else { break };
                if error.perhaps_executed() {
                    let Some(after) = error.pause_before_repeating(attempt) else {
                        return Err(error.into());
                    };
                    (self.progress)(Progress::Repeating {
                        action: error.action(),
                        reason: error.to_string(),
                        after,
                    });
                    self.pause(after).await?;
                    attempt += 1;
                } else if error.kind() == Some(Kind::Refused) && more_forms {
                    // Weights that survive may clash with the new main version; the next form
                    // says it.
                    break;
                } else {
                    self.await_turn(error, &mut refusals).await?;
                }
                let found = self.read_alias(&known.name).await?;
                if as_asked(&found.alias) {
                    return Ok(found);
                }
                unchanged(&found.alias, &last)?;
            }
            let record = self.read_alias(&known.name).await?;
            if as_asked(&record.alias) {
                return Ok(record);
            }
            last = record.alias;
        }
        Err(ExecuteError::Mismatch {
            alias: known.name.clone(),
            intended: routing.to_string(),
            observed: last.routing.to_string(),
        })
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

/// An error when an alias is not what this run knows it as.
fn unchanged(found: &Alias, known: &Alias) -> Result<(), ExecuteError> {
    if found == known {
        return Ok(());
    }
    Err(ExecuteError::Conflict {
        alias: found.name.clone(),
        expected: describe(known, found),
        observed: describe(found, known),
    })
}

/// An alias next to another one: the routing, and what else tells them apart.
fn describe(alias: &Alias, other: &Alias) -> String {
    let mut text = alias.routing.to_string();
    if alias.description != other.description {
        let _ = write!(text, " (description `{}`)", alias.description);
    }
    if alias.modified != other.modified {
        let _ = write!(text, " (written {})", alias.modified);
    }
    text
}

/// The forms in which a routing may be written, the best first.
///
/// With an additional version there is one. For "everything to the main version" the
/// reference does not settle whether an absent or an empty `RoutingConfig` clears the weights
/// that are there, so the next form is sent when weights survived; the last one leaves the
/// old version in its slot with nothing.
fn routing_forms(known: &Routing, wanted: &Routing) -> Vec<Option<RoutingConfig>> {
    let direct = wire::routing_config(wanted);
    if direct.is_some() {
        return vec![direct];
    }
    let empty = RoutingConfig {
        additional_version_weights: Some(Vec::new()),
        addtion_version_matchs: Some(Vec::new()),
    };
    let mut forms = vec![None, Some(empty)];
    let others = known.additional.iter().map(|(version, _)| *version).chain([known.main]);
    if let Some(other) = others.into_iter().find(|version| *version != wanted.main) {
        forms.push(wire::routing_config(&Routing::split(wanted.main, other, Weight::ZERO)));
    }
    forms
}

/// Whether the platform is in trouble or was asked too often, rather than has nothing to tell.
/// The generic failure of the action may be how it says the latter.
fn is_passing_trouble(error: &ScfError) -> bool {
    matches!(error.kind(), Some(Kind::Throttled | Kind::Platform))
        && error.code() != Some("FailedOperation.GetFunctionAddress")
}

fn is_not_found(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Scf(error) if error.kind() == Some(Kind::NotFound))
}

/// The codes that say that the function is absent, rather than its namespace or a version.
fn is_missing_function(error: &ExecuteError) -> bool {
    matches!(error, ExecuteError::Scf(error)
        if matches!(error.code(), Some("ResourceNotFound.Function" | "ResourceNotFound.FunctionName")))
}
