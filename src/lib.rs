//! Canary releases of Tencent Cloud functions (SCF).
#![forbid(unsafe_code)]

pub mod cli;
pub mod config;
pub mod javascript;
pub mod output;
