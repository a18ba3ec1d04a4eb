//! From settings to a client: credentials, endpoint, the local SCF, signals.

mod local_state;
mod retries;
mod run_id;
mod signals;

use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use tokio::sync::watch;

use super::{Context, keys, storage};
use crate::api::{
    ApiError, Client, ClientEvent, ClientOptions, Endpoint, MessageLanguage, PrepareProblem,
};
use crate::clock::{Clock, Deadline};
use crate::config::settings::Settings;
use crate::error::{Error, ProjectError, RunName, Task};
use crate::execute::{ExecuteError, FunctionSession, Halted, Pace, Progress, Signal, Storage};
use crate::local;
use crate::model::FunctionId;
use crate::network::{Network, Proxies};
use crate::plan::Step;
use crate::report::notice::Notice;
use crate::report::page::MadeCall;
use crate::report::{Section, Sink, Work, WorkAmount};
use crate::text::Language;
use local_state::start_local;
pub(in crate::app) use local_state::{has_local_state, interpreters, is_local};
pub(in crate::app) use retries::tell_retry;
pub(in crate::app) use run_id::RunId;
pub(in crate::app) use signals::listen_for_signals;

const DEFAULT_ENDPOINT: &str = "scf.tencentcloudapi.com";

/// A client and what keeps it going.
pub(in crate::app) struct Session {
    client: Client,
    storage: Storage,
    interrupt: watch::Receiver<Option<Signal>>,
    pace: Arc<Pace>,
    /// The name of a run that publishes, and has to be named to be repeated.
    run: Arc<OnceLock<RunId>>,
    /// Serves while it lives.
    _local: Option<local::Server>,
    /// The local SCF.
    state: Option<local::Handle>,
    sink: Arc<dyn Sink>,
}

/// `--run-id`, else `SCFCTL_RUN_ID`, else a random one.
pub(in crate::app) fn run_id(context: &Context) -> RunId {
    let given = context.options.run_id.as_deref().or_else(|| context.variable("SCFCTL_RUN_ID"));
    let given = given.filter(|id| !id.is_empty());
    let typed = given.is_some() && context.options.run_id.is_some();
    let id = given.or(context.options.rolls_out.as_deref());
    let id = id.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
    RunId { id, given: given.is_some(), typed, command: None }
}

/// The address of the API: `--endpoint`, else `SCFCTL_ENDPOINT`, else the service's.
pub(in crate::app) fn endpoint(context: &Context) -> Result<Endpoint, Error> {
    let text = context.options.endpoint.as_deref().or_else(|| context.variable("SCFCTL_ENDPOINT"));
    Ok(Endpoint::parse(text.unwrap_or(DEFAULT_ENDPOINT), context.options.insecure_http)?)
}

/// Which service that is, whichever of its own addresses is called.
pub(in crate::app) fn service(context: &Context) -> Result<String, Error> {
    const OWN: &str = "tencentcloudapi.com";
    if is_local(context)? {
        return Ok("local".to_owned());
    }
    let address = endpoint(context)?.to_string();
    let host = address.split("://").last().unwrap_or_default();
    let is_own = host.strip_suffix(OWN).is_some_and(|rest| rest.ends_with('.'));
    Ok(if is_own { OWN.to_owned() } else { address })
}

/// Runs one command to its end on this thread.
pub(in crate::app) fn block_on<T>(
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Error::Io { task: Task::Start, source })?;
    let result = runtime.block_on(work);
    // A name look-up that hangs in a helper thread must not hold up the exit.
    runtime.shutdown_background();
    result
}

