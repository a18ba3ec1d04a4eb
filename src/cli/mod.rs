//! The command line.

pub mod inputs;
