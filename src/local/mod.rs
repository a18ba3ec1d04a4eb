//! An SCF on this machine: the API's functions, versions, aliases and triggers
//! behind an HTTP server, with nothing run in the cloud.
//!
//! It is a second implementation, written from the API reference: it reads raw
//! JSON, checks it against the declared facts in `api.json`, and checks
//! signatures with code of its own. It shares nothing with the client, so that a
//! wrong idea of the client fails here.
//!
//! Where the reference is unsure, [`Behaviour`] has a switch, and the client has
//! to be right under every setting. For tests, an [`Interceptor`] can drop,
//! delay or break any call, and the clock is a parameter.
//!
//! ```no_run
//! # async fn example() -> Result<(), scfctl::local::StartError> {
//! use scfctl::local::{Credential, Options, start};
//!
//! let key = Credential {
//!     id: "AKIDEXAMPLE".to_owned(),
//!     key: "EXAMPLE".to_owned(),
//!     token: None,
//! };
//! let server = start(Options::new(vec![key])).await?;
//! println!("{}", server.url());
//! server.stop().await;
//! # Ok(())
//! # }
//! ```

mod auth;
mod behaviour;
mod error;
pub mod load;
mod plain;
mod run;
mod server;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod validate;
mod wire;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use auth::Received;
pub use behaviour::*;
pub use error::Refusal;
pub use plain::prepare_folder;
pub use run::Interpreters;
pub use server::{Handle, Server, detached, start};

/// A key pair that the server knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The `SecretId`.
    pub id: String,
    /// The `SecretKey`.
    pub key: String,
    /// The token of temporary credentials.
    pub token: Option<String>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credential").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Whom an identity provider vouches for.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider's name.
    pub provider: String,
    /// The token that it issued.
    pub token: String,
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Identity").field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Draws a number from 0 up to 1.
pub type Draw = Arc<dyn Fn() -> f64 + Send + Sync>;

/// Decides what is to go wrong with a call.
pub type Interceptor = Arc<dyn Fn(&Call) -> Fault + Send + Sync>;

/// Something to do in the middle of a call.
pub type Hook = Arc<dyn Fn() + Send + Sync>;

/// Changes the fields of an answer.
pub type Change = Arc<dyn Fn(&mut serde_json::Map<String, serde_json::Value>) + Send + Sync>;

/// Calls of one action and region per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// The same for all actions.
    Each(u32),
    /// What the API reference has for the action, and its usual 20 where it has nothing.
    Documented,
}

/// A text is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number of calls, or `documented`")]
pub struct RateError;

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "documented" {
            return Ok(Self::Documented);
        }
        let each = text.parse().map_err(|_| RateError)?;
        Ok(Self::Each(each))
    }
}

/// Holds calls back until it is true, or gone.
pub type Gate = tokio::sync::watch::Receiver<bool>;

/// How to run the server.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The state file; without one the state is gone at the end.
    pub state: Option<PathBuf>,
    /// Whether to wait for another process that has the state file, rather
    /// than fail.
    pub wait_for_lock: bool,
    /// How long every answer takes.
    pub latency: Duration,
    /// How long creating, updating, publishing and deleting take.
    pub transition: Duration,
    /// Calls of one action and region per second, beyond which they are refused.
    pub rate: Option<Rate>,
    /// What to do where the reference is unsure.
    pub behaviour: Behaviour,
    /// The keys that may sign.
    pub credentials: Vec<Credential>,
    /// A pair that everyone knows. It may sign, too, but only from this machine and only in the
    /// `Authorization` header, which no page in a browser can send here.
    pub example: Option<Credential>,
    /// Hosts that requests may name besides those of this machine and of COS.
    pub allowed_hosts: Vec<String>,
    /// Connections at once; others wait.
    pub most_connections: usize,
    /// How long a connection may be silent: before the head of a request is there, and within
    /// its body.
    pub silence: Duration,
    /// Tokens that may be changed into keys of a role.
    pub identities: Vec<Identity>,
    /// The role whose keys the metadata service of a machine hands out; without one there is
    /// no such service.
    pub machine_role: Option<String>,
    /// The longest life of keys of a role, where it is to be shorter than the documented one.
    pub longest_session: Option<Duration>,
    /// What runs handlers of functions; without it calls are answered with the name of the
    /// version that they went to, and nothing runs. Whoever may sign can then run programs here.
    pub run: Option<Interpreters>,
    /// Whether a new function that names no log topic writes to the one of its region, as in the
    /// cloud.
    pub default_topic: bool,
    /// The server's clock.
    pub clock: Clock,
    /// What decides which version an alias gives a call: a number from 0 up to 1 for each.
    pub draw: Draw,
    /// What is to go wrong.
    pub interceptor: Option<Interceptor>,
    /// Whether to remember every call for [`Handle::calls`]. Packages of code
    /// are among the parameters, so a server that runs for long should not.
    pub keep_calls: bool,
}

