//! Two commands at once, in every order in which the server can carry out their calls.

mod commands;
mod explore;
mod footprint;
mod laws;
#[path = "../laws/rollout.rs"]
mod rollout;
mod scenarios;
mod scheduler;
mod world;
