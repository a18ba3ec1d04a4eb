//! Canary releases of Tencent Cloud functions (SCF, 云函数).
//!
//! This library exists for the `scfctl` binary and its tests; it promises no API.
//!
//! The modules, from the edge inwards:
//!
//! - [`cli`]: the command line; parses arguments, calls `app`, prints through [`output`].
//! - `app`: the commands: read settings, connect, plan, execute.
//! - [`config`]: serverless.yml, `.env`, variables, credentials, merged once into
//!   [`config::settings::Settings`].
//! - [`plan`]: pure decisions, (observed, wanted) to steps, over the types of [`model`].
//! - [`execute`]: carries out steps; the only place that waits.
//! - [`api`]: the API client: one struct per action, one retry policy.
//! - [`cos`]: the client for object storage (COS), which large packages go through.
//! - [`clock`]: time of day, and sleeping.
//! - [`network`]: HTTP, proxies and certificates, shared by both clients.
//! - [`sign`]: request signatures, pure.
//! - [`package`]: folder to zip.
//! - [`local`]: the local SCF, a second implementation of the API that shares no code with
//!   the client.
//! - [`text`]: texts in the user's language.
//! - [`fields`]: JSON deserialisation that is compiled once per type.
//! - [`order`]: sorting that is compiled once.
//! - [`shell`]: words of a POSIX shell, for commands in messages.
//! - [`withheld`]: secrets in command lines.
//! - [`report`]: results as values, which JSON and texts are made from.
//! - [`error`]: message, hint and exit code of every failure.
#![forbid(unsafe_code)]

pub mod api;
mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod cos;
pub mod duration;
pub mod error;
pub mod execute;
pub mod fields;
pub mod javascript;
pub mod local;
pub mod model;
pub mod network;
pub mod order;
pub mod output;
pub mod package;
pub mod plan;
pub mod report;
pub mod shell;
pub mod sign;
pub mod text;
pub mod withheld;
