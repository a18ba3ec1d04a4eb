//! Carries out steps: makes calls, waits, and reports progress.
//!
//! This is the only room that sleeps while a function changes. It leaves decisions to `plan` and
//! the retry policy.
//!
//! A [`FunctionSession`] is one function and the connection to it. Each subject of the API has a
//! module of functions that take a session.

pub mod alias;
mod attributes;
mod awaited;
mod code;
mod deletion;
pub mod deploy;
pub mod describe;
mod error;
pub mod function;
pub mod invoke;
mod latest;
mod latest_record;
pub mod load;
pub mod logs;
pub mod monitor;
pub mod outputs;
mod pace;
mod pages;
mod patience;
pub mod probe;
mod progress;
mod provisioned;
pub mod publish;
mod record;
pub mod remove;
mod session;
mod settle;
mod storage;
pub mod survey;
mod triggers;
mod upload;
pub mod versions;
mod wait;
mod wire;
mod write;

pub use alias::{AliasGuard, AliasLook, AliasPlan, AliasRecord, WatchedAlias};
pub use awaited::{Awaited, AwaitedStatus, TriggerMismatch};
pub use deploy::{DeployOutcome, Extra, Observation};
pub use error::{AliasState, ExecuteError, FunctionAttribute, Halted, ProvisionProblem, Signal};
pub use outputs::Facts;
pub use pace::Pace;
pub use progress::Progress;
pub use publish::{PublishPlan, PublishRequest, Published, Twin};
pub use session::FunctionSession;
pub use storage::Storage;
pub use triggers::{ShownTrigger, function_urls, of_function};

use error::{is_busy, is_missing_function, is_not_found};
use patience::{APPEARANCE, STALE};
use settle::AlsoRead;