impl Session {
    /// Sets everything up. Nothing is sent yet.
    pub(in crate::app) async fn open(
        context: &Context,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let run = Arc::new(OnceLock::new());
        // Whoever only looks has no next change.
        let stopping = Some(Notice::Stopping).filter(|_| context.selection.changes);
        let note = Some((stopping, Arc::clone(&run)));
        let signals = listen_for_signals(&context.sink, note)?;
        let mut interrupt = signals.interrupt;
        let (endpoint, credentials, proxies, server) = if is_local(context)? {
            if context.options.profile.is_some() {
                context.sink.note(&Notice::ProfileNotUsed);
            }
            let credentials = keys::of_this_run();
            let (server, endpoint) =
                start_local(context, settings, &credentials, &mut interrupt).await?;
            (endpoint, keys::fixed(credentials), Proxies::none(), Some(server))
        } else {
            // Before keys are looked for: it says what is wrong with every call.
            let proxies = Proxies::read(&context.environment)?;
            let credentials = keys::provider(context, settings)?;
            (endpoint(context)?, credentials, proxies, None)
        };
        let sink = context.sink.clone();
        let reports = context.options.reports.then(|| context.clock.clone());
        let observer = move |event: &ClientEvent<'_>| match event {
            ClientEvent::ClockCorrected { .. } | ClientEvent::Deprecated { .. } => {
                sink.warning(event);
            }
            ClientEvent::Retrying { action, error, .. } => {
                tell_retry(&*sink, action, &error.alike(), event);
            }
            ClientEvent::KeysNotRenewed { .. } => sink.note(event),
            ClientEvent::Sending { action } => sink.sending(action),
            ClientEvent::Over { action } => sink.answered(action),
            ClientEvent::KeysObtained { .. } => sink.debug(&event.to_string()),
            ClientEvent::Attempt { action, request_id, failure, .. } => {
                sink.debug(&event.to_string());
                if let Some(clock) = &reports {
                    sink.called(MadeCall {
                        action,
                        time: clock.now().to_rfc3339_opts(SecondsFormat::Secs, true),
                        request_id: request_id.map(str::to_owned),
                        failure: failure.map(ToString::to_string),
                    });
                }
            }
        };
        let storage = storage::storage(context, settings, &endpoint)?;
        let encrypts = endpoint.is_encrypted() || storage.address.is_encrypted();
        let network = Network::new(proxies, encrypts)
            .map_err(PrepareProblem::Library)
            .map_err(|reason| ApiError::Prepare { action: "client", reason })?;
        let deadline = Deadline::after(&context.clock, context.options.timeout);
        let messages = match context.messages {
            Language::Chinese => MessageLanguage::Chinese,
            Language::English => MessageLanguage::English,
        };
        let options = ClientOptions {
            endpoint,
            network,
            credentials,
            messages,
            clock: context.clock.clone(),
            stop: signals.stop,
            observer: Arc::new(observer),
        };
        let client = Client::new(options, deadline);
        if server.is_none() {
            keys::last_resort(settings, &client).await?;
        }
        let sink = Arc::clone(&context.sink);
        let pace = Arc::default();
        let state = server.as_deref().cloned();
        Ok(Self { client, storage, interrupt, pace, run, _local: server, state, sink })
    }

    /// The same connection, speaking for one function of several. The local SCF goes on only
    /// while the first one lives.
    pub(in crate::app) fn shared_by(&self, sink: &Arc<dyn Sink>) -> Self {
        Self {
            client: self.client.clone(),
            storage: self.storage.clone(),
            interrupt: self.interrupt.clone(),
            pace: Arc::clone(&self.pace),
            run: Arc::clone(&self.run),
            _local: None,
            state: self.state.clone(),
            sink: Arc::clone(sink),
        }
    }

    /// Begins another operation, which may take so long.
    pub(in crate::app) fn begin_operation(&mut self, timeout: Duration) {
        self.client = self.client_within(timeout);
    }

    /// The time by the service's clock, as far as it is known.
    pub(in crate::app) fn server_time(&self) -> DateTime<Utc> {
        self.client.server_time()
    }

    /// The connections.
    pub(in crate::app) fn network(&self) -> Network {
        self.client.connections()
    }

    /// Lets other commands have the state of the local SCF between the calls of this one, which
    /// lasts.
    pub(in crate::app) async fn share_state(&self) {
        if let Some(state) = &self.state {
            state.share().await;
        }
    }

    /// Waits, or returns the signal that came first. A command that waits lasts.
    pub(in crate::app) async fn sleep(&self, clock: &Clock, pause: Duration) -> Option<Signal> {
        self.share_state().await;
        let mut interrupt = self.interrupt.clone();
        tokio::select! {
            biased;
            Ok(signal) = interrupt.wait_for(Option::is_some) => {
                Some(signal.unwrap_or(Signal::Interrupt))
            }
            () = clock.sleep(pause) => None,
        }
    }

    /// The first signal that asks this process to stop, once it comes.
    pub(in crate::app) fn interruptions(&self) -> watch::Receiver<Option<Signal>> {
        self.interrupt.clone()
    }

    /// Waits for a signal that asks this process to stop.
    pub(in crate::app) async fn signal(&self) -> Signal {
        let mut interrupt = self.interrupt.clone();
        loop {
            if let Some(signal) = *interrupt.borrow_and_update() {
                return signal;
            }
            if interrupt.changed().await.is_err() {
                // Nobody listens any more.
                return std::future::pending().await;
            }
        }
    }

    /// The signal that asked this process to stop, once one came.
    pub(in crate::app) fn interrupted(&self) -> Option<Signal> {
        *self.interrupt.borrow()
    }

    /// Remembers that the run publishes, so that the same command under another name would do so
    /// once more.
    pub(in crate::app) fn publishes_as(&self, run_id: &RunId) {
        // It has one name.
        let _ = self.run.set(run_id.clone());
    }

    /// The name that the same command has to give when it runs again, after a version was
    /// perhaps published, or after a signal. One that the user gave needs no word but after a
    /// signal: whoever goes on then may be somebody else, or in another shell.
    pub(in crate::app) fn run_to_name(&self, perhaps_published: bool) -> Option<RunName> {
        let run = self.run.get()?;
        let named = self.interrupted().is_some()
            || run.command.is_some()
            || (perhaps_published && !run.given);
        named.then(|| run.name())
    }

    /// A session with one function.
    pub(in crate::app) fn on(&self, function: FunctionId) -> FunctionSession<'_> {
        self.on_telling(&self.sink, function)
    }

    /// A session with one function of several, whose progress has a sink of its own.
    pub(in crate::app) fn on_telling(
        &self,
        sink: &Arc<dyn Sink>,
        function: FunctionId,
    ) -> FunctionSession<'_> {
        self.through(&self.client, sink, function)
    }

    /// A client for one of several operations under way, which may take so long by itself.
    pub(in crate::app) fn client_within(&self, timeout: Duration) -> Client {
        self.client.within(Deadline::after(&self.client.clock(), timeout))
    }

    /// A session with one function through [`Self::client_within`].
    pub(in crate::app) fn on_within<'a>(
        &'a self,
        client: &'a Client,
        function: FunctionId,
    ) -> FunctionSession<'a> {
        self.through(client, &self.sink, function)
    }

    fn through<'a>(
        &'a self,
        client: &'a Client,
        sink: &Arc<dyn Sink>,
        function: FunctionId,
    ) -> FunctionSession<'a> {
        let sink = Arc::clone(sink);
        let upload = Mutex::new(None);
        let tell =
            Box::new(move |progress: Progress<'_>| tell_progress(&*sink, &upload, &progress));
        FunctionSession::new(client, function, tell, self.interrupt.clone())
            .storing(&self.storage)
            .pacing(Arc::clone(&self.pace))
    }
}

