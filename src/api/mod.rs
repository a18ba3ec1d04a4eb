//! The SCF API as a client sees it: one struct per action, one client, one retry policy.

pub mod actions;
pub mod answer;
mod client;
mod credentials;
mod endpoint;
mod error;
pub mod rate;
pub mod retry;

pub use client::{CLOCK_TOLERANCE, Client, ClientEvent, ClientOptions, MessageLanguage};
pub use credentials::{ExpiringCredentials, Origin, Provider, ReadSource};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{
    AnswerProblem, ApiError, BODY_LIMIT, FieldProblem, KeysError, MachineProblem, PrepareProblem,
    SourceError, changes_something,
};
