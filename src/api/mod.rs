//! The SCF API as a client sees it: one struct per action, one client, one retry policy.

pub mod actions;
pub mod answer;
mod client;
mod credentials;
mod endpoint;
mod error;
pub mod rate;
pub mod retry;

pub use client::{CLOCK_TOLERANCE, Client, ClientOptions, Event, MessageLanguage};
pub use credentials::{Ending, Origin, Provider, Read};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{
    AnswerProblem, ApiError, BODY_LIMIT, FieldProblem, KeysError, MachineProblem, PrepareProblem,
    Unread, changes_something,
};
