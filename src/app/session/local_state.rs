//! The SCF inside this process: where its state lies, and who may have it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::api::Endpoint;
use crate::app::{Context, keys};
use crate::config::settings::Settings;
use crate::error::{Error, OptionsError, Task};
use crate::execute::{Awaited, AwaitedStatus, ExecuteError, Signal};
use crate::local;
use crate::order::Ordered as _;
use crate::report::notice::Notice;
use crate::sign::Credentials;

/// Whether the command runs on the SCF inside this process.
///
/// A value of `SCFCTL_LOCAL` that is neither yes nor no must not end in the cloud.
pub(in crate::app) fn is_local(context: &Context) -> Result<bool, Error> {
    if context.options.local || context.options.endpoint.is_some() {
        return Ok(context.options.local);
    }
    match context.variable("SCFCTL_LOCAL") {
        None | Some("0" | "false") => Ok(false),
        Some("1" | "true") => Ok(true),
        Some(other) => Err(OptionsError::Local { value: other.to_owned() }.into()),
    }
}

/// Where the local SCF keeps its state: next to the serverless.yml. An instance of a project
/// finds the functions of the others where the whole project was deployed from.
fn local_folder(directory: &Path) -> PathBuf {
    let own = directory.join(".scfctl");
    let of_project = directory.parent().map(|parent| parent.join(".scfctl"));
    match of_project {
        // A link is refused later; it is no reason to look elsewhere.
        Some(shared) if own.symlink_metadata().is_err() && shared.join("local.json").is_file() => {
            shared
        }
        _ => own,
    }
}

/// Whether a local SCF has been used for the project.
pub(in crate::app) fn has_local_state(settings: &Settings) -> bool {
    local_folder(&settings.directory).join("local.json").is_file()
}

/// After which wait for the local state people are told of it.
const NOTICED: Duration = Duration::from_millis(500);

pub(super) async fn start_local(
    context: &Context,
    settings: &Settings,
    credentials: &Credentials,
    interrupt: &mut watch::Receiver<Option<Signal>>,
) -> Result<(local::Server, Endpoint), Error> {
    let folder = local_folder(&settings.directory);
    local::prepare_folder(&folder)?;
    let state = folder.join("local.json");
    let mut options = local::Options::new(vec![keys::known(credentials)]);
    options.state = Some(state.clone());
    options.wait_for_lock = true;
    options.keep_calls = false;
    options.run = Some(interpreters(context));
    options.default_topic = true;
    let clock = context.clock.clone();
    options.clock = Arc::new(move || clock.now());
    let waits = async {
        context.clock.sleep(NOTICED).await;
        context.sink.note(&Notice::StateInUse(state.clone()));
        std::future::pending::<std::convert::Infallible>().await
    };
    // Another command may have the state; waiting for it ends with the time allowed.
    let server = tokio::select! {
        biased;
        never = waits => match never {},
        signal = interrupt.wait_for(Option::is_some) => {
            let signal = signal.ok().and_then(|signal| *signal).unwrap_or(Signal::Interrupt);
            return Err(waiting_for_state(&state, ExecuteError::Interrupted(signal)));
        }
        started = tokio::time::timeout(context.options.timeout, local::start(options)) => {
            let Ok(server) = started else {
                let error = ExecuteError::TimedOut {
                    what: Awaited::LocalState,
                    status: AwaitedStatus::InUse,
                    timeout: context.options.timeout,
                };
                return Err(waiting_for_state(&state, error));
            };
            server?
        }
    };
    let endpoint = Endpoint::parse(&server.url(), false)?;
    context.sink.note(&Notice::LocalState(state));
    Ok((server, endpoint))
}

/// What runs handlers of functions in the local SCF: `INVOKE_LOCAL_PYTHON`, as with `sls`, and
/// `SCFCTL_NODE`, else what the path has.
pub(in crate::app) fn interpreters(context: &Context) -> local::Interpreters {
    let program = |name: &str, usual: &str| context.variable(name).unwrap_or(usual).into();
    // Nothing else of this process: the keys are there, too.
    let kept = ["PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT"];
    let kept = kept.iter().filter_map(|name| {
        context.environment.get(*name).map(|value| ((*name).to_owned(), value.clone()))
    });
    local::Interpreters {
        python: program("INVOKE_LOCAL_PYTHON", "python3"),
        node: program("SCFCTL_NODE", "node"),
        environment: kept.into_map(),
    }
}

fn waiting_for_state(state: &Path, source: ExecuteError) -> Error {
    let task = Task::UseState { state: state.to_owned() };
    Error::Call { task, function: None, run_id: None, source }
}
