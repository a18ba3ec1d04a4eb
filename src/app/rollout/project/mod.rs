//! `scfctl rollout … --project`: all functions of a project, which advance together.

mod account;
mod done;
mod ending;
mod functions;
mod ids;
mod read;
mod start;
mod tick;
mod verbs;

pub(super) use start::start;
pub(super) use tick::{status, tick};
pub(super) use verbs::{abort, pause, promote, resume, retry, rollback};
