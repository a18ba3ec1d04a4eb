//! The SCF API as a client sees it: one struct per action, one client, one retry policy.

pub mod actions;
mod client;
pub mod retry;

pub use client::{BODY_LIMIT, Client, ClientOptions, Endpoint, EndpointError, Event, ScfError};
