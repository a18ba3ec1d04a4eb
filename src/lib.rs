//! Canary releases of Tencent Cloud functions (SCF).
#![forbid(unsafe_code)]
pub mod execute;
pub mod model;
pub mod package;
pub mod plan;
pub mod scf;
pub mod sign;
