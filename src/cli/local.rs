//! `scfctl local serve`: the local SCF as a server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;
use serde_json::json;

use super::Context;
use super::{connection, keys};
use crate::error::Error;
use crate::local;

const SERVE_NOTES: &str = "\
Keys: those of the environment or of --profile; without any, each run makes a pair of its own
and prints it. Such a server also takes AKIDscfctlLocalExample / scfctlLocalExampleKey, for
examples and scripts, but only from this machine and only in the Authorization header.

Requests of pages in a browser (with Origin, or with Sec-Fetch-Site other than none) and those
for other hosts than this machine's, COS's (<bucket>.cos.<region>.myqcloud.com) and those of
--allow-host are refused. Limits: 256 connections, 30 s for a request's head and for each part
of its body, 10 MB for a signed body, 1 MB before the key is known, 600 MB for a signed object.";

/// Commands of the local SCF.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve the SCF API on this machine until interrupted
    #[command(after_help = SERVE_NOTES)]
    Serve {
        /// Address to listen on; port 0 takes a free one
        #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
        listen: SocketAddr,
        /// File that keeps the state; without it the state ends with the server
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        /// Pause before each answer, in milliseconds
        #[arg(long, value_name = "MS", default_value_t = 0)]
        latency: u64,
        /// How long a function stays Creating, Updating or Publishing, in milliseconds
        #[arg(long, value_name = "MS", default_value_t = 0)]
        transition: u64,
        /// Calls a second and action before RequestLimitExceeded: a number, or `documented` for
        /// those of the API reference
        #[arg(long, value_name = "N")]
        rate: Option<local::Rate>,
        /// How the server behaves where the API reference leaves it open
        #[arg(long, value_name = "KEY=VALUE")]
        behaviour: Vec<String>,
        /// Host that requests may name besides this machine's; repeatable
        #[arg(long, value_name = "HOST")]
        allow_host: Vec<String>,
    },
}

/// Runs a command of the local SCF.
pub(super) fn run(context: &Context, command: &Command) -> Result<(), Error> {
    let Command::Serve { listen, state, latency, transition, rate, behaviour, allow_host } =
        command;
    let (credential, shown, example) = match keys::of_server(context)? {
        keys::OfServer::Given(pair, place) => (pair, json!({"credentials": place}), None),
        keys::OfServer::MadeUp(pair) => {
            let shown = json!({"secretId": pair.id, "secretKey": pair.key});
            (pair, shown, Some(keys::example()))
        }
    };
    let mut options = local::Options::new(vec![credential]);
    options.example = example;
    options.allowed_hosts.clone_from(allow_host);
    options.listen = *listen;
    options.state.clone_from(state);
    options.latency = Duration::from_millis(*latency);
    options.transition = Duration::from_millis(*transition);
    options.rate = *rate;
    // Calls carry packages; only tests look at them afterwards.
    options.keep_calls = false;
    let clock = context.clock;
    options.clock = Arc::new(clock);
    for setting in behaviour {
        options.behaviour.set(setting).map_err(|message| Error::Usage { message, hint: None })?;
    }
    if !listen.ip().is_loopback() {
        context.printer.warning(&format!("{listen} can be reached from other machines"));
    }
    connection::block_on(async {
        let mut interrupt = connection::listen_for_signals(&context.printer, None)?.interrupt;
        let server = local::start(options).await?;
        let mut result = json!({"url": server.url()});
        if let (Some(result), Some(shown)) = (result.as_object_mut(), shown.as_object()) {
            result.extend(shown.clone());
        }
        context.printer.result(&result);
        // Ending the server is what Ctrl-C is for here, so it is a success.
        let _ = interrupt.wait_for(Option::is_some).await;
        server.stop().await;
        Ok(())
    })
}