impl Options {
    /// A server in memory on a free port of the loopback, without delays.
    #[must_use]
    pub fn new(credentials: Vec<Credential>) -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            state: None,
            wait_for_lock: false,
            latency: Duration::ZERO,
            transition: Duration::ZERO,
            rate: None,
            behaviour: Behaviour::default(),
            credentials,
            example: None,
            allowed_hosts: Vec::new(),
            most_connections: 256,
            silence: Duration::from_secs(30),
            identities: Vec::new(),
            machine_role: None,
            longest_session: None,
            run: None,
            default_topic: false,
            clock: Arc::new(Utc::now),
            draw: Arc::new(fastrand::f64),
            interceptor: None,
            keep_calls: true,
        }
    }
}

/// A line of a log, to be put where functions write theirs.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// When it was written.
    pub time: DateTime<Utc>,
    /// The package that it came in and its number there; the service does not always tell them.
    pub package: Option<(String, String)>,
    /// Its fields, all texts.
    pub fields: serde_json::Value,
}

/// A call whose signature was right, or that needs none.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its number in the life of the server, from 1.
    pub number: usize,
    /// The product, `scf` mostly; `metadata` for what a machine asks about itself, which
    /// nobody signs.
    pub product: String,
    /// The action, known or not; of metadata the path.
    pub action: String,
    /// The region.
    pub region: String,
    /// The parameters as JSON; `null` if they could not be read.
    pub params: serde_json::Value,
    /// The number of the connection it came on, from 1.
    pub connection: usize,
}

/// What goes wrong with a call.
#[derive(Clone, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// The connection closes without an answer; nothing was done.
    DropBefore,
    /// The connection closes without an answer, after the work.
    DropAfter,
    /// An API error; nothing was done.
    Error {
        /// The code.
        code: String,
        /// The text.
        message: String,
    },
    /// An API error in place of the answer, after the work.
    ErrorAfter {
        /// The code.
        code: String,
        /// The text.
        message: String,
    },
    /// An answer of a proxy; nothing was done.
    Http {
        /// The status.
        status: u16,
        /// The text.
        body: String,
    },
    /// An answer of a proxy in place of the answer, after the work.
    HttpAfter {
        /// The status.
        status: u16,
        /// The text.
        body: String,
    },
    /// Status 200 with text that is not JSON; nothing was done.
    NotJson,
    /// Status 200 with text that is not JSON, after the work.
    NotJsonAfter,
    /// Half an answer, after the work: the connection closes before the
    /// announced length.
    Truncated,
    /// The body arrives with a bit flipped; of COS, where no signature covers it.
    Corrupt,
    /// No answer, for ever; nothing was done.
    Stall,
    /// No answer, for ever, after the work.
    StallAfter,
    /// The work and the answer come later.
    Delay(Duration),
    /// The work and the answer wait for a gate.
    Held(Gate),
    /// Something else happens just before the work, as by another person.
    Before(Hook),
    /// Something else happens between the work and the answer.
    After(Hook),
    /// The answer has other fields, as of a service that writes them another way.
    Changed(Change),
}

impl Fault {
    /// An API error in place of the work.
    #[must_use]
    pub fn error(code: &str, message: &str) -> Self {
        Self::Error { code: code.to_owned(), message: message.to_owned() }
    }
}

/// Where a function is, for arranging tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The region.
    pub region: String,
    /// The namespace.
    pub namespace: String,
    /// The function's name.
    pub function: String,
}

impl Place {
    /// A function of the default namespace.
    #[must_use]
    pub fn new(region: &str, function: &str) -> Self {
        Self {
            region: region.to_owned(),
            namespace: "default".to_owned(),
            function: function.to_owned(),
        }
    }
}

/// What is in place of a file is something else: why it cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    /// A folder, a link, a pipe or a device in place of a file.
    #[error("it is not a regular file")]
    NotAFile,
    /// A link or a file in place of a folder.
    #[error("{} is a link or a file, not a folder", path.display())]
    NotAFolder {
        /// Its path.
        path: PathBuf,
    },
}

/// Why a file of the state is not what was written.
#[derive(Debug, thiserror::Error)]
pub enum Corruption {
    /// It is no JSON, or other JSON.
    #[error("{0}")]
    Json(String),
    /// It is of another version of this program.
    #[error("it was written by another version of this program")]
    OtherVersion,
    /// It names a package by something else than a hash.
    #[error("`{0}` is not the hash of a package")]
    NotAHash(String),
    /// A package cannot be read.
    #[error(transparent)]
    Read(io::Error),
    /// A package has another hash than its name says.
    #[error("its content does not have its hash")]
    OtherContent,
}

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not allowed.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The state file, or what belongs to it, cannot be read or made.
    #[error("cannot use the state file {}", path.display())]
    State {
        /// The state file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file of the state is not what was written.
    #[error("the state in {} cannot be understood", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Corruption,
    },
    /// Something of the state is a link, which may lead anywhere.
    #[error("{} is a link, not a regular file or folder; the local state is not kept through links", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// Another process has the state file.
    #[error("the state file {} is in use by another process", path.display())]
    Locked {
        /// The state file.
        path: PathBuf,
    },
}
