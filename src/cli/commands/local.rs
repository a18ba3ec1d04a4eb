//! `scfctl local serve`: the local SCF as a server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Subcommand;

use super::load;
use crate::app::{self, Context, Done};
use crate::cli::args::connection::ProfileArgs;
use crate::cli::args::report::ReportArgs;
use crate::cli::args::{Options, Shared};
use crate::cli::help;
use crate::error::Error;

const SERVE_NOTES: &str = "\
Keys: those of the environment or of --profile; without any, each run makes a
pair of its own and prints it. Such a server also takes AKIDscfctlLocalExample /
scfctlLocalExampleKey, for examples and scripts, but only from this machine and
only in the Authorization header.

Requests of pages in a browser (with Origin, or with Sec-Fetch-Site other than
none) and those for other hosts than this machine's, COS's
(<bucket>.cos.<region>.myqcloud.com) and those of --allow-host are refused.
Limits: 256 connections, 30 s for a request's head and for each part of its
body, 10 MB for a signed body, 1 MB before the key is known, 600 MB for a signed
object.";

/// Commands of the local SCF.
#[allow(clippy::doc_markdown)] // Help texts are for terminals.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Serve the SCF API on this machine until interrupted
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::LOCAL, after_long_help = SERVE_NOTES)]
    Serve {
        /// Address to listen on [default: 127.0.0.1:0]
        ///
        /// Port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
        #[arg(hide_default_value = true)]
        listen: SocketAddr,
        /// File that keeps the state
        ///
        /// Without it the state ends with the server.
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        /// Pause before each answer, in ms
        #[arg(long, value_name = "MS", default_value_t = 0)]
        latency: u64,
        /// How long a function stays busy, in ms
        ///
        /// That is Creating, Updating or Publishing.
        #[arg(long, value_name = "MS", default_value_t = 0)]
        transition: u64,
        /// Calls a second and action, or `documented`
        ///
        /// Further ones are answered with RequestLimitExceeded; `documented` means the limits of
        /// the API reference.
        #[arg(long, value_name = "N")]
        rate: Option<app::local::Rate>,
        /// Run Python and Node.js handlers when they are called
        ///
        /// In processes of this user, without a sandbox; only for this machine, and not for the
        /// example keys. Without it a call is answered with the version that it went to.
        #[arg(long)]
        run: bool,
        /// Choice where the API reference leaves it open
        #[arg(long, value_name = "KEY=VALUE")]
        behaviour: Vec<String>,
        /// Host that requests may name; repeatable
        ///
        /// Besides this machine's.
        #[arg(long, value_name = "HOST")]
        allow_host: Vec<String>,
        #[command(flatten)]
        profile: ProfileArgs,
        #[command(flatten)]
        report: ReportArgs,
    },
    /// Let calls come that nobody sends, so that metrics and rollouts see some
    #[command(help_template = help::TEMPLATE)]
    #[command(before_help = help::LOAD, after_long_help = help::LOAD_NOTES)]
    Load(Box<load::Arguments>),
}

impl Shared for Command {
    fn put(&self, options: &mut Options) {
        match self {
            Self::Serve {
                listen: _,
                state: _,
                latency: _,
                transition: _,
                rate: _,
                run: _,
                behaviour: _,
                allow_host: _,
                profile,
                report,
            } => {
                profile.put(options);
                report.put(options);
            }
            Self::Load(arguments) => arguments.put(options),
        }
    }
}

/// What the local SCF is asked for.
pub(in crate::cli) enum LocalRequest {
    Serve(app::local::Request),
    Load(Box<load::Arguments>),
}

impl Command {
    /// Returns what is asked for.
    pub(in crate::cli) fn asked(self) -> LocalRequest {
        match self {
            Self::Serve {
                listen,
                state,
                latency,
                transition,
                rate,
                run,
                behaviour,
                allow_host,
                profile: _,
                report: _,
            } => LocalRequest::Serve(app::local::Request {
                listen,
                state,
                latency: Duration::from_millis(latency),
                transition: Duration::from_millis(transition),
                rate,
                run,
                behaviour,
                allowed_hosts: allow_host,
            }),
            Self::Load(arguments) => LocalRequest::Load(arguments),
        }
    }
}

/// Runs a command of the local SCF.
pub(in crate::cli) fn run(context: &Context, command: Command) -> Result<Done, Error> {
    match command.asked() {
        LocalRequest::Serve(request) => app::local::serve(context, request),
        LocalRequest::Load(arguments) => load::run(context, &arguments),
    }
}