/// Hears how far the upload under way has come.
type Upload = Box<dyn Fn(WorkAmount) + Send + Sync>;

fn tell_progress(sink: &dyn Sink, upload: &Mutex<Option<Upload>>, progress: &Progress<'_>) {
    let mut upload = upload.lock().unwrap_or_else(PoisonError::into_inner);
    if !matches!(progress, Progress::Uploading { .. }) {
        *upload = None;
    }
    if let Some(section) = section(progress) {
        sink.section(section);
    }
    match progress {
        Progress::Uploading { bytes, all_bytes } => {
            let hears = upload.get_or_insert_with(|| sink.transfer(Work::Uploading));
            hears(WorkAmount { bytes: *bytes, all_bytes: *all_bytes, files: None });
        }
        Progress::Step(_) | Progress::DeletesFirst(_) => sink.step(progress),
        Progress::Waiting { .. } => sink.waiting(progress),
        Progress::Repeating { error, .. } | Progress::LooksForVersion { error } => {
            tell_retry(sink, error.action(), &error.alike(), progress);
        }
        Progress::DescriptionNotShown { .. } => sink.warning(progress),
        Progress::Busy(_)
        | Progress::AlreadyStored(_)
        | Progress::Adopted { .. }
        | Progress::NotAdopted(_)
        | Progress::AdoptedAfterLostAnswer(_)
        | Progress::Overtaken { .. }
        | Progress::LeftOver { .. } => sink.note(progress),
    }
}

/// The part of a deployment that begins with this.
fn section(progress: &Progress<'_>) -> Option<Section> {
    Some(match progress {
        Progress::Uploading { .. } | Progress::AlreadyStored(_) => Section::Code,
        Progress::Adopted { .. } => Section::Version,
        Progress::DeletesFirst(_) => Section::Triggers,
        Progress::Step(step) => match step {
            Step::Upload(_)
            | Step::DeleteFailed
            | Step::Create(..)
            | Step::UpdateCode { .. }
            | Step::UpdateConfiguration(_)
            | Step::Attribute(_) => Section::Code,
            Step::Publish { .. } | Step::Adopt(_) => Section::Version,
            Step::Route { .. } | Step::CreateAlias { .. } | Step::Provision { .. } => {
                Section::Traffic
            }
            Step::Trigger(_) => Section::Triggers,
            Step::DeleteFunction { .. } | Step::DeleteVersion(_) | Step::DeleteAlias { .. } => {
                return None;
            }
        },
        _ => return None,
    })
}

/// A failed command.
pub(in crate::app) fn failed(task: &Task, function: &FunctionId, source: ExecuteError) -> Error {
    Error::Call { task: task.clone(), function: Some(function.clone()), run_id: None, source }
}

/// A deployment that stopped on its way.
pub(in crate::app) fn halted(task: &Task, function: &FunctionId, halted: Halted) -> Error {
    Error::Halted {
        task: task.clone(),
        function: function.clone(),
        run_id: None,
        source: crate::error::HaltedSource(halted),
    }
}

/// Why a command that needs a project cannot run here.
pub(in crate::app) fn no_project(settings: &Settings) -> Error {
    let (folder, instances) = (settings.directory.clone(), settings.targets());
    ProjectError::NoProject { folder, instances }.into()
}
