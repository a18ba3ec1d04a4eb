//! Canary releases of Tencent Cloud functions (SCF).
#![forbid(unsafe_code)]

pub mod javascript;
pub mod output;
