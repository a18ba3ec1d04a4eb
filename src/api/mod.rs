//! The SCF API as a client sees it: one struct per action, one client, one retry policy.

pub mod actions;
pub mod answer;
mod client;
mod credentials;
mod endpoint;
mod error;
mod event;
mod exchange;
pub mod rate;
pub mod retry;

pub use client::{Client, ClientOptions};
pub use credentials::{ExpiringCredentials, Origin, Provider, ReadSource};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{
    AnswerProblem, ApiError, BODY_LIMIT, FieldProblem, KeysError, MachineProblem, PrepareProblem,
    SourceError, changes_something,
};
pub use event::ClientEvent;
pub use exchange::{CLOCK_TOLERANCE, MessageLanguage};
