//! The local SCF as a server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{AfterResult, Context, Done, keys, session};
use crate::error::{ArgumentsError, Error, OptionsError};
use crate::local;
pub(crate) use crate::local::{Rate, RateError};
use crate::report::Report;
use crate::report::notice::Notice;
use crate::report::server::{KeySource, Server, ServerKeys};

/// What a server is asked for.
#[derive(Debug)]
pub(crate) struct Request {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// File that keeps the state.
    pub state: Option<PathBuf>,
    /// Pause before each answer.
    pub latency: Duration,
    /// How long a function stays Creating, Updating or Publishing.
    pub transition: Duration,
    /// Calls a second and action.
    pub rate: Option<Rate>,
    /// Whether handlers are run.
    pub run: bool,
    /// How it behaves where the API reference leaves it open: `KEY=VALUE`.
    pub behaviour: Vec<String>,
    /// Hosts that requests may name besides this machine's.
    pub allowed_hosts: Vec<String>,
}

/// Serves until the process is asked to stop. The report says where, as soon as it can be called.
pub(crate) fn serve(context: &Context, request: Request) -> Result<Done, Error> {
    let (credential, keys, example) = match keys::of_server(context)? {
        keys::OfServer::Given(pair, source) => {
            (pair, ServerKeys::Given { credentials: KeySource { source } }, None)
        }
        keys::OfServer::MadeUp(pair) => {
            let keys =
                ServerKeys::Made { secret_id: pair.id.clone(), secret_key: pair.key.clone() };
            (pair, keys, Some(keys::example()))
        }
    };
    let mut options = local::Options::new(vec![credential]);
    let listen = request.listen;
    if request.run && !listen.ip().is_loopback() {
        return Err(OptionsError::RunsForOthers { address: listen }.into());
    }
    // Whoever signs may then run programs: not with keys that everyone knows.
    options.example = example.filter(|_| !request.run);
    options.run = request.run.then(|| session::interpreters(context));
    options.default_topic = true;
    options.allowed_hosts = request.allowed_hosts;
    options.listen = request.listen;
    options.state = request.state;
    options.latency = request.latency;
    options.transition = request.transition;
    options.rate = request.rate;
    // Calls carry packages; only tests look at them afterwards.
    options.keep_calls = false;
    let clock = context.clock.clone();
    options.clock = Arc::new(move || clock.now());
    for setting in &request.behaviour {
        options.behaviour.set(setting).map_err(ArgumentsError::Behaviour)?;
    }
    if !listen.ip().is_loopback() {
        context.sink.warning(&Notice::Reachable(listen));
    }
    session::block_on(async {
        let mut interrupt = session::listen_for_signals(&context.sink, None)?.interrupt;
        let server = local::start(options).await?;
        context.sink.report(&Report::Server(Server { url: server.url(), keys }));
        // Ending the server is what Ctrl-C is for here, so it is a success.
        let _ = interrupt.wait_for(Option::is_some).await;
        server.stop().await;
        Ok(Done { report: None, ending: AfterResult::Nothing, error: None })
    })
}
