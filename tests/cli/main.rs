//! The program as a user sees it: commands in a sandbox, against a local SCF.

mod configuration;
mod deploy;
mod document;
mod errors;
mod faults;
mod network;
mod publish;
mod sandbox;
mod server;
mod triggers;
