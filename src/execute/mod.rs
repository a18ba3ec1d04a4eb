//! Carries out steps: calls, waits, progress events.
//!
//! The only place that sleeps while a function changes. Everything it decides it decides
//! through `plan` and the retry policy.
//!
//! A [`FunctionSession`] is one function and the ways to reach it; a module of functions stands
//! for each subject of the API.

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
pub mod load;
pub mod logs;
pub mod monitor;
pub mod outputs;
mod pace;
mod pages;
pub mod probe;
mod progress;
mod provisioned;
pub mod publish;
mod record;
pub mod remove;
mod session;
mod settle;
pub mod survey;
mod triggers;
mod upload;
pub mod versions;
mod wait;
mod wire;
mod write;

use std::time::Duration;

pub use alias::{AliasGuard, AliasPlan, AliasRecord, WatchedAlias};
pub use awaited::{Awaited, AwaitedStatus, TriggerMismatch};
pub use deploy::{Extra, Observation, Outcome};
pub use error::{AliasState, ExecuteError, FunctionAttribute, Halted, ProvisionProblem, Signal};
pub use outputs::Facts;
pub use pace::Pace;
pub use progress::Progress;
pub use publish::{PublishPlan, PublishRequest, Published, Twin};
pub use session::FunctionSession;
pub use settle::Look;
pub use triggers::{ShownTrigger, function_urls, of_function};
pub use upload::Storage;

use error::{is_busy, is_missing_function, is_not_found};
use settle::AlsoRead;

/// After this long a read of an alias is too old to write by.
const STALE: Duration = Duration::from_millis(500);

/// How long a version or function may be "not found" right after its creation.
const APPEARANCE: Duration = Duration::from_secs(5);
