//! Canary releases of Tencent Cloud functions (SCF, 云函数).
//!
//! This library exists for the `scfctl` binary and its tests; it promises no API.
//!
//! A map of the crate, from the edge inwards:
//!
//! - [`cli`]: the command line; parses, asks `app`, prints through [`output`].
//! - `app`: what each command does: reads settings, connects, plans, executes.
//! - [`config`]: serverless.yml, `.env`, variables, credentials, merged once into
//!   [`config::settings::Settings`].
//! - [`plan`]: pure decisions, (observed, wanted) to steps, over the values of [`model`].
//! - [`execute`]: carries out steps; the only place that waits.
//! - [`api`]: the API client: one struct per action, one retry policy.
//! - [`cos`]: the client of the storage that large packages go through.
//! - [`clock`]: what time it is, and waiting.
//! - [`network`]: proxies and certificates, under both clients.
//! - [`sign`]: request signatures, pure.
//! - [`package`]: folder to zip.
//! - [`local`]: the local SCF, a second implementation of the API that shares no code with
//!   the client.
//! - [`text`]: what people read has a language.
//! - [`fields`]: reading JSON into types by code that is there once.
//! - [`order`]: sorting by code that is there once.
//! - [`shell`]: words of a POSIX shell, for commands in texts.
//! - [`withheld`]: what of a command line may be a secret.
//! - [`report`]: results as values, of which JSON and texts are made.
//! - [`error`]: what every failure says, advises, and exits with.
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
